"""The simulated player: what it plays, where it is, and how loud it is at every moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audiosession.core.claims import Role
from audiosession.errors import (
    ClosedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
)
from audiosession.hosts.simulated import Observer, SimulatedApp, SimulatedDevice, SimulatedPlayer

from .kit import start


class Log(Observer):
    """What players do, as a recorder sees it."""

    def __init__(self) -> None:
        self.lines: list[tuple[object, ...]] = []

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        self.lines.append((at, player, "starts", audio, offset_s, loop))

    def player_stopped(self, at: float, app: str, player: str) -> None:
        self.lines.append((at, player, "stops"))


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


@pytest.fixture
def app(device: SimulatedDevice) -> SimulatedApp:
    return device.app("app")


@pytest.fixture
def player(app: SimulatedApp) -> SimulatedPlayer:
    return app.player()


def test_a_player_is_given_again_by_its_name(app: SimulatedApp, player: SimulatedPlayer) -> None:
    assert app.player() is player
    other = app.player("other")
    assert app.players == (player, other)


def test_it_plays_to_its_end(device: SimulatedDevice, player: SimulatedPlayer) -> None:
    log = Log()
    device.observe(log)
    ends: list[float] = []
    player.finished.listen(lambda _: ends.append(device.now))
    player.play(Path("song.flac"), duration_s=10.0, offset_s=4.0)
    assert player.playing
    device.advance(5.0)
    assert (player.position_s, ends) == (9.0, [])
    device.advance(5.0)
    assert (player.playing, player.position_s, ends) == (False, 0.0, [6.0])
    assert log.lines == [
        (0.0, "player", "starts", Path("song.flac"), 4.0, False),
        (6.0, "player", "stops"),
    ]


def test_it_goes_on_where_it_was_paused(device: SimulatedDevice, player: SimulatedPlayer) -> None:
    player.play(duration_s=10.0)
    device.advance(3.0)
    player.pause()
    player.pause()
    device.advance(100.0)
    assert (player.playing, player.position_s, player.level) == (False, 3.0, 0.0)
    player.resume()
    player.resume()
    device.advance(6.0)
    assert (player.playing, player.position_s) == (True, 9.0)
    device.advance(1.0)
    assert not player.playing


def test_a_loop_starts_again(device: SimulatedDevice, player: SimulatedPlayer) -> None:
    player.play(duration_s=4.0, loop=True)
    device.advance(10.0)
    assert (player.playing, player.position_s) == (True, 2.0)


def test_without_a_length_it_runs_on(device: SimulatedDevice, player: SimulatedPlayer) -> None:
    player.play()
    device.advance(1e6)
    assert (player.playing, player.position_s) == (True, 1e6)


def test_stopping_goes_back_to_the_beginning(
    device: SimulatedDevice, player: SimulatedPlayer
) -> None:
    player.play(duration_s=10.0)
    device.advance(3.0)
    player.stop()
    assert (player.playing, player.position_s) == (False, 0.0)
    player.stop()
    player.resume()
    assert player.playing


def test_playing_anew_replaces_what_played(
    device: SimulatedDevice, player: SimulatedPlayer
) -> None:
    ends: list[float] = []
    player.finished.listen(lambda _: ends.append(device.now))
    player.play(duration_s=2.0)
    device.advance(1.0)
    player.play(duration_s=5.0)
    device.advance(4.0)
    assert (player.playing, ends) == (True, [])
    device.advance(1.0)
    assert ends == [6.0]


async def test_the_arbiter_learns_of_the_stream(device: SimulatedDevice) -> None:
    app = await start(device, "app", playing=False)
    player = app.player()

    def playing() -> bool | None:
        return device.arbiter.view("app").playing

    assert playing() is None
    player.play(role=Role.MUSIC, spoken=True, backend="aaudio")
    assert playing() is True
    player.pause()
    assert playing() is False
    player.stop()
    assert playing() is None
    player.play(duration_s=1.0)
    device.advance(1.0)
    assert playing() is None


async def test_a_holder_that_falls_silent_lets_go_after_a_while(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt", playing=False)
    prompt.player().play(duration_s=2.0)
    device.advance(2.0 + 4.9)
    assert music.standing == "ducked"
    device.advance(0.2)
    assert music.standing == "active"


def test_a_closed_player_plays_no_more(device: SimulatedDevice, player: SimulatedPlayer) -> None:
    player.play()
    player.close()
    player.close()
    assert not player.playing
    for use in (player.play, player.resume):
        with pytest.raises(ClosedError):
            use()
    with pytest.raises(ClosedError):
        player.finished.listen(print)


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"duration_s": 0.0}, InvalidValueError, "duration_s"),
        ({"duration_s": -1}, InvalidValueError, "duration_s"),
        ({"duration_s": float("inf")}, InvalidValueError, "duration_s"),
        ({"duration_s": float("nan")}, InvalidValueError, "duration_s"),
        ({"duration_s": "3"}, InvalidTypeError, "duration_s"),
        ({"duration_s": True}, InvalidTypeError, "duration_s"),
        ({"offset_s": -0.1}, InvalidValueError, "offset_s"),
        ({"offset_s": float("inf")}, InvalidValueError, "offset_s"),
        ({"offset_s": "0"}, InvalidTypeError, "offset_s"),
        ({"offset_s": None}, InvalidTypeError, "offset_s"),
    ],
)
def test_bad_times_are_refused_and_it_goes_on(
    player: SimulatedPlayer,
    arguments: dict[str, Any],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    player.play()
    with pytest.raises(error) as caught:
        player.play(**arguments)
    assert caught.value.field == field
    assert player.playing


@pytest.mark.parametrize(
    ("volume", "error"),
    [
        ("1", InvalidTypeError),
        (True, InvalidTypeError),
        (-0.1, InvalidValueError),
        (1.1, InvalidValueError),
        (float("nan"), InvalidValueError),
    ],
)
def test_a_bad_volume_is_refused(
    player: SimulatedPlayer, volume: Any, error: type[IllegalRequestError]
) -> None:
    with pytest.raises(error) as caught:
        player.set_volume(volume)
    assert caught.value.field == "volume"
    assert player.volume == 1.0


# -- the level at every moment -------------------------------------------------------------------


async def test_a_lowered_player_fades_in_decibels_there_and_back(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    player = music.player()
    prompt = await start(device, "prompt", "navigation_prompt")
    assert player.level_db == 0.0
    device.advance(0.06)
    assert player.level_db == pytest.approx(-7.0)
    device.advance(0.06)
    assert player.level_db == pytest.approx(-14.0)
    await prompt.session.set_active(False)
    device.advance(0.25)
    assert player.level_db == pytest.approx(-7.0)
    device.advance(0.25)
    assert player.level_db == 0.0


async def test_the_users_volume_and_the_systems_factor_multiply(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    music.player().set_volume(0.5)
    prompt = await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    assert music.player().level_db == pytest.approx(-20.02, abs=0.01)
    music.player().set_volume(1.0)
    assert music.player().level_db == pytest.approx(-14.0)
    await prompt.session.set_active(False)
    device.advance(1.0)
    assert music.player().level == 1.0


async def test_every_player_of_an_app_moves_together(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    second = music.player("second")
    second.play()
    await start(device, "prompt", "navigation_prompt")
    device.advance(0.06)
    assert second.level_db == music.player().level_db == pytest.approx(-7.0)


async def test_a_player_made_while_held_is_held_with_the_rest(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt")
    device.advance(0.06)
    late = music.player("late")
    late.play()
    assert late.level_db == pytest.approx(-7.0)
    device.advance(0.06)
    assert late.level_db == pytest.approx(-14.0)
    await prompt.session.set_active(False)
    device.advance(1.0)
    assert late.level_db == 0.0


async def test_a_player_made_while_switched_off_is_silent(device: SimulatedDevice) -> None:
    game = await start(device, "game", "game")
    device.set_silent_switch(True)
    late = game.player("late")
    late.play()
    assert late.level == 0.0
    device.set_silent_switch(False)
    assert late.level == 1.0


async def test_a_player_made_at_a_low_volume_sounds_at_it(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    device.set_volume(0.25)
    late = music.player("late")
    late.play()
    assert late.level == pytest.approx(0.25)


async def test_a_paused_app_that_plays_on_is_silent(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    device.alarm()
    device.advance(0.12)
    assert music.player().playing
    assert music.player().level == 0.0
    assert music.player().level_db == -120.0
