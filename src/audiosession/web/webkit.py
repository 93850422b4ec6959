"""How WebKit puts the W3C's types into Apple's words, which pages ask hosts with too.

The table is what WebKit's layout test ``audioSessionType.html`` expects.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from audiosession.apple.constants import AVAudioSessionCategory
from audiosession.configuration import AudioSessionConfiguration
from audiosession.core.translate.w3c import ELEMENT_TYPES
from audiosession.errors import UnknownNameError
from audiosession.web.page_audio import PageAudio
from audiosession.web.types import AudioSessionType

__all__ = ["WEBKIT_CATEGORIES", "page_configuration", "webkit_category"]

WEBKIT_CATEGORIES: Final[Mapping[AudioSessionType, AVAudioSessionCategory]] = MappingProxyType(
    {
        AudioSessionType.PLAYBACK: AVAudioSessionCategory.PLAYBACK,
        AudioSessionType.TRANSIENT: AVAudioSessionCategory.AMBIENT,
        AudioSessionType.TRANSIENT_SOLO: AVAudioSessionCategory.SOLO_AMBIENT,
        AudioSessionType.AMBIENT: AVAudioSessionCategory.AMBIENT,
        AudioSessionType.PLAY_AND_RECORD: AVAudioSessionCategory.PLAY_AND_RECORD,
    }
)
"""Type -> Apple's category. ``auto`` has none of its own; see :func:`webkit_category`."""


def webkit_category(type: AudioSessionType, element: str = "graph", /) -> AVAudioSessionCategory:
    """Returns the category that WebKit sets for a type.

    Args:
        type: The declared type.
        element: What sounds, ``graph``, ``media`` or ``microphone``; decides for ``auto``.

    Raises:
        UnknownNameError: There is no such kind of element.
    """
    if element not in ELEMENT_TYPES:
        raise UnknownNameError("kind of element", element, ELEMENT_TYPES)
    if type is AudioSessionType.AUTO:
        type = AudioSessionType(ELEMENT_TYPES[element])
    return WEBKIT_CATEGORIES[type]


@lru_cache(maxsize=1024)
def page_configuration(
    type: AudioSessionType, auto: bool, page: str, group: str
) -> AudioSessionConfiguration:
    """Returns what a page's session asks a host with.

    Args:
        type: The computed type.
        auto: Whether it was computed from ``auto``.
        page: The page's id.
        group: The group that the page belongs to.
    """
    return AudioSessionConfiguration(
        av_audio_session_category=WEBKIT_CATEGORIES[type],
        page_audio=PageAudio(type=type, auto=auto, page=page, group=group),
    )
