"""The phone's ports as this package has them, and the phone's objects behind them.

A port keeps its UID as its id. Where one kind of port goes both ways the phone may give input
and output the same UID, so there the output's id has an ending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from ...apple.device import DataSourceFacts, Direction, PortFacts
from ...apple.names import AVAudioSessionPolarPattern, AVAudioSessionPort
from ...core.routing import Port, RoutePorts
from ...devices import AudioDeviceType
from .apple_members import DATA_SOURCE, PORT, SESSION, Members
from .apple_texts import LOCATIONS, ORIENTATIONS, PATTERNS, Texts
from .ports import KINDS, PortSeen, PortTypes, RouteSeen

__all__ = ["NativePort", "Picture", "Ports", "port_of", "ports_of"]

_Port = AVAudioSessionPort

_TWO_WAYS: Final = frozenset(
    {
        _Port.BLUETOOTH_HFP,
        _Port.USB_AUDIO,
        _Port.CAR_AUDIO,
        _Port.VIRTUAL,
        _Port.PCI,
        _Port.FIRE_WIRE,
        _Port.DISPLAY_PORT,
        _Port.AVB,
        _Port.THUNDERBOLT,
        # AVAudioSessionTypes.h calls it an output, and the mode dualRoute records from it.
        _Port.BLUETOOTH_LE,
    }
)
"""The kinds that go both ways (AVAudioSessionTypes.h)."""

_WITHOUT_INPUTS: Final = (
    "AVAudioSessionCategoryAmbient",
    "AVAudioSessionCategorySoloAmbient",
    "AVAudioSessionCategoryPlayback",
)

_MAX_GONE: Final = 64
"""So many ports are remembered after they went: those of a previous route may be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NativePort:
    """One port and what the phone calls it."""

    port: Port
    """As this package has it."""
    native: object
    """The AVAudioSessionPortDescription."""
    type: AVAudioSessionPort | None
    """What Apple calls it; ``None``: something that is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What there was when somebody looked."""

    ports: dict[str, NativePort]
    """All ports by id: inputs to choose from first, then those in use."""
    route: RoutePorts
    """The ports in use."""
    records: bool
    """Whether the category has inputs."""


