"""The policy ``android``: ducking done by the system, and the fade before a final loss.

The numbers are those of the rules as read in Android's PlaybackActivityMonitor, FocusRequester,
FadeOutManager and FadeManagerConfiguration: 32 to 44 ducking, 45 to 51 the fade-out.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from audiosession.core import SILENCE_DB, Interrupted, Role, Standing, Stopped, to_linear
from tests.core.scenario_kit import (
    ACCESSIBILITY,
    ASSISTANT,
    CAN_DUCK,
    GAIN,
    LOSS,
    LOSS_TRANSIENT,
    MEDIA,
    MUSIC,
    NAVIGATION,
    SPEECH,
    D,
    G,
    Stage,
    T,
    focus,
    missing_rules,
)

RULES = range(32, 52)

LEFT_TO_THE_SURFACE = {
    38: "an audio policy registered by an app is not modelled",
    44: "suggested ramp times are answered by the surface; only the notification's is used (40)",
    51: "fade times that vendors chose differently are not known",
}

DUCK_DB = -14.0
STRONG_DB = -35.0


def playing(**player: Any) -> Stage:
    """A stage with music that holds focus and plays."""
    stage = Stage()
    stage.enter("music", focus())
    stage.play("music", **player)
    return stage


def prompt(**more: Any) -> Any:
    return focus(D, NAVIGATION, SPEECH, **more)


def reader(**more: Any) -> Any:
    return focus(D, ACCESSIBILITY, SPEECH, **more)


def test_every_rule_has_its_test_or_its_reason() -> None:
    assert missing_rules(globals(), RULES, LEFT_TO_THE_SURFACE) == ([], [])


# -- ducking done by the system ------------------------------------------------------------------


def test_android_032_the_system_lowers_a_player_and_tells_nobody() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    assert stage.told() == {}
    assert stage.target("music") == DUCK_DB
    assert stage.standing("music") is Standing.DUCKED
    (begun,) = [effect for effect in stage.effects if isinstance(effect, Interrupted)]
    assert (begun.told, begun.enforced, begun.cause) == (False, True, "navigation")


@pytest.mark.parametrize(
    ("claim", "player", "app"),
    [
        pytest.param(focus(), {}, "music", id="a-same-uid"),
        pytest.param(focus(will_pause_when_ducked=True), {}, "navigation", id="b-pauses"),
        pytest.param(focus(target_sdk=25), {}, "navigation", id="c-old-sdk"),
        pytest.param(focus(), {"spoken": True}, "navigation", id="d-speech-player"),
        pytest.param(focus(), {"backend": "aaudio"}, "navigation", id="e-aaudio"),
        pytest.param(focus(), {"backend": "soundpool"}, "navigation", id="e-soundpool"),
    ],
)
def test_android_032_039_where_a_condition_fails_the_app_is_told_and_left_alone(
    claim: Any, player: dict[str, Any], app: str
) -> None:
    stage = Stage()
    stage.enter("music", claim)
    stage.play("music", **player)
    stage.enter(app, prompt(), "prompt")
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.target("music") == 0.0
    assert stage.ramps("music") == []
    stage.deactivate("prompt")
    assert stage.told() == {"music": [GAIN]}
    assert stage.ramps("music") == []


def test_android_032_the_first_sdk_lowered_by_the_system_is_26() -> None:
    stage = Stage()
    stage.enter("music", focus(target_sdk=26))
    stage.play("music")
    stage.enter("navigation", prompt())
    assert stage.told() == {}
    assert stage.target("music") == DUCK_DB


def test_android_032_only_started_players_count() -> None:
    stage = playing()
    stage.play("music", stream="narrator", spoken=True, playing=False)
    stage.play("music", stream="clicks", backend="soundpool", playing=False)
    stage.enter("navigation", prompt())
    assert stage.told() == {}
    assert stage.target("music") == DUCK_DB


def test_android_032_the_players_of_the_whole_app_count() -> None:
    stage = playing()
    stage.open("music", "narrator")
    stage.play("narrator", spoken=True)
    stage.enter("navigation", prompt())
    assert stage.told() == {"music": [CAN_DUCK]}


def test_android_033_the_player_s_own_attributes_decide_not_the_request_s() -> None:
    stage = Stage()
    stage.enter("audiobook", focus(G, MEDIA, SPEECH))
    stage.play("audiobook", spoken=False)
    stage.enter("navigation", prompt())
    assert stage.told() == {}
    assert stage.target("audiobook") == DUCK_DB


def test_android_034_no_player_at_all_is_silent_and_marks_nothing() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("navigation", prompt())
    assert stage.told() == {}
    assert stage.target("music") == 0.0
    # A player that comes later is not lowered either.
    stage.play("music")
    assert stage.target("music") == 0.0
    stage.deactivate("navigation")
    assert stage.told() == {}


def test_android_035_a_player_that_is_not_started_yet_starts_lowered() -> None:
    stage = playing(playing=False)
    stage.enter("navigation", prompt())
    assert stage.target("music") == DUCK_DB
    stage.tick(5.0)
    stage.play("music")
    assert stage.gain("music") == DUCK_DB
    stage.deactivate("navigation")
    assert stage.target("music") == 0.0


@pytest.mark.parametrize(
    ("claim", "player"),
    [
        pytest.param(focus(will_pause_when_ducked=True), {}, id="b-pauses"),
        pytest.param(focus(target_sdk=25), {}, id="c-old-sdk"),
        pytest.param(focus(), {"spoken": True}, id="d-speech-player"),
    ],
)
def test_android_036_a_forced_duck_overrides_what_refuses_it(
    claim: Any, player: dict[str, Any]
) -> None:
    stage = Stage()
    stage.enter("music", claim)
    stage.play("music", **player)
    stage.enter("reader", reader(force_duck=True))
    assert stage.told() == {}
    assert stage.target("music") == DUCK_DB


def test_android_036_a_forced_duck_does_not_reach_what_cannot_be_lowered() -> None:
    stage = playing(backend="aaudio")
    stage.enter("reader", reader(force_duck=True))
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.ramps("music") == []


@pytest.mark.parametrize("usage", [MEDIA, NAVIGATION, ASSISTANT])
def test_android_036_only_the_accessibility_usage_forces(usage: int) -> None:
    stage = Stage()
    stage.enter("music", focus(will_pause_when_ducked=True))
    stage.play("music")
    stage.enter("other", focus(D, usage, SPEECH, force_duck=True))
    assert stage.told() == {"music": [CAN_DUCK]}


def test_android_037_without_the_right_to_force_it_is_an_ordinary_request() -> None:
    stage = playing()
    stage.enter("music", reader(force_duck=False), "prompt")
    assert stage.told() == {"music": [CAN_DUCK]}
    stage.deactivate("prompt")
    assert stage.told() == {"music": [GAIN]}


def test_android_040_down_to_a_fifth_and_back_in_half_a_second_each() -> None:
    stage = playing()
    stage.tick(10.0)
    stage.enter("navigation", prompt())
    assert math.isclose(to_linear(stage.target("music")), 0.2, rel_tol=0.01)
    stage.tick(10.5)
    assert stage.gain("music") == DUCK_DB
    stage.tick(20.0)
    stage.deactivate("navigation")
    stage.tick(20.5)
    assert stage.gain("music") == 0.0
    assert stage.ramps("music") == [(DUCK_DB, 0.5), (0.0, 0.5)]


def test_android_041_an_assistant_is_given_the_strong_duck() -> None:
    stage = playing()
    stage.enter("assistant", focus(D, ASSISTANT, SPEECH))
    assert stage.ramps("music") == [(STRONG_DB, 0.5)]
    assert math.isclose(to_linear(STRONG_DB), 0.017783, rel_tol=0.001)


def test_android_041_navigation_is_not() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    assert stage.ramps("music") == [(DUCK_DB, 0.5)]


@pytest.mark.parametrize(
    ("first", "second", "level"),
    [(NAVIGATION, ASSISTANT, DUCK_DB), (ASSISTANT, NAVIGATION, STRONG_DB)],
)
def test_android_042_the_first_ducker_decides_the_strength(
    first: int, second: int, level: float
) -> None:
    stage = playing()
    stage.enter("first", focus(D, first, MUSIC))
    stage.enter("second", focus(D, second, MUSIC))
    assert stage.target("music") == level
    stage.deactivate("first")
    assert stage.target("music") == level
    stage.deactivate("second")
    assert stage.ramps("music") == [(level, 0.5), (0.0, 0.5)]


def test_android_043_asking_again_and_getting_it_ends_the_duck() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    assert stage.grants("music", focus())
    assert stage.target("music") == 0.0
    assert stage.told() == {"navigation": [LOSS]}


def test_android_043_a_request_by_the_same_app_ends_the_duck_on_all_of_it() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    assert stage.target("music") == DUCK_DB
    stage.enter("music", focus(D), "jingle")
    assert stage.target("music") == 0.0
    # It has not regained the focus by that, only its level.
    assert stage.standing("music") is Standing.DUCKED
    assert stage.told() == {}


def test_android_043_the_duck_stays_while_others_come_and_go() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    stage.enter("reader", reader())
    stage.deactivate("navigation")
    assert stage.target("music") == DUCK_DB
    stage.die("reader")
    assert stage.target("music") == 0.0


def test_android_043_a_duck_that_hardens_stays_until_focus_comes_back() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    stage.enter("assistant", focus(T, ASSISTANT))
    assert stage.told()["music"] == [LOSS_TRANSIENT]
    assert stage.target("music") == DUCK_DB
    stage.deactivate("assistant")
    stage.deactivate("navigation")
    assert stage.target("music") == 0.0


# -- the fade before a final loss ----------------------------------------------------------------


def test_android_045_046_players_are_faded_to_silence_over_two_seconds() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    assert stage.told() == {}
    assert stage.ramps("music") == [(SILENCE_DB, 2.0)]


@pytest.mark.parametrize(
    ("holder", "player", "newcomer", "app"),
    [
        pytest.param(focus(), {"playing": False}, focus(), "radio", id="no-started-player"),
        pytest.param(focus(), {}, focus(G, MEDIA, SPEECH), "radio", id="speech-requester"),
        pytest.param(focus(will_pause_when_ducked=True), {}, focus(), "radio", id="pauses"),
        pytest.param(focus(), {"role": Role.ALARM}, focus(), "radio", id="alarm-player"),
        pytest.param(focus(), {"role": Role.PROMPT}, focus(), "radio", id="navigation-player"),
        pytest.param(focus(), {"spoken": True}, focus(), "radio", id="speech-player"),
        pytest.param(focus(), {"backend": "aaudio"}, focus(), "radio", id="aaudio"),
        pytest.param(focus(), {"backend": "soundpool"}, focus(), "radio", id="soundpool"),
        pytest.param(focus(), {}, focus(), "music", id="same-uid"),
    ],
)
def test_android_045_050_where_a_condition_fails_the_loss_comes_at_once(
    holder: Any, player: dict[str, Any], newcomer: Any, app: str
) -> None:
    stage = Stage()
    stage.enter("music", holder)
    stage.play("music", **player)
    stage.enter(app, newcomer, "newcomer")
    assert stage.told() == {"music": [LOSS]}
    assert stage.ramps("music") == []
    assert stage.arbiter.next_deadline() is None


def test_android_050_without_any_player_the_loss_comes_at_once() -> None:
    stage = Stage()
    stage.enter("music", focus())
    stage.enter("radio", focus())
    assert stage.told() == {"music": [LOSS]}


@pytest.mark.parametrize("role", [Role.MUSIC, Role.MOVIE, Role.GAME])
def test_android_045_media_and_games_are_faded(role: Role) -> None:
    stage = playing(role=role)
    stage.enter("radio", focus(G))
    assert stage.ramps("music") == [(SILENCE_DB, 2.0)]


def test_android_045_one_unfit_player_of_the_app_cancels_it() -> None:
    stage = playing()
    stage.open("music", "alarm clock")
    stage.play("alarm clock", Role.ALARM)
    stage.enter("radio", focus(G))
    assert stage.told() == {"music": [LOSS]}
    assert stage.ramps("music") == []


def test_android_047_the_loss_is_told_after_the_fade() -> None:
    stage = playing()
    stage.tick(10.0)
    stage.enter("radio", focus(G))
    # Granted at once, and the entry is out of the stack at once.
    assert stage.stack() == ["radio"]
    assert stage.standing("music") is Standing.INACTIVE
    assert stage.arbiter.next_deadline() == 12.0
    stage.tick(11.999)
    assert stage.told() == {}
    stage.tick(12.0)
    assert stage.told() == {"music": [LOSS]}
    assert stage.gain("music") == SILENCE_DB


def test_android_047_what_a_holder_lost_while_fading_is_not_said() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.enter("assistant", focus(T))
    assert stage.told() == {"radio": [LOSS_TRANSIENT]}
    stage.deactivate("assistant")
    stage.deactivate("radio")
    assert stage.told() == {"radio": [GAIN]}
    stage.tick(2.0)
    assert stage.told() == {"music": [LOSS]}


def test_android_048_two_seconds_after_the_loss_it_is_audible_again() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.tick(2.0)
    assert stage.arbiter.next_deadline() == 4.0
    stage.tick(3.999)
    assert stage.gain("music") == SILENCE_DB
    stage.tick(4.0)
    assert stage.target("music") == 0.0
    assert stage.told() == {"music": [LOSS]}
    stage.tick(4.5)
    assert stage.gain("music") == 0.0
    assert stage.arbiter.next_deadline() is None


def test_android_048_a_duck_from_before_ends_with_the_fade() -> None:
    stage = playing()
    stage.enter("navigation", prompt())
    stage.tick(1.0)
    stage.enter("radio", focus(G))
    assert stage.target("music") == SILENCE_DB
    stage.tick(10.0)
    assert stage.gain("music") == 0.0


def test_android_048_the_outcome_does_not_depend_on_prompt_ticks() -> None:
    prompt_one, late = playing(), playing()
    for stage, ticks in ((prompt_one, [2.0, 4.0, 9.0]), (late, [9.0])):
        stage.enter("radio", focus(G))
        for moment in ticks:
            stage.tick(moment)
    assert prompt_one.effects == late.effects
    assert prompt_one.arbiter.snapshot() == late.arbiter.snapshot()


def test_android_049_asking_again_before_the_loss_cancels_it() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.tick(1.0)
    assert stage.grants("music", focus())
    assert stage.target("music") == 0.0
    stage.tick(10.0)
    assert stage.heard("music") == []
    assert stage.stack() == ["music"]


def test_android_049_a_refused_request_cancels_nothing() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.enter("telecom", focus(T, 2, locked=True))
    stage.told()
    stage.tick(1.0)
    assert stage.denies("music", focus())
    stage.tick(2.0)
    assert stage.told() == {"music": [LOSS]}


def test_android_049_another_client_of_the_app_brings_its_players_back_but_not_the_entry() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.tick(1.0)
    stage.enter("music", focus(T), "jingle")
    assert stage.target("music") == 0.0
    stage.tick(10.0)
    assert stage.heard("music") == [LOSS]
    assert stage.target("music") == 0.0


def test_android_047_048_abandoning_during_the_fade_is_no_request_and_ends_no_fade() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.tick(1.0)
    assert stage.deactivate("music") == ()
    stage.tick(3.999)
    assert stage.gain("music") == SILENCE_DB
    stage.tick(4.0)
    assert stage.target("music") == 0.0
    # Whoever gave up is not told that it lost.
    assert stage.heard("music") == []
    assert not [effect for effect in stage.effects if isinstance(effect, Stopped)]


def test_android_048_abandoning_after_the_loss_ends_no_fade() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.tick(2.0)
    assert stage.deactivate("music") == ()
    stage.tick(3.999)
    assert stage.gain("music") == SILENCE_DB
    stage.tick(4.0)
    assert stage.target("music") == 0.0


def test_android_047_death_during_the_fade_leaves_nothing_behind() -> None:
    stage = playing()
    stage.enter("radio", focus(G))
    stage.die("music")
    assert stage.arbiter.next_deadline() is None
    stage.enter("music", focus(T))
    assert stage.gain("music") == 0.0
    stage.tick(10.0)
    assert stage.heard("music") == []
