"""Cameras of Video4Linux: which there are, what they can, and their pictures by PyAV.

Numbers and layouts are those of the kernel's videodev2.h; the fields of each structure are
read by offset.
"""

from __future__ import annotations

import errno
import logging
import os
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ...capture.clock import MonotonicClock
from ...capture.enums import AVCaptureDeviceType
from ...capture.errors import AVError, CaptureError
from ...capture.files.pyav import import_av
from ...capture.host import DeviceFacts, FeedEvents, FormatFacts, MediaType
from ...capture.samples import SampleBuffer
from .capture_threads import in_thread, open_in_thread

__all__ = ["CameraFeed", "Cameras", "open_camera_feed"]

_log = logging.getLogger("audiosession")

_QUERYCAP = 0x8068_5600
_ENUM_FMT = 0xC040_5602
_ENUM_FRAMESIZES = 0xC02C_564A
_ENUM_FRAMEINTERVALS = 0xC034_564B
_CAPTURE = 1
_DEVICE_CAPS = 0x8000_0000
_DISCRETE = 1
_MOST = 64
_OPEN_S = 10.0
# FFmpeg's own limit does not end a call of the driver that hangs.
_WAIT_S = 12.0
_STOP_S = 3.0
_LOOK_S = 1.0
_File = tuple[str, int, int]
# What FFmpeg calls the kernel's formats, the cheapest to take first.
_FORMATS = {
    "YU12": "yuv420p",
    "NV12": "nv12",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "MJPG": "mjpeg",
}


class Cameras:
    """The cameras there are, followed until it is closed.

    To ask a camera may wake it, so each is asked once for as long as its device file stays as
    it is. A camera that is pulled out and put in again between two looks has another file.

    Args:
        changed: Told, in a thread, which cameras have come and which have gone.
        folder: Where the device files are.
    """

    def __init__(
        self,
        changed: Callable[[tuple[DeviceFacts, ...], tuple[DeviceFacts, ...]], None],
        folder: Path = Path("/dev"),
    ) -> None:
        self._changed, self._folder = changed, folder
        self._known: dict[_File, DeviceFacts | None] = {}
        self._over = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._run, name="audiosession cameras", daemon=True)
        self._thread.start()

    def now(self) -> tuple[DeviceFacts, ...]:
        """The cameras, as they were in the last second."""
        return tuple(_cameras(self._known).values())

    def close(self) -> None:
        """Ends the thread."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_LOOK_S):
            before = _cameras(self._known)
            self._look()
            now = _cameras(self._known)
            come = tuple(each for file, each in now.items() if file not in before)
            gone = tuple(each for file, each in before.items() if file not in now)
            if come or gone:
                try:
                    self._changed(come, gone)
                except Exception:
                    _log.exception("a change of cameras could not be told")

    def _look(self) -> None:
        known = self._known
        self._known = {
            file: known[file] if file in known else _camera(self._folder / file[0])
            for file in _device_files(self._folder)
        }


def _cameras(known: dict[_File, DeviceFacts | None]) -> dict[tuple[str, int], DeviceFacts]:
    """The cameras by name and inode, which stay when somebody changes who may open a file."""
    return {(name, inode): each for (name, inode, _), each in known.items() if each is not None}


def _device_files(folder: Path) -> Iterator[_File]:
    for path in sorted(folder.glob("video[0-9]*"), key=lambda each: (len(each.name), each.name)):
        # It may go while it is looked at.
        with suppress(OSError):
            about = path.stat()
            yield path.name, about.st_ino, about.st_ctime_ns


class CameraFeed:
    """A camera that is running; a :class:`~audiosession.capture.host.Feed`.

    Pictures have the times of the kernel, which are those of the monotonic clock.

    Args:
        path: The device file; anything FFmpeg's ``input_format`` opens.
        format: Size and FFmpeg's name of the layout.
        frame_rate: Pictures a second.
        events: Who is given the pictures.
        input_format: FFmpeg's name of the way in.

    Raises:
        CaptureError: it cannot be opened.
        ExtraMissingError: PyAV is not installed.
    """

    def __init__(
        self,
        path: str,
        format: FormatFacts,
        frame_rate: float,
        events: FeedEvents,
        *,
        input_format: str = "v4l2",
    ) -> None:
        av = import_av()
        self._format, self._frame_rate, self._events = format, frame_rate, events
        self._clock = MonotonicClock()
        self._over = threading.Event()
        options = {}
        if input_format == "v4l2":
            options = {
                "video_size": f"{format.width}x{format.height}",
                "framerate": f"{frame_rate:g}",
                "input_format": format.pixel_format,
            }
        try:
            self._container: Any = av.open(
                path, format=input_format, options=options, timeout=(_OPEN_S, 2.0)
            )
        except av.FFmpegError as error:
            raise CaptureError(_code(error), f"{path} cannot be opened: {error}") from error
        self._thread = threading.Thread(target=self._run, name="audiosession camera", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """See :class:`~audiosession.capture.host.Feed`."""
        try:
            await in_thread(self.end, _STOP_S)
        except TimeoutError:
            _log.warning("a camera does not answer; it is let go of when it does")

    def end(self) -> None:
        """As :meth:`stop`, for as long as it takes; in any thread but the feed's own."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        av = import_av()
        out = FormatFacts(
            media_type=MediaType.VIDEO,
            width=self._format.width,
            height=self._format.height,
            frame_rates=self._format.frame_rates,
        )
        error: CaptureError | None = None
        try:
            for frame in self._container.decode(video=0):
                if self._over.is_set():
                    break
                self._events.sample(self._buffer(frame, out))
            else:
                error = CaptureError(AVError.DEVICE_WAS_DISCONNECTED)
        except av.FFmpegError as failure:
            error = CaptureError(AVError.DEVICE_WAS_DISCONNECTED, f"the camera ended: {failure}")
        finally:
            self._container.close()
        if error is not None and not self._over.is_set():
            self._events.failed(error)

    def _buffer(self, frame: Any, out: FormatFacts) -> SampleBuffer:
        now_s = self._clock.now_s()
        at_s = now_s if frame.time is None else float(frame.time)
        # A driver may time by another clock; a picture is never long on its way.
        if not 0.0 <= now_s - at_s < 1.0:
            at_s = now_s
        if frame.format.name != "yuv420p" or (frame.width, frame.height) != (out.width, out.height):
            frame = frame.reformat(width=out.width, height=out.height, format="yuv420p")
        return SampleBuffer(
            media_type=MediaType.VIDEO,
            presentation_time_s=at_s,
            duration_s=1 / self._frame_rate,
            format=out,
            data=frame.to_ndarray(),
        )


