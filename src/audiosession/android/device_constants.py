"""Audio devices and microphones."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Final

__all__ = [
    "GROUP_UNKNOWN",
    "INDEX_IN_THE_GROUP_UNKNOWN",
    "ORIENTATION_UNKNOWN",
    "POSITION_UNKNOWN",
    "SENSITIVITY_UNKNOWN",
    "SPL_UNKNOWN",
    "AndroidAudioDeviceType",
    "AndroidGetAudioDevicesFlags",
    "AndroidInternalOutputDevice",
    "AndroidMicrophoneChannelMapping",
    "AndroidMicrophoneDirectionality",
    "AndroidMicrophoneLocation",
    "AudioDeviceInfoConstants",
    "MicrophoneInfoConstants",
]

_LEAST_FLOAT = -3.4028234663852886e38
"""Java's ``-Float.MAX_VALUE``."""

GROUP_UNKNOWN: Final = -1
"""A microphone's group that nobody knows."""
INDEX_IN_THE_GROUP_UNKNOWN: Final = -1
"""A microphone's place in its group that nobody knows."""
SENSITIVITY_UNKNOWN: Final = _LEAST_FLOAT
"""A microphone's sensitivity that nobody knows."""
SPL_UNKNOWN: Final = _LEAST_FLOAT
"""A microphone's sound pressure level that nobody knows."""
POSITION_UNKNOWN: Final = (_LEAST_FLOAT, _LEAST_FLOAT, _LEAST_FLOAT)
"""A microphone's position that nobody knows; not read in the source again."""
ORIENTATION_UNKNOWN: Final = (0.0, 0.0, 0.0)
"""A microphone's orientation that nobody knows; not read in the source again."""


class AndroidAudioDeviceType(IntEnum):
    """What a device is; ``AudioDeviceInfo.TYPE_*``."""

    UNKNOWN = 0
    """Not known."""
    BUILTIN_EARPIECE = 1
    """The phone's earpiece."""
    BUILTIN_SPEAKER = 2
    """The loudspeaker."""
    WIRED_HEADSET = 3
    """Headphones with a microphone, on a wire."""
    WIRED_HEADPHONES = 4
    """Headphones on a wire."""
    LINE_ANALOG = 5
    """An analogue line."""
    LINE_DIGITAL = 6
    """A digital line, as S/PDIF."""
    BLUETOOTH_SCO = 7
    """A Bluetooth headset's link for calls."""
    BLUETOOTH_A2DP = 8
    """A Bluetooth device's link for music."""
    HDMI = 9
    """HDMI."""
    HDMI_ARC = 10
    """HDMI's return channel."""
    USB_DEVICE = 11
    """A USB audio device."""
    USB_ACCESSORY = 12
    """A USB accessory that is the host."""
    DOCK = 13
    """A dock with a digital connection."""
    FM = 14
    """An FM transmitter."""
    BUILTIN_MIC = 15
    """The phone's microphone."""
    FM_TUNER = 16
    """An FM receiver."""
    TV_TUNER = 17
    """A television receiver."""
    TELEPHONY = 18
    """The telephone network."""
    AUX_LINE = 19
    """An auxiliary line."""
    IP = 20
    """Over the network."""
    BUS = 21
    """A bus, as in a car."""
    USB_HEADSET = 22
    """A USB headset; since API level 26."""
    HEARING_AID = 23
    """A hearing aid; since API level 28."""
    BUILTIN_SPEAKER_SAFE = 24
    """The loudspeaker at a safe level, beside headphones; since API level 30."""
    REMOTE_SUBMIX = 25
    """Sound handed to another app or device; since API level 31."""
    BLE_HEADSET = 26
    """A Bluetooth LE headset; since API level 31."""
    BLE_SPEAKER = 27
    """A Bluetooth LE loudspeaker; since API level 31."""
    ECHO_REFERENCE = 28
    """Hidden: what an echo canceller takes away."""
    HDMI_EARC = 29
    """HDMI's enhanced return channel; since API level 31."""
    BLE_BROADCAST = 30
    """A Bluetooth LE broadcast; since API level 33."""
    DOCK_ANALOG = 31
    """A dock with an analogue connection; since API level 34."""
    MULTICHANNEL_GROUP = 32
    """Several loudspeakers that play as one; since API level 36."""
    BLE_HEARING_AID = 33
    """A Bluetooth LE hearing aid; newest."""
    BLE_CENTRAL = 34
    """A Bluetooth LE device that leads; newest."""
    BLE_CENTRAL_BROADCAST = 35
    """A broadcast of one that leads; newest."""


