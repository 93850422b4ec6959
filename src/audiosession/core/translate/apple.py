"""Apple's category, mode and options as a claim.

The category says whether an app plays and records and whether it mixes by itself, options
make it mix, lower or pause others, the mode says what the sound is for. Sources: Apple's
AVAudioSessionTypes.h and the documentation pages of the categories.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import InvalidValueError
from ..claims import Claim, Press, Role

MIX_WITH_OTHERS = 0x1
DUCK_OTHERS = 0x2
INTERRUPT_SPOKEN_BIT = 0x10
"""The bit that ``interruptSpokenAudioAndMixWithOthers`` (0x11) adds to mixing."""
MIXING_BITS = MIX_WITH_OTHERS | DUCK_OTHERS | INTERRUPT_SPOKEN_BIT


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What a category fixes."""

    plays: bool
    """Whether it makes sound."""
    records: bool
    """Whether it uses a microphone."""
    mixes: bool
    """Whether it mixes with others without an option."""
    silenced_by_switch: bool
    """Whether the ring switch and the locked screen silence it."""
    role: Role
    """What it is for, where the mode does not say."""


CATEGORIES: dict[str, CategoryFacts] = {
    "AVAudioSessionCategoryAmbient": CategoryFacts(True, False, True, True, Role.AMBIENT),
    "AVAudioSessionCategorySoloAmbient": CategoryFacts(True, False, False, True, Role.UNKNOWN),
    "AVAudioSessionCategoryPlayback": CategoryFacts(True, False, False, False, Role.MUSIC),
    "AVAudioSessionCategoryRecord": CategoryFacts(False, True, False, False, Role.RECORDING),
    "AVAudioSessionCategoryPlayAndRecord": CategoryFacts(True, True, False, False, Role.RECORDING),
    "AVAudioSessionCategoryMultiRoute": CategoryFacts(True, True, False, False, Role.UNKNOWN),
    "AVAudioSessionCategoryAudioProcessing": CategoryFacts(
        False, False, False, False, Role.UNKNOWN
    ),
}

MODE_ROLES: dict[str, Role] = {
    "AVAudioSessionModeVoiceChat": Role.CALL,
    "AVAudioSessionModeVideoChat": Role.CALL,
    "AVAudioSessionModeGameChat": Role.CALL,
    "AVAudioSessionModeVideoRecording": Role.RECORDING,
    "AVAudioSessionModeMoviePlayback": Role.MOVIE,
    "AVAudioSessionModeShortFormVideo": Role.MOVIE,
    "AVAudioSessionModeSpokenAudio": Role.SPEECH,
    "AVAudioSessionModeVoicePrompt": Role.PROMPT,
}
"""Modes that say what the sound is for; the others leave the category's role."""

_CHAT_MODES = frozenset(name for name, role in MODE_ROLES.items() if role is Role.CALL)


def claim_from_category(
    category: str, mode: str = "AVAudioSessionModeDefault", options: int = 0
) -> Claim:
    """The claim of an app's session with this category, mode and options.

    Args:
        category: Apple's string, for example ``AVAudioSessionCategoryPlayback``.
        mode: Apple's string. A chat mode counts only where input and output are in use.
        options: Apple's bits; ``duckOthers`` and the spoken-audio bit make the session
            mixable as Apple's header says.

    Raises:
        InvalidValueError: no such category.
    """
    facts = CATEGORIES.get(category)
    if facts is None:
        raise InvalidValueError("category", category, expected="one of Apple's categories")
    mixes = facts.mixes or bool(options & MIXING_BITS)
    press = Press.STOP
    if mixes:
        press = Press.DUCK if options & DUCK_OTHERS else Press.NONE
    role = facts.role
    if mode not in _CHAT_MODES or (facts.plays and facts.records):
        role = MODE_ROLES.get(mode, role)
    return Claim(
        role=role,
        press=press,
        pauses_spoken=bool(options & INTERRUPT_SPOKEN_BIT),
        spoken=mode == "AVAudioSessionModeSpokenAudio",
        mixable=mixes,
        plays=facts.plays,
        records=facts.records,
        silenced_by_switch=facts.silenced_by_switch,
    )
