"""One sound server as the engine sees it: its reports, and what is known of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec

from .meter import Ears
from .routes import Routes
from .servers.base import Card, Endpoint, ServerStream, SoundServer

if TYPE_CHECKING:
    from .engine import Engine

_P = ParamSpec("_P")

_log = logging.getLogger("audiosession")


class ServerLink:
    """One sound server: what it reports, and what is known of it. Implements ServerEvents."""

    def __init__(
        self, engine: Engine, server: SoundServer, routes: Routes, ears: Ears | None = None
    ) -> None:
        self.server = server
        self.routes = routes
        self.ears = ears
        """What measures its streams; ``None``: nothing does."""
        self.up = False
        self.away = asyncio.Event()
        """Whether it was up and is not now."""
        self.detail = "not connected yet"
        self.endpoints: tuple[Endpoint, ...] = ()
        self.cards: tuple[Card, ...] = ()
        self._engine = engine

    async def flush(self) -> None:
        """Returns when the server has carried out every factor written so far."""
        try:
            await self.server.flush()
        except Exception:
            _log.exception("%s does not say whether it carried out its factors", self.server.name)

    def server_up(self) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self.up, self.detail = True, ""
        self.away.clear()
        self._take(self._engine.routing.server_up, self)

    def server_down(self, reason: str) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self.up, self.detail = False, reason
        self.away.set()
        self._take(self._engine.routing.server_down, self)
        self._take(self._engine.streams.server_lost, self.server)
        self.cards_changed(())
        self.endpoints_changed(())

    def stream_added(self, stream: ServerStream) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self._take(self._engine.streams.added, self.server, stream)

    def stream_changed(self, stream: ServerStream) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self._take(self._engine.streams.changed, self.server, stream)

    def stream_removed(self, stream: str) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self._take(self._engine.streams.removed, self.server, stream)

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        before, self.endpoints = self.endpoints, endpoints
        # Who asked for a route hears of it first.
        self._take(self._engine.routing.endpoints_changed)
        change = self.routes.update(endpoints)
        self._take(self._engine.routes_changed, change, before, endpoints)

    def cards_changed(self, cards: tuple[Card, ...]) -> None:
        """See :class:`~audiosession.service.servers.base.ServerEvents`."""
        self.cards = cards
        self._take(self._engine.routing.cards_changed)

    def _take(self, report: Callable[_P, None], *given: _P.args, **more: _P.kwargs) -> None:
        """Deals with a report; what goes wrong is logged, and does not disturb the server."""
        try:
            report(*given, **more)
        except Exception:
            _log.exception("a report of %s was not dealt with", self.server.name)


__all__ = ["ServerLink"]
