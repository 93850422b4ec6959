"""AVAudioSession: hardware, permission, muting, observing (rules 104 to 119)."""

from __future__ import annotations

import math

import pytest

from audiosession.apple import (
    AVAudioApplication,
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationNotificationName,
    AVAudioApplicationRecordPermission,
    AVAudioApplicationUserInfoKey,
    AVAudioSessionIOType,
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionRecordPermission,
    AVAudioSessionRenderingMode,
    AVAudioSessionSetActiveFlags,
)
from audiosession.errors import InvalidTypeError, UnknownNameError
from tests.apple.phone_kit import (
    Category,
    Code,
    Key,
    Mode,
    Options,
    fails,
    heard,
    now,
    phone,
    session_of,
    started,
)

Name = AVAudioSessionNotificationName
Injection = AVAudioApplicationMicrophoneInjectionPermission


async def test_104_105_wishes_before_and_after_the_activation() -> None:
    session = session_of(phone().app("player"))
    assert session.preferred_sample_rate == 0.0
    assert session.sample_rate == 48_000.0
    await session.set_preferred_sample_rate(44_100.0)
    await session.set_active(True)
    assert session.sample_rate == 44_100.0
    await session.set_preferred_sample_rate(15_000.0)
    assert session.preferred_sample_rate == 15_000.0
    assert session.sample_rate == 16_000.0
    await session.set_preferred_sample_rate(0)
    assert session.sample_rate == 48_000.0


@pytest.mark.parametrize("wish", [-1.0, math.nan, math.inf, -math.inf])
async def test_104_wishes_out_of_range_are_refused(wish: float) -> None:
    session = await started(phone().app("player"))
    with fails(Code.BAD_PARAM):
        await session.set_preferred_sample_rate(wish)
    with fails(Code.BAD_PARAM):
        await session.set_preferred_io_buffer_duration(wish)
    assert session.preferred_sample_rate == session.preferred_io_buffer_duration == 0.0
    with pytest.raises(InvalidTypeError):
        await session.set_preferred_sample_rate("44100")  # type: ignore[arg-type]


async def test_107_channels() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    device.plug("usb audio")
    assert session.maximum_input_number_of_channels == 2
    assert session.input_number_of_channels == 2
    await session.set_preferred_input_number_of_channels(1)
    assert session.preferred_input_number_of_channels == 1
    assert session.input_number_of_channels == 1
    await session.set_preferred_output_number_of_channels(1)
    assert session.output_number_of_channels == 1
    assert session.preferred_output_number_of_channels == 1
    for count in (0, 3, -1):
        with fails(Code.BAD_PARAM):
            await session.set_preferred_input_number_of_channels(count)
        with fails(Code.BAD_PARAM):
            await session.set_preferred_output_number_of_channels(count)
    assert session.preferred_input_number_of_channels == 1
    with pytest.raises(InvalidTypeError):
        await session.set_preferred_input_number_of_channels(True)


async def test_107_the_wrong_direction() -> None:
    session = await started(phone().app("player"))
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_preferred_input_number_of_channels(1)
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_input_gain(0.5)
    await session.set_category(Category.RECORD)
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_preferred_output_number_of_channels(1)


async def test_107_two_of_eight_channels_unless_more_are_wished_for() -> None:
    device = phone()
    device.plug("hdmi")
    session = await started(device.app("film"))
    assert session.maximum_output_number_of_channels == 8
    assert session.output_number_of_channels == 2
    await session.set_preferred_output_number_of_channels(6)
    assert session.output_number_of_channels == 6


async def test_108_buffer_durations() -> None:
    session = await started(phone().app("player"))
    await session.set_preferred_sample_rate(44_100.0)
    assert session.io_buffer_duration == pytest.approx(0.0232, abs=1e-4)
    await session.set_preferred_io_buffer_duration(0.005)
    assert session.io_buffer_duration == pytest.approx(256 / 44_100)
    await session.set_preferred_io_buffer_duration(1e-9)
    assert session.io_buffer_duration < 0.005
    await session.set_preferred_io_buffer_duration(10.0)
    assert session.io_buffer_duration == pytest.approx(0.093, abs=1e-3)


