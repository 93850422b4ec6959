"""One corpus of scenarios across the one API, Apple's, Android's and the web's face, judged
together on one simulated device."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.faces.device_stage import DeviceStage
from tests.faces.faces_kit import FACES, KINDS
from tests.faces.scenarios import POLICIES, Scenario, corpus

CORPUS = corpus()
RULES = Path(__file__).parents[2] / "docs" / "data" / "rules.toml"


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("scenario", CORPUS, ids=lambda scenario: scenario.name)
async def test_what_comes_of_a_scenario(scenario: Scenario, policy: str) -> None:
    stage = DeviceStage(policy, scenario.members)
    assert await stage.play(scenario) == scenario.expected(policy)


def test_there_is_enough_of_everything() -> None:
    names = [scenario.name for scenario in CORPUS]
    assert len(set(names)) == len(names) >= 25
    members = [member for scenario in CORPUS for member in scenario.members]
    assert {member.face for member in members} == set(FACES)
    assert {member.kind for member in members} == set(KINDS)
    for scenario in CORPUS:
        assert len({member.face for member in scenario.members}) >= 2, scenario.name


def test_every_difference_is_one_and_has_a_rule() -> None:
    book = tomllib.loads(RULES.read_text("utf-8"))
    for scenario in CORPUS:
        seen = set()
        for each in scenario.differences:
            assert each.policy in POLICIES[1:]
            for words, outcome in each.steps.items():
                assert outcome != scenario.steps[words], (scenario.name, words)
                assert (each.policy, words) not in seen
                seen.add((each.policy, words))
            platform, number = each.rule.split()
            assert platform == each.policy
            assert number in [rule["of"] for rule in book[platform]["rule"]]
            assert each.because.strip().endswith(".")
