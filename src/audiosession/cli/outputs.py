"""The files that a run writes: checked before it starts, written when it is over."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from ..errors import IllegalRequestError
from ..scenario import Recording, Scenario
from ..scenario.timeline_common import decibels, length
from .terminal import Terminal

MIX_NAME = "mix.wav"
"""The mix beside the stems, where no name is given for it."""
_SHOW_PROGRESS_AFTER_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file or folder that a run left behind."""

    kind: str
    """``wav``, ``svg``, ``stems`` or ``jsonl``."""
    path: Path
    note: str = ""
    """More about it, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where a run is to write; ``None`` for what is not wanted."""

    wav: Path | None = None
    svg: Path | None = None
    stems: Path | None = None
    jsonl: Path | None = None
    folder: Path | None = None
    """Made for the files above when there is something to write."""

    def check(self, scenario: Scenario) -> None:
        """Finds out before a long run that its results cannot be written.

        Raises:
            IllegalRequestError: a folder is missing or closed to us, a name does not end as
                files of its kind do, or a file that the scenario reads would be overwritten.
        """
        taken = {path.resolve(): "a file the scenario reads" for path in _inputs(scenario)}
        for option, path in (("--wav", self.wav), ("--svg", self.svg), ("--jsonl", self.jsonl)):
            if path is None:
                continue
            if path.is_dir():
                raise _unusable(option, path, "is a folder; give the name of a file")
            if path.parent != self.folder:
                check_folder(option, path.parent)
            suffix = f".{option.lstrip('-')}"
            if path.suffix.lower() != suffix:
                raise _unusable(option, path, f"must end in {suffix}")
            if path.resolve() in taken:
                raise _unusable(option, path, f"is {taken[path.resolve()]} already")
            taken[path.resolve()] = f"what {option} writes"
        for option, folder in (("--stems", self.stems), ("--out", self.folder)):
            if folder is not None:
                check_folder(option, folder if folder.exists() else _first_existing(folder))

    def write(
        self, recording: Recording, terminal: Terminal, *, progress: bool = True
    ) -> tuple[Written, ...]:
        """Renders and writes what is wanted, all but the JSON Lines.

        Args:
            recording: What happened.
            terminal: Its standard error shows how far a long rendering is, if a person looks.
            progress: Whether it may.

        Raises:
            OSError: a file cannot be written.
            IllegalRequestError: the run is too long for a WAV file.
            ExtraMissingError: the extra ``audio`` is not installed.
        """
        written: list[Written] = []
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        if self.wav is not None or self.stems is not None:
            written += self._write_wav(recording, terminal, progress)
        if self.svg is not None:
            from ..scenario.timeline_svg import write_svg

            write_svg(recording, self.svg)
            written.append(Written(kind="svg", path=self.svg))
        return tuple(written)

    def _write_wav(self, recording: Recording, terminal: Terminal, progress: bool) -> list[Written]:
        from ..scenario.mixer import render_to_wav

        wav = self.wav
        if wav is None:
            assert self.stems is not None
            wav = self.stems / MIX_NAME
        with _Progress(terminal, wanted=progress) as show:
            try:
                report = render_to_wav(recording, wav, stems=self.stems, progress=show)
            except ValueError as error:
                if isinstance(error, IllegalRequestError):
                    raise
                raise IllegalRequestError(str(error), field="wav") from error
        note = f"{length(report.seconds)}, peak {decibels(report.peak_dbfs)}"
        if report.clipped_samples:
            note += f", {report.clipped_samples} samples too loud and cut"
        written = [Written(kind="wav", path=wav, note=note)]
        if self.stems is not None:
            note = f"{len(report.stems)} files, one an app"
            written.append(Written(kind="stems", path=self.stems, note=note))
        return written


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Writes lines to a file; a reader sees the old file or the whole new one.

    Raises:
        OSError: it cannot be written.
    """
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with scratch.open("x", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(lines)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


class _Progress:
    """A bar on standard error, for a person, and only once the work proves to be long."""

    def __init__(self, terminal: Terminal, *, wanted: bool) -> None:
        self._bar: Progress | None = None
        self._terminal = terminal
        self._wanted = wanted and terminal.err.is_terminal
        self._started = time.monotonic()

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, part: float) -> None:
        if not self._wanted:
            return
        if self._bar is None:
            if time.monotonic() - self._started < _SHOW_PROGRESS_AFTER_S:
                return
            self._bar = Progress(console=self._terminal.err, transient=True)
            self._bar.add_task("rendering", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=part)


def _inputs(scenario: Scenario) -> Iterator[Path]:
    if scenario.file is not None:
        yield scenario.file
    for app in scenario.apps:
        if app.audio is not None:
            yield app.audio
    for step in scenario.steps:
        yield from (value for value in step.arguments.values() if isinstance(value, Path))


def _first_existing(path: Path) -> Path:
    return next(parent for parent in path.absolute().parents if parent.exists())


def check_folder(option: str, folder: Path) -> None:
    """Finds out whether files can be made in a folder.

    Args:
        option: What asks for it, for the error.
        folder: Where.

    Raises:
        IllegalRequestError: it is missing, no folder, or closed to us.
    """
    if not folder.exists():
        raise _unusable(option, folder, "there is no such folder")
    if not folder.is_dir():
        raise _unusable(option, folder, "is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(option, folder, "may not be written to")


def _unusable(option: str, path: Path, why: str) -> IllegalRequestError:
    return IllegalRequestError(f"{option} {path}: {why}", field=option.lstrip("-"))
