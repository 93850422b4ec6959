"""The routes of sessions on a simulated device, by their claims and by what a surface asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from audiosession.core.routing import RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from audiosession.core.translate import route_request
from audiosession.errors import IllegalRequestError, InvalidTypeError, UnknownNameError
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from audiosession.testing import Heard

from .kit import start

Reason = RouteChangeReason
JOINED = route_request("AVAudioSessionCategoryPlayAndRecord", options=0x4)
PLAYBACK = route_request("AVAudioSessionCategoryPlayback")
EAR = RoutePorts(inputs=("microphone",), outputs=("earpiece",))
ALOUD = RoutePorts(inputs=("microphone",), outputs=("speaker",))


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice(policy="apple")


@pytest.fixture
def told(device: SimulatedDevice) -> list[RouteChange]:
    changes: list[RouteChange] = []
    device.plugs.listen(changes.append)
    return changes


async def asking(
    device: SimulatedDevice, request: RouteRequest, id: str = "app", recipe: str = "music"
) -> SimulatedApp:
    app = await start(device, id, recipe)
    device.set_route_request(app.session_id(), request)
    return app


async def test_a_session_is_routed_by_its_claim_until_its_surface_asks(
    device: SimulatedDevice, told: list[RouteChange]
) -> None:
    app = await start(device, "app", "voice_call")
    assert device.plugs.route("app") == EAR
    device.plug("wired headphones")
    assert told == [], "the surface has not asked"

    device.set_route_request("app", PLAYBACK)
    assert told.pop() == RouteChange(
        session="app",
        reason=Reason.CATEGORY_CHANGE,
        previous=RoutePorts(inputs=("microphone",), outputs=("wired headphones",)),
        current=RoutePorts(outputs=("wired headphones",)),
    )
    device.set_route_request("app", None)
    assert device.plugs.route("app").inputs == ("microphone",)
    await app.session.close()
    with pytest.raises(UnknownNameError):
        device.plugs.route("app")


async def test_changes_are_told_with_reason_and_previous_route(
    device: SimulatedDevice, told: list[RouteChange]
) -> None:
    await asking(device, JOINED)
    told.clear()
    device.plug("bluetooth headset")
    device.plugs.override_output("app", True)
    device.plugs.override_output("app", False)
    device.plugs.prefer_input("app", "microphone")
    assert device.plugs.preferred_input("app") == "microphone"
    assert device.plugs.available_inputs("app") == ("microphone", "bluetooth headset 2")
    device.plugs.reconfigure("microphone")
    device.plugs.wake()
    device.unplug("bluetooth headset")
    calls = RoutePorts(inputs=("bluetooth headset 2",), outputs=("bluetooth headset 2",))
    assert [(one.reason, one.previous, one.current) for one in told] == [
        (Reason.NEW_DEVICE_AVAILABLE, EAR, calls),
        (Reason.OVERRIDE, calls, ALOUD),
        (Reason.OVERRIDE, ALOUD, calls),
        (Reason.OVERRIDE, calls, EAR),
        (Reason.ROUTE_CONFIGURATION_CHANGE, EAR, EAR),
        (Reason.WAKE_FROM_SLEEP, EAR, EAR),
    ]
    assert device.plugs.available_inputs("app") == ("microphone",)


async def test_99_a_session_by_its_claim_has_inputs_where_it_records(
    device: SimulatedDevice,
) -> None:
    await start(device, "music")
    await start(device, "memo", "recording")
    device.plug("wired headset")
    assert device.plugs.available_inputs("music") == ()
    assert device.plugs.available_inputs("memo") == ("microphone", "wired headset")


async def test_84_an_interruption_ends_the_override(
    device: SimulatedDevice, told: list[RouteChange]
) -> None:
    await asking(device, JOINED)
    device.plugs.override_output("app", True)
    told.clear()
    assert device.plugs.overridden("app")
    device.incoming_call()
    assert not device.plugs.overridden("app")
    assert [(one.reason, one.current) for one in told] == [(Reason.OVERRIDE, EAR)]


async def test_84_being_ducked_leaves_the_override(device: SimulatedDevice) -> None:
    app = await asking(device, JOINED)
    device.plugs.override_output("app", True)
    await start(device, "prompt", "navigation_prompt")
    assert app.standing == "ducked"
    assert device.plugs.overridden("app")


async def test_88_the_route_change_is_told_before_the_one_api_hears(
    device: SimulatedDevice,
) -> None:
    app = await asking(device, PLAYBACK)
    heard = Heard(app.session)
    words: list[list[str]] = []
    device.plug("wired headphones")
    device.plugs.listen(lambda change: words.append([change.reason.name, *heard.words]))
    device.unplug("wired headphones")
    assert words == [["OLD_DEVICE_UNAVAILABLE", "devices changed"]]
    assert heard.words == ["devices changed", "becoming noisy", "devices changed"]


async def test_89_a_session_stays_active_when_its_output_is_pulled(
    device: SimulatedDevice,
) -> None:
    app = await asking(device, PLAYBACK)
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert app.standing == "active"
    assert device.plugs.route("app") == RoutePorts(outputs=("speaker",))


async def test_an_overridden_session_hears_no_noise_when_the_headset_is_pulled(
    device: SimulatedDevice,
) -> None:
    app = await asking(device, JOINED, recipe="voice_call")
    device.plug("wired headset")
    device.plugs.override_output("app", True)
    heard = Heard(app.session)
    device.unplug("wired headset")
    assert heard.words == ["devices changed"], "it sounded on the loudspeaker already"


async def test_96_only_one_of_the_airplay_receivers_mirrors(device: SimulatedDevice) -> None:
    await asking(device, JOINED)
    device.plug("airplay speaker")
    assert device.plugs.route("app") == EAR
    device.plug("airplay screen")
    assert device.plugs.route("app").outputs == ("airplay screen",)


async def test_97_only_the_studio_headset_records_at_full_bandwidth(
    device: SimulatedDevice,
) -> None:
    request = route_request("AVAudioSessionCategoryPlayAndRecord", options=0x80000)
    await asking(device, request)
    device.plug("bluetooth headset")
    assert device.plugs.route("app") == EAR
    device.plug("bluetooth studio headset")
    calls = "bluetooth studio headset 2"
    assert device.plugs.route("app") == RoutePorts(inputs=(calls,), outputs=(calls,))


async def test_102_the_user_chooses_where_long_form_sounds(
    device: SimulatedDevice, told: list[RouteChange]
) -> None:
    await asking(device, replace(PLAYBACK, long_form=True))
    device.plug("airplay speaker")
    device.plug("wired headphones")
    told.clear()
    device.plugs.share_output("airplay speaker")
    assert device.plugs.shared_output == "airplay speaker"
    assert [one.current.outputs for one in told] == [("airplay speaker",)]


@pytest.mark.parametrize(
    ("what", "inputs", "outputs"),
    [
        ("usb microphone", "usb microphone", "earpiece"),
        ("usb interface", "usb interface 2", "usb interface"),
        ("line in", "line in", "earpiece"),
        ("line out", "microphone", "line out"),
        ("display", "microphone", "display"),
        ("thunderbolt interface", "thunderbolt interface 2", "thunderbolt interface"),
        ("car audio", "car audio", "car audio"),
        ("bluetooth le headset", "microphone", "bluetooth le headset"),
    ],
)
async def test_80_what_is_plugged_in_takes_the_sides_it_has(
    device: SimulatedDevice, what: str, inputs: str, outputs: str
) -> None:
    await asking(device, JOINED)
    device.plug(what)
    assert device.plugs.route("app") == RoutePorts(inputs=(inputs,), outputs=(outputs,))
    device.unplug(what)
    assert device.plugs.route("app") == EAR


async def test_a_listener_may_end_what_it_hears(device: SimulatedDevice) -> None:
    await asking(device, PLAYBACK)
    first: list[RouteChange] = []
    second: list[RouteChange] = []
    end = device.plugs.listen(first.append)
    device.plugs.listen(second.append)
    device.plug("hdmi")
    end()
    end()
    device.unplug("hdmi")
    assert (len(first), len(second)) == (1, 2)


async def test_a_killed_app_leaves_nothing_behind(
    device: SimulatedDevice, told: list[RouteChange]
) -> None:
    app = await asking(device, JOINED)
    session = app.session_id()
    app.kill()
    told.clear()
    device.plug("hdmi")
    assert told == []
    with pytest.raises(UnknownNameError):
        device.set_route_request(session, JOINED)


@pytest.mark.parametrize(
    ("session", "request_", "error"),
    [
        ("app", "playback", InvalidTypeError),
        ("stranger", PLAYBACK, UnknownNameError),
        ("stranger", None, UnknownNameError),
    ],
)
async def test_a_request_that_cannot_be_is_refused(
    device: SimulatedDevice, session: str, request_: Any, error: type[IllegalRequestError]
) -> None:
    await asking(device, JOINED)
    with pytest.raises(error):
        device.set_route_request(session, request_)
    assert device.plugs.route("app") == EAR


async def test_ports_are_found_by_id(device: SimulatedDevice) -> None:
    device.plug("usb interface")
    found = device.plugs.port("usb interface 2")
    assert found is not None
    assert (found.device, found.is_input, found.is_output) == ("usb interface", True, False)
    assert device.plugs.port("hdmi") is None
