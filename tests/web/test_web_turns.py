"""The web's surface: what happens at once, and what is told in a turn of its own (W-040 to W-044).

The platform is asked at once; states, elements, siblings and listeners follow in a queued task.
"""

from __future__ import annotations

import asyncio

import pytest

from audiosession.hosts.simulated import SimulatedDevice
from audiosession.web import AudioContext, Element, MediaElement, Page, Window
from tests.web.web_kit import POLICIES, Stage, now


async def test_W_040_the_platform_is_asked_at_once_and_the_state_follows() -> None:
    stage = Stage()
    element = await stage.play()
    element.pause()
    assert now(stage.session.state) == "active"
    assert stage.heard == ["top active"]
    await stage.page.settled()
    assert now(stage.session.state) == "inactive"
    assert stage.heard == ["top active", "top inactive"]
    assert stage.active == []


async def test_W_041_what_pauses_and_plays_in_one_turn_is_asked_for_anew() -> None:
    stage = Stage()
    element = await stage.play()
    element.pause()
    element.play()
    await stage.page.settled()
    assert stage.heard == ["top active", "top inactive", "top active"]
    assert len(stage.active) == 1


@pytest.mark.parametrize("policy", ["default", "apple"])
async def test_W_041_playing_what_is_suspended_tries_to_activate(policy: str) -> None:
    stage = Stage(policy)
    media = await stage.play(type="playback")
    await stage.interrupt()
    stage.call.accept()
    media.play()
    await stage.page.settled()
    assert stage.heard == ["top active", "top interrupted", "top active"]
    assert media.audible


@pytest.mark.parametrize("policy", ["default", "apple"])
async def test_W_041_resuming_a_suspended_graph_tries_to_activate(policy: str) -> None:
    stage = Stage(policy)
    stage.session.type = "playback"
    graph = AudioContext(stage.window)
    graph.silent = False
    graph.resume()
    await stage.page.settled()
    await stage.interrupt()
    stage.call.accept()
    graph.resume()
    await stage.page.settled()
    assert stage.session.state == "active"
    assert graph.context_state == "running"


async def test_W_041_where_it_is_refused_it_stays_suspended() -> None:
    stage = Stage()
    media = await stage.play(type="playback")
    await stage.interrupt()
    stage.call.accept()
    media.play()
    await stage.page.settled()
    assert stage.calls == ["activate: granted", "activate: denied"]
    assert media.suspended
    stage.call.end()
    await stage.page.settled()
    assert media.audible


async def test_W_043_listeners_hear_of_one_state_in_turn() -> None:
    stage = Stage()
    element = MediaElement(stage.window)
    heard: list[str] = []

    def pauses(event: object) -> None:
        heard.append(f"first {stage.session.state}")
        element.pause()

    stage.session.add_event_listener("statechange", pauses)
    stage.session.add_event_listener(
        "statechange", lambda event: heard.append(f"second {stage.session.state}")
    )
    element.play()
    await stage.page.settled()
    assert heard == ["first active", "second active", "first inactive", "second inactive"]


