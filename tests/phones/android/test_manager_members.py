"""Every member of the facts reaches the phone's own, at the levels that have it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from audiosession.android import (
    AudioAttributes,
    AudioDeviceInfo,
    AudioFocusRequest,
    AudioManager,
    KeyEvent,
    facts,
)
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.errors import UnsupportedError
from audiosession.hosts.android.since import OLDEST, SINCE

from . import declarations
from .manager_kit import Heard, managed
from .phone import LEVELS

Call = Callable[[AudioManager], Awaitable[object]]

_LISTENER = Heard()
_REQUEST = AudioFocusRequest.Builder(1).build()
_ATTRIBUTES = AudioAttributes.Builder().set_usage(1).build()
_SPEAKER = AudioDeviceInfo(
    id=2, type=AndroidAudioDeviceType.BUILTIN_SPEAKER, sink=True, product_name=""
)


def _now(call: Any) -> Any:
    """An executor."""
    return call()


class _Devices:
    def on_audio_devices_added(self, added_devices: object) -> None:
        pass

    on_audio_devices_removed = on_audio_devices_added


async def _abandon(manager: AudioManager) -> None:
    await manager.request_audio_focus(_REQUEST)
    await manager.abandon_audio_focus_request(_REQUEST)


async def _abandon_listener(manager: AudioManager) -> None:
    await manager.request_audio_focus(_LISTENER, 3, 1)
    await manager.abandon_audio_focus(_LISTENER)


async def _unregister(manager: AudioManager) -> None:
    callback = _Devices()
    await manager.register_audio_device_callback(callback)
    await manager.unregister_audio_device_callback(callback)
    await manager.close()


async def _no_longer(manager: AudioManager, kind: str) -> None:
    await getattr(manager, f"add_on_{kind}_changed_listener")(_now, _LISTENER)
    await getattr(manager, f"remove_on_{kind}_changed_listener")(_LISTENER)
    await manager.close()


DIRECT: Final[dict[str, Call]] = {
    "dispatchMediaKeyEvent": lambda m: m.dispatch_media_key_event(KeyEvent(0, 85)),
    "isVolumeFixed": lambda m: m.is_volume_fixed(),
    "adjustStreamVolume": lambda m: m.adjust_stream_volume(3, 1),
    "adjustVolume": lambda m: m.adjust_volume(1),
    "adjustSuggestedStreamVolume": lambda m: m.adjust_suggested_stream_volume(1, 3),
    "getRingerMode": lambda m: m.get_ringer_mode(),
    "setRingerMode": lambda m: m.set_ringer_mode(2),
    "getStreamMaxVolume": lambda m: m.get_stream_max_volume(3),
    "getStreamMinVolume": lambda m: m.get_stream_min_volume(3),
    "getStreamVolume": lambda m: m.get_stream_volume(3),
    "getStreamVolumeDb": lambda m: m.get_stream_volume_db(3, 0, 2),
    "setStreamVolume": lambda m: m.set_stream_volume(3, 5),
    "isStreamMute": lambda m: m.is_stream_mute(3),
    "getAvailableCommunicationDevices": lambda m: m.get_available_communication_devices(),
    "setCommunicationDevice": lambda m: m.set_communication_device(_SPEAKER),
    "getCommunicationDevice": lambda m: m.get_communication_device(),
    "clearCommunicationDevice": lambda m: m.clear_communication_device(),
    "addOnCommunicationDeviceChangedListener": (
        lambda m: m.add_on_communication_device_changed_listener(_now, _LISTENER)
    ),
    "removeOnCommunicationDeviceChangedListener": (lambda m: _no_longer(m, "communication_device")),
    "setSpeakerphoneOn": lambda m: m.set_speakerphone_on(True),
    "isSpeakerphoneOn": lambda m: m.is_speakerphone_on(),
    "setAllowedCapturePolicy": lambda m: m.set_allowed_capture_policy(1),
    "getAllowedCapturePolicy": lambda m: m.get_allowed_capture_policy(),
    "isOffloadedPlaybackSupported": (
        lambda m: m.is_offloaded_playback_supported({"encoding": 9}, _ATTRIBUTES)
    ),
    "isBluetoothScoAvailableOffCall": lambda m: m.is_bluetooth_sco_available_off_call(),
    "startBluetoothSco": lambda m: m.start_bluetooth_sco(),
    "stopBluetoothSco": lambda m: m.stop_bluetooth_sco(),
    "setBluetoothScoOn": lambda m: m.set_bluetooth_sco_on(True),
    "isBluetoothScoOn": lambda m: m.is_bluetooth_sco_on(),
    "setMicrophoneMute": lambda m: m.set_microphone_mute(True),
    "isMicrophoneMute": lambda m: m.is_microphone_mute(),
    "setMode": lambda m: m.set_mode(3),
    "getMode": lambda m: m.get_mode(),
    "isCallScreeningModeSupported": lambda m: m.is_call_screening_mode_supported(),
    "isMusicActive": lambda m: m.is_music_active(),
    "generateAudioSessionId": lambda m: m.generate_audio_session_id(),
    "setParameters": lambda m: m.set_parameters("a=b"),
    "getParameters": lambda m: m.get_parameters("a"),
    "playSoundEffect": lambda m: m.play_sound_effect(5),
    "loadSoundEffects": lambda m: m.load_sound_effects(),
    "unloadSoundEffects": lambda m: m.unload_sound_effects(),
    "getProperty": lambda m: m.get_property(AudioManager.PROPERTY_OUTPUT_SAMPLE_RATE),
    "getDevices": lambda m: m.get_devices(3),
    "getSupportedDeviceTypes": lambda m: m.get_supported_device_types(2),
    "registerAudioDeviceCallback": lambda m: m.register_audio_device_callback(_Devices()),
    "unregisterAudioDeviceCallback": _unregister,
    "getMicrophones": lambda m: m.get_microphones(),
    "isHapticPlaybackSupported": lambda m: m.is_haptic_playback_supported(),
    "isRampingRingerEnabled": lambda m: m.is_ramping_ringer_enabled(),
    "getEncodedSurroundMode": lambda m: m.get_encoded_surround_mode(),
}
"""Calls that are one of the phone's, of the same name."""

