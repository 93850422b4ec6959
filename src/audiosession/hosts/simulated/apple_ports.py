"""What the ports of a simulated device can do, in Apple's terms; figures as phones show them."""

from __future__ import annotations

from ...apple.device import DataSourceFacts, Direction, PortFacts
from ...apple.names import (
    AVAudioSessionLocation,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
)
from ...core.routing import Port

_Pattern = AVAudioSessionPolarPattern
_LEFT_RIGHT = ("Left", "Right")
_MONO = ("",)
_MUSIC_RATES = (48_000.0, 44_100.0)
_ALL_RATES = (48_000.0, 44_100.0, 32_000.0, 24_000.0, 16_000.0, 8_000.0)
_WIDE_BAND = (16_000.0,)

MICROPHONES = (
    DataSourceFacts(
        id=1,
        name="Bottom",
        location=AVAudioSessionLocation.LOWER,
        orientation=AVAudioSessionOrientation.BOTTOM,
        patterns=(_Pattern.OMNIDIRECTIONAL,),
    ),
    DataSourceFacts(
        id=2,
        name="Front",
        location=AVAudioSessionLocation.UPPER,
        orientation=AVAudioSessionOrientation.FRONT,
        patterns=(_Pattern.OMNIDIRECTIONAL, _Pattern.CARDIOID, _Pattern.STEREO),
    ),
    DataSourceFacts(
        id=3,
        name="Back",
        location=AVAudioSessionLocation.UPPER,
        orientation=AVAudioSessionOrientation.BACK,
        patterns=(
            _Pattern.OMNIDIRECTIONAL,
            _Pattern.CARDIOID,
            _Pattern.SUBCARDIOID,
            _Pattern.STEREO,
        ),
    ),
)
"""The microphones of a phone or tablet."""

_ACCESSORIES: dict[tuple[str, Direction], tuple[DataSourceFacts, ...]] = {
    ("usb mixer", Direction.INPUT): (
        DataSourceFacts(id=1, name="Microphone"),
        DataSourceFacts(id=2, name="Line"),
        DataSourceFacts(id=3, name="Instrument"),
    ),
    ("usb mixer", Direction.OUTPUT): (
        DataSourceFacts(id=1, name="Main"),
        DataSourceFacts(id=2, name="Monitor"),
        DataSourceFacts(id=3, name="Phones"),
    ),
}
_HAS_MICROPHONES = ("phone", "tablet")

_INPUTS: dict[str, PortFacts] = {
    "builtInMic": PortFacts(
        channels=_MONO, sample_rates=_ALL_RATES, latency_s=0.010, gain_settable=True
    ),
    "wiredHeadset": PortFacts(
        channels=_MONO, sample_rates=_ALL_RATES, latency_s=0.008, gain_settable=True
    ),
    "usbAudio": PortFacts(
        channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.006, gain_settable=True
    ),
    "bluetoothSco": PortFacts(
        channels=_MONO,
        sample_rates=_WIDE_BAND,
        latency_s=0.060,
        voice_processing=True,
        far_field=False,
        high_quality=False,
    ),
    "bluetoothLe": PortFacts(channels=_MONO, sample_rates=_MUSIC_RATES, latency_s=0.030),
    "carAudio": PortFacts(
        channels=_MONO, sample_rates=_WIDE_BAND, latency_s=0.040, voice_processing=True
    ),
}
_OUTPUTS: dict[str, PortFacts] = {
    "builtInSpeaker": PortFacts(
        channels=_LEFT_RIGHT, sample_rates=_ALL_RATES, latency_s=0.012, spatial_audio=True
    ),
    "builtInEarpiece": PortFacts(channels=_MONO, sample_rates=_ALL_RATES, latency_s=0.010),
    "wiredHeadphones": PortFacts(channels=_LEFT_RIGHT, sample_rates=_ALL_RATES, latency_s=0.008),
    "wiredHeadset": PortFacts(channels=_LEFT_RIGHT, sample_rates=_ALL_RATES, latency_s=0.008),
    "usbAudio": PortFacts(channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.006),
    "hdmi": PortFacts(
        channels=("1", "2", "3", "4", "5", "6", "7", "8"),
        sample_rates=(48_000.0,),
        latency_s=0.050,
    ),
    "bluetoothA2dp": PortFacts(
        channels=_LEFT_RIGHT, sample_rates=(44_100.0, 48_000.0), latency_s=0.160
    ),
    "bluetoothSco": PortFacts(
        channels=_MONO, sample_rates=_WIDE_BAND, latency_s=0.060, voice_processing=True
    ),
    "bluetoothLe": PortFacts(channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.030),
    "airPlay": PortFacts(channels=_LEFT_RIGHT, sample_rates=(44_100.0,), latency_s=2.0),
    "carAudio": PortFacts(
        channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.040, voice_processing=True
    ),
}
_ANY_INPUT = PortFacts(channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.010)
_ANY_OUTPUT = PortFacts(channels=_LEFT_RIGHT, sample_rates=_MUSIC_RATES, latency_s=0.010)

FIRST_GAIN = 1.0
"""The gain of an input that nobody has set."""

SHORTEST_BUFFER, LONGEST_BUFFER, USUAL_BUFFER = 128, 4096, 1024
"""Frames of one I/O cycle: some 0.003, 0.09 and 0.02 s (apple 108)."""


def data_sources(port: Port, direction: Direction, profile: str) -> tuple[DataSourceFacts, ...]:
    """The data sources of one direction of a port; empty where there is no choice.

    Args:
        port: The port.
        direction: Which way sound goes.
        profile: Name of the device's profile.
    """
    if port.kind == "builtInMic" and profile in _HAS_MICROPHONES:
        return MICROPHONES
    return _ACCESSORIES.get((port.device, direction), ())


def port_facts(kind: str, direction: Direction) -> PortFacts:
    """What one direction of a port of that kind can do."""
    if direction is Direction.INPUT:
        return _INPUTS.get(kind, _ANY_INPUT)
    return _OUTPUTS.get(kind, _ANY_OUTPUT)
