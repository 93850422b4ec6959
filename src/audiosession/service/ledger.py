"""What a crash must not lose: the user's own volumes of everything that is lowered.

The ledger is one small file of JSON lines. The first holds all there was when it was written
whole, the others what was put since: a line is written before anything is lowered, and the
whole again when something is given back. What it says is never trusted blindly: a file that is
damaged, too big, of another version or whose check does not fit is set aside, and the service
goes on without it. Only an end cut off in the middle of a line is passed over: the writer was
killed before it lowered anything by it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import weakref
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from .._reading import read_bounded
from ..errors import InvalidTypeError, LimitError

_log = logging.getLogger("audiosession.service")

VERSION = 1
"""Of the file's form; another one is set aside."""

MAX_ENTRIES = 4096
"""Most entries at a time; far more streams than a sound server holds (PulseAudio: 256 a sink)."""

MAX_BYTES = 4 * 1024 * 1024
"""Largest file that is written or read."""

_SET_ASIDE = 3
_HEAD = f'{{"version":{VERSION},'
_MOST_APPENDED = 64 * 1024
"""Bytes of a file that is added to; a larger one is written whole."""


class Ledger:
    """Entries by key that survive the process, also when it is killed with ``kill -9``.

    One process at a time may use a file. Nothing is read until it is needed.

    Args:
        path: The file; it and its directory are made when something is put.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, object]] | None = None
        self._file: _Appending | None = None

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def entries(self) -> dict[str, dict[str, object]]:
        """Returns a copy of what is written down, in the order it was put."""
        return {key: dict(entry) for key, entry in self._read().items()}

    def put_all(self, entries: Mapping[str, Mapping[str, object]]) -> None:
        """Writes these entries down, in place of those with the same keys; all or none of them.

        When it returns, they outlive this process.

        Raises:
            InvalidTypeError: an entry holds what JSON cannot; nothing has changed.
            LimitError: there would be too many, or the file would be too big; nothing has
                changed.
            OSError: the file cannot be written; nothing has changed.
        """
        known = self._read()
        if all(known.get(key) == entry for key, entry in entries.items()):
            return
        new = {key: dict(entry) for key, entry in entries.items()}
        if len(known | new) > MAX_ENTRIES:
            raise LimitError("ledger entries", MAX_ENTRIES)
        # Adding a line takes a fifth of the time of a new file, and stands before every duck.
        if self._file is not None and self._file.append(_formatted(new)):
            self._entries = known | new
        else:
            self._write(known | new)

    def remove(self, keys: Iterable[str]) -> None:
        """Forgets these entries; keys that are not there are passed over.

        Raises:
            OSError: the file cannot be written; nothing has changed.
        """
        gone = set(keys)
        known = self._read()
        if gone.isdisjoint(known):
            return
        self._write({key: entry for key, entry in known.items() if key not in gone})

    def _read(self) -> dict[str, dict[str, object]]:
        if self._entries is None:
            self._entries = self._load()
        return self._entries

    def _load(self) -> dict[str, dict[str, object]]:
        try:
            data = read_bounded(self._path, MAX_BYTES)
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._set_aside(f"it cannot be read: {error}")
            return {}
        try:
            return parse_ledger(data)
        except ValueError as error:
            self._set_aside(str(error))
            return {}

    def _set_aside(self, why: str) -> None:
        # A few are kept for whoever wants to know; the oldest makes room.
        names = [self._path.with_name(f"{self._path.name}.damaged-{n}") for n in range(_SET_ASIDE)]
        free = [name for name in names if not name.exists()]
        try:
            target = free[0] if free else min(names, key=lambda name: name.stat().st_mtime_ns)
            os.replace(self._path, target)
        except OSError as error:
            _log.warning("the ledger %s is of no use (%s) and stays: %s", self._path, why, error)
        else:
            _log.warning(
                "the ledger %s is of no use and set aside as %s: %s", self._path, target.name, why
            )

    def _write(self, entries: dict[str, dict[str, object]]) -> None:
        data = _formatted(entries)
        if len(data) > MAX_BYTES:
            raise LimitError("bytes in the ledger", MAX_BYTES)
        scratch = self._path.with_name(f"{self._path.name}.new")
        # No fsync: it takes milliseconds and stands before every duck. The kernel keeps what was
        # written whatever happens to this process. Only a power cut or a crash of the kernel can
        # lose the last writes or leave an empty file, and those end the sound server as well: what
        # remains lowered then is at most what the server itself had saved of it.
        try:
            with _created(scratch) as file:
                file.write(data)
                file.flush()
                appending = _Appending(file, len(data))
            os.replace(scratch, self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                scratch.unlink()
            raise
        self._entries, self._file = entries, appending


class _Appending:
    """The end of a file that was written whole."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._fd = os.dup(file.fileno())
        self._size = size
        weakref.finalize(self, os.close, self._fd)

    def append(self, data: bytes) -> bool:
        """Adds a line; returns whether it is there whole. If not, a new file has to be made."""
        if self._size + len(data) > _MOST_APPENDED or not os.fstat(self._fd).st_nlink:
            return False
        try:
            written = os.pwrite(self._fd, data, self._size)
        except OSError:
            return False
        if written != len(data):
            return False
        self._size += written
        return True


def _created(path: Path) -> BinaryIO:
    """Returns a new file that nobody else may read, in the place of whatever is there."""
    try:
        return open(path, "xb", opener=_private)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        # Left by a crash, or a link to elsewhere.
        path.unlink()
    return open(path, "xb", opener=_private)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)


def _formatted(entries: Mapping[str, Mapping[str, object]]) -> bytes:
    try:
        text = json.dumps(entries, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise InvalidTypeError("entries", entries, expected="what JSON can hold") from error
    return f'{_HEAD}"check":{zlib.crc32(text.encode())},"entries":{text}}}\n'.encode()


def parse_ledger(data: bytes) -> dict[str, dict[str, object]]:
    """Returns the entries of a file.

    Raises:
        ValueError: it is no ledger of this version, or not as it was written.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    first, *others = data.splitlines(keepends=True) or [data]
    if others and not others[-1].endswith(b"\n"):
        head = _HEAD.encode()
        if others.pop()[: len(head)] not in (head[:length] for length in range(1, len(head) + 1)):
            raise ValueError("it ends in something else")
    found = _parse_line(first)
    for line in others:
        found |= _parse_line(line)
    return found


def _parse_line(data: bytes) -> dict[str, dict[str, object]]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise ValueError(f"it is not of version {VERSION}")
    entries = document.get("entries")
    if not isinstance(entries, dict) or len(entries) > MAX_ENTRIES:
        raise ValueError(f"it holds no mapping of at most {MAX_ENTRIES} entries")
    found = {key: entry for key, entry in entries.items() if isinstance(entry, dict)}
    if len(found) != len(entries):
        raise ValueError("an entry of it is not a mapping")
    if _formatted(found) != data:
        raise ValueError("its check does not fit")
    return found


__all__ = ["MAX_BYTES", "MAX_ENTRIES", "VERSION", "Ledger"]
