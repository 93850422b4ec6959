"""Where in a file a sample belongs: its start, pauses, gaps and end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .host import MediaType
from .samples import SampleBuffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["AudioPiece", "Timeline"]

_GAP_S = 0.1
"""Sound that is this much later than the end of what is there was lost in between."""

_FILL_S = 1.0


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Sound and its place."""

    data: NDArray[Any]
    """One row a frame."""
    at: int
    """Its first frame's place in the file, in frames, by the session's clock."""


class Timeline:
    """The times of one file, which begin at 0.

    Sound is kept whole: frame follows frame. Lost frames become silence, so that what follows
    is where it belongs.

    Args:
        begin_s: The time of the first sample, in seconds of the session's clock.
        rate: Frames of sound a second.
        limit_s: Where the file ends, in seconds; ``None``: nowhere.
    """

    def __init__(self, begin_s: float, *, rate: float, limit_s: float | None = None) -> None:
        self._begin_s = begin_s
        self._rate = rate
        self._limit_s = math.inf if limit_s is None else limit_s
        # Spans that are left out; the last one may have no end yet.
        self._pauses: list[tuple[float, float]] = []
        self._frames = 0
        self._audio_end_s = 0.0
        self._video_end_s = 0.0
        self._reached: set[MediaType] = set()

    @property
    def duration_s(self) -> float:
        """How much there is, in seconds."""
        return min(self._limit_s, max(self._audio_end_s, self._video_end_s))

    def pauses_of(self, other: Timeline) -> None:
        """Takes over the pauses of another one."""
        self._pauses = list(other._pauses)

    def pause(self, at_s: float) -> None:
        """Leaves out what comes after that time of the session's clock."""
        if not self._pauses or self._pauses[-1][1] < math.inf:
            self._pauses.append((at_s, math.inf))

    def resume(self, at_s: float) -> None:
        """Goes on with what comes after that time."""
        if self._pauses and self._pauses[-1][1] == math.inf:
            self._pauses[-1] = (self._pauses[-1][0], max(at_s, self._pauses[-1][0]))

    def complete(self, media: frozenset[MediaType]) -> bool:
        """Whether each medium has come to the end, or one is far beyond it."""
        if not self._reached:
            return False
        beyond = max(self._audio_end_s, self._video_end_s) - self._limit_s
        return self._reached >= media or beyond > _GAP_S

    def video(self, sample: SampleBuffer) -> float | None:
        """Returns the place of a picture in seconds; ``None`` where it has none."""
        at_s = self._place(sample.presentation_time_s)
        if at_s is None or at_s < 0:
            return None
        self._video_end_s = max(self._video_end_s, at_s + sample.duration_s)
        # A picture that would be seen mostly after the end is none of the file's.
        if at_s + sample.duration_s / 2 >= self._limit_s:
            self._reached.add(MediaType.VIDEO)
            return None
        return at_s

    def audio(self, sample: SampleBuffer) -> Iterator[AudioPiece]:
        """Returns the sound that is to be written for a sample, silence for what was lost."""
        period_s = sample.duration_s / max(1, sample.frames)
        for first, end in self._spoken(sample, period_s):
            data = sample.data[first:end]
            at_s = self._place(sample.presentation_time_s + first * period_s)
            assert at_s is not None
            if at_s < 0:
                skip = min(len(data), math.ceil(-at_s / period_s))
                data, at_s = data[skip:], at_s + skip * period_s
            if not len(data):
                continue
            missing = at_s * self._rate - self._frames
            # Where it comes later than it should by less, the device's clock is a slow one,
            # or a pause lies before: neither may make a gap.
            if missing > (1 if not self._frames else _GAP_S * self._rate) or (
                sample.discontinuity and missing > 1
            ):
                yield from self._silence(round(missing), data)
            yield from self._within(data, at_s)

    def _within(self, data: NDArray[Any], at_s: float) -> Iterator[AudioPiece]:
        """What of the sound lies before the end."""
        self._audio_end_s = max(self._audio_end_s, at_s + len(data) / self._rate)
        room = self._limit_s * self._rate - self._frames
        if len(data) >= room:
            data = data[: max(0, round(room))]
            self._reached.add(MediaType.AUDIO)
        if len(data):
            yield AudioPiece(data, max(round(at_s * self._rate), 0))
            self._frames += len(data)

    def _silence(self, frames: int, like: NDArray[Any]) -> Iterator[AudioPiece]:
        while frames > 0:
            some = min(frames, round(_FILL_S * self._rate))
            quiet = like[:1].repeat(some, axis=0)
            quiet[:] = 0
            yield from self._within(quiet, self._frames / self._rate)
            frames -= some

    def _place(self, at_s: float) -> float | None:
        """The place of a time of the session's clock; ``None`` within a pause."""
        left_out = 0.0
        for begin_s, end_s in self._pauses:
            if at_s < begin_s:
                break
            if at_s < end_s:
                return None
            # A pause before the first sample took nothing away.
            left_out += max(0.0, end_s - max(begin_s, self._begin_s))
        return at_s - self._begin_s - left_out

    def _spoken(self, sample: SampleBuffer, period_s: float) -> Iterator[tuple[int, int]]:
        """The spans of a sample's frames that lie in no pause."""
        start_s, frames, at = sample.presentation_time_s, sample.frames, 0
        for begin_s, end_s in self._pauses:
            first = _clamp(math.ceil((begin_s - start_s) / period_s), frames)
            after = frames
            if end_s < math.inf:
                after = _clamp(math.ceil((end_s - start_s) / period_s), frames)
            if first > at:
                yield at, first
            at = max(at, after)
        if at < frames:
            yield at, frames


def _clamp(value: int, most: int) -> int:
    return max(0, min(value, most))
