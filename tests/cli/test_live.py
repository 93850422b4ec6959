"""The lines that say what happens, word for word."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from audiosession.cli.live import Live as LiveObserver
from audiosession.cli.terminal import Terminal
from audiosession.core.claims import Claim, Press, Role
from audiosession.core.effects import (
    Delayed,
    Effect,
    GainChanged,
    Granted,
    HoldKind,
    HoldLifted,
    HoldPlaced,
    Standing,
    StandingChanged,
    Stopped,
)
from audiosession.core.events import Activate, CloseSession, Deactivate, Event, Tick

from .conftest import Run

APPS = "duration = 20.0\n" + "".join(
    f'[[app]]\nid = "{name.lower()}"\nname = "{name}"\nrecipe = "{recipe}"\n'
    for name, recipe in (
        ("Music", "music"),
        ("Podcast", "speech"),
        ("Navigator", "navigation_prompt"),
        ("Reader", "screen_reader"),
        ("Game", "game"),
        ("Call", "voice_call"),
    )
)
Live = Callable[[str], list[str]]


@pytest.fixture
def live(run: Run, tmp_path: Path) -> Live:
    """Runs steps, one a line (``at app: do, key = value``), and returns the lines printed.

    What happens at 0 s is left out, and runs of blanks are one.
    """

    def call(steps: str) -> list[str]:
        path = tmp_path / "live.toml"
        path.write_text(APPS + "".join(map(_step, steps.strip().splitlines())), "utf-8")
        done = run("simulate", path)
        assert (done.status, done.err) == (0, "")
        printed = done.out.partition("\n\nlive\n")[0].splitlines()
        return [" ".join(line.split()) for line in printed if not line.startswith("   0.0s")]

    return call


def _step(line: str) -> str:
    found = re.fullmatch(r"\s*(\S+) ?(\w*): ([^,]+)((?:, .*)?)", line)
    assert found, line
    at, app, do, arguments = found.groups()
    step = f'[[step]]\nat = {at}\ndo = "{do}"\n' + arguments.replace(", ", "\n").strip() + "\n"
    return step + (f'app = "{app}"\n' if app else "")


def test_apps_say_at_first_what_they_are_for(run: Run, scenario: Path) -> None:
    assert run("simulate", scenario).out.splitlines()[:2] == [
        "   0.0s  Music     configures: music (takes over)",
        "   0.0s  Navigator configures: prompt (lowers others, pauses speech)",
    ]


def test_a_duck_from_its_cause_to_its_end(live: Live) -> None:
    assert live("1.0 music: play\n2.0 navigator: say, seconds = 1.0") == [
        "1.0s Music asks to sound: music (takes over): granted",
        "1.0s Music plays",
        "2.0s Navigator asks to sound: prompt (lowers others, pauses speech): granted",
        "2.0s Music lowered to -14 dB by Navigator in 0.12 s (music-goes-lower): music is "
        "lowered under speech and short sounds, and comes back after",
        "2.0s Music hears: begin duck",
        "2.1s Navigator plays",
        "3.1s Navigator stops playing",
        "3.1s Navigator gives the audio up",
        "3.1s Music let go by Navigator, back to 0 dB in 0.5 s (deactivated): whoever held it "
        "gave up its claim",
        "3.1s Music hears: end duck",
    ]


def test_a_pause_and_its_end(live: Live) -> None:
    lines = live("1.0 podcast: play\n2.0 navigator: say, seconds = 1.0")
    assert "2.0s Podcast hears: begin pause" in lines
    assert any(line.startswith("2.0s Podcast paused by Navigator in 0.12 s (") for line in lines)
    assert lines[-2:] == [
        "3.0s Podcast hears: end pause, may go on",
        "3.0s Podcast plays from 1.0 s",
    ]


def test_one_who_takes_over_stops_the_other(live: Live) -> None:
    lines = live("1.0 music: play\n2.0 podcast: play")
    assert any(line.startswith("2.0s Music stopped by Podcast (last-in-stops)") for line in lines)
    assert "2.0s Music hears: begin unknown" in lines


def test_of_two_holders_the_one_that_stays_is_named(live: Live) -> None:
    lines = live(
        """1.0 music: play
        2.0 navigator: say, seconds = 3.0
        3.0 reader: say, seconds = 4.0"""
    )
    told = [line.partition(" (")[0] for line in lines if line.split()[1] == "Music"]
    assert told[2:] == [
        "2.0s Music lowered to -14 dB by Navigator in 0.12 s",
        "2.0s Music hears: begin duck",
        "3.0s Music also lowered to -14 dB by Reader",
        "5.1s Music let go by Navigator, still held by Reader",
        "7.1s Music let go by Reader, back to 0 dB in 0.5 s",
        "7.1s Music hears: end duck",
    ]


def test_a_call_in_words(live: Live) -> None:
    lines = live(
        """1.0 music: play
        2.0: ring, call = "Mum"
        3.0: accept, call = "Mum"
        4.0: hang up, call = "Mum\""""
    )
    for line in (
        "2.0s call from Mum",
        "2.0s Phone asks to sound: ringtone (pauses others): granted",
        "2.0s Music stops playing",
        "3.0s Phone asks to sound: call (pauses others): granted",
        "4.0s call from Mum over",
        "4.0s Music hears: end pause, may go on",
    ):
        assert line in lines
    assert not any("closes its session" in line for line in lines)


