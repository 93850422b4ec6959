"""The checklist, run whole on a simulated phone: a test does what its user is told to do."""

from __future__ import annotations

import asyncio
import platform
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from audiosession import AudioDevice, AudioSession
from audiosession.testing import SimulatedDevice

from .podcast import Checklist, Outcome, Report, SilentOutput, Step
from .podcast.tone import Tone


class Hands:
    """Does what a step asks for."""

    def __init__(self, device: SimulatedDevice, group: asyncio.TaskGroup) -> None:
        self.asked: list[str] = []
        self.left: list[int] = []
        self.questions: list[str] = []
        self.answers: Callable[[str], object] = lambda question: None
        self._device = device
        self._group = group
        self._call: Any = None
        self.does: dict[str, Callable[[], object]] = {
            "A device that comes is heard of": lambda: device.plug("wired headphones"),
            "Pulled headphones are noisy": lambda: device.unplug("wired headphones"),
            "A call interrupts": self._answer,
            "The interruption ends": lambda: self._call.end(),
            "Another player takes over": self._play_music,
        }

    def show(self, step: Step, left: int) -> None:
        if step.asks:
            self.questions.append(step.instruction)
            self.answers(step.instruction)
            return
        self.left.append(left)
        if step.instruction:
            self.asked.append(step.title)
            self.does[step.title]()

    def _answer(self) -> None:
        self._call = self._device.incoming_call()
        self._call.accept()

    def _play_music(self) -> None:
        self._group.create_task(self._device.app("music").session.set_active(True))


class Recorded(SilentOutput):
    """A tone that says when it plays."""

    def __init__(self) -> None:
        super().__init__()
        self.sounds = False

    def play(self, *, offset_s: float) -> None:
        self.sounds = True
        super().play(offset_s=offset_s)

    def pause(self) -> None:
        self.sounds = False
        super().pause()


async def checked(
    device: SimulatedDevice,
    *,
    change: Callable[[Hands, Checklist], None] = lambda hands, checklist: None,
    output: Recorded | None = None,
) -> tuple[Report, Hands]:
    async with asyncio.TaskGroup() as group:
        hands = Hands(device, group)
        checklist = Checklist(show=hands.show, output=output)
        hands.answers = lambda question: checklist.answer("Try it again?" not in question)
        change(hands, checklist)
        return await checklist.run(), hands


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(name, marks=pytest.mark.audio_device(policy=name))
        for name in ("default", "apple", "android")
    ],
)
async def test_it_passes_whole_where_everything_works(
    simulated_device: SimulatedDevice, policy: str
) -> None:
    report, hands = await checked(simulated_device)
    assert [(each.title, each.note) for each in report.results if each.outcome is not PASSED] == []
    assert report.passed
    assert hands.asked == list(hands.does)
    assert hands.left == list(range(len(report.results)))[::-1]
    assert not AudioSession.instance().is_active
    for result in report.results:
        assert f"passed  {result.title} (" in report.text()
    assert "10 passed, 0 FAILED, 0 skipped, 0 not there" in report.text()


async def test_what_is_not_heard_fails_and_the_others_are_tried(
    simulated_device: SimulatedDevice,
) -> None:
    def nothing(hands: Hands, checklist: Checklist) -> None:
        patience_s = checklist.patience_s

        def in_vain() -> None:
            checklist.patience_s = 0.05

        def in_time(does: Callable[[], object]) -> Callable[[], object]:
            def what() -> None:
                checklist.patience_s = patience_s
                does()

            return what

        hands.does = {title: in_time(does) for title, does in hands.does.items()}
        hands.does["A device that comes is heard of"] = in_vain
        hands.does["Pulled headphones are noisy"] = in_vain

    report, _ = await checked(simulated_device, change=nothing)
    assert [each.title for each in report.results if each.outcome is Outcome.FAILED] == [
        "A device that comes is heard of",
        "Pulled headphones are noisy",
    ]
    assert not report.passed
    assert "nothing was heard" in report.text()


