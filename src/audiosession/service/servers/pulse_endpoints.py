"""PulseAudio's sinks and sources as endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...devices import AudioDeviceType
from .base import Direction, Endpoint
from .kinds import device_type
from .pulse_wire import Node, Port, Server

_PORT_TYPES = (
    ("headphone", "headphones"),
    ("headset", "headset"),
    ("speaker", "speaker"),
    ("hdmi", "hdmi"),
    ("displayport", "hdmi"),
    ("iec958", "spdif"),
    ("spdif", "spdif"),
    ("linein", "line"),
    ("lineout", "line"),
    ("line", "line"),
    ("aux", "aux"),
    ("handset", "handset"),
    ("earpiece", "earpiece"),
    ("radio", "radio"),
    ("video", "video"),
    ("tv", "tv"),
    ("mic", "mic"),
)
"""A port's type by a word in its name (``analog-output-headphones``, ``[Out] Speaker``), as
PulseAudio's mixer paths and ALSA's use case profiles name them; the server has types too and
hands them out to newer clients only. The first that fits."""

_REMOVABLE_BUSES = frozenset({"bluetooth", "usb"})


def endpoint_id(node: Node) -> str:
    """Returns the id of the endpoint through which a node's streams go now."""
    return _id(node, node.active_port)


def endpoints(nodes: Iterable[Node], server: Server) -> tuple[Endpoint, ...]:
    """Returns every port as an endpoint, and nodes without ports themselves."""
    found = []
    for node in nodes:
        playing = node.direction is Direction.PLAYBACK
        default = node.name == (server.default_sink if playing else server.default_source)
        bus = node.properties.get("device.bus", "")
        for port in node.ports or (Port(name="", text=node.text, available=None),):
            found.append(
                Endpoint(
                    id=_id(node, port.name),
                    name=port.text if len(node.ports) < 2 else f"{port.text} ({node.text})",
                    direction=node.direction,
                    type=_type(node, port.name),
                    node=node.name,
                    port=port.name,
                    available=port.available is not False,
                    active=port.name == node.active_port,
                    default=default,
                    removable=bus in _REMOVABLE_BUSES or port.available is not None,
                )
            )
    return tuple(found)


def _id(node: Node, port: str) -> str:
    return f"{node.name}#{port}" if port else node.name


def _type(node: Node, port: str) -> AudioDeviceType:
    properties = node.properties
    return device_type(
        node.direction,
        port_type=_port_type(port),
        bus=properties.get("device.bus", ""),
        api=properties.get("device.api", ""),
        profile=node.profile.replace("_", "-"),
        form_factor=properties.get("device.form_factor", ""),
        virtual=not node.hardware and not properties.get("device.bus"),
    )


def _port_type(port: str) -> str:
    words = re.sub("[^a-z0-9]+", " ", port.lower())
    return next((kind for word, kind in _PORT_TYPES if word in words), "")


__all__ = ["endpoint_id", "endpoints"]
