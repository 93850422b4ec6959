"""The recorder written for Apple's C API, unchanged, with a real server and a call in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.linux.rig import DEADLINE_S, PipeWireRig, RigError
from tests.linux.routes_kit import add_input, remove_input
from tests.linux.service_kit import ENVIRONMENT, Stage, staged

RECORDER = Path(__file__).parents[2] / "examples" / "recorder_c_style" / "recorder.py"


@pytest.fixture
async def stage(pipewire_rig: PipeWireRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    microphone = await add_input(pipewire_rig, "rig_microphone")
    async with staged(pipewire_rig, monkeypatch) as stage:
        yield stage
    await remove_input(pipewire_rig, microphone)


class Program:
    """The example, run as its users do."""

    def __init__(self, process: subprocess.Popen[bytes], lines: asyncio.StreamReader) -> None:
        self._process = process
        self._lines = lines

    def type(self, line: str) -> None:
        """What its user types."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    async def says(self, line: str) -> None:
        """Its next line is this one."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                assert (await self._lines.readline()).decode().strip() == line
        except TimeoutError:
            raise RigError(f"the recorder never said {line!r}") from None

    async def ends(self) -> None:
        """It ends by itself, and well."""
        async with asyncio.timeout(DEADLINE_S):
            assert await asyncio.to_thread(self._process.wait) == 0


@asynccontextmanager
async def program(stage: Stage) -> AsyncIterator[Program]:
    process = stage.rig.popen(
        *(sys.executable, "-u", str(RECORDER)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    lines = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), process.stdout
    )
    try:
        yield Program(process, lines)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.kill()
        process.wait()
        transport.close()


async def test_it_stops_for_a_call_and_goes_on_afterwards(stage: Stage) -> None:
    async with program(stage) as recorder:
        await recorder.says("r records, p plays, s stops, q ends it")
        recorder.type("r")
        await recorder.says("recording")
        phone = await stage.holder("voice_call", "phone")
        await recorder.says("stopped")
        assert await phone.active("main", False)
        await recorder.says("recording")
        recorder.type("s")
        await recorder.says("stopped")
        recorder.type("q")
        await recorder.ends()
