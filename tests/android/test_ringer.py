"""The ringer by Android's rules 90, 91, 93 and 94, as AudioService has them."""

from __future__ import annotations

from typing import Any

import pytest

from audiosession.android.errors import SecurityException
from audiosession.android.models.callers import USER, AndroidCaller
from audiosession.android.models.ringer import (
    DoNotDisturb,
    RingerModel,
    RingerPolicy,
    VolumeHint,
)
from audiosession.android.models.volumes import STREAMS, VolumeModel
from audiosession.android.stream_constants import (
    AndroidAudioAdjustment,
    AndroidAudioVolumeFlags,
    AndroidRingerMode,
)
from audiosession.errors import InvalidTypeError
from tests.android.manager_kit import NO_INTEGERS, C, Phone, Stream, now

pytestmark = pytest.mark.anyio

Adjust = AndroidAudioAdjustment
Mode = AndroidRingerMode
NORMAL, VIBRATE, SILENT = Mode.NORMAL, Mode.VIBRATE, Mode.SILENT
LATER = 10.0
"""Long after the ringer was changed."""


def ringing(mode: Mode, *, vibrator: bool = True, **policy: Any) -> VolumeModel:
    """A device whose ringer is in a mode, since long ago."""
    model = VolumeModel(vibrator=vibrator, policy=RingerPolicy(**policy))
    model.set_ringer(mode, USER, 0.0)
    return model


def at_one(model: VolumeModel) -> VolumeModel:
    """The same with the ring's volume at 1."""
    while model.state(Stream.RING).kept > 1:
        model.adjust(Stream.RING, Adjust.LOWER, 0, USER, 0.0)
    return model


# -- steps ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "vibrator", "direction", "after"),
    [
        (VIBRATE, True, Adjust.LOWER, SILENT),
        (VIBRATE, True, Adjust.RAISE, NORMAL),
        (VIBRATE, True, Adjust.UNMUTE, NORMAL),
        (VIBRATE, True, Adjust.TOGGLE_MUTE, NORMAL),
        (VIBRATE, True, Adjust.SAME, VIBRATE),
        (VIBRATE, True, Adjust.MUTE, VIBRATE),
        (SILENT, True, Adjust.RAISE, VIBRATE),
        (SILENT, False, Adjust.RAISE, NORMAL),
        (SILENT, True, Adjust.UNMUTE, NORMAL),
        (SILENT, True, Adjust.TOGGLE_MUTE, NORMAL),
        (SILENT, True, Adjust.LOWER, SILENT),
        (SILENT, True, Adjust.SAME, SILENT),
        (SILENT, True, Adjust.MUTE, SILENT),
    ],
)
@pytest.mark.parametrize("stream", [Stream.RING, Stream.NOTIFICATION, Stream.SYSTEM])
def test_android_090_steps_out_of_vibration_and_silence(
    before: Mode, vibrator: bool, direction: Adjust, after: Mode, stream: Stream
) -> None:
    model = ringing(before, vibrator=vibrator)
    kept = model.state(stream).kept
    change = model.adjust(stream, direction, 0, USER, LATER)
    assert model.ringer.mode is after
    assert change.ringer is (before is not after)
    # The index itself does not move.
    assert model.state(stream).kept == kept


def test_android_090_down_from_one_leads_to_vibration() -> None:
    model = at_one(VolumeModel())
    assert model.ringer.mode is NORMAL
    change = model.adjust(Stream.RING, Adjust.LOWER, AndroidAudioVolumeFlags.VIBRATE, USER, 0.0)
    assert now(model.ringer.mode) is VIBRATE
    assert change.vibrates


def test_it_vibrates_when_it_comes_to_do_that_alone() -> None:
    flags = AndroidAudioVolumeFlags.VIBRATE
    model = ringing(VIBRATE)
    assert not model.adjust(Stream.RING, Adjust.SAME, flags, USER, LATER).vibrates
    assert not model.adjust(Stream.RING, Adjust.RAISE, flags, USER, LATER).vibrates
    at_one(model)
    assert not model.adjust(Stream.RING, Adjust.SAME, flags, USER, LATER).vibrates
    assert not model.adjust(Stream.RING, Adjust.LOWER, 0, USER, LATER).vibrates


