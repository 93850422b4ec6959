"""What a recording needs of a file format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MediaFile"]


class MediaFile(Protocol):
    """A file that media are put into, in the order of time; used in one thread."""

    @property
    def size(self) -> int:
        """How long it would about be if it were closed now, in bytes; rather too long."""

    @property
    def error(self) -> OSError | None:
        """What went wrong when it was written; nothing is added after that."""

    def audio_bytes(self, frames: int) -> int:
        """How many bytes so many frames of sound add at most, as far as one can tell."""

    def add_audio(self, data: NDArray[np.float32], at: int) -> None:
        """Adds sound.

        Args:
            data: One row a frame.
            at: Its place in the file by the clock, in frames. A format without times puts
                it behind what it has.
        """

    def add_video(self, data: NDArray[Any], at_s: float) -> None:
        """Adds a picture.

        Args:
            data: Its planes.
            at_s: Its place in the file, in seconds.
        """

    def keep(self) -> None:
        """Makes the file on disk playable up to here."""

    def close(self) -> None:
        """Finishes the file; it is valid afterwards even where it had an error."""
