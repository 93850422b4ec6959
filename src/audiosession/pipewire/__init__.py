"""A pure-Python asyncio client of PipeWire's native protocol; needs nothing but Python.

:class:`PipeWireClient` connects, keeps a mirror of the registry and the default devices, and
hands out proxies by which parameters are read, followed and set. Beneath it, without any input
or output: :class:`Protocol` (bytes to messages and back),
:mod:`~audiosession.pipewire.messages` (every message as a frozen dataclass) and
:mod:`~audiosession.pipewire.pod` (the codec of typed values).
"""

from . import messages, pod
from .client import PipeWireClient
from .connection import Connection, remote_path
from .errors import PodError, ProtocolError, RemoteError
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
from .ids import (
    Availability,
    Interface,
    NodeState,
    ObjectType,
    Param,
    ParamFlag,
    Permission,
    Profile,
    Props,
    Route,
)
from .objects import (
    DeviceProxy,
    GlobalObject,
    MetadataProxy,
    MetadataValue,
    NodeProxy,
    PortProxy,
    Proxy,
)
from .protocol import Protocol, Received

__all__ = [
    "Availability",
    "ClientEvent",
    "Connection",
    "DefaultsChanged",
    "DeviceProxy",
    "Drained",
    "GlobalObject",
    "Interface",
    "MetadataProxy",
    "MetadataValue",
    "NodeProxy",
    "NodeState",
    "ObjectAdded",
    "ObjectRemoved",
    "ObjectType",
    "Param",
    "ParamFlag",
    "Permission",
    "PipeWireClient",
    "PodError",
    "PortProxy",
    "Profile",
    "Props",
    "Protocol",
    "ProtocolError",
    "Proxy",
    "Received",
    "RemoteError",
    "RequestFailed",
    "Route",
    "ServerDown",
    "ServerUp",
    "messages",
    "pod",
    "remote_path",
]