class AndroidInternalOutputDevice(IntEnum):
    """Outputs as the audio server counts them; ``AudioSystem.DEVICE_OUT_*``, hidden.

    Not all are single bits: they are compared, never masked.
    """

    EARPIECE = 0x1
    """The phone's earpiece."""
    SPEAKER = 0x2
    """The loudspeaker."""
    WIRED_HEADSET = 0x4
    """Headphones with a microphone, on a wire."""
    WIRED_HEADPHONE = 0x8
    """Headphones on a wire."""
    BLUETOOTH_SCO = 0x10
    """Bluetooth for calls, of no known kind."""
    BLUETOOTH_SCO_HEADSET = 0x20
    """A Bluetooth headset for calls."""
    BLUETOOTH_SCO_CARKIT = 0x40
    """A car's hands-free set."""
    BLUETOOTH_A2DP = 0x80
    """Bluetooth for music, of no known kind."""
    BLUETOOTH_A2DP_HEADPHONES = 0x100
    """Bluetooth headphones."""
    BLUETOOTH_A2DP_SPEAKER = 0x200
    """A Bluetooth loudspeaker."""
    HDMI = 0x400
    """HDMI."""
    ANLG_DOCK_HEADSET = 0x800
    """A dock with an analogue connection."""
    DGTL_DOCK_HEADSET = 0x1000
    """A dock with a digital connection."""
    USB_ACCESSORY = 0x2000
    """A USB accessory that is the host."""
    USB_DEVICE = 0x4000
    """A USB audio device."""
    REMOTE_SUBMIX = 0x8000
    """Sound handed to another app or device."""
    TELEPHONY_TX = 0x1_0000
    """The telephone network."""
    LINE = 0x2_0000
    """An analogue line."""
    HDMI_ARC = 0x4_0000
    """HDMI's return channel."""
    HDMI_EARC = 0x4_0001
    """HDMI's enhanced return channel."""
    SPDIF = 0x8_0000
    """S/PDIF."""
    FM = 0x10_0000
    """An FM transmitter."""
    MULTICHANNEL_GROUP = 0x80_0001
    """Several loudspeakers that play as one."""
    USB_HEADSET = 0x400_0000
    """A USB headset."""
    HEARING_AID = 0x800_0000
    """A hearing aid."""
    ECHO_CANCELLER = 0x1000_0000
    """What an echo canceller takes away."""
    BLE_HEADSET = 0x2000_0000
    """A Bluetooth LE headset."""
    BLE_SPEAKER = 0x2000_0001
    """A Bluetooth LE loudspeaker."""
    BLE_BROADCAST = 0x2000_0002
    """A Bluetooth LE broadcast."""
    DEFAULT = 0x4000_0000
    """Whatever the default is."""


class AndroidGetAudioDevicesFlags(IntFlag, boundary=KEEP):
    """Which devices are asked for; ``AudioManager.GET_DEVICES_*``, API level 23."""

    NONE = 0
    """None; the Flutter plugin's."""
    INPUTS = 1
    """Those that record."""
    OUTPUTS = 2
    """Those that play."""
    ALL = 3
    """Both."""


class AndroidMicrophoneLocation(IntEnum):
    """Where a microphone is; ``MicrophoneInfo.LOCATION_*``, API level 28."""

    UNKNOWN = 0
    """Not known."""
    MAINBODY = 1
    """On the device."""
    MAINBODY_MOVABLE = 2
    """On a part of it that moves."""
    PERIPHERAL = 3
    """On something connected to it."""


class AndroidMicrophoneDirectionality(IntEnum):
    """From where a microphone hears; ``MicrophoneInfo.DIRECTIONALITY_*``, API level 28."""

    UNKNOWN = 0
    """Not known."""
    OMNI = 1
    """From everywhere."""
    BI_DIRECTIONAL = 2
    """From front and back."""
    CARDIOID = 3
    """Hardly from the back."""
    HYPER_CARDIOID = 4
    """From a narrower front, and a little from the back."""
    SUPER_CARDIOID = 5
    """Between those two."""


class AndroidMicrophoneChannelMapping(IntEnum):
    """How a channel comes from a microphone; ``CHANNEL_MAPPING_*``, API level 28."""

    DIRECT = 1
    """As it is."""
    PROCESSED = 2
    """Made of several, or filtered."""


