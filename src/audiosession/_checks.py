"""Checks of arguments that several calls share."""

from __future__ import annotations

from .errors import InvalidTypeError, InvalidValueError


def check_flag(name: str, value: object) -> None:
    """Raises InvalidTypeError unless the value is a bool."""
    if not isinstance(value, bool):
        raise InvalidTypeError(name, value, expected="True or False")


def check_seconds(name: str, value: object) -> None:
    """Raises InvalidTypeError or InvalidValueError unless it is a time, finite, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTypeError(name, value, expected="a number of seconds")
    if not 0.0 <= value < float("inf"):
        raise InvalidValueError(name, value, expected="0 or more seconds")


def check_optional(name: str, value: object, kind: type) -> None:
    """Raises InvalidTypeError unless the value is of that type or ``None``."""
    if value is not None and not isinstance(value, kind):
        raise InvalidTypeError(name, value, expected=f"of type {kind.__name__} or None")


__all__ = ["check_flag", "check_optional", "check_seconds"]
