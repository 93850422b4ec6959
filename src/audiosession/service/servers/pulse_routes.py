"""What a session's route changes on PulseAudio: profiles, ports, volumes, where streams go."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping

from ...errors import UnknownNameError, UnsupportedError
from ..ledger import Ledger
from .base import Card, Direction, Endpoint
from .card_ports import own_name
from .pulse_cards import card
from .pulse_endpoints import endpoint_id, endpoints
from .pulse_moves import Moves
from .pulse_slot import Slot
from .pulse_values import Node, Server, SoundCard
from .pulse_volume import MAX, NORM
from .pulse_wire import PulseLink
from .waiting import Waiting

_log = logging.getLogger("audiosession.service")

_HOST = "pulseaudio"

CHANGE_TIMEOUT_S = 10.0
"""How long a card may take to change its profile or port, in seconds."""


class PulseRoutes:
    """The cards and endpoints of the server, and what is changed about them.

    What waits for the server raises HostUnavailableError when the connection is lost.

    Args:
        ledger: Where moves are kept.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.moves = Moves(ledger, lambda: self._nodes.values(), lambda: self.server, self.refresh)
        """The streams that are moved."""
        self.server = Server(cookie=0, name="", default_sink="", default_source="")
        """Which server it is."""
        self.ids: Mapping[tuple[Direction, int], str] = {}
        """The endpoint in use of each sink and source."""
        self.endpoints: tuple[Endpoint, ...] = ()
        """All of them."""
        self.cards: tuple[Card, ...] = ()
        """All of them."""
        self._nodes: dict[tuple[Direction, int], Node] = {}
        self._cards: dict[str, SoundCard] = {}
        self._waiting = Waiting("PulseAudio")

    def lost(self) -> None:
        """The connection is lost: forgets everything but the ledger."""
        self._nodes.clear()
        self._cards.clear()
        self.ids, self.endpoints, self.cards = {}, (), ()
        self.moves.drop()
        self._waiting.lost()

    async def refresh(self, link: PulseLink) -> None:
        """Reads everything anew.

        Raises:
            ConnectionError: the connection is lost.
        """
        self.server = await link.server()
        nodes, cards = await link.places()
        self._nodes = {(node.direction, node.index): node for node in nodes}
        self._cards = {found.name: found for found in cards}
        self.ids = {key: endpoint_id(node) for key, node in self._nodes.items()}
        self.cards = tuple(map(card, cards))
        self.endpoints = endpoints(nodes, self.server, self.cards, self.endpoints)

    def look(self) -> None:
        """What was read is reported: whoever waited for that goes on."""
        self._waiting.look()

    async def set_profile(self, link: PulseLink, card: str, profile: str) -> None:
        """Has a card work in another profile.

        Raises:
            UnknownNameError: there is no such card, or no such profile of it.
            UnsupportedError: the server refuses, or does not follow in time.
        """
        found = self._cards.get(card)
        if found is None:
            raise UnknownNameError("card", card, self._cards)
        names = [known.name for known in found.profiles]
        if profile not in names:
            raise UnknownNameError("card profile", profile, names)
        if found.profile == profile:
            return
        _agree(await link.set_profile(found.index, profile), "set_profile")
        await self._becomes(
            "set_profile", lambda: card in self._cards and self._cards[card].profile == profile
        )

    async def set_port(self, link: PulseLink, endpoint: str) -> None:
        """Has the node of an endpoint use that port.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses, or does not follow in time.
        """
        node, port = self._place(endpoint)
        if not port or node.active_port == port:
            return
        _agree(await link.set_port(node.direction, node.index, port), "set_port")
        key = node.direction, node.index
        await self._becomes(
            "set_port", lambda: key in self._nodes and self._nodes[key].active_port == port
        )

    async def set_volume(self, link: PulseLink, endpoint: str, volume: float) -> None:
        """Sets the volume of an endpoint's node on all channels, and frees its mute.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses.
        """
        node, _ = self._place(endpoint)
        raw = min(MAX, round(NORM * math.cbrt(max(0.0, volume))))
        count = len(node.volume) or 1
        done = await link.set_node_volume(node.direction, node.index, (raw,) * count)
        _agree(done, "set_volume")

    async def move(
        self, link: PulseLink, slot: Slot | None, endpoint: str | None, stay: bool
    ) -> None:
        """Moves a stream to the node of an endpoint, for good or not, or back.

        Raises:
            UnknownNameError: there is no such endpoint.
            UnsupportedError: the server refuses.
        """
        node = None if endpoint is None else self._place(endpoint)[0]
        if slot is None:
            return
        if node is None:
            _agree(await self.moves.take_back(link, slot), "move")
        else:
            move = self.moves.stay if stay else self.moves.move
            right = node.direction is slot.stream.direction
            _agree(right and await move(link, slot, node), "move")

    def _place(self, endpoint: str) -> tuple[Node, str]:
        """Returns the node of an endpoint and the server's name of its port."""
        for wanted in (endpoint, own_name(endpoint)):
            for found in self.endpoints:
                if found.id != wanted:
                    continue
                for node in self._nodes.values():
                    if node.name == found.node and node.direction is found.direction:
                        return node, own_name(found.port)
        raise UnknownNameError("endpoint", endpoint, (found.id for found in self.endpoints))

    async def _becomes(self, what: str, true: Callable[[], bool]) -> None:
        if not await self._waiting.until(true, CHANGE_TIMEOUT_S):
            raise UnsupportedError(what, _HOST)


def _agree(done: bool, what: str) -> None:
    if not done:
        _log.info("PulseAudio refuses %s", what)
        raise UnsupportedError(what, _HOST)


__all__ = ["CHANGE_TIMEOUT_S", "PulseRoutes"]
