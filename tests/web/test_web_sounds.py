"""The web's surface: elements, what suspends and resumes them, and capture."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from audiosession.errors import ClosedError, InvalidTypeError, InvalidValueError
from audiosession.web import (
    AudioContext,
    CameraTrack,
    InvalidStateError,
    MediaElement,
    MicrophoneTrack,
    WebTypeError,
)
from tests.web.web_kit import POLICIES, Stage, now

TYPES = ("auto", "playback", "transient", "transient-solo", "ambient", "play-and-record")

# -- F: elements -----------------------------------------------------------------------------


async def test_W_050_every_update_runs_the_update_steps() -> None:
    stage = Stage()
    (track,) = (await stage.window.get_user_media(audio=True)).audio_tracks
    other = await stage.play()
    stage.session.type = "play-and-record"
    await stage.page.settled()
    assert now(track.ready_state) == "live"
    stage.session.type = "ambient"
    assert now(track.ready_state) == "live"
    await stage.page.settled()
    assert now(track.ready_state) == "ended"
    assert stage.session.elements == (other,)


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_051_052_what_was_audible_is_suspended_and_resumed(policy: str) -> None:
    stage = Stage(policy)
    order: list[str] = []

    def told(name: str) -> dict[str, Any]:
        return {
            "on_suspend": lambda: order.append(f"{name} off"),
            "on_resume": lambda: order.append(f"{name} on"),
        }

    media = MediaElement(stage.window, **told("media"))
    MediaElement(stage.window, **told("paused"))
    graph = AudioContext(stage.window, **told("graph"))
    graph.silent = False
    media.play()
    graph.resume()
    await stage.page.settled()
    await stage.interrupt()
    # A media element's pause is queued, a graph's interruption is not.
    assert order == ["graph off", "media off"]
    assert media.paused
    assert now(graph.context_state) == "interrupted"
    assert not media.audible
    await stage.end()
    assert order[2:] == ["graph on", "media on"]
    assert not now(media.paused)
    assert now(graph.context_state) == "running"


async def test_W_053_only_what_was_audible_at_the_interruption_goes_on() -> None:
    stage = Stage()
    played, stopped, never = (MediaElement(stage.window) for _ in range(3))
    played.play()
    stopped.play()
    stopped.pause()
    await stage.page.settled()
    await stage.interrupt()
    assert [one.suspended for one in (played, stopped, never)] == [True, False, False]
    await stage.end()
    assert [one.paused for one in (played, stopped, never)] == [False, True, True]


async def test_W_053_what_its_page_paused_meanwhile_stays_paused() -> None:
    stage = Stage()
    resumed: list[str] = []
    element = MediaElement(stage.window, on_resume=lambda: resumed.append("resumed"))
    element.play()
    await stage.page.settled()
    await stage.interrupt()
    element.pause()
    await stage.end()
    assert resumed == []
    assert element.paused
    assert stage.heard == ["top active", "top interrupted", "top active", "top inactive"]
    assert stage.active == []


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_054_sound_activates(policy: str) -> None:
    stage = Stage(policy)
    assert stage.app.sessions == ()
    await stage.play()
    assert stage.calls == ["activate: granted"]
    assert stage.heard == ["top active"]


async def test_W_055_while_an_element_is_interrupted_the_claim_is_kept() -> None:
    stage = Stage()
    element = await stage.play()
    await stage.interrupt()
    element.pause()
    await stage.page.settled()
    assert stage.session.state == "interrupted"
    assert stage.calls == ["activate: granted"]


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_056_an_element_joins_the_session_of_its_new_window(policy: str) -> None:
    stage = Stage(policy)
    frame = stage.frame("frame")
    element = await stage.play(type="playback")
    element.move_to(frame)
    await stage.page.settled()
    assert element.window is frame
    assert (stage.session.elements, frame.audio_session.elements) == ((), (element,))
    assert stage.heard == ["top active", "top inactive", "frame active"]
    element.move_to(frame)
    await stage.page.settled()
    assert len(stage.heard) == 3


async def test_W_056_what_leaves_an_interrupted_session_is_suspended_no_more() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    frame.audio_session.type = "ambient"
    element = await stage.play(type="playback")
    await stage.interrupt()
    element.move_to(frame)
    await stage.page.settled()
    assert stage.states() == {"top": "inactive", "frame": "active"}
    assert not element.suspended
    assert element.audible


async def test_W_056_it_may_move_to_another_page() -> None:
    stage, other = Stage(), Stage()
    element = await stage.play()
    element.move_to(other.window)
    await stage.page.settled()
    await other.page.settled()
    assert (stage.states(), other.states()) == ({"top": "inactive"}, {"top": "active"})


async def test_W_056_it_cannot_move_to_a_closed_window() -> None:
    stage = Stage()
    frame = stage.frame("frame")
    frame.close()
    element = await stage.play()
    with pytest.raises(ClosedError):
        element.move_to(frame)
    assert element.window is stage.window
    assert stage.session.state == "active"
    with pytest.raises(ClosedError):
        MediaElement(frame)


@pytest.mark.parametrize("type", TYPES)
async def test_W_057_a_microphone_needs_auto_or_play_and_record(type: str) -> None:
    stage = Stage()
    stage.session.type = type
    if type in ("auto", "play-and-record"):
        (track,) = (await stage.window.get_user_media(audio=True)).audio_tracks
        await stage.page.settled()
        assert track.ready_state == "live"
        assert stage.session.effective_type == "play-and-record"
        return
    with pytest.raises(InvalidStateError, match=f"'{type}' may not open a microphone") as caught:
        await stage.window.get_user_media(audio=True, video=True)
    assert caught.value.field == "audio"
    assert stage.session.elements == ()


@pytest.mark.parametrize("type", TYPES)
async def test_W_057_a_camera_alone_is_always_allowed(type: str) -> None:
    stage = Stage()
    stage.session.type = type
    stream = await stage.window.get_user_media(video=True)
    (camera,) = stream.video_tracks
    assert isinstance(camera, CameraTrack)
    assert now(camera.ready_state) == "live"
    camera.stop()
    assert now(camera.ready_state) == "ended"
    assert stream.audio_tracks == ()
    assert stage.session.state == "inactive"


async def test_W_057_nothing_at_all_cannot_be_opened() -> None:
    stage = Stage()
    with pytest.raises(WebTypeError, match="audio must be True"):
        await stage.window.get_user_media()
    with pytest.raises(InvalidTypeError):
        await stage.window.get_user_media(audio=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("playing", "volume", "muted", "has_audio"),
    list(product((False, True), (0.0, 0.5), (False, True), (False, True))),
)
async def test_W_058_silent_and_muted_media_take_nothing(
    playing: bool, volume: float, muted: bool, has_audio: bool
) -> None:
    stage = Stage()
    advert = stage.frame("advert")
    await stage.play(type="playback")
    video = MediaElement(advert, volume=volume, muted=muted, has_audio_track=has_audio)
    advert.audio_session.type = "playback"
    if playing:
        video.play()
    await stage.page.settled()
    heard = playing and volume == 0.5 and not muted and has_audio
    assert video.audible is heard
    assert stage.states() == {
        "top": "inactive" if heard else "active",
        "advert": "active" if heard else "inactive",
    }


@pytest.mark.parametrize("policy", POLICIES)
async def test_W_058_054_055_each_of_the_four_turns_it_on_and_off(policy: str) -> None:
    stage = Stage(policy)
    video = MediaElement(stage.window, volume=0.0, muted=True, has_audio_track=False)
    video.play()
    video.volume = 1
    video.muted = False
    await stage.page.settled()
    assert stage.heard == []
    video.has_audio_track = True
    await stage.page.settled()
    video.muted = True
    await stage.page.settled()
    video.muted = False
    await stage.page.settled()
    video.volume = 0.0
    await stage.page.settled()
    assert stage.heard == ["top active", "top inactive"] * 2


async def test_W_058_a_graph_is_heard_while_it_runs_and_sends_something() -> None:
    stage = Stage()
    graph = AudioContext(stage.window)
    assert now(graph.context_state) == "suspended"
    graph.resume()
    await stage.page.settled()
    assert now(graph.context_state) == "running"
    assert now(stage.states()) == {"top": "inactive"}
    graph.silent = False
    await stage.page.settled()
    assert now(stage.states()) == {"top": "active"}
    graph.suspend()
    await stage.page.settled()
    assert now(stage.states()) == {"top": "inactive"}
    graph.close()
    assert now(graph.context_state) == "closed"
    assert stage.session.elements == ()
    with pytest.raises(InvalidStateError, match="closed"):
        graph.resume()
    with pytest.raises(InvalidStateError):
        graph.close()


async def test_W_058_a_microphone_is_heard_while_it_listens() -> None:
    stage = Stage()
    (track,) = (await stage.window.get_user_media(audio=True)).audio_tracks
    assert isinstance(track, MicrophoneTrack)
    await stage.page.settled()
    track.source_muted = True
    await stage.page.settled()
    assert track.muted
    assert now(stage.states()) == {"top": "inactive"}
    track.source_muted = False
    await stage.page.settled()
    await stage.interrupt()
    assert now(track.muted)
    await stage.end()
    assert not now(track.muted)
    track.stop()
    track.stop()
    await stage.page.settled()
    assert now(track.ready_state) == "ended"
    assert stage.session.state == "inactive"


# -- elements of their own -------------------------------------------------------------------


@pytest.mark.parametrize("volume", [-0.1, 1.1, float("nan"), float("inf")])
async def test_a_volume_out_of_range_is_refused(volume: float) -> None:
    element = await Stage().play()
    with pytest.raises(InvalidValueError, match="volume"):
        element.volume = volume
    assert element.volume == 1.0


@pytest.mark.parametrize("volume", [True, "1", None])
async def test_a_volume_is_a_number(volume: Any) -> None:
    stage = Stage()
    with pytest.raises(InvalidTypeError, match="volume"):
        MediaElement(stage.window, volume=volume)
    assert stage.session.elements == ()


async def test_a_removed_element_is_nobodys() -> None:
    stage = Stage()
    element = await stage.play()
    element.remove()
    element.remove()
    element.pause()
    element.play()
    await stage.page.settled()
    assert element.window is None
    assert element.state == "inactive"
    assert stage.heard == ["top active", "top inactive"]
    element.move_to(stage.window)
    await stage.page.settled()
    assert stage.heard[2:] == ["top active"]


async def test_a_callback_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    element = MediaElement(stage.window, on_suspend=lambda: 1 // 0)
    element.play()
    await stage.page.settled()
    await stage.interrupt()
    assert element.suspended
    assert "a callback of media-" in caplog.text
    with pytest.raises(InvalidTypeError, match="on_resume"):
        MediaElement(stage.window, on_resume="loud")  # type: ignore[arg-type]
