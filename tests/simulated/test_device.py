"""The simulated device: its ports, switches, keys and media services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from audiosession import AudioDeviceType, Capability, recipe
from audiosession.core.routing import BECOMING_NOISY_KINDS
from audiosession.errors import (
    HostUnavailableError,
    HostUnavailableReason,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
    TimeBackwardsError,
    UnknownNameError,
    UnsupportedError,
)
from audiosession.hosts.simulated import PROFILES, Observer, SimulatedDevice
from audiosession.hosts.simulated import device as device_module
from audiosession.hosts.simulated.profiles import PLUGGABLE
from audiosession.policies import load_policy
from audiosession.testing import Heard

from .kit import start

PRIVATE = [
    what
    for what, ports in PLUGGABLE.items()
    if any(kind in BECOMING_NOISY_KINDS and gives for _, kind, _, gives in ports)
]
"""What keeps the sound of music private."""


class Notes(Observer):
    """Keeps what happens in words."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        self.lines.append(f"{'system ' if system else ''}{app}")

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        self.lines.append(f"{app} {layer} {from_db:.1f} to {to_db:.1f}")

    def happened(self, at: float, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


# -- making --------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_has_an_output_an_input_and_every_common_capability(profile: str) -> None:
    device = SimulatedDevice(profile)
    assert device.route().output
    kinds = {(one.is_input, one.is_output) for one in device.audio_devices()}
    assert {(True, False), (False, True)} <= kinds
    assert {Capability.DEVICES, Capability.QUIET} <= device.app("app").host.capabilities
    assert device.volume == 1.0


def test_a_policy_may_be_given_by_name_or_as_such() -> None:
    assert SimulatedDevice(policy="android").arbiter.policy.name == "android"
    assert SimulatedDevice(policy=load_policy("web")).arbiter.policy.name == "web"


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"profile": "fridge"}, UnknownNameError, "profile"),
        ({"profile": ["phone"]}, InvalidTypeError, "profile"),
        ({"policy": "none"}, UnknownNameError, "policy"),
        ({"policy": None}, InvalidTypeError, "policy"),
        ({"clock": 0.0}, InvalidTypeError, "clock"),
    ],
)
def test_a_device_that_cannot_be_made_says_why(
    arguments: dict[str, Any], error: type[IllegalRequestError], field: str
) -> None:
    with pytest.raises(error) as caught:
        SimulatedDevice(**arguments)
    assert caught.value.field == field


class Dawdler(Observer):
    """Takes its time to look, as a busy machine does to go on."""

    def applied(self, at: float, app: str, effect: object) -> None:
        time.sleep(0.03)


async def test_in_real_time_fades_end_by_themselves() -> None:
    device = SimulatedDevice.in_real_time()
    device.observe(Dawdler())
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt", playing=False)
    async with asyncio.timeout(10):
        assert await prompt.session.quiet(5.0) is True
    assert music.player().level_db == pytest.approx(-14.0)


def test_time_is_moved_through_the_device(device: SimulatedDevice) -> None:
    device.advance(1.5)
    assert device.now == 1.5
    with pytest.raises(TimeBackwardsError):
        device.advance(-1.0)


# -- ports ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", PLUGGABLE)
async def test_whatever_is_plugged_in_is_listed_told_and_gone_again(
    device: SimulatedDevice, what: str
) -> None:
    app = device.app("app")
    before = await app.session.get_devices()
    heard = Heard(app.session)

    device.plug(what)
    added = await app.session.get_devices() - before
    assert sorted((one.type.value, one.is_input, one.is_output) for one in added) == sorted(
        (kind, is_input, is_output) for _, kind, is_input, is_output in PLUGGABLE[what]
    )
    assert heard.devices_changed[0].devices_added == added
    assert heard.devices_changed[0].devices_removed == frozenset()

    device.unplug(what)
    assert await app.session.get_devices() == before
    assert heard.devices_changed[1].devices_removed == added
    assert len(heard.devices_changed) == 2


