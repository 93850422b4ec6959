"""The rigs and the measures are what all tests with real servers stand on."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest

from tests.linux.rig import RIGS, PulseRig, RigError, SoundRig
from tests.linux.sound import RATE, Recording, play, play_mpv, record, write_tone

TONE_HZ = 440.0
LEVEL_DB = -12.0


def stereo(mono: "np.typing.NDArray[np.float64]") -> Recording:
    return Recording(np.column_stack([mono, mono]).astype(np.float32))


def sine(seconds: float, frequency_hz: float = TONE_HZ) -> "np.typing.NDArray[np.float64]":
    return 0.25 * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * RATE)) / RATE)


async def test_a_tone_is_heard_at_its_level_and_its_onset_found(
    rig: SoundRig, tmp_path: Path
) -> None:
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=30)
    async with record(rig) as recorder:
        await recorder.more(0.2)
        before = recorder.seconds
        play(rig, file, media__role="music")
        await recorder.hears(TONE_HZ, LEVEL_DB, within_db=0.1)
        heard = recorder.so_far()
    onset = heard.onset_s(TONE_HZ)
    # The average reaches a little over the edge.
    assert before - 0.002 <= onset < heard.seconds
    assert heard.level_db(TONE_HZ, 0.0, onset - 0.02) < -80


async def test_volumes_are_seen_and_what_would_be_remembered_too(
    rig: SoundRig, tmp_path: Path
) -> None:
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=30)
    player = play(rig, file, media__role="music")
    stream = await rig.stream_of(player.pid)
    await rig.pactl(f"set-sink-input-volume {stream} 40000 30000")
    assert await rig.stream_volumes() == {stream: (40000, 30000)}
    saved = await rig.saved_volumes()
    assert [raw for key, raw in saved.items() if "usic" in key] == [(40000, 30000)]


async def test_sinks_come_go_and_become_the_default(rig: SoundRig, tmp_path: Path) -> None:
    await rig.add_sink("second")
    await rig.set_default_sink("second")
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=30)
    async with record(rig, sink="second") as recorder:
        play(rig, file)
        await recorder.hears(TONE_HZ, LEVEL_DB, within_db=0.1)
    await rig.remove_sink("second")
    assert [sink["name"] for sink in await rig.listed("sinks")] == [rig.sink]


async def test_mpv_plays_and_answers_on_the_bus(rig: SoundRig, tmp_path: Path) -> None:
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=30)
    player = play_mpv(rig, file)
    await rig.stream_of(player.pid)

    async def answers() -> bool:
        names = await rig.run("busctl", f"--address={rig.bus_address}", "list", "--acquired")
        return "org.mpris.MediaPlayer2.mpv" in names

    await rig.wait_for("mpv on the bus", answers)


@pytest.mark.parametrize("kind", list(RIGS))
async def test_a_killed_server_comes_back_empty(kind: str) -> None:
    async with RIGS[kind]() as rig:
        rig.popen("pacat", "--raw", "/dev/zero")
        rig.kill_server()
        with pytest.raises(RigError):
            await rig.pactl("info")
        await rig.restart_server()
        assert await rig.stream_volumes() == {}
        await rig.restart_server()
        assert await rig.stream_volumes() == {}


@pytest.mark.parametrize("kind", list(RIGS))
async def test_two_at_once_know_nothing_of_each_other_and_leave_nothing(kind: str) -> None:
    async with RIGS[kind]() as one, RIGS[kind]() as two:
        child = one.popen("pacat", "--raw", "/dev/zero")
        await one.stream_of(child.pid)
        assert await two.stream_volumes() == {}
        places = one.directory, two.directory
        processes = [child, *one._servers.values(), *two._servers.values()]
    assert not any(place.exists() for place in places)
    assert all(process.returncode is not None for process in processes)


async def test_a_server_that_does_not_start_says_why_and_leaves_nothing() -> None:
    rig = PulseRig(modules=(".nonsense",))
    with pytest.raises(RigError, match="nonsense"):
        await rig.__aenter__()
    assert not rig.directory.exists()


async def test_children_of_a_failed_test_are_ended() -> None:
    children = []

    async def fails() -> None:
        async with PulseRig() as rig:
            children.append(rig.popen("sleep", "1000"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    [child] = children
    assert child.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


def test_a_hard_step_clicks_more_than_a_fade() -> None:
    low = 10 ** (-14 / 20)
    step = np.where(np.arange(RATE) < RATE // 2, 1.0, low)
    fade = 10 ** (np.interp(np.arange(RATE) / RATE, [0.5, 0.62], [0.0, -14.0]) / 20)
    still = stereo(sine(1.0)).click_db([TONE_HZ], 0.45, 0.7)
    hard = stereo(sine(1.0) * step).click_db([TONE_HZ], 0.45, 0.7)
    soft = stereo(sine(1.0) * fade).click_db([TONE_HZ], 0.45, 0.7)
    assert still < -100
    assert hard - soft > 30


def test_a_click_outside_the_bands_has_its_own_energy() -> None:
    burst = sine(1.0)
    burst[RATE // 2 : RATE // 2 + RATE // 100] += sine(0.01, 5000.0)
    # A hundredth of a second at a quarter of full scale.
    expected = 20 * np.log10(0.25) - 20
    assert stereo(burst).click_db([TONE_HZ], 0.4, 0.6) == pytest.approx(expected, abs=0.2)


def test_onset_and_end_are_exact_to_a_millisecond() -> None:
    silence = np.zeros(RATE // 3)
    heard = stereo(np.concatenate([silence, sine(0.5), silence]))
    assert heard.onset_s(TONE_HZ) == pytest.approx(1 / 3, abs=0.001)
    assert heard.end_s(TONE_HZ) == pytest.approx(1 / 3 + 0.5, abs=0.001)
    with pytest.raises(RigError, match="no tone of 3000"):
        stereo(np.zeros(RATE)).onset_s(3000.0)


async def test_waiting_in_vain_tells_what_and_shows_the_log(pulse_rig: PulseRig) -> None:
    async def never() -> bool:
        await asyncio.sleep(0)
        return False

    with pytest.raises(RigError, match="the impossible: not within"):
        await pulse_rig.wait_for("the impossible", never, deadline_s=0.05)
