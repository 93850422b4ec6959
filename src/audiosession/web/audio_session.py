"""A window's ``navigator.audioSession``, as the W3C's editor's draft has it.

The rules are those of :class:`~audiosession.core.translate.w3c.PageSession`; what is judged
between the sessions of a page is the page's (:mod:`audiosession.web.page`). W-numbers are those
of the conformance page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audiosession._checks import check_function
from audiosession.core.effects import Effect
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
            RuntimeError: No event loop runs here.
            IllegalRequestError: The page is in use in another event loop.
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
        """Whether it is active and its computed type is exclusive (W-004, W-030)."""
        return self._rules.state is PageState.ACTIVE and self._rules.claim().exclusive

    @property
    def is_auto(self) -> bool:
        """Whether its declared type is ``auto``."""
        return self.type is AudioSessionType.AUTO

    def check_open(self) -> None:
        """Raises where nothing can be asked of it.

        Raises:
            ClosedError: The window is closed.
            RuntimeError: No event loop runs here.
            IllegalRequestError: The page is in use in another event loop.
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

    def set_audible(self, element: Element, audible: bool) -> None:
        """An element starts or stops being heard (W-054, W-055)."""
        self._after(self._rules.set_audible(element.id, audible))
        if not audible and self._platform.waiting and not self._any_audible:
            self._platform.give_up()

    def inactivate(self) -> None:
        """Gives up what it has of the platform (W-040)."""
        if self._rules.state is PageState.INACTIVE:
            return
        self._platform.give_up()
        self._rules.deactivated()
        self._after(())

    def close(self) -> None:
        """The window is closed; nothing is told of it any more."""
        self._closed = True
        self._rules.state = PageState.INACTIVE
        self._platform.close()

    def platform_says(self, effect: Effect) -> None:
        """The platform answered, or changed something by itself (W-044)."""
        self._after(self._rules.apply((effect,)))
        # What was paused by its page during the interruption does not go on after it.
        active = self._rules.state is PageState.ACTIVE
        if active and not self._any_audible and not self._rules.interrupted_elements:
            self.inactivate()

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

    def _after(self, events: Iterable[Event]) -> None:
        """Does what the rules have decided: steps of elements first, then what is asked for."""
        steps = self._rules.steps
        while steps:
            name, step = steps.pop(0)
            if not name:
                if self._rules.state is PageState.INACTIVE:
                    # Nobody lets them go on any more (W-042, W-053).
                    for element in self.elements:
                        element.stay_silent()
                # Siblings are judged before the change is told (W-042, W-043).
                self._page.judge(self)
                self._fire(STATE_CHANGE)
            elif name in self._elements:
                self._elements[name].run(step)
        for event in events:
            if isinstance(event, Activate):
                self._platform.activate()
            elif isinstance(event, Reconfigure):
                # A stronger element has made it another type: judged as if it had been set.
                self._page.judge(self)
                self._platform.reconfigure()
            else:
                self.inactivate()
