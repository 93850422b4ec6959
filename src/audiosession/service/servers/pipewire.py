"""PipeWire as a sound server to the service: factors are the nodes' ``softVolumes``.

:mod:`.pipewire_volume` says how. Nothing ties such a volume to this process; the ledger says
which nodes a crash left lowered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import (
    HostUnavailableError,
    HostUnavailableReason,
    LimitError,
)
from ...pipewire import (
    ClientEvent,
    DefaultsChanged,
    Drained,
    GlobalObject,
    Interface,
    NodeProxy,
    NodeState,
    ObjectAdded,
    ObjectRemoved,
    Param,
    PipeWireClient,
    Proxy,
    RequestFailed,
    ServerDown,
    ServerUp,
)
from ...pipewire.pod import Object
from ..ledger import Ledger
from .base import Card, Direction, Endpoint, ServerEvents, ServerStream
from .numbers import number_of
from .pipewire_devices import Devices, directions_of
from .pipewire_links import Links
from .pipewire_pace import step_s
from .pipewire_routes import PipeWireRoutes
from .pipewire_volume import SoftVolume

_log = logging.getLogger("audiosession.service")

CLOSE_TIMEOUT_S = 1.0
"""How long closing waits for the server to give every volume back, in seconds."""

_CLASSES = {
    "Stream/Output/Audio": Direction.PLAYBACK,
    "Stream/Input/Audio": Direction.CAPTURE,
}
_PREFIX = "pipewire:"


@dataclass(slots=True, eq=False)
class _Stream:
    """What is known of one stream and what was written to it."""

    id: str
    key: str
    direction: Direction
    proxy: NodeProxy
    volume: SoftVolume
    owner: Proxy | None
    complete: bool = False
    noted: bool = False
    """Whether the ledger has it."""
    endpoint: str = ""
    reported: ServerStream | None = None


class PipeWireServer:
    """A PipeWire server with its session manager.

    Args:
        ledger: Where lowered streams are written down; those of others are left alone.
        remote: The server's socket, as for :class:`PipeWireClient`.
        timeout_s: How long :meth:`start` waits for a server to show what it has, in seconds.
    """

    def __init__(
        self, ledger: Ledger, *, remote: str | Path | None = None, timeout_s: float = 10.0
    ) -> None:
        self._ledger = ledger
        self._timeout_s = timeout_s
        self._client = PipeWireClient(
            remote, properties={"application.name": "audiosession", "media.category": "Manager"}
        )
        self._client.listen(self._on_event)
        self._devices = Devices(self._client, self._mark_all)
        self._links = Links()
        self._routes = PipeWireRoutes(
            self._client, self._devices, self._links, lambda: self._last_cards
        )
        self._events: ServerEvents | None = None
        self._streams: dict[int, _Stream] = {}
        self._by_id: dict[str, _Stream] = {}
        self._owners: dict[int, Proxy] = {}
        self._up = False
        self._started = asyncio.Event()
        self._dirty: dict[_Stream, None] = {}
        self._settling = False
        self._endpoints_dirty = False
        self._later: asyncio.TimerHandle | None = None
        self._last_endpoints: tuple[Endpoint, ...] = ()
        self._last_cards: tuple[Card, ...] = ()
        self._given_back: set[str] = set()

    def __repr__(self) -> str:
        return f"<PipeWireServer {'up' if self._up else 'down'}, {len(self._streams)} streams>"

    @property
    def name(self) -> str:
        """``pipewire``."""
        return "pipewire"

    @property
    def step_s(self) -> float:
        """A cycle of the graph, as far as the streams tell; longer when many are lowered."""
        streams = self._streams.values()
        return step_s(
            (
                stream.proxy.properties.get("node.latency", "")
                for stream in streams
                if stream.proxy.state == NodeState.RUNNING
            ),
            sum(stream.noted for stream in streams),
        )

    async def start(self, events: ServerEvents) -> None:
        """Connects, gives back what a crash left lowered, reports everything, then ``server_up``.

        Raises:
            HostUnavailableError: there is no such server here.
        """
        self._events = events
        try:
            await self._client.connect(timeout_s=self._timeout_s)
            async with asyncio.timeout(self._timeout_s):
                await self._started.wait()
        except TimeoutError:
            self._client.close()
            raise HostUnavailableError(HostUnavailableReason.TIMED_OUT, "PipeWire") from None
        except BaseException:
            self._client.close()
            raise
        await self.flush()

    def apply(self, factors: Mapping[str, float]) -> None:
        """Sets the linear factors of these streams, 0.0 to 1.0; 1.0 gives back exactly.

        Returns at once. A stream that is gone is passed over. A stream that cannot be written
        down in the ledger is not lowered.
        """
        found = [
            (stream, factor)
            for name, factor in factors.items()
            if (stream := self._by_id.get(name)) is not None
        ]
        lowered = [stream for stream, factor in found if factor != 1.0]
        if not self._write_down(lowered):
            found = [(stream, factor) for stream, factor in found if factor == 1.0 or stream.noted]
        with self._client.batch():
            for stream, factor in found:
                stream.volume.factor = factor
                if stream.volume.ours or factor != 1.0:
                    stream.volume.write()
                elif stream.noted:
                    self._forget([stream])

    async def set_profile(self, card: str, profile: str) -> None:
        """See :class:`.base.SoundServer`; a card that does not follow in time refuses."""
        self._check_up()
        await self._routes.set_profile(card, profile)

    async def set_port(self, endpoint: str) -> None:
        """See :class:`.base.SoundServer`; a card that does not follow in time refuses."""
        self._check_up()
        await self._routes.set_port(endpoint)

    async def set_volume(self, endpoint: str, volume: float) -> None:
        """See :class:`.base.SoundServer`."""
        self._check_up()
        await self._routes.set_volume(endpoint, volume)

    async def move(self, stream: str, endpoint: str | None, *, stay: bool = False) -> None:
        """See :class:`.base.SoundServer`. Moves that were not taken back end with a restart.

        Where the user has moved the stream meanwhile, ``None`` leaves it.
        """
        self._check_up()
        known = self._by_id.get(stream)
        if endpoint is not None and stay:
            if known is not None:
                await self._routes.stay(known.proxy.target.id, endpoint)
        elif endpoint is not None:
            number = -1 if known is None else known.proxy.target.id
            way = Direction.PLAYBACK if known is None else known.direction
            await self._routes.move(number, endpoint, way, lambda: stream in self._by_id)
        elif known is not None:
            await self._routes.take_back(known.proxy.target.id)

    def _check_up(self) -> None:
        if not self._up:
            raise HostUnavailableError(HostUnavailableReason.CONNECTION_LOST, "PipeWire")

    async def flush(self) -> None:
        """Returns when the server has carried out every factor applied so far.

        Returns too when the connection is lost.
        """
        if not self._client.ready:
            return
        try:
            await self._client.sync()
        except HostUnavailableError as error:
            _log.debug("nothing left to wait for: %s", error)

    async def close(self) -> None:
        """Gives every volume back, exactly, waits for that, and disconnects.

        Streams that are still moved are taken back.
        """
        with self._client.batch():
            for stream in self._streams.values():
                stream.volume.give_back()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._take_moves_back()
                await self.flush()
        except TimeoutError:
            _log.warning("PipeWire does not answer; what it has lowered is in the ledger")
        else:
            # What has been sent before the sync is carried out whether this process lives or not.
            if self._up:
                self._forget(stream for stream in self._streams.values() if stream.noted)
                self._tidy_ledger()
        self._events = None
        self._client.close()
        self._reset()

    async def _take_moves_back(self) -> None:
        try:
            if self._up:
                await self._routes.take_all_back()
        except HostUnavailableError as error:
            _log.debug("no streams left to take back: %s", error)

    # Factors

    def _write_down(self, streams: list[_Stream]) -> bool:
        """Puts what is not in the ledger yet into it and returns whether that worked."""
        info = self._client.info
        new = [stream for stream in streams if not stream.noted]
        if not new or info is None:
            return True
        self._given_back.difference_update(stream.key for stream in new)
        entries = {
            stream.key: {
                "server": "pipewire",
                "instance": str(info.cookie),
                "serial": stream.proxy.target.serial,
                "node": stream.proxy.target.name,
            }
            for stream in new
        }
        try:
            self._ledger.put_all(entries)
        except (OSError, LimitError) as error:
            _log.error("nothing is lowered, since it cannot be written down: %s", error)
            return False
        for stream in new:
            stream.noted = True
        return True

    def _on_param(self, stream: _Stream, value: Object) -> None:
        volume = stream.volume
        if volume.heard(value):
            self._mark(stream)
        if not volume.ours and volume.factor != 1.0 and self._write_down([stream]):
            volume.write()
        elif volume.settled:
            volume.let_go()
            self._forget([stream])

    def _forget(self, streams: Iterable[_Stream]) -> None:
        """Takes streams out of the ledger, all of one moment at once."""
        for stream in streams:
            stream.noted = False
            self._given_back.add(stream.key)
        self._schedule()

    def _tidy_ledger(self) -> None:
        keys, self._given_back = self._given_back, set()
        try:
            self._ledger.remove(keys)
        except OSError as error:
            _log.warning("the ledger keeps what was given back: %s", error)

    def _mend(self) -> None:
        """Gives back what an earlier process left lowered on this server."""
        info = self._client.info
        assert info is not None
        by_key = {stream.key: stream for stream in self._streams.values()}
        for key, entry in self._ledger.entries().items():
            if not key.startswith(_PREFIX):
                continue
            stream = by_key.get(key)
            if stream is None or entry.get("instance") != str(info.cookie):
                self._given_back.add(key)
            elif not stream.noted:
                _log.info("%s was left lowered and is given back", stream.proxy.target)
                stream.noted = True
                stream.volume.mend()

    # What the server says

    def _on_event(self, event: ClientEvent) -> None:
        match event:
            case ObjectAdded():
                self._add(event.object)
            case ObjectRemoved():
                self._remove(event.object)
            case DefaultsChanged():
                self._mark_all()
            case ServerUp():
                # What was asked while listing, as the ports of devices, is to be there too.
                self._client.sync().add_done_callback(self._bring_up)
            case ServerDown():
                was_up = self._up
                self._reset()
                if was_up and self._events is not None:
                    self._events.server_down(event.reason)
            case Drained():
                with self._client.batch():
                    for stream in self._streams.values():
                        stream.volume.catch_up()
            case RequestFailed():
                # Most often what it was about has gone meanwhile.
                _log.debug("PipeWire refused something: %s", event.error)

    def _bring_up(self, done: asyncio.Future[None]) -> None:
        if done.cancelled() or done.exception() is not None or self._up:
            return
        self._up = True
        self._mend()
        self._routes.mend()
        self._endpoints_dirty = True
        self._dirty = dict.fromkeys(self._streams.values())
        self._settle()
        self._started.set()
        if self._events is not None:
            self._events.server_up()

    def _reset(self) -> None:
        self._up = False
        self._stop_waiting()
        self._devices.clear()
        self._routes.lost()
        for stream in self._streams.values():
            stream.volume.close()
        self._streams.clear()
        self._by_id.clear()
        self._owners.clear()
        self._links.clear()
        self._dirty.clear()
        self._given_back.clear()
        self._endpoints_dirty = False
        self._last_endpoints = ()
        self._last_cards = ()

    def _add(self, target: GlobalObject) -> None:
        media_class = target.properties.get("media.class", "")
        match target.interface:
            case Interface.NODE if media_class in _CLASSES:
                self._add_stream(target, _CLASSES[media_class])
            case Interface.NODE if directions_of(media_class):
                self._devices.add_node(target)
            case Interface.DEVICE if media_class == "Audio/Device":
                self._devices.add_device(target)
            case Interface.LINK:
                self._mark_nodes(*self._links.add(target))
            case Interface.METADATA if target.name == "settings":
                self._devices.use_settings(target)

    def _remove(self, target: GlobalObject) -> None:
        match target.interface:
            case Interface.NODE:
                self._remove_stream(target.id)
                self._devices.remove(target.id)
            case Interface.DEVICE:
                self._devices.remove(target.id)
            case Interface.LINK:
                self._mark_nodes(*self._links.remove(target.id))
            case Interface.CLIENT:
                self._owners.pop(target.id, None)

    def _add_stream(self, target: GlobalObject, direction: Direction) -> None:
        proxy = self._client.bind(target)
        assert isinstance(proxy, NodeProxy)
        info = self._client.info
        stream = _Stream(
            id=f"{self.name}-{target.serial}",
            key=f"{_PREFIX}{info.cookie if info is not None else 0}:{target.serial}",
            direction=direction,
            proxy=proxy,
            volume=SoftVolume(proxy, self._client),
            owner=self._owner(target),
        )
        self._streams[target.id] = self._by_id[stream.id] = stream
        proxy.on_info = lambda: self._mark(stream)
        proxy.on_param = lambda _param, _index, value: self._on_param(stream, value)
        proxy.subscribe_params(Param.PROPS)

        def complete(_: asyncio.Future[None]) -> None:
            stream.complete = True
            self._mark(stream)

        self._client.sync().add_done_callback(complete)

    def _owner(self, target: GlobalObject) -> Proxy | None:
        """Returns the proxy of the program a stream belongs to."""
        number = number_of(target.properties.get("client.id"))
        program = None if number is None else self._client.objects.get(number)
        if number is None or program is None or program.interface is not Interface.CLIENT:
            return None
        owner = self._owners.get(number)
        if owner is None or owner.target.serial != program.serial:
            owner = self._owners[number] = self._client.bind(program)
            owner.on_info = lambda: self._mark_owned(owner)
        return owner

    def _mark_owned(self, owner: Proxy) -> None:
        for stream in self._streams.values():
            if stream.owner is owner:
                self._mark(stream)

    def _remove_stream(self, number: int) -> None:
        stream = self._streams.pop(number, None)
        if stream is None:
            return
        del self._by_id[stream.id]
        self._dirty.pop(stream, None)
        stream.volume.close()
        if stream.noted:
            self._forget([stream])
        if stream.reported is not None and self._events is not None:
            self._events.stream_removed(stream.id)

    # Reporting

    def _mark_nodes(self, *nodes: int) -> None:
        for node in nodes:
            if (stream := self._streams.get(node)) is not None:
                self._mark(stream)

    def _mark(self, stream: _Stream) -> None:
        """Notes that a stream may have to be reported."""
        if stream.id in self._by_id:
            self._dirty[stream] = None
            self._schedule()

    def _mark_all(self) -> None:
        """Notes that the endpoints may have to be reported, and all that depends on them."""
        self._endpoints_dirty = True
        self._schedule()

    def _schedule(self) -> None:
        # Changes of one moment make one report.
        if self._up and not self._settling:
            self._settling = True
            self._client.loop.call_soon(self._settle)

    def _settle(self) -> None:
        """Reports what differs from what was reported last, and tidies the ledger."""
        self._settling = False
        if not self._up:
            return
        if self._given_back:
            self._tidy_ledger()
        if self._endpoints_dirty and not self._wait_for_cards():
            self._endpoints_dirty = False
            cards, endpoints = self._devices.cards(), self._devices.endpoints()
            if cards != self._last_cards:
                self._last_cards = cards
                if self._events is not None:
                    self._events.cards_changed(cards)
            if endpoints != self._last_endpoints:
                self._last_endpoints = endpoints
                if self._events is not None:
                    self._events.endpoints_changed(endpoints)
                self._dirty |= dict.fromkeys(self._streams.values())
        dirty, self._dirty = self._dirty, {}
        for stream in dirty:
            self._report(stream)
        self._routes.look()

    def _wait_for_cards(self) -> bool:
        """Returns whether endpoints and cards are at odds, and has them looked at later."""
        self._stop_waiting()
        wait_s = self._devices.patience_s() if self._started.is_set() else 0.0
        if wait_s:
            self._later = self._client.loop.call_later(wait_s, self._schedule)
        return bool(wait_s)

    def _stop_waiting(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    def _report(self, stream: _Stream) -> None:
        if not stream.complete or not stream.proxy.informed or stream.id not in self._by_id:
            return
        now = self._described(stream)
        before, stream.reported = stream.reported, now
        if self._events is None or now == before:
            return
        if before is None:
            self._events.stream_added(now)
        else:
            self._events.stream_changed(now)

    def _described(self, stream: _Stream) -> ServerStream:
        owner = stream.owner.properties if stream.owner is not None else {}
        properties = {**owner, **stream.proxy.properties}
        stream.endpoint = self._endpoint(stream)
        return ServerStream(
            id=stream.id,
            direction=stream.direction,
            properties=properties,
            pid=_process(owner, properties),
            running=stream.proxy.state == NodeState.RUNNING
            and properties.get("pulse.corked") != "true",
            muted=stream.volume.muted,
            volumes=stream.volume.volumes or (1.0,),
            endpoint=stream.endpoint,
        )

    def _endpoint(self, stream: _Stream) -> str:
        """Returns where a stream plays or records; where it did last while it is moved."""
        for peer in self._links.peers(stream.proxy.target.id):
            if active := self._devices.active(peer, stream.direction):
                return active
        there = any(endpoint.id == stream.endpoint for endpoint in self._last_endpoints)
        return stream.endpoint if there else ""


def _process(owner: Mapping[str, str], properties: Mapping[str, str]) -> int | None:
    """Returns the process of a stream: the kernel's word, or what pipewire-pulse was told."""
    kernel = number_of(owner.get("pipewire.sec.pid"))
    if kernel is not None and owner.get("client.api") != "pipewire-pulse":
        return kernel
    return number_of(properties.get("application.process.id"))


__all__ = ["CLOSE_TIMEOUT_S", "PipeWireServer"]
