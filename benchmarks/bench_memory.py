"""What an open session takes up while it does nothing."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from audiosession import AudioSession, AudioSessionConfiguration
from audiosession.core import Arbiter, OpenSession
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.policies import load_policy

from .measuring import Row

_KEYS = tuple(f"key {number}" for number in range(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    sessions: int = 1_000
    """Sessions of the one API."""
    core_sessions: int = 10_000
    warm: int = 300
    """Sessions made before, so that what is bounded has reached its bound."""


QUICK = Sizes(core_sessions=2_000)


class _Allocated:
    each: float = 0.0


@contextmanager
def _allocated(count: int) -> Iterator[_Allocated]:
    """Has the bytes that the block left allocated, for each of ``count``, when it is over."""
    result = _Allocated()
    gc.collect()
    tracemalloc.start()
    try:
        yield result
        gc.collect()
        result.each = tracemalloc.get_traced_memory()[0] / count
    finally:
        tracemalloc.stop()


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    plain = _plain_dict(sizes.sessions)
    made = (
        ("an idle AudioSession on the simulated device", asyncio.run(_one_api(sizes))),
        ("a session open in the arbiter", _core(sizes)),
    )
    return [
        Row(
            name=f"memory of {what}, against a dict of {len(_KEYS)} entries",
            value=each / plain,
            detail=f"{each:,.0f} against {plain:,.0f} bytes",
        )
        for what, each in made
    ]


def _plain_dict(count: int) -> float:
    kept: list[dict[str, int] | None] = [None] * count
    with _allocated(count) as result:
        for index in range(count):
            kept[index] = {key: value for value, key in enumerate(_KEYS)}
    return result.each


async def _one_api(sizes: Sizes) -> float:
    device = SimulatedDevice()
    music = AudioSessionConfiguration.music()
    apps = [device.app(f"app {number}") for number in range(sizes.warm + sizes.sessions)]
    kept: list[AudioSession | None] = [None] * sizes.sessions
    for app in apps[: sizes.warm]:
        await app.session.configure(music)
    with _allocated(sizes.sessions) as result:
        for index, app in enumerate(apps[sizes.warm :]):
            session = app.session
            await session.configure(music)
            kept[index] = session
    return result.each


def _core(sizes: Sizes) -> float:
    arbiter = Arbiter(load_policy())
    with _allocated(sizes.core_sessions) as result:
        for number in range(sizes.core_sessions):
            arbiter.handle(OpenSession(session=f"session {number}", app=f"app {number}"), 0.0)
    return result.each
