"""AVAudioSession: interruptions (rules 44 to 73)."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from audiosession import AudioInterruptionEvent, AudioInterruptionType, recipe
from audiosession.android import AndroidAudioFocusRequestResult, AudioFocusRequest
from audiosession.android.audio_manager import AudioManager
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionDeactivationContext,
    AVAudioSessionDeactivationSource,
    AVAudioSessionInterruptionContext,
    AVAudioSessionInterruptionFlags,
    AVAudioSessionInterruptionOptions,
    AVAudioSessionInterruptionReason,
    AVAudioSessionInterruptionType,
    AVAudioSessionNotificationName,
    AVAudioSessionResumptionContext,
    AVAudioSessionResumptionRecommendation,
    AVAudioSessionSetActiveOptions,
    Notification,
    NotificationCenter,
)
from audiosession.hosts.simulated import SimulatedDevice
from tests.apple.phone_kit import (
    Category,
    Code,
    Heard,
    Key,
    Mode,
    Options,
    fails,
    heard,
    now,
    phone,
    session_of,
    started,
    without_microphone,
)

Name = AVAudioSessionNotificationName
Type = AudioInterruptionType
STOP = AudioInterruptionType.UNKNOWN
GRANTED = AndroidAudioFocusRequestResult.GRANTED
Reason = AVAudioSessionInterruptionReason
BEGAN, ENDED = AVAudioSessionInterruptionType.BEGAN, AVAudioSessionInterruptionType.ENDED
RESUME = AVAudioSessionInterruptionOptions.SHOULD_RESUME
FADED_S = 3.0
"""After which Android says that what was lost is lost for good."""
NO_OPTION = AVAudioSessionInterruptionOptions.NONE
NOTIFY = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION


async def music(device: SimulatedDevice) -> AVAudioSession:
    """A session whose player runs."""
    session = await started(device.app("music"))
    device.app("music").player().play()
    return session


async def test_45_47_a_prompt_interrupts_speech_and_its_end_lets_it_resume() -> None:
    device = phone()
    podcast = await started(device.app("podcast"), mode=Mode.SPOKEN_AUDIO)
    device.app("podcast").player().play()
    other = await started(device.app("music"), options=Options.MIX_WITH_OTHERS)
    with heard(podcast) as spoken, heard(other) as sung:
        prompt = await started(
            device.app("prompt"),
            options=Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS | Options.DUCK_OTHERS,
        )
        assert not podcast.is_active
        await prompt.set_active(False, options=NOTIFY)
        types = [info[Key.INTERRUPTION_TYPE] for info in spoken.of(Name.INTERRUPTION)]
        assert types == [BEGAN, ENDED]
        assert spoken.of(Name.INTERRUPTION)[1][Key.INTERRUPTION_OPTION] is RESUME
        # Apple lowers apps without a word.
        assert sung.of(Name.INTERRUPTION) == []


async def test_55_when_began_arrives_the_session_is_inactive_and_io_has_stopped() -> None:
    device = phone()
    session = await started(device.app("player"))
    io = session.make_io()
    await io.start()
    seen: list[tuple[bool, bool]] = []
    token = NotificationCenter.default().add_observer(
        Name.INTERRUPTION, lambda _: seen.append((session.is_active, io.running)), session
    )
    device.incoming_call()
    NotificationCenter.default().remove_observer(token)
    assert seen == [(False, False)]


@pytest.mark.parametrize(
    ("version", "began"),
    [
        ((6, 0), {Key.INTERRUPTION_TYPE: BEGAN}),
        ((14, 4), {Key.INTERRUPTION_TYPE: BEGAN}),
        ((14, 5), {Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.DEFAULT}),
        ((27, 0), {Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.DEFAULT}),
    ],
)
async def test_56_what_comes_along(version: tuple[int, int], began: dict[str, Any]) -> None:
    device = phone(*version)
    session = await music(device)
    threads: list[threading.Thread] = []
    token = NotificationCenter.default().add_observer(
        Name.INTERRUPTION, lambda _: threads.append(threading.current_thread()), session
    )
    with heard(session) as notifications:
        device.incoming_call().decline()
        assert notifications.of(Name.INTERRUPTION) == [
            began,
            {Key.INTERRUPTION_TYPE: ENDED, Key.INTERRUPTION_OPTION: RESUME},
        ]
        assert notifications.all[0].object is session
    NotificationCenter.default().remove_observer(token)
    assert threads == [threading.main_thread()] * 2


def test_57_numbers() -> None:
    assert (BEGAN.value, ENDED.value) == (1, 0)


async def test_58_a_beginning_without_an_end() -> None:
    device = phone()
    session = await music(device)
    with heard(session) as notifications:
        await started(device.app("other"))
        assert [i[Key.INTERRUPTION_TYPE] for i in notifications.of(Name.INTERRUPTION)] == [BEGAN]


@pytest.mark.parametrize("policy", ["default", "android"])
async def test_55_58_what_was_paused_and_is_stopped_is_told_once(policy: str) -> None:
    device = SimulatedDevice("phone", policy=policy)
    session = await music(device)
    said: list[AudioInterruptionEvent] = []
    device.app("music").session.interruption_event_stream.listen(said.append)
    session.delegate = old = Old()
    with heard(session) as notifications:
        await device.app("clip").session.configure(recipe("voice_call"))
        assert await device.app("clip").session.set_active(True)
        await started(device.app("film"))
        device.advance(FADED_S)
        # The one API is told of both.
        assert [(event.begin, event.type) for event in said] == [(True, Type.PAUSE), (True, STOP)]
        assert notifications.names == ["Interruption", "DidBecomeInactive"]
        assert old.calls == [("begin", None)]
        # Configuring is no activation; after one, the next interruption is another one.
        await session.set_category(Category.PLAYBACK)
        assert notifications.names == ["Interruption", "DidBecomeInactive"]
        await session.set_active(True)
        notifications.clear()
        await device.app("film").session.set_active(True)
        device.advance(FADED_S)
        assert notifications.names == ["Interruption", "DidBecomeInactive"]


async def test_59_60_ended_with_should_resume_after_a_call_and_an_alarm() -> None:
    device = phone()
    session = await music(device)
    for happening in (device.incoming_call, device.alarm):
        await session.set_active(True)
        device.app("music").player().resume()
        with heard(session) as notifications:
            it = happening()
            it.end() if hasattr(it, "dismiss") else it.decline()
            assert notifications.of(Name.INTERRUPTION)[-1] == {
                Key.INTERRUPTION_TYPE: ENDED,
                Key.INTERRUPTION_OPTION: RESUME,
            }


async def test_59_what_did_not_play_is_not_told_to_resume() -> None:
    device = phone()
    session = await music(device)
    device.app("music").player().pause()
    with heard(session) as notifications:
        device.incoming_call().decline()
        assert notifications.of(Name.INTERRUPTION)[-1][Key.INTERRUPTION_OPTION] == NO_OPTION


async def test_62_to_resume_the_app_activates_again() -> None:
    device = phone()
    session = await started(device.app("music"))
    io = session.make_io()
    await io.start()
    with heard(session) as notifications:
        device.incoming_call().decline()
        assert notifications.of(Name.INTERRUPTION)[-1][Key.INTERRUPTION_OPTION] is RESUME
    assert not session.is_active
    await io.start()
    assert session.is_active


async def test_63_paused_by_command_meanwhile_it_is_not_told_to_resume() -> None:
    device = phone()
    session = await music(device)
    with heard(session) as notifications:
        siri = device.assistant()
        device.app("music").user_pauses()
        siri.end()
        assert notifications.of(Name.INTERRUPTION)[-1][Key.INTERRUPTION_OPTION] == NO_OPTION


@pytest.mark.parametrize(
    ("version", "late"),
    [
        ((9, 0), []),
        ((10, 3), [{Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_WAS_SUSPENDED: True}]),
        ((14, 4), [{Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_WAS_SUSPENDED: True}]),
        (
            (14, 5),
            [{Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.APP_WAS_SUSPENDED}],
        ),
        (
            (15, 9),
            [{Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.APP_WAS_SUSPENDED}],
        ),
        ((16, 0), []),
    ],
)
async def test_64_65_115_a_suspended_app_hears_late_of_its_deactivation(
    version: tuple[int, int], late: list[dict[str, Any]]
) -> None:
    device = phone(*version)
    session = await started(device.app("player"))
    with heard(session) as notifications:
        device.app("player").suspend()
        assert not session.is_active
        assert notifications.names == []
        device.app("player").to_foreground()
        assert notifications.of(Name.INTERRUPTION) == late
        notifications.clear()
        device.app("player").to_background()
        device.app("player").to_foreground()
        assert notifications.names == []


async def test_65_who_was_inactive_before_hears_nothing() -> None:
    app = phone(12, 0).app("player")
    session = await started(app)
    await session.set_active(False)
    with heard(session) as notifications:
        app.suspend()
        app.to_foreground()
        assert notifications.names == []


async def playing_now(device: SimulatedDevice) -> AVAudioSession:
    """The Now Playing app, on headphones."""
    device.plug("wired headphones")
    device.app("player").apple.remote_commands = True
    session = await started(device.app("player"))
    await session.make_io().start()
    return session


async def test_66_the_now_playing_app_is_interrupted_when_its_route_goes() -> None:
    device = phone(17, 0)
    session = await playing_now(device)
    with heard(session) as notifications:
        device.unplug("wired headphones")
        assert notifications.names == ["RouteChange", "Interruption"]
        assert notifications.of(Name.INTERRUPTION) == [
            {Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.ROUTE_DISCONNECTED}
        ]
    assert not session.is_active


@pytest.mark.parametrize("version", [(16, 9), (17, 0)])
async def test_66_89_before_or_when_opted_out_it_stays_active(version: tuple[int, int]) -> None:
    device = phone(*version)
    session = await playing_now(device)
    await session.set_prefers_interruption_on_route_disconnect(version < (17, 0))
    with heard(session) as notifications:
        device.unplug("wired headphones")
        assert notifications.names == ["RouteChange"]
    assert session.is_active


async def test_66_89_other_apps_are_not() -> None:
    device = phone(17, 0)
    device.plug("wired headphones")
    session = await started(device.app("player"))
    device.unplug("wired headphones")
    assert session.is_active


async def test_67_a_muted_microphone_interrupts_who_records_from_it() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    io = session.make_io(input=True)
    await io.start()
    with heard(session) as notifications:
        device.apple.mute_microphone(True)
        assert notifications.of(Name.INTERRUPTION) == [
            {Key.INTERRUPTION_TYPE: BEGAN, Key.INTERRUPTION_REASON: Reason.BUILT_IN_MIC_MUTED}
        ]
    assert not session.is_active
    with fails(Code.UNSPECIFIED):
        await io.start()
    assert not io.running


async def test_67_with_the_option_it_goes_on() -> None:
    device = phone()
    session = await started(
        device.app("recorder"),
        Category.PLAY_AND_RECORD,
        Options.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION,
    )
    io = session.make_io(input=True)
    await io.start()
    device.apple.mute_microphone(True)
    assert session.is_active
    await io.stop()
    await io.start()
    assert io.running


async def test_67_another_microphone_is_not_concerned() -> None:
    device = phone()
    device.plug("wired headset")
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    await session.make_io(input=True).start()
    device.apple.mute_microphone(True)
    assert session.is_active


@pytest.mark.parametrize(
    ("banner", "prefers", "after_ringing"),
    [(True, True, True), (True, False, False), (False, True, False)],
)
async def test_68_ringing_as_a_banner(banner: bool, prefers: bool, after_ringing: bool) -> None:
    device = phone()
    device.apple.banner_calls = banner
    session = await started(device.app("recorder"), Category.PLAY_AND_RECORD)
    await session.set_prefers_no_interruptions_from_system_alerts(prefers)
    assert session.prefers_no_interruptions_from_system_alerts is prefers
    call = device.incoming_call()
    assert session.is_active is after_ringing
    call.accept()
    assert not session.is_active


async def test_69_recording_does_not_shield() -> None:
    device = phone()
    session = await started(device.app("recorder"), Category.RECORD)
    device.alarm()
    assert not session.is_active


async def test_70_72_the_notifications_of_ios_27() -> None:
    device = phone(27, 0)
    session = session_of(device.app("player"))
    with heard(session) as notifications:
        await started(device.app("player"))
        device.app("player").player().play()
        device.incoming_call().decline()
        await session.set_active(True)
        await session.set_active(False)
        assert notifications.of(Name.DID_BECOME_ACTIVE) == [{}, {}]
        assert notifications.of(Name.DID_BECOME_INACTIVE) == [
            {
                Key.DEACTIVATION_CONTEXT: AVAudioSessionDeactivationContext(
                    source=AVAudioSessionDeactivationSource.SYSTEM,
                    interruption_context=AVAudioSessionInterruptionContext(reason=Reason.DEFAULT),
                )
            },
            {
                Key.DEACTIVATION_CONTEXT: AVAudioSessionDeactivationContext(
                    source=AVAudioSessionDeactivationSource.APP
                )
            },
        ]
        assert notifications.of(Name.RESUMPTION_RECOMMENDATION) == [
            {
                Key.RESUMPTION_CONTEXT: AVAudioSessionResumptionContext(
                    recommendation=AVAudioSessionResumptionRecommendation.SHOULD_RESUME
                )
            }
        ]


async def test_70_not_before_ios_27() -> None:
    device = phone(26, 9)
    session = await music(device)
    with heard(session) as notifications:
        device.incoming_call().decline()
        await session.set_active(False)
        assert notifications.names == ["Interruption", "Interruption"]


async def test_70_recommends_not_to_resume() -> None:
    device = phone()
    session = await started(device.app("player"))
    device.app("player").player()
    with heard(session) as notifications:
        siri = device.assistant()
        device.app("player").user_pauses()
        siri.end()
        context = notifications.of(Name.RESUMPTION_RECOMMENDATION)[0][Key.RESUMPTION_CONTEXT]
    advice = AVAudioSessionResumptionRecommendation.SHOULD_NOT_RESUME
    assert context.recommendation is advice


async def test_notifications_come_before_the_one_api_hears() -> None:
    device = phone(26, 0)
    app = device.app("player")
    order: list[str] = []
    app.session.interruption_event_stream.listen(
        lambda event: order.append(f"stream {event.begin}")
    )
    session = await started(app)
    app.player().play()

    def note(notification: Notification) -> None:
        order.append(notification.user_info[Key.INTERRUPTION_TYPE].name)

    token = NotificationCenter.default().add_observer(Name.INTERRUPTION, note, session)
    device.incoming_call().decline()
    NotificationCenter.default().remove_observer(token)
    assert order == ["BEGAN", "stream True", "ENDED", "stream False"]


class Old:
    """A delegate of iOS 3 to 5."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def begin_interruption(self) -> None:
        self.calls.append(("begin", None))

    def end_interruption(self) -> None:
        self.calls.append(("end", None))

    def input_is_available_changed(self, available: bool) -> None:
        self.calls.append(("input", available))


