"""Activation, deactivation and I/O of AVAudioSession."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from audiosession._activation import Overrides
from audiosession._checks import check_flag
from audiosession.apple._base import FIRST_CONFIGURATION
from audiosession.apple._configuring import Configuring
from audiosession.apple._io import AudioIO
from audiosession.apple._obstacles import obstacle
from audiosession.apple.constants import AVAudioSessionSetActiveOptions
from audiosession.apple.contexts import (
    AVAudioSessionDeactivationContext,
    AVAudioSessionInterruptionContext,
)
from audiosession.apple.enums import (
    AVAudioSessionActivationOptions,
    AVAudioSessionDeactivationOptions,
    AVAudioSessionDeactivationSource,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import AVAudioSessionNotificationName, AVAudioSessionUserInfoKey
from audiosession.errors import InvalidTypeError
from audiosession.hosts.base import ActivationResult, Outcome

if TYPE_CHECKING:
    from audiosession.apple.avaudiosession import AVAudioSession

_Code = AVAudioSessionErrorCode

STAYS_ACTIVE_BEFORE = (8, 0)
"""Until then a deactivation under running I/O did nothing (apple 38)."""
BUSY_BEFORE = (26, 0)
"""Until then it succeeded and failed with IsBusy all the same (apple 38)."""


class Activating(Configuring):
    """Asks for the audio and gives it up (apple 19 to 43)."""

    # Whether the session has become active and the device is still being asked for its route.
    _activation_untold = False

    async def set_active(
        self,
        active: bool,
        *,
        options: AVAudioSessionSetActiveOptions = AVAudioSessionSetActiveOptions.NONE,
    ) -> None:
        """Activates the session, or deactivates it.

        Activating what is active succeeds and changes nothing. A deactivation stops whatever
        of the app still plays or records (apple 39); what it returns then depends on the
        system imitated: before iOS 8 ``IS_BUSY``, and the session stays active; up to iOS 25
        ``IS_BUSY``, although the session is inactive; from iOS 26 success (apple 38).

        Args:
            active: Whether to activate.
            options: ``NOTIFY_OTHERS_ON_DEACTIVATION`` lets those resume who were interrupted;
                it has no meaning for an activation (apple 40).

        Raises:
            NSError: For an activation ``INSUFFICIENT_PRIORITY``, somebody with more right has
                the audio (apple 24, 25); ``CANNOT_INTERRUPT_OTHERS``, ``CANNOT_START_PLAYING``,
                ``CANNOT_START_RECORDING``, the app is in the background (apple 26 to 28);
                ``RESOURCE_NOT_AVAILABLE``, there is no microphone (apple 29);
                ``SIRI_IS_RECORDING`` (apple 30); ``MEDIA_SERVICES_FAILED`` (apple 31). For a
                deactivation ``IS_BUSY``. For both ``EXPIRED_SESSION``, the session is closed.
            InvalidTypeError: an argument has the wrong type.
        """
        check_flag("active", active)
        _check_options(options, AVAudioSessionSetActiveOptions)
        if active:
            await self._activate_now()
        else:
            notify = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION in options
            await self._deactivate_now(notify=notify)

    async def activate(
        self,
        *,
        options: AVAudioSessionActivationOptions = AVAudioSessionActivationOptions.NONE,
    ) -> None:
        """As :meth:`set_active` with ``True``, in its newer form; since iOS 27.0.

        Raises:
            NSError: as :meth:`set_active`.
            InvalidTypeError: the options have the wrong type.
        """
        _check_options(options, AVAudioSessionActivationOptions)
        await self._activate_now()

    async def deactivate(
        self,
        *,
        options: AVAudioSessionDeactivationOptions = AVAudioSessionDeactivationOptions.NONE,
    ) -> None:
        """As :meth:`set_active` with ``False``, in its newer form; since iOS 27.0.

        Raises:
            NSError: as :meth:`set_active`.
            InvalidTypeError: the options have the wrong type.
        """
        _check_options(options, AVAudioSessionDeactivationOptions)
        notify = AVAudioSessionDeactivationOptions.NOTIFY_OTHERS_ON_DEACTIVATION in options
        await self._deactivate_now(notify=notify)

    def make_io(self, input: bool = False, output: bool = True) -> AudioIO:
        """Something that plays or records, which the session knows of.

        Args:
            input: Whether it records.
            output: Whether it plays.

        Raises:
            InvalidTypeError: neither True nor False.
            InvalidValueError: neither of both.
        """
        self._io_made += 1
        name = f"io {self._io_made}"
        return AudioIO(cast("AVAudioSession", self), name, input=input, output=output)

    # -- inside ------------------------------------------------------------------------------

    async def _activate_now(self) -> None:
        self._check_usable()
        session = self._session
        if not self.is_active:
            found = obstacle(self._now.category, self._now.options, self._standing)
            if found is not None:
                raise NSError(*found)
        if self._void is not None and session.configuration is self._void:
            await self._set(FIRST_CONFIGURATION)
        with self._in_apples_words():
            result = await session._activate(Overrides(), FIRST_CONFIGURATION)
            if result.outcome is Outcome.DELAYED:
                # Apple's sessions do not wait in line.
                await session.set_active(False)
        if result.outcome is not Outcome.GRANTED:
            raise self._refusal() or _denied(result)

    async def _deactivate_now(self, *, notify: bool) -> None:
        self._check_usable()
        # A real phone stops what runs, and says by itself when that stands in the way.
        running = self._standing.decides and self._io_running
        # What an interruption has silenced is no reason to refuse (apple 42, 55).
        busy = running and self.is_active
        if busy and self._version < STAYS_ACTIVE_BEFORE:
            raise NSError(_Code.IS_BUSY, "the app still plays or records; the session stays active")
        if running:
            await self._stop_all_io()
        options = (
            AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
            if notify
            else AVAudioSessionSetActiveOptions.NONE
        )
        with self._in_apples_words():
            done = await self._session.set_active(
                False,
                av_audio_session_set_active_options=options,
                fallback_configuration=FIRST_CONFIGURATION,
            )
        if not done:
            refusal = NSError(_Code.UNSPECIFIED, "the host refused the deactivation")
            raise self._refusal() or refusal
        if busy and self._version < BUSY_BEFORE:
            raise NSError(
                _Code.IS_BUSY,
                "the app still played or recorded; that is stopped and the session is inactive",
            )

    def _refusal(self) -> NSError | None:
        """What the platform itself said to the call, where it speaks Apple's words."""
        refusal = getattr(self._session._session, "refusal", None)
        return refusal if isinstance(refusal, NSError) else None

    @property
    def _io_running(self) -> bool:
        device = self._device
        return bool(self._io) or (device is not None and device.io_running)

    async def _stop_all_io(self) -> None:
        self._halt_io()
        device = self._device
        if device is not None:
            await device.stop_all_io()

    def _halt_io(self) -> None:
        for io in tuple(self._io.values()):
            io._halt()

    async def app_called(self, *, configured: bool) -> None:
        """For the session: the app has configured, activated or deactivated it."""
        if configured:
            self._void = None
        # First of all: what it asks of the ports at first depends on what was so far.
        device = self._device
        with self._as_seen():
            self._keep_ports()
        configuration = self._session._configuration
        # Else it was another configuration that it was called for.
        asked = configured and configuration is self._called_with
        self._called_with = configuration
        if asked or not self._session.is_active:
            self._interrupted = False
        if asked or not (configured or self._session.is_active):
            self._beginning_told = False
        active = self.is_active
        was_active, self._was_active = self._was_active, active
        if not active:
            # By whatever surface it was deactivated, and also what began meanwhile (apple 39).
            self._halt_io()
        if active and not was_active:
            self._lost_suspended = False
            self._activation_untold = True
        if active and device is not None:
            await device.request_route(self._route_request())
        if (phone := self._phone) is not None:
            await phone.see()
        if active and device is not None:
            await self._mute_as_may_be()
        if active:
            self._tell_activation(lost=not self.is_active)
        elif was_active:
            self._post_inactive(AVAudioSessionDeactivationSource.APP, None)
        self._look()

    def _tell_activation(self, *, lost: bool = False) -> None:
        """Tells of an activation nobody was told of yet; ``lost``: it is too late for that."""
        untold, self._activation_untold = self._activation_untold, False
        if untold and not lost:
            self._post(AVAudioSessionNotificationName.DID_BECOME_ACTIVE)

    def _post_inactive(
        self,
        source: AVAudioSessionDeactivationSource,
        interruption: AVAudioSessionInterruptionContext | None,
    ) -> None:
        context = AVAudioSessionDeactivationContext(
            source=source, interruption_context=interruption
        )
        self._post(
            AVAudioSessionNotificationName.DID_BECOME_INACTIVE,
            {AVAudioSessionUserInfoKey.DEACTIVATION_CONTEXT: context},
        )

    async def _mute_as_may_be(self) -> None:
        raise NotImplementedError

    def _look(self) -> None:
        # Properties of a closed session cannot be read (apple 32).
        if not (self._session.closed or self._unseen):
            self._look_early()
            self._observations.look()

    def _look_early(self) -> None:
        for early in self._early:
            early.look()


def _check_options(options: object, kind: type) -> None:
    if not isinstance(options, kind):
        raise InvalidTypeError("options", options, expected=f"of type {kind.__name__}")


def _denied(result: ActivationResult) -> NSError:
    who = f"{result.holder!r} has the audio" if result.holder else ""
    if result.outcome is Outcome.DELAYED:
        who = f"{result.holder!r} has the audio for now" if result.holder else ""
    return NSError(_Code.INSUFFICIENT_PRIORITY, who)
