"""Work that may hang, as a sound server or a driver does that stands still."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar, cast

__all__ = ["Ends", "in_thread", "open_in_thread"]

T = TypeVar("T")


class Ends(Protocol):
    """What is open, and has to be ended by somebody."""

    def end(self) -> None:
        """Ends it, in any thread; may hang."""


E = TypeVar("E", bound=Ends)


async def in_thread(work: Callable[[], T], timeout_s: float) -> T:
    """Runs something in a thread that nobody waits for when it takes too long.

    Raises:
        TimeoutError: it takes longer.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(cast(T, result))

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as failure:
            error = failure
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, result, error)

    _start(run)
    async with asyncio.timeout(timeout_s):
        return await done


async def open_in_thread(make: Callable[[], E], timeout_s: float) -> E:
    """Opens something in a thread; what nobody waits for any more is ended when it is open.

    Raises:
        TimeoutError: it takes longer.
    """
    lock = threading.Lock()
    opened: list[E] = []
    abandoned = False

    def work() -> E:
        made = make()
        with lock:
            wanted = not abandoned
            if wanted:
                opened.append(made)
        if not wanted:
            made.end()
        return made

    try:
        return await in_thread(work, timeout_s)
    except BaseException:
        with lock:
            abandoned = True
        for made in opened:
            _start(made.end)
        raise


def _start(work: Callable[[], object]) -> None:
    # The program's end does not wait for it, as it would for a thread of the loop's own.
    threading.Thread(target=work, name="audiosession device", daemon=True).start()
