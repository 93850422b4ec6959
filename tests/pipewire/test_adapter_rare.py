"""What the adapter does with streams as no real server makes them on demand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from audiosession.pipewire import Interface, ObjectType, Param, Props
from audiosession.pipewire.pod import Array, Object, PodType, PodValue, Prop
from audiosession.service.ledger import Ledger
from audiosession.service.servers import pipewire_volume
from audiosession.service.servers.base import Card, Endpoint, ServerStream
from audiosession.service.servers.pipewire import PipeWireServer
from tests.pipewire.fake_server import DEADLINE_S, FakeServer, Thing

APP = 60
STREAM = 61


@dataclass
class Node:
    """A stream's node that keeps volumes as PipeWire's do, and answers each write so often."""

    server: FakeServer
    answers: int = 1
    user: tuple[float, ...] = (1.0, 1.0)
    muted: bool = False
    soft: tuple[float, ...] = (1.0, 1.0)
    writes: list[tuple[float, ...]] = field(default_factory=list)

    def props(self) -> Object:
        values: list[tuple[int, PodValue]] = [
            (Props.MUTE, self.muted),
            (Props.CHANNEL_VOLUMES, Array(PodType.FLOAT, self.user)),
            (Props.SOFT_VOLUMES, Array(PodType.FLOAT, self.soft)),
        ]
        props = tuple(Prop(int(key), value) for key, value in values)
        return Object(ObjectType.PROPS, Param.PROPS, props)

    def add(self, *, corked: str = "false") -> None:
        self.server.add(APP, Interface.CLIENT, {"pipewire.sec.pid": "1234"})
        self.server.add(
            STREAM,
            Interface.NODE,
            {"media.class": "Stream/Output/Audio", "client.id": str(APP)},
            {"pulse.corked": corked, "application.process.id": "99"},
            {Param.PROPS: [self.props()]},
        )
        self.server.on_set = self.set

    def set(self, thing: Thing, value: Object) -> None:
        soft = value.get(Props.SOFT_VOLUMES)
        assert isinstance(soft, Array)
        assert value.get(Props.SOFT_MUTE) is self.muted
        assert value.get(Props.CHANNEL_VOLUMES) is None
        self.soft = tuple(float(item) for item in soft.values)  # type: ignore[arg-type]
        self.writes.append(self.soft)
        for _ in range(self.answers):
            self.tell()

    def tell(self) -> None:
        self.server.things[STREAM].params[Param.PROPS] = [self.props()]
        self.server.tell(STREAM, Param.PROPS)


class Reports:
    """Keeps the streams."""

    def __init__(self) -> None:
        self.streams: dict[str, ServerStream] = {}
        self.changes = 0

    def server_up(self) -> None: ...

    def server_down(self, reason: str) -> None:
        self.streams.clear()

    def stream_added(self, stream: ServerStream) -> None:
        self.streams[stream.id] = stream

    def stream_changed(self, stream: ServerStream) -> None:
        self.streams[stream.id] = stream
        self.changes += 1

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None: ...

    def cards_changed(self, cards: tuple[Card, ...]) -> None: ...


@asynccontextmanager
async def running(
    tmp_path: Path, **about: object
) -> AsyncIterator[tuple[Node, PipeWireServer, Reports]]:
    server = FakeServer(tmp_path / "pipewire-0")
    server.add(0, Interface.CORE)
    node = Node(server, **about)  # type: ignore[arg-type]
    node.add()
    adapter = PipeWireServer(Ledger(tmp_path / "ledger.json"), remote=server.path)
    reports = Reports()
    try:
        await adapter.start(reports)
        yield node, adapter, reports
    finally:
        await adapter.close()
        server.close()


async def settled(adapter: PipeWireServer) -> None:
    """Waits until what was sent both ways has arrived and been reported."""
    for _ in range(3):
        await adapter.flush()
        await asyncio.sleep(0)


async def written(node: Node, count: int) -> None:
    """Waits until a node has been written to so often."""
    async with asyncio.timeout(DEADLINE_S):
        while len(node.writes) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def entries(tmp_path: Path) -> dict[str, dict[str, object]]:
    return Ledger(tmp_path / "ledger.json").entries()


async def test_the_kernel_knows_a_native_apps_process_best(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, __, reports):
        (stream,) = reports.streams.values()
        assert stream.pid == 1234


async def test_a_corked_stream_does_not_run_whatever_its_node_does(tmp_path: Path) -> None:
    async with running(tmp_path) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        assert stream.running
        node.server.things[STREAM].properties["pulse.corked"] = "true"
        node.server.inform(STREAM)
        await settled(adapter)
        assert not reports.streams[stream.id].running


async def test_a_report_that_says_nothing_new_is_none(tmp_path: Path) -> None:
    async with running(tmp_path) as (node, adapter, reports):
        node.server.inform(STREAM)
        node.tell()
        await settled(adapter)
        assert reports.changes == 0
        assert node.writes == []


async def test_a_stream_without_volumes_is_lowered_when_it_has_some(tmp_path: Path) -> None:
    async with running(tmp_path, user=(), soft=()) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        await settled(adapter)
        assert node.writes == []
        node.user = (0.5, 1.0)
        node.tell()
        await settled(adapter)
        assert node.writes == [(0.25, 0.5)]


async def test_a_stream_that_never_had_volumes_leaves_no_entry(tmp_path: Path) -> None:
    async with running(tmp_path, user=(), soft=()) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        assert len(entries(tmp_path)) == 1
        adapter.apply({stream.id: 1.0})
        await settled(adapter)
        assert node.writes == []
        assert entries(tmp_path) == {}


async def test_the_last_factor_of_many_holds_and_each_step_is_written_once(tmp_path: Path) -> None:
    async with running(tmp_path) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        for factor in (0.5, 0.25, 0.25, 0.125):
            adapter.apply({stream.id: factor, "pipewire-77": 0.5})
        await settled(adapter)
        assert node.writes == [(0.5, 0.5), (0.25, 0.25), (0.125, 0.125)]
        adapter.apply({stream.id: 1.0})
        await settled(adapter)
        assert node.writes[3:] == [(1.0, 1.0)]
        assert entries(tmp_path) == {}
        node.user = (0.5, 0.5)
        node.tell()
        await settled(adapter)
        # It has been given back, so what the user does is no more our business.
        assert len(node.writes) == 4


async def test_while_the_echo_of_giving_back_is_out_a_change_is_followed(tmp_path: Path) -> None:
    """The user's write may reach the node before ours, and the report of it after ours is sent."""
    async with running(tmp_path, answers=0) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        adapter.apply({stream.id: 1.0})
        await settled(adapter)
        assert len(entries(tmp_path)) == 1
        node.user = (0.3, 0.3)
        node.tell()
        await settled(adapter)
        assert node.writes[-1] == pytest.approx((0.3, 0.3))