class NotSoOld(Old):
    def end_interruption_with_flags(self, flags: AVAudioSessionInterruptionFlags) -> None:
        self.calls.append(("end with flags", flags))


async def test_the_delegate_is_told_in_the_old_way() -> None:
    device = phone(5, 0)
    session = await music(device)
    for delegate, ended in (
        (Old(), ("end", None)),
        (NotSoOld(), ("end with flags", AVAudioSessionInterruptionFlags.SHOULD_RESUME)),
    ):
        session.delegate = delegate
        await session.set_active(True)
        device.app("music").player().resume()
        device.incoming_call().decline()
        assert delegate.calls == [("begin", None), ended]


async def test_before_ios_6_only_the_delegate_is_told() -> None:
    device = phone(5, 0)
    session = await started(device.app("player"))
    session.delegate = old = Old()
    with heard(session) as notifications:
        device.incoming_call()
        device.plug("wired headset")
        device.lose_media_services()
        device.reset_media_services()
        assert notifications.names == []
    assert ("begin", None) in old.calls


async def test_a_delegate_that_fails_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Bad:
        def begin_interruption(self) -> None:
            raise RuntimeError("bad")

    device = phone(26, 0)
    session = await started(device.app("player"))
    session.delegate = Bad()
    with heard(session) as notifications:
        device.incoming_call()
        assert notifications.names == ["Interruption"]
    assert "begin_interruption" in caplog.text


