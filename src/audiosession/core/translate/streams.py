"""A stream's role as a claim, for programs that know nothing of audio sessions.

The words are those of PulseAudio's ``media.role`` property and those that PipeWire, browsers
and players use beside them. Such a claim is a guess: it pauses nobody until the stream has
sounded for a while.
"""

from __future__ import annotations

from ..claims import Claim, Press, Role

STREAM_ROLES: dict[str, tuple[Role, Press, bool]] = {
    "music": (Role.MUSIC, Press.NONE, False),
    "video": (Role.MOVIE, Press.NONE, False),
    "movie": (Role.MOVIE, Press.NONE, False),
    "game": (Role.GAME, Press.NONE, False),
    "production": (Role.MUSIC, Press.NONE, False),
    "animation": (Role.AMBIENT, Press.NONE, False),
    "test": (Role.SYSTEM_SOUND, Press.NONE, False),
    "event": (Role.NOTIFICATION, Press.DUCK, False),
    "notification": (Role.NOTIFICATION, Press.DUCK, False),
    "phone": (Role.CALL, Press.PAUSE, True),
    "communication": (Role.CALL, Press.PAUSE, True),
    "a11y": (Role.SCREEN_READER, Press.DUCK, False),
    "accessibility": (Role.SCREEN_READER, Press.DUCK, False),
    "speech": (Role.SPEECH, Press.NONE, False),
    "podcast": (Role.SPEECH, Press.NONE, False),
    "navigation": (Role.PROMPT, Press.DUCK, False),
    "announce": (Role.ANNOUNCEMENT, Press.DUCK, False),
    "assistant": (Role.ASSISTANT, Press.DUCK, False),
    "alarm": (Role.ALARM, Press.PAUSE, False),
    "ringtone": (Role.RINGTONE, Press.PAUSE, False),
    "emergency": (Role.EMERGENCY, Press.PAUSE, False),
}
"""Stream role -> role, how hard it presses, whether it also records."""


def claim_from_stream_role(role: str | None) -> Claim:
    """The claim guessed for a stream; an unknown or missing role counts as media that mixes.

    Unmodified media does not stop other media: two open players were both wanted. It is
    still lowered and paused as long-form audio is.
    """
    words = STREAM_ROLES.get((role or "").strip().lower(), (Role.UNKNOWN, Press.NONE, False))
    what, press, records = words
    return Claim(
        role=what, press=press, spoken=what is Role.SPEECH, records=records, declared=False
    )
