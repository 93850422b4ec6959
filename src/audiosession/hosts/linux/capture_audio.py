"""Sound from PulseAudio's protocol, which PipeWire's stand-in speaks too, by miniaudio.

Of the two bindings that capture from both servers this is the one that opens a connection for
each device, so a server may die and come back; that refuses to go on with another source when
its own has vanished; and that hands over sound in a callback instead of a loop that asks.
soundcard connects once, when it is imported, and is moved to another microphone unasked.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ...capture.clock import SampleTimes
from ...capture.errors import AVError, CaptureError
from ...capture.host import FeedEvents, FormatFacts, HostClock
from ...capture.samples import audio_buffer
from ...errors import ExtraMissingError
from .capture_threads import in_thread, open_in_thread

__all__ = ["PulseFeed", "open_pulse_feed"]

_log = logging.getLogger("audiosession")

PIECE_MS = 22
"""How much sound comes at a time, in milliseconds: a little more than the 1024 frames of
PipeWire's usual cycle, as whoever asks for less makes the whole graph work faster."""

_KEPT_PIECES = 100
"""How many of them the server keeps for a program that is held up, as one on a busy machine
is: more than two seconds of sound, which come at once afterwards. What is beyond is lost."""

_OPEN_S = 10.0
_STOP_S = 3.0
_ID_BYTES = 256

# A process has one environment, which libpulse reads while it connects.
_environment = threading.Lock()


class PulseFeed:
    """A source that is being recorded; a :class:`~audiosession.capture.host.Feed`.

    Args:
        source: The server's name of the source.
        format: In which rate and channels; the server converts.
        clock: Times the sound.
        events: Who is given the sound.
        app: What the server calls the stream's app.
        environment: What libpulse is to find in the environment while it connects.

    Raises:
        CaptureError: the source cannot be recorded.
        ExtraMissingError: miniaudio is not installed.
    """

    def __init__(
        self,
        source: str,
        format: FormatFacts,
        clock: HostClock,
        events: FeedEvents,
        *,
        app: str,
        environment: Mapping[str, str],
    ) -> None:
        self.source = source
        self._format, self._clock, self._events = format, clock, events
        self._rate = round(format.sample_rate)
        self._times = SampleTimes(format.sample_rate)
        self._lock = threading.Lock()
        self._over = False
        miniaudio = _miniaudio()
        name = source.encode()
        if len(name) >= _ID_BYTES:
            raise CaptureError(AVError.DEVICE_NOT_CONNECTED)
        # The binding hides what is in an id; on PulseAudio it is the source's name.
        device_id = miniaudio.ffi.new("ma_device_id *")
        miniaudio.ffi.buffer(device_id)[: len(name)] = name
        with _in_environment(environment):
            try:
                self._device: Any = miniaudio.CaptureDevice(
                    miniaudio.SampleFormat.FLOAT32,
                    format.channels,
                    self._rate,
                    PIECE_MS,
                    device_id,
                    callback_periods=_KEPT_PIECES,
                    backends=[miniaudio.Backend.PULSEAUDIO],
                    app_name=app,
                )
            except miniaudio.MiniaudioError as error:
                raise CaptureError(
                    AVError.DEVICE_NOT_CONNECTED, f"{source!r} cannot be recorded: {error}"
                ) from error
        receiver = self._receiver()
        next(receiver)
        try:
            self._device.start(receiver)
        except miniaudio.MiniaudioError as error:
            self._close()
            raise CaptureError(
                AVError.UNKNOWN, f"{source!r} cannot be recorded: {error}"
            ) from error

    @property
    def over(self) -> bool:
        """Whether it gives nothing any more."""
        return self._over

    async def stop(self) -> None:
        """See :class:`~audiosession.capture.host.Feed`."""
        try:
            await in_thread(self.end, _STOP_S)
        except TimeoutError:
            _log.warning("the sound server does not answer; a stream is left to it")

    def end(self) -> None:
        """As :meth:`stop`, in any thread but the feed's own."""
        with self._lock:
            self._over = True
        self._close()

    def fail(self, error: CaptureError) -> None:
        """Ends it, and says why; for whoever sees what miniaudio does not tell."""
        with self._lock:
            if self._over:
                return
            self._over = True
        self._events.failed(error)
        threading.Thread(target=self._close, name="audiosession close", daemon=True).start()

    def _receiver(self) -> Generator[None, bytearray, None]:
        """Takes what miniaudio sends, in its thread."""
        import numpy as np

        channels = self._format.channels
        while True:
            piece = yield
            now_s = self._clock.now_s()
            data = np.frombuffer(piece, np.float32).reshape(-1, channels)
            begin_s, lost = self._times.place(len(data), now_s)
            buffer = audio_buffer(data, at_s=begin_s, format=self._format, discontinuity=lost)
            with self._lock:
                if self._over:
                    continue
                try:
                    self._events.sample(buffer)
                except Exception:
                    _log.exception("sound could not be handed over")

    def _close(self) -> None:
        with self._lock:
            device, self._device = self._device, None
        if device is None:
            return
        context = device._context
        device.close()
        # The binding leaves its connection to the server open.
        _miniaudio().lib.ma_context_uninit(context)


async def open_pulse_feed(
    source: str,
    format: FormatFacts,
    clock: HostClock,
    events: FeedEvents,
    *,
    app: str,
    environment: Mapping[str, str],
) -> PulseFeed:
    """Opens a feed without holding up the event loop; see :class:`PulseFeed`.

    Raises:
        CaptureError: the source cannot be recorded, or the server does not answer.
    """

    def make() -> PulseFeed:
        return PulseFeed(source, format, clock, events, app=app, environment=environment)

    try:
        return await open_in_thread(make, _OPEN_S)
    except TimeoutError:
        raise CaptureError(
            AVError.UNKNOWN,
            "the sound server does not answer",
            advice="see that the sound server runs",
        ) from None


def _miniaudio() -> Any:
    try:
        import miniaudio
    except ImportError as missing:
        raise ExtraMissingError("capture", "recording sound") from missing
    return miniaudio


@contextmanager
def _in_environment(values: Mapping[str, str]) -> Iterator[None]:
    """Has variables in the process's environment for the moment."""
    if not values:
        yield
        return
    with _environment:
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