@pytest.mark.parametrize("what", PRIVATE)
async def test_pulling_what_sounds_makes_the_output_noisy_once(
    device: SimulatedDevice, what: str
) -> None:
    music = await start(device, "music")
    device.plug(what)
    assert device.route().output == what
    heard = Heard(music.session)
    device.unplug(what)
    assert heard.words == ["becoming noisy", "devices changed"]
    assert device.route().output == "speaker"


async def test_hands_free_serves_calls_only(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    device.plug("bluetooth hands-free")
    assert device.route().output == "speaker"
    heard = Heard(music.session)
    device.unplug("bluetooth hands-free")
    assert heard.noisy == 0
    device.plug("bluetooth headset")
    await start(device, "talk", "voice_call")
    assert device.route().output == "bluetooth headset 2"
    assert device.route().input == "bluetooth headset 2"


async def test_nobody_hears_noise_while_another_private_output_is_left(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "music")
    device.plug("bluetooth speaker")
    device.plug("wired headphones")
    heard = Heard(music.session)
    device.unplug("bluetooth speaker")
    assert heard.noisy == 0
    assert device.route().output == "wired headphones"
    device.plug("bluetooth speaker")
    device.unplug("bluetooth speaker")
    assert heard.noisy == 0
    device.unplug("wired headphones")
    assert heard.noisy == 1


async def test_an_app_without_the_audio_hears_no_noise(device: SimulatedDevice) -> None:
    await start(device, "music")
    idle = device.app("idle")
    await idle.session
    device.plug("wired headphones")
    heard = Heard(idle.session)
    device.unplug("wired headphones")
    assert heard.words == ["devices changed"]


async def test_what_sounds_beside_a_recording_hears_noise_all_the_same(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "game", "game")
    recorder = await start(device, "recorder", "recording", playing=False)
    device.plug("wired headphones")
    heard, not_sounding = Heard(music.session), Heard(recorder.session)
    device.unplug("wired headphones")
    assert heard.noisy == 1
    assert not_sounding.noisy == 0


async def test_music_paused_by_a_call_hears_that_the_headset_went(
    device: SimulatedDevice,
) -> None:
    device.plug("bluetooth headset")
    music = await start(device, "music")
    device.incoming_call().accept()
    heard = Heard(music.session)
    device.unplug("bluetooth headset")
    assert heard.noisy == 1


async def test_a_call_by_app_uses_the_earpiece_where_nothing_is_plugged_in(
    device: SimulatedDevice,
) -> None:
    await start(device, "talk", "voice_call")
    assert (device.route().output, device.route().input) == ("earpiece", "microphone")
    device.plug("wired headset")
    assert (device.route().output, device.route().input) == ("wired headset", "wired headset")


@pytest.mark.parametrize(
    ("action", "error", "field"),
    [
        (lambda device: device.plug("gramophone"), UnknownNameError, "device"),
        (lambda device: device.plug(None), InvalidTypeError, "what"),
        (lambda device: device.plug("hdmi"), IllegalRequestError, "what"),
        (lambda device: device.unplug("wired headset"), UnknownNameError, "connected device"),
        (lambda device: device.unplug("speaker"), UnknownNameError, "connected device"),
        (lambda device: device.unplug(1), InvalidTypeError, "what"),
    ],
)
def test_what_cannot_be_plugged_or_pulled_is_refused(
    device: SimulatedDevice,
    action: Callable[[SimulatedDevice], None],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    device.plug("hdmi")
    before = device.audio_devices()
    with pytest.raises(error) as caught:
        action(device)
    assert caught.value.field == field
    assert device.audio_devices() == before


def test_the_error_for_what_is_not_connected_says_what_is(device: SimulatedDevice) -> None:
    device.plug("hdmi")
    with pytest.raises(UnknownNameError) as caught:
        device.unplug("usb audio")
    assert caught.value.known == ("hdmi",)


def test_devices_have_their_types(device: SimulatedDevice) -> None:
    assert {one.type for one in device.audio_devices()} == {
        AudioDeviceType.BUILT_IN_SPEAKER,
        AudioDeviceType.BUILT_IN_EARPIECE,
        AudioDeviceType.BUILT_IN_MIC,
    }


# -- switches and keys ---------------------------------------------------------------------------


async def test_the_silent_switch_silences_who_minds_it(device: SimulatedDevice) -> None:
    game = await start(device, "game", "game")
    music = await start(device, "music")
    device.set_silent_switch(True)
    assert device.silent_switch
    assert game.player().level == 0.0
    assert music.player().level == 1.0
    device.set_silent_switch(False)
    assert game.player().level == 1.0


async def test_the_locked_screen_silences_who_minds_it(device: SimulatedDevice) -> None:
    game = await start(device, "game", "game")
    music = await start(device, "music")
    device.lock_screen()
    assert device.locked
    assert (game.player().level, music.player().level) == (0.0, 1.0)
    device.unlock_screen()
    assert not device.locked
    assert game.player().level == 1.0


async def test_the_switch_counts_for_what_an_app_is_configured_to_be_now(
    device: SimulatedDevice,
) -> None:
    app = await start(device, "app", "game")
    device.set_silent_switch(True)
    assert app.player().level == 0.0
    await app.session.configure(recipe("music"))
    assert app.player().level == 1.0


async def test_volume_keys_move_a_step_and_stop_at_the_ends() -> None:
    device = SimulatedDevice("smart speaker")
    music = await start(device, "music")
    device.press_volume(False)
    assert device.volume == 0.9
    assert music.player().level == pytest.approx(0.9)
    device.press_volume(True)
    device.press_volume(True)
    assert device.volume == 1.0
    for _ in range(12):
        device.press_volume(False)
    assert device.volume == 0.0
    assert music.player().level == 0.0
    assert music.player().level_db == -120.0


async def test_the_volume_snaps_to_a_step_and_multiplies_with_holds(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "music")
    device.set_volume(0.51)
    assert device.volume == 0.5
    await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    assert music.player().level_db == pytest.approx(-14.0 - 6.02, abs=0.01)
    assert music.gain_db == -14.0


async def test_an_app_that_comes_later_sounds_at_the_devices_volume(
    device: SimulatedDevice,
) -> None:
    device.set_volume(0.5)
    music = await start(device, "music")
    assert music.player().level == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("action", "error", "field"),
    [
        (lambda device: device.set_volume("loud"), InvalidTypeError, "volume"),
        (lambda device: device.set_volume(True), InvalidTypeError, "volume"),
        (lambda device: device.set_volume(1.1), InvalidValueError, "volume"),
        (lambda device: device.set_volume(float("nan")), InvalidValueError, "volume"),
        (lambda device: device.press_volume("down"), InvalidTypeError, "up"),
        (lambda device: device.set_silent_switch(1), InvalidTypeError, "silent"),
    ],
)
def test_bad_settings_are_refused(
    device: SimulatedDevice,
    action: Callable[[SimulatedDevice], None],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    with pytest.raises(error) as caught:
        action(device)
    assert caught.value.field == field
    assert (device.volume, device.silent_switch) == (1.0, False)


@pytest.mark.parametrize(
    ("profile", "action", "missing"),
    [
        ("smart speaker", lambda device: device.incoming_call(), Capability.TELEPHONY),
        ("tablet", lambda device: device.set_silent_switch(True), Capability.RING_SWITCH),
        ("car", lambda device: device.lock_screen(), Capability.SCREEN_LOCK),
        ("car", lambda device: device.unlock_screen(), Capability.SCREEN_LOCK),
    ],
)
def test_what_a_profile_lacks_names_the_capability(
    profile: str, action: Callable[[SimulatedDevice], None], missing: Capability
) -> None:
    device = SimulatedDevice(profile)
    assert missing not in device.app("app").host.capabilities
    with pytest.raises(UnsupportedError) as caught:
        action(device)
    assert caught.value.capability == missing.value
    assert profile in caught.value.host


# -- media services ------------------------------------------------------------------------------


async def test_lost_media_services_take_everything_and_refuse_until_the_reset(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "music")
    heard = Heard(music.session)
    device.lose_media_services()
    device.lose_media_services()
    assert not device.media_services_running
    assert heard.words == ["begin unknown"]
    assert heard.interruptions[0].reason.value == "system"
    assert not music.player().playing
    assert not music.session.is_active
    with pytest.raises(HostUnavailableError) as caught:
        await music.session.set_active(True)
    assert caught.value.reason is HostUnavailableReason.CONNECTION_LOST

    device.reset_media_services()
    device.reset_media_services()
    assert device.media_services_running
    assert music.standing == "inactive"
    assert await music.session.set_active(True)


async def test_lost_media_services_resume_nobody(device: SimulatedDevice) -> None:
    talk = device.app("talk")
    await talk.session.configure(recipe("voice_call"))
    music = await start(device, "music")
    music.session.handle_interruptions(music.player())
    await talk.session.set_active(True)
    assert not music.player().playing
    device.lose_media_services()
    assert not music.player().playing
    assert {talk.standing, music.standing} == {"inactive"}


# -- looking -------------------------------------------------------------------------------------


async def test_why_tells_who_holds_an_app_and_by_which_rule(device: SimulatedDevice) -> None:
    await start(device, "music")
    await start(device, "prompt", "navigation_prompt")
    why = device.why("music")
    assert why.standing == "ducked"
    assert [(hold.cause, hold.rule) for hold in why.holds] == [("prompt", "music-goes-lower")]
    assert why.history


def test_why_knows_no_strangers(device: SimulatedDevice) -> None:
    device.app("idle")
    with pytest.raises(UnknownNameError) as caught:
        device.why("stranger")
    assert caught.value.field == "app"
    with pytest.raises(UnknownNameError):
        device.why("idle")


async def test_an_observer_that_comes_late_is_told_who_is_there(device: SimulatedDevice) -> None:
    device.app("music")
    device.alarm()
    device.set_volume(0.5)
    early, late = Notes(), Notes()
    device.observe(early)
    end = device.observe(late)
    assert late.lines == [
        "music",
        "music device 0.0 to -6.0",
        "system clock",
        "clock device 0.0 to -6.0",
    ]
    end()
    end()
    device.app("radio")
    assert len(late.lines) == 4
    assert early.lines[4:] == ["radio", "radio device 0.0 to -6.0"]


# -- apps ----------------------------------------------------------------------------------------


def test_an_app_is_given_again_by_its_id(device: SimulatedDevice) -> None:
    music = device.app("music", "Music")
    assert device.app("music") is music
    assert music.name == "Music"
    assert device.apps == (music,)


@pytest.mark.parametrize(
    ("id", "error"),
    [
        ("", InvalidValueError),
        ("a/b", InvalidValueError),
        ("a#2", InvalidValueError),
        ("x" * 129, InvalidValueError),
        (7, InvalidTypeError),
        ("phone", IllegalRequestError),
        ("clock", IllegalRequestError),
        ("assistant", IllegalRequestError),
    ],
)
def test_an_id_that_cannot_be_is_refused(
    device: SimulatedDevice, id: Any, error: type[IllegalRequestError]
) -> None:
    with pytest.raises(error) as caught:
        device.app(id)
    assert caught.value.field == "id"
    assert device.apps == ()


def test_apps_are_limited(device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "MAX_APPS", 2)
    device.app("one")
    device.app("two")
    with pytest.raises(LimitError, match="too many apps"):
        device.app("three")
    assert device.app("one") in device.apps
