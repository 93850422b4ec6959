"""Who a process is, as far as the kernel tells: its program, its parents, its sandbox.

Everything comes from ``/proc``, so it holds for programs that say nothing about themselves,
or say something untrue. A process can be anybody's and can vanish while it is looked at, so
each read is bounded, never waits, and may fail without harm.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from pathlib import Path

MAX_ANCESTORS = 32
_MAX_BYTES = 16_384
_MAX_NAME = 256

_INTERPRETER = re.compile(
    r"(python|pypy|node|nodejs|ruby|perl|bash|sh|dash|zsh|java|mono|electron|gjs|wine)[\d.]*"
)
_OPTIONS_WITH_VALUE = frozenset({"-W", "-X", "-r", "--require", "-cp", "-classpath", "-I"})
_INLINE_PROGRAM = frozenset({"-c", "-e", "--eval"})
_NAMES_PROGRAM = frozenset({"-m", "-jar"})

_CONTAINER = re.compile(r"(?:^|/)(?:docker|libpod|crio|cri-containerd)[-/]([0-9a-f]{12,64})")
_SNAP = re.compile(r"(?:^|/)snap\.([a-z0-9-]+)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessIdentity:
    """What is known of a process. Texts are empty where there is nothing to know."""

    pid: int
    """Its number, which the kernel gives to another process later."""
    start_time: int
    """When it began, in clock ticks since the machine started; with ``pid`` it is one process."""
    binary: str
    """Name of its program file, without the folder."""
    argv0: str = ""
    """The name it was called by, without the folder."""
    script: str = ""
    """The script, module or archive that an interpreter runs, without folder and ending."""
    ancestors: tuple[int, ...] = ()
    """Its parent, that one's parent and so on, at most :data:`MAX_ANCESTORS`."""
    ancestor_names: tuple[str, ...] = ()
    """Every name of theirs: program, called-by name, script; the nearest first."""
    flatpak_app: str = ""
    """Its Flatpak application id."""
    flatpak_instance: str = ""
    """Which running instance of that application it belongs to."""
    snap: str = ""
    """Name of the snap it comes from."""
    container: str = ""
    """Id of the container it runs in."""
    systemd_app: str = ""
    """The application id in the name of its systemd unit."""

    @property
    def names(self) -> tuple[str, ...]:
        """What its program may be called: program file, called-by name, script."""
        return _distinct(self.binary, self.argv0, self.script)

    @property
    def app_ids(self) -> tuple[str, ...]:
        """The application ids that its sandbox and its unit give it."""
        return _distinct(self.flatpak_app, self.systemd_app, self.snap)


def identify(pid: int, *, proc: Path = Path("/proc")) -> ProcessIdentity | None:
    """Who the process is; ``None`` when it is gone or nothing about it may be known.

    Args:
        pid: Its number.
        proc: Where the kernel's process folders are.
    """
    if pid <= 0:
        return None
    folder = proc / str(pid)
    own = _stat(folder)
    if own is None:
        return None
    comm, parent, start_time = own
    binary, argv0, script = _program(folder, comm)
    ancestors, names = _ancestors(proc, parent, start_time)
    flatpak_app, flatpak_instance = _flatpak(folder)
    cgroup = _text(folder / "cgroup")
    snap = _SNAP.search(cgroup)
    container = _CONTAINER.search(cgroup)
    again = _stat(folder)
    if again is None or again[2] != start_time:
        # Another process took the number while we read: what we read is of both.
        return None
    return ProcessIdentity(
        pid=pid,
        start_time=start_time,
        binary=binary,
        argv0=argv0,
        script=script,
        ancestors=ancestors,
        ancestor_names=names,
        flatpak_app=flatpak_app,
        flatpak_instance=flatpak_instance,
        snap=snap[1] if snap else "",
        container=container[1] if container else "",
        systemd_app=_systemd_app(cgroup),
    )


def is_alive(identity: ProcessIdentity, *, proc: Path = Path("/proc")) -> bool:
    """Whether this very process still runs, and not another with its number."""
    now = _stat(proc / str(identity.pid))
    return now is not None and now[2] == identity.start_time


