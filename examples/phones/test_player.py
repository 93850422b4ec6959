"""The player on a simulated phone: what a user of either front end would see."""

from __future__ import annotations

import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from audiosession import recipe
from audiosession.testing import SimulatedApp, SimulatedDevice

from .podcast import PodcastPlayer, Screen, SilentOutput
from .podcast.episode import episode


@pytest.fixture
def seen() -> list[Screen]:
    return []


@pytest.fixture
async def player(audio_app: SimulatedApp, seen: list[Screen]) -> AsyncIterator[PodcastPlayer]:
    player = PodcastPlayer(audio_app.player(), title="One", show=seen.append)
    await player.open()
    yield player
    await player.close()


async def test_the_button_plays_and_pauses_and_the_place_is_kept(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    assert (seen[-1].title, seen[-1].button, seen[-1].position) == ("One", "Play", "0:00")
    await player.toggle()
    assert (seen[-1].button, seen[-1].status) == ("Pause", "Playing.")
    assert player.session.is_active
    simulated_device.advance(75.0)
    player.refresh()
    assert seen[-1].position == "1:15"
    await player.toggle()
    assert (seen[-1].button, seen[-1].status, seen[-1].position) == ("Play", "Paused.", "1:15")
    assert not player.session.is_active
    simulated_device.advance(10.0)
    await player.toggle()
    assert seen[-1].position == "1:15"


@pytest.mark.parametrize("policy", ["default", "apple", "android"])
async def test_a_call_pauses_it_and_it_goes_on_afterwards(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    app = device.app("podcasts")
    seen: list[Screen] = []
    player = PodcastPlayer(app.player(), show=seen.append, session=app.session)
    await player.open()
    assert await player.start_by_hand()
    device.advance(30.0)
    call = device.incoming_call()
    assert not player.playing
    assert seen[-1].status.startswith("Interrupted")
    call.accept()
    device.advance(60.0)
    call.end()
    await player.settled()
    assert player.playing
    assert (seen[-1].status, seen[-1].position) == ("Playing.", "0:30")
    await player.close()


async def test_during_a_call_the_screen_says_why_it_does_not_play() -> None:
    device = SimulatedDevice(policy="android")
    app = device.app("podcasts")
    player = PodcastPlayer(app.player(), session=app.session)
    await player.open()
    call = device.incoming_call()
    call.accept()
    assert not await player.start_by_hand()
    assert "more important" in player.screen.status
    assert player.screen.button == "Play"
    call.end()
    assert await player.start_by_hand()
    await player.close()


async def test_other_music_stops_it_until_the_user_presses_play(
    simulated_device: SimulatedDevice, player: PodcastPlayer
) -> None:
    await player.start_by_hand()
    music = simulated_device.app("music").session
    await music.set_active(True)
    assert not player.playing
    await music.set_active(False)
    assert not player.playing
    await player.toggle()
    assert player.playing


async def test_pulled_headphones_pause_it_and_the_list_of_devices_follows(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    await player.start_by_hand()
    before = seen[-1].devices
    simulated_device.plug("wired headphones")
    assert len(seen[-1].devices) == len(before) + 1
    simulated_device.unplug("wired headphones")
    assert not player.playing
    assert seen[-1].devices == before
    assert any("headphones are gone" in screen.status for screen in seen)


async def test_a_ping_lowers_it_and_says_so(
    simulated_device: SimulatedDevice, player: PodcastPlayer, seen: list[Screen]
) -> None:
    await player.start_by_hand()
    ping = simulated_device.app("chat").session
    await ping.configure(recipe("notification"))
    async with ping.activated():
        assert player.playing
        assert seen[-1].status == "Lowered."
    assert seen[-1].status == "Playing."


async def test_what_the_session_cannot_do_is_said_on_the_screen() -> None:
    app = SimulatedDevice().app("podcasts")
    player = PodcastPlayer(app.player(), session=app.session)
    await player.open()
    await player.start_by_hand()
    await app.session.close()
    await player.stop_by_hand()
    assert player.screen.status.startswith("Paused, but: ")
    assert not await player.start_by_hand()
    assert player.screen.status.startswith("It cannot play: ")


async def test_what_the_user_pauses_no_call_starts(
    simulated_device: SimulatedDevice, player: PodcastPlayer
) -> None:
    await player.start_by_hand()
    await player.stop_by_hand()
    simulated_device.incoming_call().decline()
    assert not player.playing


def test_a_silent_output_counts_as_if_it_played() -> None:
    now = [100.0]
    output = SilentOutput(lambda: now[0])
    output.play(offset_s=5.0)
    now[0] += 7.5
    assert output.position_s == 12.5
    output.pause()
    now[0] += 60.0
    assert output.position_s == 12.5
    output.set_volume(0.2)
    assert output.volume == 0.2


def test_the_episode_is_made_once_and_sounds(tmp_path: Path) -> None:
    path = episode(tmp_path / "data")
    with wave.open(str(path)) as file:
        assert file.getnframes() == 60 * file.getframerate()
        assert any(file.readframes(file.getframerate()))
    made = path.stat().st_mtime_ns
    assert episode(tmp_path / "data") == path
    assert path.stat().st_mtime_ns == made
