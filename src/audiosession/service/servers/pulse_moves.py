"""Streams of PulseAudio that are moved for a while, so that nothing of it stays.

PulseAudio takes every move that a client asks for as the user's choice: the stream is bound to
the new sink, and module-stream-restore remembers that for the app's next stream, again at each
change of the stream. So what it remembered before is kept, and written back as soon as the
server's own event says that it has remembered another: as for volumes, :mod:`.pulse_debts`. A
move to the default sink binds a stream to nothing.

A move is in the ledger from before it is made, and what a crash left there is taken back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from ...errors import AudioSessionError
from ..ledger import Ledger
from .base import Direction
from .pulse_owed import RESTORE_ID
from .pulse_slot import Slot
from .pulse_values import Node, Saved, Server
from .pulse_wire import PulseLink

_log = logging.getLogger("audiosession.service")

_PREFIX = "pulseaudio-move:"

HEAL_S = 0.5
"""How long after the server remembered a move a stream may be heard of that was born by that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One stream that was moved, and what was before."""

    cookie: int
    """The server's; an index is never used twice by one server."""
    index: int
    direction: Direction
    restore_id: str
    """Under which name the server remembers it; empty when it does not."""
    device: str
    """What the server remembered; empty for nothing."""
    home: str
    """The node it was on; empty for the default."""
    to: str
    """The node it was moved to."""
    via: str = ""
    """The node where it was then, for a move before this one; empty for none."""
    back: str = ""
    """The node it was taken back to; empty while it is away."""

    @property
    def place(self) -> str:
        """The node it is on, unless somebody else moved it."""
        return self.back or self.to

    @property
    def key(self) -> str:
        """Its key in the ledger."""
        return f"{_PREFIX}{self.cookie}:{self.direction.value}:{self.index}"

    def entry(self) -> dict[str, object]:
        """Returns it as the ledger keeps it."""
        return {
            "cookie": self.cookie,
            "index": self.index,
            "direction": self.direction.value,
            "restore_id": self.restore_id,
            "device": self.device,
            "home": self.home,
            "to": self.to,
            "via": self.via,
        }

    @classmethod
    def of(cls, entry: Mapping[str, object]) -> Moved | None:
        """Returns what an entry says, ``None`` for nonsense."""
        match entry:
            case {
                "cookie": int(cookie),
                "index": int(index),
                "direction": "playback" | "capture" as direction,
                "restore_id": str(restore_id),
                "device": str(device),
                "home": str(home),
                "to": str(to),
                "via": str(via),
            }:
                return cls(
                    cookie=cookie,
                    index=index,
                    direction=Direction(direction),
                    restore_id=restore_id,
                    device=device,
                    home=home,
                    to=to,
                    via=via,
                )
        return None


