"""The fader: one timer, exact ends, rest."""

from __future__ import annotations

import pytest

from audiosession.core.gains import SILENCE_DB, Ramp, to_linear
from audiosession.hosts.simulated import VirtualClock
from audiosession.service.fader import Fader

from .fake_server import FakeServer


class Bench:
    """A fader with streams on servers whose ids are the keys'."""

    def __init__(self, *servers: FakeServer) -> None:
        self.clock = VirtualClock()
        self.rests = 0
        self.fader = Fader(self.clock, rested=self._rest)
        self.servers = servers or (FakeServer(),)

    def _rest(self) -> None:
        self.rests += 1

    def add(self, key: str, server: FakeServer | None = None) -> None:
        server = server or self.servers[0]
        self.fader.add(key, server, key)
        server.streams[key] = None  # type: ignore[assignment]
        server.factors[key] = 1.0


def test_the_first_step_is_written_at_once_and_the_last_is_exact() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", -14.0, 0.12)
    bench.fader.begin()
    assert to_linear(-14.0) < server.factors["a"] < 1.0
    bench.clock.advance(0.2)
    assert server.factors["a"] == to_linear(-14.0)
    bench.fader.move("a", 0.0, 0.5)
    bench.fader.begin()
    bench.clock.advance(0.5)
    assert server.factors["a"] == 1.0
    assert bench.fader.at_rest


def test_steps_are_even_in_db_and_as_far_apart_as_the_server_asks() -> None:
    bench = Bench(FakeServer(step_s=0.02))
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", -12.0, 0.12)
    bench.fader.begin()
    bench.clock.advance(1.0)
    written = [batch["a"] for batch in server.batches]
    assert written == pytest.approx([to_linear(-2.0 * step) for step in range(1, 7)])


def test_streams_that_move_together_are_written_together() -> None:
    bench = Bench()
    (server,) = bench.servers
    for key in "abcd":
        bench.add(key)
        bench.fader.move(key, -14.0, 0.1)
    bench.fader.begin()
    assert [set(batch) for batch in server.batches] == [set("abcd")]
    bench.clock.advance(1.0)
    assert all(set(batch) == set("abcd") for batch in server.batches)


def test_nothing_wakes_up_when_nothing_moves() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    assert bench.clock.next_timer() is None
    bench.fader.move("a", -14.0, 0.1)
    bench.fader.begin()
    assert bench.clock.next_timer() is not None
    bench.clock.advance(0.1)
    assert bench.clock.next_timer() is None
    assert bench.rests == 1
    written = len(server.batches)
    bench.clock.advance(100.0)
    assert len(server.batches) == written


def test_a_fade_is_taken_over_where_it_is() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", -14.0, 0.1)
    bench.fader.begin()
    bench.clock.advance(0.05)
    before = server.factors["a"]
    bench.fader.move("a", 0.0, 0.5)
    bench.fader.begin()
    assert server.factors["a"] == pytest.approx(before, rel=0.2)
    bench.clock.advance(0.5)
    assert server.factors["a"] == 1.0


def test_a_jump_is_one_write() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", SILENCE_DB, 0.0)
    bench.fader.begin()
    assert server.batches == [{"a": 0.0}]
    assert bench.clock.next_timer() is None


def test_a_stream_follows_a_fade_that_runs() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.add("b")
    bench.fader.move("a", -14.0, 0.1)
    bench.fader.begin()
    bench.clock.advance(0.05)
    bench.fader.follow("b", Ramp(0.0, -14.0, 0.0, 0.1))
    bench.fader.begin()
    bench.clock.advance(0.02)
    assert server.factors["a"] == server.factors["b"] != 1.0


def test_servers_have_their_own_pace_and_one_timer() -> None:
    fast, slow = FakeServer("pipewire", 0.01), FakeServer("pulseaudio", 0.04)
    bench = Bench(fast, slow)
    bench.add("a", fast)
    bench.add("b", slow)
    for key in "ab":
        bench.fader.move(key, -14.0, 0.12)
    bench.fader.begin()
    bench.clock.advance(1.0)
    assert (len(fast.batches), len(slow.batches)) == (12, 3)
    assert fast.factors["a"] == slow.factors["b"] == to_linear(-14.0)


def test_a_server_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    one, two = FakeServer("pipewire"), FakeServer("pulseaudio")
    bench = Bench(one, two)
    bench.add("a", one)
    bench.add("b", two)
    one.broken = True
    for key in "ab":
        bench.fader.move(key, -14.0, 0.1)
    bench.fader.begin()
    bench.clock.advance(1.0)
    assert two.factors["b"] == to_linear(-14.0)
    assert "pipewire did not take" in caplog.text


def test_a_stream_that_ends_while_it_moves_is_written_no_more() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", -14.0, 0.1)
    bench.fader.begin()
    bench.fader.remove("a")
    written = len(server.batches)
    bench.clock.advance(1.0)
    assert len(server.batches) == written
    assert bench.fader.at_rest
    bench.fader.remove("a")


def test_giving_back_writes_one_to_all_and_ends_every_fade() -> None:
    bench = Bench()
    (server,) = bench.servers
    for key in "ab":
        bench.add(key)
    bench.fader.move("a", -14.0, 0.1)
    bench.fader.begin()
    bench.fader.give_back()
    assert server.batches[-1] == {"a": 1.0, "b": 1.0}
    assert bench.fader.at_rest
    written = len(server.batches)
    bench.clock.advance(1.0)
    assert len(server.batches) == written


def test_going_where_one_is_writes_nothing() -> None:
    bench = Bench()
    (server,) = bench.servers
    bench.add("a")
    bench.fader.move("a", 0.0, 0.5)
    bench.fader.begin()
    bench.fader.follow("a", Ramp())
    bench.fader.begin()
    assert server.batches == []
