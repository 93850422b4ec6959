"""Apple's audio session vocabulary.

Importing this loads the constants that a session is configured with, which need nothing but
the standard library; everything else is loaded when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiosession.apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)

if TYPE_CHECKING:
    from audiosession.apple._io import AudioIO
    from audiosession.apple._observing import Observation
    from audiosession.apple.avaudioapplication import AVAudioApplication
    from audiosession.apple.avaudiosession import AVAudioSession
    from audiosession.apple.contexts import (
        AVAudioSessionDeactivationContext,
        AVAudioSessionInterruptionContext,
        AVAudioSessionResumptionContext,
    )
    from audiosession.apple.enums import (
        AVAudioApplicationMicrophoneInjectionPermission,
        AVAudioApplicationRecordPermission,
        AVAudioSessionActivationOptions,
        AVAudioSessionAnchoringStrategy,
        AVAudioSessionDeactivationOptions,
        AVAudioSessionDeactivationSource,
        AVAudioSessionInterruptionFlags,
        AVAudioSessionInterruptionOptions,
        AVAudioSessionInterruptionReason,
        AVAudioSessionInterruptionType,
        AVAudioSessionIOType,
        AVAudioSessionMicrophoneInjectionMode,
        AVAudioSessionPortOverride,
        AVAudioSessionPromptStyle,
        AVAudioSessionRecordPermission,
        AVAudioSessionRenderingMode,
        AVAudioSessionResumptionRecommendation,
        AVAudioSessionRouteChangeReason,
        AVAudioSessionRouteSelection,
        AVAudioSessionSetActiveFlags,
        AVAudioSessionSilenceSecondaryAudioHintType,
        AVAudioSessionSoundStageSize,
        AVAudioSessionSpatialExperience,
        AVAudioSessionSpatialExperienceOption,
        AVAudioStereoOrientation,
    )
    from audiosession.apple.errors import (
        NS_OS_STATUS_ERROR_DOMAIN,
        AVAudioSessionErrorCode,
        AVAudioSessionErrorInsufficientPriority,
        NSError,
    )
    from audiosession.apple.fourcc import (
        fourcc_number,
        fourcc_text,
    )
    from audiosession.apple.names import (
        AVAudioApplicationNotificationName,
        AVAudioApplicationUserInfoKey,
        AVAudioSessionLocation,
        AVAudioSessionNotificationName,
        AVAudioSessionOrientation,
        AVAudioSessionPolarPattern,
        AVAudioSessionPort,
        AVAudioSessionUserInfoKey,
    )
    from audiosession.apple.notifications import (
        Notification,
        NotificationCenter,
        NotificationToken,
    )
    from audiosession.apple.ports import (
        AVAudioSessionCapability,
        AVAudioSessionChannelDescription,
        AVAudioSessionDataSourceDescription,
        AVAudioSessionPortDescription,
        AVAudioSessionPortExtensionBluetoothMicrophone,
        AVAudioSessionRouteDescription,
    )

__all__ = [
    "NS_OS_STATUS_ERROR_DOMAIN",
    "AVAudioApplication",
    "AVAudioApplicationMicrophoneInjectionPermission",
    "AVAudioApplicationNotificationName",
    "AVAudioApplicationRecordPermission",
    "AVAudioApplicationUserInfoKey",
    "AVAudioSession",
    "AVAudioSessionActivationOptions",
    "AVAudioSessionAnchoringStrategy",
    "AVAudioSessionCapability",
    "AVAudioSessionCategory",
    "AVAudioSessionCategoryOptions",
    "AVAudioSessionChannelDescription",
    "AVAudioSessionDataSourceDescription",
    "AVAudioSessionDeactivationContext",
    "AVAudioSessionDeactivationOptions",
    "AVAudioSessionDeactivationSource",
    "AVAudioSessionErrorCode",
    "AVAudioSessionErrorInsufficientPriority",
    "AVAudioSessionIOType",
    "AVAudioSessionInterruptionContext",
    "AVAudioSessionInterruptionFlags",
    "AVAudioSessionInterruptionOptions",
    "AVAudioSessionInterruptionReason",
    "AVAudioSessionInterruptionType",
    "AVAudioSessionLocation",
    "AVAudioSessionMicrophoneInjectionMode",
    "AVAudioSessionMode",
    "AVAudioSessionNotificationName",
    "AVAudioSessionOrientation",
    "AVAudioSessionPolarPattern",
    "AVAudioSessionPort",
    "AVAudioSessionPortDescription",
    "AVAudioSessionPortExtensionBluetoothMicrophone",
    "AVAudioSessionPortOverride",
    "AVAudioSessionPromptStyle",
    "AVAudioSessionRecordPermission",
    "AVAudioSessionRenderingMode",
    "AVAudioSessionResumptionContext",
    "AVAudioSessionResumptionRecommendation",
    "AVAudioSessionRouteChangeReason",
    "AVAudioSessionRouteDescription",
    "AVAudioSessionRouteSelection",
    "AVAudioSessionRouteSharingPolicy",
    "AVAudioSessionSetActiveFlags",
    "AVAudioSessionSetActiveOptions",
    "AVAudioSessionSilenceSecondaryAudioHintType",
    "AVAudioSessionSoundStageSize",
    "AVAudioSessionSpatialExperience",
    "AVAudioSessionSpatialExperienceOption",
    "AVAudioSessionUserInfoKey",
    "AVAudioStereoOrientation",
    "AudioIO",
    "NSError",
    "Notification",
    "NotificationCenter",
    "NotificationToken",
    "Observation",
    "fourcc_number",
    "fourcc_text",
]

_LATE = {
    "_io": ("AudioIO",),
    "_observing": ("Observation",),
    "avaudioapplication": ("AVAudioApplication",),
    "avaudiosession": ("AVAudioSession",),
    "contexts": (
        "AVAudioSessionDeactivationContext",
        "AVAudioSessionInterruptionContext",
        "AVAudioSessionResumptionContext",
    ),
    "notifications": (
        "Notification",
        "NotificationCenter",
        "NotificationToken",
    ),
    "ports": (
        "AVAudioSessionCapability",
        "AVAudioSessionChannelDescription",
        "AVAudioSessionDataSourceDescription",
        "AVAudioSessionPortDescription",
        "AVAudioSessionPortExtensionBluetoothMicrophone",
        "AVAudioSessionRouteDescription",
    ),
    "enums": (
        "AVAudioApplicationMicrophoneInjectionPermission",
        "AVAudioApplicationRecordPermission",
        "AVAudioSessionActivationOptions",
        "AVAudioSessionAnchoringStrategy",
        "AVAudioSessionDeactivationOptions",
        "AVAudioSessionDeactivationSource",
        "AVAudioSessionIOType",
        "AVAudioSessionInterruptionFlags",
        "AVAudioSessionInterruptionOptions",
        "AVAudioSessionInterruptionReason",
        "AVAudioSessionInterruptionType",
        "AVAudioSessionMicrophoneInjectionMode",
        "AVAudioSessionPortOverride",
        "AVAudioSessionPromptStyle",
        "AVAudioSessionRecordPermission",
        "AVAudioSessionRenderingMode",
        "AVAudioSessionResumptionRecommendation",
        "AVAudioSessionRouteChangeReason",
        "AVAudioSessionRouteSelection",
        "AVAudioSessionSetActiveFlags",
        "AVAudioSessionSilenceSecondaryAudioHintType",
        "AVAudioSessionSoundStageSize",
        "AVAudioSessionSpatialExperience",
        "AVAudioSessionSpatialExperienceOption",
        "AVAudioStereoOrientation",
    ),
    "errors": (
        "NS_OS_STATUS_ERROR_DOMAIN",
        "AVAudioSessionErrorCode",
        "AVAudioSessionErrorInsufficientPriority",
        "NSError",
    ),
    "fourcc": (
        "fourcc_number",
        "fourcc_text",
    ),
    "names": (
        "AVAudioApplicationNotificationName",
        "AVAudioApplicationUserInfoKey",
        "AVAudioSessionLocation",
        "AVAudioSessionNotificationName",
        "AVAudioSessionOrientation",
        "AVAudioSessionPolarPattern",
        "AVAudioSessionPort",
        "AVAudioSessionUserInfoKey",
    ),
}
"""What is loaded when it is asked for, by the module it is in."""


def __getattr__(name: str) -> Any:
    for module, names in _LATE.items():
        if name in names:
            from importlib import import_module

            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
