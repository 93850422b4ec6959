"""What every host that runs on the project's own arbiter shares.

A session that asks the arbiter and tells its app what comes of it, in the one API's words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, Protocol

from ..configuration import AudioSessionConfiguration
from ..core.arbiter import Arbiter
from ..core.claims import Claim, Role, page_scope
from ..core.effects import (
    Delayed,
    Denied,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    Interrupted,
    Released,
    Standing,
    Stopped,
)
from ..core.events import (
    Activate,
    CloseSession,
    Deactivate,
    Event,
    Reconfigure,
    UserAction,
    UserIntent,
)
from ..core.translate.android import claim_from_focus_request
from ..core.translate.one_api import claim_from_configuration
from ..devices import AudioDevice, AudioDevicesChangedEvent
from ..errors import DeniedError
from ..interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from .base import FOCUS_SWITCHES, ActivationRequest, ActivationResult, HostEvents, Outcome

_Type = AudioInterruptionType
REASONS: dict[Role, InterruptionReason] = {
    Role.EMERGENCY: InterruptionReason.EMERGENCY,
    Role.SAFETY: InterruptionReason.EMERGENCY,
    Role.CALL: InterruptionReason.CALL,
    Role.RINGTONE: InterruptionReason.RINGTONE,
    Role.ALARM: InterruptionReason.ALARM,
    Role.SCREEN_READER: InterruptionReason.SCREEN_READER,
    Role.ASSISTANT: InterruptionReason.ASSISTANT,
}
"""The roles an app is told of; all others are just another app."""

_SAME = "same-request"
"""The rule by which what was asked before stays in force, attributes and all (android 21)."""
_OUTCOMES = {
    Granted: Outcome.GRANTED,
    Denied: Outcome.DENIED,
    Stopped: Outcome.DENIED,
    Delayed: Outcome.DELAYED,
}


@lru_cache(maxsize=64)
def claim_of(request: ActivationRequest, *, knows_pages: bool = False) -> Claim:
    """The claim that a request amounts to.

    Both are values, and apps ask for the same few again and again.

    Args:
        request: What is asked.
        knows_pages: Whether the policy tells web pages apart.
    """
    page = request.configuration.page_audio
    if page is not None:
        claim = claim_from_configuration(
            page_type=page.type,
            page_auto=page.auto,
            page=page_scope(page.page, page.group) if knows_pages else "",
        )
        return replace(claim, page=page.page)
    attributes = request.attributes
    usage = None if attributes is None else int(attributes.usage)
    content_type = None if attributes is None else int(attributes.content_type)
    if request.target_sdk is not None:
        return claim_from_focus_request(
            usage or 0,
            content_type or 0,
            int(request.gain_type),
            will_pause_when_ducked=request.will_pause_when_ducked,
            accepts_delay=request.accepts_delay,
            locked=request.locked,
            force_duck=request.force_duck,
            duck_events=request.duck_events,
            target_sdk=request.target_sdk,
            zone=request.zone,
        )
    configuration = request.configuration
    category = configuration.av_audio_session_category
    mode = configuration.av_audio_session_mode
    options = configuration.av_audio_session_category_options
    claim = claim_from_configuration(
        category=None if category is None else category.value,
        mode=None if mode is None else mode.value,
        options=None if options is None else int(options),
        usage=usage,
        content_type=content_type,
        gain=int(request.gain_type),
        will_pause_when_ducked=request.will_pause_when_ducked,
    )
    more: dict[str, Any] = {name: True for name in FOCUS_SWITCHES if getattr(request, name)}
    if request.zone:
        more["scope"] = request.zone
    return replace(claim, **more) if more else claim


class InterruptionTeller:
    """Turns the effects on one session into the one API's interruption events.

    A late grant is no end of an interruption: unless one had begun, the app hears nothing.

    Where an interruption ends the claim, as on Apple's phones, nobody says at the beginning
    whether there will be an end (apple 58): it begins as ``UNKNOWN``. An app that pauses where it
    is told to go down hears of a pause instead, as from Flutter's plugin.

    Args:
        ends_claim: Whether an interruption ends the claim.
    """

    def __init__(self, *, ends_claim: bool = False) -> None:
        self._pause = _Type.UNKNOWN if ends_claim else _Type.PAUSE
        # What the app was told to do, as long as it was told of no end.
        self._begun: AudioInterruptionType | None = None
        self._system_ducked = False
        self._why = InterruptionReason.UNKNOWN

    @property
    def running(self) -> bool:
        """Whether the app was told of the beginning of an interruption and of no end."""
        return self._begun is not None

    def forget(self) -> None:
        """The interruption ended unsaid."""
        self._begun = None

    def tell(
        self, effect: Effect, cause: Claim | None, *, listener: bool = False
    ) -> AudioInterruptionEvent | None:
        """The event an effect amounts to; ``None`` when the app hears nothing of it.

        Args:
            effect: Any effect on the session.
            cause: The claim of the session that caused it, where it is still known.
            listener: Whether one of AudioManager's listens, which is told of each change as it
                is, whatever its app does then.
        """
        if isinstance(effect, Interrupted):
            return self._begins(effect, cause, pauses=effect.pauses and not listener)
        if isinstance(effect, Stopped):
            self._begun = None
            if effect.told:
                return AudioInterruptionEvent(
                    begin=True, type=_Type.UNKNOWN, reason=_reason(effect.cause, cause)
                )
        elif isinstance(effect, Released):
            kind, self._begun = self._begun, None
            if effect.told:
                lowered = effect.kind is HoldKind.DUCK and kind in (None, _Type.DUCK)
                return self._ended(lowered=lowered, resume=effect.should_resume)
        elif isinstance(effect, Granted) and effect.late and self._begun is not None:
            lowered, self._begun = self._begun is _Type.DUCK, None
            return self._ended(lowered=lowered, resume=not lowered)
        return None

    def _begins(
        self, effect: Interrupted, cause: Claim | None, *, pauses: bool
    ) -> AudioInterruptionEvent | None:
        # Whoever caused the beginning may be gone at the end, so the reason is kept.
        self._why = _reason(effect.cause, cause)
        lowered = effect.kind is HoldKind.DUCK and not pauses
        self._system_ducked = lowered and effect.enforced
        paused = self._begun is _Type.PAUSE and pauses and effect.kind is HoldKind.PAUSE
        if not effect.told:
            self._begun = None
            return None
        self._begun = _Type.DUCK if lowered else _Type.PAUSE if pauses else self._pause
        if paused:
            # It was told to pause already, for what was a duck until now.
            return None
        return AudioInterruptionEvent(
            begin=True, type=self._begun, system_ducked=self._system_ducked, reason=self._why
        )

    def _ended(self, *, lowered: bool, resume: bool) -> AudioInterruptionEvent:
        if lowered:
            return AudioInterruptionEvent(
                begin=False,
                type=_Type.DUCK,
                system_ducked=self._system_ducked,
                reason=self._why,
            )
        return AudioInterruptionEvent(
            begin=False,
            type=_Type.PAUSE if resume else _Type.UNKNOWN,
            should_resume=resume,
            reason=self._why,
        )


def _reason(cause: str, claim: Claim | None) -> InterruptionReason:
    if claim is None:
        return InterruptionReason.SYSTEM if cause == "system" else InterruptionReason.OTHER_APP
    return REASONS.get(claim.role, InterruptionReason.OTHER_APP)


class Machine(Protocol):
    """What sessions are judged on: an arbiter, fed and obeyed."""

    @property
    def arbiter(self) -> Arbiter:
        """The arbiter, to look at."""

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Feeds the arbiter and carries out the effects, those of nested calls after."""

    def app_of_session(self, session: str) -> str:
        """What the app of a session is called; the session's own id when it is gone."""


