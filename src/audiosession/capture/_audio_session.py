"""How a capture session and the app's audio session get along (apple 122 to 131).

What Apple does not say is decided so: the audio session is configured and activated when the
capture session starts, with the category ``PLAY_AND_RECORD``, the default mode and no option
but those its flags ask for, and nothing is taken back when it stops. That is also what was
seen of phones.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Protocol

from audiosession.apple._io import AudioIO
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)
from audiosession.apple.enums import (
    AVAudioSessionDeactivationSource,
    AVAudioSessionInterruptionType,
    AVAudioStereoOrientation,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import (
    AVAudioSessionNotificationName,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
    AVAudioSessionPort,
    AVAudioSessionUserInfoKey,
)
from audiosession.apple.ports import AVAudioSessionDataSourceDescription
from audiosession.capture.enums import AVCaptureDevicePosition
from audiosession.capture.errors import UNDERLYING_ERROR, AVError, CaptureError
from audiosession.configuration import AudioSessionConfiguration
from audiosession.devices import AudioDevicesChangedEvent
from audiosession.errors import UnsupportedError
from audiosession.hosts.base import Host
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from audiosession.session import AudioSession

__all__ = [
    "AudioEvents",
    "AudioSide",
    "AudioWish",
    "PrivateAudio",
    "SharedAudio",
    "in_av_words",
]

_log = logging.getLogger("audiosession")

_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey
_Options = AVAudioSessionCategoryOptions
_Code = AVAudioSessionErrorCode
_Pattern = AVAudioSessionPolarPattern

_CODES = {
    _Code.INSUFFICIENT_PRIORITY: AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION,
    _Code.SIRI_IS_RECORDING: AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION,
    _Code.MEDIA_SERVICES_FAILED: AVError.MEDIA_SERVICES_WERE_RESET,
    _Code.RESOURCE_NOT_AVAILABLE: AVError.DEVICE_NOT_CONNECTED,
    _Code.CANNOT_INTERRUPT_OTHERS: AVError.OPERATION_NOT_ALLOWED,
    _Code.CANNOT_START_PLAYING: AVError.OPERATION_NOT_ALLOWED,
    _Code.CANNOT_START_RECORDING: AVError.OPERATION_NOT_ALLOWED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioWish:
    """What a capture session wants of the audio session."""

    automatic: bool = True
    """Whether to configure it."""
    mix: bool = False
    """Whether others go on sounding."""
    high_quality: bool = False
    """Whether a Bluetooth microphone may record at full bandwidth."""
    position: AVCaptureDevicePosition = AVCaptureDevicePosition.UNSPECIFIED
    """Where the camera sits that the microphone is to fit."""
    stereo: bool = False
    """Whether the built-in microphones are to record two channels."""
    port: str | None = None
    """The routing port that is the session's microphone; ``None``: that of the route."""

    @property
    def options(self) -> AVAudioSessionCategoryOptions:
        """The category's options."""
        options = _Options.NONE
        if self.mix:
            options |= _Options.MIX_WITH_OTHERS
        if self.high_quality:
            options |= _Options.BLUETOOTH_HIGH_QUALITY_RECORDING
        return options


class AudioEvents(Protocol):
    """Where a session hears of its audio. Called in its event loop."""

    def audio_lost(self) -> None:
        """Somebody else has the audio."""

    def audio_free(self) -> None:
        """The audio may be asked for again."""

    def audio_switched(self, on: bool) -> None:
        """The app itself deactivated the audio session, or activated it."""


class AudioSide(Protocol):
    """The audio session of a capture session."""

    async def start(self, wish: AudioWish) -> None:
        """Has it ready to record, or changes what it is ready for.

        Raises:
            NSError: it cannot be had.
        """

    async def stop(self) -> None:
        """The capture session wants no more sound."""


