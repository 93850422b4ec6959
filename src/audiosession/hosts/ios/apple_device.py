"""The phone's own AVAudioSession as the device side of this package's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ...apple.constants import AVAudioSessionCategory, AVAudioSessionMode
from ...apple.device import (
    AppleDeviceEvents,
    AppleStanding,
    AppleWishes,
    AsksThePhone,
    Direction,
    PortFacts,
)
from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSessionInterruptionReason,
    AVAudioSessionPortOverride,
    AVAudioSessionPromptStyle,
    AVAudioSessionRenderingMode,
    AVAudioSessionRouteSelection,
    AVAudioStereoOrientation,
)
from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...apple.names import (
    AVAudioSessionNotificationName,
    AVAudioSessionPolarPattern,
    AVAudioSessionUserInfoKey,
)
from ...core.routing import Port, RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from ...errors import UnsupportedError
from .apple_eyes import Eyes
from .apple_members import DATA_SOURCE, LAYOUT, PORT, SESSION, Members, member
from .apple_permissions import Permissions, answer_to
from .apple_ports import ports_of
from .apple_sight import Sight, after
from .apple_standing import PhoneStanding
from .apple_texts import CATEGORIES, MODES, Texts
from .apple_wishes import changed, settings
from .events import Note, begins, interruption_reason, was_suspended

if TYPE_CHECKING:
    from .host import IOSHost

__all__ = ["IOSAppleDevice"]

_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey
_Code = AVAudioSessionErrorCode

_NO_MICROPHONE: Final = "there is no such input any more"
_NO_SOURCE: Final = "there is no such data source any more"


class IOSAppleDevice(AsksThePhone):
    """What the phone knows of the app's session; an
    :class:`~audiosession.apple.device.AppleDevice`.

    A property that an app reads is read from the phone at that moment: most of it changes
    without a word. What a session looks at by itself is looked at on the host's thread for
    native calls, once after each note and each call, and shared. The phone itself judges
    whether a session may become active, so nothing here stands in the way of that.

    Args:
        host: The phone as a host.
    """

    def __init__(self, host: IOSHost) -> None:
        self._host = host
        self._phone = phone = host.phone
        self._members = Members(phone.bridge, lambda: phone.session)
        self._eyes = Eyes(host, self._members, self._tell_changed)
        self._categories = Texts(phone.bridge, CATEGORIES)
        self._modes = Texts(phone.bridge, MODES)
        self._permissions = Permissions(self._members, self._eyes.run)
        self._events: AppleDeviceEvents | None = None
        # What the phone was told, and did not refuse.
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
        self._eyes.close()

    # -- what the phone says -----------------------------------------------------------------

    def take_in(self, note: Note) -> None:
        """See :class:`~audiosession.hosts.ios.events.NoteListener`."""
        self._eyes.ports.forget()
        if begins(note):
            suspended = AVAudioSessionInterruptionReason.APP_WAS_SUSPENDED
            self._reason = suspended if was_suspended(note) else interruption_reason(note)
        elif note.name is _Name.MEDIA_SERVICES_WERE_LOST:
            self._lost, self._was_active = True, self._host.active
        elif note.name is _Name.MEDIA_SERVICES_WERE_RESET:
            # Whatever was wished for has to be wished for anew (apple 121).
            self._lost, self._wishes = False, AppleWishes()
        elif note.name is _Name.ROUTE_CHANGE:
            self._eyes.moved()
            if self._events is not None:
                self._tell_route(note, self._events)
        self._eyes.look_soon()

    def tell(self, note: Note) -> None:
        """See :class:`~audiosession.hosts.ios.events.NoteListener`."""
        hear = _HEARERS.get(note.name)
        if hear is not None and self._events is not None:
            hear(self, note.info, self._events)

    def _tell_route(self, note: Note, events: AppleDeviceEvents) -> None:
        before, now = self._eyes.sight, after(self._eyes.sight, note)
        previous, ports = _previous(note, before)
        gone = {id: port for id, port in ports.items() if id not in now.ports}
        # It is to be described all the same, by what was known of it.
        facts = {**_facts_of(note), **before.facts, **now.facts}
        self._eyes.take(replace(now, facts=facts))
        # What is gone is neither an input nor an output.
        self._previous = tuple(
            replace(port, is_input=False, is_output=False) for port in gone.values()
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
                    current=now.route,
                    lost=tuple(sorted(gone)),
                    noisy=reason is RouteChangeReason.OLD_DEVICE_UNAVAILABLE,
                )
            )
        finally:
            self._previous = ()

    def _tell_secondary(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.secondary_audio(bool(info.get(_Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE, 0)))

    def _tell_lost(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.media_services_lost(was_active=self._was_active)

    def _tell_reset(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.media_services_reset()

    def _tell_spatial(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.spatial_audio_changed(bool(info.get(_Key.SPATIAL_AUDIO_ENABLED, False)))

    def _tell_rendering_mode(self, info: _Info, events: AppleDeviceEvents) -> None:
        if (mode := info.get(_Key.RENDERING_MODE_NEW_RENDERING_MODE)) is not None:
            values = {**self._eyes.sight.values, "renderingMode": mode}
            self._eyes.take(replace(self._eyes.sight, values=values))
        events.rendering_changed(mode=True)

    def _tell_rendering(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.rendering_changed(mode=False)

    def _tell_injection(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.microphone_injection_changed(
            bool(info.get(_Key.MICROPHONE_INJECTION_IS_AVAILABLE, False))
        )

    def _tell_unmute(self, info: _Info, events: AppleDeviceEvents) -> None:
        events.wants_unmuted()

    def _tell_changed(self) -> None:
        if self._events is not None:
            self._events.changed()

    # -- looking -----------------------------------------------------------------------------

    def as_seen(self) -> AbstractContextManager[object]:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return self._eyes.as_seen()

    @property
    def unseen(self) -> bool:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return self._eyes.unseen

    async def see(self) -> None:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        await self._eyes.see()

    @property
    def version(self) -> int:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        What an app reads is looked at anew each time: nobody says when another app falls
        silent. What was seen last has a number of its own.
        """
        return self._eyes.version

    # -- what is so --------------------------------------------------------------------------

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
        try:
            return bool(self._eyes.read("inputAvailable"))
        except UnsupportedError:
            return False

    @property
    def interruption_reason(self) -> AVAudioSessionInterruptionReason:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._reason

    @property
    def other_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return bool(self._eyes.read("otherAudioPlaying"))

    @property
    def primary_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return bool(self._eyes.read("secondaryAudioShouldBeSilencedHint"))

    @property
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return member(self._eyes.read("promptStyle"), AVAudioSessionPromptStyle.NORMAL)

    @property
    def output_volume(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._eyes.read("outputVolume"))

    @property
    def ring_switch_silent(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. The phone tells no app."""
        return False

    @property
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return member(self._eyes.read("renderingMode"), AVAudioSessionRenderingMode.NOT_APPLICABLE)

    @property
    def echo_cancelled_input_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. With category and mode as set."""
        return bool(self._eyes.read("isEchoCancelledInputAvailable"))

    @property
    def microphone_injection_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        An app that only plays may want to know; from then on it hears when that changes.
        """
        possible = bool(self._eyes.read("isMicrophoneInjectionAvailable"))
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
        if self._eyes.by_sight:
            return (*self._eyes.sight.ports.values(), *self._previous)
        return tuple(each.port for each in self._eyes.ports.picture.ports.values())

    @property
    def route(self) -> RoutePorts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.sight.route if self._eyes.by_sight else self._eyes.ports.picture.route

    @property
    def preferred_input(self) -> str:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.ports.preferred_input

    async def request_route(self, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. The category has said it."""

    async def override_output(self, speaker: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        override = AVAudioSessionPortOverride
        value = override.SPEAKER.value if speaker else override.NONE.value
        await self._tell("overrideOutputAudioPort:error:", value)

    async def prefer_input(self, port: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        await self._eyes.call(partial(self._prefer_input, port))

    def _prefer_input(self, port: str) -> None:
        native: object | None = None
        if port:
            ports = self._eyes.looking.ports
            ports.forget()
            found = ports.picture.ports.get(port)
            if found is None or not found.port.is_input:
                raise NSError(_Code.BAD_PARAM, _NO_MICROPHONE)
            native = found.native
        self._members.tell(self._members.session, "setPreferredInput:error:", SESSION, native)

    # -- hardware ----------------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if self._eyes.by_sight:
            return self._eyes.sight.facts.get((port.id, direction), PortFacts(uid=port.device))
        return self._eyes.ports.facts(port, direction)

    def selected_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.chosen_source(port, "selectedDataSource")

    def preferred_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.chosen_source(port, "preferredDataSource")

    async def prefer_source(self, port: str, source: int | None) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        await self._eyes.call(partial(self._prefer_source, port, source))

    def _prefer_source(self, port: str, source: int | None) -> None:
        ports = self._eyes.looking.ports
        ports.forget()
        found = ports.find(port)
        native = None if source is None else ports.source(port, source)
        if found is None or (native is None and source is not None):
            raise NSError(_Code.BAD_PARAM, _NO_SOURCE)
        self._members.tell(found.native, "setPreferredDataSource:error:", PORT, native)

    def selected_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.ports.chosen_pattern(port, source, "selectedPolarPattern")

    def preferred_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._eyes.ports.chosen_pattern(port, source, "preferredPolarPattern")

    async def prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        await self._eyes.call(partial(self._prefer_pattern, port, source, pattern))

    def _prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        ports = self._eyes.looking.ports
        ports.forget()
        native = ports.source(port, source)
        if native is None:
            raise NSError(_Code.BAD_PARAM, _NO_SOURCE)
        text = None if pattern is None else ports.patterns.text(pattern)
        self._members.tell(native, "setPreferredPolarPattern:error:", DATA_SOURCE, text)

    @property
    def sample_rate(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._eyes.read("sampleRate"))

    @property
    def io_buffer_duration(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._eyes.read("IOBufferDuration"))

    @property
    def input_gain(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return float(self._eyes.read("inputGain"))

    async def set_input_gain(self, gain: float) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        await self._tell("setInputGain:error:", gain)

    async def wish(self, wishes: AppleWishes) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. What is new is told."""
        await self.wish_for(wishes, changed(self._wishes, wishes))

    async def wish_for(self, wishes: AppleWishes, names: Collection[str]) -> None:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        for setting in settings(wishes, names):
            await self._eyes.call(partial(setting.tell, self._members))
            accepted = {setting.field: getattr(wishes, setting.field)}
            self._wishes = replace(self._wishes, **accepted)

    # -- what the phone says itself ----------------------------------------------------------

    @property
    def echo_cancelled_input_enabled(self) -> bool:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return bool(self._eyes.read("isEchoCancelledInputEnabled"))

    @property
    def input_orientation(self) -> AVAudioStereoOrientation:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return member(self._eyes.read("inputOrientation"), AVAudioStereoOrientation.NONE)

    @property
    def available_categories(self) -> tuple[AVAudioSessionCategory, ...]:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return self._categories.all_known(self._eyes.read("availableCategories") or ())

    @property
    def available_modes(self) -> tuple[AVAudioSessionMode, ...]:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        return self._modes.all_known(self._eyes.read("availableModes") or ())

    @property
    def output_channel_layouts(self) -> tuple[int, ...]:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        layouts = self._eyes.read("supportedOutputChannelLayouts") or ()
        return tuple(int(self._members.of(each, "layoutTag", LAYOUT)) for each in layouts)

    async def prepare_route_selection(self) -> tuple[bool, AVAudioSessionRouteSelection]:
        """See :class:`~audiosession.apple.device.AsksThePhone`."""
        selector = "prepareRouteSelectionForPlaybackWithCompletionHandler:"
        start, where = await answer_to(
            self._eyes.run,
            lambda answered: self._members.ask(self._members.session, selector, SESSION, answered),
        )
        return bool(start), member(where, AVAudioSessionRouteSelection.NONE)

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
        if input:
            await self._permissions.ask_to_record_once()

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
        self._eyes.open()

    # -- inside ------------------------------------------------------------------------------

    async def _tell(self, selector: str, *args: Any) -> None:
        """Has the session do something.

        Raises:
            NSError: the phone refuses.
            UnsupportedError: its system does not have this.
        """
        await self._eyes.call(
            lambda: self._members.tell(self._members.session, selector, SESSION, *args)
        )


def _previous(note: Note, sight: Sight) -> tuple[RoutePorts, dict[str, Port]]:
    """The route before, and its ports by id."""
    if note.previous is None:
        return RoutePorts(), {}
    ports = {
        direction: tuple(sight.ports.get(port.id, port) for port, _ in those)
        for direction, those in ports_of(note.previous).items()
    }
    route = RoutePorts(
        inputs=tuple(port.id for port in ports[Direction.INPUT]),
        outputs=tuple(port.id for port in ports[Direction.OUTPUT]),
    )
    return route, {port.id: port for those in ports.values() for port in those}


def _facts_of(note: Note) -> dict[tuple[str, Direction], PortFacts]:
    """What a note says of the ports of the route before."""
    if note.previous is None:
        return {}
    return {
        (port.id, direction): PortFacts(port_type=seen.type, uid=seen.uid)
        for direction, those in ports_of(note.previous).items()
        for port, seen in those
    }


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
    }
)
"""What is told of each notification, apart from changes of the route."""
