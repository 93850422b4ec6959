"""What there is of the names of Apple's and Android's APIs, and which test shows it.

What is known about the names is in the package (audiosession.apple.facts,
audiosession.capture.facts, audiosession.android.facts); docs/data/apple.toml, capture.toml and
android.toml say of each what there is here. The pages draw their tables from these, and a test
holds that nothing is left unsaid. Rules of behaviour are in the rulebook.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from rulebook import DATA, ROOT, is_test

from audiosession.android.facts import android
from audiosession.apple.facts import audio_session_services, avaudiosession
from audiosession.capture.facts import avcapturesession

VERDICTS = ("same", "differs", "not here")

Tables = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Entries by table and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the facts, with what docs/data says of it."""

    table: str
    name: str
    fields: Mapping[str, Any]
    verdict: str
    """One of VERDICTS; empty: nobody said."""
    words: str
    """How it differs, or why it is not here."""
    python: str
    """Where it is within the platform's package; empty: it is no name."""
    value: str
    """The field that its value is; empty: it has none."""
    tested_by: str
    """``file::test``, or a family and a rule's number; empty: a test has to name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one platform, what is said of them, and who uses them."""

    package: str
    """The package that has them: ``audiosession.apple``."""
    facts: Callable[[], Tables]
    """The facts' entries by table and name."""
    mapping: Callable[[], Mapping[str, Mapping[str, Any]]]
    """What docs/data says, by table."""
    using: Callable[[], tuple[str, ...]]
    """The texts of the tests that use names."""
    sources: tuple[Path, ...] = ()
    """The files that all this is read from."""
    shorten: Callable[[str], str] = str
    """What tests may call an entry instead, as notifications go."""

    def entries(self, table: str) -> list[Entry]:
        """All entries of a table of the facts."""
        said = self.mapping().get(table, {})
        found = []
        for name, fields in self.facts()[table].items():
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

    def gaps(self, table: str) -> list[str]:
        """What is missing or wrong in a table, a line each."""
        gaps = [
            f"{table} {entry.name}: {gap}"
            for entry in self.entries(table)
            for gap in self._gaps(entry)
        ]
        said = self.mapping().get(table, {})
        named = {*said.get("entries", {}), *said.get("names", {}), *said.get("tests", {})}
        unknown = sorted(named - self.facts()[table].keys())
        return gaps + [f"{table} {name}: not among the facts" for name in unknown]

    def look_up(self, python: str) -> Any:
        """The object of that dotted name within the package."""
        module, _, name = python.rpartition(":")
        try:
            found: Any = import_module(f"{self.package}.{module}".rstrip("."))
        except ModuleNotFoundError:
            return _NOTHING
        for part in name.split("."):
            found = getattr(found, part, _NOTHING)
        return found

    def _gaps(self, entry: Entry) -> Iterator[str]:
        if entry.verdict not in VERDICTS:
            yield "docs/data does not say: same, differs, not here"
            return
        if (entry.verdict == "same") is bool(entry.words):
            yield "same takes no words, differs and not here need them"
        if entry.verdict == "not here":
            return
        if entry.python:
            yield from self._unlike(entry)
        if entry.tested_by:
            if not is_test(entry.tested_by):
                yield f"there is no test {entry.tested_by}"
        elif not entry.python:
            yield "neither a name nor a test"
        elif not self._is_used(entry):
            yield f"no test uses {entry.python}"

    def _unlike(self, entry: Entry) -> Iterator[str]:
        found = self.look_up(entry.python)
        if found is _NOTHING:
            yield f"there is no {entry.python}"
        elif entry.value and _value(found) != entry.fields[entry.value]:
            yield f"{entry.python} is {_value(found)!r}, not {entry.fields[entry.value]!r}"
        for member in entry.fields.get("members", ()):
            if _value(getattr(found, member["python"], _NOTHING)) != member["value"]:
                yield f"{entry.python} has no {member['python']} of {member['value']}"

    def _is_used(self, entry: Entry) -> bool:
        name = entry.python.rpartition(":")[2]
        owner, _, last = name.rpartition(".")
        # Members are used on an object, or given as text; what has no owner stands alone.
        pattern = rf"\.{last}\b|\"{last}\"" if owner else rf"\b{last}\b"
        short = self.shorten(entry.name)
        if short != entry.name:
            pattern += rf"|\"{short}\""
        used = re.compile(pattern)
        return any(used.search(text) for text in self.using())


