"""What a session hears of its surroundings, and what interrupts it."""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Final

from audiosession._checks import check_flag
from audiosession.apple._observing import Observation
from audiosession.apple.notifications import MAX_OBSERVERS, NotificationCenter, check_callback
from audiosession.capture._app import CaptureApp
from audiosession.capture._configuration import Configuring
from audiosession.capture._graph import Graph
from audiosession.capture.devices import AVCaptureSystemPressureState
from audiosession.capture.enums import (
    AVCaptureSessionInterruptionReason,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from audiosession.capture.errors import AVError, CaptureError, NSInvalidArgumentException
from audiosession.capture.inputs import AVCaptureDeviceInput
from audiosession.capture.notifications import (
    AVCaptureInputPortNotificationName,
)
from audiosession.capture.notifications import AVCaptureSessionNotificationName as Name
from audiosession.capture.notifications import AVCaptureSessionUserInfoKey as Key
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.presets import AVCaptureSessionPreset
from audiosession.errors import LimitError, UnknownNameError

__all__ = ["OBSERVABLE", "Interruptions"]

_log = logging.getLogger("audiosession")

_Reason = AVCaptureSessionInterruptionReason

OBSERVABLE: Final = (
    "is_running",
    "is_interrupted",
    "is_multitasking_camera_access_supported",
    "is_multitasking_camera_access_enabled",
    "synchronization_clock",
)
"""The properties whose changes Apple lets apps observe (AVCaptureSession.h)."""


class Interruptions(Configuring):
    """Whether the session runs or is interrupted, and who is told of it (apple 126 to 130)."""

    def _prepare(self) -> None:
        """Sets up what the parts of a session keep; called once, when it is made."""
        # Whether the app wants it to run; and whether it does.
        self._wanted = False
        self._running = False
        self._interrupted_reason: AVCaptureSessionInterruptionReason | None = None
        # Whether an interruption has taken the audio away and is not over.
        self._audio_held = False
        # Whether the app itself has deactivated the audio session.
        self._audio_off = False
        self._multitasking = False
        # Devices that are there and gave up; not opened again before something is different.
        self._failed: frozenset[str] = frozenset()
        self._observations: tuple[Observation, ...] = ()
        self._ref: weakref.ref[object] = weakref.ref(self)
        self._ears = _Ears(self)
        # Where it was started.
        self._loop: asyncio.AbstractEventLoop | None = None

    # -- how it is ---------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether it runs: samples flow."""
        return self._running

    @property
    def is_interrupted(self) -> bool:
        """Whether an interruption keeps it from running."""
        return self._interrupted_reason is not None

    @property
    def is_multitasking_camera_access_supported(self) -> bool:
        """Whether the camera can be used while several apps share the screen; since iOS 16.0."""
        return bool(getattr(self._app.host, "multitasking_camera_access", False))

    @property
    def is_multitasking_camera_access_enabled(self) -> bool:
        """Whether it is to be; false at first. Set it before the start. Since iOS 16.0.

        Raises:
            NSInvalidArgumentException: it is not supported, or the session runs.
            InvalidTypeError: neither True nor False.
        """
        return self._multitasking

    @is_multitasking_camera_access_enabled.setter
    def is_multitasking_camera_access_enabled(self, enabled: bool) -> None:
        name = "is_multitasking_camera_access_enabled"
        check_flag(name, enabled)
        self._check_stopped(name)
        if enabled and not self.is_multitasking_camera_access_supported:
            raise NSInvalidArgumentException(
                "this device has no camera for several apps on the screen",
                advice="ask is_multitasking_camera_access_supported first",
                field=name,
            )
        self._multitasking = enabled
        self._look()

    def observe(self, name: str, callback: Callable[[Any], object]) -> Observation:
        """Has a function called with every new value of a property, as Apple's KVO does.

        Args:
            name: ``is_running``, ``is_interrupted`` or another of those that Apple lets apps
                observe.
            callback: A plain function; what it raises is logged and disturbs nobody.

        Returns:
            The observation; its ``cancel()`` ends it.

        Raises:
            UnknownNameError: the property cannot be observed.
            InvalidTypeError: the callback is no plain function.
            LimitError: there are 1,000 observers already.
        """
        if name not in OBSERVABLE:
            raise UnknownNameError("observable property", name, OBSERVABLE)
        check_callback(callback)
        active = tuple(each for each in self._observations if each.active)
        if len(active) >= MAX_OBSERVERS:
            raise LimitError("observers", MAX_OBSERVERS)
        observation = Observation(name, callback, getattr(self, name))
        self._observations = (*active, observation)
        return observation

    def _in_its_loop(self, call: Callable[[], None]) -> None:
        """Runs a call where the session hears of things; at once, if that is here."""
        loop = self._loop
        if loop is None or not loop.is_running() or loop is _running_loop():
            call()
            return
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:
            _log.debug("a capture session was not told: its event loop is closed")

    # -- what the app's devices tell ---------------------------------------------------------

    def _device_connected(self, unique_id: str) -> None:
        """A device has come."""
        self._failed -= {unique_id}
        if self._has(unique_id):
            self._poke()

    def _device_disconnected(self, unique_id: str) -> None:
        """A device has gone."""
        if self._has(unique_id):
            self._lose_device(unique_id, CaptureError(AVError.DEVICE_WAS_DISCONNECTED))

    def _format_changed(self, unique_id: str, *, by_hand: bool) -> None:
        """A device has another format or frame rate."""
        if not self._has(unique_id):
            return
        for input in self._graph.inputs:
            if isinstance(input, AVCaptureDeviceInput) and input.device.unique_id == unique_id:
                for port in input.ports:
                    NotificationCenter.default().post(
                        AVCaptureInputPortNotificationName.FORMAT_DESCRIPTION_DID_CHANGE, port
                    )
        if by_hand:
            preset = AVCaptureSessionPreset.INPUT_PRIORITY
            open_one = self._graph is not self._committed
            self._committed = self._committed.with_preset(preset)
            self._graph = self._graph.with_preset(preset) if open_one else self._committed
        self._poke()

    def _cameras_changed(self) -> None:
        """It may use cameras again, or may not."""
        if not self._wanted:
            return
        reason = self._obstacle(self._committed)
        if reason is not None:
            self._interrupt(reason)
        self._poke()

    def _media_services_reset(self) -> None:
        """The media services died and are back."""
        if self._wanted:
            self._fail(CaptureError(AVError.MEDIA_SERVICES_WERE_RESET))

    # -- what the audio session tells --------------------------------------------------------

    def _audio_lost(self) -> None:
        """Somebody else has the audio."""
        if not self._wanted or not self._records(self._committed):
            return
        self._audio_held = True
        self._interrupt(_Reason.AUDIO_DEVICE_IN_USE_BY_ANOTHER_CLIENT)
        self._poke()

    def _audio_freed(self) -> None:
        """The audio may be asked for again."""
        if self._audio_held:
            self._audio_held = False
            self._poke()

    def _audio_switched(self, on: bool) -> None:
        """The app switched its audio session off, or on again."""
        if self._wanted and self._audio_off is on:
            self._audio_off = not on
            self._poke()

    # -- inside ------------------------------------------------------------------------------

    def _listen(self, app: CaptureApp) -> None:
        app.listen(self._ears)

    def _has(self, unique_id: str) -> bool:
        return any(
            isinstance(each, AVCaptureDeviceInput) and each.device.unique_id == unique_id
            for graph in (self._graph, self._committed)
            for each in graph.inputs
        )

    def _obstacle(self, graph: Graph) -> AVCaptureSessionInterruptionReason | None:
        """Why a camera of the session cannot run now; ``None``: it can, or there is none."""
        if not graph.real_devices(AVMediaType.VIDEO):
            return None
        app = self._app
        reason = app.camera_reason
        shared = _Reason.VIDEO_DEVICE_NOT_AVAILABLE_WITH_MULTIPLE_FOREGROUND_APPS
        if reason is shared and self._multitasking:
            reason = None
        if reason is None and app.pressure is AVCaptureSystemPressureLevel.SHUTDOWN:
            return _Reason.VIDEO_DEVICE_NOT_AVAILABLE_DUE_TO_SYSTEM_PRESSURE
        return reason

    def _interrupt(self, reason: AVCaptureSessionInterruptionReason) -> None:
        """The session is interrupted from now on."""
        if self._interrupted_reason is reason:
            return
        self._interrupted_reason = reason
        info: dict[str, Any] = {Key.INTERRUPTION_REASON: reason}
        if reason is _Reason.VIDEO_DEVICE_NOT_AVAILABLE_DUE_TO_SYSTEM_PRESSURE:
            info[Key.INTERRUPTION_SYSTEM_PRESSURE_STATE] = AVCaptureSystemPressureState(
                level=self._app.pressure
            )
        self._post(Name.WAS_INTERRUPTED, info)
        self._look()
        self._down(CaptureError(AVError.SESSION_WAS_INTERRUPTED))

    def _end_interruption(self, *, tell: bool) -> None:
        if self._interrupted_reason is not None:
            self._interrupted_reason = None
            if tell:
                self._post(Name.INTERRUPTION_ENDED)
            self._look()

    def _check_stopped(self, name: str) -> None:
        if self._wanted:
            raise NSInvalidArgumentException(
                f"{name} cannot change while the session runs",
                advice="call stop_running() first",
                field=name,
            )

    def _post(self, name: Name, user_info: Mapping[str, Any] | None = None) -> None:
        NotificationCenter.default().post(name, self, user_info)

    def _look(self) -> None:
        """Tells observers of properties that have another value."""
        for observation in self._observations:
            observation.look(getattr(self, observation.name))

    # -- what runs ---------------------------------------------------------------------------

    def _poke(self) -> None:
        raise NotImplementedError

    def _down(self, error: CaptureError | None) -> None:
        raise NotImplementedError

    def _fail(self, error: CaptureError) -> None:
        raise NotImplementedError

    def _lose_device(self, unique_id: str, error: CaptureError) -> bool:
        raise NotImplementedError

    def _records(self, graph: Graph) -> bool:
        raise NotImplementedError

    def _starts_later(self, output: AVCaptureOutput) -> bool:
        raise NotImplementedError


class _Ears:
    """What the devices of the app and its audio session tell, for one session."""

    def __init__(self, session: Interruptions) -> None:
        self._session = session

    def in_its_loop(self, call: Callable[[], None]) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._in_its_loop(call)

    def device_connected(self, unique_id: str) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._device_connected(unique_id)

    def device_disconnected(self, unique_id: str) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._device_disconnected(unique_id)

    def format_changed(self, unique_id: str, *, by_hand: bool) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._format_changed(unique_id, by_hand=by_hand)

    def cameras_changed(self) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._cameras_changed()

    def media_services_reset(self) -> None:
        """See :class:`~audiosession.capture._app.AppEvents`."""
        self._session._media_services_reset()

    def audio_lost(self) -> None:
        """See :class:`~audiosession.capture._audio_session.AudioEvents`."""
        self._session._audio_lost()

    def audio_free(self) -> None:
        """See :class:`~audiosession.capture._audio_session.AudioEvents`."""
        self._session._audio_freed()

    def audio_switched(self, on: bool) -> None:
        """See :class:`~audiosession.capture._audio_session.AudioEvents`."""
        self._session._audio_switched(on)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
