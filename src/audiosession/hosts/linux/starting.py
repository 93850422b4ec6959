"""Starts the service where nobody else does."""

from __future__ import annotations

import asyncio
import sys

from ...errors import HostUnavailableError, HostUnavailableReason

IDLE_EXIT_S = 60
"""How long a service that a client started stays without anything to do."""
ADVICE = "`audiosession doctor` says what is missing"
"""What to do next, at the end of messages."""

_MOST_WORDS = 2000


async def spawn_service() -> None:
    """Starts the service in a process of its own; returns when it serves.

    It outlives this process, is not its child and has none of its terminals.

    Raises:
        HostUnavailableError: it does not run here; says what the service said.
    """
    loop = asyncio.get_running_loop()
    starter, starting = await loop.subprocess_exec(
        lambda: _Starting(loop),
        sys.executable,
        *("-m", "audiosession.service", "--detach", "--idle-exit", str(IDLE_EXIT_S)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        await asyncio.shield(starting.over)
        failed = starter.get_returncode()
    finally:
        if not starting.exited.done():
            starter.kill()
            await starting.exited
        starter.close()
    if failed:
        said = starting.words.decode(errors="replace").strip()[-_MOST_WORDS:]
        raise HostUnavailableError(HostUnavailableReason.NO_SERVICE, f"{said}; {ADVICE}")


class _Starting(asyncio.SubprocessProtocol):
    """What the process says that starts the service, and when it is over."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.words = b""
        self.exited = loop.create_future()
        """It has ended."""
        self.over = loop.create_future()
        """It has ended, and all that it said is here."""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.words = (self.words + data)[-_MOST_WORDS:]

    def process_exited(self) -> None:
        self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set_result(None)


__all__ = ["ADVICE", "IDLE_EXIT_S", "spawn_service"]
