"""Samples of a simulated device's microphones and cameras, as its clock goes on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ...capture.enums import AVAuthorizationStatus, AVMediaType
from ...capture.host import FeedEvents, FormatFacts
from ...capture.virtual import TestPattern, ToneWithClicks
from .clock import Timer, VirtualClock

if TYPE_CHECKING:
    from ...capture.samples import SampleBuffer
    from .capture_host import SimulatedCapture

__all__ = ["FRAMES", "DeviceClock", "MadeUpFeed", "SimulatedFeed"]

FRAMES: Final = 1024
"""So many frames of sound come at once."""


class DeviceClock:
    """A device's clock as that of samples."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def now_s(self) -> float:
        """See :class:`~audiosession.capture.host.HostClock`."""
        return self._clock.now


class SimulatedFeed:
    """Samples of one device, as the clock goes on."""

    def __init__(
        self,
        owner: SimulatedCapture,
        device_id: str,
        format: FormatFacts,
        frame_rate: float | None,
        events: FeedEvents,
    ) -> None:
        self.device_id = device_id
        self.format = format
        self._owner = owner
        self._events = events
        fastest = max((high for _, high in format.frame_rates), default=0.0)
        self._period_s = (
            FRAMES / format.sample_rate
            if format.media_type is AVMediaType.AUDIO
            else 1.0 / (frame_rate or fastest)
        )
        self._clock = owner.app.device.clock
        self._began = self._clock.now
        self._count = 0
        self._picture: Any = None
        self._timer: Timer | None = None
        self._wait()

    async def stop(self) -> None:
        """See :class:`~audiosession.capture.host.Feed`."""
        self.end()

    def end(self) -> None:
        """Gives no more; a second call does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._owner.ended(self)

    def _wait(self) -> None:
        self._timer = self._clock.call_at(
            self._began + (self._count + 1) * self._period_s, self._give
        )

    def _give(self) -> None:
        at = self._began + self._count * self._period_s
        self._count += 1
        self._wait()
        if self._owner.app.suspended:
            return
        if self.format.media_type is AVMediaType.AUDIO:
            self._events.sample(self._sound(at))
        elif not self._owner.cameras_stand:
            self._events.sample(self._shown(at))

    def _sound(self, at: float) -> SampleBuffer:
        import numpy as np

        from ...capture.samples import audio_buffer

        rate, channels = self.format.sample_rate, self.format.channels
        app = self._owner.app
        hears = self._owner.system.hears
        deaf = (
            self._owner.authorization(AVMediaType.AUDIO) is not AVAuthorizationStatus.AUTHORIZED
            or app.apple.microphone_muted
            or app.apple.wishes.input_muted
        )
        if hears is None or deaf:
            data = np.zeros((FRAMES, channels), np.float32)
        else:
            data = np.asarray(hears(at, FRAMES, channels, rate), np.float32)
        return audio_buffer(data, at_s=at, format=self.format)

    def _shown(self, at: float) -> SampleBuffer:
        import numpy as np

        from ...capture.samples import SampleBuffer

        if self._picture is None:
            height, width = self.format.height, self.format.width
            self._picture = np.full((height * 3 // 2, width), 128, np.uint8)
        return SampleBuffer(
            media_type=AVMediaType.VIDEO,
            presentation_time_s=at,
            duration_s=self._period_s,
            format=self.format,
            data=self._picture,
        )


class MadeUpFeed(SimulatedFeed):
    """Samples that ship: the tone with clicks and the test pattern, by the device's clock.

    Both count from the clock's 0, so a feed begins with the first whole piece.
    """

    _made: ToneWithClicks | TestPattern | None = None

    def _wait(self) -> None:
        if self._made is None:
            self._count = math.ceil(self._began / self._period_s - 1e-9)
            self._began = 0.0
            if self.format.media_type is AVMediaType.AUDIO:
                self._made = ToneWithClicks(self.format)
            else:
                self._made = TestPattern(self.format, 1.0 / self._period_s)
        super()._wait()

    def _give(self) -> None:
        index = self._count
        self._count += 1
        self._wait()
        if self._owner.app.suspended:
            return
        if isinstance(self._made, TestPattern):
            self._events.sample(self._made.frame(index))
        elif self._made is not None:
            self._events.sample(self._made.buffer(index * FRAMES, FRAMES))
