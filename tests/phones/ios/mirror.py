"""A native AVAudioSession whose phone is the simulated one.

What the code under test asks of the native objects, an app's session on a simulated phone
answers; what that session tells its observers is posted from the native thread. So whatever is
known of the simulated phone can be asked of a session that stands over native objects.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from enum import Enum
from functools import partial
from typing import Any

from audiosession.apple import (
    AVAudioApplication,
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionDataSourceDescription,
    AVAudioSessionIOType,
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionPortDescription,
    AVAudioSessionPortOverride,
    AVAudioSessionRouteDescription,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
    AVAudioStereoOrientation,
    Notification,
    NotificationCenter,
    NSError,
)
from audiosession.hosts.ios.ports import PORT_NAMES
from audiosession.hosts.simulated import SimulatedApp
from tests.phones.ios.fake_objc import FakeObjC, NativeClass, NativeError, NativeObject, text_of

_NEWER = (
    AVAudioSessionNotificationName.DID_BECOME_ACTIVE,
    AVAudioSessionNotificationName.DID_BECOME_INACTIVE,
    AVAudioSessionNotificationName.RESUMPTION_RECOMMENDATION,
)
"""Of iOS 27, which the declarations do not have yet."""

_OBSERVABLE = {
    "inputGain": "input_gain",
    "outputVolume": "output_volume",
    "promptStyle": "prompt_style",
    "sampleRate": "sample_rate",
    "IOBufferDuration": "io_buffer_duration",
}


class Mirror:
    """A fake bridge over an app of a simulated phone.

    To be made and used in the event loop of the test.

    Args:
        app: The app; its own session is the native one.
        lists_channels: Whether ports list their channels, which they need not.
    """

    def __init__(self, app: SimulatedApp, *, lists_channels: bool = True) -> None:
        self.lists_channels = lists_channels
        major, minor = app.device.apple.system_version
        self.fake = FakeObjC((major, minor))
        self.inner = AVAudioSession.of(app.session)
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self.session = _Session(self)
        self.application = _Application(self)
        self.fake.classes["AVAudioSession"] = NativeClass(
            "AVAudioSession", sharedInstance=lambda: self.session
        )
        if self.fake.system_version >= (17, 0):
            self.fake.classes["AVAudioApplication"] = NativeClass(
                "AVAudioApplication",
                sharedInstance=self.application,
                requestRecordPermissionWithCompletionHandler=self.session.requestRecordPermission,
                requestMicrophoneInjectionPermissionWithCompletionHandler=self._ask_to_inject,
            )
        self.fake.classes["NSBundle"] = NativeClass("NSBundle", mainBundle=_Bundle(app.id))
        self._token = NotificationCenter.default().add_observer(None, self._told, self.inner)
        self._watches = [
            self.inner.observe(ours, partial(self._changed, key))
            for key, ours in _OBSERVABLE.items()
        ]

    async def close(self) -> None:
        """Ends it; fails where the bridge was used wrongly."""
        # The native thread may be asking the loop for something.
        await self.settle()
        NotificationCenter.default().remove_observer(self._token)
        for each in self._watches:
            each.cancel()
        self.fake.close()

    async def settle(self) -> None:
        """Returns when all that the phone said until now has been heard in the loop."""
        for _ in range(3):
            heard = asyncio.Event()
            say = partial(self._loop.call_soon_threadsafe, heard.set)
            self.fake.on_native_thread(say, wait=False)
            async with asyncio.timeout(60):
                await heard.wait()

    # -- from any thread ---------------------------------------------------------------------

    def read(self, get: Callable[[], Any]) -> Any:
        """What the simulated phone says, in its own loop."""
        if threading.get_ident() == self._thread:
            return get()

        async def got() -> Any:
            return get()

        return asyncio.run_coroutine_threadsafe(got(), self._loop).result(60)

    def do(self, call: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """What the simulated phone does; raises NativeError where it answers no."""
        assert threading.get_ident() != self._thread, "native calls do not hold up the loop"

        async def done() -> Any:
            return await call()

        try:
            return asyncio.run_coroutine_threadsafe(done(), self._loop).result(60)
        except NSError as error:
            raise NativeError(int(error.code), error.domain) from error

    # -- what it tells -----------------------------------------------------------------------

    def _told(self, said: Notification) -> None:
        if said.name in _NEWER:
            return
        info = {str(key): self._native(value) for key, value in said.user_info.items()}
        self.fake.on_native_thread(
            lambda: self.fake.post(said.name, self.session, info), wait=False
        )

    def _changed(self, key: str, _: Any) -> None:
        self.fake.on_native_thread(lambda: self.fake.tell_changed(self.session, key), wait=False)

    def _native(self, value: Any) -> Any:
        if isinstance(value, AVAudioSessionRouteDescription):
            return _Route(self, value)
        return value.value if isinstance(value, Enum) else value

    def _ask_to_inject(self, response: Callable[[Any], None]) -> None:
        answer = self.do(
            AVAudioApplication.of(self.inner.audio_session).request_microphone_injection_permission
        )
        response(answer.value)


class _Bundle(NativeObject):
    objc_class = "NSBundle"

    def __init__(self, name: str) -> None:
        self._name = name

    def objectForInfoDictionaryKey(self, key: str) -> Any:
        return self._name if key == "CFBundleName" else "why" if "Usage" in key else None


class _Read:
    """A property of the native session that one of the simulated phone's answers."""

    def __init__(self, ours: str) -> None:
        self._ours = ours

    def __get__(self, native: _Session, _: type) -> Any:
        mirror = native._mirror
        value = mirror.read(lambda: getattr(mirror.inner, self._ours))
        if isinstance(value, AVAudioSessionPortDescription):
            return _Port(mirror, value)
        if isinstance(value, tuple):
            return [_Port(mirror, each) for each in value]
        return value.value if isinstance(value, Enum) else value


