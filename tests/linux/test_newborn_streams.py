"""Streams that are born and change in the same moment are told as the server has them in the end.

Players begin corked and go on at once, so the first look at a stream often is behind the times
when its answer is worked on. Here every such answer is held back until the change is there.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pulsectl_asyncio import PulseAsync

from audiosession.service.ledger import Ledger
from audiosession.service.servers import pulse
from audiosession.service.servers.base import (
    Card,
    Direction,
    Endpoint,
    ServerStream,
    SoundServer,
)
from audiosession.service.servers.numbers import number_of
from audiosession.service.servers.pipewire import PipeWireServer
from audiosession.service.servers.pulse import PulseServer
from audiosession.service.servers.pulse_values import Stream
from audiosession.service.servers.pulse_wire import PulseLink
from tests.linux.rig import PulseRig, SoundRig
from tests.linux.sound import play, play_mpv, write_tone

_DEADLINE_S = 20.0
_ROUNDS = 6
_TOGETHER = 3


class Ear:
    """What is known of the streams by the reports. Implements ServerEvents."""

    def __init__(self) -> None:
        self.streams: dict[str, ServerStream] = {}
        self.told: list[ServerStream] = []
        self.changed = asyncio.Event()

    def server_up(self) -> None: ...

    def server_down(self, reason: str) -> None:
        raise AssertionError(reason)

    def stream_added(self, stream: ServerStream) -> None:
        self._tell(stream)

    def stream_changed(self, stream: ServerStream) -> None:
        self._tell(stream)

    def stream_removed(self, stream: str) -> None:
        del self.streams[stream]
        self.changed.set()

    def endpoints_changed(self, endpoints: tuple[Endpoint, ...]) -> None: ...

    def cards_changed(self, cards: tuple[Card, ...]) -> None: ...

    def _tell(self, stream: ServerStream) -> None:
        self.streams[stream.id] = stream
        self.told.append(stream)
        self.changed.set()

    async def until_running(self, pids: set[int]) -> None:
        await self.until([(pid, True) for pid in sorted(pids)])

    async def until(self, wanted: list[tuple[int | None, bool]]) -> None:
        """Waits until exactly these are there: process, and whether it runs."""

        def now() -> list[tuple[int | None, bool]]:
            return sorted(
                ((stream.pid, stream.running) for stream in self.streams.values()), key=repr
            )

        try:
            async with asyncio.timeout(_DEADLINE_S):
                while now() != sorted(wanted, key=repr):
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"{now()} are told, not {wanted}") from None


@asynccontextmanager
async def adapter(rig: SoundRig) -> AsyncIterator[Ear]:
    ledger, ear = Ledger(rig.directory / "newborn" / "ledger.json"), Ear()
    server: SoundServer
    if isinstance(rig, PulseRig):
        server = PulseServer(ledger, server=rig.pulse_server)
    else:
        server = PipeWireServer(ledger, remote=rig.runtime_dir / "pipewire-0")
    await server.start(ear)
    try:
        yield ear
    finally:
        await server.close()


def tone(rig: SoundRig) -> Path:
    path = rig.directory / "newborn.wav"
    if not path.exists():
        write_tone(path, frequency_hz=997.0, seconds=60)
    return path


async def test_players_started_together_are_all_told_as_they_are(rig: SoundRig) -> None:
    path = tone(rig)
    async with adapter(rig) as ear:
        for _ in range(_ROUNDS):
            players = [play_mpv(rig, path, "--loop", mpris=False) for _ in range(_TOGETHER)]
            await ear.until_running({player.pid for player in players})
            for player in players:
                player.kill()
                player.wait()
            await ear.until([])


class Late(PulseLink):
    """A link that gives one answer only when it is told to; the others come as always."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        Late.last = self
        self.hold = ""
        self.held = asyncio.Event()
        self.let_go = asyncio.Event()

    last: Late

    async def _late(self, what: str) -> None:
        if self.hold == what:
            self.hold = ""
            self.held.set()
            await self.let_go.wait()

    async def stream(self, direction: Direction, index: int) -> Stream | None:
        found = await super().stream(direction, index)
        await self._late("stream")
        return found

    async def client_properties(self, index: int) -> dict[str, str]:
        found = await super().client_properties(index)
        await self._late("client")
        return found


