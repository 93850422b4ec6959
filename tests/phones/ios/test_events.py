"""What an app hears of what the phone says."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from audiosession import (
    AudioDevicesChangedEvent,
    AudioDeviceType,
    AudioInterruptionType,
    AudioSession,
    InterruptionReason,
    recipe,
)
from audiosession.apple import AVAudioSessionErrorCode as Code
from audiosession.hosts.base import Outcome
from audiosession.hosts.ios import IOSHost
from tests.hosts.contract import asks
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.fake_objc import NativeError, text_of
from tests.phones.ios.native_session import (
    NativePort,
    NativeRoute,
    NativeSession,
    headphones,
    phone,
)


class Player:
    """Notes what is asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.playing = True

    def pause(self) -> None:
        self.asked.append("pause")
        self.playing = False

    def resume(self) -> None:
        self.asked.append("resume")
        self.playing = True

    def set_volume(self, volume: float) -> None:
        self.asked.append(f"volume {volume}")


# -- interruptions -------------------------------------------------------------------------------


async def test_an_interruption_ends_the_activation_and_says_whether_to_resume(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    for resume, kind in ((True, "pause"), (False, "unknown")):
        native.interrupt()
        await settle(host)
        assert session.interrupted
        native.end_interruption(resume=resume)
        await settle(host)
        assert ear.words == ["lost", "begin unknown", f"end {kind}"]
        assert ear.interruptions[-1].should_resume is resume
        assert not session.interrupted
        await session.activate(asks("music"))
        ear.clear()


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (None, InterruptionReason.UNKNOWN),
        (0, InterruptionReason.UNKNOWN),
        (2, InterruptionReason.SYSTEM),
        (4, InterruptionReason.SYSTEM),
        (4711, InterruptionReason.UNKNOWN),
    ],
    ids=["none", "another session", "muted microphone", "lost route", "a newer one"],
)
async def test_the_reason_is_told_as_far_as_it_is_known(
    host: IOSHost, native: NativeSession, reason: int | None, told: InterruptionReason
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.interrupt(**({} if reason is None else {"InterruptionReason": reason}))
    await settle(host)
    assert [event.reason for event in ear.interruptions] == [told]


@pytest.mark.parametrize(
    ("version", "info"),
    [((10, 3), {"InterruptionWasSuspended": True}), ((15, 0), {"InterruptionReason": 1})],
    ids=str,
)
async def test_a_suspension_that_is_told_late_pauses_nothing(
    version: tuple[int, int], info: dict[str, Any]
) -> None:
    objc, native = phone(*version)
    host = IOSHost(objc)
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.interrupt(**info)
    await settle(host)
    assert ear.words == ["lost"]
    assert not session.interrupted
    await host.close()
    objc.close()


async def test_an_end_without_a_beginning_is_not_told(host: IOSHost, native: NativeSession) -> None:
    session, ear = await opened(host)
    native.end_interruption(resume=True)
    native.interrupt()
    await settle(host)
    await session.activate(asks("music"))
    native.end_interruption(resume=True)
    await settle(host)
    assert ear.words == ["begin unknown"], "the app's own activation ended it"


async def test_an_interruption_before_the_grant_is_over_with_it(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.first("setActive", native.interrupt)
    await session.activate(asks("music"))
    await settle(host)
    assert ear.words == []
    assert session.active


async def test_an_interruption_that_comes_with_the_yes_is_not_lost(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    for _ in range(2):
        # The phone says yes, and takes the audio away again before the call returns.
        native.then("setActive", native.interrupt)
        assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
        await settle(host)
        assert ear.words == ["lost", "begin unknown"]
        assert not session.active
        ear.clear()


async def test_an_interruption_while_the_audio_is_given_up_is_not_told(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    other, heard_by_other = await opened(host)
    await session.activate(asks("music"))
    native.first("setActive", native.interrupt)
    assert await session.deactivate(notify_others=True)
    native.end_interruption(resume=True)
    await settle(host)
    assert (ear.words, session.interrupted) == ([], False)
    assert heard_by_other.words == ["begin unknown", "end pause"], "it had asked for nothing"
    await other.close()


async def test_an_interruption_while_giving_up_is_refused_is_told(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))

    def interrupt_and_refuse() -> None:
        native.interrupt()
        raise NativeError(int(Code.UNSPECIFIED))

    native.first("setActive", interrupt_and_refuse)
    assert not await session.deactivate(notify_others=True)
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]
    assert not session.active


@pytest.mark.parametrize("lost", ["the audio", "the media services"])
async def test_giving_up_ends_it_without_a_word(
    host: IOSHost, native: NativeSession, lost: str
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    if lost == "the audio":
        native.interrupt()
    else:
        native.lose_media_services()
    await settle(host)
    assert await session.deactivate(notify_others=True)
    assert not session.interrupted
    native.end_interruption(resume=True)
    native.reset_media_services()
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]


async def test_only_what_the_apps_own_session_says_counts(
    host: IOSHost, native: NativeSession
) -> None:
    _, ear = await opened(host)
    native.objc.post(
        "AVAudioSessionInterruptionNotification",
        NativeRoute([], []),
        {"AVAudioSessionInterruptionTypeKey": 1},
    )
    await settle(host)
    assert ear.words == []


@pytest.mark.parametrize("first", ["the device", "the audio"])
async def test_what_lost_its_headphones_in_a_call_does_not_resume_from_the_loudspeaker(
    session: AudioSession, host: IOSHost, native: NativeSession, first: str
) -> None:
    player = Player()
    handler = session.handle_interruptions(player)
    native.plug(headphones())
    await session.set_active(True)
    steps: list[Callable[[], None]] = [lambda: native.unplug(headphones()), native.interrupt]
    for step in steps if first == "the device" else reversed(steps):
        step()
        await settle(host)
    native.end_interruption(resume=True)
    await settle(host)
    await handler.settled()
    assert "resume" not in player.asked
    assert not player.playing


async def test_what_the_user_pauses_in_a_call_does_not_resume(
    session: AudioSession, host: IOSHost, native: NativeSession
) -> None:
    player = Player()
    handler = session.handle_interruptions(player)
    events: list[tuple[bool, AudioInterruptionType, bool]] = []
    session.interruption_event_stream.listen(
        lambda event: events.append((event.begin, event.type, event.should_resume))
    )
    await session.set_active(True)
    native.interrupt()
    await settle(host)
    await session.user_paused()
    native.end_interruption(resume=True)
    await settle(host)
    await handler.settled()
    assert events[1:] == [(False, AudioInterruptionType.UNKNOWN, False)]
    assert player.asked == ["pause"]
    # Asking for the audio starts anew.
    await session.set_active(True)
    native.interrupt()
    await settle(host)
    await session.user_paused()
    await session.user_played()
    native.end_interruption(resume=True)
    await settle(host)
    assert events[-1] == (False, AudioInterruptionType.PAUSE, True)
    await session.set_active(True)
    await session.user_paused()
    await session.set_active(True)
    native.interrupt()
    native.end_interruption(resume=True)
    await settle(host)
    assert events[-1] == (False, AudioInterruptionType.PAUSE, True)


async def test_an_interruption_after_the_grant_is_told_after_the_answer(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    asking = asyncio.ensure_future(session.activate(asks("music")))  # noqa: TID251
    # It asks first; what comes right after the grant may be heard before the answer is.
    await asyncio.sleep(0)
    host.phone.thread.post(native.interrupt)
    assert (await asking).outcome is Outcome.GRANTED
    assert session.active or ear.words, "the answer comes first"
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]
    assert not session.active


async def test_a_player_resumes_only_when_it_may(
    session: AudioSession, host: IOSHost, native: NativeSession
) -> None:
    player = Player()
    handler = session.handle_interruptions(player)
    await session.set_active(True)
    native.interrupt()
    native.end_interruption(resume=False)
    await settle(host)
    await handler.settled()
    assert player.asked == ["pause"]
    assert not session.is_active
    await session.set_active(True)
    player.resume()
    native.interrupt()
    native.end_interruption(resume=True)
    await settle(host)
    await handler.settled()
    assert player.asked[2:] == ["pause", "resume"]
    assert session.is_active, "it was activated again first"


async def test_a_listener_that_raises_keeps_nobody_else_from_hearing(
    host: IOSHost, native: NativeSession, caplog: pytest.LogCaptureFixture
) -> None:
    (session, bad), (other, good) = await opened(host), await opened(host)
    await session.activate(asks("music"))
    await other.activate(asks("music"))

    def fail() -> None:
        raise RuntimeError("no")

    bad.lost_claim = fail  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR, "audiosession"):
        native.interrupt()
        await settle(host)
    assert good.words == ["lost", "begin unknown"]
    assert "could not be told" in caplog.text
    assert native.objc.misuses == []


async def test_what_cannot_be_read_is_logged_and_does_not_reach_the_phone(
    host: IOSHost, native: NativeSession, caplog: pytest.LogCaptureFixture
) -> None:
    _, ear = await opened(host)
    with caplog.at_level(logging.ERROR, "audiosession"):
        native.post("Interruption", {"InterruptionType": "began"})
        await settle(host)
    assert ear.words == []
    assert "AVAudioSessionInterruptionNotification" in caplog.text
    assert native.objc.misuses == []


# -- routes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [0, 1, 2, 3, 4, 6, 7, 8])
async def test_only_the_loss_of_the_device_in_use_is_noisy(
    host: IOSHost, native: NativeSession, reason: int
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.post(
        "RouteChange",
        {"RouteChangeReason": reason, "RouteChangePreviousRoute": native.currentRoute},
    )
    await settle(host)
    assert ear.words == (["noisy"] if reason == 2 else [])


@pytest.mark.parametrize("unreadable", ["currentRoute", "availableInputs", "previous"])
async def test_a_route_that_cannot_be_read_is_noisy_all_the_same(
    host: IOSHost,
    native: NativeSession,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    unreadable: str,
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("voice_call"))
    await settle(host)
    ear.clear()

    def fail(_: object) -> object:
        raise TypeError("the receiver must be an object")

    info: dict[str, Any] = {"RouteChangeReason": 2}
    if unreadable == "previous":
        monkeypatch.setattr(NativePort, "UID", property(fail), raising=False)
        info["RouteChangePreviousRoute"] = NativeRoute([], [_bare_port()])
    else:
        monkeypatch.setattr(NativeSession, unreadable, property(fail))
    with caplog.at_level(logging.ERROR, "audiosession"):
        native.post("RouteChange", info)
        await settle(host)
    assert ear.words == ["noisy"]
    assert "could not be read" in caplog.text
    assert session.active


async def test_devices_are_those_of_the_route(host: IOSHost, native: NativeSession) -> None:
    session, _ = await opened(host)
    (speaker,) = await session.devices()
    assert (speaker.name, speaker.type) == ("Speaker", AudioDeviceType.BUILT_IN_SPEAKER)
    assert (speaker.is_output, speaker.is_input) == (True, False)


async def test_who_records_sees_the_inputs_to_choose_from_too(
    host: IOSHost, native: NativeSession
) -> None:
    usb = NativePort("USBAudio", "usb:1", "Interface")
    native.there.append(usb)
    session, _ = await opened(host)
    await session.configure(recipe("voice_call"))
    found = {each.id: each for each in await session.devices()}
    assert found.keys() == {"usb:1", "Built-In Microphone"}
    assert found["usb:1"].is_input
    assert found["usb:1"].is_output


async def test_a_port_that_is_newer_than_this_package_is_a_device_too(
    host: IOSHost, native: NativeSession
) -> None:
    native.there.append(NativePort("Hologram", "holo", "Hologram"))
    session, _ = await opened(host)
    (device,) = await session.devices()
    assert (device.id, device.type) == ("holo", AudioDeviceType.UNKNOWN)


async def test_changes_follow_from_the_route_before_and_the_route_now(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    native.plug(headphones())
    await settle(host)
    (change,) = ear.changes
    assert _ids(change) == (["Wired Headphones"], ["Speaker"])
    native.unplug(headphones())
    await settle(host)
    assert _ids(ear.changes[-1]) == (["Speaker"], ["Wired Headphones"])
    await session.configure(recipe("voice_call"))
    await settle(host)
    assert _ids(ear.changes[-1]) == (["Built-In Microphone"], [])


async def test_nothing_is_told_twice_when_routes_change_quickly(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    known = set(await session.devices())
    airplay = NativePort("AirPlay", "tv", "Television")
    native.plug(headphones())
    native.plug(airplay)
    native.unplug(headphones())
    native.unplug(airplay)
    native.plug(airplay)
    await settle(host)
    for change in ear.changes:
        assert not change.devices_added & known
        assert change.devices_removed <= known
        known = (known - change.devices_removed) | change.devices_added
    assert known == await session.devices()


async def test_another_microphone_may_come_without_another_route(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.configure(recipe("recording"))
    await settle(host)
    ear.clear()
    native.there.insert(0, NativePort("HeadsetMic", "wire", "Headset"))
    native.post("AvailableInputsChange")
    await settle(host)
    assert _ids(ear.changes[-1]) == (["wire"], [])


# -- media services ------------------------------------------------------------------------------


async def test_losing_the_media_services_is_an_interruption_without_leave_to_resume(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.lose_media_services()
    native.reset_media_services()
    await settle(host)
    assert ear.words == ["lost", "begin unknown", "end unknown"]
    assert [event.reason for event in ear.interruptions] == [InterruptionReason.SYSTEM] * 2
    assert not ear.interruptions[1].should_resume


async def test_only_their_return_ends_it_and_only_where_it_still_runs(
    host: IOSHost, native: NativeSession
) -> None:
    session, ear = await opened(host)
    await session.activate(asks("music"))
    native.lose_media_services()
    native.end_interruption(resume=True)
    await settle(host)
    assert ear.words == ["lost", "begin unknown"]
    await session.activate(asks("music"))
    native.reset_media_services()
    await settle(host)
    assert ear.words[2:] == ["lost"], "what it had asked for since is void too"


async def test_after_a_reset_everything_is_set_up_anew(
    session: AudioSession, host: IOSHost, native: NativeSession
) -> None:
    await session.configure(recipe("music"))
    await session.set_active(True)
    native.lose_media_services()
    native.reset_media_services()
    await settle(host)
    assert not session.is_active
    native.calls.clear()
    await session.set_active(True)
    assert [name for name, *_ in native.calls] == ["setCategory", "setActive"]
    assert native.category == text_of("AVAudioSessionCategoryPlayback")


def _bare_port() -> NativePort:
    """One made without its texts, which cannot be set where they cannot be read."""
    return NativePort.__new__(NativePort)


def _ids(change: AudioDevicesChangedEvent) -> tuple[list[str], list[str]]:
    return (
        sorted(each.id for each in change.devices_added),
        sorted(each.id for each in change.devices_removed),
    )
