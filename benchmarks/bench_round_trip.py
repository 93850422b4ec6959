"""What giving and taking the audio costs an app, against the least an awaited call can cost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from audiosession import AudioSession, AudioSessionConfiguration
from audiosession.hosts.simulated import SimulatedDevice

from .measuring import Row, compare, cpu_time, duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    trips: int = 100
    """Activations in a round, each with its deactivation."""
    rounds: int = 40


QUICK = Sizes(rounds=12)


class _Bare:
    """An awaited call that takes a lock and does nothing else."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._active = False

    async def set_active(self, active: bool) -> bool:
        async with self._lock:
            self._active = active
        return True


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    return [
        _row("alone on the device", sizes, others=False),
        _row("a prompt that lowers music", sizes, others=True),
    ]


def _row(what: str, sizes: Sizes, *, others: bool) -> Row:
    with asyncio.Runner() as runner:
        session = runner.run(_session(others=others))
        bare = _Bare()
        result = compare(
            cpu_time(lambda: runner.run(_trips(session, sizes.trips))),
            cpu_time(lambda: runner.run(_trips(bare, sizes.trips))),
            sizes.rounds,
        )
    each = [duration(seconds / sizes.trips) for seconds in result.medians_s]
    return Row(
        name=f"set_active(True) and (False), against a bare lock: {what}",
        value=result.ratio,
        spread=result.spread,
        detail=f"{each[0]} against {each[1]}",
    )


async def _session(*, others: bool) -> AudioSession:
    device = SimulatedDevice()
    if others:
        music = device.app("music").session
        await music.configure(AudioSessionConfiguration.music())
        if not await music.set_active(True):
            raise RuntimeError("the music was refused")
    session = device.app("prompt").session
    await session.configure(AudioSessionConfiguration.navigation_prompt())
    return session


async def _trips(session: AudioSession | _Bare, times: int) -> None:
    for _ in range(times):
        granted = await session.set_active(True)
        given_up = await session.set_active(False)
        if not (granted and given_up):
            raise RuntimeError("an activation was refused")
