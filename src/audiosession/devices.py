"""Audio devices in the words of the one API, the same on every platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from audiosession.errors import InvalidTypeError

__all__ = ["AudioDevice", "AudioDeviceType", "AudioDevicesChangedEvent"]


class AudioDeviceType(Enum):
    """What kind of device it is; the value is the name the Flutter plugin gives it."""

    UNKNOWN = "unknown"
    """None of the others, or the platform does not say."""
    BUILT_IN_EARPIECE = "builtInEarpiece"
    """The earpiece of a phone, held to the ear in a call."""
    BUILT_IN_SPEAKER = "builtInSpeaker"
    """The loudspeaker of the machine itself."""
    WIRED_HEADSET = "wiredHeadset"
    """Earphones and a microphone on one wire."""
    WIRED_HEADPHONES = "wiredHeadphones"
    """Earphones on a wire, without a microphone."""
    HEADSET_MIC = "headsetMic"
    """The microphone of a wired headset."""
    LINE_ANALOG = "lineAnalog"
    """An analogue line in or out."""
    LINE_DIGITAL = "lineDigital"
    """A digital line, for instance S/PDIF."""
    BLUETOOTH_SCO = "bluetoothSco"
    """Bluetooth for calls, both ways (HFP or HSP)."""
    BLUETOOTH_A2DP = "bluetoothA2dp"
    """Bluetooth for music, output only (A2DP)."""
    HDMI = "hdmi"
    """An HDMI output."""
    HDMI_ARC = "hdmiArc"
    """The audio return channel of an HDMI connection."""
    USB_AUDIO = "usbAudio"
    """A USB sound card, headset or accessory."""
    DOCK = "dock"
    """Sound through a dock."""
    FM = "fm"
    """An FM transmitter."""
    BUILT_IN_MIC = "builtInMic"
    """A microphone of the machine itself."""
    FM_TUNER = "fmTuner"
    """An FM receiver."""
    TV_TUNER = "tvTuner"
    """A television receiver."""
    TELEPHONY = "telephony"
    """The telephone network."""
    AUX_LINE = "auxLine"
    """An auxiliary line socket."""
    IP = "ip"
    """A device reached over an IP network."""
    BUS = "bus"
    """A channel of an outer sound system, as in cars."""
    HEARING_AID = "hearingAid"
    """A hearing aid."""
    AIR_PLAY = "airPlay"
    """An AirPlay receiver."""
    BLUETOOTH_LE = "bluetoothLe"
    """Bluetooth Low Energy audio."""
    AVB = "avb"
    """Audio Video Bridging, over Ethernet."""
    DISPLAY_PORT = "displayPort"
    """A DisplayPort output."""
    CAR_AUDIO = "carAudio"
    """A car's sound system, for instance through CarPlay."""
    FIRE_WIRE = "fireWire"
    """A FireWire device."""
    PCI = "pci"
    """A sound card on the PCI bus."""
    THUNDERBOLT = "thunderbolt"
    """A Thunderbolt device."""
    VIRTUAL = "virtual"
    """Software that shows itself as a device."""
    BUILT_IN_SPEAKER_SAFE = "builtInSpeakerSafe"
    """The built-in loudspeaker at a level that is safe with headphones plugged in, for
    notifications and alarms."""
    REMOTE_SUBMIX = "remoteSubmix"
    """Android's way to hand the mix to another process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDevice:
    """One input or output of sound; two are equal when their ids are.

    Raises:
        InvalidTypeError: A field has the wrong type.
    """

    id: str
    """Stands for the device as long as it is connected; its form is the host's."""
    name: str = field(compare=False)
    """What people call it."""
    is_input: bool = field(compare=False)
    """Whether sound can be recorded from it."""
    is_output: bool = field(compare=False)
    """Whether sound can be played on it."""
    type: AudioDeviceType = field(compare=False)
    """What kind of device it is."""

    def __post_init__(self) -> None:
        for name, kind, expected in (
            ("id", str, "a text"),
            ("name", str, "a text"),
            ("is_input", bool, "True or False"),
            ("is_output", bool, "True or False"),
            ("type", AudioDeviceType, "an AudioDeviceType"),
        ):
            if not isinstance(getattr(self, name), kind):
                raise InvalidTypeError(name, getattr(self, name), expected=expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioDevicesChangedEvent:
    """Devices came, went, or both at one moment."""

    devices_added: frozenset[AudioDevice] = frozenset()
    """Those that can be used from now on."""
    devices_removed: frozenset[AudioDevice] = frozenset()
    """Those that can no longer be used."""

    def __post_init__(self) -> None:
        for name in ("devices_added", "devices_removed"):
            devices = getattr(self, name)
            if not isinstance(devices, frozenset) or not all(
                isinstance(device, AudioDevice) for device in devices
            ):
                raise InvalidTypeError(name, devices, expected="a frozenset of AudioDevice")
