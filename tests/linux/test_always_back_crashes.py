"""Nothing is left quiet when the service or the sound server dies while something is held."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from audiosession.service.ledger import Ledger
from audiosession.service.playing import LEFT_S
from audiosession.service.servers.choose import ledger_path
from tests.linux.rig import SoundRig
from tests.linux.service_kit import USER, Stage, staged

MPV = "org.mpris.MediaPlayer2.mpv"

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server."""
    async with staged(rig, monkeypatch) as stage:
        yield stage


# -- the service dies -----------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["the holder", "the next client", "activation"])
async def test_a_killed_service(stage: Stage, by: str) -> None:
    """It comes back with whoever needs it next, and gives back what the dead one held."""
    music = await stage.music()
    before = await stage.volumes()
    holder = await stage.app(start=by == "the holder")
    await holder.open("main", "navigation_prompt")
    assert await holder.active("main")
    await stage.lowered(music)
    assert stage.service.process is not None
    killed = stage.service.process.pid
    if by != "the holder":
        stage.service.kill(holder)
    else:
        stage.service.kill()
    if by == "activation":
        await stage.service.install()
        call = ("gdbus", "call", "--session", "--dest", "org.audiosession.Service1")
        target = ("--object-path", "/org/audiosession/Service1")
        await stage.rig.run(*call, *target, "--method", "org.audiosession.Manager1.Status")
    elif by == "the next client":
        other = await stage.app("other", start=True)
        # Mixes with others: what comes back is not its doing.
        await other.open("main", "notification")
    await stage.service.found(other_than=killed)
    if by == "the holder":
        # Its session is in force again, and the music where it was.
        await stage.service.until(
            "the session",
            lambda s: (
                [one["standing"] for one in s["sessions"] if not one["adopted"]] == ["active"]
            ),
        )
        await stage.service.stream(music.process.pid)
        await stage.lowered(music)
        assert await holder.active("main", False)
    await stage.back(music, before)


@pytest.mark.parametrize("when", ["lowered", "on its way down"])
async def test_a_killed_service_whose_music_ended_meanwhile(stage: Stage, when: str) -> None:
    music = await stage.music()
    holder = await stage.holder()
    if when == "lowered":
        await stage.lowered(music)
        stage.service.kill()
    else:
        stage.service.kill(holder)
    await stage.end(music)
    await stage.service.start()
    await stage.back(music)


async def test_a_service_killed_on_the_way_down_and_on_the_way_up(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    for lowered in (False, True):
        holder = await stage.holder()
        if lowered:
            await stage.lowered(music)
            await holder.active("main", False)
        # In the middle of a fade, that is.
        stage.service.kill(holder)
        await stage.service.start()
        await stage.service.stream(music.process.pid)
        await stage.heard(music)
    await stage.back(music, before)


# -- the service dies while a player is paused ----------------------------------------------------


def written(stage: Stage) -> list[str]:
    """The players that are written down as paused by us."""
    entries = Ledger(ledger_path("players", stage.rig.env)).entries()
    return [str(entry["name"]) for entry in entries.values()]


async def test_mpv_goes_on_that_was_paused_when_the_service_and_the_holder_died(
    stage: Stage,
) -> None:
    music = await stage.mpv()
    before = await stage.volumes()
    async with stage.mpris() as player:
        assert written(stage) == []
        call = await stage.holder("voice_call")
        await player.becomes("Paused")
        assert written(stage) == [MPV]
        stage.service.kill(call)
        assert await player.status() == "Paused"
        await stage.service.start()
        await player.becomes("Playing")
        await stage.service.at_rest()
        assert written(stage) == []
        await stage.back(music, before)
        assert player.statuses == ["Playing", "Paused", "Playing"]


async def test_mpv_stays_paused_when_the_service_died_and_the_holder_lives(stage: Stage) -> None:
    music = await stage.mpv()
    before = await stage.volumes()
    async with stage.mpris() as player:
        call = await stage.app(start=True)
        await call.open("main", "voice_call")
        assert await call.active("main")
        await player.becomes("Paused")
        assert stage.service.process is not None
        killed = stage.service.process.pid
        stage.service.kill()
        await stage.service.found(other_than=killed)
        await stage.service.until("the call's hold", lambda s: holders(s) == ["assistant"])
        # The earlier service's account is closed within this time.
        await (await stage.recorder()).more(LEFT_S + 0.5)
        assert player.statuses == ["Playing", "Paused"]
        assert written(stage) == [MPV]
        assert await call.active("main", False)
        await player.becomes("Playing")
        await stage.service.at_rest()
        assert written(stage) == []
        await stage.back(music, before)


@pytest.mark.parametrize("when", ["while no service runs", "after the service is back"])
async def test_what_the_user_did_with_a_player_left_paused_stays(stage: Stage, when: str) -> None:
    await stage.mpv()
    async with stage.mpris() as player:
        call = await stage.holder("voice_call")
        await player.becomes("Paused")
        stage.service.kill(call)
        if when == "after the service is back":
            await stage.service.start()
        await player.call("Play")
        await player.becomes("Playing")
        if when == "while no service runs":
            await stage.service.start()
        await stage.service.until(
            "the music", lambda s: any(each["audible"] for each in s["streams"])
        )
        await player.call("Pause")
        await player.becomes("Paused")
        said = list(player.statuses)
        await (await stage.recorder()).more(LEFT_S + 0.5)
        assert player.statuses == said
        assert written(stage) == []


def holders(status: dict[str, Any]) -> list[str]:
    """Who has players paused."""
    return [
        hold["by_app"]
        for one in status["sessions"]
        for hold in one["holds"]
        if hold["how"] == "mpris"
    ]


# -- the sound server dies ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_a_sound_server_that_goes_while_music_is_lowered(stage: Stage, how: str) -> None:
    """Apps lose their streams with it; those that come after are held as before, and freed."""
    music = await stage.music()
    holder = await stage.holder()
    await stage.lowered(music)
    # Else the state of the moment before the user's choice may be what is saved.
    await stage.remembered(music)
    if how == "killed":
        stage.rig.kill_server()
    await stage.rig.restart_server()
    await asyncio.to_thread(music.process.wait)
    await stage.service.until("the server", lambda s: s["servers"][0]["up"])
    stage.record_anew()
    following = await stage.music(volume=None)
    await stage.lowered(following)
    before = await stage.volumes()
    if stage.rig.name == "pulseaudio":
        # There the volume is what is lowered.
        before = {following.index: USER}
    assert await holder.active("main", False)
    await stage.back(following, before)
