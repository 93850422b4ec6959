"""What the service says of itself, for commands and tools."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from dbus_fast import Message, Variant
from dbus_fast.unpack import unpack_variants

from ...service.bus.names import MANAGER, OBJECT_MANAGER, PROPERTIES, ROOT, id_of
from ...service.bus.values import carried
from ...streams import EventSource
from .link import Link, connect


class ServiceClient:
    """A connection to the service; :meth:`connect` makes it.

    Args:
        link: The connection.
        app: What sessions of this client are called.
    """

    def __init__(self, link: Link, app: str | None = None) -> None:
        self.link = link
        self.app = app
        self._events: EventSource[dict[str, Any]] = EventSource("service")
        self._listening = False

    @classmethod
    async def connect(cls, *, start: bool = True, app: str | None = None) -> ServiceClient:
        """A connection to the service.

        Args:
            start: Whether to start the service where it does not run.
            app: What sessions of this client are called.

        Raises:
            HostUnavailableError: it cannot be had; says why and what to do.
        """
        return cls(await connect(start=start), app)

    async def status(self) -> dict[str, Any]:
        """Everything: a :class:`~audiosession.service.report.StatusReport`, plain."""
        return dict(await self._text("Status"))

    async def why(self, app: str | None = None) -> dict[str, Any]:
        """Why an app is as it is: a :class:`~audiosession.service.report.WhyReport`, plain.

        Args:
            app: The app, session or stream; ``None``: all.

        Raises:
            UnknownNameError: nothing is called so.
        """
        return dict(await self._text("Why", "s", [carried(app or "")]))

    async def endpoints(self) -> list[dict[str, Any]]:
        """Inputs and outputs: :class:`~audiosession.service.report.EndpointReport`, plain."""
        return list(await self._text("Endpoints"))

    async def decisions(self, limit: int = 50) -> list[dict[str, Any]]:
        """The last decisions, oldest first, at most ``limit``; 0: all that are kept."""
        return list(await self._text("Decisions", "u", [limit]))

    async def reset(self) -> dict[str, Any]:
        """Back to normal: nobody is held; gives the status after it."""
        return dict(await self._text("Reset"))

    async def reload_rules(self) -> None:
        """Has the rules read again."""
        await self.link.call(ROOT, MANAGER, "ReloadRules")

    async def open_session(self) -> tuple[str, str]:
        """A session of this client; gives its path and its token.

        Raises:
            LimitError: there are too many.
        """
        options = {} if self.app is None else {"app": Variant("s", carried(self.app))}
        path, token = await self.link.call(ROOT, MANAGER, "OpenSession", "a{sv}", [options])
        return str(path), str(token)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """What happens from now on, until the service or this client is gone.

        A service that leaves when it is idle stays for a client that has asked for this, until
        the client is closed.

        Each is an object with its ``type``: ``session_opened``, ``session_changed``,
        ``session_closed``, the same of ``stream`` and ``device`` (with ``id`` and
        ``properties``), ``service_changed``, ``decided`` (with the fields of a
        :class:`~audiosession.service.report.DecisionReport`), ``devices_changed``,
        ``became_noisy``.

        Raises:
            StreamOverflowError: the reader fell too far behind.
        """
        if not self._listening:
            self._listening = True
            self.link.on_signal = self._heard
            self.link.on_lost = self._events.close
            await self.link.listen()
            await self.link.call(ROOT, MANAGER, "Watch", "b", [True])
        async for event in self._events.stream:
            yield event

    async def close(self) -> None:
        """Disconnects."""
        self._events.close()
        await self.link.close()

    async def _text(self, member: str, signature: str = "", body: list[Any] | None = None) -> Any:
        (text,) = await self.link.call(ROOT, MANAGER, member, signature, body)
        return json.loads(text)

    def _heard(self, message: Message) -> None:
        event = _event_of(message)
        if event is not None:
            self._events.publish(event)


def _event_of(message: Message) -> dict[str, Any] | None:
    """What a signal tells; ``None`` for those that are for one session."""
    body = message.body
    member = message.member
    if message.interface == MANAGER:
        if member == "Decided":
            return {"type": "decided", **json.loads(body[0])}
        if member == "DevicesChanged":
            return {"type": "devices_changed", **json.loads(body[0])}
        return {"type": "became_noisy"} if member == "BecameNoisy" else None
    if message.interface == PROPERTIES:
        path = message.path or ""
        if path == ROOT:
            return {"type": "service_changed", "properties": unpack_variants(body[1])}
        return {
            "type": f"{_kind(path)}_changed",
            "id": id_of(path),
            "properties": unpack_variants(body[1]),
        }
    if message.interface == OBJECT_MANAGER:
        path = body[0]
        if member == "InterfacesRemoved":
            return {"type": f"{_kind(path)}_closed", "id": id_of(path)}
        properties: dict[str, Any] = {}
        for values in body[1].values():
            properties |= unpack_variants(values)
        return {"type": f"{_kind(path)}_opened", "id": id_of(path), "properties": properties}
    return None


def _kind(path: str) -> str:
    return path.removeprefix(ROOT + "/").partition("/")[0]


__all__ = ["ServiceClient"]
