"""The W3C AudioSession's elements, one test a rule.

W-numbers are the project's own count of the steps of the editor's draft of the Audio Session
specification (w3c/audio-session, 2025-08-21): W-050 elements. The microphone's rule is WebKit's
getUserMedia.html; silent media take nothing because users complain when they do.
"""

from __future__ import annotations

import re
from itertools import product

import pytest

from audiosession.core import (
    Activate,
    Reconfigure,
)
from audiosession.core.translate import claim_from_type
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
from audiosession.errors import UnknownNameError
from tests.core.web_kit import Page

INACTIVE, ACTIVE, INTERRUPTED = PageState.INACTIVE, PageState.ACTIVE, PageState.INTERRUPTED

NUMBERS = {f"{number:03}" for number in range(50, 59)}


def test_every_rule_is_tested() -> None:
    tested = {
        number
        for name in globals()
        if name.startswith("test_W_")
        for number in re.findall(r"\d{3}", name)
    }
    assert tested == NUMBERS


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
    window = PageSession(session="window", type="playback", state=ACTIVE, platform=ACTIVE)
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
