"""What a session consists of, and which changes of that are legal.

A graph is a value: a change gives another one, so that going back to the one before is
keeping it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from audiosession.capture.connections import AVCaptureConnection
from audiosession.capture.devices import AVCaptureDevice
from audiosession.capture.enums import AVMediaType
from audiosession.capture.inputs import AVCaptureDeviceInput, AVCaptureInput, AVCaptureInputPort
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.presets import AVCaptureSessionPreset

__all__ = ["Graph", "Rules"]

MANY_VIDEO_OUTPUTS_SINCE: Final = (16, 0)
"""From then on a session may have several video data outputs, and a movie file output
leaves data outputs their samples."""

_VIDEO_DATA: Final = "AVCaptureVideoDataOutput"
_MOVIE_FILE: Final = "AVCaptureMovieFileOutput"
_DATA: Final = (_VIDEO_DATA, "AVCaptureAudioDataOutput")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Inputs, outputs and what connects them."""

    inputs: tuple[AVCaptureInput, ...] = ()
    """In the order in which they were added."""
    outputs: tuple[AVCaptureOutput, ...] = ()
    """In the order in which they were added."""
    connections: tuple[AVCaptureConnection, ...] = ()
    """In the order in which they were made."""
    preset: AVCaptureSessionPreset = AVCaptureSessionPreset.HIGH
    """What quality is wished for."""

    def with_input(self, input: AVCaptureInput, *, connect: bool) -> Graph:
        """With one input more, and with the connections that follow from it."""
        graph = replace(self, inputs=(*self.inputs, input))
        return graph._connected(input.ports, graph.outputs) if connect else graph

    def with_output(self, output: AVCaptureOutput, *, connect: bool) -> Graph:
        """With one output more, and with the connections that follow from it."""
        graph = replace(self, outputs=(*self.outputs, output))
        ports = [port for input in graph.inputs for port in input.ports]
        return graph._connected(ports, (output,)) if connect else graph

    def with_connection(self, connection: AVCaptureConnection) -> Graph:
        """With one connection more."""
        return replace(self, connections=(*self.connections, connection))

    def without_input(self, input: AVCaptureInput) -> Graph:
        """Without an input and what hung on it."""
        return replace(
            self,
            inputs=tuple(each for each in self.inputs if each is not input),
            connections=tuple(
                each
                for each in self.connections
                if all(port.input is not input for port in each.input_ports)
            ),
        )

    def without_output(self, output: AVCaptureOutput) -> Graph:
        """Without an output and what hung on it."""
        return replace(
            self,
            outputs=tuple(each for each in self.outputs if each is not output),
            connections=tuple(each for each in self.connections if each.output is not output),
        )

    def without_connection(self, connection: AVCaptureConnection) -> Graph:
        """Without a connection."""
        return replace(
            self,
            connections=tuple(each for each in self.connections if each is not connection),
        )

    def with_preset(self, preset: AVCaptureSessionPreset) -> Graph:
        """With another preset."""
        return replace(self, preset=preset)

    def devices(self, media_type: AVMediaType) -> tuple[AVCaptureDevice, ...]:
        """The devices of its inputs that give a medium."""
        return tuple(
            input.device
            for input in self.inputs
            if isinstance(input, AVCaptureDeviceInput)
            and any(port.media_type is media_type for port in input.ports)
        )

    def real_devices(self, media_type: AVMediaType) -> tuple[AVCaptureDevice, ...]:
        """Those of them whose samples are not made up."""
        return tuple(each for each in self.devices(media_type) if not each._settings.facts.virtual)

    def connected(self, output: AVCaptureOutput, media_type: AVMediaType) -> bool:
        """Whether an output gets that medium already."""
        return any(
            each.output is output and each.media_type is media_type for each in self.connections
        )

    def _connected(
        self, ports: Iterable[AVCaptureInputPort], outputs: Iterable[AVCaptureOutput]
    ) -> Graph:
        """With every pair connected that can be: one connection for an output and medium."""
        graph = self
        for output in outputs:
            for port in ports:
                fits = port.media_type in output.media_types
                if fits and not graph.connected(output, port.media_type):
                    graph = graph.with_connection(AVCaptureConnection([port], output))
        return graph


