"""PipeWire's devices as cards: their profiles and ports, and those in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...devices import AudioDeviceType
from ...pipewire import (
    Availability,
    DeviceProxy,
    ObjectType,
    Param,
    Profile,
    Props,
    Route,
)
from ...pipewire.pod import Array, Object, PodType, PodValue, Prop
from .base import Card, CardProfile, Direction
from .card_ports import PortOfCard, card_ports
from .kinds import device_type
from .pipewire_values import channels_of, dictionary, floats, numbers, text

_PARAMS = (Param.ENUM_PROFILE, Param.ENUM_ROUTE, Param.ROUTE, Param.PROFILE)
_ROUTE_DIRECTIONS = {0: Direction.CAPTURE, 1: Direction.PLAYBACK}
_PLUGGED_BUSES = frozenset({"usb", "bluetooth"})


def is_plugged(about: Mapping[str, str]) -> bool:
    """Returns whether a device with these properties goes away when it is pulled out."""
    bus, api = about.get("device.bus", ""), about.get("device.api", "")
    return bus in _PLUGGED_BUSES or api == "bluez5"


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
            name=text(route.get(Route.NAME)) or str(index),
            description=text(route.get(Route.DESCRIPTION)),
            type=dictionary(route.get(Route.INFO)).get("port.type", ""),
            availability=available if isinstance(available, int) else Availability.UNKNOWN,
            profiles=numbers(route.get(Route.PROFILES)),
            devices=numbers(route.get(Route.DEVICES)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Volumes and what goes with them, of a node or of a port in use."""

    volumes: tuple[float, ...] = ()
    """Linear, one a channel; empty when not known."""
    muted: bool = False
    """Whether it is muted."""
    channels: tuple[str, ...] = ()
    """The names of the channels."""
    offset_s: float = 0.0
    """What the user adds to the latency, in seconds."""

    @classmethod
    def of(cls, props: PodValue) -> Levels:
        """Returns what a parameter of properties says."""
        if not isinstance(props, Object):
            return cls()
        offset = props.get(Props.LATENCY_OFFSET)
        return cls(
            volumes=floats(props.get(Props.CHANNEL_VOLUMES)),
            muted=props.get(Props.MUTE) is True,
            channels=channels_of(props.get(Props.CHANNEL_MAP)),
            offset_s=int(offset) / 1e9 if isinstance(offset, int) else 0.0,
        )


def volume_props(param: Param, volume: float, channels: int) -> Object:
    """Returns the properties that set all channels to a volume and free the mute."""
    return Object(
        ObjectType.PROPS,
        param,
        (
            Prop(Props.MUTE, False),
            Prop(Props.CHANNEL_VOLUMES, Array(PodType.FLOAT, (volume,) * channels)),
        ),
    )


