"""Players that an earlier service left paused: held by who comes back, or let go on."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from audiosession.service.mpris import Player
from audiosession.service.playing import LEFT_S, RESUME_S

from .fake_server import HEADPHONES, SPEAKER, Stage, activate

MPV = 1
STEP_S = 0.1

streams = pytest.mark.parametrize("stream", ["corked", "dropped", "late"])


async def pass_time(stage: Stage, seconds: float) -> None:
    """Moves the clock, and has the players do what fell due."""
    stage.clock.advance(seconds)
    for _ in range(10):
        await asyncio.sleep(0)


def left(stage: Stage, stream: str = "corked") -> Player:
    """A player that an earlier service paused; then clients can come.

    Args:
        stage: Where.
        stream: It is ``corked``, was ``dropped``, or is found ``late``, after clients can come.
    """
    player = stage.players.add(MPV, left=True)
    if stream == "corked":
        stage.players.tie(player, stage.server.play(pid=MPV, running=False))
    stage.engine.welcome()
    if stream == "late":
        stage.players.tie(player, stage.server.play(pid=MPV, running=False))
    return player


def nothing_left(stage: Stage) -> bool:
    """Whether the player sounds as its user had it, and the service rests."""
    (stream,) = stage.server.streams
    (session,) = stage.engine.status().sessions
    return (
        stage.server.streams[stream].running
        and stage.factor(stream) == 1.0
        and session.standing == "active"
        and stage.engine.idle
    )


@streams
async def test_nobody_comes_back_and_the_player_goes_on(stream: str) -> None:
    async with Stage() as stage:
        left(stage, stream)
        assert not stage.engine.idle
        await pass_time(stage, LEFT_S - STEP_S)
        assert stage.players.calls == []
        await pass_time(stage, 2 * STEP_S)
        assert stage.players.calls == ["play"]
        await pass_time(stage, RESUME_S + 1.0)
        assert stage.players.calls == ["play"]
        assert nothing_left(stage)


@streams
async def test_a_holder_that_comes_back_has_it_stay_paused_until_it_lets_go(stream: str) -> None:
    async with Stage() as stage:
        left(stage, stream)
        await pass_time(stage, 0.5)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 10 * LEFT_S)
        assert stage.players.calls == []
        holds = [hold for each in stage.engine.status().sessions for hold in each.holds]
        assert {(hold.by_app, hold.how) for hold in holds} == {("call", "mpris")}
        await call.close()
        await pass_time(stage, RESUME_S + 1.0)
        assert stage.players.calls == ["play"]
        assert nothing_left(stage)


async def test_a_holder_that_comes_back_and_dies_lets_it_go_on_once() -> None:
    async with Stage() as stage:
        left(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        stage.engine.client_gone(call.client)
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == ["play"]
        await pass_time(stage, RESUME_S + 1.0)
        assert nothing_left(stage)


async def test_who_only_lowers_does_not_keep_it_paused() -> None:
    async with Stage() as stage:
        left(stage)
        guide, _ = stage.open("guide")
        await activate(guide, "navigation_prompt")
        await pass_time(stage, LEFT_S + STEP_S)
        assert stage.players.calls == ["play"]
        (stream,) = stage.server.streams
        assert 0.0 < stage.factor(stream) < 1.0


@streams
@pytest.mark.parametrize("held", [False, True])
async def test_what_its_user_does_meanwhile_stays(stream: str, held: bool) -> None:
    async with Stage() as stage:
        player = left(stage, stream)
        call, _ = stage.open("call")
        if held:
            await activate(call, "voice_call")
        stage.players.user_plays(player)
        stage.players.user_pauses(player)
        await pass_time(stage, 2 * LEFT_S)
        await call.close()
        await pass_time(stage, RESUME_S + 1.0)
        assert stage.players.calls == []
        assert stage.engine.idle


async def test_a_player_that_its_user_plays_sounds_at_once() -> None:
    async with Stage() as stage:
        player = left(stage)
        stage.players.user_plays(player)
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == []
        assert nothing_left(stage)


async def test_a_player_that_stops_is_not_waited_for() -> None:
    async with Stage() as stage:
        player = left(stage)
        assert stage.engine.status().sessions[0].standing == "active"
        stage.players.stops(player)
        assert stage.engine.status().sessions[0].standing == "inactive"
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == []


@streams
async def test_a_player_that_goes_leaves_nothing_behind(stream: str) -> None:
    async with Stage() as stage:
        player = left(stage, stream)
        for id in list(stage.server.streams):
            stage.server.end(id)
        stage.players.go(player)
        await pass_time(stage, 2 * LEFT_S)
        assert stage.engine.status().sessions == ()
        assert stage.engine.idle


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_closing_and_reset_let_it_go_on_at_once(how: str) -> None:
    async with Stage() as stage:
        left(stage)
        if how == "reset":
            stage.engine.reset()
            await pass_time(stage, 0.0)
        else:
            await stage.engine.close()
        assert stage.players.calls == ["play"]
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == ["play"]


async def test_headphones_pulled_meanwhile_keep_it_paused() -> None:
    async with Stage() as stage:
        stage.server.link.endpoints_changed((replace(SPEAKER, default=False), HEADPHONES))
        player = stage.players.add(MPV, left=True)
        stream = stage.server.play(pid=MPV, running=False, endpoint=HEADPHONES.id)
        stage.players.tie(player, stream)
        stage.engine.welcome()
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        stage.server.link.endpoints_changed((SPEAKER,))
        await pass_time(stage, 2 * LEFT_S)
        await call.close()
        await pass_time(stage, RESUME_S)
        assert stage.players.calls == []
        assert stage.players.for_good == {player.owner}


async def test_a_program_that_was_run_in_a_session_is_held_in_it_again() -> None:
    async with Stage(parents={MPV: (500,)}) as stage:
        left(stage)
        shell, ear = stage.open("shell", pid=500)
        await activate(shell, "music")
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == []
        assert ear.words == ["begin pause"]
        await call.close()
        await pass_time(stage, RESUME_S + 1.0)
        assert stage.players.calls == ["play"]
        assert ear.words == ["begin pause", "end pause"]
        (stream,) = stage.server.streams
        assert stage.factor(stream) == 1.0


async def test_one_that_its_user_paused_is_none_of_them() -> None:
    async with Stage() as stage:
        player = stage.players.add(MPV, stage.server.play(pid=MPV))
        stage.players.user_pauses(player)
        stage.engine.welcome()
        assert stage.engine.idle
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == []


async def test_one_that_is_found_after_all_is_waited_for_too() -> None:
    async with Stage() as stage:
        stage.engine.welcome()
        await pass_time(stage, 2 * LEFT_S)
        player = stage.players.add(MPV, stage.server.play(pid=MPV, running=False), left=True)
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == ["play"]
        assert not stage.players.paused_by_us(player)


async def test_one_that_the_rules_ignore_goes_on_all_the_same() -> None:
    rules = '[[rule]]\ntitle = "mine"\nbinary = "program1"\nwhen_held = "ignore"\n'
    async with Stage(rules=rules) as stage:
        left(stage, "dropped")
        assert stage.engine.status().sessions == ()
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == ["play"]


async def test_one_whose_rule_lowers_where_others_are_paused_goes_on_lowered() -> None:
    rules = '[[rule]]\ntitle = "mine"\nbinary = "program1"\nas = "music"\nwhen_held = "duck"\n'
    async with Stage(rules=rules) as stage:
        left(stage)
        call, _ = stage.open("call")
        await activate(call, "voice_call")
        await pass_time(stage, 2 * LEFT_S)
        assert stage.players.calls == ["play"]
        (stream,) = stage.server.streams
        assert 0.0 < stage.factor(stream) < 1.0
