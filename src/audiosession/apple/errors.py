"""What Apple's audio session answers instead of doing what it was asked to.

Numbers are those of AudioSessionTypes.h in CoreAudioTypes. An ``NSError`` of an audio
session was only ever seen with the domain ``NSOSStatusErrorDomain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Final

from audiosession.apple.fourcc import fourcc_number, fourcc_text
from audiosession.errors import AudioSessionError

__all__ = [
    "NS_OS_STATUS_ERROR_DOMAIN",
    "AVAudioSessionErrorCode",
    "AVAudioSessionErrorInsufficientPriority",
    "NSError",
]

NS_OS_STATUS_ERROR_DOMAIN: Final = "NSOSStatusErrorDomain"
"""The domain of every error of an audio session."""


class AVAudioSessionErrorCode(IntEnum):
    """Why a call fails; the value is Apple's number.

    A name is Apple's without ``AVAudioSessionErrorCode``.
    """

    NONE = 0
    """Nothing went wrong."""
    MEDIA_SERVICES_FAILED = fourcc_number("msrv")
    """The media server has died, and everything has to be set up anew."""
    IS_BUSY = fourcc_number("!act")
    """The app still plays or records. Deactivation between iOS 8 and 25 fails with it and the
    session is inactive all the same; since iOS 26.0 it succeeds."""
    INCOMPATIBLE_CATEGORY = fourcc_number("!cat")
    """The category cannot do this, such as choosing input channels under playback."""
    CANNOT_INTERRUPT_OTHERS = fourcc_number("!int")
    """An app in the background that does not mix wants to become active, and is not the one
    that the user sees as playing now."""
    MISSING_ENTITLEMENT = fourcc_number("ent?")
    """The app lacks an entitlement."""
    SIRI_IS_RECORDING = fourcc_number("siri")
    """Siri is recording."""
    CANNOT_START_PLAYING = fourcc_number("!pla")
    """The app may not start in the background: it does not declare background audio, or its
    category is silent there."""
    CANNOT_START_RECORDING = fourcc_number("!rec")
    """The app may not start to record in the background while it mixes with others."""
    BAD_PARAM = -50
    """A value is not allowed, or not together with the others."""
    INSUFFICIENT_PRIORITY = fourcc_number("!pri")
    """Somebody with more right to it has the audio, such as a call."""
    RESOURCE_NOT_AVAILABLE = fourcc_number("!res")
    """The hardware for this is not there, such as an input."""
    UNSPECIFIED = fourcc_number("what")
    """Something went wrong that has no name of its own."""
    EXPIRED_SESSION = fourcc_number("!ses")
    """The session no longer exists."""
    SESSION_NOT_ACTIVE = fourcc_number("inac")
    """The session is not active."""

    @property
    def fourcc(self) -> str:
        """The number as four letters, empty where it has none (0 and -50)."""
        return fourcc_text(self.value)

    @property
    def apple_name(self) -> str:
        """The whole name that Apple's header gives it."""
        return "AVAudioSessionErrorCode" + self.name.title().replace("_", "")

    @property
    def meaning(self) -> str:
        """What has happened, as a phrase."""
        return _WORDS[self][0]

    @property
    def advice(self) -> str:
        """What to do about it, as a phrase; empty where nothing is known to help."""
        return _WORDS[self][1]


