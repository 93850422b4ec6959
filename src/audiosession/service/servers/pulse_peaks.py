"""Peaks of single streams through PulseAudio's protocol, which PipeWire's stand-in speaks too.

The server sends the greatest sample of each tenth of a second, measured behind the stream's
volume. Importing this raises as :mod:`.pulse_wire` does, where libpulse is not installed.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...errors import HostUnavailableError, HostUnavailableReason
from ..meter import RATE_HZ
from .base import Direction, ServerStream
from .pulse_slot import slot_id
from .pulse_wire import PulseAsync, PulseError, lib  # type: ignore[attr-defined]

_CONNECT_S = 2.0

_CHANNELS = 2
"""In one channel the two of a stereo sound could cancel each other out."""

_SAMPLE_BYTES = 4
_FLAGS = (
    lib.PA_STREAM_DONT_MOVE
    | lib.PA_STREAM_PEAK_DETECT
    | lib.PA_STREAM_ADJUST_LATENCY
    # The stream itself keeps its sink awake while it sounds.
    | lib.PA_STREAM_DONT_INHIBIT_AUTO_SUSPEND
)

# Desktops show who uses a microphone, and know meters by the name of this one. WirePlumber 0.5
# does not remember a volume for such a stream; 0.4 does, under that name, and it stays as it is.
_PROPERTIES = (
    "application.id=org.PulseAudio.pavucontrol "
    "media.name='Peak detect' "
    "state.restore-props=false "
    "state.restore-target=false"
)

_FAILED = 3
"""PA_STREAM_FAILED; one more is PA_STREAM_TERMINATED."""

# pulsectl leaves these two out.
_library = ctypes.CDLL("libpulse.so.0")
_get_state = _library.pa_stream_get_state
_get_state.argtypes, _get_state.restype = [ctypes.c_void_p], ctypes.c_int
_STATE_CB = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_set_state_callback = _library.pa_stream_set_state_callback
_set_state_callback.argtypes = [ctypes.c_void_p, _STATE_CB, ctypes.c_void_p]
_set_state_callback.restype = None


@dataclass(slots=True, eq=False)
class _Listener:
    """One stream that is measured."""

    stream: Any
    heard: Callable[[float], None]
    lost: Callable[[str], None]


class PulsePeaks:
    """Implements :class:`~audiosession.service.meter.Ears`.

    Args:
        server: Where the server is, in libpulse's words; ``None``: libpulse's own choice.
    """

    def __init__(self, server: str | None = None) -> None:
        self._server = server
        self._pulse: Any = None
        self._lock = asyncio.Lock()
        self._listeners: dict[int, _Listener] = {}
        self._tokens = 0
        # They must live as long as libpulse may call them.
        self._on_read = lib.PA_STREAM_REQUEST_CB_T(self._read)
        self._on_state = _STATE_CB(self._state)

    async def listen(
        self, stream: ServerStream, heard: Callable[[float], None], lost: Callable[[str], None]
    ) -> Callable[[], None]:
        """See :class:`~audiosession.service.meter.Ears`."""
        pulse = await self._connection()
        try:
            inputs = await pulse.sink_input_list()
        except PulseError as error:
            raise _unavailable(error) from error
        index = next((each.index for each in inputs if _is(stream, each)), None)
        if index is None or pulse is not self._pulse:
            raise LookupError(f"{stream.id} is gone")
        return self._open(index, heard, lost)

    def close(self) -> None:
        """See :class:`~audiosession.service.meter.Ears`."""
        for token in list(self._listeners):
            self._stop(token)
        pulse, self._pulse = self._pulse, None
        if pulse is not None:
            pulse.close()

    async def _connection(self) -> Any:
        async with self._lock:
            if self._pulse is not None and not self._pulse.connected:
                self.close()
            if self._pulse is None:
                pulse = PulseAsync("audiosession", server=self._server)
                try:
                    await pulse.connect(timeout=_CONNECT_S)
                except (PulseError, TimeoutError) as error:
                    pulse.close()
                    raise _unavailable(error) from error
                except BaseException:
                    pulse.close()
                    raise
                self._pulse = pulse
            return self._pulse

    def _open(
        self, index: int, heard: Callable[[float], None], lost: Callable[[str], None]
    ) -> Callable[[], None]:
        properties = lib.pa.proplist_from_string(_PROPERTIES)
        spec = lib.PA_SAMPLE_SPEC(format=lib.PA_SAMPLE_FLOAT32NE, rate=RATE_HZ, channels=_CHANNELS)
        stream = lib.pa.stream_new_with_proplist(
            self._pulse._ctx, "Peak detect", ctypes.byref(spec), None, properties
        )
        lib.pa.proplist_free(properties)
        if not stream:
            raise _unavailable("no meter can be made")
        self._tokens += 1
        token = self._tokens
        self._listeners[token] = _Listener(stream, heard, lost)
        pointer = ctypes.cast(stream, ctypes.c_void_p)
        _set_state_callback(pointer, self._on_state, token)
        lib.pa.stream_set_read_callback(stream, self._on_read, token)
        try:
            lib.pa.stream_set_monitor_stream(stream, index)
            buffer = lib.PA_BUFFER_ATTR(fragsize=_SAMPLE_BYTES * _CHANNELS, maxlength=2**32 - 1)
            lib.pa.stream_connect_record(stream, None, buffer, _FLAGS)
        except lib.pa.CallError as error:
            self._stop(token)
            raise _unavailable(error) from error
        return lambda: self._stop(token)

    def _stop(self, token: int) -> None:
        listener = self._listeners.pop(token, None)
        if listener is None:
            return
        # Nothing is called back any more, also from within.
        _set_state_callback(ctypes.cast(listener.stream, ctypes.c_void_p), _STATE_CB(), None)
        lib.pa.stream_set_read_callback(listener.stream, lib.PA_STREAM_REQUEST_CB_T(), None)
        with suppress(lib.pa.CallError):
            # It may have ended by itself.
            lib.pa.stream_disconnect(listener.stream)
        lib.pa.stream_unref(listener.stream)

    def _read(self, stream: Any, _: int, token: int) -> None:
        size, data = ctypes.c_int(), ctypes.c_void_p()
        try:
            lib.pa.stream_peek(stream, data, ctypes.byref(size))
        except lib.pa.CallError:
            return
        count = size.value // _SAMPLE_BYTES
        # A hole in the sound has a size and no data.
        samples = ctypes.cast(data, ctypes.POINTER(ctypes.c_float))[:count] if data else []
        if size.value:
            lib.pa.stream_drop(stream)
        listener = self._listeners.get(token)
        if listener is not None and count:
            listener.heard(max(map(abs, samples), default=0.0))

    def _state(self, stream: int, token: int) -> None:
        if _get_state(stream) < _FAILED:
            return
        listener = self._listeners.get(token)
        if listener is not None:
            self._stop(token)
            listener.lost("the server ended its meter")


def _is(stream: ServerStream, found: Any) -> bool:
    """Whether what PulseAudio's protocol lists is that stream of the adapter's.

    PulseAudio's adapter calls streams by their index; PipeWire's serial numbers are never used
    twice, and its stand-in shows them.
    """
    serial = stream.properties.get("object.serial", "")
    if serial:
        return bool(found.proplist.get("object.serial") == serial)
    return slot_id(Direction.PLAYBACK, found.index) == stream.id


def _unavailable(error: object) -> HostUnavailableError:
    return HostUnavailableError(
        HostUnavailableReason.NO_SOUND_SERVER, f"PulseAudio's protocol: {error or 'no answer'}"
    )


__all__ = ["PulsePeaks"]
