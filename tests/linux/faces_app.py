"""An app with one of the four faces, in a process of its own, with a real stream.

``python -m tests.linux.faces_app NAME FACE KIND TONE_HZ``. It does what lines of JSON ask, and
says what it is told and what its player does. Its stream is that of a child, which is how the
service knows whose it is, and ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys

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


async def main(name: str, face: str, kind: str, tone_hz: str) -> None:
    """Does what it is asked until its input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    host = LinuxHost(name, start=False)
    async with asyncio.TaskGroup() as group:
        app = face_app(face, host, kind, lambda: StreamPlayer(group, name, float(tone_hz)))
        news = asyncio.Event()

        def heard() -> None:
            say(event="told", word=app.news[-1])
            news.set()

        async def settle() -> None:
            while True:
                await news.wait()
                news.clear()
                await app.settle()

        app.heard = heard
        settling = group.create_task(settle())
        say(event="ready")
        while line := await reader.readline():
            number, do, words = json.loads(line)
            try:
                say(answer=number, value=await getattr(app, do)(*words.get("words", ())))
            except Exception as error:
                say(answer=number, error=f"{type(error).__name__}: {error}")
        settling.cancel()
        if app.player is not None:
            app.player.stop()
        await app.close()
    await host.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
