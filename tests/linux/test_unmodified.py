"""Players that know nothing of audio sessions, on real servers: paused, lowered, left alone."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from audiosession.service.routes import SETTLE_S
from tests.linux.app_kit import Mpris
from tests.linux.rig import SoundRig
from tests.linux.service_kit import (
    DUCK_DB,
    EXACT_DB,
    OTHER_HZ,
    THIRD_HZ,
    TONE_HZ,
    USER,
    Music,
    Stage,
    level_of,
    staged,
)
from tests.linux.sound import play, record, write_tone

pytestmark = pytest.mark.timeout(180)

RULES = """
[[rule]]
title = "far radio"
property = { "application.id" = "org.example.Radio" }
as = "music"
level_db = -26

[[rule]]
title = "road book"
property = { "application.id" = "org.example.RoadBook*" }
recipe = "navigation_prompt"

[[rule]]
title = "road book in mpv"
name = "roadbook"
recipe = "navigation_prompt"
"""


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server, without rules of the user's."""
    async with staged(rig, monkeypatch) as stage:
        try:
            yield stage
        finally:
            rules_file(rig).unlink(missing_ok=True)


def rules_file(rig: SoundRig) -> Path:
    return rig.config_home / "audiosession" / "policy.toml"


async def write_rules(stage: Stage, text: str = RULES) -> None:
    """Has the service, which runs, follow these rules."""
    file = rules_file(stage.rig)
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    await stage.service.until("the rules", lambda status: status["rules"] == str(file))


def held(status: dict[str, Any], music: Music) -> list[Any]:
    """What keeps a player's stream down."""
    pid = music.process.pid
    return [hold for one in status["streams"] if one["pid"] == pid for hold in one["holds"]]


def audible(status: dict[str, Any], music: Music) -> bool:
    """Whether the service takes a player for sounding."""
    return any(one["audible"] for one in status["streams"] if one["pid"] == music.process.pid)


async def streams_of(stage: Stage, music: Music) -> list[dict[str, Any]]:
    """What the service knows of a player's streams."""
    streams = (await stage.service.status())["streams"]
    return [one for one in streams if one["pid"] == music.process.pid]


# -- paused through MPRIS -------------------------------------------------------------------------


async def test_a_call_pauses_mpv_and_lets_it_go_on(stage: Stage) -> None:
    music = await stage.mpv()
    before = await stage.volumes()
    async with stage.mpris() as player:
        await stage.heard(music)
        call = await stage.holder("voice_call")
        await player.becomes("Paused")
        await (await stage.recorder()).hears(TONE_HZ, -120.0)
        await call.active("main", False)
        await player.becomes("Playing")
        await stage.service.at_rest()
        assert player.statuses == ["Playing", "Paused", "Playing"]
        await stage.back(music, before)


@pytest.mark.parametrize("when", ["before", "during"])
async def test_mpv_stays_paused_that_its_user_paused(stage: Stage, when: str) -> None:
    music = await stage.mpv()
    async with stage.mpris() as player:
        if when == "before":
            await player.call("Pause")
            await player.becomes("Paused")
            await stage.service.until("silence", lambda status: not audible(status, music))
            call = await stage.holder("voice_call")
        else:
            call = await stage.holder("voice_call")
            await player.becomes("Paused")
            await player.call("Play")
            await player.becomes("Playing")
            await player.call("Pause")
            await player.becomes("Paused")
            await stage.service.until("silence", lambda status: not audible(status, music))
        said = list(player.statuses)
        await call.active("main", False)
        await call.call("close", session="main")
        await stage.service.at_rest()
        # Whatever the service has to say to players it says before it hears of another's end.
        other = await stage.holder("navigation_prompt", "other")
        await other.active("main", False)
        await stage.service.at_rest()
        assert await player.status() == "Paused"
        assert player.statuses == said


async def test_a_ping_shorter_than_the_least_pause_pauses_nobody(
    stage: Stage, tmp_path: Path
) -> None:
    """A stream that says it is a call lowers at first; only one that goes on pauses."""
    music = await stage.mpv()
    short = write_tone(tmp_path / "short.wav", frequency_hz=OTHER_HZ, seconds=0.5)
    before = await stage.volumes()
    async with stage.mpris() as player:
        play(stage.rig, short, media__role="phone")
        await stage.service.until("a duck", lambda s: bool(held(s, music)))
        await stage.service.until("its end", lambda s: not held(s, music))
        await stage.heard(music)
        assert player.statuses == ["Playing"]
        assert await stage.volumes() == before
        call = play(stage.rig, stage.tone(OTHER_HZ), media__role="phone")
        await player.becomes("Paused")
        call.terminate()
        await player.becomes("Playing")
        await stage.back(music, before)


