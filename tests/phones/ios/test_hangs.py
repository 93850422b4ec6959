"""What becomes of calls that the phone answers late, or to nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from audiosession import AudioSession
from audiosession.apple import AVAudioSessionErrorCode
from audiosession.errors import ClosedError, HostUnavailableError
from audiosession.hosts.base import Outcome
from audiosession.hosts.ios import IOSHost, threads
from tests.hosts.contract import Ear, asks
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.fake_objc import NativeError
from tests.phones.ios.native_session import NativeSession, phone

T = TypeVar("T")

Code = AVAudioSessionErrorCode


@pytest.mark.parametrize("ends", ["waits too long", "is cancelled"])
async def test_what_is_closed_while_the_phone_hangs_is_given_up_when_it_goes_on(
    host: IOSHost, native: NativeSession, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    (one, _), (other, _) = await opened(host), await opened(host)
    await one.activate(asks("music"))
    answer = threading.Event()
    host.phone.thread.post(lambda: answer.wait(60))
    with monkeypatch.context() as hurry:
        if ends == "is cancelled":
            closing = asyncio.ensure_future(one.close())  # noqa: TID251
            await asyncio.sleep(0)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
        else:
            hurry.setattr(threads, "ANSWER_S", 0.05)
            await one.close()
    answer.set()
    await settle(host)
    assert native.called("setActive") == [[True, 0], [False, 1]]
    await other.activate(asks("music"))
    assert await other.deactivate(notify_others=True)
    assert not native.active, "nobody wants it any more"


async def test_all_sessions_are_given_up_by_a_host_whose_closing_is_cancelled(
    native: NativeSession,
) -> None:
    host, beside = IOSHost(native.objc), IOSHost(native.objc)
    (one, _), (two, _), (other, _) = [await opened(each) for each in (host, host, beside)]
    await one.activate(asks("music"))
    await two.activate(asks("music"))
    answer = threading.Event()
    host.phone.thread.post(lambda: answer.wait(60))
    closing = asyncio.ensure_future(host.close())  # noqa: TID251
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    answer.set()
    await settle(beside)
    assert not native.active
    with pytest.raises(ClosedError):
        await two.activate(asks("music"))
    await other.activate(asks("music"))
    await beside.close()
    assert not native.active


@pytest.mark.parametrize("code", [Code.UNSPECIFIED, Code.IS_BUSY], ids=str)
async def test_what_could_not_be_given_up_when_it_was_closed_is_in_nobodys_way(
    host: IOSHost, native: NativeSession, code: AVAudioSessionErrorCode
) -> None:
    (one, _), (other, _) = await opened(host), await opened(host)
    await one.activate(asks("music"))
    native.refuse("setActive", code)
    await one.close()
    assert native.active
    await other.activate(asks("music"))
    assert await other.deactivate(notify_others=True)
    assert not native.active


@pytest.mark.parametrize("closed", ["the session", "the host"])
async def test_what_is_granted_to_a_session_that_was_closed_is_given_up(
    native: NativeSession, closed: str
) -> None:
    host, beside = IOSHost(native.objc), IOSHost(native.objc)
    (session, _), _ = await opened(host), await opened(beside)
    answer, asking = await _asked(native, session.activate(asks("music")))
    async with asyncio.TaskGroup() as both:
        both.create_task(session.close() if closed == "the session" else host.close())
        # It asks first.
        await asyncio.sleep(0)
        answer.set()
    with pytest.raises(ClosedError):
        await asking
    await settle(beside)
    assert not session.active
    assert not native.active
    assert native.called("setActive") == [[True, 0], [False, 1]]
    thread = beside.phone.thread
    await host.close()
    await beside.close()
    assert thread._waiting is None, "nobody would end it"


async def test_a_cancelled_activation_of_a_closed_host_starts_no_thread(
    native: NativeSession,
) -> None:
    host = IOSHost(native.objc)
    session, _ = await opened(host)
    thread = host.phone.thread
    answer, asking = await _asked(native, session.activate(asks("music")))
    ends = thread._thread
    assert ends is not None
    closing = asyncio.ensure_future(host.close())  # noqa: TID251
    await asyncio.sleep(0)
    for each in closing, asking:
        each.cancel()
        with pytest.raises(asyncio.CancelledError):
            await each
    assert thread._waiting is None, "nobody would end it"
    answer.set()
    await asyncio.to_thread(ends.join, 60)
    assert native.called("setActive") == [[True, 0], [False, 1]]


@pytest.mark.parametrize(
    ("version", "refusal", "stays"),
    [
        ((26, 0), None, False),
        ((26, 0), Code.UNSPECIFIED, True),
        ((17, 5), Code.IS_BUSY, False),
        ((26, 0), Code.IS_BUSY, True),
    ],
    ids=str,
)
async def test_what_is_given_up_late_is_no_longer_active(
    monkeypatch: pytest.MonkeyPatch,
    version: tuple[int, int],
    refusal: AVAudioSessionErrorCode | None,
    stays: bool,
) -> None:
    objc, native = phone(*version)
    host = IOSHost(objc)
    session, other = AudioSession(host), AudioSession(host)
    await session.set_active(True)
    await other
    answer = threading.Event()

    def late() -> None:
        answer.wait(60)
        if refusal is not None:
            raise NativeError(refusal)

    native.first("setActive", late)
    with monkeypatch.context() as hurry:
        hurry.setattr(threads, "ANSWER_S", 0.05)
        with pytest.raises(HostUnavailableError):
            await session.set_active(False)
    assert session.is_active, "it is not known yet"
    answer.set()
    await settle(host)
    assert session.is_active is stays
    await settle(host)
    await other.set_active(True)
    assert await other.set_active(False)
    assert native.active is stays
    await session.close()
    await host.close()
    objc.close()


async def test_what_is_given_up_late_is_active_where_it_was_asked_for_again(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    answer, asking = await _asked(native, session.deactivate(notify_others=True))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    again = asyncio.ensure_future(session.activate(asks("music")))  # noqa: TID251
    await asyncio.sleep(0)
    answer.set()
    assert (await again).outcome is Outcome.GRANTED
    await settle(host)
    assert native.called("setActive") == [[True, 0], [False, 1], [True, 0]]
    assert (session.active, ear.words) == (True, [])


async def test_what_was_not_given_up_after_all_is_heard_to_be_interrupted(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    answer = threading.Event()
    host.phone.thread.post(lambda: answer.wait(60))
    asking = asyncio.ensure_future(session.deactivate(notify_others=True))  # noqa: TID251
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.to_thread(native.interrupt)
    answer.set()
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]
    assert native.called("setActive") == [[True, 0]]


async def test_a_session_whose_opening_is_cancelled_hears_nothing(
    host: IOSHost, native: NativeSession
) -> None:
    _, heard = await opened(host)
    answer, ear = threading.Event(), Ear()
    host.phone.thread.post(lambda: answer.wait(60))
    opening = asyncio.ensure_future(host.open_session(ear))  # noqa: TID251
    await asyncio.sleep(0)
    opening.cancel()
    # It is said before the opening ends, and heard after it.
    native.interrupt()
    with pytest.raises(asyncio.CancelledError):
        await opening
    answer.set()
    await settle(host)
    assert (ear.words, heard.words) == ([], ["begin unknown"])


async def _asked(
    native: NativeSession, asks: Coroutine[Any, Any, T]
) -> tuple[threading.Event, asyncio.Task[T]]:
    """A call that the phone is at; it answers when the event is set."""
    asked, answer = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answer.wait(60)

    native.first("setActive", wait)
    asking = asyncio.ensure_future(asks)  # noqa: TID251
    assert await asyncio.to_thread(asked.wait, 60)
    return answer, asking
