"""What there is of Apple's rules and names, and which test shows it.

Rules are in docs/data/rules.toml; what is known about Apple's names is in the package
(audiosession.apple.facts), and docs/data/apple.toml says of each what there is here. The
pages draw their tables from these, and a test holds that nothing is left unsaid.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from audiosession.apple.facts import audio_session_services, avaudiosession

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "data"
FACTS = tuple((ROOT / "src" / "audiosession" / "apple" / "facts").glob("*.toml"))
"""The files with the facts."""

VERDICTS = ("same", "differs", "not here")
KINDS = ("documented", "header", "observed", "unknown")

RULE_TESTS = ("core", "apple", "simulated")
"""The folders of tests whose names may bear the number of a rule of Apple's."""
_RULE = re.compile(r"test_(?:rules?_)?([1-9]\d*(?:_(?:and_)?[1-9]\d*)*)(?:_|$)")

_LISTS = {
    "facts_kit",
    "test_avaudiosession_hosts",
    "test_exports",
    "test_facts",
    "test_record_apple_sources",
    "test_second_sources",
}
"""Tests that go through names, or see them refused, without using them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the facts, with what docs/data/apple.toml says of it."""

    table: str
    name: str
    fields: Mapping[str, Any]
    verdict: str
    """One of VERDICTS; empty: nobody said."""
    words: str
    """How it differs, or why it is not here."""
    python: str
    """Where it is within audiosession.apple; empty: it is no name."""
    value: str
    """The field that its value is; empty: it has none."""
    tested_by: str
    """``file::test``, or ``apple`` and a rule's number; empty: a test has to name it."""


# -- rules ---------------------------------------------------------------------------------------


@cache
def rules() -> tuple[Mapping[str, str], ...]:
    """Apple's rules, in order."""
    text = (DATA / "rules.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["apple"]["rule"])


@cache
def rule_tests() -> Mapping[str, tuple[str, ...]]:
    """Each number with the files whose tests bear it."""
    found: dict[str, dict[str, None]] = {}
    for folder in RULE_TESTS:
        for path in sorted((ROOT / "tests" / folder).glob("test_*.py")):
            for name in _functions(path):
                if bearing := _RULE.match(name):
                    for number in re.findall(r"\d+", bearing[1]):
                        found.setdefault(number, {})[_short(path)] = None
    return {number: tuple(files) for number, files in found.items()}


def rule_gaps(
    known: Iterable[Mapping[str, str]] | None = None,
    tested: Mapping[str, tuple[str, ...]] | None = None,
) -> list[str]:
    """What is missing or wrong among the rules, a line each."""
    known = rules() if known is None else known
    tested = rule_tests() if tested is None else tested
    gaps = []
    for rule in known:
        number = rule["of"]
        if rule.get("kind") not in KINDS or not rule.get("source"):
            gaps.append(f"rule {number}: kind or source is missing")
        if rule.get("not_here") and number in tested:
            gaps.append(f"rule {number}: said not to be here, and tested in {tested[number]}")
        if not rule.get("not_here") and number not in tested:
            gaps.append(f"rule {number}: no test bears its number: {rule['text']}")
    numbers = [rule["of"] for rule in known]
    gaps += [f"rule {number}: there twice" for number in set(numbers) if numbers.count(number) > 1]
    gaps += [f"rule {number}: tested, and not explained" for number in tested.keys() - {*numbers}]
    return gaps


# -- entries -------------------------------------------------------------------------------------


@cache
def mapping() -> Mapping[str, Mapping[str, Any]]:
    """What docs/data/apple.toml says, by ``api.table``."""
    read = tomllib.loads((DATA / "apple.toml").read_text("utf-8"))
    return {
        f"{api}.{table}": said for api, tables in read.items() for table, said in tables.items()
    }


@cache
def facts() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The facts' entries by ``api.table`` and name; those of a class stand behind it."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for api, read in (
        ("avaudiosession", avaudiosession()),
        ("audio_session_services", audio_session_services()),
    ):
        for table, rows in read.items():
            if isinstance(rows, list):
                tables[f"{api}.{table}"] = dict(_flat(table, rows))
            elif table == "defaults":
                del rows["source"]
                tables[f"{api}.{table}"] = {name: {"value": value} for name, value in rows.items()}
    return tables


