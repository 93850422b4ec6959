"""What else a device knows and keeps: properties, parameters, effects, microphones, ids."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from audiosession.android.attribute_constants import AndroidAudioCapturePolicy
from audiosession.android.system_constants import (
    AndroidAudioProperty,
    AndroidEncodedSurroundMode,
    AndroidSoundEffectType,
)
from audiosession.errors import LimitError

__all__ = [
    "EffectPlayed",
    "HardwareFacts",
    "HardwareModel",
    "MicrophoneSwitch",
    "stricter_capture_policy",
]

MAX_PARAMETERS: Final = 256
"""How many parameters a device keeps."""
MAX_EFFECTS_KEPT: Final = 64
"""How many effects are remembered as played."""
_FIRST_SESSION_ID: Final = 1
_LAST_SESSION_ID: Final = 2**31 - 1


class MicrophoneSwitch(Enum):
    """Who mutes the microphones (android 96)."""

    APP = "app"
    """An app asked for it."""
    HARDWARE = "hardware"
    """A switch on the device."""
    RESTRICTION = "restriction"
    """The user is not allowed to record."""
    PRIVACY = "privacy"
    """The user allows no app to record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareFacts:
    """What a device is able to do."""

    output_sample_rate: int = 48_000
    """Rate of its usual output, in Hz; 0: it does not say."""
    output_frames_per_buffer: int = 192
    """Length of one buffer of it, in frames; 0: it does not say."""
    microphone_near_ultrasound: bool = True
    """Whether its microphone hears 18 to 21 kHz."""
    speaker_near_ultrasound: bool = True
    """Whether its loudspeaker plays them."""
    unprocessed_source: bool = True
    """Whether sound can be recorded as it is."""
    haptic_playback: bool = False
    """Whether vibration can be played as channels of sound."""
    ramping_ringer: bool = False
    """Whether a ringtone gets louder by and by."""
    encoded_surround_mode: AndroidEncodedSurroundMode = AndroidEncodedSurroundMode.AUTO
    """Which surround formats it passes on."""
    offloaded_encodings: frozenset[int] = frozenset()
    """The formats that its hardware decodes, ``AudioFormat.ENCODING_*``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPlayed:
    """A sound of touching that was played."""

    effect: AndroidSoundEffectType
    """Which one."""
    volume: float | None
    """How loud, linear from 0.0 to 1.0; ``None``: as loud as the device likes."""


def stricter_capture_policy(
    app: AndroidAudioCapturePolicy, attributes: AndroidAudioCapturePolicy
) -> AndroidAudioCapturePolicy:
    """Who may capture a player: the stricter of its app's wish and its attributes'."""
    return max(app, attributes)


class HardwareModel:
    """The state of a device apart from volumes, keys, modes and routes.

    Args:
        facts: What the device is able to do.
    """

    def __init__(self, facts: HardwareFacts | None = None) -> None:
        self.facts = facts or HardwareFacts()
        """What the device is able to do."""
        self.effects_enabled = True
        """Whether the user likes sounds of touching."""
        self.effects_loaded = False
        """Whether those sounds are loaded."""
        self._effects: deque[EffectPlayed] = deque(maxlen=MAX_EFFECTS_KEPT)
        self._parameters: dict[str, str] = {}
        self._muted_by: set[MicrophoneSwitch] = set()
        self._last_id = _FIRST_SESSION_ID - 1

    # -- properties, parameters, ids ---------------------------------------------------------

    def property_text(self, key: str | None) -> str | None:
        """A property as text; ``None`` for what is no key, and for a number that is unknown."""
        facts = self.facts
        numbers = {
            AndroidAudioProperty.OUTPUT_SAMPLE_RATE: facts.output_sample_rate,
            AndroidAudioProperty.OUTPUT_FRAMES_PER_BUFFER: facts.output_frames_per_buffer,
        }
        switches = {
            AndroidAudioProperty.SUPPORT_MIC_NEAR_ULTRASOUND: facts.microphone_near_ultrasound,
            AndroidAudioProperty.SUPPORT_SPEAKER_NEAR_ULTRASOUND: facts.speaker_near_ultrasound,
            AndroidAudioProperty.SUPPORT_AUDIO_SOURCE_UNPROCESSED: facts.unprocessed_source,
        }
        for name, number in numbers.items():
            if key == name.value:
                return str(number) if number > 0 else None
        for name, yes in switches.items():
            if key == name.value:
                return "true" if yes else "false"
        return None

    def set_parameters(self, given: Mapping[str, str]) -> None:
        """Keeps parameters.

        Raises:
            LimitError: There would be too many; none of them is kept.
        """
        together = {**self._parameters, **given}
        if len(together) > MAX_PARAMETERS:
            raise LimitError("parameters of the hardware", MAX_PARAMETERS)
        self._parameters = together

    def parameters(self, keys: tuple[str, ...]) -> dict[str, str]:
        """The values of those keys that have one."""
        return {key: self._parameters[key] for key in keys if key in self._parameters}

    def new_session_id(self) -> int:
        """An audio session id that nobody has yet, from 1 up."""
        self._last_id = self._last_id + 1 if self._last_id < _LAST_SESSION_ID else _FIRST_SESSION_ID
        return self._last_id

    # -- effects -----------------------------------------------------------------------------

    @property
    def effects_played(self) -> tuple[EffectPlayed, ...]:
        """The effects played last, up to 64."""
        return tuple(self._effects)

    def play_effect(
        self, effect: AndroidSoundEffectType, volume: float | None = None
    ) -> EffectPlayed | None:
        """Plays an effect; ``None`` where the user does not like it and no volume is given.

        It is loaded if need be.

        Args:
            effect: Which one.
            volume: Linear, 0.0 to 1.0; -1: as loud as the device likes.
        """
        if volume is None and not self.effects_enabled:
            return None
        self.effects_loaded = True
        likes = volume is None or volume < 0.0
        played = EffectPlayed(effect=effect, volume=None if likes else volume)
        self._effects.append(played)
        return played

    # -- microphones -------------------------------------------------------------------------

    @property
    def microphones_muted_by(self) -> frozenset[MicrophoneSwitch]:
        """Who mutes the microphones; nobody: they are not muted."""
        return frozenset(self._muted_by)

    def mute_microphones(self, switch: MicrophoneSwitch, muted: bool) -> bool:
        """Turns one of the switches; whether that mutes or unmutes the microphones."""
        before = bool(self._muted_by)
        (self._muted_by.add if muted else self._muted_by.discard)(switch)
        return bool(self._muted_by) is not before
