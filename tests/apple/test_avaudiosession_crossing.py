"""AVAudioSession: calls that cross each other or what happens, and sessions that have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import AVAudioSession
from audiosession.apple._base import MAX_GONE_PORTS
from audiosession.core.routing import Port, RouteChange, RouteChangeReason, RoutePorts
from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.hosts.base import Capability, HostEvents
from audiosession.hosts.simulated import SimulatedApp, SimulatedHost
from tests.apple.phone_kit import (
    Category,
    Code,
    Key,
    Options,
    PlainHost,
    fails,
    heard,
    phone,
    session_of,
    started,
)


class SlowDevice:
    """An app's device that answers when it is let; what is set on it hides what is so."""

    ports: tuple[Port, ...]

    def __init__(self, app: SimulatedApp) -> None:
        self._apple = app.apple
        self._let = asyncio.Event()
        self._let.set()
        self.asked = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._apple, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def later(*args: Any, **kwargs: Any) -> Any:
            self.asked.set()
            await self._let.wait()
            return await found(*args, **kwargs)

        return later

    def hold(self) -> None:
        """Answers nothing from now on."""
        self._let.clear()
        self.asked.clear()

    def let(self) -> None:
        self._let.set()


class SlowSession:
    def __init__(self, session: Any, device: SlowDevice | None) -> None:
        self._session = session
        self.apple_device = device

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class SlowHost:
    """A host whose device takes its time, as one in another process does."""

    name = "slow"

    def __init__(self, app: SimulatedApp) -> None:
        self._host = SimulatedHost(app)
        self.apple_device = SlowDevice(app)

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._host.capabilities

    async def open_session(self, events: HostEvents) -> Any:
        return SlowSession(await self._host.open_session(events), self.apple_device)

    async def close(self) -> None:
        await self._host.close()


def slow(app: SimulatedApp) -> tuple[AVAudioSession, SlowDevice]:
    host = SlowHost(app)
    return AVAudioSession.of(AudioSession(host)), host.apple_device


async def crossed(
    call: Coroutine[Any, Any, Any], device: SlowDevice, meanwhile: Callable[[], object]
) -> BaseException | None:
    """What a call raises when something happens while the device makes it wait."""
    device.hold()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(_caught(call))
        await device.asked.wait()
        meanwhile()
        device.let()
    return running.result()


async def _caught(call: Coroutine[Any, Any, Any]) -> BaseException | None:
    try:
        await call
    except Exception as error:
        return error
    return None


# -- interruptions while the app calls ---------------------------------------------------------


async def test_55_70_interrupted_while_it_is_activated_it_is_told_in_order() -> None:
    phone_ = phone()
    session, device = slow(phone_.app("player"))
    await session.set_category(Category.PLAY_AND_RECORD)
    with heard(session) as notifications:
        await crossed(session.set_active(True), device, phone_.incoming_call)
        told = [name for name in notifications.names if name != "RouteChange"]
        assert told == ["DidBecomeActive", "Interruption", "DidBecomeInactive"]
    assert not session.is_active


async def test_55_io_does_not_run_where_the_interruption_came_first() -> None:
    phone_ = phone()
    app = phone_.app("player")
    session, device = slow(app)
    await session.set_category(Category.PLAY_AND_RECORD)
    io = session.make_io(input=True)
    error = await crossed(io.start(), device, phone_.incoming_call)
    assert getattr(error, "code", None) is Code.SESSION_NOT_ACTIVE
    assert not io.running
    assert not app.apple.io_running


async def test_55_io_that_is_interrupted_before_the_device_knows_does_not_run() -> None:
    phone_ = phone()
    app = phone_.app("player")
    session, device = slow(app)
    await session.set_category(Category.PLAY_AND_RECORD)
    await session.set_active(True)
    io = session.make_io(input=True)
    error = await crossed(io.start(), device, phone_.incoming_call)
    assert getattr(error, "code", None) is Code.SESSION_NOT_ACTIVE
    assert not io.running
    assert not app.apple.io_running


