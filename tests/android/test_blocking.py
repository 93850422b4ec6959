"""AudioManager for programs without an event loop: the asynchronous one, in calls that block."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue

import pytest

from audiosession import blocking
from audiosession.android import AndroidAudioFocus, AudioFocusRequest, Handler, Intent
from audiosession.android import AudioManager as AsyncAudioManager
from audiosession.android.blocking import AudioManager
from audiosession.errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
)
from audiosession.hosts.base import Host
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.focus_kit import CAN_DUCK, FAILED, GAIN, GAINS, GRANTED, LOSS, D, G
from tests.android.routing_kit import HEADSET, HEADSET_PLUG, Type

ENDS = """
from audiosession.android import AudioFocusRequest
from audiosession.android import AudioManager as Inner
from audiosession.android.blocking import AudioManager
ending = Inner.close
async def close(self):
    print(len(self._clients), "to give back", flush=True)
    await ending(self)
    print(len(self._clients), "left", flush=True)
Inner.close = close
manager = AudioManager()
request = AudioFocusRequest.Builder(manager.AUDIOFOCUS_GAIN).build()
print(manager.request_audio_focus(request).name)
"""


@pytest.fixture
def device() -> SimulatedDevice:
    return blocking.run(lambda: SimulatedDevice("phone", policy="android"))


@pytest.fixture
def music(device: SimulatedDevice) -> Iterator[AudioManager]:
    yield from _managed(device, "music")


@pytest.fixture
def guide(device: SimulatedDevice) -> Iterator[AudioManager]:
    yield from _managed(device, "guide")


def _managed(device: SimulatedDevice, app: str) -> Iterator[AudioManager]:
    manager = AudioManager(blocking.run(lambda: device.app(app).host))
    yield manager
    manager.close()


def request(
    gain: int,
    listener: Callable[[AndroidAudioFocus], object] | None = None,
    handler: Handler | None = None,
) -> AudioFocusRequest:
    builder = AudioFocusRequest.Builder(gain)
    if listener is not None and handler is not None:
        builder.set_on_audio_focus_change_listener(listener, handler)
    elif listener is not None:
        builder.set_on_audio_focus_change_listener(listener)
    return builder.set_will_pause_when_ducked(listener is not None).build()


def test_every_method_has_a_twin_of_its_name_that_is_no_coroutine() -> None:
    names = [
        name
        for name, found in inspect.getmembers(AsyncAudioManager, inspect.iscoroutinefunction)
        if not name.startswith("_")
    ]
    assert len(names) > 60
    for name in names:
        twin = getattr(AudioManager, name)
        assert not inspect.iscoroutinefunction(twin)
        assert inspect.unwrap(twin) is getattr(AsyncAudioManager, name)


def test_focus_is_asked_for_lost_and_gained(
    device: SimulatedDevice, music: AudioManager, guide: AudioManager
) -> None:
    heard: list[tuple[AndroidAudioFocus, threading.Thread]] = []

    def hear(change: AndroidAudioFocus) -> None:
        heard.append((change, threading.current_thread()))

    assert music.request_audio_focus(request(G, hear)) is GRANTED
    prompt = request(D)
    assert guide.request_audio_focus(prompt) is GRANTED
    assert guide.abandon_audio_focus_request(prompt) is GRANTED
    (worker,) = {thread for _, thread in heard}
    assert [change for change, _ in heard] == [CAN_DUCK, GAIN]
    assert worker is not threading.current_thread()
    assert music.request_audio_focus(None, music.STREAM_MUSIC, 0) is FAILED
    assert music.abandon_audio_focus(hear) is GRANTED
    assert blocking.run(lambda: device.arbiter.active) == ()


def test_a_handler_brings_what_is_told_to_another_thread(
    music: AudioManager, guide: AudioManager
) -> None:
    calls: SimpleQueue[Callable[[], object]] = SimpleQueue()
    heard: list[AndroidAudioFocus] = []
    music.request_audio_focus(request(G, heard.append, calls.put))
    guide.request_audio_focus(request(G))
    assert heard == []
    calls.get(timeout=10)()
    assert heard == [LOSS]
    # There a blocking manager may be used again.
    assert music.request_audio_focus(request(G, heard.append)) is GRANTED


def test_a_listener_may_not_wait_for_its_own_thread(
    music: AudioManager, guide: AudioManager
) -> None:
    refused: list[IllegalRequestError] = []

    def hear(change: AndroidAudioFocus) -> None:
        with pytest.raises(IllegalRequestError) as caught:
            music.abandon_audio_focus(hear)
        refused.append(caught.value)

    music.request_audio_focus(request(G, hear))
    guide.request_audio_focus(request(D))
    assert len(refused) == 1
    assert "hand the work to another thread" in str(refused[0])


def test_what_is_no_focus_goes_the_same_way(device: SimulatedDevice, music: AudioManager) -> None:
    music.set_stream_volume(music.STREAM_MUSIC, 3)
    assert music.get_stream_volume(music.STREAM_MUSIC) == 3
    music.set_ringer_mode(music.RINGER_MODE_VIBRATE)
    assert music.get_ringer_mode() is music.RINGER_MODE_VIBRATE
    music.set_microphone_mute(True)
    assert music.is_microphone_mute()
    heard: list[Intent] = []
    music.register_receiver(heard.append, HEADSET_PLUG)
    heard.clear()
    blocking.run(lambda: device.plug("wired headset"))
    blocking.run(lambda: device.plug(HEADSET))
    assert [intent.action for intent in heard] == [HEADSET_PLUG]
    types = {each.type for each in music.get_devices(music.GET_DEVICES_OUTPUTS)}
    assert {Type.WIRED_HEADSET, Type.BLUETOOTH_A2DP} <= types
    modes: list[int] = []
    music.add_on_mode_changed_listener(lambda call: call(), modes.append)
    music.set_mode(music.MODE_IN_COMMUNICATION)
    assert music.get_mode() is music.MODE_IN_COMMUNICATION
    assert modes == [music.MODE_IN_COMMUNICATION]
    assert music.get_microphones()


def test_a_wrong_call_raises_what_the_asynchronous_one_does(
    device: SimulatedDevice, music: AudioManager
) -> None:
    with pytest.raises(InvalidTypeError):
        music.request_audio_focus("focus")  # type: ignore[call-overload]
    with pytest.raises(InvalidTypeError):
        music.set_mode("3")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        AudioManager("host")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError):
        AudioManager(target_sdk=0)
    assert blocking.run(lambda: device.arbiter.active) == ()


def test_closing_gives_back_what_it_has(
    device: SimulatedDevice, music: AudioManager, guide: AudioManager
) -> None:
    heard: list[AndroidAudioFocus] = []
    music.request_audio_focus(request(G, heard.append))
    guide.request_audio_focus(request(D))
    assert not guide.closed
    guide.close()
    guide.close()
    assert guide.closed
    assert heard == [CAN_DUCK, GAIN]
    with pytest.raises(ClosedError):
        guide.request_audio_focus(request(D))
    assert repr(guide) == "<AudioManager closed>"


def test_a_function_gives_the_host_in_the_sessions_thread(device: SimulatedDevice) -> None:
    threads: list[threading.Thread] = []

    def host() -> Host:
        threads.append(threading.current_thread())
        return device.app("own").host

    manager = AudioManager(host, target_sdk=30, package="org.example.own")
    assert (manager.target_sdk, manager.package) == (30, "org.example.own")
    assert threads == []
    assert manager.request_audio_focus(request(G)) is GRANTED
    assert threads == [blocking.run(threading.current_thread)]
    manager.close()
    assert blocking.run(lambda: device.arbiter.active) == ()


def test_threads_may_share_a_manager(device: SimulatedDevice, music: AudioManager) -> None:
    together = threading.Barrier(8)
    failed: list[BaseException] = []
    heard: list[list[AndroidAudioFocus]] = [[] for _ in range(8)]

    def ask(number: int) -> None:
        together.wait(10)
        try:
            for gain in GAINS * 5:
                assert music.request_audio_focus(request(gain, heard[number].append)) is GRANTED
            assert music.request_audio_focus(request(G, heard[number].append)) is GRANTED
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert failed == []
    # Whoever asked last has it, and everybody else has lost it for good.
    assert len(blocking.run(lambda: device.arbiter.active)) == 1
    before = [len(each) for each in heard]
    assert music.request_audio_focus(request(G)) is GRANTED
    told = [each[count:] for each, count in zip(heard, before, strict=True)]
    assert sorted(told) == [*7 * [[]], [LOSS]]


def test_a_program_that_ends_gives_back_what_it_has() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDS],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "AUDIOSESSION_HOST": "simulated"},
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["GRANTED", "1 to give back", "0 left"]
