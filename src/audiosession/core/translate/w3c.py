"""The W3C AudioSession's types as claims, and the state machine of one session.

:func:`computed_type` is the draft's *compute the audio type* and :class:`PageSession` its
state and element rules, sans IO: calls return the arbiter's events to feed and effects come
back through :meth:`PageSession.apply`, which may answer with events of its own. W-numbers name
the draft's steps as the project counts them; see the conformance page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from ...errors import InvalidValueError, UnknownNameError
from ..claims import Claim, Press, Role
from ..effects import Denied, Effect, Granted, HoldKind, Interrupted, Released, Stopped
from ..events import Activate, Deactivate, Event, Reconfigure

TYPES: dict[str, tuple[Press, Role, bool]] = {
    "playback": (Press.STOP, Role.MUSIC, False),
    "transient": (Press.DUCK, Role.NOTIFICATION, False),
    "transient-solo": (Press.PAUSE, Role.PROMPT, False),
    "ambient": (Press.NONE, Role.AMBIENT, False),
    "play-and-record": (Press.STOP, Role.CALL, True),
}
"""Type -> how hard it presses, role, whether it records (W-002, W-004)."""

AUTO = "auto"

ELEMENT_TYPES: dict[str, str] = {
    "graph": "ambient",
    "media": "playback",
    "microphone": "play-and-record",
}
"""Kind of element -> its default type: an AudioContext, a media element, a microphone track."""

_BY_STRENGTH = ("play-and-record", "playback", "transient-solo", "transient")


def computed_type(declared: str, active_defaults: Iterable[str] = ()) -> str:
    """The effective type: the declared one, or for ``auto`` the strongest of the default
    types of the elements that are active; ``ambient`` when there are none (W-020 to W-022).

    Raises:
        InvalidValueError: ``declared`` is none of the six types.
    """
    if declared != AUTO:
        if declared not in TYPES:
            raise InvalidValueError("type", declared, expected="a W3C audio session type")
        return declared
    present = set(active_defaults)
    for name in _BY_STRENGTH:
        if name in present:
            return name
    return "ambient"


def allows_microphone(declared: str) -> bool:
    """Whether a page whose session has that declared type may open a microphone, and keep it
    open: only ``auto`` and ``play-and-record`` do (W-057, and the update steps of tracks)."""
    return declared in (AUTO, "play-and-record")


def graph_is_audible(*, running: bool, silent: bool) -> bool:
    """Whether an audio graph is heard: it runs and sends something other than zeroes."""
    return running and not silent


def media_is_audible(*, playing: bool, volume: float, muted: bool, has_audio: bool) -> bool:
    """Whether a media element is heard (W-058); ``volume`` is linear, 0.0 to 1.0."""
    return playing and volume > 0.0 and not muted and has_audio


def microphone_is_audible(*, ended: bool, muted: bool) -> bool:
    """Whether a microphone track counts as heard: it listens."""
    return not ended and not muted


def claim_from_type(declared: str, active_defaults: Iterable[str] = (), *, page: str = "") -> Claim:
    """The claim of a page's session with that declared type and those active elements."""
    press, role, records = TYPES[computed_type(declared, active_defaults)]
    return Claim(
        role=role,
        press=press,
        mixable=press in (Press.NONE, Press.DUCK),
        records=records,
        auto=declared == AUTO,
        scope=page,
        silenced_by_switch=press is Press.NONE,
    )


class PageState(Enum):
    """The three states of the draft (W-003)."""

    INACTIVE = "inactive"
    """Nothing of it is heard."""
    ACTIVE = "active"
    """It is heard, or may be."""
    INTERRUPTED = "interrupted"
    """The platform, or another session, has it paused."""


@dataclass(slots=True)
class Element:
    """One source of sound of a page (W-005)."""

    default_type: str
    """What it counts as where the session's type is ``auto``."""
    audible: bool = False
    """Whether it is heard now."""


