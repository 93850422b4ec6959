"""Listeners that are told of one thing, each where its executor calls it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Generic, TypeVar

from audiosession.android._routing import call_app, check_callable
from audiosession.android.audio_focus_request import Handler
from audiosession.android.errors import IllegalArgumentException
from audiosession.errors import LimitError

T = TypeVar("T")

_MOST: Final = 1_000


class Listeners(Generic[T]):
    """Listeners with an executor each, as Android has them since API level 31.

    Args:
        what: What one of them is called in logs and errors.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._entries: tuple[tuple[Handler, Callable[[T], object]], ...] = ()

    def check(self, executor: Handler, listener: Callable[[T], object]) -> None:
        """Raises what adding them would.

        Raises:
            NullPointerException: There is no executor or no listener.
            InvalidTypeError: One of them cannot be called.
            IllegalArgumentException: The listener is there already.
            LimitError: There are 1000 listeners.
        """
        check_callable("executor", executor)
        check_callable("listener", listener)
        if any(known == listener for _, known in self._entries):
            raise IllegalArgumentException(
                "listener", listener, expected="one that is not there already"
            )
        if len(self._entries) >= _MOST:
            raise LimitError(self._what, _MOST)

    def add(self, executor: Handler, listener: Callable[[T], object]) -> None:
        """Has a listener told from now on; see :meth:`check`."""
        self._entries += ((executor, listener),)

    def remove(self, listener: Callable[[T], object]) -> None:
        """Ends that; nothing happens for one that is not there.

        Raises:
            NullPointerException: There is no listener.
            InvalidTypeError: It cannot be called.
        """
        check_callable("listener", listener)
        self._entries = tuple(entry for entry in self._entries if entry[1] != listener)

    def clear(self) -> None:
        """Ends it for all."""
        self._entries = ()

    def tell(self, value: T) -> None:
        """Tells all of them; one that was removed meanwhile is not told."""
        for entry in self._entries:
            if entry in self._entries:
                executor, listener = entry
                call_app(self._what, partial(listener, value), executor)