_WORDS: Final[Mapping[AVAudioSessionErrorCode, tuple[str, str]]] = MappingProxyType(
    {
        AVAudioSessionErrorCode.NONE: ("nothing went wrong", ""),
        AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED: (
            "the media server has died",
            "wait for the notification that it was reset, and set everything up anew",
        ),
        AVAudioSessionErrorCode.IS_BUSY: (
            "the app still plays or records",
            "stop its players and recorders before",
        ),
        AVAudioSessionErrorCode.INCOMPATIBLE_CATEGORY: (
            "the category cannot do this",
            "set a category that can",
        ),
        AVAudioSessionErrorCode.CANNOT_INTERRUPT_OTHERS: (
            "an app in the background may not interrupt others",
            "mix with them, or ask from the foreground",
        ),
        AVAudioSessionErrorCode.MISSING_ENTITLEMENT: ("the app lacks an entitlement", ""),
        AVAudioSessionErrorCode.SIRI_IS_RECORDING: ("Siri is recording", "ask again later"),
        AVAudioSessionErrorCode.CANNOT_START_PLAYING: (
            "the app may not start to play or record in the background",
            "declare background audio, and use a category that goes on there",
        ),
        AVAudioSessionErrorCode.CANNOT_START_RECORDING: (
            "the app may not start to record in the background while it mixes with others",
            "record without mixing, or start in the foreground",
        ),
        AVAudioSessionErrorCode.BAD_PARAM: (
            "a value is not allowed here",
            "see which values go together",
        ),
        AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY: (
            "somebody with more right to it has the audio, such as a call",
            "ask again when it is over",
        ),
        AVAudioSessionErrorCode.RESOURCE_NOT_AVAILABLE: (
            "the hardware for this is not there",
            "connect an input or output, or use a category that does without",
        ),
        AVAudioSessionErrorCode.UNSPECIFIED: (
            "something went wrong that has no name of its own",
            "",
        ),
        AVAudioSessionErrorCode.EXPIRED_SESSION: ("the session no longer exists", ""),
        AVAudioSessionErrorCode.SESSION_NOT_ACTIVE: (
            "the session is not active",
            "activate it first",
        ),
    }
)


AVAudioSessionErrorInsufficientPriority: Final = AVAudioSessionErrorCode.INSUFFICIENT_PRIORITY
"""The old name of the code, deprecated since iOS 12.0."""


class NSError(AudioSessionError):
    """A call that Apple answers with no and an error.

    The session is what it was; ``IS_BUSY`` from deactivating is the one exception.
    The message names the code and its four letters, says what went wrong and what to do.

    Args:
        code: Apple's number; one that is known becomes its :class:`AVAudioSessionErrorCode`.
        detail: What went wrong in particular, as a phrase; the code's own meaning by default.
        advice: What to do, as a phrase; the code's own advice by default.
        domain: The numbers' domain.
        user_info: More about it, by Apple's keys.
    """

    code: int
    """Apple's number, an :class:`AVAudioSessionErrorCode` where it is known."""
    domain: str
    user_info: Mapping[str, Any]
    detail: str
    advice: str

    def __init__(
        self,
        code: int,
        detail: str = "",
        *,
        advice: str = "",
        domain: str = NS_OS_STATUS_ERROR_DOMAIN,
        user_info: Mapping[str, Any] | None = None,
    ) -> None:
        known = _known(code) if domain == NS_OS_STATUS_ERROR_DOMAIN else None
        if known is not None:
            code = known
            detail = detail or known.meaning
            advice = advice or known.advice
        super().__init__(_message(code, domain, detail, advice))
        self.code = code
        self.domain = domain
        self.user_info = dict(user_info or {})
        self.detail = detail
        self.advice = advice

    @property
    def fourcc(self) -> str:
        """The code as four letters, empty where it has none."""
        return fourcc_text(self.code)

    @property
    def localized_description(self) -> str:
        """The message."""
        return str(self)


def _known(code: int) -> AVAudioSessionErrorCode | None:
    try:
        return AVAudioSessionErrorCode(code)
    except ValueError:
        return None


def _message(code: int, domain: str, detail: str, advice: str) -> str:
    letters = fourcc_text(code)
    number = f"'{letters}', {int(code)}" if letters else f"{int(code)}"
    name = code.apple_name if isinstance(code, AVAudioSessionErrorCode) else domain
    text = "; ".join(part for part in (detail, advice) if part)
    return f"{name} ({number}): {text}" if text else f"{name} ({number})"
