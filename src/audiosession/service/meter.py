"""Whether a stream that runs carries sound: programs also feed zeros for as long as they wait.

Only streams are measured for which it matters: those that run, can be heard, and in whose name
others are lowered or paused. As long as there is none, nothing runs and nothing wakes up. A
stream counts as silent until something is heard of it, then for as long as nothing was for
:data:`SILENCE_S`; it is heard again with the first sample above :data:`SILENT_DB`.

Servers measure behind the volume, so what they say is set against the stream's own volume and
our factor. Where that leaves too little to measure, what was found before stays.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ..core.gains import to_linear
from .adoption import KnownStream, weighs
from .scheduler import Scheduler, TimerHandle
from .servers.base import ServerStream
from .sessions import AdoptedSession

if TYPE_CHECKING:
    from .fader import Fader

RATE_HZ = 10
"""How many peaks a second a server is to tell: the least that still finds a sound in 0.1 s."""
SILENT_DB = -70.0
"""A peak below this is silence, in dB of full scale. Sound that fills a room with 90 dB SPL at
full scale is then at 20 dB SPL, less than a quiet room has of itself; the noise that 16 bits
are dithered with lies below, at -90 dB."""
SILENCE_S = 0.5
"""How long nothing is heard of a stream until it counts as silent, in seconds: words of a
sentence are nearer to each other."""
FIRST_S = 0.5
"""How long a stream whose meter says nothing yet counts as silent, in seconds. A peak takes a
tenth of a second; PulseAudio keeps it back until it sounds, which an idle sink makes seconds."""
LEAST_GAIN_DB = -50.0
"""Below this gain of volume and factor the measure is not believed, in dB: with the 16 bits that
many sinks have, what is left of a sound would be nothing."""
MAX_METERS = 32
"""Most streams measured at once; others count as heard."""

_RETRY_S = 0.2
_MAX_TRIES = 5
_LISTEN_S = 5.0
_DEAF_S = 10.0

_SILENT = to_linear(SILENT_DB)
_LEAST_GAIN = to_linear(LEAST_GAIN_DB)

_log = logging.getLogger("audiosession")


class Ears(Protocol):
    """Measures streams of one sound server, behind their volume and factor."""

    async def listen(
        self, stream: ServerStream, heard: Callable[[float], None], lost: Callable[[str], None]
    ) -> Callable[[], None]:
        """Measures a playback stream until what is returned is called.

        Args:
            stream: The stream.
            heard: Called with every peak since the last, linear, :data:`RATE_HZ` times a second
                while sound is asked of the stream.
            lost: Called with the reason when there will be no more peaks.

        Raises:
            HostUnavailableError: nothing can be measured on this server.
            LookupError: the stream is not there, or not any more.
        """

    def close(self) -> None:
        """Leaves the server; :meth:`listen` may come again."""


@dataclass(slots=True, eq=False)
class _Metered:
    """A stream that is measured."""

    known: KnownStream
    ears: Ears
    endpoint: str
    loud_at: float
    """When it was heard last, as far as is known."""
    tries: int = 0
    measured: bool = False
    """Whether anything was measured that can be believed."""
    over: bool = False
    stop: Callable[[], None] | None = None
    timer: TimerHandle | None = None


class Meter:
    """See the module.

    Args:
        scheduler: Clock and timers.
        fader: Knows the factors.
        ears: What measures streams of a server, by its name; ``None``: nothing does.
        spawn: Runs what takes a while.
        changed: Called when a stream is found to be silent, or not to be.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        fader: Fader,
        *,
        ears: Callable[[str], Ears | None],
        spawn: Callable[[Coroutine[Any, Any, None]], None],
        changed: Callable[[KnownStream], None],
    ) -> None:
        self._scheduler = scheduler
        self._fader = fader
        self._ears = ears
        self._spawn = spawn
        self._changed = changed
        self._metered: dict[str, _Metered] = {}
        self._waiting: dict[str, KnownStream] = {}
        self._deaf: dict[str, float] = {}
        self._given_up: dict[str, str] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._metered)

    def look(self, known: KnownStream) -> None:
        """Something about the stream differs: begins to measure it, ends that, or goes on."""
        metered = self._metered.get(known.key)
        ears = self._ears(known.server.name)
        if ears is None or not _matters(known) or not self._can(known.server.name):
            self.forget(known)
        elif self._given_up.get(known.key) == known.stream.endpoint:
            return
        elif metered is None and len(self._metered) >= MAX_METERS:
            self._waiting[known.key] = known
        elif metered is None:
            self._waiting.pop(known.key, None)
            known.silent = known.unheard = True
            self._begin(known, ears, tries=0)
        elif metered.endpoint != known.stream.endpoint:
            # PulseAudio ends the meter of a stream that goes to another sink.
            self._end(metered)
            self._begin(known, ears, tries=0)

    def forget(self, known: KnownStream) -> None:
        """The stream is gone or need not be measured: it counts as heard."""
        self._waiting.pop(known.key, None)
        self._given_up.pop(known.key, None)
        known.silent = known.unheard = False
        metered = self._metered.get(known.key)
        if metered is not None:
            self._end(metered)
            if self._waiting and not self._closed:
                following = self._waiting.pop(next(iter(self._waiting)))
                self._scheduler.call_at(self._scheduler.now, lambda: self._take_turn(following))

    def server_lost(self, server: str) -> None:
        """A server is gone, after its streams; another one may be able to measure again."""
        self._deaf.pop(server, None)
        ears = self._ears(server)
        if ears is not None:
            ears.close()

    def close(self) -> None:
        """Measures nothing any more."""
        self._closed = True
        self._waiting.clear()
        for metered in list(self._metered.values()):
            self._end(metered)

    # -- inside ------------------------------------------------------------------------------

    def _can(self, server: str) -> bool:
        """Whether to try: what failed is left alone for a while."""
        return not self._closed and self._scheduler.now >= self._deaf.get(server, 0.0)

    def _begin(self, known: KnownStream, ears: Ears, *, tries: int) -> None:
        metered = self._metered[known.key] = _Metered(
            known=known,
            ears=ears,
            endpoint=known.stream.endpoint,
            loud_at=self._scheduler.now,
            tries=tries,
        )
        due = self._scheduler.now + FIRST_S
        metered.timer = self._scheduler.call_at(due, lambda: self._late(metered))
        self._spawn(self._listen(metered))

    def _end(self, metered: _Metered) -> None:
        metered.over = True
        if self._metered.get(metered.known.key) is metered:
            del self._metered[metered.known.key]
        _stop_timer(metered)
        if metered.stop is not None:
            metered.stop()
            metered.stop = None

    async def _listen(self, metered: _Metered) -> None:
        server = metered.known.server.name
        try:
            async with asyncio.timeout(_LISTEN_S):
                stop = await metered.ears.listen(
                    metered.known.stream,
                    lambda peak: self._heard(metered, peak),
                    lambda reason: self._lost(metered, reason),
                )
        except (LookupError, TimeoutError) as error:
            self._lost(metered, str(error) or type(error).__name__)
        except Exception as error:
            # Whatever the reason is, sound is not to be taken for silence.
            if server not in self._deaf:
                _log.info("streams of %s cannot be measured and count as heard: %s", server, error)
            self._deaf[server] = self._scheduler.now + _DEAF_S
            for each in [one for one in self._metered.values() if one.ears is metered.ears]:
                self._end(each)
                # Looked at anew, it counts as heard.
                self._tell(each.known)
        else:
            if metered.over:
                stop()
            else:
                metered.stop = stop

    def _heard(self, metered: _Metered, peak: float) -> None:
        if metered.over:
            return
        _stop_timer(metered)
        metered.tries = 0
        self._deaf.pop(metered.known.server.name, None)
        known, now = metered.known, self._scheduler.now
        gain = max(known.stream.volumes, default=0.0)
        if known.key in self._fader:
            gain *= to_linear(self._fader.factor_db(known.key))
        if gain < _LEAST_GAIN:
            metered.loud_at = now
            if known.silent and not metered.measured:
                # Nobody can tell, and sound is not to be taken for silence.
                self._find(known, silent=False)
            return
        metered.measured = True
        if peak >= _SILENT * gain:
            metered.loud_at = now
            known.unheard = False
            if known.silent:
                self._find(known, silent=False)
        elif not known.silent and now - metered.loud_at >= SILENCE_S:
            self._find(known, silent=True)

    def _late(self, metered: _Metered) -> None:
        """Nothing was measured for too long: it counts as heard until something is."""
        metered.timer = None
        if metered.over:
            return
        metered.loud_at = self._scheduler.now
        if metered.known.silent:
            self._find(metered.known, silent=False)

    def _lost(self, metered: _Metered, reason: str) -> None:
        """Its meter ended by itself, most often because the stream ends too or moves."""
        if metered.over:
            return
        known = metered.known
        self._end(metered)
        if metered.tries >= _MAX_TRIES:
            _log.info("%s cannot be measured, so it counts as heard: %s", known.app, reason)
            self._given_up[known.key] = metered.endpoint
            known.unheard = False
            if known.silent:
                self._find(known, silent=False)
            return
        # It keeps its place, so that nobody begins anew meanwhile.
        again = self._metered[known.key] = _Metered(
            known=known,
            ears=metered.ears,
            endpoint=metered.endpoint,
            loud_at=self._scheduler.now,
            tries=metered.tries + 1,
        )
        due = self._scheduler.now + _RETRY_S
        again.timer = self._scheduler.call_at(due, lambda: self._retry(again))

    def _retry(self, waited: _Metered) -> None:
        waited.timer = None
        if not waited.over:
            self._end(waited)
            self._begin(waited.known, waited.ears, tries=waited.tries)

    def _take_turn(self, known: KnownStream) -> None:
        if not self._closed and known.session is not None:
            self._tell(known)

    def _find(self, known: KnownStream, *, silent: bool) -> None:
        known.silent = silent
        self._tell(known)

    def _tell(self, known: KnownStream) -> None:
        try:
            self._changed(known)
        except Exception:
            # It must not reach into what measures.
            _log.exception("what %s sounds like was not dealt with", known.app)


def _matters(known: KnownStream) -> bool:
    """Whether others are lowered or paused for as long as the stream sounds."""
    session = known.session
    return (
        isinstance(session, AdoptedSession)
        and not session.closed
        and known.plays
        and known.stream.audible
        and weighs(session.verdict.claim)
    )


def _stop_timer(metered: _Metered) -> None:
    if metered.timer is not None:
        metered.timer.cancel()
        metered.timer = None


__all__ = [
    "FIRST_S",
    "LEAST_GAIN_DB",
    "MAX_METERS",
    "RATE_HZ",
    "SILENCE_S",
    "SILENT_DB",
    "Ears",
    "Meter",
]
