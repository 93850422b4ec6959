"""Whatever happens in whatever order, at the end nothing is switched that was not before."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from audiosession.core.routing import RouteRequest
from audiosession.errors import AudioSessionError
from audiosession.service.ledger import Ledger
from audiosession.service.sessions import ServiceSession

from .fake_server import activate
from .routing_kit import (
    CALLING,
    HEADPHONES,
    HEADSET,
    IN,
    JOINED,
    MIC,
    MUSIC,
    PLAYS,
    SPEAKER,
    USB,
    Desk,
    desk,
    killed,
    reborn,
    turns,
)

REQUESTS = (
    PLAYS,
    JOINED,
    *(CALLING,) * 5,
    RouteRequest(several=True),
    RouteRequest(plays=False),
)
RECIPES = ("music", "voice_call", "navigation_prompt", "recording")


class Walk:
    """One run of random steps."""

    def __init__(self, stage: Desk, seed: int) -> None:
        self.stage = stage
        self.machine = stage.server
        self.random = random.Random(seed)
        self.sessions: list[ServiceSession] = []
        self.profile = "a2dp"
        self.apps = 0

    async def step(self) -> None:
        steps: list[Callable[[], Awaitable[None] | None]] = [
            *(self.opens, self.plays, self.user_moves, self.asks) * 2,
            *(self.activates,) * 6,
            self.deactivates,
            self.overrides,
            self.prefers,
            self.closes,
            self.ends,
            self.headset,
            self.headphones,
            self.usb,
            self.user_profile,
            self.user_default,
            self.moods,
            self.restarts,
        ]
        done = self.random.choice(steps)()
        if done is not None:
            await done
        await turns()
        self.stage.clock.advance(self.random.choice((0.0, 0.3, 2.0)))
        await turns()

    @property
    def connected(self) -> bool:
        return any(card.id == HEADSET for card in self.machine.cards)

    def one(self) -> ServiceSession | None:
        return self.random.choice(self.sessions) if self.sessions else None

    def opens(self) -> None:
        if len(self.sessions) < 4:
            self.apps += 1
            session, _ = self.stage.guest(
                self.random.choice(REQUESTS), app=f"app{self.apps}", pid=100 + self.apps
            )
            self.sessions.append(session)

    def asks(self) -> None:
        if session := self.one():
            self.stage.engine.routing.request(session, self.random.choice(REQUESTS))

    async def activates(self) -> None:
        if session := self.one():
            await activate(session, self.random.choice(RECIPES))

    async def deactivates(self) -> None:
        if session := self.one():
            await session.deactivate(notify_others=True)

    def overrides(self) -> None:
        if session := self.one():
            try:
                self.stage.engine.routing.override(session, self.random.random() < 0.7)
            except AudioSessionError:
                return

    def prefers(self) -> None:
        if session := self.one():
            report = self.stage.joined(session, self.random.choice(REQUESTS)).report
            inputs = [each.port.id for each in report.ports if each.port.is_input]
            try:
                self.stage.engine.routing.prefer_input(session, self.random.choice(["", *inputs]))
            except AudioSessionError:
                return

    async def closes(self) -> None:
        if session := self.one():
            self.sessions.remove(session)
            await session.close()

    def plays(self) -> None:
        pid = self.random.choice([7, 8, *(each.pid for each in self.sessions)])
        direction = self.random.choice([SPEAKER.direction, SPEAKER.direction, IN])
        ends = [e.id for e in self.machine.endpoints if e.direction is direction and e.active]
        self.machine.play(pid=pid, direction=direction, endpoint=self.random.choice(ends))

    def ends(self) -> None:
        if self.machine.streams:
            self.machine.end(self.random.choice(sorted(self.machine.streams)))

    def headset(self) -> None:
        if self.connected:
            self.machine.lose_headset()
        else:
            self.machine.connect_headset()
            self.profile = "a2dp"

    def headphones(self) -> None:
        there = any(e.id == HEADPHONES.id and e.available for e in self.machine.endpoints)
        self.machine.plug_headphones(not there)

    def usb(self) -> None:
        rest = [each for each in self.machine.endpoints if each.id != USB.id]
        if len(rest) == len(self.machine.endpoints):
            rest.append(USB)
        self.machine.show_endpoints(*rest)

    async def user_profile(self) -> None:
        self.stage.clock.advance(2.0)
        await turns()
        if self.connected:
            now = self.machine.profile()
            self.profile = self.random.choice(
                [p for p in ("a2dp", "a2dp", "hfp", "off") if p != now]
            )
            self.machine.show_profile(HEADSET, self.profile)

    def user_default(self) -> None:
        ends = [e.id for e in self.machine.endpoints if e.direction is not IN and e.active]
        self.machine.choose(self.random.choice(ends))

    def user_moves(self) -> None:
        playing = [
            id for id, each in self.machine.streams.items() if each.direction is MUSIC.direction
        ]
        if playing:
            ends = [e.id for e in self.machine.endpoints if e.direction is not IN and e.active]
            self.machine.user_moves(self.random.choice(playing), self.random.choice(ends))

    def moods(self) -> None:
        self.machine.refuses = self.random.random() < 0.15

    async def restarts(self) -> None:
        self.machine.refuses = False
        if self.random.random() < 0.3:
            self.machine.die()
            await turns()
            self.machine.live()

    async def end(self) -> None:
        self.machine.refuses = False
        for session in self.sessions:
            await session.close()
        await turns()
        self.stage.clock.advance(3.0)
        await turns()


@pytest.mark.parametrize("seed", range(60))
async def test_a_walk_ends_where_the_user_left_things(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        stage.server.play(pid=8, direction=IN, endpoint=MIC.id)
        walk = Walk(stage, seed)
        refused = False
        for _ in range(50):
            await walk.step()
            refused = refused or walk.machine.refuses
        await walk.end()
        assert not stage.engine.routing.busy
        # What is refused again and again waits for another day, and what is gone for its return.
        assert Ledger(path).entries() == {} or refused or not walk.connected
        if walk.connected and not refused:
            assert walk.machine.profile() == walk.profile


@pytest.mark.parametrize("seed", range(40))
async def test_a_service_that_is_killed_on_the_way_leaves_it_to_the_next(
    seed: int, tmp_path: Path
) -> None:
    path = tmp_path / "routes.ledger"
    async with desk(headset=True, ledger=path) as stage:
        walk = Walk(stage, seed)
        for _ in range(30):
            await walk.step()
            walk.machine.refuses = False
        machine = killed(stage)
        data = path.read_bytes() if path.exists() else b""
    path.write_bytes(data) if data else path.unlink(missing_ok=True)
    async with reborn(machine, path) as after:
        await turns()
        after.clock.advance(3.0)
        await turns()
        assert not after.engine.routing.busy
        assert Ledger(path).entries() == {}
        if walk.connected:
            assert machine.profile() == walk.profile
