"""What the capture sessions of one app share: the host, the devices' settings, who uses them."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Protocol

from audiosession import blocking
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.apple.blocking import AVAudioSession as BlockingAVAudioSession
from audiosession.apple.notifications import NotificationCenter
from audiosession.capture.enums import (
    AVCaptureSessionInterruptionReason,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from audiosession.capture.host import CaptureHost, DeviceFacts, FormatFacts
from audiosession.capture.notifications import AVCaptureDeviceNotificationName
from audiosession.errors import InvalidTypeError, UnsupportedError
from audiosession.session import AudioSession

__all__ = ["AnyAudioSession", "AppEvents", "CaptureApp", "DeviceSettings", "audio_session_of"]

AnyAudioSession = (
    AudioSession | AVAudioSession | blocking.AudioSession | BlockingAVAudioSession | None
)
"""An app's audio session in any form; ``None``: the shared one."""


def audio_session_of(given: AnyAudioSession) -> AudioSession:
    """The app's audio session; ``None``: the shared one.

    Raises:
        InvalidTypeError: no audio session in either vocabulary.
    """
    if given is None:
        return AudioSession.instance()
    if isinstance(given, blocking.AudioSession):
        return given._session
    if isinstance(given, BlockingAVAudioSession):
        given = given._async
    if isinstance(given, AVAudioSession):
        return given.audio_session
    if not isinstance(given, AudioSession):
        raise InvalidTypeError(
            "audio_session", given, expected="an AudioSession, an AVAudioSession, or None"
        )
    return given


class AppEvents(Protocol):
    """Where a session hears what happens to the app's devices."""

    def in_its_loop(self, call: Callable[[], None]) -> None:
        """Runs a call in the session's event loop; at once where this is in it already."""

    def device_connected(self, unique_id: str) -> None:
        """A device has come."""

    def device_disconnected(self, unique_id: str) -> None:
        """A device has gone."""

    def format_changed(self, unique_id: str, *, by_hand: bool) -> None:
        """A device has another format or frame rate; in the thread that set it."""

    def cameras_changed(self) -> None:
        """The app may use cameras again, or may not."""

    def media_services_reset(self) -> None:
        """The media services died and are back."""


class DeviceSettings:
    """How an app has set a device; one for each device, whoever looks at it.

    Args:
        facts: The device as it was first seen.
    """

    def __init__(self, facts: DeviceFacts) -> None:
        self.facts = facts
        """The device as it was last seen."""
        self.connected = True
        """Whether it was there when it was last looked for, or heard of."""
        self.locks = 0
        """How often it is locked for configuration."""
        self.format = facts.formats[0] if facts.formats else None
        """The format in force."""
        self.min_frame_duration_s: float | None = None
        """The shortest time between pictures, in seconds; ``None``: as the format has it."""
        self.max_frame_duration_s: float | None = None
        """The longest one."""
        self.holder: weakref.ref[object] | None = None
        """The session that runs it."""

    @property
    def frame_rate(self) -> float | None:
        """Pictures per second at most; ``None``: the fastest of the format."""
        return None if self.min_frame_duration_s is None else 1.0 / self.min_frame_duration_s

    def set_format(self, format: FormatFacts | None) -> None:
        """Another format, which brings its own frame rates."""
        self.format = format
        self.min_frame_duration_s = self.max_frame_duration_s = None


