"""The blocking twin: the same session from a program without an event loop."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from audiosession import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    InterruptionHandler,
    Subscription,
    blocking,
    recipe,
)
from audiosession import AudioSession as AsyncSession
from audiosession.errors import ClosedError, DeniedError, IllegalRequestError, InvalidTypeError
from audiosession.hosts.simulated import ClockMode, SimulatedDevice, VirtualClock


@pytest.fixture
def device() -> SimulatedDevice:
    return blocking.run(lambda: SimulatedDevice(clock=VirtualClock(ClockMode.FAST)))


@pytest.fixture
def music(device: SimulatedDevice) -> Iterator[blocking.AudioSession]:
    session = blocking.AudioSession(device.app("music").session)
    session.configure(recipe("music"))
    yield session
    session.close()


@pytest.fixture
def prompt(device: SimulatedDevice) -> Iterator[blocking.AudioSession]:
    session = blocking.AudioSession(device.app("prompt").session)
    session.configure(recipe("navigation_prompt"))
    yield session
    session.close()


def test_a_prompt_lowers_the_music_and_gives_it_back(
    device: SimulatedDevice, music: blocking.AudioSession, prompt: blocking.AudioSession
) -> None:
    heard: list[AudioInterruptionEvent] = []
    subscription = music.interruption_event_stream.listen(heard.append)
    assert music.set_active(True) is True

    with prompt.activated() as same:
        assert same is prompt
        assert prompt.is_active
        assert device.app("music").gain_db == -14.0
    assert not prompt.is_active

    assert [(event.begin, event.type) for event in heard] == [
        (True, AudioInterruptionType.DUCK),
        (False, AudioInterruptionType.DUCK),
    ]
    subscription.cancel()
    assert not subscription.active
    blocking.run(device.alarm)
    assert len(heard) == 2


def test_an_exception_in_the_body_gives_everything_back(
    device: SimulatedDevice, music: blocking.AudioSession, prompt: blocking.AudioSession
) -> None:
    music.set_active(True)
    with pytest.raises(ZeroDivisionError), prompt.activated():
        raise ZeroDivisionError
    assert not prompt.is_active
    assert device.app("music").standing == "active"


def test_a_refused_activation_raises(
    device: SimulatedDevice, prompt: blocking.AudioSession
) -> None:
    call = blocking.run(device.incoming_call)
    blocking.run(call.accept)
    prompt.configure(recipe("recording"))
    assert prompt.set_active(True) is False
    with pytest.raises(DeniedError) as caught, prompt.activated():
        raise AssertionError("the body ran")
    assert caught.value.holder == "phone"


def test_errors_come_through_with_their_type(music: blocking.AudioSession) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        music.configure("music")  # type: ignore[arg-type]
    assert caught.value.field == "configuration"
    assert music.configuration == recipe("music")


def test_a_for_loop_waits_for_events_and_ends_with_the_session(
    device: SimulatedDevice, music: blocking.AudioSession
) -> None:
    music.set_active(True)
    heard: list[AudioInterruptionEvent] = []
    iterating = threading.Event()
    enough = threading.Event()
    events = iter(music.interruption_event_stream)

    def read() -> None:
        iterating.set()
        for event in events:
            heard.append(event)
            if len(heard) == 2:
                enough.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert iterating.wait(10)
    alarm = blocking.run(device.alarm)
    blocking.run(alarm.dismiss)
    assert enough.wait(10)
    music.close()
    reader.join(10)
    assert not reader.is_alive()
    assert [event.begin for event in heard] == [True, False]


def test_a_blocking_call_from_a_listener_is_refused_and_others_still_hear(
    device: SimulatedDevice, music: blocking.AudioSession, caplog: pytest.LogCaptureFixture
) -> None:
    caught: list[Exception] = []

    def listener(event: AudioInterruptionEvent) -> None:
        try:
            music.quiet()
        except IllegalRequestError as error:
            caught.append(error)
            raise

    heard: list[AudioInterruptionEvent] = []
    music.interruption_event_stream.listen(listener)
    music.interruption_event_stream.listen(heard.append)
    music.set_active(True)
    blocking.run(device.alarm)
    assert len(caught) == 1
    assert "listener" in str(caught[0])
    assert len(heard) == 1
    assert "listener" in caplog.text


def test_handle_interruptions_pauses_and_resumes(
    device: SimulatedDevice, music: blocking.AudioSession
) -> None:
    player = blocking.run(device.app("music").player)
    handler = music.handle_interruptions(player)
    music.set_active(True)
    blocking.run(player.play)
    alarm = blocking.run(device.alarm)
    assert not player.playing
    blocking.run(alarm.dismiss)
    assert player.playing

    handler.enabled = False
    assert not handler.enabled
    blocking.run(device.alarm)
    assert player.playing
    handler.cancel()


def test_properties_and_devices(music: blocking.AudioSession) -> None:
    assert music.is_configured
    assert music.configuration == recipe("music")
    assert {device.id for device in music.get_devices(include_inputs=False)} == {
        "speaker",
        "earpiece",
    }
    assert "QUIET" in {capability.name for capability in music.capabilities}
    for stream in (
        music.configuration_stream,
        music.devices_stream,
    ):
        latest: list[object] = []
        stream.listen(latest.append)
        assert len(latest) == 1
    assert music.devices_changed_event_stream is not None
    assert music.becoming_noisy_event_stream is not None
    music.user_paused()
    music.user_played()
    assert music.quiet(0.0) is True


def test_it_has_every_public_member_of_the_asynchronous_one() -> None:
    # What hosts report goes to the asynchronous session, which the twin wraps.
    reports = {"interruption", "becoming_noisy", "devices_changed", "gained_claim", "lost_claim"}
    members = {name for name in vars(AsyncSession) if not name.startswith("_")}
    twins = {name for name in vars(blocking.AudioSession) if not name.startswith("_")}
    assert twins == members - reports
    for kind, twin in (
        (InterruptionHandler, blocking.BlockingHandler),
        (Subscription, blocking.BlockingSubscription),
    ):
        assert {name for name in vars(twin) if not name.startswith("_")} == {
            name for name in vars(kind) if not name.startswith("_")
        }


def test_the_twin_knows_what_the_session_knows(music: blocking.AudioSession) -> None:
    assert music.android_audio_attributes == recipe("music").android_audio_attributes
    assert music.android_audio_focus_gain_type == recipe("music").android_audio_focus_gain_type
    assert not music.closed
    music.close()
    assert music.closed


def test_a_handler_can_be_waited_for(device: SimulatedDevice, music: blocking.AudioSession) -> None:
    resumed: list[str] = []

    class Player:
        playing = True

        async def pause(self) -> None:
            self.playing = False

        async def resume(self) -> None:
            resumed.append("resumed")

        def set_volume(self, volume: float) -> None:
            """Never lowered."""

    music.set_active(True)
    handler = music.handle_interruptions(Player())
    blocking.run(blocking.run(device.alarm).dismiss)
    handler.settled()
    assert resumed == ["resumed"]


def test_use_after_close(music: blocking.AudioSession) -> None:
    music.close()
    music.close()
    with pytest.raises(ClosedError):
        music.set_active(True)


def test_the_instance_is_the_asynchronous_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsyncSession, "_shared", None)
    monkeypatch.setenv("AUDIOSESSION_HOST", "simulated")
    session = blocking.AudioSession.instance()
    assert blocking.AudioSession.instance() is session
    assert session._session is AsyncSession.instance()
    session.close()
    assert blocking.AudioSession.instance() is not session
    monkeypatch.setattr(blocking.AudioSession, "_shared", None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_that_the_session_is_its_parents() -> None:
    program = """
