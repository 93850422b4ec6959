"""The one time base of a session, and the times of sound that comes in pieces."""

from __future__ import annotations

import math
import time

__all__ = ["MonotonicClock", "SampleTimes"]


class MonotonicClock:
    """The machine's monotonic clock; a :class:`~audiosession.capture.host.HostClock`.

    V4L2 stamps its frames with the same one, so sound and pictures need no translation
    (Video4Linux documentation, ``V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC``).
    """

    def now_s(self) -> float:
        """Seconds since some time in the past; never goes back."""
        return time.monotonic()


class SampleTimes:
    """Gives pieces of sound the times of their samples, without the jitter of their arrival.

    A piece begins where the one before ended. Pieces may be late and are never early, so the
    one that is least late in each second says how far the device's crystal is off the
    machine's clock; the length of a frame follows that a little at a time, and no sample is
    moved against its neighbours by what can be heard. Where even that one is late, sound was
    lost on the way.

    Args:
        rate: Frames a second that the device promises.
    """

    _MISSING_S = 0.03
    _MUCH_S = 0.5
    # In a second a tenth of the error is taken away, and a hundredth is taken for drift.
    _TURN = 0.1
    _LEARN = 0.01
    _MOST = 1e-3

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._period_s = 1.0 / rate
        self._drift = 0.0
        self._next_s: float | None = None
        self._arrived_s = 0.0
        self._least_s = math.inf
        self._frames = 0
        # How many pieces in a row came in their own time, and how many of those much too late.
        self._steady = 0
        self._much = 0

    @property
    def period_s(self) -> float:
        """How long a frame lasts by the machine's clock, in seconds."""
        return self._period_s

    def place(self, frames: int, arrived_s: float) -> tuple[float, bool]:
        """Returns when a piece of sound began, and whether samples before it are missing.

        Args:
            frames: Its length.
            arrived_s: When its last frame was captured, as far as one can see.
        """
        seen_s = arrived_s - frames * self._period_s
        before_s, self._arrived_s = self._arrived_s, arrived_s
        if self._next_s is None:
            self._next_s = seen_s
        late_s = seen_s - self._next_s
        self._least_s = min(self._least_s, late_s)
        self._frames += frames
        # What a machine that stood still has missed comes all at once, and is not lost.
        steady = arrived_s - before_s > 0.5 * frames * self._period_s
        self._steady = self._steady + 1 if steady else 0
        self._much = self._much + 1 if steady and late_s > self._MUCH_S else 0
        begin_s, lost = self._next_s, False
        if self._much > 1:
            begin_s, lost = seen_s, True
            self._begin_window()
        elif self._frames >= self._rate and self._steady > 1:
            if self._least_s > self._MISSING_S:
                begin_s, lost = self._next_s + self._least_s, True
            else:
                self._steer(self._least_s)
            self._begin_window()
        self._next_s = begin_s + frames * self._period_s
        return begin_s, lost

    def _steer(self, late_s: float) -> None:
        self._drift = self._within(self._drift + self._LEARN * late_s)
        self._period_s = (1.0 + self._within(self._drift + self._TURN * late_s)) / self._rate

    def _begin_window(self) -> None:
        self._least_s, self._frames, self._much = math.inf, 0, 0

    def _within(self, part: float) -> float:
        return max(-self._MOST, min(self._MOST, part))
