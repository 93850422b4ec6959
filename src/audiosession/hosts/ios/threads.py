"""Between the app's event loop and native threads: one thread to call on, one way back."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

from ...errors import HostUnavailableError, HostUnavailableReason

__all__ = ["ANSWER_S", "IntoLoop", "NativeThread", "call_logged"]

T = TypeVar("T")

ANSWER_S: Final = 20.0
"""How long a native call may take, in seconds; activation is known to take several."""

_log = logging.getLogger("audiosession")


class NativeThread:
    """One thread, on which native calls are made in the order they were asked for.

    Apple's headers call activation a call that blocks and may take long; on the main thread it
    would hold up what is drawn. The thread starts with its first call and keeps no program
    alive.

    Args:
        name: The thread's name.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Callable[[], object] | None] | None = None

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns or raises, on the thread.

        A caller that is cancelled takes back what has not begun.

        Raises:
            HostUnavailableError: ``TIMED_OUT``, there is no answer within :data:`ANSWER_S`;
                the call may still take effect, and the next one waits for it.
        """
        answer: Future[T] = Future()

        def work() -> None:
            if not answer.set_running_or_notify_cancel():
                return
            try:
                result = call()
            except BaseException as error:
                answer.set_exception(error)
            else:
                answer.set_result(result)

        self.post(work)
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.wrap_future(answer)
        except TimeoutError:
            raise HostUnavailableError(HostUnavailableReason.TIMED_OUT) from None

    def post(self, call: Callable[[], object]) -> None:
        """Has a call made without anybody waiting for it; one that raises is logged."""
        with self._lock:
            if self._waiting is None:
                self._waiting = queue.SimpleQueue()
                threading.Thread(
                    target=_serve, args=(self._waiting,), name=self._name, daemon=True
                ).start()
            self._waiting.put(call)

    def end(self) -> None:
        """Ends the thread after what it was asked for; the next call starts another one."""
        with self._lock:
            if self._waiting is not None:
                self._waiting.put(None)
                self._waiting = None


def _serve(waiting: queue.SimpleQueue[Callable[[], object] | None]) -> None:
    while (call := waiting.get()) is not None:
        try:
            call()
        except Exception:
            _log.exception("a native call failed")


class IntoLoop:
    """Brings what native threads say into an event loop, in the order it was said."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def bound(self) -> bool:
        """Whether there is a loop that can be told anything."""
        return self._loop is not None and not self._loop.is_closed()

    def bind(self) -> None:
        """From now on into the loop that runs here.

        Raises:
            RuntimeError: none runs here.
        """
        self._loop = asyncio.get_running_loop()

    def say(self, hear: Callable[..., object], *args: Any) -> None:
        """Has a function called in the loop; from any thread.

        Without a loop, or after its end, nobody is there to hear. A function that raises is
        logged, and the native thread never sees it.
        """
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(call_logged, hear, *args)
        except RuntimeError:
            _log.debug("the event loop is closed and hears nothing more")


def call_logged(hear: Callable[..., object], *args: Any) -> None:
    """Calls a function; what it raises is logged."""
    try:
        hear(*args)
    except Exception:
        _log.exception("what the phone said could not be told")
