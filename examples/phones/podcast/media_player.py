# mypy: ignore-errors
# Java's classes are on Android alone.
"""Android's MediaPlayer, for both ways in which Python reaches Java."""

from __future__ import annotations

from pathlib import Path


class MediaPlayerOutput:
    """Plays a file as media and speech, as the session was configured.

    Args:
        java_class: Gives a class of Java's by its name: Chaquopy's ``jclass``, or pyjnius'
            ``autoclass``.
        file: What to play.
    """

    def __init__(self, java_class, file: Path) -> None:
        attributes = java_class("android.media.AudioAttributes")
        builder = java_class("android.media.AudioAttributes$Builder")()
        builder.setUsage(attributes.USAGE_MEDIA)
        builder.setContentType(attributes.CONTENT_TYPE_SPEECH)
        self._player = java_class("android.media.MediaPlayer")()
        self._player.setAudioAttributes(builder.build())
        self._player.setDataSource(str(file))
        self._player.prepare()
        self._wanted = False

    @property
    def position_s(self) -> float:
        return self._player.getCurrentPosition() / 1000.0

    @property
    def ended(self) -> bool:
        # Android pauses no MediaPlayer by itself: one that is not to be silent and is has ended.
        return self._wanted and not self._player.isPlaying()

    def play(self, *, offset_s: float) -> None:
        self._player.seekTo(int(offset_s * 1000.0))
        self._player.start()
        self._wanted = True

    def pause(self) -> None:
        self._wanted = False
        if self._player.isPlaying():
            self._player.pause()

    def set_volume(self, volume: float) -> None:
        self._player.setVolume(float(volume), float(volume))
