"""What handle_interruptions does to a player."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from audiosession import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    InterruptionHandler,
    recipe,
)
from audiosession.errors import IllegalRequestError, InvalidTypeError, InvalidValueError
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice

from .fake_host import FakeHost

PAUSE = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.PAUSE)
STOP = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.UNKNOWN)
DUCK = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.DUCK)
SYSTEM_DUCK = AudioInterruptionEvent(
    begin=True, type=AudioInterruptionType.DUCK, system_ducked=True
)
RESUME = AudioInterruptionEvent(begin=False, type=AudioInterruptionType.PAUSE, should_resume=True)
STAY = AudioInterruptionEvent(begin=False, type=AudioInterruptionType.UNKNOWN)
UNDUCK = AudioInterruptionEvent(begin=False, type=AudioInterruptionType.DUCK)


class PlainPlayer:
    """A player of plain methods that says what it is doing."""

    def __init__(self) -> None:
        self.playing = True
        self.volume = 1.0
        self.calls: list[object] = []

    def pause(self) -> None:
        self.calls.append("pause")
        self.playing = False

    def resume(self) -> None:
        self.calls.append("resume")
        self.playing = True

    def set_volume(self, volume: float) -> None:
        self.calls.append(round(volume, 6))
        self.volume = volume


class SlowPlayer(PlainPlayer):
    """A player of coroutine functions; each call waits until it is let through."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()

    async def pause(self) -> None:  # type: ignore[override]
        await self.gate.wait()
        super().pause()

    async def resume(self) -> None:  # type: ignore[override]
        await self.gate.wait()
        super().resume()

    async def set_volume(self, volume: float) -> None:  # type: ignore[override]
        await self.gate.wait()
        super().set_volume(volume)


