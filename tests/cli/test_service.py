"""The commands that ask the service, with one that always says the same."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audiosession.cli import access
from audiosession.cli.left import Left
from audiosession.core.codec import to_plain
from audiosession.errors import HostUnavailableReason
from audiosession.service.ledger import Ledger
from audiosession.service.servers.choose import PLAYERS, ROUTES, ledger_path

from .conftest import Run
from .service_kit import (
    EMPTY,
    ENDPOINTS,
    METER,
    MUSIC,
    SESSION,
    STATUS,
    WHY,
    FakeClient,
    unavailable,
)

Serve = Callable[..., list[bool]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Has the commands find this client, or this error; notes whether they would start it."""

    def install(found: FakeClient | Exception) -> list[bool]:
        asked: list[bool] = []

        async def open_client(*, start: bool) -> access.Client:
            asked.append(start)
            if isinstance(found, Exception):
                raise found
            return found

        monkeypatch.setattr(access, "open_client", open_client)
        return asked

    return install


STOPPED = unavailable(HostUnavailableReason.NO_SERVICE)


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_status_fits_and_says_who_lowers_whom(run: Run, serve: Serve) -> None:
    client = FakeClient()
    asked = serve(client)
    done = run("status")
    assert (done.status, done.err, asked, client.closed) == (0, "", [False], True)
    assert max(map(len, lines(done.out))) <= 80
    row = next(line for line in lines(done.out) if "lowered by navigator" in line)
    assert "mpv" in row
    assert "-14 dB" in row
    assert "music, by rule" in row
    assert "up 2 h 4 min" in done.out
    assert "PipeWire: connected, 0.3.65" in done.out


def test_status_of_a_quiet_machine(run: Run, serve: Serve) -> None:
    serve(FakeClient(status=EMPTY))
    done = run("status")
    assert "No app has a session.\n" in done.out
    assert "No program plays or records.\n" in done.out


def test_status_shows_what_is_wrong(run: Run, serve: Serve) -> None:
    server = replace(EMPTY.servers[0], up=False, detail="connection refused")
    wrong = replace(EMPTY, servers=(server,), rule_errors=("policy.toml:3: no recipe 'musik'",))
    serve(FakeClient(status=wrong))
    out = run("status").out
    assert "PipeWire: not connected, connection refused" in out
    assert "rules: policy.toml:3: no recipe 'musik'" in out


