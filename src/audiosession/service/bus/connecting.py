"""Connections by dbus-fast that bear a peer which reads slowly, or is killed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

from dbus_fast.aio import MessageBus

CONNECT_S = 10.0
"""How long a connection may take."""


async def connected_bus(address: str, *, timeout_s: float = CONNECT_S) -> MessageBus:
    """A connection to a bus.

    Raises:
        Exception: nobody answers, or not in time; the library raises many things.
    """
    async with asyncio.timeout(timeout_s):
        bus = await MessageBus(bus_address=address).connect()
    # The library takes a full socket for a lost one; to it, nothing was sent then.
    writer: Any = bus._writer
    writer.sock = _PatientSocket(writer.sock)
    return bus


class _PatientSocket:
    """A socket that sends nothing when it is full, and anything when nobody is there any more.

    Whoever reads from it hears that the peer is gone, and tells whoever waits for an answer; the
    library would tell it a second time, of a write that nobody waits for.
    """

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner

    def send(self, data: memoryview) -> int:
        try:
            return self._inner.send(data)
        except BlockingIOError:
            return 0
        except (BrokenPipeError, ConnectionResetError):
            return len(data)


__all__ = ["CONNECT_S", "connected_bus"]
