"""What is in the graph, as the client sees it, and hands to work it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from . import messages as wire
from .ids import Interface, Permission
from .pod import Object

if TYPE_CHECKING:
    from .client import PipeWireClient

NO_PERMISSION = Permission(0)
"""Nothing may be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalObject:
    """One entry of the registry."""

    id: int
    """Its id; a later object may get the same."""
    serial: int
    """Its number; no later object of this server gets the same."""
    type: str
    """The name of its interface."""
    version: int = 0
    """The interface's version at the server."""
    permissions: Permission = NO_PERMISSION
    """What this client may do with it."""
    properties: Mapping[str, str] = field(default_factory=dict, hash=False)
    """A few of its properties; the others come with its proxy's info."""

    @property
    def interface(self) -> Interface | None:
        """What kind of object it is, ``None`` when this version does not know it."""
        try:
            return Interface(self.type)
        except ValueError:
            return None

    @property
    def name(self) -> str:
        """A name for people: the node's, device's, program's, or an empty text."""
        for key in ("node.name", "device.name", "application.name", "metadata.name"):
            if key in self.properties:
                return self.properties[key]
        return ""

    def __str__(self) -> str:
        kind = self.type.rpartition(":")[2].lower() or "object"
        return f"{kind} {self.id}" + (f" ({self.name})" if self.name else "")


class Proxy:
    """An object of the server that this client hears of; made by :meth:`PipeWireClient.bind`.

    It is of no more use once the object or the connection is gone: ``alive`` is false then,
    and what is asked of it raises :class:`~audiosession.errors.HostUnavailableError`.
    """

    def __init__(self, client: PipeWireClient, number: int, target: GlobalObject) -> None:
        self._client = client
        self.number = number
        """Its number in the connection."""
        self.target = target
        """What it stands for."""
        self.alive = True
        """Whether it can be used."""
        self.properties: Mapping[str, str] = dict(target.properties)
        """All properties, once the first info has come."""
        self.informed = False
        """Whether an info has come."""
        self.on_info: Callable[[], None] | None = None
        """Called after each info."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.target}{'' if self.alive else ', gone'}>"

    def release(self) -> None:
        """Stops hearing of the object; does nothing the second time."""
        self._client.release(self)

    def receive(self, message: wire.Message) -> None:
        """Takes a message for this object; for the client only."""
        if isinstance(message, wire.ClientInfo | wire.FactoryInfo | wire.ModuleInfo):
            self._inform(message.properties if message.change_mask & 1 else None)
        elif isinstance(message, wire.LinkInfo):
            self._inform(message.properties if message.change_mask & 4 else None)

    def _inform(self, properties: Mapping[str, str] | None) -> None:
        if properties is not None:
            self.properties = properties
        self.informed = True
        if self.on_info is not None:
            self.on_info()


_Param = wire.NodeParam | wire.DeviceParam | wire.PortParam
S = TypeVar("S", wire.NodeSubscribeParams, wire.DeviceSubscribeParams, wire.PortSubscribeParams)
E = TypeVar("E", wire.NodeEnumParams, wire.DeviceEnumParams, wire.PortEnumParams)


class _ParamProxy(Proxy, Generic[S, E]):
    """An object with parameters."""

    _subscribe: type[S]
    _enum: type[E]

    def __init__(self, client: PipeWireClient, number: int, target: GlobalObject) -> None:
        super().__init__(client, number, target)
        self.param_flags: Mapping[int, int] = {}
        """What can be done with each parameter; a serial bit flips with every change."""
        self.on_param: Callable[[int, int, Object], None] | None = None
        """Called with parameter, index and value for each one subscribed to. All values of a
        parameter come again when one changes, from index 0 on."""
        self._listings: dict[int, list[Object]] = {}

    def subscribe_params(self, *ids: int) -> None:
        """Asks for these parameters now and on every change; replaces an earlier wish."""
        self._client.call(self, self._subscribe(ids=ids))

    def enum_params(self, param: int) -> asyncio.Future[tuple[Object, ...]]:
        """Returns all values of a parameter, when awaited.

        Raises:
            RemoteError: the object has no such parameter.
            HostUnavailableError: the object or the connection is gone.
        """
        found: list[Object] = []
        seq = self._client.next_seq()
        answer: asyncio.Future[tuple[Object, ...]] = self._client.loop.create_future()
        self._listings[seq] = found
        asked = self._client.request(self, self._enum(seq=seq, id=param))

        def finish(done: asyncio.Future[None]) -> None:
            self._listings.pop(seq, None)
            if answer.done():
                done.exception()
            elif done.cancelled():
                answer.cancel()
            elif (error := done.exception()) is not None:
                answer.set_exception(error)
            else:
                answer.set_result(tuple(found))

        asked.add_done_callback(finish)
        return answer

    def receive(self, message: wire.Message) -> None:
        """Takes a message for this object; for the client only."""
        if isinstance(message, _Param):
            if not isinstance(message.param, Object):
                return
            if (listing := self._listings.get(message.seq)) is not None:
                listing.append(message.param)
            elif self.on_param is not None:
                self.on_param(message.id, message.index, message.param)
        elif isinstance(message, wire.DeviceInfo | wire.PortInfo):
            if message.change_mask & 2:
                self.param_flags = message.params
            self._inform(message.properties if message.change_mask & 1 else None)


class NodeProxy(_ParamProxy[wire.NodeSubscribeParams, wire.NodeEnumParams]):
    """A node."""

    _subscribe = wire.NodeSubscribeParams
    _enum = wire.NodeEnumParams

    def __init__(self, client: PipeWireClient, number: int, target: GlobalObject) -> None:
        super().__init__(client, number, target)
        self.state = 0
        """What it does, of :class:`.ids.NodeState`."""

    def set_param(self, param: int, value: Object) -> None:
        """Sets a parameter; sent at once. A refusal is reported to the client's listeners."""
        self._client.call(self, wire.NodeSetParam(id=param, param=value))

    def try_set_param(self, param: int, value: Object) -> asyncio.Future[None]:
        """Sets a parameter; returns, when awaited, once the server has taken it.

        An object that another program exports, as the devices of the session manager, may
        carry it out later, or not: its parameters tell.

        Raises:
            RemoteError: the server refused it.
            HostUnavailableError: the object or the connection is gone.
        """
        return self._client.request(self, wire.NodeSetParam(id=param, param=value))

    def receive(self, message: wire.Message) -> None:
        """Takes a message for this object; for the client only."""
        if isinstance(message, wire.NodeInfo):
            if message.change_mask & 4:
                self.state = message.state - (1 << 32 if message.state >> 31 else 0)
            if message.change_mask & 16:
                self.param_flags = message.params
            self._inform(message.properties if message.change_mask & 8 else None)
        else:
            super().receive(message)


