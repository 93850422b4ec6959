"""AVCaptureDevice: finding devices, asking for them, setting them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession import blocking as blocking_api
from audiosession.apple import AVAudioSession, NotificationCenter
from audiosession.apple.blocking import AVAudioSession as BlockingAVAudioSession
from audiosession.capture import (
    AVAuthorizationStatus,
    AVCaptureDevice,
    AVCaptureDeviceDiscoverySession,
    AVCaptureDeviceInput,
    AVCaptureDeviceNotificationName,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureInputPortNotificationName,
    AVCaptureMicrophoneMode,
    AVCaptureMultichannelAudioMode,
    AVCaptureSession,
    AVCaptureSessionPreset,
    AVCaptureSystemPressureLevel,
    AVError,
    AVMediaType,
    FormatFacts,
    NSGenericException,
    NSInvalidArgumentException,
    blocking,
)
from audiosession.capture._app import AnyAudioSession, CaptureApp
from audiosession.capture.virtual import PATTERN_ID, TONE_ID
from audiosession.errors import InvalidTypeError, UnknownNameError, UnsupportedError
from audiosession.hosts.simulated import MicrophonePermission, SimulatedApp
from audiosession.session import AudioSession
from tests.apple.phone_kit import PlainHost, now, phone, without_microphone
from tests.capture.capture_kit import (
    BACK,
    FRONT,
    PICTURES,
    SOUND,
    Taker,
    camera,
    device,
    fails,
    microphone,
    session_of,
    settled,
    told,
)

Type = AVCaptureDeviceType
Status = AVAuthorizationStatus
ANYWHERE = AVCaptureDevicePosition.UNSPECIFIED


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


def ids(devices: tuple[AVCaptureDevice, ...]) -> list[str]:
    return [each.unique_id for each in devices]


# -- finding -----------------------------------------------------------------------------------


def test_the_devices_of_a_phone(app: SimulatedApp) -> None:
    found = AVCaptureDevice.devices(audio_session=app.session)
    real = ["microphone", "back camera", "ultra wide camera", "front camera"]
    assert ids(found) == [*real, TONE_ID, PATTERN_ID]
    found = AVCaptureDevice.devices(SOUND, audio_session=app.session)
    assert ids(found) == ["microphone", TONE_ID]
    assert AVCaptureDevice.devices(AVMediaType.MUXED, audio_session=app.session) == ()


@pytest.mark.parametrize(
    ("profile", "cameras"), [("tablet", 2), ("desktop", 1), ("car", 0), ("smart speaker", 0)]
)
def test_the_devices_of_other_profiles(profile: str, cameras: int) -> None:
    app = phone(profile=profile).app("camera")
    assert len(AVCaptureDevice.devices(PICTURES, audio_session=app.session)) == cameras + 1
    assert len(AVCaptureDevice.devices(SOUND, audio_session=app.session)) == 2


def test_the_default_device(app: SimulatedApp) -> None:
    assert device(app, SOUND).device_type is Type.MICROPHONE
    assert device(app, PICTURES).position is BACK
    assert device(app, PICTURES, FRONT).unique_id == "front camera"
    wide = AVCaptureDevice.default(
        PICTURES, device_type=Type.BUILT_IN_ULTRA_WIDE_CAMERA, audio_session=app.session
    )
    assert wide is not None
    assert wide.unique_id == "ultra wide camera"
    none = AVCaptureDevice.default(
        PICTURES, device_type=Type.BUILT_IN_TELEPHOTO_CAMERA, audio_session=app.session
    )
    assert none is None


def test_old_names_of_types_find_what_the_new_ones_do(app: SimulatedApp) -> None:
    for old in (Type.BUILT_IN_MICROPHONE, Type.MICROPHONE):
        found = AVCaptureDevice.default(None, device_type=old, audio_session=app.session)
        assert found == device(app, SOUND)


def test_without_a_microphone_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    app = without_microphone(monkeypatch).app("camera")
    assert AVCaptureDevice.default(SOUND, audio_session=app.session) is None


def test_the_device_of_an_id(app: SimulatedApp) -> None:
    back = AVCaptureDevice("back camera", audio_session=app.session)
    assert back == device(app, PICTURES)
    assert hash(back) == hash(device(app, PICTURES))
    assert back != device(app, PICTURES, FRONT)
    with fails(AVError.DEVICE_NOT_CONNECTED):
        AVCaptureDevice("left camera", audio_session=app.session)
    other = AVCaptureDevice("back camera", audio_session=app.device.app("other").session)
    assert other != back


def test_an_audio_session_of_either_kind_says_whose_devices(app: SimulatedApp) -> None:
    found = AVCaptureDevice.default(SOUND, audio_session=AVAudioSession.of(app.session))
    assert found == device(app, SOUND)
    with pytest.raises(InvalidTypeError):
        AVCaptureDevice.default(SOUND, audio_session=app)  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="capture"):
        AVCaptureDevice.default(SOUND, audio_session=AudioSession(PlainHost(app)))


def test_what_a_device_is(app: SimulatedApp) -> None:
    back = device(app, PICTURES)
    assert (back.localized_name, back.model_id) == ("Back Camera", "simulated back camera")
    assert back.manufacturer == ""
    assert back.is_connected
    assert not back.is_suspended
    assert back.has_media_type(PICTURES)
    assert not back.has_media_type(SOUND)
    assert back.system_pressure_state.level is AVCaptureSystemPressureLevel.NOMINAL
    assert AVCaptureDevice.preferred_microphone_mode is AVCaptureMicrophoneMode.STANDARD
    assert back.active_microphone_mode is AVCaptureMicrophoneMode.STANDARD


async def test_the_microphones_name_follows_the_route(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    await session.start_running()
    assert device(app, SOUND).localized_name == "Microphone"
    app.device.plug("usb microphone")
    assert device(app, SOUND).localized_name == "USB microphone"
    app.device.unplug("usb microphone")
    assert device(app, SOUND).localized_name == "Microphone"
    await settled(session)
    assert session.is_running
    await session.stop_running()


def test_a_search_sorts_by_the_types_and_then_by_position(app: SimulatedApp) -> None:
    def search(*types: Type, position: AVCaptureDevicePosition = ANYWHERE) -> list[str]:
        found = AVCaptureDeviceDiscoverySession(
            types, PICTURES, position, audio_session=app.session
        )
        return ids(found.devices)

    ultra, wide = Type.BUILT_IN_ULTRA_WIDE_CAMERA, Type.BUILT_IN_WIDE_ANGLE_CAMERA
    assert search(ultra, wide) == ["ultra wide camera", "back camera", "front camera"]
    assert search(wide, ultra) == ["back camera", "front camera", "ultra wide camera"]
    assert search(wide, position=FRONT) == ["front camera"]
    assert search(Type.MICROPHONE) == []
    with pytest.raises(NSInvalidArgumentException):
        search()


def test_a_search_sees_what_comes_and_goes(app: SimulatedApp) -> None:
    search = AVCaptureDeviceDiscoverySession(
        [Type.EXTERNAL], PICTURES, ANYWHERE, audio_session=app.session
    )
    assert ids(search.devices) == [PATTERN_ID]
    id = app.capture.system.connect_camera()
    assert ids(search.devices) == [id, PATTERN_ID]
    app.capture.system.disconnect_camera(id)
    assert ids(search.devices) == [PATTERN_ID]
    with pytest.raises(UnknownNameError):
        app.capture.system.disconnect_camera(id)


def test_cameras_that_can_run_together(app: SimulatedApp) -> None:
    search = AVCaptureDeviceDiscoverySession(
        [Type.BUILT_IN_WIDE_ANGLE_CAMERA], PICTURES, ANYWHERE, audio_session=app.session
    )
    assert search.supported_multi_cam_device_sets == (frozenset(search.devices),)


def test_connections_are_told(app: SimulatedApp) -> None:
    CaptureApp.of(app.session)
    seen: list[tuple[str, str, bool]] = []
    token = NotificationCenter.default().add_observer(
        None,
        lambda note: seen.append((note.name, note.object.unique_id, note.object.is_connected)),
    )
    id = app.capture.system.connect_camera("Webcam")
    app.capture.system.disconnect_camera(id)
    NotificationCenter.default().remove_observer(token)
    assert seen == [
        (AVCaptureDeviceNotificationName.WAS_CONNECTED, "Webcam", True),
        (AVCaptureDeviceNotificationName.WAS_DISCONNECTED, "Webcam", False),
    ]


async def test_made_up_devices_touch_neither_permission_nor_audio(app: SimulatedApp) -> None:
    music = app.device.app("music")
    await music.session.set_active(True)
    session, output = AVCaptureSession(app.session), Taker()
    for id in (TONE_ID, PATTERN_ID):
        session.add_input(AVCaptureDeviceInput(AVCaptureDevice(id, audio_session=app.session)))
    session.add_output(output)
    app.device.grants_microphone = app.capture.system.grants_camera = False
    app.to_background()
    await session.start_running()
    assert session.is_running
    assert music.session.is_active
    app.device.advance(1.0)
    sound = [each for each in output.taken if each.media_type is SOUND]
    assert abs(sound[0].data).max() == pytest.approx(0.8)
    format = AVCaptureDevice(PATTERN_ID, audio_session=app.session).active_format
    assert format is not None
    assert output.count(PICTURES) == max(high for _, high in format.frame_rates)
    await session.stop_running()
    assert (
        AVCaptureDevice.default(PICTURES, device_type=Type.EXTERNAL, audio_session=app.session)
        is None
    )


# -- permission --------------------------------------------------------------------------------


async def test_the_user_is_asked_once(app: SimulatedApp) -> None:
    for media_type in (SOUND, PICTURES):
        status = AVCaptureDevice.authorization_status(media_type, audio_session=app.session)
        assert status is Status.NOT_DETERMINED
        assert await AVCaptureDevice.request_access(media_type, audio_session=app.session)
        status = AVCaptureDevice.authorization_status(media_type, audio_session=app.session)
        assert status is Status.AUTHORIZED
    app.capture.system.grants_camera = app.device.grants_microphone = False
    for media_type in (SOUND, PICTURES):
        assert await AVCaptureDevice.request_access(media_type, audio_session=app.session)


def test_asking_may_block(app: SimulatedApp) -> None:
    assert blocking.request_access(PICTURES, audio_session=app.session) is True


def test_the_audio_session_is_given_in_any_form(app: SimulatedApp) -> None:
    plain = blocking_api.AudioSession(app.session)
    forms: tuple[AnyAudioSession, ...] = (
        AVAudioSession.of(app.session),
        plain,
        BlockingAVAudioSession.of(plain),
    )
    for given in forms:
        assert AVCaptureDevice("microphone", audio_session=given) == device(app, SOUND)
        assert AVCaptureDevice.default(PICTURES, audio_session=given) == device(app, PICTURES)
        search = AVCaptureDeviceDiscoverySession(
            [Type.BUILT_IN_WIDE_ANGLE_CAMERA], PICTURES, BACK, audio_session=given
        )
        assert ids(search.devices) == ["back camera"]
        AVCaptureSession(given).add_input(microphone(app))
        blocking.AVCaptureSession(given).add_input(microphone(app))
        assert blocking.request_access(PICTURES, audio_session=given) is True
    with pytest.raises(InvalidTypeError):
        AVCaptureSession("mine")  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [Status.DENIED, Status.RESTRICTED])
def test_without_permission_there_is_no_input(app: SimulatedApp, status: Status) -> None:
    app.capture.camera = status
    with fails(AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE):
        camera(app)


def test_without_permission_for_sound_there_is_no_input(app: SimulatedApp) -> None:
    app.set_microphone(MicrophonePermission.DENIED)
    with fails(AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE):
        microphone(app)


async def test_permission_is_for_sound_and_pictures(app: SimulatedApp) -> None:
    with pytest.raises(NSInvalidArgumentException):
        AVCaptureDevice.authorization_status(AVMediaType.MUXED, audio_session=app.session)
    with pytest.raises(NSInvalidArgumentException):
        await AVCaptureDevice.request_access(AVMediaType.MUXED, audio_session=app.session)


# -- setting it --------------------------------------------------------------------------------


def test_settings_need_the_lock(app: SimulatedApp) -> None:
    back = device(app, PICTURES)
    first = back.active_format
    with pytest.raises(NSGenericException, match="lock_for_configuration"):
        back.active_format = back.formats[1]
    with pytest.raises(NSGenericException):
        back.active_video_min_frame_duration = 1 / 15
    assert (back.active_format, back.active_video_min_frame_duration) == (first, None)
    back.lock_for_configuration()
    back.active_format = back.formats[1]
    back.unlock_for_configuration()
    assert device(app, PICTURES).active_format == back.formats[1]
    with pytest.raises(NSGenericException, match=r"call lock_for_configuration\(\) first"):
        back.unlock_for_configuration()


def test_a_device_that_another_app_has_locked(app: SimulatedApp) -> None:
    mine = device(app, PICTURES)
    theirs = device(app.device.app("other"), PICTURES)
    mine.lock_for_configuration()
    mine.lock_for_configuration()
    with fails(AVError.DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS):
        theirs.lock_for_configuration()
    mine.unlock_for_configuration()
    with fails(AVError.DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS):
        theirs.lock_for_configuration()
    mine.unlock_for_configuration()
    theirs.lock_for_configuration()
    theirs.unlock_for_configuration()


def test_a_format_of_another_device_is_refused(app: SimulatedApp) -> None:
    back, front = device(app, PICTURES), device(app, PICTURES, FRONT)
    front.lock_for_configuration()
    large = max(back.formats, key=lambda each: each.width)
    with pytest.raises(NSInvalidArgumentException):
        front.active_format = large
    assert front.active_format != large
    front.unlock_for_configuration()


@pytest.mark.parametrize("duration", [1 / 61, 2.0, 0.0, -1.0, float("nan"), float("inf")])
def test_frame_rates_are_those_of_the_format(app: SimulatedApp, duration: float) -> None:
    back = device(app, PICTURES)
    back.lock_for_configuration()
    for name in ("active_video_min_frame_duration", "active_video_max_frame_duration"):
        with pytest.raises(NSInvalidArgumentException):
            setattr(back, name, duration)
        assert getattr(back, name) is None
    with pytest.raises(InvalidTypeError):
        back.active_video_min_frame_duration = "1/30"  # type: ignore[assignment]
    back.unlock_for_configuration()


def test_frame_durations_stay_in_order_and_go_with_the_format(app: SimulatedApp) -> None:
    back = device(app, PICTURES)
    back.lock_for_configuration()
    back.active_video_min_frame_duration = 1 / 30
    back.active_video_max_frame_duration = 1 / 10
    back.active_video_min_frame_duration = 1 / 5
    assert back.active_video_max_frame_duration == 1 / 5
    back.active_video_max_frame_duration = 1 / 20
    assert now(back.active_video_min_frame_duration) == 1 / 20
    back.active_format = back.formats[1]
    assert now(back.active_video_min_frame_duration) is None
    assert now(back.active_video_max_frame_duration) is None
    back.unlock_for_configuration()


def test_ports_tell_of_another_format(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    input = camera(app)
    session.add_input(input)
    (port,) = input.ports
    with told(port) as notifications:
        session.session_preset = AVCaptureSessionPreset.VGA640X480
        assert [each.name for each in notifications.all] == [
            AVCaptureInputPortNotificationName.FORMAT_DESCRIPTION_DID_CHANGE
        ]
    assert isinstance(port.format_description, FormatFacts)
    assert port.format_description.width == 640


@pytest.mark.parametrize("preset", AVCaptureSessionPreset)
def test_presets_of_a_device(app: SimulatedApp, preset: AVCaptureSessionPreset) -> None:
    back, front = device(app, PICTURES), device(app, PICTURES, FRONT)
    needs_more = preset in (
        AVCaptureSessionPreset.QVGA320X240,
        AVCaptureSessionPreset.HD4K3840X2160,
    )
    assert back.supports_session_preset(preset) is (
        preset is not AVCaptureSessionPreset.QVGA320X240
    )
    assert front.supports_session_preset(preset) is not needs_more
    assert device(app, SOUND).supports_session_preset(preset)


def test_a_device_that_is_gone(app: SimulatedApp) -> None:
    id = app.capture.system.connect_camera()
    webcam = AVCaptureDevice(id, audio_session=app.session)
    app.capture.system.disconnect_camera(id)
    assert not webcam.is_connected
    assert webcam.localized_name == id
    with fails(AVError.DEVICE_NOT_CONNECTED):
        webcam.lock_for_configuration()
    with fails(AVError.DEVICE_NOT_CONNECTED):
        AVCaptureDeviceInput(webcam)


# -- inputs ------------------------------------------------------------------------------------


def test_several_channels_of_the_built_in_microphones(app: SimulatedApp) -> None:
    input = microphone(app)
    modes = AVCaptureMultichannelAudioMode
    assert input.multichannel_audio_mode.value == modes.NONE.value
    assert input.is_multichannel_audio_mode_supported(modes.STEREO)
    input.multichannel_audio_mode = modes.STEREO
    assert input.ports[0].format_description is not None
    assert input.ports[0].format_description.channels == 2
    assert not input.is_multichannel_audio_mode_supported(modes.FIRST_ORDER_AMBISONICS)
    with pytest.raises(NSInvalidArgumentException):
        input.multichannel_audio_mode = modes.FIRST_ORDER_AMBISONICS
    assert input.multichannel_audio_mode is modes.STEREO


def test_what_inputs_cannot_do(app: SimulatedApp) -> None:
    input = microphone(app)
    assert not input.is_wind_noise_removal_supported
    with pytest.raises(NSInvalidArgumentException):
        input.is_wind_noise_removal_enabled = True
    input.is_wind_noise_removal_enabled = False
    assert input.is_wind_noise_removal_enabled is False
    with pytest.raises(NSInvalidArgumentException):
        input.video_min_frame_duration_override = 1 / 15
    shown = camera(app)
    for bad in (0.0, -1.0, float("nan")):
        with pytest.raises(NSInvalidArgumentException):
            shown.video_min_frame_duration_override = bad
    assert shown.video_min_frame_duration_override is None
    assert shown.unified_auto_exposure_defaults_enabled is False
    shown.unified_auto_exposure_defaults_enabled = True
    assert shown.unified_auto_exposure_defaults_enabled is True


def test_ports_are_found_hidden_ones_included(app: SimulatedApp) -> None:
    input = microphone(app)
    (port,) = input.ports
    assert input.ports(SOUND, Type.MICROPHONE, ANYWHERE) == (port,)
    (back,) = input.ports(SOUND, Type.MICROPHONE, BACK)
    (front,) = input.ports(SOUND, Type.MICROPHONE, FRONT)
    assert len({port, back, front}) == 3
    assert port.source_device_type is Type.MICROPHONE
    assert (back.source_device_position, front.source_device_position) == (BACK, FRONT)
    assert input.ports(PICTURES) == ()
    shown = camera(app)
    assert shown.ports(PICTURES) == tuple(shown.ports)
    assert shown.ports(PICTURES, source_device_position=FRONT) == ()


def test_an_input_needs_a_device(app: SimulatedApp) -> None:
    with pytest.raises(InvalidTypeError):
        AVCaptureDeviceInput("back camera")  # type: ignore[arg-type]


def test_what_is_made_up_is_never_the_default(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = tuple(replace(each, virtual=True) for each in app.capture.devices())
    monkeypatch.setattr(app.capture, "devices", lambda: made_up)
    for medium in (AVMediaType.AUDIO, AVMediaType.VIDEO):
        assert AVCaptureDevice.devices(medium, audio_session=app.session)
        nothing = AVCaptureDevice.default(medium, audio_session=app.session)
        assert nothing is None
        with pytest.raises(InvalidTypeError, match="default"):
            AVCaptureDeviceInput(nothing)  # type: ignore[arg-type]
