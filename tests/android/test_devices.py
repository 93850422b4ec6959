"""Devices and microphones by AudioManager on the simulated device."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession.android import (
    AndroidGetAudioDevicesFlags,
    AudioDeviceInfo,
    AudioManager,
    IllegalArgumentException,
    Intent,
    MicrophoneInfo,
    NullPointerException,
)
from audiosession.android import AndroidMicrophoneLocation as Location
from audiosession.android.device_constants import GROUP_UNKNOWN, POSITION_UNKNOWN
from audiosession.android.device_routes import AndroidRouteEvents
from audiosession.android.tables import figure
from audiosession.errors import (
    ClosedError,
    InvalidTypeError,
    MissingFieldError,
    UnsupportedError,
)
from audiosession.hosts.simulated.profiles import PLUGGABLE, PROFILES
from tests.android.facts_kit import rows, snake
from tests.android.routing_kit import NOISY, Ears, Type, manager, phone
from tests.api.fake_host import FakeHost

RECORD = Path(__file__).with_name("second_sources") / "nativescript-types-android.json"
ENCODED = {"getAudioDescriptors", "getAudioProfiles", "getSpeakerLayoutChannelMask"}
JAVA = {"equals", "hashCode", "toString"}
ALL, INPUTS, OUTPUTS = (
    AndroidGetAudioDevicesFlags.ALL,
    AndroidGetAudioDevicesFlags.INPUTS,
    AndroidGetAudioDevicesFlags.OUTPUTS,
)


async def types(audio: AudioManager, flags: int) -> list[Type]:
    return [device.type for device in await audio.get_devices(flags)]


# -- lists ---------------------------------------------------------------------------------------


async def test_devices_are_listed_by_direction() -> None:
    device = phone()
    audio = manager(device)
    assert await types(audio, OUTPUTS) == [Type.BUILTIN_SPEAKER, Type.BUILTIN_EARPIECE]
    assert await types(audio, INPUTS) == [Type.BUILTIN_MIC]
    assert await types(audio, 0) == []
    device.plug("wired headset")
    headset = [one for one in await audio.get_devices(ALL) if one.type is Type.WIRED_HEADSET]
    assert [(one.is_sink(), one.is_source()) for one in headset] == [(True, False), (False, True)]
    assert headset[0].id != headset[1].id
    # Bits that mean nothing are passed over.
    assert await types(audio, ALL | 0x40) == await types(audio, ALL)


@pytest.mark.parametrize("what", sorted(PLUGGABLE))
async def test_whatever_is_plugged_in_is_of_a_type_that_is_supported(what: str) -> None:
    device = phone()
    audio = manager(device)
    device.plug(what)
    for flags, allowed in ((INPUTS, "input"), (OUTPUTS, "output")):
        supported = await audio.get_supported_device_types(flags)
        assert set(await types(audio, flags)) <= supported
        assert supported <= {*figure(f"{allowed}_device_types")}


@pytest.mark.parametrize("profile", sorted(PROFILES))
async def test_every_device_has_a_number_of_its_own(profile: str) -> None:
    device = phone(profile)
    audio = manager(device)
    for what in PLUGGABLE:
        device.plug(what)
    devices = await audio.get_devices(ALL)
    assert 0 not in {one.id for one in devices}
    assert len({one.id for one in devices}) == len(devices)
    assert Type.UNKNOWN not in {one.type for one in devices}
    for one in devices:
        assert one.is_sink() is not one.is_source()
        assert one.channel_counts
        assert one.encodings
        assert all(8_000 <= rate <= 48_000 for rate in one.sample_rates)
        assert [mask.bit_count() for mask in one.channel_index_masks] == list(one.channel_counts)
        assert [mask.bit_count() for mask in one.channel_masks] == list(one.channel_counts)


async def test_a_device_that_comes_back_is_another_one() -> None:
    device = phone()
    audio = manager(device)
    numbers = []
    for _ in range(2):
        device.plug("usb speaker")
        numbers.append([one.id for one in await audio.get_devices(OUTPUTS)])
        device.unplug("usb speaker")
    assert numbers[0][:-1] == numbers[1][:-1]
    assert numbers[0][-1] != numbers[1][-1]


async def test_apps_see_the_same_devices() -> None:
    device = phone()
    first, second = manager(device, "first"), manager(device, "second")
    assert await first.get_devices(ALL) == await second.get_devices(ALL)


@pytest.mark.parametrize(
    ("what", "wired", "a2dp"),
    [
        ("wired headphones", True, False),
        ("wired headset", True, False),
        ("bluetooth headset", False, True),
        ("bluetooth hands-free", False, False),
        ("usb audio", False, False),
    ],
)
async def test_whether_headsets_are_there(what: str, wired: bool, a2dp: bool) -> None:
    device = phone()
    audio = manager(device)
    device.plug(what)
    assert await audio.is_wired_headset_on() is wired
    assert await audio.is_bluetooth_a2dp_on() is a2dp
    device.unplug(what)
    assert not await audio.is_wired_headset_on()
    assert not await audio.is_bluetooth_a2dp_on()


async def test_android_094_switching_a2dp_does_nothing() -> None:
    device = phone()
    audio = manager(device)
    device.plug("bluetooth speaker")
    await audio.set_bluetooth_a2dp_on(False)
    assert await audio.is_bluetooth_a2dp_on()


# -- values --------------------------------------------------------------------------------------


def test_devices_are_equal_when_their_ids_are() -> None:
    one = AudioDeviceInfo(id=1, type=Type.HDMI, product_name="a")
    same = AudioDeviceInfo(id=1, type=Type.BUS, product_name="b", sink=True)
    other = AudioDeviceInfo(id=2, type=Type.HDMI, product_name="a")
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    with pytest.raises(InvalidTypeError):
        AudioDeviceInfo(id="1", type=Type.HDMI, product_name="a")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (AudioDeviceInfo(id=1, type=Type.HDMI, product_name="a"), "AndroidAudioDeviceInfo"),
        (MicrophoneInfo(id=1, type=Type.BUILTIN_MIC, description="a"), "AndroidMicrophoneInfo"),
    ],
)
def test_the_plugins_form_has_its_keys_and_plain_values(value: Any, shape: str) -> None:
    form = value.to_json()
    assert list(form) == rows("plugin_json")[shape]["keys"]
    assert json.loads(json.dumps(form)) == form


@pytest.mark.parametrize(
    "value",
    [
        AudioDeviceInfo(id=1, type=Type.HDMI, product_name="a", sink=True, address="b"),
        MicrophoneInfo(id=1, type=Type.BUILTIN_MIC, description="a", max_spl=100.0),
    ],
)
def test_getters_are_those_of_the_declarations(value: Any) -> None:
    owner = type(value).__name__
    methods = json.loads(RECORD.read_text("utf-8"))["classes"][owner]["methods"]
    for name in set(methods) - ENCODED - JAVA:
        getter = snake(name)
        field = getter.removeprefix("get_").removeprefix("is_")
        assert getattr(value, getter)() == getattr(value, field)


# -- types that could be there -------------------------------------------------------------------


async def test_types_that_the_device_could_have() -> None:
    audio = manager(phone())
    inputs = await audio.get_supported_device_types(audio.GET_DEVICES_INPUTS)
    outputs = await audio.get_supported_device_types(audio.GET_DEVICES_OUTPUTS)
    assert {Type.BUILTIN_MIC, Type.WIRED_HEADSET, Type.BLUETOOTH_SCO} <= inputs
    assert {Type.BUILTIN_EARPIECE, Type.BLUETOOTH_A2DP, Type.HDMI} <= outputs
    assert Type.BUILTIN_MIC not in outputs
    assert Type.BUILTIN_EARPIECE not in await manager(phone("tablet")).get_supported_device_types(2)
    for wrong in (0, 3, 4, -1):
        with pytest.raises(IllegalArgumentException):
            await audio.get_supported_device_types(wrong)


# -- callbacks -----------------------------------------------------------------------------------


async def test_a_callback_hears_first_of_all_that_are_there() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.register_audio_device_callback(ears)
    assert ears.take() == ["added Speaker, Earpiece, Microphone (in)"]
    device.plug("wired headset")
    device.unplug("wired headset")
    assert ears.take() == ["added Headset, Headset (in)", "removed Headset, Headset (in)"]
    await audio.unregister_audio_device_callback(ears)
    await audio.unregister_audio_device_callback(ears)
    device.plug("wired headset")
    assert ears.take() == []


async def test_a_callback_is_there_once_and_none_is_nothing() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    for callback in (ears, ears, None):
        await audio.register_audio_device_callback(callback)
    await audio.unregister_audio_device_callback(None)
    ears.take()
    device.plug("hdmi")
    assert ears.take() == ["added HDMI"]


async def test_a_handler_decides_where_a_callback_is_called() -> None:
    device, ears = phone(), Ears()
    waiting: list[Callable[[], None]] = []
    await manager(device).register_audio_device_callback(ears, waiting.append)
    device.plug("hdmi")
    assert ears.take() == []
    for call in waiting:
        call()
    assert ears.take() == ["added Speaker, Earpiece, Microphone (in)", "added HDMI"]


async def test_a_callback_that_is_removed_by_another_hears_nothing_more() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)

    class Remover(Ears):
        def on_audio_devices_removed(self, removed_devices: tuple[AudioDeviceInfo, ...]) -> None:
            audio.unregister_audio_device_callback(ears).send(None)

    await audio.register_audio_device_callback(Remover())
    await audio.register_audio_device_callback(ears)
    device.plug("hdmi")
    ears.take()
    with pytest.raises(StopIteration):
        audio.unregister_audio_device_callback(None).send(None)
    device.unplug("hdmi")
    device.plug("hdmi")
    assert ears.take() == []


async def test_a_callback_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    device, ears = phone(), Ears()
    audio = manager(device)

    class Failing(Ears):
        def on_audio_devices_added(self, added_devices: tuple[AudioDeviceInfo, ...]) -> None:
            raise ZeroDivisionError

    await audio.register_audio_device_callback(Failing())
    await audio.register_audio_device_callback(ears)
    device.plug("hdmi")
    assert ears.take()[-1] == "added HDMI"
    assert caplog.text.count("an AudioDeviceCallback failed") == 2


async def test_after_closing_nobody_hears_anything() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.register_audio_device_callback(ears)
    await audio.register_receiver(ears, NOISY)
    ears.take()
    await audio.close()
    device.app("music").player().play()
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert ears.take() == []
    for call in (
        lambda: audio.get_devices(ALL),
        audio.get_microphones,
        audio.get_communication_device,
        audio.is_bluetooth_sco_on,
        lambda: audio.register_audio_device_callback(ears),
        lambda: audio.unregister_audio_device_callback(ears),
        lambda: audio.register_receiver(ears, NOISY),
        lambda: audio.set_bluetooth_a2dp_on(True),
    ):
        with pytest.raises(ClosedError):
            await call()


class SlowDevice:
    """A device whose answers come after what happens meanwhile."""

    def __init__(self) -> None:
        self.events: list[AndroidRouteEvents] = []
        self.hdmi = AudioDeviceInfo(id=1, type=Type.HDMI, product_name="HDMI", sink=True)

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        self.events.append(events)
        return self.events.clear

    async def audio_devices(self) -> tuple[AudioDeviceInfo, ...]:
        self.events[0].audio_devices_changed((self.hdmi,))
        return ()

    async def sticky_intent(self, action: str) -> Intent | None:
        self.events[0].sent(Intent(action=action, extras={"new": True}))
        return Intent(action=action, extras={"new": False}, sticky=True)


def slow_manager() -> AudioManager:
    """An AudioManager on such a device."""
    host = FakeHost()
    host.android_device = SlowDevice()  # type: ignore[attr-defined]
    return AudioManager(host)


async def test_what_comes_while_a_callback_is_registered_is_told_once_and_not_undone() -> None:
    ears = Ears()
    audio = slow_manager()
    await audio.register_audio_device_callback(ears)
    assert ears.take() == ["added HDMI"]
    await audio.close()


async def test_what_is_sent_while_a_receiver_is_registered_is_newer_than_what_was_kept() -> None:
    audio = slow_manager()
    got: list[object] = []
    await audio.register_receiver(lambda intent: got.append(intent.extras["new"]), NOISY)
    assert got == [True]
    await audio.close()


# -- receivers -----------------------------------------------------------------------------------


async def test_a_receiver_hears_what_it_asked_for_until_it_is_removed() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    await audio.register_receiver(ears, NOISY)
    device.app("music").player().play()
    device.plug("wired headphones")
    device.unplug("wired headphones")
    await audio.unregister_receiver(ears)
    device.plug("wired headphones")
    device.unplug("wired headphones")
    assert ears.take() == ["noisy"]
    with pytest.raises(IllegalArgumentException):
        await audio.unregister_receiver(ears)


async def test_a_receiver_with_a_handler_is_called_there() -> None:
    device, ears = phone(), Ears()
    waiting: list[Callable[[], None]] = []
    await manager(device).register_receiver(
        ears, AudioManager.ACTION_SCO_AUDIO_STATE_UPDATED, handler=waiting.append
    )
    assert ears.take() == []
    (call,) = waiting
    call()
    assert ears.take() == ["disconnected"]


async def test_bad_receivers_are_refused() -> None:
    audio = manager(phone())
    with pytest.raises(NullPointerException):
        await audio.register_receiver(None, NOISY)  # type: ignore[arg-type]
    with pytest.raises(MissingFieldError):
        await audio.register_receiver(print)
    for arguments in ((1, NOISY), (print, 1)):
        with pytest.raises(InvalidTypeError):
            await audio.register_receiver(*arguments)
    with pytest.raises(InvalidTypeError):
        await audio.register_receiver(print, NOISY, handler=1)  # type: ignore[arg-type]


def test_what_is_sent_cannot_be_changed() -> None:
    extras: dict[str, object] = {"state": 1}
    intent = Intent(action="x", extras=extras)
    extras["state"] = 2
    assert intent.extras["state"] == 1
    with pytest.raises(TypeError):
        intent.extras["state"] = 3  # type: ignore[index]


# -- microphones ---------------------------------------------------------------------------------


async def test_a_phones_microphones_are_one_group() -> None:
    device = phone()
    audio = manager(device)
    found = await audio.get_microphones()
    (input,) = await audio.get_devices(INPUTS)
    assert [one.description for one in found] == ["Bottom", "Front", "Back"]
    assert {(one.id, one.type, one.location, one.group) for one in found} == {
        (input.id, Type.BUILTIN_MIC, Location.MAINBODY, 0)
    }
    assert [one.index_in_the_group for one in found] == [0, 1, 2]
    for one in found:
        assert sum(part * part for part in one.orientation) == pytest.approx(1.0)
        assert one.min_spl < one.max_spl


async def test_a_connected_microphone_is_a_peripheral_of_which_little_is_known() -> None:
    device = phone("tablet")
    device.plug("usb microphone")
    last = (await manager(device).get_microphones())[-1]
    assert (last.description, last.type) == ("USB microphone", Type.USB_DEVICE)
    assert last.location is Location.PERIPHERAL
    assert last.group == GROUP_UNKNOWN
    assert last.position == POSITION_UNKNOWN


# -- bad input -----------------------------------------------------------------------------------


async def test_bad_arguments_are_refused_and_change_nothing() -> None:
    device, ears = phone(), Ears()
    audio = manager(device)
    for wrong in (None, "1", 1.0, True):
        with pytest.raises(InvalidTypeError):
            await audio.get_devices(wrong)  # type: ignore[arg-type]
        with pytest.raises(InvalidTypeError):
            await audio.get_supported_device_types(wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await audio.register_audio_device_callback(print)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await audio.register_audio_device_callback(ears, 1)  # type: ignore[arg-type]
    device.plug("hdmi")
    assert ears.heard == []


async def test_a_host_without_such_devices_says_so() -> None:
    audio = AudioManager(FakeHost())
    for call in (
        lambda: audio.get_devices(ALL),
        audio.get_microphones,
        audio.get_mode,
        lambda: audio.set_mode(0),
        audio.get_communication_device,
        audio.start_bluetooth_sco,
        lambda: audio.register_receiver(print, NOISY),
        lambda: audio.register_audio_device_callback(Ears()),
        lambda: audio.add_on_mode_changed_listener(lambda run: run(), print),
    ):
        with pytest.raises(UnsupportedError) as caught:
            await call()
        assert caught.value.host == "fake"
    await audio.close()


async def test_a_dead_app_is_refused() -> None:
    device = phone()
    audio = manager(device)
    await audio.set_mode(audio.MODE_IN_COMMUNICATION)
    await audio.set_speakerphone_on(True)
    device.app("voip").kill()
    for call in (
        lambda: audio.get_devices(ALL),
        lambda: audio.set_mode(3),
        lambda: audio.set_speakerphone_on(True),
        audio.start_bluetooth_sco,
    ):
        with pytest.raises(ClosedError):
            await call()
    await audio.close()
