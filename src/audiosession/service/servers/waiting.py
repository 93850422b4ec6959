"""Waiting until a server has done what it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...errors import HostUnavailableError, HostUnavailableReason


class Waiting:
    """Those who wait for something to become true of a server; looked at when told.

    Args:
        server: What people call the server, for errors.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._waiting: dict[asyncio.Future[None], Callable[[], bool]] = {}

    def look(self) -> None:
        """Something changed: whoever waited for that goes on."""
        for done, true in tuple(self._waiting.items()):
            if not done.done() and true():
                done.set_result(None)

    def lost(self) -> None:
        """The connection is lost: nobody waits any longer."""
        for done in self._waiting:
            if not done.done():
                done.set_exception(self.error())

    def error(self) -> HostUnavailableError:
        """Returns what to raise when the connection is lost."""
        return HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, self._server)

    async def until(self, true: Callable[[], bool], timeout_s: float) -> bool:
        """Returns whether a condition became true in that time.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        if true():
            return True
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[done] = true
        try:
            async with asyncio.timeout(timeout_s):
                await done
        except TimeoutError:
            return true()
        finally:
            del self._waiting[done]
        return True


__all__ = ["Waiting"]
