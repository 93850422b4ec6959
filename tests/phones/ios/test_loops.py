"""In which event loop an app hears, and what is left when it ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import queue
import threading
from collections.abc import Callable
from ctypes import ArgumentError
from weakref import WeakSet

import pytest

from audiosession import AudioInterruptionEvent, AudioSession, blocking
from audiosession.apple import AVAudioSessionNotificationName
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.ios.events import Note
from audiosession.hosts.ios.threads import IntoLoop
from tests.hosts.contract import Ear, asks
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.native_session import NativeSession

# -- event loops ---------------------------------------------------------------------------------


def test_a_session_hears_in_each_event_loop_that_uses_it(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    session = AudioSession(host)
    heard: list[bool] = []
    session.interruption_event_stream.listen(lambda event: heard.append(event.begin))

    async def use() -> None:
        assert await session.set_active(True)
        native.interrupt()
        await settle(host)
        assert not session.is_active

    for times in (1, 2, 3):
        asyncio.run(use())
        assert heard == [True] * times
    asyncio.run(session.close())
    asyncio.run(host.close())


def test_what_is_said_between_two_event_loops_is_told_in_the_next(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    session = AudioSession(host)
    asyncio.run(_activated(session))
    native.interrupt()

    async def look() -> bool:
        # It is heard before anything that the app asks is answered.
        await session.get_devices()
        return session.is_active

    assert not asyncio.run(look())
    asyncio.run(session.close())
    asyncio.run(host.close())


async def test_sessions_in_two_event_loops_hear_each_in_its_own(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    heard: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
    loop, ready = asyncio.get_running_loop(), asyncio.Event()

    async def hear(name: str, ready: Callable[[], object]) -> None:
        session, told = AudioSession(host), asyncio.Event()

        def hear(event: AudioInterruptionEvent) -> None:
            heard.put((name, threading.get_ident()))
            told.set()

        session.interruption_event_stream.listen(hear)
        await session.set_active(True)
        ready()
        async with asyncio.timeout(60):
            await told.wait()
        await session.close()

    other = threading.Thread(
        target=lambda: asyncio.run(hear("other", lambda: loop.call_soon_threadsafe(ready.set)))
    )

    async def interrupt() -> None:
        other.start()
        async with asyncio.timeout(60):
            await ready.wait()
        await asyncio.to_thread(native.interrupt)

    here = asyncio.Event()
    async with asyncio.TaskGroup() as both:
        both.create_task(hear("here", here.set))
        await here.wait()
        both.create_task(interrupt())
    await asyncio.to_thread(other.join, 60)
    await host.close()
    found = {heard.get(timeout=60), heard.get(timeout=60)}
    assert found == {("here", threading.get_ident()), ("other", other.ident)}


@pytest.mark.parametrize("views", [False, True])
def test_a_session_between_two_event_loops_does_not_hear_in_another_threads(
    native: NativeSession, views: bool
) -> None:
    host = IOSHost(native.objc)
    one, other = AudioSession(host), AudioSession(host)
    heard: dict[str, list[int]] = {"one": [], "other": []}
    _note_threads(one, heard["one"])
    _note_threads(other, heard["other"])
    ready, over = threading.Event(), threading.Event()

    async def open_and_wait() -> None:
        if views:
            # They had the way that the first session has.
            host.listen(View())
        await other.set_active(True)
        ready.set()
        await asyncio.to_thread(over.wait, 60)
        await other.close()

    async def interrupt() -> None:
        await one.set_active(True)
        native.interrupt()
        # The one is used here, and has heard before it is answered.
        await one.get_devices()
        assert not one.is_active

    asyncio.run(_activated(one))
    thread = threading.Thread(target=lambda: asyncio.run(open_and_wait()))
    thread.start()
    try:
        assert ready.wait(60)
        # Nobody is in the first one's loop now.
        native.interrupt()
        if not views:
            assert heard["one"] == []
        asyncio.run(interrupt())
    finally:
        over.set()
        thread.join(60)
    assert heard["one"][-1] == threading.get_ident()
    assert set(heard["other"]) == {thread.ident}
    asyncio.run(one.close())
    asyncio.run(host.close())


def test_sessions_that_were_in_one_loop_hear_in_two_afterwards(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    one, other = AudioSession(host), AudioSession(host)
    heard: dict[str, list[int]] = {"one": [], "other": []}
    _note_threads(one, heard["one"])
    _note_threads(other, heard["other"])

    async def open_both() -> None:
        await one
        await other

    asyncio.run(open_both())
    ready, over = threading.Event(), threading.Event()

    async def use_and_wait() -> None:
        await other.set_active(True)
        ready.set()
        await asyncio.to_thread(over.wait, 60)
        await other.get_devices()

    async def use() -> None:
        await one.set_active(True)
        native.interrupt()
        await one.get_devices()

    thread = threading.Thread(target=lambda: asyncio.run(use_and_wait()))
    thread.start()
    try:
        assert ready.wait(60)
        asyncio.run(use())
    finally:
        over.set()
        thread.join(60)
    assert heard == {"one": [threading.get_ident()], "other": [thread.ident]}
    asyncio.run(_closed(one, other))
    asyncio.run(host.close())


async def test_what_was_said_before_a_session_changed_its_loop_follows_it(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.interrupt()
    # It is on its way into the loop before.
    session.loop = IntoLoop()
    session.loop.bind()
    await settle(host)
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]


def test_sessions_that_come_and_go_leave_no_ways_into_their_loops(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    ways: WeakSet[IntoLoop] = WeakSet()

    async def come_and_go() -> None:
        session, _ = await opened(host)
        ways.add(session.loop)
        await session.close()

    # It keeps its way.
    stays, _ = asyncio.run(opened(host))
    for _ in range(10):
        asyncio.run(come_and_go())
    gc.collect()
    assert host._views_loop is stays.loop
    assert not ways
    asyncio.run(host.close())


# -- the end -------------------------------------------------------------------------------------


class View:
    """Notes what it hears. Implements NoteListener."""

    def __init__(self) -> None:
        self.heard: list[AVAudioSessionNotificationName] = []

    def take_in(self, note: Note) -> None:
        self.heard.append(note.name)

    def tell(self, note: Note) -> None:
        """Nothing."""


async def test_a_view_of_a_closed_host_hears_nothing_more(
    host: IOSHost, native: NativeSession
) -> None:
    view = View()
    host.listen(view)
    await settle(host)
    native.post("MediaServicesWereReset")
    await settle(host)
    assert view.heard == [AVAudioSessionNotificationName.MEDIA_SERVICES_WERE_RESET]
    # It is on its way into the loop when the host is closed.
    native.post("MediaServicesWereReset")
    await host.close()
    await settle(host)
    assert len(view.heard) == 1


async def test_a_session_that_could_not_be_opened_hears_nothing(
    host: IOSHost, native: NativeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TypeError("argument 1")

    ear = Ear()
    with monkeypatch.context() as broken:
        broken.setattr(native.objc, "observe", fail)
        with pytest.raises(TypeError):
            await host.open_session(ear)
    _, heard = await opened(host)
    native.interrupt()
    await settle(host)
    assert (ear.words, heard.words) == ([], ["begin unknown"])


@pytest.mark.parametrize("error", [TypeError("argument 1"), ArgumentError("argument 1")])
async def test_an_unforeseen_error_leaves_no_observer(
    native: NativeSession, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    session = AudioSession(lambda: IOSHost(native.objc))
    await session.set_active(True)

    def fail() -> None:
        raise error

    native.first("setActive", fail)
    with caplog.at_level(logging.ERROR, "audiosession"):
        await session.close()
    assert native.objc.observed == 0
    assert "argument 1" in caplog.text


async def test_a_close_that_is_cancelled_leaves_no_observer(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    session, _ = await opened(host)
    await session.activate(asks("music"))
    asked, answer = threading.Event(), threading.Event()
    native.first("setActive", lambda: _wait(asked, answer))
    closing = asyncio.ensure_future(host.close())  # noqa: TID251
    await asyncio.to_thread(asked.wait, 60)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert native.objc.observed == 0
    answer.set()


async def test_the_thread_ends_with_the_last_host(native: NativeSession) -> None:
    hosts = IOSHost(native.objc), IOSHost(native.objc)
    threads: list[threading.Thread] = []
    for host in hosts:
        session, _ = await opened(host)
        native.first("setActive", lambda: threads.append(threading.current_thread()))
        await session.activate(asks("music"))
    assert threads[0] is threads[1]
    phone = hosts[0].phone
    await hosts[0].close()
    assert threads[0].is_alive()
    await hosts[1].close()
    await asyncio.to_thread(threads[0].join, 60)
    assert not threads[0].is_alive()
    # A note that was on its way when the last one left starts no other one.
    name = AVAudioSessionNotificationName.INTERRUPTION
    await asyncio.to_thread(phone._posted, name, {}, {})
    assert phone.thread._waiting is None
    assert not phone.watch(name), "nobody would end it"
    assert native.objc.observed == 0


async def test_after_the_end_nobody_observes_and_nobody_hears(native: NativeSession) -> None:
    host, other = IOSHost(native.objc), IOSHost(native.objc)
    session, ear = await opened(host)
    _, still = await opened(other)
    await session.activate(asks("music"))
    await host.close()
    native.interrupt()
    await settle(other)
    assert ear.words == []
    assert still.words == ["begin unknown"]
    await other.close()
    assert native.objc.observed == 0


async def test_programs_without_a_loop_hear_too(native: NativeSession) -> None:
    heard: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def program() -> list[bool]:
        session = blocking.AudioSession(lambda: IOSHost(native.objc))
        session.interruption_event_stream.listen(lambda event: heard.put(event.begin))
        assert session.set_active(True)
        native.interrupt()
        native.end_interruption(resume=True)
        told = [heard.get(timeout=60), heard.get(timeout=60)]
        session.close()
        return told

    assert await asyncio.to_thread(program) == [True, False]
    assert native.objc.observed == 0, "a host that came from a function is closed too"


def test_what_is_said_after_the_loop_is_over_goes_nowhere(native: NativeSession) -> None:
    host = IOSHost(native.objc)
    _, ear = asyncio.run(opened(host))
    native.interrupt()
    assert ear.words == []
    assert native.objc.misuses == []
    asyncio.run(host.close())


def _wait(asked: threading.Event, answer: threading.Event) -> None:
    asked.set()
    answer.wait(60)


async def _activated(session: AudioSession) -> None:
    assert await session.set_active(True)


def _note_threads(session: AudioSession, heard: list[int]) -> None:
    """Notes in which threads it hears of interruptions."""
    session.interruption_event_stream.listen(lambda _: heard.append(threading.get_ident()))


async def _closed(*sessions: AudioSession) -> None:
    for session in sessions:
        await session.close()
