"""A hundred clients and two hundred streams at once; and a service that has nothing to do.

The streams play silence, each at a volume of its own, most of them in a few processes, since
pipewire-pulse takes 64 connections at most. The clients are connections of their own in a few
processes. ``AUDIOSESSION_LOAD_S`` says for how many seconds they go on, 60 when it is not set.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bench_linux import resident_mib, switches
from tests.linux.app_kit import App
from tests.linux.rig import DEADLINE_S, RigError, SoundRig
from tests.linux.service_kit import Stage, staged

pytestmark = pytest.mark.timeout(600)

LOAD_S = float(os.environ.get("AUDIOSESSION_LOAD_S", "60"))
PROCESSES = 4
CLIENTS = 100
STREAMS = 200
COMING_AND_GOING = 20
"""How many of the streams are programs of their own, which end and are followed by others."""
SINKS = (SoundRig.sink, "rig_second")
MANY_STREAMS = Path(__file__).with_name("many_streams.py")

GROWTH = 1.05
"""Of the service's memory, from when it has warmed up to the end."""
IDLE_S = 10.0
IDLE_MIB = 45.0

_WARM_S = 30.0
_MOST_PAUSE_S = 1.5
_NOWHERE = 0xFFFFFFFF
_RECIPES = ("navigation_prompt", "music", "speech", "voice_call")
_SEED = 20231


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server."""
    async with staged(rig, monkeypatch) as stage:
        yield stage


class Crowd:
    """Streams that come and go, and what their users set them to."""

    def __init__(self, stage: Stage) -> None:
        self._rig = stage.rig
        self._service = stage.service
        self._dice = random.Random(_SEED)
        self._programs = 0
        self._last: list[tuple[Any, int]] = []
        self.wanted: dict[int, tuple[int, int]] = {}

    async def come(self, count: int) -> None:
        """Starts a program with streams, each set to a volume that no percentage makes."""
        # PipeWire mixes 128 streams in one port at most.
        sink = SINKS[self._programs % len(SINKS)]
        self._programs += 1
        player = self._rig.popen(sys.executable, str(MANY_STREAMS), str(count), sink)
        pid = str(player.pid)
        found: list[int] = []

        async def all_there() -> bool:
            found[:] = [
                stream["index"]
                for stream in await self._rig.listed("sink-inputs")
                if stream["properties"].get("application.process.id") == pid
                # Before it links a stream, the session manager sets it to what it has saved.
                and stream["sink"] != _NOWHERE
            ]
            return len(found) == count

        await self._rig.wait_for(f"{count} streams", all_there)
        for index in found:
            volume = self._dice.randrange(20_001, 65_000), self._dice.randrange(20_001, 65_000)
            await self._rig.run("pactl", "set-sink-input-volume", str(index), *map(str, volume))
            self.wanted[index] = volume
        if count == 1:
            self._last.append((player, found[0]))

    def go(self) -> None:
        """Ends one that came by itself."""
        player, index = self._last.pop(self._dice.randrange(len(self._last)))
        player.kill()
        del self.wanted[index]

    async def known(self) -> None:
        """Waits until the service knows each; the session manager may lag far behind."""

        async def all_known() -> bool:
            streams = (await self._service.status())["streams"]
            playing = [stream["direction"] for stream in streams].count("playback")
            return playing == len(self.wanted)

        await self._rig.wait_for("every stream", all_known, deadline_s=4 * DEADLINE_S)


async def test_a_hundred_clients_and_two_hundred_streams(stage: Stage) -> None:
    await stage.rig.add_sink(SINKS[1])
    crowd = Crowd(stage)
    for _ in range(PROCESSES):
        await crowd.come((STREAMS - COMING_AND_GOING) // PROCESSES)
    for _ in range(COMING_AND_GOING):
        await crowd.come(1)
    assert len(crowd.wanted) == STREAMS
    await crowd.known()
    apps = [await stage.app(f"app {number}") for number in range(PROCESSES)]
    each = CLIENTS // PROCESSES
    for app in apps:
        for number in range(each):
            await app.open(f"client {number}", _RECIPES[number % len(_RECIPES)])
    service = stage.service.process
    assert service is not None
    await _activity(apps, crowd, _WARM_S, seed=0)
    await _rest(stage, crowd)
    growth = await _growth(stage, apps, crowd, service.pid, seed=1)
    if growth > GROWTH:
        # The busiest moment so far keeps its memory, once. What leaks does so every time.
        growth = await _growth(stage, apps, crowd, service.pid, seed=2)
    await _volumes_are(stage, crowd.wanted)
    assert growth <= GROWTH
    assert all(not app.heard("garbage") for app in apps)
    for wrong in ("ERROR", "Traceback"):
        assert wrong not in stage.rig.log(), stage.rig.log()


async def _growth(stage: Stage, apps: list[App], crowd: Crowd, pid: int, *, seed: int) -> float:
    """How many times the memory is what it was, after some time of activity."""
    before_mib = resident_mib(pid)
    started = time.monotonic()
    await _activity(apps, crowd, LOAD_S, seed=seed)
    took_s = time.monotonic() - started
    await _rest(stage, crowd)
    after_mib = resident_mib(pid)
    print(f"{took_s:.1f} s, {before_mib:.1f} MiB before and {after_mib:.1f} MiB after")
    return after_mib / before_mib


async def _activity(apps: list[App], crowd: Crowd, seconds: float, *, seed: int) -> None:
    """Clients come and go for some seconds, and some of the streams meanwhile."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_busy(apps, seconds, seed=seed))
        for _ in range(COMING_AND_GOING):
            crowd.go()
            await crowd.come(1)


