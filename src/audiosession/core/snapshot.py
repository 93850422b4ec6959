"""The arbiter's standing at one moment, as frozen values that compare equal."""

from __future__ import annotations

from dataclasses import dataclass

from .claims import Claim
from .effects import HoldKind, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """One hold: who keeps whom how, under which rule, since when (seconds)."""

    target: str
    cause: str
    kind: HoldKind
    rule: str
    because: str
    """The rule's reason in words, from the policy."""
    level_db: float
    since: float
    enforced: bool
    """Whether the system applies it; otherwise the app was told to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """One open session."""

    session: str
    app: str
    client: str
    claim: Claim | None
    standing: Standing
    holds: tuple[HoldView, ...]
    """The holds on it, in the order they were placed."""
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
    policy: str
    sessions: tuple[SessionView, ...]
    active: tuple[str, ...]
    waiting: tuple[str, ...]
    next_deadline: float | None

    def session(self, session: str) -> SessionView:
        """The view of one session. Raises KeyError when it is not open."""
        for view in self.sessions:
            if view.session == session:
                return view
        raise KeyError(session)
