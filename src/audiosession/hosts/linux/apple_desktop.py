"""What is always so on a desktop, where AVAudioSession asks for it."""

from __future__ import annotations

from ...apple.device import NEWEST_SYSTEM_VERSION
from ...apple.enums import (
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSessionInterruptionReason,
    AVAudioSessionRenderingMode,
)
from ...apple.names import AVAudioSessionPolarPattern


class Desktop:
    """The part of an :class:`~audiosession.apple.device.AppleDevice` that never changes here.

    A desktop has no permission to record, no ring switch and no data sources; what asks for
    them finds what a device says where nothing stands in the way.
    """

    @property
    def system_version(self) -> tuple[int, int]:
        """See :class:`~audiosession.apple.device.AppleDevice`. Always the newest."""
        return NEWEST_SYSTEM_VERSION

    @property
    def interruption_reason(self) -> AVAudioSessionInterruptionReason:
        """See :class:`~audiosession.apple.device.AppleDevice`. Always ``DEFAULT``."""
        return AVAudioSessionInterruptionReason.DEFAULT

    @property
    def ring_switch_silent(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. There is none."""
        return False

    @property
    def rendering_mode(self) -> AVAudioSessionRenderingMode:
        """See :class:`~audiosession.apple.device.AppleDevice`. Nobody says."""
        return AVAudioSessionRenderingMode.NOT_APPLICABLE

    @property
    def echo_cancelled_input_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. Not here."""
        return False

    @property
    def microphone_injection_possible(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. Not here."""
        return False

    # -- permission --------------------------------------------------------------------------

    @property
    def record_permission(self) -> AVAudioApplicationRecordPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`. Nobody is ever asked."""
        return AVAudioApplicationRecordPermission.GRANTED

    async def request_record_permission(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. Nobody is ever asked."""
        return True

    @property
    def microphone_injection_permission(self) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`. Not here."""
        return AVAudioApplicationMicrophoneInjectionPermission.SERVICE_DISABLED

    async def request_microphone_injection_permission(
        self,
    ) -> AVAudioApplicationMicrophoneInjectionPermission:
        """See :class:`~audiosession.apple.device.AppleDevice`. Not here."""
        return self.microphone_injection_permission

    # -- data sources ------------------------------------------------------------------------

    def selected_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""
        return None

    def preferred_source(self, port: str) -> int | None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""
        return None

    async def prefer_source(self, port: str, source: int | None) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""

    def selected_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""
        return None

    def preferred_pattern(self, port: str, source: int) -> AVAudioSessionPolarPattern | None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""
        return None

    async def prefer_pattern(
        self, port: str, source: int, pattern: AVAudioSessionPolarPattern | None
    ) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. There are none."""


__all__ = ["Desktop"]
