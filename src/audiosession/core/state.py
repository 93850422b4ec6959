"""The arbiter's memory: sessions, their streams, the holds between them, and timers."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from enum import Enum

from .claims import Claim, Role
from .effects import HoldKind, Standing
from .events import UserIntent
from .gains import Ramp


class Phase(Enum):
    """Where a session's claim is."""

    INACTIVE = "inactive"
    WAITING = "waiting"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One session keeps another ducked or paused."""

    target: str
    cause: str
    kind: HoldKind
    rule: str
    level_db: float
    since: float
    told: bool
    enforced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What is known of one stream of a session."""

    playing: bool
    role: Role
    spoken: bool
    backend: str


@dataclass(slots=True)
class Session:
    """One session's standing. Only a decision changes it."""

    id: str
    app: str
    client: str
    group: str
    claim: Claim | None = None
    phase: Phase = Phase.INACTIVE
    pressing: bool = True
    """Its claim bears on others; false once it fell silent for long."""
    settled: bool = False
    """A guessed claim has sounded long enough to pause others."""
    held_by: dict[str, Hold] = field(default_factory=dict)
    holding: dict[str, None] = field(default_factory=dict)
    muted_by: dict[str, None] = field(default_factory=dict)
    """Whoever stopped it for good, and whoever paused it then: while they claim, it stays
    silent, should its player not obey."""
    muting: dict[str, None] = field(default_factory=dict)
    holder_class: str = ""
    """The policy's class of its claim while that is in force."""
    arrived: int = 0
    """Counts arrivals; orders claims in force."""
    rejudge: bool = False
    """Its claim changed during a pause and is judged when that ends."""
    streams: dict[str, Stream] = field(default_factory=dict)
    announced: HoldKind | None = None
    """The interruption the app was last in."""
    announced_told: bool = False
    pauses: bool = False
    """It pauses where it was told to go down, for as long as the interruption runs."""
    was_playing: bool = False
    resume_ok: bool = True
    intent: UserIntent | None = None
    """What the user did since the interruption began."""
    paused_by_user: bool = False
    gain: Ramp = field(default_factory=Ramp)
    fading_out: bool = False
    """Its claim is gone and its sound is being faded before it is told."""
    standing: Standing = Standing.INACTIVE
    timers: dict[str, float] = field(default_factory=dict)

    @property
    def sounding(self) -> bool:
        """Whether it can be heard, as far as is known."""
        return not self.streams or any(stream.playing for stream in self.streams.values())

    def level(self) -> HoldKind | None:
        """The hardest hold on it."""
        kinds = {hold.kind for hold in self.held_by.values()}
        if HoldKind.PAUSE in kinds:
            return HoldKind.PAUSE
        return HoldKind.DUCK if kinds else None

    def judge_standing(self) -> Standing:
        """The standing that follows from claim and holds."""
        if self.phase is Phase.WAITING:
            return Standing.WAITING
        level = self.level()
        if level is HoldKind.PAUSE:
            return Standing.INTERRUPTED
        if self.phase is Phase.INACTIVE:
            return Standing.INACTIVE
        return Standing.DUCKED if level is HoldKind.DUCK else Standing.ACTIVE

    def is_of_page(self, app: str, claim: Claim | None) -> bool:
        """Whether its claim and that one, of that app, are of one web page."""
        if claim is None or self.claim is None or self.app != app:
            return False
        return self.claim.page == claim.page != ""


@dataclass(slots=True)
class State:
    """All of it. ``active`` is in order of arrival, the last to come last."""

    sessions: dict[str, Session] = field(default_factory=dict)
    clients: dict[str, dict[str, None]] = field(default_factory=dict)
    apps: dict[str, dict[str, None]] = field(default_factory=dict)
    active: dict[str, Session] = field(default_factory=dict)
    classes: dict[str, dict[str, Session]] = field(default_factory=dict)
    """The same by the policy's holder class, so that a newcomer meets only whom it concerns."""
    arrivals: int = 0
    waiting: dict[str, Session] = field(default_factory=dict)
    multi_focus: bool = False
    multi: dict[str, bool] = field(default_factory=dict)
    """Sessions of ``active`` that share the stack discipline's focus, and whether each is on its
    multi-focus list, which has one of an app."""
    _heap: list[tuple[float, int, str, str]] = field(default_factory=list)
    _pushed: int = 0

    def set_timer(self, session: Session, kind: str, at: float) -> None:
        """Arranges that ``kind`` happens to the session at ``at``; replaces an earlier one."""
        session.timers[kind] = at
        self._pushed += 1
        heapq.heappush(self._heap, (at, self._pushed, session.id, kind))
        if len(self._heap) > 64 + 4 * len(self.sessions):
            self._compact()

    def cancel_timer(self, session: Session, kind: str) -> None:
        """Forgets it; does nothing when there is none."""
        session.timers.pop(kind, None)

    def next_timer(self) -> float | None:
        """When the earliest timer is due."""
        while self._heap:
            at, _, session_id, kind = self._heap[0]
            session = self.sessions.get(session_id)
            if session is not None and session.timers.get(kind) == at:
                return at
            heapq.heappop(self._heap)
        return None

    def pop_timer(self) -> tuple[Session, str, float]:
        """Takes the earliest timer; call only after ``next_timer`` gave a time."""
        at, _, session_id, kind = heapq.heappop(self._heap)
        session = self.sessions[session_id]
        del session.timers[kind]
        return session, kind, at

    def _compact(self) -> None:
        live = [
            entry
            for entry in self._heap
            if entry[2] in self.sessions
            and self.sessions[entry[2]].timers.get(entry[3]) == entry[0]
        ]
        heapq.heapify(live)
        self._heap = live
