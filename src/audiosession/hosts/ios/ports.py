"""Native routes and ports as values, and what kind of device a port is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ...apple.names import AVAudioSessionPort
from ...devices import AudioDevice, AudioDeviceType
from .bridge import ObjCBridge

__all__ = ["PORT_NAMES", "PortSeen", "PortTypes", "RouteSeen", "devices_of", "read_ports"]

_Port = AVAudioSessionPort
_Type = AudioDeviceType

PORT_NAMES: Final[Mapping[AVAudioSessionPort, str]] = {
    _Port.CONTINUITY_MICROPHONE: "AVAudioSessionPortContinuityMicrophone",
    _Port.LINE_IN: "AVAudioSessionPortLineIn",
    _Port.BUILT_IN_MIC: "AVAudioSessionPortBuiltInMic",
    _Port.HEADSET_MIC: "AVAudioSessionPortHeadsetMic",
    _Port.LINE_OUT: "AVAudioSessionPortLineOut",
    _Port.HEADPHONES: "AVAudioSessionPortHeadphones",
    _Port.BLUETOOTH_A2DP: "AVAudioSessionPortBluetoothA2DP",
    _Port.BUILT_IN_RECEIVER: "AVAudioSessionPortBuiltInReceiver",
    _Port.BUILT_IN_SPEAKER: "AVAudioSessionPortBuiltInSpeaker",
    _Port.HDMI: "AVAudioSessionPortHDMI",
    _Port.AIR_PLAY: "AVAudioSessionPortAirPlay",
    _Port.BLUETOOTH_LE: "AVAudioSessionPortBluetoothLE",
    _Port.BLUETOOTH_HFP: "AVAudioSessionPortBluetoothHFP",
    _Port.USB_AUDIO: "AVAudioSessionPortUSBAudio",
    _Port.CAR_AUDIO: "AVAudioSessionPortCarAudio",
    _Port.VIRTUAL: "AVAudioSessionPortVirtual",
    _Port.PCI: "AVAudioSessionPortPCI",
    _Port.FIRE_WIRE: "AVAudioSessionPortFireWire",
    _Port.DISPLAY_PORT: "AVAudioSessionPortDisplayPort",
    _Port.AVB: "AVAudioSessionPortAVB",
    _Port.THUNDERBOLT: "AVAudioSessionPortThunderbolt",
    _Port.MEDIA_DEVICE_EXTENSION: "AVAudioSessionPortMediaDeviceExtension",
}
"""The exported names of the port types (AVAudioSessionTypes.h), whose texts are not public."""

KINDS: Final[Mapping[AVAudioSessionPort, AudioDeviceType]] = {
    _Port.LINE_IN: _Type.LINE_ANALOG,
    _Port.BUILT_IN_MIC: _Type.BUILT_IN_MIC,
    _Port.HEADSET_MIC: _Type.HEADSET_MIC,
    _Port.LINE_OUT: _Type.LINE_ANALOG,
    _Port.HEADPHONES: _Type.WIRED_HEADPHONES,
    _Port.BLUETOOTH_A2DP: _Type.BLUETOOTH_A2DP,
    _Port.BUILT_IN_RECEIVER: _Type.BUILT_IN_EARPIECE,
    _Port.BUILT_IN_SPEAKER: _Type.BUILT_IN_SPEAKER,
    _Port.HDMI: _Type.HDMI,
    _Port.AIR_PLAY: _Type.AIR_PLAY,
    _Port.BLUETOOTH_LE: _Type.BLUETOOTH_LE,
    _Port.BLUETOOTH_HFP: _Type.BLUETOOTH_SCO,
    _Port.USB_AUDIO: _Type.USB_AUDIO,
    _Port.CAR_AUDIO: _Type.CAR_AUDIO,
    _Port.VIRTUAL: _Type.VIRTUAL,
    _Port.PCI: _Type.PCI,
    _Port.FIRE_WIRE: _Type.FIRE_WIRE,
    _Port.DISPLAY_PORT: _Type.DISPLAY_PORT,
    _Port.AVB: _Type.AVB,
    _Port.THUNDERBOLT: _Type.THUNDERBOLT,
}
"""What the one API calls each; a type that is not here is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSeen:
    """A native port description, as it was when it was read."""

    uid: str
    """Its ``UID``, which stands for it as long as it is connected."""
    name: str
    """Its ``portName``."""
    type: AVAudioSessionPort | None
    """Its ``portType``; ``None``: one that this package does not know."""

    @property
    def kind(self) -> AudioDeviceType:
        """What the one API calls it."""
        return _Type.UNKNOWN if self.type is None else KINDS.get(self.type, _Type.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSeen:
    """A native route description, as it was when it was read."""

    inputs: tuple[PortSeen, ...] = ()
    """Where the app records from."""
    outputs: tuple[PortSeen, ...] = ()
    """Where it plays."""


class PortTypes:
    """Knows native port types by the texts that this system exports.

    Args:
        bridge: The native objects.
    """

    def __init__(self, bridge: ObjCBridge) -> None:
        self._bridge = bridge
        self._known: dict[str, AVAudioSessionPort] | None = None

    def type_of(self, text: str) -> AVAudioSessionPort | None:
        """The type that a text stands for; ``None``: one that is not known."""
        if self._known is None:
            known: dict[str, AVAudioSessionPort] = {}
            for type_, name in PORT_NAMES.items():
                try:
                    known[self._bridge.constant(name)] = type_
                except AttributeError:
                    # Newer than the system.
                    continue
            self._known = known
        return self._known.get(text)

    def read(self, route: object) -> RouteSeen:
        """A native route description as a value."""
        get = self._bridge.get
        return RouteSeen(
            inputs=read_ports(self._bridge, self, get(route, "inputs")),
            outputs=read_ports(self._bridge, self, get(route, "outputs")),
        )


def read_ports(
    bridge: ObjCBridge, types: PortTypes, ports: Iterable[object] | None
) -> tuple[PortSeen, ...]:
    """Native port descriptions as values; nil is none."""
    return tuple(
        PortSeen(
            uid=bridge.get(port, "UID"),
            name=bridge.get(port, "portName"),
            type=types.type_of(bridge.get(port, "portType")),
        )
        for port in ports or ()
    )


def devices_of(route: RouteSeen, inputs: Iterable[PortSeen] = ()) -> frozenset[AudioDevice]:
    """The devices of a route, and inputs that could be chosen besides.

    A port that is in both directions, as a hands-free device is, is one device.
    """
    recording = {port.uid: port for port in (*route.inputs, *inputs)}
    playing = {port.uid: port for port in route.outputs}
    return frozenset(
        AudioDevice(
            id=uid,
            name=port.name,
            is_input=uid in recording,
            is_output=uid in playing,
            type=port.kind,
        )
        for uid, port in (recording | playing).items()
    )
