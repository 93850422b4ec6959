"""AVAudioSession's routes on both real servers: what is read, what moves, what comes back."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator

import pytest

from audiosession.apple.audio_session_services import (
    kAudioSessionRouteChangeReason_NewDeviceAvailable,
    kAudioSessionRouteChangeReason_Override,
)
from audiosession.cli.left import left_behind
from tests.linux.rig import SoundRig
from tests.linux.routes_kit import (
    C_APP,
    add_input,
    add_output,
    heard_on,
    player,
    plays_on,
    remove_input,
)
from tests.linux.service_kit import OTHER_HZ, Stage, staged
from tests.linux.sound import record

pytestmark = pytest.mark.timeout(240)

MAIN = "rig_main"
SPEAKER = "rig_speaker"
HEADPHONES = "rig_headphones"
MICROPHONE = "rig_microphone"
OTHER_MICROPHONE = "rig_other_microphone"


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A machine with a loudspeaker and a microphone, and the service."""
    await add_output(rig, SPEAKER, "speaker")
    microphone = await add_input(rig, MICROPHONE)
    try:
        async with staged(rig, monkeypatch) as stage:
            yield stage
            await stage.service.stop()
    finally:
        await remove_input(rig, microphone)


async def test_before_the_first_call_the_route_is_there(stage: Stage) -> None:
    async with player(stage) as app:
        assert await app.outputs() != []
        assert await app.call("read", name="sample_rate") == 48_000.0
        assert not await app.call("read", name="is_other_audio_playing")


async def test_what_comes_takes_the_sound_and_the_user_takes_it_back(stage: Stage) -> None:
    rig = stage.rig
    async with player(stage) as app:
        await app.begin("PLAYBACK")
        first = await app.outputs()
        music = await app.plays()
        await add_output(rig, HEADPHONES, "headphone")
        assert await app.change("NEW_DEVICE_AVAILABLE") == (first, [HEADPHONES])
        assert await app.call("kinds") == ["HEADPHONES"]
        await heard_on(stage, HEADPHONES, music)
        await rig.set_default_sink(HEADPHONES)
        await stage.service.default_output(HEADPHONES)
        await rig.set_default_sink(SPEAKER)
        assert await app.change("OVERRIDE") == ([HEADPHONES], [SPEAKER])
        await heard_on(stage, SPEAKER, music)


async def test_what_is_plugged_in_is_what_it_says_it_is(stage: Stage) -> None:
    async with player(stage) as app:
        await app.begin("PLAYBACK")
        for name, form_factor, bus, kind in (
            ("rig_screen", "hdmi", "pci", "HDMI"),
            ("rig_interface", "speaker", "usb", "USB_AUDIO"),
            ("rig_car", "car", "pci", "CAR_AUDIO"),
            (HEADPHONES, "headphone", "pci", "HEADPHONES"),
        ):
            await add_output(stage.rig, name, form_factor, bus=bus)
            await app.comes_to(name)
            assert await app.call("kinds") == [kind]


async def test_an_override_moves_the_sound_and_gives_it_back(stage: Stage) -> None:
    await add_output(stage.rig, HEADPHONES, "headphone")
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        await app.comes_to(HEADPHONES)
        music = await app.plays()
        await heard_on(stage, HEADPHONES, music)
        await app.call("override", speaker=True)
        assert await app.outputs() == [SPEAKER]
        assert await app.change("OVERRIDE") == ([HEADPHONES], [SPEAKER])
        await heard_on(stage, SPEAKER, music)
        await app.call("override", speaker=False)
        assert await app.outputs() == [HEADPHONES]
        await heard_on(stage, HEADPHONES, music)


async def test_overrides_that_follow_one_another_leave_the_sound_where_it_was(
    stage: Stage,
) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        await app.comes_to(HEADPHONES)
        music = await app.plays()
        for _ in range(6):
            # Faster than a server tells of the moves.
            for _ in range(4):
                await app.call("override", speaker=True)
                await app.call("override", speaker=False)
            await plays_on(stage, HEADPHONES, music)
            await app.call("override", speaker=True)
            await plays_on(stage, SPEAKER, music)
            await app.call("override", speaker=False)
            await plays_on(stage, HEADPHONES, music)
        await app.call("override", speaker=True)
        await app.call("end")
        await plays_on(stage, HEADPHONES, music)


