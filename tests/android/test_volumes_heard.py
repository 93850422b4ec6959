"""Volumes as they are heard: players sound as loud as their streams' indices say."""

from __future__ import annotations

from typing import Any

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.android import (
    AndroidAudioAttributes,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.apple import AVAudioSessionCategory, AVAudioSessionMode
from audiosession.core import OpenSession, Role, StreamChanged
from audiosession.core.gains import to_db
from audiosession.hosts.simulated import SimulatedDevice, SimulatedPlayer
from audiosession.scenario.recorder import Recorder
from tests.android.manager_kit import C, Phone, Stream

pytestmark = pytest.mark.anyio

SPEAKER = AndroidAudioDeviceType.BUILTIN_SPEAKER


async def playing(
    phone: Phone, usage: AndroidAudioUsage = AndroidAudioUsage.MEDIA, app: str = "app"
) -> SimulatedPlayer:
    """A player whose session has such a usage."""
    owner = phone.device.app(app)
    configuration = AudioSessionConfiguration(
        android_audio_attributes=AndroidAudioAttributes(usage=usage)
    )
    await owner.session.configure(configuration)
    await owner.session.set_active(True)
    player = owner.player()
    player.play()
    return player


@pytest.mark.parametrize(
    ("usage", "stream"),
    [
        (AndroidAudioUsage.MEDIA, Stream.MUSIC),
        (AndroidAudioUsage.GAME, Stream.MUSIC),
        (AndroidAudioUsage.ALARM, Stream.ALARM),
        (AndroidAudioUsage.NOTIFICATION, Stream.NOTIFICATION),
        (AndroidAudioUsage.VOICE_COMMUNICATION, Stream.VOICE_CALL),
    ],
)
async def test_a_player_is_as_loud_as_its_stream(usage: AndroidAudioUsage, stream: Stream) -> None:
    phone = Phone()
    player = await playing(phone, usage)
    most = await phone.manager.get_stream_max_volume(stream)
    for index in (1, most // 2, most):
        await phone.manager.set_stream_volume(stream, index)
        db = await phone.manager.get_stream_volume_db(
            stream, max(index, await phone.manager.get_stream_min_volume(stream)), SPEAKER
        )
        assert player.level_db == pytest.approx(db)


async def test_other_streams_leave_it_alone() -> None:
    phone = Phone()
    player = await playing(phone)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 8)
    before = player.level_db
    await phone.manager.set_stream_volume(C.STREAM_ALARM, 1)
    await phone.manager.set_stream_volume(C.STREAM_RING, 1)
    await phone.manager.set_stream_volume(C.STREAM_VOICE_CALL, 1)
    assert player.level_db == before


async def test_a_muted_stream_is_silent_and_comes_back() -> None:
    phone = Phone()
    player = await playing(phone)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 8)
    before = player.level
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_MUTE)
    assert player.level == 0.0
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_UNMUTE)
    assert player.level == before > 0.0


async def test_the_users_own_volume_stays_beside_it() -> None:
    phone = Phone()
    player = await playing(phone)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 15)
    player.set_volume(0.5)
    assert player.level == 0.5
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 10)
    db = await phone.manager.get_stream_volume_db(C.STREAM_MUSIC, 10, SPEAKER)
    assert player.level_db == pytest.approx(db + to_db(0.5))
    assert player.volume == 0.5


async def test_a_player_follows_its_sessions_attributes() -> None:
    phone = Phone()
    player = await playing(phone)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 15)
    assert player.level == 1.0
    alarm = AudioSessionConfiguration(
        android_audio_attributes=AndroidAudioAttributes(usage=AndroidAudioUsage.ALARM)
    )
    await phone.app.session.configure(alarm)
    db = await phone.manager.get_stream_volume_db(C.STREAM_ALARM, 6, SPEAKER)
    assert player.level_db == pytest.approx(db)


async def test_without_attributes_the_role_decides() -> None:
    phone = Phone()
    player = phone.app.player()
    player.play(role=Role.ALARM)
    await phone.manager.set_stream_volume(C.STREAM_ALARM, 7)
    assert player.level == 1.0
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 0)
    assert player.level == 1.0


