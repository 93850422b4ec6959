"""Which of Apple's categories, options, modes and route sharing policies go together.

The tables say what AVAudioSessionTypes.h and Apple's documentation say; where the two
differ, the header counts. What neither settles is allowed here. An illegal request fails
with the error -50 on a phone and leaves the session as it was; here it raises.

One rule runs through everything: a mode that does not fit the category counts as the
default mode. Apple says so for the C Audio Session Services; what AVAudioSession does is
not documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
)
from audiosession.errors import IllegalCombinationError

__all__ = [
    "LONG_FORM_CATEGORY",
    "LONG_FORM_MODES",
    "LONG_FORM_POLICIES",
    "MODE_CATEGORIES",
    "MODE_IMPLIES",
    "OPTION_IMPLIES",
    "OPTION_NEEDS",
    "OPTION_RULES",
    "OptionRule",
    "Problem",
    "check",
    "effective_mode",
    "effective_options",
    "find_problem",
    "route_options",
]

_Category = AVAudioSessionCategory
_Mode = AVAudioSessionMode
_Options = AVAudioSessionCategoryOptions
_Policy = AVAudioSessionRouteSharingPolicy


class OptionRule(Enum):
    """What a category makes of an option."""

    SETTABLE = "settable"
    """The app decides."""
    ALWAYS_ON = "always on"
    """It holds whether given or not."""
    ALWAYS_OFF = "always off"
    """It does not hold whether given or not."""
    DEFAULT_MODE = "default mode"
    """The app decides, in the default mode; in another one it is illegal."""
    DUAL_ROUTE_MODE = "dual route mode"
    """The app decides, in the mode dualRoute; in another one it is illegal."""
    ILLEGAL = "illegal"
    """Giving it is an error."""
    UNKNOWN = "unknown"
    """Neither header nor documentation says; allowed."""


def _row(*rules: OptionRule) -> Mapping[AVAudioSessionCategory, OptionRule]:
    columns = (
        _Category.AMBIENT,
        _Category.SOLO_AMBIENT,
        _Category.PLAYBACK,
        _Category.RECORD,
        _Category.PLAY_AND_RECORD,
        _Category.MULTI_ROUTE,
        _Category.AUDIO_PROCESSING,
    )
    return MappingProxyType(dict(zip(columns, rules, strict=True)))


_SET = OptionRule.SETTABLE
_ON = OptionRule.ALWAYS_ON
_OFF = OptionRule.ALWAYS_OFF
_DEF = OptionRule.DEFAULT_MODE
_DUAL = OptionRule.DUAL_ROUTE_MODE
_BAD = OptionRule.ILLEGAL
_ANY = OptionRule.UNKNOWN

# fmt: off
OPTION_RULES: Final[
    Mapping[AVAudioSessionCategoryOptions, Mapping[AVAudioSessionCategory, OptionRule]]
] = MappingProxyType({
    #                                         ambi. solo  playb rec.  p&rec multi proc.
    _Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS:
                                         _row(_BAD, _BAD, _SET, _BAD, _SET, _DEF, _BAD),
    # The header lets ambient sound lower others; the documentation does not list it.
    _Options.DUCK_OTHERS:                _row(_SET, _BAD, _SET, _BAD, _SET, _DEF, _BAD),
    _Options.MIX_WITH_OTHERS:            _row(_ON,  _BAD, _SET, _BAD, _SET, _DEF, _BAD),
    _Options.ALLOW_BLUETOOTH_HFP:        _row(_BAD, _BAD, _BAD, _SET, _SET, _DUAL, _BAD),
    _Options.DEFAULT_TO_SPEAKER:         _row(_BAD, _BAD, _BAD, _BAD, _SET, _BAD, _BAD),
    _Options.ALLOW_BLUETOOTH_A2DP:       _row(_ON,  _ON,  _ON,  _OFF, _SET, _OFF, _ANY),
    # Given with playback, it was seen to fail on some devices and to work on most.
    _Options.ALLOW_AIR_PLAY:             _row(_ON,  _ON,  _ON,  _OFF, _SET, _OFF, _ANY),
    _Options.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION:
                                         _row(_BAD, _BAD, _BAD, _ANY, _SET, _ANY, _BAD),
    _Options.FAR_FIELD_INPUT:            _row(_BAD, _BAD, _BAD, _SET, _SET, _DUAL, _BAD),
    _Options.BLUETOOTH_HIGH_QUALITY_RECORDING:
                                         _row(_ANY, _ANY, _ANY, _ANY, _DEF, _ANY, _ANY),
})
# fmt: on
"""What each category makes of each option. An option that contains another comes first."""

OPTION_IMPLIES: Final = MappingProxyType({_Options.DUCK_OTHERS: _Options.MIX_WITH_OTHERS})
"""Options that switch on others. What interrupts spoken audio holds the mixing bit already."""

OPTION_NEEDS: Final = MappingProxyType({_Options.FAR_FIELD_INPUT: _Options.ALLOW_BLUETOOTH_HFP})
"""Options that are illegal unless another one holds."""

MODE_CATEGORIES: Final[Mapping[AVAudioSessionMode, frozenset[AVAudioSessionCategory]]] = (
    MappingProxyType(
        {
            _Mode.VOICE_CHAT: frozenset({_Category.PLAY_AND_RECORD}),
            _Mode.VIDEO_CHAT: frozenset({_Category.PLAY_AND_RECORD}),
            _Mode.GAME_CHAT: frozenset({_Category.PLAY_AND_RECORD}),
            _Mode.VIDEO_RECORDING: frozenset({_Category.PLAY_AND_RECORD, _Category.RECORD}),
            _Mode.MEASUREMENT: frozenset(
                {_Category.PLAY_AND_RECORD, _Category.RECORD, _Category.PLAYBACK}
            ),
            _Mode.MOVIE_PLAYBACK: frozenset({_Category.PLAYBACK}),
            _Mode.SHORT_FORM_VIDEO: frozenset({_Category.PLAYBACK}),
            _Mode.DUAL_ROUTE: frozenset({_Category.MULTI_ROUTE}),
        }
    )
)
"""The categories a mode fits; a mode that is not here fits all of them.