class Device:
    """A sound card: its ports, those in use, its profiles; read again when it changes.

    Args:
        proxy: The device.
        changed: Called after each change.
    """

    def __init__(self, proxy: DeviceProxy, changed: Callable[[], None]) -> None:
        self.proxy = proxy
        """The device."""
        self._changed = changed
        self._flags: Mapping[int, int] | None = None
        self._asked: dict[int, int] = {}
        self._answered: set[Param] = set()
        self._open: set[Param] = set()
        self.ports: tuple[Port, ...] = ()
        """Every port of every profile."""
        self.active: Mapping[tuple[int, int], Levels] = {}
        """The volumes of each port in use, by the profile's device and the port's number."""
        self.profiles: Mapping[int, CardProfile] = {}
        """All profiles by their numbers."""
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
        return self.proxy.properties

    @property
    def complete(self) -> bool:
        """Whether all of it was read."""
        return self._answered.issuperset(_PARAMS)

    @property
    def settled(self) -> bool:
        """Whether all of it is as new as the server has told."""
        return not self._open

    @property
    def id(self) -> str:
        """The card's id."""
        return self.properties.get("device.name", "") or f"card-{self.proxy.target.serial}"

    def _informed(self) -> None:
        flags, before = self.proxy.param_flags, self._flags
        self._flags = flags
        if before is not None:
            for param in _PARAMS:
                # The serial flag flips with every change of the values.
                if flags.get(param) != before.get(param):
                    self._ask(param)
        self._changed()

    def _ask(self, param: Param) -> None:
        asked = self._asked[param] = self._asked.get(param, 0) + 1
        self._open.add(param)

        def take(answer: asyncio.Future[tuple[Object, ...]]) -> None:
            if answer.cancelled():
                return
            # A device without ports refuses the question, and so does one that is gone.
            values = () if answer.exception() is not None else answer.result()
            if self._asked[param] != asked:
                return
            self._answered.add(param)
            self._open.discard(param)
            self._take(param, values)
            self._changed()

        self.proxy.enum_params(param).add_done_callback(take)

    def _take(self, param: Param, values: tuple[Object, ...]) -> None:
        if param is Param.ENUM_ROUTE:
            self.ports = tuple(port for port in map(Port.of, values) if port is not None)
        elif param is Param.ROUTE:
            self.active = {
                (device, index): Levels.of(value.get(Route.PROPS))
                for value in values
                if isinstance(device := value.get(Route.DEVICE), int)
                and isinstance(index := value.get(Route.INDEX), int)
            }
        elif param is Param.ENUM_PROFILE:
            self.profiles = {
                index: _profile(value)
                for value in values
                if isinstance(index := value.get(Profile.INDEX), int)
            }
        else:
            found = values[0] if values else None
            index = found.get(Profile.INDEX) if found is not None else None
            self.profile_index = index if isinstance(index, int) else None
            self.profile = text(found.get(Profile.NAME)) if found is not None else ""

    def ports_of(self, device: int, direction: Direction) -> Iterator[Port]:
        """Yields the ports that one of the profile's devices can use now."""
        for port in self.ports:
            of_profile = not port.profiles or self.profile_index in port.profiles
            if of_profile and port.direction is direction and device in port.devices:
                yield port

    def card(self) -> Card:
        """Returns it as a card."""
        properties = self.properties
        profiles = tuple(self.profiles.values())
        types = {(port.direction, port.name): port.type for port in self.ports}

        def kind(port: PortOfCard, profile: str) -> AudioDeviceType:
            return device_type(
                port.direction,
                port_type=types[port.direction, port.name],
                bus=properties.get("device.bus", ""),
                api=properties.get("device.api", ""),
                profile=profile,
                form_factor=properties.get("device.form-factor", ""),
                virtual=False,
            )

        ports = (
            PortOfCard(
                name=port.name,
                text=port.description or port.name,
                direction=port.direction,
                available=port.availability != Availability.NO,
                profiles=tuple(
                    profile.name
                    for index, profile in self.profiles.items()
                    if not port.profiles or index in port.profiles
                ),
            )
            for port in self.ports
        )
        return Card(
            id=self.id,
            text=properties.get("device.description", "")
            or properties.get("device.nick", "")
            or self.id,
            profile=self.profile,
            profiles=profiles,
            ports=card_ports(ports, profiles, kind),
            removable=is_plugged(properties),
        )

    # Changing it. None of it is kept by the session manager unless it says so.

    def set_profile(self, index: int) -> asyncio.Future[None]:
        """Has the card work in another profile; returns when the server knows of it."""
        value = (Prop(Profile.INDEX, index), Prop(Profile.SAVE, False))
        return self.proxy.try_set_param(
            Param.PROFILE, Object(ObjectType.PARAM_PROFILE, Param.PROFILE, value)
        )

    def set_port(self, device: int, index: int) -> asyncio.Future[None]:
        """Has one of the profile's devices use a port; returns when the server knows of it."""
        return self._set_route(device, index, (Prop(Route.SAVE, False),))

    def set_volume(self, device: int, index: int, volume: float) -> asyncio.Future[None]:
        """Sets the volume of a port in use and frees its mute, for good."""
        levels = self.active[device, index]
        props = volume_props(Param.ROUTE, volume, len(levels.volumes) or 1)
        return self._set_route(device, index, (Prop(Route.PROPS, props), Prop(Route.SAVE, True)))

    def _set_route(self, device: int, index: int, more: tuple[Prop, ...]) -> asyncio.Future[None]:
        value = (Prop(Route.INDEX, index), Prop(Route.DEVICE, device), *more)
        return self.proxy.try_set_param(
            Param.ROUTE, Object(ObjectType.PARAM_ROUTE, Param.ROUTE, value)
        )


def _profile(value: Object) -> CardProfile:
    name = text(value.get(Profile.NAME))
    available, priority = value.get(Profile.AVAILABLE), value.get(Profile.PRIORITY)
    return CardProfile(
        name=name,
        text=text(value.get(Profile.DESCRIPTION)) or name,
        available=available != Availability.NO,
        priority=priority if isinstance(priority, int) else 0,
    )


__all__ = ["Device", "Levels", "Port", "is_plugged", "volume_props"]
