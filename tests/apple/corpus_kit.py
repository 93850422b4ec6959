"""The corpus of scenarios for Apple's surfaces: what is done on a phone, and what comes of it.

Each file in ``corpus`` holds scenarios. A step is a list: what is done, in words, and then what
comes of it. The app under test is ``app``; any other first word is another app, or the system:

``app sets CATEGORY [mode=MODE] [OPTION ...]``
    Sets all of it at once, where the face can: ``done`` or ``refused``.
``app activates``, ``app deactivates [notify]``
    ``granted`` or ``denied``, ``done`` or ``refused``.
``app overrides [none]``
    Sends its sound to the speaker, or no more: ``done`` or ``refused``.
``app plays``, ``app declares``
    Its player runs. It may play in the background. Neither has an answer.
``NAME takes CATEGORY ...``, ``NAME leaves [notify]``
    Another app configures, plays and activates, and gives up; ``denied`` where that fails.
``phone rings``, ``answered``, ``declined``, ``missed``, ``over``; ``clock rings``, ``dismissed``;
``siri listens``, ``done``
    Calls, alarms and the assistant.
``user plugs``, ``unplugs``, ``silences``, ``locks``, ``leaves``, ``returns``;
``system suspends``, ``loses``, ``resets``
    Things and switches; where the app is; the media services.

After the answer comes what the app is told (``began``, ``ended``, ``ended, resume``, a route
change's reason, the media services), then its route if that is another one, then who stands
differently now: ``music ducked``. The last outcome is how loud everybody is when all fades are
over, and, in scenarios about routes, where the app's sound really goes.

A difference says which face, at which step, has another outcome, and by which rule. A face that
cannot say what a step asks answers ``no word``, and its part ends there.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
FACES = ("one API", "AVAudioSession", "C API")
NO_WORD = "no word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is done."""

    words: str
    """What."""
    outcome: tuple[str, ...]
    """What comes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where one face differs from the common outcome."""

    face: str
    """Which of :data:`FACES`."""
    step: int
    """At which step, from 0; in the files the first one with these words."""
    outcome: tuple[str, ...]
    """What comes of it there."""
    rule: str
    """Why: a rule's number, as in ``apple 53``, or a header."""
    because: str
    """The same in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What one face never says."""

    face: str
    """Which of :data:`FACES`."""
    words: tuple[str, ...]
    """How the words begin that it leaves out of every outcome but the last."""
    rule: str
    """Why: a rule's number, or a header."""
    because: str
    """The same in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario."""

    name: str
    """What it is called in tests."""
    rules: tuple[int, ...]
    """The rules it is about."""
    steps: tuple[Step, ...]
    """In order."""
    end: tuple[str, ...]
    """How loud everybody is when all fades are over."""
    differences: tuple[Difference, ...]
    """Where a face has another outcome."""
    routes: bool
    """Whether the app's route is part of the outcome."""
    on_linux: bool
    """Whether it needs nothing but apps."""

    def usual(self, face: str) -> list[tuple[str, tuple[str, ...]]]:
        """The steps and their outcomes, without what that face never says."""
        never = tuple(word for each in silences() if each.face == face for word in each.words)
        said = [
            (step.words, tuple(word for word in step.outcome if not word.startswith(never)))
            for step in self.steps
        ]
        return [*said, ("end", self.end)]

    def expected(self, face: str) -> list[tuple[str, tuple[str, ...]]]:
        """The steps and their outcomes on one face, up to the one it has no word for."""
        other = {each.step: each.outcome for each in self.differences if each.face == face}
        trace = []
        for number, (words, outcome) in enumerate(self.usual(face)):
            trace.append((words, other.get(number, outcome)))
            if trace[-1][1] == (NO_WORD,):
                break
        return trace


@cache
def corpus() -> tuple[Scenario, ...]:
    """All scenarios, in the order of the files."""
    return tuple(
        _scenario(table)
        for path in sorted(FOLDER.glob("[0-9]*.toml"))
        for table in tomllib.loads(path.read_text("utf-8"))["scenario"]
    )


@cache
def silences() -> tuple[Silence, ...]:
    """What faces never say, whatever the scenario."""
    tables = tomllib.loads((FOLDER / "silences.toml").read_text("utf-8"))["silence"]
    return tuple(Silence(**{**table, "words": tuple(table["words"])}) for table in tables)


def _scenario(table: dict[str, Any]) -> Scenario:
    steps = tuple(Step(words=row[0], outcome=tuple(row[1:])) for row in table.pop("steps"))
    words = [*(step.words for step in steps), "end"]
    differences = []
    for row in table.pop("difference", ()):
        at = row.pop("at")
        differences.append(
            Difference(step=words.index(at), outcome=tuple(row.pop("outcome")), **row)
        )
    return Scenario(
        name=table.pop("name"),
        rules=tuple(table.pop("rules")),
        steps=steps,
        end=tuple(table.pop("end")),
        differences=tuple(differences),
        routes=table.pop("routes", False),
        on_linux=table.pop("on_linux", False),
        **table,
    )


def fates(words: str, before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Who stands differently now, but for what the step itself has said.

    Args:
        words: The step.
        before: How each app stood before it.
        now: How each app stands now; one that was not there before was inactive.
    """
    who, does, *_ = words.split()
    usual = {"takes": "active", "activates": "active"}
    usual |= {"leaves": "inactive", "deactivates": "inactive"}
    return [
        f"{app} {standing}"
        for app, standing in now.items()
        if standing != before.get(app, "inactive")
        and not (app == who and standing == usual.get(does))
    ]
