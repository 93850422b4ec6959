"""From the phone's threads into the app's event loop, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

__all__ = ["LoopPost"]

_log = logging.getLogger("audiosession")


class LoopPost:
    """Brings calls from any thread into the event loop in which it is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Callable[[], None]] = deque()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop."""
        return self._loop

    def __call__(self, work: Callable[[], None]) -> None:
        """Has the loop do it; may be called on any thread. What it raises is logged."""
        self._waiting.append(work)
        try:
            self._loop.call_soon_threadsafe(self.catch_up)
        except RuntimeError:
            # Nobody is there any more to hear of it.
            self._waiting.clear()
            _log.debug("the event loop is closed, and the phone still tells it something")

    def catch_up(self) -> None:
        """Does in the loop, at once, what was handed over so far."""
        while self._waiting:
            work = self._waiting.popleft()
            try:
                work()
            except Exception:
                _log.exception("what the phone told could not be handed on")
