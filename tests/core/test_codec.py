"""Events and effects as plain JSON and back."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audiosession.core import Activate, Claim, Effect, Event, OpenSession, Record, Role, Tick
from audiosession.core.codec import from_plain, to_json, to_plain
from audiosession.errors import (
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    MissingFieldError,
    UnknownFieldError,
)

KINDS: tuple[type, ...] = (*get_args(Event), *get_args(Effect))

numbers = st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def strategy(kind: type) -> st.SearchStrategy[Any]:
    """Any value of an event, an effect or one of their fields."""
    if kind is str:
        return st.text(max_size=20)
    if kind is bool:
        return st.booleans()
    if kind is float:
        return numbers
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return st.builds(kind, **{name: strategy(hint) for name, hint in get_type_hints(kind).items()})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_and_effect_comes_back_the_same(kind: type) -> None:
    @given(value=strategy(kind))
    def comes_back(value: Event | Effect) -> None:
        plain = to_plain(value)
        assert plain["type"] == kind.__name__
        text = json.dumps(plain, allow_nan=False)
        again = from_plain(json.loads(text))
        assert type(again) is kind
        assert again == value

    comes_back()


@given(json_values)
def test_anything_else_is_refused_with_an_error_of_our_own(value: object) -> None:
    try:
        result = from_plain(value)
    except IllegalRequestError:
        return
    assert isinstance(result, KINDS)


@given(st.sampled_from(KINDS), st.dictionaries(st.text(max_size=8), json_values, max_size=3))
def test_wrong_fields_are_refused_with_an_error_of_our_own(
    kind: type, fields: dict[str, object]
) -> None:
    try:
        result = from_plain({**fields, "type": kind.__name__})
    except IllegalRequestError:
        return
    assert isinstance(result, kind)


def test_what_is_left_out_has_its_neutral_value() -> None:
    event = from_plain({"type": "Activate", "session": "s", "claim": {"role": "music"}})
    assert event == Activate(session="s", claim=Claim(role=Role.MUSIC))
    assert from_plain({"type": "Tick"}) == Tick()


def test_whole_numbers_stand_for_levels_and_times() -> None:
    plain = {
        "type": "GainChanged",
        "session": "s",
        "from_db": 0,
        "to_db": -14,
        "ramp_s": 1,
        "cause": "c",
        "rule": "r",
    }
    value = from_plain(plain)
    assert (value.to_db, type(value.to_db)) == (-14.0, float)


ACTIVATE = {"type": "Activate", "session": "s", "claim": {}}


@pytest.mark.parametrize(
    ("data", "error", "field"),
    [
        (None, InvalidTypeError, "value"),
        ([], InvalidTypeError, "value"),
        ({}, InvalidValueError, "type"),
        ({"type": "Explode"}, InvalidValueError, "type"),
        ({"type": ["Tick"]}, InvalidValueError, "type"),
        ({"type": "Claim"}, InvalidValueError, "type"),
        ({"type": "OpenSession", "app": "a"}, MissingFieldError, "session"),
        ({"type": "Tick", "now": 1}, UnknownFieldError, "now"),
        ({**ACTIVATE, "session": 3}, InvalidTypeError, "session"),
        ({**ACTIVATE, "claim": "music"}, InvalidTypeError, "claim"),
        ({**ACTIVATE, "claim": {"rôle": "music"}}, UnknownFieldError, "claim.rôle"),
        ({**ACTIVATE, "claim": {"role": "opera"}}, InvalidValueError, "claim.role"),
        ({**ACTIVATE, "claim": {"role": ["music"]}}, InvalidValueError, "claim.role"),
        ({**ACTIVATE, "claim": {"mixable": 1}}, InvalidTypeError, "claim.mixable"),
        ({**ACTIVATE, "claim": {"mixable": None}}, InvalidTypeError, "claim.mixable"),
    ],
)
def test_errors_name_the_field(data: object, error: type[IllegalRequestError], field: str) -> None:
    with pytest.raises(error) as caught:
        from_plain(data)
    assert caught.value.field == field


def test_a_truth_value_is_no_number() -> None:
    plain = {
        "type": "HoldPlaced",
        "session": "s",
        "kind": "duck",
        "cause": "c",
        "rule": "r",
        "level_db": True,
    }
    with pytest.raises(InvalidTypeError, match="level_db"):
        from_plain(plain)


def test_records_and_mappings_become_plain_too() -> None:
    record = Record(number=1, at=0.5, event=OpenSession(session="s", app="a"), effects=())
    assert to_plain({"record": record, 2: (Role.MUSIC, None)}) == {
        "record": {
            "number": 1,
            "at": 0.5,
            "event": {
                "type": "OpenSession",
                "session": "s",
                "app": "a",
                "client": "",
                "group": "",
            },
            "effects": [],
        },
        "2": ["music", None],
    }


@pytest.mark.parametrize(
    "value",
    [
        Record(number=1, at=0.5, event=OpenSession(session="s", app="ä"), effects=()),
        OpenSession(session="s", app="a"),
        (OpenSession(session="s", app="a"), ["x", 2.0, None]),
        {"role": Role.MUSIC},
        (),
        None,
    ],
)
def test_the_text_piece_by_piece_is_that_of_the_plain_value(value: object) -> None:
    assert to_json(value) == json.dumps(to_plain(value))
