"""Where the calls of Audio Session Services are carried out, and where its listeners run.

Its functions block, and return when all is done. An app on a simulated device is served in
the thread that calls; there listeners run at once, before anybody else hears. Any other app
is served in the sessions' thread of :mod:`audiosession.blocking`; there listeners are handed
to a thread of their own or to an event loop, so that they may call these functions.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Protocol, TypeVar, cast

from audiosession import blocking
from audiosession._tasks import makes_own_task
from audiosession.errors import IllegalRequestError
from audiosession.hosts.base import Host
from audiosession.session import AudioSession
from audiosession.streams import MAX_BUFFERED

T = TypeVar("T")

PATIENCE_S = 30.0
"""How long a call on a simulated device waits for those of other threads, in seconds."""

_one_at_a_time = threading.RLock()

_log = logging.getLogger("audiosession")


class Place(Protocol):
    """Where a session is served."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries out what may take a while, to its end."""

    def call(self, function: Callable[[], T]) -> T:
        """Calls what takes no time."""

    def tell(
        self, loop: asyncio.AbstractEventLoop | None, *functions: Callable[[], object]
    ) -> None:
        """Has listeners run, in order; ``None`` as the loop: wherever listeners run here."""


class Here:
    """The thread that calls, with a running event loop or without.

    Args:
        session: Whose calls are carried out.
    """

    def __init__(self, session: AudioSession) -> None:
        self._session = session
        self._around: list[asyncio.AbstractEventLoop | None] = []
        self._told = _Told()
        self._handed_over = _HandedOver()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries it out in an event loop of its own, while the present one stands still.

        Waits for the calls of other threads.

        Raises:
            IllegalRequestError: another call of the session waits for this one to return, or
                its event loop runs in another thread.
        """
        if not _one_at_a_time.acquire(timeout=PATIENCE_S):
            work.close()
            raise IllegalRequestError(
                f"a call of another thread has not returned for {PATIENCE_S:g} s; it may wait for "
                "this one"
            )
        try:
            return self._run(work)
        finally:
            _one_at_a_time.release()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        turns = self._session._turns
        loop, lock = turns._loop, turns._lock
        around = asyncio._get_running_loop()
        # A loop of ours that runs is one of this thread, the only one that is let in.
        ours = isinstance(loop, _Loop) or loop in (around, *self._around)
        if loop is not None and loop.is_running() and not ours:
            work.close()
            raise IllegalRequestError(
                "the app's session is in use in an event loop of another thread"
            )
        own = _Loop(around)
        self._around.append(around)
        asyncio._set_running_loop(None)
        # The loop that was stands still: for now this one is the session's.
        turns._loop, turns._lock = own, cast(asyncio.Lock, _Shut()) if lock.locked() else lock
        try:
            return own.carry_out(work)
        finally:
            turns._loop, turns._lock = loop, lock
            own.close()
            self._around.pop()
            asyncio._set_running_loop(around)

    def call(self, function: Callable[[], T]) -> T:
        """Calls it."""
        return function()

    def tell(
        self, loop: asyncio.AbstractEventLoop | None, *functions: Callable[[], object]
    ) -> None:
        """Calls them at once, unless the loop runs in another thread.

        What a listener does may be something to tell in turn. Whoever has not heard of the
        first happening hears of it before anybody hears of the second.
        """
        ours = (asyncio._get_running_loop(), *self._around)
        if not (loop is None or loop in ours or not loop.is_running()):
            self._handed_over.add(functions, loop)
            return
        waiting = self._told.waiting
        waiting.extend(functions)
        running = asyncio._get_running_loop()
        if isinstance(running, _Loop):
            asyncio._set_running_loop(running.around)
        try:
            while waiting:
                waiting.popleft()()
        finally:
            asyncio._set_running_loop(running)
            # Left over only where a listener ends the program.
            waiting.clear()


class _Loop(asyncio.SelectorEventLoop):
    """Carries out one call of the session.

    Whoever hears of it may start tasks. These are no part of the call, so they belong to the
    loop that stands still meanwhile; without one they are carried out before the call returns.

    Args:
        around: The loop that stands still, or ``None``.
    """

    def __init__(self, around: asyncio.AbstractEventLoop | None) -> None:
        super().__init__()
        app_loop = around.around if isinstance(around, _Loop) else around
        self.around: asyncio.AbstractEventLoop | None = app_loop
        """The loop of the app, or ``None``."""
        self._work: Coroutine[Any, Any, Any] | None = None

    def carry_out(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end."""
        self._work = work
        try:
            return self.run_until_complete(work)
        finally:
            if left := asyncio.all_tasks(self):
                self._work = self._wait_for(left)
                self.run_until_complete(self._work)

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        """Makes a task of what is a part of the call, and hands on anything else."""
        if self.around is None or coro is self._work or makes_own_task():
            return super().create_task(coro, **options)
        return self.around.create_task(coro, **options)

    @staticmethod
    async def _wait_for(tasks: set[asyncio.Task[Any]]) -> None:
        _, late = await asyncio.wait(tasks, timeout=PATIENCE_S)
        for task in late:
            _log.error("given up after %g s, as no event loop runs: %r", PATIENCE_S, task)
            task.cancel()
        if late:
            await asyncio.wait(late)


