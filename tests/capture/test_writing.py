"""Files as outputs leave them: sync, limits, pauses, full disks, paths that cannot be."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from audiosession.capture.clock import MonotonicClock
from audiosession.capture.errors import (
    UNDERLYING_ERROR,
    AVError,
    CaptureError,
    NSInvalidArgumentException,
)
from audiosession.capture.files.disk import DiskFile
from audiosession.capture.files.wav import WavFile
from audiosession.capture.host import MediaType
from audiosession.capture.outputs.audio_file import AVCaptureAudioFileOutput
from audiosession.capture.outputs.file_output import AVCaptureFileOutput
from audiosession.capture.outputs.movie_file import AVCaptureMovieFileOutput
from audiosession.capture.outputs.settings import AVAudioSettingsKey, AVFileType
from audiosession.capture.samples import SampleBuffer
from audiosession.capture.virtual import (
    PATTERN_ID,
    TONE_HZ,
    TONE_ID,
    ToneWithClicks,
    virtual_devices,
)
from audiosession.capture.writing import RECORDING_FINISHED_KEY
from audiosession.errors import IllegalRequestError, InvalidTypeError, InvalidValueError
from tests.capture.media_kit import (
    DEADLINE_S,
    RATE,
    Bench,
    Heard,
    Wire,
    clicks,
    frequency_hz,
    pictures_of,
    sound_of,
    until,
    virtual_bench,
)

pytestmark = pytest.mark.anyio

FRAME_S = 1 / 30


async def recorded(desk: Bench, output: AVCaptureFileOutput, path: Path, seconds: float) -> Heard:
    """Records the devices that run for a while."""
    heard = Heard()
    output.start_recording(path, heard)
    await until("the recording", lambda: output.recorded_duration >= seconds or heard.error)
    output.stop_recording()
    await output.recording_finished()
    return heard


def flashes(pictures: list[tuple[float, float]]) -> list[float]:
    """The times of the white pictures."""
    return [at_s for at_s, luma in pictures if luma > 200]


async def test_clicks_and_flashes_are_together_within_a_picture(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.mkv", "a.mp4", "a.mov", "a.webm")]
    async with virtual_bench() as desk:
        outputs = tuple(AVCaptureMovieFileOutput() for _ in paths)
        tone, pattern = desk.device(TONE_ID), desk.device(PATTERN_ID)
        await desk.run(tone, pattern, outputs=outputs, size="320x240")
        heard = [Heard() for _ in paths]
        for path, output, delegate in zip(paths, outputs, heard, strict=True):
            output.start_recording(path, delegate)
        await until("sound", lambda: all(each.recorded_duration >= 3.2 for each in outputs))
        for output in outputs:
            output.stop_recording()
            assert await output.recording_finished() is None
            assert output.dropped_frames == 0
    for path, delegate in zip(paths, heard, strict=True):
        assert delegate.said == ["started", "finishing", "finished"]
        samples, begin_s = sound_of(path)
        sounds = clicks(samples, every=RATE) / RATE + begin_s
        sights = flashes(pictures_of(path))
        assert len(sights) >= 3
        for seen_s in sights:
            assert min(abs(seen_s - heard_s) for heard_s in sounds) < FRAME_S
        assert abs(frequency_hz(samples) - TONE_HZ) < 1.0


async def test_pictures_come_in_their_own_rhythm(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    async with virtual_bench() as desk:
        output = AVCaptureMovieFileOutput()
        await desk.run(desk.device(PATTERN_ID), outputs=(output,), size="320x240")
        await recorded(desk, output, path, 2.0)
    times = [at_s for at_s, _ in pictures_of(path)]
    # Matroska's times are whole milliseconds.
    assert np.abs(np.diff(times) - FRAME_S).max() <= 0.0011


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mka", "a.ogg", "a.m4a", "a.mkv"])
async def test_a_recording_ends_at_its_limit_of_duration(tmp_path: Path, name: str) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        output.max_recorded_duration = 1.25
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(tmp_path / name, Heard())
        await desk.hurry(2.0)
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MAXIMUM_DURATION_REACHED
    assert error.user_info[RECORDING_FINISHED_KEY] is True
    assert output.recorded_duration == 1.25
    assert not output.is_recording
    samples, _ = sound_of(tmp_path / name)
    if name in ("a.wav", "a.flac", "a.mka", "a.mkv"):
        assert len(samples) == 1.25 * RATE
    else:
        # Encoders of blocks fill up the last one, and AAC begins with one more.
        assert 0 <= len(samples) - 1.25 * RATE <= 2048 + 960


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mka", "a.m4a"])
async def test_a_file_is_never_larger_than_its_limit(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        output.max_recorded_file_size = 150_000
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(path, Heard())
        await desk.hurry(20.0)
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MAXIMUM_FILE_SIZE_REACHED
    # What an encoder still holds is taken for as large as it may become.
    assert 110_000 <= path.stat().st_size <= 150_000
    assert output.recorded_file_size == path.stat().st_size
    sound_of(path)


async def test_little_room_on_the_disk_ends_a_recording(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        output.min_free_disk_space_limit = 1 << 60
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        output.start_recording(tmp_path / "a.wav", Heard())
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.DISK_FULL
    assert error.user_info[RECORDING_FINISHED_KEY] is True


async def test_a_pause_is_left_out_and_sound_and_pictures_stay_together(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    async with virtual_bench() as desk:
        output, heard = AVCaptureMovieFileOutput(), Heard()
        await desk.run(
            desk.device(TONE_ID), desk.device(PATTERN_ID), outputs=(output,), size="320x240"
        )
        output.start_recording(path, heard)
        await until("a second and a half", lambda: output.recorded_duration >= 1.5)
        output.pause_recording()
        assert output.is_recording_paused
        assert output.is_recording
        await until("the pause", lambda: "paused" in heard.said)
        await asyncio.sleep(0.7)
        before_s = output.recorded_duration
        output.resume_recording()
        assert not output.is_recording_paused
        await until("more", lambda: output.recorded_duration >= before_s + 2.2)
        output.stop_recording()
        await output.recording_finished()
    assert heard.said == ["started", "paused", "resumed", "finishing", "finished"]
    samples, begin_s = sound_of(path)
    pictures = pictures_of(path)
    assert len(samples) / RATE == pytest.approx(output.recorded_duration, abs=0.05)
    assert np.diff([at_s for at_s, _ in pictures]).max() < 2.1 * FRAME_S
    sounds = clicks(samples, every=RATE // 2) / RATE + begin_s
    sights = flashes(pictures)
    # A whole second may lie in the pause, or a pause begin within one of the flashes.
    together = [min(abs(seen_s - heard_s) for heard_s in sounds) < FRAME_S for seen_s in sights]
    assert sum(together) >= len(together) - 1 >= 2


async def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_text("mine")
    async with virtual_bench() as desk:
        output, heard = AVCaptureAudioFileOutput(), Heard()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        output.start_recording(path, heard)
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.FILE_ALREADY_EXISTS
    assert error.user_info[RECORDING_FINISHED_KEY] is False
    assert path.read_text() == "mine"
    assert "started" not in heard.said


async def test_an_unwritable_path_is_told(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        output.start_recording(tmp_path / "nowhere" / "a.wav", Heard())
        error = await output.recording_finished()
        assert error is not None
        assert error.code == AVError.UNKNOWN
        assert "nowhere" in str(error)
        assert "choose a folder" in str(error)
        assert isinstance(error.user_info[UNDERLYING_ERROR], FileNotFoundError)
        assert not output.is_recording
        # The output is as good as before.
        heard = await recorded(desk, output, tmp_path / "b.wav", 0.2)
    assert heard.error is None


async def test_what_cannot_be_recorded_is_refused_at_once(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output, heard = AVCaptureMovieFileOutput(), Heard()
        with pytest.raises(NSInvalidArgumentException, match="no active connection"):
            output.start_recording(tmp_path / "a.mkv", heard)
        await desk.run(
            desk.device(TONE_ID), desk.device(PATTERN_ID), outputs=(output,), size="320x240"
        )
        for wrong in ("https://example.org/a.mkv", "", tmp_path / "a.wav", tmp_path / "a"):
            with pytest.raises(NSInvalidArgumentException):
                output.start_recording(wrong, heard)
        with pytest.raises(InvalidTypeError):
            output.start_recording(tmp_path / "a.mkv", None)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError):
            output.start_recording(5, heard)  # type: ignore[arg-type]
        for wrong_duration in (0.0, -1.0, float("nan")):
            with pytest.raises(InvalidValueError):
                output.max_recorded_duration = wrong_duration
        with pytest.raises(InvalidValueError):
            output.max_recorded_file_size = -1
        with pytest.raises(InvalidTypeError):
            output.min_free_disk_space_limit = 0.5  # type: ignore[assignment]
        output.start_recording(f"file://{tmp_path}/a%20b.mkv", heard)
        with pytest.raises(CaptureError) as caught:
            output.start_recording(tmp_path / "b.mkv", heard)
        assert caught.value.code == AVError.RECORDING_ALREADY_IN_PROGRESS
        await until("sound", lambda: output.recorded_duration > 0.3)
        output.stop_recording()
        assert await output.recording_finished() is None
    assert os.listdir(tmp_path) == ["a b.mkv"]
    assert output.output_file_url is None


async def test_without_a_running_session_the_delegate_hears_so(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        await desk.pipeline.stop()
        output._end()
        output.start_recording(tmp_path / "a.wav", Heard())
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.SESSION_NOT_RUNNING
    assert not os.listdir(tmp_path)


async def test_a_recording_without_a_sample_leaves_no_file(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        await desk.pipeline.stop()
        heard = Ends()
        output.start_recording(tmp_path / "a.wav", heard)
        output.stop_recording()
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.NO_DATA_CAPTURED
    assert heard.ending == error.code
    assert not os.listdir(tmp_path)


class Ends(Heard):
    """Keeps why a recording is about to end."""

    ending: int | None = None

    def file_output_will_finish_recording_to(self, *told: Any) -> None:
        super().file_output_will_finish_recording_to(*told)
        self.ending = told[-1] and told[-1].code


async def test_an_empty_file_that_cannot_be_removed_ends_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(path, Heard())
        await until("the file", path.is_file)
        path.unlink()
        path.mkdir()
        output.stop_recording()
        async with asyncio.timeout(DEADLINE_S):
            error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.NO_DATA_CAPTURED
    assert path.is_dir()


async def test_a_file_that_is_removed_is_recorded_to_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    async with virtual_bench() as desk:
        output, heard = AVCaptureAudioFileOutput(), Heard()
        output.min_free_disk_space_limit = 1
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(folder / "a.wav", heard)
        await desk.hurry(1.0)
        await until("the file", heard.started.is_set)
        (folder / "a.wav").unlink()
        folder.rmdir()
        await desk.hurry(1.0, begin_s=101.0)
        output.stop_recording()
        assert await output.recording_finished() is None
    assert output.recorded_duration == pytest.approx(2.0)


async def test_a_file_that_is_full_takes_nothing_that_comes_after(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        # Half a second of sound, and room for half a second and a bit.
        output.max_recorded_file_size = 44 + RATE // 2 * 4 + 150_000
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        (wire,), tone = desk.wires, ToneWithClicks(desk.plans[0].format)
        output.start_recording(path, Heard())
        output._take(wire, tone.buffer(100 * RATE, RATE // 2))
        # The second that was lost becomes silence, which does not fit; what follows would.
        output._take(wire, tone.buffer(100 * RATE + RATE * 3 // 2, RATE // 5))
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MAXIMUM_FILE_SIZE_REACHED
    samples, _ = sound_of(path)
    assert len(samples) > RATE // 2
    assert not samples[RATE // 2 :].any()


async def test_pictures_that_begin_after_the_file_end_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    async with virtual_bench() as desk:
        output = AVCaptureMovieFileOutput()
        await desk.run(
            desk.device(TONE_ID),
            desk.device(PATTERN_ID),
            outputs=(output,),
            size="320x240",
            still=True,
        )
        output.start_recording(path, Heard())
        both = desk.plans
        desk.plans = both[:1]
        await desk.hurry(3.5)
        desk.plans = both
        await desk.hurry(0.5, begin_s=103.5)
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MEDIA_CHANGED
    assert "pictures began" in str(error)
    assert error.user_info[RECORDING_FINISHED_KEY] is True
    assert len(sound_of(path)[0]) >= 3.5 * RATE


async def test_a_pause_before_the_first_sample_is_told_after_the_start(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output, heard = AVCaptureAudioFileOutput(), Heard()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(tmp_path / "a.wav", heard)
        output.pause_recording()
        output.resume_recording()
        await desk.hurry(0.5)
        output.stop_recording()
        assert await output.recording_finished() is None
    assert heard.said == ["started", "paused", "resumed", "finishing", "finished"]


async def test_what_has_stopped_is_not_paused(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output, heard = AVCaptureAudioFileOutput(), Heard()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(tmp_path / "a.wav", heard)
        await desk.hurry(0.5)
        output._end()
        assert output.is_recording
        output.pause_recording()
        assert not output.is_recording_paused
        assert await output.recording_finished() is None
    assert "paused" not in heard.said


# -- without the session's event loop, and in others ---------------------------------------------


def sounding_output() -> tuple[AVCaptureAudioFileOutput, Wire, SampleBuffer]:
    """An output, a connection to it, and half a second of sound."""
    output, wire = AVCaptureAudioFileOutput(), Wire(MediaType.AUDIO)
    output._connect(wire)
    (facts, *_) = virtual_devices()[0].formats
    return output, wire, ToneWithClicks(facts).buffer(100 * RATE, RATE // 2)


def test_without_an_event_loop_a_recording_that_cannot_begin_is_refused(tmp_path: Path) -> None:
    output, _, _ = sounding_output()

    async def run() -> None:
        output._begin(asyncio.get_running_loop(), MonotonicClock())
        output._end()

    # Before the session ever ran, and after its event loop is closed.
    for before in (None, run):
        if before is not None:
            asyncio.run(before())
        for _ in range(2):
            with pytest.raises(CaptureError) as caught:
                output.start_recording(tmp_path / "a.wav", Heard())
            assert caught.value.code == AVError.SESSION_NOT_RUNNING
            assert not output.is_recording

    async def elsewhere() -> CaptureError | None:
        output.start_recording(tmp_path / "a.wav", Heard())
        return await output.recording_finished()

    error = asyncio.run(elsewhere())
    assert error is not None
    assert error.code == AVError.SESSION_NOT_RUNNING


def test_a_recording_whose_event_loop_is_closed_ends_and_frees_its_output(tmp_path: Path) -> None:
    output, wire, sound = sounding_output()

    async def begin(name: str) -> None:
        output._begin(asyncio.get_running_loop(), MonotonicClock())
        output.start_recording(tmp_path / name, Heard())
        output._take(wire, sound)

    for name in ("a.wav", "b.wav"):
        asyncio.run(begin(name))
        output.stop_recording()
        assert output.wait_for_recording(DEADLINE_S) is None
        assert not output.is_recording
        assert len(sound_of(tmp_path / name)[0]) == RATE // 2


def test_an_end_that_is_lost_with_its_event_loop_is_known_later(tmp_path: Path) -> None:
    output, wire, sound = sounding_output()

    async def run() -> None:
        output._begin(asyncio.get_running_loop(), MonotonicClock())
        output.start_recording(tmp_path / "a.wav", Heard())
        output._take(wire, sound)

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(run())
        running = output._current
        output._end()
        assert running is not None
        assert running.recording is not None
        assert running.recording.join(DEADLINE_S)
        assert output.is_recording
    finally:
        loop.close()
    assert output.wait_for_recording(DEADLINE_S) is None
    assert not output.is_recording


async def test_other_threads_may_wait_for_the_end(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        output.start_recording(tmp_path / "a.wav", Heard())
        ends: list[CaptureError | None] = []

        async def wait() -> CaptureError | None:
            return await output.recording_finished()

        def in_a_loop() -> None:
            ends.append(asyncio.run(wait()))

        def in_none() -> None:
            ends.append(output.wait_for_recording())

        for work in (in_a_loop, in_none):
            Thread(target=work, daemon=True).start()
        running = output._current
        assert running is not None
        await until("one who waits", lambda: running.waiting)
        await until("sound", lambda: output.recorded_duration > 0.3)
        with pytest.raises(IllegalRequestError):
            output.wait_for_recording()
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(output.wait_for_recording, 0.01)
        assert ends == []
        output.stop_recording()
        await until("both ends", lambda: len(ends) == 2)
        assert ends == [None, None]


# -- layouts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
def test_usual_wav_files_are_those_that_every_program_reads(tmp_path: Path, channels: int) -> None:
    path = tmp_path / "a.wav"
    file = WavFile(DiskFile(path), rate=RATE, channels=channels)
    sound = np.full((4801, channels), 0.25, np.float32)
    file.add_audio(sound, 0)
    # As it is while it is written, and as it is in the end.
    for leave in (file.keep, file.close):
        leave()
        with wave.open(str(path)) as read:
            assert (read.getnchannels(), read.getsampwidth()) == (channels, 2)
            assert (read.getframerate(), read.getnframes()) == (RATE, 4801)
            assert set(np.frombuffer(read.readframes(4801), "<i2")) == {1 << 13}
    assert path.stat().st_size == 44 + 4801 * channels * 2


def test_sound_of_an_odd_length_is_padded_in_wav_files(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    file = WavFile(DiskFile(path), rate=RATE, channels=1, bits=24)
    file.add_audio(np.full((3, 1), 0.25, np.float32), 0)
    file.keep()
    assert soundfile.info(path).frames == 3
    file.close()
    content = path.read_bytes()
    assert len(content) % 2 == 0
    assert int.from_bytes(content[4:8], "little") + 8 == len(content)
    at = content.index(b"data")
    assert int.from_bytes(content[at + 4 : at + 8], "little") == 9
    assert len(content) == at + 8 + 9 + 1
    assert (soundfile.read(path)[0] == 0.25).all()


async def test_a_connection_that_goes_ends_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        output.start_recording(path, Heard())
        await until("sound", lambda: output.recorded_duration > 0.3)
        output._disconnect(desk.wires[0])
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.SESSION_CONFIGURATION_CHANGED
    assert len(sound_of(path)[0]) >= round(0.3 * RATE)


@contextmanager
def files_up_to(limit: int) -> Iterator[None]:
    """Has the system refuse to let files grow beyond a size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    "name", ["a.wav", "a.flac", "a.mka", "a.m4a", "a.ogg", "video.mkv", "video.mp4"]
)
async def test_a_full_disk_leaves_a_good_file(tmp_path: Path, name: str) -> None:
    path, limit = tmp_path / name, 150_001
    async with virtual_bench() as desk:
        video = name.startswith("video")
        output = AVCaptureMovieFileOutput() if video else AVCaptureAudioFileOutput()
        devices = [desk.device(TONE_ID), *([desk.device(PATTERN_ID)] if video else [])]
        await desk.run(*devices, outputs=(output,), size="320x240", still=True)
        with files_up_to(limit):
            output.start_recording(path, Heard())
            await desk.hurry(20.0)
            output.stop_recording()
            error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.DISK_FULL
    assert error.user_info[RECORDING_FINISHED_KEY] is True
    assert path.stat().st_size <= limit
    samples, _ = sound_of(path)
    assert len(samples) > 0.5 * RATE
    assert abs(frequency_hz(samples) - TONE_HZ) < 1.0
    if name in ("a.wav", "a.flac"):
        assert soundfile.info(path).frames == len(samples)
    if video:
        assert len(pictures_of(path)) > 15


