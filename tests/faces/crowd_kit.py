"""Apps of one face on one simulated device, and what each of them is to be told.

What the device decides is judged once more by the machine that checks the core's invariants.
What an app is to hear follows from the effects of those decisions alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from audiosession import AudioSession, recipe
from audiosession.apple._c_process import Process, process
from audiosession.configuration import RECIPES
from audiosession.core import (
    SILENCE_DB,
    Activate,
    ClientGone,
    CloseSession,
    Deactivate,
    Effect,
    Event,
    Granted,
    HoldKind,
    Interrupted,
    OpenSession,
    Policy,
    Reconfigure,
    Released,
    Role,
    Standing,
    Stopped,
)
from audiosession.errors import DeniedError
from audiosession.hosts.simulated import (
    CallState,
    Observer,
    SimulatedApp,
    SimulatedCall,
    SimulatedDevice,
)
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from tests.apple.faces_kit import BEGAN, ENDED, RESUME, Face, OneApi, face_of
from tests.core.test_invariants import Machine

ONE_API, AVAUDIOSESSION, C_API = "one API", "AVAudioSession", "C API"
_CATEGORIES = (
    "ambient",
    "solo_ambient",
    "playback",
    "playback mix_with_others",
    "playback duck_others",
    "playback mix_with_others duck_others",
    "record",
    "play_and_record",
    "play_and_record mode=voice_chat",
    "play_and_record mix_with_others",
)
_ROLES = (Role.MUSIC, Role.SPEECH, Role.GAME, Role.PROMPT)
_MOST_S = 3.0
_FADES_S = 10.0
_DUCK, _PAUSE, _UNKNOWN = (
    AudioInterruptionType.DUCK,
    AudioInterruptionType.PAUSE,
    AudioInterruptionType.UNKNOWN,
)
Said = tuple[bool, AudioInterruptionType, bool, bool]
"""Whether it begins, its type, whether to resume, and whether the system lowers."""


class Follower(Machine):
    """The machine, fed by somebody else; a look at so many apps takes too long for each event."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        super().__init__()

    def feed(self, event: Event) -> tuple[Effect, ...]:
        """As the machine does, without a snapshot."""
        effects = self.journal.handle(event, self.now)
        assert self.short.handle(event, self.now) == effects
        for effect in effects:
            self.listen(effect)
        if isinstance(event, OpenSession):
            self.standings[event.session] = Standing.INACTIVE
        elif isinstance(event, CloseSession | ClientGone):
            for name in [name for name in self.standings if not self.arbiter.is_open(name)]:
                del self.standings[name]
                self.begun.pop(name, None)
        return effects

    def look(self) -> None:
        """Takes the snapshot, and checks every invariant."""
        self.shown = self.arbiter.snapshot()
        for each in self.invariants:
            each.function(self)

    def teardown(self) -> None:
        """As the machine does, which then looks at each event."""
        self.feed = super().feed  # type: ignore[method-assign]
        super().teardown()


class Judge(Observer):
    """Follows the decisions of a device.

    Args:
        policy: The device's.
    """

    def __init__(self, policy: Policy) -> None:
        self._machine = Follower(policy)
        self._waiting: list[tuple[float, Event, tuple[Effect, ...]]] = []

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """See :class:`~audiosession.hosts.simulated.Observer`."""
        # What an observer raises disturbs nobody, so it is looked at later.
        self._waiting.append((at, event, effects))

    def take(self) -> list[Effect]:
        """What was decided since, all of which must be decided so once more."""
        taken: list[Effect] = []
        waiting, self._waiting = self._waiting, []
        for at, event, effects in waiting:
            self._machine.now = at
            assert self._feed(event) == effects, event
            taken += effects
        return taken

    def _feed(self, event: Event) -> tuple[Effect, ...]:
        machine = self._machine
        if isinstance(event, Activate | Reconfigure):
            # It draws nothing.
            return machine.give_up_or_not(cast(Any, None), event)
        if isinstance(event, Deactivate):
            machine.give_up(event.session)
        return machine.feed(event)

    def check(self, device: SimulatedDevice) -> None:
        """All invariants hold of the device."""
        self._machine.look()
        assert device.arbiter.snapshot() == self._machine.shown

    def interrupted(self, session: str) -> bool:
        """Whether a session was told of the beginning of an interruption and of no end."""
        return session in self._machine.begun

    def end(self) -> None:
        """Its record comes to the same once more, and everybody comes out of it."""
        self._machine.teardown()


