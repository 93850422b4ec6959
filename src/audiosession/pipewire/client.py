"""A client of a PipeWire server: connects, keeps up with what there is, connects again.

All of it happens in one event loop, in callbacks of the socket; there is no task of its own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from .. import _version
from ..errors import ClosedError, HostUnavailableError, HostUnavailableReason
from . import messages as wire
from .connection import Connection, close_fds, remote_path
from .errors import ProtocolError, RemoteError
from .events import (
    ClientEvent,
    DefaultsChanged,
    Drained,
    ObjectAdded,
    ObjectRemoved,
    RequestFailed,
    ServerDown,
    ServerUp,
)
from .ids import CLIENT_ID, CORE_ID, CORE_VERSION, Interface, Permission
from .objects import PROXIES, GlobalObject, MetadataProxy, Proxy
from .protocol import Protocol, Received
from .requests import Request, fail

_log = logging.getLogger("audiosession.pipewire")

FIRST_RETRY_S = 0.05
"""How long after a lost connection the first attempt to connect again is made."""
LONGEST_RETRY_S = 2.0
"""The longest time between two attempts; each takes twice the time of the one before."""

_REGISTRY_ID = 2
_FIRST_ID = 3
# The server numbers what it sends unasked with small numbers.
_FIRST_SEQ = 0x1000
_SEQ_MASK = 0x3FFFFFFF


class PipeWireClient:
    """A connection to a PipeWire server, made again whenever it is lost.

    An async context manager: entering connects, leaving closes::

        async with PipeWireClient() as client:
            for node in client.find(Interface.NODE):
                print(node)

    Everything belongs to the event loop it was connected in, listeners are called there.

    Args:
        remote: The socket, as for :func:`~audiosession.pipewire.remote_path`.
        properties: What the program says of itself; ``application.name`` and the like.
        timeout_s: How long entering may take, in seconds.
    """

    def __init__(
        self,
        remote: str | Path | None = None,
        *,
        properties: Mapping[str, str] | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._remote = remote
        self._timeout_s = timeout_s
        self._properties = {
            "application.name": Path(sys.argv[0]).name or "audiosession",
            "application.process.id": str(os.getpid()),
            "application.language": os.environ.get("LANG", "C"),
            "application.version": _version.__version__,
        } | dict(properties or {})
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: list[Callable[[ClientEvent], None]] = []
        self._closed = False
        self._retry: asyncio.TimerHandle | None = None
        self._retry_s = FIRST_RETRY_S
        self._first: asyncio.Future[None] | None = None
        self._forget()

    def _forget(self) -> None:
        """Empties all that belongs to one connection."""
        self._connection: Connection | None = None
        self._protocol = Protocol()
        self._objects: dict[int, GlobalObject] = {}
        self._proxies: dict[int, Proxy] = {}
        self._free: list[int] = []
        self._next_id = _FIRST_ID
        self._seq = _FIRST_SEQ
        self._requests: dict[int, Request] = {}
        self._batch = 0
        self._ready = False
        self._listed = False
        self._info: wire.CoreInfo | None = None
        self._default: MetadataProxy | None = None
        self._default_sink = ""
        self._default_source = ""

    def __repr__(self) -> str:
        if self._closed:
            state = "closed"
        else:
            state = f"{len(self._objects)} objects" if self._ready else "not connected"
        return f"<PipeWireClient {state}>"

    async def __aenter__(self) -> Self:
        await self.connect(timeout_s=self._timeout_s)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # State

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop it belongs to."""
        if self._loop is None:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "not connected yet")
        return self._loop

    @property
    def ready(self) -> bool:
        """Whether it is connected and has listed everything."""
        return self._ready

    @property
    def congested(self) -> bool:
        """Whether the server does not keep up: what is sent now waits, until :class:`Drained`."""
        return self._connection is not None and self._connection.congested

    @property
    def info(self) -> wire.CoreInfo | None:
        """What the server is, ``None`` while there is no connection."""
        return self._info

    @property
    def objects(self) -> Mapping[int, GlobalObject]:
        """Everything there is by its id; a live view."""
        return MappingProxyType(self._objects)

    @property
    def default_sink(self) -> str:
        """Node name of the sink that new streams go to, empty when there is none."""
        return self._default_sink

    @property
    def default_source(self) -> str:
        """Node name of the source that new recordings come from, empty when there is none."""
        return self._default_source

    @property
    def defaults(self) -> MetadataProxy | None:
        """The session manager's metadata, with the defaults and the targets of streams."""
        return self._default

    def find(self, interface: Interface, **properties: str) -> tuple[GlobalObject, ...]:
        """Returns the objects of a kind, oldest first.

        Args:
            interface: The kind.
            properties: Registry properties they must have; ``_`` stands for ``.``
                (``node_name="rec"``).
        """
        wanted = {key.replace("_", "."): value for key, value in properties.items()}
        found = (
            item
            for item in self._objects.values()
            if item.type == interface.value and wanted.items() <= item.properties.items()
        )
        return tuple(sorted(found, key=lambda item: item.serial))

    def listen(self, listener: Callable[[ClientEvent], None]) -> Callable[[], None]:
        """Calls ``listener`` with every event from now on; returns what ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    # Connecting

    async def connect(self, *, timeout_s: float = 10.0) -> None:
        """Connects and returns when everything there is has been listed.

        From then on a lost connection is made again by itself. A server lets a client see
        nothing until the session manager has agreed; that is waited for.

        Args:
            timeout_s: How long to wait for that, in seconds.

        Raises:
            ClosedError: it was closed.
            HostUnavailableError: no server answers, or it shows nothing in time.
        """
        if self._closed:
            raise ClosedError("the PipeWire client")
        self._loop = asyncio.get_running_loop()
        if self._ready:
            return
        if self._first is None:
            self._open()
            self._first = self._loop.create_future()
        first = self._first
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.shield(first)
        except TimeoutError:
            self._disconnect("it did not answer in time", retry=False)
            raise HostUnavailableError(
                HostUnavailableReason.TIMED_OUT,
                "the server shows nothing; no session manager may be running",
            ) from None

    def close(self) -> None:
        """Disconnects for good; does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        self._disconnect("the client was closed", retry=False)
        self._listeners.clear()

    def _open(self) -> None:
        path = remote_path(self._remote)

        def on_lost(reason: str) -> None:
            # It may be told of late, when there is another connection already.
            if connection is self._connection:
                self._disconnect(reason, retry=True)

        connection = Connection(
            path,
            on_data=self._on_data,
            on_lost=on_lost,
            on_drained=lambda: self._emit(Drained()),
        )
        self._connection = connection
        with self.batch():
            self._send(CORE_ID, wire.Hello(version=CORE_VERSION))
            self._send(CLIENT_ID, wire.UpdateProperties(properties=self._properties))
            self._protocol.add_object(_REGISTRY_ID, Interface.REGISTRY)
            registry = Interface.REGISTRY
            self._send(CORE_ID, wire.GetRegistry(version=registry.version, new_id=_REGISTRY_ID))
            self._list_all()

    def _list_all(self) -> None:
        """Asks for a word when everything to be seen now has been listed."""
        self._listed = True
        self.request().add_done_callback(self._on_listed)

    def _on_listed(self, done: asyncio.Future[None]) -> None:
        if done.cancelled() or done.exception() is not None:
            return
        # Nothing is shown before the session manager agrees; the first object tells.
        self._listed = bool(self._objects)
        if self._listed and not self._ready:
            # What was bound on the way is to have answered too.
            self.request().add_done_callback(self._on_ready)

    def _on_ready(self, done: asyncio.Future[None]) -> None:
        if done.cancelled() or done.exception() is not None or self._info is None:
            return
        self._ready = True
        self._retry_s = FIRST_RETRY_S
        self._emit(ServerUp(info=self._info))
        if self._first is not None and not self._first.done():
            self._first.set_result(None)

    def _disconnect(self, reason: str, *, retry: bool) -> None:
        if self._connection is not None:
            self._connection.close()
        close_fds(self._protocol.take_fds())
        proxies, requests, was_ready = self._proxies, self._requests, self._ready
        self._forget()
        error = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, reason)
        for proxy in proxies.values():
            proxy.alive = False
        for request in requests.values():
            fail(request.future, error)
        if was_ready:
            self._emit(ServerDown(reason=reason))
        first, again = self._first, retry and not self._closed
        if first is not None and not first.done():
            # Nobody may be waiting; the error is not to be reported as never fetched then.
            fail(first, error)
            self._first, again = None, False
        if not retry:
            self._first = None
        if again:
            self._retry_later()

    def _retry_later(self) -> None:
        self._retry = self.loop.call_later(self._retry_s, self._reopen)
        self._retry_s = min(2 * self._retry_s, LONGEST_RETRY_S)

    def _reopen(self) -> None:
        self._retry = None
        try:
            self._open()
        except HostUnavailableError as error:
            _log.debug("no server yet: %s", error)
            self._forget()
            self._retry_later()

    # Requests

    def next_seq(self) -> int:
        """Returns a number no answer under way bears."""
        self._seq = self._seq + 1 if self._seq < _SEQ_MASK else _FIRST_SEQ
        return self._seq

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Sends what is asked within at the end, in one piece."""
        self._batch += 1
        try:
            yield
        finally:
            # A connection lost within has begun to count anew.
            self._batch = max(0, self._batch - 1)
            self._flush()

    def _send(self, number: int, message: wire.Message) -> int:
        seq = self._protocol.send(number, message)
        self._flush()
        return seq

    def _flush(self) -> None:
        if not self._batch and self._connection is not None:
            self._connection.write(self._protocol.data_to_send())

    def call(self, proxy: Proxy, message: wire.Message) -> int:
        """Sends a message to an object at once and returns its sequence number.

        Raises:
            HostUnavailableError: the object or the connection is gone.
            PodError: a value does not fit.
        """
        if not proxy.alive:
            raise HostUnavailableError(
                HostUnavailableReason.CONNECTION_LOST, f"{proxy.target} is gone"
            )
        return self._send(proxy.number, message)

    def request(
        self, proxy: Proxy | None = None, message: wire.Message | None = None
    ) -> asyncio.Future[None]:
        """Returns, when awaited, once the server has carried out everything sent so far.

        Args:
            proxy: The object the message is for.
            message: What to send before; a refusal of it raises.

        Raises:
            RemoteError: the server refused the message.
            HostUnavailableError: the object or the connection is gone.
        """
        future: asyncio.Future[None] = self.loop.create_future()
        if self._connection is None or (proxy is not None and not proxy.alive):
            what = "not connected" if proxy is None else f"{proxy.target} is gone"
            fail(future, HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, what))
            return future
        request = Request(future, proxy)
        with self.batch():
            if proxy is not None and message is not None:
                request.seq = self.call(proxy, message)
            number = self.next_seq()
            self._requests[number] = request
            self._send(CORE_ID, wire.Sync(id=CORE_ID, seq=number))
        return future

    def sync(self) -> asyncio.Future[None]:
        """Returns, when awaited, once the server has carried out everything sent so far.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        return self.request()

    def bind(self, target: GlobalObject) -> Proxy:
        """Returns a proxy of an object; its info arrives soon after.

        The class is that of its interface: a :class:`~audiosession.pipewire.NodeProxy` of a node.
        If the object is gone meanwhile, the proxy is not ``alive`` any more before the next
        :meth:`sync` returns.

        Raises:
            HostUnavailableError: there is no connection.
        """
        if self._connection is None:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "not connected")
        interface = target.interface
        if self._free:
            number = self._free.pop()
        else:
            number = self._next_id
            self._next_id += 1
        made = Proxy if interface is None else PROXIES.get(interface, Proxy)
        proxy = made(self, number, target)
        self._proxies[number] = proxy
        if interface is not None:
            self._protocol.add_object(number, interface)
        version = min(target.version, 3) if interface is None else interface.version
        self._send(
            _REGISTRY_ID,
            wire.Bind(id=target.id, type=target.type, version=version, new_id=number),
        )
        return proxy

    def release(self, proxy: Proxy) -> None:
        """Gives a proxy up; does nothing the second time."""
        if not proxy.alive or self._proxies.get(proxy.number) is not proxy:
            proxy.alive = False
            return
        proxy.alive = False
        # Its number is free only when the server says so.
        self._send(CORE_ID, wire.DestroyObject(id=proxy.number))

    # Receiving

    def _on_data(self, data: bytes, fds: tuple[int, ...]) -> None:
        protocol = self._protocol
        protocol.receive_data(data, fds)
        try:
            # A listener may close the client in the middle of the data.
            while protocol is self._protocol and (received := protocol.next_message()) is not None:
                # Nothing here uses shared memory.
                close_fds(received.fds)
                self._dispatch(received)
        except ProtocolError as error:
            _log.error("the server sent what cannot be read: %s", error)
            self._disconnect(str(error), retry=True)
        finally:
            if protocol is not self._protocol:
                close_fds(protocol.take_fds())

    def _dispatch(self, received: Received) -> None:
        message = received.message
        match received.object:
            case 0:
                self._on_core(message)
            case 1:
                pass
            case 2:
                self._on_registry(message)
            case number:
                proxy = self._proxies.get(number)
                if proxy is not None and proxy.alive:
                    self._guard(proxy.receive, message)

    def _on_core(self, message: wire.Message) -> None:
        match message:
            case wire.Done():
                if (request := self._requests.pop(message.seq, None)) is not None:
                    request.settle()
            case wire.Ping():
                self._send(CORE_ID, wire.Pong(id=message.id, seq=message.seq))
            case wire.CoreInfo():
                self._info = message
            case wire.RemoveId():
                self._drop(message.id)
            case wire.Error():
                self._on_error(message)

    def _drop(self, number: int) -> None:
        proxy = self._proxies.pop(number, None)
        if proxy is not None:
            proxy.alive = False
            self._protocol.remove_object(number)
            self._free.append(number)

    def _on_error(self, message: wire.Error) -> None:
        proxy = self._proxies.get(message.id)
        what = str(proxy.target) if proxy is not None else _own_name(message.id)
        error = RemoteError(what, abs(message.res), message.message)
        for request in self._requests.values():
            if request.seq is not None and request.seq == message.seq:
                request.error = error
                return
        _log.debug("refused: %s", error)
        self._emit(RequestFailed(error=error))

    def _on_registry(self, message: wire.Message) -> None:
        if isinstance(message, wire.Global):
            self._add(message)
        elif isinstance(message, wire.GlobalRemove):
            gone = self._objects.pop(message.id, None)
            if gone is not None:
                self._removed(gone)

    def _add(self, message: wire.Global) -> None:
        serial = message.properties.get("object.serial", "")
        found = GlobalObject(
            id=message.id,
            serial=int(serial) if serial.isdecimal() else message.id,
            type=message.type,
            version=message.version,
            permissions=Permission(message.permissions & 0o777),
            properties=message.properties,
        )
        known = self._objects.get(message.id)
        self._objects[message.id] = found
        if not self._listed:
            self._list_all()
        if known is not None and known.serial == found.serial:
            # Only what may be done with it has changed.
            return
        if known is not None:
            self._removed(known)
        if found.interface is Interface.METADATA and found.name == "default":
            self._watch_defaults(found)
        self._emit(ObjectAdded(object=found))

    def _removed(self, gone: GlobalObject) -> None:
        if self._default is not None and self._default.target == gone:
            self._default = None
            self._read_defaults()
        self._emit(ObjectRemoved(object=gone))

    def _watch_defaults(self, found: GlobalObject) -> None:
        proxy = self.bind(found)
        assert isinstance(proxy, MetadataProxy)
        proxy.on_change = lambda _subject, _key: self._read_defaults()
        self._default = proxy

    def _read_defaults(self) -> None:
        sink = self._default_name("default.audio.sink")
        source = self._default_name("default.audio.source")
        if (sink, source) != (self._default_sink, self._default_source):
            self._default_sink, self._default_source = sink, source
            self._emit(DefaultsChanged(sink=sink, source=source))

    def _default_name(self, key: str) -> str:
        value = self._default.values.get((0, key)) if self._default is not None else None
        if value is None:
            return ""
        try:
            found = json.loads(value.value)
        except ValueError:
            found = None
        name = found.get("name") if isinstance(found, dict) else None
        return name if isinstance(name, str) else ""

    # Listeners

    def _emit(self, event: ClientEvent) -> None:
        for listener in tuple(self._listeners):
            self._guard(listener, event)

    def _guard(self, call: Callable[..., None], *arguments: object) -> None:
        """Calls what others wrote; what it raises is logged, and the rest goes on."""
        try:
            call(*arguments)
        except Exception:
            _log.exception("a listener failed")


def _own_name(number: int) -> str:
    return {CORE_ID: "the server", CLIENT_ID: "this client", _REGISTRY_ID: "the registry"}.get(
        number, f"object {number}"
    )


__all__ = ["FIRST_RETRY_S", "LONGEST_RETRY_S", "PipeWireClient"]
