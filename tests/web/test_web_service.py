"""The web's surface over the service: pages of programs of their own, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.hosts.linux import LinuxHost
from audiosession.service.bus.names import SESSION
from audiosession.web import AudioSession, AudioSessionState, MediaElement, Page
from tests.service.bus_kit import DEADLINE_S, Client, Served

ACTIVE, INTERRUPTED = AudioSessionState.ACTIVE, AudioSessionState.INTERRUPTED
INACTIVE = AudioSessionState.INACTIVE


async def becomes(session: AudioSession, state: AudioSessionState) -> None:
    """Returns when the session is in that state; fails when it does not come."""
    changed = asyncio.Event()
    session.add_event_listener("statechange", lambda event: changed.set())
    async with asyncio.timeout(DEADLINE_S):
        while session.state is not state:
            await changed.wait()
            changed.clear()


@asynccontextmanager
async def hosted(app: str) -> AsyncIterator[LinuxHost]:
    host = LinuxHost(app)
    try:
        yield host
    finally:
        await host.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return tmp_path


@pytest.mark.parametrize("policy", ["default", "apple"])
async def test_W_044_045_a_call_of_another_program_interrupts_a_page(
    folder: Path, policy: str
) -> None:
    async with (
        Served(folder, policy) as service,
        Client(service.address) as phone,
        hosted("browser") as host,
    ):
        page = Page(host)
        session = page.window.audio_session
        heard: list[AudioSessionState] = []
        session.onstatechange = lambda event: heard.append(session.state)
        film = MediaElement(page.window)
        film.play()
        await becomes(session, ACTIVE)
        call = await phone.open("phone", "voice_call")
        assert await phone.activate(call) == "granted"
        await becomes(session, INTERRUPTED)
        await phone.call(call, SESSION, "Deactivate", "b", True)
        await becomes(session, ACTIVE)
        assert heard == [ACTIVE, INTERRUPTED, ACTIVE]
        await page.settled()
        assert film.audible
        await page.close()


async def test_W_035_a_page_is_judged_by_itself_on_the_service_too(folder: Path) -> None:
    async with Served(folder, "web") as service, hosted("browser") as host:
        pages = [Page(host), Page(host)]
        sessions = []
        for page in pages:
            frame = page.window.open_frame()
            for window in (page.window, frame):
                window.audio_session.type = "playback"
                MediaElement(window).play()
                await page.settled()
                sessions.append(window.audio_session)
        assert [session.state for session in sessions] == [INACTIVE, ACTIVE, INACTIVE, ACTIVE]
        assert len(service.engine.arbiter.active) == 2
        scopes = {
            view.claim.scope
            for view in service.engine.arbiter.snapshot().sessions
            if view.claim is not None
        }
        assert scopes == {page.id for page in pages}
        for page in pages:
            await page.close()
        assert not service.engine.arbiter.active