async def test_109_who_does_not_mix_wins() -> None:
    device = phone()
    solo = await started(device.app("solo"))
    await solo.set_preferred_sample_rate(32_000.0)
    mixing = await started(device.app("mixing"), options=Options.MIX_WITH_OTHERS)
    await mixing.set_preferred_sample_rate(44_100.0)
    assert mixing.sample_rate == solo.sample_rate == 32_000.0
    await solo.set_active(False)
    assert mixing.sample_rate == 44_100.0


async def test_110_the_wrong_direction_answers_0() -> None:
    session = await started(phone().app("player"))
    assert session.input_number_of_channels == 0
    assert session.maximum_input_number_of_channels == 0
    assert session.input_latency == 0.0
    assert session.input_gain == 0.0
    assert session.output_latency > 0.0
    await session.set_category(Category.RECORD)
    assert session.output_number_of_channels == 0
    assert session.output_latency == 0.0
    assert session.input_latency > 0.0


async def test_111_the_gain_is_the_sources_clamped_and_restored() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    other = await started(device.app("other"), Category.PLAY_AND_RECORD, Options.MIX_WITH_OTHERS)
    assert session.is_input_gain_settable
    assert session.input_gain == 1.0
    gains: list[float] = []
    other.observe("input_gain", gains.append)
    await session.set_input_gain(0.25)
    assert other.input_gain == 0.25
    await session.set_input_gain(-3)
    assert session.input_gain == 0.0
    await session.set_input_gain(0.5)
    assert gains == [0.25, 0.0, 0.5]
    await session.set_active(False)
    assert other.input_gain == 0.5
    await other.set_active(False)
    assert other.input_gain == 1.0


async def test_111_where_it_cannot_be_set() -> None:
    device = phone()
    device.plug("bluetooth hands-free")
    session = await started(
        device.app("call"), Category.PLAY_AND_RECORD, Options.ALLOW_BLUETOOTH_HFP
    )
    assert not session.is_input_gain_settable
    with fails(Code.BAD_PARAM):
        await session.set_input_gain(0.5)
    device.unplug("bluetooth hands-free")
    with fails(Code.BAD_PARAM):
        await session.set_input_gain(math.nan)


