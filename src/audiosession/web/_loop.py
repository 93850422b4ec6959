"""A page's event loop: what it does later, and what it asks of the platform."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from audiosession._tasks import Turns

__all__ = ["PageLoop"]

_log = logging.getLogger("audiosession")

Work = Callable[[], Awaitable[None]]


class PageLoop:
    """The queues of one page, both in order and both in the asyncio loop of its first use.

    Steps run in a turn of their own, after what is at hand. Work is what the platform has to
    answer; the next piece begins when the one before it ended.
    """

    def __init__(self) -> None:
        self._turns = Turns("this page")
        self._steps = 0
        self._work: deque[Work] = deque()
        self._worker: asyncio.Future[None] | None = None

    def check(self) -> None:
        """Raises where nothing can be queued.

        Raises:
            RuntimeError: No event loop runs here.
            IllegalRequestError: The page is in use in another event loop.
        """
        self._turns.check_loop()

    def queue(self, step: Callable[[], None]) -> None:
        """Has a step run in a turn of its own."""
        self._steps += 1

        def run() -> None:
            self._steps -= 1
            step()

        asyncio.get_running_loop().call_soon(run)

    def ask(self, work: Work) -> None:
        """Has work done when all that was asked before is done. What it raises is logged."""
        self._work.append(work)
        if self._worker is None or self._worker.done():
            # Nobody awaits what a page asks for; it outlives the call that asks.
            self._worker = asyncio.ensure_future(self._run())  # noqa: TID251

    async def settled(self) -> None:
        """Waits until nothing is queued any more."""
        while True:
            worker = self._worker
            if worker is not None and not worker.done():
                await asyncio.wait([worker])
            elif self._steps:
                await asyncio.sleep(0)
            else:
                return

    async def _run(self) -> None:
        while self._work:
            try:
                await self._work.popleft()()
            except Exception:
                _log.exception("what a page asked of its host failed")
