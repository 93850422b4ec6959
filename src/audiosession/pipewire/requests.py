"""What a client has asked the server and waits for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ..errors import HostUnavailableError, HostUnavailableReason
from .errors import RemoteError
from .objects import Proxy


@dataclass(slots=True)
class Request:
    """What waits for a Done."""

    future: asyncio.Future[None]
    proxy: Proxy | None = None
    seq: int | None = None
    error: RemoteError | None = None

    def settle(self) -> None:
        """The Done is there: tells whoever waits."""
        if self.error is not None:
            fail(self.future, self.error)
        elif self.proxy is not None and not self.proxy.alive:
            gone = f"{self.proxy.target} is gone"
            fail(self.future, HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, gone))
        elif not self.future.done():
            self.future.set_result(None)


def fail(future: asyncio.Future[None], error: Exception) -> None:
    """Tells whoever waits that it will not come, unless it is settled."""
    if not future.done():
        future.set_exception(error)
        # A lost connection fails many at once, and some nobody waits for.
        future.exception()


__all__ = ["Request", "fail"]
