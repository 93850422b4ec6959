"""The engine: sessions and streams to factors and events."""

from __future__ import annotations

import asyncio
import os

import pytest

from audiosession.core.gains import to_linear
from audiosession.errors import ClosedError, LimitError
from audiosession.hosts.base import Outcome
from audiosession.policies import load_policy
from audiosession.service.engine import MAX_SESSIONS_PER_CLIENT, Engine
from audiosession.service.rules import RuleBook
from audiosession.service.servers.base import Direction

from .fake_server import Ear, Eye, FakeServer, Stage, activate

DUCKED = to_linear(-14.0)
MUSIC, PROMPT = 1, 100


# -- lowering and giving back ----------------------------------------------------------------


async def test_a_prompt_lowers_an_unmodified_player_and_gives_it_back() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, ear = stage.open()
        assert (await activate(guide, "navigation_prompt")).outcome is Outcome.GRANTED
        assert DUCKED < stage.factor(music) < 1.0
        stage.clock.advance(0.12)
        assert stage.factor(music) == DUCKED
        await guide.deactivate(notify_others=True)
        stage.clock.advance(0.5)
        assert stage.factor(music) == 1.0
        assert ear.words == []


async def test_the_steps_of_four_streams_are_one_write_and_nobody_is_looked_up() -> None:
    async with Stage() as stage:
        streams = [stage.server.play(pid=pid) for pid in range(1, 5)]
        guide, _ = stage.open()
        stage.looked_up.clear()
        stage.server.batches.clear()
        await activate(guide, "navigation_prompt")
        assert [set(batch) for batch in stage.server.batches] == [set(streams)]
        assert stage.looked_up == []


@pytest.mark.parametrize("first", [0, 1])
async def test_overlapping_ducks_in_either_order_lower_once(first: int) -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        one, _ = stage.open("one", pid=100)
        two, _ = stage.open("two", pid=101)
        await activate(one, "navigation_prompt")
        stage.clock.advance(1.0)
        await activate(two, "navigation_prompt")
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        ends = [one, two] if first == 0 else [two, one]
        await ends[0].close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        await ends[1].close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0


async def test_a_stream_born_during_a_duck_begins_lowered_and_is_freed() -> None:
    async with Stage() as stage:
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        music = stage.server.play(pid=MUSIC)
        assert stage.factor(music) == DUCKED
        more = stage.server.play(pid=MUSIC)
        assert stage.factor(more) == DUCKED
        await guide.close()
        stage.clock.advance(0.5)
        assert stage.factor(music) == stage.factor(more) == 1.0


async def test_a_stream_that_ends_while_lowered_leaves_nothing_behind() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.server.end(music)
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(stage.server.play(pid=MUSIC)) == 1.0
        assert stage.engine.idle


async def test_a_change_of_the_users_volume_during_a_duck_is_none_of_ours() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.server.change(music, volumes=(0.3, 0.3))
        assert stage.factor(music) == DUCKED
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0
        assert stage.engine.status().streams[0].volumes == (0.3, 0.3)


@pytest.mark.parametrize("silent", [{"volumes": (0.0, 0.0)}, {"muted": True}, {"running": False}])
async def test_what_is_silent_neither_holds_nor_is_held(silent: dict[str, object]) -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC, **silent)
        reader = stage.server.play(pid=2, media_role="a11y", **silent)
        other = stage.server.play(pid=3)
        stage.clock.advance(1.0)
        assert stage.factor(other) == 1.0
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert (stage.factor(music), stage.factor(reader)) == (1.0, 1.0)
        assert stage.factor(other) == DUCKED
        stage.server.change(music, volumes=(0.5, 0.5), muted=False, running=True)
        assert stage.factor(music) == DUCKED
        await guide.close()
        stage.clock.advance(1.0)
        assert set(stage.server.factors.values()) == {1.0}


async def test_an_unmodified_reader_lowers_others_while_it_is_heard() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        reader = stage.server.play(pid=2, media_role="a11y")
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        stage.server.end(reader)
        stage.clock.advance(0.5)
        assert stage.factor(music) == 1.0


async def test_a_reader_that_falls_silent_lets_go_after_the_grace_time() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        reader = stage.server.play(pid=2, media_role="a11y")
        stage.server.change(reader, running=False)
        stage.clock.advance(4.0)
        assert stage.factor(music) == DUCKED
        stage.server.change(reader, running=True)
        stage.server.change(reader, running=False)
        stage.clock.advance(6.0)
        assert stage.factor(music) == 1.0
        stage.server.change(reader, running=True)
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED


