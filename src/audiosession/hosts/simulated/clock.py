"""A clock that is moved by hand, as fast as possible, or by real time."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from ...errors import InvalidTypeError, InvalidValueError, TimeBackwardsError


class ClockMode(Enum):
    """Who moves a virtual clock."""

    MANUAL = "manual"
    """Only :meth:`VirtualClock.advance`; who waits for a time waits until somebody advances."""
    FAST = "fast"
    """As MANUAL, and waiting for a time moves the clock there at once."""
    REAL = "real"
    """The machine's monotonic clock, from 0 at the clock's making."""


_LATEST = 1e300
"""Far beyond any clock, and near enough to add a time to."""


class Timer:
    """A callback due at a time; ``cancel()`` forgets it."""

    __slots__ = ("_forget", "at", "callback", "cancelled")

    def __init__(self, at: float, callback: Callable[[], None], forget: Callable[[], None]) -> None:
        self.at = at
        self.callback = callback
        self.cancelled = False
        self._forget = forget

    def cancel(self) -> None:
        """Forgets the callback; does nothing when it ran already."""
        if not self.cancelled:
            self.cancelled = True
            self._forget()


class VirtualClock:
    """Seconds from 0, and callbacks at times. Callbacks run in order of time, then of arrival."""

    def __init__(self, mode: ClockMode = ClockMode.MANUAL) -> None:
        if not isinstance(mode, ClockMode):
            raise InvalidTypeError("mode", mode, expected="a ClockMode")
        self.mode = mode
        self._now = 0.0
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._cancelled = 0
        self._started = time.monotonic()
        self._armed: asyncio.TimerHandle | None = None
        self._running = 0

    @property
    def now(self) -> float:
        """The time in seconds."""
        if self.mode is ClockMode.REAL and not self._running:
            self._now = max(self._now, time.monotonic() - self._started)
        return self._now

    def call_at(self, at: float, callback: Callable[[], None]) -> Timer:
        """Runs ``callback`` when the clock reaches ``at``; a time gone by runs at the next move.

        On a clock that follows real time callbacks run in the event loop in which this is
        called; without one they wait for the next call in a loop.

        Raises:
            InvalidTypeError: ``at`` is no number, or the callback no function.
            InvalidValueError: ``at`` is not finite.
        """
        _check("at", at)
        if not callable(callback):
            raise InvalidTypeError("callback", callback, expected="a function")
        timer = Timer(at, callback, self._one_cancelled)
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, timer))
        self._arm()
        return timer

    def advance(self, seconds: float) -> None:
        """Moves the clock on, running what falls due on the way, each at its own time.

        Raises:
            TimeBackwardsError: a negative number of seconds.
            InvalidValueError: the clock follows real time, or the number is not finite.
        """
        _check("seconds", seconds)
        self.advance_to(self._now + seconds)

    def advance_to(self, at: float) -> None:
        """Moves the clock to a time in seconds; see :meth:`advance`.

        Raises:
            TimeBackwardsError: the time is gone by.
            InvalidValueError: the clock follows real time, or the time is not finite.
        """
        _check("at", at)
        if self.mode is ClockMode.REAL:
            raise InvalidValueError("mode", self.mode.value, expected="manual or fast to be moved")
        if at < self._now:
            raise TimeBackwardsError(at, self._now)
        self._run_until(at)

    def catch_up(self) -> None:
        """Runs what is overdue on a clock that follows real time."""
        if self.mode is ClockMode.REAL and not self._running:
            self._run_until(max(self._now, time.monotonic() - self._started))

    @contextmanager
    def still(self) -> Iterator[None]:
        """Time stands still meanwhile on a clock that follows real time."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    async def wait_until(self, at: float) -> None:
        """Returns when the clock has reached ``at``."""
        # Others get a turn first, so that a clock that jumps does not starve them.
        await asyncio.sleep(0)
        if self.mode is ClockMode.FAST:
            self.advance_to(max(at, self._now))
            return
        if at <= self.now:
            return
        reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(at, lambda: None if reached.done() else reached.set_result(None))
        try:
            await reached
        finally:
            timer.cancel()

    def next_timer(self) -> float | None:
        """When the next callback is due; ``None`` when there is none."""
        while self._heap and self._heap[0][2].cancelled:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def _one_cancelled(self) -> None:
        self._cancelled += 1
        # Timers far ahead would pile up; sorting them out this rarely costs next to nothing.
        if self._cancelled > 64 and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if not entry[2].cancelled]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def _run_until(self, at: float) -> None:
        # A callback may move the clock itself: what is due on that way runs inside of it.
        self._running += 1
        try:
            while (due := self.next_timer()) is not None and due <= at:
                timer = heapq.heappop(self._heap)[2]
                # So that cancelling it from now on counts for nothing.
                timer.cancelled = True
                self._now = max(self._now, due)
                timer.callback()
            self._now = max(self._now, at)
        finally:
            self._running -= 1
            self._arm()

    def _arm(self) -> None:
        if self.mode is not ClockMode.REAL:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._armed is not None:
            self._armed.cancel()
            self._armed = None
        due = self.next_timer()
        if due is not None:
            delay = max(0.0, due - (time.monotonic() - self._started))
            self._armed = loop.call_later(delay, self.catch_up)


def _check(name: str, value: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTypeError(name, value, expected="a number")
    # Compared, not converted: an integer may be larger than any float.
    if not abs(value) <= _LATEST:
        raise InvalidValueError(name, value, expected="a finite number of seconds")
