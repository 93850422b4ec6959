"""AVCaptureSession: microphones and cameras to outputs, beside the app's audio session.

Names are Swift's in Python's spelling. Changes of a session are plain calls that take effect
at once, or raise and change nothing; what runs follows them. :meth:`AVCaptureSession.start_running`
and :meth:`AVCaptureSession.stop_running` are awaited until that is done;
:mod:`audiosession.capture.blocking` has them in a blocking form. Notifications are posted to
:meth:`NotificationCenter.default() <audiosession.apple.notifications.NotificationCenter.default>`
in the event loop of the start. Sources: AVCaptureSession.h and its documentation pages.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

from audiosession._checks import check_flag
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.capture._app import AnyAudioSession
from audiosession.capture._audio_session import AudioSide, AudioWish, PrivateAudio, SharedAudio
from audiosession.capture._graph import Graph
from audiosession.capture._running import Running
from audiosession.capture.enums import (
    AVCaptureDevicePosition,
    AVCaptureMultichannelAudioMode,
    AVMediaType,
)
from audiosession.capture.errors import NSInvalidArgumentException
from audiosession.capture.inputs import AVCaptureDeviceInput
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.outputs.delivery import DispatchQueue, dispatch
from audiosession.errors import InvalidTypeError

__all__ = ["AVCaptureSession", "AVCaptureSessionDeferredStartDelegate"]

DEFERRED_START_SINCE: Final = (26, 0)
"""From then on outputs can start after the session does."""

_NO_MANUAL_START: Final = "manual deferred start is not supported"
_ASK_MANUAL_START: Final = "ask is_manual_deferred_start_supported first"


class AVCaptureSessionDeferredStartDelegate(Protocol):
    """Who is told when outputs start that start later; since iOS 26.0. Both may be missing."""

    def session_will_run_deferred_start(self, session: AVCaptureSession) -> None:
        """They are about to."""

    def session_did_run_deferred_start(self, session: AVCaptureSession) -> None:
        """They have."""


class AVCaptureSession(Running):
    """Brings samples from inputs to outputs.

    Belongs to the event loop in which it is first started, for as long as that loop runs.
    One that runs has to be stopped: it goes on, and keeps its devices, also when the program
    holds it no more.

    Args:
        audio_session: The app's audio session, and so whose devices there are; ``None``: the
            shared session. Apple knows the shared one only; a simulated device has others.

    Raises:
        InvalidTypeError: no audio session.
    """

    def __init__(self, audio_session: AnyAudioSession = None) -> None:
        super().__init__(audio_session)
        self._uses_app_session = True
        self._configures_app_session = True
        self._mixes = False
        self._high_quality = False
        self._wide_color = True
        self._runs_deferred = True
        self._deferred_delegate: object = None
        self._deferred_queue: DispatchQueue | None = None
        self._controls_delegate: object = None
        self._controls_queue: DispatchQueue | None = None
        self._prepare()

    def __repr__(self) -> str:
        state = "running" if self._running else "interrupted" if self.is_interrupted else "stopped"
        return f"<{type(self).__name__} {state}>"

    # -- the app's audio session -------------------------------------------------------------

    @property
    def uses_application_audio_session(self) -> bool:
        """Whether it records with the app's audio session; true at first. Since iOS 7.0.

        Otherwise with a private one, which can interrupt what the app itself plays, and the
        other three properties of this group have no effect (apple 122, 124).

        Raises:
            NSInvalidArgumentException: the session runs.
            InvalidTypeError: neither True nor False.
        """
        return self._uses_app_session

    @uses_application_audio_session.setter
    def uses_application_audio_session(self, uses: bool) -> None:
        self._check_change("uses_application_audio_session", uses)
        self._uses_app_session = uses

    @property
    def automatically_configures_application_audio_session(self) -> bool:
        """Whether it sets up the app's audio session to record; true at first. Since iOS 7.0.

        When the session starts with a microphone, the category becomes ``PLAY_AND_RECORD``,
        and the built-in microphone and its polar pattern fit the camera; a chat mode that was
        set is gone, and nothing is restored afterwards (apple 123, 129). Otherwise the audio
        session is used as it is, and recording fails where it has no input (apple 125).

        Raises:
            NSInvalidArgumentException: the session runs.
            InvalidTypeError: neither True nor False.
        """
        return self._configures_app_session

    @automatically_configures_application_audio_session.setter
    def automatically_configures_application_audio_session(self, configures: bool) -> None:
        self._check_change("automatically_configures_application_audio_session", configures)
        self._configures_app_session = configures

    @property
    def configures_application_audio_session_to_mix_with_others(self) -> bool:
        """Whether other apps go on sounding while it records; false at first. Since iOS 18.0.

        Otherwise its start interrupts them (apple 124). Has an effect only where the session
        sets up the app's audio session by itself.

        Raises:
            NSInvalidArgumentException: the session runs.
            InvalidTypeError: neither True nor False.
        """
        return self._mixes

    @configures_application_audio_session_to_mix_with_others.setter
    def configures_application_audio_session_to_mix_with_others(self, mixes: bool) -> None:
        self._check_change("configures_application_audio_session_to_mix_with_others", mixes)
        self._mixes = mixes

    @property
    def configures_application_audio_session_for_bluetooth_high_quality_recording(self) -> bool:
        """Whether a Bluetooth microphone may record at full bandwidth. Since iOS 26.0.

        False at first, which Apple does not say. Has an effect only where the session sets up
        the app's audio session by itself.

        Raises:
            NSInvalidArgumentException: the session runs.
            InvalidTypeError: neither True nor False.
        """
        return self._high_quality

    @configures_application_audio_session_for_bluetooth_high_quality_recording.setter
    def configures_application_audio_session_for_bluetooth_high_quality_recording(
        self, configures: bool
    ) -> None:
        self._check_change(
            "configures_application_audio_session_for_bluetooth_high_quality_recording", configures
        )
        self._high_quality = configures

    # -- hardware ----------------------------------------------------------------------------

    @property
    def hardware_cost(self) -> float:
        """What it takes of the hardware, 0.0 to 1.0; more than that cannot start.

        Above 0 only with several video data outputs, or with one beside a movie file output.
        Since iOS 16.0.
        """
        return self._rules.hardware_cost(self._graph)

    @property
    def automatically_configures_capture_device_for_wide_color(self) -> bool:
        """Whether it prefers wide colours where a camera has them; true at first.

        No host has any, so it changes nothing. Since iOS 10.0.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._wide_color

    @automatically_configures_capture_device_for_wide_color.setter
    def automatically_configures_capture_device_for_wide_color(self, prefers: bool) -> None:
        check_flag("automatically_configures_capture_device_for_wide_color", prefers)
        self._wide_color = prefers

    # -- controls ----------------------------------------------------------------------------

    @property
    def supports_controls(self) -> bool:
        """Whether it can have capture controls; no host has any. Since iOS 18.0."""
        return False

    @property
    def max_controls_count(self) -> int:
        """Most controls it can have; since iOS 18.0."""
        return 0

    @property
    def controls(self) -> tuple[object, ...]:
        """Its controls; since iOS 18.0."""
        return ()

    def can_add_control(self, control: object) -> bool:
        """Whether a control may be added; none may. Since iOS 18.0."""
        return False

    def add_control(self, control: object) -> None:
        """Adds a control; since iOS 18.0.

        Raises:
            NSInvalidArgumentException: always; there are no controls here.
        """
        raise NSInvalidArgumentException(
            "this device has no capture controls",
            advice="ask supports_controls first",
            field="control",
        )

    def remove_control(self, control: object) -> None:
        """Removes a control; does nothing when it is not in this session. Since iOS 18.0."""

    @property
    def controls_delegate(self) -> object:
        """Who is told of controls; since iOS 18.0."""
        return self._controls_delegate

    @property
    def controls_delegate_callback_queue(self) -> DispatchQueue | None:
        """Where it is called; since iOS 18.0."""
        return self._controls_queue

    def set_controls_delegate(self, delegate: object, queue: DispatchQueue | None) -> None:
        """Says who is told of controls; nobody ever is, as there are none. Since iOS 18.0.

        Args:
            delegate: Who; ``None``: nobody.
            queue: Where it is called, an event loop or an executor with one thread; ``None``
                only without a delegate.

        Raises:
            NSInvalidArgumentException: a delegate without a queue.
            InvalidTypeError: the queue is none.
        """
        _check_queue(delegate, queue)
        self._controls_delegate, self._controls_queue = delegate, queue

    # -- deferred start ----------------------------------------------------------------------

    @property
    def is_manual_deferred_start_supported(self) -> bool:
        """Whether the app may say when outputs start that start later; since iOS 26.0."""
        return self._version >= DEFERRED_START_SINCE

    @property
    def automatically_runs_deferred_start(self) -> bool:
        """Whether the session itself says so, as soon as it runs; true at first.

        Since iOS 26.0.

        Raises:
            NSInvalidArgumentException: false, where the app may not say so.
            InvalidTypeError: neither True nor False.
        """
        return self._runs_deferred

    @automatically_runs_deferred_start.setter
    def automatically_runs_deferred_start(self, runs: bool) -> None:
        name = "automatically_runs_deferred_start"
        check_flag(name, runs)
        if not runs and not self.is_manual_deferred_start_supported:
            raise NSInvalidArgumentException(_NO_MANUAL_START, advice=_ASK_MANUAL_START, field=name)
        self._runs_deferred = runs

    @property
    def deferred_start_delegate(self) -> object:
        """Who is told when outputs that start later do; since iOS 26.0."""
        return self._deferred_delegate

    @property
    def deferred_start_delegate_callback_queue(self) -> DispatchQueue | None:
        """Where it is called; since iOS 26.0."""
        return self._deferred_queue

    def set_deferred_start_delegate(
        self, delegate: object, deferred_start_delegate_callback_queue: DispatchQueue | None
    ) -> None:
        """Says who is told when outputs that start later do; since iOS 26.0.

        Args:
            delegate: Who, an :class:`AVCaptureSessionDeferredStartDelegate`; ``None``: nobody.
            deferred_start_delegate_callback_queue: Where it is called, an event loop or an
                executor with one thread; ``None`` only without a delegate.

        Raises:
            NSInvalidArgumentException: a delegate without a queue.
            InvalidTypeError: the queue is none.
        """
        _check_queue(delegate, deferred_start_delegate_callback_queue)
        self._deferred_delegate = delegate
        self._deferred_queue = deferred_start_delegate_callback_queue

    def run_deferred_start_when_needed(self) -> None:
        """Has outputs start that wait for it; where none does, nothing. Since iOS 26.0.

        Raises:
            NSInvalidArgumentException: the app may not say so.
        """
        if not self.is_manual_deferred_start_supported:
            raise NSInvalidArgumentException(_NO_MANUAL_START, advice=_ASK_MANUAL_START)
        self._run_deferred()

    # -- inside ------------------------------------------------------------------------------

    def _check_change(self, name: str, value: bool) -> None:
        check_flag(name, value)
        self._check_stopped(name)

    def _make_audio(self) -> AudioSide:
        if self._uses_app_session:
            return SharedAudio(AVAudioSession.of(self._audio_session), self._ears)
        app_host = self._audio_session._use_host()
        host = getattr(self._app.host, "private_host", app_host)
        return PrivateAudio(self._audio_session, host, self._ears)

    def _audio_wish(self, graph: Graph) -> AudioWish:
        cameras = graph.real_devices(AVMediaType.VIDEO)
        microphones = graph.real_devices(AVMediaType.AUDIO)
        return AudioWish(
            automatic=self._configures_app_session,
            mix=self._mixes,
            high_quality=self._high_quality,
            position=cameras[0].position if cameras else AVCaptureDevicePosition.UNSPECIFIED,
            stereo=any(
                isinstance(each, AVCaptureDeviceInput)
                and each.multichannel_audio_mode is AVCaptureMultichannelAudioMode.STEREO
                for each in graph.inputs
            ),
            port=microphones[0]._settings.facts.port if microphones else None,
        )

    def _starts_later(self, output: AVCaptureOutput) -> bool:
        return bool(getattr(output, "is_deferred_start_enabled", False))

    def _start_later(self, outputs: list[AVCaptureOutput]) -> None:
        self._deferred = tuple(outputs)
        if self._runs_deferred:
            self._run_deferred()

    def _run_deferred(self) -> None:
        waiting, self._deferred = self._deferred, ()
        loop, clock, graph = self._loop, self._clock, self._flowing
        if not waiting or not self._running or loop is None or clock is None or graph is None:
            return
        self._tell_deferred("session_will_run_deferred_start")
        for output in waiting:
            if output in graph.outputs and output not in self._begun:
                output._begin(loop, clock)
                self._begun = (*self._begun, output)
        self._tell_deferred("session_did_run_deferred_start")

    def _tell_deferred(self, method: str) -> None:
        function = getattr(self._deferred_delegate, method, None)
        if function is not None and self._deferred_queue is not None:
            dispatch(self._deferred_queue, partial(function, self))


def _check_queue(delegate: object, queue: object) -> None:
    if queue is not None and not isinstance(queue, DispatchQueue):
        raise InvalidTypeError("queue", queue, expected="an event loop, an executor, or None")
    if delegate is not None and queue is None:
        raise NSInvalidArgumentException(
            "a delegate needs a queue",
            advice="give an event loop or an executor with one thread",
            field="queue",
        )
