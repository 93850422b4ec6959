"""The one API for programs without an event loop: the same session, calls that block.

Every method here is the asynchronous one, run to its end in a thread of its own that all
blocking sessions of the process share; there is no second implementation. Listeners and
players are called in that thread, so they should be quick and must not call a blocking
method themselves.

Example::

    from audiosession import AudioSessionConfiguration
    from audiosession.blocking import AudioSession

    session = AudioSession.instance()
    session.configure(AudioSessionConfiguration.navigation_prompt())
    with session.activated():
        speak("turn left")
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from . import session as _async
from .android.attributes import AndroidAudioAttributes
from .android.constants import AndroidAudioFocusGainType
from .configuration import AudioSessionConfiguration
from .devices import AudioDevice, AudioDevicesChangedEvent
from .errors import IllegalRequestError
from .hosts.base import Capability, Host
from .interruptions import AudioInterruptionEvent
from .players import InterruptionHandler, Player
from .streams import EventIterator, EventStream, Subscription

EXIT_TIMEOUT_S = 5.0
"""How long the end of the program waits for its sessions to close."""

_log = logging.getLogger("audiosession")

P = ParamSpec("P")
T = TypeVar("T")


class _Open(Protocol):
    """What is closed when the program ends."""

    _called: str

    def _closing(self) -> Coroutine[Any, Any, None]: ...


class _Worker:
    """A thread with an event loop, for all blocking sessions of one process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._serve, name="audiosession", daemon=True)
        self.open: weakref.WeakSet[_Open] = weakref.WeakSet()
        self.thread.start()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def run(self, work: Coroutine[Any, Any, T], *, timeout_s: float | None = None) -> T:
        """Runs a coroutine in the thread; an interrupted caller cancels it and waits for that.

        Args:
            work: What to run.
            timeout_s: After how many seconds to leave it alone; ``None``: never.

        Raises:
            TimeoutError: it is not done yet.
        """
        if self.process != os.getpid():
            work.close()
            raise IllegalRequestError(
                "this session belongs to the process that this one was forked from, and so does "
                "its thread; make another one here"
            )
        if threading.current_thread() is self.thread:
            work.close()
            raise IllegalRequestError(
                "a blocking call was made from a listener or player, which would wait for "
                "itself; hand the work to another thread"
            )
        tasks: list[asyncio.Task[T]] = []
        finished = threading.Event()

        def start() -> None:
            # The waiting caller owns the task: it gets the result, or cancels it.
            task = self.loop.create_task(work)
            task.add_done_callback(lambda _: finished.set())
            tasks.append(task)

        self.loop.call_soon_threadsafe(start)
        try:
            if not finished.wait(timeout_s):
                raise TimeoutError
        except TimeoutError:
            raise
        except BaseException:
            self.loop.call_soon_threadsafe(lambda: tasks[0].cancel())
            finished.wait()
            raise
        return tasks[0].result()


_worker: _Worker | None = None
_worker_lock = threading.Lock()


def _the_worker() -> _Worker:
    global _worker
    with _worker_lock:
        # After a fork the thread exists in the parent only.
        if _worker is None or _worker.process != os.getpid():
            _worker = _Worker()
        return _worker


def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a plain function in the sessions' thread and gives its result.

    For what belongs to that thread, such as a simulated device that blocking sessions use.
    """

    async def call() -> T:
        return function(*args, **kwargs)

    return _the_worker().run(call())


def _blocking(
    method: Callable[Concatenate[_async.AudioSession, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[AudioSession, P], T]:
    def call(self: AudioSession, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._worker.run(method(self._session, *args, **kwargs))

    functools.update_wrapper(call, method)
    return call


class BlockingStream(Generic[T]):
    """Events, for callbacks and plain ``for`` loops."""

    def __init__(self, stream: EventStream[T], worker: _Worker) -> None:
        self._stream = stream
        self._worker = worker

    def listen(self, callback: Callable[[T], object]) -> BlockingSubscription:
        """Has ``callback`` called with every event, in the sessions' thread."""

        async def listening() -> Subscription:
            return self._stream.listen(callback)

        return BlockingSubscription(self._worker.run(listening()), self._worker)

    def __iter__(self) -> Iterator[T]:
        """Waits for events one after the other, until the session is closed."""

        async def iterating() -> EventIterator[T]:
            return aiter(self._stream)

        iterator = self._worker.run(iterating())
        return self._events(iterator)

    def _events(self, iterator: EventIterator[T]) -> Generator[T, None, None]:
        try:
            while True:
                try:
                    event = self._worker.run(anext(iterator))
                except StopAsyncIteration:
                    return
                yield event
        finally:
            self._worker.run(iterator.aclose())


class BlockingSubscription:
    """A listener's subscription; may be cancelled from any thread but the sessions' own."""

    def __init__(self, subscription: Subscription, worker: _Worker) -> None:
        self._subscription = subscription
        self._worker = worker

    @property
    def active(self) -> bool:
        """Whether the callback is still called."""
        return self._subscription.active

    def cancel(self) -> None:
        """Ends it; ending twice does nothing. No event is delivered afterwards."""

        async def cancelling() -> None:
            self._subscription.cancel()

        self._worker.run(cancelling())


class BlockingHandler:
    """As :class:`audiosession.InterruptionHandler`, from any thread but the sessions' own."""

    def __init__(self, handler: InterruptionHandler, worker: _Worker) -> None:
        self._handler = handler
        self._worker = worker

    @property
    def enabled(self) -> bool:
        """Whether events are acted on."""
        return self._handler.enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        async def switching() -> None:
            self._handler.enabled = value

        self._worker.run(switching())

    def settled(self) -> None:
        """Returns when what the events so far ask of the player is done."""
        self._worker.run(self._handler.settled())

    def cancel(self) -> None:
        """Stops listening; a player lowered by the handler gets its volume back."""

        async def cancelling() -> None:
            self._handler.cancel()

        self._worker.run(cancelling())


