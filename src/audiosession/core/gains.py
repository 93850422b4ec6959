"""Levels: decibels, ramps that can be interrupted, and a stream's layers.

A stream's audible level is the user's volume times leased factors. A factor belongs to
somebody and ends with them; it is never merged into the user's volume. Holds of one kind
do not add up: two prompts over one song lower it once, by the deeper of the two, because a
second -14 dB on top would be heard as a mistake.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

SILENCE_DB = -120.0
"""At or below this level there is no sound at all."""

FADE_FLOOR_DB = -48.0
"""Where a fade up from silence begins: what lies below is not heard, only waited for."""


def to_linear(db: float) -> float:
    """Amplitude factor of a level in dB; 0.0 at or below :data:`SILENCE_DB`."""
    return 0.0 if db <= SILENCE_DB else math.exp(db * (math.log(10.0) / 20.0))


def to_db(linear: float) -> float:
    """Level in dB of an amplitude factor (0.0 and up); never below :data:`SILENCE_DB`."""
    return SILENCE_DB if linear <= 1e-6 else max(SILENCE_DB, 20.0 * math.log10(linear))


@dataclass(frozen=True, slots=True)
class Ramp:
    """A level that moves linearly in dB from ``start_db`` to ``end_db``."""

    start_db: float = 0.0
    """Where it begins."""
    end_db: float = 0.0
    """Where it ends, and stays."""
    start_s: float = 0.0
    """When it begins, on the caller's clock."""
    duration_s: float = 0.0
    """How long it takes, in seconds; 0 jumps."""

    def at(self, now: float) -> float:
        """The level in dB at ``now``."""
        if self.duration_s <= 0.0 or now >= self.start_s + self.duration_s:
            return self.end_db
        if now <= self.start_s:
            return self.start_db
        part = (now - self.start_s) / self.duration_s
        return self.start_db + (self.end_db - self.start_db) * part

    @property
    def done_at(self) -> float:
        """When the move is over."""
        return self.start_s + self.duration_s

    def toward(self, target_db: float, now: float, duration_s: float) -> Ramp:
        """A new move from wherever this one is at ``now``.

        A move up begins no lower than :data:`FADE_FLOOR_DB`.
        """
        start_db = self.at(now)
        if target_db > start_db and duration_s > 0.0:
            start_db = max(start_db, min(FADE_FLOOR_DB, target_db))
        return Ramp(start_db, target_db, now, duration_s)


@dataclass(slots=True)
class StreamGain:
    """One stream's level: the user's own volume and the factors leased on it.

    Hosts keep one a stream. The user's volume is linear amplitude, 0.0 and up; what the
    system leases lies in named layers (``hold``, ``device``), each a ramp in dB.
    """

    user_volume: float = 1.0
    """Linear amplitude, 0.0 and up. Only the user and the app change it."""
    layers: dict[str, Ramp] = field(default_factory=dict)
    """What is leased on it, by name."""

    def move(self, layer: str, to_db: float, now: float, ramp_s: float) -> Ramp:
        """Moves one layer; an unfinished move is taken over where it is."""
        ramp = self.layers.get(layer, Ramp()).toward(to_db, now, ramp_s)
        self.layers[layer] = ramp
        return ramp

    def lift(self, layer: str) -> None:
        """Ends a layer at once."""
        self.layers.pop(layer, None)

    def factor_db(self, now: float) -> float:
        """All leased layers together, in dB."""
        return max(SILENCE_DB, sum(ramp.at(now) for ramp in self.layers.values()))

    def level(self, now: float) -> float:
        """The audible amplitude factor: user's volume times every layer."""
        return self.user_volume * to_linear(self.factor_db(now))

    def settled_at(self) -> float:
        """When the last unfinished move ends."""
        return max((ramp.done_at for ramp in self.layers.values()), default=0.0)
