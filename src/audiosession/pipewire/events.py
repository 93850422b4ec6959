"""What a client tells its listeners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from . import messages as wire
from .errors import RemoteError
from .objects import GlobalObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUp:
    """Connected, and everything there is has been listed."""

    info: wire.CoreInfo
    """What the server is; its cookie differs after a restart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerDown:
    """The connection is lost; all objects and proxies are gone."""

    reason: str
    """Why, as a phrase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectAdded:
    """Something is there."""

    object: GlobalObject
    """What."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRemoved:
    """Something is gone."""

    object: GlobalObject
    """What it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultsChanged:
    """Another sink or source is the default."""

    sink: str
    """The sink's node name, empty when there is none."""
    source: str
    """The source's node name, empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFailed:
    """The server refused something nobody waits for."""

    error: RemoteError
    """What and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """The server has read all that was sent, after it had not kept up for a while."""


ClientEvent: TypeAlias = (
    ServerUp | ServerDown | ObjectAdded | ObjectRemoved | DefaultsChanged | RequestFailed | Drained
)
"""Everything a listener hears of."""

__all__ = [
    "ClientEvent",
    "DefaultsChanged",
    "Drained",
    "ObjectAdded",
    "ObjectRemoved",
    "RequestFailed",
    "ServerDown",
    "ServerUp",
]
