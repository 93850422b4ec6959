"""Reading values from JSON strictly: every fault names the key, dotted where nested."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntFlag
from typing import Any, TypeVar

from audiosession.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownFieldError,
)

E = TypeVar("E", bound=Enum)
F = TypeVar("F", bound=IntFlag)


def dotted(parent: str, key: str) -> str:
    """Returns the name of a key inside its parent."""
    return f"{parent}.{key}" if parent else key


def mapping(value: object, field: str) -> Mapping[Any, Any]:
    """Returns the value when it is a mapping.

    Raises:
        InvalidTypeError: It is something else.
    """
    if not isinstance(value, Mapping):
        raise InvalidTypeError(field, value, expected="a mapping")
    return value


def exactly(data: Mapping[Any, Any], keys: tuple[str, ...], parent: str) -> None:
    """Checks that the mapping has these keys and no other.

    Raises:
        MissingFieldError: One of them is not there.
        UnknownFieldError: There is another one.
    """
    for key in keys:
        if key not in data:
            raise MissingFieldError(dotted(parent, key))
    for given in data:
        if given not in keys:
            name = given if isinstance(given, str) else repr(given)
            raise UnknownFieldError(dotted(parent, name), known=keys)


def integer(value: object, field: str) -> int:
    """Returns the value when it is an integer; a bool is none.

    Raises:
        InvalidTypeError: It is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidTypeError(field, value, expected="an integer")
    return value


def text(value: object, field: str) -> str:
    """Returns the value when it is a text.

    Raises:
        InvalidTypeError: It is something else.
    """
    if not isinstance(value, str):
        raise InvalidTypeError(field, value, expected="a text")
    return value


def boolean(value: object, field: str) -> bool:
    """Returns the value when it is a bool.

    Raises:
        InvalidTypeError: It is something else.
    """
    if not isinstance(value, bool):
        raise InvalidTypeError(field, value, expected="true or false")
    return value


def member(kind: type[E], value: int | str, field: str) -> E:
    """Returns the member of an enumeration that has this value.

    Raises:
        InvalidValueError: None has.
    """
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(repr(each.value) for each in kind)
        raise InvalidValueError(field, value, expected=f"one of {known}") from None


def flags(kind: type[F], value: object, field: str, *, known: int | None = None) -> F:
    """Returns the flags whose number this is, made of known bits only.

    Args:
        kind: The enumeration of flags.
        value: What was given.
        field: The key it was given for.
        known: All bits that are allowed, joined; ``None`` for those of the members.

    Raises:
        InvalidTypeError: It is not an integer.
        InvalidValueError: It is negative or has other bits.
    """
    number = integer(value, field)
    if known is None:
        known = 0
        for each in kind.__members__.values():
            known |= each.value
    if number < 0 or number & ~known:
        raise InvalidValueError(field, value, expected=f"made of the bits in {known:#x}")
    return kind(number)
