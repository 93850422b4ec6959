"""The recorder of what a session hears."""

from __future__ import annotations

import pytest

from audiosession import AudioDevicesChangedEvent, AudioSession, recipe
from audiosession.android import AudioManager
from audiosession.errors import ClosedError, InvalidTypeError
from audiosession.testing import Heard, SimulatedApp, SimulatedDevice


async def test_it_collects_everything_in_order(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    session = AudioSession.instance()
    await session.configure(recipe("music"))
    await session.set_active(True)
    heard = Heard(session)
    assert repr(heard) == "<Heard nothing>"
    simulated_device.plug("wired headphones")
    simulated_device.unplug("wired headphones")
    simulated_device.alarm().dismiss()
    assert heard.words == [
        "devices changed",
        "becoming noisy",
        "devices changed",
        "begin pause",
        "end pause",
    ]
    assert heard.noisy == 1
    assert [event.begin for event in heard.interruptions] == [True, False]
    assert all(isinstance(event, AudioDevicesChangedEvent) for event in heard.devices_changed)
    assert repr(heard).startswith("<Heard devices changed, becoming noisy,")
    heard.clear()
    assert (heard.words, heard.noisy) == ([], 0)
    assert (heard.interruptions, heard.devices_changed) == ([], [])
    simulated_device.plug("hdmi")
    assert heard.words == ["devices changed"]


async def test_it_stops_with_its_block(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session
    with Heard(audio_app.session) as heard:
        simulated_device.plug("hdmi")
    simulated_device.unplug("hdmi")
    heard.stop()
    assert heard.words == ["devices changed"]


async def test_a_closed_session_cannot_be_heard(audio_app: SimulatedApp) -> None:
    session = audio_app.session
    await session.close()
    with pytest.raises(ClosedError):
        Heard(session)


async def test_another_surface_is_no_session(audio_app: SimulatedApp) -> None:
    manager = AudioManager(audio_app.host)
    with pytest.raises(InvalidTypeError, match="session must be an AudioSession"):
        Heard(manager)  # type: ignore[arg-type]
