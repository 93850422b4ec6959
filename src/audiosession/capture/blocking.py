"""AVCaptureSession for programs without an event loop: the same sessions, calls that block.

Everything is done in the thread that all blocking sessions of the process share, and comes
back when it is done: starting blocks until the session runs or has failed. Notifications and
delegates without a queue of their own are called in that thread, so they should be quick and
must not use a blocking session themselves. Devices, inputs, outputs and connections are those
of :mod:`audiosession.capture`.

Example::

    from audiosession.capture import AVCaptureDevice, AVCaptureDeviceInput, AVMediaType
    from audiosession.capture.blocking import AVCaptureSession

    session = AVCaptureSession()
    session.add_input(AVCaptureDeviceInput(AVCaptureDevice.default(AVMediaType.AUDIO)))
    session.start_running()
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from audiosession import blocking as _blocking_api
from audiosession._twins import Twin, calls
from audiosession.capture import avcapturesession, multicam
from audiosession.capture._app import AnyAudioSession
from audiosession.capture.devices import AVCaptureDevice
from audiosession.capture.enums import AVMediaType

__all__ = ["AVCaptureMultiCamSession", "AVCaptureSession", "request_access"]

P = ParamSpec("P")
T = TypeVar("T")
_Async = avcapturesession.AVCaptureSession


def _does(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[AVCaptureSession, P], T]:
    """A twin's method that runs that of the asynchronous session, which does not wait."""

    def call(self: AVCaptureSession, /, *args: P.args, **kwargs: P.kwargs) -> T:
        async def doing() -> T:
            return method(self._async, *args, **kwargs)

        return self._worker.run(doing())

    functools.update_wrapper(call, method)
    return call


class _Property(Generic[T]):
    """A property of the session, read and set in the sessions' thread."""

    def __init__(self, read: Callable[[_Async], T]) -> None:
        self._read = read
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type) -> _Property[T]: ...

    @overload
    def __get__(self, owner: AVCaptureSession, kind: type) -> T: ...

    def __get__(self, owner: AVCaptureSession | None, kind: type) -> T | _Property[T]:
        if owner is None:
            return self

        async def reading() -> T:
            return self._read(owner._async)

        return owner._worker.run(reading())

    def __set__(self, owner: AVCaptureSession, value: T) -> None:
        async def setting() -> None:
            setattr(owner._async, self._name, value)

        owner._worker.run(setting())


