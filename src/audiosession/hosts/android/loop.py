"""From the phone's threads into the app's event loop, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Final

from ..._tasks import Turns

__all__ = ["KEPT", "LoopPost"]

_log = logging.getLogger("audiosession")

KEPT: Final = 1000
"""How many calls wait for the next event loop once one has ended; the oldest go first."""


class LoopPost:
    """Brings calls from any thread into the event loop in which it is made.

    When that loop has ended the calls wait until :meth:`enter` is called in the next one.
    """

    def __init__(self) -> None:
        self._turns = Turns(
            "this host", elsewhere="close its sessions there first, or make another host here"
        )
        self._waiting: deque[Callable[[], None]] = deque()
        self.enter()

    def enter(self) -> None:
        """Takes the running loop where the one before has ended; what waited is done in it.

        Raises:
            IllegalRequestError: the one before runs still, and so in another thread.
        """
        before = self._turns.loop
        self._turns.check_loop()
        if self._turns.loop is not before and self._waiting:
            asyncio.get_running_loop().call_soon(self.catch_up)

    def __call__(self, work: Callable[[], None]) -> None:
        """Has the loop do it; may be called on any thread. What it raises is logged."""
        self._waiting.append(work)
        # Read after that: whoever takes another loop finds the work, or this finds the loop.
        loop = self._turns.loop
        assert loop is not None, "it has been in one since it was made"
        try:
            loop.call_soon_threadsafe(self.catch_up)
        except RuntimeError:
            _log.debug("the event loop is closed, and the phone still tells it something")
            while len(self._waiting) > KEPT:
                self._waiting.popleft()

    def catch_up(self) -> None:
        """Does in the loop, at once, what was handed over so far."""
        while self._waiting:
            work = self._waiting.popleft()
            try:
                work()
            except Exception:
                _log.exception("what the phone told could not be handed on")