class AudioDeviceInfoConstants:
    """The public constants of ``AudioDeviceInfo`` under Android's own names."""

    __slots__ = ()

    TYPE_UNKNOWN = AndroidAudioDeviceType.UNKNOWN
    TYPE_BUILTIN_EARPIECE = AndroidAudioDeviceType.BUILTIN_EARPIECE
    TYPE_BUILTIN_SPEAKER = AndroidAudioDeviceType.BUILTIN_SPEAKER
    TYPE_WIRED_HEADSET = AndroidAudioDeviceType.WIRED_HEADSET
    TYPE_WIRED_HEADPHONES = AndroidAudioDeviceType.WIRED_HEADPHONES
    TYPE_LINE_ANALOG = AndroidAudioDeviceType.LINE_ANALOG
    TYPE_LINE_DIGITAL = AndroidAudioDeviceType.LINE_DIGITAL
    TYPE_BLUETOOTH_SCO = AndroidAudioDeviceType.BLUETOOTH_SCO
    TYPE_BLUETOOTH_A2DP = AndroidAudioDeviceType.BLUETOOTH_A2DP
    TYPE_HDMI = AndroidAudioDeviceType.HDMI
    TYPE_HDMI_ARC = AndroidAudioDeviceType.HDMI_ARC
    TYPE_USB_DEVICE = AndroidAudioDeviceType.USB_DEVICE
    TYPE_USB_ACCESSORY = AndroidAudioDeviceType.USB_ACCESSORY
    TYPE_DOCK = AndroidAudioDeviceType.DOCK
    TYPE_FM = AndroidAudioDeviceType.FM
    TYPE_BUILTIN_MIC = AndroidAudioDeviceType.BUILTIN_MIC
    TYPE_FM_TUNER = AndroidAudioDeviceType.FM_TUNER
    TYPE_TV_TUNER = AndroidAudioDeviceType.TV_TUNER
    TYPE_TELEPHONY = AndroidAudioDeviceType.TELEPHONY
    TYPE_AUX_LINE = AndroidAudioDeviceType.AUX_LINE
    TYPE_IP = AndroidAudioDeviceType.IP
    TYPE_BUS = AndroidAudioDeviceType.BUS
    TYPE_USB_HEADSET = AndroidAudioDeviceType.USB_HEADSET
    TYPE_HEARING_AID = AndroidAudioDeviceType.HEARING_AID
    TYPE_BUILTIN_SPEAKER_SAFE = AndroidAudioDeviceType.BUILTIN_SPEAKER_SAFE
    TYPE_REMOTE_SUBMIX = AndroidAudioDeviceType.REMOTE_SUBMIX
    TYPE_BLE_HEADSET = AndroidAudioDeviceType.BLE_HEADSET
    TYPE_BLE_SPEAKER = AndroidAudioDeviceType.BLE_SPEAKER
    TYPE_HDMI_EARC = AndroidAudioDeviceType.HDMI_EARC
    TYPE_BLE_BROADCAST = AndroidAudioDeviceType.BLE_BROADCAST
    TYPE_DOCK_ANALOG = AndroidAudioDeviceType.DOCK_ANALOG
    TYPE_MULTICHANNEL_GROUP = AndroidAudioDeviceType.MULTICHANNEL_GROUP
    TYPE_BLE_HEARING_AID = AndroidAudioDeviceType.BLE_HEARING_AID
    TYPE_BLE_CENTRAL = AndroidAudioDeviceType.BLE_CENTRAL
    TYPE_BLE_CENTRAL_BROADCAST = AndroidAudioDeviceType.BLE_CENTRAL_BROADCAST


class MicrophoneInfoConstants:
    """The public constants of ``MicrophoneInfo`` under Android's own names."""

    __slots__ = ()

    LOCATION_UNKNOWN = AndroidMicrophoneLocation.UNKNOWN
    LOCATION_MAINBODY = AndroidMicrophoneLocation.MAINBODY
    LOCATION_MAINBODY_MOVABLE = AndroidMicrophoneLocation.MAINBODY_MOVABLE
    LOCATION_PERIPHERAL = AndroidMicrophoneLocation.PERIPHERAL
    DIRECTIONALITY_UNKNOWN = AndroidMicrophoneDirectionality.UNKNOWN
    DIRECTIONALITY_OMNI = AndroidMicrophoneDirectionality.OMNI
    DIRECTIONALITY_BI_DIRECTIONAL = AndroidMicrophoneDirectionality.BI_DIRECTIONAL
    DIRECTIONALITY_CARDIOID = AndroidMicrophoneDirectionality.CARDIOID
    DIRECTIONALITY_HYPER_CARDIOID = AndroidMicrophoneDirectionality.HYPER_CARDIOID
    DIRECTIONALITY_SUPER_CARDIOID = AndroidMicrophoneDirectionality.SUPER_CARDIOID
    CHANNEL_MAPPING_DIRECT = AndroidMicrophoneChannelMapping.DIRECT
    CHANNEL_MAPPING_PROCESSED = AndroidMicrophoneChannelMapping.PROCESSED
    GROUP_UNKNOWN = GROUP_UNKNOWN
    INDEX_IN_THE_GROUP_UNKNOWN = INDEX_IN_THE_GROUP_UNKNOWN
    ORIENTATION_UNKNOWN = ORIENTATION_UNKNOWN
    POSITION_UNKNOWN = POSITION_UNKNOWN
    SENSITIVITY_UNKNOWN = SENSITIVITY_UNKNOWN
    SPL_UNKNOWN = SPL_UNKNOWN
