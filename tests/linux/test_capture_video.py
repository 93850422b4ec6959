"""Cameras: the kernel's structures as they are read, and pictures through FFmpeg."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from audiosession.capture.errors import AVError, CaptureError
from audiosession.capture.host import DeviceFacts, FormatFacts, MediaType
from audiosession.capture.samples import SampleBuffer
from audiosession.hosts.linux.capture_video import CameraFeed, Cameras, open_camera_feed
from tests.capture.media_kit import DEADLINE_S, until

pytestmark = pytest.mark.anyio

SMALL = FormatFacts(media_type=MediaType.VIDEO, width=320, height=240, frame_rates=((30.0, 30.0),))


class Taker:
    """Takes what a camera gives."""

    def __init__(self) -> None:
        self.taken: list[SampleBuffer] = []
        self.error: CaptureError | None = None

    def sample(self, buffer: SampleBuffer) -> None:
        self.taken.append(buffer)

    def failed(self, error: CaptureError) -> None:
        self.error = error


async def test_pictures_come_in_order_as_planes_until_it_is_stopped() -> None:
    taker = Taker()
    source = "testsrc=size=640x480:rate=30,realtime"
    feed = await asyncio.to_thread(CameraFeed, source, SMALL, 30.0, taker, input_format="lavfi")
    await until("pictures", lambda: len(taker.taken) >= 10)
    await feed.stop()
    await feed.stop()
    count = len(taker.taken)
    await asyncio.sleep(0.1)
    assert len(taker.taken) == count
    assert taker.error is None
    for before, after in zip(taker.taken, taker.taken[1:], strict=False):
        assert after.presentation_time_s > before.presentation_time_s
        assert after.data.shape == (360, 320)
    # The pattern is a colourful one.
    assert taker.taken[0].data[:240].std() > 20


async def test_a_camera_that_ends_says_so() -> None:
    taker = Taker()
    source = "testsrc=size=320x240:rate=30:duration=0.2"
    feed = await asyncio.to_thread(CameraFeed, source, SMALL, 30.0, taker, input_format="lavfi")
    await until("the end", lambda: taker.error is not None)
    assert taker.error is not None
    assert taker.error.code == AVError.DEVICE_WAS_DISCONNECTED
    assert len(taker.taken) == 6
    await feed.stop()


def test_a_camera_that_is_not_there_is_refused() -> None:
    with pytest.raises(CaptureError) as caught:
        CameraFeed("/dev/no-video", SMALL, 30.0, Taker())
    assert caught.value.code == AVError.DEVICE_NOT_CONNECTED


class Pipe:
    """A camera's file whose driver gives a picture when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "camera"
        os.mkfifo(self.path)
        self.closed = threading.Event()
        """Nobody takes the pictures any more."""
        self._stands_still = threading.Event()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Gives pictures, one after the other."""
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def stand_still(self) -> None:
        """Gives no more of them, and does not end either."""
        self._stands_still.set()

    def end(self) -> None:
        """Ends."""
        self._stands_still.set()
        self._over.set()

    def _write(self) -> None:
        picture = b"FRAME\n" + bytes(32 * 32 * 3 // 2)
        try:
            with self.path.open("wb", buffering=0) as pipe:
                pipe.write(b"YUV4MPEG2 W32 H32 F30:1 Ip A1:1 C420jpeg\n")
                while not self._stands_still.wait(0.005):
                    pipe.write(picture)
                self._over.wait(DEADLINE_S)
        except BrokenPipeError:
            self.closed.set()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipe]:
    made = Pipe(tmp_path)
    yield made
    made.end()


async def test_a_camera_that_stands_still_does_not_hold_up_the_stop(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.hosts.linux.capture_video._STOP_S", 0.2)
    taker = Taker()
    pipe.run()
    feed = await open_camera_feed(str(pipe.path), SMALL, 30.0, taker, input_format="yuv4mpegpipe")
    await until("a picture", lambda: taker.taken)
    pipe.stand_still()
    async with asyncio.timeout(DEADLINE_S):
        await feed.stop()
    pipe.end()
    # Now that it goes on it is let go of.
    await until("its end", lambda: not feed._thread.is_alive())
    assert taker.error is None


@pytest.mark.parametrize("cancelled", [False, True], ids=["too late", "cancelled"])
async def test_a_camera_that_opens_when_nobody_waits_any_more_is_let_go_of(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    if not cancelled:
        monkeypatch.setattr("audiosession.hosts.linux.capture_video._WAIT_S", 0.2)
    opening = open_camera_feed(str(pipe.path), SMALL, 30.0, Taker(), input_format="yuv4mpegpipe")
    with pytest.raises(TimeoutError if cancelled else CaptureError):
        async with asyncio.timeout(0.2 if cancelled else DEADLINE_S):
            await opening
    pipe.run()
    await until("the end", pipe.closed.is_set)


class _Rational(ctypes.Structure):
    _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))


class _Capability(ctypes.Structure):
    _fields_ = (
        ("driver", ctypes.c_char * 16),
        ("card", ctypes.c_char * 32),
        ("bus_info", ctypes.c_char * 32),
        ("version", ctypes.c_uint32),
        ("capabilities", ctypes.c_uint32),
        ("device_caps", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class _Format(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("description", ctypes.c_char * 32),
        ("pixelformat", ctypes.c_char * 4),
        ("mbus_code", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class _Size(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_char * 4),
        ("type", ctypes.c_uint32),
        ("sizes", ctypes.c_uint32 * 6),
        ("reserved", ctypes.c_uint32 * 2),
    )


class _Interval(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_char * 4),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("intervals", _Rational * 3),
        ("reserved", ctypes.c_uint32 * 2),
    )


def _number(direction: int, number: int, kind: type[ctypes.Structure]) -> int:
    """A request's number, as the kernel's ioctl.h makes it: 1 is writing, 2 reading."""
    return direction << 30 | ctypes.sizeof(kind) << 16 | ord("V") << 8 | number


class Kernel:
    """Answers as a driver of a camera does that has two layouts and one unknown one."""

    def __init__(
        self, capabilities: int, layouts: tuple[bytes, ...] = (b"YUYV", b"H264", b"MJPG")
    ) -> None:
        self.capabilities, self.layouts = capabilities, layouts
        self.asked = 0
        """How often what it is was asked."""

    def ioctl(self, file: int, request: int, data: bytearray, mutate: bool) -> int:
        answers = {
            _number(2, 0, _Capability): self._capability,
            _number(3, 2, _Format): self._format,
            _number(3, 74, _Size): self._size,
            _number(3, 75, _Interval): self._interval,
        }
        answer = answers[request](data)
        if answer is None:
            raise OSError(22, "no more")
        data[:] = bytes(answer)
        return 0

    def _capability(self, data: bytearray) -> _Capability:
        self.asked += 1
        return _Capability(
            card=b"Integrated Camera",
            bus_info=b"usb-0000:00:14.0-8",
            capabilities=0x8000_0001,
            device_caps=self.capabilities,
        )

    def _format(self, data: bytearray) -> _Format | None:
        asked = _Format.from_buffer(data)
        assert asked.type == 1
        if asked.index >= len(self.layouts):
            return None
        return _Format(index=asked.index, type=1, pixelformat=self.layouts[asked.index])

    def _size(self, data: bytearray) -> _Size | None:
        asked = _Size.from_buffer(data)
        if asked.pixel_format == b"MJPG":
            steps = (320, 1920, 2, 240, 1080, 2)
            return None if asked.index else _Size(type=3, sizes=steps)
        discrete = ((640, 480), (1280, 720))
        if asked.index >= len(discrete):
            return None
        return _Size(index=asked.index, type=1, sizes=(*discrete[asked.index], 0, 0, 0, 0))

    def _interval(self, data: bytearray) -> _Interval | None:
        asked = _Interval.from_buffer(data)
        rates = (30, 15) if (asked.width, asked.height) == (640, 480) else (10,)
        if asked.index >= len(rates):
            return None
        one = _Rational(numerator=1, denominator=rates[asked.index])
        return _Interval(type=1, intervals=(one, _Rational(), _Rational()))


def cameras(folder: Path) -> tuple[DeviceFacts, ...]:
    """The cameras there are now."""
    watch = Cameras(lambda come, gone: None, folder)
    watch.close()
    return watch.now()


def test_a_cameras_formats_are_read_from_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("video0", "video10", "video2"):
        (tmp_path / name).touch()
    monkeypatch.setattr("fcntl.ioctl", Kernel(1).ioctl)
    found = cameras(tmp_path)
    assert [each.unique_id for each in found] == [
        f"v4l2:{tmp_path}/{name}" for name in ("video0", "video2", "video10")
    ]
    camera = found[0]
    assert camera.localized_name == "Integrated Camera"
    assert camera.model_id == "usb-0000:00:14.0-8"
    sizes = [(each.pixel_format, each.width, each.height) for each in camera.formats]
    assert sizes == [
        ("yuyv422", 640, 480),
        ("yuyv422", 1280, 720),
        ("mjpeg", 1280, 720),
        ("mjpeg", 1920, 1080),
        ("mjpeg", 640, 480),
        ("mjpeg", 320, 240),
    ]
    assert camera.formats[0].frame_rates == ((30.0, 30.0), (15.0, 15.0))


async def test_cameras_that_come_and_go_are_told_and_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(1)
    monkeypatch.setattr("fcntl.ioctl", kernel.ioctl)
    monkeypatch.setattr("audiosession.hosts.linux.capture_video._LOOK_S", 0.05)
    (tmp_path / "video0").touch()
    told: list[tuple[int, int]] = []
    watch = Cameras(lambda come, gone: told.append((len(come), len(gone))), tmp_path)
    try:
        assert [each.unique_id for each in watch.now()] == [f"v4l2:{tmp_path}/video0"]
        (tmp_path / "video1").touch()
        await until("the second", lambda: told)
        assert len(watch.now()) == 2
        assert kernel.asked == 2
        (tmp_path / "video1").unlink()
        await until("its end", lambda: len(told) == 2)
        assert told == [(1, 0), (0, 1)]
        assert kernel.asked == 2
    finally:
        await asyncio.to_thread(watch.close)


async def test_a_camera_that_is_put_in_again_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = Kernel(1)
    monkeypatch.setattr("fcntl.ioctl", kernel.ioctl)
    monkeypatch.setattr("audiosession.hosts.linux.capture_video._LOOK_S", 0.05)
    file, again = tmp_path / "video0", tmp_path / "again"
    file.touch()
    told: list[tuple[tuple[DeviceFacts, ...], tuple[DeviceFacts, ...]]] = []
    watch = Cameras(lambda *change: told.append(change), tmp_path)
    try:
        (camera,) = watch.now()
        # It is the same one when other people may open it.
        before = file.stat().st_ctime_ns
        while file.stat().st_ctime_ns == before:
            file.chmod(0o600)
        await until("a closer look", lambda: kernel.asked == 2)
        again.touch()
        again.replace(file)
        await until("the change", lambda: told)
        assert told == [((camera,), (camera,))]
    finally:
        await asyncio.to_thread(watch.close)


def test_of_one_size_what_is_cheapest_to_take_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "video0").touch()
    monkeypatch.setattr("fcntl.ioctl", Kernel(1, (b"MJPG", b"YUYV")).ioctl)
    (camera,) = cameras(tmp_path)
    named = [each.pixel_format for each in camera.formats if each.width == 640]
    assert named == ["yuyv422", "mjpeg"]


def test_what_is_no_camera_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "video0").touch()
    # Not a device at all, and one for metadata or output.
    assert cameras(tmp_path) == ()
    monkeypatch.setattr("fcntl.ioctl", Kernel(2).ioctl)
    assert cameras(tmp_path) == ()
