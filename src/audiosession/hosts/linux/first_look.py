"""What routes there are, for a program that asks before it has called anything."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

from ...core.routing import RouteRequest
from ...errors import AudioSessionError
from ...service.bus.names import SESSION
from ...service.routing.report import RoutingReport
from .client import ServiceClient
from .routing_texts import request_to_text, routing_from_text

_log = logging.getLogger("audiosession")

LOOK_S = 1.0
"""How long properties that are read first of all wait for the service, in seconds in sum."""

_PAUSE_S = 1.0
_MOST_PAUSE_S = 30.0


class FirstLook:
    """Looks at the service, in a thread and over a connection of its own.

    It begins with the first look. The thread neither outlives the program nor holds up its end.

    Args:
        app: What people call the app.
        start: Whether the service may be started for it.
        request: What the app's session asks of the ports.
    """

    def __init__(self, app: str, *, start: bool, request: RouteRequest) -> None:
        self._app = app
        self._start = start
        self._request = request
        now = time.monotonic()
        self._until = now + LOOK_S
        self._pause = _PAUSE_S
        self._next = now + self._pause
        self._report: RoutingReport | None = None
        self._thread = self._begun()

    def report(self, *, wait: bool) -> RoutingReport | None:
        """What was seen last; ``None`` where nothing is yet.

        Args:
            wait: Whether to wait for it, until :data:`LOOK_S` seconds after the first look began.
        """
        if wait and self._thread.is_alive():
            self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._report

    def again(self) -> None:
        """Looks once more, unless a look is under way or the last began just now.

        Between the beginnings of two looks is a second at first, and twice as long each time, up
        to half a minute.
        """
        now = time.monotonic()
        if self._thread.is_alive() or now < self._next:
            return
        self._pause = min(2 * self._pause, _MOST_PAUSE_S)
        self._next = now + self._pause
        self._thread = self._begun()

    def _begun(self) -> threading.Thread:
        thread = threading.Thread(target=self._run, name="audiosession look", daemon=True)
        thread.start()
        return thread

    def _run(self) -> None:
        try:
            self._report = asyncio.run(self._look())
        except AudioSessionError as error:
            _log.info("nothing is known of routes yet: %s", error)

    async def _look(self) -> RoutingReport:
        client = await ServiceClient.connect(start=self._start, app=self._app)
        try:
            path, _ = await client.open_session()
            call = client.link.call
            await call(path, SESSION, "Routing")
            await call(path, SESSION, "RequestRoute", "s", [request_to_text(self._request)])
            (text,) = await call(path, SESSION, "Routing")
            await call(path, SESSION, "Close")
            return routing_from_text(text)
        finally:
            await client.close()


__all__ = ["LOOK_S", "FirstLook"]
