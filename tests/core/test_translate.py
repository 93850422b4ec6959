"""Foreign words as claims: every category, usage, role and configuration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from audiosession.core import Claim, Press, Role
from audiosession.core.translate import (
    claim_from_category,
    claim_from_configuration,
    claim_from_focus_request,
    claim_from_stream_role,
    claim_from_type,
)
from audiosession.core.translate.android import CONTENT_ROLES, GAINS, USAGES, role_of
from audiosession.core.translate.apple import CATEGORIES, MODE_ROLES
from audiosession.core.translate.streams import STREAM_ROLES
from audiosession.core.translate.w3c import TYPES
from audiosession.errors import InvalidValueError

PLAYBACK = "AVAudioSessionCategoryPlayback"
RECORD = "AVAudioSessionCategoryRecord"
PLAY_AND_RECORD = "AVAudioSessionCategoryPlayAndRecord"
SPOKEN = "AVAudioSessionModeSpokenAudio"
VOICE_CHAT = "AVAudioSessionModeVoiceChat"
MIX, DUCK, INTERRUPT_SPOKEN = 0x1, 0x2, 0x11


# -- Apple ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "plays", "records", "mixes", "switch"),
    [
        ("Ambient", True, False, True, True),
        ("SoloAmbient", True, False, False, True),
        ("Playback", True, False, False, False),
        ("Record", False, True, False, False),
        ("PlayAndRecord", True, True, False, False),
        ("MultiRoute", True, True, False, False),
        ("AudioProcessing", False, False, False, False),
    ],
)
def test_a_category_fixes_what_an_app_does(
    category: str, plays: bool, records: bool, mixes: bool, switch: bool
) -> None:
    claim = claim_from_category(f"AVAudioSessionCategory{category}")
    found = (claim.plays, claim.records, claim.mixable, claim.silenced_by_switch)
    assert found == (plays, records, mixes, switch)
    assert claim.press is (Press.NONE if mixes else Press.STOP)


def test_all_categories_are_covered() -> None:
    assert len(CATEGORIES) == 7
    with pytest.raises(InvalidValueError, match="category"):
        claim_from_category("AVAudioSessionCategoryOpera")


@pytest.mark.parametrize(
    ("options", "press", "pauses_spoken", "mixes"),
    [
        (0, Press.STOP, False, False),
        (MIX, Press.NONE, False, True),
        (DUCK, Press.DUCK, False, True),
        (MIX | DUCK, Press.DUCK, False, True),
        (INTERRUPT_SPOKEN, Press.NONE, True, True),
        (0x10, Press.NONE, True, True),
        (INTERRUPT_SPOKEN | DUCK, Press.DUCK, True, True),
        (0x4 | 0x8 | 0x20 | 0x40, Press.STOP, False, False),
    ],
)
def test_options_say_how_hard_it_presses(
    options: int, press: Press, pauses_spoken: bool, mixes: bool
) -> None:
    claim = claim_from_category(PLAYBACK, options=options)
    assert (claim.press, claim.pauses_spoken, claim.mixable) == (press, pauses_spoken, mixes)


@pytest.mark.parametrize("mode", sorted(MODE_ROLES))
def test_a_mode_says_what_it_is_for(mode: str) -> None:
    claim = claim_from_category(PLAY_AND_RECORD, mode)
    assert claim.role is MODE_ROLES[mode]
    assert claim.spoken == (mode == SPOKEN)
    # A chat needs input and output.
    chat = MODE_ROLES[mode] is Role.CALL
    assert claim_from_category(PLAYBACK, mode).role is (Role.MUSIC if chat else MODE_ROLES[mode])
    assert claim_from_category(RECORD, mode).role is (Role.RECORDING if chat else MODE_ROLES[mode])


# -- Android -------------------------------------------------------------------------------


@pytest.mark.parametrize(("usage", "content"), list(product(USAGES, (0, *CONTENT_ROLES))))
def test_the_usage_says_what_it_is_for_and_else_the_content(usage: int, content: int) -> None:
    role = claim_from_focus_request(usage, content).role
    if usage in (0, 1):
        assert role is CONTENT_ROLES.get(content, Role.UNKNOWN)
    else:
        assert role is USAGES[usage] is not Role.UNKNOWN


@pytest.mark.parametrize("usage", [-1, 15, 18, 999, 1005])
def test_a_usage_there_is_not(usage: int) -> None:
    with pytest.raises(InvalidValueError, match="usage"):
        role_of(usage, 0)


@pytest.mark.parametrize("gain", [0, 5, -1])
def test_a_gain_there_is_not(gain: int) -> None:
    with pytest.raises(InvalidValueError, match="gain"):
        claim_from_focus_request(1, 2, gain)


def test_a_focus_request_carries_all_it_says() -> None:
    assert GAINS == {1: Press.STOP, 2: Press.PAUSE, 3: Press.DUCK, 4: Press.SILENCE}
    claim = claim_from_focus_request(
        2,
        1,
        4,
        will_pause_when_ducked=True,
        accepts_delay=True,
        locked=True,
        duck_events=True,
        target_sdk=25,
        zone="rear",
    )
    assert claim == Claim(
        role=Role.CALL,
        press=Press.SILENCE,
        spoken=True,
        pause_when_ducked=True,
        records=True,
        accepts_delay=True,
        locked=True,
        duck_events=True,
        system_duck=False,
        scope="rear",
        system=True,
    )
    assert claim_from_focus_request(target_sdk=26).system_duck
    assert not claim_from_focus_request(4, 4, 2, locked=True).system
    assert claim_from_focus_request(11, 1, 3, force_duck=True).force_duck


# -- streams -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(STREAM_ROLES))
def test_a_stream_s_role_is_a_guess(role: str) -> None:
    claim = claim_from_stream_role(role)
    what, press, records = STREAM_ROLES[role]
    assert (claim.role, claim.press, claim.records) == (what, press, records)
    assert not claim.declared
    assert claim.spoken == (what is Role.SPEECH)
    assert claim_from_stream_role(f" {role.upper()} ") == claim


@pytest.mark.parametrize("role", [None, "", "opera"])
def test_an_unknown_stream_is_media_that_presses_on_nobody(role: str | None) -> None:
    claim = Claim(role=Role.UNKNOWN, press=Press.NONE, declared=False)
    assert claim_from_stream_role(role) == claim


# -- W3C -----------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", sorted(TYPES))
def test_a_type_as_a_claim(declared: str) -> None:
    press, role, records = TYPES[declared]
    claim = claim_from_type(declared, page="page")
    assert (claim.press, claim.role, claim.records) == (press, role, records)
    assert claim.exclusive == (declared in ("playback", "play-and-record", "transient-solo"))
    assert claim.mixable is not claim.exclusive
    assert (claim.auto, claim.scope) == (False, "page")
    assert claim_from_type("auto", [declared]) == replace(claim, auto=True, scope="")


# -- the one API ---------------------------------------------------------------------------


def test_a_configuration_with_apple_s_words_only() -> None:
    for category, mode, options in product(
        CATEGORIES, ("AVAudioSessionModeDefault", SPOKEN, VOICE_CHAT), (0, MIX, DUCK, 0x13)
    ):
        claim = claim_from_configuration(category=category, mode=mode, options=options)
        assert claim == replace(
            claim_from_category(category, mode, options),
            records=claim.role is Role.CALL or CATEGORIES[category].records,
        )


@pytest.mark.parametrize("gain", [1, 2, 3, 4])
def test_the_gain_decides_where_no_apple_option_did(gain: int) -> None:
    assert claim_from_configuration(category=PLAYBACK, gain=gain).press is GAINS[gain]
    for options, press in ((MIX, Press.NONE), (DUCK, Press.DUCK), (0x11, Press.NONE)):
        claim = claim_from_configuration(category=PLAYBACK, options=options, gain=gain)
        assert claim.press is press
    ambient = claim_from_configuration(category="AVAudioSessionCategoryAmbient", gain=gain)
    assert (ambient.press, ambient.mixable) == (Press.NONE, True)


def test_android_s_usage_says_what_for_and_else_apple() -> None:
    assert claim_from_configuration(category=PLAYBACK, usage=12).role is Role.PROMPT
    assert claim_from_configuration(category=PLAYBACK, usage=1).role is Role.MUSIC
    assert claim_from_configuration(category=PLAYBACK, content_type=3).role is Role.MOVIE
    assert claim_from_configuration(category=RECORD).role is Role.RECORDING
    call = claim_from_configuration(category=PLAYBACK, usage=2)
    assert (call.role, call.records) == (Role.CALL, True)


def test_pause_me_rather_than_lower_me() -> None:
    assert claim_from_configuration(category=PLAYBACK, mode=SPOKEN).yields
    assert claim_from_configuration(category=PLAYBACK, usage=1, content_type=1).yields
    assert claim_from_configuration(category=PLAYBACK, will_pause_when_ducked=True).yields
    assert not claim_from_configuration(category=PLAYBACK).yields
    # A prompt's content is speech, and it is too short to be paused.
    assert not claim_from_configuration(category=PLAYBACK, usage=12, content_type=1).yields


def test_a_configuration_with_android_s_words_only() -> None:
    podcast = claim_from_configuration(usage=1, content_type=1, gain=1)
    assert podcast == claim_from_focus_request(1, 1, 1)
    prompt = claim_from_configuration(usage=12, content_type=1, gain=3)
    assert (prompt.role, prompt.press, prompt.spoken) == (Role.PROMPT, Press.DUCK, False)
    assert claim_from_configuration() == Claim(role=Role.MUSIC)


@pytest.mark.parametrize(
    "fields", [{"category": "opera"}, {"usage": 999}, {"gain": 9}, {"usage": 15, "gain": 1}]
)
def test_a_configuration_of_words_there_are_not(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        claim_from_configuration(**fields)  # type: ignore[arg-type]
