"""Audio focus under a hundred clients that ask, leave and die at random.

What a client may be told follows from what it did and was told before. It is checked with each
change that it is told, and against the device after each step.
"""

from __future__ import annotations

import random

import pytest

from audiosession.android import AndroidAudioFocus, AndroidAudioFocusRequestResult
from audiosession.android.app import AndroidPermission
from audiosession.core import Role, Standing
from tests.android.focus_kit import (
    CAN_DUCK,
    DELAYED,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    RINGING,
    Stage,
    T,
    Usage,
)

APPS, CLIENTS_OF_EACH, STEPS = 25, 4, 10_000
MOST_ENTRIES = 101
HARDNESS = {None: 0, CAN_DUCK: 1, LOSS_TRANSIENT: 2, LOSS: 3}
ROLES = (Role.MUSIC, Role.SPEECH, Role.GAME, Role.ALARM)
USAGES = (Usage.MEDIA, Usage.ALARM, Usage.ASSISTANT, Usage.NOTIFICATION, Usage.GAME, 2, 6, 12, 13)
CAR_USAGES = (*USAGES, 1000, 1001, 1002, 1003)


class Life:
    """What a client has, as it follows from what it did and was told."""

    def __init__(self) -> None:
        self.has = False
        self.waits = False
        self.received: AndroidAudioFocus | None = None
        self.told = 0

    def hear(self, change: AndroidAudioFocus) -> None:
        self.told += 1
        assert self.has, f"{change.name} to a client that has no entry"
        if change is GAIN:
            assert self.received is not None or self.waits, "a gain without a loss before it"
            self.received, self.waits = None, False
            return
        assert HARDNESS[change] > HARDNESS[self.received], "a loss that does not harden"
        self.received = change
        if change is LOSS:
            self.has = self.waits = False

    def asks(self) -> tuple[bool, bool, AndroidAudioFocus | None, int]:
        before = self.has, self.waits, self.received, self.told
        self.has, self.received = True, None
        return before

    def fails(self, before: tuple[bool, bool, AndroidAudioFocus | None, int]) -> None:
        if self.told != before[3]:
            # In a car a request that waits can take at once what another one was granted.
            assert before[0]
            assert not self.has
            return
        self.has, self.waits, self.received, _ = before

    def ends(self) -> None:
        self.has = self.waits = False
        self.received = None


class Crowd:
    """Clients on a stage, and what each of them may be told."""

    def __init__(self, policy: str, profile: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.stage = Stage(policy, profile)
        self.usages = CAR_USAGES if profile == "car" else USAGES
        self.lives: dict[str, Life] = {}
        self.answers: dict[AndroidAudioFocusRequestResult, int] = {}
        for number in range(APPS):
            self.stage.app(f"app {number}").android_app.grant(
                AndroidPermission.MODIFY_AUDIO_ROUTING
            )
            for letter in "abcd"[:CLIENTS_OF_EACH]:
                self.lives[f"app {number}.{letter}"] = Life()
        self.seen = 0

    def listen(self) -> None:
        """Has every client hear what was told since, in order."""
        for who, change in self.stage.log[self.seen :]:
            self.lives[who].hear(change)
        self.seen = len(self.stage.log)

    async def step(self) -> None:
        client = self.random.choice(list(self.lives))
        what = self.random.random()
        if what < 0.66:
            await self.ask(client)
        elif what < 0.88:
            self.lives[client].ends()
            await self.stage.leave(client)
        elif what < 0.91:
            self.die(client)
        elif what < 0.94:
            await self.call()
        elif what < 0.97:
            speaks = self.random.random() < 0.3
            self.stage.play(client, self.random.choice(ROLES), spoken=speaks)
        else:
            self.stage.device.advance(self.random.random() * 3.0)
        self.listen()

    async def ask(self, client: str) -> None:
        life = self.lives[client]
        before = life.asks()
        answer = await self.stage.ask(
            client,
            self.random.choice(GAINS),
            self.random.choice(self.usages),
            self.random.choice((1, 2)),
            patient=self.random.random() < 0.5,
            pauses=self.random.random() < 0.3,
        )
        if answer is not FAILED:
            life.waits = answer is DELAYED
        self.listen()
        if answer is FAILED:
            life.fails(before)
        self.answers[answer] = self.answers.get(answer, 0) + 1

    def die(self, client: str) -> None:
        app = self.stage.app(client)
        for name, life in self.lives.items():
            if self.stage.app(name) is app:
                life.ends()
        app.kill()
        app.relaunch()

    async def call(self) -> None:
        telephony = self.stage.telephony()
        if await telephony.request_audio_focus_for_call(RINGING, T) is not GRANTED:
            await telephony.abandon_audio_focus_for_call()

    def check(self, *, faded: bool = False) -> None:
        """Nothing was lost: each client knows how it stands.

        Args:
            faded: No fade is under way.
        """
        stage = self.stage
        arbiter = stage.device.arbiter
        assert len(arbiter.active) <= MOST_ENTRIES
        held = 0
        for name in self.lives:
            manager = stage.manager(name)
            assert len(manager._seats) <= CLIENTS_OF_EACH
        for name, life in self.lives.items():
            listener = stage.ear(name).hear
            client = next(
                (
                    one
                    for one in stage.manager(name)._clients.values()
                    if one.request.listener == listener
                ),
                None,
            )
            if client is None:
                assert not life.has
                continue
            session = client.seat.session.id  # type: ignore[attr-defined]
            if not arbiter.is_open(session):
                assert not life.has
                continue
            standing = arbiter.standing(session)
            held += standing in (Standing.ACTIVE, Standing.DUCKED, Standing.INTERRUPTED)
            if standing is Standing.INACTIVE:
                # Its entry is gone, and its loss is told when the fade is over.
                assert life.has
                assert not faded
            elif standing is Standing.INTERRUPTED:
                assert life.received is LOSS_TRANSIENT
            elif standing is Standing.ACTIVE:
                assert life.has
                assert life.received is None
                assert not life.waits
            elif standing is Standing.DUCKED:
                assert life.received in (None, CAN_DUCK)
            else:
                assert standing is Standing.WAITING
                assert life.waits
        telephony = len([one for one in stage.entries() if one == "telecom"])
        assert held + telephony == len(arbiter.active)


@pytest.mark.parametrize(
    ("policy", "profile", "seed"),
    [("android", "phone", 1), ("android", "phone", 2), ("android-car", "car", 3)],
)
async def test_a_hundred_clients_ask_leave_and_die(policy: str, profile: str, seed: int) -> None:
    crowd = Crowd(policy, profile, seed)
    for number in range(STEPS):
        await crowd.step()
        if number % 20 == 0:
            crowd.check()
    crowd.stage.device.advance(10.0)
    crowd.listen()
    crowd.check(faded=True)
    # The steps did all there is to do.
    assert set(crowd.answers) == {FAILED, GRANTED, DELAYED}
    assert {change for _, change in crowd.stage.log} >= {GAIN, LOSS, LOSS_TRANSIENT}
    apps = crowd.stage.device.apps
    for app in apps:
        await crowd.stage.close(app.id)
        for name in crowd.lives:
            if crowd.stage.app(name) is app:
                crowd.lives[name].ends()
        crowd.listen()
    assert crowd.stage.device.arbiter.active == ()
    # What is left is what players opened that nobody asked focus for.
    assert all(len(app.sessions) <= 1 for app in apps)
