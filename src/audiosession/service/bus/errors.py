"""Errors on the wire: every error of the package has a D-Bus name, and comes back as itself.

The name is ``org.audiosession.Error.`` and the class without ``Error``. The body is the message
for people and, as JSON, the data that the error keeps.
"""

from __future__ import annotations

import json
import reprlib
import types
import typing
from enum import Enum
from pathlib import Path
from typing import Any, Final

from ... import errors
from ...errors import AudioSessionError, HostUnavailableError, HostUnavailableReason
from .names import DAEMON, ERROR_PREFIX
from .values import carried

ERROR_NAMES: Final[dict[str, type[AudioSessionError]]] = {
    f"{ERROR_PREFIX}.{thing.__name__.removesuffix('Error')}": thing
    for thing in (getattr(errors, name) for name in errors.__all__)
    if issubclass(thing, AudioSessionError) and thing is not AudioSessionError
}
"""The errors of the package by their name on the wire."""

NOT_YOURS: Final = f"{ERROR_PREFIX}.NotYours"
"""The caller touched a session of somebody else."""

_NAMES = {kind: name for name, kind in ERROR_NAMES.items()}
_FIELDS = {kind: typing.get_type_hints(kind, localns={"Path": Path}) for kind in _NAMES}
_MOST_DATA = 8 * 1024
_MOST_LETTERS = 4 * 1024

# What the bus itself answers when nobody is there to answer.
_FOREIGN = {
    f"{DAEMON}.Error.ServiceUnknown": HostUnavailableReason.NO_SERVICE,
    f"{DAEMON}.Error.NameHasNoOwner": HostUnavailableReason.NO_SERVICE,
    f"{DAEMON}.Error.NoReply": HostUnavailableReason.CONNECTION_LOST,
    f"{DAEMON}.Error.Disconnected": HostUnavailableReason.CONNECTION_LOST,
    f"{DAEMON}.Error.AccessDenied": HostUnavailableReason.PERMISSION_DENIED,
    f"{DAEMON}.Error.UnknownMethod": HostUnavailableReason.VERSION_MISMATCH,
    f"{DAEMON}.Error.UnknownInterface": HostUnavailableReason.VERSION_MISMATCH,
    f"{DAEMON}.Error.UnknownProperty": HostUnavailableReason.VERSION_MISMATCH,
    NOT_YOURS: HostUnavailableReason.PERMISSION_DENIED,
}


def has_name(error: Exception) -> bool:
    """Whether an error is one of those with a name on the wire."""
    return type(error) in _NAMES


def to_wire(error: AudioSessionError) -> tuple[str, str, str]:
    """The error's name, its message for people, and its data as JSON."""
    fields = _FIELDS[type(error)]
    data = {name: _plain(value) for name, value in vars(error).items() if name in fields}
    text = json.dumps(data)
    if len(text) > _MOST_DATA:
        text = json.dumps({name: _short(value) for name, value in data.items()})
    return _NAMES[type(error)], carried(str(error)[:_MOST_LETTERS]), text


def from_wire(name: str, body: typing.Sequence[object]) -> AudioSessionError:
    """The error that an answer stands for; one of the bus itself is HostUnavailableError."""
    message = str(body[0]) if body else name
    kind = ERROR_NAMES.get(name)
    if kind is None:
        reason = _FOREIGN.get(name, HostUnavailableReason.CONNECTION_LOST)
        return HostUnavailableError(reason, message)
    try:
        data = json.loads(str(body[1]))
        state = {
            field: _restored(hint, data[field])
            for field, hint in _FIELDS[kind].items()
            if field in data
        }
    except (IndexError, TypeError, ValueError):
        return HostUnavailableError(HostUnavailableReason.VERSION_MISMATCH, message)
    return errors._rebuild(kind, message, state)


def _plain(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value) if isinstance(value, Path) else reprlib.repr(value)


def _short(value: Any) -> Any:
    if isinstance(value, str):
        return value[:200]
    return [_short(item) for item in value[:12]] if isinstance(value, list) else value


def _restored(hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) is tuple:
        return tuple(value)
    if isinstance(hint, types.UnionType) or hint is object or value is None:
        return value
    return hint(value)


__all__ = ["ERROR_NAMES", "NOT_YOURS", "from_wire", "has_name", "to_wire"]
