"""Meters: average and held peak of each channel, against signals whose levels are known."""

from __future__ import annotations

import numpy as np
import pytest

from audiosession.capture.host import FormatFacts, MediaType
from audiosession.capture.levels import SILENCE_DB, AudioLevels
from audiosession.capture.samples import audio_buffer

RATE = 48_000
STEREO = FormatFacts(media_type=MediaType.AUDIO, sample_rate=float(RATE), channels=2)


def fed(levels: AudioLevels, left: float, right: float, seconds: float, at_s: float) -> float:
    """Gives sines of two amplitudes, a piece at a time; returns when they end."""
    sine = np.sin(2 * np.pi * 1000 * np.arange(960) / RATE)
    data = np.column_stack([left * sine, right * sine]).astype(np.float32)
    for _ in range(round(seconds * 50)):
        levels.take(audio_buffer(data, at_s=at_s, format=STEREO))
        at_s += 0.02
    return at_s


def test_before_any_sound_there_are_no_channels() -> None:
    assert AudioLevels().channels == ()


def test_a_steady_tone_has_its_level_on_each_channel() -> None:
    levels = AudioLevels()
    fed(levels, 0.5, 0.05, 3.0, 0.0)
    left, right = levels.channels
    assert left.average_power_level == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)
    assert right.average_power_level == pytest.approx(20 * np.log10(0.05 / np.sqrt(2)), abs=0.05)
    assert left.peak_hold_level == pytest.approx(20 * np.log10(0.5), abs=0.01)
    assert right.peak_hold_level == pytest.approx(20 * np.log10(0.05), abs=0.01)


def test_a_peak_is_held_and_falls_then() -> None:
    levels = AudioLevels()
    at_s = fed(levels, 1.0, 0.0, 0.02, 0.0)
    at_s = fed(levels, 0.0, 0.0, 1.0, at_s)
    assert levels.channels[0].peak_hold_level == pytest.approx(0.0, abs=0.01)
    at_s = fed(levels, 0.0, 0.0, 1.5, at_s)
    assert levels.channels[0].peak_hold_level == pytest.approx(-20.0, abs=0.6)
    fed(levels, 0.5, 0.0, 0.02, at_s)
    assert levels.channels[0].peak_hold_level == pytest.approx(-6.02, abs=0.01)


def test_silence_has_the_lowest_level() -> None:
    levels = AudioLevels()
    fed(levels, 0.0, 0.0, 0.1, 0.0)
    assert levels.channels[0].average_power_level == SILENCE_DB
    assert levels.channels[0].peak_hold_level == SILENCE_DB
    fed(levels, 1.0, 1.0, 1.0, 0.2)
    levels.reset()
    assert levels.channels[1].average_power_level == SILENCE_DB


def test_channels_stay_the_same_objects_while_their_number_does() -> None:
    levels = AudioLevels()
    fed(levels, 1.0, 1.0, 0.1, 0.0)
    before = levels.channels
    fed(levels, 1.0, 1.0, 0.1, 0.1)
    assert levels.channels is before
