"""AVAudioSession: secondary audio and media services (rules 74 to 79, 120, 121)."""

from __future__ import annotations

from audiosession import AudioSessionConfiguration
from audiosession.apple import (
    AVAudioSessionNotificationName,
    AVAudioSessionPromptStyle,
    AVAudioSessionSilenceSecondaryAudioHintType,
)
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
)

Name = AVAudioSessionNotificationName
HINT = AVAudioSessionSilenceSecondaryAudioHintType


async def test_74_75_other_audio() -> None:
    device = phone()
    session = await started(device.app("game"), Category.AMBIENT)
    assert not session.is_other_audio_playing
    await started(device.app("rain"), options=Options.MIX_WITH_OTHERS)
    assert not session.is_other_audio_playing
    device.app("rain").player().play()
    assert session.is_other_audio_playing
    assert not session.secondary_audio_should_be_silenced_hint
    other = await started(device.app("music"))
    io = other.make_io()
    await io.start()
    assert session.secondary_audio_should_be_silenced_hint
    await io.stop()
    assert not session.secondary_audio_should_be_silenced_hint


async def test_76_77_the_hint_follows_real_start_and_stop() -> None:
    device = phone()
    session = await started(device.app("game"), Category.AMBIENT)
    with heard(session) as notifications:
        await started(device.app("music"))
        assert notifications.names == []
        player = device.app("music").player()
        player.play()
        player.pause()
        player.resume()
        await started(device.app("rain"), options=Options.MIX_WITH_OTHERS)
        device.app("rain").player().play()
        kinds = [
            info[Key.SILENCE_SECONDARY_AUDIO_HINT_TYPE]
            for info in notifications.of(Name.SILENCE_SECONDARY_AUDIO_HINT)
        ]
    assert kinds == [HINT.BEGIN, HINT.END, HINT.BEGIN]
    assert (HINT.BEGIN.value, HINT.END.value) == (1, 0)


async def test_76_only_apps_in_front_with_an_active_session() -> None:
    device = phone()
    background = await started(device.app("background"), options=Options.MIX_WITH_OTHERS)
    device.app("background").to_background()
    inactive = session_of(device.app("inactive"))
    await inactive.set_category(Category.AMBIENT)
    _ = inactive.secondary_audio_should_be_silenced_hint
    with heard(background) as one, heard(inactive) as two:
        await started(device.app("music"))
        device.app("music").player().play()
        assert one.names == two.names == []


async def test_78_the_property_says_so_when_the_app_comes_back() -> None:
    device = phone()
    session = await started(device.app("game"), Category.AMBIENT)
    device.app("game").to_background()
    await started(device.app("music"))
    device.app("music").player().play()
    device.app("game").to_foreground()
    assert session.secondary_audio_should_be_silenced_hint


async def test_79_prompt_style() -> None:
    device = phone()
    session = await started(device.app("navigation"), options=Options.DUCK_OTHERS)
    styles: list[AVAudioSessionPromptStyle] = []
    session.observe("prompt_style", styles.append)
    assert now(session.prompt_style) is AVAudioSessionPromptStyle.NORMAL
    recorder = await started(device.app("recorder"), Category.RECORD)
    assert now(session.prompt_style) is AVAudioSessionPromptStyle.NONE
    await recorder.set_active(False)
    siri = device.assistant()
    assert now(session.prompt_style) is AVAudioSessionPromptStyle.NONE
    siri.answer()
    assert now(session.prompt_style) is AVAudioSessionPromptStyle.SHORT
    siri.end()
    call = device.incoming_call()
    call.accept()
    assert now(session.prompt_style) is AVAudioSessionPromptStyle.SHORT
    call.end()
    style = AVAudioSessionPromptStyle
    assert styles == [
        style.NONE,
        style.NORMAL,
        style.NONE,
        style.SHORT,
        style.NORMAL,
        style.SHORT,
        style.NORMAL,
    ]


async def test_120_media_services_lost_and_reset() -> None:
    device = phone(26, 0)
    session = await started(device.app("player"))
    with heard(session) as notifications:
        device.lose_media_services()
        device.reset_media_services()
        assert notifications.names == ["MediaServicesWereLost", "MediaServicesWereReset"]
        assert [dict(one.user_info) for one in notifications.all] == [{}, {}]


async def test_121_after_a_reset_everything_is_to_be_set_up_anew() -> None:
    device = phone()
    app = device.app("player")
    session = await started(app, Category.PLAY_AND_RECORD, mode=Mode.VOICE_CHAT)
    await session.set_preferred_sample_rate(16_000.0)
    io = session.make_io()
    await io.start()
    with heard(session) as notifications:
        device.lose_media_services()
        assert not io.running
        device.reset_media_services()
        assert session_of(app) is session
        assert not session.is_active
        assert now(session.category) is Category.SOLO_AMBIENT
        assert now(session.mode) is Mode.DEFAULT
        assert session.preferred_sample_rate == 0.0
        with fails(Code.MEDIA_SERVICES_FAILED):
            await io.start()
        notifications.clear()
        await session.set_active(True)
        assert notifications.names[-1] == "DidBecomeActive"
    assert now(session.category) is Category.SOLO_AMBIENT
    await session.make_io().start()


async def test_121_the_same_configuration_counts_again_once_it_is_set_again() -> None:
    device = phone()
    app = device.app("player")
    music = AudioSessionConfiguration.music()
    await app.session.configure(music)
    session = session_of(app)
    device.lose_media_services()
    device.reset_media_services()
    await app.session.set_active(False)
    assert now(session.category) is Category.SOLO_AMBIENT
    await app.session.configure(music)
    assert now(session.category) is Category.PLAYBACK
