"""What a stream of an app that knows nothing of audio sessions is taken for.

The first rule that fits decides, the user's own before those that ship. Where none fits, the
stream's own role does. A rule guesses: its claim is never one that the app made.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from .. import _json
from .._reading import read_bounded
from .._toml_lines import Lines, not_toml
from ..configuration import RECIPES, recipe
from ..core.claims import Claim, Role
from ..core.policy import Policy
from ..core.translate.streams import STREAM_ROLES, claim_from_stream_role
from ..errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    PolicyError,
    UnknownFieldError,
    UnknownNameError,
)
from ..hosts.arbitrated import claim_of
from ..hosts.base import ActivationRequest
from ..policies import load_policy, read_policy
from .rules_match import CONDITIONS, MAX_PATTERN, Conditions, Glob, StreamFacts
from .servers.base import Direction

MAX_BYTES = 1_000_000
MAX_RULES = 1_000
MAX_PATTERNS = 256
MIN_LEVEL_DB = -120.0


class WhenHeld(Enum):
    """What is done to a stream when another one presses on it."""

    POLICY = "policy"
    """What the policy says: lowered or paused, by who asks."""
    DUCK = "duck"
    """Lowered, also where the policy would pause it."""
    PAUSE = "pause"
    """Paused, also where the policy would lower it."""
    IGNORE = "ignore"
    """Nothing, and it presses on nobody: as if it were not there."""


ROLES: Mapping[str, str | None] = {
    **{role.value: word for word, (role, _, _) in reversed(STREAM_ROLES.items())},
    **{word: word for word in STREAM_ROLES},
    Role.UNKNOWN.value: None,
}
"""What ``as`` can be -> the stream role that has this meaning. Both the words of
:class:`~audiosession.core.claims.Role` and those of streams are known."""

_OUTCOMES = ("recipe", "as", "when_held", "level_db", "holds")
_KEYS = ("title", "because", *CONDITIONS, "property", *_OUTCOMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a stream is taken for, and by which rule."""

    claim: Claim
    """What it asks for, as guessed."""
    when_held: WhenHeld = WhenHeld.POLICY
    """What is done to it when another one presses on it."""
    level_db: float | None = None
    """How low it is ducked, in dB, -120 to 0; ``None``: as the policy says."""
    holds: bool = True
    """Whether it may press on others."""
    rule: str = "stream role"
    """Title of the rule; ``stream role`` where none fits and the stream's own role decides."""
    because: str = ""
    """The rule's reason in words."""
    source: str = ""
    """The file the rule stands in; empty where there is no rule."""
    line: int = 0
    """Its line there, from 1; 0 when not known."""

    @property
    def ignored(self) -> bool:
        """Whether the stream is to be treated as if it were not there."""
        return self.when_held is WhenHeld.IGNORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a file: conditions, and what follows where all of them hold."""

    title: str
    """What it is called."""
    because: str = ""
    """Why it is there."""
    when: Conditions
    """What must hold."""
    claim: Claim | None = None
    """What the stream is taken for; ``None``: what its own role says."""
    when_held: WhenHeld = WhenHeld.POLICY
    """What is done to it when another one presses on it."""
    level_db: float | None = None
    """How low it is ducked, in dB; ``None``: as the policy says."""
    holds: bool = True
    """Whether it may press on others."""
    source: str = ""
    """The file it stands in."""
    line: int = 0
    """Its line there, from 1; 0 when not known."""

    def verdict(self, facts: StreamFacts) -> Verdict:
        """What follows for a stream that it fits."""
        return Verdict(
            claim=self.claim or _own_claim(facts),
            when_held=self.when_held,
            level_db=self.level_db,
            holds=self.holds and self.when_held is not WhenHeld.IGNORE,
            rule=self.title,
            because=self.because,
            source=self.source,
            line=self.line,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """What a file of rules says, checked."""

    rules: tuple[Rule, ...] = ()
    """Its rules, in the order of the file."""
    policy: Policy | None = None
    """The policy it chooses; ``None``: the default one."""
    policy_file: Path | None = None
    """The file of that policy; ``None`` for one that ships."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """The rules in force, and the policy."""

    rules: tuple[Rule, ...]
    """In the order in which they are tried."""
    policy: Policy
    """What the arbiter judges by."""
    policy_file: Path | None = None
    """The file of the policy; ``None`` for one that ships."""

    @classmethod
    def of(cls, user: RuleFile | None = None) -> RuleBook:
        """The user's rules, then those that ship."""
        user = user or RuleFile()
        return cls(
            rules=user.rules + shipped_rules().rules,
            policy=user.policy or load_policy(),
            policy_file=user.policy_file,
        )

    def decide(self, facts: StreamFacts) -> Verdict:
        """What the stream is taken for."""
        for rule in self.rules:
            if rule.when.hold(facts):
                return rule.verdict(facts)
        claim = _own_claim(facts)
        if facts.direction is Direction.CAPTURE and not claim.records:
            # An open microphone alone says little: a level meter has one, and a voice memo.
            return Verdict(
                claim=claim,
                when_held=WhenHeld.IGNORE,
                holds=False,
                rule="capture without a role",
                because="who records without saying what for disturbs nobody",
            )
        return Verdict(claim=claim, because="the stream's own role decides where no rule fits")


