"""Streams of events: heard through a callback or read with ``async for``.

An :class:`EventSource` belongs to whoever makes the events; it hands out its
:class:`EventStream`, on which nothing can be published.

Nothing here is thread safe: a source, its stream, its subscriptions and its iterators
belong to one thread, for iterators the one that runs their event loop.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from enum import Enum
from types import TracebackType
from typing import Final, Generic, Protocol, TypeVar

from audiosession.errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    LimitError,
    StreamOverflowError,
)

__all__ = ["EventIterator", "EventSource", "EventStream", "Subscription"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)

MAX_LISTENERS: Final = 1000
"""Most listeners and iterators of one stream at a time."""
MAX_BUFFERED: Final = 1000
"""Most events that wait for one iterator to read them."""
MAX_PENDING: Final = 1000
"""Most events that wait for delivery because they were published during a delivery."""

_log = logging.getLogger("audiosession")


class _Nothing(Enum):
    """Stands for an event that has never been published; ``None`` may well be one."""

    NOTHING = 0


_NOTHING: Final = _Nothing.NOTHING


class _Listener(Protocol[T_contra]):
    """What a source keeps of each of its listeners."""

    active: bool

    def hear(self, event: T_contra) -> None:
        """Takes one event; never raises an ``Exception``."""

    def finish(self) -> None:
        """Learns that no event will come any more."""


class Subscription:
    """One callback's place among the listeners of a stream.

    As a context manager it cancels itself at the end of the block.
    """

    __slots__ = ("_cancel", "_listener")

    def __init__(self, listener: _Listener[T], cancel: Callable[[], None]) -> None:
        self._listener = listener
        self._cancel = cancel

    @property
    def active(self) -> bool:
        """Whether the callback still hears events: neither cancelled nor the stream closed."""
        return self._listener.active

    def cancel(self) -> None:
        """Ends the subscription at once; a second call does nothing.

        Cancelled while an event is being delivered, a callback that has not heard that
        event yet does not hear it.
        """
        self._listener.active = False
        self._cancel()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    def __repr__(self) -> str:
        return f"<Subscription {'active' if self.active else 'ended'}>"


class _Callback(Generic[T]):
    """A listener that calls a function."""

    __slots__ = ("_function", "_stream", "active")

    def __init__(self, function: Callable[[T], object], stream: str) -> None:
        self._function = function
        self._stream = stream
        self.active = True

    def hear(self, event: T) -> None:
        try:
            result = self._function(event)
        except Exception:
            _log.exception("callback %s of stream %s failed", _name(self._function), self._stream)
            return
        if inspect.iscoroutine(result):
            result.close()
            _log.error(
                "callback %s of stream %s returned a coroutine, which is not run; use async for",
                _name(self._function),
                self._stream,
            )

    def finish(self) -> None:
        self.active = False


class _Buffer(Generic[T]):
    """A listener that keeps events until they are read.

    The source holds the buffer and not the iterator that reads it, so an iterator which
    nobody holds any more can end.
    """

    __slots__ = ("_events", "_finished", "_overflowed", "_waiter", "active")

    def __init__(self) -> None:
        self._events: deque[T] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._finished = False
        self._overflowed = False
        self.active = True

    def hear(self, event: T) -> None:
        if len(self._events) >= MAX_BUFFERED:
            self._overflowed = True
            self.active = False
            return
        self._events.append(event)
        self._wake()

    def finish(self) -> None:
        self.active = False
        self._finished = True
        self._wake()

    def abandon(self) -> None:
        """Drops what is buffered and ends the reading."""
        self._events.clear()
        self._overflowed = False
        self.finish()

    async def read(self) -> T:
        if self._waiter is not None:
            raise IllegalRequestError(
                "another task is already waiting for this iterator's next event; "
                "iterate once for each task"
            )
        while not self._events:
            if self._overflowed:
                self._overflowed = False
                self._finished = True
                raise StreamOverflowError(MAX_BUFFERED)
            if self._finished:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._events.popleft()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class EventIterator(AsyncIterator[T]):
    """Reads a stream's events one after another; made by ``aiter(stream)``.

    It listens from the moment it is made, not from the first read, and keeps up to 1,000
    unread events. One more and it stops listening: the kept ones can still be read, and
    the read after them raises :class:`~audiosession.errors.StreamOverflowError`.

    It stops listening when it is closed or when nobody holds it any more, for which
    leaving an ``async for`` over the stream, by ``break``, by an error or because the task
    was cancelled, is enough on CPython. Where that must not depend on who else holds it,
    close it::

        async with contextlib.aclosing(aiter(stream)) as events:
            async for event in events:
                ...

    A read that is cancelled, by a timeout for instance, loses no event and leaves the
    iterator usable.
    """

    __slots__ = ("__weakref__", "_buffer", "_forget")

    def __init__(self, buffer: _Buffer[T], forget: Callable[[], None]) -> None:
        self._buffer = buffer
        self._forget = forget

    def __aiter__(self) -> EventIterator[T]:
        return self

    async def __anext__(self) -> T:
        """Returns the next event, waiting for it if there is none yet.

        Raises:
            StopAsyncIteration: The stream or this iterator is closed and all is read.
            StreamOverflowError: More than 1,000 events were waiting.
            IllegalRequestError: Another task is waiting in this very iterator.
        """
        try:
            return await self._buffer.read()
        finally:
            # The traceback of a cancelled read keeps this frame; without the name in it,
            # the iterator of the cancelled `async for` ends with its loop.
            del self

    async def aclose(self) -> None:
        """Stops listening and drops what is unread; a second call does nothing."""
        self._buffer.abandon()
        self._forget()

    def __del__(self) -> None:
        # May run in any thread: only mark, the source tidies up when it next looks.
        self._buffer.active = False


class EventStream(Generic[T_co]):
    """Events as those who want to know see them.

    Every listener hears the events in the order of their publishing, and each event reaches
    the listeners in the order in which they began to listen. A listener hears what is
    published after it began, so one that begins while an event is being delivered is too
    late for that event; on a stream that replays, it hears the latest event first.
    """

    __slots__ = ("_source",)

    def __init__(self, source: EventSource[T_co]) -> None:
        self._source = source

    def listen(self, callback: Callable[[T_co], object]) -> Subscription:
        """Has a function called with every event from now on.

        On a stream that replays, the function hears the latest event before this returns,
        or, when called from a callback of the same stream, as soon as that one has ended.

        Args:
            callback: A plain function; what it returns is ignored, and what it raises is
                logged and disturbs no other listener.

        Returns:
            The subscription, which ends the listening.

        Raises:
            InvalidTypeError: The callback cannot be called, or is a coroutine function.
            LimitError: The stream has 1,000 listeners already, or 1,000 events to deliver.
            ClosedError: The stream is closed.
        """
        return self._source._listen(callback)

    def __aiter__(self) -> EventIterator[T_co]:
        """Returns an iterator over the events from now on; each is independent.

        Over a closed stream it ends at once.

        Raises:
            LimitError: The stream has 1,000 listeners already, or 1,000 events to deliver.
        """
        return self._source._iterate()

    def __repr__(self) -> str:
        return f"<EventStream {self._source.name}>"


class EventSource(Generic[T]):
    """Events as those who make them see them.

    Args:
        name: What the stream is called in logs and errors.
        replay_latest: Whether a new listener hears the latest event first.
        on_first_listen: Called each time the number of listeners is about to go from none
            to one; what it publishes is the latest event for the newcomer. What it raises
            goes to whoever wanted to listen, who then does not.
    """

    __slots__ = (
        "_closed",
        "_delivering",
        "_latest",
        "_listeners",
        "_on_first_listen",
        "_pending",
        "_replay_latest",
        "_starting",
        "name",
        "stream",
    )

    name: str
    """What the stream is called in logs and errors."""
    stream: EventStream[T]
    """The one stream of these events, to be handed out."""

    def __init__(
        self,
        name: str = "events",
        *,
        replay_latest: bool = False,
        on_first_listen: Callable[[], object] | None = None,
    ) -> None:
        self.name = name
        self.stream = EventStream(self)
        self._replay_latest = replay_latest
        self._on_first_listen = on_first_listen
        # Replaced, never changed: who hears an event is settled by keeping the tuple.
        self._listeners: tuple[_Listener[T], ...] = ()
        self._pending: deque[tuple[T, tuple[_Listener[T], ...]]] = deque()
        self._latest: T | _Nothing = _NOTHING
        self._delivering = False
        self._starting = False
        self._closed = False

    @property
    def latest(self) -> T | None:
        """The event published last, delivered or not; ``None`` before the first."""
        return None if isinstance(self._latest, _Nothing) else self._latest

    @property
    def listeners(self) -> int:
        """How many callbacks and iterators listen now."""
        return sum(listener.active for listener in self._listeners)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    def publish(self, event: T) -> None:
        """Delivers an event to all who listen now.

        Called from a callback of the same stream, it returns at once and the event is
        delivered when the one before it has reached everybody.

        Raises:
            ClosedError: The source is closed.
            LimitError: 1,000 events are waiting for delivery already.
        """
        if self._closed:
            raise ClosedError(f"stream {self.name!r}")
        self._check_room()
        # Before the delivery: whoever begins to listen during it has the newest replayed.
        self._latest = event
        self._deliver(event, self._listeners)

    def close(self) -> None:
        """Ends the stream after what is already published; a second call does nothing.

        Iterators end when everything kept for them is read; callbacks hear no more.
        """
        self._closed = True
        if not self._delivering:
            self._drain()

    def _listen(self, callback: Callable[[T], object]) -> Subscription:
        if not callable(callback):
            raise InvalidTypeError("callback", callback, expected="a function")
        if _is_async(callback):
            raise InvalidTypeError(
                "callback",
                callback,
                expected="a plain function (use async for to await what an event needs)",
            )
        if self._closed:
            raise ClosedError(f"stream {self.name!r}")
        listener = _Callback(callback, self.name)
        self._add(listener)
        return Subscription(listener, self._tidy)

    def _iterate(self) -> EventIterator[T]:
        buffer: _Buffer[T] = _Buffer()
        if self._closed:
            buffer.finish()
        else:
            self._add(buffer)
        return EventIterator(buffer, self._tidy)

    def _add(self, listener: _Listener[T]) -> None:
        self._tidy()
        if not self._listeners and self._on_first_listen is not None and not self._starting:
            self._starting = True
            try:
                self._on_first_listen()
            finally:
                self._starting = False
        if self._closed:
            listener.finish()
            return
        if len(self._listeners) >= MAX_LISTENERS:
            raise LimitError(f"listeners of stream {self.name!r}", MAX_LISTENERS)
        self._check_room()
        self._listeners = (*self._listeners, listener)
        if self._replay_latest and not isinstance(self._latest, _Nothing):
            self._deliver(self._latest, (listener,))

    def _tidy(self) -> None:
        self._listeners = tuple(each for each in self._listeners if each.active)

    def _check_room(self) -> None:
        if len(self._pending) >= MAX_PENDING:
            raise LimitError(f"undelivered events of stream {self.name!r}", MAX_PENDING)

    def _deliver(self, event: T, listeners: tuple[_Listener[T], ...]) -> None:
        self._pending.append((event, listeners))
        if not self._delivering:
            self._drain()

    def _drain(self) -> None:
        self._delivering = True
        try:
            while self._pending:
                event, listeners = self._pending.popleft()
                for listener in listeners:
                    if listener.active:
                        listener.hear(event)
        finally:
            self._delivering = False
        if self._closed:
            for listener in self._listeners:
                listener.finish()
        self._tidy()

    def __repr__(self) -> str:
        state = "closed" if self._closed else f"{self.listeners} listening"
        return f"<EventSource {self.name}: {state}>"


def _is_async(callback: Callable[..., object]) -> bool:
    # The second is an object whose own call is async.
    return any(
        inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each)
        for each in (callback, type(callback).__call__)
    )


def _name(callback: Callable[..., object]) -> str:
    return getattr(callback, "__qualname__", None) or repr(callback)
