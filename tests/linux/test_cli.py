"""The commands with the real service: on a private bus, with each sound server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession.cli.left import Left
from audiosession.service.install import BUS_NAME, Places
from tests.linux.conftest import check_programs
from tests.linux.rig import PipeWireRig, PulseRig, RigError, SoundRig
from tests.linux.sound import write_tone

COMMAND = (sys.executable, "-m", "audiosession")
ASSISTANT = Path(__file__).parents[2] / "examples/voice_assistant/assistant.py"
ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


NOT_RUNNING = {"running": False, **Left().plain()}


class Commands:
    """The command line in a rig's world."""

    def __init__(self, rig: SoundRig) -> None:
        self.rig = rig

    async def __call__(self, *words: str, status: int = 0) -> str:
        """What a command prints; it ends with this status."""
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *words,
            env=self.rig.env | ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await asyncio.wait_for(process.communicate(), 50)
        assert process.returncode == status, (out.decode(), err.decode(), self.rig.log())
        return out.decode()

    async def json(self, *words: str, status: int = 0) -> Any:
        return json.loads(await self(*words, "--json", status=status))

    def start(self, *words: str, **options: Any) -> subprocess.Popen[Any]:
        return self.rig.popen(*COMMAND, *words, env=ENVIRONMENT, **options)

    async def until(self, what: str, right: Callable[[Any], bool]) -> Any:
        """The first status that is right."""
        seen: list[Any] = []

        async def check() -> bool:
            seen.append(await self.json("status"))
            return right(seen[-1])

        try:
            await self.rig.wait_for(what, check)
        except RigError as error:
            raise RigError(f"{error}\n{json.dumps(seen[-1], indent=1)}") from None
        return seen[-1]


@pytest.fixture
async def command(rig: SoundRig) -> AsyncIterator[Commands]:
    """Commands in a world without a service; one that they start is ended afterwards."""
    commands = Commands(rig)
    yield commands
    # A session that is still open would have a new service started in place of the old one.
    await rig.tidy()
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "status", "--json", env=rig.env | ENVIRONMENT, stdout=subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), 50)
    status = json.loads(out)
    if status["running"]:
        await end(rig, status["pid"])


async def end(rig: SoundRig, pid: int) -> None:
    """Ends a service that a command or the bus started."""
    os.kill(pid, signal.SIGTERM)

    async def gone() -> bool:
        return ended(pid)

    await rig.wait_for("the service's end", gone)


def ended(pid: int) -> bool:
    """Whether a process is gone, or only its parent has not looked yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def command_line(pid: int) -> list[bytes]:
    """The arguments of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def session(status: Any, app: str) -> Any:
    """The session of an app, or an empty one."""
    return next((one for one in status["sessions"] if one["app"] == app), {"standing": ""})


@pytest.fixture
async def music(command: Commands) -> subprocess.Popen[Any]:
    """``audiosession run`` with a player that sounds."""
    tone = write_tone(command.rig.directory / "music.wav", frequency_hz=440.0, seconds=120.0)
    process = command.start("run", "--app", "tunes", "--", "paplay", str(tone))
    started = "the service was started by the command"
    await command.rig.wait_for(started, lambda: _running(command))
    await command.until(
        "the player's stream belongs to the session",
        lambda status: len(session(status, "tunes").get("streams", ())) == 1,
    )
    return process


async def _running(command: Commands) -> bool:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "status", env=command.rig.env | ENVIRONMENT, stdout=subprocess.DEVNULL
    )
    return await process.wait() == 0


async def test_looking_starts_nothing(command: Commands) -> None:
    assert await command.json("status", status=4) == NOT_RUNNING
    assert await command.json("why", status=4) == NOT_RUNNING
    assert not (command.rig.runtime_dir / "audiosession").exists()


