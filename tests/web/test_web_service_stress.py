"""Pages of several programs over the service: what each believes is what the service decided.

Scripts play, pause and change types without waiting for anything, so that answers, losses and
interruptions cross each other on the way.
"""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from audiosession.core.effects import Standing
from audiosession.hosts.linux import LinuxHost
from audiosession.service.bus.names import MANAGER, ROOT
from audiosession.web import MediaElement, Page
from tests.service.bus_kit import Served
from tests.web.test_web_service import folder, hosted

__all__ = ["folder"]

BROWSERS = 4
ROUNDS = 100
TYPES = ("auto", "playback", "transient-solo", "transient", "ambient", "play-and-record")
STANDINGS = {
    "active": {Standing.ACTIVE, Standing.DUCKED},
    "interrupted": {Standing.INTERRUPTED},
    "inactive": {Standing.INACTIVE},
}


class Browser:
    """A page with two elements, in a program of its own."""

    def __init__(self, host: LinuxHost, name: str, dice: random.Random) -> None:
        self.name = name
        self._host = host
        self._dice = dice
        self.page = Page(host)
        self.session = self.page.window.audio_session
        self.told: list[str] = []
        self.session.onstatechange = lambda event: self.told.append(self.session.state)
        self.elements = [MediaElement(self.page.window) for _ in range(2)]

    def step(self) -> None:
        """Does something, and waits for nothing."""
        choice = self._dice.random()
        if choice < 0.15:
            self.session.type = self._dice.choice(TYPES)
        elif choice < 0.65:
            self._dice.choice(self.elements).play()
        else:
            self._dice.choice(self.elements).pause()

    async def rest(self) -> None:
        """Until it has asked what it wants, and has heard what was said to it so far."""
        await self.page.settled()
        client = await self._host.connected()
        await client.link.call(ROOT, MANAGER, "Devices")


async def at_rest(service: Served, browsers: list[Browser]) -> None:
    """Until nobody asks and nobody is told any more."""
    before: object = None
    while True:
        for browser in browsers:
            await browser.rest()
        sessions = service.engine.arbiter.snapshot().sessions
        after = sessions, [len(browser.told) for browser in browsers]
        if after == before:
            return
        before = after


@pytest.mark.parametrize("policy", ["default", "apple", "android"])
@pytest.mark.parametrize("seed", range(3))
async def test_a_page_is_in_the_state_that_the_service_has_it_in(
    folder: Path, policy: str, seed: int
) -> None:
    dice = random.Random(seed)
    told: set[str] = set()
    async with Served(folder, policy) as service, AsyncExitStack() as stack:
        arbiter = service.engine.arbiter
        browsers = []
        for name in (f"browser-{number}" for number in range(BROWSERS)):
            host = await stack.enter_async_context(hosted(name))
            browsers.append(Browser(host, name, dice))
        for number in range(ROUNDS):
            for _ in range(dice.randrange(1, 9)):
                dice.choice(browsers).step()
                for _ in range(dice.randrange(5)):
                    await asyncio.sleep(0)
            await at_rest(service, browsers)
            ids = {session.app: id for id, session in service.engine.sessions.items()}
            for browser in browsers:
                if browser.name not in ids:
                    assert browser.session.state == "inactive"
                    continue
                allowed = set(STANDINGS[browser.session.state])
                if policy == "apple":
                    # The interruption has ended the claim; it goes on where a page gives up.
                    if browser.session.state == "interrupted":
                        allowed.add(Standing.INACTIVE)
                    elif not any(element.audible for element in browser.elements):
                        allowed.add(Standing.INTERRUPTED)
                standing = arbiter.standing(ids[browser.name])
                assert standing in allowed, (number, browser.name, browser.told[-4:])
        for browser in browsers:
            told.update(browser.told)
            await browser.page.close()
    # Else nothing was tried.
    assert told == set(STANDINGS)
