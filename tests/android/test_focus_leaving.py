"""AudioManager's audio focus: the same client again, abandoning, death, the system's own hand.

The numbers are those of the rules as read in Android's MediaFocusControl: 21 to 31.
"""

from __future__ import annotations

import pytest

from audiosession.android import (
    AndroidAudioFocus,
    AudioFocusRequest,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.android.stream_constants import AndroidStreamType
from audiosession.hosts.simulated.android_streams import player_stream
from tests.android.focus_kit import (
    CAN_DUCK,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    D,
    G,
    Stage,
    T,
    Usage,
)

gains = pytest.mark.parametrize("gain", GAINS)


# -- the same client again -----------------------------------------------------------------------


@gains
async def test_android_021_the_same_request_again_changes_nothing(gain: int) -> None:
    stage = Stage()
    await stage.enter("music", pauses=True)
    await stage.enter("guide", gain, Usage.MEDIA)
    before = stage.device.arbiter.snapshot()
    stage.told()
    # Attributes are not compared: the old ones stay.
    await stage.enter("guide", gain, Usage.ALARM)
    assert stage.device.arbiter.snapshot().sessions == before.sessions
    assert stage.told() == {}


async def test_android_021_players_stay_what_the_request_in_force_says() -> None:
    stage = Stage()
    await stage.enter("music", G, Usage.MEDIA)
    stage.play("music")
    player = stage.app("music").player()
    await stage.enter("music", G, Usage.ALARM)
    assert player_stream(player) is AndroidStreamType.MUSIC
    # Another gain makes it a new request, attributes and all.
    await stage.enter("music", T, Usage.ALARM)
    assert player_stream(player) is AndroidStreamType.ALARM


async def test_android_022_another_gain_of_the_top_is_a_new_request() -> None:
    stage = Stage()
    await stage.enter("music", pauses=True)
    await stage.enter("guide", D)
    assert stage.told() == {"music": [CAN_DUCK]}
    await stage.enter("guide", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    # What was told stays told, also when the newer request asks for less.
    await stage.enter("guide", D)
    assert stage.told() == {}
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN]}


async def test_android_022_other_flags_of_the_top_are_a_new_request() -> None:
    stage = Stage()
    await stage.enter("guide", T)
    await stage.enter("guide", T, pauses=True)
    claim = stage.device.arbiter.view("guide").claim
    assert claim is not None
    assert claim.pause_when_ducked
    assert stage.entries() == ("guide",)
    assert stage.told() == {}


async def test_android_023_who_sits_lower_is_pushed_on_top_and_hears_nothing() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await stage.enter("music", T)
    assert stage.told() == {"guide": [LOSS_TRANSIENT]}
    assert stage.entries() == ("guide", "music")
    # It has received nothing: what comes is told as to a fresh entry.
    await stage.enter("call", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}


# -- abandoning ----------------------------------------------------------------------------------


async def test_android_024_when_the_top_leaves_the_next_gains() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", T)
    stage.told()
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN]}
    await stage.leave("music")
    assert stage.told() == {}
    assert stage.entries() == ()


async def test_android_025_when_another_leaves_nobody_hears_of_it() -> None:
    stage = Stage()
    for app in ("a", "b", "c"):
        await stage.enter(app, T)
    stage.told()
    await stage.leave("b")
    assert stage.told() == {}
    assert stage.entries() == ("a", "c")
    await stage.leave("c")
    assert stage.told() == {"a": [GAIN]}


async def test_android_026_who_is_unknown_leaves_without_effect() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.leave("stranger")
    await stage.leave("music.other")
    assert await stage.manager("stranger").abandon_audio_focus(None) is GRANTED
    assert await stage.manager("stranger").abandon_audio_focus_for_call() is GRANTED
    assert stage.entries() == ("music",)
    assert stage.told() == {}


async def test_android_027_after_a_loss_the_client_is_unknown() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", T)
    await stage.enter("radio", G)
    assert stage.told()["music"] == [LOSS_TRANSIENT, LOSS]
    await stage.leave("music")
    await stage.leave("guide")
    assert stage.told() == {}
    assert stage.entries() == ("radio",)


async def test_android_024_any_request_with_the_listener_gives_back() -> None:
    stage = Stage()
    await stage.enter("music", G)
    await stage.manager("music").abandon_audio_focus_request(
        stage.request("music", D, Usage.ALARM, pauses=True)
    )
    assert stage.entries() == ()


async def test_android_024_the_older_form_gives_back_what_the_newer_one_asked() -> None:
    stage = Stage()
    await stage.enter("music")
    assert await stage.manager("music").abandon_audio_focus(stage.ear("music").hear) is GRANTED
    assert stage.entries() == ()


# -- death ---------------------------------------------------------------------------------------


async def test_android_028_when_the_top_dies_the_next_gains() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", T)
    stage.told()
    stage.app("guide").kill()
    assert stage.told() == {"music": [GAIN]}