The programming guide limits spokenAudio to playback. The header does not, and apps use it
with playAndRecord, so it is not limited here.
"""

MODE_IMPLIES: Final = MappingProxyType(
    {
        _Mode.VOICE_CHAT: _Options.ALLOW_BLUETOOTH_HFP,
        _Mode.VIDEO_CHAT: _Options.ALLOW_BLUETOOTH_HFP | _Options.DEFAULT_TO_SPEAKER,
    }
)
"""Options that a mode switches on. Documentation of videoChat names Bluetooth alone; this is
the header's word."""

LONG_FORM_POLICIES: Final = frozenset({_Policy.LONG_FORM_AUDIO, _Policy.LONG_FORM_VIDEO})
LONG_FORM_CATEGORY: Final = _Category.PLAYBACK
"""The one category that long-form policies go with; no option goes with them."""
LONG_FORM_MODES: Final = frozenset({_Mode.DEFAULT, _Mode.MOVIE_PLAYBACK, _Mode.SPOKEN_AUDIO})

_ROUTES: Final = (
    _Options.ALLOW_BLUETOOTH_HFP | _Options.ALLOW_BLUETOOTH_A2DP | _Options.ALLOW_AIR_PLAY
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a combination is illegal."""

    field: str
    """The argument of :func:`check` that has to change: ``options`` or ``policy``."""
    text: str
    """What is wrong with it, as a sentence without the argument's name."""


_MOST_KEPT = 1024
"""Answers that are kept: an app asks for the same few all the time, some at each call."""


def effective_mode(
    category: AVAudioSessionCategory, mode: AVAudioSessionMode
) -> AVAudioSessionMode:
    """Returns the mode that holds: the one given where it fits, else the default."""
    fitting = MODE_CATEGORIES.get(mode)
    return mode if fitting is None or category in fitting else _Mode.DEFAULT


@lru_cache(maxsize=_MOST_KEPT)
def effective_options(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions = _Options.NONE,
    mode: AVAudioSessionMode = _Mode.DEFAULT,
) -> AVAudioSessionCategoryOptions:
    """Returns the options given, with those that they, the mode and the category bring along.

    ``DUCK_OTHERS`` brings mixing, ``VOICE_CHAT`` hands-free Bluetooth, ``VIDEO_CHAT`` that and
    the loudspeaker, ``AMBIENT`` mixing. Routes a category has anyway are not among them: see
    :func:`route_options`.
    """
    result = options | MODE_IMPLIES.get(effective_mode(category, mode), _Options.NONE)
    for option, implied in OPTION_IMPLIES.items():
        if option in result:
            result |= implied
    if OPTION_RULES[_Options.MIX_WITH_OTHERS][category] is OptionRule.ALWAYS_ON:
        result |= _Options.MIX_WITH_OTHERS
    return result


def route_options(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions = _Options.NONE,
    mode: AVAudioSessionMode = _Mode.DEFAULT,
) -> AVAudioSessionCategoryOptions:
    """Returns which of hands-free Bluetooth, A2DP and AirPlay the session may be routed to.

    Categories that only play may always use A2DP and AirPlay; those that only record, and
    multiRoute, never.
    """
    result = effective_options(category, options, mode) & _ROUTES
    for option in _ROUTES:
        rule = OPTION_RULES[option][category]
        if rule is OptionRule.ALWAYS_ON:
            result |= option
        elif rule is OptionRule.ALWAYS_OFF:
            result &= ~option
    return result


@lru_cache(maxsize=_MOST_KEPT)
def find_problem(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions = _Options.NONE,
    mode: AVAudioSessionMode = _Mode.DEFAULT,
    policy: AVAudioSessionRouteSharingPolicy = _Policy.DEFAULT,
) -> Problem | None:
    """Returns the first thing that makes a combination illegal, or ``None``."""
    mode = effective_mode(category, mode)
    for option, rules in OPTION_RULES.items():
        if option in options:
            text = _option_problem(option, rules, category, mode)
            if text is not None:
                return Problem(field="options", text=text)
    effective = effective_options(category, options, mode)
    for option, needed in OPTION_NEEDS.items():
        if option in options and needed not in effective:
            return Problem(field="options", text=f"{option.name} needs {needed.name} with it")
    if mode is _Mode.DUAL_ROUTE and _Options.ALLOW_BLUETOOTH_HFP not in effective:
        return Problem(
            field="options", text="the mode DUAL_ROUTE needs ALLOW_BLUETOOTH_HFP with it"
        )
    if policy in LONG_FORM_POLICIES:
        return _long_form_problem(category, options, mode, policy)
    return None


def check(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions = _Options.NONE,
    mode: AVAudioSessionMode = _Mode.DEFAULT,
    policy: AVAudioSessionRouteSharingPolicy = _Policy.DEFAULT,
) -> None:
    """Does nothing when the combination is legal.

    Raises:
        IllegalCombinationError: It is not; ``field`` is the argument that has to change.
    """
    problem = find_problem(category, options, mode, policy)
    if problem is not None:
        raise IllegalCombinationError(problem.field, problem.text)


def _option_problem(
    option: AVAudioSessionCategoryOptions,
    rules: Mapping[AVAudioSessionCategory, OptionRule],
    category: AVAudioSessionCategory,
    mode: AVAudioSessionMode,
) -> str | None:
    rule = rules[category]
    if rule is OptionRule.ILLEGAL:
        fitting = ", ".join(
            each.name
            for each, other in rules.items()
            if other not in (OptionRule.ILLEGAL, OptionRule.UNKNOWN)
        )
        return f"{option.name} does not go with the category {category.name}, but with {fitting}"
    if rule is OptionRule.DEFAULT_MODE and mode is not _Mode.DEFAULT:
        return (
            f"{option.name} goes with the category {category.name} in the mode DEFAULT only, "
            f"not in {mode.name}"
        )
    if rule is OptionRule.DUAL_ROUTE_MODE and mode is not _Mode.DUAL_ROUTE:
        return (
            f"{option.name} goes with the category {category.name} in the mode DUAL_ROUTE only, "
            f"not in {mode.name}"
        )
    return None


def _long_form_problem(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions,
    mode: AVAudioSessionMode,
    policy: AVAudioSessionRouteSharingPolicy,
) -> Problem | None:
    if category is not LONG_FORM_CATEGORY:
        text = f"{policy.name} goes with the category PLAYBACK only, not with {category.name}"
    elif mode not in LONG_FORM_MODES:
        known = ", ".join(each.name for each in _Mode if each in LONG_FORM_MODES)
        text = f"{policy.name} goes with the modes {known} only, not with {mode.name}"
    elif options:
        text = f"{policy.name} goes with no category option, and there is {options.name}"
    else:
        return None
    return Problem(field="policy", text=text)
