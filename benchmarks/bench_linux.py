"""The service with a real sound server: an activation that lowers others, and what resting costs.

The floor is what no service could go below: one bare round trip over the bus to the service's
process, and one volume set at the server and waited for. The script is what people use without
a service: pactl lists the streams and sets each.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .measuring import Row, Target, duration
from .servers import DEADLINE_S, on_each_server, over, percentiles, ping, service, timed, until


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    streams: tuple[int, ...] = (1, 4, 20, 100)
    """How many streams are lowered; those of four are judged."""
    rounds: int = 60
    pactl_rounds: int = 10
    rest_s: float = 10.0
    """How long the resting service is watched."""


QUICK = Sizes(streams=(4,), rounds=15, pactl_rounds=4, rest_s=2.0)


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    return on_each_server("the service", lambda rig: _on(rig, sizes))


async def _on(rig: Any, sizes: Sizes) -> list[Row]:
    rows: list[Row] = []
    async with service(rig) as (process, client):
        status = await client.status()
        rows += await _resting(rig.name, status["pid"], sizes)
        playing = 0
        players: list[int] = []
        try:
            for count in sorted(sizes.streams):
                players.append(_play(rig, count - playing))
                playing = count
                await until(client, "every stream", partial(_sound, count))
                rows += await _activations(rig, count, client, sizes)
        finally:
            for player in players:
                os.kill(player, signal.SIGKILL)
    process.wait(DEADLINE_S)
    return rows


# -- what is measured -----------------------------------------------------------------------------


async def _activations(rig: Any, count: int, client: Any, sizes: Sizes) -> list[Row]:
    from audiosession import AudioSession, recipe
    from audiosession.hosts.linux import LinuxHost

    took_s: list[float] = []
    floors_s: list[float] = []
    host = LinuxHost("benchmark", start=False)
    session = AudioSession(host)
    await session.configure(recipe("navigation_prompt"))
    link = (await host.connected()).link

    async def activate() -> None:
        if not await session.set_active(True):
            raise RuntimeError("an activation was refused")

    async with _setter(rig) as set_one:

        async def floor() -> None:
            await ping(link)
            await set_one()

        async def both() -> tuple[float, float]:
            seconds = await timed(activate)
            await session.quiet(1.0)
            lowered = [each["target_db"] < 0 for each in (await client.status())["streams"]]
            if lowered.count(True) != count:
                raise RuntimeError(f"{lowered.count(True)} of {count} streams are lowered")
            await session.set_active(False)
            await until(client, "rest", _at_rest)
            return seconds, await timed(floor)

        await both()
        for _ in range(sizes.rounds):
            # Each is measured at rest, the one after the other.
            seconds, floor_s = await both()
            took_s.append(seconds)
            floors_s.append(floor_s)
    await session.close()
    scripts_s = [await asyncio.to_thread(_pactl, rig.env) for _ in range(sizes.pactl_rounds)]
    judged = count == 4
    # A round trip that the kernel put off is no floor: what is divided by is the usual one.
    floor_s, script_s = statistics.median(floors_s), statistics.median(scripts_s)
    took = statistics.median(took_s)
    name = f"{rig.name}: set_active(True) lowering {count} stream{'s' * (count != 1)}"
    return [
        Row(
            name=f"{name}, against the floor",
            value=took / floor_s,
            spread=over(took_s, floor_s),
            target=Target(at_most=4.0) if judged else None,
            detail=f"{percentiles(took_s)} against {percentiles(floors_s)}",
        ),
        Row(
            name=f"{name}: a pactl script, against it",
            value=script_s / took,
            spread=over(scripts_s, took),
            target=Target(at_least=10.0) if judged else None,
            detail=f"{duration(script_s)} against {duration(took)}",
        ),
    ]


async def _resting(server: str, pid: int, sizes: Sizes) -> list[Row]:
    # What the start left to do is done when it slept for a whole second.
    deadline = time.monotonic() + DEADLINE_S
    while (before := switches(pid)) != await _later(1.0, pid):
        if time.monotonic() > deadline:
            break
    before = switches(pid)
    wakes = await _later(sizes.rest_s, pid) - before
    return [
        Row(
            name=f"{server}: wake-ups of the idle service in {sizes.rest_s:g} s",
            value=wakes,
            unit="times",
            target=Target(at_most=0.0),
        ),
        Row(
            name=f"{server}: memory of the idle service",
            value=resident_mib(pid),
            unit="MiB",
            target=Target(at_most=45.0),
        ),
    ]


async def _later(seconds: float, pid: int) -> int:
    await asyncio.sleep(seconds)
    return switches(pid)


def switches(pid: int) -> int:
    """How often the threads of a process were switched away from, of their own accord or not."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.endswith("voluntary_ctxt_switches"):
                total += int(value)
    return total


def resident_mib(pid: int) -> float:
    """The memory of a process that is in use, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")


def _pactl(env: dict[str, str]) -> float:
    """Lowers every stream as a script does; then sets them back, which is not counted."""
    started = time.perf_counter()
    listed = subprocess.check_output(["pactl", "list", "short", "sink-inputs"], env=env, text=True)
    streams = [line.split()[0] for line in listed.splitlines()]
    for stream in streams:
        subprocess.check_call(["pactl", "set-sink-input-volume", stream, "20%"], env=env)
    seconds = time.perf_counter() - started
    for stream in streams:
        subprocess.check_call(["pactl", "set-sink-input-volume", stream, "100%"], env=env)
    return seconds


# -- the world it happens in ----------------------------------------------------------------------


def _play(rig: Any, count: int) -> int:
    """Starts a program with streams of silence and returns its process.

    It is nobody's child: those of this process would belong to its own session.
    """
    from tests.linux import many_streams

    assert many_streams.__file__ is not None
    words = (sys.executable, many_streams.__file__, str(count), rig.sink)
    script = '"$@" >/dev/null 2>&1 & echo $!'
    return int(subprocess.check_output(["sh", "-c", script, "sh", *words], env=rig.env))


@asynccontextmanager
async def _setter(rig: Any) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Something that sets the volume of a stream and waits until the server has it."""
    if rig.name != "pipewire":
        from pulsectl_asyncio import PulseAsync

        async with PulseAsync("benchmark", server=rig.pulse_server) as pulse:
            stream = (await pulse.sink_input_list())[0]

            async def set_pulse() -> None:
                await pulse.volume_set_all_chans(stream, 1.0)

            yield set_pulse
        return
    from audiosession.pipewire import (
        Interface,
        NodeProxy,
        ObjectType,
        Param,
        PipeWireClient,
        Props,
    )
    from audiosession.pipewire.pod import Array, Object, PodType, Prop

    async with PipeWireClient() as client:
        node = client.find(Interface.NODE, media_class="Stream/Output/Audio")[0]
        proxy = client.bind(node)
        assert isinstance(proxy, NodeProxy)
        volumes = Prop(Props.CHANNEL_VOLUMES, Array(PodType.FLOAT, (1.0, 1.0)))

        async def set_pipewire() -> None:
            proxy.set_param(Param.PROPS, Object(ObjectType.PROPS, Param.PROPS, (volumes,)))
            await client.sync()

        yield set_pipewire


def _sound(count: int, status: dict[str, Any]) -> bool:
    return [stream["audible"] for stream in status["streams"]].count(True) == count


def _at_rest(status: dict[str, Any]) -> bool:
    return all(each["factor_db"] == each["target_db"] == 0.0 for each in status["streams"])
