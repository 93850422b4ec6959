"""The corpus of the four faces on real servers, under each policy: all of it that needs no phone.

What comes of each scenario is what comes of it on the simulated device. Each app is a process
with a stream, and how loud each is is heard on the monitor of the sink.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.faces.scenarios import POLICIES, corpus
from tests.linux.four_faces_stage import Theatre, judged
from tests.linux.rig import SoundRig
from tests.linux.service_kit import Stage

pytestmark = pytest.mark.timeout(300)

SCENARIOS = [scenario for scenario in corpus() if not scenario.needs_device]
ENOUGH = 3
"""How many different scenarios are shown; what does not come is waited for, which takes long."""


@pytest.fixture
async def stage(
    request: pytest.FixtureRequest, rig: SoundRig, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A stage on each server, with a service that judges by the policy asked for."""
    async with judged(rig, monkeypatch, request.param) as stage:
        yield stage


@pytest.mark.parametrize("stage", POLICIES, indirect=True)
async def test_what_comes_of_a_scenario_is_what_comes_of_it_on_a_device(
    stage: Stage,
) -> None:
    policy = (await stage.service.status())["policy"]
    different = {}
    async with asyncio.TaskGroup() as group, Theatre(stage, group) as theatre:
        for scenario in SCENARIOS:
            trace = await theatre.play(scenario, policy)
            if trace != scenario.expected(policy):
                different[scenario.name] = trace, scenario.expected(policy)
            if len(different) == ENOUGH:
                break
    assert different == {}
    assert "ERROR" not in stage.rig.log(), stage.rig.log()


def test_there_is_enough_to_play() -> None:
    assert len(SCENARIOS) >= 18
