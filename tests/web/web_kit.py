"""Shorthand for tests of the W3C's surface on a simulated device."""

from __future__ import annotations

from typing import TypeVar

from audiosession.core.policy import Policy
from audiosession.hosts.simulated import Observer, SimulatedDevice
from audiosession.web import AudioSession, MediaElement, Page, Window

POLICIES = ("web", "default", "apple", "android", "android-car")

T = TypeVar("T")


def now(value: T) -> T:
    """The value as it is now; the type checker would take it for what it was before."""
    return value


class _Calls(Observer):
    def __init__(self, calls: list[str]) -> None:
        self._calls = calls

    def called(self, at: float, app: str, text: str) -> None:
        if app == "browser":
            self._calls.append(text)


class Stage:
    """A page of a browser on a simulated phone, and what its windows heard, in order."""

    def __init__(self, policy: str | Policy = "web") -> None:
        self.device = SimulatedDevice(policy=policy)
        self.app = self.device.app("browser")
        self.page = Page(self.app.host)
        self.window = self.page.window
        self.session = self.window.audio_session
        self.heard: list[str] = []
        self.calls: list[str] = []
        """What the browser asked of the device, in order."""
        self.device.observe(_Calls(self.calls))
        self._names: dict[AudioSession, str] = {}
        self.listen(self.window, "top")

    def listen(self, window: Window, name: str) -> None:
        session = window.audio_session
        self._names[session] = name
        session.add_event_listener(
            "statechange", lambda event: self.heard.append(f"{name} {session.state}")
        )

    def frame(self, name: str, parent: Window | None = None) -> Window:
        window = (parent or self.window).open_frame()
        self.listen(window, name)
        return window

    async def play(self, window: Window | None = None, *, type: str | None = None) -> MediaElement:
        """Something audible in a window, by default the page's own, of that declared type."""
        window = window or self.window
        if type is not None:
            window.audio_session.type = type
        element = MediaElement(window)
        element.play()
        await self.page.settled()
        return element

    async def interrupt(self) -> None:
        """A call comes in."""
        self.call = self.device.incoming_call()
        await self.page.settled()

    async def end(self) -> None:
        """The call is declined."""
        self.call.decline()
        await self.page.settled()

    def states(self) -> dict[str, str]:
        return {name: str(session.state) for session, name in self._names.items()}

    @property
    def active(self) -> list[str]:
        """The ids of the browser's sessions that have a claim on the device, in order."""
        ids = [session.id for session in self.app.sessions]
        return [id for id in self.device.arbiter.active if id in ids]