class Ear:
    """What one session is to be told, by what was decided, and its face by that.

    Args:
        lowers: Whether the face tells of every duck; Apple's have no word for one that the
            system does, and none for a second beginning (apple 55).
        ends_claim: Whether an interruption ends the claim, and begins as one of which nobody
            knows whether it ends (apple 58).
    """

    def __init__(self, *, lowers: bool, ends_claim: bool) -> None:
        self.events: list[Said] = []
        self.words: list[str] = []
        self._lowers = lowers
        self._began = False
        self._by_system = False
        self._pause = _UNKNOWN if ends_claim else _PAUSE
        # Whether it was told to pause because of a duck.
        self._pauses = False

    def effect(self, effect: Effect) -> None:
        """An effect on the session."""
        if isinstance(effect, Interrupted):
            lowered = effect.kind is HoldKind.DUCK
            self._by_system = lowered and effect.enforced
            if effect.told and not (effect.pauses and self._pauses):
                pause = _PAUSE if effect.pauses else self._pause
                self._say(True, _DUCK if lowered and not effect.pauses else pause)
            self._pauses = effect.pauses
        elif isinstance(effect, Stopped):
            self._by_system = False
            self._pauses = False
            self._say(True, _UNKNOWN)
        elif isinstance(effect, Released) and effect.told:
            lowered = effect.kind is HoldKind.DUCK and not self._pauses
            resume = effect.should_resume and not lowered
            self._pauses = False
            self._say(False, _DUCK if lowered else _PAUSE if resume else _UNKNOWN, resume=resume)
        elif isinstance(effect, Granted) and effect.late:
            self.over()

    def over(self) -> None:
        """What began is over unsaid: the app asked or gave up, or is granted what waited."""
        self._began = self._pauses = False

    def _say(self, begin: bool, type: AudioInterruptionType, *, resume: bool = False) -> None:
        lowered = type is _DUCK
        by_system = lowered and self._by_system
        self.events.append((begin, type, resume, by_system))
        if self._lowers:
            self.words.append(BEGAN if begin else RESUME if resume else ENDED)
        elif by_system:
            return
        elif begin:
            self.words += [] if self._began else [BEGAN]
            self._began = True
        elif self._began or not lowered:
            self.words.append(RESUME if resume or lowered else ENDED)
            self._began = False


