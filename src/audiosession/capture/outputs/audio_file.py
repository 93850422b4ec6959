"""Sound to files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from audiosession.errors import InvalidTypeError

from ..files.base import MediaFile
from ..files.container import ContainerFile
from ..files.disk import DiskFile
from ..host import FormatFacts, MediaType
from ..writing import MakeFile
from .base import Connection
from .file_output import AVCaptureFileOutput, RecordingDelegate, path_of
from .settings import AVFileType, audio_track, file_type_of, format_of, types

__all__ = ["AVCaptureAudioFileOutput"]


class AVCaptureAudioFileOutput(AVCaptureFileOutput):
    """Records sound to a file of WAV, FLAC, Ogg, M4A, Matroska or MP4.

    Apple has it on macOS alone, with the types that Core Audio writes.
    """

    media_types: ClassVar[tuple[MediaType, ...]] = (MediaType.AUDIO,)

    def __init__(self) -> None:
        super().__init__()
        self._settings: dict[str, Any] | None = None
        self._metadata: dict[str, str] = {}
        self._wanted: AVFileType | None = None

    @classmethod
    def available_output_file_types(cls) -> tuple[AVFileType, ...]:
        """The types of files it writes."""
        return types(video=False)

    @property
    def audio_settings(self) -> Mapping[str, Any] | None:
        """How sound is stored, by ``AVAudioSettingsKey``; ``None`` at first: as suits the file.

        Counts for recordings begun afterwards, which refuse what cannot be.

        Raises:
            InvalidTypeError: no mapping.
        """
        return self._settings

    @audio_settings.setter
    def audio_settings(self, value: Mapping[str, Any] | None) -> None:
        if value is not None and not isinstance(value, Mapping):
            raise InvalidTypeError("audio_settings", value, expected="a mapping, or None")
        self._settings = None if value is None else dict(value)

    @property
    def metadata(self) -> Mapping[str, str]:
        """Texts for the file by FFmpeg's names (``title``, ``artist``); empty at first.

        WAV and FLAC files have none.

        Raises:
            InvalidTypeError: no mapping of texts.
        """
        return dict(self._metadata)

    @metadata.setter
    def metadata(self, value: Mapping[str, str]) -> None:
        self._metadata = checked_metadata(value)

    def start_recording(
        self,
        to: str | os.PathLike[str],
        recording_delegate: RecordingDelegate,
        *,
        output_file_type: AVFileType | None = None,
    ) -> None:
        """Begins to record to a new file; see the base class.

        Args:
            to: A path, or a ``file:`` URL.
            recording_delegate: Who hears of it.
            output_file_type: The file's type; ``None``: by the ending of its name.
        """
        if output_file_type is not None and not isinstance(output_file_type, AVFileType):
            raise InvalidTypeError(
                "output_file_type", output_file_type, expected="an AVFileType, or None"
            )
        self._wanted = output_file_type
        self._begin_recording(path_of(to), recording_delegate)

    def _make(self, path: Path, connections: tuple[Connection, ...]) -> MakeFile:
        kind = file_type_of(path, self._wanted, video=False)
        settings, metadata = self._settings, self._metadata
        # What cannot be is refused now, as far as it can be known without the device.
        likely = FormatFacts(media_type=MediaType.AUDIO, sample_rate=48_000.0, channels=2)
        for port in getattr(connections[0], "input_ports", ()):
            likely = port.format_description or likely
        audio_track(kind, settings, likely)

        def make(disk: DiskFile, audio: FormatFacts | None, video: FormatFacts | None) -> MediaFile:
            assert audio is not None
            return make_audio_file(disk, kind, settings, audio, metadata)

        return make


def make_audio_file(
    disk: DiskFile,
    kind: AVFileType,
    settings: Mapping[str, Any] | None,
    facts: FormatFacts,
    metadata: Mapping[str, str],
) -> MediaFile:
    """The inside of a file of sound alone."""
    _, track = audio_track(kind, settings, facts)
    if kind is AVFileType.WAV:
        from ..files.wav import WavFile

        return WavFile(disk, rate=track.rate, channels=track.channels, bits=track.bits)
    if kind is AVFileType.FLAC:
        from ..files.flac import FlacFile

        return FlacFile(disk, rate=track.rate, channels=track.channels, bits=track.bits)
    return ContainerFile(disk, format=format_of(kind), audio=track, metadata=metadata)


def checked_metadata(value: Mapping[str, str]) -> dict[str, str]:
    """A copy of texts for a file.

    Raises:
        InvalidTypeError: no mapping of texts.
    """
    if not isinstance(value, Mapping):
        raise InvalidTypeError("metadata", value, expected="a mapping of texts")
    for name, text in value.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise InvalidTypeError("metadata", text, expected="texts by their names")
    return dict(value)
