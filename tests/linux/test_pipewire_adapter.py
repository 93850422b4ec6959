"""The PipeWire adapter against a real PipeWire with WirePlumber, heard on the sink's monitor."""

import asyncio
import itertools
import math
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from audiosession.devices import AudioDeviceType
from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.pipewire import (
    Interface,
    NodeProxy,
    ObjectType,
    Param,
    PipeWireClient,
    Props,
)
from audiosession.pipewire.pod import Array, Object, PodType, Prop
from audiosession.service.ledger import Ledger
from audiosession.service.servers.base import Card, Direction, Endpoint, ServerStream
from audiosession.service.servers.pipewire import PipeWireServer
from tests.linux.rig import DEADLINE_S, PipeWireRig
from tests.linux.sound import play, play_mpv, record, write_tone
from tests.linux.wireplumber_state import raw_of_linear

pytestmark = pytest.mark.timeout(240)

TONE_HZ = 440.0
LEVEL_DB = -12.0


class Events:
    """Keeps what an adapter reports and lets a test wait for a state of it."""

    def __init__(self) -> None:
        self.log: list[tuple[str, object]] = []
        self.streams: dict[str, ServerStream] = {}
        self.endpoints: tuple[Endpoint, ...] = ()
        self.up = False
        self._changed = asyncio.Event()

    def _note(self, what: str, value: object) -> None:
        self.log.append((what, value))
        self._changed.set()

    def server_up(self) -> None:
        self.up = True
        self._note("up", None)

    def server_down(self, reason: str) -> None:
        self.up = False
        self.streams.clear()
        self.endpoints = ()
        self._note("down", reason)

    def stream_added(self, stream: ServerStream) -> None:
        assert stream.id not in self.streams
        self.streams[stream.id] = stream
        self._note("added", stream)

    def stream_changed(self, stream: ServerStream) -> None:
        assert self.streams[stream.id] != stream
        self.streams[stream.id] = stream
        self._note("changed", stream)

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]
        self._note("removed", stream)

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        assert endpoints != self.endpoints
        self.endpoints = endpoints
        self._note("endpoints", endpoints)

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        self._note("cards", cards)

    async def until(self, what: str, check: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not check():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"{what}: never; {self.log[-8:]}") from None

    async def stream(self, check: Callable[[ServerStream], bool]) -> ServerStream:
        """Waits for a stream that runs and satisfies the check."""

        def found() -> list[ServerStream]:
            return [stream for stream in self.streams.values() if stream.running and check(stream)]

        await self.until("a stream", lambda: bool(found()))
        return found()[0]

    def endpoint(self, node: str) -> Endpoint | None:
        return next((endpoint for endpoint in self.endpoints if endpoint.node == node), None)


def of_process(pid: int) -> Callable[[ServerStream], bool]:
    return lambda stream: stream.pid == pid


_apps = itertools.count()


def music(rig: PipeWireRig, path: Path, **properties: str) -> Any:
    """Plays as an app of its own, for which the session manager remembers no volume."""
    return play(rig, path, application__id=f"app-{next(_apps)}", **properties)


@asynccontextmanager
async def adapter(
    rig: PipeWireRig, ledger: Path | None = None
) -> AsyncIterator[tuple[PipeWireServer, Events]]:
    path = ledger or rig.directory / "ledger.json"
    server = PipeWireServer(Ledger(path), remote=rig.runtime_dir / "pipewire-0")
    events = Events()
    await server.start(events)
    try:
        yield server, events
    finally:
        await server.close()


@pytest.fixture
def tone(running_pipewire: PipeWireRig) -> Path:
    path = running_pipewire.directory / "tone.wav"
    if not path.exists():
        write_tone(path, frequency_hz=TONE_HZ, seconds=60, level_db=LEVEL_DB)
    return path


