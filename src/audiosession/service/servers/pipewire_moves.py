"""Streams of PipeWire that are moved for a while, so that nothing of it stays.

The session manager links a stream to the node that its ``target.object`` in the ``default``
metadata names, by serial number or by name, else to that of ``target.node``, an id. It also
remembers the node for the next stream of the app whenever one of the two is set to a node's
number, and forgets what it remembered when it is set to anything else or removed
(WirePlumber's ``restore-stream.lua``, from 0.5 on ``state-stream.lua``). So a stream is moved by
the node's name, and ``target.node`` is set to the node that the user had chosen, if any: that
does not hold then, and is remembered. What is to come back is kept beside them, in a key of
our own: it lasts exactly as long as the move does, whatever becomes of this process.

The metadata is read anew before each change. The server tells nobody else of a change that
happens just while some program binds the metadata (``module-metadata``), as each one does that
begins to play.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from ...pipewire import GlobalObject, Interface, MetadataProxy, PipeWireClient
from .numbers import number_of

_OBJECT = "target.object"
_NODE = "target.node"
_MOVED = "audiosession.moved"
_ANY = "-1"
_DEFAULTS = ("default.audio.sink", "default.audio.source")
_ID = "Spa:Id"
_JSON = "Spa:String:JSON"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What our key of a stream says."""

    to: str
    """The name of the node it was moved to."""
    chosen: int | None
    """The serial number of the node that the user had chosen; it may be gone."""

    @classmethod
    def of(cls, value: str) -> _Moved | None:
        """Returns what a value says, ``None`` for nonsense."""
        try:
            found = json.loads(value)
        except ValueError:
            return None
        match found:
            case {"to": str(to), "chosen": int() | None as chosen}:
                return cls(to=to, chosen=chosen)
        return None

    def value(self) -> str:
        """Returns it as the metadata holds it."""
        return json.dumps({"to": self.to, "chosen": self.chosen})


