"""A session that may use hands-free gets it from a real server, and gives the music back."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
from collections.abc import AsyncIterator

import numpy as np
import pytest

from tests.linux.bluez_double import ADDRESS, CARD, BluetoothDouble, Profile, profile_names
from tests.linux.routes_kit import Player, add_input, player, remove_input
from tests.linux.service_kit import Stage, staged

pytestmark = pytest.mark.timeout(240)

CALLS = ("PLAY_AND_RECORD", "ALLOW_BLUETOOTH_HFP")
MICROPHONE = "rig_microphone"
VOLUME = 26214
"""Of the headset when it plays music: 40 per cent, in raw units."""


@pytest.fixture
async def stage(headset: BluetoothDouble, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The service, a microphone, and a headset that plays music at a volume of its own."""
    rig = headset.rig
    microphone = await add_input(rig, MICROPHONE)
    await headset.connect()
    names = profile_names(await headset.card_there())
    await rig.pactl(f"set-card-profile {CARD} {names['a2dp']}")
    await works_as(headset, "a2dp")
    (sink,) = await sinks(headset)
    await rig.pactl(f"set-sink-volume {sink} {VOLUME}")
    await rig.set_default_sink(sink)
    async with staged(rig, monkeypatch) as stage:
        await stage.service.default_output(sink)
        yield stage
        await stage.service.stop()
    await remove_input(rig, microphone)


async def sinks(headset: BluetoothDouble) -> dict[str, list[int]]:
    """The headset's sinks, and their volumes in raw units."""
    return {
        each["name"]: [channel["value"] for channel in each["volume"].values()]
        for each in await headset.rig.listed("sinks")
        if each["properties"].get("device.string") == ADDRESS
    }


async def works_as(headset: BluetoothDouble, profile: Profile) -> None:
    """Waits until the card works in a profile and has a sink in it."""
    wanted = profile_names(await headset.card_there())[profile]

    async def so() -> bool:
        card = await headset.card_there()
        return card["active_profile"] == wanted and len(await sinks(headset)) == 1

    await headset.rig.wait_for(f"the headset to work as {profile}", so)


async def is_as_before(headset: BluetoothDouble) -> None:
    """Waits until the headset plays music again, at the volume of before."""
    await works_as(headset, "a2dp")

    async def so() -> bool:
        return [set(volume) for volume in (await sinks(headset)).values()] == [{VOLUME}]

    await headset.rig.wait_for("the headset's own volume", so)
    await headset.streaming("a2dp", sound=True)


async def records_the_headset(stage: Stage, app: Player) -> None:
    """Waits until a recording of the session's hears what the headset says; then mutes it."""
    recorder = stage.rig.popen(
        *("parec", "--latency-msec=50", "--raw", f"--property=audiosession.id={app.token}"),
        *("--format=s16le", "--rate=8000", "--channels=1"),
        stdout=subprocess.PIPE,
    )
    assert recorder.stdout is not None
    out = recorder.stdout.fileno()

    async def level() -> float:
        data = await asyncio.to_thread(os.read, out, 3200)
        sound = np.frombuffer(data[: len(data) // 2 * 2], np.int16) / 32768
        return float(np.sqrt(np.mean(sound**2))) if len(sound) else -1.0

    async def hears() -> bool:
        return abs(await level() - 0.25 / math.sqrt(2)) < 0.02

    async def silent() -> bool:
        return 0.0 <= await level() < 0.001

    await stage.rig.wait_for("the headset's tone", hears)
    await app.call("mute_input", muted=True)
    await stage.rig.wait_for("silence", silent)
    await app.call("mute_input", muted=False)
    await stage.rig.wait_for("the headset's tone again", hears)
    recorder.kill()
    await asyncio.to_thread(recorder.wait)


async def test_hands_free_for_a_call_and_music_again_afterwards(
    headset: BluetoothDouble, stage: Stage
) -> None:
    async with player(stage, "phone") as app:
        await app.begin("PLAYBACK")
        assert await app.call("kinds") == ["BLUETOOTH_A2DP"]
        music = await app.plays()
        await headset.streaming("a2dp", sound=True)
        await app.begin(*CALLS)
        assert await app.call("kinds") == ["BLUETOOTH_HFP", "BLUETOOTH_HFP"]
        await works_as(headset, "hfp")
        await headset.streaming("hfp", sound=True)
        await records_the_headset(stage, app)
        changes = [each["reason"] for each in app.heard("told") if each["name"] == "RouteChange"]
        assert changes == ["CATEGORY_CHANGE"], app.heard("told")
        await app.call("end")
        await is_as_before(headset)
        await stage.end(music)


async def test_kill_9_of_the_app_brings_the_music_back(
    headset: BluetoothDouble, stage: Stage
) -> None:
    async with player(stage, "phone") as app:
        await app.begin(*CALLS)
        await app.plays()
        await headset.streaming("hfp", sound=True)
        app.kill()
        await is_as_before(headset)


async def test_kill_9_of_both_and_the_next_service_brings_the_music_back(
    headset: BluetoothDouble, stage: Stage
) -> None:
    async with player(stage, "phone") as app:
        await app.begin(*CALLS)
        await app.plays()
        await headset.streaming("hfp", sound=True)
        stage.service.kill(app)
        await stage.service.start()
        await is_as_before(headset)


async def test_kill_9_of_the_service_and_the_call_goes_on(
    headset: BluetoothDouble, stage: Stage
) -> None:
    await stage.service.install()
    async with player(stage, "phone", start=True) as app:
        await app.begin(*CALLS)
        await app.plays_itself()
        await headset.streaming("hfp", sound=True)
        stage.service.kill()
        await stage.service.found()
        await stage.service.until(
            "the session in force again",
            lambda status: any(each["standing"] == "active" for each in status["sessions"]),
        )
        await works_as(headset, "hfp")
        await headset.streaming("hfp", sound=True)
        assert await app.call("kinds") == ["BLUETOOTH_HFP", "BLUETOOTH_HFP"]
        await app.call("end")
        await is_as_before(headset)


async def test_the_headset_goes_away_in_a_call(headset: BluetoothDouble, stage: Stage) -> None:
    async with player(stage, "phone") as app:
        await app.begin(*CALLS)
        await app.plays()
        await headset.streaming("hfp", sound=True)
        await headset.disconnect()
        before, after = await app.change("OLD_DEVICE_UNAVAILABLE")
        assert len(before) == 1
        assert after == [stage.rig.sink]
        assert await app.inputs() == [MICROPHONE]
