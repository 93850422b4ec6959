"""The ports of a simulated device as Android has them; figures as phones show them."""

from __future__ import annotations

from typing import Final

from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_constants import (
    AndroidAudioDeviceType,
    AndroidMicrophoneChannelMapping,
    AndroidMicrophoneDirectionality,
    AndroidMicrophoneLocation,
)
from ...android.kinds import INPUT_TYPES, OUTPUT_TYPES
from ...android.microphone_info import MicrophoneInfo
from ...apple.device import Direction
from ...core.routing import Port
from .apple_ports import data_sources, port_facts
from .profiles import PLUGGABLE, PROFILES

_Type = AndroidAudioDeviceType

_OUT_MASKS: Final = {1: 0x4, 2: 0xC, 8: 0x18FC}
_IN_MASKS: Final = {1: 0x10, 2: 0xC}
_PCM_16_BIT, _PCM_FLOAT = 2, 4
_CALL_RATES: Final = (16_000, 8_000)
"""What a headset's link for calls can run at (android 84)."""

_FLAT: Final = ((100.0, -1.0), (1_000.0, 0.0), (10_000.0, 0.5))
_PLACES: Final = ((0.035, 0.0, 0.004), (0.035, 0.145, 0.008), (0.035, 0.145, 0.0))
_DIRECTIONS: Final = ((0.0, -1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, -1.0))


def device_type(port: Port, *, sink: bool) -> AndroidAudioDeviceType:
    """Android's type of one direction of a port."""
    return (OUTPUT_TYPES if sink else INPUT_TYPES).get(port.kind, _Type.UNKNOWN)


def device_info(port: Port, id: int, *, sink: bool) -> AudioDeviceInfo:
    """One direction of a port.

    Args:
        port: The port.
        id: The number that stands for it.
        sink: Whether the direction that plays is meant.
    """
    facts = port_facts(port.kind, Direction.OUTPUT if sink else Direction.INPUT)
    type = device_type(port, sink=sink)
    # Ports of unnamed channels have none to name, and at least one.
    channels = max(1, len(facts.channels))
    counts = (1,) if type is _Type.BLUETOOTH_SCO else tuple(sorted({1, channels}))
    masks = _OUT_MASKS if sink else _IN_MASKS
    rates = (
        _CALL_RATES
        if type is _Type.BLUETOOTH_SCO
        else tuple(int(rate) for rate in facts.sample_rates)
    )
    return AudioDeviceInfo(
        id=id,
        type=type,
        product_name=port.name,
        address=_address(port, type),
        sink=sink,
        source=not sink,
        sample_rates=rates,
        channel_masks=tuple(masks[count] for count in counts if count in masks),
        channel_index_masks=tuple((1 << count) - 1 for count in counts),
        channel_counts=counts,
        encodings=(_PCM_16_BIT,) if type is _Type.BLUETOOTH_SCO else (_PCM_16_BIT, _PCM_FLOAT),
    )


def microphone_infos(port: Port, id: int, profile: str) -> tuple[MicrophoneInfo, ...]:
    """The microphones of an input; those of a phone or tablet are several in one group.

    Args:
        port: The input.
        id: The number that stands for it.
        profile: The name of the device's profile.
    """
    type = device_type(port, sink=False)
    if not port.built_in:
        return (
            MicrophoneInfo(
                id=id,
                description=port.name,
                type=type,
                address=_address(port, type),
                location=AndroidMicrophoneLocation.PERIPHERAL,
            ),
        )
    sources = data_sources(port, Direction.INPUT, profile)
    names = [source.name for source in sources] or [port.name]
    return tuple(
        MicrophoneInfo(
            id=id,
            description=name,
            type=type,
            address=name.lower() if sources else "",
            location=AndroidMicrophoneLocation.MAINBODY,
            group=0,
            index_in_the_group=number,
            position=_PLACES[number],
            orientation=_DIRECTIONS[number],
            frequency_response=_FLAT,
            # A recording has one channel, which comes of the first as it is.
            channel_mapping=(
                (
                    0,
                    AndroidMicrophoneChannelMapping.PROCESSED
                    if number
                    else AndroidMicrophoneChannelMapping.DIRECT,
                ),
            ),
            sensitivity=-37.0,
            max_spl=132.5,
            min_spl=28.5,
            directionality=AndroidMicrophoneDirectionality.OMNI,
        )
        for number, name in enumerate(names)
    )


def supported_types(profile: str, *, sinks: bool) -> frozenset[AndroidAudioDeviceType]:
    """The types that a device of a profile could have.

    Args:
        profile: The name of the profile.
        sinks: Whether those that play are meant.
    """
    kinds = {
        port.kind
        for port in PROFILES[profile].ports
        if (port.is_output if sinks else port.is_input)
    }
    kinds |= {
        kind
        for ports in PLUGGABLE.values()
        for _, kind, is_input, is_output in ports
        if (is_output if sinks else is_input)
    }
    types = OUTPUT_TYPES if sinks else INPUT_TYPES
    return frozenset(types[kind] for kind in kinds if kind in types)


def _address(port: Port, type: AndroidAudioDeviceType) -> str:
    if port.built_in:
        return ""
    if port.kind.startswith("bluetooth"):
        return f"00:00:5E:00:53:{port.order % 256:02X}"
    if type is _Type.USB_DEVICE:
        return f"card={port.order};device=0"
    return ""


__all__ = ["INPUT_TYPES", "device_info", "device_type", "microphone_infos", "supported_types"]