async def test_112_the_io_type() -> None:
    session = await started(phone().app("player"))
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
    await session.set_category(Category.PLAY_AND_RECORD)
    io = session.make_io()
    await io.start()
    with fails(Code.IS_BUSY):
        await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
    await io.stop()
    await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
    await io.start()
    await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
    with fails(Code.IS_BUSY):
        await session.set_aggregated_io_preference(AVAudioSessionIOType.NOT_SPECIFIED)
    with pytest.raises(InvalidTypeError):
        await session.set_aggregated_io_preference(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("category", Category)
async def test_113_ring_switch_and_lock(category: Category) -> None:
    if category is Category.AUDIO_PROCESSING:
        category = Category.AMBIENT
    device = phone()
    await started(device.app("player"), category)
    player = device.app("player").player()
    player.play()
    silenced = category in (Category.AMBIENT, Category.SOLO_AMBIENT)
    device.set_silent_switch(True)
    assert (player.level == 0.0) is silenced
    device.set_silent_switch(False)
    assert player.level > 0.0
    device.lock_screen()
    assert (player.level == 0.0) is silenced


async def test_116_record_silences_others_that_mix() -> None:
    device = phone()
    await started(device.app("rain"), options=Options.MIX_WITH_OTHERS)
    device.app("rain").player().play()
    recorder = await started(device.app("recorder"), Category.RECORD)
    device.advance(1.0)
    assert device.app("rain").gain_db == -120.0
    await recorder.set_active(False)
    device.advance(1.0)
    assert device.app("rain").gain_db == 0.0


async def test_117_haptics_are_a_preference() -> None:
    session = session_of(phone().app("recorder"))
    assert not session.allow_haptics_and_system_sounds_during_recording
    await session.set_allow_haptics_and_system_sounds_during_recording(True)
    assert session.allow_haptics_and_system_sounds_during_recording


@pytest.mark.parametrize("grants", [True, False])
async def test_118_asked_once_on_request(grants: bool) -> None:
    device = phone()
    device.grants_microphone = grants
    app = device.app("recorder")
    session, application = session_of(app), AVAudioApplication.of(app.session)
    assert now(session.record_permission) is AVAudioSessionRecordPermission.UNDETERMINED
    answers: list[bool] = []
    assert await session.request_record_permission(answers.append) is grants
    device.grants_microphone = not grants
    assert await application.request_record_permission() is grants
    assert answers == [grants]
    granted = AVAudioApplicationRecordPermission.GRANTED
    denied = AVAudioApplicationRecordPermission.DENIED
    assert application.record_permission is (granted if grants else denied)


async def test_118_asked_at_the_first_use_of_input_and_not_by_the_category() -> None:
    device = phone()
    device.grants_microphone = False
    session = session_of(device.app("recorder"))
    await session.set_category(Category.RECORD)
    assert now(session.record_permission) is AVAudioSessionRecordPermission.UNDETERMINED
    io = session.make_io(input=True, output=False)
    await io.start()
    assert io.running
    assert now(session.record_permission) is AVAudioSessionRecordPermission.DENIED


async def test_119_muted_output() -> None:
    device = phone()
    session = await started(device.app("call"), Category.PLAY_AND_RECORD)
    player = device.app("call").player()
    player.play()
    with heard(session) as notifications:
        await session.set_output_muted(True)
        await session.set_output_muted(True)
        assert session.is_output_muted
        assert player.level == 0.0
        device.app("call").player("new").play()
        assert device.app("call").player("new").level == 0.0
        device.press_volume(True)
        await session.set_mode(Mode.VOICE_CHAT)
        assert not session.is_output_muted
        assert player.level > 0.0
        assert notifications.of(Name.OUTPUT_MUTE_STATE_CHANGE) == [
            {Key.MUTE_STATE: True},
            {Key.MUTE_STATE: False},
        ]
        assert notifications.of(Name.USER_INTENT_TO_UNMUTE_OUTPUT) == [{}]
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_output_muted(True)
    assert not session.is_output_muted
    await session.set_category(Category.RECORD)
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await session.set_output_muted(True)


async def test_echo_cancelled_input() -> None:
    session = await started(phone().app("call"), Category.PLAY_AND_RECORD)
    assert session.is_echo_cancelled_input_available
    assert not session.is_echo_cancelled_input_enabled
    await session.set_prefers_echo_cancelled_input(True)
    assert session.prefers_echo_cancelled_input
    assert session.is_echo_cancelled_input_enabled
    await session.set_mode(Mode.VOICE_CHAT)
    assert not session.is_echo_cancelled_input_available
    assert not session.is_echo_cancelled_input_enabled
    old = await started(phone(18, 1).app("call"), Category.PLAY_AND_RECORD)
    assert not old.is_echo_cancelled_input_available


async def test_microphone_injection() -> None:
    device = phone()
    app = device.app("speaker")
    session, application = session_of(app), AVAudioApplication.of(app.session)
    mode = AVAudioSessionMicrophoneInjectionMode
    assert now(session.preferred_microphone_injection_mode) is mode.NONE
    await session.set_preferred_microphone_injection_mode(mode.SPOKEN_AUDIO)
    assert now(session.preferred_microphone_injection_mode) is mode.SPOKEN_AUDIO
    assert now(application.microphone_injection_permission) is Injection.UNDETERMINED
    with heard(session) as notifications:
        device.apple.set_microphone_injection(True)
        assert notifications.of(Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE) == [
            {Key.MICROPHONE_INJECTION_IS_AVAILABLE: True}
        ]
    assert not session.is_microphone_injection_available
    assert await application.request_microphone_injection_permission() is Injection.GRANTED
    device.apple.grants_microphone_injection = False
    assert await application.request_microphone_injection_permission() is Injection.GRANTED
    assert session.is_microphone_injection_available
    device.apple.microphone_injection_service = False
    assert now(application.microphone_injection_permission) is Injection.SERVICE_DISABLED
    assert not session.is_microphone_injection_available


async def test_rendering_and_spatial_audio() -> None:
    device = phone()
    session = await started(device.app("film"))
    assert now(session.rendering_mode) is AVAudioSessionRenderingMode.NOT_APPLICABLE
    assert session.supported_output_channel_layouts == ()
    assert session.current_route.outputs[0].is_spatial_audio_enabled
    assert not session.supports_multichannel_content
    await session.set_supports_multichannel_content(True)
    assert session.supports_multichannel_content
    with heard(session) as notifications:
        device.apple.set_rendering_mode(AVAudioSessionRenderingMode.DOLBY_ATMOS)
        device.apple.change_rendering_capabilities()
        device.apple.set_spatial_audio(False)
        device.apple.set_spatial_audio(False)
        assert [dict(one.user_info) for one in notifications.all] == [
            {Key.RENDERING_MODE_NEW_RENDERING_MODE: AVAudioSessionRenderingMode.DOLBY_ATMOS},
            {},
            {Key.SPATIAL_AUDIO_ENABLED: False},
        ]
    assert now(session.rendering_mode) is AVAudioSessionRenderingMode.DOLBY_ATMOS
    assert not session.current_route.outputs[0].is_spatial_audio_enabled


async def test_input_muted_for_the_app() -> None:
    app = phone().app("call")
    application = AVAudioApplication.of(app.session)
    assert AVAudioApplication.of(app.session) is application
    with heard(application) as notifications:
        assert not now(application.is_input_muted)
        await application.set_input_muted(True)
        await application.set_input_muted(True)
        assert application.is_input_muted
        assert notifications.of(AVAudioApplicationNotificationName.INPUT_MUTE_STATE_CHANGE) == [
            {AVAudioApplicationUserInfoKey.MUTE_STATE: True}
        ]
    with pytest.raises(InvalidTypeError):
        await application.set_input_muted(1)  # type: ignore[arg-type]


async def test_observing_the_volume() -> None:
    device = phone()
    session = session_of(device.app("player"))
    volumes: list[float] = []
    observation = session.observe("output_volume", volumes.append)
    device.set_volume(0.5)
    device.set_volume(0.5)
    assert volumes == [0.5]
    observation.cancel()
    device.set_volume(1.0)
    assert volumes == [0.5]
    assert session.output_volume == 1.0


async def test_observing_the_input() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    counts: list[int] = []
    session.observe("input_number_of_channels", counts.append)
    device.plug("usb audio")
    await session.set_category(Category.PLAYBACK)
    assert counts == [2, 0]


async def test_what_cannot_be_observed() -> None:
    session = session_of(phone().app("player"))
    with pytest.raises(UnknownNameError):
        session.observe("category", print)
    with pytest.raises(InvalidTypeError):
        session.observe("output_volume", "not a function")  # type: ignore[arg-type]


async def test_an_observer_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    device = phone()
    session = session_of(device.app("player"))
    volumes: list[float] = []

    def bad(_: float) -> None:
        raise RuntimeError("bad")

    session.observe("output_volume", bad)
    session.observe("output_volume", volumes.append)
    device.set_volume(0.5)
    assert volumes == [0.5]
    assert "output_volume" in caplog.text


async def test_the_old_names() -> None:
    device = phone()
    session = await started(device.app("player"))
    assert session.input_is_available is session.is_input_available is True
    assert session.current_hardware_sample_rate == session.sample_rate
    assert session.current_hardware_input_number_of_channels == 0
    assert session.current_hardware_output_number_of_channels == 2
    await session.set_preferred_hardware_sample_rate(44_100.0)
    assert session.preferred_hardware_sample_rate == session.preferred_sample_rate == 44_100.0
    await session.set_active_with_flags(
        False, AVAudioSessionSetActiveFlags.NOTIFY_OTHERS_ON_DEACTIVATION
    )
    assert not session.is_active
    with pytest.raises(InvalidTypeError):
        await session.set_active_with_flags(True, 1)  # type: ignore[arg-type]


async def test_a_new_session_of_the_app_begins_without_wishes() -> None:
    app = phone().app("call")
    old = await started(app, Category.PLAY_AND_RECORD)
    await old.set_preferred_sample_rate(16_000.0)
    await old.make_io().start()
    await old.set_output_muted(True)
    await app.session.close()
    new = session_of(app)
    assert new is not old
    assert new.category is Category.SOLO_AMBIENT
    assert new.sample_rate == 48_000.0
    assert not app.apple.io_running
    app.player().play()
    assert app.player().level > 0.0
    app.player().stop()
    await new.set_active(True)
    await new.set_active(False)
