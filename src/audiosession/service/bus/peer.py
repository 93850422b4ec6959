"""The service's own socket: D-Bus without a bus, for machines that have none.

To a client it looks like a bus on which the service is the only other one: Hello, AddMatch,
GetNameOwner and so on are answered here, everything else goes to the objects.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import socket
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType

from ...errors import HostUnavailableError, HostUnavailableReason, LimitError
from .errors import to_wire
from .framing import FramingError, ServerFraming, framed
from .matches import MatchRule, parse_match
from .names import BUS_NAME, DAEMON, DAEMON_PATH, INTROSPECTABLE, PEER, PROPERTIES
from .sockets import CREDENTIALS, answers, listener
from .wire import Receiver

_log = logging.getLogger("audiosession.service")

MOST_PEERS = 256
"""Connections at a time."""
MOST_UNSENT_BYTES = 8 * 1024 * 1024
"""What may wait for a peer that does not read; then it is let go."""
_MOST_MATCHES = 64
_MOST_AT_ONCE = 64
_HANDSHAKE_S = 10.0
_LEAVING_S = 5.0
_LOOK_AGAIN_S = 0.05


class PeerWire:
    """The socket, and those connected to it. Only the user's own processes are let in.

    Args:
        path: Where the socket is to be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guid = secrets.token_hex(16)
        self._peers: dict[str, _Peer] = {}
        self._connections: set[_Peer] = set()
        self._count = 0
        self._lock: int | None = None
        self._server: asyncio.Server | None = None
        self._receiver: Receiver | None = None

    @property
    def name(self) -> str:
        """``socket`` and its path."""
        return f"socket {self._path}"

    async def claim(self) -> None:
        """Makes this the only service in the runtime directory; waits for one that leaves.

        Raises:
            HostUnavailableError: another service runs, or the place cannot be written.
        """
        if self._lock is not None:
            return
        loop = asyncio.get_running_loop()
        patience = loop.time() + _LEAVING_S
        try:
            while not self._take_lock():
                # One that listens stays; one that does not has just begun, or is about to end.
                if answers(self._path) or loop.time() > patience:
                    pid = listener(self._path)
                    where = f"at {self._path}"
                    raise HostUnavailableError(
                        HostUnavailableReason.ALREADY_RUNNING,
                        where if pid is None else f"pid {pid}, {where}",
                    )
                await asyncio.sleep(_LOOK_AGAIN_S)
        except OSError as error:
            raise HostUnavailableError(
                HostUnavailableReason.PERMISSION_DENIED, f"{self._path}: {error}"
            ) from error

    async def start(self, receiver: Receiver) -> None:
        """Listens. The lock beside the socket tells a stale one from one in use.

        Raises:
            HostUnavailableError: another service has it, or the place cannot be written.
        """
        self._receiver = receiver
        await self.claim()
        try:
            with suppress(FileNotFoundError):
                self._path.unlink()
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
            # Nobody can connect before it has its mode: the directory is the user's alone.
            listening.bind(str(self._path))
            self._path.chmod(0o600)
        except OSError as error:
            await self.close()
            raise HostUnavailableError(
                HostUnavailableReason.PERMISSION_DENIED, f"{self._path}: {error}"
            ) from error
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: _Peer(self), sock=listening)

    def send(self, message: Message) -> None:
        """See :class:`~audiosession.service.bus.wire.Wire`."""
        if message.destination is None:
            for peer in tuple(self._peers.values()):
                if peer.listens(message):
                    peer.send(message, BUS_NAME)
        elif (peer_or_none := self._peers.get(message.destination)) is not None:
            peer_or_none.send(message, BUS_NAME)

    async def watch(self, client: str) -> int | None:
        """See :class:`~audiosession.service.bus.wire.Wire`; its process is from the kernel."""
        peer = self._peers.get(client)
        if peer is None:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, f"{client} is gone")
        return peer.pid

    def present(self, client: str) -> bool:
        """See :class:`~audiosession.service.bus.wire.Wire`."""
        return client in self._peers

    def forget(self, client: str) -> None:
        """See :class:`~audiosession.service.bus.wire.Wire`."""

    async def withdraw(self) -> None:
        """Listens no more and removes the socket."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                # Somebody put something else there.
                _log.warning("%s stays: %s", self._path, error.strerror)

    async def close(self) -> None:
        """Lets everyone go and removes the socket."""
        await self.withdraw()
        for peer in tuple(self._connections):
            peer.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    # -- for the peers -----------------------------------------------------------------------

    @property
    def guid(self) -> str:
        """The server's id."""
        return self._guid

    def connected(self, peer: _Peer) -> bool:
        """Someone connected; False where there are too many."""
        self._connections.add(peer)
        return len(self._connections) <= MOST_PEERS

    def said_hello(self, peer: _Peer) -> str:
        """Gives a peer its name."""
        self._count += 1
        name = f":peer.{self._count}"
        self._peers[name] = peer
        return name

    def disconnected(self, peer: _Peer) -> None:
        """A peer is gone."""
        self._connections.discard(peer)
        if peer.name and self._peers.pop(peer.name, None) is not None:
            assert self._receiver is not None
            self._receiver.gone(self, peer.name)

    def received(self, message: Message) -> None:
        """A call for the objects."""
        assert self._receiver is not None
        self._receiver.received(self, message)

    def names(self, name: str) -> str | None:
        """The owner of a name."""
        if name in (DAEMON, BUS_NAME):
            return name
        return name if name in self._peers else None

    def pid(self, name: str) -> int | None:
        """The process behind a name."""
        if name in (DAEMON, BUS_NAME):
            return os.getpid()
        peer = self._peers.get(name)
        return None if peer is None else peer.pid

    def _take_lock(self) -> bool:
        directory = self._path.parent
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if directory.parent.stat().st_uid != os.getuid():
            # As with sudo, which would leave its own directory in the user's way.
            raise PermissionError(f"{directory.parent} belongs to another user")
        directory.mkdir(mode=0o700, exist_ok=True)
        status = directory.lstat()
        if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode):
            raise PermissionError(f"{directory} is not a directory of this user")
        directory.chmod(0o700)
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
        lock = os.open(directory / "lock", flags, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._lock = lock
        return True


class _Peer(asyncio.Protocol):
    """One connection."""

    def __init__(self, wire: PeerWire) -> None:
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self._framing: ServerFraming | None = None
        self._patience: asyncio.TimerHandle | None = None
        self._serial = 0
        self._matches: list[tuple[str, MatchRule]] = []
        self.name = ""
        self.pid: int | None = None

    # -- asyncio.Protocol --------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        credentials = transport.get_extra_info("socket").getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size
        )
        pid, uid, _ = CREDENTIALS.unpack(credentials)
        self.pid = pid or None
        self._framing = ServerFraming(uid=uid, own_uid=os.getuid(), guid=self._wire.guid)
        crowded = not self._wire.connected(self)
        if crowded or uid != os.getuid():
            why = f"there are {MOST_PEERS} already" if crowded else f"it is of user {uid}"
            _log.warning("refused a connection of process %d: %s", pid, why)
            self.close()
            return
        loop = asyncio.get_running_loop()
        self._patience = loop.call_later(_HANDSHAKE_S, self.close)

    def data_received(self, data: bytes) -> None:
        framing = self._framing
        transport = self._transport
        if framing is None or transport is None or transport.is_closing():
            return
        try:
            for count, message in enumerate(framing.receive(data), 1):
                self._received(message)
                if transport.is_closing():
                    return
                if count == _MOST_AT_ONCE:
                    # The others are to have their turn.
                    transport.pause_reading()
                    asyncio.get_running_loop().call_soon(self._go_on)
                    break
        except FramingError as error:
            _log.warning("closed the connection of process %s: %s", self.pid, error)
            self.close()
            return
        if output := framing.take_output():
            transport.write(output)
        if framing.open and self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _go_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
            self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._transport = None
        self._wire.disconnected(self)

    # -- for the wire ------------------------------------------------------------------------

    def listens(self, message: Message) -> bool:
        return any(rule.matches(message) for _, rule in self._matches)

    def send(self, message: Message, sender: str) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        self._serial += 1
        message.serial = self._serial
        transport.write(framed(message, sender))
        if transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            _log.warning("process %s does not read: let it go", self.pid)
            self.close()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # -- messages ----------------------------------------------------------------------------

    def _received(self, message: Message) -> None:
        if message.message_type is not MessageType.METHOD_CALL:
            return
        if not self.name:
            if message.interface != DAEMON or message.member != "Hello":
                raise FramingError("the first message must be Hello")
            self.name = self._wire.said_hello(self)
            self._answer(message, "s", [self.name])
            return
        # Whoever writes another sender into it is still who it is.
        message.sender = self.name
        if message.destination == DAEMON or message.path == DAEMON_PATH:
            self._daemon(message)
        elif message.destination in (None, BUS_NAME):
            self._wire.received(message)
        else:
            self._fail(message, "ServiceUnknown", f"nobody here is called {message.destination}")

    def _daemon(self, message: Message) -> None:
        """What a bus would answer."""
        handler = _DAEMON_METHODS.get((message.interface or DAEMON, message.member or ""))
        if handler is None:
            self._fail(message, "UnknownMethod", f"this is no bus: it has no {message.member}")
            return
        takes, method = handler
        if message.signature != takes:
            self._fail(message, "InvalidArgs", f"{message.member} takes {takes!r}")
            return
        method(self, message, *message.body)

    def _add_match(self, message: Message, text: str) -> None:
        if len(self._matches) >= _MOST_MATCHES:
            name, words, data = to_wire(LimitError("match rules", _MOST_MATCHES))
            self._answer_error(message, name, "ss", [words, data])
            return
        try:
            self._matches.append((text, parse_match(text)))
        except ValueError as error:
            self._fail(message, "MatchRuleInvalid", str(error))
            return
        self._answer(message)

    def _remove_match(self, message: Message, text: str) -> None:
        for index, (known, _) in enumerate(self._matches):
            if known == text:
                del self._matches[index]
                self._answer(message)
                return
        self._fail(message, "MatchRuleNotFound", "there is no such match rule")

    def _owner(self, message: Message, name: str) -> None:
        owner = self._wire.names(name)
        if owner is None:
            self._fail(message, "NameHasNoOwner", f"nobody here is called {name}")
        else:
            self._answer(message, "s", [owner])

    def _has_owner(self, message: Message, name: str) -> None:
        self._answer(message, "b", [self._wire.names(name) is not None])

    def _process(self, message: Message, name: str) -> None:
        pid = self._wire.pid(name)
        if pid is None:
            self._fail(message, "NameHasNoOwner", f"nobody here is called {name}")
        else:
            self._answer(message, "u", [pid])

    def _user(self, message: Message, name: str) -> None:
        if self._wire.names(name) is None:
            self._fail(message, "NameHasNoOwner", f"nobody here is called {name}")
        else:
            # No other user is let in.
            self._answer(message, "u", [os.getuid()])

    def _start(self, message: Message, name: str, flags: int) -> None:
        if self._wire.names(name) is None:
            self._fail(message, "ServiceUnknown", f"nobody here is called {name}")
        else:
            self._answer(message, "u", [2])  # It runs already.

    def _refuse_name(self, message: Message, *_: object) -> None:
        self._fail(message, "AccessDenied", "this is no bus: names cannot be had here")

    def _names(self, message: Message) -> None:
        self._answer(message, "as", [[DAEMON, BUS_NAME, self.name]])

    def _activatable(self, message: Message) -> None:
        self._answer(message, "as", [[DAEMON]])

    def _id(self, message: Message) -> None:
        self._answer(message, "s", [self._wire.guid])

    def _ping(self, message: Message) -> None:
        self._answer(message)

    def _hello_again(self, message: Message) -> None:
        self._fail(message, "Failed", "Hello was said before")

    def _no_properties(self, message: Message, *_: object) -> None:
        self._answer(message, "a{sv}", [{}])

    def _introspect(self, message: Message) -> None:
        self._answer(message, "s", [f'<node><interface name="{DAEMON}"/></node>'])

    def _answer(self, message: Message, signature: str = "", body: list[Any] | None = None) -> None:
        if not message.flags.value & 1:
            self.send(Message.new_method_return(message, signature, body or []), DAEMON)

    def _fail(self, message: Message, name: str, text: str) -> None:
        self._answer_error(message, f"{DAEMON}.Error.{name}", "s", [text])

    def _answer_error(self, message: Message, name: str, signature: str, body: list[Any]) -> None:
        if not message.flags.value & 1:
            error = Message(
                message_type=MessageType.ERROR,
                reply_serial=message.serial,
                destination=message.sender,
                error_name=name,
                signature=signature,
                body=body,
            )
            self.send(error, DAEMON)


