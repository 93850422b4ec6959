"""Why a session may not become active, before anybody else is looked at. Pure functions."""

from __future__ import annotations

from audiosession.apple.constants import AVAudioSessionCategory, AVAudioSessionCategoryOptions
from audiosession.apple.device import AppleAppState, AppleStanding
from audiosession.apple.errors import AVAudioSessionErrorCode
from audiosession.core.translate.apple import CATEGORIES

_Code = AVAudioSessionErrorCode


def obstacle(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions,
    standing: AppleStanding,
) -> tuple[AVAudioSessionErrorCode, str] | None:
    """The error that an activation fails with, and why; ``None``: nothing is in the way.

    Args:
        category: The session's category.
        options: Its options, with those implied.
        standing: How app and system are.
    """
    kind = CATEGORIES[category.value]
    if not standing.media_services:
        return _Code.MEDIA_SERVICES_FAILED, ""
    if not standing.decides:
        return None
    if standing.app_state is not AppleAppState.FOREGROUND:
        found = _in_background(category, options, standing)
        if found is not None:
            return found
    if kind.records and standing.assistant_records:
        return _Code.SIRI_IS_RECORDING, ""
    needs_input = kind.records and category is not AVAudioSessionCategory.MULTI_ROUTE
    if needs_input and not standing.has_input:
        return _Code.RESOURCE_NOT_AVAILABLE, "there is no microphone"
    return None


def _in_background(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions,
    standing: AppleStanding,
) -> tuple[AVAudioSessionErrorCode, str] | None:
    kind = CATEGORIES[category.value]
    if standing.app_state is AppleAppState.SUSPENDED:
        return _Code.CANNOT_START_PLAYING, "the app is suspended"
    if kind.silenced_by_switch:
        return (
            _Code.CANNOT_START_PLAYING,
            f"the category {category.name} is silent in the background",
        )
    if not standing.background_audio:
        return _Code.CANNOT_START_PLAYING, "the app does not declare background audio"
    mixes = AVAudioSessionCategoryOptions.MIX_WITH_OTHERS in options
    if mixes and kind.records and not standing.inter_app_audio:
        return _Code.CANNOT_START_RECORDING, ""
    if not mixes and not standing.now_playing:
        return (
            _Code.CANNOT_INTERRUPT_OTHERS,
            "the app is in the background, does not mix, and is not the Now Playing app",
        )
    return None


__all__ = ["obstacle"]
