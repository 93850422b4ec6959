"""What a sound server is to the service: streams to lower and give back, endpoints to list.

An adapter speaks to one kind of server. It reports what is there to :class:`ServerEvents` and
takes factors; everything it hands out is a value of this module, never an object of the
server. Streams are told apart by ids of the adapter's own making, unique as long as the
connection lasts. Volumes are linear amplitudes, one a channel, 1.0 is untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from ...devices import AudioDeviceType


class Direction(Enum):
    """Which way sound goes through a stream or an endpoint."""

    PLAYBACK = "playback"
    """From an app to a loudspeaker."""
    CAPTURE = "capture"
    """From a microphone to an app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStream:
    """One stream of an app as the server knows it."""

    id: str
    """Unique while the connection to the server lasts; never used again in that time."""
    direction: Direction
    """Playback or capture."""
    properties: Mapping[str, str] = field(default_factory=dict, compare=True, hash=False)
    """What the app said of its stream and of itself: ``media.role``, ``application.name``,
    ``application.process.id``, ``audiosession.id`` and so on; the stream's own win."""
    pid: int | None = None
    """The app's process; from the kernel where the server has it from there, else as claimed."""
    running: bool = True
    """Not corked, not paused: the app feeds it or means to."""
    muted: bool = False
    """The user muted it."""
    volumes: tuple[float, ...] = (1.0,)
    """What the user set, linear, one a channel, without any factor of ours."""
    endpoint: str = ""
    """The id of the endpoint it plays to or records from; empty when it is nowhere."""

    @property
    def audible(self) -> bool:
        """Whether it can be heard, as far as volumes and states tell."""
        return self.running and not self.muted and any(volume > 0.0 for volume in self.volumes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A place where sound leaves or enters: one port of a sink or source, or the node itself."""

    id: str
    """Stable over restarts and re-plugging: made of the node's name and the port's."""
    name: str
    """What people call it."""
    direction: Direction
    """Playback or capture."""
    type: AudioDeviceType
    """What kind of device it is."""
    node: str
    """The name of the sink or source."""
    port: str = ""
    """The name of its port, where it has several."""
    available: bool = True
    """Whether something is plugged in, as far as the server knows."""
    active: bool = True
    """Whether its node uses this port now."""
    default: bool = False
    """Whether new streams of its direction go here."""
    removable: bool = False
    """Whether it goes away when pulled out: Bluetooth, USB, a plug."""
    card: str = ""
    """The id of the card its node belongs to; empty where there is none."""
    channels: tuple[str, ...] = ()
    """The names of its node's channels, such as ``FL`` and ``FR``; empty when not known."""
    sample_rate: float = 0.0
    """The rate its node runs at, in Hz; 0 when not known."""
    buffer_s: float = 0.0
    """How much sound its node takes at a time, in seconds; 0 when not known."""
    latency_s: float = 0.0
    """How long sound takes through it, in seconds; 0 when not known."""
    volumes: tuple[float, ...] = ()
    """Its node's volumes, linear, one a channel; empty when not known."""
    muted: bool = False
    """Whether its node is muted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProfile:
    """One of the ways a card can work; one at a time."""

    name: str
    """Its name, unique on the card."""
    text: str
    """What people call it."""
    available: bool = True
    """Whether it can be chosen now, as far as the server knows."""
    priority: int = 0
    """Which the server would rather have: more is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPort:
    """One plug, loudspeaker or microphone of a card, in whatever profile."""

    name: str
    """Its name, unique on the card and in its direction."""
    text: str
    """What people call it."""
    direction: Direction
    """Playback or capture."""
    type: AudioDeviceType
    """What kind of device it is, in the profiles that have it."""
    available: bool = True
    """Whether something is plugged in, as far as the server knows."""
    profiles: tuple[str, ...] = ()
    """The names of the profiles that have it, those the server would rather have first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A device of several ports, of which its profile in use decides which can be used."""

    id: str
    """Stable over restarts and re-plugging: the card's name."""
    text: str
    """What people call it."""
    profile: str
    """The name of the profile in use; empty when not known."""
    profiles: tuple[CardProfile, ...] = ()
    """All of them."""
    ports: tuple[CardPort, ...] = ()
    """All ports of all profiles."""
    removable: bool = False
    """Whether it goes away when pulled out: Bluetooth, USB."""


class ServerEvents(Protocol):
    """Where an adapter reports to. Called in the event loop, in the order things happened."""

    def server_up(self) -> None:
        """Connected; everything there is was reported before."""

    def server_down(self, reason: str) -> None:
        """The connection is lost. Every stream and endpoint is gone; a reconnect is under way."""

    def stream_added(self, stream: ServerStream) -> None:
        """A stream appeared."""

    def stream_changed(self, stream: ServerStream) -> None:
        """A stream differs from what was reported last; also the user's volume."""

    def stream_removed(self, stream: str) -> None:
        """A stream ended."""

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        """The endpoints, all of them, when anything about them differs."""

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        """The cards, all of them, when anything about them differs.

        What one happening changes of both is reported with the cards first.
        """


class SoundServer(Protocol):
    """One sound server. Factors are leased: when the adapter closes or dies, they end."""

    @property
    def name(self) -> str:
        """``pipewire`` or ``pulseaudio``."""

    @property
    def step_s(self) -> float:
        """How often it makes sense to move a factor during a fade, in seconds."""

    async def start(self, events: ServerEvents) -> None:
        """Connects, mends what a crash left behind, reports everything, then ``server_up``.

        From then on it connects again by itself whenever the connection is lost.

        Raises:
            HostUnavailableError: there is no such server here.
        """

    def apply(self, factors: Mapping[str, float]) -> None:
        """Sets the linear factors of these streams, 0.0 to 1.0; 1.0 gives back exactly.

        Returns at once; the last factor of a stream wins. What must survive a crash is
        written down before anything is lowered. A stream that is gone is passed over.
        """

    async def set_profile(self, card: str, profile: str) -> None:
        """Has a card work in another profile, without the server keeping it for another day.

        Returns when the server has done so; what that changes is reported as always.

        Raises:
            UnknownNameError: there is no such card, or no such profile of it.
            UnsupportedError: the server refuses.
            HostUnavailableError: the connection is lost.
        """

    async def set_port(self, endpoint: str) -> None:
        """Has the node of an endpoint use that port, without keeping it for another day.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses.
            HostUnavailableError: the connection is lost.
        """

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        """Moves a stream to the node of an endpoint.

        Args:
            stream: Its id; one that is gone is passed over.
            endpoint: The endpoint; ``None``: where the server would have it if nobody had
                moved it. Neither is kept for the app's next stream.
            stay: Whether that is where it was before its node went for a while or it was moved:
                it stays there as if it had never left, also when the adapter closes. Some
                servers forget a stream's node when it goes, even the one its user chose.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses.
            HostUnavailableError: the connection is lost.
        """

    async def set_volume(self, endpoint: str, volume: float) -> None:
        """Sets the volume of an endpoint's node, the same on all channels, and frees its mute.

        That is what a user does with a knob: the server keeps it for the device.

        Args:
            endpoint: Its id.
            volume: Linear, from 0.0 up.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses.
            HostUnavailableError: the connection is lost.
        """

    async def flush(self) -> None:
        """Returns when the server has carried out every factor applied so far.

        Returns too when the connection is lost.
        """

    async def close(self) -> None:
        """Gives every volume back, exactly, waits for that, and disconnects."""