# -- lowered by a rule ----------------------------------------------------------------------------


async def test_a_rule_written_while_the_service_runs_is_followed(stage: Stage) -> None:
    radio = await stage.music(application__id="org.example.Radio")
    before = await stage.volumes()
    holder = await stage.holder()
    await stage.lowered(radio)
    await write_rules(stage)
    await holder.active("main", False)
    await holder.active("main")
    await stage.lowered(radio, by_db=-26.0)
    (stream,) = [s for s in (await stage.service.status())["streams"] if s["app"] == "paplay"]
    assert stream["tied_by"] == "rule far radio"
    assert stream["rule_source"].endswith("policy.toml:2")
    await holder.active("main", False)
    await stage.back(radio, before)


async def test_a_stream_that_a_rule_takes_for_a_prompt_lowers_others(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    await write_rules(stage)
    prompt = await stage.music(frequency_hz=OTHER_HZ, application__id="org.example.RoadBook")
    await stage.lowered(music)
    await stage.heard(prompt)
    await stage.end(prompt)
    await stage.back(music, before)


# -- apps that have a session and ask for nothing ---------------------------------------------


async def test_a_program_whose_session_was_stopped_is_held_like_any_other(
    stage: Stage, tmp_path: Path
) -> None:
    def run(app: str, recipe: str, file: Path) -> subprocess.Popen[Any]:
        words = ("run", "--recipe", recipe, "--app", app, "--", "paplay", str(file))
        path = {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)}
        return stage.rig.popen(sys.executable, "-m", "audiosession", *words, env=path)

    def standing(status: dict[str, Any]) -> str:
        ours = [one for one in status["sessions"] if one["app"] == "radio" and not one["adopted"]]
        return str(ours[0]["standing"]) if ours else ""

    run("radio", "music", stage.tone())
    await stage.service.until(
        "the radio",
        lambda status: (
            standing(status) == "active"
            and any(one["tied_by"] == "property" and one["audible"] for one in status["streams"])
        ),
    )
    (index,) = await stage.rig.stream_volumes()
    await stage.set_volume(index, *map(str, USER))
    recorder = await stage.recorder()
    await recorder.hears(TONE_HZ, level_of(USER), within_db=EXACT_DB)
    before = await stage.volumes()
    news = run("news", "speech", write_tone(tmp_path / "n.wav", frequency_hz=OTHER_HZ, seconds=2))
    await recorder.hears(TONE_HZ, -120.0)
    assert await asyncio.to_thread(news.wait) == 0
    await recorder.hears(TONE_HZ, level_of(USER), within_db=EXACT_DB)
    assert standing(await stage.service.status()) == "inactive"
    for recipe, to_db in (("voice_call", -120.0), ("navigation_prompt", level_of(USER) + DUCK_DB)):
        holder = await stage.holder(recipe, recipe)
        await recorder.hears(TONE_HZ, to_db, within_db=0.3)
        await holder.active("main", False)
        await stage.service.at_rest()
        await recorder.hears(TONE_HZ, level_of(USER), within_db=EXACT_DB)
        assert await stage.volumes() == before


# -- silent streams -------------------------------------------------------------------------------


