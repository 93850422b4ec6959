"""What outputs that write files have in common."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from audiosession.errors import InvalidTypeError, InvalidValueError

from ..errors import AVError, CaptureError, NSInvalidArgumentException
from ..host import HostClock, MediaType
from ..samples import SampleBuffer
from ..writing import Limits, MakeFile, Recording, RecordingEvents
from .base import AVCaptureOutput, Connection

__all__ = [
    "AVCaptureFileOutput",
    "AVCaptureFileOutputRecordingDelegate",
    "RecordingDelegate",
]

_FINISHED = "file_output_did_finish_recording_to"


class RecordingDelegate(Protocol):
    """What a recording delegate must have."""

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...], error: CaptureError | None
    ) -> None:
        """See :class:`AVCaptureFileOutputRecordingDelegate`."""


class AVCaptureFileOutputRecordingDelegate(RecordingDelegate, Protocol):
    """Who hears of a recording, in the session's event loop. All but the last may be missing."""

    def file_output_did_start_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...]
    ) -> None:
        """The file is there and has its first sample."""

    def file_output_did_start_recording_to_start_pts(
        self, output: Any, url: Path, start_pts: float, connections: tuple[Any, ...]
    ) -> None:
        """The same, with the time of that sample in seconds of the session's clock. Where
        both are there, only this one is called."""

    def file_output_did_pause_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...]
    ) -> None:
        """Nothing is added any more."""

    def file_output_did_resume_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...]
    ) -> None:
        """It goes on."""

    def file_output_will_finish_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...], error: CaptureError | None
    ) -> None:
        """The last sample is written; the file is closed next."""

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, connections: tuple[Any, ...], error: CaptureError | None
    ) -> None:
        """It is over. ``error`` is ``None`` where the app ended it; else its user info says by
        ``AVErrorRecordingSuccessfullyFinishedKey`` whether the file is good all the same."""


class _Running:
    """One recording and who hears of it."""

    def __init__(self, path: Path, delegate: Any, connections: tuple[Connection, ...]) -> None:
        self.path = path
        self.delegate = delegate
        self.connections = connections
        self.recording: Recording | None = None
        self.paused = False
        self.error: CaptureError | None = None
        self.over = threading.Event()
        self.waiting: list[asyncio.Future[CaptureError | None]] = []


