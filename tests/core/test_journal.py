"""The decision journal: what is kept, why a session is as it is, exact replay."""

from __future__ import annotations

import pytest

from audiosession.core import (
    Activate,
    Deactivate,
    HoldKind,
    Journal,
    Limits,
    OpenSession,
    Record,
    Tick,
    replay,
)
from audiosession.errors import InvalidValueError, LimitError, UnknownNameError
from audiosession.policies import load_policy
from tests.core.kit import CALL, MUSIC, PROMPT

POLICY = load_policy("default")


def played(*, keep: int | None = 256, limits: Limits | None = None) -> Journal:
    """A journal of a prompt over music, then a call, then the prompt's end."""
    journal = Journal(POLICY, keep=keep, limits=limits)
    for name in ("music", "prompt", "call"):
        journal.handle(OpenSession(session=name, app=name), 0.0)
    journal.handle(Activate(session="music", claim=MUSIC), 1.0)
    journal.handle(Activate(session="prompt", claim=PROMPT), 2.0)
    journal.handle(Activate(session="call", claim=CALL), 3.0)
    journal.handle(Deactivate(session="prompt"), 4.0)
    return journal


def test_records_are_numbered_and_carry_event_and_effects() -> None:
    journal = played()
    assert [record.number for record in journal.records] == [1, 2, 3, 4, 5, 6, 7]
    assert [record.at for record in journal.records] == [0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]
    record = journal.records[3]
    assert record.event == Activate(session="music", claim=MUSIC)
    assert {effect.session for effect in record.effects} == {"music"}
    assert journal.complete


@pytest.mark.parametrize("keep", [1, 2, 3, 7])
def test_only_the_last_are_kept_and_everything_still_replays(keep: int) -> None:
    journal = played(keep=keep)
    assert [record.number for record in journal.records] == list(range(8 - keep, 8))
    assert journal.complete == (keep == 7)
    assert journal.replayed().snapshot() == journal.arbiter.snapshot()


def test_a_replayed_arbiter_may_be_fed_on_its_own() -> None:
    for keep in (2, None):
        journal = played(keep=keep)
        again = journal.replayed()
        assert again.policy is POLICY
        expected = journal.arbiter.snapshot()
        again.handle(Deactivate(session="call"), 5.0)
        assert journal.arbiter.snapshot() == expected
        assert journal.replayed().snapshot() == expected
        journal.handle(Deactivate(session="call"), 5.0)
        assert journal.arbiter.snapshot() == again.snapshot()


def test_replay_from_records_and_from_bare_events() -> None:
    journal = played(keep=None)
    expected = journal.arbiter.snapshot()
    assert replay(journal.records, POLICY).snapshot() == expected
    bare = [(record.event, record.at) for record in journal.records]
    assert replay(bare, POLICY).snapshot() == expected
    assert replay([], POLICY).snapshot().sessions == ()
    with pytest.raises(LimitError):
        replay(journal.records, POLICY, limits=Limits(sessions=2))


def test_a_refused_event_is_not_recorded() -> None:
    journal = played(limits=Limits(sessions=3))
    before = journal.records
    with pytest.raises(LimitError):
        journal.handle(OpenSession(session="more", app="more"), 5.0)
    with pytest.raises(UnknownNameError):
        journal.handle(Deactivate(session="nobody"), 5.0)
    assert journal.records == before
    journal.handle(Tick(), 5.0)
    assert journal.records[-1] == Record(number=8, at=5.0, event=Tick(), effects=())


def test_why_names_what_holds_and_what_led_there() -> None:
    journal = played()
    why = journal.why("music")
    assert (why.session, why.standing) == ("music", "interrupted")
    (hold,) = why.holds
    assert (hold.cause, hold.kind, hold.rule) == ("call", HoldKind.PAUSE, "urgent-over-media")
    assert hold.because == POLICY.because("urgent-over-media")
    assert hold.since == 3.0
    assert [record.number for record in why.history] == [4, 5, 6, 7]
    assert [record.number for record in journal.why("call").history] == [6]


def test_why_nothing_holds_it_and_why_nobody() -> None:
    journal = played()
    assert journal.why("prompt").standing == "inactive"
    assert journal.why("prompt").holds == ()
    with pytest.raises(UnknownNameError, match=r"session is called 'musik'.*'music'"):
        journal.why("musik")


@pytest.mark.parametrize("keep", [0, -1])
def test_at_least_one_decision_is_kept(keep: int) -> None:
    with pytest.raises(InvalidValueError, match="keep"):
        Journal(POLICY, keep=keep)
