"""Time for the service: a clock and callbacks at times, the event loop's or one moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol


class TimerHandle(Protocol):
    """A callback that is due."""

    def cancel(self) -> object:
        """Forgets the callback; does nothing when it ran already."""


class Scheduler(Protocol):
    """A clock and callbacks. :class:`~audiosession.hosts.simulated.VirtualClock` is one too."""

    @property
    def now(self) -> float:
        """The time in seconds; never runs backwards."""

    def call_at(self, at: float, callback: Callable[[], None]) -> TimerHandle:
        """Runs ``callback`` at that time."""


class LoopScheduler:
    """The running event loop's clock and timers."""

    @property
    def now(self) -> float:
        """The loop's time in seconds."""
        return asyncio.get_running_loop().time()

    def call_at(self, at: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Runs ``callback`` at that time of the loop's clock."""
        return asyncio.get_running_loop().call_at(at, callback)


async def wait_until(scheduler: Scheduler, at: float) -> None:
    """Returns when the scheduler's clock has reached ``at``."""
    if at <= scheduler.now:
        return
    reached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    timer = scheduler.call_at(at, lambda: None if reached.done() else reached.set_result(None))
    try:
        await reached
    finally:
        timer.cancel()


__all__ = ["LoopScheduler", "Scheduler", "TimerHandle", "wait_until"]