KILLED = """
import asyncio, sys
sys.path[:0] = sys.argv[1].split(":")
from audiosession.capture.outputs.audio_file import AVCaptureAudioFileOutput
from audiosession.capture.outputs.movie_file import AVCaptureMovieFileOutput
from audiosession.capture.virtual import PATTERN_ID, TONE_ID
from tests.capture.media_kit import Heard, virtual_bench

async def main():
    paths = sys.argv[2:]
    async with virtual_bench() as desk:
        kinds = [AVCaptureMovieFileOutput if "video" in path else AVCaptureAudioFileOutput
                 for path in paths]
        outputs = tuple(kind() for kind in kinds)
        devices = desk.device(TONE_ID), desk.device(PATTERN_ID)
        await desk.run(*devices, outputs=outputs, size="320x240")
        for path, output in zip(paths, outputs):
            output.start_recording(path, Heard())
        while True:
            await asyncio.sleep(0.01)
            print(*(each.recorded_duration for each in outputs), flush=True)

asyncio.run(main())
"""


async def test_a_killed_process_leaves_all_but_the_last_two_seconds(tmp_path: Path) -> None:
    names = ["a.wav", "a.flac", "a.mka", "a.m4a", "a.ogg", "video.mkv", "video.mp4", "video.webm"]
    paths = [tmp_path / name for name in names]
    process = subprocess.Popen(  # noqa: ASYNC220
        [sys.executable, "-c", KILLED, os.pathsep.join(sys.path), *map(str, paths)],
        stdout=subprocess.PIPE,
        text=True,
    )
    said: list[float] = []

    def watch() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said[:] = map(float, line.split())
            if min(said) > 4.5 and process.poll() is None:
                process.send_signal(signal.SIGKILL)

    try:
        await asyncio.wait_for(asyncio.to_thread(watch), 60)
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert len(said) == len(paths)
    for path, recorded_s in zip(paths, said, strict=True):
        assert recorded_s > 4.5
        samples, _ = sound_of(path)
        assert len(samples) / RATE > recorded_s - 2.0, path.name
        assert abs(frequency_hz(samples) - TONE_HZ) < 1.0
        if path.suffix in (".wav", ".flac"):
            # Also to who believes the header.
            assert soundfile.info(path).frames / RATE > recorded_s - 2.0
        if path.stem == "video":
            assert pictures_of(path)[-1][0] > recorded_s - 2.0, path.name


