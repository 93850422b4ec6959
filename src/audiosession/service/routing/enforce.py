"""Has servers do what the routes of active sessions need, and puts everything back.

Whatever is switched is written down first, with what was before. One command runs at a time,
and each is worked out anew from how things stand then; so what is wanted may change at any
time, and what is not wanted any more is undone in reverse.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from ...errors import HostUnavailableError
from ..ledger import Ledger
from ..servers.base import Card, Endpoint
from .held import Held, can_work_as, process_of
from .ledger import Moved, Switched, Turned
from .ports import Places
from .wants import CardKey, NodeKey, ProfileWant, Wants, card_of, wanted

if TYPE_CHECKING:
    from ..adoption import KnownStream
    from ..engine import Engine
    from ..links import ServerLink

_GIVE_BACK_S = 3.0
"""How long closing waits for everything to be put back, in seconds."""

_MOST_TIMES = 8
"""How often a card is switched before it has to settle: apps may change their minds quickly, and
cards are not to be worn out by it."""

_log = logging.getLogger("audiosession")

_Step = Callable[[], Awaitable[None]]


class _Outcome(Enum):
    """What became of a command."""

    DONE = auto()
    """The server says that it did it."""
    REFUSED = auto()
    """It did not, and will not."""
    LOST = auto()
    """It went away; what it did is not known."""


class Enforcer:
    """See the module.

    Args:
        engine: Whose servers, sessions and streams they are.
        places: The ports there are.
        route: Gives the ports of a session's route, ``None`` for one that has none.
        changed: Called when other ports can be used than before.
    """

    def __init__(
        self,
        engine: Engine,
        places: Places,
        *,
        route: Callable[[str], tuple[str, ...] | None],
        changed: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._places = places
        self._route = route
        self._held = Held(engine, changed)
        self._running = False
        self._rests = asyncio.Event()
        self._rests.set()
        self._news = asyncio.Event()
        self._closing = False
        self._closed = False

    # -- what is known -----------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is switched, or about to be."""
        return bool(self._held) or self._running

    @property
    def waits(self) -> bool:
        """Whether something is to be put back as soon as servers can do that."""
        return self._held.waits

    @property
    def settling(self) -> tuple[CardKey, ...]:
        """The cards with which servers may still be busy, for the service switched them."""
        return self._held.settling.cards

    def refused(self, port: str) -> bool:
        """Whether a port does not work for now."""
        return self._held.refused(port)

    def excuses(self, lost: Endpoint) -> bool:
        """Whether an endpoint goes because the service switched its card."""
        return any(
            card == lost.card and card_of(self._engine, (server, card)) is not None
            for server, card in self._held.settling.cards
        )

    def keep_in(self, ledger: Ledger) -> None:
        """Has what is switched written down from now on."""
        self._held.keep_in(ledger)

    # -- what happens ------------------------------------------------------------------------

    def server_up(self, link: ServerLink) -> None:
        """Takes over what an earlier service, or an earlier connection, left switched."""
        self._held.server_up(link)

    def server_down(self, link: ServerLink) -> None:
        """A server is gone; what was switched on it is in the ledger."""
        self._held.server_down(link.server.name)

    def observe(self) -> None:
        """Looks at what became of everything that was switched."""
        self._news.set()
        self._held.observe()

    def kick(self) -> None:
        """Something is different: does what is to be done."""
        up = any(link.up for link in self._engine.links.values())
        if self._running or self._closed or not up:
            return
        if all(self._route(id) is None for id in self._engine.arbiter.active):
            self._held.forgive()
        step = self._next()
        if step is not None:
            self._running = True
            self._rests.clear()
            self._engine.spawn(self._run(step))

    async def close(self) -> None:
        """Puts everything back, and takes no further step."""
        self._closing = True
        try:
            async with asyncio.timeout(_GIVE_BACK_S):
                await self._rests.wait()
                while True:
                    self._news.clear()
                    while (step := self._next()) is not None:
                        await step()
                    if not self._held.streams or not self._held.settling.any:
                        break
                    # The sinks that streams come back to may have yet to appear.
                    await self._news.wait()
        except TimeoutError:
            _log.warning("not every route could be put back within %g s", _GIVE_BACK_S)
        self._closed = True
        self._held.close()

    # -- the run -----------------------------------------------------------------------------

    async def _run(self, step: _Step | None) -> None:
        try:
            while step is not None:
                await step()
                step = None if self._closing else self._next()
        except Exception:
            # It would take the engine's other work with it. Nor is it tried again before
            # something else happens, for it would go wrong again at once, for ever.
            _log.exception("what routes need could not be done")
            return
        finally:
            self._running = False
            self._rests.set()
        # What was told meanwhile found it running.
        self._engine.settled()

    def _next(self) -> _Step | None:
        self._held.observe()
        wants = Wants()
        if not self._closing:
            wants = wanted(self._engine, self._places, self._route, self._held.profiles)
        for find in (
            self._stream_back,
            self._port_back,
            self._profile_back,
            self._profile_step,
            self._port_step,
            self._stream_step,
            self._company_step,
        ):
            step = find(wants)
            if step is not None:
                return step
        return None

    async def _ask(self, server: str, command: Awaitable[None], what: str) -> _Outcome:
        """Has a server do something; what it refuses is logged and not asked for again."""
        try:
            await command
        except HostUnavailableError as error:
            _log.warning("%s: %s", what, error)
            # What was switched is in the ledger until it is back.
            self._held.server_down(server)
            self._held.gone.add(server)
            return _Outcome.LOST
        except Exception as error:
            _log.warning("%s: %s", what, error)
            return _Outcome.REFUSED
        return _Outcome.DONE

    # -- putting back ------------------------------------------------------------------------

    def _stream_back(self, wants: Wants) -> _Step | None:
        held = self._held
        for key, record in tuple(held.streams.items()):
            card = record.server, record.card
            if key in wants.streams or card in held.profiles:
                continue
            before = held.endpoint(record.server, record.before)
            if before is None and held.settling.of(card):
                # It may just be coming back.
                continue
            at = held.heading(key)
            here = before is not None and at is not None and at.node == before.node
            if self._in_doubt(record, wants):
                continue
            if not record.ours and (here or before is None):
                held.forget_stream(key, record)
            else:
                return partial(self._move_back, key, record)
        return None

    def _in_doubt(self, record: Moved, wants: Wants) -> bool:
        """Whether a stream that is put back now may not stay there.

        While a card is switched the default is another one for a moment. A server may take a
        stream that is there for one that follows the default, and then move it along.
        """
        held = self._held
        if not record.ours or (record.followed and not record.adrift):
            return False
        return held.settling.any or any(
            key[0] == record.server and key not in wants.profiles for key in held.profiles
        )

    def _port_back(self, wants: Wants) -> _Step | None:
        for key, record in tuple(self._held.ports.items()):
            want = wants.ports.get(key)
            if want is not None and want.id != record.before:
                continue
            before = self._held.endpoint(record.server, record.before)
            if before is None or before.available:
                return partial(self._turn_back, key, record)
            # It was pulled out: nobody would hear anything there.
            self._held.forget_node(key, record)
        return None

    def _profile_back(self, wants: Wants) -> _Step | None:
        for key, record in tuple(self._held.profiles.items()):
            if key in wants.profiles:
                continue
            card = card_of(self._engine, key)
            if card is None or can_work_as(card, record.before):
                return partial(self._switch_back, key, record)
            self._held.sleep(key, record, card)
        return None

    async def _move_back(self, key: str, record: Moved) -> None:
        before = self._held.endpoint(record.server, record.before)
        follows = before is None or (record.followed and not before.default)
        server = self._engine.links[record.server].server
        what = f"stream {key} cannot be moved back"
        record.undoing = True
        self._held.send(key, self._held.default(key) if follows else before)
        outcome = await self._ask(
            record.server,
            server.move(record.stream, None)
            if follows
            else server.move(record.stream, record.before, stay=True),
            what,
        )
        if outcome is _Outcome.REFUSED:
            self._held.underway.refused(key)
        if outcome is not _Outcome.LOST:
            self._held.forget_stream(key, record)

    async def _turn_back(self, key: NodeKey, record: Turned) -> None:
        server = self._engine.links[record.server].server
        what = f"{record.node} cannot be given its port back"
        with self._held.settling.switching(_settles(key)):
            outcome = await self._ask(record.server, server.set_port(record.before), what)
        if outcome is not _Outcome.LOST:
            self._held.forget_node(key, record)

    async def _switch_back(self, key: CardKey, record: Switched) -> None:
        record.undoing = True
        server = self._engine.links[record.server].server
        what = f"card {record.card} cannot be given its profile back"
        with self._held.settling.switching(key):
            outcome = await self._ask(
                record.server, server.set_profile(record.card, record.before), what
            )
        if outcome is _Outcome.REFUSED:
            record.refusals += 1
            self._held.sleep(key, record, card_of(self._engine, key))
        elif outcome is _Outcome.DONE and self._held.profiles.get(key) is record:
            # The streams are yet to come back.
            del self._held.profiles[key]
            self._held.ledger.strike([record.key])

    # -- switching ---------------------------------------------------------------------------

    def _profile_step(self, wants: Wants) -> _Step | None:
        for key, want in wants.profiles.items():
            record = self._held.profiles.get(key)
            card = card_of(self._engine, key)
            if card is None or key[0] in self._held.gone:
                continue
            if self._held.settling.times(key) >= _MOST_TIMES:
                continue
            if record is None or record.ours != want.profile:
                return partial(self._switch, key, card, want)
        return None

    def _port_step(self, wants: Wants) -> _Step | None:
        for key, endpoint in wants.ports.items():
            record = self._held.ports.get(key)
            if endpoint.active if record is None else record.ours == endpoint.id:
                continue
            left = self._held.left.get(key, frozenset())
            often = self._held.settling.times(_settles(key)) >= _MOST_TIMES
            if endpoint.id not in left and key[0] not in self._held.gone and not often:
                return partial(self._turn, key, endpoint)
        return None

    def _stream_step(self, wants: Wants) -> _Step | None:
        for key, targets in wants.streams.items():
            known = self._engine.streams.known.get(key)
            step = None if known is None else self._to_one_of(key, known, targets)
            if step is not None:
                return step
        return None

    def _company_step(self, wants: Wants) -> _Step | None:
        """Streams of others stay with a device whose profile was switched.

        Some servers would send them to a loudspeaker instead.
        """
        for key, record in self._held.streams.items():
            known = self._engine.streams.known.get(key)
            card = record.server, record.card
            if known is None or key in wants.streams or card not in self._held.profiles:
                continue
            targets = tuple(
                each
                for each in self._engine.links[record.server].endpoints
                if each.card == record.card
                and each.direction is known.stream.direction
                and each.available
            )
            step = self._to_one_of(key, known, targets)
            if step is not None:
                return step
        return None

    def _to_one_of(
        self, key: str, known: KnownStream, targets: tuple[Endpoint, ...]
    ) -> _Step | None:
        """What moves a stream to the first of these, where it is at none of them."""
        held = self._held
        nodes = frozenset(each.node for each in targets)
        heading = held.heading(key)
        at = "" if heading is None else heading.node
        record = held.streams.get(key)
        if record is not None and record.ours and held.at(key) in nodes:
            self._follow(record, known)
        if not nodes or not at or at in nodes:
            return None
        if held.left.get(key) == nodes or known.server.name in held.gone:
            return None
        if record is not None and not record.arrived and held.node(known, record.ours) in nodes:
            # It is on its way.
            return None
        return partial(self._move, key, known, targets[0], nodes)

    def _follow(self, record: Moved, known: KnownStream) -> None:
        """The server took a stream along, from the sink where it was moved to the one after it."""
        held = self._held
        if not held.node(known, record.ours):
            record.via, record.ours, record.arrived = record.ours, known.stream.endpoint, True
            held.ledger.write([record])

    async def _switch(self, key: CardKey, card: Card, want: ProfileWant) -> None:
        held = self._held
        old = held.profiles.get(key) or held.waked(key)
        record = Switched(
            server=key[0],
            card=card.id,
            before=card.profile if old is None else old.before,
            ours=want.profile,
            via="" if old is None else old.ours,
            ports=want.ports,
        )
        company = self._company(key)
        if not held.ledger.write([record, *company.values()]):
            held.refuse(key, card, want.ports)
            return
        held.profiles[key] = record
        held.streams |= company
        server = self._engine.links[key[0]].server
        what = f"card {card.id} does not work as {want.profile}"
        with held.settling.switching(key):
            outcome = await self._ask(key[0], server.set_profile(card.id, want.profile), what)
        if outcome is not _Outcome.REFUSED or held.profiles.get(key) is not record:
            return
        if old is None:
            held.forget_card(key, record)
        else:
            held.profiles[key] = old
            held.ledger.write([old])
        now = card_of(self._engine, key)
        if now is not None:
            held.refuse(key, now, want.ports)

    async def _turn(self, key: NodeKey, endpoint: Endpoint) -> None:
        held = self._held
        link = self._engine.links[key[0]]
        old = held.ports.get(key)
        now = next(
            (
                each.id
                for each in link.endpoints
                if each.node == endpoint.node
                and each.direction is endpoint.direction
                and each.active
            ),
            "",
        )
        record = Turned(
            server=key[0],
            node=endpoint.node,
            direction=endpoint.direction,
            before=now if old is None else old.before,
            ours=endpoint.id,
            via="" if old is None else old.ours,
        )
        if not record.before or not held.ledger.write([record]):
            held.left[key] = frozenset([endpoint.id])
            return
        held.ports[key] = record
        what = f"{endpoint.node} does not use {endpoint.port}"
        with held.settling.switching(_settles(key)):
            outcome = await self._ask(key[0], link.server.set_port(endpoint.id), what)
        if outcome is _Outcome.REFUSED and held.ports.get(key) is record:
            held.left[key] = frozenset([endpoint.id])
            if old is None:
                held.forget_node(key, record)
            else:
                held.ports[key] = old
                held.ledger.write([old])

    async def _move(
        self, key: str, known: KnownStream, to: Endpoint, nodes: frozenset[str]
    ) -> None:
        held = self._held
        old = held.streams.get(key)
        record = (
            self._record_of(key, known, card="") if old is None else replace(old, arrived=False)
        )
        record.via, record.ours = record.ours, to.id
        if not held.ledger.write([record]):
            held.left[key] = nodes
            return
        held.streams[key] = record
        server = self._engine.links[record.server].server
        what = f"stream {key} does not go to {to.node}"
        held.send(key, to)
        outcome = await self._ask(record.server, server.move(record.stream, to.id), what)
        if outcome is not _Outcome.REFUSED:
            return
        held.underway.refused(key)
        if held.streams.get(key) is not record:
            return
        if held.endpoint(record.server, to.id) is not None:
            held.left[key] = nodes
        if old is None:
            held.forget_stream(key, record)
        else:
            held.streams[key] = old
            held.ledger.write([old])

    def _company(self, key: CardKey) -> dict[str, Moved]:
        """The streams that are on a card, to be brought back to where they are."""
        link = self._engine.links[key[0]]
        here = {each.id for each in link.endpoints if each.card == key[1]}
        return {
            stream: self._record_of(stream, known, card=key[1])
            for stream, known in self._engine.streams.known.items()
            if known.server is link.server
            and known.stream.endpoint in here
            and stream not in self._held.streams
        }

    def _record_of(self, key: str, known: KnownStream, *, card: str) -> Moved:
        pid, started = process_of(known)
        # What was told of it may be older than where it was sent.
        before = self._held.heading(key)
        return Moved(
            server=known.server.name,
            stream=known.stream.id,
            pid=pid,
            started=started,
            before=known.stream.endpoint if before is None else before.id,
            followed=before is not None and before.default,
            card=card,
        )


def _settles(key: NodeKey) -> CardKey:
    """What settles where a sink or source uses another port: it alone, not its card."""
    return key[0], f"#{key[2]}"


__all__ = ["Enforcer"]
