"""The W3C's words: the types of a session, and its states."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["AudioSessionState", "AudioSessionType"]


class AudioSessionType(StrEnum):
    """What a page's sound is for (W-002). Equal to the word itself."""

    AUTO = "auto"
    """Found out from what sounds."""
    PLAYBACK = "playback"
    """Music, films, podcasts: takes the place of other playback, for an open-ended time."""
    TRANSIENT = "transient"
    """A short sound on top of others, which may go lower for it."""
    TRANSIENT_SOLO = "transient-solo"
    """A short sound that is heard alone; the others resume after it."""
    AMBIENT = "ambient"
    """Mixes with anything and bears on nobody."""
    PLAY_AND_RECORD = "play-and-record"
    """Capture and calls."""


class AudioSessionState(StrEnum):
    """Where a page's session stands (W-003). Equal to the word itself."""

    INACTIVE = "inactive"
    """Nothing of it is heard."""
    ACTIVE = "active"
    """It is heard, or may be."""
    INTERRUPTED = "interrupted"
    """The platform has it paused, and may let it go on."""
