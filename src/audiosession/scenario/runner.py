"""Runs a scenario on a simulated device, through the one API."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..core.claims import Claim
from ..core.gains import SILENCE_DB
from ..errors import AudioSessionError, ScenarioError
from ..hosts.simulated import (
    MicrophonePermission,
    Observer,
    SimulatedApp,
    SimulatedCall,
    SimulatedDevice,
    SimulatedPlayer,
    VirtualClock,
)
from ..interruptions import AudioInterruptionEvent
from ..players import InterruptionHandler
from ..session import DEFAULT_QUIET_TIMEOUT_S
from .model import AppSpec, Expectation, Scenario, Step
from .recorder import Recorder, in_words
from .recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expectation that did not hold."""

    at: float
    """When it was looked, in seconds."""
    app: str
    """The app looked at."""
    what: str
    """The key that did not hold, such as ``standing``."""
    expected: object
    """What the scenario expects."""
    found: object
    """What was there instead."""
    line: int
    """The line of the expectation."""

    def __str__(self) -> str:
        return (
            f"line {self.line}: at {self.at:g} s {self.app}'s {self.what} "
            f"is {self.found!r}, expected {self.expected!r}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run left behind."""

    recording: Recording
    """What happened, for the mixer and the timelines."""
    failures: tuple[Failure, ...]
    """The expectations that did not hold, in order of time."""
    checked: int
    """How many expectations were checked."""
    device: SimulatedDevice
    """The device as it stands at the end."""


def run_scenario(
    scenario: Scenario,
    *,
    observers: Sequence[Observer] = (),
    real_time: bool = False,
) -> Result:
    """Runs a scenario to its end, as fast as possible or in real time.

    Raises:
        ScenarioError: a step cannot be done, with its line.
    """
    return asyncio.run(Runner(scenario, observers=observers, real_time=real_time).run())


class Runner:
    """One run of one scenario."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        observers: Sequence[Observer] = (),
        real_time: bool = False,
    ) -> None:
        self.scenario = scenario
        self._real_time = real_time
        self.device = SimulatedDevice(
            scenario.profile, policy=scenario.policy, clock=VirtualClock()
        )
        self._recorder = Recorder(scenario.title)
        for observer in (self._recorder, *observers):
            self.device.observe(observer)
        self._specs = {spec.id: spec for spec in scenario.apps}
        self._heard: dict[str, str] = {}
        self._granted: dict[str, bool] = {}
        self._calls: dict[str, SimulatedCall] = {}
        self._sounds: dict[str, Any] = {}
        self._todo: deque[Callable[[], Awaitable[object]]] = deque()
        self._handlers: list[InterruptionHandler] = []
        self._failures: list[Failure] = []

    async def run(self) -> Result:
        """Runs all steps and expectations in order of time."""
        for spec in self.scenario.apps:
            await self._install(spec)
        agenda: list[tuple[float, int, Step | Expectation]] = [
            *((step.at, 0, step) for step in self.scenario.steps),
            *((item.at, 1, item) for item in self.scenario.expectations),
        ]
        agenda.sort(key=lambda entry: entry[:2])
        started = time.monotonic()
        for at, _, entry in agenda:
            await self._go_to(at, started)
            if isinstance(entry, Step):
                await self._step(entry)
            else:
                self._expect(entry)
        await self._go_to(self.scenario.duration_s, started)
        return Result(
            recording=self._recorder.finish(self.device.now),
            failures=tuple(self._failures),
            checked=len(self.scenario.expectations),
            device=self.device,
        )

    # -- time --------------------------------------------------------------------------------

    async def _go_to(self, at: float, started: float) -> None:
        """Moves the clock to a time, one timer after the other, with what follows from each."""
        clock = self.device.clock
        await self._settle()
        while (due := clock.next_timer()) is not None and due <= at:
            await self._sleep(due, started)
            clock.advance_to(max(due, clock.now))
            await self._settle()
        await self._sleep(at, started)
        clock.advance_to(at)
        await self._settle()

    async def _sleep(self, at: float, started: float) -> None:
        if self._real_time:
            await asyncio.sleep(max(0.0, started + at - time.monotonic()))

    async def _settle(self) -> None:
        while self._todo:
            await self._todo.popleft()()
        for handler in self._handlers:
            # Where an interruption ends the claim, a handler activates before it resumes.
            await handler.settled()

    # -- apps --------------------------------------------------------------------------------

    async def _install(self, spec: AppSpec) -> None:
        app = self.device.app(spec.id, spec.name)
        await self._launch(app, spec)

    async def _launch(self, app: SimulatedApp, spec: AppSpec) -> None:
        session = await app.session
        session.interruption_event_stream.listen(partial(self._on_heard, spec.id))
        session.becoming_noisy_event_stream.listen(
            lambda _: self._heard.__setitem__(spec.id, "becoming noisy")
        )
        if spec.configuration is not None:
            await session.configure(spec.configuration)
        if spec.handles_interruptions:
            self._handlers.append(session.handle_interruptions(app.player()))

    def _on_heard(self, app: str, event: AudioInterruptionEvent) -> None:
        self._heard[app] = in_words(event)

    # -- steps -------------------------------------------------------------------------------

    async def _step(self, step: Step) -> None:
        try:
            if step.app is not None:
                await self._app_step(self.device.app(step.app), self._specs[step.app], step)
            else:
                self._device_step(step)
            await self._settle()
        except ScenarioError:
            raise
        except AudioSessionError as error:
            raise ScenarioError(
                f"{step.do!r} failed: {error}", self.scenario.file, step.line
            ) from error

    async def _app_step(self, app: SimulatedApp, spec: AppSpec, step: Step) -> None:
        arguments = step.arguments
        match step.do:
            case "configure":
                await app.session.configure(arguments["configuration"])
            case "activate":
                await self._activate(app)
            case "deactivate":
                await self._deactivate(app)
            case "play":
                if await self._activate(app):
                    self._start(app.player(), spec, step, loop=spec.loop)
            case "say":
                if await self._activate(app):
                    self._say(app, spec, step)
            case "pause":
                app.player().pause()
            case "resume":
                app.player().resume()
            case "stop":
                app.player().stop()
                await self._deactivate(app)
            case "volume":
                app.player().set_volume(arguments["to"])
            case "user pauses":
                app.user_pauses()
            case "user plays":
                app.user_plays()
            case "background":
                app.to_background()
            case "foreground":
                app.to_foreground()
            case "suspend":
                app.suspend()
            case "kill":
                app.kill()
            case "relaunch":
                app.relaunch()
                await self._launch(app, spec)
            case "microphone":
                app.set_microphone(MicrophonePermission(arguments["permission"]))
            case _:  # pragma: no cover - the parser lets nothing else through
                raise AssertionError(step.do)

    async def _activate(self, app: SimulatedApp) -> bool:
        self._granted[app.id] = await app.session.set_active(True)
        return self._granted[app.id]

    async def _deactivate(self, app: SimulatedApp) -> None:
        # One that never said what it is for has nothing to give up, and is not to be
        # configured as music on the way.
        if app.session.is_configured:
            await app.session.set_active(False)

    def _start(self, player: SimulatedPlayer, spec: AppSpec, step: Step, *, loop: bool) -> None:
        audio = step.arguments.get("audio", spec.audio)
        length = step.arguments.get("seconds")
        if length is None and audio is not None:
            length = self.scenario.lengths_s[audio]
        claim = player.app.sessions[0].claim or Claim()
        player.play(
            audio,
            duration_s=length,
            loop=step.arguments.get("loop", loop),
            offset_s=step.arguments.get("offset", 0.0),
            role=claim.role,
            spoken=claim.spoken,
        )

    def _say(self, app: SimulatedApp, spec: AppSpec, step: Step) -> None:
        """As ``async with session.activated()`` does, without holding up the other apps."""
        clock = self.device.clock
        player = app.player("prompt")
        quiet = self.device.arbiter.quiet_at(app.session_id())
        start = min(max(quiet, clock.now), clock.now + DEFAULT_QUIET_TIMEOUT_S)

        def begin() -> None:
            if not app.alive:
                return
            self._start(player, spec, step, loop=False)
            ended = player.finished.listen(lambda _: over())

            def over() -> None:
                ended.cancel()
                self._todo.append(lambda: app.session.set_active(False))

        clock.call_at(start, begin)

    def _device_step(self, step: Step) -> None:
        device, arguments = self.device, step.arguments
        match step.do:
            case "volume":
                device.set_volume(arguments["to"])
            case "plug":
                device.plug(arguments["what"])
            case "unplug":
                device.unplug(arguments["what"])
            case "ring":
                self._calls[arguments["call"]] = device.incoming_call(
                    arguments["call"],
                    ringtone=arguments.get("ringtone"),
                    voice=arguments.get("voice"),
                )
            case "accept":
                self._calls[arguments["call"]].accept()
            case "decline":
                self._calls[arguments["call"]].decline()
            case "ignore":
                self._calls[arguments["call"]].ignore()
            case "hang up":
                self._calls[arguments["call"]].end()
            case "alarm":
                self._begin("alarm", device.alarm(audio=arguments.get("audio")))
            case "dismiss":
                self._end("alarm", step)
            case "ringtone":
                self._begin("ringtone", device.ringtone(audio=arguments.get("audio")))
            case "end ringtone":
                self._end("ringtone", step)
            case "assistant":
                self._begin("assistant", device.assistant(audio=arguments.get("audio")))
            case "assistant done":
                self._end("assistant", step)
            case "silent switch":
                device.set_silent_switch(arguments["on"])
            case "volume up":
                device.press_volume(True)
            case "volume down":
                device.press_volume(False)
            case "lock":
                device.lock_screen()
            case "unlock":
                device.unlock_screen()
            case "lose media services":
                device.lose_media_services()
            case "reset media services":
                device.reset_media_services()
            case _:  # pragma: no cover - the parser lets nothing else through
                raise AssertionError(step.do)

    def _begin(self, what: str, sound: Any) -> None:
        if what in self._sounds:
            self._sounds[what].end()
        self._sounds[what] = sound

    def _end(self, what: str, step: Step) -> None:
        sound = self._sounds.pop(what, None)
        if sound is None:
            raise ScenarioError(
                f"{step.do!r}: no {what} sounds at {step.at:g} s", self.scenario.file, step.line
            )
        sound.end()

    # -- expectations ------------------------------------------------------------------------

    def _expect(self, expectation: Expectation) -> None:
        app = self.device.app(expectation.app)
        playing = app.alive and any(player.playing for player in app.players)
        found: dict[str, object] = {
            "standing": app.standing,
            "playing": playing,
            "heard": self._heard.get(app.id, ""),
            "granted": self._granted.get(app.id),
        }
        for what, value in found.items():
            expected = getattr(expectation, what)
            if expected is not None and expected != value:
                self._fail(expectation, what, expected, value)
        wanted = expectation.gain_db
        if wanted is not None:
            gain = app.gain_db
            both_silent = wanted <= SILENCE_DB and gain <= SILENCE_DB
            if not both_silent and abs(gain - wanted) > expectation.tolerance_db:
                self._fail(expectation, "gain_db", wanted, round(gain, 2))

    def _fail(self, item: Expectation, what: str, expected: object, found: object) -> None:
        self._failures.append(
            Failure(
                at=item.at,
                app=item.app,
                what=what,
                expected=expected,
                found=found,
                line=item.line,
            )
        )
