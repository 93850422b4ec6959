"""AudioManager's audio focus: calls, requests that wait, exclusive focus, focus that is shared.

The numbers are those of the rules as read in Android's MediaFocusControl and
AudioFocusRequest: 52 to 63 lock, calls and delay, 64 exclusive focus, 67 to 70 multi focus.
"""

from __future__ import annotations

from itertools import product

import pytest

from audiosession.android import AndroidAudioFocusGainType
from audiosession.core import Role
from tests.android.focus_kit import (
    CAN_DUCK,
    DELAYED,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    RINGING,
    SPEECH,
    TALKING,
    D,
    G,
    Stage,
    T,
    Usage,
    X,
)

gains = pytest.mark.parametrize("gain", GAINS)


async def in_a_call(*below: str) -> Stage:
    """A call is on; the apps below were told of it."""
    stage = Stage()
    for app in below:
        await stage.enter(app, T)
    assert await stage.telephony().request_audio_focus_for_call(TALKING, T) is GRANTED
    stage.told()
    return stage


async def hang_up(stage: Stage) -> None:
    assert await stage.telephony().abandon_audio_focus_for_call() is GRANTED


# -- lock, calls, delay --------------------------------------------------------------------------


async def test_android_052_focus_is_locked_while_telephony_has_it() -> None:
    stage = await in_a_call()
    assert await stage.ask("music") is FAILED
    await hang_up(stage)
    assert await stage.ask("music") is GRANTED


@gains
async def test_android_053_a_locked_focus_fails_every_gain_and_tells_nobody(gain: int) -> None:
    stage = await in_a_call("music")
    before = stage.device.arbiter.snapshot()
    assert await stage.ask("other", gain) is FAILED
    assert await stage.ask("music", gain) is FAILED
    assert await stage.telephony().request_audio_focus_for_call(RINGING, gain) is FAILED
    assert stage.told() == {}
    assert stage.device.arbiter.active == before.active
    await hang_up(stage)
    assert stage.told() == {"music": [GAIN]}


@gains
async def test_android_054_056_a_patient_request_is_delayed_and_gains(gain: int) -> None:
    stage = await in_a_call()
    assert await stage.ask("other", gain, patient=True) is DELAYED
    assert stage.told() == {}
    await hang_up(stage)
    assert stage.told() == {"other": [GAIN]}
    assert stage.entries() == ("other",)


async def test_android_054_entries_below_feel_the_request_at_once() -> None:
    stage = await in_a_call("music", "guide")
    assert await stage.ask("radio", T, patient=True) is DELAYED
    assert stage.told() == {}
    assert await stage.ask("radio", G, patient=True) is DELAYED
    assert stage.told() == {"music": [LOSS], "guide": [LOSS]}
    await hang_up(stage)
    assert stage.told() == {"radio": [GAIN]}


async def test_android_055_waiting_removes_the_older_entry_unsaid() -> None:
    stage = await in_a_call("music", "guide")
    assert await stage.ask("music", T, patient=True) is DELAYED
    assert stage.told() == {}
    await hang_up(stage)
    assert stage.told() == {"music": [GAIN]}
    await stage.leave("music")
    assert stage.told() == {"guide": [GAIN]}


async def test_android_056_who_gave_up_waiting_gains_nothing() -> None:
    stage = await in_a_call("music")
    assert await stage.ask("other", T, patient=True) is DELAYED
    await stage.leave("other")
    await hang_up(stage)
    assert stage.told() == {"music": [GAIN]}


async def test_android_056_the_lock_ends_with_the_death_of_telephony() -> None:
    stage = await in_a_call()
    assert await stage.ask("other", patient=True) is DELAYED
    stage.app("telecom").kill()
    assert stage.told() == {"other": [GAIN]}


async def test_android_057_the_later_of_two_that_wait_ends_the_earlier() -> None:
    stage = await in_a_call()
    assert await stage.ask("music", patient=True) is DELAYED
    assert await stage.ask("radio", patient=True) is DELAYED
    assert stage.told() == {"music": [LOSS]}
    await hang_up(stage)
    assert stage.told() == {"radio": [GAIN]}
    await stage.leave("music")
    assert stage.entries() == ("radio",)


