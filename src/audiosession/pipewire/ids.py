"""Numbers and names of PipeWire: object types, parameters, keys, interfaces.

They are those of PipeWire's public headers, ``spa/utils/type.h``, ``spa/param/*.h`` and
``pipewire/*.h``, and stay the same from version to version.
"""

from __future__ import annotations

from enum import Enum, IntEnum, IntFlag


class Interface(Enum):
    """What kind of object it is; the value is its name in the protocol."""

    CORE = "PipeWire:Interface:Core"
    """The server itself; always object 0 of a connection."""
    REGISTRY = "PipeWire:Interface:Registry"
    """The list of everything there is."""
    CLIENT = "PipeWire:Interface:Client"
    """A program connected to the server; object 1 of a connection is the program itself."""
    DEVICE = "PipeWire:Interface:Device"
    """A sound card and the like, which makes nodes."""
    NODE = "PipeWire:Interface:Node"
    """A source or sink of sound, a stream of a program, a filter."""
    PORT = "PipeWire:Interface:Port"
    """A way into or out of a node."""
    LINK = "PipeWire:Interface:Link"
    """A connection from one port to another."""
    FACTORY = "PipeWire:Interface:Factory"
    """Makes objects of one kind."""
    MODULE = "PipeWire:Interface:Module"
    """A part of the server loaded at start."""
    METADATA = "PipeWire:Interface:Metadata"
    """Settings by object and key, kept by the session manager."""
    PROFILER = "PipeWire:Interface:Profiler"
    """Measures the server's work."""
    SECURITY_CONTEXT = "PipeWire:Interface:SecurityContext"
    """Makes sockets of fewer rights."""

    @property
    def version(self) -> int:
        """The version this package speaks; newer servers speak it too."""
        return 0 if self is Interface.CORE else 3


CORE_VERSION = 3
"""What is said in the hello; servers from 0.3 on understand it."""
CORE_ID = 0
"""The core's object in every connection, and its id in the registry."""
CLIENT_ID = 1
"""The object in a connection that stands for the program itself."""
INVALID_ID = 0xFFFFFFFF
"""Stands for no object, or for any."""
ALL = -1
"""As a number of parameters to list: all."""


class ObjectType(IntEnum):
    """Types of POD objects (``spa/utils/type.h``)."""

    PROP_INFO = 0x40001
    """Describes a property."""
    PROPS = 0x40002
    """Properties, with the keys of :class:`Props`."""
    FORMAT = 0x40003
    """A format of sound or pictures."""
    PARAM_BUFFERS = 0x40004
    """Sizes of buffers."""
    PARAM_META = 0x40005
    """Metadata of buffers."""
    PARAM_IO = 0x40006
    """Areas shared with a node."""
    PARAM_PROFILE = 0x40007
    """A profile of a device, with the keys of :class:`Profile`."""
    PARAM_PORT_CONFIG = 0x40008
    """How a node's ports are set up."""
    PARAM_ROUTE = 0x40009
    """A port of a device, with the keys of :class:`Route`."""
    PROFILER = 0x4000A
    """Measurements."""
    PARAM_LATENCY = 0x4000B
    """A latency."""
    PARAM_PROCESS_LATENCY = 0x4000C
    """The latency of processing."""
    PARAM_TAG = 0x4000D
    """Free text along a stream; since 0.3.79."""


class Param(IntEnum):
    """Parameters of objects (``spa/param/param.h``)."""

    PROP_INFO = 1
    """Descriptions of properties."""
    PROPS = 2
    """The properties."""
    ENUM_FORMAT = 3
    """Formats to choose from."""
    FORMAT = 4
    """The format in use."""
    BUFFERS = 5
    """Sizes of buffers."""
    META = 6
    """Metadata of buffers."""
    IO = 7
    """Areas that can be shared."""
    ENUM_PROFILE = 8
    """A device's profiles."""
    PROFILE = 9
    """The profile in use."""
    ENUM_PORT_CONFIG = 10
    """Set-ups of ports to choose from."""
    PORT_CONFIG = 11
    """The set-up of ports in use."""
    ENUM_ROUTE = 12
    """A device's ports, plugged in or not."""
    ROUTE = 13
    """The ports in use."""
    CONTROL = 14
    """Values over time."""
    LATENCY = 15
    """Latency."""
    PROCESS_LATENCY = 16
    """Latency of processing."""
    TAG = 17
    """Free text along a stream; since 0.3.79."""


