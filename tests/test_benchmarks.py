"""The benchmarks measure what they say, whatever the machine makes of it."""

import gc
import json
import math
import sys
from collections.abc import Callable, Sequence

import pytest

import benchmarks.__main__ as program
from audiosession.configuration import RECIPES
from audiosession.core import Claim, Press, Role
from audiosession.scenario import parse_scenario, run_scenario
from benchmarks import (
    bench_android,
    bench_apple,
    bench_capture,
    bench_decision,
    bench_import,
    bench_memory,
    bench_render,
    bench_round_trip,
    bench_scenario,
)
from benchmarks.measuring import Row, Target, compare, cpu_time, duration, quartiles


def positive(rows: Sequence[Row]) -> bool:
    return all(row.value > 0.0 and row.name and row.detail for row in rows)


# -- measuring -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (Target(at_most=1.5), 1.5, True),
        (Target(at_most=1.5), 1.51, False),
        (Target(at_least=50.0), 50.0, True),
        (Target(at_least=50.0), 49.9, False),
        (Target(at_most=0), 0, True),
        (Target(at_least=50.0), math.nan, False),
    ],
)
def test_target_is_met_up_to_its_bound(target: Target, value: float, met: bool) -> None:
    assert Row(name="x", value=value, target=target).met is met


def test_row_without_target_is_not_judged() -> None:
    assert Row(name="x", value=1.0).met is None


def test_target_has_one_side() -> None:
    with pytest.raises(ValueError, match="either"):
        Target()
    with pytest.raises(ValueError, match="either"):
        Target(at_most=1.0, at_least=0.5)


def test_compare_takes_turns_and_leaves_out_the_first_round() -> None:
    order: list[str] = []
    times = {"a": iter((99.0, 2.0, 9.0, 4.0)), "b": iter((99.0, 1.0, 3.0, 1.0))}

    def side(name: str) -> Callable[[], float]:
        def run() -> float:
            order.append(name)
            return next(times[name])

        return run

    result = compare(side("a"), side("b"), rounds=3)
    assert "".join(order) == "ab" + "ab" + "ba" + "ab"
    assert result.ratios == (2.0, 3.0, 4.0)
    assert result.ratio == 3.0
    assert result.spread == (2.5, 3.5)
    assert result.medians_s == (4.0, 1.0)


def test_quartiles_of_one_value_are_that_value() -> None:
    assert quartiles([7.0]) == (7.0, 7.0)


def test_cpu_time_runs_the_work_without_the_collector_and_restores_it() -> None:
    seen: list[bool] = []
    assert gc.isenabled()
    assert cpu_time(lambda: seen.append(gc.isenabled()))() >= 0.0
    assert seen == [False]
    assert gc.isenabled()


