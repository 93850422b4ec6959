"""Streams moved and volumes set on both real servers: heard, taken back, not remembered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pulsectl_asyncio import PulseAsync

from audiosession.errors import HostUnavailableError, UnknownNameError, UnsupportedError
from audiosession.service.ledger import Ledger
from audiosession.service.servers import pulse_moves
from audiosession.service.servers.base import Card, Direction, Endpoint, ServerStream, SoundServer
from audiosession.service.servers.pipewire import PipeWireServer
from audiosession.service.servers.pulse import PulseServer
from tests.linux.rig import DEADLINE_S, PulseRig, SoundRig
from tests.linux.sound import play, record, write_tone

pytestmark = pytest.mark.timeout(240)

TONE_HZ = 440.0
LEVEL_DB = -12.0
OTHER = "rig_other"
THIRD = "rig_third"


class Ear:
    """Keeps what an adapter reports. Implements ServerEvents."""

    def __init__(self) -> None:
        self.streams: dict[str, ServerStream] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.reports = 0
        self.up = False
        self._changed = asyncio.Event()

    def server_up(self) -> None:
        self.up = True
        self._changed.set()

    def server_down(self, reason: str) -> None:
        self.up = False
        self.streams.clear()
        self.endpoints.clear()
        self._changed.set()

    def stream_added(self, stream: ServerStream) -> None:
        self.stream_changed(stream)

    def stream_changed(self, stream: ServerStream) -> None:
        self.streams[stream.id] = stream
        self._changed.set()

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]
        self._changed.set()

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = {endpoint.id: endpoint for endpoint in endpoints}
        self.reports += 1
        self._changed.set()

    def cards_changed(self, cards: tuple[Card, ...]) -> None: ...

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    async def stream(self, pid: int) -> str:
        """Waits for the stream of a process that plays somewhere; returns its id."""

        def found() -> list[str]:
            streams = self.streams.values()
            return [each.id for each in streams if each.pid == pid and each.endpoint]

        await self.until(lambda: bool(found()))
        return found()[0]

    async def sink(self, node: str) -> Endpoint:
        """Waits for the endpoint of a sink."""

        def found() -> list[Endpoint]:
            return [endpoint for endpoint in self.endpoints.values() if endpoint.node == node]

        await self.until(lambda: bool(found()))
        return found()[0]

    async def plays_on(self, stream: str, node: str) -> None:
        endpoint = await self.sink(node)
        await self.until(lambda: self.streams[stream].endpoint == endpoint.id)


@pytest.fixture
async def stage(rig: SoundRig) -> SoundRig:
    """A server that remembers where streams were moved to, with three sinks."""
    if isinstance(rig, PulseRig):
        await rig.pactl("unload-module module-stream-restore")
        await rig.pactl("load-module module-stream-restore restore_device=true")
    await rig.add_sink(OTHER)
    await rig.add_sink(THIRD)
    return rig


def server_of(rig: SoundRig) -> SoundServer:
    ledger = Ledger(rig.directory / "moves.json")
    if isinstance(rig, PulseRig):
        return PulseServer(ledger, server=rig.pulse_server)
    return PipeWireServer(ledger, remote=rig.runtime_dir / "pipewire-0")


@asynccontextmanager
async def adapter(rig: SoundRig, ear: Ear | None = None) -> AsyncIterator[tuple[SoundServer, Ear]]:
    server, ear = server_of(rig), ear or Ear()
    await server.start(ear)
    try:
        yield server, ear
    finally:
        await server.close()


_apps = itertools.count()


class App:
    """An app of its own, for which the server remembers nothing yet."""

    def __init__(self, rig: SoundRig) -> None:
        self._rig = rig
        self.name = f"moved-{next(_apps)}"
        self.path: Path = rig.directory / "tone.wav"
        if not self.path.exists():
            write_tone(self.path, frequency_hz=TONE_HZ, seconds=120, level_db=LEVEL_DB)

    def play(self) -> int:
        """Begins a stream; returns its process."""
        process = play(self._rig, self.path, application__id=self.name, application__name=self.name)
        return int(process.pid)


async def test_a_stream_is_moved_and_comes_back_and_neither_is_remembered(
    stage: SoundRig,
) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear), record(stage, sink=OTHER) as other:
        stream = await ear.stream(app.play())
        await ear.plays_on(stream, stage.sink)
        await server.move(stream, (await ear.sink(OTHER)).id)
        await ear.plays_on(stream, OTHER)
        await other.hears(TONE_HZ, LEVEL_DB)
        following = play(stage, app.path, application__id=app.name, application__name=app.name)
        await ear.plays_on(await ear.stream(following.pid), stage.sink)
        following.kill()
        async with record(stage) as main:
            await server.move(stream, None)
            await ear.plays_on(stream, stage.sink)
            await main.hears(TONE_HZ, LEVEL_DB)
        await ear.plays_on(await ear.stream(app.play()), stage.sink)


async def test_what_the_user_chose_before_stays_remembered(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        pid = app.play()
        first = await ear.stream(pid)
        await stage.move_stream(await stage.stream_of(pid), THIRD)
        await ear.plays_on(first, THIRD)
        second = await ear.stream(app.play())
        await ear.plays_on(second, THIRD)
        for stream in (first, second):
            await server.move(stream, (await ear.sink(OTHER)).id)
            await ear.plays_on(stream, OTHER)
        await ear.plays_on(await ear.stream(app.play()), THIRD)
        for stream in (first, second):
            await server.move(stream, None)
            await ear.plays_on(stream, THIRD)
        await ear.plays_on(await ear.stream(app.play()), THIRD)


async def test_one_that_is_moved_twice_comes_back_to_the_first_place(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(app.play())
        for sink in (OTHER, THIRD, OTHER):
            await server.move(stream, (await ear.sink(sink)).id)
            await ear.plays_on(stream, sink)
        await server.move(stream, None)
        await ear.plays_on(stream, stage.sink)


async def test_one_that_is_born_by_a_move_remembered_for_a_moment_is_taken_back(
    pulse_rig: PulseRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when it begins just before the server's memory is put right."""
    monkeypatch.setattr(pulse_moves, "HEAL_S", 3600.0)
    await pulse_rig.pactl("unload-module module-stream-restore")
    await pulse_rig.pactl("load-module module-stream-restore restore_device=true")
    await pulse_rig.add_sink(OTHER)
    app = App(pulse_rig)
    async with adapter(pulse_rig) as (server, ear):
        stream = await ear.stream(app.play())
        await server.move(stream, (await ear.sink(OTHER)).id)
        await ear.plays_on(stream, OTHER)
        assert await remembered(pulse_rig, app) is None
        async with PulseAsync("test", server=pulse_rig.pulse_server) as pulse:
            [entry] = [e for e in await pulse.stream_restore_read() if app.name in e.name]
            entry.device = OTHER
            await pulse.stream_restore_write(entry, mode="replace")
        born = await ear.stream(app.play())
        await ear.plays_on(born, pulse_rig.sink)
        assert ear.streams[stream].endpoint == (await ear.sink(OTHER)).id


