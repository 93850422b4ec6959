"""What Apple's capture classes answer instead of doing what they were asked to.

Two kinds, as there: an ``NSError`` of the domain ``AVFoundationErrorDomain`` for what goes
wrong by itself, and the exception ``NSInvalidArgumentException`` for a call that is a mistake
of the program. Both leave the session as it was. Numbers are those of AVError.h.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final

from audiosession.apple.errors import NSError
from audiosession.errors import IllegalRequestError

__all__ = [
    "AV_FOUNDATION_ERROR_DOMAIN",
    "UNDERLYING_ERROR",
    "AVError",
    "CaptureError",
    "NSGenericException",
    "NSInvalidArgumentException",
]

AV_FOUNDATION_ERROR_DOMAIN: Final = "AVFoundationErrorDomain"
"""The domain of every error of a capture session."""

UNDERLYING_ERROR: Final = "NSUnderlyingError"
"""Foundation's key for the error behind an error."""


class AVError(IntEnum):
    """Why capturing fails; the value is Apple's number.

    A name is Apple's without ``AVError``.
    """

    UNKNOWN = -11800
    """Something went wrong that has no number of its own."""
    OUT_OF_MEMORY = -11801
    """There is not enough memory."""
    SESSION_NOT_RUNNING = -11803
    """The session does not run."""
    DEVICE_ALREADY_USED_BY_ANOTHER_SESSION = -11804
    """Another capture session has the device."""
    NO_DATA_CAPTURED = -11805
    """Not a single sample came before the recording ended."""
    SESSION_CONFIGURATION_CHANGED = -11806
    """The session was changed in a way that ended the recording."""
    DISK_FULL = -11807
    """There is no room left for the file."""
    DEVICE_WAS_DISCONNECTED = -11808
    """The device went away."""
    MEDIA_CHANGED = -11809
    """The samples have another format than before."""
    MAXIMUM_DURATION_REACHED = -11810
    """The recording is as long as it may be."""
    MAXIMUM_FILE_SIZE_REACHED = -11811
    """The file is as large as it may be."""
    MEDIA_DISCONTINUITY = -11812
    """Samples are missing."""
    MAXIMUM_NUMBER_OF_SAMPLES_FOR_FILE_FORMAT_REACHED = -11813
    """The file's format holds no more samples."""
    DEVICE_NOT_CONNECTED = -11814
    """The device is not there."""
    DEVICE_IN_USE_BY_ANOTHER_APPLICATION = -11815
    """Another app has the device."""
    DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS = -11817
    """Somebody else is changing the device's settings."""
    SESSION_WAS_INTERRUPTED = -11818
    """The session was interrupted, as by a call."""
    MEDIA_SERVICES_WERE_RESET = -11819
    """The media services died and are back."""
    FILE_ALREADY_EXISTS = -11823
    """There is a file of that name."""
    APPLICATION_IS_NOT_AUTHORIZED = -11836
    """The app may not do this."""
    APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE = -11852
    """The user did not let the app use the device."""
    RECORDING_ALREADY_IN_PROGRESS = -11859
    """The output is recording already."""
    UNSUPPORTED_OUTPUT_SETTINGS = -11861
    """The output cannot be set like that."""
    OPERATION_NOT_ALLOWED = -11862
    """This may not be done."""
    OPERATION_NOT_SUPPORTED_FOR_PRESET = -11871
    """The session's preset does not go with this."""
    SESSION_HARDWARE_COST_OVERAGE = -11872
    """The session asks more of the hardware than it can do."""
    UNSUPPORTED_DEVICE_ACTIVE_FORMAT = -11873
    """The device's format does not go with the session."""

    @property
    def apple_name(self) -> str:
        """The whole name that Apple's header gives it."""
        return "AVError" + self.name.title().replace("_", "")

    @property
    def meaning(self) -> str:
        """What has happened, as a phrase."""
        return _WORDS[self][0]

    @property
    def advice(self) -> str:
        """What to do about it, as a phrase; empty where nothing is known to help."""
        return _WORDS[self][1]


