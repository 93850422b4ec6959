"""Android's ``AudioFocusRequest`` and the builder that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from audiosession import _json
from audiosession.android._numbers import member
from audiosession.android.audio_attributes import AudioAttributes
from audiosession.android.constants import AndroidAudioFocusGainType, AndroidAudioUsage
from audiosession.android.errors import (
    IllegalArgumentException,
    IllegalStateException,
    NullPointerException,
)
from audiosession.android.focus_constants import AndroidAudioFocus, AndroidAudioFocusFlags
from audiosession.errors import InvalidTypeError

__all__ = ["AudioFocusRequest", "Handler", "OnAudioFocusChangeListener"]

OnAudioFocusChangeListener = Callable[[AndroidAudioFocus], object]
"""What is called with each change of focus: ``GAIN`` or one of the losses."""
Handler = Callable[[Callable[[], None]], object]
"""What runs a call of the listener's somewhere, such as a loop's ``call_soon_threadsafe``."""

_Flags = AndroidAudioFocusFlags


class _NotGiven:
    """Stands for a handler that is left out, which is not the same as ``None``."""


_NOT_GIVEN = _NotGiven()


def _default_attributes() -> AudioAttributes:
    return AudioAttributes.Builder().set_usage(AndroidAudioUsage.MEDIA).build()


def _gain(focus_gain: object) -> AndroidAudioFocusGainType:
    return member(AndroidAudioFocusGainType, focus_gain, "focus_gain", "a focus gain from 1 to 4")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFocusRequest:
    """A request for audio focus, as ``AudioFocusRequest.Builder`` makes it; API level 26.

    Source: AudioFocusRequest.java,
    https://developer.android.com/reference/android/media/AudioFocusRequest
    """

    Builder: ClassVar[type[_Builder]]

    focus_gain: AndroidAudioFocusGainType
    """How long and how hard it asks."""
    audio_attributes: AudioAttributes
    """What is to be played."""
    flags: AndroidAudioFocusFlags = AndroidAudioFocusFlags.NONE
    """How it is meant: may wait, pauses when ducked, locks."""
    force_ducking: bool = False
    """Others are lowered in any case; for accessibility services only (android 36)."""
    listener: OnAudioFocusChangeListener | None = None
    """Who is told of changes."""
    handler: Handler | None = None
    """Where the listener is called; ``None`` for the manager's own place."""

    def get_focus_gain(self) -> AndroidAudioFocusGainType:
        """How long and how hard it asks."""
        return self.focus_gain

    def get_audio_attributes(self) -> AudioAttributes:
        """What is to be played."""
        return self.audio_attributes

    def will_pause_when_ducked(self) -> bool:
        """Whether the app pauses where others are lowered."""
        return _Flags.PAUSES_ON_DUCKABLE_LOSS in self.flags

    def accepts_delayed_focus_gain(self) -> bool:
        """Whether the request may wait; without that it is never delayed (android 62)."""
        return _Flags.DELAY_OK in self.flags

    def locks_focus(self) -> bool:
        """Whether nobody else is given focus meanwhile; hidden from apps."""
        return _Flags.LOCK in self.flags

    def to_json(self) -> dict[str, object]:
        """Returns the Flutter plugin's keys with Android's numbers, as an app sees them."""
        return {
            "gainType": self.focus_gain.value,
            "audioAttributes": self.audio_attributes.to_android_audio_attributes().to_json(),
            "willPauseWhenDucked": self.will_pause_when_ducked(),
        }


