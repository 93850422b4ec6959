"""Shorthand for tests of an AudioManager beside its focus, on a simulated device."""

from __future__ import annotations

from typing import Any, TypeVar

from audiosession.android import AudioManagerConstants, IllegalArgumentException
from audiosession.android.app import AndroidPermission
from audiosession.android.audio_manager import AudioManager
from audiosession.android.models.volumes import STREAMS
from audiosession.android.stream_constants import AndroidStreamType
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import Observer, SimulatedApp, SimulatedDevice

C = AudioManagerConstants
Stream = AndroidStreamType
V = TypeVar("V")
"""Values that are no integer, for every argument that has to be one."""
NO_INTEGERS: tuple[Any, ...] = (None, "3", 3.0, True)


def now(value: V) -> V:
    """The value as it is now; the type checker would take it for what it was before."""
    return value


class Words(Observer):
    """Keeps what the device says."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def happened(self, at: float, text: str) -> None:
        self.said.append(text)


class Phone:
    """A phone with one app and its AudioManager."""

    def __init__(self, profile: str = "phone", *, target_sdk: int = 36) -> None:
        self.device = SimulatedDevice(profile, policy="android")
        self.app: SimulatedApp = self.device.app("app")
        self.manager = AudioManager(self.app.host, target_sdk=target_sdk)
        self.android = self.device.android
        self.words = Words()
        self.device.observe(self.words)

    def may_silence(self) -> None:
        self.app.android_app.grant(AndroidPermission.ACCESS_NOTIFICATION_POLICY)

    def is_telephony(self) -> None:
        self.app.android_app.grant(AndroidPermission.MODIFY_PHONE_STATE)

    def snapshot(self) -> Any:
        """All that a wrong call must leave alone."""
        volumes, hardware = self.android.volumes, self.android.hardware
        return (
            volumes.states(),
            volumes.ringer.mode,
            hardware.effects_played,
            hardware.effects_loaded,
            hardware.parameters(("a", "b")),
            self.android.microphones_muted_by,
            self.android.keys.target,
        )

    async def indices(self) -> dict[Stream, int]:
        """What the app reads of every stream."""
        return {stream: await self.manager.get_stream_volume(stream) for stream in STREAMS}


__all__ = [
    "NO_INTEGERS",
    "AndroidPermission",
    "AudioManager",
    "C",
    "IllegalArgumentException",
    "InvalidTypeError",
    "Phone",
    "Stream",
    "Words",
    "now",
]