class AVCaptureFileOutput(AVCaptureOutput):
    """Writes what it is given to files, one at a time; the base of outputs that do.

    A file is valid whatever ends it, and what of it is on disk can be played up to the last
    two seconds at any time, also when the process is killed.
    """

    def __init__(self) -> None:
        super().__init__()
        # Replaced, never changed: other threads read it.
        self._current: _Running | None = None
        self._last: _Running | None = None
        self._max_duration: float | None = None
        self._max_bytes = 0
        self._min_free = 0
        self._delegate: Any = None

    # -- what it is doing --------------------------------------------------------------------

    @property
    def is_recording(self) -> bool:
        """Whether a recording was begun and is not ended; true in a pause as well."""
        return self._current is not None

    @property
    def is_recording_paused(self) -> bool:
        """Whether a recording is paused."""
        return self._current is not None and self._current.paused

    @property
    def output_file_url(self) -> Path | None:
        """The file being recorded to; ``None`` when there is none."""
        return None if self._current is None else self._current.path

    @property
    def recorded_duration(self) -> float:
        """How much the current or the last recording has, in seconds; 0.0 without any."""
        recording = self._recording
        return 0.0 if recording is None else recording.duration_s

    @property
    def recorded_file_size(self) -> int:
        """How large the current or the last file is about, in bytes; 0 without any."""
        recording = self._recording
        return 0 if recording is None else recording.size

    @property
    def dropped_frames(self) -> int:
        """How many pictures the current or the last recording lost to a slow disk or encoder."""
        recording = self._recording
        return 0 if recording is None else recording.dropped

    # -- limits ------------------------------------------------------------------------------

    @property
    def max_recorded_duration(self) -> float | None:
        """How long a recording may be, in seconds; ``None`` at first: no limit.

        Counts for recordings begun afterwards. At the limit a recording ends with
        ``MAXIMUM_DURATION_REACHED``.

        Raises:
            InvalidTypeError, InvalidValueError: no number above 0.
        """
        return self._max_duration

    @max_recorded_duration.setter
    def max_recorded_duration(self, value: float | None) -> None:
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidTypeError(
                    "max_recorded_duration", value, expected="a number of seconds, or None"
                )
            if not value > 0:
                raise InvalidValueError("max_recorded_duration", value, expected="a number above 0")
            value = None if value == float("inf") else float(value)
        self._max_duration = value

    @property
    def max_recorded_file_size(self) -> int:
        """How large a file may be, in bytes; 0 at first: no limit.

        Counts for recordings begun afterwards. Before the limit is passed a recording ends
        with ``MAXIMUM_FILE_SIZE_REACHED``.

        Raises:
            InvalidTypeError, InvalidValueError: no integer from 0.
        """
        return self._max_bytes

    @max_recorded_file_size.setter
    def max_recorded_file_size(self, value: int) -> None:
        self._max_bytes = _bytes("max_recorded_file_size", value)

    @property
    def min_free_disk_space_limit(self) -> int:
        """How much room has to stay on the disk, in bytes; 0 at first: none.

        Counts for recordings begun afterwards. A recording that would leave less ends with
        ``DISK_FULL``.

        Raises:
            InvalidTypeError, InvalidValueError: no integer from 0.
        """
        return self._min_free

    @min_free_disk_space_limit.setter
    def min_free_disk_space_limit(self, value: int) -> None:
        self._min_free = _bytes("min_free_disk_space_limit", value)

    @property
    def delegate(self) -> Any:
        """Kept, and never asked anything: ``AVCaptureFileOutputDelegate`` is macOS's means to
        begin at a certain sample."""
        return self._delegate

    @delegate.setter
    def delegate(self, value: Any) -> None:
        self._delegate = value

    # -- recording ---------------------------------------------------------------------------

    def start_recording(
        self, to: str | os.PathLike[str], recording_delegate: RecordingDelegate
    ) -> None:
        """Begins to record to a new file.

        What goes wrong from here on is told to the delegate: ``FILE_ALREADY_EXISTS``, a path
        that cannot be written, ``SESSION_NOT_RUNNING``.

        Args:
            to: A path, or a ``file:`` URL.
            recording_delegate: Has ``file_output_did_finish_recording_to``
                at least.

        Raises:
            NSInvalidArgumentException: no file URL, a name that says no type of file this
                output writes, no enabled connection, settings that cannot be.
            InvalidTypeError: no path, or no delegate.
            CaptureError: ``RECORDING_ALREADY_IN_PROGRESS``.
        """
        self._begin_recording(path_of(to), recording_delegate)

    def stop_recording(self) -> None:
        """Ends the recording; the delegate hears when the file is closed. Else does nothing."""
        self._finish(None)

    def pause_recording(self) -> None:
        """Leaves out what comes from now on until the recording is resumed."""
        running = self._current
        if running is not None and not running.paused and running.recording is not None:
            running.paused = True
            running.recording.pause(self._now_s())

    def resume_recording(self) -> None:
        """Goes on in the same file."""
        running = self._current
        if running is not None and running.paused and running.recording is not None:
            running.paused = False
            running.recording.resume(self._now_s())

    async def recording_finished(self) -> CaptureError | None:
        """Waits until the current or last recording's file is closed; its error, as told.

        Returns at once where nothing was ever recorded.
        """
        running = self._current or self._last
        if running is None:
            return None
        if running.over.is_set():
            return running.error
        future: asyncio.Future[CaptureError | None] = asyncio.get_running_loop().create_future()
        running.waiting.append(future)
        return await future

    # -- for subclasses ----------------------------------------------------------------------

    def _make(self, path: Path, connections: tuple[Connection, ...]) -> MakeFile:
        """What makes the file's inside; raises where the path or settings cannot be."""
        raise NotImplementedError

    def _begin_recording(self, path: Path, delegate: Any) -> None:
        if not callable(getattr(delegate, _FINISHED, None)):
            raise InvalidTypeError(
                "recording_delegate", delegate, expected=f"an object with a method {_FINISHED}"
            )
        if self._current is not None:
            raise CaptureError(AVError.RECORDING_ALREADY_IN_PROGRESS)
        connections = tuple(
            each for each in self._connections if getattr(each, "is_enabled", each.enabled)
        )
        if not connections:
            raise NSInvalidArgumentException(
                "there is no enabled connection", advice="add an input to the session first"
            )
        make = self._make(path, connections)
        running = _Running(path, delegate, connections)
        if self._clock is None:
            self._refuse(running, CaptureError(AVError.SESSION_NOT_RUNNING))
            return
        limits = Limits(
            duration_s=self._max_duration, bytes=self._max_bytes, free_bytes=self._min_free
        )
        tell = partial(self._hear, running)
        events = RecordingEvents(
            started=partial(tell, self._started),
            paused=partial(tell, self._paused),
            resumed=partial(tell, self._resumed),
            finishing=partial(tell, self._finishing),
            finished=partial(tell, self._finished),
        )
        media = frozenset(each.media_type for each in connections)
        running.recording = Recording(path, make, media, limits, events)
        self._current = running
        running.recording.start()

    # -- for the session ---------------------------------------------------------------------

    def _begin(self, loop: asyncio.AbstractEventLoop, clock: HostClock) -> None:
        super()._begin(loop, clock)

    def _end(self, error: CaptureError | None = None) -> None:
        super()._end(error)
        self._finish(error)

    def _disconnect(self, connection: Connection) -> None:
        super()._disconnect(connection)
        running = self._current
        if running is not None and connection in running.connections:
            self._finish(CaptureError(AVError.SESSION_CONFIGURATION_CHANGED))

    def _take(self, connection: Connection, sample: SampleBuffer) -> None:
        running = self._current
        if running is not None and running.recording is not None:
            running.recording.take(sample)

    # -- inside ------------------------------------------------------------------------------

    @property
    def _recording(self) -> Recording | None:
        running = self._current or self._last
        return None if running is None else running.recording

    def _now_s(self) -> float:
        return 0.0 if self._clock is None else self._clock.now_s()

    def _finish(self, error: CaptureError | None) -> None:
        running = self._current
        if running is not None and running.recording is not None:
            running.recording.finish(error)

    def _refuse(self, running: _Running, error: CaptureError) -> None:
        """Tells of a recording that never begins, after the call has returned."""
        loop = self._loop or asyncio.get_running_loop()
        self._current = running
        loop.call_soon(self._guarded, self._finished, running, error)

    def _hear(self, running: _Running, what: Callable[..., None], *arguments: object) -> None:
        self._tell(what, running, *arguments)

    def _call(self, running: _Running, name: str, *arguments: object) -> bool:
        method = getattr(running.delegate, name, None)
        if method is None:
            return False
        self._guarded(method, self, running.path, *arguments)
        return True

    def _started(self, running: _Running, at_s: float) -> None:
        name = "file_output_did_start_recording_to"
        if not self._call(running, f"{name}_start_pts", at_s, running.connections):
            self._call(running, name, running.connections)

    def _paused(self, running: _Running) -> None:
        name = "file_output_did_pause_recording_to"
        self._call(running, name, running.connections)

    def _resumed(self, running: _Running) -> None:
        name = "file_output_did_resume_recording_to"
        self._call(running, name, running.connections)

    def _finishing(self, running: _Running, error: CaptureError | None) -> None:
        name = "file_output_will_finish_recording_to"
        self._call(running, name, running.connections, error)

    def _finished(self, running: _Running, error: CaptureError | None) -> None:
        if self._current is running:
            self._current = None
        self._last = running
        running.error = error
        running.over.set()
        self._call(running, _FINISHED, running.connections, error)
        for future in running.waiting:
            if not future.done():
                future.set_result(error)


