"""Running a scenario for a person or for a program: what is printed when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..hosts.simulated import Observer
from ..scenario import Failure, JsonLines, Result, Scenario, run_scenario
from ..scenario.timeline_text import render_text
from .exits import Exit
from .live import Live
from .outputs import Outputs, Written, write_lines
from .terminal import Terminal, json_out

_KINDS = {"wav": "sound", "svg": "picture", "stems": "stems", "jsonl": "events"}
_SYSTEM = ("Phone", "Clock", "Assistant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found out about a run after it, beside the scenario's own expectations.

    It becomes a JSON line of this ``kind`` with these ``values``.
    """

    kind: str
    at: float
    values: Mapping[str, object]
    ok: bool
    """Whether it is as it should be; the run failed otherwise."""


class Examiner(Protocol):
    """Looks at a run whose files are written, and shows what it found."""

    def examine(self, result: Result) -> Sequence[Finding]:
        """What there is to say to a program."""

    def show(self, terminal: Terminal) -> None:
        """The same for a person."""


def perform(
    scenario: Scenario,
    *,
    outputs: Outputs,
    as_json: bool = False,
    quiet: bool = False,
    real_time: bool = False,
    examiner: Examiner | None = None,
) -> Exit:
    """Runs a scenario, writes its files and prints what happened.

    Args:
        scenario: What to run.
        outputs: The files to write.
        as_json: Print JSON Lines and nothing else.
        quiet: Print only what went wrong.
        real_time: As slow as life rather than as fast as possible.
        examiner: Looks at the run and its files, when they are written.

    Raises:
        AudioSessionError: the scenario cannot be run, or a file not be written.
        OSError: a file cannot be written.
    """
    outputs.check(scenario)
    terminal = Terminal.here()
    lines: list[str] = []
    writers: list[Callable[[str], object]] = []
    observers: list[Observer] = []
    if outputs.jsonl is not None:
        writers.append(lines.append)
    if as_json:
        writers.append(_flushed_writer())
    journal = JsonLines(lambda line: [write(line) for write in writers], scenario.policy.because)
    if writers:
        observers.append(journal)
    if not (as_json or quiet):
        names = [*(spec.name for spec in scenario.apps), *_SYSTEM]
        observers.append(Live(terminal, names, scenario.policy.because))
    result = run_scenario(scenario, observers=observers, real_time=real_time)
    written = outputs.write(result.recording, terminal, progress=not quiet)
    findings = () if examiner is None else examiner.examine(result)
    if outputs.jsonl is not None:
        written += (Written(kind="jsonl", path=outputs.jsonl),)
    _end(journal, result, findings, written)
    if outputs.jsonl is not None:
        write_lines(outputs.jsonl, lines)
    if not as_json:
        if not quiet:
            _show_timeline(terminal, result)
        _show_expectations(terminal, result, quiet=quiet)
        if not quiet:
            if examiner is not None:
                examiner.show(terminal)
            _show_files(terminal, written)
    failed = bool(result.failures) or not all(finding.ok for finding in findings)
    return Exit.FAILED if failed else Exit.OK


def _flushed_writer() -> Callable[[str], object]:
    file = json_out()

    def write(line: str) -> None:
        file.write(line)
        file.flush()

    return write


def _end(
    journal: JsonLines, result: Result, findings: Sequence[Finding], written: Sequence[Written]
) -> None:
    """The last lines: what failed, what was found, and that this was all."""
    duration = result.recording.duration_s
    for failure in result.failures:
        journal.line(
            failure.at,
            "failure",
            app=failure.app,
            what=failure.what,
            expected=failure.expected,
            found=failure.found,
            line=failure.line,
        )
    for finding in findings:
        journal.line(finding.at, finding.kind, ok=finding.ok, **finding.values)
    journal.line(
        duration,
        "end",
        duration=duration,
        checked=result.checked,
        failed=_failed(result),
        written={item.kind: str(item.path) for item in written},
    )


def _failed(result: Result) -> int:
    """How many expectations failed; one may do so in several ways."""
    return len({(failure.line, failure.at, failure.app) for failure in result.failures})


def _show_timeline(terminal: Terminal, result: Result) -> None:
    terminal.line()
    text = render_text(
        result.recording, width=terminal.width, color=terminal.color, unicode=terminal.unicode
    )
    terminal.file.write(text)
    terminal.line()


def _show_expectations(terminal: Terminal, result: Result, *, quiet: bool) -> None:
    failed = _failed(result)
    if not failed:
        if result.checked and not quiet:
            count = _count(result.checked)
            verb = "holds" if result.checked == 1 else "hold"
            terminal.line(f"\N{CHECK MARK} {count} {verb}", "green")
        return
    table = terminal.table("line", "at", "app", "what", "expected", "found")
    for name in ("line", "at"):
        column = next(c for c in table.columns if c.header == name)
        column.justify = "right"
        column.no_wrap = True
    for failure in result.failures:
        table.add_row(*_row(failure))
    head = f"\N{BALLOT X} {failed} of {_count(result.checked)} did not hold"
    terminal.line(head, "bold red")
    terminal.out.print(table)


def _count(number: int) -> str:
    return f"{number} expectation{'' if number == 1 else 's'}"


def _row(failure: Failure) -> tuple[str, ...]:
    return (
        str(failure.line),
        f"{failure.at:g} s",
        failure.app,
        failure.what,
        _value(failure.expected),
        _value(failure.found),
    )


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in (None, "") else str(value)


def _show_files(terminal: Terminal, written: Sequence[Written]) -> None:
    if not written:
        return
    terminal.line()
    wide = max(len(_KINDS[item.kind]) for item in written)
    for item in written:
        note = f"  ({item.note})" if item.note else ""
        terminal.line(f"{_KINDS[item.kind]:<{wide}}  {item.path}{note}")
