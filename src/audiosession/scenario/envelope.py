"""How loud and in which standing an app was, as exact pieces, from a :class:`Track`.

Pure functions over the values of :mod:`audiosession.scenario.recording`, for pictures
and for checks: they answer for single moments and for breakpoints, not for samples.

A layer stands at 0 dB until its first change and never falls below ``SILENCE_DB``. The
level of a track is the sum of its layers in decibels, with the same floor; one silent
layer makes the whole track silent.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from audiosession.scenario.recording import SILENCE_DB, Clip, GainChange, Track

HEIGHT_FLOOR_DB = -60.0
"""The level at and below which a picture shows nothing."""

HEIGHT_CURVE = 2.2
"""Exponent of :func:`level_height`; above 1 it spreads the loud end, where ducking happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakpoint:
    """One corner of an envelope; two with the same time make a jump."""

    at_s: float
    db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingSpan:
    """A stretch of time in one standing; ``end_s`` is later than ``start_s``."""

    start_s: float
    end_s: float
    standing: str


def layer_breakpoints(track: Track, layer: str) -> tuple[Breakpoint, ...]:
    """Return the envelope of one layer, linear in decibels between the breakpoints.

    Before the first breakpoint the layer stands at 0 dB, after the last one at the last
    one's level. A layer without changes has no breakpoints.
    """
    return _layer(_changes(track, layer))


def level_breakpoints(
    track: Track, layers: Collection[str] | None = None
) -> tuple[Breakpoint, ...]:
    """Return the envelope of the sum of the layers, with ``SILENCE_DB`` as its floor.

    Args:
        track: The app's track.
        layers: The layers to add up; ``None`` for all of them.

    Returns:
        Breakpoints in order of time, linear in decibels between them; empty when no
        layer ever changes.
    """
    grouped: dict[str, list[GainChange]] = {}
    for gain in track.gains:
        if layers is None or gain.layer in layers:
            grouped.setdefault(gain.layer, []).append(gain)
    envelopes = [_layer(sorted(gains, key=attrgetter("at_s"))) for gains in grouped.values()]
    times = sorted({point.at_s for envelope in envelopes for point in envelope})
    sides = [_both_sides(envelope, times) for envelope in envelopes]
    points: list[Breakpoint] = []
    last_after: list[float] = []
    for index, at_s in enumerate(times):
        before = [side[index][0] for side in sides]
        after = [side[index][1] for side in sides]
        if points:
            for corner in _floor_corners(points[-1].at_s, last_after, at_s, before):
                _append(points, corner.at_s, corner.db)
        _append(points, at_s, _sum(before))
        _append(points, at_s, _sum(after))
        last_after = after
    return tuple(points)


def value_at(points: Sequence[Breakpoint], at_s: float) -> float:
    """Return the level in decibels that breakpoints give at a moment.

    At a jump the level after it counts. Without breakpoints the level is 0 dB.
    """
    if not points:
        return 0.0
    index = bisect_right(points, at_s, key=attrgetter("at_s"))
    if index == 0:
        return points[0].db
    if index == len(points):
        return points[-1].db
    return _between(points[index - 1], points[index], at_s)


def level_db(track: Track, at_s: float, layers: Collection[str] | None = None) -> float:
    """Return a track's level at a moment, in decibels, ``SILENCE_DB`` at the least.

    Whether anything plays at that moment does not matter; see :func:`is_sounding`.

    Args:
        track: The app's track.
        at_s: Seconds from the start of the recording.
        layers: The layers to add up; ``None`` for all of them.
    """
    grouped: dict[str, GainChange] = {}
    for gain in sorted(track.gains, key=attrgetter("at_s")):
        if layers is not None and gain.layer not in layers:
            continue
        if gain.at_s <= at_s:
            grouped[gain.layer] = gain
    return _sum([_change_at(gain, at_s) for gain in grouped.values()])


def standing_spans(track: Track, duration: float) -> tuple[StandingSpan, ...]:
    """Return the standings a track goes through from 0 to ``duration`` seconds.

    The spans leave no gap and no two neighbours are alike. A track is ``inactive``
    until its first change. A duration of zero has no spans.
    """
    spans: list[StandingSpan] = []
    standing, since = "inactive", 0.0
    for change in sorted(track.standings, key=attrgetter("at_s")):
        at_s = min(max(change.at_s, 0.0), duration)
        if change.standing == standing:
            continue
        if at_s > since:
            _extend(spans, since, at_s, standing)
        standing, since = change.standing, at_s
    if duration > since:
        _extend(spans, since, duration, standing)
    return tuple(spans)


def is_sounding(track: Track, at_s: float) -> bool:
    """Return whether a track gives sound at a moment.

    True while a clip with a file runs (from its start up to, not including, its end)
    and the level is above ``SILENCE_DB``.
    """
    return clip_at(track.clips, at_s) is not None and level_db(track, at_s) > SILENCE_DB


def clip_at(clips: Iterable[Clip], at_s: float) -> Clip | None:
    """Return the clip with a file that runs at a moment, the latest started if several."""
    running = (c for c in clips if c.audio is not None and c.start_s <= at_s < c.end_s)
    return max(running, key=attrgetter("start_s"), default=None)


