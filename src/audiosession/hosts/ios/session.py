"""An app's session on an iPhone or iPad."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...apple.names import AVAudioSessionNotificationName
from ...configuration import AudioSessionConfiguration
from ...devices import AudioDevice, AudioDevicesChangedEvent
from ...errors import (
    ClosedError,
    DeniedError,
    HostUnavailableError,
    HostUnavailableReason,
    UnsupportedError,
)
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from ..base import ActivationRequest, ActivationResult, Capability, HostEvents, Outcome
from .bridge import ObjCError
from .errors import REFUSALS, as_error, as_ns_error, rule_of
from .events import Note, interruption_of, lost_its_device, was_suspended
from .phone import Settings
from .ports import devices_of
from .threads import IntoLoop, call_logged

if TYPE_CHECKING:
    from .apple_device import IOSAppleDevice
    from .host import IOSHost

T = TypeVar("T")

_Name = AVAudioSessionNotificationName
_Code = AVAudioSessionErrorCode

DEACTIVATES_ALL_THE_SAME: Final = ((8, 0), (26, 0))
"""From the first system to before the second, a deactivation that fails with ``IS_BUSY`` takes
effect (apple 38)."""

NOT_TO_RESUME: Final = AudioInterruptionEvent(begin=False, type=AudioInterruptionType.UNKNOWN)
"""The end for an app whose user has paused it."""

_log = logging.getLogger("audiosession")


class IOSSession:
    """A session of an app; a :class:`~audiosession.hosts.base.HostSession`.

    The phone decides. What it refuses for now is denied, with Apple's name of the code as the
    rule; the loss of its media services is that of the host; any other error is raised as it
    is, an :class:`~audiosession.apple.errors.NSError`.

    Args:
        host: The phone.
        events: Where the app hears of it.
        loop: The way into its event loop; where that is over, into that of its next call. Where
            it leads into another running one meanwhile, the next call finds a way of its own.
    """

    def __init__(self, host: IOSHost, events: HostEvents, loop: IntoLoop) -> None:
        self.loop = loop
        """The way into the app's event loop."""
        self._host = host
        self._phone = host.phone
        self._events = events
        self._closed = False
        self._active = False
        self._interrupted = False
        self._services_lost = False
        # Whether its user has paused since it was activated, and not started again.
        self._user_paused = False
        # The moment of the last grant, or of giving up; what was posted before it is over.
        self._since = 0
        # What is said while the phone is being asked; told after the answer.
        self._asking = False
        self._held: list[Callable[[], object]] = []
        # The devices its app knows of, and when they were read.
        self._devices: frozenset[AudioDevice] | None = None
        self._devices_read = 0
        self.refusal: NSError | None = None
        """What the phone answered to the last call that it refused; ``None`` after one that it
        granted."""

    @property
    def app_name(self) -> str:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._host.app

    @property
    def interrupted(self) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`."""
        return self._interrupted

    @property
    def active(self) -> bool:
        """Whether its last activation was granted and is still in force."""
        return self._active

    @property
    def apple_device(self) -> IOSAppleDevice:
        """What AVAudioSession needs of the phone."""
        return self._host.apple_device

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`.

        The phone is told at once, also while the session is inactive (apple 4), except while
        another session of the app is active and this one is not.

        Raises:
            DeniedError: the phone refuses for now.
            NSError: it refuses, such as a combination that it does not know.
            HostUnavailableError: its media services are lost.
        """
        self._use()
        settings = Settings.of(configuration)
        try:
            await self._ask(lambda: self._phone.configure(self, settings))
        except NSError as error:
            if error.code in REFUSALS:
                raise DeniedError(self.app_name, None, rule_of(error)) from error
            raise as_error(error) from error

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        """See :class:`~audiosession.hosts.base.HostSession`.

        Raises:
            UnsupportedError: it asks in Android's words, which an iPhone does not know.
            NSError: the phone fails, and not because somebody else has the audio.
            HostUnavailableError: its media services are lost, or it does not answer.
            ClosedError: it was closed meanwhile, and what was granted is given up.
        """
        self._use()
        if request.target_sdk is not None:
            raise UnsupportedError("audio focus", self._host.name)
        settings = Settings.of(request.configuration)
        try:
            with self._holding():
                self._since = await self._ask(lambda: self._phone.activate(self, settings))
        except NSError as error:
            if error.code in REFUSALS:
                return ActivationResult(outcome=Outcome.DENIED, rule=rule_of(error))
            raise as_error(error) from error
        except asyncio.CancelledError:
            self._take_back()
            raise
        except HostUnavailableError as error:
            if error.reason is HostUnavailableReason.TIMED_OUT:
                self._take_back()
            raise
        self._check_open()
        self._active, self._interrupted, self._services_lost = True, False, False
        self._user_paused = False
        return ActivationResult(outcome=Outcome.GRANTED)

    async def deactivate(self, *, notify_others: bool) -> bool:
        """See :class:`~audiosession.hosts.base.HostSession`.

        An error of the phone is ``False``, and is kept in :attr:`refusal`: the app can but go
        on. From iOS 8 to 25 a deactivation while the app still plays or records is refused and
        takes effect all the same (apple 38): the app is told the loss then. So it is where a
        deactivation takes effect that is not waited for any more.

        Raises:
            HostUnavailableError: its media services are lost, or it does not answer.
        """
        self._use()
        before = self._since
        try:
            with self._holding():
                self._since = await self._ask(
                    lambda: self._phone.deactivate(self, notify_others=notify_others),
                    lambda answer: self.loop.say(partial(self._hear_late, answer, before)),
                )
        except NSError as error:
            self._refused(error)
            return False
        self._active = self._interrupted = self._services_lost = self._user_paused = False
        return True

    async def devices(self) -> frozenset[AudioDevice]:
        """See :class:`~audiosession.hosts.base.HostSession`.

        The phone shows the ports of the route, and the inputs to choose from where the category
        records; a loudspeaker that headphones have taken over from is not among them.
        """
        self._use()
        moment, found = await self._phone.thread.run(self._phone.devices)
        if self._devices is None:
            self._devices, self._devices_read = found, moment
        return found

    async def quiet(self, timeout_s: float) -> bool:
        """The phone does not tell when others are down.

        Raises:
            UnsupportedError: always, once it is open.
        """
        self._use()
        raise UnsupportedError(Capability.QUIET.value, self._host.name)

    async def user_action(self, *, paused: bool) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`.

        Kept here: the phone knows nothing of an app's own buttons.
        """
        self._use()
        self._user_paused = paused

    async def close(self) -> None:
        """See :class:`~audiosession.hosts.base.HostSession`.

        Where the phone does not answer, what it held is given up as soon as it does again.
        """
        if not self.end():
            return
        try:
            await self._phone.thread.run(lambda: None)
        except HostUnavailableError:
            # There is nobody to hear of it, and what else is open has to be closed too.
            _log.warning("the audio session is closed, and still active until the phone answers")

    def end(self) -> bool:
        """Closes it without waiting; whether there is something to wait for."""
        if self._closed:
            return False
        self._closed = True
        self._host.closed(self)
        # What is being asked for may be granted yet.
        held = self._active or self._asking
        self._active = False
        if held:
            # Without anybody who waits for it, and so not to be withdrawn.
            self._phone.thread.post(self._let_go)
        return held

    # -- what the phone says -----------------------------------------------------------------

    def hear(self, note: Note) -> None:
        """A note came, in the app's loop."""
        self._after_the_answer(partial(self._take, note))

    # -- inside ------------------------------------------------------------------------------

    def _after_the_answer(self, hear: Callable[[], object]) -> None:
        """Calls it now, or after the answer where the phone is being asked."""
        if self._closed:
            return
        if self._asking or self._held:
            self._held.append(hear)
            return
        hear()

    def _take(self, note: Note) -> None:
        match note.name:
            case _Name.INTERRUPTION:
                self._hear_interruption(note)
            case _Name.ROUTE_CHANGE:
                # A player that is interrupted must not resume from a loudspeaker either.
                if lost_its_device(note) and (self._active or self._interrupted):
                    self._events.becoming_noisy()
                self._look_at_devices(note)
            case _Name.AVAILABLE_INPUTS_CHANGE:
                self._look_at_devices(note)
            case _Name.MEDIA_SERVICES_WERE_LOST:
                self._lose_services(note)
            case _Name.MEDIA_SERVICES_WERE_RESET:
                self._services_back(note)

    def _hear_interruption(self, note: Note) -> None:
        event = interruption_of(note)
        if event.begin:
            if note.moment < self._since:
                # What the app asked for since has ended it.
                return
            self._lose()
            if not was_suspended(note):
                self._tell(event)
        elif self._interrupted and not self._services_lost:
            self._tell(NOT_TO_RESUME if self._user_paused else event)

    def _look_at_devices(self, note: Note) -> None:
        """Tells what is different since the app was last told, or since the route before.

        Each change is what is so now, so nothing is told twice when changes come quickly.
        """
        if note.devices is None or note.moment < self._devices_read:
            return
        before = self._devices
        if before is None:
            before = note.devices if note.previous is None else devices_of(note.previous)
        self._devices, self._devices_read = note.devices, note.moment
        event = AudioDevicesChangedEvent(
            devices_added=note.devices - before, devices_removed=before - note.devices
        )
        if event.devices_added or event.devices_removed:
            self._events.devices_changed(event)

    def _lose_services(self, note: Note) -> None:
        """The media server is gone; to the one API that is an interruption (apple 120)."""
        if note.moment < self._since or not self._active:
            return
        self._services_lost = True
        self._lose()
        self._tell_of_services(begin=True)

    def _services_back(self, note: Note) -> None:
        # Without leave to resume: nothing starts by itself (apple 121).
        lost, self._services_lost = self._services_lost, False
        if note.moment >= self._since:
            self._lose()
        if lost:
            self._tell_of_services(begin=False)

    def _tell_of_services(self, *, begin: bool) -> None:
        self._tell(
            AudioInterruptionEvent(
                begin=begin, type=AudioInterruptionType.UNKNOWN, reason=InterruptionReason.SYSTEM
            )
        )

    def _tell(self, event: AudioInterruptionEvent) -> None:
        self._interrupted = event.begin
        self._events.interruption(event)

    def _lose(self) -> None:
        """The native session is inactive, and the app did not ask for that."""
        was_active, self._active = self._active, False
        if was_active:
            self._events.lost_claim()

    def _hear_late(self, answer: Future[int], before: int) -> None:
        """A deactivation was answered that nobody waited for any more, in the app's loop."""
        self._after_the_answer(partial(self._take_late, answer, before))

    def _take_late(self, answer: Future[int], before: int) -> None:
        if self._since != before:
            # The app has had another answer since.
            return
        try:
            self._since = answer.result()
        except ObjCError as error:
            self._refused(as_ns_error(error))
        else:
            self._lose()

    def _refused(self, error: NSError) -> None:
        """The phone refuses a deactivation."""
        _log.info("the phone refuses to deactivate the audio session: %s", error)
        since, before = DEACTIVATES_ALL_THE_SAME
        busy = error.code == _Code.IS_BUSY
        if busy and since <= self._phone.bridge.system_version < before:
            self._phone.thread.post(partial(self._phone.forget, self))
            self._lose()

    async def _ask(
        self, call: Callable[[], T], late: Callable[[Future[T]], object] | None = None
    ) -> T:
        """What a native call returns; ``late`` is as in :meth:`NativeThread.run`.

        Raises:
            NSError: what it answered instead.
            HostUnavailableError: it does not answer.
        """
        try:
            answer = await self._phone.thread.run(call, late)
        except ObjCError as error:
            self.refusal = as_ns_error(error)
            raise self.refusal from error
        self.refusal = None
        return answer

    @contextmanager
    def _holding(self) -> Iterator[None]:
        """Around a question to the phone: what is said meanwhile is told after the answer."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False
            self.loop.say(self._release)

    def _release(self) -> None:
        """Tells what was said while the phone was being asked."""
        if self._asking:
            return
        held, self._held = self._held, []
        for hear in held:
            if not self._closed:
                call_logged(hear)

    def _take_back(self) -> None:
        """The app waits for no answer any more, so a late yes must not stand."""
        # What was closed meanwhile has been let go, and the phone's thread may be over.
        if not self._active and not self._closed:
            self._phone.thread.post(partial(self._phone.take_back, self))

    def _let_go(self) -> None:
        """Gives up what it held when it was closed. On the phone's thread."""
        try:
            self._phone.take_back(self)
        except Exception:
            _log.exception("the audio session was closed and may stay active")

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("this session")

    def _use(self) -> None:
        """A call of the app: from now on it hears in the loop that runs here.

        Raises:
            ClosedError: it is closed.
        """
        self._check_open()
        if not self.loop.bind():
            self.loop = self._host.loop_here()


__all__ = ["DEACTIVATES_ALL_THE_SAME", "NOT_TO_RESUME", "IOSSession"]