@pytest.mark.parametrize(("bits", "steps"), [(16, 1 << 15), (24, 1 << 23)])
@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mka"])
async def test_lossless_files_are_exact(tmp_path: Path, name: str, bits: int, steps: int) -> None:
    path = tmp_path / name
    lossless = {
        AVAudioSettingsKey.LINEAR_PCM_BIT_DEPTH: bits,
        AVAudioSettingsKey.ENCODER_BIT_DEPTH_HINT: bits,
    }
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        output.audio_settings = {key.value: value for key, value in lossless.items()}
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        heard = Heard()
        output.start_recording(path, heard)
        await desk.hurry(1.5)
        output.stop_recording()
        assert await output.recording_finished() is None
    samples, _ = sound_of(path)
    facts = desk.device(TONE_ID).formats[0]
    first = round(heard.start_s * RATE)
    told = ToneWithClicks(facts).frames(first, len(samples))
    assert np.abs(samples - told).max() <= 0.51 / steps + 1e-7


async def test_every_type_of_file_that_is_offered_can_be_written(tmp_path: Path) -> None:
    kinds = AVCaptureAudioFileOutput.available_output_file_types()
    assert set(kinds) == set(AVFileType)
    # As Swift calls those that Apple has.
    assert {"WAV", "M4A", "MP4", "MOV"} <= {each.name for each in kinds}
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        for kind in kinds:
            path = tmp_path / f"{kind.name}.bin"
            output.start_recording(path, Heard(), output_file_type=kind)
            await desk.hurry(0.6)
            output.stop_recording()
            assert await output.recording_finished() is None
            samples, _ = sound_of(path)
            assert len(samples) >= 0.6 * RATE
            assert abs(frequency_hz(samples) - TONE_HZ) < 2.0


