"""Apps on the simulated device: their states, sessions, players and permissions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from audiosession import (
    AndroidAudioFocusGainType,
    AudioSession,
    recipe,
)
from audiosession.core.effects import Effect, GainChanged, Granted
from audiosession.errors import (
    ClosedError,
    DeniedError,
    IllegalRequestError,
    InvalidTypeError,
    InvalidValueError,
    LimitError,
)
from audiosession.hosts.simulated import (
    AppState,
    MicrophonePermission,
    Observer,
    SimulatedApp,
    SimulatedDevice,
)
from audiosession.hosts.simulated.app import MAX_PLAYERS, MAX_SESSIONS
from audiosession.testing import Heard

from .kit import start


class Levels(Observer):
    """Adds up what an observer is told of an app's levels, as a mixer does."""

    def __init__(self, app: str) -> None:
        self.app = app
        self.layers: dict[str, float] = {}

    def applied(self, at: float, app: str, effect: Effect) -> None:
        if app == self.app and isinstance(effect, GainChanged):
            self.layers["hold"] = effect.to_db

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        if app == self.app:
            self.layers[layer] = to_db


@pytest.fixture
def device() -> SimulatedDevice:
    return SimulatedDevice()


# -- several apps --------------------------------------------------------------------------------


async def test_the_last_music_in_stops_the_other(device: SimulatedDevice) -> None:
    first = await start(device, "first")
    heard = Heard(first.session)
    second = await start(device, "second")
    assert heard.words == ["begin unknown"]
    assert heard.interruptions[0].reason.value == "other-app"
    assert (first.standing, second.standing) == ("inactive", "active")
    assert (first.session.is_active, second.session.is_active) == (False, True)


async def test_a_prompt_lowers_music_and_pauses_a_podcast(device: SimulatedDevice) -> None:
    for recipe_name, standing, begins, ends in (
        ("music", "ducked", "begin duck", "end duck"),
        ("speech", "interrupted", "begin pause", "end pause"),
    ):
        app = await start(device, recipe_name, recipe_name)
        heard = Heard(app.session)
        prompt = await start(device, "prompt", "navigation_prompt")
        assert app.standing == standing
        await prompt.session.set_active(False)
        assert app.standing == "active"
        assert heard.words == [begins, ends]
        await app.session.set_active(False)


