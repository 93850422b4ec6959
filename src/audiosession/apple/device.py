"""What AVAudioSession needs of a device beyond what every host gives.

A host's session offers an :class:`AppleDevice` as its attribute ``apple_device``, and so may
the host itself, for what is read before the first call. Where neither does, activation,
configuration and interruptions work all the same, and what needs the device raises
:class:`~audiosession.errors.UnsupportedError`.

Ports are those of :mod:`audiosession.core.routing`, by id.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from audiosession.apple.constants import AVAudioSessionCategory, AVAudioSessionMode
from audiosession.apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSessionInterruptionReason,
    AVAudioSessionIOType,
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionPromptStyle,
    AVAudioSessionRenderingMode,
    AVAudioSessionRouteSelection,
    AVAudioStereoOrientation,
)
from audiosession.apple.names import (
    AVAudioSessionLocation,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
    AVAudioSessionPort,
)
from audiosession.core.routing import Port, RouteChange, RoutePorts, RouteRequest

__all__ = [
    "NEWEST_SYSTEM_VERSION",
    "AppleAppState",
    "AppleDevice",
    "AppleDeviceEvents",
    "AppleStanding",
    "AppleWishes",
    "AsksThePhone",
    "DataSourceFacts",
    "Direction",
    "PortFacts",
]

NEWEST_SYSTEM_VERSION = (27, 0)
"""The system whose behaviour is shown where nothing else is said."""


class AppleAppState(Enum):
    """Where the app is; not whether its session is active (apple 3)."""

    FOREGROUND = "foreground"
    """On the screen."""
    BACKGROUND = "background"
    """Running, and not on the screen."""
    SUSPENDED = "suspended"
    """Frozen: it runs no code and hears nothing."""


class Direction(Enum):
    """Which way sound goes through a port."""

    INPUT = "input"
    """Into the app."""
    OUTPUT = "output"
    """Out of the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSourceFacts:
    """One of several places a port takes sound from, such as one of a phone's microphones."""

    id: int
    """Apple's number of it, within the port."""
    name: str
    """What people call it."""
    location: AVAudioSessionLocation | None = None
    """Where on the device it is."""
    orientation: AVAudioSessionOrientation | None = None
    """Which way it points."""
    patterns: tuple[AVAudioSessionPolarPattern, ...] = ()
    """From where it can hear; empty where there is no choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """What one direction of a port can do."""

    port_type: AVAudioSessionPort | None = None
    """What Apple calls it, where the host says; ``None``: as ports of its kind are called."""
    uid: str = ""
    """What stands for it in Apple's words, where the host says; empty: the port's id does."""
    channels: tuple[str, ...] = ()
    """Names of its channels, in order."""
    most_channels: int | None = None
    """How many the route could use; ``None``: as many as there are."""
    channels_in_use: int | None = None
    """How many the route uses; ``None``: as many as are wished for."""
    sample_rates: tuple[float, ...] = (48_000.0,)
    """Rates it can run at, in Hz; the first is the one it prefers."""
    latency_s: float = 0.0
    """How long sound takes through it, in seconds."""
    gain_settable: bool = False
    """Whether its gain can be set; inputs only."""
    sources: tuple[DataSourceFacts, ...] = ()
    """The data sources to choose from; empty where there is no choice."""
    voice_processing: bool = False
    """Whether it cancels echo and noise of calls by itself."""
    spatial_audio: bool = False
    """Whether the user has switched spatial audio on for it."""
    far_field: bool | None = None
    """Whether a Bluetooth microphone has far-field capture; ``None``: it is no such thing."""
    high_quality: bool | None = None
    """Whether a Bluetooth microphone can record at full bandwidth; ``None`` as above."""
    records_high_quality: bool = False
    """Whether it does, with what the session asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppleWishes:
    """What an app would like; the device does what it can (apple 104). 0 is no wish."""

    sample_rate: float = 0.0
    """Rate of the hardware, in Hz."""
    io_buffer_duration: float = 0.0
    """Length of one I/O cycle, in seconds."""
    input_channels: int = 0
    """Input channels."""
    output_channels: int = 0
    """Output channels."""
    input_orientation: AVAudioStereoOrientation = AVAudioStereoOrientation.NONE
    """How the device is held, for stereo input."""
    io_type: AVAudioSessionIOType = AVAudioSessionIOType.NOT_SPECIFIED
    """Whether input and output run together."""
    echo_cancelled_input: bool = False
    """Input without what the device itself plays."""
    multichannel_content: bool = False
    """The app can supply more than two channels."""
    no_interruptions_from_system_alerts: bool = False
    """Ringing that shows as a banner shall not interrupt (apple 68)."""
    interruption_on_route_disconnect: bool = True
    """Losing the route interrupts the session of the Now Playing app (apple 66)."""
    override_muted_microphone: bool = False
    """A muted built-in microphone gives zeros and does not interrupt (apple 67)."""
    haptics_during_recording: bool = False
    """System sounds and haptics are allowed while input runs (apple 117)."""
    output_muted: bool = False
    """The app's output is silent (apple 119)."""
    microphone_injection: AVAudioSessionMicrophoneInjectionMode = (
        AVAudioSessionMicrophoneInjectionMode.NONE
    )
    """What is added to the input of another app."""
    input_muted: bool = False
    """All input of the app is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppleStanding:
    """What of the app and the system decides whether a session may become active."""

    app_state: AppleAppState = AppleAppState.FOREGROUND
    """Where the app is."""
    background_audio: bool = False
    """The app declares background audio (UIBackgroundModes)."""
    inter_app_audio: bool = False
    """The app is driven by another one through inter-app audio (apple 28)."""
    now_playing: bool = False
    """The user sees the app as the one that plays now (apple 35)."""
    media_services: bool = True
    """The media server runs."""
    assistant_records: bool = False
    """Siri is recording."""
    has_input: bool = True
    """There is a microphone of any kind."""
    decides: bool = True
    """Whether all this decides; a real phone knows better, and is asked in any case."""


class AppleDeviceEvents(Protocol):
    """Where a device reports to one app's session. Called in the app's event loop, in order."""

    def route_changed(self, change: RouteChange) -> None:
        """The session's route is another one."""

    def secondary_audio(self, begin: bool) -> None:
        """Another app's main sound started or stopped."""

    def media_services_lost(self, *, was_active: bool) -> None:
        """The media server died; told once the session has lost its activation, if it had one."""

    def media_services_reset(self) -> None:
        """The media server is back."""

    def app_moved(self, state: AppleAppState) -> None:
        """The app is somewhere else now."""

    def wants_unmuted(self) -> None:
        """The user did something that asks for sound, such as pressing a volume key."""

    def spatial_audio_changed(self, enabled: bool) -> None:
        """The user switched spatial audio on or off."""

    def rendering_changed(self, *, mode: bool) -> None:
        """The rendering mode is another one, or (``mode`` false) what can be rendered is."""

    def microphone_injection_changed(self, available: bool) -> None:
        """Adding sound to another app's input became possible or impossible."""

    def changed(self) -> None:
        """Something else of the device is different."""


