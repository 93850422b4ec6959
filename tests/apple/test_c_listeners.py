"""Listeners of Audio Session Services: who hears what, in which order, and where."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from audiosession import (
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    blocking,
    recipe,
)
from audiosession.apple import AVAudioSessionNotificationName as Name
from audiosession.apple import Notification, NotificationCenter
from audiosession.apple import audio_session_services as c
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.errors import IllegalRequestError
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.testing import Heard
from tests.api.fake_host import HEADSET, FakeHost
from tests.apple.c_kit import NO_ERROR, SPEAKER, Rig, get, process, put, read
from tests.apple.phone_kit import Category, Options, without_microphone

BEGIN, END = c.kAudioSessionBeginInterruption, c.kAudioSessionEndInterruption
RESUME = c.kAudioSessionInterruptionType_ShouldResume
STAY = c.kAudioSessionInterruptionType_ShouldNotResume
TYPE = c.kAudioSessionProperty_InterruptionType
CATEGORY = c.kAudioSessionProperty_AudioCategory
OVERRIDE = c.kAudioSessionProperty_OverrideAudioRoute
ROUTE_CHANGE = c.kAudioSessionProperty_AudioRouteChange
VOLUME = c.kAudioSessionProperty_CurrentHardwareOutputVolume
CHANNELS = c.kAudioSessionProperty_CurrentHardwareOutputNumberChannels
INPUT = c.kAudioSessionProperty_AudioInputAvailable
DIED = c.kAudioSessionProperty_ServerDied
PLAYBACK = c.kAudioSessionCategory_MediaPlayback
PLAY_AND_RECORD = c.kAudioSessionCategory_PlayAndRecord


@pytest.fixture
def rig() -> Iterator[Rig]:
    with process() as found:
        found.initialize()
        yield found


# -- interruptions ---------------------------------------------------------------------------


def test_55_73_at_the_beginning_the_session_is_inactive() -> None:
    active: list[bool] = []
    with process() as rig:
        assert (
            c.AudioSessionInitialize(
                None, None, lambda data, state: active.append(rig.session.is_active), None
            )
            == NO_ERROR
        )
        rig.activate(PLAYBACK)
        rig.device.alarm()
    assert active == [False]


def test_59_60_73_the_type_can_be_read_in_the_listener_and_of_the_end_only(rig: Rig) -> None:
    rig.activate(PLAYBACK)
    assert get(TYPE) == (c.kAudioSessionUnsupportedPropertyError, None)
    rig.device.incoming_call().decline()
    assert rig.states == [BEGIN, END]
    assert rig.types == [None, RESUME]
    assert get(TYPE) == (c.kAudioSessionUnsupportedPropertyError, None)


async def test_55_58_what_was_paused_and_is_stopped_is_told_once() -> None:
    device = SimulatedDevice("phone")
    with process(device=device) as rig:
        rig.initialize()
        rig.activate(PLAYBACK)
        for name, what in (("call", "voice_call"), ("music", "music")):
            session = device.app(name).session
            await session.configure(recipe(what))
            assert await session.set_active(True)
        assert rig.states == [BEGIN]
        # What it asks for anew may be interrupted anew.
        rig.activate(PLAYBACK)
        assert await device.app("music").session.set_active(True)
        assert rig.states == [BEGIN, BEGIN]


def test_73_another_thread_is_not_in_the_listener() -> None:
    found: list[Any] = []

    def listener(data: object, state: int) -> None:
        thread = threading.Thread(target=lambda: found.append(get(TYPE)[1]))
        thread.start()
        thread.join()
        found.append(get(TYPE)[1])

    with process() as rig:
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        rig.activate(PLAYBACK)
        rig.device.alarm().dismiss()
    assert found == [None, None, None, RESUME]


def test_62_the_listener_resumes_by_activating_again() -> None:
    statuses: list[int] = []

    def listener(data: object, state: int) -> None:
        if state == END:
            statuses.append(c.AudioSessionSetActive(True))

    with process() as rig:
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        rig.activate(PLAYBACK)
        rig.device.alarm().dismiss()
        assert rig.session.is_active
    assert statuses == [NO_ERROR]


def test_a_listener_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def listener(*arguments: object) -> None:
        raise RuntimeError("mine")

    with process() as rig, Heard(rig.session.audio_session) as heard:
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
        rig.activate(PLAYBACK)
        with caplog.at_level(logging.ERROR):
            rig.device.plug("wired headphones")
            rig.device.alarm()
        assert heard.words[-1] == "begin unknown"
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


# -- properties ------------------------------------------------------------------------------


def test_a_listener_gets_its_data_the_size_and_the_value(rig: Rig) -> None:
    data = object()
    for id in (VOLUME, CHANNELS, INPUT, ROUTE_CHANGE):
        assert rig.listen(id, data) == NO_ERROR
    rig.activate(PLAYBACK)
    rig.device.set_volume(0.5)
    rig.device.plug("hdmi")
    put(c.kAudioSessionProperty_AudioCategory, PLAY_AND_RECORD)
    assert [change[:3] for change in rig.changes[:2]] == [
        (data, VOLUME, 4),
        (data, ROUTE_CHANGE, 8),
    ]
    assert rig.changes[0][3] == rig.device.volume == 0.5
    assert rig.reasons == [
        c.kAudioSessionRouteChangeReason_NewDeviceAvailable,
        c.kAudioSessionRouteChangeReason_CategoryChange,
    ]
    rig.device.unplug("hdmi")
    assert rig.changes[-1] == (data, CHANNELS, 4, 1)


def test_a_value_that_stays_is_not_told(rig: Rig) -> None:
    rig.listen(VOLUME)
    rig.listen(CHANNELS)
    rig.activate(PLAYBACK)
    rig.device.set_volume(rig.device.volume)
    rig.device.plug("wired headphones")
    assert rig.changes == []


def test_the_gain_is_told_where_there_is_one(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    gain, available = (
        c.kAudioSessionProperty_InputGainScalar,
        c.kAudioSessionProperty_InputGainAvailable,
    )
    assert rig.listen(gain) == rig.listen(available) == NO_ERROR
    rig.activate(PLAY_AND_RECORD)
    put(gain, 0.25)
    rig.device.plug("bluetooth hands-free")
    put(c.kAudioSessionProperty_OverrideCategoryEnableBluetoothInput, 1)
    assert [change[1:] for change in rig.changes] == [
        (gain, 4, 1.0),
        (available, 4, 1),
        (gain, 4, 0.25),
        (available, 4, 0),
    ]
    # Nobody was told of the gain that is not there.
    assert caplog.records == []


def test_120_the_death_of_the_server_is_told(rig: Rig) -> None:
    assert rig.listen(DIED) == NO_ERROR
    rig.activate(PLAYBACK)
    rig.device.lose_media_services()
    assert rig.changes == [(None, DIED, 4, 1)]
    rig.device.reset_media_services()
    assert rig.changes[1:] == [(None, DIED, 4, 0)]
    # Everything is to be set up anew (121), save for the listeners.
    assert read(CATEGORY) == c.kAudioSessionCategory_SoloAmbientSound
    assert not rig.session.is_active


def test_120_it_is_told_by_the_systems_of_its_time_too() -> None:
    with process(6, 1) as rig:
        rig.initialize()
        rig.listen(DIED)
        rig.device.lose_media_services()
        assert rig.changes == [(None, DIED, 4, 1)]


def test_there_is_one_registration_for_a_property_and_data(rig: Rig) -> None:
    heard: list[str] = []

    def first(*arguments: object) -> None:
        heard.append("first")

    def second(*arguments: object) -> None:
        heard.append("second")

    one, other = object(), object()
    for function, data in ((first, one), (first, other), (second, one), (second, one)):
        assert c.AudioSessionAddPropertyListener(ROUTE_CHANGE, function, data) == NO_ERROR
    rig.activate(PLAYBACK)
    rig.device.plug("wired headphones")
    assert heard == ["second", "first"]


def test_numbers_are_the_same_data_by_value(rig: Rig) -> None:
    big = int("123456789")
    assert rig.listen(ROUTE_CHANGE, 123456789) == rig.listen(ROUTE_CHANGE, big) == NO_ERROR
    rig.activate(PLAYBACK)
    rig.device.plug("wired headphones")
    assert len(rig.changes) == 1


def test_one_registration_is_removed_by_function_and_data(rig: Rig) -> None:
    remove = c.AudioSessionRemovePropertyListenerWithUserData
    one, other = object(), object()
    rig.listen(ROUTE_CHANGE, one)
    rig.listen(ROUTE_CHANGE, other)
    rig.listen(VOLUME, one)
    rig.activate(PLAYBACK)
    # Both have to match; what does not is no error.
    assert remove(ROUTE_CHANGE, print, one) == NO_ERROR
    assert remove(ROUTE_CHANGE, rig.on_change, object()) == NO_ERROR
    assert remove(ROUTE_CHANGE, rig.on_change, one) == NO_ERROR
    rig.device.plug("wired headphones")
    rig.device.set_volume(0.5)
    assert [(change[0], change[1]) for change in rig.changes] == [
        (other, ROUTE_CHANGE),
        (one, VOLUME),
    ]


def test_the_oldest_way_removes_all_listeners_of_a_property(rig: Rig) -> None:
    rig.listen(ROUTE_CHANGE, 1)
    rig.listen(ROUTE_CHANGE, 2)
    rig.listen(VOLUME, 1)
    rig.activate(PLAYBACK)
    assert c.AudioSessionRemovePropertyListener(ROUTE_CHANGE) == NO_ERROR
    rig.device.plug("wired headphones")
    rig.device.set_volume(0.5)
    assert [change[1] for change in rig.changes] == [VOLUME]


def test_who_was_removed_while_others_were_told_hears_nothing(rig: Rig) -> None:
    def first(*arguments: object) -> None:
        c.AudioSessionRemovePropertyListener(ROUTE_CHANGE)

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, first, None)
    rig.listen(ROUTE_CHANGE, "later")
    rig.activate(PLAYBACK)
    rig.device.plug("wired headphones")
    assert rig.changes == []


# -- order -----------------------------------------------------------------------------------


class Order:
    """What the three surfaces hear, in order."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_interruption(self, data: object, state: int) -> None:
        self.heard.append("C interruption")

    def on_notification(self, notification: Notification) -> None:
        self.heard.append("notification")

    def begin_interruption(self) -> None:
        self.heard.append("delegate begin")

    def end_interruption(self) -> None:
        self.heard.append("delegate end")

    def input_is_available_changed(self, available: bool) -> None:
        self.heard.append("delegate input")

    def listen(self, rig: Rig) -> None:
        """Begins to listen everywhere, to C last."""
        add = self.heard.append
        session, streams = rig.session, rig.session.audio_session
        session.delegate = self
        streams.interruption_event_stream.listen(lambda event: add("stream interruption"))
        streams.becoming_noisy_event_stream.listen(lambda event: add("stream noisy"))
        streams.devices_changed_event_stream.listen(lambda event: add("stream devices"))
        for name in (Name.INTERRUPTION, Name.ROUTE_CHANGE):
            NotificationCenter.default().add_observer(name, self.on_notification, session)
        session.observe("output_number_of_channels", lambda value: add("observed"))
        c.AudioSessionAddPropertyListener(ROUTE_CHANGE, lambda *_: add("C route"), None)
        c.AudioSessionAddPropertyListener(CHANNELS, lambda *_: add("C value"), None)