class AudioSession:
    """An app's audio session whose calls block; see :class:`audiosession.AudioSession`.

    May be used from several threads; calls are then served one after the other. Sessions
    that are still open when the program ends are closed, so that nothing stays lowered.

    Args:
        host: As for the asynchronous session, or such a session to wrap.
    """

    _shared: AudioSession | None = None
    _called = "a session"

    def __init__(self, host: Host | Callable[[], Host] | _async.AudioSession) -> None:
        self._worker = _the_worker()
        self._session = host if isinstance(host, _async.AudioSession) else _async.AudioSession(host)
        self._worker.open.add(self)

    @classmethod
    def instance(cls, host: str | None = None) -> AudioSession:
        """The app's one session: the same that the asynchronous ``instance()`` gives.

        A program should use the one or the other, not both.
        """
        session = _async.AudioSession.instance(host)
        shared = AudioSession._shared
        if (
            shared is None
            or shared._session is not session
            or shared._worker.process != os.getpid()
        ):
            shared = AudioSession._shared = AudioSession(session)
        return shared

    configure = _blocking(_async.AudioSession.configure)
    set_active = _blocking(_async.AudioSession.set_active)
    quiet = _blocking(_async.AudioSession.quiet)
    get_devices = _blocking(_async.AudioSession.get_devices)
    user_paused = _blocking(_async.AudioSession.user_paused)
    user_played = _blocking(_async.AudioSession.user_played)
    close = _blocking(_async.AudioSession.close)

    def _closing(self) -> Coroutine[Any, Any, None]:
        return self._session.close()

    @contextmanager
    def activated(
        self,
        *,
        quiet_timeout_s: float = _async.DEFAULT_QUIET_TIMEOUT_S,
        fallback_configuration: AudioSessionConfiguration | None = None,
    ) -> Iterator[AudioSession]:
        """Active within ``with``; see :meth:`audiosession.AudioSession.activated`.

        Raises:
            DeniedError: the activation was refused.
        """
        context = self._session.activated(
            quiet_timeout_s=quiet_timeout_s, fallback_configuration=fallback_configuration
        )

        async def enter() -> None:
            await context.__aenter__()

        async def leave() -> None:
            await context.__aexit__(None, None, None)

        self._worker.run(enter())
        try:
            yield self
        finally:
            self._worker.run(leave())

    def handle_interruptions(
        self, player: Player, *, enabled: bool = True, duck_factor: float = 0.2
    ) -> BlockingHandler:
        """Pauses, lowers and resumes ``player``, calling it in the sessions' thread.

        See :meth:`audiosession.AudioSession.handle_interruptions`.
        """

        async def handling() -> InterruptionHandler:
            return self._session.handle_interruptions(
                player, enabled=enabled, duck_factor=duck_factor
            )

        return BlockingHandler(self._worker.run(handling()), self._worker)

    @property
    def configuration(self) -> AudioSessionConfiguration | None:
        """The configuration last set, ``None`` before the first."""
        return self._session.configuration

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._session.closed

    @property
    def android_audio_attributes(self) -> AndroidAudioAttributes | None:
        """The configured Android attributes."""
        return self._session.android_audio_attributes

    @property
    def android_audio_focus_gain_type(self) -> AndroidAudioFocusGainType | None:
        """The configured Android gain type."""
        return self._session.android_audio_focus_gain_type

    @property
    def is_configured(self) -> bool:
        """Whether :meth:`configure` succeeded at least once."""
        return self._session.is_configured

    @property
    def is_active(self) -> bool:
        """Whether the session's last activation is still in force."""
        return self._session.is_active

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the host can do."""

        async def asking() -> frozenset[Capability]:
            return self._session.capabilities

        return self._worker.run(asking())

    @property
    def configuration_stream(self) -> BlockingStream[AudioSessionConfiguration]:
        """Configurations; a new listener first hears the latest."""
        return BlockingStream(self._session.configuration_stream, self._worker)

    @property
    def interruption_event_stream(self) -> BlockingStream[AudioInterruptionEvent]:
        """Interruptions of this session."""
        return BlockingStream(self._session.interruption_event_stream, self._worker)

    @property
    def becoming_noisy_event_stream(self) -> BlockingStream[None]:
        """Sound is about to come out of a loudspeaker."""
        return BlockingStream(self._session.becoming_noisy_event_stream, self._worker)

    @property
    def devices_changed_event_stream(self) -> BlockingStream[AudioDevicesChangedEvent]:
        """Devices added and removed."""
        return BlockingStream(self._session.devices_changed_event_stream, self._worker)

    @property
    def devices_stream(self) -> BlockingStream[frozenset[AudioDevice]]:
        """All devices, whenever they change."""
        return BlockingStream(self._session.devices_stream, self._worker)


@atexit.register
def _close_all() -> None:
    worker = _worker
    if worker is None or worker.process != os.getpid():
        return
    until = time.monotonic() + EXIT_TIMEOUT_S
    for one in list(worker.open):
        try:
            rest = max(0.0, until - time.monotonic())
            worker.run(one._closing(), timeout_s=rest)
        except TimeoutError:
            _log.error("%s did not close within %g s; left as it is", one._called, EXIT_TIMEOUT_S)
        except Exception:
            _log.exception("%s did not close", one._called)


__all__ = [
    "AudioSession",
    "BlockingHandler",
    "BlockingStream",
    "BlockingSubscription",
    "run",
]
