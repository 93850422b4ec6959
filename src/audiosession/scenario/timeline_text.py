"""A run on a terminal: one row of level blocks per app, and lines while it happens.

Both write plain text with ANSI colour codes if asked to. They never look at the terminal
themselves: whether there is colour and how wide it is, the caller knows.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TextIO

from audiosession.scenario import timeline_common as common
from audiosession.scenario.envelope import (
    Breakpoint,
    level_breakpoints,
    level_height,
    standing_spans,
    value_at,
)
from audiosession.scenario.recording import Clip, Recording, Track
from audiosession.scenario.timeline_common import printable

MIN_WIDTH = 40
"""The narrowest timeline in columns."""

_RESET, _BOLD, _DIM, _RED = "\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"
_APP_CODES = tuple(f"\x1b[38;5;{number}m" for number in (33, 214, 36, 175, 81, 166))
_SYSTEM_CODE = "\x1b[38;5;245m"
_KIND_CODES = {
    "device": "\x1b[1m",
    "app": "\x1b[36m",
    "duck": "\x1b[33m",
    "pause": "\x1b[31m",
    "release": "\x1b[32m",
    "heard": "\x1b[2m",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MOST_LINES = 24
"""How many holds are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glyphs:
    levels: str
    """From just audible to full."""
    quiet: str
    """Active without sound."""
    inactive: str
    interrupted: str
    axis: str
    tick: str


_UNICODE = _Glyphs(levels="▁▂▃▄▅▆▇█", quiet="─", inactive="·", interrupted="░", axis="─", tick="┬")
_ASCII = _Glyphs(levels="12345678", quiet="-", inactive=".", interrupted="x", axis="-", tick="+")


