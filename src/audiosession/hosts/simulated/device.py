"""The simulated device itself: arbitration, clock, ports, switches, and the apps on it."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path

from ..._checks import check_flag, check_path, check_text
from ...core.arbiter import Arbiter
from ...core.claims import Claim
from ...core.effects import Effect, HoldKind, Interrupted, Standing, Stopped
from ...core.events import Event, RevokeApp, StreamChanged, StreamGone, Tick
from ...core.gains import to_db
from ...core.journal import Journal, Why
from ...core.policy import Policy
from ...core.routing import Port, Route, RouteRequest, choose_route
from ...devices import AudioDevice, AudioDevicesChangedEvent
from ...errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    UnknownNameError,
    UnsupportedError,
)
from ...policies import load_policy
from ..base import Capability
from .android_focus import AndroidFocus
from .android_system import WithAndroid
from .app import SimulatedApp
from .apple_system import AppleSystem
from .changes import Changes
from .clock import ClockMode, Timer, VirtualClock
from .observer import Observer
from .placing import Placing
from .plugs import Plugs, audio_device
from .profiles import PROFILES
from .system import SimulatedAlarm, SimulatedAssistant, SimulatedCall, SimulatedRingtone

_log = logging.getLogger("audiosession")

MAX_APPS = 4096
MAX_NAME = 128
SYSTEM_NAMES = {"phone": "Phone", "clock": "Clock", "assistant": "Assistant"}


class SimulatedDevice(WithAndroid):
    """A device in the process. Everything a user or the system can do to it is a method.

    Calls take effect at once, at the time of the clock; events reach the apps before a call
    returns. Belongs to one thread.

    Args:
        profile: ``phone``, ``tablet``, ``desktop``, ``car`` or ``smart speaker``.
        policy: The name of a policy that ships, or a policy.
        clock: The clock; by default one that is moved by :meth:`advance`, and that jumps ahead
            when the program waits for a time, as ``activated()`` and ``quiet()`` do
            (:attr:`ClockMode.FAST`). On ``VirtualClock()`` they wait until somebody advances it.
        system_version: Major and minor version of the Apple system whose behaviour
            :class:`~audiosession.apple.AVAudioSession` shows; ``None``: the newest.
        keep_decisions: How many decisions :meth:`why` looks back on, at least 1; ``None``: all.

    Raises:
        UnknownNameError: no such profile or policy.
        InvalidTypeError, InvalidValueError: an argument has the wrong type or value.
    """

    def __init__(
        self,
        profile: str = "phone",
        *,
        policy: str | Policy = "default",
        clock: VirtualClock | None = None,
        system_version: tuple[int, int] | None = None,
        keep_decisions: int | None = 256,
    ) -> None:
        for name, value, kind in (
            ("profile", profile, str),
            ("policy", policy, str | Policy),
            ("clock", clock, VirtualClock | None),
            ("keep_decisions", keep_decisions, int | None),
        ):
            if isinstance(value, bool) or not isinstance(value, kind):
                raise InvalidTypeError(name, value, expected=str(getattr(kind, "__name__", kind)))
        if profile not in PROFILES:
            raise UnknownNameError("profile", profile, PROFILES)
        super().__init__(Changes())
        self.profile = PROFILES[profile]
        self.clock = clock or VirtualClock(ClockMode.FAST)
        self.journal = Journal(
            load_policy(policy) if isinstance(policy, str) else policy, keep=keep_decisions
        )
        self._grants_microphone = True
        self._apps: dict[str, SimulatedApp] = {}
        self._system_apps: dict[str, None] = {}
        self._observers: list[Observer] = []
        self._pending: deque[Effect] = deque()
        self._applying = False
        self._output_error: OSError | None = None
        self._deadline: Timer | None = None
        self.placing = Placing(self)
        self.plugs = Plugs(self.profile.ports, self.placing, self.changes)
        self.apple = AppleSystem(self, system_version)
        self._names = 0
        self._volume_step = self.profile.volume_steps
        self._silent = False
        self._locked = False
        self._media_services = True
        self.android_focus = AndroidFocus(self)

    @staticmethod
    def in_real_time(profile: str = "desktop") -> SimulatedDevice:
        """A device whose clock follows real time."""
        return SimulatedDevice(profile, clock=VirtualClock(ClockMode.REAL))

    # -- apps --------------------------------------------------------------------------------

    def app(self, id: str, name: str | None = None) -> SimulatedApp:
        """The app by that id, installed when first asked for.

        Args:
            id: What it is called in code, 1 to 128 characters.
            name: What people call it, 1 to 128 characters; by default the id. It is given once.

        Raises:
            InvalidTypeError, InvalidValueError: no such text.
            LimitError: too many apps.
            IllegalRequestError: the id belongs to the system (``phone``, ``clock``,
                ``assistant``), or the app is there by another name.
        """
        if not isinstance(id, str):
            raise InvalidTypeError("id", id, expected="a text")
        if name is not None:
            check_text("name", name, least=1, most=MAX_NAME)
        if id in SYSTEM_NAMES:
            raise IllegalRequestError(f"{id!r} is the system's own app", field="id")
        app = self._apps.get(id)
        if app is None:
            if not id or len(id) > MAX_NAME or "/" in id or "#" in id:
                raise InvalidValueError(
                    "id", id, expected="a text of 1 to 128 characters without / and #"
                )
            if len(self._apps) >= MAX_APPS:
                raise LimitError("apps", MAX_APPS)
            app = SimulatedApp(self, id, name or id, system=False)
            self._apps |= {id: app}
            self._introduce(self.tell, id, app.name, system=False)
        elif name is not None and name != app.name:
            raise IllegalRequestError(
                f"app {id!r} is there already and is called {app.name!r}, not {name!r}; an app "
                "keeps the name it was installed with",
                field="name",
            )
        return app

    @property
    def apps(self) -> tuple[SimulatedApp, ...]:
        """The apps in order of installation, without the system's."""
        return tuple(self._apps.values())

    # -- time --------------------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Seconds on the device's clock."""
        return self.clock.now

    def advance(self, seconds: float) -> None:
        """Lets time pass, on a clock that does not follow real time.

        Raises:
            TimeBackwardsError: a negative number.
            InvalidTypeError, InvalidValueError: no finite number; the clock follows real time.
        """
        self.clock.advance(seconds)

    # -- calls, alarms, assistant ------------------------------------------------------------

    def incoming_call(
        self,
        caller: str = "a friend",
        *,
        ringtone: Path | str | None = None,
        voice: Path | str | None = None,
    ) -> SimulatedCall:
        """The phone rings. Accept, decline, ignore or end the call on what is returned.

        The ringtone starts again at its end; the voice is heard once.

        Raises:
            UnsupportedError: the device cannot be called.
            InvalidTypeError, InvalidValueError: no text of 1 to 128 characters, or no path.
        """
        self._require(Capability.TELEPHONY)
        check_text("caller", caller, least=1, most=MAX_NAME)
        ringing, talking = check_path("ringtone", ringtone), check_path("voice", voice)
        return SimulatedCall(self, caller, self._name(), ringtone=ringing, voice=talking)

    def alarm(self, *, audio: Path | str | None = None) -> SimulatedAlarm:
        """An alarm rings, again and again, until it is dismissed."""
        path = check_path("audio", audio)
        return SimulatedAlarm(self, self._name(), path)

    def ringtone(self, *, audio: Path | str | None = None) -> SimulatedRingtone:
        """A ringtone sounds, again and again, until it is ended."""
        path = check_path("audio", audio)
        return SimulatedRingtone(self, self._name(), path)

    def assistant(self, *, audio: Path | str | None = None) -> SimulatedAssistant:
        """The system's assistant listens until it is ended; it says what it says once."""
        path = check_path("audio", audio)
        return SimulatedAssistant(self, self._name(), path)

    @property
    def grants_microphone(self) -> bool:
        """What the user answers when an app first wants the microphone; True at first."""
        return self._grants_microphone

    @grants_microphone.setter
    def grants_microphone(self, grants: bool) -> None:
        check_flag("grants_microphone", grants)
        self._grants_microphone = grants

    # -- ports -------------------------------------------------------------------------------

    def plug(self, what: str) -> None:
        """Plugs in or connects a device; it takes the route, as the last one in.

        Args:
            what: A name in :data:`~audiosession.hosts.simulated.profiles.PLUGGABLE`, for
                example ``wired headphones`` or ``bluetooth headset``.

        Raises:
            UnknownNameError: no such thing can be plugged in.
            IllegalRequestError: it is plugged in already.
        """
        added, changes = self.plugs.plug(what)
        self.say(f"{what} connected")
        self.plugs.tell(changes)
        self.placing.judge_again()
        self._devices_changed(added=added, removed=())

    def unplug(self, what: str) -> None:
        """Pulls out or disconnects; apps that sound on it hear that the output becomes noisy.

        An app sounds on it whose session is active there, or that plays without one.

        Raises:
            UnknownNameError: it is not plugged in.
        """
        sessions = [(app, session) for app in self._apps.values() for session in app.sessions]
        removed, changes = self.plugs.unplug(what)
        noisy = {change.session for change in changes if change.noisy}
        self.say(f"{what} disconnected")
        self.plugs.tell(changes)
        self.placing.judge_again()
        for app, session in sessions:
            active = self.arbiter.standing(session.id) is not Standing.INACTIVE
            if session.id in noisy and (active or app.plays_in(session)):
                session.becoming_noisy()
        self._devices_changed(added=(), removed=removed)

    def route(self, claim: Claim | None = None) -> Route:
        """The ports that a claim gets now; by default those of the claim that came last.

        Raises:
            InvalidTypeError: not a claim.
        """
        if claim is not None and not isinstance(claim, Claim):
            raise InvalidTypeError("claim", claim, expected="a Claim or None")
        return choose_route(self.plugs.ports, claim or self._last_claim())

    def set_route_request(self, session: str, request: RouteRequest | None) -> None:
        """What a session's surface asks of the ports, where a claim cannot say it.

        Args:
            session: The session's id on the device.
            request: Holds from now on; ``None``: the route follows the configuration again.

        Raises:
            InvalidTypeError: not a request.
            UnknownNameError: there is no such session.
        """
        self.plugs.set_request(session, request)
        self.placing.judge_again()

    def audio_devices(self) -> frozenset[AudioDevice]:
        """The inputs and outputs there are now."""
        return self.plugs.audio_devices()

    # -- switches and keys -------------------------------------------------------------------

    @property
    def silent_switch(self) -> bool:
        """Whether the ring switch stands on silent."""
        return self._silent

    def set_silent_switch(self, silent: bool) -> None:
        """Moves the ring/silent switch; silences sessions that mix or mind the switch.

        Raises:
            UnsupportedError: the device has none.
        """
        self._require(Capability.RING_SWITCH)
        check_flag("silent", silent)
        self._silent = silent
        self.say("ring switch: silent" if silent else "ring switch: ring")
        self._update_switches()

    @property
    def locked(self) -> bool:
        """Whether the screen is locked."""
        return self._locked

    def lock_screen(self) -> None:
        """Locks the screen; sessions that mind it fall silent."""
        self._lock(True)

    def unlock_screen(self) -> None:
        """Unlocks the screen."""
        self._lock(False)

    @property
    def volume(self) -> float:
        """The device's output volume, linear amplitude, 0.0 to 1.0."""
        return self._volume_step / self.profile.volume_steps

    @property
    def volume_db(self) -> float:
        """:attr:`volume` in dB, -120 for silence."""
        return to_db(self.volume)

    def press_volume(self, up: bool) -> None:
        """A press of a volume key: one step up or down, bounded by silence and full.

        Raises:
            InvalidTypeError: ``up`` is neither True nor False.
        """
        check_flag("up", up)
        step = self._volume_step + (1 if up else -1)
        self._set_step(min(max(step, 0), self.profile.volume_steps))

    def set_volume(self, volume: float) -> None:
        """Drags the volume to a linear value from 0.0 to 1.0; it snaps to the next step.

        Raises:
            InvalidTypeError, InvalidValueError: no number from 0.0 to 1.0.
        """
        if isinstance(volume, bool) or not isinstance(volume, int | float):
            raise InvalidTypeError("volume", volume, expected="a number")
        if not 0.0 <= volume <= 1.0:
            raise InvalidValueError("volume", volume, expected="from 0.0 to 1.0")
        self._set_step(round(volume * self.profile.volume_steps))

    # -- media services ----------------------------------------------------------------------

    @property
    def media_services_running(self) -> bool:
        """Whether the device's sound server runs."""
        return self._media_services

    def lose_media_services(self) -> None:
        """The sound server dies: players stop, every app's claim is gone until the reset."""
        if not self._media_services:
            return
        self._media_services = False
        self.say("media services lost")
        for app in self._apps.values():
            if app.alive:
                for player in app.players:
                    player.pause()
                self.handle(RevokeApp(app=app.id, signal_next=False, rule="media services lost"))
        self.apple.media_services_changed()

    def reset_media_services(self) -> None:
        """The sound server is back. Sessions stay inactive until they are activated again."""
        if not self._media_services:
            self._media_services = True
            self.say("media services reset")
            self.apple.media_services_changed()
            for app in self._apps.values():
                for session in app.sessions:
                    session.services_back()

    # -- looking -----------------------------------------------------------------------------

    @property
    def arbiter(self) -> Arbiter:
        """The device's arbiter, to look at; feed it through :meth:`handle` only."""
        return self.journal.arbiter

    def why(self, app: str) -> Why:
        """Why an app's session is as it is: its holds and the decisions that led there.

        Of an app whose session is closed it gives the last session's history.

        Raises:
            InvalidTypeError: the id is no text.
            UnknownNameError: no such app, or it has had no session.
        """
        if not isinstance(app, str):
            raise InvalidTypeError("app", app, expected="the id of an app")
        owner = self._apps.get(app)
        if owner is None:
            raise UnknownNameError("app", app, self._apps)
        return self.journal.why(owner.last_session)

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Has the observer told of everything from now on; call what is returned to end it.

        What an observer raises is logged and disturbs nobody. Only an OSError, as of an output
        that nobody reads any more, is raised again when the decision at hand is carried out.

        Raises:
            InvalidTypeError: not an Observer.
        """
        if not isinstance(observer, Observer):
            raise InvalidTypeError("observer", observer, expected="an Observer")
        self._observers.append(observer)

        def tell(what: Callable[[Observer], None]) -> None:
            self._tell(observer, what)

        for app in self._apps.values():
            self._introduce(tell, app.id, app.name, system=False)
        for id in self._system_apps:
            self._introduce(tell, id, SYSTEM_NAMES[id], system=True)

        def end() -> None:
            self._observers = [one for one in self._observers if one is not observer]

        return end

    # -- for the parts of the device ---------------------------------------------------------

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Feeds the arbiter and applies the effects; those of nested calls come after."""
        self.clock.catch_up()
        # What is carried out later, however busy the machine is, happens when it was decided.
        with self.clock.still():
            return self._handle(event)

    def _handle(self, event: Event) -> tuple[Effect, ...]:
        now = self.clock.now
        effects = self.journal.handle(event, now)
        self._altered()
        self.tell(lambda o: o.decided(now, event, effects))
        self._pending.extend(effects)
        self._arm()
        if not self._applying:
            self._applying = True
            try:
                while self._pending:
                    self._apply(self._pending.popleft())
            finally:
                self._applying = False
            self.tell(lambda o: o.settled(now))
            error, self._output_error = self._output_error, None
            if error is not None:
                raise error
            self.apple.settle()
        return effects

    def report_stream(self, event: StreamChanged) -> None:
        """A stream of a session started or stopped; a closed session has none."""
        if self._is_open(event.session):
            self.handle(event)

    def forget_stream(self, event: StreamGone) -> None:
        """A stream ended; nothing happens when its session is closed already."""
        if self._is_open(event.session) and self.arbiter.has_stream(event.session, event.stream):
            self.handle(event)

    def app_of_session(self, session: str) -> str:
        """The id of the app a session belongs to; the session's own id when it is gone."""
        return session.partition("/")[0].partition("#")[0]

    def add_system_app(self, id: str) -> None:
        """The system's own app appears the first time it sounds."""
        if id not in self._system_apps:
            self._system_apps[id] = None
            self._introduce(self.tell, id, SYSTEM_NAMES[id], system=True)

    def tell(self, what: Callable[[Observer], None]) -> None:
        """Tells every observer."""
        for observer in tuple(self._observers):
            self._tell(observer, what)

    def tell_call(self, app: str, text: str) -> None:
        """Tells observers of a call of the API."""
        self.tell(lambda o: o.called(self.now, app, text))

    def say(self, text: str) -> None:
        """Tells observers of a happening on the device."""
        self.tell(lambda o: o.happened(self.now, text))

    def note_level(self, app: str, layer: str, from_db: float, to_db: float, ramp_s: float) -> None:
        """Tells observers of a level that is not the arbiter's."""
        self.tell(lambda o: o.level_moved(self.now, app, layer, from_db, to_db, ramp_s))

    # -- inside ------------------------------------------------------------------------------

    def _tell(self, observer: Observer, what: Callable[[Observer], None]) -> None:
        try:
            what(observer)
        except OSError as error:
            self._output_error = error
        except Exception:
            _log.exception("%s, an observer of the device, failed", type(observer).__name__)

    def _apply(self, effect: Effect) -> None:
        id = self.app_of_session(effect.session)
        app = self._apps.get(id)
        self.tell(lambda o: o.applied(self.now, id, effect))
        if app is None or not app.alive:
            return
        if isinstance(effect, Stopped) or (
            isinstance(effect, Interrupted) and effect.kind is HoldKind.PAUSE
        ):
            self.plugs.interrupted(effect.session)
        app.apply(effect.session, effect, self._claim(effect.cause))

    def _introduce(
        self,
        tell: Callable[[Callable[[Observer], None]], None],
        id: str,
        name: str,
        *,
        system: bool,
    ) -> None:
        tell(lambda o: o.app_added(self.now, id, name, system=system))
        level = self.volume_db
        if level != 0.0:
            tell(lambda o: o.level_moved(self.now, id, "device", 0.0, level, 0.0))

    def _claim(self, session: str) -> Claim | None:
        return self.arbiter.view(session).claim if self._is_open(session) else None

    def _last_claim(self) -> Claim | None:
        active = self.arbiter.active
        return self.arbiter.view(active[-1]).claim if active else None

    def _is_open(self, session: str) -> bool:
        return self.arbiter.is_open(session)

    def _arm(self) -> None:
        due = self.arbiter.next_deadline()
        if self._deadline is not None:
            if self._deadline.at == due and not self._deadline.cancelled:
                return
            self._deadline.cancel()
        self._deadline = None if due is None else self.clock.call_at(due, self._tick)

    def _tick(self) -> None:
        self._deadline = None
        self.handle(Tick())

    def _name(self) -> str:
        self._names += 1
        return str(self._names)

    def _require(self, capability: Capability) -> None:
        if capability not in self.profile.capabilities:
            raise UnsupportedError(capability.value, f"simulated {self.profile.name}")

    def _devices_changed(self, *, added: tuple[Port, ...], removed: tuple[Port, ...]) -> None:
        event = AudioDevicesChangedEvent(
            devices_added=frozenset(map(audio_device, added)),
            devices_removed=frozenset(map(audio_device, removed)),
        )
        for app in self._apps.values():
            for session in app.sessions:
                session.devices_changed(event)

    def _lock(self, locked: bool) -> None:
        self._require(Capability.SCREEN_LOCK)
        self._locked = locked
        self.say("screen locked" if locked else "screen unlocked")
        self._update_switches()

    def _update_switches(self) -> None:
        for app in self._apps.values():
            app.update_switch()

    def _set_step(self, step: int) -> None:
        before = self.volume_db
        self._volume_step = step
        after = self.volume_db
        self.say(f"volume {step} of {self.profile.volume_steps}")
        for app in self._apps.values():
            app.set_device_volume(after)
            self.note_level(app.id, "device", before, after, 0.0)
        for id in self._system_apps:
            self.note_level(id, "device", before, after, 0.0)
        self.apple.volume_changed()
