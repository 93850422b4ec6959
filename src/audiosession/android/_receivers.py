"""What the system sends around: the part of AudioManager that hands it to the app."""

from __future__ import annotations

from functools import partial
from typing import Final

from audiosession.android._routing import RoutingBase, call_app, check_callable, check_handler
from audiosession.android.audio_focus_request import Handler
from audiosession.android.errors import IllegalArgumentException
from audiosession.android.intents import Intent, Receiver
from audiosession.errors import InvalidTypeError, LimitError, MissingFieldError

__all__ = ["ManagerReceivers"]

_MOST_RECEIVERS: Final = 1_000


class _Entry:
    """A receiver and what it wants to hear."""

    def __init__(
        self, receiver: Receiver, actions: frozenset[str], handler: Handler | None
    ) -> None:
        self.receiver = receiver
        self.actions = actions
        self._handler = handler
        self._kept: set[str] = set()

    def send(self, intent: Intent) -> None:
        """Hands it what it wants to hear; what was kept comes before anything newer."""
        if intent.sticky and intent.action in self._kept:
            return
        self._kept.add(intent.action)
        call_app("a receiver", partial(self.receiver, intent), self._handler)


class ManagerReceivers(RoutingBase):
    """Receiving what the system sends around about audio.

    On Android a ``Context`` does this, which there is none of here.
    """

    _receivers: tuple[_Entry, ...] = ()

    async def register_receiver(
        self, receiver: Receiver, *actions: str, handler: Handler | None = None
    ) -> None:
        """Hands a receiver what is sent, from now on; what is kept it is given at once.

        The state of a headset's link for calls is kept (android 82), and so is whether a wired
        headset is plugged in.

        Args:
            receiver: Is called with each :class:`~audiosession.android.Intent`.
            actions: What it wants to hear, as ``ACTION_AUDIO_BECOMING_NOISY``; at least one.
            handler: Where it is called; ``None``: at once, where the device reports.

        Raises:
            NullPointerException: There is no receiver.
            InvalidTypeError: It cannot be called, the handler cannot, or an action is no text.
            MissingFieldError: There is no action.
            LimitError: There are 1000 receivers.
            UnsupportedError: The host sends nothing.
            ClosedError: The manager was closed.
        """
        check_callable("receiver", receiver)
        check_handler("handler", handler)
        if not actions:
            raise MissingFieldError("actions")
        for action in actions:
            if not isinstance(action, str):
                raise InvalidTypeError("actions", action, expected="texts")
        self._check_open()
        if len(self._receivers) >= _MOST_RECEIVERS:
            raise LimitError("receivers", _MOST_RECEIVERS)
        routes = self._listen()
        entry = _Entry(receiver, frozenset(map(str, actions)), handler)
        self._receivers += (entry,)
        try:
            kept = [await routes.sticky_intent(str(action)) for action in dict.fromkeys(actions)]
        except BaseException:
            self._receivers = tuple(each for each in self._receivers if each is not entry)
            raise
        for intent in kept:
            if intent is not None and entry in self._receivers:
                entry.send(intent)

    async def unregister_receiver(self, receiver: Receiver) -> None:
        """Ends that, for everything it was to hear.

        Raises:
            NullPointerException: There is no receiver.
            IllegalArgumentException: It is none.
            ClosedError: The manager was closed.
        """
        check_callable("receiver", receiver)
        self._check_open()
        left = tuple(entry for entry in self._receivers if entry.receiver != receiver)
        if len(left) == len(self._receivers):
            raise IllegalArgumentException("receiver", receiver, expected="one that is registered")
        self._receivers = left

    # -- inside ------------------------------------------------------------------------------

    def _hear_intent(self, intent: Intent) -> None:
        for entry in self._receivers:
            if intent.action in entry.actions and entry in self._receivers:
                entry.send(intent)
        super()._hear_intent(intent)

    async def _end(self) -> None:
        self._receivers = ()
        await super()._end()