def test_android_090_without_a_vibrator_down_from_one_leads_to_silence() -> None:
    model = at_one(VolumeModel(vibrator=False))
    model.adjust(Stream.RING, Adjust.LOWER, 0, USER, 0.0)
    assert model.ringer.mode is SILENT


def test_android_090_above_one_it_stays_normal() -> None:
    model = VolumeModel()
    for index in (4, 3, 2, 1):
        model.adjust(Stream.RING, Adjust.LOWER, 0, USER, 0.0)
        assert (model.ringer.mode, model.state(Stream.RING).kept) == (NORMAL, index)


def test_android_090_it_vibrates_for_a_while_before_it_falls_silent() -> None:
    model = ringing(VIBRATE)
    wait = model.ringer.policy.debounce_s
    change = model.adjust(Stream.RING, Adjust.LOWER, 0, USER, wait)
    assert (model.ringer.mode, change.hint) == (VIBRATE, VolumeHint.VIBRATE)
    model.adjust(Stream.RING, Adjust.LOWER, 0, USER, wait * 1.5)
    assert now(model.ringer.mode) is SILENT


@pytest.mark.parametrize(
    ("caller", "policy"),
    [(AndroidCaller(), {}), (USER, {"down_to_silent": False})],
    ids=["an app without the right", "a device that does not do it"],
)
def test_android_090_who_may_not_silence_gets_a_hint(
    caller: AndroidCaller, policy: dict[str, bool]
) -> None:
    model = ringing(VIBRATE, **policy)
    change = model.adjust(Stream.RING, Adjust.LOWER, 0, caller, LATER)
    assert (model.ringer.mode, change.hint) == (VIBRATE, VolumeHint.VIBRATE)
    assert not change.ringer


@pytest.mark.parametrize("direction", [Adjust.RAISE, Adjust.UNMUTE, Adjust.TOGGLE_MUTE])
def test_android_090_leaving_silence_may_be_a_hint_alone(direction: Adjust) -> None:
    model = ringing(SILENT, up_leaves_silent=False)
    change = model.adjust(Stream.RING, direction, 0, USER, LATER)
    assert (model.ringer.mode, change.hint) == (SILENT, VolumeHint.SILENT)


def test_android_090_other_streams_step_the_ringer_only_where_it_is_allowed() -> None:
    model = ringing(VIBRATE)
    model.adjust(Stream.MUSIC, Adjust.RAISE, 0, USER, LATER)
    assert (model.ringer.mode, model.state(Stream.MUSIC).kept) == (VIBRATE, 6)
    flags = AndroidAudioVolumeFlags.ALLOW_RINGER_MODES
    model.adjust(Stream.MUSIC, Adjust.RAISE, flags, USER, LATER)
    assert now((model.ringer.mode, model.state(Stream.MUSIC).kept)) == (NORMAL, 6)


async def test_android_090_the_keys_go_all_the_way() -> None:
    phone = Phone()
    phone.device.ringtone()
    for _ in range(5):
        phone.android.press(C_DOWN)
    assert await phone.manager.get_ringer_mode() is VIBRATE
    phone.android.press(C_DOWN)
    assert phone.words.said[-1] == "hint: vibrate"
    phone.device.advance(1.0)
    phone.android.press(C_DOWN)
    assert now(await phone.manager.get_ringer_mode()) is SILENT
    phone.android.press(C_UP)
    phone.android.press(C_UP)
    assert now(await phone.manager.get_ringer_mode()) is NORMAL
    assert await phone.manager.get_stream_volume(C.STREAM_RING) == 1


C_DOWN, C_UP = 25, 24
"""``KEYCODE_VOLUME_DOWN`` and ``KEYCODE_VOLUME_UP``."""


# -- what the ringer mutes -----------------------------------------------------------------------


