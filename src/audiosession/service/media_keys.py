"""Media keys: the player that plays gets them, as from a keyboard.

Whatever a player does for it is its user's doing, and none of the service's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus

from ..android.key_constants import AndroidKeyCode
from ..errors import HostUnavailableError, HostUnavailableReason
from .mpris import ANSWER_S, PlaybackStatus, Player
from .mpris_wire import PATH, PLAYER

MEMBERS: Final = {
    AndroidKeyCode.HEADSETHOOK: "PlayPause",
    AndroidKeyCode.MEDIA_PLAY_PAUSE: "PlayPause",
    AndroidKeyCode.MEDIA_STOP: "Stop",
    AndroidKeyCode.MEDIA_NEXT: "Next",
    AndroidKeyCode.MEDIA_PREVIOUS: "Previous",
    AndroidKeyCode.MEDIA_PLAY: "Play",
    AndroidKeyCode.MEDIA_PAUSE: "Pause",
}
"""What players are called for, in the words of MPRIS 2.2, by the key."""

_MOST_REMEMBERED: Final = 64


class MediaKeys:
    """See the module.

    Args:
        bus: Where the players are.
        players: Gives those there are.
        answer_s: How long one may take to answer, in seconds.
    """

    def __init__(
        self,
        bus: MessageBus,
        players: Callable[[], Iterable[Player]],
        *,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._bus = bus
        self._players = players
        self._answer_s = answer_s
        # Those that began to play, the last one last.
        self._began: dict[str, None] = {}

    def played(self, player: Player) -> None:
        """A player began to play."""
        self._began.pop(player.owner, None)
        self._began[player.owner] = None
        while len(self._began) > _MOST_REMEMBERED:
            del self._began[next(iter(self._began))]

    def target(self) -> Player | None:
        """Who gets media keys: who plays, else who played last, else the first there is.

        Of several that play it is the one that began last.
        """
        order = {owner: number for number, owner in enumerate(self._began)}

        def rank(player: Player) -> tuple[bool, int]:
            return player.status is PlaybackStatus.PLAYING, order.get(player.owner, -1)

        return max(self._players(), key=rank, default=None)

    async def press(self, key_code: int) -> bool:
        """Hands a key that went down to a player.

        Args:
            key_code: ``KeyEvent.KEYCODE_*``.

        Returns:
            Whether there was a player for it that took it; not for other keys.

        Raises:
            HostUnavailableError: the player does not answer in time, or is gone.
        """
        member = MEMBERS.get(key_code)  # type: ignore[call-overload]
        player = None if member is None else self.target()
        if player is None:
            return False
        message = Message(destination=player.owner, path=PATH, interface=PLAYER, member=member)
        try:
            async with asyncio.timeout(self._answer_s):
                reply = await self._bus.call(message)
        except TimeoutError:
            raise HostUnavailableError(
                HostUnavailableReason.TIMED_OUT, f"player {player.bus_name} does not answer"
            ) from None
        except (EOFError, OSError) as error:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, str(error)) from error
        return reply is not None and reply.message_type is not MessageType.ERROR


__all__ = ["MEMBERS", "MediaKeys"]
