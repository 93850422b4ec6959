"""The streams on all sound servers: whose they are, what the arbiter hears of them, their level.

A stream of an app that asks belongs to that app's session. For any other a session is
opened in its app's name, which claims the sound while it is heard and goes with its last
stream, or, where a player drops its stream when paused, once it was let go and stays away.
An app that has a session, asks for nothing and sounds all the same is treated like one that
knows nothing, except that it weighs on nobody: its session lends the stream until it asks.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.claims import Role
from ..core.effects import Standing
from ..core.events import Activate, Deactivate, StreamChanged, StreamGone
from ..core.gains import Ramp
from ..core.translate.streams import claim_from_stream_role
from ..errors import LimitError
from .adoption import (
    UNTIED,
    KnownStream,
    Owners,
    Told,
    app_key,
    judge,
    judge_player,
    softened,
    weighs,
)
from .fader import Fader
from .identity import ProcessIdentity
from .meter import Meter
from .mpris import Player
from .playing import in_our_hands
from .routes import SETTLE_S
from .rules import RuleBook, Verdict
from .servers.base import ServerStream, SoundServer
from .sessions import AdoptedSession, AnySession, ServiceSession

if TYPE_CHECKING:
    from .engine import Engine

ORPHAN_S = 1.0
"""How long the streams of a client that died are left alone, in seconds: mostly their process
died too, and the server has yet to notice. They are not to weigh on others meanwhile."""

_log = logging.getLogger("audiosession")


class Streams:
    """See the module.

    Args:
        engine: Whose streams they are.
        book: What apps are taken for that say nothing themselves.
        identify: Tells who a process is.
    """

    def __init__(
        self,
        engine: Engine,
        book: RuleBook,
        identify: Callable[[int], ProcessIdentity | None],
    ) -> None:
        self.known: dict[str, KnownStream] = {}
        self.book = book
        self.fader = Fader(engine.scheduler, rested=engine.settled)
        self.meter = Meter(
            engine.scheduler,
            self.fader,
            ears=lambda server: engine.links[server].ears if server in engine.links else None,
            spawn=engine.spawn,
            changed=self._measured,
        )
        self._engine = engine
        self._identify = identify
        self._owners = Owners(lambda session: session.id in engine.arbiter.active)
        self._adopted: dict[tuple[str, Verdict], AdoptedSession] = {}
        self._denied: dict[str, AdoptedSession] = {}
        self._to_review: dict[str, AnySession] = {}
        self._moved: dict[str, float] = {}
        self._lost: dict[str, float] = {}
        self._full = False

    def close(self) -> None:
        """Takes no further step."""
        self.fader.close()
        self.meter.close()
        for session in self._engine.sessions.values():
            if isinstance(session, AdoptedSession):
                _end_grace(session)

    def identify(self, pid: int | None) -> ProcessIdentity | None:
        """Who a process is; ``None`` when that cannot be known."""
        return None if pid is None else self._identify(pid)

    # -- what servers report -----------------------------------------------------------------

    def added(self, server: SoundServer, stream: ServerStream) -> None:
        """A stream appeared."""
        key = _key(server, stream.id)
        if stream.pid == os.getpid():
            return
        if key in self.known:
            self.changed(server, stream)
            return
        identity = self.identify(stream.pid)
        known = KnownStream(key=key, server=server, stream=stream, identity=identity)
        known.player = self._engine.playing.player_for(identity)
        self.known[key] = known
        self.fader.add(key, server, stream.id)
        self.tie(known)
        self._engine.settled()
        self._engine.tell(lambda o: o.stream_changed(key))

    def changed(self, server: SoundServer, stream: ServerStream) -> None:
        """A stream differs from what was reported last."""
        key = _key(server, stream.id)
        known = self.known.get(key)
        if known is None:
            self.added(server, stream)
            return
        before, known.stream = known.stream, stream
        if stream.endpoint != before.endpoint:
            known.endpoint_before = before.endpoint
            self._moved[key] = self._engine.scheduler.now
        if stream.pid != before.pid:
            known.identity = self.identify(stream.pid)
            known.player = self._engine.playing.player_for(known.identity)
        moved = (stream.properties, stream.pid) != (before.properties, before.pid)
        if moved or isinstance(known.session, ServiceSession):
            self.tie(known)
        elif known.session is not None:
            self._report(known)
        self._engine.settled()
        self._engine.tell(lambda o: o.stream_changed(key))

    def removed(self, server: SoundServer, stream: str) -> None:
        """A stream ended."""
        self._remove(_key(server, stream))
        self._engine.settled()

    def server_lost(self, server: SoundServer) -> None:
        """A server went away with all its streams; sessions of apps that ask stay."""
        for key in [key for key, known in self.known.items() if known.server is server]:
            self._remove(key)
        self.meter.server_lost(server.name)
        self._engine.settled()

    def endpoints_lost(self, endpoints: Iterable[str]) -> None:
        """These can no longer be used."""
        now = self._engine.scheduler.now
        self._lost = {id: at for id, at in self._lost.items() if now - at <= SETTLE_S}
        self._lost.update(dict.fromkeys(endpoints, now))

    def pause_what_was_lost(self) -> None:
        """Pauses the players that sounded where nobody hears them any more."""
        now = self._engine.scheduler.now
        players: dict[str, Player] = {}
        for known in self.known.values():
            session = known.session
            where = {known.stream.endpoint}
            if now - self._moved.get(known.key, -SETTLE_S - 1.0) <= SETTLE_S:
                where.add(known.endpoint_before)
            if session is None or known.player is None or not where & self._lost.keys():
                continue
            sounds = known.audible or self._engine.pausing.pauses(session.id)
            if sounds and in_our_hands(known, session):
                players[known.player.owner] = known.player
        self._engine.pausing.stop(players.values(), now)

    # -- what sessions do --------------------------------------------------------------------

    def session_came(self, session: ServiceSession) -> None:
        """An app opened a session; streams that are its own become the session's."""
        self._owners.add(session)
        for known in list(self.known.values()):
            owner = self._owners.owner(known)
            if owner is not None and owner[0] is not (known.owner or known.session):
                self.tie(known)

    def session_went(self, session: ServiceSession, *, dead: bool) -> None:
        """A session of an app is closed.

        Args:
            session: The session.
            dead: Whether its client is gone, and probably the streams are too.
        """
        self._owners.remove(session)
        self._engine.playing.forget(session)
        orphans = []
        for key in list(session.lent):
            known = self.known[key]
            self._unlend(known)
            self._mute(known)
            if dead:
                orphans.append(key)
            else:
                self.tie(known)
        for key in list(session.streams):
            known = self.known[key]
            known.session, known.reported = None, None
            if dead and self._owners.owner(known) is None:
                known.tied_by = UNTIED
                orphans.append(key)
                self._level(known, None)
                self._mute(known)
            else:
                self.tie(known)
        session.streams.clear()
        if orphans:
            due = self._engine.scheduler.now + ORPHAN_S
            self._engine.scheduler.call_at(due, lambda: self._look_after(orphans))

    def move(self, session: AnySession, to_db: float, ramp_s: float) -> None:
        """The factor on a session moves, and that of its streams."""
        for key in session.streams:
            # What records is silenced by its own app alone.
            if self.known[key].plays:
                self.fader.move(key, to_db, ramp_s)

    def mute(self, session: ServiceSession, *, input: bool, output: bool) -> None:
        """Silences what a session records or plays itself, from now on."""
        session.mutes = (input, output)
        for key in (*session.streams, *session.lent):
            self._mute(self.known[key])

    def look_at(self, session: AnySession) -> None:
        """Something about the session changed; it is looked at when that is through."""
        self._to_review[session.id] = session

    def denied(self, session: AdoptedSession) -> None:
        """What was asked in the session's name is refused, for now."""
        session.refused = True
        self._denied[session.id] = session

    def ask_again(self) -> None:
        """Somebody left: what was refused is asked once more, where it still sounds."""
        while self._denied:
            session = self._denied.pop(next(iter(self._denied)))
            session.refused = False
            self.look_at(session)

    def review_pending(self) -> None:
        """Looks at every session that something changed about."""
        while self._to_review:
            self.review(self._to_review.pop(next(iter(self._to_review))))

    def review(self, session: AnySession) -> None:
        """Claims for a session that is heard, gives up for a silent one, closes an empty one.

        That of an app that asks lends its streams, or takes them back.
        """
        if session.closed:
            return
        if isinstance(session, ServiceSession):
            if session.streams or session.lent:
                for key in list(session.streams if session.asleep else session.lent):
                    self.tie(self.known[key])
            return
        engine = self._engine
        if not session.streams and not session.resuming and not engine.pausing.pauses(session.id):
            self._abandon(session)
            return
        heard = session.resuming or any(
            engine.playing.sounds(self.known[key], session) for key in session.streams
        )
        standing = engine.arbiter.standing(session.id)
        if heard:
            _end_grace(session)
            if standing is Standing.INACTIVE and not (session.stopped or session.refused):
                claim = session.verdict.claim
                engine.handle(
                    Activate(session=session.id, claim=softened(claim) if session.softly else claim)
                )
            return
        session.stopped = session.refused = session.softly = False
        if standing is Standing.ACTIVE and session.grace is None:
            claim, settings = session.verdict.claim, engine.arbiter.policy.settings
            # What was never heard has nothing to go on holding for.
            spoke = not session.streams or any(
                not self.known[key].unheard for key in session.streams
            )
            if weighs(claim) and spoke and settings.silence_grace_s:
                due = engine.scheduler.now + settings.silence_grace_s
                session.grace = engine.scheduler.call_at(due, lambda: self._silent(session))
            else:
                engine.handle(Deactivate(session=session.id))

    def give_back(self) -> None:
        """Every factor is 1.0; what weighs on nobody is claimed for again."""
        for session in self._engine.sessions.values():
            if isinstance(session, ServiceSession):
                session.mutes = (False, False)
        self.fader.give_back()
        for session in list(self._adopted.values()):
            if not weighs(session.verdict.claim):
                session.stopped = session.refused = False
            self.look_at(session)

    def set_rules(self, book: RuleBook) -> None:
        """Judges every stream anew."""
        self.book = book
        for known in list(self.known.values()):
            self.tie(known)

    def tie(self, known: KnownStream) -> None:
        """Finds out whose the stream is, and lets it join that session."""
        self._tie(known)
        self._mute(known)

    def report(self, session: AnySession) -> None:
        """Tells the arbiter which streams of a session sound, where it does not know."""
        for key in tuple(session.streams):
            if key in session.streams:
                self._report(self.known[key])

    def adopt_player(self, player: Player) -> AdoptedSession | None:
        """A session in the name of a player without a stream; ``None`` where it is ignored."""
        verdict = judge_player(self.book, player)
        if verdict.ignored:
            return None
        app = player.identity or player.names[-1]
        return self._session(app, app_key(player.process, player.pid), player.pid, verdict)

    # -- inside ------------------------------------------------------------------------------

    def _tie(self, known: KnownStream) -> None:
        owner, by = self._owners.owner(known) or (None, UNTIED)
        lends = owner is not None and self._lends(owner, known)
        if known.owner is not None and not (known.owner is owner and lends):
            before = self._unlend(known)
            if before is not owner:
                self._gone(before, known)
        if owner is not None and not lends:
            known.verdict = None
            self._join(known, owner, by)
            return
        known.verdict = judge(self.book, known)
        by = f"rule {known.verdict.rule}"
        if owner is not None:
            known.verdict = replace(known.verdict, claim=softened(known.verdict.claim))
            self._lend(known, owner)
        if not known.plays:
            # Who merely listens is seen and left alone; only an app that says so records.
            self._join(known, None, UNTIED)
        elif known.verdict.ignored:
            self._join(known, None, by)
        else:
            session = self._adopt(known, known.verdict)
            # Held as soon as it joins, so that no level goes up in between.
            self.look_at(session)
            self._join(known, session, by)

    @staticmethod
    def _lends(session: ServiceSession, known: KnownStream) -> bool:
        """Whether the stream is treated as if its app had no session; once lent it stays so."""
        return (known.owner is session or known.audible) and session.asleep

    def _lend(self, known: KnownStream, owner: ServiceSession) -> None:
        """The stream is that of a session that is asleep; the arbiter goes on knowing that."""
        if known.owner is not owner:
            known.owner = owner
            known.owner_told = known.reported if known.session is owner else None
            owner.lent[known.key] = None
        known.owner_told = self._say(owner, known, known.audible, known.owner_told)

    @staticmethod
    def _unlend(known: KnownStream) -> ServiceSession:
        """The stream is no longer lent; returns whose it was."""
        owner = known.owner
        assert owner is not None
        known.owner, known.owner_told = None, None
        owner.lent.pop(known.key, None)
        return owner

    def _gone(self, session: AnySession, known: KnownStream) -> None:
        """The stream is no longer the session's, as far as the arbiter goes."""
        if self._engine.arbiter.has_stream(session.id, known.key):
            self._engine.handle(StreamGone(session=session.id, stream=known.key))

    def _join(self, known: KnownStream, session: AnySession | None, by: str) -> None:
        known.tied_by = by
        old = known.session
        if session is not old:
            if session is not None:
                # First of all, so that nobody takes the session for an empty one.
                session.streams[known.key] = None
                self._engine.changed(session)
            self._leave(known)
            known.session = session
            self._level(known, session)
        if session is None:
            self.meter.look(known)
        else:
            self._report(known)

    def _leave(self, known: KnownStream) -> None:
        """The stream is no longer its session's."""
        session = known.session
        known.session, known.reported = None, None
        if session is None:
            return
        session.streams.pop(known.key, None)
        self._engine.changed(session)
        if session is not known.owner:
            self._gone(session, known)
        if isinstance(session, AdoptedSession):
            self.look_at(session)

    def _level(self, known: KnownStream, session: AnySession | None) -> None:
        """Puts a new stream at its session's level, and has another one go there."""
        if not known.plays:
            return
        if not known.joined:
            known.joined = True
            if session is not None and session.ramp.end_db != 0.0:
                self.fader.follow(known.key, session.ramp)
            return
        now, settings = self._engine.scheduler.now, self._engine.arbiter.policy.settings
        ramp = Ramp() if session is None else session.ramp
        to_db, left_s = ramp.end_db, max(0.0, ramp.done_at - now)
        up = to_db > self.fader.factor_db(known.key) - self.fader.scale_db(known.key)
        fade_s = settings.fade_up_s if up else settings.fade_down_s
        self.fader.move(known.key, to_db, left_s or fade_s)

    def _mute(self, known: KnownStream) -> None:
        """Silences the stream where its own app wants that, or frees it."""
        session = known.owner or known.session
        input, output = session.mutes if isinstance(session, ServiceSession) else (False, False)
        self.fader.mute(known.key, output if known.plays else input)

    def _report(self, known: KnownStream) -> None:
        """Tells the arbiter whether the stream sounds, when it does not know."""
        session = known.session
        if session is None or not known.plays or session.closed:
            return
        self.meter.look(known)
        if known.audible and session.resuming:
            self._engine.playing.stop_waiting(session)
        sounds = self._engine.playing.sounds(known, session)
        known.reported = self._say(session, known, sounds, known.reported)
        if known.owner is not None:
            known.owner_told = self._say(known.owner, known, known.audible, known.owner_told)
        if isinstance(session, AdoptedSession):
            self.look_at(session)

    def _say(
        self, session: AnySession, known: KnownStream, sounds: bool, told: Told | None
    ) -> Told | None:
        """Tells the arbiter whether the stream sounds, and returns what it knows then."""
        role, spoken = _what_it_is(session, known)
        now: Told = (sounds, role, spoken)
        if now == told or session.closed:
            return told
        try:
            self._engine.handle(
                StreamChanged(
                    session=session.id,
                    stream=known.key,
                    playing=sounds,
                    role=role,
                    spoken=spoken,
                )
            )
        except LimitError as error:
            if not self._full:
                self._full = True
                _log.warning("stream %s is not counted: %s", known.key, error)
            return told
        return now

    def _measured(self, known: KnownStream) -> None:
        """The stream was found to be silent, or not to be."""
        self._report(known)
        self._engine.settled()
        self._engine.tell(lambda o: o.stream_changed(known.key))

    def _remove(self, key: str) -> None:
        known = self.known.pop(key, None)
        if known is None:
            return
        self._moved.pop(key, None)
        self.meter.forget(known)
        self.fader.remove(key)
        self._leave(known)
        if known.owner is not None:
            self._gone(self._unlend(known), known)
        self._engine.tell(lambda o: o.stream_closed(key))

    def _adopt(self, known: KnownStream, verdict: Verdict) -> AdoptedSession:
        owner = known.owner
        if owner is None:
            return self._session(known.app, known.app_key, known.stream.pid, verdict)
        return self._session(owner.app, owner.app_key, known.stream.pid, verdict)

    def _session(self, app: str, key: str, pid: int | None, verdict: Verdict) -> AdoptedSession:
        """The session in an app's name for what is taken for that; opened where there is none."""
        session = self._adopted.get((key, verdict))
        if session is None:
            engine = self._engine
            session = AdoptedSession(
                engine.new_id(),
                app=app,
                app_key=key,
                pid=pid,
                verdict=verdict,
                duck_db=engine.arbiter.policy.settings.levels_db["duck"],
            )
            self._adopted[key, verdict] = session
            engine.adopt(session)
        return session

    def _abandon(self, session: AdoptedSession) -> None:
        del self._adopted[session.app_key, session.verdict]
        self._engine.playing.forget(session)
        self._denied.pop(session.id, None)
        _end_grace(session)
        self._engine.abandon(session)

    def _silent(self, session: AdoptedSession) -> None:
        session.grace = None
        if session.closed or self._engine.arbiter.standing(session.id) is not Standing.ACTIVE:
            return
        self._engine.handle(Deactivate(session=session.id))

    def _look_after(self, orphans: Iterable[str]) -> None:
        for key in orphans:
            known = self.known.get(key)
            if known is not None:
                self.tie(known)
        self._engine.settled()


def _what_it_is(session: AnySession, known: KnownStream) -> tuple[Role, bool]:
    """What a stream is for, and whether it is speech: its own role, else what its app says."""
    own = known.stream.properties.get("media.role", "")
    if not own and isinstance(session, ServiceSession) and session.claim is not None:
        return session.claim.role, session.speaks
    said = claim_from_stream_role(own)
    return said.role, said.spoken


def _key(server: SoundServer, id: str) -> str:
    return f"{server.name}:{id}"


def _end_grace(session: AdoptedSession) -> None:
    if session.grace is not None:
        session.grace.cancel()
        session.grace = None


__all__ = ["ORPHAN_S", "Streams"]
