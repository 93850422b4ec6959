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
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar, cast

from audiosession import blocking
from audiosession.errors import IllegalRequestError
from audiosession.hosts.base import Host
from audiosession.session import AudioSession

T = TypeVar("T")

_log = logging.getLogger("audiosession")


class Place(Protocol):
    """Where a session is served."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries out what may take a while, to its end."""

    def call(self, function: Callable[[], T]) -> T:
        """Calls what takes no time."""

    def tell(self, loop: asyncio.AbstractEventLoop | None, function: Callable[[], object]) -> None:
        """Has a listener run; ``None`` as the loop: wherever listeners run here."""


class Here:
    """The thread that calls, with a running event loop or without.

    Args:
        session: Whose calls are carried out.
    """

    def __init__(self, session: AudioSession) -> None:
        self._session = session
        self._around: list[asyncio.AbstractEventLoop | None] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Carries it out in an event loop of its own, while the present one stands still.

        Raises:
            IllegalRequestError: another call of the session waits for this one to return, or
                its event loop runs in another thread.
        """
        turns = self._session._turns
        loop, lock = turns._loop, turns._lock
        around = asyncio._get_running_loop()
        if loop is not None and loop.is_running() and loop not in (around, *self._around):
            work.close()
            raise IllegalRequestError(
                "the app's session is in use in an event loop of another thread"
            )
        own = asyncio.new_event_loop()
        self._around.append(around)
        asyncio._set_running_loop(None)
        # The loop that was stands still: for now this one is the session's.
        turns._loop, turns._lock = own, cast(asyncio.Lock, _Shut()) if lock.locked() else lock
        try:
            return own.run_until_complete(work)
        finally:
            turns._loop, turns._lock = loop, lock
            own.close()
            self._around.pop()
            asyncio._set_running_loop(around)

    def call(self, function: Callable[[], T]) -> T:
        """Calls it."""
        return function()

    def tell(self, loop: asyncio.AbstractEventLoop | None, function: Callable[[], object]) -> None:
        """Calls it at once, unless the loop runs in another thread."""
        ours = (asyncio._get_running_loop(), *self._around)
        if loop is None or loop in ours or not loop.is_running():
            function()
        else:
            loop.call_soon_threadsafe(function)


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

    def tell(self, loop: asyncio.AbstractEventLoop | None, function: Callable[[], object]) -> None:
        """Hands it to the loop, or to the thread that is the main run loop."""
        if loop is None:
            MainRunLoop.instance().perform(function)
            return
        try:
            loop.call_soon_threadsafe(function)
        except RuntimeError:
            _log.error("a listener was not called: the event loop it was to run in is closed")


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
            self._queue.get()()


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
