"""An engine with a fake sound server on a real socket, and clients that call it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbus_fast import Message, MessageType, Variant

from audiosession.policies import load_policy
from audiosession.service.bus.connecting import connected_bus
from audiosession.service.bus.errors import from_wire
from audiosession.service.bus.names import BUS_NAME, MANAGER, ROOT, SESSION
from audiosession.service.bus.peer import PeerWire
from audiosession.service.bus.service import BusService
from audiosession.service.engine import Engine
from audiosession.service.rules import RuleBook
from tests.service.fake_server import FakeServer

DEADLINE_S = 20.0


class ManyAppsWire(PeerWire):
    """Every connection counts as another process, since in a test all come from this one."""

    async def watch(self, client: str) -> int | None:
        await super().watch(client)
        return 4_000_000 + int(client.rpartition(".")[2])


class Served:
    """A service on a socket. Use with ``async with``."""

    def __init__(self, folder: Path, policy: str = "default") -> None:
        self.path = folder / "audiosession" / "bus"
        self.server = FakeServer()
        self.engine = Engine(policy=load_policy(policy), rules=RuleBook.of())
        self.engine.add_server(self.server)
        self.wire = ManyAppsWire(self.path)
        self.reloads = 0
        self.service = BusService(self.engine, reload_rules=self._reload, machine_id="ab" * 16)

    @property
    def address(self) -> str:
        return f"unix:path={self.path}"

    async def __aenter__(self) -> Served:
        await self.engine.start()
        await self.service.__aenter__()
        await self.service.add_wire(self.wire)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.engine.close()
        await self.service.__aexit__(None, None, None)

    def _reload(self) -> None:
        self.reloads += 1


class Client:
    """A program on the bus that uses no more of the package than the names. Async context."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.signals: list[Message] = []
        self._heard = asyncio.Event()

    async def __aenter__(self) -> Client:
        self.bus = await connected_bus(self._address)
        self.bus.add_message_handler(self._handle)
        return self

    async def __aexit__(self, *error: object) -> None:
        if self.bus.connected:
            self.bus.disconnect()
            await asyncio.wait([self.bus._disconnect_future], timeout=DEADLINE_S)

    def _handle(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            self.signals.append(message)
            self._heard.set()

    async def raw(
        self,
        path: str,
        interface: str | None,
        member: str,
        signature: str = "",
        *body: Any,
        to: str = BUS_NAME,
    ) -> Message:
        message = Message(
            destination=to,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        async with asyncio.timeout(DEADLINE_S):
            return await self.bus.call(message)

    async def call(
        self, path: str, interface: str, member: str, signature: str = "", *body: Any
    ) -> list[Any]:
        reply = await self.raw(path, interface, member, signature, *body)
        if reply.message_type is MessageType.ERROR:
            raise from_wire(reply.error_name or "", reply.body)
        answer: list[Any] = reply.body
        return answer

    async def open(self, app: str = "app", recipe: str | None = None) -> str:
        options = {"app": Variant("s", app)}
        if recipe is not None:
            options["recipe"] = Variant("s", recipe)
        path, _ = await self.call(ROOT, MANAGER, "OpenSession", "a{sv}", options)
        return str(path)

    async def activate(self, path: str, **overrides: Variant) -> str:
        body = await self.call(path, SESSION, "Activate", "a{sv}", overrides)
        return str(body[0])

    async def status(self) -> dict[str, Any]:
        (text,) = await self.call(ROOT, MANAGER, "Status")
        return dict(json.loads(text))

    async def listen(self) -> None:
        await self.raw(
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            "AddMatch",
            "s",
            f"type='signal',path_namespace='{ROOT}'",
            to="org.freedesktop.DBus",
        )

    async def hears(self, what: Callable[[Message], bool]) -> Message:
        """The first signal like that, also one that came before."""
        async with asyncio.timeout(DEADLINE_S):
            while True:
                self._heard.clear()
                for message in self.signals:
                    if what(message):
                        return message
                await self._heard.wait()


async def until(condition: Callable[[], bool]) -> None:
    """Returns when it is so; fails when it does not become so."""
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
