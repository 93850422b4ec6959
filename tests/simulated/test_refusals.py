"""What the simulated device refuses, and what it leaves as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audiosession import recipe
from audiosession.core.claims import Role
from audiosession.errors import (
    DeniedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
)
from audiosession.hosts.simulated import (
    AppState,
    ClockMode,
    SimulatedApp,
    SimulatedDevice,
    VirtualClock,
)
from audiosession.testing import Heard

from .kit import start

HUGE = 10**400


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


# -- wrong arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"audio": 3}, InvalidTypeError, "audio"),
        ({"audio": b"a.wav"}, InvalidTypeError, "audio"),
        ({"loop": 1}, InvalidTypeError, "loop"),
        ({"role": "music"}, InvalidTypeError, "role"),
        ({"role": None}, InvalidTypeError, "role"),
        ({"spoken": "no"}, InvalidTypeError, "spoken"),
        ({"backend": None}, InvalidTypeError, "backend"),
        ({"backend": "x" * 65}, InvalidValueError, "backend"),
        ({"duration_s": HUGE}, InvalidValueError, "duration_s"),
        ({"duration_s": 1e10}, InvalidValueError, "duration_s"),
        ({"offset_s": HUGE}, InvalidValueError, "offset_s"),
        ({"offset_s": None}, InvalidTypeError, "offset_s"),
    ],
)
async def test_what_cannot_be_played_leaves_what_plays(
    device: SimulatedDevice,
    arguments: dict[str, Any],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    app = await start(device, "music", playing=False)
    player = app.player()
    player.play("before.wav", duration_s=60.0)
    device.advance(5.0)
    decisions = len(device.journal.records)
    with pytest.raises(error) as caught:
        player.play(**arguments)
    assert caught.value.field == field
    assert player.playing
    assert player.position_s == 5.0
    assert len(device.journal.records) == decisions


async def test_a_player_takes_a_path_as_text(device: SimulatedDevice) -> None:
    app = await start(device, "music", playing=False)
    app.player().play("a.wav", duration_s=10**6, role=Role.MUSIC, spoken=True, backend="aaudio")
    app.player("other").play(Path("b.wav"))
    assert [player.playing for player in app.players] == [True, True]


@pytest.mark.parametrize(
    ("use", "error", "field"),
    [
        (lambda d: d.why([]), InvalidTypeError, "app"),
        (lambda d: d.why(None), InvalidTypeError, "app"),
        (lambda d: d.route(3), InvalidTypeError, "claim"),
        (lambda d: d.app("new", 3), InvalidTypeError, "name"),
        (lambda d: d.app("new", ""), InvalidValueError, "name"),
        (lambda d: d.app("new", "x" * 129), InvalidValueError, "name"),
        (lambda d: d.app("music", "Radio"), IllegalRequestError, "name"),
        (lambda d: d.advance(HUGE), InvalidValueError, "seconds"),
        (lambda d: d.advance(-HUGE), InvalidValueError, "seconds"),
        (lambda d: d.advance("1"), InvalidTypeError, "seconds"),
        (lambda d: d.set_volume(HUGE), InvalidValueError, "volume"),
        (lambda d: d.clock.call_at(float("nan"), print), InvalidValueError, "at"),
        (lambda d: d.clock.call_at(float("inf"), print), InvalidValueError, "at"),
        (lambda d: d.clock.call_at(HUGE, print), InvalidValueError, "at"),
        (lambda d: d.clock.call_at("1", print), InvalidTypeError, "at"),
        (lambda d: d.clock.call_at(None, print), InvalidTypeError, "at"),
        (lambda d: d.clock.call_at(1.0, None), InvalidTypeError, "callback"),
        (lambda d: d.incoming_call(3), InvalidTypeError, "caller"),
        (lambda d: d.incoming_call("a", ringtone=3), InvalidTypeError, "ringtone"),
        (lambda d: d.incoming_call("a", voice=3), InvalidTypeError, "voice"),
        (lambda d: d.alarm(audio=3), InvalidTypeError, "audio"),
        (lambda d: d.ringtone(audio=3), InvalidTypeError, "audio"),
        (lambda d: d.assistant(audio=3), InvalidTypeError, "audio"),
        (lambda d: setattr(d, "grants_microphone", 1), InvalidTypeError, "grants_microphone"),
    ],
)
def test_a_wrong_argument_changes_nothing(
    device: SimulatedDevice,
    use: Callable[[SimulatedDevice], object],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    device.app("music", "Music")
    with pytest.raises(error) as caught:
        use(device)
    assert caught.value.field == field
    assert [app.name for app in device.apps] == ["Music"]
    assert device.journal.records == ()
    assert device.clock.next_timer() is None
    assert device.now == 0.0
    assert device.grants_microphone is True


@pytest.mark.parametrize(
    ("keep", "error"),
    [(0, InvalidValueError), ("1", InvalidTypeError), (True, InvalidTypeError)],
)
def test_how_many_decisions_to_keep_is_a_number(
    keep: Any, error: type[IllegalRequestError]
) -> None:
    with pytest.raises(error) as caught:
        SimulatedDevice(keep_decisions=keep)
    assert caught.value.field in ("keep", "keep_decisions")


def test_an_app_keeps_its_name(device: SimulatedDevice) -> None:
    music = device.app("music", "Music")
    assert device.app("music", "Music") is device.app("music") is music
    with pytest.raises(IllegalRequestError, match="is called 'Music', not 'Radio'"):
        device.app("music", "Radio")


# -- the clock a device has by default -----------------------------------------------------------


async def test_by_default_the_clock_jumps_for_who_waits_and_is_moved_by_hand() -> None:
    device = SimulatedDevice()
    assert device.clock.mode is ClockMode.FAST
    music = await start(device, "music")
    prompt = device.app("prompt").session
    await prompt.configure(recipe("navigation_prompt"))
    async with prompt.activated():
        assert music.gain_db == -14.0
    before = device.now
    device.advance(2.5)
    assert device.now == before + 2.5


def test_a_clock_moved_by_hand_is_there_for_the_asking() -> None:
    assert SimulatedDevice(clock=VirtualClock()).clock.mode is ClockMode.MANUAL


# -- an app that runs no code --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wake", "state"),
    [
        (lambda app: app.to_foreground(), AppState.FOREGROUND),
        (lambda app: app.to_background(), AppState.BACKGROUND),
    ],
)
async def test_a_suspended_app_can_neither_activate_nor_play(
    device: SimulatedDevice, wake: Callable[[SimulatedApp], None], state: AppState
) -> None:
    app = await start(device, "music", playing=False)
    player = app.player()
    app.suspend()
    assert app.suspended
    assert await app.session.set_active(True) is False
    with pytest.raises(DeniedError) as denied:
        async with app.session.activated():
            raise AssertionError("the body ran")
    assert (denied.value.rule, denied.value.holder) == ("suspended", None)
    for use in (player.play, player.resume, app.user_plays):
        with pytest.raises(IllegalRequestError, match="suspended"):
            use()
    assert not player.playing
    assert app.standing == "inactive"
    wake(app)
    assert app.state is state
    assert await app.session.set_active(True)
    player.play()
    assert player.playing


# -- noise without a claim -----------------------------------------------------------------------


async def test_who_plays_without_being_active_hears_that_the_output_is_noisy(
    device: SimulatedDevice,
) -> None:
    device.plug("wired headphones")
    plays, silent = await start(device, "plays"), await start(device, "silent")
    heard, heard_by_silent = Heard(plays.session), Heard(silent.session)
    await plays.session.set_active(False)
    await silent.session.set_active(False)
    silent.player().pause()
    device.unplug("wired headphones")
    assert heard.noisy == 1
    assert heard_by_silent.noisy == 0