async def test_settings_that_cannot_be_are_refused(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        for settings in (
            {"AVFormatIDKey": "mp3 "},
            {"AVFormatIDKey": "opus"},
            {"AVSampleRateKey": 8000.0},
            {"AVNumberOfChannelsKey": 5},
            {"AVLinearPCMBitDepthKey": 12},
            {"AVLinearPCMBitDepthKey": 16, "AVLinearPCMIsFloatKey": True},
            {"AVEncoderBitRateKey": -3},
            {"no such key": 1},
        ):
            output.audio_settings = settings
            with pytest.raises(NSInvalidArgumentException):
                output.start_recording(tmp_path / "a.wav", Heard())
        assert not output.is_recording
        assert not os.listdir(tmp_path)
        movie = AVCaptureMovieFileOutput()
        with pytest.raises(NSInvalidArgumentException):
            movie.set_output_settings({}, desk.wires[0])
        movie._connect(desk.wires[0])
        assert "AVFormatIDKey" in movie.supported_output_settings_keys(desk.wires[0])
        with pytest.raises(NSInvalidArgumentException):
            movie.set_output_settings({"AVVideoCodecKey": "avc1"}, desk.wires[0])
        movie.set_output_settings({"AVFormatIDKey": "opus"}, desk.wires[0])
        assert movie.output_settings(desk.wires[0]) == {"AVFormatIDKey": "opus"}
        assert desk.wires[0].media_type is MediaType.AUDIO


async def test_a_device_that_changes_its_format_ends_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(path, Heard())
        await desk.hurry(1.0)
        mono = next(each for each in desk.device(TONE_ID).formats if each.channels == 1)
        output._take(desk.wires[0], ToneWithClicks(mono).buffer(101 * RATE, 960))
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MEDIA_CHANGED
    assert len(sound_of(path)[0]) == RATE


async def test_a_wav_file_ends_before_its_lengths_overflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.capture.files.wav._MOST", 1_000_000)
    path = tmp_path / "a.wav"
    async with virtual_bench() as desk:
        output = AVCaptureAudioFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output.start_recording(path, Heard())
        await desk.hurry(10.0)
        error = await output.recording_finished()
    assert error is not None
    assert error.code == AVError.MAXIMUM_NUMBER_OF_SAMPLES_FOR_FILE_FORMAT_REACHED
    assert 500_000 < path.stat().st_size <= 1_000_000
    assert soundfile.info(path).frames == len(sound_of(path)[0])


async def test_a_medium_that_never_comes_is_not_waited_for_long(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    async with virtual_bench() as desk:
        output, heard = AVCaptureMovieFileOutput(), Heard()
        await desk.run(desk.device(PATTERN_ID), outputs=(output,), size="320x240", still=True)
        output._connect(Wire(MediaType.AUDIO))
        output.start_recording(path, heard)
        await desk.hurry(2.5)
        assert not heard.started.is_set()
        await desk.hurry(1.5, begin_s=102.5)
        await until("the file", heard.started.is_set)
        output.stop_recording()
        assert await output.recording_finished() is None
    assert len(pictures_of(path)) == 120


async def test_a_recording_too_short_for_all_media_has_what_came(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    async with virtual_bench() as desk:
        output = AVCaptureMovieFileOutput()
        await desk.run(desk.device(TONE_ID), outputs=(output,), still=True)
        output._connect(Wire(MediaType.VIDEO))
        output.start_recording(path, Heard())
        await desk.hurry(0.5)
        output.stop_recording()
        assert await output.recording_finished() is None
    assert len(sound_of(path)[0]) == RATE // 2


async def test_metadata_and_the_fragment_interval_go_into_movies(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureMovieFileOutput()
        await desk.run(
            desk.device(TONE_ID),
            desk.device(PATTERN_ID),
            outputs=(output,),
            size="320x240",
            still=True,
        )
        assert output.metadata is None
        output.metadata = {"title": "A walk"}
        assert output.movie_fragment_interval == 10.0
        for wrong in (0.0, -1.0):
            with pytest.raises(InvalidValueError):
                output.movie_fragment_interval = wrong
        for name, interval, fragments in (("a.mp4", 10.0, True), ("b.mp4", None, False)):
            path = tmp_path / name
            output.movie_fragment_interval = interval
            output.start_recording(path, Heard())
            await desk.hurry(2.5)
            output.stop_recording()
            assert await output.recording_finished() is None
            assert (b"moof" in path.read_bytes()) is fragments
            with av.open(str(path)) as container:
                assert container.metadata["title"] == "A walk"
                assert [each.codec_context.name for each in container.streams] == ["h264", "aac"]
            assert len(pictures_of(path)) == 75
    with pytest.raises(InvalidTypeError):
        output.metadata = {"title": 5}  # type: ignore[dict-item]


async def test_codecs_are_those_of_the_settings(tmp_path: Path) -> None:
    async with virtual_bench() as desk:
        output = AVCaptureMovieFileOutput()
        await desk.run(
            desk.device(TONE_ID),
            desk.device(PATTERN_ID),
            outputs=(output,),
            size="320x240",
            still=True,
        )
        sound, pictures = desk.wires
        output.set_output_settings({"AVFormatIDKey": "opus"}, sound)
        output.set_output_settings({"AVVideoCodecKey": "vp09"}, pictures)
        output.start_recording(tmp_path / "a.mkv", Heard())
        await desk.hurry(1.0)
        output.stop_recording()
        assert await output.recording_finished() is None
        output.set_output_settings({"AVFormatIDKey": "lpcm"}, sound)
        with pytest.raises(NSInvalidArgumentException):
            output.start_recording(tmp_path / "b.mkv", Heard())
    with av.open(str(tmp_path / "a.mkv")) as container:
        assert [each.codec_context.name for each in container.streams] == ["vp9", "opus"]


def test_loading_outputs_and_hosts_loads_no_media_library() -> None:
    modules = (
        "audiosession.capture.outputs.movie_file",
        "audiosession.capture.outputs.audio_data",
        "audiosession.capture.outputs.video_data",
        "audiosession.capture.pipeline",
        "audiosession.capture.virtual",
        "audiosession.hosts.linux.capture_host",
    )
    heavy = ("numpy", "av", "miniaudio", "pulsectl")
    code = f"import sys, {', '.join(modules)}; print([m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    )
    assert said.stdout.strip() == "[]"
