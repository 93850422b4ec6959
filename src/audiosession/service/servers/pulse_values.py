"""What PulseAudio has, in this package's own values, and how they are made of pulsectl's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .base import CardProfile, Direction
from .pulse_volume import NORM, Raw

UNSET = 0xFFFFFFFF
"""No such index (PA_INVALID_INDEX)."""

_HARDWARE = 0x0004
"""A sink or source with hardware behind it (PA_SINK_HARDWARE, PA_SOURCE_HARDWARE)."""

_AVAILABLE = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What changes often about a stream."""

    volume: Raw
    muted: bool
    corked: bool
    node: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """All about a stream."""

    index: int
    direction: Direction
    client: int | None
    state: State
    channels: tuple[str, ...]
    properties: dict[str, str]
    adjustable: bool
    """Whether it has a volume that can be set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A port of a node."""

    name: str
    text: str
    available: bool | None
    """None when the server cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A sink, or a source that is not the monitor of one."""

    index: int
    direction: Direction
    name: str
    text: str
    ports: tuple[Port, ...]
    active_port: str
    properties: dict[str, str]
    """Its card's, then its own over them."""
    profile: str
    """Name of its card's profile in use."""
    card: str
    """Name of its card; empty where it has none."""
    hardware: bool
    channels: tuple[str, ...]
    rate: int
    """In Hz."""
    buffer_us: int
    latency_us: int
    volume: Raw
    muted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PortOnCard:
    """A port of a card, in whatever profile."""

    name: str
    text: str
    playback: bool
    available: bool | None
    """None when the server cannot tell."""
    profiles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCard:
    """A card."""

    index: int
    name: str
    profile: str
    """Name of the profile in use."""
    profiles: tuple[CardProfile, ...]
    ports: tuple[PortOnCard, ...]
    properties: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Which server it is."""

    cookie: int
    """Drawn anew whenever the server starts."""
    name: str
    default_sink: str
    default_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What module-stream-restore remembers for the next stream of a kind."""

    name: str
    channels: tuple[str, ...]
    volume: Raw
    muted: bool
    device: str | None


def raw_of_floats(values: Iterable[float]) -> Raw:
    """Returns the raw volume of pulsectl's floats."""
    # Exact: a raw volume over 65536 has an exact float.
    return tuple(round(value * NORM) for value in values)


def texts(properties: dict[str, str | None]) -> dict[str, str]:
    """Returns the properties that are texts."""
    # Values that are no texts come as None.
    return {key: value for key, value in properties.items() if value is not None}


def stream_of(found: Any, direction: Direction) -> Stream:
    """Returns a stream from what pulsectl has of it."""
    playing = direction is Direction.PLAYBACK
    return Stream(
        index=found.index,
        direction=direction,
        client=None if found.client == UNSET else found.client,
        state=State(
            volume=raw_of_floats(found.volume.values),
            muted=bool(found.mute),
            corked=found.corked,
            node=found.sink if playing else found.source,
        ),
        channels=tuple(found.channel_list),
        properties=texts(found.proplist),
        adjustable=bool(found.has_volume and found.volume_writable and found.volume.values),
    )


def node_of(found: Any, direction: Direction, cards: dict[int, Any]) -> Node:
    """Returns a sink or source from what pulsectl has of it and of the cards, by index."""
    card = cards.get(found.card)
    of_card = {} if card is None else texts(card.proplist)
    return Node(
        index=found.index,
        direction=direction,
        name=found.name,
        text=found.description or found.name,
        ports=tuple(
            Port(
                name=port.name,
                text=port.description or port.name,
                available=_AVAILABLE.get(port.available._value),
            )
            for port in found.port_list
        ),
        active_port="" if found.port_active is None else found.port_active.name,
        properties=of_card | texts(found.proplist),
        profile="" if card is None else card.profile_active.name,
        card="" if card is None else card.name,
        hardware=bool(found.flags & _HARDWARE),
        channels=tuple(found.channel_list),
        rate=found.rate,
        buffer_us=found.configured_latency,
        latency_us=found.latency,
        volume=raw_of_floats(found.volume.values),
        muted=bool(found.mute),
    )


def card_of(found: Any) -> SoundCard:
    """Returns a card from what pulsectl has of it."""
    return SoundCard(
        index=found.index,
        name=found.name,
        profile=found.profile_active.name,
        profiles=tuple(
            CardProfile(
                name=profile.name,
                text=profile.description or profile.name,
                available=bool(profile.available),
                priority=profile.priority,
            )
            for profile in found.profile_list
        ),
        ports=tuple(
            PortOnCard(
                name=port.name,
                text=port.description or port.name,
                playback=port.direction._value == "output",
                available=_AVAILABLE.get(port.available._value),
                profiles=tuple(profile.name for profile in port.profile_list),
            )
            for port in found.port_list
        ),
        properties=texts(found.proplist),
    )


__all__ = [
    "UNSET",
    "Node",
    "Port",
    "PortOnCard",
    "Saved",
    "Server",
    "SoundCard",
    "State",
    "Stream",
    "card_of",
    "node_of",
    "raw_of_floats",
    "stream_of",
    "texts",
]
