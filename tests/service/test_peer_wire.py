"""The socket: who is let in, who is put out, and who takes whose place."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import Message, MessageType

from audiosession.errors import HostUnavailableError, LimitError
from audiosession.service.bus.errors import from_wire
from audiosession.service.bus.framing import framed
from audiosession.service.bus.names import BUS_NAME, DAEMON, DAEMON_PATH, ROOT
from audiosession.service.bus.peer import PeerWire
from tests.service.bus_kit import DEADLINE_S, Client, Served, until


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path) as served:
        yield served


@pytest.fixture
async def app(served: Served) -> AsyncIterator[Client]:
    async with Client(served.address) as client:
        yield client


async def daemon(client: Client, member: str, signature: str = "", *body: object) -> Message:
    return await client.raw(DAEMON_PATH, DAEMON, member, signature, *body, to=DAEMON)


async def ended(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(DEADLINE_S):
        try:
            while await reader.read(4096):
                pass
        except ConnectionResetError:
            pass
    return True


async def test_socket_and_folder_are_the_users_alone(served: Served) -> None:
    assert stat.S_IMODE(served.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.path.parent.stat().st_mode) == 0o700


async def test_it_answers_what_a_bus_would(app: Client) -> None:
    name = app.bus.unique_name or ""
    assert name.startswith(":")
    assert (await daemon(app, "GetNameOwner", "s", BUS_NAME)).body == [BUS_NAME]
    assert (await daemon(app, "NameHasOwner", "s", "a.b")).body == [False]
    assert (await daemon(app, "NameHasOwner", "s", name)).body == [True]
    assert (await daemon(app, "GetConnectionUnixProcessID", "s", name)).body == [os.getpid()]
    assert (await daemon(app, "GetConnectionUnixUser", "s", name)).body == [os.getuid()]
    assert (await daemon(app, "StartServiceByName", "su", BUS_NAME, 0)).body == [2]
    assert BUS_NAME in (await daemon(app, "ListNames")).body[0]
    assert (await daemon(app, "GetId")).body
    errors: dict[str, tuple[Any, ...]] = {
        "GetNameOwner": ("s", "a.b"),
        "RequestName": ("su", "a.b", 0),
        "Hello": ("",),
        "RemoveMatch": ("s", "type='signal'"),
        "AddMatch": ("s", "nonsense"),
        "Monitor": ("",),
    }
    for member, (signature, *body) in errors.items():
        reply = await daemon(app, member, signature, *body)
        assert reply.message_type is MessageType.ERROR, member
    elsewhere = await app.raw(ROOT, None, "Ping", to="a.b")
    assert elsewhere.error_name == f"{DAEMON}.Error.ServiceUnknown"


async def test_signals_go_to_those_who_listen(served: Served, app: Client) -> None:
    rule = f"type='signal',path_namespace='{ROOT}'"
    async with Client(served.address) as other:
        assert (await daemon(app, "AddMatch", "s", rule)).body == []
        served.service.send(Message.new_signal(ROOT, "a.b", "First"))
        await app.hears(lambda message: message.member == "First")
        assert (await daemon(app, "RemoveMatch", "s", rule)).body == []
        served.service.send(Message.new_signal(ROOT, "a.b", "Second"))
        for client in (app, other):
            await client.status()
        assert [each.member for each in app.signals] == ["First"]
        assert other.signals == []


async def test_match_rules_are_bounded(app: Client) -> None:
    for _ in range(64):
        assert (await daemon(app, "AddMatch", "s", "type='signal'")).body == []
    reply = await daemon(app, "AddMatch", "s", "type='signal'")
    assert isinstance(from_wire(reply.error_name or "", reply.body), LimitError)


HELLO = framed(
    Message(destination=DAEMON, path=DAEMON_PATH, interface=DAEMON, member="Hello", serial=1), ":x"
)
LET_IN = b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0BEGIN\r\n",
        b"\0" + os.urandom(4096),
        LET_IN + b"l" * 64,
        LET_IN + HELLO.replace(b"Hello", b"Hallo"),
        LET_IN + HELLO + HELLO[:-40] + b"\xff" * 40,
        LET_IN + HELLO + b"l\1\0\1" + b"\xff" * 12,
    ],
    ids=["http", "early", "noise", "no message", "no hello", "damaged", "endless"],
)
async def test_nonsense_closes_that_connection_and_no_other(
    served: Served, app: Client, said: bytes
) -> None:
    reader, writer = await asyncio.open_unix_connection(str(served.path))
    writer.write(said)
    assert await ended(reader)
    writer.close()
    await app.status()
    path = await app.open("player", "music")
    assert await app.activate(path) == "granted"


async def test_whoever_hangs_up_in_the_middle_is_forgotten(served: Served, app: Client) -> None:
    for end in range(0, len(LET_IN + HELLO), 9):
        _, writer = await asyncio.open_unix_connection(str(served.path))
        writer.write((LET_IN + HELLO)[:end])
        writer.close()
    await app.status()
    await until(lambda: len(served.wire._connections) == 1)


async def test_whoever_says_nothing_is_put_out(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.service.bus.peer._HANDSHAKE_S", 0.05)
    reader, writer = await asyncio.open_unix_connection(str(served.path))
    assert await ended(reader)
    writer.close()


async def test_connections_are_bounded(
    served: Served, app: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.service.bus.peer.MOST_PEERS", 3)
    open_ones = [await asyncio.open_unix_connection(str(served.path)) for _ in range(2)]
    reader, writer = await asyncio.open_unix_connection(str(served.path))
    assert await ended(reader)
    await app.status()
    for each in (writer, *(writer for _, writer in open_ones)):
        each.close()


async def test_whoever_does_not_read_is_let_go(
    served: Served, app: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audiosession.service.bus.peer.MOST_UNSENT_BYTES", 100_000)
    deaf = socket.socket(socket.AF_UNIX)
    deaf.setblocking(False)
    with deaf:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(deaf, str(served.path))
        match = Message(
            destination=DAEMON,
            path=DAEMON_PATH,
            interface=DAEMON,
            member="AddMatch",
            signature="s",
            body=["type='signal'"],
            serial=2,
        )
        await loop.sock_sendall(deaf, LET_IN + HELLO + framed(match, ":x"))
        peers = served.wire._peers
        await until(lambda: any(peer._matches for peer in peers.values()))
        for _ in range(200):
            served.service.send(Message.new_signal(ROOT, "a.b", "Long", "s", ["x" * 10_000]))
        await until(lambda: len(served.wire._connections) == 1)
    await app.status()


async def test_a_second_service_is_refused_and_the_first_goes_on(
    served: Served, app: Client
) -> None:
    with pytest.raises(HostUnavailableError, match="another audio session service"):
        await PeerWire(served.path).start(served.service)
    await app.status()


async def test_a_socket_that_was_left_over_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "audiosession" / "bus"
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with Served(tmp_path) as served, Client(served.address) as client:
        await client.status()
    assert not path.exists()


async def test_it_waits_for_one_that_is_about_to_end(tmp_path: Path) -> None:
    first, second = PeerWire(tmp_path / "a" / "bus"), PeerWire(tmp_path / "a" / "bus")
    await first.claim()
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(second.claim())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await first.close()
    await second.close()


async def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "audiosession").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HostUnavailableError, match="not a directory"):
        await PeerWire(tmp_path / "audiosession" / "bus").claim()
