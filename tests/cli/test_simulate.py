"""``audiosession simulate``: what it prints, what it writes, and its exit status."""

import io
import json
import os
import re
import sys
import wave
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from audiosession.cli import main, outputs
from audiosession.cli.terminal import Terminal

from .conftest import Run


def lines_of(text: str) -> list[dict[str, Any]]:
    """JSON Lines, each of which says when and what."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert isinstance(line["at"], int | float)
        assert isinstance(line["kind"], str)
    return lines


def test_prints_what_happens_a_timeline_and_the_expectations(run: Run, scenario: Path) -> None:
    done = run("simulate", scenario)
    assert (done.status, done.err) == (0, "")
    live, _, rest = done.out.partition("\nA prompt over music\n")
    assert "   3.0s  Music     lowered to -14 dB by Navigator in 0.12 s (music-goes-lower)" in live
    assert "Music ducked to -14 dB by Navigator" in rest
    assert rest.endswith("ok 2 expectations hold\n")


def test_a_pipe_gets_names_as_they_are(monkeypatch: pytest.MonkeyPatch, scenario: Path) -> None:
    text = scenario.read_text("utf-8").replace('"Music"', '"Müsic"').replace("over", "über")
    scenario.write_text(text, "utf-8")
    for encoding, name in (("utf-8", "Müsic"), ("ascii", "M?sic")):
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
        assert main(["simulate", str(scenario)]) == 0
        shown = raw.getvalue().decode(encoding)
        assert shown.count(name) > 2
        assert shown.replace("Müsic", "").replace("über", "").isascii()
        assert (f"A prompt {'über' if encoding == 'utf-8' else '?ber'} music") in shown


def test_a_pipe_gets_plain_text(run: Run, failing: Path) -> None:
    done = run("simulate", failing)
    assert done.out.isascii()
    assert "\x1b" not in done.out + done.err


def test_an_expectation_that_fails_is_shown_with_its_line(run: Run, failing: Path) -> None:
    done = run("simulate", failing)
    assert done.status == 1
    assert "failed 1 of 2 expectations did not hold" in done.out
    row = next(line for line in done.out.splitlines() if "gain_db" in line)
    cells = [cell.strip() for cell in row.split("|")]
    assert cells == ["25", "4 s", "music", "gain_db", "-20.0", "-14.0"]


def test_quiet_prints_only_what_failed(run: Run, scenario: Path, failing: Path) -> None:
    assert run("simulate", scenario, "--quiet").out == ""
    done = run("simulate", failing, "--quiet")
    assert done.status == 1
    assert "gain_db" in done.out
    assert "Navigator" not in done.out


def test_one_expectation_with_two_faults_is_one(run: Run, failing: Path) -> None:
    text = failing.read_text("utf-8").replace('standing = "ducked"', 'standing = "active"')
    failing.write_text(text, "utf-8")
    assert "failed 1 of 2 expectations" in run("simulate", failing, "--quiet").out
    assert lines_of(run("simulate", failing, "--json").out)[-1]["failed"] == 1


# -- JSON ----------------------------------------------------------------------------------------


def test_json_is_lines_that_end_with_the_sum(run: Run, scenario: Path) -> None:
    done = run("simulate", scenario, "--json")
    assert (done.status, done.err) == (0, "")
    lines = lines_of(done.out)
    assert {line["kind"] for line in lines} == {
        *("app", "call", "decision", "end", "gain", "heard", "player")
    }
    assert lines[-1] == {
        "at": 9.0,
        "kind": "end",
        "duration": 9.0,
        "checked": 2,
        "failed": 0,
        "written": {},
    }
    duck = next(line for line in lines if line["kind"] == "gain")
    assert (duck["app"], duck["to_db"], duck["cause"]) == ("music", -14.0, "navigator")


def test_json_has_a_line_for_each_failure(run: Run, failing: Path) -> None:
    done = run("simulate", failing, "--json")
    assert (done.status, done.err) == (1, "")
    failure, end = lines_of(done.out)[-2:]
    assert failure == {
        "at": 4.0,
        "kind": "failure",
        "app": "music",
        "what": "gain_db",
        "expected": -20.0,
        "found": -14.0,
        "line": 25,
    }
    assert (end["checked"], end["failed"]) == (2, 1)


def test_json_names_the_files_it_wrote(run: Run, scenario: Path, tmp_path: Path) -> None:
    svg = tmp_path / "out.svg"
    done = run("simulate", scenario, "--json", "--svg", svg)
    assert lines_of(done.out)[-1]["written"] == {"svg": str(svg)}


def test_json_is_utf8_whatever_the_terminal_speaks(
    monkeypatch: pytest.MonkeyPatch, scenario: Path
) -> None:
    scenario.write_text(scenario.read_text("utf-8").replace('"Music"', '"Müsic"'), "utf-8")
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert main(["simulate", str(scenario), "--json"]) == 0
    assert lines_of(raw.getvalue().decode())[0]["name"] == "Müsic"


def test_json_survives_a_file_name_of_broken_bytes(
    monkeypatch: pytest.MonkeyPatch, scenario: Path, tmp_path: Path
) -> None:
    svg = os.fsencode(tmp_path) + b"/\xff.svg"
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8"))
    try:
        status = main(["simulate", str(scenario), "--json", "--svg", os.fsdecode(svg)])
    except OSError:  # pragma: no cover
        pytest.skip("the file system takes no such name")
    assert status == 0
    written = lines_of(raw.getvalue().decode())[-1]["written"]["svg"]
    assert os.fsencode(written) == svg


def test_json_of_a_run_that_breaks_off_is_json_all_the_same(run: Run, scenario: Path) -> None:
    with scenario.open("a", encoding="utf-8") as file:
        file.write('[[step]]\nat = 2.0\ndo = "unplug"\nwhat = "hdmi"\n')
    done = run("simulate", scenario, "--json")
    assert done.status == 2
    assert lines_of(done.out)[-1]["kind"] != "end"
    assert done.err.startswith(f"{scenario}:36: 'unplug' failed: ")


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [(), ("--json",)])
@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ('do = "play"', 'do = "plya"', 16, "no action is called 'plya'"),
        ('recipe = "music"', 'recipe = "musik"', 6, "did you mean 'music'"),
        ("at = 3.0", "at = -3.0", 20, "at must be 0 or more"),
        ("[[expect]]", "[[expect]", 25, "is not TOML"),
        ('app = "navigator"', 'app = "pilot"', 21, "no app is called 'pilot'"),
    ],
)
def test_a_scenario_that_cannot_be_read_is_named_with_its_line(
    run: Run,
    scenario: Path,
    options: tuple[str, ...],
    before: str,
    after: str,
    line: int,
    words: str,
) -> None:
    text = scenario.read_text("utf-8")
    assert before in text
    scenario.write_text(text.replace(before, after, 1), "utf-8")
    done = run("simulate", scenario, *options)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"{scenario}:{line}: ")
    assert words in done.err


def test_a_mistyped_file_is_looked_for(run: Run, scenario: Path) -> None:
    done = run("simulate", scenario.with_name("promt.toml"))
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith(f"there is no such file; did you mean {str(scenario)!r}?\n")


def test_a_file_that_is_nothing_like_it_is_not_offered(run: Run, scenario: Path) -> None:
    done = run("simulate", scenario.with_name("party.toml"))
    assert (done.status, done.err) == (
        2,
        f"{scenario.with_name('party.toml')}: there is no such file\n",
    )


def test_a_file_in_no_folder_is_a_message(run: Run, tmp_path: Path) -> None:
    done = run("simulate", tmp_path / "none" / "x.toml")
    assert (done.status, done.err) == (
        2,
        f"{tmp_path / 'none' / 'x.toml'}: there is no such file\n",
    )


def test_a_folder_is_no_scenario(run: Run, tmp_path: Path) -> None:
    done = run("simulate", tmp_path)
    assert done.status == 2
    assert done.err.startswith(f"{tmp_path}: cannot be read")


def test_an_audio_file_of_no_use_is_a_message(run: Run, scenario: Path) -> None:
    (scenario.parent / "song.wav").write_bytes(b"RIFF")
    text = scenario.read_text("utf-8").replace(
        'recipe = "music"', 'recipe = "music"\naudio = "song.wav"'
    )
    scenario.write_text(text, "utf-8")
    done = run("simulate", scenario)
    assert done.status == 2
    song = scenario.parent / "song.wav"
    assert done.err.startswith(f"{scenario}:7: audio: {song}: the file ends too early")


# -- files ---------------------------------------------------------------------------------------


def test_writes_sound_picture_and_stems(run: Run, scenario: Path, tmp_path: Path) -> None:
    wav, svg, stems = tmp_path / "out.wav", tmp_path / "out.svg", tmp_path / "a" / "stems"
    done = run("simulate", scenario, "--wav", wav, "--svg", svg, "--stems", stems)
    assert (done.status, done.err) == (0, "")
    with wave.open(str(wav)) as sound:
        assert sound.getnframes() / sound.getframerate() == pytest.approx(9.0)
    assert svg.read_text("utf-8").startswith("<svg")
    assert sorted(path.name for path in stems.iterdir()) == ["01-music.wav", "02-navigator.wav"]
    files = done.out.partition("expectations hold\n\n")[2].splitlines()
    assert [line.split()[:2] for line in files] == [
        ["sound", str(wav)],
        ["stems", str(stems)],
        ["picture", str(svg)],
    ]


def test_stems_alone_have_their_mix_beside_them(run: Run, scenario: Path, tmp_path: Path) -> None:
    stems = tmp_path / "stems"
    done = run("simulate", scenario, "--stems", stems, "--json")
    assert (stems / "mix.wav").exists()
    assert lines_of(done.out)[-1]["written"] == {"wav": str(stems / "mix.wav"), "stems": str(stems)}


@pytest.mark.parametrize("option", ["--wav", "--svg"])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none/out.{}", "there is no such folder"),
        ("prompt.toml/out.{}", "is not a folder"),
        (".", "is a folder; give the name of a file"),
        ("out.mp3", "must end in .{}"),
        ("prompt.toml", "must end in .{}"),
    ],
)
def test_a_place_that_cannot_be_written_to_is_found_before_the_run(
    run: Run, scenario: Path, option: str, name: str, words: str
) -> None:
    before = scenario.read_bytes()
    name, words = (text.format(option[2:]) for text in (name, words))
    done = run("simulate", scenario, option, scenario.parent / name)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"audiosession: {option} ")
    assert words in done.err
    assert scenario.read_bytes() == before


def test_a_file_that_is_played_is_not_written_over(run: Run, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    with wave.open(str(song), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    before = song.read_bytes()
    scenario = tmp_path / "own.toml"
    scenario.write_text('[[app]]\nid = "music"\naudio = "song.wav"\n', "utf-8")
    done = run("simulate", scenario, "--wav", song)
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith(f"--wav {song}: is a file the scenario reads already\n")
    assert song.read_bytes() == before


def test_stems_need_a_folder(run: Run, scenario: Path) -> None:
    done = run("simulate", scenario, "--stems", scenario)
    assert (done.status, done.out) == (2, "")
    assert "is not a folder" in done.err


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_is_found_before_the_run(run: Run, scenario: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    done = run("simulate", scenario, "--svg", closed / "out.svg")
    assert (done.status, done.out) == (2, "")
    assert "may not be written to" in done.err


def test_a_file_that_fails_while_it_is_written_is_a_message(
    run: Run, scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "out.svg"))

    monkeypatch.setattr("audiosession.scenario.timeline_svg.write_svg", full)
    done = run("simulate", scenario, "--svg", tmp_path / "out.svg", "--json")
    assert done.status == 2
    assert done.err == f"audiosession: {tmp_path / 'out.svg'}: No space left on device\n"
    assert lines_of(done.out)[-1]["kind"] != "end"


def test_a_run_too_long_for_a_wav_file_is_a_message(
    run: Run, scenario: Path, tmp_path: Path
) -> None:
    scenario.write_text("duration = 90000.0\n" + scenario.read_text("utf-8"), "utf-8")
    done = run("simulate", scenario, "--quiet", "--wav", tmp_path / "out.wav")
    assert done.status == 2
    assert "25:00:00 h at 48000 Hz do not fit a WAV file; 6:12:49 h do" in done.err


def test_real_time_takes_as_long_as_the_scenario(
    run: Run, scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("audiosession.scenario.runner.asyncio.sleep", sleep)
    assert run("simulate", scenario, "--quiet").status == 0
    fast = max(waits, default=0.0)
    assert run("simulate", scenario, "--quiet", "--real-time").status == 0
    assert fast == 0.0
    assert max(waits) == pytest.approx(9.0, abs=1.0)


def test_a_long_rendering_shows_a_bar_to_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = [
        _bar(monkeypatch, person=person, wanted=wanted)
        for person, wanted in ((True, True), (True, False), (False, True))
    ]
    assert ["rendering" in text for text in shown] == [True, False, False]


def _bar(monkeypatch: pytest.MonkeyPatch, *, person: bool, wanted: bool) -> str:
    monkeypatch.setattr(outputs, "_SHOW_PROGRESS_AFTER_S", 0.0)
    file = io.StringIO()
    err = Console(file=file, force_terminal=person)
    terminal = Terminal(
        out=err, err=err, file=file, is_tty=False, color=False, unicode=False, width=80
    )
    with outputs._Progress(terminal, wanted=wanted) as progress:
        for part in (0.25, 0.5, 1.0):
            progress(part)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())
