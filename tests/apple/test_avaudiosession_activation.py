"""AVAudioSession: activation and deactivation (rules 19 to 43)."""

from __future__ import annotations

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.apple import (
    AVAudioSessionDeactivationOptions,
    AVAudioSessionInterruptionOptions,
    AVAudioSessionNotificationName,
    AVAudioSessionSetActiveOptions,
    NSError,
)
from audiosession.errors import InvalidTypeError, InvalidValueError
from audiosession.hosts.simulated import SimulatedDevice
from tests.apple.phone_kit import (
    Category,
    Code,
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

NOTIFY = AVAudioSessionSetActiveOptions.NOTIFY_OTHERS_ON_DEACTIVATION
INTERRUPTION = AVAudioSessionNotificationName.INTERRUPTION


async def test_19_running_io_activates_the_session() -> None:
    session = session_of(phone().app("player"))
    await session.set_category(Category.PLAYBACK)
    io = session.make_io()
    assert not session.is_active
    await io.start()
    assert io.running
    assert session.is_active
    await io.stop()
    assert not io.running
    assert session.is_active


async def test_19_running_io_fails_as_the_activation_does() -> None:
    device = phone()
    call = device.incoming_call()
    call.accept()
    session = session_of(device.app("recorder"))
    await session.set_category(Category.RECORD)
    io = session.make_io(input=True, output=False)
    with fails(Code.INSUFFICIENT_PRIORITY):
        await io.start()
    assert not io.running
    assert not session.is_active


@pytest.mark.parametrize(
    ("category", "input", "output"),
    [
        (Category.PLAYBACK, True, False),
        (Category.RECORD, False, True),
        (Category.AMBIENT, True, True),
    ],
)
async def test_19_io_that_the_category_does_not_have_fails(
    category: Category, input: bool, output: bool
) -> None:
    session = session_of(phone().app("player"))
    await session.set_category(category)
    io = session.make_io(input=input, output=output)
    with fails(Code.INCOMPATIBLE_CATEGORY):
        await io.start()
    assert not session.is_active


def test_io_that_does_nothing_is_refused() -> None:
    session = session_of(phone().app("player"))
    with pytest.raises(InvalidValueError):
        session.make_io(input=False, output=False)
    with pytest.raises(InvalidTypeError):
        session.make_io(input=1)  # type: ignore[arg-type]


async def test_20_the_newer_forms_do_the_same() -> None:
    device = phone()
    music = await started(device.app("music"))
    device.app("music").player().play()
    session = session_of(device.app("other"))
    await session.set_category(Category.PLAYBACK)
    await session.activate()
    assert now(session.is_active)
    with heard(music) as notifications:
        await session.deactivate(
            options=AVAudioSessionDeactivationOptions.NOTIFY_OTHERS_ON_DEACTIVATION
        )
        assert len(notifications.of(INTERRUPTION)) == 1
    assert not session.is_active
    with pytest.raises(InvalidTypeError):
        await session.activate(options=NOTIFY)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await session.set_active(True, options=1)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError):
        await session.set_active(1)  # type: ignore[arg-type]


async def test_21_22_23_who_does_not_mix_deactivates_who_does_not_mix() -> None:
    device = phone()
    music = await started(device.app("music"))
    game = await started(device.app("game"), Category.AMBIENT)
    assert music.is_active
    other = await started(device.app("other"))
    assert other.is_active
    assert not music.is_active
    assert game.is_active


async def test_24_a_session_that_does_not_mix_fails_during_a_call() -> None:
    device = phone()
    device.incoming_call().accept()
    session = session_of(device.app("game"))
    with pytest.raises(NSError, match=r"'!pri', 561017449\): 'phone' has the audio") as caught:
        await session.set_active(True)
    assert caught.value.code == Code.INSUFFICIENT_PRIORITY
    assert not session.is_active