def test_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        cpu_time(lambda: None)()
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(2.5, "2.5 s"), (0.25, "250 ms"), (2.5e-5, "25 µs"), (5e-7, "500 ns")],
)
def test_duration_takes_the_unit_that_suits(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# -- each benchmark, tiny ------------------------------------------------------------------------


def test_decision_compares_every_policy_and_the_journal() -> None:
    rows = bench_decision.run(bench_decision.Sizes(crowd=20, cycles=1, rounds=1))
    assert [row.name.partition(": ")[2] for row in rows] == [
        "policy default",
        "policy android",
        "policy apple",
        "policy default, with journal",
    ]
    assert positive(rows)
    assert {row.target for row in rows} == {Target(at_most=1.5)}


def test_decision_refuses_to_measure_a_prompt_that_lowers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emergency = Claim(role=Role.EMERGENCY, press=Press.PAUSE)
    monkeypatch.setattr(bench_decision, "_MUSIC", emergency)
    with pytest.raises(RuntimeError):
        bench_decision.run(bench_decision.Sizes(crowd=20, cycles=1, rounds=1))


@pytest.mark.parametrize("seed", range(6))
def test_every_scenario_made_up_can_be_run(seed: int) -> None:
    text = bench_scenario.scenario_text(seconds=900.0, steps=250, seed=seed)
    scenario = parse_scenario(text)
    assert [app.id for app in scenario.apps] == list(RECIPES)
    assert len(scenario.steps) == 250
    result = run_scenario(scenario)
    assert result.recording.duration_s == 900.0
    assert any(track.holds for track in result.recording.tracks)


def test_scenario_of_one_seed_is_always_the_same() -> None:
    make = bench_scenario.scenario_text
    assert make(seconds=60.0, steps=40) == make(seconds=60.0, steps=40, seed=1)
    assert make(seconds=60.0, steps=40) != make(seconds=60.0, steps=40, seed=2)


def test_scenario_is_judged_against_real_time() -> None:
    (row,) = bench_scenario.run(bench_scenario.Sizes(seconds=120.0, steps=60, rounds=1))
    assert positive([row])
    assert row.target == Target(at_least=1000.0)


def test_full_scenario_has_the_promised_size() -> None:
    sizes = bench_scenario.Sizes()
    assert (sizes.seconds, sizes.steps) == (3600.0, 1000)


def test_render_is_judged_against_real_time() -> None:
    (row,) = bench_render.run(bench_render.Sizes(seconds=5, rounds=1))
    assert positive([row])
    assert row.target == Target(at_least=50.0)


def test_render_without_the_audio_packages_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "audiosession.scenario.mixer", raising=False)
    monkeypatch.setitem(sys.modules, "numpy", None)
    (row,) = bench_render.run(bench_render.Sizes(seconds=5, rounds=1))
    assert "not measured" in row.detail
    assert math.isnan(row.value)
    assert row.met is None


def test_import_finds_nothing_optional() -> None:
    cost, optional = bench_import.run(bench_import.Sizes(rounds=1))
    assert positive([cost])
    assert cost.target == Target(at_most=2.5)
    assert optional.value == 0
    assert optional.met is True
    assert "imported: none; there: av, cyclopts, miniaudio, numpy" in optional.detail


def test_import_counts_what_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_import, "OPTIONAL", ("asyncio", "numpy"))
    _, optional = bench_import.run(bench_import.Sizes(rounds=1))
    assert optional.value == 1
    assert optional.met is False
    assert "imported: asyncio;" in optional.detail


def test_memory_is_reported_for_both_kinds_of_session() -> None:
    rows = bench_memory.run(bench_memory.Sizes(sessions=20, core_sessions=50, warm=2))
    assert len(rows) == 2
    assert positive(rows)
    assert {row.target for row in rows} == {None}


def test_round_trip_is_reported_alone_and_with_music() -> None:
    rows = bench_round_trip.run(bench_round_trip.Sizes(trips=2, rounds=1))
    assert len(rows) == 2
    assert positive(rows)
    assert {row.target for row in rows} == {None}


def test_apple_reads_every_property_and_judges_the_slowest() -> None:
    sizes = bench_apple.Sizes(reads=2, rounds=1, categories=0)
    slowest, usual, first = bench_apple.run(sizes)
    assert slowest.value >= usual.value
    assert positive([slowest, usual, first])
    assert [row.target for row in (slowest, usual, first)] == [
        Target(at_most=20.0),
        Target(at_most=20.0),
        None,
    ]
    assert {"current_route", "category", "prompt_style"} <= set(bench_apple.PROPERTIES)


def test_apple_says_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.linux.rig", None)
    sizes = bench_apple.Sizes(reads=2, rounds=1, categories=1)
    *_, row = bench_apple.run(sizes)
    assert "not installed" in row.detail
    assert row.met is None


def test_android_is_measured_against_bare_calls_and_judged_by_its_growth() -> None:
    sizes = bench_android.Sizes(requests=2, rounds=1, entries=(10, 100), trips=0)
    bare, some, many = bench_android.run(sizes)
    assert positive([bare, some, many])
    assert [row.target for row in (bare, some, many)] == [None, None, Target(at_most=10.0)]


