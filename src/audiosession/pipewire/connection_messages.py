"""Messages that make a connection and list what there is: core, registry, client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from .ids import Interface
from .wire import (
    Dict,
    FdField,
    IdField,
    Int,
    LongField,
    Message,
    Permissions,
    Text,
    Uint,
    message,
)

# Core methods


@message(Interface.CORE, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Message):
    """Opens the conversation."""

    version: Int
    """The version of the core spoken."""


@message(Interface.CORE, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class Sync(Message):
    """Asks for a :class:`Done` once everything before it is carried out."""

    id: Int
    """Comes back."""
    seq: Int
    """Comes back."""


@message(Interface.CORE, 3, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Message):
    """Answers a :class:`Ping`."""

    id: Int
    """As in the ping."""
    seq: Int
    """As in the ping."""


@message(Interface.CORE, 4, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class ReportError(Message):
    """Tells the server of an error of the client's."""

    id: Uint
    """The object it is about."""
    seq: Int
    """The request it is about."""
    res: Int
    """A negative error number."""
    message: Text
    """What is wrong."""


@message(Interface.CORE, 5, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class GetRegistry(Message):
    """Makes an object that lists what there is."""

    version: Int
    """The version of the registry spoken."""
    new_id: Int
    """The object to make."""


@message(Interface.CORE, 6, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class CreateObject(Message):
    """Makes an object on the server."""

    factory_name: Text
    """What makes it."""
    type: Text
    """The interface of the object."""
    version: Int
    """Its version."""
    properties: Dict
    """What the factory is told."""
    new_id: Int
    """The object to make."""


@message(Interface.CORE, 7, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyObject(Message):
    """Gives an object of the connection up."""

    id: Int
    """The object."""


# Core events


@message(Interface.CORE, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class CoreInfo(Message):
    """What the server is."""

    id: Int
    """0."""
    cookie: Uint
    """A number drawn when the server started."""
    user_name: Text
    """Who runs it."""
    host_name: Text
    """Where."""
    version: Text
    """Its version (``1.4.2``)."""
    name: Text
    """Its name (``pipewire-0``)."""
    change_mask: LongField = 0
    """Bit 0: the properties are there."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


@message(Interface.CORE, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Message):
    """Answers a :class:`Sync`."""

    id: Int
    """As in the sync."""
    seq: Int
    """As in the sync."""


@message(Interface.CORE, 2, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """Asks whether the client lives."""

    id: Int
    """To be sent back."""
    seq: Int
    """To be sent back."""


@message(Interface.CORE, 3, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Message):
    """Something went wrong."""

    id: Uint
    """The object it is about."""
    seq: Int
    """The request it is about."""
    res: Int
    """A negative error number."""
    message: Text
    """The server's words."""


@message(Interface.CORE, 4, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveId(Message):
    """An object of the connection is gone; its id may be used again."""

    id: Uint
    """The object."""


@message(Interface.CORE, 5, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class BoundId(Message):
    """An object of the connection stands for this one of the registry."""

    id: Uint
    """The object."""
    global_id: Uint
    """Its id in the registry."""


@message(Interface.CORE, 6, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class AddMem(Message):
    """Shares memory."""

    id: Uint
    """What to call it."""
    type: IdField
    """What kind of memory."""
    fd: FdField
    """Which of the message's file descriptors."""
    flags: Int
    """Bits: 1 readable, 2 writable."""


@message(Interface.CORE, 7, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMem(Message):
    """Ends the sharing of memory."""

    id: Uint
    """Which."""


@message(Interface.CORE, 8, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class BoundProps(Message):
    """As :class:`BoundId`, with properties."""

    id: Uint
    """The object."""
    global_id: Uint
    """Its id in the registry."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


# Registry


@message(Interface.REGISTRY, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class Bind(Message):
    """Makes an object of the connection for one of the registry."""

    id: Uint
    """Its id in the registry."""
    type: Text
    """Its interface."""
    version: Int
    """The version spoken."""
    new_id: Int
    """The object to make."""


@message(Interface.REGISTRY, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class DestroyGlobal(Message):
    """Asks to destroy something for everybody."""

    id: Uint
    """Its id in the registry."""


@message(Interface.REGISTRY, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Global(Message):
    """Something is there."""

    id: Uint
    """Its id in the registry; used again when it is gone."""
    permissions: Int
    """What may be done with it, bits of :class:`.ids.Permission`."""
    type: Text
    """Its interface."""
    version: Int
    """Its version."""
    properties: Dict = field(default_factory=dict)
    """A few of its properties."""


@message(Interface.REGISTRY, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalRemove(Message):
    """Something is gone."""

    id: Uint
    """Its id in the registry."""


# Client


@message(Interface.CLIENT, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class SendClientError(Message):
    """Tells a client of an error."""

    id: Uint
    """The object it is about."""
    res: Int
    """A negative error number."""
    message: Text
    """What is wrong."""


@message(Interface.CLIENT, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateProperties(Message):
    """Says what the program is."""

    properties: Dict
    """Properties to set."""


@message(Interface.CLIENT, 3, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class GetPermissions(Message):
    """Asks what a client may do."""

    index: Uint
    """Where to begin."""
    count: Uint
    """How many at most."""


@message(Interface.CLIENT, 4, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePermissions(Message):
    """Sets what a client may do."""

    bare: ClassVar[bool] = True

    permissions: Permissions
    """Bits by id in the registry."""


@message(Interface.CLIENT, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientInfo(Message):
    """What a client is."""

    id: Uint
    """Its id in the registry."""
    change_mask: LongField = 0
    """Bit 0: the properties."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


@message(Interface.CLIENT, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPermissions(Message):
    """Answers :class:`GetPermissions`."""

    index: Int
    """Where it begins."""
    permissions: Permissions = field(default_factory=dict)
    """Bits by id in the registry."""


__all__ = [
    "AddMem",
    "Bind",
    "BoundId",
    "BoundProps",
    "ClientInfo",
    "ClientPermissions",
    "CoreInfo",
    "CreateObject",
    "DestroyGlobal",
    "DestroyObject",
    "Done",
    "Error",
    "GetPermissions",
    "GetRegistry",
    "Global",
    "GlobalRemove",
    "Hello",
    "Ping",
    "Pong",
    "RemoveId",
    "RemoveMem",
    "ReportError",
    "SendClientError",
    "Sync",
    "UpdatePermissions",
    "UpdateProperties",
]
