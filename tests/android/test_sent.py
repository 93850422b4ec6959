"""What the system sends around of the ringer, of volumes, of microphones and of HDMI.

The actions and their extras are those of AudioManager.java; AudioService.java and
AudioDeviceInventory.java send them.
"""

from __future__ import annotations

import pytest

from audiosession.android import Intent
from audiosession.android.models.ringer import DoNotDisturb
from audiosession.android.system_constants import AndroidIntent
from tests.android.manager_kit import C, Phone, Stream

pytestmark = pytest.mark.anyio

RINGER = AndroidIntent.RINGER_MODE_CHANGED_ACTION
VOLUME = AndroidIntent.VOLUME_CHANGED_ACTION
MUTED = AndroidIntent.STREAM_MUTE_CHANGED_ACTION
MICROPHONES = AndroidIntent.ACTION_MICROPHONE_MUTE_CHANGED
HDMI = AndroidIntent.ACTION_HDMI_AUDIO_PLUG


class Received:
    """A receiver that keeps what it is given."""

    def __init__(self) -> None:
        self.intents: list[Intent] = []

    def __call__(self, intent: Intent) -> None:
        self.intents.append(intent)

    def take(self) -> list[Intent]:
        """What was received since this was last called."""
        intents, self.intents = self.intents, []
        return intents

    def modes(self) -> list[object]:
        return [intent.extras[C.EXTRA_RINGER_MODE] for intent in self.take()]


async def listening(phone: Phone, *actions: str) -> Received:
    received = Received()
    await phone.manager.register_receiver(received, *actions)
    return received


# -- the ringer ----------------------------------------------------------------------------------


async def test_the_ringers_mode_is_sent_and_kept() -> None:
    phone = Phone()
    phone.may_silence()
    received = await listening(phone, RINGER)
    (first,) = received.take()
    assert first.sticky
    assert first.extras == {C.EXTRA_RINGER_MODE: C.RINGER_MODE_NORMAL}
    await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    (second,) = received.take()
    assert not second.sticky
    assert second.extras == {C.EXTRA_RINGER_MODE: C.RINGER_MODE_SILENT}
    later = await listening(phone, RINGER)
    assert later.modes() == [C.RINGER_MODE_SILENT]


async def test_android_090_it_is_sent_however_the_mode_changes() -> None:
    phone = Phone()
    phone.may_silence()
    received = await listening(phone, RINGER)
    received.take()
    await phone.manager.set_stream_volume(C.STREAM_RING, 0)
    assert received.modes() == [C.RINGER_MODE_VIBRATE]
    await phone.manager.adjust_stream_volume(C.STREAM_RING, C.ADJUST_RAISE)
    assert received.modes() == [C.RINGER_MODE_NORMAL]
    phone.android.set_ringer_mode(C.RINGER_MODE_SILENT)
    assert received.modes() == [C.RINGER_MODE_SILENT]
    phone.android.set_do_not_disturb(DoNotDisturb.ALARMS_ONLY)
    assert received.modes() == []


@pytest.mark.parametrize("how", ["fixed", "one volume"])
async def test_android_086_where_the_ringer_has_no_modes_nothing_is_sent(how: str) -> None:
    phone = Phone("phone" if how == "fixed" else "smart speaker")
    phone.android.set_volumes_fixed(how == "fixed")
    received = await listening(phone, RINGER)
    assert received.modes() == [C.RINGER_MODE_NORMAL]
    # Nobody is asked whether it may, either.
    await phone.manager.set_ringer_mode(C.RINGER_MODE_SILENT)
    await phone.manager.adjust_stream_volume(
        C.STREAM_RING, C.ADJUST_LOWER, C.FLAG_ALLOW_RINGER_MODES
    )
    await phone.manager.set_stream_volume(C.STREAM_RING, 0, C.FLAG_ALLOW_RINGER_MODES)
    assert await phone.manager.get_ringer_mode() is C.RINGER_MODE_NORMAL
    assert received.modes() == []


async def test_a_device_with_one_volume_for_all_is_never_silent_by_its_ringer() -> None:
    phone = Phone("smart speaker")
    phone.may_silence()
    for mode in (C.RINGER_MODE_VIBRATE, C.RINGER_MODE_SILENT):
        await phone.manager.set_ringer_mode(mode)
        phone.android.set_ringer_mode(mode)
        assert await phone.manager.get_ringer_mode() is C.RINGER_MODE_NORMAL
    assert not await phone.manager.is_stream_mute(C.STREAM_RING)


# -- volumes -------------------------------------------------------------------------------------


async def test_a_volume_is_sent_with_what_it_was_and_whose_it_is() -> None:
    phone = Phone()
    received = await listening(phone, VOLUME)
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    sent = received.take()
    (music,) = (i for i in sent if i.extras[AndroidIntent.EXTRA_VOLUME_STREAM_TYPE] is Stream.MUSIC)
    assert music.extras == {
        AndroidIntent.EXTRA_VOLUME_STREAM_TYPE: Stream.MUSIC,
        AndroidIntent.EXTRA_VOLUME_STREAM_TYPE_ALIAS: Stream.MUSIC,
        AndroidIntent.EXTRA_VOLUME_STREAM_VALUE: 9,
        AndroidIntent.EXTRA_PREV_VOLUME_STREAM_VALUE: 5,
    }
    assert not music.sticky
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    assert received.take() == []


