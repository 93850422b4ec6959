from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from audiosession.scenario.envelope import level_height
from audiosession.scenario.recording import (
    SILENCE_DB,
    Clip,
    GainChange,
    Heard,
    HoldSpan,
    Marker,
    Recording,
    StandingChange,
    Track,
)
from audiosession.scenario.svg_elements import text_width
from audiosession.scenario.timeline_svg import render_svg, write_svg


def ramp(at_s: float, from_db: float, to_db: float, ramp_s: float, cause: str) -> GainChange:
    return GainChange(
        at_s=at_s, layer="hold", from_db=from_db, to_db=to_db, ramp_s=ramp_s, cause=cause
    )


def standings(*changes: tuple[float, str]) -> list[StandingChange]:
    return [StandingChange(at_s=at_s, standing=standing) for at_s, standing in changes]


def heard(*events: tuple[float, str]) -> list[Heard]:
    return [Heard(at_s=at_s, text=text) for at_s, text in events]


def clip(start_s: float, end_s: float, file: str | None, offset_s: float = 0.0) -> Clip:
    audio = Path("sounds") / file if file else None
    return Clip(start_s=start_s, end_s=end_s, audio=audio, offset_s=offset_s)


def hold(start_s: float, end_s: float, cause: str, kind: str, rule: str) -> HoldSpan:
    return HoldSpan(start_s=start_s, end_s=end_s, cause=cause, kind=kind, rule=rule)


def a_drive() -> Recording:
    """Return a minute in a car: music, directions, a call, headphones and a podcast."""
    music = Track(
        app="music",
        name="Music",
        role="music",
        clips=[clip(1, 26, "song.flac"), clip(41, 46, "song.flac", 25)],
        gains=[
            ramp(8, 0, -14, 0.3, "navigator"),
            ramp(12.5, -14, 0, 0.8, "navigator"),
            ramp(20, 0, -14, 0.3, "reader"),
            ramp(22, -14, 0, 0.8, "reader"),
            GainChange(at_s=16, layer="volume", from_db=0, to_db=-6, ramp_s=1),
            ramp(26, 0, SILENCE_DB, 0.2, "phone"),
            ramp(41, SILENCE_DB, 0, 1.5, "phone"),
        ],
        standings=standings(
            (1, "active"),
            (8, "ducked"),
            (12.5, "active"),
            (20, "ducked"),
            (22, "active"),
            (26, "interrupted"),
            (41, "active"),
            (46, "inactive"),
        ),
        holds=[
            hold(8, 12.5, "navigator", "duck", "music is lowered under speech"),
            hold(20, 22, "reader", "duck", "a screen reader lowers others"),
            hold(26, 41, "phone", "pause", "a call pauses all media"),
        ],
        heard=heard(
            (8, "begin duck"),
            (12.5, "end duck"),
            (20, "begin duck"),
            (22, "end duck"),
            (26, "begin pause"),
            (41, "end pause"),
            (46, "route changed"),
        ),
    )
    podcast = Track(
        app="podcast",
        name="Podcast",
        role="speech",
        clips=[clip(48, 51, "talk.flac"), clip(54.5, 60, "talk.flac", 3)],
        gains=[
            ramp(51, 0, SILENCE_DB, 0, "navigator"),
            ramp(54.5, -40, 0, 1, "navigator"),
        ],
        standings=standings((48, "active"), (51, "interrupted"), (54.5, "active")),
        holds=[hold(51, 54.5, "navigator", "pause", "speech is paused under a prompt")],
        heard=heard((51, "begin pause"), (54.5, "end pause")),
    )
    navigator = Track(
        app="navigator",
        name="Navigator",
        role="prompt",
        clips=[clip(8.2, 12.5, "left.flac"), clip(30, 33, "right.flac"), clip(51, 54.5, "on.flac")],
        gains=[ramp(30, 0, -10, 0.2, "phone"), ramp(33.2, -10, 0, 0.2, "phone")],
        standings=standings(
            (8, "active"),
            (12.5, "inactive"),
            (30, "ducked"),
            (33.2, "inactive"),
            (51, "active"),
            (54.5, "inactive"),
        ),
        holds=[hold(30, 33.2, "phone", "duck", "a newcomer is lowered under a call")],
        heard=heard((30, "begin duck")),
    )
    reader = Track(
        app="reader",
        name="Screen reader",
        role="accessibility",
        clips=[clip(20, 22, "item.flac")],
        standings=standings((20, "active"), (22, "inactive")),
    )
    phone = Track(
        app="phone",
        name="Phone",
        role="call",
        system=True,
        clips=[clip(26, 29, "ring.flac"), clip(29, 41, None)],
        standings=standings((26, "active"), (41, "inactive")),
    )
    return Recording(
        title="A drive: music, directions and a call",
        duration_s=60,
        tracks=[music, podcast, navigator, reader, phone],
        markers=[
            Marker(at_s=8, text="Navigator speaks", kind="app"),
            Marker(at_s=16, text="volume turned down"),
            Marker(at_s=26, text="call comes"),
            Marker(at_s=29, text="call is answered"),
            Marker(at_s=41, text="call ends"),
            Marker(at_s=46, text="headphones unplugged"),
            Marker(at_s=48, text="Podcast starts", kind="app"),
            Marker(at_s=51, text="Navigator speaks", kind="app"),
        ],
    )


SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<b>Tom & "Jerry"</b>\x00\x1b[31m\ud800 ]]>'


def parse(recording: Recording, width: int = 1200) -> ET.Element:
    return ET.fromstring(render_svg(recording, width=width))


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [item for item in root.iter() if name in item.get("class", "").split()]


def texts(root: ET.Element) -> list[str]:
    return [item.text or "" for item in root.iter(f"{SVG}text")]


def tip(item: ET.Element) -> str:
    return item.findtext(f"{SVG}title", "")


def lane(root: ET.Element, app: str) -> ET.Element:
    return next(item for item in of_class(root, "track") if item.get("data-app") == app)


def figure(item: ET.Element | None, name: str) -> float:
    assert item is not None
    return float(item.get(name, "nan"))


def time_scale(root: ET.Element) -> Callable[[float], float]:
    """Return the scale as the labels of the axis tell it: seconds to pixels."""
    axis = of_class(root, "axis")[0]
    lines = [item.get("d", "") for item in axis.iter(f"{SVG}path")]
    xs = [float(d[1 : d.index(" ")]) for d in lines[:-1]]
    ticks = [float(text.removesuffix(" s")) for text in texts(root) if text in TICKS]
    assert len(xs) == len(ticks) > 2
    step = (xs[-1] - xs[0]) / (ticks[-1] - ticks[0])
    return lambda at_s: xs[0] + (at_s - ticks[0]) * step


TICKS = {f"{seconds} s" for seconds in range(0, 61, 5)}


def path_points(item: ET.Element) -> list[tuple[float, float]]:
    pairs = re.findall(r"(-?[\d.]+) (-?[\d.]+)", item.get("d", ""))
    return [(float(x), float(y)) for x, y in pairs]


def test_every_track_and_marker_is_in_the_picture() -> None:
    recording = a_drive()
    root = parse(recording)

    assert [item.get("data-app") for item in of_class(root, "track")] == [
        track.app for track in recording.tracks
    ]
    assert {track.name for track in recording.tracks} <= set(texts(root))
    assert {marker.text for marker in recording.markers} <= set(texts(root))
    assert len(of_class(root, "marker")) == len(recording.markers)
    assert recording.title in texts(root)


def test_the_axis_line_ends_with_the_recording() -> None:
    root = parse(a_drive())
    line = list(of_class(root, "axis")[0].iter(f"{SVG}path"))[-1].get("d", "")

    assert float(line.partition("H")[2]) == pytest.approx(time_scale(root)(60), abs=0.02)


def test_hold_bars_stand_where_the_time_axis_says() -> None:
    recording = a_drive()
    root = parse(recording)
    at = time_scale(root)

    for track in recording.tracks:
        groups = of_class(lane(root, track.app), "hold")
        assert len(groups) == len(track.holds)
        for span, group in zip(track.holds, groups, strict=True):
            bar = of_class(group, "bar")[0]
            assert figure(bar, "x") == pytest.approx(at(span.start_s), abs=0.02)
            end = figure(bar, "x") + figure(bar, "width")
            assert end == pytest.approx(at(span.end_s), abs=0.03)
            assert span.kind in group.get("class", "").split()
            assert group.get("data-cause") == span.cause


def test_pointing_at_a_hold_tells_its_rule_and_its_holder() -> None:
    root = parse(a_drive())

    first = of_class(lane(root, "music"), "hold")[0]

    assert tip(first).splitlines() == [
        "Music ducked by Navigator",
        "to \N{MINUS SIGN}14 dB",
        "8.0 s \N{EN DASH} 12.5 s",
        "rule: music is lowered under speech",
    ]
    assert "rule: a call pauses all media" in tip(of_class(lane(root, "music"), "hold")[2])


