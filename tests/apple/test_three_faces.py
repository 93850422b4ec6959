"""One corpus of scenarios, played through the one API, AVAudioSession and the C API."""

from __future__ import annotations

import pytest

from tests.apple.corpus_kit import FACES, Scenario, corpus, silences
from tests.apple.stages import Phone

CORPUS = corpus()


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("scenario", CORPUS, ids=lambda scenario: scenario.name)
async def test_what_comes_of_a_scenario(scenario: Scenario, face: str) -> None:
    phone = Phone(face, routes=scenario.routes)
    assert await phone.play(scenario) == scenario.expected(face)


def test_every_scenario_says_what_it_is_about() -> None:
    names = [scenario.name for scenario in CORPUS]
    assert len(set(names)) == len(names) >= 30
    for scenario in CORPUS:
        assert scenario.rules
        assert all(1 <= rule <= 131 for rule in scenario.rules)


def test_every_difference_is_one_and_has_a_rule() -> None:
    for scenario in CORPUS:
        places = [(each.face, each.step) for each in scenario.differences]
        assert len(set(places)) == len(places)
        for each in scenario.differences:
            assert each.face in FACES
            assert each.outcome != scenario.usual(each.face)[each.step][1], scenario.name
            check_reason(each.rule, each.because)


def test_every_silence_is_one_and_has_a_rule() -> None:
    said = {word for each in CORPUS for step in each.steps for word in step.outcome}
    for silence in silences():
        assert silence.face in FACES
        for beginning in silence.words:
            assert any(word.startswith(beginning) for word in said), beginning
        check_reason(silence.rule, silence.because)


def check_reason(rule: str, because: str) -> None:
    assert rule == "AudioSession.h" or 1 <= int(rule.removeprefix("apple ")) <= 131
    assert because.endswith(".")
