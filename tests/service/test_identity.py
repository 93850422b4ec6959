"""Who a process is, from a made-up /proc and from the real one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audiosession.service.identity import MAX_ANCESTORS, identify, is_alive


class Proc:
    """A tree of files that looks like the kernel's."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(
        self,
        pid: int,
        *argv: str,
        exe: str = "/usr/bin/thing",
        parent: int = 1,
        started: int = 100,
        comm: str = "thing",
        cgroup: str = "0::/",
    ) -> Path:
        folder = self.root / str(pid)
        folder.mkdir()
        rest = ["S", str(parent), *["0"] * 17, str(started), "0"]
        (folder / "stat").write_text(f"{pid} ({comm}) {' '.join(rest)}\n")
        (folder / "cmdline").write_text("".join(f"{word}\0" for word in argv))
        (folder / "cgroup").write_text(cgroup + "\n")
        (folder / "exe").symlink_to(exe)
        (folder / "root").mkdir()
        return folder


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


def test_program_and_parents(proc: Proc) -> None:
    proc.add(1, "/sbin/init", exe="/usr/lib/systemd/systemd", parent=0, started=1)
    proc.add(20, "/usr/bin/steam", exe="/home/me/.steam/steam", started=20)
    proc.add(30, "game", exe="/games/game.x86", parent=20, started=30)
    found = identify(30, proc=proc.root)
    assert found is not None
    assert (found.pid, found.start_time, found.binary) == (30, 30, "game.x86")
    assert found.names == ("game.x86", "game")
    assert found.ancestors == (20, 1)
    assert found.ancestor_names == ("steam", "systemd", "init")


@pytest.mark.parametrize(
    ("argv", "script"),
    [
        (["python3", "/opt/player/player.py", "--loud"], "player"),
        (["python3", "-X", "dev", "-u", "/opt/gpodder"], "gpodder"),
        (["python3", "-m", "kasts.main"], "kasts.main"),
        (["python3", "-c", "import this", "x.py"], ""),
        (["python3"], ""),
    ],
)
def test_script_that_an_interpreter_runs(proc: Proc, argv: list[str], script: str) -> None:
    proc.add(5, *argv, exe="/usr/bin/python3.11")
    found = identify(5, proc=proc.root)
    assert found is not None
    assert found.script == script
    assert found.names == tuple(filter(None, ("python3.11", "python3", script)))


def test_argument_of_another_program_is_no_script(proc: Proc) -> None:
    proc.add(5, "mpv", "song.ogg", exe="/usr/bin/mpv")
    found = identify(5, proc=proc.root)
    assert found is not None
    assert found.script == ""


def test_flatpak_application_and_instance(proc: Proc) -> None:
    folder = proc.add(7, "/app/bin/gnome-podcasts", exe="/app/bin/gnome-podcasts")
    (folder / "root" / ".flatpak-info").write_text(
        "[Application]\nname=org.gnome.Podcasts\nruntime=runtime/org.gnome.Platform/x86_64/47\n"
        "\n[Instance]\ninstance-id=1234567890\nflatpak-version=1.14.4\n"
        "\n[Session Bus Policy]\norg.mpris.MediaPlayer2.Podcasts=own\n"
    )
    found = identify(7, proc=proc.root)
    assert found is not None
    assert (found.flatpak_app, found.flatpak_instance) == ("org.gnome.Podcasts", "1234567890")
    assert found.app_ids == ("org.gnome.Podcasts",)


@pytest.mark.parametrize("content", ["no section\n", "[Application\n", "\0\0", "[Instance]\n", ""])
def test_broken_flatpak_file_names_no_application(proc: Proc, content: str) -> None:
    folder = proc.add(7, "x")
    (folder / "root" / ".flatpak-info").write_text(content)
    found = identify(7, proc=proc.root)
    assert found is not None
    assert found.flatpak_app == ""


def test_pipe_in_place_of_the_flatpak_file_does_not_keep_us(proc: Proc) -> None:
    folder = proc.add(7, "x")
    os.mkfifo(folder / "root" / ".flatpak-info")
    assert identify(7, proc=proc.root) is not None