@pytest.mark.parametrize("policy", ["default", "android", "web", "apple"])
async def test_55_62_70_whatever_the_policy_an_interruption_makes_inactive(policy: str) -> None:
    device = SimulatedDevice("phone", policy=policy)
    session = await started(device.app("player"))
    io = session.make_io()
    await io.start()
    with heard(session) as notifications:
        call = device.incoming_call()
        assert not now(session.is_active)
        assert not io.running
        call.decline()
        assert not now(session.is_active)
        # Configuring alone does not activate.
        await session.set_category(Category.PLAYBACK, options=Options.DUCK_OTHERS)
        assert not now(session.is_active)
        await io.start()
        assert now(session.is_active)
        await session.set_active(False)
        lifecycle = [name for name in notifications.names if name.startswith("DidBecome")]
        assert lifecycle == ["DidBecomeInactive", "DidBecomeActive", "DidBecomeInactive"]


async def test_62_an_activation_by_the_one_api_counts_as_well() -> None:
    device = SimulatedDevice("phone", policy="default")
    session = await started(device.app("player"))
    device.incoming_call().decline()
    assert not now(session.is_active)
    assert await session.audio_session.set_active(True)
    assert now(session.is_active)


async def test_other_policies_lower_without_a_word_of_apples() -> None:
    device = SimulatedDevice("phone")
    app = device.app("player")
    session = await started(app)
    events: list[AudioInterruptionEvent] = []
    app.session.interruption_event_stream.listen(events.append)
    with heard(session) as notifications:
        await started(device.app("prompt"), options=Options.DUCK_OTHERS)
        assert notifications.names == []