class CaptureApp:
    """One app's devices; :meth:`of` gives it.

    Args:
        host: The app's view of the devices there are.
    """

    # By the host's identity: an entry lives no longer than the app, which keeps the host.
    _apps: ClassVar[weakref.WeakValueDictionary[int, CaptureApp]] = weakref.WeakValueDictionary()

    def __init__(self, host: CaptureHost) -> None:
        self.host = host
        self.camera_reason: AVCaptureSessionInterruptionReason | None = None
        """Why the app may use no camera now; ``None``: it may."""
        self.pressure = AVCaptureSystemPressureLevel.NOMINAL
        """What the hardware has to bear."""
        self._settings: dict[str, DeviceSettings] = {}
        self._listeners: tuple[weakref.ref[AppEvents], ...] = ()
        for facts in host.devices():
            self._settings[facts.unique_id] = DeviceSettings(facts)
        # The host keeps what it reports to, and so the app, for as long as it is there itself.
        self._end: Callable[[], None] = host.observe(self)

    @classmethod
    def of(cls, audio_session: AudioSession) -> CaptureApp:
        """The app that an audio session belongs to; every call gives the same one.

        Raises:
            UnsupportedError: the host has no microphones or cameras to offer.
            ClosedError: the session is closed.
        """
        source = audio_session._use_host()
        host: CaptureHost | None = getattr(source, "capture_host", None)
        if host is None:
            raise UnsupportedError("capture", source.name)
        app = cls._apps.get(id(host))
        if app is None or app.host is not host:
            app = cls._apps[id(host)] = CaptureApp(host)
        return app

    # -- devices -----------------------------------------------------------------------------

    def devices(self) -> tuple[DeviceFacts, ...]:
        """The devices there are, as they are now; the host is looked at."""
        there = self.host.devices()
        found = {facts.unique_id for facts in there}
        for unique_id, settings in self._settings.items():
            settings.connected = unique_id in found
        for facts in there:
            self._known(facts)
        return there

    def settings(self, unique_id: str) -> DeviceSettings | None:
        """How a device is set, also one that has gone; ``None``: it was never there."""
        if unique_id not in self._settings:
            self.devices()
        return self._settings.get(unique_id)

    def held_by(self, session: weakref.ref[object]) -> tuple[DeviceSettings, ...]:
        """The devices that a session runs."""
        return tuple(each for each in self._settings.values() if each.holder is session)

    def lock(self, unique_id: str) -> bool:
        """Keeps other apps from setting a device; false where one of them does that."""
        lock = getattr(self.host, "lock", None)
        return lock is None or bool(lock(unique_id))

    def unlock(self, unique_id: str) -> None:
        """Lets other apps set a device."""
        unlock = getattr(self.host, "unlock", None)
        if unlock is not None:
            unlock(unique_id)

    def set_format(self, unique_id: str, format: FormatFacts, *, by_hand: bool) -> None:
        """Sets a device's format; sessions that have the device hear of it."""
        settings = self._settings[unique_id]
        settings.set_format(format)
        self.tell_of_format(unique_id, by_hand=by_hand)

    def tell_of_format(self, unique_id: str, *, by_hand: bool) -> None:
        """Tells sessions at once, in this thread: what they are set to follows from it."""
        for listener in self._listening():
            listener.format_changed(unique_id, by_hand=by_hand)

    def _known(self, facts: DeviceFacts) -> None:
        settings = self._settings.get(facts.unique_id)
        if settings is None:
            self._settings[facts.unique_id] = DeviceSettings(facts)
            return
        settings.facts, settings.connected = facts, True
        # A device that came back may be another one of its kind.
        if settings.format not in facts.formats:
            settings.set_format(facts.formats[0] if facts.formats else None)

    # -- sessions ----------------------------------------------------------------------------

    def listen(self, events: AppEvents) -> None:
        """Tells a session of what happens for as long as there is one."""
        there = (ref for ref in self._listeners if ref() is not None)
        self._listeners = (*there, weakref.ref(events))

    def tell(self, what: Callable[[AppEvents], None]) -> None:
        """Tells the sessions, in the order in which they were made, each in its event loop."""
        for listener in self._listening():
            listener.in_its_loop(partial(what, listener))

    def _listening(self) -> tuple[AppEvents, ...]:
        there = (ref() for ref in self._listeners)
        return tuple(each for each in there if each is not None)

    # -- what the host reports ---------------------------------------------------------------

    def device_connected(self, device: DeviceFacts) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        self._known(device)
        self._post(AVCaptureDeviceNotificationName.WAS_CONNECTED, device.unique_id)
        self.tell(lambda each: each.device_connected(device.unique_id))

    def device_disconnected(self, unique_id: str) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        settings = self._settings.get(unique_id)
        if settings is None:
            return
        settings.connected = False
        self._post(AVCaptureDeviceNotificationName.WAS_DISCONNECTED, unique_id)
        self.tell(lambda each: each.device_disconnected(unique_id))

    def camera_interrupted(self, reason: AVCaptureSessionInterruptionReason) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        self.camera_reason = reason
        self.tell(lambda each: each.cameras_changed())

    def camera_free(self) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        self.camera_reason = None
        self.tell(lambda each: each.cameras_changed())

    def media_services_reset(self) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        self.tell(lambda each: each.media_services_reset())

    def system_pressure(self, level: AVCaptureSystemPressureLevel) -> None:
        """See :class:`~audiosession.capture.host.CaptureHostEvents`."""
        self.pressure = level
        self.tell(lambda each: each.cameras_changed())

    def _post(self, name: AVCaptureDeviceNotificationName, unique_id: str) -> None:
        from audiosession.capture.devices import AVCaptureDevice

        NotificationCenter.default().post(name, AVCaptureDevice._of(self, unique_id))


def is_camera(facts: DeviceFacts) -> bool:
    """Whether a device gives pictures."""
    return AVMediaType.VIDEO in facts.media_types