class BarePlayer:
    """Only what must be there."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")

    def set_volume(self, volume: float) -> None:
        self.calls.append(round(volume, 6))


class Brittle(PlainPlayer):
    """A player whose calls fail."""

    def pause(self) -> None:
        super().pause()
        raise ZeroDivisionError

    def resume(self) -> None:
        super().resume()
        raise ZeroDivisionError


class SlowBrittle(SlowPlayer):
    """A player whose coroutines fail."""

    async def pause(self) -> None:  # type: ignore[override]
        await super().pause()
        raise ZeroDivisionError

    async def resume(self) -> None:  # type: ignore[override]
        await super().resume()
        raise ZeroDivisionError


class Mute(PlainPlayer):
    """A player whose attributes cannot be read."""

    @property
    def playing(self) -> bool:
        raise ZeroDivisionError

    @playing.setter
    def playing(self, value: bool) -> None:
        """Kept nowhere."""


class Rounding(PlainPlayer):
    """A player that knows sixteen volumes."""

    def set_volume(self, volume: float) -> None:
        super().set_volume(round(volume * 15) / 15)


@pytest.fixture
def session() -> AudioSession:
    return AudioSession(FakeHost())


def play(session: AudioSession, *events: AudioInterruptionEvent) -> None:
    for event in events:
        session.interruption(event)


async def settle() -> None:
    """Gives every task that can go on so many turns that it has gone on."""
    for _ in range(50):
        await asyncio.sleep(0)


# -- pause and resume ----------------------------------------------------------------------------


async def test_pauses_and_resumes(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE)
    assert player.calls == ["pause"]
    play(session, RESUME)
    assert player.calls == ["pause", "resume"]


async def test_does_not_resume_unless_told_to(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE, STAY, RESUME)
    assert player.calls == ["pause"]


async def test_where_a_pause_may_be_for_good_the_end_decides(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, STOP, STAY, STOP)
    assert player.calls == ["pause"]
    player.resume()
    play(session, STOP, RESUME)
    assert player.calls == ["pause", "resume", "pause", "resume"]


async def test_what_the_user_had_paused_is_left_alone(session: AudioSession) -> None:
    player = PlainPlayer()
    player.playing = False
    session.handle_interruptions(player)
    play(session, PAUSE, RESUME)
    assert player.calls == []


async def test_a_second_beginning_does_not_forget_who_paused(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE, PAUSE, RESUME)
    assert player.calls == ["pause", "resume"]


async def test_a_pause_that_becomes_final_is_resumed_only_when_an_end_says_so(
    session: AudioSession,
) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE, STOP)
    assert player.calls == ["pause"]
    play(session, RESUME)
    assert player.calls == ["pause", "resume"]


async def test_a_player_that_does_not_say_whether_it_plays_is_taken_to_play(
    session: AudioSession,
) -> None:
    player = BarePlayer()
    session.handle_interruptions(player)
    play(session, PAUSE, RESUME, DUCK, UNDUCK)
    assert player.calls == ["pause", "resume", 0.2, 1.0]


async def test_noise_pauses_and_nothing_resumes_that(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    session.becoming_noisy()
    play(session, PAUSE, RESUME)
    assert player.calls == ["pause"]


async def test_noise_during_an_interruption_keeps_it_paused(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE)
    session.becoming_noisy()
    play(session, RESUME)
    assert not player.playing
    assert "resume" not in player.calls


# -- lowering ------------------------------------------------------------------------------------


async def test_lowers_and_gives_the_volume_back(session: AudioSession) -> None:
    player = PlainPlayer()
    player.volume = 0.5
    session.handle_interruptions(player, duck_factor=0.3)
    play(session, DUCK, UNDUCK)
    assert player.calls == [0.15, 0.5]


async def test_where_the_system_lowers_the_player_is_left_alone(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, SYSTEM_DUCK, UNDUCK)
    assert player.calls == []


async def test_two_beginnings_lower_once(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, DUCK, DUCK, UNDUCK)
    assert player.calls == [0.2, 1.0]


async def test_a_duck_that_becomes_a_pause_is_not_heard_at_full_volume(
    session: AudioSession,
) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, DUCK, PAUSE, RESUME)
    assert player.calls == [0.2, "pause", 1.0, "resume"]


async def test_a_volume_changed_during_a_duck_stays(session: AudioSession) -> None:
    player = PlainPlayer()
    session.handle_interruptions(player)
    play(session, DUCK)
    player.volume = 0.7
    play(session, UNDUCK)
    assert player.volume == 0.7


async def test_a_player_that_rounds_gets_its_volume_back(session: AudioSession) -> None:
    player = Rounding()
    player.volume = 0.8
    session.handle_interruptions(player)
    play(session, DUCK)
    assert player.volume == pytest.approx(2 / 15)
    play(session, UNDUCK)
    assert player.volume == pytest.approx(0.8)


# -- switching off and ending --------------------------------------------------------------------


async def test_switched_off_it_does_nothing(session: AudioSession) -> None:
    player = PlainPlayer()
    handler = session.handle_interruptions(player, enabled=False)
    assert not handler.enabled
    play(session, PAUSE, RESUME, DUCK)
    session.becoming_noisy()
    assert player.calls == []
    handler.enabled = True
    play(session, PAUSE)
    assert player.calls == ["pause"]


async def test_switching_off_gives_the_volume_back_and_forgets_the_pause(
    session: AudioSession,
) -> None:
    player = PlainPlayer()
    handler = session.handle_interruptions(player)
    play(session, DUCK)
    handler.enabled = False
    assert player.calls == [0.2, 1.0]
    handler.enabled = True
    play(session, PAUSE)
    handler.enabled = False
    handler.enabled = True
    play(session, RESUME)
    assert player.calls == [0.2, 1.0, "pause"]


async def test_cancel_gives_the_volume_back_and_hears_no_more(session: AudioSession) -> None:
    player = PlainPlayer()
    handler = session.handle_interruptions(player)
    play(session, DUCK)
    handler.cancel()
    handler.cancel()
    play(session, PAUSE)
    session.becoming_noisy()
    assert player.calls == [0.2, 1.0]


# -- coroutines ----------------------------------------------------------------------------------


async def test_coroutines_are_awaited_in_the_order_of_the_events(session: AudioSession) -> None:
    player = SlowPlayer()
    session.handle_interruptions(player)
    player.gate.clear()
    play(session, PAUSE, RESUME, DUCK, UNDUCK)
    await settle()
    assert player.calls == []
    player.gate.set()
    await settle()
    assert player.calls == ["pause", "resume", 0.2, 1.0]


async def test_an_interruption_right_after_another_pauses_what_is_about_to_resume(
    session: AudioSession,
) -> None:
    player = SlowPlayer()
    session.handle_interruptions(player)
    play(session, PAUSE)
    await settle()
    player.gate.clear()
    play(session, RESUME, PAUSE)
    await settle()
    player.gate.set()
    await settle()
    assert player.calls == ["pause", "resume", "pause"]
    assert not player.playing


async def test_a_step_of_several_coroutines_is_carried_out_whole(session: AudioSession) -> None:
    player = SlowPlayer()
    session.handle_interruptions(player)
    play(session, DUCK)
    await settle()
    play(session, PAUSE)
    await settle()
    assert player.calls == [0.2, "pause", 1.0]


async def test_plain_and_coroutine_methods_may_be_mixed(session: AudioSession) -> None:
    class Mixed(PlainPlayer):
        async def pause(self) -> None:  # type: ignore[override]
            super().pause()

    player = Mixed()
    session.handle_interruptions(player)
    play(session, DUCK, PAUSE, RESUME)
    await settle()
    assert player.calls == [0.2, "pause", 1.0, "resume"]


def test_coroutines_without_a_loop_are_refused_with_a_word(
    session: AudioSession, caplog: pytest.LogCaptureFixture
) -> None:
    player = asyncio.run(_made())
    session.handle_interruptions(player)
    play(session, PAUSE)
    assert "needs a running event loop" in caplog.text
    assert player.calls == []


async def _made() -> SlowPlayer:
    return SlowPlayer()


# -- players that fail ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Brittle, SlowBrittle])
async def test_a_player_that_raises_is_logged_and_goes_on_being_handled(
    session: AudioSession, kind: type[PlainPlayer], caplog: pytest.LogCaptureFixture
) -> None:
    player = kind()
    session.handle_interruptions(player)
    play(session, PAUSE, RESUME)
    await settle()
    assert player.calls == ["pause", "resume"]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.getMessage() for record in errors] == [
        "the player's pause() failed",
        "the player's resume() failed",
    ]


async def test_a_player_that_does_not_tell_its_state_is_logged(
    session: AudioSession, caplog: pytest.LogCaptureFixture
) -> None:
    player = Mute()
    session.handle_interruptions(player)
    play(session, PAUSE, DUCK)
    assert "the player's attributes cannot be read" in caplog.text
    assert player.calls == [0.2]


@pytest.mark.parametrize("missing", ["pause", "resume", "set_volume"])
def test_what_is_no_player_is_refused(session: AudioSession, missing: str) -> None:
    methods = {name: print for name in ("pause", "resume", "set_volume") if name != missing}
    player: Any = type("Partial", (), methods)()
    with pytest.raises(InvalidTypeError, match=rf"something with {missing}\(\)") as caught:
        session.handle_interruptions(player)
    assert caught.value.field == "player"


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"enabled": 1}, InvalidTypeError, "enabled"),
        ({"duck_factor": "0.2"}, InvalidTypeError, "duck_factor"),
        ({"duck_factor": True}, InvalidTypeError, "duck_factor"),
        ({"duck_factor": -0.1}, InvalidValueError, "duck_factor"),
        ({"duck_factor": 1.1}, InvalidValueError, "duck_factor"),
        ({"duck_factor": float("nan")}, InvalidValueError, "duck_factor"),
    ],
)
def test_bad_arguments_are_refused_and_nothing_listens(
    session: AudioSession, arguments: dict[str, Any], error: type[IllegalRequestError], field: str
) -> None:
    player = PlainPlayer()
    with pytest.raises(error) as caught:
        session.handle_interruptions(player, **arguments)
    assert caught.value.field == field
    play(session, PAUSE)
    assert player.calls == []


def test_enabled_is_a_flag(session: AudioSession) -> None:
    handler: InterruptionHandler = session.handle_interruptions(PlainPlayer())
    with pytest.raises(InvalidTypeError) as caught:
        handler.enabled = 0  # type: ignore[assignment]
    assert caught.value.field == "enabled"
    assert handler.enabled is True


# -- on a device ---------------------------------------------------------------------------------


async def test_a_call_pauses_and_the_end_of_it_resumes(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session.configure(recipe("music"))
    player = audio_app.player()
    audio_app.session.handle_interruptions(player)
    await audio_app.session.set_active(True)
    player.play()
    call = simulated_device.incoming_call()
    assert not player.playing
    call.accept()
    call.end()
    assert player.playing


async def test_what_the_user_pauses_during_a_call_stays_paused(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session.configure(recipe("music"))
    player = audio_app.player()
    audio_app.session.handle_interruptions(player)
    await audio_app.session.set_active(True)
    player.play()
    call = simulated_device.incoming_call()
    await audio_app.session.user_paused()
    call.decline()
    assert not player.playing


async def test_what_the_system_lowers_the_handler_does_not_lower_again(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session.configure(recipe("music"))
    player = audio_app.player()
    audio_app.session.handle_interruptions(player)
    await audio_app.session.set_active(True)
    player.play()
    prompt = simulated_device.app("navigator")
    await prompt.session.configure(recipe("navigation_prompt"))
    await prompt.session.set_active(True)
    simulated_device.advance(1.0)
    assert player.volume == 1.0
    assert player.level_db == pytest.approx(-14.0)
