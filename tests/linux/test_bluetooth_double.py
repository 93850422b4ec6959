"""The headset that is not there is a real one to both sound servers."""

import asyncio
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.linux.bluez_double import (
    ADDRESS,
    CARD,
    LOUDEST,
    BluetoothDouble,
    Profile,
    profile_names,
)
from tests.linux.conftest import check_programs
from tests.linux.rig import RAW_NORM, RIGS, SoundRig
from tests.linux.sound import play, write_tone

pytestmark = pytest.mark.timeout(240)

TONE_HZ = 440.0


BOTH: tuple[Profile, ...] = ("a2dp", "hfp")


async def switch(headset: BluetoothDouble, profile: Profile) -> None:
    """Has the card work in a profile, as a user does, and waits until it has a sink in it."""
    rig = headset.rig
    wanted = profile_names(await headset.card_there())[profile]
    await rig.pactl(f"set-card-profile {CARD} {wanted}")

    async def done() -> bool:
        card = await headset.card_there()
        return card["active_profile"] == wanted and len(await nodes(rig, "sinks")) == 1

    await rig.wait_for(f"profile {wanted}", done)


async def nodes(rig: SoundRig, kind: str, *, own: bool = False) -> list[str]:
    """The names of the headset's sinks or sources.

    Args:
        rig: Where.
        kind: ``sinks`` or ``sources``.
        own: Without the source that WirePlumber 0.5 shows in every profile, and switches to
            speech for when somebody records from it.
    """
    return [
        node["name"]
        for node in await rig.listed(kind)
        if node["properties"].get("device.string") == ADDRESS
        and not node["name"].endswith(".monitor")
        and not (own and node["properties"].get("bluez5.loopback") == "true")
    ]


async def test_the_card_has_both_profiles_comes_and_goes(headset: BluetoothDouble) -> None:
    assert CARD not in [card["name"] for card in await headset.rig.listed("cards")]
    for _ in range(2):
        await headset.connect()
        card = await headset.card_there()
        assert card["properties"]["device.form_factor"] == "headset"
        names, profiles = profile_names(card), card["profiles"]
        assert (profiles[names["a2dp"]]["sinks"], profiles[names["a2dp"]]["sources"]) == (1, 0)
        assert (profiles[names["hfp"]]["sinks"], profiles[names["hfp"]]["sources"]) == (1, 1)
        await headset.disconnect()
        await headset.card_gone()
        assert not await nodes(headset.rig, "sinks")
        assert headset.profile_in_use is None


async def test_sound_goes_through_each_profile_as_the_card_is_switched(
    headset: BluetoothDouble, tmp_path: Path
) -> None:
    rig = headset.rig
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=60)
    await headset.connect()
    await headset.card_there()
    for profile in BOTH + BOTH:
        await switch(headset, profile)
        (sink,) = await nodes(rig, "sinks")
        if profile == "hfp":
            assert len(await nodes(rig, "sources")) == 1
        else:
            assert not await nodes(rig, "sources", own=True)
        player = play(rig, file, sink=sink)
        await headset.streaming(profile, sound=True)
        await headset.used_as(profile)
        player.terminate()
        player.wait()


async def test_silence_flows_too_but_is_not_sound(headset: BluetoothDouble, tmp_path: Path) -> None:
    rig = headset.rig
    file = write_tone(tmp_path / "none.wav", frequency_hz=0.0, seconds=60)
    await headset.connect()
    await headset.card_there()
    for profile in BOTH:
        await switch(headset, profile)
        (sink,) = await nodes(rig, "sinks")
        player = play(rig, file, sink=sink)
        await headset.streaming(profile, size=20_000)
        assert headset.sounding(profile) == 0
        player.terminate()
        player.wait()


async def test_the_microphone_of_the_headset_hears_its_tone(headset: BluetoothDouble) -> None:
    rig = headset.rig
    await headset.connect()
    await headset.card_there()
    await switch(headset, "hfp")
    (source,) = await nodes(rig, "sources")
    recorder = rig.popen(
        *("parec", f"--device={source}", "--latency-msec=50", "--raw"),
        *("--format=s16le", "--rate=8000", "--channels=1"),
        stdout=subprocess.PIPE,
    )
    assert recorder.stdout is not None
    out = recorder.stdout.fileno()

    async def hears() -> bool:
        data = await asyncio.to_thread(os.read, out, 3200)
        sound = np.frombuffer(data[: len(data) // 2 * 2], np.int16) / 32768
        return bool(abs(np.sqrt(np.mean(sound**2)) - 0.25 / np.sqrt(2)) < 0.01)

    await rig.wait_for("the headset's tone", hears)


async def test_a_server_that_starts_again_finds_the_headset_connected(
    headset: BluetoothDouble,
) -> None:
    await headset.connect()
    await headset.card_there()
    headset.rig.kill_server()
    await headset.used_as(None)
    await headset.rig.restart_server()
    await headset.card_there()


@pytest.mark.parametrize("kind", RIGS.values(), ids=RIGS)
async def test_a_knob_of_the_headset_and_the_server_s_volume_are_one(
    kind: type[SoundRig], tmp_path: Path
) -> None:
    check_programs(kind, bluetooth=True)
    file = write_tone(tmp_path / "tone.wav", frequency_hz=TONE_HZ, seconds=60)
    async with (
        kind(bluetooth=True) as rig,
        BluetoothDouble(rig, speech=False, knob=True) as headphones,
    ):
        await headphones.connect()
        await headphones.card_there()
        (sink,) = await nodes(rig, "sinks")
        play(rig, file, sink=sink)
        await headphones.streaming("a2dp", sound=True)
        await rig.pactl(f"set-sink-volume {sink} 50%")
        await headphones.turned(LOUDEST // 2 + 1)
        await headphones.turn(100)

        async def follows() -> bool:
            (found,) = [each for each in await rig.listed("sinks") if each["name"] == sink]
            raw = [channel["value"] for channel in found["volume"].values()]
            return all(abs(each / RAW_NORM - 100 / LOUDEST) < 0.01 for each in raw)

        await rig.wait_for("the server to follow the knob", follows)


@pytest.mark.parametrize("kind", RIGS.values(), ids=RIGS)
async def test_headphones_without_a_microphone_have_no_profile_for_speech(
    kind: type[SoundRig],
) -> None:
    check_programs(kind, bluetooth=True)
    async with kind(bluetooth=True) as rig, BluetoothDouble(rig, speech=False) as headphones:
        await headphones.connect()
        card = await headphones.card_there()
        assert profile_names(card).keys() == {"a2dp"}
        assert card["properties"]["device.form_factor"] == "headphone"
