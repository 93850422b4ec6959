"""The level meter, and what is seen of a recording."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from rich.console import Console

from audiosession.capture.errors import AVError, CaptureError
from audiosession.cli.meter import FLOOR_DB, SILENT_DB, ChannelLevel, meter
from audiosession.cli.recording import (
    Finished,
    Progress,
    Show,
    clock,
    screen,
    show_on,
    size,
    summary,
)
from audiosession.cli.terminal import Terminal

OUT = Path("day.mkv")
DEVICES: Mapping[str, str] = {"audio": "Desk microphone", "video": "Test pattern"}
LOUD = ChannelLevel(-6.0, -3.02)
QUIET = ChannelLevel(-160.0, -160.0)


def terminal(*, width: int = 60, unicode: bool = True, color: bool = False) -> Terminal:
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=True,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    return Terminal(
        out=console,
        err=console,
        file=file,
        is_tty=True,
        color=color,
        unicode=unicode,
        width=width,
    )


def drawn(progress: Progress, *, where: Terminal, interrupted: str = "") -> list[str]:
    where.out.print(screen(OUT, DEVICES, progress, where, interrupted=interrupted))
    assert isinstance(where.file, io.StringIO)
    return where.file.getvalue().splitlines()


def bar(level: ChannelLevel, *, unicode: bool = True) -> str:
    (line,) = meter((level,), terminal(unicode=unicode))
    return line.plain.split(" ")[1]


def test_a_bar_is_as_long_as_it_is_loud() -> None:
    levels = (FLOOR_DB - 1, FLOOR_DB, -45.0, -30.0, -15.0, 0.0, 6.0)
    filled = [bar(ChannelLevel(db, db)).count("█") for db in levels]
    assert filled == sorted(filled)
    assert filled[:2] == [0, 0]
    wide = len(bar(QUIET))
    assert filled[3] == round(wide / 2)
    assert filled[-2:] == [wide, wide]


def test_the_peak_is_marked_where_the_bar_does_not_reach() -> None:
    marked = bar(ChannelLevel(-40.0, -10.0))
    assert marked.index("▎") > marked.rindex("█")
    assert "▎" not in bar(ChannelLevel(-10.0, -10.0))
    assert "▎" not in bar(QUIET)


def test_without_unicode_the_meter_is_ascii() -> None:
    lines = drawn(
        Progress(seconds=1.0, size=1, levels=(LOUD, QUIET)), where=terminal(unicode=False)
    )
    assert all(line.isascii() for line in lines)
    assert "#" in bar(LOUD, unicode=False)


@pytest.mark.parametrize(
    ("count", "names"),
    [(1, ["mono"]), (2, ["left", "right"]), (3, ["1", "2", "3"]), (0, [])],
)
def test_every_channel_has_its_bar(count: int, names: list[str]) -> None:
    lines = meter((LOUD,) * count, terminal())
    assert [line.plain.split(" ")[0] for line in lines] == names


@pytest.mark.parametrize("width", [40, 60, 200])
@pytest.mark.parametrize("level", [LOUD, QUIET, ChannelLevel(-99.9, -99.9)])
def test_a_line_is_as_wide_as_the_terminal(width: int, level: ChannelLevel) -> None:
    for line in meter((level, level), terminal(width=width)):
        assert len(line.plain) == width


@pytest.mark.parametrize(
    ("db", "figure"), [(-3.02, "\N{MINUS SIGN}3 dB"), (0.0, "0 dB"), (SILENT_DB, "silent")]
)
def test_the_figure_is_the_peak(db: float, figure: str) -> None:
    (line,) = meter((ChannelLevel(-160.0, db),), terminal())
    assert line.plain.endswith(f" {figure}")


def test_what_is_too_loud_is_red() -> None:
    def styles(db: float) -> set[str]:
        (line,) = meter((ChannelLevel(db, db),), terminal())
        return {str(span.style) for span in line.spans} - {"dim"}

    assert styles(-20.0) == {"green"}
    assert styles(-6.0) == {"green", "yellow"}
    assert styles(0.0) == {"green", "yellow", "red"}


def test_the_screen_says_what_how_long_and_how_to_end_it() -> None:
    lines = drawn(Progress(seconds=62.34, size=2_300_000, levels=(LOUD,)), where=terminal())
    assert lines[0] == "recording day.mkv  1:02.3  2.3 MB"
    assert lines[-1] == "from Desk microphone and Test pattern; Ctrl-C ends it"


def test_the_screen_says_what_is_wrong() -> None:
    lines = drawn(
        Progress(seconds=1.0, size=10, dropped=1), where=terminal(), interrupted="by a call"
    )
    assert lines == [
        "recording day.mkv  0:01.0  10 bytes  1 picture dropped",
        "interrupted: by a call",
    ]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0:00.0"), (9.99, "0:09.9"), (60.0, "1:00.0"), (3723.45, "1:02:03.4")],
)
def test_the_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (2_345_678, "2.3 MB"),
        (10**16, "10000.0 TB"),
    ],
)
def test_the_size(number: int, shown: str) -> None:
    assert size(number) == shown


def test_the_summary_names_the_file_and_what_is_missing() -> None:
    done = Finished(path=OUT, progress=Progress(seconds=12.34, size=4000, dropped=2))
    assert summary(done) == "day.mkv  (12.3 s, 4.0 kB, 2 pictures dropped)"


def play(show: Show) -> None:
    """A short recording with an interruption, shown."""
    show.started(DEVICES)
    for half in range(3):
        show.progress(Progress(seconds=half / 2, size=half * 100, levels=(LOUD,)))
    show.interrupted("AudioDeviceInUseByAnotherClient", "by a call")
    show.goes_on()
    error = CaptureError(AVError.DISK_FULL)
    show.finished(Finished(path=OUT, progress=Progress(seconds=1.1, size=1100), error=error))


def test_json_lines_tell_everything(capsys: pytest.CaptureFixture[str]) -> None:
    with show_on(OUT, as_json=True) as show:
        play(show)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"type": "started", "path": "day.mkv", "devices": DEVICES}
    told = [line for line in lines if line["type"] == "progress"]
    assert [line["seconds"] for line in told] == [0.0, 0.5, 1.0]
    assert told[1]["levels"] == [{"average_db": -6.0, "peak_db": -3.0}]
    assert lines[-3:-1] == [
        {
            "type": "interrupted",
            "reason": "AudioDeviceInUseByAnotherClient",
            "because": "by a call",
        },
        {"type": "resumed"},
    ]
    end = lines[-1]
    assert (end["type"], end["seconds"], end["bytes"]) == ("finished", 1.1, 1100)
    assert end["error"]["code"] == AVError.DISK_FULL.value
    assert "AVErrorDiskFull" in end["error"]["message"]


def test_a_log_gets_a_line_for_each_thing_and_no_meter(capsys: pytest.CaptureFixture[str]) -> None:
    with show_on(OUT, as_json=False) as show:
        play(show)
    assert capsys.readouterr().out.splitlines() == [
        "recording Desk microphone and Test pattern to day.mkv; Ctrl-C ends it",
        "interrupted: by a call",
        "goes on",
        "day.mkv  (1.1 s, 1.1 kB)",
    ]


def test_on_a_terminal_the_meter_goes_and_the_summary_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with show_on(OUT, as_json=False) as show:
        play(show)
    out = capsys.readouterr().out
    assert "interrupted: by a call" in out
    assert "day.mkv  (1.1 s, 1.1 kB)" in out.splitlines()[-1]
