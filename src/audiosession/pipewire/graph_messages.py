"""Messages of the things in the graph: devices, nodes, ports, links, metadata and their makers."""

from __future__ import annotations

from dataclasses import dataclass, field

from .ids import INVALID_ID, Interface
from .wire import (
    Dict,
    IdField,
    Ids,
    Int,
    LongField,
    MaybeText,
    Message,
    ParamFlags,
    Pod,
    Text,
    Uint,
    message,
)

# Device


@message(Interface.DEVICE, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSubscribeParams(Message):
    """Asks for a :class:`DeviceParam` now and whenever one of these changes."""

    ids: Ids
    """Parameters, of :class:`.ids.Param`."""


@message(Interface.DEVICE, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEnumParams(Message):
    """Asks for the values of a parameter, a :class:`DeviceParam` each."""

    seq: Int
    """Comes back."""
    id: IdField
    """The parameter."""
    index: Uint = 0
    """Where to begin."""
    count: Uint = INVALID_ID
    """How many at most."""
    filter: Pod = None
    """Only values that fit this one."""


@message(Interface.DEVICE, 3, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSetParam(Message):
    """Sets a parameter."""

    id: IdField
    """The parameter."""
    flags: Int = 0
    """Reserved."""
    param: Pod
    """The value."""


@message(Interface.DEVICE, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceInfo(Message):
    """What a device is."""

    id: Uint
    """Its id in the registry."""
    change_mask: LongField = 0
    """Bits: 0 properties, 1 parameters."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""
    params: ParamFlags = field(default_factory=dict)
    """What can be done with each parameter, bits of :class:`.ids.ParamFlag`."""


@message(Interface.DEVICE, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceParam(Message):
    """One value of a parameter."""

    seq: Int
    """As asked with."""
    id: IdField
    """The parameter."""
    index: Uint
    """Which of its values."""
    next: Uint
    """Where to go on."""
    param: Pod = None
    """The value."""


# Node


@message(Interface.NODE, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSubscribeParams(Message):
    """Asks for a :class:`NodeParam` now and whenever one of these changes."""

    ids: Ids
    """Parameters, of :class:`.ids.Param`."""


@message(Interface.NODE, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeEnumParams(Message):
    """Asks for the values of a parameter, a :class:`NodeParam` each."""

    seq: Int
    """Comes back."""
    id: IdField
    """The parameter."""
    index: Uint = 0
    """Where to begin."""
    count: Uint = INVALID_ID
    """How many at most."""
    filter: Pod = None
    """Only values that fit this one."""


@message(Interface.NODE, 3, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSetParam(Message):
    """Sets a parameter."""

    id: IdField
    """The parameter."""
    flags: Int = 0
    """Reserved."""
    param: Pod
    """The value."""


@message(Interface.NODE, 4, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSendCommand(Message):
    """Sends a command."""

    command: Pod
    """The command."""


@message(Interface.NODE, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo(Message):
    """What a node is and does."""

    id: Uint
    """Its id in the registry."""
    max_input_ports: Uint = 0
    """Most input ports."""
    max_output_ports: Uint = 0
    """Most output ports."""
    change_mask: LongField = 0
    """Bits: 0 input ports, 1 output ports, 2 state, 3 properties, 4 parameters."""
    n_input_ports: Uint = 0
    """Input ports."""
    n_output_ports: Uint = 0
    """Output ports."""
    state: IdField = 0
    """What it does, of :class:`.ids.NodeState`; -1 shows as 4294967295."""
    error: MaybeText = None
    """What is wrong."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""
    params: ParamFlags = field(default_factory=dict)
    """What can be done with each parameter, bits of :class:`.ids.ParamFlag`."""


@message(Interface.NODE, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class NodeParam(Message):
    """One value of a parameter."""

    seq: Int
    """As asked with."""
    id: IdField
    """The parameter."""
    index: Uint
    """Which of its values."""
    next: Uint
    """Where to go on."""
    param: Pod = None
    """The value."""


# Port


@message(Interface.PORT, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class PortSubscribeParams(Message):
    """Asks for a :class:`PortParam` now and whenever one of these changes."""

    ids: Ids
    """Parameters, of :class:`.ids.Param`."""


@message(Interface.PORT, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class PortEnumParams(Message):
    """Asks for the values of a parameter, a :class:`PortParam` each."""

    seq: Int
    """Comes back."""
    id: IdField
    """The parameter."""
    index: Uint = 0
    """Where to begin."""
    count: Uint = INVALID_ID
    """How many at most."""
    filter: Pod = None
    """Only values that fit this one."""


@message(Interface.PORT, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class PortInfo(Message):
    """What a port is."""

    id: Uint
    """Its id in the registry."""
    direction: Int = 0
    """0 input, 1 output."""
    change_mask: LongField = 0
    """Bits: 0 properties, 1 parameters."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""
    params: ParamFlags = field(default_factory=dict)
    """What can be done with each parameter, bits of :class:`.ids.ParamFlag`."""


@message(Interface.PORT, 1, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class PortParam(Message):
    """One value of a parameter."""

    seq: Int
    """As asked with."""
    id: IdField
    """The parameter."""
    index: Uint
    """Which of its values."""
    next: Uint
    """Where to go on."""
    param: Pod = None
    """The value."""


# Link, factory, module


@message(Interface.LINK, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkInfo(Message):
    """What a link connects."""

    id: Uint
    """Its id in the registry."""
    output_node_id: Uint = INVALID_ID
    """Where sound comes from."""
    output_port_id: Uint = INVALID_ID
    """Out of which port."""
    input_node_id: Uint = INVALID_ID
    """Where sound goes."""
    input_port_id: Uint = INVALID_ID
    """Into which port."""
    change_mask: LongField = 0
    """Bits: 0 state, 1 format, 2 properties."""
    state: Int = 0
    """-2 failed, -1 unlinked, 0 begun, 1 negotiating, 2 allocating, 3 paused, 4 active."""
    error: MaybeText = None
    """What is wrong."""
    format: Pod = None
    """The format of the sound."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


@message(Interface.FACTORY, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class FactoryInfo(Message):
    """What a factory makes."""

    id: Uint
    """Its id in the registry."""
    name: Text
    """Its name."""
    type: Text
    """The interface of what it makes."""
    version: Int
    """Its version."""
    change_mask: LongField = 0
    """Bit 0: properties."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


@message(Interface.MODULE, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleInfo(Message):
    """What a module is."""

    id: Uint
    """Its id in the registry."""
    name: Text
    """Its name."""
    filename: Text
    """Its file."""
    arguments: MaybeText = None
    """What it was told."""
    change_mask: LongField = 0
    """Bit 0: properties."""
    properties: Dict = field(default_factory=dict)
    """Its properties."""


# Metadata


@message(Interface.METADATA, 1, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class SetProperty(Message):
    """Sets a value; an absent one removes the key."""

    subject: Uint
    """The object it is about, its id in the registry; 0 for none."""
    key: MaybeText
    """The key; absent for all of the subject."""
    type: MaybeText = None
    """The value's type (``Spa:String:JSON``)."""
    value: MaybeText = None
    """The value."""


@message(Interface.METADATA, 2, event=False)
@dataclass(frozen=True, slots=True, kw_only=True)
class ClearProperties(Message):
    """Removes everything."""

    nothing: Pod = None
    """Nothing."""


@message(Interface.METADATA, 0, event=True)
@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Message):
    """A value was set; an absent one removes the key."""

    subject: Uint
    """The object it is about, its id in the registry; 0 for none."""
    key: MaybeText = None
    """The key; absent for all of the subject."""
    type: MaybeText = None
    """The value's type (``Spa:String:JSON``)."""
    value: MaybeText = None
    """The value."""


__all__ = [
    "ClearProperties",
    "DeviceEnumParams",
    "DeviceInfo",
    "DeviceParam",
    "DeviceSetParam",
    "DeviceSubscribeParams",
    "FactoryInfo",
    "LinkInfo",
    "ModuleInfo",
    "NodeEnumParams",
    "NodeInfo",
    "NodeParam",
    "NodeSendCommand",
    "NodeSetParam",
    "NodeSubscribeParams",
    "PortEnumParams",
    "PortInfo",
    "PortParam",
    "PortSubscribeParams",
    "Property",
    "SetProperty",
]
