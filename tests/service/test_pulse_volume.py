"""Reading a user's wish out of raw numbers, for every volume there is."""

from hypothesis import assume, given
from hypothesis import strategies as st

from audiosession.service.servers.pulse_volume import (
    MAX,
    NORM,
    after_user,
    is_whole_percent,
    linear,
    lowered,
    may_be_lowered,
)

volumes = st.lists(st.integers(0, NORM * 3 // 2), min_size=1, max_size=8).map(tuple)
factors = st.floats(0.0, 1.0)


@given(volumes, factors)
def test_a_lowered_volume_is_inaudibly_off_and_never_a_whole_percent(
    user: tuple[int, ...], factor: float
) -> None:
    now = lowered(user, factor)
    if factor == 1.0:
        assert now == user
        return
    for value, before in zip(now, user, strict=True):
        assert abs(value - before * factor ** (1 / 3)) <= 10.5
        assert (value == 0) == (before == 0)
        assert not value or not is_whole_percent(value)
    assert may_be_lowered(now) == any(user)


@given(volumes, factors, st.integers(0, 150))
def test_a_whole_percentage_is_the_users_new_volume(
    user: tuple[int, ...], factor: float, percent: int
) -> None:
    last = lowered(user, factor)
    assume(percent or max(last) > NORM * 6 // 100)
    now = (round(percent * NORM / 100),) * len(user)
    assert after_user(user, last, (), now) == now


@given(volumes, st.floats(0.0, 0.99), st.integers(-100, 50).filter(bool))
def test_a_step_in_percents_is_the_same_step_for_the_user(
    user: tuple[int, ...], factor: float, percents: int
) -> None:
    last = lowered(user, factor)
    assume(max(user) > 0)
    step = round(percents * NORM / 100)
    now = tuple(value + step for value in last)
    assume(min(now) > 0)
    expected = tuple(max(0, value + step) for value in user)
    assert after_user(user, last, (), now) == expected


@given(st.integers(3000, NORM), st.floats(0.1, 0.99), st.integers(1, 12))
def test_a_step_from_a_volume_set_shortly_before_is_one_too(
    user: int, factor: float, age: int
) -> None:
    recent = [lowered((user,), factor * (1 - back / 100)) for back in range(16)]
    last, *older = recent
    now = (older[age][0] + round(0.05 * NORM),)
    # Another of them may lie a whole number of usual steps away by chance; none does mostly.
    usual = [
        before
        for before in recent
        if abs((now[0] - before[0]) - round((now[0] - before[0]) / 3276.8) * 3276.8) < 1
    ]
    assume(usual == [older[age]])
    assert after_user((user,), last, older, now) == (user + round(0.05 * NORM),)


@given(st.integers(20000, NORM), st.floats(0.1, 0.99), st.integers(-6, 6).filter(bool))
def test_a_step_in_decibels_is_the_same_for_the_user(
    user: int, factor: float, gain_db: int
) -> None:
    last = lowered((user,), factor)
    ratio = 10 ** (gain_db / 60)
    now = (round(last[0] * ratio),)
    step = now[0] - last[0]
    assume(not is_whole_percent(now[0]))
    assume(abs(step - round(step * 100 / NORM) * NORM / 100) >= 1)
    assert after_user((user,), last, (), now) == (round(user * ratio),)


def test_a_step_down_that_ends_at_zero_is_a_usual_one_from_next_to_nothing() -> None:
    user = (40000, 20000)
    assert after_user(user, lowered(user, 0.0), (), (0, 0)) == (36723, 18362)
    assert after_user(user, lowered(user, 0.2), (), (0, 0)) == (0, 0)


def test_another_number_of_channels_is_taken_as_it_is() -> None:
    assert after_user((40000, 20000), (30000, 10000), (), (12345,)) == (12345,)


def test_a_slider_that_keeps_the_balance_is_a_step_of_the_loudest() -> None:
    user = (40000, 20000)
    last = lowered(user, 0.2)
    loud = last[0] + 3277
    now = (loud, round(last[1] * loud / last[0]))
    assert after_user(user, last, (), now) == (43277, 21638)


def test_volumes_are_cubic() -> None:
    assert linear((NORM, NORM // 2, 0)) == (1.0, 0.125, 0.0)


def test_steps_stay_within_what_the_server_takes() -> None:
    last = lowered((MAX,), 0.5)
    assert after_user((MAX,), last, (), (last[0] + 3277,)) == (MAX,)
