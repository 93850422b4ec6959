"""Work that a cancellation of its caller must not tear in two, one piece after the other."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from .errors import IllegalRequestError

T = TypeVar("T")

_log = logging.getLogger("audiosession")


class Turns:
    """Lets callers in one at a time, all of them in the event loop of the first.

    A loop that does not run any more is forgotten: the next caller's takes its place.

    Args:
        what: What the loop is that of, for the error.
        elsewhere: What to do instead of using it in another loop, for the error.
    """

    def __init__(
        self,
        what: str,
        *,
        elsewhere: str = "audiosession.blocking has a twin that every thread may use",
    ) -> None:
        self._what = what
        self._elsewhere = elsewhere
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = asyncio.Lock()

    def check_loop(self) -> None:
        """Raises IllegalRequestError when the loop of the first caller runs and is not this one.

        Raises:
            IllegalRequestError: the caller runs in another loop, and so in another thread.
        """
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        if self._loop is not None and self._loop.is_running():
            raise IllegalRequestError(
                f"{self._what} is in use in another event loop, and may be used in that one "
                f"only; {self._elsewhere}"
            )
        # A lock stays with the loop in which somebody waited for it.
        self._loop, self._lock = loop, asyncio.Lock()

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop of the first caller; ``None`` before there was one."""
        return self._loop

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One caller's turn.

        Raises:
            IllegalRequestError: as :meth:`check_loop`.
        """
        self.check_loop()
        async with self._lock:
            yield


def caller_cancelled() -> Callable[[], bool]:
    """Tells, when called later and from anywhere, whether the task of this call was cancelled."""
    caller = asyncio.current_task()
    assert caller is not None
    before = caller.cancelling()
    return lambda: caller.cancelling() > before


async def to_the_end(
    work: Awaitable[T], *, undo: Callable[[T], Awaitable[None]] | None = None
) -> T:
    """Awaits ``work``; a cancelled caller gets its CancelledError only once that is done.

    Args:
        work: What is to be done as a whole or not at all.
        undo: Takes back what was done when the caller was cancelled meanwhile; given the
            result. What it raises is logged.
    """
    task = _own_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _outlast(task)
        if undo is not None and not task.cancelled() and task.exception() is None:
            undoing = _own_task(undo(task.result()))
            await _outlast(undoing)
            if not undoing.cancelled() and (error := undoing.exception()) is not None:
                _log.error("a cancelled call could not be undone", exc_info=error)
        raise


def makes_own_task() -> bool:
    """Whether the task being made in this thread is one that :func:`to_the_end` waits for."""
    return _making.own


class _Making(threading.local):
    own = False


_making = _Making()


def _own_task(work: Awaitable[T]) -> asyncio.Future[T]:
    _making.own = True
    try:
        # A TaskGroup would cancel the work together with its caller.
        return asyncio.ensure_future(work)  # noqa: TID251
    finally:
        _making.own = False


async def _outlast(task: asyncio.Future[T]) -> None:
    """Waits until the task is done, however often the caller is cancelled meanwhile."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue


__all__ = ["Turns", "caller_cancelled", "to_the_end"]
