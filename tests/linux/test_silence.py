"""Streams that run and carry no sound, on real servers: they hold nobody."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from importlib import resources
from typing import Any, Self

import numpy as np
import pytest

from audiosession.hosts.linux import ServiceClient
from audiosession.service.meter import SILENCE_S
from tests.linux.rig import RAW_NORM, SoundRig
from tests.linux.service_kit import EXACT_DB, OTHER_HZ, TONE_HZ, Music, Stage, staged
from tests.linux.sound import RATE, record

pytestmark = pytest.mark.timeout(180)

GRACE_S = 0.5
"""Instead of the default policy's 5 s, to be quick."""
SETTLE_S = 2.0
"""How long a stream of an app that does not ask sounds in the default policy until it pauses."""

_CHUNK = RATE // 50


class Caller:
    """A program that keeps a stream running, until the block ends."""

    def __init__(self, rig: SoundRig, role: str, *, loud: bool) -> None:
        self.loud = loud
        """Whether it feeds a tone, else zeros."""
        self.process: subprocess.Popen[Any] = rig.popen(
            *("pacat", "--raw", "--format=float32le", f"--rate={RATE}", "--channels=2"),
            *("--latency-msec=100", f"--property=media.role={role}"),
            stdin=subprocess.PIPE,
        )
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Ends the program; does nothing when it was ended before."""
        self.process.kill()
        self.process.wait()
        self._thread.join()
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            # Some of it may not be written yet.
            self.process.stdin.close()

    def _feed(self) -> None:
        assert self.process.stdin is not None
        zeros = bytes(_CHUNK * 8)
        turns = np.arange(_CHUNK) * (OTHER_HZ / RATE)
        mono = 10 ** (-20 / 20) * np.sin(2 * np.pi * turns)
        # Against each other: what looks at their sum alone would hear nothing.
        tone = np.column_stack([mono, -mono]).astype("<f4").tobytes()
        with suppress(OSError, ValueError):
            while self.process.poll() is None:
                self.process.stdin.write(tone if self.loud else zeros)
                self.process.stdin.flush()


@pytest.fixture
async def stage(rig: SoundRig, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A stage on each server, whose policy has a short grace."""
    folder = rig.config_home / "audiosession"
    folder.mkdir(exist_ok=True)
    policy = (resources.files("audiosession.policies") / "default.toml").read_text("utf-8")
    assert "silence_grace_s = 5.0" in policy
    assert f"min_pause_s = {SETTLE_S}" in policy
    (folder / "quick.toml").write_text(policy.replace("grace_s = 5.0", f"grace_s = {GRACE_S}"))
    rules = folder / "policy.toml"
    rules.write_text('[policy]\nfile = "quick.toml"\n')
    try:
        async with staged(rig, monkeypatch) as stage:
            yield stage
    finally:
        rules.unlink()


def of(process: Any) -> Callable[[dict[str, Any]], list[dict[str, Any]]]:
    """The streams of a process in a status."""
    return lambda status: [one for one in status["streams"] if one["pid"] == process.pid]


def is_audible(caller: Caller, wanted: bool) -> Callable[[dict[str, Any]], bool]:
    """Whether the service knows the stream as running and takes it for sounding, or not."""

    def check(status: dict[str, Any]) -> bool:
        streams = of(caller.process)(status)
        return [(one["playing"], one["audible"]) for one in streams] == [(True, wanted)]

    return check


def is_held(music: Music, wanted: bool) -> Callable[[dict[str, Any]], bool]:
    """Whether something keeps the music down."""
    return lambda status: [bool(one["holds"]) for one in of(music.process)(status)] == [wanted]


async def was_held() -> bool:
    """Whether anything was held so far."""
    client = await ServiceClient.connect(start=False)
    try:
        decisions = await client.decisions(500)
    finally:
        await client.close()
    effects = [effect for decision in decisions for effect in decision["effects"]]
    return any(effect["type"] == "HoldPlaced" for effect in effects)


