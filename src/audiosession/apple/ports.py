"""Routes, ports, channels and data sources as Apple's classes show them.

Descriptions are equal when they stand for the same thing; what is chosen and wished for is
read from the device at the moment of asking. A device with both directions is two ports, as
Apple's USB interfaces are. Sources: AVAudioSessionRoute.h and its documentation pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from audiosession.apple.device import AppleDevice, DataSourceFacts, Direction, PortFacts
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import (
    AVAudioSessionLocation,
    AVAudioSessionOrientation,
    AVAudioSessionPolarPattern,
    AVAudioSessionPort,
)
from audiosession.core.routing import Port, RoutePorts
from audiosession.devices import AudioDevice, AudioDeviceType
from audiosession.errors import InvalidTypeError

__all__ = [
    "AVAudioSessionCapability",
    "AVAudioSessionChannelDescription",
    "AVAudioSessionDataSourceDescription",
    "AVAudioSessionPortDescription",
    "AVAudioSessionPortExtensionBluetoothMicrophone",
    "AVAudioSessionRouteDescription",
    "describe_device",
    "describe_port",
    "describe_route",
    "port_type",
]

_Type = AudioDeviceType
_Port = AVAudioSessionPort

_PORT_TYPES: Final[dict[AudioDeviceType, tuple[AVAudioSessionPort, AVAudioSessionPort]]] = {
    _Type.BUILT_IN_MIC: (_Port.BUILT_IN_MIC, _Port.VIRTUAL),
    _Type.BUILT_IN_SPEAKER: (_Port.VIRTUAL, _Port.BUILT_IN_SPEAKER),
    _Type.BUILT_IN_SPEAKER_SAFE: (_Port.VIRTUAL, _Port.BUILT_IN_SPEAKER),
    _Type.BUILT_IN_EARPIECE: (_Port.VIRTUAL, _Port.BUILT_IN_RECEIVER),
    _Type.WIRED_HEADSET: (_Port.HEADSET_MIC, _Port.HEADPHONES),
    _Type.WIRED_HEADPHONES: (_Port.HEADSET_MIC, _Port.HEADPHONES),
    _Type.HEADSET_MIC: (_Port.HEADSET_MIC, _Port.HEADPHONES),
    _Type.LINE_ANALOG: (_Port.LINE_IN, _Port.LINE_OUT),
    _Type.LINE_DIGITAL: (_Port.LINE_IN, _Port.LINE_OUT),
    _Type.AUX_LINE: (_Port.LINE_IN, _Port.LINE_OUT),
    _Type.BLUETOOTH_SCO: (_Port.BLUETOOTH_HFP, _Port.BLUETOOTH_HFP),
    _Type.BLUETOOTH_A2DP: (_Port.BLUETOOTH_LE, _Port.BLUETOOTH_A2DP),
    _Type.BLUETOOTH_LE: (_Port.BLUETOOTH_LE, _Port.BLUETOOTH_LE),
    _Type.HEARING_AID: (_Port.BLUETOOTH_LE, _Port.BLUETOOTH_LE),
    _Type.HDMI: (_Port.VIRTUAL, _Port.HDMI),
    _Type.HDMI_ARC: (_Port.VIRTUAL, _Port.HDMI),
    _Type.DISPLAY_PORT: (_Port.DISPLAY_PORT, _Port.DISPLAY_PORT),
    _Type.USB_AUDIO: (_Port.USB_AUDIO, _Port.USB_AUDIO),
    _Type.DOCK: (_Port.LINE_IN, _Port.LINE_OUT),
    _Type.AIR_PLAY: (_Port.VIRTUAL, _Port.AIR_PLAY),
    _Type.BUS: (_Port.CAR_AUDIO, _Port.CAR_AUDIO),
    _Type.CAR_AUDIO: (_Port.CAR_AUDIO, _Port.CAR_AUDIO),
    _Type.FIRE_WIRE: (_Port.FIRE_WIRE, _Port.FIRE_WIRE),
    _Type.PCI: (_Port.PCI, _Port.PCI),
    _Type.THUNDERBOLT: (_Port.THUNDERBOLT, _Port.THUNDERBOLT),
    _Type.AVB: (_Port.AVB, _Port.AVB),
}
"""What Apple calls an input and an output of each kind; any other kind is a virtual port."""

_UNKNOWN_LABEL: Final = 0xFFFFFFFF
_MONO_LABEL: Final = 42
"""kAudioChannelLabel_Unknown and _Mono of CoreAudioBaseTypes.h; left is 1, right is 2."""


def port_type(kind: AudioDeviceType, direction: Direction) -> AVAudioSessionPort:
    """What Apple calls a port of that kind."""
    as_input, as_output = _PORT_TYPES.get(kind, (_Port.VIRTUAL, _Port.VIRTUAL))
    return as_input if direction is Direction.INPUT else as_output


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionCapability:
    """Something a port may be able to do; since iOS 26.0."""

    is_supported: bool
    """Whether it can."""
    is_enabled: bool
    """Whether it does, with the session's category and options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionPortExtensionBluetoothMicrophone:
    """What a Bluetooth microphone can do beyond the usual; since iOS 26.0."""

    high_quality_recording: AVAudioSessionCapability
    """Recording at full bandwidth."""
    far_field_capture: AVAudioSessionCapability
    """Hearing from across the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionChannelDescription:
    """One channel of a port."""

    channel_name: str
    """What people call it."""
    owning_port_uid: str
    """The ``uid`` of its port."""
    channel_number: int
    """Its place in the port, from 1."""
    channel_label: int
    """Where it belongs in space, an ``AudioChannelLabel``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionDataSourceDescription:
    """One of the places that a port can take its sound from."""

    data_source_id: int
    """Its number within the port."""
    data_source_name: str
    """What people call it."""
    location: AVAudioSessionLocation | None = None
    """Where on the device it is."""
    orientation: AVAudioSessionOrientation | None = None
    """Which way it points."""
    supported_polar_patterns: tuple[AVAudioSessionPolarPattern, ...] | None = None
    """From where it can hear; ``None`` where there is no choice."""
    _port: str = field(default="", repr=False)
    _device: AppleDevice | None = field(default=None, compare=False, repr=False)
    # Raises where no call of the session it is of can succeed.
    _check: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    @property
    def selected_polar_pattern(self) -> AVAudioSessionPolarPattern | None:
        """The pattern in use; ``None`` where there is no choice."""
        if self._device is None:
            return None
        return self._device.selected_pattern(self._port, self.data_source_id)

    @property
    def preferred_polar_pattern(self) -> AVAudioSessionPolarPattern | None:
        """The pattern wished for; ``None`` when none is."""
        if self._device is None:
            return None
        return self._device.preferred_pattern(self._port, self.data_source_id)

    async def set_preferred_polar_pattern(self, pattern: AVAudioSessionPolarPattern | None) -> None:
        """Wishes for a pattern; in force once the data source is in use (apple 100).

        Args:
            pattern: One of :attr:`supported_polar_patterns`; ``None`` takes the wish back.
                ``STEREO`` has an effect only with a preferred input orientation (apple 101).

        Raises:
            NSError: ``BAD_PARAM``, the data source cannot hear like that;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not a pattern.
        """
        if pattern is not None and not isinstance(pattern, AVAudioSessionPolarPattern):
            raise InvalidTypeError(
                "pattern", pattern, expected="an AVAudioSessionPolarPattern or None"
            )
        if self._check is not None:
            self._check()
        supported = self.supported_polar_patterns or ()
        if pattern is not None and pattern not in supported:
            names = ", ".join(each.name for each in supported) or "none"
            raise NSError(
                AVAudioSessionErrorCode.BAD_PARAM,
                f"{self.data_source_name} cannot hear as {pattern.name}; it can: {names}",
            )
        if self._device is not None:
            await self._device.prefer_pattern(self._port, self.data_source_id, pattern)


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionPortDescription:
    """One input or output."""

    port_type: AVAudioSessionPort
    """What kind it is."""
    port_name: str = field(compare=False)
    """What people call it."""
    uid: str
    """Stands for it as long as it is there."""
    channels: tuple[AVAudioSessionChannelDescription, ...] | None = field(
        default=None, compare=False, repr=False
    )
    """Its channels; ``None`` where the host does not say."""
    data_sources: tuple[AVAudioSessionDataSourceDescription, ...] | None = field(
        default=None, compare=False, repr=False
    )
    """What there is to choose from; ``None`` where there is nothing."""
    has_hardware_voice_call_processing: bool = field(default=False, compare=False, repr=False)
    """Whether it cancels echo and noise of calls itself; since iOS 10.0."""
    is_spatial_audio_enabled: bool = field(default=False, compare=False, repr=False)
    """Whether the user has switched spatial audio on for it; since iOS 15.0."""
    bluetooth_microphone_extension: AVAudioSessionPortExtensionBluetoothMicrophone | None = field(
        default=None, compare=False, repr=False
    )
    """More about a Bluetooth microphone; ``None`` for any other port. Since iOS 26.0."""
    _port: str = field(default="", compare=False, repr=False)
    _device: AppleDevice | None = field(default=None, compare=False, repr=False)
    # Raises where no call of the session it is of can succeed.
    _check: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    @property
    def selected_data_source(self) -> AVAudioSessionDataSourceDescription | None:
        """The data source in use; ``None`` where there is nothing to choose from."""
        return self._find(
            None if self._device is None else self._device.selected_source(self._port)
        )

    @property
    def preferred_data_source(self) -> AVAudioSessionDataSourceDescription | None:
        """The data source wished for; ``None`` when none is."""
        return self._find(
            None if self._device is None else self._device.preferred_source(self._port)
        )

    async def set_preferred_data_source(
        self, data_source: AVAudioSessionDataSourceDescription | None
    ) -> None:
        """Wishes for a data source; in force once the port is in use (apple 100).

        Args:
            data_source: One of :attr:`data_sources`; ``None`` takes the wish back.

        Raises:
            NSError: ``BAD_PARAM``, the port has no such data source;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not a data source.
        """
        check_source(data_source)
        if self._check is not None:
            self._check()
        if data_source is not None and data_source not in (self.data_sources or ()):
            raise NSError(
                AVAudioSessionErrorCode.BAD_PARAM,
                f"{self.port_name} has no data source {data_source.data_source_name!r}",
            )
        if self._device is not None:
            await self._device.prefer_source(
                self._port, None if data_source is None else data_source.data_source_id
            )

    @property
    def port_id(self) -> str:
        """The port's id on the host, which both directions of a device share."""
        return self._port

    def _find(self, id: int | None) -> AVAudioSessionDataSourceDescription | None:
        for source in self.data_sources or ():
            if source.data_source_id == id:
                return source
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AVAudioSessionRouteDescription:
    """The ports in use."""

    inputs: tuple[AVAudioSessionPortDescription, ...] = ()
    """Where sound goes in."""
    outputs: tuple[AVAudioSessionPortDescription, ...] = ()
    """Where sound comes out."""


