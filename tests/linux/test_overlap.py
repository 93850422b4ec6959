"""Prompts over music: it is down when they begin, back soon after, and nobody hears a click.

An app in a process of its own gives each prompt inside ``session.activated()``, played by paplay.
All is heard on the sink's monitor: two tones, whose levels are told apart at every sample.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from audiosession.policies import load_policy
from tests.linux.conftest import check_programs
from tests.linux.overlap_kit import (
    PROMPT_HZ,
    Heard,
    prompter,
    prompts_over,
    sharp_prompt,
    soft_prompt,
)
from tests.linux.rig import PipeWireRig, PulseRig, RigError, SoundRig
from tests.linux.service_kit import DUCK_DB, Music, Stage, staged
from tests.linux.sound import RATE, Recording, record

pytestmark = pytest.mark.timeout(400)

PROMPTS = 100
AT_LEAST = 99
WITHIN_DB = 1.0
BACK_S = 0.2
"""How long after the fade the music may take to be back."""

QUIETER_DB = 20.0
"""How much quieter than a hard step a fade is to click."""
USUAL_CYCLE_QUIETER_DB = 7.0
"""The same on PipeWire in cycles of 1024 samples; see the test."""

_ROUND = 10
"""Prompts in one recording."""
_FULL = (65536, 65536)
_CLICKS = 8
_MOST_ROUNDS = 6
_REST_S = 0.7
_SCRIPT_VOLUME = "20%"

SETTINGS = load_policy().settings


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server."""
    async with staged(rig, monkeypatch) as stage:
        yield stage


