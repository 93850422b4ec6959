"""Devices, microphones, modes, calls and broadcasts: AudioManager on a phone."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from audiosession.android import (
    AudioDeviceInfo,
    AudioManager,
    IllegalArgumentException,
    Intent,
)
from audiosession.android.device_constants import (
    AndroidAudioDeviceType,
    AndroidMicrophoneChannelMapping,
    AndroidMicrophoneDirectionality,
    AndroidMicrophoneLocation,
)
from audiosession.android.stream_constants import AndroidRingerMode
from audiosession.android.system_constants import (
    AndroidAudioHardwareMode,
    AndroidIntent,
    AndroidScoAudioState,
)
from audiosession.errors import UnsupportedError

from .manager_kit import Heard, boxed, managed
from .phone import LEVELS, Phone

Type = AndroidAudioDeviceType
FROM_31 = [level for level in LEVELS if level >= 31]
BEFORE_31 = [level for level in LEVELS if level < 31]


def now(call: Any) -> None:
    """An executor that calls at once."""
    call()


class Devices:
    def __init__(self) -> None:
        self.told: list[tuple[str, list[int]]] = []
        self.threads: set[int] = set()

    def on_audio_devices_added(self, added_devices: tuple[AudioDeviceInfo, ...]) -> None:
        self.told.append(("added", [device.id for device in added_devices]))
        self.threads.add(threading.get_ident())

    def on_audio_devices_removed(self, removed_devices: tuple[AudioDeviceInfo, ...]) -> None:
        self.told.append(("removed", [device.id for device in removed_devices]))
        self.threads.add(threading.get_ident())


# -- devices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
async def test_a_device_with_all_that_the_phone_says_of_it(level: int) -> None:
    async with managed(level) as app:
        phone = app.phone
        phone.plug(phone.device(9, Type.USB_DEVICE, "DAC", sink=True))
        phone.answer("AudioDeviceInfo.getAddress", "card=1;device=0")
        phone.answer("AudioDeviceInfo.getSampleRates", boxed(44100, 48000))
        phone.answer("AudioDeviceInfo.getChannelMasks", boxed(4, 12))
        phone.answer("AudioDeviceInfo.getChannelIndexMasks", boxed(3))
        phone.answer("AudioDeviceInfo.getChannelCounts", boxed(1, 2))
        phone.answer("AudioDeviceInfo.getEncodings", boxed(2, 4))
        if level >= 30:
            phone.answer("AudioDeviceInfo.getEncapsulationModes", boxed(0, 1))
            phone.answer("AudioDeviceInfo.getEncapsulationMetadataTypes", boxed(2))
        device = next(each for each in await app.manager.get_devices(2) if each.id == 9)
        assert (device.type, device.product_name) == (Type.USB_DEVICE, "DAC")
        assert (device.sink, device.source) == (True, False)
        assert device.address == ("card=1;device=0" if level >= 28 else "")
        assert device.sample_rates == (44100, 48000)
        assert device.channel_masks == (4, 12)
        assert device.channel_index_masks == (3,)
        assert device.channel_counts == (1, 2)
        assert device.encodings == (2, 4)
        assert device.encapsulation_modes == ((0, 1) if level >= 30 else ())
        assert device.encapsulation_metadata_types == ((2,) if level >= 30 else ())


async def test_a_type_that_came_later_is_unknown_and_built_in_ones_come_first() -> None:
    async with managed(33) as app:
        phone = app.phone
        phone.answer(
            "AudioManager.getDevices",
            [
                phone.device(9, 4711, "from the future", sink=True),
                phone.device(2, Type.BUILTIN_SPEAKER, "phone", sink=True),
                phone.device(3, Type.BUILTIN_MIC, "phone", source=True),
            ],
        )
        devices = await app.manager.get_devices(3)
        assert [device.id for device in devices] == [2, 3, 9]
        assert devices[-1].type is Type.UNKNOWN


@pytest.mark.parametrize("level", LEVELS)
async def test_devices_that_come_and_go_are_told_in_the_apps_loop(level: int) -> None:
    async with managed(level) as app:
        phone, told = app.phone, Devices()
        await app.manager.register_audio_device_callback(told)
        assert told.told == [("added", [1, 2, 3])]
        await phone.settle()
        headset = phone.device(9, Type.WIRED_HEADSET, "headset", sink=True)
        phone.plug(headset)
        await phone.settle()
        phone.unplug(headset)
        await phone.settle()
        assert told.told == [("added", [1, 2, 3]), ("added", [9]), ("removed", [9])]
        assert told.threads == {threading.get_ident()}
        await app.manager.unregister_audio_device_callback(told)
        phone.plug(headset)
        await phone.settle()
        assert len(told.told) == 3


async def test_several_managers_share_one_registration() -> None:
    async with managed(33) as app:
        other = AudioManager(app.host)
        first, second = Devices(), Devices()
        await app.manager.register_audio_device_callback(first)
        registered = app.phone.java.listening()
        await other.register_audio_device_callback(second)
        assert app.phone.java.listening() == registered
        await other.close()
        assert app.phone.java.listening() == registered
        app.phone.plug(app.phone.device(9, Type.HDMI, "television", sink=True))
        await app.phone.settle()
        assert first.told[-1] == ("added", [9])
        assert second.told == [("added", [1, 2, 3])]


async def test_the_types_that_a_phone_could_have() -> None:
    async with managed(37) as app:
        app.phone.answer("AudioManager.getSupportedDeviceTypes", boxed(2, 4, 4711))
        types = await app.manager.get_supported_device_types(2)
        assert types == {Type.BUILTIN_SPEAKER, Type.WIRED_HEADPHONES}
        assert "getSupportedDeviceTypes(2)" in app.calls()


# -- microphones ---------------------------------------------------------------------------------


def made(name: str, **kept: object) -> Any:
    """An object of Android's as the phone would hand it out."""
    import jnius

    native = jnius.autoclass(name)(None)
    for key, value in kept.items():
        native.kept.put(key, value)
    return native


