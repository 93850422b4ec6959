"""FLAC files (RFC 9639) whose header is true all the time. FFmpeg encodes, by PyAV."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .disk import DiskFile
from .pyav import av_audio_frame, av_layout, import_av
from .wav import samples_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["FlacFile"]

_STREAMINFO = 34
_HEADER = 8 + _STREAMINFO


class FlacFile:
    """A :class:`~audiosession.capture.files.base.MediaFile` of FLAC frames.

    Args:
        disk: The new file.
        rate: Frames a second.
        channels: Samples a frame, at most 8.
        bits: 16 or 24.
    """

    def __init__(self, disk: DiskFile, *, rate: int, channels: int, bits: int = 16) -> None:
        av = import_av()
        self._disk, self._bits, self._channels = disk, bits, channels
        encoder = av.CodecContext.create("flac", "w")
        encoder.sample_rate = self._rate = rate
        encoder.layout = av_layout(channels)
        encoder.format = "s16" if bits == 16 else "s32"
        options = {"compression_level": "5", "bits_per_raw_sample": str(bits)}
        encoder.options = options
        encoder.open()
        self._encoder = encoder
        info = bytes(encoder.extradata or b"")
        if len(info) != _STREAMINFO:
            raise OSError("FFmpeg's FLAC encoder gives no stream information")
        self._info = info
        self._given = 0
        self._frames = 0
        # Where the last whole frame of FLAC ends.
        self._good = _HEADER
        self._md5 = hashlib.md5(usedforsecurity=False)
        disk.write(self._header())

    @property
    def size(self) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        held = self._given - self._frames
        return self._good + held * self._channels * self._bits // 8

    @property
    def error(self) -> OSError | None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return self._disk.error

    def audio_bytes(self, frames: int) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        # A frame that cannot be made smaller is stored as it is, with a header.
        return frames * self._channels * self._bits // 8 + 32

    def add_audio(self, data: NDArray[np.float32], at: int) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if self._disk.full:
            return
        samples = samples_of(data, self._bits)
        self._md5.update(samples.tobytes())
        frame = av_audio_frame(data, rate=self._rate, bits=self._bits, at=self._given)
        self._given += len(data)
        self._write(self._encoder.encode(frame))

    def add_video(self, data: NDArray[Any], at_s: float) -> None:
        """Nothing: there are no pictures in it."""

    def keep(self) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        end = self._disk.tell()
        self._disk.seek(0)
        self._disk.write(self._header())
        self._disk.seek(end)

    def close(self) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if not self._disk.full:
            self._write(self._encoder.encode(None))
        whole = not self._disk.full and self._frames == self._given
        if self._disk.size > self._good:
            self._disk.truncate(self._good)
        if self._disk.size >= _HEADER:
            self._disk.seek(0)
            self._disk.write(self._header(self._md5.digest() if whole else b""))
        self._disk.close()

    def _write(self, packets: Any) -> None:
        for packet in packets:
            self._disk.write(bytes(packet))
            if self._disk.full:
                return
            self._good = self._disk.tell()
            self._frames += packet.duration

    def _header(self, md5: bytes = b"") -> bytes:
        info = bytearray(self._info)
        # 20 bits of rate, 3 of channels, 5 of bits, then 36 of how many frames there are.
        packed = int.from_bytes(info[10:18], "big") >> 36 << 36 | self._frames
        info[10:18] = packed.to_bytes(8, "big")
        # Zeros say that nobody knows.
        info[18:34] = md5.ljust(16, b"\0")
        return b"fLaC\x80" + _STREAMINFO.to_bytes(3, "big") + bytes(info)
