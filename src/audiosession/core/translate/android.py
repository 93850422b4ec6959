"""Android's focus request as a claim.

The usage says what the sound is for, the content type whether it speaks, the gain how long
and how hard it asks. Sources: AudioAttributes.java, AudioManager.java, AudioFocusRequest.java.
"""

from __future__ import annotations

from ...errors import InvalidValueError
from ..claims import Claim, Press, Role

GAINS: dict[int, Press] = {
    1: Press.STOP,  # AUDIOFOCUS_GAIN
    2: Press.PAUSE,  # AUDIOFOCUS_GAIN_TRANSIENT
    3: Press.DUCK,  # AUDIOFOCUS_GAIN_TRANSIENT_MAY_DUCK
    4: Press.SILENCE,  # AUDIOFOCUS_GAIN_TRANSIENT_EXCLUSIVE
}

USAGES: dict[int, Role] = {
    0: Role.UNKNOWN,
    1: Role.UNKNOWN,  # MEDIA: the content type says which
    2: Role.CALL,  # VOICE_COMMUNICATION
    3: Role.SYSTEM_SOUND,  # VOICE_COMMUNICATION_SIGNALLING: tones beside a call
    4: Role.ALARM,
    5: Role.NOTIFICATION,
    6: Role.RINGTONE,  # NOTIFICATION_RINGTONE
    7: Role.NOTIFICATION,  # becomes NOTIFICATION in recent versions
    8: Role.NOTIFICATION,
    9: Role.NOTIFICATION,
    10: Role.NOTIFICATION,  # NOTIFICATION_EVENT
    11: Role.SCREEN_READER,  # ASSISTANCE_ACCESSIBILITY
    12: Role.PROMPT,  # ASSISTANCE_NAVIGATION_GUIDANCE
    13: Role.SYSTEM_SOUND,  # ASSISTANCE_SONIFICATION
    14: Role.GAME,
    16: Role.ASSISTANT,
    17: Role.CALL,  # CALL_ASSISTANT
    1000: Role.EMERGENCY,
    1001: Role.SAFETY,
    1002: Role.VEHICLE_STATUS,
    1003: Role.ANNOUNCEMENT,
    1004: Role.SYSTEM_SOUND,  # SPEAKER_CLEANUP
}

CONTENT_ROLES: dict[int, Role] = {
    1: Role.SPEECH,
    2: Role.MUSIC,
    3: Role.MOVIE,
    4: Role.SYSTEM_SOUND,
}
"""Roles of the content types, where the usage leaves the role open."""

SPEECH_CONTENT = 1
LAST_SDK_WITHOUT_SYSTEM_DUCKING = 25


def role_of(usage: int, content_type: int) -> Role:
    """The role of Android's attributes.

    Raises:
        InvalidValueError: no such usage.
    """
    role = USAGES.get(usage)
    if role is None:
        raise InvalidValueError("usage", usage, expected="one of Android's usages")
    if role is Role.UNKNOWN:
        return CONTENT_ROLES.get(content_type, Role.UNKNOWN)
    return role


def claim_from_focus_request(
    usage: int = 0,
    content_type: int = 0,
    gain: int = 1,
    *,
    will_pause_when_ducked: bool = False,
    accepts_delay: bool = False,
    locked: bool = False,
    force_duck: bool = False,
    duck_events: bool = False,
    target_sdk: int = 36,
    zone: str = "",
) -> Claim:
    """The claim of a focus request with these platform numbers.

    Args:
        usage: ``AudioAttributes.USAGE_*``.
        content_type: ``AudioAttributes.CONTENT_TYPE_*``.
        gain: ``AudioManager.AUDIOFOCUS_GAIN*``, 1 to 4.
        will_pause_when_ducked: The app pauses instead of being lowered.
        accepts_delay: The request may wait.
        locked: Nobody else is granted meanwhile; telephony only.
        force_duck: Lowers even what refuses it; accessibility services only.
        duck_events: The app is sent ducking events (car).
        target_sdk: Up to 25 the system does not lower the app by itself.
        zone: The car's audio zone.

    Raises:
        InvalidValueError: unknown usage or gain.
    """
    press = GAINS.get(gain)
    if press is None:
        raise InvalidValueError("gain", gain, expected="a focus gain from 1 to 4")
    role = role_of(usage, content_type)
    return Claim(
        role=role,
        press=press,
        spoken=content_type == SPEECH_CONTENT,
        pause_when_ducked=will_pause_when_ducked,
        records=role is Role.CALL,
        accepts_delay=accepts_delay,
        locked=locked,
        force_duck=force_duck,
        system_duck=target_sdk > LAST_SDK_WITHOUT_SYSTEM_DUCKING,
        duck_events=duck_events,
        scope=zone,
        system=role in (Role.RINGTONE, Role.CALL) and locked,
    )