def coordinate(x: float, y: float, z: float) -> Any:
    native = made("android.media.MicrophoneInfo$Coordinate3F")
    native.x, native.y, native.z = x, y, z
    return native


def pair(first: object, second: object) -> Any:
    import jnius

    native = jnius.autoclass("android.util.Pair")(first, second)
    native.first, native.second = first, second
    return native


async def test_a_microphone_with_all_that_the_phone_says_of_it() -> None:
    async with managed(31) as app:
        phone = app.phone
        phone.answer(
            "AudioManager.getMicrophones",
            [
                made(
                    "android.media.MicrophoneInfo",
                    Id=3,
                    Description="bottom",
                    Type=15,
                    Address="bottom",
                    Location=1,
                    Group=0,
                    IndexInTheGroup=1,
                    Sensitivity=-37.0,
                    MaxSpl=132.5,
                    MinSpl=28.5,
                    Directionality=1,
                )
            ],
        )
        phone.answer("MicrophoneInfo.getPosition", coordinate(0.25, 0.5, 0.0))
        phone.answer("MicrophoneInfo.getOrientation", coordinate(0.0, -1.0, 0.0))
        phone.answer("MicrophoneInfo.getFrequencyResponse", [pair(100.0, -1.5)])
        phone.answer("MicrophoneInfo.getChannelMapping", [pair(0, 1)])
        (microphone,) = await app.manager.get_microphones()
        assert (microphone.id, microphone.description) == (3, "bottom")
        assert (microphone.type, microphone.address) == (Type.BUILTIN_MIC, "bottom")
        assert microphone.location is AndroidMicrophoneLocation.MAINBODY
        assert (microphone.group, microphone.index_in_the_group) == (0, 1)
        assert microphone.position == (0.25, 0.5, 0.0)
        assert microphone.orientation == (0.0, -1.0, 0.0)
        assert microphone.frequency_response == ((100.0, -1.5),)
        assert microphone.channel_mapping == ((0, AndroidMicrophoneChannelMapping.DIRECT),)
        assert (microphone.sensitivity, microphone.max_spl) == (-37.0, 132.5)
        assert microphone.min_spl == 28.5
        assert microphone.directionality is AndroidMicrophoneDirectionality.OMNI


async def test_hardware_that_does_not_answer_is_an_os_error() -> None:
    async with managed(31) as app:
        app.phone.fail("AudioManager.getMicrophones", "java.io.IOException", "no answer")
        with pytest.raises(OSError, match="no answer"):
            await app.manager.get_microphones()


# -- mode ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
async def test_a_mode_is_asked_for_and_taken_back_at_the_end(level: int) -> None:
    async with managed(level) as app:
        await app.manager.set_mode(AudioManager.MODE_IN_COMMUNICATION)
        app.phone.answer("AudioManager.getMode", 3)
        assert await app.manager.get_mode() is AndroidAudioHardwareMode.IN_COMMUNICATION
        await app.manager.close()
        assert app.calls() == ["setMode(3)", "getMode()", "setMode(0)"]


@pytest.mark.parametrize("level", FROM_31)
async def test_other_modes_are_told(level: int) -> None:
    async with managed(level) as app:
        heard = Heard()
        await app.manager.add_on_mode_changed_listener(now, heard)
        app.phone.java.modeChanged(2)
        app.phone.java.modeChanged(4711)
        await app.phone.settle()
        assert heard.all == [AndroidAudioHardwareMode.IN_CALL, AndroidAudioHardwareMode.INVALID]


