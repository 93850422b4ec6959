"""Which streams are measured, and what counts as silence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from audiosession.core.gains import to_linear
from audiosession.errors import HostUnavailableError, HostUnavailableReason
from audiosession.service.meter import FIRST_S, MAX_METERS, SILENCE_S, SILENT_DB
from audiosession.service.servers.base import ServerStream

from .fake_server import SPEAKER, FakeServer, Stage, activate

GRACE_S = 5.0
"""The default policy's."""
SETTLE_S = 2.0
"""How long a guessed claim sounds in the default policy until it pauses others."""
STEP_S = 0.1
LOUD = to_linear(SILENT_DB + 1.0)
QUIET = to_linear(SILENT_DB - 3.0)


class FakeEars:
    """Implements Ears: a test says how loud streams are."""

    def __init__(self) -> None:
        self.listening: dict[str, tuple[Callable[[float], None], Callable[[str], None]]] = {}
        self.asked: list[str] = []
        self.error: Exception | None = None
        self.closed = 0

    async def listen(
        self, stream: ServerStream, heard: Callable[[float], None], lost: Callable[[str], None]
    ) -> Callable[[], None]:
        self.asked.append(stream.id)
        if self.error is not None:
            raise self.error
        ends = heard, lost
        self.listening[stream.id] = ends

        def stop() -> None:
            if self.listening.get(stream.id) is ends:
                del self.listening[stream.id]

        return stop

    def close(self) -> None:
        self.closed += 1
        self.listening.clear()

    def hear(self, stream: str, peak: float) -> None:
        self.listening[stream][0](peak)

    def lose(self, stream: str) -> None:
        self.listening.pop(stream)[1]("it ended")


class Room:
    """A stage with ears; time passes as streams are heard."""

    def __init__(self, stage: Stage, ears: FakeEars) -> None:
        self.stage = stage
        self.ears = ears
        self.server = stage.server

    async def play(self, role: str = "phone", *, pid: int = 1, running: bool = True) -> str:
        stream = self.server.play(pid=pid, media_role=role, running=running)
        await self.settle()
        return stream

    async def settle(self) -> None:
        """What was begun is done."""
        for _ in range(5):
            await asyncio.sleep(0)

    def hear(self, stream: str, peak: float, seconds: float = STEP_S) -> None:
        """The stream is that loud for a while."""
        for _ in range(round(seconds / STEP_S)):
            self.ears.hear(stream, peak)
            self.stage.clock.advance(STEP_S)

    def audible(self, stream: str) -> bool:
        return self.stage.engine.streams.known[f"pipewire:{stream}"].audible

    def reported(self, stream: str) -> bool:
        [found] = [s for s in self.stage.engine.status().streams if s.id == f"pipewire:{stream}"]
        return found.audible


class EarsStage(Stage):
    """A stage whose server can be measured."""

    async def __aenter__(self) -> EarsStage:
        self.ears = FakeEars()
        self.engine.links.clear()
        self.engine.add_server(self.server, self.ears)
        await super().__aenter__()
        return self

    @property
    def room(self) -> Room:
        return Room(self, self.ears)


async def test_only_what_weighs_on_others_is_measured() -> None:
    async with EarsStage() as stage:
        room = stage.room
        for pid, role in enumerate(("music", "video", "", "phone", "navigation", "event"), 1):
            await room.play(role, pid=pid)
        await room.play("phone", pid=7, running=False)
        stage.open("asks", pid=8)
        await room.play("phone", pid=8)
        assert sorted(room.ears.listening) == ["4", "5", "6"]


async def test_nothing_is_due_when_nothing_is_measured() -> None:
    async with EarsStage() as stage:
        room = stage.room
        await room.play("music")
        call = await room.play("phone", pid=2)
        room.hear(call, LOUD)
        room.server.end(call)
        stage.clock.advance(60.0)
        assert room.ears.listening == {}
        assert len(stage.engine.streams.meter) == 0
        assert stage.clock.next_timer() is None


async def test_a_stream_holds_only_while_it_is_heard() -> None:
    async with EarsStage() as stage:
        room = stage.room
        music = await room.play("music", pid=9)
        prompt = await room.play("navigation")
        room.hear(prompt, 0.0, 2.0)
        assert (stage.factor(music), room.audible(prompt)) == (1.0, False)
        room.hear(prompt, 0.1, 1.0)
        assert stage.factor(music) == to_linear(-14.0)
        room.hear(prompt, 0.0, GRACE_S)
        assert not room.audible(prompt)
        assert not room.reported(prompt)
        assert stage.factor(music) == to_linear(-14.0)
        room.hear(prompt, 0.0, 2.0)
        assert stage.factor(music) == 1.0
        room.hear(prompt, LOUD)
        assert room.reported(prompt)
        stage.clock.advance(1.0)
        assert stage.factor(music) == to_linear(-14.0)


async def test_a_call_that_only_waits_pauses_nobody() -> None:
    async with EarsStage() as stage:
        room = stage.room
        music = await room.play("music", pid=9)
        call = await room.play("phone")
        room.hear(call, 0.0, SETTLE_S + GRACE_S)
        assert stage.factor(music) == 1.0
        room.hear(call, 0.1, SETTLE_S + 1.0)
        assert stage.factor(music) == 0.0


async def test_pauses_between_words_are_no_silence() -> None:
    async with EarsStage() as stage:
        room = stage.room
        call = await room.play("phone")
        room.hear(call, 0.1)
        for _ in range(5):
            room.hear(call, QUIET, SILENCE_S - STEP_S)
            assert room.audible(call)
            room.hear(call, 0.1)
        room.hear(call, QUIET, SILENCE_S + 2 * STEP_S)
        assert not room.audible(call)


