"""What AVAudioSession tells its observers: interruptions, routes, hints, media services."""

from __future__ import annotations

from typing import Any, Final

from audiosession.apple._activating import Activating
from audiosession.apple.contexts import (
    AVAudioSessionInterruptionContext,
    AVAudioSessionResumptionContext,
)
from audiosession.apple.device import AppleAppState, AppleDeviceEvents, AppleWishes
from audiosession.apple.enums import (
    AVAudioSessionDeactivationSource,
    AVAudioSessionInterruptionFlags,
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionReason,
    AVAudioSessionInterruptionType,
    AVAudioSessionResumptionRecommendation,
    AVAudioSessionRouteChangeReason,
    AVAudioSessionSilenceSecondaryAudioHintType,
)
from audiosession.apple.names import AVAudioSessionNotificationName as Name
from audiosession.apple.names import AVAudioSessionUserInfoKey as Key
from audiosession.apple.ports import describe_route
from audiosession.core.routing import RouteChange
from audiosession.devices import AudioDevicesChangedEvent
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType

_Reason = AVAudioSessionInterruptionReason

REASON_SINCE: Final = (14, 5)
"""From then on the beginning of an interruption carries a reason (apple 56)."""
SUSPENDED_SINCE: Final = (10, 3)
"""From then on the app hears late that it was suspended while active (apple 65)."""
SUSPENDED_BEFORE: Final = (16, 0)
"""From then on it does not (apple 64)."""


