"""Wires: what carries messages between the objects and those who call them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply
from dbus_fast.aio import MessageBus

from ...errors import HostUnavailableError, HostUnavailableReason
from .connecting import CONNECT_S, connected_bus
from .names import BUS_NAME, DAEMON, DAEMON_PATH

_log = logging.getLogger("audiosession.service")

_LEAVING_S = 1.0


class Receiver(Protocol):
    """Who is called by those on a wire."""

    def received(self, wire: Wire, message: Message) -> None:
        """A method call, with its sender as the wire knows it."""

    def gone(self, wire: Wire, client: str) -> None:
        """A client that was watched is gone."""


class Wire(Protocol):
    """Carries messages. Its clients bear unique names that no other wire's do."""

    @property
    def name(self) -> str:
        """What it is called in the log."""

    async def start(self, receiver: Receiver) -> None:
        """Begins to carry messages.

        Raises:
            HostUnavailableError: it cannot be had, or another service has it.
        """

    def send(self, message: Message) -> None:
        """Sends a message; one without destination to all who listen. Never blocks."""

    async def watch(self, client: str) -> int | None:
        """Reports from now on when the client is gone; gives its process, where known.

        Raises:
            HostUnavailableError: it is gone already.
        """

    def present(self, client: str) -> bool:
        """Whether a client that is watched is still there."""

    def forget(self, client: str) -> None:
        """Reports of a client are not wanted any more."""

    async def withdraw(self) -> None:
        """Lets nobody find it any more; those who have stay."""

    async def close(self) -> None:
        """Carries nothing any more."""


class SessionBusWire:
    """The session bus.

    Args:
        address: The bus's address.
        lost: Called when the bus is gone.
    """

    def __init__(self, address: str, lost: Callable[[], None]) -> None:
        self._address = address
        self._lost = lost
        self._bus: MessageBus | None = None
        self._receiver: Receiver | None = None
        self._watched: dict[str, int | None] = {}
        self._watching = asyncio.Lock()
        self._owned = False

    @property
    def name(self) -> str:
        """``session bus``."""
        return "session bus"

    @property
    def bus(self) -> MessageBus:
        """The connection, for others who need the same bus."""
        assert self._bus is not None
        return self._bus

    async def start(self, receiver: Receiver) -> None:
        """See :class:`Wire`; does not own the name yet."""
        self._receiver = receiver
        try:
            self._bus = await connected_bus(self._address)
        except Exception as error:
            raise HostUnavailableError(
                HostUnavailableReason.NO_SESSION_BUS,
                f"{self._address}: {str(error) or 'no answer in time'}",
            ) from error
        self._bus.add_message_handler(self._handle)
        self._bus._disconnect_future.add_done_callback(self._ended)

    async def check_name(self) -> None:
        """Makes sure that no other service has the name, before anything is touched.

        Raises:
            HostUnavailableError: another service has it.
        """
        if (await self._ask("NameHasOwner", BUS_NAME))[0]:
            raise await self._taken()

    async def own_name(self) -> None:
        """Takes the service's name; from then on clients find it.

        Raises:
            HostUnavailableError: another service has it.
        """
        async with _in_time("RequestName"):
            reply = await self.bus.request_name(BUS_NAME, NameFlag.DO_NOT_QUEUE)
        self._owned = reply is RequestNameReply.PRIMARY_OWNER
        if not self._owned:
            raise await self._taken()

    async def withdraw(self) -> None:
        """Gives the name up."""
        if self._owned and self.bus.connected:
            self._owned = False
            with suppress(Exception):
                async with asyncio.timeout(_LEAVING_S):
                    await self.bus.release_name(BUS_NAME)

    def send(self, message: Message) -> None:
        """See :class:`Wire`."""
        if self._bus is not None and self._bus.connected:
            self._bus.send(message).add_done_callback(_look_at)

    async def watch(self, client: str) -> int | None:
        """See :class:`Wire`."""
        async with self._watching:
            if client not in self._watched:
                await self._ask("AddMatch", _match(client))
                self._watched[client] = None
                try:
                    # Asked after the match is in force, so that no death falls between them.
                    answer = await self._ask("GetConnectionUnixProcessID", client)
                except HostUnavailableError:
                    self.forget(client)
                    raise
                if client in self._watched:
                    self._watched[client] = answer[0]
            return self._watched.get(client)

    def present(self, client: str) -> bool:
        """See :class:`Wire`."""
        return client in self._watched

    def forget(self, client: str) -> None:
        """See :class:`Wire`."""
        if self._watched.pop(client, self) is not self:
            self.send(_to_daemon("RemoveMatch", _match(client), no_reply=True))

    async def close(self) -> None:
        """See :class:`Wire`."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus._disconnect_future.remove_done_callback(self._ended)
            bus.disconnect()
            await asyncio.wait([bus._disconnect_future], timeout=_LEAVING_S)

    async def _taken(self) -> HostUnavailableError:
        where = f"it has the name {BUS_NAME} on this bus"
        try:
            (pid,) = await self._ask("GetConnectionUnixProcessID", BUS_NAME)
        except HostUnavailableError:
            # It is gone in this moment.
            return HostUnavailableError(HostUnavailableReason.ALREADY_RUNNING, where)
        return HostUnavailableError(HostUnavailableReason.ALREADY_RUNNING, f"pid {pid}, {where}")

    async def _ask(self, member: str, argument: str) -> list[Any]:
        async with _in_time(member):
            reply = await self.bus.call(_to_daemon(member, argument))
        if reply.message_type is MessageType.ERROR:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(reply.body[0]))
        body: list[Any] = reply.body
        return body

    def _handle(self, message: Message) -> bool:
        if self._receiver is None:
            return False
        if message.message_type is MessageType.METHOD_CALL:
            self._receiver.received(self, message)
            return True
        if (
            message.message_type is MessageType.SIGNAL
            and message.sender == DAEMON
            and message.member == "NameOwnerChanged"
        ):
            name, _, new = message.body
            if not new and name in self._watched:
                self.forget(name)
                self._receiver.gone(self, name)
        return False

    def _ended(self, _: object) -> None:
        self._lost()


@asynccontextmanager
async def _in_time(asked: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(CONNECT_S):
            yield
    except TimeoutError:
        raise HostUnavailableError(
            HostUnavailableReason.TIMED_OUT, f"the session bus does not answer {asked}"
        ) from None


def _match(client: str) -> str:
    return (
        f"type='signal',sender='{DAEMON}',interface='{DAEMON}',member='NameOwnerChanged',"
        f"path='{DAEMON_PATH}',arg0='{client}'"
    )


def _to_daemon(member: str, argument: str, *, no_reply: bool = False) -> Message:
    return Message(
        destination=DAEMON,
        path=DAEMON_PATH,
        interface=DAEMON,
        member=member,
        signature="s",
        body=[argument],
        flags=1 if no_reply else 0,
    )


def _look_at(sent: asyncio.Future[None]) -> None:
    if not sent.cancelled() and (error := sent.exception()) is not None:
        _log.debug("a message could not be sent: %s", error)


__all__ = ["Receiver", "SessionBusWire", "Wire"]
