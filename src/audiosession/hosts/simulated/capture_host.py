"""The microphones and cameras of a simulated device, for capture sessions of its apps.

Samples come as the device's time goes on. A microphone hears what the test says, silence at
first; a camera shows a grey picture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..._checks import check_flag, check_text
from ...capture.enums import (
    AVAuthorizationStatus,
    AVCaptureDevicePosition,
    AVCaptureDeviceType,
    AVCaptureSessionInterruptionReason,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from ...capture.errors import AVError, CaptureError
from ...capture.host import (
    CaptureHostEvents,
    DeviceFacts,
    Feed,
    FeedEvents,
    FormatFacts,
    HostClock,
)
from ...capture.virtual import virtual_devices
from ...core.claims import Claim
from ...errors import IllegalRequestError, InvalidTypeError, UnknownNameError
from ..base import Host
from .capture_feeds import DeviceClock, MadeUpFeed, SimulatedFeed
from .host import SimulatedHost
from .observer import Observer

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .device import SimulatedDevice

__all__ = ["MICROPHONE", "SimulatedCapture", "SimulatedCaptureSystem"]

MICROPHONE: Final = "microphone"
"""The id of the one microphone; the route decides which one of the device's that is."""
MAX_NAME: Final = 128

_Reason = AVCaptureSessionInterruptionReason
_Position = AVCaptureDevicePosition
_Type = AVCaptureDeviceType
_Status = AVAuthorizationStatus

_RECORDS: Final = Claim(records=True, plays=False)
_SLOW: Final = ((1.0, 30.0),)
_FAST: Final = ((1.0, 60.0),)

Hears = Callable[[float, int, int, float], Any]
"""Gives sound: from when in seconds, frames, channels, frames per second; one row a frame."""


def _picture(width: int, height: int, cost: float, *, fast: bool = False) -> FormatFacts:
    return FormatFacts(
        media_type=AVMediaType.VIDEO,
        width=width,
        height=height,
        frame_rates=_FAST if fast else _SLOW,
        multi_cam=cost <= 0.6,
        hardware_cost=cost,
    )


_FORMATS: Final = (
    _picture(1920, 1080, 0.6),
    _picture(1280, 720, 0.3, fast=True),
    _picture(960, 540, 0.2),
    _picture(640, 480, 0.15),
    _picture(480, 360, 0.1),
    _picture(352, 288, 0.1),
    _picture(192, 144, 0.05),
)
_LARGE: Final = (*_FORMATS, _picture(3840, 2160, 0.9))
_MONO: Final = FormatFacts(media_type=AVMediaType.AUDIO, sample_rate=48_000.0, channels=1)
_STEREO: Final = replace(_MONO, channels=2)


def _camera(
    id: str,
    name: str,
    type: AVCaptureDeviceType,
    position: AVCaptureDevicePosition,
    formats: tuple[FormatFacts, ...] = _FORMATS,
) -> DeviceFacts:
    return DeviceFacts(
        unique_id=id,
        localized_name=name,
        model_id=f"simulated {id}",
        media_types=(AVMediaType.VIDEO,),
        device_type=type,
        position=position,
        formats=formats,
    )


_BACK = _camera(
    "back camera", "Back Camera", _Type.BUILT_IN_WIDE_ANGLE_CAMERA, _Position.BACK, _LARGE
)
_FRONT = _camera("front camera", "Front Camera", _Type.BUILT_IN_WIDE_ANGLE_CAMERA, _Position.FRONT)
_ULTRA_WIDE = _camera(
    "ultra wide camera",
    "Back Ultra Wide Camera",
    _Type.BUILT_IN_ULTRA_WIDE_CAMERA,
    _Position.BACK,
)
_CAMERAS: Final = {
    "phone": (_BACK, _ULTRA_WIDE, _FRONT),
    "tablet": (_BACK, _FRONT),
    "desktop": (_FRONT,),
}
_HAS_STEREO: Final = ("phone", "tablet")