def test_android_says_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.linux.rig", None)
    sizes = bench_android.Sizes(requests=1, rounds=1, entries=(), trips=1)
    *_, row = bench_android.run(sizes)
    assert "not installed" in row.detail
    assert row.met is None


def test_capture_says_where_there_is_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tests.linux.rig", None)
    (row,) = bench_capture.run(bench_capture.QUICK)
    assert "not installed" in row.detail
    assert row.met is None


def test_capture_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "miniaudio", None)
    (row,) = bench_capture.run(bench_capture.QUICK)
    assert "not installed: miniaudio" in row.detail
    assert row.met is None


def test_a_minute_of_sound_is_recorded_unless_it_has_to_be_quick() -> None:
    assert bench_capture.Sizes().seconds == 60.0
    assert bench_capture.QUICK.seconds < 60.0


# -- the program ---------------------------------------------------------------------------------

GOOD = Row(
    name="quick thing",
    value=1.25,
    spread=(1.2, 1.3),
    target=Target(at_most=1.5),
    detail="5 µs against 4 µs",
)
BAD = Row(name="slow thing", value=900.0, target=Target(at_least=1000.0), detail="4 s")
BARE = Row(name="thing", value=3.0, detail="3 of 1")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Which benchmarks ran, and whether quickly; they are stand-ins."""
    log: list[tuple[str, bool]] = []

    def stand_in(name: str, row: Row) -> Callable[[bool], list[Row]]:
        def run(quick: bool) -> list[Row]:
            log.append((name, quick))
            return [row]

        return run

    rows = {"good": GOOD, "bad": BAD, "bare": BARE}
    made = {name: stand_in(name, row) for name, row in rows.items()}
    monkeypatch.setattr(program, "BENCHMARKS", made)
    return log


def test_all_run_by_default_and_a_missed_target_fails(asked: list[tuple[str, bool]]) -> None:
    assert program.main([]) == 1
    assert asked == [("good", False), ("bad", False), ("bare", False)]


def test_only_the_named_ones_run_and_met_targets_pass(asked: list[tuple[str, bool]]) -> None:
    assert program.main(["--only", "good", "--only", "bare", "--quick"]) == 0
    assert asked == [("good", True), ("bare", True)]


def test_unknown_name_is_refused(asked: list[tuple[str, bool]]) -> None:
    with pytest.raises(SystemExit) as refused:
        program.main(["--only", "nothing"])
    assert refused.value.code == 2
    assert asked == []


@pytest.mark.usefixtures("asked")
def test_table_tells_value_target_and_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    program.main([])
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "quick thing",
        "1.25x (1.20 to 1.30) at most 1.50: yes 5 µs against 4 µs",
        "slow thing",
        "900x at least 1,000: NO 4 s",
        "thing",
        "3x no target 3 of 1",
    ]


@pytest.mark.usefixtures("asked")
def test_table_on_a_terminal_tells_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    program.main([])
    out = capsys.readouterr().out
    for words in ("quick thing", "1.25x (1.20 to 1.30)", "at least 1,000", "NO", "3 of 1"):
        assert words in out


@pytest.mark.usefixtures("asked")
def test_json_has_numbers_targets_and_verdicts(capsys: pytest.CaptureFixture[str]) -> None:
    program.main(["--json"])
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {"audiosession", "python", "platform", "benchmarks"}
    assert list(data["benchmarks"]) == ["good", "bad", "bare"]
    assert data["benchmarks"]["good"] == [
        {
            "name": "quick thing",
            "value": 1.25,
            "unit": "x",
            "quartiles": [1.2, 1.3],
            "target": {"at_most": 1.5},
            "met": True,
            "figures": "5 µs against 4 µs",
        }
    ]
    assert data["benchmarks"]["bad"][0]["met"] is False
    assert data["benchmarks"]["bare"][0]["target"] is None


def test_json_has_null_for_what_was_not_measured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = Row(name="x", value=math.nan, detail="not measured: why")
    monkeypatch.setattr(program, "BENCHMARKS", {"x": lambda quick: [row]})
    assert program.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out)["benchmarks"]["x"][0]["value"] is None
