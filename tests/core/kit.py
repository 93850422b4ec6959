"""A small stage for tests of the arbiter: sessions by name, a clock moved by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
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
    Press,
    Reconfigure,
    Released,
    Role,
    Standing,
    Stopped,
    StreamChanged,
    StreamGone,
    Tick,
    UserAction,
    UserIntent,
)
from audiosession.policies import load_policy

MUSIC = Claim(role=Role.MUSIC, press=Press.STOP)
PODCAST = Claim(role=Role.SPEECH, press=Press.STOP, spoken=True)
PROMPT = Claim(role=Role.PROMPT, press=Press.DUCK)
PING = Claim(role=Role.NOTIFICATION, press=Press.DUCK)
READER = Claim(role=Role.SCREEN_READER, press=Press.DUCK)
CALL = Claim(role=Role.CALL, press=Press.PAUSE, records=True)
ALARM = Claim(role=Role.ALARM, press=Press.PAUSE)
RINGTONE = Claim(role=Role.RINGTONE, press=Press.PAUSE)
EMERGENCY = Claim(role=Role.EMERGENCY, press=Press.PAUSE)
ASSISTANT = Claim(role=Role.ASSISTANT, press=Press.DUCK, records=True)
RECORDING = Claim(role=Role.RECORDING, press=Press.STOP, records=True, plays=False)
GAME_MIXING = Claim(role=Role.GAME, press=Press.NONE, mixable=True)
PODCAST_MIXING = Claim(role=Role.SPEECH, press=Press.NONE, spoken=True, mixable=True)
TRANSIENT = Claim(role=Role.MUSIC, press=Press.PAUSE)
EXCLUSIVE = Claim(role=Role.MUSIC, press=Press.SILENCE)

EVERYTHING = {
    "call": CALL,
    "ringtone": RINGTONE,
    "alarm": ALARM,
    "reader": READER,
    "assistant": ASSISTANT,
    "recording": RECORDING,
    "prompt": PROMPT,
    "ping": PING,
    "music": MUSIC,
    "podcast": PODCAST,
    "movie": Claim(role=Role.MOVIE),
    "game": GAME_MIXING,
    "mixing podcast": PODCAST_MIXING,
    "transient": TRANSIENT,
    "exclusive": EXCLUSIVE,
}
"""One claim of every kind but emergencies, by name."""


def patient(claim: Claim) -> Claim:
    """The same request, willing to wait."""
    return replace(claim, accepts_delay=True)


def guessed(claim: Claim) -> Claim:
    """The same claim, read off a stream rather than said by its app."""
    return replace(claim, declared=False)


class Stage:
    """An arbiter, a clock, and one app of the same name for every session."""

    def __init__(self, policy: str | Policy = "default") -> None:
        self.policy = load_policy(policy) if isinstance(policy, str) else policy
        self.arbiter = Arbiter(self.policy)
        self.now = 0.0
        self.log: list[Effect] = []

    def feed(self, event: Event) -> tuple[Effect, ...]:
        effects = self.arbiter.handle(event, self.now)
        self.log.extend(effects)
        return effects

    def open(self, *names: str, app: str = "", group: str = "", client: str = "") -> None:
        for name in names:
            self.feed(OpenSession(session=name, app=app or name, group=group, client=client))

    def start(self, name: str, claim: Claim) -> tuple[Effect, ...]:
        """Opens the session where need be, and activates it."""
        if not self.arbiter.is_open(name):
            self.open(name)
        return self.feed(Activate(session=name, claim=claim))

    def change(self, name: str, claim: Claim) -> tuple[Effect, ...]:
        return self.feed(Reconfigure(session=name, claim=claim))

    def stop(self, name: str, *, notify: bool = True) -> tuple[Effect, ...]:
        return self.feed(Deactivate(session=name, notify_others=notify))

    def close(self, name: str) -> tuple[Effect, ...]:
        return self.feed(CloseSession(session=name))

    def kill(self, client: str) -> tuple[Effect, ...]:
        return self.feed(ClientGone(client=client))

    def sound(self, name: str, stream: str = "s", *, on: bool = True) -> tuple[Effect, ...]:
        return self.feed(StreamChanged(session=name, stream=stream, playing=on))

    def stream_gone(self, name: str, stream: str = "s") -> tuple[Effect, ...]:
        return self.feed(StreamGone(session=name, stream=stream))

    def user(self, name: str, intent: UserIntent) -> tuple[Effect, ...]:
        return self.feed(UserAction(session=name, intent=intent))

    def wait(self, seconds: float) -> tuple[Effect, ...]:
        self.now += seconds
        return self.feed(Tick())

    def standing(self, name: str) -> Standing:
        return self.arbiter.standing(name)

    def standings(self, *names: str) -> tuple[Standing, ...]:
        return tuple(self.standing(name) for name in names)

    def level_db(self, name: str) -> float:
        """Where the level of a session is going."""
        return self.arbiter.view(name).target_db

    def rules_on(self, name: str) -> dict[str, str]:
        """Who holds the session, under which rule."""
        return {hold.cause: hold.rule for hold in self.arbiter.view(name).holds}


def of(effects: Iterable[Effect], kind: type, session: str | None = None) -> list[Effect]:
    """The effects of one kind, all or about one session."""
    return [
        effect
        for effect in effects
        if isinstance(effect, kind) and session in (None, effect.session)
    ]


def released(effects: Iterable[Effect], session: str) -> Released:
    """The one end of a pause that the session had."""
    found = [
        effect
        for effect in effects
        if isinstance(effect, Released)
        and effect.session == session
        and effect.kind is HoldKind.PAUSE
    ]
    assert len(found) == 1, f"{len(found)} pauses of {session} ended"
    return found[0]


def interrupted(effects: Iterable[Effect], session: str) -> Interrupted:
    """The one interruption of the session that began."""
    found = [e for e in effects if isinstance(e, Interrupted) and e.session == session]
    assert len(found) == 1, f"{len(found)} interruptions of {session} began"
    return found[0]


def stopped(effects: Iterable[Effect], session: str) -> bool:
    """Whether the session's claim was taken for good."""
    return any(isinstance(e, Stopped) and e.session == session for e in effects)


def granted(effects: Iterable[Effect], session: str) -> bool:
    """Whether the session was granted, now or late."""
    return any(isinstance(e, Granted) and e.session == session for e in effects)
