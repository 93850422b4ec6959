"""Whether somebody listens on a socket."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

CREDENTIALS = struct.Struct("3i")
"""``struct ucred``: process, user, group."""


def answers(path: Path) -> bool:
    """Whether somebody listens; a socket file may be left over from one who is gone."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            # It listens and is busy.
            return True
        except OSError:
            return False
        return True


def listener(path: Path) -> int | None:
    """The process that listens there; ``None`` where none does, or none that can be seen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        try:
            probe.connect(str(path))
            found = probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
        except OSError:
            return None
        pid: int = CREDENTIALS.unpack(found)[0]
        # 0 for one in a namespace that cannot be seen from here (unix(7)).
        return pid or None


__all__ = ["CREDENTIALS", "answers", "listener"]
