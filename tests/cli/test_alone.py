"""The real service on a machine with neither a session bus nor a sound server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the service is for Linux")
pytest.importorskip("dbus_fast")

DEADLINE_S = 60
COMMAND = (sys.executable, "-m", "audiosession")

Call = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "run").mkdir(mode=0o700)
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    folders = {
        "HOME": "home",
        "XDG_RUNTIME_DIR": "run",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_STATE_HOME": "state",
    }
    return kept | {name: str(tmp_path / folder) for name, folder in folders.items()}


@pytest.fixture
def call(environment: dict[str, str]) -> Iterator[Call]:
    """Runs a command; a service that it started is ended afterwards."""

    def called(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*COMMAND, *words), env=environment, capture_output=True, text=True, timeout=DEADLINE_S
        )

    yield called
    called("service", "stop")


@pytest.fixture
def service(environment: dict[str, str], call: Call) -> Iterator[int]:
    """The pid of a service that stays, which ``service run`` started."""
    with subprocess.Popen(
        (*COMMAND, "service", "run"), env=environment, stderr=subprocess.PIPE
    ) as process:
        while call("status").returncode == 4:
            assert process.poll() is None
        yield process.pid
        process.terminate()


@pytest.mark.parametrize("command", ["duck", "run"])
def test_without_a_sound_server_the_program_runs_and_that_is_said(call: Call, command: str) -> None:
    done = call(command, "--", "sh", "-c", "echo said; exit 7")
    assert (done.returncode, done.stdout) == (7, "said\n")
    assert done.stderr == (
        "audiosession: no sound server answers: nothing can be lowered or paused\n"
    )


def test_a_second_service_says_that_there_is_one(call: Call, service: int) -> None:
    done = call("service", "run")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        f"audiosession: another audio session service is running: pid {service}, at /"
    )


def test_uninstall_stops_the_service(call: Call, service: int) -> None:
    done = call("service", "uninstall", "--json")
    assert done.returncode == 0
    stopped = {"command": "stop the service", "done": True, "problem": ""}
    assert stopped in json.loads(done.stdout)["steps"]
    assert call("status").returncode == 4


def test_install_where_the_bus_looks_elsewhere_says_so_and_what_to_do(
    call: Call, environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "run/bus"
    with subprocess.Popen(
        ("dbus-daemon", "--session", "--nofork", f"--address=unix:path={path}", "--print-address"),
        env=environment | {"XDG_DATA_HOME": str(tmp_path / "other")},
        stdout=subprocess.PIPE,
    ) as bus:
        assert bus.stdout is not None
        assert bus.stdout.readline()
        try:
            done = call("service", "install")
            plain = json.loads(call("service", "install", "--json").stdout)
            found = json.loads(call("doctor", "--json").stdout)["findings"]
            # What it says to do for a bus that was told of another folder.
            environment["XDG_DATA_HOME"] = str(tmp_path / "other")
            again = json.loads(call("service", "install", "--json").stdout)
        finally:
            bus.terminate()
    entry = tmp_path / "data/dbus-1/services/org.audiosession.Service1.service"
    assert done.returncode == 1
    assert f"the session bus does not see {entry}" in done.stdout
    assert "The session bus starts" not in done.stdout
    assert "XDG_DATA_HOME=" in plain["next"][0]
    assert plain["on_demand"] is False
    (finding,) = (each for each in found if each["check"] == "start on demand")
    assert (finding["state"], finding["todo"]) == ("warn", plain["next"][0])
    assert again["on_demand"] is True