def test_c_hears_first_then_avaudiosession_then_the_streams() -> None:
    order = Order()
    with process() as rig:
        c.AudioSessionInitialize(None, None, order.on_interruption, None)
        rig.activate(PLAY_AND_RECORD)
        order.listen(rig)
        rig.device.plug("wired headphones")
        route = ["C route", "C value", "notification", "observed"]
        assert [word for word in order.heard if word != "stream devices"] == route
        order.heard.clear()
        rig.device.unplug("wired headphones")
        words = [word for word in order.heard if word != "stream devices"]
        assert words == [*route, "stream noisy"]
        order.heard.clear()
        alarm = rig.device.alarm()
        begin = ["C interruption", "delegate begin", "notification", "stream interruption"]
        assert order.heard == begin
        order.heard.clear()
        alarm.dismiss()
        end = ["C interruption", "delegate end", "notification", "stream interruption"]
        assert order.heard == end


def test_the_delegate_hears_of_the_first_microphone_after_c_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    order = Order()
    with process(device=without_microphone(monkeypatch)) as rig:
        c.AudioSessionInitialize(None, None, order.on_interruption, None)
        rig.activate(PLAYBACK)
        order.listen(rig)
        rig.session.observe("is_input_available", lambda value: order.heard.append("observed"))
        c.AudioSessionAddPropertyListener(INPUT, lambda *_: order.heard.append("C input"), None)
        words = ["C input", "delegate input", "observed", "stream devices"]
        rig.device.plug("usb microphone")
        assert order.heard == words
        order.heard.clear()
        rig.device.unplug("usb microphone")
        assert order.heard == words


