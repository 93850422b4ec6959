"""AVAudioSession for programs without an event loop: the same session, calls that block.

Every method is the asynchronous one, run to its end in the thread that all blocking sessions
of the process share. Callbacks of notifications and of observed properties run in that
thread, so they should be quick and must not use a blocking session themselves; what they
need to know they read from ``notification.object``, the asynchronous session.

Example::

    from audiosession.apple import AVAudioSessionCategory
    from audiosession.apple.blocking import AVAudioSession

    session = AVAudioSession.shared_instance()
    session.set_category(AVAudioSessionCategory.PLAYBACK)
    session.set_active(True)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from audiosession import blocking as _blocking_api
from audiosession._twins import Twin, calls
from audiosession.apple import _io, avaudioapplication, avaudiosession, ports
from audiosession.apple._observing import Observation
from audiosession.apple.names import AVAudioSessionPolarPattern
from audiosession.session import AudioSession

__all__ = [
    "AVAudioApplication",
    "AVAudioSession",
    "AudioIO",
    "set_preferred_data_source",
    "set_preferred_polar_pattern",
]

T = TypeVar("T")
S = TypeVar("S")
S_co = TypeVar("S_co", covariant=True)
_Async = avaudiosession.AVAudioSession
_AsyncApplication = avaudioapplication.AVAudioApplication


class _Blocking(Twin[S_co]):
    """A twin that observers of notifications may name."""

    def _stands_for(self) -> S_co:
        """Whose notifications an observer of this one hears."""
        return self._async


class _Read(Generic[S, T]):
    """A property, read in the sessions' thread."""

    def __init__(self, read: Callable[[S], T]) -> None:
        self._read = read

    @overload
    def __get__(self, owner: None, kind: type) -> _Read[S, T]: ...

    @overload
    def __get__(self, owner: _Blocking[S], kind: type) -> T: ...

    def __get__(self, owner: _Blocking[S] | None, kind: type) -> T | _Read[S, T]:
        if owner is None:
            return self

        async def reading() -> T:
            return self._read(owner._async)

        return owner._worker.run(reading())


def _of_session(read: Callable[[_Async], T]) -> _Read[_Async, T]:
    return _Read(read)


def _of_application(read: Callable[[_AsyncApplication], T]) -> _Read[_AsyncApplication, T]:
    return _Read(read)


def _of_io(read: Callable[[_io.AudioIO], T]) -> _Read[_io.AudioIO, T]:
    return _Read(read)


class AudioIO(_Blocking[_io.AudioIO]):
    """As :class:`audiosession.apple.AudioIO`, with calls that block."""

    start = calls(_io.AudioIO.start)
    stop = calls(_io.AudioIO.stop)
    running = _of_io(lambda io: io.running)
    input = _of_io(lambda io: io.input)
    output = _of_io(lambda io: io.output)


