"""Pausing players: one thing after the other at each player, and the latest wish wins.

A player is paused once its sound has faded out, and goes on when nobody holds it any more.
What its user did in between is left as it is; :mod:`audiosession.service.mpris` sees to that.
A player that an earlier service left paused is held on that one's account, :data:`LEFT`, which
is closed like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from .mpris import Player
from .scheduler import Scheduler, TimerHandle

LEFT = "an earlier service"
"""The account of a service that was killed while players were paused; no session's id."""

_log = logging.getLogger("audiosession")


class MediaPlayers(Protocol):
    """What is needed of :class:`~audiosession.service.mpris.Players`."""

    async def pause(self, player: Player, *, for_good: bool = False) -> bool:
        """Pauses a player that plays, perhaps so that it does not go on by itself."""

    async def play(self, player: Player) -> bool:
        """Lets a player go on that we paused and nobody has touched since."""

    def paused_by_us(self, player: Player) -> bool:
        """Whether it is paused because of us."""


class _Wish(Enum):
    """What a player is to do next."""

    PAUSE = "pause"
    PLAY = "play"


@dataclass(slots=True)
class _Work:
    """What is wanted of one player."""

    player: Player
    holders: dict[str, None] = field(default_factory=dict)
    """The sessions on whose account it is paused."""
    for_good: bool = False
    """It is not to go on by itself."""
    wish: _Wish | None = None
    timer: TimerHandle | None = None
    busy: bool = False

    def cancel(self) -> None:
        """Forgets what is not under way yet."""
        self.wish = None
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class Pausing:
    """What is paused on whose account.

    Args:
        scheduler: Clock and timers.
        spawn: Runs what has to wait for a player.
        rested: Called when there is nothing left to do at a player.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        *,
        rested: Callable[[], None],
    ) -> None:
        self._rested = rested
        self._scheduler = scheduler
        self._spawn = spawn
        self._players: MediaPlayers | None = None
        self._works: dict[str, _Work] = {}

    def use(self, players: MediaPlayers) -> None:
        """These are the players."""
        self._players = players

    @property
    def busy(self) -> bool:
        """Whether anything is paused, or about to be, on anybody's account."""
        return bool(self._works)

    def pauses(self, session: str) -> bool:
        """Whether a player is paused on that session's account, and by us."""
        return self._players is not None and any(
            session in work.holders and self._players.paused_by_us(work.player)
            for work in self._works.values()
        )

    def holders_of(self, player: Player) -> tuple[str, ...]:
        """The sessions on whose account a player is paused."""
        work = self._works.get(player.owner)
        return tuple(work.holders) if work is not None else ()

    def hold(self, session: str, players: Iterable[Player], at: float) -> None:
        """Pauses these players on the session's account, at that time."""
        for player in players:
            work = self._works.setdefault(player.owner, _Work(player))
            if not work.holders:
                work.for_good = False
            work.holders[session] = None
            self._want_pause(work, at)

    def take_over(self, player: Player) -> None:
        """Holds a player that an earlier service left paused."""
        self._works.setdefault(player.owner, _Work(player)).holders[LEFT] = None

    def left(self) -> tuple[Player, ...]:
        """The players that are held on the account of an earlier service."""
        return tuple(work.player for work in self._works.values() if LEFT in work.holders)

    def is_left(self, player: Player) -> bool:
        """Whether an earlier service left it paused, and nobody has touched it since."""
        work = self._works.get(player.owner)
        return (
            work is not None
            and LEFT in work.holders
            and self._players is not None
            and self._players.paused_by_us(player)
        )

    def let_go(self, session: str, *, resume: bool) -> tuple[Player, ...]:
        """Takes the session's account back.

        Args:
            session: The session.
            resume: Whether what it paused may go on.

        Returns:
            The players that are about to go on.
        """
        resuming: list[Player] = []
        for work in list(self._works.values()):
            if session not in work.holders:
                continue
            del work.holders[session]
            if work.holders:
                continue
            work.cancel()
            paused = work.busy or (
                self._players is not None and self._players.paused_by_us(work.player)
            )
            if resume and paused and not work.for_good:
                resuming.append(work.player)
                work.wish = _Wish.PLAY
                self._run(work)
            self._tidy(work)
        return tuple(resuming)

    def stop(self, players: Iterable[Player], at: float) -> None:
        """Pauses these players at that time, and has them not go on by themselves."""
        for player in players:
            work = self._works.setdefault(player.owner, _Work(player))
            work.for_good = True
            self._want_pause(work, at)

    def gone(self, player: Player) -> None:
        """A player left."""
        work = self._works.pop(player.owner, None)
        if work is not None:
            work.cancel()

    async def give_back(self) -> None:
        """Lets everything go on that was paused on somebody's account; returns when asked to."""
        works, self._works = self._works, {}
        for work in works.values():
            work.cancel()
            if work.holders and not work.for_good and self._players is not None:
                await self._ask(self._players.play(work.player), work)

    # -- inside ------------------------------------------------------------------------------

    def _want_pause(self, work: _Work, at: float) -> None:
        work.cancel()
        if at <= self._scheduler.now:
            work.wish = _Wish.PAUSE
            self._run(work)
        else:
            work.timer = self._scheduler.call_at(at, lambda: self._due(work))

    def _due(self, work: _Work) -> None:
        work.timer = None
        work.wish = _Wish.PAUSE
        self._run(work)

    def _run(self, work: _Work) -> None:
        if not work.busy:
            work.busy = True
            self._spawn(self._worker(work))

    async def _worker(self, work: _Work) -> None:
        try:
            while (wish := work.wish) is not None and self._players is not None:
                work.wish = None
                if wish is _Wish.PAUSE:
                    await self._ask(self._players.pause(work.player, for_good=work.for_good), work)
                else:
                    await self._ask(self._players.play(work.player), work)
        finally:
            work.busy = False
            self._tidy(work)
            if not self._works:
                self._rested()

    @staticmethod
    async def _ask(request: Coroutine[Any, Any, bool], work: _Work) -> None:
        try:
            await request
        except Exception:
            _log.exception("player %s could not be paused or played", work.player.bus_name)

    def _tidy(self, work: _Work) -> None:
        idle = not (work.holders or work.busy or work.wish or work.timer)
        if idle and self._works.get(work.player.owner) is work:
            del self._works[work.player.owner]


__all__ = ["LEFT", "MediaPlayers", "Pausing"]
