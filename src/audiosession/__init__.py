"""Audio sessions for Python: what an app's audio is for, and who sounds when.

The one API is :class:`AudioSession`; everything else here are the values it takes and gives.
"""

from __future__ import annotations

from ._version import __version__
from .android.attributes import AndroidAudioAttributes
from .android.constants import (
    AndroidAudioContentType,
    AndroidAudioFlags,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
)
from .apple.constants import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
)
from .configuration import RECIPES, AudioSessionConfiguration, recipe
from .devices import AudioDevice, AudioDevicesChangedEvent, AudioDeviceType
from .errors import AudioSessionError
from .hosts.base import Capability, Host
from .interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from .players import InterruptionHandler, Player
from .session import AudioSession
from .streams import EventStream, Subscription

__all__ = [
    "RECIPES",
    "AVAudioSessionCategory",
    "AVAudioSessionCategoryOptions",
    "AVAudioSessionMode",
    "AVAudioSessionRouteSharingPolicy",
    "AVAudioSessionSetActiveOptions",
    "AndroidAudioAttributes",
    "AndroidAudioContentType",
    "AndroidAudioFlags",
    "AndroidAudioFocusGainType",
    "AndroidAudioUsage",
    "AudioDevice",
    "AudioDeviceType",
    "AudioDevicesChangedEvent",
    "AudioInterruptionEvent",
    "AudioInterruptionType",
    "AudioSession",
    "AudioSessionConfiguration",
    "AudioSessionError",
    "Capability",
    "EventStream",
    "Host",
    "InterruptionHandler",
    "InterruptionReason",
    "Player",
    "Subscription",
    "__version__",
    "recipe",
]
