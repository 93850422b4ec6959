"""Which sources the sound server has, and when one comes or goes.

A thread of its own asks and listens, so that the answer is there for whoever has no event loop
yet, and nobody waits for the server but the first who asks.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import AudioSessionError, HostUnavailableError
from ...service.servers.base import Direction

if TYPE_CHECKING:
    from ...service.servers.pulse_values import Node

__all__ = ["Source", "Sources"]

_log = logging.getLogger("audiosession")

_FIRST_S = 2.0
_AGAIN_S = 0.5
_CLOSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source of the server."""

    name: str
    """The server's name of it."""
    text: str
    """Its name for people."""
    port: str
    """The active port's name for people; empty without ports."""
    rate: int
    """Frames a second that it runs at."""
    channels: int
    """How many it has."""
    monitor: bool
    """Whether it is what a sink sounds like."""
    default: bool
    """Whether it is the one that programs record from unless told otherwise."""
    vendor: str = ""
    """Who makes it, as far as the server says."""
    model: str = ""
    """What it is, as far as the server says."""


class Sources:
    """The sources there are, followed until it is closed.

    Args:
        server: Where, as libpulse takes it; ``None``: where libpulse finds it.
        changed: Told in the thread, with the new and the former sources, and whether the
            server is there.
    """

    def __init__(
        self,
        server: str | None,
        changed: Callable[[tuple[Source, ...], tuple[Source, ...], bool], None],
    ) -> None:
        self._server, self._changed = server, changed
        self._found: tuple[Source, ...] = ()
        self._looked = threading.Event()
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="audiosession sources", daemon=True)
        self._thread.start()

    def now(self) -> tuple[Source, ...]:
        """The sources, the default one first; waits for the first answer two seconds at most."""
        self._looked.wait(_FIRST_S)
        return self._found

    def close(self) -> None:
        """Ends the thread."""
        self._closing = True
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(stop.set)
        # It may wait for a server that stands still, and dies with the program.
        self._thread.join(_CLOSE_S)

    def _run(self) -> None:
        try:
            from ...service.servers import pulse_wire
        except AudioSessionError as missing:
            _log.info("there are no microphones: %s", missing)
            self._looked.set()
            return
        asyncio.run(self._follow_all(pulse_wire))

    async def _follow_all(self, wire: Any) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        while not self._closing and not self._stop.is_set():
            try:
                await self._follow(wire)
            except (HostUnavailableError, ConnectionError) as error:
                _log.debug("no sound server: %s", error)
            self._take((), up=False)
            with suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_S):
                    await self._stop.wait()

    async def _follow(self, wire: Any) -> None:
        """Follows one server until that is gone."""
        assert self._stop is not None
        news, over = asyncio.Event(), False

        def heard(subject: Any, change: object, index: int) -> None:
            if subject is wire.Subject.ENDPOINTS:
                news.set()

        def ended() -> None:
            nonlocal over
            over = True
            news.set()

        link = wire.PulseLink(self._server, on_event=heard, on_end=ended)
        server = await link.connect()
        try:
            while not over and not self._stop.is_set():
                nodes, _ = await link.places()
                self._take(_sources(nodes, server.default_source), up=True)
                async with asyncio.TaskGroup() as group:
                    waits = [group.create_task(each.wait()) for each in (news, self._stop)]
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                    for each in waits:
                        each.cancel()
                news.clear()
                if not over:
                    server = await link.server()
        finally:
            link.close()

    def _take(self, found: tuple[Source, ...], *, up: bool) -> None:
        before, self._found = self._found, found
        if before != found:
            try:
                self._changed(found, before, up)
            except Exception:
                _log.exception("a change of sources could not be told")
        # Last: what is there at the first look is no news for who waits for it.
        self._looked.set()


def _sources(nodes: list[Node], default: str) -> tuple[Source, ...]:
    found = []
    for node in nodes:
        # Both servers call a sink's monitor so.
        monitor = node.direction is Direction.PLAYBACK
        name = f"{node.name}.monitor" if monitor else node.name
        ports = {} if monitor else {port.name: port.text for port in node.ports}
        found.append(
            Source(
                name=name,
                text=f"Monitor of {node.text}" if monitor else node.text,
                port=ports.get(node.active_port, ""),
                rate=node.rate,
                channels=len(node.channels),
                monitor=monitor,
                default=name == default,
                vendor=node.properties.get("device.vendor.name", ""),
                model=node.properties.get("device.product.name", ""),
            )
        )
    return tuple(sorted(found, key=lambda each: (not each.default, each.monitor)))
