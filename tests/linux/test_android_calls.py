"""The output for calls and a headset's link, in Android's words, on both real servers."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.linux.android_kit import APP
from tests.linux.bluez_double import ADDRESS, CARD, BluetoothDouble, profile_names
from tests.linux.rig import SoundRig
from tests.linux.routes_kit import (
    Player,
    add_input,
    add_output,
    heard_on,
    player,
    plays_on,
    remove_input,
)
from tests.linux.service_kit import Stage, staged
from tests.linux.test_routes_bluetooth import VOLUME, is_as_before, sinks, works_as

pytestmark = pytest.mark.timeout(240)

MICROPHONE = "rig_microphone"
SPEAKER = "rig_speaker"
HEADPHONES = "rig_headphones"
SCO = "android.media.ACTION_SCO_AUDIO_STATE_UPDATED"
STATE = "android.media.extra.SCO_AUDIO_STATE"
DISCONNECTED, CONNECTED, CONNECTING = 0, 1, 2
IN_COMMUNICATION, NORMAL = 3, 0


async def the(app: Player, method: str, *arguments: Any) -> Any:
    """Calls a method of the app's AudioManager."""
    return await app.call("one", method=method, arguments=list(arguments))


def states(app: Player) -> list[int]:
    """The states of the link that the app was told of, after the one that was kept."""
    return [each["extras"][STATE] for each in app.heard("intent") if not each["sticky"]]