# -- from within listeners -------------------------------------------------------------------


def test_a_listener_may_ask_anything_of_what_others_did(rig: Rig) -> None:
    statuses: list[int] = []

    def listener(data: object, id: int, size: int, change: dict[str, Any]) -> None:
        # What it does itself changes the route as well.
        statuses.append(c.AudioSessionRemovePropertyListener(ROUTE_CHANGE))
        statuses.append(put(CATEGORY, PLAY_AND_RECORD))
        statuses.append(put(OVERRIDE, SPEAKER))
        statuses.append(c.AudioSessionSetActive(True))

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
    rig.activate(PLAYBACK)
    rig.device.plug("wired headset")
    assert statuses == [NO_ERROR] * 4
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInSpeaker]


def test_a_listener_of_a_call_under_way_reads_and_overrides_and_changes_no_category(
    rig: Rig,
) -> None:
    found: list[object] = []

    def listener(data: object, id: int, size: int, change: dict[str, Any]) -> None:
        assert c.AudioSessionRemovePropertyListener(ROUTE_CHANGE) == NO_ERROR
        found.append(read(c.kAudioSessionProperty_AudioRoute))
        found.append(put(OVERRIDE, SPEAKER))
        with pytest.raises(IllegalRequestError, match="still goes on"):
            put(CATEGORY, PLAYBACK)
        with pytest.raises(IllegalRequestError, match="still goes on"):
            c.AudioSessionSetActive(False)
        found.append("done")

    c.AudioSessionAddPropertyListener(ROUTE_CHANGE, listener, None)
    rig.activate(PLAY_AND_RECORD)
    assert found == ["ReceiverAndMicrophone", NO_ERROR, "done"]
    assert read(CATEGORY) == PLAY_AND_RECORD
    assert rig.outputs() == [c.kAudioSessionOutputRoute_BuiltInSpeaker]
    assert c.AudioSessionSetActive(False) == NO_ERROR


