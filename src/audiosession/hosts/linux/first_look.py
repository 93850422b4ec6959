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
"""How long a property that is read first of all waits for the service, in seconds."""


class FirstLook:
    """One look at the service, in a thread and over a connection of its own.

    The thread neither outlives the program nor holds up its end.

    Args:
        app: What people call the app.
        start: Whether the service may be started for it.
        request: What the app's session asks of the ports.
    """

    def __init__(self, app: str, *, start: bool, request: RouteRequest) -> None:
        self._app = app
        self._start = start
        self._request = request
        self._until = time.monotonic() + LOOK_S
        self._report: RoutingReport | None = None
        self._thread = threading.Thread(target=self._run, name="audiosession look", daemon=True)
        self._thread.start()

    def report(self, *, wait: bool) -> RoutingReport | None:
        """What was seen; ``None`` where nothing is yet, or will be.

        Args:
            wait: Whether to wait for it, until :data:`LOOK_S` seconds after the look began.
        """
        if wait and self._thread.is_alive():
            self._thread.join(max(0.0, self._until - time.monotonic()))
        return self._report

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
