"""Shorthand for tests of Audio Session Services: a phone, an app on it, its properties."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_double, c_float, c_uint32, sizeof
from typing import Any

from audiosession.apple import audio_session_services as c
from audiosession.apple.audio_session_services import CFRef
from audiosession.apple.avaudiosession import AVAudioSession
from audiosession.hosts.simulated import SimulatedApp, SimulatedDevice
from tests.apple.facts_kit import c as facts
from tests.apple.phone_kit import phone

CELLS: dict[str, Any] = {"UInt32": c_uint32, "Float32": c_float, "Float64": c_double}
KINDS: dict[int, Any] = {row["value"]: CELLS.get(row["type"], CFRef) for row in facts()["property"]}
"""The cell of each property, by the facts."""

SPEAKER = c.kAudioSessionOverrideAudioRoute_Speaker
NO_ERROR = c.kAudioSessionNoError


class Rig:
    """A process that uses the C API on a simulated phone, and what its listeners heard."""

    def __init__(self, app: SimulatedApp, session: AVAudioSession) -> None:
        self.app = app
        self.device: SimulatedDevice = app.device
        self.session = session
        self.states: list[int] = []
        self.types: list[int | None] = []
        self.changes: list[tuple[Any, int, int, Any]] = []

    def initialize(self) -> None:
        assert c.AudioSessionInitialize(None, None, self.on_interruption, "data") == NO_ERROR

    def on_interruption(self, data: object, state: int) -> None:
        assert data == "data"
        self.states.append(state)
        status, value = get(c.kAudioSessionProperty_InterruptionType)
        self.types.append(value if status == NO_ERROR else None)

    def on_change(self, data: object, id: int, size: int, value: Any) -> None:
        self.changes.append((data, id, size, value if isinstance(value, dict) else value.value))

    def listen(self, id: int, data: object = None) -> int:
        return c.AudioSessionAddPropertyListener(id, self.on_change, data)

    @property
    def reasons(self) -> list[int]:
        """Why the route changed, each time."""
        return [
            change[3][c.kAudioSession_RouteChangeKey_Reason]
            for change in self.changes
            if change[1] == c.kAudioSessionProperty_AudioRouteChange
        ]

    def activate(self, category: int = 0) -> None:
        if category:
            assert put(c.kAudioSessionProperty_AudioCategory, category) == NO_ERROR
        assert c.AudioSessionSetActive(True) == NO_ERROR

    def outputs(self) -> list[str]:
        """The kinds of the outputs in use."""
        return self._kinds(c.kAudioSession_AudioRouteKey_Outputs)

    def inputs(self) -> list[str]:
        """The kinds of the inputs in use."""
        return self._kinds(c.kAudioSession_AudioRouteKey_Inputs)

    def _kinds(self, key: str) -> list[str]:
        route = read(c.kAudioSessionProperty_AudioRouteDescription)
        return [port[c.kAudioSession_AudioRouteKey_Type] for port in route[key]]


@contextmanager
def process(
    *version: int, profile: str = "phone", device: SimulatedDevice | None = None
) -> Iterator[Rig]:
    """A process that has not initialised anything yet."""
    app = (device or phone(*version, profile=profile)).app("recorder")
    with c.use(app.session) as session:
        yield Rig(app, session)


def get(id: int, size: int | None = None, cell: Any = None) -> tuple[int, Any]:
    """The status and the value of a property."""
    cell = KINDS[id]() if cell is None else cell
    capacity = c_uint32(sizeof(cell) if size is None else size)
    status = c.AudioSessionGetProperty(id, byref(capacity), byref(cell))
    return status, cell.value if status == NO_ERROR else None


def read(id: int) -> Any:
    """The value of a property that can be read now."""
    status, value = get(id)
    assert status == NO_ERROR
    return value


def put(id: int, value: Any) -> int:
    """Writes a property; gives the status."""
    cell = KINDS[id](value)
    return c.AudioSessionSetProperty(id, sizeof(cell), byref(cell))