@asynccontextmanager
async def late_adapter(
    rig: PulseRig, monkeypatch: pytest.MonkeyPatch, *, hold: str = ""
) -> AsyncIterator[tuple[Ear, Late]]:
    monkeypatch.setattr(pulse, "PulseLink", Late)
    async with adapter(rig) as ear:
        link = Late.last
        link.hold = hold
        try:
            yield ear, link
        finally:
            link.let_go.set()


@asynccontextmanager
async def _heard(link: Late, facility: str) -> AsyncIterator[None]:
    """Leaves when the adapter has been told by the server that such a thing has changed."""
    heard = asyncio.Event()
    before = link._pulse.event_callback

    def hear(event: Any) -> None:
        before(event)
        if event.facility._value == facility and event.t._value == "change":
            heard.set()

    link._pulse.event_callback = hear
    try:
        yield
        await heard.wait()
    finally:
        link._pulse.event_callback = before


async def test_a_change_while_a_new_stream_is_read_is_told(
    pulse_rig: PulseRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with late_adapter(pulse_rig, monkeypatch, hold="stream") as (ear, link):
        player = play(pulse_rig, tone(pulse_rig), application__id="fresh")
        index = await pulse_rig.stream_of(player.pid)
        async with asyncio.timeout(_DEADLINE_S):
            await link.held.wait()
            async with _heard(link, "sink_input"):
                await pulse_rig.pactl(f"set-sink-input-mute {index} 1")
            assert not ear.streams
            link.let_go.set()
            while not any(stream.muted for stream in ear.streams.values()):
                ear.changed.clear()
                await ear.changed.wait()


async def test_an_old_answer_about_a_known_stream_changes_nothing_back(
    pulse_rig: PulseRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with late_adapter(pulse_rig, monkeypatch) as (ear, link):
        player = play(pulse_rig, tone(pulse_rig), application__id="known")
        await ear.until_running({player.pid})
        index = await pulse_rig.stream_of(player.pid)
        ear.told.clear()
        link.hold = "stream"
        await pulse_rig.pactl(f"set-sink-input-mute {index} 1")
        async with asyncio.timeout(_DEADLINE_S):
            await link.held.wait()
            await pulse_rig.pactl(f"set-sink-input-mute {index} 0")
            while not ear.told or ear.told[-1].muted:
                ear.changed.clear()
                await ear.changed.wait()
            # The old answer is worked on before this one comes.
            link.let_go.set()
            await pulse_rig.pactl(f"set-sink-input-volume {index} 30000")
            while ear.told[-1].volumes[0] > 0.2:
                ear.changed.clear()
                await ear.changed.wait()
        muted = [stream.muted for stream in ear.told]
        assert muted == sorted(muted, reverse=True)


async def test_an_app_that_changes_while_it_is_read_is_read_again(
    pulse_rig: PulseRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        late_adapter(pulse_rig, monkeypatch, hold="client") as (ear, link),
        PulseAsync("changing", server=pulse_rig.pulse_server) as app,
    ):
        peaks = app.subscribe_peak_sample(f"{pulse_rig.sink}.monitor")
        # Its stream is there when the first comes.
        await anext(peaks)
        async with asyncio.timeout(_DEADLINE_S):
            await link.held.wait()
            async with _heard(link, "client"):
                _set_property(app, b"mood", b"changed")
            link.let_go.set()
            while all("mood" not in stream.properties for stream in ear.streams.values()):
                ear.changed.clear()
                await ear.changed.wait()
        await peaks.aclose()


def _set_property(app: PulseAsync, key: bytes, value: bytes) -> None:
    library = ctypes.CDLL("libpulse.so.0")
    library.pa_proplist_new.restype = ctypes.c_void_p
    properties = ctypes.c_void_p(library.pa_proplist_new())
    library.pa_proplist_sets(properties, key, value)
    replace = 2
    library.pa_context_proplist_update(app._ctx, replace, properties, None, None)
    library.pa_proplist_free(properties)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4711", 4711),
        ("4294967295", 4294967295),
        ("4294967296", None),
        ("9" * 5000, None),
        ("-1", None),
        ("12.5", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_that_an_app_claims_is_bounded(text: str | None, number: int | None) -> None:
    assert number_of(text) == number


async def test_an_app_that_claims_an_absurd_process_is_told_without_one(rig: SoundRig) -> None:
    async with adapter(rig) as ear:
        play(rig, tone(rig), application__process__id="9" * 5000)
        async with asyncio.timeout(_DEADLINE_S):
            while not ear.streams:
                ear.changed.clear()
                await ear.changed.wait()
