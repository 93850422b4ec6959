"""The web's surface: sessions of one page judged against each other, and the draft's holes.

The rules within a page hold under every policy; how pages get along with each other is the
policy's (G-6).
"""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.core.policy import PageFocus, Policy
from audiosession.errors import InvalidTypeError, InvalidValueError, PolicyError
from audiosession.hosts.simulated import SimulatedDevice
from audiosession.policies import load_policy
from audiosession.testing import Heard
from audiosession.web import AudioSession, Browser, Event, MediaElement, Page, PageAudio
from tests.web.web_kit import POLICIES, Stage, now

TYPES = ("auto", "playback", "transient", "transient-solo", "ambient", "play-and-record")
EXCLUSIVE = ("auto", "playback", "play-and-record", "transient-solo")
"""With a media element in it, auto is playback."""

# -- D: the selected session -----------------------------------------------------------------


async def test_W_030_candidates_are_the_active_exclusive_ones_breadth_first() -> None:
    stage = Stage()
    left = stage.frame("left")
    right = stage.frame("right")
    deep = stage.frame("deep", left)
    assert stage.page.windows == (stage.window, left, right, deep)
    await stage.play(deep)
    assert now(stage.page.selected) is deep.audio_session
    await stage.play(right)
    assert now(stage.page.selected) is right.audio_session
    await stage.play(left, type="ambient")
    await stage.play(stage.window, type="transient")
    assert now(stage.page.selected) is right.audio_session


async def test_W_031_one_candidate_is_selected_and_none_is_nobody() -> None:
    stage = Stage()
    element = await stage.play(type="playback")
    assert now(stage.page.selected) is stage.session
    element.pause()
    await stage.page.settled()
    assert now(stage.page.selected) is None


async def test_W_032_several_candidates_are_all_auto_and_the_first_is_selected() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    await stage.play(frame)
    await stage.play()
    assert stage.states() == {"top": "active", "frame": "active"}
    assert stage.page.selected is stage.session


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("first", "second"), list(product(TYPES, repeat=2)))
async def test_W_032_035_two_declared_exclusive_sessions_are_never_active_together(
    first: str, second: str, policy: str
) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type=first)
    await stage.play(frame, type=second)
    gives_way = first in EXCLUSIVE and second in EXCLUSIVE and (first, second) != ("auto", "auto")
    assert stage.states() == {"top": "inactive" if gives_way else "active", "frame": "active"}


