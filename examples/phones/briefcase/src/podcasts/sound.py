# mypy: ignore-errors
# What each platform plays with is on that platform alone.
"""What makes the sound: the phone's own player, or nothing on a desktop."""

from __future__ import annotations

import sys
from pathlib import Path

from podcast import MediaPlayerOutput, Output, SilentOutput
from podcast.episode import SECONDS

ANDROID = hasattr(sys, "getandroidapilevel")
"""Whether this is Android; Python calls itself differently there from version to version."""


def output_for(file: Path) -> Output:
    """The player of this platform, for one file."""
    if sys.platform == "ios":
        return IosOutput(file)
    if ANDROID:
        from java import jclass

        return MediaPlayerOutput(jclass, file)
    return SilentOutput(length_s=SECONDS)


class IosOutput:
    """Plays with an AVAudioPlayer.

    It plays in the app's one audio session. Nothing is prepared before it plays, since preparing
    activates that session too, before it is configured.
    """

    def __init__(self, file: Path) -> None:
        from rubicon.objc import ObjCClass
        from rubicon.objc.runtime import load_library

        load_library("AVFoundation")
        url = ObjCClass("NSURL").fileURLWithPath(str(file))
        player = ObjCClass("AVAudioPlayer").alloc()
        self._player = player.initWithContentsOfURL(url, error=None)
        self._wanted = False

    @property
    def position_s(self) -> float:
        return float(self._player.currentTime)

    @property
    def ended(self) -> bool:
        # An interruption stops it where it is; the end takes it back to the beginning.
        return self._wanted and not self._player.isPlaying() and self.position_s == 0.0

    def play(self, *, offset_s: float) -> None:
        self._player.currentTime = offset_s
        self._player.play()
        self._wanted = True

    def pause(self) -> None:
        self._wanted = False
        self._player.pause()

    def set_volume(self, volume: float) -> None:
        self._player.volume = volume
