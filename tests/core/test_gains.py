"""Levels: decibels and amplitude, ramps taken over midway, layers on a user's volume."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.core import SILENCE_DB, Ramp, StreamGain, to_db, to_linear
from audiosession.core.gains import FADE_FLOOR_DB

levels = st.floats(SILENCE_DB, 0.0)
times = st.floats(0.0, 1000.0)
durations = st.floats(0.001, 60.0)


@given(st.floats(SILENCE_DB + 0.01, 24.0))
def test_decibels_and_amplitude_are_each_other_s_inverse(db: float) -> None:
    assert to_db(to_linear(db)) == pytest.approx(db, abs=1e-6)


def test_known_amplitudes() -> None:
    assert to_linear(0.0) == 1.0
    assert to_linear(-20.0) == pytest.approx(0.1)
    assert to_linear(-6.0206) == pytest.approx(0.5, rel=1e-5)
    assert to_db(0.2) == pytest.approx(-13.979, abs=1e-3)


@pytest.mark.parametrize("db", [SILENCE_DB, SILENCE_DB - 1.0, -1000.0, -math.inf])
def test_silence_is_exactly_nothing(db: float) -> None:
    assert to_linear(db) == 0.0


@pytest.mark.parametrize("linear", [0.0, -1.0, 1e-7, 1e-6])
def test_nothing_is_the_level_of_silence(linear: float) -> None:
    assert to_db(linear) == SILENCE_DB


@given(levels, levels, times, durations, times)
def test_a_ramp_stays_between_its_ends_and_arrives_exactly(
    start: float, end: float, begin: float, duration: float, now: float
) -> None:
    ramp = Ramp(start, end, begin, duration)
    low, high = min(start, end), max(start, end)
    assert low - 1e-9 <= ramp.at(now) <= high + 1e-9
    assert ramp.at(begin) == start
    assert ramp.at(begin - 1.0) == start
    assert ramp.at(ramp.done_at) == end
    assert ramp.at(ramp.done_at + 1.0) == end


def test_a_ramp_is_linear_in_decibels() -> None:
    ramp = Ramp(0.0, -14.0, 10.0, 0.12)
    assert ramp.at(10.03) == pytest.approx(-3.5)
    assert ramp.at(10.06) == pytest.approx(-7.0)
    assert ramp.done_at == 10.12


def test_a_ramp_without_duration_is_a_step() -> None:
    ramp = Ramp(0.0, -14.0, 10.0, 0.0)
    assert ramp.at(9.0) == -14.0
    assert ramp.at(10.0) == -14.0


@given(levels, levels, levels, durations, durations, st.floats(0.0, 1.0))
def test_a_ramp_interrupted_midway_goes_on_from_where_it_is(
    start: float, first: float, second: float, down: float, up: float, part: float
) -> None:
    ramp = Ramp(start, first, 0.0, down)
    now = down * part
    taken_over = ramp.toward(second, now, up)
    here = ramp.at(now)
    if second <= here or here >= FADE_FLOOR_DB:
        assert taken_over.at(now) == here
    else:
        # From silence nobody waits for what is below the floor.
        assert taken_over.at(now) == min(FADE_FLOOR_DB, second)
    assert taken_over.at(now + up) == second


def test_a_stream_s_level_is_the_user_s_volume_times_every_layer() -> None:
    gain = StreamGain(user_volume=0.5)
    assert gain.level(0.0) == 0.5
    assert gain.settled_at() == 0.0
    gain.move("hold", -20.0, 0.0, 0.0)
    gain.move("device", -20.0, 0.0, 2.0)
    assert gain.factor_db(1.0) == pytest.approx(-30.0)
    assert gain.level(2.0) == pytest.approx(0.5 * 0.01)
    assert gain.settled_at() == 2.0
    gain.user_volume = 1.0
    assert gain.level(2.0) == pytest.approx(0.01)


def test_layers_end_by_themselves_and_leave_the_user_s_volume_as_it_was() -> None:
    gain = StreamGain(user_volume=0.3)
    gain.move("hold", -14.0, 0.0, 0.12)
    gain.move("device", SILENCE_DB, 0.0, 0.0)
    assert gain.level(1.0) == 0.0
    assert gain.factor_db(1.0) == SILENCE_DB, "never below silence"
    gain.lift("device")
    gain.lift("device")
    ramp = gain.move("hold", 0.0, 1.0, 0.5)
    assert (ramp.start_db, ramp.end_db) == (-14.0, 0.0)
    assert gain.level(1.5) == 0.3


@given(st.lists(st.tuples(levels, st.floats(0.0, 1.0)), max_size=8))
def test_however_often_a_layer_moves_lifting_it_gives_the_exact_level_back(
    moves: list[tuple[float, float]],
) -> None:
    gain = StreamGain(user_volume=0.7)
    now = 0.0
    for level, ramp_s in moves:
        gain.move("hold", level, now, ramp_s)
        now += 0.1
    gain.move("hold", 0.0, now, 0.5)
    assert gain.level(now + 0.5) == 0.7
    gain.lift("hold")
    assert gain.level(now) == 0.7
