"""Where a command prints: how wide it is, and whether it shows colours and block characters."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO, cast

from rich import box
from rich.console import Console
from rich.table import Column, Table

MIN_WIDTH = 40
MAX_WIDTH = 200


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        # Rich would leave the process; how a command ends is decided in one place.
        raise BrokenPipeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Standard output and standard error of a command."""

    out: Console
    """For results. Takes text as it is: no markup, no highlighting, no emoji codes."""
    err: Console
    """For progress; messages about errors are printed elsewhere."""
    file: TextIO
    """What ``out`` writes to."""
    is_tty: bool
    """Whether a person looks at standard output."""
    color: bool
    unicode: bool
    """Whether block characters may be used; plain ASCII otherwise."""
    width: int
    """Columns, from 40 to 200."""

    @staticmethod
    def here() -> Terminal:
        """The terminal of this process as it is now."""
        file: TextIO = sys.stdout or io.StringIO()
        if isinstance(file, io.TextIOWrapper):
            # A name that the terminal has no character for is no reason to fail.
            file.reconfigure(errors="replace")
        out = _console(file)
        is_tty = out.is_terminal
        encoding = (getattr(file, "encoding", None) or "utf-8").lower().replace("-", "")
        return Terminal(
            out=out,
            err=_console(sys.stderr or io.StringIO()),
            file=file,
            is_tty=is_tty,
            color=is_tty and out.color_system is not None and not out.no_color,
            unicode=is_tty and encoding.startswith("utf"),
            width=min(max(out.width, MIN_WIDTH), MAX_WIDTH),
        )

    def table(self, *columns: str) -> Table:
        """An empty table in the style of this terminal; what is too long goes on below."""
        return Table(
            *(Column(header, overflow="fold") for header in columns),
            header_style="bold",
            border_style="dim",
            box=box.SIMPLE_HEAD if self.unicode else box.MARKDOWN,
            show_edge=False,
        )

    def line(self, text: str = "", style: str = "") -> None:
        """Prints a line as it is, however long: a path must stay in one piece."""
        self.out.print(self.plain(text), style=style or None, soft_wrap=True)

    def plain(self, text: str) -> str:
        """Text with the few signs of our own replaced where only ASCII is sure to show."""
        if self.unicode:
            return text
        for sign, ascii_sign in _IN_ASCII.items():
            text = text.replace(sign, ascii_sign)
        return text


_IN_ASCII = {
    "\N{MINUS SIGN}": "-",
    "\N{EN DASH}": "-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{CHECK MARK}": "ok",
    "\N{BALLOT X}": "failed",
    "\N{MIDDLE DOT}": "-",
}


def json_out() -> TextIO:
    """Standard output for JSON: always UTF-8, as the standard asks (RFC 8259, section 8.1)."""
    file: TextIO = sys.stdout or io.StringIO()
    if isinstance(file, io.TextIOWrapper):
        # What is no character, as in a file name of broken bytes, becomes \udcXX, which is
        # the way JSON itself writes it.
        file.reconfigure(encoding="utf-8", errors="backslashreplace")
    return file


class _Trimmed:
    """A file to which no line is written with blanks at its end, as tables have them."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, text: str) -> int:
        return self._file.write(_BLANKS_AT_END.sub("", text))


_BLANKS_AT_END = re.compile(r" +(?=\n)")


def _console(file: TextIO) -> Console:
    if not Console(file=file).is_terminal:
        file = cast("TextIO", _Trimmed(file))
    return _Console(file=file, markup=False, highlight=False, emoji=False, legacy_windows=False)
