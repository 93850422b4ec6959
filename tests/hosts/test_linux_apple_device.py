"""AVAudioSession on Linux, mirrored from what the service says; the service is a double here."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.apple import (
    AVAudioApplication,
    AVAudioApplicationRecordPermission,
    AVAudioSession,
    AVAudioSessionPort,
    AVAudioSessionPromptStyle,
)
from audiosession.apple import AVAudioSessionRouteChangeReason as Reason
from audiosession.apple.device import AppleAppState
from audiosession.core.codec import to_plain
from audiosession.core.routing import (
    Port,
    RouteChange,
    RouteChangeReason,
    RoutePorts,
    RouteRequest,
)
from audiosession.errors import (
    HostUnavailableError,
    HostUnavailableReason,
    UnknownNameError,
)
from audiosession.hosts.base import HostEvents
from audiosession.hosts.linux import first_look
from audiosession.hosts.linux.apple_device import LinuxAppleDevice
from audiosession.hosts.linux.routing_texts import (
    change_from_text,
    request_to_text,
    routing_from_text,
)
from audiosession.service.routing.report import DirectionReport, PortReport, RoutingReport
from tests.apple.phone_kit import (
    Category,
    Code,
    Key,
    PlainHost,
    PlainSession,
    fails,
    heard,
    now,
    phone,
)

SPEAKER = PortReport(
    port=Port(
        id="playback:pci:speaker",
        name="Speaker",
        kind="builtInSpeaker",
        is_input=False,
        is_output=True,
        device="pci",
    ),
    output=DirectionReport(
        channels=("FL", "FR"), sample_rate=48_000.0, buffer_s=0.02, latency_s=0.03, volume=0.5
    ),
)
HEADPHONES = PortReport(
    port=Port(
        id="playback:pci:headphones",
        name="Headphones",
        kind="wiredHeadphones",
        is_input=False,
        is_output=True,
        device="pci",
        order=1,
    ),
    output=DirectionReport(channels=("FL", "FR"), sample_rate=44_100.0),
)
MICROPHONE = PortReport(
    port=Port(
        id="capture:pci:mic",
        name="Mic",
        kind="builtInMic",
        is_input=True,
        is_output=False,
        device="pci",
    ),
    input=DirectionReport(channels=("MONO",), sample_rate=48_000.0, volume=0.25),
)
PLAYS = RoutePorts(outputs=(SPEAKER.port.id,))
JOINED = RoutePorts(inputs=(MICROPHONE.port.id,), outputs=(SPEAKER.port.id,))
FIRST = RoutingReport(
    up=True, ports=(SPEAKER, MICROPHONE), route=PLAYS, output_volume=0.5, input_gain=0.25
)


class Line:
    """The service, as one session of it is seen."""

    def __init__(self, report: RoutingReport) -> None:
        self.report = report
        self.asked: list[tuple[Any, ...]] = []
        self.told: list[tuple[Any, ...]] = []
        self.path: str | None = "/session"
        self.withdrawn: Callable[[], bool] = lambda: False
        self.refuses: dict[str, Exception] = {}

    async def ask(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        # The answer takes at least one turn of the loop.
        await asyncio.sleep(0)
        if member in self.refuses:
            raise self.refuses[member]
        if member == "Routing":
            return [json.dumps(to_plain(self.report))]
        self.asked.append((member, *body))
        report = self.report
        if member == "RequestRoute":
            route = JOINED if json.loads(body[0])["records"] else PLAYS
            self.report = replace(report, route=route)
        elif member == "OverrideOutput":
            self.report = replace(report, overridden=body[0])
        elif member == "PreferInput":
            self.report = replace(report, preferred_input=body[0])
        elif member == "SetInputGain":
            self.report = replace(report, input_gain=body[0])
        return []

    def tell(self, member: str, signature: str, body: list[Any]) -> None:
        self.told.append((member, *body))

    def withdraw(self) -> bool:
        return self.withdrawn()

    def server_back(self) -> None: ...

    @property
    def names(self) -> list[str]:
        return [each[0] for each in self.asked]


class Host(PlainHost):
    """A host whose sessions are arbitrated in this process, and whose routes the line tells."""

    def __init__(self, line: Line) -> None:
        super().__init__(phone().app("app"))
        self.line = line
        self.apple_device = LinuxAppleDevice("app", start=False)

    async def open_session(self, events: HostEvents) -> Any:
        session = PlainSession(await self._host.open_session(events))

        def withdraw() -> bool:
            events.lost_claim()
            return True

        self.line.withdrawn = withdraw
        await self.apple_device.opened(self.line.ask)
        self.apple_device.bind(self.line)
        return session

    def says(self, report: RoutingReport, change: RouteChange | None = None) -> None:
        """The service tells of a new state, and of the change of route that it explains."""
        self.line.report = report
        self.apple_device.hear("RoutingChanged", json.dumps(to_plain(report)))
        if change is not None:
            self.apple_device.hear("RouteChanged", json.dumps(to_plain(change)))


class Told:
    """Keeps what it is told of routes."""

    def __init__(self, told: list[RouteChange]) -> None:
        self._told = told

    def route_changed(self, change: RouteChange) -> None:
        self._told.append(change)

    def secondary_audio(self, begin: bool) -> None: ...

    def media_services_lost(self, *, was_active: bool) -> None: ...

    def media_services_reset(self) -> None: ...

    def changed(self) -> None: ...

    def app_moved(self, state: AppleAppState) -> None: ...

    def wants_unmuted(self) -> None: ...

    def spatial_audio_changed(self, enabled: bool) -> None: ...

    def rendering_changed(self, *, mode: bool) -> None: ...

    def microphone_injection_changed(self, available: bool) -> None: ...


@pytest.fixture
def host() -> Host:
    return Host(Line(FIRST))


async def opened(host: Host, category: Category = Category.PLAYBACK) -> AVAudioSession:
    session = AVAudioSession.of(AudioSession(host))
    await session.set_category(category)
    return session


def changed_to(current: RoutePorts, reason: RouteChangeReason, **rest: Any) -> RouteChange:
    return RouteChange(session="s", reason=reason, previous=PLAYS, current=current, **rest)


# -- texts -----------------------------------------------------------------------------------


def test_texts_come_back_as_they_were() -> None:
    report = replace(FIRST, ports=(SPEAKER, HEADPHONES, MICROPHONE), preferred_input="x", up=False)
    assert routing_from_text(json.dumps(to_plain(report))) == report
    change = changed_to(JOINED, RouteChangeReason.OVERRIDE, lost=("x",), noisy=True)
    assert change_from_text(json.dumps(to_plain(change))) == change
    assert json.loads(request_to_text(RouteRequest(records=True)))["records"] is True


def test_what_a_newer_service_says_is_passed_over() -> None:
    plain = to_plain(replace(FIRST, ports=(SPEAKER,)))
    plain["more"] = 1
    plain["ports"][0]["more"] = 1
    plain["ports"][0]["port"] |= {"more": 1, "kind": "hologram"}
    (found,) = routing_from_text(json.dumps(plain)).ports
    assert found.port == replace(SPEAKER.port, kind="unknown")
    assert change_from_text('{"reason": 77}').reason is RouteChangeReason.UNKNOWN


@pytest.mark.parametrize("text", ["", "[]", '{"ports": [{}]}', '{"ports": [{"port": {}}]}'])
def test_texts_that_are_no_reports(text: str) -> None:
    with pytest.raises((ValueError, TypeError)):
        routing_from_text(text)


# -- reading ---------------------------------------------------------------------------------


async def test_it_reads_as_the_service_says(host: Host) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    await session.set_active(True)
    route = session.current_route
    assert [port.port_type for port in route.outputs] == [AVAudioSessionPort.BUILT_IN_SPEAKER]
    assert [port.port_type for port in route.inputs] == [AVAudioSessionPort.BUILT_IN_MIC]
    assert [each.channel_name for each in route.outputs[0].channels or ()] == [
        "Speaker Left",
        "Speaker Right",
    ]
    assert [each.channel_name for each in route.inputs[0].channels or ()] == ["Mic"]
    assert session.output_volume == 0.5
    assert session.input_gain == 0.25
    assert session.is_input_gain_settable
    assert session.sample_rate == 48_000.0
    assert session.io_buffer_duration == 0.02
    assert session.output_latency == 0.03
    assert session.output_number_of_channels == 2
    assert session.is_input_available
    assert session.input_data_sources is None
    assert not session.is_other_audio_playing
    assert session.prompt_style is AVAudioSessionPromptStyle.NORMAL
    application = AVAudioApplication.of(session.audio_session)
    assert application.record_permission is AVAudioApplicationRecordPermission.GRANTED


async def test_wishes_are_kept_and_the_hardware_is_as_it_is(host: Host) -> None:
    session = await opened(host)
    await session.set_preferred_sample_rate(44_100.0)
    assert session.preferred_sample_rate == 44_100.0
    assert session.sample_rate == 48_000.0


async def test_a_request_is_made_once(host: Host) -> None:
    session = await opened(host)
    assert host.line.names == ["RequestRoute"]
    await session.set_active(True)
    await session.set_category(Category.PLAYBACK)
    # That of solo ambient asks for the same as playback does.
    assert host.line.names == ["RequestRoute"]
    await session.set_category(Category.PLAY_AND_RECORD)
    assert host.line.names == ["RequestRoute"] * 2
    assert [port.port_name for port in session.current_route.inputs] == ["Mic"]


# -- what happens ----------------------------------------------------------------------------


async def test_a_change_of_route_is_told_after_the_state_and_before_what_follows(
    host: Host,
) -> None:
    session = await opened(host)
    await session.set_active(True)
    there = replace(
        FIRST,
        ports=(SPEAKER, HEADPHONES, MICROPHONE),
        route=RoutePorts(outputs=(HEADPHONES.port.id,)),
        output_volume=0.75,
    )
    order: list[object] = []
    session.observe("output_volume", order.append)
    with heard(session) as notifications:
        version = host.apple_device.version
        host.says(there)
        assert host.apple_device.version > version
        assert session.current_route.outputs[0].port_name == "Headphones"
        assert order == []
        host.says(there, changed_to(there.route, RouteChangeReason.NEW_DEVICE_AVAILABLE))
        assert order == [0.75]
        (told,) = notifications.all
    assert told.user_info[Key.ROUTE_CHANGE_REASON] is Reason.NEW_DEVICE_AVAILABLE
    previous = told.user_info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE]
    assert [port.port_name for port in previous.outputs] == ["Speaker"]


async def test_other_changes_are_told_at_once(host: Host) -> None:
    session = await opened(host)
    volumes: list[object] = []
    session.observe("output_volume", volumes.append)
    host.says(replace(host.line.report, output_volume=0.25))
    host.says(replace(host.line.report, output_volume=0.25))
    assert volumes == [0.25]


async def test_a_change_of_route_that_nobody_explains_is_noticed_in_the_end(host: Host) -> None:
    session = await opened(host)
    noticed = asyncio.Event()
    session.observe("output_volume", lambda _: noticed.set())
    host.says(replace(host.line.report, route=RoutePorts(), output_volume=0.25))
    assert not noticed.is_set()
    async with asyncio.timeout(10):
        await noticed.wait()


async def test_other_apps_main_sound(host: Host) -> None:
    session = await opened(host)
    await session.set_active(True)
    with heard(session) as notifications:
        host.says(replace(host.line.report, primary_audio=True, other_audio=True))
        assert session.secondary_audio_should_be_silenced_hint
        host.says(replace(host.line.report, primary_audio=False))
        assert notifications.names == ["SilenceSecondaryAudioHint"] * 2
    assert session.is_other_audio_playing


async def test_the_sound_server_is_the_media_services(host: Host) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    await session.set_active(True)
    with heard(session) as notifications:
        host.says(RoutingReport(up=False), changed_to(RoutePorts(), RouteChangeReason.UNKNOWN))
        assert not session.is_active
        with fails(Code.MEDIA_SERVICES_FAILED):
            await session.set_active(True)
        host.says(FIRST)
        assert notifications.names == [
            "MediaServicesWereLost",
            "DidBecomeInactive",
            "MediaServicesWereReset",
            # What is configured anew takes no input.
            "AvailableInputsChange",
        ]
    assert now(session.category) is Category.SOLO_AMBIENT
    await session.set_active(True)


async def test_volume_and_gain_stay_as_they_were_while_the_sound_server_is_away(
    host: Host,
) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    told: list[object] = []
    session.observe("output_volume", told.append)
    for away in (RoutingReport(up=False), RoutingReport(up=True)):
        host.says(away)
        assert session.output_volume == 0.5
        assert session.input_gain == 0.25
    host.says(FIRST)
    assert told == []
    host.says(replace(FIRST, output_volume=0.75))
    assert told == [0.75]


async def test_without_a_microphone_nobody_records(host: Host) -> None:
    host.line.report = replace(FIRST, ports=(SPEAKER,))
    session = await opened(host, Category.RECORD)
    with fails(Code.RESOURCE_NOT_AVAILABLE):
        await session.set_active(True)


async def test_a_port_that_nobody_was_shown_is_left_out_of_a_previous_route(host: Host) -> None:
    session = await opened(host)
    await session.set_active(True)
    with heard(session) as notifications:
        change = RouteChange(
            session="s",
            reason=RouteChangeReason.OLD_DEVICE_UNAVAILABLE,
            previous=RoutePorts(outputs=("came and went",)),
            current=PLAYS,
        )
        host.says(host.line.report, change)
        (told,) = notifications.all
    assert told.user_info[Key.ROUTE_CHANGE_PREVIOUS_ROUTE].outputs == ()


# -- asking ----------------------------------------------------------------------------------


async def test_override_preference_gain_and_mute_reach_the_service(host: Host) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    await session.set_active(True)
    device = host.apple_device
    host.line.asked.clear()
    await device.override_output(True)
    await session.set_preferred_input(session.available_inputs[0])
    assert session.preferred_input == session.available_inputs[0]
    await session.set_input_gain(0.5)
    assert session.input_gain == 0.5
    await AVAudioApplication.of(session.audio_session).set_input_muted(True)
    assert host.line.asked == [
        ("OverrideOutput", True),
        ("PreferInput", MICROPHONE.port.id),
        ("SetInputGain", 0.5),
        ("MuteOwn", True, False),
    ]


async def test_what_the_service_refuses_is_apples_error(host: Host) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    await session.set_active(True)
    (microphone,) = session.available_inputs
    host.line.refuses["PreferInput"] = UnknownNameError("available input", "mic", [])
    with fails(Code.BAD_PARAM):
        await session.set_preferred_input(microphone)
    host.line.refuses["PreferInput"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    with fails(Code.MEDIA_SERVICES_FAILED):
        await session.set_preferred_input(microphone)
    assert session.preferred_input is None


async def test_a_request_for_a_route_that_is_lost_stops_no_activation(host: Host) -> None:
    session = await opened(host)
    await session.set_active(True)
    host.line.refuses["RequestRoute"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    await session.set_category(Category.PLAY_AND_RECORD)
    assert session.category is Category.PLAY_AND_RECORD
    host.line.refuses.clear()
    await session.set_category(Category.PLAY_AND_RECORD)
    assert session.current_route.inputs


async def test_everything_is_asked_for_again_when_the_service_is_back(host: Host) -> None:
    session = await opened(host, Category.PLAY_AND_RECORD)
    await session.set_active(True)
    await host.apple_device.override_output(True)
    await session.set_preferred_input(session.available_inputs[0])
    await AVAudioApplication.of(session.audio_session).set_input_muted(True)
    host.apple_device.gone()
    assert session.current_route.inputs
    host.says(replace(FIRST, up=False))
    assert session.current_route.inputs
    host.line.report, host.line.asked = FIRST, []
    with heard(session) as notifications:
        await host.apple_device.opened(host.line.ask)
        assert notifications.names == []
    assert host.line.names == ["RequestRoute", "PreferInput", "OverrideOutput", "MuteOwn"]
    assert session.preferred_input is not None


async def test_a_route_that_is_another_one_when_the_service_is_back(host: Host) -> None:
    session = await opened(host)
    await session.set_active(True)
    host.apple_device.gone()
    host.line.refuses["PreferInput"] = UnknownNameError("available input", "mic", [])
    host.line.report = replace(FIRST, ports=(MICROPHONE, HEADPHONES))

    async def ask(member: str, signature: str, body: list[Any]) -> list[Any]:
        answer = await host.line.ask(member, signature, body)
        route = RoutePorts(outputs=(HEADPHONES.port.id,))
        host.line.report = replace(host.line.report, route=route)
        return answer

    with heard(session) as notifications:
        await host.apple_device.opened(ask)
        assert notifications.names == ["RouteChange"]
    assert session.current_route.outputs[0].port_name == "Headphones"


async def test_an_older_service_opens_sessions_all_the_same(
    host: Host, caplog: pytest.LogCaptureFixture
) -> None:
    error = HostUnavailableError(HostUnavailableReason.VERSION_MISMATCH, "no such method")
    host.line.refuses["Routing"] = error
    session = await opened(host)
    assert "does not tell of routes" in caplog.text
    await session.set_active(True)
    host.line.refuses["Routing"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    with pytest.raises(HostUnavailableError):
        await host.apple_device.opened(host.line.ask)


def test_the_host_brings_no_surface_along() -> None:
    """Most programs that use the service never need Apple's surfaces."""
    code = "import sys, audiosession.hosts.linux as _; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "audiosession.hosts.linux.host" in run.stdout.split()
    assert not {
        "audiosession.apple.device",
        "audiosession.apple.avaudiosession",
        "audiosession.hosts.linux.apple_device",
    } & {*run.stdout.split()}