async def test_two_prompts_lower_once_and_the_last_lets_go(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    one = await start(device, "one", "notification")
    two = await start(device, "two", "notification")
    device.advance(1.0)
    assert music.player().level_db == pytest.approx(-14.0)
    await one.session.set_active(False)
    device.advance(1.0)
    assert music.player().level_db == pytest.approx(-14.0)
    await two.session.set_active(False)
    device.advance(1.0)
    assert music.player().level_db == 0.0


async def test_an_app_with_several_sessions_stands_as_the_hardest_of_them(
    device: SimulatedDevice,
) -> None:
    app = device.app("app")
    await app.session.configure(recipe("music"))
    await app.session.set_active(True)
    second = AudioSession(app.host)
    await second.configure(recipe("speech"))
    await second.set_active(True)
    assert app.standing == "active"
    prompt = await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    assert app.standing == "interrupted"
    assert app.gain_db == -120.0
    assert [session.id for session in app.sessions] == ["app", "app#2"]
    app.player().play()
    assert app.player().level_db == pytest.approx(-14.0), "it sounds in the first session"
    await prompt.session.close()
    assert app.standing == "active"


async def test_reconfiguring_takes_effect_at_once(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt")
    assert music.standing == "ducked"
    await prompt.session.configure(recipe("game"))
    assert music.standing == "active"


async def test_an_active_session_is_refused_what_it_may_not_become(
    device: SimulatedDevice,
) -> None:
    music = await start(device, "music")
    device.incoming_call().accept()
    prompt = await start(device, "prompt", "navigation_prompt")
    with pytest.raises(DeniedError) as caught:
        await prompt.session.configure(recipe("recording"))
    assert (caught.value.session, caught.value.holder) == ("prompt", "phone")
    assert prompt.session.configuration == recipe("navigation_prompt")
    assert prompt.standing == "ducked"
    assert music.standing == "interrupted"


async def test_a_refusal_names_holder_and_rule(device: SimulatedDevice) -> None:
    device.incoming_call().accept()
    app = device.app("recorder")
    await app.session.configure(recipe("recording"))
    assert await app.session.set_active(True) is False
    assert app.standing == "inactive"


async def test_an_override_decides_how_hard_it_asks(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    other = device.app("other")
    await other.session.set_active(
        True, android_audio_focus_gain_type=AndroidAudioFocusGainType.GAIN_TRANSIENT
    )
    assert music.standing == "interrupted"


async def test_where_an_interruption_ends_the_activation_the_session_is_not_active() -> None:
    device = SimulatedDevice(policy="apple")
    music = await start(device, "music")
    call = device.incoming_call()
    assert not music.session.is_active
    assert music.standing == "interrupted"
    call.decline()
    assert music.standing == "inactive"
    assert await music.session.set_active(True)
    assert music.session.is_active


async def test_a_late_grant_reaches_the_session(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    heard = Heard(app.session)
    app.session.lost_claim()
    late = Granted(session="app", cause="app", rule="waited", late=True)
    app.sessions[0].hear(late, None)
    assert app.session.is_active
    assert heard.words == [], "no end without a beginning"
    alarm = device.alarm()
    app.sessions[0].hear(late, None)
    assert heard.words == ["begin pause", "end pause"]
    assert heard.interruptions[1].should_resume
    alarm.dismiss()


# -- sessions and players ------------------------------------------------------------------------


async def test_a_player_made_first_shares_the_session_its_owner_opens_later(
    device: SimulatedDevice,
) -> None:
    app = device.app("app")
    player = app.player()
    player.play()
    device.plug("wired headphones")
    device.incoming_call().decline()
    device.unplug("wired headphones")
    await app.session.configure(recipe("music"))
    assert [session.id for session in app.sessions] == ["app"]
    heard = Heard(app.session)
    await app.session.set_active(True)
    device.alarm()
    assert heard.words == ["begin pause"]


async def test_a_player_made_first_after_a_relaunch_shares_the_session_too(
    device: SimulatedDevice,
) -> None:
    app = await start(device, "app")
    app.kill()
    app.relaunch()
    app.player().play()
    await app.session.set_active(True)
    assert [session.id for session in app.sessions] == ["app#2"]


async def test_a_closed_session_is_followed_by_a_new_one(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    first = app.session
    await first.close()
    assert app.standing == "inactive"
    assert app.session is not first
    await app.session.configure(recipe("music"))
    await app.session.set_active(True)
    assert app.standing == "active"


async def test_a_player_goes_on_in_the_next_session_and_is_held_with_it(
    device: SimulatedDevice,
) -> None:
    app = await start(device, "app")
    player = app.player()
    await app.session.close()
    await app.session.configure(recipe("music"))
    await app.session.set_active(True)
    assert device.arbiter.view("app#2").playing is True
    await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    assert player.level_db == pytest.approx(-14.0)


async def test_a_player_whose_session_closes_joins_another_of_its_app(
    device: SimulatedDevice,
) -> None:
    app = await start(device, "app")
    idle = app.player("idle")
    second = AudioSession(app.host)
    await second.configure(recipe("music"))
    await second.set_active(True)
    await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    await app.session.close()
    assert device.arbiter.view("app#2").playing is True
    assert app.player().level_db == pytest.approx(-14.0)
    idle.play()
    assert idle.level_db == pytest.approx(-14.0)


async def test_closing_while_held_gives_the_level_back(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    levels = Levels("app")
    device.observe(levels)
    await start(device, "prompt", "navigation_prompt")
    device.advance(1.0)
    await app.session.close()
    device.advance(1.0)
    assert app.player().level_db == 0.0
    assert levels.layers["hold"] == 0.0


async def test_a_session_used_after_its_app_closed_it_is_refused(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    inner = app.sessions[0]
    await app.session.close()
    await inner.close()
    for use in (
        lambda: inner.configure(recipe("music")),
        lambda: inner.deactivate(notify_others=True),
        inner.devices,
        lambda: inner.quiet(0.1),
        lambda: inner.user_action(paused=True),
    ):
        with pytest.raises(ClosedError):
            await use()


async def test_sessions_and_players_of_an_app_are_limited(device: SimulatedDevice) -> None:
    app = device.app("app")
    for number in range(MAX_PLAYERS):
        app.player(str(number))
    with pytest.raises(LimitError, match="players of one app"):
        app.player("more")
    assert len(app.players) == MAX_PLAYERS
    for _ in range(MAX_SESSIONS):
        await AudioSession(app.host)
    with pytest.raises(LimitError, match="sessions of one app"):
        await AudioSession(app.host)
    assert len(app.sessions) == MAX_SESSIONS


@pytest.mark.parametrize(
    ("name", "error"),
    [("", InvalidValueError), ("x" * 65, InvalidValueError), (1, InvalidTypeError)],
)
def test_a_players_name_is_checked(
    device: SimulatedDevice, name: Any, error: type[IllegalRequestError]
) -> None:
    app = device.app("app")
    with pytest.raises(error) as caught:
        app.player(name)
    assert caught.value.field == "name"
    assert app.players == ()


# -- what becomes of an app ----------------------------------------------------------------------


async def test_in_the_background_only_what_may_goes_on_sounding(device: SimulatedDevice) -> None:
    game = await start(device, "game", "game")
    music = await start(device, "music")
    for app in (game, music):
        app.to_background()
        assert app.state is AppState.BACKGROUND
    assert (game.player().level, music.player().level) == (0.0, 1.0)
    game.to_foreground()
    assert game.player().level == 1.0
    assert game.state is AppState.FOREGROUND


async def test_a_suspended_app_loses_the_audio_and_stands_still(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt")
    heard = Heard(music.session)
    prompt.suspend()
    assert prompt.state is AppState.SUSPENDED
    assert not prompt.player().playing
    assert not prompt.session.is_active
    assert heard.words == ["end duck"]
    prompt.to_foreground()
    assert await prompt.session.set_active(True)


async def test_a_killed_app_lets_go_of_everything(device: SimulatedDevice) -> None:
    music = await start(device, "music")
    prompt = await start(device, "prompt", "navigation_prompt")
    prompt_player = prompt.player()
    heard, last_words = Heard(music.session), Heard(prompt.session)
    prompt.kill()
    prompt.kill()
    device.advance(1.0)
    assert heard.words == ["end duck"]
    assert last_words.words == []
    assert music.player().level_db == 0.0
    assert (prompt.state, prompt.alive, prompt.standing) == (AppState.KILLED, False, "inactive")
    assert (prompt.players, prompt.sessions, prompt.gain_db) == ((), (), 0.0)
    with pytest.raises(ClosedError):
        prompt_player.play()
    with pytest.raises(ClosedError):
        await prompt.session.set_active(True)


@pytest.mark.parametrize(
    "action",
    [
        lambda app: app.player(),
        lambda app: app.to_background(),
        lambda app: app.to_foreground(),
        lambda app: app.suspend(),
        lambda app: app.user_pauses(),
        lambda app: app.user_plays(),
    ],
)
async def test_nothing_can_be_done_to_a_killed_app_but_to_start_it_again(
    device: SimulatedDevice, action: Callable[[SimulatedApp], object]
) -> None:
    app = await start(device, "app")
    app.kill()
    with pytest.raises(ClosedError):
        action(app)
    app.relaunch()
    action(app)
    assert app.alive


async def test_a_relaunched_app_begins_anew(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    old = app.session
    with pytest.raises(InvalidValueError) as caught:
        app.relaunch()
    assert caught.value.field == "app"
    app.kill()
    app.relaunch()
    assert app.state is AppState.FOREGROUND
    assert app.session is not old
    assert not app.session.is_configured
    assert await app.session.set_active(True)
    with pytest.raises(ClosedError):
        await old.set_active(True)


async def test_what_kept_an_app_down_does_not_outlive_it(device: SimulatedDevice) -> None:
    levels = Levels("game")
    device.observe(levels)
    game = await start(device, "game", "game")
    await start(device, "prompt", "navigation_prompt")
    device.set_silent_switch(True)
    device.advance(1.0)
    assert levels.layers == {"hold": -14.0, "switch": -120.0}
    game.kill()
    assert levels.layers == {"hold": 0.0, "switch": 0.0}
    device.set_silent_switch(False)
    game.relaunch()
    game.player().play()
    assert game.player().level == 1.0


async def test_events_on_the_device_pass_a_killed_app_by(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    heard = Heard(app.session)
    device.plug("wired headphones")
    heard.clear()
    app.kill()
    device.unplug("wired headphones")
    device.set_silent_switch(True)
    device.lock_screen()
    device.set_volume(0.5)
    device.lose_media_services()
    assert heard.words == []


# -- the user ------------------------------------------------------------------------------------


async def test_the_user_pauses_and_plays(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    app.user_pauses()
    assert not app.player().playing
    app.user_plays()
    assert app.player().playing


async def test_what_the_user_pauses_during_a_call_is_not_resumed(device: SimulatedDevice) -> None:
    app = await start(device, "app")
    app.session.handle_interruptions(app.player())
    call = device.incoming_call()
    app.user_pauses()
    call.decline()
    assert not app.player().playing


async def test_what_the_user_starts_during_a_call_plays_when_it_may(
    device: SimulatedDevice,
) -> None:
    app = await start(device, "app")
    heard = Heard(app.session)
    app.user_pauses()
    call = device.incoming_call()
    app.user_plays()
    assert not app.player().playing
    call.decline()
    assert heard.interruptions[-1].should_resume


# -- the microphone ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grants", "answer"),
    [(True, MicrophonePermission.GRANTED), (False, MicrophonePermission.DENIED)],
)
async def test_the_first_use_of_the_microphone_asks_the_user(
    device: SimulatedDevice, grants: bool, answer: MicrophonePermission
) -> None:
    device.grants_microphone = grants
    app = await start(device, "app", "music", playing=False)
    assert app.microphone is MicrophonePermission.UNDETERMINED
    await app.session.configure(recipe("recording"))
    assert app.microphone is answer
    device.grants_microphone = not grants
    await app.session.set_active(True)
    assert app.microphone is answer, "asked once"


async def test_activating_a_recording_asks_too_and_a_refusal_is_no_error(
    device: SimulatedDevice,
) -> None:
    device.grants_microphone = False
    app = await start(device, "recorder", "recording", playing=False)
    assert app.microphone is MicrophonePermission.DENIED
    assert app.standing == "active"


async def test_configuring_alone_asks_nobody(device: SimulatedDevice) -> None:
    app = device.app("recorder")
    await app.session.configure(recipe("recording"))
    assert app.microphone is MicrophonePermission.UNDETERMINED


async def test_permission_is_changed_in_the_settings(device: SimulatedDevice) -> None:
    app = device.app("app")
    app.set_microphone(MicrophonePermission.DENIED)
    assert app.microphone is MicrophonePermission.DENIED
    with pytest.raises(InvalidTypeError) as caught:
        app.set_microphone("granted")  # type: ignore[arg-type]
    assert caught.value.field == "permission"


# -- real time -----------------------------------------------------------------------------------


async def test_a_sound_ends_in_real_time() -> None:
    device = SimulatedDevice.in_real_time()
    app = await start(device, "app", playing=False)
    ended = asyncio.Event()
    app.player().finished.listen(lambda _: ended.set())
    app.player().play(duration_s=0.02)
    async with asyncio.timeout(10):
        await ended.wait()
    assert not app.player().playing
