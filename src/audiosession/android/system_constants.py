"""Modes, Bluetooth for calls, intents, sound effects, properties and answers."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag, StrEnum
from typing import Final

__all__ = [
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
]

AUDIO_SESSION_ID_GENERATE: Final = 0
"""Stands for an audio session id that is yet to be made."""
NUM_SOUND_EFFECTS: Final = 16
"""How many sound effects there are, hidden ones as well."""
HEADSET_PLUG_EXTRAS: Final = ("state", "name", "microphone")
"""What the intent ``ACTION_HEADSET_PLUG`` carries."""


class AndroidAudioHardwareMode(IntEnum):
    """What the device's sound is for just now; ``AudioManager.MODE_*``."""

    INVALID = -2
    """No mode."""
    CURRENT = -1
    """Stands for the mode that is."""
    NORMAL = 0
    """Neither rings nor calls."""
    RINGTONE = 1
    """A call comes in."""
    IN_CALL = 2
    """A telephone call."""
    IN_COMMUNICATION = 3
    """A call of an app's own."""
    CALL_SCREENING = 4
    """The system answers a call by itself; since API level 30."""
    CALL_REDIRECT = 5
    """An app takes over a telephone call's sound; since API level 33."""
    COMMUNICATION_REDIRECT = 6
    """An app takes over another's call; since API level 33."""
    ASSISTANT_CONVERSATION = 7
    """A talk with an assistant; newest."""


class AndroidCallRedirectMode(IntEnum):
    """Which calls' sound an app can take over; ``AudioManager.CALL_REDIRECT_*``, hidden."""

    NONE = 0
    """None."""
    PSTN = 1
    """A telephone call's."""
    VOIP = 2
    """An app's call's."""


class AndroidScoAudioState(IntEnum):
    """How a Bluetooth headset's link for calls is; ``AudioManager.SCO_AUDIO_STATE_*``."""

    ERROR = -1
    """It cannot be said."""
    DISCONNECTED = 0
    """Closed."""
    CONNECTED = 1
    """Open."""
    CONNECTING = 2
    """About to open."""


class AndroidIntent(StrEnum):
    """What the system sends around about audio, and the keys of what it says."""

    ACTION_AUDIO_BECOMING_NOISY = "android.media.AUDIO_BECOMING_NOISY"
    """Sound is about to come from a loudspeaker: pause."""
    ACTION_SCO_AUDIO_STATE_UPDATED = "android.media.ACTION_SCO_AUDIO_STATE_UPDATED"
    """The link for calls has another state."""
    ACTION_SCO_AUDIO_STATE_CHANGED = "android.media.SCO_AUDIO_STATE_CHANGED"
    """The same as it was told earlier, without connecting; deprecated."""
    EXTRA_SCO_AUDIO_STATE = "android.media.extra.SCO_AUDIO_STATE"
    """Which state."""
    EXTRA_SCO_AUDIO_PREVIOUS_STATE = "android.media.extra.SCO_AUDIO_PREVIOUS_STATE"
    """Which it was before."""
    RINGER_MODE_CHANGED_ACTION = "android.media.RINGER_MODE_CHANGED"
    """The ringer has another mode."""
    EXTRA_RINGER_MODE = "android.media.EXTRA_RINGER_MODE"
    """Which mode."""
    VOLUME_CHANGED_ACTION = "android.media.VOLUME_CHANGED_ACTION"
    """Hidden: a stream has another volume."""
    EXTRA_VOLUME_STREAM_TYPE = "android.media.EXTRA_VOLUME_STREAM_TYPE"
    """Hidden: which stream type."""
    EXTRA_VOLUME_STREAM_TYPE_ALIAS = "android.media.EXTRA_VOLUME_STREAM_TYPE_ALIAS"
    """Hidden: the stream type whose volume it follows."""
    EXTRA_VOLUME_STREAM_VALUE = "android.media.EXTRA_VOLUME_STREAM_VALUE"
    """Hidden: its index."""
    EXTRA_PREV_VOLUME_STREAM_VALUE = "android.media.EXTRA_PREV_VOLUME_STREAM_VALUE"
    """Hidden: the index before."""
    STREAM_MUTE_CHANGED_ACTION = "android.media.STREAM_MUTE_CHANGED_ACTION"
    """Hidden: a stream is muted, or is no longer."""
    EXTRA_STREAM_VOLUME_MUTED = "android.media.EXTRA_STREAM_VOLUME_MUTED"
    """Hidden: whether it is muted."""
    ACTION_HEADSET_PLUG = "android.intent.action.HEADSET_PLUG"
    """A wired headset came or went."""
    ACTION_HDMI_AUDIO_PLUG = "android.media.action.HDMI_AUDIO_PLUG"
    """An HDMI device came or went."""
    EXTRA_AUDIO_PLUG_STATE = "android.media.extra.AUDIO_PLUG_STATE"
    """1 when it came, 0 when it went."""
    EXTRA_MAX_CHANNEL_COUNT = "android.media.extra.MAX_CHANNEL_COUNT"
    """The most channels it plays."""
    EXTRA_ENCODINGS = "android.media.extra.ENCODINGS"
    """What it plays, ``AudioFormat.ENCODING_*``."""
    ACTION_MICROPHONE_MUTE_CHANGED = "android.media.action.MICROPHONE_MUTE_CHANGED"
    """Microphones are muted, or are no longer; since API level 28."""
    ACTION_SPEAKERPHONE_STATE_CHANGED = "android.media.action.SPEAKERPHONE_STATE_CHANGED"
    """Calls come from the loudspeaker, or no longer do; since API level 29."""


