"""AudioManager's audio focus: the stack, and what a holder is told (rules 1 to 20).

The numbers are those of the rules as read in Android's MediaFocusControl, FocusRequester and
HardeningEnforcer.
"""

from __future__ import annotations

from itertools import product

import pytest

from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusGainType,
    AudioFocusRequest,
    IllegalArgumentException,
    IllegalStateException,
)
from audiosession.android.app import AndroidPermission
from audiosession.android.audio_manager import AudioManager
from audiosession.core.translate.android import claim_from_focus_request
from tests.android.focus_kit import (
    CAN_DUCK,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    RINGING,
    SPEECH,
    D,
    G,
    Stage,
    T,
    Usage,
    X,
)

gains = pytest.mark.parametrize("gain", GAINS)
own_gains = pytest.mark.parametrize("own", GAINS)


# -- the stack -----------------------------------------------------------------------------------


async def test_android_001_one_stack_for_all_apps_and_the_last_entry_is_its_owner() -> None:
    stage = Stage()
    for app in ("music", "navigation", "helper"):
        await stage.enter(app, T)
    assert stage.entries() == ("music", "navigation", "helper")
    assert stage.told() == {"music": [LOSS_TRANSIENT], "navigation": [LOSS_TRANSIENT]}
    await stage.leave("helper")
    assert stage.told() == {"navigation": [GAIN]}


async def test_android_002_an_entry_keeps_what_was_asked() -> None:
    stage = Stage()
    stage.target_sdk["guide"] = 25
    await stage.enter(
        "guide", T, Usage.ASSISTANCE_NAVIGATION_GUIDANCE, SPEECH, patient=True, pauses=True
    )
    assert stage.device.arbiter.view("guide").claim == claim_from_focus_request(
        12, 1, 2, will_pause_when_ducked=True, accepts_delay=True, target_sdk=25
    )


async def test_android_003_two_listeners_of_one_app_are_two_clients() -> None:
    stage = Stage()
    await stage.enter("player.first")
    await stage.enter("player.second")
    assert stage.told() == {"player.first": [LOSS]}
    assert stage.entries() == ("player",)
    await stage.leave("player.first")
    assert stage.entries() == ("player",)
    await stage.leave("player.second")
    assert stage.entries() == ()


async def test_android_003_without_a_listener_the_manager_alone_is_the_client() -> None:
    stage = Stage()
    await stage.enter("player", T, listens=False)
    await stage.enter("player", D, listens=False)
    assert stage.entries() == ("player",)
    other = AudioManager(stage.app("player").host)
    assert await other.request_audio_focus(AudioFocusRequest.Builder(T).build()) is GRANTED
    assert stage.entries() == ("player", "player")


async def test_android_004_more_than_a_hundred_entries_refuse_a_request() -> None:
    stage = Stage()
    for number in range(101):
        await stage.enter(f"app {number}", D)
    assert await stage.ask("late", D) is FAILED
    # Not even those in it may ask again.
    assert await stage.ask("app 0", G) is FAILED
    assert await stage.ask("app 100", D) is FAILED
    assert stage.told() == {}
    assert len(stage.entries()) == 101
    await stage.leave("app 50")
    assert await stage.ask("late", D) is GRANTED


async def test_android_004_one_app_can_fill_the_stack() -> None:
    stage = Stage()
    for number in range(101):
        await stage.enter(f"app.{number}", D)
    assert await stage.ask("app.late", D) is FAILED
    assert await stage.ask("other", D) is FAILED


async def test_android_005_a_dead_process_fails() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("player", T)
    stage.app("player").kill()
    assert stage.told() == {"music": [LOSS_TRANSIENT, GAIN]}
    assert await stage.ask("player", T) is FAILED
    assert await stage.ask("player.new", T) is FAILED
    await stage.leave("player")
    assert stage.told() == {}
    stage.app("player").relaunch()
    assert await stage.ask("player", T) is GRANTED


@pytest.mark.parametrize("usage", [usage for usage in Usage if usage > Usage.ASSISTANT])
async def test_android_005_a_system_usage_needs_permission_and_support(usage: Usage) -> None:
    for profile, permitted in product(("phone", "car"), (False, True)):
        stage = Stage(profile=profile)
        await stage.enter("music")
        if permitted:
            stage.app("system").android_app.grant(AndroidPermission.MODIFY_AUDIO_ROUTING)
        supported = profile == "car" and usage in stage.app("system").android_app.system_usages
        granted = permitted and supported
        assert await stage.ask("system", T, usage) is (GRANTED if granted else FAILED)
        assert stage.told() == ({"music": [LOSS_TRANSIENT]} if granted else {})