async def test_pulled_headphones_are_told_first_and_then_that_it_is_noisy(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAYBACK")
        await app.comes_to(HEADPHONES)
        await app.plays()
        await stage.rig.remove_sink(HEADPHONES)
        before, after = await app.change("OLD_DEVICE_UNAVAILABLE")
        assert before == [HEADPHONES]
        assert after not in ([], [HEADPHONES])
        await app.is_told("noisy")
        assert app.told().index("RouteChange") < app.told().index("noisy")


async def test_a_preferred_input(stage: Stage) -> None:
    module = await add_input(stage.rig, OTHER_MICROPHONE, bus="usb")
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        assert set(await app.call("available")) == {MICROPHONE, OTHER_MICROPHONE}
        for name in (MICROPHONE, OTHER_MICROPHONE, MICROPHONE):
            assert await app.call("prefer", name=name) == name
            assert await app.inputs() == [name]
        assert await app.call("prefer", name="") == ""
        await remove_input(stage.rig, module)
        await app.is_told("AvailableInputsChange")


async def test_gain_and_volume_are_the_devices(stage: Stage) -> None:
    rig = stage.rig
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        (name,) = await app.inputs()
        # PipeWire 1.4 takes no volume of a made-up microphone that nobody records from.
        rig.popen(
            *("parec", "--raw", f"--device={name}", f"--property=audiosession.id={app.token}"),
            stdout=subprocess.DEVNULL,
        )

        async def recorded() -> bool:
            return any(
                each["name"] == name and each["state"] == "RUNNING"
                for each in await rig.listed("sources")
            )

        await rig.wait_for("somebody to record", recorded)
        settable, _ = await app.call("gain", value=0.5)
        assert settable

        async def half() -> bool:
            (source,) = [each for each in await rig.listed("sources") if each["name"] == name]
            return all(abs(one["value"] - 0x8000) < 8 for one in source["volume"].values())

        await rig.wait_for("the microphone's volume", half)
        await app.call("observe", name="output_volume")
        (output,) = await app.outputs()
        await rig.pactl(f"set-sink-volume {output} 25%")
        await app.until(
            "the volume",
            lambda: any(abs(each["value"] - 0.25) < 0.01 for each in app.heard("output_volume")),
        )
        assert abs(await app.call("read", name="output_volume") - 0.25) < 0.01
        await rig.pactl(f"set-sink-volume {output} 100%")


async def test_its_own_sound_is_muted_and_nobody_elses(stage: Stage) -> None:
    await stage.rig.set_default_sink(MAIN)
    async with player(stage) as app:
        await app.begin("PLAYBACK", "MIX_WITH_OTHERS")
        (output,) = await app.outputs()
        mine = await app.plays()
        other = await stage.music(frequency_hz=OTHER_HZ)
        await app.call("mute", muted=True)
        async with record(stage.rig, sink=output) as recorder:
            await recorder.hears(mine.frequency_hz, -120.0, within_db=60.0)
            await app.call("mute", muted=False)
            await recorder.hears(mine.frequency_hz, mine.level_db, within_db=0.5)
        await heard_on(stage, MAIN, other)


async def test_two_sessions_have_a_route_each(stage: Stage) -> None:
    await add_output(stage.rig, HEADPHONES, "headphone")
    async with player(stage, "one") as one, player(stage, "two") as two:
        await one.begin("PLAY_AND_RECORD", "MIX_WITH_OTHERS")
        await two.begin("PLAYBACK", "MIX_WITH_OTHERS")
        await one.comes_to(HEADPHONES)
        await two.comes_to(HEADPHONES)
        first, second = await one.plays(), await two.plays(OTHER_HZ)
        await one.call("override", speaker=True)
        await heard_on(stage, SPEAKER, first)
        await heard_on(stage, HEADPHONES, second)
        assert await one.outputs() == [SPEAKER]
        assert await two.outputs() == [HEADPHONES]
        assert "OVERRIDE" not in [each.get("reason") for each in two.heard("told")]


async def test_after_the_session_the_stream_is_where_it_was(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        music = await app.plays()
        await app.call("override", speaker=True)
        await plays_on(stage, SPEAKER, music)
        await app.call("end")
        await plays_on(stage, HEADPHONES, music)


@pytest.mark.parametrize("again_first", [True, False], ids=["plugged again", "ended before"])
async def test_headphones_pulled_and_plugged_in_again_keep_no_stream(
    stage: Stage, again_first: bool
) -> None:
    await stage.rig.set_default_sink(SPEAKER)
    await stage.service.default_output(SPEAKER)
    async with player(stage) as app:
        await app.begin("PLAYBACK")
        music = await app.plays()
        await plays_on(stage, SPEAKER, music)
        await add_output(stage.rig, HEADPHONES, "headphone")
        await plays_on(stage, HEADPHONES, music)
        await stage.rig.remove_sink(HEADPHONES)
        await app.change("OLD_DEVICE_UNAVAILABLE")
        if again_first:
            await add_output(stage.rig, HEADPHONES, "headphone")
            await plays_on(stage, HEADPHONES, music)
            await app.comes_to(HEADPHONES)
            await app.call("end")
        else:
            await app.call("end")
            await add_output(stage.rig, HEADPHONES, "headphone")
            # A stream that begins later shows that all of that has been done.
            await app.plays()
        await plays_on(stage, SPEAKER, music)


async def test_kill_9_of_the_app_gives_the_stream_back(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        music = await app.plays()
        await app.call("override", speaker=True)
        await heard_on(stage, SPEAKER, music)
        app.kill()
        await heard_on(stage, HEADPHONES, music)


async def test_what_kill_9_of_the_service_left_moved_is_told(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        music = await app.plays()
        await app.call("override", speaker=True)
        await heard_on(stage, SPEAKER, music)
        left = left_behind()
        assert (left.volumes, left.players) == (0, 0)
        assert left.streams >= 1
        stage.service.kill()
        assert left_behind() == left
        await stage.service.start()
        app.kill()
        await heard_on(stage, HEADPHONES, music)


async def test_kill_9_of_the_service_and_the_session_goes_on(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    await stage.service.install()
    async with player(stage, start=True) as app:
        await app.begin("PLAY_AND_RECORD")
        music = await app.plays_itself()
        await app.call("override", speaker=True)
        await heard_on(stage, SPEAKER, music)
        stage.service.kill()
        await stage.service.found()
        await stage.service.until(
            "the session in force again",
            lambda status: any(each["standing"] == "active" for each in status["sessions"]),
        )
        assert await app.outputs() == [SPEAKER]
        assert await app.call("read", name="is_active")
        await heard_on(stage, SPEAKER, music)
        await app.call("override", speaker=False)
        assert await app.outputs() == [HEADPHONES]
        await heard_on(stage, HEADPHONES, music)


async def test_kill_9_of_both_and_the_next_service_gives_the_stream_back(stage: Stage) -> None:
    await the_user_chose_headphones(stage)
    async with player(stage) as app:
        await app.begin("PLAY_AND_RECORD")
        music = await app.plays()
        await app.call("override", speaker=True)
        await heard_on(stage, SPEAKER, music)
        stage.service.kill(app)
        await stage.service.start()
        await heard_on(stage, HEADPHONES, music)


async def test_the_sound_server_is_the_media_services(stage: Stage) -> None:
    async with player(stage) as app:
        await app.begin("PLAYBACK")
        # It would not outlive the server.
        await stage.recorder()
        stage.end_recording()
        stage.rig.kill_server()
        await app.is_told("MediaServicesWereLost")
        assert not await app.call("read", name="is_active")
        await stage.rig.restart_server()
        await app.is_told("MediaServicesWereReset")
        # The one API hears of it too, and AVAudioSession not twice.
        await app.until("the end", lambda: len(app.heard("interruption")) == 2)
        assert [each["begin"] for each in app.heard("interruption")] == [True, False]
        assert "Interruption" not in app.told()
        await app.begin("PLAYBACK")
        await app.comes_to(MAIN)


async def test_the_c_api_has_the_same_routes(stage: Stage) -> None:
    async with player(stage, program=C_APP) as app:
        # Before anything is asked for.
        assert await app.call("route")
        await app.call("begin")
        first = await app.call("route")
        assert first == "Virtual"
        await add_output(stage.rig, HEADPHONES, "headphone")
        came, override = (
            kAudioSessionRouteChangeReason_NewDeviceAvailable,
            kAudioSessionRouteChangeReason_Override,
        )

        async def told(reason: int, old: str) -> None:
            said = {"event": "route change", "reason": reason, "old": old}
            await app.until("the route change", lambda: app.heard("route change")[-1:] == [said])

        await told(came, first)
        assert await app.call("route") == "HeadphonesAndMicrophone"
        await app.call("override", speaker=True)
        assert await app.call("route") == "SpeakerAndMicrophone"
        await told(override, "HeadphonesAndMicrophone")
        await app.call("override", speaker=False)
        assert await app.call("route") == "HeadphonesAndMicrophone"
        await told(override, "SpeakerAndMicrophone")


async def the_user_chose_headphones(stage: Stage) -> None:
    """Headphones are there, and new streams go to them."""
    await add_output(stage.rig, HEADPHONES, "headphone")
    await stage.rig.set_default_sink(HEADPHONES)
    await stage.service.default_output(HEADPHONES)
