"""The checklist, run whole on a simulated phone: a test does what its user is told to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from audiosession import AudioSession
from audiosession.testing import SimulatedDevice

from .podcast import Checklist, Outcome, Report, Step


class Hands:
    """Does what a step asks for."""

    def __init__(self, device: SimulatedDevice, group: asyncio.TaskGroup) -> None:
        self.asked: list[str] = []
        self.left: list[int] = []
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
        self.left.append(left)
        if step.instruction:
            self.asked.append(step.title)
            self.does[step.title]()

    def _answer(self) -> None:
        self._call = self._device.incoming_call()
        self._call.accept()

    def _play_music(self) -> None:
        self._group.create_task(self._device.app("music").session.set_active(True))


async def checked(
    device: SimulatedDevice,
    *,
    change: Callable[[Hands, Checklist], None] = lambda hands, checklist: None,
) -> tuple[Report, Hands]:
    async with asyncio.TaskGroup() as group:
        hands = Hands(device, group)
        checklist = Checklist(show=hands.show)
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


PASSED = Outcome.PASSED
