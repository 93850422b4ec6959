"""Types of files, and how sound and pictures are stored in them.

Keys and values are Apple's where Apple has one: AVAudioSettings.h, AVVideoSettings.h,
AVMediaFormat.h, and the format ids of CoreAudioTypes' CoreAudioBaseTypes.h. Matroska, WebM,
FLAC and Ogg files, which AVFoundation does not write, go by the uniform type identifiers that
their makers declare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from audiosession.apple.fourcc import fourcc_number, fourcc_text

from ..errors import NSInvalidArgumentException
from ..files.container import AudioTrack, VideoTrack
from ..host import FormatFacts

__all__ = [
    "AUDIO_KEYS",
    "VIDEO_KEYS",
    "AVAudioSettingsKey",
    "AVFileType",
    "AVVideoCodecType",
    "AVVideoSettingsKey",
    "audio_track",
    "file_type_of",
    "recommended_audio",
    "video_track",
]


class AVFileType(StrEnum):
    """What kind of file it is; the value is a uniform type identifier."""

    WAV = "com.microsoft.waveform-audio"
    """WAV: sound as it is."""
    FLAC = "org.xiph.flac"
    """FLAC: sound made smaller without loss."""
    OGG = "org.xiph.ogg-audio"
    """Ogg: Opus, or FLAC."""
    M4A = "com.apple.m4a-audio"
    """MPEG-4 with sound alone."""
    MP4 = "public.mpeg-4"
    """MPEG-4."""
    MOV = "com.apple.quicktime-movie"
    """QuickTime."""
    MATROSKA = "org.matroska.mkv"
    """Matroska: any codec."""
    MATROSKA_AUDIO = "org.matroska.mka"
    """Matroska with sound alone."""
    WEBM = "org.webmproject.webm"
    """WebM: Opus and VP9."""


class AVVideoCodecType(StrEnum):
    """How pictures are stored; the value is the codec's four letters."""

    H264 = "avc1"
    """H.264."""
    VP9 = "vp09"
    """VP9, which Apple's classes do not write."""


class AVAudioSettingsKey(StrEnum):
    """Keys of settings for sound; the value is the name of Apple's constant."""

    FORMAT_ID = "AVFormatIDKey"
    """``lpcm``, ``flac``, ``opus`` or ``aac``: four letters, or their number."""
    SAMPLE_RATE = "AVSampleRateKey"
    """In hertz; the device's alone is possible."""
    NUMBER_OF_CHANNELS = "AVNumberOfChannelsKey"
    """The device's alone is possible."""
    ENCODER_BIT_RATE = "AVEncoderBitRateKey"
    """Bits a second of Opus and AAC."""
    LINEAR_PCM_BIT_DEPTH = "AVLinearPCMBitDepthKey"
    """16, 24 or 32; 32 means floats."""
    LINEAR_PCM_IS_FLOAT = "AVLinearPCMIsFloatKey"
    """True goes with 32 bits alone."""
    ENCODER_BIT_DEPTH_HINT = "AVEncoderBitDepthHintKey"
    """16 or 24, for FLAC."""


class AVVideoSettingsKey(StrEnum):
    """Keys of settings for pictures; the value is the name of Apple's constant."""

    CODEC = "AVVideoCodecKey"
    """An :class:`AVVideoCodecType`."""
    AVERAGE_BIT_RATE = "AverageBitRate"
    """Bits a second; the value of ``AVVideoAverageBitRateKey``."""
    COMPRESSION_PROPERTIES = "AVVideoCompressionPropertiesKey"
    """A mapping that may hold the bit rate."""


@dataclass(frozen=True, slots=True)
class _Kind:
    suffixes: tuple[str, ...]
    format: str
    """FFmpeg's name; empty for what this package writes itself."""
    audio: tuple[str, ...]
    video: tuple[str, ...] = ()


_LPCM, _FLAC, _OPUS, _AAC = "lpcm", "flac", "opus", "aac "

