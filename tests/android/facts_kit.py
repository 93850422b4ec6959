"""The facts as the tests compare them."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import Any

from audiosession import android
from audiosession.android import facts

Row = dict[str, Any]


@cache
def known() -> dict[str, Any]:
    """The facts, read once."""
    return facts.android()


def rows(table: str) -> dict[str, Row]:
    """The entries of a table by name."""
    return {row["name"]: row for row in known()[table]}


def enums() -> dict[str, type[Enum]]:
    """The enumerations that the facts name."""
    return {row["name"]: getattr(android, row["name"]) for row in known()["enum"]}


def constants() -> dict[tuple[str, str], Row]:
    """Every constant by Android's class and name, members of enumerations as well."""
    found = {
        (row["class"], member["name"]): member
        for row in known()["enum"]
        for member in row["members"]
    }
    found |= {(row["class"], row["name"]): row for row in known()["constant"] if "class" in row}
    return found


def methods() -> dict[tuple[str, str], list[Row]]:
    """Every method by class and name, with its forms."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in known()["method"]:
        name = row["name"].partition("(")[0].rpartition(".")[2]
        found.setdefault((row["class"], name), []).append(row)
    return found


def snake(name: str) -> str:
    """Applies the naming rule: a word begins at each capital that follows a small letter."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