async def open_camera_feed(
    path: str,
    format: FormatFacts,
    frame_rate: float,
    events: FeedEvents,
    *,
    input_format: str = "v4l2",
) -> CameraFeed:
    """Opens a camera without holding up the event loop; see :class:`CameraFeed`.

    Raises:
        CaptureError: it cannot be opened, or does not answer.
        ExtraMissingError: PyAV is not installed.
    """
    make = partial(CameraFeed, path, format, frame_rate, events, input_format=input_format)
    try:
        return await open_in_thread(make, _WAIT_S)
    except TimeoutError:
        raise CaptureError(
            AVError.UNKNOWN, f"{path} does not answer", advice="plug the camera in again"
        ) from None


def _code(error: OSError) -> AVError:
    if error.errno == errno.EBUSY:
        return AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION
    if error.errno in (errno.EPERM, errno.EACCES):
        return AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE
    return AVError.DEVICE_NOT_CONNECTED


def _camera(path: Path) -> DeviceFacts | None:
    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        _log.debug("%s is no camera for us: %s", path, error)
        return None
    try:
        answer = _ask(file, _QUERYCAP, bytearray(104))
        if answer is None:
            return None
        able, here = struct.unpack_from("<II", answer, 84)
        if not (here if able & _DEVICE_CAPS else able) & _CAPTURE:
            return None
        # The first of several of one size is taken, and drivers have them in any order.
        order = list(_FORMATS.values())
        formats = tuple(sorted(_formats(file), key=lambda each: order.index(each.pixel_format)))
        if not formats:
            return None
        card, bus = _text(answer, 16, 32), _text(answer, 48, 32)
        return DeviceFacts(
            unique_id=f"v4l2:{path}",
            localized_name=card or path.name,
            model_id=bus,
            media_types=(MediaType.VIDEO,),
            device_type=AVCaptureDeviceType.EXTERNAL,
            formats=formats,
        )
    finally:
        os.close(file)


def _formats(file: int) -> Iterator[FormatFacts]:
    seen = set()
    for index in range(_MOST):
        kind = _ask(
            file, _ENUM_FMT, bytearray(struct.pack("<II", index, _CAPTURE)).ljust(64, b"\0")
        )
        if kind is None:
            return
        code = bytes(kind[44:48])
        name = _FORMATS.get(code.decode("latin-1"))
        if name is None:
            continue
        for width, height in _sizes(file, code):
            rates = tuple(_rates(file, code, width, height)) or ((1.0, 30.0),)
            if (width, height, name) not in seen and width % 2 == 0 and height % 2 == 0:
                seen.add((width, height, name))
                yield FormatFacts(
                    media_type=MediaType.VIDEO,
                    width=width,
                    height=height,
                    frame_rates=rates,
                    pixel_format=name,
                )


def _sizes(file: int, code: bytes) -> Iterator[tuple[int, int]]:
    for index in range(_MOST):
        ask = bytearray(struct.pack("<I", index) + code).ljust(44, b"\0")
        answer = _ask(file, _ENUM_FRAMESIZES, ask)
        if answer is None:
            return
        kind, *numbers = struct.unpack_from("<I6I", answer, 8)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
        else:
            # Any size in steps: the usual ones among them.
            low_w, high_w, step_w, low_h, high_h, step_h = numbers
            for width, height in ((1280, 720), (1920, 1080), (640, 480), (320, 240)):
                fits_w = low_w <= width <= high_w and (width - low_w) % max(1, step_w) == 0
                fits_h = low_h <= height <= high_h and (height - low_h) % max(1, step_h) == 0
                if fits_w and fits_h:
                    yield width, height
            return


def _rates(file: int, code: bytes, width: int, height: int) -> Iterator[tuple[float, float]]:
    for index in range(_MOST):
        ask = struct.pack("<I4sII", index, code, width, height)
        answer = _ask(file, _ENUM_FRAMEINTERVALS, bytearray(ask).ljust(52, b"\0"))
        if answer is None:
            return
        kind, low, under, high, below = struct.unpack_from("<I4I", answer, 16)
        if not low or (kind != _DISCRETE and not high):
            return
        if kind == _DISCRETE:
            yield under / low, under / low
        else:
            yield below / high, under / low
            return


def _ask(file: int, request: int, data: bytearray) -> bytearray | None:
    import fcntl

    try:
        fcntl.ioctl(file, request, data, True)
    except OSError:
        return None
    return data


def _text(data: bytearray, at: int, length: int) -> str:
    return bytes(data[at : at + length]).split(b"\0")[0].decode("utf-8", "replace")