async def test_a_factor_is_heard_and_no_volume_changes(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        assert stream.volumes == (1.0, 1.0)
        await ear.hears(TONE_HZ, LEVEL_DB)
        before = await pipewire_rig.stream_volumes()
        server.apply({stream.id: 0.1})
        await server.flush()
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        assert await pipewire_rig.stream_volumes() == before
        assert events.streams[stream.id].volumes == (1.0, 1.0)
        server.apply({stream.id: 1.0})
        await server.flush()
        await ear.hears(TONE_HZ, LEVEL_DB)
        assert await pipewire_rig.stream_volumes() == before


async def test_what_the_user_sets_meanwhile_counts_at_once_and_stays(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        server.apply({stream.id: 0.1})
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        await pipewire_rig.pactl(f"set-sink-input-volume {index} {raw_of_linear(0.5)}")
        await ear.hears(TONE_HZ, LEVEL_DB - 26.02)
        assert events.streams[stream.id].volumes == pytest.approx((0.5, 0.5), abs=1e-3)
        server.apply({stream.id: 1.0})
        await ear.hears(TONE_HZ, LEVEL_DB - 6.02)
        assert await pipewire_rig.stream_volumes() == {index: (raw_of_linear(0.5),) * 2}


async def test_a_volume_set_to_what_it_is_frees_nothing(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        server.apply({stream.id: 0.1})
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        await pipewire_rig.pactl(f"set-sink-input-volume {index} 100%")
        # Long enough to hear it, had the write ended the factor.
        await ear.more(0.5)
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)


async def test_a_mute_is_kept_under_a_factor_and_the_factor_under_a_mute(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        server.apply({stream.id: 0.1})
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        await pipewire_rig.pactl(f"set-sink-input-mute {index} 1")
        await events.until("mute", lambda: events.streams[stream.id].muted)
        assert not events.streams[stream.id].audible
        # A fade goes on below a mute, which it must not lift.
        server.apply({stream.id: 0.2})
        await server.flush()
        await ear.more(0.5)
        heard = ear.so_far()
        assert heard.level_db(TONE_HZ, heard.seconds - 0.1, heard.seconds) < -80.0
        await pipewire_rig.pactl(f"set-sink-input-mute {index} 0")
        await ear.hears(TONE_HZ, LEVEL_DB - 13.98)


async def test_a_stream_that_was_lifted_is_left_alone(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        server.apply({stream.id: 0.3})
        server.apply({stream.id: 1.0})
        await server.flush()
        await pipewire_rig.pactl(f"set-sink-input-volume {index} {raw_of_linear(0.25)}")
        await ear.hears(TONE_HZ, LEVEL_DB - 12.04)
        await pipewire_rig.pactl(f"set-sink-input-mute {index} 1")
        await events.until("mute", lambda: events.streams[stream.id].muted)
        await pipewire_rig.pactl(f"set-sink-input-mute {index} 0")
        await ear.hears(TONE_HZ, LEVEL_DB - 12.04)


async def test_nothing_is_written_to_a_stream_at_full_factor(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    """Its parameters flip a flag with every write, also one that changes nothing."""
    ledger = pipewire_rig.directory / "untouched.json"
    async with adapter(pipewire_rig, ledger) as (server, events), remote(pipewire_rig) as client:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        (target,) = client.find(Interface.NODE, media_class="Stream/Output/Audio")
        node = client.bind(target)
        assert isinstance(node, NodeProxy)
        seen: list[int] = []
        node.on_param = lambda param, index, value: seen.append(param)
        node.subscribe_params(Param.PROPS)
        await client.sync()
        seen.clear()
        server.apply({stream.id: 1.0})
        await server.flush()
        # A write of our own is seen after any write of the adapter's.
        node.set_param(Param.PROPS, soft_volumes(0.5))
        await until(lambda: bool(seen))
        assert seen == [Param.PROPS]
        assert not ledger.exists()


async def test_close_gives_back_and_empties_the_ledger(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    ledger = pipewire_rig.directory / "closed.json"
    async with record(pipewire_rig) as ear:
        async with adapter(pipewire_rig, ledger) as (server, events):
            player = music(pipewire_rig, tone)
            stream = await events.stream(of_process(player.pid))
            before = await pipewire_rig.stream_volumes()
            server.apply({stream.id: 0.1})
            assert len(Ledger(ledger).entries()) == 1
            await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        assert Ledger(ledger).entries() == {}
        await ear.hears(TONE_HZ, LEVEL_DB)
        assert await pipewire_rig.stream_volumes() == before


async def test_what_a_crash_left_lowered_the_next_start_gives_back(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    ledger = pipewire_rig.directory / "crash.json"
    async with record(pipewire_rig) as ear:
        crashed = PipeWireServer(Ledger(ledger), remote=pipewire_rig.runtime_dir / "pipewire-0")
        events = Events()
        await crashed.start(events)
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        await pipewire_rig.pactl(f"set-sink-input-volume {index} {raw_of_linear(0.5)}")
        await ear.hears(TONE_HZ, LEVEL_DB - 6.02)
        before = await pipewire_rig.stream_volumes()
        crashed.apply({stream.id: 0.1})
        await crashed.flush()
        await ear.hears(TONE_HZ, LEVEL_DB - 26.02)
        # As the end of the process would: the socket closes and nothing is given back.
        crashed._client.close()
        gone = {"server": "pipewire", "instance": "1", "serial": 7, "node": "gone"}
        others = {"server": "pulseaudio"}
        Ledger(ledger).put_all({"pipewire:1:7": gone, "pulseaudio:x": others})
        async with adapter(pipewire_rig, ledger) as (_, again):
            await ear.hears(TONE_HZ, LEVEL_DB - 6.02)
            found = await again.stream(of_process(player.pid))
            assert found.volumes == pytest.approx((0.5, 0.5), abs=1e-3)
            assert await pipewire_rig.stream_volumes() == before
            await until(lambda: Ledger(ledger).entries() == {"pulseaudio:x": others})


async def test_a_stream_that_ends_lowered_leaves_the_next_one_alone(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    ledger = pipewire_rig.directory / "ended.json"
    async with adapter(pipewire_rig, ledger) as (server, events), record(pipewire_rig) as ear:
        first = music(pipewire_rig, tone)
        stream = await events.stream(of_process(first.pid))
        server.apply({stream.id: 0.1})
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        first.kill()
        await events.until("the end", lambda: stream.id not in events.streams)
        await until(lambda: Ledger(ledger).entries() == {})
        server.apply({stream.id: 0.5})
        second = music(pipewire_rig, tone)
        following = await events.stream(of_process(second.pid))
        assert following.id != stream.id
        await ear.hears(TONE_HZ, LEVEL_DB)


async def test_a_restart_of_the_server_is_reported_and_factors_work_again(tone: Path) -> None:
    async with PipeWireRig() as rig, adapter(rig) as (server, events):
        player = music(rig, tone)
        stream = await events.stream(of_process(player.pid))
        server.apply({stream.id: 0.1})
        rig.kill_server()
        await events.until("down", lambda: not events.up)
        assert not events.streams
        server.apply({stream.id: 0.5})
        await server.flush()
        await rig.restart_server()
        await events.until("up", lambda: events.up)
        await events.until("endpoints", lambda: events.endpoint(rig.sink) is not None)
        async with record(rig) as ear:
            player = music(rig, tone)
            stream = await events.stream(of_process(player.pid))
            await ear.hears(TONE_HZ, LEVEL_DB)
            server.apply({stream.id: 0.1})
            await ear.hears(TONE_HZ, LEVEL_DB - 20.0)
        kinds = [what for what, _ in events.log if what in ("up", "down")]
        assert kinds == ["up", "down", "up"]
        assert set(Ledger(rig.directory / "ledger.json").entries()) == {
            key for key in Ledger(rig.directory / "ledger.json").entries() if "pipewire:" in key
        }


async def test_the_default_moves_and_endpoints_come_and_go(pipewire_rig: PipeWireRig) -> None:
    async with adapter(pipewire_rig) as (_, events):
        main = events.endpoint(pipewire_rig.sink)
        assert main is not None
        assert main.default
        assert main.available
        assert main.active
        assert main.type is AudioDeviceType.VIRTUAL
        assert main.direction is Direction.PLAYBACK
        assert main.name == "Main"
        await pipewire_rig.add_sink("other")
        await events.until("other", lambda: events.endpoint("other") is not None)
        await pipewire_rig.set_default_sink("other")

        def default() -> list[str]:
            return [e.node for e in events.endpoints if e.default]

        await events.until("default", lambda: default() == ["other"])
        await pipewire_rig.remove_sink("other")
        await events.until("gone", lambda: events.endpoint("other") is None)
        await events.until("default again", lambda: default() == [pipewire_rig.sink])
        assert events.endpoint(pipewire_rig.sink) == main


async def test_a_stream_follows_its_endpoint(pipewire_rig: PipeWireRig, tone: Path) -> None:
    async with adapter(pipewire_rig) as (_, events):
        await pipewire_rig.add_sink("elsewhere")
        player = music(pipewire_rig, tone, audiosession__id="abc")
        main = events.endpoint(pipewire_rig.sink)
        assert main is not None
        stream = await events.stream(lambda s: s.pid == player.pid and s.endpoint == main.id)
        assert stream.direction is Direction.PLAYBACK
        assert stream.properties["audiosession.id"] == "abc"
        assert stream.properties["application.process.id"] == str(player.pid)
        index = await pipewire_rig.stream_of(player.pid)
        await pipewire_rig.move_stream(index, "elsewhere")
        other = events.endpoint("elsewhere")
        assert other is not None
        await events.stream(lambda s: s.pid == player.pid and s.endpoint == other.id)


async def test_a_paused_player_does_not_run(pipewire_rig: PipeWireRig, tone: Path) -> None:
    async with adapter(pipewire_rig) as (_, events):
        control = pipewire_rig.directory / "mpv"
        player = play_mpv(pipewire_rig, tone, f"--input-ipc-server={control}", mpris=False)
        stream = await events.stream(of_process(player.pid))
        reader, writer = await asyncio.open_unix_connection(str(control))
        writer.write(b'{"command": ["set_property", "pause", true]}\n')
        await events.until("paused", lambda: not events.streams[stream.id].running)
        writer.write(b'{"command": ["set_property", "pause", false]}\n')
        await events.until("playing", lambda: events.streams[stream.id].running)
        writer.close()
        await writer.wait_closed()
        assert reader is not None


async def test_a_native_stream_has_the_kernels_process(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = pipewire_rig.popen("pw-cat", "--playback", str(tone))
        stream = await events.stream(of_process(player.pid))
        await ear.hears(TONE_HZ, LEVEL_DB)
        server.apply({stream.id: 0.1})
        await ear.hears(TONE_HZ, LEVEL_DB - 20.0)


async def test_a_recording_is_a_capture_stream(pipewire_rig: PipeWireRig) -> None:
    async with adapter(pipewire_rig) as (_, events), record(pipewire_rig):
        stream = await events.stream(lambda s: s.direction is Direction.CAPTURE)
        assert stream.properties["application.name"] == "parec"


async def test_a_fade_in_steps_is_heard_and_ends_exactly(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    async with adapter(pipewire_rig) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        await ear.hears(TONE_HZ, LEVEL_DB)
        before = await pipewire_rig.stream_volumes()
        for way in (range(1, 15), range(13, -1, -1)):
            for step in way:
                server.apply({stream.id: 10 ** (-step / 20)})
                await ear.more(server.step_s)
            await ear.hears(TONE_HZ, LEVEL_DB - way[-1])
        assert await pipewire_rig.stream_volumes() == before
        await until(lambda: Ledger(pipewire_rig.directory / "ledger.json").entries() == {})


async def test_a_user_who_moves_the_volume_in_the_middle_of_a_fade_gets_it(
    pipewire_rig: PipeWireRig, tone: Path
) -> None:
    chance = random.Random(7)
    ledger = pipewire_rig.directory / "race.json"
    async with adapter(pipewire_rig, ledger) as (server, events), record(pipewire_rig) as ear:
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        index = await pipewire_rig.stream_of(player.pid)
        for _ in range(15):
            volume = chance.choice((0.2, 0.4, 0.6, 0.8, 1.0))
            command = f"set-sink-input-volume {index} {raw_of_linear(volume)}"
            async with asyncio.TaskGroup() as group:
                moving = group.create_task(pipewire_rig.pactl(command))
                while not moving.done():
                    server.apply({stream.id: chance.uniform(0.1, 0.9)})
                    await asyncio.sleep(chance.uniform(0.0, 0.004))
                    if chance.random() < 0.3:
                        server.apply({stream.id: 1.0})
                        await asyncio.sleep(chance.uniform(0.0, 0.004))
            server.apply({stream.id: 1.0})
            await ear.hears(TONE_HZ, LEVEL_DB + 20 * math.log10(volume), within_db=0.2)
            assert await pipewire_rig.stream_volumes() == {index: (raw_of_linear(volume),) * 2}
            await until(lambda: Ledger(ledger).entries() == {})


async def test_no_server_is_said_so(tmp_path: Path) -> None:
    server = PipeWireServer(Ledger(tmp_path / "ledger.json"), remote=tmp_path / "pipewire-0")
    with pytest.raises(HostUnavailableError) as caught:
        await server.start(Events())
    assert caught.value.reason is HostUnavailableReason.NO_SOUND_SERVER
    await server.close()


async def test_without_a_ledger_nothing_is_lowered(
    pipewire_rig: PipeWireRig, tone: Path, tmp_path: Path
) -> None:
    # A directory cannot be written into as a file, not even by root.
    (tmp_path / "ledger.json.new").mkdir()
    (tmp_path / "ledger.json").mkdir()
    async with (
        adapter(pipewire_rig, tmp_path / "ledger.json") as (server, events),
        record(pipewire_rig) as ear,
    ):
        player = music(pipewire_rig, tone)
        stream = await events.stream(of_process(player.pid))
        await ear.hears(TONE_HZ, LEVEL_DB)
        server.apply({stream.id: 0.1})
        await server.flush()
        await ear.more(0.3)
        await ear.hears(TONE_HZ, LEVEL_DB)


@asynccontextmanager
async def remote(rig: PipeWireRig) -> AsyncIterator[PipeWireClient]:
    async with PipeWireClient(rig.runtime_dir / "pipewire-0") as client:
        yield client


def soft_volumes(value: float) -> Object:
    volumes = Array(PodType.FLOAT, (value, value))
    return Object(ObjectType.PROPS, Param.PROPS, (Prop(Props.SOFT_VOLUMES, volumes),))


async def until(check: Callable[[], bool]) -> None:
    """Waits for what tells nobody when it changes: a file, or what another connection wrote."""
    async with asyncio.timeout(DEADLINE_S):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