def test_one_who_is_refused_or_lowered_on_arrival(live: Live) -> None:
    lines = live(
        """1.0: ring, call = "Mum"
        2.0: accept, call = "Mum"
        3.0 call: activate
        4.0 navigator: say, seconds = 1.0"""
    )
    assert any(line.startswith("3.0s Call asks to sound: call: refused (") for line in lines)
    assert any(line.startswith("4.0s Navigator lowered to -14 dB by Phone in ") for line in lines)


def test_levels_of_user_and_switch(live: Live) -> None:
    assert live(
        """1.0 music: play
        2.0 music: volume, to = 0.5
        3.0: volume, to = 0.5
        4.0 game: play
        5.0: silent switch, on = true
        6.0: silent switch, on = false"""
    )[2:] == [
        "2.0s Music sets its volume to -6 dB",
        "3.0s volume 8 of 16",
        "4.0s Game asks to sound: game (mixes): granted",
        "4.0s Game plays",
        "5.0s ring switch: silent",
        "5.0s Game silenced by switch, lock or background",
        "6.0s ring switch: ring",
        "6.0s Game may be heard again",
    ]


def test_the_death_of_an_app(live: Live) -> None:
    lines = live("1.0 music: play\n2.0 navigator: say, seconds = 9.0\n3.0 navigator: kill")
    assert "3.0s Navigator is killed" in lines
    assert any(
        line.startswith("3.0s Music let go by Navigator, back to 0 dB in 0.5 s (client-gone)")
        for line in lines
    )


def test_a_name_with_escape_codes_cannot_paint(run: Run, scenario: Path) -> None:
    text = scenario.read_text("utf-8").replace('"Music"', r'"[red]M\u001b[31m"')
    scenario.write_text(text, "utf-8")
    done = run("simulate", scenario)
    assert "\x1b" not in done.out
    assert "[red]M" in done.out


@pytest.mark.parametrize(
    ("columns", "duck"),
    [
        (80, "Navigator in 0.12 s (music-goes-lower)\n"),
        (140, "Navigator (music-goes-lower): music is lowered under speech"),
    ],
)
def test_a_terminal_gets_colour_blocks_and_no_line_too_long(
    scenario: Path, columns: int, duck: str
) -> None:
    printed = _in_terminal(columns, "simulate", str(scenario))
    assert "\x1b[33m" in printed
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) <= columns
    assert "\N{FULL BLOCK}" * 3 in plain
    assert f"lowered to \N{MINUS SIGN}14 dB by {duck}" in plain


