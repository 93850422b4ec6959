"""The arbiter: who sounds, who is lowered, who pauses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, get_args, get_type_hints

from ..errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    TimeBackwardsError,
    UnknownNameError,
)
from .claims import Claim
from .decision import Decision
from .disciplines import DISCIPLINES
from .effects import Effect, HoldKind, Standing
from .events import (
    Activate,
    ClientGone,
    CloseSession,
    Deactivate,
    Event,
    OpenSession,
    Reconfigure,
    RevokeApp,
    RevokeOwner,
    SetMultiFocus,
    StreamChanged,
    StreamGone,
    Tick,
    UserAction,
    UserIntent,
)
from .policy import Policy
from .snapshot import HoldView, SessionView, Snapshot
from .state import Phase, Session, State, Stream

_FIELDS: dict[type, tuple[tuple[str, type], ...]] = {
    kind: tuple(get_type_hints(kind).items()) for kind in (*get_args(Event), Claim)
}
_LATEST = 1e300
"""Far beyond any clock, and near enough to add a timer to."""
_TYPE_WORDS: dict[type, str] = {str: "a text", bool: "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a client may make the arbiter remember. One more raises LimitError."""

    sessions: int = 65_536
    """Open sessions in all."""
    sessions_per_client: int = 16_384
    """Open sessions of one client."""
    streams_per_session: int = 256
    """Known streams of one session."""
    id_length: int = 256
    """Characters in an id or any other text of an event."""


