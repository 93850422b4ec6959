"""The phone's devices in the words of the one API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ...android.device_constants import AndroidAudioDeviceType as Type
from ...devices import AudioDevice, AudioDevicesChangedEvent, AudioDeviceType
from .api import AndroidApi
from .part import text_of

__all__ = ["KINDS", "KnownDevices", "audio_device", "listed"]

KINDS: Final[Mapping[int, AudioDeviceType]] = {
    Type.BUILTIN_EARPIECE: AudioDeviceType.BUILT_IN_EARPIECE,
    Type.BUILTIN_SPEAKER: AudioDeviceType.BUILT_IN_SPEAKER,
    Type.BUILTIN_SPEAKER_SAFE: AudioDeviceType.BUILT_IN_SPEAKER_SAFE,
    Type.BUILTIN_MIC: AudioDeviceType.BUILT_IN_MIC,
    Type.WIRED_HEADSET: AudioDeviceType.WIRED_HEADSET,
    Type.WIRED_HEADPHONES: AudioDeviceType.WIRED_HEADPHONES,
    Type.LINE_ANALOG: AudioDeviceType.LINE_ANALOG,
    Type.LINE_DIGITAL: AudioDeviceType.LINE_DIGITAL,
    Type.BLUETOOTH_SCO: AudioDeviceType.BLUETOOTH_SCO,
    Type.BLUETOOTH_A2DP: AudioDeviceType.BLUETOOTH_A2DP,
    Type.BLE_HEADSET: AudioDeviceType.BLUETOOTH_LE,
    Type.BLE_SPEAKER: AudioDeviceType.BLUETOOTH_LE,
    Type.BLE_BROADCAST: AudioDeviceType.BLUETOOTH_LE,
    Type.BLE_HEARING_AID: AudioDeviceType.HEARING_AID,
    Type.HEARING_AID: AudioDeviceType.HEARING_AID,
    Type.HDMI: AudioDeviceType.HDMI,
    Type.HDMI_ARC: AudioDeviceType.HDMI_ARC,
    Type.HDMI_EARC: AudioDeviceType.HDMI_ARC,
    Type.USB_DEVICE: AudioDeviceType.USB_AUDIO,
    Type.USB_ACCESSORY: AudioDeviceType.USB_AUDIO,
    Type.USB_HEADSET: AudioDeviceType.USB_AUDIO,
    Type.DOCK: AudioDeviceType.DOCK,
    Type.DOCK_ANALOG: AudioDeviceType.DOCK,
    Type.FM: AudioDeviceType.FM,
    Type.FM_TUNER: AudioDeviceType.FM_TUNER,
    Type.TV_TUNER: AudioDeviceType.TV_TUNER,
    Type.TELEPHONY: AudioDeviceType.TELEPHONY,
    Type.AUX_LINE: AudioDeviceType.AUX_LINE,
    Type.IP: AudioDeviceType.IP,
    Type.BUS: AudioDeviceType.BUS,
    Type.REMOTE_SUBMIX: AudioDeviceType.REMOTE_SUBMIX,
}
"""The kinds of devices by Android's types; all others are unknown."""


def audio_device(api: AndroidApi, native: Any) -> AudioDevice:
    """An ``android.media.AudioDeviceInfo`` as a value.

    Raises:
        JavaError: Java raised something.
    """

    def says(method: str) -> Any:
        return api.call(native, f"AudioDeviceInfo.{method}")

    return AudioDevice(
        id=str(says("getId")),
        name=text_of(says("getProductName")),
        is_input=bool(says("isSource")),
        is_output=bool(says("isSink")),
        type=KINDS.get(int(says("getType")), AudioDeviceType.UNKNOWN),
    )


def listed(api: AndroidApi, manager: Any) -> frozenset[AudioDevice]:
    """The devices there are; API level 23.

    Raises:
        UnsupportedError: The phone is too old.
        JavaError: Java raised something.
    """
    both = api.constant("AudioManager.GET_DEVICES_ALL")
    found = api.call(manager, "AudioManager.getDevices", both)
    return frozenset(audio_device(api, each) for each in api.bridge.items(found))


class KnownDevices:
    """What changes, where the phone tells of devices that were known, too.

    Args:
        known: Those there are at first.
    """

    def __init__(self, known: frozenset[AudioDevice]) -> None:
        self._known = known

    def added(self, devices: Iterable[AudioDevice]) -> AudioDevicesChangedEvent | None:
        """The phone says that these are there; ``None``: all of them were."""
        new = frozenset(devices) - self._known
        self._known |= new
        return AudioDevicesChangedEvent(devices_added=new) if new else None

    def removed(self, devices: Iterable[AudioDevice]) -> AudioDevicesChangedEvent | None:
        """The phone says that these are gone; ``None``: none of them was there."""
        gone = frozenset(devices) & self._known
        self._known -= gone
        return AudioDevicesChangedEvent(devices_removed=gone) if gone else None
