"""The ringer of a phone, as AudioManager needs it.

Silence is the user's: where a call would begin or end do-not-disturb and the user has not let
the app do that, the phone answers with a ``SecurityException``, and so do these methods.
Source: AudioManager.java, https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from ...android.models.callers import AndroidCaller
from ...android.stream_constants import AndroidRingerMode
from .infos import known
from .part import PhonePart

__all__ = ["PhoneRinger"]


class PhoneRinger(PhonePart):
    """The ringer; an :class:`~audiosession.android.device.AndroidRinger`."""

    async def ringer_mode(self) -> AndroidRingerMode:
        """See :class:`~audiosession.android.device.AndroidRinger`."""
        return known(AndroidRingerMode, self._ask("getRingerMode"), AndroidRingerMode.NORMAL)

    async def set_ringer_mode(self, mode: AndroidRingerMode, caller: AndroidCaller) -> None:
        """See :class:`~audiosession.android.device.AndroidRinger`.

        Raises:
            SecurityException: it would change do-not-disturb; the user has to let the app do
                that (``android.permission.ACCESS_NOTIFICATION_POLICY`` and the settings).
        """
        self._ask("setRingerMode", int(mode))

    async def ramping_ringer(self) -> bool:
        """See :class:`~audiosession.android.device.AndroidRinger`."""
        return bool(self._ask("isRampingRingerEnabled"))