async def test_another_apps_music_silences_an_unmodified_player_until_it_ends() -> None:
    async with Stage() as stage:
        mpv = stage.server.play(pid=MUSIC)
        app, _ = stage.open("app")
        await activate(app, "music")
        stage.clock.advance(1.0)
        assert stage.factor(mpv) == 0.0
        assert stage.engine.why("program1").sessions[0].holds[0].kind == "muted"
        await app.close()
        stage.clock.advance(1.0)
        assert stage.factor(mpv) == 1.0
        assert stage.engine.status().sessions[0].standing == "active"


async def test_an_unmodified_call_that_is_refused_has_its_turn_when_the_other_is_over() -> None:
    async with Stage() as stage:
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        stage.server.play(pid=2, media_role="phone")
        music = stage.server.play(pid=MUSIC)
        assert stage.engine.why("program2").sessions[0].standing == "inactive"
        assert any("is refused: call is active" in each.text for each in stage.engine.decisions())
        await call.close()
        stage.clock.advance(5.0)
        assert stage.engine.why("program2").sessions[0].standing == "active"
        assert stage.factor(music) == 0.0


# -- sessions and their clients --------------------------------------------------------------


async def test_a_client_that_dies_gives_everything_back() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, ear = stage.open()
        other, _ = stage.open("guide", client=":guide")
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.engine.client_gone(":guide")
        stage.clock.advance(0.5)
        assert stage.factor(music) == 1.0
        for session in (guide, other):
            with pytest.raises(ClosedError):
                await activate(session, "music")
        assert ear.words == []
        stage.engine.client_gone(":guide")
        stage.engine.client_gone("nobody")


async def test_streams_of_a_dead_client_weigh_on_nobody_until_they_prove_to_live() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        voice = stage.server.play(pid=PROMPT, media_role="a11y")
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.engine.client_gone(":guide")
        stage.clock.advance(0.9)
        assert stage.factor(music) == 1.0
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        stage.server.end(voice)
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0


async def test_the_sessions_of_a_client_are_bounded() -> None:
    async with Stage() as stage:
        for _ in range(MAX_SESSIONS_PER_CLIENT):
            stage.open()
        with pytest.raises(LimitError):
            stage.open()
        stage.open("other")
        stage.engine.client_gone(":guide")
        stage.open()


async def test_two_programs_of_one_name_are_two_apps() -> None:
    async with Stage() as stage:
        one, heard = stage.open("python3", pid=100, client=":1")
        two, _ = stage.open("python3", pid=101, client=":2")
        await activate(one, "music")
        await activate(two, "navigation_prompt")
        assert heard.words == ["begin duck"]


async def test_a_session_hears_of_interruptions_and_the_holder_is_named() -> None:
    async with Stage() as stage:
        music, heard = stage.open("music", pid=100)
        call, _ = stage.open("call", pid=101)
        await activate(music, "music")
        await activate(call, "voice_call")
        assert heard.words == ["begin pause"]
        other, _ = stage.open("memo", pid=102)
        refused = await activate(other, "recording")
        assert (refused.outcome, refused.holder) == (Outcome.DENIED, "call")
        await call.close()
        assert heard.words == ["begin pause", "end pause"]


async def test_quiet_waits_for_the_fade_and_then_for_the_server() -> None:
    async with Stage() as stage:
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        assert await guide.quiet(0.0) is True
        assert stage.server.flushes == 0
        stage.server.play(pid=MUSIC)
        await guide.deactivate(notify_others=True)
        stage.clock.advance(1.0)
        await activate(guide, "navigation_prompt")
        assert await guide.quiet(0.0) is False
        stage.clock.advance(0.12)
        assert await guide.quiet(0.0) is True


async def test_a_closed_engine_opens_no_session() -> None:
    async with Stage() as stage:
        pass
    with pytest.raises(ClosedError):
        stage.open()
    await stage.engine.close()
    assert stage.server.closed


# -- whose stream it is ----------------------------------------------------------------------


async def test_streams_are_tied_by_token_process_and_parent() -> None:
    async with Stage(parents={5: (4, 100, 1)}) as stage:
        app, _ = stage.open("app", pid=100)
        await activate(app, "music")
        stage.server.play(pid=50, audiosession_id=app.token)
        stage.server.play(pid=100)
        stage.server.play(pid=5)
        stage.server.play(pid=6)
        stage.server.play(pid=100, direction=Direction.CAPTURE)
        streams = stage.engine.status().streams
        assert [each.tied_by for each in streams] == [
            "property",
            "process",
            "parent process",
            "rule stream role",
            "process",
        ]
        assert [each.session == app.id for each in streams] == [True, True, True, False, True]


