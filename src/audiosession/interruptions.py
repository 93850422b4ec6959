"""Interruptions in the words of the one API, the same on every platform."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from audiosession.errors import IllegalCombinationError, InvalidTypeError

__all__ = ["AudioInterruptionEvent", "AudioInterruptionType", "InterruptionReason"]


class AudioInterruptionType(Enum):
    """What an interruption asks of the app; the value is the Flutter plugin's name."""

    PAUSE = "pause"
    """At the beginning: pause, it is expected to pass. At the end: resume."""
    DUCK = "duck"
    """At the beginning: play more quietly. At the end: play at the old level."""
    UNKNOWN = "unknown"
    """At the beginning: pause, perhaps for good. At the end: do not resume by yourself."""


class InterruptionReason(Enum):
    """Who or what interrupts, coarsely: enough to tell a user, not to identify an app."""

    OTHER_APP = "other-app"
    """Another app plays or records."""
    CALL = "call"
    """A telephone or internet call."""
    ALARM = "alarm"
    """An alarm clock or a timer."""
    RINGTONE = "ringtone"
    """A call that is not answered yet."""
    ASSISTANT = "assistant"
    """A voice assistant listens or speaks."""
    SCREEN_READER = "screen-reader"
    """A screen reader speaks."""
    EMERGENCY = "emergency"
    """A warning that nothing may cover."""
    SYSTEM = "system"
    """The system itself: a lost route, a muted microphone, a restarted sound server."""
    UNKNOWN = "unknown"
    """The platform does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioInterruptionEvent:
    """An interruption begins or ends.

    A beginning is not always followed by an end; a pause for good never is.

    Raises:
        InvalidTypeError: A field has the wrong type.
        IllegalCombinationError: ``should_resume`` at a beginning, or ``system_ducked`` with a
            type other than ``DUCK``.
    """

    begin: bool
    """Whether the interruption begins (``True``) or ends (``False``)."""
    type: AudioInterruptionType
    """What the app is to do."""
    should_resume: bool = False
    """At the end: whether what was paused had better play again."""
    system_ducked: bool = False
    """Whether the system lowers the app's sound by itself, and raises it again, so that the
    app need not."""
    reason: InterruptionReason = InterruptionReason.UNKNOWN
    """Who or what interrupts."""

    def __post_init__(self) -> None:
        for name, kind, expected in (
            ("begin", bool, "True or False"),
            ("type", AudioInterruptionType, "an AudioInterruptionType"),
            ("should_resume", bool, "True or False"),
            ("system_ducked", bool, "True or False"),
            ("reason", InterruptionReason, "an InterruptionReason"),
        ):
            if not isinstance(getattr(self, name), kind):
                raise InvalidTypeError(name, getattr(self, name), expected=expected)
        if self.begin and self.should_resume:
            raise IllegalCombinationError(
                "should_resume", "only the end of an interruption can say so"
            )
        if self.system_ducked and self.type is not AudioInterruptionType.DUCK:
            raise IllegalCombinationError("system_ducked", "only the type DUCK can say so")
