"""Volumes by Android's rules 86 to 89 and 92, as AudioService has them."""

from __future__ import annotations

import pytest

from audiosession.android import tables
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.models.callers import AndroidCaller
from audiosession.android.models.volumes import MUTABLE, STREAMS, StreamActivity, VolumeModel
from audiosession.android.stream_constants import AndroidAudioAdjustment
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.manager_kit import AudioManager, C, Phone, Stream, now

pytestmark = pytest.mark.anyio

APP = AndroidCaller()
ADJUST = AndroidAudioAdjustment


async def test_volumes_are_the_platforms_at_first() -> None:
    phone = Phone()
    for stream in (Stream.VOICE_CALL, Stream.RING, Stream.MUSIC, Stream.ALARM):
        volume = tables.stream_volume(stream)
        assert await phone.manager.get_stream_min_volume(stream) == volume.min
        assert await phone.manager.get_stream_max_volume(stream) == volume.max
        assert await phone.manager.get_stream_volume(stream) == volume.default


async def test_android_086_where_volumes_are_fixed_nothing_moves_and_nothing_is_raised() -> None:
    phone = Phone()
    phone.android.set_volumes_fixed(True)
    manager, before = phone.manager, phone.snapshot()
    assert await manager.is_volume_fixed()
    for stream in STREAMS:
        for direction in ADJUST:
            await manager.adjust_stream_volume(stream, direction, C.FLAG_SHOW_UI)
        await manager.set_stream_volume(stream, 3)
        await manager.set_stream_mute(stream, True)
    await manager.adjust_volume(C.ADJUST_LOWER)
    await manager.adjust_suggested_stream_volume(C.ADJUST_RAISE, C.STREAM_MUSIC)
    await manager.adjust_volume_group_volume(0, C.ADJUST_RAISE)
    # Not even the right to silence the device is asked for.
    await manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    assert phone.snapshot() == before


async def test_a_device_is_not_fixed_unless_said() -> None:
    phone = Phone()
    assert not await phone.manager.is_volume_fixed()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 9


@pytest.mark.parametrize("kind", ["phone", "default", "television", "single_volume", "none"])
def test_android_087_an_index_is_that_of_every_stream_that_follows_the_same_one(kind: str) -> None:
    for stream in STREAMS:
        model = VolumeModel(aliases=kind)
        before = model.states()
        model.adjust(stream, ADJUST.LOWER, 0, APP, 0.0)
        moved = {each for each in STREAMS if model.state(each) != before[each]}
        family = {each for each in STREAMS if model.aliases[each] is model.aliases[stream]}
        assert moved
        assert moved <= family
        # A step of a coarser stream is at least one of every finer one.
        same = {
            each for each in family if tables.stream_volume(each) == tables.stream_volume(stream)
        }
        assert same <= moved


@pytest.mark.parametrize("kind", ["phone", "default", "television", "single_volume", "none"])
def test_android_087_a_mute_is_that_of_every_stream_that_follows_the_same_one(kind: str) -> None:
    for stream in STREAMS:
        model = VolumeModel(aliases=kind)
        if model.aliases[stream] not in MUTABLE - {Stream.VOICE_CALL}:
            continue
        model.adjust(stream, ADJUST.MUTE, 0, APP, 0.0)
        for each in STREAMS:
            follows = model.aliases[each] is model.aliases[stream]
            if stream not in (Stream.VOICE_CALL, Stream.BLUETOOTH_SCO):
                assert model.muted(each) is follows


def test_android_087_one_of_the_users_steps_is_ten_inside() -> None:
    assert tables.figure("internal_index_factor") == 10
    model = VolumeModel()
    # Ten steps of a stream of fifteen are five of one of seven, within rounding.
    for _ in range(10):
        model.adjust(Stream.DTMF, ADJUST.LOWER, 0, APP, 0.0)
        assert abs(model.state(Stream.DTMF).kept * 7 / 15 - model.state(Stream.RING).kept) <= 1.0


async def test_android_088_what_can_be_muted() -> None:
    for stream in STREAMS:
        phone = Phone("car")
        phone.is_telephony()
        await phone.manager.adjust_stream_volume(stream, C.ADJUST_MUTE)
        # In a car no stream follows another one.
        assert await phone.manager.is_stream_mute(stream) is (stream in MUTABLE)
    assert {stream.name for stream in MUTABLE} == {
        "MUSIC",
        "RING",
        "NOTIFICATION",
        "SYSTEM",
        "VOICE_CALL",
    }


async def test_android_088_a_call_is_muted_by_telephony_alone() -> None:
    phone = Phone()
    before = phone.snapshot()
    for direction in (C.ADJUST_MUTE, C.ADJUST_TOGGLE_MUTE, C.ADJUST_UNMUTE):
        await phone.manager.adjust_stream_volume(C.STREAM_VOICE_CALL, direction)
        assert phone.snapshot() == before
    phone.is_telephony()
    await phone.manager.adjust_stream_volume(C.STREAM_VOICE_CALL, C.ADJUST_MUTE)
    assert await phone.manager.is_stream_mute(C.STREAM_VOICE_CALL)


async def test_android_088_a_calls_volume_does_not_reach_zero() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_VOICE_CALL, 0)
    assert await phone.manager.get_stream_volume(C.STREAM_VOICE_CALL) == 4
    phone.is_telephony()
    await phone.manager.set_stream_volume(C.STREAM_VOICE_CALL, 0)
    assert now(await phone.manager.get_stream_volume(C.STREAM_VOICE_CALL)) == 1
    assert not await phone.manager.is_stream_mute(C.STREAM_VOICE_CALL)


