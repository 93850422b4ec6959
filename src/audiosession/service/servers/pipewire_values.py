"""What PipeWire's parameters and properties hold, as plain values; nonsense is nothing."""

from __future__ import annotations

from ...pipewire.pod import Array, PodValue
from .numbers import number_of

_CHANNELS = {
    number: name
    for number, name in enumerate(
        (
            *("MONO", "FL", "FR", "FC", "LFE", "SL", "SR", "FLC", "FRC", "RC", "RL", "RR"),
            *("TC", "TFL", "TFC", "TFR", "TRL", "TRC", "TRR", "RLC", "RRC", "FLW", "FRW"),
            *("LFE2", "FLH", "FCH", "FRH", "TFLC", "TFRC", "TSL", "TSR", "LLFE", "RLFE"),
            *("BC", "BLC", "BRC"),
        ),
        start=2,
    )
}
"""The numbers of ``spa/param/audio/raw.h``."""

_FIRST_AUX = 0x1000
_MOST_CHANNELS = 64


def text(value: PodValue) -> str:
    """Returns a text."""
    return value if isinstance(value, str) else ""


def id_of(value: str | None) -> int:
    """Returns the number a property holds, or one that no object has."""
    number = number_of(value)
    return -1 if number is None else number


def numbers(value: PodValue) -> frozenset[int]:
    """Returns an array of numbers, without order."""
    values = value.values if isinstance(value, Array) else ()
    return frozenset(item for item in values if isinstance(item, int))


def floats(value: PodValue) -> tuple[float, ...]:
    """Returns an array of floats."""
    values = value.values if isinstance(value, Array) else ()
    return tuple(item for item in values if isinstance(item, float))


def dictionary(value: PodValue) -> dict[str, str]:
    """Returns a count with keys and values in turn as a dictionary."""
    items = value[1:] if isinstance(value, tuple) else ()
    return {
        key: each
        for key, each in zip(items[::2], items[1::2], strict=False)
        if isinstance(key, str) and isinstance(each, str)
    }


def channels_of(value: PodValue) -> tuple[str, ...]:
    """Returns the names of an array of channel positions."""
    values = value.values if isinstance(value, Array) else ()
    return tuple(_channel(item) for item in values if isinstance(item, int))


def channels_in(position: str) -> tuple[str, ...]:
    """Returns the names in an ``audio.position``: ``FL,FR``, ``[ FL FR ]``, ``["FL", "FR"]``."""
    words = position.translate(str.maketrans('[],"', "    ")).split()
    return tuple(words[:_MOST_CHANNELS])


def fraction(value: str) -> float:
    """Returns samples over a rate (``1024/48000``) in seconds; 0 for what is none."""
    samples, rate = map(number_of, value.partition("/")[::2])
    return samples / rate if samples and rate else 0.0


def _channel(number: int) -> str:
    if number >= _FIRST_AUX:
        return f"AUX{number - _FIRST_AUX}"
    return _CHANNELS.get(number, "UNK")


__all__ = [
    "channels_in",
    "channels_of",
    "dictionary",
    "floats",
    "fraction",
    "id_of",
    "numbers",
    "text",
]