class AndroidSoundEffectType(IntEnum):
    """Sounds of touching the screen; ``AudioManager.FX_*``."""

    KEY_CLICK = 0
    """A click."""
    FOCUS_NAVIGATION_UP = 1
    """The selection moves up."""
    FOCUS_NAVIGATION_DOWN = 2
    """The selection moves down."""
    FOCUS_NAVIGATION_LEFT = 3
    """The selection moves to the left."""
    FOCUS_NAVIGATION_RIGHT = 4
    """The selection moves to the right."""
    KEYPRESS_STANDARD = 5
    """A key of the keyboard."""
    KEYPRESS_SPACEBAR = 6
    """The space bar."""
    KEYPRESS_DELETE = 7
    """The delete key."""
    KEYPRESS_RETURN = 8
    """The return key."""
    KEYPRESS_INVALID = 9
    """A key that does nothing."""
    BACK = 10
    """Going back; since API level 31."""
    HOME = 11
    """Hidden: going home."""
    FOCUS_NAVIGATION_REPEAT_1 = 12
    """Hidden: the selection goes on moving."""
    FOCUS_NAVIGATION_REPEAT_2 = 13
    """Hidden: the selection goes on moving."""
    FOCUS_NAVIGATION_REPEAT_3 = 14
    """Hidden: the selection goes on moving."""
    FOCUS_NAVIGATION_REPEAT_4 = 15
    """Hidden: the selection goes on moving."""


class AndroidAudioProperty(StrEnum):
    """What a device can be asked about itself; ``AudioManager.PROPERTY_*``."""

    OUTPUT_SAMPLE_RATE = "android.media.property.OUTPUT_SAMPLE_RATE"
    """The sample rate of the output in Hz, as decimal text."""
    OUTPUT_FRAMES_PER_BUFFER = "android.media.property.OUTPUT_FRAMES_PER_BUFFER"
    """The output's buffer in frames, as decimal text."""
    SUPPORT_MIC_NEAR_ULTRASOUND = "android.media.property.SUPPORT_MIC_NEAR_ULTRASOUND"
    """``true`` when microphones hear nearly ultrasound."""
    SUPPORT_SPEAKER_NEAR_ULTRASOUND = "android.media.property.SUPPORT_SPEAKER_NEAR_ULTRASOUND"
    """``true`` when the loudspeaker plays nearly ultrasound."""
    SUPPORT_AUDIO_SOURCE_UNPROCESSED = "android.media.property.SUPPORT_AUDIO_SOURCE_UNPROCESSED"
    """``true`` when a recording may be left unprocessed."""


class AndroidAudioResult(IntEnum):
    """The audio server's answers; ``AudioManager``, two of them public."""

    SUCCESS = 0
    """Done."""
    ERROR = -1
    """Not done."""
    ERROR_BAD_VALUE = -2
    """A value makes no sense."""
    ERROR_INVALID_OPERATION = -3
    """Not now."""
    ERROR_PERMISSION_DENIED = -4
    """Not by this app."""
    ERROR_NO_INIT = -5
    """Not set up."""
    ERROR_DEAD_OBJECT = -6
    """The audio server is gone."""


class AndroidPlaybackOffload(IntEnum):
    """Whether hardware decodes; ``AudioManager.PLAYBACK_OFFLOAD_*``, API level 31."""

    NOT_SUPPORTED = 0
    """It does not."""
    SUPPORTED = 1
    """It does."""
    GAPLESS_SUPPORTED = 2
    """It does, without gaps between tracks."""


class AndroidDirectPlayback(IntFlag, boundary=KEEP):
    """How sound can pass unmixed; ``AudioManager.DIRECT_PLAYBACK_*``, API level 33."""

    NOT_SUPPORTED = 0
    """Not at all."""
    OFFLOAD_SUPPORTED = 1
    """Decoded by hardware."""
    OFFLOAD_GAPLESS_SUPPORTED = 3
    """Decoded by hardware, without gaps between tracks."""
    BITSTREAM_SUPPORTED = 4
    """Passed on as it is."""


class AndroidEncodedSurroundMode(IntEnum):
    """Which surround formats are passed on; ``ENCODED_SURROUND_OUTPUT_*``."""

    UNKNOWN = -1
    """Nothing is known."""
    AUTO = 0
    """Those that the connected device takes."""
    NEVER = 1
    """None."""
    ALWAYS = 2
    """All."""
    MANUAL = 3
    """Those that the user chose."""
