"""What all parts of a phone's AudioManager stand on: the phone's own."""

from __future__ import annotations

from typing import Any, Final

from .api import AndroidApi
from .bridge import call_method

__all__ = ["PhonePart", "java_int", "text_of"]

_LEAST: Final = -(2**31)
_MOST: Final = 2**31 - 1


class PhonePart:
    """A part of one app's view of the phone.

    Args:
        api: The phone's API, by level.
    """

    def __init__(self, api: AndroidApi) -> None:
        self._api = api
        self._service: Any = None

    @property
    def _manager(self) -> Any:
        """The app's own ``android.media.AudioManager``."""
        if self._service is None:
            self._service = self._api.service("AUDIO_SERVICE")
        return self._service

    def _ask(self, method: str, *args: Any) -> Any:
        """What a method of AudioManager returns.

        Raises:
            UnsupportedError: the phone is too old for it.
            JavaError: Java raised something; a ``SecurityException`` is one of
                :mod:`audiosession.android` too.
        """
        return self._api.call(self._manager, f"AudioManager.{method}", *args)

    def _ask_class(self, method: str, *args: Any) -> Any:
        """What a static method of AudioManager returns; else as :meth:`_ask`."""
        return self._api.static(f"AudioManager.{method}", *args)


def java_int(number: int) -> int:
    """The nearest number that fits into Java's ``int``.

    Python has larger ones; where Android takes any number, or clamps it, so may they be.
    """
    return max(_LEAST, min(int(number), _MOST))


def text_of(value: Any) -> str:
    """A Java ``CharSequence`` as text; nothing for null."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(call_method(value, "toString"))
