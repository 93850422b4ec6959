"""Sinks, sources and the ports of their devices, as PipeWire shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ...devices import AudioDeviceType
from ...errors import UnknownNameError
from ...pipewire import (
    Availability,
    DeviceProxy,
    GlobalObject,
    MetadataProxy,
    NodeProxy,
    Param,
    PipeWireClient,
)
from ...pipewire.pod import Object
from .base import Card, Direction, Endpoint
from .card_ports import own_name, port_name
from .kinds import device_type
from .numbers import number_of
from .pipewire_cards import Device, Levels, Port, is_plugged, volume_props
from .pipewire_values import channels_in, fraction, id_of

AGREE_S = 0.3
"""How long nodes and what their card says may be at odds, in seconds. The session manager tells
of them one after the other when a card changes its profile."""

_DIRECTIONS = {
    "Sink": (Direction.PLAYBACK,),
    "Source": (Direction.CAPTURE,),
    "Duplex": (Direction.PLAYBACK, Direction.CAPTURE),
}
# Sinks that other modules make have no device; what they lead to shows in their properties.
_NETWORK = {"raop.": "raop", "rtp.": "rtp", "roc.": "roc", "tunnel.": "tunnel"}


_FORMAT_RATE = 0x10003
"""The rate of a format (``SPA_FORMAT_AUDIO_rate``, ``spa/param/format.h``)."""


def directions_of(media_class: str) -> tuple[Direction, ...]:
    """Returns which ways sound goes through a node of this class; none for what is no endpoint."""
    kind, _, rest = media_class.partition("/")
    return _DIRECTIONS.get(rest.partition("/")[0], ()) if kind == "Audio" else ()


@dataclass(slots=True, eq=False)
class _Node:
    """A sink or source."""

    proxy: NodeProxy
    since: float
    """When it came, on the event loop's clock."""
    levels: Levels = field(default_factory=Levels)
    rate: int = 0
    """The rate it runs at, in Hz; 0 when not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an endpoint is in the graph."""

    endpoint: Endpoint
    """The endpoint."""
    node: NodeProxy
    """Its node."""
    levels: Levels
    """The node's own volumes."""
    device: Device | None = None
    """Its card."""
    card_device: int = -1
    """Number of the profile's device that the node is."""
    port: int | None = None
    """The number of its port on the card; ``None`` where it has none."""

    @property
    def active(self) -> bool:
        """Whether the node uses this port now."""
        device = self.device
        return device is None or self.port is None or (self.card_device, self.port) in device.active

    def set_port(self) -> asyncio.Future[None] | None:
        """Has the node use this port; returns when the server knows; ``None``: it does."""
        if self.device is None or self.port is None or self.active:
            return None
        return self.device.set_port(self.card_device, self.port)

    def set_volume(self, volume: float) -> asyncio.Future[None]:
        """Sets the volume of the node, which for most cards is that of the port in use."""
        device = self.device
        if device is not None:
            for card_device, index in device.active:
                if card_device == self.card_device:
                    return device.set_volume(card_device, index, volume)
        count = len(self.levels.volumes) or len(self.endpoint.channels) or 1
        return self.node.try_set_param(Param.PROPS, volume_props(Param.PROPS, volume, count))


