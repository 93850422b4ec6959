"""``audiosession doctor``: what the service needs, what of it is missing, how to mend it."""

from __future__ import annotations

import asyncio

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from ..core.codec import to_plain
from .checks import Finding, State, examine
from .exits import Exit
from .lists import print_json
from .terminal import Terminal

_SIGNS = {
    State.OK: ("\N{CHECK MARK}", "ok", "green"),
    State.WARN: ("!", "warn", "yellow"),
    State.FAIL: ("\N{BALLOT X}", "fail", "bold red"),
}


def run_doctor(*, as_json: bool) -> Exit:
    """Examines this machine, changing nothing; FAILED when something the service needs is missing.

    Args:
        as_json: One JSON document: ``ok``, and each finding with ``check``, ``state``,
            ``text`` and ``todo``.
    """
    findings = asyncio.run(examine())
    failed = any(finding.state is State.FAIL for finding in findings)
    if as_json:
        print_json({"ok": not failed, "findings": to_plain(findings)})
    else:
        terminal = Terminal.here()
        terminal.out.print(doctor_screen(findings, terminal))
        terminal.line()
        terminal.line(*_verdict(findings))
    return Exit.FAILED if failed else Exit.OK


def doctor_screen(findings: tuple[Finding, ...], terminal: Terminal) -> RenderableType:
    """A line for each finding, and below it what to do."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        sign, word, style = _SIGNS[finding.state]
        text = Text(terminal.plain(finding.text))
        if finding.todo:
            text.append(terminal.plain(f"\n{finding.todo}"), style="bold")
        mark = sign if terminal.unicode else word
        table.add_row(Text(mark, style=style), finding.check, text)
    return table


def _verdict(findings: tuple[Finding, ...]) -> tuple[str, str]:
    failed = sum(finding.state is State.FAIL for finding in findings)
    warned = sum(finding.state is State.WARN for finding in findings)
    if failed:
        verb = "stands" if failed == 1 else "stand"
        return f"{failed} of {len(findings)} checks failed and {verb} in the way.", "bold red"
    if warned:
        return "The service can work; see what is marked.", "yellow"
    return "All is well.", "green"


__all__ = ["doctor_screen", "run_doctor"]
