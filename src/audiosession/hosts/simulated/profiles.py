"""The kinds of device that can be simulated, as data."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.routing import Port
from ..base import Capability

_ALWAYS = frozenset(
    {
        Capability.OTHER_APPS,
        Capability.SYSTEM_DUCKING,
        Capability.DEVICES,
        Capability.BECOMING_NOISY,
        Capability.QUIET,
        Capability.USER_ACTIONS,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """What a kind of device has built in."""

    name: str
    """What it is called in code and scenario files."""
    title: str
    """What people call it."""
    ports: tuple[Port, ...]
    """Its built-in inputs and outputs."""
    extras: frozenset[Capability]
    """Capabilities beyond those every simulated device has."""
    volume_steps: int
    """Presses of a volume key from silence to full."""
    audio_zones: frozenset[int] = frozenset({0})
    """A car's audio zones by Android's numbers, 0 the main one."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """All it can do."""
        return _ALWAYS | self.extras


def _port(id: str, name: str, kind: str, *, input: bool = False, output: bool = False) -> Port:
    return Port(id=id, name=name, kind=kind, is_input=input, is_output=output, device=id)


_SPEAKER = _port("speaker", "Speaker", "builtInSpeaker", output=True)
_MICROPHONE = _port("microphone", "Microphone", "builtInMic", input=True)
_EARPIECE = _port("earpiece", "Earpiece", "builtInEarpiece", output=True)

PROFILES: dict[str, DeviceProfile] = {
    profile.name: profile
    for profile in (
        DeviceProfile(
            name="phone",
            title="Phone",
            ports=(_SPEAKER, _EARPIECE, _MICROPHONE),
            extras=frozenset(
                {
                    Capability.TELEPHONY,
                    Capability.RING_SWITCH,
                    Capability.SCREEN_LOCK,
                    Capability.EARPIECE,
                }
            ),
            volume_steps=16,
        ),
        DeviceProfile(
            name="tablet",
            title="Tablet",
            ports=(_SPEAKER, _MICROPHONE),
            extras=frozenset({Capability.TELEPHONY, Capability.SCREEN_LOCK}),
            volume_steps=16,
        ),
        DeviceProfile(
            name="desktop",
            title="Desktop",
            ports=(_SPEAKER, _MICROPHONE),
            extras=frozenset({Capability.TELEPHONY, Capability.SCREEN_LOCK}),
            volume_steps=20,
        ),
        DeviceProfile(
            name="car",
            title="Car",
            ports=(
                _port("cabin", "Cabin speakers", "bus", output=True),
                _port("cabin microphone", "Cabin microphone", "builtInMic", input=True),
            ),
            extras=frozenset({Capability.TELEPHONY}),
            volume_steps=40,
            # The driver's, and one for each rear seat.
            audio_zones=frozenset({0, 1, 2}),
        ),
        DeviceProfile(
            name="smart speaker",
            title="Smart speaker",
            ports=(
                _SPEAKER,
                _port("microphones", "Microphone array", "builtInMic", input=True),
            ),
            extras=frozenset(),
            volume_steps=10,
        ),
    )
}
"""Profiles by name."""

PLUGGABLE: dict[str, tuple[tuple[str, str, bool, bool], ...]] = {
    "wired headphones": (("Headphones", "wiredHeadphones", False, True),),
    "wired headset": (("Headset", "wiredHeadset", True, True),),
    "usb audio": (("USB audio", "usbAudio", True, True),),
    "usb speaker": (("USB speaker", "usbAudio", False, True),),
    "hdmi": (("HDMI", "hdmi", False, True),),
    "bluetooth speaker": (("Bluetooth speaker", "bluetoothA2dp", False, True),),
    "bluetooth headset": (
        ("Bluetooth headset", "bluetoothA2dp", False, True),
        ("Bluetooth headset (calls)", "bluetoothSco", True, True),
    ),
    "bluetooth hands-free": (("Hands-free", "bluetoothSco", True, True),),
    "bluetooth studio headset": (
        ("Studio headset", "bluetoothA2dp", False, True),
        ("Studio headset (calls)", "bluetoothSco", True, True),
    ),
    "bluetooth le headset": (("Low Energy headset", "bluetoothLe", True, True),),
    "airplay speaker": (("AirPlay speaker", "airPlay", False, True),),
    "airplay screen": (("AirPlay screen", "airPlay", False, True),),
    "usb microphone": (("USB microphone", "usbAudio", True, False),),
    "usb interface": (
        ("USB interface", "usbAudio", False, True),
        ("USB interface (input)", "usbAudio", True, False),
    ),
    "usb mixer": (
        ("USB mixer", "usbAudio", False, True),
        ("USB mixer (input)", "usbAudio", True, False),
    ),
    "line out": (("Line out", "lineAnalog", False, True),),
    "line in": (("Line in", "lineAnalog", True, False),),
    "display": (("Display", "displayPort", False, True),),
    "thunderbolt interface": (
        ("Thunderbolt interface", "thunderbolt", False, True),
        ("Thunderbolt interface (input)", "thunderbolt", True, False),
    ),
    "car audio": (("Car audio", "carAudio", True, True),),
}
"""What can be plugged in or connected: (name, device type, input, output) of each port."""

MIRRORED = frozenset({"airplay screen"})
"""AirPlay receivers that mirror the device's screen."""

HIGH_QUALITY = frozenset({"bluetooth studio headset"})
"""Bluetooth devices that record at full bandwidth."""
