"""Policies as tables: who sounds, who asks, what comes of it, and why."""

from __future__ import annotations

import dataclasses
import re
from importlib import resources

from generated import Generated, code, codes, field_docs, html, table
from sphinx.application import Sphinx

from audiosession.core.claims import Role
from audiosession.core.gains import SILENCE_DB
from audiosession.core.policy import Cell, ClassRule, Outcome, Policy, Settings
from audiosession.policies import load_policy

SYMBOLS: dict[Outcome, str] = {
    Outcome.MIX: "·",
    Outcome.DUCK_HOLDER: "▼",
    Outcome.PAUSE_HOLDER: "‖",
    Outcome.STOP_HOLDER: "■",
    Outcome.DUCK_NEWCOMER: "▽",
    Outcome.DELAY_NEWCOMER: "…",
    Outcome.DENY_NEWCOMER: "✕",
}

LOWERS = {Outcome.DUCK_HOLDER, Outcome.DUCK_NEWCOMER}


def anchor(policy: Policy, rule: str) -> str:
    """The id of a rule's place on the page."""
    return f"rule-{policy.name}-{re.sub(r'[^a-z0-9]+', '-', rule.lower())}"


def css_class(outcome: Outcome, *, deeper: bool = False) -> str:
    """The style of an outcome's cells."""
    return outcome.value.replace(" ", "-") + (" deeper" if deeper else "")


def goes_deeper(policy: Policy, cell: Cell) -> bool:
    """Whether a cell that lowers does so by more than the policy's usual level."""
    lowers = LOWERS & {cell.outcome, cell.otherwise}
    return bool(lowers) and policy.level_db(cell) < policy.settings.levels_db["duck"]


def key(outcome: Outcome, *, deeper: bool = False) -> str:
    """An outcome's symbol, in its colour."""
    style = css_class(outcome, deeper=deeper)
    return f'<span class="policy-key {style}">{SYMBOLS[outcome]}</span>'


def what_happens(policy: Policy, cell: Cell) -> str:
    """A cell's outcome in words, with its level and what happens otherwise."""
    text = cell.outcome.value
    if LOWERS & {cell.outcome, cell.otherwise}:
        level_db = policy.level_db(cell)
        level = "silent" if level_db <= SILENCE_DB else f"{level_db:g}\N{NO-BREAK SPACE}dB"
        if cell.outcome in LOWERS:
            return f"{text}, {level}"
        return f"{text}, or {cell.otherwise.value if cell.otherwise else ''}, {level}"
    return f"{text}, or {cell.otherwise.value}" if cell.otherwise else text


def matrix(policy: Policy) -> str:
    """The whole table as HTML: a row for each who sounds, a column for each who asks."""
    head = "".join(
        f'<th scope="col"><div><span>{html(rule.name)}</span></div></th>'
        for rule in policy.newcomers
    )
    body = []
    for holder in policy.holders:
        cells = []
        for newcomer in policy.newcomers:
            cell = policy.cells[holder.name, newcomer.name]
            tip = (
                f"{holder.name} sounds, {newcomer.name} asks: {what_happens(policy, cell)}. "
                f"{cell.rule}: {cell.because}"
            )
            cells.append(
                f'<td class="{css_class(cell.outcome, deeper=goes_deeper(policy, cell))}">'
                f'<a href="#{anchor(policy, cell.rule)}" title="{html(tip)}" '
                f'aria-label="{html(tip)}">{SYMBOLS[cell.outcome]}</a></td>'
            )
        body.append(f'<tr><th scope="row">{html(holder.name)}</th>{"".join(cells)}</tr>')
    return (
        f'<div class="policy-scroll"><table class="policy-matrix">\n'
        f'<thead><tr><td class="corner">sounds ↓ asks →</td>{head}</tr></thead>\n'
        f"<tbody>\n{chr(10).join(body)}\n</tbody>\n</table></div>\n"
    )


def legend() -> str:
    """What the symbols mean."""
    docs = field_docs(Outcome)
    return table(
        ("", "outcome", "what it means"),
        (
            (
                key(outcome),
                code(outcome.value),
                docs[outcome.name],
            )
            for outcome in Outcome
        ),
    )


def condition(rule: ClassRule) -> str:
    """A class's condition, as its file says it."""
    parts = []
    for attribute, allowed in rule.when:
        values = [str(getattr(value, "value", value)).lower() for value in allowed]
        parts.append(f"`{attribute}` is {' or '.join(code(value) for value in values)}")
    return ", ".join(parts) or "everything else"


def classes(rules: tuple[ClassRule, ...]) -> str:
    """The classes in the order in which they are tried."""
    return table(
        ("", "class", "stands for", "condition"),
        (
            (str(number), rule.name, rule.text, condition(rule))
            for number, rule in enumerate(rules, 1)
        ),
    )


