"""What the default table says of silence, microphones, readers, prompts and calls."""

from __future__ import annotations

import pytest

from audiosession.core import SILENCE_DB, Claim, Denied, HoldKind, Press, Role, Standing
from audiosession.core.translate import claim_from_configuration

from .kit import Stage, interrupted, of, released, stopped

ACTIVE, DUCKED, INTERRUPTED = Standing.ACTIVE, Standing.DUCKED, Standing.INTERRUPTED
INACTIVE = Standing.INACTIVE

MUSIC = Claim(role=Role.MUSIC)
PODCAST = Claim(role=Role.SPEECH, spoken=True)
EXCLUSIVE = Claim(role=Role.UNKNOWN, press=Press.SILENCE)
TRANSIENT = Claim(role=Role.UNKNOWN, press=Press.PAUSE)
PING = Claim(role=Role.NOTIFICATION, press=Press.DUCK)
PROMPT = Claim(role=Role.PROMPT, press=Press.DUCK)
CALL = Claim(role=Role.CALL, press=Press.PAUSE, records=True)
ANSWERED = Claim(role=Role.CALL, press=Press.PAUSE, records=True, system=True)
EMERGENCY = Claim(role=Role.EMERGENCY, press=Press.PAUSE)
RECORDING = Claim(role=Role.RECORDING, press=Press.SILENCE, records=True)


def stage_with(**claims: Claim) -> Stage:
    stage = Stage()
    for name, claim in claims.items():
        stage.start(name, claim)
    return stage


def test_silence_is_asked_of_notifications_too() -> None:
    stage = stage_with(ping=PING, voice=EXCLUSIVE)
    assert stage.standing("ping") is INTERRUPTED
    stage.start("later", PING)
    stage.wait(1.0)
    assert stage.level_db("later") == SILENCE_DB
    assert stage.standing("voice") is ACTIVE


@pytest.mark.parametrize("holder", [EXCLUSIVE, TRANSIENT], ids=["exclusive", "transient"])
def test_music_does_not_stop_who_asked_for_a_pause_only(holder: Claim) -> None:
    stage = stage_with(clip=holder, music=MUSIC)
    assert stage.standings("clip", "music") == (ACTIVE, DUCKED)


@pytest.mark.parametrize("gain", [1, 2])
def test_an_instruction_that_asks_others_to_pause_pauses_them(gain: int) -> None:
    stage = stage_with(music=MUSIC, maps=claim_from_configuration(usage=12, gain=gain))
    assert stage.standing("music") is INTERRUPTED
    stage.stop("maps")
    assert stage.standing("music") is ACTIVE


def test_a_voice_search_on_androids_terms_alone_gets_its_silence() -> None:
    stage = stage_with(music=MUSIC, search=claim_from_configuration(usage=16, gain=4))
    assert stage.standing("music") is INTERRUPTED


def test_a_notification_never_pauses_however_hard_it_asks() -> None:
    stage = stage_with(podcast=PODCAST, ping=claim_from_configuration(usage=5, gain=2))
    assert stage.standing("podcast") is DUCKED


@pytest.mark.parametrize("press", [Press.NONE, Press.DUCK])
def test_nobody_records_over_a_call_by_mixing(press: Press) -> None:
    stage = stage_with(call=CALL)
    memo = Claim(role=Role.RECORDING, press=press, mixable=True, records=True, plays=False)
    assert of(stage.start("memo", memo), Denied)


@pytest.mark.parametrize("press", [Press.NONE, Press.DUCK])
@pytest.mark.parametrize("other", [RECORDING, Claim(role=Role.ALARM, press=Press.PAUSE)])
def test_a_call_that_mixes_is_still_a_call(press: Press, other: Claim) -> None:
    mixing = Claim(role=Role.CALL, press=press, mixable=True, records=True)
    stage = stage_with(call=mixing)
    effects = stage.start("other", other)
    assert stage.standing("call") is ACTIVE
    assert not stopped(effects, "call")


@pytest.mark.parametrize("pauses", [False, True])
def test_a_screen_reader_that_mixes_is_lowered_by_calls_only_and_pauses_nobody(
    pauses: bool,
) -> None:
    reader = Claim(
        role=Role.SCREEN_READER, press=Press.NONE, mixable=True, pauses_spoken=pauses, spoken=True
    )
    stage = stage_with(podcast=PODCAST, reader=reader)
    assert stage.standings("podcast", "reader") == (ACTIVE, ACTIVE)
    stage.start("memo", RECORDING)
    stage.start("alarm", Claim(role=Role.ALARM, press=Press.PAUSE))
    assert stage.standing("reader") is ACTIVE
    stage.start("call", CALL)
    assert stage.standing("reader") is DUCKED


def test_a_call_that_the_user_answers_puts_the_other_on_hold() -> None:
    stage = stage_with(voip=CALL)
    assert of(stage.start("second", CALL), Denied)
    stage.start("phone", ANSWERED)
    assert stage.standings("voip", "phone") == (INTERRUPTED, ACTIVE)
    assert released(stage.close("phone"), "voip").should_resume


def test_a_stopped_app_that_does_not_obey_stays_silent_while_the_other_claims() -> None:
    stage = Stage()
    stage.start("old", MUSIC)
    stage.sound("old")
    assert stopped(stage.start("new", MUSIC), "old")
    stage.wait(1.0)
    assert stage.level_db("old") == SILENCE_DB
    stage.kill("new")
    stage.wait(1.0)
    assert stage.level_db("old") == 0.0


def test_what_a_call_paused_and_music_stopped_stays_silent_during_the_call() -> None:
    stage = Stage()
    stage.start("old", MUSIC)
    stage.sound("old")
    stage.start("call", CALL)
    stage.start("new", MUSIC)
    stage.stop("new")
    stage.wait(1.0)
    assert stage.standing("old") is INACTIVE
    assert stage.level_db("old") == SILENCE_DB
    stage.stop("call")
    stage.wait(1.0)
    assert stage.level_db("old") == 0.0


def test_a_stopped_app_that_asks_again_is_heard_at_once() -> None:
    stage = stage_with(old=MUSIC, new=MUSIC)
    stage.start("old", MUSIC)
    assert stage.level_db("old") == 0.0
    stage.stop("new")
    assert stage.level_db("new") == 0.0


def test_a_newcomer_that_must_be_low_begins_low() -> None:
    stage = stage_with(call=CALL)
    stage.start("music", MUSIC)
    assert stage.level_db("music") == -35.0
    stage.open("ping")
    stage.start("ping", PING)
    assert stage.level_db("ping") == -14.0


def test_a_claim_changed_during_a_pause_is_judged_when_it_ends() -> None:
    stage = Stage()
    stage.start("call", CALL)
    stage.start("prompt", PROMPT)
    assert interrupted(stage.start("siren", EMERGENCY), "prompt").kind is HoldKind.PAUSE
    assert not of(stage.change("prompt", RECORDING), Denied)
    assert stage.standing("prompt") is INTERRUPTED
    effects = stage.stop("siren")
    assert stopped(effects, "prompt")
    assert stage.standings("call", "prompt") == (ACTIVE, INACTIVE)


def test_asking_again_under_a_call_starts_nothing_by_itself() -> None:
    stage = Stage()
    stage.start("music", MUSIC)
    stage.sound("music")
    stage.start("call", CALL)
    effects = stage.start("music", MUSIC)
    assert not released(effects, "music").should_resume
    assert stage.standing("music") is DUCKED
