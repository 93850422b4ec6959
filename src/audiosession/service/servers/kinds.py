"""What kind of device a port of a sound server is; one table for PipeWire and PulseAudio.

Both servers describe a port by a type of its own (``speaker``, ``hdmi``) and its card by a bus
(``usb``), an API (``alsa``, ``bluez5``) and a form factor (``headset``). The words are those of
the `device properties of PulseAudio
<https://www.freedesktop.org/software/pulseaudio/doxygen/proplist_8h.html>`__, its enumeration of
port types, and PipeWire's ``port.type``, ``device.bus`` and ``device.form-factor``, which follow
them.
"""

from __future__ import annotations

from ...devices import AudioDeviceType
from .base import Direction

_BY_API = {
    "raop": AudioDeviceType.AIR_PLAY,
    "avb": AudioDeviceType.AVB,
    "rtp": AudioDeviceType.IP,
    "tunnel": AudioDeviceType.IP,
    "roc": AudioDeviceType.IP,
}
"""``device.api`` alone tells these."""

_BLUETOOTH_PROFILES = (
    ("asha", AudioDeviceType.HEARING_AID),
    ("bap", AudioDeviceType.BLUETOOTH_LE),
    ("headset", AudioDeviceType.BLUETOOTH_SCO),
    ("handsfree", AudioDeviceType.BLUETOOTH_SCO),
    ("hfp", AudioDeviceType.BLUETOOTH_SCO),
    ("hsp", AudioDeviceType.BLUETOOTH_SCO),
    ("a2dp", AudioDeviceType.BLUETOOTH_A2DP),
)
"""What a Bluetooth card's profile name begins with, both servers' spellings."""

_PLAYBACK = {
    "speaker": AudioDeviceType.BUILT_IN_SPEAKER,
    "internal": AudioDeviceType.BUILT_IN_SPEAKER,
    "headphones": AudioDeviceType.WIRED_HEADPHONES,
    "headphone": AudioDeviceType.WIRED_HEADPHONES,
    "headset": AudioDeviceType.WIRED_HEADSET,
    "handset": AudioDeviceType.BUILT_IN_EARPIECE,
    "earpiece": AudioDeviceType.BUILT_IN_EARPIECE,
    "radio": AudioDeviceType.FM,
}
"""Port types and form factors that mean something in playback only."""

_CAPTURE = {
    "mic": AudioDeviceType.BUILT_IN_MIC,
    "microphone": AudioDeviceType.BUILT_IN_MIC,
    "webcam": AudioDeviceType.BUILT_IN_MIC,
    "internal": AudioDeviceType.BUILT_IN_MIC,
    "speaker": AudioDeviceType.BUILT_IN_MIC,
    "handset": AudioDeviceType.BUILT_IN_MIC,
    "headset": AudioDeviceType.HEADSET_MIC,
    "headphones": AudioDeviceType.HEADSET_MIC,
    "headphone": AudioDeviceType.HEADSET_MIC,
    "radio": AudioDeviceType.FM_TUNER,
    "tv": AudioDeviceType.TV_TUNER,
    "video": AudioDeviceType.TV_TUNER,
}
"""Port types and form factors that mean something in capture only."""

_EITHER = {
    "hdmi": AudioDeviceType.HDMI,
    "tv": AudioDeviceType.HDMI,
    "spdif": AudioDeviceType.LINE_DIGITAL,
    "line": AudioDeviceType.LINE_ANALOG,
    "hifi": AudioDeviceType.LINE_ANALOG,
    "aux": AudioDeviceType.AUX_LINE,
    "phone": AudioDeviceType.TELEPHONY,
    "network": AudioDeviceType.IP,
    "usb": AudioDeviceType.USB_AUDIO,
    "car": AudioDeviceType.CAR_AUDIO,
    "bluetooth": AudioDeviceType.BLUETOOTH_A2DP,
}
"""Port types and form factors that mean the same both ways."""

_BY_BUS = {
    "pci": AudioDeviceType.PCI,
    "isa": AudioDeviceType.PCI,
    "firewire": AudioDeviceType.FIRE_WIRE,
    "thunderbolt": AudioDeviceType.THUNDERBOLT,
}
"""Where nothing else is known."""


def device_type(
    direction: Direction,
    *,
    port_type: str,
    bus: str,
    api: str,
    profile: str,
    form_factor: str,
    virtual: bool,
) -> AudioDeviceType:
    """Returns what kind of device a port is, or ``UNKNOWN``.

    The first that knows decides: the network or Bluetooth before the port, since a Bluetooth
    loudspeaker is no built-in one; USB before the port, as phones say USB of a USB headset;
    then the port, the form factor, the bus. Upper and lower case mean the same.

    Args:
        direction: Which way sound goes through the port.
        port_type: The port's type: ``speaker``, ``headphones``, ``hdmi``, or empty.
        bus: The card's ``device.bus``: ``pci``, ``usb``, ``bluetooth``, or empty.
        api: The card's ``device.api``: ``alsa``, ``bluez5``, ``bluez``, or empty.
        profile: Name of the card's profile in use: ``a2dp-sink``, ``headset-head-unit``.
        form_factor: The card's form factor: ``internal``, ``headset``, ``webcam``, or empty.
        virtual: Whether no hardware is behind it.
    """
    port_type, bus, api = port_type.lower(), bus.lower(), api.lower()
    if (known := _BY_API.get(api)) is not None:
        return known
    if bus == "bluetooth" or api.startswith("bluez"):
        return _bluetooth_type(direction, profile.lower())
    if virtual:
        return AudioDeviceType.VIRTUAL
    if bus == "usb":
        return AudioDeviceType.USB_AUDIO
    one_way = _PLAYBACK if direction is Direction.PLAYBACK else _CAPTURE
    for word in (port_type, form_factor.lower()):
        if (known := one_way.get(word) or _EITHER.get(word)) is not None:
            return known
    return _BY_BUS.get(bus, AudioDeviceType.UNKNOWN)


def _bluetooth_type(direction: Direction, profile: str) -> AudioDeviceType:
    for start, kind in _BLUETOOTH_PROFILES:
        if profile.startswith(start):
            return kind
    # Music goes one way only, so what records is a call.
    return (
        AudioDeviceType.BLUETOOTH_A2DP
        if direction is Direction.PLAYBACK
        else AudioDeviceType.BLUETOOTH_SCO
    )


__all__ = ["device_type"]