_WORDS: Final[Mapping[AVError, tuple[str, str]]] = MappingProxyType(
    {
        AVError.UNKNOWN: ("something went wrong that has no number of its own", ""),
        AVError.OUT_OF_MEMORY: ("there is not enough memory", "record smaller pictures"),
        AVError.SESSION_NOT_RUNNING: ("the session does not run", "start it first"),
        AVError.DEVICE_ALREADY_USED_BY_ANOTHER_SESSION: (
            "another capture session has the device",
            "remove its input from that session",
        ),
        AVError.NO_DATA_CAPTURED: (
            "not a single sample came before the recording ended",
            "see that the session runs and the connection is active",
        ),
        AVError.SESSION_CONFIGURATION_CHANGED: (
            "the session was changed in a way that ended the recording",
            "stop recording before",
        ),
        AVError.DISK_FULL: ("there is no room left for the file", "free some, or go elsewhere"),
        AVError.DEVICE_WAS_DISCONNECTED: ("the device went away", "connect it again"),
        AVError.MEDIA_CHANGED: ("the samples have another format than before", "record anew"),
        AVError.MAXIMUM_DURATION_REACHED: ("the recording is as long as it may be", ""),
        AVError.MAXIMUM_FILE_SIZE_REACHED: ("the file is as large as it may be", ""),
        AVError.MEDIA_DISCONTINUITY: ("samples are missing", ""),
        AVError.MAXIMUM_NUMBER_OF_SAMPLES_FOR_FILE_FORMAT_REACHED: (
            "the file's format holds no more samples",
            "choose another format",
        ),
        AVError.DEVICE_NOT_CONNECTED: ("the device is not there", "connect it"),
        AVError.DEVICE_IN_USE_BY_ANOTHER_APPLICATION: (
            "another app has the device",
            "close that app",
        ),
        AVError.DEVICE_LOCKED_FOR_CONFIGURATION_BY_ANOTHER_PROCESS: (
            "somebody else is changing the device's settings",
            "try again later",
        ),
        AVError.SESSION_WAS_INTERRUPTED: (
            "the session was interrupted",
            "record anew when the interruption is over",
        ),
        AVError.MEDIA_SERVICES_WERE_RESET: (
            "the media services died and are back",
            "start the session again",
        ),
        AVError.FILE_ALREADY_EXISTS: ("there is a file of that name", "choose another name"),
        AVError.APPLICATION_IS_NOT_AUTHORIZED: ("the app may not do this", ""),
        AVError.APPLICATION_IS_NOT_AUTHORIZED_TO_USE_DEVICE: (
            "the user did not let the app use the device",
            "ask the user to allow it in the system's settings",
        ),
        AVError.RECORDING_ALREADY_IN_PROGRESS: (
            "the output is recording already",
            "stop that recording first",
        ),
        AVError.UNSUPPORTED_OUTPUT_SETTINGS: ("the output cannot be set like that", ""),
        AVError.OPERATION_NOT_ALLOWED: ("this may not be done", ""),
        AVError.OPERATION_NOT_SUPPORTED_FOR_PRESET: (
            "the session's preset does not go with this",
            "choose another preset",
        ),
        AVError.SESSION_HARDWARE_COST_OVERAGE: (
            "the session asks more of the hardware than it can do",
            "choose smaller formats or lower frame rates until the cost is at most 1.0",
        ),
        AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT: (
            "the device's format does not go with the session",
            "choose another active format",
        ),
    }
)


class CaptureError(NSError):
    """Something that went wrong while capturing, with Apple's number.

    The message names the code, says what went wrong and what to do.

    Args:
        code: Apple's number; one that is known becomes its :class:`AVError`.
        detail: What went wrong in particular, as a phrase; the code's own meaning by default.
        advice: What to do, as a phrase; the code's own advice by default.
        user_info: More about it, by Apple's keys.
    """

    def __init__(
        self,
        code: int,
        detail: str = "",
        *,
        advice: str = "",
        user_info: Mapping[str, Any] | None = None,
    ) -> None:
        known = _known(code)
        if known is not None:
            code = known
            detail = detail or known.meaning
            advice = advice or known.advice
        super().__init__(
            code, detail, advice=advice, domain=AV_FOUNDATION_ERROR_DOMAIN, user_info=user_info
        )
        name = AV_FOUNDATION_ERROR_DOMAIN if known is None else known.apple_name
        text = "; ".join(part for part in (detail, advice) if part)
        self.args = (f"{name} ({int(code)})" + (f": {text}" if text else ""),)


def _known(code: int) -> AVError | None:
    try:
        return AVError(code)
    except ValueError:
        return None


class NSInvalidArgumentException(IllegalRequestError):
    """A call that Apple's classes answer with an exception; nothing is changed by it.

    Args:
        problem: What is wrong, as a phrase.
        advice: What to do instead, as a phrase.
        field: The argument or property that is wrong.
    """

    problem: str
    advice: str

    def __init__(self, problem: str, *, advice: str = "", field: str = "") -> None:
        super().__init__("; ".join(part for part in (problem, advice) if part), field=field)
        self.problem = problem
        self.advice = advice

    @property
    def name(self) -> str:
        """Apple's name of the exception."""
        return "NSInvalidArgumentException"


class NSGenericException(NSInvalidArgumentException):
    """As its base, where Apple raises the exception of that name.

    So it is where settings of a device are changed that was not locked for it.
    """

    @property
    def name(self) -> str:
        """Apple's name of the exception."""
        return "NSGenericException"