def _ancestors(proc: Path, parent: int, started: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    pids: list[int] = []
    names: list[str] = []
    while parent > 0 and parent not in pids and len(pids) < MAX_ANCESTORS:
        folder = proc / str(parent)
        found = _stat(folder)
        # A parent that is younger than its child is another process with the parent's number.
        if found is None or found[2] > started:
            break
        comm, grandparent, started = found
        pids.append(parent)
        names += _program(folder, comm)
        parent = grandparent
    return tuple(pids), _distinct(*names)


def _stat(folder: Path) -> tuple[str, int, int] | None:
    """Name, parent and start time of a process (proc_pid_stat(5), fields 2, 4 and 22)."""
    text = _text(folder / "stat")
    # The name may hold blanks and parentheses; what follows the last one is numbers.
    before, closing, after = text.rpartition(")")
    fields = after.split()
    if not closing or len(fields) < 20:
        return None
    try:
        return before.partition("(")[2][:_MAX_NAME], int(fields[1]), int(fields[19])
    except ValueError:
        return None


def _program(folder: Path, comm: str) -> tuple[str, str, str]:
    """Program file, called-by name and script of a process."""
    try:
        target = os.readlink(folder / "exe")
    except (OSError, ValueError):
        binary = comm
    else:
        binary = _base(target.removesuffix(" (deleted)")) or comm
    argv = _text(folder / "cmdline").split("\0")
    # A login shell is called by a dash and its name.
    argv0 = _base(argv[0]).removeprefix("-")
    script = ""
    if _INTERPRETER.fullmatch(binary) or _INTERPRETER.fullmatch(argv0):
        script = _script(argv[1:])
    return binary[:_MAX_NAME], argv0[:_MAX_NAME], script[:_MAX_NAME]


def _script(arguments: list[str]) -> str:
    words = iter(arguments)
    for word in words:
        if word in _INLINE_PROGRAM:
            return ""
        if word in _NAMES_PROGRAM:
            name = next(words, "")
            return _base(name) if word == "-m" else _stem(name)
        if word in _OPTIONS_WITH_VALUE:
            next(words, "")
        elif word and not word.startswith("-"):
            return _stem(word)
    return ""


def _flatpak(folder: Path) -> tuple[str, str]:
    """Application and instance id; Flatpak puts the file at the root of each sandbox."""
    text = _text(folder / "root" / ".flatpak-info")
    if not text:
        return "", ""
    found = ConfigParser(interpolation=None, strict=False, delimiters=("=",))
    try:
        found.read_string(text)
    except ConfigError:
        return "", ""
    app = found.get("Application", "name", fallback="").strip()
    instance = found.get("Instance", "instance-id", fallback="").strip()
    return app[:_MAX_NAME], instance[:_MAX_NAME]


def _systemd_app(cgroup: str) -> str:
    """The application id in a unit's name.

    ``app[-LAUNCHER]-ID-RANDOM.scope`` or ``app[-LAUNCHER]-ID[@RANDOM].service``, where a dash
    inside a part is written ``\\x2d`` (systemd, "Desktop Environment Integration").
    """
    for line in reversed(cgroup.splitlines()):
        for unit in reversed(line.rpartition(":")[2].split("/")):
            parts: list[str]
            if unit.startswith("app-") and unit.endswith(".scope"):
                parts = unit.removesuffix(".scope").split("-")[1:-1]
            elif unit.startswith("app-") and unit.endswith(".service"):
                parts = unit.removesuffix(".service").partition("@")[0].split("-")[1:]
            else:
                continue
            if parts and parts[-1]:
                return parts[-1].replace("\\x2d", "-")[:_MAX_NAME]
    return ""


def _text(path: Path) -> str:
    """What a file holds, up to a bound; empty when it cannot be read or is no plain file."""
    try:
        # In a sandbox's root anything may lie there, also a pipe that would keep us waiting.
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return ""
        return b"".join(_pieces(file)).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def _pieces(file: int) -> Iterator[bytes]:
    left = _MAX_BYTES
    while left > 0 and (piece := os.read(file, left)):
        left -= len(piece)
        yield piece


def _base(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _stem(path: str) -> str:
    name = _base(path)
    stem, dot, ending = name.rpartition(".")
    return stem if dot and stem and len(ending) <= 4 else name


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


__all__ = ["MAX_ANCESTORS", "ProcessIdentity", "identify", "is_alive"]
