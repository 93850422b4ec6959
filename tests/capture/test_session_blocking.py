"""AVCaptureSession: the form whose calls block."""

from __future__ import annotations

import threading

import pytest

from audiosession import blocking as blocking_api
from audiosession.capture import (
    AVCaptureSession,
    AVCaptureSessionPreset,
    NSInvalidArgumentException,
    SampleBuffer,
    blocking,
)
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.phone_kit import phone
from tests.capture.capture_kit import (
    DOWN,
    PICTURES,
    UP,
    PictureTaker,
    Taker,
    camera,
    device,
    microphone,
    told,
)

Preset = AVCaptureSessionPreset


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


@pytest.fixture
def real() -> SimulatedDevice:
    return SimulatedDevice.in_real_time("phone")


def test_the_blocking_form_records(real: SimulatedDevice) -> None:
    app = real.app("camera")
    session = blocking.AVCaptureSession(app.session)
    output, first = Taker(), threading.Event()
    threads: set[str] = set()

    class Waker(Taker):
        def _take(self, connection: object, sample: object) -> None:
            threads.add(threading.current_thread().name)
            first.set()

    session.add_input(microphone(app))
    with session.configuration():
        session.add_output(output)
        session.add_output(Waker())
    with told(session) as notifications:
        session.start_running()
        assert session.is_running
        assert first.wait(timeout=60.0)
        session.stop_running()
        assert notifications.names == [UP, DOWN]
    assert not session.is_running
    assert threading.current_thread().name not in threads
    with pytest.raises(NSInvalidArgumentException):
        session.add_output(output)


def test_connections_and_devices_are_set_from_another_thread(real: SimulatedDevice) -> None:
    app = real.app("camera")
    session = blocking.AVCaptureSession(app.session)
    came = threading.Event()
    wanted = [1920]

    class Waker(PictureTaker):
        def _take(self, connection: object, sample: SampleBuffer) -> None:
            if sample.format.width in wanted:
                came.set()

    session.add_input(camera(app))
    session.add_output(Waker())
    session.start_running()
    assert came.wait(timeout=60.0)
    (connection,) = session.connections
    connection.is_enabled = False
    back = device(app, PICTURES)
    back.lock_for_configuration()
    back.active_format = next(each for each in back.formats if each.width == 640)
    back.unlock_for_configuration()
    wanted[:] = [640]
    came.clear()
    connection.is_enabled = True
    assert came.wait(timeout=60.0)
    assert session.session_preset is Preset.INPUT_PRIORITY
    session.stop_running()


def test_the_blocking_form_takes_a_configuration_back(app: SimulatedApp) -> None:
    session = blocking.AVCaptureSession(blocking_api.AudioSession(app.session))

    def fail() -> None:
        with session.configuration():
            session.add_input(microphone(app))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert session.inputs == ()


def test_the_blocking_form_has_what_the_other_has() -> None:
    public = {name for name in dir(AVCaptureSession) if not name.startswith("_")}
    assert public <= set(dir(blocking.AVCaptureSession))
