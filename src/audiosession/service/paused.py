"""Which players we paused, written down so that a crash leaves none of them paused."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..errors import AudioSessionError
from .ledger import Ledger

_log = logging.getLogger("audiosession")

_PREFIX = "mpris:"


class PausedPlayers:
    """The ledger of the players that are paused, or about to be, and are to go on by themselves.

    A player is known by its unique name, which its bus never gives to another. Another bus may:
    so every entry says on which bus it was.

    Args:
        ledger: Where they are kept; nobody else may write there.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._bus = ""
        self._struck: set[str] = set()

    def begin(self, bus: str) -> frozenset[str]:
        """Returns the unique names that an earlier service left, and forgets other buses' ones.

        Args:
            bus: The id of the bus, of this start of it.
        """
        self._bus = bus
        known = self._ledger.entries()
        ours = {key for key, entry in known.items() if entry.get("bus") == bus}
        self._remove(known.keys() - ours)
        return frozenset(key.removeprefix(_PREFIX) for key in ours)

    def write(self, owner: str, name: str) -> bool:
        """Writes a player down that is about to be paused; returns whether that worked.

        Args:
            owner: Its unique name.
            name: Its well-known name, for whoever reads the file.
        """
        key = _PREFIX + owner
        try:
            self._ledger.put_all({key: {"bus": self._bus, "name": name}})
        except (OSError, AudioSessionError) as error:
            _log.warning("player %s is silenced, not paused: no ledger: %s", name, error)
            return False
        self._struck.discard(key)
        return True

    def strike(self, owners: Iterable[str]) -> None:
        """Forgets players: they play, are gone, or are their user's to play."""
        self._remove(_PREFIX + owner for owner in owners)

    def _remove(self, keys: Iterable[str]) -> None:
        self._struck.update(keys)
        try:
            self._ledger.remove(self._struck)
        except OSError as error:
            # They go with the next one.
            _log.warning("the ledger keeps players that are not paused by us: %s", error)
        else:
            self._struck.clear()


__all__ = ["PausedPlayers"]