async def test_silent_streams_hold_nobody(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    prompts = {
        "muted": await stage.music(frequency_hz=OTHER_HZ, application__id="org.example.RoadBook"),
        "volume 0": await stage.music(
            frequency_hz=OTHER_HZ, application__id="org.example.RoadBook.Old"
        ),
        "corked": await stage.mpv("--audio-client-name=roadbook", frequency_hz=OTHER_HZ),
    }
    async with stage.mpris() as player:
        for silence, prompt in prompts.items():
            await silence_it(stage, silence, prompt, player)
        await write_rules(stage)
        for prompt in prompts.values():
            (seen,) = await streams_of(stage, prompt)
            assert seen["tied_by"].startswith("rule road book")
            assert not seen["audible"]
        assert not held(await stage.service.status(), music)
        await stage.heard(music)
        for silence, prompt in prompts.items():
            await wake(stage, silence, prompt, player)
            await stage.lowered(music)
            await stage.end(prompt)
            await stage.heard(music)
        await stage.back(music, before)


async def test_silent_streams_are_not_held(stage: Stage) -> None:
    players = {
        "muted": await stage.music(frequency_hz=OTHER_HZ),
        "volume 0": await stage.music(frequency_hz=THIRD_HZ, application__id="org.example.Quiet"),
        "corked": await stage.mpv(),
    }
    before = await stage.volumes()
    async with stage.mpris() as player:
        for silence, music in players.items():
            await silence_it(stage, silence, music, player)
        for recipe in ("voice_call", "navigation_prompt"):
            holder = await stage.holder(recipe, recipe)
            # Longer than any fade that comes before a pause.
            await (await stage.recorder()).more(0.4)
            for music in players.values():
                assert not held(await stage.service.status(), music)
            assert player.statuses == ["Playing", "Paused"]
            if recipe == "voice_call":
                await holder.active("main", False)
        for silence, music in players.items():
            await wake(stage, silence, music, player)
            await stage.lowered(music)
        await holder.active("main", False)
        for music in players.values():
            await stage.heard(music)
        assert player.statuses == ["Playing", "Paused", "Playing"]
        assert await stage.volumes() == before


@pytest.mark.parametrize("silence", ["muted", "corked"])
async def test_mpv_that_is_silent_is_not_paused(stage: Stage, silence: str) -> None:
    music = await stage.mpv()
    async with stage.mpris() as player:
        await silence_it(stage, silence, music, player)
        said = list(player.statuses)
        call = await stage.holder("voice_call")
        await (await stage.recorder()).more(0.4)
        assert player.statuses == said
        await call.active("main", False)
        await stage.service.at_rest()
        await wake(stage, silence, music, player)
        await stage.heard(music)


async def silence_it(stage: Stage, silence: str, music: Music, player: Mpris) -> None:
    """Silences a stream as its user may, and waits until the service knows."""
    if silence == "muted":
        await stage.rig.pactl(f"set-sink-input-mute {music.index} 1")
    elif silence == "volume 0":
        await stage.set_volume(music.index, "0")
    else:
        await player.call("Pause")
        await player.becomes("Paused")
    await stage.service.until("silence", lambda status: not audible(status, music))


async def wake(stage: Stage, silence: str, music: Music, player: Mpris) -> None:
    """Makes it heard again."""
    if silence == "muted":
        await stage.rig.pactl(f"set-sink-input-mute {music.index} 0")
    elif silence == "volume 0":
        await stage.set_volume(music.index, *map(str, USER))
    else:
        await player.call("Play")
        await player.becomes("Playing")


Pull = Callable[[], Awaitable[None]]


# -- becoming noisy -------------------------------------------------------------------------------


@asynccontextmanager
async def usb_sink(stage: Stage) -> AsyncIterator[Pull]:
    """A sink that says that it is on USB is the default; yields what pulls it out."""
    rig = stage.rig
    form = "rate=48000 channels=2 format=float32le"
    said = "sink_properties=device.bus=usb"
    load = f"load-module module-null-sink sink_name=headset {form} {said}"
    module = (await rig.pactl(load)).strip()

    async def pull() -> None:
        await rig.pactl(f"unload-module {module}")

    try:
        await rig.set_default_sink("headset")
        await stage.service.default_output("headset")
        yield pull
    finally:
        if any(sink["name"] == "headset" for sink in await rig.listed("sinks")):
            await pull()


async def test_a_pulled_headset_pauses_mpv_and_tells_apps_once(stage: Stage) -> None:
    async with usb_sink(stage) as pull:
        app = await stage.holder("game", "game")
        music = await stage.mpv()
        async with stage.mpris() as player:
            async with record(stage.rig, sink="headset") as recorder:
                await recorder.hears(TONE_HZ, level_of(USER), within_db=EXACT_DB)
            await pull()
            await player.becomes("Paused")
            await app.until("the app's notice", lambda: bool(app.heard("noisy")))
            # Its user wants to hear it from there.
            await player.call("Play")
            await player.becomes("Playing")
            # Whatever still belongs to the loss comes within this time.
            await (await stage.recorder()).more(SETTLE_S + 0.2)
            await stage.heard(music)
            assert player.statuses == ["Playing", "Paused", "Playing"]
        assert len(app.heard("noisy")) == 1


async def test_another_default_by_choice_disturbs_nobody(stage: Stage) -> None:
    async with usb_sink(stage):
        app = await stage.holder("game", "game")
        music = await stage.mpv()
        async with stage.mpris() as player:
            async with record(stage.rig, sink="headset") as recorder:
                await recorder.hears(TONE_HZ, level_of(USER), within_db=EXACT_DB)
            await stage.rig.set_default_sink(stage.rig.sink)
            await stage.service.default_output(stage.rig.sink)
            await (await stage.recorder()).more(SETTLE_S + 0.2)
            assert player.statuses == ["Playing"]
            assert (await streams_of(stage, music))[0]["audible"]
        assert not app.heard("noisy")
