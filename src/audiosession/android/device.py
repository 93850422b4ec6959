"""What AudioManager needs of a device beyond what every host gives.

A host offers an :class:`AndroidDevice` as its attribute ``android_device``. Where it offers
none, focus works all the same, and what needs the device raises
:class:`~audiosession.errors.UnsupportedError`.

What is checked already is what a caller gets wrong by itself: arguments that are no stream
type, no direction or no mode do not come this far. Calls that raise leave all as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from audiosession.android.attribute_constants import AndroidAudioCapturePolicy
from audiosession.android.device_routes import AndroidRoutes
from audiosession.android.key_event import KeyEvent
from audiosession.android.models.callers import AndroidCaller
from audiosession.android.models.volumes import StreamState
from audiosession.android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidRingerMode,
    AndroidStreamType,
)
from audiosession.android.system_constants import (
    AndroidEncodedSurroundMode,
    AndroidSoundEffectType,
)

__all__ = [
    "AndroidDevice",
    "AndroidHardware",
    "AndroidKeys",
    "AndroidRinger",
    "AndroidSounds",
    "AndroidVolumes",
    "MediaKeyReceiver",
]

MediaKeyReceiver = Callable[[KeyEvent], object]
"""What an app handles media keys with; called in its event loop, in order."""


class AndroidVolumes(Protocol):
    """Volumes by stream type."""

    async def volumes_fixed(self) -> bool:
        """Whether volumes, muting and the ringer cannot be changed (android 86)."""

    async def stream_state(self, stream: AndroidStreamType) -> StreamState:
        """A stream's volume."""

    async def stream_db(self, stream: AndroidStreamType, index: int, device_type: int) -> float:
        """The level of an index on a type of output in dB, minus infinity for silence."""

    async def adjust_stream(
        self,
        stream: AndroidStreamType,
        direction: AndroidAudioAdjustment,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """A step of a stream's volume, or muting it.

        Raises:
            SecurityException: It would begin or end silence, and the caller may not.
        """

    async def adjust_suggested(
        self,
        direction: AndroidAudioAdjustment,
        suggested: AndroidStreamType | None,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """The same for the stream that matters most now (android 92).

        Args:
            direction: Which way.
            suggested: The stream where none is active; ``None``: the device's choice.
            flags: ``AudioManager.FLAG_*``.
            caller: Who calls.

        Raises:
            SecurityException: As with :meth:`adjust_stream`.
        """

    async def set_stream_index(
        self, stream: AndroidStreamType, index: int, flags: int, caller: AndroidCaller
    ) -> None:
        """Sets a stream's index; one that is out of range becomes the nearest in it.

        Raises:
            SecurityException: As with :meth:`adjust_stream`.
        """


class AndroidRinger(Protocol):
    """The ringer."""

    async def ringer_mode(self) -> AndroidRingerMode:
        """What happens when a call comes in."""

    async def set_ringer_mode(self, mode: AndroidRingerMode, caller: AndroidCaller) -> None:
        """Sets it; nothing where volumes are fixed or the ringer has no modes.

        Raises:
            SecurityException: It would begin or end silence, and the caller may not.
        """

    async def ramping_ringer(self) -> bool:
        """Whether a ringtone gets louder by and by."""


class AndroidKeys(Protocol):
    """Keys for media."""

    async def receive_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """The app handles media keys with this from now on, in place of what it had."""

    async def ignore_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """It does not any more; nothing happens where it handles them with another one."""

    async def dispatch_media_key(self, event: KeyEvent) -> None:
        """Hands a key to the app that gets them; passes over what is no media key."""


class AndroidSounds(Protocol):
    """What sounds."""

    async def music_active(self) -> bool:
        """Whether the music stream sounds, whoever plays it."""

    async def play_effect(self, effect: AndroidSoundEffectType, volume: float | None) -> None:
        """Plays a sound of touching; ``None``: if the user likes it, as loud as he likes."""

    async def load_effects(self) -> None:
        """Loads those sounds."""

    async def unload_effects(self) -> None:
        """Drops them."""

    async def capture_policy(self) -> AndroidAudioCapturePolicy:
        """Who may capture what the app plays."""

    async def set_capture_policy(self, policy: AndroidAudioCapturePolicy) -> None:
        """Says so; attributes may be stricter."""


class AndroidHardware(Protocol):
    """What the device knows about itself and keeps."""

    async def property_text(self, key: str | None) -> str | None:
        """A property as text; ``None`` where it has none."""

    async def set_parameters(self, given: Mapping[str, str]) -> None:
        """Keeps parameters.

        Raises:
            LimitError: There would be too many.
        """

    async def parameters(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """The values of those keys that have one."""

    async def new_audio_session_id(self) -> int:
        """An audio session id that nobody has."""

    async def haptic_playback(self) -> bool:
        """Whether vibration can be played as channels of sound."""

    async def encoded_surround_mode(self) -> AndroidEncodedSurroundMode:
        """Which surround formats are passed on."""

    async def offloads(self, encoding: int) -> bool:
        """Whether hardware decodes an encoding, ``AudioFormat.ENCODING_*``."""

    async def microphones_muted(self) -> bool:
        """Whether any of four switches mutes them (android 96)."""

    async def mute_microphones(self, muted: bool) -> None:
        """Turns the apps' own switch."""


class AndroidDevice(
    AndroidVolumes,
    AndroidRinger,
    AndroidKeys,
    AndroidSounds,
    AndroidHardware,
    AndroidRoutes,
    Protocol,
):
    """One app's view of a device, as AudioManager needs it."""
