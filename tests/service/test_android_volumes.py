"""Android's volumes on real streams: what the engine does to them, and what the bus says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audiosession.android.models.curves import volume_db
from audiosession.android.stream_constants import AndroidAudioAdjustment as Adjust
from audiosession.android.stream_constants import AndroidRingerMode as Mode
from audiosession.android.stream_constants import AndroidStreamType as Stream
from audiosession.core.gains import to_linear
from audiosession.errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    UnsupportedError,
)
from audiosession.service.android import AndroidVolumes
from audiosession.service.bus.names import ANDROID, MANAGER, ROOT, STREAM
from audiosession.service.servers.base import Direction
from tests.service.bus_kit import Client, Served
from tests.service.fake_server import HEADPHONES, SPEAKER, Stage, activate

BUILTIN_SPEAKER, WIRED_HEADPHONES = 2, 4
SDK = 36
MUSIC, CALL, RING, NOTIFICATION, PROMPT = 1, 2, 3, 4, 100


def level(stream: Stream, index: int, most: int = 15, device: int = BUILTIN_SPEAKER) -> float:
    least = {Stream.VOICE_CALL: 1}.get(stream, 0)
    return volume_db(stream, index, least=least, most=most, device_type=device)


def index_of(stage: Stage, stream: Stream) -> int:
    return stage.engine.android.report().volumes[stream.name].index


async def test_until_somebody_changes_one_nothing_is_touched_and_all_are_at_the_top() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC, media_role="music")
        report = stage.engine.android.report()
        assert {each.index == each.most for each in report.volumes.values()} == {True}
        assert report.heard == {}
        assert report.sounding == ("MUSIC",)
        assert report.ringer == Mode.NORMAL
        assert stage.factor(music) == 1.0
        assert stage.server.batches == []


async def test_a_volume_is_heard_as_the_curve_has_it_and_others_are_untouched() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC, media_role="music")
        stage.engine.android.set_index(Stream.MUSIC, 5, 0, SDK)
        wanted = level(Stream.MUSIC, 5)
        assert wanted < -10.0
        assert stage.factor(music) == to_linear(wanted)
        later = stage.server.play(pid=MUSIC, media_role="music")
        assert stage.factor(later) == to_linear(wanted)
        call = stage.server.play(pid=CALL, media_role="phone")
        assert stage.factor(call) == 1.0
        stage.server.end(call)
        stage.clock.advance(2.0)
        stage.engine.android.set_index(Stream.MUSIC, 15, 0, SDK)
        assert stage.factor(music) == 1.0
        assert stage.engine.streams.fader.at_rest


async def test_a_session_sounds_as_its_attributes_say() -> None:
    async with Stage() as stage:
        guide, _ = stage.open(pid=PROMPT)
        stream = stage.server.play(pid=PROMPT, media_role="music")
        stage.engine.android.set_index(Stream.VOICE_CALL, 2, 0, SDK)
        assert stage.factor(stream) == 1.0
        await activate(guide, "voice_call")
        assert stage.engine.android.report().sounding == ("VOICE_CALL",)
        stage.clock.advance(1.0)
        assert stage.factor(stream) == to_linear(stage.engine.android.report().heard["VOICE_CALL"])
        assert stage.factor(stream) < 1.0


async def test_a_duck_and_a_volume_are_one_product() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        guide, _ = stage.open(pid=PROMPT)
        stage.engine.android.set_index(Stream.MUSIC, 8, 0, SDK)
        volume = level(Stream.MUSIC, 8)
        await activate(guide, "navigation_prompt")
        stage.clock.advance(0.2)
        # The prompt's own sound is none here, and music is down by both.
        assert stage.factor(music) == pytest.approx(to_linear(volume - 14.0))
        stage.engine.android.set_index(Stream.MUSIC, 15, 0, SDK)
        assert stage.factor(music) == pytest.approx(to_linear(-14.0))
        stage.engine.android.set_index(Stream.MUSIC, 8, 0, SDK)
        await guide.close()
        stage.clock.advance(1.0)
        assert stage.factor(music) == to_linear(volume)


async def test_steps_and_muting() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        android = stage.engine.android
        android.adjust(Stream.MUSIC, Adjust.LOWER, 0, SDK)
        assert index_of(stage, Stream.MUSIC) == 14
        assert stage.factor(music) == to_linear(level(Stream.MUSIC, 14))
        android.adjust(Stream.MUSIC, Adjust.TOGGLE_MUTE, 0, SDK)
        assert stage.factor(music) == 0.0
        android.adjust(Stream.MUSIC, Adjust.UNMUTE, 0, SDK)
        assert stage.factor(music) == to_linear(level(Stream.MUSIC, 14))
        # Nothing is named, and music is what sounds.
        android.adjust_suggested(Adjust.RAISE, Stream.DEFAULT, 0, SDK)
        assert stage.factor(music) == 1.0


async def test_keys_change_what_matters_most() -> None:
    async with Stage() as stage:
        stage.server.play(pid=MUSIC)
        stage.server.play(pid=CALL, media_role="phone")
        stage.engine.android.adjust_suggested(Adjust.LOWER, Stream.MUSIC, 0, SDK)
        volumes = stage.engine.android.report().volumes
        assert volumes["VOICE_CALL"].index == volumes["VOICE_CALL"].most - 1
        assert volumes["MUSIC"].index == 15


async def test_a_silent_ringer_silences_notifications_and_no_music() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        bell = stage.server.play(pid=NOTIFICATION, media_role="event")
        android = stage.engine.android
        assert "MUSIC" in android.report().sounding
        with pytest.raises(IllegalRequestError, match="do-not-disturb"):
            android.set_ringer(Mode.SILENT, SDK)
        assert android.report().heard == {}
        assert stage.factor(bell) == 1.0
        # An app for old versions may.
        android.set_ringer(Mode.SILENT, 23)
        assert stage.factor(bell) == 0.0
        android.set_ringer(Mode.NORMAL, 23)
        assert stage.factor(bell) > 0.0
        stage.server.end(bell)
        android.set_ringer(Mode.SILENT, 23)
        stage.clock.advance(2.0)
        assert stage.factor(music) == 1.0
        android.set_ringer(Mode.VIBRATE, 23)
        assert android.report().ringer != Mode.VIBRATE


async def test_each_output_has_volumes_of_its_own() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        stage.engine.android.set_index(Stream.MUSIC, 5, 0, SDK)
        stage.server.show_endpoints(replace(SPEAKER, default=False), HEADPHONES)
        assert stage.engine.android.report().output == WIRED_HEADPHONES
        assert stage.factor(music) == 1.0
        stage.server.show_endpoints(SPEAKER)
        assert stage.factor(music) == to_linear(level(Stream.MUSIC, 5))


async def test_reset_gives_everything_back() -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        stage.engine.android.set_index(Stream.MUSIC, 0, 0, SDK)
        assert stage.factor(music) == 0.0
        stage.engine.reset()
        assert stage.factor(music) == 1.0
        assert index_of(stage, Stream.MUSIC) == 15
        assert stage.factor(stage.server.play(pid=MUSIC)) == 1.0


async def test_what_records_is_left_alone() -> None:
    async with Stage() as stage:
        recording = stage.server.play(pid=MUSIC, direction=Direction.CAPTURE)
        stage.engine.android.set_index(Stream.MUSIC, 0, 0, SDK)
        assert stage.factor(recording) == 1.0


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda a: a.set_index(99, 1, 0, SDK), InvalidValueError),
        (lambda a: a.set_index(-1, 1, 0, SDK), InvalidValueError),
        (lambda a: a.set_index(True, 1, 0, SDK), InvalidTypeError),
        (lambda a: a.set_index(3, 1, 0, 0), InvalidValueError),
        (lambda a: a.adjust(3, 7, 0, SDK), InvalidValueError),
        (lambda a: a.adjust_suggested(1, 99, 0, SDK), InvalidValueError),
        (lambda a: a.set_ringer(9, SDK), InvalidValueError),
    ],
)
async def test_what_is_wrong_changes_nothing(
    call: Callable[[AndroidVolumes], Any], error: type[Exception]
) -> None:
    async with Stage() as stage:
        music = stage.server.play(pid=MUSIC)
        before = stage.engine.android.report()
        with pytest.raises(error):
            call(stage.engine.android)
        assert stage.engine.android.report() == before
        assert stage.factor(music) == 1.0


# -- on the bus ----------------------------------------------------------------------------------


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(tmp_path) as served:
        yield served


async def test_the_bus_sets_reads_and_tells(served: Served) -> None:
    async with Client(served.address) as client:
        await client.listen()
        stream = served.server.play(pid=4_100_000)
        await client.hears(
            lambda message: message.member == "InterfacesAdded" and STREAM in message.body[1]
        )
        await client.call(ROOT, ANDROID, "SetVolume", "iiii", 3, 5, 0, SDK)
        told = await client.hears(lambda message: message.member == "VolumesChanged")
        (text,) = await client.call(ROOT, ANDROID, "Volumes")
        assert json.loads(told.body[0])["volumes"]["MUSIC"]["index"] == 5
        assert json.loads(text)["volumes"]["MUSIC"] == {
            "index": 5,
            "kept": 5,
            "least": 0,
            "most": 15,
            "muted": False,
        }
        assert served.server.factors[stream] == to_linear(level(Stream.MUSIC, 5))
        await client.call(ROOT, ANDROID, "AdjustVolume", "iiii", 3, -100, 0, SDK)
        assert served.server.factors[stream] == 0.0
        await client.hears(
            lambda message: (
                message.member == "PropertiesChanged"
                and message.body[0] == STREAM
                and message.body[1]["TargetDb"].value == -120.0
            )
        )
        (status,) = await client.call(ROOT, MANAGER, "Status")
        (report,) = json.loads(status)["streams"]
        assert report["stream_volume_db"] == report["target_db"] == -120.0
        await client.call(ROOT, MANAGER, "Reset")
        assert served.server.factors[stream] == 1.0


async def test_the_bus_names_what_is_wrong(served: Served) -> None:
    async with Client(served.address) as client:
        for member, body in (
            ("SetVolume", (99, 1, 0, SDK)),
            ("SetVolume", (3, 1, 0, 0)),
            ("AdjustVolume", (3, 5, 0, SDK)),
            ("AdjustSuggestedVolume", (1, 77, 0, SDK)),
        ):
            with pytest.raises(InvalidValueError):
                await client.call(ROOT, ANDROID, member, "iiii", *body)
        with pytest.raises(IllegalRequestError):
            await client.call(ROOT, ANDROID, "SetRingerMode", "ii", 0, SDK)
        with pytest.raises(UnsupportedError):
            await client.call(ROOT, ANDROID, "DispatchMediaKey", "iii", 85, 0, 0)
        with pytest.raises(InvalidValueError):
            await client.call(ROOT, ANDROID, "DispatchMediaKey", "iii", 85, 9, 0)
