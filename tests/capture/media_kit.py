"""Recordings by the outputs alone, without a session, and what there is to hear and see in them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from audiosession.capture.clock import MonotonicClock
from audiosession.capture.enums import AVAuthorizationStatus
from audiosession.capture.errors import CaptureError
from audiosession.capture.host import (
    CaptureHost,
    CaptureHostEvents,
    DeviceFacts,
    Feed,
    FeedEvents,
    FormatFacts,
    MediaType,
)
from audiosession.capture.levels import AudioLevels
from audiosession.capture.outputs.base import AVCaptureOutput
from audiosession.capture.pipeline import FeedPlan, Pipeline, Route
from audiosession.capture.samples import SampleBuffer
from audiosession.capture.virtual import (
    TestPattern,
    ToneWithClicks,
    VirtualFeed,
    virtual_devices,
)

DEADLINE_S = 30.0
"""How long anything may take. Long: the machine may be busy with much else."""
RATE = 48_000
"""Frames a second of everything here."""
CLICK_EVERY = 4_800
"""Frames from click to click: a tenth of a second."""


class Wire:
    """A connection without a session."""

    def __init__(self, media_type: MediaType) -> None:
        self.media_type = media_type
        self._lets_through = True
        self.levels = AudioLevels() if media_type is MediaType.AUDIO else None


class Nobody:
    """Takes what a feed reports, and does nothing with it."""

    def sample(self, buffer: SampleBuffer) -> None: ...

    def failed(self, error: CaptureError) -> None: ...


class Heard:
    """A recording delegate that keeps what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.error: CaptureError | None = None
        self.start_s = 0.0
        self.started = asyncio.Event()

    def file_output_did_start_recording_to(self, *_: Any) -> None:
        raise AssertionError("the one with a time is asked")

    def file_output_did_start_recording_to_start_pts(
        self, output: Any, url: Path, start_pts: float, connections: Any
    ) -> None:
        self.start_s = start_pts
        self.said.append("started")
        self.started.set()

    def file_output_did_pause_recording_to(self, *_: Any) -> None:
        self.said.append("paused")

    def file_output_did_resume_recording_to(self, *_: Any) -> None:
        self.said.append("resumed")

    def file_output_will_finish_recording_to(self, *_: Any) -> None:
        self.said.append("finishing")

    def file_output_did_finish_recording_to(
        self, output: Any, url: Path, connections: Any, error: CaptureError | None
    ) -> None:
        self.said.append("finished")
        self.error = error


@dataclass
class Bench:
    """A pipeline with outputs and no session above it."""

    host: CaptureHost
    pipeline: Pipeline
    failures: list[tuple[str, CaptureError]] = field(default_factory=list)
    outputs: list[AVCaptureOutput] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    plans: list[FeedPlan] = field(default_factory=list)

    def device(self, unique_id: str) -> DeviceFacts:
        found = [each for each in self.host.devices() if each.unique_id == unique_id]
        assert found, f"{unique_id} is not among {self.host.devices()}"
        return found[0]

    async def run(
        self,
        *devices: DeviceFacts,
        outputs: tuple[AVCaptureOutput, ...],
        size: str = "",
        still: bool = False,
    ) -> None:
        """Has devices lead to all outputs that take what they give.

        Args:
            devices: Which devices.
            outputs: Which outputs.
            size: Of the pictures; by default the device's first.
            still: Whether the devices give nothing; for :meth:`hurry`.
        """
        plans = []
        for device in devices:
            (media_type,) = device.media_types
            routes = []
            for output in outputs:
                if media_type in output.media_types:
                    wire = Wire(media_type)
                    self.wires.append(wire)
                    output._connect(wire)
                    routes.append(Route(connection=wire, output=output))
            formats = [
                each for each in device.formats if size in ("", f"{each.width}x{each.height}")
            ] or list(device.formats)
            rate = 30.0 if media_type is MediaType.VIDEO else None
            plans.append(
                FeedPlan(
                    device_id=device.unique_id,
                    format=formats[0],
                    frame_rate=rate,
                    routes=tuple(routes),
                )
            )
        self.outputs += outputs
        for output in outputs:
            output._begin(asyncio.get_running_loop(), self.host.clock())
        self.plans = plans
        if not still:
            await self.pipeline.set_plan(plans)

    async def hurry(self, seconds: float, *, begin_s: float = 100.0) -> None:
        """Gives outputs what the made-up devices would, as fast as they take it."""
        tones, patterns = [], []
        for plan in self.plans:
            if plan.format.media_type is MediaType.AUDIO:
                tones.append((ToneWithClicks(plan.format), plan.routes))
            else:
                patterns.append((TestPattern(plan.format, 30.0), plan.routes))
        piece = RATE // 50
        shown = math.ceil(begin_s * 30)
        for at in range(round(begin_s * 50), round((begin_s + seconds) * 50)):
            for tone, routes in tones:
                for route in routes:
                    route.output._take(route.connection, tone.buffer(at * piece, piece))
            while patterns and shown / 30 < (at + 1) / 50:
                for pattern, routes in patterns:
                    for route in routes:
                        route.output._take(route.connection, pattern.frame(shown))
                shown += 1
            # Its thread comes to work in between.
            await asyncio.sleep(0.002 if patterns else 0)


