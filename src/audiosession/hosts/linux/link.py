"""A connection to the service: over the session bus, or over the service's own socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageFlag, MessageType
from dbus_fast.aio import MessageBus

from ...errors import HostUnavailableError, HostUnavailableReason
from ...service.bus.connecting import connected_bus
from ...service.bus.errors import from_wire
from ...service.bus.names import (
    BUS_NAME,
    DAEMON,
    DAEMON_PATH,
    ROOT,
    session_bus_address,
    socket_path,
)
from .starting import ADVICE, spawn_service

_log = logging.getLogger("audiosession")

ANSWER_S = 10.0
"""How long a call waits for its answer, in seconds."""
START_S = 30.0
"""How long a start waits for the service, in seconds. A small machine that boots is busy; the bus
itself waits for 25 s
(`dbus-daemon <https://dbus.freedesktop.org/doc/dbus-daemon.1.html>`__, service_start_timeout)."""
_CONNECT_S = 5.0
_OWNER_MATCH = (
    f"type='signal',sender='{DAEMON}',interface='{DAEMON}',member='NameOwnerChanged',"
    f"path='{DAEMON_PATH}',arg0='{BUS_NAME}'"
)
_ALL_MATCH = f"type='signal',sender='{BUS_NAME}',path_namespace='{ROOT}'"


class Link:
    """A connection to a running service; :func:`connect` makes it.

    Args:
        bus: The connection.
        owner: The service's name on it.
    """

    def __init__(self, bus: MessageBus, owner: str) -> None:
        self._bus = bus
        self._owner = owner
        self._over = False
        self._gone = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        """The event loop it lives in."""
        self.on_signal: Callable[[Message], None] = _nothing
        """Called with every signal of the service."""
        self.on_lost: Callable[[], None] = _nothing
        """Called once, when the service or the connection is gone and nobody closed it."""
        bus.add_message_handler(self._handle)
        bus._disconnect_future.add_done_callback(self._ended)

    @property
    def over(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._over

    async def call(
        self,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: list[Any] | None = None,
        *,
        timeout_s: float = ANSWER_S,
    ) -> list[Any]:
        """What a method of the service answers.

        Raises:
            AudioSessionError: what the service answered instead.
            HostUnavailableError: it is gone, or does not answer in time.
        """
        if self._over:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
        message = self._message(path, interface, member, signature, body)
        try:
            return await _ask(self._bus, message, timeout_s)
        except HostUnavailableError as error:
            if error.reason is not HostUnavailableReason.NO_SERVICE:
                raise
            # It was there, and went before its end could be heard.
            self._ended(None)
            raise HostUnavailableError(
                HostUnavailableReason.CONNECTION_LOST, error.detail
            ) from error

    def tell(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        """Calls a method of the service, whenever it can, and wants no answer."""
        message = self._message(path, interface, member, signature, body)
        message.flags = MessageFlag.NO_REPLY_EXPECTED
        if not self._over:
            self._bus.send(message).add_done_callback(_look_at)

    async def listen(self) -> None:
        """Has signals come that go to everyone; those to this client alone always come."""
        await _ask(self._bus, _to_daemon("AddMatch", "s", [_ALL_MATCH]), ANSWER_S)

    async def close(self) -> None:
        """Disconnects."""
        self._over = True
        if asyncio.get_running_loop() is not self.loop:
            self.abandon()
        elif self._bus.connected:
            self._bus.disconnect()
            await asyncio.wait([self._bus._disconnect_future], timeout=_CONNECT_S)

    async def wait_until_gone(self, timeout_s: float = ANSWER_S) -> None:
        """Returns when the service is gone, or after a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._gone.wait()

    def abandon(self) -> None:
        """Disconnects although its event loop does not run any more."""
        self._over = True
        for each in (self._bus._stream, self._bus._sock):
            if each is not None:
                each.close()

    def _message(
        self, path: str, interface: str, member: str, signature: str, body: list[Any] | None
    ) -> Message:
        return Message(
            destination=self._owner,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )

    def _handle(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.sender == self._owner:
            self.on_signal(message)
        elif message.member == "NameOwnerChanged" and message.sender == DAEMON:
            name, old, _ = message.body
            if name == BUS_NAME and old == self._owner:
                self._ended(None)

    def _ended(self, ended: asyncio.Future[None] | None) -> None:
        if ended is not None and not ended.cancelled():
            # Looked at, so that nobody complains that it was not.
            ended.exception()
        self._gone.set()
        if not self._over:
            self._over = True
            if self._bus.connected:
                self._bus.disconnect()
            self.on_lost()


async def connect(*, start: bool = True) -> Link:
    """A connection to the service, which is started where it does not run.

    Args:
        start: Whether it may be started, for which it has :data:`START_S`.

    Raises:
        HostUnavailableError: it cannot be had; says why and what to do.
    """
    try:
        async with asyncio.timeout(START_S if start else ANSWER_S):
            return await _connect(start)
    except TimeoutError:
        raise HostUnavailableError(
            HostUnavailableReason.TIMED_OUT, f"the service took too long to start; {ADVICE}"
        ) from None


async def _connect(start: bool) -> Link:
    address, path = session_bus_address(), socket_path()
    if address is None and path is None:
        raise HostUnavailableError(
            HostUnavailableReason.NO_SESSION_BUS,
            f"neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set; {ADVICE}",
        )
    problem: HostUnavailableError | None = None
    for may_start in (start, False):
        if address is not None:
            try:
                link = await _over_bus(address, may_start)
            except HostUnavailableError as error:
                problem, link = problem or error, None
            if link is not None:
                return link
        if path is not None and (link := await _over_socket(path)) is not None:
            return link
        if may_start:
            try:
                await spawn_service()
            except HostUnavailableError as error:
                # Somebody else may have started it in the same moment.
                problem = error
    raise problem or HostUnavailableError(HostUnavailableReason.NO_SERVICE, ADVICE)


async def _over_bus(address: str, start: bool) -> Link | None:
    """A connection over the session bus; ``None`` when nobody has the name there."""
    bus = await _bus(address)
    if bus is None:
        raise HostUnavailableError(
            HostUnavailableReason.NO_SESSION_BUS, f"nobody answers at {address}; {ADVICE}"
        )
    try:
        # Asked first, so that no death falls between the owner and the news of it.
        await _ask(bus, _to_daemon("AddMatch", "s", [_OWNER_MATCH]), ANSWER_S)
        owner = await _owner(bus)
        if owner is None and start and await _started(bus):
            owner = await _owner(bus)
        if owner is not None:
            return Link(bus, owner)
    except BaseException:
        bus.disconnect()
        raise
    bus.disconnect()
    return None


async def _over_socket(path: Path) -> Link | None:
    """A connection over the service's own socket; ``None`` when nobody listens there."""
    # Characters that an address cannot have are written as the specification says.
    bus = await _bus("unix:path=" + "".join(_address_letter(each) for each in str(path)))
    return None if bus is None else Link(bus, BUS_NAME)


async def _bus(address: str) -> MessageBus | None:
    try:
        return await connected_bus(address, timeout_s=_CONNECT_S)
    except Exception as error:
        # Refused, no such file, a handshake that fails: the library raises many things.
        _log.debug("no connection to %s: %s", address, error)
        return None


async def _owner(bus: MessageBus) -> str | None:
    try:
        body = await _ask(bus, _to_daemon("GetNameOwner", "s", [BUS_NAME]), ANSWER_S)
    except HostUnavailableError as error:
        if error.reason is HostUnavailableReason.NO_SERVICE:
            return None
        raise
    return str(body[0])


async def _started(bus: MessageBus) -> bool:
    """Has the bus start the service; False where the bus does not know how."""
    message = _to_daemon("StartServiceByName", "su", [BUS_NAME, 0])
    try:
        await _ask(bus, message, START_S)
    except HostUnavailableError as error:
        if error.reason is HostUnavailableReason.NO_SERVICE:
            return False
        raise HostUnavailableError(
            HostUnavailableReason.NO_SERVICE, f"the bus could not start it: {error.detail}"
        ) from error
    return True


async def _ask(bus: MessageBus, message: Message, timeout_s: float) -> list[Any]:
    reply: Message | None = None
    try:
        async with asyncio.timeout(timeout_s):
            reply = await bus.call(message)
    except TimeoutError:
        raise HostUnavailableError(
            HostUnavailableReason.TIMED_OUT, f"{message.member} after {timeout_s:g} s; {ADVICE}"
        ) from None
    except (OSError, EOFError, AttributeError) as error:
        raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(error)) from error
    if reply is None:
        raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    body: list[Any] = reply.body
    if reply.message_type is MessageType.ERROR:
        raise from_wire(reply.error_name or "", body)
    return body


def _to_daemon(member: str, signature: str, body: list[Any]) -> Message:
    return Message(
        destination=DAEMON,
        path=DAEMON_PATH,
        interface=DAEMON,
        member=member,
        signature=signature,
        body=body,
    )


def _address_letter(letter: str) -> str:
    if letter.isascii() and (letter.isalnum() or letter in "-_/.\\*"):
        return letter
    return "".join(f"%{byte:02x}" for byte in letter.encode())


def _look_at(sent: asyncio.Future[None]) -> None:
    if not sent.cancelled():
        sent.exception()


def _nothing(*_: object) -> None:
    """Nobody listens."""


__all__ = ["ANSWER_S", "START_S", "Link", "connect"]
