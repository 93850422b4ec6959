"""Several managers of one app, managers of an app that dies, and managers in other threads.

The device knows the app alone: what one manager gives back is not what another has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession.android import AudioDeviceInfo, AudioFocusRequest, KeyEvent
from audiosession.android.audio_manager import AudioManager
from audiosession.android.key_constants import AndroidKeyCode
from audiosession.errors import ClosedError, IllegalRequestError
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.focus_kit import attributes
from tests.android.manager_kit import AndroidPermission, C, Phone
from tests.android.routing_kit import Ears

pytestmark = pytest.mark.anyio

IN_COMMUNICATION, RINGTONE, NORMAL = C.MODE_IN_COMMUNICATION, C.MODE_RINGTONE, C.MODE_NORMAL
NEXT = AndroidKeyCode.MEDIA_NEXT


class Two(Phone):
    """A phone and two managers of its app; a third is of another app's."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.manager
        self.second = AudioManager(self.app.host)
        self.other = AudioManager(self.device.app("other").host)


# -- two managers of one app ---------------------------------------------------------------------


@pytest.mark.parametrize("mode", [IN_COMMUNICATION, RINGTONE])
async def test_android_076_a_manager_that_closes_gives_back_its_own_mode_alone(mode: int) -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.second.set_mode(mode)
    assert await two.other.get_mode() == mode
    await two.second.close()
    assert await two.other.get_mode() is IN_COMMUNICATION
    await two.first.close()
    assert await two.other.get_mode() is NORMAL


async def test_android_076_the_newest_mode_stays_when_an_older_wish_goes() -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.second.set_mode(RINGTONE)
    await two.first.close()
    assert await two.other.get_mode() is RINGTONE
    await two.second.close()
    assert await two.other.get_mode() is NORMAL


async def test_android_076_the_normal_mode_ends_the_apps_request_whoever_asked() -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.second.set_mode(NORMAL)
    assert await two.other.get_mode() is NORMAL
    await two.first.set_mode(RINGTONE)
    await two.second.close()
    assert await two.other.get_mode() is RINGTONE


async def test_android_077_a_manager_that_closes_gives_back_its_own_output_alone() -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.first.set_speakerphone_on(True)
    await two.second.set_speakerphone_on(True)
    await two.second.close()
    assert await two.other.is_speakerphone_on()
    await two.first.close()
    assert not await two.other.is_speakerphone_on()


@pytest.mark.parametrize("first_leaves_first", [False, True])
async def test_android_077_the_newest_output_of_an_app_stays(first_leaves_first: bool) -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.first.set_speakerphone_on(True)
    (earpiece,) = (
        device
        for device in await two.second.get_available_communication_devices()
        if device.type == AudioDeviceInfo.TYPE_BUILTIN_EARPIECE
    )
    assert await two.second.set_communication_device(earpiece)
    assert not await two.other.is_speakerphone_on()
    if first_leaves_first:
        await two.first.close()
        assert await two.second.get_communication_device() == earpiece
        return
    await two.second.close()
    assert await two.first.is_speakerphone_on()
    # A wish that was taken back does not come again.
    await two.first.clear_communication_device()
    assert not await two.other.is_speakerphone_on()


async def test_android_076_a_mode_that_is_passed_over_is_no_wish() -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    for passed_over in (C.MODE_IN_CALL, C.MODE_INVALID, 99):
        await two.second.set_mode(passed_over)
    await two.first.close()
    assert await two.other.get_mode() is NORMAL
    # Telephony's is one.
    two.is_telephony()
    await two.second.set_mode(C.MODE_IN_CALL)
    assert await two.other.get_mode() is C.MODE_IN_CALL
    await two.second.close()
    assert await two.other.get_mode() is NORMAL


async def test_a_mode_of_before_asks_for_nothing_new() -> None:
    """Whose mode it is does not change when a manager with the same wish closes."""
    two = Two()
    await two.first.set_mode(RINGTONE)
    await two.second.set_mode(RINGTONE)
    await two.other.set_mode(IN_COMMUNICATION)
    two.device.app("other").player()
    before = [request.app for request in two.android.routing.modes.requests]
    await two.second.close()
    assert [request.app for request in two.android.routing.modes.requests] == before


async def test_keys_go_back_to_the_manager_that_had_them_before() -> None:
    two, got = Two(), list[str]()

    def first(event: KeyEvent) -> None:
        got.append("first")

    def second(event: KeyEvent) -> None:
        got.append("second")

    await two.first.register_media_button_event_receiver(first)
    await two.second.register_media_button_event_receiver(second)
    await two.first.dispatch_media_key_event(KeyEvent(0, NEXT))
    await two.second.close()
    await two.first.dispatch_media_key_event(KeyEvent(0, NEXT))
    assert got == ["second", "first"]
    await two.first.close()
    assert two.android.keys.target is None


async def test_keys_go_back_when_the_newer_one_is_taken_away_and_stay_with_the_app() -> None:
    two, got = Two(), list[str]()

    def first(event: KeyEvent) -> None:
        got.append("first")

    def second(event: KeyEvent) -> None:
        got.append("second")

    await two.first.register_media_button_event_receiver(first)
    await two.second.register_media_button_event_receiver(second)
    await two.other.register_media_button_event_receiver(lambda event: got.append("other"))
    await two.second.unregister_media_button_event_receiver(second)
    # It is no newer than before.
    assert two.android.keys.target == "other"
    await two.other.close()
    await two.first.dispatch_media_key_event(KeyEvent(0, NEXT))
    assert got == ["first"]
    await two.second.unregister_media_button_event_receiver(first)
    assert two.android.keys.target is None


