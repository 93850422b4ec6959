"""Everything that is switched for routes, and what became of it.

What the user changed meanwhile is the user's: it is forgotten here, and left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..ledger import Ledger
from ..servers.base import Card, Endpoint
from .ledger import Moved, Record, RouteLedger, Switched, Turned
from .settling import Settling
from .underway import Underway
from .wants import CardKey, NodeKey, card_of

if TYPE_CHECKING:
    from ..adoption import KnownStream
    from ..engine import Engine
    from ..links import ServerLink


_MOST_REFUSALS = 3
"""How often a server may refuse to give a profile back before that waits for a change of the
card."""


class Held:
    """See the module.

    Args:
        engine: Whose servers and streams they are.
        changed: Called when other ports can be used than before.
    """

    def __init__(self, engine: Engine, changed: Callable[[], None]) -> None:
        self.ledger = RouteLedger()
        self.settling = Settling(engine, self._settled)
        self.underway = Underway(engine, changed)
        self.profiles: dict[CardKey, Switched] = {}
        self.ports: dict[NodeKey, Turned] = {}
        self.streams: dict[str, Moved] = {}
        self.left: dict[str | NodeKey, frozenset[str]] = {}
        """Streams and nodes that are left alone, as long as they are wanted on those nodes or
        at those ports: the server refused, or the user moved them."""
        self.gone: set[str] = set()
        """Servers that do not answer any more, and have yet to say so."""
        self._engine = engine
        self._changed = changed
        self._asleep: dict[CardKey | NodeKey, tuple[Switched | Turned, Card | None]] = {}
        # What cannot be put back for now, for it is not there or cannot work as before, and how
        # its card was then. The server may have kept it switched when it comes back.
        self._refused: dict[str, tuple[CardKey, Card, bool]] = {}
        # Ports that do not work for now: as long as their card is as it is here, and whether
        # that is the user's doing, which lasts as long as somebody is active.

    def __bool__(self) -> bool:
        return bool(self.profiles or self.ports or self.streams)

    @property
    def waits(self) -> bool:
        """Whether something is to be put back as soon as that can be done."""
        return bool(self._asleep)

    def keep_in(self, ledger: Ledger) -> None:
        """Has everything written down from now on."""
        self.ledger = RouteLedger(ledger)

    def refused(self, port: str) -> bool:
        """Whether a port does not work for now."""
        return port in self._refused

    def refuse(
        self, key: CardKey, card: Card, ports: tuple[str, ...], *, by_user: bool = False
    ) -> None:
        """These ports do not work until something about their card is different.

        Args:
            key: The card.
            card: As it is now.
            ports: Their ids.
            by_user: Whether the user wants it so, which counts while somebody is active.
        """
        for port in ports:
            self._refused[port] = key, card, by_user
        self._changed()

    def forgive(self) -> None:
        """Nobody is active: the user's choices against routes are over."""
        self.left.clear()
        users = [id for id, (_, _, by_user) in self._refused.items() if by_user]
        for id in users:
            del self._refused[id]
        if users:
            self._changed()

    # -- servers -----------------------------------------------------------------------------

    def server_up(self, link: ServerLink) -> None:
        """Takes over what an earlier service, or an earlier connection, left switched."""
        self.gone.discard(link.server.name)
        left = self.ledger.left(link.server.name)
        self.ledger.strike(record.key for record in left if not self._take_over(link, record))

    def server_down(self, name: str) -> None:
        """A server is gone; what was switched on it is in the ledger."""
        self.profiles = {key: each for key, each in self.profiles.items() if key[0] != name}
        self.ports = {key: each for key, each in self.ports.items() if key[0] != name}
        self.streams = {key: each for key, each in self.streams.items() if each.server != name}
        self.left = {
            key: each for key, each in self.left.items() if isinstance(key, str) or key[0] != name
        }
        self._asleep = {key: each for key, each in self._asleep.items() if key[0] != name}
        self._refused = {id: each for id, each in self._refused.items() if each[0][0] != name}
        self.settling.forget(name)
        self.underway.forget(name)

    def close(self) -> None:
        """Nothing is waited for any more."""
        self.settling.close()
        self.underway.close()

    def _take_over(self, link: ServerLink, record: Record) -> bool:
        """Whether something is as it was left, and so is to be put back."""
        name = link.server.name
        record.arrived = True
        if isinstance(record, Switched):
            self._asleep[name, record.card] = record, None
        elif isinstance(record, Turned):
            self._asleep[name, record.direction, record.node] = record, None
        else:
            key = f"{name}:{record.stream}"
            known = self._engine.streams.known.get(key)
            if known is None or (record.pid, record.started) != process_of(known):
                return False
            if record.ours and not self._is_as_left(known, record):
                return False
            record.left = True
            self.streams[key] = record
        return True

    def _is_as_left(self, known: KnownStream, record: Moved) -> bool:
        """Whether a stream is where it was moved, or where its server put it since."""
        there = self.node(known, record.ours)
        at = self.endpoint(record.server, known.stream.endpoint)
        if at is None:
            return False
        if record.card and at.default and not record.followed:
            # It lost the sink that its user chose, and was put where there is no choice.
            return True
        if there == at.node:
            return True
        if self.node(known, record.via) == at.node:
            # The service ended before its last command was carried out.
            record.ours = record.via
            return True
        # It is home, but may not stay there when its card is switched back.
        record.adrift = at.id == record.before or (at.default and not there)
        return record.adrift

    # -- looking -----------------------------------------------------------------------------

    def observe(self) -> None:
        """Looks at what became of everything."""
        known = self._engine.streams.known
        self.left = {
            key: each for key, each in self.left.items() if not isinstance(key, str) or key in known
        }
        for id, (key, before, _) in tuple(self._refused.items()):
            if card_of(self._engine, key) != before:
                del self._refused[id]
        for asleep, last in tuple(self._asleep.values()):
            if isinstance(asleep, Switched):
                self._wake_card((asleep.server, asleep.card), asleep, last)
            else:
                self._wake_node((asleep.server, asleep.direction, asleep.node), asleep)
        for card, switched in tuple(self.profiles.items()):
            self._observe_card(card, switched)
        for node, turned in tuple(self.ports.items()):
            self._observe_node(node, turned)
        for stream in self.underway.streams:
            self._observe_trip(stream)
        for stream, moved in tuple(self.streams.items()):
            self._observe_stream(stream, moved)

    def _observe_card(self, key: CardKey, record: Switched) -> None:
        card = card_of(self._engine, key)
        if card is None:
            self.sleep(key, record, None)
            self.settling.end(key)
        elif record.undoing or card.profile == record.ours:
            record.arrived = record.arrived or card.profile == record.ours
        elif not self.settling.of(key):
            # It never worked so, or the user chose another.
            self.forget_card(key, record)
            self.refuse(key, card, record.ports, by_user=record.arrived)

    def sleep(self, key: CardKey, record: Switched, card: Card | None) -> None:
        """A card cannot be put back before something about it is different; it stays in the ledger.

        Args:
            key: The card.
            record: What was switched.
            card: The card as it is now; ``None`` when it is gone.
        """
        self._forget_company(key)
        if self.profiles.get(key) is record:
            del self.profiles[key]
            record.undoing = False
            self._asleep[key] = record, card

    def waked(self, key: CardKey) -> Switched | None:
        """What is to be put back of a card as soon as that can be done; forgets it."""
        record, _ = self._asleep.pop(key, (None, None))
        return record if isinstance(record, Switched) else None

    def _wake_card(self, key: CardKey, record: Switched, last: Card | None) -> None:
        card = card_of(self._engine, key)
        if card is None or card == last:
            self._asleep[key] = record, card
        elif card.profile not in (record.ours, record.via):
            # It was never switched, or the server or the user chose another.
            del self._asleep[key]
            self.ledger.strike([record.key])
        elif can_work_as(card, record.before):
            del self._asleep[key]
            record.ours, record.arrived = card.profile, True
            self.profiles[key] = record
        else:
            self._asleep[key] = record, card

    def _wake_node(self, key: NodeKey, record: Turned) -> None:
        now = [self.endpoint(record.server, id) for id in (record.ours, record.via)]
        if now[0] is None:
            return
        del self._asleep[key]
        active = next((each.id for each in now if each is not None and each.active), "")
        if active:
            record.ours, record.arrived = active, True
            self.ports[key] = record
        else:
            self.ledger.strike([record.key])

    def _observe_node(self, key: NodeKey, record: Turned) -> None:
        ours = self.endpoint(record.server, record.ours)
        if ours is not None and ours.active:
            record.arrived = True
        elif ours is None:
            del self.ports[key]
            self._asleep[key] = record, None
        elif record.arrived:
            self.forget_node(key, record)
            self.left[key] = frozenset([record.ours])

    def _observe_trip(self, key: str) -> None:
        known = self._engine.streams.known.get(key)
        if known is None or not self.node(known, self.underway.to(key)):
            self.underway.end(key)
        elif (at := self.at(key)) and self.underway.told(key, at):
            record = self.streams.get(key)
            if record is not None:
                # Nobody waits for it any more: it was there, or would have been.
                record.arrived = True

    def _observe_stream(self, key: str, record: Moved) -> None:
        known = self._engine.streams.known.get(key)
        if known is None:
            self.forget_stream(key, record)
            return
        if record.undoing or self.underway.to(key):
            # Where it is said to be may be where the service had it before.
            return
        at = self.at(key)
        if not record.ours and at and not record.seen and not self.settling.any:
            record.seen, record.arrived = known.stream.endpoint, True
        there = self.node(known, record.ours or record.seen)
        if at and at == there:
            record.arrived = True
        elif record.arrived and there and at and not self.settling.any:
            if record.left and self._is_default(known):
                record.adrift = True
                return
            if at == self.node(known, record.via):
                # A sink it was moved to has come back, and some servers keep a stream bound.
                record.ours, record.via = record.via, record.ours
                self.ledger.write([record])
                return
            # The user moved it.
            self.forget_stream(key, record)
            self.left[key] = frozenset([there])

    def _is_default(self, known: KnownStream) -> bool:
        at = self.endpoint(known.server.name, known.stream.endpoint)
        return at is not None and at.default

    def _settled(self) -> None:
        for record, _ in tuple(self._asleep.values()):
            if isinstance(record, Switched) and 0 < record.refusals < _MOST_REFUSALS:
                # That may have been in the middle of something else.
                self._asleep[record.server, record.card] = record, None
        self.observe()
        self._changed()

    # -- forgetting --------------------------------------------------------------------------

    def forget_card(self, key: CardKey, record: Switched) -> None:
        """A card is as it was, or as the user wants it; so are the streams on it."""
        if self.profiles.get(key) is record:
            del self.profiles[key]
        self.ledger.strike([record.key])
        self._forget_company(key)

    def _forget_company(self, key: CardKey) -> None:
        for stream, moved in tuple(self.streams.items()):
            if (moved.server, moved.card) == key:
                self.forget_stream(stream, moved)

    def forget_node(self, key: NodeKey, record: Turned) -> None:
        """A sink or source is as it was, or as the user wants it."""
        if self.ports.get(key) is record:
            del self.ports[key]
        self.ledger.strike([record.key])

    def forget_stream(self, key: str, record: Moved) -> None:
        """A stream is where it was, or where the user wants it, or gone."""
        if self.streams.get(key) is record:
            del self.streams[key]
        self.ledger.strike([record.key])

    # -- where things are --------------------------------------------------------------------

    def endpoint(self, server: str, id: str) -> Endpoint | None:
        """An endpoint as it is now; ``None`` when it is gone."""
        link = self._engine.links.get(server)
        endpoints = () if link is None else link.endpoints
        return next((each for each in endpoints if each.id == id), None)

    def at(self, key: str) -> str:
        """The node on which a stream is; empty when it is nowhere."""
        known = self._engine.streams.known.get(key)
        return "" if known is None else self.node(known, known.stream.endpoint)

    def heading(self, key: str) -> Endpoint | None:
        """Where a stream is, or where it is under way to; ``None`` when that is nowhere."""
        known = self._engine.streams.known.get(key)
        if known is None:
            return None
        to = self.endpoint(known.server.name, self.underway.to(key))
        return to or self.endpoint(known.server.name, known.stream.endpoint)

    def send(self, key: str, to: Endpoint | None) -> None:
        """A stream is about to be sent somewhere; what is told of it may be older from now on."""
        known = self._engine.streams.known.get(key)
        if known is not None and to is not None:
            server = known.server.name
            self.underway.sent(key, server, at=self.at(key), endpoint=to.id, node=to.node)

    def default(self, key: str) -> Endpoint | None:
        """Where a stream goes that follows the default."""
        known = self._engine.streams.known.get(key)
        link = None if known is None else self._engine.links.get(known.server.name)
        if known is None or link is None:
            return None
        direction = known.stream.direction
        fitting = (e for e in link.endpoints if e.default and e.direction is direction)
        return next(fitting, None)

    def node(self, known: KnownStream, endpoint: str) -> str:
        """The node of an endpoint on a stream's server; empty when it is gone."""
        found = self.endpoint(known.server.name, endpoint)
        return "" if found is None else found.node


def can_work_as(card: Card, profile: str) -> bool:
    """Whether a card has a profile that can be chosen now."""
    return any(each.name == profile and each.available for each in card.profiles)


def process_of(known: KnownStream) -> tuple[int, int]:
    """A stream's process, and when that was started; 0 where that is not known."""
    identity = known.identity
    return known.stream.pid or 0, 0 if identity is None else identity.start_time


__all__ = ["Held", "can_work_as", "process_of"]
