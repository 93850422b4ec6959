"""What is owed to the streams of PulseAudio: in the ledger, and in what the server remembers."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ...errors import AudioSessionError
from ..ledger import Ledger
from .pulse_owed import Owed, owed_in
from .pulse_slot import Slot
from .pulse_values import Saved
from .pulse_volume import may_be_lowered
from .pulse_wire import PulseLink

_log = logging.getLogger("audiosession.service")


class Debts:
    """The users' volumes that streams, and the memory of the server, are to get back.

    A debt is in the ledger from before the first change until the stream has its volume again
    and the server remembers that one.

    Args:
        ledger: Where they are kept.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._owed: dict[str, Owed] = {}
        """By the slot's id."""
        self._ended: dict[str, Owed] = {}
        """By the ledger's key: the stream has its volume or is gone, the memory is to get it."""
        self._paid: set[str] = set()
        """The ledger's keys of those that are to be struck out."""
        self._wrong: set[str] = set()
        """Living streams of which the server remembers a lowered volume."""
        self._correcting: set[str] = set()
        self.cookie = 0
        """The server's."""

    def __contains__(self, id: object) -> bool:
        return id in self._owed

    def __len__(self) -> int:
        return len(self._owed)

    def get(self, id: str) -> Owed | None:
        """Returns what is owed to a living stream."""
        return self._owed.get(id)

    @property
    def none(self) -> bool:
        """Whether nothing is owed to anybody."""
        return not (self._owed or self._ended or self._paid)

    @property
    def urge(self) -> bool:
        """Whether :meth:`pay` has something to do at once."""
        return bool(self._ended)

    @property
    def wait(self) -> bool:
        """Whether :meth:`pay` has something to do in a while."""
        return bool(self._wrong or self._paid)

    def drop(self) -> None:
        """Forgets everything but the ledger."""
        self._owed.clear()
        self._ended.clear()
        self._paid.clear()
        self._wrong.clear()
        self._correcting = set()

    def write_down(self, slots: Iterable[Slot]) -> bool:
        """Has the ledger hold what is owed to these; returns whether it does."""
        owed = {slot.id: Owed.of(self.cookie, slot.stream, slot.user) for slot in slots}
        if owed:
            for entry in owed.values():
                self._paid.discard(entry.key)
                self._ended.pop(entry.key, None)
            try:
                self._ledger.put_all({entry.key: entry.entry() for entry in owed.values()})
            except (OSError, AudioSessionError):
                _log.exception("the ledger cannot be written, so nothing is lowered")
                return False
            self._owed |= owed
        return True

    def correct(self, slot: Slot) -> None:
        """The server remembers a lowered volume of a living stream."""
        if slot.id in self._owed and slot.restore_id:
            self._wrong.add(slot.id)

    def settle(self, slot: Slot) -> None:
        """A stream has its volume again, and the server remembers it."""
        owed = self._owed.pop(slot.id)
        if slot.id in self._wrong or slot.id in self._correcting:
            # An older volume may just be on its way into what the server remembers.
            self._wrong.discard(slot.id)
            self._ended[owed.key] = owed
        else:
            self._paid.add(owed.key)

    def end(self, slot: Slot) -> None:
        """A stream ended."""
        self._wrong.discard(slot.id)
        if self._owed.pop(slot.id, None) is not None or slot.unsaved:
            owed = Owed.of(self.cookie, slot.stream, slot.user)
            self._ended[owed.key] = owed

    async def pay(self, link: PulseLink) -> None:
        """Has the server remember the users' volumes, and strikes out what is paid then."""
        self._correcting, self._wrong = self._wrong, set()
        ended = dict(self._ended)
        living = [self._owed[id] for id in self._correcting if id in self._owed]
        await _remember(link, [*living, *ended.values()])
        self._correcting = set()
        # One that was lowered again meanwhile is owed again, and not among them.
        done = {key for key, owed in ended.items() if self._ended.get(key) is owed}
        paid, self._paid = self._paid | done, set()
        self._strike(paid)
        for key in done:
            del self._ended[key]

    async def mend(self, link: PulseLink, slots: list[Slot]) -> None:
        """Takes over what an earlier connection, of this process or of one that died, owed.

        A volume that cannot be one of ours was set by the user since, and stays.

        Args:
            link: The connection.
            slots: Every stream; those that were left lowered get the user's volume.
        """
        found = owed_in(self._ledger.entries())
        if not found:
            return
        known = await link.saved()
        done: list[str] = []
        wanted: dict[str, Saved] = {}
        for key, owed in found.items():
            slot = None
            if owed is not None:
                slot = next((slot for slot in slots if owed.is_of(self.cookie, slot.stream)), None)
                old = known.get(owed.restore_id)
                if old is not None and may_be_lowered(old.volume):
                    wanted[owed.restore_id] = owed.saved(old)
                    _heal_alike(slots, owed, old)
            if slot is not None and owed is not None and may_be_lowered(slot.last):
                slot.user = owed.volume
                self._owed[slot.id] = owed
                slot.unsaved = True
            else:
                done.append(key)
        await link.save(wanted.values())
        self._strike(done)

    def _strike(self, keys: Iterable[str]) -> None:
        try:
            self._ledger.remove(keys)
        except OSError:
            # What stays in it is checked against the stream before it is believed.
            _log.exception("the ledger cannot be written")


def _heal_alike(slots: list[Slot], owed: Owed, old: Saved) -> None:
    """Streams that were born with the lowered volume that the server remembered."""
    for slot in slots:
        alike = slot.restore_id == owed.restore_id and slot.last == old.volume
        if alike and len(slot.last) == len(owed.volume):
            slot.user = owed.volume


async def _remember(link: PulseLink, owed: list[Owed]) -> None:
    if not owed:
        return
    known = await link.saved()
    wanted: dict[str, Saved] = {}
    for entry in owed:
        if entry.restore_id:
            wanted[entry.restore_id] = entry.saved(known.get(entry.restore_id))
    await link.save(saved for name, saved in wanted.items() if known.get(name) != saved)


__all__ = ["Debts"]
