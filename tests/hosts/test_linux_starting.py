"""How a client starts the service: what it waits for, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.hosts.linux.starting import spawn_service

_DEADLINE_S = 30.0


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    """Has a shell script run in place of the service."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path))


async def test_a_start_that_is_cancelled_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pipe = tmp_path / "pid"
    os.mkfifo(pipe)
    stand_in(monkeypatch, tmp_path, f"echo $$ > {pipe}; exec sleep 1000")
    async with asyncio.timeout(_DEADLINE_S):
        starting = asyncio.ensure_future(spawn_service())  # noqa: TID251
        pid = int(await asyncio.to_thread(pipe.read_text))
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_service_that_does_not_start_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, "echo there is no room >&2; exit 1")
    with pytest.raises(HostUnavailableError, match="there is no room") as caught:
        await spawn_service()
    assert caught.value.reason is HostUnavailableReason.NO_SERVICE
