"""AVAudioSession: the session object and its configuration (rules 1 to 18)."""

from __future__ import annotations

import pytest

from audiosession import AudioSession, AudioSessionConfiguration
from audiosession.apple import (
    AVAudioSession,
    AVAudioSessionCategory,
    AVAudioSessionRouteSharingPolicy,
    NSError,
)
from audiosession.errors import InvalidTypeError
from tests.apple.phone_kit import (
    Category,
    Code,
    Mode,
    Options,
    fails,
    now,
    phone,
    session_of,
    started,
    without_microphone,
)

Policy = AVAudioSessionRouteSharingPolicy


def test_1_one_shared_session_without_any_set_up() -> None:
    shared = AVAudioSession.shared_instance()
    assert AVAudioSession.shared_instance() is shared
    assert shared.audio_session is AudioSession.instance()


def test_1_one_view_for_each_session() -> None:
    device = phone()
    one, two = device.app("one").session, device.app("two").session
    assert AVAudioSession.of(one) is AVAudioSession.of(one)
    assert AVAudioSession.of(one) is not AVAudioSession.of(two)
    with pytest.raises(InvalidTypeError):
        AVAudioSession.of("one")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="shared_instance"):
        AVAudioSession()


async def test_1_what_one_surface_sets_the_other_reads() -> None:
    app = phone().app("player")
    session = session_of(app)
    await app.session.configure(AudioSessionConfiguration.voice_call())
    assert now(session.category) is Category.PLAY_AND_RECORD
    assert now(session.mode) is Mode.VOICE_CHAT
    await session.set_category(Category.AMBIENT)
    assert app.session.configuration is not None
    assert app.session.configuration.av_audio_session_category is Category.AMBIENT
    await app.session.set_active(True)
    assert session.is_active
    await session.set_active(False)
    assert not app.session.is_active


async def test_2_a_fresh_session() -> None:
    device = phone()
    app = device.app("fresh")
    session = session_of(app)
    assert now(session.category) is Category.SOLO_AMBIENT
    assert now(session.mode) is Mode.DEFAULT
    assert now(session.category_options) == Options.NONE
    assert now(session.route_sharing_policy) is Policy.DEFAULT
    assert not session.is_active
    other = await started(device.app("other"))
    await session.set_active(True)
    assert not other.is_active
    player = app.player()
    player.play()
    device.set_silent_switch(True)
    assert player.level_db == -120.0


async def test_3_moving_the_app_does_not_move_the_session() -> None:
    app = phone().app("player")
    session = await started(app)
    app.to_background()
    assert session.is_active
    app.to_foreground()
    await session.set_active(False)
    assert app.state.value == "foreground"


async def test_4_applied_at_activation_when_inactive_and_at_once_when_active() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAY_AND_RECORD)
    assert session.current_route.inputs == ()
    await session.set_active(True)
    assert len(session.current_route.inputs) == 1
    await session.set_category(Category.PLAYBACK)
    assert session.current_route.inputs == ()


async def test_6_options_are_not_sticky() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAYBACK, options=Options.MIX_WITH_OTHERS)
    assert now(session.category_options) == Options.MIX_WITH_OTHERS
    await session.set_category(Category.PLAYBACK)
    assert now(session.category_options) == Options.NONE


async def test_7_a_mode_that_does_not_fit_acts_like_the_default() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAYBACK, mode=Mode.VOICE_CHAT)
    assert now(session.mode) is Mode.DEFAULT
    await session.set_category(Category.PLAY_AND_RECORD)
    assert now(session.mode) is Mode.VOICE_CHAT
    await session.set_mode(Mode.MOVIE_PLAYBACK)
    assert now(session.mode) is Mode.DEFAULT


ILLEGAL = {
    "9 speaker": (Category.PLAYBACK, Mode.DEFAULT, Policy.DEFAULT, Options.DEFAULT_TO_SPEAKER),
    "9 bluetooth": (Category.PLAYBACK, Mode.DEFAULT, Policy.DEFAULT, Options.ALLOW_BLUETOOTH),
    "11 muted microphone": (
        Category.PLAYBACK,
        Mode.DEFAULT,
        Policy.DEFAULT,
        Options.OVERRIDE_MUTED_MICROPHONE_INTERRUPTION,
    ),
    "12 far field": (Category.RECORD, Mode.DEFAULT, Policy.DEFAULT, Options.FAR_FIELD_INPUT),
    "13 category": (Category.AMBIENT, Mode.DEFAULT, Policy.LONG_FORM_AUDIO, Options.NONE),
    "13 mode": (Category.PLAYBACK, Mode.MEASUREMENT, Policy.LONG_FORM_AUDIO, Options.NONE),
    "13 short": (Category.PLAYBACK, Mode.SHORT_FORM_VIDEO, Policy.LONG_FORM_VIDEO, Options.NONE),
    "13 option": (
        Category.PLAYBACK,
        Mode.DEFAULT,
        Policy.LONG_FORM_VIDEO,
        Options.MIX_WITH_OTHERS,
    ),
    "system's policy": (Category.PLAYBACK, Mode.DEFAULT, Policy.INDEPENDENT, Options.NONE),
    "old category": (Category.AUDIO_PROCESSING, Mode.DEFAULT, Policy.DEFAULT, Options.NONE),
}