class _Session(NativeObject):
    objc_class = "AVAudioSession"

    IOBufferDuration = _Read("io_buffer_duration")
    availableInputs = _Read("available_inputs")
    categoryOptions = _Read("category_options")
    inputAvailable = _Read("is_input_available")
    inputGain = _Read("input_gain")
    inputGainSettable = _Read("is_input_gain_settable")
    inputLatency = _Read("input_latency")
    inputNumberOfChannels = _Read("input_number_of_channels")
    isEchoCancelledInputAvailable = _Read("is_echo_cancelled_input_available")
    isMicrophoneInjectionAvailable = _Read("is_microphone_injection_available")
    maximumInputNumberOfChannels = _Read("maximum_input_number_of_channels")
    maximumOutputNumberOfChannels = _Read("maximum_output_number_of_channels")
    otherAudioPlaying = _Read("is_other_audio_playing")
    outputLatency = _Read("output_latency")
    outputNumberOfChannels = _Read("output_number_of_channels")
    outputVolume = _Read("output_volume")
    preferredInput = _Read("preferred_input")
    promptStyle = _Read("prompt_style")
    recordPermission = _Read("record_permission")
    renderingMode = _Read("rendering_mode")
    routeSharingPolicy = _Read("route_sharing_policy")
    sampleRate = _Read("sample_rate")
    secondaryAudioShouldBeSilencedHint = _Read("secondary_audio_should_be_silenced_hint")

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    @property
    def category(self) -> str:
        mirror = self._mirror
        return mirror.read(lambda: text_of(mirror.inner.category.value))  # type: ignore[no-any-return]

    @property
    def mode(self) -> str:
        mirror = self._mirror
        return mirror.read(lambda: text_of(mirror.inner.mode.value))  # type: ignore[no-any-return]

    @property
    def currentRoute(self) -> _Route:
        mirror = self._mirror
        return mirror.read(lambda: _Route(mirror, mirror.inner.current_route))  # type: ignore[no-any-return]

    # -- what it does

    def setCategoryModeRouteSharingPolicyOptionsError(
        self, category: str, mode: str, policy: int, options: int
    ) -> None:
        inner = self._mirror.inner
        self._mirror.do(
            lambda: inner.set_category(
                _known(AVAudioSessionCategory, category),
                mode=_known(AVAudioSessionMode, mode),
                policy=AVAudioSessionRouteSharingPolicy(policy),
                options=AVAudioSessionCategoryOptions(options),
            )
        )

    def setCategoryModeOptionsError(self, category: str, mode: str, options: int) -> None:
        self.setCategoryModeRouteSharingPolicyOptionsError(category, mode, 0, options)

    def setActiveWithOptionsError(self, active: bool, options: int) -> None:
        self._mirror.do(
            lambda: self._mirror.inner.set_active(
                active, options=AVAudioSessionSetActiveOptions(options)
            )
        )

    def overrideOutputAudioPortError(self, override: int) -> None:
        self._mirror.do(
            lambda: self._mirror.inner.override_output_audio_port(
                AVAudioSessionPortOverride(override)
            )
        )

    def setPreferredInputError(self, port: _Port | None) -> None:
        inner = self._mirror.inner
        self._mirror.do(lambda: inner.set_preferred_input(None if port is None else port.ours))

    def requestRecordPermission(self, response: Callable[[bool], None]) -> None:
        response(self._mirror.do(self._mirror.inner.request_record_permission))

    def __getattr__(self, name: str) -> Any:
        wish = _WISHES.get(name)
        if wish is None:
            raise AttributeError(name)
        method, kind = wish
        inner = self._mirror.inner
        return lambda value: self._mirror.do(lambda: getattr(inner, method)(kind(value)))


