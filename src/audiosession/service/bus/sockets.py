"""Whether somebody listens on a socket."""

from __future__ import annotations

import socket
from pathlib import Path


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


__all__ = ["answers"]
