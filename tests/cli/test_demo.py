"""``audiosession demo``: its files, its proof, its own audio."""

import contextlib
import io
import json
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from audiosession.cli import main
from audiosession.cli.levels import SILENT_DB, Level, Span, spans
from audiosession.policies import load_policy
from audiosession.scenario.audiofiles import DEMO_FOLDER, probe
from audiosession.scenario.recording import SILENCE_DB, Clip, GainChange, HoldSpan, Track

from .conftest import Run

FILES = ("audiosession-demo.jsonl", "audiosession-demo.svg", "audiosession-demo.wav")


@dataclass(frozen=True)
class Demo:
    """A run of the demo and what it left."""

    status: int
    out: str
    err: str
    folder: Path
    seconds: float

    @property
    def lines(self) -> list[dict[str, Any]]:
        text = (self.folder / FILES[0]).read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    @property
    def levels(self) -> dict[str, float]:
        return {line["span"]: line["db"] for line in self.lines if line["kind"] == "level"}


def _demo(folder: Path, *options: str) -> Demo:
    out, err = io.StringIO(), io.StringIO()
    started = time.monotonic()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["demo", "--out", str(folder), *options])
    return Demo(status, out.getvalue(), err.getvalue(), folder, time.monotonic() - started)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return _demo(tmp_path_factory.mktemp("demo") / "made" / "here")


def test_succeeds_and_writes_three_files(demo: Demo) -> None:
    assert (demo.status, demo.err) == (0, "")
    assert tuple(sorted(path.name for path in demo.folder.iterdir())) == FILES


def test_says_where_the_files_are(demo: Demo) -> None:
    for name in FILES:
        assert str(demo.folder / name) in demo.out


def test_takes_well_under_a_minute(demo: Demo) -> None:
    assert demo.seconds < 30.0


def test_sound_is_as_long_as_the_day(demo: Demo) -> None:
    assert probe(demo.folder / FILES[2]).duration_s == pytest.approx(66.0)


def test_picture_is_an_svg(demo: Demo) -> None:
    root = ElementTree.parse(demo.folder / FILES[1]).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_events_are_json_lines_that_name_the_files(demo: Demo) -> None:
    assert all({"at", "kind"} <= line.keys() for line in demo.lines)
    end = demo.lines[-1]
    assert (end["kind"], end["failed"]) == ("end", 0)
    assert end["checked"] > 5
    assert sorted(end["written"]) == ["jsonl", "svg", "wav"]


def test_music_is_lowered_by_the_policys_figure(demo: Demo) -> None:
    duck = load_policy("default").settings.levels_db["duck"]
    assert duck == -14.0
    assert demo.levels["under the prompt"] == pytest.approx(duck, abs=1.0)


def test_music_is_silent_in_the_call_and_back_to_its_level_after(demo: Demo) -> None:
    assert demo.levels["in the call"] < -60.0
    assert demo.levels["before"] == 0.0
    assert demo.levels["after"] == pytest.approx(0.0, abs=0.1)


def test_music_is_measured_where_the_policy_holds_it(demo: Demo) -> None:
    holds = {line["span"]: line for line in demo.lines if line["kind"] == "level"}
    gains = [line for line in demo.lines if line["kind"] == "gain" and line["app"] == "music"]
    down, up = gains[:2]
    under = holds["under the prompt"]
    assert down["at"] + down["ramp_s"] <= under["start_s"] < under["end_s"] <= up["at"]
    assert under["end_s"] - under["start_s"] > 1.0


def test_levels_are_shown(demo: Demo) -> None:
    rows = [[c.strip() for c in line.split("|")] for line in demo.out.splitlines() if "|" in line]
    shown = {row[0]: row[2:] for row in rows}
    assert shown["before"] == ["0.0 dB", "0.0 dB", "ok"]
    assert shown["under the prompt"][1:] == ["-14.0 dB", "ok"]
    assert shown["in the call"] == ["silent", "silent", "ok"]
    assert shown["after"][1:] == ["0.0 dB", "ok"]


def test_json_prints_the_same_lines_and_nothing_else(demo: Demo, tmp_path: Path) -> None:
    again = _demo(tmp_path, "--json")
    assert (again.status, again.err) == (0, "")
    assert again.out == (tmp_path / FILES[0]).read_text("utf-8")
    assert again.lines[:-1] == demo.lines[:-1]


