"""The policy ``android``: who pauses where it is told to go down, and goes on when that ends."""

from __future__ import annotations

import pytest

from audiosession.core import HoldKind, Interrupted, Released
from audiosession.core.codec import from_plain, to_plain
from audiosession.core.events import UserAction, UserIntent
from tests.core.scenario_kit import CAN_DUCK, GAIN, LOSS_TRANSIENT, NAVIGATION, D, Stage, T, focus


def stage_with(*, pauses: bool, target_sdk: int = 36) -> Stage:
    """Music that plays, and a prompt over it."""
    stage = Stage()
    stage.enter("music", focus(will_pause_when_ducked=pauses, target_sdk=target_sdk))
    stage.play("music")
    stage.enter("navigator", focus(D, NAVIGATION))
    return stage


def beginnings(stage: Stage) -> list[Interrupted]:
    return [effect for effect in stage.events("music") if isinstance(effect, Interrupted)]


def resumes(stage: Stage) -> list[bool]:
    """Whether it may go on, as told at each end."""
    ends = [effect for effect in stage.events("music") if isinstance(effect, Released)]
    return [end.should_resume for end in ends]


def test_a_duck_says_that_it_pauses_by_itself() -> None:
    stage = stage_with(pauses=True)
    (begun,) = beginnings(stage)
    assert (begun.kind, begun.pauses, begun.enforced) == (HoldKind.DUCK, True, False)
    assert from_plain(to_plain(begun)) == begun
    stage.deactivate("navigator")
    assert resumes(stage) == [True]


def test_who_only_has_to_lower_itself_does_not_pause() -> None:
    # Before API level 26 the system lowers nobody.
    stage = stage_with(pauses=False, target_sdk=25)
    assert [(begun.kind, begun.pauses) for begun in beginnings(stage)] == [(HoldKind.DUCK, False)]
    stage.deactivate("navigator")
    assert resumes(stage) == [False]


def test_it_is_silent_when_the_duck_becomes_a_pause_and_goes_on_all_the_same() -> None:
    stage = stage_with(pauses=True)
    stage.play("music", playing=False)
    stage.enter("other", focus(T))
    assert [begun.pauses for begun in beginnings(stage)] == [True, True]
    assert stage.heard("music") == [CAN_DUCK, LOSS_TRANSIENT], "a listener is told of both"
    stage.deactivate("other")
    stage.deactivate("navigator")
    assert stage.heard("music") == [CAN_DUCK, LOSS_TRANSIENT, GAIN]
    assert resumes(stage) == [True]


def test_the_next_pause_is_one_of_its_own() -> None:
    stage = stage_with(pauses=True)
    stage.deactivate("navigator")
    stage.enter("other", focus(T))
    assert [begun.pauses for begun in beginnings(stage)] == [True, False]


def test_nothing_goes_on_that_was_silent_before() -> None:
    stage = Stage()
    stage.enter("music", focus(will_pause_when_ducked=True))
    stage.play("music", playing=False)
    stage.enter("navigator", focus(D, NAVIGATION))
    stage.deactivate("navigator")
    assert resumes(stage) == [False]


@pytest.mark.parametrize("hardens", [False, True])
@pytest.mark.parametrize("intent", list(UserIntent))
def test_what_the_user_did_meanwhile_counts(intent: UserIntent, hardens: bool) -> None:
    stage = stage_with(pauses=True)
    stage.do(UserAction(session="music", intent=UserIntent.PAUSED))
    stage.do(UserAction(session="music", intent=intent))
    if hardens:
        stage.enter("other", focus(T))
        stage.deactivate("other")
    stage.deactivate("navigator")
    assert resumes(stage) == [intent is UserIntent.PLAYED]
