"""What a session asks of the phone, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import threading

import pytest

from audiosession import AudioSession, AudioSessionConfiguration, recipe
from audiosession.android import AudioFocusRequest, AudioManager
from audiosession.apple import (
    AVAudioSessionCategory,
    AVAudioSessionCategoryOptions,
    AVAudioSessionErrorCode,
    AVAudioSessionMode,
    AVAudioSessionRouteSharingPolicy,
    AVAudioSessionSetActiveOptions,
    NSError,
)
from audiosession.errors import (
    DeniedError,
    HostUnavailableError,
    HostUnavailableReason,
    UnsupportedError,
)
from audiosession.hosts.base import Capability, Outcome
from audiosession.hosts.ios import IOSHost, threads
from audiosession.hosts.ios.errors import REFUSALS
from tests.hosts.contract import asks
from tests.phones.ios.app_kit import opened, settle
from tests.phones.ios.fake_objc import text_of
from tests.phones.ios.native_session import NativeSession, phone

Code = AVAudioSessionErrorCode

PLAYBACK = text_of("AVAudioSessionCategoryPlayback")
CALL = text_of("AVAudioSessionCategoryPlayAndRecord")
DEFAULT = text_of("AVAudioSessionModeDefault")


# -- configuring ---------------------------------------------------------------------------------


async def test_a_configuration_is_told_the_phone_at_once(
    session: AudioSession, native: NativeSession
) -> None:
    await session.configure(
        AudioSessionConfiguration(
            av_audio_session_category=AVAudioSessionCategory.PLAY_AND_RECORD,
            av_audio_session_category_options=(
                AVAudioSessionCategoryOptions.ALLOW_BLUETOOTH_HFP
                | AVAudioSessionCategoryOptions.DEFAULT_TO_SPEAKER
            ),
            av_audio_session_mode=AVAudioSessionMode.SPOKEN_AUDIO,
        )
    )
    assert native.calls == [
        ("setCategory", CALL, text_of("AVAudioSessionModeSpokenAudio"), 0, 0x4 | 0x8)
    ]


async def test_what_is_not_said_is_apples_default(
    session: AudioSession, native: NativeSession
) -> None:
    await session.configure(AudioSessionConfiguration())
    solo = text_of("AVAudioSessionCategorySoloAmbient")
    assert native.called("setCategory") == [[solo, DEFAULT, 0, 0]]


async def test_the_policy_goes_by_apples_number(
    session: AudioSession, native: NativeSession
) -> None:
    await session.configure(
        AudioSessionConfiguration(
            av_audio_session_category=AVAudioSessionCategory.PLAYBACK,
            av_audio_session_route_sharing_policy=AVAudioSessionRouteSharingPolicy.LONG_FORM_VIDEO,
        )
    )
    assert native.called("setCategory") == [[PLAYBACK, DEFAULT, 3, 0]]


async def test_before_ios_11_there_is_no_policy_to_set() -> None:
    objc, native = phone(10, 3)
    host = IOSHost(objc)
    session, _ = await opened(host)
    await session.configure(recipe("music"))
    assert native.calls == [("setCategory", PLAYBACK, DEFAULT, 0)]
    await host.close()
    objc.close()


async def test_what_the_phone_does_not_allow_is_its_own_error(
    session: AudioSession, native: NativeSession
) -> None:
    native.refuse("setCategory", Code.BAD_PARAM)
    with pytest.raises(NSError) as caught:
        await session.configure(recipe("music"))
    assert caught.value.code is Code.BAD_PARAM
    assert "OSStatus error -50" in caught.value.user_info["NSLocalizedDescription"]
    assert not session.is_configured


async def test_what_the_phone_refuses_for_now_is_denied(
    session: AudioSession, native: NativeSession
) -> None:
    native.refuse("setCategory", Code.INSUFFICIENT_PRIORITY)
    with pytest.raises(DeniedError) as caught:
        await session.configure(recipe("voice_call"))
    assert caught.value.session == "app"
    assert caught.value.rule == "AVAudioSessionErrorCodeInsufficientPriority"


# -- activating ----------------------------------------------------------------------------------


async def test_activating_blocks_no_event_loop(
    session: AudioSession, native: NativeSession
) -> None:
    assert await session.set_active(True)
    assert native.called("setActive") == [[True, 0]]
    for selector in (
        "setActive:withOptions:error:",
        "setCategory:mode:routeSharingPolicy:options:error:",
    ):
        assert native.objc.threads[selector] not in ("", threading.current_thread().name)


async def test_calls_reach_the_phone_in_order(session: AudioSession, native: NativeSession) -> None:
    await session.configure(recipe("music"))
    await session.set_active(True)
    await session.configure(recipe("voice_call"))
    await session.set_active(False)
    assert [name for name, *_ in native.calls] == [
        "setCategory",
        "setActive",
        "setCategory",
        "setActive",
    ]


@pytest.mark.parametrize("code", sorted(REFUSALS), ids=lambda code: code.name.lower())
async def test_a_refusal_is_told_and_the_next_request_asks_again(
    session: AudioSession, native: NativeSession, code: AVAudioSessionErrorCode
) -> None:
    native.refuse("setActive", code)
    assert not await session.set_active(True)
    assert not session.is_active
    assert await session.set_active(True)
    assert native.called("setActive") == [[True, 0], [True, 0]]


async def test_a_refusal_leaves_the_session_as_it_was(host: IOSHost, native: NativeSession) -> None:
    session, _ = await opened(host)
    await session.configure(recipe("music"))
    native.refuse("setActive", Code.CANNOT_INTERRUPT_OTHERS)
    result = await session.activate(asks("voice_call"))
    assert result.outcome is Outcome.DENIED
    assert result.rule == "AVAudioSessionErrorCodeCannotInterruptOthers"
    assert native.category == PLAYBACK
    assert session.refusal is not None
    assert session.refusal.code is Code.CANNOT_INTERRUPT_OTHERS


async def test_an_error_that_is_no_refusal_is_raised_as_it_is(
    session: AudioSession, native: NativeSession
) -> None:
    native.refuse("setActive", Code.UNSPECIFIED)
    with pytest.raises(NSError) as caught:
        await session.set_active(True)
    assert caught.value.code is Code.UNSPECIFIED
    native.refuse("setActive", 4711)
    with pytest.raises(NSError, match="OSStatus error 4711"):
        await session.set_active(True)
    assert not session.is_active


async def test_without_media_services_the_host_is_lost(
    session: AudioSession, native: NativeSession
) -> None:
    native.refuse("setActive", Code.MEDIA_SERVICES_FAILED)
    with pytest.raises(HostUnavailableError) as caught:
        await session.set_active(True)
    assert caught.value.reason is HostUnavailableReason.CONNECTION_LOST


async def test_a_phone_that_does_not_answer_is_not_waited_for(
    session: AudioSession,
    host: IOSHost,
    native: NativeSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await session.configure(recipe("music"))
    monkeypatch.setattr(threads, "ANSWER_S", 0.05)
    answer = threading.Event()
    native.first("setActive", lambda: (answer.wait(60), None)[1])
    with pytest.raises(HostUnavailableError) as caught:
        await session.set_active(True)
    assert caught.value.reason is HostUnavailableReason.TIMED_OUT
    monkeypatch.undo()
    answer.set()
    await settle(host)
    assert not native.active, "a yes that comes too late is taken back"


# -- giving up -----------------------------------------------------------------------------------


async def test_giving_up_tells_the_others_where_that_is_wanted(
    session: AudioSession, native: NativeSession
) -> None:
    for option in AVAudioSessionSetActiveOptions.NONE, AVAudioSessionSetActiveOptions(1):
        await session.set_active(True)
        assert await session.set_active(False, av_audio_session_set_active_options=option)
        assert native.called("setActive")[-1] == [False, option.value]
        assert not native.active


@pytest.mark.parametrize(("version", "stays"), [((17, 5), False), ((26, 0), True)], ids=str)
async def test_busy_is_false_and_ends_the_activation_as_the_system_does(
    version: tuple[int, int], stays: bool
) -> None:
    objc, native = phone(*version)
    host = IOSHost(objc)
    session = AudioSession(host)
    await session.set_active(True)
    native.refuse("setActive", Code.IS_BUSY)
    assert await session.set_active(False) is False
    assert session.is_active is stays
    await session.close()
    await host.close()
    objc.close()


async def test_any_error_of_giving_up_is_false(
    session: AudioSession, native: NativeSession
) -> None:
    await session.set_active(True)
    native.refuse("setActive", Code.UNSPECIFIED)
    assert await session.set_active(False) is False
    assert session.is_active
    assert await session.set_active(False) is True


async def test_closing_gives_up_and_tells_the_others(host: IOSHost, native: NativeSession) -> None:
    session, _ = await opened(host)
    await session.activate(asks("music"))
    native.refuse("setActive", Code.IS_BUSY)
    await session.close()
    assert native.called("setActive") == [[True, 0], [False, 1]]


async def test_what_is_not_waited_for_any_more_is_taken_back(
    host: IOSHost, native: NativeSession
) -> None:
    session, _ = await opened(host)
    asked, answer = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answer.wait(60)

    native.first("setActive", wait)
    asking = asyncio.ensure_future(session.activate(asks("music")))  # noqa: TID251
    await asyncio.to_thread(asked.wait, 60)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answer.set()
    await settle(host)
    assert native.called("setActive") == [[True, 0], [False, 1]]
    assert not native.active


async def test_what_was_not_made_is_not_taken_back(host: IOSHost, native: NativeSession) -> None:
    session, _ = await opened(host)
    answer = threading.Event()
    host.phone.thread.post(lambda: answer.wait(60))
    asking = asyncio.ensure_future(session.activate(asks("music")))  # noqa: TID251
    # It waits for its turn.
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answer.set()
    await settle(host)
    assert native.calls == [], "another library may be playing"


async def test_what_was_active_before_stays_so(host: IOSHost, native: NativeSession) -> None:
    session, _ = await opened(host)
    await session.activate(asks("music"))
    asked, answer = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        answer.wait(60)

    native.first("setActive", wait)
    asking = asyncio.ensure_future(session.activate(asks("music")))  # noqa: TID251
    await asyncio.to_thread(asked.wait, 60)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answer.set()
    await settle(host)
    assert session.active
    assert native.active


async def test_busy_gives_the_audio_up_as_the_others_see_it() -> None:
    objc, native = phone(17, 0)
    host = IOSHost(objc)
    (one, _), (other, _) = await opened(host), await opened(host)
    await one.activate(asks("music"))
    native.refuse("setActive", Code.IS_BUSY)
    assert not await one.deactivate(notify_others=True)
    await settle(host)
    await other.activate(asks("music"))
    assert await other.deactivate(notify_others=True)
    assert not native.active, "nobody wants it any more"
    await host.close()
    objc.close()


# -- other libraries in the app ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("category", text_of("AVAudioSessionCategoryRecord")),
        ("mode", text_of("AVAudioSessionModeMeasurement")),
        ("categoryOptions", 1),
        ("routeSharingPolicy", 1),
    ],
)
async def test_what_another_library_set_is_set_again_at_the_activation(
    session: AudioSession, native: NativeSession, member: str, value: str | int
) -> None:
    await session.configure(recipe("music"))
    await session.set_active(True)
    await session.set_active(False)
    wanted = native.called("setCategory")[-1]
    setattr(native, member, value)
    native.calls.clear()
    await session.set_active(True)
    assert native.called("setCategory") == [wanted]
    await session.set_active(False)
    native.calls.clear()
    await session.set_active(True)
    assert native.called("setCategory") == [], "nobody has changed it"


async def test_options_that_the_phone_adds_by_itself_are_no_change(
    session: AudioSession, native: NativeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told_more(self: NativeSession, category: str, mode: str, options: int) -> None:
        self.category, self.mode, self.categoryOptions = category, mode, options | 1

    monkeypatch.setattr(NativeSession, "_set", told_more)
    await session.configure(recipe("music"))
    for _ in range(2):
        await session.set_active(True)
        await session.set_active(False)
    assert len(native.called("setCategory")) == 1


async def test_a_setting_that_was_refused_is_told_again(
    host: IOSHost, native: NativeSession
) -> None:
    session, _ = await opened(host)
    native.refuse("setCategory", Code.INSUFFICIENT_PRIORITY)
    assert (await session.activate(asks("music"))).outcome is Outcome.DENIED
    assert (await session.activate(asks("music"))).outcome is Outcome.GRANTED
    assert native.category == PLAYBACK


# -- several sessions of an app ------------------------------------------------------------------


async def test_sessions_of_an_app_share_the_native_one(
    host: IOSHost, native: NativeSession
) -> None:
    music, _ = await opened(host)
    call, _ = await opened(IOSHost(native.objc))
    await music.activate(asks("music"))
    await call.configure(recipe("voice_call"))
    assert native.category == PLAYBACK, "who has the audio is not disturbed"
    await call.activate(asks("voice_call"))
    assert native.category == CALL
    await call.close()
    assert native.category == PLAYBACK
    assert native.active
    assert await music.deactivate(notify_others=True)
    assert not native.active
    await call._host.close()


async def test_who_keeps_the_audio_is_not_forgotten(host: IOSHost, native: NativeSession) -> None:
    music, _ = await opened(host)
    call, _ = await opened(host)
    await music.activate(asks("music"))
    # What happens before the grant is over with it.
    native.first("setActive", native.interrupt)
    await music.activate(asks("music"))
    native.refuse("setActive", Code.UNSPECIFIED)
    assert not await music.deactivate(notify_others=True)
    await settle(host)
    await call.activate(asks("voice_call"))
    assert await call.deactivate(notify_others=True)
    assert native.active
    assert native.category == PLAYBACK


async def test_the_last_to_ask_is_the_last_to_be_gone_back_to(
    host: IOSHost, native: NativeSession
) -> None:
    (one, _), (two, _), (three, _) = await opened(host), await opened(host), await opened(host)
    await one.activate(asks("music"))
    await two.activate(asks("voice_call"))
    await one.activate(asks("music"))
    await three.activate(asks("game"))
    await three.deactivate(notify_others=True)
    assert native.category == PLAYBACK


# -- what iOS cannot do --------------------------------------------------------------------------


async def test_what_the_phone_does_not_tell_is_not_supported(host: IOSHost) -> None:
    session, _ = await opened(host)
    with pytest.raises(UnsupportedError, match=r"quiet is not supported by this host \(ios\)"):
        await session.quiet(1.0)
    assert Capability.QUIET not in host.capabilities


async def test_androids_words_are_not_an_iphones(native: NativeSession) -> None:
    manager = AudioManager(IOSHost(native.objc))
    request = AudioFocusRequest.Builder(AudioManager.AUDIOFOCUS_GAIN).build()
    with pytest.raises(UnsupportedError, match=r"audio focus is not supported .* \(ios\)"):
        await manager.request_audio_focus(request)
    with pytest.raises(UnsupportedError, match=r"\(ios\)"):
        await manager.set_mode(AudioManager.MODE_IN_COMMUNICATION)
    assert native.calls == []
    await manager.close()


async def test_an_app_that_only_plays_touches_nothing_of_the_microphone(
    session: AudioSession, native: NativeSession
) -> None:
    await session.configure(recipe("music"))
    await session.set_active(True)
    native.interrupt()
    await session.set_active(False)
    touched = {*native.objc.members_used, *native.objc.constants_asked}
    marks = ("input", "mic", "permission", "injection", "record", "datasource")
    assert {each for each in touched if any(mark in each.lower() for mark in marks)} == {
        # Nothing of this asks anybody; the texts are those by which the ports of a route are known.
        "AVAudioSessionRouteDescription.inputs",
        "AVAudioSessionPortBuiltInMic",
        "AVAudioSessionPortContinuityMicrophone",
        "AVAudioSessionPortHeadsetMic",
    }


async def test_the_app_is_called_as_its_info_plist_says(
    host: IOSHost, native: NativeSession
) -> None:
    native.info = {"CFBundleDisplayName": "Podcasts", "CFBundleName": "pods"}
    session, _ = await opened(host)
    assert session.app_name == "Podcasts"
