"""The words of a drawn timeline, and where the labels of its markers find a place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from . import svg_elements as svg
from . import timeline_common as common
from .recording import SILENCE_DB, Clip, Heard, Marker, Track
from .timeline_common import Merged, printable

_LABEL_TRIES = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A marker's words: where its line, its text box and its row are."""

    group: Merged[Marker]
    x: float
    left: float
    right: float
    row: int
    text: str


def _clash(label: Label, other: Label) -> bool:
    covers = label.left < other.right + 6 and other.left < label.right + 6
    if label.row == other.row:
        return covers
    upper, lower = (label, other) if label.row > other.row else (other, label)
    return lower.left - 3 < upper.x < lower.right + 3


def most_labels(choices: list[list[Label]]) -> list[Label]:
    """Return a place for as many labels as can be found within a bounded search."""
    best: list[Label] = []
    tries = _LABEL_TRIES

    def search(index: int, placed: list[Label], left_out: int) -> bool:
        nonlocal best, tries
        if len(placed) + len(choices) - index <= len(best):
            return False
        if index == len(choices):
            best = list(placed)
            return left_out == 0
        for label in choices[index]:
            if not any(_clash(label, other) for other in placed):
                tries -= 1
                if search(index + 1, [*placed, label], left_out):
                    return True
                if tries <= 0:
                    return False
        return search(index + 1, placed, left_out + 1)

    search(0, [], 0)
    return best


def marker_words(group: Merged[Marker]) -> str:
    """Return the words for a marker, or for several at one moment."""
    words = [printable(marker.text) for marker in group.items]
    if len(words) == 2 and svg.text_width(" · ".join(words), 12) <= 230:
        return " · ".join(words)
    more = f" +{len(words) - 1}" if len(words) > 1 else ""
    return svg.fit(words[0], 12, 230) + more


def role_words(track: Track) -> str:
    """Return what a track is for, and whether it is the system's."""
    role = printable(track.role)
    if track.system:
        return f"{role} · system" if role else "system"
    return role


def heard_words(group: Merged[Heard]) -> str:
    """Return the words for an event, or how many there are at one moment."""
    words = list(dict.fromkeys(printable(event.text) for event in group.items))
    if len(words) > 1:
        return f"{len(group.items)} events"
    return words[0] + common.times(len(group.items))


def level_words(db: float) -> str:
    """Return a level in decibels, or that it is none."""
    return "silent" if db <= SILENCE_DB else common.decibels(db)


def list_tip(lines: Sequence[str]) -> str:
    """Return lines for a tooltip, the first few and how many more there are."""
    if len(lines) <= 8:
        return "\n".join(lines)
    return "\n".join((*lines[:7], f"and {len(lines) - 7} more"))


def clip_tip(clip: Merged[Clip]) -> str:
    """Return which files sound, and when."""
    files = list(dict.fromkeys(c.audio.name for c in clip.items if c.audio is not None))
    what = list_tip([printable(name) for name in files]) or "busy without sound of its own"
    return f"{what}\n{common.stretch(clip.start_s, clip.end_s)}"
