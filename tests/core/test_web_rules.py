"""The W3C AudioSession between sessions, one test a rule.

W-numbers are the project's own count of the steps of the editor's draft of the Audio Session
specification (w3c/audio-session, 2025-08-21): W-010 setting the type, W-020 computing it, W-030
judging sessions against each other, W-040 changes of state. Where the draft has a hole the test
names the reading. The three events of W-045 are WebKit's audioSessionState.html.
"""

from __future__ import annotations

import re
from itertools import combinations, permutations, product

import pytest

from audiosession.core import (
    Activate,
    Deactivate,
    Reconfigure,
)
from audiosession.core.translate import claim_from_type, computed_type
from audiosession.core.translate.w3c import (
    AUTO,
    TYPES,
    PageSession,
    PageState,
)
from audiosession.errors import InvalidValueError
from tests.core.web_kit import Page

INACTIVE, ACTIVE, INTERRUPTED = PageState.INACTIVE, PageState.ACTIVE, PageState.INTERRUPTED
EXCLUSIVE = ("playback", "play-and-record", "transient-solo")

NUMBERS = {
    f"{number:03}"
    for number in (10, 11, 12, 13, 15, *range(20, 24), *range(30, 36), *range(40, 46))
}


def test_every_rule_is_tested() -> None:
    tested = {
        number
        for name in globals()
        if name.startswith("test_W_")
        for number in re.findall(r"\d{3}", name)
    }
    assert tested == NUMBERS


# -- B: setting the type -------------------------------------------------------------------


def test_W_010_011_012_013_types_set_in_one_turn_are_applied_once_or_not_at_all() -> None:
    session = PageSession(
        session="window", state=ACTIVE, platform=ACTIVE, asked=claim_from_type(AUTO)
    )
    session.add_element("graph", "ambient")
    assert not session.set_type(AUTO)
    assert session.set_type("playback")
    assert session.type == "playback"
    assert not session.set_type(AUTO), "an update is queued already"
    assert session.run_update() == ()
    assert session.steps == []
    assert session.set_type("ambient")
    assert not session.set_type("transient")
    assert session.run_update() == (
        Reconfigure(session="window", claim=claim_from_type("transient")),
    )
    assert session.steps == [("graph", "update")]


def test_W_015_a_type_set_while_nothing_sounds_waits_for_sound() -> None:
    session = PageSession(session="window")
    session.add_element("video", "playback")
    session.set_type("transient")
    assert session.run_update() == ()
    (event,) = session.set_audible("video", True)
    assert event == Activate(session="window", claim=claim_from_type("transient"))


# -- C: the effective type -----------------------------------------------------------------


@pytest.mark.parametrize("declared", sorted(TYPES))
def test_W_020_a_declared_type_is_the_result(declared: str) -> None:
    for active in ((), ("playback",), ("play-and-record", "ambient")):
        assert computed_type(declared, active) == declared


def test_W_021_auto_takes_the_strongest_default_type_that_is_active() -> None:
    order = ("play-and-record", "playback", "transient-solo", "transient")
    for size in range(1, 5):
        for present in combinations(order, size):
            for active in permutations(present):
                assert computed_type(AUTO, active) == present[0]


def test_W_021_only_elements_in_the_state_active_count() -> None:
    session = PageSession(session="window")
    session.add_element("video", "playback")
    session.add_element("mic", "play-and-record")
    assert session.computed() == "ambient"
    session.set_audible("video", True)
    assert session.computed() == "playback"
    session.set_audible("mic", True)
    assert session.computed() == "play-and-record"


def test_W_022_without_a_match_the_result_is_ambient_and_never_auto() -> None:
    assert computed_type(AUTO) == "ambient"
    assert computed_type(AUTO, ["ambient"]) == "ambient"
    defaults = [None, *TYPES]
    assert all(
        computed_type(declared, [d for d in pair if d]) != AUTO
        for declared in (AUTO, *TYPES)
        for pair in product(defaults, defaults)
    )


def test_W_022_a_word_that_is_no_type_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="type"):
        computed_type("loud")
    with pytest.raises(InvalidValueError):
        PageSession(session="window").set_type("loud")


