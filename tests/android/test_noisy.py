"""Sound that becomes noisy: android 71 to 73, by the model and on the simulated device."""

from __future__ import annotations

import pytest

from audiosession import recipe
from audiosession.android import AndroidAudioDeviceType as Type
from audiosession.android import Intent
from audiosession.android.models.noisy import NOISY_TYPES, becomes_noisy, hold_s
from audiosession.android.tables import figure
from audiosession.testing import Heard
from tests.android.routing_kit import HEADSET_PLUG, NOISY, Ears, manager, phone, talk

WORDS = {
    "wired headset": {Type.WIRED_HEADSET},
    "wired headphones": {Type.WIRED_HEADPHONES},
    "HDMI": {Type.HDMI},
    "analog dock": {Type.DOCK_ANALOG},
    "line": {Type.LINE_ANALOG},
    "hearing aid": {Type.HEARING_AID},
    "BLE": {Type.BLE_HEADSET, Type.BLE_SPEAKER, Type.BLE_BROADCAST, Type.BLE_HEARING_AID},
    "A2DP": {Type.BLUETOOTH_A2DP},
    "USB": {Type.USB_DEVICE, Type.USB_ACCESSORY, Type.USB_HEADSET},
}
SPEAKER = (Type.BUILTIN_SPEAKER,)


def test_android_071_the_types_are_those_of_the_platform() -> None:
    assert set(WORDS) == set(figure("becoming_noisy_types"))
    assert set().union(*WORDS.values()) == NOISY_TYPES


@pytest.mark.parametrize("type", sorted(Type))
def test_android_071_an_output_is_noisy_by_its_type(type: Type) -> None:
    noisy = becomes_noisy([type], SPEAKER, in_use=True, sounding=True)
    assert noisy is (type in NOISY_TYPES)


@pytest.mark.parametrize(
    ("fields", "noisy"),
    [
        ({}, True),
        ({"in_use": False}, False),
        ({"in_use": False, "communication": True}, True),
        ({"sounding": False}, False),
        ({"media_policy": True}, False),
        ({"remote_submix": True}, False),
    ],
)
def test_android_071_every_condition_counts(fields: dict[str, bool], noisy: bool) -> None:
    given = {"in_use": True, "sounding": True} | fields
    assert becomes_noisy([Type.WIRED_HEADPHONES], SPEAKER, **given) is noisy


def test_android_071_not_while_another_such_output_is_left() -> None:
    for left in NOISY_TYPES:
        assert not becomes_noisy([Type.HDMI], [*SPEAKER, left], in_use=True, sounding=True)


async def test_android_071_all_apps_are_told_once() -> None:
    device = phone()
    device.plug("wired headphones")
    device.app("music").player().play()
    ears = [Ears(), Ears()]
    for name, each in zip(("music", "other"), ears, strict=True):
        await manager(device, name).register_receiver(each, NOISY)
    device.unplug("wired headphones")
    device.advance(5.0)
    assert [each.heard for each in ears] == [["noisy"], ["noisy"]]


async def test_android_071_silence_is_not_noisy() -> None:
    device, ears = phone(), Ears()
    await manager(device).register_receiver(ears, NOISY)
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert ears.heard == []
    # Focus counts as much as sound does.
    device.plug("wired headphones")
    await device.app("music").session.configure(recipe("music"))
    assert await device.app("music").session.set_active(True)
    device.unplug("wired headphones")
    assert ears.heard == ["noisy"]


async def test_android_071_an_output_that_nobody_heard_is_not_noisy_but_in_a_call() -> None:
    device, ears = phone(), Ears()
    voip = manager(device)
    await voip.register_receiver(ears, NOISY)
    device.app("music").player().play()
    device.plug("line out")
    device.plug("airplay speaker")
    device.unplug("line out")
    assert ears.heard == []
    device.plug("line out")
    device.unplug("airplay speaker")
    device.plug("airplay speaker")
    await voip.set_mode(voip.MODE_IN_COMMUNICATION)
    device.unplug("line out")
    assert ears.heard == ["noisy"]


async def test_android_072_the_device_stays_for_a_second_so_that_apps_can_pause() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    device.plug("wired headset")
    device.app("music").player().play()
    await audio.register_receiver(ears, NOISY)
    await audio.register_audio_device_callback(ears)
    ears.take()
    device.unplug("wired headset")
    assert ears.take() == ["noisy"]
    assert hold_s() == 1.0 == figure("becoming_noisy_delay_ms") / 1000
    device.advance(0.999)
    assert len(await audio.get_devices(audio.GET_DEVICES_ALL)) == 5
    assert await audio.is_wired_headset_on()
    assert ears.take() == []
    device.advance(0.001)
    assert ears.take() == ["removed Headset, Headset (in)"]
    assert len(await audio.get_devices(audio.GET_DEVICES_ALL)) == 3
    assert not await audio.is_wired_headset_on()


async def test_android_072_what_is_not_noisy_goes_at_once() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    device.plug("wired headset")
    await audio.register_audio_device_callback(ears)
    ears.take()
    device.unplug("wired headset")
    assert ears.take() == ["removed Headset, Headset (in)"]


async def test_android_072_plugged_in_again_meanwhile_it_is_another_device() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    device.plug("wired headphones")
    device.app("music").player().play()
    await audio.register_audio_device_callback(ears)
    ears.take()
    device.unplug("wired headphones")
    device.plug("wired headphones")
    assert ears.take() == ["removed Headphones", "added Headphones"]
    device.advance(2.0)
    assert ears.take() == []


async def test_android_072_another_user_is_noisy_as_well() -> None:
    device, ears = phone(), Ears()
    await manager(device).register_receiver(ears, NOISY)
    device.android.routing.switch_user()
    assert ears.heard == []
    device.app("music").player().play()
    device.android.routing.switch_user()
    assert ears.heard == ["noisy"]


async def test_android_073_the_one_api_tells_of_it_while_the_session_is_active() -> None:
    device = phone()
    music, idle = device.app("music"), device.app("idle")
    heard = [Heard(app.session) for app in (music, idle)]
    for app in (music, idle):
        await app.session.configure(recipe("music"))
    assert await music.session.set_active(True)
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert [each.noisy for each in heard] == [1, 0]


async def test_whether_a_headset_is_plugged_in_is_kept() -> None:
    device = phone()
    audio = manager(device)
    got: list[tuple[object, object, object, bool]] = []

    def receive(intent: Intent) -> None:
        extras = intent.extras
        got.append((extras["state"], extras["name"], extras["microphone"], intent.sticky))

    device.plug("wired headset")
    await audio.register_receiver(receive, HEADSET_PLUG)
    device.unplug("wired headset")
    device.plug("wired headphones")
    assert got == [
        (1, "Headset", 1, True),
        (0, "Headset", 1, False),
        (1, "Headphones", 0, False),
    ]


async def test_a_call_hears_it_too() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.register_receiver(ears, NOISY)
    device.plug("bluetooth speaker")
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    talk(device.app("voip"))
    await device.app("music").session.configure(recipe("music"))
    assert await device.app("music").session.set_active(True)
    device.unplug("bluetooth speaker")
    assert ears.heard == ["noisy"]
