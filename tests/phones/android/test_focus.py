"""Audio focus of the one API on a phone of each level."""

from __future__ import annotations

import pytest

from audiosession import AudioSession, AudioSessionConfiguration, recipe
from audiosession.android import (
    AndroidAudioAttributes,
    AndroidAudioFlags,
    AndroidAudioUsage,
    IllegalArgumentException,
    SecurityException,
)
from audiosession.errors import DeniedError, UnsupportedError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.android.errors import JavaError
from audiosession.hosts.base import ActivationRequest, Capability, Outcome
from tests.hosts.contract import Ear

from .kit import CAN_DUCK, LOSS, MAY_DUCK, TRANSIENT, Stage, asked, give_back
from .phone import Phone, shown


async def test_the_call_is_that_of_the_level(stage: Stage) -> None:
    assert await stage.session.set_active(True)
    calls = stage.phone.calls()
    (call,) = [each for each in calls if each.startswith("AudioManager.requestAudioFocus")]
    if stage.phone.level < 26:
        assert call.endswith(", 3, 1)"), "the music stream, for good"
        assert "AudioFocusRequest.Builder.build" not in shown(calls)
    else:
        assert call == "AudioManager.requestAudioFocus(AudioFocusRequest)"
    assert await stage.session.set_active(False)
    way = "abandonAudioFocus" if stage.phone.level < 26 else "abandonAudioFocusRequest"
    assert asked(stage.phone) == [f"AudioManager.{way}"]
    assert stage.phone.holders() == []


async def test_the_request_says_what_the_app_configured(stage: Stage) -> None:
    await stage.session.configure(recipe("speech"))
    assert await stage.session.set_active(True, android_audio_focus_gain_type=TRANSIENT)
    calls = stage.phone.calls()
    if stage.phone.level < 26:
        (call,) = [each for each in calls if "requestAudioFocus" in each]
        assert call.endswith(", 3, 2)")
        return
    for call in (
        "AudioAttributes.Builder.setUsage(1)",
        "AudioAttributes.Builder.setContentType(1)",
        "AudioFocusRequest.Builder.setWillPauseWhenDucked(true)",
        "AudioFocusRequest.Builder.setAcceptsDelayedFocusGain(false)",
    ):
        assert call in calls


