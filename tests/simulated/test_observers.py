"""Observers of a device: they look, and nothing they do changes what happens."""

from __future__ import annotations

import errno
import logging
from pathlib import Path
from typing import Any

import pytest

from audiosession import AudioInterruptionEvent, recipe
from audiosession.core.effects import Effect
from audiosession.core.events import Activate, Event
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import Observer, SimulatedDevice
from audiosession.testing import Heard

from .kit import start


class Failing(Observer):
    """Fails at everything it is told."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def _fail(self, what: str) -> None:
        self.told.add(what)
        raise ZeroDivisionError

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        self._fail("app_added")

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        self._fail("decided")

    def applied(self, at: float, app: str, effect: Effect) -> None:
        self._fail("applied")

    def settled(self, at: float) -> None:
        self._fail("settled")

    def heard(self, at: float, app: str, event: AudioInterruptionEvent | str) -> None:
        self._fail("heard")

    def called(self, at: float, app: str, text: str) -> None:
        self._fail("called")

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        self._fail("player_started")

    def player_stopped(self, at: float, app: str, player: str) -> None:
        self._fail("player_stopped")

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        self._fail("level_moved")

    def happened(self, at: float, text: str) -> None:
        self._fail("happened")


async def day(device: SimulatedDevice) -> list[object]:
    """Some of everything, and how it looked to the app."""
    music = await start(device, "music")
    heard = Heard(music.session)
    music.session.handle_interruptions(music.player())
    prompt = await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    seen: list[object] = [music.player().level_db]
    await prompt.session.set_active(False)
    device.set_volume(0.5)
    call = device.incoming_call()
    call.accept()
    seen.append(music.player().playing)
    call.end()
    device.advance(1.0)
    return [*seen, heard.words, music.player().level_db, music.standing, device.arbiter.active]


async def test_an_observer_that_fails_is_logged_and_changes_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    expected = await day(SimulatedDevice())
    device, failing = SimulatedDevice(), Failing()
    device.app("early")
    device.observe(failing)
    assert await day(device) == expected
    assert failing.told == {name for name in vars(Observer) if not name.startswith("_")}
    errors = {r.getMessage() for r in caplog.records if r.levelno == logging.ERROR}
    assert errors == {"Failing, an observer of the device, failed"}


async def test_an_output_that_is_gone_is_told_after_the_effects(
    device: SimulatedDevice, caplog: pytest.LogCaptureFixture
) -> None:
    music = await start(device, "music")
    heard = Heard(music.session)

    class Full(Observer):
        def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
            if isinstance(event, Activate):
                raise OSError(errno.ENOSPC, "full")

    device.observe(Full())
    with pytest.raises(OSError, match="full"):
        device.alarm()
    assert heard.words == ["begin pause"]
    assert music.standing == "interrupted"
    assert not caplog.records


def test_an_observer_may_bring_another_and_end_itself(device: SimulatedDevice) -> None:
    class Late(Observer):
        def __init__(self) -> None:
            self.lines: list[str] = []

        def happened(self, at: float, text: str) -> None:
            self.lines.append(text)

    class Relay(Late):
        def happened(self, at: float, text: str) -> None:
            super().happened(at, text)
            end()
            device.observe(late)

    late, relay = Late(), Relay()
    end = device.observe(relay)
    device.lock_screen()
    device.unlock_screen()
    assert (relay.lines, late.lines) == (["screen locked"], ["screen unlocked"])


@pytest.mark.parametrize("observer", [None, print, Observer, object()])
def test_what_is_no_observer_is_refused(device: SimulatedDevice, observer: Any) -> None:
    with pytest.raises(InvalidTypeError) as caught:
        device.observe(observer)
    assert caught.value.field == "observer"
    device.app("app")


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


async def test_why_of_an_app_whose_session_is_closed(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    await start(device, "prompt", "navigation_prompt")
    history = device.why("music").history
    await music.session.close()
    closed = device.why("music")
    assert (closed.standing, closed.holds) == ("inactive", ())
    assert closed.history[: len(history)] == history
    await music.session.configure(recipe("music"))
    await music.session.set_active(True)
    assert device.why("music").session == "music#2"
    music.kill()
    assert device.why("music").session == "music#2"
    assert device.why("music").history


async def test_why_of_a_session_that_did_nothing_and_is_closed(device: SimulatedDevice) -> None:
    idle = device.app("idle")
    await idle.session
    await idle.session.close()
    assert device.why("idle").history == ()
