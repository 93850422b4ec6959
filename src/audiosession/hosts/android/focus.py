"""Audio focus as the phone gives it: the calls, by API level, and the clients that make them.

Source: https://developer.android.com/media/optimize/audio-focus and the reference of
AudioManager and AudioFocusRequest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, Protocol

from ...android.attributes import AndroidAudioAttributes
from ...android.focus_constants import AndroidAudioFocusRequestResult
from ...android.tables import legacy_stream
from ...errors import UnsupportedError
from ..base import ActivationRequest, Outcome
from .api import HOST, AndroidApi
from .loop import LoopPost

__all__ = ["FocusClient", "FocusHolder", "SharedFocus"]

_log = logging.getLogger("audiosession")

GAIN: Final = 1
LOSS: Final = -1
LOSS_TRANSIENT: Final = -2
LOSS_TRANSIENT_CAN_DUCK: Final = -3

_LISTENER: Final = "android.media.AudioManager$OnAudioFocusChangeListener"
_Result = AndroidAudioFocusRequestResult
_OUTCOMES: Final = {
    _Result.GRANTED.value: Outcome.GRANTED,
    _Result.DELAYED.value: Outcome.DELAYED,
}


class FocusClient:
    """A client of the phone's audio focus: a listener, with what it asked for last.

    Args:
        api: The phone's API.
        manager: The app's ``android.media.AudioManager``.
        post: Into the app's event loop.
        heard: Called there with each change, ``AUDIOFOCUS_GAIN`` or one of the losses.
    """

    def __init__(
        self, api: AndroidApi, manager: Any, post: LoopPost, heard: Callable[[int], None]
    ) -> None:
        self._api = api
        self._manager = manager
        self._post = post
        self._heard = heard
        self._listener: Any = None
        # From API level 26 on focus is given back by the request that was granted.
        self._granted: Any = None
        self._has = False

    def request(self, request: ActivationRequest) -> Outcome:
        """Asks the phone; a refusal leaves what the client had before.

        Raises:
            UnsupportedError: The phone is too old for what is asked, or apps may not ask it.
            JavaError: Java raised something.
        """
        _check(request)
        if self._listener is None:
            self._listener = self._api.bridge.implement(
                _LISTENER,
                {"onAudioFocusChange": lambda change: self._post(lambda: self._heard(int(change)))},
            )
        if self._api.has("AudioFocusRequest"):
            asked = self._built(request)
            answer = self._call("requestAudioFocus", asked)
        else:
            asked = None
            self._check_old(request)
            stream, gain = _stream(request.attributes), int(request.gain_type)
            answer = self._call("requestAudioFocus", self._listener, stream, gain)
        outcome = _OUTCOMES.get(int(answer), Outcome.DENIED)
        if outcome is not Outcome.DENIED:
            self._granted, self._has = asked, True
        return outcome

    def abandon(self) -> bool:
        """Gives back what it has; False where the phone refuses that.

        Raises:
            JavaError: Java raised something.
        """
        return not self._has or self._give_back(self._listener)

    def lost(self) -> None:
        """The phone has forgotten it, as at a loss for good."""
        self._granted, self._has = None, False

    def close(self) -> None:
        """Gives back what it has; nothing is heard any more.

        Raises:
            JavaError: Java raised something.
        """
        listener, self._listener = self._listener, None
        if listener is not None:
            self._api.bridge.release(listener)
            if self._has:
                self._give_back(listener)

    # -- inside ------------------------------------------------------------------------------

    def _give_back(self, listener: Any) -> bool:
        if self._granted is not None:
            answer = self._call("abandonAudioFocusRequest", self._granted)
        else:
            answer = self._call("abandonAudioFocus", listener)
        if int(answer) != _Result.GRANTED:
            return False
        self._granted, self._has = None, False
        return True

    def _call(self, method: str, *args: Any) -> Any:
        return self._api.call(self._manager, f"AudioManager.{method}", *args)

    def _built(self, request: ActivationRequest) -> Any:
        builder = self._api.new("AudioFocusRequest.Builder", int(request.gain_type))

        def say(setter: str, value: Any) -> None:
            self._api.call(builder, f"AudioFocusRequest.Builder.{setter}", value)

        if request.attributes is not None:
            say("setAudioAttributes", self._attributes(request.attributes))
        say("setOnAudioFocusChangeListener", self._listener)
        say("setWillPauseWhenDucked", request.will_pause_when_ducked)
        say("setAcceptsDelayedFocusGain", request.accepts_delay)
        if request.force_duck:
            say("setForceDucking", True)
        return self._api.call(builder, "AudioFocusRequest.Builder.build")

    def _attributes(self, attributes: AndroidAudioAttributes) -> Any:
        builder = self._api.new("AudioAttributes.Builder")
        for setter, value in (
            ("setUsage", attributes.usage),
            ("setContentType", attributes.content_type),
            ("setFlags", attributes.flags),
        ):
            self._api.call(builder, f"AudioAttributes.Builder.{setter}", int(value))
        return self._api.call(builder, "AudioAttributes.Builder.build")

    def _check_old(self, request: ActivationRequest) -> None:
        """Makes sure that the call of old phones can say what is asked."""
        # That an app pauses when ducked need not be said there: nothing lowers it by itself.
        if request.accepts_delay:
            self._api.require("AudioFocusRequest.Builder.setAcceptsDelayedFocusGain")
        if request.force_duck:
            self._api.require("AudioFocusRequest.Builder.setForceDucking")


def _check(request: ActivationRequest) -> None:
    if request.locked:
        raise UnsupportedError("locking audio focus", HOST)
    if request.zone:
        raise UnsupportedError("asking for focus in a car's audio zone", HOST)
    if request.duck_events:
        raise UnsupportedError("being told of ducks in a car", HOST)


def _stream(attributes: AndroidAudioAttributes | None) -> int:
    if attributes is None:
        return int(legacy_stream(0))
    return int(legacy_stream(int(attributes.usage), int(attributes.flags)))


class FocusHolder(Protocol):
    """Who hears what becomes of focus: a session."""

    def focus_changed(self, change: int) -> None:
        """A change, as the phone tells it."""

    @property
    def interrupted(self) -> bool:
        """Whether it lost focus for a while and was told so."""


class SharedFocus:
    """The one client for all sessions of the app that speak in the one API's words.

    To the phone each client is a stranger to the others, those of the same app too; sessions of
    one app are not to disturb one another.

    Args:
        api: The phone's API.
        manager: The app's ``android.media.AudioManager``.
        post: Into the app's event loop.
    """

    def __init__(self, api: AndroidApi, manager: Any, post: LoopPost) -> None:
        self._client = FocusClient(api, manager, post, self._changed)
        # Who holds it, and what for; the last one's request is in force.
        self._holders: dict[FocusHolder, ActivationRequest] = {}

    def request(self, holder: FocusHolder, request: ActivationRequest) -> Outcome:
        """Asks for a session.

        Raises:
            UnsupportedError, JavaError: As :meth:`FocusClient.request`.
        """
        outcome = self._client.request(request)
        if outcome is not Outcome.DENIED:
            self._holders.pop(holder, None)
            others = tuple(self._holders)
            self._holders[holder] = request
            if outcome is Outcome.GRANTED:
                for other in others:
                    if other.interrupted:
                        # The phone does not say it: the app itself took focus back.
                        other.focus_changed(GAIN)
        return outcome

    def abandon(self, holder: FocusHolder) -> bool:
        """A session gives up; focus goes back with the last one, to be as it was before that.

        Raises:
            JavaError: As :meth:`FocusClient.abandon`.
        """
        if holder not in self._holders:
            return True
        if len(self._holders) == 1:
            if not self._client.abandon():
                return False
            self._holders.clear()
            return True
        *_, (before, request), (last, _) = self._holders.items()
        # While it is lost, asking again would take it from whoever has it.
        if holder is last and not holder.interrupted and not before.interrupted:
            outcome = self._client.request(request)
            if outcome is Outcome.DENIED:
                _log.info("the phone keeps the audio focus of a session that has given up")
        del self._holders[holder]
        return True

    def close(self) -> None:
        """Nobody holds it any more, and nothing is heard.

        Raises:
            JavaError: As :meth:`FocusClient.close`.
        """
        self._holders.clear()
        self._client.close()

    def _changed(self, change: int) -> None:
        holders = tuple(self._holders)
        if change == LOSS:
            self._client.lost()
            self._holders.clear()
        for holder in holders:
            holder.focus_changed(change)
