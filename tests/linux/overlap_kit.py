"""Prompts over music: an app that gives them in one of several ways, and what is heard of them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from tests.linux.rig import DEADLINE_S, RigError, SoundRig
from tests.linux.service_kit import ENVIRONMENT, Music
from tests.linux.sound import RATE, Recorder, Recording, write_tone

PROMPT_HZ = 2300.0
"""Far from the music's tone, for the envelopes and for the bands around both."""
PROMPT_DB = -9.0

_EDGE_S = 0.1
_GAP_S = 0.3
"""Longer than a busy machine drops sound, shorter than the time between two prompts."""

# An app that gives a prompt for every line it reads, and a line back when all is done.
# The ways: through a session; under a role that the server itself ducks for; and as scripts do.
_PROMPTER = """
import asyncio, subprocess, sys
from audiosession import AudioSession, recipe
from audiosession.hosts.linux import LinuxHost

way, file, *rest = sys.argv[1:]

async def play(*words):
    child = await asyncio.create_subprocess_exec("paplay", "--latency-msec=30", *words, file)
    assert await child.wait() == 0

async def run(*command):
    child = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    out, _ = await child.communicate()
    assert child.returncode == 0
    return out.decode()

async def lower(percent):
    for line in (await run("pactl", "list", "short", "sink-inputs")).splitlines():
        await run("pactl", "set-sink-input-volume", line.split()[0], percent)

async def main():
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    if way == "session":
        session = AudioSession(LinuxHost("prompter", start=False))
        await session.configure(recipe("navigation_prompt"))
    print("ready", flush=True)
    while await lines.readline():
        if way == "session":
            async with session.activated():
                await play()
        elif way == "role":
            await play("--property=media.role=phone")
        else:
            await lower(rest[0])
            await play()
            await lower("100%")
        print("done", flush=True)
    if way == "session":
        await session.close()

asyncio.run(main())
"""


class Prompter:
    """An app that gives prompts. Made by :func:`prompter`."""

    def __init__(self, process: subprocess.Popen[Any], lines: asyncio.StreamReader) -> None:
        self._process = process
        self._lines = lines

    async def says(self, word: str) -> None:
        """Waits for a line of the app's."""
        async with asyncio.timeout(DEADLINE_S):
            line = (await self._lines.readline()).decode().strip()
        if line != word:
            raise RigError(f"the prompter says {line!r}, not {word!r}")

    async def prompt(self) -> None:
        """Gives a prompt and returns when the app is done with it."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")
        self._process.stdin.flush()
        await self.says("done")


@asynccontextmanager
async def prompter(rig: SoundRig, way: str, file: Path, *arguments: str) -> AsyncIterator[Prompter]:
    """An app that gives prompts.

    Args:
        rig: Where.
        way: ``session``; ``role``, which leaves the ducking to the server; ``script``, which
            sets every stream's volume to a percentage, the next argument, and then to 100 %.
        file: The prompt.
        arguments: More for that way.
    """
    process = rig.popen(
        *(sys.executable, "-c", _PROMPTER, way, str(file), *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
    )
    lines = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), process.stdout
    )
    try:
        found = Prompter(process, lines)
        await found.says("ready")
        yield found
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.to_thread(process.wait, DEADLINE_S)
    finally:
        transport.close()


def sharp_prompt(rig: SoundRig, seconds: float) -> Path:
    """A prompt whose first and last sample can be found in a recording."""
    path = rig.directory / f"sharp-{seconds}.wav"
    return write_tone(path, frequency_hz=PROMPT_HZ, seconds=seconds, level_db=PROMPT_DB)


def soft_prompt(rig: SoundRig, seconds: float) -> Path:
    """A prompt that begins and ends without a click of its own."""
    path = sharp_prompt(rig, seconds)
    samples, _ = soundfile.read(path, dtype="float32")
    edge = np.cumsum(np.blackman(round(_EDGE_S * RATE)))
    edge /= edge[-1]
    samples[: len(edge)] *= edge[:, None]
    samples[-len(edge) :] *= edge[::-1, None]
    path = rig.directory / f"soft-{seconds}.wav"
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One prompt in a recording."""

    onset_s: float
    """Its first sample."""
    end_s: float
    """Its last sample."""


def prompts_in(recording: Recording) -> list[Heard]:
    """Returns the prompts that are heard, in order; one that stutters counts once.

    An edge is where the tone is half up: the very edge of a sharp one.
    """
    envelope = recording.envelope(PROMPT_HZ)
    loud = envelope >= 10 ** (PROMPT_DB / 20) / 2
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(np.int8)))
    found: list[Heard] = []
    for onset, end in edges.reshape(-1, 2) / RATE:
        if found and onset - found[-1].end_s < _GAP_S:
            onset = found.pop().onset_s
        found.append(Heard(onset_s=float(onset), end_s=float(end)))
    return found


async def prompts_over(
    recorder: Recorder, music: Music, app: Prompter, count: int, *, rest_s: float = 0.0
) -> list[Heard]:
    """Gives prompts, each when the music is at its old level, and returns what is heard of them.

    Args:
        recorder: What records the sink.
        music: The music, at its old level.
        app: Who gives them.
        count: How many.
        rest_s: How much is recorded at the old level before each and after the last.

    Raises:
        RigError: not as many are heard.
    """
    for _ in range(count):
        await recorder.hears(music.frequency_hz, music.level_db, within_db=0.1)
        await recorder.more(rest_s)
        await app.prompt()
    await recorder.hears(music.frequency_hz, music.level_db, within_db=0.1)
    await recorder.more(rest_s)
    heard = prompts_in(recorder.so_far())
    if len(heard) != count:
        raise RigError(f"{count} prompts were given, heard are {heard}")
    return heard
