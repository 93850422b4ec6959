"""What should be done about it: the only outputs of the arbiter.

Every effect names the session it is about, the ``cause`` (the id of the session that
brought it about, or ``user``, ``system``) and the ``rule`` of the policy behind it. The order of
effects is the order in which they are to be carried out; the answer to an
:class:`~audiosession.core.events.Activate` is always the last, but for the rare case that what
was granted is taken again by a request that waited: then that follows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class HoldKind(Enum):
    """What a hold does to the one it is placed on."""

    DUCK = "duck"
    """Keeps it at a lower level."""
    PAUSE = "pause"
    """Keeps it silent."""


class Standing(Enum):
    """How a session stands, derived from its claim and the holds on it."""

    INACTIVE = "inactive"
    """No claim is in force."""
    WAITING = "waiting"
    """Asked and put off; it will be granted when its turn comes."""
    ACTIVE = "active"
    """The claim is in force and nothing holds it."""
    DUCKED = "ducked"
    """The claim is in force; at least one hold lowers it and none pauses it."""
    INTERRUPTED = "interrupted"
    """At least one hold pauses it. The claim may be out of force (Apple's policy)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The request is granted; the claim is in force."""

    session: str
    cause: str
    rule: str
    late: bool = False
    """A request that was put off earlier is granted now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The request is refused and nothing else changed."""

    session: str
    cause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """The request waits; a late Granted follows when its turn comes."""

    session: str
    cause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """An interruption of the session begins. A harder one replaces the one before."""

    session: str
    kind: HoldKind
    cause: str
    rule: str
    told: bool
    """Whether the app is to hear of it."""
    enforced: bool
    """Whether the system itself lowers or silences the app."""
    pauses: bool = False
    """Whether the app pauses where it is told to go down, as its claim says: because of this
    duck, or since the duck that this pause hardens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The session's interruption ends."""

    session: str
    kind: HoldKind
    cause: str
    rule: str
    told: bool
    """Whether the app is to hear of it: it was told of the beginning."""
    should_resume: bool
    """Whether what was paused may go on: it sounded before, and the user did not pause it. At
    the end of a duck, of an app that pauses by itself instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The session's claim is gone for good; it must ask again."""

    session: str
    cause: str
    rule: str
    told: bool
    """Whether the app is to hear of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GainChanged:
    """The system's own factor on the session moves, linearly in dB, over ``ramp_s`` seconds."""

    session: str
    from_db: float
    """Where the move begins, which may be in the middle of an earlier one."""
    to_db: float
    """Where it ends; 0 is untouched, -120 silence."""
    ramp_s: float
    """How long it takes; 0 jumps."""
    cause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced:
    """``cause`` keeps the session ducked (at ``level_db``) or paused from now on."""

    session: str
    kind: HoldKind
    cause: str
    rule: str
    level_db: float
    """The level of a duck; -120 for a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLifted:
    """That hold is gone; others may remain."""

    session: str
    kind: HoldKind
    cause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChanged:
    """What the session's claim and holds amount to has changed."""

    session: str
    before: Standing
    after: Standing
    cause: str
    rule: str


Effect = (
    Granted
    | Denied
    | Delayed
    | Interrupted
    | Released
    | Stopped
    | GainChanged
    | HoldPlaced
    | HoldLifted
    | StandingChanged
)
