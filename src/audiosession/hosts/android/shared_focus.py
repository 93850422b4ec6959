"""The audio focus that all sessions of an app share, whichever host they were opened on."""

from __future__ import annotations

import logging
import threading
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary, WeakSet

from ..base import ActivationRequest, Outcome
from .api import AndroidApi
from .errors import java_errors
from .focus import GAIN, LOSS, LOSS_TRANSIENT, LOSS_TRANSIENT_CAN_DUCK, FocusClient, asked_for

__all__ = ["FocusHolder", "SharedFocus"]

_log = logging.getLogger("audiosession")

_RUNNING: Final = (LOSS_TRANSIENT, LOSS_TRANSIENT_CAN_DUCK)


class FocusHolder(Protocol):
    """Who hears what becomes of focus: a session."""

    def tell_focus(self, change: int) -> None:
        """A change, as the phone tells it; may be called on any thread, and takes no time.

        It is about the grant that :meth:`SharedFocus.grant` numbers meanwhile.
        """


class SharedFocus:
    """The one client for all sessions of the app that speak in the one API's words.

    To the phone each client is a stranger to the others, those of the same app too; sessions of
    one app are not to disturb one another. It may be used on several threads, as the sessions
    may be in several event loops.

    Args:
        api: The phone's API.
        manager: The app's ``android.media.AudioManager``.
    """

    def __init__(self, api: AndroidApi, manager: Any) -> None:
        self._client = FocusClient(api, manager, self._changed)
        # Java may call the listener in the midst of a call, on the same thread. On the main
        # thread it waits here while a call of another thread's takes its time: that may be, as
        # focus is asked for and given back at a service of the system, which waits for no
        # thread of the app's.
        self._lock = threading.RLock()
        # Who holds it, and what for; the last one's request is in force.
        self._holders: dict[FocusHolder, ActivationRequest] = {}
        # How often each was granted anything.
        self._grants: WeakKeyDictionary[FocusHolder, int] = WeakKeyDictionary()
        # What the phone granted last.
        self._asked: ActivationRequest | None = None
        # Whether it is lost for a while, and the sessions were told so.
        self._interrupted = False
        # One that was forgotten unclosed keeps nobody from giving back.
        self._users: WeakSet[object] = WeakSet()

    @classmethod
    def of(cls, api: AndroidApi, manager: Any, user: object) -> SharedFocus:
        """That of the app; until ``user``, a host, leaves it.

        Raises:
            JavaError: Java raised something.
        """
        app = _app(api)
        with _making:
            shared = _by_app.get(app)
            if shared is None:
                shared = _by_app[app] = cls(api, manager)
            shared._users.add(user)
            return shared

    def leave(self, user: object) -> None:
        """A host needs it no more; after the last one nobody has it, and nothing is heard.

        Raises:
            JavaError: As :meth:`FocusClient.close`.
        """
        with _making, self._lock:
            self._users.discard(user)
            if self._users:
                return
            for app in [each for each, shared in _by_app.items() if shared is self]:
                del _by_app[app]
            self._holders.clear()
            if not self._client.close():
                _log.warning("the phone would not take audio focus back")

    def request(self, holder: FocusHolder, request: ActivationRequest) -> Outcome:
        """Asks for a session.

        Raises:
            UnsupportedError, JavaError: As :meth:`FocusClient.request`.
        """
        with self._lock:
            outcome = self._ask(request)
            if outcome is not Outcome.DENIED:
                self._holders.pop(holder, None)
                others = tuple(self._holders)
                self._holders[holder] = request
                self._grants[holder] = self.grant(holder) + 1
                if outcome is Outcome.GRANTED:
                    self._interrupted = False
                    for other in others:
                        # The phone does not say it to who asks: the app has focus again.
                        other.tell_focus(GAIN)
            return outcome

    def grant(self, holder: FocusHolder) -> int:
        """The number of a session's last grant, that of one put off too; 0: there was none."""
        return self._grants.get(holder, 0)

    def change(self, holder: FocusHolder, request: ActivationRequest) -> None:
        """What a session asks for once focus is back: asked now it would be taken from others."""
        with self._lock:
            if holder in self._holders:
                self._holders[holder] = request

    def renew(self) -> None:
        """Focus is back: asks for what was changed meanwhile, with what the last one has now.

        Raises:
            UnsupportedError, JavaError: As :meth:`FocusClient.request`.
        """
        with self._lock:
            if self._holders and not self._interrupted:
                self._ask_for_last(tuple(self._holders.values()))

    def abandon(self, holder: FocusHolder) -> bool:
        """A session gives up; focus goes back with the last one, to be as it was before that.

        What the phone would not take back before is offered to it again.

        Raises:
            JavaError: As :meth:`FocusClient.abandon`.
        """
        with self._lock:
            if holder not in self._holders:
                return bool(self._holders) or self._client.abandon()
            rest = tuple(held for other, held in self._holders.items() if other is not holder)
            if not rest:
                if not self._client.abandon():
                    return False
                self._interrupted = False
            elif not self._interrupted:
                # While it is lost, asking again would take it from whoever has it.
                self._ask_for_last(rest)
            del self._holders[holder]
            return True

    def drop(self, holder: FocusHolder) -> bool:
        """A session is over, whatever the phone says; False where that keeps its focus.

        Raises:
            JavaError: As :meth:`FocusClient.abandon`.
        """
        with self._lock:
            try:
                return self.abandon(holder)
            finally:
                self._holders.pop(holder, None)

    # -- inside ------------------------------------------------------------------------------

    def _ask(self, request: ActivationRequest) -> Outcome:
        outcome = self._client.request(request)
        if outcome is not Outcome.DENIED:
            self._asked = request
        return outcome

    def _ask_for_last(self, requests: tuple[ActivationRequest, ...]) -> None:
        """Has the last of some requests in force, where that says anything else."""
        last, asked = requests[-1], self._asked
        if asked is not None and asked_for(last) == asked_for(asked):
            return
        if self._ask(last) is Outcome.DENIED:
            _log.info("the phone keeps the audio focus of what is over")

    def _changed(self, change: int) -> None:
        with self._lock:
            holders = tuple(self._holders)
            if change == LOSS:
                self._client.lost()
                self._holders.clear()
            if change in _RUNNING or change == LOSS or change >= GAIN:
                self._interrupted = change in _RUNNING
            for holder in holders:
                holder.tell_focus(change)


# An app may have several hosts, and to the phone it is one.
_by_app: dict[int, SharedFocus] = {}
_making = threading.Lock()


def _app(api: AndroidApi) -> int:
    """The app in this process: its one ``android.app.Application``, by its identity."""
    bridge = api.bridge
    app = api.call(bridge.context(), "Context.getApplicationContext")
    with java_errors(bridge):
        return int(bridge.java_class("java.lang.System").identityHashCode(app))
