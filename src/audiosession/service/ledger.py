"""What a crash must not lose: the user's own volumes of everything that is lowered.

The ledger is one small JSON file, written whole before anything is lowered and again when
something is given back. What it says is never trusted blindly: a file that is damaged, too
big, of another version or whose check does not fit is set aside, and the service goes on
without it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
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


class Ledger:
    """Entries by key that survive the process, also when it is killed with ``kill -9``.

    One process at a time may use a file. Nothing is read until it is needed.

    Args:
        path: The file; it and its directory are made when something is put.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, dict[str, object]] | None = None

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
        self._write(known | {key: dict(entry) for key, entry in entries.items()})

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
        if len(entries) > MAX_ENTRIES:
            raise LimitError("ledger entries", MAX_ENTRIES)
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
            os.replace(scratch, self._path)
        except BaseException:
            with contextlib.suppress(OSError):
                scratch.unlink()
            raise
        self._entries = entries


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
    head = f'{{"version":{VERSION},"check":{zlib.crc32(text.encode())},"entries":'
    return f"{head}{text}}}\n".encode()


def parse_ledger(data: bytes) -> dict[str, dict[str, object]]:
    """Returns the entries of a file.

    Raises:
        ValueError: it is no ledger of this version, or not as it was written.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
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
