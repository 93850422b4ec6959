"""What outputs that write files have in common."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from audiosession.errors import IllegalRequestError, InvalidTypeError, InvalidValueError

from ..errors import UNDERLYING_ERROR, AVError, CaptureError, NSInvalidArgumentException
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
        # The file is closed, which the app may not have been told yet.
        self.closed = False
        # The app was told, as far as it can hear.
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

        Counts for recordings begun afterwards, which end at it with
        ``MAXIMUM_FILE_SIZE_REACHED``. It is exact for WAV and FLAC alone; how much an encoder
        still holds for other files is a guess.

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
        that cannot be written, ``SESSION_NOT_RUNNING``. The last one is raised where there is
        no event loop to tell it in, as before the first start.

        Args:
            to: A path, or a ``file:`` URL.
            recording_delegate: Has ``file_output_did_finish_recording_to``
                at least.

        Raises:
            NSInvalidArgumentException: no file URL, a name that says no type of file this
                output writes, no active connection, settings that cannot be.
            InvalidTypeError: no path, or no delegate.
            CaptureError: ``RECORDING_ALREADY_IN_PROGRESS``; ``SESSION_NOT_RUNNING`` where
                nobody can be told of it.
        """
        self._begin_recording(path_of(to), recording_delegate)

    def stop_recording(self) -> None:
        """Ends the recording; the delegate hears when the file is closed. Else does nothing."""
        self._finish(None)

    def pause_recording(self) -> None:
        """Leaves out what comes from now on until the recording is resumed."""
        running, clock = self._current, self._clock
        if running is None or running.recording is None or clock is None:
            return
        if not running.paused:
            running.paused = True
            running.recording.pause(clock.now_s())

    def resume_recording(self) -> None:
        """Goes on in the same file."""
        running, clock = self._current, self._clock
        if running is None or running.recording is None or clock is None:
            return
        if running.paused:
            running.paused = False
            running.recording.resume(clock.now_s())

    async def recording_finished(self) -> CaptureError | None:
        """Waits until the current or last recording's file is closed; its error, as told.

        Returns at once where nothing was ever recorded. May be awaited in any event loop.
        """
        self._let_go_unheard()
        running = self._current or self._last
        if running is None:
            return None
        future: asyncio.Future[CaptureError | None] = asyncio.get_running_loop().create_future()
        running.waiting.append(future)
        # It may have ended before it could know of the future.
        if running.over.is_set():
            return running.error
        return await future

    def wait_for_recording(self, timeout_s: float | None = None) -> CaptureError | None:
        """As :meth:`recording_finished`, blocking, for programs without an event loop.

        A program that ends before loses what was not written yet.

        Args:
            timeout_s: How long at most, in seconds; ``None``: as long as it takes.

        Raises:
            TimeoutError: the file is not closed in that time.
            IllegalRequestError: called in the session's event loop, which has to go on for
                the recording to end.
        """
        self._let_go_unheard()
        running = self._current or self._last
        if running is None:
            return None
        if running.over.is_set():
            return running.error
        if self._loop is not None and _running_loop() is self._loop:
            raise IllegalRequestError(
                "the session's event loop cannot be blocked; await recording_finished()"
            )
        if not running.over.wait(timeout_s):
            raise TimeoutError(f"{running.path} is not closed after {timeout_s} s")
        return running.error

    # -- for subclasses ----------------------------------------------------------------------

    def _make(self, path: Path, connections: tuple[Connection, ...]) -> MakeFile:
        """What makes the file's inside; raises where the path or settings cannot be."""
        raise NotImplementedError

    def _begin_recording(self, path: Path, delegate: Any) -> None:
        if not callable(getattr(delegate, _FINISHED, None)):
            raise InvalidTypeError(
                "recording_delegate", delegate, expected=f"an object with a method {_FINISHED}"
            )
        self._let_go_unheard()
        if self._current is not None:
            raise CaptureError(AVError.RECORDING_ALREADY_IN_PROGRESS)
        connections = tuple(each for each in self._connections if getattr(each, "is_active", True))
        if not connections:
            raise NSInvalidArgumentException(
                "there is no active connection",
                advice="add an input to the session first, and enable its ports and connections",
            )
        make = self._make(path, connections)
        running = _Running(path, delegate, connections)
        if self._clock is None:
            self._refuse(running, self._not_running())
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
            finished=partial(self._closed, running),
        )
        media = frozenset(each.media_type for each in connections)
        running.recording = Recording(path, make, media, limits, events)
        self._current = running
        running.recording.start()

    # -- for the session ---------------------------------------------------------------------

    def _begin(self, loop: asyncio.AbstractEventLoop, clock: HostClock) -> None:
        self._let_go_unheard()
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
        if running is None or running.recording is None:
            return
        # A connection that came to be active since is none of the file's.
        if any(each is connection for each in running.connections):
            running.recording.take(sample)

    # -- inside ------------------------------------------------------------------------------

    @property
    def _recording(self) -> Recording | None:
        running = self._current or self._last
        return None if running is None else running.recording

    def _finish(self, error: CaptureError | None) -> None:
        running = self._current
        if running is not None and running.recording is not None:
            running.recording.finish(error)

    def _not_running(self) -> CaptureError:
        """That nothing flows, and why, where the session stopped by itself."""
        why: CaptureError | None = getattr(self._session, "_failure", None)
        if why is None:
            return CaptureError(AVError.SESSION_NOT_RUNNING)
        return CaptureError(
            AVError.SESSION_NOT_RUNNING,
            f"the session does not run: {why.detail}",
            advice=why.advice,
            user_info={UNDERLYING_ERROR: why},
        )

    def _refuse(self, running: _Running, error: CaptureError) -> None:
        """Tells of a recording that never begins, after the call has returned.

        Raises:
            CaptureError: that error; there is no event loop to tell it in.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            loop = _running_loop()
        if loop is None:
            raise error
        self._current = running
        try:
            loop.call_soon_threadsafe(self._guarded, self._finished, running, error)
        except RuntimeError:
            self._current = None
            raise error from None

    def _closed(self, running: _Running, error: CaptureError | None) -> None:
        """The file is closed; in the recording's thread."""
        running.error, running.closed = error, True
        if not self._tell(self._finished, running, error):
            self._release(running)

    def _let_go_unheard(self) -> None:
        """Makes an end known whose event loop was closed before it could be told there."""
        running = self._current
        if (
            running is not None
            and running.closed
            and (self._loop is None or self._loop.is_closed())
        ):
            self._release(running)

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
        running.error = error
        if self._current is running:
            self._current = None
        self._last = running
        try:
            self._call(running, _FINISHED, running.connections, error)
        finally:
            self._release(running)

    def _release(self, running: _Running) -> None:
        """Lets the next recording begin and those go on who wait for this one; in any thread."""
        if self._current is running:
            self._current = None
        if not running.over.is_set():
            self._last = running
        running.over.set()
        for future in running.waiting:
            # Each belongs to the event loop in which somebody waits, which may be closed.
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_settle, future, running.error)


def _settle(future: asyncio.Future[CaptureError | None], error: CaptureError | None) -> None:
    if not future.done():
        future.set_result(error)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


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
        raise NSInvalidArgumentException(
            f"{text!r} is no path", advice="give the path of a new file", field="to"
        )
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
        # What its input was set to; None is the format's fastest.
        rate = getattr(port.input, "_frame_rate", None)
        if rate is not None:
            return float(rate)
        facts = port.format_description
        if facts is not None and facts.frame_rates:
            return float(max(high for _, high in facts.frame_rates))
    return fallback


def connection_of(connections: tuple[Connection, ...], media_type: MediaType) -> Connection | None:
    """The connection of a medium among several."""
    return next((each for each in connections if each.media_type is media_type), None)