_KINDS: Final = {
    AVFileType.WAV: _Kind((".wav", ".wave"), "", (_LPCM,)),
    AVFileType.FLAC: _Kind((".flac",), "", (_FLAC,)),
    AVFileType.OGG: _Kind((".ogg", ".oga", ".opus"), "ogg", (_OPUS, _FLAC)),
    AVFileType.M4A: _Kind((".m4a",), "ipod", (_AAC,)),
    AVFileType.MP4: _Kind((".mp4", ".m4v"), "mp4", (_AAC, _FLAC, _OPUS), ("avc1", "vp09")),
    AVFileType.MOV: _Kind((".mov", ".qt"), "mov", (_AAC,), ("avc1",)),
    AVFileType.MATROSKA: _Kind((".mkv",), "matroska", (_FLAC, _OPUS, _AAC), ("avc1", "vp09")),
    AVFileType.MATROSKA_AUDIO: _Kind((".mka",), "matroska", (_FLAC, _OPUS, _AAC)),
    AVFileType.WEBM: _Kind((".webm",), "webm", (_OPUS,), ("vp09",)),
}
_SUFFIXES: Final = {end: kind for kind, facts in _KINDS.items() for end in facts.suffixes}
_CODECS: Final = {_FLAC: "flac", _OPUS: "libopus", _AAC: "aac"}
_VIDEO_CODECS: Final = {"avc1": "libx264", "vp09": "libvpx-vp9"}

AUDIO_KEYS: Final = tuple(AVAudioSettingsKey)
"""All keys of settings for sound."""
VIDEO_KEYS: Final = tuple(AVVideoSettingsKey)
"""All keys of settings for pictures."""


def file_type_of(path: Path, wanted: AVFileType | None = None, *, video: bool) -> AVFileType:
    """The type of a file by its name, unless one is wanted.

    Args:
        path: The file.
        wanted: A type; ``None``: by the name's ending.
        video: Whether it must be able to hold pictures.

    Raises:
        NSInvalidArgumentException: the ending says nothing, or the type is not for that.
    """
    able = [kind for kind, facts in _KINDS.items() if facts.video or not video]
    found = wanted or _SUFFIXES.get(path.suffix.lower())
    if found in able:
        return found
    endings = ", ".join(end for kind in able for end in _KINDS[kind].suffixes)
    raise NSInvalidArgumentException(
        f"{path.name!r} is not a file that this output writes",
        advice=f"use one of {endings}",
        field="to",
    )


def format_of(kind: AVFileType) -> str:
    """FFmpeg's name of a type of file; empty for WAV and FLAC."""
    return _KINDS[kind].format


def types(*, video: bool) -> tuple[AVFileType, ...]:
    """The types that hold pictures, or all."""
    return tuple(kind for kind, facts in _KINDS.items() if facts.video or not video)


def audio_track(
    kind: AVFileType, settings: Mapping[str, Any] | None, facts: FormatFacts
) -> tuple[str, AudioTrack]:
    """How sound is stored: four letters of the format, and the track.

    Args:
        kind: Type of the file.
        settings: By :class:`AVAudioSettingsKey`; ``None``: as suits the file.
        facts: What the device gives.

    Raises:
        NSInvalidArgumentException: that cannot be.
    """
    given = dict(settings or {})
    _check_keys(given, AUDIO_KEYS)
    code = _code(given.get(AVAudioSettingsKey.FORMAT_ID, _KINDS[kind].audio[0]))
    if code not in _KINDS[kind].audio:
        able = ", ".join(repr(each.strip()) for each in _KINDS[kind].audio)
        raise _wrong(AVAudioSettingsKey.FORMAT_ID, code, f"the file takes {able}")
    rate = given.get(AVAudioSettingsKey.SAMPLE_RATE, facts.sample_rate)
    if rate != facts.sample_rate:
        raise _wrong(AVAudioSettingsKey.SAMPLE_RATE, rate, f"the device has {facts.sample_rate}")
    channels = given.get(AVAudioSettingsKey.NUMBER_OF_CHANNELS, facts.channels)
    if channels != facts.channels:
        raise _wrong(
            AVAudioSettingsKey.NUMBER_OF_CHANNELS, channels, f"the device has {facts.channels}"
        )
    bits = _bits(code, given)
    bit_rate = given.get(AVAudioSettingsKey.ENCODER_BIT_RATE, 0)
    if isinstance(bit_rate, bool) or not isinstance(bit_rate, int) or bit_rate < 0:
        raise _wrong(AVAudioSettingsKey.ENCODER_BIT_RATE, bit_rate, "bits a second")
    return code, AudioTrack(
        codec=_CODECS.get(code, ""),
        rate=round(facts.sample_rate),
        channels=facts.channels,
        bits=bits,
        bit_rate=bit_rate,
    )