import os
from audiosession import blocking
session = blocking.AudioSession.instance("simulated")
session.set_active(True)
if os.fork() == 0:
    try:
        session.set_active(False)
    except Exception as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    os._exit(0)
os.wait()
print(session.set_active(False))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    child, parent = done.stdout.splitlines()
    assert child.startswith("IllegalRequestError: this session belongs to the process")
    assert parent == "True"


def test_a_program_that_ends_closes_its_sessions() -> None:
    program = """
from audiosession.blocking import AudioSession
from audiosession.session import AudioSession as Inner
closed = Inner.close
async def close(self):
    print("closed", flush=True)
    await closed(self)
Inner.close = close
session = AudioSession.instance()
assert session.set_active(True)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "AUDIOSESSION_HOST": "simulated"},
    )
    assert done.stdout == "closed\n"
    assert done.stderr == ""


def test_a_session_that_does_not_close_does_not_keep_the_program() -> None:
    program = """
import asyncio
from audiosession import blocking
from audiosession.hosts.simulated.host import SimulatedSession
async def never(self):
    await asyncio.Event().wait()
SimulatedSession.close = never
blocking.EXIT_TIMEOUT_S = 0.01
sessions = [blocking.AudioSession.instance(), blocking.AudioSession(blocking.run(make).host)]
for session in sessions:
    assert session.set_active(True)
""".replace(
        "sessions =",
        "from audiosession.hosts.simulated import SimulatedDevice\n"
        "make = lambda: SimulatedDevice().app('second')\n"
        "sessions =",
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "AUDIOSESSION_HOST": "simulated"},
    )
    assert done.stderr.count("a session did not close within 0.01 s") == 2


def test_ctrl_c_in_a_blocking_call_leaves_no_half_state() -> None:
    program = """
import asyncio, signal, os, threading
from audiosession import blocking
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.hosts.simulated.host import SimulatedSession
# A child of a shell's background job inherits that the signal is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
device = SimulatedDevice()
session = blocking.AudioSession(device.app("music").session)
plain = SimulatedSession.activate
async def slow(self, request):
    result = await plain(self, request)
    threading.Timer(0, os.kill, (os.getpid(), signal.SIGINT)).start()
    await asyncio.sleep(0.2)
    return result
SimulatedSession.activate = slow
try:
    session.set_active(True)
except KeyboardInterrupt:
    print("interrupted")
SimulatedSession.activate = plain
assert session.get_devices()
print(session.is_active, device.app("music").standing)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.splitlines() == ["interrupted", "False inactive"], done.stderr
