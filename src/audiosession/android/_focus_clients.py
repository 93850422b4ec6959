"""One client of audio focus: what it holds, and what its listener is told.

A host tells of interruptions; a client turns them into Android's changes of focus. A loss is
told when it differs from the one told before, and a gain only to who was told of a loss, or
who waited (android 13, 17, 32, 56).
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum

from audiosession.android.audio_focus_request import AudioFocusRequest
from audiosession.android.focus_constants import AndroidAudioFocus
from audiosession.devices import AudioDevicesChangedEvent
from audiosession.hosts.base import ActivationRequest, HostSession, Outcome
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType

_Focus = AndroidAudioFocus
_LOSSES = {
    AudioInterruptionType.DUCK: _Focus.LOSS_TRANSIENT_CAN_DUCK,
    AudioInterruptionType.PAUSE: _Focus.LOSS_TRANSIENT,
    AudioInterruptionType.UNKNOWN: _Focus.LOSS,
}

_BY_HARDNESS = (_Focus.NONE, _Focus.LOSS_TRANSIENT_CAN_DUCK, _Focus.LOSS_TRANSIENT, _Focus.LOSS)

_log = logging.getLogger("audiosession")


class _Claim(Enum):
    """What a host says of a claim besides interruptions."""

    GAINED = "gained"
    """It is in force."""
    LOST = "lost"
    """It is gone for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a client had before it asked again."""

    request: AudioFocusRequest
    """What it had asked with."""
    asked: ActivationRequest
    """The same in a host's words."""
    in_force: bool
    """Whether it had focus as far as it knew: it neither waited nor was told of a loss."""
    losses: int
    """How often it had lost an entry for good."""


