"""``python -m benchmarks``: runs the benchmarks, prints a table or JSON.

The exit status is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Callable, Sequence
from typing import Any

from audiosession import __version__

from . import (
    bench_android,
    bench_apple,
    bench_capture,
    bench_decision,
    bench_import,
    bench_linux,
    bench_memory,
    bench_render,
    bench_round_trip,
    bench_scenario,
)
from .measuring import Row

BENCHMARKS: dict[str, Callable[[bool], list[Row]]] = {
    "decision": lambda quick: bench_decision.run(bench_decision.QUICK if quick else None),
    "scenario": lambda quick: bench_scenario.run(bench_scenario.QUICK if quick else None),
    "render": lambda quick: bench_render.run(bench_render.QUICK if quick else None),
    "import": lambda quick: bench_import.run(bench_import.QUICK if quick else None),
    "memory": lambda quick: bench_memory.run(bench_memory.QUICK if quick else None),
    "round-trip": lambda quick: bench_round_trip.run(bench_round_trip.QUICK if quick else None),
    "linux": lambda quick: bench_linux.run(bench_linux.QUICK if quick else None),
    "apple": lambda quick: bench_apple.run(bench_apple.QUICK if quick else None),
    "capture": lambda quick: bench_capture.run(bench_capture.QUICK if quick else None),
    "android": lambda quick: bench_android.run(bench_android.QUICK if quick else None),
}
"""By name: what gives the rows, of fewer and smaller rounds when asked for quick ones."""

_HEADS = ("measured (middle half of rounds)", "target", "met", "figures")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--only", action="append", choices=sorted(BENCHMARKS), help="run this one; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds, less certain")
    options = parser.parse_args(arguments)
    results: dict[str, list[Row]] = {}
    for name, benchmark in BENCHMARKS.items():
        if options.only and name not in options.only:
            continue
        print(f"{name} ...", file=sys.stderr, flush=True)
        results[name] = benchmark(options.quick)
    if options.json:
        print(json.dumps(_plain(results), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print_table([row for rows in results.values() for row in rows])
    return exit_status(results)


def exit_status(results: dict[str, list[Row]]) -> int:
    """1 when a target was missed."""
    return int(any(row.met is False for rows in results.values() for row in rows))


def _plain(results: dict[str, list[Row]]) -> dict[str, Any]:
    return {
        "audiosession": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "benchmarks": {name: [_plain_row(row) for row in rows] for name, rows in results.items()},
    }


def _plain_row(row: Row) -> dict[str, Any]:
    target = None
    if row.target is not None:
        bounds = {"at_most": row.target.at_most, "at_least": row.target.at_least}
        target = {side: bound for side, bound in bounds.items() if bound is not None}
    return {
        "name": row.name,
        "value": None if math.isnan(row.value) else row.value,
        "unit": row.unit,
        "quartiles": row.spread,
        "target": target,
        "met": row.met,
        "figures": row.detail,
    }


def print_table(rows: Sequence[Row]) -> None:
    """Prints the rows for a person: with rich on a terminal that has it, else as plain text."""
    cells = [_cells(row) for row in rows]
    if sys.stdout.isatty():
        try:
            from rich.console import Console
            from rich.table import Table
        except ImportError:
            pass
        else:
            table = Table("benchmark", *_HEADS)
            for line in cells:
                style = {"yes": "green", "NO": "bold red"}.get(line[3], "")
                table.add_row(*line, style=style)
            Console().print(table)
            return
    # A row is a line of its own and one below it: five columns do not fit a page.
    for name, measured, target, met, detail in cells:
        verdict = f"{target}: {met}" if target else "no target"
        print(f"{name}\n    {measured:32} {verdict:24} {detail}")


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    met = {True: "yes", False: "NO", None: ""}[row.met]
    target = "" if row.target is None else str(row.target)
    measured = "-" if math.isnan(row.value) else row.measured()
    return row.name, measured, target, met, row.detail


if __name__ == "__main__":
    sys.exit(main())
