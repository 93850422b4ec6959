"""How loud the channels of a connection are, for meters."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .samples import SampleBuffer

__all__ = ["SILENCE_DB", "AVCaptureAudioChannel", "AudioLevels"]

SILENCE_DB = -160.0
"""What a channel without any sound has, in decibels; nothing is lower."""

_HOLD_S = 1.5
_FALL_DB_S = 20.0
_AVERAGE_S = 0.3


class AudioLevels:
    """Measures the channels of one audio connection as sound goes through.

    Written in the thread of the feed, read in any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._power: list[float] = []
        self._peaks: list[float] = []
        self._peak_times: list[float] = []
        self._now_s = 0.0
        self._channels: tuple[AVCaptureAudioChannel, ...] = ()

    @property
    def channels(self) -> tuple[AVCaptureAudioChannel, ...]:
        """One for each channel of the sound; empty before the first sound."""
        with self._lock:
            return self._channels

    def take(self, sample: SampleBuffer) -> None:
        """Measures a piece of sound."""
        data = sample.data
        if not len(data):
            return
        import numpy as np

        # Channel by channel is several times as fast as frame by frame.
        channels = np.ascontiguousarray(data.T)
        power = np.einsum("ij,ij->i", channels, channels) / len(data)
        peaks = np.abs(channels).max(axis=1)
        share = 1.0 - math.exp(-sample.duration_s / _AVERAGE_S)
        with self._lock:
            self._now_s = sample.end_time_s
            if len(power) != len(self._power):
                self._begin(len(power))
                share = 1.0
            for channel, (now, peak) in enumerate(zip(power.tolist(), peaks.tolist(), strict=True)):
                self._power[channel] += share * (now - self._power[channel])
                if peak >= self._held(channel):
                    self._peaks[channel] = peak
                    self._peak_times[channel] = self._now_s

    def reset(self) -> None:
        """Forgets everything heard; channels stay, and are silent."""
        with self._lock:
            self._begin(len(self._power), keep=True)

    def average_db(self, channel: int) -> float:
        """Effective value over the last 0.3 s, in decibels of full scale."""
        with self._lock:
            return _decibels(math.sqrt(self._power[channel]))

    def peak_hold_db(self, channel: int) -> float:
        """Highest sample, held for 1.5 s and falling then, in decibels of full scale."""
        with self._lock:
            return _decibels(self._held(channel))

    def _held(self, channel: int) -> float:
        peak = self._peaks[channel]
        past_s = self._now_s - self._peak_times[channel] - _HOLD_S
        return float(peak if past_s <= 0 else peak * 10 ** (-_FALL_DB_S * past_s / 20))

    def _begin(self, channels: int, *, keep: bool = False) -> None:
        self._power = [0.0] * channels
        self._peaks = [0.0] * channels
        self._peak_times = [self._now_s] * channels
        if not keep:
            self._channels = tuple(AVCaptureAudioChannel(self, at) for at in range(channels))


class AVCaptureAudioChannel:
    """One channel of an audio connection, asked for its level as often as a meter is drawn."""

    __slots__ = ("_index", "_levels")

    def __init__(self, levels: AudioLevels, index: int) -> None:
        self._levels = levels
        self._index = index

    @property
    def average_power_level(self) -> float:
        """The average level in decibels: 0 for a square wave of full scale, -3 for a sine."""
        return self._levels.average_db(self._index)

    @property
    def peak_hold_level(self) -> float:
        """The highest level of late in decibels: 0 for a sample of full scale."""
        return self._levels.peak_hold_db(self._index)


def _decibels(amplitude: float) -> float:
    return max(SILENCE_DB, 20.0 * math.log10(amplitude)) if amplitude > 1e-8 else SILENCE_DB