def test_W_023_an_interrupted_auto_session_computes_to_ambient() -> None:
    page = Page()
    window = page.window("window")
    page.play("window")
    assert window.computed() == "playback"
    page.ring()
    assert window.state is INTERRUPTED
    assert window.computed() == "ambient"
    page.hang_up()
    assert window.computed() == "playback"


# -- D: judged against each other ----------------------------------------------------------


def test_W_030_only_active_sessions_of_exclusive_type_are_candidates() -> None:
    page = Page()
    page.window("quiet", type="playback")
    page.window("ambient", type="ambient")
    page.play("ambient")
    page.window("transient", type="transient")
    page.play("transient")
    assert page.arbiter.selected("page") is None
    page.window("video", type="playback")
    page.play("video")
    assert page.arbiter.selected("page") == "video"
    assert page.arbiter.selected("another page") is None


def test_W_031_one_candidate_is_selected_and_nobody_once_it_went_inactive() -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    assert page.arbiter.selected("page") == "video"
    page.pause("video")
    # The draft leaves the stale one; read as a hole, for it makes no difference to focus.
    assert page.arbiter.selected("page") is None


def test_W_031_an_interrupted_session_is_not_selected() -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    page.ring()
    assert page.arbiter.selected("page") is None


def test_W_032_several_candidates_are_all_auto() -> None:
    page = Page()
    for name in ("one", "two", "three"):
        page.window(name)
        page.play(name)
    assert set(page.states().values()) == {ACTIVE}
    assert page.arbiter.selected("page") == "three"


@pytest.mark.parametrize(("first", "second"), list(product((*TYPES, AUTO), repeat=2)))
def test_W_032_two_declared_exclusive_sessions_are_never_active_together(
    first: str, second: str
) -> None:
    page = Page()
    for name, type in (("first", first), ("second", second)):
        page.window(name, type=type)
        page.play(name)
    # A media element makes an auto session compute to playback.
    exclusive = [type in (*EXCLUSIVE, AUTO) for type in (first, second)]
    both_auto = first == second == AUTO
    stays = not all(exclusive) or both_auto
    assert page.states() == {"first": ACTIVE if stays else INACTIVE, "second": ACTIVE}


def test_W_033_the_selected_session_is_up_to_date_when_states_are() -> None:
    page = Page()
    page.window("first", type="playback")
    page.play("first")
    page.window("second", type="playback")
    page.play("second")
    assert page.arbiter.selected("page") == "second"
    assert page.states() == {"first": INACTIVE, "second": ACTIVE}


@pytest.mark.parametrize("type", ["ambient", "transient"])
def test_W_034_a_session_that_is_not_exclusive_displaces_nobody(type: str) -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    page.window("other", type=type)
    page.play("other")
    assert page.states() == {"video": ACTIVE, "other": ACTIVE}


def test_W_034_a_session_that_is_not_active_displaces_nobody() -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    page.window("quiet")
    page.declare("quiet", "playback")
    assert page.states() == {"video": ACTIVE, "quiet": INACTIVE}


@pytest.mark.parametrize("type", EXCLUSIVE)
def test_W_035_an_exclusive_session_inactivates_the_others(type: str) -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    page.window("ambient", type="ambient")
    page.play("ambient")
    page.window("other page", page="elsewhere", type="playback")
    page.play("other page")
    page.window("new", type=type)
    page.play("new")
    assert page.states() == {
        "video": INACTIVE,
        "ambient": ACTIVE,
        "other page": ACTIVE,
        "new": ACTIVE,
    }


def test_W_035_one_declared_side_is_enough() -> None:
    for first, second in ((AUTO, "playback"), ("playback", AUTO)):
        page = Page()
        page.window("first", type=first)
        page.play("first")
        page.window("second", type=second)
        page.play("second")
        assert page.states() == {"first": INACTIVE, "second": ACTIVE}


