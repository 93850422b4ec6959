"""What programs hear over the bus of interruptions that may end and of losses for good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from audiosession import AudioInterruptionType, recipe
from audiosession.hosts.base import ActivationRequest, Outcome
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.linux.session import LinuxSession
from audiosession.service.bus.names import SESSION
from audiosession.service.bus.values import interruption_from_text, interruption_runs
from tests.hosts.contract import Ear
from tests.service.bus_kit import DEADLINE_S, Client, Served


class Listener(Ear):
    """An ear that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = asyncio.Event()

    def interruption(self, event: Any) -> None:
        super().interruption(event)
        self._heard.set()

    async def hears(self, *words: str) -> None:
        """Returns when these are the interruptions it has heard of; fails when they do not come."""
        async with asyncio.timeout(DEADLINE_S):
            while not self.said(*words):
                await self._heard.wait()
                self._heard.clear()

    def said(self, *words: str) -> bool:
        return [word for word in self.words if word.startswith(("begin", "end"))] == list(words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return tmp_path


@asynccontextmanager
async def program(name: str) -> AsyncIterator[tuple[LinuxSession, Listener]]:
    """A program with an active session."""
    host, ear = LinuxHost(name), Listener()
    session = await host.open_session(ear)
    request = ActivationRequest.of(recipe("music").copy_with(android_will_pause_when_ducked=True))
    assert (await session.activate(request)).outcome is Outcome.GRANTED
    try:
        yield session, ear
    finally:
        await host.close()


async def test_apple_58_what_begins_as_unknown_runs_until_its_end(folder: Path) -> None:
    async with (
        Served(folder, "apple") as served,
        Client(served.address) as phone,
        program("player") as (session, ear),
    ):
        call = await phone.open("phone", "voice_call")
        await phone.activate(call)
        await ear.hears("begin unknown")
        assert session.interrupted
        await phone.call(call, SESSION, "Deactivate", "b", True)
        await ear.hears("begin unknown", "end pause")
        assert not session.interrupted


async def test_apple_58_who_asks_again_meanwhile_is_interrupted_no_more(folder: Path) -> None:
    async with (
        Served(folder, "apple") as served,
        Client(served.address) as other,
        program("player") as (session, ear),
    ):
        await other.activate(await other.open("other", "music"))
        await ear.hears("begin unknown")
        request = ActivationRequest.of(recipe("music"))
        assert (await session.activate(request)).outcome is Outcome.GRANTED
        assert not session.interrupted


async def test_a_loss_for_good_does_not_run(folder: Path) -> None:
    async with (
        Served(folder) as served,
        Client(served.address) as other,
        program("player") as (session, ear),
    ):
        await other.activate(await other.open("other", "music"))
        await ear.hears("begin unknown")
        assert not session.interrupted


async def test_android_who_pauses_when_ducked_hears_of_a_pause(folder: Path) -> None:
    async with (
        Served(folder, "android") as served,
        Client(served.address) as navigator,
        program("player") as (session, ear),
    ):
        prompt = await navigator.open("navigator", "navigation_prompt")
        await navigator.activate(prompt)
        await ear.hears("begin pause")
        assert session.interrupted
        await navigator.call(prompt, SESSION, "Deactivate", "b", True)
        await ear.hears("begin pause", "end pause")
        assert ear.interruptions[1].should_resume


async def _gives_up(session: LinuxSession) -> None:
    assert await session.deactivate(notify_others=True)


async def _asks_again(session: LinuxSession) -> None:
    request = ActivationRequest.of(recipe("music"))
    assert (await session.activate(request)).outcome is Outcome.GRANTED


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (None, ["begin unknown", "end unknown"]),
        (_gives_up, ["begin unknown"]),
        (_asks_again, ["begin unknown"]),
    ],
)
async def test_the_end_of_a_lost_server_is_told_to_who_still_waits_for_it(
    folder: Path, step: Callable[[LinuxSession], Any] | None, words: list[str]
) -> None:
    async with Served(folder), program("player") as (session, ear):
        assert session.withdraw()
        assert session.interrupted
        if step is not None:
            await step(session)
            assert not session.interrupted
        session.server_back()
        assert not session.interrupted
        assert ear.said(*words)


@pytest.mark.parametrize(
    ("told", "runs"),
    [
        ({"begin": True, "type": "pause"}, True),
        ({"begin": True, "type": "duck"}, True),
        ({"begin": True, "type": "unknown"}, False),
        ({"begin": False, "type": "pause"}, False),
        ({"begin": True, "type": "unknown", "runs": True}, True),
        ({"begin": True, "type": "unknown", "runs": False}, False),
    ],
)
def test_an_older_service_does_not_say_whether_it_runs(told: dict[str, Any], runs: bool) -> None:
    text = json.dumps(told)
    assert interruption_runs(text) is runs
    assert interruption_from_text(text).type is AudioInterruptionType(told["type"])
