"""A picture of a run: who sounded, who was lowered by whom, who paused.

One lane per app over one time axis. The filled area is the app's sound, as high as its
level; the strip below it is its standing; the bars below that say who holds it, in the
colour of the holder. The picture is one self-contained SVG with its own background, so
it looks the same in a page, a slide and a dark browser.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from audiosession.scenario import svg_elements as svg
from audiosession.scenario import timeline_common as common
from audiosession.scenario import timeline_marks as marks
from audiosession.scenario.envelope import (
    Breakpoint,
    StandingSpan,
    level_breakpoints,
    level_height,
    samples,
    standing_spans,
)
from audiosession.scenario.recording import (
    Clip,
    HoldSpan,
    Marker,
    Recording,
    Track,
)
from audiosession.scenario.timeline_bars import Place, Wish, place
from audiosession.scenario.timeline_common import Merged, moment, printable
from audiosession.scenario.timeline_labels import (
    Label,
    clip_tip,
    heard_words,
    level_words,
    list_tip,
    marker_words,
    most_labels,
    role_words,
)

MIN_WIDTH = 480
"""The narrowest picture in pixels that still has room for names and sound."""

_FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', "
    "'DejaVu Sans', Arial, sans-serif"
)
_PAD, _RIGHT = 28.0, 58.0
_HEARD_H, _BAR_H, _BAR_STEP, _MARKER_STEP = 17.0, 17.0, 20.0, 19.0
_MARKER_ROWS = 6
_MOST = {"hold": 250, "heard": 400, "volume": 200, "standing": 400, "clip": 300, "marker": 150}
"""The most things of a kind to draw in the whole picture; a lane gets its share."""


def render_svg(recording: Recording, *, width: int = 1200) -> str:
    """Return a recording as an SVG document.

    Pointing at anything shows its times and, for a hold, the rule behind it. However
    long or busy a recording is, the picture stays at some thousands of elements: what
    is too close to be told apart becomes one.

    Args:
        recording: The run to draw.
        width: Width in pixels, at least 480; the height follows from the content.

    Raises:
        ValueError: If the width is too small or the duration is not a finite time.
    """
    if width < MIN_WIDTH:
        raise ValueError(f"width must be at least {MIN_WIDTH} pixels, not {width}")
    return _Picture(recording, float(width)).document()


def write_svg(recording: Recording, path: Path, *, width: int = 1200) -> None:
    """Write a recording as an SVG file; a reader sees the old file or the whole new one.

    Raises:
        OSError: If the folder is missing or cannot be written to.
        ValueError: As for :func:`render_svg`.
    """
    document = render_svg(recording, width=width)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with scratch.open("x", encoding="utf-8") as file:
            file.write(document)
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    hold: Merged[HoldSpan]
    place: Place


class _Picture:
    def __init__(self, recording: Recording, width: float) -> None:
        self.recording = recording
        self.duration = common.check_duration(recording)
        self.width = width
        self.names = common.names(recording)
        self.colours = marks.colours(recording.tracks)
        wanted = max((self._words_width(track) for track in recording.tracks), default=0.0)
        gutter = min(max(wanted + 34, 120.0), max(width * 0.2, 150.0))
        self.left = _PAD + gutter
        self.right = width - _RIGHT
        self.px_per_s = (self.right - self.left) / (self.duration or 1.0)
        crowd = len(recording.tracks)
        self.area_h = 52.0 if crowd <= 8 else 38.0
        self.most = {kind: max(12, most // max(crowd, 1)) for kind, most in _MOST.items()}
        self.grain_s = 1.0 / self.px_per_s
        self.words: list[str] = []
        """The words in the lanes, drawn last so that no line goes through them."""

    def x(self, at_s: float) -> float:
        """Return where a moment lies, in pixels; moments outside lie on the nearer end."""
        return self.left + min(max(at_s, 0.0), self.duration) * self.px_per_s

    def document(self) -> str:
        title = printable(self.recording.title) or "Audio timeline"
        out = [
            svg.text(svg.fit(title, 24, self.width - 2 * _PAD), _PAD, 46, 24, font_weight="650"),
            svg.text(self._subtitle(), _PAD, 68, 13, fill=marks.SOFT),
        ]
        labels, merged = self._marker_labels()
        rows = max((label.row for label in labels), default=-1) + 1
        axis_y = 92 + rows * _MARKER_STEP + 22
        y = axis_y + 12
        lanes: list[str] = []
        for track in self.recording.tracks:
            markup, y = self._lane(track, y)
            lanes.append(markup)
        if not lanes:
            y += 24
            lanes.append(
                svg.text("No app had an audio session.", self.left, y, 13, fill=marks.SOFT)
            )
            y += 24
        out.append(self._grid(axis_y, y))
        out.extend(lanes)
        out.append(self._markers(labels, merged, axis_y, y))
        out.append(svg.el("g", "\n".join(self.words), class_="words", pointer_events="none"))
        legend, height = marks.legend(self.recording, _PAD, y + 34, self.width)
        out.append(legend)
        return self._frame(title, "\n".join(out), height)

    def _subtitle(self) -> str:
        tracks = self.recording.tracks
        system = sum(track.system for track in tracks)
        words = [common.length(self.duration), f"{len(tracks) - system} apps"]
        if len(tracks) - system == 1:
            words[1] = "1 app"
        if system:
            words.append(f"{system} from the system")
        return "  ·  ".join(words)

    def _frame(self, title: str, body: str, height: float) -> str:
        patterns = "".join(
            svg.el(
                "pattern",
                svg.rect(0, 0, 6, 6, fill=svg.mix(colour, marks.PAPER, 0.72))
                + svg.rect(0, 0, 2.4, 6, fill=svg.mix(colour, marks.PAPER, 0.1)),
                id=f"hatch-{colour[1:]}",
                width=6,
                height=6,
                patternUnits="userSpaceOnUse",
                patternTransform="rotate(45)",
            )
            for colour in sorted({*self.colours.values(), marks.SOFT})
        )
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{svg.num(self.width)}" '
            f'height="{svg.num(height)}" '
            f'viewBox="0 0 {svg.num(self.width)} {svg.num(height)}" role="img" '
            f'font-family="{escape(_FONT)}" fill="{marks.INK}">'
        )
        paper = svg.rect(
            0.5,
            0.5,
            self.width - 1,
            height - 1,
            rx=10,
            fill=marks.PAPER,
            stroke=marks.FAINT,
            class_="paper",
        )
        return "\n".join(
            (
                head,
                f"<title>{escape(title)}</title>",
                f"<desc>{escape(self._description())}</desc>",
                f"<defs>{patterns}</defs>",
                paper,
                body,
                "</svg>\n",
            )
        )

    def _description(self) -> str:
        """Return the picture in sentences, for those who hear it read."""
        tracks = self.recording.tracks
        told = [f"Timeline of {moment(self.duration)} with {len(tracks)} tracks."]
        for track in tracks:
            name = self.names[track.app]
            told.append(f"{name} ({printable(track.role)}).")
            for hold in track.holds[:12]:
                verb = common.hold_verb(hold, common.hold_level_db(track, hold))
                holder = common.holder_name(hold, self.names)
                told.append(
                    f"{name} is {verb} by {holder} "
                    f"from {moment(hold.start_s)} to {moment(hold.end_s)}."
                )
            if len(track.holds) > 12:
                told.append(f"{name} is held {len(track.holds) - 12} more times.")
        markers = self.recording.markers
        told.extend(f"At {moment(mark.at_s)}: {printable(mark.text)}." for mark in markers[:24])
        if len(markers) > 24:
            told.append(f"{len(markers) - 24} more markers.")
        return " ".join(told)

    # The time axis and the markers

    def _grid(self, axis_y: float, bottom: float) -> str:
        most = max(1, int((self.right - self.left) / 76))
        times = common.ticks(self.duration, most)
        step = times[1] if len(times) > 1 else self.duration
        both = bottom - axis_y > 640
        out = []
        for at_s in times:
            x = self.x(at_s)
            label = common.tick_label(at_s, self.duration, step)
            out.append(
                svg.el(
                    "path",
                    d=f"M{svg.num(x)} {svg.num(axis_y)}V{svg.num(bottom)}",
                    stroke=marks.FAINT,
                )
            )
            for y in (axis_y - 6, bottom + 16) if both else (axis_y - 6,):
                x_text = x - svg.text_width(label, marks.LABEL) / 2
                self._write(label, x_text, y, marks.LABEL, marks.SOFT, marks.PAPER)
        axis = f"M{svg.num(self.left)} {svg.num(axis_y)}H{svg.num(self.right)}"
        out.append(svg.el("path", d=axis, stroke=marks.SOFT))
        return svg.el("g", "\n".join(out), class_="axis")

    def _marker_labels(self) -> tuple[list[Label], list[Merged[Marker]]]:
        """Return the labels that find a place, from the right, and all markers to draw.

        A label takes the lowest row where it covers no other label and no other
        marker's line; it stands right of its line where it can, else left of it.
        """
        merged = common.coarsen(
            lambda grain: common.bucket(self.recording.markers, grain, lambda mark: mark.at_s),
            self.grain_s * 0.01,
            _MOST["marker"],
        )
        choices = [self._label_places(group) for group in reversed(merged)]
        placed = most_labels(choices)
        return placed, merged

    def _label_places(self, group: Merged[Marker]) -> list[Label]:
        """Return the places a marker's label could take, the best first."""
        text = marker_words(group)
        x, wide = self.x(group.start_s), svg.text_width(text, 12) + 14
        sides = [(x, x + wide)] if x + wide <= self.width - 12 else []
        if x - wide >= 12:
            sides.append((x - wide, x))
        return [
            Label(group=group, x=x, left=left, right=right, row=row, text=text)
            for row in range(_MARKER_ROWS)
            for left, right in sides
        ]

    def _markers(
        self, labels: list[Label], merged: list[Merged[Marker]], axis_y: float, bottom: float
    ) -> str:
        by_group = {id(label.group): label for label in labels}
        label_y = axis_y - 26
        lines, words = [], []
        for group in merged:
            x = self.x(group.start_s)
            label = by_group.get(id(group))
            top = label_y - label.row * _MARKER_STEP - 4 if label else axis_y
            is_app = group.items[0].kind == "app"
            tip = list_tip([f"{printable(m.text)} ({moment(m.at_s)})" for m in group.items])
            line = svg.el(
                "path",
                d=f"M{svg.num(x)} {svg.num(top)}V{svg.num(bottom)}",
                stroke=marks.SOFT if is_app else marks.INK,
                stroke_dasharray="2 3" if is_app else "5 3",
                stroke_opacity=0.75,
            )
            dot = svg.el(
                "circle",
                cx=x,
                cy=top,
                r=3.5 if label else 2.5,
                fill=marks.PAPER if is_app else marks.INK,
                stroke=marks.SOFT if is_app else marks.INK,
                stroke_width=1.5,
            )
            lines.append(
                svg.el("g", line + dot, tip=tip, class_="marker", data_at=str(group.start_s))
            )
        for label in labels:
            y = label_y - label.row * _MARKER_STEP
            end = label.left < label.x
            words.append(
                svg.text(
                    label.text,
                    label.x + (-8 if end else 8),
                    y,
                    12,
                    text_anchor="end" if end else "start",
                    font_weight="600",
                )
            )
        return svg.el("g", "\n".join(lines + words), class_="markers")

    # One lane

    def _lane(self, track: Track, top: float) -> tuple[str, float]:
        colour = self.colours[track.app]
        bars, dropped = self._bars(track)
        rows = max((bar.place.row for bar in bars), default=-1) + 1
        area_y = top + (_HEARD_H if track.heard else 6) + 6
        base_y = area_y + self.area_h
        strip_y = base_y + 4
        bars_y = strip_y + marks.STRIP_H + 6
        bottom = bars_y + rows * _BAR_STEP + (12 if dropped else 0) + 12
        out = []
        paper = marks.SYSTEM_PAPER if track.system else marks.PAPER
        if track.system:
            out.append(svg.rect(1, top, self.width - 2, bottom - top, fill=paper, opacity=0.85))
        out.append(self._gutter(track, colour, area_y))
        out.append(self._scale(area_y))
        for bar in bars:
            x, end = self.x(bar.hold.start_s), self.x(bar.hold.end_s)
            holder = self.colours.get(bar.hold.items[0].cause, marks.SOFT)
            out.append(svg.rect(x, area_y, end - x, bars_y - area_y, fill=holder, opacity=0.13))
        out.append(self._area(track, colour, area_y, base_y))
        out.extend(self._strip(span, colour, strip_y) for span in self._standings(track))
        out.extend(self._bar(track, bar, bars_y + bar.place.row * _BAR_STEP, paper) for bar in bars)
        if dropped:
            y = bars_y + rows * _BAR_STEP + 8
            out.append(svg.text(f"and {dropped} more holds", self.left, y, 10, fill=marks.SOFT))
        out.append(self._heard(track, area_y, paper))
        if volumes := self._volumes(track, area_y, base_y):
            out.append(volumes)
        line = f"M{svg.num(_PAD)} {svg.num(bottom)}H{svg.num(self.width - _PAD)}"
        out.append(svg.el("path", d=line, stroke=marks.FAINT))
        kind = "track system" if track.system else "track"
        return svg.el("g", "\n".join(out), class_=kind, data_app=printable(track.app)), bottom

    def _write(self, text: str, x: float, y: float, size: float, ink: str, paper: str) -> None:
        """Write words in a lane, on a piece of paper that hides the lines behind them."""
        wide = svg.text_width(text, size)
        back = svg.rect(x - 2, y - size + 1, wide + 4, size + 1.5, fill=paper, opacity=0.9)
        self.words.append(back + svg.text(text, x, y, size, fill=ink))

    def _words_width(self, track: Track) -> float:
        name, role = (
            svg.text_width(self.names[track.app], 15),
            svg.text_width(role_words(track), 12),
        )
        return max(name, role)

    def _gutter(self, track: Track, colour: str, area_y: float) -> str:
        name, role = self.names[track.app], role_words(track)
        x, room = _PAD + 14, self.left - _PAD - 26
        mid = area_y + self.area_h / 2
        return svg.el(
            "g",
            svg.rect(_PAD, area_y, 4, self.area_h, rx=2, fill=colour)
            + svg.text(svg.fit(name, 15, room), x, mid - 1, 15, font_weight="600")
            + svg.text(svg.fit(role, 12, room), x, mid + 16, 12, fill=marks.SOFT),
            tip=f"{name}, {role}",
            class_="name",
        )

    def _scale(self, area_y: float) -> str:
        out = []
        for db in (0, -20):
            y = area_y + self.area_h * (1 - level_height(db))
            line = f"M{svg.num(self.left)} {svg.num(y)}H{svg.num(self.right)}"
            out.append(svg.el("path", d=line, stroke=marks.FAINT, stroke_dasharray="1 3"))
            label = common.decibels(db)
            out.append(svg.text(label, self.right + 8, y + 4, 9, fill=marks.SOFT, opacity=0.8))
        return "".join(out)

    def _area(self, track: Track, colour: str, area_y: float, base_y: float) -> str:
        """Return the sound of a track: one filled shape per clip, as high as the level."""
        clips = common.coarsen(
            lambda grain: common.merge_spans(
                [c for c in track.clips if c.end_s > 0 and c.start_s <= self.duration],
                grain,
                lambda clip: clip.audio is None,
            ),
            self.grain_s,
            self.most["clip"],
        )
        points = level_breakpoints(track)
        out = []
        for clip in clips:
            shape = self._outline(points, clip, area_y, base_y)
            is_mute = clip.items[0].audio is None
            style: dict[str, str | float] = {
                "fill": svg.mix(colour, marks.PAPER, 0.8) if is_mute else colour,
                "fill_opacity": 0.9,
                "stroke": svg.mix(colour, "#000000", 0.15),
                "stroke_width": 1.2,
                "stroke_linejoin": "round",
            }
            if is_mute:
                style["stroke_dasharray"] = "4 3"
            kind = "clip busy" if is_mute else "clip"
            out.append(svg.el("path", tip=clip_tip(clip), d=shape, class_=kind, **style))
        return "\n".join(out)

    def _outline(
        self, points: Sequence[Breakpoint], clip: Merged[Clip], area_y: float, base_y: float
    ) -> str:
        start_s = max(clip.start_s, 0.0)
        end_s = min(clip.end_s, self.duration)
        # Each column of pixels keeps its highest and lowest level, whatever happens in it.
        columns: dict[int, list[tuple[float, float]]] = {}
        for at_s, db in samples(points, start_s, end_s, 2.5 * self.grain_s):
            x, y = self.x(at_s), base_y - max(1.5, self.area_h * level_height(db))
            columns.setdefault(int(x), []).append((x, y))
        path = [f"M{svg.num(self.x(start_s))} {svg.num(base_y)}"]
        for column in columns.values():
            if len(column) > 4:
                low, high = min(p[1] for p in column), max(p[1] for p in column)
                x = column[0][0]
                column = [column[0], (x, low), (x, high), column[-1]]
            path.extend(f"L{svg.num(x)} {svg.num(y)}" for x, y in column)
        return "".join((*path, f"L{svg.num(self.x(end_s))} {svg.num(base_y)}Z"))

    def _standings(self, track: Track) -> tuple[StandingSpan, ...]:
        """Return the standings to draw; in a crowd the longest of each stretch stands for it."""
        spans = standing_spans(track, self.duration)
        most = self.most["standing"]
        if len(spans) <= most:
            return spans
        size = self.duration / most
        shares: list[dict[str, float]] = [{} for _ in range(most)]
        for span in spans:
            index = min(int(span.start_s / size), most - 1)
            while index < most and index * size < span.end_s:
                overlap = min(span.end_s, (index + 1) * size) - max(span.start_s, index * size)
                share = shares[index]
                share[span.standing] = share.get(span.standing, 0.0) + overlap
                index += 1
        return tuple(
            StandingSpan(
                start_s=index * size,
                end_s=(index + 1) * size,
                standing=max(share, key=lambda standing: share[standing]),
            )
            for index, share in enumerate(shares)
            if share
        )

    def _strip(self, span: StandingSpan, colour: str, y: float) -> str:
        x, end = self.x(span.start_s), self.x(span.end_s)
        tip = f"{printable(span.standing)} {common.stretch(span.start_s, span.end_s)}"
        return marks.strip_box(span.standing, x, y, max(end - x, 0.5), colour, tip)

    # Who holds

    def _bars(self, track: Track) -> tuple[list[_Bar], int]:
        """Return the holds as bars in rows without overlap, and how many found no row."""
        holds = common.coarsen(
            lambda grain: common.merge_spans(
                track.holds, grain, lambda hold: (hold.cause, hold.kind)
            ),
            self.grain_s,
            self.most["hold"],
        )
        wishes = [
            Wish(
                start=self.x(hold.start_s),
                end=max(self.x(hold.end_s), self.x(hold.start_s) + 2),
                words=self._hold_words(track, hold),
            )
            for hold in holds
        ]
        places = place(wishes, self.left, self.width - 14, marks.LABEL)
        found = list(zip(holds, places, strict=True))
        bars = [_Bar(hold=hold, place=spot) for hold, spot in found if spot is not None]
        return bars, sum(len(hold.items) for hold, spot in found if spot is None)

    def _hold_words(self, track: Track, merged: Merged[HoldSpan]) -> tuple[str, ...]:
        first, times = merged.items[0], common.times(len(merged.items))
        holder = common.holder_name(first, self.names)
        level = common.hold_level_db(track, first)
        verb = common.hold_verb(first, level)
        by = f"by {holder}{times}"
        if verb == "ducked" and level is not None and not times:
            depth = f"to {common.decibels(level)} {by}"
            return f"ducked {depth}", depth, by, holder
        return f"{verb} {by}", by, f"{holder}{times}"

    def _bar(self, track: Track, bar: _Bar, y: float, paper: str) -> str:
        first, words = bar.hold.items[0], bar.place.words
        colour = self.colours.get(first.cause, marks.SOFT)
        is_pause = first.kind == "pause"
        x, end = self.x(bar.hold.start_s), self.x(bar.hold.end_s)
        wide = max(end - x, 2.0)
        fill = colour if is_pause else svg.mix(colour, marks.PAPER, 0.7)
        ink = marks.PAPER if is_pause and svg.luminance(colour) < 0.4 else marks.INK
        box = svg.rect(
            x, y, wide, _BAR_H, rx=min(3.0, wide / 2), fill=fill, stroke=colour, class_="bar"
        )
        icon_x = x + 9 if words and words.inside else x + wide / 2
        icon = marks.icon(is_pause, icon_x, y + _BAR_H / 2, ink) if wide >= 14 else ""
        if words and words.inside:
            self.words.append(svg.text(words.text, words.x, y + 12.5, marks.LABEL, fill=ink))
        elif words:
            self._write(words.text, words.x, y + 12.5, marks.LABEL, marks.INK, paper)
        kind = "hold pause" if is_pause else "hold duck"
        cause = printable(first.cause)
        tip = self._hold_tip(track, bar.hold)
        return svg.el("g", box + icon, tip=tip, class_=kind, data_cause=cause)

    def _hold_tip(self, track: Track, merged: Merged[HoldSpan]) -> str:
        first = merged.items[0]
        level = common.hold_level_db(track, first)
        verb = common.hold_verb(first, level)
        holder = common.holder_name(first, self.names)
        lines = [f"{self.names[track.app]} {verb} by {holder}"]
        if len(merged.items) > 1:
            lines[0] += f", {len(merged.items)} times"
        elif level is not None and verb == "ducked":
            lines.append(f"to {common.decibels(level)}")
        lines.append(f"{common.stretch(merged.start_s, merged.end_s)}")
        rules = list(dict.fromkeys(printable(hold.rule) for hold in merged.items))
        lines.append("rule: " + list_tip(rules[:60]))
        return "\n".join(lines)

    def _volumes(self, track: Track, area_y: float, base_y: float) -> str:
        """Return a tick for each time the app set its own volume."""
        groups = common.coarsen(
            lambda grain: common.bucket(
                [gain for gain in track.gains if gain.layer == "player"],
                grain,
                lambda gain: gain.at_s,
            ),
            self.grain_s,
            self.most["volume"],
        )
        out = []
        for group in groups:
            x = self.x(group.start_s)
            y = base_y - self.area_h * level_height(group.items[-1].to_db)
            tip = list_tip(
                [f"volume {level_words(gain.to_db)} ({moment(gain.at_s)})" for gain in group.items]
            )
            out.append(marks.volume_tick(x, max(y, area_y), tip))
        return "\n".join(out)

    def _heard(self, track: Track, area_y: float, paper: str) -> str:
        """Return the events as small flags above the sound, with words where there is room."""
        groups = common.coarsen(
            lambda grain: common.bucket(track.heard, grain, lambda event: event.at_s),
            self.grain_s,
            self.most["heard"],
        )
        xs = [self.x(group.start_s) for group in groups]
        taken = self.left - 8
        out = []
        for index, (group, x) in enumerate(zip(groups, xs, strict=True)):
            following = xs[index + 1] if index + 1 < len(xs) else self.right + 14
            text = svg.fit(heard_words(group), 10, 150)
            wide = svg.text_width(text, 10)
            flag = f"M{svg.num(x)} {svg.num(area_y - 5)}l-3.5 -6h7z"
            inner = svg.el("path", d=flag)
            if x + 6 + wide <= following - 5:
                self._write(text, x + 6, area_y - 5, 10, marks.SOFT, paper)
                taken = x + 6 + wide
            elif x - 6 - wide >= taken + 4:
                self._write(text, x - 6 - wide, area_y - 5, 10, marks.SOFT, paper)
                taken = x + 4
            else:
                taken = x + 4
            tip = list_tip([f"heard {printable(e.text)} ({moment(e.at_s)})" for e in group.items])
            out.append(svg.el("g", inner, tip=tip, class_="heard"))
        return "\n".join(out)
