"""A microphone and a camera that are made up: a tone with clicks, and a test pattern.

Both go by the session's clock. The click sounds, and the pattern flashes, when that passes a
whole second, so a recording of both shows by itself whether sound and pictures belong
together.
"""

from __future__ import annotations

import logging
import math
import threading
from typing import TYPE_CHECKING, Any, Final

from .enums import AVCaptureDevicePosition, AVCaptureDeviceType
from .errors import AVError, CaptureError
from .host import DeviceFacts, FeedEvents, FormatFacts, HostClock, MediaType
from .samples import SampleBuffer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "PATTERN_ID",
    "TONE_ID",
    "TestPattern",
    "ToneWithClicks",
    "VirtualFeed",
    "virtual_devices",
]

_log = logging.getLogger("audiosession")

TONE_ID: Final = "virtual:tone"
"""The made-up microphone's id."""
PATTERN_ID: Final = "virtual:pattern"
"""The made-up camera's id."""

TONE_HZ: Final = 440.0
"""The tone's frequency."""
CLICK_LEVEL: Final = 0.8
"""A click's height; the tone's is a tenth of full scale."""
FLASH_LUMA: Final = 235
"""How bright a flash is: white, as ITU-R BT.709 codes it."""

_TONE_LEVEL = 0.1
_CLICK_S = 0.001
_PIECE_S = 0.02
_BEHIND_S = 1.0
_RATES = (48_000.0, 44_100.0, 16_000.0)
_SIZES = ((1280, 720), (1920, 1080), (640, 480), (320, 240))
_FRAME_RATES = ((1.0, 30.0),)
# 75 % colour bars as ITU-R BT.709 codes them: white, yellow, cyan, green, magenta, red, blue.
_BARS = (
    (180, 128, 128),
    (168, 44, 136),
    (145, 147, 44),
    (134, 63, 52),
    (63, 193, 204),
    (51, 109, 212),
    (28, 212, 120),
)


def virtual_devices() -> tuple[DeviceFacts, ...]:
    """The two devices as a host lists them."""
    sound = tuple(
        FormatFacts(media_type=MediaType.AUDIO, sample_rate=rate, channels=channels)
        for rate in _RATES
        for channels in (2, 1)
    )
    pictures = tuple(
        FormatFacts(
            media_type=MediaType.VIDEO, width=width, height=height, frame_rates=_FRAME_RATES
        )
        for width, height in _SIZES
    )
    return (
        DeviceFacts(
            unique_id=TONE_ID,
            localized_name="Tone with clicks",
            model_id="tone",
            manufacturer="audiosession",
            media_types=(MediaType.AUDIO,),
            device_type=AVCaptureDeviceType.MICROPHONE,
            formats=sound,
            virtual=True,
        ),
        DeviceFacts(
            unique_id=PATTERN_ID,
            localized_name="Test pattern",
            model_id="pattern",
            manufacturer="audiosession",
            media_types=(MediaType.VIDEO,),
            device_type=AVCaptureDeviceType.EXTERNAL,
            position=AVCaptureDevicePosition.UNSPECIFIED,
            formats=pictures,
            virtual=True,
        ),
    )


class ToneWithClicks:
    """A steady sine, and a click of a millisecond at every whole second.

    Args:
        format: Rate and channels.
        frequency_hz: The tone's.
    """

    def __init__(self, format: FormatFacts, *, frequency_hz: float = TONE_HZ) -> None:
        self.format = format
        self._rate = round(format.sample_rate)
        self._turn = 2 * math.pi * frequency_hz / self._rate
        self._period = self._rate // math.gcd(self._rate, round(frequency_hz))

    def frames(self, first: int, count: int) -> NDArray[np.float32]:
        """The frames from one on; the first frame of all is that of time 0."""
        import numpy as np

        at = np.arange(first, first + count)
        # Whole periods are left out, so that the sine is as exact after weeks as at first.
        mono = (_TONE_LEVEL * np.sin((at % self._period) * self._turn)).astype(np.float32)
        mono[at % self._rate < round(_CLICK_S * self._rate)] = CLICK_LEVEL
        return np.repeat(mono[:, None], self.format.channels, axis=1)

    def buffer(self, first: int, count: int) -> SampleBuffer:
        """The same as a buffer with its time."""
        return SampleBuffer(
            media_type=MediaType.AUDIO,
            presentation_time_s=first / self._rate,
            duration_s=count / self._rate,
            format=self.format,
            data=self.frames(first, count),
        )


