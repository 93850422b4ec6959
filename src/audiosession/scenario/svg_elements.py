"""The few SVG elements a timeline is made of, with escaped text, measures and colours."""

from __future__ import annotations

import unicodedata
from html import escape


def text_width(words: str, size: float) -> float:
    """Return about how wide text is in pixels, on the generous side, for a font size in pixels.

    The fonts of the reader are not known; the widths are those of a wide one.
    """
    return size * sum(_char_width(char) for char in words)


def _char_width(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) == "Cf":
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if char in "ijlI|.,:;'!":
        return 0.36
    if char in "ftr()[]-/ ":
        return 0.42
    if char in "mwMW@%&":
        return 0.95
    return 0.72 if char.isupper() or ord(char) > 0x2000 else 0.62


def fit(words: str, size: float, room: float) -> str:
    """Return the text, cut with an ellipsis where it is wider than the room in pixels."""
    if text_width(words, size) <= room:
        return words
    left = room - text_width("…", size)
    for index, char in enumerate(words):
        left -= text_width(char, size)
        if left < 0:
            return words[:index].rstrip() + "…" if index else ""
    return words


def num(value: float) -> str:
    """Return a figure with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def el(tag: str, inner: str = "", /, **attributes: str | float) -> str:
    """Return one element.

    Args:
        tag: The element's name.
        inner: Markup inside of it, escaped already.
        attributes: Text and figures; ``_`` in a name stands for ``-``, one at the end for
            nothing. The one called ``tip`` is text that a browser shows when one points at
            the element.
    """
    tip = str(attributes.pop("tip", ""))
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        shown = value if isinstance(value, str) else num(value)
        parts.append(f' {name.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    if tip:
        inner = f"<title>{escape(tip)}</title>{inner}"
    parts.append(f">{inner}</{tag}>" if inner else "/>")
    return "".join(parts)


def text(words: str, x: float, y: float, size: float, **attributes: str | float) -> str:
    """Return a line of text; it is escaped."""
    return el("text", escape(words), x=x, y=y, font_size=size, **attributes)


def rect(x: float, y: float, w: float, h: float, **attributes: str | float) -> str:
    """Return a rectangle."""
    return el("rect", x=x, y=y, width=w, height=h, **attributes)


def mix(colour: str, other: str, share: float) -> str:
    """Return ``colour`` with a share (0.0 to 1.0) of another one, both as ``#rrggbb``."""
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    """Return the relative luminance (0.0 to 1.0) of ``#rrggbb``, as WCAG 2.2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
