"""Moves that follow one another faster than a server tells of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from audiosession.core.routing import RouteRequest
from audiosession.hosts.simulated import VirtualClock
from audiosession.service.routing.underway import UNDERWAY_S, Underway
from audiosession.service.servers.base import Endpoint
from audiosession.service.sessions import ServiceSession

from .fake_server import activate
from .routing_kit import PLAYS, SPEAKER, SPEAKER_PORT, USB, Desk, Machine, turns


class Late(Machine):
    """Agrees to moves, and tells of them when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.endpoints = self._with_default((*self.endpoints, USB))
        self.really: dict[str, str] = {}

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        self.calls.append(("move", stream, endpoint))
        self.really[stream] = endpoint or self._default(self.streams[stream].direction)

    def tell(self, stream: str, endpoint: str) -> None:
        """What it says next of a stream, however old that is."""
        self.change(stream, endpoint=endpoint)


@dataclass
class Call:
    """An app's session that sends its sound to the loudspeaker, again and again."""

    stage: Desk
    session: ServiceSession

    async def begin(self, output: str) -> None:
        self.stage.engine.routing.request(self.session, RouteRequest(records=True, chosen=output))
        await activate(self.session, "voice_call")
        await turns()

    async def end(self) -> None:
        await self.session.deactivate(notify_others=True)
        await turns()


def late() -> tuple[Desk, Late]:
    machine = Late()
    machine.chosen = USB.id
    machine.endpoints = machine._with_default(machine.endpoints)
    return Desk(server=machine), machine


async def test_a_wish_that_comes_before_the_way_back_is_told() -> None:
    stage, machine = late()
    async with stage:
        session, _ = stage.guest(PLAYS)
        call = Call(stage, session)
        playing = machine.play(pid=100, endpoint=USB.id)
        await call.begin(SPEAKER_PORT)
        machine.tell(playing, SPEAKER.id)
        await call.end()
        assert machine.really[playing] == USB.id
        # As far as was told it is on the loudspeaker, and the route is the one without a wish.
        await call.begin("")
        await call.begin(SPEAKER_PORT)
        assert machine.really[playing] == SPEAKER.id
        await call.end()
        assert machine.really[playing] == USB.id
        machine.tell(playing, USB.id)
        await turns()
        assert machine.really[playing] == USB.id
        assert not stage.engine.routing.busy


async def test_what_is_told_late_is_not_taken_for_the_users_choice() -> None:
    stage, machine = late()
    async with stage:
        session, _ = stage.guest(PLAYS)
        call = Call(stage, session)
        playing = machine.play(pid=100, endpoint=USB.id)
        await call.begin(SPEAKER_PORT)
        await call.end()
        await call.begin(SPEAKER_PORT)
        for told in (SPEAKER, USB, SPEAKER):
            machine.tell(playing, told.id)
            await turns()
        assert machine.really[playing] == SPEAKER.id
        await call.end()
        assert machine.really[playing] == USB.id
        machine.tell(playing, USB.id)
        await call.begin(SPEAKER_PORT)
        assert machine.really[playing] == SPEAKER.id


@pytest.mark.parametrize("told", [(), (SPEAKER,)])
async def test_the_users_own_move_wins_also_in_between(told: tuple[Endpoint, ...]) -> None:
    stage, machine = late()
    async with stage:
        third = replace(USB, id="third", node="third", name="Third")
        machine.show_endpoints(*machine.endpoints, third)
        session, _ = stage.guest(PLAYS)
        call = Call(stage, session)
        playing = machine.play(pid=100, endpoint=USB.id)
        await call.begin(SPEAKER_PORT)
        await call.end()
        await call.begin(SPEAKER_PORT)
        for each in told:
            machine.tell(playing, each.id)
            await turns()
        before = len(machine.did("move"))
        machine.tell(playing, third.id)
        await turns()
        stage.clock.advance(UNDERWAY_S + 1.0)
        await turns()
        await call.end()
        assert len(machine.did("move")) == before


async def test_what_never_arrives_is_given_up_in_time() -> None:
    stage, machine = late()
    async with stage:
        session, _ = stage.guest(PLAYS)
        call = Call(stage, session)
        playing = machine.play(pid=100, endpoint=USB.id)
        await call.begin(SPEAKER_PORT)
        machine.tell(playing, SPEAKER.id)
        await call.end()
        # It says that it agrees, and does nothing.
        stage.clock.advance(UNDERWAY_S + 1.0)
        await turns()
        await call.begin(SPEAKER_PORT)
        assert machine.did("move") == [(playing, SPEAKER.id), (playing, USB.id)]


def trip() -> tuple[Underway, VirtualClock, list[str]]:
    stage = Desk(server=Machine())
    over: list[str] = []
    underway = Underway(stage.engine, lambda: over.append("over"))
    for place in "ab":
        underway.sent("s", "server", at="o", endpoint=f"{place}#1", node=place)
    return underway, stage.clock, over


@pytest.mark.parametrize(
    ("told", "to"),
    [
        ("o", "b#1"),
        ("oa", "b#1"),
        ("ao", ""),
        ("aa", "b#1"),
        ("b", ""),
        ("ab", ""),
        ("x", ""),
        ("ax", ""),
    ],
)
def test_places_on_the_way_are_passed_in_order(told: str, to: str) -> None:
    underway, _, _ = trip()
    others = [underway.told("s", each) for each in told]
    assert underway.to("s") == to
    # It was never sent to x, and not back to o.
    assert any(others) is (told in ("x", "ax", "ao"))


def test_a_place_that_is_visited_twice_is_not_the_end_at_once() -> None:
    underway, clock, over = trip()
    underway.sent("s", "server", at="o", endpoint="a#1", node="a")
    underway.told("s", "a")
    assert underway.to("s") == "a#1"
    underway.told("s", "b")
    assert underway.to("s") == "a#1"
    clock.advance(UNDERWAY_S)
    assert (underway.to("s"), over) == ("", ["over"])


def test_what_is_refused_was_not_on_the_way() -> None:
    underway, _, _ = trip()
    underway.refused("s")
    assert underway.to("s") == "a#1"
    underway.refused("s")
    underway.refused("s")
    assert underway.streams == ()


def test_a_server_that_goes_takes_its_streams_along() -> None:
    underway, clock, over = trip()
    underway.forget("other")
    assert len(underway.streams) == 1
    underway.forget("server")
    assert len(underway.streams) == 0
    underway.sent("s", "server", at="o", endpoint="a#1", node="a")
    underway.close()
    clock.advance(UNDERWAY_S)
    assert not underway.streams
    assert not over