@dataclass(slots=True)
class PageSession:
    """One window's session. ``steps`` collects what elements are to do, in order."""

    session: str
    """Its id on the arbiter."""
    page: str = ""
    """The page; only sessions of one page displace each other."""
    type: str = AUTO
    """The declared type."""
    state: PageState = PageState.INACTIVE
    """Where it stands, as its page was told."""
    platform: PageState = PageState.INACTIVE
    """Where the platform has it. ``state`` follows when that is notified, which may be later."""
    elements: dict[str, Element] = field(default_factory=dict)
    """Sources of sound by id."""
    interrupted_elements: dict[str, None] = field(default_factory=dict)
    """Those that were suspended, in order."""
    applied_type: str = AUTO
    """The declared type that is in effect."""
    update_queued: bool = False
    """Whether an update is to be run."""
    asked: Claim | None = None
    """The claim the arbiter was last told."""
    steps: list[tuple[str, str]] = field(default_factory=list)
    """(element id, ``update`` | ``suspend`` | ``resume``), and ``("", "statechange")``."""

    def element_state(self, element: str) -> PageState:
        """Interrupted if remembered so, else by its audibility (W-006)."""
        if element in self.interrupted_elements:
            return PageState.INTERRUPTED
        return PageState.ACTIVE if self._element(element).audible else PageState.INACTIVE

    def computed(self) -> str:
        """The effective type now; an interrupted element does not count (W-021, W-023)."""
        active = (
            item.default_type
            for name, item in self.elements.items()
            if self.element_state(name) is PageState.ACTIVE
        )
        return computed_type(self.type, active)

    def claim(self) -> Claim:
        """What the session asks for now."""
        declared = self.computed()
        claim = claim_from_type(declared, page=self.page)
        if self.type != AUTO:
            return claim
        return claim_from_type(AUTO, [declared], page=self.page)

    def add_element(self, element: str, default_type: str) -> None:
        """A source of sound joins, not audible yet."""
        computed_type(default_type)
        self.elements[element] = Element(default_type)

    def remove_element(self, element: str) -> tuple[Event, ...]:
        """A source of sound leaves, to end or to join another window's session (W-056)."""
        counted = self.element_state(element) is not PageState.INACTIVE
        del self.elements[element]
        self.interrupted_elements.pop(element, None)
        return self._quieter() if counted else ()

    def set_type(self, type: str) -> bool:
        """Declares a type. True when an update has to be queued (W-010 to W-012)."""
        if type != AUTO:
            computed_type(type)
        if type == self.type:
            return False
        self.type = type
        if self.update_queued:
            return False
        self.update_queued = True
        return True

    def run_update(self) -> tuple[Event, ...]:
        """The queued update (W-013, W-014); nothing while nothing sounds (W-015)."""
        self.update_queued = False
        if self.type == self.applied_type:
            return ()
        self.applied_type = self.type
        self._update_elements()
        return self._adjust()

    def set_audible(self, element: str, audible: bool, *, again: bool = False) -> tuple[Event, ...]:
        """An element starts or stops being heard (W-054, W-055 with hole G-5 closed).

        Args:
            element: Which.
            audible: Whether it is heard, or would be were it not suspended.
            again: Whether to ask anew where it counts as heard already (W-041).
        """
        item = self._element(element)
        if item.audible is audible and not (again and audible):
            return ()
        item.audible = audible
        if audible and self.platform is not PageState.ACTIVE:
            self.asked = self.claim()
            return (Activate(session=self.session, claim=self.asked),)
        return self._adjust() if audible else self._quieter()

    def deactivated(self) -> None:
        """The session's own Deactivate was handled (W-040)."""
        self.platform = PageState.INACTIVE
        self._notify(PageState.INACTIVE)

    def reached(self, effect: Effect) -> PageState | None:
        """Where an effect on this session leaves it; ``None``: there is nothing to notify."""
        if isinstance(effect, Granted):
            self.platform = PageState.ACTIVE
        elif isinstance(effect, Stopped):
            self.platform = PageState.INACTIVE
        elif isinstance(effect, Interrupted) and effect.kind is HoldKind.PAUSE:
            self.platform = PageState.INTERRUPTED
        elif isinstance(effect, Released) and effect.kind is HoldKind.PAUSE:
            self.platform = PageState.ACTIVE
        elif not isinstance(effect, Denied):
            return None
        # Refused is where it was: inactive, or interrupted still (W-041).
        return self.platform

    def notify(self, state: PageState) -> tuple[Event, ...]:
        """The queued *notify* (W-042); a platform that changes twice before is told of twice.

        Returns what is to be fed back: elements that went on may have changed the type.
        """
        self._notify(state)
        return self._adjust() if self.state is PageState.ACTIVE else ()

    def apply(self, effects: Iterable[Effect]) -> tuple[Event, ...]:
        """Takes over what the arbiter decided about this session (W-042, W-044).

        Returns what is to be fed back: elements that went on may have changed the type.
        """
        for effect in effects:
            if effect.session != self.session:
                continue
            state = self.reached(effect)
            if state is not None:
                self._notify(state)
        return self._adjust() if self.state is PageState.ACTIVE else ()

    def _quieter(self) -> tuple[Event, ...]:
        if self.interrupted_elements or self.platform is PageState.INACTIVE:
            return ()
        if any(item.audible for item in self.elements.values()):
            return self._adjust()
        return (Deactivate(session=self.session),)

    def _adjust(self) -> tuple[Event, ...]:
        """The change of claim to tell the arbiter, if there is one and it has a claim."""
        if self.platform is PageState.INACTIVE:
            return ()
        claim = self.claim()
        if claim == self.asked:
            return ()
        self.asked = claim
        return (Reconfigure(session=self.session, claim=claim),)

    def _notify(self, state: PageState) -> None:
        differs = state is not self.state
        self.state = state
        if state is PageState.INACTIVE:
            self.interrupted_elements.clear()
        self._update_elements()
        if differs:
            self.steps.append(("", "statechange"))

    def _update_elements(self) -> None:
        """Updates every element: always, suspend or resume as the state asks (W-050 to W-053)."""
        for name, item in self.elements.items():
            self.steps.append((name, "update"))
            if item.audible and self.state is PageState.INTERRUPTED:
                if name not in self.interrupted_elements:
                    self.interrupted_elements[name] = None
                    self.steps.append((name, "suspend"))
            elif name in self.interrupted_elements and self.state is PageState.ACTIVE:
                del self.interrupted_elements[name]
                self.steps.append((name, "resume"))

    def _element(self, element: str) -> Element:
        item = self.elements.get(element)
        if item is None:
            raise UnknownNameError("element", element, self.elements)
        return item
