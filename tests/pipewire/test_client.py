"""What the client does when a server behaves as no real one will on demand."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from audiosession.errors import ClosedError, HostUnavailableError, HostUnavailableReason
from audiosession.pipewire import (
    ClientEvent,
    Interface,
    NodeProxy,
    ObjectAdded,
    ObjectRemoved,
    Param,
    PipeWireClient,
    RemoteError,
    RequestFailed,
    ServerDown,
    ServerUp,
    messages,
    remote_path,
)
from tests.pipewire.fake_server import DEADLINE_S, FakeServer

NODE = {"node.name": "speaker", "media.class": "Audio/Sink"}


@asynccontextmanager
async def fake(tmp_path: Path) -> AsyncIterator[FakeServer]:
    server = FakeServer(tmp_path / "pipewire-0")
    server.add(0, Interface.CORE)
    try:
        yield server
    finally:
        server.close()


@asynccontextmanager
async def pair(tmp_path: Path) -> AsyncIterator[tuple[FakeServer, PipeWireClient]]:
    async with fake(tmp_path) as server:
        server.add(40, Interface.NODE, NODE)
        async with PipeWireClient(server.path, timeout_s=DEADLINE_S) as client:
            yield server, client


def keep(client: PipeWireClient) -> list[ClientEvent]:
    events: list[ClientEvent] = []
    client.listen(events.append)
    return events


async def test_a_ping_is_answered(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        server.send(0, messages.Ping(id=3, seq=77))
        await client.sync()
        assert messages.Pong(id=3, seq=77) in server.received


async def test_it_says_who_it_is(tmp_path: Path) -> None:
    async with fake(tmp_path) as server:
        client = PipeWireClient(server.path, properties={"application.name": "me"})
        await client.connect()
        (update,) = [m for m in server.received if isinstance(m, messages.UpdateProperties)]
        assert update.properties["application.name"] == "me"
        assert update.properties["application.process.id"] == str(os.getpid())
        client.close()


async def test_nothing_to_see_yet_is_waited_for(tmp_path: Path) -> None:
    async with fake(tmp_path) as server:
        server.visible = False
        client = PipeWireClient(server.path)
        async with asyncio.TaskGroup() as group:
            connecting = group.create_task(client.connect(timeout_s=DEADLINE_S))
            await server.until(lambda: server.count(messages.Sync) == 1)
            assert not connecting.done()
            server.add(40, Interface.NODE, NODE)
            server.show()
            await connecting
        assert client.find(Interface.NODE, node_name="speaker")
        client.close()


async def test_waiting_ends(tmp_path: Path) -> None:
    async with fake(tmp_path) as server:
        server.visible = False
        client = PipeWireClient(server.path)
        with pytest.raises(HostUnavailableError) as caught:
            await client.connect(timeout_s=0.05)
        assert caught.value.reason is HostUnavailableReason.TIMED_OUT
        server.visible = True
        await client.connect(timeout_s=DEADLINE_S)
        assert client.ready
        client.close()


async def test_no_server_is_said_so(tmp_path: Path) -> None:
    client = PipeWireClient(tmp_path / "pipewire-0")
    with pytest.raises(HostUnavailableError) as caught:
        await client.connect()
    assert caught.value.reason is HostUnavailableReason.NO_SOUND_SERVER


async def test_a_hang_up_while_connecting_is_an_error(tmp_path: Path) -> None:
    async with fake(tmp_path) as server:
        server.visible = False
        client = PipeWireClient(server.path)
        async with asyncio.TaskGroup() as group:
            connecting = group.create_task(failing(client))
            await server.until(lambda: server.count(messages.Sync) == 1)
            server.hang_up()
            error = await connecting
        assert error.reason is HostUnavailableReason.CONNECTION_LOST
        client.close()


async def failing(client: PipeWireClient) -> HostUnavailableError:
    with pytest.raises(HostUnavailableError) as caught:
        await client.connect(timeout_s=DEADLINE_S)
    return caught.value


async def test_a_refusal_is_raised_where_it_is_awaited(tmp_path: Path) -> None:
    async with pair(tmp_path) as (_, client):
        node = client.bind(client.find(Interface.NODE)[0])
        assert isinstance(node, NodeProxy)
        with pytest.raises(RemoteError, match=r"node 40 \(speaker\): no such param") as caught:
            await node.enum_params(Param.PROPS)
        assert caught.value.code == 2


async def test_an_error_nobody_waits_for_is_an_event(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        events = keep(client)
        server.send(0, messages.Error(id=0, seq=999, res=-1, message="no"))
        await client.sync()
        (failed,) = events
        assert isinstance(failed, RequestFailed)
        assert failed.error.what == "the server"
        assert failed.error.code == 1


@pytest.mark.parametrize(
    "data",
    [b"\xff" * 64, bytes(12) + b"\x01\0\0\0" + bytes(16), b"\0\0\0\0\x08\0\0\x01" + bytes(16)],
    ids=["noise", "descriptors", "no-struct"],
)
async def test_garbage_ends_the_connection_and_another_is_made(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with pair(tmp_path) as (server, client):
        events = keep(client)
        waiting = client.sync()
        server.answers_sync = False
        server.send_raw(data)
        with pytest.raises(HostUnavailableError):
            await waiting
        server.answers_sync = True
        await server.until(lambda: server.connections == 2)
        await until(lambda: client.ready)
        assert [type(event) for event in events if not isinstance(event, ObjectAdded)] == [
            ServerDown,
            ServerUp,
        ]
        assert "cannot be read" in caplog.text


async def test_descriptors_are_closed(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        read, write = os.pipe()
        server.send(0, messages.AddMem(id=1, type=2, fd=0, flags=3), fds=(write,))
        os.close(write)
        await client.sync()
        # The last writer is gone once the client has closed its copy.
        assert os.read(read, 1) == b""
        os.close(read)


async def test_an_id_used_again_is_another_object(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        events = keep(client)
        old = client.find(Interface.NODE)[0]
        # Without a word that the first one is gone.
        server.add(40, Interface.NODE, NODE)
        await client.sync()
        new = client.find(Interface.NODE)[0]
        assert new.serial != old.serial
        assert events == [ObjectRemoved(object=old), ObjectAdded(object=new)]


async def test_new_permissions_are_no_new_object(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        events = keep(client)
        server.show()
        await client.sync()
        assert events == []


async def test_messages_for_what_was_released_are_passed_over(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        node = client.bind(client.find(Interface.NODE)[0])
        await client.sync()
        told: list[None] = []
        node.on_info = lambda: told.append(None)
        node.release()
        server.inform(40)
        await client.sync()
        assert told == []
        assert not node.alive


async def test_a_failing_listener_is_logged_and_the_others_hear(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with pair(tmp_path) as (server, client):

        def fail(event: ClientEvent) -> None:
            raise ZeroDivisionError

        client.listen(fail)
        events = keep(client)
        server.add(41, Interface.NODE, NODE)
        with caplog.at_level(logging.ERROR):
            await client.sync()
        assert len(events) == 1
        assert "ZeroDivisionError" in caplog.text


async def test_a_listener_may_close_the_client(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        client.listen(lambda event: client.close())
        with pytest.raises(HostUnavailableError):
            await also(client, server)
        with pytest.raises(ClosedError):
            await client.connect()


async def also(client: PipeWireClient, server: FakeServer) -> None:
    server.add(41, Interface.NODE, NODE)
    server.add(42, Interface.NODE, NODE)
    server.answers_sync = False
    await client.sync()


async def test_attempts_to_connect_again_get_rarer_and_stop_with_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with pair(tmp_path) as (server, client):
        loop = asyncio.get_running_loop()
        waits: list[float] = []
        original = loop.call_later

        def quickly(delay, callback, *args, **options):  # type: ignore[no-untyped-def]
            if getattr(callback, "__name__", "") == "_reopen":
                waits.append(delay)
                delay = 0.0
            return original(delay, callback, *args, **options)

        monkeypatch.setattr(loop, "call_later", quickly)
        server.close()
        await until(lambda: len(waits) >= 9)
        client.close()
        assert waits[:7] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0]
        assert waits[8] == 2.0
        done = len(waits)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(waits) == done


async def test_what_a_slow_server_does_not_take_at_once_follows(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        assert server._socket is not None
        loop = asyncio.get_running_loop()
        loop.remove_reader(server._socket)
        node = client.bind(client.find(Interface.NODE)[0])
        sent = [messages.Other(number=100, body=(n, bytes(1 << 18))) for n in range(12)]
        for message in sent:
            client.call(node, message)
        done = client.sync()
        loop.add_reader(server._socket, server._readable)
        await done
        assert [m for m in server.received if isinstance(m, messages.Other)] == sent


async def test_a_server_that_does_not_read_is_given_up(tmp_path: Path) -> None:
    async with pair(tmp_path) as (server, client):
        events = keep(client)
        assert server._socket is not None
        asyncio.get_running_loop().remove_reader(server._socket)
        node = client.bind(client.find(Interface.NODE)[0])
        assert isinstance(node, NodeProxy)
        big = messages.Other(number=3, body=bytes(1 << 20))
        for _ in range(20):
            if not node.alive:
                break
            client.call(node, big)
            await asyncio.sleep(0)
        await until(lambda: any(isinstance(event, ServerDown) for event in events))


@pytest.mark.parametrize(
    ("remote", "environment", "path"),
    [
        (None, {"XDG_RUNTIME_DIR": "/run/u"}, "/run/u/pipewire-0"),
        (None, {"XDG_RUNTIME_DIR": "/run/u", "PIPEWIRE_REMOTE": "other"}, "/run/u/other"),
        (None, {"XDG_RUNTIME_DIR": "/a", "PIPEWIRE_RUNTIME_DIR": "/b"}, "/b/pipewire-0"),
        (None, {"PIPEWIRE_REMOTE": "/x/y"}, "/x/y"),
        ("here", {"XDG_RUNTIME_DIR": "/run/u", "PIPEWIRE_REMOTE": "/x/y"}, "/run/u/here"),
        (Path("/p"), {}, "/p"),
    ],
)
def test_the_socket_is_where_libpipewire_looks(
    remote: str | Path | None, environment: dict[str, str], path: str
) -> None:
    assert remote_path(remote, environment) == Path(path)


def test_no_runtime_directory_is_said_so() -> None:
    with pytest.raises(HostUnavailableError, match="XDG_RUNTIME_DIR"):
        remote_path(None, {})


async def until(check) -> None:  # type: ignore[no-untyped-def]
    async with asyncio.timeout(DEADLINE_S):
        while not check():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
