"""How to test an app: the device is simulated, each happening on it is one line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from audiosession import recipe
from audiosession.testing import SimulatedApp, SimulatedDevice

from .player import PodcastApp


@pytest.fixture
async def app(audio_app: SimulatedApp) -> AsyncIterator[PodcastApp]:
    app = PodcastApp(audio_app.player())
    await app.open()
    assert await app.play()
    yield app
    await app.close()


async def test_a_call_pauses_it_and_it_goes_on_afterwards(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    simulated_device.advance(30.0)
    call = simulated_device.incoming_call()
    assert not app.playing
    assert app.saved_position_s == 30.0

    call.accept()
    simulated_device.advance(60.0)
    assert not app.playing

    call.end()
    assert app.playing
    assert app.output.position_s == 30.0


async def test_a_call_that_is_declined_lets_it_go_on(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    simulated_device.incoming_call().decline()
    assert app.playing


async def test_pulled_headphones_pause_it(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    simulated_device.plug("wired headphones")
    simulated_device.unplug("wired headphones")
    assert not app.playing
    assert await app.play()
    assert app.playing


async def test_headphones_pulled_during_a_call_keep_it_paused(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    simulated_device.plug("wired headset")
    call = simulated_device.incoming_call()
    simulated_device.unplug("wired headset")
    call.decline()
    assert not app.playing


async def test_a_prompt_pauses_it_rather_than_talking_over_it(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    navigator = simulated_device.app("navigator").session
    await navigator.configure(recipe("navigation_prompt"))
    async with navigator.activated():
        assert not app.playing
    assert app.playing


async def test_a_ping_only_lowers_it(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp, app: PodcastApp
) -> None:
    ping = simulated_device.app("chat").session
    await ping.configure(recipe("notification"))
    async with ping.activated():
        assert app.playing
        assert audio_app.player().level_db == pytest.approx(-14.0)
    simulated_device.advance(1.0)
    assert audio_app.player().level == 1.0


async def test_other_music_stops_it_for_good(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    simulated_device.advance(12.0)
    music = simulated_device.app("music").session
    await music.set_active(True)
    assert not app.playing
    assert app.saved_position_s == 12.0
    await music.set_active(False)
    assert not app.playing


async def test_what_the_user_pauses_stays_paused(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    await app.pause()
    simulated_device.incoming_call().decline()
    assert not app.playing


@pytest.mark.audio_device(policy="android")
async def test_on_android_a_call_refuses_it(
    simulated_device: SimulatedDevice, app: PodcastApp
) -> None:
    await app.pause()
    simulated_device.incoming_call().accept()
    assert not await app.play()
    assert not app.playing
