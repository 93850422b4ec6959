"""What AudioAttributes are made of, hidden values as well."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Final

from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioUsage,
)

__all__ = [
    "CONTENT_TYPE_ULTRASOUND",
    "USAGE_VIRTUAL_SOURCE",
    "AndroidAudioAttributeFlags",
    "AndroidAudioCapturePolicy",
    "AndroidSpatializationBehavior",
    "AndroidSuppressibleClass",
    "AudioAttributesConstants",
]

CONTENT_TYPE_ULTRASOUND: Final = 1997
"""A hidden content type: sound that nobody hears."""
USAGE_VIRTUAL_SOURCE: Final = 15
"""A hidden usage, which stands for where sound comes from rather than for why."""


class AndroidAudioAttributeFlags(IntFlag, boundary=KEEP):
    """Every flag of ``AudioAttributes``; apps may use those of ``AndroidAudioFlags`` only."""

    NONE = 0
    """No flag."""
    AUDIBILITY_ENFORCED = 0x1
    """The sound must be heard."""
    SECURE = 0x2
    """Hidden: protected sound goes to outputs that keep it so."""
    SCO = 0x4
    """Hidden: over a Bluetooth headset's link for calls."""
    BEACON = 0x8
    """Hidden: signals between devices, sent through a loudspeaker."""
    HW_AV_SYNC = 0x10
    """Sound and picture are kept together by the hardware."""
    HW_HOTWORD = 0x20
    """Hidden: recording for the hardware's detector of hot words."""
    BYPASS_INTERRUPTION_POLICY = 0x40
    """Hidden: do-not-disturb does not silence it."""
    BYPASS_MUTE = 0x80
    """Hidden: a muted stream does not silence it."""
    LOW_LATENCY = 0x100
    """As little delay as possible; deprecated."""
    DEEP_BUFFER = 0x200
    """Hidden: much delay for little power."""
    NO_MEDIA_PROJECTION = 0x400
    """Hidden: other apps may not capture it."""
    MUTE_HAPTIC = 0x800
    """Hidden: channels for vibration are muted."""
    NO_SYSTEM_CAPTURE = 0x1000
    """Hidden: the system may not capture it either."""
    CAPTURE_PRIVATE = 0x2000
    """Hidden: a recording that nobody else gets."""
    CONTENT_SPATIALIZED = 0x4000
    """Hidden: it is made for headphones in space already."""
    NEVER_SPATIALIZE = 0x8000
    """Hidden: the system is not to place it in space."""
    CALL_REDIRECTION = 0x10000
    """Hidden: a call whose sound an app takes over."""


class AndroidAudioCapturePolicy(IntEnum):
    """Who may capture what is played; ``AudioAttributes.ALLOW_CAPTURE_BY_*``, API level 29."""

    ALL = 1
    """Every app that the user lets; at first."""
    SYSTEM = 2
    """The system alone, for accessibility or captions."""
    NONE = 3
    """Nobody."""


class AndroidSpatializationBehavior(IntEnum):
    """Whether sound may be placed in space; ``SPATIALIZATION_BEHAVIOR_*``, API level 32."""

    AUTO = 0
    """As the system thinks fit."""
    NEVER = 1
    """Not at all."""


class AndroidSuppressibleClass(IntEnum):
    """What do-not-disturb takes a usage for; ``AudioAttributes.SUPPRESSIBLE_*``, hidden."""

    NOTIFICATION = 1
    """A notification."""
    CALL = 2
    """A call that comes in."""
    NEVER = 3
    """Never silenced."""
    ALARM = 4
    """An alarm."""
    MEDIA = 5
    """Media and games."""
    SYSTEM = 6
    """Sounds of the user interface."""


class AudioAttributesConstants:
    """The public constants of ``AudioAttributes`` under Android's own names."""

    __slots__ = ()

    CONTENT_TYPE_UNKNOWN = AndroidAudioContentType.UNKNOWN
    CONTENT_TYPE_SPEECH = AndroidAudioContentType.SPEECH
    CONTENT_TYPE_MUSIC = AndroidAudioContentType.MUSIC
    CONTENT_TYPE_MOVIE = AndroidAudioContentType.MOVIE
    CONTENT_TYPE_SONIFICATION = AndroidAudioContentType.SONIFICATION
    USAGE_UNKNOWN = AndroidAudioUsage.UNKNOWN
    USAGE_MEDIA = AndroidAudioUsage.MEDIA
    USAGE_VOICE_COMMUNICATION = AndroidAudioUsage.VOICE_COMMUNICATION
    USAGE_VOICE_COMMUNICATION_SIGNALLING = AndroidAudioUsage.VOICE_COMMUNICATION_SIGNALLING
    USAGE_ALARM = AndroidAudioUsage.ALARM
    USAGE_NOTIFICATION = AndroidAudioUsage.NOTIFICATION
    USAGE_NOTIFICATION_RINGTONE = AndroidAudioUsage.NOTIFICATION_RINGTONE
    USAGE_NOTIFICATION_COMMUNICATION_REQUEST: Final = (
        AndroidAudioUsage.NOTIFICATION_COMMUNICATION_REQUEST
    )
    USAGE_NOTIFICATION_COMMUNICATION_INSTANT: Final = (
        AndroidAudioUsage.NOTIFICATION_COMMUNICATION_INSTANT
    )
    USAGE_NOTIFICATION_COMMUNICATION_DELAYED: Final = (
        AndroidAudioUsage.NOTIFICATION_COMMUNICATION_DELAYED
    )
    USAGE_NOTIFICATION_EVENT = AndroidAudioUsage.NOTIFICATION_EVENT
    USAGE_ASSISTANCE_ACCESSIBILITY = AndroidAudioUsage.ASSISTANCE_ACCESSIBILITY
    USAGE_ASSISTANCE_NAVIGATION_GUIDANCE = AndroidAudioUsage.ASSISTANCE_NAVIGATION_GUIDANCE
    USAGE_ASSISTANCE_SONIFICATION = AndroidAudioUsage.ASSISTANCE_SONIFICATION
    USAGE_GAME = AndroidAudioUsage.GAME
    USAGE_ASSISTANT = AndroidAudioUsage.ASSISTANT
    FLAG_AUDIBILITY_ENFORCED = AndroidAudioFlags.AUDIBILITY_ENFORCED
    FLAG_HW_AV_SYNC = AndroidAudioFlags.HW_AV_SYNC
    FLAG_LOW_LATENCY = AndroidAudioFlags.LOW_LATENCY
    ALLOW_CAPTURE_BY_ALL = AndroidAudioCapturePolicy.ALL
    ALLOW_CAPTURE_BY_SYSTEM = AndroidAudioCapturePolicy.SYSTEM
    ALLOW_CAPTURE_BY_NONE = AndroidAudioCapturePolicy.NONE
    SPATIALIZATION_BEHAVIOR_AUTO = AndroidSpatializationBehavior.AUTO
    SPATIALIZATION_BEHAVIOR_NEVER = AndroidSpatializationBehavior.NEVER
