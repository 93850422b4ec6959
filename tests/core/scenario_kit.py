"""A small script language for scenarios: a stage with apps on it, and what each of them hears.

    stage = Stage("android")
    music = stage.open("player")
    assert stage.grants(music, focus(GAIN))
    ...
    assert stage.told() == {music: [LOSS]}

:meth:`Stage.told` answers for everybody at once, so a step that makes somebody hear too much
fails as surely as one that makes somebody hear too little.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    ClientGone,
    CloseSession,
    Deactivate,
    Delayed,
    Denied,
    Effect,
    Event,
    GainChanged,
    Granted,
    HoldKind,
    Interrupted,
    OpenSession,
    Policy,
    Released,
    RevokeApp,
    Role,
    Standing,
    Stopped,
    StreamChanged,
    StreamGone,
    Tick,
)
from audiosession.core.translate.android import claim_from_focus_request
from audiosession.policies import load_policy

Answer = Granted | Denied | Delayed
Told = Interrupted | Released | Stopped | Granted | Denied

# What an app hears, in Android's words.
GAIN = "GAIN"
LOSS = "LOSS"
LOSS_TRANSIENT = "LOSS_TRANSIENT"
CAN_DUCK = "LOSS_TRANSIENT_CAN_DUCK"
REFUSED = "REFUSED"
"""A request that waited is refused in the end."""

# How hard an app asks: AudioManager.AUDIOFOCUS_GAIN and so on.
G, T, D, X = 1, 2, 3, 4
GAINS = (G, T, D, X)
GAIN_NAMES = {G: "gain", T: "transient", D: "may-duck", X: "exclusive"}

# AudioAttributes.USAGE_* and CONTENT_TYPE_*.
MEDIA, CALL, ALARM, NOTIFICATION, RINGTONE = 1, 2, 4, 5, 6
ACCESSIBILITY, NAVIGATION, SONIFICATION, ASSISTANT = 11, 12, 13, 16
SPEECH, MUSIC = 1, 2


CONTEXTS = {
    "music": 1,
    "navigation": 12,
    "voice command": 16,
    "ring": 6,
    "call": 2,
    "alarm": 4,
    "notification": 5,
    "system sound": 13,
    "emergency": 1000,
    "safety": 1001,
    "vehicle status": 1002,
    "announcement": 1003,
}
"""A car's context -> a usage of it, in the order of the columns below."""

_CAR_TABLE = """
music          E C E E E E C C E C C E
navigation     C C E C E C C C E C C C
voice command  C R C E E R R R E C C R
ring           R C C C C R R C E C C R
call           R C R C C C C R C C C R
alarm          C C E E E C C C E C C R
notification   C C E E E C C C E C C C
system sound   C C E E E C C C E C C C
emergency      R R R R C R R R C C R R
safety         C C C C C C C C C C C C
vehicle status C C C C C C C C E C C C
announcement   E C E E E E C C E C C E
"""
"""FocusInteraction: a row a holder, a column a request; R reject, E exclusive, C concurrent."""

CAR_MATRIX = {
    (" ".join(row.split()[:-12]), requested): cell
    for row in _CAR_TABLE.strip().splitlines()
    for requested, cell in zip(CONTEXTS, row.split()[-12:], strict=True)
}
"""(holder, request) -> R, E or C."""


def focus(gain: int = G, usage: int = MEDIA, content: int = MUSIC, **more: Any) -> Claim:
    """The claim of a focus request, music unless said otherwise."""
    return claim_from_focus_request(usage, content, gain, **more)


def word(effect: Effect) -> str | None:
    """What an app hears of an effect, ``None`` if nothing."""
    match effect:
        case Interrupted(kind=HoldKind.DUCK, told=True):
            return CAN_DUCK
        case Interrupted(kind=HoldKind.PAUSE, told=True):
            return LOSS_TRANSIENT
        case Stopped(told=True):
            return LOSS
        case Released(told=True) | Granted(late=True):
            return GAIN
        case Denied():
            return REFUSED
    return None