class _Told(threading.local):
    """Who is to be told yet, in this thread."""

    def __init__(self) -> None:
        self.waiting: deque[Callable[[], object]] = deque()


class _Shut:
    """In place of a session's lock that somebody holds who waits for this call to return."""

    def locked(self) -> bool:
        """Always."""
        return True

    async def __aenter__(self) -> None:
        raise IllegalRequestError(
            "a listener of Audio Session Services asks for another category or activation while "
            "the call that it was told about still goes on; let that return first"
        )

    async def __aexit__(self, *error: object) -> None:
        """Never entered."""


class There:
    """The sessions' thread.

    Args:
        session: What is closed when the program ends.
    """

    def __init__(self, session: AudioSession) -> None:
        self._worker = blocking._the_worker()
        self._session = session
        self._closing: blocking.AudioSession | None = None
        self._handed_over = _HandedOver()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries it out there; the calling thread waits.

        Raises:
            IllegalRequestError: called in that thread, which would wait for itself.
        """
        result = self._worker.run(work)
        if self._closing is None:
            self._closing = blocking.AudioSession(self._session)
        return result

    def call(self, function: Callable[[], T]) -> T:
        """Calls it there."""

        async def calling() -> T:
            return function()

        if threading.current_thread() is self._worker.thread:
            return function()
        return self._worker.run(calling())

    def tell(
        self, loop: asyncio.AbstractEventLoop | None, *functions: Callable[[], object]
    ) -> None:
        """Hands them to the loop, or to the thread that is the main run loop."""
        self._handed_over.add(functions, loop)


class _HandedOver:
    """Listeners that are to run elsewhere and have not yet; so many and no more.

    They pile up where one does not return, or where the loop they belong to does not run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting = 0
        self._full = False

    def add(
        self, functions: Iterable[Callable[[], object]], loop: asyncio.AbstractEventLoop | None
    ) -> None:
        """Hands them to the loop, or to the main run loop."""
        for function in functions:
            with self._lock:
                if self._waiting >= MAX_BUFFERED:
                    if not self._full:
                        _log.error(
                            "a listener was not called: %d calls wait for one that does not "
                            "return, or for an event loop that does not run",
                            MAX_BUFFERED,
                        )
                    self._full = True
                    return
                self._waiting += 1
            if loop is None:
                MainRunLoop.instance().perform(partial(self._run, function))
                continue
            try:
                loop.call_soon_threadsafe(self._run, function)
            except RuntimeError:
                with self._lock:
                    self._waiting -= 1
                _log.error("a listener was not called: the event loop it was to run in is closed")
                return

    def _run(self, function: Callable[[], object]) -> None:
        with self._lock:
            self._waiting -= 1
            self._full = False
        function()


class MainRunLoop:
    """A thread that runs listeners one after the other, as an app's main run loop does."""

    _shared: MainRunLoop | None = None
    _lock = threading.Lock()

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self.thread = threading.Thread(
            target=self._serve, name="audiosession main run loop", daemon=True
        )
        self.thread.start()

    @classmethod
    def instance(cls) -> MainRunLoop:
        """The one of this process."""
        with cls._lock:
            # After a fork the thread exists in the parent only.
            if cls._shared is None or not cls._shared.thread.is_alive():
                cls._shared = cls()
            return cls._shared

    def perform(self, function: Callable[[], object]) -> None:
        """Runs it after what was handed in before."""
        self._queue.put(function)

    def _serve(self) -> None:
        while True:
            try:
                self._queue.get()()
            except BaseException:
                # sys.exit() ends no program from here, and must not end this thread alone.
                _log.exception("a listener tried to end its thread")


def place_of(session: AudioSession) -> Place:
    """Where the session is served: here on a simulated device that tests move, else there."""
    return Here(session) if _stands_still(session._use_host()) else There(session)


def _stands_still(host: Host) -> bool:
    """Whether nothing happens on the host but what this process has it do."""
    if host.name != "simulated":
        return False
    from audiosession.hosts.simulated import ClockMode
    from audiosession.hosts.simulated.host import SimulatedHost

    return isinstance(host, SimulatedHost) and host._app.device.clock.mode is not ClockMode.REAL