class Telling(Activating):
    """Hears of the session and the device, and posts notifications (apple 55 to 91, 120)."""

    # -- what the session reports ------------------------------------------------------------

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """For the session: an interruption began or ended."""
        lowered = event.type is AudioInterruptionType.DUCK
        # Apple lowers apps without a word. An app that is to lower itself has to be told, and
        # Apple's only word for that it may not be heard as it is, is an interruption.
        if lowered and (event.system_ducked or not (event.begin or self._beginning_told)):
            return
        standing = self._standing
        if not standing.media_services:
            # The loss has notifications of its own, and so has what ends it (apple 120).
            self._loss_unsaid = event.begin
            return
        unsaid, self._loss_unsaid = self._loss_unsaid, False
        if standing.app_state is AppleAppState.SUSPENDED or (unsaid and not event.begin):
            return
        if event.begin:
            device = self._device
            reason = _Reason.DEFAULT if device is None else device.interruption_reason
            self._tell_beginning(reason)
        else:
            self._tell_end(resume=event.should_resume or lowered)

    def becoming_noisy(self) -> None:
        """For the session: Apple has no word of its own for this but a route change."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """For the session: devices came or went."""
        if self._device is not None:
            with self._as_seen():
                self._keep_ports()
        # The session itself takes account of them next.
        self._coming = event
        try:
            # The delegate is AVAudioSession's, so it hears after the C listeners.
            self._look_early()
            self._tell_of_inputs(event)
            self._look()
        finally:
            self._coming = None

    def _tell_of_inputs(self, event: AudioDevicesChangedEvent) -> None:
        if event.devices_added and any(each.is_input for each in event.devices_added):
            there = self._count_inputs()
            came = sum(each.is_input for each in event.devices_added)
            if there == came:
                self._tell_delegate("input_is_available_changed", True)
        elif any(each.is_input for each in event.devices_removed) and not self._count_inputs():
            self._tell_delegate("input_is_available_changed", False)

    def gained_claim(self) -> None:
        """For the session: it is active after all."""
        self._interrupted = self._beginning_told = False
        if not self._was_active:
            self._was_active = True
            self._post(Name.DID_BECOME_ACTIVE)

    def lost_claim(self) -> None:
        """For the session: it is inactive, and the app did not ask for that."""
        was_active, self._was_active = self._was_active, False
        self._halt_io()
        if was_active and self._standing.app_state is AppleAppState.SUSPENDED:
            self._lost_suspended = True

    # -- what the device reports -------------------------------------------------------------

    def _events(self) -> AppleDeviceEvents:
        return _Events(self)

    def _route_changed(self, change: RouteChange) -> None:
        device = self._device
        if device is None or self._standing.app_state is AppleAppState.SUSPENDED:
            return
        with self._as_seen():
            self._keep_ports()
            previous = describe_route(change.previous, self._ports, device, self._check_usable)
        self._post(
            Name.ROUTE_CHANGE,
            {
                Key.ROUTE_CHANGE_REASON: AVAudioSessionRouteChangeReason(change.reason.value),
                Key.ROUTE_CHANGE_PREVIOUS_ROUTE: previous,
            },
        )
        self._look()

    def _secondary_audio(self, begin: bool) -> None:
        in_front = self._standing.app_state is AppleAppState.FOREGROUND
        if in_front and self.is_active:
            kind = AVAudioSessionSilenceSecondaryAudioHintType
            self._post(
                Name.SILENCE_SECONDARY_AUDIO_HINT,
                {Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE: kind.BEGIN if begin else kind.END},
            )

    def _media_services_lost(self) -> None:
        # Whatever was made of them has to be made anew (apple 121).
        self._halt_io()
        self._tell_activation()
        self._resets += 1
        self._post(Name.MEDIA_SERVICES_WERE_LOST)

    def _media_services_reset(self) -> None:
        # Everything has to be set up anew (apple 121).
        self._void = self._session.configuration
        self._wishes = AppleWishes()
        self._post(Name.MEDIA_SERVICES_WERE_RESET)
        self._look()

    def _app_moved(self, state: AppleAppState) -> None:
        if state is AppleAppState.SUSPENDED or not self._lost_suspended:
            return
        self._lost_suspended = False
        if SUSPENDED_SINCE <= self._version < SUSPENDED_BEFORE:
            info: dict[str, Any] = {Key.INTERRUPTION_TYPE: AVAudioSessionInterruptionType.BEGAN}
            if self._version < REASON_SINCE:
                info[Key.INTERRUPTION_WAS_SUSPENDED] = True
            else:
                info[Key.INTERRUPTION_REASON] = _Reason.APP_WAS_SUSPENDED
            self._post(Name.INTERRUPTION, info, delegate=self._delegate_begins)
        self._post_inactive(AVAudioSessionDeactivationSource.SYSTEM, None)

    # -- inside ------------------------------------------------------------------------------

    def _tell_beginning(self, reason: AVAudioSessionInterruptionReason) -> None:
        self._halt_io()
        # What ends has to have begun (apple 70).
        self._tell_activation()
        told, self._beginning_told = self._beginning_told, True
        self._interrupted, self._was_active = True, False
        if told:
            # A pause that becomes a stop: to the app it is the same interruption (apple 55).
            return
        info: dict[str, Any] = {Key.INTERRUPTION_TYPE: AVAudioSessionInterruptionType.BEGAN}
        if self._version >= REASON_SINCE:
            info[Key.INTERRUPTION_REASON] = reason
        self._post(Name.INTERRUPTION, info, delegate=self._delegate_begins)
        self._post_inactive(
            AVAudioSessionDeactivationSource.SYSTEM,
            AVAudioSessionInterruptionContext(reason=reason),
        )
        self._look()

    def _tell_end(self, *, resume: bool) -> None:
        self._beginning_told = False
        options = AVAudioSessionInterruptionOptions
        self._post(
            Name.INTERRUPTION,
            {
                Key.INTERRUPTION_TYPE: AVAudioSessionInterruptionType.ENDED,
                Key.INTERRUPTION_OPTION: options.SHOULD_RESUME if resume else options.NONE,
            },
            delegate=lambda: self._delegate_ends(resume=resume),
        )
        advice = AVAudioSessionResumptionRecommendation
        self._post(
            Name.RESUMPTION_RECOMMENDATION,
            {
                Key.RESUMPTION_CONTEXT: AVAudioSessionResumptionContext(
                    recommendation=advice.SHOULD_RESUME if resume else advice.SHOULD_NOT_RESUME
                )
            },
        )
        self._look()

    def _delegate_begins(self) -> None:
        self._tell_delegate("begin_interruption")

    def _delegate_ends(self, *, resume: bool) -> None:
        flags = AVAudioSessionInterruptionFlags
        if not self._tell_delegate(
            "end_interruption_with_flags", flags.SHOULD_RESUME if resume else flags.NONE
        ):
            self._tell_delegate("end_interruption")

    def _count_inputs(self) -> int:
        raise NotImplementedError


class _Events:
    """What a device reports, for one session."""

    def __init__(self, session: Telling) -> None:
        self._session = session

    def route_changed(self, change: RouteChange) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._route_changed(change)

    def secondary_audio(self, begin: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._secondary_audio(begin)

    def media_services_lost(self, *, was_active: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._media_services_lost()
        if was_active:
            self._session._post_inactive(AVAudioSessionDeactivationSource.SYSTEM, None)

    def media_services_reset(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._media_services_reset()

    def app_moved(self, state: AppleAppState) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._app_moved(state)

    def wants_unmuted(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._post(Name.USER_INTENT_TO_UNMUTE_OUTPUT)

    def spatial_audio_changed(self, enabled: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._post(
            Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED, {Key.SPATIAL_AUDIO_ENABLED: enabled}
        )

    def rendering_changed(self, *, mode: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        session = self._session
        device = session._device
        if device is None:
            return
        if mode:
            with session._as_seen():
                now = device.rendering_mode
            session._post(Name.RENDERING_MODE_CHANGE, {Key.RENDERING_MODE_NEW_RENDERING_MODE: now})
        else:
            session._post(Name.RENDERING_CAPABILITIES_CHANGE)

    def microphone_injection_changed(self, available: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._post(
            Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE,
            {Key.MICROPHONE_INJECTION_IS_AVAILABLE: available},
        )

    def changed(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._session._look()
