"""AudioManager on Linux over a service in this process, whose sound server is a double."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession import AudioSession, recipe
from audiosession.android import (
    AndroidAudioCapturePolicy,
    AudioDeviceInfo,
    AudioManager,
    KeyEvent,
    SecurityException,
)
from audiosession.android.device import AndroidDevice
from audiosession.android.device_constants import AndroidAudioDeviceType as Type
from audiosession.android.errors import IllegalArgumentException
from audiosession.android.intents import Intent
from audiosession.android.system_constants import AndroidAudioProperty, AndroidIntent
from audiosession.core.gains import to_linear
from audiosession.errors import (
    HostUnavailableError,
    InvalidTypeError,
    LimitError,
    UnsupportedError,
)
from audiosession.hosts.linux import LinuxHost
from audiosession.hosts.linux import android_routes as routes
from audiosession.hosts.linux.android_device import LinuxAndroidDevice
from tests.service.bus_kit import Client, Served, until
from tests.service.routing_kit import (
    CALLS_MIC_PORT,
    CALLS_PORT,
    HEADPHONES,
    HEADSET,
    MUSIC,
    SPEAKER,
    Machine,
)

SURFACE: type[AndroidDevice] = LinuxAndroidDevice
"""The type checker sees to it that the host offers all of it."""
SCO = AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED
STATE = AndroidIntent.EXTRA_SCO_AUDIO_STATE
DISCONNECTED, CONNECTED, CONNECTING = 0, 1, 2


class Desktop(Served):
    """A service on a machine with a sound card and a Bluetooth headset."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.machine = Machine(headset=True)
        self.server = self.machine
        self.engine.add_server(self.machine)

    @property
    def profile(self) -> str:
        return next(card.profile for card in self.machine.cards if card.id == HEADSET)


@pytest.fixture
async def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desktop]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    desktop = Desktop(tmp_path)
    async with desktop:
        yield desktop


@pytest.fixture
async def manager(desktop: Desktop) -> AsyncIterator[AudioManager]:
    manager = AudioManager(lambda: LinuxHost("app", start=False))
    yield manager
    await manager.close()


def types(devices: list[AudioDeviceInfo]) -> list[Type]:
    return [device.type for device in devices]


async def sent(manager: AudioManager, *actions: str) -> list[Intent]:
    """What the system sends from now on."""
    intents: list[Intent] = []
    await manager.register_receiver(intents.append, *actions)
    return intents


def states(intents: list[Intent]) -> list[object]:
    return [each.extras[STATE] for each in intents if each.action == SCO and not each.sticky]


async def headset_of(manager: AudioManager) -> AudioDeviceInfo:
    found = await manager.get_available_communication_devices()
    return next(each for each in found if each.type is Type.BLUETOOTH_SCO)


# -- devices -------------------------------------------------------------------------------------


async def test_devices_are_ports_with_built_in_ones_first(
    desktop: Desktop, manager: AudioManager
) -> None:
    outputs = await manager.get_devices(AudioManager.GET_DEVICES_OUTPUTS)
    assert types(outputs) == [Type.BUILTIN_SPEAKER, Type.BLUETOOTH_A2DP, Type.BLUETOOTH_SCO]
    speaker = outputs[0]
    assert (speaker.sample_rates, speaker.channel_counts) == ((48_000,), (2,))
    assert (speaker.channel_masks, speaker.channel_index_masks) == ((0xC,), (0x3,))
    inputs = await manager.get_devices(AudioManager.GET_DEVICES_INPUTS)
    assert types(inputs) == [Type.BUILTIN_MIC, Type.BLUETOOTH_SCO]
    assert len({device.id for device in outputs + inputs}) == 5
    assert await manager.is_bluetooth_a2dp_on()
    microphones = await manager.get_microphones()
    assert [each.id for each in microphones] == [each.id for each in inputs]


