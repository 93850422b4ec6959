"""The W3C AudioSession, one test a rule.

W-numbers are the project's own count of the steps of the editor's draft of the Audio Session
specification (w3c/audio-session, 2025-08-21): W-020 computing the type, W-030 judging sessions
against each other, W-040 changes of state, W-050 elements. Where the draft has a hole the test
names the reading. Three come from WebKit's layout tests: audioSessionState.html,
getUserMedia.html and the muted media of the element rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations, permutations, product

import pytest

from audiosession.core import (
    Activate,
    Arbiter,
    Claim,
    Deactivate,
    Effect,
    Event,
    OpenSession,
    Press,
    Reconfigure,
    Role,
)
from audiosession.core.translate import claim_from_type, computed_type
from audiosession.core.translate.w3c import (
    AUTO,
    ELEMENT_TYPES,
    TYPES,
    PageSession,
    PageState,
    allows_microphone,
    graph_is_audible,
    media_is_audible,
    microphone_is_audible,
)
from audiosession.errors import InvalidValueError, UnknownNameError
from audiosession.policies import load_policy

INACTIVE, ACTIVE, INTERRUPTED = PageState.INACTIVE, PageState.ACTIVE, PageState.INTERRUPTED
PHONE = Claim(role=Role.CALL, press=Press.SILENCE, records=True, system=True)
EXCLUSIVE = ("playback", "play-and-record", "transient-solo")

NUMBERS = {
    f"W-{number:03}" for number in (*range(20, 24), *range(30, 36), *range(40, 46), *range(50, 59))
}


def test_every_rule_is_tested() -> None:
    tested = {
        f"W-{number}"
        for name in globals()
        if name.startswith("test_W_")
        for number in re.findall(r"\d{3}", name)
    }
    assert tested >= NUMBERS


class Page:
    """A browser in small: windows of pages on one arbiter, every event fed at once."""

    def __init__(self) -> None:
        self.arbiter = Arbiter(load_policy("web"))
        self.windows: dict[str, PageSession] = {}
        self.now = 0.0
        self.fired: list[tuple[str, str]] = []

    def window(self, name: str, *, page: str = "page", type: str = AUTO) -> PageSession:
        session = PageSession(session=name, page=page)
        self.windows[name] = session
        self.arbiter.handle(OpenSession(session=name, app="browser"), self.now)
        session.set_type(type)
        self.feed(session.run_update())
        return session

    def feed(self, events: Iterable[Event]) -> tuple[Effect, ...]:
        effects: list[Effect] = []
        for event in events:
            new = self.arbiter.handle(event, self.now)
            effects += new
            if isinstance(event, Deactivate) and event.session in self.windows:
                self.windows[event.session].deactivated()
            # One by one: what happens to siblings comes before the answer.
            for effect in new:
                for window in self.windows.values():
                    effects += self.feed(window.apply([effect]))
                    self._collect(window)
        for window in self.windows.values():
            self._collect(window)
        return tuple(effects)

    def _collect(self, window: PageSession) -> None:
        self.fired += [(window.session, step) for element, step in window.steps if not element]
        window.steps = [step for step in window.steps if step[0]]

    def play(self, name: str, element: str = "video", kind: str = "media") -> None:
        window = self.windows[name]
        if element not in window.elements:
            window.add_element(element, ELEMENT_TYPES[kind])
        self.feed(window.set_audible(element, True))

    def pause(self, name: str, element: str = "video") -> None:
        self.feed(self.windows[name].set_audible(element, False))

    def declare(self, name: str, type: str) -> None:
        window = self.windows[name]
        window.set_type(type)
        self.feed(window.run_update())

    def ring(self) -> None:
        self.arbiter.handle(OpenSession(session="phone", app="phone"), self.now)
        self.feed([Activate(session="phone", claim=PHONE)])

    def hang_up(self) -> None:
        self.feed([Deactivate(session="phone")])

    def states(self) -> dict[str, PageState]:
        return {name: window.state for name, window in self.windows.items()}

    def steps(self, name: str) -> list[tuple[str, str]]:
        """What the elements of a window were told since the last call, updates left out."""
        window = self.windows[name]
        steps = [step for step in window.steps if step[1] != "update"]
        window.steps.clear()
        return steps


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


# -- F: elements ---------------------------------------------------------------------------


def test_W_050_the_update_steps_run_at_every_update() -> None:
    page = Page()
    window = page.window("window")
    window.add_element("graph", ELEMENT_TYPES["graph"])
    window.add_element("mic", ELEMENT_TYPES["microphone"])
    page.declare("window", "playback")
    assert window.steps == [("graph", "update"), ("mic", "update")]


def test_W_051_audible_elements_of_an_interrupted_session_are_suspended() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window", "video")
    window.add_element("silent", "playback")
    page.ring()
    assert page.steps("window") == [("video", "suspend")]
    assert window.element_state("video") is INTERRUPTED
    assert window.element_state("silent") is INACTIVE


def test_W_052_interrupted_elements_of_an_active_session_are_resumed() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window", "video")
    page.ring()
    page.steps("window")
    page.hang_up()
    assert page.steps("window") == [("video", "resume")]
    assert window.element_state("video") is ACTIVE


def test_W_052_resumed_elements_set_the_type_again() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    page.ring()
    page.declare("window", AUTO)
    assert window.computed() == "ambient"
    page.hang_up()
    view = page.arbiter.view("window")
    assert view.claim == claim_from_type(AUTO, ["playback"], page="page")


def test_W_053_only_what_was_audible_is_resumed() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window", "video")
    page.play("window", "paused")
    page.pause("window", "paused")
    page.ring()
    page.steps("window")
    page.hang_up()
    assert page.steps("window") == [("video", "resume")]
    assert window.element_state("paused") is INACTIVE


def test_W_054_an_element_that_becomes_audible_activates() -> None:
    window = PageSession(session="window", type="playback")
    window.add_element("video", "playback")
    assert window.set_audible("video", True) == (
        Activate(session="window", claim=claim_from_type("playback")),
    )


def test_W_054_another_element_may_make_an_auto_session_stronger() -> None:
    page = Page()
    window = page.window("window")
    page.play("window", "graph", "graph")
    assert page.arbiter.selected("page") is None
    window.add_element("video", "playback")
    events = window.set_audible("video", True)
    claim = claim_from_type(AUTO, ["playback"], page="page")
    assert events == (Reconfigure(session="window", claim=claim),)
    page.feed(events)
    assert page.arbiter.selected("page") == "window"


def test_W_055_the_last_audible_element_inactivates() -> None:
    page = Page()
    window = page.window("window")
    page.play("window", "video")
    page.play("window", "second")
    # The draft would inactivate here; read as "when no element is audible".
    page.pause("window", "video")
    assert window.state is ACTIVE
    page.pause("window", "second")
    assert window.state is INACTIVE


def test_W_055_what_remains_audible_may_be_weaker() -> None:
    page = Page()
    page.window("window")
    page.play("window", "video")
    page.play("window", "graph", "graph")
    page.pause("window", "video")
    assert page.arbiter.selected("page") is None
    page.window("other", type="playback")
    page.play("other")
    assert page.states() == {"window": ACTIVE, "other": ACTIVE}


def test_W_055_while_an_element_is_interrupted_the_claim_is_kept() -> None:
    page = Page()
    window = page.window("window", type="playback")
    page.play("window")
    page.ring()
    # Suspending pauses the element, which makes it inaudible.
    page.pause("window")
    assert window.state is INTERRUPTED
    page.steps("window")
    page.hang_up()
    assert page.steps("window") == [("video", "resume")]


def test_W_056_an_element_leaves_one_window_and_joins_another() -> None:
    page = Page()
    old, new = page.window("old"), page.window("new")
    page.play("old")
    page.feed(old.remove_element("video"))
    page.play("new")
    assert page.states() == {"old": INACTIVE, "new": ACTIVE}
    assert (list(old.elements), list(new.elements)) == ([], ["video"])


def test_W_056_leaving_while_interrupted_gives_the_claim_up() -> None:
    page = Page()
    window = page.window("window")
    page.play("window")
    page.play("window", "second")
    page.ring()
    page.feed(window.remove_element("second"))
    assert window.state is INTERRUPTED
    page.pause("window")
    page.feed(window.remove_element("video"))
    assert window.state is INACTIVE


def test_W_056_leaving_without_a_sound_changes_nothing() -> None:
    window = PageSession(session="window", type="playback", state=ACTIVE)
    window.add_element("video", "playback")
    assert window.remove_element("video") == ()
    with pytest.raises(UnknownNameError, match="video"):
        window.set_audible("video", True)


@pytest.mark.parametrize("declared", [AUTO, *TYPES])
def test_W_057_a_microphone_needs_auto_or_play_and_record(declared: str) -> None:
    assert allows_microphone(declared) is (declared in ("auto", "play-and-record"))


@pytest.mark.parametrize(
    ("playing", "volume", "muted", "has_audio"),
    list(product((False, True), (0.0, 0.5), (False, True), (False, True))),
)
def test_W_058_silent_and_muted_media_take_nothing(
    playing: bool, volume: float, muted: bool, has_audio: bool
) -> None:
    page = Page()
    page.window("music", type="playback")
    page.play("music")
    window = page.window("advert", type="playback")
    window.add_element("video", "playback")
    audible = media_is_audible(playing=playing, volume=volume, muted=muted, has_audio=has_audio)
    page.feed(window.set_audible("video", audible))
    heard = playing and volume == 0.5 and not muted and has_audio
    assert page.states()["music"] is (INACTIVE if heard else ACTIVE)
    assert page.states()["advert"] is (ACTIVE if heard else INACTIVE)


def test_W_058_graphs_and_microphones_have_their_own_silence() -> None:
    assert graph_is_audible(running=True, silent=False)
    assert not graph_is_audible(running=True, silent=True)
    assert not graph_is_audible(running=False, silent=False)
    assert microphone_is_audible(ended=False, muted=False)
    assert not microphone_is_audible(ended=True, muted=False)
    assert not microphone_is_audible(ended=False, muted=True)


# -- B: setting the type -------------------------------------------------------------------


def test_W_010_to_013_types_set_in_one_turn_are_applied_once_or_not_at_all() -> None:
    session = PageSession(session="window", state=ACTIVE, asked=claim_from_type(AUTO))
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
