"""The ringer: whether calls sound, and how volume keys bring it to vibrate and to silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from audiosession.android.stream_constants import (
    AndroidAudioAdjustment as Adjust,
)
from audiosession.android.stream_constants import (
    AndroidRingerMode as Mode,
)
from audiosession.android.stream_constants import (
    AndroidStreamType as Stream,
)

__all__ = ["DoNotDisturb", "RingerModel", "RingerPolicy", "RingerStep", "VolumeHint"]

_MUTED_BY_RINGER: Final = frozenset(
    {Stream.RING, Stream.NOTIFICATION, Stream.SYSTEM, Stream.SYSTEM_ENFORCED}
)
_UP: Final = frozenset({Adjust.RAISE, Adjust.UNMUTE, Adjust.TOGGLE_MUTE})


class DoNotDisturb(Enum):
    """What the user lets through."""

    OFF = "off"
    """Everything."""
    ALARMS_ONLY = "alarms_only"
    """Alarms and media."""
    TOTAL_SILENCE = "total_silence"
    """Nothing but calls that are talked in."""

    @property
    def mutes(self) -> frozenset[Stream]:
        """The streams that it mutes (android 93)."""
        return _MUTED_BY_DND[self]


_DISTURBING: Final = frozenset({Stream.SYSTEM, Stream.NOTIFICATION, Stream.RING})
_MUTED_BY_DND: Final = {
    DoNotDisturb.OFF: frozenset[Stream](),
    DoNotDisturb.ALARMS_ONLY: _DISTURBING,
    DoNotDisturb.TOTAL_SILENCE: _DISTURBING | {Stream.ALARM, Stream.MUSIC},
}


class VolumeHint(Enum):
    """What the user is told who presses a volume key that changes nothing."""

    SILENT = "silent"
    """How to end silence."""
    VIBRATE = "vibrate"
    """How to get from vibration to silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingerPolicy:
    """What volume keys may do to the ringer; the device's maker decides."""

    down_to_silent: bool = True
    """Whether a step down from vibration leads to silence."""
    up_leaves_silent: bool = True
    """Whether a step up ends silence."""
    debounce_s: float = 0.4
    """How long after it came to vibrate it stays so, in seconds. Nobody publishes the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingerStep:
    """What a step of a volume makes of the ringer."""

    mode: Mode
    """The mode from now on."""
    moves_index: bool
    """Whether the step goes on to the index."""
    hint: VolumeHint | None = None
    """What the user is told instead."""


class RingerModel:
    """The ringer's mode and what decides about it.

    Args:
        vibrator: Whether the device can vibrate.
        policy: What volume keys may do to it.
    """

    def __init__(self, *, vibrator: bool = True, policy: RingerPolicy | None = None) -> None:
        self.vibrator = vibrator
        """Whether the device can vibrate."""
        self.policy = policy or RingerPolicy()
        """What volume keys may do."""
        self.do_not_disturb = DoNotDisturb.OFF
        """What the user lets through."""
        self.mode = Mode.NORMAL
        """What happens when a call comes in."""
        self._vibrates_since: float | None = None

    def muted(self, aliases: Mapping[Stream, Stream]) -> frozenset[Stream]:
        """The streams that the ringer and do-not-disturb mute (android 91, 93).

        Args:
            aliases: Whose volume each stream follows.
        """
        muted = self.do_not_disturb.mutes
        if self.mode is not Mode.NORMAL:
            muted |= _MUTED_BY_RINGER
            if aliases[Stream.DTMF] is Stream.RING:
                muted |= {Stream.DTMF}
        return muted

    def valid(self, mode: Mode) -> Mode:
        """The mode that a wish for one leads to: what cannot vibrate is silent."""
        return Mode.SILENT if mode is Mode.VIBRATE and not self.vibrator else mode

    def toggles_silence(self, mode: Mode) -> bool:
        """Whether another mode begins or ends silence, which is do-not-disturb's matter."""
        return (self.mode is Mode.SILENT) is not (mode is Mode.SILENT)

    def set(self, mode: Mode, now: float) -> None:
        """Takes another mode that :meth:`step`, :meth:`at_index` or :meth:`valid` gave."""
        if mode is Mode.VIBRATE:
            self._vibrates_since = now
        self.mode = mode

    def step(
        self, direction: Adjust, index: int, now: float, *, may_silence: bool = True
    ) -> RingerStep:
        """What a step of the ring's volume makes of the mode (android 90).

        Args:
            direction: Which way.
            index: The index before, as the user counts.
            now: The time in seconds, on the clock of :meth:`set`.
            may_silence: Whether who takes the step may change do-not-disturb.
        """
        if self.mode is Mode.NORMAL:
            return RingerStep(mode=self._from_normal(direction, index), moves_index=True)
        if self.mode is Mode.VIBRATE:
            return self._from_vibrate(direction, now, may_silence)
        return self._from_silent(direction)

    def at_index(self, index: int) -> Mode:
        """The mode that setting the ring's volume to an index leads to."""
        if index > 0:
            return Mode.NORMAL
        if self.vibrator:
            return Mode.VIBRATE
        return Mode.SILENT if self.policy.down_to_silent else Mode.NORMAL

    def _from_normal(self, direction: Adjust, index: int) -> Mode:
        if direction is Adjust.LOWER and index == 1:
            return self.at_index(0)
        return Mode.NORMAL

    def _from_vibrate(self, direction: Adjust, now: float, may_silence: bool) -> RingerStep:
        if direction in _UP:
            return RingerStep(mode=Mode.NORMAL, moves_index=False)
        if direction is not Adjust.LOWER:
            return RingerStep(mode=Mode.VIBRATE, moves_index=False)
        since = self._vibrates_since
        settled = since is None or now - since > self.policy.debounce_s
        if self.policy.down_to_silent and settled and may_silence:
            return RingerStep(mode=Mode.SILENT, moves_index=False)
        return RingerStep(mode=Mode.VIBRATE, moves_index=False, hint=VolumeHint.VIBRATE)

    def _from_silent(self, direction: Adjust) -> RingerStep:
        if direction not in _UP:
            return RingerStep(mode=Mode.SILENT, moves_index=False)
        if not self.policy.up_leaves_silent:
            return RingerStep(mode=Mode.SILENT, moves_index=False, hint=VolumeHint.SILENT)
        vibrates = direction is Adjust.RAISE and self.vibrator
        return RingerStep(mode=Mode.VIBRATE if vibrates else Mode.NORMAL, moves_index=False)
