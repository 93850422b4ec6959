"""The other end of the protocol: a PipeWire server that does what a test tells it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audiosession.pipewire import Interface, Protocol, messages
from audiosession.pipewire.messages import Message
from audiosession.pipewire.pod import Object

DEADLINE_S = 30.0


@dataclass
class Thing:
    """One global object."""

    id: int
    interface: Interface
    registry: dict[str, str]
    properties: dict[str, str] = field(default_factory=dict)
    params: dict[int, list[Object]] = field(default_factory=dict)

    @property
    def flags(self) -> dict[int, int]:
        return dict.fromkeys(self.params, 2)


class FakeServer:
    """Listens, answers hello, sync, registry, bind and parameters, and remembers what it got."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.things: dict[int, Thing] = {}
        self.visible = True
        self.received: list[Message] = []
        self.connections = 0
        self.answers_sync = True
        self.refuses = False
        self.cookie = 1
        self.on_set: Callable[[Thing, Object], None] | None = None
        self._serial = 100
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(str(path))
        self._listener.listen()
        self._loop.add_reader(self._listener, self._accept)
        self._protocol = Protocol(server=True)
        self._bound: dict[int, Thing] = {}
        self._changed = asyncio.Event()

    def close(self) -> None:
        self.hang_up()
        if self._listener.fileno() >= 0:
            self._loop.remove_reader(self._listener)
            self._listener.close()
        self.path.unlink(missing_ok=True)

    def hang_up(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    async def until(self, check: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not check():
                self._changed.clear()
                await self._changed.wait()

    def count(self, kind: type[Message]) -> int:
        return sum(isinstance(message, kind) for message in self.received)

    # What there is

    def add(
        self,
        number: int,
        interface: Interface,
        registry: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        params: dict[int, list[Object]] | None = None,
    ) -> Thing:
        self._serial += 1
        known = {"object.serial": str(self._serial)} | dict(registry or {})
        thing = Thing(number, interface, known, known | dict(properties or {}), params or {})
        self.things[number] = thing
        self._announce(thing)
        return thing

    def remove(self, number: int) -> None:
        self.things.pop(number)
        for local in [local for local, thing in self._bound.items() if thing.id == number]:
            self._unbind(local)
        self.send(2, messages.GlobalRemove(id=number))

    def inform(self, number: int, flags: dict[int, int] | None = None) -> None:
        """Sends a device's or node's info to whoever has bound it."""
        for local, thing in self._bound.items():
            if thing.id == number:
                self._info(local, thing, flags)

    def show(self) -> None:
        """Lets the client see what there is, as a session manager does."""
        self.visible = True
        for thing in self.things.values():
            self._announce(thing)

    def tell(self, number: int, param: int) -> None:
        """Sends the values of a node's parameter to whoever has bound it."""
        for local, thing in self._bound.items():
            if thing.id == number:
                for value in thing.params.get(param, []):
                    self.send(
                        local, messages.NodeParam(seq=1, id=param, index=0, next=1, param=value)
                    )

    # The wire

    def send(self, number: int, message: Message, fds: tuple[int, ...] = ()) -> None:
        if self._socket is None:
            return
        self._protocol.send(number, message)
        data = bytearray(self._protocol.data_to_send())
        if fds:
            data[12:16] = len(fds).to_bytes(4, "little")
            socket.send_fds(self._socket, [bytes(data)], list(fds))
        else:
            self._socket.sendall(data)

    def send_raw(self, data: bytes) -> None:
        assert self._socket is not None
        self._socket.sendall(data)

    def _accept(self) -> None:
        self.hang_up()
        self._socket, _ = self._listener.accept()
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._readable)
        self._protocol = Protocol(server=True)
        self._bound.clear()
        self.connections += 1
        self._changed.set()

    def _readable(self) -> None:
        assert self._socket is not None
        data = self._socket.recv(1 << 16)
        if not data:
            self.hang_up()
            return
        protocol = self._protocol
        protocol.receive_data(data)
        while (received := protocol.next_message()) is not None:
            self.received.append(received.message)
            self._handle(received.object, received.message, received.seq)
        self._changed.set()

    def _handle(self, number: int, message: Message, seq: int) -> None:
        match message:
            case messages.Hello():
                self.send(
                    0,
                    messages.CoreInfo(
                        id=0,
                        cookie=self.cookie,
                        user_name="test",
                        host_name="test",
                        version="0.0.0",
                        name="fake",
                    ),
                )
            case messages.GetRegistry(new_id=new_id):
                self._protocol.add_object(new_id, Interface.REGISTRY)
                if self.visible:
                    self.show()
            case messages.Sync(id=sync, seq=number):
                if self.answers_sync:
                    self.send(0, messages.Done(id=sync, seq=number))
            case messages.Bind(id=target, new_id=new_id):
                self._bind(target, new_id, seq)
            case messages.DestroyObject(id=local):
                self._unbind(local)
            case messages.NodeSubscribeParams(ids=ids):
                for param in ids:
                    self.tell(self._bound[number].id, param)
            case (
                messages.NodeSetParam(param=Object() as value)
                | messages.DeviceSetParam(param=Object() as value)
            ):
                if self.refuses:
                    self.send(0, messages.Error(id=number, seq=seq, res=-22, message="no"))
                elif self.on_set is not None:
                    self.on_set(self._bound[number], value)
            case messages.DeviceEnumParams() | messages.NodeEnumParams():
                self._list(number, message, seq)

    def _announce(self, thing: Thing) -> None:
        if self.visible:
            self.send(
                2,
                messages.Global(
                    id=thing.id,
                    permissions=0o700,
                    type=thing.interface.value,
                    version=3,
                    properties=thing.registry,
                ),
            )

    def _bind(self, target: int, local: int, seq: int) -> None:
        thing = self.things.get(target)
        if thing is None:
            self.send(0, messages.Error(id=local, seq=seq, res=-2, message="no global"))
            self.send(0, messages.RemoveId(id=local))
            return
        self._protocol.add_object(local, thing.interface)
        self._bound[local] = thing
        self.send(0, messages.BoundId(id=local, global_id=target))
        self._info(local, thing, None)

    def _unbind(self, local: int) -> None:
        if self._bound.pop(local, None) is not None:
            self.send(0, messages.RemoveId(id=local))

    def _info(self, local: int, thing: Thing, flags: dict[int, int] | None) -> None:
        about: dict[str, Any] = {"id": thing.id, "properties": thing.properties}
        params = thing.flags if flags is None else flags
        if thing.interface is Interface.DEVICE:
            self.send(local, messages.DeviceInfo(change_mask=3, params=params, **about))
        elif thing.interface is Interface.NODE:
            self.send(local, messages.NodeInfo(change_mask=31, state=3, params=params, **about))
        elif thing.interface is Interface.CLIENT:
            self.send(local, messages.ClientInfo(change_mask=1, **about))

    def _list(
        self, local: int, asked: messages.DeviceEnumParams | messages.NodeEnumParams, seq: int
    ) -> None:
        thing = self._bound[local]
        if asked.id not in thing.params:
            self.send(0, messages.Error(id=local, seq=seq, res=-2, message="no such param"))
            return
        kind = messages.DeviceParam if thing.interface is Interface.DEVICE else messages.NodeParam
        for index, value in enumerate(thing.params[asked.id]):
            self.send(
                local, kind(seq=asked.seq, id=asked.id, index=index, next=index + 1, param=value)
            )