# -- event loops -----------------------------------------------------------------------------


async def test_it_works_in_a_running_loop_together_with_the_others() -> None:
    loop = asyncio.get_running_loop()
    here = threading.get_ident()
    states: list[int] = []

    def listener(data: object, state: int) -> None:
        assert threading.get_ident() == here
        states.append(state)
        if state == END:
            assert c.AudioSessionSetActive(True) == NO_ERROR

    with process() as rig:
        await rig.session.set_category(Category.AMBIENT)
        assert c.AudioSessionInitialize(loop, None, listener, None) == NO_ERROR
        assert put(CATEGORY, PLAYBACK) == NO_ERROR
        assert asyncio.get_running_loop() is loop
        await rig.session.set_active(True)
        rig.device.alarm().dismiss()
        assert states == [BEGIN, END]
        assert rig.session.is_active
        await rig.session.audio_session.set_active(False)
        assert c.AudioSessionSetActive(True) == NO_ERROR
        assert rig.session.is_active


async def test_calls_of_others_that_wait_are_not_disturbed(rig: Rig) -> None:
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(rig.session.set_category(Category.PLAYBACK))
        second = tasks.create_task(
            rig.session.set_category(Category.PLAYBACK, options=Options.MIX_WITH_OTHERS)
        )
        await asyncio.sleep(0)
        # One of them is in the middle of it: this cannot wait for it in the same thread.
        with pytest.raises(IllegalRequestError, match="still goes on"):
            put(CATEGORY, PLAY_AND_RECORD)
    assert first.done()
    assert second.done()
    assert rig.session.category_options == Options.MIX_WITH_OTHERS
    assert put(CATEGORY, PLAY_AND_RECORD) == NO_ERROR


