"""``audiosession record`` with the real service and real sound servers."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.capture.media_kit import CLICK_EVERY, clicks, frequency_hz, pictures_of, sound_of
from tests.linux.capture_kit import write_clicks
from tests.linux.rig import RigError, SoundRig
from tests.linux.sound import RATE, play
from tests.linux.test_cli import Commands, session
from tests.linux.test_cli import command as command
from tests.linux.test_cli import music as music

DEADLINE_S = 60.0


class Recorder:
    """A recording under way, told by its JSON Lines."""

    def __init__(self, command: Commands, path: Path, *words: str) -> None:
        self.path = path
        self._process = command.start("record", str(path), "--json", *words, stdout=subprocess.PIPE)
        self.log = command.rig.log

    async def line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(self._process.stdout.readline), DEADLINE_S)
        assert line, self.log()
        return dict(json.loads(line))

    async def until(self, kind: str, **least: float) -> dict[str, Any]:
        """The next line of a kind whose figures are at least these."""
        while True:
            line = await self.line()
            if line["type"] == kind and all(line[key] >= value for key, value in least.items()):
                return line

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    async def status(self) -> int:
        return await asyncio.wait_for(asyncio.to_thread(self._process.wait), DEADLINE_S)


@asynccontextmanager
async def microphone(rig: SoundRig, name: str, sink: str) -> AsyncIterator[str]:
    """A microphone that hears what a sink is given, and the one that is used."""
    module = await rig.pactl(
        f"load-module module-remap-source source_name={name} master={sink}.monitor"
    )

    async def there() -> bool:
        return any(source["name"] == name for source in await rig.listed("sources"))

    await rig.wait_for(name, there)
    await rig.pactl(f"set-default-source {name}")
    try:
        yield module.strip()
    finally:
        # A test may have taken it away.
        with suppress(RigError):
            await rig.pactl(f"unload-module {module.strip()}")


@pytest.fixture
async def ear(rig: SoundRig) -> AsyncIterator[None]:
    """A microphone that hears everything that is played."""
    async with microphone(rig, "ear", rig.sink):
        yield


@pytest.fixture
async def tone(rig: SoundRig, ear: None) -> None:
    """A known tone with clicks that is heard."""
    play(rig, write_clicks(rig.directory / "clicks.wav", seconds=120.0))


async def test_ctrl_c_leaves_a_whole_file_of_what_was_heard(
    command: Commands,
    tone: None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "memo.flac"
    recorder = Recorder(command, path, "--mix")
    started = await recorder.until("started")
    assert set(started["devices"]) == {"audio"}
    await recorder.until("progress", seconds=3.0)
    recorder.signal(signal.SIGINT)
    finished = await recorder.until("finished")
    assert await recorder.status() == 0
    assert finished["error"] is None
    samples, _ = sound_of(path)
    # The one is counted in frames, the other told by the clock.
    assert len(samples) / RATE == pytest.approx(finished["seconds"], abs=0.1)
    assert abs(frequency_hz(samples) - 440.0) < 1.0
    spacing = np.diff(clicks(samples))
    # That none is missing is shown where nothing else takes the machine's time.
    assert len(spacing) >= 20
    assert np.median(spacing) == CLICK_EVERY


async def test_it_ends_by_itself_when_it_is_long_enough(
    command: Commands,
    tone: None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "memo.wav"
    out = await command("record", str(path), "--mix", "--duration", "1.5")
    assert out.splitlines()[-1].startswith(f"{path}  (1.5 s, ")
    samples, _ = sound_of(path)
    assert len(samples) == 1.5 * RATE


async def test_by_default_music_pauses_and_comes_back(
    command: Commands,
    ear: None,
    music: Any,
    tmp_path: Path,
) -> None:
    recorder = Recorder(command, tmp_path / "memo.wav")
    await recorder.until("progress", seconds=0.2)
    status = await command.json("status")
    assert session(status, "tunes")["standing"] == "interrupted"
    recorder.signal(signal.SIGINT)
    assert await recorder.status() == 0
    await command.until(
        "the music is back", lambda status: session(status, "tunes")["standing"] == "active"
    )


async def test_with_mix_music_goes_on(
    command: Commands,
    ear: None,
    music: Any,
    tmp_path: Path,
) -> None:
    recorder = Recorder(command, tmp_path / "memo.wav", "--mix")
    await recorder.until("progress", seconds=0.2)
    status = await command.json("status")
    assert session(status, "tunes")["standing"] == "active"
    # The music is what is heard: the microphone is what comes out of the loudspeaker.
    told = await recorder.until("progress", seconds=1.5)
    assert told["levels"][0]["peak_db"] > -40.0
    recorder.signal(signal.SIGINT)
    assert await recorder.status() == 0


async def test_sound_and_pictures_that_are_made_up_fit_together(
    command: Commands,
    tmp_path: Path,
) -> None:
    path = tmp_path / "test.mkv"
    made_up = ("--from", "Tone with clicks", "--from", "Test pattern")
    done = await command("record", str(path), "--camera", *made_up, "--duration", "4", "--json")
    finished = json.loads(done.splitlines()[-1])
    assert (finished["type"], finished["dropped_frames"]) == ("finished", 0)
    samples, begin_s = sound_of(path)
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.4)
    heard_s = begin_s + loud[np.diff(loud, prepend=-RATE) > RATE / 2] / RATE
    seen_s = [at_s for at_s, light in pictures_of(path) if light > 200.0]
    assert len(heard_s) >= 3
    for at_s in heard_s:
        assert min(abs(at_s - seen) for seen in seen_s) <= 1 / 30


async def test_killed_it_leaves_all_but_the_last_two_seconds(
    command: Commands,
    tone: None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "killed.mkv"
    recorder = Recorder(command, path, "--mix")
    told = await recorder.until("progress", seconds=4.0)
    recorder.signal(signal.SIGKILL)
    await recorder.status()
    samples, _ = sound_of(path)
    assert len(samples) / RATE >= told["seconds"] - 2.0


async def test_a_microphone_that_vanishes_is_told_and_the_file_is_whole(
    command: Commands,
    tone: None,
    tmp_path: Path,
) -> None:
    path = tmp_path / "vanished.wav"
    async with microphone(command.rig, "going", command.rig.sink) as module:
        recorder = Recorder(command, path, "--mix", "--from", "pulse:going")
        await recorder.until("progress", seconds=1.0)
        await command.rig.pactl(f"unload-module {module}")
        finished = await recorder.until("finished")
    assert await recorder.status() == 1
    assert "AVErrorDeviceWasDisconnected" in finished["error"]["message"]
    samples, _ = sound_of(path)
    assert len(samples) / RATE >= 1.0
