"""The web's surface: changes of state, and what listeners hear of them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.errors import HostUnavailableError, HostUnavailableReason, InvalidTypeError
from audiosession.hosts.base import ActivationRequest, ActivationResult, HostEvents, Outcome
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from audiosession.web import Event, MediaElement, Page
from tests.web.web_kit import POLICIES, Stage, now

# -- E: changes of state ---------------------------------------------------------------------


async def test_W_040_inactivating_an_inactive_session_does_nothing() -> None:
    stage = Stage()
    element = MediaElement(stage.window)
    element.pause()
    stage.session.inactivate()
    await stage.page.settled()
    assert stage.heard == []
    assert stage.calls == []


async def test_W_040_inactivating_cannot_fail() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    element = MediaElement(page.window)
    element.play()
    await page.settled()
    session.fails = True
    element.pause()
    await page.settled()
    assert page.window.audio_session.state == "inactive"
    assert session.calls == ["activate", "deactivate"]


async def test_W_041_activating_an_active_session_does_nothing() -> None:
    stage = Stage()
    await stage.play(type="playback")
    await stage.play()
    assert stage.calls == ["activate: granted"]
    assert stage.heard == ["top active"]


async def test_W_041_it_may_fail_and_leave_the_session_inactive() -> None:
    stage = Stage()
    await stage.interrupt()
    await stage.play(type="playback")
    assert stage.calls == ["activate: denied"]
    assert stage.session.state == "inactive"
    assert stage.heard == []


async def test_W_041_it_may_fail_and_leave_the_session_interrupted() -> None:
    stage = Stage()
    await stage.play(type="playback")
    await stage.interrupt()
    stage.call.accept()
    second = await stage.play()
    assert stage.session.state == "interrupted"
    assert second.suspended
    stage.call.end()
    await stage.page.settled()
    assert now(stage.session.state) == "active"
    assert stage.heard == ["top active", "top interrupted", "top active"]
    assert not second.suspended


@pytest.mark.parametrize("policy", ["default", "apple"])
async def test_W_041_it_may_succeed_during_an_interruption(policy: str) -> None:
    stage = Stage(policy)
    first = await stage.play(type="playback")
    await stage.interrupt()
    stage.call.accept()
    await stage.play()
    assert stage.heard == ["top active", "top interrupted", "top active"]
    assert first.audible


async def test_W_041_a_host_that_is_not_there_leaves_it_inactive(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = FakeSession()
    session.fails = True
    page = Page(FakeHost(session))
    MediaElement(page.window).play()
    with caplog.at_level(logging.WARNING):
        await page.settled()
    assert page.window.audio_session.state == "inactive"
    assert "could not be activated" in caplog.text


async def test_W_042_an_inactive_session_forgets_its_interrupted_elements() -> None:
    stage = Stage()
    resumed: list[str] = []
    element = MediaElement(stage.window, on_resume=lambda: resumed.append("resumed"))
    element.play()
    await stage.page.settled()
    await stage.interrupt()
    stage.session.inactivate()
    await stage.end()
    assert stage.heard == ["top active", "top interrupted", "top inactive"]
    assert resumed == []


async def test_W_042_elements_are_updated_before_the_event_fires() -> None:
    stage = Stage()
    order: list[str] = []
    stream = await stage.window.get_user_media(audio=True, on_suspend=lambda: order.append("mute"))
    await stage.page.settled()
    stage.session.onstatechange = lambda event: order.append("told")
    await stage.interrupt()
    assert order == ["mute", "told"]
    assert stream.audio_tracks[0].muted


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_043_one_event_a_change_after_the_siblings_were_judged(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    await stage.play(frame, type="playback")
    await stage.play(frame)
    changes = ["frame active", "top inactive"]
    if policy == "web":
        # The platform knows pages there: it has the top inactive before it grants.
        changes.reverse()
    assert stage.heard == ["top active", *changes]


async def test_W_044_changes_by_the_platform_go_the_same_way() -> None:
    stage = Stage("default")
    element = await stage.play(type="playback")
    music = stage.device.app("music").session
    await music.configure(AudioSessionConfiguration.music())
    await music.set_active(True)
    await stage.page.settled()
    assert stage.heard == ["top active", "top inactive"]
    element.pause()
    element.play()
    await stage.page.settled()
    assert stage.heard[2:] == ["top active"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_045_start_interruption_and_end_are_three_events(policy: str) -> None:
    stage = Stage(policy)
    await stage.play()
    await stage.interrupt()
    await stage.end()
    assert stage.heard == ["top active", "top interrupted", "top active"]


# -- listeners -------------------------------------------------------------------------------


async def test_listeners_are_called_in_order_each_once() -> None:
    stage = Stage()
    heard: list[str] = []
    session = stage.session

    def first(event: Event) -> None:
        heard.append(f"first {event.type} {event.target is session}")

    def third(event: Event) -> None:
        heard.append("third")

    session.add_event_listener("statechange", first)
    session.onstatechange = lambda event: heard.append("handler")
    session.add_event_listener("statechange", third, once=True)
    session.add_event_listener("statechange", first)
    session.onstatechange = lambda event: heard.append("another handler")
    element = await stage.play()
    assert heard == ["first statechange True", "another handler", "third"]
    session.remove_event_listener("statechange", first)
    session.remove_event_listener("statechange", first)
    session.onstatechange = None
    element.pause()
    await stage.page.settled()
    assert len(heard) == 3
    assert session.onstatechange is None


async def test_a_listener_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    heard: list[Event] = []

    def fails(event: Event) -> None:
        raise RuntimeError("mine")

    stage.session.add_event_listener("statechange", fails)
    stage.session.add_event_listener("statechange", heard.append)
    await stage.play()
    assert len(heard) == 1
    assert "a listener of statechange failed" in caplog.text


async def test_a_listener_removed_by_another_is_not_called() -> None:
    stage = Stage()
    heard: list[Event] = []
    session = stage.session
    session.add_event_listener(
        "statechange", lambda event: session.remove_event_listener("statechange", heard.append)
    )
    listener = heard.append
    session.add_event_listener("statechange", listener)
    await stage.play()
    assert heard == []


async def test_other_events_never_come() -> None:
    stage = Stage()
    heard: list[Event] = []
    stage.session.add_event_listener("duck", heard.append)
    await stage.play()
    assert heard == []


async def test_a_listener_may_change_everything() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    other = MediaElement(frame)

    def turn_over(event: Event) -> None:
        if stage.session.state == "active":
            frame.audio_session.type = "playback"
            other.play()

    stage.session.onstatechange = turn_over
    await stage.play(type="playback")
    assert stage.heard == ["top active", "top inactive", "frame active"]


@pytest.mark.parametrize("bad", [3, "function", Stage.play])
async def test_only_plain_functions_listen(bad: Any) -> None:
    session = Stage().session
    with pytest.raises(InvalidTypeError, match="function"):
        session.add_event_listener("statechange", bad)
    with pytest.raises(InvalidTypeError, match="onstatechange"):
        session.onstatechange = bad
    assert session.onstatechange is None


async def test_an_events_type_is_a_text() -> None:
    with pytest.raises(InvalidTypeError, match="type"):
        Stage().session.add_event_listener(None, print)  # type: ignore[arg-type]


# -- answers that take their time ------------------------------------------------------------


async def test_what_falls_silent_while_it_is_asked_for_is_given_back_unsaid() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    heard: list[Event] = []
    page.window.audio_session.onstatechange = heard.append
    element = MediaElement(page.window)
    session.answer = asyncio.get_running_loop().create_future()
    element.play()
    await session.asked.wait()
    element.pause()
    session.answer.set_result(Outcome.GRANTED)
    await page.settled()
    assert session.calls == ["activate", "deactivate"]
    assert heard == []


async def test_a_late_grant_activates() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    session.answer = Outcome.DELAYED
    element = MediaElement(page.window)
    element.play()
    await page.settled()
    state = page.window.audio_session
    assert now(state.state) == "inactive"
    session.events.gained_claim()
    await page.settled()
    assert now(state.state) == "active"


async def test_a_request_that_waits_is_withdrawn_in_silence() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    session.answer = Outcome.DELAYED
    element = MediaElement(page.window)
    element.play()
    await page.settled()
    element.pause()
    await page.settled()
    assert session.calls == ["activate", "deactivate"]
    session.events.gained_claim()
    assert page.window.audio_session.state == "inactive"


async def test_what_began_while_it_was_asked_for_interrupts_it() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    heard: list[str] = []
    state = page.window.audio_session
    state.onstatechange = lambda event: heard.append(state.state)
    session.answer = asyncio.get_running_loop().create_future()
    MediaElement(page.window).play()
    await session.asked.wait()
    session.interrupted = True
    session.events.interruption(
        AudioInterruptionEvent(begin=True, type=AudioInterruptionType.PAUSE)
    )
    session.answer.set_result(Outcome.GRANTED)
    await page.settled()
    assert heard == ["active", "interrupted"]


@pytest.mark.parametrize("begins", [AudioInterruptionType.PAUSE, AudioInterruptionType.UNKNOWN])
async def test_W_041_it_may_be_granted_and_interrupted_before_the_answer_is_seen(
    begins: AudioInterruptionType,
) -> None:
    # As where an interruption ends the claim, which is how Apple judges.
    session = FakeSession()
    page = Page(FakeHost(session))
    heard: list[str] = []
    state = page.window.audio_session
    state.onstatechange = lambda event: heard.append(state.state)
    session.answer = asyncio.get_running_loop().create_future()
    MediaElement(page.window).play()
    await session.asked.wait()
    session.interrupted = True
    session.events.lost_claim()
    session.events.interruption(AudioInterruptionEvent(begin=True, type=begins))
    session.answer.set_result(Outcome.GRANTED)
    await page.settled()
    assert heard == ["active", "interrupted"]
    session.interrupted, session.answer = False, Outcome.GRANTED
    session.events.interruption(
        AudioInterruptionEvent(begin=False, type=AudioInterruptionType.PAUSE, should_resume=True)
    )
    await page.settled()
    assert heard == ["active", "interrupted", "active"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_044_a_call_interrupts_until_it_ends_whoever_judges(policy: str) -> None:
    stage = Stage(policy)
    await stage.play(type="play-and-record")
    await stage.interrupt()
    stage.call.accept()
    await stage.page.settled()
    stage.call.end()
    await stage.page.settled()
    assert stage.heard == ["top active", "top interrupted", "top active"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_044_what_another_app_takes_for_good_leaves_it_inactive(policy: str) -> None:
    stage = Stage(policy)
    await stage.play(type="playback")
    music = stage.device.app("music").session
    await music.configure(AudioSessionConfiguration.music())
    assert await music.set_active(True)
    await stage.page.settled()
    # Under Apple's policy nobody knows before it has ended (apple 58).
    lasts = "interrupted" if policy == "apple" else "inactive"
    assert stage.heard == ["top active", f"top {lasts}"]
    assert await music.set_active(False)
    await stage.page.settled()
    assert stage.session.state == "inactive"


async def test_W_044_who_comes_to_the_top_as_something_else_is_interrupted_no_more() -> None:
    stage = Stage("android")
    element = await stage.play(type="playback")
    call = stage.device.app("call").session
    await call.configure(AudioSessionConfiguration.voice_call())
    assert await call.set_active(True)
    await stage.page.settled()
    assert stage.heard == ["top active", "top interrupted"]
    stage.session.type = "transient-solo"
    await stage.page.settled()
    assert stage.heard == ["top active", "top interrupted", "top active"]
    assert element.audible


async def test_what_softens_is_heard_again() -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    state = page.window.audio_session
    MediaElement(page.window).play()
    await page.settled()
    for type, expected in (
        (AudioInterruptionType.DUCK, "active"),
        (AudioInterruptionType.PAUSE, "interrupted"),
        (AudioInterruptionType.DUCK, "active"),
        (AudioInterruptionType.UNKNOWN, "inactive"),
    ):
        session.events.interruption(AudioInterruptionEvent(begin=True, type=type))
        await page.settled()
        assert now(state.state) == expected


@pytest.mark.parametrize("begins", [AudioInterruptionType.PAUSE, AudioInterruptionType.UNKNOWN])
async def test_an_end_without_a_claim_and_without_leave_to_resume_inactivates(
    begins: AudioInterruptionType,
) -> None:
    session = FakeSession()
    page = Page(FakeHost(session))
    state = page.window.audio_session
    MediaElement(page.window).play()
    await page.settled()
    session.interrupted = True
    session.events.lost_claim()
    session.events.interruption(AudioInterruptionEvent(begin=True, type=begins))
    await page.settled()
    assert now(state.state) == "interrupted"
    session.events.interruption(
        AudioInterruptionEvent(begin=False, type=AudioInterruptionType.UNKNOWN)
    )
    await page.settled()
    assert now(state.state) == "inactive"


class FakeSession:
    """A session of a host that answers when and what the test says."""

    app_name = "browser"

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answer: Outcome | asyncio.Future[Outcome] = Outcome.GRANTED
        self.asked = asyncio.Event()
        self.fails = False
        self.interrupted = False
        self.events: HostEvents

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.fails:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "it is gone")

    async def configure(self, configuration: AudioSessionConfiguration) -> None:
        self._called("configure")

    async def activate(self, request: ActivationRequest) -> ActivationResult:
        self._called("activate")
        self.asked.set()
        answer = self.answer
        outcome = answer if isinstance(answer, Outcome) else await answer
        return ActivationResult(outcome=outcome)

    async def deactivate(self, *, notify_others: bool) -> bool:
        assert notify_others
        self._called("deactivate")
        return True

    async def close(self) -> None:
        self._called("close")


class FakeHost:
    name = "fake"
    capabilities: frozenset[Any] = frozenset()

    def __init__(self, session: FakeSession) -> None:
        self._session = session

    async def open_session(self, events: HostEvents) -> Any:
        self._session.events = events
        return self._session

    async def close(self) -> None:
        """Nothing to let go of."""
