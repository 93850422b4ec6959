"""Apple's capture session: microphones and cameras to files or callbacks.

Importing this loads nothing but the standard library; a name is loaded when it is asked for.
What reads, shows or writes samples needs the extra ``audiosession[capture]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audiosession.capture.avcapturesession import (
        AVCaptureSession,
        AVCaptureSessionDeferredStartDelegate,
    )
    from audiosession.capture.connections import (
        AVCaptureConnection,
    )
    from audiosession.capture.devices import (
        AVCaptureDevice,
        AVCaptureDeviceDiscoverySession,
        AVCaptureSystemPressureState,
    )
    from audiosession.capture.enums import (
        AVAuthorizationStatus,
        AVCaptureDevicePosition,
        AVCaptureDeviceType,
        AVCaptureMicrophoneMode,
        AVCaptureMultichannelAudioMode,
        AVCaptureOutputDataDroppedReason,
        AVCaptureSessionInterruptionReason,
        AVCaptureSystemPressureLevel,
        AVCaptureVideoOrientation,
        AVCaptureVideoStabilizationMode,
        AVMediaType,
    )
    from audiosession.capture.errors import (
        AV_FOUNDATION_ERROR_DOMAIN,
        AVError,
        CaptureError,
        NSGenericException,
        NSInvalidArgumentException,
    )
    from audiosession.capture.host import (
        CaptureHost,
        DeviceFacts,
        FormatFacts,
        HostClock,
    )
    from audiosession.capture.inputs import (
        AVCaptureDeviceInput,
        AVCaptureInput,
        AVCaptureInputPort,
    )
    from audiosession.capture.levels import (
        AVCaptureAudioChannel,
    )
    from audiosession.capture.multicam import (
        AVCaptureMultiCamSession,
    )
    from audiosession.capture.notifications import (
        AVCaptureDeviceNotificationName,
        AVCaptureInputPortNotificationName,
        AVCaptureSessionNotificationName,
        AVCaptureSessionUserInfoKey,
    )
    from audiosession.capture.outputs.audio_data import (
        AVCaptureAudioDataOutput,
        AVCaptureAudioDataOutputSampleBufferDelegate,
    )
    from audiosession.capture.outputs.audio_file import (
        AVCaptureAudioFileOutput,
    )
    from audiosession.capture.outputs.base import (
        AVCaptureOutput,
    )
    from audiosession.capture.outputs.file_output import (
        AVCaptureFileOutput,
        AVCaptureFileOutputRecordingDelegate,
    )
    from audiosession.capture.outputs.movie_file import (
        AVCaptureMovieFileOutput,
    )
    from audiosession.capture.outputs.settings import (
        AVAudioSettingsKey,
        AVFileType,
        AVVideoCodecType,
        AVVideoSettingsKey,
    )
    from audiosession.capture.outputs.video_data import (
        AVCaptureVideoDataOutput,
        AVCaptureVideoDataOutputSampleBufferDelegate,
    )
    from audiosession.capture.presets import (
        AVCaptureSessionPreset,
    )
    from audiosession.capture.samples import (
        SampleBuffer,
    )

_LATE = {
    "avcapturesession": ("AVCaptureSession", "AVCaptureSessionDeferredStartDelegate"),
    "connections": ("AVCaptureConnection",),
    "devices": (
        "AVCaptureDevice",
        "AVCaptureDeviceDiscoverySession",
        "AVCaptureSystemPressureState",
    ),
    "enums": (
        "AVAuthorizationStatus",
        "AVCaptureDevicePosition",
        "AVCaptureDeviceType",
        "AVCaptureMicrophoneMode",
        "AVCaptureMultichannelAudioMode",
        "AVCaptureOutputDataDroppedReason",
        "AVCaptureSessionInterruptionReason",
        "AVCaptureSystemPressureLevel",
        "AVCaptureVideoOrientation",
        "AVCaptureVideoStabilizationMode",
        "AVMediaType",
    ),
    "errors": (
        "AV_FOUNDATION_ERROR_DOMAIN",
        "AVError",
        "CaptureError",
        "NSGenericException",
        "NSInvalidArgumentException",
    ),
    "host": (
        "CaptureHost",
        "DeviceFacts",
        "FormatFacts",
        "HostClock",
    ),
    "inputs": (
        "AVCaptureDeviceInput",
        "AVCaptureInput",
        "AVCaptureInputPort",
    ),
    "levels": ("AVCaptureAudioChannel",),
    "multicam": ("AVCaptureMultiCamSession",),
    "notifications": (
        "AVCaptureDeviceNotificationName",
        "AVCaptureInputPortNotificationName",
        "AVCaptureSessionNotificationName",
        "AVCaptureSessionUserInfoKey",
    ),
    "outputs.audio_data": (
        "AVCaptureAudioDataOutput",
        "AVCaptureAudioDataOutputSampleBufferDelegate",
    ),
    "outputs.audio_file": ("AVCaptureAudioFileOutput",),
    "outputs.base": ("AVCaptureOutput",),
    "outputs.file_output": (
        "AVCaptureFileOutput",
        "AVCaptureFileOutputRecordingDelegate",
    ),
    "outputs.movie_file": ("AVCaptureMovieFileOutput",),
    "outputs.settings": (
        "AVAudioSettingsKey",
        "AVFileType",
        "AVVideoCodecType",
        "AVVideoSettingsKey",
    ),
    "outputs.video_data": (
        "AVCaptureVideoDataOutput",
        "AVCaptureVideoDataOutputSampleBufferDelegate",
    ),
    "presets": ("AVCaptureSessionPreset",),
    "samples": ("SampleBuffer",),
}
"""What is loaded when it is asked for, by the module it is in."""

__all__ = [
    "AV_FOUNDATION_ERROR_DOMAIN",
    "AVAudioSettingsKey",
    "AVAuthorizationStatus",
    "AVCaptureAudioChannel",
    "AVCaptureAudioDataOutput",
    "AVCaptureAudioDataOutputSampleBufferDelegate",
    "AVCaptureAudioFileOutput",
    "AVCaptureConnection",
    "AVCaptureDevice",
    "AVCaptureDeviceDiscoverySession",
    "AVCaptureDeviceInput",
    "AVCaptureDeviceNotificationName",
    "AVCaptureDevicePosition",
    "AVCaptureDeviceType",
    "AVCaptureFileOutput",
    "AVCaptureFileOutputRecordingDelegate",
    "AVCaptureInput",
    "AVCaptureInputPort",
    "AVCaptureInputPortNotificationName",
    "AVCaptureMicrophoneMode",
    "AVCaptureMovieFileOutput",
    "AVCaptureMultiCamSession",
    "AVCaptureMultichannelAudioMode",
    "AVCaptureOutput",
    "AVCaptureOutputDataDroppedReason",
    "AVCaptureSession",
    "AVCaptureSessionDeferredStartDelegate",
    "AVCaptureSessionInterruptionReason",
    "AVCaptureSessionNotificationName",
    "AVCaptureSessionPreset",
    "AVCaptureSessionUserInfoKey",
    "AVCaptureSystemPressureLevel",
    "AVCaptureSystemPressureState",
    "AVCaptureVideoDataOutput",
    "AVCaptureVideoDataOutputSampleBufferDelegate",
    "AVCaptureVideoOrientation",
    "AVCaptureVideoStabilizationMode",
    "AVError",
    "AVFileType",
    "AVMediaType",
    "AVVideoCodecType",
    "AVVideoSettingsKey",
    "CaptureError",
    "CaptureHost",
    "DeviceFacts",
    "FormatFacts",
    "HostClock",
    "NSGenericException",
    "NSInvalidArgumentException",
    "SampleBuffer",
]


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
