"""What a phone knows about itself, and what sounds, as AudioManager needs it.

Source: AudioManager.java, https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...android.attribute_constants import AndroidAudioCapturePolicy
from ...android.system_constants import AndroidEncodedSurroundMode, AndroidSoundEffectType
from .infos import known
from .part import PhonePart, text_of

__all__ = ["PhoneHardware"]

_RATE: Final = 48_000
_STEREO: Final = 0x4 | 0x8
_USAGE_MEDIA: Final = 1
_CONTENT_TYPE_MUSIC: Final = 2


class PhoneHardware(PhonePart):
    """An :class:`~audiosession.android.device.AndroidHardware`.

    And an :class:`~audiosession.android.device.AndroidSounds`.
    """

    # -- what sounds -------------------------------------------------------------------------

    async def music_active(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        return bool(self._ask("isMusicActive"))

    async def play_effect(self, effect: AndroidSoundEffectType, volume: float | None) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        if volume is None:
            self._ask("playSoundEffect", int(effect))
        else:
            self._ask("playSoundEffect", int(effect), float(volume))

    async def load_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self._ask("loadSoundEffects")

    async def unload_effects(self) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`."""
        self._ask("unloadSoundEffects")

    async def capture_policy(self) -> AndroidAudioCapturePolicy:
        """See :class:`~audiosession.android.device.AndroidSounds`; API level 29."""
        policy = self._ask("getAllowedCapturePolicy")
        return known(AndroidAudioCapturePolicy, policy, AndroidAudioCapturePolicy.ALL)

    async def set_capture_policy(self, policy: AndroidAudioCapturePolicy) -> None:
        """See :class:`~audiosession.android.device.AndroidSounds`; API level 29."""
        self._ask("setAllowedCapturePolicy", int(policy))

    # -- what the phone knows ----------------------------------------------------------------

    async def property_text(self, key: str | None) -> str | None:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        found = self._ask("getProperty", None if key is None else str(key))
        return None if found is None else text_of(found)

    async def set_parameters(self, given: Mapping[str, str]) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`.

        The phone passes over what it does not know, and what needs a permission that the app
        lacks.
        """
        if given:
            self._ask("setParameters", ";".join(f"{key}={value}" for key, value in given.items()))

    async def parameters(self, keys: tuple[str, ...]) -> Mapping[str, str]:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        said = text_of(self._ask("getParameters", ";".join(keys)))
        pairs = (part.partition("=") for part in said.split(";"))
        return {key.strip(): value.strip() for key, equals, value in pairs if equals}

    async def new_audio_session_id(self) -> int:
        """See :class:`~audiosession.android.device.AndroidHardware`; -1 where that failed."""
        return int(self._ask("generateAudioSessionId"))

    async def haptic_playback(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`; API level 29."""
        return bool(self._ask_class("isHapticPlaybackSupported"))

    async def encoded_surround_mode(self) -> AndroidEncodedSurroundMode:
        """See :class:`~audiosession.android.device.AndroidHardware`; API level 31."""
        mode = self._ask("getEncodedSurroundMode")
        return known(AndroidEncodedSurroundMode, mode, AndroidEncodedSurroundMode.UNKNOWN)

    async def offloads(self, encoding: int) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`; API level 29.

        The phone asks for a whole format and attributes: stereo at 48000 Hz, music.
        """
        api = self._api
        api.require("AudioManager.isOffloadedPlaybackSupported")
        form = api.new("AudioFormat.Builder")
        for setter, value in (
            ("setEncoding", encoding),
            ("setSampleRate", _RATE),
            ("setChannelMask", _STEREO),
        ):
            api.call(form, f"AudioFormat.Builder.{setter}", value)
        attributes = api.new("AudioAttributes.Builder")
        api.call(attributes, "AudioAttributes.Builder.setUsage", _USAGE_MEDIA)
        api.call(attributes, "AudioAttributes.Builder.setContentType", _CONTENT_TYPE_MUSIC)
        return bool(
            self._ask_class(
                "isOffloadedPlaybackSupported",
                api.call(form, "AudioFormat.Builder.build"),
                api.call(attributes, "AudioAttributes.Builder.build"),
            )
        )

    # -- microphones -------------------------------------------------------------------------

    async def microphones_muted(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        return bool(self._ask("isMicrophoneMute"))

    async def mute_microphones(self, muted: bool) -> None:
        """See :class:`~audiosession.android.device.AndroidHardware`."""
        self._ask("setMicrophoneMute", muted)