class Inside:
    """Enters the process of one app of the C API for each of its calls."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def __call__(self, call: Callable[[], Any]) -> Any:
        """Calls it there; at first in the process that has just begun."""
        if self._process is None:
            self._process = process()
        with self._process._current():
            return call()

    def end(self) -> None:
        """The process is dead."""
        assert self._process is not None
        self._process.end()


class Member:
    """An app of the crowd, from its start to its death.

    Args:
        app: The app.
        face: What it uses.
        inside: Its process, where that is the C API.
    """

    def __init__(self, app: SimulatedApp, face: Face, inside: Inside | None) -> None:
        self.app = app
        self.face = face
        self.session: AudioSession = app.session
        ends_claim = app.device.arbiter.policy.settings.interruption_ends_claim
        self.ear = Ear(lowers=isinstance(face, OneApi), ends_claim=ends_claim)
        self._inside = inside
        self._heard: list[AudioInterruptionEvent] = []
        self.told: Counter[str] = Counter()
        """How often each word was told."""
        self.session.interruption_event_stream.listen(self._heard.append)
        self._reading = aiter(self.session.interruption_event_stream)

    async def asks(self) -> None:
        """Asks for the audio."""
        if await self.face.activates() == "granted" or not self.session.is_active:
            self.ear.over()

    async def leaves(self, *, notify: bool) -> None:
        """Gives it up."""
        await self.face.deactivates(["notify"] if notify else [])
        if not self.session.is_active:
            self.ear.over()

    async def check(self, device: SimulatedDevice, judge: Judge, *, faded: bool) -> None:
        """It heard everything, in order, by whatever way; it knows how it stands.

        Args:
            device: Where it is.
            judge: Knows what was decided.
            faded: Whether no fade is under way.
        """
        assert [_said(event) for event in self._heard] == self.ear.events
        words = [word for word in self.face.news if word in (BEGAN, ENDED, RESUME)]
        assert words == self.ear.words
        assert [await anext(self._reading) for _ in self._heard] == self._heard
        self.told.update(words)
        for heard in (self._heard, self.face.news, self.ear.events, self.ear.words):
            heard.clear()
        if self.app.alive:
            (session,) = self.app.sessions
            view = device.arbiter.view(session.id)
            waits = view.standing is Standing.WAITING
            in_force = session.id in device.arbiter.active and not waits
            if self.session.is_active != in_force:
                # Its loss is told when it is faded out (android 47).
                assert not in_force
                assert not faded
                assert device.arbiter.policy.settings.final_fade_s > 0.0
                assert view.target_db == SILENCE_DB
            assert session.interrupted == judge.interrupted(session.id)

    async def end(self) -> None:
        """The session ends, or has died, and tells nothing more; to be checked before."""
        if self._inside is not None:
            self._inside.end()
        await self.session.close()
        assert [event async for event in self._reading] == self._heard == []


class Crowd:
    """A hundred apps of one face on a phone; make it with :func:`crowd`.

    Args:
        face: Which.
        policy: Who judges.
        seed: What chance is drawn from.
    """

    def __init__(self, face: str, policy: str, seed: int) -> None:
        self.device = SimulatedDevice("phone", policy=policy, keep_decisions=1)
        self.members: dict[str, Member] = {}
        self.told: Counter[str] = Counter()
        """How often each word was told."""
        self.deaths = 0
        self._face = face
        self._chance = random.Random(seed)
        self._judge = Judge(self.device.arbiter.policy)
        self._end_observing = self.device.observe(self._judge)
        self._faces: list[Face] = []
        self._call: SimulatedCall | None = None

    async def come(self, name: str) -> None:
        """An app is started."""
        app = self.device.app(name)
        inside = Inside() if self._face == C_API else None
        face = await face_of(self._face, app.session, inside)
        self._faces.append(face)
        self.members[name] = Member(app, face, inside)
        self._listen()

    async def step(self) -> None:
        """Something happens."""
        chance = self._chance
        member = self.members[chance.choice(list(self.members))]
        what = chance.random()
        if what < 0.2:
            await self._wishes(member)
            self._listen()
            await member.asks()
        elif what < 0.48:
            await member.asks()
        elif what < 0.78:
            await member.leaves(notify=chance.random() < 0.6)
        elif what < 0.88:
            player = member.app.player()
            if player.playing:
                player.pause()
            else:
                player.play(role=chance.choice(_ROLES), spoken=chance.random() < 0.3)
        elif what < 0.91:
            self._telephone()
        elif what < 0.94:
            await self._dies(member)
        else:
            self.device.advance(chance.random() * _MOST_S)
        self._listen()

    async def check(self, *, faded: bool = False) -> None:
        """Everything holds, and everybody heard everything."""
        self._judge.check(self.device)
        for member in self.members.values():
            await member.check(self.device, self._judge, faded=faded)

    async def end(self) -> None:
        """All leave, and nothing is left of them."""
        self.device.advance(_FADES_S)
        self._listen()
        await self.check(faded=True)
        for member in self.members.values():
            # Whoever goes leaves something to those that are there.
            await member.check(self.device, self._judge, faded=False)
            await self._ends(member)
            self._listen()
        self._judge.check(self.device)
        ours = {member.app.id for member in self.members.values()}
        assert not any(member.app.sessions for member in self.members.values())
        assert not [view for view in self.device.arbiter.snapshot().sessions if view.app in ours]
        self._judge.end()

    def close(self) -> None:
        """Nobody listens any more."""
        self._end_observing()
        # Each use of the C API was begun within the one before.
        for face in reversed(self._faces):
            face.close()

    async def _wishes(self, member: Member) -> None:
        if self._face == ONE_API:
            with suppress(DeniedError):
                await member.session.configure(recipe(self._chance.choice(RECIPES)))
        else:
            await member.face.sets(self._chance.choice(_CATEGORIES).split())

    def _telephone(self) -> None:
        if self._call is None or self._call.state is CallState.ENDED:
            self._call = self.device.incoming_call()
        elif self._call.state is CallState.RINGING:
            self._chance.choice((self._call.accept, self._call.decline))()
        else:
            self._call.end()

    async def _dies(self, member: Member) -> None:
        self.deaths += 1
        member.app.kill()
        self._listen()
        await member.check(self.device, self._judge, faded=False)
        await self._ends(member)
        member.app.relaunch()
        await self.come(member.app.id)

    async def _ends(self, member: Member) -> None:
        await member.end()
        self.told.update(member.told)

    def _listen(self) -> None:
        for effect in self._judge.take():
            member = self.members.get(self.device.app_of_session(effect.session))
            if member is not None and member.app.alive and not member.session.closed:
                member.ear.effect(effect)


@contextmanager
def crowd(face: str, policy: str, seed: int) -> Iterator[Crowd]:
    """A crowd without anybody yet. What fails says how it was drawn."""
    one = Crowd(face, policy, seed)
    try:
        yield one
    except BaseException as error:
        error.add_note(f"{face} under {policy}, seed {seed}")
        raise
    finally:
        one.close()


def _said(event: AudioInterruptionEvent) -> Said:
    return event.begin, event.type, event.should_resume, event.system_ducked