async def test_of_several_sessions_of_a_process_the_active_one_has_its_streams() -> None:
    async with Stage() as stage:
        one, _ = stage.open("app", pid=100)
        two, _ = stage.open("app", pid=100)
        await activate(one, "game")
        stage.server.play(pid=100)
        await one.deactivate(notify_others=True)
        await activate(two, "music")
        stage.server.play(pid=100)
        await activate(one, "game")
        sessions = [each.session for each in stage.engine.status().streams]
        assert sessions == [one.id, two.id]


async def test_a_stream_that_came_before_its_session_changes_hands() -> None:
    async with Stage() as stage:
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stream = stage.server.play(pid=200)
        assert stage.factor(stream) == DUCKED
        late, _ = stage.open("late", pid=200)
        # It has a session that claims nothing yet, and is held like any other.
        stage.clock.advance(1.0)
        assert stage.factor(stream) == DUCKED
        await activate(late, "music")
        assert [each.adopted for each in stage.engine.status().sessions] == [False, False]
        stage.clock.advance(1.0)
        assert stage.factor(stream) == DUCKED
        await late.close()
        stage.clock.advance(1.0)
        assert stage.factor(stream) == DUCKED, "it sounds on, as an unmodified app"
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(stream) == 1.0


async def test_the_services_own_streams_are_not_there() -> None:
    async with Stage() as stage:
        stage.server.play(pid=os.getpid())
        assert stage.engine.status().streams == ()


async def test_an_app_that_never_had_a_stream_is_trusted_and_a_silent_one_is_not() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(60.0)
        assert stage.factor(music) == DUCKED
        voice = stage.server.play(pid=PROMPT)
        stage.server.change(voice, running=False)
        stage.clock.advance(60.0)
        assert stage.factor(music) == 1.0
        stage.server.change(voice, running=True)
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED


async def test_an_app_whose_last_stream_ended_lets_go_after_the_grace_time() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open()
        voice = stage.server.play(pid=PROMPT)
        await activate(guide, "navigation_prompt")
        stage.server.end(voice)
        stage.clock.advance(4.0)
        assert stage.factor(music) == DUCKED
        stage.clock.advance(2.0)
        assert stage.factor(music) == 1.0
        assert stage.engine.arbiter.view(guide.id).playing is None


async def test_a_stream_may_change_its_process_and_be_reported_twice() -> None:
    async with Stage() as stage:
        app, _ = stage.open("app", pid=100)
        await activate(app, "music")
        stream = stage.server.play(pid=MUSIC)
        stage.server.change(stream, pid=100)
        assert stage.engine.status().streams[0].session == app.id
        stage.server.link.stream_added(stage.server.streams[stream])
        assert len(stage.engine.status().streams) == 1
        stage.server.link.stream_removed("no such stream")


async def test_more_streams_than_a_session_may_have_still_follow_its_level(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Stage() as stage:
        streams = [stage.server.play(pid=MUSIC) for _ in range(300)]
        assert caplog.text.count("is not counted") == 1
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert {stage.factor(each) for each in streams} == {DUCKED}
        for each in streams:
            stage.server.end(each)
        assert len(stage.engine.status().sessions) == 1


# -- servers ---------------------------------------------------------------------------------


async def test_a_server_that_restarts_keeps_the_hold_and_lowers_new_streams() -> None:
    async with Stage() as stage:
        stage.server.play(pid=MUSIC)
        guide, ear = stage.open()
        await activate(guide, "navigation_prompt")
        stage.server.die()
        status = stage.engine.status()
        assert (status.servers[0].up, status.servers[0].detail) == (False, "killed")
        assert status.streams == ()
        stage.clock.advance(1.0)
        stage.server.live()
        music = stage.server.play(pid=MUSIC)
        assert stage.factor(music) == DUCKED
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == 1.0
        assert "noisy" not in ear.words


async def test_two_servers_are_lowered_together_and_one_may_fail() -> None:
    second = FakeServer("pulseaudio", 0.02)
    async with Stage(more=(second,)) as stage:
        one = stage.server.play(pid=1)
        two = second.play(pid=2)
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(0.2)
        assert stage.factor(one) == second.factors[two] == DUCKED
        stage.server.broken = True
        await guide.close()
        stage.clock.advance(1.0)
        assert second.factors[two] == 1.0


# -- robust ----------------------------------------------------------------------------------


async def test_one_that_fails_disturbs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Ear):
        def interruption(self, event: object) -> None:
            raise RuntimeError("deaf")

    class Blind(Eye):
        def decided(self, number: int) -> None:
            raise RuntimeError("blind")

    async with Stage() as stage:
        eye = Eye()
        stage.engine.observe(Blind())
        end = stage.engine.observe(eye)
        broken = stage.engine.open_session(client=":b", app="b", pid=300, events=Broken())
        music, heard = stage.open("music", pid=301)
        await activate(broken, "game")
        await activate(music, "game")
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        assert heard.words == ["begin duck"]
        assert any(word.startswith("decided") for word in eye.seen)
        assert "a listener of an audio session failed" in caplog.text
        assert "Blind, an observer of the engine, failed" in caplog.text
        end()
        eye.seen.clear()
        await guide.close()
        assert eye.seen == []


