"""The app asks, gives up and asks again: while interrupted, within blocks, while it loses again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import anyio
import pytest

from audiosession import (
    AndroidAudioAttributes,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    InterruptionHandler,
    recipe,
)
from audiosession.core.claims import Role
from audiosession.errors import DeniedError, HostUnavailableError, HostUnavailableReason
from audiosession.hosts.base import ActivationRequest, Outcome
from audiosession.hosts.simulated import ClockMode, SimulatedApp, SimulatedDevice, VirtualClock
from audiosession.hosts.simulated import clock as clock_module
from audiosession.testing import Heard

from .fake_host import FakeHost

MUSIC = recipe("music")
PROMPT = recipe("navigation_prompt")
DUCK = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.DUCK)
PAUSE = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.PAUSE)
STOP = AudioInterruptionEvent(begin=True, type=AudioInterruptionType.UNKNOWN)
RESUME = AudioInterruptionEvent(begin=False, type=AudioInterruptionType.PAUSE, should_resume=True)
MAY_DUCK = AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK

Step = Callable[[AudioSession], Awaitable[object]]


class Player:
    """A player that says what it is doing."""

    def __init__(self, calls: list[str] | None = None) -> None:
        self.playing = True
        self.volume = 1.0
        self.calls: list[str] = [] if calls is None else calls

    def pause(self) -> None:
        self.playing = False
        self.calls.append("pause")

    def resume(self) -> None:
        self.playing = True
        self.calls.append("resume")

    def set_volume(self, volume: float) -> None:
        self.volume = volume


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def session(host: FakeHost) -> AudioSession:
    return AudioSession(host)


# -- the app itself ends an interruption, and no event says so -----------------------------------


async def reactivate(session: AudioSession) -> None:
    assert await session.set_active(True)


async def give_up(session: AudioSession) -> None:
    assert await session.set_active(False)


async def reconfigure(session: AudioSession) -> None:
    await session.configure(MUSIC)


async def close(session: AudioSession) -> None:
    await session.close()


@pytest.mark.audio_device(policy="android")
@pytest.mark.parametrize("step", [reactivate, give_up, reconfigure, close])
async def test_what_the_handler_lowered_is_not_left_low(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp, step: Step
) -> None:
    session = audio_app.session
    await session.configure(MUSIC)
    # Who speaks is not lowered by the system, and told to go down.
    audio_app.player().play(spoken=True)
    player = Player()
    session.handle_interruptions(player)
    heard = Heard(session)
    await session.set_active(True)
    navigator = simulated_device.app("navigator").session
    await navigator.configure(PROMPT)
    await navigator.set_active(True)
    assert player.volume == 0.2
    await step(session)
    assert heard.words == ["begin duck"], "the platform tells no end"
    assert player.volume == 1.0


@pytest.mark.parametrize("step", [reactivate, give_up])
async def test_what_the_handler_paused_is_the_apps_own_business_again(
    session: AudioSession, step: Step
) -> None:
    await session.configure(MUSIC)
    await session.set_active(True)
    player = Player()
    session.handle_interruptions(player)
    session.interruption(PAUSE)
    await step(session)
    session.interruption(RESUME)
    assert player.calls == ["pause"]


async def test_an_interruption_that_goes_on_is_not_taken_back(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    player = Player()
    session.handle_interruptions(player)
    session.interruption(DUCK)
    host.session.interrupted = True
    await session.set_active(True)
    await session.configure(PROMPT)
    assert player.volume == 0.2
    host.outcome = Outcome.DENIED
    host.session.interrupted = False
    await session.set_active(True)
    assert player.volume == 0.2, "a refusal changes nothing"
    host.outcome = Outcome.DELAYED
    await session.set_active(True)
    assert player.volume == 1.0


async def test_a_handler_that_is_switched_off_stays_out_of_it(session: AudioSession) -> None:
    player = Player()
    handler = session.handle_interruptions(player)
    session.interruption(DUCK)
    handler.enabled = False
    player.volume = 0.2
    await session.set_active(True)
    assert player.volume == 0.2


async def test_asking_again_during_a_call_starts_nothing_by_itself(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session.configure(MUSIC)
    await audio_app.session.set_active(True)
    player = audio_app.player()
    player.play()
    audio_app.session.handle_interruptions(player)
    call = simulated_device.incoming_call()
    call.accept()
    assert not player.playing
    assert await audio_app.session.set_active(True)
    assert not player.playing
    call.end()
    assert not player.playing


async def test_an_end_while_the_app_asks_resumes_nothing(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    player = Player()
    session.handle_interruptions(player)
    session.interruption(PAUSE)
    host.session.interrupted = True
    gate = host.hold("activate")

    async def ask() -> None:
        await session.set_active(True)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ask())
        await anyio.wait_all_tasks_blocked()
        session.interruption(RESUME)
        gate.set()
    assert player.calls == ["pause"]
    session.interruption(PAUSE)
    player.playing = True
    session.interruption(PAUSE)
    session.interruption(RESUME)
    assert player.calls == ["pause", "pause", "resume"]


# -- an interruption that ended the activation ---------------------------------------------------


@pytest.mark.audio_device(policy="apple")
async def test_a_player_resumes_in_a_session_that_is_active_again(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    await audio_app.session.configure(MUSIC)
    await audio_app.session.set_active(True)
    player = audio_app.player()
    player.play()
    handler = audio_app.session.handle_interruptions(player)
    call = simulated_device.incoming_call()
    call.accept()
    assert not audio_app.session.is_active
    call.end()
    assert not player.playing, "the session comes first"
    await handler.settled()
    assert player.playing
    assert audio_app.session.is_active
    assert audio_app.standing == "active"


@pytest.fixture
async def lost(host: FakeHost, session: AudioSession) -> tuple[Player, InterruptionHandler]:
    """A player paused by an interruption that ended the activation."""
    await session.configure(MUSIC)
    await session.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    player = Player(host.calls)
    handler = session.handle_interruptions(player)
    host.session.events.lost_claim()
    host.session.interrupted = True
    session.interruption(STOP)
    host.session.interrupted = False
    host.calls.clear()
    return player, handler


Lost = tuple[Player, InterruptionHandler]


async def test_it_asks_with_what_was_asked_and_resumes_after_it(
    host: FakeHost, session: AudioSession, lost: Lost
) -> None:
    session.interruption(RESUME)
    await lost[1].settled()
    assert host.calls == ["activate", "resume"]
    assert host.session.request is not None
    assert host.session.request.gain_type is MAY_DUCK
    assert session.is_active


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.DELAYED])
async def test_what_is_not_granted_again_is_not_resumed(
    host: FakeHost, session: AudioSession, lost: Lost, outcome: Outcome
) -> None:
    host.outcome = outcome
    session.interruption(RESUME)
    await lost[1].settled()
    assert host.calls == ["activate"]
    assert not session.is_active


async def test_a_host_that_fails_is_logged_and_nothing_resumes(
    host: FakeHost, session: AudioSession, lost: Lost, caplog: pytest.LogCaptureFixture
) -> None:
    host.errors["activate"] = HostUnavailableError(HostUnavailableReason.TIMED_OUT)
    session.interruption(RESUME)
    await lost[1].settled()
    assert host.calls == ["activate"]
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR] == [
        "the session's set_active() failed"
    ]


async def test_who_asked_in_the_meantime_is_not_asked_for_again(
    host: FakeHost, session: AudioSession, lost: Lost
) -> None:
    await session.set_active(True)
    lost[0].playing = True
    session.interruption(PAUSE)
    session.interruption(RESUME)
    assert host.calls == ["activate", "pause", "resume"]


@pytest.mark.parametrize("objection", ["noise", "switched off", "cancelled"])
async def test_what_happens_while_it_asks_may_keep_it_paused(
    host: FakeHost, session: AudioSession, lost: Lost, objection: str
) -> None:
    player, handler = lost
    gate = host.hold("activate")
    session.interruption(RESUME)
    await anyio.wait_all_tasks_blocked()
    if objection == "noise":
        session.becoming_noisy()
    elif objection == "switched off":
        handler.enabled = False
    else:
        handler.cancel()
    gate.set()
    await handler.settled()
    assert "resume" not in host.calls
    assert not player.playing


# -- granted and lost again in one call ----------------------------------------------------------


@pytest.mark.audio_device(policy="apple")
async def test_what_is_lost_while_it_is_granted_is_not_active(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    other = simulated_device.app("other").session
    await other.configure(MUSIC)
    await other.set_active(True)
    other.interruption_event_stream.listen(lambda _: simulated_device.incoming_call())
    await audio_app.session.configure(MUSIC)
    assert await audio_app.session.set_active(True)
    assert audio_app.standing == "interrupted"
    assert not audio_app.session.is_active


async def test_what_was_overdue_to_be_lost_is_not_what_is_granted_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=lambda: now))
    device = SimulatedDevice(policy="android", clock=VirtualClock(ClockMode.REAL))
    app, other = device.app("app"), device.app("other")
    heard = Heard(app.session)
    for each in (app, other):
        await each.session.configure(MUSIC)
        await each.session.set_active(True)
        each.player().play(role=Role.MUSIC)
    assert heard.words == [], "it fades before it is told"
    now = 60.0
    assert await app.session.set_active(True)
    assert heard.words == ["begin unknown"]
    assert app.standing == "active"
    assert app.session.is_active


async def test_what_the_host_says_during_the_call_is_newer_than_its_answer(
    host: FakeHost, session: AudioSession
) -> None:
    await session
    for said, active in (("lost_claim", False), ("gained_claim", True)):
        gate = host.hold("activate")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(reactivate(session))
            await anyio.wait_all_tasks_blocked()
            getattr(host.session.events, said)()
            gate.set()
        assert session.is_active is active


async def test_a_request_that_is_put_off_gives_up_what_was_granted(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    host.outcome = Outcome.DELAYED
    assert await session.set_active(True) is False
    assert not session.is_active


# -- blocks in a session that the app activated --------------------------------------------------


async def test_a_block_leaves_active_what_the_app_activated(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    await session.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    for _ in range(2):
        async with session.activated(), session.activated():
            pass
        assert session.is_active
        assert host.session.request is not None
        assert host.session.request.gain_type is MAY_DUCK
    assert "deactivate" not in host.calls
    await session.set_active(False)
    async with session.activated():
        assert host.session.request == ActivationRequest.of(MUSIC)
    assert not session.is_active


async def test_what_the_app_activates_or_gives_up_within_a_block_stays_so(
    host: FakeHost, session: AudioSession
) -> None:
    async with session.activated():
        await session.set_active(True)
    assert session.is_active
    async with session.activated():
        await session.set_active(False)
    assert not session.is_active


async def test_a_block_gives_up_what_the_app_had_lost_before_it(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    host.session.events.lost_claim()
    async with session.activated():
        assert session.is_active
    assert not session.is_active


async def test_a_refused_block_takes_nothing_from_what_comes_back(
    host: FakeHost, session: AudioSession, lost: Lost
) -> None:
    host.outcome = Outcome.DENIED
    with pytest.raises(DeniedError):
        async with session.activated():
            raise AssertionError("the body ran")
    host.outcome = Outcome.GRANTED
    session.interruption(RESUME)
    await lost[1].settled()
    async with session.activated():
        pass
    assert session.is_active


# -- overrides and configurations ----------------------------------------------------------------


async def test_a_change_of_configuration_keeps_what_the_call_overrode(
    host: FakeHost, session: AudioSession
) -> None:
    alarm = AndroidAudioAttributes(usage=AndroidAudioUsage.ALARM)
    await session.configure(MUSIC)
    await session.set_active(
        True,
        android_audio_focus_gain_type=MAY_DUCK,
        android_audio_attributes=alarm,
        android_will_pause_when_ducked=True,
    )
    await session.configure(recipe("game"))
    assert session.configuration == recipe("game")
    assert host.session.configuration == recipe("game").copy_with(
        android_audio_focus_gain_type=MAY_DUCK,
        android_audio_attributes=alarm,
        android_will_pause_when_ducked=True,
    )
    await session.set_active(False)
    await session.configure(MUSIC)
    assert host.session.configuration == MUSIC


async def test_others_feel_the_override_after_a_change_too(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    await audio_app.session.configure(MUSIC)
    await audio_app.session.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    assert music.standing == "ducked"
    await audio_app.session.configure(MUSIC.copy_with(android_audio_attributes=None))
    assert music.standing == "ducked"


# -- cancelled before it began -------------------------------------------------------------------


async def test_a_call_that_is_cancelled_before_the_host_was_asked_asks_nothing(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    music = simulated_device.app("music")
    await music.session.configure(MUSIC)
    await music.session.set_active(True)
    heard = Heard(music.session)
    await audio_app.session.configure(MUSIC)
    for turns in (0, 1):
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(reactivate(audio_app.session))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
        assert task.cancelled()
        assert heard.words == []
        assert music.session.is_active


async def test_a_task_that_got_over_a_cancellation_may_ask(session: AudioSession) -> None:
    async def work() -> bool:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await session.set_active(True)
        raise AssertionError("never cancelled")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work())
        await anyio.wait_all_tasks_blocked()
        task.cancel()
    assert task.result() is True
    assert session.is_active
