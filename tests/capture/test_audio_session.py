"""AVCaptureSession and the app's audio session (apple 122 to 125, 129, 131)."""

from __future__ import annotations

import pytest

from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionErrorCode,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
    AVAudioSessionSetActiveOptions,
    NSError,
)
from audiosession.capture import (
    AVCaptureMultichannelAudioMode,
    AVCaptureSession,
    AVError,
)
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.phone_kit import Category, Heard, Mode, Options, phone, started
from tests.apple.phone_kit import session_of as audio_of
from tests.capture.capture_kit import (
    FRONT,
    SOUND,
    Key,
    Name,
    Taker,
    camera,
    microphone,
    session_of,
    settled,
    told,
)

Pattern = AVAudioSessionPolarPattern
RECORD = Category.PLAY_AND_RECORD


@pytest.fixture
def device() -> SimulatedDevice:
    return phone()


@pytest.fixture
def app(device: SimulatedDevice) -> SimulatedApp:
    return device.app("camera")


async def music(device: SimulatedDevice) -> AVAudioSession:
    """Another app that plays."""
    session = await started(device.app("music"))
    device.app("music").player().play()
    return session


def as_configured(session: AVAudioSession) -> tuple[object, ...]:
    return session.category, session.mode, session.category_options


# -- defaults (apple 122) ----------------------------------------------------------------------


