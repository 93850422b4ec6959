"""The one API's configuration, which carries Apple's and Android's fields, as a claim.

On the arbiter both count, each for what it says best:

- *Plays, records, mixes by itself*: Apple's category.
- *Mixing, lowering, pausing speech*: Apple's mixing options where given; they win over the gain.
- *How long and how hard*: Android's gain, where no Apple option decided.
- *What for*: Android's usage and content type, where they say something; else Apple's mode
  and category.
- *A web page's*: the W3C type, which is computed already and says all; nothing else counts.
- *Pause me rather than lower me*: Apple's mode ``spokenAudio``, Android's content type speech
  for long-form audio, or ``androidWillPauseWhenDucked``.
"""

from __future__ import annotations

from dataclasses import replace

from ..claims import Claim, Role
from .android import claim_from_focus_request
from .apple import claim_from_category
from .w3c import AUTO, claim_from_type

_LONG_FORM = (Role.SPEECH, Role.MUSIC, Role.MOVIE, Role.UNKNOWN)


def claim_from_configuration(
    *,
    category: str | None = None,
    mode: str | None = None,
    options: int | None = None,
    usage: int | None = None,
    content_type: int | None = None,
    gain: int = 1,
    will_pause_when_ducked: bool | None = None,
    page_type: str | None = None,
    page_auto: bool = False,
    page: str = "",
) -> Claim:
    """The claim of a configuration, given in the platforms' wire values.

    Args:
        category: Apple's category.
        mode: Apple's mode.
        options: Apple's category options.
        usage: Android's usage.
        content_type: Android's content type.
        gain: Android's gain.
        will_pause_when_ducked: Whether it would rather pause than be lowered.
        page_type: The computed W3C type of a page's session, which then decides alone.
        page_auto: Whether that type was computed from ``auto``.
        page: The page, inside which its sessions are judged against each other.

    Raises:
        InvalidValueError: an unknown category, usage, gain or type.
    """
    if page_type is not None:
        if page_auto:
            return claim_from_type(AUTO, [page_type], page=page)
        return claim_from_type(page_type, page=page)
    android = claim_from_focus_request(
        usage or 0,
        content_type or 0,
        gain,
        will_pause_when_ducked=bool(will_pause_when_ducked),
    )
    if category is None:
        claim = replace(android, spoken=android.spoken and android.role in _LONG_FORM)
        return claim if claim.role is not Role.UNKNOWN else replace(claim, role=Role.MUSIC)
    apple = claim_from_category(category, mode or "AVAudioSessionModeDefault", options or 0)
    role = android.role if android.role is not Role.UNKNOWN else apple.role
    return replace(
        apple,
        role=role,
        # Whatever made the session mix, an option or its category, has decided the press too.
        press=apple.press if apple.mixable else android.press,
        spoken=apple.spoken or (android.spoken and role in _LONG_FORM),
        pause_when_ducked=android.pause_when_ducked,
        records=apple.records or role is Role.CALL,
    )
