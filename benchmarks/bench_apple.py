"""AVAudioSession: what reading a property costs, and what setting a category over the bus does.

Reads are measured on a simulated phone with headsets and an app that plays beside, and with a
real sound server, against a property that gives an attribute. The category is set through the
service, against one bare round trip over the bus to the service's process.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from timeit import Timer
from typing import Any

from audiosession import AudioSession
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
)
from audiosession.errors import UnsupportedError
from audiosession.hosts.simulated import SimulatedDevice

from .measuring import Comparison, Row, Target, compare, duration, quartiles
from .servers import on_each_server, over, percentiles, ping, service, timed

READ = Target(at_most=20.0)
SET_CATEGORY = Target(at_most=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    reads: int = 2_000
    """Reads in a round."""
    rounds: int = 20
    categories: int = 60
    """How often the category is set, active and not; 0 leaves it out."""


QUICK = Sizes(reads=1_000, rounds=8, categories=20)

PROPERTIES = tuple(
    name
    for name in dir(AVAudioSession)
    if not name.startswith("_") and isinstance(getattr(AVAudioSession, name), property)
)
"""All that can be read."""


class Plain:
    """What a read is measured against."""

    def __init__(self) -> None:
        self._value = 1.0

    @property
    def value(self) -> float:
        return self._value


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    rows = asyncio.run(_reads(sizes))
    if sizes.categories:
        rows += on_each_server("set_category", lambda rig: _categories(rig, sizes))
    return rows


# -- reading --------------------------------------------------------------------------------------


async def _reads(sizes: Sizes) -> list[Row]:
    device = SimulatedDevice("phone", policy="apple")
    device.plug("wired headset")
    device.plug("bluetooth headset")
    music = AVAudioSession.of(device.app("music").session)
    await music.set_category(
        AVAudioSessionCategory.PLAYBACK, options=AVAudioSessionCategoryOptions.MIX_WITH_OTHERS
    )
    await music.set_active(True)
    device.app("music").player().play()
    session = AVAudioSession.of(device.app("recorder").session)
    await session.set_category(
        AVAudioSessionCategory.PLAY_AND_RECORD,
        options=AVAudioSessionCategoryOptions.MIX_WITH_OTHERS
        | AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_HFP,
    )
    await session.set_active(True)
    await session.set_preferred_sample_rate(44_100.0)
    if not (session.is_active and session.is_other_audio_playing and session.current_route.inputs):
        raise RuntimeError("the session is not what it should be")

    def volume_key() -> None:
        device.press_volume(False)
        device.press_volume(True)

    plain_s = _plain(sizes)
    first_s = {name: _first_read(session, name, volume_key) for name in PROPERTIES}
    slowest = max(first_s, key=first_s.__getitem__)
    return [
        *_judged("simulated", session, sizes),
        Row(
            name=f"simulated: AVAudioSession's slowest first read after a change, {slowest}",
            value=first_s[slowest] / plain_s,
            detail=_against(first_s[slowest], plain_s),
        ),
    ]


def _judged(where: str, session: AVAudioSession, sizes: Sizes) -> list[Row]:
    """The slowest property and the usual one, of those that the host knows."""
    names = [name for name in PROPERTIES if _is_known(session, name)]
    found = {name: _read(session, name, sizes) for name in names}
    slowest = max(found, key=lambda name: found[name].ratio)
    ratios = [each.ratio for each in found.values()]
    usual = [statistics.median(s) for s in zip(*(c.medians_s for c in found.values()), strict=True)]
    return [
        Row(
            name=f"{where}: AVAudioSession's slowest read of {len(names)} properties, {slowest}",
            value=found[slowest].ratio,
            spread=found[slowest].spread,
            target=READ,
            detail=_against(*(each / sizes.reads for each in found[slowest].medians_s)),
        ),
        Row(
            name=f"{where}: AVAudioSession's median read of {len(names)} properties",
            value=statistics.median(ratios),
            spread=quartiles(ratios),
            target=READ,
            detail=_against(*(each / sizes.reads for each in usual)),
        ),
    ]


def _is_known(session: AVAudioSession, name: str) -> bool:
    try:
        getattr(session, name)
    except UnsupportedError:
        return False
    return True


def _read(session: AVAudioSession, name: str, sizes: Sizes) -> Comparison:
    """Reading a property, against reading a plain one."""

    return compare(_reading(session, name, sizes), _reading(Plain(), "value", sizes), sizes.rounds)


def _plain(sizes: Sizes) -> float:
    """The seconds of reading a plain property."""
    read = _reading(Plain(), "value", sizes)
    return statistics.median(read() for _ in range(sizes.rounds)) / sizes.reads


def _reading(owner: object, name: str, sizes: Sizes) -> Callable[[], float]:
    """Something that gives the CPU seconds of many reads."""
    # A Timer runs without the garbage collector.
    timer = Timer(f"owner.{name}", globals={"owner": owner}, timer=time.process_time)
    return lambda: timer.timeit(sizes.reads)


def _first_read(session: AVAudioSession, name: str, change: Callable[[], None]) -> float:
    """The seconds of a read that finds that something has changed; a usual one of several."""
    took_s: list[float] = []
    for _ in range(9):
        change()
        started = time.perf_counter()
        getattr(session, name)
        took_s.append(time.perf_counter() - started)
    return statistics.median(took_s)


def _against(seconds: float, plain_s: float) -> str:
    return f"{duration(seconds)} against {duration(plain_s)}"


# -- setting a category ---------------------------------------------------------------------------


async def _categories(rig: Any, sizes: Sizes) -> list[Row]:
    from audiosession.hosts.linux import LinuxHost

    rows: list[Row] = []
    async with service(rig):
        host = LinuxHost("benchmark", start=False)
        session = AVAudioSession.of(AudioSession(host))
        await session.set_category(AVAudioSessionCategory.PLAYBACK)
        link = (await host.connected()).link
        for active in (False, True):
            await session.set_active(active)
            took_s: list[float] = []
            floors_s: list[float] = []
            for number in range(sizes.categories + 1):
                seconds = await timed(partial(_set, session, number))
                floor_s = await timed(partial(ping, link))
                # The first of each is not measured.
                if number:
                    took_s.append(seconds)
                    floors_s.append(floor_s)
            floor_s = statistics.median(floors_s)
            rows.append(
                Row(
                    name=f"{rig.name}: set_category of an {'active' if active else 'inactive'} "
                    "session, against a bare round trip",
                    value=statistics.median(took_s) / floor_s,
                    spread=over(took_s, floor_s),
                    target=SET_CATEGORY,
                    detail=f"{percentiles(took_s)} against {percentiles(floors_s)}",
                )
            )
        rows += _judged(rig.name, session, sizes)
        await session.audio_session.close()
    return rows


async def _set(session: AVAudioSession, number: int) -> None:
    """Another category than the last time."""
    kinds = (AVAudioSessionCategory.PLAYBACK, AVAudioSessionCategory.SOLO_AMBIENT)
    await session.set_category(kinds[number % 2])
