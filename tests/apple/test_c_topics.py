"""Every topic of Apple's page about Audio Session Services can be imported."""

from __future__ import annotations

import importlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from audiosession.apple import audio_session_services, c_constants

TOPICS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("c_topics.toml").read_text("utf-8")
)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topics_names_are_there_with_what_was_recorded(topic: str) -> None:
    module = importlib.import_module("audiosession.apple.audio_session_services")
    assert {name: getattr(module, name) for name in TOPICS[topic]} == TOPICS[topic]
    assert set(TOPICS[topic]) <= set(module.__all__)


def test_the_page_has_eighteen_topics_and_the_constants_it_lists() -> None:
    assert len(TOPICS) == 19
    assert len(TOPICS["constants"]) == 24


def test_every_constant_belongs_to_a_topic() -> None:
    named = {name for topic in TOPICS.values() for name in topic}
    assert {name for name in c_constants.__all__ if name.startswith("k")} == named


def test_the_module_has_all_constants_and_the_types() -> None:
    for name in c_constants.__all__:
        assert getattr(audio_session_services, name) is getattr(c_constants, name)
    assert set(c_constants.__all__) <= set(audio_session_services.__all__)
    assert audio_session_services.AudioSessionInterruptionType is int