class FocusClient:
    """A client that has focus, waits for it, or was told of a loss for a while (android 3).

    Args:
        key: What tells it from other clients.
        request: What it asked with last.
        gone: Called when it has lost focus for good.
    """

    def __init__(
        self, key: Hashable, request: AudioFocusRequest, gone: Callable[[FocusClient], None]
    ) -> None:
        self.key = key
        self.request = request
        self.seat: Seat
        """Where it sits while it has an entry."""
        self.asked: ActivationRequest
        """What the host granted last, or puts off."""
        self.losses = 0
        """How often it lost an entry for good."""
        self._gone = gone
        # The loss that was told, as long as no gain was.
        self._received = _Focus.NONE
        self._waiting = False
        self._lost = False
        self._asking = False
        # What was told last since it began to ask.
        self._told: AndroidAudioFocus | None = None
        self._early: list[AudioInterruptionEvent | _Claim] = []

    @property
    def lost(self) -> bool:
        """Whether its entry is gone for good (android 14)."""
        return self._lost

    def ask(self) -> None:
        """It is about to ask. What is heard meanwhile is told when the answer is there."""
        self._asking = True

    def held(self) -> Held:
        """What it has now, to be given to :meth:`unanswered` when the next answer is not heard."""
        self._told = None
        return Held(
            request=self.request, asked=self.asked, in_force=self._in_force, losses=self.losses
        )

    def unanswered(self, before: Held) -> None:
        """Nobody heard the answer: tells of what is no longer as it was.

        Args:
            before: What it had before it asked.
        """
        self.request = before.request
        if self._lost:
            return
        believed = before.in_force if self._told is None else self._told is _Focus.GAIN
        if self._in_force and not believed:
            self._gain()
        elif self._waiting and believed:
            self._lose(_Focus.LOSS_TRANSIENT)

    @property
    def _in_force(self) -> bool:
        return not self._waiting and self._received is _Focus.NONE

    def answered(self, outcome: Outcome | None, *, interrupted: bool = False) -> None:
        """The answer is there; ``None``: there is none.

        Args:
            outcome: The answer.
            interrupted: Whether an interruption still runs of which the host told.
        """
        self._asking = False
        early, self._early = self._early, []
        waited = self._waiting
        taken = outcome is Outcome.GRANTED or outcome is Outcome.DELAYED
        if taken:
            self._waiting = outcome is Outcome.DELAYED
        for what in early:
            if what is _Claim.GAINED and taken and self._lost:
                # What was lost was the entry before this one.
                self._lost, self._received = False, _Focus.NONE
            elif what is _Claim.GAINED and taken:
                self._waiting = self._waiting or waited
                self._hear(what)
            else:
                if taken and isinstance(what, AudioInterruptionEvent) and what.begin:
                    self._look_whether_new(_LOSSES[what.type])
                self._hear(what)
        if taken and not interrupted and not self._lost:
            # The app asked again, and nobody tells that what it had lost it has now.
            self._received = _Focus.NONE
        if self._lost:
            self._gone(self)

    def _look_whether_new(self, loss: AndroidAudioFocus) -> None:
        """A loss while it asks may be of what it asked for, which nobody has lost yet.

        One entry's losses only get harder (android 13), so another one's it is that does not.
        """
        if _BY_HARDNESS.index(loss) <= _BY_HARDNESS.index(self._received):
            self._received = _Focus.NONE

    def hear(self, what: AudioInterruptionEvent | _Claim) -> None:
        """The host says something of the client's claim."""
        if self._asking:
            self._early.append(what)
            return
        self._hear(what)
        if self._lost:
            self._gone(self)

    def _hear(self, what: AudioInterruptionEvent | _Claim) -> None:
        if what is _Claim.LOST:
            self._lost = True
            self.losses += 1
            self._waiting = False
            self._lose(_Focus.LOSS)
        elif what is _Claim.GAINED:
            if self._waiting:
                self._waiting = False
                self._gain()
        elif isinstance(what, AudioInterruptionEvent) and not self._lost:
            if not what.begin:
                if self._received is not _Focus.NONE:
                    self._gain()
            elif not (what.type is AudioInterruptionType.DUCK and what.system_ducked):
                # Who is lowered by the system is not told (android 32).
                self._lose(_LOSSES[what.type])

    def _lose(self, loss: AndroidAudioFocus) -> None:
        if loss is not self._received:
            self._received = loss
            self.tell(loss)

    def _gain(self) -> None:
        self._received = _Focus.NONE
        self.tell(_Focus.GAIN)

    def tell(self, change: AndroidAudioFocus) -> None:
        """Calls the listener, where there is one; what it raises is logged."""
        self._told = change
        listener, handler = self.request.listener, self.request.handler
        if listener is None:
            return

        def call() -> None:
            try:
                result = listener(change)
            except Exception:
                _log.exception("a listener of audio focus failed at %s", change.name)
                return
            if inspect.iscoroutine(result):
                result.close()
                _log.error("a listener of audio focus returned a coroutine, which is not run")

        if handler is None:
            call()
            return
        try:
            handler(call)
        except Exception:
            _log.exception("a handler of audio focus failed at %s", change.name)


class Seat:
    """A session on the host, which one client after the other has; its HostEvents too.

    Who asks next takes over what the system still does to the players of the one before, such
    as a fade that is not undone yet, and ends it, as any client of an app does (android 43).
    """

    def __init__(self) -> None:
        self.session: HostSession
        self.client: FocusClient | None = None
        """Who sits there; ``None``: nobody."""
        self._lost = False

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        lost, self._lost = self._lost, False
        if lost and event.begin and event.type is not AudioInterruptionType.DUCK:
            # It says once more what was lost, and the next client may sit here already.
            return
        if self.client is not None:
            self.client.hear(event)

    def gained_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._lost = False
        if self.client is not None:
            self.client.hear(_Claim.GAINED)

    def lost_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""
        self._lost = True
        if self.client is not None:
            self.client.hear(_Claim.LOST)

    def becoming_noisy(self) -> None:
        """Focus has nothing to do with it."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Focus has nothing to do with it."""
