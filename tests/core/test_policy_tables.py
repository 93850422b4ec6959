"""Policies as data: those that ship are sound, and every kind of fault is refused by name."""

from __future__ import annotations

import copy
import os
import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from audiosession.core import Arbiter, Claim, Outcome, Policy, Press, Role
from audiosession.core.decision import Decision
from audiosession.core.disciplines import DISCIPLINES
from audiosession.core.disciplines.holds import HoldsDiscipline
from audiosession.core.policy import BUILT_IN_RULES, DisciplineName, Resume
from audiosession.core.policy_check import canonical_claims, check_policy, walk_policy
from audiosession.core.state import Session
from audiosession.errors import PolicyError, UnknownNameError
from audiosession.policies import POLICIES, load_policy, parse_policy, read_policy

Data = dict[str, Any]


def text_of(name: str) -> str:
    return resources.files("audiosession.policies").joinpath(f"{name}.toml").read_text("utf-8")


def data_of(name: str) -> Data:
    return tomllib.loads(text_of(name))


def refused(data: Data) -> str:
    """What a policy made of the data is refused for, by the reader or by the checker."""
    try:
        policy = Policy.from_mapping(data)
    except PolicyError as error:
        return "\n".join(error.problems)
    return "\n".join(check_policy(policy))


# -- those that ship -----------------------------------------------------------------------


@pytest.mark.parametrize("name", POLICIES)
def test_shipped_policies_are_sound(name: str) -> None:
    policy = load_policy(name)
    assert policy.name == name
    assert check_policy(policy) == ()


@pytest.mark.parametrize("name", POLICIES)
def test_every_hold_of_a_shipped_policy_has_a_way_out(name: str) -> None:
    assert walk_policy(load_policy(name)) == ()


@pytest.mark.parametrize("name", POLICIES)
def test_every_class_of_a_shipped_policy_is_met_by_some_claim(name: str) -> None:
    policy = load_policy(name)
    holders, newcomers = set(), set()
    for claim in canonical_claims():
        newcomers.add(policy.newcomer_class(claim))
        for received in ("none", "duck", "pause"):
            holders.add(policy.holder_class(claim, received))
    assert holders == {rule.name for rule in policy.holders}
    assert newcomers == {rule.name for rule in policy.newcomers}


@pytest.mark.parametrize("name", POLICIES)
def test_every_rule_has_a_reason_and_a_name_of_its_own(name: str) -> None:
    policy = load_policy(name)
    for cell in policy.cells.values():
        assert policy.because(cell.rule) == cell.because != ""
        assert cell.rule not in BUILT_IN_RULES
    assert policy.because("granted") == BUILT_IN_RULES["granted"]
    assert policy.because("no such rule") == ""


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_loaded_once(name: str) -> None:
    assert load_policy(name) is load_policy(name)


def test_a_policy_by_a_name_that_none_has() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'default'"):
        load_policy("defualt")


def test_claims_are_sorted_the_same_however_many_there_were() -> None:
    policy = load_policy("default")
    claims = [Claim(role=Role.CALL, press=Press.PAUSE, scope=str(n)) for n in range(5000)]
    assert {policy.holder_class(claim) for claim in claims} == {"call"}
    assert {policy.newcomer_class(claim) for claim in claims[:10]} == {"call"}