async def test_45_where_an_app_is_to_lower_itself_apples_is_interrupted() -> None:
    device = SimulatedDevice("phone", policy="android")
    podcast = await started(device.app("podcast"), mode=Mode.SPOKEN_AUDIO)
    device.app("podcast").player().play(spoken=True)
    guide = AudioManager(device.app("guide").host)
    prompt = AudioFocusRequest.Builder(AudioManager.AUDIOFOCUS_GAIN_TRANSIENT_MAY_DUCK).build()
    for _ in range(2):
        with heard(podcast) as notifications:
            assert await guide.request_audio_focus(prompt) is GRANTED
            assert not now(podcast.is_active)
            await guide.abandon_audio_focus_request(prompt)
            told = notifications.of(Name.INTERRUPTION)
            assert [info[Key.INTERRUPTION_TYPE] for info in told] == [BEGAN, ENDED]
            assert told[1][Key.INTERRUPTION_OPTION] is RESUME
        # It may go on by activating again, which asks nobody to leave.
        await podcast.set_active(True)
        assert now(podcast.is_active)
    # A call on top of the prompt is part of the same interruption.
    with heard(podcast) as notifications:
        await guide.request_audio_focus(prompt)
        call = device.incoming_call()
        call.decline()
        assert [i[Key.INTERRUPTION_TYPE] for i in notifications.of(Name.INTERRUPTION)] == [BEGAN]
        await guide.abandon_audio_focus_request(prompt)
        told = notifications.of(Name.INTERRUPTION)
        assert [info[Key.INTERRUPTION_TYPE] for info in told] == [BEGAN, ENDED]
    await guide.close()


