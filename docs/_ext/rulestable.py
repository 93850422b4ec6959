"""Tables drawn from docs/data: the platforms' rules, and the Flutter plugin's members."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from generated import Generated, code, table
from sphinx.application import Sphinx

DATA = Path(__file__).parents[1] / "data"


def read(name: str) -> dict[str, Any]:
    """A file of docs/data."""
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def rules(family: str) -> str:
    """The rules of one platform, each with where it is published."""
    data = read("rules")[family]

    def spelled_out(source: str) -> str:
        return ", ".join(data.get(part, part) for part in source.split(", "))

    return table(
        ("rule", "what it says", "published in"),
        ((rule["of"], rule["text"], spelled_out(rule["source"])) for rule in data["rule"]),
    )


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


class RuleTable(Generated):
    """``rule-table:: family``."""

    required_arguments = 1

    def markdown(self) -> str:
        """The rules of that family."""
        self.env.note_dependency(str(DATA / "rules.toml"))
        return rules(self.arguments[0])


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
    app.add_directive("plugin-table", PluginTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
