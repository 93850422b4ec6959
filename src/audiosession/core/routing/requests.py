"""What a session asks of the ports, what it gets, and how that changes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class AirPlayUse(Enum):
    """Which AirPlay receivers a session may sound on (apple 96)."""

    NONE = "none"
    """None at all."""
    MIRRORED = "mirrored"
    """Those alone that mirror the screen."""
    ANY = "any"
    """All of them."""


class RouteChangeReason(Enum):
    """Why a route is another one; the value is Apple's number, and 5 does not exist (apple 87).

    Source: AVAudioSessionTypes.h, AVAudioSessionRouteChangeReason.
    """

    UNKNOWN = 0
    """Nobody knows."""
    NEW_DEVICE_AVAILABLE = 1
    """Something was connected."""
    OLD_DEVICE_UNAVAILABLE = 2
    """Something was disconnected."""
    CATEGORY_CHANGE = 3
    """The session asks for something else."""
    OVERRIDE = 4
    """Somebody chose another port than the one that came last: the app, or the user."""
    WAKE_FROM_SLEEP = 6
    """The machine woke up."""
    NO_SUITABLE_ROUTE_FOR_CATEGORY = 7
    """What the session needs is not there: no input to record from, no output to play on."""
    ROUTE_CONFIGURATION_CHANGE = 8
    """The ports are the same and work differently."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequest:
    """What a session asks of the ports. Every field has the default of sound that only plays.

    :func:`audiosession.core.translate.apple.route_request` makes it of Apple's words,
    :func:`audiosession.core.routing.request_from_claim` of a claim.
    """

    plays: bool = True
    """Needs an output."""
    records: bool = False
    """Needs an input."""
    receiver: bool = False
    """Sounds at the ear where nothing is connected (apple 81)."""
    speaker: bool = False
    """Takes the loudspeaker instead of the receiver; what is connected still wins (apple 83)."""
    hands_free: bool = False
    """May use hands-free Bluetooth (HFP), both ways (apple 92)."""
    high_quality: bool = False
    """May use hands-free devices that record at full bandwidth (apple 97)."""
    a2dp: bool = True
    """May use Bluetooth for music (apple 94)."""
    airplay: AirPlayUse = AirPlayUse.ANY
    """Which AirPlay receivers it may use (apple 96)."""
    le_microphone: bool = False
    """May record from Bluetooth Low Energy, which Apple's header calls an output only."""
    several: bool = False
    """Sounds on several outputs at once: the category multiRoute (apple 103)."""
    dual: bool = False
    """Built-in loudspeaker and microphone plus a second device: the mode dualRoute."""
    long_form: bool = False
    """Follows the route that long-form sessions share (apple 102)."""
    override_speaker: bool = False
    """Loudspeaker and built-in microphone, whatever is connected (apple 84)."""
    preferred_input: str = ""
    """The port it would rather record from; a wish (apple 98)."""
    preferred_output: str = ""
    """The port it would rather sound on; a :class:`Router` sets it for long-form sessions."""
    chosen: str = ""
    """The output for calls, which wins over everything while it is there (android 77)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePorts:
    """The ports in use, by id; empty where there is none that fits."""

    inputs: tuple[str, ...] = ()
    """Where sound goes in; one, or two in the mode dualRoute, the built-in one first."""
    outputs: tuple[str, ...] = ()
    """Where sound comes out; one, but with several outputs the last connected first."""

    @property
    def all(self) -> frozenset[str]:
        """Both, in no order."""
        return frozenset((*self.inputs, *self.outputs))

    def serves(self, request: RouteRequest) -> bool:
        """Whether it has what the request needs (apple 91)."""
        return (bool(self.outputs) or not request.plays) and (
            bool(self.inputs) or not request.records
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """A session's route is another one, or works differently."""

    session: str
    """Whose route it is."""
    reason: RouteChangeReason
    """Why."""
    previous: RoutePorts
    """The route until now; ports in it may be gone."""
    current: RoutePorts
    """The route from now on."""
    lost: tuple[str, ...] = ()
    """Ports of the previous route that are gone."""
    noisy: bool = False
    """Whether sound that was private would go on where others hear it."""
