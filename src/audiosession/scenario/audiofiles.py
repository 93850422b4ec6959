"""Audio files for the mixer: WAV, FLAC and Ogg (Vorbis, Opus, FLAC), checked and decoded.

Decoding is libsndfile's, through the ``soundfile`` package of ``audiosession[audio]``.
libsndfile shortens a damaged WAV or Ogg file silently, so this module reads those
containers' own structure first and refuses a file that holds less than it promises.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from audiosession.errors import AudioFileError, AudioFileReason, ExtraMissingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "DEMO_FOLDER",
    "MAX_RATE",
    "MIN_RATE",
    "MIX_RATE",
    "AudioFileInfo",
    "check",
    "load",
    "probe",
]

DEMO_FOLDER = Path(__file__).with_name("demo")
"""Where the audio files that come with the package lie."""

MIX_RATE = 48_000
"""The sample rate of a mix unless another one is asked for, in hertz."""

MIN_RATE = 8_000
"""The lowest sample rate a file may have, in hertz: the telephone's."""

MAX_RATE = 192_000
"""The highest sample rate a file may have, in hertz."""

_BLOCK_FRAMES = 65_536
_STREAMED = 0xFFFF_FFFF
_UNSUPPORTED_ENCODING = 4
_HALF_POWER = math.sqrt(0.5)

# Speaker orders: "Vorbis I specification" section 4.3.9 and RFC 7845 section 5.1.1.2 for
# Ogg, RFC 9639 section 9.1.3 for FLAC; WAV's is the bit order of dwChannelMask, which
# agrees with FLAC's. libsndfile hands the channels over in the file's own order.
# L and R are the two sides, C both, F (the low-frequency channel) neither.
_WAV_SIDES = ("LRC", "LRLR", "LRCLR", "LRCFLR", "LRCFCLR", "LRCFLRLR")
_OGG_SIDES = ("LCR", "LRLR", "LCRLR", "LCRLRF", "LCRLRCF", "LCRLRLRF")


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFileInfo:
    """What a file's header says."""

    path: Path
    """The file."""
    rate: int
    """Samples per second, in hertz."""
    frames: int
    """Samples per channel."""
    channels: int
    """How many channels it has."""
    encoding: str
    """Container and codec, for example ``OGG/VORBIS``."""

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.frames / self.rate

    def frames_at(self, rate: int) -> int:
        """The length in frames once the file is resampled to ``rate`` hertz."""
        return round(self.frames * rate / self.rate)


def probe(path: Path | str, *, expect_rate: int | None = None) -> AudioFileInfo:
    """Read a file's rate, length and channels without decoding its sound.

    A WAV or Ogg file that was cut short is found here; a FLAC file that was cut in its
    sound only by :func:`check` and :func:`load`.

    Args:
        path: A WAV, FLAC or Ogg file.
        expect_rate: The sample rate the caller counts on, in hertz; ``None`` for any.

    Raises:
        AudioFileError: The file is missing, unreadable, cut short, empty, of a kind
            that is not supported, or of a rate that is out of range or not the expected.
        ExtraMissingError: ``audiosession[audio]`` is not installed.
    """
    with _opened(Path(path), expect_rate) as (info, _):
        return info


def check(path: Path | str, *, expect_rate: int | None = None) -> AudioFileInfo:
    """Decode a whole file in small blocks, keeping none of it, and say what it is.

    Takes the arguments of :func:`probe` and raises the same errors, for faults in the
    sound itself too.
    """
    with _opened(Path(path), expect_rate) as (info, sound):
        for _ in _decoded(info, sound):
            pass
        return info


