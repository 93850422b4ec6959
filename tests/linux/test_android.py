"""AudioManager on both real servers: volumes, devices, keys, and that all of it comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from audiosession.android.models.curves import volume_db
from audiosession.android.stream_constants import AndroidStreamType as Stream
from tests.linux.android_kit import APP
from tests.linux.rig import SoundRig
from tests.linux.routes_kit import Player, add_input, add_output, player, remove_input
from tests.linux.service_kit import OTHER_HZ, Stage, staged
from tests.linux.sound import record

pytestmark = pytest.mark.timeout(240)

MAIN = "rig_main"
HEADPHONES = "rig_headphones"
MICROPHONE = "rig_microphone"
BUILTIN_SPEAKER = 2
MEDIA_PAUSE, MEDIA_PLAY, MEDIA_PLAY_PAUSE = 127, 126, 85


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server."""
    async with staged(rig, monkeypatch) as stage:
        yield stage


async def the(app: Player, method: str, *arguments: Any) -> Any:
    """Calls a method of the app's AudioManager."""
    return await app.call("one", method=method, arguments=list(arguments))


def music_db(index: int) -> float:
    return volume_db(Stream.MUSIC, index, least=0, most=15, device_type=BUILTIN_SPEAKER)


async def lowered_music(stage: Stage, app: Player, index: int = 12) -> Any:
    """Music that a volume lowers; gives it and the volumes of before."""
    music = await stage.music()
    before = await stage.volumes()
    await the(app, "set_stream_volume", Stream.MUSIC, index, 0)
    await stage.lowered(music, music_db(index))
    return music, before


async def test_a_volume_is_heard_and_other_types_are_untouched(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    async with player(stage, program=APP) as app:
        assert await the(app, "get_stream_volume", Stream.MUSIC) == 15
        assert not await the(app, "is_volume_fixed")
        assert await the(app, "is_music_active")
        await the(app, "set_stream_volume", Stream.MUSIC, 12, 0)
        assert await the(app, "get_stream_volume", Stream.MUSIC) == 12
        await stage.lowered(music, music_db(12))
        await the(app, "adjust_stream_volume", Stream.MUSIC, -1, 0)
        await stage.lowered(music, music_db(11))
        await the(app, "set_stream_volume", Stream.MUSIC, 15, 0)
        await stage.back(music, before)
        await the(app, "set_stream_volume", Stream.MUSIC, 3, 0)
        await stage.lowered(music, music_db(3))
        # An unmodified call sounds at its own volume, which nobody changed.
        call = await stage.music(frequency_hz=OTHER_HZ, media__role="phone")
        async with record(stage.rig, sink=MAIN) as recorder:
            await recorder.hears(call.frequency_hz, call.level_db, within_db=0.5)
            await the(app, "set_stream_volume", Stream.VOICE_CALL, 3, 0)
            most = await the(app, "get_stream_max_volume", Stream.VOICE_CALL)
            least = await the(app, "get_stream_min_volume", Stream.VOICE_CALL)
            down = volume_db(
                Stream.VOICE_CALL, 3, least=least, most=most, device_type=BUILTIN_SPEAKER
            )
            assert down < -3.0
            await recorder.hears(call.frequency_hz, call.level_db + down, within_db=0.5)


async def test_muted_and_heard_again(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    async with player(stage, program=APP) as app:
        await the(app, "adjust_stream_volume", Stream.MUSIC, -100, 0)
        assert await the(app, "is_stream_mute", Stream.MUSIC)
        async with record(stage.rig, sink=MAIN) as recorder:
            await recorder.hears(music.frequency_hz, -120.0, within_db=60.0)
        await the(app, "adjust_stream_volume", Stream.MUSIC, 100, 0)
        await stage.back(music, before)


async def test_a_volume_group_is_heard(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    async with player(stage, program=APP) as app:
        for index in (14, 13, 12):
            await app.call("lower_group")
            assert await the(app, "get_stream_volume", Stream.MUSIC) == index
        await stage.lowered(music, music_db(12))
        await the(app, "set_stream_volume", Stream.MUSIC, 15, 0)
        await stage.back(music, before)


async def test_reset_gives_every_volume_back(stage: Stage) -> None:
    async with player(stage, program=APP) as app:
        music, before = await lowered_music(stage, app)
        assert stage.service._client is not None
        await stage.service._client.reset()
        await stage.back(music, before)


async def test_the_end_of_the_service_gives_every_volume_back(stage: Stage) -> None:
    async with player(stage, program=APP) as app:
        music, before = await lowered_music(stage, app)
        app.kill()
        await stage.service.stop()
        await stage.heard(music)
        assert await stage.volumes() == before


async def test_kill_9_of_the_service_and_the_next_gives_every_volume_back(stage: Stage) -> None:
    async with player(stage, program=APP) as app:
        music, before = await lowered_music(stage, app)
        stage.service.kill(app)
        await stage.service.start()
        await stage.back(music, before)


async def test_the_devices_are_the_real_ones(stage: Stage) -> None:
    microphone = await add_input(stage.rig, MICROPHONE)
    try:
        async with player(stage, program=APP) as app:
            await app.call("listen")
            await app.until("the first devices", lambda: bool(app.heard("added")))
            first = {each["name"] for each in app.heard("added")[0]["devices"]}
            assert MICROPHONE in first
            assert await the(app, "get_property", "android.media.property.OUTPUT_SAMPLE_RATE") == (
                "48000"
            )
            await add_output(stage.rig, HEADPHONES, "headphone")
            await app.until("the headphones", lambda: len(app.heard("added")) == 2)
            (added,) = app.heard("added")[1]["devices"]
            assert added["type"] == "WIRED_HEADPHONES"
            assert added["sink"]
            assert (added["rates"], added["counts"]) == ([48_000], [2])
            assert added in await app.call("devices", flags=2)
            assert added not in await app.call("devices", flags=1)
            assert await the(app, "is_wired_headset_on")
            await stage.rig.remove_sink(HEADPHONES)
            await app.until("their end", lambda: bool(app.heard("removed")))
            assert [each["id"] for each in app.heard("removed")[0]["devices"]] == [added["id"]]
            assert not await the(app, "is_wired_headset_on")
    finally:
        await remove_input(stage.rig, microphone)


async def test_media_keys_reach_the_player_that_plays(stage: Stage) -> None:
    await stage.mpv()
    async with stage.mpris() as mpv, player(stage, program=APP) as app:
        await app.call("key", code=MEDIA_PAUSE)
        await mpv.becomes("Paused")
        await app.call("key", code=MEDIA_PLAY)
        await mpv.becomes("Playing")
        await app.call("key", code=MEDIA_PLAY_PAUSE)
        await mpv.becomes("Paused")
        # One for which players have no word.
        await app.call("key", code=130)
        assert await mpv.status() == "Paused"