# -- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POLICIES)
def test_a_file_of_the_same_form_gives_the_same_policy(name: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text_of(name), encoding="utf-8")
    assert read_policy(file) == load_policy(name) == read_policy(str(file))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file") as caught:
        read_policy(tmp_path / "none.toml")
    assert caught.value.source == str(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"name = \n", "is not TOML: .*line 1"),
        (b'name = "x"\nlevels = [\n\n', r"is not TOML: .*\(at line 2, the end of the document\)"),
        (b"name = " + b"[" * 100_000, "is not TOML: it is nested too deeply"),
        (b"name = " + b"1" * 10_000, "is not TOML"),
        (b"\xff\xfe", "cannot be read"),
        (b"#" * 1_000_001, "larger than 1000000 bytes"),
        (b"#" * 999_999 + "é".encode(), "larger than 1000000 bytes"),
        (b"", "settings.discipline must be one of holds, stack, matrix"),
    ],
)
def test_a_file_that_is_no_policy(content: bytes, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(PolicyError, match=problem) as caught:
        read_policy(file)
    assert caught.value.source == str(file)


def test_a_file_that_is_as_large_as_may_be_is_read(tmp_path: Path) -> None:
    data = text_of("default").encode()
    file = tmp_path / "mine.toml"
    file.write_bytes(data + b"#" * (1_000_000 - len(data)))
    assert read_policy(file) == load_policy("default")


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    link = tmp_path / "link.toml"
    link.symlink_to(pipe)
    for path in (pipe, link, Path("/dev/null")):
        with pytest.raises(PolicyError, match=r"cannot be read: .*not a regular file") as caught:
            read_policy(path)
        assert caught.value.source == str(path)
    with pytest.raises(PolicyError, match=r"cannot be read: .*directory"):
        read_policy(tmp_path)


def test_what_only_the_checker_finds_is_refused_in_a_file_too() -> None:
    text = text_of("default").replace('rule = "call-first"', 'rule = "emergency-first"')
    with pytest.raises(PolicyError, match="rule 'emergency-first' has two different reasons"):
        parse_policy(text, source="mine.toml")


def test_all_problems_are_named_at_once() -> None:
    data = data_of("default")
    data["colour"] = "blue"
    data["levels"]["duck"] = 3
    del data["rank"]["music"]
    with pytest.raises(PolicyError) as caught:
        Policy.from_mapping(data)
    assert len(caught.value.problems) == 3
    assert caught.value.source is None


# -- every kind of fault -------------------------------------------------------------------


def at(*path: str | int, value: object) -> Callable[[Data], None]:
    """Sets the value found under ``path``."""

    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


def without(*path: str | int) -> Callable[[Data], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        del data[path[-1]]

    return change


def cell(rule: str, /, **values: object) -> Callable[[Data], None]:
    """Changes the cell of that rule; ``None`` takes a key away."""

    def change(data: Data) -> None:
        (found,) = [entry for entry in data["cell"] if entry["rule"] == rule]
        for key, value in values.items():
            if value is None:
                del found[key]
            else:
                found[key] = value

    return change


def add(key: str, entry: object, index: int = 0) -> Callable[[Data], None]:
    return lambda data: data[key].insert(index, entry)


FAULTS: dict[str, tuple[Callable[[Data], None], str]] = {
    "missing pair": (
        cell("music-goes-lower", newcomer=["prompt", "ping", "ducker"]),
        "no cell says what ducker, pauses speech does when long-form sounds",
    ),
    "double pair": (
        cell("last-in-stops", newcomer=["long-form", "ping"]),
        "the pair long-form / ping has a cell already",
    ),
    "unknown outcome": (cell("last-in-stops", outcome="explode"), "outcome 'explode' is none of"),
    "outcome of a wrong type": (cell("last-in-stops", outcome=["mix"]), "is none of: mix, duck"),
    "unknown holder class": (
        cell("last-in-stops", holder="opera"),
        "holder class 'opera' does not exist",
    ),
    "unknown newcomer class": (
        cell("last-in-stops", newcomer=["long-form", "opera"]),
        "newcomer class 'opera' does not exist",
    ),
    "no class": (cell("last-in-stops", holder=None), "holder class 'None' does not exist"),
    "unknown level": (
        cell("music-goes-lower", level="deep"),
        "(music-goes-lower): level 'deep' is not in [levels]",
    ),
    "no rule": (cell("last-in-stops", rule=None), "'rule' must be a text, not None"),
    "no reason": (cell("last-in-stops", because=" "), "'because' must be a text, not ' '"),
    "reason of a wrong type": (cell("last-in-stops", because=3), "'because' must be a text"),
    "unknown key of a cell": (cell("last-in-stops", why="so"), "unknown key 'why'"),
    "delay without otherwise": (
        cell("media-waits-for-call", otherwise=None),
        "'delay newcomer' and 'otherwise' go together",
    ),
    "otherwise without delay": (
        cell("last-in-stops", otherwise="mix"),
        "'delay newcomer' and 'otherwise' go together",
    ),
    "otherwise not about the newcomer": (
        cell("media-waits-for-call", otherwise="pause holder"),
        "otherwise must be 'mix', 'duck newcomer' or 'deny newcomer'",
    ),
    "two reasons for one rule": (
        cell("last-in-stops", rule="pause-asked"),
        "rule 'pause-asked' has two different reasons",
    ),
    "cell of a wrong type": (add("cell", "mix"), "cell 1 must be a table"),
    "cells of a wrong type": (at("cell", value="mix"), "cell must be a list"),
    "emergency lowered": (
        cell("emergency-on-top", outcome="duck holder"),
        "call lowers or silences an emergency (emergency)",
    ),
    "emergency refused": (
        cell("emergency-over-call", outcome="deny newcomer"),
        "an emergency (emergency) is lowered or refused because of call",
    ),
    "rank violated": (
        cell("prompt-on-top", outcome="pause holder"),
        "ping silences prompt, which has the higher rank",
    ),
    "level above 0": (at("levels", "duck", value=0.5), "levels.duck must not be above 0 dB"),
    "level below silence": (
        at("levels", "silent", value=-121),
        "levels.silent is below -120 dB, which is silence already",
    ),
    "level of a wrong type": (
        at("levels", "duck", value="low"),
        "levels.duck must be a finite number, not 'low'",
    ),
    "level that is true": (at("levels", "duck", value=True), "levels.duck must be a finite number"),
    "level not a number": (
        at("levels", "duck", value=float("nan")),
        "levels.duck must be a finite number",
    ),
    "no duck level": (without("levels", "duck"), "levels.duck is missing"),
    "levels of a wrong type": (at("levels", value=-14), "'levels' must be a table"),
    "missing rank": (without("rank", "music"), "rank: no number for music"),
    "unknown role in ranks": (at("rank", "opera", value=1), "rank: unknown role 'opera'"),
    "rank of a wrong type": (
        at("rank", "music", value="high"),
        "rank.music must be a whole number, not 'high'",
    ),
    "rank that is true": (at("rank", "music", value=True), "rank.music must be a whole number"),
    "unknown key": (at("colour", value="blue"), "unknown key 'colour'"),
    "no name": (without("name"), "policy: 'name' must be a text, not None"),
    "no source": (at("source", value=""), "policy: 'source' must be a text"),
    "no settings": (without("settings"), "settings.discipline must be one of"),
    "unknown discipline": (
        at("settings", "discipline", value="queue"),
        "settings.discipline must be one of holds, stack, matrix",
    ),
    "unknown resume": (
        at("settings", "resume", value="never"),
        "settings.resume must be 'always' or 'when notified'",
    ),
    "unknown setting": (at("settings", "fade", value=1), "unknown key 'settings.fade'"),
    "switch of a wrong type": (
        at("settings", "scoped", value="yes"),
        "settings.scoped must be true or false, not 'yes'",
    ),
    "time of a wrong type": (
        at("settings", "fade_up_s", value="long"),
        "settings.fade_up_s must be a finite number",
    ),
    "time below zero": (
        at("settings", "fade_up_s", value=-0.1),
        "settings.fade_up_s must lie between 0 and 60 seconds",
    ),
    "time too long": (
        at("settings", "silence_grace_s", value=61),
        "settings.silence_grace_s must lie between 0 and 60 seconds",
    ),
    "too few active": (
        at("settings", "max_active", value=0),
        "settings.max_active must be a whole number from 1",
    ),
    "active of a wrong type": (
        at("settings", "max_active", value=1.5),
        "settings.max_active must be a whole number from 1",
    ),
    "list of a wrong type": (
        at("settings", "exempt_backends", value="aaudio"),
        "settings.exempt_backends must be a list",
    ),
    "unknown role to fade": (
        at("settings", "fadeable_roles", value=["music", "opera"]),
        "settings.fadeable_roles: unknown role 'opera'",
    ),
    "unknown class to bar": (
        at("settings", "silence_bars", value=["ping", "opera"]),
        "settings.silence_bars: no newcomer class 'opera' exists",
    ),
    "last class with a condition": (
        at("holder", -1, "when", value={"role": "music"}),
        "the last holder class must match everything (no 'when')",
    ),
    "no classes": (at("newcomer", value=[]), "between 1 and 64 [[newcomer]] classes are needed"),
    "too many classes": (
        lambda data: data["holder"].extend([{"name": str(n)} for n in range(64)]),
        "between 1 and 64 [[holder]] classes are needed",
    ),
    "class of a wrong type": (add("holder", "music"), "holder 1 must be a table"),
    "class without a name": (without("holder", 0, "name"), "holder 1: 'name' must be a text"),
    "two classes of one name": (
        at("holder", 1, "name", value="emergency"),
        "holder 2: a second class is called 'emergency'",
    ),
    "unknown key of a class": (at("holder", 0, "if", value=1), "holder 1: unknown key 'if'"),
    "condition of a wrong type": (
        at("holder", 0, "when", value="always"),
        "holder 1 (emergency): 'when' must be a table",
    ),
    "unknown condition": (
        at("holder", 0, "when", value={"loud": True}),
        "holder 1 (emergency): unknown condition 'loud'",
    ),
    "unknown role in a condition": (
        at("holder", 0, "when", value={"role": ["emergency", "opera"]}),
        "holder 1 (emergency): role cannot be 'opera'",
    ),
    "unknown press in a condition": (
        at("newcomer", 1, "when", value={"press": "hard"}),
        "newcomer 2 (quiet reader): press cannot be 'hard'",
    ),
    "number for a truth value": (
        at("newcomer", 1, "when", value={"mixable": 1}),
        "newcomer 2 (quiet reader): mixable cannot be 1",
    ),
    "list in a list": (
        at("newcomer", 1, "when", value={"mixable": [[True]]}),
        "newcomer 2 (quiet reader): mixable cannot be [True]",
    ),
    "condition that nothing meets": (
        at("newcomer", 1, "when", value={"role": []}),
        "newcomer 2 (quiet reader): role has no value; nothing can match",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_and_named(fault: str) -> None:
    data = data_of("default")
    change, problem = FAULTS[fault]
    change(data)
    assert problem in refused(data)


def test_the_data_is_left_as_it_was() -> None:
    data = data_of("default")
    before = copy.deepcopy(data)
    Policy.from_mapping(data)
    assert data == before


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("android", "deny newcomer"), ("android", "duck newcomer"), ("android-car", "stop holder")],
)
def test_an_outcome_the_discipline_has_no_meaning_for_is_refused(name: str, outcome: str) -> None:
    data = data_of(name)
    data["cell"][0]["outcome"] = outcome
    data["cell"][0]["rule"] = "mine"
    assert f"outcome '{outcome}' has no meaning under the discipline" in refused(data)


def test_media_that_silences_a_call_is_refused_by_rank() -> None:
    data = data_of("default")
    for entry in data["cell"]:
        if entry["rule"] == "media-waits-for-call":
            del entry["otherwise"], entry["level"]
            entry["outcome"] = "pause holder"
    assert "long-form silences call, which has the higher rank" in refused(data)


def test_a_duck_to_silence_counts_as_silencing() -> None:
    data = data_of("default")
    for entry in data["cell"]:
        if entry["rule"] == "media-waits-for-call":
            del entry["otherwise"]
            entry["outcome"] = "duck holder"
            entry["level"] = "silent"
    assert "long-form silences call, which has the higher rank" in refused(data)


def test_nothing_ranks_above_an_emergency() -> None:
    data = data_of("default")
    data["rank"]["music"] = 200
    assert "nothing ranks above an emergency" in refused(data)


def test_a_duck_that_lowers_nothing_is_refused() -> None:
    data = data_of("default")
    data["levels"]["duck"] = 0.0
    assert "levels.duck is 0 dB" in refused(data)


def test_a_table_may_use_a_star_and_leave_settings_out() -> None:
    policy = Policy.from_mapping(
        {
            "name": "open",
            "title": "Open house",
            "source": "nowhere",
            "settings": {"discipline": "holds"},
            "levels": {"duck": -10},
            "rank": {role.value: 1 for role in Role},
            "holder": [{"name": "any"}],
            "newcomer": [{"name": "any"}],
            "cell": [
                {
                    "holder": "*",
                    "newcomer": "*",
                    "outcome": "mix",
                    "rule": "live",
                    "because": "and\n let live",
                }
            ],
        }
    )
    assert policy.settings.resume is Resume.ALWAYS
    assert policy.settings.discipline is DisciplineName.HOLDS
    assert policy.settings.silence_grace_s is None
    found = policy.cell(Claim(), Claim())
    assert (found.outcome, found.because) == (Outcome.MIX, "and let live")
    assert check_policy(policy) == ()


def test_outcomes_know_on_whom_they_fall() -> None:
    assert [outcome for outcome in Outcome if outcome.on_newcomer] == [
        Outcome.DUCK_NEWCOMER,
        Outcome.DELAY_NEWCOMER,
        Outcome.DENY_NEWCOMER,
    ]


# -- the walk finds what is left held ------------------------------------------------------


class _Forgetful(HoldsDiscipline):
    """A discipline with a mistake in it: who leaves takes nothing along."""

    def deactivate(self, d: Decision, session: Session, *, notify: bool) -> None:
        d.withdraw(session, cause=session.id, rule="deactivated")


def test_a_hold_without_a_way_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DISCIPLINES, DisciplineName.HOLDS, _Forgetful)
    problems = walk_policy(load_policy("default"))
    assert "long-form stays held after prompt left" in problems
    assert not any(problem.endswith("died") for problem in problems)


def test_a_level_that_does_not_come_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    lift = Decision.lift

    def stuck(
        self: Decision, target: Session, cause: str, *, rule: str, resume: bool = True
    ) -> None:
        lift(self, target, cause, rule=rule, resume=resume)
        self._touched.pop(target.id, None)

    monkeypatch.setattr(Decision, "lift", stuck)
    assert walk_policy(load_policy("web")) != ()


def test_a_policy_with_other_settings_is_another_policy() -> None:
    policy = load_policy("default")
    louder = replace(policy, settings=replace(policy.settings, levels_db={"duck": -6.0}))
    assert louder != policy
    assert Arbiter(louder).policy is louder