class Carrier:
    """Carries effects out one after the other, in the order in which they were decided.

    Args:
        apply: Carries one out.
    """

    def __init__(self, apply: Callable[[Effect], None]) -> None:
        self._apply = apply
        self._pending: deque[Effect] = deque()
        self._busy = False

    def carry(self, effects: Iterable[Effect]) -> bool:
        """Carries the effects out; False when an outer call goes on to do so."""
        self._pending.extend(effects)
        if self._busy:
            return False
        self._busy = True
        try:
            while self._pending:
                self._apply(self._pending.popleft())
        finally:
            self._busy = False
        return True


class ArbitratedSession(ABC):
    """One app's session on an arbiter; a :class:`~audiosession.hosts.base.HostSession`.

    Args:
        machine: Where it is judged.
        id: Its id there; whoever makes the session opens it with the arbiter.
        app: What the app is called in errors.
        events: Where the app hears of it.
    """

    def __init__(self, machine: Machine, id: str, app: str, events: HostEvents) -> None:
        self.id = id
        self.events = events
        self.claim: Claim | None = None
        self._machine = machine
        self.app_name = app
        """What the app is called in errors."""
        settings = machine.arbiter.policy.settings
        self._ends_claim = settings.interruption_ends_claim
        self._teller = InterruptionTeller(ends_claim=self._ends_claim)
        # Whether it asks in AudioManager's words.
        self._listener = False
        self._losses = 0
        self._open = True

    # -- what an app calls -------------------------------------------------------------------

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._teller.running

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self.reconfigure(configuration)

    def reconfigure(self, configuration: AudioSessionConfiguration) -> None:
        """As :meth:`configure`, which waits for nothing here."""
        self._check()
        request = ActivationRequest.of(configuration)
        claim = self._claim_of(request)
        machine = self._machine
        if machine.arbiter.standing(self.id) is not Standing.INACTIVE:
            self._asks(claim)
        for effect in machine.handle(Reconfigure(session=self.id, claim=claim)):
            if isinstance(effect, Denied) and effect.session == self.id:
                self._called("configure: denied")
                holder = machine.app_of_session(effect.cause)
                raise DeniedError(self.app_name, holder, effect.rule)
        self._check()
        self._called("configure")
        self._look_whether_interrupted()
        self._claims(claim, request)

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        rule = self._refused()
        if rule:
            self._called("activate: denied")
            return ActivationResult(outcome=Outcome.DENIED, rule=rule)
        claim = self._claim_of(request)
        self._asks(claim)
        losses = self._losses
        machine = self._machine
        # What comes of it may be told before the answer.
        listener, self._listener = self._listener, request.target_sdk is not None
        effects = machine.handle(Activate(session=self.id, claim=claim))
        # Whoever heard of it may have ended the app.
        self._check()
        # A request that waited may take at once what was granted: then the last word is Stopped.
        answer = next(
            effect
            for effect in reversed(effects)
            if isinstance(effect, Granted | Denied | Delayed | Stopped)
            and effect.session == self.id
        )
        outcome = _OUTCOMES[type(answer)]
        if outcome is not Outcome.DENIED:
            self._look_whether_interrupted()
            if answer.rule != _SAME:
                self._claims(claim, request)
        else:
            self._listener = listener
        if (
            outcome is Outcome.GRANTED
            and self._losses != losses
            and self.id in machine.arbiter.active
        ):
            # What was lost during the call was an older claim, overdue to end.
            self.events.gained_claim()
        self._called(f"activate: {outcome.value}")
        return ActivationResult(
            outcome=outcome, rule=answer.rule, holder=machine.app_of_session(answer.cause)
        )

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        self._called("deactivate")
        self._machine.handle(Deactivate(session=self.id, notify_others=notify_others))
        self._check()
        self._look_whether_interrupted()
        return True

    @abstractmethod
    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`."""

    @abstractmethod
    async def quiet(self, timeout_s: float) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""

    async def user_action(self, *, paused: bool) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        intent = UserIntent.PAUSED if paused else UserIntent.PLAYED
        self._machine.handle(UserAction(session=self.id, intent=intent))

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        if self._open:
            self._open = False
            self._leaves()
            self._machine.handle(CloseSession(session=self.id))

    # -- what the machine reports ------------------------------------------------------------

    def gone(self) -> None:
        """The session was closed without its app's doing: the app is dead."""
        self._open = False

    def hear(self, effect: Effect, cause: Claim | None) -> None:
        """An effect on this session: tells the app what it is to hear of it.

        Args:
            effect: The effect.
            cause: The claim of the session that caused it, where it is still known.
        """
        if isinstance(effect, GainChanged):
            self._moves(effect)
        elif isinstance(effect, Granted) and effect.late:
            self.events.gained_claim()
        elif isinstance(effect, Stopped) or (
            isinstance(effect, Interrupted) and effect.kind is HoldKind.PAUSE and self._ends_claim
        ):
            self._losses += 1
            self.events.lost_claim()
        event = self._teller.tell(effect, cause, listener=self._listener)
        if event is not None:
            self._tells(event)
            self.events.interruption(event)

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        self.events.devices_changed(event)

    def becoming_noisy(self) -> None:
        """The output became noisy."""
        self._tells("becoming noisy")
        self.events.becoming_noisy()

    # -- what differs from machine to machine ------------------------------------------------

    @abstractmethod
    def _check(self) -> None:
        """Raises ClosedError when the session can no longer be used."""

    @abstractmethod
    def _moves(self, effect: GainChanged) -> None:
        """The system's factor on the session moves."""

    def _refused(self) -> str:
        """The rule under which an activation is refused unseen; empty: it is judged."""
        return ""

    def _asks(self, claim: Claim) -> None:
        """The app is about to ask for this."""

    def _claim_of(self, request: ActivationRequest) -> Claim:
        """The claim that a request amounts to here."""
        settings = self._machine.arbiter.policy.settings
        return claim_of(request, knows_pages=settings.page_focus is not None)

    def _claims(self, claim: Claim, request: ActivationRequest) -> None:
        """The arbiter took the claim that the request amounts to."""
        self.claim = claim

    def _called(self, text: str) -> None:
        """The app called, and this is what came of it."""

    def _tells(self, what: AudioInterruptionEvent | str) -> None:
        """The app is about to hear this."""

    def _leaves(self) -> None:
        """The app closes the session; the arbiter hears of it next."""

    def _look_whether_interrupted(self) -> None:
        """After a call of the app: a hold that ended because of it is not told."""
        if self._machine.arbiter.standing(self.id) not in (
            Standing.DUCKED,
            Standing.INTERRUPTED,
        ):
            self._teller.forget()