async def test_android_057_who_waits_and_lost_for_a_while_gains_once() -> None:
    stage = await in_a_call()
    assert await stage.ask("music", patient=True) is DELAYED
    assert await stage.ask("helper", T, patient=True) is DELAYED
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await hang_up(stage)
    assert stage.told() == {"helper": [GAIN]}
    await stage.leave("helper")
    assert stage.told() == {"music": [GAIN]}


async def test_android_058_a_call_interrupts_and_gives_back() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", D)
    telephony = stage.telephony()
    assert await telephony.request_audio_focus_for_call(RINGING, T) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT], "guide": [LOSS_TRANSIENT]}
    await stage.leave("guide")
    await hang_up(stage)
    assert stage.told() == {"music": [GAIN]}


async def test_android_058_the_device_s_own_calls_do_the_same() -> None:
    stage = Stage()
    await stage.enter("music")
    call = stage.device.incoming_call()
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    assert await stage.ask("radio") is FAILED
    assert await stage.ask("radio", patient=True) is DELAYED
    assert stage.told() == {"music": [LOSS]}
    call.accept()
    assert stage.told() == {}
    call.end()
    assert stage.told() == {"radio": [GAIN]}


async def test_android_059_media_and_games_are_silent_from_100_ms_on_until_the_call_ends() -> None:
    stage = Stage()
    for app, role in (("music", Role.MUSIC), ("game", Role.GAME), ("clock", Role.ALARM)):
        stage.play(f"my {app}", role)
    apps = [stage.app(f"my {app}") for app in ("music", "game", "clock")]

    def levels() -> list[float]:
        return [app.player().level for app in apps]

    telephony = stage.telephony()
    assert await telephony.request_audio_focus_for_call(RINGING, T) is GRANTED
    stage.device.advance(0.09)
    assert levels() == [1.0, 1.0, 1.0]
    stage.device.advance(0.02)
    assert levels() == [0.0, 0.0, 1.0]
    await hang_up(stage)
    assert levels() == [1.0, 1.0, 1.0]


async def test_android_059_a_call_that_ends_sooner_silences_nobody() -> None:
    stage = Stage()
    stage.play("music")
    call = stage.device.incoming_call()
    stage.device.advance(0.05)
    call.decline()
    stage.device.advance(1.0)
    assert stage.app("music").player().level == 1.0


async def test_android_059_a_player_that_was_there_is_silent_when_it_begins() -> None:
    stage = Stage()
    await stage.enter("music")
    music, telephony = stage.app("music"), stage.telephony()
    waits, changes = music.player("waits"), music.player("changes")
    await telephony.request_audio_focus_for_call(RINGING, T)
    stage.device.advance(0.2)
    late = music.player("late")
    waits.play(role=Role.MUSIC)
    changes.play(role=Role.ALARM)
    late.play(role=Role.MUSIC)
    # Those there are at that moment are looked at, whatever they do, and none that is new.
    assert [waits.level, changes.level, late.level] == [0.0, 1.0, 1.0]
    changes.play(role=Role.GAME)
    waits.pause()
    waits.resume()
    assert [waits.level, changes.level] == [0.0, 0.0]
    await hang_up(stage)
    assert [waits.level, changes.level, late.level] == [1.0, 1.0, 1.0]


async def test_android_059_a_call_that_loses_focus_is_a_call_until_it_ends() -> None:
    stage = Stage()
    stage.play("music")
    call = stage.device.incoming_call()
    call.accept()
    stage.device.advance(0.2)
    stage.device.android.routing.switch_user()
    assert stage.entries() == ()
    assert stage.app("music").player().level == 0.0
    call.end()
    assert stage.app("music").player().level == 1.0


async def test_android_059_a_call_that_is_refused_mutes_nobody_and_ends_no_other() -> None:
    stage = Stage()
    stage.play("music")
    first, second = stage.telephony("first"), stage.telephony("second")
    assert await first.request_audio_focus_for_call(TALKING, T) is GRANTED
    assert await second.request_audio_focus_for_call(RINGING, T) is FAILED
    stage.device.advance(0.2)
    await second.close()
    assert stage.app("music").player().level == 0.0
    await first.abandon_audio_focus_for_call()
    assert stage.app("music").player().level == 1.0
    # A full stack is looked at before anything of the call is.
    full = Stage()
    full.play("music")
    for client in range(101):
        await full.enter(f"app.{client}", T)
    assert await full.telephony().request_audio_focus_for_call(RINGING, T) is FAILED
    full.device.advance(0.2)
    assert full.app("music").player().level == 1.0