class _Nothing:
    """What is found where there is nothing."""


_NOTHING = _Nothing()


def _value(found: Any) -> Any:
    return getattr(found, "value", found)


def _package_facts(platform: str) -> tuple[Path, ...]:
    folder = ROOT / "src" / "audiosession" / platform / "facts"
    return (DATA / f"{platform}.toml", *sorted(folder.glob("*.toml")))


def _tests(folder: str, lists: frozenset[str]) -> tuple[str, ...]:
    paths = sorted((ROOT / "tests" / folder).glob("*.py"))
    return tuple(path.read_text("utf-8") for path in paths if path.stem not in lists)


# -- Apple ---------------------------------------------------------------------------------------


@cache
def _apple_facts() -> Tables:
    """The entries of Apple's two APIs by ``api.table``; those of a class stand behind it."""
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


@cache
def _apple_mapping() -> Mapping[str, Mapping[str, Any]]:
    read = tomllib.loads((DATA / "apple.toml").read_text("utf-8"))
    return {
        f"{api}.{table}": said for api, tables in read.items() for table, said in tables.items()
    }


@cache
def _using_apple() -> tuple[str, ...]:
    # Lists go through names, or see them refused, without using them.
    lists = {
        "facts_kit",
        "test_avaudiosession_hosts",
        "test_exports",
        "test_facts",
        "test_record_apple_sources",
        "test_second_sources",
    }
    return _tests("apple", frozenset(lists))


def _without_apples_words(name: str) -> str:
    return name.removeprefix("AVAudioSession").removesuffix("Notification")


# -- Apple's capture session ---------------------------------------------------------------------


@cache
def _capture_facts() -> Tables:
    return {
        table: {row["name"]: row for row in rows}
        for table, rows in avcapturesession().items()
        if isinstance(rows, list)
    }


@cache
def _capture_mapping() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((DATA / "capture.toml").read_text("utf-8"))


@cache
def _using_capture() -> tuple[str, ...]:
    lists = frozenset({"facts_kit", "test_facts", "test_exports"})
    servers = sorted((ROOT / "tests" / "linux").glob("test_capture*.py"))
    return (*_tests("capture", lists), *(path.read_text("utf-8") for path in servers))


def _without_captures_words(name: str) -> str:
    return name.removeprefix("AVCaptureSession").removesuffix("Notification")


# -- Android -------------------------------------------------------------------------------------


@cache
def _android_facts() -> Tables:
    return {
        table: {row["name"]: row for row in rows}
        for table, rows in android().items()
        if isinstance(rows, list)
    }


@cache
def _android_mapping() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((DATA / "android.toml").read_text("utf-8"))


@cache
def _using_android() -> tuple[str, ...]:
    lists = {
        "facts_kit",
        "test_exports",
        "test_facts",
        "test_record_android_sources",
        "test_second_sources",
    }
    return _tests("android", frozenset(lists))


NAMES = {
    "apple": Names(
        package="audiosession.apple",
        facts=_apple_facts,
        mapping=_apple_mapping,
        using=_using_apple,
        sources=_package_facts("apple"),
        shorten=_without_apples_words,
    ),
    "capture": Names(
        package="audiosession.capture",
        facts=_capture_facts,
        mapping=_capture_mapping,
        using=_using_capture,
        sources=_package_facts("capture"),
        shorten=_without_captures_words,
    ),
    "android": Names(
        package="audiosession.android",
        facts=_android_facts,
        mapping=_android_mapping,
        using=_using_android,
        sources=_package_facts("android"),
    ),
}
