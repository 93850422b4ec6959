"""What the engine says of itself: status, and why everything is as it is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._version import __version__
from ..core.codec import to_plain
from ..core.effects import (
    Delayed,
    Denied,
    Effect,
    Granted,
    HoldKind,
    HoldLifted,
    HoldPlaced,
    Released,
    Stopped,
)
from ..core.events import (
    ClientGone,
    CloseSession,
    Deactivate,
    Event,
    OpenSession,
    Reconfigure,
    RevokeApp,
    StreamChanged,
    StreamGone,
    UserAction,
    UserIntent,
)
from ..core.gains import SILENCE_DB
from ..core.journal import Record
from ..core.snapshot import HoldView, SessionView
from ..errors import UnknownNameError
from .report import (
    DecisionReport,
    EndpointReport,
    HoldReport,
    ServerReport,
    SessionReport,
    StatusReport,
    StreamReport,
    WhyReport,
)
from .sessions import AdoptedSession, AnySession

if TYPE_CHECKING:
    from .adoption import KnownStream
    from .engine import Engine


@dataclass(frozen=True, slots=True)
class _Named:
    """What is remembered of a session for as long as decisions may speak of it."""

    app: str
    session: AnySession


class Reporter:
    """Makes the reports.

    Args:
        engine: Whose.
        keep: How many sessions that are closed are remembered by name, at least 1.
    """

    def __init__(self, engine: Engine, *, keep: int) -> None:
        self.started = 0.0
        """When the engine began, on its clock."""
        self.rule_errors: tuple[str, ...] = ()
        """What is wrong in the user's rules."""
        self._engine = engine
        self._keep = keep
        self._names: dict[str, _Named] = {}
        self._stops: dict[str, tuple[Stopped, float]] = {}

    def name(self, session: AnySession) -> None:
        """A session was opened; closed ones are forgotten when there are too many."""
        self._names[session.id] = _Named(session.app, session)
        if len(self._names) > 2 * (self._keep + len(self._engine.sessions)):
            closed = [id for id in self._names if id not in self._engine.sessions]
            for id in closed[: len(closed) // 2]:
                del self._names[id]
                self._stops.pop(id, None)

    def stopped(self, effect: Stopped) -> None:
        """A session was stopped for good."""
        self._stops[effect.session] = effect, self._engine.scheduler.now

    # -- reports -----------------------------------------------------------------------------

    def status(self) -> StatusReport:
        """Everything as it stands."""
        engine = self._engine
        book = engine.streams.book
        errors = self.rule_errors
        if book.policy != engine.arbiter.policy:
            errors += (
                f"policy {book.policy.name!r} was chosen while the service runs; "
                "it counts from its next start on",
            )
        return StatusReport(
            version=__version__,
            pid=os.getpid(),
            uptime_s=engine.scheduler.now - self.started,
            policy=engine.arbiter.policy.name,
            rules=next((r.source for r in book.rules if os.path.isabs(r.source)), ""),
            rule_errors=errors,
            servers=tuple(
                ServerReport(name=name, up=link.up, detail=link.detail)
                for name, link in engine.links.items()
            ),
            sessions=self._sessions(engine.sessions.values()),
            streams=tuple(self._stream(known) for known in engine.streams.known.values()),
        )

    def why(self, app: str | None) -> WhyReport:
        """Why an app, session or stream is as it is; raises UnknownNameError."""
        engine = self._engine
        sessions: dict[str, AnySession] = {}
        streams: dict[str, KnownStream] = {}
        ids: set[str] = set()
        if app is None:
            sessions.update(engine.sessions)
            streams.update(engine.streams.known)
            ids.update(self._names)
        else:
            wanted = app.casefold()
            streams = {
                key: known
                for key, known in engine.streams.known.items()
                if wanted in _stream_names(known)
            }
            ids = {
                id
                for id, named in self._names.items()
                if wanted in (id.casefold(), named.app.casefold(), str(named.session.pid or ""))
            }
            ids.update(known.session.id for known in streams.values() if known.session)
            sessions = {id: each for id, each in engine.sessions.items() if id in ids}
            for session in sessions.values():
                streams.update({key: engine.streams.known[key] for key in session.streams})
            if not ids and not streams:
                raise UnknownNameError("app, session or stream", app, self._known_names())
        return WhyReport(
            sessions=self._sessions(sessions.values()),
            streams=tuple(self._stream(known) for known in streams.values()),
            history=tuple(
                self._decision(record)
                for record in engine.journal.records
                if any(effect.session in ids for effect in record.effects)
            ),
        )

    def decisions(self, limit: int) -> tuple[DecisionReport, ...]:
        """The last decisions, oldest first."""
        records = self._engine.journal.records
        return tuple(self._decision(record) for record in records[max(0, len(records) - limit) :])

    def endpoints(self) -> tuple[EndpointReport, ...]:
        """The devices of all servers."""
        return tuple(
            EndpointReport(
                id=each.id,
                name=each.name,
                direction=each.direction.value,
                type=each.type.value,
                server=name,
                available=each.available,
                active=each.active,
                default=each.default,
            )
            for name, link in self._engine.links.items()
            for each in link.endpoints
        )

    # -- parts -------------------------------------------------------------------------------

    def _sessions(self, sessions: Iterable[AnySession]) -> tuple[SessionReport, ...]:
        snapshot = self._engine.arbiter.snapshot()
        views = {view.session: view for view in snapshot.sessions}
        holding: dict[str, list[str]] = {}
        for view in snapshot.sessions:
            for cause in (*(hold.cause for hold in view.holds), *view.muted_by):
                holding.setdefault(cause, []).append(view.session)
        return tuple(
            self._session(each, views[each.id], tuple(holding.get(each.id, ())))
            for each in sessions
        )

    def _session(
        self, session: AnySession, view: SessionView, holding: tuple[str, ...]
    ) -> SessionReport:
        claim = view.claim
        return SessionReport(
            id=session.id,
            app=session.app,
            pid=session.pid,
            adopted=isinstance(session, AdoptedSession),
            role=claim.role.value if claim else "",
            press=claim.press.value if claim else "",
            standing=view.standing.value,
            gain_db=session.ramp.at(self._engine.scheduler.now),
            holds=self._holds(session, view),
            holding=holding,
            streams=tuple(session.streams),
            route=self._engine.routing.names(session.id),
        )

    def _holds(self, session: AnySession, view: SessionView) -> tuple[HoldReport, ...]:
        now = self._engine.scheduler.now
        holds = [self._hold(session, hold, now) for hold in view.holds]
        stop = self._stops.get(session.id)
        for cause in view.muted_by:
            holds.append(
                HoldReport(
                    kind="muted",
                    level_db=session.level_db(SILENCE_DB),
                    by_session=cause,
                    by_app=self._app(cause),
                    rule=stop[0].rule if stop else "",
                    because=self._because(stop[0].rule) if stop else "",
                    since_s=now - stop[1] if stop else 0.0,
                    how="level",
                )
            )
        return tuple(holds)

    def _hold(self, session: AnySession, hold: HoldView, now: float) -> HoldReport:
        how = "level" if hold.enforced else "event"
        if hold.kind is HoldKind.PAUSE and self._engine.pausing.pauses(session.id):
            how = "mpris"
        level_db = session.level_db(hold.level_db)
        # Its rule may have it lowered where others are paused.
        lowered = hold.kind is HoldKind.PAUSE and level_db > SILENCE_DB
        return HoldReport(
            kind=HoldKind.DUCK.value if lowered else hold.kind.value,
            level_db=level_db,
            by_session=hold.cause,
            by_app=self._app(hold.cause),
            rule=hold.rule,
            because=hold.because,
            since_s=now - hold.since,
            how=how,
        )

    def _stream(self, known: KnownStream) -> StreamReport:
        engine = self._engine
        stream, session, verdict = known.stream, known.session, known.verdict
        fader = engine.streams.fader
        leveled = known.key in fader
        if session is not None and session.closed:
            session = None
        return StreamReport(
            id=known.key,
            server=known.server.name,
            app=known.app,
            title=stream.properties.get("media.name", ""),
            pid=stream.pid,
            direction=stream.direction.value,
            playing=stream.running,
            muted=stream.muted,
            audible=known.sounds,
            volumes=stream.volumes,
            factor_db=fader.factor_db(known.key) if leveled else 0.0,
            target_db=fader.target_db(known.key) if leveled else 0.0,
            endpoint=stream.endpoint,
            session=session.id if session else "",
            tied_by=known.tied_by,
            rule_source=f"{verdict.source}:{verdict.line}" if verdict and verdict.source else "",
            holds=self._holds(session, engine.arbiter.view(session.id)) if session else (),
            stream_volume_db=fader.scale_db(known.key),
        )

    def _decision(self, record: Record) -> DecisionReport:
        return DecisionReport(
            number=record.number,
            ago_s=self._engine.scheduler.now - record.at,
            text=self._text(record),
            event=to_plain(record.event),
            effects=tuple(to_plain(effect) for effect in record.effects),
        )

    # -- words -------------------------------------------------------------------------------

    def _text(self, record: Record) -> str:
        said = [words for words in map(self._effect_text, record.effects) if words]
        return "; ".join(dict.fromkeys(said)) or self._event_text(record.event)

    def _effect_text(self, effect: Effect) -> str:
        app, cause = self._app(effect.session), self._app(effect.cause)
        match effect:
            case Granted():
                return f"{app} is active" + (" after waiting" if effect.late else "")
            case Denied():
                return f"{app} is refused: {cause} is active ({self._because(effect.rule)})"
            case Delayed():
                return f"{app} waits: {cause} is active ({self._because(effect.rule)})"
            case HoldPlaced():
                why = f"{cause} asked ({self._because(effect.rule)})"
                level_db = self._level(effect.session, effect.level_db)
                if effect.kind is HoldKind.PAUSE and level_db <= SILENCE_DB:
                    return f"{app} is paused: {why}"
                return f"{app} is lowered to {level_db:g} dB: {why}"
            case HoldLifted():
                return f"{app} is no longer held by {cause}"
            case Released():
                return f"{app} may go on" if effect.should_resume else ""
            case Stopped():
                return f"{app} is stopped: {cause} asked ({self._because(effect.rule)})"
        return ""

    def _event_text(self, event: Event) -> str:
        app = self._app(getattr(event, "session", ""))
        match event:
            case OpenSession():
                return f"{app} opens a session"
            case CloseSession():
                return f"{app} closes its session"
            case Deactivate():
                return f"{app} gives up"
            case Reconfigure():
                return f"{app} says what its audio is for"
            case StreamChanged():
                return f"a stream of {app} " + ("sounds" if event.playing else "is silent")
            case StreamGone():
                return f"a stream of {app} ends"
            case UserAction():
                done = "paused" if event.intent is UserIntent.PAUSED else "started"
                return f"{app} is {done} by its user or by itself"
            case ClientGone():
                return "a client is gone"
            case RevokeApp():
                return "the system takes claims away"
        return "time passes"

    def _because(self, rule: str) -> str:
        return self._engine.arbiter.policy.because(rule) or rule

    def _level(self, session: str, level_db: float) -> float:
        named = self._names.get(session)
        return level_db if named is None else named.session.level_db(level_db)

    def _app(self, session: str) -> str:
        named = self._names.get(session)
        if named is not None:
            return named.app
        return {"user": "the user", "system": "the system"}.get(session, session)

    def _known_names(self) -> tuple[str, ...]:
        apps = {known.app for known in self._engine.streams.known.values()}
        apps.update(each.app for each in self._engine.sessions.values())
        return tuple(sorted(apps))


def _stream_names(known: KnownStream) -> set[str]:
    said = known.stream.properties
    program = known.identity.names if known.identity else ()
    names = {
        known.key,
        known.app,
        str(known.stream.pid or ""),
        said.get("application.process.binary", ""),
        said.get("application.id", ""),
        *program,
        *(known.player.names if known.player else ()),
    }
    return {name.casefold() for name in names if name}


__all__ = ["Reporter"]