def path_of(to: str | os.PathLike[str]) -> Path:
    """The path that is meant.

    Raises:
        NSInvalidArgumentException: a URL of another scheme, or an empty text.
        InvalidTypeError: no path.
    """
    if not isinstance(to, str | os.PathLike):
        raise InvalidTypeError("to", to, expected="a path or a file URL")
    text = os.fspath(to)
    if isinstance(to, str) and "://" in text:
        parts = urlsplit(text)
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            raise NSInvalidArgumentException(
                f"{text!r} is not the URL of a file here", advice="give a path", field="to"
            )
        text = unquote(parts.path)
    if not text or "\0" in text:
        raise NSInvalidArgumentException("a recording needs a path", field="to")
    return Path(text)


def _bytes(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidTypeError(name, value, expected="an integer number of bytes")
    if value < 0:
        raise InvalidValueError(name, value, expected="an integer from 0")
    return value


def frame_rate_of(connection: Connection | None, fallback: float = 30.0) -> float:
    """About how many pictures a second come through a connection."""
    for port in getattr(connection, "input_ports", ()):
        facts = port.format_description
        if facts is not None and facts.frame_rates:
            return float(max(high for _, high in facts.frame_rates))
    return fallback


def connection_of(connections: tuple[Connection, ...], media_type: MediaType) -> Connection | None:
    """The connection of a medium among several."""
    return next((each for each in connections if each.media_type is media_type), None)
