"""Other surfaces over a session, which hear of everything before the session's streams do."""

from __future__ import annotations

from typing import Protocol

from .devices import AudioDevicesChangedEvent
from .hosts.base import HostEvents
from .interruptions import AudioInterruptionEvent


class Face(HostEvents, Protocol):
    """A surface in another vocabulary over one :class:`audiosession.AudioSession`."""

    async def app_called(self, *, configured: bool) -> None:
        """The app configured, activated or deactivated the session, by whatever surface.

        Called before that call returns, and while no other one is let in.

        Args:
            configured: Whether the session's configuration was set, or asked with.
        """


class NoFace:
    """Stands for the other surface where there is none; hears nothing."""

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """Nobody hears it."""

    def becoming_noisy(self) -> None:
        """Nobody hears it."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """Nobody hears it."""

    def gained_claim(self) -> None:
        """Nobody hears it."""

    def lost_claim(self) -> None:
        """Nobody hears it."""

    async def app_called(self, *, configured: bool) -> None:
        """Nobody hears it."""


__all__ = ["Face", "NoFace"]
