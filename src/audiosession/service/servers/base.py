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

    async def flush(self) -> None:
        """Returns when the server has carried out every factor applied so far.

        Returns too when the connection is lost.
        """

    async def close(self) -> None:
        """Gives every volume back, exactly, waits for that, and disconnects."""
