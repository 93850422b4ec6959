"""What is owed to a stream of PulseAudio while it is lowered, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from .base import Direction
from .pulse_values import Saved, Stream
from .pulse_volume import MAX, Raw

RESTORE_ID = "module-stream-restore.id"
"""The property in which module-stream-restore says under which name it remembers a stream."""

_PROCESS = "application.process.id"
_PREFIX = "pulseaudio:"
_MOST_CHANNELS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The user's volume of one stream and how to find the stream again.

    An index is never used twice by one server, and a server's cookie is drawn anew at every
    start; the process and the restore name only guard against a damaged or foreign entry.
    """

    cookie: int
    index: int
    direction: Direction
    process: str
    restore_id: str
    channels: tuple[str, ...]
    volume: Raw

    @classmethod
    def of(cls, cookie: int, stream: Stream, user: Raw) -> Self:
        """Returns what is owed to a stream of that server."""
        return cls(
            cookie=cookie,
            index=stream.index,
            direction=stream.direction,
            process=stream.properties.get(_PROCESS, ""),
            restore_id=stream.properties.get(RESTORE_ID, ""),
            channels=stream.channels,
            volume=user,
        )

    @property
    def key(self) -> str:
        """Its key in the ledger."""
        return f"{_PREFIX}{self.cookie}:{self.direction.value}:{self.index}"

    def is_of(self, cookie: int, stream: Stream) -> bool:
        """Whether it is owed to that stream of that server."""
        return self == Owed.of(cookie, stream, self.volume)

    def saved(self, old: Saved | None) -> Saved:
        """Returns what the server should remember instead of ``old``: the user's volume."""
        return Saved(
            name=self.restore_id,
            channels=self.channels,
            volume=self.volume,
            muted=old is not None and old.muted,
            device=None if old is None else old.device,
        )

    def entry(self) -> dict[str, object]:
        """Returns it as the ledger keeps it."""
        return {
            "cookie": self.cookie,
            "index": self.index,
            "direction": self.direction.value,
            "process": self.process,
            "restore_id": self.restore_id,
            "channels": list(self.channels),
            "volume": list(self.volume),
        }


def owed_in(entries: Mapping[str, Mapping[str, object]]) -> dict[str, Owed | None]:
    """Returns PulseAudio's entries of a ledger by key; None for one that makes no sense."""
    return {key: _parsed(entry) for key, entry in entries.items() if key.startswith(_PREFIX)}


def _parsed(entry: Mapping[str, object]) -> Owed | None:
    match entry:
        case {
            "cookie": int(cookie),
            "index": int(index),
            "direction": str(direction),
            "process": str(process),
            "restore_id": str(restore_id),
            "channels": list(channels),
            "volume": list(volume),
        }:
            sound = (
                direction in {known.value for known in Direction}
                and 0 < len(volume) <= _MOST_CHANNELS
                and len(channels) == len(volume)
                and all(isinstance(channel, str) for channel in channels)
                and all(type(value) is int and 0 <= value <= MAX for value in volume)
            )
            if sound:
                return Owed(
                    cookie=cookie,
                    index=index,
                    direction=Direction(direction),
                    process=process,
                    restore_id=restore_id,
                    channels=tuple(channels),
                    volume=tuple(volume),
                )
    return None


__all__ = ["RESTORE_ID", "Owed", "owed_in"]
