"""The media players in the sessions: who sounds where, who is paused for it, who is to go on.

A player that was told to go on counts as sounding until it does, for a while. So does one that
an earlier service, which was killed, left paused: whoever held it and lives asks again within
:data:`LEFT_S`, finds it sounding, and holds it as before. Then the earlier service lets go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..core.effects import (
    Denied,
    Effect,
    HoldKind,
    Interrupted,
    Released,
    Standing,
    StandingChanged,
    Stopped,
)
from ..core.events import UserAction, UserIntent
from .identity import ProcessIdentity
from .mpris import PlaybackStatus, Player
from .pausing import LEFT, MediaPlayers
from .sessions import AdoptedSession, AnySession

if TYPE_CHECKING:
    from .adoption import KnownStream
    from .engine import Engine
    from .scheduler import TimerHandle

RESUME_S = 5.0
"""How long a player that was told to go on may take until it sounds, in seconds."""
LEFT_S = 2.0
"""How long apps may take to come back that held a player when the service was killed, in seconds:
:class:`~audiosession.hosts.linux.LinuxHost` does within some tenths of one."""


class PlayerFinder(MediaPlayers, Protocol):
    """Players that can also be found by a process."""

    def player_for(self, process: ProcessIdentity) -> Player | None:
        """The player that a process's sound belongs to."""


