"""Every pair and every triple of claims, in every order of ends: everybody comes out again.

One claim stands for each pair of a holder class and a newcomer class that a claim can have at
once. Pairs and triples take all of them, in every place. Ends come in every order; by death
first come, first dead, and the other way round: eight ends of a triple. A pair goes through all
its ends, a triple through one, the next triple through the next.

A second walk of triples goes through half of the ends each, and has claims that are willing
to wait where the policy lets newcomers wait. It takes fewer claims: they are added only while
they bring a class that no claim taken before has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations, product

import pytest

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    ClientGone,
    Deactivate,
    Effect,
    Event,
    HoldKind,
    Interrupted,
    OpenSession,
    Outcome,
    Policy,
    Press,
    Released,
    Standing,
    Stopped,
    Tick,
)
from audiosession.core.policy_check import canonical_claims
from audiosession.policies import load_policy

SESSIONS = ("a", "b", "c")

MAY_SOUND_TOGETHER = {
    # (who sounded first, who came): nothing lowers an emergency, nor does it lower a recording;
    ("emergency", "emergency"),
    ("emergency", "recording"),
    # a recording can begin while something rings;
    ("ringtone", "recording"),
    ("alarm", "recording"),
    # a ping is over before anything is gained.
    ("ping", "ping"),
    ("ping", "transient"),
    ("ping", "long-form"),
}
"""Where the default table lets two sound at full level though each asks others to be silent."""


def representatives(policy: Policy) -> dict[tuple[str, str], Claim]:
    found: dict[tuple[str, str], Claim] = {}
    for claim in canonical_claims():
        found.setdefault((policy.holder_class(claim), policy.newcomer_class(claim)), claim)
    return found


def cover(policy: Policy) -> list[Claim]:
    """As few claims as bring every class, those first that bring two."""
    holders: set[str] = set()
    newcomers: set[str] = set()
    chosen = []
    for wanted in (2, 1):
        for (holder, newcomer), claim in representatives(policy).items():
            if (holder not in holders) + (newcomer not in newcomers) >= wanted:
                chosen.append(claim)
                holders.add(holder)
                newcomers.add(newcomer)
    return chosen


def with_waiting(policy: Policy, claims: Sequence[Claim]) -> list[Claim]:
    """The claims, and again willing to wait where the policy has a use for that."""
    waits = {new for (_, new), cell in policy.cells.items() if cell.otherwise is not None}
    patient = [replace(c, accepts_delay=True) for c in claims if policy.newcomer_class(c) in waits]
    return [*claims, *patient]


def endings(sessions: Sequence[str]) -> Iterator[list[Event]]:
    for order in permutations(sessions):
        yield [Deactivate(session=name) for name in order]
    for order in (tuple(sessions), tuple(reversed(sessions))):
        yield [ClientGone(client=name) for name in order]


def exclusive(claim: Claim) -> bool:
    return claim.press in (Press.STOP, Press.SILENCE) and not claim.mixable


class Walk:
    """One arbiter, watched at every step."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.arbiter = Arbiter(policy)
        self.now = 0.0
        self.begun: dict[str, HoldKind] = {}

    def feed(self, event: Event) -> None:
        self.now += 1.0
        for effect in self.arbiter.handle(event, self.now):
            self.listen(effect)

    def listen(self, effect: Effect) -> None:
        if isinstance(effect, Interrupted) and effect.told:
            self.begun[effect.session] = effect.kind
        elif isinstance(effect, Released) and effect.told:
            assert self.begun.pop(effect.session, None) is effect.kind, "an end without a begin"
        elif isinstance(effect, Stopped):
            self.begun.pop(effect.session, None)

    def check_held_by_active_ones(self) -> None:
        snapshot = self.arbiter.snapshot()
        for view in snapshot.sessions:
            for hold in view.holds:
                assert hold.cause in snapshot.active, f"{hold} by one that has no claim"

    def check_no_two_exclusive_sound(self, claims: dict[str, Claim]) -> None:
        if sum(map(exclusive, claims.values())) < 2:
            return
        snapshot = self.arbiter.snapshot()
        full = [
            name
            for name in snapshot.active
            if self.arbiter.standing(name) is Standing.ACTIVE and exclusive(claims[name])
        ]
        for first, second in combinations(full, 2):
            pair = (
                self.policy.holder_class(claims[first]),
                self.policy.newcomer_class(claims[second]),
            )
            assert pair in MAY_SOUND_TOGETHER, f"{pair} sound together"

    def check_all_out(self) -> None:
        self.feed(Tick())
        self.now += 3600.0
        self.feed(Tick())
        snapshot = self.arbiter.snapshot()
        assert (snapshot.active, snapshot.waiting, snapshot.next_deadline) == ((), (), None)
        for view in snapshot.sessions:
            assert (view.holds, view.target_db, view.gain_db) == ((), 0.0, 0.0)
            assert view.standing is Standing.INACTIVE


def walk(policy: Policy, claims: Sequence[Claim], every: slice = slice(None)) -> None:
    """The endings of one beginning."""
    named = dict(zip(SESSIONS, claims, strict=False))
    for ending in list(endings(tuple(named)))[every]:
        stage = Walk(policy)
        try:
            for name in named:
                stage.arbiter.handle(OpenSession(session=name, app=name), 0.0)
            for name, claim in named.items():
                stage.feed(Activate(session=name, claim=claim))
            for event in [None, *ending]:
                if event is not None:
                    stage.feed(event)
                stage.check_held_by_active_ones()
                if policy.name == "default":
                    stage.check_no_two_exclusive_sound(named)
            stage.check_all_out()
        except AssertionError as error:
            raise AssertionError(f"{error}\nclaims: {claims}\nending: {ending}") from error


@pytest.mark.parametrize("name", ["default", "apple", "web"])
def test_every_class_is_walked(name: str) -> None:
    policy = load_policy(name)
    claims = cover(policy)
    assert {policy.holder_class(c) for c in claims} == {rule.name for rule in policy.holders}
    assert {policy.newcomer_class(c) for c in claims} == {rule.name for rule in policy.newcomers}


@pytest.mark.parametrize("name", ["default", "apple", "web"])
def test_every_pair_comes_out(name: str) -> None:
    policy = load_policy(name)
    claims = with_waiting(policy, list(representatives(policy).values()))
    for pair in product(claims, repeat=2):
        walk(policy, pair)


@pytest.mark.exhaustive
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["default", "apple", "web"])
def test_every_triple_comes_out(name: str) -> None:
    policy = load_policy(name)
    claims = list(representatives(policy).values())
    for number, triple in enumerate(product(claims, repeat=3)):
        walk(policy, triple, every=slice(number % 8, number % 8 + 1))


@pytest.mark.exhaustive
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["default", "apple", "web"])
def test_triples_of_every_class_come_out_of_more_ends_and_of_waiting(name: str) -> None:
    policy = load_policy(name)
    claims = with_waiting(policy, cover(policy))
    for number, triple in enumerate(product(claims, repeat=3)):
        walk(policy, triple, every=slice(number % 2, None, 2))


def test_the_table_says_so_wherever_two_may_sound_together() -> None:
    policy = load_policy("default")
    for pair in MAY_SOUND_TOGETHER:
        assert policy.cells[pair].outcome is Outcome.MIX
