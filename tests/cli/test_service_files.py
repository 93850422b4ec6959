"""``service install`` and ``uninstall``, with and without systemd, and what they print."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from .conftest import Run

UNIT = "config/systemd/user/audiosession.service"
ENTRY = "data/dbus-1/services/org.audiosession.Service1.service"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without a bus and without systemd, below this folder."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def systemd(user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which a systemd that does nothing notes what it is told."""
    (user / "run/systemd").mkdir()
    (user / "run/systemd/private").touch()
    (user / "bin").mkdir()
    told = user / "told"
    program = user / "bin/systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {told}\n[ ! -e {user}/broken ] || {{ echo no >&2; exit 5; }}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{user}/bin:/usr/bin:/bin")
    return told


def test_without_systemd_it_says_so_and_what_starts_the_service(run: Run, user: Path) -> None:
    done = run("service", "install")
    assert done.status == 0
    assert str(user / UNIT) in done.out
    assert str(user / ENTRY) in done.out
    assert "systemd does not run this session" in done.out
    assert "There is no session bus either" in done.out
    assert "session bus starts" not in done.out
    assert "audiosession service run" in done.out
    assert max(len(line) for line in done.out.splitlines() if str(user) not in line) <= 80
    assert f"Exec={sys.executable} -m audiosession.service\n" in (user / ENTRY).read_text()


def test_as_json(run: Run, user: Path) -> None:
    done = json.loads(run("service", "install", "--json").out)
    assert done == {
        "changes": [
            {"path": str(user / UNIT), "action": "written"},
            {"path": str(user / ENTRY), "action": "written"},
        ],
        "systemd": False,
        "on_demand": None,
        "steps": [],
        "next": [],
    }
    again = json.loads(run("service", "install", "--json").out)
    assert [change["action"] for change in again["changes"]] == ["unchanged", "unchanged"]
    gone = json.loads(run("service", "uninstall", "--json").out)
    assert [change["action"] for change in gone["changes"]] == ["removed", "removed"]


def test_with_systemd_it_is_started(run: Run, user: Path, systemd: Path) -> None:
    done = run("service", "install")
    assert done.status == 0
    assert systemd.read_text().splitlines() == [
        "--user daemon-reload",
        "--user enable --now audiosession.service",
        "--user try-restart audiosession.service",
    ]
    assert "Next:" not in done.out


def test_or_not_if_that_is_not_wanted(run: Run, user: Path, systemd: Path) -> None:
    done = run("service", "install", "--no-start")
    assert systemd.read_text() == "--user daemon-reload\n"
    assert done.out.endswith("Next:\n  systemctl --user enable --now audiosession.service\n")


def test_when_systemd_refuses_that_is_said(run: Run, user: Path, systemd: Path) -> None:
    (user / "broken").touch()
    done = run("service", "install")
    assert done.status == 1
    assert "systemctl --user daemon-reload: no" in done.out


def test_uninstall_switches_it_off_before_the_unit_is_gone(
    run: Run, user: Path, systemd: Path
) -> None:
    run("service", "install", "--no-start")
    systemd.unlink()
    done = run("service", "uninstall")
    assert done.status == 0
    assert systemd.read_text().splitlines() == [
        "--user disable --now audiosession.service",
        "--user daemon-reload",
    ]
    assert not (user / UNIT).exists()
    assert not (user / ENTRY).exists()
    assert "policy.toml" in done.out


def test_a_unit_of_the_users_own_stays_and_nothing_is_started(
    run: Run, user: Path, systemd: Path
) -> None:
    unit = user / UNIT
    unit.parent.mkdir(parents=True)
    unit.write_text("[Service]\nExecStart=/bin/true\n")
    done = run("service", "install")
    assert done.status == 1
    assert "left alone" in done.out
    assert not systemd.exists()
    done = run("service", "uninstall")
    assert "left alone" in done.out
    assert unit.exists()
    assert systemd.read_text() == "--user daemon-reload\n"


def test_a_place_that_cannot_be_written_to_is_a_message(run: Run, user: Path) -> None:
    (user / "config").write_text("a file where a folder should be")
    done = run("service", "install")
    assert done.status == 2
    assert str(user / "config") in done.err
    assert "Traceback" not in done.err


COMMANDS = ("run", "duck", "status", "why", "devices", "monitor", "reset", "doctor", "service")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_whole_and_fits(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.status == 0
    assert done.out.startswith(f"Usage: audiosession {command}")
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["install", "uninstall", "run", "stop", "status"])
def test_the_commands_of_the_service_have_help(run: Run, command: str) -> None:
    assert run("service", command, "--help").status == 0


def test_a_negative_time_is_refused(run: Run, user: Path) -> None:
    done = run("service", "run", "--idle-exit=-1")
    assert done.status == 2
    assert "0 or more seconds" in done.err