async def test_W_033_the_selected_session_is_looked_for_first() -> None:
    # Under the policy web the platform would have judged by itself before it answers.
    stage = Stage("default")
    frame = stage.frame("frame")
    await stage.play(type="playback")
    selected: list[AudioSession | None] = []
    stage.session.onstatechange = lambda event: selected.append(stage.page.selected)
    await stage.play(frame, type="playback")
    assert selected == [frame.audio_session]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_034_what_is_not_active_or_not_exclusive_displaces_nobody(policy: str) -> None:
    stage = Stage(policy)
    await stage.play(type="playback")
    quiet = stage.frame("quiet")
    quiet.audio_session.type = "play-and-record"
    await stage.page.settled()
    await stage.play(stage.frame("ambient"), type="ambient")
    await stage.play(stage.frame("transient"), type="transient")
    assert stage.states() == {
        "top": "active",
        "quiet": "inactive",
        "ambient": "active",
        "transient": "active",
    }


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_035_a_type_declared_while_active_judges(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    await stage.play(frame, type="ambient")
    frame.audio_session.type = "play-and-record"
    await stage.page.settled()
    assert stage.states() == {"top": "inactive", "frame": "active"}
    assert len(stage.active) == 1


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_035_a_stronger_element_judges_too(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play(type="playback")
    stream = await frame.get_user_media(audio=True, video=True)
    await stage.page.settled()
    assert stage.states() == {"top": "inactive", "frame": "active"}
    stream.audio_tracks[0].stop()
    await stage.page.settled()
    assert now(stage.states()) == {"top": "inactive", "frame": "inactive"}


@pytest.mark.parametrize("policy", ["web", "default", "apple"])
async def test_W_035_pages_are_judged_by_themselves(policy: str) -> None:
    # Android's focus knows no pages: two of one browser ask as two clients do.
    stage = Stage(policy)
    other = Page(stage.app.host)
    await stage.play(type="playback")
    MediaElement(other.window).play()
    other.window.audio_session.type = "playback"
    await other.settled()
    assert other.window.audio_session.state == "active"
    assert stage.session.state == "active"


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_035_two_that_are_auto_leave_each_other_alone(policy: str) -> None:
    stage = Stage(policy)
    first = await stage.play()
    second = await stage.play(stage.frame("frame"))
    assert stage.states() == {"top": "active", "frame": "active"}
    await stage.interrupt()
    await stage.end()
    assert now(stage.states()) == {"top": "active", "frame": "active"}
    assert (first.audible, second.audible) == (True, True)
    first.pause()
    await stage.page.settled()
    assert now(stage.states()) == {"top": "inactive", "frame": "active"}


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_034_a_page_that_mixes_stays_beside_music(policy: str) -> None:
    stage = Stage(policy)
    await stage.play(type="ambient")
    music = stage.device.app("music")
    await music.session.configure(AudioSessionConfiguration.music())
    assert await music.session.set_active(True)
    await stage.page.settled()
    assert stage.heard == ["top active"]
    stage.session.type = "playback"
    await stage.page.settled()
    assert music.standing in ("inactive", "interrupted")
    stage.session.type = "ambient"
    await stage.page.settled()
    assert await music.session.set_active(True)
    await stage.page.settled()
    assert stage.heard == ["top active"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_035_a_solo_in_the_page_inactivates_the_others(policy: str) -> None:
    stage = Stage(policy)
    await stage.play()
    solo = await stage.play(stage.frame("frame"), type="transient-solo")
    assert stage.states() == {"top": "inactive", "frame": "active"}
    solo.pause()
    await stage.page.settled()
    assert now(stage.states()) == {"top": "inactive", "frame": "inactive"}


@pytest.mark.parametrize("policy", ["web", "default", "android"])
async def test_W_035_a_solo_gives_back_to_other_apps(policy: str) -> None:
    stage = Stage(policy)
    music = stage.device.app("music")
    heard = Heard(music.session)
    await music.session.configure(AudioSessionConfiguration.music())
    assert await music.session.set_active(True)
    music.player().play()
    solo = await stage.play(type="transient-solo")
    solo.pause()
    await stage.page.settled()
    assert heard.words == ["begin pause", "end pause"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_035_of_two_declared_during_a_call_one_goes_on(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    await stage.play()
    await stage.play(frame)
    await stage.interrupt()
    stage.session.type = frame.audio_session.type = "playback"
    await stage.page.settled()
    assert stage.states() == {"top": "interrupted", "frame": "interrupted"}
    await stage.end()
    # One that is not active yet is left alone; the last to become active inactivates the other.
    assert sorted(now(stage.states()).values()) == ["active", "inactive"]


# -- G: the holes and their readings ---------------------------------------------------------


async def test_G_1_declared_types_are_compared() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    await stage.play()
    await stage.play(frame, type="playback")
    assert stage.session.effective_type == frame.audio_session.effective_type == "playback"
    assert stage.states() == {"top": "inactive", "frame": "active"}


async def test_G_2_one_that_is_left_alone_does_not_save_those_after_it() -> None:
    stage = Stage()
    names = ("ambient", "playback")
    for name in names:
        await stage.play(stage.frame(name), type=name)
    await stage.play(type="transient-solo")
    assert stage.states() == {"top": "active", "ambient": "active", "playback": "inactive"}


async def test_G_3_nobody_is_selected_once_its_owner_is_inactive() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    await stage.play(frame, type="playback")
    frame.close()
    assert stage.page.selected is None
    assert not stage.page.has_focus


async def test_G_4_being_lowered_is_not_told() -> None:
    stage = Stage("default")
    await stage.play(type="playback")
    stage.heard.clear()
    prompt = stage.device.app("navigator").session
    await prompt.configure(AudioSessionConfiguration.navigation_prompt())
    assert await prompt.set_active(True)
    assert stage.app.standing == "ducked"
    assert stage.session.state == "active"
    await prompt.set_active(False)
    await stage.page.settled()
    assert stage.heard == []


async def test_G_5_only_the_last_sound_inactivates() -> None:
    stage = Stage()
    first, second = await stage.play(), await stage.play()
    first.pause()
    await stage.page.settled()
    assert stage.states() == {"top": "active"}
    second.pause()
    await stage.page.settled()
    assert now(stage.states()) == {"top": "inactive"}
    assert stage.active == []


def web(focus: PageFocus) -> Policy:
    policy = load_policy("web")
    return replace(policy, settings=replace(policy.settings, page_focus=focus))


@pytest.mark.parametrize("type", ["auto", "playback"])
@pytest.mark.parametrize(
    ("focus", "states"),
    [
        (PageFocus.NONE, ["active", "active", "active", "active"]),
        (PageFocus.GROUP, ["inactive", "inactive", "active", "active"]),
        (PageFocus.SINGLE, ["inactive", "inactive", "inactive", "active"]),
    ],
)
async def test_G_6_the_policy_says_how_many_pages_have_focus(
    focus: PageFocus, states: list[str], type: str
) -> None:
    device = SimulatedDevice(policy=web(focus))
    browser = Browser(device.app("browser").host)
    pages = [browser.open_page(group=group) for group in ("a", "", "b", "b")]
    for page in pages:
        page.window.audio_session.type = type
        MediaElement(page.window).play()
        await page.settled()
    assert [str(page.window.audio_session.state) for page in pages] == states


async def test_G_6_what_is_not_exclusive_gives_no_way_to_other_pages() -> None:
    device = SimulatedDevice(policy=web(PageFocus.SINGLE))
    browser = Browser(device.app("browser").host)
    pages = [browser.open_page() for _ in range(3)]
    for page, type in zip(pages, ("ambient", "auto", "transient"), strict=True):
        page.window.audio_session.type = type
        MediaElement(page.window).play()
        await page.settled()
    assert {str(page.window.audio_session.state) for page in pages} == {"active"}


async def test_G_6_whoever_is_displaced_for_good_stands_still() -> None:
    device = SimulatedDevice(policy=web(PageFocus.SINGLE))
    browser = Browser(device.app("browser").host)
    first, second = browser.open_page(), browser.open_page()
    told: list[str] = []
    film = MediaElement(first.window, on_suspend=lambda: told.append("still"))
    film.play()
    await first.settled()
    MediaElement(second.window).play()
    await second.settled()
    await first.settled()
    assert first.window.audio_session.state == "inactive"
    assert (film.paused, film.audible, told) == (True, False, ["still"])
    film.play()
    await first.settled()
    assert now(first.window.audio_session.state) == "active"


@pytest.mark.parametrize("focus", PageFocus)
async def test_G_6_a_solo_of_another_page_gives_back(focus: PageFocus) -> None:
    device = SimulatedDevice(policy=web(focus))
    browser = Browser(device.app("browser").host)
    first, second = browser.open_page(group="a"), browser.open_page(group="b")
    heard: list[str] = []
    session = first.window.audio_session
    session.onstatechange = lambda event: heard.append(str(session.state))
    film = MediaElement(first.window)
    film.play()
    await first.settled()
    second.window.audio_session.type = "transient-solo"
    solo = MediaElement(second.window)
    solo.play()
    await second.settled()
    await first.settled()
    assert now(film.audible) is (focus is PageFocus.NONE)
    solo.pause()
    await second.settled()
    await first.settled()
    assert now(film.audible)
    between = [] if focus is PageFocus.NONE else ["interrupted", "active"]
    assert heard == ["active", *between]


async def test_G_6_frames_of_one_page_leave_each_other_alone_under_a_single_focus() -> None:
    stage = Stage(web(PageFocus.SINGLE))
    await stage.play()
    await stage.play(stage.frame("frame"))
    assert stage.states() == {"top": "active", "frame": "active"}


def test_G_6_the_policy_that_ships_lets_all_pages_have_it() -> None:
    assert load_policy("web").settings.page_focus is PageFocus.NONE
    for name in ("default", "apple", "android", "android-car"):
        assert load_policy(name).settings.page_focus is None


def test_G_6_a_policy_may_not_say_anything_else() -> None:
    with pytest.raises(PolicyError, match="page_focus must be 'none', 'group' or 'single'"):
        Policy.from_mapping({"settings": {"discipline": "holds", "page_focus": "all"}})


async def test_G_7_nothing_holds_a_session_over_silence() -> None:
    stage = Stage()
    element = await stage.play(type="playback")
    element.pause()
    await stage.page.settled()
    assert stage.active == []
    for name in ("activate", "deactivate", "set_active"):
        assert not hasattr(stage.session, name)


async def test_G_8_the_reason_of_an_interruption_is_not_told_here() -> None:
    stage = Stage("default")
    events: list[object] = []
    stage.session.onstatechange = events.append
    await stage.play(type="playback")
    await stage.interrupt()
    assert stage.session.state == "interrupted"
    assert len(events) == 2
    assert [field.name for field in fields(Event)] == ["type", "target"]


# -- what pages are ---------------------------------------------------------------------------


async def test_a_closed_page_is_gone_from_the_device() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    element = await stage.play(frame)
    await stage.page.close()
    assert stage.page.closed
    assert frame.closed
    assert stage.page.windows == ()
    assert element.window is None
    assert stage.app.sessions == ()
    assert stage.page.browser.pages == ()
    await stage.page.close()


async def test_a_closed_frame_leaves_the_others_as_they_are() -> None:
    stage = Stage()
    left, right = stage.frame("left"), stage.frame("right")
    await stage.play(left)
    await stage.play(right)
    stage.heard.clear()
    left.close()
    left.close()
    await stage.page.settled()
    assert stage.window.frames == (right,)
    assert right.audio_session.state == "active"
    assert stage.heard == []
    assert len(stage.app.sessions) == 1


async def test_a_browser_closes_its_pages() -> None:
    device = SimulatedDevice()
    browser = Browser(device.app("browser").host)
    pages = [browser.open_page() for _ in range(3)]
    for page in pages:
        MediaElement(page.window).play()
        await page.settled()
    assert browser.pages == tuple(pages)
    await browser.close()
    assert device.app("browser").sessions == ()
    assert all(page.closed for page in pages)


async def test_a_page_is_in_a_browser_or_has_a_host() -> None:
    stage = Stage()
    with pytest.raises(InvalidTypeError, match="host"):
        Page(stage.app.host, browser=stage.page.browser)
    with pytest.raises(InvalidValueError, match="group"):
        stage.page.browser.open_page(group="g" * 65)


async def test_a_page_without_a_host_takes_the_one_that_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUDIOSESSION_HOST", "simulated")
    page = Page()
    element = MediaElement(page.window)
    element.play()
    await page.settled()
    assert page.window.audio_session.state == "active"
    await page.close()


@pytest.mark.parametrize("bad", ["a/b", "p" * 129])
def test_a_pages_name_has_no_slash_and_an_end(bad: str) -> None:
    with pytest.raises(InvalidValueError, match="page"):
        PageAudio.from_json({"type": "ambient", "auto": False, "page": bad, "group": ""})
