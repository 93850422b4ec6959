"""An app on a simulated device: its sessions, its players, and what the system does to it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..._checks import check_text
from ...core.claims import Claim
from ...core.effects import Effect
from ...core.events import ClientGone, RevokeApp, UserAction, UserIntent
from ...core.gains import SILENCE_DB
from ...core.policy import DisciplineName
from ...errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
)
from ...session import AudioSession
from ..base import HostEvents
from .android_app import SimulatedAndroidApp
from .apple_device import SimulatedApple
from .changes import Counted
from .host import SimulatedHost, SimulatedSession
from .player import SimulatedPlayer

if TYPE_CHECKING:
    from .capture_host import SimulatedCapture
    from .device import SimulatedDevice

MAX_PLAYERS = 64
MAX_SESSIONS = 128
MAX_NAME = 64


class AppState(Enum):
    """Where an app is; it has nothing to do with whether its session is active."""

    FOREGROUND = "foreground"
    """On the screen."""
    BACKGROUND = "background"
    """Running, not on the screen."""
    SUSPENDED = "suspended"
    """Frozen: it runs no code, so it can neither activate a session nor play."""
    KILLED = "killed"
    """Its process is gone."""


class MicrophonePermission(Enum):
    """Whether the app may hear its user."""

    UNDETERMINED = "undetermined"
    """Not asked yet; the first use of input asks."""
    GRANTED = "granted"
    """It may record."""
    DENIED = "denied"
    """It may not; input is silence."""


class SimulatedApp(Counted):
    """One app. :meth:`SimulatedDevice.app` makes it and gives it again by the same id."""

    def __init__(self, device: SimulatedDevice, id: str, name: str, *, system: bool) -> None:
        super().__init__(device.changes)
        self.device = device
        self.id = id
        self.name = name
        self.system = system
        self.host = SimulatedHost(self)
        self._state = AppState.FOREGROUND
        self._sessions: dict[str, SimulatedSession] = {}
        self._opened = 0
        self._last_session = id
        self._session: AudioSession | None = None
        self._players: dict[str, SimulatedPlayer] = {}
        self._microphone = MicrophonePermission.UNDETERMINED
        self._switched_off = False
        self._apple: SimulatedApple | None = None
        self._capture: SimulatedCapture | None = None
        self.android_app = SimulatedAndroidApp(self)
        """The app as Android's system knows it."""

    @property
    def apple(self) -> SimulatedApple:
        """The app as Apple's system sees it; a new one after the app was killed."""
        if self._apple is None:
            self._apple = SimulatedApple(self)
            self.device.apple.add(self)
        return self._apple

    @property
    def has_apple(self) -> bool:
        """Whether anybody has asked for :attr:`apple`."""
        return self._apple is not None

    @property
    def capture(self) -> SimulatedCapture:
        """The microphones and cameras as the app sees them."""
        if self._capture is None:
            # Few apps capture, and it loads much.
            from .capture_host import SimulatedCapture

            self._capture = SimulatedCapture(self)
        return self._capture

    @property
    def session(self) -> AudioSession:
        """The app's own :class:`audiosession.AudioSession`, as ``instance()`` would give it.

        A new one after the old one was closed.
        """
        if self._session is None or self._session.closed:
            self._session = AudioSession(self.host)
        return self._session

    @property
    def state(self) -> AppState:
        """Foreground, background, suspended or killed."""
        return self._state

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._state is not AppState.KILLED

    @property
    def suspended(self) -> bool:
        """Whether the system froze it."""
        return self._state is AppState.SUSPENDED

    @property
    def standing(self) -> str:
        """How its session stands: inactive, waiting, active, ducked or interrupted.

        The hardest standing where it has several sessions.
        """
        standings = [self.device.arbiter.standing(name).value for name in self._session_ids()] or [
            "inactive"
        ]
        for hardest in ("interrupted", "ducked", "active", "waiting"):
            if hardest in standings:
                return hardest
        return "inactive"

    @property
    def gain_db(self) -> float:
        """The system's own factor on the app now, in dB; the deepest of its sessions'."""
        now = self.device.clock.now
        gains = [self.device.arbiter.gain_db(name, now) for name in self._session_ids()]
        return min(gains, default=0.0)

    def player(self, name: str = "player") -> SimulatedPlayer:
        """The app's player by that name, made when first asked for.

        It sounds in the app's first session. The session has to be in use already
        (configured or activated), or is opened on the device now.

        Raises:
            InvalidTypeError, InvalidValueError: the name is no text of 1 to 64 characters.
            LimitError: too many players.
            ClosedError: the app was killed.
        """
        check_text("name", name, least=1, most=MAX_NAME)
        self.check_alive()
        player = self._players.get(name)
        if player is None:
            if len(self._players) >= MAX_PLAYERS:
                raise LimitError("players of one app", MAX_PLAYERS)
            player = SimulatedPlayer(self, name, self._first_session())
            player.gain.move("device", self.device.volume_db, self.device.now, 0.0)
            if self._switched_off:
                player.gain.move("switch", SILENCE_DB, self.device.now, 0.0)
            if self._apple is not None:
                self._apple.mute(player)
            self._players[name] = player
            self._altered()
        return player

    @property
    def players(self) -> tuple[SimulatedPlayer, ...]:
        """All players made so far."""
        return tuple(self._players.values())

    # -- what the user and the system do -----------------------------------------------------

    def to_background(self) -> None:
        """The app leaves the screen; what only sounds in the foreground falls silent.

        A suspended app runs again, in the background.
        """
        self._move(AppState.BACKGROUND)

    def to_foreground(self) -> None:
        """The app comes to the screen; a suspended one runs again."""
        self._move(AppState.FOREGROUND)

    def suspend(self) -> None:
        """The system freezes the app: its claims are taken away, its players stand still.

        Until it is brought to the foreground or background its activations are denied (rule
        ``suspended``) and its players do not start.
        """
        self._move(AppState.SUSPENDED)
        for player in self._players.values():
            player.pause()
        # Android's stack lets nobody know that somebody was suspended (android 29).
        stack = self.device.arbiter.policy.settings.discipline is DisciplineName.STACK
        self.device.handle(RevokeApp(app=self.id, signal_next=not stack, rule="revoked"))

    def kill(self) -> None:
        """The app's process dies, without a word: sessions and players end."""
        if not self.alive:
            return
        for player in self._players.values():
            player.close()
        held_db = min((session.ramp.end_db for session in self._sessions.values()), default=0.0)
        self._state = AppState.KILLED
        self.device.say(f"{self.name} is killed")
        for session in self._sessions.values():
            session.gone()
        self.device.handle(ClientGone(client=self.id))
        self._sessions.clear()
        self._players.clear()
        self.android_app.died()
        self._altered()
        # Whatever kept it down is gone with it, and does not keep it down when it comes back.
        if held_db < 0.0:
            self.device.note_level(self.id, "hold", held_db, 0.0, 0.0)
        self.update_switch()

    def relaunch(self) -> None:
        """A killed app is started anew, with a new session.

        Raises:
            InvalidValueError: the app is alive.
        """
        if self.alive:
            raise InvalidValueError("app", self.id, expected="an app that was killed")
        self._state = AppState.FOREGROUND
        self._session = self._apple = None

    def user_pauses(self, player: str = "player") -> None:
        """The user presses pause in the app; remembered during an interruption.

        Raises:
            ClosedError: the app was killed.
        """
        self.player(player).pause()
        self._user(UserIntent.PAUSED)

    def user_plays(self, player: str = "player") -> None:
        """The user presses play in the app; during an interruption it plays when it may.

        Raises:
            ClosedError: the app was killed.
            IllegalRequestError: the app is suspended.
        """
        self.check_awake()
        self._user(UserIntent.PLAYED)
        if self.standing != "interrupted":
            self.player(player).resume()

    @property
    def microphone(self) -> MicrophonePermission:
        """Whether the app may record. Without permission input is silence, and no error."""
        return self._microphone

    def set_microphone(self, permission: MicrophonePermission) -> None:
        """The user decides in the settings.

        Raises:
            InvalidTypeError: not a permission.
        """
        if not isinstance(permission, MicrophonePermission):
            raise InvalidTypeError("permission", permission, expected="a MicrophonePermission")
        self._microphone = permission

    # -- for the device and its parts --------------------------------------------------------

    def check_alive(self) -> None:
        """Raises ClosedError when the app was killed."""
        if not self.alive:
            raise ClosedError(f"app {self.id!r}")

    def check_awake(self) -> None:
        """Raises ClosedError when the app was killed, IllegalRequestError when it is suspended."""
        self.check_alive()
        if self.suspended:
            raise IllegalRequestError(
                f"app {self.id!r} is suspended and runs no code; bring it to the foreground or "
                "the background first",
                field="app",
            )

    def attach(self, events: HostEvents, group: str = "") -> SimulatedSession:
        """A new session on the device, reporting to ``events``.

        Args:
            events: Its owner.
            group: Sessions of another group press on those of this one.
        """
        self.check_alive()
        for session in self._sessions.values():
            if isinstance(session.events, _Deaf) and not group:
                # A player came first and had the session opened; now its owner is here.
                session.events = events
                return session
        return self._open(events, group)

    def detach(self, session: SimulatedSession) -> None:
        """The session was closed by its owner."""
        now = self.device.now
        del self._sessions[session.id]
        self._altered()
        heir = next(iter(self._sessions.values()), None)
        fade_s = self.device.arbiter.policy.settings.fade_up_s
        if heir is None and session.ramp.end_db < 0.0:
            self.device.note_level(self.id, "hold", session.ramp.at(now), 0.0, fade_s)
        for player in self._players.values():
            if player.session is not session:
                continue
            if heir is not None:
                player.join(heir)
            else:
                player.gain.move("hold", 0.0, now, fade_s)
        self.update_switch()

    @property
    def last_session(self) -> str:
        """The id of the session it opened first of those open, else of the last it had."""
        return next(iter(self._sessions), self._last_session)

    def plays_in(self, session: SimulatedSession) -> bool:
        """Whether a player of the app runs in that session."""
        return any(
            player.playing and player.session is session for player in self._players.values()
        )

    def session_id(self) -> str:
        """The id of the app's first session, opened now if need be."""
        return self._first_session().id

    @property
    def sessions(self) -> tuple[SimulatedSession, ...]:
        """The sessions open on the device."""
        return tuple(self._sessions.values())

    def apply(self, session: str, effect: Effect, cause: Claim | None) -> None:
        """An effect on one of the app's sessions."""
        owner = self._sessions.get(session)
        if owner is not None:
            owner.hear(effect, cause)

    def follow(self, session: SimulatedSession) -> None:
        """The system's factor on a session moves, and that of its players with it."""
        for player in self._players.values():
            if player.session is session:
                player.gain.layers["hold"] = session.ramp

    def ask_for_microphone(self, claim: Claim) -> None:
        """The first use of input asks the user, who answers as the device was told."""
        if claim.records and self._microphone is MicrophonePermission.UNDETERMINED:
            granted = self.device.grants_microphone
            self._microphone = (
                MicrophonePermission.GRANTED if granted else MicrophonePermission.DENIED
            )
            answer = "may" if granted else "may not"
            self.device.say(f"the user is asked: {self.name} {answer} use the microphone")

    def update_switch(self) -> None:
        """Silences or frees the app as ring switch, lock and background ask."""
        claims = [session.claim for session in self._sessions.values() if session.claim]
        wary = bool(claims) and all(claim.silenced_by_switch for claim in claims)
        off = wary and (
            self.device.silent_switch
            or self.device.locked
            or self._state is not AppState.FOREGROUND
        )
        if off is self._switched_off:
            return
        self._switched_off = off
        level = SILENCE_DB if off else 0.0
        for player in self._players.values():
            player.gain.move("switch", level, self.device.clock.now, 0.0)
        self.device.note_level(self.id, "switch", 0.0 if off else SILENCE_DB, level, 0.0)

    def set_device_volume(self, to_db: float) -> None:
        """The device's output volume changed."""
        for player in self._players.values():
            player.gain.move("device", to_db, self.device.clock.now, 0.0)

    def _first_session(self) -> SimulatedSession:
        return next(iter(self._sessions.values()), None) or self._open(_Deaf())

    def _open(self, events: HostEvents, group: str = "") -> SimulatedSession:
        if len(self._sessions) >= MAX_SESSIONS:
            raise LimitError("sessions of one app", MAX_SESSIONS)
        self._opened += 1
        id = self.id if self._opened == 1 else f"{self.id}#{self._opened}"
        session = SimulatedSession(self, id, events, group)
        self._last_session = id
        self._sessions[id] = session
        self._altered()
        if len(self._sessions) == 1:
            for player in self._players.values():
                player.join(session)
        return session

    def _session_ids(self) -> list[str]:
        return list(self._sessions) if self.alive else []

    def _user(self, intent: UserIntent) -> None:
        words = "pauses" if intent is UserIntent.PAUSED else "plays"
        self.device.say(f"the user {words} {self.name}")
        self.device.handle(UserAction(session=self.session_id(), intent=intent))

    def _move(self, state: AppState) -> None:
        self.check_alive()
        self._state = state
        self.device.say(f"{self.name}: {state.value}")
        self.update_switch()
        self.device.apple.moved(self)


class _Deaf:
    """The events of a session that nobody owns yet."""

    def interruption(self, event: object) -> None:
        """Nobody hears it."""

    def becoming_noisy(self) -> None:
        """Nobody hears it."""

    def devices_changed(self, event: object) -> None:
        """Nobody hears it."""

    def gained_claim(self) -> None:
        """Nobody hears it."""

    def lost_claim(self) -> None:
        """Nobody hears it."""
