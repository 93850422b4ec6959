"""The sessions of the service: those that apps open, and those opened for apps that do not."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..android.attributes import AndroidAudioAttributes
from ..android.constants import AndroidAudioContentType
from ..core.claims import Claim, Role
from ..core.effects import GainChanged, Standing
from ..core.gains import SILENCE_DB, Ramp
from ..devices import AudioDevice, AudioDevicesChangedEvent
from ..errors import ClosedError
from ..hosts.arbitrated import ArbitratedSession
from ..hosts.base import ActivationRequest, HostEvents
from ..interruptions import AudioInterruptionEvent
from .rules import Verdict, WhenHeld
from .scheduler import TimerHandle, wait_until

if TYPE_CHECKING:
    from .engine import Engine

_Content = AndroidAudioContentType
_SPEAKING = frozenset(
    {
        Role.SPEECH,
        Role.PROMPT,
        Role.ANNOUNCEMENT,
        Role.ASSISTANT,
        Role.SCREEN_READER,
        Role.CALL,
    }
)

_log = logging.getLogger("audiosession")


class ServiceSession(ArbitratedSession):
    """A session that an app opened; a :class:`~audiosession.hosts.base.HostSession`.

    :meth:`Engine.open_session` makes it.
    """

    def __init__(
        self,
        engine: Engine,
        id: str,
        *,
        app: str,
        app_key: str,
        client: str,
        pid: int | None,
        events: HostEvents,
    ) -> None:
        super().__init__(engine, id, app, _Guarded(events))
        self.app = app
        """What people call its app."""
        self.app_key = app_key
        """What tells its app from others."""
        self.client = client
        """The connection that must stay."""
        self.pid = pid
        """Its process; ``None`` when not known."""
        # Nobody else is to guess it: whoever knows it can tie streams to the session.
        self.token = secrets.token_hex(16)
        """What the stream property ``audiosession.id`` says to tie a stream to it."""
        self.ramp = Ramp()
        """The system's factor on it."""
        self.streams: dict[str, None] = {}
        """The keys of its streams."""
        self.lent: dict[str, None] = {}
        """The keys of streams that are treated as if it were not there: it asks for nothing."""
        self.attributes: AndroidAudioAttributes | None = None
        """What it plays in Android's words, where its app said so."""
        self.mutes = (False, False)
        """Whether the app silences its own recording, and its own playing."""
        self.resuming = False
        """A player in it was told to go on and has yet to sound."""
        self.resuming_timer: TimerHandle | None = None
        self._engine = engine

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return not self._open

    @property
    def asleep(self) -> bool:
        """Whether its app asks for nothing, and nothing of what it asked for is left."""
        arbiter = self._engine.arbiter
        if not self._open or arbiter.standing(self.id) is not Standing.INACTIVE:
            return False
        view = arbiter.view(self.id)
        return not (view.muted_by or view.holds) and view.target_db == 0.0

    @property
    def speaks(self) -> bool:
        """Whether what it plays is speech, as far as its app says.

        Android's content type says it, else Apple's mode and what the sound is for.
        """
        attributes, claim = self.attributes, self.claim
        if attributes is not None and attributes.content_type is not _Content.UNKNOWN:
            return attributes.content_type is _Content.SPEECH
        return claim is not None and (claim.spoken or claim.role in _SPEAKING)

    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        return self._engine.devices()

    async def quiet(self, timeout_s: float) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        self._check()
        scheduler = self._engine.scheduler
        now = scheduler.now
        done, late = self._engine.arbiter.quiet_at(self.id), now + timeout_s
        if done <= now:
            return True
        await wait_until(scheduler, min(done, late))
        if done > late:
            return False
        try:
            async with asyncio.timeout(max(0.0, late - scheduler.now)):
                await self._engine.flush()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        if self._open:
            await super().close()
            self._engine.session_left(self)

    def level_db(self, to_db: float) -> float:
        """Where a factor that the arbiter asks for is to go."""
        return to_db

    def _check(self) -> None:
        if not self._open:
            raise ClosedError(f"the session of {self.app!r}")

    def _claims(self, claim: Claim, request: ActivationRequest) -> None:
        super()._claims(claim, request)
        self.attributes = request.attributes
        self._engine.streams.report(self)
        self._engine.android.look()

    def _leaves(self) -> None:
        self._engine.session_leaves(self)

    def _moves(self, effect: GainChanged) -> None:
        self._engine.move(self, effect.to_db, effect.ramp_s)


class AdoptedSession:
    """A session opened for an app that knows nothing of audio sessions.

    Args:
        id: Its id.
        app: What people call its app.
        app_key: What tells its app from others.
        pid: Its process.
        verdict: What its streams are taken for.
        duck_db: How low the policy ducks, in dB.
    """

    def __init__(
        self, id: str, *, app: str, app_key: str, pid: int | None, verdict: Verdict, duck_db: float
    ) -> None:
        self.id = id
        self.app = app
        self.app_key = app_key
        self.client = f"adopted:{id}"
        self.pid = pid
        self.verdict = verdict
        self.ramp = Ramp()
        self.streams: dict[str, None] = {}
        self.closed = False
        self.stopped = False
        """It was stopped for good. Not asked for until it is heard anew: it fell silent and
        sounds again, or it could not be paused and whoever kept it silent is gone."""
        self.softly = False
        """It was stopped for good and comes back by itself: it takes the place of nobody, or
        those that stop each other would take turns for ever."""
        self.silenced = False
        """The arbiter keeps it silent."""
        self.refused = False
        """It may not be asked for before it falls silent and is heard anew."""
        self.resuming = False
        """Its player was told to go on and has yet to sound."""
        self.grace: TimerHandle | None = None
        """Until then a claim that weighs on others outlives its sound."""
        self.resuming_timer: TimerHandle | None = None
        self._duck_db = duck_db

    @property
    def never_paused(self) -> bool:
        """Whether it is lowered where others are paused."""
        return self.verdict.when_held is WhenHeld.DUCK

    def level_db(self, to_db: float) -> float:
        """Where a factor that the arbiter asks for is to go, as its rule has it."""
        if to_db >= 0.0 or (to_db <= SILENCE_DB and not self.never_paused):
            return to_db
        own = self.verdict.level_db
        if own is not None:
            return own
        return self._duck_db if to_db <= SILENCE_DB else to_db


AnySession = ServiceSession | AdoptedSession


class _Guarded:
    """Reports to an app; what it raises is logged and disturbs nobody."""

    def __init__(self, events: HostEvents) -> None:
        self._events = events

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._tell(lambda: self._events.interruption(event))

    def becoming_noisy(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._tell(self._events.becoming_noisy)

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._tell(lambda: self._events.devices_changed(event))

    def gained_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._tell(self._events.gained_claim)

    def lost_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._tell(self._events.lost_claim)

    def _tell(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception:
            _log.exception("a listener of an audio session failed")


__all__ = ["AdoptedSession", "AnySession", "ServiceSession"]
