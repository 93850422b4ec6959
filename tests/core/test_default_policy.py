"""The default policy, sentence by sentence: where all vocabularies meet."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from audiosession.core import (
    SILENCE_DB,
    Claim,
    Delayed,
    Denied,
    GainChanged,
    Granted,
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
from audiosession.core.translate import (
    claim_from_category,
    claim_from_configuration,
    claim_from_focus_request,
    claim_from_stream_role,
    claim_from_type,
)
from tests.core.kit import (
    ALARM,
    ASSISTANT,
    CALL,
    EMERGENCY,
    EXCLUSIVE,
    GAME_MIXING,
    MUSIC,
    PING,
    PODCAST,
    PODCAST_MIXING,
    PROMPT,
    READER,
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
INACTIVE, WAITING = Standing.INACTIVE, Standing.WAITING
DUCK_DB, STRONG_DB = -14.0, -35.0

EVERYTHING = {
    "call": CALL,
    "ringtone": RINGTONE,
    "alarm": ALARM,
    "reader": READER,
    "assistant": ASSISTANT,
    "recording": RECORDING,
    "prompt": PROMPT,
    "ping": PING,
    "music": MUSIC,
    "podcast": PODCAST,
    "movie": Claim(role=Role.MOVIE),
    "game": GAME_MIXING,
    "mixing podcast": PODCAST_MIXING,
    "transient": TRANSIENT,
    "exclusive": EXCLUSIVE,
}
MEDIA = {
    name: EVERYTHING[name]
    for name in ("music", "podcast", "movie", "game", "mixing podcast", "transient", "exclusive")
}
BELOW_A_CALL = {name: claim for name, claim in EVERYTHING.items() if name not in ("call", "reader")}


# -- calls beat everything but an emergency, which nothing lowers --------------------------


@pytest.mark.parametrize("other", sorted(BELOW_A_CALL))
def test_a_call_silences_whatever_can_wait(other: str) -> None:
    stage = Stage()
    stage.start("other", EVERYTHING[other])
    effects = stage.start("call", CALL)
    assert granted(effects, "call")
    assert stage.standings("other", "call") == (INTERRUPTED, ACTIVE)
    assert interrupted(effects, "other").cause == "call"


@pytest.mark.parametrize("other", sorted(set(BELOW_A_CALL) - {"assistant", "recording"}))
def test_nothing_that_comes_lowers_a_call(other: str) -> None:
    stage = Stage()
    stage.start("call", CALL)
    effects = stage.start("other", EVERYTHING[other])
    assert granted(effects, "other")
    assert stage.standings("call", "other") == (ACTIVE, DUCKED)


@pytest.mark.parametrize("other", ["call", "assistant", "recording"])
def test_refused_is_only_who_would_record_or_call_over_a_call(other: str) -> None:
    stage = Stage()
    stage.start("call", CALL)
    effects = stage.start("other", EVERYTHING[other])
    rule = "no-second-microphone-in-call"
    assert effects == (Denied(session="other", cause="call", rule=rule),)
    assert stage.standing("other") is INACTIVE


@pytest.mark.parametrize("holder", sorted(EVERYTHING))
@pytest.mark.parametrize("newcomer", sorted(EVERYTHING))
def test_refused_is_nobody_else(holder: str, newcomer: str) -> None:
    stage = Stage()
    stage.start("holder", EVERYTHING[holder])
    effects = stage.start("newcomer", EVERYTHING[newcomer])
    refused = holder == "call" and newcomer in ("call", "assistant", "recording")
    assert bool(of(effects, Denied)) == refused


@pytest.mark.parametrize("other", sorted(EVERYTHING))
@pytest.mark.parametrize("emergency_first", [True, False])
def test_nothing_lowers_an_emergency(other: str, emergency_first: bool) -> None:
    stage = Stage()
    for name in ("emergency", "other") if emergency_first else ("other", "emergency"):
        claim = EMERGENCY if name == "emergency" else EVERYTHING[other]
        assert granted(stage.start(name, claim), name)
    assert stage.standing("emergency") is ACTIVE
    assert stage.level_db("emergency") == 0.0


# -- long-form audio replaces itself -------------------------------------------------------


@pytest.mark.parametrize("first", ["music", "podcast", "movie"])
@pytest.mark.parametrize("second", ["music", "podcast", "movie"])
def test_the_last_long_form_audio_stops_the_other(first: str, second: str) -> None:
    stage = Stage()
    stage.start("first", EVERYTHING[first])
    effects = stage.start("second", EVERYTHING[second])
    assert stopped(effects, "first")
    assert stage.standings("first", "second") == (INACTIVE, ACTIVE)
    assert of(stage.stop("second"), Released) == [], "stopped for good"


def test_what_mixes_is_not_stopped_and_stops_nobody() -> None:
    stage = Stage()
    stage.start("game", GAME_MIXING)
    stage.start("music", MUSIC)
    stage.start("second game", GAME_MIXING)
    assert stage.standings("game", "music", "second game") == (ACTIVE, ACTIVE, ACTIVE)


# -- music is lowered under speech; speech is paused under a prompt ------------------------


@pytest.mark.parametrize("below", ["music", "movie", "game"])
@pytest.mark.parametrize(
    ("above", "level_db"), [("prompt", DUCK_DB), ("reader", DUCK_DB), ("assistant", STRONG_DB)]
)
def test_music_goes_lower_under_speech(below: str, above: str, level_db: float) -> None:
    stage = Stage()
    stage.start("below", EVERYTHING[below])
    stage.start("above", EVERYTHING[above])
    assert stage.standing("below") is DUCKED
    assert stage.level_db("below") == level_db


@pytest.mark.parametrize("below", ["podcast", "mixing podcast"])
@pytest.mark.parametrize("above", ["prompt", "assistant"])
def test_speech_is_paused_under_a_prompt_and_goes_on_after(below: str, above: str) -> None:
    stage = Stage()
    stage.start("below", EVERYTHING[below])
    stage.start("above", EVERYTHING[above])
    assert stage.standing("below") is INTERRUPTED
    assert released(stage.stop("above"), "below").should_resume


def test_an_app_that_pauses_rather_than_be_lowered_is_paused_too() -> None:
    stage = Stage()
    stage.start("music", replace(MUSIC, pause_when_ducked=True))
    stage.start("prompt", PROMPT)
    assert stage.standing("music") is INTERRUPTED


# -- the screen reader ---------------------------------------------------------------------


@pytest.mark.parametrize("other", sorted(EVERYTHING))
def test_a_screen_reader_is_never_refused_and_never_pauses(other: str) -> None:
    stage = Stage()
    stage.start("other", EVERYTHING[other])
    effects = stage.start("reader", READER)
    assert granted(effects, "reader")
    assert stage.standing("other") in (ACTIVE, DUCKED)
    for press in Press:
        pressing = Stage()
        pressing.start("other", EVERYTHING[other])
        assert granted(pressing.start("reader", replace(READER, press=press)), "reader")
        assert pressing.standing("other") in (ACTIVE, DUCKED)


@pytest.mark.parametrize("other", sorted(set(EVERYTHING) - {"call"}))
@pytest.mark.parametrize("reader_first", [True, False])
def test_nothing_less_than_a_call_lowers_a_screen_reader(other: str, reader_first: bool) -> None:
    stage = Stage()
    for name in ("reader", "other") if reader_first else ("other", "reader"):
        stage.start(name, READER if name == "reader" else EVERYTHING[other])
    assert stage.standing("reader") is ACTIVE
    assert stage.level_db("reader") == 0.0


def test_a_call_lowers_a_screen_reader_and_does_not_silence_it() -> None:
    for order in (("reader", "call"), ("call", "reader")):
        stage = Stage()
        for name in order:
            stage.start(name, EVERYTHING[name])
        assert stage.standing("call") is ACTIVE
        assert stage.level_db("reader") == DUCK_DB


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


# -- a newcomer of lower rank is lowered or waits ------------------------------------------


@pytest.mark.parametrize("holder", ["call", "ringtone", "alarm", "assistant", "recording"])
@pytest.mark.parametrize("media", ["music", "podcast", "movie", "transient", "exclusive"])
def test_media_waits_where_it_accepts_to_and_is_lowered_where_not(holder: str, media: str) -> None:
    stage = Stage()
    stage.start("holder", EVERYTHING[holder])
    stage.start("lowered", EVERYTHING[media])
    assert stage.standing("lowered") is DUCKED
    effects = stage.start("waiting", patient(EVERYTHING[media]))
    assert of(effects, Delayed, "waiting")
    assert stage.standing("waiting") is WAITING
    assert stage.arbiter.snapshot().waiting == ("waiting",)
    assert stage.standing("holder") is ACTIVE


def test_who_waits_is_granted_late_when_the_holder_leaves() -> None:
    stage = Stage()
    stage.start("call", CALL)
    stage.start("music", patient(MUSIC))
    effects = stage.stop("call")
    assert of(effects, Granted) == [
        Granted(session="music", cause="music", rule="waited", late=True)
    ]
    assert stage.standing("music") is ACTIVE


def test_of_several_that_wait_the_highest_rank_comes_first() -> None:
    stage = Stage()
    stage.start("call", CALL)
    stage.start("game", patient(Claim(role=Role.GAME)))
    stage.start("music", patient(MUSIC))
    stage.start("second music", patient(MUSIC))
    effects = stage.stop("call")
    # By rank, then first come first; each of them long-form, the last one in stays.
    names = [effect.session for effect in of(effects, Granted)]
    assert names == ["music", "second music", "game"]
    assert stage.arbiter.snapshot().active == ("game",)


def test_a_waiting_request_that_would_now_be_refused_is_refused_late() -> None:
    stage = Stage()
    stage.start("assistant", ASSISTANT)
    assert of(stage.start("memo", patient(RECORDING)), Delayed)
    effects = stage.start("call", CALL)
    (denied,) = of(effects, Denied)
    assert isinstance(denied, Denied)
    assert (denied.session, denied.cause) == ("memo", "call")
    assert stage.standing("memo") is INACTIVE


def test_asking_again_while_waiting_and_giving_up_while_waiting() -> None:
    stage = Stage()
    stage.start("call", CALL)
    stage.start("music", patient(MUSIC))
    assert of(stage.start("music", patient(PODCAST)), Delayed)
    stage.stop("music")
    assert stage.standing("music") is INACTIVE
    assert of(stage.stop("call"), Granted) == []


def test_an_active_session_that_asks_for_more_than_it_can_have_waits_and_lets_go() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.start("prompt", PROMPT)
    stage.start("reader", READER)
    stage.start("alarm", ALARM)
    assert stage.standing("music") is INTERRUPTED
    effects = stage.change("prompt", patient(MUSIC))
    assert of(effects, Delayed, "prompt")
    assert "prompt" not in stage.rules_on("music")


def test_a_request_freed_by_a_stopped_holder_is_not_forgotten() -> None:
    stage = Stage()
    stage.start("assistant", guessed(ASSISTANT))
    stage.start("music", patient(MUSIC))
    assert stage.standing("music") is WAITING
    stage.wait(5.0)
    effects = stage.kill("assistant")
    assert granted(effects, "music")


# -- recording -----------------------------------------------------------------------------


@pytest.mark.parametrize("media", sorted(MEDIA))
def test_a_recording_silences_other_apps_playback(media: str) -> None:
    stage = Stage()
    stage.start("media", MEDIA[media])
    stage.start("memo", RECORDING)
    assert stage.standing("media") is INTERRUPTED
    assert released(stage.stop("memo"), "media").should_resume


@pytest.mark.parametrize("media", sorted(MEDIA))
def test_playback_that_comes_during_a_recording_is_not_heard(media: str) -> None:
    stage = Stage()
    stage.start("memo", RECORDING)
    stage.start("media", MEDIA[media])
    assert stage.level_db("media") == SILENCE_DB


@pytest.mark.parametrize("media", sorted(MEDIA))
def test_a_recording_that_mixes_silences_nobody(media: str) -> None:
    stage = Stage()
    stage.start("media", MEDIA[media])
    mixing = Claim(role=Role.RECORDING, press=Press.NONE, records=True, mixable=True)
    stage.start("memo", mixing)
    assert stage.standings("media", "memo") == (ACTIVE, ACTIVE)


# -- the same app and group never press on themselves --------------------------------------


@pytest.mark.parametrize("holder", sorted(EVERYTHING))
@pytest.mark.parametrize("newcomer", sorted(EVERYTHING))
def test_one_app_and_group_never_presses_on_itself(holder: str, newcomer: str) -> None:
    stage = Stage()
    stage.open("holder", "newcomer", app="one", group="all")
    stage.start("holder", EVERYTHING[holder])
    effects = stage.start("newcomer", EVERYTHING[newcomer])
    assert granted(effects, "newcomer")
    assert stage.standings("holder", "newcomer") == (ACTIVE, ACTIVE)


def test_other_groups_of_one_app_are_judged() -> None:
    stage = Stage()
    stage.open("tab", app="browser", group="one")
    stage.open("other tab", app="browser", group="two")
    stage.start("tab", MUSIC)
    assert stopped(stage.start("other tab", MUSIC), "tab")


def test_pages_and_zones_mean_nothing_where_all_are_judged_together() -> None:
    stage = Stage()
    stage.start("one", replace(MUSIC, scope="first page"))
    assert stopped(stage.start("two", replace(MUSIC, scope="second page")), "one")


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
    assert stage.standing("music") is ACTIVE
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


# -- mixed vocabularies --------------------------------------------------------------------


def test_all_vocabularies_are_judged_by_one_table() -> None:
    stage = Stage()
    stage.start("iOS music", claim_from_category("AVAudioSessionCategoryPlayback"))
    stage.start("Linux game", claim_from_stream_role("game"))
    stage.start("page", claim_from_type("auto", ["ambient"], page="p"))
    names = ("iOS music", "Linux game", "page")
    assert stage.standings(*names) == (ACTIVE, ACTIVE, ACTIVE)

    # Android's navigation: USAGE_ASSISTANCE_NAVIGATION_GUIDANCE, MAY_DUCK.
    stage.start("Android maps", claim_from_focus_request(12, 1, 3))
    assert stage.standings(*names) == (DUCKED, DUCKED, DUCKED)
    stage.stop("Android maps")

    # The one API: a podcast on the iPhone's terms and on Android's.
    podcast = claim_from_configuration(
        category="AVAudioSessionCategoryPlayback", mode="AVAudioSessionModeSpokenAudio", gain=1
    )
    effects = stage.start("podcast", podcast)
    assert stopped(effects, "iOS music")
    assert stopped(effects, "Linux game")

    # A phone stream on Linux: guessed, so it only lowers at first.
    stage.start("phone", claim_from_stream_role("phone"))
    assert stage.standings("podcast", "page") == (DUCKED, DUCKED)
    stage.wait(2.0)
    assert stage.standings("podcast", "page") == (INTERRUPTED, INTERRUPTED)
    # Android's alarm: USAGE_ALARM, TRANSIENT.
    stage.start("Android alarm", claim_from_focus_request(4, 4, 2))
    assert stage.standing("Android alarm") is DUCKED
    stage.close("phone")
    assert stage.standings("podcast", "page", "Android alarm") == (
        INTERRUPTED,
        INTERRUPTED,
        ACTIVE,
    )
    stage.stop("Android alarm")
    assert stage.standings("podcast", "page") == (ACTIVE, ACTIVE)
    assert released(stage.log, "podcast").should_resume


def test_unmodified_media_is_not_stopped_by_other_unmodified_media() -> None:
    stage = Stage()
    stage.start("player", claim_from_stream_role("music"))
    stage.start("browser", claim_from_stream_role("video"))
    stage.start("unknown", claim_from_stream_role(None))
    stage.wait(10.0)
    assert stage.standings("player", "browser", "unknown") == (ACTIVE, ACTIVE, ACTIVE)
    # An app that says it is music stops them all.
    stage.start("app", MUSIC)
    assert stage.standings("player", "browser", "unknown") == (INACTIVE, INACTIVE, INACTIVE)
