"""When sound becomes noisy: it would go on where others hear it (android 71, 72).

Source: AudioDeviceInventory.java.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.tables import figure

__all__ = ["NOISY_TYPES", "becomes_noisy", "hold_s"]

_Type = AndroidAudioDeviceType

NOISY_TYPES: Final = frozenset(
    {
        _Type.WIRED_HEADSET,
        _Type.WIRED_HEADPHONES,
        _Type.HDMI,
        _Type.DOCK_ANALOG,
        _Type.LINE_ANALOG,
        _Type.HEARING_AID,
        _Type.BLE_HEADSET,
        _Type.BLE_SPEAKER,
        _Type.BLE_BROADCAST,
        _Type.BLE_HEARING_AID,
        _Type.BLUETOOTH_A2DP,
        _Type.USB_DEVICE,
        _Type.USB_ACCESSORY,
        _Type.USB_HEADSET,
    }
)
"""Outputs that one person hears, or that were connected to be heard elsewhere."""


def becomes_noisy(
    gone: Iterable[int],
    left: Iterable[int],
    *,
    in_use: bool,
    communication: bool = False,
    sounding: bool,
    media_policy: bool = False,
    remote_submix: bool = False,
) -> bool:
    """Whether apps are told that sound becomes noisy (android 71).

    Args:
        gone: The types of the outputs that went away.
        left: The types of those that are still there.
        in_use: Whether media was heard on what went away.
        communication: Whether the mode is one of communication.
        sounding: Whether music plays or somebody has audio focus.
        media_policy: Whether an audio policy decides where media goes.
        remote_submix: Whether media is handed to another app or device.
    """
    return (
        any(type in NOISY_TYPES for type in gone)
        and (in_use or communication)
        and not any(type in NOISY_TYPES for type in left)
        and not media_policy
        and not remote_submix
        and sounding
    )


def hold_s() -> float:
    """How long a device whose end is noisy stays, in seconds, so that apps can pause first."""
    milliseconds: int = figure("becoming_noisy_delay_ms")
    return milliseconds / 1000.0
