"""A voice assistant that lowers the music while it listens and speaks.

It recognizes no speech: what it hears are lines of text, typed or from a file. What it says is
spoken by espeak-ng. Run it with `python examples/voice_assistant/assistant.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from audiosession import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    recipe,
)
from audiosession.errors import DeniedError

WAKE_WORD = "computer"


class Voice(Protocol):
    """What speaks."""

    async def say(self, text: str) -> None: ...


class Espeak:
    """Speaks with espeak-ng: a child of this process, so its stream belongs to our session."""

    def __init__(self, program: str = "espeak-ng") -> None:
        self.program = program

    async def say(self, text: str) -> None:
        """Returns when it is said; a cancelled one falls silent at once."""
        # Text goes in by the input: as an argument it might be taken for an option.
        process = await asyncio.create_subprocess_exec(
            self.program, "--stdin", stdin=asyncio.subprocess.PIPE
        )
        try:
            await process.communicate(text.encode())
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


class Assistant:
    """Listens when it is addressed, answers, and gives the audio back.

    `activated()` does all of the sharing: others are lowered when its block begins and come
    back when it ends, also when nobody says anything, when the voice fails, or when the whole
    task is cancelled in the middle of a word.
    """

    def __init__(self, voice: Voice, *, patience_s: float = 8.0) -> None:
        self.session = AudioSession.instance()
        self.voice = voice
        self.patience_s = patience_s
        self._speaking: asyncio.Task[None] | None = None

    async def run(self, heard: AsyncIterator[str]) -> None:
        """Waits for the wake word, again and again, until there is nothing more to hear."""
        await self.session.configure(recipe("voice_assistant"))
        subscription = self.session.interruption_event_stream.listen(self._on_interruption)
        try:
            async for line in heard:
                if line.strip().lower() == WAKE_WORD:
                    await self.converse(heard)
        finally:
            subscription.cancel()

    async def converse(self, heard: AsyncIterator[str]) -> None:
        """One question and its answer."""
        try:
            async with self.session.activated():
                question = await self._listen(heard)
                if question:
                    await self._say(answer(question))
        except DeniedError as error:
            print(f"(not now: {error.rule})")

    async def _listen(self, heard: AsyncIterator[str]) -> str | None:
        print("(listening)")
        try:
            async with asyncio.timeout(self.patience_s):
                return await anext(heard, None)
        except TimeoutError:
            print("(nobody said anything)")
            return None

    async def _say(self, text: str) -> None:
        print(text)
        # The microphone did not wait for the others to be down; the first syllable does.
        await self.session.quiet()
        async with asyncio.TaskGroup() as tasks:
            self._speaking = tasks.create_task(self.voice.say(text))
        self._speaking = None

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        # A call or an alarm: what would be said now, nobody would hear.
        interrupts = event.begin and event.type is not AudioInterruptionType.DUCK
        if interrupts and self._speaking is not None:
            self._speaking.cancel()


def answer(question: str, now: Callable[[], datetime] = datetime.now) -> str:
    """What it knows."""
    words = question.lower()
    if "time" in words:
        return f"It is {now():%H:%M}."
    if "day" in words or "date" in words:
        return f"Today is {now():%A, %d %B}."
    if "hello" in words:
        return "Hello."
    return f"I heard: {question.strip()}. I do not know what to say to that."


async def typed() -> AsyncIterator[str]:
    """The lines of standard input, as they come."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield line.decode(errors="replace")


async def from_script(lines: Iterable[str], *, pause_s: float = 1.0) -> AsyncIterator[str]:
    """The lines of a script, one after the other, as slow as a person says them."""
    for line in lines:
        await asyncio.sleep(pause_s)
        print(f"> {line.strip()}")
        yield line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", nargs="?", type=Path, help="what is said, a line at a time")
    script: Path | None = parser.parse_args().script
    if script is None:
        print(f"Type {WAKE_WORD}, and then a question. Ctrl-D ends it.")
        heard = typed()
    else:
        heard = from_script(script.read_text("utf-8").splitlines())
    with suppress(KeyboardInterrupt):
        asyncio.run(Assistant(Espeak()).run(heard))


if __name__ == "__main__":
    main()
