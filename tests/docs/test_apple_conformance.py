"""Every rule and every name of Apple's is tested, or it is said why it is not here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from conformance import NAMES, Names
from rulebook import ROOT, RULEBOOKS

BOOK = RULEBOOKS["apple"]
APPLE = NAMES["apple"]
PAGE = (ROOT / "docs" / "apple-conformance.md").read_text("utf-8")


def test_every_rule_of_apples_is_there_once() -> None:
    assert [rule["of"] for rule in BOOK.rules()] == [str(n) for n in range(1, 132)]


def test_every_rule_has_a_test_or_a_reason() -> None:
    gaps = BOOK.gaps()
    assert not gaps, "\n" + "\n".join(gaps)


def test_where_sources_differ_the_rule_says_what_is_followed() -> None:
    followed = {rule["of"] for rule in BOOK.rules() if "reading" in rule}
    differing = {
        entry.tested_by.removeprefix("apple ")
        for table in APPLE.facts()
        if table.endswith(".disagreement")
        for entry in APPLE.entries(table)
        if entry.tested_by.startswith("apple ")
    }
    assert differing
    assert differing | {"4", "10", "46", "118"} <= followed


def test_every_entry_has_a_verdict_that_holds() -> None:
    gaps = [gap for table in APPLE.facts() for gap in APPLE.gaps(table)]
    assert not gaps, "\n" + "\n".join(gaps)


def test_nothing_is_said_of_tables_that_are_not_there() -> None:
    assert APPLE.mapping().keys() == APPLE.facts().keys()


def test_the_page_draws_every_table() -> None:
    drawn = re.findall(r"\{apple-table\} ([\w.]+)", PAGE)
    assert sorted(drawn) == sorted(APPLE.facts())


def test_what_is_not_here_is_neither_much_nor_of_the_phone() -> None:
    """What has a name and is left out belongs to another platform."""
    left = [
        entry
        for table in APPLE.facts()
        for entry in APPLE.entries(table)
        if entry.python and entry.verdict == "not here"
    ]
    assert left
    for entry in left:
        assert entry.words in {"visionOS alone has it", "macOS alone has it"}, entry.name
        assert entry.fields["only"] == [entry.words.partition(" ")[0]]


RULE = {"of": "1", "text": "a", "kind": "header", "source": "b"}


@pytest.mark.parametrize(
    ("rule", "tested", "gap"),
    [
        (RULE, {}, "no test bears its number"),
        (RULE | {"not_here": "c"}, {"1": ("file",)}, "said not to be here, and tested"),
        (RULE | {"kind": "rumour"}, {"1": ("file",)}, "kind or source is missing"),
        (RULE | {"source": ""}, {"1": ("file",)}, "kind or source is missing"),
        (RULE, {"1": ("file",), "2": ("file",)}, "rule 2: tested, and not explained"),
    ],
)
def test_a_gap_in_the_rules_is_told(
    rule: dict[str, str], tested: dict[str, tuple[str, ...]], gap: str
) -> None:
    assert BOOK.gaps([RULE], {"1": ("file",)}) == []
    (told,) = BOOK.gaps([rule], tested)
    assert gap in told


SAID: dict[str, Any] = {"python": "AVAudioSession.{python}", "entries": {"category": "same"}}


def one_property(**said: Any) -> Names:
    """Names of one table with one entry, and what is said of it."""
    known = {"api.table": {"category": {"python": "category", "value": 1}}}
    return replace(APPLE, facts=lambda: known, mapping=lambda: {"api.table": said})


@pytest.mark.parametrize(
    ("changed", "gap"),
    [
        ({"entries": {}}, "does not say"),
        ({"entries": {"category": "missing"}}, "does not say"),
        ({"entries": {"category": "differs"}}, "need them"),
        ({"entries": {"category": "not here"}}, "need them"),
        ({"entries": {"category": "same: but"}}, "takes no words"),
        ({"python": "AVAudioSession.kategory"}, "there is no AVAudioSession.kategory"),
        ({"python": "nothing:AVAudioSession.category"}, "there is no nothing"),
        ({"value": "value"}, "is <property object"),
        ({"python": ""}, "neither a name nor a test"),
        ({"python": "AVAudioSession.of.__doc__"}, "no test uses"),
        ({"tested_by": "apple/test_facts.py::test_nothing"}, "there is no test"),
        ({"tests": {"category": "apple 132"}}, "there is no test"),
        ({"entries": {"category": "same", "other": "same"}}, "other: not among the facts"),
    ],
)
def test_a_gap_among_the_entries_is_told(changed: dict[str, Any], gap: str) -> None:
    assert one_property(**SAID).gaps("api.table") == []
    assert any(gap in told for told in one_property(**{**SAID, **changed}).gaps("api.table"))
