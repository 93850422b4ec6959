"""The demo's proof: how loud its music is in the WAV file, before, under, during and after.

The music holds a tone that nothing else in the demo's files has, so the tone's level in
the mix is the music's. When to measure is read off the recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..scenario.recording import SILENCE_DB, HoldSpan, Recording, Track
from ..scenario.timeline_common import hold_level_db

TONE_HZ = 65.0
"""The pedal tone of the music that ships; no other sound of the demo goes below 70 Hz."""
SILENT_DB = -60.0
"""Below this, relative to before, nothing is left of the music."""
TOLERANCE_DB = 1.0
BACK_TOLERANCE_DB = 0.1

_MARGIN_S = 0.05
"""Kept from both ends of a span: clips fade in and out over 10 ms."""
_SHORTEST_S = 0.2
"""A span has to last this long to be measured, so that 75 Hz does not count as 65 Hz."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time in which the music's level rests, and the level the policy sets."""

    name: str
    start_s: float
    end_s: float
    expected_db: float
    tolerance_db: float = TOLERANCE_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How loud the music was found in a span, in dB relative to the first span."""

    span: Span
    db: float

    @property
    def silent(self) -> bool:
        """Whether nothing is left of it."""
        return self.db < SILENT_DB

    @property
    def ok(self) -> bool:
        """Whether that is what the policy says."""
        if self.span.expected_db <= SILENCE_DB:
            return self.silent
        return abs(self.db - self.span.expected_db) <= self.span.tolerance_db

    @property
    def values(self) -> dict[str, object]:
        """The level for JSON."""
        return {
            "span": self.span.name,
            "start_s": round(self.span.start_s, 6),
            "end_s": round(self.span.end_s, 6),
            "db": round(self.db, 2),
            "expected_db": self.span.expected_db,
        }


def spans(track: Track) -> tuple[Span, ...]:
    """When to measure: before, under the first duck, in the first pause, and after it.

    Empty when the track has no duck with a pause after it, or one of the spans is too short.
    """
    duck = next((hold for hold in track.holds if hold.kind == "duck"), None)
    if duck is None:
        return ()
    pause = next((h for h in track.holds if h.kind == "pause" and h.start_s >= duck.end_s), None)
    level = hold_level_db(track, duck)
    if pause is None or level is None:
        return ()
    rests = _rest_before(track, duck.start_s), _rest_after(track, pause.end_s)
    found = (
        Span(name="before", start_s=rests[0][0], end_s=rests[0][1], expected_db=0.0),
        _held(track, duck, "under the prompt", level),
        _held(track, pause, "in the call", SILENCE_DB),
        Span(
            name="after",
            start_s=rests[1][0],
            end_s=rests[1][1],
            expected_db=0.0,
            tolerance_db=BACK_TOLERANCE_DB,
        ),
    )
    return () if any(s.end_s - s.start_s < _SHORTEST_S for s in found) else found


def measure(recording: Recording, app: str, wav: Path) -> tuple[Level, ...]:
    """The music's level in each span of a rendering, relative to the first span.

    Args:
        recording: What was rendered.
        app: The id of the app whose sound has the tone.
        wav: The rendering.

    Raises:
        AudioFileError: the rendering cannot be read.
        ExtraMissingError: the extra ``audio`` is not installed.
    """
    from ..scenario.audiofiles import MIX_RATE, load
    from ..scenario.measure import level_at

    track = next(track for track in recording.tracks if track.app == app)
    signal = load(wav)
    found = [
        (span, level_at(signal, MIX_RATE, TONE_HZ, span.start_s, span.end_s))
        for span in spans(track)
    ]
    return tuple(Level(span=span, db=db - found[0][1]) for span, db in found)


def _held(track: Track, hold: HoldSpan, name: str, level_db: float) -> Span:
    start = _settled(track, hold.start_s)
    return Span(
        name=name,
        start_s=start + _MARGIN_S,
        end_s=_next_change(track, start, hold.end_s) - _MARGIN_S,
        expected_db=level_db,
    )


def _rest_before(track: Track, at_s: float) -> tuple[float, float]:
    """The stretch up to a moment in which the clip runs and no level moves."""
    starts = [clip.start_s for clip in track.clips if clip.start_s < at_s]
    ends = [gain.at_s + gain.ramp_s for gain in track.gains if gain.at_s < at_s]
    return max([0.0, *starts, *ends]) + _MARGIN_S, at_s - _MARGIN_S


def _rest_after(track: Track, at_s: float) -> tuple[float, float]:
    start = _settled(track, at_s)
    ends = [clip.end_s for clip in track.clips if clip.start_s <= start < clip.end_s]
    return start + _MARGIN_S, _next_change(track, start, max(ends, default=start)) - _MARGIN_S


def _settled(track: Track, at_s: float) -> float:
    """When the move that begins at a moment is over."""
    return max((g.at_s + g.ramp_s for g in track.gains if g.at_s == at_s), default=at_s)


def _next_change(track: Track, after_s: float, end_s: float) -> float:
    return min([end_s, *(g.at_s for g in track.gains if after_s < g.at_s < end_s)])
