"""What the benchmarks share: rounds that take turns, medians of ratios, rows with a target."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A bound on a measured value, given on one side."""

    at_most: float | None = None
    at_least: float | None = None

    def __post_init__(self) -> None:
        if (self.at_most is None) is (self.at_least is None):
            raise ValueError("a target has either at_most or at_least")

    def met_by(self, value: float) -> bool:
        if self.at_most is not None:
            return value <= self.at_most
        assert self.at_least is not None
        return value >= self.at_least

    def __str__(self) -> str:
        if self.at_most is not None:
            return f"at most {_number(self.at_most)}"
        assert self.at_least is not None
        return f"at least {_number(self.at_least)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report. ``value`` is a ratio, or a count where ``unit`` says so."""

    name: str
    value: float
    spread: tuple[float, float] | None = None
    """The quartiles of the rounds' values, where there were several rounds."""
    target: Target | None = None
    """``None``: reported, not judged."""
    unit: str = "x"
    detail: str = ""
    """The absolute figures behind the value, in words."""

    @property
    def met(self) -> bool | None:
        return None if self.target is None else self.target.met_by(self.value)

    def measured(self) -> str:
        if self.unit != "x":
            return f"{_number(self.value)} {self.unit}"
        if self.spread is None:
            return f"{_number(self.value)}x"
        low, high = self.spread
        return f"{_number(self.value)}x ({_number(low)} to {_number(high)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Seconds of two things that took turns, one pair a round."""

    first_s: tuple[float, ...]
    second_s: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        pairs = zip(self.first_s, self.second_s, strict=True)
        return tuple(first / second for first, second in pairs)

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        return quartiles(self.ratios)

    @property
    def medians_s(self) -> tuple[float, float]:
        return statistics.median(self.first_s), statistics.median(self.second_s)


def compare(first: Callable[[], float], second: Callable[[], float], rounds: int) -> Comparison:
    """Runs both in turns, each giving the seconds it took; one unmeasured round comes before.

    Who goes first changes each round, so that a machine growing slower or faster, or a cache
    left warm by the other, favours neither.
    """
    first(), second()
    first_s: list[float] = []
    second_s: list[float] = []
    for number in range(rounds):
        if number % 2:
            second_s.append(second())
            first_s.append(first())
        else:
            first_s.append(first())
            second_s.append(second())
    return Comparison(first_s=tuple(first_s), second_s=tuple(second_s))


def cpu_time(work: Callable[[], object]) -> Callable[[], float]:
    """``work`` as something that gives the CPU seconds it took this process.

    Other programs on the machine do not count, nor does the garbage collector: when it runs
    is chance, and it would charge one side for what both left behind.
    """

    def run() -> float:
        with no_collector():
            started = time.process_time()
            work()
            return time.process_time() - started

    return run


@contextmanager
def no_collector() -> Iterator[None]:
    """Without garbage collection within, if it ran before."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """The first and the third quartile; the value itself where there is one."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}"
