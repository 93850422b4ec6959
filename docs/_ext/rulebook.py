"""The platforms' rules, and which tests bear their numbers.

Rules are in docs/data/rules.toml. A page draws its table of them only when every rule has a
test or a reason, and a test holds the same.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "data"

KINDS = ("documented", "header", "source", "tested", "observed", "assumed", "unknown")

Tested = Mapping[str, tuple[str, ...]]
"""Each number with the files whose tests bear it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The rules of one family, as docs/data/rules.toml calls it."""

    family: str
    folders: str
    """Where the tests are, as a glob below tests; of all those a name may bear a number."""
    name: re.Pattern[str]
    """What a test's name that bears numbers begins with; its first group holds them."""
    number: Callable[[str], str]
    """What a rule is called of whose number that is in a test's name."""

    def rules(self) -> tuple[Mapping[str, str], ...]:
        """The rules, in order."""
        return _rules(self.family)

    def tested(self) -> Tested:
        """Each number with the files whose tests bear it."""
        return _tested(self.family)

    def where(self, rule: Mapping[str, str]) -> tuple[str, ...]:
        """The files whose tests bear a rule's number, or that of the rule that shows it."""
        tested = self.tested()
        return tested.get(rule["of"], tested.get(rule.get("shown_by", ""), ()))

    def gaps(
        self, known: Iterable[Mapping[str, str]] | None = None, tested: Tested | None = None
    ) -> list[str]:
        """What is missing or wrong among the rules, a line each."""
        known = self.rules() if known is None else tuple(known)
        tested = self.tested() if tested is None else tested
        gaps = []
        for rule in known:
            number = rule["of"]
            if rule.get("kind") not in KINDS or not rule.get("source"):
                gaps.append(f"rule {number}: kind or source is missing")
            if rule.get("not_here") and number in tested:
                gaps.append(f"rule {number}: said not to be here, and tested in {tested[number]}")
            shown = number in tested or rule.get("shown_by") in tested
            if not rule.get("not_here") and not shown:
                gaps.append(f"rule {number}: no test bears its number: {rule['text']}")
        numbers = [rule["of"] for rule in known]
        twice = {number for number in numbers if numbers.count(number) > 1}
        gaps += [f"rule {number}: there twice" for number in sorted(twice)]
        strange = sorted(tested.keys() - {*numbers})
        return gaps + [f"rule {number}: tested, and not explained" for number in strange]


def _plain(number: str) -> str:
    return str(int(number))


def _web(number: str) -> str:
    # Three digits are a step of the draft's, fewer a hole in it.
    return f"W-{number}" if len(number) == 3 else f"G-{number}"


_COUNTED = r"(\d{3}(?:_(?:and_)?\d{3})*)(?:_|$)"

RULEBOOKS = {
    book.family: book
    for book in (
        Rulebook(
            family="apple",
            folders="{core,apple,capture,simulated}/test_*.py",
            name=re.compile(r"test_(?:rules?_)?([1-9]\d*(?:_(?:and_)?[1-9]\d*)*)(?:_|$)"),
            number=_plain,
        ),
        Rulebook(
            family="android",
            folders="*/test_*.py",
            name=re.compile(rf"test_android_{_COUNTED}"),
            number=_plain,
        ),
        Rulebook(
            family="car",
            folders="*/test_*.py",
            name=re.compile(rf"test_car_{_COUNTED}"),
            number=_plain,
        ),
        Rulebook(
            family="web",
            folders="*/test_*.py",
            name=re.compile(r"test_(?:W|G)_(\d+(?:_(?:and_)?\d+)*)(?:_|$)"),
            number=_web,
        ),
    )
}


@cache
def functions(path: Path) -> frozenset[str]:
    """The names of the functions in a file; none when there is no such file."""
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def is_test(given: str) -> bool:
    """Whether there is such a test: ``file::test``, or a family and a rule's number."""
    family, _, number = given.partition(" ")
    if family in RULEBOOKS:
        return number in RULEBOOKS[family].tested()
    path, _, name = given.partition("::")
    return name in functions(ROOT / "tests" / path)


@cache
def _rules(family: str) -> tuple[Mapping[str, str], ...]:
    text = (DATA / "rules.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)[family]["rule"])


@cache
def _tested(family: str) -> Tested:
    book = RULEBOOKS[family]
    found: dict[str, dict[str, None]] = {}
    for path in _files(book.folders):
        for name in sorted(functions(path)):
            if bearing := book.name.match(name):
                for number in re.findall(r"\d+", bearing[1]):
                    short = path.relative_to(ROOT / "tests").as_posix()
                    found.setdefault(book.number(number), {})[short] = None
    return {number: tuple(files) for number, files in found.items()}


def _files(folders: str) -> list[Path]:
    # Path.glob knows no braces.
    braces = re.match(r"\{(.+)\}(.+)", folders)
    patterns = [part + braces[2] for part in braces[1].split(",")] if braces else [folders]
    return [path for pattern in patterns for path in sorted((ROOT / "tests").glob(pattern))]
