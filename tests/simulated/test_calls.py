"""Calls, alarms, ringtones and the assistant: what the system itself brings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from audiosession import recipe
from audiosession.core.effects import Effect, Interrupted
from audiosession.errors import IllegalRequestError, InvalidValueError
from audiosession.hosts.simulated import CallState, Observer, SimulatedCall, SimulatedDevice
from audiosession.policies import POLICIES
from audiosession.testing import Heard

from .kit import start


class Sounds(Observer):
    """What the system plays."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.paused: list[str] = []

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        self.lines.append(f"{app} plays {audio}")

    def player_stopped(self, at: float, app: str, player: str) -> None:
        self.lines.append(f"{app} stops")

    def applied(self, at: float, app: str, effect: Effect) -> None:
        if isinstance(effect, Interrupted):
            self.paused.append(f"{app} {effect.kind.value}")


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


# -- calls ---------------------------------------------------------------------------------------


async def test_a_call_pauses_from_the_first_ring_until_it_is_over(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    heard = Heard(music.session)
    sounds = Sounds()
    device.observe(sounds)
    call = device.incoming_call("grandma", ringtone=Path("ring.flac"), voice=Path("voice.flac"))
    assert (call.caller, call.state) == ("grandma", CallState.RINGING)
    assert music.standing == "interrupted"
    call.accept()
    assert call.state is CallState.CONNECTED
    assert music.standing == "interrupted"
    call.end()
    assert call.state.value == "ended"
    assert music.standing == "active"
    assert heard.words == ["begin pause", "end pause"]
    assert [event.reason.value for event in heard.interruptions] == ["ringtone", "ringtone"]
    assert heard.interruptions[1].should_resume
    assert sounds.lines == [
        "phone plays ring.flac",
        "phone stops",
        "phone plays voice.flac",
        "phone stops",
    ]


@pytest.mark.parametrize("end", [SimulatedCall.decline, SimulatedCall.ignore])
async def test_a_call_that_is_not_taken_gives_the_music_back(
    device: SimulatedDevice, end: Callable[[SimulatedCall], None]
) -> None:
    music = await start(device, "music")
    call = device.incoming_call()
    end(call)
    assert call.state is CallState.ENDED
    assert music.standing == "active"
    assert device.arbiter.snapshot().active == ("music",)


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        ([], ["end"]),
        (["accept"], ["accept", "decline", "ignore"]),
        (["decline"], ["accept", "decline", "ignore", "end"]),
        (["accept", "end"], ["accept", "decline", "ignore", "end"]),
    ],
)
def test_what_comes_too_late_or_too_early_is_refused(
    device: SimulatedDevice, before: list[str], wrong: list[str]
) -> None:
    call = device.incoming_call()
    for step in before:
        getattr(call, step)()
    state, active = call.state, device.arbiter.snapshot().active
    for step in wrong:
        with pytest.raises(InvalidValueError, match="call from 'a friend' must be"):
            getattr(call, step)()
        assert call.state is state
        assert device.arbiter.snapshot().active == active


async def test_a_second_call_rings_below_the_first_and_holds_it_when_taken(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "music")
    sounds = Sounds()
    device.observe(sounds)
    first = device.incoming_call("first")
    first.accept()
    second = device.incoming_call("second")
    assert sounds.paused[-1] == "phone duck"
    second.accept()
    assert sounds.paused[-1] == "phone pause"
    assert (first.state, second.state) == (CallState.CONNECTED, CallState.CONNECTED)
    second.end()
    assert device.arbiter.active[-1] == "phone/1"
    assert device.arbiter.standing("phone/1").value == "active"
    assert music.standing == "interrupted"
    first.end()
    assert music.standing == "active"


