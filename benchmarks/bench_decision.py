"""What a decision costs when many sessions are open and few are active."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    Deactivate,
    Effect,
    Event,
    GainChanged,
    Journal,
    OpenSession,
    Press,
    Role,
    StreamChanged,
)
from audiosession.policies import load_policy

from .measuring import Row, Target, compare, cpu_time, duration

Handle = Callable[[Event, float], tuple[Effect, ...]]

TARGET = Target(at_most=1.5)
ACTIVE = 10
"""Sessions in force while the prompt sounds, the prompt's own among them."""
STEP_S = 0.1

_MUSIC = Claim(role=Role.MUSIC, press=Press.PAUSE)
_OTHER = Claim(role=Role.GAME, press=Press.NONE, mixable=True)
_PROMPT = Claim(role=Role.PROMPT, press=Press.DUCK)
_POLICIES = ("default", "android", "apple")
# Each meets every holder; more of them would only repeat the same.
_CYCLE: tuple[Event, ...] = (
    Activate(session="prompt", claim=_PROMPT),
    StreamChanged(session="prompt", stream="voice", playing=True),
    StreamChanged(session="other 1", stream="sound", playing=False),
    StreamChanged(session="other 1", stream="sound", playing=True),
    StreamChanged(session="prompt", stream="voice", playing=False),
    Deactivate(session="prompt"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    crowd: int = 10_000
    """Open sessions on the crowded side; the other has :data:`ACTIVE`."""
    cycles: int = 60
    """Prompts in a round."""
    rounds: int = 60


QUICK = Sizes(cycles=30, rounds=15)


class Stage:
    """Music and others that sound, a prompt that comes and goes, and a crowd that does nothing."""

    def __init__(self, arbiter: Arbiter, handle: Handle, *, sessions: int) -> None:
        self.arbiter = arbiter
        self._handle = handle
        self._now = 0.0
        others = [f"other {number}" for number in range(1, ACTIVE - 1)]
        # Among the crowd rather than before it, so that being early in a table is no help.
        crowd = [f"idle {number}" for number in range(sessions - ACTIVE)]
        half = len(crowd) // 2
        for name in (*crowd[:half], *others, "music", "prompt", *crowd[half:]):
            self.feed(OpenSession(session=name, app=f"the app of {name}"))
        for name in others:
            self._start(name, _OTHER)
        self._start("music", _MUSIC)
        self._prove(sessions)

    def feed(self, event: Event) -> tuple[Effect, ...]:
        """One decision, with what a host asks after each."""
        self._now += STEP_S
        effects = self._handle(event, self._now)
        self.arbiter.next_deadline()
        return effects

    def cycles(self, times: int) -> None:
        for _ in range(times):
            for event in _CYCLE:
                self.feed(event)

    def _start(self, name: str, claim: Claim) -> None:
        self.feed(Activate(session=name, claim=claim))
        self.feed(StreamChanged(session=name, stream="sound", playing=True, role=claim.role))

    def _prove(self, sessions: int) -> None:
        """That the prompt lowers the music and gives it back, with as many there as is said."""
        moves: list[tuple[str, float]] = []
        for event in _CYCLE:
            effects = self.feed(event)
            moves += [(e.session, e.to_db) for e in effects if isinstance(e, GainChanged)]
            if isinstance(event, Activate):
                snapshot = self.arbiter.snapshot()
                there = len(snapshot.sessions), len(snapshot.active)
                if there != (sessions, ACTIVE):
                    raise RuntimeError(f"open and active are {there}, not {(sessions, ACTIVE)}")
        levels = [level for session, level in moves if session == "music"]
        if len(levels) != 2 or not levels[0] < levels[1] == 0.0:
            raise RuntimeError(f"the prompt moved the music to {levels} dB")


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    rows = [_row(f"policy {name}", name, sizes, journal=False) for name in _POLICIES]
    rows.append(_row("policy default, with journal", "default", sizes, journal=True))
    return rows


def _row(what: str, policy: str, sizes: Sizes, *, journal: bool) -> Row:
    crowded = _stage(policy, sizes.crowd, journal=journal)
    few = _stage(policy, ACTIVE, journal=journal)
    result = compare(
        cpu_time(lambda: crowded.cycles(sizes.cycles)),
        cpu_time(lambda: few.cycles(sizes.cycles)),
        sizes.rounds,
    )
    each = [duration(seconds / (sizes.cycles * len(_CYCLE))) for seconds in result.medians_s]
    return Row(
        name=f"decision, {sizes.crowd:,} open against {ACTIVE}: {what}",
        value=result.ratio,
        spread=result.spread,
        target=TARGET,
        detail=f"{each[0]} against {each[1]} a decision",
    )


def _stage(policy: str, sessions: int, *, journal: bool) -> Stage:
    if journal:
        kept = Journal(load_policy(policy), keep=256)
        stage = Stage(kept.arbiter, kept.handle, sessions=sessions)
        # Full, as it is for all but the first moments of its life.
        while kept.complete:
            stage.cycles(1)
        return stage
    arbiter = Arbiter(load_policy(policy))
    return Stage(arbiter, arbiter.handle, sessions=sessions)
