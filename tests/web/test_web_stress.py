"""A hundred pages, ten thousand random calls: what holds at every step."""

from __future__ import annotations

import random
from typing import Any

import pytest

from audiosession.core.effects import Standing
from audiosession.hosts.simulated import CallState, SimulatedApp, SimulatedCall, SimulatedDevice
from audiosession.web import AudioContext, AudioSession, Element, MediaElement, Page, Window

TYPES = ("auto", "playback", "transient", "transient-solo", "ambient", "play-and-record")
PAGES = 100
STEPS = 10_000


class Crowd:
    """Pages in apps of their own, and everybody who hears a session change."""

    def __init__(self, policy: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.device = SimulatedDevice(policy=policy, keep_decisions=1)
        self.call: SimulatedCall | None = None
        self.apps = 0
        self.killed: list[Page] = []
        self.told: dict[AudioSession, str] = {}
        self.pages: list[tuple[SimulatedApp, Page]] = []
        self.elements: dict[Page, list[Element]] = {}
        for _ in range(PAGES):
            self.open()

    def open(self) -> None:
        self.apps += 1
        app = self.device.app(f"browser-{self.apps}")
        page = Page(app.host)
        self.pages.append((app, page))
        self.elements[page] = []
        left = page.window.open_frame()
        for window in (page.window, left, page.window.open_frame(), left.open_frame()):
            self.follow(window)

    def follow(self, window: Window) -> None:
        session = window.audio_session
        self.told[session] = str(session.state)

        def told(event: Any) -> None:
            # One event for one change: it never tells of the state that was told before.
            assert self.told[session] != session.state
            self.told[session] = str(session.state)

        session.onstatechange = told

    def step(self) -> None:
        choice = self.random.random()
        index = self.random.randrange(len(self.pages))
        app, page = self.pages[index]
        window = self.random.choice(page.windows)
        elements = self.elements[page]
        if choice < 0.3:
            window.audio_session.type = self.random.choice(TYPES)
        elif choice < 0.4 or not elements:
            self.add(page, window)
        elif choice < 0.65:
            self.start(self.random.choice(elements))
        elif choice < 0.8:
            self.stop(self.random.choice(elements))
        elif choice < 0.85:
            self.quiet(self.random.choice(elements))
        elif choice < 0.91:
            self.random.choice(elements).move_to(window)
        elif choice < 0.94:
            elements.pop(self.random.randrange(len(elements))).remove()
        elif choice < 0.97:
            self.telephone()
        elif choice < 0.985:
            app.suspend()
            app.to_foreground()
        else:
            del self.pages[index]
            app.kill()
            self.killed.append(page)
            self.open()

    def add(self, page: Page, window: Window) -> None:
        element: Element
        if self.random.random() < 0.5:
            element = MediaElement(window)
        else:
            element = graph = AudioContext(window)
            graph.silent = False
        self.start(element)
        self.elements[page] = [*self.elements[page][-7:], element]

    @staticmethod
    def start(element: Element) -> None:
        if isinstance(element, MediaElement):
            element.play()
        elif isinstance(element, AudioContext):
            element.resume()

    @staticmethod
    def stop(element: Element) -> None:
        if isinstance(element, MediaElement):
            element.pause()
        elif isinstance(element, AudioContext):
            element.suspend()

    @staticmethod
    def quiet(element: Element) -> None:
        """Muted or silent, and the next time not."""
        if isinstance(element, MediaElement):
            element.muted = not element.muted
        elif isinstance(element, AudioContext):
            element.silent = not element.silent

    def telephone(self) -> None:
        if self.call is None or self.call.state is CallState.ENDED:
            self.call = self.device.incoming_call()
        elif self.call.state is CallState.RINGING:
            self.random.choice((self.call.accept, self.call.decline))()
        else:
            self.call.end()

    async def settle(self) -> None:
        # What one page does may have begun something in another.
        for _, page in [*self.pages, *self.pages]:
            await page.settled()

    def check_settled(self) -> None:
        """What holds when nothing is queued any more."""
        for app, page in self.pages:
            sessions = page.sessions
            exclusive = [session for session in sessions if session.is_exclusive]
            if any(not session.is_auto for session in exclusive):
                assert len(exclusive) == 1
            for session in sessions:
                assert self.told[session] == session.state
                suspended = [one for one in session.elements if one.suspended]
                assert not suspended or session.state == "interrupted"
                if session.state == "active":
                    assert any(one.audible for one in session.elements)
            standings = sorted(
                _state(self.device.arbiter.standing(session.id)) for session in app.sessions
            )
            live = [state for state in standings if state != "inactive"]
            assert live == sorted(
                str(session.state) for session in sessions if session.state != "inactive"
            )


def _state(standing: Standing) -> str:
    return {Standing.DUCKED: "active", Standing.WAITING: "inactive"}.get(standing, standing.value)


@pytest.mark.exhaustive
@pytest.mark.timeout(240)
@pytest.mark.parametrize("policy", ["web", "default", "apple", "android", "android-car"])
async def test_ten_thousand_calls_of_a_hundred_pages(policy: str) -> None:
    crowd = Crowd(policy, seed=len(policy))
    for number in range(STEPS):
        crowd.step()
        # Often in the middle of what was begun, and now and then when all is done.
        if number % 7 == 0:
            await crowd.settle()
        if number % 49 == 0:
            crowd.check_settled()
    for page in crowd.killed:
        await page.close()
    for _, page in crowd.pages:
        await page.close()
    assert all(not app.sessions for app, _ in crowd.pages)
    ours = {app.id for app, _ in crowd.pages}
    assert not [view for view in crowd.device.arbiter.snapshot().sessions if view.app in ours]
