"""The web's surface: its data, setting the type, and the type that is computed.

W-numbers are the project's own count of the steps of the W3C's editor's draft
(w3c/audio-session, 2025-08-21); they are listed on the docs' page of the web's steps.
"""

from __future__ import annotations

import asyncio

import pytest

from audiosession.apple import AVAudioSessionCategory
from audiosession.errors import ClosedError, IllegalRequestError, InvalidTypeError
from audiosession.web import (
    WEBKIT_CATEGORIES,
    AudioContext,
    AudioSessionState,
    AudioSessionType,
    MediaElement,
    Page,
    WebTypeError,
    webkit_category,
)
from tests.web.web_kit import Stage, now

TYPES = ("auto", "playback", "transient", "transient-solo", "ambient", "play-and-record")
EXCLUSIVE = ("playback", "play-and-record", "transient-solo")

# -- A: data ---------------------------------------------------------------------------------


async def test_W_001_a_session_starts_as_auto_inactive_and_without_elements() -> None:
    session = Stage().session
    assert session.type == "auto"
    assert session.state == "inactive"
    assert session.elements == ()
    assert session.onstatechange is None


def test_W_002_these_are_the_types() -> None:
    assert tuple(AudioSessionType) == TYPES


def test_W_003_these_are_the_states() -> None:
    assert tuple(AudioSessionState) == ("inactive", "active", "interrupted")


@pytest.mark.parametrize("type", TYPES[1:])
async def test_W_004_three_types_are_exclusive(type: str) -> None:
    stage = Stage()
    await stage.play(type=type)
    assert stage.session.is_exclusive is (type in EXCLUSIVE)


async def test_W_005_an_element_starts_silent_and_has_a_default_type() -> None:
    stage = Stage()
    media, graph = MediaElement(stage.window), AudioContext(stage.window)
    stream = await stage.window.get_user_media(audio=True)
    (track,) = stream.audio_tracks
    kinds = [element.default_type for element in (media, graph, track)]
    assert kinds == ["playback", "ambient", "play-and-record"]
    assert [media.audible, graph.audible, track.audible] == [False, False, True]
    assert stage.session.elements == (media, graph, track)


async def test_W_006_membership_among_the_interrupted_wins_over_audibility() -> None:
    stage = Stage()
    element = MediaElement(stage.window)
    assert element.state == "inactive"
    element.play()
    await stage.page.settled()
    assert now(element.state) == "active"
    await stage.interrupt()
    assert now(element.state) == "interrupted"
    element.remove()
    assert now(element.state) == "inactive"


async def test_W_007_a_window_has_one_session_for_good() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    assert stage.window.audio_session is stage.session
    assert frame.audio_session is frame.audio_session
    assert frame.audio_session is not stage.session


async def test_W_008_a_page_has_focus_while_its_selected_session_is_active() -> None:
    stage = Stage()
    assert stage.page.selected is None
    assert not stage.page.has_focus
    element = await stage.play(type="playback")
    assert now(stage.page.selected) is stage.session
    assert now(stage.page.has_focus)
    element.pause()
    await stage.page.settled()
    assert not stage.page.has_focus


# -- B: setting the type ---------------------------------------------------------------------


async def test_W_010_the_same_type_again_does_nothing() -> None:
    stage = Stage()
    await stage.play(type="playback")
    stage.heard.clear()
    stage.calls.clear()
    stage.session.type = AudioSessionType.PLAYBACK
    await stage.page.settled()
    assert stage.heard == []
    assert stage.calls == []


async def test_W_011_a_type_is_read_back_at_once() -> None:
    stage = Stage()
    for type in TYPES:
        stage.session.type = type
        assert stage.session.type == type
        assert isinstance(stage.session.type, AudioSessionType)


async def test_W_011_014_it_comes_into_effect_in_a_later_turn() -> None:
    stage = Stage()
    await stage.play(type="ambient")
    stage.session.type = "playback"
    assert claim(stage) == ("ambient", False)
    await stage.page.settled()
    assert claim(stage) == ("playback", False)


async def test_W_012_013_types_set_in_one_turn_are_applied_once_or_not_at_all() -> None:
    stage = Stage()
    await stage.play(type="ambient")
    stage.calls.clear()
    stage.session.type = "playback"
    stage.session.type = "ambient"
    await stage.page.settled()
    assert stage.calls == []
    stage.session.type = "transient"
    stage.session.type = "playback"
    await stage.page.settled()
    assert stage.calls == ["configure"]
    assert claim(stage) == ("playback", False)


async def test_W_014_siblings_are_judged_before_the_elements_are_updated() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    await stage.play(frame)
    stream = await stage.window.get_user_media(audio=True)
    (track,) = stream.audio_tracks
    await stage.page.settled()
    assert stage.states() == {"top": "active", "frame": "active"}
    seen: list[bool] = []

    class Probe(MediaElement):
        def _update(self) -> None:
            seen.append(frame.audio_session.is_exclusive)

    Probe(stage.window)
    stage.session.type = "transient-solo"
    assert frame.audio_session.is_exclusive
    await stage.page.settled()
    assert set(seen) == {False}
    assert now(track.ready_state) == "ended"