async def test_a_step_can_be_skipped(simulated_device: SimulatedDevice) -> None:
    def skips(hands: Hands, checklist: Checklist) -> None:
        for title in hands.does:
            hands.does[title] = checklist.skip

    report, _ = await checked(simulated_device, change=skips)
    skipped = [each.title for each in report.results if each.outcome is Outcome.SKIPPED]
    assert skipped == [step.title for step in Checklist().steps if step.instruction]
    assert report.passed


@pytest.mark.audio_device(policy="android")
async def test_what_the_system_refuses_is_in_the_report(simulated_device: SimulatedDevice) -> None:
    simulated_device.incoming_call().accept()

    def nobody(hands: Hands, checklist: Checklist) -> None:
        hands.does = dict.fromkeys(hands.does, checklist.skip)

    report, _ = await checked(simulated_device, change=nobody)
    refused = [each for each in report.results if each.outcome is Outcome.FAILED]
    assert "It is activated and given up" in {each.title for each in refused}
    assert any("the activation was refused" in each.note for each in refused)


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(name, marks=pytest.mark.audio_device(policy=name))
        for name in ("default", "apple", "android")
    ],
)
async def test_a_tone_sounds_until_it_is_to_stop(
    simulated_device: SimulatedDevice, policy: str
) -> None:
    tone = Recorded()
    sounds: dict[str, bool] = {}

    def listens(hands: Hands, checklist: Checklist) -> None:
        def note(title: str, does: Callable[[], object]) -> Callable[[], object]:
            def what() -> None:
                sounds[title] = tone.sounds
                does()

            return what

        def answers(question: str) -> None:
            # After a call it comes back, once the session is active again.
            if "rang" not in question:
                sounds[question] = tone.sounds
            checklist.answer(True)

        hands.does = {title: note(title, does) for title, does in hands.does.items()}
        hands.answers = answers

    report, _ = await checked(simulated_device, change=listens, output=tone)
    assert report.passed, report.text()
    assert sounds == {
        "A device that comes is heard of": False,
        "Pulled headphones are noisy": True,
        "Did the tone stop, and keep out of the loudspeaker?": False,
        "A call interrupts": True,
        "The interruption ends": False,
        "Another player takes over": True,
        "Did the tone stop when the music began?": False,
    }
    assert not tone.sounds


async def test_what_only_the_user_heard_fails_or_is_noted(
    simulated_device: SimulatedDevice,
) -> None:
    def hears_otherwise(hands: Hands, checklist: Checklist) -> None:
        def answers(question: str) -> None:
            if "rang" in question:
                checklist.skip()
            else:
                checklist.answer("music" in question)

        hands.answers = answers

    report, hands = await checked(simulated_device, change=hears_otherwise, output=Recorded())
    (failed,) = [each for each in report.results if each.outcome is Outcome.FAILED]
    assert failed.title == "Pulled headphones are noisy"
    assert "the user says no: Did the tone stop" in failed.note
    assert "nobody said: Did the tone stop when the phone rang?" in report.text()
    assert len(hands.questions) == 4


async def test_without_a_tone_nobody_is_asked(simulated_device: SimulatedDevice) -> None:
    _, hands = await checked(simulated_device)
    assert hands.questions == []


async def test_a_step_that_failed_can_be_tried_again(simulated_device: SimulatedDevice) -> None:
    def at_the_second_time(hands: Hands, checklist: Checklist) -> None:
        pull = hands.does["Pulled headphones are noisy"]
        patience_s = checklist.patience_s

        def misses() -> None:
            checklist.patience_s = 0.05
            hands.does["Pulled headphones are noisy"] = pull

        def again(question: str) -> None:
            checklist.patience_s = patience_s
            checklist.answer("Try it again?" in question)

        hands.does["Pulled headphones are noisy"] = misses
        hands.answers = again

    report, hands = await checked(simulated_device, change=at_the_second_time)
    assert report.passed
    assert hands.asked.count("Pulled headphones are noisy") == 2
    assert hands.questions == ["nothing was heard in 0 s. Try it again?"]