async def test_nothing_is_heard_differently_until_somebody_uses_volumes() -> None:
    device = SimulatedDevice("phone", policy="android")
    player = device.app("app").player()
    player.play()
    manager = AudioManager(device.app("app").host)
    await manager.get_property(C.PROPERTY_OUTPUT_SAMPLE_RATE)
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert player.level == 1.0
    await manager.get_stream_volume(C.STREAM_MUSIC)
    assert player.level < 0.1


async def test_headphones_have_a_volume_and_a_curve_of_their_own() -> None:
    phone = Phone()
    player = await playing(phone, AndroidAudioUsage.NOTIFICATION)
    assert await phone.manager.get_stream_volume(C.STREAM_NOTIFICATION) == 5
    loud = player.level_db
    phone.device.plug("wired headphones")
    db = await phone.manager.get_stream_volume_db(
        C.STREAM_NOTIFICATION, 5, AndroidAudioDeviceType.WIRED_HEADPHONES
    )
    assert player.level_db == pytest.approx(db)
    assert db != pytest.approx(loud)


async def test_what_is_recorded_has_the_volume_in_it() -> None:
    phone = Phone()
    recorder = Recorder("volumes")
    phone.device.observe(recorder)
    await playing(phone)
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 5
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 15)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 8)
    (track,) = recorder.finish(phone.device.now).tracks
    levels = [gain.to_db for gain in track.gains if gain.layer == "stream"]
    quiet = await phone.manager.get_stream_volume_db(C.STREAM_MUSIC, 8, SPEAKER)
    first = await phone.manager.get_stream_volume_db(C.STREAM_MUSIC, 5, SPEAKER)
    assert levels == pytest.approx([first, 0.0, quiet])


async def test_the_systems_own_sounds_have_volumes_too() -> None:
    phone = Phone()
    recorder = Recorder("ringtone")
    phone.device.observe(recorder)
    call = phone.device.incoming_call()
    assert await phone.manager.get_stream_volume(C.STREAM_RING) == 5
    await phone.manager.set_stream_volume(C.STREAM_RING, 7)
    call.decline()
    tracks: dict[str, Any] = {track.app: track for track in recorder.finish(1.0).tracks}
    levels = [gain.to_db for gain in tracks["phone"].gains if gain.layer == "stream"]
    assert levels[-1] == 0.0
    assert levels[0] < -10.0


async def test_duck_and_volume_add_up() -> None:
    phone = Phone()
    player = await playing(phone)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 10)
    alone = player.level_db
    navigator = phone.device.app("navigator")
    await navigator.session.configure(
        AudioSessionConfiguration(
            android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK
        )
    )
    await navigator.session.set_active(True)
    phone.device.advance(1.0)
    assert player.level_db == pytest.approx(alone + to_db(0.2), abs=0.1)


async def test_what_nobody_installed_is_passed_over() -> None:
    phone = Phone()
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 5
    phone.device.handle(OpenSession(session="ghost", app="ghost", client="ghost"))
    phone.device.handle(StreamChanged(session="ghost", stream="ghost/1", playing=True))
    assert [app.id for app in phone.device.apps] == ["app"]
    assert not await phone.manager.is_music_active()


async def test_a_player_whose_session_is_closed_still_has_a_volume() -> None:
    phone = Phone()
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) == 5
    await phone.app.session.configure(AudioSessionConfiguration.music())
    player = phone.app.player()
    await phone.app.session.close()
    player.play()
    five = await phone.manager.get_stream_volume_db(C.STREAM_MUSIC, 5, SPEAKER)
    assert player.level_db == pytest.approx(five)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 15)
    assert player.level == 1.0


async def test_a_session_in_apples_words_is_counted_by_what_it_is_for() -> None:
    phone = Phone()
    await phone.app.session.configure(
        AudioSessionConfiguration(
            av_audio_session_category=AVAudioSessionCategory.PLAY_AND_RECORD,
            av_audio_session_mode=AVAudioSessionMode.VOICE_CHAT,
        )
    )
    player = phone.app.player()
    player.play()
    await phone.manager.set_stream_volume(C.STREAM_VOICE_CALL, 5)
    assert player.level == 1.0
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_MUTE)
    assert player.level == 1.0
