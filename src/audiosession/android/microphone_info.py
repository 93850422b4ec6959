"""Android's ``MicrophoneInfo``: what is known of one microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from audiosession.android.device_constants import (
    GROUP_UNKNOWN,
    INDEX_IN_THE_GROUP_UNKNOWN,
    ORIENTATION_UNKNOWN,
    POSITION_UNKNOWN,
    SENSITIVITY_UNKNOWN,
    SPL_UNKNOWN,
    AndroidAudioDeviceType,
    AndroidMicrophoneChannelMapping,
    AndroidMicrophoneDirectionality,
    AndroidMicrophoneLocation,
    MicrophoneInfoConstants,
)

__all__ = ["Coordinates", "MicrophoneInfo"]

Coordinates: TypeAlias = tuple[float, float, float]
"""A place in metres, or a direction: x to the right, y up along the screen, z out of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneInfo(MicrophoneInfoConstants):
    """One microphone; API level 28. What nobody knows has the value that says so.

    Source: MicrophoneInfo.java,
    https://developer.android.com/reference/android/media/MicrophoneInfo
    """

    id: int
    """The number of the device that it records for; of several at one device it is the same."""
    description: str
    """What tells it from others."""
    type: AndroidAudioDeviceType
    """What the device is."""
    address: str = ""
    """Tells microphones of one type apart."""
    location: AndroidMicrophoneLocation = AndroidMicrophoneLocation.UNKNOWN
    """Where it is."""
    group: int = GROUP_UNKNOWN
    """Microphones of one group stand together, as in an array."""
    index_in_the_group: int = INDEX_IN_THE_GROUP_UNKNOWN
    """Which of its group it is."""
    position: Coordinates = POSITION_UNKNOWN
    """Where it is, in metres from the device's lower left back corner."""
    orientation: Coordinates = ORIENTATION_UNKNOWN
    """Where it points, a vector of length 1."""
    frequency_response: tuple[tuple[float, float], ...] = ()
    """Its response as points of (frequency in Hz, level in dB)."""
    channel_mapping: tuple[tuple[int, AndroidMicrophoneChannelMapping], ...] = ()
    """Which channels of a recording come of it, and how."""
    sensitivity: float = SENSITIVITY_UNKNOWN
    """In dBFS at 94 dB sound pressure and 1000 Hz."""
    max_spl: float = SPL_UNKNOWN
    """The loudest sound it can take, in dB sound pressure."""
    min_spl: float = SPL_UNKNOWN
    """The softest sound it hears, in dB sound pressure."""
    directionality: AndroidMicrophoneDirectionality = AndroidMicrophoneDirectionality.UNKNOWN
    """From where it hears."""

    def get_id(self) -> int:
        """The number of the device that it records for."""
        return self.id

    def get_description(self) -> str:
        """What tells it from others."""
        return self.description

    def get_type(self) -> AndroidAudioDeviceType:
        """What the device is."""
        return self.type

    def get_address(self) -> str:
        """Tells microphones of one type apart."""
        return self.address

    def get_location(self) -> AndroidMicrophoneLocation:
        """Where it is."""
        return self.location

    def get_group(self) -> int:
        """Microphones of one group stand together."""
        return self.group

    def get_index_in_the_group(self) -> int:
        """Which of its group it is."""
        return self.index_in_the_group

    def get_position(self) -> Coordinates:
        """Where it is, in metres."""
        return self.position

    def get_orientation(self) -> Coordinates:
        """Where it points."""
        return self.orientation

    def get_frequency_response(self) -> tuple[tuple[float, float], ...]:
        """Its response as points of (frequency in Hz, level in dB)."""
        return self.frequency_response

    def get_channel_mapping(self) -> tuple[tuple[int, AndroidMicrophoneChannelMapping], ...]:
        """Which channels of a recording come of it, and how."""
        return self.channel_mapping

    def get_sensitivity(self) -> float:
        """In dBFS at 94 dB sound pressure and 1000 Hz."""
        return self.sensitivity

    def get_max_spl(self) -> float:
        """The loudest sound it can take, in dB sound pressure."""
        return self.max_spl

    def get_min_spl(self) -> float:
        """The softest sound it hears, in dB sound pressure."""
        return self.min_spl

    def get_directionality(self) -> AndroidMicrophoneDirectionality:
        """From where it hears."""
        return self.directionality

    def to_json(self) -> dict[str, object]:
        """Returns the Flutter plugin's keys with Android's numbers."""
        return {
            "description": self.description,
            "id": self.id,
            "type": int(self.type),
            "address": self.address,
            "location": int(self.location),
            "group": self.group,
            "indexInTheGroup": self.index_in_the_group,
            "position": list(self.position),
            "orientation": list(self.orientation),
            "frequencyResponse": [list(point) for point in self.frequency_response],
            "channelMapping": [[channel, int(how)] for channel, how in self.channel_mapping],
            "sensitivity": self.sensitivity,
            "maxSpl": self.max_spl,
            "minSpl": self.min_spl,
            "directionality": int(self.directionality),
        }
