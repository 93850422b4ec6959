"""What is seen of the phone when looks and its own words overtake each other, or one fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import AVAudioSession, AVAudioSessionRecordPermission
from audiosession.hosts.ios import IOSHost, threads
from audiosession.hosts.ios.apple_eyes import LOOKS
from tests.apple.phone_kit import Category, Code, fails, heard
from tests.phones.ios.apple_kit import USAGE, heard_all, reads_by_thread, scripted
from tests.phones.ios.fake_objc import NativeObject
from tests.phones.ios.native_session import NativePort, NativeSession, headphones, phone
from tests.phones.ios.test_apple_device_looks import NATIVE_THREAD, host_of, in_the_loop
from tests.phones.ios.waiting import settle

Told = list[tuple[str, Any]]
Call = Callable[[AVAudioSession], Coroutine[Any, Any, object]]


class NativeSource(NativeObject):
    objc_class = "AVAudioSessionDataSourceDescription"

    dataSourceID = 7
    dataSourceName = "Front"
    location: Any = None
    orientation: Any = None
    supportedPolarPatterns: Any = None


# -- the route moves while somebody looks ----------------------------------------------------


async def _prefer_hologram(session: AVAudioSession) -> None:
    (port,) = [each for each in session.available_inputs if each.uid == "hologram"]
    await session.set_preferred_input(port)


async def _choose_front(session: AVAudioSession) -> None:
    (source,) = session.input_data_sources or ()
    await session.set_input_data_source(source)


SETTERS: dict[str, Call] = {
    "setPreferredInputNumberOfChannels": lambda s: s.set_preferred_input_number_of_channels(1),
    "setPreferredOutputNumberOfChannels": lambda s: s.set_preferred_output_number_of_channels(2),
    "setInputGain": lambda s: s.set_input_gain(0.25),
    "setPreferredInput": _prefer_hologram,
    "setPreferredDataSource": _choose_front,
}


@pytest.mark.parametrize("always", [False, True], ids=["once", "always"])
@pytest.mark.parametrize("setter", SETTERS)
async def test_what_is_set_while_the_route_moves(setter: str, always: bool) -> None:
    async with scripted() as (session, native):
        told = _hear_setters(native)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await heard_all(session)
        _come_unheard(native, told)
        with _moving(session, native, always=always):
            await SETTERS[setter](session)
        assert [name for name, _ in told] == [setter]
        await heard_all(session)


async def test_what_nobody_can_do_while_the_route_moves() -> None:
    async with scripted() as (session, native):
        told = _hear_setters(native)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await heard_all(session)
        _come_unheard(native, told)
        (hologram,) = [each for each in session.available_inputs if each.uid == "hologram"]
        (source,) = session.input_data_sources or ()
        native.there[-1].dataSources = None
        with _moving(session, native, always=True):
            for count in (0, -1):
                with fails(Code.BAD_PARAM):
                    await session.set_preferred_input_number_of_channels(count)
            with fails(Code.BAD_PARAM):
                await session.set_input_gain(float("nan"))
            with fails(Code.BAD_PARAM):
                await session.set_input_data_source(source)
            native.offered = None
            with fails(Code.BAD_PARAM):
                await session.set_preferred_input(hologram)
        assert told == []
        await heard_all(session)


async def test_who_waits_for_a_look_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as (session, native):
        told = _hear_setters(native)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await heard_all(session)
        _come_unheard(native, told)
        # Nobody else looks meanwhile.
        monkeypatch.setattr(host_of(session).apple_device._eyes, "look_soon", lambda: None)
        # What was seen by the second look is known well enough to refuse by.
        with _moving(session, native, always=False), fails(Code.BAD_PARAM):
            await session.set_preferred_output_number_of_channels(3)
        assert told == []
        await heard_all(session)


async def test_who_waits_for_a_look_does_not_look_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        await heard_all(session)
        device = host_of(session).apple_device
        with monkeypatch.context() as patch, _moving(session, native, always=True) as looks:
            # Nobody else looks meanwhile.
            patch.setattr(device._eyes, "look_soon", lambda: None)
            await device.see()
            assert len(looks) == LOOKS
            assert device.unseen
        device._eyes.look_soon()
        await heard_all(session)
        assert not device.unseen


# -- two ways from a look to who wants to know -----------------------------------------------


async def test_an_older_look_that_comes_last() -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        volumes: list[float] = []
        session.observe("output_volume", volumes.append)
        await heard_all(session)
        host = host_of(session)
        eyes = host.apple_device._eyes
        looked, go_on, both = threading.Event(), threading.Event(), threading.Event()
        real = eyes.looking.look

        def slow() -> Any:
            eyes.looking.look = real  # type: ignore[method-assign]
            sight = real()
            looked.set()
            assert go_on.wait(60)
            return sight

        eyes.looking.look = slow  # type: ignore[method-assign]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(session.audio_session._face.app_called(configured=False))
            assert await asyncio.to_thread(looked.wait, 60)
            native.outputVolume = 0.75
            native.objc.tell_changed(native, "outputVolume")
            heard_it = asyncio.Event()
            host.say(heard_it.set)
            await heard_it.wait()
            # The loop is busy, as while it draws, until both looks are done.
            host.phone.thread.post(both.set)
            go_on.set()
            assert both.wait(60)
        await heard_all(session)
        assert volumes == [0.75]


# -- what is not waited for ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["cancelled", "timed out"])
async def test_a_call_that_is_not_waited_for(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        rates: list[float] = []
        session.observe("sample_rate", rates.append)
        await heard_all(session)
        loop = asyncio.get_running_loop()
        begun, go_on = asyncio.Event(), threading.Event()

        def set_rate(rate: float) -> None:
            loop.call_soon_threadsafe(begun.set)
            assert go_on.wait(60)
            native.sampleRate = rate

        native.__dict__.update(setPreferredSampleRateError=set_rate)
        if how == "timed out":
            with monkeypatch.context() as patch, fails(Code.MEDIA_SERVICES_FAILED):
                patch.setattr(threads, "ANSWER_S", 0.05)
                await session.set_preferred_sample_rate(44_100.0)
        else:
            async with asyncio.TaskGroup() as tasks:
                call = tasks.create_task(session.set_preferred_sample_rate(44_100.0))
                await begun.wait()
                call.cancel()
        go_on.set()
        await heard_all(session)
        assert rates == [44_100.0]


async def test_a_look_that_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        volumes: list[float] = []
        session.observe("output_volume", volumes.append)
        await heard_all(session)
        host = host_of(session)
        go_on = threading.Event()
        host.phone.thread.post(lambda: go_on.wait(60))
        native.outputVolume = 0.75
        with monkeypatch.context() as patch:
            patch.setattr(threads, "ANSWER_S", 0.05)
            await host.apple_device.see()
        go_on.set()
        await heard_all(session)
        assert volumes == [0.75]


async def test_a_phone_that_does_not_tell_of_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as (session, native):
        told = _hear_setters(native)
        await session.set_active(True)
        await heard_all(session)

        def broken(*, inputs: bool) -> None:
            raise TypeError("the receiver is nil")

        device = host_of(session).apple_device
        monkeypatch.setattr(device._eyes._watching, "begin", broken)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_input_gain(0.25)
        assert told == [("setInputGain", 0.25)]
        await heard_all(session)
        assert not device.unseen


# -- a view that is made before there is an event loop -----------------------------------------


async def _too_many_channels(session: AVAudioSession) -> None:
    with fails(Code.BAD_PARAM):
        await session.set_preferred_output_number_of_channels(3)


FIRST_CALLS: dict[str, Call] = {
    "category": lambda s: s.set_category(Category.PLAYBACK),
    "activation": lambda s: s.set_active(True),
    "wish": lambda s: s.set_preferred_sample_rate(44_100.0),
    "channels": lambda s: s.set_preferred_output_number_of_channels(2),
    "refused": _too_many_channels,
    "permission": lambda s: s.request_record_permission(),
}


@pytest.mark.parametrize("call", FIRST_CALLS)
def test_a_view_that_is_older_than_the_event_loop(call: str) -> None:
    objc, native = phone(16, 4)
    native.info[USAGE] = "to hear you"
    native.__dict__.update(
        recordPermission=AVAudioSessionRecordPermission.UNDETERMINED.value,
        requestRecordPermission=lambda answered: answered(True),
        setPreferredSampleRateError=lambda rate: None,
    )
    _hear_setters(native)
    host = IOSHost(objc)
    session = AVAudioSession.of(AudioSession(host))
    assert session.output_volume == 0.5
    looked = threading.Event()
    host.phone.thread.post(looked.set)
    assert looked.wait(60)
    device = host.apple_device
    # What was seen then was told to nobody.
    assert device.unseen

    async def use() -> None:
        volumes: list[float] = []
        session.observe("output_volume", volumes.append)
        await FIRST_CALLS[call](session)
        await settle(host)
        assert not device.unseen
        with device.as_seen():
            assert device.route.outputs == ("Speaker",)
        with heard(session) as said:
            native.outputVolume = 0.75
            native.plug(headphones())
            await settle(host)
            await settle(host)
            assert "RouteChange" in said.names
        assert volumes == [0.75]
        await session.audio_session.close()
        await host.close()

    asyncio.run(use())
    objc.close()


# -- inputs, once they were there ------------------------------------------------------------


async def test_inputs_of_an_app_that_only_plays_by_now() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await session.set_category(Category.PLAYBACK)
        await heard_all(session)
        with reads_by_thread(native) as seen:
            native.plug(headphones())
            await heard_all(session)
        touched = {member for member, _ in seen if "input" in member.lower()}
        assert touched == {"AVAudioSessionRouteDescription.inputs"}


async def test_an_input_that_is_observed_is_so_also_while_the_app_only_plays() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        gains: list[float] = []
        session.observe("input_gain", gains.append)
        await session.set_category(Category.PLAYBACK)
        await heard_all(session)
        with reads_by_thread(native) as seen:
            native.inputGain = 0.25
            native.objc.tell_changed(native, "inputGain")
            await heard_all(session)
        assert gains == [0.25]
        assert in_the_loop(seen) == []
        assert ("AVAudioSession.inputGain", NATIVE_THREAD) in seen


# -- helpers ---------------------------------------------------------------------------------


def _hear_setters(native: NativeSession) -> Told:
    """What the session is told, by the method's name."""
    told: Told = []

    def hear(name: str) -> None:
        native.__dict__[f"{name}Error"] = lambda value: told.append((name, value))

    for name in ("setPreferredInput", "setInputGain"):
        hear(name)
    for direction in ("Input", "Output"):
        hear(f"setPreferred{direction}NumberOfChannels")
    return told