async def test_devices_that_come_and_go_are_told(desktop: Desktop, manager: AudioManager) -> None:
    told: list[tuple[str, list[Type]]] = []

    class Callback:
        def on_audio_devices_added(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
            told.append(("added", types(list(devices))))

        def on_audio_devices_removed(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
            told.append(("removed", types(list(devices))))

    await manager.register_audio_device_callback(Callback())
    assert [what for what, _ in told] == ["added"]
    desktop.machine.lose_headset()
    await until(lambda: len(told) == 2)
    assert told[1] == (
        "removed",
        [Type.BLUETOOTH_A2DP, Type.BLUETOOTH_SCO, Type.BLUETOOTH_SCO],
    )
    desktop.machine.connect_headset()
    await until(lambda: len(told) == 3)
    assert told[2][0] == "added"
    assert set(told[2][1]) == {Type.BLUETOOTH_A2DP, Type.BLUETOOTH_SCO}


async def test_properties_are_those_of_the_output_in_use(
    desktop: Desktop, manager: AudioManager
) -> None:
    desktop.machine.lose_headset()
    rate = AndroidAudioProperty.OUTPUT_SAMPLE_RATE.value
    frames = AndroidAudioProperty.OUTPUT_FRAMES_PER_BUFFER.value
    assert await manager.get_property(rate) == "48000"
    assert await manager.get_property(frames) == "480"
    assert await manager.get_property("no key") is None


# -- what a desktop has and has not --------------------------------------------------------------


async def test_what_a_desktop_answers(manager: AudioManager) -> None:
    assert not await manager.is_volume_fixed()
    assert await manager.get_ringer_mode() == AudioManager.RINGER_MODE_NORMAL
    assert not await manager.is_haptic_playback_supported()
    assert not await manager.is_ramping_ringer_enabled()
    assert not await manager.is_microphone_mute()
    assert not await manager.is_music_active()
    assert await manager.generate_audio_session_id() != await manager.generate_audio_session_id()
    await manager.set_allowed_capture_policy(AndroidAudioCapturePolicy.NONE)
    assert await manager.get_allowed_capture_policy() == AndroidAudioCapturePolicy.NONE
    await manager.set_parameters("a=1;b=2")
    assert await manager.get_parameters("b;c") == "b=2"
    await manager.set_microphone_mute(False)
    await manager.play_sound_effect(AudioManager.FX_KEY_CLICK)


@pytest.mark.parametrize(
    ("call", "capability"),
    [
        (lambda m: m.set_microphone_mute(True), "muting all microphones"),
        (lambda m: m.play_sound_effect(AudioManager.FX_KEY_CLICK, 0.5), "sound effects"),
        (lambda m: m.load_sound_effects(), "sound effects"),
        (lambda m: m.register_media_button_event_receiver(print), "receiving media keys"),
        (
            lambda m: m.dispatch_media_key_event(
                KeyEvent(KeyEvent.ACTION_DOWN, KeyEvent.KEYCODE_MEDIA_PLAY)
            ),
            "media keys without a session bus",
        ),
    ],
)
async def test_what_cannot_be_done_says_so(
    manager: AudioManager,
    call: Callable[[AudioManager], Awaitable[object]],
    capability: str,
) -> None:
    with pytest.raises(UnsupportedError) as caught:
        await call(manager)
    assert caught.value.capability == capability


async def test_parameters_are_bounded(manager: AudioManager) -> None:
    with pytest.raises(LimitError):
        await manager.set_parameters(";".join(f"k{number}=1" for number in range(300)))
    assert await manager.get_parameters("k0") == ""


async def test_without_a_service_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    manager = AudioManager(lambda: LinuxHost("app", start=False))
    for call in (manager.get_stream_volume(3), manager.get_devices(3), manager.is_music_active()):
        with pytest.raises(HostUnavailableError):
            await call
    await manager.close()


# -- volumes -------------------------------------------------------------------------------------


async def test_volumes_reach_the_streams_and_bad_input_does_not(
    desktop: Desktop, manager: AudioManager
) -> None:
    stream = desktop.machine.play(pid=4_200_000)
    assert await manager.get_stream_volume(AudioManager.STREAM_MUSIC) == 15
    assert await manager.is_music_active()
    with pytest.raises(IllegalArgumentException):
        await manager.set_stream_volume(99, 3)
    with pytest.raises(IllegalArgumentException):
        await manager.adjust_stream_volume(AudioManager.STREAM_MUSIC, 7)
    with pytest.raises(InvalidTypeError):
        await manager.set_stream_volume(AudioManager.STREAM_MUSIC, 0.5)  # type: ignore[arg-type]
    assert desktop.machine.factors[stream] == 1.0
    await manager.set_stream_volume(AudioManager.STREAM_MUSIC, 7, 2**40 + 1)
    level = await manager.get_stream_volume_db(AudioManager.STREAM_MUSIC, 7, Type.BLUETOOTH_A2DP)
    assert desktop.machine.factors[stream] == pytest.approx(to_linear(level))
    await manager.set_stream_volume(AudioManager.STREAM_MUSIC, 2**40)
    assert desktop.machine.factors[stream] == 1.0


async def test_who_may_not_silence_is_told_in_androids_words(manager: AudioManager) -> None:
    for mode in (AudioManager.RINGER_MODE_SILENT, AudioManager.RINGER_MODE_VIBRATE):
        # Nobody here grants that access, so it says what works instead.
        with pytest.raises(SecurityException, match=r"AudioManager\(target_sdk=23\)"):
            await manager.set_ringer_mode(mode)
    assert await manager.get_ringer_mode() == AudioManager.RINGER_MODE_NORMAL
    old = AudioManager(manager._use_host(), target_sdk=23)
    # There is nothing to vibrate with.
    await old.set_ringer_mode(AudioManager.RINGER_MODE_VIBRATE)
    assert await manager.get_ringer_mode() == AudioManager.RINGER_MODE_SILENT
    await old.set_ringer_mode(AudioManager.RINGER_MODE_NORMAL)


# -- calls ---------------------------------------------------------------------------------------


async def test_the_link_follows_the_cards_profile(desktop: Desktop, manager: AudioManager) -> None:
    intents = await sent(manager, SCO)
    assert [each.extras[STATE] for each in intents] == [DISCONNECTED]
    chosen: list[Type | None] = []
    await manager.add_on_communication_device_changed_listener(
        lambda run: run(), lambda device: chosen.append(device.type if device else None)
    )
    await manager.start_bluetooth_sco()
    await until(lambda: states(intents)[-1:] == [CONNECTED])
    assert states(intents) == [CONNECTING, CONNECTED]
    assert desktop.profile == "hfp"
    device: Any = manager._use_host().android_device  # type: ignore[attr-defined]
    assert (device._report.route.outputs, device._report.route.inputs) == (
        (CALLS_PORT,),
        (CALLS_MIC_PORT,),
    )
    assert await manager.is_bluetooth_sco_on()
    assert chosen == [Type.BLUETOOTH_SCO]
    await manager.stop_bluetooth_sco()
    assert states(intents) == [CONNECTING, CONNECTED, DISCONNECTED]
    await until(lambda: desktop.profile == "a2dp")
    assert not await manager.is_bluetooth_sco_on()
    assert chosen == [Type.BLUETOOTH_SCO, Type.BUILTIN_SPEAKER]


async def test_closing_the_manager_gives_the_profile_back(desktop: Desktop) -> None:
    manager = AudioManager(lambda: LinuxHost("app", start=False))
    assert await manager.set_communication_device(await headset_of(manager))
    device = await manager.get_communication_device()
    assert device is not None
    assert device.type is Type.BLUETOOTH_SCO
    assert desktop.profile == "hfp"
    await manager.close()
    await until(lambda: desktop.profile == "a2dp")


async def test_a_link_that_does_not_open_fails(
    desktop: Desktop, manager: AudioManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "SCO_S", 0.05)
    intents = await sent(manager, SCO)
    desktop.machine.obeys = False
    await manager.start_bluetooth_sco()
    await until(lambda: states(intents)[-1:] == [DISCONNECTED])
    assert states(intents) == [CONNECTING, DISCONNECTED]
    assert not await manager.is_bluetooth_sco_on()


async def test_a_headset_that_leaves_takes_the_wish_along(
    desktop: Desktop, manager: AudioManager
) -> None:
    intents = await sent(manager, SCO)
    await manager.start_bluetooth_sco()
    await until(lambda: states(intents)[-1:] == [CONNECTED])
    desktop.machine.lose_headset()
    await until(lambda: states(intents)[-1:] == [DISCONNECTED])
    left = await manager.get_available_communication_devices()
    assert Type.BLUETOOTH_SCO not in types(left)


async def test_nobody_is_disturbed_by_a_wish(desktop: Desktop, manager: AudioManager) -> None:
    async with Client(desktop.address) as client:
        music = await client.open("player", "music")
        assert await client.activate(music) == "granted"
        await manager.set_speakerphone_on(True)
        assert await manager.is_speakerphone_on()
        status = await client.status()
    standings = {each["app"]: each["standing"] for each in status["sessions"]}
    assert standings == {"player": "active", "app": "active"}
    await manager.set_speakerphone_on(False)
    assert not await manager.is_speakerphone_on()


async def test_a_device_that_is_gone_is_not_taken(desktop: Desktop, manager: AudioManager) -> None:
    headset = await headset_of(manager)
    gone: list[AudioDeviceInfo] = []

    class Callback:
        def on_audio_devices_added(self, devices: tuple[AudioDeviceInfo, ...]) -> None: ...

        def on_audio_devices_removed(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
            gone.extend(devices)

    await manager.register_audio_device_callback(Callback())
    desktop.machine.lose_headset()
    await until(lambda: headset in gone)
    assert not await manager.set_communication_device(headset)
    assert not await manager.set_communication_device(
        AudioDeviceInfo(id=9_999, type=headset.type, product_name="x", sink=True)
    )


async def test_a_call_is_heard_from_the_chosen_output_and_music_is_not(
    desktop: Desktop, manager: AudioManager
) -> None:
    machine = desktop.machine
    host = manager._use_host()
    phone, player = AudioSession(host), AudioSession(host)
    await phone.configure(recipe("voice_call"))
    await player.configure(recipe("game"))
    assert await player.set_active(True)
    assert await phone.set_active(True)
    music = machine.play(pid=1, audiosession_id=token(player), endpoint=MUSIC.id)
    call = machine.play(pid=1, audiosession_id=token(phone), endpoint=MUSIC.id)
    await manager.set_speakerphone_on(True)
    await until(lambda: machine.streams[call].endpoint == SPEAKER.id)
    assert machine.streams[music].endpoint == MUSIC.id
    await manager.set_speakerphone_on(False)
    await until(lambda: machine.streams[call].endpoint == MUSIC.id)
    # One that begins while the wish holds follows it too.
    assert await phone.set_active(False)
    await manager.set_speakerphone_on(True)
    assert await phone.set_active(True)
    await until(lambda: machine.streams[call].endpoint == SPEAKER.id)
    assert machine.streams[music].endpoint == MUSIC.id
    await phone.close()
    await player.close()


def token(session: AudioSession) -> str:
    """What ties a stream to a session."""
    found: Any = session._session
    return str(found.token)


async def test_pulled_headphones_are_noisy(desktop: Desktop, manager: AudioManager) -> None:
    intents = await sent(manager, AndroidIntent.ACTION_AUDIO_BECOMING_NOISY)
    desktop.machine.play(pid=4_200_001, endpoint=MUSIC.id)
    await until(lambda: desktop.engine.android.report().sounding == ("MUSIC",))
    # The report that says so comes first.
    device: Any = manager._use_host().android_device  # type: ignore[attr-defined]
    await until(lambda: device._report.other_audio)
    desktop.machine.lose_headset()
    await until(lambda: bool(intents))
    assert HEADPHONES.id not in {each.id for each in desktop.machine.endpoints if each.active}


async def test_the_mode_is_the_apps_own(manager: AudioManager) -> None:
    modes: list[int] = []
    await manager.add_on_mode_changed_listener(lambda run: run(), modes.append)
    await manager.set_mode(AudioManager.MODE_IN_COMMUNICATION)
    assert await manager.get_mode() == AudioManager.MODE_IN_COMMUNICATION
    # For that an app has to be telephony.
    await manager.set_mode(AudioManager.MODE_IN_CALL)
    assert await manager.get_mode() == AudioManager.MODE_IN_COMMUNICATION
    await manager.set_mode(AudioManager.MODE_NORMAL)
    assert modes == [AudioManager.MODE_IN_COMMUNICATION, AudioManager.MODE_NORMAL]


def test_importing_the_host_does_not_load_androids_surface() -> None:
    code = (
        "import sys, audiosession.hosts.linux\n"
        "assert 'audiosession.hosts.linux.android_device' not in sys.modules\n"
        "assert 'audiosession.android.audio_manager' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