async def test_a_request_while_it_first_asks_for_its_route_is_no_change_that_nobody_explains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def look(_: object) -> RoutingReport:
        return FIRST

    monkeypatch.setattr(first_look.FirstLook, "_look", look)
    device, line = LinuxAppleDevice("app", start=False), Line(FIRST)
    assert device.route == PLAYS
    told: list[RouteChange] = []
    device.bind(line)
    device.attach(Told(told), RouteRequest())
    await asyncio.sleep(0)
    await device.request_route(RouteRequest(records=True))
    # Its own words come from the service, with the reason.
    assert told == []
    assert line.names == ["RequestRoute", "RequestRoute"]
    assert device.route == JOINED


# -- before the first call -------------------------------------------------------------------


async def test_the_first_property_looks_once(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    async def look(_: object) -> RoutingReport:
        looks.append(1)
        return FIRST

    monkeypatch.setattr(first_look.FirstLook, "_look", look)
    session = AVAudioSession.of(AudioSession(host))
    assert looks == []
    assert [port.port_name for port in session.current_route.outputs] == ["Speaker"]
    assert session.output_volume == 0.5
    assert looks == [1]


async def test_a_call_does_not_wait_for_a_look(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_look.FirstLook, "__init__", None)
    session = await opened(host)
    assert session.current_route.outputs[0].port_name == "Speaker"


async def test_without_a_service_there_is_nothing_to_see(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    session = AVAudioSession.of(AudioSession(host))
    assert now(session.current_route.outputs) == ()
    assert session.output_volume == 1.0
    # The first call finds out.
    await session.set_category(Category.PLAYBACK)
    assert [port.port_name for port in session.current_route.outputs] == ["Speaker"]


# -- sound -----------------------------------------------------------------------------------


async def test_what_is_noted_and_what_really_sounds_counts_as_running(host: Host) -> None:
    session = await opened(host)
    io = session.make_io()
    await io.start()
    assert host.apple_device.io_running
    await session.set_active(False)
    assert not now(host.apple_device.io_running)
    host.says(replace(host.line.report, plays=True))
    assert now(host.apple_device.io_running)
