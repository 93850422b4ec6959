"""A browser in small: windows of pages on one arbiter."""

from __future__ import annotations

from collections.abc import Iterable

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    Deactivate,
    Effect,
    Event,
    OpenSession,
    Press,
    Role,
)
from audiosession.core.translate.w3c import (
    AUTO,
    ELEMENT_TYPES,
    PageSession,
    PageState,
)
from audiosession.policies import load_policy

PHONE = Claim(role=Role.CALL, press=Press.SILENCE, records=True, system=True)


class Page:
    """A browser in small: windows of pages on one arbiter, every event fed at once."""

    def __init__(self) -> None:
        self.arbiter = Arbiter(load_policy("web"))
        self.windows: dict[str, PageSession] = {}
        self.now = 0.0
        self.fired: list[tuple[str, str]] = []

    def window(self, name: str, *, page: str = "page", type: str = AUTO) -> PageSession:
        session = PageSession(session=name, page=page)
        self.windows[name] = session
        self.arbiter.handle(OpenSession(session=name, app="browser"), self.now)
        session.set_type(type)
        self.feed(session.run_update())
        return session

    def feed(self, events: Iterable[Event]) -> tuple[Effect, ...]:
        effects: list[Effect] = []
        for event in events:
            new = self.arbiter.handle(event, self.now)
            effects += new
            if isinstance(event, Deactivate) and event.session in self.windows:
                self.windows[event.session].deactivated()
            # One by one: what happens to siblings comes before the answer.
            for effect in new:
                for window in self.windows.values():
                    effects += self.feed(window.apply([effect]))
                    self._collect(window)
        for window in self.windows.values():
            self._collect(window)
        return tuple(effects)

    def _collect(self, window: PageSession) -> None:
        self.fired += [(window.session, step) for element, step in window.steps if not element]
        window.steps = [step for step in window.steps if step[0]]

    def play(self, name: str, element: str = "video", kind: str = "media") -> None:
        window = self.windows[name]
        if element not in window.elements:
            window.add_element(element, ELEMENT_TYPES[kind])
        self.feed(window.set_audible(element, True))

    def pause(self, name: str, element: str = "video") -> None:
        self.feed(self.windows[name].set_audible(element, False))

    def declare(self, name: str, type: str) -> None:
        window = self.windows[name]
        window.set_type(type)
        self.feed(window.run_update())

    def ring(self) -> None:
        self.arbiter.handle(OpenSession(session="phone", app="phone"), self.now)
        self.feed([Activate(session="phone", claim=PHONE)])

    def hang_up(self) -> None:
        self.feed([Deactivate(session="phone")])

    def states(self) -> dict[str, PageState]:
        return {name: window.state for name, window in self.windows.items()}

    def steps(self, name: str) -> list[tuple[str, str]]:
        """What the elements of a window were told since the last call, updates left out."""
        window = self.windows[name]
        steps = [step for step in window.steps if step[1] != "update"]
        window.steps.clear()
        return steps
