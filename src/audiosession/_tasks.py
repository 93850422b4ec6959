"""Work that a cancellation of its caller must not tear in two."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_log = logging.getLogger("audiosession")


async def to_the_end(
    work: Awaitable[T], *, undo: Callable[[T], Awaitable[None]] | None = None
) -> T:
    """Awaits ``work``; a cancelled caller gets its CancelledError only once that is done.

    Args:
        work: What is to be done as a whole or not at all.
        undo: Takes back what was done when the caller was cancelled meanwhile; given the
            result. What it raises is logged.
    """
    # A TaskGroup would cancel the work together with its caller.
    task = asyncio.ensure_future(work)  # noqa: TID251
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _outlast(task)
        if undo is not None and not task.cancelled() and task.exception() is None:
            undoing = asyncio.ensure_future(undo(task.result()))  # noqa: TID251
            await _outlast(undoing)
            if not undoing.cancelled() and (error := undoing.exception()) is not None:
                _log.error("a cancelled call could not be undone", exc_info=error)
        raise


async def _outlast(task: asyncio.Future[T]) -> None:
    """Waits until the task is done, however often the caller is cancelled meanwhile."""
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            continue


__all__ = ["to_the_end"]