class _Builder:
    """Makes an ``AudioFocusRequest``; every setter returns the builder.

    Args:
        focus_gain: ``AUDIOFOCUS_GAIN*``, or a request to begin with. Of a request everything
            is taken but the lock and the forced duck.

    Raises:
        InvalidTypeError: It is neither.
        IllegalArgumentException: It is no gain, or ``None``.
    """

    def __init__(self, focus_gain: int | AudioFocusRequest) -> None:
        self._attributes = _default_attributes()
        self._flags = _Flags.NONE
        self._force_ducking = False
        self._listener: OnAudioFocusChangeListener | None = None
        self._handler: Handler | None = None
        if focus_gain is None:
            raise IllegalArgumentException(
                "request_to_copy", focus_gain, expected="an AudioFocusRequest"
            )
        if isinstance(focus_gain, AudioFocusRequest):
            self._gain = focus_gain.focus_gain
            self._attributes = focus_gain.audio_attributes
            self._flags = focus_gain.flags & ~_Flags.LOCK
            self._listener = focus_gain.listener
            self._handler = focus_gain.handler
        else:
            self._gain = _gain(focus_gain)

    def set_focus_gain(self, focus_gain: int) -> _Builder:
        """Sets how long and how hard it asks.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no gain.
        """
        self._gain = _gain(focus_gain)
        return self

    def set_audio_attributes(self, attributes: AudioAttributes) -> _Builder:
        """Sets what is to be played; media unless said.

        Raises:
            NullPointerException: There are none.
            InvalidTypeError: They are something else.
        """
        if attributes is None:
            raise NullPointerException("attributes", attributes, expected="AudioAttributes")
        if not isinstance(attributes, AudioAttributes):
            raise InvalidTypeError("attributes", attributes, expected="AudioAttributes")
        self._attributes = attributes
        return self

    def set_on_audio_focus_change_listener(
        self,
        listener: OnAudioFocusChangeListener,
        handler: Handler | _NotGiven = _NOT_GIVEN,
    ) -> _Builder:
        """Sets who is told of changes, and where.

        Args:
            listener: What is called with each change.
            handler: What runs that call; left out, the manager does.

        Raises:
            NullPointerException: The listener is ``None``, or the handler is given as that.
            InvalidTypeError: One of them cannot be called.
        """
        if listener is None:
            raise NullPointerException("listener", listener, expected="a listener")
        if handler is None:
            raise NullPointerException("handler", handler, expected="a handler, or left out")
        if not callable(listener):
            raise InvalidTypeError("listener", listener, expected="something to call")
        if isinstance(handler, _NotGiven):
            self._handler = None
        elif callable(handler):
            self._handler = handler
        else:
            raise InvalidTypeError("handler", handler, expected="something to call")
        self._listener = listener
        return self

    def set_will_pause_when_ducked(self, pause_on_duck: bool) -> _Builder:
        """Sets whether the app pauses where others are lowered; at first not.

        Raises:
            InvalidTypeError: It is no bool.
        """
        return self._switch(
            _Flags.PAUSES_ON_DUCKABLE_LOSS, _json.boolean(pause_on_duck, "pause_on_duck")
        )

    def set_accepts_delayed_focus_gain(
        self,
        accepts_delayed_focus_gain: bool,
    ) -> _Builder:
        """Sets whether the request may wait; at first not.

        Raises:
            InvalidTypeError: It is no bool.
        """
        accepts = _json.boolean(accepts_delayed_focus_gain, "accepts_delayed_focus_gain")
        return self._switch(_Flags.DELAY_OK, accepts)

    def set_force_ducking(self, force_ducking: bool) -> _Builder:
        """Sets whether others are lowered in any case; since API level 28 (android 36).

        Raises:
            InvalidTypeError: It is no bool.
        """
        self._force_ducking = _json.boolean(force_ducking, "force_ducking")
        return self

    def set_locks_focus(self, focus_locked: bool) -> _Builder:
        """Sets whether nobody else is given focus meanwhile; hidden from apps (android 52).

        Raises:
            InvalidTypeError: It is no bool.
        """
        return self._switch(_Flags.LOCK, _json.boolean(focus_locked, "focus_locked"))

    def build(self) -> AudioFocusRequest:
        """Returns the request.

        Raises:
            IllegalStateException: It may wait, or the app pauses when ducked, and nobody
                listens (android 61).
        """
        needs_listener = self._flags & (_Flags.DELAY_OK | _Flags.PAUSES_ON_DUCKABLE_LOSS)
        if needs_listener and self._listener is None:
            raise IllegalStateException(
                "a request that may wait or pauses when ducked needs a listener",
                field="listener",
            )
        return AudioFocusRequest(
            focus_gain=self._gain,
            audio_attributes=self._attributes,
            flags=self._flags,
            force_ducking=self._force_ducking,
            listener=self._listener,
            handler=self._handler,
        )

    def _switch(self, flag: AndroidAudioFocusFlags, on: bool) -> _Builder:
        self._flags = self._flags | flag if on else self._flags & ~flag
        return self


AudioFocusRequest.Builder = _Builder
_Builder.__name__ = "Builder"
_Builder.__qualname__ = "AudioFocusRequest.Builder"
