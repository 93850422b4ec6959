"""What is switched for routes, written down so that a crash leaves none of it switched."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from ...errors import AudioSessionError
from ..ledger import Ledger
from ..servers.base import Direction

_log = logging.getLogger("audiosession")


@dataclass(slots=True, kw_only=True)
class Switched:
    """A card that works in another profile for a route."""

    server: str
    """The name of the server it is on."""
    card: str
    """Its id."""
    before: str
    """The profile that is to come back."""
    ours: str
    """The one it was switched to."""
    via: str = ""
    """The one it was switched to before that; empty for none."""
    ports: tuple[str, ...] = ()
    """The ports for which that was done."""
    arrived: bool = False
    """Whether it was seen in ours."""
    undoing: bool = False
    """Whether the one before is on its way back."""
    refusals: int = 0
    """How often the server refused to give that back."""

    @property
    def key(self) -> str:
        """Its key in the ledger."""
        return f"profile:{self.server}:{self.card}"


@dataclass(slots=True, kw_only=True)
class Turned:
    """A sink or source that uses another of its ports for a route."""

    server: str
    """The name of the server it is on."""
    node: str
    """Its name."""
    direction: Direction
    """Playback or capture."""
    before: str
    """The endpoint that is to be used again."""
    ours: str
    """The one it was turned to."""
    via: str = ""
    """The one it was turned to before that; empty for none."""
    arrived: bool = False
    """Whether that was seen in use."""

    @property
    def key(self) -> str:
        """Its key in the ledger."""
        return f"port:{self.server}:{self.direction.value}:{self.node}"


@dataclass(slots=True, kw_only=True)
class Moved:
    """A stream that is elsewhere for a route.

    A server's id of a stream may be another one's after its next start, so the process stands
    beside it.
    """

    server: str
    """The name of the server it is on."""
    stream: str
    """The server's id of it."""
    pid: int
    """Its process; 0 when not known."""
    started: int
    """When that was started; 0 when not known."""
    before: str
    """The endpoint to which it is to come back."""
    followed: bool = False
    """Whether that was the default then, which it is to follow again."""
    ours: str = ""
    """Where it was moved; empty: the server moved it, because its sink went."""
    via: str = ""
    """Where it was moved before that; empty for none."""
    card: str = ""
    """The card whose switch made the server move it; empty: none did."""
    seen: str = ""
    """Where the server put it, once it settled."""
    arrived: bool = False
    """Whether it was seen there."""
    left: bool = False
    """Whether an earlier service, or an earlier connection, left it."""
    adrift: bool = False
    """Whether the server moved it since, because its node went or the adapter took it back."""
    undoing: bool = False
    """Whether it is on its way back."""

    @property
    def key(self) -> str:
        """Its key in the ledger."""
        return f"stream:{self.server}:{self.stream}"


Record = Switched | Turned | Moved

_NOT_KEPT = frozenset({"ports", "seen", "arrived", "undoing", "refusals", "left", "adrift"})
_KINDS: dict[str, type[Switched] | type[Turned] | type[Moved]] = {
    "profile": Switched,
    "port": Turned,
    "stream": Moved,
}


class RouteLedger:
    """The ledger of what is switched.

    Args:
        ledger: Where it is kept, nobody else may write there; ``None``: nowhere.
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        self._ledger = ledger
        self._struck: set[str] = set()

    def write(self, records: Iterable[Record]) -> bool:
        """Writes down what is about to be switched; returns whether that worked."""
        entries = {record.key: _entry(record) for record in records}
        if self._ledger is None:
            return True
        try:
            self._ledger.put_all(entries)
        except (OSError, AudioSessionError) as error:
            _log.warning("nothing is switched for routes: no ledger: %s", error)
            return False
        self._struck -= entries.keys()
        return True

    def strike(self, keys: Iterable[str]) -> None:
        """Forgets what is as it was, or is the user's."""
        if self._ledger is None:
            return
        self._struck.update(keys)
        try:
            self._ledger.remove(self._struck)
        except OSError as error:
            # They go with the next one.
            _log.warning("the ledger keeps routes that are given back: %s", error)
        else:
            self._struck.clear()

    def left(self, server: str) -> list[Record]:
        """What was left switched on a server; what cannot be read is forgotten."""
        if self._ledger is None:
            return []
        found: list[Record] = []
        wrong = []
        for key, entry in self._ledger.entries().items():
            if entry.get("server") == server:
                record = _record(key, entry)
                if record is None:
                    wrong.append(key)
                else:
                    found.append(record)
        self.strike(wrong)
        return found


def _entry(record: Record) -> dict[str, object]:
    plain = {key: value for key, value in asdict(record).items() if key not in _NOT_KEPT}
    if isinstance(record, Turned):
        plain["direction"] = record.direction.value
    return plain


def _record(key: str, entry: dict[str, object]) -> Record | None:
    kind = _KINDS.get(key.partition(":")[0])
    given = dict(entry)
    if kind is None:
        return None
    try:
        if kind is Turned:
            given["direction"] = Direction(given["direction"])
        record = kind(**given)  # type: ignore[arg-type]
        texts = [value for name, value in given.items() if name not in _NUMBERS | {"direction"}]
        numbers = [value for name, value in given.items() if name in _NUMBERS]
    except (KeyError, TypeError, ValueError):
        return None
    right = all(isinstance(each, str) for each in texts) and all(
        isinstance(each, int) for each in numbers
    )
    return record if right and record.key == key else None


_NUMBERS = frozenset({"pid", "started", "followed"})

__all__ = ["Moved", "Record", "RouteLedger", "Switched", "Turned"]
