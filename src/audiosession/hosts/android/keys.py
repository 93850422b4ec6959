"""Media keys of a phone, as AudioManager needs them.

Source: AudioManager.java, https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from ...android.device import MediaKeyReceiver
from ...android.key_event import KeyEvent
from ...errors import UnsupportedError
from .api import HOST
from .part import PhonePart, java_int

__all__ = ["PhoneKeys"]


class PhoneKeys(PhonePart):
    """Keys for media; an :class:`~audiosession.android.device.AndroidKeys`."""

    async def receive_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`.

        A phone starts a component of the app's manifest for them, and since API level 21 hands
        them to the media session that the app's player has; neither is a function.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError("receiving media keys", HOST)

    async def ignore_media_keys(self, receiver: MediaKeyReceiver) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`. None are received."""

    async def dispatch_media_key(self, event: KeyEvent) -> None:
        """See :class:`~audiosession.android.device.AndroidKeys`."""
        native = self._api.new(
            "KeyEvent",
            event.down_time,
            event.event_time,
            int(event.action),
            *map(
                java_int,
                (
                    event.key_code,
                    event.repeat_count,
                    event.meta_state,
                    event.device_id,
                    event.scan_code,
                    event.flags,
                    event.source,
                ),
            ),
        )
        self._ask("dispatchMediaKeyEvent", native)