@pytest.mark.parametrize("category", [Category.RECORD, Category.PLAY_AND_RECORD])
async def test_25_during_a_call_recording_fails_and_playback_does_not(category: Category) -> None:
    device = phone()
    device.incoming_call().accept()
    session = session_of(device.app("app"))
    await session.set_category(category)
    with fails(Code.INSUFFICIENT_PRIORITY):
        await session.set_active(True)
    await session.set_category(Category.PLAYBACK)
    await session.set_active(True)
    assert session.is_active
    with fails(Code.INSUFFICIENT_PRIORITY):
        await session.set_category(category)
    assert now(session.category) is Category.PLAYBACK
    assert session.is_active


async def test_26_27_28_in_the_background() -> None:
    app = phone().app("player")
    session = session_of(app)
    app.to_background()
    await session.set_category(Category.PLAYBACK)
    with fails(Code.CANNOT_START_PLAYING):
        await session.set_active(True)
    app.apple.background_audio = True
    with fails(Code.CANNOT_INTERRUPT_OTHERS):
        await session.set_active(True)
    await session.set_category(Category.SOLO_AMBIENT)
    with fails(Code.CANNOT_START_PLAYING):
        await session.set_active(True)
    await session.set_category(Category.PLAY_AND_RECORD, options=Options.MIX_WITH_OTHERS)
    with fails(Code.CANNOT_START_RECORDING):
        await session.set_active(True)
    app.apple.inter_app_audio = True
    await session.set_active(True)
    assert session.is_active


async def test_26_who_mixes_may_play_from_the_background() -> None:
    app = phone().app("player")
    app.apple.background_audio = True
    app.to_background()
    session = await started(app, options=Options.MIX_WITH_OTHERS)
    assert session.is_active


async def test_26_35_the_now_playing_app_may_interrupt_from_the_background() -> None:
    device = phone()
    app = device.app("player")
    app.apple.background_audio = app.apple.remote_commands = True
    session = await started(app)
    assert device.apple.now_playing == "player"
    app.to_background()
    await session.set_active(False)
    await session.set_active(True)
    assert session.is_active


@pytest.mark.parametrize(
    ("commands", "options"), [(False, Options.NONE), (True, Options.MIX_WITH_OTHERS)]
)
async def test_35_now_playing_takes_a_remote_command_and_not_mixing(
    commands: bool, options: Options
) -> None:
    device = phone()
    app = device.app("player")
    app.apple.remote_commands = commands
    await started(app, options=options)
    assert device.apple.now_playing == ""


async def test_27_a_suspended_app_cannot_activate() -> None:
    app = phone().app("player")
    session = session_of(app)
    await session.set_category(Category.PLAYBACK)
    app.suspend()
    with fails(Code.CANNOT_START_PLAYING):
        await session.set_active(True)


async def test_29_no_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    device = without_microphone(monkeypatch)
    session = session_of(device.app("recorder"))
    assert not session.is_input_available
    for category in (Category.RECORD, Category.PLAY_AND_RECORD):
        await session.set_category(category)
        with fails(Code.RESOURCE_NOT_AVAILABLE):
            await session.set_active(True)
    device.plug("wired headset")
    assert session.is_input_available
    await session.set_active(True)
    assert session.is_active


async def test_30_while_siri_records_nobody_else_can() -> None:
    device = phone()
    siri = device.assistant()
    session = session_of(device.app("recorder"))
    await session.set_category(Category.RECORD)
    with fails(Code.SIRI_IS_RECORDING):
        await session.set_active(True)
    siri.end()
    await session.set_active(True)
    assert session.is_active


async def test_31_without_media_services_everything_fails() -> None:
    device = phone()
    session = session_of(device.app("player"))
    device.lose_media_services()
    with fails(Code.MEDIA_SERVICES_FAILED):
        await session.set_active(True)
    with fails(Code.MEDIA_SERVICES_FAILED):
        await session.set_category(Category.PLAYBACK)
    with fails(Code.MEDIA_SERVICES_FAILED):
        await session.set_preferred_sample_rate(44_100.0)
    device.reset_media_services()
    await session.set_active(True)
    assert session.is_active