async def test_android_005_the_lock_needs_an_audio_policy() -> None:
    stage = Stage()
    request = AudioFocusRequest.Builder(T).set_locks_focus(True).build()
    with pytest.raises(IllegalArgumentException, match="lock"):
        await stage.manager("app").request_audio_focus(request)
    assert stage.entries() == ()


async def test_android_005_telephony_needs_its_permission() -> None:
    stage = Stage()
    await stage.enter("music")
    assert await stage.manager("app").request_audio_focus_for_call(RINGING, T) is FAILED
    assert stage.told() == {}
    assert await stage.telephony("app").request_audio_focus_for_call(RINGING, T) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT]}


async def test_android_006_from_35_on_the_app_has_to_be_at_the_top() -> None:
    stage = Stage()
    stage.target_sdk |= {"new": 35, "old": 34}
    for app in ("new", "old", "music"):
        stage.app(app).to_background()
    assert await stage.ask("new") is FAILED
    assert await stage.ask("old") is GRANTED
    assert await stage.ask("music") is FAILED
    stage.app("music").android_app.foreground_service = True
    assert await stage.ask("music") is GRANTED
    stage.app("new").to_foreground()
    assert await stage.ask("new") is GRANTED
    # What is held stays held in the background, and can be given back there.
    stage.app("new").to_background()
    assert stage.entries() == ("new",)
    await stage.leave("new")
    assert stage.entries() == ()


@pytest.mark.parametrize(
    "permission",
    [
        AndroidPermission.MODIFY_PHONE_STATE,
        AndroidPermission.MODIFY_AUDIO_ROUTING,
        AndroidPermission.MODIFY_AUDIO_SETTINGS_PRIVILEGED,
    ],
)
async def test_android_006_parts_of_the_system_are_exempt(permission: AndroidPermission) -> None:
    stage = Stage()
    stage.app("system").to_background()
    assert await stage.ask("system") is FAILED
    stage.app("system").android_app.grant(permission)
    assert await stage.ask("system") is GRANTED


async def test_android_007_granting_goes_in_a_fixed_order() -> None:
    stage = Stage()
    stage.play("music")
    await stage.enter("music")
    await stage.enter("guide", D)
    assert stage.held_db("music") == -14.0
    assert await stage.ask("music", G) is GRANTED
    # Its older entry was gone before the losses went out, so it heard nothing; its own
    # player is back.
    assert stage.told() == {"guide": [LOSS]}
    assert stage.held_db("music") == 0.0
    assert stage.entries() == ("music",)


@gains
async def test_android_008_the_losses_of_others_come_before_the_answer(
    gain: AndroidAudioFocusGainType,
) -> None:
    stage = Stage()
    await stage.enter("music", pauses=True)
    answered: list[int] = []

    async def asking() -> None:
        await stage.enter("other", gain)
        answered.append(len(stage.log))

    await asking()
    assert answered == [1]
    assert stage.told() == {"music": [LOSSES[None][gain]]}


async def test_android_009_a_gain_is_felt_from_the_bottom_to_the_top_by_every_entry() -> None:
    stage = Stage()
    for app in ("bottom", "middle", "top"):
        await stage.enter(app, D, pauses=True)
    stage.log.clear()
    await stage.enter("call", T)
    assert stage.log == [(app, LOSS_TRANSIENT) for app in ("bottom", "middle", "top")]
    stage.log.clear()
    await stage.enter("radio", G)
    assert stage.log == [(app, LOSS) for app in ("bottom", "middle", "top", "call")]


# -- what a holder is told -----------------------------------------------------------------------

LOSSES = {
    None: {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK},
    CAN_DUCK: {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK},
    LOSS_TRANSIENT: {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: LOSS_TRANSIENT},
    LOSS: {G: LOSS, T: LOSS, X: LOSS, D: LOSS},
}
"""What was received -> the newcomer's gain -> the loss computed for it."""

RECEIVING = {CAN_DUCK: D, LOSS_TRANSIENT: T, LOSS: G}
"""A gain that has the holder receive it."""


@gains
@own_gains
@pytest.mark.parametrize("received", LOSSES)
async def test_android_011_013_loss_depends_on_what_was_received(
    received: AndroidAudioFocus | None, own: int, gain: AndroidAudioFocusGainType
) -> None:
    stage = Stage()
    await stage.enter("holder", own, pauses=True)
    if received is not None:
        await stage.enter("earlier", RECEIVING[received])
        assert stage.told() == {"holder": [received]}
    await stage.enter("newcomer", gain)
    loss = LOSSES[received][gain]
    # A loss is told when it is another one than before.
    assert stage.told().get("holder", []) == ([] if loss is received else [loss])


