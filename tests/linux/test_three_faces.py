"""Apple's corpus on a real PipeWire, through three faces: all that needs no phone.

What comes of each scenario is what comes of it on the simulated phone under the same policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.apple.corpus_kit import FACES, Scenario, corpus
from tests.linux.conftest import check_programs
from tests.linux.faces_stage import PLUGS, Desk, expected
from tests.linux.rig import PipeWireRig
from tests.linux.routes_kit import PhoneRig, add_input, add_output, remove_input
from tests.linux.service_kit import Stage, staged

pytestmark = pytest.mark.timeout(120)


def _has_words(scenario: Scenario) -> bool:
    """Whether all that is done in it can be done with null sinks."""
    steps = [step.words.split() for step in scenario.steps]
    return all(who == "app" or " ".join(words) in PLUGS for who, _, *words in steps)


SCENARIOS = [scenario for scenario in corpus() if scenario.on_linux]
ROUTES = [scenario for scenario in corpus() if scenario.routes and _has_words(scenario)]
HEARD = (
    "how low a prompt puts music",
    "how low music is put by a prompt",
    "how low a recording puts what mixes",
)
"""The scenarios whose levels are heard."""

ENOUGH = 3
"""How many different scenarios are shown; what does not come is waited for, which takes long."""


@pytest.fixture(scope="module")
async def running_pipewire() -> AsyncIterator[PipeWireRig]:
    """A server with a loudspeaker of its own."""
    check_programs(PhoneRig)
    async with PhoneRig() as rig:
        yield rig


@pytest.fixture
async def stage(pipewire_rig: PipeWireRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A phone: something to hold to the ear, a microphone, a service that judges as Apple does."""
    await add_output(pipewire_rig, "rig_earpiece", "handset")
    microphone = await add_input(pipewire_rig, "rig_microphone")
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
        await remove_input(pipewire_rig, microphone)


@pytest.mark.parametrize("face", FACES)
async def test_what_comes_of_a_scenario_is_what_comes_of_it_on_a_phone(
    stage: Stage, face: str
) -> None:
    different = {}
    async with asyncio.TaskGroup() as group:
        desk = Desk(stage, group, face)
        for scenario in (*SCENARIOS, *ROUTES):
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
    assert len(ROUTES) >= 7
