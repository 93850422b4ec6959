"""The policy: who sounds and who asks, and what comes of it. Data, not code.

A policy sorts every holder and every newcomer into a class (an ordered list of conditions
on the claim) and has one cell for each pair of classes: an outcome, the rule's name and
the reason. :meth:`Policy.from_mapping` builds one from what a TOML file holds and refuses
it whole, with every problem named, when a pair is missing or a value is illegal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeVar

from ..errors import PolicyError
from .claims import Claim, Press, Role

_E = TypeVar("_E", bound=Enum)


class Outcome(Enum):
    """What comes of one newcomer meeting one holder."""

    MIX = "mix"
    """Both sound; nothing happens."""
    DUCK_HOLDER = "duck holder"
    """Who sounds goes lower as long as the newcomer asks for it."""
    PAUSE_HOLDER = "pause holder"
    """Who sounds pauses as long as the newcomer asks for it, and is told at the end whether to
    resume."""
    STOP_HOLDER = "stop holder"
    """Who sounds stops for good: its claim is gone."""
    DUCK_NEWCOMER = "duck newcomer"
    """The newcomer is granted, and lowered as long as the holder sounds."""
    DELAY_NEWCOMER = "delay newcomer"
    """The newcomer waits until the holder is gone, if it accepts delay; else the cell's
    ``otherwise`` happens."""
    DENY_NEWCOMER = "deny newcomer"
    """The newcomer is refused."""

    @property
    def on_newcomer(self) -> bool:
        """Whether the newcomer rather than the holder bears it."""
        return self in (Outcome.DUCK_NEWCOMER, Outcome.DELAY_NEWCOMER, Outcome.DENY_NEWCOMER)


class DisciplineName(Enum):
    """How a policy gives back what it took."""

    HOLDS = "holds"
    """Each cause ends by itself."""
    STACK = "stack"
    """Losses only harden; only whoever comes to the top regains."""
    MATRIX = "matrix"
    """Losers remember their blockers and regain when the last one goes."""


class Resume(Enum):
    """When an interrupted session is told that it may go on."""

    ALWAYS = "always"
    """Whenever nothing pauses it any more, if it sounded before and the user did not pause it."""
    WHEN_NOTIFIED = "when notified"
    """Only when whoever leaves asks for it."""


class PageFocus(Enum):
    """How many web pages may have the focus at once; those of one page are always judged."""

    NONE = "none"
    """All of them: pages do not concern each other."""
    GROUP = "group"
    """Those of one group; other groups' exclusive sessions give way."""
    SINGLE = "single"
    """One; all other pages' exclusive sessions give way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The switches and figures of a policy. Levels in dB, times in seconds."""

    discipline: DisciplineName
    """How it is given back."""
    resume: Resume = Resume.ALWAYS
    """Whether whoever leaves has a say in it."""
    interruption_ends_claim: bool = False
    """An interrupted session is inactive and must activate again; at the beginning it is not
    told whether there will be an end (apple 58)."""
    tell_ducks: bool = True
    """Apps hear of being lowered."""
    enforce_pause: bool = True
    """The system silences what it pauses, whether the app obeys or not."""
    same_app_presses: bool = False
    """Sessions of one app and group are judged against each other too."""
    knows_emergencies: bool = True
    """Its classes tell emergencies and ranks apart; ``false`` where the platform does not."""
    scoped: bool = False
    """Claims of different non-empty scopes are not judged against each other."""
    apple_routes: bool = False
    """On a device with ports Apple's words choose them, and long-form sound is judged apart
    from the rest while it sounds apart (apple 83, 94, 102)."""
    page_focus: PageFocus | None = None
    """Which sessions of web pages are judged against each other (W-030, G-6); ``None``: all of
    them, as those of any app."""
    multi_focus: bool = False
    """Open-ended requests share a list instead of displacing each other."""
    ducks_elsewhere: bool = False
    """Somebody else lowers players: who is to be lowered hears nothing, unless it pauses itself
    where others are lowered (stack)."""
    max_active: int = 4096
    """Claims in force at once; one more is denied."""
    fade_down_s: float = 0.12
    """Time a duck takes on the way down."""
    fade_up_s: float = 0.5
    """Time a level takes on the way back."""
    pause_fade_s: float = 0.12
    """Time until a paused app is silent."""
    silence_grace_s: float | None = None
    """A holder silent for this long lets go; ``None``: never."""
    min_pause_s: float = 0.0
    """A guessed claim pauses others only after sounding this long."""
    final_fade_s: float = 0.0
    """Fade before a final loss is told; 0: told at once."""
    final_forget_s: float = 0.0
    """Time after that loss until the fade is undone."""
    exempt_backends: tuple[str, ...] = ()
    """Playback paths the system cannot lower."""
    fadeable_roles: tuple[Role, ...] = ()
    """Roles a stream must have to be faded before a final loss."""
    silence_bars: tuple[str, ...] = ()
    """Newcomer classes that are refused while somebody asked for silence (matrix)."""
    levels_db: Mapping[str, float] = field(default_factory=lambda: {"duck": -14.0})
    """Named levels; every policy has ``duck``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """A class and the condition on a claim that puts it there; first match wins."""

    name: str
    """What cells call it."""
    when: tuple[tuple[str, tuple[object, ...]], ...]
    """(attribute, allowed values); all must hold. Empty: everything."""
    text: str = ""
    """What it stands for, for people."""

    def matches(self, claim: Claim, received: str) -> bool:
        """Whether a claim is of this class; ``received`` is what it lost already."""
        for attribute, allowed in self.when:
            value = received if attribute == "received" else getattr(claim, attribute)
            if value not in allowed:
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one newcomer class does to one holder class, and why."""

    outcome: Outcome
    """What happens."""
    rule: str
    """The rule's name, which every effect and hold carries."""
    because: str
    """The reason in words, for people who ask why."""
    level: str = "duck"
    """Name of the level for the two ducking outcomes."""
    otherwise: Outcome | None = None
    """For *delay newcomer*: what happens to one that does not accept delay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A whole policy. Immutable; share it freely."""

    name: str
    """What it is called in commands and scenario files."""
    title: str
    """Its heading, for people."""
    source: str
    """Where its figures and cells come from."""
    settings: Settings
    """Its switches and figures."""
    rank: Mapping[Role, int]
    """Priority of each role, higher first; decides which waiting request comes first."""
    holders: tuple[ClassRule, ...]
    """Classes of those who sound; the first that matches counts."""
    newcomers: tuple[ClassRule, ...]
    """Classes of those who ask; the first that matches counts."""
    cells: Mapping[tuple[str, str], Cell]
    """(holder class, newcomer class) -> cell; complete."""
    _reasons: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _memo: dict[tuple[bool, Claim, str], str] = field(
        default_factory=dict, repr=False, compare=False
    )

    def holder_class(self, claim: Claim, received: str = "none") -> str:
        """The class a claim has as one who sounds already."""
        return self._classify(True, claim, received)

    def newcomer_class(self, claim: Claim) -> str:
        """The class a claim has as one who asks."""
        return self._classify(False, claim, "none")

    def cell(self, holder: Claim, newcomer: Claim, received: str = "none") -> Cell:
        """What comes of ``newcomer`` meeting ``holder``."""
        return self.cells[self.holder_class(holder, received), self.newcomer_class(newcomer)]

    def because(self, rule: str) -> str:
        """The reason behind a rule's name, in words."""
        if not self._reasons:
            self._reasons.update(BUILT_IN_RULES)
            self._reasons.update({cell.rule: cell.because for cell in self.cells.values()})
        return self._reasons.get(rule, "")

    def level_db(self, cell: Cell) -> float:
        """The level a ducking cell sets, in dB."""
        return self.settings.levels_db[cell.level]

    def _classify(self, holder: bool, claim: Claim, received: str) -> str:
        key = (holder, claim, received)
        name = self._memo.get(key)
        if name is None:
            for rule in self.holders if holder else self.newcomers:
                if rule.matches(claim, received):
                    name = rule.name
                    break
            else:  # pragma: no cover - the checker demands a last class that matches all
                raise PolicyError((f"no class matches {claim}",), self.name)
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            self._memo[key] = name
        return name

    @staticmethod
    def from_mapping(data: Mapping[str, object], *, source: str | None = None) -> Policy:
        """Builds a policy from a mapping as a TOML file gives it.

        Raises:
            PolicyError: with every problem found: unknown keys and values, a pair of
                classes without a cell or with two, a level that is no number.
        """
        reader = _Reader(data)
        policy = reader.policy()
        if reader.problems or policy is None:
            raise PolicyError(tuple(reader.problems), source)
        return policy


