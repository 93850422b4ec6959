"""Whose stream it is: a session's of an app that asks, or one opened for an app that does not.

A stream carries its session's token, or comes from its session's process or a child of that.
Every other stream belongs to an app that knows nothing of audio sessions; the rules say what
it is taken for, and a session is opened in its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core.claims import Claim, Press, Role
from .identity import ProcessIdentity
from .rules import RuleBook, StreamFacts, Verdict
from .servers.base import Direction, ServerStream, SoundServer

if TYPE_CHECKING:
    from .mpris import Player
    from .sessions import AdoptedSession, ServiceSession

TOKEN_PROPERTY = "audiosession.id"
"""The stream property that ties a stream to a session: its value is the session's token."""
UNTIED = "nothing"
"""What a stream is tied by that is left alone."""

_MEDIA = frozenset({Role.MUSIC, Role.SPEECH, Role.MOVIE, Role.GAME, Role.AMBIENT, Role.UNKNOWN})
_MAX_NAME = 128

Told = tuple[bool, Role, bool]
"""Whether a stream sounds, what it is for, and whether it is speech."""


@dataclass(slots=True)
class KnownStream:
    """A stream on a server, and whom it was found to belong to."""

    key: str
    """``server:id``."""
    server: SoundServer
    """Where it is."""
    stream: ServerStream
    """As reported last."""
    identity: ProcessIdentity | None
    """Its process, looked at when it appeared."""
    player: Player | None = None
    """The media player it belongs to, looked for when it appeared."""
    session: ServiceSession | AdoptedSession | None = None
    """The session it belongs to; ``None``: it is left alone."""
    owner: ServiceSession | None = None
    """Its app's own session, which lends it to one in its name as long as it asks for nothing."""
    owner_told: Told | None = None
    """As ``reported``, of that session."""
    tied_by: str = UNTIED
    """``property``, ``process``, ``parent process``, ``rule NAME`` or ``nothing``."""
    verdict: Verdict | None = None
    """What the rules say; ``None`` for the stream of an app that asks for itself."""
    reported: Told | None = None
    """What the arbiter was told last; ``None``: it was not told."""
    joined: bool = False
    """Whether its level has followed a session's before."""
    endpoint_before: str = ""
    """The endpoint it was on before the present one."""
    silent: bool = False
    """It runs and was found to carry no sound, or is measured and nothing was heard yet."""
    unheard: bool = False
    """It is measured, and nothing was ever heard of it."""

    @property
    def plays(self) -> bool:
        """Whether it is one for playback."""
        return self.stream.direction is Direction.PLAYBACK

    @property
    def sounds(self) -> bool:
        """Whether sound goes through it, either way, that can be heard."""
        return self.stream.audible and not self.silent

    @property
    def audible(self) -> bool:
        """Whether it is one for playback that can be heard."""
        return self.plays and self.sounds

    @property
    def app(self) -> str:
        """What people call its app."""
        said = self.stream.properties
        program = self.identity.names if self.identity else ()
        return (
            said.get("application.name")
            or said.get("application.process.binary")
            or (program[-1] if program else "")
            or said.get("node.name")
            or said.get("media.name")
            or self.key
        )[:_MAX_NAME]

    @property
    def app_key(self) -> str:
        """What tells its app from others."""
        if self.identity is None and self.stream.pid is None:
            return f"stream:{self.key[:_MAX_NAME]}"
        return app_key(self.identity, self.stream.pid or 0)


def app_key(identity: ProcessIdentity | None, pid: int) -> str:
    """What tells an app from others: its Flatpak application, else its process."""
    if identity is not None and identity.flatpak_app:
        return f"flatpak:{identity.flatpak_app[:_MAX_NAME]}"
    return f"pid:{pid}"


class Owners:
    """The sessions of apps that ask, by what their streams can be known by.

    Args:
        active: Whether a session's claim is in force.
    """

    def __init__(self, active: Callable[[ServiceSession], bool]) -> None:
        self._active = active
        self._tokens: dict[str, ServiceSession] = {}
        self._pids: dict[int, dict[str, ServiceSession]] = {}

    def add(self, session: ServiceSession) -> None:
        """A session was opened."""
        self._tokens[session.token] = session
        if session.pid is not None:
            self._pids.setdefault(session.pid, {})[session.id] = session

    def remove(self, session: ServiceSession) -> None:
        """A session was closed."""
        self._tokens.pop(session.token, None)
        if session.pid is not None:
            same = self._pids.get(session.pid, {})
            same.pop(session.id, None)
            if not same:
                self._pids.pop(session.pid, None)

    def owner(self, known: KnownStream) -> tuple[ServiceSession, str] | None:
        """The session the stream belongs to, and what it was known by."""
        token = known.stream.properties.get(TOKEN_PROPERTY, "")
        if token in self._tokens:
            return self._tokens[token], "property"
        pid = known.stream.pid
        if pid in self._pids:
            return self._of(pid, known), "process"
        for ancestor in known.identity.ancestors if known.identity else ():
            if ancestor in self._pids:
                return self._of(ancestor, known), "parent process"
        return None

    def _of(self, pid: int, known: KnownStream) -> ServiceSession:
        sessions = self._pids[pid].values()
        for session in sessions:
            # A stream does not change hands because another session of its app came up.
            if session is (known.owner or known.session):
                return session
        return next((each for each in sessions if self._active(each)), next(iter(sessions)))


def judge(book: RuleBook, known: KnownStream) -> Verdict:
    """What the rules take the stream for; its claim is the one to be made in its name."""
    player = known.player
    facts = StreamFacts(
        properties=known.stream.properties,
        identity=known.identity,
        mpris=player.names if player else (),
        desktop_entry=player.desktop_entry if player else "",
        direction=known.stream.direction,
    )
    return _verdict(book, facts)


def judge_player(book: RuleBook, player: Player) -> Verdict:
    """The same for a player that has no stream."""
    facts = StreamFacts(
        properties={},
        identity=player.process,
        mpris=player.names,
        desktop_entry=player.desktop_entry,
        direction=Direction.PLAYBACK,
    )
    return _verdict(book, facts)


def _verdict(book: RuleBook, facts: StreamFacts) -> Verdict:
    verdict = book.decide(facts)
    return replace(verdict, claim=_claim(verdict))


def _claim(verdict: Verdict) -> Claim:
    claim = verdict.claim
    if verdict.when_held.value == "pause":
        claim = replace(claim, pause_when_ducked=True)
    if not verdict.holds:
        claim = softened(claim)
    return replace(claim, declared=False)


def weighs(claim: Claim) -> bool:
    """Whether others are lowered or paused for such a claim."""
    return claim.press is not Press.NONE or claim.pauses_spoken


def softened(claim: Claim) -> Claim:
    """The claim of a sound that weighs on nobody."""
    return replace(
        claim,
        # A call or an alarm weighs on others by being one, however softly it asks.
        role=claim.role if claim.role in _MEDIA else Role.UNKNOWN,
        press=Press.NONE,
        pauses_spoken=False,
        records=False,
        locked=False,
        force_duck=False,
    )


__all__ = [
    "TOKEN_PROPERTY",
    "UNTIED",
    "KnownStream",
    "Owners",
    "app_key",
    "judge",
    "judge_player",
    "softened",
    "weighs",
]
