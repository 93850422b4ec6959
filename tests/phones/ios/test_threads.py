"""The one thread for native calls, and the errors of what they answer."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from audiosession import AudioSession, recipe
from audiosession.apple import AVAudioSessionErrorCode as Code
from audiosession.errors import ExtraMissingError
from audiosession.hosts.ios import IOSHost, ObjCError
from audiosession.hosts.ios.errors import RubiconMissingError, as_ns_error
from audiosession.hosts.ios.threads import KEPT, IntoLoop, NativeThread
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.native_session import NativeSession, headphones


async def test_what_is_cancelled_before_its_turn_is_not_made() -> None:
    thread, answer = NativeThread("native"), threading.Event()
    made: list[str] = []
    first = asyncio.ensure_future(thread.run(lambda: answer.wait(60)))  # noqa: TID251
    second = asyncio.ensure_future(thread.run(lambda: made.append("second")))  # noqa: TID251
    await asyncio.sleep(0)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    answer.set()
    await first
    await thread.run(lambda: made.append("third"))
    thread.end()
    assert made == ["third"]


async def test_the_order_is_kept_beyond_the_end_of_the_thread() -> None:
    thread, answer = NativeThread("native"), threading.Event()
    made: list[str] = []

    def slow() -> None:
        answer.wait(60)
        made.append("first")

    thread.post(slow)
    thread.end()
    second = asyncio.ensure_future(thread.run(lambda: made.append("second")))  # noqa: TID251
    await asyncio.sleep(0)
    answer.set()
    await second
    thread.end()
    assert made == ["first", "second"]


@pytest.mark.parametrize("closed", [True, False])
def test_what_waits_for_the_next_event_loop_is_bounded(closed: bool) -> None:
    way, told = IntoLoop(), list[int]()
    loops = asyncio.new_event_loop(), asyncio.new_event_loop()

    async def bind() -> None:
        assert way.bind()
        assert way.leads_here
        # What waited is told in the next turn.
        await asyncio.sleep(0)

    loops[0].run_until_complete(bind())
    if closed:
        loops[0].close()
    for number in range(3 * KEPT):
        way.say(lambda number=number: told.append(number))  # type: ignore[misc]
    assert len(way._said) == KEPT
    # Nor does a loop that only stands still collect them.
    assert len(loops[0]._ready) <= 1  # type: ignore[attr-defined]
    loops[1].run_until_complete(bind())
    assert told == list(range(2 * KEPT, 3 * KEPT))
    if not closed:
        way.say(lambda: told.append(-1))
        loops[0].run_until_complete(asyncio.sleep(0))
        assert told[-1] != -1, "it belongs to the other one now"
        loops[0].close()
        loops[1].run_until_complete(asyncio.sleep(0))
        assert told[-1] == -1
    loops[1].close()


async def test_a_loop_that_runs_is_told_everything() -> None:
    way, told = IntoLoop(), list[int]()
    way.bind()
    for number in range(3 * KEPT):
        way.say(lambda number=number: told.append(number))  # type: ignore[misc]
    # A thread has its turn while the loop tells.
    for _ in range(3):
        way.say(lambda: way.say(lambda: told.append(-1)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == [*range(3 * KEPT), -1, -1, -1]


async def test_what_a_listener_cancels_is_not_what_others_hear() -> None:
    way, told = IntoLoop(), asyncio.Event()
    way.bind()

    def cancelled() -> None:
        raise asyncio.CancelledError

    way.say(cancelled)
    way.say(told.set)
    async with asyncio.timeout(60):
        await told.wait()


async def test_an_answer_that_nobody_waits_for_is_said_where_one_is_made() -> None:
    thread, answer = NativeThread("native"), threading.Event()
    late: list[Future[str]] = []
    begun = threading.Event()

    def slow() -> str:
        begun.set()
        answer.wait(60)
        return "first"

    def first() -> asyncio.Future[str]:
        return asyncio.ensure_future(  # noqa: TID251
            thread.run(slow, late.append)
        )

    def second() -> asyncio.Future[str]:
        return asyncio.ensure_future(  # noqa: TID251
            thread.run(lambda: "second", late.append)
        )

    asking = first(), second()
    assert await asyncio.to_thread(begun.wait, 60)
    for each in asking:
        each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await each
    answer.set()
    assert await thread.run(lambda: "third", late.append) == "third"
    thread.end()
    assert [each.result() for each in late] == ["first"]


async def test_each_call_is_made_in_what_goes_around_it() -> None:
    steps: list[str] = []

    @contextmanager
    def around() -> Iterator[None]:
        steps.append("in")
        yield
        steps.append("out")

    thread = NativeThread("native", around)
    for each in ("one", "two"):
        await thread.run(lambda each=each: steps.append(each))  # type: ignore[misc]
    done = threading.Event()
    thread.post(lambda: 1 / 0)
    thread.post(done.set)
    assert await asyncio.to_thread(done.wait, 60)
    thread.end()
    assert steps[:6] == ["in", "one", "out", "in", "two", "out"]


async def test_each_call_on_the_phone_has_a_pool_of_its_own(
    host: IOSHost, native: NativeSession
) -> None:
    session = AudioSession(host)
    pools: list[int] = []
    native.first("setCategory", lambda: pools.append(native.objc.pools))
    native.first("setActive", lambda: pools.append(native.objc.pools))
    native.first("setActive", lambda: pools.append(native.objc.pools))
    await session.configure(recipe("music"))
    await session.set_active(True)
    await session.close()
    assert pools == [1, 1, 1]
    assert await host.phone.thread.run(lambda: native.objc.pools) == 1


async def test_the_loops_thread_touches_nothing_native(
    host: IOSHost, native: NativeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = threading.current_thread()
    touched: list[str] = []
    for name in ("get", "call", "call_checked", "constant", "class_named", "observe", "responds"):
        real = getattr(native.objc, name)

        def noting(*args: object, name: str = name, real: object = real) -> object:
            if threading.current_thread() is here:
                touched.append(f"{name} {args}")
            return real(*args)  # type: ignore[operator]

        monkeypatch.setattr(native.objc, name, noting)
    session = AudioSession(host)
    await session.configure(recipe("voice_call"))
    await session.set_active(True)
    native.plug(headphones())
    native.interrupt()
    native.end_interruption(resume=True)
    await settle(host)
    await session.get_devices()
    await session.set_active(False)
    await session.close()
    assert touched == []


async def test_a_host_that_is_closed_while_it_opens_observes_nothing(
    native: NativeSession,
) -> None:
    host = IOSHost(native.objc)
    answer = threading.Event()
    host.phone.thread.post(lambda: answer.wait(60))
    phone = host.phone
    opening = asyncio.ensure_future(opened(host))  # noqa: TID251
    await asyncio.sleep(0)
    await host.close()
    answer.set()
    await opening
    assert native.objc.observed == 0
    phone.thread.end()


def test_an_error_of_another_domain_keeps_it() -> None:
    assert as_ns_error(ObjCError("Other", int(Code.IS_BUSY), "no")).domain == "Other"


def test_what_is_missing_is_said_as_the_apps_project_has_it() -> None:
    error = pickle.loads(pickle.dumps(RubiconMissingError()))
    assert isinstance(error, ExtraMissingError)
    assert (error.extra, error.needed_for) == ("ios", "the phone's audio session")
    assert 'requires = ["audiosession[ios]"]' in str(error)
    assert "pip" not in str(error)