class SimulatedCaptureSystem(Observer):
    """What all apps on a device share of its microphones and cameras.

    ``app.capture.system`` gives it.

    Args:
        device: The device.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        self.device = device
        self.grants_camera = True
        """What the user answers when an app first wants a camera."""
        self.hears: Hears | None = None
        """What the microphone hears; ``None``: silence."""
        self.pressure = AVCaptureSystemPressureLevel.NOMINAL
        """What the hardware has to bear."""
        self.locked_by: dict[str, SimulatedCapture] = {}
        """Which app sets a device at the moment, by the device's id."""
        self._cameras = _CAMERAS.get(device.profile.name, ())
        self._apps: tuple[SimulatedCapture, ...] = ()
        self._media_services = device.media_services_running

    @classmethod
    def of(cls, device: SimulatedDevice) -> SimulatedCaptureSystem:
        """That of a device; every call gives the same one."""
        for observer in device._observers:
            if isinstance(observer, cls):
                return observer
        system = cls(device)
        device.observe(system)
        return system

    # -- what a user or the system does ------------------------------------------------------

    def connect_camera(self, name: str = "USB camera") -> str:
        """Plugs in a camera.

        Args:
            name: What people call it, 1 to 128 characters; it is its id, too.

        Returns:
            Its id.

        Raises:
            InvalidTypeError, InvalidValueError: no such text.
            IllegalRequestError: there is a device of that name.
        """
        check_text("name", name, least=1, most=MAX_NAME)
        if any(each.unique_id == name for each in self._cameras) or name == MICROPHONE:
            raise IllegalRequestError(f"there is a device {name!r} already", field="name")
        facts = _camera(name, name, _Type.EXTERNAL, _Position.UNSPECIFIED)
        self._cameras = (*self._cameras, facts)
        self.device.say(f"{name} connected")
        for app in self._apps:
            app.tell(lambda e: e.device_connected(facts))
        return name

    def disconnect_camera(self, id: str) -> None:
        """Pulls a camera out, or has a built-in one fail.

        Raises:
            UnknownNameError: there is no such camera.
        """
        known = {each.unique_id for each in self._cameras}
        if id not in known:
            raise UnknownNameError("camera", id, known)
        self._cameras = tuple(each for each in self._cameras if each.unique_id != id)
        self.device.say(f"{id} disconnected")
        for app in self._apps:
            app.end_feeds(lambda feed: feed.device_id == id)
            app.tell(lambda e: e.device_disconnected(id))
        self.look()

    def set_pressure(self, level: AVCaptureSystemPressureLevel) -> None:
        """The hardware has more or less to bear from now on."""
        if not isinstance(level, AVCaptureSystemPressureLevel):
            raise InvalidTypeError("level", level, expected="an AVCaptureSystemPressureLevel")
        self.pressure = level
        self.device.say(f"system pressure: {level.name.lower()}")
        for app in self._apps:
            app.tell(lambda e: e.system_pressure(level))

    # -- for the apps ------------------------------------------------------------------------

    @property
    def cameras(self) -> tuple[DeviceFacts, ...]:
        """The cameras there are, the default one first."""
        return self._cameras

    def add(self, app: SimulatedCapture) -> None:
        """An app that looks at the devices."""
        self._apps = (*self._apps, app)

    def took_camera(self, taker: SimulatedCapture) -> None:
        """An app has begun to use cameras, which it takes from the others."""
        for app in self._apps:
            if app is not taker and app.uses_cameras and app.taken_by is None:
                app.taken_by = taker
        self.look()

    def left_cameras(self, app: SimulatedCapture) -> None:
        """An app uses cameras no more: those it took them from may again."""
        for other in self._apps:
            if other.taken_by is app:
                other.taken_by = app.taken_by
        app.taken_by = None
        self.look()

    def look(self) -> None:
        """Tells each app what is different for it."""
        for app in self._apps:
            app.look()

    # -- what the device tells ---------------------------------------------------------------

    def happened(self, at: float, text: str) -> None:
        """See :class:`~audiosession.hosts.simulated.observer.Observer`."""
        running = self.device.media_services_running
        if running is not self._media_services:
            self._media_services = running
            for app in self._apps:
                if running:
                    app.tell(lambda e: e.media_services_reset())
                else:
                    app.end_feeds(lambda feed: True)
        self.look()


