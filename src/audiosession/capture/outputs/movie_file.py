"""Sound and pictures to one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from audiosession.errors import InvalidTypeError, InvalidValueError

from ..errors import NSInvalidArgumentException
from ..files.base import MediaFile
from ..files.container import ContainerFile
from ..files.disk import DiskFile
from ..host import FormatFacts, MediaType
from ..writing import MakeFile
from .audio_file import checked_metadata, make_audio_file
from .base import Connection
from .file_output import AVCaptureFileOutput, connection_of, frame_rate_of
from .settings import (
    AUDIO_KEYS,
    VIDEO_KEYS,
    audio_track,
    file_type_of,
    format_of,
    video_track,
)

__all__ = ["AVCaptureMovieFileOutput"]

_SOUND_LIKELY = FormatFacts(media_type=MediaType.AUDIO, sample_rate=48_000.0, channels=2)
_PICTURES_LIKELY = FormatFacts(media_type=MediaType.VIDEO, width=1280, height=720)


class AVCaptureMovieFileOutput(AVCaptureFileOutput):
    """Records sound and pictures to Matroska, MP4, QuickTime or WebM.

    Unless settings say otherwise, Matroska has FLAC and H.264, MP4 and QuickTime AAC and
    H.264, WebM Opus and VP9. Without a connection for pictures the file may also be one of
    sound alone.
    """

    media_types: ClassVar[tuple[MediaType, ...]] = (MediaType.VIDEO, MediaType.AUDIO)

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[int, tuple[Connection, dict[str, Any] | None]] = {}
        self._metadata: dict[str, str] = {}
        self._fragment_s: float | None = 10.0

    @property
    def is_deferred_start_supported(self) -> bool:
        """Whether it may start after the session does; it may not here."""
        return False

    @property
    def movie_fragment_interval(self) -> float | None:
        """How much may be lost when a recording breaks off, in seconds; 10.0 at first.

        Never more than a second is at stake here, so a larger number makes no difference.
        ``None`` turns fragments off in MP4 and QuickTime, which then cannot be played before
        they are closed.

        Raises:
            InvalidTypeError, InvalidValueError: no number above 0.
        """
        return self._fragment_s

    @movie_fragment_interval.setter
    def movie_fragment_interval(self, value: float | None) -> None:
        if value is not None:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InvalidTypeError(
                    "movie_fragment_interval", value, expected="a number of seconds, or None"
                )
            if not value > 0:
                raise InvalidValueError(
                    "movie_fragment_interval", value, expected="a number above 0"
                )
        self._fragment_s = value

    @property
    def metadata(self) -> Mapping[str, str] | None:
        """Texts for the file by FFmpeg's names (``title``, ``comment``); ``None`` at first.

        Raises:
            InvalidTypeError: no mapping of texts.
        """
        return dict(self._metadata) or None

    @metadata.setter
    def metadata(self, value: Mapping[str, str] | None) -> None:
        self._metadata = {} if value is None else checked_metadata(value)

    def supported_output_settings_keys(self, connection: Connection) -> tuple[str, ...]:
        """The keys that settings of a connection may have.

        Raises:
            NSInvalidArgumentException: not a connection to this output.
        """
        self._check(connection)
        video = connection.media_type is MediaType.VIDEO
        return tuple(key.value for key in (VIDEO_KEYS if video else AUDIO_KEYS))

    def set_output_settings(
        self, output_settings: Mapping[str, Any] | None, connection: Connection
    ) -> None:
        """Says how the samples of a connection are stored in recordings begun afterwards.

        Args:
            output_settings: By ``AVAudioSettingsKey`` or ``AVVideoSettingsKey``; ``None`` or
                empty: as suits the file.
            connection: Which connection.

        Raises:
            NSInvalidArgumentException: a key that is not supported, or not a connection to
                this output.
            InvalidTypeError: no mapping.
        """
        if output_settings is not None and not isinstance(output_settings, Mapping):
            raise InvalidTypeError("output_settings", output_settings, expected="a mapping")
        able = self.supported_output_settings_keys(connection)
        for key in output_settings or ():
            if key not in able:
                raise NSInvalidArgumentException(
                    f"{key!r} is not a setting of this connection",
                    advice=f"settings are {', '.join(able)}",
                    field="output_settings",
                )
        given = None if output_settings is None else dict(output_settings)
        self._settings[id(connection)] = connection, given

    def output_settings(self, connection: Connection) -> Mapping[str, Any]:
        """The settings in force for a connection; empty: as suits the file.

        Raises:
            NSInvalidArgumentException: not a connection to this output.
        """
        self._check(connection)
        return dict(self._settings.get(id(connection), (connection, None))[1] or {})

    def _disconnect(self, connection: Connection) -> None:
        super()._disconnect(connection)
        self._settings.pop(id(connection), None)

    def _check(self, connection: Connection) -> None:
        if not any(each is connection for each in self._connections):
            raise NSInvalidArgumentException(
                "that is not a connection to this output", field="connection"
            )

    def _make(self, path: Path, connections: tuple[Connection, ...]) -> MakeFile:
        sound = connection_of(connections, MediaType.AUDIO)
        pictures = connection_of(connections, MediaType.VIDEO)
        kind = file_type_of(path, video=pictures is not None)
        settings = {
            each.media_type: self.output_settings(each)
            for each in (sound, pictures)
            if each is not None
        }
        rate = frame_rate_of(pictures)
        metadata, fragmented = dict(self._metadata), self._fragment_s is not None
        # What cannot be is refused now and not in the midst of a recording.
        if sound is not None:
            audio_track(kind, settings[MediaType.AUDIO], _facts(sound, _SOUND_LIKELY))
        if pictures is not None:
            video_track(kind, settings[MediaType.VIDEO], _facts(pictures, _PICTURES_LIKELY), rate)

        def make(disk: DiskFile, audio: FormatFacts | None, video: FormatFacts | None) -> MediaFile:
            if video is None:
                assert audio is not None
                return make_audio_file(disk, kind, settings[MediaType.AUDIO], audio, metadata)
            heard = None
            if audio is not None:
                _, heard = audio_track(kind, settings[MediaType.AUDIO], audio)
            seen = video_track(kind, settings[MediaType.VIDEO], video, rate)
            return ContainerFile(
                disk,
                format=format_of(kind),
                audio=heard,
                video=seen,
                fragmented=fragmented,
                metadata=metadata,
            )

        return make


def _facts(connection: Connection, likely: FormatFacts) -> FormatFacts:
    for port in getattr(connection, "input_ports", ()):
        return port.format_description or likely
    return likely
