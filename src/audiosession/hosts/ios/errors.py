"""Which native errors are refusals, and what the others become."""

from __future__ import annotations

from typing import Final

from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...errors import (
    AudioSessionError,
    ExtraMissingError,
    HostUnavailableError,
    HostUnavailableReason,
)
from .bridge import ObjCError

__all__ = ["REFUSALS", "RubiconMissingError", "as_error", "as_ns_error", "rule_of"]

_Code = AVAudioSessionErrorCode
_DESCRIPTION: Final = "NSLocalizedDescription"
"""Under this key an NSError has its text (NSError.h, NSLocalizedDescriptionKey)."""

REFUSALS: Final = frozenset(
    {
        _Code.CANNOT_INTERRUPT_OTHERS,
        _Code.SIRI_IS_RECORDING,
        _Code.CANNOT_START_PLAYING,
        _Code.CANNOT_START_RECORDING,
        _Code.INSUFFICIENT_PRIORITY,
        _Code.RESOURCE_NOT_AVAILABLE,
    }
)
"""Codes that say "not now": the request is in order, and may be granted another time."""


class RubiconMissingError(ExtraMissingError):
    """The app was built without rubicon-objc, and nobody can install it on a phone."""

    def __init__(self) -> None:
        AudioSessionError.__init__(
            self,
            "the phone's audio session needs the extra 'ios': in the app's pyproject.toml, "
            '[tool.briefcase.app.….iOS] requires = ["audiosession[ios]"] (docs/ios.md)',
        )
        self.extra = "ios"
        self.needed_for = "the phone's audio session"


def as_ns_error(error: ObjCError) -> NSError:
    """The same domain and code, with what is known of the code here.

    The phone's own text, which for an audio session says little more than the number, is under
    ``NSLocalizedDescription``, and is the message where the code is not known.
    """
    told = {_DESCRIPTION: error.description}
    found = NSError(error.code, domain=error.domain, user_info=told)
    if found.detail:
        return found
    return NSError(error.code, error.description, domain=error.domain, user_info=told)


def rule_of(error: NSError) -> str:
    """What a refusal names as the rule: Apple's name of the code."""
    code = error.code
    return code.apple_name if isinstance(code, AVAudioSessionErrorCode) else error.domain


def as_error(error: NSError) -> AudioSessionError:
    """What a call raises that failed for another reason than a refusal.

    The loss of the media services is that of the host (apple 31).
    """
    if error.code == _Code.MEDIA_SERVICES_FAILED:
        return HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(error))
    return error