async def test_the_request_says_the_flags_of_the_attributes(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    attributes = AndroidAudioAttributes(
        usage=AndroidAudioUsage.MEDIA, flags=AndroidAudioFlags.AUDIBILITY_ENFORCED
    )
    await session.activate(ActivationRequest.of(recipe("music"), attributes=attributes))
    calls = phone.calls()
    if phone.level < 26:
        (call,) = [each for each in calls if "requestAudioFocus" in each]
        assert call.endswith(", 7, 1)"), "the stream that is always heard"
    else:
        assert "AudioAttributes.Builder.setFlags(1)" in calls
    await host.close()


async def test_old_phones_are_asked_with_the_stream_of_the_usage(newest: Phone) -> None:
    newest.doubles.reset(25)
    stage = Stage(newest)
    await stage.session.configure(recipe("alarm"))
    assert await stage.session.set_active(True)
    (call,) = stage.phone.calls("AudioManager.requestAudioFocus")
    assert call.endswith(", 4, 2)"), "the alarm stream, for a while"
    await stage.close()


async def test_a_pause_is_told_in_place_of_a_duck_to_who_pauses_then(stage: Stage) -> None:
    await stage.session.configure(recipe("speech"))
    await stage.session.set_active(True)
    await stage.other_asks(MAY_DUCK)
    assert stage.words == ["begin pause"]
    await stage.other_closes()
    assert stage.words == ["begin pause", "end pause resume"]


async def test_a_duck_is_told_where_the_phone_tells_it(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.other_asks(MAY_DUCK)
    # From level 26 on the system lowers apps by itself and tells them nothing.
    told = stage.phone.level < 26
    assert stage.words == (["begin duck"] if told else [])
    await stage.other_closes()
    assert stage.words == (["begin duck", "end duck"] if told else [])
    assert not any(event.system_ducked for event in stage.interruptions)


async def test_a_duck_that_becomes_a_pause_ends_as_one(stage: Stage) -> None:
    stage.phone.java.ducks(False)
    await stage.session.set_active(True)
    await stage.other_asks(MAY_DUCK)
    await stage.other_asks(TRANSIENT)
    await stage.other_closes()
    assert stage.words == ["begin duck", "begin pause", "end pause resume"]


async def test_a_pause_that_the_user_made_his_own_ends_without_resume(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.user_paused()
    await stage.other_closes()
    assert stage.words == ["begin pause", "end unknown"]
    assert not stage.interruptions[-1].should_resume


async def test_a_loss_for_good_ends_the_activation(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.other_asks(stage.session.android_audio_focus_gain_type or TRANSIENT)
    assert stage.words == ["begin unknown"]
    assert not stage.session.is_active
    stage.phone.calls()
    await stage.session.set_active(True)
    await stage.phone.settle()
    # The other app loses it, and gives back what it may have asked for since.
    assert asked(stage.phone) == ["AudioManager.requestAudioFocus", give_back(stage.phone)]
    assert stage.session.is_active
    assert stage.phone.holders() == ["app"]


async def test_after_a_refusal_the_phone_is_asked_again(stage: Stage) -> None:
    stage.phone.java.calling(True)
    assert not await stage.session.set_active(True)
    assert not stage.session.is_active
    stage.phone.java.calling(False)
    stage.phone.calls()
    assert await stage.session.set_active(True)
    assert asked(stage.phone) == ["AudioManager.requestAudioFocus"]
    assert stage.phone.holders() == ["app"]


async def test_a_refusal_leaves_what_the_app_had(stage: Stage) -> None:
    await stage.session.configure(recipe("music"))
    await stage.session.set_active(True)
    stage.phone.answer("AudioManager.requestAudioFocus", 0)
    with pytest.raises(DeniedError) as caught:
        await stage.session.configure(recipe("alarm"))
    assert (caught.value.holder, caught.value.rule) == (None, "AUDIOFOCUS_REQUEST_FAILED")
    assert stage.session.is_active
    await stage.session.set_active(False)
    assert stage.phone.holders() == []


async def test_giving_up_that_the_phone_refuses_is_false(stage: Stage) -> None:
    await stage.session.set_active(True)
    name = give_back(stage.phone)
    stage.phone.answer(name, 0)
    assert not await stage.session.set_active(False)
    assert stage.session.is_active
    stage.phone.forget(name)
    assert await stage.session.set_active(False)
    assert not stage.session.is_active


async def test_giving_up_that_java_fails_leaves_the_session_active(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.session.set_active(True)
    name = give_back(stage.phone)
    stage.phone.fail(name, "java.lang.RuntimeException", "dead system")
    with pytest.raises(JavaError, match="dead system"):
        await stage.session.set_active(False)
    assert stage.session.is_active
    await stage.session.close()
    assert "would not take audio focus back" in caplog.text


async def test_a_second_session_that_java_fails_keeps_what_it_has(stage: Stage) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await second.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    stage.phone.fail("AudioManager.requestAudioFocus", "java.lang.RuntimeException", "not now")
    with pytest.raises(JavaError, match="not now"):
        await second.set_active(False)
    assert second.is_active
    stage.phone.forget("AudioManager.requestAudioFocus")
    assert await second.set_active(False)
    assert stage.session.is_active
    assert stage.phone.holders() == ["app"]
    await second.close()


async def test_what_was_said_before_asking_again_is_about_what_was_before(phone: Phone) -> None:
    host, other = AndroidHost(phone.bridge()), AndroidHost(phone.bridge("other"))
    ear = Ear()
    session, rival = await host.open_session(ear), await other.open_session(Ear())
    music = ActivationRequest.of(recipe("music"))
    await session.activate(music)
    await rival.activate(music)
    # The loss is on its way into the loop, and the app asks before it is there.
    phone.java.idle()
    assert (await session.activate(music)).outcome is Outcome.GRANTED
    assert ear.words == ["lost", "begin unknown", "gained"]
    await phone.settle()
    assert ear.words == ["lost", "begin unknown", "gained"]
    assert phone.holders() == ["app"]
    await host.close()
    await other.close()


async def test_a_session_without_attributes_leaves_them_to_the_phone(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    await session.activate(ActivationRequest.of(AudioSessionConfiguration()))
    calls = phone.calls()
    assert "AudioAttributes.Builder.build" not in shown(calls)
    if phone.level < 26:
        (call,) = [each for each in calls if "requestAudioFocus" in each]
        assert call.endswith(", 3, 1)")
    await host.close()


async def test_a_second_session_that_gives_up_may_leave_its_focus_behind(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "audiosession")
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await second.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    stage.phone.answer("AudioManager.requestAudioFocus", 0)
    assert await second.set_active(False)
    assert "keeps the audio focus" in caplog.text
    await second.close()
    assert stage.phone.holders() == ["app"]
    await stage.session.set_active(False)
    assert stage.phone.holders() == []


async def test_while_interrupted_configuring_takes_focus_from_nobody(stage: Stage) -> None:
    await stage.session.configure(recipe("music"))
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.configure(recipe("alarm"))
    assert stage.phone.holders() == ["app", "other"]


async def test_a_configuration_that_asks_the_same_does_not_ask(stage: Stage) -> None:
    await stage.session.configure(recipe("music"))
    await stage.session.set_active(True)
    stage.phone.calls()
    await stage.session.configure(recipe("music"))
    assert asked(stage.phone) == []


async def test_two_sessions_of_an_app_are_one_client(stage: Stage) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await second.configure(recipe("navigation_prompt"))
    await second.set_active(True)
    assert stage.phone.holders() == ["app"]
    await second.set_active(False)
    await stage.phone.settle()
    assert stage.phone.holders() == ["app"]
    assert stage.words == []
    await stage.session.set_active(False)
    assert stage.phone.holders() == []
    await second.close()


async def test_an_app_that_takes_focus_back_ends_its_other_sessions_pause(stage: Stage) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await second.set_active(True)
    assert stage.words == ["begin pause", "end pause resume"]
    await second.close()


async def test_a_change_that_nobody_knows_is_passed_over(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.session.set_active(True)
    stage.phone.java.tellFocus("app", -77)
    await stage.phone.settle()
    assert stage.words == []
    assert "-77" in caplog.text


async def test_what_the_phone_says_after_the_app_gave_up_is_not_told(stage: Stage) -> None:
    await stage.session.set_active(True)
    stage.phone.java.tellFocus("app", CAN_DUCK)
    stage.phone.java.tellFocus("app", LOSS)
    await stage.session.close()
    before = list(stage.words)
    await stage.phone.settle()
    assert stage.words == before


# -- errors --------------------------------------------------------------------------------------


async def test_what_java_throws_comes_with_its_class_and_message(stage: Stage) -> None:
    fail = stage.phone.fail
    fail("AudioManager.requestAudioFocus", "java.lang.SecurityException", "no permission X")
    with pytest.raises(SecurityException, match="no permission X") as caught:
        await stage.session.set_active(True)
    assert isinstance(caught.value, JavaError)
    assert caught.value.java_class == "java.lang.SecurityException"
    assert caught.value.java_message == "no permission X"
    fail("AudioManager.requestAudioFocus", "java.lang.IllegalArgumentException", "bad gain")
    with pytest.raises(IllegalArgumentException, match="bad gain"):
        await stage.session.set_active(True)
    fail("AudioManager.requestAudioFocus", "java.lang.RuntimeException", "dead system")
    with pytest.raises(JavaError, match=r"java\.lang\.RuntimeException: dead system"):
        await stage.session.set_active(True)
    stage.phone.forget("AudioManager.requestAudioFocus")
    assert await stage.session.set_active(True)


@pytest.mark.parametrize(
    ("more", "level", "name"),
    [
        ({"accepts_delay": True}, 26, "AudioFocusRequest.Builder.setAcceptsDelayedFocusGain"),
        ({"force_duck": True}, 28, "AudioFocusRequest.Builder.setForceDucking"),
        ({"locked": True}, 99, "locking audio focus"),
        ({"zone": "2"}, 99, "asking for focus in a car's audio zone"),
        ({"duck_events": True}, 99, "being told of ducks in a car"),
    ],
    ids=["delay", "force", "lock", "zone", "events"],
)
async def test_what_the_level_lacks_is_not_supported(
    phone: Phone, more: dict[str, bool], level: int, name: str
) -> None:
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    request = ActivationRequest.of(recipe("music"), target_sdk=36, **more)  # type: ignore[arg-type]
    if phone.level >= level:
        assert (await session.activate(request)).outcome is Outcome.GRANTED
    else:
        with pytest.raises(UnsupportedError) as caught:
            await session.activate(request)
        assert caught.value.capability.startswith(name)
        assert caught.value.host == "android"
        assert phone.holders() == []
    await host.close()


async def test_quiet_is_not_supported(stage: Stage) -> None:
    session = await stage.host.open_session(Ear())
    with pytest.raises(UnsupportedError) as caught:
        await session.quiet(1.0)
    assert caught.value.capability == Capability.QUIET.value
    with pytest.raises(UnsupportedError, match="quiet"):
        await stage.session.quiet()
