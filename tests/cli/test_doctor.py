"""``doctor`` on machines where something is missing; none has a bus or a sound server."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audiosession.cli import access, checks, session_bus
from audiosession.cli.checks import Finding, State
from audiosession.cli.doctor import doctor_screen
from audiosession.cli.terminal import Terminal
from audiosession.core.codec import to_plain
from audiosession.errors import HostUnavailableReason
from audiosession.service.install import install
from audiosession.service.ledger import Ledger

from .conftest import Done, Run
from .service_kit import STATUS, FakeClient, unavailable

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a machine with POSIX")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without anything, below this folder."""
    for name in ("run", "home", "config", "state", "data"):
        (tmp_path / name).mkdir(mode=0o700)
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PULSE_SERVER", "PULSE_RUNTIME_PATH"):
        monkeypatch.delenv(name, raising=False)
    for name in ("PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("config", "state", "data"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    return tmp_path


def found(done: Done) -> dict[str, dict[str, Any]]:
    return {finding["check"]: finding for finding in json.loads(done.out)["findings"]}


def test_a_machine_without_sound_fails_and_says_what_to_start(run: Run, machine: Path) -> None:
    done = run("doctor", "--json")
    assert done.status == 1
    assert json.loads(done.out)["ok"] is False
    findings = found(done)
    assert findings["sound server"]["state"] == "fail"
    todo = "start pipewire, wireplumber, pipewire-pulse, or pulseaudio alone"
    assert findings["sound server"]["todo"] == todo
    assert findings["session bus"]["state"] == "warn"
    assert findings["service"]["text"] == "not running; it starts when it is needed"
    assert findings["rules"]["state"] == "ok"
    assert findings["ledger"]["text"] == "nothing is to be given back"


def test_where_systemd_runs_the_session_it_starts_the_servers(
    run: Run, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "user_manager", lambda: True)
    todo = found(run("doctor", "--json"))["sound server"]["todo"]
    assert todo.startswith("systemctl --user start pipewire wireplumber pipewire-pulse")


def test_it_changes_nothing(run: Run, machine: Path) -> None:
    before = sorted(machine.rglob("*"))
    run("doctor")
    assert sorted(machine.rglob("*")) == before


def test_the_screen_fits_and_ends_with_a_verdict(run: Run, machine: Path) -> None:
    done = run("doctor")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("fail  sound server") for line in lines)
    assert any("start pipewire, wireplumber, pipewire-pulse" in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []
    assert lines[-1].endswith("failed and stands in the way.")


@pytest.mark.parametrize("runtime", [None, "none", "open"])
def test_the_runtime_folder(
    run: Run, machine: Path, monkeypatch: pytest.MonkeyPatch, runtime: str | None
) -> None:
    if runtime is None:
        monkeypatch.delenv("XDG_RUNTIME_DIR")
        # The usual place of it may be there on this machine.
        monkeypatch.setattr(checks, "socket_path", lambda: None)
        monkeypatch.setattr(session_bus, "session_bus_address", lambda: None)
    elif runtime == "none":
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(machine / "nowhere"))
    else:
        (machine / "run").chmod(0o755)
    finding = found(run("doctor", "--json"))["runtime folder"]
    assert finding["state"] == ("warn" if runtime == "open" else "fail")
    assert finding["todo"]


@pytest.mark.parametrize(
    ("missing", "state"), [("dbus_fast", "fail"), ("pulsectl_asyncio", "warn")]
)
def test_missing_packages(
    run: Run, machine: Path, monkeypatch: pytest.MonkeyPatch, missing: str, state: str
) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == missing else object())
    finding = found(run("doctor", "--json"))["Python packages"]
    assert finding["state"] == state
    assert missing in finding["text"]
    assert finding["todo"] == "pip install 'audiosession[linux]'"


def test_a_bus_that_nobody_answers_at(
    run: Run, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={machine}/no-bus")
    finding = found(run("doctor", "--json"))["session bus"]
    assert finding["state"] == "warn"
    assert "no-bus" in finding["text"]


def test_rules_with_a_fault_name_the_line(run: Run, machine: Path) -> None:
    path = machine / "config/audiosession/policy.toml"
    path.parent.mkdir()
    path.write_text('[[rule]]\ntitle = "x"\nrecipe = "musik"\n')
    done = run("doctor", "--json")
    finding = found(done)["rules"]
    assert finding["state"] == "warn"
    assert "rules before it are in force" in finding["todo"]
    assert "3" in finding["text"]
    assert "musik" in finding["text"]
    assert str(path) in finding["todo"]
    path.write_text('[[rule]]\ntitle = "x"\nbinary = "mpv"\nrecipe = "music"\n')
    finding = found(run("doctor", "--json"))["rules"]
    assert (finding["state"], finding["text"]) == ("ok", f"1 rule of your own in {path}")


@pytest.fixture
def ledger(machine: Path) -> Path:
    return machine / "state/audiosession/pulseaudio.ledger"


def test_leftovers_of_a_crash_are_for_reset(run: Run, ledger: Path) -> None:
    Ledger(ledger).put_all({"a": {"volume": 1}, "b": {"volume": 2}})
    before = ledger.read_bytes()
    finding = found(run("doctor", "--json"))["ledger"]
    assert (finding["state"], finding["todo"]) == ("warn", "audiosession reset")
    assert finding["text"] == "2 volumes lowered, to be given back"
    assert ledger.read_bytes() == before


def test_what_is_switched_for_routes_is_for_reset_too(run: Run, ledger: Path) -> None:
    routes = Ledger(ledger.with_name("routes.ledger"))
    routes.put_all({"profile:pipewire:bluez_card.00_11": {}, "stream:pipewire:57": {}})
    finding = found(run("doctor", "--json"))["ledger"]
    assert (finding["state"], finding["todo"]) == ("warn", "audiosession reset")
    text = "1 stream moved and 1 profile switched (bluez_card.00_11), to be given back"
    assert finding["text"] == text
    routes.path.write_text("nonsense")
    finding = found(run("doctor", "--json"))["ledger"]
    assert str(routes.path) in finding["text"]
    routes.path.rename(routes.path.with_name("routes.ledger.damaged-0"))
    finding = found(run("doctor", "--json"))["ledger"]
    assert "each card, port and stream" in finding["todo"]


def test_what_a_running_service_has_lowered_is_no_leftover(
    run: Run, machine: Path, ledger: Path
) -> None:
    Ledger(ledger).put_all({"a": {"volume": 1}})
    (machine / "run/audiosession").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(machine / "run/audiosession/bus"))
        listening.listen()
        listening.settimeout(0)
        finding = next(checks._ledgers())
    assert (finding.state, finding.text) == (State.OK, "1 volume lowered, to be given back")


