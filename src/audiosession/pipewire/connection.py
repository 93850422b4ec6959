"""A unix socket to a PipeWire server in the event loop, file descriptors included.

Nothing here waits: what is written goes out at once, or as soon as the socket takes it.
"""

from __future__ import annotations

import array
import asyncio
import errno
import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .errors import HostUnavailableError, HostUnavailableReason
from .protocol import MAX_FDS

_log = logging.getLogger("audiosession.pipewire")

_CHUNK = 1 << 16
_MAX_UNSENT = 8 << 20
_REASONS = {
    errno.ENOENT: HostUnavailableReason.NO_SOUND_SERVER,
    errno.ECONNREFUSED: HostUnavailableReason.NO_SOUND_SERVER,
    errno.EACCES: HostUnavailableReason.PERMISSION_DENIED,
    errno.EPERM: HostUnavailableReason.PERMISSION_DENIED,
}


def remote_path(
    remote: str | Path | None = None, environment: Mapping[str, str] | None = None
) -> Path:
    """Returns the path of the server's socket, as PipeWire's own clients find it.

    Args:
        remote: A path, or a name in the runtime directory; ``None`` for the environment's
            ``PIPEWIRE_REMOTE``, else ``pipewire-0``.
        environment: Instead of this process's own.

    Raises:
        HostUnavailableError: a name is given, and there is no runtime directory.
    """
    env = os.environ if environment is None else environment
    name = str(remote or env.get("PIPEWIRE_REMOTE") or "pipewire-0")
    if name.startswith(("/", "@")):
        return Path(name)
    folder = env.get("PIPEWIRE_RUNTIME_DIR") or env.get("XDG_RUNTIME_DIR")
    if not folder:
        raise HostUnavailableError(
            HostUnavailableReason.NO_SOUND_SERVER, "XDG_RUNTIME_DIR is not set"
        )
    return Path(folder) / name


class Connection:
    """One connection; ends by itself when the server does.

    Args:
        path: The socket. A leading ``@`` stands for an abstract one.
        on_data: Called with bytes and file descriptors as they arrive; has to close these.
        on_lost: Called once with the reason when the connection ends, unless by :meth:`close`.
        on_drained: Called whenever it is no longer :attr:`congested`.

    Raises:
        HostUnavailableError: nobody listens there, or this process may not use it.
    """

    def __init__(
        self,
        path: Path,
        *,
        on_data: Callable[[bytes, tuple[int, ...]], None],
        on_lost: Callable[[str], None],
        on_drained: Callable[[], None],
    ) -> None:
        self._on_data = on_data
        self._on_lost = on_lost
        self._on_drained = on_drained
        self._unsent = bytearray()
        self._writing = False
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        # Connecting to a unix socket does not wait; a full queue is an error at once.
        self._socket.setblocking(False)
        address = str(path)
        try:
            self._socket.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        except OSError as error:
            self._socket.close()
            reason = _REASONS.get(error.errno or 0, HostUnavailableReason.CONNECTION_LOST)
            raise HostUnavailableError(reason, f"{path}: {error.strerror or error}") from error
        self._loop.add_reader(self._socket, self._readable)

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._closed

    @property
    def congested(self) -> bool:
        """Whether the server does not keep up, and something is not sent yet."""
        return bool(self._unsent)

    def write(self, data: bytes) -> None:
        """Sends bytes; what the socket does not take at once follows when it does."""
        if self._closed or not data:
            return
        if not self._unsent:
            try:
                sent = self._socket.send(data, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                self._lose(error.strerror or str(error))
                return
            data = data[sent:]
        self._unsent += data
        if len(self._unsent) > _MAX_UNSENT:
            self._lose("the server does not read what is sent")
        elif self._unsent and not self._writing:
            self._writing = True
            self._loop.add_writer(self._socket, self._writable)

    def close(self) -> None:
        """Ends the connection without a word to ``on_lost``; does nothing the second time."""
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._socket.close()

    def _lose(self, reason: str) -> None:
        self.close()
        # Whoever writes is not to find its connection gone in the middle of its work.
        self._loop.call_soon(self._on_lost, reason)

    def _writable(self) -> None:
        try:
            sent = self._socket.send(self._unsent, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        del self._unsent[:sent]
        if not self._unsent:
            self._writing = False
            self._loop.remove_writer(self._socket)
            self._on_drained()

    def _readable(self) -> None:
        space = socket.CMSG_SPACE(MAX_FDS * array.array("i").itemsize)
        try:
            data, ancillary, flags, _ = self._socket.recvmsg(_CHUNK, space, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(error.strerror or str(error))
            return
        fds = _descriptors(ancillary)
        if flags & socket.MSG_CTRUNC:
            close_fds(fds)
            self._lose("file descriptors were lost; this process may open no more")
        elif not data:
            close_fds(fds)
            self._lose("the server has closed the connection")
        else:
            self._on_data(data, fds)


def _descriptors(ancillary: Iterable[tuple[int, int, bytes]]) -> tuple[int, ...]:
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return tuple(fds)


def close_fds(fds: Iterable[int]) -> None:
    """Closes file descriptors; one that cannot be is logged."""
    for fd in fds:
        try:
            os.close(fd)
        except OSError as error:
            _log.warning("descriptor %d cannot be closed: %s", fd, error)


__all__ = ["Connection", "close_fds", "remote_path"]