def _come_unheard(native: NativeSession, told: Told) -> None:
    """An interface comes and is used, and something that this package has no name for.

    The phone has said nothing of it yet.
    """
    interface = NativePort(
        "USBAudio",
        "usb",
        "Interface",
        dataSources=[NativeSource()],
        setPreferredDataSourceError=lambda source: told.append(("setPreferredDataSource", source)),
    )
    native.there.append(interface)
    native.offered = [native.there[1], interface, NativePort("Hologram", "hologram", "Projector")]


@contextmanager
def _moving(
    session: AVAudioSession, native: NativeSession, *, always: bool
) -> Iterator[list[None]]:
    """The phone says that its route is another one during the next look, or during each."""
    host = host_of(session)
    eyes = host.apple_device._eyes
    real = eyes.looking.look
    looks: list[None] = []

    def overtaken() -> Any:
        if not always:
            eyes.looking.look = real  # type: ignore[method-assign]
        looks.append(None)
        sight = real()
        native.post(
            "RouteChange",
            {"RouteChangeReason": 1, "RouteChangePreviousRoute": native.currentRoute},
        )
        delivered = threading.Event()
        host.say(delivered.set)
        assert delivered.wait(60)
        return sight

    eyes.looking.look = overtaken  # type: ignore[method-assign]
    try:
        yield looks
    finally:
        eyes.looking.look = real  # type: ignore[method-assign]
