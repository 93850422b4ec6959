"""AVAudioSession over the native session: what it asks, what it answers, what it says no to."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from audiosession.apple import (
    AVAudioApplication,
    AVAudioApplicationRecordPermission,
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionInterruptionReason,
    AVAudioSessionIOType,
    AVAudioSessionMicrophoneInjectionMode,
    AVAudioSessionNotificationName,
    AVAudioSessionPromptStyle,
    AVAudioSessionRecordPermission,
    AVAudioSessionRenderingMode,
    AVAudioSessionSilenceSecondaryAudioHintType,
    AVAudioSessionUserInfoKey,
    AVAudioStereoOrientation,
    NSError,
)
from audiosession.errors import UnsupportedError
from audiosession.hosts.ios import IOSHost
from audiosession.hosts.ios.apple_members import APPLICATION, SESSION
from tests.apple.phone_kit import Category, Code, Options, fails, heard
from tests.phones.ios.apple_kit import heard_all, mirrored, scripted, settled
from tests.phones.ios.declarations import method_name
from tests.phones.ios.fake_objc import NativeClass, NativeError, NativeObject
from tests.phones.ios.native_session import NativePort

Name = AVAudioSessionNotificationName
Key = AVAudioSessionUserInfoKey


# -- wishes ----------------------------------------------------------------------------------

Set = Callable[[AVAudioSession], Coroutine[Any, Any, None]]

WISHES: dict[str, tuple[Set, str, object]] = {
    "setPreferredSampleRate:error:": (
        lambda s: s.set_preferred_sample_rate(44_100.0),
        "preferred_sample_rate",
        44_100.0,
    ),
    "setPreferredIOBufferDuration:error:": (
        lambda s: s.set_preferred_io_buffer_duration(0.01),
        "preferred_io_buffer_duration",
        0.01,
    ),
    "setPreferredInputNumberOfChannels:error:": (
        lambda s: s.set_preferred_input_number_of_channels(1),
        "preferred_input_number_of_channels",
        1,
    ),
    "setPreferredOutputNumberOfChannels:error:": (
        lambda s: s.set_preferred_output_number_of_channels(1),
        "preferred_output_number_of_channels",
        1,
    ),
    "setPreferredInputOrientation:error:": (
        lambda s: s.set_preferred_input_orientation(AVAudioStereoOrientation.PORTRAIT),
        "preferred_input_orientation",
        AVAudioStereoOrientation.PORTRAIT,
    ),
    "setAllowHapticsAndSystemSoundsDuringRecording:error:": (
        lambda s: s.set_allow_haptics_and_system_sounds_during_recording(True),
        "allow_haptics_and_system_sounds_during_recording",
        True,
    ),
    "setPrefersEchoCancelledInput:error:": (
        lambda s: s.set_prefers_echo_cancelled_input(True),
        "prefers_echo_cancelled_input",
        True,
    ),
    "setPrefersInterruptionOnRouteDisconnect:error:": (
        lambda s: s.set_prefers_interruption_on_route_disconnect(False),
        "prefers_interruption_on_route_disconnect",
        False,
    ),
    "setPrefersNoInterruptionsFromSystemAlerts:error:": (
        lambda s: s.set_prefers_no_interruptions_from_system_alerts(True),
        "prefers_no_interruptions_from_system_alerts",
        True,
    ),
    "setSupportsMultichannelContent:error:": (
        lambda s: s.set_supports_multichannel_content(True),
        "supports_multichannel_content",
        True,
    ),
    "setOutputMuted:error:": (lambda s: s.set_output_muted(True), "is_output_muted", True),
    "setPreferredMicrophoneInjectionMode:error:": (
        lambda s: s.set_preferred_microphone_injection_mode(
            AVAudioSessionMicrophoneInjectionMode.SPOKEN_AUDIO
        ),
        "preferred_microphone_injection_mode",
        AVAudioSessionMicrophoneInjectionMode.SPOKEN_AUDIO,
    ),
}
OLDEST = (10, 0)
"""Older systems run no Python; what they lack is not tried."""


@pytest.mark.parametrize("selector", WISHES)
async def test_a_wish_reaches_the_phone(selector: str) -> None:
    make, ours, value = WISHES[selector]
    async with mirrored() as (session, _, mirror):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await make(session)
        assert getattr(session, ours) == getattr(mirror.inner, ours) == value
        assert mirror.fake.members_used.count(f"AVAudioSession.{selector}") == 1
        # The same wish again counts again: some have to come after an activation.
        await make(session)
        assert mirror.fake.members_used.count(f"AVAudioSession.{selector}") == 2


@pytest.mark.parametrize("selector", WISHES)
async def test_a_wish_that_the_phone_refuses_is_none(selector: str) -> None:
    make, ours, _ = WISHES[selector]
    async with scripted(26, 2) as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        before = getattr(session, ours)

        def refuse(*_: object) -> None:
            raise NativeError(7, "A domain of its own")

        setattr(native, method_name(selector), refuse)
        with pytest.raises(NSError) as caught:
            await make(session)
        assert (caught.value.domain, caught.value.code) == ("A domain of its own", 7)
        assert getattr(session, ours) == before
        setattr(native, method_name(selector), lambda *_: None)
        await make(session)
        assert native.objc.members_used.count(f"AVAudioSession.{selector}") == 2


@pytest.mark.parametrize("selector", [name for name in WISHES if SESSION[name] > OLDEST])
async def test_a_system_before_that_of_a_wish_does_not_support_it(selector: str) -> None:
    make, ours, _ = WISHES[selector]
    major, minor = SESSION[selector]
    older = (major, minor - 1) if minor else (major - 1, 9)
    async with mirrored(*older) as (session, _, mirror):
        await session.set_category(Category.PLAY_AND_RECORD)
        before = getattr(session, ours)
        with pytest.raises(UnsupportedError, match=f"since iOS {major}.{minor}"):
            await make(session)
        assert getattr(session, ours) == before
        assert f"AVAudioSession.{selector}" not in mirror.fake.members_used


async def test_input_is_muted_by_the_application() -> None:
    async with mirrored() as (session, _, mirror):
        application = AVAudioApplication.of(session.audio_session)
        await application.set_input_muted(True)
        assert application.is_input_muted
        assert AVAudioApplication.of(mirror.inner.audio_session).is_input_muted
    async with mirrored(16, 4) as (session, _, mirror):
        with pytest.raises(UnsupportedError, match=r"since iOS 17\.0"):
            await AVAudioApplication.of(session.audio_session).set_input_muted(True)


async def test_input_and_output_are_joined() -> None:
    async with mirrored() as (session, _, mirror):
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_aggregated_io_preference(AVAudioSessionIOType.AGGREGATED)
        assert mirror.inner._wishes.io_type is AVAudioSessionIOType.AGGREGATED


# -- what is so ------------------------------------------------------------------------------


async def test_what_is_read_is_read_anew() -> None:
    async with scripted() as (session, native):
        assert session.output_volume == 0.5
        native.outputVolume = 0.75
        assert session.output_volume == 0.75
        native.otherAudioPlaying = native.secondaryAudioShouldBeSilencedHint = True
        assert session.is_other_audio_playing
        assert session.secondary_audio_should_be_silenced_hint
        native.sampleRate = 44_100.0
        native.IOBufferDuration = 0.005
        assert (session.sample_rate, session.io_buffer_duration) == (44_100.0, 0.005)
        native.outputLatency = 0.2
        assert session.output_latency == 0.2
        assert session.input_latency == 0.0
        await session.set_category(Category.PLAY_AND_RECORD)
        assert session.input_latency == 0.01
        assert session.is_input_gain_settable


@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("prompt_style", (13, 0)),
        ("rendering_mode", (17, 2)),
        ("is_microphone_injection_available", (18, 2)),
        ("is_echo_cancelled_input_available", (18, 2)),
    ],
)
async def test_a_system_before_that_of_a_property(name: str, since: tuple[int, int]) -> None:
    major, minor = since
    older = (major, minor - 1) if minor else (major - 1, 4)
    async with mirrored(*older) as (session, _, _mirror):
        # What is asked first says no by itself where the category does not fit.
        await session.set_category(Category.PLAY_AND_RECORD)
        with pytest.raises(UnsupportedError, match=f"since iOS {major}.{minor}") as caught:
            getattr(session, name)
        assert caught.value.host == "ios"
    async with mirrored(*since) as (session, _, _mirror):
        getattr(session, name)


async def test_numbers_that_nobody_knows_here() -> None:
    async with scripted(26, 2) as (session, native):
        native.promptStyle = 1
        native.renderingMode = 99
        assert session.prompt_style is AVAudioSessionPromptStyle.NORMAL
        assert session.rendering_mode is AVAudioSessionRenderingMode.NOT_APPLICABLE


async def test_observed_properties() -> None:
    async with mirrored() as (session, device, mirror):
        seen: list[float] = []
        observation = session.observe("output_volume", seen.append)
        host = session.audio_session._use_host()
        assert isinstance(host, IOSHost)
        device.set_volume(0.25)
        await settled(host, mirror)
        assert seen == [0.25]
        observation.cancel()
        device.set_volume(0.5)
        await settled(host, mirror)
        assert seen == [0.25]


@pytest.mark.parametrize(("version", "watched"), [((17, 5), False), ((18, 0), True)])
async def test_the_rate_is_observed_where_it_may_be(
    version: tuple[int, int], watched: bool
) -> None:
    async with mirrored(*version) as (_, _device, mirror):
        assert ("sampleRate" in [key for _, key, _ in mirror.fake._watchers]) is watched


async def test_an_app_that_plays_touches_nothing_of_inputs() -> None:
    async with scripted(26, 2) as (session, native):
        await session.set_category(Category.PLAYBACK)
        await session.set_active(True)
        native.plug(NativePort("Headphones", "wired", "Headphones"))
        await heard_all(session)
        assert session.current_route.outputs[0].port_name == "Headphones"
        assert session.available_inputs == ()
        assert session.output_volume == 0.5
        await session.set_active(False)
        words = ("nput", "icrophone", "ecord", "ermission")
        touched = {name for name in native.objc.members_used if any(word in name for word in words)}
        # A route has both directions.
        assert touched == {"AVAudioSessionRouteDescription.inputs"}
        assert not any(key.startswith("input") for _, key, _ in native.objc._watchers)
        before = native.objc.observed
        await session.set_category(Category.PLAY_AND_RECORD)
        assert any(key.startswith("input") for _, key, _ in native.objc._watchers)
        assert native.objc.observed > before


# -- permission ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(12, 0), (16, 4), (17, 0), (26, 2)])
@pytest.mark.parametrize("grants", [True, False])
async def test_permission_to_record(version: tuple[int, int], grants: bool) -> None:
    async with mirrored(*version) as (session, device, mirror):
        device.grants_microphone = grants
        assert not any("ermission" in name for name in mirror.fake.members_used)
        assert session.record_permission is AVAudioSessionRecordPermission.UNDETERMINED
        assert await session.request_record_permission() is grants
        expected = AVAudioSessionRecordPermission.GRANTED
        denied = AVAudioSessionRecordPermission.DENIED
        assert session.record_permission is (expected if grants else denied)
        of = "AVAudioApplication" if version >= APPLICATION["sharedInstance"] else "AVAudioSession"
        asked = {name.split(".")[0] for name in mirror.fake.members_used if "ermission" in name}
        assert asked == {of}
        application = AVAudioApplication.of(session.audio_session)
        assert application.record_permission is AVAudioApplicationRecordPermission(
            session.record_permission.value
        )


class _Application(NativeObject):
    objc_class = "AVAudioApplication"

    recordPermission = AVAudioApplicationRecordPermission.UNDETERMINED.value

    def ask(self, response: Callable[[bool], None]) -> None:
        self.recordPermission = AVAudioApplicationRecordPermission.DENIED.value
        response(False)


async def test_an_input_that_starts_asks_for_permission() -> None:
    async with scripted() as (session, native):
        application = _Application()
        native.objc.classes["AVAudioApplication"] = NativeClass(
            "AVAudioApplication",
            sharedInstance=application,
            requestRecordPermissionWithCompletionHandler=application.ask,
        )
        ask = "AVAudioApplication.requestRecordPermissionWithCompletionHandler:"
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.make_io(output=True).start()
        assert not any("ermission" in name for name in native.objc.members_used)
        await session.make_io(input=True, output=False).start()
        assert session.record_permission is AVAudioSessionRecordPermission.DENIED
        # The user is asked once.
        await session.make_io(input=True, output=False).start()
        assert native.objc.members_used.count(ask) == 1


# -- what the phone tells --------------------------------------------------------------------


async def test_what_the_phone_tells_is_passed_on() -> None:
    async with scripted(26, 2) as (session, native):
        await session.set_active(True)
        hint = AVAudioSessionSilenceSecondaryAudioHintType
        native.renderingMode = AVAudioSessionRenderingMode.DOLBY_ATMOS.value
        native.isMicrophoneInjectionAvailable = False
        assert not session.is_microphone_injection_available
        with heard(session) as said:
            for name, info in (
                ("SilenceSecondaryAudioHint", {"SilenceSecondaryAudioHintType": 1}),
                ("SilenceSecondaryAudioHint", {"SilenceSecondaryAudioHintType": 0}),
                ("SpatialPlaybackCapabilitiesChanged", {"SpatialAudioEnabled": True}),
                ("RenderingModeChange", {"RenderingModeNewRenderingMode": 5}),
                ("RenderingCapabilitiesChange", {}),
                (
                    "MicrophoneInjectionCapabilitiesChange",
                    {"MicrophoneInjectionIsAvailable": True},
                ),
                ("UserIntentToUnmuteOutput", {}),
            ):
                native.post(name, info)
            await heard_all(session)
            told = [(one.name, dict(one.user_info)) for one in said.all]
        assert told == [
            (
                Name.SILENCE_SECONDARY_AUDIO_HINT,
                {Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE: hint.BEGIN},
            ),
            (Name.SILENCE_SECONDARY_AUDIO_HINT, {Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE: hint.END}),
            (Name.SPATIAL_PLAYBACK_CAPABILITIES_CHANGED, {Key.SPATIAL_AUDIO_ENABLED: True}),
            (
                Name.RENDERING_MODE_CHANGE,
                {Key.RENDERING_MODE_NEW_RENDERING_MODE: AVAudioSessionRenderingMode.DOLBY_ATMOS},
            ),
            (Name.RENDERING_CAPABILITIES_CHANGE, {}),
            (
                Name.MICROPHONE_INJECTION_CAPABILITIES_CHANGE,
                {Key.MICROPHONE_INJECTION_IS_AVAILABLE: True},
            ),
            (Name.USER_INTENT_TO_UNMUTE_OUTPUT, {}),
        ]


async def test_an_interruption_has_its_reason() -> None:
    async with scripted() as (session, native):
        await session.set_active(True)
        with heard(session) as said:
            native.interrupt(InterruptionReason=4)
            native.end_interruption(resume=True)
            await heard_all(session)
            began, ended = said.of(Name.INTERRUPTION)
        reason = AVAudioSessionInterruptionReason.ROUTE_DISCONNECTED
        assert began[Key.INTERRUPTION_REASON] is reason
        assert ended[Key.INTERRUPTION_OPTION]
        assert not session.is_active


async def test_inputs_come_and_go() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAY_AND_RECORD)
        with heard(session) as said:
            native.there.insert(0, NativePort("USBAudio", "usb 1", "Interface"))
            native.post("AvailableInputsChange")
            await heard_all(session)
            assert "AvailableInputsChange" in said.names


async def test_media_services_are_lost_and_return() -> None:
    async with scripted(26, 2) as (session, native):
        await session.set_category(Category.PLAYBACK)
        setter = method_name("setPreferredSampleRate:error:")
        setattr(native, setter, lambda rate: None)
        await session.set_preferred_sample_rate(44_100.0)
        await session.set_active(True)
        with heard(session) as said:
            native.lose_media_services()
            await heard_all(session)
            assert said.names == ["MediaServicesWereLost"]
            assert not session.is_active
            with fails(Code.MEDIA_SERVICES_FAILED):
                await session.set_active(True)
            native.reset_media_services()
            await heard_all(session)
            assert said.names[:2] == ["MediaServicesWereLost", "MediaServicesWereReset"]
            assert "Interruption" not in said.names
        assert session.preferred_sample_rate == 0.0
        assert session.category is Category.SOLO_AMBIENT
        # All of it is made anew, and the phone hears the same wish again.
        await session.set_preferred_sample_rate(44_100.0)
        selector = "AVAudioSession.setPreferredSampleRate:error:"
        assert native.objc.members_used.count(selector) == 2
        await session.set_active(True)
        assert session.is_active


# -- the phone decides -----------------------------------------------------------------------


async def test_nothing_here_stands_in_the_way_of_the_phone() -> None:
    async with scripted() as (session, native):
        # In the background, nobody's Now Playing app, and without a mode for that: it may.
        await session.set_category(Category.PLAYBACK, options=Options.MIX_WITH_OTHERS)
        await session.set_active(True)
        assert native.active
        await session.set_active(False)
        assert not native.active
        await session.set_category(AVAudioSessionCategory.AMBIENT)
        await session.set_active(True)
        assert native.active