class Rules:
    """What a kind of session may consist of. Answers are a phrase of what is wrong, or empty.

    Args:
        many_cameras: Whether it may have several cameras.
    """

    def __init__(self, *, many_cameras: bool = False) -> None:
        self.many_cameras = many_cameras

    def input_problem(self, graph: Graph, input: AVCaptureInput, session: object) -> str:
        """Why an input cannot be added."""
        if input in graph.inputs:
            return "the input is in this session already"
        if input._session is not None and input._session is not session:
            return "the input belongs to another session"
        if not isinstance(input, AVCaptureDeviceInput):
            return ""
        device = input.device
        if any(
            isinstance(each, AVCaptureDeviceInput) and each.device == device
            for each in graph.inputs
        ):
            return f"the session has an input of {device.localized_name!r} already"
        sound = device.has_media_type(AVMediaType.AUDIO)
        pictures = device.has_media_type(AVMediaType.VIDEO)
        if sound and graph.devices(AVMediaType.AUDIO):
            return "the session has a microphone already, and takes one"
        if pictures and graph.devices(AVMediaType.VIDEO) and not self.many_cameras:
            return "the session has a camera already, and takes one"
        if pictures and not device.supports_session_preset(graph.preset):
            return f"{device.localized_name!r} cannot do the preset {graph.preset.name}"
        return ""

    def output_problem(
        self, graph: Graph, output: AVCaptureOutput, session: object, version: tuple[int, int]
    ) -> str:
        """Why an output cannot be added; ``version`` is that of the system imitated."""
        if output in graph.outputs:
            return "the output is in this session already"
        if output._session is not None and output._session is not session:
            return "the output belongs to another session"
        name = type(output).__name__
        many = is_a(output, _VIDEO_DATA) and version >= MANY_VIDEO_OUTPUTS_SINCE
        if any(type(each) is type(output) for each in graph.outputs) and not (
            many or self.many_cameras
        ):
            return f"the session has an {name} already, and takes one"
        return ""

    def connection_problem(
        self, graph: Graph, connection: AVCaptureConnection, session: object
    ) -> str:
        """Why a connection cannot be added."""
        if connection in graph.connections:
            return "the connection is in this session already"
        if connection._session is not None and connection._session is not session:
            return "the connection belongs to another session"
        output = connection.output
        if output not in graph.outputs:
            return "its output is not in this session"
        if any(port.input not in graph.inputs for port in connection.input_ports):
            return "an input of it is not in this session"
        assert output is not None
        if graph.connected(output, connection.media_type):
            return f"the output has a connection for {connection.media_type.name.lower()} already"
        return ""

    def preset_problem(self, graph: Graph, preset: AVCaptureSessionPreset) -> str:
        """Why a preset cannot be set."""
        if self.many_cameras and preset is not AVCaptureSessionPreset.INPUT_PRIORITY:
            return "a session of several cameras leaves their formats alone"
        for device in graph.devices(AVMediaType.VIDEO):
            if not device.supports_session_preset(preset):
                return f"{device.localized_name!r} cannot do the preset {preset.name}"
        return ""

    def beaten(
        self, graph: Graph, connection: AVCaptureConnection, version: tuple[int, int]
    ) -> bool:
        """Whether another output takes a connection's samples."""
        output = connection.output
        return (
            version < MANY_VIDEO_OUTPUTS_SINCE
            and output is not None
            and any(is_a(output, name) for name in _DATA)
            and any(is_a(each, _MOVIE_FILE) for each in graph.outputs)
        )

    def hardware_cost(self, graph: Graph) -> float:
        """What the session takes of the hardware; 1.0 is all there is.

        A session of one camera costs something only where several outputs take its pictures.
        """
        shown = [
            each
            for each in graph.connections
            if each.media_type is AVMediaType.VIDEO and each.is_active
        ]
        if not self.many_cameras:
            takers = [each for each in shown if _takes(each.output)]
            several = sum(is_a(each.output, _VIDEO_DATA) for each in takers) > 1
            both = {is_a(each.output, _MOVIE_FILE) for each in takers} == {True, False}
            return sum(map(_cost, takers)) if several or both else 0.0
        inputs = {port.input: each for each in shown for port in each.input_ports}
        return sum(map(_cost, inputs.values()))


def is_a(output: AVCaptureOutput | None, name: str) -> bool:
    """Whether an output is of a class of Apple's, which need not be loaded for the question."""
    return any(each.__name__ == name for each in type(output).__mro__)


def _takes(output: AVCaptureOutput | None) -> bool:
    return is_a(output, _VIDEO_DATA) or is_a(output, _MOVIE_FILE)


def _cost(connection: AVCaptureConnection) -> float:
    """What the camera behind a connection costs; slower is cheaper."""
    port = connection.input_ports[0]
    format = port.format_description
    if format is None:
        return 0.0
    fastest = max((high for _, high in format.frame_rates), default=0.0)
    input = port.input
    rate = input._frame_rate if isinstance(input, AVCaptureDeviceInput) else None
    share = 1.0 if rate is None or fastest <= 0.0 else min(1.0, rate / fastest)
    return format.hardware_cost * share