class Arbiter:
    """Decides. Feed it events with the time they happened; carry out the effects it returns.

    Nothing in here reads a clock: ``now`` is in seconds on whatever clock the host keeps,
    and may not run backwards. The same events at the same times give the same effects.
    A call that raises has changed nothing. Not thread safe.

    Args:
        policy: The table to judge by.
        limits: Bounds on what is remembered.
    """

    def __init__(self, policy: Policy, *, limits: Limits | None = None) -> None:
        self.policy = policy
        self.limits = limits or Limits()
        self._state = State(multi_focus=policy.settings.multi_focus)
        self._discipline = DISCIPLINES[policy.settings.discipline]()
        self._now = -math.inf
        self._handlers: dict[type, Callable[[Decision, Any], None]] = {
            OpenSession: self._open,
            CloseSession: self._close,
            ClientGone: self._client_gone,
            Activate: self._activate,
            Deactivate: self._deactivate,
            Reconfigure: self._reconfigure,
            StreamChanged: self._stream_changed,
            StreamGone: self._stream_gone,
            UserAction: self._user_action,
            RevokeApp: self._revoke_app,
            RevokeOwner: self._revoke_owner,
            SetMultiFocus: self._set_multi_focus,
            Tick: self._tick,
        }

    # -- what hosts call -------------------------------------------------------------------

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """The effects of ``event``, happening at ``now`` seconds, in order.

        Deadlines that passed since the last call are dealt with first, each at its own
        time, so the outcome does not depend on how promptly a host ticks.

        Raises:
            TimeBackwardsError: ``now`` lies before an earlier call's.
            UnknownNameError: the event names a session or stream that is not open.
            InvalidTypeError, InvalidValueError: a field of the event is malformed.
            LimitError: one more than :class:`Limits` allows.
        """
        handler = self._handlers.get(type(event))
        if handler is None:
            raise InvalidTypeError("event", event, expected="one of the arbiter's events")
        if isinstance(now, bool) or not isinstance(now, int | float):
            raise InvalidTypeError("now", now, expected="a number of seconds")
        if not -_LATEST <= now <= _LATEST:
            raise InvalidValueError("now", now, expected="a finite number of seconds")
        if now < self._now:
            raise TimeBackwardsError(now, self._now)
        self._check(event)
        effects: list[Effect] = []
        while (due := self._state.next_timer()) is not None and due <= now:
            session, kind, at = self._state.pop_timer()
            decision = self._decision(max(at, self._now))
            self._discipline.timer(decision, session, kind)
            effects += decision.finish()
        self._now = now
        decision = self._decision(now)
        handler(decision, event)
        effects += decision.finish()
        self._forget(decision.closing.values())
        return tuple(effects)

    def next_deadline(self) -> float | None:
        """When to call :meth:`handle` with a Tick if nothing else happens; ``None``: never."""
        return self._state.next_timer()

    def snapshot(self) -> Snapshot:
        """Everything as it stands at the time of the last event."""
        now = self._now if math.isfinite(self._now) else 0.0
        state = self._state
        return Snapshot(
            now=now,
            policy=self.policy.name,
            sessions=tuple(self._view(session, now) for session in state.sessions.values()),
            active=self.active,
            waiting=tuple(s.id for s in self._waiting()),
            next_deadline=self.next_deadline(),
        )

    def view(self, session: str) -> SessionView:
        """One session as it stands. Raises UnknownNameError when it is not open."""
        now = self._now if math.isfinite(self._now) else 0.0
        return self._view(self._session(session), now)

    @property
    def active(self) -> tuple[str, ...]:
        """The sessions whose claims are in force, the last to come last."""
        active = self._state.active.values()
        return tuple(session.id for session in active if session.phase is Phase.ACTIVE)

    def is_open(self, session: str) -> bool:
        """Whether a session by that id is open."""
        return session in self._state.sessions

    def has_stream(self, session: str, stream: str) -> bool:
        """Whether that stream of that session is known."""
        return self.is_open(session) and stream in self._state.sessions[session].streams

    def standing(self, session: str) -> Standing:
        """How a session stands. Raises UnknownNameError when it is not open."""
        return self._session(session).standing

    def gain_db(self, session: str, now: float) -> float:
        """The system's factor on a session at ``now``, in dB."""
        return self._session(session).gain.at(now)

    def quiet_at(self, session: str) -> float:
        """When every fade that this session's holds began is over, in seconds.

        The time of the last event when nothing is fading.
        """
        holder = self._session(session)
        targets = (self._state.sessions[name] for name in holder.holding)
        return max((t.gain.done_at for t in targets if t.sounding), default=self._now)

    def selected(self, scope: str = "") -> str | None:
        """The session that has the focus of a scope: the last exclusive one in force.

        This is the *selected session* of a W3C page (W-030 to W-032, with hole G-3 closed:
        nobody is selected once its owner went inactive).
        """
        chosen = None
        for session in self._state.active.values():
            claim = session.claim
            if (
                claim is not None
                and claim.exclusive
                and claim.scope == scope
                and session.standing in (Standing.ACTIVE, Standing.DUCKED)
            ):
                chosen = session.id
        return chosen

    # -- events ------------------------------------------------------------------------------

    def _check(self, event: Event) -> None:
        """Raises for an event that cannot be handled; changes nothing."""
        state, limits = self._state, self.limits
        self._check_fields(event)
        if isinstance(event, OpenSession):
            self._check_not_empty("session", event.session)
            self._check_not_empty("app", event.app)
            if event.session in state.sessions:
                raise IllegalRequestError(
                    f"a session {event.session!r} is open already", field="session"
                )
            if len(state.sessions) >= limits.sessions:
                raise LimitError("open sessions", limits.sessions)
            if len(state.clients.get(event.client or event.app, ())) >= limits.sessions_per_client:
                raise LimitError("sessions of one client", limits.sessions_per_client)
        elif isinstance(event, ClientGone):
            self._check_not_empty("client", event.client)
        elif isinstance(event, RevokeApp):
            self._check_not_empty("app", event.app)
        elif not isinstance(event, RevokeOwner | SetMultiFocus | Tick):
            session = self._session(event.session)
            if isinstance(event, StreamChanged):
                self._check_not_empty("stream", event.stream)
                room = limits.streams_per_session
                if event.stream not in session.streams and len(session.streams) >= room:
                    raise LimitError("streams of one session", room)
            if isinstance(event, StreamGone) and event.stream not in session.streams:
                raise UnknownNameError("stream", event.stream, session.streams)

    def _check_fields(self, value: Event | Claim, path: str = "") -> None:
        """Every field has its type, and no text is longer than an id may be."""
        room = self.limits.id_length
        for name, kind in _FIELDS[Claim if isinstance(value, Claim) else type(value)]:
            item = getattr(value, name)
            if not isinstance(item, kind):
                expected = _TYPE_WORDS.get(kind, f"a {kind.__name__}")
                raise InvalidTypeError(path + name, item, expected=expected)
            if isinstance(item, str) and len(item) > room:
                raise InvalidValueError(
                    path + name, item, expected=f"a text of at most {room} characters"
                )
            if isinstance(item, Claim):
                self._check_fields(item, f"{name}.")

    @staticmethod
    def _check_not_empty(name: str, value: str) -> None:
        if not value:
            raise InvalidValueError(name, value, expected="a text of at least 1 character")

    def _open(self, d: Decision, event: OpenSession) -> None:
        client = event.client or event.app
        session = Session(event.session, event.app, client, event.group)
        self._state.sessions[session.id] = session
        self._state.clients.setdefault(client, {})[session.id] = None
        self._state.apps.setdefault(session.app, {})[session.id] = None

    def _close(self, d: Decision, event: CloseSession) -> None:
        self._drop(d, [self._state.sessions[event.session]], rule="closed")

    def _client_gone(self, d: Decision, event: ClientGone) -> None:
        names = self._state.clients.get(event.client, ())
        self._drop(d, [self._state.sessions[name] for name in names], rule="client-gone")

    def _activate(self, d: Decision, event: Activate) -> None:
        self._discipline.activate(d, self._state.sessions[event.session], event.claim)

    def _deactivate(self, d: Decision, event: Deactivate) -> None:
        session = self._state.sessions[event.session]
        self._discipline.deactivate(d, session, notify=event.notify_others)

    def _reconfigure(self, d: Decision, event: Reconfigure) -> None:
        session = self._state.sessions[event.session]
        if session.phase is Phase.INACTIVE:
            return
        self._discipline.reconfigure(d, session, event.claim)

    def _stream_changed(self, d: Decision, event: StreamChanged) -> None:
        session = self._state.sessions[event.session]
        session.streams[event.stream] = Stream(
            playing=event.playing, role=event.role, spoken=event.spoken, backend=event.backend
        )
        self._discipline.streams_changed(d, session)

    def _stream_gone(self, d: Decision, event: StreamGone) -> None:
        session = self._state.sessions[event.session]
        del session.streams[event.stream]
        self._discipline.streams_changed(d, session)

    def _user_action(self, d: Decision, event: UserAction) -> None:
        session = self._state.sessions[event.session]
        if session.level() is HoldKind.PAUSE:
            session.intent = event.intent
        else:
            session.paused_by_user = event.intent is UserIntent.PAUSED

    def _revoke_app(self, d: Decision, event: RevokeApp) -> None:
        sessions = [
            self._state.sessions[name]
            for name in self._state.apps.get(event.app, ())
            if self._state.sessions[name].phase is not Phase.INACTIVE
        ]
        self._discipline.remove(d, sessions, signal_next=event.signal_next, rule=event.rule)
        for session in sessions:
            d.stopped(session, cause="system", rule=event.rule)

    def _revoke_owner(self, d: Decision, event: RevokeOwner) -> None:
        self._discipline.revoke_owner(d, signal_next=event.signal_next, rule=event.rule)

    def _set_multi_focus(self, d: Decision, event: SetMultiFocus) -> None:
        if event.enabled is not self._state.multi_focus:
            self._discipline.set_multi_focus(d, event.enabled)

    def _tick(self, d: Decision, event: Tick) -> None:
        """Time passed; the deadlines were dealt with before."""

    # -- helpers -----------------------------------------------------------------------------

    def _decision(self, now: float) -> Decision:
        return Decision(self._state, self.policy, now, softens=self._discipline.softens)

    def _session(self, name: str) -> Session:
        session = self._state.sessions.get(name)
        if session is None:
            raise UnknownNameError("session", name, tuple(islice(self._state.sessions, 100)))
        return session

    def _drop(self, d: Decision, sessions: Iterable[Session], *, rule: str) -> None:
        gone = list(sessions)
        self._discipline.remove(d, gone, signal_next=True, rule=rule)
        d.closing.update((session.id, session) for session in gone)

    def _forget(self, gone: Iterable[Session]) -> None:
        state = self._state
        for session in gone:
            del state.sessions[session.id]
            for index, key in ((state.clients, session.client), (state.apps, session.app)):
                index[key].pop(session.id, None)
                if not index[key]:
                    del index[key]

    def _waiting(self) -> list[Session]:
        state = self._state
        below_lock = [s for s in state.active.values() if s.phase is Phase.WAITING]
        return below_lock + list(state.waiting.values())

    def _view(self, session: Session, now: float) -> SessionView:
        return SessionView(
            session=session.id,
            app=session.app,
            client=session.client,
            claim=session.claim,
            standing=session.standing,
            holds=tuple(
                HoldView(
                    target=hold.target,
                    cause=hold.cause,
                    kind=hold.kind,
                    rule=hold.rule,
                    because=self.policy.because(hold.rule),
                    level_db=hold.level_db,
                    since=hold.since,
                    enforced=hold.enforced,
                )
                for hold in session.held_by.values()
            ),
            muted_by=tuple(session.muted_by),
            gain_db=session.gain.at(now),
            target_db=session.gain.end_db,
            playing=None if not session.streams else session.sounding,
        )