def load(
    path: Path | str, *, rate: int = MIX_RATE, expect_rate: int | None = None
) -> NDArray[np.float32]:
    """Return a file's sound as stereo, one row per frame, full scale being 1.0.

    A file of another rate is resampled. Mono goes to both sides at its own level. Three
    to eight channels are folded down: each side gets its front channel whole and its
    rear, side and centre channels at -3 dB, the low-frequency channel is left out, and
    the sum is lowered so that it cannot exceed full scale.

    Args:
        path: A WAV, FLAC or Ogg file.
        rate: The sample rate of the result, in hertz.
        expect_rate: The rate the file itself must have, in hertz; ``None`` for any.

    Raises:
        AudioFileError: As for :func:`check`.
        ExtraMissingError: ``audiosession[audio]`` is not installed.
    """
    soxr = _extra("soxr")
    with _opened(Path(path), expect_rate) as (info, sound):
        numpy = _extra("numpy")
        stereo: NDArray[np.float32] = numpy.empty((info.frames, 2), dtype=numpy.float32)
        fold = _fold(info)
        for first, block in _decoded(info, sound):
            stereo[first : first + len(block)] = block @ fold
    if info.rate == rate:
        return stereo
    resampled: NDArray[np.float32] = soxr.resample(stereo, info.rate, rate)
    wanted = info.frames_at(rate)
    if len(resampled) < wanted:
        resampled = numpy.pad(resampled, ((0, wanted - len(resampled)), (0, 0)))
    return resampled[:wanted]


def _extra(name: str) -> Any:
    try:
        return import_module(name)
    except (ImportError, OSError) as missing:  # OSError: libsndfile itself is not there
        raise ExtraMissingError("audio", "reading audio files") from missing


@contextmanager
def _opened(path: Path, expect_rate: int | None) -> Iterator[tuple[AudioFileInfo, Any]]:
    soundfile = _extra("soundfile")
    _check_container(path)
    try:
        sound = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, OSError) as error:
        reason = AudioFileReason.UNREADABLE
        if getattr(error, "code", None) == _UNSUPPORTED_ENCODING:
            reason = AudioFileReason.UNSUPPORTED
        raise AudioFileError(path, reason, _words(error)) from error
    with sound:
        info = AudioFileInfo(
            path=path,
            rate=sound.samplerate,
            frames=sound.frames,
            channels=sound.channels,
            encoding=f"{sound.format}/{sound.subtype}",
        )
        _check_info(info, expect_rate)
        yield info, sound


def _check_info(info: AudioFileInfo, expect_rate: int | None) -> None:
    if not MIN_RATE <= info.rate <= MAX_RATE:
        detail = f"{info.rate} Hz is outside {MIN_RATE} to {MAX_RATE} Hz"
        raise AudioFileError(info.path, AudioFileReason.WRONG_RATE, detail)
    if expect_rate is not None and info.rate != expect_rate:
        detail = f"the file has {info.rate} Hz, not the declared {expect_rate} Hz"
        raise AudioFileError(info.path, AudioFileReason.WRONG_RATE, detail)
    if info.frames < 1:
        raise AudioFileError(info.path, AudioFileReason.EMPTY, "zero frames")
    if info.channels > 8:
        detail = f"{info.channels} channels; at most 8 have a known order"
        raise AudioFileError(info.path, AudioFileReason.UNSUPPORTED, detail)


