"""Watching a simulated device: for recorders, live printers and inspectors."""

from __future__ import annotations

from pathlib import Path

from ...core.effects import Effect
from ...core.events import Event
from ...interruptions import AudioInterruptionEvent


class Observer:
    """Is told what happens on a device, in order; override what is of interest.

    Times are seconds on the device's clock, levels dB, ``app`` an app's id.
    """

    def app_added(self, at: float, app: str, name: str, *, system: bool) -> None:
        """An app appeared on the device."""

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """The arbiter took a decision."""

    def applied(self, at: float, app: str, effect: Effect) -> None:
        """One effect on a session of that app took place."""

    def settled(self, at: float) -> None:
        """All that was decided so far took place."""

    def heard(self, at: float, app: str, event: AudioInterruptionEvent | str) -> None:
        """The app received an event; words for those that are no interruption."""

    def called(self, at: float, app: str, text: str) -> None:
        """The app called the API; the call and its answer in words."""

    def player_started(
        self, at: float, app: str, player: str, audio: Path | None, offset_s: float, loop: bool
    ) -> None:
        """A player of the app began to run."""

    def player_stopped(self, at: float, app: str, player: str) -> None:
        """A player of the app stopped, paused or came to its end."""

    def level_moved(
        self, at: float, app: str, layer: str, from_db: float, to_db: float, ramp_s: float
    ) -> None:
        """A layer of the app's level moves that is not the arbiter's."""

    def happened(self, at: float, text: str) -> None:
        """Something happened to the device itself."""