class AVAudioSession(_Blocking[_Async]):
    """As :class:`audiosession.apple.AVAudioSession`, with calls that block.

    May be used from several threads; calls are then served one after the other.
    """

    @classmethod
    def shared_instance(cls) -> AVAudioSession:
        """The one session of the app; every call gives the same object."""
        return cls.of(AudioSession.instance())

    @classmethod
    def of(cls, audio_session: AudioSession | _blocking_api.AudioSession) -> AVAudioSession:
        """The view of a session of the one API, in its blocking form or the other.

        Every call for the same session gives the same object.

        Raises:
            InvalidTypeError: no such session.
        """
        if isinstance(audio_session, _blocking_api.AudioSession):
            audio_session = audio_session._session
        asynchronous = _Async.of(audio_session)
        if not isinstance(asynchronous._blocking, AVAudioSession):
            asynchronous._blocking = AVAudioSession(asynchronous)
        return asynchronous._blocking

    def __init__(self, asynchronous: _Async) -> None:
        super().__init__(asynchronous)
        # It is closed with the program.
        self._session = _blocking_api.AudioSession(asynchronous.audio_session)

    @property
    def audio_session(self) -> _blocking_api.AudioSession:
        """The session of the one API that this is a view of, in its blocking form."""
        return self._session

    def make_io(self, input: bool = False, output: bool = True) -> AudioIO:
        """See :meth:`audiosession.apple.AVAudioSession.make_io`."""

        async def making() -> _io.AudioIO:
            return self._async.make_io(input, output)

        return AudioIO(self._worker.run(making()))

    def observe(self, name: str, callback: Callable[[Any], object]) -> Observation:
        """See :meth:`audiosession.apple.AVAudioSession.observe`."""

        async def observing() -> Observation:
            return self._async.observe(name, callback)

        return self._worker.run(observing())

    @property
    def delegate(self) -> object:
        """See :attr:`audiosession.apple.AVAudioSession.delegate`."""
        return self._async.delegate

    @delegate.setter
    def delegate(self, delegate: object) -> None:
        self._async.delegate = delegate

    set_category = calls(_Async.set_category)
    set_mode = calls(_Async.set_mode)
    set_active = calls(_Async.set_active)
    set_active_with_flags = calls(_Async.set_active_with_flags)
    activate = calls(_Async.activate)
    deactivate = calls(_Async.deactivate)
    override_output_audio_port = calls(_Async.override_output_audio_port)
    prepare_route_selection_for_playback = calls(_Async.prepare_route_selection_for_playback)
    request_record_permission = calls(_Async.request_record_permission)
    set_aggregated_io_preference = calls(_Async.set_aggregated_io_preference)
    set_allow_haptics_and_system_sounds_during_recording = calls(
        _Async.set_allow_haptics_and_system_sounds_during_recording
    )
    set_input_data_source = calls(_Async.set_input_data_source)
    set_input_gain = calls(_Async.set_input_gain)
    set_output_data_source = calls(_Async.set_output_data_source)
    set_output_muted = calls(_Async.set_output_muted)
    set_preferred_hardware_sample_rate = calls(_Async.set_preferred_hardware_sample_rate)
    set_preferred_input = calls(_Async.set_preferred_input)
    set_preferred_input_number_of_channels = calls(_Async.set_preferred_input_number_of_channels)
    set_preferred_input_orientation = calls(_Async.set_preferred_input_orientation)
    set_preferred_io_buffer_duration = calls(_Async.set_preferred_io_buffer_duration)
    set_preferred_microphone_injection_mode = calls(_Async.set_preferred_microphone_injection_mode)
    set_preferred_output_number_of_channels = calls(_Async.set_preferred_output_number_of_channels)
    set_preferred_sample_rate = calls(_Async.set_preferred_sample_rate)
    set_prefers_echo_cancelled_input = calls(_Async.set_prefers_echo_cancelled_input)
    set_prefers_interruption_on_route_disconnect = calls(
        _Async.set_prefers_interruption_on_route_disconnect
    )
    set_prefers_no_interruptions_from_system_alerts = calls(
        _Async.set_prefers_no_interruptions_from_system_alerts
    )
    set_supports_multichannel_content = calls(_Async.set_supports_multichannel_content)

    allow_haptics_and_system_sounds_during_recording = _of_session(
        lambda s: s.allow_haptics_and_system_sounds_during_recording
    )
    available_categories = _of_session(lambda s: s.available_categories)
    available_inputs = _of_session(lambda s: s.available_inputs)
    available_modes = _of_session(lambda s: s.available_modes)
    category = _of_session(lambda s: s.category)
    category_options = _of_session(lambda s: s.category_options)
    current_hardware_input_number_of_channels = _of_session(
        lambda s: s.current_hardware_input_number_of_channels
    )
    current_hardware_output_number_of_channels = _of_session(
        lambda s: s.current_hardware_output_number_of_channels
    )
    current_hardware_sample_rate = _of_session(lambda s: s.current_hardware_sample_rate)
    current_route = _of_session(lambda s: s.current_route)
    input_data_source = _of_session(lambda s: s.input_data_source)
    input_data_sources = _of_session(lambda s: s.input_data_sources)
    input_gain = _of_session(lambda s: s.input_gain)
    input_is_available = _of_session(lambda s: s.input_is_available)
    input_latency = _of_session(lambda s: s.input_latency)
    input_number_of_channels = _of_session(lambda s: s.input_number_of_channels)
    input_orientation = _of_session(lambda s: s.input_orientation)
    io_buffer_duration = _of_session(lambda s: s.io_buffer_duration)
    is_active = _of_session(lambda s: s.is_active)
    is_echo_cancelled_input_available = _of_session(lambda s: s.is_echo_cancelled_input_available)
    is_echo_cancelled_input_enabled = _of_session(lambda s: s.is_echo_cancelled_input_enabled)
    is_input_available = _of_session(lambda s: s.is_input_available)
    is_input_gain_settable = _of_session(lambda s: s.is_input_gain_settable)
    is_microphone_injection_available = _of_session(lambda s: s.is_microphone_injection_available)
    is_other_audio_playing = _of_session(lambda s: s.is_other_audio_playing)
    is_output_muted = _of_session(lambda s: s.is_output_muted)
    maximum_input_number_of_channels = _of_session(lambda s: s.maximum_input_number_of_channels)
    maximum_output_number_of_channels = _of_session(lambda s: s.maximum_output_number_of_channels)
    mode = _of_session(lambda s: s.mode)
    output_data_source = _of_session(lambda s: s.output_data_source)
    output_data_sources = _of_session(lambda s: s.output_data_sources)
    output_latency = _of_session(lambda s: s.output_latency)
    output_number_of_channels = _of_session(lambda s: s.output_number_of_channels)
    output_volume = _of_session(lambda s: s.output_volume)
    preferred_hardware_sample_rate = _of_session(lambda s: s.preferred_hardware_sample_rate)
    preferred_input = _of_session(lambda s: s.preferred_input)
    preferred_input_number_of_channels = _of_session(lambda s: s.preferred_input_number_of_channels)
    preferred_input_orientation = _of_session(lambda s: s.preferred_input_orientation)
    preferred_io_buffer_duration = _of_session(lambda s: s.preferred_io_buffer_duration)
    preferred_microphone_injection_mode = _of_session(
        lambda s: s.preferred_microphone_injection_mode
    )
    preferred_output_number_of_channels = _of_session(
        lambda s: s.preferred_output_number_of_channels
    )
    preferred_sample_rate = _of_session(lambda s: s.preferred_sample_rate)
    prefers_echo_cancelled_input = _of_session(lambda s: s.prefers_echo_cancelled_input)
    prefers_interruption_on_route_disconnect = _of_session(
        lambda s: s.prefers_interruption_on_route_disconnect
    )
    prefers_no_interruptions_from_system_alerts = _of_session(
        lambda s: s.prefers_no_interruptions_from_system_alerts
    )
    prompt_style = _of_session(lambda s: s.prompt_style)
    record_permission = _of_session(lambda s: s.record_permission)
    rendering_mode = _of_session(lambda s: s.rendering_mode)
    route_sharing_policy = _of_session(lambda s: s.route_sharing_policy)
    sample_rate = _of_session(lambda s: s.sample_rate)
    secondary_audio_should_be_silenced_hint = _of_session(
        lambda s: s.secondary_audio_should_be_silenced_hint
    )
    supported_output_channel_layouts = _of_session(lambda s: s.supported_output_channel_layouts)
    supports_multichannel_content = _of_session(lambda s: s.supports_multichannel_content)