@pytest.mark.parametrize("level", BEFORE_31)
async def test_a_phone_that_tells_of_no_modes_says_so(level: int) -> None:
    async with managed(level) as app:
        with pytest.raises(UnsupportedError, match="addOnModeChangedListener"):
            await app.manager.add_on_mode_changed_listener(now, Heard())


@pytest.mark.parametrize("level", LEVELS)
async def test_a_host_that_is_closed_leaves_nothing_registered(level: int) -> None:
    async with managed(level) as app:
        await app.manager.register_receiver(Heard(), AudioManager.RINGER_MODE_CHANGED_ACTION)
        assert app.phone.java.listening() > 0
        await app.host.close()
        assert app.phone.java.listening() == 0


# -- calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", FROM_31)
async def test_the_output_for_calls_is_the_phones_to_choose(level: int) -> None:
    async with managed(level) as app:
        phone, manager, heard = app.phone, app.manager, Heard()
        speaker = phone.device(2, Type.BUILTIN_SPEAKER, "phone", sink=True)
        phone.answer("AudioManager.getAvailableCommunicationDevices", [speaker])
        phone.answer("AudioManager.setCommunicationDevice", True)
        (device,) = await manager.get_available_communication_devices()
        await manager.add_on_communication_device_changed_listener(now, heard)
        assert await manager.set_communication_device(device) is True
        phone.java.communicationDeviceChanged(speaker)
        phone.java.communicationDeviceChanged(None)
        await phone.settle()
        assert [each and each.id for each in heard.all] == [2, None]
        assert await manager.get_communication_device() is None
        phone.answer("AudioManager.getCommunicationDevice", speaker)
        assert await manager.get_communication_device() == device
        phone.answer("AudioManager.setCommunicationDevice", False)
        assert await manager.set_communication_device(device) is False
        gone = AudioDeviceInfo(id=77, type=Type.BLE_HEADSET, product_name="", sink=True)
        assert await manager.set_communication_device(gone) is False
        phone.fail(
            "AudioManager.setCommunicationDevice",
            "java.lang.IllegalArgumentException",
            "invalid device",
        )
        with pytest.raises(IllegalArgumentException, match="invalid device"):
            await manager.set_communication_device(device)
        app.calls()
        await manager.clear_communication_device()
        assert app.calls() == ["clearCommunicationDevice()"]


@pytest.mark.parametrize("level", BEFORE_31)
async def test_before_31_an_app_has_the_loudspeaker_and_the_link(level: int) -> None:
    async with managed(level) as app:
        manager = app.manager
        with pytest.raises(UnsupportedError, match="API level 31"):
            await manager.clear_communication_device()
        await manager.set_speakerphone_on(True)
        app.phone.answer("AudioManager.isSpeakerphoneOn", True)
        assert await manager.is_speakerphone_on() is True
        await manager.start_bluetooth_sco()
        await manager.set_bluetooth_sco_on(True)
        app.phone.answer("AudioManager.isBluetoothScoOn", True)
        assert await manager.is_bluetooth_sco_on() is True
        app.calls()
        # What the app wished for it takes back when it ends.
        await manager.close()
        assert app.calls() == ["stopBluetoothSco()", "setSpeakerphoneOn(false)"]


@pytest.mark.parametrize("level", LEVELS)
async def test_what_was_taken_back_before_is_not_taken_back_twice(level: int) -> None:
    async with managed(level) as app:
        await app.manager.set_speakerphone_on(True)
        await app.manager.set_speakerphone_on(False)
        app.calls()
        await app.manager.close()
        assert app.calls() == (["clearCommunicationDevice()"] if level >= 31 else [])


# -- broadcasts ----------------------------------------------------------------------------------


def sco(phone: Phone, state: int, before: int) -> Any:
    return phone.intent(
        AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED.value,
        **{
            AndroidIntent.EXTRA_SCO_AUDIO_STATE.value: state,
            AndroidIntent.EXTRA_SCO_AUDIO_PREVIOUS_STATE.value: before,
        },
    )


@pytest.mark.parametrize("level", LEVELS)
async def test_the_state_of_a_link_is_received_first_the_one_that_is_kept(level: int) -> None:
    async with managed(level) as app:
        phone, heard = app.phone, Heard()
        phone.send(sco(phone, 0, 0), sticky=True)
        await app.manager.register_receiver(heard, AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED)
        await app.manager.start_bluetooth_sco()
        phone.send(sco(phone, 2, 0))
        phone.send(sco(phone, 1, 2))
        await phone.settle()
        state = AndroidScoAudioState
        assert [
            (
                each.sticky,
                each.extras[AndroidIntent.EXTRA_SCO_AUDIO_STATE],
                each.extras[AndroidIntent.EXTRA_SCO_AUDIO_PREVIOUS_STATE],
            )
            for each in heard.all
        ] == [
            (True, state.DISCONNECTED, state.DISCONNECTED),
            (False, state.CONNECTING, state.DISCONNECTED),
            (False, state.CONNECTED, state.CONNECTING),
        ]
        await app.manager.stop_bluetooth_sco()
        await app.manager.unregister_receiver(heard)
        phone.send(sco(phone, 0, 1))
        await phone.settle()
        assert len(heard.all) == 3


