"""Presets: a session's wish for quality, and which of a camera's formats fits it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from audiosession.capture.enums import AVMediaType
from audiosession.capture.host import FormatFacts

__all__ = ["SIZES", "AVCaptureSessionPreset", "choose_format"]


class AVCaptureSessionPreset(StrEnum):
    """What quality a session gives; the value is Apple's text constant.

    Since iOS 4.0 unless a member says otherwise.

    https://developer.apple.com/documentation/avfoundation/avcapturesession/preset
    """

    PHOTO = "AVCaptureSessionPresetPhoto"
    """Still pictures, as large as can be."""
    HIGH = "AVCaptureSessionPresetHigh"
    """High quality; a session's first one."""
    MEDIUM = "AVCaptureSessionPresetMedium"
    """To be shared over Wi-Fi."""
    LOW = "AVCaptureSessionPresetLow"
    """To be shared over a mobile network."""
    QVGA320X240 = "AVCaptureSessionPreset320x240"
    """320 by 240 pixels; macOS."""
    CIF352X288 = "AVCaptureSessionPreset352x288"
    """352 by 288 pixels; since iOS 5.0."""
    VGA640X480 = "AVCaptureSessionPreset640x480"
    """640 by 480 pixels."""
    Q_HD960X540 = "AVCaptureSessionPreset960x540"
    """960 by 540 pixels; macOS."""
    HD1280X720 = "AVCaptureSessionPreset1280x720"
    """1280 by 720 pixels."""
    HD1920X1080 = "AVCaptureSessionPreset1920x1080"
    """1920 by 1080 pixels; since iOS 5.0."""
    HD4K3840X2160 = "AVCaptureSessionPreset3840x2160"
    """3840 by 2160 pixels; since iOS 9.0."""
    I_FRAME960X540 = "AVCaptureSessionPresetiFrame960x540"
    """960 by 540 pixels at some 30 Mbit/s, every picture for itself; since iOS 5.0."""
    I_FRAME1280X720 = "AVCaptureSessionPresetiFrame1280x720"
    """1280 by 720 pixels at some 40 Mbit/s, every picture for itself; since iOS 5.0."""
    INPUT_PRIORITY = "AVCaptureSessionPresetInputPriority"
    """As the devices are set by hand; the session leaves their formats alone. Since iOS 7.0."""


_Preset = AVCaptureSessionPreset

SIZES: Final[Mapping[AVCaptureSessionPreset, tuple[int, int]]] = MappingProxyType(
    {
        _Preset.QVGA320X240: (320, 240),
        _Preset.CIF352X288: (352, 288),
        _Preset.VGA640X480: (640, 480),
        _Preset.Q_HD960X540: (960, 540),
        _Preset.HD1280X720: (1280, 720),
        _Preset.HD1920X1080: (1920, 1080),
        _Preset.HD4K3840X2160: (3840, 2160),
        _Preset.I_FRAME960X540: (960, 540),
        _Preset.I_FRAME1280X720: (1280, 720),
    }
)
"""Width and height in pixels of the presets that name them."""

# Apple names no sizes for these; they are those its first phones recorded with.
_NEAR: Final[Mapping[AVCaptureSessionPreset, tuple[int, int]]] = MappingProxyType(
    {_Preset.HIGH: (1920, 1080), _Preset.MEDIUM: (480, 360), _Preset.LOW: (192, 144)}
)


def choose_format(
    preset: AVCaptureSessionPreset, formats: Iterable[FormatFacts]
) -> FormatFacts | None:
    """Returns the format of a camera that fits a preset best; ``None`` when none does.

    A preset with a size needs a format of just that size. ``PHOTO`` takes the largest, the
    other qualities the one whose number of pixels is nearest to theirs. Among formats of one
    size the fastest counts, and the first of those.

    Args:
        preset: Any but ``INPUT_PRIORITY``, which fits no format in particular.
        formats: What the camera can give; sound is passed over.
    """
    pictures = [each for each in formats if each.media_type is AVMediaType.VIDEO]
    if not pictures or preset is _Preset.INPUT_PRIORITY:
        return None
    size = SIZES.get(preset)
    if size is not None:
        fitting = [each for each in pictures if (each.width, each.height) == size]
        return max(fitting, key=_fastest, default=None)
    if preset is _Preset.PHOTO:
        return max(pictures, key=lambda each: (_pixels(each), _fastest(each)))
    width, height = _NEAR[preset]
    return min(pictures, key=lambda each: (abs(_pixels(each) - width * height), -_fastest(each)))


def _pixels(format: FormatFacts) -> int:
    return format.width * format.height


def _fastest(format: FormatFacts) -> float:
    return max((high for _, high in format.frame_rates), default=0.0)
