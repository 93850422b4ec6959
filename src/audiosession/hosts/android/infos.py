"""Java's devices, microphones and intents as values of this package.

Source: AudioDeviceInfo.java, MicrophoneInfo.java and Intent.java,
https://developer.android.com/reference/android/media/AudioDeviceInfo
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from typing import Any, Final, TypeVar

from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_constants import (
    AndroidAudioDeviceType,
    AndroidMicrophoneChannelMapping,
    AndroidMicrophoneDirectionality,
    AndroidMicrophoneLocation,
)
from ...android.intents import Intent
from ...android.microphone_info import Coordinates, MicrophoneInfo
from ...android.stream_constants import AndroidRingerMode
from ...android.system_constants import AndroidIntent, AndroidScoAudioState
from .api import AndroidApi
from .part import text_of

__all__ = ["device_info", "intent_of", "known", "microphone_info"]

E = TypeVar("E", bound=Enum)

_Type = AndroidAudioDeviceType
_Say = AndroidIntent


def known(kind: type[E], value: Any, otherwise: E) -> E:
    """The member for a number of the phone's; ``otherwise`` for one that came later."""
    try:
        return kind(int(value))
    except ValueError:
        return otherwise


# -- devices -------------------------------------------------------------------------------------


def device_info(api: AndroidApi, native: Any) -> AudioDeviceInfo:
    """A device; what the phone is too old to say is left open.

    Args:
        api: The phone's API.
        native: An ``android.media.AudioDeviceInfo``.

    Raises:
        JavaError: Java raised something.
    """

    def ask(method: str) -> Any:
        return api.call(native, f"AudioDeviceInfo.{method}")

    def numbers(method: str) -> tuple[int, ...]:
        if not api.has(f"AudioDeviceInfo.{method}"):
            return ()
        return tuple(int(number) for number in api.bridge.items(ask(method)))

    return AudioDeviceInfo(
        id=int(ask("getId")),
        type=known(_Type, ask("getType"), _Type.UNKNOWN),
        product_name=text_of(ask("getProductName")),
        address=text_of(ask("getAddress")) if api.has("AudioDeviceInfo.getAddress") else "",
        sink=bool(ask("isSink")),
        source=bool(ask("isSource")),
        sample_rates=numbers("getSampleRates"),
        channel_masks=numbers("getChannelMasks"),
        channel_index_masks=numbers("getChannelIndexMasks"),
        channel_counts=numbers("getChannelCounts"),
        encodings=numbers("getEncodings"),
        encapsulation_modes=numbers("getEncapsulationModes"),
        encapsulation_metadata_types=numbers("getEncapsulationMetadataTypes"),
    )


def microphone_info(api: AndroidApi, native: Any) -> MicrophoneInfo:
    """A microphone.

    Args:
        api: The phone's API.
        native: An ``android.media.MicrophoneInfo``.

    Raises:
        JavaError: Java raised something.
    """

    def ask(method: str) -> Any:
        return api.call(native, f"MicrophoneInfo.{method}")

    def place(method: str) -> Coordinates:
        found = ask(method)
        return (float(found.x), float(found.y), float(found.z))

    def pairs(method: str) -> list[tuple[Any, Any]]:
        return [(pair.first, pair.second) for pair in api.bridge.items(ask(method))]

    mapping = AndroidMicrophoneChannelMapping
    location, directionality = AndroidMicrophoneLocation, AndroidMicrophoneDirectionality
    return MicrophoneInfo(
        id=int(ask("getId")),
        description=text_of(ask("getDescription")),
        type=known(_Type, ask("getType"), _Type.UNKNOWN),
        address=text_of(ask("getAddress")),
        location=known(location, ask("getLocation"), location.UNKNOWN),
        group=int(ask("getGroup")),
        index_in_the_group=int(ask("getIndexInTheGroup")),
        position=place("getPosition"),
        orientation=place("getOrientation"),
        frequency_response=tuple(
            (float(hz), float(db)) for hz, db in pairs("getFrequencyResponse")
        ),
        channel_mapping=tuple(
            (int(channel), known(mapping, how, mapping.PROCESSED))
            for channel, how in pairs("getChannelMapping")
        ),
        sensitivity=float(ask("getSensitivity")),
        max_spl=float(ask("getMaxSpl")),
        min_spl=float(ask("getMinSpl")),
        directionality=known(directionality, ask("getDirectionality"), directionality.UNKNOWN),
    )


