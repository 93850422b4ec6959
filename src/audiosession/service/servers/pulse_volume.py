"""Raw volumes of PulseAudio: lowering them, and reading what a user did to a lowered one.

A raw volume is an integer; 65536 leaves sound as it is, and the linear amplitude is the cube of
``raw / 65536`` (`volume.h
<https://www.freedesktop.org/software/pulseaudio/doxygen/volume_8h.html>`__). Programs set whole
percents of 65536 or move a volume by whole percents or decibels. A lowered volume is therefore
kept off the whole percents: what lies on one is a user's own choice, and what lies whole percents
away from a lowered one is a user's step from there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

NORM = 65536
"""Leaves sound as it is (PA_VOLUME_NORM)."""

MAX = 0x7FFFFFFF
"""Largest valid volume (PA_VOLUME_MAX)."""

Raw = tuple[int, ...]
"""One volume a channel."""

_PERCENT = NORM / 100
_DECIBEL = 10 ** (1 / 60)
"""One decibel, on the cubic scale."""

_ROUNDING = 1.5
"""How far programs are off a whole percent: some round, some cut off."""

_KEEP_OFF = 5
"""How far a lowered volume is kept from whole percents; more than two roundings, and inaudible."""

_SMALLEST_STEP_DB = 0.5
_USUAL_PERCENTS = 5
_USUAL_STEP = round(_USUAL_PERCENTS * _PERCENT)
"""What most desktops take for one press of a volume key."""


def linear(raw: Raw) -> tuple[float, ...]:
    """Returns the linear amplitudes, 1.0 is untouched."""
    return tuple((value / NORM) ** 3 for value in raw)


def lowered(user: Raw, factor: float) -> Raw:
    """Returns the user's volume times a linear factor, kept off whole percents.

    Channels at zero stay there. A factor of 1.0 gives exactly the user's volume.

    Args:
        user: What the user set.
        factor: Linear, from 0.0 to 1.0.
    """
    if factor >= 1.0:
        return user
    scale = math.cbrt(max(0.0, factor))
    return tuple(_off_percents(value * scale) if value else 0 for value in user)


def is_whole_percent(value: int) -> bool:
    """Whether a program may have set this as a whole percentage."""
    return abs(value - round(value / _PERCENT) * _PERCENT) <= _ROUNDING


def may_be_lowered(raw: Raw) -> bool:
    """Whether :func:`lowered` may have made this, as far as one can see."""
    return any(raw) and not any(is_whole_percent(value) for value in raw if value)


def after_user(user: Raw, last: Raw, recent: Iterable[Raw], now: Raw) -> Raw:
    """Returns what the user's volume is, now that somebody else changed a lowered one.

    A step from the lowered volume, in whole percents or in half decibels, is the same step from
    the user's volume; anything else is the user's new volume as it stands. A step down that
    ends at zero hides its size: from below a usual step of 5 % it is taken for one.

    Args:
        user: The user's volume before.
        last: The lowered volume set last.
        recent: Lowered volumes set shortly before, which the other may still have seen.
        now: What the volume is now.
    """
    if len(now) != len(user) or len(last) != len(user):
        return now
    if not any(now):
        return _moved(user, -_USUAL_STEP) if max(last) <= _USUAL_STEP else now
    if is_whole_percent(max(now)):
        return now
    steps = [
        (bool(percents % _USUAL_PERCENTS), age, before)
        for age, before in enumerate((last, *recent))
        if len(before) == len(user) and (percents := _percents(before, now))
    ]
    if steps:
        # Where several fit by chance, a usual step is the likeliest, then the newest.
        return _by_percents(user, min(steps)[2], now)
    if (step := _in_decibels(last, now)) is not None:
        return tuple(min(MAX, round(value * _DECIBEL**step)) for value in user)
    return now


def _off_percents(value: float) -> int:
    percent = round(value / _PERCENT) * _PERCENT
    if abs(value - percent) >= _KEEP_OFF:
        return round(value)
    # Downwards, never louder than asked for; except at zero, where there is no below.
    return round(percent - _KEEP_OFF) if percent > _KEEP_OFF else _KEEP_OFF


def _loudest(raw: Raw) -> int:
    return raw.index(max(raw))


def _percents(before: Raw, now: Raw) -> int:
    """Returns by how many whole percents the loudest channel was moved; 0 when by others."""
    channel = _loudest(before)
    step = now[channel] - before[channel]
    percents = round(step / _PERCENT)
    return percents if abs(step - percents * _PERCENT) < 1 else 0


def _by_percents(user: Raw, before: Raw, now: Raw) -> Raw:
    steps = [new - old for new, old in zip(now, before, strict=True)]
    if all(is_whole_percent(step) for step in steps):
        # Each channel by itself, as pactl does; several steps may be in it.
        return tuple(_within(value + step) for value, step in zip(user, steps, strict=True))
    # The loudest channel by a step and the others in proportion, as sliders do.
    return _moved(user, steps[_loudest(before)])


def _moved(user: Raw, step: int) -> Raw:
    loudest = max(user)
    if not loudest:
        return tuple(_within(step) for _ in user)
    target = _within(loudest + step)
    return tuple(_within(round(value * target / loudest)) for value in user)


def _within(value: int) -> int:
    return max(0, min(MAX, value))


def _in_decibels(before: Raw, now: Raw) -> float | None:
    channel = _loudest(before)
    if not before[channel] or not now[channel]:
        return None
    step = 60 * math.log10(now[channel] / before[channel])
    clean = round(step / _SMALLEST_STEP_DB) * _SMALLEST_STEP_DB
    if not clean or abs(before[channel] * _DECIBEL**clean - now[channel]) > _ROUNDING:
        return None
    return clean


__all__ = [
    "MAX",
    "NORM",
    "Raw",
    "after_user",
    "is_whole_percent",
    "linear",
    "lowered",
    "may_be_lowered",
]