def test_a_terminal_that_wants_no_colour_gets_none(
    scenario: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    printed = _in_terminal(80, "simulate", str(scenario))
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", printed)
    assert "\N{FULL BLOCK}" in printed


def _in_terminal(columns: int, *argv: str) -> str:
    """What the command prints in a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONIOENCODING": "utf-8",
        "TERM": "xterm-256color",
        "COLUMNS": str(columns),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "audiosession", *argv], stdout=theirs, env=environment
    ) as process:
        os.close(theirs)
        printed = b""
        # The end of a terminal is an error on Linux and nothing more to read elsewhere.
        try:
            while block := os.read(ours, 65536):
                printed += block
        except OSError:
            pass
        os.close(ours)
        assert process.wait(timeout=30) == 0
    return printed.decode().replace("\r\n", "\n")


# -- what scenarios seldom do --------------------------------------------------------------------

CLAIM = Claim(role=Role.MUSIC, press=Press.STOP)
RULED = {"cause": "nav", "rule": "r"}


@pytest.mark.parametrize(
    ("event", "effects", "expected"),
    [
        (
            Activate(session="music", claim=CLAIM),
            [Delayed(session="music", **RULED)],
            ["Music asks to sound: music: has to wait (r): why"],
        ),
        (
            CloseSession(session="nav"),
            [Granted(session="music", late=True, **RULED)],
            ["Nav closes its session", "Music granted after waiting (r): why"],
        ),
        (
            Tick(),
            [GainChanged(session="music", from_db=0.0, to_db=-120.0, ramp_s=2.0, **RULED)],
            ["Music goes to silence (r): why"],
        ),
        (
            Tick(),
            [HoldPlaced(session="music", kind=HoldKind.DUCK, level_db=-120.0, **RULED)],
            ["Music silenced by Nav (r): why"],
        ),
        (
            Tick(),
            [
                HoldLifted(session="music", kind=HoldKind.DUCK, **RULED),
                HoldPlaced(session="music", kind=HoldKind.PAUSE, level_db=-120.0, **RULED),
            ],
            ["Music paused by Nav (r): why"],
        ),
        (
            Deactivate(session="music", notify_others=False),
            [
                HoldLifted(session="music", kind=HoldKind.DUCK, cause="system", rule="r"),
                GainChanged(session="music", from_db=-14.0, to_db=0.0, ramp_s=0.5, **RULED),
                StandingChanged(
                    session="music", before=Standing.DUCKED, after=Standing.INACTIVE, **RULED
                ),
            ],
            ["Music gives the audio up, without telling others"],
        ),
        (
            Tick(),
            [Stopped(session="music", cause="system", rule="r", told=True)],
            ["Music stopped by the system (r): why"],
        ),
    ],
)
def test_decisions_in_words(event: Event, effects: list[Effect], expected: list[str]) -> None:
    live, lines = _watched()
    live.decided(1.0, event, tuple(effects))
    assert lines() == expected


def test_a_call_of_the_api_that_no_decision_tells_of() -> None:
    live, lines = _watched()
    live.called(1.0, "music", "activate: granted")
    live.called(1.0, "music", "asks for the devices")
    assert lines() == ["Music asks for the devices"]


def _watched() -> tuple[LiveObserver, Callable[[], list[str]]]:
    """An observer that knows two apps, and the lines it printed, without their times."""
    file = io.StringIO()
    console = Console(file=file)
    terminal = Terminal(
        out=console, err=console, file=file, is_tty=False, color=False, unicode=False, width=80
    )
    live = LiveObserver(terminal, ["Music", "Nav"], lambda rule: "why")
    live.app_added(0.0, "music", "Music", system=False)
    live.app_added(0.0, "nav", "Nav", system=False)
    return live, lambda: [" ".join(line.split()[1:]) for line in file.getvalue().splitlines()]