async def test_what_android_leaves_as_it_is_stays_when_a_manager_closes() -> None:
    two = Two()
    await two.first.set_microphone_mute(True)
    await two.first.set_bluetooth_sco_on(True)
    await two.first.close()
    two.app.kill()
    assert await two.other.is_microphone_mute()
    assert await two.other.is_bluetooth_sco_on()


# -- an app that dies ----------------------------------------------------------------------------

READS: dict[str, Callable[[AudioManager], Awaitable[object]]] = {
    "a volume": lambda m: m.get_stream_volume(C.STREAM_MUSIC),
    "the ringer": lambda m: m.get_ringer_mode(),
    "the mode": lambda m: m.get_mode(),
    "the loudspeaker": lambda m: m.is_speakerphone_on(),
    "a property": lambda m: m.get_property(C.PROPERTY_OUTPUT_SAMPLE_RATE),
    "a parameter": lambda m: m.get_parameters("a"),
    "microphones": lambda m: m.is_microphone_mute(),
    "music": lambda m: m.is_music_active(),
    "devices": lambda m: m.get_devices(C.GET_DEVICES_ALL),
    "types": lambda m: m.get_supported_device_types(C.GET_DEVICES_OUTPUTS),
    "an id": lambda m: m.generate_audio_session_id(),
}


@pytest.mark.parametrize("read", READS)
async def test_a_dead_process_reads_nothing(read: str) -> None:
    phone = Phone()
    await READS[read](phone.manager)
    phone.app.kill()
    with pytest.raises(ClosedError):
        await READS[read](phone.manager)
    phone.app.relaunch()
    await READS[read](phone.manager)


async def test_a_dead_process_can_close_its_manager() -> None:
    two = Two()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.first.set_speakerphone_on(True)
    await two.first.register_media_button_event_receiver(print)
    await two.first.register_receiver(print, C.ACTION_HEADSET_PLUG)
    two.app.kill()
    await two.first.close()
    assert two.first.closed


async def test_a_process_that_is_started_anew_is_told_again() -> None:
    phone, ears, modes = Phone(), Ears(), list[int]()
    manager = phone.manager
    await manager.add_on_mode_changed_listener(lambda call: call(), modes.append)
    await manager.register_audio_device_callback(ears)
    ears.take()
    phone.app.kill()
    phone.device.plug("wired headset")
    assert ears.take() == []
    phone.app.relaunch()
    await manager.set_mode(IN_COMMUNICATION)
    assert modes == [IN_COMMUNICATION]
    ears.take()
    phone.device.unplug("wired headset")
    phone.device.plug("wired headset")
    assert ears.take()[-1] == "added Headset, Headset (in)"


async def test_a_process_that_is_started_anew_wishes_nothing() -> None:
    two, got = Two(), list[str]()
    await two.first.set_mode(IN_COMMUNICATION)
    await two.first.register_media_button_event_receiver(lambda event: got.append("first"))
    two.app.kill()
    assert await two.other.get_mode() is NORMAL
    two.app.relaunch()
    await two.second.set_mode(RINGTONE)
    await two.second.register_media_button_event_receiver(lambda event: got.append("second"))
    await two.second.close()
    assert await two.other.get_mode() is NORMAL
    await two.other.dispatch_media_key_event(KeyEvent(0, NEXT))
    assert got == []
    await two.first.close()


# -- a manager that is closed, and one in another thread -----------------------------------------

LOCAL: dict[str, Callable[[AudioManager], Awaitable[object]]] = {
    "get_routing": lambda m: m.get_routing(NORMAL),
    "set_stream_solo": lambda m: m.set_stream_solo(C.STREAM_MUSIC, True),
    "get_volume_group_id_for_attributes": lambda m: m.get_volume_group_id_for_attributes(
        attributes()
    ),
}


@pytest.mark.parametrize("method", LOCAL)
async def test_a_closed_manager_answers_nothing(method: str) -> None:
    phone = Phone()
    await LOCAL[method](phone.manager)
    await phone.manager.close()
    with pytest.raises(ClosedError):
        await LOCAL[method](phone.manager)


CALLS: dict[str, tuple[Any, ...]] = {
    "get_stream_volume": (C.STREAM_MUSIC,),
    "set_stream_volume": (C.STREAM_MUSIC, 4),
    "get_ringer_mode": (),
    "set_ringer_mode": (C.RINGER_MODE_VIBRATE,),
    "get_mode": (),
    "set_parameters": ("a=b",),
    "get_parameters": ("a",),
    "is_music_active": (),
    "set_microphone_mute": (True,),
    "dispatch_media_key_event": (KeyEvent(0, NEXT),),
    "register_media_button_event_receiver": (print,),
    "request_audio_focus": (AudioFocusRequest.Builder(C.AUDIOFOCUS_GAIN).build(),),
}


@pytest.mark.parametrize("method", CALLS)
async def test_another_running_loop_is_turned_away(method: str) -> None:
    device = SimulatedDevice("phone", policy="android")
    app = device.app("app")
    app.android_app.grant(AndroidPermission.ACCESS_NOTIFICATION_POLICY)
    manager = AudioManager(app.host)
    await manager.get_mode()
    android = device.android
    before = (android.volumes.states(), android.keys.target, android.microphones_muted_by)

    async def call() -> None:
        await getattr(manager, method)(*CALLS[method])

    with pytest.raises(IllegalRequestError, match="another event loop"):
        await asyncio.to_thread(asyncio.run, call())
    assert before == (android.volumes.states(), android.keys.target, android.microphones_muted_by)
