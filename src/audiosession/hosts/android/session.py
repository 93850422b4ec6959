"""An app's session on an Android phone: audio focus in the words of the one API."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from ...configuration import AudioSessionConfiguration
from ...devices import AudioDevice, AudioDevicesChangedEvent
from ...errors import AudioSessionError, ClosedError, DeniedError, UnsupportedError
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType
from ..base import ActivationRequest, ActivationResult, Capability, HostEvents, Outcome
from .api import HOST
from .focus import (
    GAIN,
    LOSS,
    LOSS_TRANSIENT,
    LOSS_TRANSIENT_CAN_DUCK,
    FocusClient,
    asked_for,
    let_go,
)

if TYPE_CHECKING:
    from .host import AndroidHost

__all__ = ["REFUSED", "AndroidSession"]

_log = logging.getLogger("audiosession")

REFUSED: Final = "AUDIOFOCUS_REQUEST_FAILED"
"""What stands for the rule of a refusal, of which the phone says no more."""

_Type = AudioInterruptionType


class AndroidSession:
    """A session of the app; a :class:`~audiosession.hosts.base.HostSession`.

    The phone does not say who interrupts, nor whom it was that it refused an app for. A session
    that mixes with others without lowering them is active without the phone's knowing, which has
    no focus for that; it hears of no interruption then.

    Each call is made in the app's event loop. When that has ended, the next call's takes its
    place, and what the phone said meanwhile is told there.

    Args:
        host: The app's host.
        events: Where the app hears of it.
    """

    def __init__(self, host: AndroidHost, events: HostEvents) -> None:
        self._host = host
        self._events = events
        self._configuration: AudioSessionConfiguration | None = None
        # What it is active with, or waits to be.
        self._request: ActivationRequest | None = None
        self._active = False
        # What the app was told to do, as long as it was told of no end.
        self._begun: AudioInterruptionType | None = None
        self._user_paused = False
        self._losses = 0
        # A session that speaks in AudioManager's words is a client of its own.
        self._client: FocusClient | None = None
        self._closed = False

    @property
    def app_name(self) -> str:
        """The app's package."""
        return self._host.app

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._begun is not None

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`.

        While the session is active the phone is asked anew where focus is concerned. While it
        is interrupted that waits for the end, since it would take focus from whoever has it.

        Raises:
            DeniedError: The phone refused what the session would be now.
            UnsupportedError, JavaError: As :meth:`activate`.
        """
        self._catch_up()
        before = self._request
        if before is not None:
            request = ActivationRequest.of(configuration)
            asked = asked_for(request)
            if asked is not None and self.interrupted:
                self._host.shared.change(self, request)
            elif asked != asked_for(before):
                self._change(request)
            self._request = request
        self._configuration = configuration

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """See :class:`~audiosession.hosts.base.HostSession`. Asks the phone each time.

        Who mixes with others without lowering them asks for nothing, and is granted that.

        Raises:
            UnsupportedError: The phone is too old for what is asked, or apps may not ask it.
            JavaError: Java raised something.
        """
        losses = self._losses
        # What the phone has said already is about what the app had before.
        self._catch_up()
        outcome = self._ask(request)
        if outcome is Outcome.DENIED:
            return ActivationResult(outcome=outcome, rule=REFUSED)
        self._request = request
        self._active = outcome is Outcome.GRANTED
        self._begun, self._user_paused = None, False
        if self._active and self._losses != losses:
            self._events.gained_claim()
        return ActivationResult(outcome=outcome)

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`. The phone notifies others always.

        Raises:
            JavaError: Java raised something.
        """
        self._catch_up()
        if not self._abandon():
            return False
        self._forget()
        return True

    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`; API level 23."""
        self._check()
        return self._host.devices()

    async def quiet(self, timeout_s: float) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`.

        Raises:
            UnsupportedError: Always; the phone does not tell.
        """
        self._check()
        raise UnsupportedError(Capability.QUIET.value, HOST)

    async def user_action(self, *, paused: bool) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`. Kept here; the phone does not ask."""
        self._check()
        self._user_paused = paused

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`.

        Raises:
            IllegalRequestError: Another event loop is the app's, and runs.
        """
        if self._closed:
            return
        self._host.enter()
        self._closed = True
        let_go(lambda: self._host.shared.drop(self))
        if self._client is not None:
            let_go(self._client.close)
        self._host.closed(self)

    # -- what the phone tells ----------------------------------------------------------------

    def tell_focus(self, change: int) -> None:
        """See :class:`~audiosession.hosts.android.shared_focus.FocusHolder`."""
        shared = self._host.shared
        grant = shared.grant(self)

        def hear() -> None:
            # Else the app was granted focus since, and this is about what it had before that.
            if shared.grant(self) == grant:
                self._focus_changed(change)

        self._host.post(hear)

    def _own_changed(self, change: int) -> None:
        self._host.post(lambda: self._focus_changed(change))

    def _focus_changed(self, change: int) -> None:
        if self._closed or self._request is None:
            return
        if change >= GAIN:
            self._gained()
        elif change == LOSS:
            self._lost()
        elif change == LOSS_TRANSIENT:
            self._begin(_Type.PAUSE)
        elif change == LOSS_TRANSIENT_CAN_DUCK:
            self._begin(_Type.PAUSE if self._pauses else _Type.DUCK)
        else:
            _log.warning("the phone tells of a change of audio focus that is not known: %s", change)

    def becoming_noisy(self) -> None:
        """Sound is about to come out of a loudspeaker; for those who may sound."""
        if self._active and not self._closed:
            self._events.becoming_noisy()

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        if not self._closed:
            self._events.devices_changed(event)

    # -- inside ------------------------------------------------------------------------------

    @property
    def _pauses(self) -> bool:
        """Whether the app pauses where it is asked to go down.

        AudioManager's listeners are told what the phone says, whatever they do then.
        """
        request = self._request
        return request is not None and request.target_sdk is None and request.will_pause_when_ducked

    def _gained(self) -> None:
        if not self._active:
            self._active = True
            self._events.gained_claim()
        kind, self._begun = self._begun, None
        if kind is not None:
            resume = kind is _Type.PAUSE and not self._user_paused
            if kind is _Type.PAUSE and not resume:
                kind = _Type.UNKNOWN
            self._events.interruption(
                AudioInterruptionEvent(begin=False, type=kind, should_resume=resume)
            )
        try:
            self._host.shared.renew()
        except AudioSessionError:
            # The app's call that changed it is long over; what it had it has.
            _log.exception("the phone was not asked for what was configured meanwhile")

    def _lost(self) -> None:
        was_active = self._active
        if self._client is not None:
            self._client.lost()
        # It has focus in one way at a time, and what is told late may be about the other one.
        let_go(lambda: self._host.shared.drop(self))
        self._forget()
        self._losses += 1
        self._events.lost_claim()
        if was_active:
            self._events.interruption(AudioInterruptionEvent(begin=True, type=_Type.UNKNOWN))

    def _forget(self) -> None:
        self._request, self._active, self._begun = None, False, None
        self._user_paused = False

    def _begin(self, kind: AudioInterruptionType) -> None:
        if kind is not self._begun:
            self._begun = kind
            self._events.interruption(AudioInterruptionEvent(begin=True, type=kind))

    def _change(self, request: ActivationRequest) -> None:
        """Asks for something else than before."""
        outcome = self._ask(request)
        if outcome is Outcome.DENIED:
            raise DeniedError(self.app_name, None, REFUSED)
        was_active, self._active = self._active, outcome is Outcome.GRANTED
        # Who has given focus back is not interrupted any more.
        self._begun = None
        if self._active and not was_active:
            self._events.gained_claim()

    def _ask(self, request: ActivationRequest) -> Outcome:
        if asked_for(request) is None:
            return Outcome.GRANTED if self._abandon() else Outcome.DENIED
        if request.target_sdk is None:
            outcome = self._host.shared.request(self, request)
            if outcome is not Outcome.DENIED and self._client is not None:
                self._client.abandon()
            return outcome
        if self._client is None:
            self._client = self._host.own_client(self._own_changed)
        outcome = self._client.request(request)
        if outcome is not Outcome.DENIED:
            self._host.shared.abandon(self)
        return outcome

    def _abandon(self) -> bool:
        if self._client is not None and not self._client.abandon():
            return False
        return self._host.shared.abandon(self)

    def _catch_up(self) -> None:
        """Hears at once what the phone has said already, which may close the session."""
        self._check()
        self._host.catch_up()
        self._check()

    def _check(self) -> None:
        """Makes sure that it can be used, and in this event loop.

        Raises:
            ClosedError: It was closed.
            IllegalRequestError: Another event loop is the app's, and runs.
        """
        if self._closed:
            raise ClosedError("this session")
        self._host.enter()
