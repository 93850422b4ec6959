"""Android's audio: its vocabulary, audio attributes, focus requests and AudioManager.

Importing this loads the values of the one API, which need nothing but the standard library;
everything else is loaded when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from audiosession.android.attributes import (
    AndroidAudioAttributes,
)
from audiosession.android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)

if TYPE_CHECKING:
    from audiosession.android.app import ORDINARY_APP, AndroidApp, AndroidPermission
    from audiosession.android.attribute_constants import (
        CONTENT_TYPE_ULTRASOUND,
        USAGE_VIRTUAL_SOURCE,
        AndroidAudioAttributeFlags,
        AndroidAudioCapturePolicy,
        AndroidSpatializationBehavior,
        AndroidSuppressibleClass,
        AudioAttributesConstants,
    )
    from audiosession.android.audio_attributes import (
        AudioAttributes,
    )
    from audiosession.android.audio_device_info import AudioDeviceCallback, AudioDeviceInfo
    from audiosession.android.audio_focus_request import (
        AudioFocusRequest,
        Handler,
        OnAudioFocusChangeListener,
    )
    from audiosession.android.audio_manager import AudioManager
    from audiosession.android.device_constants import (
        GROUP_UNKNOWN,
        INDEX_IN_THE_GROUP_UNKNOWN,
        ORIENTATION_UNKNOWN,
        POSITION_UNKNOWN,
        SENSITIVITY_UNKNOWN,
        SPL_UNKNOWN,
        AndroidAudioDeviceType,
        AndroidGetAudioDevicesFlags,
        AndroidInternalOutputDevice,
        AndroidMicrophoneChannelMapping,
        AndroidMicrophoneDirectionality,
        AndroidMicrophoneLocation,
        AudioDeviceInfoConstants,
        MicrophoneInfoConstants,
    )
    from audiosession.android.errors import (
        IllegalArgumentException,
        IllegalStateException,
        NullPointerException,
        SecurityException,
    )
    from audiosession.android.focus_constants import (
        FORCE_DUCKING_KEY,
        RING_CALL_CLIENT_ID,
        AndroidAudioFocus,
        AndroidAudioFocusFlags,
        AndroidAudioFocusRequestResult,
        AndroidVolumeShaperId,
    )
    from audiosession.android.intents import Intent, Receiver
    from audiosession.android.key_constants import (
        MEDIA_SESSION_KEYS,
        AndroidKeyCode,
        AndroidKeyEventAction,
        KeyEventConstants,
    )
    from audiosession.android.key_event import KeyEvent
    from audiosession.android.manager_constants import (
        AudioManagerConstants,
    )
    from audiosession.android.microphone_info import Coordinates, MicrophoneInfo
    from audiosession.android.stream_constants import (
        NUM_STREAM_TYPES,
        NUM_STREAMS,
        PLUGIN_USE_DEFAULT_STREAM_TYPE,
        USE_DEFAULT_STREAM_TYPE,
        AndroidAudioAdjustment,
        AndroidAudioVolumeFlags,
        AndroidRingerMode,
        AndroidStreamType,
        AndroidVibrateSetting,
        AndroidVibrateType,
    )
    from audiosession.android.system_constants import (
        AUDIO_SESSION_ID_GENERATE,
        HEADSET_PLUG_EXTRAS,
        NUM_SOUND_EFFECTS,
        AndroidAudioHardwareMode,
        AndroidAudioProperty,
        AndroidAudioResult,
        AndroidCallRedirectMode,
        AndroidDirectPlayback,
        AndroidEncodedSurroundMode,
        AndroidIntent,
        AndroidPlaybackOffload,
        AndroidScoAudioState,
        AndroidSoundEffectType,
    )
    from audiosession.android.tables import (
        DEFAULT_VOLUME_GROUP,
        AndroidCarContext,
        CarInteraction,
        StreamAttributes,
        StreamVolume,
    )

__all__ = [
    "AUDIO_SESSION_ID_GENERATE",
    "CONTENT_TYPE_ULTRASOUND",
    "DEFAULT_VOLUME_GROUP",
    "FORCE_DUCKING_KEY",
    "GROUP_UNKNOWN",
    "HEADSET_PLUG_EXTRAS",
    "INDEX_IN_THE_GROUP_UNKNOWN",
    "MEDIA_SESSION_KEYS",
    "NUM_SOUND_EFFECTS",
    "NUM_STREAMS",
    "NUM_STREAM_TYPES",
    "ORDINARY_APP",
    "ORIENTATION_UNKNOWN",
    "PLUGIN_USE_DEFAULT_STREAM_TYPE",
    "POSITION_UNKNOWN",
    "RING_CALL_CLIENT_ID",
    "SENSITIVITY_UNKNOWN",
    "SPL_UNKNOWN",
    "USAGE_VIRTUAL_SOURCE",
    "USE_DEFAULT_STREAM_TYPE",
    "AndroidApp",
    "AndroidAudioAdjustment",
    "AndroidAudioAttributeFlags",
    "AndroidAudioAttributes",
    "AndroidAudioCapturePolicy",
    "AndroidAudioContentType",
    "AndroidAudioDeviceType",
    "AndroidAudioFlags",
    "AndroidAudioFocus",
    "AndroidAudioFocusFlags",
    "AndroidAudioFocusGainType",
    "AndroidAudioFocusRequestResult",
    "AndroidAudioHardwareMode",
    "AndroidAudioProperty",
    "AndroidAudioResult",
    "AndroidAudioUsage",
    "AndroidAudioVolumeFlags",
    "AndroidCallRedirectMode",
    "AndroidCarContext",
    "AndroidDirectPlayback",
    "AndroidEncodedSurroundMode",
    "AndroidGetAudioDevicesFlags",
    "AndroidIntent",
    "AndroidInternalOutputDevice",
    "AndroidKeyCode",
    "AndroidKeyEventAction",
    "AndroidMicrophoneChannelMapping",
    "AndroidMicrophoneDirectionality",
    "AndroidMicrophoneLocation",
    "AndroidPermission",
    "AndroidPlaybackOffload",
    "AndroidRingerMode",
    "AndroidScoAudioState",
    "AndroidSoundEffectType",
    "AndroidSpatializationBehavior",
    "AndroidStreamType",
    "AndroidSuppressibleClass",
    "AndroidVibrateSetting",
    "AndroidVibrateType",
    "AndroidVolumeShaperId",
    "AudioAttributes",
    "AudioAttributesConstants",
    "AudioDeviceCallback",
    "AudioDeviceInfo",
    "AudioDeviceInfoConstants",
    "AudioFocusRequest",
    "AudioManager",
    "AudioManagerConstants",
    "CarInteraction",
    "Coordinates",
    "Handler",
    "IllegalArgumentException",
    "IllegalStateException",
    "Intent",
    "KeyEvent",
    "KeyEventConstants",
    "MicrophoneInfo",
    "MicrophoneInfoConstants",
    "NullPointerException",
    "OnAudioFocusChangeListener",
    "Receiver",
    "SecurityException",
    "StreamAttributes",
    "StreamVolume",
]

_LATE = {
    "app": ("ORDINARY_APP", "AndroidApp", "AndroidPermission"),
    "audio_manager": ("AudioManager",),
    "attribute_constants": (
        "CONTENT_TYPE_ULTRASOUND",
        "USAGE_VIRTUAL_SOURCE",
        "AndroidAudioAttributeFlags",
        "AndroidAudioCapturePolicy",
        "AndroidSpatializationBehavior",
        "AndroidSuppressibleClass",
        "AudioAttributesConstants",
    ),
    "audio_attributes": ("AudioAttributes",),
    "audio_device_info": ("AudioDeviceCallback", "AudioDeviceInfo"),
    "audio_focus_request": (
        "AudioFocusRequest",
        "Handler",
        "OnAudioFocusChangeListener",
    ),
    "device_constants": (
        "GROUP_UNKNOWN",
        "INDEX_IN_THE_GROUP_UNKNOWN",
        "ORIENTATION_UNKNOWN",
        "POSITION_UNKNOWN",
        "SENSITIVITY_UNKNOWN",
        "SPL_UNKNOWN",
        "AndroidAudioDeviceType",
        "AndroidGetAudioDevicesFlags",
        "AndroidInternalOutputDevice",
        "AndroidMicrophoneChannelMapping",
        "AndroidMicrophoneDirectionality",
        "AndroidMicrophoneLocation",
        "AudioDeviceInfoConstants",
        "MicrophoneInfoConstants",
    ),
    "errors": (
        "IllegalArgumentException",
        "IllegalStateException",
        "NullPointerException",
        "SecurityException",
    ),
    "focus_constants": (
        "FORCE_DUCKING_KEY",
        "RING_CALL_CLIENT_ID",
        "AndroidAudioFocus",
        "AndroidAudioFocusFlags",
        "AndroidAudioFocusRequestResult",
        "AndroidVolumeShaperId",
    ),
    "key_constants": (
        "MEDIA_SESSION_KEYS",
        "AndroidKeyCode",
        "AndroidKeyEventAction",
        "KeyEventConstants",
    ),
    "key_event": ("KeyEvent",),
    "intents": ("Intent", "Receiver"),
    "manager_constants": ("AudioManagerConstants",),
    "microphone_info": ("Coordinates", "MicrophoneInfo"),
    "stream_constants": (
        "NUM_STREAMS",
        "NUM_STREAM_TYPES",
        "PLUGIN_USE_DEFAULT_STREAM_TYPE",
        "USE_DEFAULT_STREAM_TYPE",
        "AndroidAudioAdjustment",
        "AndroidAudioVolumeFlags",
        "AndroidRingerMode",
        "AndroidStreamType",
        "AndroidVibrateSetting",
        "AndroidVibrateType",
    ),
    "system_constants": (
        "AUDIO_SESSION_ID_GENERATE",
        "HEADSET_PLUG_EXTRAS",
        "NUM_SOUND_EFFECTS",
        "AndroidAudioHardwareMode",
        "AndroidAudioProperty",
        "AndroidAudioResult",
        "AndroidCallRedirectMode",
        "AndroidDirectPlayback",
        "AndroidEncodedSurroundMode",
        "AndroidIntent",
        "AndroidPlaybackOffload",
        "AndroidScoAudioState",
        "AndroidSoundEffectType",
    ),
    "tables": (
        "DEFAULT_VOLUME_GROUP",
        "AndroidCarContext",
        "CarInteraction",
        "StreamAttributes",
        "StreamVolume",
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