class AVAudioApplication(_Blocking[_AsyncApplication]):
    """As :class:`audiosession.apple.AVAudioApplication`, with calls that block."""

    @classmethod
    def shared_instance(cls) -> AVAudioApplication:
        """The app that this process is."""
        return cls.of(AudioSession.instance())

    @classmethod
    def of(cls, audio_session: AudioSession) -> AVAudioApplication:
        """The app that a session belongs to.

        Raises:
            InvalidTypeError: not a session of the one API.
        """
        return cls(_AsyncApplication.of(audio_session))

    request_record_permission = calls(_AsyncApplication.request_record_permission)
    request_microphone_injection_permission = calls(
        _AsyncApplication.request_microphone_injection_permission
    )
    set_input_muted = calls(_AsyncApplication.set_input_muted)
    is_input_muted = _of_application(lambda a: a.is_input_muted)
    microphone_injection_permission = _of_application(lambda a: a.microphone_injection_permission)
    record_permission = _of_application(lambda a: a.record_permission)


def set_preferred_data_source(
    port: ports.AVAudioSessionPortDescription,
    data_source: ports.AVAudioSessionDataSourceDescription | None,
) -> None:
    """A port's ``set_preferred_data_source``, blocking."""
    _blocking_api._the_worker().run(port.set_preferred_data_source(data_source))


def set_preferred_polar_pattern(
    data_source: ports.AVAudioSessionDataSourceDescription,
    pattern: AVAudioSessionPolarPattern | None,
) -> None:
    """A data source's ``set_preferred_polar_pattern``, blocking."""
    _blocking_api._the_worker().run(data_source.set_preferred_polar_pattern(pattern))
