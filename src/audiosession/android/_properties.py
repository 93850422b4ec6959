"""What an AudioManager says about the device, and what it keeps there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from audiosession import _json
from audiosession._checks import check_flag, check_text
from audiosession.android._device import DeviceBase
from audiosession.android._numbers import member
from audiosession.android.attribute_constants import AndroidAudioCapturePolicy
from audiosession.android.audio_attributes import AudioAttributes
from audiosession.android.errors import NullPointerException
from audiosession.android.system_constants import (
    AndroidEncodedSurroundMode,
    AndroidSoundEffectType,
)
from audiosession.errors import InvalidTypeError, InvalidValueError, UnsupportedError

__all__ = ["ManagerProperties"]

MAX_LETTERS = 4096
"""Longest text of parameters."""


class ManagerProperties(DeviceBase):
    """The part of ``AudioManager`` about the device itself, effects and microphones."""

    # -- sound -------------------------------------------------------------------------------

    async def is_music_active(self) -> bool:
        """Whether the music stream sounds, whoever plays it."""
        return await self._need("what sounds").music_active()

    async def set_allowed_capture_policy(self, capture_policy: int) -> None:
        """Says who may capture what this app plays; attributes may be stricter.

        Args:
            capture_policy: ``AudioAttributes.ALLOW_CAPTURE_*``.

        Raises:
            IllegalArgumentException: The policy is none.
        """
        policy = member(
            AndroidAudioCapturePolicy, capture_policy, "capture_policy", "one of ALLOW_CAPTURE_*"
        )
        await self._need("capture policies").set_capture_policy(policy)

    async def get_allowed_capture_policy(self) -> AndroidAudioCapturePolicy:
        """What was set; at first all may."""
        return await self._need("capture policies").capture_policy()

    async def play_sound_effect(self, effect_type: int, volume: float | None = None) -> None:
        """Plays a sound of touching; what is no effect is passed over (android 94).

        Args:
            effect_type: ``FX_*``.
            volume: Linear, 0.0 to 1.0. Without one the user's setting decides, with -1 that of
                the device.

        Raises:
            InvalidTypeError, InvalidValueError: The volume is no such number.
        """
        number = _json.integer(effect_type, "effect_type")
        level = _volume(volume)
        device = self._need("sound effects")
        if number in AndroidSoundEffectType.__members__.values():
            await device.play_effect(AndroidSoundEffectType(number), level)

    async def load_sound_effects(self) -> None:
        """Loads those sounds."""
        await self._need("sound effects").load_effects()

    async def unload_sound_effects(self) -> None:
        """Drops them."""
        await self._need("sound effects").unload_effects()

    # -- microphones -------------------------------------------------------------------------

    async def set_microphone_mute(self, on: bool) -> None:
        """Turns the apps' own switch of the microphones.

        Raises:
            InvalidTypeError: It is neither True nor False.
        """
        check_flag("on", on)
        await self._need("microphones").mute_microphones(on)

    async def is_microphone_mute(self) -> bool:
        """Whether any of four switches mutes the microphones (android 96).

        The apps', the hardware's, a restriction of the user, and privacy.
        """
        return await self._need("microphones").microphones_muted()

    # -- the device --------------------------------------------------------------------------

    async def generate_audio_session_id(self) -> int:
        """An audio session id that nobody has, from 1 up."""
        return await self._need("audio session ids").new_audio_session_id()

    async def set_parameters(self, key_value_pairs: str) -> None:
        """Hands settings to the hardware.

        Args:
            key_value_pairs: ``key=value;key=value``, up to 4096 characters; what is no pair is
                passed over.

        Raises:
            InvalidTypeError, InvalidValueError: It is no such text.
            LimitError: The hardware would keep too many.
        """
        check_text("key_value_pairs", key_value_pairs, most=MAX_LETTERS)
        pairs = (part.partition("=") for part in key_value_pairs.split(";"))
        given = {key.strip(): value.strip() for key, equals, value in pairs if equals}
        given.pop("", None)
        await self._need("parameters").set_parameters(given)

    async def get_parameters(self, keys: str) -> str:
        """Asks the hardware for settings.

        Args:
            keys: ``key;key``, up to 4096 characters.

        Returns:
            ``key=value;key=value`` of those that it has.

        Raises:
            InvalidTypeError, InvalidValueError: It is no such text.
        """
        check_text("keys", keys, most=MAX_LETTERS)
        asked = tuple(dict.fromkeys(key.strip() for key in keys.split(";")))
        found = await self._need("parameters").parameters(asked)
        return ";".join(f"{key}={value}" for key, value in found.items())

    async def get_property(self, key: str | None) -> str | None:
        """Something that the device knows about itself, as text; ``None`` for what is no key.

        Args:
            key: ``PROPERTY_*``.

        Raises:
            InvalidTypeError: It is no text.
        """
        if key is not None and not isinstance(key, str):
            raise InvalidTypeError("key", key, expected="a text or None")
        return await self._need("properties").property_text(key)

    async def is_haptic_playback_supported(self) -> bool:
        """Whether vibration can be played as channels of sound."""
        return await self._need("haptic playback").haptic_playback()

    async def get_encoded_surround_mode(self) -> AndroidEncodedSurroundMode:
        """Which surround formats are passed on."""
        return await self._need("surround formats").encoded_surround_mode()

    async def is_offloaded_playback_supported(
        self, format: Mapping[str, int], attributes: AudioAttributes
    ) -> bool:
        """Whether hardware decodes a format.

        Args:
            format: ``AudioFormat`` as a mapping; its ``encoding`` counts.
            attributes: What is to be played.

        Raises:
            NullPointerException: There is no format or there are no attributes.
            InvalidTypeError: They are something else.
        """
        for name, value, kind in (
            ("format", format, Mapping),
            ("attributes", attributes, AudioAttributes),
        ):
            if value is None:
                raise NullPointerException(name, value, expected=name)
            if not isinstance(value, kind):
                raise InvalidTypeError(name, value, expected=f"of type {kind.__name__}")
        encoding = _json.integer(format.get("encoding", 0), "format.encoding")
        return await self._need("offloaded playback").offloads(encoding)

    async def get_audio_hw_sync_for_session(self, session_id: int) -> NoReturn:
        """The hardware's clock of an audio session; no host has one.

        Raises:
            UnsupportedError: There is none.
        """
        _json.integer(session_id, "session_id")
        raise UnsupportedError("the hardware's clock of a session", self._use_host().name)

    # -- what does nothing any more ----------------------------------------------------------

    async def get_routing(self, mode: int) -> int:
        """Always -1; deprecated."""
        _json.integer(mode, "mode")
        self._check_open()
        return -1


def _volume(given: float | None) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise InvalidTypeError("volume", given, expected="a number or None")
    if given != -1 and not 0.0 <= given <= 1.0:
        raise InvalidValueError("volume", given, expected="from 0.0 to 1.0, or -1")
    return float(given)
