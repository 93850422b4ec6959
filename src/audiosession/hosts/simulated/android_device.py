"""One app's view of a simulated device, as AudioManager needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...android.attribute_constants import AndroidAudioCapturePolicy
from ...android.device import MediaKeyReceiver
from ...android.key_event import KeyEvent
from ...android.models.callers import AndroidCaller
from ...android.models.curves import volume_db
from ...android.models.hardware import MicrophoneSwitch, stricter_capture_policy
from ...android.models.volumes import StreamState
from ...android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidRingerMode,
    AndroidStreamType,
)
from ...android.system_constants import AndroidEncodedSurroundMode, AndroidSoundEffectType
from ...android.tables import stream_volume
from .android_routes import SimulatedRoutes

if TYPE_CHECKING:
    from .android_system import AndroidSystem
    from .app import SimulatedApp


class SimulatedAndroid(SimulatedRoutes):
    """What an app's AudioManager asks; an :class:`~audiosession.android.device.AndroidDevice`."""

    def __init__(self, app: SimulatedApp, system: AndroidSystem) -> None:
        super().__init__(app, system.routing)
        self.receiver: MediaKeyReceiver | None = None
        """What the app handles media keys with."""
        self._system = system
        self._capture = AndroidAudioCapturePolicy.ALL

    def captured_by(self, attributes: AndroidAudioCapturePolicy) -> AndroidAudioCapturePolicy:
        """Who may capture a player of the app whose attributes have such a policy."""
        return stricter_capture_policy(self._capture, attributes)

    # -- volumes -----------------------------------------------------------------------------

    async def volumes_fixed(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        return self._system.volumes.fixed

    async def stream_state(self, stream: AndroidStreamType) -> StreamState:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        self._system.use_volumes()
        return self._system.volumes.state(stream)

    async def stream_db(self, stream: AndroidStreamType, index: int, device_type: int) -> float:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        volume = stream_volume(stream)
        return volume_db(stream, index, least=volume.min, most=volume.max, device_type=device_type)

    async def adjust_stream(
        self,
        stream: AndroidStreamType,
        direction: AndroidAudioAdjustment,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        self.app.check_alive()
        system = self._system
        system.carry(system.volumes.adjust(stream, direction, flags, caller, self._now))

    async def adjust_suggested(
        self,
        direction: AndroidAudioAdjustment,
        suggested: AndroidStreamType | None,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        otherwise = AndroidStreamType.MUSIC if suggested is None else suggested
        stream = self._system.activity().stream(otherwise)
        await self.adjust_stream(stream, direction, flags, caller)

    async def set_stream_index(
        self, stream: AndroidStreamType, index: int, flags: int, caller: AndroidCaller
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        self.app.check_alive()
        system = self._system
        system.carry(system.volumes.set_index(stream, index, flags, caller, self._now))

    # -- the ringer --------------------------------------------------------------------------

    async def ringer_mode(self) -> AndroidRingerMode:
        """See :class:`~audiosession.android.device.AndroidRinger`."""
        self._system.use_volumes()
        return self._system.volumes.ringer.mode

    async def set_ringer_mode(self, mode: AndroidRingerMode, caller: AndroidCaller) -> None:
        """See :class:`~audiosession.android.device.AndroidRinger`."""
        self.app.check_alive()
        self._system.carry(self._system.volumes.set_ringer(mode, caller, self._now))

    async def ramping_ringer(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidRinger`."""
        return self._system.hardware.facts.ramping_ringer

    # -- keys --------------------------------------------------------------------------------

    async def receive_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`."""
        self.app.check_alive()
        self.receiver = receiver
        self._system.keys.listen(self.app.id)

    async def ignore_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`."""
        if self.receiver == receiver:
            self.receiver = None
            self._system.keys.ignore(self.app.id)

    async def dispatch_media_key(self, event: KeyEvent) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`."""
        self.app.check_alive()
        self._system.dispatch(event)

    # -- sound -------------------------------------------------------------------------------

    async def music_active(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        return AndroidStreamType.MUSIC in self._system.sounding()

    async def play_effect(self, effect: AndroidSoundEffectType, volume: float | None) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self.app.check_alive()
        played = self._system.hardware.play_effect(effect, volume)
        if played is not None:
            self._system.effect_played(played)

    async def load_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self._system.hardware.effects_loaded = True

    async def unload_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self._system.hardware.effects_loaded = False

    async def capture_policy(self) -> AndroidAudioCapturePolicy:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        return self._capture

    async def set_capture_policy(self, policy: AndroidAudioCapturePolicy) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self.app.check_alive()
        self._capture = policy

    # -- hardware ----------------------------------------------------------------------------

    async def property_text(self, key: str | None) -> str | None:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._system.hardware.property_text(key)

    async def set_parameters(self, given: Mapping[str, str]) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        self.app.check_alive()
        self._system.hardware.set_parameters(given)

    async def parameters(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._system.hardware.parameters(keys)

    async def new_audio_session_id(self) -> int:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._system.hardware.new_session_id()

    async def haptic_playback(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._system.hardware.facts.haptic_playback

    async def encoded_surround_mode(self) -> AndroidEncodedSurroundMode:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._system.hardware.facts.encoded_surround_mode

    async def offloads(self, encoding: int) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return encoding in self._system.hardware.facts.offloaded_encodings

    async def microphones_muted(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return bool(self._system.microphones_muted_by)

    async def mute_microphones(self, muted: bool) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        self.app.check_alive()
        self._system.mute_microphones(MicrophoneSwitch.APP, muted)

    @property
    def _now(self) -> float:
        return self.app.device.now


__all__ = ["SimulatedAndroid"]
