"""The service and its clients when the worst happens at the worst moment."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession import recipe
from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.hosts.base import Outcome
from audiosession.hosts.linux import LinuxHost, LinuxSession, ServiceClient
from audiosession.hosts.linux.link import Link
from audiosession.service import main
from audiosession.service.bus.connecting import connected_bus
from audiosession.service.bus.names import MANAGER, ROOT
from audiosession.service.bus.peer import PeerWire
from audiosession.service.main import run_service
from audiosession.service.servers.base import SoundServer
from tests.hosts.contract import Ear, asks
from tests.linux.desk import DEADLINE_S, Desk, ended, eventually
from tests.service.fake_server import FakeServer

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the service is for Linux"),
    pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="no dbus-daemon here"),
    pytest.mark.timeout(120),
]


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Without a bus, as in a container."""
    async with Desk(tmp_path, monkeypatch) as desk:
        yield desk


async def standings(*, start: bool = True) -> list[tuple[str, str]]:
    client = await ServiceClient.connect(start=start)
    sessions = (await client.status())["sessions"]
    await client.close()
    return [(each["standing"], each["role"]) for each in sessions]


# -- beginning and ending ------------------------------------------------------------------------


async def test_sighup_while_it_starts_does_not_end_it(desk: Desk) -> None:
    place = desk.runtime / "pipewire-0"
    with socket.socket(socket.AF_UNIX) as silent:
        # A sound server that takes a connection and says nothing keeps the service waiting.
        silent.bind(str(place))
        silent.listen()
        silent.setblocking(False)
        service = await desk.start(sys.executable, "-m", "audiosession.service", "--stay")
        async with asyncio.timeout(DEADLINE_S):
            connection, _ = await asyncio.get_running_loop().sock_accept(silent)
        assert not desk.socket.exists()
        service.send_signal(signal.SIGHUP)

        async def serves() -> bool:
            assert service.returncode is None
            return desk.socket.exists()

        await eventually(serves)
        connection.close()


async def test_it_starts_for_a_program_without_standard_streams(desk: Desk) -> None:
    command = f"{sys.executable} -m audiosession.service --detach <&- >&- 2>&-"
    launcher = await desk.start("sh", "-c", command)
    assert await ended(launcher) == 0
    assert await standings(start=False) == []


async def test_it_serves_on_when_who_started_it_is_killed_meanwhile(desk: Desk) -> None:
    place = desk.runtime / "pipewire-0"
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(place))
        silent.listen()
        silent.setblocking(False)
        launcher = await desk.start(sys.executable, "-m", "audiosession.service", "--detach")
        async with asyncio.timeout(DEADLINE_S):
            connection, _ = await asyncio.get_running_loop().sock_accept(silent)
        launcher.kill()
        await launcher.wait()

        async def serves() -> bool:
            return desk.socket.exists()

        await eventually(serves)
        connection.close()
    assert await standings(start=False) == []


