"""A small podcast player that gets along with the other apps on the device.

What it does about audio is all in :class:`PodcastApp`; the sound itself comes from any object
that is an :class:`Output`, so that it can be tried without a loudspeaker.
"""

from __future__ import annotations

from typing import Protocol

from audiosession import (
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    Subscription,
    recipe,
)


class Output(Protocol):
    """What makes the sound."""

    @property
    def position_s(self) -> float: ...

    def play(self, *, offset_s: float) -> None: ...

    def pause(self) -> None: ...

    def set_volume(self, volume: float) -> None: ...


class PodcastApp:
    """Plays one episode.

    Pauses for calls, prompts and alarms and goes on after them; stops for other music; pauses
    when the headphones are pulled; remembers where it was whenever it falls silent.
    """

    def __init__(self, output: Output) -> None:
        self.output = output
        self.session = AudioSession.instance()
        self.playing = False
        self.saved_position_s = 0.0
        self.volume = 1.0
        self._resume_after = False
        self._subscriptions: list[Subscription] = []

    async def open(self) -> None:
        """Says what the app's audio is for, and listens."""
        await self.session.configure(recipe("speech"))
        self._subscriptions = [
            self.session.interruption_event_stream.listen(self._on_interruption),
            self.session.becoming_noisy_event_stream.listen(lambda _: self._fall_silent()),
        ]

    async def play(self) -> bool:
        """The user presses play. False when the system says no, as during a call."""
        if not await self.session.set_active(True):
            return False
        await self.session.user_played()
        self._sound()
        return True

    async def pause(self) -> None:
        """The user presses pause; nothing but the user starts it again."""
        self._fall_silent()
        await self.session.user_paused()
        await self.session.set_active(False)

    async def close(self) -> None:
        self._fall_silent()
        for subscription in self._subscriptions:
            subscription.cancel()
        await self.session.close()

    # -- what happens to it ----------------------------------------------------------------------

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        if event.type is AudioInterruptionType.DUCK:
            # Where the system lowers us itself we are only told.
            if not event.system_ducked:
                self.output.set_volume(self.volume * (0.2 if event.begin else 1.0))
        elif event.begin:
            resume_after = self.playing and event.type is AudioInterruptionType.PAUSE
            self._fall_silent()
            self._resume_after = resume_after
        elif self._resume_after and event.should_resume:
            self._sound()

    def _sound(self) -> None:
        self.playing, self._resume_after = True, False
        self.output.play(offset_s=self.saved_position_s)

    def _fall_silent(self) -> None:
        # Pulled headphones end the waiting too: a loudspeaker is not to speak up after a call.
        self._resume_after = False
        if self.playing:
            self.playing = False
            self.output.pause()
            self.saved_position_s = self.output.position_s
