"""What AudioManager says and keeps besides: properties, effects, microphones, parameters."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from audiosession.android import AudioAttributes
from audiosession.android.attribute_constants import AndroidAudioCapturePolicy
from audiosession.android.audio_manager import AudioManager
from audiosession.android.errors import NullPointerException
from audiosession.android.models.hardware import (
    MAX_PARAMETERS,
    EffectPlayed,
    HardwareModel,
    MicrophoneSwitch,
)
from audiosession.android.system_constants import (
    NUM_SOUND_EFFECTS,
    AndroidEncodedSurroundMode,
    AndroidSoundEffectType,
)
from audiosession.core import Role
from audiosession.errors import InvalidTypeError, InvalidValueError, LimitError, UnsupportedError
from tests.android.manager_kit import NO_INTEGERS, C, IllegalArgumentException, Phone, now

pytestmark = pytest.mark.anyio

Capture = AndroidAudioCapturePolicy


# -- microphones ---------------------------------------------------------------------------------


@pytest.mark.parametrize("switches", list(product([False, True], repeat=4)))
async def test_android_096_any_of_four_switches_mutes_the_microphones(
    switches: tuple[bool, ...],
) -> None:
    phone = Phone()
    app, hardware, restriction, privacy = switches
    await phone.manager.set_microphone_mute(app)
    phone.device.apple.mute_microphone(hardware)
    phone.android.restrict_microphone(restriction)
    phone.android.block_microphone(privacy)
    assert await phone.manager.is_microphone_mute() is any(switches)
    named = zip(MicrophoneSwitch, switches, strict=True)
    assert phone.android.microphones_muted_by == {switch for switch, on in named if on}


async def test_android_096_an_app_undoes_its_own_switch_alone() -> None:
    phone = Phone()
    phone.android.block_microphone(True)
    await phone.manager.set_microphone_mute(True)
    await phone.manager.set_microphone_mute(False)
    assert await phone.manager.is_microphone_mute()
    phone.android.block_microphone(False)
    assert not await phone.manager.is_microphone_mute()


async def test_android_096_the_apps_switch_is_one_for_all() -> None:
    phone = Phone()
    other = AudioManager(phone.device.app("other").host)
    await phone.manager.set_microphone_mute(True)
    assert await other.is_microphone_mute()
    await other.set_microphone_mute(False)
    assert not await phone.manager.is_microphone_mute()


def test_a_model_tells_whether_a_switch_changed_anything() -> None:
    model = HardwareModel()
    assert model.mute_microphones(MicrophoneSwitch.APP, True)
    assert not model.mute_microphones(MicrophoneSwitch.PRIVACY, True)
    assert not model.mute_microphones(MicrophoneSwitch.APP, False)
    assert model.mute_microphones(MicrophoneSwitch.PRIVACY, False)


@pytest.mark.parametrize("on", [None, 1, "on"])
async def test_no_flag(on: Any) -> None:
    phone = Phone()
    with pytest.raises(InvalidTypeError):
        await phone.manager.set_microphone_mute(on)
    assert not await phone.manager.is_microphone_mute()


# -- effects -------------------------------------------------------------------------------------


@pytest.mark.parametrize("effect", [-1, NUM_SOUND_EFFECTS, 99, -(2**31)])
async def test_android_094_what_is_no_effect_is_passed_over(effect: int) -> None:
    phone = Phone()
    before = phone.snapshot()
    await phone.manager.play_sound_effect(effect)
    await phone.manager.play_sound_effect(effect, 1.0)
    assert phone.snapshot() == before


@pytest.mark.parametrize("effect", AndroidSoundEffectType)
async def test_every_effect_is_played(effect: AndroidSoundEffectType) -> None:
    phone = Phone()
    await phone.manager.play_sound_effect(effect, 0.25)
    assert phone.android.hardware.effects_played == (EffectPlayed(effect=effect, volume=0.25),)
    assert phone.words.said == [f"sound effect {effect.name.lower().replace('_', ' ')}"]


async def test_without_a_volume_the_users_setting_decides() -> None:
    phone = Phone()
    phone.android.set_sound_effects(False)
    await phone.manager.play_sound_effect(C.FX_KEY_CLICK)
    assert not phone.android.hardware.effects_played
    await phone.manager.play_sound_effect(C.FX_KEY_CLICK, -1)
    await phone.manager.play_sound_effect(C.FX_KEY_CLICK, 0.5)
    phone.android.set_sound_effects(True)
    await phone.manager.play_sound_effect(C.FX_KEY_CLICK)
    played = [effect.volume for effect in phone.android.hardware.effects_played]
    assert played == [None, 0.5, None]


async def test_effects_are_loaded_and_dropped() -> None:
    phone = Phone()
    await phone.manager.load_sound_effects()
    assert phone.android.hardware.effects_loaded
    await phone.manager.unload_sound_effects()
    assert not now(phone.android.hardware.effects_loaded)
    # What is played is loaded first.
    await phone.manager.play_sound_effect(C.FX_KEY_CLICK)
    assert now(phone.android.hardware.effects_loaded)


@pytest.mark.parametrize(
    ("effect", "volume", "error"),
    [
        *((value, None, InvalidTypeError) for value in NO_INTEGERS),
        (0, "loud", InvalidTypeError),
        (0, True, InvalidTypeError),
        (0, 1.01, InvalidValueError),
        (0, -0.5, InvalidValueError),
        (0, float("nan"), InvalidValueError),
        (0, float("inf"), InvalidValueError),
    ],
)
async def test_no_such_effect(effect: Any, volume: Any, error: type[Exception]) -> None:
    phone = Phone()
    with pytest.raises(error):
        await phone.manager.play_sound_effect(effect, volume)
    assert not phone.android.hardware.effects_played


async def test_effects_kept_are_bounded() -> None:
    model = HardwareModel()
    for _ in range(500):
        model.play_effect(AndroidSoundEffectType.KEY_CLICK)
    assert len(model.effects_played) == 64


# -- capture -------------------------------------------------------------------------------------


async def test_all_may_capture_at_first() -> None:
    phone = Phone()
    other = AudioManager(phone.device.app("other").host)
    assert await phone.manager.get_allowed_capture_policy() == C_ALL
    await phone.manager.set_allowed_capture_policy(Capture.NONE)
    assert now(await phone.manager.get_allowed_capture_policy()) is Capture.NONE
    assert await other.get_allowed_capture_policy() is Capture.ALL


C_ALL = 1
"""``AudioAttributes.ALLOW_CAPTURE_BY_ALL``."""


@pytest.mark.parametrize(("app", "own"), list(product(Capture, repeat=2)))
async def test_the_stricter_capture_policy_holds(app: Capture, own: Capture) -> None:
    phone = Phone()
    await phone.manager.set_allowed_capture_policy(app)
    order = [Capture.ALL, Capture.SYSTEM, Capture.NONE]
    stricter = order[max(order.index(app), order.index(own))]
    assert phone.android.view(phone.app).captured_by(own) is stricter


@pytest.mark.parametrize("policy", [0, 4, -1])
async def test_no_capture_policy(policy: int) -> None:
    phone = Phone()
    with pytest.raises(IllegalArgumentException):
        await phone.manager.set_allowed_capture_policy(policy)
    assert await phone.manager.get_allowed_capture_policy() is Capture.ALL


# -- music ---------------------------------------------------------------------------------------


async def test_music_is_active_whoever_plays_it() -> None:
    phone = Phone()
    assert not await phone.manager.is_music_active()
    player = phone.device.app("other").player()
    player.play()
    assert await phone.manager.is_music_active()
    player.pause()
    assert not await phone.manager.is_music_active()
    player.play(role=Role.ALARM)
    assert not await phone.manager.is_music_active()


# -- properties ----------------------------------------------------------------------------------


async def test_properties_are_text() -> None:
    phone = Phone()
    read = phone.manager.get_property
    assert await read(C.PROPERTY_OUTPUT_SAMPLE_RATE) == "48000"
    assert await read(C.PROPERTY_OUTPUT_FRAMES_PER_BUFFER) == "192"
    for key, fact in (
        (C.PROPERTY_SUPPORT_MIC_NEAR_ULTRASOUND, "microphone_near_ultrasound"),
        (C.PROPERTY_SUPPORT_SPEAKER_NEAR_ULTRASOUND, "speaker_near_ultrasound"),
        (C.PROPERTY_SUPPORT_AUDIO_SOURCE_UNPROCESSED, "unprocessed_source"),
    ):
        assert await read(key) == "true"
        phone.android.set_facts(**{fact: False})
        assert await read(key) == "false"


@pytest.mark.parametrize("unknown", [0, -1])
async def test_a_number_that_is_not_above_zero_is_nothing(unknown: int) -> None:
    phone = Phone()
    phone.android.set_facts(output_sample_rate=unknown, output_frames_per_buffer=unknown)
    assert await phone.manager.get_property(C.PROPERTY_OUTPUT_SAMPLE_RATE) is None
    assert await phone.manager.get_property(C.PROPERTY_OUTPUT_FRAMES_PER_BUFFER) is None


@pytest.mark.parametrize("key", [None, "", "android.media.property.NONE", "x" * 10_000])
async def test_what_is_no_key_has_no_value(key: str | None) -> None:
    assert await Phone().manager.get_property(key) is None


@pytest.mark.parametrize("key", [1, b"x", ["x"]])
async def test_a_key_is_a_text(key: Any) -> None:
    with pytest.raises(InvalidTypeError):
        await Phone().manager.get_property(key)


# -- parameters ----------------------------------------------------------------------------------


async def test_parameters_are_kept_and_asked_for() -> None:
    phone = Phone()
    await phone.manager.set_parameters("a=1; b = two;;nothing;=3;c=x=y")
    assert await phone.manager.get_parameters("a;b") == "a=1;b=two"
    assert await phone.manager.get_parameters("c") == "c=x=y"
    assert await phone.manager.get_parameters("nothing;a;a") == "a=1"
    assert await phone.manager.get_parameters("") == ""
    await phone.manager.set_parameters("a=2")
    assert await phone.manager.get_parameters("a") == "a=2"


async def test_parameters_are_bounded() -> None:
    phone = Phone()
    most = ";".join(f"k{number}=v" for number in range(MAX_PARAMETERS))
    await phone.manager.set_parameters(most)
    with pytest.raises(LimitError):
        await phone.manager.set_parameters("k0=other;one=more")
    assert await phone.manager.get_parameters("k0;one") == "k0=v"
    with pytest.raises(InvalidValueError):
        await phone.manager.set_parameters("a=" + "x" * 4096)
    with pytest.raises(InvalidValueError):
        await phone.manager.get_parameters("x" * 4097)


@pytest.mark.parametrize("given", [None, 1, b"a=1", {"a": "1"}])
async def test_parameters_are_text(given: Any) -> None:
    phone = Phone()
    with pytest.raises(InvalidTypeError):
        await phone.manager.set_parameters(given)
    with pytest.raises(InvalidTypeError):
        await phone.manager.get_parameters(given)
    assert phone.android.hardware.parameters(("a",)) == {}


# -- the rest ------------------------------------------------------------------------------------


async def test_an_audio_session_id_is_nobody_elses() -> None:
    phone = Phone()
    other = AudioManager(phone.device.app("other").host)
    ids = [await manager.generate_audio_session_id() for manager in (phone.manager, other) * 50]
    assert len(set(ids)) == 100
    assert min(ids) > 0


async def test_what_the_device_is_able_to_do() -> None:
    phone = Phone()
    attributes = AudioAttributes.Builder().set_usage(1).build()
    assert not await phone.manager.is_haptic_playback_supported()
    assert not await phone.manager.is_offloaded_playback_supported({"encoding": 9}, attributes)
    assert await phone.manager.get_encoded_surround_mode() is AndroidEncodedSurroundMode.AUTO
    phone.android.set_facts(
        haptic_playback=True,
        offloaded_encodings=frozenset({9}),
        encoded_surround_mode=AndroidEncodedSurroundMode.NEVER,
    )
    assert await phone.manager.is_haptic_playback_supported()
    assert await phone.manager.is_offloaded_playback_supported({"encoding": 9}, attributes)
    assert not await phone.manager.is_offloaded_playback_supported({}, attributes)
    assert now(await phone.manager.get_encoded_surround_mode()) is AndroidEncodedSurroundMode.NEVER


@pytest.mark.parametrize(
    ("format", "attributes", "error"),
    [
        (None, AudioAttributes.Builder().build(), NullPointerException),
        ({}, None, NullPointerException),
        ("mp3", AudioAttributes.Builder().build(), InvalidTypeError),
        ({}, "media", InvalidTypeError),
        ({"encoding": "mp3"}, AudioAttributes.Builder().build(), InvalidTypeError),
    ],
)
async def test_no_format(format: Any, attributes: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await Phone().manager.is_offloaded_playback_supported(format, attributes)


async def test_no_session_has_a_clock_in_hardware() -> None:
    phone = Phone()
    with pytest.raises(UnsupportedError):
        await phone.manager.get_audio_hw_sync_for_session(1)
    wrong: Any = "1"
    with pytest.raises(InvalidTypeError):
        await phone.manager.get_audio_hw_sync_for_session(wrong)


async def test_android_094_old_calls_do_nothing() -> None:
    phone = Phone()
    before = phone.snapshot()
    await phone.manager.set_bluetooth_a2dp_on(True)
    assert await phone.manager.get_routing(0) == -1
    wrong: Any = None
    with pytest.raises(InvalidTypeError):
        await phone.manager.get_routing(wrong)
    assert phone.snapshot() == before