def test_heard_ends() -> None:
    owner = object()
    listener = Heard(owner)
    listener.close()
    NotificationCenter.default().post("something", owner)
    assert listener.all == []


async def test_interrupted_while_it_starts_io_does_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = phone()
    app = device.app("player")
    session = await started(app)
    start_io = app.apple.start_io

    async def start_and_ring(name: str, *, input: bool, output: bool) -> None:
        await start_io(name, input=input, output=output)
        device.incoming_call()

    monkeypatch.setattr(app.apple, "start_io", start_and_ring)
    io = session.make_io()
    with fails(Code.SESSION_NOT_ACTIVE):
        await io.start()
    assert not io.running
    assert not app.apple.io_running


async def test_io_that_the_device_refuses_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    app = phone().app("player")
    session = await started(app)

    async def fail(name: str, *, input: bool, output: bool) -> None:
        raise OSError("no")

    monkeypatch.setattr(app.apple, "start_io", fail)
    io = session.make_io()
    with pytest.raises(OSError, match="no"):
        await io.start()
    assert not io.running


async def test_a_killed_app_does_not_play_now() -> None:
    device = phone()
    app = device.app("player")
    app.apple.remote_commands = True
    await started(app)
    app.kill()
    assert device.apple.now_playing == ""
    app.relaunch()
    assert not app.apple.remote_commands
    session = await started(app)
    assert session.is_active


async def test_the_delegate_hears_of_the_first_microphone_and_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = without_microphone(monkeypatch)
    session = await started(device.app("player"))
    delegate = Old()
    session.delegate = delegate
    for what in ("wired headphones", "wired headset", "usb microphone"):
        device.plug(what)
    for what in ("wired headset", "wired headphones", "usb microphone"):
        device.unplug(what)
    assert delegate.calls == [("input", True), ("input", False)]


async def test_what_a_host_grants_late_makes_the_session_active() -> None:
    app = phone().app("player")
    session = session_of(app)
    with heard(session) as notifications:
        app.session.gained_claim()
        app.session.gained_claim()
        assert notifications.names == ["DidBecomeActive"]
    assert session.is_active