class SimulatedCapture:
    """One app's microphones and cameras; a :class:`~audiosession.capture.host.CaptureHost`.

    ``app.capture`` gives it. What concerns the app alone is set here.

    Args:
        app: The app.
    """

    def __init__(self, app: SimulatedApp) -> None:
        self.app = app
        self.system = SimulatedCaptureSystem.of(app.device)
        """What all apps on the device share."""
        self.multitasking_camera_access = app.device.profile.name == "tablet"
        """Whether the camera can be used while several apps share the screen."""
        self.camera = AVAuthorizationStatus.NOT_DETERMINED
        """Whether the app may use cameras; set it as the user does in the settings."""
        self.taken_by: SimulatedCapture | None = None
        """The app that has taken the cameras from this one."""
        self._clock = DeviceClock(app.device.clock)
        self._events: tuple[CaptureHostEvents, ...] = ()
        self._feeds: tuple[SimulatedFeed, ...] = ()
        self._shares_screen = self._sensitive = False
        self._reason: AVCaptureSessionInterruptionReason | None = None
        self._has_microphone = self._microphone() is not None
        self.system.add(self)

    # -- what a user or the system does ------------------------------------------------------

    def share_screen(self, shares: bool) -> None:
        """Several apps share the screen from now on, or this one has it for itself again."""
        check_flag("shares", shares)
        self._shares_screen = shares
        self.look()

    def find_sensitive(self, sensitive: bool) -> None:
        """What the camera shows is judged sensitive, or that is over."""
        check_flag("sensitive", sensitive)
        self._sensitive = sensitive
        self.look()

    # -- for the device ----------------------------------------------------------------------

    def tell(self, what: Callable[[CaptureHostEvents], None]) -> None:
        """Tells the app, as long as it lives."""
        if self.app.alive:
            for events in self._events:
                what(events)

    @property
    def uses_cameras(self) -> bool:
        """Whether a camera gives samples to it."""
        return any(
            feed.format.media_type is AVMediaType.VIDEO and not isinstance(feed, MadeUpFeed)
            for feed in self._feeds
        )

    @property
    def cameras_stand(self) -> bool:
        """Whether its cameras stand still.

        A session that may share the screen runs on, and the others stop by themselves.
        """
        return self._reason not in (
            None,
            _Reason.VIDEO_DEVICE_NOT_AVAILABLE_WITH_MULTIPLE_FOREGROUND_APPS,
        )

    def end_feeds(self, which: Callable[[SimulatedFeed], bool]) -> None:
        """Some feeds give no more, without a word."""
        for feed in self._feeds:
            if which(feed):
                feed.end()

    def ended(self, feed: SimulatedFeed) -> None:
        """A feed has ended."""
        used = self.uses_cameras
        self._feeds = tuple(each for each in self._feeds if each is not feed)
        if used and not self.uses_cameras and self.taken_by is None:
            self.system.left_cameras(self)

    def look(self) -> None:
        """Tells the app whether it may use cameras, where that is different."""
        if not self.app.alive:
            self.end_feeds(lambda feed: True)
            return
        self._look_for_microphone()
        before, self._reason = self._reason, self._find_reason()
        reason = self._reason
        if reason is before:
            return
        if reason is None:
            self.tell(lambda e: e.camera_free())
        else:
            self.tell(lambda e: e.camera_interrupted(reason))

    def _look_for_microphone(self) -> None:
        microphone = self._microphone()
        had, self._has_microphone = self._has_microphone, microphone is not None
        if microphone is not None and not had:
            self.tell(lambda e: e.device_connected(microphone))
        elif microphone is None and had:
            self.end_feeds(lambda feed: feed.device_id == MICROPHONE)
            self.tell(lambda e: e.device_disconnected(MICROPHONE))

    def _find_reason(self) -> AVCaptureSessionInterruptionReason | None:
        if self.app.state.value != "foreground":
            return _Reason.VIDEO_DEVICE_NOT_AVAILABLE_IN_BACKGROUND
        if self.taken_by is not None:
            return _Reason.VIDEO_DEVICE_IN_USE_BY_ANOTHER_CLIENT
        if self._shares_screen:
            return _Reason.VIDEO_DEVICE_NOT_AVAILABLE_WITH_MULTIPLE_FOREGROUND_APPS
        if self._sensitive:
            return _Reason.SENSITIVE_CONTENT_MITIGATION_ACTIVATED
        return None

    @property
    def private_host(self) -> Host:
        """Where a capture session has an audio session of its own, which meets the app's."""
        return SimulatedHost(self.app, "capture")

    # -- what every host gives ---------------------------------------------------------------

    def devices(self) -> tuple[DeviceFacts, ...]:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        microphone = self._microphone()
        return (
            *(() if microphone is None else (microphone,)),
            *self.system.cameras,
            *virtual_devices(),
        )

    def observe(self, events: CaptureHostEvents) -> Callable[[], None]:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        self._events = (*self._events, events)
        self._reason = self._find_reason()
        if self._reason is not None:
            events.camera_interrupted(self._reason)
        if self.system.pressure is not AVCaptureSystemPressureLevel.NOMINAL:
            events.system_pressure(self.system.pressure)

        def end() -> None:
            self._events = tuple(each for each in self._events if each is not events)

        return end

    def authorization(self, media_type: AVMediaType) -> AVAuthorizationStatus:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        if media_type is AVMediaType.VIDEO:
            return self.camera
        return {
            "undetermined": _Status.NOT_DETERMINED,
            "granted": _Status.AUTHORIZED,
            "denied": _Status.DENIED,
        }[self.app.microphone.value]

    async def request_access(self, media_type: AVMediaType) -> bool:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        self.app.check_alive()
        if media_type is AVMediaType.AUDIO:
            self.app.ask_for_microphone(_RECORDS)
        elif self.camera is _Status.NOT_DETERMINED:
            granted = self.system.grants_camera
            self.camera = _Status.AUTHORIZED if granted else _Status.DENIED
            answer = "may" if granted else "may not"
            self.app.device.say(f"the user is asked: {self.app.name} {answer} use the camera")
        return self.authorization(media_type) is _Status.AUTHORIZED

    def lock(self, unique_id: str) -> bool:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        holder = self.system.locked_by.setdefault(unique_id, self)
        if not holder.app.alive:
            holder = self.system.locked_by[unique_id] = self
        return holder is self

    def unlock(self, unique_id: str) -> None:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        if self.system.locked_by.get(unique_id) is self:
            del self.system.locked_by[unique_id]

    def clock(self) -> HostClock:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        return self._clock

    async def open_feed(
        self,
        device_id: str,
        format: FormatFacts,
        frame_rate: float | None,
        events: FeedEvents,
    ) -> Feed:
        """See :class:`~audiosession.capture.host.CaptureHost`."""
        facts = next((each for each in self.devices() if each.unique_id == device_id), None)
        if facts is None:
            raise CaptureError(AVError.DEVICE_NOT_CONNECTED, f"there is no device {device_id!r}")
        if format not in facts.formats:
            raise CaptureError(AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT)
        if not self.app.device.media_services_running:
            raise CaptureError(AVError.MEDIA_SERVICES_WERE_RESET)
        used = self.uses_cameras
        feed = (MadeUpFeed if facts.virtual else SimulatedFeed)(
            self, device_id, format, frame_rate, events
        )
        self._feeds = (*self._feeds, feed)
        if self.uses_cameras and not used:
            self.system.took_camera(self)
        return feed

    def _microphone(self) -> DeviceFacts | None:
        """The microphone that the route has, under the name of that."""
        device = self.app.device
        inputs = [port for port in device.plugs.ports if port.is_input]
        if not inputs:
            return None
        port = inputs[0]
        if self.app.sessions:
            routed = device.plugs.route(self.app.sessions[0].id).inputs
            port = next((each for each in inputs if each.id in routed), port)
        stereo = port.built_in and device.profile.name in _HAS_STEREO
        return DeviceFacts(
            unique_id=MICROPHONE,
            localized_name=port.name,
            model_id="simulated microphone",
            media_types=(AVMediaType.AUDIO,),
            device_type=AVCaptureDeviceType.MICROPHONE,
            formats=(_MONO, _STEREO) if stereo else (_MONO,),
        )
