"""Between the app's event loop and native threads: one thread to call on, one way back."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, TypeVar

from ...errors import HostUnavailableError, HostUnavailableReason

__all__ = ["ANSWER_S", "KEPT", "IntoLoop", "NativeThread", "call_logged"]

T = TypeVar("T")

ANSWER_S: Final = 20.0
"""How long a native call may take, in seconds; activation is known to take several."""

KEPT: Final = 1000
"""How much of what is said waits for the next event loop; the oldest goes first."""

_log = logging.getLogger("audiosession")


class NativeThread:
    """One thread, on which native calls are made in the order they were asked for.

    Apple's headers call activation a call that blocks and may take long; on the main thread it
    would hold up what is drawn. The thread starts with its first call and keeps no program
    alive.

    Args:
        name: The thread's name.
        around: What each call is made in, such as a pool for the native objects it leaves.
    """

    def __init__(
        self,
        name: str,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._name = name
        self._around = around
        self._lock = threading.Lock()
        self._waiting: queue.SimpleQueue[Callable[[], object] | None] | None = None
        self._thread: threading.Thread | None = None

    async def run(
        self, call: Callable[[], T], late: Callable[[Future[T]], object] | None = None
    ) -> T:
        """What the call returns or raises, on the thread.

        A caller that is cancelled, or waits no longer, takes back what has not begun.

        Args:
            call: What is called.
            late: Called with the answer that comes when nobody waits for it any more; on any
                thread. What was taken back has none.

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
        except (TimeoutError, asyncio.CancelledError) as error:
            if late is not None and not answer.cancel():
                answer.add_done_callback(late)
            if isinstance(error, TimeoutError):
                raise HostUnavailableError(HostUnavailableReason.TIMED_OUT) from None
            raise

    def post(self, call: Callable[[], object]) -> None:
        """Has a call made without anybody waiting for it; one that raises is logged."""
        with self._lock:
            if self._waiting is None:
                self._waiting = queue.SimpleQueue()
                self._thread = threading.Thread(
                    target=_serve,
                    args=(self._waiting, self._around, self._thread),
                    name=self._name,
                    daemon=True,
                )
                self._thread.start()
            self._waiting.put(call)

    def end(self) -> None:
        """Ends the thread after what it was asked for; the next call starts another one.

        What the thread before is still at comes first then, too.
        """
        with self._lock:
            if self._waiting is not None:
                self._waiting.put(None)
                self._waiting = None


def _serve(
    waiting: queue.SimpleQueue[Callable[[], object] | None],
    around: Callable[[], AbstractContextManager[object]],
    before: threading.Thread | None,
) -> None:
    if before is not None:
        before.join()
    while (call := waiting.get()) is not None:
        try:
            with around():
                call()
        except Exception:
            _log.exception("a native call failed")


class IntoLoop:
    """Brings what native threads say into an event loop, in the order it was said.

    What is said after the end of the loop waits for the next one, the last :data:`KEPT` of it.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._said: deque[Callable[[], object]] = deque()
        # The loop that is about to tell what was said.
        self._woken: asyncio.AbstractEventLoop | None = None

    @property
    def leads_here(self) -> bool:
        """Whether it is into the loop that runs here.

        Raises:
            RuntimeError: none runs here.
        """
        return self._loop is asyncio.get_running_loop()

    def bind(self) -> bool:
        """From now on into the loop that runs here, unless the one before still runs.

        Returns:
            Whether it is the loop that runs here.

        Raises:
            RuntimeError: none runs here.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            if self._loop is not None and self._loop.is_running():
                return False
            self._loop = loop
            if self._said:
                loop.call_soon(self._tell, loop)
        return True

    def say(self, hear: Callable[[], object]) -> None:
        """Has a function called in the loop; from any thread.

        Before there is a loop nobody is there to hear. A function that raises is logged, and
        the native thread never sees it.
        """
        if self._loop is None:
            return
        self._said.append(hear)
        # Read after that, since another loop may just take over.
        loop = self._loop
        # Once is enough: a loop that is stopped would collect them.
        if self._woken is not loop:
            self._woken = loop
            try:
                loop.call_soon_threadsafe(self._tell, loop)
            except RuntimeError:
                _log.debug("the event loop is closed, and the phone still says something")
        while len(self._said) > KEPT and not loop.is_running():
            self._next()

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is not self._loop:
            # It was stopped, and another one has taken over before it runs again.
            return
        # Before what was said is looked at: what is said from now on wakes the loop again.
        self._woken = None
        try:
            while (hear := self._next()) is not None:
                call_logged(hear)
        finally:
            if self._said:
                # One of them ended this, as the result of a task does that was cancelled.
                loop.call_soon(self._tell, loop)

    def _next(self) -> Callable[[], object] | None:
        """What was said first of what waits; another thread may be faster."""
        try:
            return self._said.popleft()
        except IndexError:
            return None


def call_logged(hear: Callable[..., object], *args: Any) -> None:
    """Calls a function; what it raises is logged."""
    try:
        hear(*args)
    except Exception:
        _log.exception("what the phone said could not be told")
