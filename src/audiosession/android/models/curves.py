"""How loud a volume's index is on a kind of output.

The points are those that the audio policy engine falls back on (EngineDefaultConfig.h, Android
11 and later): parts of the way from the lowest index to the highest, in hundredths, and levels
in hundredths of a dB. Between points the level moves in a straight line (VolumeCurve.cpp).
Devices come with points of their own, so real ones differ.
"""

from __future__ import annotations

import math
from enum import Enum
from itertools import pairwise
from typing import Final

from audiosession.android.device_constants import AndroidAudioDeviceType as Device
from audiosession.android.stream_constants import AndroidStreamType as Stream

__all__ = ["OutputCategory", "output_category", "volume_db"]

Points = tuple[tuple[int, int], ...]


class OutputCategory(Enum):
    """What counts of an output for the loudness of an index."""

    HEADSET = "headset"
    """Worn on the ears."""
    SPEAKER = "speaker"
    """A loudspeaker."""
    EARPIECE = "earpiece"
    """Held to the ear."""
    EXTERNAL = "external"
    """Equipment that has a volume of its own."""
    HEARING_AID = "hearing_aid"
    """A hearing aid."""


_CATEGORIES: Final = {
    Device.BUILTIN_EARPIECE: OutputCategory.EARPIECE,
    Device.WIRED_HEADSET: OutputCategory.HEADSET,
    Device.WIRED_HEADPHONES: OutputCategory.HEADSET,
    Device.BLUETOOTH_SCO: OutputCategory.HEADSET,
    Device.BLUETOOTH_A2DP: OutputCategory.HEADSET,
    Device.USB_HEADSET: OutputCategory.HEADSET,
    Device.BLE_HEADSET: OutputCategory.HEADSET,
    Device.LINE_ANALOG: OutputCategory.EXTERNAL,
    Device.LINE_DIGITAL: OutputCategory.EXTERNAL,
    Device.HDMI: OutputCategory.EXTERNAL,
    Device.HDMI_ARC: OutputCategory.EXTERNAL,
    Device.HDMI_EARC: OutputCategory.EXTERNAL,
    Device.USB_DEVICE: OutputCategory.EXTERNAL,
    Device.USB_ACCESSORY: OutputCategory.EXTERNAL,
    Device.AUX_LINE: OutputCategory.EXTERNAL,
    Device.HEARING_AID: OutputCategory.HEARING_AID,
    Device.BLE_HEARING_AID: OutputCategory.HEARING_AID,
}

_MEDIA: Final = ((1, -5800), (20, -4000), (60, -1700), (100, 0))
_HEADSET: Final = ((1, -4950), (33, -3350), (66, -1700), (100, 0))
_EXTERNAL: Final = ((1, -5800), (20, -4000), (60, -2100), (100, -1000))
_AID: Final = ((1, -12700), (20, -8000), (60, -4000), (100, 0))
_QUIET_HEADSET: Final = ((1, -3000), (33, -2600), (66, -2200), (100, -1800))
_SYSTEM: Final = ((1, -2400), (33, -1800), (66, -1200), (100, -600))
_ALL_DOWN: Final = ((0, -9600), (100, -9600))


def _heard(points: Points) -> Points:
    """The same points for a stream that is never silent: its lowest index sounds."""
    return ((0, points[0][1]), *points[1:])


def _curves(
    headset: Points, speaker: Points, earpiece: Points, external: Points, aid: Points
) -> dict[OutputCategory, Points]:
    return dict(zip(OutputCategory, (headset, speaker, earpiece, external, aid), strict=True))


_CALL_HEADSET: Final = ((0, -4200), (33, -2800), (66, -1400), (100, 0))
_CALL_SPEAKER: Final = ((0, -2400), (33, -1600), (66, -800), (100, 0))
_CALL_EARPIECE: Final = ((0, -2700), (33, -1800), (66, -900), (100, 0))
_MUSIC: Final = _curves(_MEDIA, _MEDIA, _MEDIA, _MEDIA, _AID)

CURVES: Final = {
    Stream.VOICE_CALL: _curves(_CALL_HEADSET, _CALL_SPEAKER, _CALL_EARPIECE, _MEDIA, _AID),
    Stream.BLUETOOTH_SCO: _curves(_CALL_HEADSET, _CALL_SPEAKER, _CALL_HEADSET, _MEDIA, _AID),
    Stream.SYSTEM: _curves(
        _QUIET_HEADSET,
        ((1, -5100), (57, -2800), (71, -2500), (85, -2300), (100, -2100)),
        _SYSTEM,
        _EXTERNAL,
        _AID,
    ),
    Stream.RING: _curves(_HEADSET, _MEDIA, _HEADSET, _EXTERNAL, _AID),
    Stream.MUSIC: _MUSIC,
    Stream.ASSISTANT: _MUSIC,
    Stream.ALARM: _curves(*map(_heard, (_HEADSET, _MEDIA, _HEADSET, _EXTERNAL, _AID))),
    Stream.NOTIFICATION: _curves(
        _HEADSET, ((1, -4680), (42, -2070), (85, -540), (100, 0)), _HEADSET, _EXTERNAL, _HEADSET
    ),
    Stream.SYSTEM_ENFORCED: _curves(
        _QUIET_HEADSET, ((1, -3400), (71, -2400), (100, -2000)), _SYSTEM, _EXTERNAL, _AID
    ),
    Stream.DTMF: _curves(
        _QUIET_HEADSET, ((1, -4000), (71, -2400), (100, -1400)), _SYSTEM, _EXTERNAL, _AID
    ),
    Stream.TTS: _curves(_ALL_DOWN, ((0, 0), (100, 0)), _ALL_DOWN, _ALL_DOWN, _ALL_DOWN),
    Stream.ACCESSIBILITY: _curves(*map(_heard, (_MEDIA, _MEDIA, _MEDIA, _MEDIA, _AID))),
}
"""The points of each stream type. The engine has none for ASSISTANT, which has music's."""


def output_category(device_type: int) -> OutputCategory:
    """What counts of a type of output; a loudspeaker where nothing is said of it."""
    return _CATEGORIES.get(Device(device_type), OutputCategory.SPEAKER)


def volume_db(stream: Stream, index: int, *, least: int, most: int, device_type: int) -> float:
    """The level of an index in dB; minus infinity where it is silent.

    Args:
        stream: The stream type.
        index: As the user counts.
        least: The stream's lowest index.
        most: Its highest.
        device_type: The output, ``AudioDeviceInfo.TYPE_*``.
    """
    points = CURVES[stream][output_category(device_type)]
    first, last = points[0][0], points[-1][0]
    # The engine counts whole steps of the curve.
    place = (1 + last - first) * (index - least) // (most - least)
    if place < first:
        return -math.inf
    for (low, from_mb), (high, to_mb) in pairwise(points):
        if place <= high:
            return (from_mb + (place - low) * (to_mb - from_mb) / (high - low)) / 100
    return points[-1][1] / 100
