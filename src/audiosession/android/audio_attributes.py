"""Android's ``AudioAttributes`` and the builder that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from audiosession import _json
from audiosession.android import tables
from audiosession.android._numbers import member
from audiosession.android.attribute_constants import (
    AndroidAudioAttributeFlags,
    AndroidAudioCapturePolicy,
    AndroidSpatializationBehavior,
    AudioAttributesConstants,
)
from audiosession.android.attributes import AndroidAudioAttributes
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioUsage,
)
from audiosession.android.errors import IllegalArgumentException, NullPointerException
from audiosession.android.stream_constants import AndroidStreamType
from audiosession.errors import InvalidTypeError

__all__ = ["AudioAttributes"]

_Flags = AndroidAudioAttributeFlags
_KEYS = ("contentType", "flags", "usage")
_TOLD_FLAGS = _Flags.AUDIBILITY_ENFORCED | _Flags.HW_AV_SYNC | _Flags.LOW_LATENCY
_TAKEN_FLAGS = _TOLD_FLAGS | _Flags.BYPASS_INTERRUPTION_POLICY | _Flags.BYPASS_MUTE
_CAPTURE_FLAGS = {
    AndroidAudioCapturePolicy.ALL: _Flags.NONE,
    AndroidAudioCapturePolicy.SYSTEM: _Flags.NO_MEDIA_PROJECTION,
    AndroidAudioCapturePolicy.NONE: _Flags.NO_MEDIA_PROJECTION | _Flags.NO_SYSTEM_CAPTURE,
}
_OLD_NOTIFICATIONS = (
    AndroidAudioUsage.NOTIFICATION_COMMUNICATION_REQUEST,
    AndroidAudioUsage.NOTIFICATION_COMMUNICATION_INSTANT,
    AndroidAudioUsage.NOTIFICATION_COMMUNICATION_DELAYED,
)


def is_system_usage(usage: AndroidAudioUsage) -> bool:
    """Whether a usage is for parts of the system."""
    return usage > AndroidAudioUsage.ASSISTANT


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioAttributes(AudioAttributesConstants):
    """What a sound is and why it is played, as the platform keeps it.

    ``AudioAttributes.Builder`` makes them. ``AndroidAudioAttributes`` is the shorter form that
    the one API and the Flutter plugin have; each can be made of the other.

    Source: AudioAttributes.java,
    https://developer.android.com/reference/android/media/AudioAttributes
    """

    Builder: ClassVar[type[_Builder]]

    content_type: AndroidAudioContentType = AndroidAudioContentType.UNKNOWN
    """What the sound is."""
    system_usage: AndroidAudioUsage = AndroidAudioUsage.UNKNOWN
    """Why it is played, also where that is for parts of the system only."""
    all_flags: AndroidAudioAttributeFlags = AndroidAudioAttributeFlags.MUTE_HAPTIC
    """Every flag, hidden ones as well."""

    def get_content_type(self) -> AndroidAudioContentType:
        """What the sound is."""
        return self.content_type

    def get_usage(self) -> AndroidAudioUsage:
        """Why it is played; ``UNKNOWN`` for a system usage, as apps see it."""
        return (
            AndroidAudioUsage.UNKNOWN if is_system_usage(self.system_usage) else self.system_usage
        )

    def get_system_usage(self) -> AndroidAudioUsage:
        """Why it is played, a system usage included."""
        return self.system_usage

    def get_flags(self) -> AndroidAudioFlags:
        """The flags that apps are told of; the others are left out."""
        return AndroidAudioFlags((self.all_flags & _TOLD_FLAGS).value)

    def get_all_flags(self) -> AndroidAudioAttributeFlags:
        """Every flag."""
        return self.all_flags

    def get_allowed_capture_policy(self) -> AndroidAudioCapturePolicy:
        """Who may capture it, as far as these attributes say."""
        if self.all_flags & _Flags.NO_SYSTEM_CAPTURE:
            return AndroidAudioCapturePolicy.NONE
        if self.all_flags & _Flags.NO_MEDIA_PROJECTION:
            return AndroidAudioCapturePolicy.SYSTEM
        return AndroidAudioCapturePolicy.ALL

    def are_haptic_channels_muted(self) -> bool:
        """Whether channels for vibration are muted; so unless said otherwise."""
        return _Flags.MUTE_HAPTIC in self.all_flags

    def is_content_spatialized(self) -> bool:
        """Whether the sound is made for headphones in space already."""
        return _Flags.CONTENT_SPATIALIZED in self.all_flags

    def get_spatialization_behavior(self) -> AndroidSpatializationBehavior:
        """Whether the system may place the sound in space."""
        if _Flags.NEVER_SPATIALIZE in self.all_flags:
            return AndroidSpatializationBehavior.NEVER
        return AndroidSpatializationBehavior.AUTO

    def get_volume_control_stream(self) -> AndroidStreamType:
        """The stream type whose volume the keys change; a flag decides first, then the usage.

        Raises:
            IllegalArgumentException: The usage has no stream type.
        """
        return tables.volume_control_stream(self.system_usage, self.all_flags)

    def to_json(self) -> dict[str, int]:
        """Returns ``contentType``, ``flags`` and ``usage`` with Android's numbers.

        Nothing is left out: flags are all flags, the usage is the real one. The app's view is
        that of :meth:`to_android_audio_attributes`.
        """
        return {
            "contentType": self.content_type.value,
            "flags": self.all_flags.value,
            "usage": self.system_usage.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object], *, parent: str = "") -> AudioAttributes:
        """Reads what :meth:`to_json` returns.

        Args:
            data: All three keys and no other.
            parent: Where the mapping lies in a larger one, for the field named in errors.

        Raises:
            InvalidTypeError: It is not a mapping, or a value is not an integer.
            MissingFieldError: A key is not there.
            UnknownFieldError: There is another key.
            InvalidValueError: A number means nothing on Android.
        """
        fields = _json.mapping(data, parent)
        _json.exactly(fields, _KEYS, parent)
        content_type, flags, usage = (_json.dotted(parent, key) for key in _KEYS)
        known = sum(flag.value for flag in _Flags)
        return cls(
            content_type=_json.member(
                AndroidAudioContentType,
                _json.integer(fields["contentType"], content_type),
                content_type,
            ),
            all_flags=_json.flags(_Flags, fields["flags"], flags, known=known),
            system_usage=_json.member(
                AndroidAudioUsage, _json.integer(fields["usage"], usage), usage
            ),
        )

    def to_android_audio_attributes(self) -> AndroidAudioAttributes:
        """The short form: content type, usage and flags as an app sees them."""
        return AndroidAudioAttributes(
            content_type=self.content_type, flags=self.get_flags(), usage=self.get_usage()
        )

    @classmethod
    def from_android_audio_attributes(cls, attributes: AndroidAudioAttributes) -> AudioAttributes:
        """What a builder makes of the short form; a system usage is given as one.

        Raises:
            NullPointerException: There are no attributes.
        """
        if attributes is None:
            raise NullPointerException("attributes", attributes, expected="attributes")
        builder = cls.Builder().set_content_type(attributes.content_type)
        builder.set_flags(attributes.flags)
        if is_system_usage(attributes.usage):
            return builder.set_system_usage(attributes.usage).build()
        return builder.set_usage(attributes.usage).build()


class _Builder:
    """Makes ``AudioAttributes``; every setter returns the builder.

    Args:
        aa: Attributes to begin with; without them nothing is known and haptic channels are
            muted.

    Raises:
        InvalidTypeError: They are something else.
    """

    def __init__(self, aa: AudioAttributes | None = None) -> None:
        self._content_type = AndroidAudioContentType.UNKNOWN
        self._usage: AndroidAudioUsage | None = None
        self._system_usage: AndroidAudioUsage | None = None
        self._flags = _Flags.MUTE_HAPTIC
        if aa is None:
            return
        if not isinstance(aa, AudioAttributes):
            raise InvalidTypeError("aa", aa, expected="AudioAttributes or None")
        self._content_type = aa.content_type
        self._flags = aa.all_flags
        if is_system_usage(aa.system_usage):
            self._system_usage = aa.system_usage
        else:
            self._usage = aa.system_usage

    def set_usage(self, usage: int) -> _Builder:
        """Sets why it is played.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no usage, or one for parts of the system.
        """
        found = member(AndroidAudioUsage, usage, "usage", "one of Android's usages")
        if is_system_usage(found):
            raise IllegalArgumentException("usage", usage, expected="a usage that is open to apps")
        self._usage = found
        return self

    def set_system_usage(self, system_usage: int) -> _Builder:
        """Sets why a part of the system plays it; hidden from apps.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no system usage.
        """
        expected = "one of Android's system usages"
        found = member(AndroidAudioUsage, system_usage, "system_usage", expected)
        if not is_system_usage(found):
            raise IllegalArgumentException("system_usage", system_usage, expected=expected)
        self._system_usage = found
        return self

    def set_content_type(self, content_type: int) -> _Builder:
        """Sets what it is.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no content type.
        """
        self._content_type = member(
            AndroidAudioContentType, content_type, "content_type", "one of Android's content types"
        )
        return self

    def set_flags(self, flags: int) -> _Builder:
        """Adds flags to those already set; those that are not for apps are dropped.

        Raises:
            InvalidTypeError: It is no integer.
        """
        self._flags |= _Flags(_json.integer(flags, "flags")) & _TAKEN_FLAGS
        return self

    def set_allowed_capture_policy(self, capture_policy: int) -> _Builder:
        """Sets who may capture it, instead of what was set; since API level 29.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no policy.
        """
        policy = member(
            AndroidAudioCapturePolicy, capture_policy, "capture_policy", "a policy from 1 to 3"
        )
        self._flags &= ~_CAPTURE_FLAGS[AndroidAudioCapturePolicy.NONE]
        self._flags |= _CAPTURE_FLAGS[policy]
        return self

    def set_legacy_stream_type(self, stream_type: int) -> _Builder:
        """Sets content type and usage, and adds flags, as stand for a stream type.

        What is no stream type leaves the usage unknown, as in the source.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is ``ACCESSIBILITY``, which has no legacy.
        """
        number = _json.integer(stream_type, "stream_type")
        if number == AndroidStreamType.ACCESSIBILITY:
            raise IllegalArgumentException(
                "stream_type", stream_type, expected="a stream type other than ACCESSIBILITY"
            )
        found = tables.stream_attributes(number)
        if found is None:
            self._usage = AndroidAudioUsage.UNKNOWN
            return self
        self._usage = found.usage
        self._content_type = AndroidAudioContentType(found.content_type)
        self._flags |= found.flags
        return self

    def set_haptic_channels_muted(self, muted: bool) -> _Builder:  # Android's form
        """Sets whether channels for vibration are muted; since API level 29.

        Raises:
            InvalidTypeError: It is no bool.
        """
        return self._switch(_Flags.MUTE_HAPTIC, _json.boolean(muted, "muted"))

    def set_is_content_spatialized(self, is_spatialized: bool) -> _Builder:
        """Sets whether the sound is made for headphones in space already; since API level 32.

        Raises:
            InvalidTypeError: It is no bool.
        """
        return self._switch(
            _Flags.CONTENT_SPATIALIZED, _json.boolean(is_spatialized, "is_spatialized")
        )

    def set_spatialization_behavior(self, sb: int) -> _Builder:
        """Sets whether the system may place the sound in space; since API level 32.

        Raises:
            InvalidTypeError: It is no integer.
            IllegalArgumentException: It is no behaviour.
        """
        found = member(AndroidSpatializationBehavior, sb, "sb", "0 or 1")
        return self._switch(_Flags.NEVER_SPATIALIZE, found is AndroidSpatializationBehavior.NEVER)

    def build(self) -> AudioAttributes:
        """Returns the attributes; the old usages 7, 8 and 9 have become ``NOTIFICATION``.

        Raises:
            IllegalArgumentException: There is a usage and a system usage.
        """
        if self._usage is not None and self._system_usage is not None:
            raise IllegalArgumentException(
                "usage", self._usage, expected="left out beside a system usage"
            )
        usage = self._system_usage or self._usage or AndroidAudioUsage.UNKNOWN
        if usage in _OLD_NOTIFICATIONS:
            usage = AndroidAudioUsage.NOTIFICATION
        return AudioAttributes(
            content_type=self._content_type, system_usage=usage, all_flags=self._flags
        )

    def _switch(self, flag: AndroidAudioAttributeFlags, on: bool) -> _Builder:
        self._flags = self._flags | flag if on else self._flags & ~flag
        return self


AudioAttributes.Builder = _Builder
_Builder.__name__ = "Builder"
_Builder.__qualname__ = "AudioAttributes.Builder"
