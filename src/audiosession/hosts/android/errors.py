"""What Java raises, as errors of this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...android.errors import (
    IllegalArgumentException,
    IllegalStateException,
    NullPointerException,
    SecurityException,
)
from ...errors import AudioSessionError, ExtraMissingError
from .bridge import JavaBridge, JavaFault

__all__ = ["BridgeMissingError", "JavaError", "java_errors"]


class BridgeMissingError(ExtraMissingError):
    """The app was built without what reaches Java from Python.

    Args:
        missing: What is not there.
        advice: What to do in the app's build.
    """

    missing: str
    """What is not there: a package, or a Java class of this package."""

    def __init__(self, missing: str, advice: str) -> None:
        AudioSessionError.__init__(
            self, f"the host 'android' needs {missing}: {advice} (docs/android-phone.md)"
        )
        self.extra = "android"
        self.needed_for = "the host 'android'"
        self.missing = missing


class JavaError(AudioSessionError):
    """The phone answered with a Java exception.

    Those that AudioManager documents are caught by its names in :mod:`audiosession.android` as
    well: ``SecurityException``, ``IllegalArgumentException``, ``IllegalStateException`` and
    ``NullPointerException``.

    Args:
        fault: What the exception says of itself.
    """

    java_class: str
    """The exception's class, such as ``java.lang.SecurityException``."""
    java_message: str
    """What it says; empty: nothing."""
    field: str = ""

    def __init__(self, fault: JavaFault) -> None:
        name = fault.java_class
        AudioSessionError.__init__(self, f"{name}: {fault.message}" if fault.message else name)
        self.java_class = name
        self.java_message = fault.message


class _JavaSecurity(JavaError, SecurityException):
    """The app lacks a permission that its manifest or the user has to give."""


class _JavaIllegalArgument(JavaError, IllegalArgumentException):
    """The phone does not take a value; the message says which."""

    value = None
    expected = "what the phone takes"


class _JavaIllegalState(JavaError, IllegalStateException):
    """The call does not go with what was said before."""


class _JavaNullPointer(JavaError, NullPointerException):
    """The phone needs an object where it was given none."""

    expected = "an object"
    actual = "NoneType"


_KINDS: dict[str, type[JavaError]] = {
    "java.lang.SecurityException": _JavaSecurity,
    "java.lang.IllegalArgumentException": _JavaIllegalArgument,
    "java.lang.IllegalStateException": _JavaIllegalState,
    "java.lang.NullPointerException": _JavaNullPointer,
}


@contextmanager
def java_errors(bridge: JavaBridge) -> Iterator[None]:
    """Has Java's exceptions come as :class:`JavaError`, with their class and message.

    Raises:
        JavaError: Java raised something.
    """
    try:
        yield
    except Exception as error:
        fault = bridge.fault(error)
        if fault is None:
            raise
        raise _KINDS.get(fault.java_class, JavaError)(fault) from error
