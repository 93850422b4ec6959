"""What the phone is asked to tell beside what the one API needs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ...apple.names import AVAudioSessionNotificationName
from .apple_members import SESSION, Members, Version

__all__ = ["HEARD", "HEARD_OF_INPUTS", "WATCHED", "Watching", "of_inputs"]

_Name = AVAudioSessionNotificationName
_log = logging.getLogger("audiosession")

HEARD: Final = (
    _Name.ROUTE_CHANGE,
    _Name.SILENCE_SECONDARY_AUDIO_HINT,
    _Name.MEDIA_SERVICES_WERE_LOST,
    _Name.MEDIA_SERVICES_WERE_RESET,
    _Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED,
    _Name.RENDERING_MODE_CHANGE,
    _Name.RENDERING_CAPABILITIES_CHANGE,
    _Name.USER_INTENT_TO_UNMUTE_OUTPUT,
)
"""The notifications that a device listens to, where the system has them.

Interruptions come to every session. Activation, deactivation, resumption and muting
AVAudioSession tells by itself, from what the app called and what the session heard.
"""

HEARD_OF_INPUTS: Final = (
    _Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE,
    _Name.AVAILABLE_INPUTS_CHANGE,
)
"""Those that it listens to besides once the app records, or asks for such a thing."""

WATCHED: Final[Mapping[str, Version]] = MappingProxyType(
    {
        "IOBufferDuration": (6, 0),
        "inputAvailable": (6, 0),
        "inputDataSource": (6, 0),
        "inputDataSources": (6, 0),
        "inputGain": (6, 0),
        "inputNumberOfChannels": (6, 0),
        "outputDataSources": (6, 0),
        "outputNumberOfChannels": (6, 0),
        "outputVolume": (6, 0),
        "promptStyle": (13, 0),
        "sampleRate": (18, 0),
    }
)
"""The properties that may be observed, and since when they may (AVAudioSession.h)."""


def of_inputs(key: str) -> bool:
    """Whether a property is one of inputs, which an app that only plays never touches."""
    return key.startswith("input")


class Watching:
    """Observes properties of the phone's session until it is ended.

    Args:
        members: The phone's objects.
        heard: Called on any thread when one of them has another value; may not raise.
    """

    def __init__(self, members: Members, heard: Callable[[], None]) -> None:
        self._members = members
        self._heard = heard
        self._ends: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._ended = False

    def begin(self, *, inputs: bool) -> None:
        """Observes the properties of inputs, or the others; those observed already stay so.

        May be called on any thread; does nothing after :meth:`end`.
        """
        with self._lock:
            for key in WATCHED:
                if not self._ended and of_inputs(key) is inputs and key not in self._ends:
                    self._begin(key)

    def _begin(self, key: str) -> None:
        bridge, session = self._members.bridge, self._members.session
        since = max(WATCHED[key], SESSION[key])
        if bridge.system_version >= since and bridge.responds(session, key):
            self._ends[key] = bridge.watch(session, key, self._heard)

    def end(self) -> None:
        """Observes nothing more; a second call does nothing."""
        with self._lock:
            self._ended = True
            ends, self._ends = self._ends, {}
        for end in ends.values():
            try:
                end()
            except Exception:
                _log.exception("an observer of the phone's session could not be removed")