def test_own_music_is_played_and_not_measured(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--music", str(DEMO_FOLDER / "podcast.ogg"))
    assert (done.status, done.levels) == (0, {})
    assert "Music plays podcast.ogg" in " ".join(done.out.split())
    assert "level was not measured" in done.out


def test_own_podcast_leaves_the_music_measured(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--podcast", str(DEMO_FOLDER / "call_voice.ogg"))
    assert done.status == 0
    assert len(done.levels) == 4
    assert "Podcast plays call_voice.ogg" in " ".join(done.out.split())


@pytest.mark.parametrize("option", ["--music", "--podcast"])
def test_own_audio_of_no_use_is_a_message_and_leaves_nothing(
    run: Run, tmp_path: Path, option: str
) -> None:
    out = tmp_path / "out"
    (tmp_path / "song.flac").write_bytes(b"fLaC")
    for name in ("none.flac", "song.flac"):
        done = run("demo", option, tmp_path / name, "--out", out)
        assert (done.status, done.out) == (2, "")
        assert done.err.startswith(f"audiosession: {tmp_path / name}: ")
    assert not out.exists()


def test_a_place_that_is_no_folder_is_a_message(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for out in (file, file / "below"):
        done = run("demo", "--out", out)
        assert (done.status, done.out) == (2, "")
        assert "is not a folder" in done.err


def test_a_level_that_is_not_the_policys_fails_the_demo(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.cli.levels.TONE_HZ", 75.0)
    done = run("demo", "--out", tmp_path)
    assert done.status == 1
    assert "| failed" in done.out


# -- where to measure ----------------------------------------------------------------------------


def _track(**changes: Any) -> Track:
    ducked = GainChange(
        at_s=5.0, layer="hold", from_db=0.0, to_db=-14.0, ramp_s=0.1, rule="r", cause="nav"
    )
    values: dict[str, Any] = {
        "clips": [
            Clip(start_s=1.0, end_s=10.0, audio=None),
            Clip(start_s=20.0, end_s=30.0, audio=None),
        ],
        "gains": [
            ducked,
            GainChange(at_s=7.0, layer="hold", from_db=-14.0, to_db=0.0, ramp_s=0.5),
            GainChange(at_s=10.0, layer="hold", from_db=0.0, to_db=SILENCE_DB, ramp_s=0.1),
            GainChange(at_s=20.0, layer="hold", from_db=-48.0, to_db=0.0, ramp_s=0.5),
        ],
        "holds": [
            HoldSpan(start_s=5.0, end_s=7.0, cause="nav", kind="duck", rule="r"),
            HoldSpan(start_s=10.0, end_s=20.0, cause="phone", kind="pause", rule="r"),
        ],
    }
    return Track(app="music", name="Music", role="music", **{**values, **changes})


def test_spans_lie_between_the_moves() -> None:
    found = spans(_track())
    assert [(span.name, span.expected_db) for span in found] == [
        ("before", 0.0),
        ("under the prompt", -14.0),
        ("in the call", SILENCE_DB),
        ("after", 0.0),
    ]
    assert [span.start_s for span in found] == pytest.approx([1.05, 5.15, 10.15, 20.55])
    assert [span.end_s for span in found] == pytest.approx([4.95, 6.95, 19.95, 29.95])


def test_spans_end_where_the_level_moves_again() -> None:
    moved = GainChange(at_s=25.0, layer="device", from_db=0.0, to_db=-6.0, ramp_s=0.0)
    assert spans(_track(gains=[*_track().gains, moved]))[-1].end_s == pytest.approx(24.95)


@pytest.mark.parametrize(
    "changes",
    [
        {"holds": []},
        {"holds": _track().holds[:1]},
        {"holds": _track().holds[1:]},
        {"gains": []},
        {"clips": [Clip(start_s=1.0, end_s=10.0, audio=None)]},
        {"clips": [Clip(start_s=4.9, end_s=10.0, audio=None), _track().clips[1]]},
    ],
)
def test_without_four_spans_nothing_is_measured(changes: dict[str, Any]) -> None:
    assert spans(_track(**changes)) == ()


@pytest.mark.parametrize(
    ("expected", "tolerance", "db", "ok"),
    [
        (-14.0, 1.0, -14.9, True),
        (-14.0, 1.0, -15.1, False),
        (-14.0, 1.0, -12.9, False),
        (0.0, 0.1, -0.2, False),
        (SILENCE_DB, 1.0, SILENT_DB - 1.0, True),
        (SILENCE_DB, 1.0, SILENT_DB + 1.0, False),
    ],
)
def test_a_level_is_judged(expected: float, tolerance: float, db: float, ok: bool) -> None:
    span = Span(name="x", start_s=0.0, end_s=1.0, expected_db=expected, tolerance_db=tolerance)
    assert Level(span=span, db=db).ok is ok