async def test_a_session_around_a_player(command: Commands, music: subprocess.Popen[Any]) -> None:
    status = await command.json("status")
    (stream,) = (one for one in status["streams"] if one["pid"] is not None)
    assert stream["tied_by"] == "property"
    assert stream["session"] == session(status, "tunes")["id"]

    held = json.loads(await command("duck", "--app", "guide", "--", *COMMAND, "status", "--json"))
    assert session(held, "tunes")["standing"] == "ducked"
    assert session(held, "tunes")["holds"][0]["by_app"] == "guide"
    assert [one["target_db"] for one in held["streams"]] == [-14.0]
    # The program began only when the music was down.
    assert [one["factor_db"] for one in held["streams"]] == [pytest.approx(-14.0, abs=0.01)]

    after = await command.until(
        "the music is back", lambda status: status["streams"][0]["factor_db"] == 0.0
    )
    assert session(after, "tunes")["standing"] == "active"
    assert session(after, "guide") == {"standing": ""}

    history = (await command.json("why", "tunes"))["history"]
    assert any("guide" in decision["text"] for decision in history)

    music.send_signal(signal.SIGTERM)
    # paplay takes the signal for a wish to stop, and ends well.
    assert await asyncio.to_thread(music.wait, 50) == 0
    await command.until("the session is closed", lambda status: not status["sessions"])


async def test_a_refused_program_is_not_started(command: Commands) -> None:
    mark = command.rig.directory / "mark"
    inner = (*COMMAND, "run", "--recipe", "recording", "--app", "recorder", "--")
    # A call that is going on refuses who would record it.
    await command(
        *("run", "--recipe", "voice_call", "--app", "phone", "--"),
        *(*inner, "touch", str(mark)),
        status=125,
    )
    assert not mark.exists()


async def test_killed_with_its_program_everything_comes_back(
    command: Commands, music: subprocess.Popen[Any]
) -> None:
    guide = command.start("duck", "--app", "guide", "--", "sleep", "100")
    await command.until("lowered", lambda status: session(status, "tunes")["standing"] == "ducked")
    guide.kill()
    after = await command.until("back", lambda status: status["streams"][0]["factor_db"] == 0.0)
    assert session(after, "tunes")["standing"] == "active"


async def test_reset_gives_back_what_is_held(
    command: Commands, music: subprocess.Popen[Any]
) -> None:
    guide = command.start("duck", "--app", "guide", "--", "sleep", "100")
    await command.until("lowered", lambda status: session(status, "tunes")["standing"] == "ducked")
    await command("reset")
    await command.until("back", lambda status: status["streams"][0]["factor_db"] == 0.0)
    guide.terminate()
    assert await asyncio.to_thread(guide.wait, 50) == 143


async def test_devices_lists_the_sink(command: Commands) -> None:
    outputs = [one for one in await command.json("devices") if one["direction"] == "playback"]
    assert [one["default"] for one in outputs] == [True]
    assert "default" in await command("devices")


async def test_devices_are_in_use_while_something_plays_there(command: Commands) -> None:
    await command.rig.add_sink("other")
    tone = write_tone(command.rig.directory / "other.wav", frequency_hz=440.0, seconds=120.0)

    async def says(state: str) -> bool:
        told = (await command("devices")).splitlines()
        return any(line.rstrip().endswith(state) for line in told if " output " in line)

    # The other output is the default.
    await command.rig.wait_for("the sink is listed", lambda: says("available"))
    player = command.rig.popen("paplay", "--device=other", str(tone))
    await command.rig.wait_for("it is in use", lambda: says("in use"))
    player.terminate()
    await command.rig.wait_for("it is free again", lambda: says("available"))


