"""Recordings of a session that is interrupted, changed, or loses a device: files stay valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audiosession.capture import (
    AVCaptureAudioFileOutput,
    AVCaptureMovieFileOutput,
    AVCaptureSession,
    AVCaptureSessionPreset,
    AVError,
    CaptureError,
    NSInvalidArgumentException,
)
from audiosession.capture.errors import UNDERLYING_ERROR
from audiosession.hosts.simulated import SimulatedApp
from tests.apple.phone_kit import phone
from tests.capture.capture_kit import FRONT, camera, microphone, settled

av = pytest.importorskip("av")


@pytest.fixture
def app() -> SimulatedApp:
    return phone().app("camera")


class Finished:
    """Hears that a recording is over, and makes nothing of it."""

    def file_output_did_finish_recording_to(self, *_: object) -> None:
        pass


# All other methods of a delegate may be missing.
DELEGATE: Any = Finished()


def seconds(path: Path) -> float:
    with av.open(str(path)) as file:
        return float(sum(frame.samples / frame.sample_rate for frame in file.decode(audio=0)))


def recorder(app: SimulatedApp) -> tuple[AVCaptureSession, AVCaptureAudioFileOutput]:
    session, output = AVCaptureSession(app.session), AVCaptureAudioFileOutput()
    session.add_input(microphone(app))
    session.add_output(output)
    return session, output


def code(error: CaptureError | None) -> int | None:
    return None if error is None else error.code


async def test_126_the_file_of_an_interrupted_recording_is_whole(
    app: SimulatedApp, tmp_path: Path
) -> None:
    session, output = recorder(app)
    await session.start_running()
    output.start_recording(tmp_path / "call.wav", recording_delegate=DELEGATE)
    app.device.advance(2.0)
    call = app.device.incoming_call()
    error = await output.recording_finished()
    assert code(error) == AVError.SESSION_WAS_INTERRUPTED
    assert seconds(tmp_path / "call.wav") == pytest.approx(2.0, abs=0.03)
    call.decline()
    await settled(session)
    output.start_recording(tmp_path / "after.wav", recording_delegate=DELEGATE)
    app.device.advance(1.0)
    output.stop_recording()
    assert await output.recording_finished() is None
    assert seconds(tmp_path / "after.wav") == pytest.approx(1.0, abs=0.03)
    await session.stop_running()


async def test_121_the_file_is_whole_when_media_services_are_reset(
    app: SimulatedApp, tmp_path: Path
) -> None:
    session, output = recorder(app)
    await session.start_running()
    output.start_recording(tmp_path / "reset.wav", recording_delegate=DELEGATE)
    app.device.advance(1.0)
    app.device.lose_media_services()
    app.device.advance(5.0)
    app.device.reset_media_services()
    assert code(await output.recording_finished()) == AVError.MEDIA_SERVICES_WERE_RESET
    assert seconds(tmp_path / "reset.wav") == pytest.approx(1.0, abs=0.03)
    await settled(session)


async def test_a_stop_of_the_session_ends_the_recording(app: SimulatedApp, tmp_path: Path) -> None:
    session, output = recorder(app)
    await session.start_running()
    output.start_recording(tmp_path / "stop.wav", recording_delegate=DELEGATE)
    app.device.advance(1.0)
    await session.stop_running()
    await output.recording_finished()
    assert seconds(tmp_path / "stop.wav") == pytest.approx(1.0, abs=0.03)


async def test_a_device_that_vanishes_while_recording(app: SimulatedApp, tmp_path: Path) -> None:
    session, output = AVCaptureSession(app.session), AVCaptureMovieFileOutput()
    session.session_preset = AVCaptureSessionPreset.CIF352X288
    session.add_input(microphone(app))
    session.add_input(camera(app))
    session.add_output(output)
    await session.start_running()
    output.start_recording(tmp_path / "film.mkv", recording_delegate=DELEGATE)
    app.device.advance(1.0)
    app.capture.system.disconnect_camera("back camera")
    assert code(await output.recording_finished()) == AVError.DEVICE_WAS_DISCONNECTED
    with av.open(str(tmp_path / "film.mkv")) as film:
        assert sum(1 for _ in film.decode(video=0)) == 30
    assert session.is_running
    await session.stop_running()


async def test_a_configuration_that_is_taken_back_does_not_end_a_recording(
    app: SimulatedApp, tmp_path: Path
) -> None:
    session, output = recorder(app)
    await session.start_running()
    output.start_recording(tmp_path / "kept.wav", recording_delegate=DELEGATE)
    app.device.advance(1.0)

    def fail() -> None:
        with session.configuration():
            session.remove_input(session.inputs[0])
            session.add_input(camera(app))
            session.add_input(camera(app, FRONT))

    with pytest.raises(NSInvalidArgumentException):
        fail()
    await settled(session)
    assert output.is_recording
    app.device.advance(1.0)
    output.stop_recording()
    assert await output.recording_finished() is None
    assert seconds(tmp_path / "kept.wav") == pytest.approx(2.0, abs=0.03)
    await session.stop_running()


async def test_taking_its_input_away_ends_a_recording(app: SimulatedApp, tmp_path: Path) -> None:
    session, output = recorder(app)
    await session.start_running()
    output.start_recording(tmp_path / "cut.wav", recording_delegate=DELEGATE)
    app.device.advance(1.0)
    session.remove_input(session.inputs[0])
    assert code(await output.recording_finished()) == AVError.SESSION_CONFIGURATION_CHANGED
    assert seconds(tmp_path / "cut.wav") == pytest.approx(1.0, abs=0.03)
    await session.stop_running()


async def test_128_a_recording_hears_why_its_session_did_not_start(
    app: SimulatedApp, tmp_path: Path
) -> None:
    session, output = recorder(app)
    app.device.lose_media_services()
    await session.start_running()
    output.start_recording(tmp_path / "no.wav", recording_delegate=DELEGATE)
    error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.SESSION_NOT_RUNNING
    why = error.user_info[UNDERLYING_ERROR]
    assert error.detail == f"the session does not run: {why.detail}"
    assert "the media server has died" in error.detail
    assert why.code == AVError.MEDIA_SERVICES_WERE_RESET
    assert error.advice == why.advice
    # That it was stopped since is why it does not run now.
    await session.stop_running()
    output.start_recording(tmp_path / "no.wav", recording_delegate=DELEGATE)
    error = await output.recording_finished()
    assert error is not None
    assert error.detail == "the session does not run"
    assert UNDERLYING_ERROR not in error.user_info
    app.device.reset_media_services()
    await session.start_running()
    output.start_recording(tmp_path / "yes.wav", recording_delegate=DELEGATE)
    app.device.advance(0.5)
    output.stop_recording()
    assert await output.recording_finished() is None
    await session.stop_running()
