"""AVCaptureSession: what belongs to it, and which changes of that are legal."""

from __future__ import annotations

import pytest

from audiosession.capture import (
    AVCaptureAudioDataOutput,
    AVCaptureConnection,
    AVCaptureDeviceInput,
    AVCaptureMovieFileOutput,
    AVCaptureSession,
    AVCaptureSessionPreset,
    AVCaptureVideoDataOutput,
    AVCaptureVideoOrientation,
    AVCaptureVideoStabilizationMode,
    NSGenericException,
    NSInvalidArgumentException,
)
from audiosession.capture.host import FormatFacts
from audiosession.capture.presets import choose_format
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import SimulatedApp
from tests.apple.phone_kit import now, phone
from tests.capture.capture_kit import (
    FRONT,
    PICTURES,
    SOUND,
    SoundTaker,
    Taker,
    camera,
    device,
    microphone,
    session_of,
)

Preset = AVCaptureSessionPreset


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


def as_it_is(session: AVCaptureSession) -> tuple[object, ...]:
    return session.inputs, session.outputs, session.connections, session.session_preset


# -- inputs and outputs ------------------------------------------------------------------------


def test_a_fresh_session_is_empty(app: SimulatedApp) -> None:
    assert as_it_is(AVCaptureSession(app.session)) == ((), (), (), Preset.HIGH)


