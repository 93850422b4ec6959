"""Android's ``AudioDeviceInfo``: one way in or out for sound, and who is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from audiosession.android.device_constants import AndroidAudioDeviceType, AudioDeviceInfoConstants
from audiosession.errors import InvalidTypeError

__all__ = ["AudioDeviceCallback", "AudioDeviceInfo"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDeviceInfo(AudioDeviceInfoConstants):
    """A device that plays or one that records; API level 23. Equal when their ids are.

    What does both, as a headset, is two of these. Lists that are empty mean that the device
    takes anything. Source: AudioDeviceInfo.java,
    https://developer.android.com/reference/android/media/AudioDeviceInfo

    Raises:
        InvalidTypeError: The id is no integer.
    """

    id: int
    """Stands for the device as long as it is connected; never 0."""
    type: AndroidAudioDeviceType = field(compare=False)
    """What it is."""
    product_name: str = field(compare=False)
    """What people call it."""
    address: str = field(default="", compare=False)
    """Tells devices of one type apart; empty where there is but one."""
    sink: bool = field(default=False, compare=False)
    """Whether it plays."""
    source: bool = field(default=False, compare=False)
    """Whether it records."""
    sample_rates: tuple[int, ...] = field(default=(), compare=False)
    """Rates in Hz."""
    channel_masks: tuple[int, ...] = field(default=(), compare=False)
    """Arrangements of channels by position, in ``AudioFormat``'s bits."""
    channel_index_masks: tuple[int, ...] = field(default=(), compare=False)
    """Arrangements of channels by number, a bit for each."""
    channel_counts: tuple[int, ...] = field(default=(), compare=False)
    """How many channels."""
    encodings: tuple[int, ...] = field(default=(), compare=False)
    """Formats, in ``AudioFormat``'s numbers."""
    encapsulation_modes: tuple[int, ...] = field(default=(), compare=False)
    """How compressed sound may be wrapped; API level 30."""
    encapsulation_metadata_types: tuple[int, ...] = field(default=(), compare=False)
    """What may be told beside it; API level 30."""

    def __post_init__(self) -> None:
        if isinstance(self.id, bool) or not isinstance(self.id, int):
            raise InvalidTypeError("id", self.id, expected="an integer")

    def get_id(self) -> int:
        """Stands for the device as long as it is connected."""
        return self.id

    def get_type(self) -> AndroidAudioDeviceType:
        """What it is."""
        return self.type

    def get_product_name(self) -> str:
        """What people call it."""
        return self.product_name

    def get_address(self) -> str:
        """Tells devices of one type apart; API level 28."""
        return self.address

    def is_sink(self) -> bool:
        """Whether it plays."""
        return self.sink

    def is_source(self) -> bool:
        """Whether it records."""
        return self.source

    def get_sample_rates(self) -> tuple[int, ...]:
        """Rates in Hz; empty: any."""
        return self.sample_rates

    def get_channel_masks(self) -> tuple[int, ...]:
        """Arrangements of channels by position; empty: any."""
        return self.channel_masks

    def get_channel_index_masks(self) -> tuple[int, ...]:
        """Arrangements of channels by number; empty: any."""
        return self.channel_index_masks

    def get_channel_counts(self) -> tuple[int, ...]:
        """How many channels; empty: any number."""
        return self.channel_counts

    def get_encodings(self) -> tuple[int, ...]:
        """Formats; empty: any."""
        return self.encodings

    def get_encapsulation_modes(self) -> tuple[int, ...]:
        """How compressed sound may be wrapped; API level 30."""
        return self.encapsulation_modes

    def get_encapsulation_metadata_types(self) -> tuple[int, ...]:
        """What may be told beside compressed sound; API level 30."""
        return self.encapsulation_metadata_types

    def to_json(self) -> dict[str, object]:
        """Returns the Flutter plugin's keys with Android's numbers."""
        return {
            "id": self.id,
            "productName": self.product_name,
            "address": self.address,
            "isSource": self.source,
            "isSink": self.sink,
            "sampleRates": list(self.sample_rates),
            "channelMasks": list(self.channel_masks),
            "channelIndexMasks": list(self.channel_index_masks),
            "channelCounts": list(self.channel_counts),
            "encodings": list(self.encodings),
            "type": int(self.type),
        }


class AudioDeviceCallback(Protocol):
    """Is told of devices that come and go; API level 23."""

    def on_audio_devices_added(self, added_devices: tuple[AudioDeviceInfo, ...]) -> object:
        """Devices are there from now on; at first all that are."""

    def on_audio_devices_removed(self, removed_devices: tuple[AudioDeviceInfo, ...]) -> object:
        """Devices are no longer there."""