class SharedAudio:
    """The app's audio session, which others of the app use too.

    Args:
        session: The app's.
        events: The capture session.
    """

    def __init__(self, session: AVAudioSession, events: AudioEvents) -> None:
        self._session = session
        self._events = events
        self._io: AudioIO | None = None
        self._wish: AudioWish | None = None
        self._starting = False
        self._end = session._hear_first(self)

    async def start(self, wish: AudioWish) -> None:
        """See :class:`AudioSide`."""
        running = self._io is not None and self._io.running
        if running and wish == self._wish:
            return
        self._starting = True
        try:
            if wish.automatic:
                await self._configure(wish)
            if not running:
                # What the media services knew of is gone with them, so it is made anew.
                self._io = self._session.make_io(input=True, output=False)
                await self._io.start()
            self._wish = wish
            if wish.automatic:
                await self._choose_microphone(wish)
        finally:
            self._starting = False

    async def stop(self) -> None:
        """See :class:`AudioSide`. The audio session stays active, and as it is configured."""
        self._end()
        self._wish = None
        if self._io is not None:
            await self._io.stop()
            self._io = None

    def heard(self, name: str, user_info: Any) -> None:
        """For the audio session: something happened to it."""
        if name == _Name.INTERRUPTION:
            if user_info[_Key.INTERRUPTION_TYPE] is AVAudioSessionInterruptionType.BEGAN:
                self._events.audio_lost()
            else:
                self._events.audio_free()
        elif name == _Name.DID_BECOME_ACTIVE and not self._starting:
            self._events.audio_switched(True)
        elif name == _Name.DID_BECOME_INACTIVE:
            context = user_info[_Key.DEACTIVATION_CONTEXT]
            if context.source is AVAudioSessionDeactivationSource.APP:
                self._events.audio_switched(False)
            elif context.interruption_context is None and self._session._standing.media_services:
                # The app was suspended, which it hears of when that is over.
                self._events.audio_lost()
                self._events.audio_free()

    def look(self) -> None:
        """For the audio session: properties may have other values."""

    async def _configure(self, wish: AudioWish) -> None:
        session = self._session
        wanted = (
            AVAudioSessionCategory.PLAY_AND_RECORD,
            AVAudioSessionMode.DEFAULT,
            AVAudioSessionRouteSharingPolicy.DEFAULT,
            wish.options,
        )
        there = (
            session.category,
            session._now.wished_mode,
            session.route_sharing_policy,
            session._given_options,
        )
        if there != wanted:
            await session.set_category(wanted[0], mode=wanted[1], options=wanted[3])

    async def _choose_microphone(self, wish: AudioWish) -> None:
        """Has the microphone beside the camera hear; another device's is left alone."""
        facing = {
            AVCaptureDevicePosition.BACK: AVAudioSessionOrientation.BACK,
            AVCaptureDevicePosition.FRONT: AVAudioSessionOrientation.FRONT,
        }.get(wish.position)
        try:
            await self._prefer(wish.port)
            ports = self._session.current_route.inputs
            port = next(
                (each for each in ports if each.port_type is AVAudioSessionPort.BUILT_IN_MIC), None
            )
            sources = (port.data_sources if port is not None else None) or ()
            if port is None or not sources or (facing is None and not wish.stereo):
                return
            source = _source(sources, facing)
            pattern = _pattern(source, stereo=wish.stereo)
            if wish.stereo and pattern is _Pattern.STEREO:
                await self._session.set_preferred_input_orientation(
                    AVAudioStereoOrientation.PORTRAIT
                )
            if pattern is not None:
                await source.set_preferred_polar_pattern(pattern)
            await port.set_preferred_data_source(source)
        except (NSError, UnsupportedError) as error:
            # Whichever microphone it is, it records.
            _log.debug("no microphone was chosen: %s", error)

    async def _prefer(self, port_id: str | None) -> None:
        """Routes the input to the microphone that was chosen, where that is another one."""
        session = self._session
        if port_id is None or any(e.port_id == port_id for e in session.current_route.inputs):
            return
        wished = [each for each in session.available_inputs if each.port_id == port_id]
        if wished:
            await session.set_preferred_input(wished[0])


class PrivateAudio:
    """An audio session of the capture session's own, which can interrupt the app's.

    Args:
        beside: The app's audio session.
        host: Where this one lives.
        events: The capture session.
    """

    def __init__(self, beside: AudioSession, host: Host, events: AudioEvents) -> None:
        self._beside = beside
        self._session = AudioSession(host)
        self._session._face = self
        self._events = events
        self._active = False

    async def start(self, wish: AudioWish) -> None:
        """See :class:`AudioSide`. Of the wish nothing counts: it is private (apple 124)."""
        if self._active and self._session.is_active:
            return
        if not self._session.is_configured:
            # The app's own session is the first that a host knows of it.
            await self._beside
            await self._session.configure(
                AudioSessionConfiguration(
                    av_audio_session_category=AVAudioSessionCategory.PLAY_AND_RECORD
                )
            )
        if not await self._session.set_active(True):
            await self._session.set_active(False)
            raise NSError(_Code.INSUFFICIENT_PRIORITY)
        self._active = True

    async def stop(self) -> None:
        """See :class:`AudioSide`. Whoever it interrupted may resume."""
        self._active = False
        if self._session.is_active:
            await self._session.set_active(
                False,
                av_audio_session_set_active_options=(
                    AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
                ),
            )
        await self._session.close()

    # -- what its session reports ------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """For the session: an interruption began or ended."""
        if event.type is AudioInterruptionType.DUCK:
            return
        if event.begin:
            self._active = False
            self._events.audio_lost()
        else:
            self._events.audio_free()

    def becoming_noisy(self) -> None:
        """For the session: nothing to a microphone."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """For the session: the host's devices are told of elsewhere."""

    def gained_claim(self) -> None:
        """For the session: it is active after all."""
        self._events.audio_free()

    def lost_claim(self) -> None:
        """For the session: it is not active any more."""
        self._active = False

    async def app_called(self, *, configured: bool) -> None:
        """For the session: nothing to do."""


def in_av_words(error: NSError) -> CaptureError:
    """What the audio session answered, as a capture session says it."""
    code = AVError.UNKNOWN
    if isinstance(error.code, AVAudioSessionErrorCode):
        code = _CODES.get(error.code, AVError.UNKNOWN)
    return CaptureError(
        code,
        f"the audio session cannot record: {error.detail}",
        advice=error.advice,
        user_info={UNDERLYING_ERROR: error},
    )


def _source(
    sources: tuple[AVAudioSessionDataSourceDescription, ...],
    facing: AVAudioSessionOrientation | None,
) -> AVAudioSessionDataSourceDescription:
    able = [each for each in sources if _Pattern.STEREO in (each.supported_polar_patterns or ())]
    fitting = [each for each in sources if facing is not None and each.orientation is facing]
    return next(iter(fitting or able or sources))


def _pattern(
    source: AVAudioSessionDataSourceDescription, *, stereo: bool
) -> AVAudioSessionPolarPattern | None:
    patterns = source.supported_polar_patterns or ()
    for wished in (_Pattern.STEREO,) if stereo else (_Pattern.CARDIOID,):
        if wished in patterns:
            return wished
    return None
