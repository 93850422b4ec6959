"""Volumes of an AudioManager, by stream type and by volume group."""

from __future__ import annotations

import math

from audiosession import _json
from audiosession._checks import check_flag
from audiosession.android._device import DeviceBase
from audiosession.android._numbers import member
from audiosession.android.audio_attributes import AudioAttributes
from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.errors import IllegalArgumentException, NullPointerException
from audiosession.android.models.volumes import STREAMS, StreamState, group_stream
from audiosession.android.stream_constants import (
    PLUGIN_USE_DEFAULT_STREAM_TYPE,
    USE_DEFAULT_STREAM_TYPE,
    AndroidAudioAdjustment,
    AndroidStreamType,
)
from audiosession.android.tables import figure, volume_group, volume_groups
from audiosession.errors import InvalidTypeError

__all__ = ["ManagerVolumes"]

_NAMED_BY_NOBODY = (USE_DEFAULT_STREAM_TYPE, PLUGIN_USE_DEFAULT_STREAM_TYPE)


class ManagerVolumes(DeviceBase):
    """The part of ``AudioManager`` about volumes. Indices are whole numbers, as users count."""

    async def is_volume_fixed(self) -> bool:
        """Whether volumes, muting and the ringer cannot be changed (android 86)."""
        return await self._need("volumes").volumes_fixed()

    async def adjust_stream_volume(self, stream_type: int, direction: int, flags: int = 0) -> None:
        """Moves a stream's volume a step; nothing where it is fixed.

        Args:
            stream_type: ``STREAM_*``.
            direction: ``ADJUST_*``.
            flags: ``FLAG_*``.

        Raises:
            IllegalArgumentException: The direction or the stream type is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        stream, way = _stream(stream_type), _direction(direction)
        number = _json.integer(flags, "flags")
        await self._need("volumes").adjust_stream(stream, way, number, self._caller)

    async def adjust_volume(self, direction: int, flags: int = 0) -> None:
        """Moves the volume that matters most now (android 92).

        Args:
            direction: ``ADJUST_*``.
            flags: ``FLAG_*``.

        Raises:
            IllegalArgumentException: The direction is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        await self.adjust_suggested_stream_volume(direction, USE_DEFAULT_STREAM_TYPE, flags)

    async def adjust_suggested_stream_volume(
        self, direction: int, suggested_stream_type: int, flags: int = 0
    ) -> None:
        """The same, with a stream to take while none is active.

        Args:
            direction: ``ADJUST_*``.
            suggested_stream_type: ``STREAM_*`` or ``USE_DEFAULT_STREAM_TYPE``.
            flags: ``FLAG_*``.

        Raises:
            IllegalArgumentException: The direction or the stream type is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        way = _direction(direction)
        suggested = None
        if _json.integer(suggested_stream_type, "suggested_stream_type") not in _NAMED_BY_NOBODY:
            suggested = _stream(suggested_stream_type, "suggested_stream_type")
        number = _json.integer(flags, "flags")
        await self._need("volumes").adjust_suggested(way, suggested, number, self._caller)

    async def get_stream_max_volume(self, stream_type: int) -> int:
        """A stream's highest index.

        Raises:
            IllegalArgumentException: The stream type is none.
        """
        return (await self._state(stream_type)).most

    async def get_stream_min_volume(self, stream_type: int) -> int:
        """A stream's lowest index.

        Raises:
            IllegalArgumentException: The stream type is not public.
        """
        _public(stream_type)
        return (await self._state(stream_type)).least

    async def get_stream_volume(self, stream_type: int) -> int:
        """A stream's index; 0 while it is muted.

        Raises:
            IllegalArgumentException: The stream type is none.
        """
        return (await self._state(stream_type)).index

    async def get_stream_volume_db(self, stream_type: int, index: int, device_type: int) -> float:
        """The level of an index on a type of output, in dB; minus infinity for silence.

        Args:
            stream_type: ``STREAM_*``.
            index: One of the stream's.
            device_type: ``AudioDeviceInfo.TYPE_*`` of an output.

        Raises:
            IllegalArgumentException: The stream type is not public, the index is none of its
                own, or the device type is no output.
        """
        stream = _public(stream_type)
        number = _json.integer(index, "index")
        device = _json.integer(device_type, "device_type")
        state = await self._state(stream)
        if not state.least <= number <= state.most:
            raise IllegalArgumentException(
                "index", index, expected=f"from {state.least} to {state.most}"
            )
        if device not in figure("output_device_types"):
            raise IllegalArgumentException("device_type", device_type, expected="an output's type")
        db = await self._need("volumes").stream_db(stream, number, AndroidAudioDeviceType(device))
        return -math.inf if db <= figure("volume_min_db") else db

    async def set_stream_volume(self, stream_type: int, index: int, flags: int = 0) -> None:
        """Sets a stream's index; nothing where it is fixed.

        An index that is out of range becomes the nearest in it.

        Args:
            stream_type: ``STREAM_*``.
            index: The index.
            flags: ``FLAG_*``.

        Raises:
            IllegalArgumentException: The stream type is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        stream = _stream(stream_type)
        number, more = _json.integer(index, "index"), _json.integer(flags, "flags")
        await self._need("volumes").set_stream_index(stream, number, more, self._caller)

    async def is_stream_mute(self, stream_type: int) -> bool:
        """Whether a stream is muted.

        Raises:
            IllegalArgumentException: The stream type is none.
        """
        return (await self._state(stream_type)).muted

    async def set_stream_mute(self, stream_type: int, state: bool) -> None:
        """Mutes or unmutes a stream; deprecated since API level 23.

        Raises:
            IllegalArgumentException: The stream type is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        check_flag("state", state)
        way = AndroidAudioAdjustment.MUTE if state else AndroidAudioAdjustment.UNMUTE
        if stream_type in _NAMED_BY_NOBODY:
            await self.adjust_suggested_stream_volume(way, stream_type)
        else:
            await self.adjust_stream_volume(stream_type, way)

    async def set_stream_solo(self, stream_type: int, state: bool) -> None:
        """Does nothing since API level 23 (android 94)."""
        _json.integer(stream_type, "stream_type")
        check_flag("state", state)
        self._check_open()

    # -- groups ------------------------------------------------------------------------------

    async def get_volume_group_id_for_attributes(self, attributes: AudioAttributes) -> int:
        """The volume group of attributes, else the default one.

        Raises:
            NullPointerException: There are no attributes.
        """
        if attributes is None:
            raise NullPointerException("attributes", attributes, expected="attributes")
        if not isinstance(attributes, AudioAttributes):
            raise InvalidTypeError("attributes", attributes, expected="an AudioAttributes")
        self._check_open()
        name = volume_group(
            attributes.get_system_usage(),
            attributes.get_content_type(),
            attributes.get_all_flags(),
        )
        return volume_groups().index(name)

    async def adjust_volume_group_volume(
        self, group_id: int, direction: int, flags: int = 0
    ) -> None:
        """Moves a volume group's volume a step; nothing where there is no such group.

        Args:
            group_id: From :meth:`get_volume_group_id_for_attributes`.
            direction: ``ADJUST_*``.
            flags: ``FLAG_*``.

        Raises:
            IllegalArgumentException: The direction is none.
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        stream = group_stream(_json.integer(group_id, "group_id"))
        way, number = _direction(direction), _json.integer(flags, "flags")
        device = self._need("volumes")
        if stream is not None:
            await device.adjust_stream(stream, way, number, self._caller)

    async def is_volume_group_muted(self, group_id: int) -> bool:
        """Whether a volume group is muted; ``False`` where there is no such group."""
        stream = group_stream(_json.integer(group_id, "group_id"))
        device = self._need("volumes")
        return stream is not None and (await device.stream_state(stream)).muted

    async def _state(self, stream_type: int) -> StreamState:
        stream = _stream(stream_type)
        return await self._need("volumes").stream_state(stream)


def _stream(value: int, field: str = "stream_type") -> AndroidStreamType:
    stream = member(AndroidStreamType, value, field, "a stream type")
    if stream not in STREAMS:
        raise IllegalArgumentException(field, value, expected="a stream type")
    return stream


def _public(value: int) -> AndroidStreamType:
    stream = _stream(value)
    if stream not in figure("public_streams"):
        raise IllegalArgumentException(
            "stream_type", value, expected="a stream type that is open to apps"
        )
    return stream


def _direction(value: int) -> AndroidAudioAdjustment:
    return member(AndroidAudioAdjustment, value, "direction", "one of ADJUST_*")