async def test_a_hundred_prompts(stage: Stage) -> None:
    music = await stage.music()
    lowered = back = 0
    off: list[tuple[float, float]] = []
    async with prompter(stage.rig, "session", sharp_prompt(stage.rig, 0.15)) as app:
        for _ in range(PROMPTS // _ROUND):
            async with record(stage.rig, latency_ms=30) as recorder:
                heard = await prompts_over(recorder, music, app, _ROUND)
                recording = recorder.so_far()
            for prompt in heard:
                # From its first sample on, as long as the tones cannot be told apart sooner.
                start_s, end_s = prompt.onset_s, prompt.onset_s + 0.01
                level_db = recording.level_db(music.frequency_hz, start_s, end_s)
                after_s = _back_after(recording, music, prompt)
                off.append((level_db - music.level_db - DUCK_DB, after_s))
                lowered += abs(off[-1][0]) <= WITHIN_DB
                back += after_s <= SETTINGS.fade_up_s + BACK_S
    print(f"off in dB, and back after s: {off}")
    assert len(off) == PROMPTS
    assert lowered >= AT_LEAST, off
    assert back >= AT_LEAST, off


def _back_after(recording: Recording, music: Music, prompt: Heard) -> float:
    """Returns how long after a prompt the music is at its old level again, in seconds.

    The next prompt is not given before it is.
    """
    envelope = recording.envelope(music.frequency_hz)[round(prompt.end_s * RATE) :]
    least = 10 ** ((music.level_db - WITHIN_DB) / 20)
    return float(np.argmax(envelope >= least) / RATE)


# -- clicks ---------------------------------------------------------------------------------------
#
# A fade is a row of small steps. What it clicks with is the sum of their squares, so a fade in N
# steps clicks about 10 log N dB less than one step of the same height. How many there can be is
# the server's affair: it takes a volume over between two blocks of samples. The music is what
# it always is, and the blocks are as long as whoever wants the least latency asks for.


async def test_the_click_on_pulseaudio(monkeypatch: pytest.MonkeyPatch) -> None:
    check_programs(PulseRig)
    async with (
        PulseRig(modules=("load-module module-role-ducking",)) as rig,
        staged(rig, monkeypatch) as stage,
    ):
        music = await stage.music(volume=_FULL)
        async with _without_service(stage):
            theirs = [
                await _clicks(stage, music, "role", latency_ms=2),
                await _clicks(stage, music, "script", _SCRIPT_VOLUME, latency_ms=2),
            ]
        enough = tuple(min(each) - QUIETER_DB for each in zip(*theirs, strict=True))
        ours = await _clicks(stage, music, "session", latency_ms=2, enough_db=enough)
    print(f"clicks in dB, down and up: {ours}, role-ducking {theirs[0]}, script {theirs[1]}")
    assert ours[0] <= enough[0], (ours, theirs)
    assert ours[1] <= enough[1], (ours, theirs)


async def test_the_click_on_pipewire(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an app that wants little latency has the graph go round in 64 samples."""
    async with _pipewire(monkeypatch) as (stage, music):
        # pipewire-pulse asks for 256 samples at least; who wants fewer speaks PipeWire itself.
        stage.rig.popen(
            *("pw-record", "--latency=64", "-P", "stream.capture.sink=true"),
            *(f"--target={stage.rig.sink}", "/dev/null"),
        )
        await _quieter_than_a_script(stage, music, QUIETER_DB)


async def test_the_click_on_pipewire_in_its_usual_cycle(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 1024 samples a cycle, 21 ms, a fade of 0.12 s has six steps: that is about 9 dB.

    A node takes a volume over once a cycle and does not smooth it (`channelmix
    <https://gitlab.freedesktop.org/pipewire/pipewire/-/blob/0.3.65/spa/plugins/audioconvert/audioconvert.c>`__).
    The cycle is the user's to set, so 20 dB cannot be had here.
    """
    async with _pipewire(monkeypatch) as (stage, music):
        await _quieter_than_a_script(stage, music, USUAL_CYCLE_QUIETER_DB)


async def test_pipewire_has_no_role_ducking(pipewire_rig: PipeWireRig) -> None:
    """Else it would have to be heard beside ours, too."""
    with pytest.raises(RigError, match="No such entity"):
        await pipewire_rig.pactl("load-module module-role-ducking")


@asynccontextmanager
async def _pipewire(patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Stage, Music]]:
    """PipeWire as its users have it, the service in it, and music."""
    check_programs(PipeWireRig)
    async with PipeWireRig() as rig, staged(rig, patch) as stage:
        yield stage, await stage.music(volume=_FULL)


async def _quieter_than_a_script(stage: Stage, music: Music, by_db: float) -> None:
    async with _without_service(stage):
        theirs = await _clicks(stage, music, "script", _SCRIPT_VOLUME, latency_ms=30)
    enough = tuple(each - by_db for each in theirs)
    ours = await _clicks(stage, music, "session", latency_ms=30, enough_db=enough)
    print(f"clicks in dB, down and up: {ours}, script {theirs}")
    assert ours[0] <= enough[0], (ours, theirs)
    assert ours[1] <= enough[1], (ours, theirs)


@asynccontextmanager
async def _without_service(stage: Stage) -> AsyncIterator[None]:
    """The time in which others give prompts, for which the service would duck as well."""
    await stage.service.stop()
    yield
    await stage.service.start()


async def _clicks(
    stage: Stage,
    music: Music,
    way: str,
    *arguments: str,
    latency_ms: int,
    enough_db: tuple[float, ...] = (math.inf, math.inf),
) -> tuple[float, float]:
    """Returns the energy outside both tones' bands when the music goes down and up, in dB.

    The quietest of several prompts counts, whoever ducks: a machine that is busy drops sound and
    leaves steps out, which makes a click louder and never quieter. Where it is too busy in all
    of them more are given, until both are ``enough_db``. The prompts begin and end softly.
    """
    prompt = soft_prompt(stage.rig, 0.5)
    tones = (music.frequency_hz, PROMPT_HZ)
    up_s = SETTINGS.fade_up_s + 0.25
    downs: list[float] = []
    ups: list[float] = []
    async with prompter(stage.rig, way, prompt, *arguments) as app:
        for _ in range(_MOST_ROUNDS):
            async with record(stage.rig, latency_ms=latency_ms) as recorder:
                heard = await prompts_over(recorder, music, app, _CLICKS, rest_s=_REST_S)
                # The music is up again a little before the span that is measured ends.
                await recorder.reach(heard[-1].end_s + up_s + 0.3)
                heard_all = recorder.so_far()
            downs += (heard_all.click_db(tones, h.onset_s - 0.5, h.onset_s + 0.05) for h in heard)
            ups += (heard_all.click_db(tones, h.end_s - 0.1, h.end_s + up_s) for h in heard)
            if min(downs) <= enough_db[0] and min(ups) <= enough_db[1]:
                break
    return round(min(downs), 1), round(min(ups), 1)