def test_122_defaults(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    assert session.uses_application_audio_session is True
    assert session.automatically_configures_application_audio_session is True
    assert session.configures_application_audio_session_to_mix_with_others is False
    assert (
        session.configures_application_audio_session_for_bluetooth_high_quality_recording is False
    )


# -- automatic configuration (apple 123, 129, 131) ---------------------------------------------


async def test_123_the_start_configures_and_activates_the_apps_audio_session(
    app: SimulatedApp,
) -> None:
    session, _ = session_of(app)
    audio = audio_of(app)
    assert as_configured(audio) == (Category.SOLO_AMBIENT, Mode.DEFAULT, Options.NONE)
    await session.start_running()
    assert as_configured(audio) == (RECORD, Mode.DEFAULT, Options.NONE)
    assert audio.is_active
    await session.stop_running()


async def test_123_131_the_stop_restores_nothing(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    audio = await started(app, Category.PLAYBACK, Options.DUCK_OTHERS)
    await session.start_running()
    await session.stop_running()
    assert as_configured(audio) == (RECORD, Mode.DEFAULT, Options.NONE)
    assert audio.is_active
    assert not app.apple.io_running


async def test_129_a_chat_that_was_set_up_is_gone(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    audio = await started(app, RECORD, Options.ALLOW_BLUETOOTH_HFP, Mode.VOICE_CHAT)
    await session.start_running()
    assert as_configured(audio) == (RECORD, Mode.DEFAULT, Options.NONE)
    await session.stop_running()


async def test_131_adding_a_microphone_changes_nothing_yet(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    with session.configuration():
        session.add_input(camera(app))
    assert as_configured(audio_of(app)) == (Category.SOLO_AMBIENT, Mode.DEFAULT, Options.NONE)
    assert not audio_of(app).is_active


async def test_123_a_microphone_that_comes_while_it_runs_configures_then(
    app: SimulatedApp,
) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    assert audio_of(app).category is Category.SOLO_AMBIENT
    session.add_input(microphone(app))
    await settled(session)
    assert audio_of(app).category is RECORD
    assert audio_of(app).is_active
    app.device.advance(0.5)
    assert output.count(SOUND) == 23
    await session.stop_running()


@pytest.mark.parametrize(
    ("position", "orientation"),
    [(None, AVAudioSessionOrientation.BACK), (FRONT, AVAudioSessionOrientation.FRONT)],
)
async def test_123_microphone_and_polar_pattern_follow_the_camera(
    app: SimulatedApp, position: object, orientation: AVAudioSessionOrientation
) -> None:
    session, _ = session_of(app)
    session.add_input(camera(app, FRONT) if position is FRONT else camera(app))
    await session.start_running()
    source = audio_of(app).input_data_source
    assert source is not None
    assert source.orientation is orientation
    assert source.selected_polar_pattern is Pattern.CARDIOID
    await session.stop_running()
    source = audio_of(app).input_data_source
    assert source is not None
    assert source.orientation is orientation


async def test_123_the_microphone_follows_when_the_camera_changes(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    await session.start_running()
    with session.configuration():
        session.remove_input(session.inputs[1])
        session.add_input(camera(app, FRONT))
    await settled(session)
    source = audio_of(app).input_data_source
    assert source is not None
    assert source.orientation is AVAudioSessionOrientation.FRONT
    await session.stop_running()


async def test_123_without_a_camera_the_microphone_is_left_alone(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    await session.start_running()
    (port,) = audio_of(app).current_route.inputs
    assert port.preferred_data_source is None
    await session.stop_running()


async def test_stereo_of_the_built_in_microphones(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    session.inputs[0].multichannel_audio_mode = (  # type: ignore[attr-defined]
        AVCaptureMultichannelAudioMode.STEREO
    )
    await session.start_running()
    source = audio_of(app).input_data_source
    assert source is not None
    assert source.selected_polar_pattern is Pattern.STEREO
    app.device.advance(0.1)
    assert {each.data.shape[1] for each in output.taken if each.media_type is SOUND} == {2}
    await session.stop_running()


async def test_stereo_has_no_effect_on_an_external_microphone(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, output = session_of(app)
    session.inputs[0].multichannel_audio_mode = (  # type: ignore[attr-defined]
        AVCaptureMultichannelAudioMode.STEREO
    )
    device.plug("usb microphone")
    await session.start_running()
    device.advance(0.1)
    assert {each.data.shape[1] for each in output.taken} == {1}
    await session.stop_running()


async def test_an_external_microphone_is_left_as_it_is(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    device.plug("usb microphone")
    session, _ = session_of(app, pictures=True)
    await session.start_running()
    (port,) = audio_of(app).current_route.inputs
    assert port.port_name == "USB microphone"
    assert port.preferred_data_source is None
    await session.stop_running()


# -- others (apple 124) ------------------------------------------------------------------------


async def test_124_by_default_the_start_interrupts_other_apps(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, _ = session_of(app)
    heard = Heard(other)
    await session.start_running()
    heard.close()
    assert "Interruption" in heard.names
    assert not other.is_active
    assert device.app("music").standing == "interrupted"
    await session.stop_running()


async def test_124_with_the_mix_flag_they_go_on(device: SimulatedDevice, app: SimulatedApp) -> None:
    other = await music(device)
    session, _ = session_of(app)
    session.configures_application_audio_session_to_mix_with_others = True
    heard = Heard(other)
    await session.start_running()
    heard.close()
    assert "Interruption" not in heard.names
    assert other.is_active
    assert device.app("music").player().playing
    assert as_configured(audio_of(app)) == (RECORD, Mode.DEFAULT, Options.MIX_WITH_OTHERS)
    await session.stop_running()


async def test_124_without_the_flag_the_apps_own_wish_to_mix_does_not_count(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    await started(app, RECORD, Options.MIX_WITH_OTHERS)
    assert other.is_active
    session, _ = session_of(app)
    await session.start_running()
    assert not other.is_active
    await session.stop_running()


async def test_124_without_a_microphone_nobody_is_interrupted(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    assert session.is_running
    assert other.is_active
    assert not audio_of(app).is_active
    assert audio_of(app).category is Category.SOLO_AMBIENT
    await session.stop_running()


async def test_124_others_resume_when_the_app_gives_the_audio_up(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, _ = session_of(app)
    await session.start_running()
    await session.stop_running()
    heard = Heard(other)
    await audio_of(app).set_active(
        False, options=AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
    )
    heard.close()
    assert "Interruption" in heard.names


async def test_bluetooth_high_quality(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    session.configures_application_audio_session_for_bluetooth_high_quality_recording = True
    await session.start_running()
    assert audio_of(app).category_options == Options.BLUETOOTH_HIGH_QUALITY_RECORDING
    await session.stop_running()


# -- a private session (apple 124) -------------------------------------------------------------


async def test_124_a_private_session_leaves_the_apps_alone(app: SimulatedApp) -> None:
    session, output = session_of(app)
    session.uses_application_audio_session = False
    audio = audio_of(app)
    await audio.set_category(Category.AMBIENT)
    await session.start_running()
    assert session.is_running
    assert audio.category is Category.AMBIENT
    assert not audio.is_active
    app.device.advance(0.5)
    assert output.count(SOUND) == 23
    await session.stop_running()
    assert len(app.sessions) == 1


async def test_124_a_private_session_interrupts_others_whatever_the_mix_flag_says(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, _ = session_of(app)
    session.uses_application_audio_session = False
    session.configures_application_audio_session_to_mix_with_others = True
    await session.start_running()
    assert not other.is_active
    heard = Heard(other)
    await session.stop_running()
    heard.close()
    # It is the capture session's own, and given up with it.
    assert "Interruption" in heard.names


async def test_a_private_session_can_interrupt_what_the_app_itself_plays(
    app: SimulatedApp,
) -> None:
    audio = await started(app, Category.PLAYBACK)
    io = audio.make_io()
    await io.start()
    session, _ = session_of(app)
    session.uses_application_audio_session = False
    heard = Heard(audio)
    await session.start_running()
    heard.close()
    assert session.is_running
    assert "Interruption" in heard.names
    assert not io.running
    await session.stop_running()


# -- no automatic configuration (apple 125) ----------------------------------------------------


async def test_125_the_audio_session_is_used_as_it_is(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, output = session_of(app, pictures=True)
    session.automatically_configures_application_audio_session = False
    session.configures_application_audio_session_to_mix_with_others = False
    audio = audio_of(app)
    await audio.set_category(RECORD, mode=Mode.VIDEO_RECORDING, options=Options.MIX_WITH_OTHERS)
    await session.start_running()
    assert as_configured(audio) == (RECORD, Mode.VIDEO_RECORDING, Options.MIX_WITH_OTHERS)
    assert audio.is_active
    assert other.is_active
    (port,) = audio.current_route.inputs
    assert port.preferred_data_source is None
    app.device.advance(0.5)
    assert output.count(SOUND) == 23
    await session.stop_running()


async def test_125_the_mix_flag_does_nothing_then(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    session, _ = session_of(app)
    session.automatically_configures_application_audio_session = False
    session.configures_application_audio_session_to_mix_with_others = True
    await audio_of(app).set_category(RECORD)
    await session.start_running()
    assert not other.is_active
    await session.stop_running()


async def test_125_a_category_without_input_fails(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    session.automatically_configures_application_audio_session = False
    await audio_of(app).set_category(Category.PLAYBACK)
    with told(session) as notifications:
        await session.start_running()
        (error,) = notifications.info(Name.RUNTIME_ERROR, Key.ERROR)
    assert error.code is AVError.UNKNOWN
    underlying = error.user_info["NSUnderlyingError"]
    assert isinstance(underlying, NSError)
    assert underlying.code is AVAudioSessionErrorCode.INCOMPATIBLE_CATEGORY
    assert not session.is_running
    assert audio_of(app).category is Category.PLAYBACK


# -- what the app does to its audio session meanwhile ------------------------------------------


async def test_the_app_may_switch_its_audio_session_off_and_on(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    audio = audio_of(app)
    await audio.set_active(False)
    await settled(session)
    assert session.is_running
    output.taken.clear()
    app.device.advance(0.5)
    assert output.count(SOUND) == 0
    assert output.taken != []
    await audio.set_active(True)
    await settled(session)
    app.device.advance(0.5)
    assert output.count(SOUND) == 23
    await session.stop_running()


async def test_permission_is_asked_before_anybody_is_interrupted(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    other = await music(device)
    device.grants_microphone = False
    session = AVCaptureSession(app.session)
    session.add_input(microphone(app))
    session.add_output(Taker())
    await session.start_running()
    assert not session.is_running
    assert other.is_active


async def test_in_the_background_sound_may_not_start_without_being_declared(
    device: SimulatedDevice, app: SimulatedApp
) -> None:
    session, _ = session_of(app)
    app.to_background()
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.OPERATION_NOT_ALLOWED]
    app.apple.background_audio = True
    device.apple.now_playing = app.id
    await session.start_running()
    assert session.is_running
    await session.stop_running()
