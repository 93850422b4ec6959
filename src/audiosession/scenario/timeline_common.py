"""What the SVG and the terminal timeline share: ticks, words for moments, merging of crowds."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from audiosession.scenario.recording import SILENCE_DB, Clip, HoldSpan, Recording, Track

T = TypeVar("T")
S = TypeVar("S", Clip, HoldSpan)

MINUS = "\N{MINUS SIGN}"

_STEPS_S = (
    *(base * 10.0**exponent for exponent in range(-4, 0) for base in (1, 2, 5)),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0),
    *(60.0, 120.0, 300.0, 600.0, 900.0, 1800.0),
    *(3600.0, 7200.0, 10800.0, 21600.0, 43200.0),
)
_DAY_S = 86400.0
_SHORT_S = 120.0
"""Up to here times are told in seconds alone, beyond in minutes and hours."""

_UNSAFE = "\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Characters that XML forbids or that turn the direction of the text after them."""

_SAME_MOMENT_S = 0.05
"""A hold and the gain change it causes are recorded within this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Generic[T]):
    """Neighbours too close to be told apart in a picture, drawn as one."""

    start_s: float
    end_s: float
    items: tuple[T, ...]
    """What is merged, in order of time; never empty."""


def check_duration(recording: Recording) -> float:
    """Return the duration of a recording in seconds.

    Raises:
        ValueError: If it is negative, infinite or not a number.
    """
    duration = recording.duration_s
    if not math.isfinite(duration) or duration < 0:
        raise ValueError(f"duration_s must be a finite time of 0 or more, not {duration!r}")
    return duration


def tick_step(duration: float, most: int) -> float:
    """Return the distance of time ticks in seconds so that at most ``most`` gaps fill the time.

    The distance is one that people count in: 1, 2, 5, 10, 15, 30 seconds or minutes,
    whole hours or days, or a decimal part of a second.
    """
    for step in _STEPS_S:
        if duration / step <= most:
            return step
    return _DAY_S * max(1, math.ceil(duration / _DAY_S / most))


def ticks(duration: float, most: int) -> tuple[float, ...]:
    """Return the times of the ticks from 0 up to ``duration`` seconds."""
    if duration <= 0:
        return (0.0,)
    step = tick_step(duration, most)
    return tuple(index * step for index in range(int(duration / step + 1e-9) + 1))


def tick_label(at_s: float, duration: float, step: float) -> str:
    """Return the words of a tick: ``5 s``, ``0.25 s``, ``2:30`` or ``1:00:00``."""
    if duration <= _SHORT_S or step < 1:
        return f"{at_s:.4f}".rstrip("0").rstrip(".") + " s"
    minutes, seconds = divmod(round(at_s), 60)
    if duration <= 3600:
        return f"{minutes}:{seconds:02d}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def moment(at_s: float) -> str:
    """Return a moment or a length in words: ``12.4 s``, ``3:05.0`` or ``1:02:03.0``."""
    tenths = round(at_s * 10)
    if tenths <= _SHORT_S * 10:
        return f"{tenths / 10:.1f} s"
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}:{rest / 10:04.1f}"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest / 10:04.1f}"


def length(duration: float) -> str:
    """Return how long something takes: ``60 s``, ``12.4 s``, ``3:05 min`` or ``1:02:03 h``."""
    if duration <= _SHORT_S:
        return f"{duration:.1f}".removesuffix(".0") + " s"
    unit = "min" if duration <= 3600 else "h"
    return f"{tick_label(duration, duration, 1.0)} {unit}"


def stretch(start_s: float, end_s: float) -> str:
    """Return a stretch of time in words: ``12.0 s`` to ``14.5 s``."""
    return f"{moment(start_s)} \N{EN DASH} {moment(end_s)}"


def times(count: int) -> str:
    """Return how often, behind a space: a times sign and the count; nothing for once."""
    return f" \N{MULTIPLICATION SIGN}{count}" if count > 1 else ""


def decibels(db: float) -> str:
    """Return a level in words, with a true minus sign."""
    figure = f"{abs(db):.1f}".removesuffix(".0")
    return f"{MINUS if db < 0 and figure != '0' else ''}{figure} dB"


def printable(text: str) -> str:
    """Return text that is safe in XML and on a terminal: one line without control characters.

    An app's name is the user's text: it may hold escape codes, line breaks or worse.
    """
    return " ".join(
        "".join(
            " "
            if char.isspace()
            else "\N{REPLACEMENT CHARACTER}"
            if unicodedata.category(char) in ("Cc", "Cs") or char in _UNSAFE
            else char
            for char in text
        ).split()
    )


def names(recording: Recording) -> dict[str, str]:
    """Return the name to show for each app id."""
    return {track.app: printable(track.name) or printable(track.app) for track in recording.tracks}


def holder_name(hold: HoldSpan, known: dict[str, str]) -> str:
    """Return the name of the app that holds; ``the device`` where no app does."""
    return known.get(hold.cause, printable(hold.cause)) or "the device"


def hold_level_db(track: Track, hold: HoldSpan) -> float | None:
    """Return the level in decibels that a hold moved its track to, ``None`` if it moved nothing."""
    near = [
        gain
        for gain in track.gains
        if gain.layer == "hold"
        and gain.cause == hold.cause
        and abs(gain.at_s - hold.start_s) <= _SAME_MOMENT_S
    ]
    if not near:
        return None
    return min(near, key=lambda gain: abs(gain.at_s - hold.start_s)).to_db


def hold_verb(hold: HoldSpan, level: float | None) -> str:
    """Return what a hold does to its track: ``paused``, ``silenced`` or ``ducked``."""
    if hold.kind == "pause":
        return "paused"
    if level is not None and level <= SILENCE_DB:
        return "silenced"
    return "ducked" if hold.kind == "duck" else printable(hold.kind)


def merge_spans(spans: Sequence[S], grain_s: float, key: Callable[[S], object]) -> list[Merged[S]]:
    """Return spans with those shorter than a grain merged into a near neighbour.

    Only spans with the same key merge, and only across gaps shorter than the grain, so
    two spans that can both be seen stay two.
    """
    open_by_key: dict[object, list[S]] = {}
    ends: dict[object, float] = {}
    merged: list[Merged[S]] = []

    def close(name: object) -> None:
        items = open_by_key.pop(name)
        merged.append(Merged(start_s=items[0].start_s, end_s=ends[name], items=tuple(items)))

    for span in sorted(spans, key=lambda item: item.start_s):
        name = key(span)
        if name in open_by_key:
            start_s = open_by_key[name][0].start_s
            is_near = span.start_s - ends[name] < grain_s
            has_short = min(ends[name] - start_s, span.end_s - span.start_s) < grain_s
            if is_near and has_short:
                open_by_key[name].append(span)
                ends[name] = max(ends[name], span.end_s)
                continue
            close(name)
        open_by_key[name] = [span]
        ends[name] = span.end_s
    for name in list(open_by_key):
        close(name)
    return sorted(merged, key=lambda item: item.start_s)


def bucket(items: Sequence[T], grain_s: float, at: Callable[[T], float]) -> list[Merged[T]]:
    """Return moments with those less than a grain after the first of a group merged into it."""
    groups: list[list[T]] = []
    for item in sorted(items, key=at):
        if groups and at(item) - at(groups[-1][0]) < grain_s:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [
        Merged(start_s=at(group[0]), end_s=at(group[-1]), items=tuple(group)) for group in groups
    ]


def coarsen(
    merge: Callable[[float], list[Merged[T]]], grain_s: float, most: int
) -> list[Merged[T]]:
    """Return merged items, with a grain doubled until at most ``most`` are left.

    Stops after 20 doublings, where a grain of one pixel is wider than any picture.
    """
    merged = merge(grain_s)
    for _ in range(20):
        if len(merged) <= most:
            break
        grain_s *= 2
        merged = merge(grain_s)
    return merged
