"""Who mixes with others, in the one API's words, asks no phone for focus."""

from __future__ import annotations

import pytest

from audiosession import AudioSession, AudioSessionConfiguration, recipe
from audiosession.apple import AVAudioSessionCategory, AVAudioSessionCategoryOptions
from audiosession.errors import DeniedError, UnsupportedError
from audiosession.hosts.android import AndroidHost
from audiosession.hosts.base import ActivationRequest, Outcome
from tests.hosts.contract import Ear

from .kit import GAIN, LOSS, MAY_DUCK, NOISY, TRANSIENT, Stage, asked, give_back
from .phone import Phone

_Category = AVAudioSessionCategory
_Options = AVAudioSessionCategoryOptions


def apple(
    category: AVAudioSessionCategory, options: AVAudioSessionCategoryOptions | None = None
) -> AudioSessionConfiguration:
    return AudioSessionConfiguration(
        av_audio_session_category=category, av_audio_session_category_options=options
    )


async def test_a_game_leaves_the_users_music_alone(stage: Stage) -> None:
    heard: list[int] = []
    await stage.other.request_audio_focus(lambda change: heard.append(int(change)), 3, 1)
    await stage.session.configure(recipe("game"))
    assert await stage.session.set_active(True)
    assert stage.session.is_active
    stage.phone.send(stage.phone.intent(NOISY))
    await stage.phone.settle()
    assert stage.words == ["noisy"]
    assert await stage.session.set_active(False)
    assert not stage.session.is_active
    await stage.phone.settle()
    assert heard == []
    assert stage.phone.holders() == ["other"]


async def test_a_game_is_let_in_where_nobody_gets_focus(stage: Stage) -> None:
    stage.phone.java.calling(True)
    await stage.session.configure(recipe("game"))
    assert await stage.session.set_active(True)
    await stage.session.configure(recipe("game").copy_with(android_will_pause_when_ducked=True))
    assert asked(stage.phone) == []


@pytest.mark.parametrize(
    ("configuration", "gain"),
    [
        (apple(_Category.AMBIENT), None),
        (apple(_Category.PLAYBACK, _Options.MIX_WITH_OTHERS), None),
        (apple(_Category.PLAY_AND_RECORD, _Options.MIX_WITH_OTHERS), None),
        (apple(_Category.PLAYBACK), 1),
        (apple(_Category.SOLO_AMBIENT), 1),
        # What lowers others asks with the gain that is configured.
        (apple(_Category.PLAYBACK, _Options.DUCK_OTHERS), 1),
        (
            apple(_Category.PLAYBACK, _Options.DUCK_OTHERS).copy_with(
                android_audio_focus_gain_type=MAY_DUCK
            ),
            3,
        ),
        (AudioSessionConfiguration(), 1),
    ],
    ids=["ambient", "mix", "record", "playback", "solo", "duck", "may duck", "nothing"],
)
async def test_who_is_asked_for_and_how(
    stage: Stage, configuration: AudioSessionConfiguration, gain: int | None
) -> None:
    # Then who is lowered hears of it, at every level.
    stage.phone.java.ducks(False)
    heard: list[int] = []
    await stage.other.request_audio_focus(lambda change: heard.append(int(change)), 3, 1)
    await stage.session.configure(configuration)
    assert await stage.session.set_active(True)
    await stage.phone.settle()
    assert heard == ([] if gain is None else [-gain])


async def test_a_gain_that_the_request_names_is_asked_for(phone: Phone) -> None:
    host = AndroidHost(phone.bridge())
    session = await host.open_session(Ear())
    await session.activate(ActivationRequest.of(recipe("game"), gain_type=TRANSIENT))
    assert phone.holders() == ["app"]
    await session.activate(ActivationRequest.of(recipe("game")))
    assert phone.holders() == []
    # Android's own words are taken as they are.
    await session.activate(ActivationRequest.of(recipe("game"), target_sdk=36))
    assert phone.holders() == ["app"]
    with pytest.raises(UnsupportedError, match="locking"):
        await session.activate(ActivationRequest.of(recipe("game"), locked=True))
    with pytest.raises(UnsupportedError, match="zone"):
        await session.activate(ActivationRequest.of(recipe("game"), zone="2"))
    await host.close()


async def test_who_stops_mixing_asks_and_who_begins_to_gives_back(stage: Stage) -> None:
    session, phone = stage.session, stage.phone
    await session.configure(recipe("game"))
    await session.set_active(True)
    await session.configure(recipe("music"))
    assert phone.holders() == ["app"]
    await session.configure(recipe("game"))
    assert phone.holders() == []
    assert session.is_active
    await session.configure(recipe("alarm"))
    assert phone.holders() == ["app"]
    assert stage.words == []


async def test_a_refusal_leaves_it_as_it_was(stage: Stage) -> None:
    session, phone = stage.session, stage.phone
    await session.configure(recipe("game"))
    await session.set_active(True)
    phone.answer("AudioManager.requestAudioFocus", 0)
    with pytest.raises(DeniedError):
        await session.configure(recipe("music"))
    assert session.is_active
    phone.forget("AudioManager.requestAudioFocus")
    await session.configure(recipe("music"))
    phone.answer(give_back(phone), 0)
    with pytest.raises(DeniedError):
        await session.configure(recipe("game"))
    phone.forget(give_back(phone))
    assert phone.holders() == ["app"]
    await stage.other_asks(TRANSIENT)
    assert stage.words == ["begin pause"], "it is one that hears, as it was"


async def test_who_begins_to_mix_is_interrupted_no_more_and_takes_from_nobody(
    stage: Stage,
) -> None:
    ear = Ear()
    session = await stage.host.open_session(ear)
    await session.activate(ActivationRequest.of(recipe("music")))
    await stage.other_asks(TRANSIENT)
    assert session.interrupted
    await session.configure(recipe("game"))
    assert not session.interrupted
    assert stage.phone.holders() == ["other"]
    await stage.other_closes()
    assert ear.words == ["begin pause"], "it ended without a word, by the app's own doing"


async def test_who_waits_and_begins_to_mix_is_active(phone: Phone) -> None:
    if phone.level < 26:
        pytest.skip("nobody waits for focus on phones that old")
    host, ear = AndroidHost(phone.bridge()), Ear()
    session = await host.open_session(ear)
    phone.java.calling(True)
    waiting = await session.activate(ActivationRequest.of(recipe("music"), accepts_delay=True))
    assert waiting.outcome is Outcome.DELAYED
    await session.configure(recipe("game"))
    assert ear.words == ["gained"]
    phone.java.calling(False)
    await phone.settle()
    assert ear.words == ["gained"]
    assert phone.holders() == []
    await host.close()


async def test_beside_a_session_that_has_focus_it_changes_nothing(stage: Stage) -> None:
    game = AudioSession(stage.host)
    await stage.session.set_active(True)
    stage.phone.calls()
    await game.configure(recipe("game"))
    assert await game.set_active(True)
    await game.close()
    assert asked(stage.phone) == []
    stage.phone.java.tellFocus("app", LOSS)
    stage.phone.java.tellFocus("app", GAIN)
    await stage.phone.settle()
    assert stage.words == ["begin unknown"]