_WISHES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "setAggregatedIOPreferenceError": ("set_aggregated_io_preference", AVAudioSessionIOType),
    "setAllowHapticsAndSystemSoundsDuringRecordingError": (
        "set_allow_haptics_and_system_sounds_during_recording",
        bool,
    ),
    "setInputGainError": ("set_input_gain", float),
    "setOutputMutedError": ("set_output_muted", bool),
    "setPreferredIOBufferDurationError": ("set_preferred_io_buffer_duration", float),
    "setPreferredInputNumberOfChannelsError": ("set_preferred_input_number_of_channels", int),
    "setPreferredInputOrientationError": (
        "set_preferred_input_orientation",
        AVAudioStereoOrientation,
    ),
    "setPreferredMicrophoneInjectionModeError": (
        "set_preferred_microphone_injection_mode",
        AVAudioSessionMicrophoneInjectionMode,
    ),
    "setPreferredOutputNumberOfChannelsError": ("set_preferred_output_number_of_channels", int),
    "setPreferredSampleRateError": ("set_preferred_sample_rate", float),
    "setPrefersEchoCancelledInputError": ("set_prefers_echo_cancelled_input", bool),
    "setPrefersInterruptionOnRouteDisconnectError": (
        "set_prefers_interruption_on_route_disconnect",
        bool,
    ),
    "setPrefersNoInterruptionsFromSystemAlertsError": (
        "set_prefers_no_interruptions_from_system_alerts",
        bool,
    ),
    "setSupportsMultichannelContentError": ("set_supports_multichannel_content", bool),
}


class _Application(NativeObject):
    objc_class = "AVAudioApplication"

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    @property
    def _inner(self) -> AVAudioApplication:
        return AVAudioApplication.of(self._mirror.inner.audio_session)

    @property
    def recordPermission(self) -> int:
        return self._mirror.read(lambda: self._inner.record_permission.value)  # type: ignore[no-any-return]

    @property
    def microphoneInjectionPermission(self) -> int:
        return self._mirror.read(  # type: ignore[no-any-return]
            lambda: self._inner.microphone_injection_permission.value
        )

    @property
    def inputMuted(self) -> bool:
        return self._mirror.read(lambda: self._inner.is_input_muted)  # type: ignore[no-any-return]

    def setInputMutedError(self, muted: bool) -> None:
        self._mirror.do(lambda: self._inner.set_input_muted(muted))


class _Route(NativeObject):
    objc_class = "AVAudioSessionRouteDescription"

    def __init__(self, mirror: Mirror, route: AVAudioSessionRouteDescription) -> None:
        self.inputs = [_Port(mirror, each) for each in route.inputs]
        self.outputs = [_Port(mirror, each) for each in route.outputs]


