"""The decision journal: what happened, what was decided, and why; replays exactly.

The journal keeps the last decisions. Older events are folded into a second arbiter that
trails behind, so that the kept events always replay from a known state to the very same
snapshot, however long the journal has run.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import InvalidValueError
from .arbiter import Arbiter, Limits
from .effects import Effect, Standing
from .events import Event
from .policy import Policy
from .snapshot import HoldView


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision: ``number`` counts from 1, ``at`` is in seconds."""

    number: int
    """Its place in the journal, from 1."""
    at: float
    """When, in seconds."""
    event: Event
    """What happened."""
    effects: tuple[Effect, ...]
    """What was decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The answer to *why is this session as it is*."""

    session: str
    """The session asked about."""
    standing: str
    """How it stands: a value of :class:`~audiosession.core.effects.Standing`."""
    holds: tuple[HoldView, ...]
    """What keeps it down now, in the order it came."""
    history: tuple[Record, ...]
    """The kept decisions that had an effect on it, oldest first."""


class Journal:
    """An arbiter that remembers its decisions.

    Args:
        policy: As for :class:`~audiosession.core.arbiter.Arbiter`.
        keep: How many decisions to keep, at least 1; ``None`` keeps all.
        limits: As for the arbiter.
    """

    def __init__(
        self, policy: Policy, *, keep: int | None = 256, limits: Limits | None = None
    ) -> None:
        if keep is not None and keep < 1:
            raise InvalidValueError("keep", keep, expected="None or a number from 1")
        self.arbiter = Arbiter(policy, limits=limits)
        self._base = Arbiter(policy, limits=limits) if keep is not None else None
        self._keep = keep
        self._records: deque[Record] = deque()
        self._count = 0

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """As :meth:`audiosession.core.arbiter.Arbiter.handle`; a refused event is not recorded."""
        effects = self.arbiter.handle(event, now)
        self._count += 1
        self._records.append(Record(number=self._count, at=now, event=event, effects=effects))
        if self._keep is not None and self._base is not None and len(self._records) > self._keep:
            oldest = self._records.popleft()
            self._base.handle(oldest.event, oldest.at)
        return effects

    @property
    def records(self) -> tuple[Record, ...]:
        """The kept decisions, oldest first."""
        return tuple(self._records)

    @property
    def complete(self) -> bool:
        """Whether every decision ever taken is still kept."""
        return len(self._records) == self._count

    def replayed(self) -> Arbiter:
        """A fresh arbiter that has been through every decision, the forgotten ones included.

        It stands exactly as this journal's own one does, and may be fed on its own.
        """
        if self._base is None:
            return replay(self._records, self.arbiter.policy, limits=self.arbiter.limits)
        policy = self.arbiter.policy
        # The policy is immutable and large; the copy shares it.
        arbiter = copy.deepcopy(self._base, {id(policy): policy})
        for record in self._records:
            arbiter.handle(record.event, record.at)
        return arbiter

    def why(self, session: str) -> Why:
        """What keeps a session as it is, and the decisions that led there.

        A session that is closed by now is inactive, and nothing holds it.

        Raises:
            UnknownNameError: no such session is open, and no kept decision names it.
        """
        history = tuple(
            record
            for record in self._records
            if any(effect.session == session for effect in record.effects)
        )
        if not self.arbiter.is_open(session) and (
            history or any(getattr(r.event, "session", "") == session for r in self._records)
        ):
            return Why(session=session, standing=Standing.INACTIVE.value, holds=(), history=history)
        view = self.arbiter.view(session)
        return Why(session=session, standing=view.standing.value, holds=view.holds, history=history)


def replay(
    records: Iterable[Record] | Iterable[tuple[Event, float]],
    policy: Policy,
    *,
    limits: Limits | None = None,
) -> Arbiter:
    """A fresh arbiter that has been through the same events.

    Pass the records of a journal that is :attr:`~Journal.complete`.
    """
    arbiter = Arbiter(policy, limits=limits)
    for item in records:
        event, at = (item.event, item.at) if isinstance(item, Record) else item
        arbiter.handle(event, at)
    return arbiter
