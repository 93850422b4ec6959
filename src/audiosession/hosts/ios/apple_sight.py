"""What the phone looked like when somebody looked, off the event loop.

A getter of the phone's session may wait for a call that is under way, so what a session looks
at by itself after a change is read on the host's thread for native calls and shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ...apple.device import Direction, PortFacts
from ...core.routing import Port, RoutePorts
from ...devices import AudioDeviceType
from ...errors import UnsupportedError
from .apple_members import Members
from .apple_ports import Ports, ports_of
from .events import Note

__all__ = ["CHOSEN_SOURCES", "Looking", "Sight", "after"]

CHOSEN_SOURCES: Final = ("selectedDataSource", "preferredDataSource")
"""What a port says of its choice among its data sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that a session looks at by itself."""

    ports: Mapping[str, Port] = field(default_factory=dict)
    """All ports by id: inputs to choose from first, then those in use."""
    route: RoutePorts = field(default_factory=RoutePorts)
    """The ports in use."""
    facts: Mapping[tuple[str, Direction], PortFacts] = field(default_factory=dict)
    """What each port can do."""
    sources: Mapping[tuple[str, str], int | None] = field(default_factory=dict)
    """The data sources chosen, by port and by what it is called, where somebody asked."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Properties of the phone's session that somebody asked for."""
    records: bool = False
    """Whether the category has inputs."""


class Looking:
    """Looks at the phone, on the host's thread for native calls.

    Args:
        members: The phone's objects.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self.ports = Ports(members)
        """The ports as that thread sees them."""
        self.wanted: set[str] = set()
        """The properties to be read besides: those that the app has read, of those that may be
        observed; and of :data:`CHOSEN_SOURCES`."""

    def look(self) -> Sight:
        """What there is now. On the thread."""
        ports = self.ports
        ports.forget()
        picture = ports.picture
        facts = {
            (id, direction): ports.facts(each.port, direction)
            for id, each in picture.ports.items()
            for direction in (_direction(each.port),)
        }
        wanted = tuple(self.wanted)
        return Sight(
            ports={id: each.port for id, each in picture.ports.items()},
            route=picture.route,
            facts=facts,
            sources={
                (id, name): ports.chosen_source(id, name)
                for name in CHOSEN_SOURCES
                if name in wanted
                for id in picture.ports
            },
            values=self._values(name for name in wanted if name not in CHOSEN_SOURCES),
            records=picture.records,
        )

    def _values(self, names: Iterable[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:
            try:
                found[name] = self._members.read(name)
            except UnsupportedError:
                continue
        return found


def after(sight: Sight, note: Note) -> Sight:
    """What there is once the phone has said that its route is another one.

    Of what has just come no more is known than the note says.
    """
    if note.current is None:
        return sight
    used = ports_of(note.current)
    there = None if note.devices is None else {each.id for each in note.devices}
    facts = dict(sight.facts)
    ports = {
        id: port
        for id, port in sight.ports.items()
        if port.is_input and (there is None or port.device in there)
    }
    for each in note.devices or ():
        # What the one API has no word for waits for the next look.
        if each.is_input and each.id not in ports and each.type is not AudioDeviceType.UNKNOWN:
            ports[each.id] = Port(
                id=each.id,
                name=each.name,
                kind=each.type.value,
                is_input=True,
                is_output=False,
                device=each.id,
            )
    for direction, those in used.items():
        for port, seen in those:
            # It may be known better already.
            ports[port.id] = sight.ports.get(port.id, port)
            known = PortFacts(port_type=seen.type, uid=seen.uid)
            facts.setdefault((port.id, direction), known)
    route = RoutePorts(
        inputs=tuple(port.id for port, _ in used[Direction.INPUT]),
        outputs=tuple(port.id for port, _ in used[Direction.OUTPUT]),
    )
    return replace(sight, ports=ports, route=route, facts=facts)


def _direction(port: Port) -> Direction:
    return Direction.INPUT if port.is_input else Direction.OUTPUT
