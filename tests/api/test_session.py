"""The one API: every method, property and stream of AudioSession."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from audiosession import (
    AndroidAudioAttributes,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioDevicesChangedEvent,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    AudioSessionConfiguration,
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionSetActiveOptions,
    Capability,
    InterruptionReason,
    recipe,
)
from audiosession.errors import (
    DeniedError,
    HostUnavailableError,
    HostUnavailableReason,
    IllegalCombinationError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    UnsupportedError,
)
from audiosession.hosts.base import Outcome
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from audiosession.testing import Heard

from .fake_host import HEADSET, MICROPHONE, SPEAKER, FakeHost

MUSIC = recipe("music")
PROMPT = recipe("navigation_prompt")
ILLEGAL = AudioSessionConfiguration(
    av_audio_session_category=AVAudioSessionCategory.RECORD,
    av_audio_session_category_options=AVAudioSessionCategoryOptions.DUCK_OTHERS,
)


@pytest.fixture
def host() -> FakeHost:
    return FakeHost()


@pytest.fixture
def session(host: FakeHost) -> AudioSession:
    return AudioSession(host)


# -- making and connecting -------------------------------------------------------------------


async def test_nothing_is_opened_before_it_is_needed(host: FakeHost) -> None:
    session = AudioSession(lambda: host)
    session.interruption_event_stream.listen(print)
    assert (session.configuration, session.is_configured, session.is_active) == (None, False, False)
    assert session.android_audio_attributes is None
    assert session.android_audio_focus_gain_type is None
    assert not session.closed
    assert host.calls == []


async def test_awaiting_connects_and_gives_the_session(
    host: FakeHost, session: AudioSession
) -> None:
    assert await session is session
    assert await session is session
    assert host.calls == ["open", "devices"]


async def test_a_function_is_asked_for_the_host_once() -> None:
    hosts: list[FakeHost] = []

    def choose() -> FakeHost:
        hosts.append(FakeHost({Capability.QUIET}))
        return hosts[-1]

    session = AudioSession(choose)
    assert session.capabilities == {Capability.QUIET}
    await session
    assert len(hosts) == 1


async def test_an_opening_that_failed_is_tried_again(host: FakeHost, session: AudioSession) -> None:
    host.errors["open"] = HostUnavailableError(HostUnavailableReason.NO_SERVICE)
    with pytest.raises(HostUnavailableError):
        await session.configure(MUSIC)
    assert not session.is_configured
    del host.errors["open"]
    await session.configure(MUSIC)
    assert session.is_configured


async def test_a_session_whose_devices_cannot_be_listed_is_not_kept(
    host: FakeHost, session: AudioSession
) -> None:
    host.errors["devices"] = HostUnavailableError(HostUnavailableReason.TIMED_OUT)
    with pytest.raises(HostUnavailableError):
        await session
    assert host.session.closed
    del host.errors["devices"]
    await session
    assert len(host.sessions) == 2


# -- configure ---------------------------------------------------------------------------------


async def test_configure_keeps_tells_and_hands_on(host: FakeHost, session: AudioSession) -> None:
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    await session.configure(PROMPT)
    assert session.configuration is PROMPT
    assert session.is_configured
    assert session.android_audio_attributes is PROMPT.android_audio_attributes
    assert (
        session.android_audio_focus_gain_type is AndroidAudioFocusGainType.GAIN_TRANSIENT_MAY_DUCK
    )
    assert host.session.configuration is PROMPT
    assert heard == [PROMPT]
    assert not session.is_active


async def test_a_new_listener_first_hears_the_latest_configuration(session: AudioSession) -> None:
    await session.configure(MUSIC)
    await session.configure(PROMPT)
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    assert heard == [PROMPT]
    await session.configure(MUSIC)
    assert heard == [PROMPT, MUSIC]


async def test_an_iterator_hears_configurations_until_the_session_closes(
    session: AudioSession,
) -> None:
    await session.configure(MUSIC)
    configurations = aiter(session.configuration_stream)
    await session.configure(PROMPT)
    await session.close()
    assert [each async for each in configurations] == [MUSIC, PROMPT]


@pytest.mark.parametrize(
    ("configuration", "error", "field"),
    [
        (None, InvalidTypeError, "configuration"),
        ("music", InvalidTypeError, "configuration"),
        (ILLEGAL, IllegalCombinationError, "av_audio_session_category_options"),
    ],
)
async def test_bad_configuration_is_refused_and_changes_nothing(
    host: FakeHost,
    session: AudioSession,
    configuration: Any,
    error: type[IllegalRequestError],
    field: str,
) -> None:
    await session.configure(MUSIC)
    calls = list(host.calls)
    with pytest.raises(error) as caught:
        await session.configure(configuration)
    assert caught.value.field == field
    assert session.configuration is MUSIC
    assert host.calls == calls


async def test_a_host_that_refuses_a_configuration_leaves_the_old_one(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(MUSIC)
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    host.errors["configure"] = DeniedError("app", "phone", "the rule")
    with pytest.raises(DeniedError):
        await session.configure(PROMPT)
    assert session.configuration is MUSIC
    assert heard == [MUSIC]


# -- set_active --------------------------------------------------------------------------------


async def test_set_active_asks_with_the_configuration(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(recipe("speech"))
    assert await session.set_active(True) is True
    assert session.is_active
    request = host.session.request
    assert request is not None
    assert request.configuration == recipe("speech")
    assert request.gain_type is AndroidAudioFocusGainType.GAIN
    assert request.attributes == recipe("speech").android_audio_attributes
    assert request.will_pause_when_ducked is True


async def test_set_active_overrides_count_for_the_call_only(
    host: FakeHost, session: AudioSession
) -> None:
    await session.configure(recipe("speech"))
    alarm = AndroidAudioAttributes(usage=AndroidAudioUsage.ALARM)
    await session.set_active(
        True,
        android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE,
        android_audio_attributes=alarm,
        android_will_pause_when_ducked=False,
    )
    request = host.session.request
    assert request is not None
    assert request.gain_type is AndroidAudioFocusGainType.GAIN_TRANSIENT_EXCLUSIVE
    assert request.attributes is alarm
    assert request.will_pause_when_ducked is False
    assert session.configuration == recipe("speech")

    await session.set_active(True)
    request = host.session.request
    assert request is not None
    assert request.gain_type is AndroidAudioFocusGainType.GAIN
    assert request.will_pause_when_ducked is True


@pytest.mark.parametrize(
    ("configured", "given", "notified"),
    [
        (None, None, False),
        (None, AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION, True),
        (AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION, None, True),
        (
            AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION,
            AVAudioSessionSetActiveOptions.NONE,
            False,
        ),
    ],
)
async def test_others_are_notified_as_the_call_or_else_the_configuration_says(
    host: FakeHost,
    session: AudioSession,
    configured: AVAudioSessionSetActiveOptions | None,
    given: AVAudioSessionSetActiveOptions | None,
    notified: bool,
) -> None:
    await session.configure(MUSIC.copy_with(av_audio_session_set_active_options=configured))
    await session.set_active(True)
    assert await session.set_active(False, av_audio_session_set_active_options=given) is True
    assert not session.is_active
    assert host.session.notified is notified


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.DELAYED])
async def test_what_is_not_granted_is_false_and_not_active(
    host: FakeHost, session: AudioSession, outcome: Outcome
) -> None:
    host.outcome = outcome
    assert await session.set_active(True) is False
    assert not session.is_active


async def test_a_late_grant_makes_it_active(host: FakeHost, session: AudioSession) -> None:
    host.outcome = Outcome.DELAYED
    await session.set_active(True)
    host.session.events.gained_claim()
    assert session.is_active


async def test_a_lost_claim_makes_it_inactive(host: FakeHost, session: AudioSession) -> None:
    await session.set_active(True)
    host.session.events.lost_claim()
    assert not session.is_active


async def test_a_host_that_keeps_it_active_is_reported(
    host: FakeHost, session: AudioSession
) -> None:
    await session.set_active(True)
    host.gives_up = False
    assert await session.set_active(False) is False
    assert session.is_active


@pytest.mark.parametrize("active", [True, False])
@pytest.mark.parametrize("fallback", [None, PROMPT])
async def test_an_unconfigured_session_takes_the_fallback(
    host: FakeHost,
    session: AudioSession,
    active: bool,
    fallback: AudioSessionConfiguration | None,
) -> None:
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    assert await session.set_active(active, fallback_configuration=fallback) is True
    assert session.configuration == (fallback or MUSIC)
    assert host.session.configuration == session.configuration
    assert heard == [session.configuration]


async def test_a_configured_session_ignores_the_fallback(session: AudioSession) -> None:
    await session.configure(MUSIC)
    await session.set_active(True, fallback_configuration=PROMPT)
    assert session.configuration is MUSIC


async def test_the_fallback_stays_when_the_activation_is_denied(
    host: FakeHost, session: AudioSession
) -> None:
    host.outcome = Outcome.DENIED
    await session.set_active(True, fallback_configuration=PROMPT)
    assert session.configuration is PROMPT


async def test_the_fallback_goes_when_the_activation_fails(
    host: FakeHost, session: AudioSession
) -> None:
    host.errors["activate"] = HostUnavailableError(HostUnavailableReason.CONNECTION_LOST)
    with pytest.raises(HostUnavailableError):
        await session.set_active(True, fallback_configuration=PROMPT)
    assert not session.is_configured
    heard: list[AudioSessionConfiguration] = []
    session.configuration_stream.listen(heard.append)
    assert heard == []


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"active": 1}, InvalidTypeError, "active"),
        ({"active": None}, InvalidTypeError, "active"),
        (
            {"av_audio_session_set_active_options": 1},
            InvalidTypeError,
            "av_audio_session_set_active_options",
        ),
        ({"android_audio_focus_gain_type": 2}, InvalidTypeError, "android_audio_focus_gain_type"),
        ({"android_audio_attributes": {}}, InvalidTypeError, "android_audio_attributes"),
        ({"android_will_pause_when_ducked": 0}, InvalidTypeError, "android_will_pause_when_ducked"),
        ({"fallback_configuration": "music"}, InvalidTypeError, "fallback_configuration"),
        (
            {"fallback_configuration": ILLEGAL},
            IllegalCombinationError,
            "av_audio_session_category_options",
        ),
    ],
)
async def test_bad_arguments_of_set_active_change_nothing(
    host: FakeHost,
    session: AudioSession,
    arguments: dict[str, Any],
    error: type[IllegalRequestError],
    field: str,
) -> None:
    with pytest.raises(error) as caught:
        await session.set_active(**{"active": True, **arguments})
    assert caught.value.field == field
    assert not session.is_configured
    assert not session.is_active
    assert host.calls == []


# -- quiet -------------------------------------------------------------------------------------


async def test_quiet_waits_for_the_fade_and_is_true(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    await audio_app.session.configure(PROMPT)
    await audio_app.session.set_active(True)
    assert await audio_app.session.quiet() is True
    assert simulated_device.now == pytest.approx(0.12)
    assert music.gain_db == -14.0


async def test_quiet_is_false_when_time_runs_out_first(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    music = simulated_device.app("music")
    await music.session.set_active(True)
    await audio_app.session.configure(PROMPT)
    await audio_app.session.set_active(True)
    assert await audio_app.session.quiet(0.05) is False
    assert simulated_device.now == pytest.approx(0.05)
    assert -14.0 < music.gain_db < 0.0


async def test_quiet_returns_at_once_when_nothing_has_to_go_down(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    assert await audio_app.session.quiet() is True
    silent = simulated_device.app("music")
    await silent.session.set_active(True)
    silent.player().play()
    silent.player().pause()
    await audio_app.session.configure(PROMPT)
    await audio_app.session.set_active(True)
    assert await audio_app.session.quiet() is True
    assert simulated_device.now == 0.0


@pytest.mark.parametrize(
    ("timeout_s", "error"),
    [
        ("1", InvalidTypeError),
        (True, InvalidTypeError),
        (None, InvalidTypeError),
        (-0.1, InvalidValueError),
        (float("inf"), InvalidValueError),
        (float("nan"), InvalidValueError),
    ],
)
async def test_quiet_refuses_a_bad_time(
    session: AudioSession, timeout_s: Any, error: type[IllegalRequestError]
) -> None:
    with pytest.raises(error) as caught:
        await session.quiet(timeout_s)
    assert caught.value.field == "timeout_s"
    with pytest.raises(error) as caught:
        async with session.activated(quiet_timeout_s=timeout_s):
            raise AssertionError("the body ran")
    assert caught.value.field == "quiet_timeout_s"
    assert not session.is_active


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda session: session.quiet(), Capability.QUIET),
        (lambda session: session.user_paused(), Capability.USER_ACTIONS),
        (lambda session: session.user_played(), Capability.USER_ACTIONS),
    ],
)
async def test_what_the_host_cannot_do_names_the_capability(
    call: Callable[[AudioSession], Any], missing: Capability
) -> None:
    session = AudioSession(FakeHost(set(Capability) - {missing}))
    with pytest.raises(UnsupportedError) as caught:
        await call(session)
    assert (caught.value.capability, caught.value.host) == (missing.value, "fake")


async def test_user_actions_reach_the_host(host: FakeHost, session: AudioSession) -> None:
    await session.user_paused()
    await session.user_played()
    assert host.calls[-2:] == ["user paused", "user played"]


# -- devices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        (True, True, {SPEAKER, MICROPHONE, HEADSET}),
        (True, False, {MICROPHONE, HEADSET}),
        (False, True, {SPEAKER, HEADSET}),
        (False, False, set()),
    ],
)
async def test_get_devices_filters(
    host: FakeHost, session: AudioSession, inputs: bool, outputs: bool, expected: set[object]
) -> None:
    host.devices = frozenset({SPEAKER, MICROPHONE, HEADSET})
    assert await session.get_devices(inputs, outputs) == expected


@pytest.mark.parametrize("field", ["include_inputs", "include_outputs"])
async def test_get_devices_refuses_what_is_no_flag(session: AudioSession, field: str) -> None:
    arguments: dict[str, Any] = {field: 1}
    with pytest.raises(InvalidTypeError) as caught:
        await session.get_devices(**arguments)
    assert caught.value.field == field


async def test_device_streams_follow_changes(host: FakeHost, session: AudioSession) -> None:
    sets: list[frozenset[object]] = []
    changes: list[AudioDevicesChangedEvent] = []
    session.devices_stream.listen(sets.append)
    session.devices_changed_event_stream.listen(changes.append)
    assert sets == []
    await session
    assert sets == [{SPEAKER}]
    added = AudioDevicesChangedEvent(devices_added=frozenset({HEADSET}))
    host.session.events.devices_changed(added)
    assert sets == [{SPEAKER}, {SPEAKER, HEADSET}]
    assert changes == [added]
    late: list[frozenset[object]] = []
    session.devices_stream.listen(late.append)
    assert late == [{SPEAKER, HEADSET}]


async def test_a_change_during_the_opening_is_not_lost(
    host: FakeHost, session: AudioSession
) -> None:
    gate = host.hold("devices")
    sets: list[frozenset[object]] = []
    session.devices_stream.listen(sets.append)

    async def connect() -> None:
        await session

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(connect())
        await anyio.wait_all_tasks_blocked()
        host.session.events.devices_changed(
            AudioDevicesChangedEvent(
                devices_added=frozenset({HEADSET}), devices_removed=frozenset({SPEAKER})
            )
        )
        gate.set()
    assert sets == [{HEADSET}]


async def test_without_the_capability_devices_are_not_asked_for() -> None:
    host = FakeHost(set(Capability) - {Capability.DEVICES})
    session = AudioSession(host)
    await session
    assert host.calls == ["open"]


# -- events ------------------------------------------------------------------------------------


async def test_events_come_in_order_and_with_their_reason(
    simulated_device: SimulatedDevice, audio_app: SimulatedApp
) -> None:
    simulated_device.plug("wired headphones")
    await audio_app.session.configure(MUSIC)
    await audio_app.session.set_active(True)
    heard = Heard(audio_app.session)
    simulated_device.unplug("wired headphones")
    call = simulated_device.incoming_call()
    call.accept()
    call.end()
    assert heard.words == [
        "becoming noisy",
        "devices changed",
        "begin pause",
        "end pause",
    ]
    assert heard.interruptions[0] == AudioInterruptionEvent(
        begin=True, type=AudioInterruptionType.PAUSE, reason=InterruptionReason.RINGTONE
    )
    assert heard.interruptions[1].should_resume
    assert audio_app.session.is_active


async def test_a_listener_that_raises_is_logged_and_the_others_hear(
    host: FakeHost, session: AudioSession, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(event: object) -> None:
        raise ZeroDivisionError

    await session
    session.interruption_event_stream.listen(fails)
    session.becoming_noisy_event_stream.listen(fails)
    heard = Heard(session)
    host.session.events.interruption(
        AudioInterruptionEvent(begin=True, type=AudioInterruptionType.DUCK)
    )
    host.session.events.becoming_noisy()
    assert heard.words == ["begin duck", "becoming noisy"]
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 2
