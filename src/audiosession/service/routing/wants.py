"""What the routes of active sessions need: which profiles, which ports, which streams where."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..servers.base import Card, Direction, Endpoint
from ..sessions import ServiceSession
from .facts import SOUNDING
from .ledger import Switched
from .ports import Place, Places

if TYPE_CHECKING:
    from ..engine import Engine

CardKey = tuple[str, str]
"""A server's name and the id of a card on it."""
NodeKey = tuple[str, Direction, str]
"""A server's name, a direction, and the name of a sink or source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWant:
    """A card is to work in that profile."""

    profile: str
    """Its name."""
    ports: tuple[str, ...]
    """The ids of the ports for which that is."""


@dataclass(slots=True, kw_only=True)
class Wants:
    """All that is needed now."""

    profiles: dict[CardKey, ProfileWant] = field(default_factory=dict)
    """What cards are to work in, and only because of a route."""
    ports: dict[NodeKey, Endpoint] = field(default_factory=dict)
    """What sinks and sources are to use."""
    streams: dict[str, tuple[Endpoint, ...]] = field(default_factory=dict)
    """Where the streams of sessions are to be, in one of these places; in none: where they are,
    for their place has yet to come."""


def wanted(
    engine: Engine,
    places: Places,
    route: Callable[[str], tuple[str, ...] | None],
    switched: Mapping[CardKey, Switched],
) -> Wants:
    """What the routes of active sessions need; the last to become active is heard first.

    Args:
        engine: Whose sessions they are.
        places: The ports.
        route: Gives the ports of a session's route, ``None`` for one that has none.
        switched: The cards that are switched already.
    """
    wants = Wants()
    decided: set[CardKey] = set()
    for id in reversed(engine.arbiter.active):
        ids, session = route(id), engine.sessions.get(id)
        if (
            ids is None
            or not isinstance(session, ServiceSession)
            or engine.arbiter.standing(id) not in SOUNDING
        ):
            continue
        there = [places.by_id[each] for each in ids if each in places.by_id]
        for key, group in _by_card(there).items():
            if key not in decided:
                decided.add(key)
                card = card_of(engine, key)
                want = None if card is None else _profile(card, group, switched.get(key))
                if want is not None:
                    wants.profiles[key] = want
        for place in there:
            if place.endpoint is not None:
                node = place.server, place.direction, place.endpoint.node
                wants.ports.setdefault(node, place.endpoint)
        _add_streams(engine, wants, session, there)
    return wants


def card_of(engine: Engine, key: CardKey) -> Card | None:
    """A card as it is now; ``None`` when it is gone."""
    link = engine.links.get(key[0])
    cards = () if link is None else link.cards
    return next((card for card in cards if card.id == key[1]), None)


def _by_card(places: list[Place]) -> dict[CardKey, list[Place]]:
    groups: dict[CardKey, list[Place]] = {}
    for place in places:
        if place.card and place.profiles:
            groups.setdefault((place.server, place.card), []).append(place)
    return groups


def _profile(card: Card, group: list[Place], record: Switched | None) -> ProfileWant | None:
    """The profile that a card has to be given, or to be left in; ``None``: its own will do."""
    fit = [
        name for name in group[0].profiles if all(name in place.profiles for place in group)
    ] or list(group[0].profiles)
    if (card.profile if record is None else record.before) in fit:
        return None
    # One that was given already is as good as any other that fits.
    name = record.ours if record is not None and record.ours in fit else fit[0]
    return ProfileWant(profile=name, ports=tuple(place.port.id for place in group))


def _add_streams(
    engine: Engine, wants: Wants, session: ServiceSession, places: list[Place]
) -> None:
    for key in session.streams:
        known = engine.streams.known[key]
        wants.streams[key] = tuple(
            place.endpoint
            for place in places
            if place.endpoint is not None
            and place.server == known.server.name
            and place.direction is known.stream.direction
        )


__all__ = ["CardKey", "NodeKey", "ProfileWant", "Wants", "card_of", "wanted"]
