"""AVCaptureMultiCamSession: several cameras in one session."""

from __future__ import annotations

import pytest

from audiosession.capture import (
    AVCaptureConnection,
    AVCaptureMultiCamSession,
    AVCaptureMultichannelAudioMode,
    AVCaptureSessionPreset,
    AVError,
    NSInvalidArgumentException,
    blocking,
)
from audiosession.hosts.simulated import SimulatedApp
from tests.apple.phone_kit import phone
from tests.capture.capture_kit import (
    BACK,
    FRONT,
    PICTURES,
    SOUND,
    PictureTaker,
    SoundTaker,
    camera,
    device,
    microphone,
    settled,
    told,
)

Preset = AVCaptureSessionPreset


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


def set_width(app: SimulatedApp, position: object, width: int) -> None:
    one = device(app, PICTURES, FRONT if position is FRONT else BACK)
    one.lock_for_configuration()
    one.active_format = next(each for each in one.formats if each.width == width)
    one.unlock_for_configuration()


def both(app: SimulatedApp) -> tuple[AVCaptureMultiCamSession, PictureTaker, PictureTaker]:
    """A session with two cameras, each with an output of its own."""
    session = AVCaptureMultiCamSession(app.session)
    outputs = PictureTaker(), PictureTaker()
    for position, output in zip((BACK, FRONT), outputs, strict=True):
        set_width(app, position, 640)
        input = camera(app, position)
        session.add_input_with_no_connections(input)
        session.add_output_with_no_connections(output)
        session.add_connection(AVCaptureConnection(input.ports, output))
    return session, *outputs


@pytest.mark.parametrize(("profile", "able"), [("phone", True), ("desktop", False), ("car", False)])
def test_where_it_is_supported(profile: str, able: bool) -> None:
    app = phone(profile=profile).app("camera")
    assert AVCaptureMultiCamSession.is_multi_cam_supported(app.session) is able


async def test_two_cameras_run_at_once(app: SimulatedApp) -> None:
    session, back, front = both(app)
    await session.start_running()
    assert session.is_running
    app.device.advance(0.5)
    assert (back.count(PICTURES), front.count(PICTURES)) == (15, 15)
    await session.stop_running()


def test_its_preset_is_input_priority(app: SimulatedApp) -> None:
    session = AVCaptureMultiCamSession(app.session)
    assert session.session_preset is Preset.INPUT_PRIORITY
    assert not session.can_set_session_preset(Preset.HIGH)
    with pytest.raises(NSInvalidArgumentException):
        session.session_preset = Preset.HIGH
    session.session_preset = Preset.INPUT_PRIORITY


def test_formats_stay_as_they_are_set(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    assert {device(app, PICTURES, each).active_format.width for each in (BACK, FRONT)} == {  # type: ignore[union-attr]
        640
    }
    assert session.session_preset is Preset.INPUT_PRIORITY


async def test_more_than_there_is_does_not_start(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    assert session.hardware_cost == pytest.approx(0.3)
    assert session.system_pressure_cost <= 1.0
    set_width(app, BACK, 1920)
    set_width(app, FRONT, 1920)
    assert session.hardware_cost == pytest.approx(1.2)
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.SESSION_HARDWARE_COST_OVERAGE]
    assert not session.is_running
    session.inputs[0].video_min_frame_duration_override = 1 / 15  # type: ignore[attr-defined]
    assert session.hardware_cost == pytest.approx(0.9)
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_a_format_for_one_camera_alone_does_not_start(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    set_width(app, BACK, 3840)
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT]
    assert not session.is_running


async def test_a_camera_whose_connections_are_off_stands_still(app: SimulatedApp) -> None:
    session, back, front = both(app)
    await session.start_running()
    session.connections[0].is_enabled = False
    await settled(session)
    assert session.hardware_cost == pytest.approx(0.15)
    assert {feed.device_id for feed in app.capture._feeds} == {"front camera"}
    app.device.advance(0.5)
    assert (back.count(PICTURES), front.count(PICTURES)) == (0, 15)
    assert session.is_running
    session.connections[0].is_enabled = True
    await settled(session)
    app.device.advance(0.5)
    assert (back.count(PICTURES), front.count(PICTURES)) == (15, 15)
    await session.stop_running()


async def test_the_microphone_is_heard_from_several_sides(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    input = microphone(app)
    session.add_input_with_no_connections(input)
    outputs = SoundTaker(), SoundTaker()
    for position, output in zip((BACK, FRONT), outputs, strict=True):
        session.add_output_with_no_connections(output)
        ports = input.ports(SOUND, source_device_position=position)
        session.add_connection(AVCaptureConnection(ports, output))
    await session.start_running()
    app.device.advance(0.5)
    assert [each.count(SOUND) for each in outputs] == [23, 23]
    await session.stop_running()


def test_the_blocking_form_asks_for_the_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    session = blocking.AVCaptureMultiCamSession(phone().app("camera").session)
    assert session.system_pressure_cost == 0.0
    pressure = property(lambda session: 0.5)
    monkeypatch.setattr(AVCaptureMultiCamSession, "system_pressure_cost", pressure)
    assert (session.hardware_cost, session.system_pressure_cost) == (0.0, 0.5)


def test_no_stereo_beside_several_cameras(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    input = microphone(app)
    session.add_input(input)
    stereo = AVCaptureMultichannelAudioMode.STEREO
    assert not input.is_multichannel_audio_mode_supported(stereo)
    with pytest.raises(NSInvalidArgumentException):
        input.multichannel_audio_mode = stereo


def test_the_same_camera_twice_is_refused(app: SimulatedApp) -> None:
    session, _, _ = both(app)
    assert not session.can_add_input(camera(app))
    assert session.can_add_input(microphone(app))
