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
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "audiosession.service",
        "--detach",
        "--idle-exit",
        str(IDLE_EXIT_S),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _, words = await process.communicate()
    except BaseException:
        if process.returncode is None:
            process.kill()
        raise
    if process.returncode:
        said = words.decode(errors="replace").strip()[-_MOST_WORDS:]
        raise HostUnavailableError(HostUnavailableReason.NO_SERVICE, f"{said}; {ADVICE}")


__all__ = ["ADVICE", "IDLE_EXIT_S", "spawn_service"]
