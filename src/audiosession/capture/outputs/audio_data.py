"""Sound to a delegate, as it comes."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ..host import MediaType
from ..samples import SampleBuffer
from .base import AVCaptureOutput, Connection
from .delivery import Backlog, DispatchQueue, check_delegate

__all__ = ["AVCaptureAudioDataOutput", "AVCaptureAudioDataOutputSampleBufferDelegate"]

_MOST_WAITING = 500


class AVCaptureAudioDataOutputSampleBufferDelegate(Protocol):
    """Who is given sound."""

    def capture_output_did_output(
        self, output: Any, sample_buffer: SampleBuffer, connection: Any
    ) -> None:
        """Some sound has come; called in the queue, one call at a time."""


class AVCaptureAudioDataOutput(AVCaptureOutput):
    """Hands the sound of a microphone to a delegate.

    Buffers come in the device's format, as they do on iOS. A delegate that is slow has up to
    500 of them waiting, which is about ten seconds; later ones are dropped and counted.
    """

    media_types: ClassVar[tuple[MediaType, ...]] = (MediaType.AUDIO,)

    def __init__(self) -> None:
        super().__init__()
        self._delegate: AVCaptureAudioDataOutputSampleBufferDelegate | None = None
        self._queue: DispatchQueue | None = None
        self._backlog = Backlog()

    @property
    def sample_buffer_delegate(self) -> AVCaptureAudioDataOutputSampleBufferDelegate | None:
        """Who is given the sound; ``None`` at first."""
        return self._delegate

    @property
    def sample_buffer_callback_queue(self) -> DispatchQueue | None:
        """Where the delegate is called; ``None``: in the session's event loop."""
        return self._queue

    @property
    def dropped_buffers(self) -> int:
        """How many buffers were dropped because the delegate fell behind."""
        return self._backlog.dropped

    def set_sample_buffer_delegate(
        self,
        delegate: AVCaptureAudioDataOutputSampleBufferDelegate | None,
        queue: DispatchQueue | None = None,
    ) -> None:
        """Says who is given the sound.

        Args:
            delegate: Has ``capture_output_did_output(output, sample_buffer,
                connection)``; ``None``: nobody.
            queue: Where it is called: an event loop, or an executor with one thread;
                ``None``: in the session's event loop, where Apple wants a queue.

        Raises:
            NSInvalidArgumentException: an executor with several threads.
            InvalidTypeError: no delegate, or no queue.
        """
        check_delegate(delegate, queue, ("capture_output_did_output",))
        self._delegate, self._queue = delegate, queue

    def recommended_audio_settings_for_asset_writer(self, output_file_type: str) -> dict[str, Any]:
        """Settings that suit what comes, for a file of a type.

        Args:
            output_file_type: One of :class:`~audiosession.capture.outputs.settings.AVFileType`.

        Raises:
            UnsupportedError, InvalidValueError: no such type, or it holds no sound.
        """
        from .settings import recommended_audio

        return recommended_audio(output_file_type)

    def _take(self, connection: Connection, sample: SampleBuffer) -> None:
        delegate = self._delegate
        if delegate is not None:
            self._backlog.send(
                self._queue or self._loop,
                _MOST_WAITING,
                lambda: delegate.capture_output_did_output(self, sample, connection),
            )
