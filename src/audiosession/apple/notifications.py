"""Notifications by name, as Apple's frameworks post them: one centre, and who observes what."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from audiosession._checks import check_function
from audiosession.errors import InvalidTypeError, LimitError
from audiosession.streams import EventIterator, EventSource

__all__ = ["MAX_OBSERVERS", "Notification", "NotificationCenter", "NotificationToken"]

MAX_OBSERVERS: Final = 1000
"""Most observers of one centre."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_log = logging.getLogger("audiosession")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Something that happened."""

    name: str
    """What happened; for those of a session an ``AVAudioSessionNotificationName``."""
    object: Any = None
    """Whom it happened to."""
    user_info: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    """More about it, by key; empty where Apple gives none."""


class NotificationToken:
    """One observer's place; :meth:`NotificationCenter.remove_observer` takes it."""

    __slots__ = ("active", "callback", "name", "object")

    def __init__(
        self, name: str | None, callback: Callable[[Notification], object], object: Any
    ) -> None:
        self.name = name
        self.callback = callback
        self.object = object
        self.active = True

    def wants(self, notification: Notification) -> bool:
        """Whether the observer is to hear of it."""
        return (
            self.active
            and self.name in (None, notification.name)
            and (self.object is None or self.object is notification.object)
        )


class NotificationCenter:
    """Hands notifications to those who asked for them.

    Callbacks run at once, one after the other in the order in which they were added, where
    the notification is posted: for those of a session that is the event loop the session
    belongs to. What a callback raises is logged and disturbs nobody. Observers may be added
    and removed in any thread.
    """

    _default: NotificationCenter | None = None

    def __init__(self) -> None:
        # Replaced, never changed: who hears a notification is settled when it is posted.
        self._observers: tuple[NotificationToken, ...] = ()
        # In a blocking program callbacks run in another thread than the app.
        self._replacing = threading.Lock()

    @classmethod
    def default(cls) -> NotificationCenter:
        """The centre that sessions post to; every call gives the same one."""
        if NotificationCenter._default is None:
            NotificationCenter._default = NotificationCenter()
        return NotificationCenter._default

    def add_observer(
        self,
        name: str | None,
        callback: Callable[[Notification], object],
        object: Any = None,
    ) -> NotificationToken:
        """Has a function called with every such notification from now on.

        Args:
            name: Which notifications; ``None``: all.
            callback: A plain function.
            object: Whose notifications; ``None``: everybody's. What only stands for another
                object, as a blocking session does, counts as that one, and it is that one
                which notifications carry.

        Returns:
            A token, to be given to :meth:`remove_observer`.

        Raises:
            InvalidTypeError: the name is no text, or the callback no plain function.
            LimitError: there are 1,000 observers already.
        """
        if name is not None and not isinstance(name, str):
            raise InvalidTypeError("name", name, expected="a notification's name, or None")
        check_callback(callback)
        # By the type, since a stand-in of a test has every attribute.
        stands_for = getattr(type(object), "_stands_for", None)
        token = NotificationToken(
            name, callback, object if stands_for is None else stands_for(object)
        )
        with self._replacing:
            if len(self._observers) >= MAX_OBSERVERS:
                raise LimitError("observers", MAX_OBSERVERS)
            self._observers = (*self._observers, token)
        return token

    def notifications(
        self, name: str | None = None, object: Any = None
    ) -> EventIterator[Notification]:
        """Notifications from now on, to be read with ``async for``, also by who has to await.

        Listens until it is closed, or nothing refers to it any more. Belongs to the event loop
        of the session, as :mod:`audiosession.streams` says.

        Args:
            name: Which notifications; ``None``: all.
            object: Whose notifications; ``None``: everybody's.

        Raises:
            InvalidTypeError: the name is no text.
            LimitError: as :meth:`add_observer`.
        """
        source: EventSource[Notification] = EventSource("notifications")
        iterator = aiter(source.stream)

        def hear(notification: Notification) -> None:
            if source.listeners:
                source.publish(notification)
            else:
                self.remove_observer(token)

        token = self.add_observer(name, hear, object)
        return iterator

    def remove_observer(self, token: NotificationToken) -> None:
        """Ends an observation at once; a second call does nothing.

        Raises:
            InvalidTypeError: not a token.
        """
        if not isinstance(token, NotificationToken):
            raise InvalidTypeError("token", token, expected="what add_observer() returned")
        token.active = False
        with self._replacing:
            self._observers = tuple(one for one in self._observers if one is not token)

    def post(
        self, name: str, object: Any = None, user_info: Mapping[str, Any] | None = None
    ) -> None:
        """Tells the observers."""
        notification = Notification(
            name=name,
            object=object,
            user_info=_NOTHING if user_info is None else MappingProxyType(dict(user_info)),
        )
        for token in self._observers:
            if token.wants(notification):
                try:
                    token.callback(notification)
                except Exception:
                    _log.exception("an observer of %s failed", name)


def check_callback(callback: object) -> None:
    """Raises InvalidTypeError unless it can be called, and at once."""
    check_function("callback", callback)
