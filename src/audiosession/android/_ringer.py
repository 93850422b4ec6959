"""The ringer of an AudioManager."""

from __future__ import annotations

from audiosession import _json
from audiosession.android._device import DeviceBase
from audiosession.android.stream_constants import AndroidRingerMode

__all__ = ["ManagerRinger"]


class ManagerRinger(DeviceBase):
    """The part of ``AudioManager`` about the ringer."""

    async def get_ringer_mode(self) -> AndroidRingerMode:
        """The ringer's mode."""
        return await self._need("the ringer").ringer_mode()

    async def set_ringer_mode(self, ringer_mode: int) -> None:
        """Sets it.

        What is no mode is passed over, and so is everything where volumes are fixed (android
        94, 86), where all streams have one volume, and on a television.

        Args:
            ringer_mode: ``RINGER_MODE_*``.

        Raises:
            SecurityException: It would change do-not-disturb, without the right to that.
        """
        number = _json.integer(ringer_mode, "ringer_mode")
        device = self._need("the ringer")
        if number in AndroidRingerMode.__members__.values():
            await device.set_ringer_mode(AndroidRingerMode(number), self._caller)

    async def is_ramping_ringer_enabled(self) -> bool:
        """Whether a ringtone gets louder by and by."""
        return await self._need("the ringer").ramping_ringer()
