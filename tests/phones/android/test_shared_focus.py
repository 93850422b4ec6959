"""The focus that an app's sessions share: several sessions, several hosts, what changes late."""

from __future__ import annotations

import gc
import weakref

import pytest

from audiosession import AudioSession, recipe
from audiosession.android import AudioManager
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.base import ActivationRequest, Outcome
from tests.hosts.contract import Ear

from .kit import (
    CAN_DUCK,
    GAIN,
    LOSS,
    LOSS_TRANSIENT,
    MAY_DUCK,
    NOISY,
    TRANSIENT,
    Stage,
    asked,
    focus_request,
    give_back,
)
from .phone import Phone

# -- what changes during an interruption ---------------------------------------------------------


async def test_what_is_configured_in_a_call_counts_after_it(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.configure(recipe("speech"))
    await stage.other_closes()
    assert stage.words == ["begin pause", "end pause resume"]
    stage.phone.calls()
    # From level 26 on only who asked as one that pauses hears of it.
    await stage.other_asks(MAY_DUCK)
    assert stage.words[2:] == ["begin pause"]


async def test_what_is_configured_and_taken_back_in_a_call_is_not_asked_for(stage: Stage) -> None:
    await stage.session.configure(recipe("music"))
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.configure(recipe("alarm"))
    await stage.session.configure(recipe("music"))
    stage.phone.calls()
    await stage.other_closes()
    assert stage.words == ["begin pause", "end pause resume"]
    assert "AudioManager.requestAudioFocus" not in asked(stage.phone)


async def test_what_is_configured_in_a_call_comes_back_when_another_session_gives_up(
    stage: Stage,
) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.configure(recipe("speech"))
    await second.set_active(True)
    await second.set_active(False)
    await second.close()
    await stage.phone.settle()
    stage.words.clear()
    await stage.other_asks(MAY_DUCK)
    assert stage.words == ["begin pause"]


async def test_what_is_configured_in_a_call_waits_where_the_next_one_comes_at_once(
    stage: Stage,
) -> None:
    java = stage.phone.java
    await stage.session.configure(recipe("music"))
    await stage.session.set_active(True)
    java.tellFocus("app", LOSS_TRANSIENT)
    await stage.phone.settle()
    await stage.session.configure(recipe("alarm"))
    stage.phone.calls()
    java.tellFocus("app", GAIN)
    java.tellFocus("app", LOSS_TRANSIENT)
    await stage.phone.settle()
    assert stage.words == ["begin pause", "end pause resume", "begin pause"]
    assert asked(stage.phone) == []
    java.tellFocus("app", GAIN)
    await stage.phone.settle()
    assert asked(stage.phone) == ["AudioManager.requestAudioFocus"]


async def test_a_client_of_its_own_stays_so_when_it_is_configured_in_a_call(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    await session.activate(ActivationRequest.of(recipe("music"), target_sdk=36))
    phone.java.tellFocus("app", LOSS_TRANSIENT)
    await phone.settle()
    await session.configure(recipe("alarm"))
    phone.java.tellFocus("app", GAIN)
    await phone.settle()
    assert phone.holders() == ["app"]
    await host.close()
    assert phone.holders() == []


async def test_what_java_fails_after_a_call_is_logged_and_the_end_is_told(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    second = AudioSession(stage.host)
    await second.set_active(True)
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.configure(recipe("alarm"))
    stage.phone.fail("AudioManager.requestAudioFocus", "java.lang.RuntimeException", "not now")
    await stage.other_closes()
    assert stage.words == ["begin pause", "end pause resume"]
    assert "configured meanwhile" in caplog.text
    assert "not now" in caplog.text
    await second.close()


async def test_while_a_call_goes_on_who_gives_up_takes_focus_from_nobody(stage: Stage) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await second.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    await stage.other_asks(TRANSIENT)
    # A change that nobody knows changes nothing of that.
    stage.phone.java.tellFocus("app", -77)
    await stage.phone.settle()
    stage.phone.calls()
    assert await second.set_active(False)
    assert asked(stage.phone) == []
    assert stage.phone.holders() == ["app", "other"]
    assert stage.words == ["begin pause"]
    await stage.other_closes()
    assert stage.words == ["begin pause", "end pause resume"]
    # The request that is left is that of the first session again.
    assert asked(stage.phone).count("AudioManager.requestAudioFocus") == 1
    await second.close()


async def test_taking_focus_back_ends_my_own_interruption_without_a_word(stage: Stage) -> None:
    await stage.session.set_active(True)
    await stage.other_asks(TRANSIENT)
    await stage.session.user_paused()
    await stage.session.set_active(True)
    await stage.phone.settle()
    assert stage.words == ["begin pause"]
    await stage.other_asks(TRANSIENT)
    await stage.other_closes()
    assert stage.words == ["begin pause", "begin pause", "end pause resume"]


async def test_a_loss_is_told_to_who_only_waits_and_interrupts_nobody(phone: Phone) -> None:
    if phone.level < 26:
        pytest.skip("nobody waits for focus on phones that old")
    host, ear = AndroidHost(phone.bridge()), Ear()
    session = await host.open_session(ear)
    music = ActivationRequest.of(recipe("music"))
    await session.activate(music)
    phone.java.calling(True)
    waiting = ActivationRequest.of(recipe("music"), accepts_delay=True)
    assert (await session.activate(waiting)).outcome is Outcome.DELAYED
    phone.java.tellFocus("app", LOSS)
    await phone.settle()
    assert ear.words == ["begin pause", "lost"]
    await host.close()


# -- what is told late ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"), [(None, None), (36, 36), (36, None)], ids=["one api", "android", "both"]
)
async def test_a_loss_told_late_leaves_nothing_with_the_phone(
    phone: Phone, first: int | None, second: int | None
) -> None:
    host, other = AndroidHost(phone.bridge()), AndroidHost(phone.bridge("other"))
    ear, other_ear = Ear(), Ear()
    session, rival = await host.open_session(ear), await other.open_session(other_ear)
    music, alarm = recipe("music"), recipe("alarm")
    await session.activate(ActivationRequest.of(music, target_sdk=first))
    phone.java.hold()
    await rival.activate(ActivationRequest.of(music))
    again = await session.activate(ActivationRequest.of(alarm, target_sdk=second))
    assert again.outcome is Outcome.GRANTED
    assert phone.holders() == ["other", "app"]
    phone.java.goOn()
    await phone.settle()
    assert ear.words == ["lost", "begin unknown"]
    assert phone.holders() == ["other"]
    await phone.settle()
    assert other_ear.words == ["begin pause", "end pause"]
    await host.close()
    await other.close()


@pytest.mark.parametrize("rival_gain", ["for good", "for a while"])
async def test_what_was_told_before_a_grant_does_not_end_that(
    phone: Phone, rival_gain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, other = AndroidHost(phone.bridge()), AndroidHost(phone.bridge("other"))
    ear = Ear()
    session, rival = await host.open_session(ear), await other.open_session(Ear())
    music = ActivationRequest.of(recipe("music"))
    await session.activate(music)
    taken = music if rival_gain == "for good" else ActivationRequest.of(recipe("alarm"))
    await rival.activate(taken)
    phone.java.idle()
    # As if the phone had spoken just after the app had caught up with it.
    monkeypatch.setattr(host, "catch_up", lambda: None)
    assert (await session.activate(music)).outcome is Outcome.GRANTED
    monkeypatch.undo()
    await phone.settle()
    assert ear.words == []
    assert phone.holders() == ["app"]
    phone.java.tellFocus("app", LOSS_TRANSIENT)
    await phone.settle()
    assert ear.words == ["begin pause"]
    await host.close()
    await other.close()


@pytest.mark.parametrize("end", ["deactivate", "close"])
@pytest.mark.parametrize("level", [None, 36], ids=["one api", "android"])
async def test_what_the_phone_would_not_take_back_at_a_loss_it_is_offered_again(
    phone: Phone, level: int | None, end: str, caplog: pytest.LogCaptureFixture
) -> None:
    host, ear = AndroidHost(phone.bridge()), Ear()
    session = await host.open_session(ear)
    await session.activate(ActivationRequest.of(recipe("music"), target_sdk=level))
    phone.fail(give_back(phone), "java.lang.RuntimeException", "dead system")
    phone.java.tellFocus("app", LOSS)
    await phone.settle()
    assert ear.words == ["lost", "begin unknown"]
    assert "dead system" in caplog.text
    phone.forget(give_back(phone))
    phone.calls()
    if end == "deactivate":
        assert await session.deactivate(notify_others=True)
    else:
        await session.close()
    assert asked(phone) == [give_back(phone)]
    assert phone.holders() == []
    await host.close()
    assert asked(phone) == []


# -- several sessions ----------------------------------------------------------------------------


async def test_noise_and_losses_are_told_to_every_session(stage: Stage) -> None:
    second, ear = AudioSession(stage.host), Ear()
    second.becoming_noisy_event_stream.listen(lambda _: ear.becoming_noisy())
    second.interruption_event_stream.listen(ear.interruption)
    await stage.session.set_active(True)
    await second.set_active(True)
    stage.phone.send(stage.phone.intent(NOISY))
    stage.phone.java.tellFocus("app", LOSS_TRANSIENT)
    stage.phone.java.tellFocus("app", GAIN)
    stage.phone.java.tellFocus("app", LOSS)
    await stage.phone.settle()
    assert ear.words == ["noisy", "begin pause", "end pause", "begin unknown"]
    assert stage.words == ["noisy", "begin pause", "end pause resume", "begin unknown"]
    assert not stage.session.is_active
    assert not second.is_active
    await second.close()


@pytest.mark.parametrize("words", ["one api", "android"])
async def test_what_the_phone_refused_or_took_is_not_given_back_by_the_app(
    phone: Phone, words: str
) -> None:
    level = None if words == "one api" else 36
    music = ActivationRequest.of(recipe("music"), target_sdk=level)
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    phone.java.calling(True)
    assert (await session.activate(music)).outcome is Outcome.DENIED
    assert asked(phone) == ["AudioManager.requestAudioFocus"]
    assert await session.deactivate(notify_others=True)
    assert asked(phone) == []
    phone.java.calling(False)
    await session.activate(music)
    phone.calls()
    phone.java.tellFocus("app", LOSS)
    await phone.settle()
    assert asked(phone) == [give_back(phone)], "it may have been told late"
    assert await session.deactivate(notify_others=True)
    await host.close()
    assert asked(phone) == []


async def test_who_waits_has_focus_once_another_session_gets_it(phone: Phone) -> None:
    if phone.level < 26:
        pytest.skip("nobody waits for focus on phones that old")
    host, ear = AndroidHost(phone.bridge()), Ear()
    one, two = await host.open_session(ear), await host.open_session(Ear())
    phone.java.calling(True)
    waiting = ActivationRequest.of(recipe("music"), accepts_delay=True)
    assert (await one.activate(waiting)).outcome is Outcome.DELAYED
    phone.answer("AudioManager.requestAudioFocus", 1)
    await two.activate(ActivationRequest.of(recipe("music")))
    await phone.settle()
    assert ear.words == ["gained"]
    await host.close()


async def test_who_gave_up_in_a_call_is_interrupted_by_it_no_more(phone: Phone) -> None:
    if phone.level < 26:
        pytest.skip("nobody waits for focus on phones that old")
    host = AndroidHost(phone.bridge())
    one, two = await host.open_session(Ear()), await host.open_session(Ear())
    await one.activate(ActivationRequest.of(recipe("music")))
    phone.java.calling(True)
    await phone.settle()
    await one.deactivate(notify_others=True)
    for session, name in ((one, "music"), (two, "alarm")):
        waiting = ActivationRequest.of(recipe(name), accepts_delay=True)
        assert (await session.activate(waiting)).outcome is Outcome.DELAYED
    phone.calls()
    await two.deactivate(notify_others=True)
    assert asked(phone) == ["AudioManager.requestAudioFocus"], "the first one's, which waits"
    await host.close()


# -- the end -------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["refused", "failed"])
async def test_a_session_that_is_closed_holds_nothing_whatever_the_phone_says(
    stage: Stage, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    phone = stage.phone
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    if how == "refused":
        phone.answer(give_back(phone), 0)
    else:
        phone.fail(give_back(phone), "java.lang.RuntimeException", "dead system")
    await stage.session.close()
    assert "would not take audio focus back" in caplog.text
    phone.forget(give_back(phone))
    await second.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    phone.calls()
    assert await second.set_active(False)
    assert asked(phone) == [give_back(phone)], "nobody else is asked for"
    assert phone.holders() == []
    await second.close()


async def test_a_second_session_that_is_closed_is_forgotten_though_java_fails(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    second = AudioSession(stage.host)
    await stage.session.set_active(True)
    await second.set_active(True, android_audio_focus_gain_type=MAY_DUCK)
    stage.phone.fail("AudioManager.requestAudioFocus", "java.lang.RuntimeException", "not now")
    await second.close()
    assert "not now" in caplog.text
    stage.phone.forget("AudioManager.requestAudioFocus")
    assert await stage.session.set_active(False)
    assert stage.phone.holders() == []


async def test_what_the_phone_would_not_take_back_the_end_of_the_host_gives_back(
    stage: Stage,
) -> None:
    phone = stage.phone
    await stage.session.set_active(True)
    phone.answer(give_back(phone), 0)
    await stage.session.close()
    assert phone.holders() == ["app"]
    phone.forget(give_back(phone))
    await stage.host.close()
    assert phone.holders() == []


async def test_a_client_of_its_own_ends_though_the_phone_refuses(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    manager, heard = AudioManager(stage.host), list[int]()
    await manager.request_audio_focus(focus_request(heard))
    stage.phone.answer(give_back(stage.phone), 0)
    await manager.close()
    assert "would not take audio focus back" in caplog.text
    stage.phone.java.tellFocus("app", LOSS)
    await stage.phone.settle()
    assert heard == []


# -- several hosts -------------------------------------------------------------------------------


async def test_two_hosts_of_an_app_are_one_client(phone: Phone) -> None:
    hosts = [AndroidHost(phone.bridge()) for _ in range(2)]
    one, two = (AudioSession(host) for host in hosts)
    words: list[str] = []
    one.interruption_event_stream.listen(lambda event: words.append(event.type.value))
    await one.set_active(True)
    await two.configure(recipe("speech"))
    await two.set_active(True)
    await phone.settle()
    assert phone.holders() == ["app"]
    assert (one.is_active, two.is_active, words) == (True, True, [])
    phone.java.tellFocus("app", CAN_DUCK)
    await phone.settle()
    assert words == ["duck"]
    await one.close()
    await hosts[0].close()
    assert phone.holders() == ["app"], "the other host has it still"
    two.interruption_event_stream.listen(lambda event: words.append(event.type.value))
    phone.java.tellFocus("app", GAIN)
    await phone.settle()
    assert words == ["duck", "pause"], "each in its own words"
    await two.close()
    await hosts[1].close()
    assert phone.holders() == []


async def test_the_hosts_of_two_apps_are_strangers(stage: Stage) -> None:
    other_host = AndroidHost(stage.phone.bridge("other"))
    other = AudioSession(other_host)
    await stage.session.set_active(True)
    await other.set_active(True)
    await stage.phone.settle()
    assert stage.words == ["begin unknown"]
    assert stage.phone.holders() == ["other"]
    await other.close()
    await other_host.close()


async def test_the_next_host_begins_anew(phone: Phone) -> None:
    for _ in range(2):
        host = AndroidHost(phone.bridge())
        session = AudioSession(host)
        await session.set_active(True)
        assert phone.holders() == ["app"]
        await host.close()
        assert phone.holders() == []


async def test_nothing_is_kept_of_a_host_that_is_closed(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    bridge = weakref.ref(host.api.bridge)
    session = AudioSession(host)
    await session.set_active(True)
    await session.close()
    await host.close()
    # The phone may be telling something still.
    await phone.settle()
    del host, session
    gc.collect()
    assert bridge() is None
