"""Shorthand for tests of capture sessions on a simulated phone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from audiosession.apple import Notification, NotificationCenter, NSError
from audiosession.capture import (
    AVCaptureDevice,
    AVCaptureDeviceInput,
    AVCaptureDevicePosition,
    AVCaptureOutput,
    AVCaptureSession,
    AVCaptureSessionNotificationName,
    AVCaptureSessionUserInfoKey,
    AVError,
    AVMediaType,
    CaptureError,
    SampleBuffer,
)
from audiosession.capture.host import HostClock
from audiosession.hosts.simulated import SimulatedApp

Name = AVCaptureSessionNotificationName
Key = AVCaptureSessionUserInfoKey
UP, DOWN, ERROR = Name.DID_START_RUNNING, Name.DID_STOP_RUNNING, Name.RUNTIME_ERROR
BEGAN, ENDED = Name.WAS_INTERRUPTED, Name.INTERRUPTION_ENDED
SOUND, PICTURES = AVMediaType.AUDIO, AVMediaType.VIDEO
BACK, FRONT = AVCaptureDevicePosition.BACK, AVCaptureDevicePosition.FRONT


class Taker(AVCaptureOutput):
    """An output that keeps what it is given, and when it was begun and ended."""

    media_types: ClassVar[tuple[AVMediaType, ...]] = (SOUND, PICTURES)

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[SampleBuffer] = []
        self.story: list[str | CaptureError] = []

    def _begin(self, loop: asyncio.AbstractEventLoop, clock: HostClock) -> None:
        super()._begin(loop, clock)
        self.story.append("begin")

    def _end(self, error: CaptureError | None = None) -> None:
        super()._end(error)
        self.story.append(error or "end")

    def _take(self, connection: Any, sample: SampleBuffer) -> None:
        self.taken.append(sample)

    @property
    def codes(self) -> list[int | str]:
        """Its story, with the codes of errors."""
        return [each.code if isinstance(each, CaptureError) else each for each in self.story]

    def count(self, media_type: AVMediaType) -> int:
        """How many samples of a medium it has, and forgets them."""
        found = sum(each.media_type is media_type for each in self.taken)
        self.taken = [each for each in self.taken if each.media_type is not media_type]
        return found


class SoundTaker(Taker):
    """One that takes sound alone."""

    media_types = (SOUND,)


class PictureTaker(Taker):
    """One that takes pictures alone."""

    media_types = (PICTURES,)


def device(
    app: SimulatedApp,
    media_type: AVMediaType,
    position: AVCaptureDevicePosition = AVCaptureDevicePosition.UNSPECIFIED,
) -> AVCaptureDevice:
    """The first device that gives a medium and sits there."""
    found = AVCaptureDevice.default(media_type, position=position, audio_session=app.session)
    assert found is not None
    return found


def microphone(app: SimulatedApp) -> AVCaptureDeviceInput:
    """An input of the app's microphone."""
    return AVCaptureDeviceInput(device(app, SOUND))


def camera(
    app: SimulatedApp, position: AVCaptureDevicePosition = AVCaptureDevicePosition.BACK
) -> AVCaptureDeviceInput:
    """An input of one of the app's cameras."""
    return AVCaptureDeviceInput(device(app, PICTURES, position))


def session_of(
    app: SimulatedApp, *, sound: bool = True, pictures: bool = False
) -> tuple[AVCaptureSession, Taker]:
    """A session with one output, and with a microphone, a camera, or both."""
    session, output = AVCaptureSession(app.session), Taker()
    if sound:
        session.add_input(microphone(app))
    if pictures:
        session.add_input(camera(app))
    session.add_output(output)
    return session, output


async def settled(session: AVCaptureSession) -> None:
    """Waits until what runs is what ought to run."""
    while session._worker is not None and not session._worker.done():
        await asyncio.wait([session._worker])


class Told:
    """The notifications of one object, in order."""

    def __init__(self, of: object) -> None:
        self.all: list[Notification] = []
        self._token = NotificationCenter.default().add_observer(None, self.all.append, of)

    def close(self) -> None:
        NotificationCenter.default().remove_observer(self._token)

    @property
    def names(self) -> list[str]:
        """What happened; forgotten with that."""
        names = [each.name for each in self.all]
        self.all.clear()
        return names

    def info(self, name: Name, key: Key) -> list[Any]:
        """What came along with the notifications of that name."""
        return [each.user_info[key] for each in self.all if each.name == name]

    @property
    def errors(self) -> list[int]:
        """The codes of the runtime errors."""
        return [error.code for error in self.info(Name.RUNTIME_ERROR, Key.ERROR)]


@contextmanager
def told(of: object) -> Iterator[Told]:
    listener = Told(of)
    try:
        yield listener
    finally:
        listener.close()


@contextmanager
def fails(code: AVError) -> Iterator[None]:
    """What runs inside fails with that code."""
    with pytest.raises(NSError) as caught:
        yield
    assert caught.value.code is code
