"""The example navigator, tried on a simulated device."""

from __future__ import annotations

import pytest

from audiosession.testing import Heard, SimulatedApp, SimulatedDevice

from .navigator import say


async def test_music_is_down_while_it_speaks_and_back_after_it(
    simulated_device: SimulatedDevice,
    audio_app: SimulatedApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    heard = Heard(music.session)
    levels: list[float] = []
    monkeypatch.setattr("builtins.print", lambda text: levels.append(music.gain_db))
    await say("Turn left.")
    assert levels == [-14.0]
    assert heard.words == ["begin duck", "end duck"]