class DeviceProxy(_ParamProxy[wire.DeviceSubscribeParams, wire.DeviceEnumParams]):
    """A device."""

    _subscribe = wire.DeviceSubscribeParams
    _enum = wire.DeviceEnumParams

    def set_param(self, param: int, value: Object) -> None:
        """Sets a parameter; sent at once. A refusal is reported to the client's listeners."""
        self._client.call(self, wire.DeviceSetParam(id=param, param=value))

    def try_set_param(self, param: int, value: Object) -> asyncio.Future[None]:
        """Sets a parameter; returns, when awaited, once the server has taken it.

        An object that another program exports, as the devices of the session manager, may
        carry it out later, or not: its parameters tell.

        Raises:
            RemoteError: the server refused it.
            HostUnavailableError: the object or the connection is gone.
        """
        return self._client.request(self, wire.DeviceSetParam(id=param, param=value))


class PortProxy(_ParamProxy[wire.PortSubscribeParams, wire.PortEnumParams]):
    """A port of a node."""

    _subscribe = wire.PortSubscribeParams
    _enum = wire.PortEnumParams


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataValue:
    """One value of a metadata object."""

    type: str | None
    """Its type: ``Spa:String:JSON``, ``Spa:Id``, or none."""
    value: str
    """The value."""


class MetadataProxy(Proxy):
    """Settings by object and key, kept up to date."""

    def __init__(self, client: PipeWireClient, number: int, target: GlobalObject) -> None:
        super().__init__(client, number, target)
        self.informed = True
        self.values: dict[tuple[int, str], MetadataValue] = {}
        """The values by subject (0 for none) and key."""
        self.on_change: Callable[[int, str | None], None] | None = None
        """Called with subject and key after each change; no key when all are gone."""

    def set(self, subject: int, key: str, value: str | None, type: str | None = None) -> None:
        """Sets a value, or removes it; sent at once."""
        self._client.call(self, wire.SetProperty(subject=subject, key=key, type=type, value=value))

    def receive(self, message: wire.Message) -> None:
        """Takes a message for this object; for the client only."""
        if not isinstance(message, wire.Property):
            return
        if message.key is None:
            self._drop(key for key in self.values if key[0] == message.subject)
        elif message.value is None:
            self._drop([(message.subject, message.key)])
        else:
            self.values[message.subject, message.key] = MetadataValue(
                type=message.type, value=message.value
            )
        if self.on_change is not None:
            self.on_change(message.subject, message.key)

    def _drop(self, keys: Iterable[tuple[int, str]]) -> None:
        for key in tuple(keys):
            self.values.pop(key, None)


PROXIES: dict[Interface, type[Proxy]] = {
    Interface.NODE: NodeProxy,
    Interface.DEVICE: DeviceProxy,
    Interface.PORT: PortProxy,
    Interface.METADATA: MetadataProxy,
}
"""The class of proxy of each interface; others get a plain :class:`Proxy`."""

__all__ = [
    "PROXIES",
    "DeviceProxy",
    "GlobalObject",
    "MetadataProxy",
    "MetadataValue",
    "NodeProxy",
    "PortProxy",
    "Proxy",
]
