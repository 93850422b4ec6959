"""A page's event loop: what it does later, and what it asks of the platform."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from audiosession._tasks import Turns
from audiosession.errors import IllegalRequestError

__all__ = ["PageLoop"]

_log = logging.getLogger("audiosession")

Work = Callable[[], Awaitable[None]]


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class PageLoop:
    """The queues of one page, both in order and both in the asyncio loop of its first use.

    Steps run in a turn of their own, after what is at hand. Work is what the platform has to
    answer; the next piece begins when the one before it ended.
    """

    def __init__(self) -> None:
        self._turns = Turns(
            "this page",
            elsewhere="another thread hands its calls over with loop.call_soon_threadsafe()",
        )
        self._steps = 0
        self._work: deque[Work] = deque()
        self._worker: asyncio.Future[None] | None = None

    def check(self) -> None:
        """Raises where nothing can be queued.

        Raises:
            IllegalRequestError: No event loop runs here, or the page is in use in another one.
        """
        if _running_loop() is None:
            raise IllegalRequestError(
                "a page does its work in an event loop, and none runs here; call this in a "
                "coroutine that asyncio.run() runs"
            )
        self._turns.check_loop()

    @property
    def idle(self) -> bool:
        """Whether nothing is asked of the platform, and this is the loop to ask it in."""
        busy = self._work or (self._worker is not None and not self._worker.done())
        return not busy and self._turns.loop is _running_loop()

    def queue(self, step: Callable[[], None]) -> None:
        """Has a step run in a turn of its own."""
        self._steps += 1

        def run() -> None:
            self._steps -= 1
            step()

        loop = self._turns.loop
        if loop is None or loop.is_closed():
            # No turn will come; a host reports even so.
            run()
        elif _running_loop() is loop:
            loop.call_soon(run)
        else:
            loop.call_soon_threadsafe(run)

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
