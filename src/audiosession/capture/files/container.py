"""Matroska, WebM, MP4, QuickTime and Ogg files by PyAV, written in pieces of a second.

A process that is killed leaves whole clusters (Matroska, RFC 9559) or fragments (MP4, ISO/IEC
14496-12) behind, which players read without an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .disk import DiskFile
from .mending import MATROSKA, MP4, mend
from .pyav import VIDEO_TICKS, av_audio_frame, av_layout, av_video_frame, import_av

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AudioTrack", "ContainerFile", "VideoTrack"]

_PIECE_MS = 1000
_OVERHEAD = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTrack:
    """How sound is stored."""

    codec: str
    """FFmpeg's name of the encoder: ``flac``, ``libopus``, ``aac``."""
    rate: int
    """Frames a second of what is given."""
    channels: int
    """Samples a frame of what is given."""
    bits: int = 16
    """Of integers, 16 or 24; of a lossless codec only."""
    bit_rate: int = 0
    """Bits a second; 0: the encoder's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoTrack:
    """How pictures are stored."""

    codec: str
    """FFmpeg's name of the encoder: ``libx264``, ``libvpx-vp9``."""
    width: int
    """In pixels."""
    height: int
    """In pixels."""
    frame_rate: float
    """Pictures a second, about; each has its own time."""
    bit_rate: int = 0
    """Bits a second; 0: the encoder's choice for good quality."""
    options: Mapping[str, str] = field(default_factory=dict)
    """More for the encoder, by FFmpeg's names."""


class ContainerFile:
    """A :class:`~audiosession.capture.files.base.MediaFile` of one or two tracks.

    Args:
        disk: The new file.
        format: FFmpeg's name of the format: ``matroska``, ``webm``, ``mp4``, ``mov``,
            ``ipod``, ``ogg``.
        audio: How sound is stored; ``None``: there is none.
        video: How pictures are stored; ``None``: there are none.
        fragmented: Whether MP4 and QuickTime are written in fragments.
        metadata: Texts by FFmpeg's names (``title``, ``comment``).

    Raises:
        av.FFmpegError: an encoder does not take these settings.
    """

    def __init__(
        self,
        disk: DiskFile,
        *,
        format: str,
        audio: AudioTrack | None = None,
        video: VideoTrack | None = None,
        fragmented: bool = True,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        av = import_av()
        self._disk, self._format = disk, format
        self._packed = 0
        self._last_tick = -1
        self._fragmented = fragmented
        self._container = av.open(disk, "w", format=format, options=_options(format, fragmented))
        self._container.metadata.update(metadata or {})
        self._audio: Any = None
        self._video: Any = None
        try:
            if video is not None:
                self._video = self._video_stream(video)
            if audio is not None:
                self._audio = self._audio_stream(audio)
            self._bits = 32 if audio is None or audio.codec != "flac" else audio.bits
            self._rate = 0 if audio is None else audio.rate
            self._container.start_encoding()
        except BaseException:
            with suppress(av.FFmpegError):
                self._container.close()
            raise

    @property
    def size(self) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return max(self._disk.size, self._packed + self._packed // 50 + _OVERHEAD)

    @property
    def error(self) -> OSError | None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return self._disk.error

    def audio_bytes(self, frames: int) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return 0

    def add_audio(self, data: NDArray[np.float32], at: int) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if self._audio is not None and not self._disk.full:
            frame = av_audio_frame(data, rate=self._rate, bits=self._bits, at=at)
            self._mux(self._audio.encode(frame))

    def add_video(self, data: NDArray[Any], at_s: float) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if self._video is None or self._disk.full:
            return
        frame = av_video_frame(data, at_s)
        # Two pictures of one time are an error to encoders.
        self._last_tick = frame.pts = max(frame.pts, self._last_tick + 1)
        self._mux(self._video.encode(frame))

    def keep(self) -> None:
        """Nothing: pieces are written as they are full."""

    def close(self) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        av = import_av()
        try:
            for stream in (self._video, self._audio):
                if stream is not None:
                    self._mux(stream.encode(None))
        finally:
            try:
                # What cannot be written any more is in the disk's own error.
                with suppress(av.FFmpegError):
                    self._container.close()
            finally:
                if self._disk.full:
                    mend(self._disk, self._format)
                self._disk.close()

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            self._packed += packet.size + 16
            self._container.mux(packet)

    def _video_stream(self, track: VideoTrack) -> Any:
        rate = Fraction(track.frame_rate).limit_denominator(1001)
        stream = self._container.add_stream(track.codec, rate=rate)
        encoder = stream.codec_context
        encoder.width, encoder.height, encoder.pix_fmt = track.width, track.height, "yuv420p"
        encoder.time_base = Fraction(1, VIDEO_TICKS)
        # A piece begins with a picture that needs no other.
        encoder.gop_size = max(1, round(track.frame_rate * _PIECE_MS / 1000))
        if track.bit_rate:
            encoder.bit_rate = track.bit_rate
        encoder.options = _video_options(track) | dict(track.options)
        return stream

    def _audio_stream(self, track: AudioTrack) -> Any:
        # Opus knows no other rates (RFC 6716, section 2).
        rate = track.rate if track.codec != "libopus" else 48_000
        stream = self._container.add_stream(track.codec, rate=rate)
        encoder = stream.codec_context
        encoder.layout = av_layout(track.channels)
        if track.codec == "flac":
            encoder.format = "s16" if track.bits == 16 else "s32"
            encoder.options = {"bits_per_raw_sample": str(track.bits)}
        if track.bit_rate:
            encoder.bit_rate = track.bit_rate
        return stream


def _options(format: str, fragmented: bool) -> dict[str, str]:
    # Without the limit a camera that stands still would hold back ten seconds of sound.
    options = {"flush_packets": "1", "max_interleave_delta": str(_PIECE_MS * 1000)}
    if format in MATROSKA:
        options["cluster_time_limit"] = str(_PIECE_MS)
    elif format in MP4 and fragmented:
        options["movflags"] = "frag_keyframe+empty_moov+default_base_moof"
        options["frag_duration"] = str(_PIECE_MS * 1000)
    elif format == "ogg":
        options["page_duration"] = str(_PIECE_MS * 1000 // 2)
    return options


def _video_options(track: VideoTrack) -> dict[str, str]:
    """Fast enough for two cores, and no picture waits in the encoder."""
    if track.codec == "libx264":
        quality = {} if track.bit_rate else {"crf": "23"}
        return {"preset": "superfast", "tune": "zerolatency"} | quality
    if track.codec.startswith("libvpx"):
        quality = {} if track.bit_rate else {"crf": "32", "b": "0"}
        speed = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "row-mt": "1"}
        return speed | quality
    return {}
