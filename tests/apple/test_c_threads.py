"""Audio Session Services called from several threads, from listeners, and without bounds."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from ctypes import byref, c_uint32, c_void_p, pointer
from typing import Any

import pytest

from audiosession import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    blocking,
)
from audiosession.apple import AVAudioSessionNotificationName as Name
from audiosession.apple import NotificationCenter, _c_places
from audiosession.apple import audio_session_services as c
from audiosession.apple.notifications import MAX_OBSERVERS
from audiosession.errors import IllegalRequestError
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.streams import MAX_BUFFERED
from tests.api.fake_host import FakeHost
from tests.apple.c_kit import NO_ERROR, SPEAKER, Rig, process, put, read

CATEGORY = c.kAudioSessionProperty_AudioCategory
OVERRIDE = c.kAudioSessionProperty_OverrideAudioRoute
ROUTE_CHANGE = c.kAudioSessionProperty_AudioRouteChange
SOURCES = c.kAudioSessionProperty_InputSources
PLAYBACK = c.kAudioSessionCategory_MediaPlayback
PLAY_AND_RECORD = c.kAudioSessionCategory_PlayAndRecord
REASON = c.kAudioSession_RouteChangeKey_Reason


@pytest.fixture
def rig() -> Iterator[Rig]:
    with process() as found:
        found.initialize()
        yield found


def at_once(call: Callable[[], Any], threads: int = 2) -> list[Any]:
    """What the call gives in so many threads that make it at one moment."""
    found: list[Any] = []
    together = threading.Barrier(threads)

    def calling() -> None:
        together.wait(10)
        try:
            found.append(call())
        except Exception as error:
            found.append(error)

    running = [threading.Thread(target=calling) for _ in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join(60)
    return found


# -- threads ---------------------------------------------------------------------------------


def initialize() -> int:
    return c.AudioSessionInitialize(None, None, None, None)


@pytest.mark.parametrize("simulated", [True, False])
def test_of_two_threads_that_initialize_one_does(simulated: bool) -> None:
    for _ in range(20):
        if simulated:
            with process():
                found = at_once(initialize)
        else:
            with c.use(AudioSession(FakeHost())):
                found = at_once(initialize)
        assert sorted(found) == [NO_ERROR, c.kAudioSessionAlreadyInitialized]


def test_calls_of_several_threads_wait_for_each_other(rig: Rig) -> None:
    def call() -> set[int]:
        return {
            status
            for active in (True, False) * 5
            for status in (put(CATEGORY, PLAYBACK), c.AudioSessionSetActive(active))
        }

    assert at_once(call, 4) == [{NO_ERROR}] * 4
    assert c.AudioSessionSetActive(True) == NO_ERROR
    assert rig.session.is_active


def test_a_call_that_another_one_waits_for_is_refused_in_the_end(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_c_places, "PATIENCE_S", 0.05)
    found: list[object] = []

    def listener(*arguments: object) -> None:
        def call() -> None:
            with pytest.raises(IllegalRequestError, match="may wait for this one"):
                c.AudioSessionSetActive(False)
            found.append("refused")

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
    rig.activate(PLAY_AND_RECORD)
    assert found == ["refused"]
    assert c.AudioSessionSetActive(False) == NO_ERROR


def test_registrations_of_several_threads_are_all_kept(rig: Rig) -> None:
    numbers = iter(range(10_000))
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:

        def add() -> set[int]:
            return {rig.listen(ROUTE_CHANGE, next(numbers)) for _ in range(100)}

        assert at_once(add, 4) == [{NO_ERROR}] * 4
    finally:
        sys.setswitchinterval(before)
    rig.activate(PLAYBACK)
    rig.device.plug("wired headphones")
    assert len(rig.changes) == 400


def test_a_listener_that_ends_its_thread_keeps_nobody_from_hearing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    host, heard, done = FakeHost(), list[int](), threading.Event()

    def listener(data: object, state: int) -> None:
        heard.append(state)
        if state == c.kAudioSessionBeginInterruption:
            # What CheckError() of the old examples does.
            sys.exit(1)
        done.set()

    def happening() -> None:
        host.session.events.lost_claim()
        for begin in (True, False):
            event = AudioInterruptionEvent(
                begin=begin, type=AudioInterruptionType.PAUSE, should_resume=not begin
            )
            host.session.events.interruption(event)

    with c.use(AudioSession(host)), caplog.at_level(logging.ERROR):
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        blocking.run(happening)
        assert done.wait(10)
    assert heard == [c.kAudioSessionBeginInterruption, c.kAudioSessionEndInterruption]
    assert "tried to end its thread" in caplog.text


def test_in_real_time_listeners_run_in_the_main_run_loop() -> None:
    app = SimulatedDevice.in_real_time("phone").app("recorder")
    threads: list[str] = []
    done = threading.Event()

    def listener(data: object, state: int) -> None:
        threads.append(threading.current_thread().name)
        done.set()

    with c.use(app.session):
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        blocking.run(app.device.alarm)
        assert done.wait(10)
        blocking.run(app.kill)
    assert threads == ["audiosession main run loop"]


def test_elsewhere_the_session_is_closed_when_the_program_ends() -> None:
    session = AudioSession(FakeHost())
    with c.use(session):
        assert initialize() == NO_ERROR
        closed_with_the_program = [
            each._session
            for each in blocking._the_worker().open
            if isinstance(each, blocking.AudioSession)
        ]
        assert session in closed_with_the_program


def test_calls_of_a_loop_that_does_not_run_pile_up_to_a_bound(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, loop = FakeHost(), asyncio.new_event_loop()
    heard: list[int] = []

    def interrupt(times: int) -> None:
        for number in range(times):
            event = AudioInterruptionEvent(begin=number % 2 == 0, type=AudioInterruptionType.PAUSE)
            app.session.events.interruption(event)

    def run() -> None:
        loop.call_soon(loop.stop)
        loop.run_forever()

    with c.use(AudioSession(app)), caplog.at_level(logging.ERROR):
        assert (
            c.AudioSessionInitialize(loop, None, lambda data, state: heard.append(state), None)
            == NO_ERROR
        )
        blocking.run(interrupt, MAX_BUFFERED + 10)
        assert [record.message for record in caplog.records] == [
            "a listener was not called: 1000 calls wait for one that does not return, or for an "
            "event loop that does not run"
        ]
        run()
        assert heard == [c.kAudioSessionBeginInterruption, c.kAudioSessionEndInterruption] * 500
        # Whoever has caught up hears again.
        blocking.run(interrupt, 1)
        run()
        assert len(heard) == MAX_BUFFERED + 1
    loop.close()


# -- from within listeners -------------------------------------------------------------------


def test_what_a_listener_causes_is_heard_after_what_it_was_told(rig: Rig) -> None:
    heard: list[tuple[str, int]] = []

    def first(data: object, id: int, size: int, change: dict[str, Any]) -> None:
        heard.append(("first", change[REASON]))
        if change[REASON] == c.kAudioSessionRouteChangeReason_NewDeviceAvailable:
            assert put(OVERRIDE, SPEAKER) == NO_ERROR

    def second(data: object, id: int, size: int, change: dict[str, Any]) -> None:
        heard.append(("second", change[REASON]))

    rig.activate(PLAY_AND_RECORD)
    assert c.AudioSessionAddPropertyListener(ROUTE_CHANGE, first, 1) == NO_ERROR
    assert c.AudioSessionAddPropertyListener(ROUTE_CHANGE, second, 2) == NO_ERROR
    observed: list[int] = []
    NotificationCenter.default().add_observer(
        Name.ROUTE_CHANGE, lambda notification: observed.append(len(heard)), rig.session
    )
    rig.device.plug("wired headset")
    new = c.kAudioSessionRouteChangeReason_NewDeviceAvailable
    override = c.kAudioSessionRouteChangeReason_Override
    assert heard == [("first", new), ("second", new), ("first", override), ("second", override)]
    # Of each change C has heard when the notification comes.
    assert observed == [4, 4]


def test_a_listener_may_use_another_app(rig: Rig) -> None:
    found: list[int] = []

    def listener(*arguments: object) -> None:
        with c.use(rig.device.app("other").session) as other:
            found.append(c.AudioSessionSetActive(False))
            found.append(initialize())
            found.append(put(CATEGORY, c.kAudioSessionCategory_RecordAudio))
            assert other.category.value == "AVAudioSessionCategoryRecord"
        found.append(read(CATEGORY))

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
    rig.activate(PLAYBACK)
    rig.device.plug("wired headphones")
    assert found == [c.kAudioSessionNotInitialized, NO_ERROR, NO_ERROR, PLAYBACK]


def test_what_a_listener_is_given_is_its_own(rig: Rig) -> None:
    sizes: list[int] = []

    def listener(data: object, id: int, size: int, value: Any) -> None:
        value = value if isinstance(value, dict) else value.value
        sizes.append(len(value))
        value.clear()

    rig.activate(PLAY_AND_RECORD)
    for id in (SOURCES, ROUTE_CHANGE):
        for data in (1, 2):
            assert c.AudioSessionAddPropertyListener(id, listener, data) == NO_ERROR
    rig.device.plug("usb mixer")
    rig.device.unplug("usb mixer")
    # Four entries of a change, three sources that come and go.
    assert sizes == [4, 4, 3, 3, 4, 4, 0, 0]


# -- tasks -----------------------------------------------------------------------------------


class Slow:
    """A player whose methods are coroutines that take a few turns."""

    volume = 1.0

    def __init__(self) -> None:
        self.log: list[str] = []

    async def pause(self) -> None:
        await asyncio.sleep(0)
        self.log.append("pause")

    async def resume(self) -> None:
        await asyncio.sleep(0)
        self.log.append("resume")

    async def set_volume(self, volume: float) -> None:
        raise AssertionError(volume)


def disturb(rig: Rig) -> Iterator[int]:
    """Interrupts everybody, and lets them resume."""
    with c.use(rig.device.app("prompt").session):
        assert initialize() == NO_ERROR
        yield c.AudioSessionSetActive(True)
        flag = c.kAudioSessionSetActiveFlag_NotifyOthersOnDeactivation
        yield c.AudioSessionSetActiveWithFlags(False, flag)


async def test_players_that_are_coroutines_go_on_in_the_apps_loop(rig: Rig) -> None:
    player = Slow()
    handler = rig.session.audio_session.handle_interruptions(player)
    await rig.session.set_active(True)
    told: list[list[str]] = []
    for status in disturb(rig):
        assert status == NO_ERROR
        # Nobody runs while the call blocks.
        told.append(list(player.log))
        await asyncio.wait_for(handler.settled(), 10)
    assert told == [[], ["pause"]]
    assert player.log == ["pause", "resume"]


def test_without_a_loop_players_that_are_coroutines_are_done_when_the_call_returns(
    rig: Rig,
) -> None:
    player = Slow()
    rig.session.audio_session.handle_interruptions(player)
    rig.activate(PLAYBACK)
    told = [list(player.log) for _ in disturb(rig)]
    assert told == [["pause"], ["pause", "resume"]]


def test_without_a_loop_a_player_that_never_ends_is_given_up(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Stuck(Slow):
        async def pause(self) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(_c_places, "PATIENCE_S", 0.05)
    rig.session.audio_session.handle_interruptions(Stuck())
    rig.activate(PLAYBACK)
    with caplog.at_level(logging.ERROR):
        assert list(disturb(rig)) == [NO_ERROR, NO_ERROR]
    assert "given up after 0.05 s" in caplog.text


async def test_a_listener_may_start_a_task_although_a_call_goes_on(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[str]] = []

    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    def listener(*arguments: object) -> None:
        assert asyncio.get_running_loop() is loop
        tasks.append(loop.create_task(work()))

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
    rig.activate(PLAY_AND_RECORD)
    assert [await asyncio.wait_for(each, 10) for each in tasks] == ["done"]


# -- registrations ---------------------------------------------------------------------------


def test_there_are_so_many_registrations_and_no_more(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(MAX_OBSERVERS):
        assert rig.listen(ROUTE_CHANGE, number) == NO_ERROR
    with caplog.at_level(logging.ERROR):
        assert rig.listen(ROUTE_CHANGE, -1) == c.kAudioSessionUnspecifiedError
    assert "limit is 1000" in caplog.text
    # One that takes the place of another is not one more.
    assert rig.listen(ROUTE_CHANGE, 0) == NO_ERROR
    remove = c.AudioSessionRemovePropertyListenerWithUserData
    assert remove(ROUTE_CHANGE, rig.on_change, 0) == NO_ERROR
    assert rig.listen(ROUTE_CHANGE, -1) == NO_ERROR


@pytest.mark.parametrize("again", [byref, pointer, lambda cell: cell])
def test_client_data_may_be_a_reference_to_a_cell(rig: Rig, again: Any) -> None:
    mine, other = c_uint32(1), c_uint32(1)
    rig.activate(PLAYBACK)
    assert rig.listen(ROUTE_CHANGE, byref(mine)) == NO_ERROR
    remove = c.AudioSessionRemovePropertyListenerWithUserData
    assert remove(ROUTE_CHANGE, rig.on_change, again(other)) == NO_ERROR
    rig.device.plug("wired headphones")
    assert len(rig.changes) == 1
    assert remove(ROUTE_CHANGE, rig.on_change, again(mine)) == NO_ERROR
    rig.device.unplug("wired headphones")
    assert len(rig.changes) == 1


def test_client_data_may_be_a_number_cast_to_a_pointer(rig: Rig) -> None:
    rig.activate(PLAYBACK)
    assert rig.listen(ROUTE_CHANGE, 7) == rig.listen(ROUTE_CHANGE, c_void_p(7)) == NO_ERROR
    assert rig.listen(ROUTE_CHANGE, None) == rig.listen(ROUTE_CHANGE, c_void_p()) == NO_ERROR
    rig.device.plug("wired headphones")
    assert len(rig.changes) == 2


# -- the end of a session --------------------------------------------------------------------


def test_a_closed_session_cannot_be_initialized() -> None:
    with process() as rig:
        asyncio.run(rig.session.audio_session.close())
        assert initialize() == c.kAudioSessionInitializationError
        assert c.AudioSessionSetActive(True) == c.kAudioSessionNotInitialized