def test_words_say_who_lowered_and_who_paused_whom() -> None:
    words = texts(parse(a_drive()))

    assert "ducked to \N{MINUS SIGN}14 dB by Navigator" in words
    assert "paused by Phone" in words


def test_a_bar_has_the_colour_of_its_holder() -> None:
    root = parse(a_drive())
    sound = of_class(lane(root, "navigator"), "clip")[0].get("fill")
    bar = of_class(of_class(lane(root, "music"), "hold")[0], "bar")[0]

    assert bar.get("stroke") == sound


def test_the_sound_is_as_high_as_its_level_and_only_there_while_a_clip_plays() -> None:
    root = parse(a_drive())
    at = time_scale(root)
    first, second = (path_points(item) for item in of_class(lane(root, "music"), "clip"))
    base = first[0][1]

    def height(at_s: float) -> float:
        """Return the drawn height in pixels, linear between the corners of the shape."""
        for (x1, y1), (x2, y2) in pairwise(first[1:]):
            if x1 <= at(at_s) <= x2 and x2 > x1:
                return base - (y1 + (y2 - y1) * (at(at_s) - x1) / (x2 - x1))
        raise AssertionError(f"nothing drawn at {at_s}")

    assert (first[0][0], first[-1][0]) == pytest.approx((at(1), at(26)), abs=0.02)
    assert (second[0][0], second[-1][0]) == pytest.approx((at(41), at(46)), abs=0.02)
    full = height(5)
    assert height(10) == pytest.approx(full * level_height(-14), abs=0.1)
    assert height(18) == pytest.approx(full * level_height(-6), abs=0.1)
    assert height(21) == pytest.approx(full * level_height(-20), abs=0.1)


def test_the_standing_strip_covers_the_whole_time() -> None:
    root = parse(a_drive())
    at = time_scale(root)
    strips = of_class(lane(root, "music"), "standing")

    kinds = [item.get("class", "").split()[1] for item in strips]
    assert kinds == [
        "inactive",
        "active",
        "ducked",
        "active",
        "ducked",
        "active",
        "interrupted",
        "active",
        "inactive",
    ]
    assert figure(strips[2], "x") == pytest.approx(at(8), abs=0.02)
    assert tip(strips[6]) == "interrupted 26.0 s \N{EN DASH} 41.0 s"


def test_names_texts_and_rules_of_users_are_escaped() -> None:
    track = Track(
        app=NASTY,
        name=NASTY,
        role=NASTY,
        clips=[clip(0, 5, "a<&>.flac")],
        holds=[hold(1, 2, NASTY, "duck", NASTY)],
        heard=[Heard(at_s=1, text=NASTY)],
        standings=[StandingChange(at_s=0, standing=NASTY)],
    )
    markers = [Marker(at_s=3, text=NASTY)]
    recording = Recording(title=NASTY, duration_s=5, tracks=[track], markers=markers)

    root = parse(recording)
    clean = '<b>Tom & "Jerry"</b>\ufffd\ufffd[31m\ufffd ]]>'

    assert not list(root.iter(f"{SVG}b"))
    assert root.findtext(f"{SVG}title") == clean
    assert clean in texts(root)
    assert tip(of_class(root, "hold")[0]).endswith(f"rule: {clean}")
    assert tip(of_class(root, "clip")[0]).startswith("a<&>.flac")


def test_the_picture_stands_alone_on_its_own_background() -> None:
    document = render_svg(a_drive())
    root = ET.fromstring(document)

    assert document.count("http") == 1, "only the namespace"
    assert not {item.tag for item in root.iter()} & {f"{SVG}script", f"{SVG}image", f"{SVG}use"}
    paper = of_class(root, "paper")[0]
    assert paper.get("fill") == "#ffffff"
    assert figure(paper, "width") == pytest.approx(1199)
    assert figure(paper, "height") == pytest.approx(figure(root, "height") - 1)


def test_those_who_cannot_see_it_hear_it_in_sentences() -> None:
    root = parse(a_drive())

    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "A drive: music, directions and a call"
    told = root.findtext(f"{SVG}desc", "")
    assert "Podcast is paused by Navigator from 51.0 s to 54.5 s." in told
    assert "At 46.0 s: headphones unplugged." in told


