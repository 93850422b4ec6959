"""What a service that was killed left to be given back, as its ledgers have it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .._reading import read_bounded
from ..scenario.timeline_common import printable
from ..service.ledger import MAX_BYTES, parse_ledger
from ..service.servers.choose import PLAYERS, ROUTES, ledger_path
from . import words

_PULSE_MOVE = "pulseaudio-move"
"""PulseAudio's ledger of volumes also has what a moved stream is remembered by (the key is
``pulseaudio-move:COOKIE:DIRECTION:INDEX``), for streams that the ledger of routes has as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the ledgers name that is to be given back."""

    volumes: int = 0
    """How many volumes are lowered."""
    players: int = 0
    """How many players are paused."""
    streams: int = 0
    """How many streams are moved."""
    profiles: tuple[str, ...] = ()
    """The cards that work in another profile, by name."""
    ports: tuple[str, ...] = ()
    """The sinks and sources that use another port, by name."""

    def __bool__(self) -> bool:
        return bool(str(self))

    def __str__(self) -> str:
        found = [
            f"{words.count(count, thing)} {done}"
            for count, thing, done in (
                (self.volumes, "volume", "lowered"),
                (self.players, "player", "paused"),
                (self.streams, "stream", "moved"),
            )
            if count
        ]
        found += [
            f"{words.count(len(names), thing)} switched ({', '.join(map(printable, names))})"
            for names, thing in ((self.profiles, "profile"), (self.ports, "port"))
            if names
        ]
        return " and ".join(filter(None, (", ".join(found[:-1]), *found[-1:])))

    def plain(self) -> dict[str, object]:
        """Returns it as programs are told."""
        return {
            "left_lowered": self.volumes,
            "left_paused": self.players,
            "left_moved": self.streams,
            "left_profiles": list(self.profiles),
            "left_ports": list(self.ports),
        }


def left_behind() -> Left:
    """What a service that runs no more left to be given back, as far as can be read."""
    volumes = 0
    # PulseAudio's streams are in two ledgers; both ids say which one it is.
    streams: set[tuple[str, ...]] = set()
    names: dict[str, list[str]] = {"profile": [], "port": []}
    for server in words.SERVERS:
        for key in _keys(ledger_path(server)):
            kind, _, rest = key.partition(":")
            if kind == _PULSE_MOVE:
                streams.add((server, "-".join(rest.split(":")[1:])))
            else:
                volumes += 1
    for key in _keys(ledger_path(ROUTES)):
        # stream:SERVER:ID, profile:SERVER:CARD, port:SERVER:DIRECTION:NODE
        kind, server, name = (*key.split(":", 2), "", "")[:3]
        if kind == "stream":
            streams.add((server, name))
        elif kind in names:
            names[kind].append(name.partition(":")[2] if kind == "port" else name)
    return Left(
        volumes=volumes,
        players=len(_keys(ledger_path(PLAYERS))),
        streams=len(streams),
        profiles=tuple(sorted(names["profile"])),
        ports=tuple(sorted(names["port"])),
    )


def ledgers() -> tuple[Path, ...]:
    """Where all that is to be given back is written down."""
    return tuple(ledger_path(name) for name in (*words.SERVERS, PLAYERS, ROUTES))


def _keys(path: Path) -> tuple[str, ...]:
    with suppress(OSError, ValueError):
        return tuple(parse_ledger(read_bounded(path, MAX_BYTES)))
    return ()


__all__ = ["Left", "ledgers", "left_behind"]