class _Channel(NativeObject):
    objc_class = "AVAudioSessionChannelDescription"

    def __init__(self, name: str) -> None:
        self.channelName = name


class _Capability(NativeObject):
    objc_class = "AVAudioSessionCapability"

    def __init__(self, *, supported: bool, enabled: bool) -> None:
        self.supported = supported
        self.enabled = enabled


class _Extension(NativeObject):
    objc_class = "AVAudioSessionPortExtensionBluetoothMicrophone"

    def __init__(self, port: AVAudioSessionPortDescription) -> None:
        ours = port.bluetooth_microphone_extension
        assert ours is not None
        self.farFieldCapture = _Capability(
            supported=ours.far_field_capture.is_supported,
            enabled=ours.far_field_capture.is_enabled,
        )
        self.highQualityRecording = _Capability(
            supported=ours.high_quality_recording.is_supported,
            enabled=ours.high_quality_recording.is_enabled,
        )


class _Port(NativeObject):
    objc_class = "AVAudioSessionPortDescription"

    def __init__(self, mirror: Mirror, ours: AVAudioSessionPortDescription) -> None:
        self._mirror = mirror
        self.ours = ours
        self.UID = ours.uid
        self.portName = ours.port_name
        self.portType = text_of(PORT_NAMES[ours.port_type])
        channels = [_Channel(each.channel_name) for each in ours.channels or ()]
        self.channels = channels if mirror.lists_channels else None
        self.hasHardwareVoiceCallProcessing = ours.has_hardware_voice_call_processing
        self.spatialAudioEnabled = ours.is_spatial_audio_enabled
        has_extension = ours.bluetooth_microphone_extension is not None
        self.bluetoothMicrophoneExtension = _Extension(ours) if has_extension else None

    @property
    def dataSources(self) -> list[_DataSource] | None:
        found = self.ours.data_sources
        return None if found is None else [_DataSource(self._mirror, each) for each in found]

    @property
    def selectedDataSource(self) -> _DataSource | None:
        return self._one(lambda: self.ours.selected_data_source)

    @property
    def preferredDataSource(self) -> _DataSource | None:
        return self._one(lambda: self.ours.preferred_data_source)

    def setPreferredDataSourceError(self, source: _DataSource | None) -> None:
        ours = None if source is None else source.ours
        self._mirror.do(lambda: self.ours.set_preferred_data_source(ours))

    def _one(
        self, get: Callable[[], AVAudioSessionDataSourceDescription | None]
    ) -> _DataSource | None:
        found = self._mirror.read(get)
        return None if found is None else _DataSource(self._mirror, found)


class _DataSource(NativeObject):
    objc_class = "AVAudioSessionDataSourceDescription"

    def __init__(self, mirror: Mirror, ours: AVAudioSessionDataSourceDescription) -> None:
        self._mirror = mirror
        self.ours = ours
        self.dataSourceID = ours.data_source_id
        self.dataSourceName = ours.data_source_name
        self.location = _text("AVAudioSessionLocation", ours.location)
        self.orientation = _text("AVAudioSessionOrientation", ours.orientation)
        patterns = ours.supported_polar_patterns
        self.supportedPolarPatterns = (
            None if patterns is None else [_text(_PATTERN, each) for each in patterns]
        )

    @property
    def selectedPolarPattern(self) -> str | None:
        return _text(_PATTERN, self._mirror.read(lambda: self.ours.selected_polar_pattern))

    @property
    def preferredPolarPattern(self) -> str | None:
        return _text(_PATTERN, self._mirror.read(lambda: self.ours.preferred_polar_pattern))

    def setPreferredPolarPatternError(self, text: str | None) -> None:
        pattern = next(
            (each for each in AVAudioSessionPolarPattern if _text(_PATTERN, each) == text), None
        )
        self._mirror.do(lambda: self.ours.set_preferred_polar_pattern(pattern))


_PATTERN = "AVAudioSessionPolarPattern"


def _text(prefix: str, value: str | None) -> str | None:
    return None if value is None else text_of(f"{prefix}{value}")


def _known(kind: Any, text: str) -> Any:
    return next(each for each in kind if text_of(each.value) == text)


__all__ = ["Mirror"]