async def test_a_hundred_sessions_and_two_hundred_streams() -> None:
    async with Stage() as stage:
        for pid in range(1000, 1100):
            session, _ = stage.open(f"app{pid}", pid=pid)
            stage.server.play(pid=pid)
            stage.server.play(pid=pid)
            await activate(session, "game")
        guide, _ = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert set(stage.server.factors.values()) == {DUCKED}
        assert len(stage.engine.status().sessions) == 101
        await guide.close()
        stage.clock.advance(1.0)
        assert set(stage.server.factors.values()) == {1.0}
        assert stage.clock.next_timer() is None


# -- idle, reset, rules ----------------------------------------------------------------------


async def test_it_is_idle_without_clients_once_all_is_given_back() -> None:
    async with Stage() as stage:
        eye = Eye()
        stage.engine.observe(eye)
        assert stage.engine.idle
        stage.server.play(pid=MUSIC)
        assert stage.engine.idle
        guide, _ = stage.open()
        assert not stage.engine.idle
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        await guide.close()
        assert not stage.engine.idle
        stage.clock.advance(1.0)
        assert stage.engine.idle
        assert [word for word in eye.seen if word in ("idle", "busy")] == ["busy", "idle"]


async def test_reset_gives_everything_back_and_says_so() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        reader = stage.server.play(pid=2, media_role="a11y")
        guide, ear = stage.open()
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        stage.engine.reset()
        assert set(stage.server.factors.values()) == {1.0}
        assert ear.words[-2:] == ["lost", "begin unknown"]
        stage.clock.advance(10.0)
        assert set(stage.server.factors.values()) == {1.0}
        await activate(guide, "navigation_prompt")
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED
        await guide.close()
        stage.clock.advance(1.0)
        stage.server.change(reader, running=False)
        stage.server.change(reader, running=True)
        stage.clock.advance(1.0)
        assert stage.factor(music) == DUCKED


# -- in real time ----------------------------------------------------------------------------


async def test_it_fades_on_the_event_loops_own_clock() -> None:
    class Waiter(Eye):
        def __init__(self) -> None:
            super().__init__()
            self.idle = asyncio.Event()

        def idle_changed(self, idle: bool) -> None:
            if idle:
                self.idle.set()

    server = FakeServer()
    engine = Engine(policy=load_policy(), rules=RuleBook.of())
    engine.add_server(server)
    waiter = Waiter()
    engine.observe(waiter)
    await engine.start()
    music = server.play(pid=2**30)
    guide = engine.open_session(client=":g", app="guide", pid=2**30 + 1, events=Ear())
    await activate(guide, "navigation_prompt")
    assert DUCKED < server.factors[music] < 1.0
    assert await guide.quiet(30.0) is True
    assert server.factors[music] == DUCKED
    assert server.flushes == 1
    await guide.close()
    async with asyncio.timeout(30.0):
        await waiter.idle.wait()
    assert server.factors[music] == 1.0
    await engine.close()


async def test_a_server_that_does_not_answer_makes_nobody_wait_for_longer_than_asked(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Deaf(FakeServer):
        async def flush(self) -> None:
            await asyncio.Event().wait()

    class Lost(FakeServer):
        async def flush(self) -> None:
            raise OSError("lost")

    for server, timeout_s, down in ((Deaf(), 0.3, False), (Lost(), 30.0, True)):
        engine = Engine(policy=load_policy(), rules=RuleBook.of())
        engine.add_server(server)
        await engine.start()
        server.play(pid=2**30)
        guide = engine.open_session(client=":g", app="guide", pid=2**30 + 1, events=Ear())
        await activate(guide, "navigation_prompt")
        assert await guide.quiet(timeout_s) is down
        await engine.close()
    assert "does not say whether" in caplog.text