class AppleDevice(Protocol):
    """One app's view of a device, as AVAudioSession needs it.

    Properties never block, but for one that :class:`AsksThePhone`.
    """

    # -- what is so --------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Another number, once anything that is read here may have another value.

        What was read under the same number is still so; nobody has to ask for it again.
        """

    @property
    def system_version(self) -> tuple[int, int]:
        """Major and minor version of the system imitated."""

    @property
    def standing(self) -> AppleStanding:
        """How the app stands."""

    @property
    def interruption_reason(self) -> AVAudioSessionInterruptionReason:
        """Why the interruption that is being reported happens."""

    @property
    def other_audio_playing(self) -> bool:
        """Whether any other app plays (apple 74)."""

    @property
    def primary_audio_playing(self) -> bool:
        """Whether another app plays that does not mix (apple 75)."""

    @property
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """How prompts should sound now (apple 79)."""

    @property
    def output_volume(self) -> float:
        """The system's output volume, 0.0 to 1.0."""

    @property
    def ring_switch_silent(self) -> bool:
        """Whether the ring switch stands on silent; ``False`` where there is none."""

    @property
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """What the route makes of the content."""

    @property
    def echo_cancelled_input_possible(self) -> bool:
        """Whether this model can cancel echo of its loudspeaker in its input."""

    @property
    def microphone_injection_possible(self) -> bool:
        """Whether sound can be added to another app's input now."""

    # -- permission --------------------------------------------------------------------------

    @property
    def record_permission(self) -> AVAudioApplicationRecordPermission:
        """Whether the app may record."""

    async def request_record_permission(self) -> bool:
        """Asks the user, who is asked once (apple 118); whether the app may record."""

    @property
    def microphone_injection_permission(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Whether the app may add sound to another app's input."""

    async def request_microphone_injection_permission(
        self,
    ) -> AVAudioApplicationMicrophoneInjectionPermission:
        """Asks the user, who is asked once."""

    # -- routes ------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[Port, ...]:
        """All ports there are."""

    @property
    def route(self) -> RoutePorts:
        """The session's route."""

    @property
    def preferred_input(self) -> str:
        """The port it would rather record from; empty when none, or when that went away."""

    async def request_route(self, request: RouteRequest) -> None:
        """Asks for other ports; the reason told is a change of category (apple 85)."""

    async def override_output(self, speaker: bool) -> None:
        """Loudspeaker and built-in microphone for now, or no longer (apple 84)."""

    async def prefer_input(self, port: str) -> None:
        """Would rather record from that port; empty: no wish."""

    # -- hardware ----------------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """What a direction of a port can do, also of one that is gone."""

    def selected_source(self, port: str) -> int | None:
        """The data source in use; ``None`` where there is no choice."""

    def preferred_source(self, port: str) -> int | None:
        """The data source wished for."""

    async def prefer_source(self, port: str, source: int | None) -> None:
        """Wishes for a data source of a port; ``None``: no wish."""

    def selected_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """The polar pattern in use."""

    def preferred_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """The polar pattern wished for."""

    async def prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        """Wishes for a polar pattern of a data source; ``None``: no wish."""

    @property
    def sample_rate(self) -> float:
        """Rate of the hardware on the session's route, in Hz."""

    @property
    def io_buffer_duration(self) -> float:
        """Length of one I/O cycle, in seconds."""

    @property
    def input_gain(self) -> float:
        """Gain of the input in use, 0.0 to 1.0."""

    async def set_input_gain(self, gain: float) -> None:
        """Sets the gain of the input in use, for all apps."""

    async def wish(self, wishes: AppleWishes) -> None:
        """All that the app would like, in place of what it liked before."""

    # -- sound -------------------------------------------------------------------------------

    @property
    def microphone_muted(self) -> bool:
        """Whether the built-in microphone is muted in hardware."""

    @property
    def io_running(self) -> bool:
        """Whether anything of the app plays or records."""

    async def start_io(self, name: str, *, input: bool, output: bool) -> None:
        """The app runs I/O from now on; input asks for permission the first time."""

    def end_io(self, name: str) -> None:
        """That I/O ends."""

    async def stop_all_io(self) -> None:
        """All that the app plays or records stops."""

    # -- whom to tell ------------------------------------------------------------------------

    def attach(self, events: AppleDeviceEvents, request: RouteRequest) -> None:
        """Reports to ``events`` from now on, in place of whoever it reported to.

        Args:
            events: The app's session.
            request: What the session asks of the ports until :meth:`request_route`.
        """


class AsksThePhone(ABC):
    """What an :class:`AppleDevice` is besides, if a real phone stands behind it.

    A property then asks the phone, whose answer may wait for an activation that is under way.
    An app that reads one has asked for that; what a session looks at by itself after a change
    waits for nothing, see :meth:`as_seen`. What a simulated device has to work out the phone
    says itself.
    """

    @abstractmethod
    def as_seen(self) -> AbstractContextManager[object]:
        """Properties read in it say what was seen last, or what the phone has said since."""

    @property
    @abstractmethod
    def unseen(self) -> bool:
        """Whether more than what was seen last has changed, and a look is under way.

        What it shows is told as :meth:`AppleDeviceEvents.changed`.
        """

    @abstractmethod
    async def see(self) -> None:
        """Looks, off the event loop, at all that a session looks at by itself; never raises."""

    @abstractmethod
    async def wish_for(self, wishes: AppleWishes, names: Collection[str]) -> None:
        """Has the phone told what the app asked for just now, also where that is nothing new.

        Args:
            wishes: All that the app would like.
            names: The fields that it asked for.
        """

    @property
    @abstractmethod
    def echo_cancelled_input_enabled(self) -> bool:
        """Whether input is free of what the device itself plays."""

    @property
    @abstractmethod
    def input_orientation(self) -> AVAudioStereoOrientation:
        """The orientation of stereo input in force."""

    @property
    @abstractmethod
    def available_categories(self) -> tuple[AVAudioSessionCategory, ...]:
        """The categories of the phone, as far as they are known here."""

    @property
    @abstractmethod
    def available_modes(self) -> tuple[AVAudioSessionMode, ...]:
        """The modes of the phone, as far as they are known here."""

    @property
    @abstractmethod
    def output_channel_layouts(self) -> tuple[int, ...]:
        """The tags of the layouts that the route takes."""

    @abstractmethod
    async def prepare_route_selection(self) -> tuple[bool, AVAudioSessionRouteSelection]:
        """Lets the user choose where a film plays: whether to start, and where."""
