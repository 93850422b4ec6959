"""What is seen of a recording as it goes on: a meter on a terminal, lines, or JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from ..apple.errors import NSError
from ..scenario.timeline_common import length, printable
from .meter import ChannelLevel, meter
from .terminal import Terminal, json_out
from .words import count

_KILO = 1000
_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_HINT = "Ctrl-C ends it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a recording is."""

    seconds: float
    """How long it is."""
    size: int
    """How large its file is, in bytes."""
    levels: tuple[ChannelLevel, ...] = ()
    """How loud its channels are now."""
    dropped: int = 0
    """How many pictures came too late to be written."""

    def plain(self) -> dict[str, object]:
        """The same for JSON."""
        return {
            "seconds": round(self.seconds, 3),
            "bytes": self.size,
            "dropped_frames": self.dropped,
            "levels": [level.plain() for level in self.levels],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A recording that has ended; its file is whole."""

    path: Path
    """The file."""
    progress: Progress
    """How far it came."""
    error: NSError | None = None
    """What ended it, where that was not asked for."""


class Show(Protocol):
    """Shows a recording to somebody."""

    every_s: float | None
    """How often it wants to know how far the recording is; ``None``: never."""

    def started(self, devices: Mapping[str, str]) -> None:
        """It has begun, from these devices by ``audio`` and ``video``."""

    def progress(self, progress: Progress) -> None:
        """It goes on."""

    def interrupted(self, reason: str, words: str) -> None:
        """It stands still; ``reason`` is Apple's name of why, ``words`` say it."""

    def goes_on(self) -> None:
        """It goes on after an interruption."""

    def finished(self, finished: Finished) -> None:
        """It is over."""


@contextmanager
def show_on(out: Path, *, as_json: bool) -> Iterator[Show]:
    """What suits standard output: JSON Lines if asked for, a screen, or lines.

    Args:
        out: The file to be written, for the words.
        as_json: Whether a program reads them.
    """
    if as_json:
        yield _JsonLines(out)
        return
    terminal = Terminal.here()
    if not terminal.is_tty:
        yield _Lines(out, terminal)
        return
    with Live(console=terminal.out, auto_refresh=False, transient=True) as live:
        screen = _Screen(out, terminal, live)
        yield screen
    screen.last_words()


class _JsonLines:
    """One JSON object a line."""

    every_s: float | None = 0.5

    def __init__(self, out: Path) -> None:
        self._out = out
        self._file = json_out()

    def started(self, devices: Mapping[str, str]) -> None:
        self._write("started", path=str(self._out), devices=dict(devices))

    def progress(self, progress: Progress) -> None:
        self._write("progress", **progress.plain())

    def interrupted(self, reason: str, words: str) -> None:
        self._write("interrupted", reason=reason, because=words)

    def goes_on(self) -> None:
        self._write("resumed")

    def finished(self, finished: Finished) -> None:
        values = finished.progress.plain()
        del values["levels"]
        error = finished.error
        told = None if error is None else _plain_error(error)
        self._write("finished", path=str(finished.path), **values, error=told)

    def _write(self, kind: str, **values: object) -> None:
        self._file.write(json.dumps({"type": kind, **values}, ensure_ascii=False) + "\n")
        # A program that waits for it gets it now.
        self._file.flush()


class _Lines:
    """A line for each thing that happens, where nobody would see a meter move."""

    every_s: float | None = None

    def __init__(self, out: Path, terminal: Terminal) -> None:
        self._out, self._terminal = out, terminal

    def started(self, devices: Mapping[str, str]) -> None:
        self._say(f"recording {_names(devices)} to {self._out}; {_HINT}")

    def progress(self, progress: Progress) -> None:
        """Nothing: a log is no place for it."""

    def interrupted(self, reason: str, words: str) -> None:
        self._say(f"interrupted: {words}")

    def goes_on(self) -> None:
        self._say("goes on")

    def finished(self, finished: Finished) -> None:
        self._say(summary(finished))

    def _say(self, text: str) -> None:
        self._terminal.line(text)
        self._terminal.file.flush()


class _Screen:
    """The meter, drawn anew in its place; what it ends with stays."""

    every_s: float | None = 0.1

    def __init__(self, out: Path, terminal: Terminal, live: Live) -> None:
        self._out, self._terminal, self._live = out, terminal, live
        self._devices: Mapping[str, str] = {}
        self._progress = Progress(seconds=0.0, size=0)
        self._interrupted = ""
        self._finished: Finished | None = None

    def started(self, devices: Mapping[str, str]) -> None:
        self._devices = devices
        self._draw()

    def progress(self, progress: Progress) -> None:
        self._progress = progress
        self._draw()

    def interrupted(self, reason: str, words: str) -> None:
        self._interrupted = words
        self._draw()

    def goes_on(self) -> None:
        self._interrupted = ""
        self._draw()

    def finished(self, finished: Finished) -> None:
        self._finished = finished

    def last_words(self) -> None:
        """What stays on the screen."""
        if self._finished is not None:
            style = "green" if self._finished.error is None else ""
            self._terminal.line(summary(self._finished), style)

    def _draw(self) -> None:
        lines = screen(
            self._out, self._devices, self._progress, self._terminal, interrupted=self._interrupted
        )
        self._live.update(lines, refresh=True)


def screen(
    out: Path,
    devices: Mapping[str, str],
    progress: Progress,
    terminal: Terminal,
    *,
    interrupted: str = "",
) -> RenderableType:
    """A recording as it is now: what, how long and how large, and the meter.

    Args:
        out: Its file.
        devices: What it comes from, by medium.
        progress: How far it is.
        terminal: Where it is to fit.
        interrupted: Why it stands still; empty: it does not.
    """
    figures = f"{clock(progress.seconds)}  {size(progress.size)}"
    if progress.dropped:
        figures += f"  {count(progress.dropped, 'picture')} dropped"
    head = Text.assemble(("recording ", "bold red"), (printable(str(out)), "bold"), f"  {figures}")
    state = Text(f"interrupted: {interrupted}", style="yellow")
    if not interrupted:
        state = Text(f"from {_names(devices)}; {_HINT}", style="dim")
    return Group(head, *meter(progress.levels, terminal), state)


def summary(finished: Finished) -> str:
    """A recording that is over, in a line."""
    progress = finished.progress
    figures = [length(round(progress.seconds, 1)), size(progress.size)]
    if progress.dropped:
        figures.append(f"{count(progress.dropped, 'picture')} dropped")
    return f"{finished.path}  ({', '.join(figures)})"


def clock(seconds: float) -> str:
    """How long it is, as a counter shows it: ``0:07.3``, ``1:02:03.0``."""
    tenths = int(seconds * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else str(minutes)
    return f"{head}:{tenths // 10:02}.{tenths % 10}"


def size(number: int) -> str:
    """How large a file is: ``812 bytes``, ``2.3 MB``."""
    value = float(number)
    unit = 0
    while value >= _KILO and unit < len(_UNITS) - 1:
        value /= _KILO
        unit += 1
    return f"{number} {_UNITS[0]}" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def _names(devices: Mapping[str, str]) -> str:
    return " and ".join(printable(name) for name in dict.fromkeys(devices.values()))


def _plain_error(error: NSError) -> dict[str, object]:
    return {"domain": error.domain, "code": int(error.code), "message": str(error)}


__all__ = ["Finished", "Progress", "Show", "clock", "screen", "show_on", "size", "summary"]