@pytest.mark.parametrize("active", [True, False])
async def test_io_that_is_stopped_while_it_starts_does_not_run(active: bool) -> None:
    app = phone().app("player")
    session, device = slow(app)
    await session.set_category(Category.PLAYBACK)
    await session.set_active(True)
    await session.set_active(active)
    io = session.make_io()
    device.hold()
    async with asyncio.TaskGroup() as group:
        starting = group.create_task(io.start())
        # For the route of the activation, or to run it.
        await device.asked.wait()
        await io.stop()
        device.let()
    assert starting.exception() is None
    assert not io.running
    assert not app.apple.io_running
    assert session.is_active
    await io.start()
    assert io.running


async def test_io_that_is_started_twice_at_once_runs_once() -> None:
    app = phone().app("player")
    session = session_of(app)
    io = session.make_io()
    await asyncio.gather(io.start(), io.start())
    assert io.running
    await io.stop()
    assert not app.apple.io_running


# -- deactivation ------------------------------------------------------------------------------


async def test_39_a_deactivation_by_the_one_api_stops_io() -> None:
    app = phone().app("player")
    session = await started(app)
    io = session.make_io()
    await io.start()
    await session.audio_session.set_active(False)
    assert not io.running
    assert not app.apple.io_running


async def test_39_io_that_starts_while_a_deactivation_waits_is_stopped_by_it() -> None:
    app = phone().app("player")
    session = session_of(app)
    io = session.make_io()
    await asyncio.gather(io.start(), session.set_active(False))
    assert not session.is_active
    assert not io.running
    assert not app.apple.io_running


@pytest.mark.parametrize("version", [(7, 1), (16, 0)])
async def test_42_what_an_interruption_silenced_does_not_make_a_deactivation_fail(
    version: tuple[int, int],
) -> None:
    device = phone(*version)
    app = device.app("player")
    session = await started(app)
    app.player().play()
    device.incoming_call()
    assert not session.is_active
    await session.set_active(False)
    assert not app.player().playing


async def test_31_a_host_that_is_gone_is_a_failure_of_the_media_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = await started(phone().app("player"))

    async def gone(**_: object) -> bool:
        raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)

    monkeypatch.setattr(session.audio_session._session, "deactivate", gone)
    with fails(Code.MEDIA_SERVICES_FAILED):
        await session.set_active(False)


# -- sessions that have ended ------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda session: session.set_category(Category.PLAYBACK),
        lambda session: session.set_active(True),
        lambda session: session.set_active(False),
    ],
    ids=["set_category", "activate", "deactivate"],
)
async def test_32_closed_while_a_call_waits_for_its_turn_the_session_is_expired(
    call: Callable[[AVAudioSession], Coroutine[Any, Any, None]],
) -> None:
    session = session_of(phone().app("player"))
    waiting = call(session)
    first, second, _ = await asyncio.gather(
        _caught(session.set_category(Category.AMBIENT)),
        _caught(waiting),
        session.audio_session.close(),
    )
    for error in (first, second):
        assert getattr(error, "code", None) is Code.EXPIRED_SESSION


async def test_32_a_session_that_is_closed_hears_nothing_and_disturbs_nobody() -> None:
    device = phone()
    app, other = device.app("player"), session_of(device.app("other"))
    session = await started(app)
    io = session.make_io()
    await io.start()
    volumes: list[float] = []
    session.observe("output_volume", volumes.append)
    other.observe("output_volume", volumes.append)
    with heard(session) as notifications:
        await session.audio_session.close()
        assert not io.running
        device.set_volume(0.25)
        device.plug("wired headset")
        device.lose_media_services()
        device.reset_media_services()
        assert notifications.names == []
    assert len(volumes) == 1
    await io.stop()