BUILT_IN_RULES = {
    "granted": "nothing stands against it",
    "activated": "its own claim came into force",
    "deactivated": "whoever held it gave up its claim",
    "deactivated-unsaid": "whoever held it left without telling others to resume",
    "closed": "the session was closed",
    "client-gone": "the process behind the session died",
    "revoked": "the system took the claim away",
    "silent": "whoever held it fell silent and let go after the grace time",
    "short-sound": "a sound is first lowered for; it pauses others only when it lasts",
    "reclaimed": "the app asked again for itself",
    "interrupted": "whoever held it was interrupted itself",
    "no longer asked": "whoever held it no longer asks for that",
    "elsewhere": "the two sound in different places now",
    "waits": "the request waits for its turn",
    "waited": "the request waited and its turn came",
    "limit": "as many claims are in force as the policy allows",
    "same-request": "the same request is in force already",
    "asked-again": "the app asked again; the older request is gone",
    "locked": "the one on top lets nobody else in",
    "abandoned": "the app gave its claim up",
    "top-again": "it is on top of the stack again",
    "fade-then-loss": "it was faded out first and told when that was over",
    "fade-forgotten": "the time given to stop is over; the fade is undone",
    "focus-regained": "the app asked and was granted",
    "multi-focus-switched": "the multi-focus setting was switched",
    "other-context": "the same client asked in another context",
    "newer-request-waits": "only one request can wait, and a newer one came",
    "exclusive-holder": "somebody asked for silence",
}
"""Rules that are the disciplines' own rather than a cell's, with their reasons."""

