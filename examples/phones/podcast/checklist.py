"""What could not be tried without a phone, to be run by somebody who has one.

It takes about ten minutes. Some steps run by themselves; for the others the screen says what to
do, and the step is passed as soon as the app hears of it. At the end there is a report, as text,
that can be sent with a bug report. Nothing in it tells who the user is.
"""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from time import monotonic
from typing import Any

from audiosession import (
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    Capability,
    __version__,
    recipe,
)
from audiosession.errors import UnsupportedError

NOISY = object()
"""Stands for the output having become noisy."""


class Outcome(Enum):
    """How a step ended."""

    PASSED = "passed"
    """What was to happen happened."""
    FAILED = "FAILED"
    """Something else happened, or nothing did."""
    SKIPPED = "skipped"
    """The user went on without it."""
    UNSUPPORTED = "not there"
    """The host says that it cannot do this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one step."""

    title: str
    outcome: Outcome
    note: str
    took_s: float


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to try."""

    title: str
    """What is tried."""
    run: Callable[[], Coroutine[Any, Any, str]]
    """Tries it; gives a note for the report, and raises where it does not work."""
    instruction: str = ""
    """What the user is to do; empty: nothing."""
    prepare: Callable[[], Coroutine[Any, Any, None]] = _nothing
    """What has to be so before the user does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of all steps."""

    device: str
    """What it was run on."""
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return all(result.outcome is not Outcome.FAILED for result in self.results)

    def text(self) -> str:
        """The report, to be kept and sent."""
        lines = [f"audiosession {__version__} on {self.device}", ""]
        for result in self.results:
            lines.append(f"{result.outcome.value:>9}  {result.title} ({result.took_s:.1f} s)")
            if result.note:
                lines.append(f"           {result.note}")
        counts = ", ".join(
            f"{sum(result.outcome is outcome for result in self.results)} {outcome.value}"
            for outcome in Outcome
        )
        return "\n".join([*lines, "", counts, ""])


class NotAsExpected(Exception):
    """A step ended differently."""


class Checklist:
    """Runs the steps one after the other, in the event loop in which it is made.

    Args:
        show: Is given the step that runs and how many are left, once the step is ready for what
            the user is to do.
        session: The session; by default the app's. It is configured for music, activated and
            given up again.
        patience_s: How long a step waits for what the user is to do, in seconds.
    """

    def __init__(
        self,
        *,
        show: Callable[[Step, int], object] = lambda step, left: None,
        session: AudioSession | None = None,
        patience_s: float = 60.0,
    ) -> None:
        self._session = session or AudioSession.instance()
        self._show = show
        self.patience_s = patience_s
        self._skipped = asyncio.Event()
        # All that is heard, so that nothing is lost between two steps.
        self._heard: asyncio.Queue[object] = asyncio.Queue()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All there are, in order."""
        return (
            Step(title="The session opens", run=self._opens),
            Step(title="It is activated and given up", run=self._activates),
            Step(title="Devices are listed", run=self._lists),
            Step(title="The phone's own words work", run=self._native),
            Step(
                title="A device that comes is heard of",
                instruction="Plug in headphones, or connect a Bluetooth headset.",
                prepare=self._needs_devices,
                run=self._comes,
            ),
            Step(
                title="Pulled headphones are noisy",
                instruction="Pull the headphones out, or switch the headset off.",
                prepare=self._plays_noisily,
                run=self._noisy,
            ),
            Step(
                title="A call interrupts",
                instruction="Have somebody call this phone, and answer.",
                prepare=self._plays,
                run=self._interrupted,
            ),
            Step(
                title="The interruption ends",
                instruction="Hang up.",
                run=self._continues,
            ),
            Step(
                title="Another player takes over",
                instruction="Start music in another app, and come back here.",
                prepare=self._plays,
                run=self._interrupted,
            ),
            Step(title="It can be had again", run=self._activates),
        )

    def skip(self) -> None:
        """The user cannot do what the step says, and goes on."""
        self._skipped.set()

    async def run(self) -> Report:
        """Runs all steps; what fails does not keep the others from being tried."""
        session, hear = self._session, self._heard.put_nowait
        steps = self.steps
        results = []
        with (
            session.interruption_event_stream.listen(hear),
            session.becoming_noisy_event_stream.listen(lambda _: hear(NOISY)),
            session.devices_changed_event_stream.listen(hear),
        ):
            for number, step in enumerate(steps):
                results.append(await self._run(step, len(steps) - number - 1))
        return Report(device=_device(), results=tuple(results))

    # -- the steps -------------------------------------------------------------------------------

    async def _opens(self) -> str:
        await self._session
        await self._session.configure(recipe("music"))
        able = sorted(capability.value for capability in self._session.capabilities)
        return f"can do: {', '.join(able)}"

    async def _activates(self) -> str:
        await self._plays()
        if not self._session.is_active:
            raise NotAsExpected("it was granted, and the session does not say so")
        if not await self._session.set_active(False):
            raise NotAsExpected("giving up was refused")
        return ""

    async def _lists(self) -> str:
        devices = await self._session.get_devices()
        if not any(device.is_output for device in devices):
            raise NotAsExpected("there is no output")
        return ", ".join(sorted(f"{device.name} ({device.type.value})" for device in devices))

    async def _native(self) -> str:
        """Reads what the platform's own surface says; needs nothing of the microphone's."""
        if sys.platform == "ios":
            from audiosession.apple import AVAudioSession

            shared = AVAudioSession.shared_instance()
            ports = ", ".join(port.port_name for port in shared.current_route.outputs)
            return f"category {shared.category.value}, outputs {ports or 'none'}"
        from audiosession.android import AudioManager

        manager = AudioManager()
        try:
            music = AudioManager.STREAM_MUSIC
            index = await manager.get_stream_volume(music)
            most = await manager.get_stream_max_volume(music)
            ringer = await manager.get_ringer_mode()
            mode = await manager.get_mode()
            return f"music at {index} of {most}, ringer {ringer.name}, mode {mode.name}"
        finally:
            await manager.close()

    async def _comes(self) -> str:
        while True:
            event = await self._heard.get()
            if isinstance(event, AudioDevicesChangedEvent) and event.devices_added:
                return ", ".join(sorted(device.name for device in event.devices_added))

    async def _noisy(self) -> str:
        while await self._heard.get() is not NOISY:
            pass
        return ""

    async def _interrupted(self) -> str:
        event = await self._interruption(begin=True)
        return f"{event.type.value}, {event.reason.value}"

    async def _continues(self) -> str:
        event = await self._interruption(begin=False)
        return "resume" if event.should_resume else "do not resume"

    # -- before them -----------------------------------------------------------------------------

    async def _plays(self) -> None:
        if not await self._session.set_active(True):
            raise NotAsExpected("the activation was refused")

    async def _plays_noisily(self) -> None:
        self._require(Capability.BECOMING_NOISY)
        await self._plays()

    async def _needs_devices(self) -> None:
        self._require(Capability.DEVICES)

    # -- inside ----------------------------------------------------------------------------------

    def _require(self, capability: Capability) -> None:
        if capability not in self._session.capabilities:
            raise UnsupportedError(capability.value, "this one")

    async def _interruption(self, *, begin: bool) -> AudioInterruptionEvent:
        while True:
            event = await self._heard.get()
            if (
                isinstance(event, AudioInterruptionEvent)
                and event.begin is begin
                and event.type is not AudioInterruptionType.DUCK
            ):
                return event

    async def _run(self, step: Step, left: int) -> Result:
        began = monotonic()
        outcome, note = Outcome.PASSED, ""
        try:
            await step.prepare()
            if step.prepare is not _nothing:
                # What came before cannot be what the user is yet to do.
                while not self._heard.empty():
                    self._heard.get_nowait()
            self._skipped.clear()
            self._show(step, left)
            note, skipped = await self._first(step)
            if skipped:
                outcome = Outcome.SKIPPED
        except TimeoutError:
            outcome, note = Outcome.FAILED, f"nothing was heard in {self.patience_s:.0f} s"
        except UnsupportedError as error:
            outcome, note = Outcome.UNSUPPORTED, str(error)
        except Exception as error:
            # Whatever it is belongs in the report.
            outcome, note = Outcome.FAILED, f"{type(error).__name__}: {error}"
        return Result(title=step.title, outcome=outcome, note=note, took_s=monotonic() - began)

    async def _first(self, step: Step) -> tuple[str, bool]:
        """What a step says, and whether the user skipped it before that."""
        try:
            async with asyncio.TaskGroup() as group, asyncio.timeout(self.patience_s):
                trying = group.create_task(step.run())
                skipping = group.create_task(self._skipped.wait())
                try:
                    await asyncio.wait({trying, skipping}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    skipped = not trying.done()
                    for task in (trying, skipping):
                        task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        return ("", True) if skipped else (trying.result(), False)


def _device() -> str:
    return f"{sys.platform}, {platform.platform()}, Python {platform.python_version()}"
