"""What objects are at first is the facts, and some of what no other test goes through."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from audiosession.capture import (
    AVCaptureAudioDataOutput,
    AVCaptureAudioFileOutput,
    AVCaptureConnection,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureMovieFileOutput,
    AVCaptureMultiCamSession,
    AVCaptureSession,
    AVCaptureVideoDataOutput,
    AVError,
    AVMediaType,
    FormatFacts,
)
from audiosession.capture.outputs.file_output import frame_rate_of
from audiosession.capture.samples import audio_buffer
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.capture.capture_kit import PICTURES, SOUND, camera, microphone, settled
from tests.capture.facts_kit import facts
from tests.capture.media_kit import DEADLINE_S, Heard, Wire

# What is told of in its own words, by what the facts say.
SPELLED: dict[Any, tuple[Any, ...]] = {
    "nil": (None, {}),
    "invalid": (None,),
}
NEEDS_A_LOOK = {
    # macOS alone has them.
    "AVCaptureAudioChannel.volume",
    "AVCaptureAudioChannel.enabled",
    "AVCaptureAudioDataOutput.audioSettings",
}


@pytest.fixture
def app() -> SimulatedApp:
    """An app on a phone that keeps Apple's rules."""
    return SimulatedDevice("phone", policy="apple").app("camera")


def fresh(app: SimulatedApp) -> dict[str, Any]:
    """A new object of each class that the facts say something of."""
    session = AVCaptureSession(app.session)
    movie = AVCaptureMovieFileOutput()
    heard, seen = microphone(app), camera(app)
    sound = AVCaptureConnection(heard.ports(SOUND), AVCaptureAudioDataOutput())
    pictures = AVCaptureConnection(seen.ports(PICTURES), AVCaptureVideoDataOutput())
    return {
        "AVCaptureSession": session,
        "AVCaptureMultiCamSession": AVCaptureMultiCamSession(app.session),
        "AVCaptureDevice": seen.device,
        "AVCaptureInput": seen,
        "AVCaptureInputPort": seen.ports(PICTURES)[0],
        "AVCaptureDeviceInput": heard,
        "AVCaptureConnection": pictures,
        "AVCaptureAudioConnection": sound,
        "AVCaptureOutput": movie,
        "AVCaptureAudioDataOutput": AVCaptureAudioDataOutput(),
        "AVCaptureVideoDataOutput": AVCaptureVideoDataOutput(),
        "AVCaptureFileOutput": movie,
        "AVCaptureMovieFileOutput": movie,
        "AVCaptureAudioFileOutput": AVCaptureAudioFileOutput(),
    }


WITH_DEFAULT = [
    row for row in facts()["property"] if "default" in row and row["name"] not in NEEDS_A_LOOK
]


@pytest.mark.parametrize("row", WITH_DEFAULT, ids=lambda row: row["name"])
def test_what_is_there_at_first_is_the_facts(app: SimulatedApp, row: dict[str, Any]) -> None:
    found = getattr(fresh(app)[row["cls"]], row["python"])
    first = row["default"]
    if isinstance(first, list):
        assert len(found) == 0
    elif isinstance(first, str) and first in SPELLED:
        assert found in SPELLED[first]
    elif isinstance(first, str):
        names = {
            each["name"]: each.get("value", each.get("text"))
            for table in facts().values()
            if isinstance(table, list)
            for each in table
        }
        assert getattr(found, "value", found) == names[first]
    else:
        assert found == first
        assert isinstance(found, bool) is isinstance(first, bool)


