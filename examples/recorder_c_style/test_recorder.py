"""The recorder in C's style, tried on a simulated phone."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref, c_uint32

import pytest

from audiosession.apple.audio_session_services import (
    AudioSessionGetProperty,
    CFRef,
    kAudioSessionProperty_AudioRoute,
    use,
)
from audiosession.testing import SimulatedApp, SimulatedDevice

from .recorder import Recorder, SessionError, State

pytestmark = pytest.mark.audio_device(policy="apple")


class Tape:
    """Notes what the engine was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start(self, recording: bool) -> None:
        self.told.append("record" if recording else "play")

    def stop(self) -> None:
        self.told.append("stop")


@pytest.fixture
def tape() -> Tape:
    return Tape()


@pytest.fixture
def recorder(audio_app: SimulatedApp, tape: Tape) -> Iterator[Recorder]:
    with use(audio_app.session):
        recorder = Recorder(tape)
        recorder.setUp()
        yield recorder


def route() -> str:
    word, size = CFRef(), c_uint32(8)
    assert AudioSessionGetProperty(kAudioSessionProperty_AudioRoute, byref(size), byref(word)) == 0
    return str(word.value)


def test_it_uses_the_loudspeaker_where_there_are_no_headphones(recorder: Recorder) -> None:
    recorder.start(State.RECORDING)
    assert route() == "SpeakerAndMicrophone"


def test_it_leaves_a_headset_alone(simulated_device: SimulatedDevice, recorder: Recorder) -> None:
    simulated_device.plug("wired headset")
    recorder.start(State.RECORDING)
    assert route() == "HeadsetInOut"


@pytest.mark.parametrize(("state", "word"), [(State.RECORDING, "record"), (State.PLAYING, "play")])
def test_it_stops_for_a_call_and_goes_on_when_that_was_declined(
    simulated_device: SimulatedDevice,
    audio_app: SimulatedApp,
    recorder: Recorder,
    tape: Tape,
    state: State,
    word: str,
) -> None:
    recorder.start(state)
    call = simulated_device.incoming_call()
    assert recorder.state is State.IDLE
    assert audio_app.standing == "interrupted"
    call.decline()
    assert recorder.state is state
    assert audio_app.standing == "active"
    # An interruption ends the override; resuming sets it again.
    assert route() == "SpeakerAndMicrophone"
    assert tape.told == [word, "stop", word]
    assert recorder.log == ["begin", "end, resume"]


def test_what_was_stopped_before_stays_so(
    simulated_device: SimulatedDevice, recorder: Recorder, tape: Tape
) -> None:
    recorder.start(State.PLAYING)
    recorder.stop()
    simulated_device.alarm().dismiss()
    assert tape.told == ["play", "stop"]


def test_pulled_headphones_stop_the_playing(
    simulated_device: SimulatedDevice, recorder: Recorder
) -> None:
    simulated_device.plug("wired headphones")
    recorder.start(State.PLAYING)
    simulated_device.unplug("wired headphones")
    assert recorder.state is State.IDLE
    assert recorder.log == ["unplugged"]
    assert route() == "SpeakerAndMicrophone"


def test_recording_goes_on_when_headphones_come(
    simulated_device: SimulatedDevice, recorder: Recorder
) -> None:
    recorder.start(State.RECORDING)
    simulated_device.plug("wired headset")
    assert recorder.state is State.RECORDING
    assert recorder.log == ["plugged"]


async def test_others_resume_when_it_is_done(
    simulated_device: SimulatedDevice, recorder: Recorder
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    music.player().play()
    recorder.start(State.RECORDING)
    assert music.standing == "interrupted"
    recorder.stop()
    assert music.standing != "interrupted"


def test_during_a_call_it_says_why_it_cannot(
    simulated_device: SimulatedDevice, recorder: Recorder, tape: Tape
) -> None:
    simulated_device.incoming_call().accept()
    with pytest.raises(SessionError, match="couldn't activate the audio session: !pri"):
        recorder.start(State.RECORDING)
    assert tape.told == []
