"""AudioManager's audio focus: what is held stays held until the host has taken it back.

Requests that are cancelled or refused unseen, and giving back where the host fails.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from audiosession.android import AndroidAudioFocus, AudioFocusRequest
from audiosession.android.audio_manager import AudioManager
from audiosession.errors import HostUnavailableError, HostUnavailableReason, LimitError
from audiosession.hosts.base import Outcome
from audiosession.hosts.simulated.host import SimulatedSession
from audiosession.interruptions import AudioInterruptionEvent, AudioInterruptionType
from tests.android.focus_kit import (
    DELAYED,
    FAILED,
    GAIN,
    GRANTED,
    LOSS,
    LOSS_TRANSIENT,
    TALKING,
    D,
    G,
    Stage,
    T,
    now,
)
from tests.api.fake_host import FakeHost

TOO_MUCH = LimitError("requests per second", 500)
PAUSE = AudioInterruptionType.PAUSE


class Host(FakeHost):
    """Says when it is called, and may be gone from a number of activations on."""

    def __init__(self) -> None:
        super().__init__()
        self.called = asyncio.Event()
        self.activations: int | None = None
        """How many more it answers."""

    async def arrive(self, call: str) -> None:
        self.called.set()
        await super().arrive(call)
        if call == "activate" and self.activations is not None:
            if not self.activations:
                raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
            self.activations -= 1

    def hold(self, call: str) -> asyncio.Event:
        self.called.clear()
        return super().hold(call)


class App:
    """An app with one listener, on a host that answers as the test says."""

    def __init__(self) -> None:
        self.host = Host()
        self.manager = AudioManager(self.host)
        self.heard: list[AndroidAudioFocus] = []

    def request(self, gain: int = G, *, patient: bool = False) -> AudioFocusRequest:
        builder = AudioFocusRequest.Builder(gain)
        builder.set_on_audio_focus_change_listener(self.heard.append)
        return builder.set_accepts_delayed_focus_gain(patient).build()

    async def ask(self, gain: int = G, *, patient: bool = False) -> int:
        return await self.manager.request_audio_focus(self.request(gain, patient=patient))

    async def leave(self) -> int:
        return await self.manager.abandon_audio_focus_request(self.request())

    @property
    def gain(self) -> int | None:
        """The gain that the host has in force."""
        request = self.host.session.request
        return None if request is None else request.gain_type

    def paused(self) -> None:
        self.host.session.interrupted = True
        self.host.session.events.interruption(AudioInterruptionEvent(begin=True, type=PAUSE))

    async def cancelled(self, gain: int = G, *, patient: bool = False) -> None:
        """It asks, and does so no more when the host is asked, which answers then."""
        gate = self.host.hold("activate")
        async with asyncio.TaskGroup() as group:
            asking = group.create_task(self.ask(gain, patient=patient))
            await self.host.called.wait()
            asking.cancel()
            gate.set()
        assert asking.cancelled()


# -- cancelling ----------------------------------------------------------------------------------


@pytest.mark.parametrize("turns", range(7))
async def test_a_cancelled_repeat_takes_nothing_away(turns: int) -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("guide", T)
    stage.told()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("guide", T))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()
    assert stage.entries() == ("music", "guide")
    assert stage.told() == {}
    await stage.leave("guide")
    assert stage.told() == {"music": [GAIN]}


async def test_a_cancelled_request_for_another_gain_leaves_the_one_before() -> None:
    app = App()
    assert await app.ask(T) == GRANTED
    await app.cancelled(D)
    assert app.host.calls.count("activate") == 3
    assert app.gain == T
    assert app.heard == []
    app.paused()
    assert app.heard == [LOSS_TRANSIENT]
    assert await app.leave() == GRANTED
    assert app.gain is None


async def test_where_the_one_before_cannot_be_had_again_the_newer_one_stays() -> None:
    app = App()
    assert await app.ask(T) == GRANTED
    app.host.activations = 1
    await app.cancelled(D)
    assert app.gain == D
    assert await app.leave() == GRANTED
    assert app.gain is None


async def test_who_had_lost_for_a_while_hears_what_a_cancelled_request_gained_it() -> None:
    stage = Stage()
    await stage.enter("music")
    asking: asyncio.Task[Any] | None = None

    def hear(change: AndroidAudioFocus) -> None:
        assert asking is not None
        asking.cancel()

    assert await stage.manager("guide").request_audio_focus(hear, 3, T) is GRANTED
    assert stage.told() == {"music": [LOSS_TRANSIENT]}
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music"))
    assert asking.cancelled()
    assert stage.entries() == ("music",)
    assert stage.told() == {"music": [GAIN]}


async def test_who_waits_goes_on_waiting_when_its_repeat_is_cancelled() -> None:
    stage = Stage()
    telephony = stage.telephony()
    await telephony.request_audio_focus_for_call(TALKING, T)
    assert await stage.ask("music", patient=True) is DELAYED
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(stage.ask("music", patient=True))
        for _ in range(2):
            await asyncio.sleep(0)
        asking.cancel()
    assert asking.cancelled()
    assert stage.told() == {}
    await telephony.abandon_audio_focus_for_call()
    assert stage.told() == {"music": [GAIN]}


async def test_who_waits_hears_of_the_grant_that_a_cancelled_repeat_did_not() -> None:
    app = App()
    app.host.outcome = Outcome.DELAYED
    assert await app.ask(patient=True) == DELAYED
    app.host.outcome = Outcome.GRANTED
    await app.cancelled(patient=True)
    assert app.heard == [GAIN]


async def test_who_is_put_off_by_a_cancelled_repeat_hears_that_it_lost() -> None:
    app = App()
    assert await app.ask(patient=True) == GRANTED
    app.host.outcome = Outcome.DELAYED
    await app.cancelled(patient=True)
    assert app.heard == [LOSS_TRANSIENT]
    app.host.session.events.gained_claim()
    assert now(app.heard) == [LOSS_TRANSIENT, GAIN]


async def test_what_was_lost_while_it_asked_is_not_had_again() -> None:
    app = App()
    assert await app.ask() == GRANTED
    gate = app.host.hold("activate")
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(app.ask())
        await app.host.called.wait()
        app.host.session.events.lost_claim()
        app.host.session.events.gained_claim()
        asking.cancel()
        gate.set()
    assert asking.cancelled()
    assert app.heard == [LOSS]
    assert app.host.calls[-1] == "deactivate"


# -- asking too much -----------------------------------------------------------------------------


async def test_who_asks_again_too_often_fails_and_keeps_what_it_has() -> None:
    app = App()
    assert await app.ask(T) == GRANTED
    app.host.errors["activate"] = TOO_MUCH
    assert await app.ask(G) == FAILED
    app.paused()
    assert app.heard == [LOSS_TRANSIENT]
    assert await app.leave() == GRANTED
    assert app.gain is None
    assert app.host.calls[-1] == "deactivate"


async def test_the_session_of_who_was_refused_at_first_is_used_again() -> None:
    app = App()
    app.host.errors["activate"] = TOO_MUCH
    for _ in range(3):
        assert await app.ask() == FAILED
    app.host.errors.clear()
    assert await app.ask() == GRANTED
    assert len(app.host.sessions) == 1


# -- giving back ---------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [TOO_MUCH, HostUnavailableError(HostUnavailableReason.TIMED_OUT)])
async def test_what_could_not_be_given_back_is_held_and_can_be_given_back_later(
    error: Exception,
) -> None:
    app = App()
    assert await app.ask() == GRANTED
    app.host.errors["deactivate"] = error
    with pytest.raises(type(error)):
        await app.leave()
    assert app.gain == G
    app.paused()
    assert app.heard == [LOSS_TRANSIENT]
    app.host.errors.clear()
    assert await app.leave() == GRANTED
    assert now(app.gain) is None


@pytest.mark.parametrize("refused", [False, True])
async def test_a_loss_while_it_gives_back_is_told_only_to_who_goes_on_holding(
    refused: bool,
) -> None:
    app = App()
    assert await app.ask() == GRANTED
    gate = app.host.hold("deactivate")
    if refused:
        app.host.errors["deactivate"] = TOO_MUCH

    async def leave() -> None:
        with suppress(LimitError):
            await app.leave()

    async with asyncio.TaskGroup() as group:
        group.create_task(leave())
        await app.host.called.wait()
        app.paused()
        gate.set()
    assert app.heard == ([LOSS_TRANSIENT] if refused else [])


async def test_where_the_platform_refuses_the_session_is_ended() -> None:
    app = App()
    assert await app.ask() == GRANTED
    app.host.gives_up = False
    assert await app.leave() == GRANTED
    assert app.host.calls[-2:] == ["deactivate", "close"]
    assert app.host.session.closed
    assert await app.ask() == GRANTED
    assert len(app.host.sessions) == 2


async def test_closing_goes_on_past_what_fails_and_can_be_done_again() -> None:
    app = App()
    assert await app.ask() == GRANTED
    assert await app.manager.request_audio_focus(None, 3, T) is GRANTED
    app.host.errors["close"] = TOO_MUCH
    with pytest.raises(LimitError):
        await app.manager.close()
    assert app.host.calls[-2:] == ["close", "close"]
    app.host.errors.clear()
    await app.manager.close()
    assert all(session.closed for session in app.host.sessions)
    calls = len(app.host.calls)
    await app.manager.close()
    assert len(app.host.calls) == calls
    assert app.heard == []


async def test_focus_that_cannot_be_given_back_keeps_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = Stage()
    await stage.enter("music")
    await stage.enter("talk", T)
    manager = stage.manager("talk")
    await manager.set_mode(manager.MODE_IN_COMMUNICATION)
    assert await manager.get_mode() == manager.MODE_IN_COMMUNICATION
    stage.told()

    async def refused(session: SimulatedSession) -> None:
        raise TOO_MUCH

    with monkeypatch.context() as patch:
        patch.setattr(SimulatedSession, "close", refused)
        with pytest.raises(LimitError):
            await manager.close()
    assert await stage.manager("music").get_mode() == manager.MODE_NORMAL
    assert stage.told() == {}
    await manager.close()
    assert stage.told() == {"music": [GAIN]}
