"""What ``import audiosession`` costs and drags in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import audiosession

from .measuring import Row, Target, compare, duration

TARGET = Target(at_most=2.5)
NOTHING = Target(at_most=0)
OPTIONAL = ("av", "cyclopts", "miniaudio", "numpy", "pytest", "rich", "soundfile", "soxr")
"""What the package uses only where somebody asks for it."""

# The time within the process leaves out the bare interpreter's own start.
_TIME = """\
import time
started = time.process_time()
import {module}
print(time.process_time() - started)
"""
_MODULES = """\
import importlib.util, json, sys
import audiosession
wanted = {optional!r}
loaded = [name for name in wanted if name in sys.modules]
print(json.dumps([loaded, [name for name in wanted if importlib.util.find_spec(name)]]))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    rounds: int = 31


QUICK = Sizes(rounds=9)


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    result = compare(
        lambda: float(_fresh(_TIME.format(module="audiosession"))),
        lambda: float(_fresh(_TIME.format(module="asyncio"))),
        sizes.rounds,
    )
    ours_s, asyncio_s = result.medians_s
    found = json.loads(_fresh(_MODULES.format(optional=OPTIONAL)))
    loaded, installed = (", ".join(names) or "none" for names in found)
    return [
        Row(
            name="import audiosession, against import asyncio",
            value=result.ratio,
            spread=result.spread,
            target=TARGET,
            detail=f"{duration(ours_s)} against {duration(asyncio_s)}",
        ),
        Row(
            name="optional packages that import audiosession imports",
            value=len(found[0]),
            target=NOTHING,
            unit="packages",
            detail=f"imported: {loaded}; there: {installed}",
        ),
    ]


def _fresh(program: str) -> str:
    """What a fresh interpreter prints that runs ``program`` and has this very package."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COVERAGE", "COV_"))
    }
    environment["PYTHONPATH"] = str(Path(audiosession.__file__).parent.parent)
    done = subprocess.run(
        # -P: without the current folder among those that are searched.
        [sys.executable, "-P", "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
