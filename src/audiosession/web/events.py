"""Events and their listeners, as the DOM has them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial

from audiosession._checks import check_function
from audiosession.errors import InvalidTypeError

__all__ = ["Event", "EventTarget", "Listener", "call_guarded"]

_log = logging.getLogger("audiosession")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened to ``target``."""

    type: str
    """What happened, such as ``statechange``."""
    target: EventTarget
    """To whom."""


Listener = Callable[[Event], object]
"""A plain function that is called with the event."""


class EventTarget:
    """Something that events happen to.

    Listeners are called in the order in which they came, each once an event however often it
    was added. What one raises is logged, and the others are called all the same.
    """

    def __init__(self) -> None:
        # By type: listener -> whether it is called once only.
        self._listeners: dict[str, dict[Listener, bool]] = {}

    def add_event_listener(self, type: str, listener: Listener, *, once: bool = False) -> None:
        """Has a function called with every event of a type, or with the next one only.

        A listener that is there already stays as it is. Any type may be listened for.

        Raises:
            InvalidTypeError: The type is no text, or the listener no plain function, or one that
                has no hash to be found by.
        """
        if not isinstance(type, str):
            raise InvalidTypeError("type", type, expected="a text")
        check_function("listener", listener)
        if not isinstance(listener, Hashable):
            raise InvalidTypeError("listener", listener, expected="a function that has a hash")
        self._listeners.setdefault(type, {}).setdefault(listener, once)

    def remove_event_listener(self, type: str, listener: Listener) -> None:
        """Has it called no more, also where an event is just on its way to it; one that is not
        there is passed over."""
        if isinstance(listener, Hashable):
            self._listeners.get(type, {}).pop(listener, None)

    def _fire(self, type: str) -> None:
        listeners = self._listeners.get(type)
        if not listeners:
            return
        event = Event(type=type, target=self)
        for listener in tuple(listeners):
            once = listeners.get(listener)
            if once is None:
                continue
            if once:
                del listeners[listener]
            call_guarded(partial(listener, event), f"a listener of {type}")


def call_guarded(call: Callable[[], object], what: str) -> None:
    """Calls a function of the page's; what it raises is logged."""
    try:
        call()
    except Exception:
        _log.exception("%s failed", what)
