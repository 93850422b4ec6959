"""What the phone says, as values, and what of it the one API hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Protocol

from ...apple.enums import (
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionReason,
    AVAudioSessionInterruptionType,
    AVAudioSessionRouteChangeReason,
)
from ...apple.names import AVAudioSessionNotificationName, AVAudioSessionUserInfoKey
from ...devices import AudioDevice
from ...interruptions import AudioInterruptionEvent, AudioInterruptionType, InterruptionReason
from .ports import RouteSeen

__all__ = [
    "KEYS",
    "Note",
    "NoteListener",
    "begins",
    "interruption_of",
    "interruption_reason",
    "lost_its_device",
    "was_suspended",
]

_Name = AVAudioSessionNotificationName
_Key = AVAudioSessionUserInfoKey
_Reason = AVAudioSessionInterruptionReason

KEYS: Final[Mapping[AVAudioSessionNotificationName, tuple[AVAudioSessionUserInfoKey, ...]]] = (
    MappingProxyType(
        {
            _Name.INTERRUPTION: (
                _Key.INTERRUPTION_TYPE,
                _Key.INTERRUPTION_OPTION,
                _Key.INTERRUPTION_REASON,
                _Key.INTERRUPTION_WAS_SUSPENDED,
            ),
            _Name.ROUTE_CHANGE: (_Key.ROUTE_CHANGE_REASON, _Key.ROUTE_CHANGE_PREVIOUS_ROUTE),
            _Name.SILENCE_SECONDARY_AUDIO_HINT: (_Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE,),
            _Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED: (_Key.SPATIAL_AUDIO_ENABLED,),
            _Name.RENDERING_MODE_CHANGE: (_Key.RENDERING_MODE_NEW_RENDERING_MODE,),
            _Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE: (
                _Key.MICROPHONE_INJECTION_IS_AVAILABLE,
            ),
            _Name.OUTPUT_MUTE_STATE_CHANGE: (_Key.MUTE_STATE,),
            _Name.DID_BECOME_INACTIVE: (_Key.DEACTIVATION_CONTEXT,),
            _Name.RESUMPTION_RECOMMENDATION: (_Key.RESUMPTION_CONTEXT,),
        }
    )
)
"""What comes along with a notification (AVAudioSessionTypes.h); some keys are of newer systems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A notification of the phone's session, read on the thread that posted it."""

    name: AVAudioSessionNotificationName
    """What happened."""
    moment: int
    """Counts notes and native calls, so that it can be said which was first."""
    info: Mapping[AVAudioSessionUserInfoKey, Any] = field(default_factory=dict)
    """What came along, as the bridge gives it: truth values may be numbers."""
    previous: RouteSeen | None = None
    """The route before; route changes only."""
    current: RouteSeen | None = None
    """The route when it was posted; route changes only."""
    devices: frozenset[AudioDevice] | None = None
    """The devices when it was posted; where they may be others than before only."""


class NoteListener(Protocol):
    """A view of the phone that hears of notes beside the sessions; called in the app's loop."""

    def take_in(self, note: Note) -> None:
        """Something is different now; called before any session tells its app."""

    def tell(self, note: Note) -> None:
        """Tells the app; called after the sessions did."""


def begins(note: Note) -> bool:
    """Whether an interruption begins with it."""
    began = AVAudioSessionInterruptionType.BEGAN.value
    return (
        note.name is _Name.INTERRUPTION
        and int(note.info.get(_Key.INTERRUPTION_TYPE, began)) == began
    )


def was_suspended(note: Note) -> bool:
    """Whether it only says, late, that the app was frozen while its session was active (apple 65).

    The app made no sound then, so there is nothing to pause.
    """
    if note.info.get(_Key.INTERRUPTION_WAS_SUSPENDED):
        return True
    return interruption_reason(note) is _Reason.APP_WAS_SUSPENDED


def interruption_reason(note: Note) -> AVAudioSessionInterruptionReason:
    """Why an interruption begins; a reason that is not known is the usual one."""
    try:
        return _Reason(int(note.info.get(_Key.INTERRUPTION_REASON, _Reason.DEFAULT.value)))
    except ValueError:
        return _Reason.DEFAULT


def interruption_of(note: Note) -> AudioInterruptionEvent:
    """The interruption as the one API tells it.

    The beginning does not say whether there will be an end (apple 58), and a call is told like
    another app (apple 64).
    """
    if begins(note):
        usual = interruption_reason(note) is _Reason.DEFAULT
        return AudioInterruptionEvent(
            begin=True,
            type=AudioInterruptionType.UNKNOWN,
            reason=InterruptionReason.UNKNOWN if usual else InterruptionReason.SYSTEM,
        )
    options = int(note.info.get(_Key.INTERRUPTION_OPTION, 0))
    resume = bool(options & AVAudioSessionInterruptionOptions.SHOULD_RESUME.value)
    return AudioInterruptionEvent(
        begin=False,
        type=AudioInterruptionType.PAUSE if resume else AudioInterruptionType.UNKNOWN,
        should_resume=resume,
    )


def lost_its_device(note: Note) -> bool:
    """Whether the device in use is gone, so that sound would come out of a loudspeaker."""
    gone = AVAudioSessionRouteChangeReason.OLD_DEVICE_UNAVAILABLE.value
    return (
        note.name is _Name.ROUTE_CHANGE and int(note.info.get(_Key.ROUTE_CHANGE_REASON, 0)) == gone
    )
