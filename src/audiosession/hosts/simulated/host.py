"""The simulated device as a host of one app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...android.app import AndroidApp
from ...android.attributes import AndroidAudioAttributes
from ...android.device import AndroidDevice
from ...apple.device import AppleDevice
from ...core.claims import Claim
from ...core.effects import Effect, GainChanged, Stopped
from ...core.events import OpenSession
from ...core.gains import Ramp
from ...core.routing import RouteRequest
from ...devices import AudioDevice
from ...errors import ClosedError, HostUnavailableError, HostUnavailableReason
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from ..arbitrated import ArbitratedSession
from ..base import ActivationRequest, Capability, HostEvents

if TYPE_CHECKING:
    from ...capture.host import CaptureHost
    from .app import SimulatedApp


class SimulatedHost:
    """What an app on a simulated device sees of it; a :class:`~audiosession.hosts.base.Host`.

    Args:
        app: The app.
        group: Sessions of another group press on those of this one, in the same app too.
    """

    def __init__(self, app: SimulatedApp, group: str = "") -> None:
        self._app = app
        self._group = group

    @property
    def name(self) -> str:
        """Always ``simulated``."""
        return "simulated"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the device's profile has."""
        return self._app.device.profile.capabilities

    @property
    def apple_device(self) -> AppleDevice:
        """What AVAudioSession needs of the device."""
        return self._app.apple

    @property
    def capture_host(self) -> CaptureHost:
        """What capture sessions need of the device."""
        return self._app.capture

    @property
    def android_app(self) -> AndroidApp:
        """What Android's system knows of the app."""
        return self._app.android_app

    @property
    def android_device(self) -> AndroidDevice:
        """What AudioManager needs of the device; another one after the app was killed.

        Raises:
            ClosedError: the app was killed.
        """
        self._app.check_alive()
        return self._app.device.android.view(self._app)

    async def open_session(self, events: HostEvents) -> SimulatedSession:
        """A session of the app on the device."""
        return self._app.attach(events, self._group)

    async def close(self) -> None:
        """Nothing to let go of; the device goes with its last user."""


class SimulatedSession(ArbitratedSession):
    """One session of an app on a simulated device."""

    def __init__(self, app: SimulatedApp, id: str, events: HostEvents, group: str = "") -> None:
        super().__init__(app.device, id, app.id, events)
        self.app = app
        self.ramp = Ramp()
        self.request: RouteRequest | None = None
        """What its configuration asks of the ports; ``None``: it follows from the claim."""
        self.attributes: AndroidAudioAttributes | None = None
        """What its sound is in Android's words, where it said so."""
        self._lost_services = False
        app.device.handle(OpenSession(session=id, app=app.id, client=app.id, group=group))

    @property
    def apple_device(self) -> AppleDevice:
        """What AVAudioSession needs of the device."""
        return self.app.apple

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`; so it is without media services."""
        return self._lost_services or super().interrupted

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        done = await super().deactivate(notify_others=notify_others)
        # Whoever gave up is not told that what it lost is over.
        self._lost_services = False
        return done

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

    def hear(self, effect: Effect, cause: Claim | None) -> None:
        """An effect on this session: tells the app what it is to hear of it."""
        if isinstance(effect, Stopped) and not self.app.device.media_services_running:
            self._lost_services = True
        super().hear(effect, cause)

    def services_back(self) -> None:
        """The media services are back, which ends what their loss began.

        The app has to activate its session again, and nothing starts by itself (apple 121).
        """
        if self._lost_services:
            self._lost_services = False
            event = AudioInterruptionEvent(
                begin=False,
                type=AudioInterruptionType.UNKNOWN,
                reason=InterruptionReason.SYSTEM,
            )
            self._tells(event)
            self.events.interruption(event)

    # -- what is the device's own ------------------------------------------------------------

    def _check(self) -> None:
        self.app.check_alive()
        if not self._open:
            raise ClosedError(f"the session of {self.app.id!r}")

    def _refused(self) -> str:
        if not self.app.device.media_services_running:
            raise HostUnavailableError(
                HostUnavailableReason.CONNECTION_LOST, "media services are lost; wait for the reset"
            )
        return "suspended" if self.app.suspended else ""

    def _asks(self, claim: Claim) -> None:
        self.app.ask_for_microphone(claim)

    def _claim_of(self, request: ActivationRequest) -> Claim:
        placing, plugs = self.app.device.placing, self.app.device.plugs
        asked = placing.request(request.configuration) or plugs.surface_request(self.id)
        return placing.scoped(super()._claim_of(request), asked)

    def _claims(self, claim: Claim, request: ActivationRequest) -> None:
        self.claim = claim
        self.request = self.app.device.placing.request(request.configuration)
        self.attributes = request.attributes
        self.app.update_switch()
        self.app.device.attributes_changed(self.app)

    def _called(self, text: str) -> None:
        self.app.device.tell_call(self.app.id, text)

    def _tells(self, what: AudioInterruptionEvent | str) -> None:
        device = self.app.device
        device.tell(lambda o: o.heard(device.clock.now, self.app.id, what))

    def _leaves(self) -> None:
        self.app.detach(self)

    def _moves(self, effect: GainChanged) -> None:
        self.ramp = Ramp(effect.from_db, effect.to_db, self.app.device.now, effect.ramp_s)
        self.app.follow(self)
