"""AudioManager's audio focus: its forms, bad input, listeners, handlers, cancelling, closing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from audiosession.android import (
    AndroidAudioFocus,
    AndroidStreamType,
    AudioFocusRequest,
    IllegalArgumentException,
    NullPointerException,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.core import Role
from audiosession.errors import (
    ClosedError,
    HostUnavailableError,
    InvalidTypeError,
    InvalidValueError,
)
from audiosession.hosts import standing_in
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.focus_kit import (
    FAILED,
    GAIN,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    D,
    G,
    Stage,
    T,
    now,
)

# -- the older form ------------------------------------------------------------------------------

STREAM_ROLES = {
    AndroidStreamType.VOICE_CALL: Role.CALL,
    AndroidStreamType.SYSTEM: Role.SYSTEM_SOUND,
    AndroidStreamType.RING: Role.RINGTONE,
    AndroidStreamType.MUSIC: Role.UNKNOWN,
    AndroidStreamType.ALARM: Role.ALARM,
    AndroidStreamType.NOTIFICATION: Role.NOTIFICATION,
}


@pytest.mark.parametrize("stream", STREAM_ROLES)
async def test_the_older_form_takes_a_stream_type(stream: AndroidStreamType) -> None:
    stage = Stage()
    await stage.enter("music", D)
    heard: list[AndroidAudioFocus] = []
    manager = stage.manager("old")
    assert await manager.request_audio_focus(heard.append, stream, T) is GRANTED
    claim = stage.device.arbiter.view("old").claim
    assert claim is not None
    assert claim.role is STREAM_ROLES[stream]
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await stage.enter("radio", T)
    assert heard == [LOSS_TRANSIENT]
    await stage.leave("radio")
    assert heard == [LOSS_TRANSIENT, GAIN]


async def test_the_older_form_without_a_listener() -> None:
    stage = Stage()
    await stage.enter("music")
    manager = stage.manager("old")
    assert await manager.request_audio_focus(None, AndroidStreamType.MUSIC, T) is GRANTED
    assert await manager.abandon_audio_focus(None) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT, GAIN]}


@pytest.mark.parametrize("gain", [0, 5, -1, 100])
async def test_the_older_form_fails_for_what_is_no_gain(gain: int) -> None:
    stage = Stage()
    await stage.enter("music")
    assert await stage.manager("old").request_audio_focus(None, 3, gain) is FAILED
    assert stage.told() == {}


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((None,), NullPointerException),
        ((1,), InvalidTypeError),
        ((print,), InvalidTypeError),
        ((None, 3, "1"), InvalidTypeError),
        ((None, "3", 1), InvalidTypeError),
        ((None, True, 1), InvalidTypeError),
        ((None, 3, True), InvalidTypeError),
        ((None, 3, None), InvalidTypeError),
        ((None, None, 1), InvalidTypeError),
        ((1, 3, 1), InvalidTypeError),
        ((AudioFocusRequest.Builder(1).build(), 3, 1), InvalidTypeError),
        ((print, AndroidStreamType.ACCESSIBILITY, 1), IllegalArgumentException),
    ],
)
async def test_a_bad_request_raises_and_changes_nothing(
    arguments: tuple[Any, ...], error: type[Exception]
) -> None:
    stage = Stage()
    await stage.enter("music")
    with pytest.raises(error):
        await stage.manager("other").request_audio_focus(*arguments)
    assert stage.entries() == ("music",)
    assert stage.told() == {}
    assert stage.app("other").sessions == ()


async def test_a_bundle_is_a_mapping() -> None:
    manager: Any = Stage().manager("app")
    with pytest.raises(InvalidTypeError):
        await manager.request_audio_focus(AudioFocusRequest.Builder(1).build(), bundle=[1])


async def test_giving_back_nothing_is_refused() -> None:
    manager: Any = Stage().manager("app")
    with pytest.raises(IllegalArgumentException):
        await manager.abandon_audio_focus_request(None)
    with pytest.raises(InvalidTypeError):
        await manager.abandon_audio_focus_request(print)
    with pytest.raises(InvalidTypeError):
        await manager.abandon_audio_focus(1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [((9, 2), None), ((2, 0), IllegalArgumentException), ((10, 2), IllegalArgumentException)],
)
async def test_telephony_s_request(
    arguments: tuple[int, int], error: type[Exception] | None
) -> None:
    telephony = Stage().telephony()
    if error is None:
        assert await telephony.request_audio_focus_for_call(*arguments) is GRANTED
        return
    with pytest.raises(error):
        await telephony.request_audio_focus_for_call(*arguments)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"host": 1}, InvalidTypeError),
        ({"target_sdk": True}, InvalidTypeError),
        ({"target_sdk": "36"}, InvalidTypeError),
        ({"target_sdk": 0}, InvalidValueError),
        ({"target_sdk": 10_001}, InvalidValueError),
        ({"package": 1}, InvalidTypeError),
        ({"package": ""}, InvalidValueError),
        ({"package": "p" * 257}, InvalidValueError),
    ],
)
def test_a_bad_manager_is_refused(arguments: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        AudioManager(**arguments)


# -- listeners -----------------------------------------------------------------------------------


async def test_a_listener_that_raises_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()

    def fail(change: AndroidAudioFocus) -> None:
        raise RuntimeError("listener")

    async def late(change: AndroidAudioFocus) -> None:
        raise AssertionError("never run")

    def handle(call: Callable[[], None]) -> None:
        raise RuntimeError("handler")

    await stage.enter("music")
    manager = stage.manager("bad")
    for listener in (fail, late):
        assert await manager.request_audio_focus(listener, 3, T) is GRANTED
    builder = AudioFocusRequest.Builder(T)
    builder.set_on_audio_focus_change_listener(lambda change: None, handle)
    assert await manager.request_audio_focus(builder.build()) is GRANTED
    with caplog.at_level(logging.ERROR, "audiosession"):
        assert await stage.ask("radio", G) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT, LOSS]}
    # One hears of both losses, one of the last alone.
    assert len(caplog.records) == 5
    await stage.leave("radio")
    assert stage.entries() == ()


async def test_a_handler_runs_the_listener_where_it_likes() -> None:
    stage = Stage()
    calls: list[Callable[[], None]] = []
    heard: list[AndroidAudioFocus] = []
    builder = AudioFocusRequest.Builder(G)
    builder.set_on_audio_focus_change_listener(heard.append, calls.append)
    assert await stage.manager("app").request_audio_focus(builder.build()) is GRANTED
    await stage.enter("other", T)
    await stage.leave("other")
    assert heard == []
    for call in calls:
        call()
    assert heard == [LOSS_TRANSIENT, GAIN]


async def test_a_method_is_one_listener_however_often_it_is_looked_up() -> None:
    stage = Stage()
    await stage.enter("music", T)
    await stage.enter("music", D)
    assert stage.entries() == ("music",)
    assert stage.told() == {}


async def test_so_is_a_method_of_a_builtin_object() -> None:
    stage, heard = Stage(), list[AndroidAudioFocus]()
    manager = stage.manager("app")
    for gain in (T, D):
        assert await manager.request_audio_focus(heard.append, 3, gain) is GRANTED
    assert len(stage.entries()) == 1
    assert await manager.abandon_audio_focus(heard.append) is GRANTED
    assert stage.entries() == ()


async def test_a_listener_may_ask_again_by_a_task_of_its_own() -> None:
    stage = Stage()
    async with asyncio.TaskGroup() as group:
        answers: list[asyncio.Task[Any]] = []

        def hear(change: AndroidAudioFocus) -> None:
            if change is LOSS:
                answers.append(group.create_task(stage.ask("other", T)))

        assert await stage.manager("app").request_audio_focus(hear, 3, G) is GRANTED
        await stage.enter("radio", G)
    assert [answer.result() for answer in answers] == [GRANTED]
    assert stage.told() == {"radio": [LOSS_TRANSIENT]}


async def test_sessions_are_taken_over_and_do_not_pile_up() -> None:
    stage = Stage()
    for number in range(300):
        await stage.enter(f"app.{number}")
        await stage.leave(f"app.{number}")
    assert len(stage.app("app").sessions) == 1
    for number in range(300):
        await stage.enter(f"app.{number}")
    assert stage.heard("app.298") == [LOSS]
    assert len(stage.app("app").sessions) <= 2


# -- cancelling, closing, hosts ------------------------------------------------------------------


async def test_a_cancelled_request_holds_nothing() -> None:
    stage = Stage()
    await stage.enter("music")
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("guide", T))
        await asyncio.sleep(0)
        asking.cancel()
    assert asking.cancelled()
    assert stage.entries() == ("music",)
    assert stage.told() in ({}, {"music": [LOSS_TRANSIENT, GAIN]})
    assert await stage.ask("guide", T) is GRANTED


async def test_a_closed_manager_refuses_every_call() -> None:
    stage = Stage()
    await stage.enter("music")
    manager = stage.manager("music")
    await manager.close()
    assert manager.closed
    assert stage.entries() == ()
    request = stage.request("music")
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: manager.request_audio_focus(request),
        lambda: manager.request_audio_focus(None, 3, 1),
        lambda: manager.abandon_audio_focus_request(request),
        lambda: manager.abandon_audio_focus(None),
        lambda: manager.request_audio_focus_for_call(0, 2),
        manager.abandon_audio_focus_for_call,
    ]
    for call in calls:
        with pytest.raises(ClosedError):
            await call()
    assert stage.told() == {}


async def test_a_call_that_waits_for_another_is_refused_by_a_close() -> None:
    stage = Stage()
    manager = stage.manager("app")
    request = stage.request("app")
    results = await asyncio.gather(
        manager.request_audio_focus(request),
        manager.close(),
        manager.request_audio_focus(request),
        return_exceptions=True,
    )
    assert isinstance(results[2], ClosedError)
    assert stage.entries() == ()


async def test_by_default_it_is_the_host_of_the_app_s_session() -> None:
    device = SimulatedDevice("phone", policy="android")
    app = device.app("app")
    with standing_in(lambda: app):
        manager = AudioManager()
        assert await manager.request_audio_focus(None, 3, 1) is GRANTED
    assert now(device.arbiter.active) == ("app",)
    await manager.close()
    assert now(device.arbiter.active) == ()


async def test_lost_media_services_are_said_and_change_nothing() -> None:
    stage = Stage()
    await stage.enter("music")
    stage.device.lose_media_services()
    assert stage.told() == {"music": [LOSS]}
    with pytest.raises(HostUnavailableError):
        await stage.ask("music")
    stage.device.reset_media_services()
    assert await stage.ask("music") is GRANTED
    assert stage.told() == {}


async def test_a_suspended_app_fails() -> None:
    stage = Stage()
    stage.app("game").suspend()
    stage.target_sdk["game"] = 34
    assert await stage.ask("game") is FAILED


def test_what_it_says_of_itself() -> None:
    device = SimulatedDevice("phone", policy="android")
    manager = AudioManager(device.app("app").host, target_sdk=30, package="org.example.app")
    assert (manager.target_sdk, manager.package, manager.closed) == (30, "org.example.app", False)
    assert repr(manager) == "<AudioManager org.example.app 0 clients of audio focus>"
    assert manager.AUDIOFOCUS_GAIN.value == 1
