"""Platform numbers as members of this package's enumerations."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from audiosession import _json
from audiosession.android.errors import IllegalArgumentException

__all__ = ["member"]

E = TypeVar("E", bound=Enum)


def member(kind: type[E], value: object, field: str, expected: str) -> E:
    """Returns the member of an enumeration for a platform number.

    Args:
        kind: The enumeration.
        value: A number, or a member already.
        field: The argument, for errors.
        expected: What is allowed, as a noun phrase.

    Raises:
        InvalidTypeError: It is no integer.
        IllegalArgumentException: It is none of the enumeration's.
    """
    number = _json.integer(value, field)
    try:
        return kind(number)
    except ValueError:
        raise IllegalArgumentException(field, value, expected=expected) from None