async def test_android_087_every_stream_that_follows_is_sent() -> None:
    phone = Phone()
    received = await listening(phone, VOLUME)
    await phone.manager.set_stream_volume(C.STREAM_RING, 3)
    sent = {
        i.extras[AndroidIntent.EXTRA_VOLUME_STREAM_TYPE]: i.extras[
            AndroidIntent.EXTRA_VOLUME_STREAM_TYPE_ALIAS
        ]
        for i in received.take()
    }
    aliases = phone.android.volumes.aliases
    followers = {stream for stream in aliases if aliases[stream] is Stream.RING}
    assert {Stream.RING} < sent.keys() <= followers
    assert set(sent.values()) == {Stream.RING}


async def test_another_output_changes_no_volume() -> None:
    phone = Phone()
    await phone.manager.set_stream_volume(C.STREAM_MUSIC, 9)
    received = await listening(phone, VOLUME, MUTED)
    phone.device.plug("wired headset")
    assert await phone.manager.get_stream_volume(C.STREAM_MUSIC) != 9
    assert received.take() == []
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_RAISE)
    assert len(received.take()) > 0


async def test_a_stream_that_is_muted_is_sent_and_its_index_stays() -> None:
    phone = Phone()
    received = await listening(phone, VOLUME, MUTED)
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_MUTE)
    await phone.manager.adjust_stream_volume(C.STREAM_MUSIC, C.ADJUST_UNMUTE)
    music = [
        intent
        for intent in received.take()
        if intent.extras[AndroidIntent.EXTRA_VOLUME_STREAM_TYPE] is Stream.MUSIC
    ]
    assert [intent.action for intent in music] == [MUTED, MUTED]
    muted = [intent.extras[AndroidIntent.EXTRA_STREAM_VOLUME_MUTED] for intent in music]
    assert muted == [True, False]


async def test_android_091_what_the_ringer_mutes_is_sent() -> None:
    phone = Phone()
    received = await listening(phone, MUTED)
    await phone.manager.set_ringer_mode(C.RINGER_MODE_VIBRATE)
    muted = {i.extras[AndroidIntent.EXTRA_VOLUME_STREAM_TYPE] for i in received.take()}
    assert {Stream.RING, Stream.NOTIFICATION, Stream.SYSTEM} <= muted
    assert Stream.MUSIC not in muted


# -- microphones ---------------------------------------------------------------------------------


async def test_android_096_microphones_are_sent_once_however_many_mute_them() -> None:
    phone = Phone()
    received = await listening(phone, MICROPHONES)
    await phone.manager.set_microphone_mute(True)
    phone.android.restrict_microphone(True)
    phone.device.apple.mute_microphone(True)
    (intent,) = received.take()
    assert intent.extras == {}
    assert not intent.sticky
    await phone.manager.set_microphone_mute(False)
    phone.android.restrict_microphone(False)
    assert received.take() == []
    phone.device.apple.mute_microphone(False)
    assert len(received.take()) == 1
    assert not await phone.manager.is_microphone_mute()


# -- HDMI ----------------------------------------------------------------------------------------


async def test_hdmi_is_sent_and_kept() -> None:
    phone = Phone()
    received = await listening(phone, HDMI)
    (first,) = received.take()
    assert first.sticky
    assert first.extras == {C.EXTRA_AUDIO_PLUG_STATE: 0}
    phone.device.plug("wired headset")
    phone.device.plug("hdmi")
    (device,) = (
        d
        for d in await phone.manager.get_devices(C.GET_DEVICES_OUTPUTS)
        if d.product_name == "HDMI"
    )
    (came,) = received.take()
    assert came.extras == {
        C.EXTRA_AUDIO_PLUG_STATE: 1,
        C.EXTRA_MAX_CHANNEL_COUNT: max(device.channel_counts),
        C.EXTRA_ENCODINGS: device.encodings,
    }
    assert (await listening(phone, HDMI)).take()[0].extras == came.extras
    # It went when it was pulled out, though the device stays for apps to pause.
    phone.device.app("music").player().play()
    phone.device.unplug("hdmi")
    (went,) = received.take()
    assert went.extras == {C.EXTRA_AUDIO_PLUG_STATE: 0}
    phone.device.advance(2.0)
    assert received.take() == []


# -- what is kept of it --------------------------------------------------------------------------


async def test_what_comes_and_goes_leaves_nothing_behind() -> None:
    phone = Phone()
    await phone.manager.get_stream_volume(C.STREAM_MUSIC)
    device, routing = phone.device, phone.android.routing
    seen = set[int]()
    for _ in range(20):
        device.plug("wired headset")
        new = {d.id for d in routing.devices} - seen
        # A number is given once.
        assert len(new) >= 2
        seen |= new
        device.unplug("wired headset")
    assert len(routing._numbers) == len(routing.devices)
    levels = phone.android._levels
    before = len(levels)
    for number in range(20):
        app = device.app(f"app {number}")
        app.player().play()
        assert app.player().level < 1.0
        app.kill()
    assert len(levels) == before
