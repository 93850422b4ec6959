"""An app with one of the four faces, in a process of its own, with a real stream.

``python -m tests.linux.faces_app`` does what lines of JSON ask, and says what it is told and what
its player does. ``be NAME FACE KIND TONE_HZ`` is what it is asked first; after ``leave`` it can be
another one. Its stream is that of a child, which is how the service knows whose it is, and ends
with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from functools import partial

import numpy as np

from audiosession.hosts.linux import LinuxHost
from tests.faces.faces_kit import Sound, face_app

RATE = 48_000
LEVEL_DB = -24.0
"""How loud the tone is; four of them are no more than full scale."""
_CHUNK = RATE // 50


def say(**words: object) -> None:
    """Says a line."""
    print(json.dumps(words), flush=True)


class StreamPlayer:
    """A player that is a stream while it plays, and none while it stands still.

    Args:
        group: Where the stream is fed.
        name: What the server calls it.
        tone_hz: Its tone; whole periods fit into 20 ms.
    """

    def __init__(self, group: asyncio.TaskGroup, name: str, tone_hz: float) -> None:
        self._group = group
        self._name = name
        turns = np.arange(_CHUNK) * (2 * np.pi * tone_hz / RATE)
        tone = 10 ** (LEVEL_DB / 20) * np.sin(turns)
        self._tone = np.column_stack([tone, tone]).astype("<f4")
        self._feeder: asyncio.Task[None] | None = None
        self.volume = 1.0

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._feeder is not None

    def begin(self, sound: Sound) -> None:
        """Plays; a stream that is there goes on."""
        self.resume()

    def resume(self) -> None:
        """Goes on."""
        if self._feeder is None:
            self._feeder = self._group.create_task(self._feed())
            say(event="player", does="plays")

    def pause(self) -> None:
        """Stands still."""
        if self._feeder is not None:
            self._feeder.cancel()
            self._feeder = None
            say(event="player", does="pauses")

    def stop(self) -> None:
        """Ends."""
        self.pause()

    def set_volume(self, volume: float) -> None:
        """Sets the app's own volume."""
        self.volume = volume

    async def _feed(self) -> None:
        child = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", "--", "pacat", "--raw", "--format=float32le"),
            *(f"--rate={RATE}", "--channels=2", "--latency-msec=60"),
            *(f"--client-name={self._name}", f"--stream-name={self._name}"),
            stdin=subprocess.PIPE,
        )
        assert child.stdin is not None
        try:
            while True:
                child.stdin.write((self._tone * np.float32(self.volume)).tobytes())
                await child.stdin.drain()
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


class Part:
    """An app with one face, which does what its player is to do about what it is told.

    Args:
        group: Where it does that.
        name: What it is called.
        face: Its face.
        kind: What it is.
        tone_hz: What it plays.
    """

    def __init__(
        self, group: asyncio.TaskGroup, name: str, face: str, kind: str, tone_hz: str
    ) -> None:
        self._host = LinuxHost(name, start=False)
        player = partial(StreamPlayer, group, name, float(tone_hz))
        self.app = face_app(face, self._host, kind, player)
        self.app.heard = self._heard
        self._news = asyncio.Event()
        self._settling = group.create_task(self._settle())

    async def leave(self) -> None:
        """Is closed in good order."""
        self._settling.cancel()
        if self.app.player is not None:
            self.app.player.stop()
        await self.app.close()
        await self._host.close()

    def _heard(self) -> None:
        say(event="told", word=self.app.news[-1])
        self._news.set()

    async def _settle(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self.app.settle()


async def main() -> None:
    """Does what it is asked until its input ends: one part after the other."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    part: Part | None = None
    async with asyncio.TaskGroup() as group:
        say(event="ready")
        while line := await reader.readline():
            number, do, words = json.loads(line)
            value: str | None = None
            try:
                if do == "be":
                    part = Part(group, *words["words"])
                elif part is None:
                    raise LookupError("it is nobody yet")
                elif do == "leave":
                    await part.leave()
                    part = None
                else:
                    value = await getattr(part.app, do)(*words.get("words", ()))
                say(answer=number, value=value)
            except Exception as error:
                say(answer=number, error=f"{type(error).__name__}: {error}")
        if part is not None:
            await part.leave()


if __name__ == "__main__":
    asyncio.run(main())
