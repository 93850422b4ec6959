"""Tables drawn from docs/data: the platforms' rules and names, the plugin's members."""

from __future__ import annotations

import tomllib
from typing import Any

from conformance import NAMES, Entry
from docutils.nodes import Node  # type: ignore[import-untyped]  # ships no type information
from generated import Generated, code, codes, table
from rulebook import DATA, RULEBOOKS
from sphinx.application import Sphinx


def read(name: str) -> dict[str, Any]:
    """A file of docs/data."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def rules(family: str) -> str:
    """The rules of one family, each with where it is published and tested."""
    data = read("rules")[family]
    book = RULEBOOKS[family]

    def spelled_out(source: str) -> str:
        return ", ".join(data.get(part, part) for part in source.split(", "))

    return table(
        ("rule", "what it says", "published in", "tested in"),
        (
            (
                rule["of"],
                rule["text"] + (f" Here: {rule['reading']}." if "reading" in rule else ""),
                f"{rule['kind']}: {spelled_out(rule['source'])}",
                rule.get("not_here") or codes(book.where(rule)),
            )
            for rule in data["rule"]
        ),
    )


def entries(platform: str, name: str) -> str:
    """A table of the facts about a platform's names, each entry with what there is of it."""
    found = NAMES[platform].entries(name)
    kind = name.rpartition(".")[2]
    if kind == "disagreement":
        return table(
            ("about", "one source", "another", "here"),
            (
                (each.name, each.fields["one"], each.fields["other"], each.fields["here"])
                for each in found
            ),
        )
    if kind == "unknown":
        return table(("what nobody says", "here"), ((each.name, each.words) for each in found))
    if kind == "rule":
        return table(
            ("about", "what it says", ""),
            ((code(each.fields["about"]), each.fields["text"], _verdict(each)) for each in found),
        )
    if kind == "figure":
        return table(
            ("figure", "value", "what it is", ""),
            (
                (
                    code(each.name),
                    _shown(each.fields["value"]),
                    each.fields["meaning"],
                    _verdict(each),
                )
                for each in found
            ),
        )
    return table(
        ("there", "here", ""),
        (
            (
                code(each.name),
                "" if each.verdict == "not here" else code(each.python.rpartition(":")[2]),
                _verdict(each),
            )
            for each in found
        ),
    )


def _verdict(entry: Entry) -> str:
    return f"{entry.verdict}: {entry.words}" if entry.words else entry.verdict


def _shown(value: object) -> str:
    return codes(value) if isinstance(value, list) else code(value)


def members(of: str) -> str:
    """A class of the plugin's, its members, and what they are called here."""
    return table(
        ("there", "here", ""),
        (
            (
                code(member["plugin"]),
                code(member["ours"]),
                f"differs: {member['differs']}" if "differs" in member else "same",
            )
            for member in read("plugin")["member"]
            if member["of"] == of
        ),
    )


class Checked(Generated):
    """A table that is not drawn while something in it is unsaid."""

    required_arguments = 1

    def gaps(self) -> list[str]:
        """What is missing or wrong, a line each."""
        raise NotImplementedError

    def run(self) -> list[Node]:
        """Draws it, or ends the build of the pages."""
        gaps = self.gaps()
        if gaps:
            raise self.error("\n".join(gaps))
        return super().run()


class RuleTable(Checked):
    """``rule-table:: family``."""

    def gaps(self) -> list[str]:
        """Rules without a test or a reason."""
        return RULEBOOKS[self.arguments[0]].gaps()

    def markdown(self) -> str:
        """The rules of that family."""
        self.env.note_dependency(str(DATA / "rules.toml"))
        return rules(self.arguments[0])


class NamesTable(Checked):
    """A table of the facts about one platform's names."""

    platform: str

    def gaps(self) -> list[str]:
        """Entries that nothing is said of, that are not there, or that no test uses."""
        return NAMES[self.platform].gaps(self.arguments[0])

    def markdown(self) -> str:
        """The entries of that table."""
        for path in NAMES[self.platform].sources:
            self.env.note_dependency(str(path))
        return entries(self.platform, self.arguments[0])


class AppleTable(NamesTable):
    """``apple-table:: api.table``."""

    platform = "apple"


class CaptureTable(NamesTable):
    """``capture-table:: table``."""

    platform = "capture"


class AndroidTable(NamesTable):
    """``android-table:: table``."""

    platform = "android"


class PluginTable(Generated):
    """``plugin-table:: class``."""

    required_arguments = 1

    def markdown(self) -> str:
        """The members of that class."""
        self.env.note_dependency(str(DATA / "plugin.toml"))
        return members(self.arguments[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Adds the directives."""
    app.add_directive("rule-table", RuleTable)
    app.add_directive("apple-table", AppleTable)
    app.add_directive("capture-table", CaptureTable)
    app.add_directive("android-table", AndroidTable)
    app.add_directive("plugin-table", PluginTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