async def test_34_leaving_input_behind_while_it_runs_fails() -> None:
    session = await started(phone().app("recorder"), Category.PLAY_AND_RECORD)
    io = session.make_io(input=True)
    await io.start()
    with fails(Code.INSUFFICIENT_PRIORITY):
        await session.set_category(Category.PLAYBACK)
    assert now(session.category) is Category.PLAY_AND_RECORD
    await io.stop()
    await session.set_category(Category.PLAYBACK)
    assert now(session.category) is Category.PLAYBACK


async def test_36_activating_twice_is_activating_once() -> None:
    session = await started(phone().app("player"))
    with heard(session) as notifications:
        await session.set_active(True)
        assert notifications.names == []
    assert session.is_active


@pytest.mark.parametrize("playing", ["io", "player"])
@pytest.mark.parametrize(
    ("version", "fails_busy", "active"),
    [
        ((7, 1), True, True),
        ((8, 0), True, False),
        ((25, 9), True, False),
        ((26, 0), False, False),
        ((27, 0), False, False),
    ],
)
async def test_38_39_deactivation_with_running_io(
    version: tuple[int, int], fails_busy: bool, active: bool, playing: str
) -> None:
    app = phone(*version).app("player")
    session = await started(app)
    io = session.make_io()
    if playing == "io":
        await io.start()
    else:
        app.player().play()
    if fails_busy:
        with fails(Code.IS_BUSY):
            await session.set_active(False)
    else:
        await session.set_active(False)
    assert session.is_active is active
    running = io.running if playing == "io" else app.player().playing
    assert running is active


async def test_37_stopped_first_there_is_no_error_on_any_system() -> None:
    session = await started(phone(9, 0).app("player"))
    io = session.make_io()
    await io.start()
    await io.stop()
    await session.set_active(False)
    assert not session.is_active


async def test_40_the_option_means_nothing_for_an_activation() -> None:
    device = phone()
    session = await started(device.app("player"))
    await session.set_active(False)
    await session.set_active(True, options=NOTIFY)
    assert session.is_active


@pytest.mark.parametrize("notify", [True, False])
async def test_41_only_with_the_option_the_interrupted_may_resume(notify: bool) -> None:
    device = phone()
    app = device.app("music")
    music = await started(app)
    app.player().play()
    prompt = await started(device.app("prompt"))
    with heard(music) as notifications:
        options = NOTIFY if notify else AVAudioSessionSetActiveOptions.NONE
        await prompt.set_active(False, options=options)
        ended = notifications.of(INTERRUPTION)
    if notify:
        assert ended[0][Key.INTERRUPTION_OPTION] is AVAudioSessionInterruptionOptions.SHOULD_RESUME
    else:
        resume = AVAudioSessionInterruptionOptions.SHOULD_RESUME
        assert all(info[Key.INTERRUPTION_OPTION] != resume for info in ended)


async def test_42_after_an_interruption_deactivating_is_harmless() -> None:
    device = phone()
    session = await started(device.app("player"))
    call = device.incoming_call()
    assert not session.is_active
    await session.set_active(False)
    assert not session.is_active
    call.decline()
    await session.set_active(True)
    assert session.is_active


async def test_another_policys_refusal_is_one_of_priority() -> None:
    device = SimulatedDevice("car", policy="android-car")
    device.incoming_call().accept()
    app = device.app("music")
    await app.session.configure(AudioSessionConfiguration.music())
    session = session_of(app)
    with fails(Code.INSUFFICIENT_PRIORITY):
        await session.set_active(True)
    assert app.standing == "inactive"


async def test_modes_do_not_change_who_is_interrupted_by_a_prompt() -> None:
    device = phone()
    podcast = await started(device.app("podcast"), mode=Mode.SPOKEN_AUDIO)
    music = await started(device.app("music"), options=Options.MIX_WITH_OTHERS)
    await started(device.app("prompt"), options=Options.INTERRUPT_SPOKEN_AUDIO_AND_MIX_WITH_OTHERS)
    assert not podcast.is_active
    assert music.is_active
