"""The engine: what happens on the sound servers goes to the arbiter, what it decides is done.

One object knows every session, stream and player. Whatever comes in (a call of an app, a
report of a server, a player, a timer) is an event of the arbiter; its effects move factors,
pause players and tell apps. Everything runs in one event loop; only pausing a player waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol

from .._checks import check_text
from ..core.arbiter import Arbiter
from ..core.claims import Claim
from ..core.effects import (
    Effect,
    GainChanged,
    HoldLifted,
    HoldPlaced,
    Standing,
)
from ..core.events import (
    ClientGone,
    CloseSession,
    Deactivate,
    Event,
    OpenSession,
    RevokeApp,
    Tick,
)
from ..core.gains import SILENCE_DB, Ramp
from ..core.journal import Journal
from ..core.policy import Policy
from ..devices import AudioDevice, AudioDevicesChangedEvent
from ..errors import AudioSessionError, ClosedError, LimitError
from ..hosts.arbitrated import Carrier
from ..hosts.base import HostEvents
from . import identity as identities
from .adoption import app_key
from .android import AndroidVolumes
from .identity import ProcessIdentity
from .links import ServerLink
from .media_keys import MediaKeys
from .meter import Ears
from .mpris import PlaybackStatus, Player
from .pausing import Pausing
from .playing import PlayerFinder, Playing
from .report import DecisionReport, EndpointReport, StatusReport, WhyReport
from .reporting import Reporter
from .routes import RouteChange, Routes
from .routing.desk import Routing
from .rules import RuleBook
from .scheduler import LoopScheduler, Scheduler, TimerHandle
from .servers.base import Endpoint, SoundServer
from .sessions import AdoptedSession, AnySession, ServiceSession
from .streams import Streams

MAX_SESSIONS_PER_CLIENT = 64
"""Most sessions that one connection may have open."""
MAX_CLIENT_SESSIONS = 4096
"""Most sessions that apps may have open in all."""
MAX_NAME = 128
"""Most characters in the name of an app or a client."""

_GIVE_BACK_S = 3.0
"""How long closing waits for players that are to go on, in seconds."""

_log = logging.getLogger("audiosession")


class EngineObserver(Protocol):
    """Where the engine says what happens. Called in the event loop, in order."""

    def session_opened(self, id: str) -> None:
        """A session was opened, by an app or in its name."""

    def session_changed(self, id: str) -> None:
        """A session's claim, standing, level or streams differ."""

    def session_closed(self, id: str) -> None:
        """A session is closed."""

    def stream_changed(self, id: str) -> None:
        """A stream appeared or differs."""

    def stream_closed(self, id: str) -> None:
        """A stream ended."""

    def decided(self, number: int) -> None:
        """The journal has one more decision."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""

    def became_noisy(self) -> None:
        """Sound would go on from where others hear it."""

    def idle_changed(self, idle: bool) -> None:
        """Whether there is nothing to do."""


class Engine:
    """The service without its bus.

    Args:
        policy: What the arbiter judges by, for as long as the engine lives.
        rules: What apps are taken for that say nothing themselves.
        scheduler: Clock and timers; by default the event loop's.
        keep: How many decisions :meth:`why` and :meth:`decisions` look back on, at least 1.
        identify: Tells who a process is.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        rules: RuleBook,
        scheduler: Scheduler | None = None,
        keep: int = 512,
        identify: Callable[[int], ProcessIdentity | None] = identities.identify,
    ) -> None:
        self.scheduler: Scheduler = scheduler or LoopScheduler()
        self.journal = Journal(policy, keep=keep)
        self.links: dict[str, ServerLink] = {}
        self.sessions: dict[str, AnySession] = {}
        self.pausing = Pausing(self.scheduler, self.spawn, rested=self.settled)
        self.playing = Playing(self)
        self.streams = Streams(self, rules, identify)
        self.reporter = Reporter(self, keep=keep)
        self.routing = Routing(self)
        self.android = AndroidVolumes(self)
        self.keys: MediaKeys | None = None
        """Who gets media keys; ``None``: nobody can, without a session bus."""
        self.decided = 0
        """How many decisions were taken so far."""
        self._clients: dict[str, dict[str, ServiceSession]] = {}
        self._opened = 0
        self._observers: list[EngineObserver] = []
        self._changed: dict[str, None] = {}
        self._carrier = Carrier(self._apply)
        self._deadline: tuple[float, TimerHandle] | None = None
        self._idle = True
        self._reviewing = False
        self._closed = False
        self._closing: asyncio.Event | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._keeper: asyncio.Future[None] | None = None

    # -- its life ----------------------------------------------------------------------------

    def add_server(self, server: SoundServer, ears: Ears | None = None) -> None:
        """Has a sound server served from :meth:`start` on.

        Args:
            server: The server.
            ears: What tells whether its streams carry sound; without, all that run count.
        """
        routes = Routes(clock=lambda: self.scheduler.now, excused=self.routing.excused)
        self.links[server.name] = ServerLink(self, server, routes, ears)

    def use_players(self, players: PlayerFinder) -> None:
        """Has media players paused; they are to report to this engine."""
        self.pausing.use(players)
        self.playing.use(players)

    async def start(self) -> None:
        """Connects the servers, in the order in which they were added.

        Raises:
            HostUnavailableError: one of them is not here. Close the engine then.
        """
        self.reporter.started = self.scheduler.now
        ready = asyncio.Event()
        # It lives from here to close(), which may be called by another task.
        self._keeper = asyncio.ensure_future(self._keep_tasks(ready))  # noqa: TID251
        await ready.wait()
        for link in self.links.values():
            await link.server.start(link)

    def welcome(self) -> None:
        """Clients can come from now on.

        Players that an earlier service left paused go on soon, unless a client holds them.
        """
        self.playing.welcome()

    async def close(self) -> None:
        """Gives every volume back, lets go on what was paused, and leaves the servers."""
        if self._closed:
            return
        self._closed = True
        if self._deadline is not None:
            self._deadline[1].cancel()
            self._deadline = None
        try:
            async with asyncio.timeout(_GIVE_BACK_S):
                await self.pausing.give_back()
        except TimeoutError:
            _log.warning("some players did not go on within %g s", _GIVE_BACK_S)
        self.playing.close()
        await self.routing.close()
        self.streams.close()
        for link in self.links.values():
            if link.ears is not None:
                link.ears.close()
            try:
                await link.server.close()
            except Exception:
                _log.exception("leaving %s failed", link.server.name)
        if self._keeper is not None and self._closing is not None:
            self._closing.set()
            await self._keeper

    async def flush(self) -> None:
        """Returns when the servers have carried out every factor written so far."""
        async with asyncio.TaskGroup() as group:
            for link in self.links.values():
                if link.up:
                    group.create_task(link.flush())

    # -- what clients do ---------------------------------------------------------------------

    def open_session(
        self, *, client: str, app: str, pid: int | None, events: HostEvents
    ) -> ServiceSession:
        """A session for a client, reporting to ``events`` until it is closed.

        Args:
            client: The connection that must stay, as the bus names it; 1 to 128 characters.
            app: What people call the app, 1 to 128 characters.
            pid: The client's process, from the kernel; ``None`` when not known.
            events: Where the app hears of it.

        Raises:
            InvalidTypeError, InvalidValueError: no such text.
            LimitError: the client has as many sessions as it may, or there are too many.
            ClosedError: the engine is closed.
        """
        if self._closed:
            raise ClosedError("the engine")
        check_text("client", client, least=1, most=MAX_NAME)
        check_text("app", app, least=1, most=MAX_NAME)
        own = self._clients.get(client, {})
        if len(own) >= MAX_SESSIONS_PER_CLIENT:
            raise LimitError("sessions of one client", MAX_SESSIONS_PER_CLIENT)
        if sum(map(len, self._clients.values())) >= MAX_CLIENT_SESSIONS:
            raise LimitError("open sessions", MAX_CLIENT_SESSIONS)
        process = self.streams.identify(pid)
        session = ServiceSession(
            self,
            self.new_id(),
            app=app,
            app_key=f"client:{client}" if pid is None else app_key(process, pid),
            client=client,
            pid=pid,
            events=events,
        )
        self._open(session)
        self._clients.setdefault(client, {})[session.id] = session
        self.streams.session_came(session)
        self.settled()
        return session

    def client_gone(self, client: str) -> None:
        """A client's connection ended: its sessions close and what they held is given back."""
        sessions = self._clients.pop(client, {})
        for session in sessions.values():
            session.gone()
            self._forget(session)
        self.handle(ClientGone(client=client))
        for session in sessions.values():
            self.streams.session_went(session, dead=True)
            self._tell_closed(session.id)
        self.settled()

    def session_leaves(self, session: ServiceSession) -> None:
        """A client closes its session; the arbiter is told next."""
        own = self._clients.get(session.client, {})
        own.pop(session.id, None)
        if not own:
            self._clients.pop(session.client, None)
        self._forget(session)

    def session_left(self, session: ServiceSession) -> None:
        """A client closed its session; the arbiter knows."""
        self.streams.session_went(session, dead=False)
        self._tell_closed(session.id)
        self.settled()

    def set_rules(self, book: RuleBook, errors: Iterable[str] = ()) -> None:
        """Judges every stream by these rules from now on.

        Args:
            book: The rules. Another policy in them counts from the next start on.
            errors: What is wrong in the user's file; then the rules before it are in force.
        """
        self.reporter.rule_errors = tuple(errors)
        self.streams.set_rules(book)
        self.settled()

    def reset(self) -> None:
        """Back to normal: nobody is held, every volume is the user's own.

        Every claim is taken away, as by the system. Apps that ask hear that they lost it
        and may ask again. Apps that do not are taken up again at once as long as they weigh
        on nobody, the others when they sound anew.
        """
        ours = [each for each in self.sessions.values() if isinstance(each, ServiceSession)]
        adopted = [each for each in self.sessions.values() if isinstance(each, AdoptedSession)]
        everybody: tuple[AnySession, ...] = (*ours, *adopted)
        for session in everybody:
            # The end of a hold on a session without a claim is not said.
            self.playing.let_go(session, resume=True)
        self.playing.let_left_go()
        for each in adopted:
            each.refused = True
        for key in dict.fromkeys(each.app_key for each in everybody):
            self.handle(RevokeApp(app=key, rule="reset"))
        for session in self.sessions.values():
            session.ramp = Ramp()
        self.android.reset()
        self.streams.give_back()
        self.settled()

    # -- what is known -----------------------------------------------------------------------

    @property
    def arbiter(self) -> Arbiter:
        """The arbiter, to look at; feed it through :meth:`handle` only."""
        return self.journal.arbiter

    @property
    def idle(self) -> bool:
        """Whether there is nothing to do: no client has a session, and nothing is held."""
        busy = self.pausing.busy or self.routing.busy
        return not self._clients and self.streams.fader.at_rest and not busy

    def devices(self) -> frozenset[AudioDevice]:
        """The devices of all servers."""
        return frozenset(d for link in self.links.values() for d in link.routes.devices())

    def status(self) -> StatusReport:
        """Everything as it stands."""
        return self.reporter.status()

    def why(self, app: str | None = None) -> WhyReport:
        """Why an app, session or stream is as it is.

        Args:
            app: An app's name or program, or the id of a session, stream or process; all of
                it by default.

        Raises:
            UnknownNameError: nothing is called so.
        """
        return self.reporter.why(app)

    def decisions(self, limit: int = 50) -> tuple[DecisionReport, ...]:
        """The last decisions, oldest first, at most ``limit``."""
        return self.reporter.decisions(limit)

    def endpoints(self) -> tuple[EndpointReport, ...]:
        """The devices of all servers, with what the servers say of them."""
        return self.reporter.endpoints()

    def app_of_session(self, session: str) -> str:
        """What the app of a session is called; the session's own id when it is gone."""
        found = self.sessions.get(session)
        return session if found is None else found.app

    def observe(self, observer: EngineObserver) -> Callable[[], None]:
        """Has the observer told from now on; call what is returned to end it."""
        self._observers.append(observer)

        def end() -> None:
            self._observers = [one for one in self._observers if one is not observer]

        return end

    # -- what players report: PlayerEvents ---------------------------------------------------

    def player_added(self, player: Player) -> None:
        """A player is there."""
        self.playing.came(player)
        self.settled()

    def status_changed(self, player: Player, status: PlaybackStatus, *, ours: bool) -> None:
        """A player plays, is paused or stopped; what its user does is remembered."""
        if self.keys is not None and status is PlaybackStatus.PLAYING:
            self.keys.played(player)
        if ours:
            return
        self.playing.touched(player, status)
        self.settled()

    def player_gone(self, player: Player) -> None:
        """A player left."""
        self.pausing.gone(player)
        self.playing.went(player)
        self.settled()

    # -- for the parts of the engine ---------------------------------------------------------

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """Feeds the arbiter and carries out the effects; those of nested calls come after."""
        effects = self.journal.handle(event, self.scheduler.now)
        self.decided += 1
        number = self.decided
        self._arm()
        if isinstance(event, Deactivate | CloseSession | ClientGone):
            self.streams.ask_again()
        if self._carrier.carry(effects):
            self.settled()
        if effects or not isinstance(event, Tick):
            self.tell(lambda o: o.decided(number))
        return effects

    def changed(self, session: AnySession) -> None:
        """Something about the session differs; observers hear it once all is done."""
        self._changed[session.id] = None

    def settled(self) -> None:
        """Something is done with: fades begin, and observers hear what came of it."""
        if self._reviewing:
            # What is moved in the middle of it may not stay so.
            return
        self._reviewing = True
        try:
            self.streams.review_pending()
        finally:
            self._reviewing = False
        self.android.look()
        self.streams.fader.begin()
        self.routing.look()
        while self._changed:
            id = next(iter(self._changed))
            del self._changed[id]
            if id in self.sessions:
                self._tell_changed(id)
        idle = self.idle
        if idle is not self._idle:
            self._idle = idle
            self.tell(lambda o: o.idle_changed(idle))

    def move(self, session: AnySession, to_db: float, ramp_s: float) -> None:
        """The arbiter moves the factor on a session, and with it that of its streams."""
        to_db = session.level_db(to_db)
        session.ramp = session.ramp.toward(to_db, self.scheduler.now, ramp_s)
        self.streams.move(session, to_db, ramp_s)

    def new_id(self) -> str:
        """An id that no session had before."""
        self._opened += 1
        return f"s{self._opened}"

    def adopt(self, session: AdoptedSession) -> None:
        """A session for an app that knows nothing of it."""
        self._open(session)

    def abandon(self, session: AdoptedSession) -> None:
        """Closes such a session."""
        session.closed = True
        self._forget(session)
        self.handle(CloseSession(session=session.id))
        self._tell_closed(session.id)

    def routes_changed(
        self, change: RouteChange, before: tuple[Endpoint, ...], after: tuple[Endpoint, ...]
    ) -> None:
        """The devices of a server are others, or others are in use."""
        left = {each.id for each in after if each.available}
        self.streams.endpoints_lost(e.id for e in before if e.available and e.id not in left)
        ours = [each for each in self.sessions.values() if isinstance(each, ServiceSession)]
        if change.became_noisy:
            for session in ours:
                if self.arbiter.standing(session.id) is not Standing.INACTIVE:
                    session.becoming_noisy()
            self.streams.pause_what_was_lost()
            self.tell(lambda o: o.became_noisy())
        if change.devices_changed:
            event = AudioDevicesChangedEvent(
                devices_added=change.devices_added, devices_removed=change.devices_removed
            )
            for session in ours:
                if not session.closed:
                    session.devices_changed(event)
            self.tell(lambda o: o.devices_changed(event))
        self.settled()

    def tell(self, what: Callable[[EngineObserver], None]) -> None:
        """Tells every observer; what one raises is logged and disturbs nobody."""
        for observer in tuple(self._observers):
            try:
                what(observer)
            except Exception:
                _log.exception("%s, an observer of the engine, failed", type(observer).__name__)

    # -- inside ------------------------------------------------------------------------------

    def _open(self, session: AnySession) -> None:
        self.sessions[session.id] = session
        self.reporter.name(session)
        self.handle(OpenSession(session=session.id, app=session.app_key, client=session.client))
        self.tell(lambda o: o.session_opened(session.id))

    def _forget(self, session: AnySession) -> None:
        self.sessions.pop(session.id, None)
        self.routing.forget(session.id)
        self.playing.stop_waiting(session)
        self.pausing.let_go(session.id, resume=True)

    def _tell_changed(self, id: str) -> None:
        self.tell(lambda o: o.session_changed(id))

    def _tell_closed(self, id: str) -> None:
        self.tell(lambda o: o.session_closed(id))

    def _apply(self, effect: Effect) -> None:
        session = self.sessions.get(effect.session)
        if session is None:
            return
        self.changed(session)
        if isinstance(effect, HoldPlaced | HoldLifted):
            # What they amount to is said by other effects.
            return
        try:
            if isinstance(session, ServiceSession):
                self.routing.heard(effect)
                session.hear(effect, self._claim(effect.cause))
            elif isinstance(effect, GainChanged):
                if session.silenced and effect.to_db == 0.0:
                    session.softly |= session.stopped
                    session.stopped = False
                session.silenced = effect.to_db <= SILENCE_DB
                self.move(session, effect.to_db, effect.ramp_s)
            self.playing.carry_out(session, effect)
        except Exception:
            _log.exception("an effect on session %s of %s failed", session.id, session.app)

    def _claim(self, session: str) -> Claim | None:
        return self.arbiter.view(session).claim if self.arbiter.is_open(session) else None

    def _arm(self) -> None:
        due = None if self._closed else self.arbiter.next_deadline()
        if self._deadline is not None:
            if self._deadline[0] == due:
                return
            self._deadline[1].cancel()
        self._deadline = None if due is None else (due, self.scheduler.call_at(due, self._tick))

    def _tick(self) -> None:
        self._deadline = None
        try:
            self.handle(Tick())
        except AudioSessionError:
            _log.exception("the passing of time was refused")

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs what takes a while; nothing before :meth:`start` and after :meth:`close`."""
        if self._tasks is None:
            work.close()
            return
        self._tasks.create_task(work)

    async def _keep_tasks(self, ready: asyncio.Event) -> None:
        self._closing = asyncio.Event()
        async with asyncio.TaskGroup() as self._tasks:
            ready.set()
            await self._closing.wait()


__all__ = ["MAX_SESSIONS_PER_CLIENT", "Engine", "EngineObserver", "ServerLink"]