def test_every_pattern_that_is_used_is_defined() -> None:
    document = render_svg(a_drive())

    used = set(re.findall(r"url\(#([^)]+)\)", document))
    assert used
    assert used <= set(re.findall(r' id="([^"]+)"', document))


def boxes(root: ET.Element) -> list[tuple[float, float, float, float, str]]:
    """Return left, top, right, bottom and words of each line of text."""
    found = []
    for item in root.iter(f"{SVG}text"):
        words, size = item.text or "", figure(item, "font-size")
        width = text_width(words, size)
        left = figure(item, "x") - (width if item.get("text-anchor") == "end" else 0)
        y = figure(item, "y")
        found.append((left, y - size * 0.75, left + width, y + size * 0.2, words))
    return found


@pytest.mark.parametrize("width", [480, 700, 1200, 2000])
def test_no_text_covers_another_or_leaves_the_picture(width: int) -> None:
    found = boxes(parse(a_drive(), width))

    for index, (left, top, right, bottom, words) in enumerate(found):
        assert left >= 0, words
        assert right <= width, words
        for left2, top2, right2, bottom2, other in found[index + 1 :]:
            apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
            assert apart, f"{words!r} covers {other!r}"


def test_markers_close_together_are_stacked() -> None:
    markers = [Marker(at_s=30 + i * 0.5, text=f"a rather long marker {i}") for i in range(4)]
    root = parse(Recording(title="Stack", duration_s=60, markers=markers))

    labels = [item for item in root.iter(f"{SVG}text") if "rather" in (item.text or "")]
    assert len(labels) == 4
    assert len({(figure(item, "y"), item.get("text-anchor")) for item in labels}) == 4


def test_markers_at_one_moment_share_a_label() -> None:
    markers = [Marker(at_s=3, text="call comes"), Marker(at_s=3, text="screen locks")]
    root = parse(Recording(title="Both", duration_s=6, markers=markers))

    assert "call comes \N{MIDDLE DOT} screen locks" in texts(root)
    assert len(of_class(root, "marker")) == 1


def test_system_tracks_look_different() -> None:
    root = parse(a_drive())

    assert [item.get("data-app") for item in of_class(root, "system")] == ["phone"]
    assert "call · system" in texts(root)


def test_there_is_room_for_what_a_track_is_for() -> None:
    track = Track(app="clock", name="C", role="alarm of the day", system=True)
    root = parse(Recording(title="", duration_s=10.0, tracks=[track]))
    assert "alarm of the day · system" in texts(root)


def test_the_apps_own_volume_is_a_tick_that_tells_its_level() -> None:
    recording = a_drive()
    assert not of_class(parse(recording), "volume")
    recording.tracks[0].gains += [
        GainChange(at_s=5.0, layer="player", from_db=0.0, to_db=-6.0, ramp_s=0.0),
        GainChange(at_s=20.0, layer="player", from_db=-6.0, to_db=-120.0, ramp_s=0.0),
    ]
    root = parse(recording)
    ticks = of_class(lane(root, recording.tracks[0].app), "volume")
    assert [tip(tick) for tick in ticks] == [
        "volume \N{MINUS SIGN}6 dB (5.0 s)",
        "volume silent (20.0 s)",
    ]
    xs = [figure(tick.find(f"{SVG}rect"), "x") + 4 for tick in ticks]
    scale = time_scale(root)
    assert xs == pytest.approx([scale(5.0), scale(20.0)], abs=0.02)
    assert "the app sets its volume" in texts(root)


def test_a_clip_without_a_file_is_drawn_as_busy() -> None:
    phone = lane(parse(a_drive()), "phone")

    ring, talk = of_class(phone, "clip")
    assert "busy" not in ring.get("class", "")
    assert "busy" in talk.get("class", "").split()
    assert tip(talk).startswith("busy without sound of its own")


@pytest.mark.parametrize(
    ("duration", "labels"),
    [
        (0.0, ["0 s"]),
        (1.0, ["0 s", "0.1 s", "1 s"]),
        (60.0, ["0 s", "5 s", "60 s"]),
        (600.0, ["0:00", "1:00", "10:00"]),
        (7200.0, ["0:00:00", "0:10:00", "2:00:00"]),
        (900000.0, ["0:00:00", "24:00:00", "240:00:00"]),
    ],
)
def test_the_axis_counts_in_steps_people_use(duration: float, labels: list[str]) -> None:
    words = texts(parse(Recording(title="Axis", duration_s=duration)))

    assert set(labels) <= set(words)
    assert 1 <= sum(bool(re.fullmatch(r"[\d:.]+( s)?", word)) for word in words) <= 16