def entries(table: str) -> list[Entry]:
    """All entries of a table of the facts, ``api.table``."""
    said = mapping().get(table, {})
    found = []
    for name, fields in facts()[table].items():
        text = said.get("entries", {}).get(name, said.get("all", ""))
        verdict, _, words = text.partition(": ")
        names = said.get("names", {})
        python = names.get(name, said.get("python", "")).format_map({"name": name, **fields})
        found.append(
            Entry(
                table=table,
                name=name,
                fields=fields,
                verdict=verdict,
                words=words,
                python=python,
                value=said.get("value", ""),
                tested_by=said.get("tests", {}).get(name, said.get("tested_by", "")),
            )
        )
    return found


def entry_gaps(table: str) -> list[str]:
    """What is missing or wrong in a table, a line each."""
    gaps = [f"{table} {entry.name}: {gap}" for entry in entries(table) for gap in _gaps(entry)]
    said = mapping().get(table, {})
    named = {*said.get("entries", {}), *said.get("names", {}), *said.get("tests", {})}
    gaps += [
        f"{table} {name}: not among the facts" for name in sorted(named - facts()[table].keys())
    ]
    return gaps


# -- inside --------------------------------------------------------------------------------------


def _gaps(entry: Entry) -> Iterator[str]:
    if entry.verdict not in VERDICTS:
        yield "docs/data/apple.toml does not say: same, differs, not here"
        return
    if (entry.verdict == "same") is bool(entry.words):
        yield "same takes no words, differs and not here need them"
    if entry.verdict == "not here":
        return
    if entry.python:
        found = look_up(entry.python)
        if found is _NOTHING:
            yield f"there is no {entry.python}"
        elif entry.value and _value(found) != entry.fields[entry.value]:
            yield f"{entry.python} is {_value(found)!r}, not {entry.fields[entry.value]!r}"
        for member in entry.fields.get("members", ()):
            if _value(getattr(found, member["python"], _NOTHING)) != member["value"]:
                yield f"{entry.python} has no {member['python']} of {member['value']}"
    if entry.tested_by:
        if not _is_test(entry.tested_by):
            yield f"there is no test {entry.tested_by}"
    elif not entry.python:
        yield "neither a name nor a test"
    elif not _is_used(entry):
        yield f"no test uses {entry.python}"


class _Nothing:
    """What is found where there is nothing."""


_NOTHING = _Nothing()


def look_up(python: str) -> Any:
    """The object of that dotted name within audiosession.apple."""
    module, _, name = python.rpartition(":")
    try:
        found: Any = import_module(f"audiosession.apple.{module}".rstrip("."))
    except ModuleNotFoundError:
        return _NOTHING
    for part in name.split("."):
        found = getattr(found, part, _NOTHING)
    return found


def _value(found: Any) -> Any:
    return getattr(found, "value", found)


def _is_test(given: str) -> bool:
    if given.startswith("apple "):
        return given.removeprefix("apple ") in rule_tests()
    path, _, name = given.partition("::")
    return name in _functions(ROOT / "tests" / path)


def _is_used(entry: Entry) -> bool:
    name = entry.python.rpartition(":")[2]
    owner, _, last = name.rpartition(".")
    # Members are used on an object, or given as text; what has no owner stands alone.
    pattern = rf"\.{last}\b|\"{last}\"" if owner else rf"\b{last}\b"
    short = entry.name.removeprefix("AVAudioSession").removesuffix("Notification")
    if short != entry.name:
        # What tests read of notifications.
        pattern += rf"|\"{short}\""
    used = re.compile(pattern)
    return any(used.search(text) for text in _using())


@cache
def _using() -> tuple[str, ...]:
    paths = sorted((ROOT / "tests" / "apple").glob("*.py"))
    return tuple(path.read_text("utf-8") for path in paths if path.stem not in _LISTS)


@cache
def _functions(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def _short(path: Path) -> str:
    return path.relative_to(ROOT / "tests").as_posix()


def _flat(table: str, rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for row in rows:
        if table == "class":
            members = row.pop("members")
            yield row["name"], {**row, "path": row["name"]}
            for member in members:
                path = f"{row['name']}.{member['python']}"
                yield f"{row['name']}.{member['name']}", {**member, "path": path}
        else:
            yield row["name"], row
