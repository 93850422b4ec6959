"""The one API's kinds of device and of sound in Android's words, for every host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from audiosession.android.device_constants import AndroidAudioDeviceType as Type
from audiosession.android.stream_constants import AndroidStreamType as Stream
from audiosession.core.claims import Role

__all__ = ["INPUT_TYPES", "OUTPUT_TYPES", "ROLE_STREAMS"]

ROLE_STREAMS: Final[Mapping[Role, Stream]] = {
    Role.CALL: Stream.VOICE_CALL,
    Role.RINGTONE: Stream.RING,
    Role.ALARM: Stream.ALARM,
    Role.NOTIFICATION: Stream.NOTIFICATION,
    Role.SYSTEM_SOUND: Stream.SYSTEM,
    Role.SCREEN_READER: Stream.ACCESSIBILITY,
    Role.ASSISTANT: Stream.ASSISTANT,
}
"""The streams of what has no attributes, by what it is for; all else is music."""

OUTPUT_TYPES: Final[Mapping[str, Type]] = {
    "builtInSpeaker": Type.BUILTIN_SPEAKER,
    "builtInEarpiece": Type.BUILTIN_EARPIECE,
    "wiredHeadphones": Type.WIRED_HEADPHONES,
    "wiredHeadset": Type.WIRED_HEADSET,
    "usbAudio": Type.USB_DEVICE,
    "thunderbolt": Type.USB_DEVICE,
    "hdmi": Type.HDMI,
    "hdmiArc": Type.HDMI_ARC,
    "displayPort": Type.HDMI,
    "bluetoothA2dp": Type.BLUETOOTH_A2DP,
    "bluetoothSco": Type.BLUETOOTH_SCO,
    "bluetoothLe": Type.BLE_HEADSET,
    "hearingAid": Type.HEARING_AID,
    "airPlay": Type.IP,
    "ip": Type.IP,
    "dock": Type.DOCK,
    "lineAnalog": Type.LINE_ANALOG,
    "lineDigital": Type.LINE_DIGITAL,
    "auxLine": Type.AUX_LINE,
    "carAudio": Type.AUX_LINE,
    "bus": Type.BUS,
}
"""Android's types of outputs, by the values of :class:`audiosession.AudioDeviceType`."""

INPUT_TYPES: Final[Mapping[str, Type]] = {
    "builtInMic": Type.BUILTIN_MIC,
    "wiredHeadset": Type.WIRED_HEADSET,
    "headsetMic": Type.WIRED_HEADSET,
    "usbAudio": Type.USB_DEVICE,
    "thunderbolt": Type.USB_DEVICE,
    "hdmi": Type.HDMI,
    "bluetoothSco": Type.BLUETOOTH_SCO,
    "bluetoothLe": Type.BLE_HEADSET,
    "lineAnalog": Type.LINE_ANALOG,
    "lineDigital": Type.LINE_DIGITAL,
    "carAudio": Type.BUS,
}
"""Android's types of inputs, by the same."""