# -- intents -------------------------------------------------------------------------------------

_Read = Callable[[AndroidApi, Any, str], object]
_NONE: Final = -(2**31)
"""Stands for a number that is not said; no extra has it."""


def _number(api: AndroidApi, native: Any, key: str) -> int | None:
    number = int(api.call(native, "Intent.getIntExtra", key, _NONE))
    return None if number == _NONE else number


def _flag(api: AndroidApi, native: Any, key: str) -> bool:
    return bool(api.call(native, "Intent.getBooleanExtra", key, False))


def _text(api: AndroidApi, native: Any, key: str) -> str:
    return text_of(api.call(native, "Intent.getStringExtra", key))


def _numbers(api: AndroidApi, native: Any, key: str) -> tuple[int, ...]:
    found = api.call(native, "Intent.getIntArrayExtra", key)
    return tuple(int(number) for number in api.bridge.items(found))


def _member(kind: type[E], otherwise: E, api: AndroidApi, native: Any, key: str) -> E | None:
    number = _number(api, native, key)
    return None if number is None else known(kind, number, otherwise)


_sco: Final[_Read] = partial(_member, AndroidScoAudioState, AndroidScoAudioState.ERROR)
_ringer: Final[_Read] = partial(_member, AndroidRingerMode, AndroidRingerMode.NORMAL)

EXTRAS: Final[Mapping[str, Mapping[str, _Read]]] = {
    _Say.ACTION_SCO_AUDIO_STATE_UPDATED: {
        _Say.EXTRA_SCO_AUDIO_STATE: _sco,
        _Say.EXTRA_SCO_AUDIO_PREVIOUS_STATE: _sco,
    },
    _Say.ACTION_SCO_AUDIO_STATE_CHANGED: {_Say.EXTRA_SCO_AUDIO_STATE: _sco},
    _Say.RINGER_MODE_CHANGED_ACTION: {_Say.EXTRA_RINGER_MODE: _ringer},
    _Say.VOLUME_CHANGED_ACTION: {
        _Say.EXTRA_VOLUME_STREAM_TYPE: _number,
        _Say.EXTRA_VOLUME_STREAM_VALUE: _number,
        _Say.EXTRA_PREV_VOLUME_STREAM_VALUE: _number,
        _Say.EXTRA_VOLUME_STREAM_TYPE_ALIAS: _number,
    },
    _Say.STREAM_MUTE_CHANGED_ACTION: {
        _Say.EXTRA_VOLUME_STREAM_TYPE: _number,
        _Say.EXTRA_STREAM_VOLUME_MUTED: _flag,
    },
    _Say.ACTION_HEADSET_PLUG: {"state": _number, "name": _text, "microphone": _number},
    _Say.ACTION_HDMI_AUDIO_PLUG: {
        _Say.EXTRA_AUDIO_PLUG_STATE: _number,
        _Say.EXTRA_MAX_CHANNEL_COUNT: _number,
        _Say.EXTRA_ENCODINGS: _numbers,
    },
    _Say.ACTION_AUDIO_BECOMING_NOISY: {},
    _Say.ACTION_MICROPHONE_MUTE_CHANGED: {},
    _Say.ACTION_SPEAKERPHONE_STATE_CHANGED: {},
}
"""What is read of each announcement, and how; of others only that they came."""


def intent_of(api: AndroidApi, native: Any, *, sticky: bool = False) -> Intent:
    """An announcement of the system's, with the extras that are known of its kind.

    Args:
        api: The phone's API.
        native: An ``android.content.Intent``.
        sticky: Whether it was kept.

    Raises:
        JavaError: Java raised something.
    """
    action = text_of(api.call(native, "Intent.getAction"))
    extras = {str(key): read(api, native, str(key)) for key, read in EXTRAS.get(action, {}).items()}
    said = {key: value for key, value in extras.items() if value is not None}
    return Intent(action=action, extras=said, sticky=sticky)
