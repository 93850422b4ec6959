"""A window's ``navigator.audioSession``, as the W3C's editor's draft has it.

The rules are those of :class:`~audiosession.core.translate.w3c.PageSession`; what is judged
between the sessions of a page is the page's (:mod:`audiosession.web.page`). W-numbers are those
of the conformance page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audiosession._checks import check_function
from audiosession.core.effects import Effect, Stopped
from audiosession.core.events import Activate, Event, Reconfigure
from audiosession.core.translate.w3c import PageSession, PageState
from audiosession.errors import ClosedError, InvalidTypeError
from audiosession.web._platform import Platform
from audiosession.web.errors import WebTypeError
from audiosession.web.events import EventTarget, Listener
from audiosession.web.types import AudioSessionState, AudioSessionType

if TYPE_CHECKING:
    from audiosession.web.elements import Element
    from audiosession.web.window import Window

__all__ = ["AudioSession"]

STATE_CHANGE = "statechange"


class AudioSession(EventTarget):
    """The one session of a window; :attr:`Window.audio_session` gives it (W-007).

    There is no call to activate it: what sounds in the window does (W-054). Nor does it tell of
    being lowered (hole G-4), nor by whom it is interrupted (G-8); the package's other surfaces
    do.

    Made by its window. Belongs to the event loop in which its page is used first.
    """

    def __init__(self, window: Window, id: str) -> None:
        super().__init__()
        self._window = window
        self._page = window.page
        self._rules = PageSession(session=id, page=self._page.id)
        self._elements: dict[str, Element] = {}
        self._on_state_change: Listener | None = None
        self._closed = False
        page = self._page
        self._platform = Platform(page.browser.use_host, page.loop, self._rules, page.group, self)

    # -- the interface of the draft ----------------------------------------------------------

    @property
    def type(self) -> AudioSessionType:
        """What the window's sound is for; ``auto`` at first (W-001).

        Setting another type stores it at once (W-011) and brings it into effect in a later turn
        of the event loop, once however often it was set by then, and not at all if it is the one
        in effect again (W-010 to W-013). Any of the six words will do in place of a member.

        Raises:
            WebTypeError: A word that is no type. A browser passes it over in silence.
            InvalidTypeError: It is no text.
            ClosedError: The window is closed.
            IllegalRequestError: No event loop runs here, or the page is in use in another one.
        """
        return AudioSessionType(self._rules.type)

    @type.setter
    def type(self, value: str) -> None:
        if not isinstance(value, str):
            raise InvalidTypeError("type", value, expected="a text")
        try:
            word = AudioSessionType(value).value
        except ValueError:
            words = ", ".join(AudioSessionType)
            raise WebTypeError("type", value, expected=f"one of {words}") from None
        self.check_open()
        if self._rules.set_type(word):
            self._page.loop.queue(self._update)

    @property
    def state(self) -> AudioSessionState:
        """Where it stands: ``inactive``, ``active`` or ``interrupted`` (W-003)."""
        return AudioSessionState(self._rules.state.value)

    @property
    def onstatechange(self) -> Listener | None:
        """The handler of ``statechange``: called once for each real change, after the page's
        other sessions were judged (W-043). ``None``: there is none.

        A new one takes the place of the old one among the listeners. Unlike in a browser, what
        is no function raises.

        Raises:
            InvalidTypeError: It is neither a plain function nor ``None``.
        """
        return self._on_state_change

    @onstatechange.setter
    def onstatechange(self, handler: Listener | None) -> None:
        if handler is not None:
            check_function("onstatechange", handler)
            # Only the first takes a place in the order; who follows it inherits that.
            self.add_event_listener(STATE_CHANGE, self._call_handler)
        else:
            self.remove_event_listener(STATE_CHANGE, self._call_handler)
        self._on_state_change = handler

    def _call_handler(self, event: object) -> None:
        if self._on_state_change is not None:
            self._on_state_change(event)  # type: ignore[arg-type]

    # -- what engines look at ----------------------------------------------------------------

    @property
    def effective_type(self) -> AudioSessionType:
        """The computed type now, never ``auto`` (W-020 to W-023). Pages do not see it."""
        return AudioSessionType(self._rules.computed())

    @property
    def elements(self) -> tuple[Element, ...]:
        """What may sound in the window, in the order of joining."""
        return tuple(self._elements.values())

    def element_state(self, element: Element) -> AudioSessionState:
        """Where an element of the window stands (W-006).

        Raises:
            UnknownNameError: It is not one of the window's.
        """
        return AudioSessionState(self._rules.element_state(element.id).value)

    # -- for the page and its elements -------------------------------------------------------

    @property
    def is_exclusive(self) -> bool:
        """Whether it is active and its computed type is exclusive (W-004, W-030).

        One that is being inactivated does not count any more, though its page is told later.
        """
        rules = self._rules
        active = rules.state is rules.platform is PageState.ACTIVE
        return active and rules.claim().exclusive

    @property
    def is_auto(self) -> bool:
        """Whether its declared type is ``auto``."""
        return self.type is AudioSessionType.AUTO

    def check_open(self) -> None:
        """Raises where nothing can be asked of it.

        Raises:
            ClosedError: The window is closed.
            IllegalRequestError: No event loop runs here, or the page is in use in another one.
        """
        if self._closed:
            raise ClosedError("this window")
        self._page.loop.check()

    def join(self, element: Element, *, audible: bool) -> None:
        """An element joins (W-056)."""
        self._elements[element.id] = element
        self._rules.add_element(element.id, element.default_type)
        self.set_audible(element, audible)

    def leave(self, element: Element) -> None:
        """An element leaves (W-056)."""
        del self._elements[element.id]
        self._after(self._rules.remove_element(element.id))

    def set_audible(self, element: Element, audible: bool, *, again: bool = False) -> None:
        """An element starts or stops being heard (W-054, W-055), or its page starts it again."""
        self._after(self._rules.set_audible(element.id, audible, again=again))
        if not audible and self._platform.waiting and not self._any_audible:
            self._platform.give_up()

    def inactivate(self) -> None:
        """Gives up what it has of the platform at once, and queues telling it (W-040)."""
        if self._rules.platform is PageState.INACTIVE:
            return
        self._platform.give_up()
        self._rules.platform = PageState.INACTIVE
        self._queue_notify(PageState.INACTIVE)

    def close(self) -> None:
        """The window is closed; nothing is told of it any more."""
        self._closed = True
        rules = self._rules
        rules.state = rules.platform = PageState.INACTIVE
        for remembered in (rules.elements, rules.interrupted_elements, rules.steps):
            remembered.clear()
        self._elements.clear()
        for listeners in self._listeners.values():
            # Also those that an event is just on its way to.
            listeners.clear()
        self._platform.close()

    def platform_says(self, effect: Effect) -> None:
        """The platform answered, or changed something by itself (W-044)."""
        state = self._rules.reached(effect)
        if isinstance(effect, Stopped) and not self._page.asks(self):
            self._page.loop.queue(self._stand_still)
        if state is not None:
            self._queue_notify(state)

    # -- inside ------------------------------------------------------------------------------

    @property
    def _any_audible(self) -> bool:
        return any(element.audible for element in self._rules.elements.values())

    def _update(self) -> None:
        """The queued update (W-013, W-014)."""
        if self._closed:
            return
        if self._rules.type != self._rules.applied_type:
            self._page.judge(self)
        self._after(self._rules.run_update())

    @property
    def asks(self) -> bool:
        """Whether it is asking the platform for something that may displace others."""
        return self._platform.asking

    def _stand_still(self) -> None:
        """Another page or app has its place for good; what is heard of it ends."""
        if self._rules.platform is not PageState.ACTIVE:
            for element in self.elements:
                element.displaced()

    def _queue_notify(self, state: PageState) -> None:
        """Queues telling elements, siblings and listeners of a state (W-040 to W-044)."""
        self._page.loop.queue(lambda: self._notify(state))

    def _notify(self, state: PageState) -> None:
        if self._closed:
            return
        self._after(self._rules.notify(state))
        if state is PageState.ACTIVE and not self._any_audible:
            # After the resume steps, some of which are queued now.
            self._page.loop.queue(self._end_unheard)

    def _end_unheard(self) -> None:
        """What its page stopped or muted during the interruption holds nothing after it."""
        rules = self._rules
        active = rules.state is rules.platform is PageState.ACTIVE
        if active and not self._any_audible and not rules.interrupted_elements:
            self.inactivate()

    def _after(self, events: Iterable[Event]) -> None:
        """Does what the rules have decided: steps of elements first, then what is asked for."""
        steps = self._rules.steps
        # Whatever an element does when it is told may close the window.
        while steps and not self._closed:
            name, step = steps.pop(0)
            if not name:
                if self._rules.state is PageState.INACTIVE:
                    # Nobody lets them go on any more (W-042, W-053).
                    for element in self.elements:
                        element.stay_silent()
                # Siblings are judged before the change is told (W-042, W-043); what comes of
                # that for them is told after it.
                self._page.judge(self)
                self._fire(STATE_CHANGE)
            elif name in self._elements:
                self._elements[name].run(step)
        for event in () if self._closed else events:
            if isinstance(event, Activate):
                self._platform.activate()
            elif isinstance(event, Reconfigure):
                # A stronger element has made it another type: judged as if it had been set.
                self._page.judge(self)
                self._platform.reconfigure()
            else:
                self.inactivate()