@pytest.mark.parametrize("mode", [VIBRATE, SILENT])
def test_android_091_what_does_not_ring_mutes(mode: Mode) -> None:
    muted = {stream for stream in STREAMS if ringing(mode).muted(stream)}
    assert {stream.name for stream in muted} == {
        "RING",
        "NOTIFICATION",
        "SYSTEM",
        "SYSTEM_ENFORCED",
        "DTMF",
    }


def test_android_091_dialling_tones_only_where_they_follow_the_ring() -> None:
    model = VolumeModel(aliases="none")
    model.set_ringer(SILENT, USER, 0.0)
    assert not model.muted(Stream.DTMF)
    assert model.muted(Stream.RING)


@pytest.mark.parametrize("stream", [Stream.RING, Stream.NOTIFICATION])
def test_android_091_an_index_of_zero_becomes_one_when_it_rings_again(stream: Stream) -> None:
    for aliases in ("phone", "none"):
        model = VolumeModel(aliases=aliases)
        model.set_index(stream, 0, 0, USER, 0.0)
        model.set_ringer(VIBRATE, USER, 0.0)
        assert model.state(stream).kept == 0
        model.set_ringer(NORMAL, USER, 0.0)
        assert now((model.state(stream).kept, model.muted(stream))) == (1, False)


def test_android_091_another_index_comes_back_as_it_was() -> None:
    model = ringing(VIBRATE)
    assert model.state(Stream.RING).index == 0
    model.set_ringer(NORMAL, USER, 0.0)
    assert now(model.state(Stream.RING).index) == 5


async def test_the_rings_index_sets_the_mode() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_RING, 0)
    assert await phone.manager.get_ringer_mode() is VIBRATE
    await phone.manager.set_stream_volume(C.STREAM_NOTIFICATION, 3)
    assert now(await phone.manager.get_ringer_mode()) is NORMAL
    assert await phone.manager.get_stream_volume(C.STREAM_RING) == 3


def test_an_index_of_zero_without_a_vibrator() -> None:
    assert RingerModel(vibrator=False).at_index(0) is SILENT
    policy = RingerPolicy(down_to_silent=False)
    assert RingerModel(vibrator=False, policy=policy).at_index(0) is NORMAL


# -- do not disturb ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "muted"),
    [
        (DoNotDisturb.OFF, set()),
        (DoNotDisturb.ALARMS_ONLY, {"SYSTEM", "NOTIFICATION", "RING"}),
        (DoNotDisturb.TOTAL_SILENCE, {"SYSTEM", "NOTIFICATION", "RING", "ALARM", "MUSIC"}),
    ],
)
async def test_android_093_what_do_not_disturb_mutes(what: DoNotDisturb, muted: set[str]) -> None:
    phone = Phone()
    phone.android.set_do_not_disturb(what)
    assert {
        stream.name for stream in STREAMS if await phone.manager.is_stream_mute(stream)
    } == muted
    phone.android.set_do_not_disturb(DoNotDisturb.OFF)
    assert not [stream for stream in STREAMS if await phone.manager.is_stream_mute(stream)]


async def test_android_093_what_it_mutes_is_not_adjusted() -> None:
    phone = Phone()
    phone.android.set_do_not_disturb(DoNotDisturb.TOTAL_SILENCE)
    before = phone.snapshot()
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_RAISE)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    assert phone.snapshot() == before
    phone.android.set_do_not_disturb(DoNotDisturb.ALARMS_ONLY)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 9


async def test_android_093_unless_the_ringer_may_change_with_it() -> None:
    phone = Phone()
    phone.android.set_do_not_disturb(DoNotDisturb.TOTAL_SILENCE)
    flags = C.FLAG_ALLOW_RINGER_MODES
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_RAISE, flags)
    assert phone.android.volumes.state(Stream.MUSIC).kept == 6
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9, flags)
    assert now(phone.android.volumes.state(Stream.MUSIC).kept) == 9


async def test_do_not_disturb_is_heard() -> None:
    phone = Phone()
    player = phone.app.player()
    player.play()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 8)
    before = player.level
    phone.android.set_do_not_disturb(DoNotDisturb.TOTAL_SILENCE)
    assert player.level == 0.0
    phone.android.set_do_not_disturb(DoNotDisturb.OFF)
    assert player.level == before > 0.0