async def test_a_session_in_use_in_the_loop_of_another_thread_is_refused(rig: Rig) -> None:
    await rig.session.set_active(True)

    def elsewhere() -> None:
        with pytest.raises(IllegalRequestError, match="another thread"):
            c.AudioSessionSetActive(False)

    await asyncio.to_thread(elsewhere)
    assert rig.session.is_active


def test_listeners_run_in_the_loop_of_another_thread_where_one_is_given() -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    found: list[tuple[int | None, int]] = []
    done = threading.Event()

    def listener(data: object, state: int) -> None:
        found.append((threading.get_ident(), state))
        done.set()

    with process() as rig:
        assert c.AudioSessionInitialize(loop, None, listener, None) == NO_ERROR
        rig.activate(PLAYBACK)
        rig.device.alarm()
        assert done.wait(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    assert found == [(thread.ident, BEGIN)]


# -- a host with a life of its own -----------------------------------------------------------


class Listening:
    """An app in the manner of its time on a host that is not simulated."""

    def __init__(self) -> None:
        self.host = FakeHost()
        self.states: list[tuple[int, int | None, int]] = []
        self.threads: set[str] = set()
        self.done = threading.Event()

    def on_interruption(self, data: object, state: int) -> None:
        self.threads.add(threading.current_thread().name)
        status = c.AudioSessionSetActive(True) if state == END else NO_ERROR
        self.states.append((state, get(TYPE)[1], status))
        if state == END:
            self.done.set()

    def interrupt(self) -> None:
        """The host reports an interruption from its beginning to its end."""
        events = self.host.session.events

        def happening() -> None:
            events.lost_claim()
            kind = AudioInterruptionType.PAUSE
            events.interruption(AudioInterruptionEvent(begin=True, type=kind))
            events.interruption(AudioInterruptionEvent(begin=False, type=kind, should_resume=True))

        blocking.run(happening)


EXPECTED = [(BEGIN, None, NO_ERROR), (END, RESUME, NO_ERROR)]


def test_elsewhere_listeners_have_a_thread_of_their_own_and_may_activate() -> None:
    app = Listening()
    with c.use(AudioSession(app.host)) as session:
        assert c.AudioSessionInitialize(None, None, app.on_interruption, None) == NO_ERROR
        assert put(CATEGORY, PLAYBACK) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        app.interrupt()
        assert app.done.wait(10)
        assert session.is_active
        assert c.AudioSessionSetActive(False) == NO_ERROR
    assert app.states == EXPECTED
    assert app.threads == {"audiosession main run loop"}
    assert app.host.calls == ["open", "devices", "configure", "activate", "activate", "deactivate"]


async def test_elsewhere_listeners_run_in_the_loop_given() -> None:
    app = Listening()
    loop = asyncio.get_running_loop()
    with c.use(AudioSession(app.host)):
        assert c.AudioSessionInitialize(loop, None, app.on_interruption, None) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        app.interrupt()
        assert app.states == []
        await asyncio.to_thread(app.done.wait, 10)
        assert c.AudioSessionSetActive(False) == NO_ERROR
    assert app.states == EXPECTED
    assert app.threads == {threading.current_thread().name}


async def test_elsewhere_who_is_gone_by_then_hears_nothing() -> None:
    app = Listening()
    added = AudioDevicesChangedEvent(
        devices_added=frozenset({HEADSET}), devices_removed=frozenset()
    )
    heard: list[object] = []
    with c.use(AudioSession(app.host)):
        loop = asyncio.get_running_loop()
        assert c.AudioSessionInitialize(loop, None, app.on_interruption, None) == NO_ERROR
        assert (
            c.AudioSessionAddPropertyListener(INPUT, lambda *_: heard.append(1), None) == NO_ERROR
        )
        assert c.AudioSessionSetActive(True) == NO_ERROR
        app.interrupt()
        blocking.run(app.host.session.events.devices_changed, added)
        assert c.AudioSessionSetActive(False) == NO_ERROR
    handed_over = asyncio.Event()
    loop.call_soon(handed_over.set)
    await handed_over.wait()
    assert app.states == heard == []


def test_elsewhere_a_closed_loop_is_said(caplog: pytest.LogCaptureFixture) -> None:
    app = Listening()
    loop = asyncio.new_event_loop()
    with c.use(AudioSession(app.host)):
        assert c.AudioSessionInitialize(loop, None, app.on_interruption, None) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        loop.close()
        with caplog.at_level(logging.ERROR):
            app.interrupt()
        assert c.AudioSessionSetActive(False) == NO_ERROR
    assert "closed" in caplog.text
    assert app.states == []


def test_elsewhere_routes_are_unsupported_and_inputs_are_listed() -> None:
    app = Listening()
    changes: list[int] = []
    told = threading.Event()

    def on_change(data: object, id: int, size: int, value: Any) -> None:
        changes.append(value.value)
        told.set()

    with c.use(AudioSession(app.host)):
        assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR
        for id in (
            c.kAudioSessionProperty_AudioRoute,
            c.kAudioSessionProperty_AudioRouteDescription,
            c.kAudioSessionProperty_CurrentHardwareSampleRate,
            c.kAudioSessionProperty_InputSources,
        ):
            assert get(id) == (c.kAudioSessionUnsupportedPropertyError, None)
        put(CATEGORY, PLAY_AND_RECORD)
        assert put(OVERRIDE, SPEAKER) == c.kAudioSessionUnsupportedPropertyError
        assert read(INPUT) == 0
        assert c.AudioSessionAddPropertyListener(INPUT, on_change, None) == NO_ERROR
        added = AudioDevicesChangedEvent(
            devices_added=frozenset({HEADSET}), devices_removed=frozenset()
        )
        blocking.run(app.host.session.events.devices_changed, added)
        assert told.wait(10)
        assert changes == [1]
        assert read(INPUT) == 1


def test_elsewhere_a_call_in_the_sessions_thread_is_refused() -> None:
    app = Listening()
    with c.use(AudioSession(app.host)):
        assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR

        def observer() -> None:
            # What it needs no waiting for, it may ask.
            assert get(CATEGORY)[0] == NO_ERROR
            with pytest.raises(IllegalRequestError, match="wait for"):
                c.AudioSessionSetActive(True)

        blocking.run(observer)


def test_elsewhere_without_a_service_the_error_is_unspecified() -> None:
    from audiosession.errors import HostUnavailableError, HostUnavailableReason

    app = Listening()
    with c.use(AudioSession(app.host)):
        assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR
        for call in ("activate", "deactivate"):
            app.host.errors[call] = HostUnavailableError(
                HostUnavailableReason.CONNECTION_LOST, "start it"
            )
            assert c.AudioSessionSetActive(call == "activate") == c.kAudioSessionUnspecifiedError


async def test_after_the_session_was_closed_it_is_expired(rig: Rig) -> None:
    await rig.session.audio_session.close()
    assert c.AudioSessionSetActive(True) == int.from_bytes(b"!ses", "big")
    assert put(CATEGORY, PLAYBACK) == int.from_bytes(b"!ses", "big")


def test_a_simulated_device_in_real_time_has_a_life_of_its_own() -> None:
    app = SimulatedDevice.in_real_time("phone").app("recorder")
    states: list[int] = []
    done = threading.Event()

    def listener(data: object, state: int) -> None:
        states.append(state)
        done.set()

    with c.use(app.session) as session:
        assert c.AudioSessionInitialize(None, None, listener, None) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR
        assert isinstance(session, AVAudioSession)
        blocking.run(app.device.alarm)
        assert done.wait(10)
        blocking.run(app.kill)
    assert states == [BEGIN]


def test_without_a_session_of_its_own_it_is_the_apps_one(
    simulated_device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audiosession.apple import _c_process

    monkeypatch.setattr(_c_process, "_process", _c_process.Process())
    assert c.AudioSessionInitialize(None, None, None, None) == NO_ERROR
    assert put(CATEGORY, PLAYBACK) == NO_ERROR
    assert AVAudioSession.shared_instance().category is Category.PLAYBACK
