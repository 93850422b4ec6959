"""What else an app may wish for or ask: alerts, echo, haptics, muting, other apps, permission."""

from __future__ import annotations

from collections.abc import Callable

from audiosession._checks import check_flag
from audiosession.apple._hardware import Hardware
from audiosession.apple._kept import kept
from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
)
from audiosession.apple.enums import (
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionPromptStyle,
    AVAudioSessionRecordPermission,
)
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import AVAudioSessionNotificationName, AVAudioSessionUserInfoKey
from audiosession.errors import InvalidTypeError

_Code = AVAudioSessionErrorCode

_ECHO_FREE = {
    AVAudioSessionCategory.PLAY_AND_RECORD: AVAudioSessionMode.DEFAULT,
    AVAudioSessionCategory.MULTI_ROUTE: AVAudioSessionMode.DUAL_ROUTE,
}
"""Where input can be had without what the device itself plays, by category and mode."""


class Preferences(Hardware):
    """Wishes about others, and questions about them (apple 66 to 68, 74 to 79, 117 to 119)."""

    # -- others ------------------------------------------------------------------------------

    @property
    @kept
    def is_other_audio_playing(self) -> bool:
        """Whether any other app plays, one that mixes included (apple 74).

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("other audio").other_audio_playing

    @property
    @kept
    def secondary_audio_should_be_silenced_hint(self) -> bool:
        """Whether another app plays that does not mix (apple 75); read it when coming back.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("secondary audio hint").primary_audio_playing

    @property
    @kept
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """How voice prompts should sound now (apple 79); since iOS 13.0.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("prompt style").prompt_style

    # -- interruptions -----------------------------------------------------------------------

    @property
    def prefers_no_interruptions_from_system_alerts(self) -> bool:
        """Whether ringing shall not interrupt; not at first."""
        return self._wishes.no_interruptions_from_system_alerts

    async def set_prefers_no_interruptions_from_system_alerts(self, prefers: bool) -> None:
        """Wishes that ringing shall not interrupt; since iOS 14.5.

        Works where calls show as a banner; accepting the call interrupts all the same
        (apple 68).

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host takes no wishes.
        """
        await self._wish_flag("prefers", prefers, "no_interruptions_from_system_alerts")

    @property
    def prefers_interruption_on_route_disconnect(self) -> bool:
        """Whether losing the route interrupts the Now Playing app; at first it does."""
        return self._wishes.interruption_on_route_disconnect

    async def set_prefers_interruption_on_route_disconnect(self, prefers: bool) -> None:
        """Wishes whether losing the route interrupts the Now Playing app (apple 66).

        Since iOS 17.0.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host takes no wishes.
        """
        await self._wish_flag("prefers", prefers, "interruption_on_route_disconnect")

    # -- input -------------------------------------------------------------------------------

    @property
    def allow_haptics_and_system_sounds_during_recording(self) -> bool:
        """Whether system sounds and haptics go on while input runs; not at first."""
        return self._wishes.haptics_during_recording

    async def set_allow_haptics_and_system_sounds_during_recording(self, allow: bool) -> None:
        """Lets system sounds and haptics go on while input runs (apple 117); since iOS 13.0.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host takes no wishes.
        """
        await self._wish_flag("allow", allow, "haptics_during_recording")

    @property
    def prefers_echo_cancelled_input(self) -> bool:
        """Whether input without what the device plays was wished for."""
        return self._wishes.echo_cancelled_input

    @property
    @kept
    def is_echo_cancelled_input_available(self) -> bool:
        """Whether this device can do that with the present category and mode.

        Raises:
            UnsupportedError: the host does not say.
        """
        device = self._need("echo-cancelled input")
        if not device.standing.decides:
            return device.echo_cancelled_input_possible
        fits = _ECHO_FREE.get(self._now.category) is self._now.mode
        return fits and device.echo_cancelled_input_possible

    @property
    def is_echo_cancelled_input_enabled(self) -> bool:
        """Whether it is in force: wished for, available, and the session active.

        Raises:
            UnsupportedError: the host does not say.
        """
        if (phone := self._phone) is not None:
            return phone.echo_cancelled_input_enabled
        wished = self._wishes.echo_cancelled_input and self.is_active
        return self.is_echo_cancelled_input_available and wished

    async def set_prefers_echo_cancelled_input(self, prefers: bool) -> None:
        """Wishes for input without what the device itself plays; since iOS 18.2.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host takes no wishes.
        """
        await self._wish_flag("prefers", prefers, "echo_cancelled_input")

    @property
    def preferred_microphone_injection_mode(self) -> AVAudioSessionMicrophoneInjectionMode:
        """What the app wishes to add to the input of another one."""
        return self._wishes.microphone_injection

    @property
    @kept
    def is_microphone_injection_available(self) -> bool:
        """Whether the app can add to the input of another one now; since iOS 18.2.

        Raises:
            UnsupportedError: the host does not say.
        """
        return self._need("microphone injection").microphone_injection_possible

    async def set_preferred_microphone_injection_mode(
        self, mode: AVAudioSessionMicrophoneInjectionMode
    ) -> None:
        """Wishes to add to the input of another app; since iOS 18.2.

        Raises:
            NSError: ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not a mode.
            UnsupportedError: the host takes no wishes.
        """
        if not isinstance(mode, AVAudioSessionMicrophoneInjectionMode):
            raise InvalidTypeError(
                "mode", mode, expected="of type AVAudioSessionMicrophoneInjectionMode"
            )
        self._check_usable()
        await self._wish(microphone_injection=mode)

    @property
    @kept
    def record_permission(self) -> AVAudioSessionRecordPermission:
        """Whether the app may record; deprecated since iOS 17.0 for ``AVAudioApplication``.

        Raises:
            UnsupportedError: the host does not say.
        """
        value = self._need("record permission").record_permission.value
        return AVAudioSessionRecordPermission(value)

    async def request_record_permission(
        self, response: Callable[[bool], object] | None = None
    ) -> bool:
        """Asks the user for the microphone, once; later calls give the answer (apple 118).

        Deprecated since iOS 17.0 for ``AVAudioApplication``.

        Args:
            response: Called with the answer, as Apple's form does.

        Returns:
            Whether the app may record.

        Raises:
            NSError: ``EXPIRED_SESSION``; on a phone ``MISSING_ENTITLEMENT``, the app's Info.plist
                does not say what it records for.
            UnsupportedError: the host cannot ask.
        """
        self._check_open()
        granted = await self._need("record permission").request_record_permission()
        if response is not None:
            response(granted)
        return granted

    # -- output ------------------------------------------------------------------------------

    @property
    def is_output_muted(self) -> bool:
        """Whether the session's output is muted; not at first.

        Raises:
            UnsupportedError: the host cannot mute it.
        """
        if self._device is None:
            self._need("muting the output")
        return self._wishes.output_muted

    async def set_output_muted(self, muted: bool) -> None:
        """Mutes the session's output, or takes that back; since iOS 26.0.

        System sounds stay audible. With ``PLAY_AND_RECORD`` in the mode ``DEFAULT`` only;
        leaving that mode unmutes (apple 119).

        Raises:
            NSError: ``INCOMPATIBLE_CATEGORY``, category and mode cannot be muted;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: neither True nor False.
            UnsupportedError: the host cannot.
        """
        check_flag("muted", muted)
        self._check_usable()
        if muted and not self._can_mute:
            raise NSError(
                _Code.INCOMPATIBLE_CATEGORY,
                f"the category {self._now.category.name} cannot be muted in the mode "
                f"{self._now.mode.name}",
            )
        await self._mute(muted)

    @property
    def _can_mute(self) -> bool:
        joined = self._now.category is AVAudioSessionCategory.PLAY_AND_RECORD
        return self._now.kind.plays and (not joined or self._now.mode is AVAudioSessionMode.DEFAULT)

    async def _mute(self, muted: bool) -> None:
        before = self._wishes.output_muted
        await self._wish(output_muted=muted)
        if muted is not before:
            self._post(
                AVAudioSessionNotificationName.OUTPUT_MUTE_STATE_CHANGE,
                {AVAudioSessionUserInfoKey.MUTE_STATE: muted},
            )

    async def _mute_as_may_be(self) -> None:
        """Brings in line what follows from category, mode and options (apple 67, 119)."""
        override = AVAudioSessionCategoryOptions.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION
        overrides = override in self._now.options
        if overrides is not self._wishes.override_muted_microphone:
            await self._wish(override_muted_microphone=overrides)
        if self._wishes.output_muted and not self._can_mute:
            await self._mute(False)