@pytest.mark.parametrize("asked", list(product(GAINS, repeat=2)))
async def test_android_062_without_patience_nothing_is_delayed(asked: tuple[int, int]) -> None:
    for stage in (Stage(), await in_a_call()):
        expected = FAILED if stage.entries() else GRANTED
        for number, gain in enumerate(asked):
            assert await stage.ask(f"app {number}", gain) is expected


# -- exclusive focus -----------------------------------------------------------------------------


@gains
async def test_android_064_exclusive_focus_stops_nobody_from_asking(
    gain: AndroidAudioFocusGainType,
) -> None:
    stage = Stage()
    await stage.enter("recorder", X, pauses=True)
    await stage.enter("other", gain, Usage.NOTIFICATION)
    expected = {G: LOSS, T: LOSS_TRANSIENT, X: LOSS_TRANSIENT, D: CAN_DUCK}
    assert stage.told() == {"recorder": [expected[gain]]}


# -- shared focus --------------------------------------------------------------------------------


async def sharing(*apps: str) -> Stage:
    stage = Stage()
    stage.device.android_focus.share(True)
    for app in apps:
        await stage.enter(app)
    assert stage.told() == {}
    return stage


async def test_android_067_focus_is_not_shared_unless_that_is_switched_on() -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("radio")
    assert stage.told() == {"music": [LOSS]}


async def test_android_068_open_ended_requests_are_granted_beside_each_other() -> None:
    stage = await sharing("music", "radio", "game")
    assert stage.entries() == ("music", "radio", "game")


@pytest.mark.parametrize("gain", [T, X])
async def test_android_068_other_gains_are_felt_by_stack_and_list(gain: int) -> None:
    stage = await sharing("music", "radio")
    await stage.enter("guide", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT], "radio": [LOSS_TRANSIENT]}
    await stage.enter("helper", gain)
    assert stage.told() == {"guide": [LOSS_TRANSIENT]}
    await stage.leave("helper")
    assert stage.told() == {"guide": [GAIN]}
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN], "radio": [GAIN]}


async def test_android_068_the_list_has_one_entry_an_app() -> None:
    stage = await sharing("music", "music.jingle", "radio")
    await stage.enter("helper", T)
    assert stage.told() == {"music": [LOSS_TRANSIENT], "radio": [LOSS_TRANSIENT]}


async def test_android_069_a_call_is_felt_by_the_list() -> None:
    stage = await sharing("music", "radio")
    await stage.telephony().request_audio_focus_for_call(TALKING, T)
    assert stage.told() == {"music": [LOSS_TRANSIENT], "radio": [LOSS_TRANSIENT]}
    await hang_up(stage)
    assert stage.told() == {"music": [GAIN], "radio": [GAIN]}


async def test_android_069_a_duck_counts_as_handled_and_lowers_nobody() -> None:
    stage = await sharing("music")
    stage.play("music", spoken=True)
    await stage.enter("guide", D)
    assert stage.told() == {}
    assert stage.held_db("music") == 0.0


async def test_android_069_a_forced_duck_lowers() -> None:
    stage = await sharing("music")
    stage.play("music")
    stage.app("reader").android_app.accessibility_service = True
    await stage.enter("reader", D, Usage.ASSISTANCE_ACCESSIBILITY, SPEECH, force=True)
    assert stage.told() == {}
    assert stage.held_db("music") == -14.0


async def test_android_070_switching_on_ends_the_owner() -> None:
    stage = Stage()
    await stage.enter("music", T)
    await stage.enter("radio", T)
    stage.told()
    stage.device.android_focus.share(True)
    assert stage.told() == {"radio": [LOSS]}


async def test_android_070_switching_off_ends_the_owner_and_the_list() -> None:
    stage = await sharing("music", "radio")
    await stage.enter("guide", T)
    stage.told()
    stage.device.android_focus.share(False)
    assert stage.told() == {"guide": [LOSS], "music": [LOSS], "radio": [LOSS]}
    assert stage.entries() == ()
