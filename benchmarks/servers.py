"""Real sound servers for the benchmarks, with the service on each, and times of what it does."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from .measuring import Row, duration, no_collector, quartiles

DEADLINE_S = 60.0
"""How long anything may take to come about."""
_PAUSE_S = 0.15
"""Longer than the service waits before it tells others: else what comes next finds it awake."""
_PEER = "org.freedesktop.DBus.Peer"


def on_each_server(what: str, measure: Callable[[Any], Awaitable[list[Row]]]) -> list[Row]:
    """The rows measured on each server, or one that says why there are none."""
    try:
        from tests.linux.rig import RIGS
    except ImportError as error:
        return [_skipped(what, "all", f"not installed: {error.name}")]

    async def on(kind: Any) -> list[Row]:
        async with kind() as rig:
            with _environment(rig.env):
                return await measure(rig)

    rows: list[Row] = []
    for name, kind in RIGS.items():
        if missing := kind.missing():
            rows.append(_skipped(what, name, f"not installed: {', '.join(missing)}"))
        else:
            rows += asyncio.run(on(kind))
    return rows


async def ping(link: Any) -> None:
    """One bare round trip over the bus, to the process at the other end of the link."""
    await link.call("/", _PEER, "Ping")


async def timed(work: Callable[[], Awaitable[None]]) -> float:
    """The seconds that it took."""
    # Both begin with everybody asleep.
    await asyncio.sleep(_PAUSE_S)
    with no_collector():
        started = time.perf_counter()
        await work()
        return time.perf_counter() - started


def over(values: Sequence[float], by: float) -> tuple[float, float]:
    """The quartiles of values as multiples of one."""
    low, high = quartiles(values)
    return low / by, high / by


def percentiles(values: Sequence[float]) -> str:
    """The usual and the late ones, in words."""
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))]
    return f"p50 {duration(statistics.median(ordered))}, p99 {duration(late)}"


@contextmanager
def _environment(env: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(env)
    for name in ("AUDIOSESSION_HOST", "PIPEWIRE_REMOTE", "PIPEWIRE_RUNTIME_DIR", "NOTIFY_SOCKET"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def service(rig: Any) -> AsyncIterator[tuple[Any, Any]]:
    """The service on that server: its process and a client of it."""
    from audiosession.errors import HostUnavailableError
    from audiosession.hosts.linux import ServiceClient

    path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    process = rig.popen(
        *(sys.executable, "-m", "audiosession.service", "--stay"), env={"PYTHONPATH": path}
    )
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            client = await ServiceClient.connect(start=False)
            break
        except HostUnavailableError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
    await until(client, "the sound server", lambda s: any(each["up"] for each in s["servers"]))
    try:
        yield process, client
    finally:
        await client.close()
        process.terminate()


async def until(client: Any, what: str, check: Callable[[dict[str, Any]], bool]) -> None:
    """Waits until the service's status is as it should be."""
    deadline = time.monotonic() + DEADLINE_S
    while not check(await client.status()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {DEADLINE_S:g} s")
        await asyncio.sleep(0.05)


def _skipped(what: str, name: str, reason: str) -> Row:
    return Row(name=f"{what}, {name}", value=float("nan"), detail=f"skipped: {reason}")