_MEMO_LIMIT = 4096
_MAX_CLASSES = 64
_TOP_KEYS = {"name", "title", "source", "settings", "levels", "rank", "holder", "newcomer", "cell"}
_BOOLEAN_ATTRIBUTES = [
    "pauses_spoken",
    "spoken",
    "pause_when_ducked",
    "mixable",
    "plays",
    "records",
    "auto",
    "exclusive",
    "yields",
    "system",
    "silenced_by_switch",
    "declared",
]
_ATTRIBUTES: dict[str, frozenset[object]] = {
    **{name: frozenset({True, False}) for name in _BOOLEAN_ATTRIBUTES},
    "role": frozenset(Role),
    "press": frozenset(Press),
    "received": frozenset({"none", "duck", "pause"}),
}
_SECONDS = (
    "fade_down_s",
    "fade_up_s",
    "pause_fade_s",
    "min_pause_s",
    "final_fade_s",
    "final_forget_s",
)
_SWITCHES = (
    "interruption_ends_claim",
    "tell_ducks",
    "enforce_pause",
    "same_app_presses",
    "scoped",
    "apple_routes",
    "knows_emergencies",
    "multi_focus",
    "ducks_elsewhere",
)


def _enum(kind: type[_E], value: object) -> _E | None:
    try:
        return kind(value)
    except ValueError:
        return None


