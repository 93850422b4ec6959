"""Streams that were sent somewhere a moment ago: what a server reports of them may be older.

A server agrees to a move before it tells of it, and some carry it out later. Several moves may
be under way at once, and some of them are never told, for the next one was faster. So a report
of a place where a stream was or was sent to meanwhile says nothing of the user; one of any
other place does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..scheduler import TimerHandle

if TYPE_CHECKING:
    from ..engine import Engine

UNDERWAY_S: Final = 3.0
"""How long what was not confirmed counts as under way, in seconds. The project's choice: longer
than a busy machine takes to link a stream anew."""

_MOST: Final = 16
"""So many places of a stream are remembered; the last ones count."""


@dataclass(slots=True)
class _Trip:
    """Where one stream was when it was sent away, and where it was sent since."""

    server: str
    origin: str
    places: list[tuple[str, str]] = field(default_factory=list)
    """Endpoints' ids and their nodes, the last one last."""
    timer: TimerHandle | None = None


class Underway:
    """The streams that are under way.

    Args:
        engine: Whose clock counts.
        over: Called when one has not arrived in time: it is where it is.
    """

    def __init__(self, engine: Engine, over: Callable[[], None]) -> None:
        self._engine = engine
        self._over = over
        self._trips: dict[str, _Trip] = {}

    @property
    def streams(self) -> tuple[str, ...]:
        """Their keys."""
        return tuple(self._trips)

    def to(self, stream: str) -> str:
        """The id of the endpoint to which a stream is under way; empty for none."""
        trip = self._trips.get(stream)
        return "" if trip is None else trip.places[-1][0]

    def sent(self, stream: str, server: str, *, at: str, endpoint: str, node: str) -> None:
        """A stream is being sent somewhere.

        Args:
            stream: Its key.
            server: The name of its server.
            at: The node on which it is as far as was told.
            endpoint: The id of the endpoint where it goes.
            node: The node of that.
        """
        trip = self._trips.setdefault(stream, _Trip(server, at))
        trip.places = [*trip.places, (endpoint, node)][-_MOST:]
        if trip.timer is not None:
            trip.timer.cancel()
        due = self._engine.scheduler.now + UNDERWAY_S
        trip.timer = self._engine.scheduler.call_at(due, lambda: self._late(stream))

    def refused(self, stream: str) -> None:
        """The server did not send a stream where it was to go last."""
        trip = self._trips.get(stream)
        if trip is not None:
            trip.places.pop()
            if not trip.places:
                self.end(stream)

    def told(self, stream: str, node: str) -> bool:
        """The server says where a stream is; returns whether somebody else moved it there."""
        trip = self._trips.get(stream)
        if trip is None or node == trip.origin:
            return False
        nodes = [each for _, each in trip.places]
        if node not in nodes[:-1]:
            self.end(stream)
            return node != nodes[-1]
        # It may have been there on the way, as early as that.
        trip.origin = node
        del trip.places[: nodes.index(node) + 1]
        return False

    def end(self, stream: str) -> None:
        """A stream is not under way any more."""
        trip = self._trips.pop(stream, None)
        if trip is not None and trip.timer is not None:
            trip.timer.cancel()

    def forget(self, server: str) -> None:
        """A server is gone."""
        for stream, trip in tuple(self._trips.items()):
            if trip.server == server:
                self.end(stream)

    def close(self) -> None:
        """Nothing is under way any more."""
        for stream in tuple(self._trips):
            self.end(stream)

    def _late(self, stream: str) -> None:
        self.end(stream)
        self._over()


__all__ = ["UNDERWAY_S", "Underway"]
