"""The routing-free part of Apple's corpus on a real PipeWire, through three faces.

What comes of each scenario is what comes of it on the simulated phone under the same policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.apple.corpus_kit import FACES, corpus
from tests.linux.faces_stage import Desk, expected
from tests.linux.rig import PipeWireRig
from tests.linux.service_kit import Stage, staged

pytestmark = pytest.mark.timeout(120)

SCENARIOS = [scenario for scenario in corpus() if scenario.on_linux]
HEARD = (
    "how low a prompt puts music",
    "how low music is put by a prompt",
    "how low a recording puts what mixes",
)
"""The scenarios whose levels are heard."""

ENOUGH = 3
"""How many different scenarios are shown; what does not come is waited for, which takes long."""


@pytest.fixture
async def stage(pipewire_rig: PipeWireRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage whose service judges as Apple does."""
    folder = pipewire_rig.config_home / "audiosession"
    folder.mkdir(exist_ok=True)
    rules = folder / "policy.toml"
    rules.write_text('[policy]\nname = "apple"\n')
    try:
        async with staged(pipewire_rig, monkeypatch) as stage:
            assert (await stage.service.status())["policy"] == "apple"
            yield stage
    finally:
        rules.unlink()


@pytest.mark.parametrize("face", FACES)
async def test_what_comes_of_a_scenario_is_what_comes_of_it_on_a_phone(
    stage: Stage, face: str
) -> None:
    different = {}
    async with asyncio.TaskGroup() as group:
        desk = Desk(stage, group, face)
        for scenario in SCENARIOS:
            heard = scenario.name in HEARD
            trace = await desk.play(scenario, heard=heard)
            wanted = expected(scenario, face, heard=heard)
            if trace != wanted:
                different[scenario.name] = trace, wanted
            if len(different) == ENOUGH:
                break
        for app in stage.apps:
            app.kill()
    assert different == {}


def test_there_is_enough_to_play() -> None:
    assert len(SCENARIOS) >= 20
    assert {scenario.name for scenario in SCENARIOS} >= set(HEARD)
