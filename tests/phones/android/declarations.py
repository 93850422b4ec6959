"""Reads the public Android API from the TypeScript declarations that NativeScript publishes.

They are made of the platform's own jar files, with the level that introduced each member in a
comment. Source: npm package ``@nativescript/types-android``, file
``lib/android/android-platform-21-37-merged.d.ts``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.phones.declarations import package

FILE = "lib/android/android-platform-21-37-merged.d.ts"
OLDEST = 21
"""What bears no level is at least as old as this one."""
NEWEST = 37


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    static: bool
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    name: str
    type: str
    """Its type, or its value where that is known."""
    static: bool
    since: int


@dataclass(slots=True, kw_only=True)
class Declared:
    """A class."""

    name: str
    """Its binary name: ``android.media.AudioFocusRequest$Builder``."""
    since: int
    abstract: bool
    extends: str
    interface: bool = False
    constructors: list[Method] = field(default_factory=list)
    methods: list[Method] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)

    @property
    def short(self) -> str:
        """Without its package, with dots: ``AudioFocusRequest.Builder``."""
        return self.name.rpartition(".")[2].replace("$", ".")


def file() -> Path:
    """Where they are."""
    return package("types-android") / FILE


def present() -> bool:
    """Whether they are there."""
    return file().is_file()


_OPENS = re.compile(r"\t*(?:declare|export) (?:module|namespace) ([\w.]+) \{$")
_CLASS = re.compile(
    r"\t*export (?P<abstract>abstract )?(?:class|interface) (?P<name>\w+)(?:<.*?>)?\s+"
    r"(?:extends (?P<extends>[\w.$]+))?"
)
_SINCE = re.compile(r"@since (\d+)")
_METHOD = re.compile(
    r"public (?P<static>static )?(?P<name>\w+)(?:<[^(]*>)?\((?P<parameters>.*)\)"
    r"(?:: (?P<returns>.*))?;$"
)
_FIELD = re.compile(r"public (?P<static>static )?(?P<name>\w+): (?P<type>.*);$")


@cache
def read() -> dict[str, Declared]:
    """All classes of ``android.*`` by their binary names."""
    with file().open(encoding="utf-8") as lines:
        return {each.name: each for each in _classes(lines)}


def _classes(lines: Iterable[str]) -> Iterator[Declared]:
    # What is open: modules by their names, and the class whose members come.
    open_: list[str] = []
    current: Declared | None = None
    known: set[str] = set()
    comment, skipping = "", False
    for raw in lines:
        line = raw.strip()
        if skipping:
            skipping = line not in ("});", "});;")
            continue
        if not line or line.startswith("//"):
            continue
        if line.startswith(("/**", "*")):
            comment = line if line.startswith("/**") else comment + line
            continue
        level = _SINCE.search(comment)
        since = int(level[1]) if level else OLDEST
        comment = ""
        if line == "}":
            if current is not None:
                yield current
                current = None
            elif open_:
                open_.pop()
        elif current is not None:
            if line.startswith("public constructor(implementation: {"):
                current.interface, skipping = True, True
            else:
                _member(current, line, since)
        elif (opened := _OPENS.match(raw.rstrip("\n"))) is not None:
            open_.append(opened[1])
        elif (found := _CLASS.match(raw)) is not None and line.endswith("{"):
            name = _binary(".".join([*open_, found["name"]]), known)
            known.add(name)
            current = Declared(
                name=name,
                since=since,
                abstract=bool(found["abstract"]),
                extends=found["extends"] or "java.lang.Object",
            )


def _binary(dotted: str, known: set[str]) -> str:
    """A class within a class has its name after a dollar sign; those come after their outer."""
    outer, _, name = dotted.rpartition(".")
    if not outer:
        return dotted
    # Packages are written small, classes in capitals, with few exceptions such as Manifest's.
    parent = _binary(outer, known) if outer.rpartition(".")[2][:1].isupper() else outer
    return f"{parent}${name}" if parent in known or parent != outer else f"{outer}.{name}"


def _member(current: Declared, line: str, since: int) -> None:
    if (method := _METHOD.match(line)) is not None:
        made = Method(
            name=method["name"],
            parameters=tuple(_parameters(method["parameters"])),
            returns=_plain(method["returns"] or "void"),
            static=bool(method["static"]),
            since=since,
        )
        if made.name == "constructor":
            current.constructors.append(made)
        elif made not in current.methods:
            current.methods.append(made)
    elif (found := _FIELD.match(line)) is not None and found["name"] != "class":
        current.fields.append(
            Field(
                name=found["name"],
                type=_plain(found["type"]),
                static=bool(found["static"]),
                since=since,
            )
        )


def _parameters(text: str) -> Iterator[Parameter]:
    depth, start = 0, 0
    parts: list[str] = []
    for place, letter in enumerate(text):
        depth += (letter in "<({") - (letter in ">)}")
        if letter == "," and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    for part in parts:
        if part.strip():
            name, _, kind = part.strip().partition(":")
            yield Parameter(name=name.strip(), type=_plain(kind.strip()))


def _plain(kind: str) -> str:
    """A type without what Java does not have: that it may be null, and comments."""
    return re.sub(r"/\*.*?\*/", "", kind).replace("| null", "").strip()
