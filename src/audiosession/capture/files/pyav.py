"""Frames of PyAV made of samples; PyAV is loaded when it is needed."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from audiosession.errors import ExtraMissingError

from .pcm import integers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["av_audio_frame", "av_layout", "av_video_frame", "import_av"]

VIDEO_TICKS = 90_000
"""Parts of a second in which pictures are timed."""

_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}


def import_av() -> Any:
    """Returns the module ``av``.

    Raises:
        ExtraMissingError: PyAV is not installed.
    """
    try:
        import av
    except ImportError as missing:
        raise ExtraMissingError("capture", "writing media files") from missing
    return av


def av_layout(channels: int) -> str:
    """FFmpeg's name of the usual layout of so many channels, 1 to 8."""
    return _LAYOUTS[channels]


def av_audio_frame(data: NDArray[np.float32], *, rate: int, bits: int, at: int) -> Any:
    """Returns sound as a frame of interleaved samples.

    Args:
        data: One row a frame.
        rate: Frames a second.
        bits: 16 or 24 for integers, 32 for floats.
        at: Its time in frames.
    """
    import numpy as np

    av = import_av()
    samples: NDArray[Any]
    if bits == 32:
        kind, samples = "flt", np.ascontiguousarray(data, dtype=np.float32)
    elif bits == 16:
        kind, samples = "s16", integers(data, 16)
    else:
        kind, samples = "s32", integers(data, 24) << 8
    frame = av.AudioFrame.from_ndarray(
        samples.reshape(1, -1), format=kind, layout=av_layout(data.shape[1])
    )
    frame.sample_rate = rate
    frame.pts = at
    frame.time_base = Fraction(1, rate)
    return frame


def av_video_frame(data: NDArray[Any], at_s: float) -> Any:
    """Returns a picture as a frame.

    Args:
        data: Its planes, yuv420p.
        at_s: Its time in seconds.
    """
    import numpy as np

    av = import_av()
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(data), format="yuv420p")
    frame.pts = round(at_s * VIDEO_TICKS)
    frame.time_base = Fraction(1, VIDEO_TICKS)
    return frame