class ParamFlag(IntFlag):
    """What can be done with a parameter (``spa/param/param.h``)."""

    SERIAL = 1
    """Flips whenever the values change."""
    READ = 2
    """It can be read."""
    WRITE = 4
    """It can be set."""


class Props(IntEnum):
    """Keys of a :attr:`ObjectType.PROPS` object (``spa/param/props.h``), those of sound."""

    VOLUME = 0x10003
    """One linear factor for all channels, before the others."""
    MUTE = 0x10004
    """Whether the user muted it."""
    CHANNEL_VOLUMES = 0x10008
    """What the user set, linear, one a channel."""
    VOLUME_BASE = 0x10009
    """The volume that leaves sound as it is."""
    VOLUME_STEP = 0x1000A
    """The smallest step."""
    CHANNEL_MAP = 0x1000B
    """Positions of the channels."""
    MONITOR_MUTE = 0x1000C
    """Whether the monitor is muted."""
    MONITOR_VOLUMES = 0x1000D
    """Volumes of the monitor, one a channel."""
    LATENCY_OFFSET = 0x1000E
    """Delay to add, in nanoseconds."""
    SOFT_MUTE = 0x1000F
    """Mutes instead of :attr:`MUTE` until that or the volumes are set again."""
    SOFT_VOLUMES = 0x10010
    """Holds instead of :attr:`CHANNEL_VOLUMES` until those or the mute are set again."""
    PARAMS = 0x80001
    """Other values, a struct of names and values in turn."""


class Route(IntEnum):
    """Keys of a :attr:`ObjectType.PARAM_ROUTE` object (``spa/param/route.h``)."""

    INDEX = 1
    """Its number on the device."""
    DIRECTION = 2
    """0 input, 1 output."""
    DEVICE = 3
    """Number of the profile's device, a node's ``card.profile.device``; of routes in use only."""
    NAME = 4
    """Its name (``analog-output-headphones``)."""
    DESCRIPTION = 5
    """What people call it."""
    PRIORITY = 6
    """The highest available one is chosen."""
    AVAILABLE = 7
    """0 unknown, 1 nothing plugged in, 2 plugged in."""
    INFO = 8
    """A dictionary: ``port.type`` and more."""
    PROFILES = 9
    """Indexes of the profiles that have it."""
    PROPS = 10
    """Its volumes."""
    DEVICES = 11
    """Numbers of the profile's devices that can use it."""
    PROFILE = 12
    """Index of the profile it is in use with."""
    SAVE = 13
    """Whether the choice is remembered."""


class Profile(IntEnum):
    """Keys of a :attr:`ObjectType.PARAM_PROFILE` object (``spa/param/profile.h``)."""

    INDEX = 1
    """Its number on the device."""
    NAME = 2
    """Its name (``output:analog-stereo``)."""
    DESCRIPTION = 3
    """What people call it."""
    PRIORITY = 4
    """The highest available one is chosen."""
    AVAILABLE = 5
    """0 unknown, 1 no, 2 yes."""
    INFO = 6
    """A dictionary."""
    CLASSES = 7
    """The nodes it makes."""
    SAVE = 8
    """Whether the choice is remembered."""


class Availability(IntEnum):
    """Whether something is plugged in (``spa/param/param.h``)."""

    UNKNOWN = 0
    """It cannot be told."""
    NO = 1
    """Nothing is."""
    YES = 2
    """Something is."""


class NodeState(IntEnum):
    """What a node does (``pipewire/node.h``)."""

    ERROR = -1
    """It failed."""
    CREATING = 0
    """It is being made."""
    SUSPENDED = 1
    """Its device may be closed."""
    IDLE = 2
    """Nothing goes through it."""
    RUNNING = 3
    """Sound goes through it."""


class Permission(IntFlag):
    """What a client may do with an object (``pipewire/permission.h``)."""

    READ = 0o400
    """See it and hear of it."""
    WRITE = 0o200
    """Change it."""
    EXECUTE = 0o100
    """Call it."""
    METADATA = 0o010
    """Set metadata of it."""
    LINK = 0o020
    """Link it to nodes it cannot see; since 0.3.77."""


__all__ = [
    "ALL",
    "CLIENT_ID",
    "CORE_ID",
    "CORE_VERSION",
    "INVALID_ID",
    "Availability",
    "Interface",
    "NodeState",
    "ObjectType",
    "Param",
    "ParamFlag",
    "Permission",
    "Profile",
    "Props",
    "Route",
]