class Playing:
    """See the module.

    Args:
        engine: Whose sessions they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._players: PlayerFinder | None = None
        self._held: dict[str, tuple[Player, ...]] = {}
        self._welcomed = False
        self._left_timer: TimerHandle | None = None

    def use(self, players: PlayerFinder) -> None:
        """These are the players."""
        self._players = players

    def close(self) -> None:
        """Waits for nobody any more."""
        self._stop_left_timer()
        for session in self._engine.sessions.values():
            self.stop_waiting(session)

    def welcome(self) -> None:
        """Clients can come from now on: also those that held what is left paused."""
        self._welcomed = True
        left = self._engine.pausing.left()
        if not left:
            return
        heard = {known.player.owner for known in self._streams if known.player is not None}
        for player in left:
            if player.owner not in heard:
                # It has dropped its stream.
                session = self._engine.streams.adopt_player(player)
                if session is not None:
                    session.resuming = True
                    self._held[session.id] = (player,)
                    self._engine.streams.look_at(session)
        self._begin_left_timer()
        self._engine.settled()

    def let_left_go(self) -> None:
        """Whoever held what is left paused had the time to do so again."""
        self._stop_left_timer()
        pausing = self._engine.pausing
        where = {player.owner: self.sessions_of(player) for player in pausing.left()}
        going = {player.owner for player in pausing.let_go(LEFT, resume=True)}
        for owner, sessions in where.items():
            for session in sessions:
                if session.closed:
                    continue
                if owner in going:
                    self.wait_for_sound(session)
                else:
                    self._look_again(session)
        self._engine.settled()

    # -- where they sound --------------------------------------------------------------------

    def player_for(self, identity: ProcessIdentity | None) -> Player | None:
        """The player that a process's sound belongs to."""
        if self._players is None or identity is None:
            return None
        return self._players.player_for(identity)

    def sounds(self, known: KnownStream, session: AnySession) -> bool:
        """Whether a stream is heard in a session, or is waited for."""
        return (
            known.audible
            or session.resuming
            or (known.player is not None and self._engine.pausing.is_left(known.player))
        )

    def players_of(self, session: AnySession) -> tuple[Player, ...]:
        """The players that sound in a session and that are ours to pause."""
        if isinstance(session, AdoptedSession) and session.never_paused:
            return ()
        known_streams = self._engine.streams.known
        found = {
            known.player.owner: known.player
            for known in map(known_streams.__getitem__, session.streams)
            if known.player is not None
            and self.sounds(known, session)
            and in_our_hands(known, session)
        }
        if session.resuming:
            # A player that dropped its stream when it was paused has none yet.
            found |= {each.owner: each for each in self._held.get(session.id, ())}
        self._held[session.id] = tuple(found.values())
        return self._held[session.id]

    def sessions_of(self, player: Player) -> tuple[AnySession, ...]:
        """The sessions in which a player sounds, was made to pause, or is waited for."""
        found: dict[str, AnySession] = {}
        for known in self._streams:
            session = known.session
            if session is None or known.player is None or known.player.owner != player.owner:
                continue
            if in_our_hands(known, session):
                found[session.id] = session
        for id, session in self._engine.sessions.items():
            held = self._held.get(id, ())
            if session.resuming and any(each.owner == player.owner for each in held):
                found[id] = session
        for id in self._engine.pausing.holders_of(player):
            if id in self._engine.sessions:
                found[id] = self._engine.sessions[id]
        return tuple(found.values())

    def forget(self, session: AnySession) -> None:
        """A session is closed."""
        self._held.pop(session.id, None)

    # -- what they do ------------------------------------------------------------------------

    def came(self, player: Player) -> None:
        """A player is there; it may be that of a stream that was there before."""
        if self._players is not None and self._players.paused_by_us(player):
            self._engine.pausing.take_over(player)
            if self._welcomed:
                self._begin_left_timer()
        for known in list(self._streams):
            found = self.player_for(known.identity)
            if found is not None and (known.player is None or known.player.owner != found.owner):
                known.player = found
                self._engine.streams.tie(known)

    def touched(self, player: Player, status: PlaybackStatus) -> None:
        """Its user, or the player by itself, had it play, pause or stop."""
        plays = status is PlaybackStatus.PLAYING
        for session in self.sessions_of(player):
            if session.closed:
                continue
            if not plays:
                self.stop_waiting(session)
            # One that stops may have come to its end, or is about to quit.
            if status is not PlaybackStatus.STOPPED:
                intent = UserIntent.PLAYED if plays else UserIntent.PAUSED
                self._engine.handle(UserAction(session=session.id, intent=intent))
            self._engine.streams.report(session)
            self._engine.streams.review(session)

    def went(self, player: Player) -> None:
        """A player left; a session that only waited for it closes."""
        for known in self._streams:
            if known.player is not None and known.player.owner == player.owner:
                known.player = self.player_for(known.identity)
        for id, session in list(self._engine.sessions.items()):
            held = self._held.get(id, ())
            if isinstance(session, AdoptedSession) and any(p.owner == player.owner for p in held):
                self._look_again(session)

    # -- what the arbiter has them do --------------------------------------------------------

    def carry_out(self, session: AnySession, effect: Effect) -> None:
        """Pauses players and lets them go on; apps that ask do so themselves."""
        engine = self._engine
        silent_at = engine.scheduler.now + engine.arbiter.policy.settings.pause_fade_s
        if isinstance(effect, Interrupted) and effect.kind is HoldKind.PAUSE and effect.enforced:
            engine.pausing.hold(session.id, self.players_of(session), silent_at)
        elif isinstance(effect, Released) and effect.kind is HoldKind.PAUSE:
            self.let_go(session, resume=effect.should_resume)
        elif isinstance(effect, Stopped):
            engine.reporter.stopped(effect)
            if effect.rule != "reset":
                engine.pausing.let_go(session.id, resume=False)
                engine.pausing.stop(self.players_of(session), silent_at)
            if isinstance(session, AdoptedSession):
                session.stopped = True
        elif isinstance(effect, StandingChanged) and effect.before is Standing.INTERRUPTED:
            # An interruption that the session ended itself has no end that is said.
            self.let_go(session, resume=True)
        elif isinstance(effect, Denied) and isinstance(session, AdoptedSession):
            engine.streams.denied(session)
        engine.streams.look_at(session)

    def let_go(self, session: AnySession, *, resume: bool) -> None:
        """Nobody holds the session any more; what was paused for it may go on."""
        if self._engine.pausing.let_go(session.id, resume=resume):
            self.wait_for_sound(session)

    def wait_for_sound(self, session: AnySession) -> None:
        """Its player was told to go on: it counts as sounding until it does, for a while."""
        self.stop_waiting(session)
        session.resuming = True
        due = self._engine.scheduler.now + RESUME_S
        session.resuming_timer = self._engine.scheduler.call_at(due, lambda: self._waited(session))
        self._engine.streams.report(session)

    def stop_waiting(self, session: AnySession) -> None:
        """What it sounds like is what is heard of it."""
        session.resuming = False
        if session.resuming_timer is not None:
            session.resuming_timer.cancel()
            session.resuming_timer = None

    # -- inside ------------------------------------------------------------------------------

    @property
    def _streams(self) -> list[KnownStream]:
        return list(self._engine.streams.known.values())

    def _waited(self, session: AnySession) -> None:
        """The player did not go on; it is as silent as it is."""
        self._look_again(session)
        self._engine.settled()

    def _look_again(self, session: AnySession) -> None:
        """Nothing is waited for in the session."""
        self.stop_waiting(session)
        self._engine.streams.report(session)
        if isinstance(session, AdoptedSession):
            self._engine.streams.look_at(session)

    def _begin_left_timer(self) -> None:
        self._stop_left_timer()
        due = self._engine.scheduler.now + LEFT_S
        self._left_timer = self._engine.scheduler.call_at(due, self.let_left_go)

    def _stop_left_timer(self) -> None:
        if self._left_timer is not None:
            self._left_timer.cancel()
            self._left_timer = None


def in_our_hands(known: KnownStream, session: AnySession) -> bool:
    """Whether it is for us to pause: its own process does not hear of its session."""
    return isinstance(session, AdoptedSession) or known.stream.pid != session.pid


__all__ = ["LEFT_S", "RESUME_S", "PlayerFinder", "Playing", "in_our_hands"]
