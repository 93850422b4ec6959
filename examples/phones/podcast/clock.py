"""An output that makes no sound, for desktops and for a first start."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic


class SilentOutput:
    """Counts seconds as if it played.

    Args:
        now: The time in seconds.
        length_s: How long the episode is, in seconds; ``None``: it has no end.
    """

    def __init__(
        self, now: Callable[[], float] = monotonic, *, length_s: float | None = None
    ) -> None:
        self.volume = 1.0
        self._now = now
        self._length_s = length_s
        self._offset_s = 0.0
        self._since: float | None = None

    @property
    def position_s(self) -> float:
        if self._since is None:
            return self._offset_s
        position_s = self._offset_s + self._now() - self._since
        return position_s if self._length_s is None else min(position_s, self._length_s)

    @property
    def ended(self) -> bool:
        return self._since is not None and self.position_s == self._length_s

    def play(self, *, offset_s: float) -> None:
        self._offset_s, self._since = offset_s, self._now()

    def pause(self) -> None:
        self._offset_s, self._since = self.position_s, None

    def set_volume(self, volume: float) -> None:
        self.volume = volume
