from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from audiosession.scenario.recording import (
    SILENCE_DB,
    Clip,
    GainChange,
    HoldSpan,
    Marker,
    Recording,
    StandingChange,
    Track,
)
from audiosession.scenario.timeline_text import LivePrinter, render_text


def a_call() -> Recording:
    """Return music that is lowered from 10 s on and paused by a call from 20 s to 30 s."""
    music = Track(
        app="music",
        name="Music",
        role="music",
        clips=[
            Clip(start_s=0, end_s=20, audio=Path("a.flac")),
            Clip(start_s=30, end_s=35, audio=Path("a.flac")),
        ],
        gains=[
            GainChange(at_s=10, layer="hold", from_db=0, to_db=-14, ramp_s=0, cause="navigator"),
            GainChange(at_s=30, layer="hold", from_db=-14, to_db=SILENCE_DB, ramp_s=0),
        ],
        standings=[
            StandingChange(at_s=0, standing="active"),
            StandingChange(at_s=20, standing="interrupted"),
            StandingChange(at_s=30, standing="active"),
            StandingChange(at_s=36, standing="inactive"),
        ],
        holds=[
            HoldSpan(start_s=10, end_s=20, cause="navigator", kind="duck", rule="r"),
            HoldSpan(start_s=20, end_s=30, cause="phone", kind="pause", rule="r"),
        ],
    )
    phone = Track(app="phone", name="Phone", role="call", system=True)
    return Recording(
        title="A call",
        duration_s=40,
        tracks=[music, phone],
        markers=[Marker(at_s=30, text="call ends"), Marker(at_s=20, text="call comes")],
    )


def row(text: str, name: str) -> str:
    """Return the cells of an app: a label of seven columns stands before them."""
    line = next(line for line in text.splitlines() if line.startswith(name))
    return line[7:]


def test_a_row_shows_level_interruption_silence_and_rest() -> None:
    text = render_text(a_call(), width=47, color=False)

    assert row(text, "Music") == "█" * 10 + "▅" * 10 + "░" * 10 + "─" * 6 + "·" * 4
    assert row(text, "Phone") == "·" * 40


def test_the_ascii_variant_draws_in_ascii_and_leaves_names_alone() -> None:
    recording = a_call()
    recording.tracks[1].name = "Téléphone"
    text = render_text(recording, width=51, color=False, unicode=False)

    assert text.replace("Téléphone", "").isascii()
    assert "8" * 10 + "5" * 10 + "x" * 10 + "-" * 6 + "." * 4 in text
    assert "Téléphone" in text
    assert "Music ducked to -14 dB by" in text


def test_a_sound_shorter_than_a_column_is_shown() -> None:
    ping = Track(
        app="p", name="Ping", role="ping", clips=[Clip(start_s=100, end_s=100.2, audio=Path("p"))]
    )
    text = render_text(Recording(title="", duration_s=3600, tracks=[ping]), color=False)

    assert text.count("█") == 2, "one in the row and one in the key"


def test_markers_have_letters_below_their_column_and_are_listed_in_order_of_time() -> None:
    lines = render_text(a_call(), width=47, color=False).splitlines()

    letters = next(line for line in lines if re.fullmatch(r" +a +b", line))
    assert (letters.index("a") - 7, letters.index("b") - 7) == (20, 30)
    assert [line for line in lines if "call " in line] == [
        "a    20.0 s  call comes",
        "b    30.0 s  call ends",
    ]


def test_the_ruler_ticks_stand_above_their_column() -> None:
    lines = render_text(a_call(), width=47, color=False).splitlines()

    axis = next(line for line in lines if "┬" in line)
    labels = lines[lines.index(axis) - 1]
    assert [index - 7 for index, char in enumerate(axis) if char == "┬"] == [0, 10, 20, 30, 39]
    assert labels.split("s") == ["       0 ", "       10 ", "      20 ", "      30 ", "  40 ", ""]


def test_holds_are_told_with_holder_level_and_times() -> None:
    text = render_text(a_call(), color=False)

    assert "10.0 s to 20.0 s  Music ducked to \N{MINUS SIGN}14 dB by navigator" in text
    assert "20.0 s to 30.0 s  Music paused by Phone" in text


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_is_wider_than_asked(width: int) -> None:
    recording = a_call()
    recording.title = "long " * 50
    recording.tracks[0].name = "An app with a long name, for the wide " * 5
    recording.markers.append(Marker(at_s=1, text="words " * 50))

    lines = render_text(recording, width=width, color=False).splitlines()

    assert max(map(len, lines)) == width


def test_the_key_names_every_sign_even_on_a_narrow_terminal() -> None:
    text = render_text(a_call(), width=40, color=False)

    for words in ("█ level up to 0 dB", "─ silent", "· inactive", "░ interrupted"):
        assert words in text


def test_wide_letters_take_two_columns() -> None:
    recording = a_call()
    recording.tracks[1].name = "日本語"
    lines = render_text(recording, width=48, color=False).splitlines()

    assert next(line for line in lines if "日" in line) == "日本語  " + "·" * 40


def test_colour_changes_nothing_but_codes() -> None:
    plain = render_text(a_call(), color=False)
    coloured = render_text(a_call(), color=True)

    assert "\x1b" not in plain
    assert "\x1b[31m" + "░" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


def test_names_cannot_smuggle_codes_into_the_terminal() -> None:
    recording = a_call()
    recording.title = recording.tracks[0].name = "\x1b]0;gotcha\x07\n\x9b31m"
    recording.markers[0] = Marker(at_s=1, text="\r\x1b[2J")
    text = render_text(recording, color=False)

    assert all(char == "\n" or char.isprintable() for char in text)


def test_a_recording_of_no_length_has_empty_rows() -> None:
    recording = a_call()
    recording.duration_s = 0
    lines = render_text(recording, color=False).splitlines()

    assert "Music" in lines
    assert "Phone" in lines


def test_many_markers_and_holds_are_counted_not_listed() -> None:
    recording = a_call()
    recording.markers = [Marker(at_s=i / 10, text="click") for i in range(300)]
    recording.tracks[0].holds *= 50
    text = render_text(recording, color=False)

    assert "+ 248 more" in text
    assert "and 76 more holds" in text
    assert len(text.splitlines()) < 100


def test_a_terminal_too_narrow_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 40"):
        render_text(a_call(), width=39, color=False)


def test_an_impossible_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="duration_s"):
        render_text(Recording(title="Odd", duration_s=-1), color=False)


def test_live_lines_are_aligned() -> None:
    file = io.StringIO()
    live = LivePrinter(file)
    live.event(12, "Navigator", "begins to speak", "app")
    live.event(123.44, "日本", "is ducked", "duck")
    live.event(5, "", "call comes", "device")

    assert file.getvalue().splitlines() == [
        "  12.0s  Navigator    begins to speak",
        " 123.4s  日本         is ducked",
        "   5.0s               call comes",
    ]


def test_live_lines_have_colour_only_if_told_so_and_never_codes_from_names() -> None:
    plain, coloured = io.StringIO(), io.StringIO()
    for file, color in ((plain, False), (coloured, True)):
        live = LivePrinter(file, color=color)
        live.event(1, "A\x1b[31m", "is\npaused", "pause")
        live.event(2, "A", "shrugs", "unheard of")

    assert "\x1b" not in plain.getvalue()
    assert "\x1b[31mis paused\x1b[0m" in coloured.getvalue()
    assert len(coloured.getvalue().splitlines()) == 2
    assert coloured.getvalue().splitlines()[1] == plain.getvalue().splitlines()[1]
