"""Nothing is ever left quiet: however a hold ends, everything is as its user had it.

The servers, the service and the apps are real processes. Each test ends with the same look:
the volumes of all streams to the bit, the music on the sink's monitor, what the server
remembers, and the volume and sound of the app's next stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np
import pytest

from tests.linux.rig import SoundRig
from tests.linux.service_kit import (
    DUCK_DB,
    OTHER_HZ,
    USER,
    Stage,
    level_of,
    staged,
)
from tests.linux.sound import RATE, Recording

pytestmark = pytest.mark.timeout(180)

BACK_S = 0.15
"""How soon after the end of a holder the others are on their way back."""
RISEN_FOR_S = 0.03
"""And for how long it is, without a break."""
BORN_S = 0.08
"""How long a stream may be heard above the duck that it is born in. A server tells of a stream
when it is there; one that was faded down like others would be heard for 0.11 s."""
RISE_DB = 0.3
"""How far the music is above its ducked level when it counts as on its way."""


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server."""
    async with staged(rig, monkeypatch) as stage:
        yield stage


# -- the holder ends ------------------------------------------------------------------------------


@pytest.mark.parametrize(("how", "says"), [("fail", "raised"), ("cancel", "cancelled")])
async def test_an_error_or_cancellation_in_the_holder(stage: Stage, how: str, says: str) -> None:
    music = await stage.music()
    before = await stage.volumes()
    app = await stage.app()
    await app.open("main", "navigation_prompt")
    await app.call("begin", session="main")
    await stage.lowered(music)
    await app.call(how, session="main")
    await app.until("the end of the block", lambda: bool(app.heard(says)))
    await stage.back(music, before)


