"""Where sessions sound by the words they were configured with, and whom they meet there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession import (
    AudioSessionConfiguration,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
)
from audiosession.core.routing import RoutePorts, RouteRequest
from audiosession.core.translate.apple import LONG_FORM_ROUTE, SYSTEM_ROUTE
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from audiosession.policies import load_policy
from audiosession.testing import Heard

from .kit import start

Category = AVAudioSessionCategory
Options = AVAudioSessionCategoryOptions
LONG_FORM = AVAudioSessionRouteSharingPolicy.LONG_FORM_AUDIO
AIR = "airplay speaker"


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice(policy="apple")


def words(
    category: AVAudioSessionCategory,
    options: AVAudioSessionCategoryOptions = Options.NONE,
    **more: object,
) -> AudioSessionConfiguration:
    plain = AudioSessionConfiguration(
        av_audio_session_category=category, av_audio_session_category_options=options
    )
    return replace(plain, **{f"av_audio_session_{name}": value for name, value in more.items()})  # type: ignore[arg-type]


async def sounding(
    device: SimulatedDevice, id: str, configuration: AudioSessionConfiguration
) -> SimulatedApp:
    app = device.app(id)
    await app.session.configure(configuration)
    assert await app.session.set_active(True)
    app.player().play()
    return app


async def podcast(device: SimulatedDevice) -> SimulatedApp:
    return await sounding(
        device, "podcast", words(Category.PLAYBACK, route_sharing_policy=LONG_FORM)
    )


def told(heard: Heard) -> list[str]:
    """What the app heard, but for the coming and going of devices."""
    return [word for word in heard.words if word != "devices changed"]


def scope(device: SimulatedDevice, session: str) -> str:
    claim = device.arbiter.view(session).claim
    assert claim is not None
    return claim.scope


# -- 83, 94: Apple's words choose the ports ------------------------------------------------------

JOINED = Category.PLAY_AND_RECORD
EAR = RoutePorts(inputs=("microphone",), outputs=("earpiece",))
ALOUD = RoutePorts(inputs=("microphone",), outputs=("speaker",))
BUDS = RoutePorts(inputs=("microphone",), outputs=("bluetooth headset",))
CALLS = RoutePorts(inputs=("bluetooth headset 2",), outputs=("bluetooth headset 2",))


@pytest.mark.parametrize(
    ("configuration", "route"),
    [
        (words(JOINED), EAR),
        (words(JOINED, Options.DEFAULT_TO_SPEAKER), ALOUD),
        (words(JOINED, mode=AVAudioSessionMode.VIDEO_CHAT), CALLS),
        (words(JOINED, Options.ALLOW_BLUETOOTH_A2DP), BUDS),
        (words(JOINED, Options.ALLOW_BLUETOOTH_HFP), CALLS),
        (words(Category.RECORD), RoutePorts(inputs=("microphone",))),
        (words(Category.PLAYBACK), RoutePorts(outputs=("bluetooth headset",))),
    ],
)
async def test_83_94_the_one_api_chooses_ports_by_apple_s_words(
    device: SimulatedDevice, configuration: AudioSessionConfiguration, route: RoutePorts
) -> None:
    device.plug("bluetooth headset")
    await sounding(device, "app", configuration)
    assert device.plugs.route("app") == route


async def test_83_the_ports_follow_a_change_of_the_words(device: SimulatedDevice) -> None:
    app = await sounding(device, "app", words(JOINED))
    await app.session.configure(words(JOINED, Options.DEFAULT_TO_SPEAKER))
    assert device.plugs.route("app") == ALOUD
    await app.session.configure(AudioSessionConfiguration())
    assert device.plugs.route("app") == RoutePorts(outputs=("speaker",))


async def test_without_apple_s_words_the_claim_chooses(device: SimulatedDevice) -> None:
    other = SimulatedDevice()
    await sounding(other, "app", words(JOINED, Options.DEFAULT_TO_SPEAKER))
    assert other.plugs.route("app") == EAR, "another policy"
    assert scope(other, "app") == ""

    device.plug("bluetooth headset")
    await start(device, "app", "voice_call")
    device.set_route_request("app", RouteRequest(plays=False, records=True))
    assert device.plugs.route("app") == RoutePorts(inputs=("microphone",)), "a surface"


def test_only_apple_s_policy_has_apple_s_routes() -> None:
    for name in ("default", "android", "android-car", "web"):
        assert not load_policy(name).settings.apple_routes
    assert load_policy("apple").settings.apple_routes


# -- 102: long-form sound apart from the system's ------------------------------------------------


async def test_102_a_call_does_not_interrupt_what_sounds_apart(device: SimulatedDevice) -> None:
    device.plug(AIR)
    device.plugs.share_output(AIR)
    app = await podcast(device)
    heard = Heard(app.session)
    call = device.incoming_call()
    call.accept()
    device.alarm().dismiss()
    device.assistant().end()
    assert app.standing == "active"
    assert app.player().playing
    assert told(heard) == []
    assert scope(device, "podcast") == LONG_FORM_ROUTE
    assert scope(device, "phone/1") == SYSTEM_ROUTE


async def test_102_where_there_is_one_route_a_call_interrupts(device: SimulatedDevice) -> None:
    device.plug("wired headphones")
    device.plugs.share_output("wired headphones")
    app = await podcast(device)
    device.incoming_call()
    assert app.standing == "interrupted"


@pytest.mark.parametrize("back", ["the user chooses", "unplugged"])
async def test_102_back_on_the_system_s_route_during_a_call_it_is_interrupted(
    device: SimulatedDevice, back: str
) -> None:
    device.plug(AIR)
    device.plugs.share_output(AIR)
    app = await podcast(device)
    heard = Heard(app.session)
    call = device.incoming_call()
    call.accept()
    if back == "unplugged":
        device.unplug(AIR)
    else:
        device.plug("wired headphones")
        assert app.standing == "active"
        device.plugs.share_output("wired headphones")
    assert app.standing == "interrupted"
    assert told(heard) == ["begin unknown"]
    assert not app.session.is_active
    call.end()
    assert told(heard) == ["begin unknown", "end pause"]
    assert heard.interruptions[1].should_resume


async def test_102_moved_away_during_a_call_it_may_start_again(device: SimulatedDevice) -> None:
    """The interruption stays one until the call ends or the app activates its session."""
    app = await podcast(device)
    heard = Heard(app.session)
    call = device.incoming_call()
    call.accept()
    device.plug(AIR)
    device.plugs.share_output(AIR)
    device.plug("wired headphones")
    assert app.standing == "interrupted"
    assert told(heard) == ["begin unknown"]
    assert await app.session.set_active(True)
    assert app.standing == "active"
    heard.clear()
    call.end()
    assert told(heard) == []


async def test_102_the_system_s_route_may_be_the_one_that_moves(device: SimulatedDevice) -> None:
    device.plug("bluetooth speaker")
    device.plugs.share_output("bluetooth speaker")
    app = await podcast(device)
    game = await sounding(device, "game", words(Category.PLAYBACK))
    assert app.standing == "interrupted", "both sound on the last one in"
    device.plug("wired headphones")
    assert await app.session.set_active(True)
    assert (app.standing, game.standing) == ("active", "active")
    device.unplug("wired headphones")
    assert (app.standing, game.standing) == ("active", "interrupted")


async def test_102_the_change_of_the_words_moves_it_too(device: SimulatedDevice) -> None:
    device.plug(AIR)
    device.plugs.share_output(AIR)
    app = await podcast(device)
    device.incoming_call().accept()
    await app.session.configure(words(Category.PLAYBACK))
    assert app.standing == "interrupted"
    assert await app.session.set_active(True), "playback may begin during a call, apple 25"
    assert scope(device, "podcast") == SYSTEM_ROUTE
    await app.session.configure(words(Category.PLAYBACK, route_sharing_policy=LONG_FORM))
    assert scope(device, "podcast") == LONG_FORM_ROUTE


async def test_102_a_surface_that_asks_for_it_moves_too(device: SimulatedDevice) -> None:
    device.plug(AIR)
    device.plugs.share_output(AIR)
    await sounding(device, "app", words(Category.PLAYBACK))
    device.set_route_request("app", RouteRequest(long_form=True))
    assert scope(device, "app") == LONG_FORM_ROUTE
    device.incoming_call()
    assert device.app("app").standing == "active"
    device.set_route_request("app", None)
    assert scope(device, "app") == SYSTEM_ROUTE
    assert device.app("app").standing == "interrupted"


# -- 120, 121: the media services ----------------------------------------------------------------


@pytest.mark.parametrize("policy", ["apple", "default"])
async def test_121_the_reset_ends_what_the_loss_began(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    music = await start(device, "music")
    idle = Heard(device.app("idle").session)
    await device.app("idle").session.configure(words(Category.PLAYBACK))
    heard = Heard(music.session)
    device.lose_media_services()
    assert told(heard) == ["begin unknown"]
    device.reset_media_services()
    assert told(heard) == ["begin unknown", "end unknown"]
    assert not heard.interruptions[1].should_resume
    assert heard.interruptions[1].reason.value == "system"
    assert not music.session.is_active
    assert not music.player().playing
    assert idle.words == []
    assert await music.session.set_active(True)
    device.lose_media_services()
    device.reset_media_services()
    assert told(heard) == ["begin unknown", "end unknown"] * 2


async def test_121_whoever_is_gone_hears_nothing_of_the_reset(device: SimulatedDevice) -> None:
    mixing = words(Category.AMBIENT)
    closed, killed = [await sounding(device, id, mixing) for id in ("closed", "killed")]
    heard = [Heard(app.session) for app in (closed, killed)]
    device.lose_media_services()
    await closed.session.close()
    killed.kill()
    device.reset_media_services()
    assert [one.words for one in heard] == [["begin unknown"], ["begin unknown"]]
