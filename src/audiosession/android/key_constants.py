"""Keys for media and volume (``android.view.KeyEvent``)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

__all__ = ["MEDIA_SESSION_KEYS", "AndroidKeyCode", "AndroidKeyEventAction", "KeyEventConstants"]


class AndroidKeyEventAction(IntEnum):
    """What happens to a key; ``KeyEvent.ACTION_*``."""

    DOWN = 0
    """It is pressed."""
    UP = 1
    """It is let go."""
    MULTIPLE = 2
    """It is pressed several times; deprecated."""


class AndroidKeyCode(IntEnum):
    """Which key; ``KeyEvent.KEYCODE_*``, those about sound."""

    VOLUME_UP = 24
    """Louder."""
    VOLUME_DOWN = 25
    """Quieter."""
    HEADSETHOOK = 79
    """The key on a headset's wire."""
    MEDIA_PLAY_PAUSE = 85
    """Play, or pause."""
    MEDIA_STOP = 86
    """Stop."""
    MEDIA_NEXT = 87
    """The next track."""
    MEDIA_PREVIOUS = 88
    """The track before."""
    MEDIA_REWIND = 89
    """Back."""
    MEDIA_FAST_FORWARD = 90
    """Forward."""
    MUTE = 91
    """Mutes the microphone."""
    MEDIA_PLAY = 126
    """Play."""
    MEDIA_PAUSE = 127
    """Pause."""
    MEDIA_CLOSE = 128
    """Close what holds the medium."""
    MEDIA_EJECT = 129
    """Eject the medium."""
    MEDIA_RECORD = 130
    """Record."""
    VOLUME_MUTE = 164
    """Mutes the loudspeaker, or unmutes it."""
    MEDIA_AUDIO_TRACK = 222
    """Another sound track."""
    MEDIA_SKIP_FORWARD = 272
    """A piece forward."""
    MEDIA_SKIP_BACKWARD = 273
    """A piece back."""
    MEDIA_STEP_FORWARD = 274
    """A step forward."""
    MEDIA_STEP_BACKWARD = 275
    """A step back."""


MEDIA_SESSION_KEYS: Final = frozenset(
    {
        AndroidKeyCode.HEADSETHOOK,
        AndroidKeyCode.MEDIA_PLAY_PAUSE,
        AndroidKeyCode.MEDIA_STOP,
        AndroidKeyCode.MEDIA_NEXT,
        AndroidKeyCode.MEDIA_PREVIOUS,
        AndroidKeyCode.MEDIA_REWIND,
        AndroidKeyCode.MEDIA_FAST_FORWARD,
        AndroidKeyCode.MEDIA_PLAY,
        AndroidKeyCode.MEDIA_PAUSE,
        AndroidKeyCode.MEDIA_RECORD,
    }
)
"""The keys that go to a media session; older versions add ``MUTE``."""


class KeyEventConstants:
    """The constants of ``KeyEvent`` about sound under Android's own names."""

    __slots__ = ()

    ACTION_DOWN = AndroidKeyEventAction.DOWN
    ACTION_UP = AndroidKeyEventAction.UP
    ACTION_MULTIPLE = AndroidKeyEventAction.MULTIPLE
    KEYCODE_VOLUME_UP = AndroidKeyCode.VOLUME_UP
    KEYCODE_VOLUME_DOWN = AndroidKeyCode.VOLUME_DOWN
    KEYCODE_HEADSETHOOK = AndroidKeyCode.HEADSETHOOK
    KEYCODE_MEDIA_PLAY_PAUSE = AndroidKeyCode.MEDIA_PLAY_PAUSE
    KEYCODE_MEDIA_STOP = AndroidKeyCode.MEDIA_STOP
    KEYCODE_MEDIA_NEXT = AndroidKeyCode.MEDIA_NEXT
    KEYCODE_MEDIA_PREVIOUS = AndroidKeyCode.MEDIA_PREVIOUS
    KEYCODE_MEDIA_REWIND = AndroidKeyCode.MEDIA_REWIND
    KEYCODE_MEDIA_FAST_FORWARD = AndroidKeyCode.MEDIA_FAST_FORWARD
    KEYCODE_MUTE = AndroidKeyCode.MUTE
    KEYCODE_MEDIA_PLAY = AndroidKeyCode.MEDIA_PLAY
    KEYCODE_MEDIA_PAUSE = AndroidKeyCode.MEDIA_PAUSE
    KEYCODE_MEDIA_CLOSE = AndroidKeyCode.MEDIA_CLOSE
    KEYCODE_MEDIA_EJECT = AndroidKeyCode.MEDIA_EJECT
    KEYCODE_MEDIA_RECORD = AndroidKeyCode.MEDIA_RECORD
    KEYCODE_VOLUME_MUTE = AndroidKeyCode.VOLUME_MUTE
    KEYCODE_MEDIA_AUDIO_TRACK = AndroidKeyCode.MEDIA_AUDIO_TRACK
    KEYCODE_MEDIA_SKIP_FORWARD = AndroidKeyCode.MEDIA_SKIP_FORWARD
    KEYCODE_MEDIA_SKIP_BACKWARD = AndroidKeyCode.MEDIA_SKIP_BACKWARD
    KEYCODE_MEDIA_STEP_FORWARD = AndroidKeyCode.MEDIA_STEP_FORWARD
    KEYCODE_MEDIA_STEP_BACKWARD = AndroidKeyCode.MEDIA_STEP_BACKWARD
