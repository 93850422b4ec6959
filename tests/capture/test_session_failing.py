"""AVCaptureSession: devices that give up, and what cannot be opened while it runs (apple 128)."""

from __future__ import annotations

import asyncio

import pytest

from audiosession.capture import (
    AVCaptureDevice,
    AVCaptureDeviceInput,
    AVCaptureSession,
    AVCaptureSessionPreset,
    AVError,
    CaptureError,
)
from audiosession.capture.errors import UNDERLYING_ERROR
from audiosession.capture.host import Feed, FeedEvents, FormatFacts
from audiosession.capture.virtual import TONE_ID
from audiosession.errors import ExtraMissingError
from audiosession.hosts.simulated import SimulatedApp
from tests.apple.phone_kit import phone
from tests.capture.capture_kit import (
    BACK,
    DOWN,
    ENDED,
    ERROR,
    PICTURES,
    SOUND,
    UP,
    Key,
    Name,
    PictureTaker,
    SoundTaker,
    camera,
    device,
    microphone,
    session_of,
    settled,
    told,
)

Preset = AVCaptureSessionPreset
GONE = AVError.DEVICE_WAS_DISCONNECTED


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


class Cameras:
    """The app's devices, whose cameras can be made to fail."""

    def __init__(self, app: SimulatedApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = 0
        self.events: FeedEvents | None = None
        self.refuses: Exception | None = None
        self.spares: int | None = None
        self._open = app.capture.open_feed
        monkeypatch.setattr(app.capture, "open_feed", self._opens)

    async def _opens(
        self, id: str, format: FormatFacts, rate: float | None, events: FeedEvents
    ) -> Feed:
        if "camera" in id:
            self.opened += 1
            if self.refuses is not None and format.height != self.spares:
                raise self.refuses
            self.events = events
        return await self._open(id, format, rate, events)

    def fail(self, code: AVError = GONE) -> None:
        """The camera that was opened last gives up, and stays in the list of devices."""
        assert self.events is not None
        self.events.failed(CaptureError(code))


@pytest.fixture
def cameras(app: SimulatedApp, monkeypatch: pytest.MonkeyPatch) -> Cameras:
    return Cameras(app, monkeypatch)


def recorder(app: SimulatedApp) -> tuple[AVCaptureSession, SoundTaker, PictureTaker]:
    """A session with a microphone and a camera, each with an output of its own."""
    session, sound, pictures = AVCaptureSession(app.session), SoundTaker(), PictureTaker()
    session.add_input(microphone(app))
    session.add_input(camera(app))
    session.add_output(sound)
    session.add_output(pictures)
    return session, sound, pictures


async def failed_camera(session: AVCaptureSession, cameras: Cameras) -> None:
    """The camera gives up, and the session has followed."""
    cameras.fail()
    # It is told by call_soon_threadsafe.
    await asyncio.sleep(0)
    await settled(session)


# -- feeds that fail ---------------------------------------------------------------------------


async def test_128_a_camera_that_gives_up_leaves_the_sound_alone(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, sound, pictures = recorder(app)
    await session.start_running()
    cameras.refuses = CaptureError(AVError.DEVICE_NOT_CONNECTED)
    with told(session) as notifications:
        await failed_camera(session, cameras)
        assert notifications.errors == [GONE]
        assert notifications.names == [ERROR]
        assert cameras.opened == 1
        # What a host says of it a moment later is not news.
        app.capture.system.disconnect_camera("back camera")
        await settled(session)
        assert notifications.names == []
    assert session.is_running
    assert sound.codes == ["begin"]
    assert pictures.codes[:2] == ["begin", GONE]
    app.device.advance(0.5)
    assert (sound.count(SOUND), pictures.count(PICTURES)) == (23, 0)
    await session.stop_running()


async def test_121_a_feed_that_ends_with_the_media_services_ends_all_of_it(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, sound, pictures = recorder(app)
    await session.start_running()
    with told(session) as notifications:
        cameras.fail(AVError.MEDIA_SERVICES_WERE_RESET)
        await asyncio.sleep(0)
        await settled(session)
        assert notifications.errors == [AVError.MEDIA_SERVICES_WERE_RESET]
        assert notifications.names == [ERROR, DOWN]
    assert not session.is_running
    for output in (sound, pictures):
        assert output.codes == ["begin", AVError.MEDIA_SERVICES_WERE_RESET]
    await session.start_running()
    assert session.is_running
    assert cameras.opened == 2
    await session.stop_running()


async def test_a_camera_that_gave_up_is_not_opened_until_something_is_different(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, _, pictures = recorder(app)
    await session.start_running()
    await failed_camera(session, cameras)
    session.connections[0].is_enabled = False
    session.connections[0].is_enabled = True
    await settled(session)
    assert cameras.opened == 1
    pictures.taken.clear()
    await session.start_running()
    assert cameras.opened == 2
    app.device.advance(0.5)
    assert pictures.count(PICTURES) == 15
    await session.stop_running()


async def test_a_camera_that_gave_up_comes_back_with_its_plug(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, output = session_of(app)
    webcam = app.capture.system.connect_camera()
    session.add_input(AVCaptureDeviceInput(AVCaptureDevice(webcam, audio_session=app.session)))
    await session.start_running()
    await failed_camera(session, cameras)
    app.capture.system.disconnect_camera(webcam)
    app.capture.system.connect_camera()
    await settled(session)
    output.taken.clear()
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 15)
    await session.stop_running()


async def test_a_camera_that_gave_up_may_be_added_anew(app: SimulatedApp, cameras: Cameras) -> None:
    session, _, pictures = recorder(app)
    await session.start_running()
    await failed_camera(session, cameras)
    session.remove_input(session.inputs[1])
    await settled(session)
    session.add_input(camera(app))
    await settled(session)
    pictures.taken.clear()
    app.device.advance(0.5)
    assert pictures.count(PICTURES) == 15
    await session.stop_running()


async def test_a_camera_that_comes_back_and_cannot_be_opened_leaves_the_rest_alone(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, output = session_of(app)
    sound = SoundTaker()
    session.add_output(sound)
    webcam = app.capture.system.connect_camera()
    session.add_input(AVCaptureDeviceInput(AVCaptureDevice(webcam, audio_session=app.session)))
    await session.start_running()
    app.capture.system.disconnect_camera(webcam)
    await settled(session)
    cameras.refuses = CaptureError(AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION)
    with told(session) as notifications:
        app.capture.system.connect_camera()
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION]
        assert notifications.names == [ERROR]
    assert session.is_running
    assert sound.codes == ["begin"]
    output.taken.clear()
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 0)
    await session.stop_running()


async def test_a_camera_that_another_session_took_meanwhile_leaves_the_rest_alone(
    app: SimulatedApp,
) -> None:
    session, output = session_of(app)
    webcam = app.capture.system.connect_camera()
    session.add_input(AVCaptureDeviceInput(AVCaptureDevice(webcam, audio_session=app.session)))
    await session.start_running()
    app.capture.system.disconnect_camera(webcam)
    await settled(session)
    other = AVCaptureSession(app.session)
    with told(session) as notifications:
        app.capture.system.connect_camera()
        settings = session._app.settings(webcam)
        assert settings is not None
        settings.holder = other._ref
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_ALREADY_USED_BY_ANOTHER_SESSION]
    assert session.is_running
    output.taken.clear()
    app.device.advance(0.5)
    assert output.count(SOUND) == 23
    await session.stop_running()


async def test_the_only_device_that_gives_up_stops_it(app: SimulatedApp, cameras: Cameras) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        await failed_camera(session, cameras)
        assert notifications.errors == [GONE]
        assert notifications.names == [ERROR, DOWN]
    assert not session.is_running
    assert output.codes == ["begin", GONE]
    await session.start_running()
    app.device.advance(0.5)
    assert output.count(PICTURES) == 15
    await session.stop_running()


async def test_128_a_camera_that_gives_up_while_the_microphone_is_opened_fails_the_start(
    app: SimulatedApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    session.add_input(microphone(app))
    opens = app.capture.open_feed

    async def slow(id: str, format: FormatFacts, rate: float | None, events: FeedEvents) -> Feed:
        feed = await opens(id, format, rate, events)
        if "camera" in id:
            events.failed(CaptureError(GONE))
            await asyncio.sleep(0)
        return feed

    with monkeypatch.context() as patched, told(session) as notifications:
        patched.setattr(app.capture, "open_feed", slow)
        await session.start_running()
        assert notifications.errors == [GONE]
        assert notifications.names == [ERROR]
    assert not session.is_running
    assert not app.capture._feeds
    await session.start_running()
    app.device.advance(0.5)
    assert output.count(PICTURES) == 15
    await session.stop_running()


async def test_a_camera_that_gives_up_while_an_old_feed_is_ended_is_told_of(
    app: SimulatedApp, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, output = session_of(app)
    await session.start_running()
    session.add_input(camera(app))
    pipeline = session._pipeline
    assert pipeline is not None
    (running,) = pipeline._running.values()
    assert running.feed is not None
    stops = running.feed.stop

    async def stop() -> None:
        cameras.fail()
        await asyncio.sleep(0)
        await stops()

    monkeypatch.setattr(running.feed, "stop", stop)
    tone = AVCaptureDeviceInput(AVCaptureDevice(TONE_ID, audio_session=app.session))
    with told(session) as notifications:
        with session.configuration():
            session.remove_input(session.inputs[0])
            session.add_input(tone)
        await settled(session)
        assert notifications.errors == [GONE]
    assert session.is_running
    app.device.advance(0.5)
    assert output.count(SOUND) > 0
    await session.stop_running()


# -- what is not there -------------------------------------------------------------------------


async def test_128_without_its_devices_a_session_does_not_start(app: SimulatedApp) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    app.capture.system.disconnect_camera("back camera")
    with told(session) as notifications:
        await session.start_running()
        assert notifications.errors == [AVError.DEVICE_NOT_CONNECTED]
        assert notifications.names == [ERROR]
    assert not session.is_running
    assert output.codes == []


async def test_a_device_that_goes_during_an_interruption_ends_that_with_an_error(
    app: SimulatedApp,
) -> None:
    session, _ = session_of(app, sound=False, pictures=True)
    await session.start_running()
    with told(session) as notifications:
        app.to_background()
        await settled(session)
        app.capture.system.disconnect_camera("back camera")
        app.to_foreground()
        await settled(session)
        assert notifications.errors == [AVError.DEVICE_NOT_CONNECTED]
        assert ENDED not in notifications.names
    assert not session.is_running
    assert not session.is_interrupted


async def test_one_device_of_two_is_enough_to_start(app: SimulatedApp) -> None:
    session, output = session_of(app, pictures=True)
    app.capture.system.disconnect_camera("back camera")
    with told(session) as notifications:
        await session.start_running()
        assert notifications.names == [UP]
    app.device.advance(0.5)
    assert (output.count(SOUND), output.count(PICTURES)) == (23, 0)
    await session.stop_running()


# -- changes that fail -------------------------------------------------------------------------


async def test_a_missing_package_has_a_change_taken_back(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, output = session_of(app)
    await session.start_running()
    before = session.inputs
    cameras.refuses = ExtraMissingError("capture", "recording pictures")
    with told(session) as notifications:
        session.add_input(camera(app))
        await settled(session)
        assert notifications.errors == [AVError.UNKNOWN]
        (error,) = notifications.info(Name.RUNTIME_ERROR, Key.ERROR)
        assert error.user_info[UNDERLYING_ERROR] is cameras.refuses
        assert "audiosession[capture]" in str(error)
    assert session.inputs == before
    assert session.is_running
    assert output.codes == ["begin"]
    await session.stop_running()


async def test_two_changes_at_once_go_back_to_the_format_that_runs(
    app: SimulatedApp, cameras: Cameras
) -> None:
    session, output = session_of(app, sound=False, pictures=True)
    await session.start_running()
    back = device(app, PICTURES, BACK)
    with told(session) as notifications:
        cameras.refuses = CaptureError(AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT)
        cameras.spares = 1080
        session.session_preset = Preset.HD1280X720
        session.session_preset = Preset.VGA640X480
        await settled(session)
        assert notifications.errors == [AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT]
        assert notifications.names == [ERROR]
    assert session.session_preset is Preset.HIGH
    assert back.active_format is not None
    assert back.active_format.height == 1080
    assert session.is_running
    output.taken.clear()
    app.device.advance(0.1)
    assert [each.format.height for each in output.taken] == [1080] * 3
    await session.stop_running()
