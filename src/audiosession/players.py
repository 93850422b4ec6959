"""Pausing, lowering and resuming a player as a session's interruptions ask."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, Protocol

from ._checks import check_flag
from .errors import InvalidTypeError, InvalidValueError
from .interruptions import AudioInterruptionEvent, AudioInterruptionType
from .streams import EventStream

_log = logging.getLogger("audiosession")

_Call = tuple[str, Callable[[], object]]
_Steps = Generator[_Call, object, None]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What a handler needs of the session it belongs to."""

    interruptions: EventStream[AudioInterruptionEvent]
    """The session's interruptions."""
    noisy: EventStream[None]
    """Says that the output became noisy."""
    over: EventStream[None]
    """Says that no interruption is running any more, where no event says it."""
    asking: Callable[[], bool]
    """Whether the app itself is asking for the audio or giving it up right now."""
    lost: Callable[[], bool]
    """Whether the session lost the audio and has not asked for it since."""
    reclaim: Callable[[], Awaitable[bool]]
    """Asks for the audio again; whether that is granted."""


class InterruptionHandler:
    """Does to one player what the interruptions of a session ask.

    What the handler paused it resumes when it is told to; what was paused before, or by the
    user, it leaves alone. A volume that was changed while the handler had it lowered stays as
    it was changed. Where the interruption ended the session's activation, as on Apple's
    phones, the handler activates the session again and resumes only when that is granted
    (Apple, "Handling audio interruptions": reactivate the session, then resume).

    When the app itself activates or gives up the session, what the handler lowered gets its
    volume back and what it paused is the app's own business again: the handler resumes nothing
    by itself then. Made by :meth:`audiosession.AudioSession.handle_interruptions`.

    Plain methods of the player are called before the event's delivery ends. Where one is a
    coroutine function, the next call waits for it, so calls never overtake each other. A
    player that raises is logged, and the next event is handled all the same.
    """

    def __init__(
        self,
        player: Player,
        ties: Ties,
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
        self._ties = ties
        self._paused = False
        # Counts what takes back a resumption that waits for the session.
        self._objections = 0
        self._ducked: tuple[float, float] | None = None
        self._tail: asyncio.Future[None] | None = None
        self._subscriptions = (
            ties.interruptions.listen(self._on_interruption),
            ties.noisy.listen(self._on_noisy),
            ties.over.listen(self._on_over),
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
            self._objections += 1
            self._run(self._let_go())
        self._enabled = value

    def cancel(self) -> None:
        """Stops listening. A player lowered by the handler gets its volume back."""
        for subscription in self._subscriptions:
            subscription.cancel()
        self._objections += 1
        self._run(self._let_go())

    async def settled(self) -> None:
        """Returns when what the events so far ask of the player is done.

        For tests, and players with coroutine methods; plain ones are called during the event
        unless the session has to be activated first.
        """
        while self._tail is not None and not self._tail.done():
            await asyncio.wait([self._tail])

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        if not self._enabled:
            return
        if not event.begin:
            # Whoever asks for the audio starts the player too, or has reasons not to.
            resume = event.should_resume and not self._ties.asking()
            self._run(self._end(resume, self._objections))
        elif event.type is not AudioInterruptionType.DUCK:
            self._run(self._pause())
        elif not event.system_ducked:
            self._run(self._duck())

    def _on_noisy(self, _: None) -> None:
        if self._enabled:
            self._objections += 1
            self._run(self._silence())

    def _on_over(self, _: None) -> None:
        if self._enabled and not self._idle:
            self._run(self._let_go())

    @property
    def _idle(self) -> bool:
        """Nothing is lowered or paused, nor about to be."""
        at_rest = self._tail is None or self._tail.done()
        return at_rest and self._ducked is None and not self._paused

    # -- what is done to the player: each step decides once the calls before it are done -----

    def _pause(self) -> _Steps:
        playing = bool(getattr(self._player, "playing", True))
        # Also where it may be for good: whether to resume is said at the end, if there is one.
        self._paused = playing or self._paused
        if playing:
            yield "the player's pause()", self._player.pause
        # Only now, lest it be heard at full volume for a moment.
        yield from self._unduck()

    def _duck(self) -> _Steps:
        if self._ducked is not None:
            return
        before = float(getattr(self._player, "volume", 1.0))
        lowered = before * self._duck_factor
        self._ducked = before, lowered
        yield self._volume(lowered)
        # Read again, because a player may round what it is given.
        self._ducked = before, float(getattr(self._player, "volume", lowered))

    def _end(self, resume: bool, objections: int) -> _Steps:
        yield from self._unduck()
        resume, self._paused = resume and self._paused, False
        if resume and self._ties.lost():
            resume = (yield "the session's set_active()", self._ties.reclaim) is True
        if resume and objections == self._objections:
            yield "the player's resume()", self._player.resume

    def _silence(self) -> _Steps:
        self._paused = False
        yield "the player's pause()", self._player.pause

    def _let_go(self) -> _Steps:
        self._paused = False
        yield from self._unduck()

    def _unduck(self) -> _Steps:
        if self._ducked is None:
            return
        (before, lowered), self._ducked = self._ducked, None
        if getattr(self._player, "volume", lowered) == lowered:
            yield self._volume(before)

    def _volume(self, volume: float) -> _Call:
        return "the player's set_volume()", lambda: self._player.set_volume(volume)

    # -- carrying it out ---------------------------------------------------------------------

    def _run(self, steps: _Steps) -> None:
        if self._tail is not None and not self._tail.done():
            self._chain(self._later(self._tail, steps))
            return
        call = self._next(steps, None)
        while call is not None:
            result = self._call(call)
            if inspect.isawaitable(result):
                try:
                    asyncio.get_running_loop()
                except RuntimeError:
                    _log.exception("%s, a coroutine, needs a running event loop", call[0])
                    if inspect.iscoroutine(result):
                        result.close()
                    result = None
                else:
                    self._chain(self._rest(result, call, steps))
                    return
            call = self._next(steps, result)

    def _chain(self, work: Coroutine[Any, Any, None]) -> None:
        # The handler is the task's owner: it keeps it, logs its errors, and the next one waits.
        self._tail = asyncio.ensure_future(work)  # noqa: TID251

    async def _later(self, earlier: asyncio.Future[None], steps: _Steps) -> None:
        await asyncio.wait([earlier])
        await self._carry_out(steps, None)

    async def _rest(self, result: Awaitable[object], call: _Call, steps: _Steps) -> None:
        await self._carry_out(steps, await self._finish(result, call))

    async def _carry_out(self, steps: _Steps, result: object) -> None:
        while (call := self._next(steps, result)) is not None:
            result = self._call(call)
            if inspect.isawaitable(result):
                result = await self._finish(result, call)

    @staticmethod
    def _next(steps: _Steps, result: object) -> _Call | None:
        """Gives the steps what the last call gave, and has them say the next."""
        try:
            return steps.send(result)
        except StopIteration:
            return None
        except Exception:
            _log.exception("the player's attributes cannot be read")
            return None

    @staticmethod
    def _call(call: _Call) -> object:
        name, function = call
        try:
            return function()
        except Exception:
            _log.exception("%s failed", name)
            return None

    @staticmethod
    async def _finish(result: Awaitable[object], call: _Call) -> object:
        try:
            return await result
        except Exception:
            _log.exception("%s failed", call[0])
            return None