FOCUS: Final[dict[str, tuple[Call, str]]] = {
    "requestAudioFocus": (lambda m: m.request_audio_focus(_REQUEST), "requestAudioFocus"),
    "requestAudioFocus(listener, streamType, durationHint)": (
        lambda m: m.request_audio_focus(_LISTENER, 3, 1),
        "requestAudioFocus",
    ),
    "abandonAudioFocusRequest": (_abandon, "abandonAudioFocus"),
    "abandonAudioFocus": (_abandon_listener, "abandonAudioFocus"),
}
"""Focus: the phone's call of the time, the older one below API level 26."""

OTHERWISE: Final[dict[str, str]] = {
    "setStreamMute": "is adjustStreamVolume with ADJUST_MUTE, as in the platform since 23",
    "setStreamSolo": "does nothing on the platform since 23 (android 94)",
    "setBluetoothA2dpOn": "does nothing on the platform (android 94)",
    "isBluetoothA2dpOn": "is read from the devices, as on the platform",
    "isWiredHeadsetOn": "is read from the devices, as on the platform",
    "getRouting": "always -1 on the platform",
    "getVolumeGroupIdForAttributes": "groups are AOSP's on every host, each with its stream",
    "adjustVolumeGroupVolume": "moves the stream of the group by adjustStreamVolume",
    "isVolumeGroupMuted": "asks the stream of the group by isStreamMute",
    "getAudioHwSyncForSession": "is refused on every host: only televisions have it",
    "addOnModeChangedListener": "is registered while anybody listens; see the tests of modes",
    "removeOnModeChangedListener": "is registered while anybody listens; see the tests of modes",
}
"""Members of AudioManager that are no call of the phone's by themselves, and why."""

VALUES: Final = {
    "AudioAttributes",
    "AudioAttributes.Builder",
    "AudioFocusRequest",
    "AudioFocusRequest.Builder",
}
"""Classes that are values of this package; the host makes the phone's own of them."""


def _methods() -> list[dict[str, Any]]:
    return list(facts.android()["method"])