@pytest.mark.parametrize("policy", ["default", "apple", "android", "android-car"])
async def test_W_042_a_siblings_change_is_told_after_what_made_it(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    told: list[tuple[str, str]] = []
    for window in (stage.window, frame):
        window.audio_session.add_event_listener(
            "statechange",
            lambda event: told.append((str(stage.session.state), str(frame.audio_session.state))),
        )
    await stage.play(frame, type="playback")
    assert told == [("active", "active"), ("inactive", "active")]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_043_a_sibling_that_stops_the_newcomer_is_heard_out(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    stage.heard.clear()
    newcomer = MediaElement(frame)
    frame.audio_session.type = "playback"
    stage.session.onstatechange = lambda event: newcomer.pause()
    newcomer.play()
    await stage.page.settled()
    assert sorted(stage.heard) == ["frame active", "frame inactive", "top inactive"]
    assert stage.heard.index("frame active") < stage.heard.index("frame inactive")


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_043_a_window_closed_by_a_sibling_hears_nothing_more(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    newcomer = MediaElement(frame)
    frame.audio_session.type = "playback"
    stage.session.onstatechange = lambda event: frame.close()
    newcomer.play()
    await stage.page.settled()
    assert stage.heard[-1] == "top inactive"
    assert stage.active == []


async def test_W_043_a_listener_that_closes_the_window_is_the_last_to_hear() -> None:
    stage = Stage()
    heard: list[str] = []
    stage.session.add_event_listener("statechange", lambda event: stage.window.close())
    stage.session.add_event_listener("statechange", lambda event: heard.append("after"))
    await stage.play()
    assert heard == []
    assert stage.app.sessions == ()


async def test_W_044_what_the_platform_changes_twice_in_a_turn_is_told_twice() -> None:
    stage = Stage()
    element = await stage.play()
    seen: list[str] = []
    stage.session.onstatechange = lambda event: seen.append(str(stage.session.state))
    stage.device.incoming_call().decline()
    assert seen == []
    await stage.page.settled()
    assert seen == ["interrupted", "active"]
    assert element.audible


def test_a_call_outside_of_the_loop_is_told_when_it_runs_again() -> None:
    loop = asyncio.new_event_loop()
    stage = Stage("default")
    loop.run_until_complete(stage.play())
    call = stage.device.incoming_call()
    loop.run_until_complete(stage.page.settled())
    assert stage.heard == ["top active", "top interrupted"]
    loop.close()
    # No turn comes any more, and nobody is left in the dark for that.
    call.decline()
    assert stage.heard[2:] == ["top active"]


# -- what was suspended goes on -----------------------------------------------------------------


class Told:
    """What an engine was told of one element."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def off(self) -> None:
        self.words.append("off")

    def on(self) -> None:
        self.words.append("on")


async def heard(window: Window, kind: str, told: Told) -> Element:
    if kind == "media":
        media = MediaElement(window, on_suspend=told.off, on_resume=told.on)
        media.play()
        return media
    if kind == "graph":
        graph = AudioContext(window, on_suspend=told.off, on_resume=told.on)
        graph.silent = False
        graph.resume()
        return graph
    stream = await window.get_user_media(audio=True, on_suspend=told.off, on_resume=told.on)
    return stream.audio_tracks[0]


QUIET = [
    ("media", "muted", True),
    ("media", "volume", 0.0),
    ("media", "has_audio_track", False),
    ("graph", "silent", True),
    ("microphone", "source_muted", True),
]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("kind", "name", "value"), QUIET)
async def test_W_052_what_was_muted_or_silent_meanwhile_goes_on_too(
    kind: str, name: str, value: object, policy: str
) -> None:
    stage = Stage(policy)
    told = Told()
    element = await heard(stage.window, kind, told)
    if kind == "graph":
        # By itself it is ambient, which a call need not interrupt.
        stage.session.type = "playback"
    await stage.page.settled()
    before = getattr(element, name)
    await stage.interrupt()
    stage.call.accept()
    await stage.page.settled()
    setattr(element, name, value)
    stage.call.end()
    await stage.page.settled()
    assert told.words == ["off", "on"]
    assert not element.suspended
    # Nothing of it is heard, which is told after it went on.
    assert stage.heard == ["top active", "top interrupted", "top active", "top inactive"]
    assert stage.active == []
    if isinstance(element, MediaElement):
        assert not element.paused
    setattr(element, name, before)
    await stage.page.settled()
    assert stage.heard[4:] == ["top active"]
    assert element.audible


async def test_W_052_an_engine_that_measures_silence_while_it_stands_still_is_resumed() -> None:
    stage = Stage()
    graph: AudioContext

    def stands_still() -> None:
        graph.silent = True

    def goes_on() -> None:
        graph.silent = False

    graph = AudioContext(stage.window, on_suspend=stands_still, on_resume=goes_on)
    graph.silent = False
    graph.resume()
    await stage.page.settled()
    await stage.interrupt()
    await stage.end()
    assert stage.heard == ["top active", "top interrupted", "top active"]
    assert graph.audible


async def test_W_052_a_silent_graph_does_not_keep_others_from_going_on() -> None:
    stage = Stage()
    told = Told()
    graph = AudioContext(stage.window)
    graph.silent = False
    graph.resume()
    film = MediaElement(stage.window, on_suspend=told.off, on_resume=told.on)
    film.play()
    await stage.page.settled()
    await stage.interrupt()
    graph.silent = True
    film.muted = True
    await stage.end()
    assert told.words == ["off", "on"]
    assert not film.paused
    assert stage.heard[2:] == ["top active", "top inactive"]


@pytest.mark.parametrize("kind", ["media", "graph"])
async def test_W_053_what_its_page_stopped_meanwhile_is_not_told_to_go_on(kind: str) -> None:
    stage = Stage()
    told = Told()
    element = await heard(stage.window, kind, told)
    await stage.page.settled()
    await stage.interrupt()
    if isinstance(element, MediaElement):
        element.pause()
    elif isinstance(element, AudioContext):
        element.suspend()
    await stage.end()
    assert told.words == ["off"]
    assert not element.suspended


# -- windows that are closed --------------------------------------------------------------------


async def test_a_closed_window_ends_what_sounds_there() -> None:
    device = SimulatedDevice(policy="web")
    page = Page(device.app("browser").host)
    stories = {kind: Told() for kind in ("media", "graph", "microphone")}
    elements = {kind: await heard(page.window, kind, told) for kind, told in stories.items()}
    quiet = MediaElement(page.window, on_suspend=lambda: pytest.fail("it stood still already"))
    await page.settled()
    session = page.window.audio_session
    await page.close()
    assert {kind: told.words for kind, told in stories.items()} == {
        kind: ["off"] for kind in stories
    }
    assert [element.audible for element in elements.values()] == [False] * 3
    assert [element.window for element in (*elements.values(), quiet)] == [None] * 4
    assert session.elements == ()
    media, graph, track = elements.values()
    assert getattr(media, "paused", None) is True
    assert getattr(graph, "context_state", None) == "closed"
    assert getattr(track, "ready_state", None) == "ended"
    assert device.arbiter.active == ()