def samples(
    points: Sequence[Breakpoint], start_s: float, end_s: float, step_s: float
) -> list[tuple[float, float]]:
    """Return moments and levels of a stretch of an envelope, dense where the level moves.

    Between two moments that a curve is drawn through lie at most about ``step_s`` seconds
    while the level moves, and a straight line while it rests. Jumps give two levels at
    one moment. The last level is the one just before ``end_s``.
    """
    first = bisect_right(points, start_s, key=lambda point: point.at_s)
    last = bisect_left(points, end_s, key=lambda point: point.at_s)
    # The level just before the end counts: a jump at the end belongs to what follows.
    is_corner = last < len(points) and points[last].at_s == end_s
    end_db = points[last].db if is_corner else value_at(points, end_s)
    corners = [
        Breakpoint(at_s=start_s, db=value_at(points, start_s)),
        *points[first:last],
        Breakpoint(at_s=end_s, db=end_db),
    ]
    samples = [(corners[0].at_s, corners[0].db)]
    for a, b in pairwise(corners):
        gap = b.at_s - a.at_s
        steps = min(max(int(gap / step_s), 1), 4000) if a.db != b.db else 1
        for index in range(1, steps + 1):
            share = index / steps
            samples.append((a.at_s + gap * share, a.db + (b.db - a.db) * share))
    return samples


def level_height(db: float) -> float:
    """Return how high a picture draws a level: 1.0 at 0 dB and above, 0.0 at -60 dB and below.

    The curve gives -14 dB a little over half of the height, so ducking shows at a glance.
    """
    share = (min(db, 0.0) - HEIGHT_FLOOR_DB) / -HEIGHT_FLOOR_DB
    return float(max(share, 0.0) ** HEIGHT_CURVE)


def _changes(track: Track, layer: str) -> list[GainChange]:
    return sorted((g for g in track.gains if g.layer == layer), key=attrgetter("at_s"))


def _layer(changes: Sequence[GainChange]) -> tuple[Breakpoint, ...]:
    points: list[Breakpoint] = []
    resting = 0.0
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        from_db, to_db = _ends(change)
        _append(points, change.at_s, resting)
        _append(points, change.at_s, from_db)
        end_s = change.at_s + max(change.ramp_s, 0.0)
        if following is not None and following.at_s < end_s:
            resting = _change_at(change, following.at_s)
        else:
            resting = to_db
            _append(points, end_s, to_db)
    return tuple(points)


def _ends(change: GainChange) -> tuple[float, float]:
    return max(change.from_db, SILENCE_DB), max(change.to_db, SILENCE_DB)


def _change_at(change: GainChange, at_s: float) -> float:
    from_db, to_db = _ends(change)
    if at_s >= change.at_s + change.ramp_s:
        return to_db
    return from_db + (to_db - from_db) * (at_s - change.at_s) / change.ramp_s


def _append(points: list[Breakpoint], at_s: float, db: float) -> None:
    if points and points[-1].at_s == at_s:
        if points[-1].db == db:
            return
        if len(points) > 1 and points[-2].at_s == at_s:
            points.pop()
            if points[-1].db == db:
                return
    points.append(Breakpoint(at_s=at_s, db=db))


def _extend(spans: list[StandingSpan], start_s: float, end_s: float, standing: str) -> None:
    if spans and spans[-1].standing == standing:
        start_s = spans.pop().start_s
    spans.append(StandingSpan(start_s=start_s, end_s=end_s, standing=standing))


def _between(left: Breakpoint, right: Breakpoint, at_s: float) -> float:
    share = (at_s - left.at_s) / (right.at_s - left.at_s)
    return left.db + (right.db - left.db) * share


def _both_sides(points: Sequence[Breakpoint], times: Sequence[float]) -> list[tuple[float, float]]:
    """Return the levels just before and at each of the ascending times."""
    sides: list[tuple[float, float]] = []
    cursor = 0
    for at_s in times:
        while cursor < len(points) and points[cursor].at_s < at_s:
            cursor += 1
        if cursor == len(points):
            sides.append((points[-1].db, points[-1].db))
        elif points[cursor].at_s > at_s:
            inner = points[0].db
            if cursor:
                inner = _between(points[cursor - 1], points[cursor], at_s)
            sides.append((inner, inner))
        else:
            last = cursor
            while last + 1 < len(points) and points[last + 1].at_s == at_s:
                last += 1
            sides.append((points[cursor].db, points[last].db))
    return sides


def _sum(levels: Sequence[float]) -> float:
    if any(level <= SILENCE_DB for level in levels):
        return SILENCE_DB
    return max(sum(levels), SILENCE_DB)


def _floor_corners(
    start_s: float, start: Sequence[float], end_s: float, end: Sequence[float]
) -> Iterable[Breakpoint]:
    """Return the corners inside a piece whose sum of layers meets the silent floor."""
    silent = [a <= SILENCE_DB and b <= SILENCE_DB for a, b in zip(start, end, strict=True)]
    if any(silent):
        return []
    corners: list[Breakpoint] = []
    high, low = sum(start), sum(end)
    # A layer that only touches silence at one end of the piece leaves a jump there.
    if high > SILENCE_DB and _sum(start) == SILENCE_DB:
        corners.append(Breakpoint(at_s=start_s, db=high))
    if (high > SILENCE_DB) != (low > SILENCE_DB):
        share = (SILENCE_DB - high) / (low - high)
        corners.append(Breakpoint(at_s=start_s + (end_s - start_s) * share, db=SILENCE_DB))
    if low > SILENCE_DB and _sum(end) == SILENCE_DB:
        corners.append(Breakpoint(at_s=end_s, db=low))
    return corners
