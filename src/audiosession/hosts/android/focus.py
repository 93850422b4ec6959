"""Audio focus as the phone gives it: the calls, by API level, and the clients that make them.

Source: https://developer.android.com/media/optimize/audio-focus and the reference of
AudioManager and AudioFocusRequest.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from ...android.attributes import AndroidAudioAttributes
from ...android.focus_constants import AndroidAudioFocusRequestResult
from ...android.tables import legacy_stream
from ...errors import AudioSessionError, UnsupportedError
from ..base import FOCUS_SWITCHES, ActivationRequest, Outcome
from .api import HOST, AndroidApi

__all__ = [
    "GAIN",
    "LOSS",
    "LOSS_TRANSIENT",
    "LOSS_TRANSIENT_CAN_DUCK",
    "FocusClient",
    "asked_for",
    "let_go",
]

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
        heard: Called on a thread of the phone with each change, ``AUDIOFOCUS_GAIN`` or one of the
            losses.
    """

    def __init__(self, api: AndroidApi, manager: Any, heard: Callable[[int], None]) -> None:
        self._api = api
        self._manager = manager
        self._heard = heard
        self._listener: Any = None
        # From API level 26 on focus is given back by the request that was granted.
        self._granted: Any = None
        # Whether the phone granted anything since it took all back, as far as that is known.
        self._may_have = False

    def request(self, request: ActivationRequest) -> Outcome:
        """Asks the phone; a refusal leaves what the client had before.

        Raises:
            UnsupportedError: The phone is too old for what is asked, or apps may not ask it.
            JavaError: Java raised something.
        """
        _check(request)
        if self._listener is None:
            self._listener = self._api.bridge.implement(
                _LISTENER, {"onAudioFocusChange": lambda change: self._heard(int(change))}
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
            self._granted, self._may_have = asked, True
        return outcome

    def abandon(self) -> bool:
        """Gives back what it may have; False where the phone refuses that.

        Raises:
            JavaError: Java raised something.
        """
        return not self._may_have or self._give_back(self._listener)

    def lost(self) -> None:
        """The phone tells of a loss for good: gives back what it may have all the same.

        The phone's word waits for a thread of the app's, and says nothing of when it was sent.
        What the app asked for meanwhile was granted after it, and to the phone the client holds
        that. Nothing tells such a word from one about the newest grant, so it counts for that;
        given back, focus is lost for the phone as it is for the app. A phone that took it
        already passes over that. What it would not take is kept for :meth:`abandon` and
        :meth:`close`.
        """
        let_go(self.abandon)

    def close(self) -> bool:
        """Gives back what it may have, False where the phone refuses; nothing is heard any more.

        Raises:
            JavaError: Java raised something.
        """
        listener, self._listener = self._listener, None
        if listener is None:
            return True
        self._api.bridge.release(listener)
        return not self._may_have or self._give_back(listener)

    # -- inside ------------------------------------------------------------------------------

    def _give_back(self, listener: Any) -> bool:
        if self._granted is not None:
            answer = self._call("abandonAudioFocusRequest", self._granted)
        else:
            answer = self._call("abandonAudioFocus", listener)
        if int(answer) != _Result.GRANTED:
            return False
        self._granted, self._may_have = None, False
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


def let_go(give_back: Callable[[], bool]) -> None:
    """Gives focus back where nobody is left to hear of a failure, which is logged.

    Args:
        give_back: Does it; False where the phone refuses.
    """
    try:
        done = give_back()
    except AudioSessionError:
        _log.exception("the phone would not take audio focus back")
    else:
        if not done:
            _log.warning("the phone would not take audio focus back")


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


def asked_for(request: ActivationRequest) -> tuple[object, ...] | None:
    """What of a request the phone is asked for; ``None``: nothing, it is not asked.

    Android has no focus beside others. Who mixes with them, in the one API's words, and neither
    lowers them nor names in a call how hard it presses, plays without.
    """
    if _mixes(request):
        return None
    return request.gain_type, request.attributes, request.will_pause_when_ducked


def _mixes(request: ActivationRequest) -> bool:
    configured = request.configuration.android_audio_focus_gain_type
    if (
        request.target_sdk is not None
        or request.zone
        or request.gain_type is not configured
        or any(getattr(request, each) for each in FOCUS_SWITCHES)
    ):
        return False
    # It brings the project's own arbiter along, which apps in Android's words do not need.
    from ...core.claims import Press
    from ..arbitrated import claim_of

    claim = claim_of(request)
    return claim.mixable and claim.press is Press.NONE