def comments(policy: str) -> dict[str, str]:
    """The comment above each key of a policy that ships, which says where its value is from."""
    text = resources.files("audiosession.policies").joinpath(f"{policy}.toml").read_text("utf-8")
    found: dict[str, str] = {}
    pending: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            pending.append(line.lstrip("# "))
        elif found_key := re.match(r"(\w+) =", line):
            found[found_key[1]] = " ".join(pending)
            pending = []
        else:
            pending = []
    return found


def shown(value: object, field: str = "") -> str:
    """The value of a setting, with its unit."""
    if isinstance(value, tuple):
        return codes(getattr(item, "value", item) for item in value) or "none"
    if value is None:
        return "never" if field.endswith("_s") else "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.endswith("_s"):
        return f"{value:g}\N{NO-BREAK SPACE}s"
    return str(getattr(value, "value", value))


def figures(policy: Policy) -> str:
    """What a policy's file sets, and where each value comes from."""
    sources = comments(policy.name)
    settings = (
        (code(field), shown(getattr(policy.settings, field), field), sources[field])
        for field in field_docs(Settings)
        if field in sources
    )
    levels = (
        (code(f"levels.{name}"), f"{level:g}\N{NO-BREAK SPACE}dB", sources[name])
        for name, level in policy.settings.levels_db.items()
    )
    return table(("key", "value", "why this value"), (*settings, *levels))


def settings() -> str:
    """Every key of ``[settings]``, what it does, and its value where a file leaves it out."""
    defaults = {field.name: field.default for field in dataclasses.fields(Settings)}
    rows = []
    for field, text in field_docs(Settings).items():
        if field == "levels_db":
            continue
        default = defaults[field]
        missing = default is dataclasses.MISSING
        rows.append((code(field), "must be given" if missing else shown(default, field), text))
    return table(("key", "unless given", "what it does"), rows)


def ranks(policy: Policy) -> str:
    """The roles, what they are for, and their rank."""
    docs = field_docs(Role)
    return table(
        ("rank", "role", "what it is for"),
        (
            (str(rank), code(role.value), docs[role.name])
            for role, rank in sorted(policy.rank.items(), key=lambda item: -item[1])
        ),
    )


def rules(policy: Policy) -> str:
    """Every rule once, with its reason."""
    seen: dict[str, Cell] = {}
    for cell in policy.cells.values():
        seen.setdefault(cell.rule, cell)
    return table(
        ("", "rule", "what happens", "because"),
        (
            (
                key(cell.outcome, deeper=goes_deeper(policy, cell)),
                f'<span id="{anchor(policy, rule)}"></span>{code(rule)}',
                what_happens(policy, cell),
                cell.because,
            )
            for rule, cell in seen.items()
        ),
    )


class PolicyPart(Generated):
    """``policy-<part>:: name``."""

    required_arguments = 1

    @property
    def policy(self) -> Policy:
        """The policy named."""
        return load_policy(self.arguments[0])


class PolicySource(PolicyPart):
    """Where a policy comes from and how it gives back, in a sentence or two."""

    def markdown(self) -> str:
        policy = self.policy
        return f"*{policy.title}.* {policy.source}"


class PolicyMatrix(PolicyPart):
    """The table."""

    def markdown(self) -> str:
        return matrix(self.policy)


class PolicyClasses(PolicyPart):
    """Who sounds and who asks."""

    def markdown(self) -> str:
        policy = self.policy
        return (
            f"**Who sounds**\n\n{classes(policy.holders)}\n\n"
            f"**Who asks**\n\n{classes(policy.newcomers)}"
        )


class PolicyFigures(PolicyPart):
    """The settings and levels."""

    def markdown(self) -> str:
        return figures(self.policy)


class PolicyRules(PolicyPart):
    """The rules with their reasons."""

    def markdown(self) -> str:
        return rules(self.policy)


class PolicyRanks(PolicyPart):
    """The roles by rank."""

    def markdown(self) -> str:
        return ranks(self.policy)


class PolicySettings(Generated):
    """The keys of a policy file's settings."""

    def markdown(self) -> str:
        return settings()


class PolicyLegend(Generated):
    """The symbols."""

    def markdown(self) -> str:
        return legend()


def setup(app: Sphinx) -> dict[str, bool]:
    """Adds the directives."""
    app.add_directive("policy-source", PolicySource)
    app.add_directive("policy-matrix", PolicyMatrix)
    app.add_directive("policy-classes", PolicyClasses)
    app.add_directive("policy-figures", PolicyFigures)
    app.add_directive("policy-rules", PolicyRules)
    app.add_directive("policy-ranks", PolicyRanks)
    app.add_directive("policy-settings", PolicySettings)
    app.add_directive("policy-legend", PolicyLegend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
