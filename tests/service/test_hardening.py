"""What hostile clients, odd places and odd files do to the service: nothing."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from functools import partial
from pathlib import Path

import pytest
from dbus_fast import Message

from audiosession import AudioSessionConfiguration
from audiosession.errors import (
    AudioSessionError,
    HostUnavailableError,
    PolicyError,
    UnknownFieldError,
)
from audiosession.service.bus.framing import framed
from audiosession.service.bus.names import (
    DAEMON,
    DAEMON_PATH,
    MANAGER,
    PROPERTIES,
    ROOT,
    SESSION,
    STREAM,
    runtime_directory,
)
from audiosession.service.bus.peer import PeerWire
from audiosession.service.ledger import Ledger
from audiosession.service.rules import parse_rules, read_rules
from tests.service.bus_kit import Client, Served, until

pytestmark = pytest.mark.timeout(60)

HANDSHAKE = b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n"


def to_daemon(member: str, serial: int) -> bytes:
    message = Message(destination=DAEMON, path=DAEMON_PATH, interface=DAEMON, member=member)
    message.serial = serial
    return framed(message, "")


def adds_stream(message: Message, app: str) -> bool:
    if message.member != "InterfacesAdded" or STREAM not in message.body[1]:
        return False
    return bool(message.body[1][STREAM]["App"].value == app)


@pytest.mark.parametrize("key", ["\0", "\ud800", "k" * 50_000], ids=["nul", "surrogate", "long"])
async def test_an_error_that_names_what_no_wire_can_carry_is_answered(
    tmp_path: Path, key: str
) -> None:
    text = json.dumps(AudioSessionConfiguration.music().to_json() | {key: 1})
    async with Served(tmp_path) as served, Client(served.address) as client:
        path = await client.open()
        with pytest.raises(UnknownFieldError) as caught:
            await client.call(path, SESSION, "Configure", "s", text)
        assert len(str(caught.value)) < 5000
        assert (await client.status())["sessions"]


async def test_streams_with_names_and_processes_that_no_wire_can_carry_are_told(
    tmp_path: Path,
) -> None:
    async with Served(tmp_path) as served, Client(served.address) as client:
        await client.listen()
        served.server.play(
            pid=99_999_999_999, application_name="a\udcffb", media_name="nothing\0more"
        )
        served.server.play(application_name="plain")
        names = ("a\N{REPLACEMENT CHARACTER}b", "plain")
        added = [await client.hears(partial(adds_stream, app=app)) for app in names]
        path = added[0].body[0]
        (values,) = await client.call(path, PROPERTIES, "GetAll", "s", STREAM)
        assert values["Pid"].value == 0
        assert values["Title"].value == "nothing\N{REPLACEMENT CHARACTER}more"


async def test_an_error_without_a_name_on_the_wire_is_answered(tmp_path: Path) -> None:
    class StrangeError(AudioSessionError):
        pass

    def strange() -> None:
        raise StrangeError("of no known kind")

    async with Served(tmp_path) as served, Client(served.address) as client:
        served.service.reload_rules = strange
        answer = await client.raw(ROOT, MANAGER, "ReloadRules")
        assert answer.error_name == "org.freedesktop.DBus.Error.Failed"
        assert answer.body == ["the service failed: StrangeError"]


async def test_who_floods_the_socket_leaves_turns_to_the_others(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    count = 1000
    async with Served(tmp_path) as served:
        hostile, other = (socket.socket(socket.AF_UNIX) for _ in range(2))
        with hostile, other:
            for each in (hostile, other):
                each.connect(str(served.path))
                each.send(HANDSHAKE + to_daemon("Hello", 1))
            await until(lambda: len(served.wire._peers) == 2)
            for each in (hostile, other):
                each.recv(4096)
                each.setblocking(False)
            # All of it is there before the service looks.
            hostile.sendall(b"".join(to_daemon("GetId", 2 + n) for n in range(count)))
            other.send(to_daemon("GetId", 2))
            assert await loop.sock_recv(other, 4096)
            flooded, _ = served.wire._peers.values()
            assert flooded._serial < count / 2
            while flooded._serial <= count:
                assert await loop.sock_recv(hostile, 1 << 20)


def test_a_runtime_directory_that_is_not_absolute_counts_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert runtime_directory() == tmp_path
    monkeypatch.setenv("XDG_RUNTIME_DIR", "somewhere")
    assert runtime_directory() != Path("somewhere")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
async def test_nothing_is_put_into_another_users_runtime_directory(tmp_path: Path) -> None:
    os.chown(tmp_path, 12_345, 12_345)
    with pytest.raises(HostUnavailableError, match="belongs to another user"):
        await PeerWire(tmp_path / "audiosession" / "bus").claim()
    assert not (tmp_path / "audiosession").exists()


async def test_what_was_put_in_the_place_of_the_socket_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Served(tmp_path) as served:
        served.path.unlink()
        served.path.mkdir()
    assert served.path.is_dir()
    assert "Is a directory" in caplog.text


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(PolicyError, match="not a regular file"):
        read_rules(pipe)
    with pytest.raises(PolicyError, match=r"line 2: .*pipe: cannot be read: .*not a regular file"):
        parse_rules(f'[policy]\nfile = "{pipe}"\n', source="rules.toml")
    ledger = Ledger(pipe)
    assert ledger.entries() == {}
    ledger.put_all({"a": {"b": 1}})
    assert Ledger(pipe).entries() == {"a": {"b": 1}}