async def test_a_killed_holder(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    holder = await stage.holder()
    await stage.lowered(music)
    recorder = await stage.recorder()
    # What is recorded now sounded a moment ago, so this is the earlier end.
    killed_s = recorder.seconds
    holder.kill()
    await stage.heard(music)
    risen_s = _rises_s(recorder.so_far(), music.frequency_hz, killed_s, music.level_db)
    await stage.back(music, before)
    assert risen_s - killed_s <= BACK_S


def _rises_s(recording: Recording, frequency_hz: float, start_s: float, level_db: float) -> float:
    """When a ducked tone leaves that level; a dropout on its way up does not count."""
    quiet = 10 ** ((level_db + DUCK_DB + RISE_DB) / 20)
    loud = recording.envelope(frequency_hz)[round(start_s * RATE) :] > quiet
    width = round(RISEN_FOR_S * RATE)
    so_far = np.concatenate([[0], np.cumsum(loud)])
    return start_s + int(np.argmax(so_far[width:] - so_far[:-width] == width)) / RATE


@pytest.mark.parametrize("first", ["a", "b"])
async def test_two_duckers_that_end_in_either_order(stage: Stage, first: str) -> None:
    music = await stage.music()
    before = await stage.volumes()
    other = {"a": "b", "b": "a"}[first]
    holders = {name: await stage.app(f"app {name}") for name in "ab"}
    for name, app in holders.items():
        await app.open(name, "navigation_prompt")
        assert await app.active(name)
    await stage.lowered(music)
    recorder = await stage.recorder()
    start_s = recorder.seconds
    await holders[first].active(first, False)
    await stage.service.until(
        "one to be left",
        lambda s: sum(one["standing"] == "active" for one in s["sessions"]) == 1,
    )
    # As long as the way back takes.
    await recorder.more(0.6)
    heard = recorder.so_far().envelope(music.frequency_hz)
    span = heard[round((start_s + 0.01) * RATE) : -RATE // 100]
    assert 20 * np.log10(span.max()) < music.level_db + DUCK_DB + RISE_DB
    await holders[other].active(other, False)
    await stage.back(music, before)


# -- streams come and go --------------------------------------------------------------------------


async def test_a_stream_that_ends_lowered(stage: Stage) -> None:
    music = await stage.music()
    holder = await stage.holder()
    await stage.lowered(music)
    await stage.end(music)
    await holder.active("main", False)
    await stage.back(music)


async def test_a_stream_that_ends_on_its_way_down(stage: Stage) -> None:
    music = await stage.music()
    holder = await stage.holder()
    await stage.end(music)
    await holder.active("main", False)
    await stage.back(music)


async def test_a_stream_born_during_a_duck(stage: Stage) -> None:
    # So that the server knows the user's volume.
    await stage.end(await stage.music(frequency_hz=OTHER_HZ))
    holder = await stage.holder()
    recorder = await stage.recorder()
    music = await stage.music(volume=None)
    await stage.lowered(music)
    loud = recorder.so_far().envelope(music.frequency_hz) > 10 ** (
        (music.level_db + DUCK_DB + 1.0) / 20
    )
    assert loud.sum() / RATE < BORN_S
    before = await stage.volumes()
    if stage.rig.name == "pulseaudio":
        # There the volume is what is lowered.
        before = {music.index: USER}
    await holder.active("main", False)
    await stage.back(music, before)


# -- the user acts --------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["50%", "+5%", "-3dB"])
async def test_the_users_volume_survives_a_duck(stage: Stage, words: str) -> None:
    music = await stage.music()
    # What the same words make of the same volume when nothing is lowered.
    await stage.set_volume(music.index, words)
    wanted, user = await stage.volumes(), (await stage.rig.stream_volumes())[music.index]
    await stage.set_volume(music.index, *map(str, USER))
    await stage.heard(music)
    holder = await stage.holder()
    await stage.lowered(music)
    await stage.set_volume(music.index, words)
    await stage.lowered(replace(music, level_db=level_of(user)))
    await holder.active("main", False)
    await stage.back(music, wanted, user=user)


async def test_a_player_that_the_user_starts_during_a_call_is_heard_after_it(stage: Stage) -> None:
    music = await stage.mpv()
    before = await stage.volumes()
    async with stage.mpris() as player:
        holder = await stage.holder("voice_call")
        await player.becomes("Paused")
        await player.call("Play")
        await player.becomes("Playing")
        await stage.service.stream(music.process.pid)
        recorder = await stage.recorder()
        await recorder.more(0.3)
        await recorder.hears(music.frequency_hz, -120.0)
        await holder.active("main", False)
        await stage.service.at_rest()
        await stage.heard(music)
        assert player.statuses == ["Playing", "Paused", "Playing"]
        await stage.back(music, before)


async def test_a_player_that_the_user_pauses_during_a_prompt_stays_paused(stage: Stage) -> None:
    music = await stage.mpv()
    before = await stage.volumes()
    async with stage.mpris() as player:
        holder = await stage.holder()
        await stage.lowered(music)
        await player.call("Pause")
        await player.becomes("Paused")
        await holder.active("main", False)
        await stage.service.at_rest()
        assert await stage.volumes() == before
        assert player.statuses == ["Playing", "Paused"]
        await player.call("Play")
        await stage.back(music, before)


# -- many at once ---------------------------------------------------------------------------------


async def test_a_thousand_random_cycles_from_ten_clients(stage: Stage) -> None:
    music = await stage.music()
    other = await stage.music(volume=(40001, 30011), frequency_hz=OTHER_HZ, application__id="other")
    before = await stage.volumes()
    await stage.heard(music)
    recorder = await stage.recorder()
    start_s = recorder.seconds
    apps = [await stage.app(f"app {number}") for number in range(2)]
    names = [[f"{number} {part}" for part in range(5)] for number in range(2)]
    for app, own in zip(apps, names, strict=True):
        for name in own:
            await app.open(name, "navigation_prompt")
    granted = await asyncio.gather(
        *(
            app.call(
                "cycles",
                names=own,
                recipes=["navigation_prompt", "notification", "voice_assistant"],
                count=100,
                most_s=0.02,
                seed=seed,
            )
            for seed, (app, own) in enumerate(zip(apps, names, strict=True))
        )
    )
    assert sum(map(sum, granted)) > 900
    heard = recorder.so_far().envelope(music.frequency_hz, window_s=0.05)
    loudest = heard[round(start_s * RATE) :].max()
    # The other tone's own fades reach into this one's band, 30 dB below it.
    assert 20 * np.log10(loudest) < music.level_db + 0.5
    await stage.service.at_rest()
    await stage.heard(other)
    await stage.back(music, before)