@pytest.mark.parametrize("level", LEVELS)
async def test_announcements_are_received_as_values(level: int) -> None:
    async with managed(level) as app:
        phone, heard = app.phone, Heard()
        await app.manager.register_receiver(
            heard,
            AndroidIntent.ACTION_AUDIO_BECOMING_NOISY,
            AndroidIntent.RINGER_MODE_CHANGED_ACTION,
            AndroidIntent.ACTION_HEADSET_PLUG,
            AndroidIntent.VOLUME_CHANGED_ACTION,
        )
        phone.send(phone.intent(AndroidIntent.ACTION_AUDIO_BECOMING_NOISY.value))
        ringer = {AndroidIntent.EXTRA_RINGER_MODE.value: 1}
        phone.send(phone.intent(AndroidIntent.RINGER_MODE_CHANGED_ACTION.value, **ringer))
        plug = phone.intent(AndroidIntent.ACTION_HEADSET_PLUG.value, state=1, microphone=1)
        phone.send(plug)
        volume = {
            AndroidIntent.EXTRA_VOLUME_STREAM_TYPE.value: 3,
            AndroidIntent.EXTRA_VOLUME_STREAM_VALUE.value: 9,
        }
        phone.send(phone.intent(AndroidIntent.VOLUME_CHANGED_ACTION.value, **volume))
        # Nobody wants to hear of this one.
        phone.send(phone.intent(AndroidIntent.ACTION_MICROPHONE_MUTE_CHANGED.value))
        await phone.settle()
        assert all(isinstance(each, Intent) for each in heard.all)
        assert [(str(each.action), dict(each.extras)) for each in heard.all] == [
            (AndroidIntent.ACTION_AUDIO_BECOMING_NOISY, {}),
            (
                AndroidIntent.RINGER_MODE_CHANGED_ACTION,
                {AndroidIntent.EXTRA_RINGER_MODE: AndroidRingerMode.VIBRATE},
            ),
            (AndroidIntent.ACTION_HEADSET_PLUG, {"state": 1, "name": "", "microphone": 1}),
            (AndroidIntent.VOLUME_CHANGED_ACTION, volume),
        ]


async def test_a_receiver_that_raises_is_logged_and_the_next_one_hears(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with managed(33) as app:
        heard = Heard()

        def raises(intent: Intent) -> None:
            raise ValueError("the app's own")

        noisy = AndroidIntent.ACTION_AUDIO_BECOMING_NOISY
        await app.manager.register_receiver(raises, noisy)
        await app.manager.register_receiver(heard, noisy)
        with caplog.at_level(logging.ERROR, "audiosession"):
            app.phone.send(app.phone.intent(noisy.value))
            app.phone.send(app.phone.intent(noisy.value))
            await app.phone.settle()
        assert len(heard.all) == 2
        assert caplog.text.count("ValueError: the app's own") == 2


async def test_where_java_refuses_to_register_nothing_is_left_behind() -> None:
    async with managed(33) as app:
        said = "no more callbacks"
        app.phone.fail(
            "AudioManager.registerAudioDeviceCallback", "java.lang.IllegalStateException", said
        )
        with pytest.raises(RuntimeError, match=said):
            await app.manager.register_audio_device_callback(Devices())
        assert app.phone.java.listening() == 0
        app.phone.forget("AudioManager.registerAudioDeviceCallback")
        told = Devices()
        await app.manager.register_audio_device_callback(told)
        assert told.told == [("added", [1, 2, 3])]


async def test_before_level_23_broadcasts_are_received_and_there_are_no_devices() -> None:
    async with managed(22) as app:
        heard = Heard()
        noisy = AndroidIntent.ACTION_AUDIO_BECOMING_NOISY
        await app.manager.register_receiver(heard, noisy)
        app.phone.send(app.phone.intent(noisy.value))
        await app.phone.settle()
        assert [each.action for each in heard.all] == [noisy]
        with pytest.raises(UnsupportedError, match="API level 23, this is 22"):
            await app.manager.get_devices(3)
        with pytest.raises(UnsupportedError, match="API level 23, this is 22"):
            await app.manager.register_audio_device_callback(Devices())
