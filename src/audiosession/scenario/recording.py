"""What happened on a device, as values: the one input of the mixer and of the timelines.

A recorder fills a :class:`Recording` while a scenario runs; the mixer (sound), the SVG
and the terminal timeline (pictures) and the JSON Lines writer only read it. Times are
seconds on the device's clock, counted from the start of the recording. Levels are in
decibels relative to the user's own volume, 0 dB meaning untouched.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SILENCE_DB = -120.0
"""The level that stands for no sound at all; at or below it a sample is exactly zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A stretch of time in which an app's player ran through one audio file."""

    start_s: float
    """Start on the device's clock."""
    end_s: float
    """End on the device's clock; never before ``start_s``."""
    audio: Path | None
    """The file being played; ``None`` for an app that is busy without sound of its own."""
    offset_s: float = 0.0
    """Position in the file at ``start_s``, in seconds."""
    loop: bool = False
    """Whether the file starts again from its beginning when it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GainChange:
    """One layer of an app's level starts to move from ``from_db`` to ``to_db``.

    Layers multiply (their decibels add); a layer stands at 0 dB until its first change. A
    change interrupts an unfinished one of the same layer; ``from_db`` is where that one had
    got to.
    """

    at_s: float
    """When the move begins."""
    layer: str
    """``hold`` (ducked or silenced by the system), ``volume`` (the user's), ``player``
    (the app's own), ``device`` (output volume) or ``switch`` (ring switch, lock)."""
    from_db: float
    """Where it begins."""
    to_db: float
    """Where it ends."""
    ramp_s: float
    """Seconds the move takes, linear in decibels; 0 jumps."""
    rule: str = ""
    """The policy's rule; empty for what is not the policy's."""
    cause: str = ""
    """Id of the app whose claim caused it, empty for the user or the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingChange:
    """The app's session stands differently from now on."""

    at_s: float
    """From when on."""
    standing: str
    """``inactive``, ``active``, ``ducked`` or ``interrupted``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSpan:
    """One app (or the system) kept this app ducked or paused from start to end."""

    start_s: float
    """When it was placed."""
    end_s: float
    """When it was lifted, or the end of the run."""
    cause: str
    """Id of the app that holds."""
    kind: str
    """``duck`` or ``pause``."""
    rule: str
    """The policy's rule behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event the app received."""

    at_s: float
    """When."""
    text: str
    """Short words for a picture, for example ``begin pause`` or ``end duck``."""


@dataclass(slots=True, kw_only=True)
class Track:
    """All that happened to one app."""

    app: str
    """The app's id."""
    name: str
    """What people call it."""
    role: str
    """The role of its claim: ``music``, ``speech``, ``prompt``, ``call`` and so on."""
    system: bool = False
    """True for calls, alarms and the like, which the device itself brings."""
    clips: list[Clip] = field(default_factory=list)
    """When its players ran."""
    gains: list[GainChange] = field(default_factory=list)
    """How its level moved."""
    standings: list[StandingChange] = field(default_factory=list)
    """How its session stood."""
    holds: list[HoldSpan] = field(default_factory=list)
    """Who held it."""
    heard: list[Heard] = field(default_factory=list)
    """What it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A moment worth naming on the time axis, for example ``headphones unplugged``."""

    at_s: float
    """When."""
    text: str
    """Short words for a picture."""
    kind: str = "device"
    """``device`` for what the user or the system did, ``app`` for a call of an app."""


@dataclass(slots=True, kw_only=True)
class Recording:
    """A whole run: the apps' tracks in order of appearance, and the named moments."""

    title: str
    """Its heading."""
    duration_s: float
    """Its length."""
    tracks: list[Track] = field(default_factory=list)
    """One for each app."""
    markers: list[Marker] = field(default_factory=list)
    """In order of time."""
