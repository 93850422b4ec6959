"""Audio focus in Android's words: what a request costs in the process and through the service.

In the process it is measured against an awaited method that does nothing, and with more and
more entries in the stack. Through the service it is measured against one bare round trip over
the bus to the service's process.
"""

from __future__ import annotations

import asyncio
import statistics
from dataclasses import dataclass
from functools import partial
from typing import Any

from audiosession.android import AndroidAudioFocusRequestResult, AudioFocusRequest
from audiosession.android.audio_manager import AudioManager
from audiosession.hosts.simulated import SimulatedDevice

from .measuring import Row, Target, compare, cpu_time, duration
from .servers import on_each_server, over, percentiles, ping, service, timed

THROUGH_SERVICE = Target(at_most=3.0)
GROWTH = Target(at_most=10.0)
"""From 1 to 100 entries: far less than each of them adds its own share of a request."""

_GRANTED = AndroidAudioFocusRequestResult.GRANTED
_GAIN, _TRANSIENT = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    requests: int = 100
    """Requests in a round, each with its abandoning."""
    rounds: int = 40
    entries: tuple[int, ...] = (10, 100)
    """How many entries a stack has that is measured against one of 1."""
    trips: int = 60
    """Requests through the service; 0 leaves it out."""


QUICK = Sizes(rounds=12, trips=20)


class _Bare:
    """A method that is awaited and does nothing."""

    async def request(self) -> None:
        """Nothing."""


def run(sizes: Sizes | None = None) -> list[Row]:
    sizes = sizes or Sizes()
    rows = [_against_bare(sizes), *(_growth(sizes, entries) for entries in sizes.entries)]
    if sizes.trips:
        rows += on_each_server("audio focus", lambda rig: _through_service(rig, sizes))
    return rows


def _listener(change: object) -> None:
    """Hears a change of focus."""


def _request(gain: int = _TRANSIENT) -> AudioFocusRequest:
    builder = AudioFocusRequest.Builder(gain)
    return builder.set_on_audio_focus_change_listener(_listener).build()


# -- in the process -------------------------------------------------------------------------------


def _against_bare(sizes: Sizes) -> Row:
    with asyncio.Runner() as runner:
        manager = runner.run(_manager(entries=1))
        request, bare = _request(), _Bare()
        result = compare(
            cpu_time(lambda: runner.run(_trips(manager, request, sizes.requests))),
            cpu_time(lambda: runner.run(_bare_trips(bare, sizes.requests))),
            sizes.rounds,
        )
    each = [duration(seconds / sizes.requests) for seconds in result.medians_s]
    return Row(
        name="audio focus asked for and given back beside another app, against bare calls",
        value=result.ratio,
        spread=result.spread,
        detail=f"{each[0]} against {each[1]}",
    )


def _growth(sizes: Sizes, entries: int) -> Row:
    with asyncio.Runner() as runner:
        large, small = runner.run(_manager(entries)), runner.run(_manager(1))
        request = _request()
        result = compare(
            cpu_time(lambda: runner.run(_trips(large, request, sizes.requests))),
            cpu_time(lambda: runner.run(_trips(small, request, sizes.requests))),
            sizes.rounds,
        )
    each = [duration(seconds / sizes.requests) for seconds in result.medians_s]
    return Row(
        name=f"audio focus with {entries} entries in the stack, against 1",
        value=result.ratio,
        spread=result.spread,
        target=GROWTH if entries == 100 else None,
        detail=f"{each[0]} against {each[1]}",
    )


async def _manager(entries: int) -> AudioManager:
    """The manager of an app beside others that have an entry each."""
    device = SimulatedDevice("phone", policy="android")
    for number in range(entries):
        other = AudioManager(device.app(f"other {number}").host)
        if await other.request_audio_focus(_request()) is not _GRANTED:
            raise RuntimeError("another app was refused")
    if len(device.arbiter.active) != entries:
        raise RuntimeError("the stack is not what it should be")
    return AudioManager(device.app("app").host)


async def _trips(manager: AudioManager, request: AudioFocusRequest, times: int) -> None:
    for _ in range(times):
        granted = await manager.request_audio_focus(request)
        given_up = await manager.abandon_audio_focus_request(request)
        if not (granted is given_up is _GRANTED):
            raise RuntimeError("a request was refused")


async def _bare_trips(bare: _Bare, times: int) -> None:
    for _ in range(times):
        await bare.request()
        await bare.request()


# -- through the service --------------------------------------------------------------------------


async def _through_service(rig: Any, sizes: Sizes) -> list[Row]:
    from audiosession.hosts.linux import LinuxHost

    async with service(rig):
        host = LinuxHost("benchmark", start=False)
        manager = AudioManager(host)
        request = _request(_GAIN)
        await _trips(manager, request, 1)
        link = (await host.connected()).link
        took_s: list[float] = []
        floors_s: list[float] = []
        for _ in range(sizes.trips):
            took_s.append(await timed(partial(_ask, manager, request)))
            floors_s.append(await timed(partial(ping, link)))
            await manager.abandon_audio_focus_request(request)
        floor_s = statistics.median(floors_s)
        await manager.close()
        await host.close()
    return [
        Row(
            name=f"{rig.name}: a request for audio focus through the service, against a round trip",
            value=statistics.median(took_s) / floor_s,
            spread=over(took_s, floor_s),
            target=THROUGH_SERVICE,
            detail=f"{percentiles(took_s)} against {percentiles(floors_s)}",
        )
    ]


async def _ask(manager: AudioManager, request: AudioFocusRequest) -> None:
    if await manager.request_audio_focus(request) is not _GRANTED:
        raise RuntimeError("a request was refused")
