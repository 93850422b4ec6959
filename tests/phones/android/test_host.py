"""The Android host: what it registers with the phone, devices, noise, threads."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import closing

import pytest

from audiosession import AudioDeviceType, AudioSession, blocking, hosts, recipe
from audiosession.android import AndroidAudioDeviceType, AndroidPermission, AudioManager
from audiosession.errors import ClosedError, ExtraMissingError, UnsupportedError
from audiosession.hosts.android import AndroidHost, receivers
from audiosession.hosts.android.devices import KINDS
from audiosession.hosts.android.loop import LoopPost
from audiosession.hosts.base import ActivationRequest, Capability
from tests.hosts.contract import Ear

from .kit import GAIN, LOSS_TRANSIENT, NOISY, Stage, focus_request
from .phone import Phone

HEADSET, SPEAKER = 3, 2


# -- what is registered --------------------------------------------------------------------------


async def test_it_registers_once_and_takes_all_back(stage: Stage) -> None:
    assert stage.phone.java.listening() == 0
    second = AudioSession(stage.host)
    await stage.session.get_devices()
    await second.get_devices()
    assert stage.phone.java.listening() == 2, "the receiver and the device callback"
    await second.close()
    assert stage.phone.java.listening() == 2
    await stage.session.close()
    assert stage.phone.java.listening() == 0


async def test_from_level_33_it_says_that_other_apps_may_not_send_it(stage: Stage) -> None:
    await stage.session.get_devices()
    (call,) = stage.phone.calls("Context.registerReceiver")
    flag = ", 4)" if stage.phone.level >= 33 else ")"
    assert call == f"Context.registerReceiver(Receiver, IntentFilter{flag}"


async def test_a_failed_registration_leaves_nothing_behind(stage: Stage) -> None:
    stage.phone.fail("AudioManager.registerAudioDeviceCallback", "java.lang.RuntimeException", "no")
    with pytest.raises(Exception, match="no"):
        await stage.session.get_devices()
    assert stage.phone.java.listening() == 0
    stage.phone.forget("AudioManager.registerAudioDeviceCallback")
    assert await stage.session.get_devices()


async def test_one_that_does_not_end_is_logged_and_the_other_ends(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.session.get_devices()
    stage.phone.fail("Context.unregisterReceiver", "java.lang.RuntimeException", "not there")
    await stage.session.close()
    assert "would not end" in caplog.text
    assert "AudioManager.unregisterAudioDeviceCallback(DeviceCallback)" in stage.phone.calls()


# -- noise ---------------------------------------------------------------------------------------


async def test_noise_is_told_to_who_is_active(stage: Stage) -> None:
    await stage.session.set_active(True)
    stage.phone.send(stage.phone.intent(NOISY))
    stage.phone.send(stage.phone.intent("android.media.ANOTHER"))
    await stage.phone.settle()
    assert stage.words == ["noisy"]
    await stage.session.set_active(False)
    stage.phone.send(stage.phone.intent(NOISY))
    await stage.phone.settle()
    assert stage.words == ["noisy"]


# -- devices -------------------------------------------------------------------------------------


async def test_devices_are_those_of_both_directions(stage: Stage) -> None:
    found = await stage.session.get_devices()
    assert {(each.id, each.type, each.is_input, each.is_output) for each in found} == {
        ("1", AudioDeviceType.BUILT_IN_EARPIECE, False, True),
        ("2", AudioDeviceType.BUILT_IN_SPEAKER, False, True),
        ("3", AudioDeviceType.BUILT_IN_MIC, True, False),
    }


async def test_what_is_there_at_first_is_no_change(stage: Stage) -> None:
    await stage.session.get_devices()
    await stage.phone.settle()
    assert stage.changes == []


async def test_a_headset_comes_and_goes_as_an_input_and_an_output(stage: Stage) -> None:
    phone = stage.phone
    await stage.session.get_devices()
    output = phone.device(30, HEADSET, "headset", sink=True)
    microphone = phone.device(31, HEADSET, "headset", source=True)
    phone.plug(output, microphone)
    await phone.settle()
    (come,) = stage.changes
    assert {each.id for each in come.devices_added} == {"30", "31"}
    assert {each.type for each in come.devices_added} == {AudioDeviceType.WIRED_HEADSET}
    assert not come.devices_removed
    # Its microphone alone goes: the other route stays as it was.
    phone.unplug(microphone)
    await phone.settle()
    assert {each.id for each in stage.changes[1].devices_removed} == {"31"}
    assert "30" in {each.id for each in await stage.session.get_devices(include_inputs=False)}


async def test_a_device_that_is_told_twice_comes_once(stage: Stage) -> None:
    await stage.session.get_devices()
    device = stage.phone.device(30, HEADSET, "headset", sink=True)
    stage.phone.plug(device)
    stage.phone.plug(device)
    await stage.phone.settle()
    stage.phone.unplug(stage.phone.device(77, HEADSET, "never there", sink=True))
    await stage.phone.settle()
    assert len(stage.changes) == 1


def test_every_type_but_two_has_a_kind() -> None:
    without = {each for each in AndroidAudioDeviceType if each not in KINDS}
    assert {each.name for each in without} == {
        "UNKNOWN",
        "ECHO_REFERENCE",
        "MULTICHANNEL_GROUP",
        "BLE_CENTRAL",
        "BLE_CENTRAL_BROADCAST",
    }


@pytest.mark.parametrize(("level", "lowers"), [(25, False), (26, True)])
def test_from_level_26_on_the_phone_lowers_apps(newest: Phone, level: int, lowers: bool) -> None:
    newest.doubles.reset(level)
    capabilities = AndroidHost(newest.bridge()).capabilities
    assert (Capability.SYSTEM_DUCKING in capabilities) is lowers


async def test_before_level_23_there_are_no_devices_to_be_had(newest: Phone) -> None:
    newest.doubles.reset(22)
    host = AndroidHost(newest.bridge())
    assert Capability.DEVICES not in host.capabilities
    ear = Ear()
    session = await host.open_session(ear)
    await session.activate(ActivationRequest.of(recipe("music")))
    newest.send(newest.intent(NOISY))
    await newest.settle()
    assert ear.words == ["noisy"]
    with pytest.raises(UnsupportedError, match=r"API level 23, this is 22"):
        await session.devices()
    await host.close()


# -- AudioManager over it ------------------------------------------------------------------------


async def test_each_listener_of_audio_manager_is_a_client_of_its_own(stage: Stage) -> None:
    manager = AudioManager(stage.host)
    one: list[int] = []
    two: list[int] = []
    assert await manager.request_audio_focus(focus_request(one)) == 1
    assert await manager.request_audio_focus(focus_request(two, 2)) == 1
    await stage.phone.settle()
    assert (one, two) == ([LOSS_TRANSIENT], [])
    assert stage.phone.holders() == ["app", "app"]
    await manager.close()
    await stage.phone.settle()
    assert stage.phone.holders() == []


async def test_a_request_that_may_wait_waits_for_a_call(stage: Stage) -> None:
    manager = AudioManager(stage.host)
    heard: list[int] = []
    stage.phone.java.calling(True)
    if stage.phone.level < 26:
        with pytest.raises(UnsupportedError):
            await manager.request_audio_focus(focus_request(heard, patient=True))
    else:
        assert await manager.request_audio_focus(focus_request(heard, patient=True)) == 2
        stage.phone.java.calling(False)
        await stage.phone.settle()
        assert heard == [GAIN]
    await manager.close()


async def test_a_listener_hears_the_duck_itself_though_it_pauses(stage: Stage) -> None:
    manager = AudioManager(stage.host)
    heard: list[int] = []
    await manager.request_audio_focus(focus_request(heard, pauses=True))
    await stage.other.request_audio_focus(None, 3, 3)
    await stage.phone.settle()
    assert heard == [-3]
    await manager.close()


async def test_the_phone_says_what_the_app_may(stage: Stage) -> None:
    assert stage.host.android_app.permissions == frozenset()
    stage.phone.java.grant("android.permission.MODIFY_AUDIO_SETTINGS")
    assert stage.host.android_app.permissions == {AndroidPermission.MODIFY_AUDIO_SETTINGS}


# -- threads -------------------------------------------------------------------------------------


async def test_what_java_threads_tell_comes_in_order_and_in_the_loop(newest: Phone) -> None:
    stage = Stage(newest)
    newest.java.ducks(False)
    threads: set[int] = set()
    stage.session.interruption_event_stream.listen(lambda _: threads.add(threading.get_ident()))
    await stage.session.set_active(True)
    for _ in range(100):
        newest.java.tellFocus("app", LOSS_TRANSIENT)
        newest.java.tellFocus("app", GAIN)
    await newest.settle()
    assert stage.words == ["begin pause", "end pause resume"] * 100
    assert threads == {threading.get_ident()}
    await stage.close()


async def test_a_call_on_its_way_finds_the_listener_though_the_app_is_gone(newest: Phone) -> None:
    heard: list[list[str]] = []
    for _ in range(20):
        stage = Stage(newest)
        await stage.session.set_active(True)
        newest.java.tellFocus("app", LOSS_TRANSIENT)
        newest.send(newest.intent(NOISY))
        await stage.close()
        heard.append(stage.words)
    before = [list(words) for words in heard]
    await newest.settle()
    assert heard == before, "nothing is told after the end"


def test_a_program_without_a_loop_hands_the_host_over(newest: Phone) -> None:
    with closing(blocking.AudioSession(AndroidHost(newest.bridge()))) as session:
        assert session.set_active(True)
        assert newest.holders() == ["app"]
        assert session.get_devices()
    assert newest.holders() == []


def test_nothing_of_it_is_loaded_before_it_is_chosen() -> None:
    text = (
        "import sys, audiosession, audiosession.android, audiosession.hosts\n"
        "assert not {'jnius', 'java', 'audiosession.hosts.android'} & set(sys.modules)\n"
        "import audiosession.hosts.android\n"
        "assert not {'jnius', 'java'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", text], check=True)


async def test_work_that_fails_is_logged_and_the_next_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    post, done = LoopPost(), asyncio.get_running_loop().create_future()

    def fail() -> None:
        raise LookupError("somebody's mistake")

    post(fail)
    post(lambda: done.set_result(None))
    await done
    assert "somebody's mistake" in caplog.text


# -- no bridge -----------------------------------------------------------------------------------


def test_without_a_bridge_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    there: Mapping[str, object] = {}
    monkeypatch.setattr(hosts, "find_spec", there.get)
    with pytest.raises(ExtraMissingError, match=r"pyjnius.*buildozer\.spec"):
        AndroidHost()


async def test_without_our_java_classes_it_says_what_the_build_lacks(
    newest: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "RECEIVER", "org.audiosession.NoReceiver")
    host = AndroidHost(newest.bridge())
    with pytest.raises(ExtraMissingError, match=r"org\.audiosession\.NoReceiver.*the app's build"):
        await host.open_session(Ear())
    assert newest.java.listening() == 0


async def test_a_host_that_was_closed_opens_again(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.host.close()
    assert stage.phone.holders() == []
    with pytest.raises(ClosedError):
        await stage.session.get_devices()
    session = await stage.host.open_session(Ear())
    assert await session.devices()
