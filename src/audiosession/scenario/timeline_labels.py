"""Labels of a timeline's markers: where each finds a place."""

from __future__ import annotations

from dataclasses import dataclass

from . import svg_elements as svg
from .recording import Marker
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
