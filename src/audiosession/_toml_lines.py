"""Where in a TOML text a table or a key stands, and where it is none."""

from __future__ import annotations

import re

_PLACE = re.compile(r"\(at line (\d+), column \d+\)$")
_END = " (at end of document)"


def not_toml(error: ValueError | RecursionError, text: str) -> tuple[str, int | None]:
    """What is wrong with a text that is no TOML, and the line of it, from 1, where known.

    Args:
        error: What tomllib raised; a plain ValueError where a number is too long for Python.
        text: What was read. Where it ends too early, the last line with something on it counts.
    """
    if isinstance(error, RecursionError):
        return "is not TOML: it is nested too deeply", None
    problem = str(error)
    line = None
    if problem.endswith(_END):
        line = text.rstrip().count("\n") + 1
        problem = f"{problem.removesuffix(_END)} (at line {line}, the end of the document)"
    elif place := _PLACE.search(problem):
        line = int(place[1])
    return f"is not TOML: {problem}", line


class Lines:
    """Finds the line of a table or key; tomllib does not tell."""

    def __init__(self, text: str) -> None:
        # Not splitlines(): in TOML, as in tomllib's messages, only a line feed ends a line.
        self._lines = text.split("\n")
        self._tables: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            found = re.match(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]\]?\s*(#.*)?$", line)
            if found:
                self._tables.setdefault(found[1], []).append(number)

    def of(self, table: str | None, index: int = 0, key: str | None = None) -> int | None:
        """The line of a key, or of its table where the key cannot be found, from 1.

        Args:
            table: Name of a table or array of tables; ``None`` for the top of the file.
            index: Which one of an array, from 0.
            key: The key in it; ``None`` for the table itself.
        """
        start = 0
        if table is not None:
            places = self._tables.get(table, [])
            if index >= len(places):
                # An inline array: the line of its key is as near as one gets.
                return self._find(table, 0)
            start = places[index]
        found = self._find(key, start) if key is not None else None
        return found or start or None

    def _find(self, key: str, start: int) -> int | None:
        pattern = re.compile(rf'\s*"?{re.escape(key)}"?\s*=')
        for number in range(start, len(self._lines)):
            line = self._lines[number]
            if start and re.match(r"\s*\[", line):
                return None
            if pattern.match(line):
                return number + 1
        return None