@pytest.mark.parametrize("time", ["nan", "inf", "-1", "soon"])
async def test_a_time_that_is_none_is_refused(desk: Desk, time: str) -> None:
    service = await desk.start(
        *(sys.executable, "-m", "audiosession.service", f"--idle-exit={time}"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await service.communicate()
    assert service.returncode == 2
    assert f"no time in seconds: {time!r}" in said.decode()


async def test_it_ends_although_its_bus_does_not_answer(desk: Desk) -> None:
    await desk.start_bus()
    service = await desk.service()
    assert desk.bus is not None
    desk.bus.send_signal(signal.SIGSTOP)
    service.terminate()
    assert await ended(service) == 0


async def test_volumes_come_back_whatever_else_goes_wrong_at_the_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    serves = asyncio.Event()

    async def choose() -> SoundServer:
        return server

    withdraw = PeerWire.withdraw

    async def breaks(self: PeerWire) -> None:
        monkeypatch.setattr(PeerWire, "withdraw", withdraw)
        await withdraw(self)
        raise OSError("the disk is gone")

    async def end() -> None:
        await serves.wait()
        monkeypatch.setattr(PeerWire, "withdraw", breaks)
        os.kill(os.getpid(), signal.SIGTERM)

    ending = asyncio.ensure_future(end())  # noqa: TID251
    with pytest.raises((OSError, ExceptionGroup)):
        await run_service(idle_exit_s=None, ready=serves.set, choose=choose)
    await ending
    assert server.closed


async def test_while_the_sound_server_is_away_another_kind_is_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_LAST_LOOK_S", 0.01)
    first, second = FakeServer("pulseaudio"), FakeServer("pipewire")
    there: list[SoundServer | None] = [first]
    serves, looked = asyncio.Event(), asyncio.Event()

    async def choose() -> SoundServer | None:
        looked.set()
        return there[-1]

    async def looks(*times: int) -> None:
        for _ in times:
            looked.clear()
            await looked.wait()

    async def live() -> None:
        await serves.wait()
        events = first.events
        assert events is not None
        # Its own kind, or none, is nothing new: it is the first that connects again.
        events.server_down("gone")
        await looks(1, 2)
        there.append(None)
        await looks(1, 2)
        events.server_up()
        assert second.events is None
        events.server_down("gone for good")
        there.append(second)

        async def taken() -> bool:
            return second.events is not None and second.events.up

        await eventually(taken)
        os.kill(os.getpid(), signal.SIGTERM)

    living = asyncio.ensure_future(live())  # noqa: TID251
    async with asyncio.timeout(50):
        await run_service(idle_exit_s=None, ready=serves.set, choose=choose)
    await living
    assert first.closed
    assert second.closed


# -- calls ---------------------------------------------------------------------------------------

Call = Callable[[LinuxSession], Awaitable[Any]]

CALLS: dict[str, tuple[Call, Any, str]] = {
    "configure": (lambda each: each.configure(recipe("speech")), None, "active"),
    "activate": (lambda each: each.activate(asks("music")), None, "active"),
    "deactivate": (lambda each: each.deactivate(notify_others=True), True, "inactive"),
    "quiet": (lambda each: each.quiet(0.1), True, "active"),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("wire", ["bus", "socket"])
async def test_a_call_in_which_the_service_is_killed_is_done_by_the_next_one(
    desk: Desk, wire: str, name: str
) -> None:
    if wire == "bus":
        await desk.start_bus()
    service = await desk.service()
    host = LinuxHost("app")
    session = await host.open_session(Ear())
    await session.configure(recipe("music"))
    await session.activate(asks("music"))
    work, answer, standing = CALLS[name]
    service.send_signal(signal.SIGSTOP)
    calling = asyncio.ensure_future(work(session))  # noqa: TID251
    # Only asked once it has left this process.
    await asyncio.sleep(0.05)
    service.kill()
    result = await calling
    if name == "activate":
        assert result.outcome is Outcome.GRANTED
    else:
        assert result == answer

    async def as_wanted() -> bool:
        return [each for each, _ in await standings()] == [standing]

    await eventually(as_wanted)
    await host.close()


async def test_a_service_that_went_unheard_is_a_lost_connection(desk: Desk) -> None:
    await desk.start_bus()
    link = Link(await connected_bus(desk.address), ":1.4000")
    lost = asyncio.Event()
    link.on_lost = lost.set
    with pytest.raises(HostUnavailableError) as caught:
        await link.call(ROOT, MANAGER, "Status")
    assert caught.value.reason is HostUnavailableReason.CONNECTION_LOST
    assert link.over
    assert lost.is_set()
    await link.close()


async def test_an_activation_granted_too_late_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await desk.service()
    host = LinuxHost("app")
    session = await host.open_session(Ear())
    await session.configure(recipe("music"))
    with monkeypatch.context() as patch:
        patch.setattr("audiosession.hosts.linux.session.ANSWER_S", 0.3)
        service.send_signal(signal.SIGSTOP)
        with pytest.raises(HostUnavailableError):
            await session.activate(asks("music"))
    service.send_signal(signal.SIGCONT)
    # Answered after all that was asked before.
    await session.configure(recipe("music"))
    assert [each for each, _ in await standings()] == ["inactive"]
    await host.close()


async def test_a_configuration_taken_too_late_is_not_what_is_activated(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await desk.service()
    host = LinuxHost("app")
    session = await host.open_session(Ear())
    await session.configure(recipe("music"))
    with monkeypatch.context() as patch:
        patch.setattr("audiosession.hosts.linux.session.ANSWER_S", 0.3)
        service.send_signal(signal.SIGSTOP)
        with pytest.raises(HostUnavailableError):
            await session.configure(recipe("alarm"))
    service.send_signal(signal.SIGCONT)
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    assert await standings() == [("active", "music")]
    await host.close()


async def test_an_app_may_be_called_by_any_bytes(desk: Desk) -> None:
    await desk.service()
    host = LinuxHost(os.fsdecode(b"caf\xe9\0"))
    await host.open_session(Ear())
    client = await ServiceClient.connect()
    (session,) = (await client.status())["sessions"]
    assert session["app"].startswith("caf\N{REPLACEMENT CHARACTER}")
    await client.close()
    await host.close()
