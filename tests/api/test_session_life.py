"""The session under cancellation, several tasks at once, blocks that end early, and its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from audiosession import (
    AndroidAudioFocusGainType,
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    AudioSessionConfiguration,
    Capability,
    recipe,
)
from audiosession.errors import (
    ClosedError,
    DeniedError,
    HostUnavailableError,
    HostUnavailableReason,
)
from audiosession.hosts.base import Outcome
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice

from .fake_host import SPEAKER, FakeHost

MUSIC = recipe("music")
PROMPT = recipe("navigation_prompt")


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def session(host: FakeHost) -> AudioSession:
    return AudioSession(host)


async def cancelled_at(host: FakeHost, call: str, work: Awaitable[object]) -> None:
    """Runs the work and cancels it while the host is held at a call; the host answers then."""
    gate = host.hold(call)

    async def run() -> None:
        await work

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(run())
        await anyio.wait_all_tasks_blocked()
        assert host.calls[-1] == call
        task.cancel()
        await anyio.wait_all_tasks_blocked()
        assert not task.done(), "torn in two"
        # However often it is cancelled.
        task.cancel()
        await anyio.wait_all_tasks_blocked()
        gate.set()
    assert task.cancelled()


# -- cancelled half way --------------------------------------------------------------------------


async def test_a_cancelled_activation_is_given_back(host: FakeHost, session: AudioSession) -> None:
    await session.configure(MUSIC)
    await cancelled_at(host, "activate", session.set_active(True))
    assert not session.is_active
    assert host.session.request is None
    assert host.session.notified is True
    assert session.configuration is MUSIC


@pytest.mark.parametrize("call", ["configure", "activate"])
async def test_the_fallback_of_a_cancelled_activation_is_put_back(
    host: FakeHost, session: AudioSession, call: str
) -> None:
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    await cancelled_at(host, call, session.set_active(True, fallback_configuration=PROMPT))
    assert not session.is_configured
    assert not session.is_active
    assert host.session.request is None
    assert heard == []
    await session.set_active(True)
    assert heard == [MUSIC]


@pytest.mark.parametrize("call", ["open", "devices"])
async def test_cancelled_while_it_opens_the_session_is_whole(
    host: FakeHost, session: AudioSession, call: str
) -> None:
    await cancelled_at(host, call, session.set_active(True))
    assert not session.is_configured
    assert not session.is_active
    sets: list[object] = []
    session.devices_stream.listen(sets.append)
    assert sets == [{SPEAKER}]
    assert await session.set_active(True) is True
    assert len(host.sessions) == 1


async def test_a_cancelled_activation_that_was_denied_has_nothing_to_undo(
    host: FakeHost, session: AudioSession
) -> None:
    host.outcome = Outcome.DENIED
    await cancelled_at(host, "activate", session.set_active(True))
    assert "deactivate" not in host.calls


async def test_a_cancelled_activation_that_waits_is_withdrawn(
    host: FakeHost, session: AudioSession
) -> None:
    host.outcome = Outcome.DELAYED
    await cancelled_at(host, "activate", session.set_active(True))
    assert host.calls[-1] == "deactivate"


async def test_a_cancelled_activation_that_failed_stays_failed(
    host: FakeHost, session: AudioSession
) -> None:
    host.errors["activate"] = HostUnavailableError(HostUnavailableReason.TIMED_OUT)
    await cancelled_at(host, "activate", session.set_active(True))
    assert not session.is_active
    assert not session.is_configured


async def test_a_cancelled_second_activation_puts_back_what_was_asked_before(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    await session.set_active(True)
    before = host.session.request
    louder = AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE
    await cancelled_at(
        host, "activate", session.set_active(True, android_audio_focus_gain_type=louder)
    )
    assert host.session.request == before
    assert session.is_active


async def test_a_cancelled_activation_that_changes_nothing_stays_as_it_is(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    await session.set_active(True)
    calls = len(host.calls)
    await cancelled_at(host, "activate", session.set_active(True))
    assert host.calls[calls:] == ["activate"]
    assert session.is_active


async def test_a_cancelled_change_of_configuration_is_carried_through(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    await cancelled_at(host, "configure", session.configure(PROMPT))
    assert session.configuration is PROMPT
    assert host.session.configuration is PROMPT


async def test_a_cancelled_deactivation_is_carried_through(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    await cancelled_at(host, "deactivate", session.set_active(False))
    assert not session.is_active
    assert host.session.request is None


async def test_an_undoing_that_fails_is_logged(
    host: FakeHost, session: AudioSession, caplog: pytest.LogCaptureFixture
) -> None:
    host.errors["deactivate"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    await cancelled_at(host, "activate", session.set_active(True))
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "a cancelled call could not be undone"


async def test_cancelled_while_it_waits_for_its_turn_it_never_begins(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    gate = host.hold("configure")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.configure(PROMPT))
        await anyio.wait_all_tasks_blocked()
        waiting = tasks.create_task(session.set_active(True))
        await anyio.wait_all_tasks_blocked()
        waiting.cancel()
        gate.set()
    assert waiting.cancelled()
    assert "activate" not in host.calls


# -- several tasks -------------------------------------------------------------------------------


async def test_calls_are_served_one_after_the_other(host: FakeHost, session: AudioSession) -> None:
    await session.configure(MUSIC)
    gate = host.hold("activate")
    async with asyncio.TaskGroup() as tasks:
        on = tasks.create_task(session.set_active(True))
        off = tasks.create_task(session.set_active(False))
        await anyio.wait_all_tasks_blocked()
        assert host.calls[-1] == "activate"
        gate.set()
    assert (on.result(), off.result()) == (True, True)
    assert host.calls[-2:] == ["activate", "deactivate"]
    assert not session.is_active


async def test_two_first_calls_open_one_session(host: FakeHost, session: AudioSession) -> None:
    gate = host.hold("open")
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.get_devices())
        tasks.create_task(session.get_devices())
        await anyio.wait_all_tasks_blocked()
        gate.set()
    assert host.calls == ["open", "devices", "devices", "devices"]


# -- activated -----------------------------------------------------------------------------------


async def test_activated_is_active_within_and_given_up_after(
    host: FakeHost, session: AudioSession
) -> None:
    async with session.activated(fallback_configuration=PROMPT) as same:
        assert same is session
        assert session.is_active
        assert host.calls[-2:] == ["activate", "quiet"]
    assert not session.is_active
    assert host.session.request is None
    assert session.configuration is PROMPT


@pytest.mark.parametrize(
    ("configuration", "timeout_s", "capabilities"),
    [
        (recipe("recording"), 0.15, set(Capability)),
        (recipe("voice_assistant"), 0.15, set(Capability)),
        (PROMPT, 0, set(Capability)),
        (PROMPT, 0.15, set(Capability) - {Capability.QUIET}),
    ],
    ids=["records", "plays and records", "asked not to", "host cannot tell"],
)
async def test_activated_does_not_wait_where_it_need_not(
    configuration: AudioSessionConfiguration, timeout_s: float, capabilities: set[Capability]
) -> None:
    host = FakeHost(capabilities)
    session = AudioSession(host)
    await session.configure(configuration)
    async with session.activated(quiet_timeout_s=timeout_s):
        assert host.calls[-1] == "activate"


async def test_activated_waits_until_the_others_are_down(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    await audio_app.session.configure(PROMPT)
    async with audio_app.session.activated():
        assert music.gain_db == -14.0
    simulated_device.advance(0.5)
    assert music.gain_db == 0.0


async def test_a_refusal_names_who_stands_in_the_way(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    simulated_device.incoming_call().accept()
    await audio_app.session.configure(recipe("recording"))
    with pytest.raises(DeniedError) as caught:
        async with audio_app.session.activated():
            raise AssertionError("the body ran")
    assert (caught.value.holder, caught.value.rule) == ("phone", "no-second-microphone-in-call")
    assert str(caught.value) == (
        f"session {audio_app.id!r} is refused while 'phone' is active "
        "(rule no-second-microphone-in-call); ask again when 'phone' is done"
    )
    assert audio_app.standing == "inactive"


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.DELAYED])
async def test_a_refusal_names_the_app_as_the_host_does(
    host: FakeHost, session: AudioSession, outcome: Outcome
) -> None:
    host.app_name = "Dictaphone"
    host.outcome = outcome
    with pytest.raises(DeniedError) as caught:
        async with session.activated():
            raise AssertionError("the body ran")
    assert caught.value.session == "Dictaphone"


async def test_a_refusal_leaves_an_active_session_active(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    host.outcome = Outcome.DENIED
    with pytest.raises(DeniedError):
        async with session.activated():
            raise AssertionError("the body ran")
    assert session.is_active
    assert "deactivate" not in host.calls


async def test_a_request_that_would_wait_is_withdrawn(
    host: FakeHost, session: AudioSession
) -> None:
    host.outcome = Outcome.DELAYED
    with pytest.raises(DeniedError):
        async with session.activated():
            raise AssertionError("the body ran")
    assert host.calls[-1] == "deactivate"


async def test_an_error_in_the_body_gives_it_back(host: FakeHost, session: AudioSession) -> None:
    with pytest.raises(ZeroDivisionError):
        async with session.activated():
            raise ZeroDivisionError
    assert not session.is_active
    assert host.session.request is None


async def test_a_cancelled_body_gives_it_back(host: FakeHost, session: AudioSession) -> None:
    async def speak() -> None:
        async with session.activated():
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(speak())
        await anyio.wait_all_tasks_blocked()
        assert session.is_active
        task.cancel()
    assert not session.is_active
    assert host.session.request is None


@pytest.mark.parametrize("call", ["activate", "quiet"])
async def test_cancelled_on_its_way_in_it_is_given_back(
    host: FakeHost, session: AudioSession, call: str
) -> None:
    gate = host.hold(call)

    async def speak() -> None:
        async with session.activated():
            raise AssertionError("the body ran")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(speak())
        await anyio.wait_all_tasks_blocked()
        task.cancel()
        await anyio.wait_all_tasks_blocked()
        gate.set()
    assert task.cancelled()
    assert not session.is_active
    assert host.session.request is None


async def test_cancelled_on_its_way_out_it_is_given_back(
    host: FakeHost, session: AudioSession
) -> None:
    async def speak() -> None:
        async with session.activated():
            pass

    await cancelled_at(host, "deactivate", speak())
    assert not session.is_active
    assert host.session.request is None


async def test_of_blocks_that_overlap_the_last_gives_it_up(
    host: FakeHost, session: AudioSession
) -> None:
    end_first, end_second = asyncio.Event(), asyncio.Event()

    async def speak(end: asyncio.Event) -> None:
        async with session.activated():
            await end.wait()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(speak(end_first))
        tasks.create_task(speak(end_second))
        await anyio.wait_all_tasks_blocked()
        end_first.set()
        await anyio.wait_all_tasks_blocked()
        assert session.is_active
        assert "deactivate" not in host.calls
        end_second.set()
    assert not session.is_active


async def test_a_session_closed_in_the_body_ends_the_block_without_complaint(
    host: FakeHost, session: AudioSession
) -> None:
    async with session.activated():
        await session.close()
    assert host.session.closed
    assert "deactivate" not in host.calls


async def test_an_app_killed_in_the_body_ends_the_block_without_complaint(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    async with audio_app.session.activated():
        audio_app.kill()
    assert simulated_device.arbiter.snapshot().active == ()


# -- the end -------------------------------------------------------------------------------------


async def test_close_gives_back_and_ends_the_streams(host: FakeHost, session: AudioSession) -> None:
    await session.set_active(True)
    events = aiter(session.interruption_event_stream)
    await session.close()
    assert session.closed
    assert not session.is_active
    assert host.session.closed
    assert [event async for event in events] == []


async def test_closing_twice_does_nothing(host: FakeHost, session: AudioSession) -> None:
    await session
    await session.close()
    await session.close()
    assert host.calls.count("close") == 1


async def test_an_unused_session_closes_without_a_host(
    host: FakeHost, session: AudioSession
) -> None:
    await session.close()
    assert host.calls == []


async def test_a_host_it_asked_for_is_closed_with_it_and_a_given_one_is_not(
    host: FakeHost, session: AudioSession
) -> None:
    await session
    await session.close()
    assert "close host" not in host.calls
    own = FakeHost()
    session = AudioSession(lambda: own)
    await session
    await session.close()
    assert own.calls[-2:] == ["close", "close host"]


async def test_a_close_that_fails_still_ends_the_streams(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    host.errors["close"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    events = aiter(session.interruption_event_stream)
    with pytest.raises(HostUnavailableError):
        await session.close()
    assert [event async for event in events] == []
    assert not session.is_active


@pytest.mark.parametrize(
    "use",
    [
        lambda session: session.configure(MUSIC),
        lambda session: session.set_active(True),
        lambda session: session.set_active(False),
        lambda session: session.quiet(),
        lambda session: session.get_devices(),
        lambda session: session.user_paused(),
        lambda session: session.user_played(),
        lambda session: session.activated().__aenter__(),
        lambda session: _connect(session),
        lambda session: _call(session.handle_interruptions, object()),
        lambda session: _call(lambda: session.capabilities),
        lambda session: _call(session.interruption_event_stream.listen, print),
    ],
)
@pytest.mark.parametrize("used_before", [True, False])
async def test_use_after_close_is_refused(
    host: FakeHost,
    session: AudioSession,
    use: Callable[[AudioSession], Awaitable[object]],
    used_before: bool,
) -> None:
    if used_before:
        await session.configure(MUSIC)
    await session.close()
    calls = list(host.calls)
    with pytest.raises(ClosedError):
        await use(session)
    assert host.calls == calls


async def _connect(session: AudioSession) -> None:
    await session


async def _call(function: Callable[..., object], *arguments: Any) -> None:
    function(*arguments)


async def test_close_lets_the_call_under_way_finish_and_refuses_the_next(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    gate = host.hold("activate")

    async def refused() -> None:
        with pytest.raises(ClosedError):
            await session.configure(PROMPT)

    async with asyncio.TaskGroup() as tasks:
        under_way = tasks.create_task(session.set_active(True))
        await anyio.wait_all_tasks_blocked()
        tasks.create_task(refused())
        await anyio.wait_all_tasks_blocked()
        closing = tasks.create_task(session.close())
        await anyio.wait_all_tasks_blocked()
        assert not closing.done()
        gate.set()
    assert under_way.result() is True
    assert not session.is_active
    assert host.session.closed
    assert host.calls[-1] == "close"


async def test_a_cancelled_close_is_carried_through(host: FakeHost, session: AudioSession) -> None:
    await session.set_active(True)
    await cancelled_at(host, "close", session.close())
    assert host.session.closed
    with pytest.raises(ClosedError):
        session.interruption_event_stream.listen(print)


async def test_what_a_host_reports_too_late_is_passed_over(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    events = host.session.events
    await session.close()
    events.interruption(AudioInterruptionEvent(begin=True, type=AudioInterruptionType.DUCK))
    events.becoming_noisy()
    events.devices_changed(AudioDevicesChangedEvent())
    events.gained_claim()
    assert not session.is_active


async def test_a_session_that_fails_to_close_does_not_keep_its_host_open() -> None:
    own = FakeHost()
    session = AudioSession(lambda: own)
    await session
    own.errors["close"] = RuntimeError("the platform is confused")
    with pytest.raises(RuntimeError, match="confused"):
        await session.close()
    assert own.calls[-2:] == ["close", "close host"]
