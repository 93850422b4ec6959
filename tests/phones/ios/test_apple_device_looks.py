"""The event loop, and so the screen, never waits for what the phone is busy with.

A getter of the phone's session may wait for a call that is under way. An app that reads a
property has asked for that; what AVAudioSession looks at by itself may not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionNotificationName,
    AVAudioSessionPort,
    AVAudioSessionRecordPermission,
    AVAudioSessionUserInfoKey,
    NotificationCenter,
)
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.ios.events import Note
from audiosession.hosts.ios.ports import PortSeen, RouteSeen
from tests.apple.phone_kit import Category, heard
from tests.phones.ios.apple_kit import heard_all, reads_by_thread, scripted
from tests.phones.ios.native_session import NativePort, NativeSession, headphones, phone

Name = AVAudioSessionNotificationName
Key = AVAudioSessionUserInfoKey

NATIVE_THREAD = "audiosession-ios"


def host_of(session: AVAudioSession) -> IOSHost:
    host = session.audio_session._use_host()
    assert isinstance(host, IOSHost)
    return host


def in_the_loop(seen: list[tuple[str, str]]) -> list[str]:
    here = threading.current_thread().name
    return [member for member, thread in seen if thread == here]


@pytest.mark.parametrize("category", [Category.PLAYBACK, Category.PLAY_AND_RECORD])
async def test_an_app_that_reads_nothing_reads_nothing(category: Category) -> None:
    async with scripted() as (session, native):
        with reads_by_thread(native) as seen, heard(session) as said:
            await session.set_category(category)
            await session.set_active(True)
            jack, microphone = headphones(), NativePort("USBAudio", "usb 1", "Interface")
            native.plug(jack)
            native.plug(microphone)
            await heard_all(session)
            native.unplug(jack)
            native.interrupt()
            native.end_interruption(resume=True)
            await heard_all(session)
            native.renderingMode = 3
            native.post("RenderingModeChange", {"RenderingModeNewRenderingMode": 3})
            await heard_all(session)
            await session.set_active(True)
            await session.set_active(False)
            await heard_all(session)
            names = said.names
        assert {"RouteChange", "Interruption", "RenderingModeChange"} <= {*names}
        assert in_the_loop(seen) == []
        assert seen != []


async def test_a_session_that_is_made_reads_nothing() -> None:
    objc, native = phone()
    host = IOSHost(objc)
    with reads_by_thread(native) as seen:
        session = AVAudioSession.of(AudioSession(host))
        await session.audio_session
        await heard_all(session)
    assert in_the_loop(seen) == []
    assert "AVAudioSession.currentRoute" in [member for member, _ in seen]
    await host.close()
    objc.close()


async def test_what_is_observed_is_read_elsewhere() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        volumes: list[float] = []
        channels: list[int] = []
        session.observe("output_volume", volumes.append)
        session.observe("output_number_of_channels", channels.append)
        session.observe("input_data_source", lambda source: None)
        await heard_all(session)
        with reads_by_thread(native) as seen:
            native.outputVolume = 0.75
            native.objc.tell_changed(native, "outputVolume")
            await heard_all(session)
            assert volumes == [0.75]
            native.outputNumberOfChannels = 4
            native.plug(headphones())
            await heard_all(session)
        # Nobody hears of the time in between, when little is known of what has come.
        assert channels == [4]
        assert in_the_loop(seen) == []


async def test_what_a_call_brings_is_told_before_it_returns() -> None:
    async with scripted() as (session, _):
        with heard(session) as said:
            await session.set_category(Category.PLAY_AND_RECORD)
            assert "AvailableInputsChange" in said.names


SETTERS: dict[str, Callable[[AVAudioSession], Coroutine[Any, Any, object]]] = {
    "input": lambda s: s.set_preferred_input(None),
    "gain": lambda s: s.set_input_gain(0.25),
    "source": lambda s: s.set_input_data_source(None),
    "channels": lambda s: s.set_preferred_input_number_of_channels(1),
    "io": lambda s: s.make_io(input=True).start(),
    "permission": lambda s: s.request_record_permission(),
}


@pytest.mark.parametrize("what", SETTERS)
async def test_what_is_set_is_checked_elsewhere(what: str) -> None:
    async with scripted(16, 4) as (session, native):
        native.__dict__.update(
            recordPermission=AVAudioSessionRecordPermission.UNDETERMINED.value,
            requestRecordPermission=lambda answered: answered(True),
            setPreferredInputError=lambda port: None,
            setInputGainError=lambda gain: None,
            setPreferredInputNumberOfChannelsError=lambda count: None,
        )
        native.there[1].__dict__.update(setPreferredDataSourceError=lambda source: None)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        (microphone,) = session.available_inputs
        with reads_by_thread(native) as seen:
            await SETTERS[what](session)
            await session.set_preferred_input(microphone)
        assert in_the_loop(seen) == []


async def test_a_route_that_moves_while_the_session_is_activated() -> None:
    # Activating is what moves it, and meanwhile the session answers nobody.
    async with scripted() as (session, native):
        await session.set_category(Category.PLAYBACK)
        guard = threading.RLock()
        begun, done = asyncio.Event(), threading.Event()
        in_time: list[bool] = []
        loop = asyncio.get_running_loop()

        def activates() -> None:
            with guard:
                loop.call_soon_threadsafe(begun.set)
                in_time.append(done.wait(20))

        native.first("setActive", activates)
        _guard(native, guard)
        told = asyncio.Event()
        routes: list[Any] = []

        def hear(said: Any) -> None:
            routes.append(said.user_info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE])
            told.set()

        token = NotificationCenter.default().add_observer(Name.ROUTE_CHANGE, hear, session)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.set_active(True))
            await begun.wait()
            host_of(session).heard(
                Note(
                    name=Name.ROUTE_CHANGE,
                    moment=1_000_000,
                    info={Key.ROUTE_CHANGE_REASON: 1},
                    previous=_route("Speaker", AVAudioSessionPort.BUILT_IN_SPEAKER),
                    current=_route("pods", AVAudioSessionPort.BLUETOOTH_A2DP),
                )
            )
            await told.wait()
            done.set()
        assert in_time == [True]
        (previous,) = routes
        assert [port.port_type for port in previous.outputs] == [
            AVAudioSessionPort.BUILT_IN_SPEAKER
        ]
        await heard_all(session)
        # What the phone says now counts, and not what it said then.
        assert [port.uid for port in session.current_route.outputs] == ["Speaker"]
        NotificationCenter.default().remove_observer(token)


async def test_the_phone_is_looked_at_once_for_all_that_it_says() -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        await heard_all(session)
        busy = threading.Event()
        host_of(session).phone.thread.post(lambda: busy.wait(60))
        with reads_by_thread(native) as seen:
            for number in range(5):
                native.plug(NativePort("Headphones", f"wired {number}", "Headphones"))
            # All of it was heard when this is.
            heard_it = asyncio.Event()
            host_of(session).say(heard_it.set)
            await heard_it.wait()
            busy.set()
            await heard_all(session)
        looked = [member for member, thread in seen if thread == NATIVE_THREAD]
        assert looked.count("AVAudioSession.currentRoute") == 1


async def test_a_look_that_began_before_the_route_moved() -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        await heard_all(session)
        device = host_of(session).apple_device
        loop = asyncio.get_running_loop()
        looked, go_on = asyncio.Event(), threading.Event()
        real = device._eyes.looking.look

        def slow() -> Any:
            sight = real()
            loop.call_soon_threadsafe(looked.set)
            assert go_on.wait(60)
            return sight

        device._eyes.looking.look = slow  # type: ignore[method-assign]
        native.objc.tell_changed(native, "outputVolume")
        await looked.wait()
        device._eyes.looking.look = real  # type: ignore[method-assign]
        native.plug(headphones())
        heard_it = asyncio.Event()
        host_of(session).say(heard_it.set)
        await heard_it.wait()
        with device.as_seen():
            assert device.route.outputs == ("Wired Headphones",)
        routes: list[tuple[str, ...]] = []
        take = device._eyes.take

        def taken(sight: Any) -> None:
            routes.append(sight.route.outputs)
            take(sight)

        device._eyes.take = taken  # type: ignore[method-assign]
        go_on.set()
        await heard_all(session)
        assert set(routes) == {("Wired Headphones",)}


async def test_a_phone_that_cannot_be_looked_at() -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        await heard_all(session)
        device = host_of(session).apple_device

        def broken() -> Any:
            raise TypeError("the receiver is nil")

        device._eyes.looking.look = broken  # type: ignore[method-assign]
        with heard(session) as said:
            native.plug(headphones())
            await heard_all(session)
            assert said.names == ["RouteChange"]
        # It is as the phone said, and nothing waits for the look.
        assert not device.unseen
        with device.as_seen():
            assert device.route.outputs == ("Wired Headphones",)
        await session.set_active(False)
        assert not session.is_active


async def test_a_host_that_is_closed_before_it_listens() -> None:
    objc, _ = phone()
    host = IOSHost(objc)
    busy = threading.Event()
    thread = host.phone.thread
    thread.post(lambda: busy.wait(60))
    session = AVAudioSession.of(AudioSession(host))
    assert session.category is Category.SOLO_AMBIENT
    await host.close()
    busy.set()
    # A thread that begins anew comes after what the one before was asked for.
    await thread.run(lambda: None)
    thread.end()
    assert objc.observed == 0
    objc.close()


# -- helpers ---------------------------------------------------------------------------------


def _guard(native: NativeSession, guard: Any) -> None:
    """Has what is read of the session wait for the guard."""
    objc: Any = native.objc
    real = objc.get

    def get(receiver: object, name: str) -> Any:
        if receiver is not native:
            return real(receiver, name)
        with guard:
            return real(receiver, name)

    objc.get = get


def _route(uid: str, kind: AVAudioSessionPort) -> RouteSeen:
    return RouteSeen(outputs=(PortSeen(uid=uid, name=uid, type=kind),))
