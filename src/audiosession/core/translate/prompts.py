"""How prompts should sound beside what others do, in Apple's numbers."""

from __future__ import annotations

from collections.abc import Iterable

from ..claims import Claim, Role

_NONE = 0x6E6F6E65
_SHORT = 0x73687274
_NORMAL = 0x6E726D6C


def prompt_style(*, apps: Iterable[Claim], system: Iterable[Claim]) -> int:
    """How an app's prompts should sound now (apple 79).

    Args:
        apps: What other apps claim that may be heard or record.
        system: What the system itself does: calls, the assistant.

    Returns:
        Apple's number of AVAudioSession.PromptStyle, the four characters ``none``, ``shrt`` or
        ``nrml``: short in a call and while the assistant speaks, none while somebody records.
    """
    claims = list(system)
    if any(claim.role is Role.CALL for claim in claims):
        return _SHORT
    listening = (claim for claim in claims if claim.role is Role.ASSISTANT)
    if any(claim.records for claim in (*apps, *listening)):
        return _NONE
    if any(claim.role is Role.ASSISTANT for claim in claims):
        return _SHORT
    return _NORMAL


__all__ = ["prompt_style"]
