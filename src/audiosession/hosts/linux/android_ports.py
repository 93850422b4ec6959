"""This machine's ports as Android has devices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_constants import AndroidAudioDeviceType, AndroidMicrophoneLocation
from ...android.intents import Intent
from ...android.kinds import INPUT_TYPES, OUTPUT_TYPES
from ...android.microphone_info import MicrophoneInfo
from ...android.system_constants import AndroidIntent
from ...core.routing import Port
from ...service.routing.report import DirectionReport, PortReport

# AudioFormat's bits of the usual arrangements, by how many channels they have.
_OUT_MASKS: Final = {1: 0x4, 2: 0xC, 4: 0xCC, 6: 0xFC, 8: 0x18FC}
_IN_MASKS: Final = {1: 0x10, 2: 0xC}
_PCM_16_BIT, _PCM_FLOAT = 2, 4
_WIRED: Final = frozenset(
    {AndroidAudioDeviceType.WIRED_HEADSET, AndroidAudioDeviceType.WIRED_HEADPHONES}
)


def device_type(port: Port, *, sink: bool) -> AndroidAudioDeviceType:
    """Android's type of one direction of a port; unknown where Android has none."""
    types = OUTPUT_TYPES if sink else INPUT_TYPES
    return types.get(port.kind, AndroidAudioDeviceType.UNKNOWN)


def device_info(each: PortReport, id: int, *, sink: bool) -> AudioDeviceInfo:
    """One direction of a port; what the server does not say is left open.

    Args:
        each: The port.
        id: The number that stands for it.
        sink: Whether the direction that plays is meant.
    """
    says = (each.output if sink else each.input) or DirectionReport()
    count = len(says.channels)
    masks = _OUT_MASKS if sink else _IN_MASKS
    return AudioDeviceInfo(
        id=id,
        type=device_type(each.port, sink=sink),
        product_name=each.port.name,
        address=each.port.device,
        sink=sink,
        source=not sink,
        sample_rates=(int(says.sample_rate),) if says.sample_rate else (),
        channel_masks=(masks[count],) if count in masks else (),
        channel_index_masks=((1 << count) - 1,) if count else (),
        channel_counts=(count,) if count else (),
        encodings=(_PCM_16_BIT, _PCM_FLOAT),
    )


def microphone_info(each: PortReport, id: int) -> MicrophoneInfo:
    """The microphone of an input; servers know nothing of places and sensitivities.

    Args:
        each: The input.
        id: The number that stands for it.
    """
    built_in = each.port.built_in
    location = AndroidMicrophoneLocation
    return MicrophoneInfo(
        id=id,
        description=each.port.name,
        type=device_type(each.port, sink=False),
        address=each.port.device,
        location=location.MAINBODY if built_in else location.PERIPHERAL,
    )


def works(each: PortReport | None) -> bool:
    """Whether sound can go through a port now, without another profile of its card."""
    says = None if each is None else each.output or each.input
    return says is not None and bool(says.channels or says.sample_rate)


def wired_headset(devices: Sequence[AudioDeviceInfo]) -> AudioDeviceInfo | None:
    """The headset or headphones with a plug, the last one of several; ``None``: there is none."""
    return next((each for each in reversed(devices) if each.sink and each.type in _WIRED), None)


def headset_intent(
    now: AudioDeviceInfo | None, was: AudioDeviceInfo | None, devices: Iterable[AudioDeviceInfo]
) -> Intent:
    """What the system sends when a headset with a plug came or went.

    Args:
        now: The one that is there.
        was: The one that was there before.
        devices: All devices, for its microphone.
    """
    shown = now or was
    microphone = any(each.source and each.type in _WIRED for each in devices)
    return Intent(
        action=AndroidIntent.ACTION_HEADSET_PLUG,
        extras={
            "state": int(now is not None),
            "name": "" if shown is None else shown.product_name,
            "microphone": int(microphone),
        },
    )


__all__ = [
    "device_info",
    "device_type",
    "headset_intent",
    "microphone_info",
    "wired_headset",
    "works",
]