@pytest.mark.parametrize(("before", "after"), [(PulseRig, PipeWireRig), (PipeWireRig, PulseRig)])
async def test_the_other_sound_server_is_taken_where_it_comes_instead(
    before: type[SoundRig], after: type[SoundRig]
) -> None:
    check_programs(before)
    check_programs(after)
    async with before() as rig:
        command = Commands(rig)

        async def serves(name: str) -> bool:
            servers = (await command.json("status", "--start"))["servers"]
            return any(each["up"] for each in servers if each["name"] == name)

        # The service stays for it.
        monitor = command.start("monitor", "--json", stdout=subprocess.DEVNULL)
        await rig.wait_for(f"{before.name} is connected", lambda: serves(before.name))
        rig.kill_server()
        shutil.rmtree(rig.config_home / "pulse", ignore_errors=True)
        other = after()
        # In the first one's place; its files are closed with it.
        other._dir, other.env, other._open = rig.directory, rig.env, rig._open
        other.configure()
        try:
            await other.start_servers()
            await rig.wait_for(f"{after.name} is connected", lambda: serves(after.name))
            assert "default" in await command("devices")
        finally:
            monitor.terminate()
            await end(rig, (await command.json("status"))["pid"])
            other.kill_server()
            if (root := other.root()) is not None:
                (root / rig.directory.relative_to("/")).rmdir()


async def test_the_monitor_tells_of_a_duck(command: Commands, music: subprocess.Popen[Any]) -> None:
    monitor = command.start("monitor", "--json", stdout=subprocess.PIPE)
    assert monitor.stdout is not None

    def heard() -> dict[str, Any]:
        event: dict[str, Any] = json.loads(monitor.stdout.readline())  # type: ignore[union-attr]
        return event

    assert (await asyncio.to_thread(heard))["type"] == "status"
    await command("duck", "--app", "guide", "--", "true")

    async def until_told() -> None:
        while True:
            event = await asyncio.to_thread(heard)
            if event["type"] == "decided" and "guide" in event["text"]:
                return

    await asyncio.wait_for(until_told(), 50)
    monitor.send_signal(signal.SIGINT)
    await asyncio.to_thread(monitor.communicate, timeout=50)
    assert monitor.returncode == 130


async def test_doctor_finds_a_machine_where_the_service_can_work(command: Commands) -> None:
    report = await command.json("doctor")
    assert report["ok"] is True
    found = {finding["check"]: finding for finding in report["findings"]}
    for check in ("Python packages", "runtime folder", "session bus", "rules", "ledger"):
        assert found[check]["state"] == "ok", found[check]
    if command.rig.name == "pipewire":
        assert found["session manager"]["text"] == "WirePlumber"
        assert found["pipewire-pulse"]["state"] == "ok"
    else:
        assert found["PulseAudio"]["state"] == "ok"
        assert found["flat volumes"]["text"] == "off"
    assert found["start on demand"]["todo"] == "audiosession service install"
    # It looked, and started nothing.
    assert await command.json("status", status=4) == NOT_RUNNING


async def test_installed_the_bus_starts_the_service(command: Commands) -> None:
    rig = command.rig
    done = await command.json("service", "install")
    assert [change["action"] for change in done["changes"]] == ["written", "written"]
    assert (done["systemd"], done["on_demand"]) == (False, True)
    assert {"command": "reload the session bus", "done": True, "problem": ""} in done["steps"]
    found = {one["check"]: one for one in (await command.json("doctor"))["findings"]}
    assert found["start on demand"]["state"] == "ok"

    # Any language can: this is a call of D-Bus, and nothing of ours runs yet.
    call = ("gdbus", "call", "--session", "--dest", BUS_NAME)
    target = ("--object-path", "/org/audiosession/Service1")
    answer = await rig.run(*call, *target, "--method", "org.audiosession.Manager1.Status")
    assert '"policy"' in answer
    status = await command.json("status")
    assert status["running"] is True
    assert [server["name"] for server in status["servers"]] == [rig.name]
    started = [os.fsencode(sys.executable), b"-m", b"audiosession.service"]
    assert command_line(status["pid"])[:3] == started

    done = await command.json("service", "uninstall")
    assert [change["action"] for change in done["changes"]] == ["removed", "removed"]
    assert {"command": "stop the service", "done": True, "problem": ""} in done["steps"]
    assert ended(status["pid"])
    places = Places.of(rig.env)
    assert not places.unit.exists()
    assert not places.activation.exists()
    with pytest.raises(RigError, match="ServiceUnknown"):
        await rig.run(*call, *target, "--method", "org.audiosession.Manager1.Status")