def _declared(row: dict[str, Any]) -> tuple[str, str]:
    name = row["name"].partition("(")[0]
    owner = row["class"]
    return owner, name.removeprefix(f"{owner}.")


def test_every_member_is_reached_or_has_its_reason() -> None:
    named = {*DIRECT, *FOCUS, *OTHERWISE}
    assert len(named) == len(DIRECT) + len(FOCUS) + len(OTHERWISE)
    of_manager = {row["name"] for row in _methods() if row["class"] == "AudioManager"}
    assert named == of_manager
    assert {row["class"] for row in _methods()} == {"AudioManager", *VALUES}


def _levels(row: dict[str, Any]) -> set[int]:
    """Since when the declarations have a member's overloads; nothing where there is none."""
    owner, name = _declared(row)
    known = declarations.read()[f"android.media.{owner.replace('.', '$')}"]
    if name == owner:
        return {known.since} if known.constructors else set()
    return {max(method.since, known.since) for method in known.methods if method.name == name}


@pytest.mark.parametrize("hidden", [False, True])
def test_what_is_hidden_is_not_declared_and_all_else_is(hidden: bool) -> None:
    rows = [row for row in _methods() if row.get("hidden", False) is hidden]
    assert rows
    wrong = [row["name"] for row in rows if bool(_levels(row)) is hidden]
    assert wrong == []


@pytest.mark.parametrize(
    "row", [row for row in _methods() if not row.get("hidden")], ids=lambda row: row["name"]
)
def test_the_declarations_have_it_at_its_level(row: dict[str, Any]) -> None:
    levels = _levels(row)
    expected = (max(row["since"], OLDEST), min(levels))
    if len(levels) == 1:
        assert expected[0] == expected[1]
    else:
        assert max(row["since"], OLDEST) in levels


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", DIRECT)
async def test_a_call_is_one_of_the_phones_or_unsupported(name: str, level: int) -> None:
    since = SINCE.get(f"AudioManager.{name}", OLDEST)
    async with managed(level) as app:
        app.phone.answer("AudioManager.getStreamMaxVolume", 15)
        app.phone.answer("AudioManager.isBluetoothScoAvailableOffCall", True)
        if level < since:
            with pytest.raises(UnsupportedError) as caught:
                await DIRECT[name](app.manager)
            assert caught.value.host == "android"
            assert f"API level {since}, this is {level}" in caught.value.capability
            assert not [call for call in app.calls() if call.startswith(f"{name}(")]
        else:
            await DIRECT[name](app.manager)
            assert [call for call in app.calls() if call.startswith(f"{name}(")]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", FOCUS)
async def test_focus_is_asked_of_the_phone(name: str, level: int) -> None:
    call, prefix = FOCUS[name]
    async with managed(level) as app:
        await call(app.manager)
        assert [each for each in app.calls() if each.startswith(prefix)]


@pytest.mark.parametrize("level", LEVELS)
async def test_what_is_no_call_of_its_own_does_as_it_says(level: int) -> None:
    async with managed(level) as app:
        manager = app.manager
        await manager.set_stream_mute(3, True)
        await manager.set_stream_mute(3, False)
        assert app.calls() == ["adjustStreamVolume(3, -100, 0)", "adjustStreamVolume(3, 100, 0)"]
        await manager.set_stream_solo(3, True)
        await manager.set_bluetooth_a2dp_on(True)
        assert await manager.get_routing(0) == -1
        assert app.calls() == []
        assert await manager.is_wired_headset_on() is False
        app.phone.plug(app.phone.device(9, 4, "headphones", sink=True))
        assert await manager.is_wired_headset_on() is True
        assert await manager.is_bluetooth_a2dp_on() is False
        app.calls()
        media = await manager.get_volume_group_id_for_attributes(_ATTRIBUTES)
        await manager.adjust_volume_group_volume(media, 1)
        await manager.is_volume_group_muted(media)
        assert app.calls() == ["adjustStreamVolume(3, 1, 0)", "isStreamMute(3)"]
        with pytest.raises(UnsupportedError, match="hardware's clock"):
            await manager.get_audio_hw_sync_for_session(1)
