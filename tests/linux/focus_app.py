"""An app with AudioManager's focus, in a process of its own: ``python -m tests.linux.focus_app``.

Arguments are its name, and the tone of its stream where it has one, which plays while it has
focus. It does what lines of JSON ask: one request or abandonment, or a row of them of its own
choice. All that it is told and answered is said in the order in which it happened, and now and
then how much of what the service decided it must have heard by then.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from audiosession.android import (
    AndroidAudioFocus,
    AndroidAudioFocusGainType,
    AndroidAudioUsage,
    AudioAttributes,
    AudioFocusRequest,
)
from audiosession.android.audio_manager import AudioManager
from audiosession.hosts.linux import LinuxHost

if TYPE_CHECKING:
    from tests.linux.faces_app import StreamPlayer

GAINS = tuple(AndroidAudioFocusGainType)
_MUSIC = 2


def focus_request(
    gain: int, listener: Callable[[AndroidAudioFocus], object], *, pauses: bool
) -> AudioFocusRequest:
    """What these apps ask for. As they are no media, nobody is faded out before a loss.

    Nor do they speak, so the system lowers those that do not pause, whether they play or not.
    """
    usage = AndroidAudioUsage.ALARM
    attributes = AudioAttributes.Builder().set_usage(usage).set_content_type(_MUSIC).build()
    builder = AudioFocusRequest.Builder(gain).set_audio_attributes(attributes)
    builder.set_on_audio_focus_change_listener(listener)
    return builder.set_will_pause_when_ducked(pauses).build()


class FocusApp:
    """See the module."""

    def __init__(self, name: str, player: StreamPlayer | None) -> None:
        self._host = LinuxHost(name, start=False)
        self._manager = AudioManager(self._host)
        self._player = player

    async def ask(self, gain: int) -> str:
        """Asks for focus."""
        request = focus_request(gain, self._hear, pauses=self._player is None)
        _say(event="asks", gain=gain)
        answer = await self._manager.request_audio_focus(request)
        _say(event="answer", gain=gain, word=answer.name)
        self._plays(True)
        return answer.name

    async def leave(self) -> str:
        """Gives focus back."""
        request = focus_request(GAINS[0], self._hear, pauses=self._player is None)
        _say(event="asks", gain=0)
        answer = await self._manager.abandon_audio_focus_request(request)
        _say(event="answer", gain=0, word=answer.name)
        self._plays(False)
        return answer.name

    async def row(self, count: int, seed: str) -> None:
        """Asks and leaves at random, that many times."""
        chance = random.Random(seed)
        for _ in range(count):
            if chance.random() < 0.3:
                await self.mark()
            await (self.ask(chance.choice(GAINS)) if chance.random() < 0.7 else self.leave())

    async def mark(self) -> None:
        """Says up to which decision of the service it has heard all.

        What the service says of a decision it says before it answers a later question.
        """
        if self._host.client is not None:
            (last,) = await self._host.client.decisions(1)
            _say(event="mark", number=last["number"])

    def _hear(self, change: AndroidAudioFocus) -> None:
        _say(event="told", word=change.name)
        if change is not AndroidAudioFocus.LOSS_TRANSIENT_CAN_DUCK:
            self._plays(change is AndroidAudioFocus.GAIN)

    def _plays(self, plays: bool) -> None:
        if self._player is not None:
            (self._player.resume if plays else self._player.pause)()

    async def close(self) -> None:
        """Ends in good order."""
        self._plays(False)
        await self._manager.close()
        await self._host.close()


def _say(**words: object) -> None:
    print(json.dumps(words), flush=True)


async def main(name: str, tone_hz: str = "") -> None:
    """Does what it is asked until its input ends."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    async with asyncio.TaskGroup() as group:
        player = None
        if tone_hz:
            # Most of twenty play nothing, and need not wait for what it imports.
            from tests.linux.faces_app import StreamPlayer

            player = StreamPlayer(group, name, float(tone_hz))
        app = FocusApp(name, player)
        _say(event="ready")
        while line := await reader.readline():
            number, do, words = json.loads(line)
            call: Callable[..., Awaitable[Any]] = getattr(app, do)
            try:
                _say(answer=number, value=await call(**words))
            except Exception as error:
                _say(answer=number, error=f"{type(error).__name__}: {error}")
        await app.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
