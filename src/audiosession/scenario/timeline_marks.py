"""The marks of a drawn timeline: colours, standing strips, icons and the legend."""

from __future__ import annotations

from collections.abc import Sequence

from audiosession.scenario import svg_elements as svg
from audiosession.scenario.recording import Recording, Track
from audiosession.scenario.timeline_common import printable

PAPER, INK, SOFT, FAINT = "#ffffff", "#1f2328", "#5c6570", "#e7e9ec"
SYSTEM_PAPER, _INACTIVE, _ALARM = "#f5f3ee", "#d3d7dc", "#b3001b"

# Okabe and Ito, "Color Universal Design" (2008): apart for all kinds of colour vision.
_APP_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_SYSTEM_COLOURS = ("#37424d", "#7a5c46", "#5d5a88")

LABEL = 11.0
"""The size of the words in bars, ticks and the legend, in pixels."""

STRIP_H = 6.0


def colours(tracks: Sequence[Track]) -> dict[str, str]:
    """Return a colour per app id; after the palette is used up, darker ones of the same hues."""
    found: dict[str, str] = {}
    used = {True: 0, False: 0}
    for track in tracks:
        palette = _SYSTEM_COLOURS if track.system else _APP_COLOURS
        turn, index = divmod(used[track.system], len(palette))
        used[track.system] += 1
        found.setdefault(track.app, svg.mix(palette[index], "#000000", (0.0, 0.4, 0.2)[turn % 3]))
    return found


def strip_box(standing: str, x: float, y: float, wide: float, colour: str, tip: str = "") -> str:
    """Return a piece of the thin strip that shows a standing; ``y`` is its upper edge."""
    kind = f"standing {printable(standing)}"
    if standing == "active":
        return svg.rect(x, y, wide, STRIP_H, tip=tip, fill=colour, class_=kind)
    if standing == "ducked":
        fill = f"url(#hatch-{colour[1:]})"
        return svg.rect(x, y, wide, STRIP_H, tip=tip, fill=fill, class_=kind)
    if standing == "interrupted":
        inset = min(0.75, wide / 4)
        return svg.rect(
            x + inset,
            y + 0.75,
            wide - 2 * inset,
            STRIP_H - 1.5,
            tip=tip,
            fill="#fff4f2",
            stroke=_ALARM,
            stroke_width=1.5,
            class_=kind,
        )
    return svg.rect(x, y + STRIP_H / 2 - 1, wide, 2, tip=tip, fill=_INACTIVE, class_=kind)


def icon(is_pause: bool, x: float, y: float, ink: str) -> str:
    """Return two bars for a pause, an arrow down for anything that lowers."""
    if is_pause:
        shape = f"M{svg.num(x - 3.5)} {svg.num(y - 4)}h2.5v8h-2.5zm4.5 0h2.5v8h-2.5z"
    else:
        shape = f"M{svg.num(x - 4)} {svg.num(y)}h2.8v-4h2.4v4h2.8l-4 4.5z"
    return svg.el("path", d=shape, fill=ink)


def volume_tick(x: float, y: float, tip: str = "") -> str:
    """Return a short line with a knob: the app set its own volume to the level at ``y``."""
    bar = f"M{svg.num(x)} {svg.num(y - 5)}v10"
    knob = svg.rect(x - 4, y - 1.5, 8, 3, rx=1.5, fill=PAPER, stroke=INK)
    return svg.el(
        "g", svg.el("path", d=bar, stroke=INK, stroke_width=1.5) + knob, tip=tip, class_="volume"
    )


def _swatch(kind: str, x: float, y: float) -> str:
    if kind in ("sound", "busy"):
        return svg.el(
            "path",
            d=f"M{svg.num(x)} {svg.num(y + 6)}v-12h9l4 6h5l4 -6h2v12z",
            fill=SOFT if kind == "sound" else svg.mix(SOFT, PAPER, 0.8),
            stroke=SOFT,
            stroke_dasharray="none" if kind == "sound" else "4 3",
        )
    if kind in ("duck", "pause"):
        is_pause = kind == "pause"
        fill = SOFT if is_pause else svg.mix(SOFT, PAPER, 0.7)
        box = svg.rect(x, y - 7, 24, 14, rx=3, fill=fill, stroke=SOFT)
        return box + icon(is_pause, x + 12, y, "#ffffff" if is_pause else INK)
    if kind == "volume":
        return volume_tick(x + 12, y)
    if kind == "heard":
        return svg.el("path", d=f"M{svg.num(x + 15)} {svg.num(y + 4)}l-4 -7h8z", fill=INK)
    return strip_box(kind, x, y - STRIP_H / 2, 24, SOFT)


def legend(recording: Recording, left: float, y: float, width: float) -> tuple[str, float]:
    """Return what the marks mean, for those that occur, and the height of the picture.

    Args:
        recording: The run.
        left: Margin on both sides, in pixels.
        y: Middle of the legend's first line.
        width: Width of the picture.
    """
    tracks = recording.tracks
    kinds = {hold.kind for track in tracks for hold in track.holds}
    swatches: list[tuple[str, str]] = [("sound", "sounding: height is level")]
    if any(clip.audio is None for track in tracks for clip in track.clips):
        swatches.append(("busy", "busy, no sound of its own"))
    swatches += [(name, name) for name in ("active", "ducked", "interrupted", "inactive")]
    if "duck" in kinds:
        swatches.append(("duck", "lowered, in the holder's colour"))
    if "pause" in kinds:
        swatches.append(("pause", "paused, in the holder's colour"))
    if any(track.heard for track in tracks):
        swatches.append(("heard", "event the app hears"))
    if any(gain.layer == "player" for track in tracks for gain in track.gains):
        swatches.append(("volume", "the app sets its volume"))
    out, x = [], left
    for kind, words in swatches:
        wide = 34 + svg.text_width(words, LABEL)
        if x > left and x + wide > width - left:
            x, y = left, y + 24
        out.append(_swatch(kind, x, y) + svg.text(words, x + 32, y + 4, LABEL, fill=SOFT))
        x += wide + 16
    return svg.el("g", "\n".join(out), class_="legend"), y + 30