@cache
def shipped_rules() -> RuleFile:
    """The rules that ship."""
    text = resources.files(__package__).joinpath("rules.toml").read_text(encoding="utf-8")
    return parse_rules(text, source="rules.toml")


def read_rules(path: Path) -> RuleFile:
    """The rules of a file; none when there is no such file.

    Raises:
        PolicyError: it cannot be read, is no TOML, or says something wrong; every problem is
            named with its line.
    """
    try:
        data = read_bounded(path, MAX_BYTES)
        if len(data) > MAX_BYTES:
            raise PolicyError((f"the file is larger than {MAX_BYTES} bytes",), str(path))
        text = data.decode("utf-8")
    except FileNotFoundError:
        return RuleFile()
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError((f"cannot be read: {error}",), str(path)) from error
    return parse_rules(text, source=str(path), folder=path.parent)


def parse_rules(text: str, *, source: str, folder: Path | None = None) -> RuleFile:
    """The rules in a TOML text; a byte order mark at its beginning is passed over.

    Args:
        text: The rules.
        source: Where they came from, for messages and for ``why``.
        folder: What the file of a policy is relative to; ``None``: it must be absolute.

    Raises:
        PolicyError: as :func:`read_rules`.
    """
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        problem, _ = not_toml(error, text)
        raise PolicyError((problem,), source) from error
    reader = _Reader(text, source, folder)
    found = reader.file(data)
    if reader.problems:
        raise PolicyError(reader.problems, source)
    return found


def _own_claim(facts: StreamFacts) -> Claim:
    claim = claim_from_stream_role(facts.role)
    if facts.direction is Direction.CAPTURE:
        claim = replace(claim, plays=False)
    return claim


