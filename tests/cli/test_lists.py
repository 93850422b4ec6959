"""``audiosession profiles`` and ``actions``: what scenarios can be made of."""

import json

from audiosession.hosts.simulated.profiles import PLUGGABLE, PROFILES
from audiosession.scenario import ACTIONS

from .conftest import Run


def _first_cells(text: str) -> set[str]:
    return {line.split("|")[0].strip() for line in text.splitlines()}


def test_profiles_shows_every_profile_and_port(run: Run) -> None:
    done = run("profiles")
    assert (done.status, done.err) == (0, "")
    assert done.out.isascii()
    assert set(PROFILES) | set(PLUGGABLE) <= _first_cells(done.out)
    for profile in PROFILES.values():
        for port in profile.ports:
            assert f"{port.name} ({'in' if port.is_input else 'out'})" in done.out


def test_profiles_as_json(run: Run) -> None:
    shown = json.loads(run("profiles", "--json").out)
    assert [entry["name"] for entry in shown["profiles"]] == list(PROFILES)
    assert [entry["name"] for entry in shown["pluggable"]] == list(PLUGGABLE)
    phone = shown["profiles"][0]
    assert {"name": "Speaker", "type": "builtInSpeaker", "input": False, "output": True} in (
        phone["ports"]
    )
    assert "ring switch" in phone["capabilities"]


def test_actions_shows_every_action_with_its_arguments(run: Run) -> None:
    done = run("actions")
    assert (done.status, done.err) == (0, "")
    assert done.out.isascii()
    assert set(ACTIONS) <= _first_cells(done.out)
    ring = next(line for line in done.out.splitlines() if line.split("|")[0].strip() == "ring")
    assert ring.split("|")[2].strip() == "call*, ringtone, voice"


def test_actions_as_json(run: Run) -> None:
    shown = {entry["do"]: entry for entry in json.loads(run("actions", "--json").out)}
    assert list(shown) == list(ACTIONS)
    assert shown["play"]["app"] is True
    assert shown["microphone"]["arguments"] == [
        {
            "name": "permission",
            "type": "text",
            "required": True,
            "choices": ["undetermined", "granted", "denied"],
        }
    ]
