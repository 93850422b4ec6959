"""What a stream of sound is and why it plays, in Android's terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from audiosession import _json
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioUsage,
)
from audiosession.errors import InvalidTypeError, InvalidValueError, MissingFieldError

__all__ = ["AndroidAudioAttributes"]

_KEYS = ("contentType", "flags", "usage")
_ALL_FLAGS = 0x7FFF_FFFF
"""Flags are a Java ``int`` of which the sign is not used."""
_PLUGIN_CONTENT_TYPES = frozenset(kind.value for kind in AndroidAudioContentType)
_PLUGIN_USAGES = frozenset(
    usage.value for usage in AndroidAudioUsage if usage <= AndroidAudioUsage.ASSISTANT
)
"""The usages the Flutter plugin has names for: those open to every app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidAudioAttributes:
    """Android's ``AudioAttributes``, as far as they decide how apps get along.

    Raises:
        InvalidTypeError: A field has the wrong type; plain numbers are not taken.
        InvalidValueError: The flags do not fit into 31 bits.
    """

    content_type: AndroidAudioContentType = AndroidAudioContentType.UNKNOWN
    """What the sound is."""
    flags: AndroidAudioFlags = AndroidAudioFlags.NONE
    """How the playing is to be affected."""
    usage: AndroidAudioUsage = AndroidAudioUsage.UNKNOWN
    """Why it is played."""

    def __post_init__(self) -> None:
        for name, kind, expected in (
            ("content_type", AndroidAudioContentType, "an AndroidAudioContentType"),
            ("flags", AndroidAudioFlags, "AndroidAudioFlags"),
            ("usage", AndroidAudioUsage, "an AndroidAudioUsage"),
        ):
            if not isinstance(getattr(self, name), kind):
                raise InvalidTypeError(name, getattr(self, name), expected=expected)
        if not 0 <= self.flags.value <= _ALL_FLAGS:
            raise InvalidValueError("flags", self.flags.value, expected="from 0 to 0x7fffffff")

    def to_json(self) -> dict[str, int]:
        """Returns the keys ``contentType``, ``flags`` and ``usage`` with Android's numbers."""
        return {
            "contentType": self.content_type.value,
            "flags": self.flags.value,
            "usage": self.usage.value,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object], *, parent: str = "") -> AndroidAudioAttributes:
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
        return cls(
            content_type=_json.member(
                AndroidAudioContentType,
                _json.integer(fields["contentType"], content_type),
                content_type,
            ),
            flags=_json.flags(AndroidAudioFlags, fields["flags"], flags, known=_ALL_FLAGS),
            usage=_json.member(AndroidAudioUsage, _json.integer(fields["usage"], usage), usage),
        )

    @classmethod
    def from_plugin_json(
        cls, data: Mapping[str, object], *, parent: str = ""
    ) -> AndroidAudioAttributes:
        """Reads what the Flutter plugin's ``toJson`` wrote, as that plugin does.

        A content type or usage that is absent or that the plugin does not know counts as
        unknown; other keys are passed over.

        Args:
            data: The mapping.
            parent: Where the mapping lies in a larger one, for the field named in errors.

        Raises:
            InvalidTypeError: It is not a mapping, or a value is not an integer.
            MissingFieldError: ``flags`` is not there.
            InvalidValueError: The flags do not fit into 31 bits.
        """
        fields = _json.mapping(data, parent)
        if "flags" not in fields:
            raise MissingFieldError(_json.dotted(parent, "flags"))
        content_type, flags, usage = (_json.dotted(parent, key) for key in _KEYS)
        content_type_number = _number_or_none(fields.get("contentType"), content_type)
        usage_number = _number_or_none(fields.get("usage"), usage)
        return cls(
            content_type=AndroidAudioContentType(content_type_number)
            if content_type_number in _PLUGIN_CONTENT_TYPES
            else AndroidAudioContentType.UNKNOWN,
            flags=_json.flags(AndroidAudioFlags, fields["flags"], flags, known=_ALL_FLAGS),
            usage=AndroidAudioUsage(usage_number)
            if usage_number in _PLUGIN_USAGES
            else AndroidAudioUsage.UNKNOWN,
        )


def _number_or_none(value: object, field: str) -> int | None:
    return None if value is None else _json.integer(value, field)
