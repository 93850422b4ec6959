"""PulseAudio's sinks and sources as endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...devices import AudioDeviceType
from .base import Card, Direction, Endpoint
from .card_ports import port_name
from .kinds import device_type
from .pulse_values import Node, Port, Server
from .pulse_volume import linear

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

REMOVABLE_BUSES = frozenset({"bluetooth", "usb"})
"""Cards there go away when they are pulled out."""

_CHANNELS = {
    "mono": "MONO",
    "front": "F",
    "rear": "R",
    "side": "S",
    "top": "T",
    "left": "L",
    "right": "R",
    "center": "C",
}
_STEADY_S = 0.02
_STEADY = 0.5
"""By how much a latency may differ, in seconds and in parts of itself, to be taken for the same:
the server measures anew whenever it is asked."""


def endpoint_id(node: Node) -> str:
    """Returns the id of the endpoint through which a node's streams go now."""
    return _id(node, node.active_port)


def endpoints(
    nodes: Iterable[Node],
    server: Server,
    cards: Iterable[Card] = (),
    before: Iterable[Endpoint] = (),
) -> tuple[Endpoint, ...]:
    """Returns every port as an endpoint, and nodes without ports themselves.

    Args:
        nodes: The sinks and sources.
        server: Which of them are the default.
        cards: The cards.
        before: What was returned last; a latency that is about the same stays the same.
    """
    by_id = {card.id: card for card in cards}
    known = {endpoint.id: endpoint for endpoint in before}
    found = []
    for node in nodes:
        playing = node.direction is Direction.PLAYBACK
        default = node.name == (server.default_sink if playing else server.default_source)
        bus = node.properties.get("device.bus", "")
        for port in node.ports or (Port(name="", text=node.text, available=None),):
            id = _id(node, port.name)
            last = known.get(id)
            found.append(
                Endpoint(
                    id=id,
                    name=port.text if len(node.ports) < 2 else f"{port.text} ({node.text})",
                    direction=node.direction,
                    type=_type(node, port.name),
                    node=node.name,
                    port=port_name(by_id.get(node.card), node.direction, port.name, node.profile),
                    available=port.available is not False,
                    active=port.name == node.active_port,
                    default=default,
                    removable=bus in REMOVABLE_BUSES or port.available is not None,
                    card=node.card,
                    channels=tuple(map(_channel, node.channels)),
                    sample_rate=float(node.rate),
                    buffer_s=_steady(node.buffer_us, 0.0 if last is None else last.buffer_s),
                    latency_s=_steady(node.latency_us, 0.0 if last is None else last.latency_s),
                    volumes=linear(node.volume),
                    muted=node.muted,
                )
            )
    return tuple(found)


def _steady(now_us: int, before_s: float) -> float:
    now_s = now_us / 1e6
    same = abs(now_s - before_s) <= max(_STEADY_S, _STEADY * before_s)
    # One that is asleep has none.
    return before_s if before_s and (same or not now_s) else now_s


def _channel(name: str) -> str:
    """The short name of a channel: ``front-left-of-center`` is ``FLC``."""
    if name.startswith("aux"):
        return name.upper()
    words = [word for word in name.split("-") if word != "of"]
    if not words or not all(word in _CHANNELS for word in words):
        return name.upper()
    return "".join(_CHANNELS[word] for word in words)


def _id(node: Node, port: str) -> str:
    return f"{node.name}#{port}" if port else node.name


def _type(node: Node, port: str) -> AudioDeviceType:
    properties = node.properties
    return device_type(
        node.direction,
        port_type=port_type(port),
        bus=properties.get("device.bus", ""),
        api=properties.get("device.api", ""),
        profile=node.profile.replace("_", "-"),
        form_factor=properties.get("device.form_factor", ""),
        virtual=not node.hardware and not properties.get("device.bus"),
    )


def port_type(port: str) -> str:
    """Returns the type of a port by its name; empty when that says nothing."""
    words = re.sub("[^a-z0-9]+", " ", port.lower())
    return next((kind for word, kind in _PORT_TYPES if word in words), "")


__all__ = ["REMOVABLE_BUSES", "endpoint_id", "endpoints", "port_type"]
