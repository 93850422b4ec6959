"""Sinks, sources and the ports of their devices, as PipeWire shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...devices import AudioDeviceType
from ...pipewire import (
    Availability,
    DeviceProxy,
    GlobalObject,
    NodeProxy,
    Param,
    PipeWireClient,
    Profile,
    Route,
)
from ...pipewire.pod import Array, Object, PodValue
from .base import Direction, Endpoint
from .kinds import device_type
from .numbers import number_of

_DIRECTIONS = {
    "Sink": (Direction.PLAYBACK,),
    "Source": (Direction.CAPTURE,),
    "Duplex": (Direction.PLAYBACK, Direction.CAPTURE),
}
_PARAMS = (Param.ENUM_ROUTE, Param.ROUTE, Param.PROFILE)
_ROUTE_DIRECTIONS = {0: Direction.CAPTURE, 1: Direction.PLAYBACK}
# Sinks that other modules make have no device; what they lead to shows in their properties.
_NETWORK = {"raop.": "raop", "rtp.": "rtp", "roc.": "roc", "tunnel.": "tunnel"}
_PLUGGED_BUSES = frozenset({"usb", "bluetooth"})


def directions_of(media_class: str) -> tuple[Direction, ...]:
    """Returns which ways sound goes through a node of this class; none for what is no endpoint."""
    kind, _, rest = media_class.partition("/")
    return _DIRECTIONS.get(rest.partition("/")[0], ()) if kind == "Audio" else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One port of a device."""

    index: int
    """Its number on the device."""
    direction: Direction
    """Which way sound goes through it."""
    name: str
    """Its name."""
    description: str
    """What people call it."""
    type: str
    """``speaker``, ``headphones`` and so on; empty when the device does not say."""
    availability: int
    """Whether something is plugged in, of :class:`Availability`."""
    profiles: frozenset[int]
    """The profiles that have it; none for all."""
    devices: frozenset[int]
    """Numbers of the profile's devices that can use it."""

    @classmethod
    def of(cls, route: Object) -> Port | None:
        """Returns the port of a route, ``None`` when its direction or number is missing."""
        index, way = route.get(Route.INDEX), route.get(Route.DIRECTION)
        if not isinstance(index, int) or not isinstance(way, int) or way not in _ROUTE_DIRECTIONS:
            return None
        available = route.get(Route.AVAILABLE)
        return cls(
            index=index,
            direction=_ROUTE_DIRECTIONS[way],
            name=_text(route.get(Route.NAME)) or str(index),
            description=_text(route.get(Route.DESCRIPTION)),
            type=_dictionary(route.get(Route.INFO)).get("port.type", ""),
            availability=available if isinstance(available, int) else Availability.UNKNOWN,
            profiles=_numbers(route.get(Route.PROFILES)),
            devices=_numbers(route.get(Route.DEVICES)),
        )


class Device:
    """A sound card: its ports, those in use, its profile; read again when it changes.

    Args:
        proxy: The device.
        changed: Called after each change.
    """

    def __init__(self, proxy: DeviceProxy, changed: Callable[[], None]) -> None:
        self._proxy = proxy
        self._changed = changed
        self._flags: Mapping[int, int] | None = None
        self._asked: dict[int, int] = {}
        self.ports: tuple[Port, ...] = ()
        """Every port of every profile."""
        self.active: frozenset[tuple[int, int]] = frozenset()
        """The profile's device and the port's number of each port in use."""
        self.profile_index: int | None = None
        """Number of the profile in use."""
        self.profile = ""
        """Name of the profile in use."""
        proxy.on_info = self._informed
        for param in _PARAMS:
            self._ask(param)

    @property
    def properties(self) -> Mapping[str, str]:
        """What is said of the card."""
        return self._proxy.properties

    def _informed(self) -> None:
        flags, before = self._proxy.param_flags, self._flags
        self._flags = flags
        if before is not None:
            for param in _PARAMS:
                # The serial flag flips with every change of the values.
                if flags.get(param) != before.get(param):
                    self._ask(param)
        self._changed()

    def _ask(self, param: Param) -> None:
        asked = self._asked[param] = self._asked.get(param, 0) + 1

        def take(answer: asyncio.Future[tuple[Object, ...]]) -> None:
            if answer.cancelled() or self._asked[param] != asked:
                return
            # A device without ports refuses the question.
            values = () if answer.exception() is not None else answer.result()
            self._take(param, values)
            self._changed()

        self._proxy.enum_params(param).add_done_callback(take)

    def _take(self, param: Param, values: tuple[Object, ...]) -> None:
        if param is Param.ENUM_ROUTE:
            self.ports = tuple(port for port in map(Port.of, values) if port is not None)
        elif param is Param.ROUTE:
            self.active = frozenset(
                (device, index)
                for value in values
                if isinstance(device := value.get(Route.DEVICE), int)
                and isinstance(index := value.get(Route.INDEX), int)
            )
        else:
            found = values[0] if values else None
            index = found.get(Profile.INDEX) if found is not None else None
            self.profile_index = index if isinstance(index, int) else None
            self.profile = _text(found.get(Profile.NAME)) if found is not None else ""

    def ports_of(self, device: int, direction: Direction) -> Iterator[Port]:
        """Yields the ports that one of the profile's devices can use now."""
        for port in self.ports:
            of_profile = not port.profiles or self.profile_index in port.profiles
            if of_profile and port.direction is direction and device in port.devices:
                yield port


