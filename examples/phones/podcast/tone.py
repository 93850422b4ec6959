"""What sounds while the checklist runs, paused and resumed as the session asks."""

from __future__ import annotations

import asyncio
import logging

from .player import Output

LOOK_EVERY_S = 0.5
"""How often it is looked whether the tone came to its end."""

_log = logging.getLogger(__name__)


class Tone:
    """A player of one output that begins anew at its end.

    Args:
        output: What makes the sound; ``None``: nothing does.
    """

    def __init__(self, output: Output | None) -> None:
        self.playing = False
        self.volume = 1.0
        self._output = output

    @property
    def there(self) -> bool:
        """Whether anything can be heard."""
        return self._output is not None

    def pause(self) -> None:
        if self.playing and self._output is not None:
            self.playing = False
            self._output.pause()

    def resume(self) -> None:
        if not self.playing and self._output is not None:
            self._output.play(offset_s=0.0)
            self.playing = True

    def set_volume(self, volume: float) -> None:
        if self._output is not None:
            self.volume = volume
            self._output.set_volume(volume)

    async def go_on(self) -> None:
        """Plays it again whenever it ends; an app that is silent is suspended off the screen."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                if self.playing and self._output is not None and self._output.ended:
                    self._output.play(offset_s=0.0)
            except Exception:
                _log.exception("the tone cannot be played again")
                return
