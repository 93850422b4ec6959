"""Where samples come to lie in a file, and the times that pieces of sound are given."""

from __future__ import annotations

import random

import numpy as np
import pytest

from audiosession.capture.clock import SampleTimes
from audiosession.capture.host import FormatFacts, MediaType
from audiosession.capture.samples import SampleBuffer, audio_buffer
from audiosession.capture.timeline import Timeline

RATE = 48_000
MONO = FormatFacts(media_type=MediaType.AUDIO, sample_rate=float(RATE), channels=1)


def sound(at_s: float, frames: int, *, first: int = 0, lost: bool = False) -> SampleBuffer:
    """Sound whose frames are numbered from one on, each 1/2**20 more."""
    numbers = np.arange(first, first + frames, dtype=np.float32)[:, None] + 1
    data = (numbers / (1 << 20)).astype(np.float32)
    return audio_buffer(data, at_s=at_s, format=MONO, discontinuity=lost)


def written(timeline: Timeline, *samples: SampleBuffer) -> np.ndarray:
    pieces = [piece.data for sample in samples for piece in timeline.audio(sample)]
    return np.concatenate(pieces)[:, 0] * (1 << 20)


def test_frames_follow_each_other_whatever_the_devices_clock() -> None:
    timeline = Timeline(10.0, rate=RATE)
    slow = [sound(10.0 + i * 0.02 * 1.0005, 960, first=i * 960) for i in range(3000)]
    frames = written(timeline, *slow)
    assert (frames == np.arange(3000 * 960) + 1).all()
    assert timeline.duration_s == pytest.approx(3000 * 0.02 * 1.0005, abs=0.001)


def test_lost_frames_become_silence_so_that_the_rest_is_in_its_place() -> None:
    timeline = Timeline(0.0, rate=RATE)
    frames = written(timeline, sound(0.0, 4800), sound(1.6, 4800, first=76_800))
    assert len(frames) == 81_600
    assert not frames[4800:76_800].any()
    assert frames[76_800] == 76_801


def test_a_small_loss_is_filled_where_the_server_tells_of_it() -> None:
    timeline = Timeline(0.0, rate=RATE)
    frames = written(timeline, sound(0.0, 960), sound(0.05, 960, first=2400, lost=True))
    assert frames[2400] == 2401


def test_sound_that_begins_later_than_pictures_begins_there() -> None:
    timeline = Timeline(5.0, rate=RATE)
    frames = written(timeline, sound(5.5, 960))
    assert np.flatnonzero(frames)[0] == 24_000


def test_sound_from_before_the_start_is_cut() -> None:
    timeline = Timeline(5.0, rate=RATE)
    assert written(timeline, sound(4.99, 960))[0] == 481


def test_pauses_are_cut_to_the_frame() -> None:
    timeline = Timeline(0.0, rate=RATE)
    timeline.pause(0.1)
    timeline.resume(0.3)
    timeline.pause(0.4)
    timeline.resume(0.4)
    timeline.pause(0.5)
    samples = [sound(i * 0.02, 960, first=i * 960) for i in range(50)]
    frames = written(timeline, *samples)
    expected = [*range(4800), *range(14_400, 24_000)]
    assert (frames == np.array(expected) + 1).all()
    assert timeline.duration_s == pytest.approx(0.3)


def test_a_pause_before_the_first_sample_takes_nothing_away() -> None:
    timeline = Timeline(3.0, rate=RATE)
    timeline.pause(1.0)
    timeline.resume(3.0)
    assert len(written(timeline, sound(3.0, 960))) == 960
    assert timeline.duration_s == pytest.approx(0.02)


def test_the_limit_is_kept_to_the_frame() -> None:
    timeline = Timeline(0.0, rate=RATE, limit_s=0.05)
    frames = written(timeline, *(sound(i * 0.02, 960, first=i * 960) for i in range(5)))
    assert len(frames) == 2400
    assert timeline.complete(frozenset({MediaType.AUDIO}))
    assert timeline.duration_s == 0.05


def arrivals(period_s: float, pieces: int, seed: int) -> list[float]:
    """When pieces of 960 frames arrive from a device of its own pace; late now and then."""
    dice = random.Random(seed)
    return [
        (i + 1) * 960 * period_s + dice.expovariate(1 / 0.002) + (0.05 if i % 97 == 96 else 0)
        for i in range(pieces)
    ]


@pytest.mark.parametrize("drift", [-1e-4, 0.0, 1e-4])
def test_times_follow_the_device_and_not_the_jitter(drift: float) -> None:
    period_s = (1 + drift) / RATE
    times = SampleTimes(RATE)
    begins = []
    for arrived_s in arrivals(period_s, 15_000, seed=4):
        begin_s, lost = times.place(960, arrived_s)
        assert not lost
        begins.append(begin_s)
    # The first second's are those of arrival; from then on no step differs by a frame's length.
    assert np.abs(np.diff(begins) - 960 * period_s).max() < 1 / RATE
    error_s = np.array(begins) - np.arange(15_000) * 960 * period_s
    assert np.abs(error_s[5000:]).max() < 0.002
    assert times.period_s == pytest.approx(period_s, rel=3e-5)


def test_a_loss_smaller_than_the_jitter_of_a_busy_machine_is_found_within_a_second() -> None:
    times = SampleTimes(RATE)
    late_s = [0.0] * 100 + [0.08] * 100
    told = [
        i
        for i, (arrived_s, more_s) in enumerate(
            zip(arrivals(1 / RATE, 200, 9), late_s, strict=True)
        )
        if times.place(960, arrived_s + more_s)[1]
    ]
    assert len(told) == 1
    assert 100 <= told[0] <= 200


def test_what_comes_all_at_once_after_a_standstill_is_not_lost() -> None:
    times = SampleTimes(RATE)
    for i in range(100):
        times.place(960, 0.02 * (i + 1))
    # For two seconds the process is stopped, and the server keeps what comes.
    for i in range(100, 200):
        begin_s, lost = times.place(960, 4.0 + 0.0001 * (i - 100))
        assert not lost
        assert begin_s == pytest.approx(0.02 * i, abs=0.001)
    for i in range(200, 400):
        begin_s, lost = times.place(960, 0.02 * (i + 1))
        assert not lost
        assert begin_s == pytest.approx(0.02 * i, abs=0.003)


def test_a_long_silence_of_the_device_is_a_loss() -> None:
    times = SampleTimes(RATE)
    for i in range(60):
        times.place(960, 1.0 + 0.02 * i)
    begin_s, lost = times.place(960, 5.0)
    assert not lost
    assert begin_s == pytest.approx(2.18)
    begin_s, lost = times.place(960, 5.02)
    assert lost
    assert begin_s == pytest.approx(5.0)
    begin_s, lost = times.place(960, 5.04)
    assert not lost
    assert begin_s == pytest.approx(5.02)
