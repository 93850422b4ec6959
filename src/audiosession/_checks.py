"""Checks of arguments that several calls share."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path

from .errors import InvalidTypeError, InvalidValueError


def check_flag(name: str, value: object) -> None:
    """Raises InvalidTypeError unless the value is a bool."""
    if not isinstance(value, bool):
        raise InvalidTypeError(name, value, expected="True or False")


def check_seconds(name: str, value: object) -> None:
    """Raises InvalidTypeError or InvalidValueError unless it is a time, finite, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTypeError(name, value, expected="a number of seconds")
    # An integer may be larger than any float.
    if not 0.0 <= value <= sys.float_info.max:
        raise InvalidValueError(name, value, expected="0 or more seconds")


def check_level(name: str, value: object) -> None:
    """Raises InvalidTypeError or InvalidValueError unless it is one of Android's API levels."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidTypeError(name, value, expected="an API level")
    if not 1 <= value <= 10_000:
        raise InvalidValueError(name, value, expected="an API level from 1 to 10000")


def check_optional(name: str, value: object, kind: type) -> None:
    """Raises InvalidTypeError unless the value is of that type or ``None``."""
    if value is not None and not isinstance(value, kind):
        raise InvalidTypeError(name, value, expected=f"of type {kind.__name__} or None")


def check_text(name: str, value: object, *, most: int, least: int = 0) -> None:
    """Raises InvalidTypeError or InvalidValueError unless it is a text of such a length."""
    if not isinstance(value, str):
        raise InvalidTypeError(name, value, expected="a text")
    if not least <= len(value) <= most:
        raise InvalidValueError(name, value, expected=f"a text of {least} to {most} characters")


def check_function(name: str, value: object) -> None:
    """Raises InvalidTypeError unless the value can be called, and at once."""
    if not callable(value):
        raise InvalidTypeError(name, value, expected="a function")
    if inspect.iscoroutinefunction(value):
        raise InvalidTypeError(
            name, value, expected="a plain function (no async def: nobody would await it)"
        )


def check_path(name: str, value: object) -> Path | None:
    """The path that a value names; raises InvalidTypeError unless it is one or ``None``."""
    if value is None or isinstance(value, Path):
        return value
    if not isinstance(value, str):
        raise InvalidTypeError(name, value, expected="a path or None")
    return Path(value)


__all__ = [
    "check_flag",
    "check_function",
    "check_level",
    "check_optional",
    "check_path",
    "check_seconds",
    "check_text",
]
