"""Pages and the browser they are in: whose sound takes whose place (W-008, W-030 to W-035).

Sessions of one page are judged here, so that the rules hold on every host and under every
policy. What other apps and other pages do to them is the host's; under the policy ``web`` its
setting ``page_focus`` says how many pages may have the focus at once (G-6).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import count
from uuid import uuid4

from audiosession._checks import check_text
from audiosession.errors import InvalidTypeError
from audiosession.hosts import choose_host
from audiosession.hosts.base import Host
from audiosession.web._loop import PageLoop
from audiosession.web.audio_session import AudioSession
from audiosession.web.window import Window

__all__ = ["Browser", "Page"]


def check_host(host: object) -> None:
    """Raises InvalidTypeError unless it is a host or ``None``."""
    if host is not None and not callable(getattr(host, "open_session", None)):
        expected = 'a host, such as phone.app("browser").host of a simulated device, or None'
        raise InvalidTypeError("host", host, expected=expected)


class Browser:
    """What pages share: the host.

    Args:
        host: Where sessions live; ``None``: the one that
            :func:`audiosession.hosts.choose_host` gives when it is first needed, which is then
            closed with the browser.

    Raises:
        InvalidTypeError: It is no host; the error says where a simulated device's is.
    """

    def __init__(self, host: Host | None = None) -> None:
        check_host(host)
        self._host = host
        self._own_host = host is None
        self._pages: dict[Page, None] = {}
        self._counter = count(1)

    @property
    def pages(self) -> tuple[Page, ...]:
        """Its open pages, in the order of opening."""
        return tuple(self._pages)

    def open_page(self, *, group: str = "") -> Page:
        """Opens a page.

        Args:
            group: Which pages it belongs together with, where the policy lets the pages of one
                group have the focus at once; at most 64 characters.
        """
        return Page(browser=self, group=group)

    async def close(self) -> None:
        """Closes its pages, and the host if that is its own."""
        for page in self.pages:
            await page.close()
        host = self._host
        if self._own_host and host is not None:
            self._host = None
            await host.close()

    # -- for its pages -----------------------------------------------------------------------

    def use_host(self) -> Host:
        """The host, chosen now if need be.

        Raises:
            HostUnavailableError: There is none here.
        """
        if self._host is None:
            self._host = choose_host()
        return self._host

    def name(self, kind: str) -> str:
        """A name that nothing else in the browser has."""
        return f"{kind}-{next(self._counter)}"

    def opened(self, page: Page) -> None:
        """A page was opened."""
        self._pages[page] = None

    def closed(self, page: Page) -> None:
        """A page was closed."""
        self._pages.pop(page, None)


class Page:
    """A top-level browsing context: a tab, or the one page of a kiosk.

    Nothing is opened on the host before something sounds. Belongs to the event loop of its
    first use, for as long as that runs.

    Args:
        host: Where its sessions live; ``None``: the one that is there. Not together with
            ``browser``.
        browser: The browser that it is in; ``None``: one of its own.
        group: Which pages it belongs together with; at most 64 characters.

    Raises:
        InvalidTypeError: Both a host and a browser are given, the host is none, or the group is
            no text.
    """

    def __init__(
        self, host: Host | None = None, *, browser: Browser | None = None, group: str = ""
    ) -> None:
        check_text("group", group, most=64)
        if host is not None and browser is not None:
            raise InvalidTypeError("host", host, expected="None where a browser is given")
        self._own_browser = browser is None
        self.browser = browser or Browser(host)
        """The browser it is in."""
        self.id = f"page-{uuid4().hex}"
        """What the host knows it by; no two pages anywhere have the same."""
        self.group = group
        """Which pages it belongs together with."""
        self.loop = PageLoop()
        self._selected: AudioSession | None = None
        self._window = Window(self, None)
        self.browser.opened(self)

    @property
    def window(self) -> Window:
        """Its own window."""
        return self._window

    @property
    def windows(self) -> tuple[Window, ...]:
        """Its window and those of its frames, breadth first; none once it is closed."""
        return tuple(self._breadth_first())

    @property
    def sessions(self) -> tuple[AudioSession, ...]:
        """The sessions of its windows, breadth first."""
        return tuple(window.audio_session for window in self._breadth_first())

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._window.closed

    @property
    def selected(self) -> AudioSession | None:
        """The session that stands for the page, or ``None`` (W-008).

        Nobody stands for it once its owner went inactive (hole G-3).
        """
        return self._selected

    @property
    def has_focus(self) -> bool:
        """Whether there is a selected session and it is active (W-008)."""
        return self._selected is not None and self._selected.state == "active"

    async def settled(self) -> None:
        """Waits until what was queued is done and the host has answered everything."""
        self.loop.check()
        await self.loop.settled()

    async def close(self) -> None:
        """Closes its windows and lets go of the host; a second time nothing more happens."""
        self._window.close()
        self.browser.closed(self)
        await self.settled()
        if self._own_browser:
            await self.browser.close()

    # -- for its sessions --------------------------------------------------------------------

    def asks(self, but: AudioSession) -> bool:
        """Whether another of its sessions asks the platform for something right now."""
        return any(one.asks for one in self.sessions if one is not but)

    def look(self) -> None:
        """Updates the selected session (W-030 to W-032, G-3)."""
        self._selected = next((one for one in self.sessions if one.is_exclusive), None)

    def judge(self, changed: AudioSession) -> None:
        """Updates all states, for the session that changed (W-033 to W-035, G-1, G-2)."""
        self.look()
        if not changed.is_exclusive:
            return
        for other in self.sessions:
            if other is changed or not other.is_exclusive:
                continue
            if other.is_auto and changed.is_auto:
                continue
            other.inactivate()
        self.look()

    def _breadth_first(self) -> Iterator[Window]:
        pending = deque([self._window])
        while pending:
            window = pending.popleft()
            if not window.closed:
                yield window
                pending.extend(window.frames)