class AVCaptureSession(Twin[_Async]):
    """As :class:`audiosession.capture.AVCaptureSession`, with calls that block.

    Args:
        audio_session: The app's audio session, in any form; ``None``: the shared one.

    Raises:
        InvalidTypeError: no audio session.
    """

    _kind: type[_Async] = _Async

    def __init__(self, audio_session: AnyAudioSession = None) -> None:
        super().__init__(self._kind(audio_session))

    def _stands_for(self) -> _Async:
        """Whose notifications an observer of this one hears."""
        return self._async

    @contextmanager
    def configuration(self) -> Iterator[None]:
        """See :meth:`audiosession.capture.AVCaptureSession.configuration`."""
        manager = self._async.configuration()
        self._run(manager.__enter__)
        try:
            yield
        except BaseException as error:
            leave = functools.partial(manager.__exit__, type(error), error, error.__traceback__)
            if not self._run(leave):
                raise
        else:
            self._run(functools.partial(manager.__exit__, None, None, None))

    def _run(self, what: Callable[[], T]) -> T:
        async def running() -> T:
            return what()

        return self._worker.run(running())

    start_running = calls(_Async.start_running)
    stop_running = calls(_Async.stop_running)

    add_connection = _does(_Async.add_connection)
    add_control = _does(_Async.add_control)
    add_input = _does(_Async.add_input)
    add_input_with_no_connections = _does(_Async.add_input_with_no_connections)
    add_output = _does(_Async.add_output)
    add_output_with_no_connections = _does(_Async.add_output_with_no_connections)
    begin_configuration = _does(_Async.begin_configuration)
    can_add_connection = _does(_Async.can_add_connection)
    can_add_control = _does(_Async.can_add_control)
    can_add_input = _does(_Async.can_add_input)
    can_add_output = _does(_Async.can_add_output)
    can_set_session_preset = _does(_Async.can_set_session_preset)
    commit_configuration = _does(_Async.commit_configuration)
    observe = _does(_Async.observe)
    remove_connection = _does(_Async.remove_connection)
    remove_control = _does(_Async.remove_control)
    remove_input = _does(_Async.remove_input)
    remove_output = _does(_Async.remove_output)
    run_deferred_start_when_needed = _does(_Async.run_deferred_start_when_needed)
    set_controls_delegate = _does(_Async.set_controls_delegate)
    set_deferred_start_delegate = _does(_Async.set_deferred_start_delegate)

    automatically_configures_application_audio_session = _Property(
        lambda s: s.automatically_configures_application_audio_session
    )
    automatically_configures_capture_device_for_wide_color = _Property(
        lambda s: s.automatically_configures_capture_device_for_wide_color
    )
    automatically_runs_deferred_start = _Property(lambda s: s.automatically_runs_deferred_start)
    configures_application_audio_session_for_bluetooth_high_quality_recording = _Property(
        lambda s: s.configures_application_audio_session_for_bluetooth_high_quality_recording
    )
    configures_application_audio_session_to_mix_with_others = _Property(
        lambda s: s.configures_application_audio_session_to_mix_with_others
    )
    connections = _Property(lambda s: s.connections)
    controls = _Property(lambda s: s.controls)
    controls_delegate = _Property(lambda s: s.controls_delegate)
    controls_delegate_callback_queue = _Property(lambda s: s.controls_delegate_callback_queue)
    deferred_start_delegate = _Property(lambda s: s.deferred_start_delegate)
    deferred_start_delegate_callback_queue = _Property(
        lambda s: s.deferred_start_delegate_callback_queue
    )
    hardware_cost = _Property(lambda s: s.hardware_cost)
    inputs = _Property(lambda s: s.inputs)
    is_interrupted = _Property(lambda s: s.is_interrupted)
    is_manual_deferred_start_supported = _Property(lambda s: s.is_manual_deferred_start_supported)
    is_multitasking_camera_access_enabled = _Property(
        lambda s: s.is_multitasking_camera_access_enabled
    )
    is_multitasking_camera_access_supported = _Property(
        lambda s: s.is_multitasking_camera_access_supported
    )
    is_running = _Property(lambda s: s.is_running)
    master_clock = _Property(lambda s: s.master_clock)
    max_controls_count = _Property(lambda s: s.max_controls_count)
    outputs = _Property(lambda s: s.outputs)
    session_preset = _Property(lambda s: s.session_preset)
    supports_controls = _Property(lambda s: s.supports_controls)
    synchronization_clock = _Property(lambda s: s.synchronization_clock)
    uses_application_audio_session = _Property(lambda s: s.uses_application_audio_session)


class AVCaptureMultiCamSession(AVCaptureSession):
    """As :class:`audiosession.capture.AVCaptureMultiCamSession`, with calls that block."""

    _kind = multicam.AVCaptureMultiCamSession

    is_multi_cam_supported = multicam.AVCaptureMultiCamSession.is_multi_cam_supported
    system_pressure_cost = _Property(
        lambda s: cast("multicam.AVCaptureMultiCamSession", s).system_pressure_cost
    )


def request_access(media_type: AVMediaType, *, audio_session: AnyAudioSession = None) -> bool:
    """:meth:`audiosession.capture.AVCaptureDevice.request_access`, blocking."""
    return _blocking_api._the_worker().run(
        AVCaptureDevice.request_access(media_type, audio_session=audio_session)
    )
