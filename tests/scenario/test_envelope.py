from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.scenario.envelope import (
    Breakpoint,
    StandingSpan,
    clip_at,
    is_sounding,
    layer_breakpoints,
    level_breakpoints,
    level_db,
    level_height,
    samples,
    standing_spans,
    value_at,
)
from audiosession.scenario.recording import SILENCE_DB, Clip, GainChange, StandingChange, Track


def change(
    at_s: float, from_db: float, to_db: float, ramp_s: float = 0.0, layer: str = "hold"
) -> GainChange:
    return GainChange(at_s=at_s, layer=layer, from_db=from_db, to_db=to_db, ramp_s=ramp_s)


def track(*gains: GainChange) -> Track:
    return Track(app="music", name="Music", role="music", gains=list(gains))


def corners(points: tuple[Breakpoint, ...]) -> list[tuple[float, float]]:
    return [(point.at_s, point.db) for point in points]


def test_a_track_without_changes_stands_at_the_users_volume() -> None:
    assert level_db(track(), 3.0) == 0.0
    assert level_breakpoints(track()) == ()
    assert value_at((), 3.0) == 0.0


def test_a_ramp_is_linear_in_decibels() -> None:
    ducked = track(change(10, 0, -14, 2))

    assert corners(layer_breakpoints(ducked, "hold")) == [(10, 0), (12, -14)]
    assert [level_db(ducked, at_s) for at_s in (9, 10, 11, 12, 99)] == [0, 0, -7, -14, -14]


def test_a_jump_has_the_new_level_from_its_own_moment_on() -> None:
    jumps = track(change(5, 0, -20))

    assert corners(level_breakpoints(jumps)) == [(5, 0), (5, -20)]
    assert level_db(jumps, 4.999) == 0
    assert level_db(jumps, 5) == -20
    assert value_at(level_breakpoints(jumps), 5) == -20


def test_a_change_interrupts_an_unfinished_one_of_its_layer() -> None:
    lifted = track(change(0, 0, -20, 10), change(5, -10, 0, 1))

    assert corners(layer_breakpoints(lifted, "hold")) == [(0, 0), (5, -10), (6, 0)]
    assert level_db(lifted, 5.5) == -5
    assert level_db(lifted, 10) == 0


def test_a_level_rests_until_a_change_that_begins_elsewhere() -> None:
    uneven = track(change(0, 0, -14), change(10, -10, 0, 1))

    assert level_db(uneven, 9.9) == -14
    assert value_at(level_breakpoints(uneven), 9.9) == -14
    assert value_at(level_breakpoints(uneven), 10) == -10


def test_a_layer_is_untouched_until_its_first_change() -> None:
    raised = track(change(5, -6, 0, 2, layer="volume"))

    assert level_db(raised, 4.9) == 0
    assert corners(layer_breakpoints(raised, "volume")) == [(5, 0), (5, -6), (7, 0)]


def test_a_layer_never_falls_below_silence() -> None:
    deep = track(change(0, 0, -240, 1), change(0, 10, 10, layer="player"))

    assert level_db(deep, 0.5) == SILENCE_DB / 2 + 10
    assert level_db(deep, 2) == SILENCE_DB


def test_layers_add_up_and_can_be_asked_for_alone() -> None:
    both = track(change(0, 0, -14, 2), change(1, 0, -6, 2, layer="volume"))

    assert level_db(both, 2) == -14 - 3
    assert level_db(both, 2, layers={"volume"}) == -3
    assert level_db(both, 2, layers=()) == 0
    assert corners(level_breakpoints(both)) == [(0, 0), (1, -7), (2, -17), (3, -20)]


def test_one_silent_layer_silences_the_sum_whatever_the_others_add() -> None:
    silent = track(change(0, 0, SILENCE_DB), change(0, 0, 12, layer="player"))

    assert level_db(silent, 1) == SILENCE_DB
    assert value_at(level_breakpoints(silent), 1) == SILENCE_DB


def test_the_sum_meets_the_floor_at_a_corner_of_its_own() -> None:
    falling = track(change(0, 0, -100, 10), change(0, -70, -70, layer="volume"))

    assert (5.0, SILENCE_DB) in corners(level_breakpoints(falling))
    assert level_db(falling, 9) == SILENCE_DB


GAINS = st.builds(
    change,
    st.integers(0, 20).map(float),
    st.integers(-130, 10).map(float),
    st.integers(-130, 10).map(float),
    st.sampled_from([0.0, 0.5, 3.0]),
    st.sampled_from(["hold", "volume", "player"]),
)


@given(st.lists(GAINS, max_size=8))
def test_breakpoints_tell_the_same_level_as_asking_for_a_moment(gains: list[GainChange]) -> None:
    changing = track(*gains)
    points = level_breakpoints(changing)
    times = [point.at_s for point in points]

    assert times == sorted(times)
    assert all(times.count(at_s) <= 2 for at_s in times)
    # The third between whole and half seconds is never the moment of a change itself.
    for step in range(-3, 75):
        at_s = (step + 0.37) / 3
        assert value_at(points, at_s) == pytest.approx(level_db(changing, at_s), abs=1e-6)


def test_standings_cover_the_whole_time_from_inactive_on() -> None:
    changes = [(2.0, "active"), (4.0, "ducked"), (4.0, "interrupted"), (6.0, "interrupted")]
    standing = track()
    standing.standings = [StandingChange(at_s=at_s, standing=name) for at_s, name in changes]

    assert standing_spans(standing, 10.0) == (
        StandingSpan(start_s=0.0, end_s=2.0, standing="inactive"),
        StandingSpan(start_s=2.0, end_s=4.0, standing="active"),
        StandingSpan(start_s=4.0, end_s=10.0, standing="interrupted"),
    )


def test_standings_join_when_what_lies_between_takes_no_time() -> None:
    standing = track()
    standing.standings = [
        StandingChange(at_s=0.0, standing="active"),
        StandingChange(at_s=3.0, standing="ducked"),
        StandingChange(at_s=3.0, standing="active"),
        StandingChange(at_s=9.0, standing="inactive"),
    ]

    assert standing_spans(standing, 5.0) == (
        StandingSpan(start_s=0.0, end_s=5.0, standing="active"),
    )


def test_no_time_has_no_standings() -> None:
    assert standing_spans(track(), 0.0) == ()


def test_sounding_needs_a_clip_with_a_file_and_a_level() -> None:
    playing = track(change(5, 0, SILENCE_DB))
    playing.clips = [
        Clip(start_s=1, end_s=8, audio=Path("a.flac")),
        Clip(start_s=9, end_s=10, audio=None),
    ]

    assert [is_sounding(playing, at_s) for at_s in (0.9, 1, 4.9, 5, 8)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert clip_at(playing.clips, 9.5) is None
    assert clip_at(playing.clips, 8) is None
    assert clip_at(playing.clips, 7.9) is playing.clips[0]


def test_heights_fall_with_the_level_and_show_ducking_clearly() -> None:
    assert level_height(0) == level_height(6) == 1.0
    assert level_height(-60) == level_height(SILENCE_DB) == 0.0
    assert 0.4 < level_height(-14) < 0.7
    assert level_height(-40) > level_height(-50) > 0


def test_samples_follow_a_ramp_closely_and_end_before_a_jump() -> None:
    points = level_breakpoints(track(change(0, 0, -20, 2), change(4, -20, 0)))

    found = samples(points, 1.0, 4.0, 0.25)

    assert found[0] == (1.0, -10.0)
    assert (1.5, -15.0) in found
    assert found[-2:] == [(2.0, -20.0), (4.0, -20.0)]