async def test_W_015_a_type_set_while_nothing_sounds_waits_for_sound() -> None:
    stage = Stage()
    stage.session.type = "playback"
    await stage.page.settled()
    assert stage.app.sessions == ()
    await stage.play()
    assert claim(stage) == ("playback", False)


@pytest.mark.parametrize("word", ["", "loud", "Playback", "play and record", "None"])
async def test_a_word_that_is_no_type_raises_and_changes_nothing(word: str) -> None:
    session = Stage().session
    session.type = "ambient"
    with pytest.raises(WebTypeError, match="type must be one of auto, playback") as caught:
        session.type = word
    assert isinstance(caught.value, TypeError)
    assert session.type == "ambient"


async def test_what_is_no_text_is_no_type() -> None:
    session = Stage().session
    with pytest.raises(InvalidTypeError):
        session.type = 3  # type: ignore[assignment]
    assert session.type == "auto"


async def test_a_closed_windows_type_cannot_be_set() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    frame.close()
    with pytest.raises(ClosedError, match="this window"):
        frame.audio_session.type = "playback"
    assert frame.audio_session.type == "auto"


def test_without_a_loop_nothing_can_be_set() -> None:
    page = Stage().page
    with pytest.raises(IllegalRequestError, match=r"none runs here; call this .* asyncio.run\(\)"):
        page.window.audio_session.type = "playback"
    assert page.window.audio_session.type == "auto"


async def test_a_page_stays_in_its_loop() -> None:
    stage = Stage()
    stage.session.type = "playback"

    def elsewhere() -> None:
        async def set_type() -> None:
            stage.session.type = "ambient"

        asyncio.run(set_type())

    with pytest.raises(IllegalRequestError, match="this page is in use in another event loop"):
        await asyncio.to_thread(elsewhere)
    assert stage.session.type == "playback"


# -- C: the computed type --------------------------------------------------------------------


@pytest.mark.parametrize("type", TYPES[1:])
async def test_W_020_a_declared_type_is_what_is_asked_with(type: str) -> None:
    stage = Stage()
    await stage.play(type=type)
    assert stage.session.effective_type == type
    assert claim(stage) == (type, False)


async def test_W_021_auto_takes_the_strongest_of_what_sounds() -> None:
    stage = Stage()
    graph = AudioContext(stage.window)
    graph.silent = False
    graph.resume()
    await stage.page.settled()
    assert claim(stage) == ("ambient", True)
    media = await stage.play()
    assert claim(stage) == ("playback", True)
    stream = await stage.window.get_user_media(audio=True)
    await stage.page.settled()
    assert claim(stage) == ("play-and-record", True)
    stream.audio_tracks[0].stop()
    media.pause()
    await stage.page.settled()
    assert claim(stage) == ("ambient", True)


async def test_W_022_without_sound_auto_is_ambient() -> None:
    stage = Stage()
    assert stage.session.effective_type == "ambient"
    MediaElement(stage.window)
    assert stage.session.effective_type == "ambient"


async def test_W_023_an_interrupted_auto_session_is_ambient() -> None:
    stage = Stage()
    await stage.play()
    assert stage.session.effective_type == "playback"
    await stage.interrupt()
    assert now(stage.session.effective_type) == "ambient"
    await stage.end()
    assert now(stage.session.effective_type) == "playback"


# -- WebKit's crosswalk ----------------------------------------------------------------------


def test_webkits_categories() -> None:
    # As its layout test audioSessionType.html expects them.
    assert {type.value: category.name for type, category in WEBKIT_CATEGORIES.items()} == {
        "ambient": "AMBIENT",
        "playback": "PLAYBACK",
        "transient": "AMBIENT",
        "play-and-record": "PLAY_AND_RECORD",
        "transient-solo": "SOLO_AMBIENT",
    }


@pytest.mark.parametrize(
    ("element", "category"),
    [
        ("media", AVAudioSessionCategory.PLAYBACK),
        ("graph", AVAudioSessionCategory.AMBIENT),
        ("microphone", AVAudioSessionCategory.PLAY_AND_RECORD),
    ],
)
def test_for_auto_webkit_asks_the_element(element: str, category: AVAudioSessionCategory) -> None:
    assert webkit_category(AudioSessionType.AUTO, element) is category
    assert webkit_category(AudioSessionType.TRANSIENT_SOLO, element).name == "SOLO_AMBIENT"


def test_webkit_knows_no_other_elements() -> None:
    with pytest.raises(IllegalRequestError, match="kind of element"):
        webkit_category(AudioSessionType.AUTO, "video")


async def test_two_pages_are_never_called_the_same() -> None:
    stage = Stage()
    assert Page(stage.app.host).id != Page(stage.app.host).id


def claim(stage: Stage) -> tuple[str, bool]:
    """The computed type that the device knows of the only session, and whether it was auto."""
    (session,) = stage.app.sessions[:1]
    view = stage.device.arbiter.view(session.id)
    assert view.claim is not None
    words = {
        ("stop", False): "playback",
        ("duck", False): "transient",
        ("pause", False): "transient-solo",
        ("none", False): "ambient",
        ("stop", True): "play-and-record",
    }
    return words[view.claim.press.value, view.claim.records], view.claim.auto
