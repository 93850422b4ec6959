"""What could not be tried without a phone, to be run by somebody who has one.

It takes about ten minutes. Some steps run by themselves; for the others the screen says what to
do, and the step is passed as soon as the app hears of it. At the end there is a report, as text,
that can be sent with a bug report. It names types of devices, since their names are often those of
people.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

from audiosession import (
    AudioDevice,
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    Capability,
    recipe,
)
from audiosession.errors import UnsupportedError

from .player import Output
from .report import Outcome, Report, Result, device, host_of
from .tone import Tone

NOISY = object()
"""Stands for the output having become noisy."""

GRACE_S = 2.0
"""How long a step whose patience is over waits for what may have been heard meanwhile."""


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
    patience: float = 1.0
    """How long to wait for the user, in times of the checklist's patience."""
    question: str = ""
    """What only the user can say, once the step has passed; the answer is to be yes."""
    asks: bool = False
    """Whether the instruction is a question: it wants :meth:`Checklist.answer`."""


class NotAsExpected(Exception):
    """A step ended differently."""


class NothingToTry(Exception):
    """A step needs another one that did not pass."""


class Checklist:
    """Runs the steps one after the other, in the event loop in which it is made.

    Args:
        show: Is given the step that runs and how many are left, once the step is ready for what
            the user is to do.
        session: The session; by default the app's. It is configured for music, activated and
            given up again.
        output: What plays a tone in the steps that need one, since a phone may suspend an app
            that is silent; ``None``: nothing does, and nobody is asked what could be heard.
        patience_s: How long a step waits for what the user is to do, in seconds; those with a
            call wait three times as long.
    """

    def __init__(
        self,
        *,
        show: Callable[[Step, int], object] = lambda step, left: None,
        session: AudioSession | None = None,
        output: Output | None = None,
        patience_s: float = 60.0,
    ) -> None:
        self._session = session or AudioSession.instance()
        self._show = show
        self._tone = Tone(output)
        self.patience_s = patience_s
        self._skipped = asyncio.Event()
        self._answers: asyncio.Queue[bool] = asyncio.Queue()
        # All that is heard, so that nothing is lost between two steps.
        self._heard: asyncio.Queue[object] = asyncio.Queue()
        self._called = False

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
                question="Did the tone stop, and keep out of the loudspeaker?",
            ),
            Step(
                title="A call interrupts",
                instruction="Have somebody call this phone, and answer.",
                prepare=self._plays,
                run=self._is_called,
                patience=3.0,
            ),
            Step(
                title="The interruption ends",
                instruction="Hang up.",
                run=self._continues,
                patience=3.0,
                question="Did the tone stop when the phone rang?",
            ),
            Step(
                title="Another player takes over",
                instruction="Start music in another app, and come back here.",
                prepare=self._plays,
                run=self._interrupted,
                question="Did the tone stop when the music began?",
            ),
            Step(title="It can be had again", run=self._activates),
        )

    def skip(self) -> None:
        """The user cannot do what the step says, and goes on."""
        self._skipped.set()

    def answer(self, yes: bool) -> None:
        """The user answers a question."""
        self._answers.put_nowait(yes)

    async def run(self) -> Report:
        """Runs all steps; what fails does not keep the others from being tried."""
        session, hear = self._session, self._heard.put_nowait
        steps = self.steps
        results = []
        handler = session.handle_interruptions(self._tone)
        try:
            with (
                session.interruption_event_stream.listen(hear),
                session.becoming_noisy_event_stream.listen(lambda _: hear(NOISY)),
                session.devices_changed_event_stream.listen(hear),
            ):
                async with asyncio.TaskGroup() as group:
                    going_on = group.create_task(self._tone.go_on())
                    for number, step in enumerate(steps):
                        results.append(await self._run(step, len(steps) - number - 1))
                    going_on.cancel()
        finally:
            handler.cancel()
            self._tone.pause()
        return Report(host=host_of(session), device=device(), results=tuple(results))

    # -- the steps -------------------------------------------------------------------------------

    async def _opens(self) -> str:
        await self._session
        await self._session.configure(recipe("music"))
        able = sorted(capability.value for capability in self._session.capabilities)
        return f"can do: {', '.join(able)}"

    async def _activates(self) -> str:
        self._tone.pause()
        await self._asks()
        if not self._session.is_active:
            raise NotAsExpected("it was granted, and the session does not say so")
        if not await self._session.set_active(False):
            raise NotAsExpected("giving up was refused")
        return ""

    async def _lists(self) -> str:
        devices = await self._session.get_devices()
        if not any(device.is_output for device in devices):
            raise NotAsExpected("there is no output")
        return _kinds(devices)

    async def _native(self) -> str:
        """Reads what the platform's own surface says; needs nothing of the microphone's."""
        if sys.platform == "ios":
            from audiosession.apple import AVAudioSession

            shared = AVAudioSession.shared_instance()
            ports = ", ".join(port.port_type.value for port in shared.current_route.outputs)
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
                return _kinds(event.devices_added)

    async def _noisy(self) -> str:
        while await self._heard.get() is not NOISY:
            pass
        return ""

    async def _is_called(self) -> str:
        self._called = False
        note = await self._interrupted()
        self._called = True
        return note

    async def _interrupted(self) -> str:
        event = await self._interruption(begin=True)
        return f"{event.type.value}, {event.reason.value}"

    async def _continues(self) -> str:
        if not self._called:
            raise NothingToTry("no call was heard")
        event = await self._interruption(begin=False)
        return "resume" if event.should_resume else "do not resume"

    # -- before them -----------------------------------------------------------------------------

    async def _asks(self) -> None:
        if not await self._session.set_active(True):
            raise NotAsExpected("the activation was refused")

    async def _plays(self) -> None:
        await self._asks()
        self._tone.resume()

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
        """Tries a step, as often as the user wants where there is something to do."""
        while True:
            result = await self._try(step, left)
            failed = result.outcome is Outcome.FAILED
            if not failed or not step.instruction:
                return result
            if not await self._ask(step, left, f"{result.note}. Try it again?"):
                return result

    async def _try(self, step: Step, left: int) -> Result:
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
            elif step.question and self._tone.there:
                heard = await self._ask(step, left, step.question)
                if heard is None:
                    note = f"{note}; nobody said: {step.question}".removeprefix("; ")
                elif not heard:
                    raise NotAsExpected(f"the user says no: {step.question}")
        except TimeoutError:
            waited_s = self.patience_s * step.patience
            outcome, note = Outcome.FAILED, f"nothing was heard in {waited_s:.0f} s"
        except NothingToTry as error:
            outcome, note = Outcome.SKIPPED, str(error)
        except UnsupportedError as error:
            outcome, note = Outcome.UNSUPPORTED, str(error)
        except Exception as error:
            # Whatever it is belongs in the report.
            outcome, note = Outcome.FAILED, f"{type(error).__name__}: {error}"
        return Result(title=step.title, outcome=outcome, note=note, took_s=monotonic() - began)

    async def _ask(self, step: Step, left: int, question: str) -> bool | None:
        """What the user says; ``None``: nothing, in all the time there is."""
        while not self._answers.empty():
            self._answers.get_nowait()
        self._skipped.clear()

        async def answered() -> str:
            return "yes" if await self._answers.get() else ""

        asking = replace(step, instruction=question, run=answered, asks=True)
        self._show(asking, left)
        try:
            answer, skipped = await self._first(asking)
        except TimeoutError:
            return None
        return None if skipped else bool(answer)

    async def _first(self, step: Step) -> tuple[str, bool]:
        """What a step says, and whether the user skipped it before that."""
        patience_s = self.patience_s * step.patience
        try:
            async with asyncio.TaskGroup() as group:
                trying = group.create_task(step.run())
                skipping = group.create_task(self._skipped.wait())
                both, first = {trying, skipping}, asyncio.FIRST_COMPLETED
                try:
                    done, _ = await asyncio.wait(both, timeout=patience_s, return_when=first)
                    if not done:
                        # A loop that was held, as off the screen, has the end of the patience
                        # and what was heard meanwhile before it at once.
                        grace_s = min(GRACE_S, patience_s)
                        await asyncio.wait(both, timeout=grace_s, return_when=first)
                finally:
                    heard, skipped = trying.done(), skipping.done()
                    for task in both:
                        task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None
        if heard:
            return trying.result(), False
        if skipped:
            return "", True
        raise TimeoutError


def _kinds(devices: Iterable[AudioDevice]) -> str:
    """Devices by type alone: their names are often those of people."""
    counts = Counter(device.type.value for device in devices)
    return ", ".join(
        kind if count == 1 else f"{count} x {kind}" for kind, count in sorted(counts.items())
    )
