"""Match rules of the socket."""

from __future__ import annotations

import contextlib

import pytest
from dbus_fast import Message
from hypothesis import given
from hypothesis import strategies as st

from audiosession.service.bus.matches import parse_match

SIGNAL = Message.new_signal("/a/b", "x.y", "Changed", "su", ["what", 1])


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "type='signal'",
        "type=signal",
        "type='signal',interface='x.y',member='Changed',path='/a/b'",
        "path_namespace='/a'",
        "path_namespace='/'",
        "arg0='what'",
        " type='signal', sender='org.freedesktop.DBus' ",
        "eavesdrop='true',arg3path='/x/'",
    ],
)
def test_rules_that_match(rule: str) -> None:
    assert parse_match(rule).matches(SIGNAL)


@pytest.mark.parametrize(
    "rule",
    [
        "type='method_call'",
        "interface='x.z'",
        "member='Change'",
        "path='/a'",
        "path_namespace='/a/b/c'",
        "path_namespace='/a/bb'",
        "arg0='why'",
        "arg1='1'",
        "arg9='what'",
    ],
)
def test_rules_that_do_not_match(rule: str) -> None:
    assert not parse_match(rule).matches(SIGNAL)


def test_an_apostrophe_is_written_as_in_a_shell() -> None:
    assert parse_match(r"arg0='it'\''s'").texts == ((0, "it's"),)


@pytest.mark.parametrize(
    "rule", ["nonsense", "type='x'", "colour='red'", "type='signal',type='signal'", "a" * 2000]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_match(rule)


@given(st.text(alphabet="type='signal,arg0\\\" ", max_size=200))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_match(text).matches(SIGNAL)