def render_text(recording: Recording, *, width: int = 80, color: bool, unicode: bool = True) -> str:
    """Return a recording as lines of text for a terminal, with a line end after each.

    A column is a slice of time and shows its middle, or the sound in it where a clip is
    shorter than the column. Below the rows stand the markers, by letter, and who held whom.

    Args:
        recording: The run to draw.
        width: Columns to fill, at least 40. Marker and hold texts are cut to it.
        color: Whether to colour the rows with ANSI codes.
        unicode: Whether block characters may be used; without them all but names and titles
            is ASCII.

    Raises:
        ValueError: If the width is too small or the duration is not a finite time.
    """
    if width < MIN_WIDTH:
        raise ValueError(f"width must be at least {MIN_WIDTH} columns, not {width}")
    duration = common.check_duration(recording)
    glyphs = _UNICODE if unicode else _ASCII
    paint = _Paint(color=color)
    shown = {app: _plain(name, unicode) for app, name in common.names(recording).items()}
    label = min(max(map(_columns, shown.values()), default=0), width // 4) + 2
    cells = width - label
    title = _plain(recording.title, unicode) or "Audio timeline"
    lines = [paint(_cut(title, width), _BOLD), ""]
    lines += [" " * label + row for row in _ruler(duration, cells, glyphs)]
    codes = _codes(recording.tracks)
    for track in recording.tracks:
        name = _pad(_cut(shown[track.app], label - 2), label)
        row = _row(track, duration, cells, glyphs)
        own = codes[track.app]
        lines.append(paint(name, own) + _painted(row, own, glyphs, paint))
    if recording.markers:
        lines.append(paint((" " * label + _letters(recording, duration, cells)).rstrip(), _BOLD))
    lines.append("")
    lines += [_cut(line, width) for line in _marker_lines(recording, unicode)]
    lines += [_cut(line, width) for line in _hold_lines(recording, shown, unicode)]
    lines += [paint(line, _DIM) for line in _key_lines(glyphs, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


class LivePrinter:
    """Prints one aligned line for each thing that happens, as it happens.

    A line looks like ``  12.0s  Navigator     begins to speak``. Names and texts are
    stripped of line breaks and control codes.
    """

    def __init__(self, file: TextIO, *, color: bool = False, name_width: int = 12) -> None:
        """Print to a text file.

        Args:
            file: Where to print; it is flushed after each line.
            color: Whether to colour the lines with ANSI codes.
            name_width: Columns for the app's name; longer names push their text to the right.
        """
        self._file = file
        self._paint = _Paint(color=color)
        self._name_width = name_width

    def event(self, at_s: float, app: str, text: str, kind: str) -> None:
        """Print one happening.

        Args:
            at_s: Seconds from the start of the run.
            app: The name of the app, empty for the device.
            text: What happens, in a few words.
            kind: ``device``, ``app``, ``duck``, ``pause``, ``release`` or ``heard``; it
                chooses the colour, and an unknown kind has none.
        """
        name = _pad(printable(app), self._name_width)
        words = self._paint(printable(text), _KIND_CODES.get(kind, ""))
        print(f"{at_s:6.1f}s  {name} {words}", file=self._file, flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paint:
    color: bool

    def __call__(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self.color and code and text.strip() else text


def _painted(row: str, own: str, glyphs: _Glyphs, paint: _Paint) -> str:
    def code(char: str) -> str:
        return {glyphs.interrupted: _RED, glyphs.inactive: _DIM}.get(char, own)

    return "".join(paint("".join(run), style) for style, run in groupby(row, key=code))


def _codes(tracks: Sequence[Track]) -> dict[str, str]:
    codes: dict[str, str] = {}
    count = 0
    for track in tracks:
        codes[track.app] = _SYSTEM_CODE if track.system else _APP_CODES[count % len(_APP_CODES)]
        count += not track.system
    return codes


def _plain(text: str, unicode: bool) -> str:
    # Only what is drawn is ASCII; a name is its owner's.
    text = printable(text)
    return text if unicode else text.replace(common.MINUS, "-")


def _columns(text: str) -> int:
    """Return how many columns a terminal needs for text."""
    return sum(
        0
        if unicodedata.combining(char) or unicodedata.category(char) == "Cf"
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def _cut(text: str, width: int) -> str:
    if _columns(text) <= width:
        return text
    left = width - 1
    for index, char in enumerate(text):
        left -= _columns(char)
        if left < 0:
            return text[:index] + "~"
    return text


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _ruler(duration: float, cells: int, glyphs: _Glyphs) -> tuple[str, str]:
    times = common.ticks(duration, max(1, cells // 10))
    step = times[1] if len(times) > 1 else duration
    labels, axis = [" "] * cells, [glyphs.axis] * cells
    free = 0
    for at_s in times:
        column = _column(at_s, duration, cells)
        axis[column] = glyphs.tick
        label = common.tick_label(at_s, duration, step)
        start = max(min(column, cells - len(label)), 0)
        if start >= free:
            labels[start : start + len(label)] = label
            free = start + len(label) + 1
    return "".join(labels).rstrip(), "".join(axis)


def _column(at_s: float, duration: float, cells: int) -> int:
    if duration <= 0:
        return 0
    return min(max(int(at_s / duration * cells), 0), cells - 1)


def _row(track: Track, duration: float, cells: int, glyphs: _Glyphs) -> str:
    """Return a character per column."""
    if duration <= 0:
        return ""
    points = level_breakpoints(track)
    spans = standing_spans(track, duration)
    starts = [span.start_s for span in spans]
    loudest = _clips_by_column(track.clips, duration, cells)
    slice_s = duration / cells
    row: list[str] = []
    for column in range(cells):
        middle = (column + 0.5) * slice_s
        standing = spans[max(bisect_right(starts, middle) - 1, 0)].standing
        row.append(_cell(points, loudest.get(column), middle, standing, glyphs))
    return "".join(row)


def _clips_by_column(
    clips: Iterable[Clip], duration: float, cells: int
) -> dict[int, tuple[float, float]]:
    """Return for each column with sound the longest stretch of a clip inside of it."""
    slice_s = duration / cells
    found: dict[int, tuple[float, float]] = {}
    for clip in clips:
        start_s, end_s = max(clip.start_s, 0.0), min(clip.end_s, duration)
        column = _column(start_s, duration, cells)
        while column < cells and column * slice_s < end_s:
            part = max(start_s, column * slice_s), min(end_s, (column + 1) * slice_s)
            known = found.get(column, (0.0, 0.0))
            if part[1] - part[0] > known[1] - known[0]:
                found[column] = part
            column += 1
    return found


def _cell(
    points: Sequence[Breakpoint],
    sound: tuple[float, float] | None,
    middle: float,
    standing: str,
    glyphs: _Glyphs,
) -> str:
    covers = sound is not None and sound[0] <= middle < sound[1]
    if standing == "interrupted" and not covers:
        return glyphs.interrupted
    if sound is None:
        return glyphs.inactive if standing == "inactive" else glyphs.quiet
    share = level_height(value_at(points, sum(sound) / 2))
    if share == 0.0:
        return glyphs.quiet
    return glyphs.levels[min(int(share * 8), 7)]


def _letters(recording: Recording, duration: float, cells: int) -> str:
    """Return the row of letters below the apps; of markers in one column the first one's."""
    row = [" "] * cells
    markers = sorted(recording.markers, key=attrgetter("at_s"))
    for index, marker in enumerate(markers):
        column = _column(marker.at_s, duration, cells)
        if row[column] == " ":
            row[column] = _LETTERS[index] if index < len(_LETTERS) else "+"
    return "".join(row)


def _marker_lines(recording: Recording, unicode: bool) -> list[str]:
    markers = sorted(recording.markers, key=attrgetter("at_s"))
    lines = [
        f"{letter} {common.moment(marker.at_s):>9}  {_plain(marker.text, unicode)}"
        for letter, marker in zip(_LETTERS, markers, strict=False)
    ]
    if len(markers) > len(_LETTERS):
        lines.append(f"+ {len(markers) - len(_LETTERS)} more")
    return [*lines, ""] if lines else []


def _hold_lines(recording: Recording, shown: dict[str, str], unicode: bool) -> list[str]:
    holds = [(hold, track) for track in recording.tracks for hold in track.holds]
    holds.sort(key=lambda pair: pair[0].start_s)
    lines = []
    for hold, track in holds[:_MOST_LINES]:
        level = common.hold_level_db(track, hold)
        verb = common.hold_verb(hold, level)
        holder = _plain(common.holder_name(hold, common.names(recording)), unicode)
        if verb == "ducked" and level is not None:
            verb = f"ducked to {_plain(common.decibels(level), unicode)}"
        when = f"{common.moment(hold.start_s):>9} to {common.moment(hold.end_s)}"
        lines.append(f"  {when}  {shown[track.app]} {verb} by {holder}")
    if len(holds) > _MOST_LINES:
        lines.append(f"  and {len(holds) - _MOST_LINES} more holds")
    return [*lines, ""] if lines else []


def _key_lines(glyphs: _Glyphs, width: int) -> list[str]:
    lines = [f"{glyphs.levels} level up to 0 dB"]
    for words in (
        f"{glyphs.quiet} silent",
        f"{glyphs.inactive} inactive",
        f"{glyphs.interrupted} interrupted",
    ):
        if len(lines[-1]) + 2 + len(words) <= width:
            lines[-1] += f"  {words}"
        else:
            lines.append(words)
    return lines