class TestPattern:
    """Colour bars over which a line runs once a second; white in the picture of a whole second.

    Args:
        format: Width and height, even numbers.
        frame_rate: Pictures a second.
    """

    # Its name begins as those of tests do.
    __test__ = False

    def __init__(self, format: FormatFacts, frame_rate: float) -> None:
        import numpy as np

        self.format = format
        self.frame_rate = frame_rate
        width, height = format.width, format.height
        bars = np.arange(width) * len(_BARS) // width
        luma, blue, red = (np.array([bar[part] for bar in _BARS], np.uint8) for part in range(3))
        self._picture = np.empty((height * 3 // 2, width), np.uint8)
        self._picture[:height] = luma[bars]
        chroma = self._picture[height:].reshape(2, -1)
        for plane, values in zip(chroma, (blue, red), strict=True):
            plane[:] = np.tile(values[bars[::2]], height // 2)
        self._white = np.full_like(self._picture, 128)
        self._white[:height] = FLASH_LUMA

    def frame(self, index: int) -> SampleBuffer:
        """One picture; the first of all is that of time 0."""
        at_s = index / self.frame_rate
        if at_s % 1.0 < 1.0 / self.frame_rate - 1e-9:
            data: NDArray[Any] = self._white
        else:
            data = self._picture.copy()
            width = self.format.width
            left = round(at_s % 1.0 * width)
            data[: self.format.height, left : left + max(2, width // 64)] = 16
        return SampleBuffer(
            media_type=MediaType.VIDEO,
            presentation_time_s=at_s,
            duration_s=1 / self.frame_rate,
            format=self.format,
            data=data,
        )


class VirtualFeed:
    """One of the two devices running by a real clock; a :class:`~audiosession.capture.host.Feed`.

    Args:
        device_id: :data:`TONE_ID` or :data:`PATTERN_ID`.
        format: One of the device's formats.
        frame_rate: Pictures a second; ``None``: 30, the format's fastest.
        clock: The session's clock, which runs by itself.
        events: Who is given the samples.

    Raises:
        CaptureError: there is no such device, or it has no such format.
    """

    def __init__(
        self,
        device_id: str,
        format: FormatFacts,
        frame_rate: float | None,
        clock: HostClock,
        events: FeedEvents,
    ) -> None:
        device = next((each for each in virtual_devices() if each.unique_id == device_id), None)
        if device is None:
            raise CaptureError(AVError.DEVICE_NOT_CONNECTED)
        if format not in device.formats:
            raise CaptureError(AVError.UNSUPPORTED_DEVICE_ACTIVE_FORMAT)
        self._clock, self._events = clock, events
        self._over = threading.Event()
        self._made: ToneWithClicks | TestPattern
        if device_id == TONE_ID:
            self._made = ToneWithClicks(format)
            self._step_s = _PIECE_S
        else:
            self._made = TestPattern(
                format, _FRAME_RATES[0][1] if frame_rate is None else frame_rate
            )
            self._step_s = 1 / self._made.frame_rate
        self._thread = threading.Thread(
            target=self._run, name=f"audiosession {device_id}", daemon=True
        )
        self._thread.start()

    async def stop(self) -> None:
        """See :class:`~audiosession.capture.host.Feed`."""
        import asyncio

        self._over.set()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        index = math.ceil(self._clock.now_s() / self._step_s)
        while True:
            # A sample is there when its time is over, as from any device.
            wait_s = (index + 1) * self._step_s - self._clock.now_s()
            if self._over.wait(max(0.0, wait_s)):
                return
            if wait_s < -_BEHIND_S:
                # The machine stood still; nobody gains by a burst of what is long gone.
                index = math.floor(self._clock.now_s() / self._step_s)
                continue
            try:
                self._events.sample(self._sample(index))
            except Exception:
                _log.exception("a sample could not be handed over")
            index += 1

    def _sample(self, index: int) -> SampleBuffer:
        if isinstance(self._made, TestPattern):
            return self._made.frame(index)
        count = round(_PIECE_S * self._made.format.sample_rate)
        return self._made.buffer(index * count, count)
