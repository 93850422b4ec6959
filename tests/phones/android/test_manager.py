"""Volumes, ringer, effects, parameters, keys and microphones: AudioManager on a phone."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession.android import (
    AudioAttributes,
    AudioManager,
    IllegalArgumentException,
    IllegalStateException,
    Intent,
    KeyEvent,
    SecurityException,
    blocking,
)
from audiosession.android.attribute_constants import AndroidAudioCapturePolicy
from audiosession.android.focus_constants import AndroidAudioFocusRequestResult
from audiosession.android.stream_constants import AndroidRingerMode
from audiosession.android.system_constants import AndroidEncodedSurroundMode, AndroidIntent
from audiosession.errors import AudioSessionError, UnsupportedError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android.errors import JavaError

from .manager_kit import managed
from .phone import LEVELS, Phone

MUSIC = AudioManager.STREAM_MUSIC
HUGE = 2**40


@pytest.mark.parametrize("level", LEVELS)
async def test_each_part_of_a_volume_is_one_call_of_the_phones(level: int) -> None:
    async with managed(level) as app:
        phone, manager = app.phone, app.manager
        phone.answer("AudioManager.getStreamVolume", 7)
        phone.answer("AudioManager.getStreamMaxVolume", 25)
        phone.answer("AudioManager.isStreamMute", True)
        assert await manager.get_stream_volume(MUSIC) == 7
        assert app.calls() == ["getStreamVolume(3)"]
        assert await manager.get_stream_max_volume(MUSIC) == 25
        assert app.calls() == ["getStreamMaxVolume(3)"]
        assert await manager.is_stream_mute(MUSIC) is True
        assert app.calls() == ["isStreamMute(3)"]


async def test_levels_in_db_are_the_phones() -> None:
    async with managed(28) as app:
        app.phone.answer("AudioManager.getStreamMinVolume", 1)
        app.phone.answer("AudioManager.getStreamMaxVolume", 15)
        app.phone.doubles.answer("AudioManager.getStreamVolumeDb", -12.5)
        assert await app.manager.get_stream_volume_db(MUSIC, 4, 2) == -12.5
        assert "getStreamVolumeDb(3, 4, 2)" in app.calls()
        app.phone.doubles.answer("AudioManager.getStreamVolumeDb", -758.0)
        assert await app.manager.get_stream_volume_db(MUSIC, 1, 2) == -math.inf
        with pytest.raises(IllegalArgumentException):
            await app.manager.get_stream_volume_db(MUSIC, 0, 2)


@pytest.mark.parametrize("level", LEVELS)
async def test_changes_are_passed_on_as_they_are(level: int) -> None:
    async with managed(level) as app:
        manager = app.manager
        await manager.adjust_stream_volume(MUSIC, AudioManager.ADJUST_RAISE, 1)
        await manager.adjust_volume(AudioManager.ADJUST_LOWER)
        await manager.adjust_suggested_stream_volume(AudioManager.ADJUST_MUTE, 2, 5)
        await manager.set_stream_volume(MUSIC, 9, 1)
        assert app.calls() == [
            "adjustStreamVolume(3, 1, 1)",
            "adjustVolume(-1, 0)",
            "adjustSuggestedStreamVolume(-100, 2, 5)",
            "setStreamVolume(3, 9, 1)",
        ]


async def test_numbers_too_large_for_java_become_the_nearest() -> None:
    async with managed(33) as app:
        await app.manager.set_stream_volume(MUSIC, HUGE, HUGE)
        await app.manager.set_mode(HUGE)
        most = 2**31 - 1
        assert app.calls() == [f"setStreamVolume(3, {most}, {most})", f"setMode({most})"]


Call = Callable[[AudioManager], Awaitable[object]]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("setRingerMode", lambda m: m.set_ringer_mode(0)),
        ("adjustStreamVolume", lambda m: m.adjust_stream_volume(2, -100)),
        ("setStreamVolume", lambda m: m.set_stream_volume(2, 0)),
        ("adjustVolume", lambda m: m.adjust_volume(-100)),
    ],
)
async def test_silence_without_the_users_leave_is_a_security_exception(
    method: str, call: Call, level: int
) -> None:
    said = "Not allowed to change Do Not Disturb state"
    async with managed(level) as app:
        app.phone.fail(f"AudioManager.{method}", "java.lang.SecurityException", said)
        with pytest.raises(SecurityException, match=said) as caught:
            await call(app.manager)
        assert isinstance(caught.value, JavaError)
        assert caught.value.java_class == "java.lang.SecurityException"
        app.phone.forget(f"AudioManager.{method}")
        await call(app.manager)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("java.lang.IllegalArgumentException", IllegalArgumentException),
        ("java.lang.IllegalStateException", IllegalStateException),
        ("java.lang.UnsupportedOperationException", JavaError),
    ],
)
async def test_what_java_raises_comes_with_its_class_and_message(
    name: str, kind: type[AudioSessionError]
) -> None:
    async with managed(33) as app:
        app.phone.fail("AudioManager.getStreamVolume", name, "Bad stream type 11")
        with pytest.raises(kind, match="Bad stream type 11") as caught:
            await app.manager.get_stream_volume(11)
        assert isinstance(caught.value, JavaError)
        assert caught.value.java_class == name


@pytest.mark.parametrize("level", LEVELS)
async def test_the_ringer(level: int) -> None:
    async with managed(level) as app:
        app.phone.answer("AudioManager.getRingerMode", 1)
        assert await app.manager.get_ringer_mode() is AndroidRingerMode.VIBRATE
        await app.manager.set_ringer_mode(2)
        # What is no mode is passed over before the phone sees it.
        await app.manager.set_ringer_mode(99)
        assert app.calls() == ["getRingerMode()", "setRingerMode(2)"]


@pytest.mark.parametrize("level", LEVELS)
async def test_sounds_of_touching(level: int) -> None:
    async with managed(level) as app:
        await app.manager.load_sound_effects()
        await app.manager.play_sound_effect(AudioManager.FX_KEY_CLICK)
        await app.manager.play_sound_effect(AudioManager.FX_KEY_CLICK, 0.5)
        await app.manager.play_sound_effect(AudioManager.FX_KEY_CLICK, -1)
        await app.manager.unload_sound_effects()
        assert app.calls() == [
            "loadSoundEffects()",
            "playSoundEffect(0)",
            "playSoundEffect(0, 0.5)",
            "playSoundEffect(0, -1.0)",
            "unloadSoundEffects()",
        ]


@pytest.mark.parametrize("level", LEVELS)
async def test_parameters_properties_and_ids(level: int) -> None:
    async with managed(level) as app:
        phone, manager = app.phone, app.manager
        await manager.set_parameters("noise_suppression=on; x = 1 ;nothing")
        await manager.set_parameters("nothing")
        phone.answer("AudioManager.getParameters", "noise_suppression=on;x=")
        assert await manager.get_parameters("noise_suppression;x") == "noise_suppression=on;x="
        phone.answer("AudioManager.getProperty", "48000")
        rate = AudioManager.PROPERTY_OUTPUT_SAMPLE_RATE
        assert await manager.get_property(rate) == "48000"
        phone.forget("AudioManager.getProperty")
        assert await manager.get_property(None) is None
        phone.answer("AudioManager.generateAudioSessionId", 4711)
        assert await manager.generate_audio_session_id() == 4711
        assert app.calls() == [
            "setParameters(noise_suppression=on;x=1)",
            "getParameters(noise_suppression;x)",
            f"getProperty({rate.value})",
            "getProperty(null)",
            "generateAudioSessionId()",
        ]


async def test_who_may_capture_and_what_hardware_decodes() -> None:
    async with managed(33) as app:
        phone, manager = app.phone, app.manager
        await manager.set_allowed_capture_policy(3)
        phone.answer("AudioManager.getAllowedCapturePolicy", 3)
        assert await manager.get_allowed_capture_policy() is AndroidAudioCapturePolicy.NONE
        phone.answer("AudioManager.isHapticPlaybackSupported", True)
        assert await manager.is_haptic_playback_supported() is True
        phone.answer("AudioManager.getEncodedSurroundMode", 3)
        assert await manager.get_encoded_surround_mode() is AndroidEncodedSurroundMode.MANUAL
        phone.answer("AudioManager.isOffloadedPlaybackSupported", True)
        attributes = AudioAttributes.Builder().set_usage(1).build()
        assert await manager.is_offloaded_playback_supported({"encoding": 9}, attributes) is True
        assert phone.calls("AudioFormat.Builder.set") == [
            "AudioFormat.Builder.setEncoding(9)",
            "AudioFormat.Builder.setSampleRate(48000)",
            "AudioFormat.Builder.setChannelMask(12)",
        ]


@pytest.mark.parametrize("level", LEVELS)
async def test_the_switch_of_the_microphones(level: int) -> None:
    async with managed(level) as app:
        await app.manager.set_microphone_mute(True)
        app.phone.answer("AudioManager.isMicrophoneMute", True)
        assert await app.manager.is_microphone_mute() is True
        assert app.calls() == ["setMicrophoneMute(true)", "isMicrophoneMute()"]


@pytest.mark.parametrize("level", LEVELS)
async def test_a_media_key_is_handed_to_the_phone_with_all_it_says(
    level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[Any] = []
    async with managed(level) as app:
        call = app.host.api.call

        def look(receiver: Any, member: str, *args: Any) -> Any:
            if member == "AudioManager.dispatchMediaKeyEvent":
                handed.extend(args)
            return call(receiver, member, *args)

        monkeypatch.setattr(app.host.api, "call", look)
        event = KeyEvent(
            KeyEvent.ACTION_UP,
            KeyEvent.KEYCODE_MEDIA_PLAY_PAUSE,
            repeat_count=2,
            device_id=7,
            source=257,
            meta_state=1,
            scan_code=164,
            flags=8,
            down_time=2**33,
            event_time=2**33 + 5,
        )
        await app.manager.dispatch_media_key_event(event)
        (native,) = handed
        said = {name: native.kept.get(name) for name in ("Action", "Code", "Repeat", "Source")}
        assert said == {"Action": 1, "Code": 85, "Repeat": 2, "Source": 257}
        assert int(native.kept.get("DownTime")) == 2**33
        assert int(native.kept.get("EventTime")) == 2**33 + 5
        assert app.calls() == ["dispatchMediaKeyEvent(KeyEvent)"]


async def test_keys_go_to_media_sessions_and_to_no_function() -> None:
    async with managed(33) as app:
        with pytest.raises(UnsupportedError, match="receiving media keys"):
            await app.manager.register_media_button_event_receiver(print)


@pytest.mark.parametrize("level", LEVELS)
async def test_what_is_for_the_system_fails_unasked(level: int) -> None:
    async with managed(level) as app:
        app.phone.answer("Context.checkSelfPermission", -1)
        result = await app.manager.request_audio_focus_for_call(0, AudioManager.AUDIOFOCUS_GAIN)
        assert result is AndroidAudioFocusRequestResult.FAILED
        assert app.calls() == []


async def test_two_managers_wish_and_the_older_wish_holds_again() -> None:
    async with managed(33) as app:
        other = AudioManager(app.host)
        await app.manager.set_speakerphone_on(True)
        await app.manager.set_mode(3)
        await other.set_mode(1)
        app.calls()
        await other.close()
        assert app.calls() == ["setMode(3)"]
        assert app.device is app.host.android_device


@pytest.mark.parametrize("level", LEVELS)
def test_the_blocking_twin_works_from_a_thread_of_its_own(level: int) -> None:
    phone = Phone(level)
    phone.answer("AudioManager.getStreamVolume", 7)
    manager = blocking.AudioManager(lambda: AndroidHost(phone.bridge()))
    heard: list[Intent] = []
    noisy = AndroidIntent.ACTION_AUDIO_BECOMING_NOISY
    manager.register_receiver(heard.append, noisy)
    phone.send(phone.intent(noisy.value))
    phone.java.idle()
    # Its loop has told what came before the next call is served.
    assert manager.get_stream_volume(MUSIC) == 7
    assert [intent.action for intent in heard] == [noisy]
    manager.close()
    assert phone.java.listening() == 0