@pytest.mark.parametrize("volume_db", [0.0, -12.0, -40.0])
async def test_the_users_volume_makes_nobody_silent(volume_db: float) -> None:
    async with EarsStage() as stage:
        room = stage.room
        call = await room.play("phone")
        gain = to_linear(volume_db)
        stage.server.change(call, volumes=(gain, gain / 2))
        room.hear(call, LOUD * gain)
        room.hear(call, LOUD * gain, 2.0)
        assert room.audible(call)
        room.hear(call, QUIET * gain, 2.0)
        assert not room.audible(call)


async def test_what_cannot_be_measured_any_more_stays_as_it_was() -> None:
    async with EarsStage() as stage:
        room = stage.room
        silent, heard, new = [await room.play("phone", pid=pid) for pid in (1, 2, 3)]
        room.hear(heard, 0.1)
        room.hear(silent, 0.0)
        for stream in (silent, heard, new):
            stage.server.change(stream, volumes=(1e-4, 1e-4))
        for stream in (silent, heard):
            room.hear(stream, 0.0, 2.0)
        assert (room.audible(silent), room.audible(heard)) == (False, True)
        room.ears.hear(new, 0.0)
        assert room.audible(new)


async def test_our_own_factor_makes_nobody_silent() -> None:
    async with EarsStage() as stage:
        room = stage.room
        prompt = await room.play("navigation")
        room.hear(prompt, 0.1)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        stage.clock.advance(1.0)
        assert stage.factor(prompt) == 0.0
        room.hear(prompt, 0.0, SILENCE_S + GRACE_S + 1.0)
        assert room.audible(prompt)


async def test_a_meter_that_says_nothing_makes_nobody_silent() -> None:
    async with EarsStage() as stage:
        room = stage.room
        music = await room.play("music", pid=9)
        prompt = await room.play("navigation")
        assert not room.audible(prompt)
        stage.clock.advance(FIRST_S)
        assert room.audible(prompt)
        stage.clock.advance(1.0)
        assert stage.factor(music) < 1.0
        # It was taken for heard and never was, so there is nothing to wait for.
        room.hear(prompt, 0.0, SILENCE_S + 2 * STEP_S)
        assert not room.audible(prompt)
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0


async def test_without_a_server_to_measure_everything_counts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with EarsStage() as stage:
        room = stage.room
        room.ears.error = HostUnavailableError(HostUnavailableReason.NO_SOUND_SERVER, "no socket")
        with caplog.at_level("INFO", "audiosession"):
            streams = [await room.play("phone", pid=pid) for pid in range(1, 5)]
        assert all(map(room.audible, streams))
        assert len(room.ears.asked) == 1
        assert [one.levelname for one in caplog.records if "measured" in one.message] == ["INFO"]
        # After a while it is tried again.
        room.ears.error = None
        stage.clock.advance(20.0)
        call = await room.play("phone", pid=9)
        room.hear(call, 0.0)
        assert not room.audible(call)


async def test_a_meter_that_ends_is_begun_again_a_few_times() -> None:
    async with EarsStage() as stage:
        room = stage.room
        call = await room.play("phone")
        room.hear(call, 0.0)
        room.ears.lose(call)
        stage.clock.advance(0.2)
        await room.settle()
        room.hear(call, 0.0)
        assert not room.audible(call)
        while room.ears.listening:
            room.ears.lose(call)
            stage.clock.advance(0.2)
            await room.settle()
        assert room.audible(call)
        assert 3 < len(room.ears.asked) < 12


async def test_a_stream_that_moves_is_measured_anew() -> None:
    async with EarsStage() as stage:
        room = stage.room
        call = await room.play("phone")
        room.hear(call, 0.1)
        stage.server.change(call, endpoint=f"{SPEAKER.id}-other")
        await room.settle()
        assert room.ears.asked == [call, call]
        assert room.audible(call)
        room.hear(call, 0.0, SILENCE_S + 2 * STEP_S)
        assert not room.audible(call)


async def test_there_are_never_too_many_meters() -> None:
    async with EarsStage() as stage:
        room = stage.room
        streams = [await room.play("phone", pid=pid) for pid in range(1, MAX_METERS + 3)]
        assert len(room.ears.listening) == MAX_METERS
        assert room.audible(streams[-1])
        stage.server.end(streams[0])
        stage.clock.advance(0.0)
        await room.settle()
        assert len(room.ears.listening) == MAX_METERS
        assert sum(map(room.audible, streams[1:])) == 1


async def test_corked_and_muted_streams_are_not_measured() -> None:
    async with EarsStage() as stage:
        room = stage.room
        call = await room.play("phone")
        room.hear(call, 0.1)
        for change in ({"running": False}, {"muted": True}, {"volumes": (0.0, 0.0)}):
            stage.server.change(call, **change)
            assert room.ears.listening == {}
            stage.server.change(call, running=True, muted=False, volumes=(1.0, 1.0))
            await room.settle()
            assert list(room.ears.listening) == [call]


async def test_a_server_that_dies_takes_its_meters_along() -> None:
    async with EarsStage() as stage:
        room = stage.room
        await room.play("phone")
        stage.server.die()
        assert len(stage.engine.streams.meter) == 0
        assert room.ears.closed == 1
    assert room.ears.closed == 2


async def test_a_stream_that_ends_while_its_meter_begins_is_let_go() -> None:
    async with EarsStage() as stage:
        room = stage.room
        stream = stage.server.play(pid=1, media_role="phone")
        stage.server.end(stream)
        await room.settle()
        assert room.ears.asked == [stream]
        assert room.ears.listening == {}


def test_fake_servers_have_no_ears() -> None:
    stage = Stage(server=FakeServer())
    assert stage.engine.links["pipewire"].ears is None