@pytest.mark.parametrize("active", [False, True], ids=["inactive", "active"])
@pytest.mark.parametrize("name", ILLEGAL)
async def test_9_11_12_13_14_what_does_not_go_together_fails_and_changes_nothing(
    name: str, active: bool
) -> None:
    category, mode, policy, options = ILLEGAL[name]
    session = session_of(phone().app("player"))
    await session.set_category(
        Category.PLAY_AND_RECORD, mode=Mode.VIDEO_RECORDING, options=Options.MIX_WITH_OTHERS
    )
    if active:
        await session.set_active(True)
    with fails(Code.BAD_PARAM):
        await session.set_category(category, mode=mode, policy=policy, options=options)
    assert now(session.category) is Category.PLAY_AND_RECORD
    assert now(session.mode) is Mode.VIDEO_RECORDING
    assert now(session.category_options) == Options.MIX_WITH_OTHERS
    assert now(session.route_sharing_policy) is Policy.DEFAULT
    assert session.is_active is active


async def test_9_the_error_shows_domain_number_and_name() -> None:
    session = session_of(phone().app("player"))
    with pytest.raises(NSError) as caught:
        await session.set_category(Category.PLAYBACK, options=Options.DEFAULT_TO_SPEAKER)
    assert caught.value.domain == "NSOSStatusErrorDomain"
    assert caught.value.code == -50
    assert str(caught.value).startswith("AVAudioSessionErrorCodeBadParam (-50): DEFAULT_TO_SPEAKER")


async def test_10_playback_with_airplay_is_allowed_as_on_most_devices() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAYBACK, options=Options.ALLOW_AIR_PLAY)
    assert now(session.category_options) == Options.ALLOW_AIR_PLAY


async def test_13_long_form_with_what_it_goes_with() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(
        Category.PLAYBACK, mode=Mode.SPOKEN_AUDIO, policy=Policy.LONG_FORM_AUDIO
    )
    assert now(session.route_sharing_policy) is Policy.LONG_FORM_AUDIO
    with fails(Code.BAD_PARAM):
        await session.set_mode(Mode.SHORT_FORM_VIDEO)
    assert now(session.mode) is Mode.SPOKEN_AUDIO


async def test_16_17_18_options_read_with_what_they_bring_along() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAYBACK, options=Options.DUCK_OTHERS)
    assert int(session.category_options) == 0x3
    await session.set_category(
        Category.PLAYBACK, options=Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS
    )
    assert int(session.category_options) == 0x11
    await session.set_category(Category.PLAY_AND_RECORD, mode=Mode.VOICE_CHAT)
    assert now(session.category_options) == Options.ALLOW_BLUETOOTH_HFP
    await session.set_mode(Mode.VIDEO_CHAT)
    assert now(session.category_options) == Options.ALLOW_BLUETOOTH_HFP | Options.DEFAULT_TO_SPEAKER
    await session.set_mode(Mode.DEFAULT)
    assert now(session.category_options) == Options.NONE
    await session.set_category(Category.AMBIENT)
    assert now(session.category_options) == Options.MIX_WITH_OTHERS


def test_categories_and_modes_are_those_of_the_system() -> None:
    new, old = session_of(phone().app("a")), session_of(phone(9, 0).app("a"))
    assert Category.AUDIO_PROCESSING not in new.available_categories
    assert set(old.available_categories) == set(AVAudioSessionCategory)
    assert set(new.available_modes) == set(Mode)
    assert Mode.SPOKEN_AUDIO in old.available_modes
    assert Mode.VOICE_PROMPT not in old.available_modes


def test_a_first_system_has_no_later_categories_and_modes() -> None:
    first = session_of(phone(5, 1).app("a"))
    assert Category.MULTI_ROUTE not in first.available_categories
    assert Category.PLAY_AND_RECORD in first.available_categories
    assert not {Mode.MOVIE_PLAYBACK, Mode.VIDEO_CHAT} & set(first.available_modes)
    assert {Mode.DEFAULT, Mode.VOICE_CHAT} <= set(first.available_modes)


async def test_record_is_available_where_there_is_a_microphone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = without_microphone(monkeypatch)
    session = session_of(device.app("recorder"))
    assert Category.RECORD not in session.available_categories
    # It may be set all the same, and fails at the activation (apple 29).
    await session.set_category(Category.RECORD)
    device.plug("usb microphone")
    assert Category.RECORD in session.available_categories


async def test_a_mode_of_a_later_system_fails() -> None:
    session = session_of(phone(17, 0).app("player"))
    with fails(Code.BAD_PARAM):
        await session.set_mode(Mode.SHORT_FORM_VIDEO)


@pytest.mark.parametrize(
    "arguments",
    [
        {"category": "AVAudioSessionCategoryPlayback"},
        {"category": Category.PLAYBACK, "mode": "AVAudioSessionModeDefault"},
        {"category": Category.PLAYBACK, "policy": 1},
        {"category": Category.PLAYBACK, "options": 1},
    ],
)
async def test_wrong_types_are_refused(arguments: dict[str, object]) -> None:
    session = session_of(phone().app("player"))
    with pytest.raises(InvalidTypeError):
        await session.set_category(**arguments)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await session.set_mode("AVAudioSessionModeDefault")  # type: ignore[arg-type]
    assert now(session.category) is Category.SOLO_AMBIENT


async def test_a_closed_session_is_expired() -> None:
    app = phone().app("player")
    audio_session = app.session
    session = await started(app)
    await audio_session.close()
    with fails(Code.EXPIRED_SESSION):
        await session.set_category(Category.PLAYBACK)
    with fails(Code.EXPIRED_SESSION):
        await session.set_active(True)
    with fails(Code.EXPIRED_SESSION):
        _ = session.current_route
