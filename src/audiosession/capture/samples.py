"""A piece of media with the time it belongs to: what feeds give and outputs take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .enums import AVCaptureOutputDataDroppedReason
from .host import FormatFacts, MediaType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SampleBuffer", "audio_buffer"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleBuffer:
    """Samples of one medium, all of one format, without a gap among them."""

    media_type: MediaType
    """What they are of."""
    presentation_time_s: float
    """When the first of them was captured, in seconds of the session's clock."""
    duration_s: float
    """How long they last, in seconds."""
    format: FormatFacts
    """Their format."""
    data: NDArray[Any]
    """Audio: float32, one row a frame and one column a channel, full scale is 1.0.
    Video: uint8 planes of yuv420p, ``height * 3 / 2`` rows of ``width`` bytes. Never written
    to: every output gets the same one."""
    discontinuity: bool = False
    """Whether samples before these were lost."""
    dropped_reason: AVCaptureOutputDataDroppedReason = AVCaptureOutputDataDroppedReason.NONE
    """Why it was dropped, in a frame handed over as dropped."""

    @property
    def frames(self) -> int:
        """How many frames of audio, or 1 for a picture."""
        return len(self.data) if self.media_type is MediaType.AUDIO else 1

    @property
    def end_time_s(self) -> float:
        """When the last sample ends, in seconds of the session's clock."""
        return self.presentation_time_s + self.duration_s


def audio_buffer(
    data: NDArray[np.float32],
    *,
    at_s: float,
    format: FormatFacts,
    discontinuity: bool = False,
) -> SampleBuffer:
    """Returns a buffer of sound.

    Args:
        data: One row a frame, one column a channel.
        at_s: When the first frame was captured, in seconds of the session's clock.
        format: The rate and channels.
        discontinuity: Whether frames before were lost.
    """
    return SampleBuffer(
        media_type=MediaType.AUDIO,
        presentation_time_s=at_s,
        duration_s=len(data) / format.sample_rate,
        format=format,
        data=data,
        discontinuity=discontinuity,
    )
