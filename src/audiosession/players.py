"""Pausing, lowering and resuming a player as a session's interruptions ask."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol

from .errors import InvalidTypeError, InvalidValueError
from .interruptions import AudioInterruptionEvent, AudioInterruptionType
from .streams import EventStream

_log = logging.getLogger("audiosession")


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
    user, it leaves alone. Made by :meth:`audiosession.AudioSession.handle_interruptions`.
    Calls reach the player in the order of the events, also when its methods are coroutines.
    A player that raises is logged, and the next event is handled all the same.
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
        if isinstance(duck_factor, bool) or not isinstance(duck_factor, int | float):
            raise InvalidTypeError("duck_factor", duck_factor, expected="a number")
        if not 0.0 <= duck_factor <= 1.0:
            raise InvalidValueError("duck_factor", duck_factor, expected="from 0.0 to 1.0")
        self._player = player
        self._duck_factor = float(duck_factor)
        self._enabled = enabled
        self._paused = False
        self._volume: float | None = None
        self._tail: asyncio.Future[None] | None = None
        self._subscriptions = (
            interruptions.listen(self._on_interruption),
            noisy.listen(self._on_noisy),
        )

    @property
    def enabled(self) -> bool:
        """Whether events are acted on. Switching off undoes nothing that was done."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise InvalidTypeError("enabled", value, expected="True or False")
        self._enabled = value

    def cancel(self) -> None:
        """Stops listening. A player lowered by the handler gets its volume back."""
        for subscription in self._subscriptions:
            subscription.cancel()
        self._unduck()

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        if not self._enabled:
            return
        if not event.begin:
            self._unduck()
            if self._paused and event.should_resume:
                self._do("resume")
            self._paused = False
        elif event.type is AudioInterruptionType.DUCK:
            if not event.system_ducked and self._volume is None:
                self._volume = float(getattr(self._player, "volume", 1.0))
                self._do("set_volume", self._volume * self._duck_factor)
        else:
            self._unduck()
            playing = getattr(self._player, "playing", True) or self._paused
            self._paused = bool(playing) and event.type is AudioInterruptionType.PAUSE
            if playing:
                self._do("pause")

    def _on_noisy(self, _: None) -> None:
        if self._enabled:
            self._paused = False
            self._do("pause")

    def _unduck(self) -> None:
        if self._volume is not None:
            volume, self._volume = self._volume, None
            self._do("set_volume", volume)

    def _do(self, method: str, *arguments: float) -> None:
        if self._tail is not None and not self._tail.done():
            self._chain(self._after(self._tail, method, arguments))
            return
        try:
            result = getattr(self._player, method)(*arguments)
        except Exception:
            _log.exception("the player's %s() failed", method)
            return
        if inspect.isawaitable(result):
            self._chain(self._finish(result, method))

    def _chain(self, work: Coroutine[Any, Any, None]) -> None:
        # The handler is the task's owner: it keeps it, logs its errors, and the next one waits.
        self._tail = asyncio.ensure_future(work)  # noqa: TID251

    async def _after(
        self, earlier: asyncio.Future[None], method: str, arguments: tuple[float, ...]
    ) -> None:
        await asyncio.wait([earlier])
        try:
            result = getattr(self._player, method)(*arguments)
            if inspect.isawaitable(result):
                await result
        except Exception:
            _log.exception("the player's %s() failed", method)

    async def _finish(self, result: Awaitable[object], method: str) -> None:
        try:
            await result
        except Exception:
            _log.exception("the player's %s() failed", method)
