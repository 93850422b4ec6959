"""AudioManager's public constants under Android's own names."""

from __future__ import annotations

from typing import Final

from audiosession.android.device_constants import (
    AndroidGetAudioDevicesFlags,
)
from audiosession.android.focus_constants import (
    AndroidAudioFocus,
    AndroidAudioFocusRequestResult,
)
from audiosession.android.stream_constants import (
    NUM_STREAMS,
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
    AndroidAudioHardwareMode,
    AndroidAudioProperty,
    AndroidAudioResult,
    AndroidDirectPlayback,
    AndroidEncodedSurroundMode,
    AndroidIntent,
    AndroidPlaybackOffload,
    AndroidScoAudioState,
    AndroidSoundEffectType,
)

__all__ = ["AudioManagerConstants"]


class AudioManagerConstants:
    """The public constants of ``AudioManager`` under Android's own names.

    Numbers are members of this package's enumerations, which are integers as well.
    """

    __slots__ = ()

    AUDIOFOCUS_NONE = AndroidAudioFocus.NONE
    AUDIOFOCUS_GAIN = AndroidAudioFocus.GAIN
    AUDIOFOCUS_GAIN_TRANSIENT = AndroidAudioFocus.GAIN_TRANSIENT
    AUDIOFOCUS_GAIN_TRANSIENT_MAY_DUCK = AndroidAudioFocus.GAIN_TRANSIENT_MAY_DUCK
    AUDIOFOCUS_GAIN_TRANSIENT_EXCLUSIVE = AndroidAudioFocus.GAIN_TRANSIENT_EXCLUSIVE
    AUDIOFOCUS_LOSS = AndroidAudioFocus.LOSS
    AUDIOFOCUS_LOSS_TRANSIENT = AndroidAudioFocus.LOSS_TRANSIENT
    AUDIOFOCUS_LOSS_TRANSIENT_CAN_DUCK = AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK
    AUDIOFOCUS_REQUEST_FAILED = AndroidAudioFocusRequestResult.FAILED
    AUDIOFOCUS_REQUEST_GRANTED = AndroidAudioFocusRequestResult.GRANTED
    AUDIOFOCUS_REQUEST_DELAYED = AndroidAudioFocusRequestResult.DELAYED
    STREAM_VOICE_CALL = AndroidStreamType.VOICE_CALL
    STREAM_SYSTEM = AndroidStreamType.SYSTEM
    STREAM_RING = AndroidStreamType.RING
    STREAM_MUSIC = AndroidStreamType.MUSIC
    STREAM_ALARM = AndroidStreamType.ALARM
    STREAM_NOTIFICATION = AndroidStreamType.NOTIFICATION
    STREAM_DTMF = AndroidStreamType.DTMF
    STREAM_ACCESSIBILITY = AndroidStreamType.ACCESSIBILITY
    STREAM_ASSISTANT = AndroidStreamType.ASSISTANT
    ADJUST_RAISE = AndroidAudioAdjustment.RAISE
    ADJUST_LOWER = AndroidAudioAdjustment.LOWER
    ADJUST_SAME = AndroidAudioAdjustment.SAME
    ADJUST_MUTE = AndroidAudioAdjustment.MUTE
    ADJUST_UNMUTE = AndroidAudioAdjustment.UNMUTE
    ADJUST_TOGGLE_MUTE = AndroidAudioAdjustment.TOGGLE_MUTE
    FLAG_SHOW_UI = AndroidAudioVolumeFlags.SHOW_UI
    FLAG_ALLOW_RINGER_MODES = AndroidAudioVolumeFlags.ALLOW_RINGER_MODES
    FLAG_PLAY_SOUND = AndroidAudioVolumeFlags.PLAY_SOUND
    FLAG_REMOVE_SOUND_AND_VIBRATE = AndroidAudioVolumeFlags.REMOVE_SOUND_AND_VIBRATE
    FLAG_VIBRATE = AndroidAudioVolumeFlags.VIBRATE
    RINGER_MODE_SILENT = AndroidRingerMode.SILENT
    RINGER_MODE_VIBRATE = AndroidRingerMode.VIBRATE
    RINGER_MODE_NORMAL = AndroidRingerMode.NORMAL
    VIBRATE_TYPE_RINGER = AndroidVibrateType.RINGER
    VIBRATE_TYPE_NOTIFICATION = AndroidVibrateType.NOTIFICATION
    VIBRATE_SETTING_OFF = AndroidVibrateSetting.OFF
    VIBRATE_SETTING_ON = AndroidVibrateSetting.ON
    VIBRATE_SETTING_ONLY_SILENT = AndroidVibrateSetting.ONLY_SILENT
    MODE_INVALID = AndroidAudioHardwareMode.INVALID
    MODE_CURRENT = AndroidAudioHardwareMode.CURRENT
    MODE_NORMAL = AndroidAudioHardwareMode.NORMAL
    MODE_RINGTONE = AndroidAudioHardwareMode.RINGTONE
    MODE_IN_CALL = AndroidAudioHardwareMode.IN_CALL
    MODE_IN_COMMUNICATION = AndroidAudioHardwareMode.IN_COMMUNICATION
    MODE_CALL_SCREENING = AndroidAudioHardwareMode.CALL_SCREENING
    MODE_CALL_REDIRECT = AndroidAudioHardwareMode.CALL_REDIRECT
    MODE_COMMUNICATION_REDIRECT = AndroidAudioHardwareMode.COMMUNICATION_REDIRECT
    MODE_ASSISTANT_CONVERSATION = AndroidAudioHardwareMode.ASSISTANT_CONVERSATION
    GET_DEVICES_INPUTS = AndroidGetAudioDevicesFlags.INPUTS
    GET_DEVICES_OUTPUTS = AndroidGetAudioDevicesFlags.OUTPUTS
    GET_DEVICES_ALL = AndroidGetAudioDevicesFlags.ALL
    SCO_AUDIO_STATE_ERROR = AndroidScoAudioState.ERROR
    SCO_AUDIO_STATE_DISCONNECTED = AndroidScoAudioState.DISCONNECTED
    SCO_AUDIO_STATE_CONNECTED = AndroidScoAudioState.CONNECTED
    SCO_AUDIO_STATE_CONNECTING = AndroidScoAudioState.CONNECTING
    ACTION_AUDIO_BECOMING_NOISY = AndroidIntent.ACTION_AUDIO_BECOMING_NOISY
    ACTION_SCO_AUDIO_STATE_UPDATED = AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED
    ACTION_SCO_AUDIO_STATE_CHANGED = AndroidIntent.ACTION_SCO_AUDIO_STATE_CHANGED
    EXTRA_SCO_AUDIO_STATE = AndroidIntent.EXTRA_SCO_AUDIO_STATE
    EXTRA_SCO_AUDIO_PREVIOUS_STATE = AndroidIntent.EXTRA_SCO_AUDIO_PREVIOUS_STATE
    RINGER_MODE_CHANGED_ACTION = AndroidIntent.RINGER_MODE_CHANGED_ACTION
    EXTRA_RINGER_MODE = AndroidIntent.EXTRA_RINGER_MODE
    ACTION_HEADSET_PLUG = AndroidIntent.ACTION_HEADSET_PLUG
    ACTION_HDMI_AUDIO_PLUG = AndroidIntent.ACTION_HDMI_AUDIO_PLUG
    EXTRA_AUDIO_PLUG_STATE = AndroidIntent.EXTRA_AUDIO_PLUG_STATE
    EXTRA_MAX_CHANNEL_COUNT = AndroidIntent.EXTRA_MAX_CHANNEL_COUNT
    EXTRA_ENCODINGS = AndroidIntent.EXTRA_ENCODINGS
    ACTION_MICROPHONE_MUTE_CHANGED = AndroidIntent.ACTION_MICROPHONE_MUTE_CHANGED
    ACTION_SPEAKERPHONE_STATE_CHANGED = AndroidIntent.ACTION_SPEAKERPHONE_STATE_CHANGED
    FX_KEY_CLICK = AndroidSoundEffectType.KEY_CLICK
    FX_FOCUS_NAVIGATION_UP = AndroidSoundEffectType.FOCUS_NAVIGATION_UP
    FX_FOCUS_NAVIGATION_DOWN = AndroidSoundEffectType.FOCUS_NAVIGATION_DOWN
    FX_FOCUS_NAVIGATION_LEFT = AndroidSoundEffectType.FOCUS_NAVIGATION_LEFT
    FX_FOCUS_NAVIGATION_RIGHT = AndroidSoundEffectType.FOCUS_NAVIGATION_RIGHT
    FX_KEYPRESS_STANDARD = AndroidSoundEffectType.KEYPRESS_STANDARD
    FX_KEYPRESS_SPACEBAR = AndroidSoundEffectType.KEYPRESS_SPACEBAR
    FX_KEYPRESS_DELETE = AndroidSoundEffectType.KEYPRESS_DELETE
    FX_KEYPRESS_RETURN = AndroidSoundEffectType.KEYPRESS_RETURN
    FX_KEYPRESS_INVALID = AndroidSoundEffectType.KEYPRESS_INVALID
    FX_BACK = AndroidSoundEffectType.BACK
    PROPERTY_OUTPUT_SAMPLE_RATE = AndroidAudioProperty.OUTPUT_SAMPLE_RATE
    PROPERTY_OUTPUT_FRAMES_PER_BUFFER = AndroidAudioProperty.OUTPUT_FRAMES_PER_BUFFER
    PROPERTY_SUPPORT_MIC_NEAR_ULTRASOUND = AndroidAudioProperty.SUPPORT_MIC_NEAR_ULTRASOUND
    PROPERTY_SUPPORT_SPEAKER_NEAR_ULTRASOUND: Final = (
        AndroidAudioProperty.SUPPORT_SPEAKER_NEAR_ULTRASOUND
    )
    PROPERTY_SUPPORT_AUDIO_SOURCE_UNPROCESSED: Final = (
        AndroidAudioProperty.SUPPORT_AUDIO_SOURCE_UNPROCESSED
    )
    ERROR = AndroidAudioResult.ERROR
    ERROR_DEAD_OBJECT = AndroidAudioResult.ERROR_DEAD_OBJECT
    PLAYBACK_OFFLOAD_NOT_SUPPORTED = AndroidPlaybackOffload.NOT_SUPPORTED
    PLAYBACK_OFFLOAD_SUPPORTED = AndroidPlaybackOffload.SUPPORTED
    PLAYBACK_OFFLOAD_GAPLESS_SUPPORTED = AndroidPlaybackOffload.GAPLESS_SUPPORTED
    DIRECT_PLAYBACK_NOT_SUPPORTED = AndroidDirectPlayback.NOT_SUPPORTED
    DIRECT_PLAYBACK_OFFLOAD_SUPPORTED = AndroidDirectPlayback.OFFLOAD_SUPPORTED
    DIRECT_PLAYBACK_OFFLOAD_GAPLESS_SUPPORTED: Final = (
        AndroidDirectPlayback.OFFLOAD_GAPLESS_SUPPORTED
    )
    DIRECT_PLAYBACK_BITSTREAM_SUPPORTED = AndroidDirectPlayback.BITSTREAM_SUPPORTED
    ENCODED_SURROUND_OUTPUT_UNKNOWN = AndroidEncodedSurroundMode.UNKNOWN
    ENCODED_SURROUND_OUTPUT_AUTO = AndroidEncodedSurroundMode.AUTO
    ENCODED_SURROUND_OUTPUT_NEVER = AndroidEncodedSurroundMode.NEVER
    ENCODED_SURROUND_OUTPUT_ALWAYS = AndroidEncodedSurroundMode.ALWAYS
    ENCODED_SURROUND_OUTPUT_MANUAL = AndroidEncodedSurroundMode.MANUAL
    USE_DEFAULT_STREAM_TYPE = USE_DEFAULT_STREAM_TYPE
    NUM_STREAMS = NUM_STREAMS
    AUDIO_SESSION_ID_GENERATE = AUDIO_SESSION_ID_GENERATE
