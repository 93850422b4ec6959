"""Every rule and every name of Android's is tested, or it is said why it is not here."""

from __future__ import annotations

import re

import pytest
from conformance import NAMES
from rulebook import ROOT, RULEBOOKS

ANDROID = NAMES["android"]
PAGE = (ROOT / "docs" / "android-conformance.md").read_text("utf-8")


def test_every_rule_of_androids_is_there_once() -> None:
    numbers = [rule["of"] for family in ("android", "car") for rule in RULEBOOKS[family].rules()]
    counted = [number for number in numbers if not number.startswith("Q-")]
    assert counted == [str(number) for number in range(1, 115)]
    assert numbers.count("Q-1") == 1
    assert len(numbers) == len(counted) + 5


@pytest.mark.parametrize("family", ["android", "car"])
def test_every_rule_has_a_test_or_a_reason(family: str) -> None:
    gaps = RULEBOOKS[family].gaps()
    assert not gaps, "\n" + "\n".join(gaps)


def test_what_nobody_says_is_not_here() -> None:
    for rule in RULEBOOKS["android"].rules():
        unsaid = rule["kind"] == "unknown"
        assert unsaid == (rule.get("not_here") == "nobody publishes it"), rule["of"]
        assert unsaid == (rule["source"] == "unpublished"), rule["of"]


@pytest.mark.parametrize("table", sorted(ANDROID.facts()))
def test_every_entry_has_a_verdict_that_holds(table: str) -> None:
    gaps = ANDROID.gaps(table)
    assert not gaps, "\n" + "\n".join(gaps)


def test_nothing_is_said_of_tables_that_are_not_there() -> None:
    assert ANDROID.mapping().keys() == ANDROID.facts().keys()


def test_the_page_draws_every_table() -> None:
    drawn = re.findall(r"\{android-table\} (\w+)", PAGE)
    assert sorted(drawn) == sorted(ANDROID.facts())


def test_no_method_and_no_constant_is_left_out() -> None:
    for table in ("enum", "constant", "method"):
        for entry in ANDROID.entries(table):
            assert entry.verdict != "not here", entry.name
