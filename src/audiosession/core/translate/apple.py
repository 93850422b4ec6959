"""Apple's categories, modes and options as claims, and as what they ask of the ports.

The category says whether an app plays and records and whether it mixes by itself, options
make it mix, lower or pause others, the mode says what the sound is for. Sources: Apple's
AVAudioSessionTypes.h and the documentation pages of the categories.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import InvalidValueError
from ..claims import Claim, Press, Role
from ..routing import AirPlayUse, RouteRequest

MIX_WITH_OTHERS = 0x1
DUCK_OTHERS = 0x2
INTERRUPT_SPOKEN_BIT = 0x10
"""The bit that ``interruptSpokenAudioAndMixWithOthers`` (0x11) adds to mixing."""
ALLOW_BLUETOOTH_HFP = 0x4
DEFAULT_TO_SPEAKER = 0x8
ALLOW_BLUETOOTH_A2DP = 0x20
ALLOW_AIR_PLAY = 0x40
BLUETOOTH_HIGH_QUALITY_RECORDING = 0x80000
LONG_FORM_POLICIES = frozenset({1, 3})
"""longFormAudio and longFormVideo."""
SYSTEM_ROUTE = "system route"
"""The scope of whatever sounds where the system does."""
LONG_FORM_ROUTE = "long-form route"
"""The scope of long-form sound on a route apart from the system's (apple 102)."""
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


_PLAY_AND_RECORD = "AVAudioSessionCategoryPlayAndRecord"
_MULTI_ROUTE = "AVAudioSessionCategoryMultiRoute"
_DEFAULT = "AVAudioSessionModeDefault"
_DUAL_ROUTE = "AVAudioSessionModeDualRoute"

_MODE_OPTIONS = {
    "AVAudioSessionModeVoiceChat": ALLOW_BLUETOOTH_HFP,
    "AVAudioSessionModeVideoChat": ALLOW_BLUETOOTH_HFP | DEFAULT_TO_SPEAKER,
}
"""Options that a mode of playAndRecord switches on (apple 17)."""

_NOT_JOINED_MODES = frozenset(
    {
        "AVAudioSessionModeMoviePlayback",
        "AVAudioSessionModeShortFormVideo",
        _DUAL_ROUTE,
    }
)
"""Modes that do not fit playAndRecord, and so count as the default mode there."""

_MIRRORING_MODES = frozenset(
    {_DEFAULT, "AVAudioSessionModeVideoChat", "AVAudioSessionModeGameChat"}
)
"""Modes in which playAndRecord may use AirPlay that mirrors without asking (apple 96)."""


def route_request(
    category: str,
    mode: str = _DEFAULT,
    options: int = 0,
    policy: int = 0,
) -> RouteRequest:
    """What a session with this category, mode, options and policy asks of the ports.

    Options that do not fit the category ask for nothing, as those that Apple fixes do.

    Args:
        category: Apple's string, for example ``AVAudioSessionCategoryPlayback``.
        mode: Apple's string. One that does not fit the category counts as the default mode.
        options: Apple's bits.
        policy: Apple's number of the route sharing policy; long-form goes with playback only.

    Raises:
        InvalidValueError: no such category.
    """
    facts = CATEGORIES.get(category)
    if facts is None:
        raise InvalidValueError("category", category, expected="one of Apple's categories")
    joined = category == _PLAY_AND_RECORD
    dual = category == _MULTI_ROUTE and mode == _DUAL_ROUTE
    plays_only = facts.plays and not facts.records
    if joined:
        options |= _MODE_OPTIONS.get(mode, 0)
    takes_hands_free = joined or dual or (facts.records and not facts.plays)
    airplay = AirPlayUse.NONE
    if plays_only or (joined and options & ALLOW_AIR_PLAY):
        airplay = AirPlayUse.ANY
    elif joined and _effective_mode(mode) in _MIRRORING_MODES:
        airplay = AirPlayUse.MIRRORED
    return RouteRequest(
        plays=facts.plays,
        records=facts.records,
        receiver=joined,
        speaker=joined and bool(options & DEFAULT_TO_SPEAKER),
        hands_free=takes_hands_free and bool(options & ALLOW_BLUETOOTH_HFP),
        high_quality=joined
        and _effective_mode(mode) == _DEFAULT
        and bool(options & BLUETOOTH_HIGH_QUALITY_RECORDING),
        a2dp=plays_only or (joined and bool(options & ALLOW_BLUETOOTH_A2DP)),
        airplay=airplay,
        several=category == _MULTI_ROUTE and not dual,
        dual=dual,
        long_form=category == "AVAudioSessionCategoryPlayback" and policy in LONG_FORM_POLICIES,
    )


def _effective_mode(mode: str) -> str:
    """The mode that holds with playAndRecord."""
    return _DEFAULT if mode in _NOT_JOINED_MODES else mode
