"""What comes along with the notifications of iOS 27 (AVAudioSessionTypes.h)."""

from __future__ import annotations

from dataclasses import dataclass

from audiosession.apple.enums import (
    AVAudioSessionDeactivationSource,
    AVAudioSessionInterruptionReason,
    AVAudioSessionResumptionRecommendation,
)

__all__ = [
    "AVAudioSessionDeactivationContext",
    "AVAudioSessionInterruptionContext",
    "AVAudioSessionResumptionContext",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionInterruptionContext:
    """Why a session was interrupted."""

    reason: AVAudioSessionInterruptionReason
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionDeactivationContext:
    """Why a session became inactive (apple 70)."""

    source: AVAudioSessionDeactivationSource
    """Who made it so."""
    interruption_context: AVAudioSessionInterruptionContext | None = None
    """The interruption, where it was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionResumptionContext:
    """What the system advises after an interruption (apple 70)."""

    recommendation: AVAudioSessionResumptionRecommendation
    """Whether to go on."""
