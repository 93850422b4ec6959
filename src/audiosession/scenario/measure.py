"""Measures of rendered sound: the level of one tone, the level of everything.

Decibels here are relative to full scale: a sine that just reaches 1.0 has 0 dB as a tone
and -3.01 dB as an effective value (root mean square).
"""

from __future__ import annotations

from typing import Any

from audiosession.errors import ExtraMissingError
from audiosession.scenario.recording import SILENCE_DB

try:
    import numpy as np
    from numpy.typing import NDArray
except ImportError as missing:
    raise ExtraMissingError("audio", "measuring sound") from missing

__all__ = ["decibels", "level_at", "rms_db"]

_MIN_PERIODS = 4


def decibels(amplitude: float) -> float:
    """Return a linear amplitude in decibels, never less than ``SILENCE_DB``."""
    if amplitude <= 0.0:
        return SILENCE_DB
    return max(SILENCE_DB, 20.0 * float(np.log10(amplitude)))


def level_at(
    signal: NDArray[Any], rate: int, frequency_hz: float, start_s: float, end_s: float
) -> float:
    """Return the amplitude of one tone between two times, in dB of full scale.

    A Hann window keeps other tones out of the measure: they must be at least two over
    the span's length in hertz away (8 Hz for a span of 0.25 s). Channels are averaged.

    Args:
        signal: Samples from -1.0 to 1.0, one row per frame if there are channels.
        rate: Samples per second.
        frequency_hz: The tone, above 0 and below half the rate.
        start_s: Start of the span, in seconds of the signal.
        end_s: End of the span; at least four periods of the tone later.

    Raises:
        ValueError: The span is too short or not within the signal, or the tone is out
            of range.
    """
    if not 0.0 < frequency_hz < rate / 2:
        raise ValueError(f"a tone of {frequency_hz} Hz does not fit a rate of {rate} Hz")
    span = _span(signal, rate, start_s, end_s)
    if len(span) * frequency_hz < _MIN_PERIODS * rate:
        raise ValueError(f"{end_s - start_s} s is too short to measure {frequency_hz} Hz")
    mono = span.mean(axis=1) if span.ndim > 1 else span
    frames = np.arange(len(mono))
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (frames + 0.5) / len(mono))
    turn = np.exp(-2j * np.pi * frequency_hz / rate * frames)
    return decibels(float(2 * abs(np.sum(mono * window * turn)) / window.sum()))


def rms_db(
    signal: NDArray[Any], rate: int, start_s: float = 0.0, end_s: float | None = None
) -> float:
    """Return the effective value (root mean square) between two times, in dB of full scale.

    Args:
        signal: Samples from -1.0 to 1.0, one row per frame if there are channels, which
            are averaged by power.
        rate: Samples per second.
        start_s: Start of the span, in seconds of the signal.
        end_s: End of the span; ``None`` for the signal's end.

    Raises:
        ValueError: The span is empty or not within the signal.
    """
    span = _span(signal, rate, start_s, len(signal) / rate if end_s is None else end_s)
    return decibels(float(np.sqrt(np.mean(np.square(span)))))


def _span(signal: NDArray[Any], rate: int, start_s: float, end_s: float) -> NDArray[np.float64]:
    first, end = round(start_s * rate), round(end_s * rate)
    if not 0 <= first < end <= len(signal):
        length_s = len(signal) / rate
        raise ValueError(f"{start_s} s to {end_s} s is not within the signal's {length_s} s")
    return signal[first:end].astype(np.float64)
