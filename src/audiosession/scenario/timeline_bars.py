"""Where the bars of a lane and their words go: rows without overlap, words where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audiosession.scenario import svg_elements as svg

INSET, GAP = 17.0, 6.0
"""Distance in pixels of words from the start of their bar (behind its icon), and beside a bar."""

MOST_ROWS = 6
"""How many rows of bars a lane has at the most."""

_WORDY_ROWS, _WORDY_BARS = 3, 24
"""How far words alone may push bars to further rows, and up to how many bars they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A bar to place, in pixels."""

    start: float
    end: float
    words: tuple[str, ...]
    """What to write on it: the fullest words first, then ever shorter ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words of a bar: ``x`` is their left edge, ``inside`` is false for words beside the bar."""

    text: str
    x: float
    width: float
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The row of a bar, counted from 0 at the top, and its words if they have room."""

    row: int
    words: Words | None


def place(wishes: Sequence[Wish], left: float, right: float, size: float) -> list[Place | None]:
    """Return a place for each bar; ``None`` for one that finds no row.

    Full words are worth up to three rows; where that is not enough they get shorter, and
    where many bars crowd a lane they are left out.

    Args:
        wishes: The bars in order of their start.
        left: Where words may begin, in pixels.
        right: Where words have to end.
        size: Font size of the words in pixels.
    """
    plain = _pack([(wish.start, wish.end) for wish in wishes], MOST_ROWS)
    if len(wishes) <= _WORDY_BARS and None not in plain:
        rows = max(_WORDY_ROWS, *(row + 1 for row in plain if row is not None), 0)
        for cut in range(max((len(wish.words) for wish in wishes), default=0)):
            words = [_beside(wish, cut, left, right, size) for wish in wishes]
            packed = _pack([_extent(w, t) for w, t in zip(wishes, words, strict=True)], rows)
            if None not in packed:
                return [
                    Place(row=row, words=text)
                    for row, text in zip(packed, words, strict=True)
                    if row is not None
                ]
    places: list[Place | None] = []
    next_starts = _next_starts(wishes, plain, right)
    for wish, row, limit in zip(wishes, plain, next_starts, strict=True):
        words_found = _squeezed(wish, limit, size)
        places.append(None if row is None else Place(row=row, words=words_found))
    return places


def _pack(extents: Sequence[tuple[float, float]], most: int) -> list[int | None]:
    taken: list[float] = []
    rows: list[int | None] = []
    for start, end in extents:
        for row, until in enumerate(taken):
            if until <= start + 0.01:
                taken[row] = end
                rows.append(row)
                break
        else:
            rows.append(len(taken) if len(taken) < most else None)
            if len(taken) < most:
                taken.append(end)
    return rows


def _beside(wish: Wish, cut: int, left: float, right: float, size: float) -> Words | None:
    """Return a bar's words inside of it, else right or left of it."""
    if not wish.words:
        return None
    cut = min(cut, len(wish.words) - 1)
    # Slightly shorter words inside of a bar read better than full ones beside it.
    for text in wish.words[cut : cut + 2]:
        width = svg.text_width(text, size)
        if width <= wish.end - wish.start - INSET - GAP:
            return Words(text=text, x=wish.start + INSET, width=width, inside=True)
    for text in wish.words[cut:]:
        width = svg.text_width(text, size)
        if wish.end + GAP + width <= right:
            return Words(text=text, x=wish.end + GAP, width=width, inside=False)
        if wish.start - GAP - width >= left:
            return Words(text=text, x=wish.start - GAP - width, width=width, inside=False)
    return None


def _extent(wish: Wish, words: Words | None) -> tuple[float, float]:
    if words is None or words.inside:
        return wish.start, wish.end
    ahead = words.x - GAP if words.x < wish.start else wish.start
    return ahead, max(wish.end, words.x + words.width + GAP)


def _squeezed(wish: Wish, limit: float, size: float) -> Words | None:
    """Return the fullest words that have room inside of a bar or before the next one."""
    for text in wish.words:
        width = svg.text_width(text, size)
        if width <= wish.end - wish.start - INSET - GAP:
            return Words(text=text, x=wish.start + INSET, width=width, inside=True)
        if wish.end + 2 * GAP + width <= limit:
            return Words(text=text, x=wish.end + GAP, width=width, inside=False)
    return None


def _next_starts(wishes: Sequence[Wish], rows: Sequence[int | None], right: float) -> list[float]:
    """Return where the next bar of the same row begins, for each bar."""
    limits = [right] * len(wishes)
    following: dict[int | None, float] = {}
    for index in reversed(range(len(wishes))):
        limits[index] = following.get(rows[index], right)
        following[rows[index]] = wishes[index].start
    return limits
