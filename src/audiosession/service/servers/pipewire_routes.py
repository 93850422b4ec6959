"""What a session's route changes on PipeWire: profiles, ports, volumes, and where streams go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from ...errors import UnknownNameError, UnsupportedError
from ...pipewire import PipeWireClient, RemoteError
from .base import Card, Direction
from .pipewire_devices import Devices
from .pipewire_links import Links
from .pipewire_moves import Moves
from .waiting import Waiting

_log = logging.getLogger("audiosession.service")

_HOST = "pipewire"

CHANGE_TIMEOUT_S = 10.0
"""How long a card may take to change its profile or port, in seconds: a Bluetooth headset may
think for some."""
MOVE_TIMEOUT_S = 5.0
"""How long a stream may take to be moved, in seconds."""
MOVE_AGAIN_S = 0.5
"""After which time a move is asked for anew: WirePlumber 0.4 loses one that comes while it links
the stream."""


class PipeWireRoutes:
    """Changes cards and moves streams; each method returns when it is done.

    They raise UnsupportedError when the server refuses, or when what was asked for does not
    come in time, and HostUnavailableError when the connection is lost meanwhile.

    Args:
        client: The connection.
        devices: The cards and endpoints.
        links: The links.
        reported: Returns the cards as they were reported last.
    """

    def __init__(
        self,
        client: PipeWireClient,
        devices: Devices,
        links: Links,
        reported: Callable[[], Iterable[Card]],
    ) -> None:
        self._reported = reported
        self._client = client
        self._devices = devices
        self._links = links
        self._moves = Moves(client)
        self._waiting = Waiting("PipeWire")

    def look(self) -> None:
        """Devices or links changed."""
        self._waiting.look()

    def lost(self) -> None:
        """The connection is lost."""
        self._waiting.lost()

    async def set_profile(self, card: str, profile: str) -> None:
        """Has a card work in another profile, which the session manager does not keep.

        Raises:
            UnknownNameError: there is no such card, or no such profile of it.
        """
        device = self._devices.device(card)
        names = {known.name: index for index, known in device.profiles.items()}
        if profile not in names:
            raise UnknownNameError("card profile", profile, names)
        if device.profile != profile:
            await self._carried_out("set_profile", device.set_profile(names[profile]))
            await self._becomes("set_profile", lambda: self._is_in_use(card, profile))

    async def set_port(self, endpoint: str) -> None:
        """Has the node of an endpoint use that port, which the session manager does not keep.

        Raises:
            UnknownNameError: there is no such endpoint.
        """
        place = self._devices.place(endpoint)
        if (answer := place.set_port()) is not None:
            await self._carried_out("set_port", answer)
            await self._becomes("set_port", lambda: self._is_active(endpoint))

    async def set_volume(self, endpoint: str, volume: float) -> None:
        """Sets the volume of an endpoint's node and frees its mute; the session manager keeps it.

        Raises:
            UnknownNameError: there is no such endpoint.
        """
        place = self._devices.place(endpoint)
        await self._carried_out("set_volume", place.set_volume(volume))

    async def move(
        self, stream: int, endpoint: str, way: Direction, alive: Callable[[], bool]
    ) -> None:
        """Moves a stream to the node of an endpoint.

        A stream that is linked nowhere goes there when it is linked.

        Args:
            stream: The id of the stream's node.
            endpoint: The id of the endpoint.
            way: Which way the stream goes.
            alive: Whether the stream is still there.

        Raises:
            UnknownNameError: there is no such endpoint.
        """
        place = self._devices.place(endpoint)
        to, node = place.node.target.id, place.endpoint.node
        if alive() and place.endpoint.direction is not way:
            raise UnsupportedError("move", _HOST)

        def there() -> bool:
            return not alive() or to in self._links.peers(stream)

        for _ in range(round(MOVE_TIMEOUT_S / MOVE_AGAIN_S)):
            if not alive():
                return
            if not await self._moves.move(stream, node):
                raise UnsupportedError("move", _HOST)
            if await self._waiting.until(there, MOVE_AGAIN_S):
                return
        if self._links.peers(stream):
            await self._moves.take_back(stream)
            raise UnsupportedError("move", _HOST)

    async def take_back(self, stream: int) -> None:
        """Has a stream go where it would be; returns when the server knows of it.

        Args:
            stream: The id of the stream's node.
        """
        if await self._moves.take_back(stream):
            await self._client.sync()

    async def stay(self, stream: int, endpoint: str) -> None:
        """Has a stream stay at the node of an endpoint, where it was before that went.

        Args:
            stream: The id of the stream's node.
            endpoint: The id of the endpoint.

        Raises:
            UnknownNameError: there is no such endpoint.
        """
        await self._moves.stay(stream, self._devices.place(endpoint).node.target)
        await self._client.sync()

    async def take_all_back(self) -> None:
        """Takes every move back."""
        await self._moves.take_all_back()

    def mend(self) -> None:
        """Takes back what a process before this one moved; right after connecting."""
        self._moves.mend()

    def _is_in_use(self, card: str, profile: str) -> bool:
        """Whether a card was reported to work in a profile."""
        return any(known.id == card and known.profile == profile for known in self._reported())

    def _is_active(self, endpoint: str) -> bool:
        """Whether an endpoint was reported to be in use."""
        try:
            return self._devices.place(endpoint).endpoint.active
        except UnknownNameError:
            return False

    async def _carried_out(self, what: str, answer: asyncio.Future[None]) -> None:
        try:
            await answer
        except RemoteError as error:
            _log.info("PipeWire refuses %s: %s", what, error)
            raise UnsupportedError(what, _HOST) from error

    async def _becomes(self, what: str, true: Callable[[], bool]) -> None:
        if not await self._waiting.until(true, CHANGE_TIMEOUT_S):
            raise UnsupportedError(what, _HOST)


__all__ = ["CHANGE_TIMEOUT_S", "MOVE_AGAIN_S", "MOVE_TIMEOUT_S", "PipeWireRoutes"]