def check_source(source: object) -> None:
    """Raises InvalidTypeError unless it is a data source or ``None``."""
    if source is not None and not isinstance(source, AVAudioSessionDataSourceDescription):
        raise InvalidTypeError(
            "data_source", source, expected="an AVAudioSessionDataSourceDescription or None"
        )


def describe_port(
    port: Port, direction: Direction, device: AppleDevice, check: Callable[[], None]
) -> AVAudioSessionPortDescription:
    """One direction of a device's port; ``check`` raises where nothing can be chosen."""
    facts = device.facts(port, direction)
    both = port.is_input and port.is_output
    uid = facts.uid or (f"{port.id}-{direction.value}" if both else port.id)
    return AVAudioSessionPortDescription(
        port_type=facts.port_type or port_type(AudioDeviceType(port.kind), direction),
        port_name=port.name,
        uid=uid,
        channels=tuple(
            AVAudioSessionChannelDescription(
                channel_name=f"{port.name} {name}".strip(),
                owning_port_uid=uid,
                channel_number=number,
                channel_label=_label(number, len(facts.channels)),
            )
            for number, name in enumerate(facts.channels, start=1)
        ),
        data_sources=tuple(
            _describe_source(source, port.id, device, check) for source in facts.sources
        )
        or None,
        has_hardware_voice_call_processing=facts.voice_processing,
        is_spatial_audio_enabled=facts.spatial_audio,
        bluetooth_microphone_extension=_extension(facts),
        _port=port.id,
        _device=device,
        _check=check,
    )


