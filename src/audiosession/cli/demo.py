"""``audiosession demo``: the bundled scenario, heard, seen and measured."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from rich.text import Text

from ..scenario import Result, read_scenario
from ..scenario.recording import SILENCE_DB
from .exits import Exit
from .levels import Level, measure
from .outputs import Outputs
from .running import Finding, perform
from .terminal import Terminal

DEFAULT_FOLDER = Path("audiosession-demo")
NAME = "audiosession-demo"
MUSIC = "music"


def run_demo(
    *,
    music: Path | None = None,
    podcast: Path | None = None,
    out: Path = DEFAULT_FOLDER,
    real_time: bool = False,
    as_json: bool = False,
) -> Exit:
    """Runs the bundled scenario and writes its sound, picture and events to a folder.

    Raises:
        AudioSessionError: a file of the user's is of no use.
        OSError: the folder cannot be made, or not be written to.
    """
    own = {"music": music, "podcast": podcast}
    with resources.as_file(resources.files("audiosession.scenario").joinpath("demo")) as folder:
        scenario = read_scenario(
            folder / "day.toml", audio={app: path for app, path in own.items() if path is not None}
        )
        outputs = Outputs(
            wav=out / f"{NAME}.wav",
            svg=out / f"{NAME}.svg",
            jsonl=out / f"{NAME}.jsonl",
            folder=out,
        )
        return perform(
            scenario,
            outputs=outputs,
            as_json=as_json,
            real_time=real_time,
            examiner=_Levels(out / f"{NAME}.wav", own_music=music is not None),
        )


class _Levels:
    """Measures the music in the demo's sound, if it is the music that can be measured."""

    def __init__(self, wav: Path, *, own_music: bool) -> None:
        self._wav = wav
        self._own_music = own_music
        self._levels: tuple[Level, ...] = ()

    def examine(self, result: Result) -> Sequence[Finding]:
        """One finding of kind ``level`` for each span that is measured."""
        if not self._own_music:
            self._levels = measure(result.recording, MUSIC, self._wav)
        return tuple(
            Finding(
                kind="level",
                at=level.span.start_s,
                values={"app": MUSIC, **level.values},
                ok=level.ok,
            )
            for level in self._levels
        )

    def show(self, terminal: Terminal) -> None:
        """A table, or why there is none."""
        if self._own_music:
            terminal.line()
            terminal.line(
                "The music's level was not measured: that takes the tone in the music that ships."
            )
            return
        table = terminal.table("the music in the WAV", "seconds", "level", "policy", "")
        for column in table.columns[1:4]:
            column.justify = "right"
        for level in self._levels:
            span = level.span
            sign, style = ("\N{CHECK MARK}", "green") if level.ok else ("\N{BALLOT X}", "bold red")
            row = (
                span.name,
                f"{span.start_s:.1f} \N{EN DASH} {span.end_s:.1f}",
                "silent" if level.silent else _decibels(level.db),
                "silent" if span.expected_db <= SILENCE_DB else _decibels(span.expected_db),
            )
            table.add_row(*map(terminal.plain, row), Text(terminal.plain(sign), style=style))
        terminal.line()
        terminal.out.print(table)


def _decibels(db: float) -> str:
    text = f"{abs(db):.1f} dB"
    return f"\N{MINUS SIGN}{text}" if db < 0.0 and not text.startswith("0.0") else text
