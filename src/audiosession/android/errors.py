"""Android's exceptions under their own names, within this package's tree of errors.

A caller catches them by either name. Nothing has changed when one is raised.
"""

from __future__ import annotations

from audiosession.errors import IllegalRequestError, InvalidTypeError, InvalidValueError

__all__ = [
    "IllegalArgumentException",
    "IllegalStateException",
    "NullPointerException",
    "SecurityException",
]


class IllegalArgumentException(InvalidValueError):  # Java's name
    """A value is not one of those that Android takes there."""


class NullPointerException(InvalidTypeError):  # Java's name
    """``None`` is given where Android needs an object."""


class IllegalStateException(IllegalRequestError, RuntimeError):  # Java's name
    """What is asked for does not go with what was said before."""


class SecurityException(IllegalRequestError):  # Java's name
    """The app lacks a permission or an access that this needs."""
