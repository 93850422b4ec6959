"""Volumes by stream type: indices, aliases, muting, groups, and what follows from the ringer.

An index is counted in tenths of the user's steps inside, so that streams of different ranges
can share one volume (AudioService.java).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from audiosession.android.constants import AndroidAudioUsage
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.models.callers import AndroidCaller
from audiosession.android.models.curves import volume_db
from audiosession.android.models.ringer import DoNotDisturb, RingerModel, RingerPolicy, VolumeHint
from audiosession.android.stream_constants import (
    AndroidAudioAdjustment as Adjust,
)
from audiosession.android.stream_constants import (
    AndroidAudioVolumeFlags as Flags,
)
from audiosession.android.stream_constants import (
    AndroidRingerMode as Mode,
)
from audiosession.android.stream_constants import (
    AndroidStreamType as Stream,
)
from audiosession.android.tables import (
    figure,
    legacy_stream,
    stream_aliases,
    stream_volume,
    volume_group,
    volume_groups,
)

__all__ = [
    "STREAMS",
    "StreamActivity",
    "StreamState",
    "VolumeChange",
    "VolumeModel",
    "group_stream",
    "stream_of",
]

STREAMS: Final = tuple(stream for stream in Stream if stream is not Stream.DEFAULT)
"""Every stream type that has a volume."""
MUTABLE: Final = frozenset(
    {Stream.MUSIC, Stream.RING, Stream.NOTIFICATION, Stream.SYSTEM, Stream.VOICE_CALL}
)
"""The stream types that can be muted (android 88)."""
_CALLS: Final = frozenset({Stream.VOICE_CALL, Stream.BLUETOOTH_SCO})
_MUTES: Final = frozenset({Adjust.MUTE, Adjust.UNMUTE, Adjust.TOGGLE_MUTE})
_RINGING: Final = frozenset({Stream.RING, Stream.NOTIFICATION})
_WITHOUT_RINGER: Final = frozenset({"television", "single_volume"})
"""Devices on which ringer modes are passed over, by their aliases (AudioService.java)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """A stream's volume as an app reads it."""

    index: int
    """The index; 0 while it is muted."""
    kept: int
    """The index that comes back when it is no longer muted."""
    least: int
    """The lowest index."""
    most: int
    """The highest index."""
    muted: bool
    """Whether it is muted, by whomever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamActivity:
    """What sounds, as far as it decides whose volume the keys change (android 92)."""

    in_call: bool = False
    """People talk, or the call's stream sounds."""
    assistant: bool = False
    """An assistant speaks."""
    rang: bool = False
    """It rings, or did just now."""
    notified: bool = False
    """A notification sounds, or did just now."""

    def stream(self, otherwise: Stream = Stream.MUSIC) -> Stream:
        """The stream that is adjusted where none is named."""
        for active, stream in (
            (self.in_call, Stream.VOICE_CALL),
            (self.assistant, Stream.ASSISTANT),
            (self.rang, Stream.RING),
            (self.notified, Stream.NOTIFICATION),
        ):
            if active:
                return stream
        return otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeChange:
    """What became of a call, and what the device has to do besides."""

    stream: Stream
    """The stream that was meant."""
    streams: tuple[Stream, ...] = ()
    """Streams that are read differently from now on."""
    ringer: bool = False
    """Whether the ringer's mode is another one."""
    shown: bool = False
    """Whether the volume is to be shown."""
    sound: bool = False
    """Whether a sound of it is to be played (android 95)."""
    vibrates: bool = False
    """Whether the device is to vibrate."""
    hint: VolumeHint | None = None
    """What the user is to be told instead of a change."""


def stream_of(usage: int, content_type: int = 0, flags: int = 0) -> Stream:
    """The stream type that a player's attributes are counted with.

    Args:
        usage: The real usage, a system usage included.
        content_type: ``CONTENT_TYPE_*``.
        flags: All flags.
    """
    # An assistant's speech has a group of its own; by usage alone it would be music.
    if volume_group(usage, content_type, flags) == Stream.ASSISTANT.name:
        return Stream.ASSISTANT
    return legacy_stream(usage, flags)


def group_stream(group: int) -> Stream | None:
    """The stream whose volume a volume group has; ``None`` when there is no such group."""
    names = volume_groups()
    if not 0 <= group < len(names):
        return None
    name = names[group]
    if name in Stream.__members__:
        return Stream[name]
    return legacy_stream(AndroidAudioUsage[name])


