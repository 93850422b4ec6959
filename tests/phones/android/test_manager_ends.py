"""What an AudioManager on a phone takes back, and what it leaves to the phone to judge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession import AudioDevicesChangedEvent, AudioSession
from audiosession.android import (
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
    AudioManager,
    SecurityException,
)
from audiosession.android.system_constants import AndroidIntent
from audiosession.errors import UnsupportedError
from audiosession.hosts.android import AndroidHost

from .manager_kit import Heard, managed
from .phone import LEVELS, LevelledBridge, Phone

MUSIC = AudioManager.STREAM_MUSIC
NOISY = AndroidIntent.ACTION_AUDIO_BECOMING_NOISY
REFUSED = "java.lang.IllegalStateException"


def now(call: Any) -> None:
    """An executor that calls at once."""
    call()


class Devices:
    """Follows devices."""

    def on_audio_devices_added(self, added_devices: object) -> None:
        pass

    on_audio_devices_removed = on_audio_devices_added


# -- what Java would call ------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
async def test_nothing_of_python_is_left_for_java_to_call(level: int) -> None:
    before = LevelledBridge.living()
    async with managed(level) as app:
        manager, heard = app.manager, Heard()
        await manager.register_receiver(heard, NOISY)
        await manager.register_audio_device_callback(Devices())
        if level >= 31:
            await manager.add_on_mode_changed_listener(now, heard)
            await manager.add_on_communication_device_changed_listener(now, heard)
        await manager.request_audio_focus(heard, MUSIC, AudioManager.AUDIOFOCUS_GAIN)
        # The manager and its session of focus: a receiver and two for devices each. Then the
        # client of focus, and the listeners of 31.
        assert LevelledBridge.living() - before == (9 if level >= 31 else 7)
        await manager.close()
        await app.host.close()
        assert LevelledBridge.living() == before


@pytest.mark.parametrize(
    "method",
    [
        "Context.registerReceiver",
        "AudioManager.registerAudioDeviceCallback",
        "Context.getMainExecutor",
        "AudioManager.addOnModeChangedListener",
        "AudioManager.addOnCommunicationDeviceChangedListener",
    ],
)
async def test_nor_where_the_phone_refuses_to_register_it(method: str, newest: Phone) -> None:
    before = LevelledBridge.living()
    async with managed(newest.level) as app:
        app.phone.fail(method, REFUSED, "no more of them")
        with pytest.raises(RuntimeError, match="no more of them"):
            await app.manager.register_receiver(Heard(), NOISY)
        assert LevelledBridge.living() == before
        assert app.phone.java.listening() == 0
        app.phone.forget(method)


@pytest.mark.parametrize("level", [level for level in LEVELS if level < 31])
async def test_a_link_that_failed_to_start_is_stopped_at_the_end(level: int) -> None:
    async with managed(level) as app:
        app.phone.answer("AudioManager.isBluetoothScoAvailableOffCall", True)
        app.phone.fail("AudioManager.startBluetoothSco", "java.lang.SecurityException", "no")
        with pytest.raises(SecurityException):
            await app.manager.start_bluetooth_sco()
        app.calls()
        await app.manager.close()
        assert "stopBluetoothSco()" in app.calls()


# -- what it says ------------------------------------------------------------------------------


async def test_of_a_device_that_went_it_is_said_what_it_was(newest: Phone) -> None:
    session = AudioSession(AndroidHost(newest.bridge()))
    changes: list[AudioDevicesChangedEvent] = []
    session.devices_changed_event_stream.listen(changes.append)
    headset = newest.device(9, 3, "headset", sink=True)
    newest.plug(headset)
    await session.get_devices()
    await newest.settle()
    newest.unplug(headset, noisy=False)
    newest.java.idle()
    # The phone has told it. Before the app's loop hears of that the phone forgets the device.
    headset.kept.put("ProductName", "")
    headset.kept.put("Type", 0)
    await newest.settle()
    (gone,) = changes[-1].devices_removed
    assert (gone.id, gone.name) == ("9", "headset")
    await session.close()


@pytest.mark.parametrize("muted", [True, False])
async def test_whether_a_stream_is_muted_is_true_or_false(muted: bool, newest: Phone) -> None:
    extra = AndroidIntent.EXTRA_STREAM_VOLUME_MUTED
    async with managed(newest.level) as app:
        heard = Heard()
        await app.manager.register_receiver(heard, AndroidIntent.STREAM_MUTE_CHANGED_ACTION)
        intent = app.phone.intent(AndroidIntent.STREAM_MUTE_CHANGED_ACTION.value)
        intent.putExtra(AndroidIntent.EXTRA_VOLUME_STREAM_TYPE.value, int(MUSIC))
        intent.putExtra(extra.value, muted)
        app.phone.send(intent)
        await app.phone.settle()
        (said,) = heard.all
        assert said.extras[extra] is muted
        assert said.extras[AndroidIntent.EXTRA_VOLUME_STREAM_TYPE] == MUSIC


# -- what the phone judges -----------------------------------------------------------------------


def forced() -> AudioFocusRequest:
    """A request that may lower others by force, as accessibility services ask."""
    usage = AndroidAudioUsage.ASSISTANCE_ACCESSIBILITY
    builder = AudioFocusRequest.Builder(AudioManager.AUDIOFOCUS_GAIN_TRANSIENT_MAY_DUCK)
    builder.set_audio_attributes(AudioAttributes.Builder().set_usage(usage).build())
    builder.set_on_audio_focus_change_listener(lambda change: None)
    return builder.set_force_ducking(True).build()


@pytest.mark.parametrize("level", LEVELS)
async def test_ducking_by_force_is_asked_of_the_phone(level: int) -> None:
    setter = "AudioFocusRequest.Builder.setForceDucking"
    async with managed(level) as app:
        if level < 28:
            with pytest.raises(UnsupportedError) as caught:
                await app.manager.request_audio_focus(forced())
            assert caught.value.capability == f"{setter} (API level 28, this is {level})"
            assert app.phone.holders() == []
        else:
            await app.manager.request_audio_focus(forced())
            assert app.phone.calls(setter) == [f"{setter}(true)"]
            assert app.phone.holders() == ["app"]


async def test_whether_a_notification_would_be_heard_is_not_for_apps(newest: Phone) -> None:
    async with managed(newest.level) as app:
        with pytest.raises(UnsupportedError, match="shouldNotificationSoundPlay"):
            await app.manager.should_notification_sound_play(AudioAttributes.Builder().build())


Call = Callable[[AudioManager], Awaitable[object]]


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda m: m.adjust_stream_volume(MUSIC, 1), 0),
        (lambda m: m.set_stream_volume(MUSIC, 3), 0),
        (lambda m: m.set_ringer_mode(2), 0),
        (lambda m: m.request_audio_focus_for_call(0, AudioManager.AUDIOFOCUS_GAIN), 1),
    ],
)
@pytest.mark.parametrize("level", LEVELS)
async def test_a_permission_is_asked_for_where_it_counts(
    call: Call, asked: int, level: int
) -> None:
    async with managed(level) as app:
        app.phone.calls()
        await call(app.manager)
        assert len(app.phone.calls("Context.check")) == asked


async def test_permissions_are_a_set(newest: Phone) -> None:
    newest.java.grant("android.permission.MODIFY_AUDIO_SETTINGS")
    has = AndroidHost(newest.bridge()).android_app.permissions
    assert has == {"android.permission.MODIFY_AUDIO_SETTINGS"}
    assert len(has) == 1
    assert has | {"another"} == {"android.permission.MODIFY_AUDIO_SETTINGS", "another"}
    assert "android.permission.MODIFY_PHONE_STATE" not in has
