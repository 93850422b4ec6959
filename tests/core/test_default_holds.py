"""The default policy in time: short sounds, silence, users, deaths, and levels that come back."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from audiosession.core import (
    Claim,
    GainChanged,
    HoldKind,
    HoldPlaced,
    Interrupted,
    Press,
    Released,
    RevokeApp,
    Role,
    Standing,
    Stopped,
    UserIntent,
)
from tests.core.kit import (
    ASSISTANT,
    CALL,
    EVERYTHING,
    GAME_MIXING,
    MUSIC,
    PING,
    PODCAST,
    PODCAST_MIXING,
    PROMPT,
    RECORDING,
    RINGTONE,
    TRANSIENT,
    Stage,
    granted,
    guessed,
    interrupted,
    of,
    patient,
    released,
    stopped,
)

ACTIVE, DUCKED, INTERRUPTED = Standing.ACTIVE, Standing.DUCKED, Standing.INTERRUPTED
DUCK_DB, STRONG_DB = -14.0, -35.0


# -- a ping shorter than two seconds pauses nobody -----------------------------------------


@pytest.mark.parametrize("other", sorted(EVERYTHING))
@pytest.mark.parametrize("press", list(Press))
def test_a_ping_pauses_nobody(other: str, press: Press) -> None:
    stage = Stage()
    stage.start("other", EVERYTHING[other])
    stage.start("ping", replace(PING, press=press))
    stage.wait(1.9)
    assert stage.standing("other") in (ACTIVE, DUCKED)


@pytest.mark.parametrize("press", [Press.PAUSE, Press.STOP, Press.SILENCE])
@pytest.mark.parametrize("other", ["music", "podcast"])
def test_a_guessed_sound_lowers_first_and_pauses_when_it_lasts(other: str, press: Press) -> None:
    stage = Stage()
    stage.start("other", EVERYTHING[other])
    stage.open("sound")
    stage.sound("sound")
    stage.start("sound", guessed(Claim(role=Role.GAME, press=press)))
    assert stage.rules_on("other") == {"sound": "short-sound"}
    assert stage.level_db("other") == DUCK_DB
    stage.wait(1.999)
    assert stage.standing("other") is DUCKED
    assert stage.arbiter.next_deadline() == pytest.approx(2.0)
    effects = stage.wait(0.001)
    if press is Press.STOP:
        assert stopped(effects, "other")
    else:
        assert stage.standing("other") is INTERRUPTED
        assert stage.rules_on("other") != {"sound": "short-sound"}


def test_a_short_guessed_sound_pauses_nobody_even_when_it_is_never_taken_back() -> None:
    for end in ("silent", "gone"):
        stage = Stage()
        stage.start("music", MUSIC)
        stage.open("sound")
        stage.sound("sound")
        stage.start("sound", guessed(TRANSIENT))
        stage.wait(1.0)
        if end == "silent":
            stage.sound("sound", on=False)
        else:
            stage.stream_gone("sound")
        stage.wait(5.0)
        assert of(stage.log, Interrupted, "music")
        assert all(getattr(e, "kind", None) is HoldKind.DUCK for e in of(stage.log, Interrupted))
        assert stage.standing("music") is ACTIVE


def test_a_guessed_claim_without_a_sound_never_pauses() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.open("sound")
    stage.sound("sound", on=False)
    stage.start("sound", guessed(TRANSIENT))
    stage.wait(60.0)
    assert stage.standing("music") is ACTIVE
    stage.sound("sound")
    stage.wait(2.0)
    assert stage.standing("music") is INTERRUPTED


def test_a_guessed_sound_that_lasts_does_not_turn_on_who_came_after_it() -> None:
    stage = Stage()
    stage.start("before", MUSIC)
    stage.start("ringing", guessed(RINGTONE))
    stage.wait(1.0)
    stage.start("after", GAME_MIXING)
    stage.wait(5.0)
    assert stage.standings("before", "after") == (INTERRUPTED, DUCKED)


def test_a_guessed_sound_interrupted_meanwhile_takes_its_time_again() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("sound", guessed(TRANSIENT))
    stage.wait(1.0)
    stage.start("call", CALL)
    stage.wait(10.0)
    stage.stop("call")
    assert stage.standing("music") is DUCKED
    stage.wait(1.9)
    assert stage.standing("music") is DUCKED
    stage.wait(0.2)
    assert stage.standing("music") is INTERRUPTED


def test_a_short_sound_that_turns_soft_pauses_nobody_when_it_lasts() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("sound", guessed(TRANSIENT))
    stage.start("call", CALL)
    stage.change("sound", guessed(PROMPT))
    stage.stop("call")
    assert stage.rules_on("music") == {"sound": "music-goes-lower"}
    stage.wait(10.0)
    assert stage.standing("music") is DUCKED


def test_a_short_sound_that_turns_soft_lowers_for_another_reason_and_says_nothing() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("sound", guessed(TRANSIENT))
    effects = stage.change("sound", guessed(PROMPT))
    assert stage.rules_on("music") == {"sound": "music-goes-lower"}
    assert of(effects, Interrupted) == of(effects, Released) == of(effects, GainChanged) == []


# -- a holder that falls silent lets go after the grace time -------------------------------


@pytest.mark.parametrize("end", ["silent", "gone"])
def test_what_a_silent_holder_lowered_comes_back_after_the_grace_time(end: str) -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.sound("prompt")
    stage.wait(1.0)
    if end == "silent":
        stage.sound("prompt", on=False)
    else:
        stage.stream_gone("prompt")
    stage.wait(4.9)
    assert stage.standing("music") is DUCKED
    stage.wait(0.1)
    assert stage.standing("music") is ACTIVE
    assert stage.standing("prompt") is ACTIVE, "it keeps its claim"


def test_what_a_silent_holder_paused_is_told_to_resume() -> None:
    stage = Stage()
    stage.start("podcast", PODCAST)
    stage.start("prompt", PROMPT)
    stage.sound("prompt", on=False)
    end = released(stage.wait(5.0), "podcast")
    assert (end.rule, end.cause, end.should_resume) == ("silent", "prompt", True)


def test_a_sound_within_the_grace_time_keeps_the_hold() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.sound("prompt", on=False)
    stage.wait(4.0)
    stage.sound("prompt", "second stream")
    stage.wait(60.0)
    assert stage.standing("music") is DUCKED


def test_a_sound_after_the_grace_time_presses_again() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.sound("prompt", on=False)
    stage.wait(10.0)
    stage.start("late music", GAME_MIXING)
    stage.sound("prompt")
    assert stage.standings("music", "late music") == (DUCKED, DUCKED)


def test_who_sounds_again_under_a_later_one_does_not_lower_it_in_turn() -> None:
    stage = Stage()
    stage.start("old", PROMPT)
    stage.sound("old", on=False)
    stage.wait(5.0)
    stage.start("new", PROMPT)
    stage.sound("old")
    assert stage.standings("old", "new") == (DUCKED, ACTIVE)


def test_who_comes_while_a_holder_is_silent_is_not_lowered_for_it() -> None:
    stage = Stage()
    stage.start("assistant", replace(ASSISTANT, records=False))
    stage.sound("assistant", on=False)
    stage.wait(5.0)
    assert granted(stage.start("music", patient(MUSIC)), "music")
    assert stage.standing("music") is ACTIVE


@pytest.mark.parametrize("claim", [RECORDING, CALL, ASSISTANT])
def test_who_listens_does_not_let_go_for_being_silent(claim: Claim) -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("listener", claim)
    stage.sound("listener", on=False)
    stage.wait(60.0)
    assert stage.standing("music") in (DUCKED, INTERRUPTED)


def test_a_holder_that_begins_in_silence_is_given_the_grace_time_too() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.open("prompt")
    stage.sound("prompt", on=False)
    stage.start("prompt", PROMPT)
    stage.wait(4.9)
    assert stage.standing("music") is DUCKED
    stage.wait(0.2)
    assert stage.standing("music") is ACTIVE
    stage.change("prompt", replace(PROMPT, spoken=True))
    stage.wait(10.0)
    assert stage.standing("music") is ACTIVE, "to ask again in silence is no reason to hold"


@pytest.mark.parametrize("silent_first", [True, False])
def test_a_holder_that_is_paused_is_not_silent_of_its_own_will(silent_first: bool) -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    stage.sound("clip")
    if silent_first:
        stage.sound("clip", on=False)
    stage.start("call", CALL)
    stage.sound("clip", on=False)
    stage.wait(60.0)
    effects = stage.stop("call")
    assert of(effects, Released, "music") == []
    stage.wait(4.9)
    assert stage.standing("music") is INTERRUPTED
    # Let go, and still silent: now it is.
    assert released(stage.wait(0.2), "music").should_resume


def test_a_holder_that_sounds_while_paused_presses_when_it_is_let_go() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    stage.sound("clip", on=False)
    stage.wait(5.0)
    assert stage.standing("music") is ACTIVE
    stage.start("call", CALL)
    stage.sound("clip")
    stage.stop("call")
    assert stage.standings("music", "clip") == (INTERRUPTED, ACTIVE)


# -- what a user does during a hold wins ---------------------------------------------------


def test_paused_by_the_user_during_a_hold_means_no_resume() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    stage.user("music", UserIntent.PAUSED)
    assert not released(stage.stop("call"), "music").should_resume
    stage.start("second call", replace(CALL))
    assert not released(stage.stop("second call"), "music").should_resume, "still paused"


def test_started_by_the_user_during_a_hold_means_resume() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.user("music", UserIntent.PAUSED)
    stage.start("call", CALL)
    stage.user("music", UserIntent.PLAYED)
    assert released(stage.stop("call"), "music").should_resume


def test_the_last_thing_the_user_did_counts() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    stage.user("music", UserIntent.PAUSED)
    stage.user("music", UserIntent.PLAYED)
    assert released(stage.stop("call"), "music").should_resume


def test_paused_by_the_user_before_the_hold_means_no_resume() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.user("music", UserIntent.PAUSED)
    stage.change("music", replace(MUSIC, spoken=True))
    stage.start("call", CALL)
    assert not released(stage.stop("call"), "music").should_resume


def test_what_the_user_paused_and_the_app_started_again_is_resumed() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", TRANSIENT)
    stage.user("music", UserIntent.PAUSED)
    stage.stop("music")
    stage.stop("prompt")
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    assert released(stage.stop("call"), "music").should_resume


def test_what_the_user_did_to_music_that_is_only_lowered_is_remembered_too() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.user("music", UserIntent.PAUSED)
    stage.stop("prompt")
    stage.start("call", CALL)
    assert not released(stage.stop("call"), "music").should_resume


def test_what_did_not_sound_is_not_told_to_resume() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.sound("music", on=False)
    stage.start("call", CALL)
    assert not released(stage.stop("call"), "music").should_resume


def test_an_app_that_asks_again_during_a_hold_has_resumed_by_itself() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    stage.user("music", UserIntent.PAUSED)
    effects = stage.start("music", MUSIC)
    assert not released(effects, "music").should_resume
    assert stage.standing("music") is DUCKED
    stage.start("call", CALL)
    assert released(stage.stop("call"), "music").should_resume


# -- a dead holder, revoked apps -----------------------------------------------------------


@pytest.mark.parametrize("how", ["stop", "close", "kill", "revoke"])
def test_whichever_way_a_holder_ends_what_it_held_comes_back(how: str) -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("podcast", PODCAST_MIXING)
    stage.open("prompt", app="maps", client="pid 1")
    stage.start("prompt", PROMPT)
    assert stage.standings("music", "podcast") == (DUCKED, INTERRUPTED)
    effects = {
        "stop": lambda: stage.stop("prompt"),
        "close": lambda: stage.close("prompt"),
        "kill": lambda: stage.kill("pid 1"),
        "revoke": lambda: stage.feed(RevokeApp(app="maps")),
    }[how]()
    assert released(effects, "podcast").should_resume
    assert stage.standings("music", "podcast") == (ACTIVE, ACTIVE)
    stage.wait(1.0)
    assert stage.arbiter.gain_db("music", stage.now) == 0.0
    assert bool(of(effects, Stopped, "prompt")) == (how == "revoke")


def test_a_client_takes_all_its_sessions_with_it_and_only_those() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.open("one", "two", app="maps", client="pid 1")
    stage.open("three", app="maps", client="pid 2")
    for name in ("one", "two", "three"):
        stage.start(name, PROMPT)
    stage.kill("pid 1")
    assert stage.rules_on("music").keys() == {"three"}
    assert not stage.arbiter.is_open("one")
    stage.kill("nobody")
    assert stage.arbiter.is_open("three")


# -- overlapping ducks never ratchet -------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(("prompt", "assistant", "reader", "ping"))))
def test_ducks_do_not_add_up_and_any_order_of_ends_gives_the_level_back(
    order: tuple[str, ...],
) -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    levels = {"prompt": DUCK_DB, "assistant": STRONG_DB, "reader": DUCK_DB, "ping": DUCK_DB}
    for name in levels:
        stage.start(name, EVERYTHING[name])
        stage.wait(0.05)
    for name in order:
        held = stage.rules_on("music")
        assert stage.level_db("music") == min(levels[cause] for cause in held)
        stage.stop(name)
        stage.wait(0.03)
    assert stage.level_db("music") == 0.0
    stage.wait(1.0)
    assert stage.arbiter.gain_db("music", stage.now) == 0.0
    down = [e for e in of(stage.log, GainChanged, "music") if isinstance(e, GainChanged)]
    assert all(effect.to_db in (0.0, DUCK_DB, STRONG_DB) for effect in down)


def test_a_ramp_interrupted_midway_starts_from_where_it_is() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.wait(0.06)
    half = stage.arbiter.gain_db("music", stage.now)
    assert half == pytest.approx(DUCK_DB / 2)
    effects = stage.stop("prompt")
    (up,) = of(effects, GainChanged)
    assert isinstance(up, GainChanged)
    assert (up.from_db, up.to_db, up.ramp_s) == (half, 0.0, 0.5)
    stage.wait(0.25)
    quarter = stage.arbiter.gain_db("music", stage.now)
    assert quarter == pytest.approx(half / 2)
    (down,) = of(stage.start("prompt", PROMPT), GainChanged)
    assert isinstance(down, GainChanged)
    assert (down.from_db, down.to_db, down.ramp_s) == (quarter, DUCK_DB, 0.12)


def test_when_the_others_are_down_is_known() -> None:
    stage = Stage()
    stage.wait(1.0)
    stage.start("music", MUSIC)
    assert stage.arbiter.quiet_at("music") == 1.0, "nothing fades for it"
    stage.start("prompt", PROMPT)
    assert stage.arbiter.quiet_at("prompt") == pytest.approx(1.12)


# -- interruptions harden and soften -------------------------------------------------------


def test_a_pause_replaces_a_duck_and_softens_into_it_again() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    assert interrupted(stage.start("clip", TRANSIENT), "music").kind is HoldKind.PAUSE
    effects = stage.stop("clip")
    assert released(effects, "music").should_resume
    assert interrupted(effects, "music").kind is HoldKind.DUCK
    assert stage.level_db("music") == DUCK_DB
    stage.stop("prompt")
    assert stage.standing("music") is ACTIVE


def test_a_claim_may_soften_or_harden_while_it_is_active() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    assert stage.standing("music") is INTERRUPTED
    stage.change("clip", Claim(role=Role.GAME, press=Press.DUCK))
    assert stage.standing("music") is DUCKED
    stage.change("clip", GAME_MIXING)
    assert stage.standing("music") is ACTIVE
    stage.change("clip", TRANSIENT)
    assert stage.standing("music") is INTERRUPTED


def test_a_claim_changed_while_paused_asks_when_it_is_heard_again() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("clip", TRANSIENT)
    stage.start("call", CALL)
    assert stage.change("clip", TRANSIENT) == ()
    stage.change("clip", Claim(role=Role.GAME, press=Press.DUCK))
    assert stage.standings("music", "clip") == (INTERRUPTED, INTERRUPTED)
    stage.stop("call")
    assert stage.standings("music", "clip") == (DUCKED, ACTIVE)


def test_an_app_that_lowers_itself_is_told_to_and_not_lowered() -> None:
    stage = Stage()
    stage.start("music", replace(MUSIC, system_duck=False))
    effects = stage.start("prompt", PROMPT)
    begun = interrupted(effects, "music")
    assert (begun.told, begun.enforced) == (True, False)
    assert stage.level_db("music") == 0.0
    assert stage.standing("music") is DUCKED


def test_to_reclaim_from_who_only_lowers_newcomers_leaves_that_in_place() -> None:
    stage = Stage()
    stage.start("prompt", PROMPT)
    stage.start("game", GAME_MIXING)
    assert stage.rules_on("game") == {"prompt": "prompt-on-top"}
    effects = stage.start("game", GAME_MIXING)
    assert of(effects, HoldPlaced) == []
    assert stage.standing("game") is DUCKED
