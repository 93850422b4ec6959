"""Data outputs: what delegates are given, where, and what is dropped."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from audiosession.capture.enums import AVCaptureOutputDataDroppedReason
from audiosession.capture.errors import NSInvalidArgumentException
from audiosession.capture.outputs.audio_data import AVCaptureAudioDataOutput
from audiosession.capture.outputs.video_data import AVCaptureVideoDataOutput
from audiosession.capture.samples import SampleBuffer
from audiosession.capture.virtual import PATTERN_ID, TONE_ID
from audiosession.errors import InvalidTypeError
from tests.capture.media_kit import until, virtual_bench

pytestmark = pytest.mark.anyio


class Taker:
    """A delegate of data outputs."""

    def __init__(self) -> None:
        self.taken: list[SampleBuffer] = []
        self.dropped: list[SampleBuffer] = []
        self.threads: set[int] = set()
        self.wait: threading.Event | None = None

    def capture_output_did_output(self, output: Any, sample: SampleBuffer, _: Any) -> None:
        self.threads.add(threading.get_ident())
        if self.wait is not None:
            assert self.wait.wait(30)
        self.taken.append(sample)

    def capture_output_did_drop(self, output: Any, sample: SampleBuffer, _: Any) -> None:
        self.dropped.append(sample)


async def test_sound_comes_without_a_gap_in_the_sessions_loop() -> None:
    async with virtual_bench() as desk:
        output, taker = AVCaptureAudioDataOutput(), Taker()
        output.set_sample_buffer_delegate(taker)
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        await until("a second", lambda: sum(each.duration_s for each in taker.taken) >= 1.0)
    assert taker.threads == {threading.get_ident()}
    for before, after in zip(taker.taken, taker.taken[1:], strict=False):
        assert after.presentation_time_s == pytest.approx(before.end_time_s, abs=1e-6)
        assert after.data.shape == (after.frames, 2)
        assert after.data.dtype == np.float32
    assert output.dropped_buffers == 0


async def test_a_queue_is_where_the_delegate_is_called() -> None:
    async with virtual_bench() as desk:
        output, taker = AVCaptureAudioDataOutput(), Taker()
        with ThreadPoolExecutor(1) as queue:
            output.set_sample_buffer_delegate(taker, queue)
            assert output.sample_buffer_callback_queue is queue
            await desk.run(desk.device(TONE_ID), outputs=(output,))
            await until("sound", lambda: len(taker.taken) > 5)
            assert len(taker.threads) == 1
            assert threading.get_ident() not in taker.threads
            output.set_sample_buffer_delegate(None)
    assert output.sample_buffer_delegate is None


async def test_a_late_picture_is_dropped_told_and_counted() -> None:
    async with virtual_bench() as desk:
        output, taker = AVCaptureVideoDataOutput(), Taker()
        taker.wait = threading.Event()
        with ThreadPoolExecutor(1) as queue:
            output.set_sample_buffer_delegate(taker, queue)
            await desk.run(desk.device(PATTERN_ID), outputs=(output,), size="320x240")
            await until("five late ones", lambda: output.dropped_frames >= 5)
            taker.wait.set()
            await until("more", lambda: len(taker.taken) >= 5)
            await desk.pipeline.stop()
    assert len(taker.dropped) == output.dropped_frames
    for each in taker.dropped:
        assert each.dropped_reason is AVCaptureOutputDataDroppedReason.LATE_DATA
        assert len(each.data) == 0
    # Nothing is both, and nothing is neither.
    times = sorted(each.presentation_time_s for each in (*taker.taken, *taker.dropped))
    assert np.diff(times) == pytest.approx(1 / 30, abs=1e-6)


async def test_pictures_wait_where_late_ones_are_wanted_until_there_is_no_room() -> None:
    async with virtual_bench() as desk:
        output, taker = AVCaptureVideoDataOutput(), Taker()
        output.always_discards_late_video_frames = False
        taker.wait = threading.Event()
        with ThreadPoolExecutor(1) as queue:
            output.set_sample_buffer_delegate(taker, queue)
            await desk.run(desk.device(PATTERN_ID), outputs=(output,), size="320x240")
            await until("one too many", lambda: output.dropped_frames >= 1)
            await desk.pipeline.stop()
            taker.wait.set()
    assert len(taker.taken) == 30
    reasons = {each.dropped_reason for each in taker.dropped}
    assert reasons == {AVCaptureOutputDataDroppedReason.OUT_OF_BUFFERS}


async def test_a_delegate_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Bad(Taker):
        def capture_output_did_output(self, output: Any, sample: SampleBuffer, _: Any) -> None:
            raise LookupError("as apps do")

    async with virtual_bench() as desk:
        bad, good, taker = AVCaptureAudioDataOutput(), AVCaptureAudioDataOutput(), Taker()
        bad.set_sample_buffer_delegate(Bad())
        good.set_sample_buffer_delegate(taker)
        await desk.run(desk.device(TONE_ID), outputs=(bad, good))
        await until("sound", lambda: len(taker.taken) > 3)
    assert "as apps do" in caplog.text


async def test_a_connection_that_is_off_lets_nothing_through() -> None:
    async with virtual_bench() as desk:
        output, taker = AVCaptureAudioDataOutput(), Taker()
        output.set_sample_buffer_delegate(taker)
        await desk.run(desk.device(TONE_ID), outputs=(output,))
        await until("sound", lambda: taker.taken)
        desk.wires[0]._lets_through = False
        await asyncio.sleep(0.1)
        count = len(taker.taken)
        await asyncio.sleep(0.2)
        assert len(taker.taken) == count


def test_what_is_no_delegate_or_no_queue_is_refused() -> None:
    class Late:
        async def capture_output_did_output(self, *_: Any) -> None: ...

    for output in (AVCaptureAudioDataOutput(), AVCaptureVideoDataOutput()):
        taker = Taker()
        output.set_sample_buffer_delegate(taker)
        with ThreadPoolExecutor(2) as queue, pytest.raises(NSInvalidArgumentException):
            output.set_sample_buffer_delegate(taker, queue)
        with ProcessPoolExecutor(1) as processes, pytest.raises(InvalidTypeError):
            output.set_sample_buffer_delegate(taker, processes)
        for delegate in (object(), 5, Late()):
            with pytest.raises(InvalidTypeError):
                output.set_sample_buffer_delegate(delegate)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError):
            output.set_sample_buffer_delegate(taker, "main")  # type: ignore[arg-type]
        # Nothing of this has changed anything.
        assert output.sample_buffer_delegate is taker
        assert output.sample_buffer_callback_queue is None


def test_a_queue_may_be_given_before_a_delegate_is() -> None:
    for output in (AVCaptureAudioDataOutput(), AVCaptureVideoDataOutput()):
        with ThreadPoolExecutor(1) as queue:
            output.set_sample_buffer_delegate(None, queue)
            assert output.sample_buffer_delegate is None
            assert output.sample_buffer_callback_queue is queue


def test_settings_of_pictures_are_the_devices() -> None:
    output = AVCaptureVideoDataOutput()
    assert output.video_settings == {}
    output.video_settings = {}
    with pytest.raises(NSInvalidArgumentException):
        output.video_settings = {"PixelFormatType": "BGRA"}
    assert output.always_discards_late_video_frames is True
    assert output.automatically_configures_output_buffer_dimensions is True
    output.automatically_configures_output_buffer_dimensions = False
    assert output.delivers_preview_sized_output_buffers is False
    with pytest.raises(NSInvalidArgumentException):
        output.delivers_preview_sized_output_buffers = True
    with pytest.raises(InvalidTypeError):
        output.always_discards_late_video_frames = 1  # type: ignore[assignment]


def test_recommended_settings_name_the_files_own_format() -> None:
    output = AVCaptureAudioDataOutput()
    settings = output.recommended_audio_settings_for_asset_writer("com.apple.m4a-audio")
    assert settings == {"AVFormatIDKey": int.from_bytes(b"aac ", "big")}
    with pytest.raises(NSInvalidArgumentException):
        output.recommended_audio_settings_for_asset_writer("public.jpeg")


def test_no_output_starts_later_than_its_session() -> None:
    output = AVCaptureVideoDataOutput()
    assert output.is_deferred_start_supported is False
    assert output.is_deferred_start_enabled is False
    output.is_deferred_start_enabled = False
    with pytest.raises(NSInvalidArgumentException, match="is_deferred_start_supported"):
        output.is_deferred_start_enabled = True
