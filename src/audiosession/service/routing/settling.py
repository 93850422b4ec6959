"""Cards that were switched a moment ago: what servers do then is not the user's choice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..routes import SETTLE_S
from ..scheduler import TimerHandle

if TYPE_CHECKING:
    from ..engine import Engine

_Key = tuple[str, str]


class Settling:
    """The cards that settle.

    Args:
        engine: Whose clock counts.
        settled: Called when one has.
    """

    def __init__(self, engine: Engine, settled: Callable[[], None]) -> None:
        self._engine = engine
        self._done = settled
        self._timers: dict[_Key, TimerHandle | None] = {}
        self._times: dict[_Key, int] = {}

    @property
    def any(self) -> bool:
        """Whether one settles."""
        return bool(self._timers)

    @property
    def cards(self) -> tuple[_Key, ...]:
        """Those that do: the server's name and the card's id."""
        return tuple(self._timers)

    def of(self, card: _Key) -> bool:
        """Whether that one settles."""
        return card in self._timers

    def times(self, card: _Key) -> int:
        """How often that one was switched since it settled last."""
        return self._times.get(card, 0)

    @contextmanager
    def switching(self, card: _Key) -> Iterator[None]:
        """A card is switched, and settles from then on."""
        times = self.times(card) + 1
        self.end(card)
        self._timers[card], self._times[card] = None, times
        try:
            yield
        finally:
            if card in self._timers:
                due = self._engine.scheduler.now + SETTLE_S
                self._timers[card] = self._engine.scheduler.call_at(due, lambda: self._over(card))

    def end(self, card: _Key) -> None:
        """A card is gone, or switched anew."""
        self._times.pop(card, None)
        timer = self._timers.pop(card, None)
        if timer is not None:
            timer.cancel()

    def forget(self, server: str) -> None:
        """A server is gone."""
        for card in tuple(self._timers):
            if card[0] == server:
                self.end(card)

    def close(self) -> None:
        """Nothing settles any more."""
        for card in tuple(self._timers):
            self.end(card)

    def _over(self, card: _Key) -> None:
        self.end(card)
        self._done()


__all__ = ["Settling"]
