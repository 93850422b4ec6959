"""What an app in the one API's words hears under Apple's and Android's policies: what it hears
from an iPhone and from an Android phone."""

from __future__ import annotations

import pytest

from audiosession import AudioInterruptionType, AudioSessionConfiguration, recipe
from audiosession.android.constants import AndroidAudioFocusGainType as Gain
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from audiosession.testing import Heard

from .kit import start

MUSIC = AudioSessionConfiguration.music()
PAUSES = MUSIC.copy_with(android_will_pause_when_ducked=True)
ANDROID = ("android", "android-car")
PAUSED_AND_RESUMED = [("pause", False), ("pause", True)]
PAUSED_AND_NOT = [("pause", False), ("unknown", False)]


def told(heard: Heard) -> list[tuple[str, bool]]:
    """Type and leave to resume of all that was heard."""
    return [(event.type.value, event.should_resume) for event in heard.interruptions]


async def listening(
    device: SimulatedDevice, configuration: AudioSessionConfiguration = PAUSES
) -> tuple[SimulatedApp, Heard]:
    """An app that plays, and whose player does what interruptions ask of it."""
    app = device.app("app")
    await app.session.configure(configuration)
    assert await app.session.set_active(True)
    app.player().play()
    app.session.handle_interruptions(app.player())
    return app, Heard(app.session)


async def asks(device: SimulatedDevice, name: str, gain: Gain) -> SimulatedApp:
    """Another app asks for the audio, that hard."""
    app = device.app(name)
    usual = recipe("navigation_prompt") if gain is Gain.GAIN_TRANSIENT_MAY_DUCK else MUSIC
    await app.session.configure(usual.copy_with(android_audio_focus_gain_type=gain))
    assert await app.session.set_active(True)
    return app


async def leaves(app: SimulatedApp) -> None:
    assert await app.session.set_active(False)


# -- Android: who pauses where others are lowered ------------------------------------------------


