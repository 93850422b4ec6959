"""Pictures to a delegate, as they come; late ones are dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol

from audiosession._checks import check_flag

from ..enums import AVCaptureOutputDataDroppedReason
from ..errors import NSInvalidArgumentException
from ..host import MediaType
from ..samples import SampleBuffer
from .base import AVCaptureOutput, Connection
from .delivery import Backlog, DispatchQueue, check_delegate, dispatch

__all__ = ["AVCaptureVideoDataOutput", "AVCaptureVideoDataOutputSampleBufferDelegate"]

_OUTPUT = "capture_output_did_output"
_DROP = "capture_output_did_drop"
_MOST_WAITING = 30


class AVCaptureVideoDataOutputSampleBufferDelegate(Protocol):
    """Who is given pictures; either method may be missing."""

    def capture_output_did_output(
        self, output: Any, sample_buffer: SampleBuffer, connection: Any
    ) -> None:
        """A picture has come; called in the queue, one call at a time."""

    def capture_output_did_drop(
        self, output: Any, sample_buffer: SampleBuffer, connection: Any
    ) -> None:
        """A picture was dropped; its ``dropped_reason`` says why. It has no data."""


class AVCaptureVideoDataOutput(AVCaptureOutput):
    """Hands the pictures of a camera to a delegate."""

    media_types: ClassVar[tuple[MediaType, ...]] = (MediaType.VIDEO,)

    def __init__(self) -> None:
        super().__init__()
        self._delegate: Any = None
        self._queue: DispatchQueue | None = None
        self._discards = True
        self._backlog = Backlog()
        self._adjusts_size = True

    @property
    def sample_buffer_delegate(self) -> AVCaptureVideoDataOutputSampleBufferDelegate | None:
        """Who is given the pictures; ``None`` at first."""
        delegate: AVCaptureVideoDataOutputSampleBufferDelegate | None = self._delegate
        return delegate

    @property
    def sample_buffer_callback_queue(self) -> DispatchQueue | None:
        """Where the delegate is called; ``None``: in the session's event loop."""
        return self._queue

    @property
    def always_discards_late_video_frames(self) -> bool:
        """Whether a picture is dropped while the delegate handles another; true at first.

        Otherwise up to 30 wait, which takes a lot of memory; those that come after are
        dropped with ``OUT_OF_BUFFERS``.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._discards

    @always_discards_late_video_frames.setter
    def always_discards_late_video_frames(self, value: bool) -> None:
        check_flag("always_discards_late_video_frames", value)
        self._discards = value

    @property
    def video_settings(self) -> Mapping[str, Any]:
        """How pictures come: empty, which is the device's format.

        Raises:
            NSInvalidArgumentException: set to anything else.
        """
        return {}

    @video_settings.setter
    def video_settings(self, value: Mapping[str, Any]) -> None:
        if value:
            raise NSInvalidArgumentException(
                "pictures come in the device's format only; set no settings",
                field="video_settings",
            )

    @property
    def automatically_configures_output_buffer_dimensions(self) -> bool:
        """Whether the output chooses the pictures' size; true, and it is the device's.

        Raises:
            InvalidTypeError: neither True nor False.
        """
        return self._adjusts_size

    @automatically_configures_output_buffer_dimensions.setter
    def automatically_configures_output_buffer_dimensions(self, value: bool) -> None:
        check_flag("automatically_configures_output_buffer_dimensions", value)
        self._adjusts_size = value

    @property
    def delivers_preview_sized_output_buffers(self) -> bool:
        """Whether pictures come in the size of a screen; never.

        Raises:
            NSInvalidArgumentException: set to true, as there is no preview here.
            InvalidTypeError: neither True nor False.
        """
        return False

    @delivers_preview_sized_output_buffers.setter
    def delivers_preview_sized_output_buffers(self, value: bool) -> None:
        check_flag("delivers_preview_sized_output_buffers", value)
        if value:
            raise NSInvalidArgumentException(
                "there is no preview here", field="delivers_preview_sized_output_buffers"
            )

    @property
    def dropped_frames(self) -> int:
        """How many pictures were dropped because the delegate fell behind."""
        return self._backlog.dropped

    def set_sample_buffer_delegate(
        self,
        delegate: AVCaptureVideoDataOutputSampleBufferDelegate | object | None,
        queue: DispatchQueue | None = None,
    ) -> None:
        """Says who is given the pictures.

        Args:
            delegate: Has ``capture_output_did_output``, or
                ``capture_output_did_drop``, or both; ``None``: nobody.
            queue: Where it is called: an event loop, or an executor with one thread;
                ``None``: in the session's event loop, where Apple wants a queue.

        Raises:
            NSInvalidArgumentException: an executor with several threads.
            InvalidTypeError: no delegate, or no queue.
        """
        check_delegate(delegate, queue, (_OUTPUT, _DROP))
        self._delegate, self._queue = delegate, queue

    def _take(self, connection: Connection, sample: SampleBuffer) -> None:
        delegate = self._delegate
        if delegate is None:
            return
        queue = self._queue or self._loop
        output = getattr(delegate, _OUTPUT, _nothing)
        most = 1 if self._discards else _MOST_WAITING
        if not self._backlog.send(queue, most, lambda: output(self, sample, connection)):
            drop = getattr(delegate, _DROP, None)
            if drop is not None:
                reasons = AVCaptureOutputDataDroppedReason
                late = reasons.LATE_DATA if self._discards else reasons.OUT_OF_BUFFERS
                # Keeping the picture would hold the memory that dropping it frees.
                told = replace(sample, data=sample.data[:0], dropped_reason=late)
                dispatch(queue, lambda: self._guarded(drop, self, told, connection))


def _nothing(*_: object) -> None:
    """For a delegate that only hears of what was dropped."""