@pytest.fixture
async def headset_stage(
    headset: BluetoothDouble, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
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


async def records_the_headset(stage: Stage, token: str) -> subprocess.Popen[Any]:
    """Begins a recording of the call, and waits until its source is the headset."""
    recorder = stage.rig.popen(
        *("parec", "--raw", f"--property=audiosession.id={token}"), stdout=subprocess.DEVNULL
    )

    async def so() -> bool:
        headsets = {
            each["index"]
            for each in await stage.rig.listed("sources")
            if each["properties"].get("device.string") == ADDRESS
            and not each["name"].endswith(".monitor")
        }
        return any(
            each["source"] in headsets
            for each in await stage.rig.listed("source-outputs")
            if each["properties"].get("audiosession.id") == token
        )

    await stage.rig.wait_for("the recording on the headset", so)
    return recorder


async def test_the_link_opens_with_the_profile_and_closes_with_it(
    headset: BluetoothDouble, headset_stage: Stage
) -> None:
    await headset_stage.music()
    async with player(headset_stage, "phone", program=APP) as app:
        await app.call("receive", action=SCO)
        assert [each["extras"][STATE] for each in app.heard("intent")] == [DISCONNECTED]
        await the(app, "set_mode", IN_COMMUNICATION)
        await the(app, "start_bluetooth_sco")
        await app.until("the link", lambda: states(app)[-1:] == [CONNECTED])
        assert states(app) == [CONNECTING, CONNECTED]
        assert await the(app, "is_bluetooth_sco_on")
        assert (await app.call("chosen"))["type"] == "BLUETOOTH_SCO"
        await works_as(headset, "hfp")
        recorder = await records_the_headset(headset_stage, await app.call("token"))
        await the(app, "stop_bluetooth_sco")
        await app.until("its end", lambda: states(app)[-1:] == [DISCONNECTED])
        assert not await the(app, "is_bluetooth_sco_on")
        await is_as_before(headset)
        recorder.kill()
        await asyncio.to_thread(recorder.wait)


async def test_kill_9_of_the_app_closes_the_link(
    headset: BluetoothDouble, headset_stage: Stage
) -> None:
    await headset_stage.music()
    async with player(headset_stage, "phone", program=APP) as app:
        await app.call("listen")
        assert await app.call("choose", type="BLUETOOTH_SCO")
        assert (await app.call("chosen"))["type"] == "BLUETOOTH_SCO"
        await works_as(headset, "hfp")
        app.kill()
        await is_as_before(headset)


async def test_kill_9_of_both_and_the_next_service_closes_the_link(
    headset: BluetoothDouble, headset_stage: Stage
) -> None:
    await headset_stage.music()
    async with player(headset_stage, "phone", program=APP) as app:
        await the(app, "start_bluetooth_sco")
        await works_as(headset, "hfp")
        headset_stage.service.kill(app)
        await headset_stage.service.start()
        await is_as_before(headset)


async def test_kill_9_of_the_service_and_the_call_goes_on(
    headset: BluetoothDouble, headset_stage: Stage
) -> None:
    await headset_stage.service.install()
    await headset_stage.music()
    async with player(headset_stage, "phone", start=True, program=APP) as app:
        await the(app, "start_bluetooth_sco")
        assert (await app.call("chosen"))["type"] == "BLUETOOTH_SCO"
        headset_stage.service.kill()
        await headset_stage.service.found()
        await headset_stage.service.until(
            "the session in force again",
            lambda status: any(
                each["app"] == "phone" and each["standing"] == "active"
                for each in status["sessions"]
            ),
        )
        await works_as(headset, "hfp")
        await the(app, "stop_bluetooth_sco")
        await is_as_before(headset)


async def test_a_headset_that_leaves_closes_the_link(
    headset: BluetoothDouble, headset_stage: Stage
) -> None:
    async with player(headset_stage, "phone", program=APP) as app:
        await app.call("receive", action=SCO)
        await the(app, "start_bluetooth_sco")
        await app.until("the link", lambda: states(app)[-1:] == [CONNECTED])
        await headset.disconnect()
        await app.until("its end", lambda: states(app)[-1:] == [DISCONNECTED])
        assert not await the(app, "is_bluetooth_sco_on")


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A machine with a loudspeaker and headphones, and the service."""
    await add_output(rig, SPEAKER, "speaker")
    async with staged(rig, monkeypatch) as stage:
        yield stage
        await stage.service.stop()


async def test_without_a_headset_the_link_fails(stage: Stage) -> None:
    async with player(stage, program=APP) as app:
        await app.call("receive", action=SCO)
        await the(app, "start_bluetooth_sco")
        assert states(app) == [CONNECTING, DISCONNECTED]


async def test_the_chosen_output_has_the_sound_until_it_is_given_up(stage: Stage) -> None:
    await add_output(stage.rig, HEADPHONES, "headphone")
    await stage.rig.set_default_sink(HEADPHONES)
    await stage.service.default_output(HEADPHONES)
    async with player(stage, program=APP) as app:
        await app.call("listen")
        assert {"WIRED_HEADPHONES"} <= {each["type"] for each in await app.call("calls")}
        await the(app, "set_mode", IN_COMMUNICATION)
        assert await the(app, "get_mode") == IN_COMMUNICATION
        assert await app.call("choose", type="BUILTIN_SPEAKER")
        assert await the(app, "is_speakerphone_on")
        assert (await app.call("chosen"))["name"] == SPEAKER
        token = await app.call("token")
        music = await stage.music(audiosession__id=token)
        await heard_on(stage, SPEAKER, music)
        await the(app, "clear_communication_device")
        await plays_on(stage, HEADPHONES, music)


async def test_wishes_that_follow_one_another_leave_the_sound_where_it_was(stage: Stage) -> None:
    await add_output(stage.rig, HEADPHONES, "headphone")
    await stage.rig.set_default_sink(HEADPHONES)
    await stage.service.default_output(HEADPHONES)
    async with player(stage, program=APP) as app:
        await app.call("listen")
        await the(app, "set_mode", IN_COMMUNICATION)
        music = await stage.music(audiosession__id=await app.call("token"))
        for _ in range(6):
            # Faster than a server tells of the moves.
            for _ in range(4):
                await the(app, "set_speakerphone_on", True)
                await the(app, "clear_communication_device")
            await plays_on(stage, HEADPHONES, music)
            await the(app, "set_speakerphone_on", True)
            await plays_on(stage, SPEAKER, music)
            await the(app, "clear_communication_device")
            await plays_on(stage, HEADPHONES, music)


async def test_the_wish_for_an_output_ends_when_that_is_pulled(stage: Stage) -> None:
    await add_output(stage.rig, HEADPHONES, "headphone")
    await stage.rig.set_default_sink(HEADPHONES)
    await stage.service.default_output(HEADPHONES)
    async with player(stage, program=APP) as app:
        await app.call("listen")
        music = await stage.music(audiosession__id=await app.call("token"))
        await the(app, "set_speakerphone_on", True)
        await plays_on(stage, SPEAKER, music)
        await stage.rig.remove_sink(SPEAKER)
        await stage.service.until(
            "an end of the wish",
            lambda status: (
                not any(
                    each["app"] == "player" and each["standing"] == "active" and not each["adopted"]
                    for each in status["sessions"]
                )
            ),
        )
        assert not await the(app, "is_speakerphone_on")
        await plays_on(stage, HEADPHONES, music)