class _Reader:
    """Reads a file's tables and goes on after each problem."""

    def __init__(self, text: str, source: str, folder: Path | None) -> None:
        self.problems: list[str] = []
        self._source = source
        self._folder = folder
        self._lines = Lines(text)

    def file(self, data: Mapping[str, Any]) -> RuleFile:
        for key in data:
            if key not in ("rule", "policy"):
                self._add(UnknownFieldError(key, known=("rule", "policy")), None, 0, key)
        tables = data.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            wrong = InvalidTypeError("rule", tables, expected="written [[rule]]")
            self._add(wrong, None, 0, "rule")
            tables = []
        if len(tables) > MAX_RULES:
            self._add(LimitError("rules", MAX_RULES), "rule", MAX_RULES)
        rules = [self._rule(table, index) for index, table in enumerate(tables[:MAX_RULES])]
        policy, policy_file = self._policy(data.get("policy", {}))
        return RuleFile(rules=tuple(rules), policy=policy, policy_file=policy_file)

    def _rule(self, table: Mapping[str, Any], index: int) -> Rule:
        for key in table:
            if key not in _KEYS:
                self._add(UnknownFieldError(key, known=_KEYS), "rule", index, key)
        line = self._lines.of("rule", index) or 0
        title = self._get(table, index, "title", _json.text) or f"rule {index + 1}"
        patterns = {
            name: self._patterns(table[name], index, name) for name in CONDITIONS if name in table
        }
        properties = self._get(table, index, "property", _json.mapping) or {}
        if not patterns and "property" not in table:
            known = ", ".join((*CONDITIONS, "property"))
            self._note(f"{title!r} has no condition; one of: {known}", "rule", index)
        if not any(key in table for key in _OUTCOMES):
            known = ", ".join(_OUTCOMES)
            self._note(f"{title!r} says nothing; one of: {known}", "rule", index)
        return Rule(
            title=title,
            because=self._get(table, index, "because", _json.text) or "",
            when=Conditions(
                patterns=patterns,
                properties={
                    name: self._patterns(value, index, "property", f"property.{name}")
                    for name, value in properties.items()
                },
            ),
            claim=self._claim(table, index),
            when_held=self._get(table, index, "when_held", _when_held) or WhenHeld.POLICY,
            level_db=self._get(table, index, "level_db", _level),
            holds=self._get(table, index, "holds", _json.boolean) is not False,
            source=self._source,
            line=line,
        )

    def _claim(self, table: Mapping[str, Any], index: int) -> Claim | None:
        if "recipe" in table and "as" in table:
            self._note("as: a rule has either a recipe or a role, not both", "rule", index, "as")
        claim: Claim | None = self._get(table, index, "recipe", _recipe_claim)
        if claim is None:
            claim = self._get(table, index, "as", _role_claim)
        return claim

    def _patterns(self, value: Any, index: int, key: str, field: str = "") -> tuple[Glob, ...]:
        field = field or key
        texts = value if isinstance(value, list) else [value]
        globs: list[Glob] = []
        try:
            if not texts:
                raise InvalidValueError(field, value, expected="a text or texts, at least one")
            if len(texts) > MAX_PATTERNS:
                raise LimitError(f"texts in {field}", MAX_PATTERNS)
            for text in texts:
                if not isinstance(text, str):
                    raise InvalidTypeError(field, text, expected="a text or a list of texts")
                if not 1 <= len(text) <= MAX_PATTERN:
                    expected = f"a text of 1 to {MAX_PATTERN} characters"
                    raise InvalidValueError(field, text, expected=expected)
                if key == "direction":
                    _json.member(Direction, text, field)
                globs.append(Glob(text))
        except IllegalRequestError as error:
            self._add(error, "rule", index, key)
        return tuple(globs)

    def _policy(self, table: Any) -> tuple[Policy | None, Path | None]:
        if not isinstance(table, dict):
            self._add(InvalidTypeError("policy", table, expected="a table"), None, 0, "policy")
            return None, None
        for key in table:
            if key not in ("name", "file"):
                self._add(UnknownFieldError(key, known=("name", "file")), "policy", 0, key)
        if "name" in table and "file" in table:
            self._note("file: a policy is chosen by name or by file, not by both", "policy", 0)
            return None, None
        try:
            if "name" in table:
                return load_policy(_json.text(table["name"], "name")), None
            if "file" in table:
                path = (self._folder or Path("/")) / _json.text(table["file"], "file")
                return read_policy(path), path
        except PolicyError as error:
            for problem in error.problems:
                self._note(f"{error.source}: {problem}", "policy", 0, "file")
        except IllegalRequestError as error:
            self._add(error, "policy", 0, "name" if "name" in table else "file")
        return None, None

    def _get(self, table: Mapping[str, Any], index: int, key: str, read: Any) -> Any:
        if key not in table:
            return None
        try:
            return read(table[key], key)
        except IllegalRequestError as error:
            self._add(error, "rule", index, key)
            return None

    def _add(
        self, error: IllegalRequestError, where: str | None, index: int, key: str | None = None
    ) -> None:
        self._note(str(error), where, index, key)

    def _note(self, text: str, where: str | None, index: int, key: str | None = None) -> None:
        line = self._lines.of(where, index, key)
        self.problems.append(f"line {line}: {text}" if line else text)


def _when_held(value: object, field: str) -> WhenHeld:
    return _json.member(WhenHeld, _json.text(value, field), field)


def _level(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidTypeError(field, value, expected="a number of dB")
    if not math.isfinite(value) or not MIN_LEVEL_DB <= value <= 0.0:
        raise InvalidValueError(field, value, expected=f"from {MIN_LEVEL_DB:g} to 0 dB")
    return float(value)


def _recipe_claim(value: object, field: str) -> Claim:
    name = _known(_json.text(value, field), field, RECIPES)
    return replace(claim_of(ActivationRequest.of(recipe(name))), declared=False)


def _role_claim(value: object, field: str) -> Claim:
    name = _known(_json.text(value, field), "role", ROLES)
    return claim_from_stream_role(ROLES[name])


def _known(name: str, kind: str, names: Iterable[str]) -> str:
    known = tuple(names)
    if name not in known:
        raise UnknownNameError(kind, name, known)
    return name


__all__ = [
    "MAX_BYTES",
    "MAX_RULES",
    "ROLES",
    "Rule",
    "RuleBook",
    "RuleFile",
    "StreamFacts",
    "Verdict",
    "WhenHeld",
    "parse_rules",
    "read_rules",
    "shipped_rules",
]