def test_adding_connects_every_pair_that_fits(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    sound, both = SoundTaker(), Taker()
    session.add_input(microphone(app))
    session.add_output(sound)
    session.add_output(both)
    session.add_input(camera(app))
    ways = [(each.media_type, each.output) for each in session.connections]
    assert ways == [(SOUND, sound), (SOUND, both), (PICTURES, both)]
    assert list(both.connections) == list(session.connections[1:])
    assert all(each.is_active for each in session.connections)


def test_an_input_is_added_once(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    (input,) = session.inputs
    before = as_it_is(session)
    assert not session.can_add_input(input)
    with pytest.raises(NSInvalidArgumentException, match="in this session already"):
        session.add_input(input)
    assert as_it_is(session) == before


def test_an_input_belongs_to_one_session(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    other = AVCaptureSession(app.session)
    with pytest.raises(NSInvalidArgumentException, match="another session"):
        other.add_input(session.inputs[0])
    assert not list(other.inputs)
    input = session.inputs[0]
    session.remove_input(input)
    assert session.connections == ()
    other.add_input(input)
    assert now(other.inputs) == (input,)


def test_an_output_belongs_to_one_session_and_is_added_once(app: SimulatedApp) -> None:
    session, output = session_of(app)
    other = AVCaptureSession(app.session)
    for each, problem in ((session, "in this session already"), (other, "another session")):
        before = as_it_is(each)
        assert not each.can_add_output(output)
        with pytest.raises(NSInvalidArgumentException, match=problem):
            each.add_output(output)
        assert as_it_is(each) == before
    session.remove_output(output)
    assert output.connections == ()
    assert other.can_add_output(output)


def test_a_session_has_one_microphone_and_one_camera(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    before = as_it_is(session)
    for second in (microphone(app), camera(app), camera(app, FRONT)):
        assert not session.can_add_input(second)
        with pytest.raises(NSInvalidArgumentException):
            session.add_input(second)
    assert as_it_is(session) == before


def test_an_input_of_another_app_is_refused(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    stranger = microphone(app.device.app("stranger"))
    assert not session.can_add_input(stranger)
    with pytest.raises(NSInvalidArgumentException, match="another app"):
        session.add_input(stranger)


def test_one_output_of_a_class_but_several_of_video_data(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    session.add_output(AVCaptureAudioDataOutput())
    assert not session.can_add_output(AVCaptureAudioDataOutput())
    session.add_output(AVCaptureVideoDataOutput())
    assert session.can_add_output(AVCaptureVideoDataOutput())


def test_before_ios_16_one_video_data_output_and_the_movie_file_goes_first() -> None:
    app = phone(15, 8).app("camera")
    session = AVCaptureSession(app.session)
    session.add_input(camera(app))
    session.add_input(microphone(app))
    pictures, sound = AVCaptureVideoDataOutput(), AVCaptureAudioDataOutput()
    session.add_output(pictures)
    session.add_output(sound)
    assert not session.can_add_output(AVCaptureVideoDataOutput())
    assert all(each.is_active for each in session.connections)
    movie = AVCaptureMovieFileOutput()
    session.add_output(movie)
    active = {each.output for each in session.connections if each.is_active}
    assert active == {movie}
    session.remove_output(movie)
    assert all(each.is_active for each in session.connections)


def test_removing_what_is_not_there_does_nothing(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    before = as_it_is(session)
    session.remove_input(camera(app))
    session.remove_output(Taker())
    session.remove_connection(AVCaptureConnection(camera(app).ports, Taker()))
    assert as_it_is(session) == before


@pytest.mark.parametrize(
    "call",
    ["can_add_input", "add_input", "remove_input", "can_add_output", "add_output", "remove_output"],
)
def test_what_is_neither_input_nor_output_is_refused(app: SimulatedApp, call: str) -> None:
    with pytest.raises(InvalidTypeError):
        getattr(AVCaptureSession(app.session), call)("microphone")


# -- connections -------------------------------------------------------------------------------


def test_connections_made_by_hand(app: SimulatedApp) -> None:
    session, output, input = AVCaptureSession(app.session), Taker(), camera(app)
    session.add_input_with_no_connections(input)
    session.add_output_with_no_connections(output)
    assert not list(session.connections)
    connection = AVCaptureConnection(input.ports, output)
    assert not now(connection.is_active)
    assert session.can_add_connection(connection)
    session.add_connection(connection)
    assert now(session.connections) == (connection,) == output.connections
    assert now(connection.is_active)
    for again in (connection, AVCaptureConnection(input.ports, output)):
        assert not session.can_add_connection(again)
        with pytest.raises(NSInvalidArgumentException):
            session.add_connection(again)
    session.remove_connection(connection)
    assert not [*session.connections, *output.connections]
    assert not connection.is_active


def test_a_connection_needs_both_ends_in_the_session(app: SimulatedApp) -> None:
    session, input, output = AVCaptureSession(app.session), camera(app), Taker()
    connection = AVCaptureConnection(input.ports, output)
    with pytest.raises(NSInvalidArgumentException, match="output is not"):
        session.add_connection(connection)
    session.add_output_with_no_connections(output)
    with pytest.raises(NSInvalidArgumentException, match="input of it is not"):
        session.add_connection(connection)
    assert session.connections == ()


def test_a_connection_is_of_one_medium_that_the_output_takes(app: SimulatedApp) -> None:
    both = [*microphone(app).ports, *camera(app).ports]
    for ports, output in ((both, Taker()), ([], Taker()), (camera(app).ports, SoundTaker())):
        with pytest.raises(NSInvalidArgumentException):
            AVCaptureConnection(ports, output)


def test_a_port_or_connection_that_is_off_is_not_active(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    (connection,) = session.connections
    (port,) = connection.input_ports
    assert connection.is_enabled
    assert port.is_enabled
    connection.is_enabled = False
    assert not connection.is_active
    connection.is_enabled = True
    port.is_enabled = False
    assert not connection.is_active
    with pytest.raises(InvalidTypeError):
        connection.is_enabled = 1  # type: ignore[assignment]


def test_pictures_of_a_connection_stay_as_they_are(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    (connection,) = session.connections
    assert connection.automatically_adjusts_video_mirroring
    with pytest.raises(NSInvalidArgumentException, match="decides about mirroring"):
        connection.is_video_mirrored = False
    connection.automatically_adjusts_video_mirroring = False
    connection.is_video_mirrored = False
    with pytest.raises(NSInvalidArgumentException):
        connection.is_video_mirrored = True
    assert connection.is_video_mirrored is False
    with pytest.raises(NSInvalidArgumentException):
        connection.video_rotation_angle = 90.0
    with pytest.raises(NSInvalidArgumentException):
        connection.video_orientation = AVCaptureVideoOrientation.PORTRAIT
    assert connection.video_rotation_angle == 0.0
    assert (
        connection.preferred_video_stabilization_mode.value
        == AVCaptureVideoStabilizationMode.OFF.value
    )
    connection.preferred_video_stabilization_mode = AVCaptureVideoStabilizationMode.AUTO
    assert connection.video_preview_layer is None
    assert connection.audio_channels == ()


# -- presets -----------------------------------------------------------------------------------


def test_a_preset_sets_the_cameras_format(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    back = device(app, PICTURES)
    sizes = {}
    for preset in (Preset.HIGH, Preset.PHOTO, Preset.MEDIUM, Preset.LOW, Preset.HD1280X720):
        session.session_preset = preset
        assert back.active_format is not None
        sizes[preset] = back.active_format.width, back.active_format.height
    assert sizes == {
        Preset.HIGH: (1920, 1080),
        Preset.PHOTO: (3840, 2160),
        Preset.MEDIUM: (480, 360),
        Preset.LOW: (192, 144),
        Preset.HD1280X720: (1280, 720),
    }


@pytest.mark.parametrize("preset", [Preset.HIGH, Preset.PHOTO, Preset.VGA640X480])
def test_of_formats_of_one_size_the_fastest_is_chosen(preset: Preset) -> None:
    def format(high: float, pixels: str) -> FormatFacts:
        rates = ((1.0, high),)
        return FormatFacts(
            media_type=PICTURES, width=640, height=480, frame_rates=rates, pixel_format=pixels
        )

    slow, fast, same = format(5.0, "yuyv422"), format(30.0, "yuvj422p"), format(30.0, "nv12")
    assert choose_format(preset, (slow, fast, same)) is fast
    assert choose_format(preset, (same, slow, fast)) is same


def test_an_impossible_preset_is_refused(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    session.add_input(camera(app, FRONT))
    assert not session.can_set_session_preset(Preset.HD4K3840X2160)
    with pytest.raises(NSInvalidArgumentException, match="HD4K3840X2160"):
        session.session_preset = Preset.HD4K3840X2160
    assert session.session_preset is Preset.HIGH
    with pytest.raises(InvalidTypeError):
        session.session_preset = "AVCaptureSessionPresetHigh"  # type: ignore[assignment]


def test_a_camera_that_cannot_do_the_preset_is_refused(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    session.session_preset = Preset.HD4K3840X2160
    assert session.can_add_input(camera(app))
    assert not session.can_add_input(camera(app, FRONT))


def test_sound_goes_with_every_preset(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    assert all(session.can_set_session_preset(preset) for preset in Preset)


def test_a_format_set_by_hand_goes_before_the_preset(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    back = device(app, PICTURES)
    back.lock_for_configuration()
    small = next(each for each in back.formats if each.width == 640)
    back.active_format = small
    back.unlock_for_configuration()
    assert session.session_preset is Preset.INPUT_PRIORITY
    session.add_input(microphone(app))
    assert back.active_format is small
    session.session_preset = Preset.HD1280X720
    assert back.active_format.width == 1280


# -- configurations ----------------------------------------------------------------------------


def test_a_configuration_takes_effect_at_the_outermost_commit(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    back = device(app, PICTURES)
    session.begin_configuration()
    session.begin_configuration()
    session.session_preset = Preset.VGA640X480
    session.commit_configuration()
    assert session.session_preset is Preset.VGA640X480
    assert back.active_format is not None
    assert back.active_format.width == 1920
    session.commit_configuration()
    assert back.active_format.width == 640


def test_a_configuration_that_fails_is_taken_back(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    before = as_it_is(session)
    removed = session.inputs[1]

    def change() -> None:
        with session.configuration():
            session.remove_input(removed)
            session.add_input(camera(app, FRONT))
            session.session_preset = Preset.VGA640X480
            session.add_input(camera(app))

    with pytest.raises(NSInvalidArgumentException):
        change()
    assert as_it_is(session) == before
    assert set(output.connections) == set(session.connections)
    assert all(each.is_active for each in session.connections)
    other = AVCaptureSession(app.session)
    assert not other.can_add_input(removed)


def test_an_inner_configuration_that_fails_leaves_the_outer_one(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)

    def fail() -> None:
        with session.configuration():
            session.add_input(camera(app))
            session.add_input(camera(app, FRONT))

    with session.configuration():
        session.add_input(microphone(app))
        with pytest.raises(NSInvalidArgumentException):
            fail()
    assert [each.ports[0].media_type for each in session.inputs] == [SOUND]


def test_a_commit_too_many_inside_hides_no_error(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    before = as_it_is(session)

    def fail() -> None:
        with session.configuration():
            session.add_input(camera(app))
            session.commit_configuration()
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fail()
    assert as_it_is(session) == before
    assert session._committed is session._graph
    with session.configuration():
        session.add_input(camera(app))
        session.commit_configuration()
    assert len(session.inputs) == 2


def test_a_begin_too_many_inside_leaves_no_configuration_open(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    before = as_it_is(session)

    def fail() -> None:
        with session.configuration():
            session.add_input(camera(app))
            session.begin_configuration()
            session.remove_input(session.inputs[0])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert as_it_is(session) == before
    with session.configuration():
        session.begin_configuration()
    with pytest.raises(NSGenericException):
        session.commit_configuration()


def test_within_a_configuration_the_new_connection_is_seen_at_once(app: SimulatedApp) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    with session.configuration():
        session.remove_input(session.inputs[0])
        front = camera(app, FRONT)
        session.add_input(front)
        (connection,) = output.connections
        assert connection.input_ports == tuple(front.ports)


def test_a_commit_needs_a_beginning(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    with pytest.raises(NSGenericException):
        session.commit_configuration()


async def test_a_session_does_not_start_or_stop_within_a_configuration(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    with session.configuration():
        with pytest.raises(NSGenericException):
            await session.start_running()
        with pytest.raises(NSGenericException):
            await session.stop_running()
    assert not session.is_running


# -- cost --------------------------------------------------------------------------------------


def test_several_takers_of_pictures_cost(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    input = camera(app)
    session.add_input(input)
    session.add_output(AVCaptureVideoDataOutput())
    assert session.hardware_cost == 0.0
    session.add_output(AVCaptureMovieFileOutput())
    full = session.hardware_cost
    assert full > 1.0
    input.video_min_frame_duration_override = 1 / 15
    assert session.hardware_cost == pytest.approx(full / 2)
    session.session_preset = Preset.LOW
    assert 0.0 < session.hardware_cost < 0.2


# -- what no host has --------------------------------------------------------------------------


def test_controls(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    assert (session.supports_controls, session.max_controls_count, session.controls) == (
        False,
        0,
        (),
    )
    assert not session.can_add_control(object())
    with pytest.raises(NSInvalidArgumentException):
        session.add_control(object())
    with pytest.raises(NSInvalidArgumentException, match="give an event loop"):
        session.set_controls_delegate(object(), None)
    session.set_controls_delegate(None, None)
    assert session.controls_delegate is None
    assert session.controls_delegate_callback_queue is None


def test_wide_color_is_a_wish(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    assert session.automatically_configures_capture_device_for_wide_color is True
    session.automatically_configures_capture_device_for_wide_color = False
    assert session.automatically_configures_capture_device_for_wide_color is False


def test_an_input_tells_what_it_is(app: SimulatedApp) -> None:
    input = microphone(app)
    assert isinstance(input, AVCaptureDeviceInput)
    (port,) = input.ports
    assert port.input is input
    assert port.media_type is SOUND
    assert port.format_description is not None
    assert port.format_description.sample_rate == 48_000.0
    assert port.clock is not None