def test_a_recording_of_no_length_is_still_a_picture() -> None:
    track = Track(
        app="a",
        name="A",
        role="music",
        clips=[clip(0, 0, "a.flac")],
        holds=[hold(0, 0, "", "pause", "rule")],
        heard=heard((0, "begin pause")),
    )
    root = parse(Recording(title="", duration_s=0, tracks=[track], markers=[]))

    assert root.findtext(f"{SVG}title") == "Audio timeline"
    assert "paused by the device" in texts(root)


def test_what_happens_after_the_end_is_drawn_at_the_end() -> None:
    track = Track(
        app="a", name="A", role="music", clips=[clip(1, 99, "a")], heard=heard((99, "late"))
    )
    root = parse(Recording(title="Cut", duration_s=60, tracks=[track]))
    at = time_scale(root)

    assert max(x for x, _ in path_points(of_class(root, "clip")[0])) == pytest.approx(at(60))


def test_twenty_tracks_each_have_a_lane_below_the_one_before() -> None:
    tracks = [Track(app=f"a{i}", name=f"App {i}", role="music") for i in range(20)]
    root = parse(Recording(title="Crowd", duration_s=60, tracks=tracks))

    ys = [figure(item.find(f"{SVG}rect"), "y") for item in of_class(root, "name")]
    assert len(ys) == 20
    assert ys == sorted(set(ys))
    assert ys[-1] < figure(root, "height")


def crowd(count: int) -> Recording:
    """Return two hours in which everything happens ``count`` times."""
    times = [index * 7200 / count for index in range(count)]
    kinds = ["active", "ducked", "interrupted", "inactive"]
    track = Track(
        app="a",
        name="A",
        role="music",
        clips=[clip(at_s, at_s + 0.05, "a.flac") for at_s in times],
        gains=[ramp(at_s, 0, -30, 0.05, "b") for at_s in times],
        standings=[StandingChange(at_s=t, standing=kinds[i % 4]) for i, t in enumerate(times)],
        holds=[
            hold(t, t + 0.1, "bcd"[i % 3], "duck", f"rule {i % 20}") for i, t in enumerate(times)
        ],
        heard=[Heard(at_s=at_s, text="begin duck") for at_s in times],
    )
    markers = [Marker(at_s=at_s, text="click") for at_s in times]
    return Recording(title="Crowd", duration_s=7200, tracks=[track], markers=markers)


def test_fifty_thousand_events_are_a_picture_of_some_thousand_elements() -> None:
    document = render_svg(crowd(50_000))
    root = ET.fromstring(document)

    assert sum(1 for _ in root.iter()) < 5000
    assert len(document) < 1_000_000
    held = "".join(tip(item) for item in of_class(root, "hold"))
    assert sum(int(n) for n in re.findall(r", (\d+) times", held)) == 50_000
    heard_words = [tip(item) for item in of_class(root, "heard")]
    assert len(heard_words) > 100
    assert "more" in heard_words[0]


def test_things_that_can_be_seen_apart_are_not_merged() -> None:
    root = parse(crowd(30))

    assert len(of_class(root, "clip")) == 30
    assert len(of_class(root, "hold")) == 30
    assert len(of_class(root, "heard")) == 30


@pytest.mark.parametrize("duration", [-1.0, float("inf"), float("nan")])
def test_an_impossible_duration_is_refused(duration: float) -> None:
    with pytest.raises(ValueError, match="duration_s"):
        render_svg(Recording(title="Odd", duration_s=duration))


def test_a_picture_too_narrow_for_its_words_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 480"):
        render_svg(a_drive(), width=479)


def test_writing_replaces_the_old_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "run.svg"
    path.write_text("old", encoding="utf-8")

    write_svg(a_drive(), path)

    assert path.read_text(encoding="utf-8") == render_svg(a_drive())
    assert [item.name for item in tmp_path.iterdir()] == ["run.svg"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.svg"
    path.write_text("old", encoding="utf-8")

    def refuse(source: Path, target: Path) -> None:
        raise OSError("no room")

    monkeypatch.setattr("audiosession.scenario.timeline_svg.os.replace", refuse)
    with pytest.raises(OSError, match="no room"):
        write_svg(a_drive(), path)

    assert path.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["run.svg"]