@pytest.mark.audio_device(policy="android")
async def test_what_comes_while_the_loop_is_held_counts(simulated_device: SimulatedDevice) -> None:
    def is_away(hands: Hands, checklist: Checklist) -> None:
        loop, patience_s, answer = asyncio.get_running_loop(), checklist.patience_s, hands._answer

        def come_back() -> None:
            checklist.patience_s = patience_s
            answer()

        def away() -> None:
            # The phone tells it early, but the loop turns only once the patience is over, and
            # what is told goes through more than one turn.
            loop.call_soon_threadsafe(loop.call_soon, loop.call_soon, come_back)
            time.sleep(3 * checklist.patience_s + 0.05)

        def leave() -> None:
            checklist.patience_s = 0.02
            loop.call_soon(lambda: loop.call_soon(away))

        hands.does["A call interrupts"] = leave

    report, _ = await checked(simulated_device, change=is_away)
    assert report.passed, report.text()


async def test_without_a_call_nobody_is_asked_to_hang_up(
    simulated_device: SimulatedDevice,
) -> None:
    def nobody_calls(hands: Hands, checklist: Checklist) -> None:
        hands.does["A call interrupts"] = checklist.skip
        hands.does["The interruption ends"] = lambda: None

    report, _ = await checked(simulated_device, change=nobody_calls)
    (end,) = [each for each in report.results if each.title == "The interruption ends"]
    assert (end.outcome, end.note) == (Outcome.SKIPPED, "no call was heard")


async def test_the_report_names_kinds_of_devices_and_nobody(
    simulated_device: SimulatedDevice,
) -> None:
    added: list[AudioDevice] = []

    def connects(hands: Hands, checklist: Checklist) -> None:
        named = "bluetooth headset"
        hands.does["A device that comes is heard of"] = lambda: simulated_device.plug(named)
        hands.does["Pulled headphones are noisy"] = lambda: simulated_device.unplug(named)

    session = AudioSession.instance()
    with session.devices_changed_event_stream.listen(lambda e: added.extend(e.devices_added)):
        report, _ = await checked(simulated_device, change=connects)
    text = report.text()
    assert report.passed, text
    assert added
    assert all(device.type.value in text and device.name not in text for device in added)
    for device in await session.get_devices():
        assert device.type.value in text


async def test_the_report_says_what_it_was_run_on(
    simulated_device: SimulatedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(hands: Hands, checklist: Checklist) -> None:
        hands.does = dict.fromkeys(hands.does, checklist.skip)

    first, second, *_ = (await checked(simulated_device, change=nobody))[0].text().splitlines()
    assert first.endswith(", host simulated")
    assert platform.platform() in second

    monkeypatch.setattr(sys, "getandroidapilevel", lambda: 24, raising=False)
    found = SimpleNamespace(
        release="15", api_level=35, manufacturer="Maker", model="Phone 3", is_emulator=True
    )
    monkeypatch.setattr(platform, "android_ver", lambda: found, raising=False)
    _, second, *_ = (await checked(simulated_device, change=nobody))[0].text().splitlines()
    assert second.startswith("Android 15, API level 35, Maker Phone 3 (emulator), Python 3.")


async def test_a_tone_that_ends_is_played_again() -> None:
    class Short(Recorded):
        def __init__(self) -> None:
            super().__init__()
            self.played = asyncio.Queue[float]()

        @property
        def ended(self) -> bool:
            return self.sounds

        def play(self, *, offset_s: float) -> None:
            super().play(offset_s=offset_s)
            self.played.put_nowait(offset_s)

    output = Short()
    tone = Tone(output)
    async with asyncio.TaskGroup() as group, asyncio.timeout(30.0):
        going_on = group.create_task(tone.go_on())
        tone.resume()
        assert [await output.played.get() for _ in range(3)] == [0.0, 0.0, 0.0]
        going_on.cancel()


PASSED = Outcome.PASSED
