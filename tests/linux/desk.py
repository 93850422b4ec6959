"""A home, a runtime directory and perhaps a bus, and the service and apps as processes there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from audiosession.errors import HostUnavailableError
from audiosession.hosts.linux import ServiceClient

DEADLINE_S = 40.0

# An app in a process of its own: active by a recipe until it is told to end.
APP = """
import asyncio, sys
from audiosession import AudioSession, recipe
async def main(name):
    session = await AudioSession.instance("linux")
    await session.configure(recipe(name))
    print(await session.set_active(True), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await session.close()
asyncio.run(main(sys.argv[1]))
"""


class Desk:
    """A home, a runtime directory and perhaps a bus of its own. Use with ``async with``."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._patch = patch
        self.runtime = folder / "run"
        self.socket = self.runtime / "audiosession" / "bus"
        self.address = ""
        self.bus: asyncio.subprocess.Process | None = None
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Desk:
        self.runtime.mkdir(mode=0o700)
        for name, place in (
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_DATA_HOME", "data"),
            ("HOME", "home"),
        ):
            self._patch.setenv(name, str(self.folder / place))
        for name in (
            *("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR"),
            *("AUDIOSESSION_HOST", "NOTIFY_SOCKET", "DBUS_SESSION_BUS_ADDRESS"),
        ):
            self._patch.delenv(name, raising=False)
        return self

    async def start_bus(self) -> None:
        self.bus = await self.start(
            *("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"),
            f"--address=unix:path={self.runtime}/bus",
        )
        self.address = await line(self.bus)
        self._patch.setenv("DBUS_SESSION_BUS_ADDRESS", self.address)

    async def __aexit__(self, *error: object) -> None:
        # A service that a client started is nobody's child.
        try:
            client = await ServiceClient.connect(start=False)
        except HostUnavailableError:
            pass
        else:
            os.kill((await client.status())["pid"], signal.SIGTERM)
            await client.link.wait_until_gone()
            await client.close()
        for process in reversed(self._processes):
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def start(self, *command: str, **options: Any) -> asyncio.subprocess.Process:
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        process = await asyncio.create_subprocess_exec(*command, **(pipes | options))
        self._processes.append(process)
        return process

    async def service(self) -> asyncio.subprocess.Process:
        """The service as a child, found by clients when this returns."""
        process = await self.start(sys.executable, "-m", "audiosession.service", "--stay")
        async with asyncio.timeout(DEADLINE_S):
            while True:
                try:
                    client = await ServiceClient.connect(start=False)
                except HostUnavailableError:
                    await asyncio.sleep(0.02)
                    continue
                assert (await client.status())["pid"] == process.pid
                await client.close()
                return process

    async def app(self, recipe: str) -> asyncio.subprocess.Process:
        """An app in a process of its own, active when this returns."""
        process = await self.start(sys.executable, "-c", APP, recipe)
        assert await line(process) == "True"
        return process

    async def run(self, *command: str) -> str:
        process = await self.start(*command, stderr=asyncio.subprocess.PIPE)
        async with asyncio.timeout(DEADLINE_S):
            out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        return (await process.stdout.readline()).decode().strip()


async def ended(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(DEADLINE_S):
        return await process.wait()


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def family(pid: int) -> tuple[int, int]:
    """A process's parent and its session."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), int(fields[3])


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()