async def test_31_32_ports_and_data_sources_fail_as_their_session_does() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.RECORD)
    port = session.current_route.inputs[0]
    front = (port.data_sources or ())[1]
    patterns = front.supported_polar_patterns or ()

    async def both(code: Code) -> None:
        with fails(code):
            await port.set_preferred_data_source(front)
        with fails(code):
            await front.set_preferred_polar_pattern(patterns[0])
        assert port.preferred_data_source is None
        assert front.preferred_polar_pattern is None

    device.lose_media_services()
    await both(Code.MEDIA_SERVICES_FAILED)
    device.reset_media_services()
    await session.audio_session.close()
    await both(Code.EXPIRED_SESSION)


# -- ports that come and go --------------------------------------------------------------------


def _port(number: int) -> Port:
    return Port(
        id=f"usb {number}",
        name=f"USB {number}",
        kind="usbAudio",
        is_input=False,
        is_output=True,
        device=f"usb {number}",
        order=number,
    )


async def test_86_ports_that_went_are_not_remembered_for_ever() -> None:
    session, device = slow(phone().app("player"))
    await session.set_active(True)
    events = session._events()
    built_in = device.ports
    for number in range(MAX_GONE_PORTS * 3):
        device.ports = (*built_in, _port(number))
        events.route_changed(_change(number))
    assert len(session._ports) <= MAX_GONE_PORTS + len(device.ports)
    device.ports = built_in
    with heard(session) as notifications:
        events.route_changed(_change(MAX_GONE_PORTS * 3))
        events.route_changed(_change(1))
        last, forgotten = (
            one.user_info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE] for one in notifications.all
        )
    assert [port.port_name for port in last.outputs] == [f"USB {MAX_GONE_PORTS * 3 - 1}"]
    assert forgotten.outputs == ()


def _change(number: int) -> RouteChange:
    return RouteChange(
        session="player/1",
        reason=RouteChangeReason.NEW_DEVICE_AVAILABLE,
        previous=RoutePorts(outputs=(f"usb {number - 1}",)),
        current=RoutePorts(outputs=("speaker",)),
    )


async def test_a_host_that_comes_to_know_routes_is_asked_again() -> None:
    app = phone().app("recorder")
    session = AVAudioSession.of(AudioSession(PlainHost(app)))
    await session.set_category(Category.RECORD, options=Options.ALLOW_BLUETOOTH_HFP)
    assert session.available_inputs[0].channels is None
    host_session: Any = session.audio_session._session
    host_session.apple_device = SlowDevice(app)
    assert session.available_inputs[0].channels is not None


async def test_112_a_wish_made_while_another_is_answered_loses_neither() -> None:
    session, device = slow(phone().app("recorder"))
    await session.set_active(True)
    device.hold()
    async with asyncio.TaskGroup() as group:
        group.create_task(session.set_preferred_sample_rate(44_100.0))
        await device.asked.wait()
        group.create_task(session.set_preferred_io_buffer_duration(0.01))
        await asyncio.sleep(0)
        device.let()
    assert session.preferred_sample_rate == 44_100.0
    assert session.preferred_io_buffer_duration == 0.01


async def test_19_an_activation_cancelled_while_the_device_answers_is_taken_back() -> None:
    session, device = slow(phone().app("player"))
    await session.set_category(Category.PLAYBACK)
    device.hold()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(session.set_active(True))
        await device.asked.wait()
        assert session.audio_session.is_active
        running.cancel()
        await asyncio.sleep(0)
        device.let()
    assert running.cancelled()
    assert not session.audio_session.is_active
    assert not session.is_active


async def test_an_app_that_is_killed_leaves_the_others_working() -> None:
    device = phone()
    player, other = await started(device.app("player")), await started(device.app("other"))
    device.app("player").kill()
    await other.set_active(False)
    await other.set_active(True)
    assert other.is_active
    assert not player.is_active