class Stage:
    """An arbiter with a hand-moved clock, and a record of who heard what."""

    def __init__(self, policy: str | Policy = "android") -> None:
        self.policy = load_policy(policy) if isinstance(policy, str) else policy
        self.arbiter = Arbiter(self.policy)
        self.now = 0.0
        self.effects: list[Effect] = []
        """Everything so far, answers included."""
        self._record: list[Effect] = []
        """Everything so far but the answers."""
        self._told_up_to = 0

    # -- what happens --------------------------------------------------------------------------

    def do(self, event: Event) -> tuple[Effect, ...]:
        """Has something happen now; its effects."""
        effects = self.arbiter.handle(event, self.now)
        self.effects += effects
        self._record += effects
        return effects

    def open(self, app: str, session: str | None = None, *, client: str = "") -> str:
        """A session of an app, named like the app unless said otherwise; its id."""
        name = session or app
        self.do(OpenSession(session=name, app=app, client=client))
        return name

    def activate(self, session: str, claim: Claim) -> Answer:
        """The session asks; the answer.

        There is exactly one, and it comes last, unless a request that waited takes at once
        what was granted.
        """
        effects = self.do(Activate(session=session, claim=claim))
        answers = [
            effect
            for effect in effects
            if isinstance(effect, Granted | Denied | Delayed)
            and effect.session == session
            and not (isinstance(effect, Granted) and effect.late)
        ]
        assert len(answers) == 1
        after = effects[effects.index(answers[0]) + 1 :]
        assert not after or any(
            effect.session == session and isinstance(effect, Stopped | Interrupted)
            for effect in after
        )
        self._record.remove(answers[0])
        return answers[0]

    def grants(self, session: str, claim: Claim) -> bool:
        return isinstance(self.activate(session, claim), Granted)

    def denies(self, session: str, claim: Claim) -> bool:
        return isinstance(self.activate(session, claim), Denied)

    def delays(self, session: str, claim: Claim) -> bool:
        return isinstance(self.activate(session, claim), Delayed)

    def enter(self, app: str, claim: Claim, session: str | None = None) -> str:
        """Opens a session that is granted what it asks for at once."""
        name = self.open(app, session)
        assert self.grants(name, claim)
        return name

    def deactivate(self, session: str, *, notify: bool = True) -> tuple[Effect, ...]:
        return self.do(Deactivate(session=session, notify_others=notify))

    def close(self, session: str) -> tuple[Effect, ...]:
        return self.do(CloseSession(session=session))

    def die(self, client: str) -> tuple[Effect, ...]:
        return self.do(ClientGone(client=client))

    def revoke(self, app: str, *, signal_next: bool) -> tuple[Effect, ...]:
        return self.do(RevokeApp(app=app, signal_next=signal_next))

    def play(
        self,
        session: str,
        role: Role = Role.MUSIC,
        *,
        stream: str = "player",
        playing: bool = True,
        spoken: bool = False,
        backend: str = "",
    ) -> tuple[Effect, ...]:
        """A player of the session is there, started unless said otherwise."""
        return self.do(
            StreamChanged(
                session=session,
                stream=stream,
                playing=playing,
                role=role,
                spoken=spoken,
                backend=backend,
            )
        )

    def end_stream(self, session: str, stream: str = "player") -> tuple[Effect, ...]:
        return self.do(StreamGone(session=session, stream=stream))

    def tick(self, to: float) -> tuple[Effect, ...]:
        """Moves the clock to a moment and lets what is due happen."""
        self.now = to
        return self.do(Tick())

    # -- what came of it -----------------------------------------------------------------------

    def events(self, session: str) -> list[Told]:
        """All that the session's app was told so far, in order, answers to its requests aside."""
        return [
            effect
            for effect in self._record
            if effect.session == session and isinstance(effect, Told) and word(effect) is not None
        ]

    def heard(self, session: str) -> list[str]:
        """The same in Android's words."""
        words = [word(effect) for effect in self.events(session)]
        return [one for one in words if one is not None]

    def told(self) -> dict[str, list[str]]:
        """Who heard what since the last time this was asked; the silent are left out."""
        fresh = self._record[self._told_up_to :]
        self._told_up_to = len(self._record)
        told: dict[str, list[str]] = {}
        for effect in fresh:
            said = word(effect)
            if said is not None:
                told.setdefault(effect.session, []).append(said)
        return told

    def ramps(self, session: str) -> list[tuple[float, float]]:
        """Where the session's level was sent so far, in dB, and in how many seconds."""
        return [
            (effect.to_db, effect.ramp_s)
            for effect in self.effects
            if isinstance(effect, GainChanged) and effect.session == session
        ]

    def standing(self, session: str) -> Standing:
        return self.arbiter.standing(session)

    def gain(self, session: str) -> float:
        """The system's factor on the session now, in dB."""
        return self.arbiter.gain_db(session, self.now)

    def target(self, session: str) -> float:
        """Where that factor is going, in dB."""
        return self.arbiter.view(session).target_db

    def stack(self) -> list[str]:
        """The claims in force, the last to come last."""
        return list(self.arbiter.snapshot().active)

    def waiting(self) -> list[str]:
        """The requests that wait."""
        return list(self.arbiter.snapshot().waiting)


def missing_rules(
    names: Iterable[str], rules: Iterable[int], elsewhere: Mapping[int, str]
) -> tuple[list[int], list[int]]:
    """Rules that no test is named after and nothing explains; and those that are both."""
    tested = {
        int(number)
        for name in names
        if name.startswith("test_")
        for number in re.findall(r"(?<=_)\d{3}(?=_)", name)
    }
    missing = [rule for rule in rules if rule not in tested and rule not in elsewhere]
    return missing, sorted(tested & set(elsewhere))
