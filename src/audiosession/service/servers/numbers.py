"""Numbers that apps and servers write as text."""

from __future__ import annotations

_MOST_DIGITS = 10
_LIMIT = 1 << 32


def number_of(text: str | None) -> int | None:
    """Returns the number that a property holds; None where it holds none of 32 bits.

    An app may claim anything: Python refuses to read thousands of digits, and what is larger
    fits neither a process number nor the service's own reports of one.
    """
    if text is None or len(text) > _MOST_DIGITS or not text.isdecimal():
        return None
    number = int(text)
    return number if number < _LIMIT else None


__all__ = ["number_of"]
