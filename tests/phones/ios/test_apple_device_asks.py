"""What the phone knows better is asked of it, and what an app asks for it is always told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from audiosession.apple import (
    AVAudioApplication,
    AVAudioApplicationMicrophoneInjectionPermission,
    AVAudioApplicationRecordPermission,
    AVAudioSession,
    AVAudioSessionMode,
    AVAudioSessionRecordPermission,
    AVAudioSessionRouteDescription,
    AVAudioSessionRouteSelection,
    AVAudioStereoOrientation,
    NSError,
)
from audiosession.errors import UnsupportedError
from audiosession.hosts.ios.apple_permissions import USAGE
from tests.apple.phone_kit import Category, Code, heard
from tests.phones.ios.apple_kit import NativeLayout, heard_all, mirrored, scripted
from tests.phones.ios.declarations import method_name
from tests.phones.ios.fake_objc import NativeClass, NativeObject, text_of
from tests.phones.ios.native_session import NativePort, NativeSession

Injection = AVAudioApplicationMicrophoneInjectionPermission


def hear_wishes(native: NativeSession, *selectors: str) -> list[tuple[str, Any]]:
    """What the phone is told by these."""
    told: list[tuple[str, Any]] = []

    def listen(selector: str) -> Callable[[Any], None]:
        return lambda value: told.append((selector, value))

    for selector in selectors:
        setattr(native, method_name(selector), listen(selector))
    return told


# -- wishes ----------------------------------------------------------------------------------


async def test_a_wish_that_is_made_again() -> None:
    async with scripted() as (session, native):
        channels, rate = "setPreferredInputNumberOfChannels:error:", "setPreferredSampleRate:error:"
        told = hear_wishes(native, channels, rate)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await session.set_preferred_input_number_of_channels(1)
        # It counts for the route there is, so apps make it again for the next one.
        native.plug(NativePort("USBAudio", "usb 1", "Mixer"))
        await heard_all(session)
        await session.set_preferred_input_number_of_channels(1)
        await session.set_preferred_sample_rate(44_100.0)
        await session.set_active(False)
        await session.set_active(True)
        await session.set_preferred_sample_rate(44_100.0)
        assert told == [(channels, 1), (channels, 1), (rate, 44_100.0), (rate, 44_100.0)]


async def test_a_wish_for_what_is_so_at_first() -> None:
    async with scripted() as (session, native):
        disconnect = "setPrefersInterruptionOnRouteDisconnect:error:"
        muted = "setOutputMuted:error:"
        told = hear_wishes(native, disconnect, muted)
        await session.set_prefers_interruption_on_route_disconnect(True)
        with heard(session) as said:
            await session.set_output_muted(False)
            assert said.names == []
        assert told == [(disconnect, True), (muted, False)]
        application: Any = NativeObject()
        application.objc_class = "AVAudioApplication"
        application.setInputMutedError = lambda value: told.append(("input", value))
        native.objc.classes["AVAudioApplication"] = NativeClass(
            "AVAudioApplication", sharedInstance=application
        )
        # The user may have muted it by a press on an earbud.
        await AVAudioApplication.of(session.audio_session).set_input_muted(False)
        assert told[2:] == [("input", False)]


async def test_nobody_wishes_for_what_the_app_did_not() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAYBACK)
        await session.set_active(True)
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(False)
        assert not [name for name in native.objc.members_used if "Muted" in name]


# -- deactivation ----------------------------------------------------------------------------


@pytest.mark.parametrize("version", [(17, 0), (25, 0), (26, 0)])
async def test_a_deactivation_that_the_phone_grants(version: tuple[int, int]) -> None:
    async with scripted(*version) as (session, native):
        await session.set_category(Category.PLAYBACK)
        io = session.make_io()
        await io.start()
        await session.set_active(False)
        assert not session.is_active
        assert not native.active
        assert not io.running


async def test_a_deactivation_that_the_phone_refuses() -> None:
    async with scripted() as (session, native):
        await session.set_category(Category.PLAYBACK)
        io = session.make_io()
        await io.start()
        native.refuse("setActive", Code.IS_BUSY)
        with pytest.raises(NSError) as caught:
            await session.set_active(False)
        assert caught.value.code == Code.IS_BUSY
        # It was not stopped either, since the phone has not.
        assert session.is_active
        assert io.running


# -- what the phone says ---------------------------------------------------------------------


async def test_echo_is_cancelled_where_the_phone_says_so() -> None:
    async with scripted() as (session, native):
        told = hear_wishes(native, "setPrefersEchoCancelledInput:error:")
        phone: Any = native
        phone.isEchoCancelledInputAvailable = True
        phone.isEchoCancelledInputEnabled = False
        await session.set_category(Category.PLAY_AND_RECORD)
        await session.set_active(True)
        await session.set_prefers_echo_cancelled_input(True)
        assert told == [("setPrefersEchoCancelledInput:error:", True)]
        assert not session.is_echo_cancelled_input_enabled
        phone.isEchoCancelledInputEnabled = True
        assert session.is_echo_cancelled_input_enabled
        # The phone may know more categories and modes for it than are written down here.
        await session.set_category(Category.PLAYBACK)
        assert session.is_echo_cancelled_input_available
        phone.isEchoCancelledInputAvailable = False
        assert not session.is_echo_cancelled_input_available


async def test_what_the_phone_lists() -> None:
    async with scripted() as (session, native):
        phone: Any = native
        phone.availableCategories = [
            text_of("AVAudioSessionCategoryPlayback"),
            "AVAudioSessionCategoryTelepathy",
            text_of("AVAudioSessionCategoryAmbient"),
        ]
        phone.availableModes = [text_of("AVAudioSessionModeVideoChat"), "of tomorrow"]
        phone.inputOrientation = AVAudioStereoOrientation.LANDSCAPE_LEFT.value
        phone.supportedOutputChannelLayouts = [NativeLayout(12), NativeLayout(13)]
        assert session.available_categories == (Category.PLAYBACK, Category.AMBIENT)
        assert session.available_modes == (AVAudioSessionMode.VIDEO_CHAT,)
        orientations = [session.input_orientation]
        assert session.supported_output_channel_layouts == (12, 13)
        phone.inputOrientation = 99
        orientations.append(session.input_orientation)
        orientation = AVAudioStereoOrientation
        assert orientations == [orientation.LANDSCAPE_LEFT, orientation.NONE]


@pytest.mark.parametrize("name", ["input_orientation", "supported_output_channel_layouts"])
async def test_what_an_older_phone_does_not_say(name: str) -> None:
    async with scripted(13, 0) as (session, _):
        with pytest.raises(UnsupportedError, match="since iOS"):
            getattr(session, name)


async def test_the_user_chooses_where_a_film_plays() -> None:
    async with scripted() as (session, native):
        external = AVAudioSessionRouteSelection.EXTERNAL
        setattr(
            native,
            method_name("prepareRouteSelectionForPlaybackWithCompletionHandler:"),
            lambda answered: answered(False, external.value),
        )
        assert await session.prepare_route_selection_for_playback() == (False, external)
    async with scripted(12, 0) as (session, _):
        with pytest.raises(UnsupportedError, match=r"since iOS 13\.0"):
            await session.prepare_route_selection_for_playback()


async def test_a_phone_that_has_no_route_to_show(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as (session, native):
        real = native.objc.get

        def get(receiver: object, name: str) -> Any:
            assert receiver is not None, "nil has no properties"
            return None if name == "currentRoute" else real(receiver, name)

        monkeypatch.setattr(native.objc, "get", get)
        assert session.current_route == AVAudioSessionRouteDescription()
        assert session.output_latency == 0.0
        monkeypatch.undo()
        assert session.current_route.outputs


# -- permission ------------------------------------------------------------------------------


class _Application(NativeObject):
    objc_class = "AVAudioApplication"

    recordPermission = AVAudioApplicationRecordPermission.UNDETERMINED.value
    microphoneInjectionPermission = Injection.UNDETERMINED.value

    def ask(self, response: Callable[[bool], None]) -> None:
        self.recordPermission = AVAudioApplicationRecordPermission.GRANTED.value
        response(True)


def application_of(native: NativeSession) -> _Application:
    application = _Application()
    native.objc.classes["AVAudioApplication"] = NativeClass(
        "AVAudioApplication",
        sharedInstance=application,
        requestRecordPermissionWithCompletionHandler=application.ask,
    )
    return application


async def start_input(session: AVAudioSession) -> None:
    await session.set_category(Category.PLAY_AND_RECORD)
    await session.make_io(input=True, output=False).start()


async def ask_as_application(session: AVAudioSession) -> None:
    await AVAudioApplication.of(session.audio_session).request_record_permission()


@pytest.mark.parametrize("version", [(16, 4), (26, 0)])
@pytest.mark.parametrize(
    "ask", [AVAudioSession.request_record_permission, ask_as_application, start_input]
)
async def test_an_app_that_does_not_say_what_it_records_for(
    version: tuple[int, int], ask: Callable[[AVAudioSession], Any]
) -> None:
    # The phone would end it.
    async with scripted(*version) as (session, native):
        del native.info[USAGE]
        application_of(native)
        with pytest.raises(NSError, match=USAGE) as caught:
            await ask(session)
        assert caught.value.code == Code.MISSING_ENTITLEMENT
        assert "sentence" in str(caught.value)
        assert not [name for name in native.objc.members_used if "ermission" in name]
        assert not session._io
        # An app that only plays needs no such thing.
        await session.make_io(output=True).start()


async def test_an_app_that_says_it() -> None:
    async with scripted() as (session, native):
        application_of(native)
        assert await session.request_record_permission()
        assert session.record_permission is AVAudioSessionRecordPermission.GRANTED


@pytest.mark.parametrize("version", [(15, 0), (26, 0)])
async def test_a_permission_that_nobody_knows_here(version: tuple[int, int]) -> None:
    async with scripted(*version) as (session, native):
        application = application_of(native)
        phone: Any = native
        phone.recordPermission = application.recordPermission = 7
        application.microphoneInjectionPermission = 7
        assert session.record_permission is AVAudioSessionRecordPermission.UNDETERMINED
        asked = AVAudioApplication.of(session.audio_session)
        assert asked.record_permission is AVAudioApplicationRecordPermission.UNDETERMINED
        if version >= (18, 2):
            assert asked.microphone_injection_permission is Injection.UNDETERMINED


async def test_an_answer_comes_into_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    async with mirrored() as (session, _device, _mirror):
        settled_on: list[int] = []
        loop = asyncio.get_running_loop()

        class Noted(asyncio.Future[Any]):
            def set_result(self, result: Any) -> None:
                settled_on.append(threading.get_ident())
                super().set_result(result)

        monkeypatch.setattr(loop, "create_future", lambda: Noted(loop=loop))
        async with asyncio.timeout(60):
            await session.request_record_permission()
        monkeypatch.undo()
        assert settled_on != []
        assert {*settled_on} == {threading.get_ident()}
