"""Whatever happens to a session in whatever order, it is in one state and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from audiosession.apple import NSError
from audiosession.capture import (
    AVCaptureInput,
    AVCaptureSession,
    AVCaptureSystemPressureLevel,
    AVMediaType,
)
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.phone_kit import phone, session_of
from tests.capture.capture_kit import (
    BEGAN,
    DOWN,
    ENDED,
    FRONT,
    PICTURES,
    SOUND,
    UP,
    Taker,
    Told,
    camera,
    microphone,
    settled,
    told,
)

Level = AVCaptureSystemPressureLevel


class Storm:
    """A session with what can happen to it; each happening that does not fit does nothing."""

    def __init__(self, *, private: bool) -> None:
        self.private = private
        self.device: SimulatedDevice = phone()
        self.app: SimulatedApp = self.device.app("camera")
        self.app.apple.background_audio = True
        self.device.apple.now_playing = "camera"
        self.session = AVCaptureSession(self.app.session)
        self.session.uses_application_audio_session = not private
        self.output = Taker()
        self.session.add_output(self.output)
        self.wanted = False
        self._ends: list[Callable[[], None]] = []

    async def start(self) -> None:
        await self.session.start_running()
        # A start that fails is over, unless something interrupts it.
        self.wanted = self.session.is_running or self.session.is_interrupted

    async def stop(self) -> None:
        await self.session.stop_running()
        self.wanted = False

    async def rings(self) -> None:
        if not self._ends:
            self._ends.append(self.device.alarm().dismiss)

    async def silence(self) -> None:
        while self._ends:
            self._ends.pop()()

    async def leaves(self) -> None:
        self.app.to_background()

    async def returns(self) -> None:
        self.app.to_foreground()

    async def heats(self) -> None:
        self.app.capture.system.set_pressure(Level.SHUTDOWN)

    async def cools(self) -> None:
        self.app.capture.system.set_pressure(Level.FAIR)

    async def shares(self) -> None:
        self.app.capture.share_screen(True)

    async def unshares(self) -> None:
        self.app.capture.share_screen(False)

    async def adds_sound(self) -> None:
        if not self._input(SOUND):
            self.session.add_input(microphone(self.app))

    async def adds_pictures(self) -> None:
        if not self._input(PICTURES):
            self.session.add_input(camera(self.app))

    async def turns_round(self) -> None:
        inputs = self._input(PICTURES)
        if inputs:
            with self.session.configuration():
                self.session.remove_input(inputs[0])
                self.session.add_input(camera(self.app, FRONT))

    async def drops_sound(self) -> None:
        for input in self._input(SOUND):
            self.session.remove_input(input)

    async def drops_pictures(self) -> None:
        for input in self._input(PICTURES):
            self.session.remove_input(input)

    async def audio_off(self) -> None:
        await session_of(self.app).set_active(False)

    async def audio_on(self) -> None:
        # Not while an alarm rings, nor with a silent category in the background.
        with suppress(NSError):
            await session_of(self.app).set_active(True)

    def _input(self, media_type: AVMediaType) -> list[AVCaptureInput]:
        return [each for each in self.session.inputs if each.ports[0].media_type is media_type]


HAPPENINGS = [
    name for name in vars(Storm) if not name.startswith("_") and name not in ("session", "wanted")
]


def check_story(told_of: Told) -> None:
    """What is told fits together: no start without a stop, no end without a beginning."""
    running = interrupted = False
    for name in [each.name for each in told_of.all]:
        if name in (UP, DOWN):
            assert running is (name == DOWN)
            running = name == UP
        elif name == ENDED:
            assert interrupted
            interrupted = False
        elif name == BEGAN:
            interrupted = True


def check(storm: Storm) -> None:
    session = storm.session
    assert not (session.is_running and session.is_interrupted)
    assert storm.wanted is (session.is_running or session.is_interrupted)
    storm.output.taken.clear()
    storm.device.advance(0.1)
    came = {each.media_type for each in storm.output.taken}
    there = {each.media_type for each in session.connections}
    if not session.is_running:
        assert came == set()
    else:
        active = storm.private or session_of(storm.app).is_active
        assert came == (there if active else there - {SOUND})


@settings(max_examples=150)
@given(st.lists(st.sampled_from(HAPPENINGS), max_size=14), st.booleans())
def test_any_order_of_happenings(happenings: list[str], private: bool) -> None:
    async def play() -> None:
        storm = Storm(private=private)
        with told(storm.session) as notifications:
            for name in ["adds_sound", "start", *happenings]:
                await getattr(storm, name)()
                await settled(storm.session)
                check(storm)
                check_story(notifications)
            for name in ("silence", "returns", "cools", "unshares", "stop", "start"):
                await getattr(storm, name)()
                await settled(storm.session)
            check(storm)
            assert storm.session.is_running
            await storm.stop()
            check(storm)
            check_story(notifications)
            assert not storm.app.capture._feeds
            assert not storm.app.apple.io_running

    asyncio.run(play())