def test_nobody_is_told_of_a_deferred_start_at_first(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    assert session.deferred_start_delegate is None
    assert session.deferred_start_delegate_callback_queue is None


def test_a_control_that_is_not_there_is_removed_without_a_word(app: SimulatedApp) -> None:
    session = AVCaptureSession(app.session)
    session.remove_control(object())
    assert session.controls == ()


def test_an_output_knows_its_connection_of_a_medium(app: SimulatedApp) -> None:
    session, output = AVCaptureSession(app.session), AVCaptureAudioDataOutput()
    session.add_output(output)
    assert output.connection(SOUND) is None
    session.add_input(microphone(app))
    assert output.connection(SOUND) is session.connections[0]
    assert output.connection(PICTURES) is None


async def test_a_recording_does_not_wait_for_a_port_that_is_off(
    app: SimulatedApp, tmp_path: Path
) -> None:
    session, output, heard = AVCaptureSession(app.session), AVCaptureMovieFileOutput(), Heard()
    seen = camera(app)
    session.add_input(microphone(app))
    session.add_input(seen)
    session.add_output(output)
    (port,) = seen.ports(PICTURES)
    port.is_enabled = False
    await session.start_running()
    output.start_recording(tmp_path / "talk.mkv", heard)
    app.device.advance(0.5)
    async with asyncio.timeout(DEADLINE_S):
        await heard.started.wait()
    # Nor does it take what comes of it later.
    port.is_enabled = True
    await settled(session)
    app.device.advance(0.5)
    output.stop_recording()
    assert await output.recording_finished() is None
    assert output.recorded_duration == pytest.approx(1.0, abs=0.05)
    await session.stop_running()


async def test_pictures_are_stored_at_the_rate_that_is_set(app: SimulatedApp) -> None:
    session, output = AVCaptureSession(app.session), AVCaptureMovieFileOutput()
    seen = camera(app)
    session.add_input(seen)
    session.add_output(output)
    (wire,) = session.connections
    assert seen.device.active_format is not None
    assert frame_rate_of(wire) == seen.device.active_format.frame_rates[0][1]
    seen.device.lock_for_configuration()
    seen.device.active_video_min_frame_duration = 1 / 10
    seen.device.unlock_for_configuration()
    assert frame_rate_of(wire) == pytest.approx(10.0)


def test_a_port_says_what_is_behind_it(app: SimulatedApp) -> None:
    (port,) = camera(app).ports(PICTURES)
    assert port.source_device_type is AVCaptureDeviceType.BUILT_IN_WIDE_ANGLE_CAMERA
    assert port.source_device_position is AVCaptureDevicePosition.BACK


def test_who_would_say_where_a_file_begins_is_kept() -> None:
    output, somebody = AVCaptureMovieFileOutput(), object()
    output.delegate = somebody
    assert output.delegate is somebody


def test_the_interval_of_fragments_is_a_time_or_none() -> None:
    output = AVCaptureMovieFileOutput()
    output.movie_fragment_interval = 2.0
    assert output.movie_fragment_interval == 2.0
    for wrong, error in ((0.0, InvalidValueError), (math.nan, InvalidValueError)):
        with pytest.raises(error):
            output.movie_fragment_interval = wrong
    with pytest.raises(InvalidTypeError):
        output.movie_fragment_interval = True
    assert output.movie_fragment_interval == 2.0
    output.movie_fragment_interval = None
    assert output.movie_fragment_interval is None


@pytest.mark.parametrize("output", [AVCaptureMovieFileOutput(), AVCaptureAudioFileOutput()])
def test_metadata_is_texts_by_names(output: Any) -> None:
    output.metadata = {"title": "A day"}
    assert output.metadata == {"title": "A day"}
    with pytest.raises(InvalidTypeError):
        output.metadata = {"title": 1}
    assert output.metadata == {"title": "A day"}


class Older:
    """A delegate of the time before iOS 18.2, with what it has to have and one method more."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def file_output_did_start_recording_to(self, output: Any, url: Path, wires: Any) -> None:
        self.said.append("started")

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, wires: Any, error: Any
    ) -> None:
        self.said.append("finished")


class _Clock:
    def now_s(self) -> float:
        return 0.0


async def record(path: Path, delegate: Any, rates: tuple[float, ...]) -> Any:
    """Records a quarter of a second at each rate, and returns how it ended."""
    output, wire = AVCaptureAudioFileOutput(), Wire(AVMediaType.AUDIO)
    output._connect(wire)
    output._begin(asyncio.get_running_loop(), _Clock())
    output.start_recording(path, delegate)
    for number, rate in enumerate(rates):
        sound = np.zeros((round(rate / 4), 2), np.float32)
        form = FormatFacts(media_type=AVMediaType.AUDIO, sample_rate=rate, channels=2)
        output._take(wire, audio_buffer(sound, at_s=number / 4, format=form))
    if len(rates) == 1:
        output.stop_recording()
    error = await output.recording_finished()
    output._end()
    return error


async def test_a_delegate_without_the_newer_method_hears_by_the_older(tmp_path: Path) -> None:
    delegate = Older()
    assert await record(tmp_path / "memo.wav", delegate, (48_000.0,)) is None
    assert delegate.said == ["started", "finished"]


async def test_sound_of_another_rate_ends_a_recording_with_media_changed(tmp_path: Path) -> None:
    path = tmp_path / "memo.wav"
    error = await record(path, Heard(), (48_000.0, 44_100.0))
    assert error.code is AVError.MEDIA_CHANGED
    assert path.stat().st_size > 48_000
