"""The platform under a page's session: one session of a host, asked in order.

The rules (:class:`~audiosession.core.translate.w3c.PageSession`) say what is to be asked; what
the host answers and reports goes back to them as effects.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol
from weakref import WeakKeyDictionary

from audiosession.configuration import AudioSessionConfiguration
from audiosession.core.effects import (
    Denied,
    Effect,
    Granted,
    HoldKind,
    Interrupted,
    Released,
    Stopped,
)
from audiosession.core.translate.w3c import AUTO, PageSession, PageState
from audiosession.devices import AudioDevicesChangedEvent
from audiosession.errors import AudioSessionError, ClosedError, DeniedError, LimitError
from audiosession.hosts.base import ActivationRequest, Host, HostSession, Outcome
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from audiosession.web._loop import PageLoop
from audiosession.web.types import AudioSessionType
from audiosession.web.webkit import page_configuration

__all__ = ["Platform"]

_open: WeakKeyDictionary[Host, WeakKeyDictionary[Platform, None]] = WeakKeyDictionary()
"""Who has a session open on a host, who gave its claim up last at the end."""

_log = logging.getLogger("audiosession")


class Owner(Protocol):
    """Whose platform it is."""

    def platform_says(self, effect: Effect) -> None:
        """Something happened to the session."""


class Platform:
    """See the module. Opens nothing before the session first sounds.

    Args:
        host: Gives the host, when it is first needed.
        loop: The page's queues.
        rules: What the session is.
        group: The group that the page belongs to.
        owner: Hears of what happens.
    """

    def __init__(
        self,
        host: Callable[[], Host],
        loop: PageLoop,
        rules: PageSession,
        group: str,
        owner: Owner,
    ) -> None:
        self._host = host
        self._group = group
        self._loop = loop
        self._rules = rules
        self._owner = owner
        self._session: HostSession | None = None
        self._there: WeakKeyDictionary[Platform, None] = WeakKeyDictionary()
        self._told: AudioSessionConfiguration | None = None
        self._in_force = False
        self._waiting = False
        self._wanted = False
        self._asking = False
        self._changing = False
        self._closed = False
        self._begun: AudioInterruptionType | None = None
        # Counts what the host says unasked, which may come before the answer to a request.
        self._news = 0
        # Counts how often the claim was given up; what was asked before that is void.
        self._age = 0

    @property
    def asking(self) -> bool:
        """Whether the host is being asked for something that may displace others."""
        return self._asking or self._changing

    @property
    def waiting(self) -> bool:
        """Whether a request was put off and is not given up."""
        return self._waiting

    # -- what the session asks ---------------------------------------------------------------

    def activate(self) -> None:
        """Queues the attempt to activate (W-041)."""
        self._wanted = True
        age = self._age
        self._loop.ask(lambda: self._activate(age))

    def reconfigure(self) -> None:
        """Queues handing the computed type over (W-014)."""
        self._loop.ask(self._configure)

    def give_up(self) -> None:
        """Queues setting the platform's session inactive, which cannot fail (W-040)."""
        self._wanted = self._in_force = self._waiting = False
        self._begun = None
        self._age += 1
        self._loop.ask(self._deactivate)

    def close(self) -> None:
        """Queues the end of the platform's session."""
        self._closed = True
        self._age += 1
        self._loop.ask(self._close)

    # -- what the host reports ---------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        if not self._wanted or self._closed:
            return
        state = self._rules.platform
        if event.begin:
            self._begun = event.type
            if event.type is AudioInterruptionType.UNKNOWN and not self._may_end:
                self._begun = None
                if state is not PageState.INACTIVE:
                    self._stopped()
            elif event.type is not AudioInterruptionType.DUCK:
                if state is PageState.ACTIVE:
                    self._interrupted()
            elif state is PageState.INTERRUPTED:
                # Softened: it is lowered where it was paused, and may be heard.
                self._released()
            return
        self._begun = None
        if state is not PageState.INTERRUPTED or event.type is AudioInterruptionType.DUCK:
            return
        if self._in_force:
            self._released()
        elif event.should_resume:
            # The interruption took the claim with it, as Apple's does.
            self.activate()
        elif not self._asking:
            self._fallen()

    def becoming_noisy(self) -> None:
        """The web's sessions do not hear of it."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """The web's sessions do not hear of it."""

    def gained_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._news += 1
        if not self._wanted or self._closed:
            return
        self._in_force, self._waiting = True, False
        if not self._asking and self._rules.platform is PageState.INACTIVE:
            self._granted()

    def lost_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        # Why is said by the interruption that is reported besides.
        self._news += 1
        self._in_force = False

    # -- what the host is asked --------------------------------------------------------------

    async def _activate(self, age: int) -> None:
        rules = self._rules
        if age != self._age or rules.platform is PageState.ACTIVE:
            return
        if not self._sounding:
            self._wanted = False
            return
        self._wanted = True
        rules.asked = rules.claim()
        configuration = self._configuration()
        news = self._news
        self._asking = True
        try:
            session = await self._opened()
            result = await session.activate(ActivationRequest.of(configuration))
        except AudioSessionError as error:
            _log.warning("a page's audio session could not be activated: %s", error)
            result = None
            if isinstance(error, ClosedError):
                # Its end came from the host; the next attempt opens another one.
                self._forget()
        finally:
            self._asking = False
        if age != self._age:
            # Given up meanwhile, which the host is told of next.
            return
        if result is None or result.outcome is Outcome.DENIED:
            self._refused()
            return
        self._told = configuration
        if self._news == news:
            self._in_force = result.outcome is Outcome.GRANTED
        self._waiting = result.outcome is Outcome.DELAYED and not self._in_force
        if self._waiting:
            self._say(Denied(session=rules.session, cause="", rule=""))
            return
        paused = session.interrupted and self._paused
        if not self._in_force and not (paused and result.outcome is Outcome.GRANTED):
            self._refused()
            return
        # What was granted and interrupted before the answer was seen is told one by one.
        self._granted()
        if not session.interrupted:
            self._begun = None
        elif paused and self._heard:
            self._interrupted()

    async def _configure(self) -> None:
        session, configuration = self._session, self._configuration()
        if session is None or self._rules.platform is PageState.INACTIVE:
            return
        if configuration == self._told or self._closed:
            return
        self._changing = True
        try:
            await session.configure(configuration)
        except DeniedError as error:
            # It stays what it was to the platform, until it is asked for anew.
            _log.info("a page's audio session keeps its type on the platform: %s", error)
        except AudioSessionError as error:
            _log.warning("a page's audio session could not be configured: %s", error)
        else:
            self._told = configuration
            if self._rules.platform is PageState.INTERRUPTED and not session.interrupted:
                # Asked as something else it came to the top, which nobody reports.
                self._begun = None
                if self._in_force:
                    self._released()
        finally:
            self._changing = False

    async def _deactivate(self) -> None:
        self._told = None
        if self._session is None:
            return
        try:
            await self._session.deactivate(notify_others=True)
        except AudioSessionError as error:
            _log.warning("a page's audio session could not be deactivated: %s", error)
        self._remember()

    async def _close(self) -> None:
        session = self._forget()
        if session is None:
            return
        try:
            await session.close()
        except AudioSessionError as error:
            _log.warning("a page's audio session could not be closed: %s", error)

    async def _opened(self) -> HostSession:
        while self._session is None:
            try:
                self._session = await self._host().open_session(self)
            except LimitError:
                # A page that sounded once keeps its session for the next time; not for ever.
                idle = next((one for one in _open.get(self._host(), {}) if one.idle), None)
                if idle is None:
                    raise
                await idle._close()
            else:
                self._remember()
        return self._session

    @property
    def idle(self) -> bool:
        """Whether it has no use for the session that it has open."""
        return self._rules.platform is PageState.INACTIVE and not self._wanted and self._loop.idle

    def _remember(self) -> None:
        """It has a session open, and had use for it just now."""
        if self._session is not None:
            there = _open.setdefault(self._host(), WeakKeyDictionary())
            there.pop(self, None)
            there[self] = None
            self._there = there

    def _forget(self) -> HostSession | None:
        """It has none open any more; returns the one it had."""
        session, self._session = self._session, None
        self._there.pop(self, None)
        return session

    # -- what comes of it --------------------------------------------------------------------

    @property
    def _heard(self) -> bool:
        return self._rules.platform is PageState.ACTIVE

    @property
    def _paused(self) -> bool:
        """Whether it was told to be silent until an end comes."""
        return self._begun not in (None, AudioInterruptionType.DUCK)

    @property
    def _may_end(self) -> bool:
        """Whether an interruption is running; what was lost for good, no end gives back.

        Apple's phones say neither at the beginning (apple 58).
        """
        return self._session is not None and self._session.interrupted

    @property
    def _sounding(self) -> bool:
        rules = self._rules
        audible = any(element.audible for element in rules.elements.values())
        return audible or bool(rules.interrupted_elements)

    def _configuration(self) -> AudioSessionConfiguration:
        rules = self._rules
        type = AudioSessionType(rules.computed())
        return page_configuration(type, rules.type == AUTO, rules.page, self._group)

    def _granted(self) -> None:
        if self._sounding:
            self._say(Granted(session=self._rules.session, cause="", rule=""))
        else:
            # It fell silent while it was asked for, and nobody hears that it was.
            self.give_up()

    def _refused(self) -> None:
        rules = self._rules
        lost = not self._in_force and not self._paused
        if rules.platform is PageState.INTERRUPTED and lost:
            self._fallen()
            return
        self._say(Denied(session=rules.session, cause="", rule=""))

    def _interrupted(self) -> None:
        self._say(
            Interrupted(
                session=self._rules.session,
                kind=HoldKind.PAUSE,
                cause="",
                rule="",
                told=True,
                enforced=True,
            )
        )

    def _released(self) -> None:
        self._say(
            Released(
                session=self._rules.session,
                kind=HoldKind.PAUSE,
                cause="",
                rule="",
                told=True,
                should_resume=True,
            )
        )

    def _fallen(self) -> None:
        """The interruption is over and nothing is left of the claim, nor of waiting for it."""
        self.give_up()
        self._stopped()

    def _stopped(self) -> None:
        # What is being asked for right now is another claim than the one that ended.
        self._wanted, self._in_force = self._asking, False
        self._told = None
        self._say(Stopped(session=self._rules.session, cause="", rule="", told=True))

    def _say(self, effect: Effect) -> None:
        if not self._closed:
            self._owner.platform_says(effect)