def test_link_in_place_of_the_flatpak_file_is_not_followed(proc: Proc, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("[Application]\nname=org.example.Other\n")
    folder = proc.add(7, "x")
    (folder / "root" / ".flatpak-info").symlink_to(other)
    found = identify(7, proc=proc.root)
    assert found is not None
    assert found.flatpak_app == ""


def test_huge_files_are_read_up_to_a_bound(proc: Proc) -> None:
    folder = proc.add(7, "x" * 1_000_000)
    (folder / "root" / ".flatpak-info").write_text("[Application]\nname=" + "y" * 1_000_000 + "\n")
    found = identify(7, proc=proc.root)
    assert found is not None
    assert len(found.argv0) <= 256
    assert len(found.flatpak_app) <= 256


def test_nothing_is_read_beyond_the_bound(proc: Proc) -> None:
    folder = proc.add(7, "x")
    filler = "# nothing\n" * 2_000
    (folder / "root" / ".flatpak-info").write_text(filler + "[Application]\nname=org.x.Y\n")
    found = identify(7, proc=proc.root)
    assert found is not None
    assert found.flatpak_app == ""


@pytest.mark.parametrize(
    ("unit", "app"),
    [
        ("app-org.gnome.Maps-4711.scope", "org.gnome.Maps"),
        ("app-gnome-org.gnome.Maps-4711.scope", "org.gnome.Maps"),
        ("app-flatpak-org.kde.kasts-123456.scope", "org.kde.kasts"),
        ("app-com.example.my\\x2dapp@1.service", "com.example.my-app"),
        ("app-gnome-org.gnome.Podcasts@autostart.service", "org.gnome.Podcasts"),
        ("session-2.scope", ""),
        ("app-.scope", ""),
    ],
)
def test_application_in_the_name_of_its_unit(proc: Proc, unit: str, app: str) -> None:
    proc.add(9, "x", cgroup=f"0::/user.slice/user@1000.service/app.slice/{unit}")
    found = identify(9, proc=proc.root)
    assert found is not None
    assert found.systemd_app == app


def test_snap_and_container_from_the_control_group(proc: Proc) -> None:
    proc.add(9, "x", cgroup="0::/user.slice/snap.spotify.spotify-1b2c.scope")
    proc.add(10, "x", cgroup="0::/system.slice/docker-0123456789abcdef.scope")
    snap, container = identify(9, proc=proc.root), identify(10, proc=proc.root)
    assert snap is not None
    assert container is not None
    assert snap.snap == "spotify"
    assert container.container == "0123456789abcdef"


def test_name_with_blanks_and_parentheses(proc: Proc) -> None:
    proc.add(9, "x", comm="a) S 77 (b")
    found = identify(9, proc=proc.root)
    assert found is not None
    assert found.ancestors == ()
    assert found.start_time == 100


def test_program_file_that_may_not_be_read_leaves_the_name(proc: Proc) -> None:
    folder = proc.add(9, comm="kworker")
    (folder / "exe").unlink()
    found = identify(9, proc=proc.root)
    assert found is not None
    assert found.names == ("kworker",)


def test_program_file_that_was_replaced(proc: Proc) -> None:
    proc.add(9, "mpv", exe="/usr/bin/mpv (deleted)")
    found = identify(9, proc=proc.root)
    assert found is not None
    assert found.binary == "mpv"


def test_parents_in_a_circle_and_without_end(proc: Proc) -> None:
    proc.add(2, "x", parent=3)
    proc.add(3, "x", parent=2)
    found = identify(2, proc=proc.root)
    assert found is not None
    assert found.ancestors == (3, 2)
    for pid in range(100, 200):
        proc.add(pid, "x", parent=pid + 1)
    deep = identify(100, proc=proc.root)
    assert deep is not None
    assert len(deep.ancestors) == MAX_ANCESTORS


def test_parent_younger_than_its_child_is_somebody_else(proc: Proc) -> None:
    proc.add(4, "x", started=500)
    proc.add(5, "x", parent=4, started=100)
    found = identify(5, proc=proc.root)
    assert found is not None
    assert found.ancestors == ()


@pytest.mark.parametrize("pid", [-1, 0, 99])
def test_no_such_process(proc: Proc, pid: int) -> None:
    assert identify(pid, proc=proc.root) is None


@pytest.mark.parametrize("stat", ["", "9", "9 (x) S", "9 (x) S one " + "0 " * 30])
def test_stat_that_makes_no_sense(proc: Proc, stat: str) -> None:
    folder = proc.add(9, "x")
    (folder / "stat").write_text(stat)
    assert identify(9, proc=proc.root) is None


def test_this_process_and_its_end() -> None:
    own = identify(os.getpid())
    assert own is not None
    assert own.binary.startswith("python")
    assert os.getppid() in own.ancestors
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        found = identify(child.pid)
        assert found is not None
        assert found.ancestors[0] == os.getpid()
        assert is_alive(found)
    finally:
        child.communicate(b"\n")
    assert not is_alive(found)
    assert identify(child.pid) is None