def test_a_damaged_ledger_is_told_of_and_left(run: Run, ledger: Path) -> None:
    ledger.parent.mkdir()
    ledger.write_text("nonsense")
    finding = found(run("doctor", "--json"))["ledger"]
    assert finding["state"] == "warn"
    assert str(ledger) in finding["text"]
    assert ledger.read_text() == "nonsense"


def test_a_ledger_that_was_set_aside(run: Run, ledger: Path) -> None:
    ledger.parent.mkdir()
    aside = ledger.with_name(f"{ledger.name}.damaged-0")
    aside.write_text("nonsense")
    finding = found(run("doctor", "--json"))["ledger"]
    assert finding["state"] == "warn"
    assert str(aside) in finding["text"]


# -- the service ---------------------------------------------------------------------------------


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> list[FakeClient | Exception]:
    """The one item of it is the service, or why there is none."""
    found: list[FakeClient | Exception] = []

    async def open_client(*, start: bool) -> access.Client:
        assert not start
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    monkeypatch.setattr(access, "open_client", open_client)
    return found


def test_a_service_of_another_version(
    run: Run, machine: Path, serve: list[FakeClient | Exception]
) -> None:
    serve.append(FakeClient(status=replace(STATUS, version="0.0.1")))
    finding = found(run("doctor", "--json"))["service"]
    assert finding["state"] == "warn"
    assert "audiosession 0.0.1" in finding["text"]
    assert "service stop" in finding["todo"]


def test_a_service_without_a_sound_server(
    run: Run, machine: Path, serve: list[FakeClient | Exception]
) -> None:
    from audiosession import __version__

    down = replace(STATUS.servers[0], up=False)
    serve.append(FakeClient(status=replace(STATUS, version=__version__, servers=(down,))))
    finding = found(run("doctor", "--json"))["service"]
    assert finding["state"] == "fail"
    serve[0] = FakeClient(status=replace(STATUS, version=__version__))
    assert found(run("doctor", "--json"))["service"]["state"] == "ok"


def test_a_service_that_does_not_answer(
    run: Run, machine: Path, serve: list[FakeClient | Exception]
) -> None:
    serve.append(unavailable(HostUnavailableReason.TIMED_OUT))
    finding = found(run("doctor", "--json"))["service"]
    assert finding["state"] == "fail"
    assert "did not answer" in finding["text"]


def test_what_starts_the_service(run: Run, machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def finding(names: tuple[list[str], list[str]] | str) -> Finding:
        return next(checks._started_by(names))

    assert finding("there is none").state is State.WARN
    assert finding(([], [])).todo == "audiosession service install"
    assert finding(([], ["org.audiosession.Service1"])).state is State.OK
    install(os.environ, "/usr/bin/python3")
    # Elsewhere than where a bus looks by itself: installing again would change nothing.
    assert str(machine / "data") in finding(([], [])).text
    assert "user database" in finding(([], [])).text
    way_out = f"XDG_DATA_HOME={machine}/other audiosession service install"
    monkeypatch.setattr(session_bus, "usual_data_home", lambda: machine / "other")
    assert finding(([], [])).todo == way_out
    monkeypatch.setattr(checks, "usual_data_home", lambda: machine / "data")
    assert "not seen it yet" in finding(([], [])).text
    assert "look again" in finding(([], [])).todo
    unit = machine / "config/systemd/user/audiosession.service"
    unit.write_text("somebody else's")
    assert str(unit) in finding(([], [])).text


def test_signs_on_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    terminal = Terminal.here()
    findings = tuple(
        Finding(check=state.value, state=state, text="a text", todo="do it") for state in State
    )
    with terminal.out.capture() as capture:
        terminal.out.print(doctor_screen(findings, terminal))
    for sign in "✓!✗":
        assert sign in capture.get()
    assert to_plain(findings)[0]["state"] == "ok"
