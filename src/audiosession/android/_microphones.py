"""Microphones: the part of AudioManager that lists them."""

from __future__ import annotations

from audiosession.android._routing import RoutingBase
from audiosession.android.microphone_info import MicrophoneInfo

__all__ = ["ManagerMicrophones"]


class ManagerMicrophones(RoutingBase):
    """What is known of the microphones."""

    async def get_microphones(self) -> list[MicrophoneInfo]:
        """The microphones that are there, telephony left out; API level 28.

        Raises:
            OSError: The hardware does not answer.
            UnsupportedError: The host knows nothing of microphones.
            ClosedError: The manager was closed.
        """
        return list(await self._routes().microphones())