def _decoded(info: AudioFileInfo, sound: Any) -> Iterator[tuple[int, NDArray[np.float32]]]:
    numpy = _extra("numpy")
    soundfile = _extra("soundfile")
    done = 0
    while done < info.frames:
        wanted = min(_BLOCK_FRAMES, info.frames - done)
        try:
            block = sound.read(wanted, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise _cut_short(info, done, _words(error)) from error
        if not len(block):
            raise _cut_short(info, done, "the sound ends there")
        if not numpy.isfinite(block).all():
            detail = f"samples that are not numbers, from {done / info.rate:.2f} s on"
            raise AudioFileError(info.path, AudioFileReason.UNREADABLE, detail)
        yield done, block
        done += len(block)


def _cut_short(info: AudioFileInfo, done: int, why: str) -> AudioFileError:
    detail = (
        f"it promises {info.duration_s:.2f} s but cannot be decoded beyond "
        f"{done / info.rate:.2f} s, so it is cut short or damaged ({why})"
    )
    return AudioFileError(info.path, AudioFileReason.TRUNCATED, detail)


def _words(error: Exception) -> str:
    text: str = getattr(error, "error_string", "") or str(error)
    return text.strip().rstrip(".")


def _fold(info: AudioFileInfo) -> NDArray[np.float32]:
    numpy = _extra("numpy")
    fold: NDArray[np.float32] = numpy.zeros((info.channels, 2), dtype=numpy.float32)
    if info.channels <= 2:
        fold[0, 0] = fold[-1, 1] = 1.0
        return fold
    xiph = info.encoding in ("OGG/VORBIS", "OGG/OPUS")
    sides = (_OGG_SIDES if xiph else _WAV_SIDES)[info.channels - 3]
    front = {side: sides.index(side) for side in "LR"}
    for channel, side in enumerate(sides):
        for column, column_side in enumerate("LR"):
            if side in (column_side, "C"):
                whole = channel == front[column_side]
                fold[channel, column] = 1.0 if whole else _HALF_POWER
    fold /= fold.sum(axis=0)
    return fold


def _check_container(path: Path) -> None:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            if size == 0:
                raise AudioFileError(path, AudioFileReason.EMPTY, "zero bytes")
            magic = file.read(4)
            file.seek(0)
            if magic in (b"RIFF", b"RIFX", b"RF64"):
                fault = _wav_fault(file, size)
            elif magic == b"fLaC":
                fault = _flac_fault(file, size)
            elif magic == b"OggS":
                fault = _ogg_fault(file, size)
            else:
                detail = "it is not a WAV, FLAC or Ogg file"
                raise AudioFileError(path, AudioFileReason.UNSUPPORTED, detail)
    except FileNotFoundError as error:
        raise AudioFileError(path, AudioFileReason.MISSING) from error
    except OSError as error:
        detail = error.strerror or str(error)
        raise AudioFileError(path, AudioFileReason.UNREADABLE, detail) from error
    if fault:
        raise AudioFileError(path, AudioFileReason.TRUNCATED, fault)


def _wav_fault(file: BinaryIO, size: int) -> str:
    head = file.read(12)
    order = ">" if head[:4] == b"RIFX" else "<"
    long_size: int | None = None
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack(f"{order}4sI", file.read(8))
        if name == b"ds64" and at + 24 <= size:
            long_size = struct.unpack(f"{order}QQ", file.read(16))[1]
        if name == b"data":
            if length == _STREAMED:
                # A header of all ones stands for a length in "ds64" (EBU Tech 3306), or,
                # in a plain WAV file written to a pipe, for a length nobody knew.
                length = size - at - 8 if long_size is None else long_size
            if at + 8 + length > size:
                return f"its header promises {length} bytes of sound, {size - at - 8} are there"
            return ""
        if at + 8 + length > size:
            return f"it ends inside its {name.decode('latin-1').strip()!r} chunk"
        at += 8 + length + length % 2
    return "it ends before its sound"


def _flac_fault(file: BinaryIO, size: int) -> str:
    at = 4
    last = False
    while not last:
        file.seek(at)
        head = file.read(4)
        if len(head) < 4:
            return "it ends inside its header"
        last = bool(head[0] & 0x80)
        at += 4 + int.from_bytes(head[1:], "big")
    return "" if at < size else "it ends inside its header"


def _ogg_fault(file: BinaryIO, size: int) -> str:
    unfinished: set[bytes] = set()
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(27)
        if head[:4] != b"OggS":
            break  # foreign bytes after the last page, for example a tag, do no harm
        lengths = file.read(head[26]) if len(head) == 27 else b""
        at += 27 + len(lengths) + sum(lengths)
        if len(head) < 27 or len(lengths) < head[26] or at > size:
            return "it ends inside a page"
        flags, stream = head[5], head[14:18]
        unfinished.add(stream)
        if flags & 0x04:
            unfinished.discard(stream)
    return "its end-of-stream page is missing" if unfinished else ""