def video_track(
    kind: AVFileType, settings: Mapping[str, Any] | None, facts: FormatFacts, frame_rate: float
) -> VideoTrack:
    """How pictures are stored.

    Args:
        kind: Type of the file.
        settings: By :class:`AVVideoSettingsKey`; ``None``: as suits the file.
        facts: What the device gives.
        frame_rate: Pictures a second.

    Raises:
        NSInvalidArgumentException: that cannot be.
    """
    given = dict(settings or {})
    _check_keys(given, VIDEO_KEYS)
    more = given.get(AVVideoSettingsKey.COMPRESSION_PROPERTIES, {})
    if not isinstance(more, Mapping):
        raise _wrong(AVVideoSettingsKey.COMPRESSION_PROPERTIES, more, "a mapping is needed")
    _check_keys(more, (AVVideoSettingsKey.AVERAGE_BIT_RATE,))
    codec = str(given.get(AVVideoSettingsKey.CODEC, _KINDS[kind].video[0]))
    if codec not in _KINDS[kind].video:
        able = ", ".join(map(repr, _KINDS[kind].video))
        raise _wrong(AVVideoSettingsKey.CODEC, codec, f"the file takes {able}")
    rate_key = AVVideoSettingsKey.AVERAGE_BIT_RATE
    bit_rate = more.get(rate_key, given.get(rate_key, 0))
    if isinstance(bit_rate, bool) or not isinstance(bit_rate, int) or bit_rate < 0:
        raise _wrong(rate_key, bit_rate, "bits a second")
    return VideoTrack(
        codec=_VIDEO_CODECS[codec],
        width=facts.width,
        height=facts.height,
        frame_rate=frame_rate,
        bit_rate=bit_rate,
    )


def recommended_audio(kind: str) -> dict[str, Any]:
    """Settings that suit a type of file.

    Raises:
        NSInvalidArgumentException: no such type.
    """
    if kind not in _KINDS:
        raise NSInvalidArgumentException(
            f"{kind!r} is no type of file that can be written",
            advice="use an AVFileType",
            field="output_file_type",
        )
    return {AVAudioSettingsKey.FORMAT_ID.value: fourcc_number(_KINDS[AVFileType(kind)].audio[0])}


def _bits(code: str, given: Mapping[str, Any]) -> int:
    key = AVAudioSettingsKey.LINEAR_PCM_BIT_DEPTH
    able: tuple[int, ...] = (16, 24, 32)
    if code != _LPCM:
        key, able = AVAudioSettingsKey.ENCODER_BIT_DEPTH_HINT, (16, 24)
    floats = given.get(AVAudioSettingsKey.LINEAR_PCM_IS_FLOAT)
    bits = given.get(key, 32 if floats and code == _LPCM else 16)
    if isinstance(bits, bool) or bits not in able:
        raise _wrong(key, bits, f"{', '.join(map(str, able))} are possible")
    if floats is not None and code == _LPCM and bool(floats) is not (bits == 32):
        raise _wrong(AVAudioSettingsKey.LINEAR_PCM_IS_FLOAT, floats, "32 bits, and they alone")
    return int(bits)


def _code(value: object) -> str:
    text = fourcc_text(value) if isinstance(value, int) else str(value)
    return text.ljust(4)


def _check_keys(given: Mapping[str, Any], known: tuple[StrEnum, ...]) -> None:
    for key in given:
        if key not in known:
            raise NSInvalidArgumentException(
                f"{key!r} is not a setting here",
                advice=f"settings are {', '.join(each.value for each in known)}",
                field=str(key),
            )


def _wrong(key: StrEnum, value: object, why: str) -> NSInvalidArgumentException:
    return NSInvalidArgumentException(
        f"{key.value} cannot be {value!r}", advice=why, field=key.value
    )
