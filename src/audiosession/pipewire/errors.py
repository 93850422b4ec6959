"""What can go wrong between this package and a PipeWire server.

::

    AudioSessionError
    ├── ProtocolError            the other side sent bytes that are none of the protocol
    │   └── PodError             + ValueError; a value cannot be read or written as a POD
    ├── RemoteError              the server refused a request, or reports a fault
    └── HostUnavailableError     there is no server, or the connection is lost
"""

from __future__ import annotations

import os

from ..errors import AudioSessionError, HostUnavailableError, HostUnavailableReason


class ProtocolError(AudioSessionError):
    """The bytes received are none of the protocol; the connection is of no more use.

    Args:
        message: What is wrong, as a sentence.
    """


class PodError(ProtocolError, ValueError):
    """A value cannot be read from, or written as, a POD.

    Args:
        message: What is wrong, as a sentence.
    """


class RemoteError(AudioSessionError):
    """The server refused a request, or reports that something went wrong.

    Args:
        what: The object it is about: ``node 42 (mpv)``.
        code: The error number, positive, as in :mod:`errno`; 0 when there is none.
        detail: The server's words.
    """

    what: str
    code: int
    detail: str

    def __init__(self, what: str, code: int, detail: str) -> None:
        reason = os.strerror(code) if code else "error"
        super().__init__(f"{what}: {detail or reason}" + (f" ({reason})" if detail else ""))
        self.what = what
        self.code = code
        self.detail = detail


__all__ = [
    "HostUnavailableError",
    "HostUnavailableReason",
    "PodError",
    "ProtocolError",
    "RemoteError",
]