async def test_android_028_when_only_lower_entries_die_nobody_hears_of_it() -> None:
    stage = Stage()
    for client in ("old", "guide.a", "guide.b", "top"):
        await stage.enter(client, T)
    stage.told()
    stage.app("guide").kill()
    assert stage.told() == {}
    assert stage.entries() == ("old", "top")
    await stage.leave("top")
    assert stage.told() == {"old": [GAIN]}


@pytest.mark.parametrize("how", ["kill", "close"])
async def test_android_028_all_clients_of_a_process_go_together(how: str) -> None:
    stage = Stage()
    for client in ("guide.a", "old", "guide.b", "guide.c"):
        await stage.enter(client, T)
    stage.told()
    if how == "kill":
        stage.app("guide").kill()
    else:
        await stage.close("guide")
    # None of its own that lay lower gains for a moment.
    assert stage.told() == {"old": [GAIN]}
    assert stage.entries() == ("old",)


async def test_android_028_a_closed_manager_takes_its_own_clients_only() -> None:
    stage = Stage()
    host = stage.app("player").host
    first, second = AudioManager(host), AudioManager(host)
    heard: list[AndroidAudioFocus] = []
    builder = AudioFocusRequest.Builder(T)
    request = builder.set_on_audio_focus_change_listener(heard.append).build()
    assert await first.request_audio_focus(request) is GRANTED
    assert await second.request_audio_focus(AudioFocusRequest.Builder(T).build()) is GRANTED
    await second.close()
    await second.close()
    assert heard == [LOSS_TRANSIENT, GAIN]
    assert stage.entries() == ("player",)


@pytest.mark.parametrize("policy", ["android", "android-car"])
async def test_android_005_who_dies_while_it_asks_fails(policy: str) -> None:
    stage, heard = Stage(policy, "car"), list[AndroidAudioFocus]()

    def hear(change: AndroidAudioFocus) -> None:
        if not heard:
            stage.app("guide").kill()
        heard.append(change)

    builder = AudioFocusRequest.Builder(G).set_on_audio_focus_change_listener(hear)
    await stage.manager("music").request_audio_focus(builder.build())
    assert await stage.ask("guide", T) is FAILED
    assert stage.told() == {}
    assert heard == [LOSS_TRANSIENT, GAIN]
    # It can be started anew.
    stage.app("guide").relaunch()
    assert await stage.ask("guide", T) is GRANTED


# -- the system's own hand -----------------------------------------------------------------------


async def test_android_029_suspension_ends_entries_and_signals_nobody() -> None:
    stage = Stage()
    await stage.enter("old")
    await stage.enter("game", T)
    stage.told()
    stage.app("game").suspend()
    assert stage.told() == {"game": [LOSS]}
    assert stage.entries() == ("old",)
    # It may ask again once it runs.
    stage.app("game").to_foreground()
    await stage.enter("game", T)


async def test_android_030_a_user_switch_ends_the_owner_and_signals_nobody() -> None:
    stage = Stage()
    await stage.enter("old")
    await stage.enter("game.effects", T)
    await stage.enter("game", T)
    stage.told()
    stage.device.android.routing.switch_user()
    assert stage.told() == {"game": [LOSS]}
    assert stage.entries() == ("old", "game")
    # Who is on top now loses at the next switch, and with nobody there nothing happens.
    stage.device.android.routing.switch_user()
    stage.device.android.routing.switch_user()
    assert stage.told() == {"game.effects": [LOSS], "old": [LOSS]}
    stage.device.android.routing.switch_user()
    assert stage.told() == {}


async def test_android_030_who_stays_visible_keeps_focus() -> None:
    stage = Stage()
    await stage.enter("game", T)
    stage.device.android.routing.switch_user(owner_stays_visible=True)
    assert stage.told() == {}
    assert stage.entries() == ("game",)


async def test_android_030_the_noise_is_told_before_the_loss() -> None:
    stage, order = Stage(), list[str]()
    manager = stage.manager("game")
    await manager.register_receiver(
        lambda intent: order.append("noisy"), manager.ACTION_AUDIO_BECOMING_NOISY
    )
    builder = AudioFocusRequest.Builder(G)
    builder.set_on_audio_focus_change_listener(lambda change: order.append(change.name))
    await manager.request_audio_focus(builder.build())
    stage.device.android.routing.switch_user()
    assert order == ["noisy", "LOSS"]


async def test_android_031_a_loss_that_the_system_sends_signals_the_next() -> None:
    stage = Stage()
    await stage.enter("old")
    await stage.enter("game", T)
    stage.told()
    stage.device.android_focus.revoke_owner(signal_next=True)
    assert stage.log[-2:] == [("game", LOSS), ("old", GAIN)]
    assert stage.told() == {"game": [LOSS], "old": [GAIN]}
