"""A file on disk that goes on being one when the disk is full."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["DiskFile"]


class DiskFile:
    """A new file; a file object to PyAV.

    What is written reaches the system at once, so a process that is killed loses nothing of
    it. The first write that fails is kept as :attr:`error`. From then on the file ends where
    it ended, and what would be behind that is dropped; what lies before can still be changed,
    so that headers come to say what there is.

    Args:
        path: Where.

    Raises:
        OSError: it cannot be made; FileExistsError where there is one already.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.error: OSError | None = None
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        self._at = 0
        self._size = 0

    @property
    def size(self) -> int:
        """How long the file is, in bytes."""
        return self._size

    @property
    def free(self) -> int:
        """How much room is left where it is, in bytes, also when its name is gone."""
        about = os.fstatvfs(self._file)
        return about.f_bavail * about.f_frsize

    @property
    def full(self) -> bool:
        """Whether nothing more can be put at its end."""
        return self.error is not None

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Writes at the current place; never raises, see :attr:`error`."""
        view = memoryview(data).cast("B")
        length = len(view)
        at, self._at = self._at, self._at + length
        if self.full:
            view = view[: max(0, self._size - at)]
        while view:
            try:
                done = os.pwrite(self._file, view, at)
            except OSError as error:
                if self.full:
                    # Not even what is there can be changed.
                    break
                self.error = error
                view = view[: max(0, self._size - at)]
                continue
            at += done
            view = view[done:]
            self._size = max(self._size, at)
        return length

    def read(self, length: int) -> bytes:
        """Reads from the current place."""
        data = os.pread(self._file, length, self._at)
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Moves the current place."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """The current place, in bytes from the start."""
        return self._at

    def flush(self) -> None:
        """Does nothing: nothing is held back."""

    def truncate(self, size: int) -> None:
        """Cuts the file off."""
        os.ftruncate(self._file, size)
        self._size = size

    def close(self) -> None:
        """Lets go of it; a second call does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