async def test_a_call_that_falls_silent_lets_the_music_go_on(stage: Stage) -> None:
    music = await stage.music()
    before = await stage.volumes()
    async with record(stage.rig) as recorder:
        await recorder.hears(TONE_HZ, music.level_db, within_db=EXACT_DB)
        with Caller(stage.rig, "phone", loud=True) as caller:
            await stage.service.until("the music to be held", is_held(music, True))
            await recorder.hears(TONE_HZ, -120.0)
            caller.loud = False
            await stage.service.until("silence", is_audible(caller, False))
            await stage.service.until("the music to go on", is_held(music, False))
            await recorder.hears(TONE_HZ, music.level_db, within_db=EXACT_DB)
            caller.loud = True
            await stage.service.until("the music to be held again", is_held(music, True))
            await recorder.hears(TONE_HZ, -120.0)
        await stage.service.until("the music to go on again", is_held(music, False))
        await recorder.hears(TONE_HZ, music.level_db, within_db=EXACT_DB)
        await stage.service.at_rest()
        assert await stage.volumes() == before


async def test_a_call_that_only_waits_holds_nobody(stage: Stage) -> None:
    music = await stage.music()
    async with record(stage.rig) as recorder:
        # PulseAudio tells late of a sink that has just begun to play.
        await recorder.hears(TONE_HZ, music.level_db, within_db=EXACT_DB)
        with Caller(stage.rig, "phone", loud=False) as caller:
            await stage.service.until("the stream", is_audible(caller, False))
            await recorder.more(SETTLE_S + GRACE_S + SILENCE_S + 0.5)
            status = await stage.service.status()
            assert is_held(music, False)(status)
            assert is_audible(caller, False)(status)
            assert not await was_held()
            caller.loud = True
            await stage.service.until("the music to be held", is_held(music, True))
            assert await was_held()
            await recorder.hears(TONE_HZ, -120.0)


async def test_a_stream_that_the_service_silences_is_not_taken_for_silent(stage: Stage) -> None:
    with Caller(stage.rig, "navigation", loud=True) as caller:
        await stage.service.until("the stream", is_audible(caller, True))
        await stage.holder("voice_call")
        await stage.service.until(
            "the prompt to be silenced",
            lambda status: [one["factor_db"] for one in of(caller.process)(status)] == [-120.0],
        )
        async with record(stage.rig) as recorder:
            start_s = recorder.seconds
            while recorder.seconds < start_s + SILENCE_S + GRACE_S + 1.0:
                assert is_audible(caller, True)(await stage.service.status())
                await recorder.more(0.1)


async def test_meters_leave_nothing_behind_and_show_nowhere(stage: Stage) -> None:
    status = await stage.service.status()

    async def meters() -> list[Any]:
        return [
            one
            for one in await stage.rig.listed("source-outputs")
            if one["properties"].get("application.process.id") == str(status["pid"])
        ]

    async def measured() -> bool:
        return bool(await meters())

    async def left_alone() -> bool:
        return not await meters()

    with Caller(stage.rig, "phone", loud=True) as caller:
        await stage.service.until("the stream", is_audible(caller, True))
        await stage.rig.wait_for("the meter", measured)
        caller.loud = False
        now = await stage.service.until("silence", is_audible(caller, False))
        assert status["pid"] not in [one["pid"] for one in (*now["streams"], *now["sessions"])]
    await stage.rig.wait_for("the end of the meter", left_alone)
    saved = await stage.rig.saved_volumes()
    # WirePlumber 0.4 remembers every stream, those of other meters under the same name.
    ours = {key: volume for key, volume in saved.items() if "pavucontrol" in key}
    assert all(volume == (RAW_NORM, RAW_NORM) for volume in ours.values()), saved
    assert not [key for key in saved if "audiosession" in key], saved
