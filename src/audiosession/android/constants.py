"""Android's audio constants with Android's own numbers (AudioAttributes, AudioManager)."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag

__all__ = [
    "AndroidAudioContentType",
    "AndroidAudioFlags",
    "AndroidAudioFocusGainType",
    "AndroidAudioUsage",
]


class AndroidAudioContentType(IntEnum):
    """What the sound is, by its nature; ``AudioAttributes.CONTENT_TYPE_*``.

    https://developer.android.com/reference/android/media/AudioAttributes
    """

    UNKNOWN = 0
    """Not known, or none of the others."""
    SPEECH = 1
    """Somebody speaks."""
    MUSIC = 2
    """Music."""
    MOVIE = 3
    """The sound of a film or a television programme."""
    SONIFICATION = 4
    """A sound that stands for something: a key click, a beep, an effect in a game."""


class AndroidAudioUsage(IntEnum):
    """Why the sound is played; ``AudioAttributes.USAGE_*``.

    The numbers 17 and from 1000 are for parts of the system: a phone lets no other app
    play or ask for focus with them.

    https://developer.android.com/reference/android/media/AudioAttributes
    """

    UNKNOWN = 0
    """Not known."""
    MEDIA = 1
    """Music, films, podcasts."""
    VOICE_COMMUNICATION = 2
    """A call."""
    VOICE_COMMUNICATION_SIGNALLING = 3
    """Tones within a call: busy, dialling."""
    ALARM = 4
    """An alarm clock or a timer."""
    NOTIFICATION = 5
    """A notification of no particular kind."""
    NOTIFICATION_RINGTONE = 6
    """A call comes in."""
    NOTIFICATION_COMMUNICATION_REQUEST = 7
    """Somebody asks to talk; recent versions treat it as ``NOTIFICATION``."""
    NOTIFICATION_COMMUNICATION_INSTANT = 8
    """A chat message; recent versions treat it as ``NOTIFICATION``."""
    NOTIFICATION_COMMUNICATION_DELAYED = 9
    """Mail and the like; recent versions treat it as ``NOTIFICATION``."""
    NOTIFICATION_EVENT = 10
    """Something to be noticed: a meeting, a low battery."""
    ASSISTANCE_ACCESSIBILITY = 11
    """A screen reader speaks."""
    ASSISTANCE_NAVIGATION_GUIDANCE = 12
    """Driving directions."""
    ASSISTANCE_SONIFICATION = 13
    """Sounds of the user interface."""
    GAME = 14
    """A game's sound."""
    ASSISTANT = 16
    """A voice assistant speaks; since API level 26."""
    CALL_ASSISTANT = 17
    """System: an assistant speaks within a call."""
    EMERGENCY = 1000
    """System: an emergency."""
    SAFETY = 1001
    """System: a car's safety warning."""
    VEHICLE_STATUS = 1002
    """System: a message about the vehicle."""
    ANNOUNCEMENT = 1003
    """System: an announcement, traffic news for instance."""
    SPEAKER_CLEANUP = 1004
    """System: a sound that clears a loudspeaker of water or dust."""


class AndroidAudioFlags(IntFlag, boundary=KEEP):
    """How the playing is to be affected; ``AudioAttributes.FLAG_*``.

    Bits that are not public stay as they are; Android drops those it does not accept.

    https://developer.android.com/reference/android/media/AudioAttributes
    """

    NONE = 0
    """No flag."""
    AUDIBILITY_ENFORCED = 0x1
    """The sound must be heard, as the law asks of some countries' camera shutters."""
    HW_AV_SYNC = 0x10
    """Sound and picture are kept together by the hardware."""
    LOW_LATENCY = 0x100
    """As little delay as possible; deprecated in favour of a player's performance mode."""


class AndroidAudioFocusGainType(IntEnum):
    """How long and how hard an app asks for focus; ``AudioManager.AUDIOFOCUS_GAIN*``.

    https://developer.android.com/reference/android/media/AudioManager
    """

    GAIN = 1
    """For an unknown time: the others are to stop."""
    GAIN_TRANSIENT = 2
    """For a short time: the others are to pause."""
    GAIN_TRANSIENT_MAY_DUCK = 3
    """For a short time: the others may go on, more quietly."""
    GAIN_TRANSIENT_EXCLUSIVE = 4
    """For a short time and with nothing else to be heard, as for recording; since API
    level 19."""