class Ports:
    """Looks at the phone's ports and keeps what it saw until it is told to forget.

    Args:
        members: The phone's objects.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self._types = PortTypes(members.bridge)
        self._locations = Texts(members.bridge, LOCATIONS)
        self._orientations = Texts(members.bridge, ORIENTATIONS)
        self.patterns = Texts(members.bridge, PATTERNS)
        """The phone's texts of polar patterns."""
        self._seen: dict[str, NativePort] = {}
        self._picture: Picture | None = None

    # -- looking -----------------------------------------------------------------------------

    @property
    def picture(self) -> Picture:
        """What there is; ports and route belong together."""
        if self._picture is None:
            self._picture = self._look()
        return self._picture

    @property
    def preferred_input(self) -> str:
        """The input wished for, as it is now; empty when there is none."""
        members = self._members
        preferred = members.of_or(members.session, "preferredInput", SESSION, None)
        return "" if preferred is None else self._native(preferred, Direction.INPUT).port.id

    @cached_property
    def _without_inputs(self) -> frozenset[str]:
        return frozenset(self._members.bridge.constant(each) for each in _WITHOUT_INPUTS)

    def forget(self) -> None:
        """Anything may be different now."""
        self._picture = None

    def find(self, id: str) -> NativePort | None:
        """A port that is there, or was."""
        return self.picture.ports.get(id) or self._seen.get(id)

    # -- what a port can do ------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """What a direction of a port can do, also of one that is gone."""
        found = self.find(port.id)
        if found is None:
            return PortFacts(uid=port.device)
        facts = self._facts(found)
        route = self.picture.route
        used = route.inputs if direction is Direction.INPUT else route.outputs
        if port.id not in used:
            return facts
        read = self._members.read
        is_input = direction is Direction.INPUT
        most, now = _CHANNELS[direction]
        # The phone counts those of all ports together.
        first = port.id == used[0]
        return replace(
            facts,
            most_channels=int(read(most)) if first else 0,
            channels_in_use=int(read(now)) if first else 0,
            sample_rates=(float(read("sampleRate")),),
            latency_s=float(read("inputLatency" if is_input else "outputLatency")),
            gain_settable=is_input and bool(read("inputGainSettable")),
        )

    def _facts(self, port: NativePort) -> PortFacts:
        """What the phone says of a port by itself."""
        native = port.native
        name = port.port.name
        far_field, high_quality, records_high_quality = self._bluetooth(native, port.port)
        return PortFacts(
            port_type=port.type,
            uid=port.port.device,
            channels=tuple(
                self._members.bridge.get(channel, "channelName").removeprefix(name).strip()
                for channel in self._of(native, "channels", ())
            ),
            sources=tuple(self._source(each) for each in self.sources(port)),
            voice_processing=bool(self._of(native, "hasHardwareVoiceCallProcessing", False)),
            spatial_audio=bool(self._of(native, "spatialAudioEnabled", False)),
            far_field=far_field,
            high_quality=high_quality,
            records_high_quality=records_high_quality,
        )

    def sources(self, port: NativePort) -> tuple[object, ...]:
        """The phone's data sources of a port."""
        return tuple(self._of(port.native, "dataSources", ()))

    def source(self, id: str, source: int) -> object | None:
        """The phone's data source by its number."""
        port = self.find(id)
        for each in () if port is None else self.sources(port):
            if self.source_id(each) == source:
                return each
        return None

    def source_id(self, source: object) -> int:
        """The number of one of the phone's data sources."""
        return int(self._members.of(source, "dataSourceID", DATA_SOURCE))

    def chosen_source(self, id: str, name: str) -> int | None:
        """The number of ``selectedDataSource`` or ``preferredDataSource``."""
        port = self.find(id)
        source = None if port is None else self._of(port.native, name, None)
        return None if source is None else self.source_id(source)

    def chosen_pattern(self, id: str, source: int, name: str) -> AVAudioSessionPolarPattern | None:
        """The ``selectedPolarPattern`` or ``preferredPolarPattern`` of a data source."""
        native = self.source(id, source)
        if native is None:
            return None
        return self.patterns.known(self._members.of_or(native, name, DATA_SOURCE, None))

    # -- inside ------------------------------------------------------------------------------

    def _look(self) -> Picture:
        members = self._members
        inputs: list[NativePort] = []
        records = members.read("category") not in self._without_inputs
        if records:
            available = members.of_or(members.session, "availableInputs", SESSION, ())
            inputs = [self._native(each, Direction.INPUT) for each in available]
        route = self._described(members.read("currentRoute"))
        used = [*route[Direction.INPUT], *route[Direction.OUTPUT]]
        # What is in use is described anew, so it comes last.
        ports = {each.port.id: each for each in [*inputs, *used]}
        picture = Picture(
            ports=ports,
            route=RoutePorts(
                inputs=_ids(route[Direction.INPUT]), outputs=_ids(route[Direction.OUTPUT])
            ),
            records=records,
        )
        self._remember(ports.values())
        return picture

    def _remember(self, ports: Iterable[NativePort]) -> None:
        for each in ports:
            self._seen.pop(each.port.id, None)
            self._seen[each.port.id] = each
        for id in list(self._seen)[:-_MAX_GONE]:
            del self._seen[id]

    def _described(self, route: object | None) -> dict[Direction, list[NativePort]]:
        return {
            direction: [self._native(each, direction) for each in self._listed(route, name)]
            for direction, name in ((Direction.INPUT, "inputs"), (Direction.OUTPUT, "outputs"))
        }

    def _listed(self, route: object | None, name: str) -> list[object]:
        # While it is busy the phone may have no route to show.
        return [] if route is None else self._members.bridge.get(route, name) or []

    def _native(self, native: object, direction: Direction) -> NativePort:
        members = self._members
        uid = str(members.of(native, "UID", PORT))
        type_ = self._types.type_of(str(members.of(native, "portType", PORT)))
        name = str(members.of(native, "portName", PORT))
        port = port_of(PortSeen(uid=uid, name=name, type=type_), direction)
        return NativePort(
            port=replace(port, high_quality=self._bluetooth(native, port)[1] is True),
            native=native,
            type=type_,
        )

    def _of(self, native: object, name: str, otherwise: Any) -> Any:
        return self._members.of_or(native, name, PORT, otherwise)

    def _source(self, native: object) -> DataSourceFacts:
        def read(name: str) -> Any:
            return self._members.of_or(native, name, DATA_SOURCE, None)

        patterns = (self.patterns.known(text) for text in read("supportedPolarPatterns") or ())
        return DataSourceFacts(
            id=self.source_id(native),
            name=str(read("dataSourceName") or ""),
            location=self._locations.known(read("location")),
            orientation=self._orientations.known(read("orientation")),
            patterns=tuple(each for each in patterns if each is not None),
        )

    def _bluetooth(self, native: object, port: Port) -> tuple[bool | None, bool | None, bool]:
        """Far-field capture, recording at full bandwidth, and whether it does that."""
        extension = None
        if port.is_input:
            extension = self._of(native, "bluetoothMicrophoneExtension", None)
        if extension is None:
            return None, None, False
        get = self._members.bridge.get
        far_field = get(extension, "farFieldCapture")
        high_quality = get(extension, "highQualityRecording")
        return (
            bool(get(far_field, "supported")),
            bool(get(high_quality, "supported")),
            bool(get(high_quality, "enabled")),
        )


_CHANNELS: Final = MappingProxyType(
    {
        Direction.INPUT: ("maximumInputNumberOfChannels", "inputNumberOfChannels"),
        Direction.OUTPUT: ("maximumOutputNumberOfChannels", "outputNumberOfChannels"),
    }
)
"""What says how many channels the route could use, and how many it does."""


def port_of(seen: PortSeen, direction: Direction) -> Port:
    """One direction of a port as this package has it."""
    is_output = direction is Direction.OUTPUT
    # The phone has chosen among its ports already: in what order they came is not said, and
    # does not matter.
    return Port(
        id=f"{seen.uid}-output" if is_output and seen.type in _TWO_WAYS else seen.uid,
        name=seen.name,
        kind=_kind(seen.type, direction).value,
        is_input=not is_output,
        is_output=is_output,
        device=seen.uid,
    )


def ports_of(route: RouteSeen) -> dict[Direction, tuple[tuple[Port, PortSeen], ...]]:
    """The ports of a route, each with what was seen of it."""
    return {
        direction: tuple((port_of(each, direction), each) for each in ports)
        for direction, ports in (
            (Direction.INPUT, route.inputs),
            (Direction.OUTPUT, route.outputs),
        )
    }


def _kind(port: AVAudioSessionPort | None, direction: Direction) -> AudioDeviceType:
    """What a port is here.

    A Low Energy device that the phone offers to record from is one for the ear: of the others
    this package knows no microphone (AVAudioSessionTypes.h).
    """
    if port is _Port.BLUETOOTH_LE and direction is Direction.INPUT:
        return AudioDeviceType.HEARING_AID
    return AudioDeviceType.UNKNOWN if port is None else KINDS.get(port, AudioDeviceType.UNKNOWN)


def _ids(ports: Iterable[NativePort]) -> tuple[str, ...]:
    return tuple(each.port.id for each in ports)
