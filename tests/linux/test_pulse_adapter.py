"""The PulseAudio adapter against the real server: heard, read back bit by bit, and remembered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pulsectl_asyncio import PulseAsync

from audiosession.devices import AudioDeviceType
from audiosession.errors import HostUnavailableError
from audiosession.service.ledger import Ledger
from audiosession.service.servers.base import Card, Direction, Endpoint, ServerStream
from audiosession.service.servers.pulse import PulseServer
from audiosession.service.servers.pulse_volume import NORM, is_whole_percent
from tests.linux.rig import PipeWireRig, PulseRig, RigError
from tests.linux.sound import play, play_mpv, record, write_tone

TONE_HZ = 997.0
LEVEL_DB = -12.0
DUCK = 10 ** (-14 / 20)
USER = (52003, 41001)
"""A user's volume that no percentage makes."""


class Ear:
    """Keeps what an adapter reports. Implements ServerEvents."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.streams: dict[str, ServerStream] = {}
        self.endpoints: tuple[Endpoint, ...] = ()
        self._changed = asyncio.Event()

    def _say(self, word: str) -> None:
        self.words.append(word)
        self._changed.set()

    def server_up(self) -> None:
        self._say("up")

    def server_down(self, reason: str) -> None:
        assert reason
        self.streams.clear()
        self.endpoints = ()
        self._say("down")

    def stream_added(self, stream: ServerStream) -> None:
        assert stream.id not in self.streams
        self.streams[stream.id] = stream
        self._say(f"added {stream.id}")

    def stream_changed(self, stream: ServerStream) -> None:
        assert self.streams[stream.id] != stream
        self.streams[stream.id] = stream
        self._say(f"changed {stream.id}")

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]
        self._say(f"removed {stream}")

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        assert endpoints != self.endpoints
        self.endpoints = endpoints
        self._say("endpoints")

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        self._say("cards")

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    async def stream(self, direction: Direction = Direction.PLAYBACK) -> ServerStream:
        """Waits until there is one stream that way; a test's own recorder goes the other."""

        def found() -> list[ServerStream]:
            return [stream for stream in self.streams.values() if stream.direction is direction]

        await self.until(lambda: len(found()) == 1)
        return found()[0]


@asynccontextmanager
async def adapter(rig: PulseRig) -> AsyncIterator[tuple[PulseServer, Ear]]:
    server, ear = PulseServer(ledger(rig), server=rig.pulse_server), Ear()
    await server.start(ear)
    try:
        yield server, ear
    finally:
        await server.close()


def ledger(rig: PulseRig) -> Ledger:
    return Ledger(rig.directory / "ledger" / "ledger.json")


def tone(rig: PulseRig) -> Path:
    path = rig.directory / "tone.wav"
    if not path.exists():
        write_tone(path, frequency_hz=TONE_HZ, seconds=120, level_db=LEVEL_DB)
    return path


async def music(rig: PulseRig, volume: tuple[int, ...] = USER) -> int:
    """Plays until the test ends, at that volume; returns the stream's index."""
    player = play(rig, tone(rig), media__role="music")
    stream = await rig.stream_of(player.pid)
    await set_volume(rig, stream, *(str(value) for value in volume))
    return stream


async def set_volume(rig: PulseRig, stream: int, *words: str) -> None:
    await rig.pactl(f"set-sink-input-volume {stream} {' '.join(words)}")


async def shows(rig: PulseRig, stream: int, volume: tuple[int, ...]) -> None:
    async def same() -> bool:
        return (await rig.stream_volumes())[stream] == volume

    await rig.wait_for(f"volume {volume}", same, deadline_s=5)


async def remembers(rig: PulseRig, volume: tuple[int, ...], *, name: str = "music") -> None:
    async def same() -> bool:
        saved = await rig.saved_volumes()
        return [value for key, value in saved.items() if name in key] == [volume]

    await rig.wait_for(f"the server to remember {volume}", same, deadline_s=5)


async def nothing_is_owed(rig: PulseRig) -> None:
    async def empty() -> bool:
        return not ledger(rig).entries()

    await rig.wait_for("the ledger to be empty", empty, deadline_s=5)