def describe_route(
    route: RoutePorts, ports: dict[str, Port], device: AppleDevice, check: Callable[[], None]
) -> AVAudioSessionRouteDescription:
    """A route; ``ports`` are also those that went, since an earlier route may have had them.

    A port that nobody knows of any more is left out.
    """

    def described(
        ids: tuple[str, ...], direction: Direction
    ) -> tuple[AVAudioSessionPortDescription, ...]:
        return tuple(
            describe_port(ports[id], direction, device, check) for id in ids if id in ports
        )

    return AVAudioSessionRouteDescription(
        inputs=described(route.inputs, Direction.INPUT),
        outputs=described(route.outputs, Direction.OUTPUT),
    )


def describe_device(device: AudioDevice, direction: Direction) -> AVAudioSessionPortDescription:
    """One direction of a device of the one API, where the host says no more of it."""
    both = device.is_input and device.is_output
    return AVAudioSessionPortDescription(
        port_type=port_type(device.type, direction),
        port_name=device.name,
        uid=f"{device.id}-{direction.value}" if both else device.id,
        _port=device.id,
    )


def _describe_source(
    facts: DataSourceFacts, port: str, device: AppleDevice, check: Callable[[], None]
) -> AVAudioSessionDataSourceDescription:
    return AVAudioSessionDataSourceDescription(
        data_source_id=facts.id,
        data_source_name=facts.name,
        location=facts.location,
        orientation=facts.orientation,
        supported_polar_patterns=facts.patterns or None,
        _port=port,
        _device=device,
        _check=check,
    )


def _extension(facts: PortFacts) -> AVAudioSessionPortExtensionBluetoothMicrophone | None:
    if facts.far_field is None or facts.high_quality is None:
        return None
    return AVAudioSessionPortExtensionBluetoothMicrophone(
        high_quality_recording=AVAudioSessionCapability(
            is_supported=facts.high_quality, is_enabled=facts.records_high_quality
        ),
        far_field_capture=AVAudioSessionCapability(is_supported=facts.far_field, is_enabled=False),
    )


def _label(number: int, count: int) -> int:
    if count == 1:
        return _MONO_LABEL
    return number if count == 2 else _UNKNOWN_LABEL