class Devices:
    """All sinks, sources and cards, and the endpoints they make.

    Args:
        client: The connection.
        changed: Called whenever :meth:`endpoints` or :meth:`cards` may give another answer.
    """

    def __init__(self, client: PipeWireClient, changed: Callable[[], None]) -> None:
        self._client = client
        self._changed = changed
        self._nodes: dict[int, _Node] = {}
        self._devices: dict[int, Device] = {}
        self._active: dict[tuple[int, Direction], str] = {}
        self._places: dict[str, Place] = {}
        self._settings: MetadataProxy | None = None
        self._left: dict[int, float] = {}
        """When a node of a card went of which the card has not told yet, by the card's id."""

    def add_node(self, target: GlobalObject) -> None:
        """Takes a sink or source."""
        proxy = self._client.bind(target)
        assert isinstance(proxy, NodeProxy)
        node = _Node(proxy, self._client.loop.time())

        def take(param: int, _index: int, value: Object) -> None:
            if param == Param.FORMAT:
                # None while it sleeps; it will be the same.
                rate = value.get(_FORMAT_RATE)
                if isinstance(rate, int) and rate not in (0, node.rate):
                    node.rate = rate
                    self._changed()
                return
            levels = Levels.of(value)
            # Other properties come without the volumes.
            if levels.volumes and levels != node.levels:
                node.levels = levels
                self._changed()

        proxy.on_info = self._changed
        proxy.on_param = take
        proxy.subscribe_params(Param.PROPS, Param.FORMAT)
        self._nodes[target.id] = node
        self._changed()

    def add_device(self, target: GlobalObject) -> None:
        """Takes a card."""
        proxy = self._client.bind(target)
        assert isinstance(proxy, DeviceProxy)

        def changed() -> None:
            if device.settled:
                self._left.pop(target.id, None)
            self._changed()

        device = self._devices[target.id] = Device(proxy, changed)

    def use_settings(self, target: GlobalObject) -> None:
        """Takes the metadata with the rate and the cycle of the graph."""
        proxy = self._client.bind(target)
        assert isinstance(proxy, MetadataProxy)
        proxy.on_change = lambda _subject, _key: self._changed()
        self._settings = proxy

    def remove(self, number: int) -> None:
        """Forgets whatever has this id."""
        node = self._nodes.pop(number, None)
        device = self._devices.pop(number, None)
        self._left.pop(number, None)
        if node is not None:
            of_device = id_of(node.proxy.properties.get("device.id"))
            if of_device in self._devices:
                self._left[of_device] = self._client.loop.time()
        if node is not None or device is not None:
            self._changed()

    def clear(self) -> None:
        """Forgets everything."""
        self._nodes.clear()
        self._devices.clear()
        self._active.clear()
        self._places.clear()
        self._settings = None
        self._left.clear()

    def patience_s(self) -> float:
        """Returns how long to wait until nodes and cards agree, in seconds; 0: they do."""
        since = [
            *self._left.values(),
            *(node.since for node in self._nodes.values() if not self._agrees(node)),
        ]
        left = AGREE_S + max(since, default=float("-inf")) - self._client.loop.time()
        return max(0.0, left)

    def _agrees(self, node: _Node) -> bool:
        """Whether a node is one of those that its card has in its profile."""
        properties = node.proxy.properties
        device = self._devices.get(id_of(properties.get("device.id")))
        if device is None:
            return True
        if not device.complete or not device.ports:
            return device.complete
        card_device = id_of(properties.get("card.profile.device"))
        return device.profile.startswith(properties.get("api.bluez5.profile", "")) and any(
            any(True for _ in device.ports_of(card_device, direction))
            for direction in directions_of(properties.get("media.class", ""))
        )

    def active(self, node: int, direction: Direction) -> str:
        """Returns the endpoint that a node uses, as of the last :meth:`endpoints`."""
        return self._active.get((node, direction), "")

    def place(self, endpoint: str) -> Place:
        """Returns where an endpoint is, as of the last :meth:`endpoints`.

        Args:
            endpoint: Its id; also with its port's name as the card has it.

        Raises:
            UnknownNameError: there is no such endpoint.
        """
        found = self._places.get(endpoint) or self._places.get(own_name(endpoint))
        if found is None:
            raise UnknownNameError("endpoint", endpoint, self._places)
        return found

    def device(self, card: str) -> Device:
        """Returns a card.

        Raises:
            UnknownNameError: there is no such card.
        """
        for device in self._devices.values():
            if device.id == card:
                return device
        raise UnknownNameError("card", card, (device.id for device in self._devices.values()))

    def cards(self) -> tuple[Card, ...]:
        """Returns every card that is known in full, in the order they came."""
        return tuple(device.card() for device in self._devices.values() if device.complete)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Returns every endpoint there is, sinks and sources in the order they came."""
        self._active.clear()
        self._places.clear()
        for number, node in self._nodes.items():
            if not node.proxy.informed:
                continue
            for direction in directions_of(node.proxy.properties.get("media.class", "")):
                for place in self._places_of(node, direction):
                    endpoint = place.endpoint
                    # Names need not be unique; the first one keeps its id.
                    if self._places.setdefault(endpoint.id, place) is place and endpoint.active:
                        self._active[number, direction] = endpoint.id
        return tuple(place.endpoint for place in self._places.values())

    def _places_of(self, node: _Node, direction: Direction) -> Iterator[Place]:
        proxy = node.proxy
        properties = proxy.properties
        device = self._devices.get(id_of(properties.get("device.id")))
        card = device.card() if device is not None else None
        about = {**(device.properties if device is not None else {}), **properties}
        card_device = id_of(properties.get("card.profile.device"))
        ports = () if device is None else tuple(device.ports_of(card_device, direction))
        for port in ports or (None,):
            yield Place(
                endpoint=self._endpoint(node, direction, device, card, about, port),
                node=proxy,
                levels=node.levels,
                device=device,
                card_device=card_device,
                port=None if port is None else port.index,
            )

    def _endpoint(
        self,
        node: _Node,
        direction: Direction,
        device: Device | None,
        card: Card | None,
        about: Mapping[str, str],
        port: Port | None,
    ) -> Endpoint:
        properties = node.proxy.properties
        node_name = properties.get("node.name", "") or f"node-{node.proxy.target.serial}"
        name = (
            properties.get("node.description")
            or properties.get("node.nick")
            or about.get("device.description")
            or node_name
        )
        default = node_name == (
            self._client.default_sink
            if direction is Direction.PLAYBACK
            else self._client.default_source
        )
        card_device = id_of(properties.get("card.profile.device"))
        id, removable, active, available = (
            f"{direction.value}:{node_name}",
            is_plugged(about),
            True,
            True,
        )
        if port is not None and device is not None:
            id = f"{id}:{port.name}"
            name = f"{port.description} ({name})" if port.description else name
            active = (card_device, port.index) in device.active
            available = port.availability != Availability.NO
            # A card that tells whether something is plugged in has a plug.
            removable = removable or port.availability != Availability.UNKNOWN
        levels = self._levels(node, device, card_device)
        rate, buffer_s = self._pace(node)
        return Endpoint(
            id=id,
            name=name,
            direction=direction,
            type=_kind(
                direction,
                about,
                port_type="" if port is None else port.type,
                profile="" if device is None else device.profile,
            ),
            node=node_name,
            port="" if port is None else port_name(card, direction, port.name),
            available=available,
            active=active,
            default=default and active,
            removable=removable,
            card="" if card is None else card.id,
            channels=levels.channels or channels_in(properties.get("audio.position", "")),
            sample_rate=rate,
            buffer_s=buffer_s,
            latency_s=max(0.0, buffer_s + levels.offset_s),
            volumes=levels.volumes,
            muted=levels.muted,
        )

    def _levels(self, node: _Node, device: Device | None, card_device: int) -> Levels:
        """The volumes of the port in use; the node's own where it says none."""
        for (of_device, _), levels in (device.active if device is not None else {}).items():
            if of_device == card_device and levels.volumes:
                return levels
        return node.levels

    def _pace(self, node: _Node) -> tuple[float, float]:
        """The rate of a node in Hz, and a cycle of it in seconds; 0 for what is not known."""
        properties = node.proxy.properties
        graph = self._setting("clock.force-rate") or self._setting("clock.rate")
        rate = node.rate or number_of(properties.get("audio.rate")) or graph
        forced = self._setting("clock.force-quantum")
        samples = forced or self._setting("clock.quantum")
        cycle = samples / graph if graph else 0.0
        wanted = 0.0 if forced else fraction(properties.get("node.latency", ""))
        return float(rate), wanted or cycle

    def _setting(self, key: str) -> int:
        value = None if self._settings is None else self._settings.values.get((0, key))
        return (number_of(value.value) or 0) if value is not None else 0


def _kind(
    direction: Direction, about: Mapping[str, str], *, port_type: str, profile: str
) -> AudioDeviceType:
    api = about.get("device.api", "")
    for start, network in _NETWORK.items():
        if not api and any(key.startswith(start) for key in about):
            api = network
    return device_type(
        direction,
        port_type=port_type,
        bus=about.get("device.bus", ""),
        api=api,
        profile=about.get("api.bluez5.profile") or profile,
        form_factor=about.get("device.form-factor", ""),
        virtual=about.get("node.virtual") == "true" or ("device.id" not in about and not api),
    )


__all__ = ["Devices", "Place", "directions_of"]
