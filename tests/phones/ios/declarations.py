"""Reads iOS's public API from the TypeScript declarations that NativeScript publishes.

They are made of Apple's headers, with the system that introduced each member in a comment. A
method is under the words of its selector put together: ``setActive:withOptions:error:`` is
``setActiveWithOptionsError``. Source: npm package ``@nativescript/types-ios``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.phones.declarations import package

FRAMEWORKS = ("AVFAudio", "AVKit", "Foundation", "ObjectiveC")
FILES = "lib/ios/objc-x86_64/objc!{}.d.ts"

Version = tuple[int, int]


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
    since: Version

    @property
    def checked(self) -> bool:
        """Whether it ends in a pointer to an error."""
        return bool(self.parameters) and self.parameters[-1].type == "interop.Reference<NSError>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    name: str
    type: str
    readonly: bool
    static: bool
    since: Version


@dataclass(slots=True, kw_only=True)
class Declared:
    """A class or a protocol."""

    name: str
    extends: str
    since: Version
    methods: dict[tuple[str, bool], Method] = field(default_factory=dict)
    """By name, and whether it is the class's."""
    properties: dict[tuple[str, bool], Property] = field(default_factory=dict)
    """As the methods."""


@dataclass(slots=True, kw_only=True)
class Declarations:
    classes: dict[str, Declared] = field(default_factory=dict)
    enums: dict[str, dict[str, int]] = field(default_factory=dict)
    constants: dict[str, Version] = field(default_factory=dict)
    """Exported strings, and the system that introduced each."""

    def method(self, of: str, name: str, *, static: bool) -> Method | None:
        """A method of a class or of those it is a kind of."""
        for declared in self._line(of):
            if (name, static) in declared.methods:
                return declared.methods[name, static]
        return None

    def property(self, of: str, name: str, *, static: bool) -> Property | None:
        """A property of a class or of those it is a kind of."""
        for declared in self._line(of):
            if (name, static) in declared.properties:
                return declared.properties[name, static]
        return None

    def is_kind(self, name: str, of: str) -> bool:
        """Whether objects of the class ``name`` are objects of the class ``of``."""
        return any(declared.name == of for declared in self._line(name))

    def _line(self, name: str) -> Iterator[Declared]:
        while (declared := self.classes.get(name)) is not None:
            yield declared
            name = declared.extends


def method_name(selector: str) -> str:
    """The words of a selector put together."""
    first, *others = selector.removesuffix(":").split(":")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


@cache
def read() -> Declarations:
    """What the frameworks declare that audio sessions need."""
    found = Declarations()
    for framework in FRAMEWORKS:
        text = (package("types-ios") / FILES.format(framework)).read_text(encoding="utf-8")
        _read(text.splitlines(), found)
    return found


_SINCE = re.compile(r"\* @since (\d+)\.(\d+)")
_CLASS = re.compile(r"(?:declare class|interface) (\w+)(?:<.*?>)?(?: extends (\w+))?")
_ENUM = re.compile(r"declare const enum (\w+) \{")
_VALUE = re.compile(r"\t(\w+) = (-?\d+),?$")
_CONSTANT = re.compile(r"declare var (\w+): string;$")
_METHOD = re.compile(r"\t(static )?(\w+)\??(?:<.*?>)?\((.*)\): (.*);(?: //.*)?$")
_PROPERTY = re.compile(r"\t(static )?(readonly )?(\w+)\??: (.*);(?: //.*)?$")


def _read(lines: Iterable[str], found: Declarations) -> None:
    since: Version = (0, 0)
    current: Declared | None = None
    values: dict[str, int] | None = None
    for line in lines:
        if line.strip() == "/**":
            # A comment belongs to what follows it.
            since = current.since if current is not None else (0, 0)
        elif match := _SINCE.search(line):
            since = int(match[1]), int(match[2])
        elif line == "}" or line == "};":
            current = values = None
            since = (0, 0)
        elif match := _ENUM.match(line):
            values = found.enums.setdefault(match[1], {})
        elif match := _CONSTANT.match(line):
            found.constants[match[1]] = since
            since = (0, 0)
        elif (match := _CLASS.match(line)) and line.endswith("{"):
            current = Declared(name=match[1], extends=match[2] or "", since=since)
            found.classes[current.name] = current
        elif values is not None:
            if match := _VALUE.match(line):
                values[match[1]] = int(match[2])
        elif current is not None and line.startswith("\t") and "\t *" not in line:
            _member(line, current, max(since, current.since))
            if line.endswith(";") or "// inherited" in line:
                since = current.since


def _member(line: str, current: Declared, since: Version) -> None:
    if match := _METHOD.match(line):
        static = match[1] is not None
        current.methods[match[2], static] = Method(
            name=match[2],
            parameters=tuple(_parameters(match[3])),
            returns=match[4],
            static=static,
            since=since,
        )
    elif match := _PROPERTY.match(line):
        static = match[1] is not None
        current.properties[match[3], static] = Property(
            name=match[3],
            type=match[4],
            readonly=match[2] is not None,
            static=static,
            since=since,
        )


def _parameters(text: str) -> Iterator[Parameter]:
    """Splits at the commas that are not within brackets."""
    depth, part = 0, ""
    for sign in text + ",":
        if sign == "," and depth == 0:
            if part.strip():
                name, _, kind = part.partition(":")
                yield Parameter(name=name.strip().removesuffix("?"), type=kind.strip())
            part = ""
            continue
        depth += (sign in "(<[{") - (sign in ")>]}" and not part.endswith("="))
        part += sign
