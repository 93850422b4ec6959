"""One stream of PulseAudio as the adapter keeps it, and the lowered volumes it has set."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from .base import Direction, ServerStream
from .numbers import number_of
from .pulse_owed import RESTORE_ID, Owed
from .pulse_values import Stream
from .pulse_volume import Raw, linear, lowered

_PROCESS = "application.process.id"

_RECENT = 16
"""Lowered volumes that another program may have read before it made a step from them: as many
as a fade sets in the time between reading and setting."""

_TRACES = 64
_TRACE = 512


def slot_id(direction: Direction, index: int) -> str:
    """Returns the id of a stream; an index is not used twice as long as a server runs."""
    return f"{direction.value}-{index}"


@dataclass(slots=True, eq=False)
class Slot:
    """One stream: what is wanted of it, and what is under way."""

    stream: Stream
    client: Mapping[str, str]
    """What its app says of itself."""
    user: Raw
    """The user's own volume."""
    last: Raw
    """What the server has, as far as is known."""
    factor: float = 1.0
    """What is wanted."""
    recent: deque[Raw] = field(default_factory=lambda: deque(maxlen=_RECENT))
    """What the server had before, newest last, since somebody else changed it."""
    busy: bool = False
    """A read is under way, or a read and a set."""
    setting: bool = False
    """A set is under way."""
    look: bool = False
    """An event came, and the state was not read since."""
    heard: bool = False
    """An event came after the last set of ours was carried out."""
    stuck: bool = False
    """The server refused a set; it is tried again after the next event."""
    moved: bool = False
    """A volume was set since everything about it was looked at."""
    unsaved: bool = False
    """The server may remember a lowered volume."""
    gone: bool = False
    """It ended, or the connection did."""
    reported: ServerStream | None = None
    """What was reported last."""

    @property
    def id(self) -> str:
        """Its id in reports."""
        return slot_id(self.stream.direction, self.stream.index)

    @property
    def target(self) -> Raw:
        """The volume that the server is to have."""
        if self.stuck or not self.stream.adjustable:
            return self.last
        return lowered(self.user, self.factor)

    @property
    def settled(self) -> bool:
        """Whether nothing is to be set."""
        return not self.busy and self.last == self.target

    @property
    def restore_id(self) -> str:
        """Under which name the server remembers its volume; empty when it does not."""
        return self.stream.properties.get(RESTORE_ID, "")

    def as_reported(self, nodes: Mapping[tuple[Direction, int], str]) -> ServerStream:
        """Returns what there is to report of it.

        Args:
            nodes: The endpoint in use of each sink and source.
        """
        stream = self.stream
        properties = {**self.client, **stream.properties}
        process = self.client.get(_PROCESS) or properties.get(_PROCESS)
        return ServerStream(
            id=self.id,
            direction=stream.direction,
            properties=properties,
            pid=number_of(process),
            running=not stream.state.corked,
            muted=stream.state.muted,
            volumes=linear(self.user) or (1.0,),
            endpoint=nodes.get((stream.direction, stream.state.node), ""),
        )


class Traces:
    """Knows lowered volumes again, should the server have remembered one for a moment.

    A stream may be born with it then. A few hundred of the newest are known, for the
    newest few dozen names under which the server remembers.
    """

    def __init__(self) -> None:
        self._traces: OrderedDict[str, tuple[Owed, deque[Raw]]] = OrderedDict()

    def add(self, owed: Owed, volume: Raw) -> None:
        """Notes that a stream is about to be lowered to this volume."""
        name = owed.restore_id
        if not name or volume == owed.volume:
            return
        _, seen = self._traces.get(name, (owed, deque(maxlen=_TRACE)))
        seen.append(volume)
        self._traces[name] = owed, seen
        self._traces.move_to_end(name)
        if len(self._traces) > _TRACES:
            self._traces.popitem(last=False)

    def user_volume(self, name: str, volume: Raw) -> Raw | None:
        """Returns the user's volume when this one was ours; None when it was not."""
        if (trace := self._traces.get(name)) is None or volume not in trace[1]:
            return None
        return trace[0].volume


__all__ = ["Slot", "Traces", "slot_id"]
