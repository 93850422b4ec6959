"""Routes, inputs and data sources of AVAudioSession."""

from __future__ import annotations

from audiosession.apple._kept import kept
from audiosession.apple._telling import Telling
from audiosession.apple.constants import AVAudioSessionCategory
from audiosession.apple.device import Direction
from audiosession.apple.enums import AVAudioSessionPortOverride, AVAudioSessionRouteSelection
from audiosession.apple.errors import AVAudioSessionErrorCode, NSError
from audiosession.apple.names import AVAudioSessionNotificationName, AVAudioSessionPort
from audiosession.apple.ports import (
    AVAudioSessionDataSourceDescription,
    AVAudioSessionPortDescription,
    AVAudioSessionRouteDescription,
    check_source,
    describe_device,
    describe_port,
    describe_route,
)
from audiosession.core.routing import available_inputs
from audiosession.devices import AudioDevice
from audiosession.errors import InvalidTypeError, UnsupportedError
from audiosession.hosts.base import Capability

_Code = AVAudioSessionErrorCode


class Routes(Telling):
    """Where sound goes in and comes out (apple 80 to 103)."""

    # Those last told of.
    _inputs: tuple[AVAudioSessionPortDescription, ...] = ()

    @property
    @kept
    def current_route(self) -> AVAudioSessionRouteDescription:
        """The ports in use, or that would be if the session played or recorded now.

        A category that is set while the session is inactive changes them at the activation
        (apple 4).

        Raises:
            UnsupportedError: the host knows no routes.
        """
        device = self._need("current route")
        self._keep_ports()
        return describe_route(device.route, self._ports, device, self._check_usable)

    @property
    @kept
    def available_inputs(self) -> tuple[AVAudioSessionPortDescription, ...]:
        """The inputs that category and mode can use; none for one that only plays (apple 99).

        On a host that knows no routes these are all its inputs.

        Raises:
            UnsupportedError: the host lists no devices.
        """
        device = self._device
        if device is None:
            return self._listed_inputs()
        ports = {port.id: port for port in device.ports}
        found = available_inputs(ports.values(), self._route_request())
        return tuple(
            describe_port(ports[id], Direction.INPUT, device, self._check_usable) for id in found
        )

    @property
    @kept
    def is_input_available(self) -> bool:
        """Whether there is a microphone of any kind."""
        device = self._device
        if device is None:
            return any(each.is_input for each in self._listed())
        return device.standing.has_input

    @property
    @kept
    def preferred_input(self) -> AVAudioSessionPortDescription | None:
        """The input wished for; ``None`` when there is none, or when it went away (apple 98)."""
        device = self._device
        if device is None:
            return None
        for port in device.ports:
            if port.id == device.preferred_input:
                return describe_port(port, Direction.INPUT, device, self._check_usable)
        return None

    async def set_preferred_input(self, port: AVAudioSessionPortDescription | None) -> None:
        """Wishes for an input, best after category, mode and activation (apple 98).

        Args:
            port: One of :attr:`~audiosession.apple.AVAudioSession.available_inputs`; ``None``
                takes the wish back.

        Raises:
            NSError: ``BAD_PARAM``, the input is not available; ``MEDIA_SERVICES_FAILED``;
                ``EXPIRED_SESSION``.
            InvalidTypeError: not a port.
            UnsupportedError: the host knows no routes.
        """
        if port is not None and not isinstance(port, AVAudioSessionPortDescription):
            raise InvalidTypeError(
                "port", port, expected="an AVAudioSessionPortDescription or None"
            )
        self._check_usable()
        device = self._need("preferred input")
        if port is not None:
            with await self._seen_now():
                inputs = self.available_inputs
            if port not in inputs and not self._unseen:
                names = ", ".join(each.port_name for each in inputs) or "none"
                raise NSError(
                    _Code.BAD_PARAM, f"{port.port_name} is not among the available inputs: {names}"
                )
        await device.request_route(self._route_request())
        await device.prefer_input("" if port is None else port.port_id)
        self._look()

    async def override_output_audio_port(self, override: AVAudioSessionPortOverride) -> None:
        """Sends sound to the loudspeaker for now, and records from the built-in microphone.

        Ends at the next change of the route, at an interruption, or with ``NONE`` (apple 84).

        Raises:
            NSError: ``INCOMPATIBLE_CATEGORY``, the category is not ``PLAY_AND_RECORD``;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not an override.
            UnsupportedError: the host knows no routes.
        """
        if not isinstance(override, AVAudioSessionPortOverride):
            raise InvalidTypeError(
                "override", override, expected="of type AVAudioSessionPortOverride"
            )
        self._check_usable()
        speaker = override is AVAudioSessionPortOverride.SPEAKER
        if speaker and self._now.category is not AVAudioSessionCategory.PLAY_AND_RECORD:
            raise NSError(
                _Code.INCOMPATIBLE_CATEGORY,
                f"the output of the category {self._now.category.name} cannot be overridden",
                advice="set the category PLAY_AND_RECORD first",
            )
        device = self._need("output override")
        # What is overridden is the route of the category set, also before the activation.
        await device.request_route(self._route_request())
        await device.override_output(speaker)
        self._look()

    async def prepare_route_selection_for_playback(
        self,
    ) -> tuple[bool, AVAudioSessionRouteSelection]:
        """Lets the user choose where a film plays; since iOS 13.0.

        A real phone asks the user, and answers when they have chosen. Elsewhere nobody is there
        to choose anything else, so the route in use is the choice.

        Returns:
            Two values, whether to start playing and where.

        Raises:
            UnsupportedError: the host knows no routes.
        """
        self._check_usable()
        if (phone := self._phone) is not None:
            return await phone.prepare_route_selection()
        outputs = self.current_route.outputs
        if not outputs:
            return False, AVAudioSessionRouteSelection.NONE
        local = outputs[0].port_type is not AVAudioSessionPort.AIR_PLAY
        where = AVAudioSessionRouteSelection
        return True, where.LOCAL if local else where.EXTERNAL

    # -- data sources ------------------------------------------------------------------------

    @property
    @kept
    def input_data_sources(self) -> tuple[AVAudioSessionDataSourceDescription, ...] | None:
        """The data sources of the input in use; ``None`` where there is no choice."""
        port = self._routed(Direction.INPUT)
        return None if port is None else port.data_sources

    @property
    @kept
    def input_data_source(self) -> AVAudioSessionDataSourceDescription | None:
        """The data source of the input in use."""
        port = self._routed(Direction.INPUT)
        return None if port is None else port.selected_data_source

    @property
    @kept
    def output_data_sources(self) -> tuple[AVAudioSessionDataSourceDescription, ...] | None:
        """The data sources of the output in use; ``None`` where there is no choice."""
        port = self._routed(Direction.OUTPUT)
        return None if port is None else port.data_sources

    @property
    @kept
    def output_data_source(self) -> AVAudioSessionDataSourceDescription | None:
        """The data source of the output in use."""
        port = self._routed(Direction.OUTPUT)
        return None if port is None else port.selected_data_source

    async def set_input_data_source(
        self, data_source: AVAudioSessionDataSourceDescription | None
    ) -> None:
        """Chooses a data source of the input in use; ``None`` takes the choice back.

        Raises:
            NSError: ``BAD_PARAM``, the input has no such data source;
                ``MEDIA_SERVICES_FAILED``; ``EXPIRED_SESSION``.
            InvalidTypeError: not a data source.
            UnsupportedError: the host knows no routes.
        """
        await self._choose_source(Direction.INPUT, data_source)

    async def set_output_data_source(
        self, data_source: AVAudioSessionDataSourceDescription | None
    ) -> None:
        """Chooses a data source of the output in use; ``None`` takes the choice back.

        Raises:
            NSError: as :meth:`set_input_data_source`.
            InvalidTypeError: not a data source.
            UnsupportedError: the host knows no routes.
        """
        await self._choose_source(Direction.OUTPUT, data_source)

    # -- inside ------------------------------------------------------------------------------

    def _look(self) -> None:
        super()._look()
        if self._session.closed or self._unseen:
            return
        try:
            with self._as_seen():
                inputs = self.available_inputs
        except UnsupportedError:
            return
        if inputs != self._inputs:
            self._inputs = inputs
            self._post(AVAudioSessionNotificationName.AVAILABLE_INPUTS_CHANGE)

    def _count_inputs(self) -> int:
        device = self._device
        if device is None:
            return sum(each.is_input for each in self._listed())
        with self._as_seen():
            return sum(port.is_input for port in device.ports)

    async def _choose_source(
        self, direction: Direction, data_source: AVAudioSessionDataSourceDescription | None
    ) -> None:
        check_source(data_source)
        self._check_usable()
        with await self._seen_now():
            port = self._routed(direction)
        if port is None:
            raise NSError(_Code.BAD_PARAM, f"no {direction.value} is in use")
        if data_source is not None and self._unseen:
            device = self._need("data sources")
            await device.prefer_source(port.port_id, data_source.data_source_id)
        else:
            await port.set_preferred_data_source(data_source)
        self._look()

    def _routed(self, direction: Direction) -> AVAudioSessionPortDescription | None:
        route = self.current_route
        ports = route.inputs if direction is Direction.INPUT else route.outputs
        return ports[0] if ports else None

    def _records_built_in(self) -> bool:
        return any(
            port.port_type is AVAudioSessionPort.BUILT_IN_MIC for port in self.current_route.inputs
        )

    def _listed(self) -> frozenset[AudioDevice]:
        self._check_open()
        host = self._session._use_host()
        if Capability.DEVICES not in host.capabilities:
            raise UnsupportedError(Capability.DEVICES.value, host.name)
        listed = self._session._reports.devices.latest or frozenset()
        if self._coming is not None:
            listed = (listed - self._coming.devices_removed) | self._coming.devices_added
        return listed

    def _listed_inputs(self) -> tuple[AVAudioSessionPortDescription, ...]:
        inputs = [each for each in self._listed() if each.is_input and self._now.kind.records]
        return tuple(
            describe_device(each, Direction.INPUT) for each in sorted(inputs, key=lambda d: d.id)
        )
