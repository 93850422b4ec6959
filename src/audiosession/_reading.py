"""Files of the user's that are read: never endless, never waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

# Windows has none of these, and no pipes among its files.
_UNWAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)


def read_bounded(path: Path, most: int) -> bytes:
    """What is in a file; one byte more than ``most`` where there is more.

    Raises:
        OSError: it cannot be read, or is no regular file: a pipe would be waited for.
    """
    with open(path, "rb", opener=_unwaiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return file.read(most + 1)


def _unwaiting(path: str, flags: int) -> int:
    return os.open(path, flags | _UNWAITING)


__all__ = ["read_bounded"]
