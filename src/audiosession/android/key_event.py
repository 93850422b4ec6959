"""An event of a key (``android.view.KeyEvent``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audiosession import _json
from audiosession.android.key_constants import MEDIA_SESSION_KEYS, KeyEventConstants
from audiosession.errors import InvalidValueError

__all__ = ["KeyEvent"]

_KEYS = (
    "deviceId",
    "source",
    "metaState",
    "action",
    "keyCode",
    "scanCode",
    "repeatCount",
    "flags",
    "downTime",
    "eventTime",
)
_NAMES = (
    "device_id",
    "source",
    "meta_state",
    "action",
    "key_code",
    "scan_code",
    "repeat_count",
    "flags",
    "down_time",
    "event_time",
)


@dataclass(frozen=True, slots=True)
class KeyEvent(KeyEventConstants):
    """What happened to a key.

    Raises:
        InvalidTypeError: A field is no integer.
        InvalidValueError: The action is none, or a count is negative.
    """

    action: int
    """``ACTION_DOWN``, ``ACTION_UP`` or ``ACTION_MULTIPLE``."""
    key_code: int
    """Which key, ``KEYCODE_*``; others than those about sound as well."""
    repeat_count: int = 0
    """How often it was repeated while it was held; 0 when it goes down first."""
    device_id: int = -1
    """The keyboard; -1: none that is real."""
    source: int = 0
    """What kind of input it comes from."""
    meta_state: int = 0
    """Which other keys are held."""
    scan_code: int = 0
    """The number of the key in hardware."""
    flags: int = 0
    """``KeyEvent.FLAG_*``."""
    down_time: int = 0
    """When the key went down, in ms of the device's own time."""
    event_time: int = 0
    """When this happened, in ms of the device's own time."""

    def __post_init__(self) -> None:
        for name in _NAMES:
            _json.integer(getattr(self, name), name)
        if self.action not in (self.ACTION_DOWN, self.ACTION_UP, self.ACTION_MULTIPLE):
            raise InvalidValueError("action", self.action, expected="0, 1 or 2")
        for name in ("key_code", "repeat_count", "down_time", "event_time"):
            if getattr(self, name) < 0:
                raise InvalidValueError(name, getattr(self, name), expected="0 or more")

    def get_action(self) -> int:
        """What happens to the key."""
        return self.action

    def get_key_code(self) -> int:
        """Which key it is."""
        return self.key_code

    def get_repeat_count(self) -> int:
        """How often it was repeated."""
        return self.repeat_count

    def to_json(self) -> dict[str, int]:
        """The event in the words of the Flutter plugin."""
        return {key: int(getattr(self, name)) for key, name in zip(_KEYS, _NAMES, strict=True)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KeyEvent:
        """The event that :meth:`to_json` wrote.

        Raises:
            InvalidTypeError, InvalidValueError, MissingFieldError, UnknownFieldError: It is
                no such thing.
        """
        _json.exactly(_json.mapping(data, "KeyEvent"), _KEYS, "")
        return cls(**{name: data[key] for key, name in zip(_KEYS, _NAMES, strict=True)})

    @staticmethod
    def is_media_session_key(key_code: int) -> bool:
        """Whether a key goes to media sessions (``KeyEvent.isMediaSessionKey``)."""
        return key_code in MEDIA_SESSION_KEYS