async def remembered(rig: PulseRig, app: App) -> str | None:
    """Waits until the server remembers no sink for an app, and returns that."""
    found: list[str | None] = []

    async def none() -> bool:
        async with PulseAsync("test", server=rig.pulse_server) as pulse:
            entries = await pulse.stream_restore_read()
        found[:] = [entry.device for entry in entries if app.name in entry.name]
        return found == [None]

    await rig.wait_for("the server to forget", none)
    return found[0]


async def test_what_the_user_does_meanwhile_stays(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        pid = app.play()
        stream = await ear.stream(pid)
        await server.move(stream, (await ear.sink(OTHER)).id)
        await ear.plays_on(stream, OTHER)
        await stage.move_stream(await stage.stream_of(pid), THIRD)
        await ear.plays_on(stream, THIRD)
        await server.move(stream, None)
        # A move that is carried out after it would show, were it moved.
        await ear.plays_on(await ear.stream(app.play()), THIRD)
        await ear.plays_on(stream, THIRD)


async def test_one_that_comes_back_follows_the_default_again(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(app.play())
        await server.move(stream, (await ear.sink(OTHER)).id)
        await ear.plays_on(stream, OTHER)
        await stage.set_default_sink(THIRD)
        await ear.until(lambda: any(e.default and e.node == THIRD for e in ear.endpoints.values()))
        await server.move(stream, None)
        await ear.plays_on(stream, THIRD)
        await stage.set_default_sink(stage.sink)
        await ear.plays_on(stream, stage.sink)


async def test_a_crash_leaves_no_stream_moved(stage: SoundRig) -> None:
    app = App(stage)
    crashed, ear = server_of(stage), Ear()
    await crashed.start(ear)
    stream = await ear.stream(app.play())
    await crashed.move(stream, (await ear.sink(OTHER)).id)
    await ear.plays_on(stream, OTHER)
    cut(crashed)
    async with adapter(stage) as (_, again):
        await again.plays_on(stream, stage.sink)
        await again.plays_on(await again.stream(app.play()), stage.sink)


async def test_a_crash_leaves_no_stream_where_it_went_without_its_sink(stage: SoundRig) -> None:
    app = App(stage)
    crashed, ear = server_of(stage), Ear()
    await crashed.start(ear)
    stream = await ear.stream(play(stage, app.path, sink=THIRD).pid)
    await crashed.move(stream, (await ear.sink(OTHER)).id)
    await ear.plays_on(stream, OTHER)
    cut(crashed)
    await stage.remove_sink(OTHER)
    async with adapter(stage) as (_, again):
        await again.plays_on(stream, THIRD)


async def test_one_that_stays_where_its_sink_comes_back(stage: SoundRig) -> None:
    """The user's choice, and kept as such, though the sink was gone for a while."""
    app = App(stage)
    pid = app.play()
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(pid)
        await stage.move_stream(await stage.stream_of(pid), OTHER)
        await ear.plays_on(stream, OTHER)
        await stage.remove_sink(OTHER)
        await server.move(stream, (await ear.sink(THIRD)).id)
        await ear.plays_on(stream, THIRD)
        await ear.until(lambda: all(each.node != OTHER for each in ear.endpoints.values()))
        await stage.add_sink(OTHER)
        await server.move(stream, (await ear.sink(OTHER)).id, stay=True)
        await ear.plays_on(stream, OTHER)
    async with adapter(stage) as (_, again):
        # One that is taken back would go before the next can be heard of.
        await again.plays_on(await again.stream(app.play()), OTHER)
        await again.plays_on(stream, OTHER)


async def test_closing_takes_moves_back(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(app.play())
        await server.move(stream, (await ear.sink(OTHER)).id)
        await ear.plays_on(stream, OTHER)
    async with adapter(stage) as (_, again):
        await again.plays_on(stream, stage.sink)
        await again.plays_on(await again.stream(app.play()), stage.sink)


async def test_a_stream_that_ends_while_it_is_moved_leaves_nothing(stage: SoundRig) -> None:
    app = App(stage)
    async with adapter(stage) as (server, ear):
        process = play(stage, app.path, application__id=app.name, application__name=app.name)
        stream = await ear.stream(process.pid)
        await server.move(stream, (await ear.sink(OTHER)).id)
        process.kill()
        await ear.until(lambda: stream not in ear.streams)
        await ear.plays_on(await ear.stream(app.play()), stage.sink)
        await server.move(stream, None)


async def test_a_recording_is_moved_to_another_source_and_back(stage: SoundRig) -> None:
    kind = (
        "module-null-source source_name="
        if isinstance(stage, PulseRig)
        else "module-null-sink media.class=Audio/Source/Virtual sink_name="
    )
    modules = [(await stage.pactl(f"load-module {kind}{name}")).strip() for name in ("one", "two")]
    await stage.pactl("set-default-source one")
    try:
        async with adapter(stage) as (server, ear):
            recorder = stage.popen("parec", "--raw", "--property=application.id=recorder")
            stream = await ear.stream(recorder.pid)
            await ear.plays_on(stream, "one")
            assert ear.streams[stream].direction is Direction.CAPTURE
            await server.move(stream, (await ear.sink("two")).id)
            await ear.plays_on(stream, "two")
            with pytest.raises(UnsupportedError):
                await server.move(stream, (await ear.sink(OTHER)).id)
            await ear.plays_on(stream, "two")
            await server.move(stream, None)
            await ear.plays_on(stream, "one")
            recorder.kill()
    finally:
        for module in modules:
            await stage.pactl(f"unload-module {module}")


async def test_the_volume_of_a_sink_is_set_and_its_mute_freed(stage: SoundRig) -> None:
    async with adapter(stage) as (server, ear), record(stage) as main:
        await ear.stream(App(stage).play())
        sink = (await ear.sink(stage.sink)).id
        assert ear.endpoints[sink].volumes == (1.0, 1.0)
        await main.hears(TONE_HZ, LEVEL_DB)
        await stage.pactl(f"set-sink-mute {stage.sink} 1")
        await ear.until(lambda: ear.endpoints[sink].muted)
        await server.set_volume(sink, 0.1)
        await ear.until(lambda: not ear.endpoints[sink].muted)
        await ear.until(lambda: ear.endpoints[sink].volumes == pytest.approx((0.1, 0.1), abs=1e-3))
        await main.hears(TONE_HZ, LEVEL_DB - 20.0)
        await server.set_volume(sink, 1.0)
        await main.hears(TONE_HZ, LEVEL_DB)


async def test_a_sink_says_what_it_is(stage: SoundRig) -> None:
    async with adapter(stage) as (server, ear):
        sink = await ear.sink(OTHER)
        assert sink.channels == ("FL", "FR")
        assert sink.sample_rate == 48000.0
        assert 0.0 < sink.buffer_s <= 2.0
        assert 0.0 <= sink.latency_s <= 3.0
        assert (sink.card, sink.muted) == ("", False)
        # It has one port, which it uses.
        await server.set_port(sink.id)


async def test_names_that_nothing_bears_are_refused(stage: SoundRig) -> None:
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(App(stage).play())
        for wrong in (
            server.move(stream, "nowhere"),
            server.set_port("nowhere"),
            server.set_volume("nowhere", 1.0),
            server.set_profile("nowhere", "off"),
        ):
            with pytest.raises(UnknownNameError):
                await wrong
        await server.move("gone", None)
        await server.move("gone", (await ear.sink(OTHER)).id)


async def test_without_a_connection_nothing_is_changed(stage: SoundRig) -> None:
    async with adapter(stage) as (server, ear):
        stream = await ear.stream(App(stage).play())
        sink = (await ear.sink(OTHER)).id
        stage.kill_server()
        await ear.until(lambda: not ear.up)
        for asked in (
            server.move(stream, sink),
            server.move(stream, None),
            server.set_port(sink),
            server.set_volume(sink, 1.0),
            server.set_profile("card", "off"),
        ):
            with pytest.raises(HostUnavailableError):
                await asked


def cut(server: SoundServer) -> None:
    """Ends the connection as the end of the process would: nothing is given back."""
    if isinstance(server, PipeWireServer):
        server._client.close()
    else:
        assert isinstance(server, PulseServer)
        assert server._keeper is not None
        server._keeper.cancel()
        server._drop()
