"""The web's surface: how much there may be of it, and what is refused with which words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from audiosession.errors import IllegalRequestError, InvalidTypeError
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.hosts.simulated.app import MAX_SESSIONS
from audiosession.service.bus.names import MOST_SESSIONS
from audiosession.web import (
    AudioContext,
    Browser,
    InvalidStateError,
    MediaElement,
    MicrophoneTrack,
    Page,
)
from tests.service.bus_kit import Served
from tests.web.web_kit import Stage, now

# -- how many pages -----------------------------------------------------------------------------


async def sounds(page: Page) -> MediaElement:
    element = MediaElement(page.window)
    element.play()
    await page.settled()
    return element


async def test_a_page_that_fell_silent_makes_room_for_the_next() -> None:
    device = SimulatedDevice(policy="web")
    app = device.app("browser")
    pages = [Page(app.host) for _ in range(MAX_SESSIONS + 3)]
    elements = []
    for page in pages:
        element = await sounds(page)
        assert page.window.audio_session.state == "active"
        element.pause()
        await page.settled()
        elements.append(element)
    assert len(app.sessions) == MAX_SESSIONS
    # The first had its session taken, and gets another one.
    elements[0].play()
    await pages[0].settled()
    assert pages[0].window.audio_session.state == "active"
    for page in pages:
        await page.close()
    assert app.sessions == ()


async def test_what_sounds_or_is_interrupted_keeps_its_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    device = SimulatedDevice(policy="web")
    browser = Browser(device.app("browser").host)
    pages = [browser.open_page() for _ in range(MAX_SESSIONS)]
    for page in pages:
        await sounds(page)
    late = browser.open_page()
    await sounds(late)
    assert now(late.window.audio_session.state) == "inactive"
    assert f"the limit is {MAX_SESSIONS}" in caplog.text
    assert {str(page.window.audio_session.state) for page in pages} == {"active"}
    await browser.close()


async def test_a_page_that_fell_silent_makes_room_on_the_service_too(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    async with Served(tmp_path, "web"):
        host = LinuxHost("browser")
        browser = Browser(host)
        for _ in range(MOST_SESSIONS + 2):
            page = browser.open_page()
            element = await sounds(page)
            assert page.window.audio_session.state == "active"
            element.pause()
            await page.settled()
        await browser.close()
        await host.close()


# -- what is refused ----------------------------------------------------------------------------


def test_a_page_is_on_a_host_and_not_on_a_device() -> None:
    device = SimulatedDevice()
    for wrong in (device, device.app("browser"), "linux"):
        with pytest.raises(InvalidTypeError, match=r'phone\.app\("browser"\)\.host'):
            Page(wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError, match="host"):
            Browser(wrong)  # type: ignore[arg-type]


async def test_another_loop_is_told_how_to_hand_calls_over() -> None:
    stage = Stage()
    element = await stage.play()

    async def elsewhere() -> None:
        element.pause()

    with pytest.raises(IllegalRequestError, match="call_soon_threadsafe"):
        await asyncio.to_thread(asyncio.run, elsewhere())


def test_without_a_loop_nothing_sounds() -> None:
    with pytest.raises(IllegalRequestError, match=r"a coroutine that asyncio\.run\(\) runs"):
        MediaElement(Stage().window)


async def test_an_ended_track_is_in_no_window_again() -> None:
    stage = Stage()
    (track,) = (await stage.window.get_user_media(audio=True)).audio_tracks
    track.stop()
    with pytest.raises(InvalidStateError, match="the microphone track has ended"):
        track.move_to(stage.window)
    assert isinstance(track, MicrophoneTrack)
    assert (track.window, stage.session.elements) == (None, ())


async def test_a_closed_graph_is_in_no_window_again() -> None:
    stage = Stage()
    graph = AudioContext(stage.window)
    graph.close()
    with pytest.raises(InvalidStateError, match="the audio context is closed"):
        graph.move_to(stage.window)
    assert (graph.window, stage.session.elements) == (None, ())


async def test_a_listener_that_has_no_hash_is_refused() -> None:
    class Listener:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, event: object) -> None:
            """Never called."""

    session = Stage().session
    with pytest.raises(InvalidTypeError, match="a function that has a hash"):
        session.add_event_listener("statechange", Listener())
    session.remove_event_listener("statechange", Listener())
