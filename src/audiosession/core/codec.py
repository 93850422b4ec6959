"""Values as plain JSON, and events and effects back from it, by their field types."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError, MissingFieldError, UnknownFieldError
from . import effects as _effects
from . import events as _events
from .claims import Claim

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for union in (_events.Event, _effects.Effect)
    for kind in typing.get_args(union)
}
_HINTS: dict[type, dict[str, Any]] = {}


def to_plain(value: Any) -> Any:
    """A JSON value: dataclasses become objects (events and effects with their ``type``),
    enums their values, tuples lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain: dict[str, Any] = {}
        if type(value).__name__ in _KINDS:
            plain["type"] = type(value).__name__
        for field in dataclasses.fields(value):
            plain[field.name] = to_plain(getattr(value, field.name))
        return plain
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    return value


def to_json(value: Any) -> str:
    """The JSON text of :func:`to_plain`'s value.

    Large values are written piece by piece: their plain form takes ten times the memory of the
    text, and an allocator seldom gives back what was needed once.
    """
    if type(value).__name__ not in _KINDS and dataclasses.is_dataclass(value):
        fields = ((each.name, getattr(value, each.name)) for each in dataclasses.fields(value))
        return "{" + ", ".join(f"{json.dumps(name)}: {to_json(of)}" for name, of in fields) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(json.dumps(to_plain(item)) for item in value) + "]"
    return json.dumps(to_plain(value))


def from_plain(data: object) -> Any:
    """The event or effect that :func:`to_plain` wrote.

    Raises:
        InvalidTypeError, InvalidValueError, MissingFieldError, UnknownFieldError: naming
            the field.
    """
    if not isinstance(data, Mapping):
        raise InvalidTypeError("value", data, expected="an object")
    name = data.get("type")
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise InvalidValueError("type", name, expected="the name of an event or effect")
    return _build(kind, {key: item for key, item in data.items() if key != "type"}, "")


def _build(kind: type, data: Mapping[str, Any], path: str) -> Any:
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    hints = _HINTS[kind]
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in data:
        if key not in fields:
            raise UnknownFieldError(f"{path}{key}", known=fields)
    values = {}
    for name, field in fields.items():
        if name in data:
            values[name] = _value(hints[name], data[name], f"{path}{name}")
        elif field.default is dataclasses.MISSING:
            raise MissingFieldError(f"{path}{name}")
    return kind(**values)


def _value(hint: Any, value: Any, path: str) -> Any:
    if hint is Claim:
        if not isinstance(value, Mapping):
            raise InvalidTypeError(path, value, expected="an object")
        return _build(Claim, value, f"{path}.")
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            legal = ", ".join(str(item.value) for item in hint)
            raise InvalidValueError(path, value, expected=f"one of {legal}") from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise InvalidTypeError(path, value, expected=f"of type {hint.__name__}")
    return value