async def _rest(stage: Stage, crowd: Crowd) -> None:
    """Waits until all is done; asking for that takes the service memory as well."""
    await crowd.known()
    await stage.service.at_rest()


async def _busy(apps: list[App], seconds: float, *, seed: int) -> None:
    """Every client takes and gives the audio at its own random times."""
    names = [f"client {number}" for number in range(CLIENTS // PROCESSES)]
    end = time.monotonic() + seconds
    turn = 0
    while time.monotonic() < end:
        async with asyncio.TaskGroup() as group:
            for number, app in enumerate(apps):
                words = {
                    "names": names,
                    "recipes": _RECIPES,
                    # A turn must end within the patience of the kit, however busy all are.
                    "count": 1,
                    "most_s": _MOST_PAUSE_S,
                    "seed": f"{seed} {turn} {number}",
                }
                group.create_task(app.call("cycles", **words))
        turn += 1


async def _volumes_are(stage: Stage, wanted: dict[int, tuple[int, int]]) -> None:
    """Waits until every stream has its user's own volume, to the bit."""
    try:
        await stage.rig.wait_for("the volumes", lambda: _same(stage, wanted))
    except RigError:
        assert await stage.rig.stream_volumes() == wanted
        raise


async def _same(stage: Stage, wanted: dict[int, tuple[int, int]]) -> bool:
    return await stage.rig.stream_volumes() == wanted


async def test_an_idle_service_sleeps(stage: Stage) -> None:
    app = await stage.app()
    await app.open("main", "navigation_prompt")
    music = await stage.music()
    assert await app.active("main")
    assert await app.active("main", False)
    await app.call("close", session="main")
    await stage.service.at_rest()
    await stage.end(music)
    service = stage.service.process
    assert service is not None
    deadline = time.monotonic() + DEADLINE_S
    # What the last of that left to do is done once it slept for two seconds.
    while (before := switches(service.pid)) != await _later(2.0, service.pid):
        assert time.monotonic() < deadline, "it never sleeps"
    assert await _later(IDLE_S, service.pid) == before
    mib = resident_mib(service.pid)
    print(f"{mib:.1f} MiB")
    assert mib <= IDLE_MIB


async def _later(seconds: float, pid: int) -> int:
    await asyncio.sleep(seconds)
    return switches(pid)
