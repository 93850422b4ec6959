"""The made-up microphone and camera: exact, the same whenever they are asked, and in time."""

from __future__ import annotations

import numpy as np
import pytest

from audiosession.capture.clock import MonotonicClock
from audiosession.capture.errors import AVError, CaptureError
from audiosession.capture.host import FormatFacts, MediaType
from audiosession.capture.virtual import (
    CLICK_LEVEL,
    FLASH_LUMA,
    PATTERN_ID,
    TONE_HZ,
    TONE_ID,
    TestPattern,
    ToneWithClicks,
    VirtualFeed,
    virtual_devices,
)
from tests.capture.media_kit import Nobody

SOUND, PICTURES = (device.formats[0] for device in virtual_devices())


def test_the_tone_is_exact_after_weeks() -> None:
    tone = ToneWithClicks(SOUND)
    weeks = 48_000 * 86_400 * 60
    assert (tone.frames(weeks, 48_000) == tone.frames(0, 48_000)).all()
    turns = np.arange(480, 48_000) * TONE_HZ / 48_000
    expected = 0.1 * np.sin(2 * np.pi * turns)
    assert np.abs(tone.frames(480, 47_520)[:, 0] - expected).max() < 1e-6


def test_pieces_join_without_a_seam() -> None:
    tone = ToneWithClicks(SOUND)
    whole = tone.frames(1000, 5000)
    assert (np.concatenate([tone.frames(1000, 1234), tone.frames(2234, 3766)]) == whole).all()


def test_a_click_begins_with_the_second() -> None:
    frames = ToneWithClicks(SOUND).frames(47_990, 60)[:, 0]
    assert (frames[10:58] == np.float32(CLICK_LEVEL)).all()
    assert np.abs(frames[:10]).max() <= 0.1
    assert np.abs(frames[58:]).max() <= 0.1


@pytest.mark.parametrize("rate", [30.0, 25.0, 60.0, 7.5])
def test_one_picture_a_second_is_white(rate: float) -> None:
    pattern = TestPattern(PICTURES, rate)
    pictures = [pattern.frame(index) for index in range(round(10 * rate))]
    white = [
        each.presentation_time_s
        for each in pictures
        if (each.data[: PICTURES.height] == FLASH_LUMA).all()
    ]
    assert [int(at_s) for at_s in white] == list(range(10))
    assert all(at_s % 1 < 1 / rate for at_s in white)
    assert pictures[1].data.shape == (1080, 1280)
    assert pictures[1].data.dtype == np.uint8


def test_pictures_move_and_are_colourful() -> None:
    pattern = TestPattern(PICTURES, 30.0)
    first, second = pattern.frame(5).data, pattern.frame(6).data
    assert (first != second).any()
    assert len(np.unique(first[PICTURES.height :])) > 4


async def test_a_device_that_is_not_there_or_a_format_it_has_not_is_refused() -> None:
    clock = MonotonicClock()
    with pytest.raises(CaptureError) as caught:
        VirtualFeed("virtual:piano", SOUND, None, clock, Nobody())
    assert caught.value.code == AVError.DEVICE_NOT_CONNECTED
    odd = FormatFacts(media_type=MediaType.AUDIO, sample_rate=1.0, channels=9)
    with pytest.raises(CaptureError) as caught:
        VirtualFeed(TONE_ID, odd, None, clock, Nobody())
    assert caught.value.code == AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT
    feed = VirtualFeed(PATTERN_ID, PICTURES, None, clock, Nobody())
    await feed.stop()
    await feed.stop()
