"""Installing and removing the files that start the service."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from audiosession.errors import IllegalRequestError
from audiosession.service.install import (
    BUS_NAME,
    MARK,
    Action,
    Places,
    activation_text,
    install,
    installed,
    uninstall,
    unit_text,
)

PYTHON = "/opt/python/bin/python3"
ODD = ["/home/a b/python", "/p/it's", '/p/say "x"', "/p/100%", "/p/c\\d", "/p/$HOME/python", "/p/ü"]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def actions(changes: object) -> list[Action]:
    return [change.action for change in changes]  # type: ignore[attr-defined]


def test_both_files_are_written_where_the_session_looks(
    home: dict[str, str], tmp_path: Path
) -> None:
    changes = install(home, PYTHON)
    unit = tmp_path / ".config/systemd/user/audiosession.service"
    entry = tmp_path / f".local/share/dbus-1/services/{BUS_NAME}.service"
    assert [change.path for change in changes] == [unit, entry]
    assert actions(changes) == [Action.WRITTEN] * 2
    assert f"ExecStart={PYTHON} -m audiosession.service --stay\n" in unit.read_text()
    assert f"BusName={BUS_NAME}\n" in unit.read_text()
    assert f"Exec={PYTHON} -m audiosession.service\n" in entry.read_text()
    assert "SystemdService=audiosession.service\n" in entry.read_text()
    for path in (unit, entry):
        assert path.read_text().startswith(MARK + "\n")
        assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_xdg_folders_are_honoured_and_relative_ones_are_not(tmp_path: Path) -> None:
    environment = {
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "XDG_DATA_HOME": "relative",
    }
    places = Places.of(environment)
    assert places.unit.is_relative_to(tmp_path / "config/systemd/user")
    assert places.activation.is_relative_to(tmp_path / "home/.local/share/dbus-1/services")


def test_no_home_is_an_error() -> None:
    with pytest.raises(IllegalRequestError, match="HOME"):
        Places.of({"XDG_CONFIG_HOME": "/c"})


def test_a_second_time_changes_nothing(home: dict[str, str]) -> None:
    first = install(home, PYTHON)
    before = [change.path.stat() for change in first]
    second = install(home, PYTHON)
    assert actions(second) == [Action.UNCHANGED] * 2
    assert [(s.st_ino, s.st_mtime_ns) for s in before] == [
        (s.st_ino, s.st_mtime_ns) for s in (change.path.stat() for change in second)
    ]


def test_another_interpreter_replaces_it(home: dict[str, str]) -> None:
    install(home, PYTHON)
    changes = install(home, "/usr/bin/python3")
    assert actions(changes) == [Action.WRITTEN] * 2
    assert all("/usr/bin/python3" in change.path.read_text() for change in changes)


def test_uninstall_removes_what_is_ours(home: dict[str, str]) -> None:
    install(home, PYTHON)
    assert actions(uninstall(home)) == [Action.REMOVED] * 2
    assert actions(uninstall(home)) == [Action.ABSENT] * 2
    assert list(installed(home).values()) == [None, None]


@pytest.mark.parametrize("what", ["a file of the user's", "a mask", "a link to nowhere"])
def test_what_is_not_ours_stays(home: dict[str, str], what: str, tmp_path: Path) -> None:
    unit = Places.of(home).unit
    unit.parent.mkdir(parents=True)
    if what == "a mask":
        unit.symlink_to("/dev/null")
    elif what == "a link to nowhere":
        unit.symlink_to(tmp_path / "nowhere")
    else:
        unit.write_text(f"[Service]\nExecStart=/bin/true\n{MARK}\n")
    before = os.readlink(unit) if unit.is_symlink() else unit.read_text()
    assert actions(install(home, PYTHON)) == [Action.LEFT, Action.WRITTEN]
    assert list(installed(home).values()) == [False, True]
    assert actions(uninstall(home)) == [Action.LEFT, Action.REMOVED]
    assert (os.readlink(unit) if unit.is_symlink() else unit.read_text()) == before


def test_a_failed_write_leaves_the_old_file(
    home: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, _ = (change.path for change in install(home, PYTHON))
    before = unit.read_text()

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        install(home, "/usr/bin/python3")
    assert unit.read_text() == before
    assert [file.name for file in unit.parent.iterdir()] == [unit.name]


@pytest.mark.parametrize("python", ["python3", "", "/a\nExecStart=/bin/sh", "/a\tb", "/a\udcff"])
def test_a_path_that_no_file_can_name_is_refused(home: dict[str, str], python: str) -> None:
    with pytest.raises(IllegalRequestError):
        install(home, python)
    assert list(installed(home).values()) == [None, None]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", ["plain", "a b", "it's", 'say "x"', "100%", "c\\d", "ü"])
def test_systemd_takes_the_unit(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    python = folder / "python3"
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    unit = tmp_path / "audiosession.service"
    unit.write_text(unit_text(str(python)))
    runtime = tmp_path / "run"
    runtime.mkdir(0o700)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--recursive-errors=no", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime), "HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="needs dbus-daemon")
@pytest.mark.parametrize(
    "folder", ["plain", "a b", "it's", 'say "x"', "100%", "c\\d", "$HOME", "ü"]
)
def test_the_bus_starts_the_interpreter_that_the_entry_names(tmp_path: Path, folder: str) -> None:
    python = tmp_path / folder / "python3"
    python.parent.mkdir()
    said = tmp_path / "said"
    python.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0" "$@" > {said}\nexit 1\n')
    python.chmod(0o755)
    services = tmp_path / "services"
    services.mkdir()
    (services / f"{BUS_NAME}.service").write_text(
        # The bus of a test has no systemd to ask.
        activation_text(str(python)).replace("SystemdService=", "X-SystemdService=")
    )
    config = tmp_path / "bus.conf"
    config.write_text(
        "<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'"
        " 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>\n"
        f"<busconfig><type>session</type><listen>unix:path={tmp_path}/bus</listen>"
        f"<servicedir>{services}</servicedir><policy context='default'>"
        "<allow send_destination='*' eavesdrop='true'/><allow eavesdrop='true'/><allow own='*'/>"
        "</policy></busconfig>\n"
    )
    call = ["call", "--session", "--dest", BUS_NAME, "--object-path", "/", "--method", "a.b.C"]
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert daemon.stdout is not None
        address = daemon.stdout.readline().strip()
        done = subprocess.run(
            ["gdbus", *call],
            env={**os.environ, "DBUS_SESSION_BUS_ADDRESS": address},
            capture_output=True,
            text=True,
            timeout=50,
        )
    finally:
        daemon.terminate()
        daemon.wait(10)
        if daemon.stdout is not None:
            daemon.stdout.close()
    # It leaves without taking the name, and says that it failed.
    assert done.returncode != 0
    assert said.read_text().splitlines() == [str(python), "-m", "audiosession.service"]


@pytest.mark.parametrize("python", ODD)
def test_odd_paths_stay_on_one_line(python: str) -> None:
    for text in (unit_text(python), activation_text(python)):
        assert len([line for line in text.splitlines() if line.startswith("Exec")]) == 1