class _Reader:
    """Reads a policy and collects everything that is wrong with it."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data
        self.problems: list[str] = []

    def policy(self) -> Policy | None:
        for key in sorted(set(self.data) - _TOP_KEYS):
            self.problems.append(f"unknown key {key!r}")
        settings = self._settings()
        if settings is None:
            # Every cell leans on these; more would be said of each than of what is wrong.
            return None
        holders = self._classes("holder")
        newcomers = self._classes("newcomer")
        rank = self._rank()
        cells = self._cells(holders, newcomers, settings)
        for name in settings.silence_bars:
            if all(rule.name != name for rule in newcomers):
                self.problems.append(f"settings.silence_bars: no newcomer class {name!r} exists")
        return Policy(
            name=self._text(self.data, "name", "policy"),
            title=self._text(self.data, "title", "policy"),
            source=self._text(self.data, "source", "policy"),
            settings=settings,
            rank=rank,
            holders=holders,
            newcomers=newcomers,
            cells=cells,
        )

    def _text(self, table: Mapping[str, object], key: str, where: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.problems.append(f"{where}: {key!r} must be a text, not {value!r}")
            return ""
        return " ".join(value.split())

    def _table(self, key: str) -> Mapping[str, object]:
        value = self.data.get(key, {})
        if not isinstance(value, Mapping):
            self.problems.append(f"{key!r} must be a table")
            return {}
        return value

    def _number(self, value: object, where: str) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
        ):
            self.problems.append(f"{where} must be a finite number, not {value!r}")
            return 0.0
        return float(value)

    def _levels(self) -> dict[str, float]:
        levels = {}
        for name, value in self._table("levels").items():
            level = self._number(value, f"levels.{name}")
            if level > 0.0:
                self.problems.append(f"levels.{name} must not be above 0 dB, it is {level:g}")
            levels[name] = level
        if "duck" not in levels:
            self.problems.append("levels.duck is missing")
        return levels

    def _settings(self) -> Settings | None:
        table = dict(self._table("settings"))
        levels = self._levels()
        values: dict[str, object] = {"levels_db": levels}
        discipline = _enum(DisciplineName, table.pop("discipline", None))
        if discipline is None:
            names = ", ".join(item.value for item in DisciplineName)
            self.problems.append(f"settings.discipline must be one of {names}")
        resume = _enum(Resume, table.pop("resume", "always"))
        if resume is None:
            self.problems.append("settings.resume must be 'always' or 'when notified'")
        for key, value in table.items():
            where = f"settings.{key}"
            if key == "page_focus":
                values[key] = _enum(PageFocus, value)
                if values[key] is None:
                    self.problems.append(f"{where} must be 'none', 'group' or 'single'")
            elif key in _SWITCHES:
                if not isinstance(value, bool):
                    self.problems.append(f"{where} must be true or false, not {value!r}")
                values[key] = value
            elif key in _SECONDS or key == "silence_grace_s":
                seconds = self._number(value, where)
                if not 0.0 <= seconds <= 60.0:
                    self.problems.append(f"{where} must lie between 0 and 60 seconds")
                values[key] = seconds
            elif key == "max_active":
                if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                    self.problems.append(f"{where} must be a whole number from 1")
                values[key] = value
            elif key in ("exempt_backends", "silence_bars"):
                values[key] = tuple(str(item) for item in self._list(value, where))
            elif key == "fadeable_roles":
                roles = [(item, _enum(Role, item)) for item in self._list(value, where)]
                self.problems += [f"{where}: unknown role {i!r}" for i, r in roles if r is None]
                values[key] = tuple(role for _, role in roles if role is not None)
            else:
                self.problems.append(f"unknown key {where!r}")
        if discipline is None or resume is None or "duck" not in levels:
            return None
        return Settings(discipline=discipline, resume=resume, **values)  # type: ignore[arg-type]

    def _list(self, value: object, where: str) -> Sequence[object]:
        if isinstance(value, Sequence) and not isinstance(value, str):
            return value
        self.problems.append(f"{where} must be a list, not {value!r}")
        return ()

    def _rank(self) -> dict[Role, int]:
        rank: dict[Role, int] = {}
        for name, value in self._table("rank").items():
            role = _enum(Role, name)
            if role is None:
                self.problems.append(f"rank: unknown role {name!r}")
            elif isinstance(value, bool) or not isinstance(value, int):
                self.problems.append(f"rank.{name} must be a whole number, not {value!r}")
            else:
                rank[role] = value
        missing = [role.value for role in Role if role not in rank]
        if missing:
            self.problems.append(f"rank: no number for {', '.join(missing)}")
        return rank

    def _classes(self, key: str) -> tuple[ClassRule, ...]:
        rules: list[ClassRule] = []
        entries = self._list(self.data.get(key, ()), key)
        if not entries or len(entries) > _MAX_CLASSES:
            self.problems.append(f"between 1 and {_MAX_CLASSES} [[{key}]] classes are needed")
        for number, entry in enumerate(entries, 1):
            where = f"{key} {number}"
            if not isinstance(entry, Mapping):
                self.problems.append(f"{where} must be a table")
                continue
            for extra in sorted(set(entry) - {"name", "when", "text"}):
                self.problems.append(f"{where}: unknown key {extra!r}")
            name = self._text(entry, "name", where)
            if any(rule.name == name for rule in rules):
                self.problems.append(f"{where}: a second class is called {name!r}")
            text = " ".join(str(entry.get("text", "")).split())
            rules.append(
                ClassRule(name=name, when=self._when(entry, f"{where} ({name})"), text=text)
            )
        if rules and rules[-1].when:
            self.problems.append(f"the last {key} class must match everything (no 'when')")
        return tuple(rules)

    def _when(
        self, entry: Mapping[str, object], where: str
    ) -> tuple[tuple[str, tuple[object, ...]], ...]:
        table = entry.get("when", {})
        if not isinstance(table, Mapping):
            self.problems.append(f"{where}: 'when' must be a table")
            return ()
        conditions = []
        for attribute, value in table.items():
            legal = _ATTRIBUTES.get(attribute)
            if legal is None:
                self.problems.append(f"{where}: unknown condition {attribute!r}")
                continue
            allowed: list[object] = []
            for raw in value if isinstance(value, list) else [value]:
                item: object = raw
                if attribute == "role":
                    item = _enum(Role, raw)
                elif attribute == "press":
                    item = _enum(Press, raw)
                # 1 equals true and is no truth value; a list cannot be looked up.
                if not isinstance(item, bool | str | Enum) or item not in legal:
                    self.problems.append(f"{where}: {attribute} cannot be {raw!r}")
                else:
                    allowed.append(item)
            if not value and isinstance(value, list):
                self.problems.append(f"{where}: {attribute} has no value; nothing can match")
            conditions.append((attribute, tuple(allowed)))
        return tuple(conditions)

    def _cells(
        self,
        holders: tuple[ClassRule, ...],
        newcomers: tuple[ClassRule, ...],
        settings: Settings,
    ) -> dict[tuple[str, str], Cell]:
        cells: dict[tuple[str, str], Cell] = {}
        rows = [rule.name for rule in holders]
        columns = [rule.name for rule in newcomers]
        for number, entry in enumerate(self._list(self.data.get("cell", ()), "cell"), 1):
            if not isinstance(entry, Mapping):
                self.problems.append(f"cell {number} must be a table")
                continue
            where = f"cell {number} ({entry.get('rule', 'no rule')})"
            known = {"holder", "newcomer", "outcome", "rule", "because", "level", "otherwise"}
            for extra in sorted(set(entry) - known):
                self.problems.append(f"{where}: unknown key {extra!r}")
            cell = self._cell(entry, where, settings)
            if cell is None:
                continue
            for row in self._names(entry, "holder", rows, where):
                for column in self._names(entry, "newcomer", columns, where):
                    if (row, column) in cells:
                        self.problems.append(
                            f"{where}: the pair {row} / {column} has a cell already"
                        )
                    cells[row, column] = cell
        for row in rows:
            for column in columns:
                if (row, column) not in cells:
                    self.problems.append(f"no cell says what {column} does when {row} sounds")
        return cells

    def _names(
        self, entry: Mapping[str, object], key: str, known: list[str], where: str
    ) -> list[str]:
        value = entry.get(key)
        if value == "*":
            return known
        names = [str(name) for name in value] if isinstance(value, list) else [str(value)]
        for name in names:
            if name not in known:
                self.problems.append(f"{where}: {key} class {name!r} does not exist")
        return [name for name in names if name in known]

    def _cell(self, entry: Mapping[str, object], where: str, settings: Settings) -> Cell | None:
        outcome = _enum(Outcome, entry.get("outcome"))
        if outcome is None:
            legal = ", ".join(item.value for item in Outcome)
            self.problems.append(f"{where}: outcome {entry.get('outcome')!r} is none of: {legal}")
            return None
        level = str(entry.get("level", "duck"))
        if level not in settings.levels_db:
            self.problems.append(f"{where}: level {level!r} is not in [levels]")
        otherwise = None
        if "otherwise" in entry:
            otherwise = _enum(Outcome, entry["otherwise"])
            if otherwise not in (Outcome.DUCK_NEWCOMER, Outcome.DENY_NEWCOMER, Outcome.MIX):
                self.problems.append(
                    f"{where}: otherwise must be 'mix', 'duck newcomer' or 'deny newcomer'"
                )
        if (outcome is Outcome.DELAY_NEWCOMER) != (otherwise is not None):
            self.problems.append(f"{where}: 'delay newcomer' and 'otherwise' go together")
        return Cell(
            outcome=outcome,
            rule=self._text(entry, "rule", where),
            because=self._text(entry, "because", where),
            level=level,
            otherwise=otherwise,
        )
