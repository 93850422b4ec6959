"""Audio focus: what is asked for, answered and told."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Final

__all__ = [
    "FORCE_DUCKING_KEY",
    "RING_CALL_CLIENT_ID",
    "AndroidAudioFocus",
    "AndroidAudioFocusFlags",
    "AndroidAudioFocusRequestResult",
    "AndroidVolumeShaperId",
]

FORCE_DUCKING_KEY: Final = "a11y_force_ducking"
"""The key in the attributes' bundle by which an accessibility service forces a duck
(android 36)."""
RING_CALL_CLIENT_ID: Final = "AudioFocus_For_Phone_Ring_And_Calls"
"""The client that telephony asks as (android 58); a test of the car's uses this text."""


class AndroidAudioFocus(IntEnum):
    """Focus asked for (1 to 4) and what a listener is told; ``AudioManager.AUDIOFOCUS_*``.

    Who regains focus is told ``GAIN``, whatever it had asked for (android 16).
    """

    NONE = 0
    """No focus, gained or lost."""
    GAIN = 1
    """Asked for an unknown time; told: it is yours again."""
    GAIN_TRANSIENT = 2
    """Asked for a short time."""
    GAIN_TRANSIENT_MAY_DUCK = 3
    """Asked for a short time in which others may go on, more quietly."""
    GAIN_TRANSIENT_EXCLUSIVE = 4
    """Asked for a short time with nothing else to be heard; since API level 19."""
    LOSS = -1
    """Lost for good: stop, and ask again to go on (android 14)."""
    LOSS_TRANSIENT = -2
    """Lost for a while: pause."""
    LOSS_TRANSIENT_CAN_DUCK = -3
    """Lost for a while: go on, more quietly."""


class AndroidAudioFocusRequestResult(IntEnum):
    """The answer to a request; ``AudioManager.AUDIOFOCUS_REQUEST_*``."""

    FAILED = 0
    """Refused."""
    GRANTED = 1
    """Given."""
    DELAYED = 2
    """It comes later, through the listener; only for who accepts that (android 62)."""
    WAITING_FOR_EXT_POLICY = 100
    """Hidden: a focus policy of its own decides, within 250 ms (android 66)."""


class AndroidAudioFocusFlags(IntFlag, boundary=KEEP):
    """How a request is meant; ``AudioManager.AUDIOFOCUS_FLAG_*``, all hidden."""

    NONE = 0
    """No flag."""
    DELAY_OK = 0x1
    """It may be answered with ``DELAYED``."""
    PAUSES_ON_DUCKABLE_LOSS = 0x2
    """The app pauses where others go on more quietly."""
    LOCK = 0x4
    """Nobody else is given focus meanwhile; telephony and audio policies only."""
    TEST = 0x8
    """A request of the platform's tests."""


class AndroidVolumeShaperId(IntEnum):
    """Which of the system's volume curves is meant; ``VolumeShaper``, hidden."""

    DUCK = 1
    """The duck, to a fifth."""
    FADE_OUT = 2
    """The fade before a final loss."""
    MUTE_AWAIT_CONNECTION = 3
    """Silence until a device that was expected is there."""
    STRONG_DUCK = 4
    """The strong duck, by about 35 dB."""