class Devices:
    """All sinks, sources and cards, and the endpoints they make.

    Args:
        client: The connection.
        changed: Called whenever :meth:`endpoints` may give another answer.
    """

    def __init__(self, client: PipeWireClient, changed: Callable[[], None]) -> None:
        self._client = client
        self._changed = changed
        self._nodes: dict[int, NodeProxy] = {}
        self._devices: dict[int, Device] = {}
        self._active: dict[tuple[int, Direction], str] = {}

    def add_node(self, target: GlobalObject) -> None:
        """Takes a sink or source."""
        proxy = self._client.bind(target)
        assert isinstance(proxy, NodeProxy)
        proxy.on_info = self._changed
        self._nodes[target.id] = proxy
        self._changed()

    def add_device(self, target: GlobalObject) -> None:
        """Takes a card."""
        proxy = self._client.bind(target)
        assert isinstance(proxy, DeviceProxy)
        self._devices[target.id] = Device(proxy, self._changed)

    def remove(self, number: int) -> None:
        """Forgets whatever has this id."""
        node = self._nodes.pop(number, None)
        device = self._devices.pop(number, None)
        if node is not None or device is not None:
            self._changed()

    def clear(self) -> None:
        """Forgets everything."""
        self._nodes.clear()
        self._devices.clear()
        self._active.clear()

    def active(self, node: int, direction: Direction) -> str:
        """Returns the endpoint that a node uses, as of the last :meth:`endpoints`."""
        return self._active.get((node, direction), "")

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Returns every endpoint there is, sinks and sources in the order they came."""
        self._active.clear()
        found: dict[str, Endpoint] = {}
        for number, proxy in self._nodes.items():
            if not proxy.informed:
                continue
            for direction in directions_of(proxy.properties.get("media.class", "")):
                for endpoint in self._endpoints_of(proxy, direction):
                    if endpoint.id in found:
                        # Names need not be unique; the first one keeps its id.
                        continue
                    found[endpoint.id] = endpoint
                    if endpoint.active:
                        self._active[number, direction] = endpoint.id
        return tuple(found.values())

    def _endpoints_of(self, proxy: NodeProxy, direction: Direction) -> Iterator[Endpoint]:
        properties = proxy.properties
        node = properties.get("node.name", "") or f"node-{proxy.target.serial}"
        device = self._devices.get(_number(properties.get("device.id")))
        about = {**(device.properties if device is not None else {}), **properties}
        name = (
            properties.get("node.description")
            or properties.get("node.nick")
            or about.get("device.description")
            or node
        )
        default = node == (
            self._client.default_sink
            if direction is Direction.PLAYBACK
            else self._client.default_source
        )
        start = f"{direction.value}:{node}"
        card_device = _number(properties.get("card.profile.device"))
        ports = () if device is None else tuple(device.ports_of(card_device, direction))
        profile = device.profile if device is not None else ""
        plugged = about.get("device.bus", "") in _PLUGGED_BUSES
        if not ports:
            kind = _kind(direction, about, port_type="", profile=profile)
            yield Endpoint(
                id=start,
                name=name,
                direction=direction,
                type=kind,
                node=node,
                default=default,
                removable=plugged or about.get("device.api", "") == "bluez5",
            )
        for port in ports:
            assert device is not None
            active = (card_device, port.index) in device.active
            yield Endpoint(
                id=f"{start}:{port.name}",
                name=f"{port.description} ({name})" if port.description else name,
                direction=direction,
                type=_kind(direction, about, port_type=port.type, profile=profile),
                node=node,
                port=port.name,
                available=port.availability != Availability.NO,
                active=active,
                default=default and active,
                # A card that tells whether something is plugged in has a plug.
                removable=plugged
                or about.get("device.api", "") == "bluez5"
                or port.availability != Availability.UNKNOWN,
            )


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


def _text(value: PodValue) -> str:
    return value if isinstance(value, str) else ""


def _number(text: str | None) -> int:
    """Returns the number a property holds, or one that no object has."""
    number = number_of(text)
    return -1 if number is None else number


def _numbers(value: PodValue) -> frozenset[int]:
    values = value.values if isinstance(value, Array) else ()
    return frozenset(item for item in values if isinstance(item, int))


def _dictionary(value: PodValue) -> dict[str, str]:
    """Returns a count with keys and values in turn as a dictionary."""
    items = value[1:] if isinstance(value, tuple) else ()
    return {
        key: text
        for key, text in zip(items[::2], items[1::2], strict=False)
        if isinstance(key, str) and isinstance(text, str)
    }


__all__ = ["Device", "Devices", "Port", "directions_of"]