async def test_the_service_in_the_foreground(command: Commands) -> None:
    process = command.start("service", "run")
    await command.rig.wait_for("the service", lambda: _running(command))
    assert (await command.json("status"))["pid"] == process.pid
    process.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(process.wait, 50) == 0


async def test_the_service_leaves_when_it_is_idle(command: Commands) -> None:
    process = command.start("service", "run", "--idle-exit", "0.5")
    assert await asyncio.to_thread(process.wait, 50) == 0


async def test_it_stays_for_those_who_watch(command: Commands) -> None:
    path = Path(command.rig.env["XDG_RUNTIME_DIR"]) / "audiosession/bus"

    async def listens() -> bool:
        return path.is_socket()

    for idle_s in (2.0, 8.0, 32.0):
        process = command.start("service", "run", "--idle-exit", f"{idle_s:g}")
        # Nothing else uses the service, and nothing happens on it.
        await command.rig.wait_for("the service", listens)
        monitor = command.start("monitor", "--json", stdout=subprocess.PIPE)
        assert monitor.stdout is not None
        first = json.loads(await asyncio.to_thread(monitor.stdout.readline))
        if first["pid"] == process.pid:
            break
        # The machine is slow: the service had left before, and the monitor started another.
        monitor.send_signal(signal.SIGINT)
        await asyncio.to_thread(monitor.wait, 50)
        await end(command.rig, first["pid"])
    with pytest.raises(subprocess.TimeoutExpired):
        await asyncio.to_thread(process.wait, 2 * idle_s)
    assert monitor.poll() is None
    # The last who watches is gone: now it leaves.
    monitor.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(process.wait, 50) == 0


async def test_stopped_it_gives_everything_back(
    command: Commands, music: subprocess.Popen[Any]
) -> None:
    pid = (await command.json("status"))["pid"]
    # Where a session is still open, a new service would be started for it.
    music.terminate()
    await asyncio.to_thread(music.wait, 50)
    assert await command.json("service", "stop") == {"stopped": True}
    assert ended(pid)
    assert await command.json("service", "stop") == {"stopped": False}


async def test_the_voice_assistant_lowers_the_music_and_not_its_own_voice(
    command: Commands, music: subprocess.Popen[Any]
) -> None:
    rig = command.rig
    script = rig.directory / "script.txt"
    words = " and ".join(["tell me all that you know about the moon"] * 3)
    script.write_text(f"computer\n{words}\n", encoding="utf-8")
    environment = ENVIRONMENT | {"AUDIOSESSION_HOST": "linux"}
    assistant = rig.popen(sys.executable, str(ASSISTANT), str(script), env=environment)

    def speaks(status: Any) -> bool:
        return any(one["role"] == "assistant" and one["streams"] for one in status["sessions"])

    status = await command.until("it speaks", speaks)
    voice = next(one for one in status["sessions"] if one["role"] == "assistant")
    streams = {one["id"]: one for one in status["streams"]}
    (own,) = (streams[id] for id in voice["streams"])
    (other,) = (streams[id] for id in session(status, "tunes")["streams"])
    assert (own["tied_by"], own["target_db"]) == ("parent process", 0.0)
    assert session(status, "tunes")["standing"] == "ducked"
    assert other["target_db"] < -13.0
    assert await asyncio.to_thread(assistant.wait, 50) == 0
    await command.until(
        "the music is back",
        lambda status: [one["factor_db"] for one in status["streams"]] == [0.0],
    )
