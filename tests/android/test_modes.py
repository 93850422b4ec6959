"""The audio mode: android 74 to 76, by the model and by AudioManager on the simulated device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioHardwareMode,
    AudioFocusRequest,
    IllegalArgumentException,
    NullPointerException,
)
from audiosession.android.app import AndroidPermission
from audiosession.android.models.modes import FOR_TELEPHONY, Modes
from audiosession.android.tables import figure
from audiosession.errors import ClosedError, InvalidTypeError
from audiosession.hosts.simulated import SimulatedDevice
from tests.android.routing_kit import manager, phone, talk

Mode = AndroidAudioHardwareMode
PHONE_STATE = AndroidPermission.MODIFY_PHONE_STATE
PERIOD_S = figure("mode_check_ms") / 1000
REQUESTS = [mode for mode in Mode if mode > Mode.NORMAL]


def ask(*requests: tuple[str, Mode, bool]) -> Modes:
    modes = Modes(call_screening=True)
    for app, mode, privileged in requests:
        assert modes.set(app, mode, 0.0, privileged=privileged)
    return modes


def standing(modes: Modes) -> tuple[str | None, float | None]:
    """Who decides, and when that is looked at next."""
    return modes.owner, modes.next_check


def call(run: Callable[[], None]) -> None:
    """An executor that calls here and now."""
    run()


# -- who decides ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requests", "owner"),
    [
        ((), None),
        ((("a", Mode.RINGTONE, False),), "a"),
        ((("a", Mode.RINGTONE, False), ("b", Mode.CALL_SCREENING, False)), "b"),
        ((("a", Mode.IN_CALL, True), ("b", Mode.RINGTONE, False)), "a"),
        ((("a", Mode.IN_CALL, True), ("b", Mode.RINGTONE, True)), "b"),
        ((("a", Mode.IN_COMMUNICATION, False), ("b", Mode.ASSISTANT_CONVERSATION, False)), "a"),
        (
            (("a", Mode.ASSISTANT_CONVERSATION, False), ("b", Mode.ASSISTANT_CONVERSATION, False)),
            "b",
        ),
    ],
)
def test_android_074_the_owner_is_privileged_else_active_else_an_assistant(
    requests: tuple[tuple[str, Mode, bool], ...], owner: str | None
) -> None:
    modes = ask(*requests)
    assert modes.owner == owner
    wanted = {app: mode for app, mode, _ in requests}
    assert modes.mode is (Mode.NORMAL if owner is None else wanted[owner])


async def test_android_074_without_requests_the_mode_is_normal() -> None:
    assert await manager(phone()).get_mode() is Mode.NORMAL


async def test_android_074_a_telephone_call_decides_before_apps() -> None:
    device = phone()
    audio = manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    ringing = device.incoming_call()
    modes = [await audio.get_mode()]
    ringing.accept()
    modes.append(await audio.get_mode())
    ringing.end()
    modes.append(await audio.get_mode())
    assert modes == [Mode.RINGTONE, Mode.IN_CALL, Mode.IN_COMMUNICATION]


async def test_android_074_a_call_that_is_on_already_counts() -> None:
    device = phone()
    device.incoming_call().accept()
    assert await manager(device).get_mode() is Mode.IN_CALL


# -- who is active -------------------------------------------------------------------------------


def test_android_075_ringing_and_screening_are_always_active() -> None:
    for mode in (Mode.RINGTONE, Mode.CALL_SCREENING):
        modes = ask(("a", mode, False))
        assert modes.next_check is None
        modes.check(1000.0)
        assert modes.owner == "a"


def test_android_075_who_communicates_is_looked_at_every_six_seconds() -> None:
    modes = ask(("a", Mode.IN_COMMUNICATION, False))
    assert PERIOD_S == 6.0
    assert modes.next_check == PERIOD_S
    modes.check(PERIOD_S - 0.001)
    assert modes.owner == "a"
    modes.communicating({"a"}, 3.0)
    modes.check(PERIOD_S)
    assert standing(modes) == ("a", 2 * PERIOD_S)
    # Who ends counts until the next look.
    modes.communicating((), 7.0)
    assert modes.owner == "a"
    modes.check(2 * PERIOD_S)
    assert standing(modes) == (None, None)
    # Who begins counts at once.
    modes.communicating({"a"}, 20.0)
    assert standing(modes) == ("a", 20.0 + PERIOD_S)


def test_android_075_a_privileged_request_needs_no_sound() -> None:
    modes = ask(("a", Mode.IN_COMMUNICATION, True))
    modes.check(1000.0)
    assert modes.mode is Mode.IN_COMMUNICATION


async def test_android_075_the_mode_ends_when_an_app_falls_silent() -> None:
    device = phone()
    audio = manager(device)
    told: list[Mode] = []
    await audio.add_on_mode_changed_listener(call, told.append)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    device.advance(PERIOD_S)
    assert told == [Mode.IN_COMMUNICATION, Mode.NORMAL]
    talk(device.app("voip"))
    device.advance(PERIOD_S * 3)
    assert await audio.get_mode() is Mode.IN_COMMUNICATION
    device.app("voip").player().pause()
    device.advance(PERIOD_S)
    assert told == [Mode.IN_COMMUNICATION, Mode.NORMAL] * 2


# -- what ends a request, and what is passed over ------------------------------------------------


async def test_android_076_normal_takes_the_request_back() -> None:
    device = phone()
    first, second = manager(device, "first"), manager(device, "second")
    for audio in (first, second):
        await audio.set_mode(Mode.IN_COMMUNICATION)
    await second.set_mode(Mode.NORMAL)
    assert device.android.routing.modes.owner == "first"
    await first.set_mode(Mode.NORMAL)
    assert await first.get_mode() is Mode.NORMAL


async def test_android_076_the_death_of_an_app_takes_it_back() -> None:
    device = phone()
    await manager(device, "voip").set_mode(Mode.IN_COMMUNICATION)
    device.app("voip").kill()
    assert await manager(device, "other").get_mode() is Mode.NORMAL
    assert device.android.routing.modes.requests == ()


async def test_android_076_closing_the_manager_takes_it_back() -> None:
    device = phone()
    audio, reader = manager(device), manager(device)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await reader.close()
    assert device.android.routing.modes.owner == "voip"
    await audio.close()
    assert device.android.routing.modes.requests == ()
    with pytest.raises(ClosedError):
        await audio.get_mode()


@pytest.mark.parametrize("mode", sorted(FOR_TELEPHONY))
async def test_android_076_calls_are_for_telephony(mode: Mode) -> None:
    device = phone()
    await manager(device).set_mode(Mode.IN_COMMUNICATION)
    await manager(device).set_mode(mode)
    assert device.android.routing.modes.mode is Mode.IN_COMMUNICATION
    await manager(device, "dialer", permission=PHONE_STATE).set_mode(mode)
    assert device.android.routing.modes.mode is mode


@pytest.mark.parametrize("number", [-3, Mode.INVALID, 8, 99])
async def test_what_is_no_mode_is_passed_over(number: int) -> None:
    audio = manager(phone())
    await audio.set_mode(Mode.IN_COMMUNICATION)
    await audio.set_mode(number)
    assert await audio.get_mode() is Mode.IN_COMMUNICATION


async def test_the_present_mode_can_be_asked_for() -> None:
    device = phone()
    await manager(device, "first").set_mode(Mode.RINGTONE)
    second = manager(device, "second")
    await second.set_mode(Mode.CURRENT)
    assert device.android.routing.modes.owner == "second"
    assert await second.get_mode() is Mode.RINGTONE


async def test_call_screening_is_passed_over_where_it_is_not() -> None:
    device = phone()
    audio = manager(device)
    assert not await audio.is_call_screening_mode_supported()
    await audio.set_mode(Mode.CALL_SCREENING)
    assert await audio.get_mode() is Mode.NORMAL
    device.android.routing.call_screening = True
    assert await audio.is_call_screening_mode_supported()
    await audio.set_mode(Mode.CALL_SCREENING)
    assert await audio.get_mode() is Mode.CALL_SCREENING


@pytest.mark.parametrize("mode", REQUESTS)
@pytest.mark.parametrize("target_sdk", [29, 30, 32, 33])
async def test_old_apps_see_old_modes(mode: Mode, target_sdk: int) -> None:
    device = phone()
    device.android.routing.call_screening = True
    await manager(device, "dialer", permission=PHONE_STATE).set_mode(mode)
    seen = {
        (Mode.CALL_SCREENING, 29): Mode.IN_CALL,
        (Mode.CALL_REDIRECT, 29): Mode.IN_CALL,
        (Mode.CALL_REDIRECT, 30): Mode.IN_CALL,
        (Mode.CALL_REDIRECT, 32): Mode.IN_CALL,
        (Mode.COMMUNICATION_REDIRECT, 29): Mode.IN_COMMUNICATION,
        (Mode.COMMUNICATION_REDIRECT, 30): Mode.IN_COMMUNICATION,
        (Mode.COMMUNICATION_REDIRECT, 32): Mode.IN_COMMUNICATION,
    }.get((mode, target_sdk), mode)
    assert await manager(device, target_sdk=target_sdk).get_mode() is seen


# -- the end of a call ---------------------------------------------------------------------------


async def test_android_060_giving_back_a_calls_focus_waits_for_the_mode() -> None:
    device = phone()
    dialer, music = manager(device, "dialer", permission=PHONE_STATE), manager(device, "music")
    heard: list[AndroidAudioFocus] = []
    request = AudioFocusRequest.Builder(1).set_on_audio_focus_change_listener(heard.append).build()
    await music.request_audio_focus(request)
    await dialer.request_audio_focus_for_call(dialer.STREAM_VOICE_CALL, 2)
    await dialer.set_mode(Mode.IN_CALL)
    async with asyncio.TaskGroup() as calls:
        ending = calls.create_task(dialer.abandon_audio_focus_for_call())
        await asyncio.sleep(0)
        device.advance(2.5)
        await asyncio.sleep(0)
        assert not ending.done()
        assert heard == [AndroidAudioFocus.LOSS_TRANSIENT]
        await dialer.set_mode(Mode.NORMAL)
    assert device.now == 2.5
    assert heard == [AndroidAudioFocus.LOSS_TRANSIENT, AndroidAudioFocus.GAIN]


async def test_android_060_but_no_longer_than_three_seconds() -> None:
    device = SimulatedDevice(policy="android")
    dialer = manager(device, "dialer", permission=PHONE_STATE)
    await dialer.request_audio_focus_for_call(dialer.STREAM_VOICE_CALL, 2)
    await dialer.set_mode(Mode.IN_CALL)
    await dialer.abandon_audio_focus_for_call()
    assert device.now == figure("call_end_mode_wait_ms") / 1000 == 3.0
    assert device.arbiter.active == ()


# -- listeners and bad input ---------------------------------------------------------------------


async def test_a_mode_listener_is_told_until_it_is_removed() -> None:
    device = phone()
    audio = manager(device)
    told: list[Mode] = []
    await audio.add_on_mode_changed_listener(call, told.append)
    with pytest.raises(IllegalArgumentException):
        await audio.add_on_mode_changed_listener(call, told.append)
    ringing = device.incoming_call()
    await audio.remove_on_mode_changed_listener(told.append)
    await audio.remove_on_mode_changed_listener(told.append)
    ringing.decline()
    assert told == [Mode.RINGTONE]


async def test_bad_input_changes_nothing() -> None:
    audio = manager(phone())
    await audio.set_mode(Mode.IN_COMMUNICATION)
    for mode in (None, "0", 1.0, True):
        with pytest.raises(InvalidTypeError):
            await audio.set_mode(mode)  # type: ignore[arg-type]
    for executor, listener in ((None, print), (call, None)):
        with pytest.raises(NullPointerException):
            await audio.add_on_mode_changed_listener(executor, listener)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await audio.add_on_mode_changed_listener(1, print)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await audio.add_on_mode_changed_listener(call, 1)  # type: ignore[arg-type]
    with pytest.raises(NullPointerException):
        await audio.remove_on_mode_changed_listener(None)  # type: ignore[arg-type]
    assert await audio.get_mode() is Mode.IN_COMMUNICATION


async def test_a_listener_that_fails_is_logged_and_the_next_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    audio = manager(phone())
    told: list[Mode] = []

    def fail(mode: Mode) -> None:
        raise ZeroDivisionError

    await audio.add_on_mode_changed_listener(call, fail)
    await audio.add_on_mode_changed_listener(call, told.append)
    await audio.set_mode(Mode.IN_COMMUNICATION)
    assert told == [Mode.IN_COMMUNICATION]
    assert "OnModeChangedListener failed" in caplog.text
