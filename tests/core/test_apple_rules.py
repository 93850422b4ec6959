"""AVAudioSession between apps, one test a rule.

Rule numbers are the project's own count of what Apple publishes: 19-26 activation, 36-43
deactivation, 44-54 mixing, ducking and spoken audio with the table of who interrupts whom,
55-63 interruptions, 69 and 116 what a recording does not shield from and silences. All
numbers, and why some have no test, are in docs/data/rules.toml. Sources: AVAudioSessionTypes.h and
AVAudioSession.h (iOS 17 to 27), the documentation pages of categories and options, the Audio
Session Programming Guide, WWDC 2014-501, 2015-507 and 2016-507.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession.core import (
    SILENCE_DB,
    Claim,
    Denied,
    GainChanged,
    Granted,
    HoldKind,
    Interrupted,
    Released,
    RevokeApp,
    Role,
    Standing,
    Stopped,
    UserIntent,
)
from audiosession.core.translate import claim_from_category
from tests.core.kit import Stage, granted, interrupted, of, released

DEFAULT, SPOKEN, VOICE_CHAT, VIDEO_CHAT, PROMPT_MODE = (
    f"AVAudioSessionMode{name}"
    for name in ("Default", "SpokenAudio", "VoiceChat", "VideoChat", "VoicePrompt")
)
MIX, DUCK, SPOKEN_INTERRUPT = 0x1, 0x2, 0x11


def claim(category: str, options: int = 0, mode: str = DEFAULT) -> Claim:
    return claim_from_category(f"AVAudioSessionCategory{category}", mode, options)


MUSIC = claim("Playback")
PODCAST = claim("Playback", mode=SPOKEN)
GAME = claim("Ambient")
RECORDER = claim("Record")
DUCKER = claim("Playback", DUCK | MIX, PROMPT_MODE)
SPOKEN_PROMPT = claim("Playback", SPOKEN_INTERRUPT, PROMPT_MODE)
BOTH_PROMPT = claim("Playback", SPOKEN_INTERRUPT | DUCK, PROMPT_MODE)
CALL = replace(claim("PlayAndRecord", mode=VOICE_CHAT), system=True)
FACETIME = replace(claim("PlayAndRecord", mode=VIDEO_CHAT), system=True)
ALARM = replace(claim("Playback"), role=Role.ALARM, system=True)
SIRI = replace(claim("PlayAndRecord"), role=Role.ASSISTANT, system=True)

# -- the table: who interrupts whom when A activates while B is active ---------------------

NEWCOMERS: dict[str, dict[str, Claim]] = {
    "mix": {
        "ambient": claim("Ambient"),
        "ambient, mix": claim("Ambient", MIX),
        "playback, mix": claim("Playback", MIX),
        "spoken playback, mix": claim("Playback", MIX, SPOKEN),
        "play and record, mix": claim("PlayAndRecord", MIX),
        "chat, mix": claim("PlayAndRecord", MIX, VOICE_CHAT),
        "multi route, mix": claim("MultiRoute", MIX),
    },
    "duck": {
        "ambient, duck": claim("Ambient", DUCK),
        "playback, duck": claim("Playback", DUCK),
        "playback, duck and mix": claim("Playback", DUCK | MIX),
        "play and record, duck": claim("PlayAndRecord", DUCK),
        "multi route, duck": claim("MultiRoute", DUCK),
    },
    "interrupt spoken": {
        "playback, spoken bit": claim("Playback", SPOKEN_INTERRUPT),
        "prompt, spoken bit": SPOKEN_PROMPT,
        "play and record, spoken bit": claim("PlayAndRecord", SPOKEN_INTERRUPT),
        "multi route, spoken bit": claim("MultiRoute", SPOKEN_INTERRUPT),
    },
    "interrupt spoken + duck": {
        "playback, both": claim("Playback", SPOKEN_INTERRUPT | DUCK),
        "prompt, both": BOTH_PROMPT,
        "play and record, both": claim("PlayAndRecord", SPOKEN_INTERRUPT | DUCK),
    },
    "solo": {
        "solo ambient": claim("SoloAmbient"),
        "playback": MUSIC,
        "spoken playback": PODCAST,
        "play and record": claim("PlayAndRecord"),
        "chat": claim("PlayAndRecord", mode=VOICE_CHAT),
        "multi route": claim("MultiRoute"),
    },
    "record": {"record": RECORDER},
    "system": {"phone call": CALL, "FaceTime": FACETIME, "alarm": ALARM, "Siri": SIRI},
}

HOLDERS: dict[str, dict[str, Claim]] = {
    "mixable": {
        "ambient": GAME,
        "playback, mix": claim("Playback", MIX),
        "play and record, mix": claim("PlayAndRecord", MIX),
        "multi route, mix": claim("MultiRoute", MIX),
    },
    "mixable spoken": {
        "spoken playback, mix": claim("Playback", MIX, SPOKEN),
        "spoken play and record, mix": claim("PlayAndRecord", MIX, SPOKEN),
    },
    "solo": {
        "solo ambient": claim("SoloAmbient"),
        "playback": MUSIC,
        "play and record": claim("PlayAndRecord"),
        "chat": claim("PlayAndRecord", mode=VOICE_CHAT),
        "multi route": claim("MultiRoute"),
    },
    "solo spoken": {
        "spoken playback": PODCAST,
        "spoken play and record": claim("PlayAndRecord", mode=SPOKEN),
    },
    "record": {"record": RECORDER},
}

# What becomes of B. "silenced A": B sounds on, and A is active but not heard.
TABLE: dict[tuple[str, str], str] = {
    ("mix", "mixable"): "mix",
    ("mix", "mixable spoken"): "mix",
    ("mix", "solo"): "mix",
    ("mix", "solo spoken"): "mix",
    ("mix", "record"): "silenced A",
    ("duck", "mixable"): "ducked",
    ("duck", "mixable spoken"): "ducked",
    ("duck", "solo"): "ducked",
    ("duck", "solo spoken"): "ducked",
    ("duck", "record"): "silenced A",
    ("interrupt spoken", "mixable"): "mix",
    ("interrupt spoken", "mixable spoken"): "interrupted",
    ("interrupt spoken", "solo"): "mix",
    ("interrupt spoken", "solo spoken"): "interrupted",
    ("interrupt spoken", "record"): "silenced A",
    ("interrupt spoken + duck", "mixable"): "ducked",
    ("interrupt spoken + duck", "mixable spoken"): "interrupted",
    ("interrupt spoken + duck", "solo"): "ducked",
    ("interrupt spoken + duck", "solo spoken"): "interrupted",
    ("interrupt spoken + duck", "record"): "silenced A",
    ("solo", "mixable"): "mix",
    ("solo", "mixable spoken"): "mix",
    ("solo", "solo"): "interrupted",
    ("solo", "solo spoken"): "interrupted",
    ("solo", "record"): "interrupted",
    ("record", "mixable"): "silenced",
    ("record", "mixable spoken"): "silenced",
    ("record", "solo"): "interrupted",
    ("record", "solo spoken"): "interrupted",
    ("record", "record"): "interrupted",
    ("system", "mixable"): "interrupted",
    ("system", "mixable spoken"): "interrupted",
    ("system", "solo"): "interrupted",
    ("system", "solo spoken"): "interrupted",
    ("system", "record"): "interrupted",
}

CASES = [
    pytest.param(a, b, TABLE[row, column], id=f"{a_name} over {b_name}")
    for row, newcomers in NEWCOMERS.items()
    for column, holders in HOLDERS.items()
    for a_name, a in newcomers.items()
    for b_name, b in holders.items()
]


def test_the_table_is_complete() -> None:
    assert set(TABLE) == {(row, column) for row in NEWCOMERS for column in HOLDERS}


@pytest.mark.parametrize(("a", "b", "outcome"), CASES)
def test_rules_21_22_23_44_46_47_48_69_116_table(a: Claim, b: Claim, outcome: str) -> None:
    stage = Stage("apple")
    stage.start("B", b)
    effects = stage.start("A", a)

    assert granted(effects, "A")
    a_level, b_level = stage.level_db("A"), stage.level_db("B")
    duck = stage.policy.settings.levels_db["duck"]
    assert (stage.standing("B"), b_level, a_level) == {
        "mix": (Standing.ACTIVE, 0.0, 0.0),
        "ducked": (Standing.DUCKED, duck, 0.0),
        "silenced": (Standing.DUCKED, SILENCE_DB, 0.0),
        "silenced A": (Standing.ACTIVE, 0.0, SILENCE_DB),
        "interrupted": (Standing.INTERRUPTED, SILENCE_DB, 0.0),
    }[outcome]
    told = [effect for effect in of(effects, Interrupted) if getattr(effect, "told", False)]
    assert bool(told) == (outcome == "interrupted"), "only interruptions are told"

    effects = stage.stop("A")
    stage.wait(10.0)
    assert stage.level_db("B") == 0.0
    assert stage.arbiter.gain_db("B", stage.now) == 0.0
    if outcome == "interrupted":
        assert released(effects, "B").should_resume
        assert stage.standing("B") is Standing.INACTIVE
    else:
        assert stage.standing("B") is Standing.ACTIVE


# -- activation ----------------------------------------------------------------------------


def test_rule_21_the_interruption_is_the_deactivation_of_the_other_app() -> None:
    stage = Stage("apple")
    stage.start("old", MUSIC)
    effects = stage.start("new", MUSIC)
    begun = interrupted(effects, "old")
    assert (begun.kind, begun.cause, begun.told) == (HoldKind.PAUSE, "new", True)
    assert stage.arbiter.snapshot().active == ("new",)


def test_rule_21_sessions_of_one_app_do_not_interrupt_each_other() -> None:
    stage = Stage("apple")
    stage.open("player", "recorder", app="one")
    stage.start("player", MUSIC)
    assert of(stage.start("recorder", RECORDER), Interrupted) == []


def test_rule_22_a_mixable_session_interrupts_nobody() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("podcast", claim("Playback", MIX, SPOKEN))
    effects = stage.start("game", GAME)
    assert of(effects, Interrupted) == []
    assert of(effects, GainChanged) == []


def test_rule_23_a_mixable_session_sounds_on_under_a_non_mixable_one() -> None:
    stage = Stage("apple")
    stage.start("game", GAME)
    stage.start("music", MUSIC)
    assert stage.standings("game", "music") == (Standing.ACTIVE, Standing.ACTIVE)


@pytest.mark.parametrize("system", [CALL, FACETIME, ALARM, SIRI])
def test_rule_24_activation_fails_under_higher_priority_where_neither_side_mixes(
    system: Claim,
) -> None:
    stage = Stage("apple")
    stage.start("system", system)
    effects = stage.start("game", claim("SoloAmbient"))
    assert of(effects, Denied) == [Denied(session="game", cause="system", rule="apple-24")]
    assert stage.standing("game") is Standing.INACTIVE
    # One side mixes: nothing stands against it.
    assert granted(stage.start("mixing", GAME), "mixing")


def test_rule_24_the_refused_app_may_ask_again_when_the_call_is_over() -> None:
    stage = Stage("apple")
    stage.start("call", CALL)
    stage.start("game", claim("SoloAmbient"))
    stage.stop("call")
    assert granted(stage.start("game", claim("SoloAmbient")), "game")


@pytest.mark.parametrize(
    ("category", "rule"),
    [("Record", "apple-25"), ("PlayAndRecord", "apple-25"), ("Playback", None)],
)
def test_rule_25_during_a_call_playback_may_activate_and_input_may_not(
    category: str, rule: str | None
) -> None:
    stage = Stage("apple")
    stage.start("call", CALL)
    effects = stage.start("app", claim(category))
    assert stage.standing("call") is Standing.ACTIVE
    if rule is None:
        assert granted(effects, "app")
    else:
        assert of(effects, Denied) == [Denied(session="app", cause="call", rule=rule)]


def test_rule_36_activating_an_active_session_succeeds_without_effect() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    before = stage.arbiter.snapshot()
    effects = stage.start("music", MUSIC)
    assert effects == (Granted(session="music", cause="music", rule="granted"),)
    assert stage.arbiter.snapshot() == before


# -- deactivation --------------------------------------------------------------------------


def test_rules_40_and_41_with_notify_the_interrupted_app_may_resume() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    end = released(stage.stop("clip", notify=True), "music")
    assert end.told
    assert end.should_resume


def test_rules_40_and_41_without_notify_there_is_no_resume_signal() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    end = released(stage.stop("clip", notify=False), "music")
    assert not end.should_resume
    assert end.rule == "deactivated-unsaid"
    assert stage.standing("music") is Standing.INACTIVE
    assert stage.level_db("music") == 0.0


def test_rule_41_of_several_that_leave_each_must_have_said_it() -> None:
    stage = Stage("apple")
    stage.start("podcast", PODCAST)
    stage.start("first", SPOKEN_PROMPT)
    stage.start("second", SPOKEN_PROMPT)
    assert of(stage.stop("first", notify=False), Released) == []
    assert not released(stage.stop("second", notify=True), "podcast").should_resume


def test_rule_41_a_holder_that_dies_lets_go_as_if_it_had_notified() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    assert released(stage.kill("clip"), "music").should_resume


def test_rule_40_has_no_meaning_for_ducking() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("prompt", DUCKER)
    stage.stop("prompt", notify=False)
    assert stage.standing("music") is Standing.ACTIVE
    assert stage.level_db("music") == 0.0


def test_rule_42_after_a_system_interruption_deactivating_is_not_needed_and_harmless() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    assert "music" not in stage.arbiter.snapshot().active
    assert of(stage.stop("music"), Released) == []
    assert stage.standing("music") is Standing.INACTIVE
    assert of(stage.stop("call"), Released) == [], "who gave up is not told to resume"


# -- mixing, ducking, spoken audio ---------------------------------------------------------


def test_rule_44_only_spoken_audio_is_interrupted() -> None:
    stage = Stage("apple")
    # A mixable podcast, for the two to sound together.
    stage.start("podcast", claim("Playback", MIX, SPOKEN))
    stage.start("music", MUSIC)
    effects = stage.start("prompt", SPOKEN_PROMPT)
    assert interrupted(effects, "podcast").rule == "apple-44"
    assert of(effects, Interrupted, "music") == []
    assert stage.level_db("music") == 0.0


def test_rule_45_spoken_audio_stays_paused_until_the_prompting_session_leaves() -> None:
    stage = Stage("apple")
    stage.start("podcast", PODCAST)
    stage.start("prompt", SPOKEN_PROMPT)
    stage.sound("prompt", on=True)
    stage.wait(2.0)
    stage.sound("prompt", on=False)
    stage.wait(3600.0)
    assert stage.standing("podcast") is Standing.INTERRUPTED
    assert released(stage.stop("prompt", notify=True), "podcast").should_resume


def test_rule_45_without_notify_it_is_not_told_to_resume() -> None:
    stage = Stage("apple")
    stage.start("podcast", PODCAST)
    stage.start("prompt", SPOKEN_PROMPT)
    assert not released(stage.stop("prompt", notify=False), "podcast").should_resume


def test_rule_46_lowered_from_activation_to_deactivation_whether_or_not_it_sounds() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.open("prompt")
    stage.sound("prompt", on=False)
    stage.start("prompt", DUCKER)
    lowered = stage.level_db("music")
    assert lowered < 0.0
    stage.wait(3600.0)
    assert stage.level_db("music") == lowered
    stage.stop("prompt")
    assert stage.level_db("music") == 0.0


def test_rule_46_two_that_lower_do_it_once_and_the_last_to_leave_lifts_it() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("first", DUCKER)
    lowered = stage.level_db("music")
    stage.start("second", DUCKER)
    assert stage.level_db("music") == lowered
    stage.stop("first")
    assert stage.level_db("music") == lowered
    stage.stop("second")
    assert stage.level_db("music") == 0.0


def test_rule_47_with_both_options_speech_is_interrupted_and_the_rest_lowered() -> None:
    stage = Stage("apple")
    stage.start("podcast", claim("Playback", MIX, SPOKEN))
    stage.start("music", MUSIC)
    stage.start("prompt", BOTH_PROMPT)
    assert stage.standings("podcast", "music") == (Standing.INTERRUPTED, Standing.DUCKED)


def test_rule_48_duck_others_alone_lowers_spoken_audio() -> None:
    stage = Stage("apple")
    stage.start("podcast", PODCAST)
    stage.start("prompt", DUCKER)
    assert stage.standing("podcast") is Standing.DUCKED


# -- interruptions -------------------------------------------------------------------------


def test_rule_55_when_began_arrives_the_session_is_inactive_and_silent() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    effects = stage.start("call", CALL)
    assert interrupted(effects, "music").enforced
    assert "music" not in stage.arbiter.snapshot().active
    assert stage.level_db("music") == SILENCE_DB


def test_rule_58_an_interruption_may_never_end() -> None:
    stage = Stage("apple")
    stage.start("old", MUSIC)
    stage.start("new", MUSIC)
    stage.wait(3600.0)
    assert of(stage.log, Released, "old") == []


def test_rule_58_who_takes_over_from_an_interrupter_keeps_the_first_one_waiting() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    effects = stage.start("call", CALL)
    assert of(effects, Released, "music") == [], "it would sound over the call"
    assert stage.rules_on("music") == {"call": "apple-t4-system"}
    effects = stage.stop("call")
    assert released(effects, "clip").should_resume
    # The clip never said that others may resume; it comes back itself.
    assert not released(effects, "music").should_resume


def test_rule_58_ending_in_the_middle_does_not_resume_under_the_last_one() -> None:
    stage = Stage("apple")
    stage.start("podcast", PODCAST)
    stage.start("prompt", SPOKEN_PROMPT)
    stage.start("music", MUSIC)
    assert stage.standings("podcast", "prompt") == (Standing.INTERRUPTED, Standing.ACTIVE)
    assert of(stage.stop("prompt"), Released, "podcast") == []
    assert released(stage.stop("music"), "podcast").should_resume


@pytest.mark.parametrize("system", [CALL, ALARM, SIRI])
def test_rule_59_ended_carries_should_resume_when_resuming_is_proper(system: Claim) -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.sound("music")
    stage.start("system", system)
    assert released(stage.stop("system"), "music").should_resume


def test_rule_59_what_did_not_sound_is_not_told_to_resume() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.sound("music", on=False)
    stage.start("call", CALL)
    assert not released(stage.stop("call"), "music").should_resume


def test_rule_60_another_music_app_that_took_over_ends_without_resume() -> None:
    stage = Stage("apple")
    stage.start("first", MUSIC)
    stage.start("second", MUSIC)
    assert not released(stage.stop("second", notify=False), "first").should_resume


def test_rule_62_to_resume_the_app_activates_again() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    stage.stop("call")
    stage.wait(1.0)
    assert stage.standing("music") is Standing.INACTIVE
    stage.start("music", MUSIC)
    assert stage.standing("music") is Standing.ACTIVE


def test_rule_62_an_app_that_activates_during_the_interruption_takes_over() -> None:
    stage = Stage("apple")
    stage.start("first", MUSIC)
    stage.start("second", MUSIC)
    effects = stage.start("first", MUSIC)
    assert not released(effects, "first").should_resume, "it resumed by itself"
    assert stage.standings("first", "second") == (Standing.ACTIVE, Standing.INTERRUPTED)


def test_rule_63_paused_by_command_meanwhile_it_is_not_told_to_resume() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("Siri", SIRI)
    stage.user("music", UserIntent.PAUSED)
    assert not released(stage.stop("Siri"), "music").should_resume


def test_rule_116_the_silence_ends_with_the_recording() -> None:
    stage = Stage("apple")
    stage.start("game", GAME)
    stage.start("recorder", RECORDER)
    assert stage.level_db("game") == SILENCE_DB
    stage.start("late", claim("Playback", MIX))
    assert stage.level_db("late") == SILENCE_DB
    stage.stop("recorder")
    stage.wait(2.0)
    assert [stage.arbiter.gain_db(name, stage.now) for name in ("game", "late")] == [0.0, 0.0]


def test_a_revoked_app_is_stopped_and_what_it_held_is_let_go() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    effects = stage.feed(RevokeApp(app="clip"))
    assert of(effects, Stopped, "clip")
    assert released(effects, "music").should_resume


def test_options_changed_while_active_are_applied_at_once() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("prompt", claim("Playback", MIX))
    stage.change("prompt", DUCKER)
    assert stage.standing("music") is Standing.DUCKED
    stage.change("prompt", claim("Playback", MIX))
    assert stage.standing("music") is Standing.ACTIVE


def test_who_begins_to_mix_does_not_call_back_whom_it_interrupted() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("clip", MUSIC)
    assert of(stage.change("clip", GAME), Released) == []
    assert released(stage.stop("clip"), "music").should_resume


def test_options_changed_while_interrupted_do_not_activate() -> None:
    stage = Stage("apple")
    stage.start("music", MUSIC)
    stage.start("call", CALL)
    assert stage.change("music", GAME) == ()
    assert stage.standing("music") is Standing.INTERRUPTED
