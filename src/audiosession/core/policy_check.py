"""Whether a policy is sound: checked as data, for those that ship and for anybody's own.

:func:`check_policy` looks at the table: emergencies are never lowered, nobody of lower rank
silences one of higher rank, every ducking level is audible on the way back. :func:`walk_policy`
goes further and plays every pair of claims through an arbiter, to see that each duck and
each pause has a way out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from .arbiter import Arbiter
from .claims import Claim, Press, Role
from .events import Activate, ClientGone, Deactivate, OpenSession, Tick
from .gains import SILENCE_DB
from .policy import DisciplineName, Outcome, Policy

_SILENCES = (Outcome.PAUSE_HOLDER, Outcome.STOP_HOLDER)
_MATRIX_LEGAL = (Outcome.MIX, Outcome.PAUSE_HOLDER, Outcome.DENY_NEWCOMER)
_STACK_LEGAL = (Outcome.MIX, Outcome.DUCK_HOLDER, Outcome.PAUSE_HOLDER, Outcome.STOP_HOLDER)


def canonical_claims() -> Iterator[Claim]:
    """One claim for every combination that any vocabulary can express and a class can ask for."""
    booleans = (False, True)
    for role, press, speech, mixable, records in product(Role, Press, booleans, booleans, booleans):
        system = role in (Role.CALL, Role.ALARM, Role.RINGTONE) and not mixable
        yield Claim(
            role=role,
            press=press,
            pauses_spoken=mixable and speech,
            spoken=speech,
            mixable=mixable,
            records=records,
            system=system,
        )
    # What only one vocabulary has a word for: input alone, the ring switch, a type left to auto.
    for press, speech, mixable in product(Press, booleans, booleans):
        claim = Claim(press=press, pauses_spoken=mixable and speech, spoken=speech, mixable=mixable)
        yield replace(claim, role=Role.RECORDING, plays=False, records=True)
        yield replace(claim, silenced_by_switch=True)
        yield replace(claim, auto=True)


def check_policy(policy: Policy) -> tuple[str, ...]:
    """Every problem found in the table; empty when it is sound."""
    problems: list[str] = []
    problems += _check_rules(policy)
    problems += _check_discipline(policy)
    if policy.settings.discipline is DisciplineName.HOLDS:
        problems += _check_emergency(policy)
        problems += _check_rank(policy)
    for name, level in policy.settings.levels_db.items():
        if level == 0.0:
            problems.append(f"levels.{name} is 0 dB, which lowers nothing")
        if level < SILENCE_DB:
            problems.append(f"levels.{name} is below {SILENCE_DB:g} dB, which is silence already")
    return tuple(problems)


def _check_rules(policy: Policy) -> Iterator[str]:
    reasons: dict[str, str] = {}
    for cell in policy.cells.values():
        if reasons.setdefault(cell.rule, cell.because) != cell.because:
            yield f"rule {cell.rule!r} has two different reasons"


def _check_discipline(policy: Policy) -> Iterator[str]:
    legal = {
        DisciplineName.MATRIX: _MATRIX_LEGAL,
        DisciplineName.STACK: _STACK_LEGAL,
    }.get(policy.settings.discipline)
    if legal is None:
        return
    for (holder, newcomer), cell in policy.cells.items():
        if cell.outcome not in legal:
            name = policy.settings.discipline.value
            yield (
                f"{holder} / {newcomer}: outcome {cell.outcome.value!r} has no meaning "
                f"under the discipline {name!r}"
            )


def _check_emergency(policy: Policy) -> Iterator[str]:
    if not policy.settings.knows_emergencies:
        return
    claims = list(canonical_claims())
    emergencies = [claim for claim in claims if claim.role is Role.EMERGENCY]
    holders = {policy.holder_class(claim) for claim in emergencies}
    asking = {policy.newcomer_class(claim) for claim in emergencies}
    others = {policy.newcomer_class(c) for c in claims if c.role is not Role.EMERGENCY}
    for holder in sorted(holders):
        for newcomer in sorted(others - asking):
            outcome = policy.cells[holder, newcomer].outcome
            if outcome is not Outcome.MIX and not outcome.on_newcomer:
                yield f"{newcomer} lowers or silences an emergency ({holder})"
    for newcomer in sorted(asking):
        for rule in policy.holders:
            outcome = policy.cells[rule.name, newcomer].outcome
            if outcome.on_newcomer and rule.name not in holders:
                yield f"an emergency ({newcomer}) is lowered or refused because of {rule.name}"


def _check_rank(policy: Policy) -> Iterator[str]:
    """Compares, for each pair, the highest rank that asks with the lowest that sounds."""
    if not policy.settings.knows_emergencies:
        return
    if policy.rank[Role.EMERGENCY] < max(policy.rank.values()):
        yield "rank: nothing ranks above an emergency"
    holds: dict[str, int] = {}
    asks: dict[str, int] = {}
    for claim in canonical_claims():
        rank = policy.rank[claim.role]
        holder, newcomer = policy.holder_class(claim), policy.newcomer_class(claim)
        holds[holder] = min(rank, holds.get(holder, rank))
        asks[newcomer] = max(rank, asks.get(newcomer, rank))
    for (holder, newcomer), cell in policy.cells.items():
        if holder not in holds or newcomer not in asks:
            continue
        silent = cell.outcome is Outcome.DUCK_HOLDER and policy.level_db(cell) <= SILENCE_DB
        if (cell.outcome in _SILENCES or silent) and asks[newcomer] < holds[holder]:
            yield f"{newcomer} silences {holder}, which has the higher rank"


def walk_policy(policy: Policy) -> tuple[str, ...]:
    """Plays one claim of every class against every other; a problem for each way not out.

    For each pair: the holder activates, the newcomer activates, and then leaves or dies.
    Afterwards nothing may be held, and every level must be back at 0 dB.
    """
    problems: list[str] = []
    representatives: dict[tuple[str, str], Claim] = {}
    for claim in canonical_claims():
        key = policy.holder_class(claim), policy.newcomer_class(claim)
        representatives.setdefault(key, claim)
    claims = list(representatives.values())
    for first, second in product(claims, claims):
        for dies in (False, True):
            problem = _walk_pair(policy, first, second, dies=dies)
            if problem:
                problems.append(problem)
    return tuple(problems)


def _walk_pair(policy: Policy, first: Claim, second: Claim, *, dies: bool) -> str | None:
    arbiter = Arbiter(policy)
    for app in ("first", "second"):
        arbiter.handle(OpenSession(session=app, app=app), 0.0)
    arbiter.handle(Activate(session="first", claim=first), 0.0)
    arbiter.handle(Activate(session="second", claim=second), 1.0)
    if dies:
        arbiter.handle(ClientGone(client="second"), 2.0)
    else:
        arbiter.handle(Deactivate(session="second"), 2.0)
    arbiter.handle(Tick(), 100.0)
    view = arbiter.view("first")
    if view.holds or view.target_db != 0.0:
        how = "died" if dies else "left"
        return (
            f"{policy.holder_class(first)} stays held after {policy.newcomer_class(second)} {how}"
        )
    return None