class Moves:
    """Moves streams, and takes moves back.

    Args:
        client: The connection.
    """

    def __init__(self, client: PipeWireClient) -> None:
        self._client = client

    async def move(self, stream: int, node: str) -> bool:
        """Has the session manager link a stream to another node; returns whether it can.

        Args:
            stream: The id of the stream's node.
            node: The name of the other.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        metadata = await self._read()
        if metadata is None:
            return False
        before = self._moved(metadata, stream)
        ours = before is not None and self._value(metadata, stream, _OBJECT) == before.to
        chosen = before.chosen if before is not None and ours else self._chosen(metadata, stream)
        with self._client.batch():
            # First what is needed to take it back.
            metadata.set(stream, _MOVED, _Moved(to=node, chosen=chosen).value(), _JSON)
            if self._value(metadata, stream, _OBJECT) == node:
                # What is set to what it is changes nothing, and the first may have been lost.
                metadata.set(stream, _OBJECT, None)
            metadata.set(stream, _OBJECT, node, "Spa:String")
            if (target := self._by_serial(chosen)) is not None:
                metadata.set(stream, _NODE, None)
                metadata.set(stream, _NODE, str(target.id), _ID)
            metadata.release()
        return True

    async def take_back(self, stream: int) -> bool:
        """Has a stream go where it would be; returns whether it was moved.

        Where the user has moved it meanwhile, it stays.

        Args:
            stream: The id of the stream's node.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        metadata = await self._read()
        if metadata is None:
            return False
        taken = self._take_back(metadata, stream)
        metadata.release()
        return taken

    async def stay(self, stream: int, node: GlobalObject) -> None:
        """Takes a stream back to a node where its user had it before that node went.

        One that comes anew has another number, by which nobody chose it. Where the user chose
        no node, or one that is there, that is where the stream goes.

        Args:
            stream: The id of the stream's node.
            node: The node.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        metadata = await self._read()
        if metadata is None:
            return
        before = self._moved(metadata, stream)
        ours = before is not None and self._value(metadata, stream, _OBJECT) == before.to
        chosen = before.chosen if before is not None and ours else self._chosen(metadata, stream)
        if chosen is None or self._by_serial(chosen) is not None:
            self._take_back(metadata, stream)
            if self._follows(metadata, stream) and not self._is_default(metadata, node):
                metadata.set(stream, _NODE, None)
        else:
            with self._client.batch():
                metadata.set(stream, _NODE, None)
                metadata.set(stream, _OBJECT, str(node.serial), _ID)
                metadata.set(stream, _MOVED, None)
        metadata.release()

    async def take_all_back(self) -> None:
        """Takes every move back.

        Raises:
            HostUnavailableError: the connection is lost.
        """
        if (metadata := await self._read()) is not None:
            self._take_all_back(metadata)
            metadata.release()

    def mend(self) -> None:
        """Takes back what a process before this one moved.

        To be called right after connecting, when the metadata has just been read.
        """
        if (metadata := self._client.defaults) is not None:
            self._take_all_back(metadata)

    def _take_all_back(self, metadata: MetadataProxy) -> None:
        with self._client.batch():
            for subject, key in tuple(metadata.values):
                if key == _MOVED:
                    self._take_back(metadata, subject)

    async def _read(self) -> MetadataProxy | None:
        """Returns all metadata as it is now; to be released."""
        known = self._client.defaults
        if known is None:
            return None
        proxy = self._client.bind(known.target)
        assert isinstance(proxy, MetadataProxy)
        await self._client.sync()
        return proxy if proxy.alive else None

    def _take_back(self, metadata: MetadataProxy, stream: int) -> bool:
        if (stream, _MOVED) not in metadata.values:
            return False
        before = self._moved(metadata, stream)
        ours = before is not None and self._value(metadata, stream, _OBJECT) == before.to
        with self._client.batch():
            if before is not None and ours:
                if before.chosen is None:
                    metadata.set(stream, _OBJECT, None)
                else:
                    # As it was, also where that node is gone: so much is known of the choice.
                    metadata.set(stream, _NODE, None)
                    metadata.set(stream, _OBJECT, str(before.chosen), _ID)
            metadata.set(stream, _MOVED, None)
        return ours

    def _moved(self, metadata: MetadataProxy, stream: int) -> _Moved | None:
        value = self._value(metadata, stream, _MOVED)
        return _Moved.of(value) if value else None

    @staticmethod
    def _value(metadata: MetadataProxy, stream: int, key: str) -> str:
        value = metadata.values.get((stream, key))
        return "" if value is None else value.value

    def _follows(self, metadata: MetadataProxy, stream: int) -> bool:
        """Whether a stream goes to the default, whatever its app asks for.

        The session manager has it so since the app's own node was the default once.
        """
        return self._value(metadata, stream, _NODE) == _ANY

    @staticmethod
    def _is_default(metadata: MetadataProxy, node: GlobalObject) -> bool:
        names = (metadata.values.get((0, key)) for key in _DEFAULTS)
        wanted = json.dumps(node.properties.get("node.name", ""))
        return any(name is not None and wanted in name.value for name in names)

    def _chosen(self, metadata: MetadataProxy, stream: int) -> int | None:
        """The serial number of the node that a stream has as its target, which may be gone."""
        if value := self._value(metadata, stream, _OBJECT):
            target = self._by_serial(number_of(value)) or self._first(
                lambda node: node.properties.get("node.name") == value
            )
            # A node that is gone had that number, and no other node gets it.
            gone = number_of(value)
        else:
            number = number_of(self._value(metadata, stream, _NODE))
            target = None if number is None else self._first(lambda node: node.id == number)
            gone = None
        return gone if target is None else target.serial

    def _by_serial(self, serial: int | None) -> GlobalObject | None:
        return None if serial is None else self._first(lambda node: node.serial == serial)

    def _first(self, check: Callable[[GlobalObject], bool]) -> GlobalObject | None:
        return next(filter(check, self._client.find(Interface.NODE)), None)


__all__ = ["Moves"]