class Moves:
    """Moves streams, takes moves back, and has the server remember neither.

    Args:
        ledger: Where moves are kept.
        nodes: Returns the sinks and sources there are.
        server: Returns which of them are the default.
        refresh: Reads both anew.
    """

    def __init__(
        self,
        ledger: Ledger,
        nodes: Callable[[], Iterable[Node]],
        server: Callable[[], Server],
        refresh: Callable[[PulseLink], Awaitable[None]],
    ) -> None:
        self._ledger = ledger
        self._nodes = nodes
        self._server = server
        self._refresh = refresh
        self._moved: dict[str, Moved] = {}
        """By the slot's id: those that are away, and those whose memory is to be watched."""
        self._away: set[str] = set()
        """The slots' ids of those that are where they were moved to."""
        self._wrong: set[str] = set()
        """The slots' ids of those about which the server remembers something else by now."""
        self._haunted: set[str] = set()
        """The slots' ids of those taken back from a node that is gone. The server cannot be told
        that they are not bound to it any more: it moves them there when the node comes back."""
        self._remembered: dict[str, float] = {}
        """When the server last remembered a move, by the name under which it did."""
        self._ended: dict[str, Moved] = {}
        """By the ledger's key: those that ended, and whose memory is to be looked at once."""

    @property
    def urge(self) -> bool:
        """Whether :meth:`pay` has something to do."""
        return bool(self._wrong or self._ended)

    @property
    def none(self) -> bool:
        """Whether no stream is away, and nothing is to be corrected."""
        return not (self._away or self._wrong or self._ended)

    def drop(self) -> None:
        """Forgets everything but the ledger."""
        self._moved.clear()
        self._away.clear()
        self._wrong.clear()
        self._haunted.clear()
        self._remembered.clear()
        self._ended.clear()

    async def move(self, link: PulseLink, slot: Slot, node: Node) -> bool:
        """Moves a stream to a node; returns whether the server agrees.

        Raises:
            ConnectionError: the connection is lost.
        """
        before = await self._look(link, slot)
        now = self._name_of(slot)
        if now == node.name or slot.gone:
            return True
        if before is None or slot.id not in self._away:
            before = await self._before(link, slot, now)
        was_away = slot.id in self._away
        moved = replace(before, to=node.name, via=now if was_away else "", back="")
        if not self._write_down(moved):
            return False
        # Whoever looks at the stream from now on sees it after the move.
        self._moved[slot.id] = moved
        self._away.add(slot.id)
        if await link.move(slot.stream.direction, slot.stream.index, node.index) or slot.gone:
            return True
        if was_away:
            self._keep(slot.id, before)
        else:
            self._forget(slot.id)
        return False

    async def take_back(self, link: PulseLink, slot: Slot) -> bool:
        """Has a stream go where it was; returns whether the server agrees.

        Where the user has moved it meanwhile, it stays.

        Raises:
            ConnectionError: the connection is lost.
        """
        moved = await self._look(link, slot)
        if moved is None or slot.id not in self._away:
            return True
        return await self._return(link, slot, moved, self._home(moved))

    async def stay(self, link: PulseLink, slot: Slot, node: Node) -> bool:
        """Has a stream stay at a node, as if it had never left; returns whether the server agrees.

        The server bound it elsewhere when the node went, or to nothing. Where the user has moved
        it meanwhile, it stays there.

        Raises:
            ConnectionError: the connection is lost.
        """
        known = slot.id in self._moved
        moved = await self._look(link, slot)
        if slot.gone or (moved is None and (known or self._name_of(slot) == node.name)):
            return True
        if moved is None or slot.id not in self._away:
            moved = await self._before(link, slot, self._name_of(slot))
        moved = replace(moved, home=node.name)
        if not self._write_down(moved):
            return False
        self._moved[slot.id] = moved
        self._away.add(slot.id)
        return await self._return(link, slot, moved, node)

    async def _return(self, link: PulseLink, slot: Slot, moved: Moved, home: Node | None) -> bool:
        self._away.discard(slot.id)
        self._haunted.discard(slot.id)
        self._moved[slot.id] = replace(moved, back="" if home is None else home.name)
        if home is None or home.name == self._name_of(slot):
            if not self._is_there(moved):
                self._haunted.add(slot.id)
            # No event will come.
            self._wrong.add(slot.id)
        elif not await link.move(slot.stream.direction, slot.stream.index, home.index):
            if slot.id in self._moved:
                self._moved[slot.id] = moved
                self._away.add(slot.id)
            return slot.gone
        return True

    async def take_all_back(self, link: PulseLink, slots: Mapping[str, Slot]) -> None:
        """Takes every move back.

        Raises:
            ConnectionError: the connection is lost.
        """
        for id in tuple(self._away):
            if (slot := slots.get(id)) is not None:
                await self.take_back(link, slot)

    def heard(self, slot: Slot) -> None:
        """The server told a change of a stream: it has remembered that by now."""
        if (moved := self._moved.get(slot.id)) is not None:
            self._wrong.add(slot.id)
            if moved.restore_id and slot.id in self._away:
                now = asyncio.get_running_loop().time()
                self._remembered = {
                    name: at for name, at in self._remembered.items() if now - at <= HEAL_S
                } | {moved.restore_id: now}

    async def born(self, link: PulseLink, slot: Slot) -> None:
        """Takes a new stream back that the server moved since it remembered a move for a moment.

        Raises:
            ConnectionError: the connection is lost.
        """
        name = _restore_id(slot)
        since = self._remembered.get(name, float("-inf"))
        if not name or asyncio.get_running_loop().time() - since > HEAL_S:
            return
        now = self._name_of(slot)
        for moved in self._all():
            if moved.restore_id == name and moved.to == now not in (moved.device, moved.home):
                self._keep(slot.id, replace(moved, index=slot.stream.index, back=""))
                self._away.add(slot.id)
                await self.take_back(link, slot)
                return

    def heard_all(self) -> None:
        """What the server remembers of any stream was written."""
        self._wrong.update(self._moved)

    def end(self, slot: Slot) -> None:
        """A stream ended."""
        moved = self._moved.pop(slot.id, None)
        self._away.discard(slot.id)
        self._wrong.discard(slot.id)
        self._haunted.discard(slot.id)
        if moved is not None:
            self._ended[moved.key] = moved

    async def pay(self, link: PulseLink, slots: Mapping[str, Slot]) -> None:
        """Has the server remember what it did before, and strikes out what is done with.

        Raises:
            ConnectionError: the connection is lost.
        """
        wrong, self._wrong = self._wrong, set()
        ended, self._ended = self._ended, {}
        living = {}
        for id in wrong:
            if (slot := slots.get(id)) is not None and (moved := await self._look(link, slot)):
                living[id] = moved
                if id in self._haunted and self._name_of(slot) == moved.to:
                    await self._return(link, slot, moved, self._home(moved))
        try:
            await self._remember(link, [*living.values(), *ended.values()])
        except BaseException:
            self._ended = ended | self._ended
            raise
        self._strike(ended)
        for id, moved in living.items():
            # Bound to what the server remembered anyhow, or to nothing: it needs no more care.
            bound = id in self._away or id in self._haunted
            done = not bound and self._bound(moved) == moved.device
            if done and self._moved.get(id) == moved:
                self._forget(id)

    async def mend(self, link: PulseLink, slots: Iterable[Slot]) -> None:
        """Takes back what an earlier connection, of this process or of one that died, moved.

        Raises:
            ConnectionError: the connection is lost.
        """
        by_stream = {(slot.stream.direction, slot.stream.index): slot for slot in slots}
        cookie = self._server().cookie
        for key, entry in self._ledger.entries().items():
            if not key.startswith(_PREFIX):
                continue
            moved = Moved.of(entry)
            slot = by_stream.get((moved.direction, moved.index)) if moved is not None else None
            if moved is None:
                self._strike([key])
            elif slot is None or moved.cookie != cookie or not self._is_ours(slot, moved):
                self._ended[key] = moved
            else:
                if moved.via and self._name_of(slot) == moved.via:
                    # The connection ended before the last move was made.
                    moved = replace(moved, to=moved.via)
                self._moved[slot.id] = moved
                self._away.add(slot.id)
                await self.take_back(link, slot)

    async def _look(self, link: PulseLink, slot: Slot) -> Moved | None:
        """Returns what is known of a stream, nothing when the user has moved it meanwhile."""
        moved = self._moved.get(slot.id)
        if moved is None:
            return None
        stream = await link.stream(slot.stream.direction, slot.stream.index)
        if stream is None or slot.gone or self._moved.get(slot.id) != moved:
            return self._moved.get(slot.id)
        slot.stream = replace(slot.stream, state=replace(slot.stream.state, node=stream.state.node))
        now = self._name_of(slot)
        if now != moved.place and (not now or self._is_there(moved)):
            # The server moves streams first, and tells of the nodes that come and go after it.
            await self._refresh(link)
            now = self._name_of(slot)
        if now in ("", moved.place) or not self._is_there(moved):
            return self._moved.get(slot.id)
        if slot.id in self._haunted and now == moved.to:
            return moved
        if slot.id not in self._away and not moved.home:
            # It follows the default.
            return moved
        self._forget(slot.id)
        for id, other in self._moved.items():
            if other.restore_id == moved.restore_id:
                self._keep(id, replace(other, device=now))
        return None

    async def _before(self, link: PulseLink, slot: Slot, now: str) -> Moved:
        """Returns what is to come back of a stream that is not moved yet."""
        restore_id = _restore_id(slot)
        alike = [each for each in self._all() if restore_id and each.restore_id == restore_id]
        if alike:
            # What the server remembers now may be of those.
            device = alike[0].device
        else:
            known = (await link.saved()).get(restore_id) if restore_id else None
            device = (known.device or "") if known is not None else ""
        return Moved(
            cookie=self._server().cookie,
            index=slot.stream.index,
            direction=slot.stream.direction,
            restore_id=restore_id,
            device=device,
            home="" if now == self._default(slot.stream.direction) else now,
            to=now,
        )

    async def _remember(self, link: PulseLink, moves: Iterable[Moved]) -> None:
        """Writes what the server remembered before over what it remembers of our moves."""
        wanted = [moved for moved in moves if moved.restore_id]
        if not wanted:
            return
        known = await link.saved()
        changed: dict[str, Saved] = {}
        for moved in wanted:
            saved = known.get(moved.restore_id)
            # Anything else the user chose, for another stream of the app.
            if saved is None or (saved.device or "") not in (moved.to, self._bound(moved)):
                continue
            if (saved.device or "") != moved.device:
                changed[saved.name] = replace(saved, device=moved.device or None)
        await link.save(changed.values())

    def _bound(self, moved: Moved) -> str:
        """Returns to which node the server holds a stream; empty for none."""
        return "" if moved.place == self._default(moved.direction) else moved.place

    def _all(self) -> list[Moved]:
        return [*self._moved.values(), *self._ended.values()]

    def _name_of(self, slot: Slot) -> str:
        direction, index = slot.stream.direction, slot.stream.state.node
        return next(
            (
                node.name
                for node in self._nodes()
                if node.direction is direction and node.index == index
            ),
            "",
        )

    def _is_ours(self, slot: Slot, moved: Moved) -> bool:
        """Whether a stream is where an earlier connection moved it, or was left without that."""
        now = self._name_of(slot)
        if self._is_there(moved):
            return now == moved.to or (bool(now) and now == moved.via)
        return now in ("", moved.home, self._default(moved.direction))

    def _is_there(self, moved: Moved) -> bool:
        """Whether the node is still there to which a stream was moved."""
        return any(
            node.name == moved.place and node.direction is moved.direction for node in self._nodes()
        )

    def _home(self, moved: Moved) -> Node | None:
        names = [moved.home, self._default(moved.direction)]
        nodes = [node for node in self._nodes() if node.direction is moved.direction]
        return next((node for name in names for node in nodes if name == node.name), None)

    def _default(self, direction: Direction) -> str:
        server = self._server()
        return server.default_sink if direction is Direction.PLAYBACK else server.default_source

    def _keep(self, id: str, moved: Moved) -> None:
        self._moved[id] = moved
        self._write_down(moved)

    def _forget(self, id: str) -> None:
        moved = self._moved.pop(id, None)
        self._away.discard(id)
        self._wrong.discard(id)
        self._haunted.discard(id)
        if moved is not None:
            self._strike([moved.key])

    def _write_down(self, moved: Moved) -> bool:
        try:
            self._ledger.put_all({moved.key: moved.entry()})
        except (OSError, AudioSessionError):
            _log.exception("the ledger cannot be written, so no stream is moved")
            return False
        return True

    def _strike(self, keys: Iterable[str]) -> None:
        try:
            self._ledger.remove(keys)
        except OSError:
            _log.exception("the ledger cannot be written")


def _restore_id(slot: Slot) -> str:
    return slot.stream.properties.get(RESTORE_ID, "")


__all__ = ["Moved", "Moves"]
