"""The default policy, sentence by sentence: where all vocabularies meet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core import (
    SILENCE_DB,
    Claim,
    Delayed,
    Denied,
    Granted,
    Press,
    Released,
    Role,
    Standing,
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
    EVERYTHING,
    GAME_MIXING,
    MUSIC,
    PODCAST,
    PROMPT,
    READER,
    RECORDING,
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


def test_a_waiting_request_that_would_be_refused_now_goes_on_waiting() -> None:
    stage = Stage()
    stage.start("assistant", ASSISTANT)
    assert of(stage.start("memo", patient(RECORDING)), Delayed)
    stage.start("call", CALL)
    effects = stage.stop("assistant")
    assert not of(effects, Granted)
    assert not of(effects, Denied)
    assert of(stage.stop("call"), Granted, "memo")
    assert stage.standing("memo") is ACTIVE


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
