"""The ports of real devices: cards and endpoints of the sound servers in the core's words.

A port of a card is one port whatever the card's profile, so that a switch of the profile is
no coming and going. The output of a Bluetooth device is two: one for music (A2DP) and one for
calls (HFP), of which its profile has one, as AVAudioSessionTypes.h has it too. The device that
came last has the highest order; the user's or session manager's choice of the default counts
as coming last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from ...core.routing import Port
from ...devices import AudioDeviceType
from ..servers.base import Card, CardPort, Direction, Endpoint
from .report import DirectionReport, PortReport

_BUILT_IN = frozenset(
    {
        AudioDeviceType.BUILT_IN_SPEAKER,
        AudioDeviceType.BUILT_IN_SPEAKER_SAFE,
        AudioDeviceType.BUILT_IN_EARPIECE,
        AudioDeviceType.BUILT_IN_MIC,
    }
)
_CLASSIC = frozenset({AudioDeviceType.BLUETOOTH_A2DP.value, AudioDeviceType.BLUETOOTH_SCO.value})
_WIRELESS = frozenset(
    {
        AudioDeviceType.BLUETOOTH_A2DP,
        AudioDeviceType.BLUETOOTH_SCO,
        AudioDeviceType.BLUETOOTH_LE,
        AudioDeviceType.HEARING_AID,
    }
)
_OFF = "off"
"""The profile without any port; PulseAudio and PipeWire both call it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A port, and what stands for it on its server."""

    port: Port
    """As the core sees it."""
    server: str
    """The name of the server it is on."""
    direction: Direction
    """Playback or capture."""
    card: str = ""
    """The id of its card; empty: it belongs to none, or needs nothing of it."""
    profiles: tuple[str, ...] = ()
    """The profiles of its card that have it and can be chosen, the better first; empty: it is
    there in the present one, and nothing is known of others."""
    endpoint: Endpoint | None = None
    """What it is now; ``None`` where its card would have to work in another profile."""

    def report(self) -> PortReport:
        """What is told of it."""
        says = DirectionReport() if self.endpoint is None else _says(self.endpoint)
        playing = self.direction is Direction.PLAYBACK
        return PortReport(
            port=self.port, output=says if playing else None, input=None if playing else says
        )


def seen(factors: Iterable[float]) -> float:
    """A volume as people see it, 0.0 to 1.0: the cube root of the loudest channel's factor.

    PulseAudio's volumes are cubic (pa_sw_volume_from_linear), and so are those that PipeWire's
    tools show.
    """
    loudest: float = max(0.0, max(factors, default=1.0))
    return min(1.0, math.cbrt(loudest))


def _says(endpoint: Endpoint) -> DirectionReport:
    return DirectionReport(
        channels=endpoint.channels,
        sample_rate=endpoint.sample_rate,
        buffer_s=endpoint.buffer_s,
        latency_s=endpoint.latency_s,
        volume=seen(endpoint.volumes),
        muted=endpoint.muted,
    )


class Places:
    """The ports there are, and how late each came."""

    def __init__(self) -> None:
        self.by_id: dict[str, Place] = {}
        """The ports by their ids, in a lasting order."""
        self._reports: tuple[PortReport, ...] = ()
        self._orders: dict[str, int] = {}
        self._came = 0
        self._defaults: dict[Direction, str] = {}
        self._chosen: dict[Direction, str] = {}

    def update(
        self,
        servers: Iterable[tuple[str, tuple[Card, ...], tuple[Endpoint, ...]]],
        *,
        refused: Callable[[str], bool] = lambda _: False,
        settling: Collection[tuple[str, str]] = (),
    ) -> tuple[Port, ...]:
        """Takes what the servers have.

        Args:
            servers: The name, cards and endpoints of each.
            refused: Whether a port, by its id, is known not to work for now.
            settling: The cards that the service itself has just switched, by server and id;
                another default is nobody's choice then.

        Returns:
            The ports that can be used.
        """
        found: dict[str, Place] = {}
        for server, cards, endpoints in servers:
            switched = {card for name, card in settling if name == server}
            for place in _places(server, cards, endpoints, switched):
                found.setdefault(place.port.id, place)
        arrived = [id for id in found if id not in self._orders]
        self._orders = {id: order for id, order in self._orders.items() if id in found}
        self._came += 1
        self._orders.update(dict.fromkeys(arrived, self._came))
        self._follow_defaults(found, settling=bool(settling))
        usable = {id: place for id, place in found.items() if not refused(id)}
        self.by_id = {
            id: replace(place, port=replace(place.port, order=self._order(place, usable)))
            for id, place in usable.items()
        }
        # The same for everybody, and asked for far more often than it changes.
        self._reports = tuple(place.report() for place in self.by_id.values())
        return tuple(place.port for place in self.by_id.values())

    def reports(self) -> tuple[PortReport, ...]:
        """What is told of all of them."""
        return self._reports

    # -- inside ------------------------------------------------------------------------------

    def _follow_defaults(self, found: dict[str, Place], *, settling: bool) -> None:
        for direction in Direction:
            default = next(
                (
                    place
                    for place in found.values()
                    if place.direction is direction
                    and place.endpoint is not None
                    and place.endpoint.default
                    and place.endpoint.active
                ),
                None,
            )
            if default is None or self._defaults.get(direction) == default.port.id:
                continue
            before = found.get(self._defaults.get(direction, ""))
            self._defaults[direction] = default.port.id
            # With another profile of its card, a default may be gone without anybody's choice.
            if not settling and (before is None or before.endpoint is not None):
                self._choose(default, [p for p in found.values() if p.direction is direction])

    def _choose(self, chosen: Place, beside: list[Place]) -> None:
        """Somebody chose a port: over those that are there, not over those that cannot be chosen.

        A headset that works for music has no microphone then: one that is the default for want
        of another is not preferred to it.
        """
        self._chosen[chosen.direction] = chosen.port.id
        # A device's ports for music and for calls are one thing to its user.
        chosen_ids = {
            place.port.id
            for place in beside
            if place is chosen
            or (
                place.port.device == chosen.port.device
                and {place.port.kind, chosen.port.kind} <= _CLASSIC
            )
        }
        there = {place.port.device for place in beside if place.endpoint is not None}
        over = max(
            (
                self._orders[place.port.id]
                for place in beside
                if place.port.device in there and place.port.id not in chosen_ids
            ),
            default=0,
        )
        if self._orders[chosen.port.id] > over:
            return
        self._orders = {
            id: order + 1 if order > over else order for id, order in self._orders.items()
        } | dict.fromkeys(chosen_ids, over + 1)
        self._came += 1

    def _order(self, place: Place, usable: dict[str, Place]) -> int:
        """How late it came; what is built in came first, unless it was chosen since."""
        own = self._orders[place.port.id]
        if not place.port.built_in:
            return own
        others = [
            self._orders[id]
            for id, other in usable.items()
            if other.direction is place.direction and not other.port.built_in
        ]
        chosen = self._chosen.get(place.direction) == place.port.id
        return own if chosen and others and own > max(others) else 0


def _places(
    server: str,
    cards: tuple[Card, ...],
    endpoints: tuple[Endpoint, ...],
    switched: Collection[str],
) -> Iterator[Place]:
    taken: set[str] = set()
    for card in cards:
        if card.profile == _OFF:
            # Whoever switched it off does not want it used.
            continue
        for port in card.ports:
            # What is not plugged in is listed by its node all the same.
            taken.update(each.id for each in endpoints if _is_of(each, card, port))
            place = _place(server, card, port, endpoints)
            if port.available and (place.profiles or place.endpoint is not None):
                yield place
    known = {card.id for card in cards}
    wireless = {card.id for card in cards if any(port.type in _WIRELESS for port in card.ports)}
    for endpoint in endpoints:
        if endpoint.id in taken or not endpoint.available:
            continue
        if endpoint.card and endpoint.card in {*switched, *wireless}:
            # In the middle of a switch: which of the card's ports it is has yet to be told.
            continue
        yield Place(
            port=_port(
                endpoint.id,
                endpoint.name,
                endpoint.type,
                endpoint.direction,
                device=endpoint.card if endpoint.card in known else endpoint.node,
                removable=endpoint.removable,
            ),
            server=server,
            direction=endpoint.direction,
            endpoint=endpoint,
        )


def _place(server: str, card: Card, port: CardPort, endpoints: tuple[Endpoint, ...]) -> Place:
    can_be = {profile.name for profile in card.profiles if profile.available}
    there = [each for each in endpoints if _is_of(each, card, port) and each.available]
    return Place(
        port=_port(
            f"{port.direction.value}:{card.id}:{port.name}",
            card.text if card.removable else port.text,
            port.type,
            port.direction,
            device=card.id,
            removable=card.removable,
        ),
        server=server,
        direction=port.direction,
        card=card.id,
        profiles=tuple(name for name in port.profiles if name in can_be or name == card.profile),
        endpoint=min(there, key=lambda each: not each.active, default=None),
    )


def _port(
    id: str,
    name: str,
    type: AudioDeviceType,
    direction: Direction,
    *,
    device: str,
    removable: bool,
) -> Port:
    return Port(
        id=id,
        name=name,
        kind=type.value,
        is_input=direction is Direction.CAPTURE,
        is_output=direction is Direction.PLAYBACK,
        device=device,
        order=0 if type in _BUILT_IN and not removable else 1,
    )


def _is_of(endpoint: Endpoint, card: Card, port: CardPort) -> bool:
    return (
        endpoint.card == card.id
        and endpoint.port == port.name
        and endpoint.direction is port.direction
    )


__all__ = ["Place", "Places", "seen"]
