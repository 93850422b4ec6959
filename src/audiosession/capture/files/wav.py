"""WAV files (RIFF WAVE) of integers or floats whose header is true all the time.

Sound of one or two channels and 16 bits has the short header that every program reads; what
that cannot say without doubt has the extensible one.

Layout: "Multimedia Programming Interface and Data Specifications 1.0" (IBM and Microsoft, 1991)
and ``WAVEFORMATEXTENSIBLE`` of Microsoft's mmreg.h.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from .disk import DiskFile
from .pcm import integers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["WavFile"]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_PLAIN_HEADER, _HEADER = 44, 68
_MOST = 0xFFFF_FFFF - _HEADER


class WavFile:
    """A :class:`~audiosession.capture.files.base.MediaFile` of PCM.

    Args:
        disk: The new file.
        rate: Frames a second.
        channels: Samples a frame.
        bits: 16 or 24 for integers, 32 for floats.
    """

    def __init__(self, disk: DiskFile, *, rate: int, channels: int, bits: int = 16) -> None:
        self._disk = disk
        self._rate, self._channels, self._bits = rate, channels, bits
        self._frame = channels * bits // 8
        self._plain = bits == 16 and channels <= 2
        self._head = _PLAIN_HEADER if self._plain else _HEADER
        disk.write(self._header(0))

    @property
    def size(self) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return self._disk.size

    @property
    def error(self) -> OSError | None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        return self._disk.error

    @property
    def room(self) -> int:
        """How many frames the format can still take; its lengths are 32 bits wide."""
        return (_MOST - self._disk.size) // self._frame

    def audio_bytes(self, frames: int) -> int:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        # A chunk of odd length ends with a byte more.
        return frames * self._frame + self._frame % 2

    def add_audio(self, data: NDArray[np.float32], at: int) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if not self._disk.full:
            self._disk.write(samples_of(data, self._bits).tobytes())

    def add_video(self, data: NDArray[Any], at_s: float) -> None:
        """Nothing: there are no pictures in it."""

    def keep(self) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        self._keep(pad=0)

    def _keep(self, *, pad: int) -> None:
        length = (self._disk.size - self._head) // self._frame * self._frame
        end = self._disk.tell()
        self._disk.seek(0)
        self._disk.write(self._header(length, pad))
        self._disk.seek(end)

    def close(self) -> None:
        """See :class:`~audiosession.capture.files.base.MediaFile`."""
        if self._disk.size >= self._head:
            whole = (self._disk.size - self._head) // self._frame * self._frame
            self._disk.truncate(self._head + whole)
            if whole % 2:
                self._disk.seek(self._head + whole)
                self._disk.write(b"\0")
            self._keep(pad=self._disk.size - self._head - whole)
        self._disk.close()

    def _header(self, length: int, pad: int = 0) -> bytes:
        """The header of so many bytes of sound, behind which one of padding may stand."""
        code = _FLOAT if self._bits == 32 else _PCM
        # Which speakers they are is not known beyond two.
        mask = {1: 0x4, 2: 0x3}.get(self._channels, 0)
        form = struct.pack(
            "<HHIIHH",
            *(_PCM if self._plain else _EXTENSIBLE, self._channels, self._rate),
            *(self._rate * self._frame, self._frame, self._bits),
        )
        if not self._plain:
            form += struct.pack("<HHIH14s", 22, self._bits, mask, code, _GUID_TAIL)
        whole = self._head - 8 + length + pad
        riff = struct.pack("<4sI4s4sI", b"RIFF", whole, b"WAVE", b"fmt ", len(form))
        return riff + form + struct.pack("<4sI", b"data", length)


def samples_of(data: NDArray[np.float32], bits: int) -> NDArray[Any]:
    """Returns samples as they are stored: little-endian integers of 16 or 24 bits, or floats.

    What is beyond full scale becomes full scale in integers.
    """
    import numpy as np

    if bits == 32:
        return np.ascontiguousarray(data, dtype="<f4")
    if bits == 16:
        return integers(data, 16).astype("<i2", copy=False)
    wide = np.ascontiguousarray(integers(data, 24), dtype="<i4")
    return wide.view(np.uint8).reshape(-1, 4)[:, :3]
