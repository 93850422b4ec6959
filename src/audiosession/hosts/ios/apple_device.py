"""The phone's own AVAudioSession as the device side of this package's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ...apple.device import AppleDeviceEvents, AppleStanding, AppleWishes, Direction, PortFacts
from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSessionInterruptionReason,
    AVAudioSessionPortOverride,
    AVAudioSessionPromptStyle,
    AVAudioSessionRenderingMode,
)
from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...apple.names import (
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionUserInfoKey,
)
from ...core.routing import Port, RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from ...errors import HostUnavailableError
from .apple_members import DATA_SOURCE, PORT, SESSION, Members
from .apple_notices import HEARD, HEARD_OF_INPUTS, Watching
from .apple_permissions import Permissions
from .apple_ports import Ports
from .apple_standing import PhoneStanding
from .apple_wishes import changed
from .events import Note, begins, interruption_reason, was_suspended

if TYPE_CHECKING:
    from .host import IOSHost

__all__ = ["IOSAppleDevice"]

E = TypeVar("E", bound=Enum)
T = TypeVar("T")

_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey
_Code = AVAudioSessionErrorCode

_NO_MICROPHONE: Final = "there is no such input any more"


class IOSAppleDevice:
    """What the phone knows of the app's session; an
    :class:`~audiosession.apple.device.AppleDevice`.

    Everything that is read here is read from the phone at that moment, and nothing is kept:
    most of it changes without a word. The phone itself judges whether a session may become
    active, so nothing here stands in the way of that. Calls are made on the host's thread for
    native calls.

    Args:
        host: The phone as a host.
    """

    def __init__(self, host: IOSHost) -> None:
        self._host = host
        self._phone = host.phone
        self._members = Members(self._phone.bridge, self._phone.session)
        self._ports = Ports(self._members)
        self._permissions = Permissions(self._members, self._run)
        self._events: AppleDeviceEvents | None = None
        self._watching = Watching(self._members, lambda: host.say(self._altered))
        self._version = 0
        self._wishes = AppleWishes()
        self._reason = AVAudioSessionInterruptionReason.DEFAULT
        # Between the loss of the media services and their return.
        self._lost = False
        self._was_active = False
        # The ports of the previous route, while it is being told of.
        self._previous: tuple[Port, ...] = ()

    # -- for the host ------------------------------------------------------------------------

    def end(self) -> None:
        """The host is closed; nothing is told any more."""
        self._events = None
        self._watching.end()

    # -- what the phone says -----------------------------------------------------------------

    def take_in(self, note: Note) -> None:
        """See :class:`~audiosession.hosts.ios.events.NoteListener`."""
        self._ports.forget()
        if begins(note):
            suspended = AVAudioSessionInterruptionReason.APP_WAS_SUSPENDED
            self._reason = suspended if was_suspended(note) else interruption_reason(note)
        elif note.name is _Name.MEDIA_SERVICES_WERE_LOST:
            self._lost, self._was_active = True, self._host.active
        elif note.name is _Name.MEDIA_SERVICES_WERE_RESET:
            # Whatever was wished for has to be wished for anew (apple 121).
            self._lost, self._wishes = False, AppleWishes()
        elif note.name is _Name.ROUTE_CHANGE and self._events is not None:
            self._tell_route(note, self._events)

    def tell(self, note: Note) -> None:
        """See :class:`~audiosession.hosts.ios.events.NoteListener`."""
        hear = _HEARERS.get(note.name)
        if hear is not None and self._events is not None:
            hear(self, note.info, self._events)

    def _tell_route(self, note: Note, events: AppleDeviceEvents) -> None:
        picture = self._ports.picture
        previous = RoutePorts()
        if note.previous is not None:
            seen = self._ports.of_route(note.previous)
            previous = RoutePorts(
                inputs=tuple(port.id for port in seen if port.is_input),
                outputs=tuple(port.id for port in seen if port.is_output),
            )
            # What is gone is neither an input nor an output, and can be described all the same.
            self._previous = tuple(
                replace(port, is_input=False, is_output=False)
                for port in seen
                if port.id not in picture.ports
            )
        try:
            reason = RouteChangeReason(int(note.info.get(_Key.ROUTE_CHANGE_REASON, 0)))
        except ValueError:
            reason = RouteChangeReason.UNKNOWN
        try:
            events.route_changed(
                RouteChange(
                    session="",
                    reason=reason,
                    previous=previous,
                    current=picture.route,
                    lost=tuple(sorted(previous.all - picture.ports.keys())),
                    noisy=reason is RouteChangeReason.OLD_DEVICE_UNAVAILABLE,
                )
            )
        finally:
            self._previous = ()

    def _altered(self) -> None:
        """A property that may be observed has another value."""
        self._ports.forget()
        if self._events is not None:
            self._events.changed()

    def _tell_secondary(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.secondary_audio(bool(info.get(_Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE, 0)))

    def _tell_lost(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.media_services_lost(was_active=self._was_active)

    def _tell_reset(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.media_services_reset()

    def _tell_spatial(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.spatial_audio_changed(bool(info.get(_Key.SPATIAL_AUDIO_ENABLED, False)))

    def _tell_rendering_mode(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.rendering_changed(mode=True)

    def _tell_rendering(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.rendering_changed(mode=False)

    def _tell_injection(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.microphone_injection_changed(
            bool(info.get(_Key.MICROPHONE_INJECTION_IS_AVAILABLE, False))
        )

    def _tell_unmute(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.wants_unmuted()

    def _tell_changed(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.changed()

    # -- what is so --------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        Another one each time: nobody says when another app falls silent. What is read next is
        looked at anew.
        """
        self._ports.forget()
        self._version += 1
        return self._version

    @property
    def system_version(self) -> tuple[int, int]:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._phone.bridge.system_version

    @property
    def standing(self) -> AppleStanding:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        Only that its media services are lost the phone has said already.
        """
        return PhoneStanding(media_services=not self._lost, has_input=self._has_input)

    def _has_input(self) -> bool:
        return bool(self._members.of_or(self._members.session, "inputAvailable", SESSION, False))

    @property
    def interruption_reason(self) -> AVAudioSessionInterruptionReason:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._reason

    @property
    def other_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return bool(self._members.read("otherAudioPlaying"))

    @property
    def primary_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return bool(self._members.read("secondaryAudioShouldBeSilencedHint"))

    @property
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return _member(self._members.read("promptStyle"), AVAudioSessionPromptStyle.NORMAL)

    @property
    def output_volume(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._members.read("outputVolume"))

    @property
    def ring_switch_silent(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. The phone tells no app."""
        return False

    @property
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return _member(
            self._members.read("renderingMode"), AVAudioSessionRenderingMode.NOT_APPLICABLE
        )

    @property
    def echo_cancelled_input_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. With category and mode as set."""
        return bool(self._members.read("isEchoCancelledInputAvailable"))

    @property
    def microphone_injection_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        An app that only plays may want to know; from then on it hears when that changes.
        """
        possible = bool(self._members.read("isMicrophoneInjectionAvailable"))
        if self._events is not None:
            self._phone.watch(_Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE)
        return possible

    # -- permission --------------------------------------------------------------------------

    @property
    def record_permission(self) -> AVAudioApplicationRecordPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._permissions.record

    async def request_record_permission(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return await self._permissions.ask_to_record()

    @property
    def microphone_injection_permission(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._permissions.injection

    async def request_microphone_injection_permission(
        self,
    ) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return await self._permissions.ask_to_inject()

    # -- routes ------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[Port, ...]:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        An app sees the inputs it may choose from and what its own route uses; the phone has
        no list of all.
        """
        there = tuple(each.port for each in self._ports.picture.ports.values())
        if self._events is not None and self._ports.records:
            self._listen_to_inputs()
        return (*there, *self._previous)

    @property
    def route(self) -> RoutePorts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.picture.route

    @property
    def preferred_input(self) -> str:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.preferred_input

    async def request_route(self, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. The category has said it."""

    async def override_output(self, speaker: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        override = AVAudioSessionPortOverride
        value = override.SPEAKER.value if speaker else override.NONE.value
        await self._tell("overrideOutputAudioPort:error:", value)

    async def prefer_input(self, port: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        native: object | None = None
        if port:
            self._ports.forget()
            found = self._ports.picture.ports.get(port)
            if found is None or not found.port.is_input:
                raise NSError(_Code.BAD_PARAM, _NO_MICROPHONE)
            native = found.native
        await self._tell("setPreferredInput:error:", native)

    # -- hardware ----------------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        found = self._ports.find(port.id)
        if found is None:
            return PortFacts(uid=port.device)
        facts = self._ports.facts(found)
        route = self._ports.picture.route
        used = route.inputs if direction is Direction.INPUT else route.outputs
        if port.id not in used:
            return facts
        is_input = direction is Direction.INPUT
        members = self._members
        most, now = _CHANNELS[direction]
        # The phone counts those of all ports together.
        first = port.id == used[0]
        return replace(
            facts,
            most_channels=int(members.read(most)) if first else 0,
            channels_in_use=int(members.read(now)) if first else 0,
            sample_rates=(self.sample_rate,),
            latency_s=float(members.read("inputLatency" if is_input else "outputLatency")),
            gain_settable=is_input and bool(members.read("inputGainSettable")),
        )

    def selected_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.chosen_source(port, "selectedDataSource")

    def preferred_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.chosen_source(port, "preferredDataSource")

    async def prefer_source(self, port: str, source: int | None) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self._ports.forget()
        found = self._ports.find(port)
        native = None if source is None else self._ports.source(port, source)
        if found is None or (native is None and source is not None):
            raise NSError(_Code.BAD_PARAM, "there is no such data source any more")
        receiver = found.native
        await self._run(
            lambda: self._members.tell(receiver, "setPreferredDataSource:error:", PORT, native)
        )

    def selected_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.chosen_pattern(port, source, "selectedPolarPattern")

    def preferred_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._ports.chosen_pattern(port, source, "preferredPolarPattern")

    async def prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self._ports.forget()
        native = self._ports.source(port, source)
        if native is None:
            raise NSError(_Code.BAD_PARAM, "there is no such data source any more")
        text = None if pattern is None else self._ports.patterns.text(pattern)
        await self._run(
            lambda: self._members.tell(native, "setPreferredPolarPattern:error:", DATA_SOURCE, text)
        )

    @property
    def sample_rate(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._members.read("sampleRate"))

    @property
    def io_buffer_duration(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._members.read("IOBufferDuration"))

    @property
    def input_gain(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._members.read("inputGain"))

    async def set_input_gain(self, gain: float) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        await self._tell("setInputGain:error:", gain)

    async def wish(self, wishes: AppleWishes) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. What is new is told."""
        before, self._wishes = self._wishes, wishes
        settings = list(changed(before, wishes))
        try:
            while settings:
                await self._run(partial(settings[0].tell, self._members))
                del settings[0]
        except BaseException:
            # What the phone was not told it does not know; another wish may have come meanwhile.
            self._wishes = replace(
                self._wishes,
                **{
                    each.field: getattr(before, each.field)
                    for each in settings
                    if getattr(self._wishes, each.field) == getattr(wishes, each.field)
                },
            )
            raise

    # -- sound -------------------------------------------------------------------------------

    @property
    def microphone_muted(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. The phone tells no app."""
        return False

    @property
    def io_running(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        The phone knows what the app plays and records, and says no by itself where that
        stands in the way.
        """
        return False

    async def start_io(self, name: str, *, input: bool, output: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if input and self.record_permission is AVAudioApplicationRecordPermission.UNDETERMINED:
            await self.request_record_permission()

    def end_io(self, name: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. Nothing was noted."""

    async def stop_all_io(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. What sounds is the app's own."""

    # -- whom to tell ------------------------------------------------------------------------

    def attach(self, events: AppleDeviceEvents, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        The phone goes on with what it was asked for until it is asked for something else.
        """
        self._events = events
        self._host.listen(self)
        for name in HEARD:
            self._phone.watch(name)
        self._watching.begin(inputs=False)

    # -- inside ------------------------------------------------------------------------------

    def _listen_to_inputs(self) -> None:
        for name in HEARD_OF_INPUTS:
            self._phone.watch(name)
        self._watching.begin(inputs=True)

    async def _tell(self, selector: str, *args: Any) -> None:
        """Has the session do something.

        Raises:
            NSError: the phone refuses.
            UnsupportedError: its system does not have this.
        """
        await self._run(lambda: self._members.tell(self._members.session, selector, SESSION, *args))

    async def _run(self, call: Callable[[], T]) -> T:
        """On the thread for native calls; anything may be different afterwards."""
        try:
            return await self._phone.thread.run(call)
        except HostUnavailableError as error:
            raise NSError(_Code.MEDIA_SERVICES_FAILED, str(error)) from error
        finally:
            self._ports.forget()


_CHANNELS: Final = MappingProxyType(
    {
        Direction.INPUT: ("maximumInputNumberOfChannels", "inputNumberOfChannels"),
        Direction.OUTPUT: ("maximumOutputNumberOfChannels", "outputNumberOfChannels"),
    }
)
"""What says how many channels the route could use, and how many it does."""

_Info = Mapping[AVAudioSessionUserInfoKey, Any]

_HEARERS: Final[
    Mapping[
        AVAudioSessionNotificationName,
        Callable[[IOSAppleDevice, _Info, AppleDeviceEvents], None],
    ]
] = MappingProxyType(
    {
        _Name.SILENCE_SECONDARY_AUDIO_HINT: IOSAppleDevice._tell_secondary,
        _Name.MEDIA_SERVICES_WERE_LOST: IOSAppleDevice._tell_lost,
        _Name.MEDIA_SERVICES_WERE_RESET: IOSAppleDevice._tell_reset,
        _Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED: IOSAppleDevice._tell_spatial,
        _Name.RENDERING_MODE_CHANGE: IOSAppleDevice._tell_rendering_mode,
        _Name.RENDERING_CAPABILITIES_CHANGE: IOSAppleDevice._tell_rendering,
        _Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE: IOSAppleDevice._tell_injection,
        _Name.USER_INTENT_TO_UNMUTE_OUTPUT: IOSAppleDevice._tell_unmute,
        _Name.AVAILABLE_INPUTS_CHANGE: IOSAppleDevice._tell_changed,
    }
)
"""What is told of each notification, apart from changes of the route."""


def _member(number: Any, otherwise: E) -> E:
    """The member with that number; one that is newer than this package is ``otherwise``."""
    try:
        return type(otherwise)(number)
    except ValueError:
        return otherwise
