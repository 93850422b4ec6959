"""Whatever happens in whatever order: in the end every factor is exactly 1.0."""

from __future__ import annotations

import asyncio
import logging

from hypothesis import given
from hypothesis import strategies as st

from audiosession.hosts.base import Outcome
from audiosession.service.rules import RuleBook, parse_rules
from audiosession.service.sessions import ServiceSession

from .fake_server import FakeServer, Stage, activate

RECIPES = ("navigation_prompt", "voice_call", "music", "speech", "game", "recording", "alarm")
ROLES = ("", "music", "a11y", "phone", "event", "speech")

WHICH = st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("activate"), WHICH, st.sampled_from(RECIPES)),
    st.tuples(st.just("activate"), WHICH, st.sampled_from(("voice_call", "navigation_prompt"))),
    st.tuples(st.just("deactivate"), WHICH),
    st.tuples(st.just("close"), WHICH),
    st.tuples(st.just("die"), WHICH),
    st.tuples(st.just("play"), st.integers(0, 5), st.sampled_from(ROLES), st.booleans()),
    st.tuples(st.just("player"), WHICH, st.booleans()),
    st.tuples(st.just("end"), WHICH),
    st.tuples(st.just("cork"), WHICH, st.booleans()),
    st.tuples(st.just("volume"), WHICH, st.sampled_from((0.0, 0.4, 1.0))),
    st.tuples(st.just("user"), WHICH, st.booleans()),
    st.tuples(st.just("gone"), WHICH),
    st.tuples(st.sampled_from(("server", "reset", "rules"))),
    st.tuples(st.just("wait"), st.sampled_from((0.005, 0.05, 0.13, 0.3))),
    st.tuples(st.just("wait"), st.sampled_from((0.3, 1.0, 3.0, 6.0))),
)


class Cycle:
    """Carries steps out; one that does not fit what is there does nothing."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.sessions: dict[int, ServiceSession] = {}
        self.ducks = False

    async def step(self, step: tuple[object, ...]) -> None:
        name, *rest = step
        await getattr(self, f"do_{name}")(*rest)
        await asyncio.sleep(0)

    async def do_activate(self, which: int, recipe: str) -> None:
        if which not in self.sessions:
            # The first two share their process with each other, the last with a player.
            pid = {0: 100, 1: 100, 2: 102}.get(which, 5)
            self.sessions[which], _ = self.stage.open(f"app{which}", pid=pid)
        result = await activate(self.sessions[which], recipe)
        assert result.outcome in Outcome

    async def do_deactivate(self, which: int) -> None:
        if which in self.sessions:
            await self.sessions[which].deactivate(notify_others=which % 2 == 0)

    async def do_close(self, which: int) -> None:
        if which in self.sessions:
            await self.sessions.pop(which).close()

    async def do_die(self, which: int) -> None:
        if which in self.sessions:
            self.stage.engine.client_gone(self.sessions.pop(which).client)

    async def do_play(self, pid: int, role: str, second: bool) -> None:
        server = self.stage.more[0] if second else self.stage.server
        given = {"media_role": role} if role else {}
        server.play(pid=pid, **given)

    def stream(self, which: int) -> tuple[FakeServer, str] | None:
        streams = [
            (server, each)
            for server in (self.stage.server, *self.stage.more)
            for each in server.streams
        ]
        return streams[which % len(streams)] if streams else None

    async def do_end(self, which: int) -> None:
        if (found := self.stream(which)) is not None:
            found[0].end(found[1])

    async def do_cork(self, which: int, running: bool) -> None:
        if (found := self.stream(which)) is not None:
            found[0].change(found[1], running=running)

    async def do_volume(self, which: int, volume: float) -> None:
        if (found := self.stream(which)) is not None:
            found[0].change(found[1], volumes=(volume, volume))

    async def do_player(self, which: int, drops_stream: bool) -> None:
        if f":1.{which}" not in self.stage.players.players:
            stream = self.stage.server.play(pid=which)
            self.stage.players.add(which, stream, drops_stream=drops_stream)

    async def do_gone(self, which: int) -> None:
        player = self.stage.players.players.get(f":1.{which}")
        if player is not None:
            self.stage.players.go(player)

    async def do_rules(self) -> None:
        self.ducks = not self.ducks
        text = '[[rule]]\nbinary = "program1"\nwhen_held = "duck"\nlevel_db = -9.0\n'
        user = parse_rules(text if self.ducks else "", source="/home/me/policy.toml")
        self.stage.engine.set_rules(RuleBook.of(user))

    async def do_user(self, which: int, plays: bool) -> None:
        player = self.stage.players.players.get(f":1.{which}")
        if player is not None:
            act = self.stage.players.user_plays if plays else self.stage.players.user_pauses
            act(player)

    async def do_server(self) -> None:
        self.stage.server.die()
        self.stage.server.live()

    async def do_reset(self) -> None:
        self.stage.engine.reset()
        assert set(self.stage.server.factors.values()) <= {1.0}

    async def do_wait(self, seconds: float) -> None:
        self.stage.clock.advance(seconds)


class Complaints(logging.Handler):
    """Keeps what is logged as having failed; the engine goes on after a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


async def _run(steps: list[tuple[object, ...]]) -> None:
    async with Stage(more=(FakeServer("pulseaudio", 0.03),)) as stage:
        cycle = Cycle(stage)
        for step in steps:
            await cycle.step(step)
        for which in list(cycle.sessions):
            await cycle.do_close(which)
        # Unmodified apps may hold each other; without those that weigh on others nobody does.
        for server in (stage.server, *stage.more):
            for id, stream in list(server.streams.items()):
                if stream.properties.get("media.role") in ("a11y", "phone", "event"):
                    server.end(id)
        for _ in range(20):
            stage.clock.advance(1.0)
            await asyncio.sleep(0)
        for server in (stage.server, *stage.more):
            assert set(server.factors.values()) <= {1.0}
        assert stage.engine.idle
        assert stage.clock.next_timer() is None
        for view in stage.engine.arbiter.snapshot().sessions:
            assert view.holds == ()
        assert {each.id for each in stage.engine.status().sessions} == {
            each.session for each in stage.engine.status().streams
        }


@given(st.lists(STEPS, min_size=10, max_size=60))
def test_in_the_end_everything_is_given_back(steps: list[tuple[object, ...]]) -> None:
    complaints = Complaints()
    log = logging.getLogger("audiosession")
    log.addHandler(complaints)
    try:
        asyncio.run(_run(steps))
    finally:
        log.removeHandler(complaints)
    assert complaints.said == []
