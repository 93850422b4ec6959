"""Stream types, volumes and the ringer."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Final

__all__ = [
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
]

USE_DEFAULT_STREAM_TYPE: Final = -(2**31)
"""Stands for the stream that the system finds most relevant."""
PLUGIN_USE_DEFAULT_STREAM_TYPE: Final = 0x8000_0000
"""The same bits as the Flutter plugin sends them: without a sign."""
NUM_STREAM_TYPES: Final = 12
"""How many stream types there are."""
NUM_STREAMS: Final = 5
"""How many there were when apps were told; deprecated."""


class AndroidStreamType(IntEnum):
    """What volumes are counted by; ``AudioManager.STREAM_*``."""

    DEFAULT = -1
    """Hidden: whatever the default is."""
    VOICE_CALL = 0
    """Calls."""
    SYSTEM = 1
    """Sounds of the user interface."""
    RING = 2
    """The ringtone."""
    MUSIC = 3
    """Media, games and all that fits nowhere else."""
    ALARM = 4
    """Alarms."""
    NOTIFICATION = 5
    """Notifications."""
    BLUETOOTH_SCO = 6
    """Hidden: calls over Bluetooth; recent versions treat it as ``VOICE_CALL``."""
    SYSTEM_ENFORCED = 7
    """Hidden: system sounds that some countries do not let a user silence."""
    DTMF = 8
    """Dialling tones."""
    TTS = 9
    """Hidden: signals through the loudspeaker."""
    ACCESSIBILITY = 10
    """Screen readers; since API level 26."""
    ASSISTANT = 11
    """A voice assistant; hidden until recently."""


class AndroidAudioAdjustment(IntEnum):
    """Which way a volume goes; ``AudioManager.ADJUST_*``."""

    RAISE = 1
    """One step up."""
    LOWER = -1
    """One step down."""
    SAME = 0
    """Left as it is, to show it."""
    MUTE = -100
    """Silenced."""
    UNMUTE = 100
    """Heard again."""
    TOGGLE_MUTE = 101
    """Silenced if heard, heard if silenced."""


class AndroidAudioVolumeFlags(IntFlag, boundary=KEEP):
    """What else happens when a volume changes; ``AudioManager.FLAG_*``, the first five public."""

    NONE = 0
    """Nothing else."""
    SHOW_UI = 0x1
    """The volume is shown."""
    ALLOW_RINGER_MODES = 0x2
    """The ringer may change with it."""
    PLAY_SOUND = 0x4
    """A sound is played; for the ringtone's volume only."""
    REMOVE_SOUND_AND_VIBRATE = 0x8
    """Sounds and vibrations of this kind that wait are dropped."""
    VIBRATE = 0x10
    """The device vibrates when its ringer comes to do that."""
    FIXED_VOLUME = 0x20
    """Hidden: the user is shown that the volume is fixed."""
    BLUETOOTH_ABS_VOLUME = 0x40
    """Hidden: a Bluetooth device changed its own volume."""
    SHOW_SILENT_HINT = 0x80
    """Hidden: how to silence the device is hinted at."""
    HDMI_SYSTEM_AUDIO_VOLUME = 0x100
    """Hidden: an HDMI audio system changed its volume."""
    ACTIVE_MEDIA_ONLY = 0x200
    """Hidden: only if media plays."""
    SHOW_UI_WARNINGS = 0x400
    """Hidden: warnings are shown, as of loud music."""
    SHOW_VIBRATE_HINT = 0x800
    """Hidden: how to make the device vibrate is hinted at."""
    FROM_KEY = 0x1000
    """Hidden: a key was pressed."""
    ABSOLUTE_VOLUME = 0x2000
    """Hidden: the device that plays sets the volume."""


class AndroidRingerMode(IntEnum):
    """What happens when a call comes in; ``AudioManager.RINGER_MODE_*``."""

    SILENT = 0
    """Neither sound nor vibration."""
    VIBRATE = 1
    """Vibration only."""
    NORMAL = 2
    """Sound, and vibration if the user likes."""


class AndroidVibrateType(IntEnum):
    """What a setting of vibration is for; ``AudioManager.VIBRATE_TYPE_*``, deprecated."""

    RINGER = 0
    """Calls."""
    NOTIFICATION = 1
    """Notifications."""


class AndroidVibrateSetting(IntEnum):
    """When the device vibrates; ``AudioManager.VIBRATE_SETTING_*``, deprecated."""

    OFF = 0
    """Never."""
    ON = 1
    """Unless silent."""
    ONLY_SILENT = 2
    """Only while silent."""