async def duck(server: PulseServer, ear: Ear, factor: float = DUCK) -> ServerStream:
    stream = await ear.stream()
    server.apply({stream.id: factor})
    await server.flush()
    return stream


async def fade(server: PulseServer, stream: str, *, down: bool, steps: int = 60) -> None:
    for step in range(1, steps + 1):
        part = step / steps if down else 1 - step / steps
        server.apply({stream: 10 ** (-14 * part / 20)})
        await asyncio.sleep(0.001)


# Lowering and giving back


async def test_it_is_heard_lowered_and_given_back_bit_by_bit(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig, (NORM, NORM))
    async with adapter(pulse_rig) as (server, ear), record(pulse_rig) as recorder:
        await recorder.hears(TONE_HZ, LEVEL_DB, within_db=0.1)
        known = await duck(server, ear)
        await recorder.hears(TONE_HZ, LEVEL_DB - 14, within_db=0.1)
        assert list(ledger(pulse_rig).entries())
        await remembers(pulse_rig, (NORM, NORM))
        assert ear.streams[known.id].volumes == (1.0, 1.0)
        server.apply({known.id: 1.0})
        await server.flush()
        assert await pulse_rig.stream_volumes() == {stream: (NORM, NORM)}
        await recorder.hears(TONE_HZ, LEVEL_DB, within_db=0.1)
        await nothing_is_owed(pulse_rig)


@pytest.mark.parametrize("volume", [USER, (65536, 1), (99000, 12345), (0, 40000), (700000, 1000)])
async def test_odd_volumes_come_back_as_they_were(
    pulse_rig: PulseRig, volume: tuple[int, ...]
) -> None:
    stream = await music(pulse_rig, volume)
    async with adapter(pulse_rig) as (server, ear):
        known = await duck(server, ear)
        [now] = (await pulse_rig.stream_volumes()).values()
        assert now != volume
        assert not any(is_whole_percent(value) for value in now if value)
        await remembers(pulse_rig, volume)
        server.apply({known.id: 1.0})
        await server.flush()
        assert await pulse_rig.stream_volumes() == {stream: volume}
        await remembers(pulse_rig, volume)


async def test_silence_is_silent_and_given_back(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear), record(pulse_rig) as recorder:
        known = await duck(server, ear, 0.0)
        await recorder.more(0.2)
        heard = recorder.so_far()
        assert heard.level_db(TONE_HZ, heard.seconds - 0.1, heard.seconds) < -100
        server.apply({known.id: 1.0})
        await server.flush()
    assert await pulse_rig.stream_volumes() == {stream: USER}


