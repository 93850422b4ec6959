"""AudioManager's audio focus: a focus policy of its own, and whether notifications are heard.

The numbers are those of the rules as read in Android's MediaFocusControl and CTS: 63 and 66 the
policy, 65 notifications.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from audiosession.android import (
    AndroidAudioFocusRequestResult,
    AndroidRingerMode,
    NullPointerException,
)
from audiosession.android.app import AudioFocusInfo
from audiosession.errors import InvalidTypeError
from audiosession.hosts.simulated import VirtualClock
from audiosession.hosts.simulated.android_focus import Answer
from tests.android.focus_kit import (
    CAN_DUCK,
    DELAYED,
    FAILED,
    GAIN,
    GAINS,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    TALKING,
    G,
    Stage,
    T,
    Usage,
    X,
    attributes,
)


class Decider:
    """A focus policy that answers at once what it was told to, or never."""

    def __init__(self, result: AndroidAudioFocusRequestResult | None) -> None:
        self.result = result
        self.asked: list[AudioFocusInfo] = []
        self.abandoned: list[AudioFocusInfo] = []
        self.answers: list[Answer] = []
        self.was_asked = asyncio.Event()

    def on_request(self, info: AudioFocusInfo, answer: Answer) -> None:
        self.asked.append(info)
        self.answers.append(answer)
        self.was_asked.set()
        if self.result is not None:
            answer(self.result)

    def on_abandon(self, info: AudioFocusInfo) -> None:
        self.abandoned.append(info)


def decided(result: AndroidAudioFocusRequestResult | None) -> tuple[Stage, Decider]:
    stage, decider = Stage(clock=VirtualClock()), Decider(result)
    stage.device.android_focus.set_external(decider)
    return stage, decider


@pytest.mark.parametrize("result", [FAILED, GRANTED, DELAYED])
async def test_android_066_the_policy_s_answer_is_the_answer(
    result: AndroidAudioFocusRequestResult,
) -> None:
    stage, decider = decided(result)
    assert await stage.ask("music", T, Usage.ALARM, patient=True) is result
    (info,) = decider.asked
    assert info.request == stage.request("music", T, Usage.ALARM, patient=True)
    # The stack has nothing to do with it.
    assert stage.entries() == ()


async def test_android_066_a_policy_that_is_silent_for_250_ms_has_refused() -> None:
    stage, decider = decided(None)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        stage.device.advance(0.24)
        await asyncio.sleep(0)
        assert not asking.done()
        stage.device.advance(0.02)
    assert asking.result() is FAILED
    assert decider.abandoned == decider.asked
    # An answer that comes too late is none.
    decider.answers[0](GRANTED)
    decider.asked[0].tell(GAIN)
    assert stage.told() == {}


async def test_android_066_on_a_clock_that_jumps_silence_is_over_at_once() -> None:
    stage, decider = Stage(), Decider(None)
    stage.device.android_focus.set_external(decider)
    assert await stage.ask("music") is FAILED
    assert decider.abandoned == decider.asked
    assert stage.device.now == 0.25


async def test_android_066_an_answer_in_time_counts() -> None:
    stage, decider = decided(None)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        stage.device.advance(0.24)
        decider.answers[0](GRANTED)
        decider.answers[0](FAILED)
    assert asking.result() is GRANTED
    assert decider.abandoned == []


async def test_android_066_the_policy_sends_any_event_and_a_loss_is_the_last() -> None:
    stage, decider = decided(GRANTED)
    await stage.enter("music")
    (info,) = decider.asked
    for change in (CAN_DUCK, GAIN, GAIN, LOSS, GAIN):
        info.tell(change)
    assert stage.told() == {"music": [CAN_DUCK, GAIN, GAIN, LOSS]}
    await stage.leave("music")
    assert decider.abandoned == []


async def test_android_066_giving_back_is_granted_and_told_to_the_policy() -> None:
    stage, decider = decided(GRANTED)
    await stage.enter("music")
    await stage.enter("other")
    await stage.leave("music")
    assert decider.abandoned == decider.asked[:1]
    decider.asked[0].tell(LOSS)
    assert stage.told() == {}
    assert decider.asked[0].client_id != decider.asked[1].client_id


async def cancelled(stage: Stage, decider: Decider) -> None:
    """Music asks, and does so no more while the policy thinks."""
    decider.result = None
    decider.was_asked.clear()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        asking.cancel()
    assert asking.cancelled()


async def test_android_066_a_request_that_is_cancelled_meanwhile_comes_to_nothing() -> None:
    stage, decider = decided(None)
    await cancelled(stage, decider)
    assert decider.abandoned == decider.asked
    decider.answers[0](GRANTED)
    decider.asked[0].tell(LOSS_TRANSIENT)
    assert stage.told() == {}
    await stage.close("music")
    assert len(decider.abandoned) == 1


async def test_android_066_a_cancelled_repeat_leaves_the_owner_what_it_has() -> None:
    stage, decider = decided(GRANTED)
    await stage.enter("music")
    await cancelled(stage, decider)
    first, second = decider.asked
    assert decider.abandoned == [second]
    second.tell(CAN_DUCK)
    first.tell(LOSS_TRANSIENT)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    await stage.leave("music")
    assert len(decider.abandoned) == 2
    assert decider.abandoned[1] is first


async def test_android_066_what_an_owner_loses_while_it_asks_again_it_hears() -> None:
    stage, decider = decided(GRANTED)
    await stage.enter("music")
    decider.result = None
    decider.was_asked.clear()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        decider.asked[0].tell(LOSS)
        decider.answers[1](FAILED)
    assert asking.result() is FAILED
    decider.asked[0].tell(GAIN)
    assert stage.told() == {"music": [LOSS]}


async def test_android_066_what_is_taken_before_the_answer_is_not_had() -> None:
    stage, decider = decided(None)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        decider.asked[0].tell(LOSS)
        decider.answers[0](GRANTED)
    assert asking.result() is FAILED
    decider.asked[0].tell(GAIN)
    assert stage.told() == {"music": [LOSS]}


async def test_android_066_a_manager_that_is_closed_gives_back_by_the_policy_too() -> None:
    stage, decider = decided(GRANTED)
    for client in ("music", "music.other", "guide"):
        await stage.enter(client)
    await stage.close("music")
    assert decider.abandoned == decider.asked[:2]
    decider.asked[0].tell(LOSS_TRANSIENT)
    assert stage.told() == {}


async def test_android_066_a_process_that_ends_gives_back_by_the_policy_too() -> None:
    stage, decider = decided(GRANTED)
    for client in ("music", "music.other", "guide"):
        await stage.enter(client)
    stage.app("music").kill()
    assert decider.abandoned == decider.asked[:2]
    for info in decider.asked:
        info.tell(LOSS_TRANSIENT)
    assert stage.told() == {"guide": [LOSS_TRANSIENT]}
    stage.app("music").relaunch()
    await stage.close("music")
    assert len(decider.abandoned) == 2
    await stage.enter("music")
    decider.asked[-1].tell(LOSS)
    assert stage.told() == {"music": [LOSS]}


async def test_android_066_a_process_that_ends_while_the_policy_thinks_has_nothing() -> None:
    stage, decider = decided(None)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        stage.app("music").kill()
        decider.answers[0](GRANTED)
    assert asking.result() is FAILED
    assert decider.abandoned == decider.asked
    decider.asked[0].tell(GAIN)
    assert stage.told() == {}


async def test_android_066_a_policy_that_fails_has_refused(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, decider = decided(GRANTED)
    await stage.enter("music")

    def broken(*given: object) -> None:
        raise RuntimeError("out of order")

    with monkeypatch.context() as patch:
        patch.setattr(decider, "on_request", broken)
        assert await stage.ask("guide") is FAILED
        assert await stage.ask("music") is FAILED
    requests = [info.request for info in decider.abandoned]
    assert requests == [stage.request("guide"), stage.request("music")]
    decider.abandoned[0].tell(LOSS)
    assert stage.told() == {}
    # What it had before it has still.
    decider.asked[0].tell(LOSS_TRANSIENT)
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    monkeypatch.setattr(decider, "on_abandon", broken)
    await stage.leave("music")
    assert caplog.text.count("RuntimeError: out of order") == 3


@pytest.mark.parametrize("answer", [DELAYED, "yes", 7, None])
async def test_android_062_what_cannot_be_told_to_who_asks_is_no_answer(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stage, decider = decided(None)
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
        await decider.was_asked.wait()
        decider.answers[0](answer)
    assert asking.result() is FAILED
    assert decider.abandoned == decider.asked
    decider.asked[0].tell(GAIN)
    assert stage.told() == {}
    assert "which is no answer to this request" in caplog.text


async def test_android_066_without_the_policy_the_system_decides_again() -> None:
    stage, _ = decided(FAILED)
    assert await stage.ask("music") is FAILED
    stage.device.android_focus.set_external(None)
    assert await stage.ask("music") is GRANTED
    assert stage.entries() == ("music",)
    bad: Any = 1
    with pytest.raises(InvalidTypeError):
        stage.device.android_focus.set_external(bad)


@pytest.mark.parametrize("gain", GAINS)
async def test_android_063_the_lock_is_looked_at_before_the_policy(gain: int) -> None:
    stage = Stage()
    await stage.telephony().request_audio_focus_for_call(TALKING, T)
    decider = Decider(GRANTED)
    stage.device.android_focus.set_external(decider)
    assert await stage.ask("music", gain) is FAILED
    assert decider.asked == []
    assert await stage.ask("music", gain, patient=True) is GRANTED
    assert len(decider.asked) == 1


# -- notifications -------------------------------------------------------------------------------

PING = attributes(Usage.NOTIFICATION)


async def heard(stage: Stage) -> bool:
    return await stage.manager("chat").should_notification_sound_play(PING)


@pytest.mark.parametrize("mode", AndroidRingerMode)
@pytest.mark.parametrize("records", [False, True])
@pytest.mark.parametrize("gain", [None, *GAINS])
async def test_android_065_exclusive_focus_silences_notifications_while_its_owner_records(
    gain: int | None, records: bool, mode: AndroidRingerMode
) -> None:
    stage = Stage()
    stage.device.android.set_ringer_mode(mode)
    stage.app("recorder").android_app.recording = records
    if gain is not None:
        await stage.enter("recorder", gain)
    kept_away = gain is X and records
    assert await heard(stage) is (mode is AndroidRingerMode.NORMAL and not kept_away)


async def test_android_065_only_the_top_counts() -> None:
    stage = Stage()
    stage.app("recorder").android_app.recording = True
    await stage.enter("recorder", X)
    assert not await heard(stage)
    await stage.enter("music", G)
    assert await heard(stage)


async def test_a_notification_has_attributes() -> None:
    manager: Any = Stage().manager("chat")
    with pytest.raises(NullPointerException):
        await manager.should_notification_sound_play(None)
    with pytest.raises(InvalidTypeError):
        await manager.should_notification_sound_play(5)