class VolumeModel:
    """A device's volumes and its ringer.

    Args:
        aliases: Whose volume each stream follows, see
            :func:`~audiosession.android.tables.stream_aliases`.
        fixed: Whether volumes cannot be changed (android 86).
        vibrator: Whether the device can vibrate.
        policy: What volume keys may do to the ringer.
        output: Where sound goes at first, ``AudioDeviceInfo.TYPE_*``.
        at_top: Whether every index is the highest at first, where sound is as loud as it is
            without the model.
    """

    def __init__(
        self,
        *,
        aliases: str = "phone",
        fixed: bool = False,
        vibrator: bool = True,
        policy: RingerPolicy | None = None,
        output: int = AndroidAudioDeviceType.BUILTIN_SPEAKER,
        at_top: bool = False,
    ) -> None:
        self.aliases = stream_aliases(aliases)
        """Whose volume each stream follows."""
        self.fixed = fixed
        """Whether volumes cannot be changed."""
        self.has_ringer = aliases not in _WITHOUT_RINGER
        """Whether the ringer has modes; it is normal for ever where it has none."""
        self.ringer = RingerModel(vibrator=vibrator, policy=policy)
        """The ringer; its mode is set with :meth:`set_ringer`."""
        self._factor: int = figure("internal_index_factor")
        self._output = output
        self._at_top = at_top
        # By the stream that has the volume, and the output; absent: as at first.
        self._indices: dict[tuple[Stream, int], int] = {}
        self._muted: set[Stream] = set()

    # -- reading -----------------------------------------------------------------------------

    @property
    def output(self) -> int:
        """Where sound goes; each output has indices of its own."""
        return self._output

    @property
    def muted_by_ringer(self) -> frozenset[Stream]:
        """The streams that the ringer and do-not-disturb mute."""
        return self.ringer.muted(self.aliases)

    def muted(self, stream: Stream) -> bool:
        """Whether a stream is muted, by an app, the user, the ringer or do-not-disturb."""
        return self.aliases[stream] in self._muted or stream in self.muted_by_ringer

    def state(self, stream: Stream) -> StreamState:
        """A stream's volume as an app reads it."""
        volume = stream_volume(stream)
        kept = self._user_index(stream)
        muted = self.muted(stream)
        return StreamState(
            index=0 if muted else kept,
            kept=kept,
            least=volume.min,
            most=volume.max,
            muted=muted,
        )

    def states(self) -> dict[Stream, StreamState]:
        """Every stream's volume."""
        return {stream: self.state(stream) for stream in STREAMS}

    def level_db(self, stream: Stream, device_type: int | None = None) -> float:
        """The level of a stream's sound in dB, minus infinity while it is muted.

        Args:
            stream: The stream type.
            device_type: The output it sounds on; ``None``: where sound goes.
        """
        if self.muted(stream):
            return -math.inf
        output = self._output if device_type is None else device_type
        # Each stream sounds at its own index as the user counts, in whatever units it is kept.
        index, volume = self._user_index(stream), stream_volume(stream)
        return volume_db(stream, index, least=volume.min, most=volume.max, device_type=output)

    # -- changing ----------------------------------------------------------------------------

    def adjust(
        self, stream: Stream, direction: Adjust, flags: int, caller: AndroidCaller, now: float
    ) -> VolumeChange:
        """A step of a stream's volume, or muting it.

        Args:
            stream: The stream type.
            direction: Which way.
            flags: What else is to happen, ``AudioManager.FLAG_*``.
            caller: Who calls.
            now: The time in seconds.

        Raises:
            SecurityException: It would begin or end silence, and the caller may not; nothing
                has changed.
        """
        root = self.aliases[stream]
        if self.fixed or not self._may_mute(stream, direction, caller):
            return VolumeChange(stream=stream)
        before, mode, hint, moves = self.states(), self.ringer.mode, None, True
        if self._rings(root, flags):
            step = self.ringer.step(
                direction, self._user_index(stream), now, may_silence=caller.may_silence
            )
            self._change_ringer(step.mode, caller, now)
            moves, hint = step.moves_index, step.hint
        if moves and self._movable(root, flags):
            self._move(stream, direction)
        return self._told(stream, flags, before, mode, hint)

    def set_index(
        self, stream: Stream, index: int, flags: int, caller: AndroidCaller, now: float
    ) -> VolumeChange:
        """Sets a stream's index; what is out of its range becomes the nearest in it.

        Args:
            stream: The stream type.
            index: As the user counts.
            flags: What else is to happen, ``AudioManager.FLAG_*``.
            caller: Who calls.
            now: The time in seconds.

        Raises:
            SecurityException: As with :meth:`adjust`.
        """
        root = self.aliases[stream]
        if self.fixed or (stream is Stream.VOICE_CALL and index == 0 and not caller.is_telephony):
            return VolumeChange(stream=stream)
        before, mode = self.states(), self.ringer.mode
        volume = stream_volume(stream)
        index = min(max(index, volume.min), volume.max)
        wished = self.ringer.at_index(index) if self._rings(root, flags) else mode
        if self.ringer.toggles_silence(wished):
            caller.check_silence()
        if self._movable(root, flags):
            self._put(root, self._scaled(index * self._factor, stream, root))
            if index > 0:
                self._muted.discard(root)
            elif root in MUTABLE:
                self._muted.add(root)
            self._change_ringer(wished, caller, now)
        return self._told(stream, flags, before, mode, None)

    def set_ringer(self, mode: Mode, caller: AndroidCaller, now: float) -> VolumeChange:
        """Sets the ringer's mode; nothing where volumes are fixed or the ringer has no modes.

        Raises:
            SecurityException: As with :meth:`adjust`.
        """
        before, old = self.states(), self.ringer.mode
        if not self.fixed and self.has_ringer:
            self._change_ringer(self.ringer.valid(mode), caller, now)
        return self._told(Stream.RING, 0, before, old, None)

    def set_do_not_disturb(self, what: DoNotDisturb) -> VolumeChange:
        """The user lets other things through."""
        before, silenced = self.states(), self.muted_by_ringer
        self.ringer.do_not_disturb = what
        self._heard_again(silenced - self.muted_by_ringer)
        return self._told(Stream.RING, 0, before, self.ringer.mode, None)

    def set_output(self, device_type: int) -> VolumeChange:
        """Sound goes somewhere else, which has indices of its own."""
        before = self.states()
        self._output = device_type
        return self._told(Stream.MUSIC, 0, before, self.ringer.mode, None)

    # -- inside ------------------------------------------------------------------------------

    def _may_mute(self, stream: Stream, direction: Adjust, caller: AndroidCaller) -> bool:
        if direction not in _MUTES:
            return True
        if stream in _CALLS and not caller.is_telephony:
            return False
        return self.aliases[stream] in MUTABLE

    def _rings(self, root: Stream, flags: int) -> bool:
        """Whether a change of a volume may change the ringer's mode (android 90)."""
        return self.has_ringer and (bool(flags & Flags.ALLOW_RINGER_MODES) or root is Stream.RING)

    def _movable(self, root: Stream, flags: int) -> bool:
        """Whether do-not-disturb lets an index move: not where it mutes, save for the ring."""
        return (
            self.ringer.do_not_disturb is DoNotDisturb.OFF
            or root not in self.ringer.do_not_disturb.mutes
            or bool(flags & Flags.ALLOW_RINGER_MODES)
            or root is Stream.RING
        )

    def _move(self, stream: Stream, direction: Adjust) -> None:
        root = self.aliases[stream]
        if direction in _MUTES:
            muted = direction is Adjust.MUTE or (
                direction is Adjust.TOGGLE_MUTE and root not in self._muted
            )
            (self._muted.add if muted else self._muted.discard)(root)
        elif direction is not Adjust.SAME:
            step = self._scaled_step(stream, root)
            self._put(root, self._index(root) + direction * step)
            if direction is Adjust.RAISE:
                self._muted.discard(root)

    def _change_ringer(self, mode: Mode, caller: AndroidCaller, now: float) -> None:
        if mode is self.ringer.mode:
            return
        if self.ringer.toggles_silence(mode):
            caller.check_silence()
        silenced = self.muted_by_ringer
        self.ringer.set(mode, now)
        if mode is Mode.NORMAL:
            self._ring_at_least_once()
        self._heard_again(silenced - self.muted_by_ringer)

    def _ring_at_least_once(self) -> None:
        for root in {self.aliases[stream] for stream in _RINGING}:
            for key in [key for key in self._indices if key[0] is root]:
                self._indices[key] = max(self._indices[key], self._factor)

    def _heard_again(self, streams: Iterable[Stream]) -> None:
        """What the ringer muted is muted by nobody afterwards."""
        for stream in streams:
            if self.aliases[stream] is stream:
                self._muted.discard(stream)

    def _told(
        self,
        stream: Stream,
        flags: int,
        before: dict[Stream, StreamState],
        mode: Mode,
        hint: VolumeHint | None,
    ) -> VolumeChange:
        after = self.states()
        other = self.ringer.mode is not mode
        return VolumeChange(
            stream=stream,
            streams=tuple(each for each in STREAMS if after[each] != before[each]),
            ringer=other,
            shown=bool(flags & Flags.SHOW_UI),
            sound=bool(flags & Flags.PLAY_SOUND) and stream is Stream.RING,
            vibrates=bool(flags & Flags.VIBRATE) and other and self.ringer.mode is Mode.VIBRATE,
            hint=hint,
        )

    # -- indices, in tenths ------------------------------------------------------------------

    def _range(self, stream: Stream) -> tuple[int, int]:
        volume = stream_volume(stream)
        return volume.min * self._factor, volume.max * self._factor

    def _index(self, stream: Stream) -> int:
        root = self.aliases[stream]
        volume = stream_volume(root)
        first = (volume.max if self._at_top else volume.default) * self._factor
        index = self._indices.get((root, self._output), first)
        return self._scaled(index, root, stream)

    def _user_index(self, stream: Stream) -> int:
        return (self._index(stream) + self._factor // 2) // self._factor

    def _put(self, root: Stream, index: int) -> None:
        least, most = self._range(root)
        self._indices[root, self._output] = min(max(index, least), most)

    def _scaled(self, index: int, source: Stream, target: Stream) -> int:
        """An index of one stream in the range of another."""
        if source is target:
            return index
        (from_least, from_most), (to_least, to_most) = self._range(source), self._range(target)
        span = from_most - from_least
        return to_least + ((index - from_least) * (to_most - to_least) + span // 2) // span

    def _scaled_step(self, stream: Stream, root: Stream) -> int:
        """One of the user's steps of a stream in the range of another; at least a tenth."""
        least, most = self._range(stream)
        to_least, to_most = self._range(root)
        return max(1, (self._factor * (to_most - to_least) + (most - least) // 2) // (most - least))
