"""Putting a session together: what belongs to it, and changing that in one step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from audiosession.capture._app import AnyAudioSession, CaptureApp, audio_session_of
from audiosession.capture._graph import Graph, Rules
from audiosession.capture.connections import AVCaptureConnection
from audiosession.capture.devices import check_type
from audiosession.capture.enums import AVMediaType
from audiosession.capture.errors import NSGenericException, NSInvalidArgumentException
from audiosession.capture.host import FormatFacts
from audiosession.capture.inputs import AVCaptureInput
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.presets import AVCaptureSessionPreset, choose_format

__all__ = ["Configuring"]


class Configuring:
    """What a session consists of; changes are legal as a whole or raise and change nothing."""

    _rules = Rules()
    _first_preset = AVCaptureSessionPreset.HIGH

    def __init__(self, audio_session: AnyAudioSession = None) -> None:
        self._audio_session = audio_session_of(audio_session)
        self._found_app: CaptureApp | None = None
        self._graph = Graph(preset=self._first_preset)
        # What is in force; another one than the graph while a configuration is open.
        self._committed = self._graph
        # The graphs to go back to, one for each configuration that was begun.
        self._begun_from: list[Graph] = []
        # Connections that are there no more, of which outputs may not have heard yet.
        self._loose: list[AVCaptureConnection] = []
        # The formats that a commit replaced, to go back to if it fails.
        self._replaced_formats: dict[str, FormatFacts] = {}

    # -- what it consists of -----------------------------------------------------------------

    @property
    def inputs(self) -> tuple[AVCaptureInput, ...]:
        """Its inputs, in the order in which they were added."""
        return self._graph.inputs

    @property
    def outputs(self) -> tuple[AVCaptureOutput, ...]:
        """Its outputs, in the order in which they were added."""
        return self._graph.outputs

    @property
    def connections(self) -> tuple[AVCaptureConnection, ...]:
        """What connects them; since iOS 13.0."""
        return self._graph.connections

    @property
    def session_preset(self) -> AVCaptureSessionPreset:
        """What quality it gives; ``HIGH`` at first. May be set while it runs.

        Becomes ``INPUT_PRIORITY`` when the active format of its camera is set by hand.

        Raises:
            NSInvalidArgumentException: :meth:`can_set_session_preset` says no.
            InvalidTypeError: not a preset.
        """
        return self._graph.preset

    @session_preset.setter
    def session_preset(self, preset: AVCaptureSessionPreset) -> None:
        check_type("session_preset", preset, AVCaptureSessionPreset)
        _refuse(
            self._rules.preset_problem(self._graph, preset),
            "can_set_session_preset",
            "session_preset",
        )
        self._change(self._graph.with_preset(preset))

    def can_set_session_preset(self, preset: AVCaptureSessionPreset) -> bool:
        """Whether a preset goes with the present inputs.

        Raises:
            InvalidTypeError: not a preset.
        """
        check_type("preset", preset, AVCaptureSessionPreset)
        return not self._rules.preset_problem(self._graph, preset)

    # -- inputs ------------------------------------------------------------------------------

    def can_add_input(self, input: AVCaptureInput) -> bool:
        """Whether an input may be added: it is in no session, and there is room for it.

        A session takes one microphone and one camera, and the camera has to do its preset.

        Raises:
            InvalidTypeError: not an input.
        """
        return not self._input_problem(input)

    def add_input(self, input: AVCaptureInput) -> None:
        """Adds an input and connects it to the outputs that take what it gives.

        May be done while the session runs.

        Raises:
            NSInvalidArgumentException: :meth:`can_add_input` says no; nothing is changed.
            InvalidTypeError: not an input.
        """
        self._add_input(input, connect=True)

    def add_input_with_no_connections(self, input: AVCaptureInput) -> None:
        """Adds an input alone; since iOS 8.0.

        Raises:
            NSInvalidArgumentException, InvalidTypeError: as :meth:`add_input`.
        """
        self._add_input(input, connect=False)

    def remove_input(self, input: AVCaptureInput) -> None:
        """Removes an input and its connections; does nothing when it is not in this session.

        May be done while the session runs; recordings of it end.

        Raises:
            InvalidTypeError: not an input.
        """
        check_type("input", input, AVCaptureInput)
        if input in self._graph.inputs:
            self._change(self._graph.without_input(input))

    # -- outputs -----------------------------------------------------------------------------

    def can_add_output(self, output: AVCaptureOutput) -> bool:
        """Whether an output may be added: it is in no session, and none of its class is here.

        Since iOS 16 there may be several video data outputs.

        Raises:
            InvalidTypeError: not an output.
        """
        return not self._output_problem(output)

    def add_output(self, output: AVCaptureOutput) -> None:
        """Adds an output and connects it to the inputs that give what it takes.

        May be done while the session runs.

        Raises:
            NSInvalidArgumentException: :meth:`can_add_output` says no; nothing is changed.
            InvalidTypeError: not an output.
        """
        self._add_output(output, connect=True)

    def add_output_with_no_connections(self, output: AVCaptureOutput) -> None:
        """Adds an output alone; since iOS 8.0.

        Raises:
            NSInvalidArgumentException, InvalidTypeError: as :meth:`add_output`.
        """
        self._add_output(output, connect=False)

    def remove_output(self, output: AVCaptureOutput) -> None:
        """Removes an output and its connections; does nothing when it is not in this session.

        May be done while the session runs; its recording ends.

        Raises:
            InvalidTypeError: not an output.
        """
        check_type("output", output, AVCaptureOutput)
        if output in self._graph.outputs:
            self._change(self._graph.without_output(output))
            if not self._begun_from:
                # Another session may want it before what runs has followed.
                self._let_output_go(output)

    # -- connections -------------------------------------------------------------------------

    def can_add_connection(self, connection: AVCaptureConnection) -> bool:
        """Whether a connection may be added: both ends are here, and the output has room.

        An output has one connection for each media type. Since iOS 8.0.

        Raises:
            InvalidTypeError: not a connection.
        """
        check_type("connection", connection, AVCaptureConnection)
        return not self._rules.connection_problem(self._graph, connection, self)

    def add_connection(self, connection: AVCaptureConnection) -> None:
        """Adds a connection that was made by hand; since iOS 8.0.

        Raises:
            NSInvalidArgumentException: :meth:`can_add_connection` says no; nothing is changed.
            InvalidTypeError: not a connection.
        """
        check_type("connection", connection, AVCaptureConnection)
        _refuse(
            self._rules.connection_problem(self._graph, connection, self),
            "can_add_connection",
            "connection",
        )
        self._change(self._graph.with_connection(connection))

    def remove_connection(self, connection: AVCaptureConnection) -> None:
        """Removes a connection; does nothing when it is not in this session. Since iOS 8.0.

        Raises:
            InvalidTypeError: not a connection.
        """
        check_type("connection", connection, AVCaptureConnection)
        if connection in self._graph.connections:
            self._change(self._graph.without_connection(connection))

    # -- in one step -------------------------------------------------------------------------

    def begin_configuration(self) -> None:
        """Changes from now on take effect together, when the configuration is committed.

        Configurations nest, and the outermost commit counts.
        """
        self._begun_from.append(self._graph)

    def commit_configuration(self) -> None:
        """Ends what :meth:`begin_configuration` began.

        What runs changes in one step. Where a device then cannot be used, everything goes
        back to how it was, the session runs on, and a runtime error is told.

        Raises:
            NSGenericException: none was begun.
        """
        if not self._begun_from:
            raise NSGenericException(
                "no configuration was begun", advice="call begin_configuration() first"
            )
        self._begun_from.pop()
        self._altered()

    @contextmanager
    def configuration(self) -> Iterator[None]:
        """A configuration for a ``with``: committed at its end, and taken back on an error."""
        depth, graph = len(self._begun_from), self._graph
        self.begin_configuration()
        try:
            yield
        except BaseException:
            self._install(graph)
            raise
        finally:
            # Calls inside that do not pair must not reach beyond it.
            del self._begun_from[depth:]
            self._altered()

    # -- for inputs and connections ----------------------------------------------------------

    @property
    def _many_cameras(self) -> bool:
        return self._rules.many_cameras

    def _beaten(self, connection: AVCaptureConnection) -> bool:
        return self._rules.beaten(self._graph, connection, self._version)

    def _altered(self) -> None:
        """What ought to run may be something else."""
        if not self._begun_from:
            self._commit()

    def _let_output_go(self, output: AVCaptureOutput) -> None:
        """Ends what an output does with samples of this session."""
        raise NotImplementedError

    # -- inside ------------------------------------------------------------------------------

    @property
    def _app(self) -> CaptureApp:
        """The app's devices.

        Raises:
            UnsupportedError: the host has none to offer.
        """
        if self._found_app is None:
            self._found_app = CaptureApp.of(self._audio_session)
            self._listen(self._found_app)
        return self._found_app

    @property
    def _version(self) -> tuple[int, int]:
        from audiosession.apple.avaudiosession import AVAudioSession

        return AVAudioSession.of(self._audio_session)._version

    def _listen(self, app: CaptureApp) -> None:
        raise NotImplementedError

    def _input_problem(self, input: AVCaptureInput) -> str:
        check_type("input", input, AVCaptureInput)
        device = getattr(input, "device", None)
        if device is not None and device._app is not self._app:
            return "the input's device is another app's"
        return self._rules.input_problem(self._graph, input, self)

    def _output_problem(self, output: AVCaptureOutput) -> str:
        check_type("output", output, AVCaptureOutput)
        return self._rules.output_problem(self._graph, output, self, self._version)

    def _add_input(self, input: AVCaptureInput, *, connect: bool) -> None:
        _refuse(self._input_problem(input), "can_add_input", "input")
        self._change(self._graph.with_input(input, connect=connect))

    def _add_output(self, output: AVCaptureOutput, *, connect: bool) -> None:
        _refuse(self._output_problem(output), "can_add_output", "output")
        self._change(self._graph.with_output(output, connect=connect))

    def _change(self, graph: Graph) -> None:
        self._install(graph)
        self._altered()

    def _install(self, graph: Graph) -> None:
        """Makes a graph that of the session; what runs is another matter."""
        before, self._graph = self._graph, graph
        for connection in before.connections:
            if connection not in graph.connections:
                connection._session = None
                self._loose.append(connection)
                # What it records is not to end before this is in force.
                output = connection.output
                assert output is not None
                output._connections = tuple(
                    each for each in output._connections if each is not connection
                )
        for output in before.outputs:
            if output not in graph.outputs:
                output._detach()
        for input in before.inputs:
            if input not in graph.inputs:
                input._session = None
        for input in graph.inputs:
            input._session = self
        for output in graph.outputs:
            if output not in before.outputs:
                output._attach(self)
        for connection in graph.connections:
            if connection not in before.connections:
                connection._session = self
                self._loose = [each for each in self._loose if each is not connection]
                assert connection.output is not None
                connection.output._connect(connection)

    def _cut_loose(self) -> None:
        """Tells outputs of the connections they have lost; recordings of those end."""
        loose, self._loose = self._loose, []
        for connection in loose:
            connection._stop_flowing()
            assert connection.output is not None
            connection.output._disconnect(connection)

    def _commit(self) -> None:
        """What is configured is in force from now on."""
        self._committed = self._graph
        self._set_formats(self._committed)

    def _set_formats(self, graph: Graph) -> None:
        """Sets the cameras' formats as the preset has them, where that is another one.

        A camera that another session runs is left alone.
        """
        if graph.preset is AVCaptureSessionPreset.INPUT_PRIORITY:
            return
        for device in graph.devices(AVMediaType.VIDEO):
            format = choose_format(graph.preset, device.formats)
            active = device.active_format
            holder = device._settings.holder
            if holder is not None and holder() not in (None, self):
                continue
            if format is not None and format != active:
                if active is not None:
                    # What is in force is gone back to, and not what was to be meanwhile.
                    self._replaced_formats.setdefault(device.unique_id, active)
                device._app.set_format(device.unique_id, format, by_hand=False)

    def _take_back(self, graph: Graph) -> None:
        """Goes back to a graph that was in force before, formats included.

        A configuration that was begun meanwhile stays as it is, and fails when it is committed.
        """
        if not self._begun_from:
            self._install(graph)
        self._committed = graph
        replaced, self._replaced_formats = self._replaced_formats, {}
        for unique_id, format in replaced.items():
            self._app.set_format(unique_id, format, by_hand=False)


def _refuse(problem: str, ask: str, field: str) -> None:
    if problem:
        raise NSInvalidArgumentException(problem, advice=f"ask {ask}() first", field=field)
