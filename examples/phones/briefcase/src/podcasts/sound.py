# mypy: ignore-errors
# What each platform plays with is on that platform alone.
"""What makes the sound: the phone's own player, or nothing on a desktop."""

from __future__ import annotations

import sys
from pathlib import Path

from podcast import Output, SilentOutput


def output_for(file: Path) -> Output:
    """The player of this platform, for one file."""
    if sys.platform == "ios":
        return IosOutput(file)
    if hasattr(sys, "getandroidapilevel"):
        return AndroidOutput(file)
    return SilentOutput()


class IosOutput:
    """Plays with an AVAudioPlayer.

    It plays in the app's one audio session, and leaves activating that to audiosession.
    """

    def __init__(self, file: Path) -> None:
        from rubicon.objc import ObjCClass
        from rubicon.objc.runtime import load_library

        load_library("AVFoundation")
        url = ObjCClass("NSURL").fileURLWithPath(str(file))
        player = ObjCClass("AVAudioPlayer").alloc()
        self._player = player.initWithContentsOfURL(url, error=None)
        self._player.prepareToPlay()

    @property
    def position_s(self) -> float:
        return float(self._player.currentTime)

    def play(self, *, offset_s: float) -> None:
        self._player.currentTime = offset_s
        self._player.play()

    def pause(self) -> None:
        self._player.pause()

    def set_volume(self, volume: float) -> None:
        self._player.volume = volume


class AndroidOutput:
    """Plays with a MediaPlayer, for media and speech as the session was configured."""

    def __init__(self, file: Path) -> None:
        from android.media import AudioAttributes, MediaPlayer

        self._player = MediaPlayer()
        self._player.setAudioAttributes(
            AudioAttributes.Builder()
            .setUsage(AudioAttributes.USAGE_MEDIA)
            .setContentType(AudioAttributes.CONTENT_TYPE_SPEECH)
            .build()
        )
        self._player.setDataSource(str(file))
        self._player.prepare()

    @property
    def position_s(self) -> float:
        return self._player.getCurrentPosition() / 1000.0

    def play(self, *, offset_s: float) -> None:
        self._player.seekTo(int(offset_s * 1000.0))
        self._player.start()

    def pause(self) -> None:
        self._player.pause()

    def set_volume(self, volume: float) -> None:
        self._player.setVolume(volume, volume)