@asynccontextmanager
async def bench(host: CaptureHost) -> AsyncIterator[Bench]:
    """A bench; everything stops with the block."""
    failures: list[tuple[str, CaptureError]] = []
    made = Bench(host, Pipeline(host, lambda *what: failures.append(what)), failures)
    try:
        yield made
    finally:
        await made.pipeline.stop()
        for output in made.outputs:
            output._end()


async def until(what: str, check: Any) -> None:
    """Waits until something is so.

    Raises:
        AssertionError: never in time.
    """
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not check():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"never: {what}") from None


def clicks(samples: NDArray[Any], *, every: int = CLICK_EVERY) -> NDArray[np.int64]:
    """The frames at which clicks begin, which are about so many frames apart."""
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.4)
    return loud[np.diff(loud, prepend=-every) > every // 4]


def frequency_hz(samples: NDArray[Any]) -> float:
    """The strongest frequency, to a tenth of a hertz where there is a second of it."""
    mono = np.asarray(samples[:, 0], np.float64)
    length = 1 << 20
    power = np.abs(np.fft.rfft(mono[:length] * np.hanning(min(len(mono), length)), length))
    return float(np.argmax(power)) * RATE / length


def sound_of(path: Path) -> tuple[NDArray[np.float32], float]:
    """The sound of any file, and when it begins in seconds."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    parts = []
    for frame in frames:
        data = frame.to_ndarray()
        if not frame.format.is_planar:
            data = data.reshape(-1, frame.layout.nb_channels).T
        if data.dtype.kind == "i":
            data = data / float(1 << (8 * data.dtype.itemsize - 1))
        parts.append(data.T)
    return np.concatenate(parts).astype(np.float32), float(frames[0].time or 0.0)


def pictures_of(path: Path) -> list[tuple[float, float]]:
    """The time and the mean brightness of every picture of a file."""
    with av.open(str(path)) as container:
        return [
            (float(frame.time), float(frame.to_ndarray(format="gray").mean()))
            for frame in container.decode(video=0)
        ]


class VirtualHost:
    """The two devices that are made up, by the machine's clock."""

    def __init__(self) -> None:
        self._clock = MonotonicClock()

    def devices(self) -> tuple[DeviceFacts, ...]:
        return virtual_devices()

    def observe(self, events: CaptureHostEvents) -> Callable[[], None]:
        return lambda: None

    def authorization(self, media_type: MediaType) -> AVAuthorizationStatus:
        return AVAuthorizationStatus.AUTHORIZED

    async def request_access(self, media_type: MediaType) -> bool:
        return True

    def clock(self) -> MonotonicClock:
        return self._clock

    async def open_feed(
        self, device_id: str, format: FormatFacts, frame_rate: float | None, events: FeedEvents
    ) -> Feed:
        return VirtualFeed(device_id, format, frame_rate, self._clock, events)


@asynccontextmanager
async def virtual_bench() -> AsyncIterator[Bench]:
    """A bench with the made-up devices."""
    async with bench(VirtualHost()) as made:
        yield made