async def test_a_node_that_answers_twice_is_not_written_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipewire_volume, "LONGEST_REWRITE_S", 1000.0)
    async with running(tmp_path, answers=2) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        await written(node, 4)
        (known,) = adapter._streams.values()
        # Each time it waits twice as long.
        assert known.volume._patience >= 8 * pipewire_volume.LEAST_REWRITE_S
        assert set(node.writes) == {(0.5, 0.5)}


async def test_what_a_slow_program_has_not_done_is_not_added_to(tmp_path: Path) -> None:
    async with running(tmp_path, answers=0) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        for step in range(100):
            adapter.apply({stream.id: 0.9 - step / 200})
        adapter.apply({stream.id: 0.125})
        await settled(adapter)
        assert len(node.writes) == pipewire_volume.MOST_PENDING
        assert len(entries(tmp_path)) == 1
        # It goes on: of all that was left only the last is written.
        node.answers = 1
        node.tell()
        await settled(adapter)
        assert node.writes[pipewire_volume.MOST_PENDING :] == [(0.125, 0.125)]
        adapter.apply({stream.id: 1.0})
        await settled(adapter)
        assert node.writes[-1] == (1.0, 1.0)
        assert entries(tmp_path) == {}


async def test_leaving_a_slow_program_gives_its_volume_back_all_the_same(tmp_path: Path) -> None:
    async with running(tmp_path, answers=0) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        for step in range(100):
            adapter.apply({stream.id: 0.9 - step / 200})
        await adapter.close()
        assert node.writes[-1] == (1.0, 1.0)
        assert entries(tmp_path) == {}


async def test_echoes_that_came_as_one_are_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same volume twice with others between: one echo cannot say which of the two it is of."""
    monkeypatch.setattr(pipewire_volume, "ECHO_S", 0.01)
    async with running(tmp_path, answers=0) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        for factor in (0.5, 1.0, 0.5, 1.0):
            adapter.apply({stream.id: factor})
        await settled(adapter)
        node.answers = 1
        node.tell()
        await written(node, 5)
        await settled(adapter)
        assert node.writes[4:] == [(1.0, 1.0)]
        assert entries(tmp_path) == {}


async def test_a_program_that_never_answers_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipewire_volume, "ECHO_S", 0.001)
    async with running(tmp_path, answers=0) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        tries = 1 + pipewire_volume.MOST_TRIES
        await written(node, tries)
        (known,) = adapter._streams.values()
        async with asyncio.timeout(DEADLINE_S):
            while known.volume._watch is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert node.writes == [(0.5, 0.5)] * tries
        node.answers = 1
        node.tell()
        adapter.apply({stream.id: 1.0})
        await settled(adapter)
        assert node.writes[tries:] == [(1.0, 1.0)]
        assert entries(tmp_path) == {}


async def test_a_lost_stream_takes_its_entry_along(tmp_path: Path) -> None:
    async with running(tmp_path) as (node, adapter, reports):
        (stream,) = reports.streams.values()
        adapter.apply({stream.id: 0.5})
        await settled(adapter)
        node.server.remove(STREAM)
        await settled(adapter)
        assert not reports.streams
        assert entries(tmp_path) == {}


async def test_another_instance_of_the_server_is_not_mistaken(tmp_path: Path) -> None:
    """A serial of an earlier server may be one of another stream in this one."""
    stale = {"server": "pipewire", "instance": "7", "serial": 103, "node": ""}
    Ledger(tmp_path / "ledger.json").put_all({"pipewire:7:103": stale})
    async with running(tmp_path) as (node, adapter, _):
        await settled(adapter)
        assert node.writes == []
        assert entries(tmp_path) == {}


async def test_what_a_crash_left_is_given_back_also_when_its_volumes_come_late(
    tmp_path: Path,
) -> None:
    left = {"server": "pipewire", "instance": "1", "serial": 103, "node": ""}
    Ledger(tmp_path / "ledger.json").put_all({"pipewire:1:103": left})
    async with running(tmp_path, user=(), soft=()) as (node, adapter, _):
        assert len(entries(tmp_path)) == 1
        node.user, node.soft = (0.5, 0.5), (0.1, 0.1)
        node.tell()
        await settled(adapter)
        assert node.writes == [(0.5, 0.5)]
        assert entries(tmp_path) == {}
