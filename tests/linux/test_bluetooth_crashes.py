"""Killed in a call with a headset: everybody's stream is where it was before, not only the card."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from audiosession.service.ledger import Ledger
from audiosession.service.servers.choose import ROUTES, ledger_path
from tests.linux.bluez_double import CARD, BluetoothDouble, profile_names
from tests.linux.routes_kit import Player, add_input, player, plays_on, remove_input
from tests.linux.service_kit import OTHER_HZ, THIRD_HZ, Music, Stage, staged
from tests.linux.sound import play
from tests.linux.test_routes_bluetooth import CALLS, sinks, works_as

pytestmark = pytest.mark.timeout(240)

MICROPHONE = "rig_microphone"


@pytest.fixture
async def stage(headset: BluetoothDouble, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """The service, a microphone, and a headset that plays music."""
    rig = headset.rig
    microphone = await add_input(rig, MICROPHONE)
    await headset.connect()
    names = profile_names(await headset.card_there())
    await rig.pactl(f"set-card-profile {CARD} {names['a2dp']}")
    await works_as(headset, "a2dp")
    async with staged(rig, monkeypatch) as stage:
        yield stage
        await stage.service.stop()
    await remove_input(rig, microphone)


async def headset_sink(headset: BluetoothDouble) -> str:
    (sink,) = await sinks(headset)
    return sink


async def default_is(headset: BluetoothDouble, stage: Stage, sink: str) -> None:
    await headset.rig.set_default_sink(sink)
    await stage.service.default_output(sink)


async def hands_free(headset: BluetoothDouble, app: Player) -> None:
    """A call with the headset, whatever else came last."""
    await app.begin(*CALLS)
    for name in await app.call("available"):
        if CARD in name:
            await app.call("prefer", name=name)
    await works_as(headset, "hfp")


async def nothing_owed(stage: Stage) -> None:
    async def so() -> bool:
        return not Ledger(ledger_path(ROUTES)).entries()

    await stage.rig.wait_for("nothing to give back", so)


@pytest.mark.parametrize("kills_service", [True, False])
async def test_what_a_route_moved_to_the_headset_comes_home(
    headset: BluetoothDouble, stage: Stage, kills_service: bool
) -> None:
    """Its app asked for another sink, by name."""
    rig = stage.rig
    await default_is(headset, stage, await headset_sink(headset))
    async with player(stage, "phone") as app:
        await app.begin("PLAYBACK")
        process = play(
            rig,
            stage.tone(OTHER_HZ),
            sink=rig.sink,
            media__role="music",
            audiosession__id=app.token,
        )
        index = await rig.stream_of(process.pid)
        await rig.wait_for(
            "the stream on the headset",
            lambda: headset_plays(headset, index),
        )
        await hands_free(headset, app)
        if kills_service:
            stage.service.kill(app)
            await stage.service.start()
        else:
            app.kill()
        await works_as(headset, "a2dp")
        await nothing_owed(stage)
        await rig.wait_for("the stream at home", lambda: rig._plays_on(index, rig.sink))


async def headset_plays(headset: BluetoothDouble, index: int) -> bool:
    found = await sinks(headset)
    return len(found) == 1 and await headset.rig._plays_on(index, next(iter(found)))


@pytest.mark.parametrize("kills_service", [True, False])
async def test_what_the_user_put_on_the_headset_stays_there(
    headset: BluetoothDouble, stage: Stage, kills_service: bool
) -> None:
    """Another app's, while the default is another sink, and the service ends afterwards."""
    rig = stage.rig
    await default_is(headset, stage, rig.sink)
    music: Music = await stage.music(frequency_hz=THIRD_HZ)
    await rig.move_stream(music.index, await headset_sink(headset))
    async with player(stage, "phone") as app:
        await hands_free(headset, app)
        if kills_service:
            stage.service.kill(app)
            await stage.service.start()
        else:
            await app.call("end")
        await works_as(headset, "a2dp")
        await nothing_owed(stage)
    await plays_on(stage, await headset_sink(headset), music)
    await stage.service.stop()
    following = await rig.stream_of(play(rig, stage.tone()).pid)
    await rig.wait_for("a new stream", lambda: rig._plays_on(following, rig.sink))
    await plays_on(stage, await headset_sink(headset), music)
