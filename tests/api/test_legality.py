"""What Apple lets go together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.apple.constants import (
    AVAudioSessionCategory as Category,
)
from audiosession.apple.constants import (
    AVAudioSessionCategoryOptions as Options,
)
from audiosession.apple.constants import (
    AVAudioSessionMode as Mode,
)
from audiosession.apple.constants import (
    AVAudioSessionRouteSharingPolicy as Policy,
)
from audiosession.apple.legality import (
    MODE_CATEGORIES,
    OPTION_RULES,
    OptionRule,
    check,
    effective_mode,
    effective_options,
    find_problem,
    route_options,
)
from audiosession.errors import IllegalCombinationError

SINGLE = [each for name, each in Options.__members__.items() if each and name[0] != "_"]

categories = st.sampled_from(Category)
modes = st.sampled_from(Mode)
policies = st.sampled_from(Policy)


def _joined(chosen: set[Options]) -> Options:
    joined = Options.NONE
    for each in chosen:
        joined |= each
    return joined


option_sets = st.sets(st.sampled_from(SINGLE)).map(_joined)


def test_table_has_a_cell_for_every_option_and_category() -> None:
    assert set(OPTION_RULES) == set(SINGLE)
    for rules in OPTION_RULES.values():
        assert set(rules) == set(Category)


def test_an_option_that_contains_another_comes_first() -> None:
    order = list(OPTION_RULES)
    for position, option in enumerate(order):
        assert not any(option in later for later in order[position + 1 :])


# AVAudioSessionTypes.h: the categories each option may be given with, in the default mode.
LEGAL = {
    Options.MIX_WITH_OTHERS: {
        Category.AMBIENT,
        Category.PLAYBACK,
        Category.PLAY_AND_RECORD,
        Category.MULTI_ROUTE,
    },
    Options.DUCK_OTHERS: {
        Category.AMBIENT,
        Category.PLAYBACK,
        Category.PLAY_AND_RECORD,
        Category.MULTI_ROUTE,
    },
    Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS: {
        Category.PLAYBACK,
        Category.PLAY_AND_RECORD,
        Category.MULTI_ROUTE,
    },
    Options.ALLOW_BLUETOOTH_HFP: {Category.RECORD, Category.PLAY_AND_RECORD},
    Options.DEFAULT_TO_SPEAKER: {Category.PLAY_AND_RECORD},
    Options.ALLOW_BLUETOOTH_A2DP: set(Category),
    Options.ALLOW_AIR_PLAY: set(Category),
    Options.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION: {
        Category.RECORD,
        Category.PLAY_AND_RECORD,
        Category.MULTI_ROUTE,
    },
    Options.BLUETOOTH_HIGH_QUALITY_RECORDING: set(Category),
}


@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize("option", LEGAL)
def test_option_goes_with_these_categories_alone(option: Options, category: Category) -> None:
    assert (find_problem(category, option) is None) == (category in LEGAL[option])


def test_error_names_the_argument_and_what_would_fit() -> None:
    with pytest.raises(IllegalCombinationError) as caught:
        check(Category.PLAYBACK, Options.DEFAULT_TO_SPEAKER)
    assert caught.value.field == "options"
    assert str(caught.value) == (
        "options: DEFAULT_TO_SPEAKER does not go with the category PLAYBACK, "
        "but with PLAY_AND_RECORD"
    )


@pytest.mark.parametrize(
    "option",
    [
        Options.MIX_WITH_OTHERS,
        Options.DUCK_OTHERS,
        Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS,
    ],
)
def test_multi_route_mixes_in_the_default_mode_only(option: Options) -> None:
    check(Category.MULTI_ROUTE, option, Mode.DEFAULT)
    with pytest.raises(IllegalCombinationError, match="mode DEFAULT only, not in SPOKEN_AUDIO"):
        check(Category.MULTI_ROUTE, option, Mode.SPOKEN_AUDIO)


def test_dual_route_needs_hands_free_bluetooth_and_alone_allows_it() -> None:
    check(Category.MULTI_ROUTE, Options.ALLOW_BLUETOOTH_HFP, Mode.DUAL_ROUTE)
    with pytest.raises(IllegalCombinationError, match="needs ALLOW_BLUETOOTH_HFP"):
        check(Category.MULTI_ROUTE, Options.NONE, Mode.DUAL_ROUTE)
    with pytest.raises(IllegalCombinationError, match="mode DUAL_ROUTE only"):
        check(Category.MULTI_ROUTE, Options.ALLOW_BLUETOOTH_HFP, Mode.DEFAULT)


def test_far_field_input_needs_hands_free_bluetooth() -> None:
    with pytest.raises(IllegalCombinationError, match="FAR_FIELD_INPUT needs"):
        check(Category.RECORD, Options.FAR_FIELD_INPUT)
    check(Category.RECORD, Options.FAR_FIELD_INPUT | Options.ALLOW_BLUETOOTH_HFP)
    check(Category.PLAY_AND_RECORD, Options.FAR_FIELD_INPUT, Mode.VOICE_CHAT)


def test_high_quality_bluetooth_recording_needs_the_default_mode() -> None:
    check(Category.PLAY_AND_RECORD, Options.BLUETOOTH_HIGH_QUALITY_RECORDING)
    with pytest.raises(IllegalCombinationError, match="not in VOICE_CHAT"):
        check(Category.PLAY_AND_RECORD, Options.BLUETOOTH_HIGH_QUALITY_RECORDING, Mode.VOICE_CHAT)


@pytest.mark.parametrize("policy", [Policy.LONG_FORM_AUDIO, Policy.LONG_FORM_VIDEO])
def test_long_form_goes_with_plain_playback(policy: Policy) -> None:
    for mode in (Mode.DEFAULT, Mode.MOVIE_PLAYBACK, Mode.SPOKEN_AUDIO):
        check(Category.PLAYBACK, Options.NONE, mode, policy)
    for category, options, mode in (
        (Category.PLAY_AND_RECORD, Options.NONE, Mode.DEFAULT),
        (Category.PLAYBACK, Options.MIX_WITH_OTHERS, Mode.DEFAULT),
        (Category.PLAYBACK, Options.NONE, Mode.SHORT_FORM_VIDEO),
        (Category.PLAYBACK, Options.NONE, Mode.MEASUREMENT),
    ):
        with pytest.raises(IllegalCombinationError, match=policy.name) as caught:
            check(category, options, mode, policy)
        assert caught.value.field == "policy"


@given(categories, modes)
def test_no_mode_alone_is_illegal_but_dual_route(category: Category, mode: Mode) -> None:
    problem = find_problem(category, Options.NONE, mode)
    expected = category is Category.MULTI_ROUTE and mode is Mode.DUAL_ROUTE
    assert (problem is not None) == expected


@given(categories, modes)
def test_mode_that_does_not_fit_counts_as_default(category: Category, mode: Mode) -> None:
    fits = category in MODE_CATEGORIES.get(mode, set(Category))
    assert effective_mode(category, mode) is (mode if fits else Mode.DEFAULT)


@given(categories, option_sets, modes, policies)
def test_misfit_mode_is_judged_like_the_default(
    category: Category, options: Options, mode: Mode, policy: Policy
) -> None:
    assert find_problem(category, options, mode, policy) == find_problem(
        category, options, effective_mode(category, mode), policy
    )


def test_spoken_audio_fits_every_category() -> None:
    assert {effective_mode(each, Mode.SPOKEN_AUDIO) for each in Category} == {Mode.SPOKEN_AUDIO}


@pytest.mark.parametrize(
    ("category", "options", "mode", "effective"),
    [
        (Category.PLAYBACK, Options.NONE, Mode.DEFAULT, 0x0),
        (Category.PLAYBACK, Options.DUCK_OTHERS, Mode.DEFAULT, 0x3),
        (
            Category.PLAYBACK,
            Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS,
            Mode.DEFAULT,
            0x11,
        ),
        (Category.PLAY_AND_RECORD, Options.NONE, Mode.VOICE_CHAT, 0x4),
        (Category.PLAY_AND_RECORD, Options.NONE, Mode.VIDEO_CHAT, 0xC),
        (Category.PLAY_AND_RECORD, Options.NONE, Mode.GAME_CHAT, 0x0),
        (Category.PLAYBACK, Options.NONE, Mode.VOICE_CHAT, 0x0),
        (Category.AMBIENT, Options.NONE, Mode.DEFAULT, 0x1),
        (Category.AMBIENT, Options.DUCK_OTHERS, Mode.DEFAULT, 0x3),
        (Category.SOLO_AMBIENT, Options.NONE, Mode.DEFAULT, 0x0),
    ],
)
def test_effective_options(
    category: Category, options: Options, mode: Mode, effective: int
) -> None:
    assert effective_options(category, options, mode).value == effective


@given(categories, option_sets, modes)
def test_effective_options_keep_all_and_settle_at_once(
    category: Category, options: Options, mode: Mode
) -> None:
    effective = effective_options(category, options, mode)
    assert options in effective
    assert effective_options(category, effective, mode) == effective


@pytest.mark.parametrize(
    ("category", "options", "routes"),
    [
        (Category.PLAYBACK, Options.NONE, Options.ALLOW_BLUETOOTH_A2DP | Options.ALLOW_AIR_PLAY),
        (Category.RECORD, Options.ALLOW_BLUETOOTH_A2DP, Options.NONE),
        (Category.RECORD, Options.ALLOW_BLUETOOTH_HFP, Options.ALLOW_BLUETOOTH_HFP),
        (Category.PLAY_AND_RECORD, Options.NONE, Options.NONE),
        (
            Category.PLAY_AND_RECORD,
            Options.ALLOW_AIR_PLAY | Options.MIX_WITH_OTHERS,
            Options.ALLOW_AIR_PLAY,
        ),
        (Category.MULTI_ROUTE, Options.ALLOW_AIR_PLAY, Options.NONE),
    ],
)
def test_routes_a_session_may_use(category: Category, options: Options, routes: Options) -> None:
    assert route_options(category, options) == routes


def test_what_is_not_known_is_allowed() -> None:
    for option, rules in OPTION_RULES.items():
        for category, rule in rules.items():
            if rule is OptionRule.UNKNOWN:
                check(category, option)
