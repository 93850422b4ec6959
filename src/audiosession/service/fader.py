"""The fader: moves the factors of all streams, with one timer, and rests when nothing moves."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ..core.gains import SILENCE_DB, Ramp, StreamGain, to_linear
from .scheduler import Scheduler, TimerHandle
from .servers.base import SoundServer

_log = logging.getLogger("audiosession")

_LAYER = "hold"
_EARLY_S = 1e-4
"""A timer that comes this much early is on time, and a fade that ends this much later is over."""

_MOST_STEPS = 120
"""Of a fade. The click of a fade in equal steps is as much quieter than that of one hard step as
there are steps: 120 of them make it more than 20 dB, and more would only cost."""


@dataclass(slots=True)
class _Lane:
    """What is moved on one server."""

    server: SoundServer
    ids: dict[str, str] = field(default_factory=dict)
    """The server's own ids of its streams."""
    moving: dict[str, None] = field(default_factory=dict)
    due: float = 0.0
    """When the next step is."""
    step_s: float = 0.0
    """How long the step lasts that was written last."""


class Fader:
    """Every stream's factor. What is written is linear, exactly 1.0 where nothing is leased.

    A step carries the level that the fade has at the next one: with the first the sound is
    on its way already, and with the last it is where it belongs.

    Args:
        scheduler: Clock and timers.
        rested: Called when the last step of the last fade was written.
    """

    def __init__(self, scheduler: Scheduler, *, rested: Callable[[], None] | None = None) -> None:
        self._scheduler = scheduler
        self._rested = rested
        self._gains: dict[str, StreamGain] = {}
        self._lanes: dict[str, _Lane] = {}
        self._lane_of: dict[str, _Lane] = {}
        self._fresh: dict[str, None] = {}
        self._leased: dict[str, None] = {}
        self._muted: set[str] = set()
        self._scales: dict[str, float] = {}
        self._timer: TimerHandle | None = None
        self._closed = False

    @property
    def moving(self) -> bool:
        """Whether a factor is on its way."""
        return any(lane.moving for lane in self._lanes.values()) or bool(self._fresh)

    @property
    def at_rest(self) -> bool:
        """Whether every factor is 1.0 and stays there."""
        return not (self._leased or self._muted or self._scales)

    def __contains__(self, key: str) -> bool:
        return key in self._gains

    def factor_db(self, key: str) -> float:
        """A stream's factor now, in dB."""
        if key in self._muted:
            return SILENCE_DB
        return self._scaled(key, self._gains[key].factor_db(self._scheduler.now))

    def target_db(self, key: str) -> float:
        """Where that factor is going, in dB."""
        if key in self._muted:
            return SILENCE_DB
        return self._scaled(key, self._gains[key].layers.get(_LAYER, Ramp()).end_db)

    def scale_db(self, key: str) -> float:
        """What a stream is lowered by besides, in dB; see :meth:`scale`."""
        return self._scales.get(key, 0.0)

    def add(self, key: str, server: SoundServer, id: str) -> None:
        """A stream appears, untouched.

        Args:
            key: What it is called here.
            server: Where it is.
            id: What that server calls it.
        """
        self.remove(key)
        lane = self._lanes.setdefault(server.name, _Lane(server))
        lane.ids[key] = id
        self._lane_of[key] = lane
        self._gains[key] = StreamGain()

    def remove(self, key: str) -> None:
        """A stream is gone; nothing happens when it is not known."""
        if self._gains.pop(key, None) is None:
            return
        lane = self._lane_of.pop(key)
        del lane.ids[key]
        lane.moving.pop(key, None)
        self._fresh.pop(key, None)
        self._leased.pop(key, None)
        self._muted.discard(key)
        self._scales.pop(key, None)

    def scale(self, key: str, to_db: float) -> None:
        """Lowers a stream at once and for good, whatever else happens to it.

        Args:
            key: The stream.
            to_db: By how much, in dB, at most 0.0, which ends it;
                :data:`~audiosession.core.gains.SILENCE_DB` and less are silence.
        """
        to_db = max(SILENCE_DB, to_db)
        if to_db == self.scale_db(key):
            return
        if to_db:
            self._scales[key] = to_db
        else:
            del self._scales[key]
        if key not in self._fresh:
            lane = self._lane_of[key]
            self._apply(lane, {lane.ids[key]: to_linear(self.factor_db(key))})

    def mute(self, key: str, muted: bool) -> None:
        """Silences a stream at once, whatever else happens to it, or lets it sound again."""
        if muted is (key in self._muted):
            return
        if muted:
            self._muted.add(key)
        else:
            self._muted.discard(key)
        lane = self._lane_of[key]
        factor = 0.0 if muted else to_linear(self.factor_db(key))
        self._apply(lane, {lane.ids[key]: factor})

    def follow(self, key: str, ramp: Ramp) -> None:
        """The stream's factor is where ``ramp`` is and goes where it goes."""
        self._set(key, ramp)

    def move(self, key: str, to_db: float, ramp_s: float) -> None:
        """The stream's factor goes there from wherever it is."""
        now = self._scheduler.now
        before = self._gains[key].layers.get(_LAYER, Ramp())
        if before.end_db == to_db and before.done_at <= now:
            return
        self._set(key, before.toward(to_db, now, ramp_s))

    def begin(self) -> None:
        """Writes the first step of whatever was set on its way since the last call."""
        if not self._fresh or self._closed:
            return
        fresh, self._fresh = self._fresh, {}
        now = self._scheduler.now
        by_lane: dict[str, list[str]] = {}
        for key in fresh:
            lane = self._lane_of[key]
            if not lane.moving:
                lane.due = now
            lane.moving[key] = None
            by_lane.setdefault(lane.server.name, []).append(key)
        for name, keys in by_lane.items():
            lane = self._lanes[name]
            lane.step_s = self._step_s(lane)
            if lane.due <= now:
                lane.due = now + lane.step_s
            self._write(lane, keys, now)
        self._arm()

    def give_back(self, server: str | None = None) -> None:
        """Writes 1.0 to every stream at once, also where nothing else is believed to be.

        Args:
            server: The server meant; by default all.
        """
        for name, lane in self._lanes.items():
            if server is not None and name != server:
                continue
            for key in lane.ids:
                self._lift(key)
                self._fresh.pop(key, None)
                self._muted.discard(key)
                self._scales.pop(key, None)
            lane.moving.clear()
            self._apply(lane, dict.fromkeys(lane.ids.values(), 1.0))
        self._arm()

    def close(self) -> None:
        """Takes no further step."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- inside ------------------------------------------------------------------------------

    def _scaled(self, key: str, level_db: float) -> float:
        return max(SILENCE_DB, level_db + self._scales.get(key, 0.0))

    def _set(self, key: str, ramp: Ramp) -> None:
        layers = self._gains[key].layers
        if layers.get(_LAYER, Ramp()) == ramp:
            return
        layers[_LAYER] = ramp
        self._fresh[key] = None
        self._leased[key] = None

    def _lift(self, key: str) -> None:
        self._gains[key].lift(_LAYER)
        self._leased.pop(key, None)

    def _step_s(self, lane: _Lane) -> float:
        """How long the next step lasts: as short as the server follows, unless a fade is long."""
        shortest_s = min(
            (self._gains[key].layers[_LAYER].duration_s for key in lane.moving), default=0.0
        )
        return max(lane.server.step_s, shortest_s / _MOST_STEPS)

    def _write(self, lane: _Lane, keys: Iterable[str], now: float) -> None:
        ahead = now + lane.step_s
        factors = {}
        for key in keys:
            gain = self._gains[key]
            # The end is met exactly, not approached: what is lifted must be 1.0 to the bit.
            if gain.settled_at() <= ahead + _EARLY_S:
                lane.moving.pop(key, None)
                ahead_db = gain.layers[_LAYER].end_db
                if ahead_db == 0.0:
                    self._lift(key)
            else:
                ahead_db = gain.factor_db(ahead)
            factor_db = self._scaled(key, ahead_db)
            factors[lane.ids[key]] = 0.0 if key in self._muted else to_linear(factor_db)
        self._apply(lane, factors)

    def _apply(self, lane: _Lane, factors: dict[str, float]) -> None:
        if not factors:
            return
        try:
            lane.server.apply(factors)
        except Exception:
            _log.exception("%s did not take the factors of its streams", lane.server.name)

    def _step(self) -> None:
        self._timer = None
        now = self._scheduler.now
        for lane in self._lanes.values():
            if lane.moving and lane.due <= now + _EARLY_S:
                lane.step_s = self._step_s(lane)
                lane.due = max(lane.due, now - lane.step_s) + lane.step_s
                self._write(lane, list(lane.moving), now)
        self._arm()
        if self._timer is None and self._rested is not None:
            self._rested()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = min((lane.due for lane in self._lanes.values() if lane.moving), default=None)
        if due is not None:
            self._timer = self._scheduler.call_at(due, self._step)


__all__ = ["Fader"]
