"""The kiosk, tried on a simulated device."""

from __future__ import annotations

import pytest

from audiosession.testing import SimulatedApp, SimulatedDevice

from .kiosk import Kiosk, main


@pytest.mark.audio_device(policy="web")
async def test_a_call_dims_the_film_and_the_guide_ends_it(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    kiosk = Kiosk(audio_app.host)
    kiosk.start()
    await kiosk.page.settled()
    call = simulated_device.incoming_call()
    await kiosk.page.settled()
    call.decline()
    await kiosk.page.settled()
    kiosk.ask()
    await kiosk.page.settled()
    assert kiosk.log == [
        "the film is active",
        "the film is interrupted",
        "the screen goes dim",
        "the film is active",
        "the screen goes light",
        "the film is inactive",
    ]
    assert kiosk.film.paused
    assert kiosk.guide.audible
    await kiosk.page.close()


async def test_it_runs_by_itself(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIOSESSION_HOST", "simulated")
    await main()
    assert capsys.readouterr().out == "the film is active\nthe film is inactive\n"