# -- the app's calls -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [-1, 3, 99, 2**31])
async def test_android_094_what_is_no_mode_is_passed_over(mode: int) -> None:
    phone = Phone()
    before = phone.snapshot()
    await phone.manager.set_ringer_mode(mode)
    assert phone.snapshot() == before


@pytest.mark.parametrize("mode", NO_INTEGERS)
async def test_a_mode_that_is_no_number(mode: Any) -> None:
    phone = Phone()
    with pytest.raises(InvalidTypeError):
        await phone.manager.set_ringer_mode(mode)
    assert await phone.manager.get_ringer_mode() is NORMAL


async def test_an_app_without_the_right_does_not_begin_or_end_silence() -> None:
    phone = Phone()
    with pytest.raises(SecurityException):
        await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    assert await phone.manager.get_ringer_mode() is NORMAL
    # Vibration is no silence.
    await phone.manager.set_ringer_mode(C.RINGER_MODE_VIBRATE)
    assert now(await phone.manager.get_ringer_mode()) is VIBRATE
    phone.android.set_ringer_mode(SILENT)
    before = phone.snapshot()
    for call in (
        phone.manager.set_ringer_mode(C.RINGER_MODE_NORMAL),
        phone.manager.set_ringer_mode(C.RINGER_MODE_VIBRATE),
        phone.manager.adjust_stream_volume(C.STREAM_RING, C.ADJUST_RAISE),
        phone.manager.adjust_stream_volume(
            C.STREAM_MUSIC, C.ADJUST_UNMUTE, C.FLAG_ALLOW_RINGER_MODES
        ),
        phone.manager.set_stream_volume(C.STREAM_RING, 4),
        phone.manager.set_stream_volume(C.STREAM_MUSIC, 4, C.FLAG_ALLOW_RINGER_MODES),
    ):
        with pytest.raises(SecurityException):
            await call
        assert phone.snapshot() == before


async def test_an_app_with_the_right_does() -> None:
    phone = Phone()
    phone.may_silence()
    await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    assert await phone.manager.get_ringer_mode() is SILENT
    await phone.manager.set_stream_volume(C.STREAM_RING, 4)
    assert now(await phone.manager.get_ringer_mode()) is NORMAL


@pytest.mark.parametrize(("target_sdk", "may"), [(23, True), (24, False)])
async def test_apps_for_older_versions_may(target_sdk: int, may: bool) -> None:
    phone = Phone(target_sdk=target_sdk)
    if may:
        await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    else:
        with pytest.raises(SecurityException):
            await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    assert (await phone.manager.get_ringer_mode() is SILENT) is may


async def test_what_cannot_vibrate_is_silent() -> None:
    phone = Phone("desktop")
    phone.may_silence()
    await phone.manager.set_ringer_mode(C.RINGER_MODE_VIBRATE)
    assert await phone.manager.get_ringer_mode() is SILENT


async def test_a_ringtone_gets_louder_where_the_device_does_that() -> None:
    phone = Phone()
    assert not await phone.manager.is_ramping_ringer_enabled()
    phone.android.set_facts(ramping_ringer=True)
    assert await phone.manager.is_ramping_ringer_enabled()


@pytest.mark.parametrize(
    "call",
    [
        lambda android: android.set_do_not_disturb("total_silence"),
        lambda android: android.set_ringer_mode(1),
        lambda android: android.set_volumes_fixed(1),
        lambda android: android.set_ringer_policy({}),
        lambda android: android.set_sound_effects(None),
        lambda android: android.restrict_microphone("yes"),
        lambda android: android.block_microphone(0),
        lambda android: android.key(25),
        lambda android: android.press("25"),
        lambda android: android.press(25, repeats=1.0),
    ],
)
def test_the_user_does_nothing_impossible(call: Any) -> None:
    phone = Phone()
    before = phone.snapshot()
    with pytest.raises(InvalidTypeError):
        call(phone.android)
    assert phone.snapshot() == before
    assert not phone.android.volumes.fixed
