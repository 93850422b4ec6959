"""The user's file of rules: read, watched, and read again when it changes.

The kernel tells of changes (inotify), so that an idle service sleeps. The folder is watched
rather than the file, because editors write a new file and rename it. A file that is not there
yet, a folder that is not there yet and a link to a file elsewhere are followed as well.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import PolicyError
from .rules import RuleBook, RuleFile, read_rules

_log = logging.getLogger("audiosession")

Signature = tuple[tuple[int, int, int, int] | None, ...]


def rules_path() -> Path:
    """Where the user's rules stand: ``audiosession/policy.toml`` in ``$XDG_CONFIG_HOME``."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    # The XDG base directory specification has relative paths ignored.
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".config"
    return folder / "audiosession" / "policy.toml"


class RuleSource:
    """The rules in force, kept through a bad edit.

    Args:
        path: The user's file; it need not be there.
        on_error: Told of what is wrong with the file, once for each version of it.
    """

    def __init__(self, path: Path, on_error: Callable[[PolicyError], None] | None = None) -> None:
        self._path = path
        self._on_error = on_error or _log_error
        self._book = RuleBook.of()
        self._error: PolicyError | None = None
        self._seen: Signature | None = None
        self._policy_file: Path | None = None
        self.reload_if_changed()

    @property
    def path(self) -> Path:
        """The user's file."""
        return self._path

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every file that the rules and the policy are read from, beside those that ship."""
        return (self._path,) if self._policy_file is None else (self._path, self._policy_file)

    @property
    def book(self) -> RuleBook:
        """The rules in force."""
        return self._book

    @property
    def error(self) -> PolicyError | None:
        """What is wrong with the file as it is now; ``None`` when it is in force."""
        return self._error

    def reload_if_changed(self) -> bool:
        """Reads the file again if it differs from what was read last; cheap if not.

        Returns:
            Whether other rules are in force now.
        """
        return self._signature() != self._seen and self.reload()

    def reload(self) -> bool:
        """Reads the file again; with a file that is wrong the old rules stay.

        Returns:
            Whether other rules are in force now.
        """
        # Taken first: a change while we read is then seen the next time.
        self._seen = self._signature()
        try:
            found = read_rules(self._path)
        except PolicyError as error:
            self._error = error
            self._on_error(error)
            return False
        self._error = None
        self._policy_file = found.policy_file
        self._seen = self._signature()
        return self._take(found)

    def _take(self, found: RuleFile) -> bool:
        book = RuleBook.of(found)
        changed = book != self._book
        self._book = book
        return changed

    def _signature(self) -> Signature:
        return tuple(_signature(path) for path in self.paths)


class RuleWatcher:
    """Reads a source again whenever its file changes.

    Where the kernel cannot tell of changes, the signal SIGHUP has the file read.

    Args:
        source: What is kept up to date.
        on_change: Called in the event loop when other rules are in force.
    """

    def __init__(self, source: RuleSource, on_change: Callable[[RuleBook], None]) -> None:
        self._source = source
        self._on_change = on_change
        self._inotify: _Inotify | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: dict[int, set[str]] = {}

    @property
    def by_signal(self) -> bool:
        """Whether a change is only noticed with the signal SIGHUP."""
        return self._loop is not None and self._inotify is None

    def start(self) -> None:
        """Begins to watch, in the running event loop; also reads what changed before."""
        self._loop = asyncio.get_running_loop()
        try:
            self._inotify = _Inotify()
        except OSError as error:
            _log.warning("changes of the rules need SIGHUP to be noticed: %s", error)
            self._loop.add_signal_handler(signal.SIGHUP, self._reload)
        else:
            self._loop.add_reader(self._inotify.fileno, self._ready)
            self._watch()
        self._reload()

    def close(self) -> None:
        """Stops watching."""
        if self._loop is None:
            return
        if self._inotify is None:
            self._loop.remove_signal_handler(signal.SIGHUP)
        else:
            self._loop.remove_reader(self._inotify.fileno)
            self._inotify.close()
            self._inotify = None
        self._loop = None

    def __enter__(self) -> RuleWatcher:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reload(self) -> None:
        if self._source.reload_if_changed():
            self._on_change(self._source.book)

    def _ready(self) -> None:
        assert self._inotify is not None
        concerned = False
        for watch, mask, name in self._inotify.events():
            if mask & (_OVERFLOW | _FOLDER_GONE):
                concerned = True
            elif name in self._wanted.get(watch, ()):
                # A file that was just made is empty until it is closed; a link is whole.
                concerned |= not mask & _CREATE or bool(mask & _IS_DIR) or self._whole(name)
        if concerned:
            self._watch()
            self._reload()
            # The new rules may name another policy file.
            self._watch()

    def _whole(self, name: str) -> bool:
        """Whether a file of this name came into being with its content, as a link does."""
        for path in self._source.paths:
            if path.name == name:
                try:
                    if path.is_symlink() or path.stat().st_nlink > 1:
                        return True
                except OSError:
                    continue
        return False

    def _watch(self) -> None:
        """Watches the folders in question, and the parents of those that are not there."""
        assert self._inotify is not None
        for _ in range(_MOST_ROUNDS):
            wanted: dict[int, set[str]] = {}
            complete = True
            for folder, name in self._places():
                watch = self._inotify.add(folder)
                if watch is None:
                    complete = False
                else:
                    wanted.setdefault(watch, set()).add(name)
            for watch in self._wanted.keys() - wanted.keys():
                self._inotify.remove(watch)
            settled = complete and wanted.keys() == self._wanted.keys()
            self._wanted = wanted
            # A folder may have come into being after it was looked for and before its parent
            # was watched, so it takes two equal looks.
            if settled:
                return

    def _places(self) -> Iterator[tuple[Path, str]]:
        for path in self._source.paths:
            yield _place(path)
            try:
                real = path.resolve()
            except (OSError, RuntimeError):
                continue
            if real != path:
                yield _place(real)


_MOST_ROUNDS = 8


def _place(path: Path) -> tuple[Path, str]:
    """The nearest folder that is there, and what is to be looked for in it."""
    path = path.absolute()
    while not path.parent.is_dir() and path.parent != path:
        path = path.parent
    return path.parent, path.name


def _signature(path: Path) -> tuple[int, int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _log_error(error: PolicyError) -> None:
    _log.error("the rules stay as they were: %s", error)


# linux/inotify.h
_CLOSE_WRITE = 0x8
_MOVED_FROM = 0x40
_MOVED_TO = 0x80
_CREATE = 0x100
_DELETE = 0x200
_DELETE_SELF = 0x400
_MOVE_SELF = 0x800
_OVERFLOW = 0x4000
_IGNORED = 0x8000
_ONLYDIR = 0x0100_0000
_IS_DIR = 0x4000_0000
_FOLDER_GONE = _DELETE_SELF | _MOVE_SELF | _IGNORED
_MASK = (
    _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF
    | _ONLYDIR
)  # fmt: skip
_HEADER = struct.Struct("iIII")
_READ_BYTES = 65_536


class _Inotify:
    """The kernel's file notices. Python has none of its own, libc has.

    Raises:
        OSError: this system has none, or the user has too many.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            init = self._libc.inotify_init1
        except AttributeError as error:
            raise OSError("no inotify here") from error
        self.fileno: int = init(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fileno < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def add(self, folder: Path) -> int | None:
        """Watches a folder; the same one again gives the same number. ``None``: it is gone."""
        watch: int = self._libc.inotify_add_watch(
            self.fileno, ctypes.c_char_p(os.fsencode(folder)), ctypes.c_uint32(_MASK)
        )
        return None if watch < 0 else watch

    def remove(self, watch: int) -> None:
        """Ends a watch; one that ended by itself is passed over."""
        self._libc.inotify_rm_watch(self.fileno, watch)

    def events(self) -> Iterator[tuple[int, int, str]]:
        """What happened since: watch, kind, and name in the folder."""
        try:
            data = os.read(self.fileno, _READ_BYTES)
        except BlockingIOError:
            return
        at = 0
        while at + _HEADER.size <= len(data):
            watch, mask, _, length = _HEADER.unpack_from(data, at)
            at += _HEADER.size
            yield watch, mask, os.fsdecode(data[at : at + length].rstrip(b"\0"))
            at += length

    def close(self) -> None:
        """Ends all watches."""
        os.close(self.fileno)


__all__ = ["RuleSource", "RuleWatcher", "rules_path"]