def test_status_as_json_is_the_report(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    done = run("status", "--json")
    assert json.loads(done.out) == {"running": True, **to_plain(STATUS)}


@pytest.mark.parametrize("command", ["status", "why"])
def test_what_only_looks_starts_nothing(run: Run, serve: Serve, command: str) -> None:
    asked = serve(STOPPED)
    done = run(command)
    assert (done.status, asked) == (4, [False])
    assert "not running" in done.out
    assert f"audiosession {command} --start" in done.out
    left = {"running": False, **Left().plain()}
    assert json.loads(run(command, "--json").out) == left
    assert left["left_lowered"] == 0


@pytest.mark.parametrize("command", ["status", "why"])
def test_what_a_crash_left_lowered_is_told(
    run: Run, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    serve(STOPPED)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    Ledger(ledger_path("pipewire")).put_all({"a": {"volume": 1}, "b": {"volume": 2}})
    Ledger(ledger_path(PLAYERS)).put_all({"mpris::1.7": {"bus": "1"}})
    done = run(command)
    assert done.status == 4
    assert "A crash left 2 volumes lowered and 1 player paused." in done.out
    assert "audiosession reset" in done.out
    assert "nothing is lowered" not in done.out
    left = {"running": False, **Left(volumes=2, players=1).plain()}
    assert json.loads(run(command, "--json").out) == left


def test_what_a_crash_left_elsewhere_is_told(
    run: Run, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(STOPPED)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    # As the service writes them: a stream of PulseAudio is in two ledgers.
    Ledger(ledger_path("pulseaudio")).put_all(
        {
            "pulseaudio:12:playback:7": {"volume": [1]},
            "pulseaudio-move:12:playback:7": {"home": "a"},
            "pulseaudio-move:12:playback:8": {"home": "a"},
        }
    )
    Ledger(ledger_path(ROUTES)).put_all(
        {
            "stream:pulseaudio:playback-7": {},
            "stream:pipewire:57": {},
            "profile:pulseaudio:bluez_card.00_11": {},
            "port:pulseaudio:playback:alsa_output.b": {},
            "port:pulseaudio:capture:alsa_input.a:x\x1b": {},
            "unheard of": {},
        }
    )
    told = " ".join(run("status").out.split())
    assert (
        "A crash left 1 volume lowered, 3 streams moved, 1 profile switched (bluez_card.00_11)"
        " and 2 ports switched (alsa_input.a:x"
    ) in told
    assert "\x1b" not in told
    assert json.loads(run("status", "--json").out) == {
        "running": False,
        "left_lowered": 1,
        "left_paused": 0,
        "left_moved": 3,
        "left_profiles": ["bluez_card.00_11"],
        "left_ports": ["alsa_input.a:x\x1b", "alsa_output.b"],
    }


def test_two_of_one_name_are_told_apart(run: Run, serve: Serve) -> None:
    second = replace(STATUS.sessions[0], id="s9", pid=5001, streams=("pipewire:99",))
    stream = replace(STATUS.streams[0], id="pipewire:99", pid=5001, session="s9")
    sessions, streams = (*STATUS.sessions, second), (*STATUS.streams, stream)
    serve(FakeClient(status=replace(STATUS, sessions=sessions, streams=streams)))
    # Narrow columns go on in a line below.
    out = "".join(run("status").out.split())
    for pid in (4711, 5001):
        assert f"(pid{pid})" in out
    serve(FakeClient())
    assert "(pid" not in run("status").out


def test_an_app_that_has_not_asked_is_for_nothing_yet(run: Run, serve: Serve) -> None:
    asleep = replace(STATUS.sessions[0], role="", press="", standing="inactive", holds=())
    serve(FakeClient(status=replace(STATUS, sessions=(asleep,))))
    out = run("status").out
    assert "has not asked yet" in out
    assert "by rule" not in out


def test_no_line_ends_with_blanks(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    for command in ("status", "why", "devices"):
        out = lines(run(command).out)
        assert [line for line in out if line != line.rstrip()] == []


@pytest.mark.parametrize("command", ["status", "why"])
def test_unless_it_is_told_to(run: Run, serve: Serve, command: str) -> None:
    asked = serve(FakeClient())
    assert run(command, "--start").status == 0
    assert asked == [True]


@pytest.mark.parametrize("command", ["devices", "monitor", "reset"])
def test_what_needs_the_service_starts_it(run: Run, serve: Serve, command: str) -> None:
    asked = serve(unavailable(HostUnavailableReason.NO_SOUND_SERVER))
    done = run(command)
    assert (done.status, done.out, asked) == (2, "", [True])
    assert done.err == "audiosession: no sound server answers: as the test wants it\n"


def test_a_service_that_does_not_answer_is_no_service_that_is_not_there(
    run: Run, serve: Serve
) -> None:
    serve(unavailable(HostUnavailableReason.TIMED_OUT))
    done = run("status")
    assert (done.status, done.out) == (2, "")
    assert "did not answer in time" in done.err


@pytest.mark.parametrize("words", ["status", "reset", "duck -- true"])
def test_without_the_extra_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("audiosession.hosts.linux")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dbus_fast", None)
    done = run(*words.split())
    assert (done.status, done.out) == (3, "")
    assert "pip install 'audiosession[linux]'" in done.err


def test_service_status_is_status(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    assert run("service", "status").out == run("status").out


def test_names_of_apps_cannot_reach_the_terminal(run: Run, serve: Serve) -> None:
    evil = "mp\x1b[2Jv\nx"
    session = replace(SESSION, app=evil, holds=(replace(SESSION.holds[0], by_app=evil),))
    stream = replace(MUSIC, app=evil, title=evil, tied_by=f"rule {evil}", rule_source=evil)
    status = replace(STATUS, sessions=(session,), streams=(stream,))
    why = replace(WHY, sessions=(session,), streams=(stream,))
    endpoint = replace(ENDPOINTS[0], name=evil)
    serve(FakeClient(status, why, [endpoint]))
    for command in ("status", "why", "devices"):
        out = run(command).out
        assert "\x1b" not in out
        assert "[2Jv" in out


# -- why -----------------------------------------------------------------------------------------


def test_why_names_holder_age_rule_and_reason(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    done = run("why")
    assert done.status == 0
    assert max(map(len, lines(done.out))) <= 80
    for words in (
        "lowered to -14 dB by navigator for 3.2 s (by its level)",
        "rule long-form/ducker: Music goes on below a prompt.",
        "volume 80 % by the user; system -6.2 dB, going to -14 dB",
        "tied by rule mpv (/home/anna/.config/audiosession/policy.toml:12)",
        "paused by navigator for 1 min 12 s (through its player)",
        "left alone by rule level meters (rules.toml:8)",
        "tied by its property audiosession.id",
        "keeps 2 others lowered or paused",
        "routed to Speaker and Micro",
        "1 h 23 min ago  mpv asks for the audio, as music: granted",
    ):
        assert words in done.out


def test_why_of_one_app(run: Run, serve: Serve) -> None:
    client = FakeClient()
    serve(client)
    done = run("why", "mpv")
    assert client.calls == ["why mpv"]
    assert "VLC" not in done.out


def test_why_of_an_app_that_is_not_there(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    done = run("why", "mvp")
    assert (done.status, done.out) == (2, "")
    assert "did you mean 'mpv'?" in done.err


def test_why_of_nothing(run: Run, serve: Serve) -> None:
    serve(FakeClient(why=replace(WHY, sessions=(), streams=(), history=())))
    assert run("why").out == "No app has a session, and no program plays or records.\n"


def test_why_names_the_volume_of_a_stream_type(run: Run, serve: Serve) -> None:
    streams = tuple(replace(each, stream_volume_db=-13.5) for each in WHY.streams)
    serve(FakeClient(why=replace(WHY, streams=streams)))
    assert "its Android stream type's volume: -13.5 dB" in run("why").out


def test_why_as_json_is_the_report(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    assert json.loads(run("why", "--json").out) == {"running": True, **to_plain(WHY)}


def test_a_long_history_shows_its_end(run: Run, serve: Serve) -> None:
    history = tuple(
        replace(WHY.history[0], number=n, ago_s=100.0 - n, text=f"number {n}") for n in range(50)
    )
    serve(FakeClient(why=replace(WHY, history=history)))
    out = run("why").out
    assert "30 earlier; see --history" in out
    assert "number 29" not in out
    assert "number 30" in out
    numbers = [49 - n for n in range(20)][::-1]
    told = json.loads(run("why", "--json").out)["history"]
    assert [decision["number"] for decision in told] == numbers
    for count, shown in (("3", [47, 48, 49]), ("0", []), ("99", list(range(50)))):
        told = json.loads(run("why", "--json", "--history", count).out)["history"]
        assert [decision["number"] for decision in told] == shown
    assert "what happened" not in run("why", "--history", "0").out
    assert "earlier" not in run("why", "--history", "99").out
    done = run("why", "--history", "-1")
    assert (done.status, "--history must be 0 or more" in done.err) == (2, True)


def test_a_stream_without_a_rule_is_tied_by_its_role(run: Run, serve: Serve) -> None:
    stream = replace(STATUS.streams[0], tied_by="rule stream role", rule_source="")
    serve(FakeClient(why=replace(WHY, streams=(stream,))))
    assert "tied by its media.role\n" in run("why").out


# -- devices, reset ------------------------------------------------------------------------------


def test_devices_show_outputs_first_and_the_default(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    out = run("devices").out
    assert max(map(len, lines(out))) <= 80
    assert out.index("Speakers") < out.index("Headphones") < out.index("Microphone")
    assert any("default" in line for line in lines(out) if "Speakers" in line)
    assert any("unplugged" in line for line in lines(out) if "wiredHeadphones" in line)


def test_devices_are_in_use_where_something_sounds(run: Run, serve: Serve) -> None:
    screen = replace(ENDPOINTS[1], id="screen", name="Screen", default=False)
    elsewhere = replace(MUSIC, endpoint="screen", server="pulseaudio")
    for streams, state in (
        ((), "available"),
        ((MUSIC,), "available"),
        ((replace(MUSIC, endpoint="screen"),), "in use"),
        ((replace(MUSIC, endpoint="screen", playing=False),), "available"),
        # What listens to a monitor plays nothing there.
        ((replace(METER, endpoint="screen"), elsewhere), "available"),
    ):
        serve(FakeClient(replace(STATUS, streams=streams), endpoints=(*ENDPOINTS, screen)))
        (line,) = (line for line in lines(run("devices").out) if "Screen" in line)
        assert line.endswith(state)


def test_no_device(run: Run, serve: Serve) -> None:
    serve(FakeClient(endpoints=()))
    assert run("devices").out == "There is no output and no input.\n"


def test_devices_as_json_have_their_ids(run: Run, serve: Serve) -> None:
    serve(FakeClient())
    assert json.loads(run("devices", "--json").out) == to_plain(ENDPOINTS)


def test_reset(run: Run, serve: Serve) -> None:
    client = FakeClient()
    asked = serve(client)
    done = run("reset")
    assert (done.status, client.calls, client.closed, asked) == (0, ["reset"], True, [True])
    assert done.out.startswith("Everything is back to normal")
    assert json.loads(run("reset", "--json").out)["sessions"] == []


# -- monitor -------------------------------------------------------------------------------------

EVENTS: tuple[dict[str, Any], ...] = (
    {"type": "session_opened", "id": "s1", "properties": {}},
    {"type": "decided", **to_plain(WHY.history[1])},
    {"type": "decided", **to_plain(replace(WHY.history[2], event={"type": "Tick"}))},
    {"type": "became_noisy"},
)


def test_monitor_as_json_lines(run: Run, serve: Serve) -> None:
    serve(FakeClient(events=EVENTS))
    done = run("monitor", "--json")
    first, *rest = map(json.loads, lines(done.out))
    assert first == {"type": "status", **to_plain(STATUS)}
    assert rest == list(EVENTS)
    assert done.status == 4
    assert "the service ended" in done.err


def test_monitor_without_a_terminal_prints_lines(run: Run, serve: Serve) -> None:
    serve(FakeClient(events=EVENTS))
    said = lines(run("monitor").out)
    assert said[0].startswith("waiting")
    assert all(re.match(r" *\d\.\d s  ", line) for line in said[1:])
    assert [line.partition("s  ")[2] for line in said[1:]] == [
        WHY.history[1].text,
        "the output became noisy: headphones are gone",
    ]


def test_monitor_on_a_terminal_draws_the_status(
    run: Run, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    serve(FakeClient(events=EVENTS))
    done = run("monitor")
    assert done.status == 4
    assert "lowered by navigator" in done.out


def test_ctrl_c_ends_the_monitor(run: Run, serve: Serve) -> None:
    class Interrupted(FakeClient):
        async def status(self) -> dict[str, Any]:
            raise KeyboardInterrupt

    serve(Interrupted())
    done = run("monitor", "--json")
    assert (done.status, done.err) == (130, "audiosession: interrupted\n")