async def test_android_089_louder_unmutes() -> None:
    phone = Phone()
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_MUTE)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 0
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_RAISE)
    assert not await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    assert now(await phone.manager.get_stream_volume(C.STREAM_MUSIC)) == 6


async def test_android_089_quieter_moves_the_kept_index_and_stays_muted() -> None:
    phone = Phone()
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_MUTE)
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_LOWER)
    assert await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 0
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_UNMUTE)
    assert now(await phone.manager.get_stream_volume(C.STREAM_MUSIC)) == 4


async def test_an_index_of_zero_mutes_and_another_unmutes() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 0)
    assert await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 2)
    assert not await phone.manager.is_stream_mute(C.STREAM_MUSIC)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 2


async def test_an_index_of_zero_does_not_mute_what_cannot_be_muted() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(Stream.BLUETOOTH_SCO, 0)
    assert await phone.manager.get_stream_volume(Stream.BLUETOOTH_SCO) == 0
    assert not await phone.manager.is_stream_mute(Stream.BLUETOOTH_SCO)


@pytest.mark.parametrize(("given", "index"), [(-5, 0), (99, 15), (2**40, 15)])
async def test_an_index_out_of_range_becomes_the_nearest(given: int, index: int) -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, given)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == index


async def test_a_step_at_the_end_stays_there() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_ALARM, 7)
    await phone.manager.adjust_stream_volume(C.STREAM_ALARM, C.ADJUST_RAISE)
    assert await phone.manager.get_stream_volume(C.STREAM_ALARM) == 7
    for _ in range(9):
        await phone.manager.adjust_stream_volume(C.STREAM_ALARM, C.ADJUST_LOWER)
    assert now(await phone.manager.get_stream_volume(C.STREAM_ALARM)) == 1


@pytest.mark.parametrize(
    ("activity", "stream"),
    [
        (StreamActivity(), Stream.MUSIC),
        (StreamActivity(notified=True), Stream.NOTIFICATION),
        (StreamActivity(rang=True, notified=True), Stream.RING),
        (StreamActivity(assistant=True, rang=True), Stream.ASSISTANT),
        (StreamActivity(in_call=True, assistant=True, rang=True), Stream.VOICE_CALL),
    ],
)
def test_android_092_what_is_adjusted_without_a_stream(
    activity: StreamActivity, stream: Stream
) -> None:
    assert activity.stream() is stream
    suggested = activity.stream(Stream.ALARM)
    assert suggested is (Stream.ALARM if stream is Stream.MUSIC else stream)


async def adjusted(device: SimulatedDevice) -> set[Stream]:
    """The streams that have their own volume and move with a step that names none."""
    before = device.android.volumes.states()
    await AudioManager(device.app("asker").host).adjust_volume(C.ADJUST_LOWER)
    after = device.android.volumes.states()
    aliases = device.android.volumes.aliases
    return {each for each in STREAMS if after[each] != before[each] and aliases[each] is each}


async def test_android_092_music_where_nothing_else_sounds() -> None:
    phone = Phone()
    assert await adjusted(phone.device) == {Stream.MUSIC}


async def test_android_092_ringing_then_the_call() -> None:
    phone = Phone()
    call = phone.device.incoming_call()
    assert await adjusted(phone.device) == {Stream.RING}
    call.accept()
    assert await adjusted(phone.device) == {Stream.VOICE_CALL}
    call.end()
    # What rang just now has become what people talked in; that is over.
    phone.device.advance(60.0)
    assert await adjusted(phone.device) == {Stream.MUSIC}


async def test_android_092_what_rang_just_now_counts() -> None:
    phone = Phone()
    ringtone = phone.device.ringtone()
    ringtone.end()
    phone.device.advance(phone.android.recent_s / 2)
    assert await adjusted(phone.device) == {Stream.RING}
    phone.device.advance(phone.android.recent_s)
    assert await adjusted(phone.device) == {Stream.MUSIC}


async def test_android_092_the_mode_of_a_call_counts_without_any_sound() -> None:
    phone = Phone()
    await phone.manager.set_mode(C.MODE_IN_COMMUNICATION)
    assert await adjusted(phone.device) == {Stream.VOICE_CALL}


async def test_a_suggested_stream_is_taken_while_none_is_active() -> None:
    phone = Phone()
    await phone.manager.adjust_suggested_stream_volume(C.ADJUST_LOWER, C.STREAM_ALARM)
    assert await phone.manager.get_stream_volume(C.STREAM_ALARM) == 5
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 5
    phone.device.ringtone()
    await phone.manager.adjust_suggested_stream_volume(C.ADJUST_LOWER, C.STREAM_ALARM)
    assert await phone.manager.get_stream_volume(C.STREAM_ALARM) == 5
    assert now(await phone.manager.get_stream_volume(C.STREAM_RING)) == 4


async def test_each_output_has_indices_of_its_own() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 12)
    phone.device.plug("wired headphones")
    assert phone.android.volumes.output == AndroidAudioDeviceType.WIRED_HEADPHONES
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 5
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 2)
    phone.device.unplug("wired headphones")
    assert now(await phone.manager.get_stream_volume(C.STREAM_MUSIC)) == 12


async def test_all_apps_have_the_same_volumes() -> None:
    phone = Phone()
    other = AudioManager(phone.device.app("other").host)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 11)
    assert await other.get_stream_volume(C.STREAM_MUSIC) == 11