@pytest.mark.parametrize("policy", ANDROID)
async def test_who_pauses_when_ducked_is_told_to_pause(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    app, heard = await listening(device)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    assert not app.player().playing
    assert app.session.is_active
    await leaves(navigator)
    assert app.player().playing
    assert told(heard) == PAUSED_AND_RESUMED
    assert [event.begin for event in heard.interruptions] == [True, False]
    assert not any(event.system_ducked for event in heard.interruptions)


@pytest.mark.parametrize("policy", ANDROID)
async def test_what_the_user_paused_meanwhile_stays_paused(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    app, heard = await listening(device)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    app.user_pauses()
    await leaves(navigator)
    assert not app.player().playing
    assert told(heard) == PAUSED_AND_NOT


async def test_what_the_user_paused_and_plays_again_goes_on() -> None:
    device = SimulatedDevice(policy="android")
    app, heard = await listening(device)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    app.user_pauses()
    app.user_plays()
    await leaves(navigator)
    assert app.player().playing
    assert told(heard) == PAUSED_AND_RESUMED


@pytest.mark.parametrize("policy", ANDROID)
async def test_a_second_ducker_is_no_second_interruption(policy: str) -> None:
    device = SimulatedDevice(policy=policy)
    app, heard = await listening(device)
    one = await asks(device, "one", Gain.GAIN_TRANSIENT_MAY_DUCK)
    two = await asks(device, "two", Gain.GAIN_TRANSIENT_MAY_DUCK)
    await leaves(two)
    await leaves(one)
    assert told(heard) == PAUSED_AND_RESUMED
    assert app.player().playing


@pytest.mark.parametrize("policy", ANDROID)
@pytest.mark.parametrize("user_pauses", [False, True])
async def test_a_duck_that_becomes_a_pause_is_one_pause(policy: str, user_pauses: bool) -> None:
    device = SimulatedDevice(policy=policy)
    app, heard = await listening(device)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    if user_pauses:
        app.user_pauses()
    other = await asks(device, "other", Gain.GAIN_TRANSIENT)
    assert told(heard) == [("pause", False)]
    await leaves(other)
    await leaves(navigator)
    assert told(heard) == (PAUSED_AND_NOT if user_pauses else PAUSED_AND_RESUMED)
    assert app.player().playing is not user_pauses


async def test_a_duck_that_becomes_a_loss_has_no_end() -> None:
    device = SimulatedDevice(policy="android")
    app, heard = await listening(device)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    other = await asks(device, "other", Gain.GAIN)
    await leaves(other)
    await leaves(navigator)
    assert told(heard) == [("pause", False), ("unknown", False)]
    assert all(event.begin for event in heard.interruptions)
    assert not app.session.is_active
    assert not app.player().playing


@pytest.mark.parametrize("after", [PAUSES, MUSIC])
async def test_to_be_another_takes_it_back_unsaid_and_counts_from_then_on(
    after: AudioSessionConfiguration,
) -> None:
    device = SimulatedDevice(policy="android")
    before = MUSIC if after is PAUSES else PAUSES
    app, heard = await listening(device, before.copy_with(android_audio_attributes=None))
    await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    heard.clear()
    await app.session.configure(after)
    assert heard.words == [], "it asked anew, and has what it had lost"
    assert not app.sessions[0].interrupted
    app.player().play()
    await asks(device, "another", Gain.GAIN_TRANSIENT_MAY_DUCK)
    assert heard.words == (["begin pause"] if after is PAUSES else [])


async def test_who_speaks_is_told_to_go_down_as_before() -> None:
    device = SimulatedDevice(policy="android")
    app, heard = await listening(device, MUSIC)
    app.player().stop()
    app.player().play(spoken=True)
    navigator = await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK)
    assert app.player().playing
    await leaves(navigator)
    assert heard.words == ["begin duck", "end duck"]
    assert not any(event.system_ducked for event in heard.interruptions)


async def test_who_is_lowered_by_the_system_is_told_nothing() -> None:
    device = SimulatedDevice(policy="android")
    app, heard = await listening(device, MUSIC)
    await leaves(await asks(device, "navigator", Gain.GAIN_TRANSIENT_MAY_DUCK))
    assert heard.words == []
    assert app.player().playing


# -- Apple: nobody says at the beginning whether there will be an end ------------------------------


@pytest.mark.parametrize("declined", [True, False])
async def test_58_an_interruption_begins_as_unknown_and_ends_as_what_it_was(declined: bool) -> None:
    device = SimulatedDevice(policy="apple")
    app, heard = await listening(device, MUSIC)
    call = device.incoming_call()
    assert not app.session.is_active
    assert not app.player().playing
    if not declined:
        app.user_pauses()
    call.decline()
    assert told(heard) == [("unknown", False), ("pause", True) if declined else ("unknown", False)]


async def test_62_the_handler_activates_the_session_again_before_it_resumes() -> None:
    device = SimulatedDevice(policy="apple")
    app = device.app("app")
    await app.session.configure(MUSIC)
    assert await app.session.set_active(True)
    app.player().play()
    handler = app.session.handle_interruptions(app.player())
    device.incoming_call().decline()
    await handler.settled()
    assert app.session.is_active
    assert app.player().playing


async def test_an_interruption_that_may_end_runs_and_a_loss_for_good_does_not() -> None:
    runs = {}
    for policy in ("apple", "default"):
        device = SimulatedDevice(policy=policy)
        first = await start(device, "first")
        heard = Heard(first.session)
        await start(device, "second")
        assert heard.interruptions[0].type is AudioInterruptionType.UNKNOWN
        assert not first.session.is_active
        runs[policy] = first.sessions[0].interrupted
    assert runs == {"apple": True, "default": False}


# -- without media services ------------------------------------------------------------------------


@pytest.mark.parametrize("gives_up", [False, True])
async def test_who_gave_up_without_media_services_hears_no_end(gives_up: bool) -> None:
    device = SimulatedDevice(policy="apple")
    app, heard = await listening(device, MUSIC)
    device.lose_media_services()
    assert app.sessions[0].interrupted
    if gives_up:
        await leaves(app)
        assert not app.sessions[0].interrupted
    device.reset_media_services()
    assert heard.words == ["begin unknown", *([] if gives_up else ["end unknown"])]
    assert not app.sessions[0].interrupted
