"""Pausing, lowering and resuming a player as a session's interruptions ask."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Coroutine, Iterator
from typing import Any, Protocol

from ._checks import check_flag
from .errors import InvalidTypeError, InvalidValueError
from .interruptions import AudioInterruptionEvent, AudioInterruptionType
from .streams import EventStream

_log = logging.getLogger("audiosession")

_Call = tuple[str, tuple[float, ...]]
_Steps = Iterator[_Call]


class Player(Protocol):
    """What a player must have; each may be a plain function or a coroutine function.

    Where they exist, the attributes ``playing`` (bool) and ``volume`` (float, linear, 1.0 is
    full) are read too.
    """

    def pause(self) -> object:
        """Pauses; nothing happens when it is paused."""

    def resume(self) -> object:
        """Goes on where it was paused."""

    def set_volume(self, volume: float) -> object:
        """Sets the linear volume, 0.0 to 1.0."""


class InterruptionHandler:
    """Does to one player what the interruptions of a session ask.

    What the handler paused it resumes when it is told to; what was paused before, or by the
    user, it leaves alone. A volume that was changed while the handler had it lowered stays as
    it was changed. Made by :meth:`audiosession.AudioSession.handle_interruptions`.

    Plain methods of the player are called before the event's delivery ends. Where one is a
    coroutine function, the next call waits for it, so calls never overtake each other. A
    player that raises is logged, and the next event is handled all the same.
    """

    def __init__(
        self,
        player: Player,
        interruptions: EventStream[AudioInterruptionEvent],
        noisy: EventStream[None],
        *,
        enabled: bool = True,
        duck_factor: float = 0.2,
    ) -> None:
        for name in ("pause", "resume", "set_volume"):
            if not callable(getattr(player, name, None)):
                raise InvalidTypeError("player", player, expected=f"something with {name}()")
        check_flag("enabled", enabled)
        if isinstance(duck_factor, bool) or not isinstance(duck_factor, int | float):
            raise InvalidTypeError("duck_factor", duck_factor, expected="a number")
        if not 0.0 <= duck_factor <= 1.0:
            raise InvalidValueError("duck_factor", duck_factor, expected="from 0.0 to 1.0")
        self._player = player
        self._duck_factor = float(duck_factor)
        self._enabled = enabled
        self._paused = False
        self._ducked: tuple[float, float] | None = None
        self._tail: asyncio.Future[None] | None = None
        self._subscriptions = (
            interruptions.listen(self._on_interruption),
            noisy.listen(self._on_noisy),
        )

    @property
    def enabled(self) -> bool:
        """Whether events are acted on.

        Switching off gives a lowered player its volume back; a paused one stays paused.
        """
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        check_flag("enabled", value)
        if self._enabled and not value:
            self._run(self._let_go())
        self._enabled = value

    def cancel(self) -> None:
        """Stops listening. A player lowered by the handler gets its volume back."""
        for subscription in self._subscriptions:
            subscription.cancel()
        self._run(self._let_go())

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        if not self._enabled:
            return
        if not event.begin:
            self._run(self._end(event))
        elif event.type is not AudioInterruptionType.DUCK:
            self._run(self._pause(event))
        elif not event.system_ducked:
            self._run(self._duck())

    def _on_noisy(self, _: None) -> None:
        if self._enabled:
            self._run(self._silence())

    # -- what is done to the player: each step decides once the calls before it are done -----

    def _pause(self, event: AudioInterruptionEvent) -> _Steps:
        playing = bool(getattr(self._player, "playing", True))
        mine = playing or self._paused
        self._paused = mine and event.type is AudioInterruptionType.PAUSE
        if playing:
            yield "pause", ()
        # Only now, lest it be heard at full volume for a moment.
        yield from self._unduck()

    def _duck(self) -> _Steps:
        if self._ducked is not None:
            return
        before = float(getattr(self._player, "volume", 1.0))
        lowered = before * self._duck_factor
        self._ducked = before, lowered
        yield "set_volume", (lowered,)
        # Read again, because a player may round what it is given.
        self._ducked = before, float(getattr(self._player, "volume", lowered))

    def _end(self, event: AudioInterruptionEvent) -> _Steps:
        yield from self._unduck()
        resumes, self._paused = self._paused and event.should_resume, False
        if resumes:
            yield "resume", ()

    def _silence(self) -> _Steps:
        self._paused = False
        yield "pause", ()

    def _let_go(self) -> _Steps:
        self._paused = False
        yield from self._unduck()

    def _unduck(self) -> _Steps:
        if self._ducked is None:
            return
        (before, lowered), self._ducked = self._ducked, None
        if getattr(self._player, "volume", lowered) == lowered:
            yield "set_volume", (before,)

    # -- carrying it out ---------------------------------------------------------------------

    def _run(self, steps: _Steps) -> None:
        if self._tail is not None and not self._tail.done():
            self._chain(self._later(self._tail, steps))
            return
        guarded = self._guarded(steps)
        for call in guarded:
            result = self._call(call)
            if not inspect.isawaitable(result):
                continue
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                _log.exception("a player with coroutine methods needs a running event loop")
                if inspect.iscoroutine(result):
                    result.close()
                continue
            self._chain(self._rest(result, call, guarded))
            return

    def _chain(self, work: Coroutine[Any, Any, None]) -> None:
        # The handler is the task's owner: it keeps it, logs its errors, and the next one waits.
        self._tail = asyncio.ensure_future(work)  # noqa: TID251

    async def _later(self, earlier: asyncio.Future[None], steps: _Steps) -> None:
        await asyncio.wait([earlier])
        await self._carry_out(self._guarded(steps))

    async def _rest(self, result: Awaitable[object], call: _Call, steps: _Steps) -> None:
        await self._finish(result, call)
        await self._carry_out(steps)

    async def _carry_out(self, steps: _Steps) -> None:
        for call in steps:
            result = self._call(call)
            if inspect.isawaitable(result):
                await self._finish(result, call)

    @staticmethod
    def _guarded(steps: _Steps) -> _Steps:
        try:
            yield from steps
        except Exception:
            _log.exception("the player's attributes cannot be read")

    def _call(self, call: _Call) -> object:
        method, arguments = call
        try:
            return getattr(self._player, method)(*arguments)
        except Exception:
            _log.exception("the player's %s() failed", method)
            return None

    @staticmethod
    async def _finish(result: Awaitable[object], call: _Call) -> None:
        try:
            await result
        except Exception:
            _log.exception("the player's %s() failed", call[0])
