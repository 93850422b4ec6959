"""Streams of events: order, bounds, and what happens to those who fail, stall or leave."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import logging
from collections.abc import Callable

import anyio
import pytest

from audiosession.errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    LimitError,
    StreamOverflowError,
)
from audiosession.streams import MAX_BUFFERED, MAX_LISTENERS, MAX_PENDING, EventSource

pytestmark = pytest.mark.anyio


def test_listener_hears_what_is_published_after_it_began() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []
    source.publish(1)
    source.stream.listen(heard.append)
    source.publish(2)
    source.publish(3)
    assert heard == [2, 3]


def test_listeners_hear_in_the_order_they_began() -> None:
    source: EventSource[int] = EventSource()
    heard: list[tuple[str, int]] = []
    for name in "abc":
        source.stream.listen(functools.partial(lambda n, event: heard.append((n, event)), name))
    source.publish(1)
    assert heard == [("a", 1), ("b", 1), ("c", 1)]


def test_cancelled_listener_hears_no_more() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []
    subscription = source.stream.listen(heard.append)
    source.publish(1)
    assert subscription.active
    subscription.cancel()
    subscription.cancel()
    source.publish(2)
    assert heard == [1]
    assert not subscription.active
    assert source.listeners == 0


def test_subscription_ends_with_its_block() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []
    with source.stream.listen(heard.append) as subscription:
        source.publish(1)
    source.publish(2)
    assert heard == [1]
    assert not subscription.active


def test_same_function_may_listen_twice() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []
    first = source.stream.listen(heard.append)
    source.stream.listen(heard.append)
    source.publish(1)
    first.cancel()
    source.publish(2)
    assert heard == [1, 1, 2]


def test_failing_callback_is_logged_and_the_others_still_hear(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source: EventSource[int] = EventSource("interruptions")
    heard: list[int] = []

    def breaks(event: int) -> None:
        raise ZeroDivisionError("oh dear")

    source.stream.listen(breaks)
    source.stream.listen(heard.append)
    source.publish(1)
    source.publish(2)
    assert heard == [1, 2]
    assert [record.name for record in caplog.records] == ["audiosession"] * 2
    assert "breaks of stream interruptions failed" in caplog.messages[0]
    assert "oh dear" in caplog.text


def test_keyboard_interrupt_passes_through_and_the_stream_still_works() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []

    def stop(event: int) -> None:
        if event == 1:
            raise KeyboardInterrupt

    source.stream.listen(stop)
    source.stream.listen(heard.append)
    with pytest.raises(KeyboardInterrupt):
        source.publish(1)
    source.publish(2)
    assert heard == [2]


def test_publishing_from_a_callback_keeps_one_order_for_all() -> None:
    source: EventSource[int] = EventSource()
    early: list[int] = []
    late: list[int] = []

    def answer(event: int) -> None:
        early.append(event)
        if event < 3:
            source.publish(event + 1)

    source.stream.listen(answer)
    source.stream.listen(late.append)
    source.publish(1)
    assert early == late == [1, 2, 3]


def test_listener_that_begins_during_an_event_does_not_hear_it() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []

    def invite(event: int) -> None:
        if event == 1:
            source.publish(2)
            source.stream.listen(heard.append)
            source.publish(3)

    source.stream.listen(invite)
    source.publish(1)
    assert heard == [3]


def test_listener_cancelled_during_an_event_does_not_hear_it() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []
    source.stream.listen(lambda event: second.cancel())
    second = source.stream.listen(heard.append)
    source.publish(1)
    assert heard == []


def test_replay_gives_the_newcomer_the_latest_event_once() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    heard: list[int] = []
    source.publish(1)
    source.publish(2)
    source.stream.listen(heard.append)
    assert heard == [2]
    source.publish(3)
    assert heard == [2, 3]


def test_replay_gives_nothing_before_the_first_event() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    heard: list[int] = []
    source.stream.listen(heard.append)
    assert heard == []
    assert source.latest is None


def test_replay_during_an_event_comes_after_it_and_in_order() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    order: list[tuple[str, int]] = []

    def invite(event: int) -> None:
        order.append(("old", event))
        if event == 1:
            source.publish(2)
            source.stream.listen(lambda each: order.append(("new", each)))
            source.publish(3)

    source.stream.listen(invite)
    source.publish(1)
    assert order == [("old", 1), ("old", 2), ("new", 2), ("old", 3), ("new", 3)]


def test_none_can_be_an_event_and_is_replayed() -> None:
    source: EventSource[None] = EventSource(replay_latest=True)
    heard: list[None] = []
    source.publish(None)
    source.stream.listen(heard.append)
    assert heard == [None]


def test_what_a_callback_publishes_on_replay_is_heard_after_the_replay() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    heard: list[int] = []
    depth: list[int] = []

    def answer(event: int) -> None:
        depth.append(1)
        heard.append(event)
        if event == 1:
            source.publish(2)
            assert heard == [1]
        depth.pop()

    source.publish(1)
    source.stream.listen(answer)
    assert heard == [1, 2]


def test_latest_is_kept_without_replay_too() -> None:
    source: EventSource[int] = EventSource()
    source.publish(7)
    assert source.latest == 7


def test_first_listener_starts_the_source_and_hears_its_state() -> None:
    starts: list[int] = []

    def start() -> None:
        starts.append(source.listeners)
        source.publish(len(starts))

    source: EventSource[int] = EventSource(replay_latest=True, on_first_listen=start)
    heard: list[int] = []
    first = source.stream.listen(heard.append)
    second = source.stream.listen(heard.append)
    assert starts == [0]
    assert heard == [1, 1]
    first.cancel()
    second.cancel()
    source.stream.listen(heard.append)
    assert starts == [0, 0]
    assert heard == [1, 1, 2]


def test_failing_start_leaves_no_listener() -> None:
    def start() -> None:
        raise OSError("no bus")

    source: EventSource[int] = EventSource(on_first_listen=start)
    with pytest.raises(OSError, match="no bus"):
        source.stream.listen(print)
    assert source.listeners == 0


def test_start_may_listen_to_its_own_stream() -> None:
    heard: list[int] = []
    source: EventSource[int] = EventSource(
        on_first_listen=lambda: source.stream.listen(heard.append)
    )
    source.stream.listen(heard.append)
    source.publish(1)
    assert heard == [1, 1]


async def test_start_that_closes_the_source_ends_the_newcomer() -> None:
    source: EventSource[int] = EventSource(on_first_listen=lambda: source.close())
    assert not source.stream.listen(print).active
    assert [event async for event in source.stream] == []


async def _coroutine(event: int) -> None:
    """A callback that cannot be one."""


class _AsyncCall:
    async def __call__(self, event: int) -> None:
        """A callback that cannot be one."""


@pytest.mark.parametrize(
    "callback", [_coroutine, functools.partial(_coroutine), _AsyncCall()], ids=str
)
def test_coroutine_function_is_refused(callback: Callable[[int], object]) -> None:
    source: EventSource[int] = EventSource()
    with pytest.raises(InvalidTypeError, match="use async for") as caught:
        source.stream.listen(callback)
    assert caught.value.field == "callback"
    assert source.listeners == 0


def test_what_cannot_be_called_is_refused() -> None:
    source: EventSource[int] = EventSource()
    with pytest.raises(InvalidTypeError, match="callback must be a function, not str"):
        source.stream.listen("print")  # type: ignore[arg-type]


def test_coroutine_returned_by_a_plain_callback_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source: EventSource[int] = EventSource()
    source.stream.listen(lambda event: _coroutine(event))
    source.publish(1)
    gc.collect()
    assert "returned a coroutine, which is not run" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


def test_listeners_are_limited_and_room_comes_back() -> None:
    source: EventSource[int] = EventSource("devices")
    subscriptions = [source.stream.listen(id) for _ in range(MAX_LISTENERS)]
    with pytest.raises(LimitError, match="listeners of stream 'devices': the limit is 1000"):
        source.stream.listen(id)
    with pytest.raises(LimitError):
        aiter(source.stream)
    subscriptions[0].cancel()
    assert source.stream.listen(id).active


def test_events_published_during_a_delivery_are_limited() -> None:
    source: EventSource[int] = EventSource()
    caught: list[LimitError] = []
    heard: list[int] = []

    def flood(event: int) -> None:
        heard.append(event)
        if event == 0:
            try:
                for each in range(1, MAX_PENDING + 2):
                    source.publish(each)
            except LimitError as error:
                caught.append(error)

    source.stream.listen(flood)
    source.publish(0)
    assert len(caught) == 1
    assert heard == list(range(MAX_PENDING + 1))
    assert source.latest == MAX_PENDING


def test_closed_source_publishes_and_admits_nobody() -> None:
    source: EventSource[int] = EventSource("devices")
    subscription = source.stream.listen(print)
    source.close()
    source.close()
    assert source.closed
    assert not subscription.active
    with pytest.raises(ClosedError, match="stream 'devices' is closed"):
        source.publish(1)
    with pytest.raises(ClosedError):
        source.stream.listen(print)


def test_closing_from_a_callback_delivers_what_was_published() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []

    def end(event: int) -> None:
        if event == 1:
            source.publish(2)
            source.close()

    source.stream.listen(end)
    subscription = source.stream.listen(heard.append)
    source.publish(1)
    assert heard == [1, 2]
    assert not subscription.active


async def test_iterator_hears_from_its_making_on() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    source.publish(1)
    source.publish(2)
    assert await anext(events) == 1
    assert await anext(events) == 2


async def test_iterator_waits_for_the_next_event() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []

    async def read() -> None:
        async for event in source.stream:
            heard.append(event)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        source.publish(1)
        await anyio.wait_all_tasks_blocked()
        assert heard == [1]
        source.publish(2)
        source.close()
    assert heard == [1, 2]


async def test_iterators_are_independent() -> None:
    source: EventSource[int] = EventSource()
    one, other = aiter(source.stream), aiter(source.stream)
    source.publish(1)
    source.close()
    assert [event async for event in one] == [1]
    assert [event async for event in other] == [1]


async def test_iterator_replays_the_latest() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    source.publish(1)
    events = aiter(source.stream)
    source.publish(2)
    source.close()
    assert [event async for event in events] == [1, 2]


async def test_iterating_a_closed_stream_ends_at_once() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    source.publish(1)
    source.close()
    assert [event async for event in source.stream] == []


async def test_slow_reader_gets_what_was_kept_and_then_an_error() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    for number in range(MAX_BUFFERED + 5):
        source.publish(number)
    assert source.listeners == 0
    assert [await anext(events) for _ in range(MAX_BUFFERED)] == list(range(MAX_BUFFERED))
    with pytest.raises(StreamOverflowError) as caught:
        await anext(events)
    assert caught.value.limit == MAX_BUFFERED
    with pytest.raises(StopAsyncIteration):
        await anext(events)


async def test_full_buffer_alone_is_no_overflow() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    for number in range(MAX_BUFFERED):
        source.publish(number)
    source.close()
    assert len([event async for event in events]) == MAX_BUFFERED


async def test_aclose_unsubscribes_and_drops_the_unread() -> None:
    source: EventSource[int] = EventSource()
    async with contextlib.aclosing(aiter(source.stream)) as events:
        source.publish(1)
        source.publish(2)
        assert await anext(events) == 1
    assert source.listeners == 0
    with pytest.raises(StopAsyncIteration):
        await anext(events)
    await events.aclose()


async def test_aclose_ends_a_waiting_read() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    ended: list[bool] = []

    async def read() -> None:
        ended.extend([True async for _ in events] or [False])

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        await events.aclose()
    assert ended == [False]


async def test_leaving_the_loop_unsubscribes() -> None:
    source: EventSource[int] = EventSource(replay_latest=True)
    source.publish(1)
    async for event in source.stream:
        assert event == 1
        assert source.listeners == 1
        break
    gc.collect()
    assert source.listeners == 0


async def test_cancelled_task_unsubscribes_though_its_error_is_kept() -> None:
    source: EventSource[int] = EventSource()

    async def read() -> None:
        async for _ in source.stream:
            pass

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        assert source.listeners == 1
        task.cancel()
    with pytest.raises(asyncio.CancelledError) as kept:
        await task
    assert source.listeners == 0
    assert kept.value.__traceback__ is not None


async def test_cancelled_read_loses_no_event() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await anext(events)
    source.publish(1)
    assert await anext(events) == 1


async def test_event_published_as_the_read_is_cancelled_is_not_lost() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)

    async def read() -> None:
        await anext(events)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        source.publish(1)
        task.cancel()
    assert task.cancelled()
    assert await anext(events) == 1


async def test_second_reader_of_one_iterator_is_refused() -> None:
    source: EventSource[int] = EventSource()
    events = aiter(source.stream)
    heard: list[int] = []

    async def read() -> None:
        heard.append(await anext(events))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(IllegalRequestError, match="another task is already waiting"):
            await anext(events)
        source.publish(1)
    assert heard == [1]


async def test_unheld_iterator_is_still_read_to_its_event() -> None:
    source: EventSource[int] = EventSource()
    heard: list[int] = []

    async def read() -> None:
        heard.append(await anext(aiter(source.stream)))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        await anyio.wait_all_tasks_blocked()
        gc.collect()
        source.publish(1)
    assert heard == [1]
    assert source.listeners == 0


def test_repr_shows_the_state() -> None:
    source: EventSource[int] = EventSource("devices")
    subscription = source.stream.listen(print)
    assert repr(source) == "<EventSource devices: 1 listening>"
    assert repr(source.stream) == "<EventStream devices>"
    assert repr(subscription) == "<Subscription active>"
    source.close()
    assert repr(source) == "<EventSource devices: closed>"
    assert repr(subscription) == "<Subscription ended>"
