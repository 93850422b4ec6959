"""The clock of a simulated device: moved by hand, jumping, or real."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from audiosession.errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    TimeBackwardsError,
)
from audiosession.hosts.simulated import ClockMode, SimulatedDevice, VirtualClock

DEADLINE_S = 10.0


def test_callbacks_run_in_order_of_time_and_then_of_arrival() -> None:
    clock = VirtualClock()
    ran: list[tuple[str, float]] = []
    for at, name in ((2.0, "c"), (1.0, "a"), (2.0, "d"), (1.5, "b"), (3.5, "e")):
        clock.call_at(at, lambda name=name: ran.append((name, clock.now)))  # type: ignore[misc]
    clock.advance(3.0)
    assert ran == [("a", 1.0), ("b", 1.5), ("c", 2.0), ("d", 2.0)]
    assert clock.now == 3.0
    assert clock.next_timer() == 3.5
    clock.advance_to(3.5)
    assert ran[-1] == ("e", 3.5)
    assert clock.next_timer() is None


def test_a_cancelled_callback_does_not_run() -> None:
    clock = VirtualClock()
    ran: list[float] = []
    timer = clock.call_at(1.0, lambda: ran.append(clock.now))
    timer.cancel()
    assert clock.next_timer() is None
    clock.advance(2.0)
    assert ran == []


def test_a_time_gone_by_runs_at_the_next_move() -> None:
    clock = VirtualClock()
    clock.advance(5.0)
    ran: list[float] = []
    clock.call_at(1.0, lambda: ran.append(clock.now))
    assert ran == []
    clock.advance(0.0)
    assert ran == [5.0]


def test_a_callback_may_move_the_clock_and_misses_nothing() -> None:
    clock = VirtualClock()
    ran: list[tuple[str, float]] = []

    def jump() -> None:
        clock.advance(10.0)
        ran.append(("jumped", clock.now))

    clock.call_at(0.5, jump)
    clock.call_at(2.0, lambda: ran.append(("on the way", clock.now)))
    clock.advance(1.0)
    assert ran == [("on the way", 2.0), ("jumped", 10.5)]
    assert clock.now == 10.5


def test_a_callback_that_raises_stops_the_clock_there() -> None:
    clock = VirtualClock()
    ran: list[float] = []
    clock.call_at(1.0, lambda: 1 / 0)  # type: ignore[arg-type]
    clock.call_at(2.0, lambda: ran.append(clock.now))
    with pytest.raises(ZeroDivisionError):
        clock.advance(3.0)
    assert clock.now == 1.0
    clock.advance_to(3.0)
    assert ran == [2.0]


def test_time_does_not_run_backwards() -> None:
    clock = VirtualClock()
    clock.advance(2.0)
    with pytest.raises(TimeBackwardsError) as caught:
        clock.advance(-1.0)
    assert (caught.value.now, caught.value.last) == (1.0, 2.0)
    with pytest.raises(TimeBackwardsError):
        clock.advance_to(1.9)
    assert clock.now == 2.0


@pytest.mark.parametrize("method", ["advance", "advance_to"])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("1", InvalidTypeError),
        (None, InvalidTypeError),
        (True, InvalidTypeError),
        (float("nan"), InvalidValueError),
        (float("inf"), InvalidValueError),
    ],
)
def test_what_is_no_time_is_refused(
    method: str, value: Any, error: type[IllegalRequestError]
) -> None:
    clock = VirtualClock()
    with pytest.raises(error) as caught:
        getattr(clock, method)(value)
    assert caught.value.field == {"advance": "seconds", "advance_to": "at"}[method]
    assert clock.now == 0.0


def test_cancelled_callbacks_do_not_pile_up() -> None:
    clock = VirtualClock()
    ran: list[float] = []
    kept = [clock.call_at(at, lambda: ran.append(clock.now)) for at in (5.0, 4000.0)]
    for _ in range(20_000):
        clock.call_at(3600.0, lambda: ran.append(-1.0)).cancel()
    assert len(clock._heap) < 200
    clock.advance_to(10.0)
    kept[0].cancel()
    assert clock._cancelled == 0, "it ran already"
    assert clock.next_timer() == 4000.0
    clock.advance_to(5000.0)
    assert ran == [5.0, 4000.0]


def test_a_long_file_paused_and_resumed_over_and_over_leaves_no_timers() -> None:
    device = SimulatedDevice()
    player = device.app("app").player()
    player.play(duration_s=3600.0)
    for _ in range(20_000):
        player.pause()
        player.resume()
    assert len(device.clock._heap) < 200
    ends: list[None] = []
    player.finished.listen(ends.append)
    device.advance(3600.0)
    assert ends == [None]
    assert not player.playing


def test_the_mode_is_a_mode() -> None:
    with pytest.raises(InvalidTypeError) as caught:
        VirtualClock("fast")  # type: ignore[arg-type]
    assert caught.value.field == "mode"


async def test_who_waits_for_a_clock_moved_by_hand_waits_until_then() -> None:
    clock = VirtualClock()
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(clock.wait_until(1.0))
        gone = tasks.create_task(clock.wait_until(1.0))
        for _ in range(5):
            await asyncio.sleep(0)
        gone.cancel()
        clock.advance(0.9)
        await asyncio.sleep(0)
        assert not task.done()
        clock.advance(0.1)
    assert task.done()
    assert gone.cancelled()


async def test_waiting_for_now_or_before_does_not_wait() -> None:
    clock = VirtualClock()
    clock.advance(1.0)
    async with asyncio.timeout(DEADLINE_S):
        await clock.wait_until(1.0)
        await clock.wait_until(0.5)
    assert clock.now == 1.0


async def test_waiting_on_a_fast_clock_moves_it_with_all_that_is_due() -> None:
    clock = VirtualClock(ClockMode.FAST)
    ran: list[float] = []
    clock.call_at(1.0, lambda: ran.append(clock.now))
    await clock.wait_until(3.0)
    assert (clock.now, ran) == (3.0, [1.0])
    await clock.wait_until(2.0)
    assert clock.now == 3.0


def test_a_real_clock_is_not_moved_by_hand() -> None:
    clock = VirtualClock(ClockMode.REAL)
    with pytest.raises(InvalidValueError) as caught:
        clock.advance(1.0)
    assert caught.value.field == "mode"


def test_a_real_clock_follows_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: machine[0])
    clock = VirtualClock(ClockMode.REAL)
    assert clock.now == 0.0
    ran: list[float] = []
    clock.call_at(1.0, lambda: ran.append(clock.now))
    machine[0] = 102.5
    clock.catch_up()
    assert ran == [1.0], "each at its own time, however late the clock looks"
    assert clock.now == 2.5
    clock.call_at(3.0, lambda: ran.append(clock.now))
    machine[0] = 104.0
    assert clock.now == 4.0
    clock.catch_up()
    assert ran == [1.0, 4.0], "a time once told is not taken back"


async def test_a_real_clock_runs_callbacks_in_a_running_loop() -> None:
    clock = VirtualClock(ClockMode.REAL)
    ran: list[str] = []
    done = asyncio.Event()

    def first() -> None:
        ran.append("first")
        clock.call_at(clock.now + 0.005, second)

    def second() -> None:
        ran.append("second")
        done.set()

    clock.call_at(0.02, first)
    # Due earlier, asked for later: what is armed has to move forward.
    clock.call_at(0.01, lambda: ran.append("earlier"))
    async with asyncio.timeout(DEADLINE_S):
        await done.wait()
    assert ran == ["earlier", "first", "second"]
    assert clock.now >= 0.025


async def test_waiting_on_a_real_clock_takes_its_time() -> None:
    clock = VirtualClock(ClockMode.REAL)
    until = clock.now + 0.02
    async with asyncio.timeout(DEADLINE_S):
        await clock.wait_until(until)
    assert clock.now >= until
