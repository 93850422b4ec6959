"""AudioManager's audio focus: ducking by the system, and the fade before a final loss.

The numbers are those of the rules as read in Android's MediaFocusControl, FocusRequester,
PlaybackActivityMonitor and FadeOutManager: 32 to 44 ducking, 45 to 50 the fade.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audiosession.android import tables
from audiosession.core import Role
from audiosession.policies import load_policy
from tests.android.focus_kit import (
    CAN_DUCK,
    GAIN,
    LOSS,
    LOSS_TRANSIENT,
    SPEECH,
    D,
    G,
    Stage,
    T,
    Usage,
    now,
)

DUCK_DB, STRONG_DB = -14.0, -35.0
MEDIA_ROLES = (Role.MUSIC, Role.SPEECH, Role.MOVIE, Role.GAME, Role.UNKNOWN)


async def playing(app: str = "music", **player: Any) -> Stage:
    """A stage with one app that has focus and plays."""
    stage = Stage()
    stage.play(app, **player)
    await stage.enter(app)
    return stage


def heard_db(stage: Stage, app: str) -> float:
    return round(stage.app(app).player().level_db, 1)


# -- the system ducks ----------------------------------------------------------------------------


async def test_android_032_the_system_lowers_players_and_tells_nobody() -> None:
    stage = await playing()
    await stage.enter("guide", D)
    assert stage.log == []
    assert stage.held_db("music") == DUCK_DB


async def test_android_032_a_an_app_does_not_duck_itself() -> None:
    stage = await playing()
    await stage.enter("music.prompt", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.held_db("music") == 0.0
    await stage.leave("music.prompt")
    assert stage.told() == {"music": [GAIN]}


async def test_android_032_b_who_pauses_when_ducked_is_told() -> None:
    stage = Stage()
    stage.play("music")
    await stage.enter("music", pauses=True)
    await stage.enter("guide", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.held_db("music") == 0.0
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN]}


@pytest.mark.parametrize(("level", "told"), [(25, True), (26, False), (1, True), (36, False)])
async def test_android_032_c_apps_up_to_level_25_duck_themselves(level: int, told: bool) -> None:
    stage = Stage()
    stage.target_sdk["music"] = level
    stage.play("music")
    await stage.enter("music")
    await stage.enter("guide", D)
    assert stage.told() == ({"music": [CAN_DUCK]} if told else {})
    assert stage.held_db("music") == (0.0 if told else DUCK_DB)


async def test_android_032_d_a_player_that_speaks_is_told() -> None:
    stage = await playing(spoken=True)
    await stage.enter("guide", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.held_db("music") == 0.0


async def test_android_032_d_one_of_several_players_is_enough() -> None:
    stage = await playing()
    stage.play("music", player="second", spoken=True)
    await stage.enter("guide", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    await stage.leave("guide")
    stage.told()
    stage.app("music").player("second").pause()
    await stage.enter("guide", D)
    assert stage.told() == {}
    assert stage.held_db("music") == DUCK_DB


@pytest.mark.parametrize("backend", ["aaudio", "soundpool"])
async def test_android_032_e_players_the_system_cannot_lower_are_told(backend: str) -> None:
    stage = await playing(backend=backend)
    await stage.enter("guide", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    assert stage.held_db("music") == 0.0


async def test_android_033_the_player_decides_and_not_the_request() -> None:
    stage = Stage()
    stage.play("podcast")
    await stage.enter("podcast", G, Usage.MEDIA, SPEECH)
    await stage.enter("guide", D)
    assert stage.told() == {}
    assert stage.held_db("podcast") == DUCK_DB


async def test_android_034_without_a_player_it_counts_as_handled() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", D)
    assert stage.told() == {}
    stage.play("music")
    assert stage.held_db("music") == 0.0
    await stage.leave("guide")
    assert stage.told() == {}


async def test_android_035_a_player_that_starts_later_is_low_at_once() -> None:
    stage = await playing()
    player = stage.app("music").player()
    player.pause()
    await stage.enter("guide", D)
    stage.device.advance(1.0)
    assert stage.told() == {}
    player.resume()
    assert heard_db(stage, "music") == DUCK_DB


async def forced(stage: Stage, *, service: bool = True, usage: int = 11, gain: int = D) -> None:
    """A screen reader asks, by force."""
    stage.app("reader").android_app.accessibility_service = service
    await stage.enter("reader", gain, usage, SPEECH, force=True)


async def test_android_036_a_forced_duck_passes_over_b_c_and_d() -> None:
    for pauses, level, spoken in ((True, 36, False), (False, 25, False), (False, 36, True)):
        stage = Stage()
        stage.target_sdk["music"] = level
        stage.play("music", spoken=spoken)
        await stage.enter("music", pauses=pauses)
        await forced(stage)
        assert stage.told() == {}
        assert stage.held_db("music") == DUCK_DB
        await stage.leave("reader")
        assert stage.held_db("music") == 0.0
        assert stage.told() == {}


async def test_android_036_a_forced_duck_does_not_pass_over_e() -> None:
    stage = await playing(backend="aaudio")
    await forced(stage)
    assert stage.told() == {"music": [CAN_DUCK]}


@pytest.mark.parametrize(
    ("service", "usage"),
    [(False, Usage.ASSISTANCE_ACCESSIBILITY), (True, Usage.ASSISTANCE_NAVIGATION_GUIDANCE)],
)
async def test_android_037_from_anybody_else_it_is_an_ordinary_duck(
    service: bool, usage: int
) -> None:
    stage = await playing(spoken=True)
    await forced(stage, service=service, usage=usage)
    assert stage.told() == {"music": [CAN_DUCK]}
    await stage.leave("reader")
    assert stage.told() == {"music": [GAIN]}


async def test_android_036_with_another_gain_it_is_an_ordinary_loss() -> None:
    stage = await playing(spoken=True)
    await forced(stage, gain=T)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}


@pytest.mark.parametrize("pauses", [False, True])
async def test_android_038_where_an_audio_policy_ducks_only_pausing_apps_are_told(
    pauses: bool,
) -> None:
    android = load_policy("android")
    settings = replace(android.settings, ducks_elsewhere=True)
    for spoken in (False, True):
        stage = Stage(replace(android, settings=settings))
        stage.play("music", spoken=spoken)
        await stage.enter("music", pauses=pauses)
        await stage.enter("guide", D)
        assert stage.told() == ({"music": [CAN_DUCK]} if pauses else {})
        assert stage.held_db("music") == 0.0
        await stage.enter("helper", T)
        assert stage.told()["music"] == [LOSS_TRANSIENT]


async def test_android_039_who_is_told_keeps_its_volume() -> None:
    stage = await playing(spoken=True)
    await stage.enter("guide", D)
    stage.device.advance(1.0)
    assert heard_db(stage, "music") == 0.0


async def test_android_040_a_duck_takes_half_a_second_each_way() -> None:
    stage = await playing()
    await stage.enter("guide", D)
    levels = []
    for _ in range(3):
        levels.append(heard_db(stage, "music"))
        stage.device.advance(0.25)
    await stage.leave("guide")
    for _ in range(3):
        levels.append(heard_db(stage, "music"))
        stage.device.advance(0.25)
    assert levels[0] == levels[-1] == 0.0
    assert levels[2] == levels[3] == DUCK_DB
    assert DUCK_DB < levels[1] < 0.0
    assert DUCK_DB < levels[4] < 0.0


async def test_android_041_an_assistant_ducks_strongly() -> None:
    stage = await playing()
    await stage.enter("helper", D, Usage.ASSISTANT)
    assert stage.held_db("music") == STRONG_DB
    assert stage.told() == {}


@pytest.mark.parametrize(
    ("first", "second", "level_db"),
    [
        (Usage.ASSISTANT, Usage.ALARM, STRONG_DB),
        (Usage.ALARM, Usage.ASSISTANT, DUCK_DB),
    ],
)
async def test_android_042_the_first_to_duck_decides_how_deep(
    first: int, second: int, level_db: float
) -> None:
    stage = await playing()
    await stage.enter("first", D, first)
    await stage.enter("second", D, second)
    assert stage.held_db("music") == level_db
    await stage.leave("first")
    assert stage.held_db("music") == level_db
    await stage.leave("second")
    assert stage.held_db("music") == 0.0


async def test_android_043_who_asks_and_is_granted_is_heard_again() -> None:
    stage = await playing()
    await stage.enter("guide", D)
    assert stage.held_db("music") == DUCK_DB
    # Any client of the app will do.
    await stage.enter("music.jingle", D)
    assert stage.held_db("music") == 0.0


@pytest.mark.parametrize("usage", [Usage.MEDIA, Usage.ALARM, Usage.VOICE_COMMUNICATION])
async def test_android_044_of_the_suggested_ramps_ducking_takes_the_notification_s(
    usage: Usage,
) -> None:
    half_s = tables.ramp_ms(Usage.NOTIFICATION) / 1000
    stage = await playing()
    await stage.enter("guide", D, usage)
    stage.device.advance(half_s - 0.01)
    assert heard_db(stage, "music") > DUCK_DB
    stage.device.advance(0.01)
    assert heard_db(stage, "music") == DUCK_DB


# -- the fade before a final loss ----------------------------------------------------------------


@pytest.mark.parametrize("role", MEDIA_ROLES)
async def test_android_045_046_047_players_fade_before_the_loss_is_told(role: Role) -> None:
    stage = await playing(role=role)
    await stage.enter("radio", G)
    assert stage.told() == {}
    # Its entry is out of the stack meanwhile.
    assert stage.entries() == ("radio",)
    levels = []
    for _ in range(4):
        levels.append(heard_db(stage, "music"))
        stage.device.advance(0.499)
    assert stage.told() == {}
    assert levels == sorted(set(levels), reverse=True)
    stage.device.advance(0.01)
    assert stage.told() == {"music": [LOSS]}
    assert stage.app("music").player().level == 0.0


async def test_android_048_who_ignores_the_loss_is_heard_again_two_seconds_later() -> None:
    stage = await playing()
    await stage.enter("radio", G)
    stage.device.advance(2.0)
    assert stage.told() == {"music": [LOSS]}
    stage.device.advance(1.9)
    assert stage.app("music").player().level == now(0.0)
    stage.device.advance(1.0)
    assert heard_db(stage, "music") == 0.0
    assert stage.told() == {}


@pytest.mark.parametrize("gain", [G, T, D])
@pytest.mark.parametrize("client", ["music", "music.other"])
async def test_android_049_who_asks_again_before_the_loss_is_not_told(
    client: str, gain: int
) -> None:
    stage = await playing()
    await stage.enter("radio", G)
    stage.device.advance(1.0)
    await stage.enter(client, gain)
    stage.device.advance(0.6)
    assert heard_db(stage, "music") == 0.0
    stage.device.advance(10.0)
    # Another client of the app brings the players back; the loss is the first one's.
    assert stage.heard("music") == ([] if client == "music" else [LOSS])
    assert heard_db(stage, "music") == 0.0


async def test_android_049_who_gives_up_before_the_loss_is_not_told() -> None:
    stage = await playing()
    await stage.enter("radio", G)
    await stage.leave("music")
    stage.device.advance(10.0)
    assert stage.heard("music") == []
    assert heard_db(stage, "music") == 0.0


async def test_android_050_speech_and_pausing_apps_are_told_at_once() -> None:
    stage = await playing(spoken=True)
    await stage.enter("radio", G)
    assert stage.told() == {"music": [LOSS]}

    stage = await playing()
    await stage.enter("news", G, Usage.MEDIA, SPEECH)
    assert stage.told() == {"music": [LOSS]}

    stage = await playing()
    await stage.enter("guide", G, Usage.ASSISTANCE_NAVIGATION_GUIDANCE, SPEECH)
    assert stage.told() == {"music": [LOSS]}

    stage = Stage()
    stage.play("music")
    await stage.enter("music", pauses=True)
    await stage.enter("radio", G)
    assert stage.told() == {"music": [LOSS]}


async def test_android_050_without_a_player_the_loss_is_told_at_once() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("radio", G)
    assert stage.told() == {"music": [LOSS]}


@pytest.mark.parametrize("unfit", [{"role": Role.ALARM}, {"spoken": True}, {"backend": "aaudio"}])
async def test_android_045_one_player_that_does_not_fade_has_it_told_at_once(
    unfit: dict[str, Any],
) -> None:
    stage = await playing()
    stage.play("music", player="second", **unfit)
    await stage.enter("radio", G)
    assert stage.told() == {"music": [LOSS]}


async def test_android_045_an_app_s_own_request_fades_nothing() -> None:
    stage = await playing()
    await stage.enter("music.next", G)
    assert stage.told() == {"music": [LOSS]}
