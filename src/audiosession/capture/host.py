"""What capturing needs of a host beyond what every host gives.

A host offers a :class:`CaptureHost` as its attribute ``capture_host``. Where it does not,
whoever wants to capture gets :class:`~audiosession.errors.UnsupportedError`.

Data flows one way: a :class:`Feed` hands the samples of one device to the pipeline, which
brings them to outputs; the session never sees one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from audiosession.capture.enums import (
    AVAuthorizationStatus,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureSessionInterruptionReason,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from audiosession.capture.errors import CaptureError

if TYPE_CHECKING:
    from audiosession.capture.samples import SampleBuffer

__all__ = [
    "CaptureHost",
    "CaptureHostEvents",
    "DeviceFacts",
    "Feed",
    "FeedEvents",
    "FormatFacts",
    "HostClock",
    "MediaType",
]

MediaType = AVMediaType
"""What kind of samples there are; a device here gives ``AUDIO`` or ``VIDEO``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatFacts:
    """One way in which a device can give samples, or the way in which it does."""

    media_type: MediaType
    """Sound or pictures."""
    width: int = 0
    """Width of a picture, in pixels; 0 for sound."""
    height: int = 0
    """Height of a picture, in pixels; 0 for sound."""
    frame_rates: tuple[tuple[float, float], ...] = ()
    """Ranges of pictures per second, slowest and fastest; empty for sound."""
    sample_rate: float = 0.0
    """Rate of sound, in Hz; 0 for pictures."""
    channels: int = 0
    """Channels of sound; 0 for pictures."""
    pixel_format: str = "yuv420p"
    """How a picture is laid out, in FFmpeg's words; means nothing for sound."""
    multi_cam: bool = False
    """Whether several cameras can run together when they have such formats."""
    hardware_cost: float = 0.0
    """Share of the hardware's means that it takes, 0.0 to 1.0 and above; a session's formats
    may come to 1.0 together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """A microphone or camera as it is."""

    unique_id: str
    """Its name for programs, no other device's while it is there. The same the next time it is
    connected, as far as the system can tell; a camera's of Linux goes by the order of coming."""
    localized_name: str
    """Its name for people."""
    model_id: str = ""
    """Its model."""
    manufacturer: str = ""
    """Who makes it."""
    media_types: tuple[MediaType, ...]
    """What it gives."""
    device_type: AVCaptureDeviceType
    """What kind of device it is."""
    position: AVCaptureDevicePosition = AVCaptureDevicePosition.UNSPECIFIED
    """Where it sits."""
    formats: tuple[FormatFacts, ...]
    """What it can give; the first is the one it is set to at first."""
    port: str | None = None
    """The id of the routing port a microphone is, where it is a particular one."""
    virtual: bool = False
    """Whether it hears and sees nobody: its samples are made up, as a test pattern's are, or are
    what an output of the machine sounds like."""
    suspended: bool = False
    """Whether it is there and cannot be used now, as the camera of a closed lid."""


class HostClock(Protocol):
    """The one clock all samples of a host are timed by."""

    def now_s(self) -> float:
        """The time in seconds; never goes backwards. May be called from any thread."""


class FeedEvents(Protocol):
    """Where a feed reports to. Called from any thread, one call at a time."""

    def sample(self, buffer: SampleBuffer) -> None:
        """Some frames of sound, or one picture."""

    def failed(self, error: CaptureError) -> None:
        """The device gives no more, for that reason; the last thing it reports."""


class Feed(Protocol):
    """A device that is giving samples."""

    async def stop(self) -> None:
        """Ends it; nothing is reported after this has returned. A second call does nothing."""


class CaptureHostEvents(Protocol):
    """Where a host reports to an app's sessions. Called in the app's event loop, in order."""

    def device_connected(self, device: DeviceFacts) -> None:
        """A device has come."""

    def device_disconnected(self, unique_id: str) -> None:
        """A device has gone; its feed reports nothing more."""

    def camera_interrupted(self, reason: AVCaptureSessionInterruptionReason) -> None:
        """The app may use no camera for now; open feeds of cameras stand still."""

    def camera_free(self) -> None:
        """The app may use cameras again."""

    def media_services_reset(self) -> None:
        """The media services died and are back; every feed has ended."""

    def system_pressure(self, level: AVCaptureSystemPressureLevel) -> None:
        """The hardware has more or less to bear than before."""


class CaptureHost(Protocol):
    """One app's view of the microphones and cameras of a host; always the same object.

    It may have an attribute ``private_host``, a :class:`~audiosession.hosts.base.Host` for
    audio sessions that are judged apart from the app's own; without one the app's host serves.
    It may have methods ``lock(unique_id)``, which keeps other apps from setting a device and is
    false where one of them does, and ``unlock(unique_id)``.
    It may have a flag ``multitasking_camera_access``: whether cameras can be used while
    several apps share the screen; without one they cannot.
    """

    def devices(self) -> tuple[DeviceFacts, ...]:
        """The devices there are, the default one of each media type first.

        Asked again and again, also in the event loop: a host knows the answer beforehand, and
        may wait, two seconds at most, the first time alone.
        """

    def observe(self, events: CaptureHostEvents) -> Callable[[], None]:
        """Reports to ``events`` from now on; call what is returned to end it.

        An interruption of the cameras that is on, and a pressure that is not nominal, are
        reported before this returns.
        """

    def authorization(self, media_type: MediaType) -> AVAuthorizationStatus:
        """Whether the app may use devices of that type."""

    async def request_access(self, media_type: MediaType) -> bool:
        """Asks the user, who is asked once; whether the app may."""

    def clock(self) -> HostClock:
        """The clock that samples are timed by; every call gives the same one."""

    async def open_feed(
        self,
        device_id: str,
        format: FormatFacts,
        frame_rate: float | None,
        events: FeedEvents,
    ) -> Feed:
        """Has a device give samples from now on.

        Args:
            device_id: Which device.
            format: One of the device's formats.
            frame_rate: Pictures per second; ``None``: the fastest of the format, and always
                so for sound.
            events: Where to report.

        Raises:
            CaptureError: the device cannot be used; the code says why.
        """
