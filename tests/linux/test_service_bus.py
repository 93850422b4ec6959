"""The service as a process, on a private bus and on its socket, and clients that come and go."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from audiosession import AudioSession, hosts, recipe
from audiosession.errors import ClosedError, HostUnavailableError, HostUnavailableReason
from audiosession.hosts import choose_host
from audiosession.hosts.base import Outcome
from audiosession.hosts.linux import LinuxHost, LinuxSession, ServiceClient
from audiosession.service.bus.names import BUS_NAME, MANAGER, ROOT
from audiosession.service.bus.peer import PeerWire
from audiosession.service.install import activation_text
from audiosession.service.servers.choose import choose_server
from tests.hosts.contract import Ear, asks
from tests.linux.desk import DEADLINE_S, Desk, command_line, ended, eventually, family
from tests.linux.rig import SoundRig
from tests.service.bus_kit import Client, until

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


@pytest.fixture(params=["bus", "socket"])
async def either(desk: Desk, request: pytest.FixtureRequest) -> Desk:
    """With a bus, and without."""
    if request.param == "bus":
        await desk.start_bus()
    return desk


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"no {program} here")


# -- other languages -----------------------------------------------------------------------------


@needs("busctl")
async def test_busctl_calls_it_over_the_bus_and_over_the_socket(desk: Desk) -> None:
    await desk.start_bus()
    await desk.service()
    for address in (desk.address, f"unix:path={desk.socket}"):
        busctl = ("busctl", f"--address={address}", "--json=short")
        out = await desk.run(*busctl, "call", BUS_NAME, ROOT, MANAGER, "Status")
        assert json.loads(json.loads(out)["data"][0])["policy"] == "default"
        out = await desk.run(*busctl, "get-property", BUS_NAME, ROOT, MANAGER, "Policy")
        assert json.loads(out) == {"type": "s", "data": "default"}
        out = await desk.run(*busctl[:2], "introspect", BUS_NAME, ROOT)
        assert ".OpenSession" in out
        options = ("a{sv}", "2", "app", "s", "shell", "recipe", "s", "music")
        out = await desk.run(*busctl, "call", BUS_NAME, ROOT, MANAGER, "OpenSession", *options)
        assert json.loads(out)["data"][0].startswith(ROOT + "/session/")


@needs("gdbus")
async def test_gdbus_calls_it_over_the_bus_and_over_the_socket(desk: Desk) -> None:
    await desk.start_bus()
    await desk.service()
    for address in (desk.address, f"unix:path={desk.socket}"):
        where = ("--address", address, "--dest", BUS_NAME, "--object-path", ROOT)
        assert "OpenSession" in await desk.run("gdbus", "introspect", *where)
        out = await desk.run("gdbus", "call", *where, "--method", f"{MANAGER}.Devices")
        assert out.strip() == "('[]',)"


# -- starting and ending -------------------------------------------------------------------------


async def test_a_client_starts_it_as_a_process_of_its_own(either: Desk) -> None:
    client = await ServiceClient.connect()
    pid = (await client.status())["pid"]
    await client.close()
    parent, session = family(pid)
    assert parent != os.getpid()
    assert session == pid


async def test_the_bus_starts_it_where_it_knows_how(desk: Desk) -> None:
    services = desk.folder / "data" / "dbus-1" / "services"
    services.mkdir(parents=True)
    (services / f"{BUS_NAME}.service").write_text(activation_text(sys.executable))
    await desk.start_bus()
    client = await ServiceClient.connect()
    pid = (await client.status())["pid"]
    await client.close()
    assert "--detach" not in command_line(pid)


async def test_clients_that_start_it_in_the_same_moment_find_the_same(either: Desk) -> None:
    clients = await asyncio.gather(*(ServiceClient.connect() for _ in range(3)))
    pids = {(await client.status())["pid"] for client in clients}
    for client in clients:
        await client.close()
    assert len(pids) == 1


async def test_without_leave_to_start_it_there_is_none(either: Desk) -> None:
    with pytest.raises(HostUnavailableError) as caught:
        await ServiceClient.connect(start=False)
    assert caught.value.reason is HostUnavailableReason.NO_SERVICE
    assert "audiosession doctor" in str(caught.value)


async def test_what_keeps_it_from_starting_is_said(desk: Desk) -> None:
    (desk.runtime / "audiosession").write_text("in the way")
    with pytest.raises(HostUnavailableError) as caught:
        await LinuxHost("app").open_session(Ear())
    assert caught.value.reason is HostUnavailableReason.NO_SERVICE
    assert str(desk.socket) in str(caught.value)
    assert "audiosession doctor" in str(caught.value)


async def test_a_second_one_ends_with_a_message(either: Desk) -> None:
    first = await either.service()
    second = await either.start(
        sys.executable, "-m", "audiosession.service", stderr=asyncio.subprocess.PIPE
    )
    assert second.stderr is not None
    message = (await second.stderr.read()).decode()
    assert await ended(second) == 1
    assert "another audio session service" in message
    assert message.count("\n") == 1
    assert first.returncode is None


async def test_one_that_finds_its_name_taken_ends_with_a_message(desk: Desk) -> None:
    await desk.start_bus()
    await desk.service()
    (desk.folder / "elsewhere").mkdir(mode=0o700)
    environment = os.environ | {"XDG_RUNTIME_DIR": str(desk.folder / "elsewhere")}
    second = await desk.start(
        *(sys.executable, "-m", "audiosession.service"),
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert second.stderr is not None
    message = (await second.stderr.read()).decode()
    assert await ended(second) == 1
    assert f"has the name {BUS_NAME}" in message
    assert message.count("\n") == 1


async def test_told_to_end_it_ends_in_order(either: Desk) -> None:
    service = await either.service()
    client = await ServiceClient.connect()
    service.terminate()
    await client.link.wait_until_gone()
    assert client.link.over
    await client.close()
    assert await ended(service) == 0
    assert not either.socket.exists()


async def test_it_leaves_when_idle_and_not_before(desk: Desk) -> None:
    service = await desk.start(sys.executable, "-m", "audiosession.service", "--idle-exit", "1.5")

    async def serves() -> bool:
        return desk.socket.exists()

    await eventually(serves)
    host = LinuxHost("app")
    session = await host.open_session(Ear())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3.0):
            await service.wait()
    await session.close()
    assert await ended(service) == 0
    await host.close()


async def test_a_new_one_can_be_had_while_the_old_one_leaves(either: Desk) -> None:
    service = await either.service()
    host = LinuxHost("app")
    service.terminate()
    session = await host.open_session(Ear())
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    await host.close()


async def test_it_reads_the_rules_again_when_told(desk: Desk) -> None:
    service = await desk.service()
    client = await ServiceClient.connect()
    rules = desk.folder / "config" / "audiosession" / "policy.toml"
    rules.parent.mkdir(parents=True)
    rules.write_text("[[rule]]\nnonsense = 1\n")
    service.send_signal(signal.SIGHUP)

    async def complains() -> bool:
        return bool((await client.status())["rule_errors"])

    await eventually(complains)
    rules.unlink()
    await client.reload_rules()
    assert not await complains()
    await client.close()


async def test_systemd_is_told_when_it_serves(desk: Desk) -> None:
    place = desk.folder / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(place))
        systemd.setblocking(False)
        loop = asyncio.get_running_loop()
        environment = os.environ | {"NOTIFY_SOCKET": str(place)}
        service = await desk.start(
            sys.executable, "-m", "audiosession.service", "--stay", env=environment
        )
        async with asyncio.timeout(DEADLINE_S):
            assert await loop.sock_recv(systemd, 100) == b"READY=1"
            assert desk.socket.is_socket()
            service.terminate()
            assert await loop.sock_recv(systemd, 100) == b"STOPPING=1"
        assert await ended(service) == 0


async def test_it_ends_with_its_bus(desk: Desk) -> None:
    await desk.start_bus()
    service = await desk.service()
    assert desk.bus is not None
    desk.bus.terminate()
    assert await ended(service) == 0


# -- apps ----------------------------------------------------------------------------------------


async def music(ear: Ear) -> tuple[LinuxHost, LinuxSession]:
    host = LinuxHost("player")
    session = await host.open_session(ear)
    await session.configure(recipe("music"))
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    return host, session


async def test_a_killed_app_gives_back_what_it_held(either: Desk) -> None:
    ear = Ear()
    host, session = await music(ear)
    call = await either.app("voice_call")
    await until(lambda: ear.words == ["begin pause"])
    call.kill()
    await until(lambda: ear.words == ["begin pause", "end pause"])
    assert ear.interruptions[-1].should_resume
    await session.close()
    await host.close()


async def test_a_killed_service_comes_back_and_an_interruption_goes_on(either: Desk) -> None:
    ear = Ear()
    host, session = await music(ear)
    call = await either.app("voice_call")
    await until(lambda: ear.words == ["begin pause"])
    client = await ServiceClient.connect()
    before = (await client.status())["pid"]
    os.kill(before, signal.SIGKILL)
    await client.link.wait_until_gone()
    await client.close()

    async def as_before() -> bool:
        client = await ServiceClient.connect()
        status = await client.status()
        await client.close()
        standings = sorted(each["standing"] for each in status["sessions"])
        return status["pid"] != before and standings == ["active", "interrupted"]

    await eventually(as_before)
    assert ear.words == ["begin pause"]
    assert session.interrupted
    assert call.stdin is not None
    call.stdin.write(b"\n")
    await until(lambda: len(ear.words) == 2)
    assert ear.words == ["begin pause", "end pause"]
    assert ear.interruptions[-1].should_resume
    await host.close()


async def test_an_interruption_ends_when_its_cause_died_with_the_service(either: Desk) -> None:
    ear = Ear()
    host, session = await music(ear)
    call = await either.app("voice_call")
    await until(lambda: ear.words == ["begin pause"])
    client = await ServiceClient.connect()
    pid = (await client.status())["pid"]
    await client.close()
    # Stopped, the service cannot tell the death of the call before its own.
    os.kill(pid, signal.SIGSTOP)
    call.kill()
    await call.wait()
    os.kill(pid, signal.SIGKILL)
    await until(lambda: len(ear.words) == 2)
    assert ear.words == ["begin pause", "end pause"]
    assert not session.interrupted
    await host.close()


async def test_an_app_whose_service_does_not_come_back_is_told(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    ear = Ear()
    service = await desk.service()
    host, session = await music(ear)
    # Nobody can start another one in time.
    (desk.socket.parent / "lock").rename(desk.socket.parent / "old")
    blocker = PeerWire(desk.socket)
    await blocker.claim()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audiosession.hosts.linux.link.START_S", 3.0)
        service.kill()
        await service.wait()
        await until(lambda: len(ear.words) == 2)
    assert ear.words == ["lost", "begin unknown"]
    assert "does not come back" in caplog.text
    # The next call asks for it again.
    await blocker.close()
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    await host.close()
    with pytest.raises(ClosedError):
        await session.activate(asks("music"))


async def test_a_service_that_does_not_answer_is_an_error_in_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = await desk.service()
    host, session = await music(Ear())
    monkeypatch.setattr("audiosession.hosts.linux.session.ANSWER_S", 0.3)
    service.send_signal(signal.SIGSTOP)
    with pytest.raises(HostUnavailableError) as caught:
        await session.activate(asks("alarm"))
    assert caught.value.reason is HostUnavailableReason.TIMED_OUT
    service.send_signal(signal.SIGCONT)
    monkeypatch.undo()
    assert await session.deactivate(notify_others=True)
    await host.close()
    service.kill()


async def test_a_session_goes_on_in_the_next_event_loop(desk: Desk) -> None:
    """As in a program that calls ``asyncio.run`` more than once."""
    script = (
        "import asyncio\n"
        "from audiosession import AudioSession\n"
        "session = AudioSession.instance('linux')\n"
        "print(asyncio.run(session.set_active(True)))\n"
        "print(asyncio.run(session.set_active(False)))\n"
        "asyncio.run(session.close())\n"
    )
    await desk.service()
    assert await desk.run(sys.executable, "-c", script) == "True\nTrue\n"


async def test_events_are_read_as_they_come(either: Desk) -> None:
    client = await ServiceClient.connect()
    seen: list[dict[str, Any]] = []

    async def read() -> None:
        async for event in client.events():
            seen.append(event)

    async def kinds(*wanted: str) -> None:
        await until(lambda: set(wanted) <= {each["type"] for each in seen})

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        await client.status()
        host, session = await music(Ear())
        await kinds("session_opened", "decided")
        await session.deactivate(notify_others=True)
        await kinds("session_changed")
        await session.close()
        await kinds("session_closed")
        await host.close()
        await client.close()
    (opened,) = [each for each in seen if each["type"] == "session_opened"]
    assert opened["properties"]["App"] == "player"
    (closed,) = [each for each in seen if each["type"] == "session_closed"]
    assert closed["id"] == opened["id"]


async def test_a_childs_streams_belong_to_the_session_by_their_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_PROP", "media.role=music")
    monkeypatch.setenv("PIPEWIRE_PROPS", "{ media.role = Music }")
    host = LinuxHost("app")
    session = await host.open_session(Ear())
    assert session.environment() == {
        "PULSE_PROP": f"media.role=music audiosession.id={session.token}",
        "PIPEWIRE_PROPS": f'{{ media.role = Music audiosession.id = "{session.token}" }}',
    }
    await host.close()


# -- the choice ----------------------------------------------------------------------------------


async def test_a_machine_with_a_bus_and_a_sound_server_has_this_host(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hosts, "_warned", False)
    assert choose_host().name == "simulated"
    assert "no sound server" in caplog.text
    with socket.socket(socket.AF_UNIX) as sound:
        sound.bind(str(desk.runtime / "pipewire-0"))
        assert choose_host().name == "simulated"
        await desk.start_bus()
        caplog.clear()
        assert choose_host().name == "linux"
        assert caplog.text == ""


async def test_the_shared_session_is_the_services(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AudioSession, "_shared", None)
    monkeypatch.setattr("audiosession.hosts._stand_in", None)
    session = AudioSession.instance("linux")
    assert not desk.socket.exists()
    assert await session.set_active(True)
    async with Client(f"unix:path={desk.socket}") as client:
        assert [each["standing"] for each in (await client.status())["sessions"]] == ["active"]
    await session.close()


async def test_the_service_takes_the_server_that_apps_play_on(
    rig: SoundRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in rig.env.items():
        monkeypatch.setenv(name, value)
    server = await choose_server()
    assert server is not None
    assert server.name == rig.name


async def test_of_pipewire_without_sound_and_pulseaudio_it_takes_pulseaudio(
    pulse_rig: SoundRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in pulse_rig.env.items():
        monkeypatch.setenv(name, value)
    place = pulse_rig.runtime_dir / "pipewire-0"
    with socket.socket(socket.AF_UNIX) as video_only:
        video_only.bind(str(place))
        video_only.listen()
        server = await choose_server()
    place.unlink()
    assert server is not None
    assert server.name == "pulseaudio"
