"""Players of apps that know nothing of audio sessions: paused, and let go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from audiosession.core.gains import to_linear
from audiosession.service.mpris import Player

from .fake_server import HEADPHONES, SPEAKER, Stage, activate

DUCKED = to_linear(-14.0)
MPV = 1


async def turns() -> None:
    """Lets what was spawned run; the fake players answer within a turn."""
    for _ in range(10):
        await asyncio.sleep(0)


async def pass_time(stage: Stage, seconds: float) -> None:
    """Moves the clock, and has the players do what fell due."""
    stage.clock.advance(seconds)
    await turns()


def mpv(stage: Stage, **given: object) -> tuple[str, Player]:
    """A player that plays in one stream."""
    stream = stage.server.play(pid=MPV, **given)
    return stream, stage.players.add(MPV, stream)


def running(stage: Stage, stream: str) -> bool:
    return stage.server.streams[stream].running


async def test_a_call_fades_a_player_out_then_pauses_it_and_lets_it_go_on() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await turns()
        assert stage.players.calls == []
        await pass_time(stage, 0.12)
        assert stage.factor(stream) == 0.0
        assert stage.players.calls == ["pause"]
        (report,) = [each for each in stage.engine.status().sessions if each.adopted]
        assert (report.standing, report.holds[0].how) == ("interrupted", "mpris")
        await call.close()
        await pass_time(stage, 0.5)
        assert stage.players.calls == ["pause", "play"]
        assert running(stage, stream)
        assert stage.factor(stream) == 1.0
        assert stage.engine.idle


async def test_a_player_without_mpris_is_silenced_and_given_back() -> None:
    async with Stage() as stage:
        stream = stage.server.play(pid=MPV)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 0.0
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 1.0


async def test_a_call_shorter_than_the_fade_pauses_nobody() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 0.05)
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == []
        assert stage.factor(stream) == 1.0


async def test_a_ping_shorter_than_the_least_pause_pauses_nobody() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        ringing = stage.server.play(pid=2, media_role="phone")
        await pass_time(stage, 1.5)
        assert stage.factor(stream) == DUCKED
        stage.server.end(ringing)
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 1.0
        assert stage.players.calls == []
        stage.server.play(pid=2, media_role="phone")
        await pass_time(stage, 2.5)
        assert stage.players.calls == ["pause"]


async def test_a_player_that_was_paused_before_stays_paused() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        stage.players.user_pauses(player)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == []
        assert not running(stage, stream)


async def test_a_muted_player_is_not_paused() -> None:
    async with Stage() as stage:
        mpv(stage, muted=True)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert stage.players.calls == []


async def test_what_the_user_pauses_during_a_call_stays_paused() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.players.user_plays(player)
        stage.players.user_pauses(player)
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause"]
        assert not running(stage, stream)
        assert stage.factor(stream) == 1.0


async def test_what_the_user_plays_during_a_call_is_heard_after_it() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.players.user_plays(player)
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 0.0
        await call.close()
        await pass_time(stage, 1.0)
        assert running(stage, stream)
        assert stage.factor(stream) == 1.0
        assert stage.engine.idle


async def test_two_calls_on_end_let_the_player_go_on_once_both_are_over() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        call, _ = stage.open("call")
        for _ in range(2):
            await activate(call, "voice_call")
            await pass_time(stage, 1.0)
            # The next one comes before the player did anything about the end of this one.
            await call.deactivate(notify_others=True)
        await pass_time(stage, 1.0)
        assert running(stage, stream)
        assert stage.factor(stream) == 1.0
        assert stage.players.calls[-1] == "play"


async def test_a_player_that_drops_its_stream_when_paused_goes_on() -> None:
    async with Stage() as stage:
        stream = stage.server.play(pid=MPV)
        stage.players.add(MPV, stream, drops_stream=True)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert stage.server.streams == {}
        assert [each.adopted for each in stage.engine.status().sessions] == [True, False]
        await call.close()
        await pass_time(stage, 1.0)
        (back,) = stage.server.streams
        assert back != stream
        assert stage.factor(back) == 1.0
        assert len(stage.engine.status().sessions) == 1


@pytest.mark.parametrize("how", ["player", "stream"])
async def test_a_player_that_ends_during_a_call_leaves_nothing_behind(how: str) -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        if how == "player":
            stage.players.go(player)
            stage.server.end(stream)
        else:
            stage.server.end(stream)
            stage.players.go(player)
        await call.close()
        await pass_time(stage, 10.0)
        assert stage.engine.status().sessions == ()
        assert stage.engine.idle


async def test_a_player_that_does_not_go_on_is_waited_for_only_so_long() -> None:
    async with Stage() as stage:
        player = stage.players.add(MPV, stage.server.play(pid=MPV), drops_stream=True)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.players.ours.discard(player.owner)
        await call.close()
        await pass_time(stage, 10.0)
        assert stage.engine.status().sessions == ()
        assert stage.clock.next_timer() is None


async def test_other_music_stops_a_player_for_good() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        app, _ = stage.open("app")
        await activate(app, "music")
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause"]
        await app.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause"]
        assert stage.factor(stream) == 1.0
        stage.players.user_plays(player)
        assert stage.engine.status().sessions[0].standing == "active"


async def test_a_player_the_user_plays_beside_other_music_is_heard() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        app, _ = stage.open("app")
        await activate(app, "music")
        await pass_time(stage, 1.0)
        stage.players.user_plays(player)
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 1.0


async def test_closing_lets_go_on_what_was_paused() -> None:
    async with Stage() as stage:
        mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
    assert stage.players.calls == ["pause", "play"]
    assert stage.server.closed


async def test_reset_lets_go_on_what_was_paused() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        call, ear = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.engine.reset()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause", "play"]
        assert stage.factor(stream) == 1.0
        assert ear.words[0] == "lost"


async def test_a_holder_that_dies_lets_the_player_go_on() -> None:
    async with Stage() as stage:
        mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.engine.client_gone(call.client)
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause", "play"]


async def test_a_program_run_in_a_session_is_paused_as_the_session_is() -> None:
    async with Stage() as stage:
        shell, ear = stage.open("shell", pid=500)
        await activate(shell, "speech")
        stream = stage.server.play(pid=MPV, audiosession_id=shell.token)
        stage.players.add(MPV, stream)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert ear.words == ["begin pause"]
        assert stage.players.calls == ["pause"]
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause", "play"]
        assert ear.words == ["begin pause", "end pause"]


async def test_what_a_session_ran_goes_on_when_that_gives_up_during_a_call() -> None:
    async with Stage() as stage:
        shell, _ = stage.open("shell", pid=500)
        await activate(shell, "speech")
        stream = stage.server.play(pid=MPV, audiosession_id=shell.token)
        stage.players.add(MPV, stream)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        await shell.deactivate(notify_others=True)
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause", "play"]
        # It is held like any other that begins during a call.
        assert stage.factor(stream) == DUCKED
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 1.0


async def test_an_app_that_asks_is_told_and_its_own_player_left_to_it() -> None:
    async with Stage() as stage:
        app, ear = stage.open("app", pid=MPV)
        await activate(app, "music")
        stream, _ = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert ear.words == ["begin pause"]
        assert stage.players.calls == []
        assert stage.factor(stream) == 0.0


async def test_a_player_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)

        async def fail(player: Player, *, for_good: bool = False) -> bool:
            raise OSError("gone")

        stage.players.pause = fail  # type: ignore[method-assign]
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        assert "could not be paused" in caplog.text
        assert stage.factor(stream) == 0.0
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.factor(stream) == 1.0


async def test_what_the_user_stops_soon_after_a_call_is_not_started_by_the_next_ones_end() -> None:
    async with Stage() as stage:
        stream, _ = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        await call.deactivate(notify_others=True)
        await pass_time(stage, 1.0)
        assert running(stage, stream)
        stage.server.change(stream, running=False)
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause", "play"]
        assert not running(stage, stream)


# -- headphones pulled -----------------------------------------------------------------------


@pytest.mark.parametrize("moved_first", [False, True])
async def test_pulled_headphones_pause_who_played_there_once(moved_first: bool) -> None:
    async with Stage() as stage:
        stage.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))
        stream, player = mpv(stage, endpoint=HEADPHONES.id)
        app, ear = stage.open("app", pid=10)
        _, unheard = stage.open("asleep", pid=11)
        await activate(app, "game")
        if moved_first:
            stage.server.change(stream, endpoint=SPEAKER.id)
        stage.server.link.endpoints_changed((SPEAKER,))
        await turns()
        stage.server.change(stream, endpoint=SPEAKER.id)
        await pass_time(stage, 5.0)
        assert stage.players.calls == ["pause"]
        assert ear.words == ["noisy", "devices"]
        assert unheard.words == ["devices"]
        assert not running(stage, stream)
        stage.players.user_plays(player)
        await pass_time(stage, 5.0)
        assert stage.players.calls == ["pause"]


async def test_pulled_headphones_leave_alone_who_played_elsewhere() -> None:
    async with Stage() as stage:
        stage.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))
        mpv(stage, endpoint=SPEAKER.id)
        stage.server.link.endpoints_changed((SPEAKER,))
        await turns()
        assert stage.players.calls == []


async def test_pulled_headphones_leave_alone_who_was_moved_away_before() -> None:
    async with Stage() as stage:
        stage.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))
        stream, _ = mpv(stage, endpoint=HEADPHONES.id)
        stage.server.change(stream, endpoint=SPEAKER.id)
        await pass_time(stage, 5.0)
        stage.server.link.endpoints_changed((SPEAKER,))
        await turns()
        assert stage.players.calls == []


async def test_headphones_pulled_during_a_call_keep_the_player_paused_after_it() -> None:
    async with Stage() as stage:
        stage.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))
        stream, _ = mpv(stage, endpoint=HEADPHONES.id)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.server.link.endpoints_changed((SPEAKER,))
        await call.close()
        await pass_time(stage, 1.0)
        assert stage.players.calls == ["pause"]
        assert not running(stage, stream)


# -- what is said of it ----------------------------------------------------------------------


async def test_a_player_that_ends_is_not_said_to_be_paused_by_its_user() -> None:
    async with Stage() as stage:
        stream, player = mpv(stage)
        before = stage.engine.decided
        stage.players.stops(player)
        stage.server.end(stream)
        stage.players.go(player)
        said = [each.text for each in stage.engine.decisions(stage.engine.decided - before)]
        assert said
        assert not any("user" in text for text in said), said


async def test_a_player_that_ends_during_a_call_does_not_go_on() -> None:
    async with Stage() as stage:
        _, player = mpv(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 1.0)
        stage.players.stops(player)
        await call.close()
        await pass_time(stage, 10.0)
        assert stage.players.calls == ["pause"]
        assert stage.engine.idle
