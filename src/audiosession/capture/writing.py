"""One recording: samples of one or two media into one file, in a thread of its own."""

from __future__ import annotations

import errno
import logging
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import UNDERLYING_ERROR, AVError, CaptureError
from .files.base import MediaFile
from .files.disk import DiskFile
from .host import FormatFacts, MediaType
from .samples import SampleBuffer
from .timeline import AudioPiece, Timeline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["RECORDING_FINISHED_KEY", "Limits", "MakeFile", "Recording", "RecordingEvents"]

_log = logging.getLogger("audiosession")

RECORDING_FINISHED_KEY = "AVErrorRecordingSuccessfullyFinishedKey"
"""In the user info of an error that ends a recording: whether the file is good all the same
(AVError.h)."""

MakeFile = Callable[[DiskFile, FormatFacts | None, FormatFacts | None], MediaFile]
"""Makes the file's inside, given the formats of sound and pictures."""

_BATCH_S = 0.1
_KEEP_S = 0.5
_WAIT_FOR_OTHERS_S = 3.0
_MOST_VIDEO_BYTES = 128 << 20
_MOST_AUDIO_S = 60.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a recording ends by itself."""

    duration_s: float | None = None
    """How long it may be, in seconds; ``None``: as long as it likes."""
    bytes: int = 0
    """How large the file may be; 0: as large as it likes."""
    free_bytes: int = 0
    """How much room has to stay on the disk; 0: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEvents:
    """Whom a recording tells; called in its thread."""

    started: Callable[[float], object]
    """The file is there and has its first sample, whose time in seconds is given."""
    paused: Callable[[], object]
    """Nothing is added from now on."""
    resumed: Callable[[], object]
    """It goes on."""
    finishing: Callable[[CaptureError | None], object]
    """Nothing is added any more, for that reason; the file is closed next."""
    finished: Callable[[CaptureError | None], object]
    """The file is closed."""


@dataclass(frozen=True, slots=True)
class _Pause:
    at_s: float
    on: bool


@dataclass(frozen=True, slots=True)
class _Finish:
    error: CaptureError | None


