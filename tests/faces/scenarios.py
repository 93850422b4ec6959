"""The corpus of scenarios across the four faces: who does what, and what comes of it for all.

Each file in ``corpus`` holds scenarios. ``apps`` says who is there, as ``NAME: FACE KIND``, with
a face of :data:`tests.faces.faces_kit.FACES` and a kind of
:data:`tests.faces.faces_kit.KINDS`; ``NAME/2`` is the second face of the app ``NAME``. A step is
a list: what is done, in words, and then what comes of it.

``NAME starts``, ``NAME ends``
    Asks for the audio and plays, or gives both up. ``granted``, ``denied`` or ``delayed``.
``NAME becomes KIND``
    Is for something else from now on: ``done``, or what asking anew has for an answer.
``NAME dies``
    Its process is gone, without a word.
``NAME and NAME start``
    Both at once; the answers in the order of the names.
``phone rings``, ``answered``, ``declined``, ``over``; ``clock rings``, ``dismissed``
    Calls and alarms of the device itself.

After the answer comes what each app is told, in the words of its face (``guide: GAIN``), in the
order of the apps, and then who is heard differently when all fades are over: at a level,
``paused`` where its player stands still and would go on, or ``silent``.

The outcomes are those of the policy ``default``. A difference says at which steps another policy
has another outcome, and by which of that platform's rules: ``android 32``, ``apple 41``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
POLICIES = ("default", "apple", "android")

Trace = list[tuple[str, tuple[str, ...]]]
"""Each step and what came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One app of a scenario."""

    name: str
    """What steps call it."""
    face: str
    """Its face."""
    kind: str
    """What it is."""

    @property
    def app(self) -> str:
        """The app; two faces may belong to one."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where a policy has other outcomes, and why."""

    policy: str
    """Which of :data:`POLICIES`."""
    steps: dict[str, tuple[str, ...]]
    """The other outcomes, by the steps' words."""
    rule: str
    """By which rule."""
    because: str
    """The same in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario."""

    name: str
    """What it is called in tests."""
    members: tuple[Member, ...]
    """Who is there."""
    steps: dict[str, tuple[str, ...]]
    """What is done, and what comes of it under the default policy."""
    differences: tuple[Difference, ...]
    """Where another policy has another outcome."""

    @property
    def needs_device(self) -> bool:
        """Whether something is done in it that only a device can do."""
        return any(
            words.split()[0] in ("phone", "clock") or " and " in words for words in self.steps
        ) or any("/" in member.name for member in self.members)

    def expected(self, policy: str) -> Trace:
        """The steps and their outcomes under a policy."""
        other: dict[str, tuple[str, ...]] = {}
        for each in self.differences:
            if each.policy == policy:
                other |= each.steps
        return [(words, other.get(words, outcome)) for words, outcome in self.steps.items()]


@cache
def corpus() -> tuple[Scenario, ...]:
    """All scenarios, in the order of the files."""
    return tuple(
        _scenario(table)
        for path in sorted(FOLDER.glob("*.toml"))
        for table in tomllib.loads(path.read_text("utf-8"))["scenario"]
    )


def _scenario(table: dict[str, Any]) -> Scenario:
    return Scenario(
        name=table.pop("name"),
        members=tuple(_member(words) for words in table.pop("apps")),
        steps=_steps(table.pop("steps")),
        differences=tuple(
            Difference(**{**each, "steps": _steps(each["steps"])})
            for each in table.pop("difference", ())
        ),
        **table,
    )


def _member(words: str) -> Member:
    name, what = words.split(": ")
    face, kind = what.split()
    return Member(name=name, face=face, kind=kind)


def _steps(rows: list[list[str]]) -> dict[str, tuple[str, ...]]:
    steps = {row[0]: tuple(row[1:]) for row in rows}
    if len(steps) != len(rows):
        raise ValueError(f"a step is there twice: {[row[0] for row in rows]}")
    return steps


def level_words(level_db: float) -> str:
    """A level as outcomes have it."""
    return "silent" if level_db <= -120.0 else f"{level_db:.0f} dB".replace("-0 ", "0 ")
