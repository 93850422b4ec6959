"""The simulated device as a host of one app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...configuration import AudioSessionConfiguration
from ...core.claims import Claim
from ...core.effects import (
    Delayed,
    Denied,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    Interrupted,
    Standing,
    Stopped,
)
from ...core.events import (
    Activate,
    CloseSession,
    Deactivate,
    OpenSession,
    Reconfigure,
    UserAction,
    UserIntent,
)
from ...core.gains import Ramp
from ...devices import AudioDevice, AudioDevicesChangedEvent
from ...errors import ClosedError, DeniedError, HostUnavailableError, HostUnavailableReason
from ..arbitrated import InterruptionTeller, claim_of
from ..base import ActivationRequest, ActivationResult, Capability, HostEvents, Outcome

if TYPE_CHECKING:
    from .app import SimulatedApp


_OUTCOMES = {
    Granted: Outcome.GRANTED,
    Denied: Outcome.DENIED,
    Stopped: Outcome.DENIED,
    Delayed: Outcome.DELAYED,
}


class SimulatedHost:
    """What an app on a simulated device sees of it; a :class:`~audiosession.hosts.base.Host`."""

    def __init__(self, app: SimulatedApp) -> None:
        self._app = app

    @property
    def name(self) -> str:
        """Always ``simulated``."""
        return "simulated"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the device's profile has."""
        return self._app.device.profile.capabilities

    async def open_session(self, events: HostEvents) -> SimulatedSession:
        """A session of the app on the device."""
        return self._app.attach(events)

    async def close(self) -> None:
        """Nothing to let go of; the device goes with its last user."""


class SimulatedSession:
    """One session of an app on a simulated device."""

    def __init__(self, app: SimulatedApp, id: str, events: HostEvents) -> None:
        self.app = app
        self.id = id
        self.events = events
        self.claim: Claim | None = None
        self.ramp = Ramp()
        self._teller = InterruptionTeller()
        self._losses = 0
        self._open = True
        app.device.handle(OpenSession(session=id, app=app.id, client=app.id))

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._teller.running

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        claim = claim_of(ActivationRequest.of(configuration))
        device = self.app.device
        if device.arbiter.standing(self.id) is not Standing.INACTIVE:
            self.app.ask_for_microphone(claim)
        effects = device.handle(Reconfigure(session=self.id, claim=claim))
        for effect in effects:
            if isinstance(effect, Denied) and effect.session == self.id:
                device.tell_call(self.app.id, "configure: denied")
                holder = device.app_of_session(effect.cause)
                raise DeniedError(self.app.id, holder, effect.rule)
        device.tell_call(self.app.id, "configure")
        self._look_whether_interrupted()
        self.claim = claim
        self.app.update_switch()

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        if not self.app.device.media_services_running:
            raise HostUnavailableError(
                HostUnavailableReason.CONNECTION_LOST, "media services are lost; wait for the reset"
            )
        device = self.app.device
        if self.app.suspended:
            device.tell_call(self.app.id, "activate: denied")
            return ActivationResult(outcome=Outcome.DENIED, rule="suspended")
        claim = claim_of(request)
        self.app.ask_for_microphone(claim)
        losses = self._losses
        effects = device.handle(Activate(session=self.id, claim=claim))
        # A request that waited may take at once what was granted: then the last word is Stopped.
        answer = next(
            effect
            for effect in reversed(effects)
            if isinstance(effect, Granted | Denied | Delayed | Stopped)
            and effect.session == self.id
        )
        outcome = _OUTCOMES[type(answer)]
        if outcome is not Outcome.DENIED:
            self.claim = claim
            self._look_whether_interrupted()
            self.app.update_switch()
        if (
            outcome is Outcome.GRANTED
            and self._losses != losses
            and self.id in device.arbiter.active
        ):
            # What was lost during the call was an older claim, overdue to end.
            self.events.gained_claim()
        device.tell_call(self.app.id, f"activate: {outcome.value}")
        return ActivationResult(
            outcome=outcome, rule=answer.rule, holder=device.app_of_session(answer.cause)
        )

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        self.app.device.tell_call(self.app.id, "deactivate")
        self.app.device.handle(Deactivate(session=self.id, notify_others=notify_others))
        self._look_whether_interrupted()
        return True

    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        return self.app.device.audio_devices()

    async def quiet(self, timeout_s: float) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        device = self.app.device
        done = device.arbiter.quiet_at(self.id)
        now = device.clock.now
        if done <= now:
            return True
        await device.clock.wait_until(min(done, now + timeout_s))
        return done <= now + timeout_s

    async def user_action(self, *, paused: bool) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        intent = UserIntent.PAUSED if paused else UserIntent.PLAYED
        self.app.device.handle(UserAction(session=self.id, intent=intent))

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        if self._open:
            self._open = False
            self.app.detach(self)
            self.app.device.handle(CloseSession(session=self.id))

    # -- what the device reports -------------------------------------------------------------

    def gone(self) -> None:
        """The device closed the session: the app was killed."""
        self._open = False

    def hear(self, effect: Effect, cause: Claim | None) -> None:
        """An effect on this session: tells the app what it is to hear of it."""
        device = self.app.device
        if isinstance(effect, GainChanged):
            self.ramp = Ramp(effect.from_db, effect.to_db, device.now, effect.ramp_s)
            self.app.follow(self)
        elif isinstance(effect, Granted) and effect.late:
            self.events.gained_claim()
        elif isinstance(effect, Stopped) or (
            isinstance(effect, Interrupted)
            and effect.kind is HoldKind.PAUSE
            and device.arbiter.policy.settings.interruption_ends_claim
        ):
            self._losses += 1
            self.events.lost_claim()
        event = self._teller.tell(effect, cause)
        if event is not None:
            device.tell(lambda o: o.heard(device.clock.now, self.app.id, event))
            self.events.interruption(event)

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        self.events.devices_changed(event)

    def becoming_noisy(self) -> None:
        """The output became noisy."""
        device = self.app.device
        device.tell(lambda o: o.heard(device.clock.now, self.app.id, "becoming noisy"))
        self.events.becoming_noisy()

    def _look_whether_interrupted(self) -> None:
        """After a call of the app: a hold that ended because of it is not told."""
        if self.app.device.arbiter.standing(self.id) not in (
            Standing.DUCKED,
            Standing.INTERRUPTED,
        ):
            self._teller.forget()

    def _check(self) -> None:
        self.app.check_alive()
        if not self._open:
            raise ClosedError(f"the session of {self.app.id!r}")
