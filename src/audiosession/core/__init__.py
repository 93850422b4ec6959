"""The arbitration: events in, effects out. No clock, no IO, no callbacks.

:class:`~audiosession.core.arbiter.Arbiter` keeps who claims what and decides what becomes of
everybody; policies are data (:mod:`audiosession.core.policy`), the ways of giving back are
disciplines, and :mod:`audiosession.core.translate` turns every vocabulary into claims.
"""

from __future__ import annotations

from .arbiter import Arbiter, Limits
from .claims import Claim, Press, Role
from .effects import (
    Delayed,
    Denied,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    HoldLifted,
    HoldPlaced,
    Interrupted,
    Released,
    Standing,
    StandingChanged,
    Stopped,
)
from .events import (
    Activate,
    ClientGone,
    CloseSession,
    Deactivate,
    Event,
    OpenSession,
    Reconfigure,
    RevokeApp,
    RevokeOwner,
    SetMultiFocus,
    StreamChanged,
    StreamGone,
    Tick,
    UserAction,
    UserIntent,
)
from .gains import SILENCE_DB, Ramp, StreamGain, to_db, to_linear
from .journal import Journal, Record, replay
from .policy import Cell, ClassRule, Outcome, Policy
from .snapshot import HoldView, SessionView, Snapshot

__all__ = [
    "SILENCE_DB",
    "Activate",
    "Arbiter",
    "Cell",
    "Claim",
    "ClassRule",
    "ClientGone",
    "CloseSession",
    "Deactivate",
    "Delayed",
    "Denied",
    "Effect",
    "Event",
    "GainChanged",
    "Granted",
    "HoldKind",
    "HoldLifted",
    "HoldPlaced",
    "HoldView",
    "Interrupted",
    "Journal",
    "Limits",
    "OpenSession",
    "Outcome",
    "Policy",
    "Press",
    "Ramp",
    "Reconfigure",
    "Record",
    "Released",
    "RevokeApp",
    "RevokeOwner",
    "Role",
    "SessionView",
    "SetMultiFocus",
    "Snapshot",
    "Standing",
    "StandingChanged",
    "Stopped",
    "StreamChanged",
    "StreamGain",
    "StreamGone",
    "Tick",
    "UserAction",
    "UserIntent",
    "replay",
    "to_db",
    "to_linear",
]
