"""The ports of cards by what they are in each profile; one rule for both servers.

A Bluetooth headset may be one port to its server, in the profiles for music and in those for
calls. To an app they are two devices, so such a port is reported once for each kind: under its
own name for music, and under that with a suffix (``headset-output@hfp``) for calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ...devices import AudioDeviceType
from .base import Card, CardPort, CardProfile, Direction

_SUFFIXES = {
    AudioDeviceType.BLUETOOTH_A2DP: "",
    AudioDeviceType.BLUETOOTH_LE: "@le",
    AudioDeviceType.HEARING_AID: "@asha",
    AudioDeviceType.BLUETOOTH_SCO: "@hfp",
}
"""The first kind that a port has keeps its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PortOfCard:
    """One port as the server knows it."""

    name: str
    """Its name."""
    text: str
    """What people call it."""
    direction: Direction
    """Which way sound goes through it."""
    available: bool
    """Whether something is plugged in, as far as the server knows."""
    profiles: tuple[str, ...]
    """The names of the profiles that have it."""


def card_ports(
    ports: Iterable[PortOfCard],
    profiles: Iterable[CardProfile],
    kind: Callable[[PortOfCard, str], AudioDeviceType],
) -> tuple[CardPort, ...]:
    """Returns the ports of a card, those that are two kinds of device once for each.

    Args:
        ports: Its ports.
        profiles: Its profiles.
        kind: Returns what a port is in the profile of that name.
    """
    ranks = {profile.name: -profile.priority for profile in profiles}
    found: list[CardPort] = []
    for port in ports:
        by_kind: dict[AudioDeviceType, list[str]] = {}
        for profile in sorted(port.profiles, key=lambda name: ranks.get(name, 0)):
            by_kind.setdefault(kind(port, profile), []).append(profile)
        names = _names(port.name, by_kind)
        found.extend(
            CardPort(
                name=names.get(type, port.name),
                text=port.text,
                direction=port.direction,
                type=type,
                available=port.available,
                profiles=tuple(of_kind),
            )
            for type, of_kind in (by_kind or {kind(port, ""): []}).items()
        )
    return tuple(found)


def port_name(card: Card | None, direction: Direction, port: str, profile: str = "") -> str:
    """Returns under which name :func:`card_ports` has a port of the server in a profile.

    Args:
        card: The card; ``None`` for no card.
        direction: Which way sound goes through the port.
        port: The server's name of it.
        profile: The profile's name; empty for the one in use.
    """
    if card is not None:
        profile = profile or card.profile
        for known in card.ports:
            alike = known.direction is direction and own_name(known.name) == port
            if alike and profile in known.profiles:
                return known.name
    return port


def own_name(port: str) -> str:
    """Returns the server's name of a port, whether it is given so or as :func:`card_ports` does."""
    for suffix in _SUFFIXES.values():
        if suffix and port.endswith(suffix):
            return port.removesuffix(suffix)
    return port


def _names(name: str, kinds: Mapping[AudioDeviceType, object]) -> dict[AudioDeviceType, str]:
    known = [kind for kind in _SUFFIXES if kind in kinds]
    return {kind: name + _SUFFIXES[kind] for kind in known[1:]}


__all__ = ["PortOfCard", "card_ports", "own_name", "port_name"]
