"""The arbiter's standing at one moment, as frozen values that compare equal."""

from __future__ import annotations

from dataclasses import dataclass

from .claims import Claim
from .effects import HoldKind, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """One hold: who keeps whom how, under which rule, since when (seconds)."""

    target: str
    """The session that is held."""
    cause: str
    """The session that holds."""
    kind: HoldKind
    """Lowered or paused."""
    rule: str
    """The rule behind it."""
    because: str
    """The rule's reason in words, from the policy."""
    level_db: float
    """The level of a duck, in dB; -120 for a pause."""
    since: float
    """When it was placed, in seconds."""
    enforced: bool
    """Whether the system applies it; otherwise the app was told to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One open session."""

    session: str
    """Its id."""
    app: str
    """The app it belongs to."""
    client: str
    """The process or connection behind it."""
    claim: Claim | None
    """What it last asked for; ``None`` when it never asked."""
    standing: Standing
    """How it stands."""
    holds: tuple[HoldView, ...]
    """The holds on it, in the order they were placed."""
    muted_by: tuple[str, ...]
    """Whose claims keep it silent although its own is gone: whoever stopped it, mostly."""
    gain_db: float
    """The system's factor on it at the time of the snapshot."""
    target_db: float
    """Where that factor is going."""
    playing: bool | None
    """Whether a stream of it sounds; ``None`` when no stream is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at ``now``: open sessions in order of opening, active ones in order of arrival."""

    now: float
    """The time of the last event, in seconds."""
    policy: str
    """Name of the policy."""
    sessions: tuple[SessionView, ...]
    """Every open session, in order of opening."""
    active: tuple[str, ...]
    """Ids of those with a claim in force, in order of arrival."""
    waiting: tuple[str, ...]
    """Ids of those that wait for their turn."""
    next_deadline: float | None
    """When something changes by itself, in seconds; ``None``: never."""

    def session(self, session: str) -> SessionView:
        """The view of one session. Raises KeyError when it is not open."""
        for view in self.sessions:
            if view.session == session:
                return view
        raise KeyError(session)
