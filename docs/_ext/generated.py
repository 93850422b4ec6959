"""Parts of pages that are drawn from the package's own data.

A directive writes Markdown and has it parsed in its place, so that what a page shows is what
the code does.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from enum import Enum
from html import escape
from importlib import import_module

from docutils.nodes import Node  # type: ignore[import-untyped]  # ships no type information
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective


class Generated(SphinxDirective):
    """A directive that stands for Markdown."""

    @abstractmethod
    def markdown(self) -> str:
        """The text to put in its place."""

    def run(self) -> list[Node]:
        """Parses it."""
        return self.parse_text_to_nodes(self.markdown())


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def code(value: object) -> str:
    """A value in code type; nothing for an empty one."""
    text = str(value)
    return f"`{text}`" if text else ""


def codes(values: Iterable[object]) -> str:
    """Several values in code type."""
    return ", ".join(code(value) for value in values)


def tick(value: bool) -> str:
    """``yes``, or nothing."""
    return "yes" if value else ""


def words(text: str) -> str:
    """A docstring's markup as Markdown, on one line."""
    text = re.sub(r":[\w:]+:`~?[\w.]*?(\w+)`", r"`\1`", text)
    return " ".join(text.replace("``", "`").split())


def html(text: str) -> str:
    """A text inside HTML inside Markdown, where a line break would end the HTML."""
    return escape(" ".join(text.split()))


def first_sentence(doc: str | None) -> str:
    """The first paragraph of a docstring."""
    return words((doc or "").strip().partition("\n\n")[0])


def look_up(path: str) -> type:
    """The class of that dotted name."""
    module, _, name = path.rpartition(".")
    found = getattr(import_module(module), name)
    assert isinstance(found, type), path
    return found


def field_docs(kind: type) -> dict[str, str]:
    """What stands under each field or member of a class, in its source."""
    docs = ModuleAnalyzer.for_module(kind.__module__).find_attr_docs()
    return {
        name: words(" ".join(lines))
        for (owner, name), lines in docs.items()
        if owner == kind.__qualname__
    }


def members(kind: type[Enum]) -> list[tuple[str, str]]:
    """(value, meaning) of each member of an enumeration."""
    docs = field_docs(kind)
    return [(str(member.value), docs.get(member.name, "")) for member in kind]