class Recording:
    """A recording from its first sample to its closed file.

    Samples may come from any thread and never wait. Where the disk or the encoder falls behind,
    pictures are dropped and counted; sound is kept for a minute, and then the recording ends.

    Args:
        path: The new file.
        make: Makes its inside.
        media: What is to come; the file is begun when each has, or three seconds after the
            first.
        limits: When it ends by itself.
        events: Whom it tells.
    """

    def __init__(
        self,
        path: Path,
        make: MakeFile,
        media: frozenset[MediaType],
        limits: Limits,
        events: RecordingEvents,
    ) -> None:
        self._path, self._make, self._media = path, make, media
        self._limits, self._events = limits, events
        self._news = threading.Condition()
        self._queue: deque[SampleBuffer | _Pause | _Finish] = deque()
        self._video_bytes = 0
        self._audio_s = 0.0
        self._closing = False
        self._dropped = 0
        self._duration_s = 0.0
        self._size = 0
        # From here on in the thread alone.
        self._early: list[SampleBuffer] = []
        self._file: MediaFile | None = None
        self._timeline: Timeline | None = None
        self._formats: dict[MediaType, FormatFacts] = {}
        self._batch: list[AudioPiece] = []
        self._batch_frames = 0
        self._kept_s = 0.0
        # No more sound fits into the limit of size.
        self._full = False
        # Pauses before the first sample, which are told after the start.
        self._untold: list[Callable[[], object]] = []
        self._thread = threading.Thread(
            target=self._run, name="audiosession recording", daemon=True
        )

    @property
    def dropped(self) -> int:
        """How many pictures were dropped because writing fell behind."""
        return self._dropped

    @property
    def duration_s(self) -> float:
        """How much is recorded, in seconds; pauses do not count."""
        return self._duration_s

    @property
    def size(self) -> int:
        """How large the file is about, in bytes."""
        return self._size

    def start(self) -> None:
        """Begins to wait for samples."""
        self._thread.start()

    def take(self, sample: SampleBuffer) -> None:
        """Takes a sample, from any thread."""
        with self._news:
            if self._closing:
                return
            if sample.media_type is MediaType.VIDEO:
                if self._video_bytes + sample.data.nbytes > _MOST_VIDEO_BYTES:
                    self._dropped += 1
                    return
                self._video_bytes += sample.data.nbytes
            else:
                self._audio_s += sample.duration_s
                if self._audio_s > _MOST_AUDIO_S:
                    late = CaptureError(
                        AVError.OUT_OF_MEMORY,
                        "writing fell behind",
                        advice="use a faster disk or a cheaper codec",
                    )
                    self._put(_Finish(late))
                    return
            self._put(sample)

    def pause(self, at_s: float) -> None:
        """Leaves out what was captured after that time, in seconds of the session's clock."""
        with self._news:
            self._put(_Pause(at_s, True))

    def resume(self, at_s: float) -> None:
        """Goes on with what is captured after that time."""
        with self._news:
            self._put(_Pause(at_s, False))

    def finish(self, error: CaptureError | None = None) -> None:
        """Ends it with what has come so far; the first reason counts."""
        with self._news:
            self._put(_Finish(error))

    def join(self, timeout_s: float | None = None) -> bool:
        """Waits until the file is closed; whether it is."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _put(self, item: SampleBuffer | _Pause | _Finish) -> None:
        if self._closing:
            return
        self._closing = isinstance(item, _Finish)
        self._queue.append(item)
        self._news.notify()

    # -- in its thread -----------------------------------------------------------------------

    def _run(self) -> None:
        error: CaptureError | None
        disk: DiskFile | None = None
        try:
            try:
                disk = DiskFile(self._path)
            except OSError as failure:
                error = _failure(failure, self._path)
            else:
                error = self._work(disk)
        except Exception as failure:
            _log.exception("a recording failed")
            error = _unknown(f"the recording failed: {failure}", failure, "record again")
        with self._news:
            self._closing = True
            self._queue.clear()
        if error is None and self._file is None:
            error = CaptureError(AVError.NO_DATA_CAPTURED)
        self._events.finishing(error)
        error = self._close(disk, error)
        self._events.finished(error)

    def _work(self, disk: DiskFile) -> CaptureError | None:
        """Writes until it is over, and returns why."""
        while True:
            with self._news:
                while not self._queue:
                    self._news.wait()
                item = self._queue.popleft()
                if isinstance(item, SampleBuffer):
                    if item.media_type is MediaType.VIDEO:
                        self._video_bytes -= item.data.nbytes
                    else:
                        self._audio_s -= item.duration_s
            if isinstance(item, _Finish):
                if self._early and self._file is None:
                    self._open(disk)
                return item.error or self._problem()
            if isinstance(item, _Pause):
                self._pause(item)
            elif self._file is None:
                self._early.append(item)
                if self._complete():
                    self._open(disk)
            else:
                self._add(item)
            if (error := self._problem() or self._over(disk)) is not None:
                return error

    def _complete(self) -> bool:
        seen = {each.media_type for each in self._early}
        first, last = self._early[0], self._early[-1]
        late = last.presentation_time_s - first.presentation_time_s > _WAIT_FOR_OTHERS_S
        return late or seen >= self._media

    def _open(self, disk: DiskFile) -> None:
        early, self._early = self._early, []
        for sample in early:
            self._formats.setdefault(sample.media_type, sample.format)
        begin_s = min(sample.presentation_time_s for sample in early)
        audio, video = self._formats.get(MediaType.AUDIO), self._formats.get(MediaType.VIDEO)
        before, self._timeline = (
            self._timeline,
            Timeline(
                begin_s,
                rate=0.0 if audio is None else audio.sample_rate,
                limit_s=self._limits.duration_s,
            ),
        )
        if before is not None:
            self._timeline.pauses_of(before)
        self._file = self._make(disk, audio, video)
        self._events.started(begin_s)
        for tell in self._untold:
            tell()
        for sample in early:
            self._add(sample)

    def _pause(self, item: _Pause) -> None:
        if self._timeline is None:
            # Only pauses are kept until the first sample says where it begins.
            self._timeline = Timeline(item.at_s, rate=0.0)
        if item.on:
            self._timeline.pause(item.at_s)
            tell = self._events.paused
        else:
            self._timeline.resume(item.at_s)
            tell = self._events.resumed
        if self._file is None:
            self._untold.append(tell)
        else:
            tell()

    def _add(self, sample: SampleBuffer) -> None:
        known = self._formats.get(sample.media_type)
        if known is None:
            # A file cannot be given another track once it is begun.
            what = "pictures" if sample.media_type is MediaType.VIDEO else "sound"
            late = CaptureError(
                AVError.MEDIA_CHANGED,
                f"{what} began more than {_WAIT_FOR_OTHERS_S:g} s after the recording",
                advice="start to record when every device gives something",
            )
            self.finish(late)
            return
        if (known.sample_rate, known.channels, known.width, known.height) != (
            sample.format.sample_rate,
            sample.format.channels,
            sample.format.width,
            sample.format.height,
        ):
            self.finish(CaptureError(AVError.MEDIA_CHANGED))
            return
        assert self._timeline is not None
        assert self._file is not None
        if sample.media_type is MediaType.VIDEO:
            at_s = self._timeline.video(sample)
            if at_s is not None:
                # Sound first, so that what is written is in the order of time.
                self._flush()
                self._file.add_video(sample.data, at_s)
        else:
            for piece in self._timeline.audio(sample):
                self._gather(piece)
        self._duration_s = self._timeline.duration_s
        self._size = self._file.size
        if sample.presentation_time_s - self._kept_s >= _KEEP_S:
            self._kept_s = sample.presentation_time_s
            self._flush()
            self._file.keep()

    def _gather(self, piece: AudioPiece) -> None:
        self._batch.append(piece)
        self._batch_frames += len(piece.data)
        rate = self._formats[MediaType.AUDIO].sample_rate
        if self._batch_frames >= rate * _BATCH_S:
            self._flush()

    def _flush(self) -> None:
        """Gives the file the sound gathered, which costs an encoder less in one piece."""
        if not self._batch or self._file is None:
            return
        batch, self._batch, self._batch_frames = self._batch, [], 0
        if self._full:
            # What comes after sound that did not fit would be in its place.
            return
        data = batch[0].data if len(batch) == 1 else _joined([each.data for each in batch])
        most = self._limits.bytes
        if most:
            room = most - self._file.size
            while len(data) and self._file.audio_bytes(len(data)) > room:
                data = data[: len(data) // 2]
                self._full = True
        if len(data):
            self._file.add_audio(data, batch[0].at)

    def _problem(self) -> CaptureError | None:
        """What went wrong on the disk, if anything did."""
        if self._file is not None and self._file.error is not None:
            return _failure(self._file.error, self._path)
        return None

    def _over(self, disk: DiskFile) -> CaptureError | None:
        """Which limit is reached, if one is."""
        if self._file is None or self._timeline is None:
            return None
        if self._timeline.complete(frozenset(self._formats)):
            return CaptureError(AVError.MAXIMUM_DURATION_REACHED)
        if self._full or (self._limits.bytes and self._file.size >= self._limits.bytes):
            return CaptureError(AVError.MAXIMUM_FILE_SIZE_REACHED)
        room = getattr(self._file, "room", None)
        if room is not None and room < self._formats[MediaType.AUDIO].sample_rate:
            return CaptureError(AVError.MAXIMUM_NUMBER_OF_SAMPLES_FOR_FILE_FORMAT_REACHED)
        least = self._limits.free_bytes
        if least and self._kept_s and not self._batch and disk.free < least:
            return CaptureError(AVError.DISK_FULL, "less room is left than has to stay")
        return None

    def _close(self, disk: DiskFile | None, error: CaptureError | None) -> CaptureError | None:
        """Closes the file and returns the error to tell, with whether the file is good."""
        good = False
        if self._file is not None:
            try:
                self._flush()
                self._file.close()
                good = True
            except Exception as failure:
                _log.exception("a recording could not be closed")
                error = error or _unknown(
                    f"{self._path} could not be closed: {failure}", failure, "record again"
                )
            error = error or self._problem()
            assert disk is not None
            self._size = disk.size
        elif disk is not None:
            # Nobody gains by an empty file, and its folder may be gone or locked by now.
            with suppress(OSError):
                self._path.unlink()
        if disk is not None:
            with suppress(OSError):
                disk.close()
        if error is None:
            return None
        info = {**error.user_info, RECORDING_FINISHED_KEY: good}
        return CaptureError(error.code, error.detail, advice=error.advice, user_info=info)


def _joined(parts: list[NDArray[np.float32]]) -> NDArray[Any]:
    import numpy as np

    return np.concatenate(parts)


def _failure(error: OSError, path: Path) -> CaptureError:
    """Apple's error for what the system says."""
    info = {UNDERLYING_ERROR: error}
    if isinstance(error, FileExistsError):
        return CaptureError(AVError.FILE_ALREADY_EXISTS, user_info=info)
    if error.errno in _NO_ROOM:
        return CaptureError(AVError.DISK_FULL, user_info=info)
    problem = error.strerror or str(error)
    advice = "choose a folder that you may write to"
    return _unknown(f"{path} cannot be written: {problem}", error, advice)


def _unknown(detail: str, error: Exception, advice: str) -> CaptureError:
    info = {UNDERLYING_ERROR: error}
    return CaptureError(AVError.UNKNOWN, detail, advice=advice, user_info=info)
