"""A podcast player that gets along with the other apps on a phone.

It knows no widgets: what is to be seen is a :class:`Screen`, and each front end shows one when
it is told to. It knows no platform either: the phone is behind ``AudioSession``, the sound
behind an :class:`Output`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from audiosession import (
    AudioDevice,
    AudioInterruptionEvent,
    AudioInterruptionType,
    AudioSession,
    AudioSessionError,
    Capability,
    InterruptionHandler,
    Subscription,
    recipe,
)

_log = logging.getLogger(__name__)


class Output(Protocol):
    """What makes the sound."""

    @property
    def position_s(self) -> float: ...

    @property
    def ended(self) -> bool:
        """Whether it was to play on and came to the end by itself."""

    def play(self, *, offset_s: float) -> None: ...

    def pause(self) -> None: ...

    def set_volume(self, volume: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What is to be seen."""

    title: str
    """The episode."""
    button: str
    """What the one button says."""
    position: str
    """How far it is, in minutes and seconds."""
    status: str
    """What goes on, as a sentence."""
    devices: tuple[str, ...] = ()
    """Where sound can come from, by name."""


class PodcastPlayer:
    """Plays one episode.

    Pauses for calls, prompts and alarms and goes on after them; stops for other music; pauses
    when the headphones are pulled; keeps its place; gives the audio up at the end.

    Args:
        output: What makes the sound.
        title: What the episode is called.
        show: Is given the screen whenever another one is to be seen.
        session: The session; by default the app's.
    """

    def __init__(
        self,
        output: Output,
        *,
        title: str = "An episode",
        show: Callable[[Screen], object] = lambda screen: None,
        session: AudioSession | None = None,
    ) -> None:
        self.session = session or AudioSession.instance()
        self.playing = False
        self.volume = 1.0
        # Whether the user started it and it was not given up since.
        self._wanted = False
        self._output = output
        self._title = title
        self._show = show
        self._position_s = 0.0
        self._status = "Press play."
        self._devices: tuple[str, ...] = ()
        self._subscriptions: list[Subscription] = []
        self._handler: InterruptionHandler | None = None

    # -- what the user does ----------------------------------------------------------------------

    async def open(self) -> bool:
        """Says what the app's audio is for, and listens; False, and a status, if that fails."""
        try:
            await self._listen()
        except Exception as error:
            # Whatever is missing, the user is to see it rather than an empty screen.
            _log.exception("the session does not open")
            self._say(f"It cannot play here: {type(error).__name__}: {error}")
            return False
        self.refresh()
        return True

    async def reopen(self) -> None:
        """Says once more what the app's audio is for, after something else configured it."""
        if await self.open():
            self._say("Press play.")

    async def toggle(self) -> None:
        """The user presses the one button."""
        if self.playing:
            await self.stop_by_hand()
        else:
            await self.start_by_hand()

    async def start_by_hand(self) -> bool:
        """The user wants to hear it. False when the system says no, as during a call."""
        if self._handler is None and not await self.open():
            return False
        try:
            granted = await self.session.set_active(True)
        except AudioSessionError as error:
            self._say(f"It cannot play: {error}")
            return False
        if not granted:
            self._say("Something more important sounds just now.")
            return False
        await self._tell_user_action(paused=False)
        self._wanted = True
        self.resume()
        return True

    async def stop_by_hand(self) -> None:
        """The user wants silence; nothing but the user starts it again."""
        await self._stop("Paused.", by_hand=True)

    async def leave(self) -> None:
        """The app leaves the screen, where nothing would pause it for a call.

        Also what waits for the end of an interruption is given up.
        """
        if self._wanted:
            await self._stop("Paused, for the app left the screen.")

    async def tick(self) -> None:
        """A second went by: a front end calls this as long as it runs."""
        if self.playing and self._output.ended:
            self.pause()
            self._position_s = 0.0
            await self._stop("It is over.")
        elif self.playing:
            self.refresh()

    async def settled(self) -> None:
        """Returns once all that happened so far has taken effect; for tests."""
        if self._handler is not None:
            await self._handler.settled()

    async def close(self) -> None:
        self._listen_no_more()
        self.pause()
        await self.session.close()

    # -- what the session's handler does ---------------------------------------------------------

    def pause(self) -> None:
        if self.playing:
            self.playing = False
            self._output.pause()
            self._position_s = self._output.position_s
        self.refresh()

    def resume(self) -> None:
        if not self.playing:
            self.playing, self._status = True, "Playing."
            self._output.play(offset_s=self._position_s)
        self.refresh()

    def set_volume(self, volume: float) -> None:
        self.volume = volume
        self._output.set_volume(volume)
        self.refresh()

    # -- what is to be seen ----------------------------------------------------------------------

    @property
    def position_s(self) -> float:
        """How far it is, in seconds."""
        return self._output.position_s if self.playing else self._position_s

    @property
    def screen(self) -> Screen:
        minutes, seconds = divmod(int(self.position_s), 60)
        return Screen(
            title=self._title,
            button="Pause" if self.playing else "Play",
            position=f"{minutes}:{seconds:02}",
            status=self._status,
            devices=self._devices,
        )

    def refresh(self) -> None:
        """Has the screen shown."""
        self._show(self.screen)

    # -- inside ----------------------------------------------------------------------------------

    async def _listen(self) -> None:
        session = self.session
        await session.configure(recipe("speech"))
        self._listen_no_more()
        # Before the handler, so that the status says what happened when the player changes.
        self._subscriptions = [
            session.interruption_event_stream.listen(self._on_interruption),
            session.becoming_noisy_event_stream.listen(self._on_noisy),
        ]
        if Capability.DEVICES in session.capabilities:
            self._subscriptions.append(session.devices_stream.listen(self._on_devices))
        self._handler = session.handle_interruptions(self)

    def _listen_no_more(self) -> None:
        if self._handler is not None:
            self._handler.cancel()
        for subscription in self._subscriptions:
            subscription.cancel()

    async def _stop(self, status: str, *, by_hand: bool = False) -> None:
        """Falls silent first, and gives the audio up then."""
        self._status, self._wanted = status, False
        self.pause()
        try:
            if by_hand:
                await self._tell_user_action(paused=True)
            given_up = await self.session.set_active(False)
        except AudioSessionError as error:
            self._say(f"{status.removesuffix('.')}, but: {error}")
            return
        if not given_up:
            self._say(f"{status.removesuffix('.')}, but the system still counts it as playing.")

    def _say(self, status: str) -> None:
        self._status = status
        self.refresh()

    async def _tell_user_action(self, *, paused: bool) -> None:
        # Phones find out by themselves, and hosts that do not say so.
        if Capability.USER_ACTIONS in self.session.capabilities:
            await (self.session.user_paused() if paused else self.session.user_played())

    def _on_interruption(self, event: AudioInterruptionEvent) -> None:
        if event.type is AudioInterruptionType.DUCK:
            if self.playing:
                self._say("Lowered." if event.begin else "Playing.")
        elif event.begin:
            if self.playing:
                self._say(f"Interrupted ({event.reason.value}).")
        elif not event.should_resume and not self.playing:
            self._say("The interruption is over; press play.")

    def _on_noisy(self, _: None) -> None:
        if self.playing:
            self._say("Paused, for the headphones are gone.")

    def _on_devices(self, devices: frozenset[AudioDevice]) -> None:
        self._devices = tuple(sorted(device.name for device in devices if device.is_output))
        self.refresh()
