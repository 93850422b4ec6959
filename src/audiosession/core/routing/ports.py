"""Ports: what sound can go through, and what losing one means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One input or output of a device.

    ``kind`` is one of the :class:`audiosession.AudioDeviceType` values. Ports of one device
    share ``device``; ``order`` counts connections, built-in ports having 0.
    """

    id: str
    """Stands for the port as long as it is there."""
    name: str
    """What people call it."""
    kind: str
    """A value of :class:`audiosession.AudioDeviceType`."""
    is_input: bool
    """Whether sound can be recorded from it."""
    is_output: bool
    """Whether sound can be played on it."""
    device: str
    """The device it belongs to."""
    order: int = 0
    """Which connection it came with, counted from 1; 0 for a built-in port."""
    mirrored: bool = False
    """Whether an AirPlay receiver mirrors the screen, and so shows what sounds."""
    high_quality: bool = False
    """Whether a hands-free device records at full bandwidth."""

    @property
    def built_in(self) -> bool:
        """Whether it is part of the device itself."""
        return self.order == 0


BECOMING_NOISY_KINDS = frozenset(
    {
        "wiredHeadset",
        "wiredHeadphones",
        "hdmi",
        "lineAnalog",
        "hearingAid",
        "bluetoothA2dp",
        "bluetoothLe",
        "usbAudio",
        "dock",
    }
)
"""Outputs whose going away would put private sound on a loudspeaker (AudioDeviceInventory)."""


def becomes_noisy(before: Port | None, after: Iterable[Port]) -> bool:
    """Whether losing ``before``, the output in use, exposes private sound.

    Not when another output of that sort is still there to take over.
    """
    if before is None or before.kind not in BECOMING_NOISY_KINDS:
        return False
    return not any(port.is_output and port.kind in BECOMING_NOISY_KINDS for port in after)