_DAEMON_METHODS: dict[tuple[str, str], tuple[str, Callable[..., None]]] = {
    (DAEMON, "Hello"): ("", _Peer._hello_again),
    (DAEMON, "AddMatch"): ("s", _Peer._add_match),
    (DAEMON, "RemoveMatch"): ("s", _Peer._remove_match),
    (DAEMON, "GetNameOwner"): ("s", _Peer._owner),
    (DAEMON, "NameHasOwner"): ("s", _Peer._has_owner),
    (DAEMON, "GetConnectionUnixProcessID"): ("s", _Peer._process),
    (DAEMON, "GetConnectionUnixUser"): ("s", _Peer._user),
    (DAEMON, "StartServiceByName"): ("su", _Peer._start),
    (DAEMON, "RequestName"): ("su", _Peer._refuse_name),
    (DAEMON, "ReleaseName"): ("s", _Peer._refuse_name),
    (DAEMON, "ListNames"): ("", _Peer._names),
    (DAEMON, "ListActivatableNames"): ("", _Peer._activatable),
    (DAEMON, "GetId"): ("", _Peer._id),
    (PEER, "Ping"): ("", _Peer._ping),
    (PROPERTIES, "GetAll"): ("s", _Peer._no_properties),
    (INTROSPECTABLE, "Introspect"): ("", _Peer._introspect),
}

__all__ = ["MOST_PEERS", "MOST_UNSENT_BYTES", "PeerWire"]
