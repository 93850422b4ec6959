"""AVCaptureSession: starting, stopping, and changing it while it runs (apple 128)."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from audiosession.capture import (
    AVCaptureMovieFileOutput,
    AVCaptureSession,
    AVCaptureSessionDeferredStartDelegate,
    AVCaptureSessionPreset,
    AVCaptureVideoDataOutput,
    AVError,
    NSInvalidArgumentException,
)
from audiosession.capture.errors import CaptureError
from audiosession.capture.host import FormatFacts
from audiosession.errors import (
    IllegalRequestError,
    InvalidTypeError,
    UnknownNameError,
    UnsupportedError,
)
from audiosession.hosts.simulated import MicrophonePermission, SimulatedApp
from audiosession.session import AudioSession
from tests.apple.phone_kit import PlainHost, now, phone
from tests.capture.capture_kit import (
    DOWN,
    ERROR,
    FRONT,
    PICTURES,
    SOUND,
    UP,
    PictureTaker,
    SoundTaker,
    Taker,
    camera,
    device,
    microphone,
    session_of,
    settled,
    told,
)

Preset = AVCaptureSessionPreset


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


# -- starting and stopping ---------------------------------------------------------------------


async def test_samples_flow_between_start_and_stop(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    app.device.advance(1.0)
    assert output.taken == []
    with told(session) as notifications:
        await session.start_running()
        assert session.is_running
        assert notifications.names == [UP]
        app.device.advance(1.0)
        # 1024 frames of 48 kHz at once; 30 pictures a second.
        assert output.count(SOUND) == 46
        assert output.count(PICTURES) == 30
        await session.stop_running()
        assert not session.is_running
        assert notifications.names == [DOWN]
    app.device.advance(1.0)
    assert output.taken == []
    assert output.codes == ["begin", "end"]


async def test_samples_are_timed_by_one_clock(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    assert session.synchronization_clock is None
    app.device.advance(5.0)
    await session.start_running()
    clock = session.synchronization_clock
    assert clock is not None
    assert session.master_clock is clock
    assert clock.now_s() == pytest.approx(5.0)
    app.device.advance(0.5)
    first = {each.media_type: each for each in reversed(output.taken)}
    assert {first[SOUND].presentation_time_s, first[PICTURES].presentation_time_s} == {5.0}
    for media_type in (SOUND, PICTURES):
        taken = [each for each in output.taken if each.media_type is media_type]
        ends = [each.end_time_s for each in taken]
        assert [each.presentation_time_s for each in taken[1:]] == pytest.approx(ends[:-1])


async def test_starting_and_stopping_twice_tells_once(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    with told(session) as notifications:
        await session.start_running()
        await session.start_running()
        await session.stop_running()
        await session.stop_running()
        assert notifications.names == [UP, DOWN]


async def test_a_session_starts_again(app: SimulatedApp) -> None:
    session, output = session_of(app)
    for _ in range(3):
        await session.start_running()
        app.device.advance(0.1)
        assert output.count(SOUND) == 4
        await session.stop_running()
    assert output.codes == ["begin", "end"] * 3


async def test_an_empty_session_runs(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_a_cancelled_start_leaves_the_session_stopped(app: SimulatedApp) -> None:
    session, output = session_of(app)
    async with asyncio.TaskGroup() as tasks:
        start = tasks.create_task(session.start_running())
        await asyncio.sleep(0)
        start.cancel()
    assert not session.is_running
    app.device.advance(1.0)
    assert output.taken == []


async def test_a_start_and_a_stop_at_once_end_stopped(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.start_running())
        tasks.create_task(session.stop_running())
    assert not session.is_running
    await session.start_running()
    assert session.is_running
    await session.stop_running()


def test_another_loop_is_refused_while_the_first_runs(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    errors: list[Exception] = []

    def elsewhere() -> None:
        try:
            asyncio.run(session.stop_running())
        except IllegalRequestError as error:
            errors.append(error)

    async def main() -> None:
        await session.start_running()
        await asyncio.to_thread(elsewhere)
        await session.stop_running()

    asyncio.run(main())
    assert len(errors) == 1


def test_a_session_outlives_its_event_loop(app: SimulatedApp) -> None:
    session, output = session_of(app)

    async def record() -> int:
        await session.start_running()
        app.device.advance(0.5)
        return output.count(SOUND)

    async def stop() -> None:
        await session.stop_running()

    assert asyncio.run(record()) == 23
    assert asyncio.run(record()) in (23, 24)
    asyncio.run(stop())
    assert not session.is_running
    app.device.advance(0.5)
    assert output.taken == []


# -- what goes wrong at the start (apple 128) --------------------------------------------------


async def test_128_without_permission_the_start_fails_by_notification(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    app.capture.system.grants_camera = False
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE]
        assert notifications.names == [ERROR]
    assert not session.is_running
    assert output.story == []
    app.capture.camera = app.capture.camera.__class__.AUTHORIZED
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_the_user_is_asked_once_at_the_first_start(app: SimulatedApp) -> None:
    session, _ = session_of(app, pictures=True)
    assert now(app.microphone) is MicrophonePermission.UNDETERMINED
    await session.start_running()
    assert now(app.microphone) is MicrophonePermission.GRANTED
    assert session.is_running
    await session.stop_running()


async def test_too_much_for_the_hardware_does_not_start(app: SimulatedApp) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    session.add_output(AVCaptureVideoDataOutput())
    session.add_output(AVCaptureMovieFileOutput())
    assert session.hardware_cost > 1.0
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.SESSION_HARDWARE_COST_OVERAGE]
    assert not session.is_running
    session.session_preset = Preset.VGA640X480
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_a_camera_of_another_running_session_does_not_start(app: SimulatedApp) -> None:
    first, _ = session_of(app, sound=False, pictures=True)
    second, _ = session_of(app, sound=False, pictures=True)
    await first.start_running()
    with told(second) as notifications:
        await second.start_running()
        assert notifications.errors == [AVError.DEVICE_ALREADY_USED_BY_ANOTHER_SESSION]
    assert first.is_running
    await first.stop_running()
    await second.start_running()
    assert second.is_running
    await second.stop_running()


async def test_a_host_without_devices_says_so(app: SimulatedApp) -> None:
    session = AVCaptureSession(AudioSession(PlainHost(app)))
    with pytest.raises(UnsupportedError, match="capture"):
        await session.start_running()


# -- changes while it runs ---------------------------------------------------------------------


async def test_inputs_and_outputs_come_and_go_while_it_runs(app: SimulatedApp) -> None:
    session, output = session_of(app)
    await session.start_running()
    picture, sound = PictureTaker(), SoundTaker()
    session.add_output(picture)
    session.add_output(sound)
    shown = camera(app)
    session.add_input(shown)
    await settled(session)
    app.device.advance(1.0)
    assert (picture.count(PICTURES), sound.count(SOUND)) == (30, 46)
    assert (output.count(PICTURES), output.count(SOUND)) == (30, 46)
    session.remove_output(sound)
    session.remove_input(shown)
    await settled(session)
    app.device.advance(1.0)
    assert (picture.count(PICTURES), sound.count(SOUND)) == (0, 0)
    assert output.count(SOUND) == 47
    assert session.is_running
    assert sound.codes == ["begin", AVError.SESSION_CONFIGURATION_CHANGED]
    await session.stop_running()


async def test_what_a_change_does_not_concern_goes_on_without_a_gap(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    sound = SoundTaker()
    session.add_output(sound)
    await session.start_running()
    app.device.advance(0.5)
    with session.configuration():
        session.remove_input(session.inputs[1])
        session.add_input(camera(app, FRONT))
    await settled(session)
    app.device.advance(0.5)
    times = [each.presentation_time_s for each in sound.taken]
    assert times == pytest.approx([n * 1024 / 48_000 for n in range(46)])
    assert sound.codes == ["begin"]
    assert output.codes == ["begin", AVError.SESSION_CONFIGURATION_CHANGED, "begin"]
    await session.stop_running()


async def test_a_preset_may_change_while_it_runs(app: SimulatedApp) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    app.device.advance(0.1)
    session.session_preset = Preset.VGA640X480
    await settled(session)
    app.device.advance(0.1)
    widths = [each.format.width for each in output.taken]
    assert widths == [1920] * 3 + [640] * 3
    await session.stop_running()


async def test_a_frame_rate_may_change_while_it_runs(app: SimulatedApp) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    back = device(app, PICTURES)
    back.lock_for_configuration()
    back.active_video_min_frame_duration = 1 / 10
    back.unlock_for_configuration()
    await settled(session)
    output.taken.clear()
    app.device.advance(1.0)
    assert output.count(PICTURES) == 10
    await session.stop_running()


async def test_nothing_changes_before_the_outermost_commit(app: SimulatedApp) -> None:
    session, output = session_of(app)
    await session.start_running()
    session.begin_configuration()
    session.remove_input(session.inputs[0])
    session.add_input(camera(app))
    await settled(session)
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 0)
    session.commit_configuration()
    await settled(session)
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (0, 15)
    await session.stop_running()


async def test_a_change_that_cannot_be_carried_out_is_taken_back(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    before = session.inputs, session.connections, session.session_preset
    opens = app.capture.open_feed

    async def breaks(id: str, format: FormatFacts, rate: float | None, events: object) -> object:
        if id == "front camera":
            raise CaptureError(AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION)
        return await opens(id, format, rate, events)  # type: ignore[arg-type]

    monkeypatch.setattr(app.capture, "open_feed", breaks)
    with told(session) as notifications:
        with session.configuration():
            session.remove_input(session.inputs[1])
            session.add_input(camera(app, FRONT))
            session.session_preset = Preset.VGA640X480
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION]
        assert notifications.names == [ERROR]
    assert (session.inputs, session.connections, session.session_preset) == before
    assert session.is_running
    output.taken.clear()
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 15)
    assert output.codes == ["begin"]
    await session.stop_running()


async def test_a_configuration_that_is_open_outlives_one_that_is_taken_back(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, output = session_of(app)
    await session.start_running()

    async def breaks(*_: object) -> object:
        raise CaptureError(AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION)

    opens = app.capture.open_feed
    monkeypatch.setattr(app.capture, "open_feed", breaks)
    session.add_input(camera(app))
    session.begin_configuration()
    later = PictureTaker()
    session.add_output(later)
    await settled(session)
    assert session.is_running
    monkeypatch.setattr(app.capture, "open_feed", opens)
    session.commit_configuration()
    await settled(session)
    app.device.advance(0.5)
    assert (output.count(PICTURES), later.count(PICTURES)) == (15, 15)
    await session.stop_running()


async def test_what_nobody_expected_stops_it_with_an_error(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = session_of(app)

    async def breaks(*_: object) -> object:
        raise OSError("broken")

    with monkeypatch.context() as patched, told(session) as notifications:
        patched.setattr(app.capture, "open_feed", breaks)
        await session.start_running()
        assert notifications.errors == [AVError.UNKNOWN]
    assert not session.is_running
    assert not app.apple.io_running
    await session.start_running()
    assert session.is_running
    await session.stop_running()


async def test_a_connection_that_is_off_lets_nothing_through(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    await session.start_running()
    connection = next(each for each in session.connections if each.media_type is PICTURES)
    connection.is_enabled = False
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 0)
    connection.is_enabled = True
    await settled(session)
    app.device.advance(0.5)
    assert output.count(PICTURES) == 15
    await session.stop_running()


@pytest.mark.parametrize(
    "name",
    [
        "uses_application_audio_session",
        "automatically_configures_application_audio_session",
        "configures_application_audio_session_to_mix_with_others",
        "configures_application_audio_session_for_bluetooth_high_quality_recording",
    ],
)
async def test_the_audio_sessions_use_does_not_change_while_it_runs(
    app: SimulatedApp, name: str
) -> None:
    session, _ = session_of(app)
    first = getattr(session, name)
    await session.start_running()
    with pytest.raises(NSInvalidArgumentException, match=name):
        setattr(session, name, not first)
    assert getattr(session, name) is first
    assert session.is_running
    await session.stop_running()
    setattr(session, name, not first)
    assert getattr(session, name) is not first
    with pytest.raises(InvalidTypeError):
        setattr(session, name, 1)


# -- levels ------------------------------------------------------------------------------------


async def test_connections_tell_how_loud_it_is(app: SimulatedApp) -> None:
    import numpy as np

    session, _ = session_of(app)
    (connection,) = session.connections
    assert not list(connection.audio_channels)
    app.capture.system.hears = lambda at, frames, channels, rate: np.full((frames, channels), 0.1)
    await session.start_running()
    app.device.advance(3.0)
    (channel,) = now(connection.audio_channels)
    assert channel.average_power_level == pytest.approx(-20.0, abs=0.1)
    assert channel.peak_hold_level == pytest.approx(-20.0, abs=0.1)
    await session.stop_running()


# -- deferred start ----------------------------------------------------------------------------


class Later(Taker):
    """An output that can start later."""

    @property
    def is_deferred_start_supported(self) -> bool:
        return True


class Delegate(AVCaptureSessionDeferredStartDelegate):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def session_will_run_deferred_start(self, session: AVCaptureSession) -> None:
        self.heard.append("will")

    def session_did_run_deferred_start(self, session: AVCaptureSession) -> None:
        self.heard.append("did")


async def test_outputs_may_start_after_the_session(app: SimulatedApp) -> None:
    session, later, delegate = AVCaptureSession(app.session), Later(), Delegate()
    later.is_deferred_start_enabled = True
    session.add_input(microphone(app))
    session.add_output(later)
    with pytest.raises(NSInvalidArgumentException):
        session.set_deferred_start_delegate(delegate, None)
    session.set_deferred_start_delegate(delegate, asyncio.get_running_loop())
    assert session.deferred_start_delegate is delegate
    assert session.deferred_start_delegate_callback_queue is asyncio.get_running_loop()
    assert session.automatically_runs_deferred_start
    session.automatically_runs_deferred_start = False
    await session.start_running()
    assert later.story == []
    session.run_deferred_start_when_needed()
    await asyncio.sleep(0)
    assert later.story == ["begin"]
    assert delegate.heard == ["will", "did"]
    await session.stop_running()


async def test_the_session_starts_them_by_itself(app: SimulatedApp) -> None:
    session, later = AVCaptureSession(app.session), Later()
    later.is_deferred_start_enabled = True
    session.add_input(microphone(app))
    session.add_output(later)
    await session.start_running()
    assert later.story == ["begin"]
    await session.stop_running()


def test_before_ios_26_the_app_has_no_say_in_that() -> None:
    session = AVCaptureSession(phone(25, 0).app("camera").session)
    assert not session.is_manual_deferred_start_supported
    with pytest.raises(NSInvalidArgumentException, match="ask is_manual_deferred_start_supported"):
        session.automatically_runs_deferred_start = False
    with pytest.raises(NSInvalidArgumentException, match="ask is_manual_deferred_start_supported"):
        session.run_deferred_start_when_needed()


# -- observing ---------------------------------------------------------------------------------


async def test_properties_are_observed(app: SimulatedApp) -> None:
    session, _ = session_of(app)
    seen: list[bool] = []
    observation = session.observe("is_running", seen.append)
    await session.start_running()
    await session.stop_running()
    observation.cancel()
    await session.start_running()
    assert seen == [True, False]
    await session.stop_running()
    with pytest.raises(UnknownNameError):
        session.observe("inputs", seen.append)
    with pytest.raises(InvalidTypeError):
        session.observe("is_running", None)  # type: ignore[arg-type]


# -- what it loads -----------------------------------------------------------------------------


def test_nothing_heavy_is_loaded_before_samples_flow() -> None:
    code = """
import sys
import audiosession
assert "audiosession.capture" not in sys.modules
from audiosession.capture import AVCaptureDevice, AVCaptureDeviceInput, AVCaptureSession
from audiosession.hosts.simulated import SimulatedDevice
app = SimulatedDevice().app("camera")
device = AVCaptureDevice.devices(audio_session=app.session)[0]
AVCaptureSession(app.session).add_input(AVCaptureDeviceInput(device))
print(sorted({"numpy", "av", "soundcard", "miniaudio"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