async def test_a_second_call_can_be_declined(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    first = device.incoming_call()
    first.accept()
    device.incoming_call().decline()
    assert music.standing == "interrupted"
    first.end()
    assert music.standing == "active"


def test_where_a_second_call_is_refused_altogether_it_can_be_taken_after_the_first() -> None:
    device = SimulatedDevice(policy="android")
    sounds = Sounds()
    device.observe(sounds)
    first = device.incoming_call(voice=Path("first.flac"))
    first.accept()
    silent = device.incoming_call(ringtone=Path("ring.flac"))
    declined = device.incoming_call()
    assert "phone plays ring.flac" not in sounds.lines
    with pytest.raises(IllegalRequestError) as caught:
        silent.accept()
    assert caught.value.field == "call"
    assert silent.state is CallState.RINGING
    declined.decline()
    first.end()
    silent.accept()
    assert [call.state for call in (silent, first)] == [CallState.CONNECTED, CallState.ENDED]
    silent.end()
    assert device.arbiter.snapshot().sessions == ()


async def test_a_call_refuses_whoever_wants_the_microphone(device: SimulatedDevice) -> None:
    call = device.incoming_call()
    call.accept()
    app = device.app("recorder")
    await app.session.configure(recipe("recording"))
    assert await app.session.set_active(True) is False
    call.end()
    assert await app.session.set_active(True) is True


@pytest.mark.parametrize("policy", POLICIES)
async def test_under_every_policy_a_call_silences_music_and_gives_it_back(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    music = await start(device, "music")
    music.session.handle_interruptions(music.player())
    call = device.incoming_call()
    call.accept()
    device.advance(5.0)
    assert music.player().level == 0.0
    call.end()
    device.advance(5.0)
    assert music.gain_db == 0.0
    assert {session.app for session in device.arbiter.snapshot().sessions} == {"music"}


# -- other sounds of the system ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "reason", "standing"),
    [
        (lambda device: device.alarm(), "alarm", "interrupted"),
        (lambda device: device.ringtone(), "ringtone", "interrupted"),
        (lambda device: device.assistant(), "assistant", "ducked"),
    ],
)
async def test_a_sound_of_the_system_is_told_with_its_reason_and_ends_once(
    device: SimulatedDevice,
    begin: Callable[[SimulatedDevice], object],
    reason: str,
    standing: str,
) -> None:
    music = await start(device, "music")
    heard = Heard(music.session)
    sound = begin(device)
    assert music.standing == standing
    assert sound.sounding  # type: ignore[attr-defined]
    for _ in range(2):
        sound.end()  # type: ignore[attr-defined]
    assert not sound.sounding  # type: ignore[attr-defined]
    assert music.standing == "active"
    assert len(heard.interruptions) == 2
    assert heard.interruptions[0].reason.value == reason


def test_what_rings_is_heard_again_and_again_and_what_speaks_once(
    device: SimulatedDevice,
) -> None:
    class Loops(Observer):
        def __init__(self) -> None:
            self.found: dict[str, bool] = {}

        def player_started(
            self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
        ) -> None:
            self.found[str(audio)] = loop

    loops = Loops()
    device.observe(loops)
    device.alarm(audio="alarm")
    device.ringtone(audio="ringtone")
    device.assistant(audio="assistant")
    device.incoming_call(ringtone="ringing", voice="voice").accept()
    assert loops.found == {
        "alarm": True,
        "ringtone": True,
        "assistant": False,
        "ringing": True,
        "voice": False,
    }


def test_an_alarm_is_dismissed(device: SimulatedDevice) -> None:
    sounds = Sounds()
    device.observe(sounds)
    alarm = device.alarm(audio=Path("bell.flac"))
    alarm.dismiss()
    assert not alarm.sounding
    assert sounds.lines == ["clock plays bell.flac", "clock stops"]


async def test_an_assistant_that_listens_lowers_music_strongly(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    assistant = device.assistant(audio=Path("answer.flac"))
    device.advance(1.0)
    assert music.player().level_db == pytest.approx(-35.0)
    assistant.end()
    device.advance(1.0)
    assert music.player().level_db == 0.0


def test_a_call_over_an_alarm_pauses_it_and_lets_it_ring_again(device: SimulatedDevice) -> None:
    sounds = Sounds()
    device.observe(sounds)
    alarm = device.alarm()
    call = device.incoming_call()
    call.accept()
    assert sounds.paused[-1] == "clock pause"
    call.end()
    assert device.arbiter.snapshot().active == ("clock/1",)
    assert alarm.sounding
    alarm.dismiss()
    assert device.arbiter.snapshot().sessions == ()