@gains
@own_gains
async def test_android_012_a_fresh_holder_s_own_gain_never_matters(
    own: int, gain: AndroidAudioFocusGainType
) -> None:
    for pauses in (False, True):
        stage = Stage()
        await stage.enter("holder", own, pauses=pauses)
        await stage.enter("newcomer", gain)
        loss = LOSSES[None][gain]
        silent = loss is CAN_DUCK and not pauses
        assert stage.told() == ({} if silent else {"holder": [loss]})


@pytest.mark.parametrize("asked", list(product(GAINS, repeat=3)))
async def test_android_013_losses_only_harden(asked: tuple[AndroidAudioFocusGainType, ...]) -> None:
    stage = Stage()
    await stage.enter("holder", pauses=True)
    for number, gain in enumerate(asked):
        await stage.enter(f"newcomer {number}", gain)
    order = [CAN_DUCK, LOSS_TRANSIENT, LOSS]
    said = [order.index(change) for change in stage.heard("holder")]
    assert said == sorted(set(said))
    assert order[said[-1]] is max((LOSSES[None][gain] for gain in asked), key=order.index)


async def test_android_014_after_a_loss_the_client_must_ask_again() -> None:
    stage = Stage()
    await stage.enter("holder")
    await stage.enter("newcomer", G)
    assert stage.told() == {"holder": [LOSS]}
    assert stage.entries() == ("newcomer",)
    await stage.leave("newcomer")
    assert stage.told() == {}
    assert await stage.ask("holder") is GRANTED


@pytest.mark.parametrize("gain", [T, X, D])
async def test_android_015_a_transient_loss_keeps_the_entry_in_its_place(
    gain: AndroidAudioFocusGainType,
) -> None:
    stage = Stage()
    await stage.enter("bottom", pauses=True)
    await stage.enter("middle", T, pauses=True)
    await stage.enter("top", gain)
    assert stage.entries() == ("bottom", "middle", "top")


@own_gains
@pytest.mark.parametrize("gain", [T, X, D])
async def test_android_016_top_again_is_told_gain_and_has_received_nothing(
    own: int, gain: AndroidAudioFocusGainType
) -> None:
    stage = Stage()
    await stage.enter("holder", own, pauses=True)
    loss = LOSSES[None][gain]
    for _ in range(2):
        await stage.enter("newcomer", gain)
        assert stage.told() == {"holder": [loss]}
        await stage.leave("newcomer")
        assert stage.told() == {"holder": [GAIN]}


async def test_android_017_who_was_lowered_unsaid_is_told_no_gain() -> None:
    stage = Stage()
    stage.play("music")
    await stage.enter("music")
    await stage.enter("guide", D)
    assert stage.held_db("music") == -14.0
    await stage.leave("guide")
    assert stage.held_db("music") == 0.0
    assert stage.log == []


async def test_android_018_a_loss_after_a_silent_duck_is_told_and_so_is_the_gain() -> None:
    stage = Stage()
    stage.play("music")
    await stage.enter("music")
    await stage.enter("guide", D)
    await stage.enter("helper", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT], "guide": [LOSS_TRANSIENT]}
    await stage.leave("guide")
    await stage.leave("helper")
    assert stage.told() == {"music": [GAIN]}


async def test_android_019_only_the_new_top_is_told_gain() -> None:
    stage = Stage()
    await stage.enter("a")
    await stage.enter("b", T)
    await stage.enter("c", T)
    assert stage.told() == {"a": [LOSS_TRANSIENT], "b": [LOSS_TRANSIENT]}
    await stage.leave("c")
    assert stage.told() == {"b": [GAIN]}
    await stage.leave("b")
    assert stage.told() == {"a": [GAIN]}


async def test_android_020_who_does_not_listen_takes_part_and_hears_nothing() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("alarm", T, listens=False)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await stage.enter("call", T)
    await stage.leave("call")
    assert stage.told() == {}
    await stage.leave("alarm", listens=False)
    assert stage.told() == {"music": [GAIN]}


async def test_android_061_patience_and_pausing_need_a_listener() -> None:
    for switch in ("set_accepts_delayed_focus_gain", "set_will_pause_when_ducked"):
        builder = AudioFocusRequest.Builder(T)
        getattr(builder, switch)(True)
        with pytest.raises(IllegalStateException):
            builder.build()


async def test_android_010_on_a_virtual_device_of_its_own_the_stack_is_left_alone() -> None:
    stage = Stage()
    await stage.enter("music")
    stage.app("stream").android_app.on_virtual_device = True
    assert await stage.ask("stream", G) is GRANTED
    assert stage.told() == {}
    assert stage.entries() == ("music",)
    await stage.leave("stream")
    stage.app("stream").android_app.on_virtual_device = False
    assert await stage.ask("stream", G) is GRANTED
    assert stage.told() == {"music": [LOSS]}
