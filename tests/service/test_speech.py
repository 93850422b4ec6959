"""What the service takes for speech: where Android's rules judge, it is told, not lowered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audiosession import AudioSessionConfiguration
from audiosession.android import (
    AndroidAudioAttributes,
    AndroidAudioContentType,
    AndroidAudioUsage,
)
from audiosession.apple import AVAudioSessionCategory, AVAudioSessionMode
from audiosession.core.gains import to_linear

from .fake_server import Ear, Stage, activate, asks

PODCAST, GUIDE = 1, 100
LOWERED = to_linear(-14.0)
SPOKEN = AudioSessionConfiguration(
    av_audio_session_category=AVAudioSessionCategory.PLAYBACK,
    av_audio_session_mode=AVAudioSessionMode.SPOKEN_AUDIO,
)
SUNG = replace(SPOKEN, av_audio_session_mode=AVAudioSessionMode.DEFAULT)
PROMPT = AudioSessionConfiguration.navigation_prompt()
CHIME = replace(
    PROMPT,
    android_audio_attributes=AndroidAudioAttributes(
        usage=AndroidAudioUsage.ASSISTANCE_NAVIGATION_GUIDANCE,
        content_type=AndroidAudioContentType.SONIFICATION,
    ),
)


async def under_a_prompt(
    stage: Stage, *configurations: AudioSessionConfiguration, role: str = ""
) -> tuple[float, Ear]:
    """An app's factor when a prompt comes, and what the app heard; it is the last of these."""
    session, ear = stage.open("podcast", pid=PODCAST)
    await session.activate(asks(configurations[0]))
    stream = stage.server.play(pid=PODCAST, **({"media_role": role} if role else {}))
    for configuration in configurations[1:]:
        await session.configure(configuration)
    guide, _ = stage.open("guide", pid=GUIDE)
    await activate(guide, "navigation_prompt")
    stage.clock.advance(1.0)
    return stage.factor(stream), ear


@pytest.mark.parametrize(
    ("configuration", "spoken"),
    [(SPOKEN, True), (SUNG, False), (PROMPT, True), (CHIME, False)],
)
async def test_android_32_33_a_stream_is_speech_where_its_app_says_so(
    configuration: AudioSessionConfiguration, spoken: bool
) -> None:
    async with Stage(policy="android") as stage:
        factor, ear = await under_a_prompt(stage, configuration)
        assert (factor, ear.words) == ((1.0, ["begin duck"]) if spoken else (LOWERED, []))


@pytest.mark.parametrize(("before", "now", "spoken"), [(SUNG, SPOKEN, True), (SPOKEN, SUNG, False)])
async def test_android_32_33_what_an_app_says_later_counts(
    before: AudioSessionConfiguration, now: AudioSessionConfiguration, spoken: bool
) -> None:
    async with Stage(policy="android") as stage:
        factor, ear = await under_a_prompt(stage, before, now)
        assert (factor, ear.words) == ((1.0, ["begin duck"]) if spoken else (LOWERED, []))


@pytest.mark.parametrize(
    ("configuration", "role", "spoken"), [(SPOKEN, "music", False), (SUNG, "podcast", True)]
)
async def test_android_33_what_the_stream_itself_says_comes_first(
    configuration: AudioSessionConfiguration, role: str, spoken: bool
) -> None:
    async with Stage(policy="android") as stage:
        factor, ear = await under_a_prompt(stage, configuration, role=role)
        assert (factor, ear.words) == ((1.0, ["begin duck"]) if spoken else (LOWERED, []))