def test_W_035_what_is_left_alone_does_not_save_those_after_it() -> None:
    # The draft's text aborts at the first session it leaves alone; read as "go on".
    page = Page()
    page.window("ambient", type="ambient")
    page.play("ambient")
    page.window("video", type="playback")
    page.play("video")
    page.window("new", type="playback")
    page.play("new")
    assert page.states()["video"] is INACTIVE


def test_W_035_a_type_declared_while_active_judges_at_once() -> None:
    page = Page()
    page.window("video", type="playback")
    page.play("video")
    page.window("new", type="ambient")
    page.play("new")
    page.declare("new", "play-and-record")
    assert page.states() == {"video": INACTIVE, "new": ACTIVE}


def test_W_035_after_a_common_interruption_at_most_one_comes_back() -> None:
    page = Page()
    for name in ("first", "second"):
        page.window(name, type="ambient")
        page.play(name)
    page.ring()
    for name in ("first", "second"):
        page.declare(name, "playback")
    assert set(page.states().values()) == {INTERRUPTED}
    page.hang_up()
    assert sorted(state.value for state in page.states().values()) == ["active", "inactive"]


# -- E: changes of state -------------------------------------------------------------------


def test_W_040_inactivating_an_inactive_session_does_nothing() -> None:
    page = Page()
    window = page.window("window")
    window.add_element("video", "playback")
    assert window.set_audible("video", False) == ()
    window.deactivated()
    page.feed(())
    assert page.fired == []


def test_W_040_inactivating_cannot_fail() -> None:
    page = Page()
    page.window("window")
    page.play("window")
    page.pause("window")
    assert page.states() == {"window": INACTIVE}
    assert page.arbiter.snapshot().active == ()


def test_W_041_activating_an_active_session_does_nothing() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    window.add_element("second", "playback")
    assert window.set_audible("second", True) == ()
    assert window.set_audible("second", True) == ()


def test_W_041_it_may_fail_and_leave_the_session_inactive() -> None:
    page = Page()
    page.ring()
    page.window("window", type="playback")
    page.play("window")
    assert page.states() == {"window": INACTIVE}
    assert page.fired == []


def test_W_041_it_may_fail_and_leave_the_session_interrupted() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    page.ring()
    page.play("window", "second")
    assert window.state is INTERRUPTED
    assert list(window.interrupted_elements) == ["video", "second"]
    page.hang_up()
    assert window.state is ACTIVE
    assert window.interrupted_elements == {}


def test_W_042_an_inactive_session_forgets_its_interrupted_elements() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    page.ring()
    assert list(window.interrupted_elements) == ["video"]
    page.feed([Deactivate(session="window")])
    assert window.interrupted_elements == {}
    page.steps("window")
    page.hang_up()
    assert page.steps("window") == []


def test_W_042_elements_are_updated_before_the_event_fires() -> None:
    page = Page()
    window = page.window("window", type="playback")
    window.add_element("video", "playback")
    effects = page.arbiter.handle(window.set_audible("video", True)[0], 0.0)
    window.apply(effects)
    assert window.steps == [("video", "update"), ("", "statechange")]


def test_W_043_one_event_a_change_and_none_for_a_repeat() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    page.feed([Activate(session="window", claim=window.claim())])
    assert page.fired == [("window", "statechange")]


def test_W_043_it_fires_after_the_siblings_were_judged() -> None:
    page = Page()
    page.window("old", type="playback")
    page.play("old")
    page.fired.clear()
    page.window("new", type="playback")
    page.play("new")
    assert page.fired == [("old", "statechange"), ("new", "statechange")]


def test_W_044_changes_by_the_platform_go_the_same_way() -> None:
    page = Page()
    window = page.window("window", type="ambient")
    page.play("window")
    page.steps("window")
    page.fired.clear()
    page.ring()
    assert window.state is INTERRUPTED
    assert page.fired == [("window", "statechange")]
    assert page.steps("window") == [("video", "suspend")]


def test_W_045_start_interruption_and_end_are_three_events() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    states = [window.state]
    page.ring()
    states.append(window.state)
    page.hang_up()
    states.append(window.state)
    assert states == [ACTIVE, INTERRUPTED, ACTIVE]
    assert page.fired == [("window", "statechange")] * 3
