"""``audiosession policy``: the tables that decide, to look at and to check."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase

from rich.table import Table
from rich.text import Text

from .._reading import read_bounded
from ..core.codec import to_plain
from ..core.gains import SILENCE_DB
from ..core.policy import Cell, ClassRule, Outcome, Policy
from ..core.policy_check import walk_policy
from ..errors import IllegalRequestError, PolicyError, UnknownNameError
from ..policies import POLICIES, load_policy, read_policy
from ..scenario.timeline_common import decibels
from . import words
from .exits import Exit
from .lists import print_json
from .terminal import Terminal

_SIGNS: dict[Outcome, tuple[str, str, str, str]] = {
    Outcome.MIX: ("·", ".", "dim", "mix: both sound"),
    Outcome.DUCK_HOLDER: ("▼", "v", "yellow", "duck holder: who sounds is lowered"),
    Outcome.PAUSE_HOLDER: ("‖", "p", "red", "pause holder: who sounds pauses"),
    Outcome.STOP_HOLDER: ("■", "s", "bold red", "stop holder: who sounds stops for good"),
    Outcome.DUCK_NEWCOMER: ("▽", "n", "cyan", "duck newcomer: who asks sounds lowered"),
    Outcome.DELAY_NEWCOMER: ("…", "w", "blue", "delay newcomer: who asks waits"),
    Outcome.DENY_NEWCOMER: ("✕", "x", "bold magenta", "deny newcomer: who asks is refused"),
}
"""Sign, sign in ASCII, style and meaning of each outcome."""

_COLUMN_NAMES = (*ascii_lowercase, *(f"{a}{b}" for a in ascii_lowercase for b in ascii_lowercase))
_TIGHT = 8
"""More columns than this stand close together."""
_MIN_TEXT = 30
"""The least room, in columns, in which it makes sense to say what a class is."""
_MOST_LOOKED_AT = 1_000_000
"""Bytes of a file that are looked at to see what kind it is."""


def show_list(*, as_json: bool) -> Exit:
    """The policies that ship."""
    policies = [load_policy(name) for name in POLICIES]
    if as_json:
        print_json([_head(policy) for policy in policies])
        return Exit.OK
    terminal = Terminal.here()
    table = terminal.table("policy", "title", "gives back by", "classes")
    for policy in policies:
        table.add_row(
            Text(policy.name, style="bold"),
            policy.title,
            policy.settings.discipline.value,
            terminal.plain(
                f"{len(policy.holders)} \N{MULTIPLICATION SIGN} {len(policy.newcomers)}"
            ),
        )
    terminal.out.print(table)
    return Exit.OK


def show(policy: str, *, cell: tuple[str, str] | None, as_json: bool) -> Exit:
    """One policy as a table, or one cell of it."""
    found = find(policy)
    if cell is not None:
        return _show_cell(found, *cell, as_json=as_json)
    if as_json:
        print_json(_whole(found))
        return Exit.OK
    terminal = Terminal.here()
    marks = _marks(found, terminal)
    terminal.out.print(terminal.plain(found.title), style="bold")
    terminal.out.print(terminal.plain(found.source), style="dim")
    for part in (
        _newcomers(found, terminal),
        *_matrices(found, terminal, marks),
        _legend(found, terminal, marks),
    ):
        terminal.line()
        terminal.out.print(part)
    return Exit.OK


def check(name: str, *, walk: bool) -> Exit:
    """Whether a policy is sound, one that ships or a file.

    Raises:
        UnknownNameError: it is neither.
        PolicyError: it is not sound; names every problem.
    """
    if _is_rules(name):
        return _check_rules(Path(name), walk=walk)
    policy = find(name)
    if walk:
        problems = walk_policy(policy)
        if problems:
            raise PolicyError(problems, name)
    terminal = Terminal.here()
    walked = ", and every pair of claims finds its way back" if walk else ""
    terminal.line(f"\N{CHECK MARK} {name}: {_size(policy)} classes, sound{walked}", "green")
    return Exit.OK


def _check_rules(path: Path, *, walk: bool) -> Exit:
    """Checks a file of rules for unmodified apps, which people take for a policy."""
    from ..service.rules import read_rules

    rules = read_rules(path)
    if walk and rules.policy is not None:
        problems = walk_policy(rules.policy)
        if problems:
            raise PolicyError(problems, rules.policy.name)
    terminal = Terminal.here()
    what = words.count(len(rules.rules), "rule")
    terminal.line(f"\N{CHECK MARK} {path}: rules for unmodified apps, {what}, sound", "green")
    terminal.line("audiosession doctor checks those in force.", "dim")
    return Exit.OK


def _is_rules(name: str) -> bool:
    """Whether this is a file of rules for unmodified apps rather than a policy."""
    try:
        text = read_bounded(Path(name), _MOST_LOOKED_AT)[:_MOST_LOOKED_AT].decode("utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, ValueError, RecursionError):
        return False
    # A policy has neither as a whole table.
    return "rule" in data or isinstance(data.get("policy"), dict)


def find(name: str) -> Policy:
    """A policy by the name of one that ships, or from a file.

    Raises:
        UnknownNameError: it is neither.
        PolicyError: the file does not hold together.
    """
    if name in POLICIES:
        return load_policy(name)
    if Path(name).exists() or Path(name).name != name or Path(name).suffix:
        if _is_rules(name):
            raise PolicyError(
                (
                    "it is a file of rules for unmodified apps, not a policy: "
                    "`audiosession policy check` checks it, `audiosession doctor` those in force",
                ),
                name,
            )
        return read_policy(name)
    raise UnknownNameError("policy", name, POLICIES)


def _size(policy: Policy) -> str:
    return f"{len(policy.holders)} \N{MULTIPLICATION SIGN} {len(policy.newcomers)}"


# -- one cell ------------------------------------------------------------------------------------


def _show_cell(policy: Policy, holder: str, newcomer: str, *, as_json: bool) -> Exit:
    for kind, name, rules in (
        ("holder", holder, policy.holders),
        ("newcomer", newcomer, policy.newcomers),
    ):
        names = [rule.name for rule in rules]
        if name not in names:
            raise _no_class(policy, kind, name, names)
    cell = policy.cells[holder, newcomer]
    if as_json:
        print_json(_cell(policy, holder, newcomer, cell))
        return Exit.OK
    terminal = Terminal.here()
    terminal.line(f"{holder} sounds, {newcomer} asks", "bold")
    outcome = cell.outcome.value
    if cell.otherwise is not None:
        outcome += f"; one that does not wait: {cell.otherwise.value}"
    if _lowers(cell):
        outcome += f", to {_level(policy.level_db(cell))}"
    table = Table.grid(padding=(0, 2))
    for label, text in (("outcome", outcome), ("rule", cell.rule), ("because", cell.because)):
        style = _SIGNS[cell.outcome][2] if label == "outcome" else ""
        table.add_row(f"  {label}", Text(terminal.plain(text), style=style))
    terminal.out.print(table)
    return Exit.OK


def _no_class(policy: Policy, kind: str, name: str, names: list[str]) -> IllegalRequestError:
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {'; '.join(names)}"
    return IllegalRequestError(
        f"the policy {policy.name!r} has no {kind} class {name!r}; {hint}", field=kind
    )


# -- the whole table -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Variant:
    """What tells two cells of the big table apart."""

    outcome: Outcome
    level: str
    """Name of the level, empty where nobody is lowered."""
    otherwise: Outcome | None

    @staticmethod
    def of(cell: Cell) -> _Variant:
        return _Variant(cell.outcome, cell.level if _lowers(cell) else "", cell.otherwise)


_Marks = Mapping[_Variant, Text]


def _marks(policy: Policy, terminal: Terminal) -> _Marks:
    """The mark of each variant in use; those of one outcome but the lightest have a number."""
    levels = policy.settings.levels_db
    used = {_Variant.of(cell) for cell in policy.cells.values()}
    marks = {}
    for outcome in Outcome:
        sign, ascii_sign, style, _ = _SIGNS[outcome]
        variants = [variant for variant in used if variant.outcome is outcome]
        variants.sort(key=lambda v: (-levels.get(v.level, 0.0), v.level, str(v.otherwise)))
        for number, variant in enumerate(variants):
            text = (sign if terminal.unicode else ascii_sign) + (str(number) if number else "")
            marks[variant] = Text(text, style=style)
    return marks


def _newcomers(policy: Policy, terminal: Terminal) -> Table:
    table = terminal.table("", "who asks", "")
    for letter, rule in zip(_COLUMN_NAMES, policy.newcomers, strict=False):
        table.add_row(Text(letter, style="bold"), rule.name, Text(rule.text, style="dim"))
    return table


def _matrices(policy: Policy, terminal: Terminal, marks: _Marks) -> Iterator[Table]:
    """The table, in as many parts as a narrow terminal takes."""
    names = max(len(rule.name) for rule in policy.holders) + 2
    # A column is two signs wide, and its border one.
    most = max((terminal.width - names - 1) // 3, 1)
    count = len(policy.newcomers)
    # Set apart, a column is five wide.
    tight = count > _TIGHT or names + count * 5 > terminal.width
    # All parts about as wide as each other.
    wide = -(-count // -(-count // most))
    for first in range(0, count, wide):
        yield _matrix(policy, terminal, marks, slice(first, first + wide), tight)


def _matrix(policy: Policy, terminal: Terminal, marks: _Marks, part: slice, tight: bool) -> Table:
    newcomers = policy.newcomers[part]
    letters = _COLUMN_NAMES[: len(policy.newcomers)][part]
    table = terminal.table("who sounds", *letters)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.justify = "center"
        column.min_width = 2
    if tight:
        table.padding = (0, 0)
    # What is left of the line says what the classes of the rows are.
    used = max(len(rule.name) for rule in policy.holders) + (2 + table.padding[1] * 2 + 1) * (
        len(letters) + 1
    )
    room = terminal.width - used
    longest = max(len(rule.text) for rule in policy.holders)
    # An ellipsis is no ASCII: there the texts are shown whole or not at all.
    texts = longest > 0 and room >= (_MIN_TEXT if terminal.unicode else longest + 2)
    if texts:
        table.add_column("", style="dim", no_wrap=True, overflow="ellipsis", max_width=room)
    for holder in policy.holders:
        row: list[Text | str] = [holder.name]
        row += [
            marks[_Variant.of(policy.cells[holder.name, newcomer.name])] for newcomer in newcomers
        ]
        table.add_row(*row, *([holder.text] if texts else []))
    return table


def _legend(policy: Policy, terminal: Terminal, marks: _Marks) -> Table:
    table = Table.grid(padding=(0, 1))
    for variant, mark in marks.items():
        words = _SIGNS[variant.outcome][3]
        if variant.otherwise is not None:
            words += f"; one that does not wait: {variant.otherwise.value}"
        if variant.level:
            words += f", to {_level(policy.settings.levels_db[variant.level])}"
        table.add_row(Text(" ") + mark, terminal.plain(words))
    return table


def _lowers(cell: Cell) -> bool:
    lowering = (Outcome.DUCK_HOLDER, Outcome.DUCK_NEWCOMER)
    return cell.outcome in lowering or cell.otherwise in lowering


def _level(db: float) -> str:
    return "silence" if db <= SILENCE_DB else decibels(db)


# -- as JSON -------------------------------------------------------------------------------------


def _head(policy: Policy) -> dict[str, object]:
    return {
        "name": policy.name,
        "title": policy.title,
        "source": policy.source,
        "discipline": policy.settings.discipline.value,
        "holders": [rule.name for rule in policy.holders],
        "newcomers": [rule.name for rule in policy.newcomers],
    }


def _whole(policy: Policy) -> dict[str, object]:
    return {
        "name": policy.name,
        "title": policy.title,
        "source": policy.source,
        "settings": to_plain(policy.settings),
        "rank": {role.value: rank for role, rank in policy.rank.items()},
        "holders": [_class(rule) for rule in policy.holders],
        "newcomers": [_class(rule) for rule in policy.newcomers],
        "cells": [
            _cell(policy, holder, newcomer, cell)
            for (holder, newcomer), cell in policy.cells.items()
        ],
    }


def _class(rule: ClassRule) -> dict[str, object]:
    when = {name: to_plain(allowed) for name, allowed in rule.when}
    return {"name": rule.name, "text": rule.text, "when": when}


def _cell(policy: Policy, holder: str, newcomer: str, cell: Cell) -> dict[str, object]:
    return {
        "holder": holder,
        "newcomer": newcomer,
        "outcome": cell.outcome.value,
        "rule": cell.rule,
        "because": cell.because,
        "level_db": policy.level_db(cell) if _lowers(cell) else None,
        "otherwise": None if cell.otherwise is None else cell.otherwise.value,
    }
