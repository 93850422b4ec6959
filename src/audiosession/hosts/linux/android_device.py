"""One app's view of this machine, as AudioManager needs it: the service does the work.

A desktop has volumes that can be changed, a ringer that does not vibrate, no channels for
haptics, and no switch over all microphones. What cannot be done raises
:class:`~audiosession.errors.UnsupportedError` with the name of what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ...android.attribute_constants import AndroidAudioCapturePolicy
from ...android.device import MediaKeyReceiver
from ...android.errors import SecurityException
from ...android.key_event import KeyEvent
from ...android.models.callers import AndroidCaller
from ...android.models.curves import volume_db
from ...android.models.hardware import HardwareFacts, HardwareModel
from ...android.models.volumes import StreamState
from ...android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidRingerMode,
    AndroidStreamType,
)
from ...android.system_constants import AndroidEncodedSurroundMode, AndroidSoundEffectType
from ...android.tables import stream_volume
from ...errors import IllegalRequestError, UnsupportedError
from ...service.bus.names import ANDROID
from .android_routes import CALL_MODES, LinuxAndroidRoutes

if TYPE_CHECKING:
    from .host import LinuxHost

_MOST: Final = 2**31 - 1
_SILENCE: Final = "silence"


class LinuxAndroidDevice(LinuxAndroidRoutes):
    """What an app's AudioManager asks; an :class:`~audiosession.android.device.AndroidDevice`.

    Args:
        host: The app's host.
    """

    def __init__(self, host: LinuxHost) -> None:
        super().__init__(host)
        self._capture = AndroidAudioCapturePolicy.ALL
        self._hardware = HardwareModel(
            HardwareFacts(
                output_sample_rate=0,
                output_frames_per_buffer=0,
                microphone_near_ultrasound=False,
                speaker_near_ultrasound=False,
            )
        )

    # -- volumes -----------------------------------------------------------------------------

    async def volumes_fixed(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidVolumes`. Never."""
        return False

    async def stream_state(self, stream: AndroidStreamType) -> StreamState:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        return StreamState(**(await self._volumes())["volumes"][stream.name])

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
        body = [int(stream), int(direction), flags & _MOST, caller.target_sdk]
        await self._ask("AdjustVolume", "iiii", body)

    async def adjust_suggested(
        self,
        direction: AndroidAudioAdjustment,
        suggested: AndroidStreamType | None,
        flags: int,
        caller: AndroidCaller,
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        if await self.audio_mode() in CALL_MODES:
            # The service does not know the app's mode.
            await self.adjust_stream(AndroidStreamType.VOICE_CALL, direction, flags, caller)
            return
        stream = AndroidStreamType.DEFAULT if suggested is None else suggested
        body = [int(direction), int(stream), flags & _MOST, caller.target_sdk]
        await self._ask("AdjustSuggestedVolume", "iiii", body)

    async def set_stream_index(
        self, stream: AndroidStreamType, index: int, flags: int, caller: AndroidCaller
    ) -> None:
        """See :class:`~audiosession.android.device.AndroidVolumes`."""
        index = max(-_MOST, min(index, _MOST))
        body = [int(stream), index, flags & _MOST, caller.target_sdk]
        await self._ask("SetVolume", "iiii", body)

    # -- the ringer --------------------------------------------------------------------------

    async def ringer_mode(self) -> AndroidRingerMode:
        """See :class:`~audiosession.android.device.AndroidRinger`. Normal at first."""
        return AndroidRingerMode((await self._volumes())["ringer"])

    async def set_ringer_mode(self, mode: AndroidRingerMode, caller: AndroidCaller) -> None:
        """See :class:`~audiosession.android.device.AndroidRinger`. It does not vibrate."""
        await self._ask("SetRingerMode", "ii", [int(mode), caller.target_sdk])

    async def ramping_ringer(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidRinger`. Never."""
        return False

    # -- keys --------------------------------------------------------------------------------

    async def receive_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`. Players get them, by MPRIS.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("receiving media keys", self._host.name)

    async def ignore_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`."""

    async def dispatch_media_key(self, event: KeyEvent) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`. To the MPRIS player that plays."""
        key, repeats = max(-_MOST, min(event.key_code, _MOST)), min(event.repeat_count, _MOST)
        await self._ask("DispatchMediaKey", "iii", [key, int(event.action), repeats])

    # -- sound -------------------------------------------------------------------------------

    async def music_active(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        return AndroidStreamType.MUSIC.name in (await self._volumes())["sounding"]

    async def play_effect(self, effect: AndroidSoundEffectType, volume: float | None) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`. Nobody likes them here.

        Raises:
            UnsupportedError: it is to be played whether the user likes it or not.
        """
        if volume is not None:
            self._no_effects()

    async def load_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`.

        Raises:
            UnsupportedError: always.
        """
        self._no_effects()

    async def unload_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`. None is loaded."""

    async def capture_policy(self) -> AndroidAudioCapturePolicy:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        return self._capture

    async def set_capture_policy(self, policy: AndroidAudioCapturePolicy) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`.

        It is kept; sound servers let every program of the user capture.
        """
        self._capture = policy

    # -- hardware ----------------------------------------------------------------------------

    async def property_text(self, key: str | None) -> str | None:
        """See :class:`~audiosession.android.device.AndroidHardware`. Of the output in use."""
        report = await self._known()
        says = next(
            (
                each.output
                for each in report.ports
                if each.port.id in report.route.outputs and each.output is not None
            ),
            None,
        )
        rate, buffer_s = (0.0, 0.0) if says is None else (says.sample_rate, says.buffer_s)
        self._hardware.facts = replace(
            self._hardware.facts,
            output_sample_rate=round(rate),
            output_frames_per_buffer=round(rate * buffer_s),
        )
        return self._hardware.property_text(key)

    async def set_parameters(self, given: Mapping[str, str]) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`. Kept in this process."""
        self._hardware.set_parameters(given)

    async def parameters(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return self._hardware.parameters(keys)

    async def new_audio_session_id(self) -> int:
        """See :class:`~audiosession.android.device.AndroidHardware`. Of this process alone."""
        return self._hardware.new_session_id()

    async def haptic_playback(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`. Never."""
        return False

    async def encoded_surround_mode(self) -> AndroidEncodedSurroundMode:
        """See :class:`~audiosession.android.device.AndroidHardware`. Servers mix; none is."""
        return AndroidEncodedSurroundMode.NEVER

    async def offloads(self, encoding: int) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`. None."""
        return False

    async def microphones_muted(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`. The input in use."""
        return (await self._known()).microphone_muted

    async def mute_microphones(self, muted: bool) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`.

        Raises:
            UnsupportedError: it would be different from how it is.
        """
        if muted is not await self.microphones_muted():
            raise UnsupportedError("muting all microphones", self._host.name)

    # -- inside ------------------------------------------------------------------------------

    async def _volumes(self) -> dict[str, Any]:
        (text,) = await self._ask("Volumes", "", [])
        return dict(json.loads(text))

    async def _ask(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        try:
            return await self._host.ask_manager(ANDROID, member, signature, body)
        except IllegalRequestError as error:
            if error.field == _SILENCE:
                raise SecurityException(
                    "it would begin or end silence (nothing here vibrates), which no user of this "
                    "machine can let an app do; AudioManager(target_sdk=23) needs no leave for it"
                ) from None
            raise

    def _no_effects(self) -> NoReturn:
        raise UnsupportedError("sound effects", self._host.name)


__all__ = ["LinuxAndroidDevice"]
