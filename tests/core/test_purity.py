"""The core thinks and does nothing else: no clock, no files, no loop, no other package."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import audiosession
import audiosession.core
import audiosession.errors

ROOT = Path(audiosession.__file__).parent
CORE = sorted((ROOT / "core").rglob("*.py"))
ERRORS = ROOT / "errors.py"

ALLOWED = {
    "__future__",
    "abc",
    "collections",
    "copy",
    "dataclasses",
    "enum",
    "heapq",
    "itertools",
    "json",
    "math",
    "typing",
}
"""Of the standard library, what the core may use: nothing that reads, waits or writes."""

ALLOWED_IN_ERRORS = ALLOWED | {"reprlib"}
ALLOWED_LATE_IN_ERRORS = {"difflib", "pathlib"}
"""Loaded on the way to an error only; a path is a value until somebody opens it."""

FORBIDDEN_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint", "id"}


def imports(path: Path, *, late: bool = True) -> Iterator[tuple[int, str]]:
    """(dots, module) of every import that runs; ``late``: those inside functions included."""
    pending: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            pending += node.orelse
            continue
        if isinstance(node, ast.FunctionDef) and not late:
            continue
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""
        pending += ast.iter_child_nodes(node)


def test_there_is_a_core_to_look_at() -> None:
    assert ROOT / "core" / "arbiter.py" in CORE
    assert ROOT / "core" / "disciplines" / "holds.py" in CORE
    assert ROOT / "core" / "translate" / "w3c.py" in CORE


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_of_the_core_imports_the_core_the_errors_and_what_is_pure(path: Path) -> None:
    depth = len(path.relative_to(ROOT).parent.parts)
    for dots, module in imports(path):
        if dots == 0:
            assert module.partition(".")[0] in ALLOWED, f"imports {module}"
        elif dots > depth:
            assert (dots, module) == (depth + 1, "errors"), f"reaches out for {module}"


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_of_the_core_calls_nothing_that_acts_on_the_world(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            # id() tells objects apart by address; only copying without copying may use it.
            allowed = node.func.id == "id" and path.name == "journal.py"
            assert allowed or node.func.id not in FORBIDDEN_CALLS, ast.unparse(node)
        assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global)


def test_the_errors_import_nothing_that_acts_on_the_world() -> None:
    at_once = set(imports(ERRORS, late=False))
    assert at_once <= {(0, name) for name in ALLOWED_IN_ERRORS | {"collections.abc"}}
    assert set(imports(ERRORS)) - at_once == {(0, name) for name in ALLOWED_LATE_IN_ERRORS}


def test_a_type_checker_s_import_is_told_from_one_that_runs(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(
        "import typing\n"
        "if typing.TYPE_CHECKING:\n    import socket\nelse:\n    import time\n"
        "def f():\n    from os import path\n"
        "from ..errors import LimitError\n"
    )
    now = {(0, "typing"), (0, "time"), (2, "errors")}
    assert set(imports(file)) == now | {(0, "os")}
    assert set(imports(file, late=False)) == now


PROBE = """
import sys, types
# The package without its public face, which loads the surfaces.
package = types.ModuleType("audiosession")
package.__path__ = [sys.argv[1]]
sys.modules["audiosession"] = package
import __future__, typing, dataclasses, enum, collections.abc, heapq, copy, itertools, json, math
import reprlib
before = set(sys.modules)
import audiosession.core
import audiosession.core.codec
import audiosession.core.policy_check
import audiosession.core.routing
import audiosession.core.translate
from audiosession.core import *
print(*sorted(set(sys.modules) - before))
"""


def test_at_run_time_nothing_else_is_loaded() -> None:
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", PROBE, str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = run.stdout.split()
    assert "audiosession.core.arbiter" in loaded
    others = [name for name in loaded if not name.startswith("audiosession.")]
    assert others == []
    assert {name for name in loaded if not name.startswith("audiosession.core")} == {
        "audiosession.errors"
    }
