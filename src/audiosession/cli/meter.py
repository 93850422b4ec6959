"""A level meter: how loud what is recorded is, a bar for each channel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from rich.text import Text

from ..scenario.timeline_common import decibels
from .terminal import Terminal

FLOOR_DB = -60.0
"""Where a bar begins; what is quieter shows as nothing."""
LOUD_DB = -12.0
"""From here on a bar is yellow: there is little room left."""
TOO_LOUD_DB = -3.0
"""From here on it is red: the next louder sound will be cut off."""
SILENT_DB = -120.0
"""Up to here a channel counts as silent."""

_FIGURE = 9
"""Columns for ``-123.4 dB``."""


@dataclass(frozen=True, slots=True)
class ChannelLevel:
    """How loud one channel is, in dB of full scale."""

    average_db: float
    """On average over the last moments."""
    peak_db: float
    """The loudest sample lately."""

    def plain(self) -> dict[str, float]:
        """The same for JSON, no more exact than anybody asks."""
        return {"average_db": round(self.average_db, 1), "peak_db": round(self.peak_db, 1)}


def channel_names(count: int) -> tuple[str, ...]:
    """What the channels of a recording are called."""
    known = {1: ("mono",), 2: ("left", "right")}
    return known.get(count, tuple(str(number + 1) for number in range(count)))


def meter(levels: tuple[ChannelLevel, ...], terminal: Terminal) -> list[Text]:
    """The bars, a line each, as wide as the terminal.

    Args:
        levels: The channels, in order.
        terminal: Where they are to fit, and whether it has colours and block characters.
    """
    names = channel_names(len(levels))
    wide = max((len(name) for name in names), default=0)
    columns = terminal.width - wide - _FIGURE - 2
    lines = []
    for name, level in zip(names, levels, strict=True):
        line = Text(f"{name:<{wide}} ", no_wrap=True)
        line.append_text(_bar(level, columns, terminal))
        line.append(f" {_figure(level.peak_db, terminal):>{_FIGURE}}")
        lines.append(line)
    return lines


def _bar(level: ChannelLevel, columns: int, terminal: Terminal) -> Text:
    full, empty, mark = "\N{FULL BLOCK}\N{LIGHT SHADE}\N{LEFT ONE QUARTER BLOCK}"
    if not terminal.unicode:
        full, empty, mark = "#.|"
    filled, peak = (_column(db, columns) for db in (level.average_db, level.peak_db))

    def cell(column: int) -> tuple[str, str]:
        if column < filled:
            return full, _style(FLOOR_DB * (1 - column / columns))
        return (mark, _style(level.peak_db)) if column == peak - 1 else (empty, "dim")

    bar = Text()
    # A terminal is told of a colour once, and not for every column.
    for (sign, style), cells in groupby(map(cell, range(columns))):
        bar.append(sign * sum(1 for _ in cells), style)
    return bar


def _column(db: float, columns: int) -> int:
    """How many columns a level fills."""
    share = (max(db, FLOOR_DB) - FLOOR_DB) / -FLOOR_DB
    return min(columns, round(share * columns))


def _style(db: float) -> str:
    if db >= TOO_LOUD_DB:
        return "red"
    return "yellow" if db >= LOUD_DB else "green"


def _figure(db: float, terminal: Terminal) -> str:
    return terminal.plain(decibels(db)) if db > SILENT_DB else "silent"


__all__ = [
    "FLOOR_DB",
    "LOUD_DB",
    "SILENT_DB",
    "TOO_LOUD_DB",
    "ChannelLevel",
    "channel_names",
    "meter",
]
