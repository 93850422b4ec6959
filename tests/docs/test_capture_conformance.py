"""Every name of Apple's capture session is tested, or it is said why it is not here."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from conformance import NAMES, Names
from rulebook import ROOT

CAPTURE = NAMES["capture"]
PAGE = (ROOT / "docs" / "capture-conformance.md").read_text("utf-8")


def test_every_entry_has_a_verdict_that_holds() -> None:
    gaps = [gap for table in CAPTURE.facts() for gap in CAPTURE.gaps(table)]
    assert not gaps, "\n" + "\n".join(gaps)


def test_nothing_is_said_of_tables_that_are_not_there() -> None:
    assert CAPTURE.mapping().keys() == CAPTURE.facts().keys()


def test_the_page_draws_every_table() -> None:
    drawn = re.findall(r"\{capture-table\} ([\w.]+)", PAGE)
    assert sorted(drawn) == sorted(CAPTURE.facts())


SAID: dict[str, Any] = {"python": "{cls}.{python}", "entries": {"running": "same"}}


def one_property(**said: Any) -> Names:
    """Names of one table with one entry, and what is said of it."""
    known = {"property": {"running": {"cls": "AVCaptureSession", "python": "is_running"}}}
    return replace(CAPTURE, facts=lambda: known, mapping=lambda: {"property": said})


@pytest.mark.parametrize(
    ("changed", "gap"),
    [
        ({"entries": {}}, "does not say"),
        ({"entries": {"running": "not here"}}, "need them"),
        ({"python": "{cls}.is_walking"}, "there is no AVCaptureSession.is_walking"),
        ({"python": "{cls}.__doc__"}, "no test uses"),
        ({"tested_by": "capture/test_facts.py::test_nothing"}, "there is no test"),
    ],
)
def test_a_gap_among_the_entries_is_told(changed: dict[str, Any], gap: str) -> None:
    assert one_property(**SAID).gaps("property") == []
    assert any(gap in told for told in one_property(**{**SAID, **changed}).gaps("property"))
