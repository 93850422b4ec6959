"""PulseAudio's cards."""

from __future__ import annotations

from ...devices import AudioDeviceType
from .base import Card, Direction
from .card_ports import PortOfCard, card_ports
from .kinds import device_type
from .pulse_endpoints import REMOVABLE_BUSES, port_type
from .pulse_values import SoundCard


def card(found: SoundCard) -> Card:
    """Returns a card, with the ports of all its profiles."""
    properties = found.properties
    bus = properties.get("device.bus", "")

    def kind(port: PortOfCard, profile: str) -> AudioDeviceType:
        return device_type(
            port.direction,
            port_type=port_type(port.name),
            bus=bus,
            api=properties.get("device.api", ""),
            profile=profile.replace("_", "-"),
            form_factor=properties.get("device.form_factor", ""),
            virtual=False,
        )

    ports = (
        PortOfCard(
            name=port.name,
            text=port.text,
            direction=Direction.PLAYBACK if port.playback else Direction.CAPTURE,
            available=port.available is not False,
            profiles=port.profiles,
        )
        for port in found.ports
    )
    return Card(
        id=found.name,
        text=properties.get("device.description", "") or found.name,
        profile=found.profile,
        profiles=found.profiles,
        ports=card_ports(ports, found.profiles, kind),
        removable=bus in REMOVABLE_BUSES,
    )


__all__ = ["card"]
