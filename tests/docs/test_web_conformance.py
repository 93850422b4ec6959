"""Every step of the W3C's draft and every hole in it is tested, or it is said why not."""

from __future__ import annotations

import re

import pytest
from rulebook import ROOT, RULEBOOKS, Rulebook

WEB = RULEBOOKS["web"]
STEPS = (*range(1, 9), *range(10, 16), *range(20, 24), *range(30, 36), *range(40, 46))


def test_every_step_and_every_hole_is_there_once() -> None:
    assert [rule["of"] for rule in WEB.rules()] == [
        *(f"W-{step:03}" for step in (*STEPS, *range(50, 59))),
        *(f"G-{hole}" for hole in range(1, 9)),
    ]


def test_every_rule_has_a_test_or_a_reason() -> None:
    gaps = WEB.gaps()
    assert not gaps, "\n" + "\n".join(gaps)


def test_every_hole_says_what_is_followed() -> None:
    assert {rule["of"] for rule in WEB.rules() if "reading" in rule} == {
        rule["of"] for rule in WEB.rules() if rule["of"].startswith("G-")
    }


def test_a_rule_that_another_shows_needs_that_ones_test() -> None:
    rule = {"of": "G-9", "text": "a", "kind": "documented", "source": "b", "shown_by": "W-009"}
    assert WEB.gaps([rule, rule | {"of": "W-009"}], {"W-009": ("file",)}) == []
    (told,) = WEB.gaps([rule], {})
    assert "G-9: no test" in told


@pytest.mark.parametrize(
    ("family", "name", "numbers"),
    [
        ("web", "test_W_010_011_types", ["W-010", "W-011"]),
        ("web", "test_G_5_silence", ["G-5"]),
        ("web", "test_W_types", []),
        ("android", "test_android_045_046_fades", ["45", "46"]),
        ("android", "test_android_061", ["61"]),
        ("android", "test_android_26_sdk", []),
        ("car", "test_car_097_and_100_cells", ["97", "100"]),
        ("apple", "test_rules_7_and_8_modes", ["7", "8"]),
    ],
)
def test_a_tests_name_bears_numbers(family: str, name: str, numbers: list[str]) -> None:
    book: Rulebook = RULEBOOKS[family]
    bearing = book.name.match(name)
    found = re.findall(r"\d+", bearing[1]) if bearing else []
    assert [book.number(number) for number in found] == numbers


def test_the_page_draws_the_rules() -> None:
    page = (ROOT / "docs" / "web-conformance.md").read_text("utf-8")
    assert re.findall(r"\{rule-table\} (\w+)", page) == ["web"]