async def test_closing_gives_everything_back(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        await duck(server, ear)
    assert await pulse_rig.stream_volumes() == {stream: USER}
    await remembers(pulse_rig, USER)
    assert ledger(pulse_rig).entries() == {}


async def test_a_fade_that_turns_round_ends_exact(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream()
        for _ in range(3):
            await fade(server, known.id, down=True, steps=40)
            await fade(server, known.id, down=False, steps=25)
        server.apply({known.id: 1.0})
        await server.flush()
        assert await pulse_rig.stream_volumes() == {stream: USER}
        assert ear.streams[known.id] == known
        await remembers(pulse_rig, USER)
        await nothing_is_owed(pulse_rig)


async def test_a_stopped_server_piles_nothing_up(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream()
        [process] = pulse_rig._servers.values()
        process.send_signal(signal.SIGSTOP)
        try:
            for step in range(2000):
                server.apply({known.id: 0.5 + step / 10000})
            started = time.perf_counter()
            server.apply({known.id: DUCK})
            assert time.perf_counter() - started < 0.5
            waiting = server._link._waiting if server._link is not None else {}
            assert len(waiting) <= 1
        finally:
            process.send_signal(signal.SIGCONT)
        await server.flush()
        server.apply({known.id: 1.0})
        await server.flush()
    assert await pulse_rig.stream_volumes() == {stream: USER}


async def test_a_recording_stream_is_lowered_too(pulse_rig: PulseRig) -> None:
    pulse_rig.popen(
        "parec", "--raw", f"--device={pulse_rig.sink}.monitor", stdout=subprocess.DEVNULL
    )
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream(Direction.CAPTURE)
        server.apply({known.id: DUCK})
        await server.flush()
        [recording] = await pulse_rig.listed("source-outputs")
        values = {channel["value"] for channel in recording["volume"].values()}
        assert values != {NORM}
        server.apply({known.id: 1.0})
        await server.flush()
        [recording] = await pulse_rig.listed("source-outputs")
        assert {channel["value"] for channel in recording["volume"].values()} == {NORM}


# The user changes the volume meanwhile


@pytest.mark.parametrize("factor", [DUCK, 0.0, 0.5])
@pytest.mark.parametrize(
    ("before", "words", "after"),
    [
        pytest.param((NORM, NORM), ["60%"], (39322, 39322), id="absolute"),
        pytest.param((NORM, NORM), ["0"], None, id="to nothing"),
        pytest.param((52429, 52429), ["+5%"], (55706, 55706), id="up"),
        pytest.param(USER, ["+5%", "+10%"], (55280, 47555), id="up, each channel"),
        pytest.param((52429, 39322), ["30%", "20%"], (19661, 13107), id="absolute, each channel"),
        pytest.param((NORM, NORM), ["31234"], (31234, 31234), id="absolute and odd"),
    ],
)
async def test_a_change_by_the_user_survives(
    pulse_rig: PulseRig,
    factor: float,
    before: tuple[int, ...],
    words: list[str],
    after: tuple[int, ...] | None,
) -> None:
    stream = await music(pulse_rig, before)
    async with adapter(pulse_rig) as (server, ear):
        known = await duck(server, ear, factor)
        if after is None:
            # From next to nothing, a step down ends at nothing too.
            after = (0, 0) if factor else tuple(value - 3277 for value in before)
        await set_volume(pulse_rig, stream, *words)
        await ear.until(lambda: ear.streams[known.id].volumes != known.volumes)
        await server.flush()
        [now] = (await pulse_rig.stream_volumes()).values()
        if any(after):
            assert now != after
            for value, user in zip(now, after, strict=True):
                assert value == pytest.approx(user * factor ** (1 / 3), abs=6)
        server.apply({known.id: 1.0})
        await server.flush()
        [now] = (await pulse_rig.stream_volumes()).values()
        assert now == pytest.approx(after, abs=1)
        await remembers(pulse_rig, now)


@pytest.mark.parametrize(("words", "gain_db"), [("+3dB", 3.0), ("-6dB", -6.0)])
async def test_a_step_in_decibels_is_the_same_step(
    pulse_rig: PulseRig, words: str, gain_db: float
) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        known = await duck(server, ear)
        await set_volume(pulse_rig, stream, words)
        await ear.until(lambda: ear.streams[known.id].volumes != known.volumes)
        server.apply({known.id: 1.0})
        await server.flush()
        [now] = (await pulse_rig.stream_volumes()).values()
    expected = tuple(round(value * 10 ** (gain_db / 60)) for value in USER)
    assert now == pytest.approx(expected, abs=2)


async def test_steps_during_a_fade_are_steps(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig, (39322, 39322))
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream()

        async def user() -> None:
            for _ in range(4):
                await set_volume(pulse_rig, stream, "+5%")

        async with asyncio.TaskGroup() as group:
            pressing = group.create_task(user())
            while not pressing.done():
                await fade(server, known.id, down=True, steps=30)
                await fade(server, known.id, down=False, steps=30)
        server.apply({known.id: 1.0})
        await server.flush()
        [now] = (await pulse_rig.stream_volumes()).values()
    # One that falls between a read and the set that follows it is lost; never more than that.
    steps = round((now[0] - 39322) / 3277)
    assert 1 <= steps <= 4
    assert now == pytest.approx((39322 + 3277 * steps,) * 2, abs=4)


async def test_a_change_while_nothing_is_lowered_is_reported_and_kept(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream()
        await set_volume(pulse_rig, stream, "50%")
        await ear.until(lambda: ear.streams[known.id].volumes == (0.125, 0.125))
        await duck(server, ear)
        server.apply({known.id: 1.0})
        await server.flush()
        assert await pulse_rig.stream_volumes() == {stream: (32768, 32768)}


# Streams that come and go


async def test_a_stream_that_ends_lowered_leaves_the_users_volume(pulse_rig: PulseRig) -> None:
    player = play(pulse_rig, tone(pulse_rig), media__role="music")
    await set_volume(pulse_rig, await pulse_rig.stream_of(player.pid), "52003", "41001")
    async with adapter(pulse_rig) as (server, ear):
        await duck(server, ear)
        player.kill()
        await ear.until(lambda: not ear.streams)
        await nothing_is_owed(pulse_rig)
        await remembers(pulse_rig, USER)
        again = play(pulse_rig, tone(pulse_rig), media__role="music")
        stream = await pulse_rig.stream_of(again.pid)
        assert (await pulse_rig.stream_volumes())[stream] == USER
        assert (await ear.stream()).volumes == pytest.approx(tuple((v / NORM) ** 3 for v in USER))


@pytest.mark.parametrize("steps", [3, 10, 20, 30, 45])
async def test_a_stream_that_ends_in_mid_fade_leaves_the_users_volume(
    pulse_rig: PulseRig, steps: int
) -> None:
    player = play(pulse_rig, tone(pulse_rig), media__role="music")
    await set_volume(pulse_rig, await pulse_rig.stream_of(player.pid), "52003", "41001")
    async with adapter(pulse_rig) as (server, ear):
        known = await ear.stream()
        async with asyncio.TaskGroup() as group:
            group.create_task(fade(server, known.id, down=True, steps=60))
            await asyncio.sleep(0.001 * steps)
            player.kill()
            # The next one is there before we can have corrected anything.
            again = play(pulse_rig, tone(pulse_rig), media__role="music")
        stream = await pulse_rig.stream_of(again.pid)
        await ear.until(lambda: known.id not in ear.streams and len(ear.streams) == 1)
        await server.flush()
        await shows(pulse_rig, stream, USER)
        await remembers(pulse_rig, USER)
        await nothing_is_owed(pulse_rig)


async def test_a_stream_born_with_a_lowered_volume_gets_the_users(pulse_rig: PulseRig) -> None:
    first = await music(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        known = await duck(server, ear)
        lowered = (await pulse_rig.stream_volumes())[first]
        await remembers(pulse_rig, USER)
        # As if it were born in the moment between our change and our correction.
        async with PulseAsync("test", server=pulse_rig.pulse_server) as pulse:
            [entry] = [e for e in await pulse.stream_restore_read() if "music" in e.name]
            entry.volume.values = [value / NORM for value in lowered]
            await pulse.stream_restore_write(entry, mode="replace")
        again = play(pulse_rig, tone(pulse_rig), media__role="music")
        second = await pulse_rig.stream_of(again.pid)
        await shows(pulse_rig, second, USER)
        server.apply({known.id: 1.0})
        await server.flush()
        assert await pulse_rig.stream_volumes() == {first: USER, second: USER}
        await remembers(pulse_rig, USER)
        await nothing_is_owed(pulse_rig)


async def test_states_and_properties_are_told(pulse_rig: PulseRig, tmp_path: Path) -> None:
    async with adapter(pulse_rig) as (_, ear):
        player = play(pulse_rig, tone(pulse_rig), media__role="music", audiosession__id="mine")
        known = await ear.stream()
        assert known.pid == player.pid
        assert known.properties["media.role"] == "music"
        assert known.properties["audiosession.id"] == "mine"
        assert known.properties["application.name"] == "paplay"
        assert known.endpoint == pulse_rig.sink
        assert known.audible
        stream = await pulse_rig.stream_of(player.pid)
        await pulse_rig.pactl(f"set-sink-input-mute {stream} 1")
        await ear.until(lambda: ear.streams[known.id].muted)
        await pulse_rig.pactl(f"set-sink-input-mute {stream} 0")
        await ear.until(lambda: not ear.streams[known.id].muted)
        await pulse_rig.add_sink("second")
        await pulse_rig.move_stream(stream, "second")
        await ear.until(lambda: ear.streams[known.id].endpoint == "second")
        player.kill()
        await ear.until(lambda: not ear.streams)


async def test_a_paused_player_does_not_run(pulse_rig: PulseRig) -> None:
    async with adapter(pulse_rig) as (_, ear):
        player = play_mpv(pulse_rig, tone(pulse_rig))
        known = await ear.stream()
        assert known.pid == player.pid
        for word, running in (("Pause", False), ("Play", True)):

            async def told(word: str = word) -> bool:
                place = "org.mpris.MediaPlayer2.mpv /org/mpris/MediaPlayer2"
                call = f"call {place} org.mpris.MediaPlayer2.Player {word}"
                try:
                    await pulse_rig.run(
                        "busctl", f"--address={pulse_rig.bus_address}", *call.split()
                    )
                except RigError:
                    return False
                return True

            await pulse_rig.wait_for("mpv on the bus", told)
            await ear.until(lambda running=running: ear.streams[known.id].running is running)  # type: ignore[misc]


async def test_endpoints_come_go_and_become_the_default(pulse_rig: PulseRig) -> None:
    async with adapter(pulse_rig) as (_, ear):
        assert ear.words == ["endpoints", "up"]
        [main] = ear.endpoints
        assert (main.id, main.type) == (pulse_rig.sink, AudioDeviceType.VIRTUAL)
        assert main.default
        assert main.direction is Direction.PLAYBACK
        await pulse_rig.add_sink("second")
        await pulse_rig.set_default_sink("second")
        await ear.until(lambda: [e.id for e in ear.endpoints if e.default] == ["second"])
        await pulse_rig.remove_sink("second")
        # A null sink's latency is what it has buffered just now, anything up to two seconds.
        await ear.until(
            lambda: [replace(each, latency_s=main.latency_s) for each in ear.endpoints] == [main]
        )


# Crashes

_HOLDER = """
import asyncio, sys
from pathlib import Path
from audiosession.service.ledger import Ledger
from audiosession.service.servers.pulse import PulseServer

class Ear:
    def stream_added(self, stream): self.stream = stream.id
    def __getattr__(self, name): return lambda *_: None

async def main():
    server, ear = PulseServer(Ledger(Path(sys.argv[2])), server=sys.argv[1]), Ear()
    await server.start(ear)
    while True:
        for step in range(int(sys.argv[3])):
            server.apply({ear.stream: 0.9 - 0.01 * step})
            await asyncio.sleep(0.001)
        await server.flush()
        print("lowered", flush=True)
        await asyncio.sleep(float(sys.argv[4]))

asyncio.run(main())
"""


async def killed_holder(rig: PulseRig, *, steps: int = 60, pause_s: float = 1000.0) -> None:
    """Lowers the one stream in another process and kills that."""
    holder = rig.popen(
        *(sys.executable, "-c", _HOLDER, rig.pulse_server, str(ledger(rig).path)),
        *(str(steps), str(pause_s)),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert holder.stdout is not None
    line = await asyncio.to_thread(holder.stdout.readline)
    assert line == b"lowered\n", rig.log()
    holder.kill()
    await asyncio.to_thread(holder.wait)


@pytest.mark.parametrize("pause_s", [1000.0, 0.0])
async def test_after_a_kill_the_next_one_gives_back_exactly(
    pulse_rig: PulseRig, pause_s: float
) -> None:
    stream = await music(pulse_rig)
    await killed_holder(pulse_rig, pause_s=pause_s)
    assert (await pulse_rig.stream_volumes())[stream] != USER
    async with adapter(pulse_rig) as (_, ear):
        assert (await ear.stream()).volumes == pytest.approx(tuple((v / NORM) ** 3 for v in USER))
        assert await pulse_rig.stream_volumes() == {stream: USER}
        await remembers(pulse_rig, USER)
        await nothing_is_owed(pulse_rig)


async def test_after_a_kill_a_stream_that_ended_is_remembered_as_the_user_had_it(
    pulse_rig: PulseRig,
) -> None:
    player = play(pulse_rig, tone(pulse_rig), media__role="music")
    await set_volume(pulse_rig, await pulse_rig.stream_of(player.pid), "52003", "41001")
    await killed_holder(pulse_rig, steps=1, pause_s=0.0)
    player.kill()
    await pulse_rig.wait_for("the stream to end", pulse_rig._no_streams)
    async with adapter(pulse_rig):
        await remembers(pulse_rig, USER)
        await nothing_is_owed(pulse_rig)


async def test_after_a_kill_what_the_user_set_since_stays(pulse_rig: PulseRig) -> None:
    stream = await music(pulse_rig)
    await killed_holder(pulse_rig)
    await set_volume(pulse_rig, stream, "35%")
    async with adapter(pulse_rig):
        [now] = (await pulse_rig.stream_volumes()).values()
        assert now == pytest.approx((22938, 22938), abs=1)
        assert ledger(pulse_rig).entries() == {}


@pytest.mark.parametrize("killed", [True, False])
async def test_a_new_server_has_nothing_lowered(killed: bool) -> None:
    async with PulseRig() as rig:
        await music(rig)
        async with adapter(rig) as (server, ear):
            await duck(server, ear)
            await remembers(rig, USER)
            if killed:
                rig.kill_server()
            await rig.restart_server()
            await ear.until(lambda: ear.words[-1] == "up" and "down" in ear.words)
            player = play(rig, tone(rig), media__role="music")
            stream = await rig.stream_of(player.pid)
            if killed:
                # What it had on disk, it may have lost.
                assert (await rig.stream_volumes())[stream] in {USER, (NORM, NORM)}
            else:
                assert (await rig.stream_volumes())[stream] == USER
            await nothing_is_owed(rig)
            known = await ear.stream()
            server.apply({known.id: DUCK})
            await server.flush()
            server.apply({known.id: 1.0})
            await server.flush()
            assert server.step_s > 0


async def test_a_server_that_remembers_nothing_will_do() -> None:
    async with PulseRig() as rig:
        await rig.pactl("unload-module module-stream-restore")
        stream = await music(rig)
        async with adapter(rig) as (server, ear):
            await duck(server, ear)
            assert (await rig.stream_volumes())[stream] != USER
        assert await rig.stream_volumes() == {stream: USER}
        assert ledger(rig).entries() == {}


async def test_it_waits_for_a_server_that_stays_away_and_closes_meanwhile() -> None:
    async with PulseRig() as rig:
        async with adapter(rig) as (server, ear):
            rig.kill_server()
            await ear.until(lambda: ear.words[-1] == "down")
            server.apply({"playback-0": 0.1})
            await server.flush()
        await server.close()


async def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    server = PulseServer(Ledger(tmp_path / "l.json"), server=f"unix:{tmp_path}/nobody")
    with pytest.raises(HostUnavailableError, match="PulseAudio"):
        await server.start(Ear())
    await server.close()


async def test_pipewire_in_its_place_is_not_taken_for_it(pipewire_rig: PipeWireRig) -> None:
    server = PulseServer(Ledger(pipewire_rig.directory / "l"), server=pipewire_rig.pulse_server)
    with pytest.raises(HostUnavailableError, match="PipeWire"):
        await server.start(Ear())


async def test_when_the_ledger_cannot_be_written_nothing_is_lowered(
    pulse_rig: PulseRig, tmp_path: Path
) -> None:
    stream = await music(pulse_rig)
    (tmp_path / "file").touch()
    server, ear = PulseServer(Ledger(tmp_path / "file" / "l"), server=pulse_rig.pulse_server), Ear()
    await server.start(ear)
    try:
        await duck(server, ear)
        assert await pulse_rig.stream_volumes() == {stream: USER}
    finally:
        await server.close()
