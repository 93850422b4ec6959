"""Media keys of an AudioManager."""

from __future__ import annotations

from audiosession.android._device import DeviceBase
from audiosession.android.device import AndroidDevice, MediaKeyReceiver
from audiosession.android.errors import NullPointerException
from audiosession.android.key_event import KeyEvent
from audiosession.errors import InvalidTypeError

__all__ = ["ManagerKeys"]


class ManagerKeys(DeviceBase):
    """The part of ``AudioManager`` about keys for media.

    One app has the keys: of those that registered a receiver, the one that plays or played
    last, else the one that registered last.
    """

    _receives = False

    async def dispatch_media_key_event(self, key_event: KeyEvent) -> None:
        """Hands a key to the app that gets them; what is no media key is passed over.

        Raises:
            InvalidTypeError: It is no event.
        """
        if not isinstance(key_event, KeyEvent):
            raise InvalidTypeError("key_event", key_event, expected="a KeyEvent")
        await self._need("media keys").dispatch_media_key(key_event)

    async def register_media_button_event_receiver(self, event_receiver: MediaKeyReceiver) -> None:
        """Has the app's media keys handled by a function, in place of the one before.

        While another manager of the app has handled them since, that one does. Android takes
        the name of a component there, and a media session since API level 21.

        Raises:
            NullPointerException: There is no receiver.
            InvalidTypeError: It is no function.
        """
        receiver = _receiver(event_receiver)
        device = self._need("media keys")
        receivers = self._wishes_on(device).media_keys
        await device.receive_media_keys(receivers)
        receivers.put(self, receiver)
        self._receives = True

    async def unregister_media_button_event_receiver(
        self, event_receiver: MediaKeyReceiver
    ) -> None:
        """Ends that; nothing happens where another function handles them.

        Raises:
            NullPointerException: There is no receiver.
            InvalidTypeError: It is no function.
        """
        receiver = _receiver(event_receiver)
        device = self._need("media keys")
        receivers = self._wishes_on(device).media_keys
        receivers.drop(receiver)
        if receivers.newest is None:
            await device.ignore_media_keys(receivers)

    async def _end(self) -> None:
        try:
            if self._receives:
                self._receives = False
                await self._give_back(self._leave_keys)
        finally:
            await super()._end()

    async def _leave_keys(self, device: AndroidDevice) -> None:
        """What another manager of the app handles keys with has them again."""
        receivers = self._wishes_on(device).media_keys
        receivers.take(self)
        if receivers.newest is None:
            await device.ignore_media_keys(receivers)


def _receiver(given: MediaKeyReceiver) -> MediaKeyReceiver:
    if given is None:
        raise NullPointerException("event_receiver", given, expected="a function")
    if not callable(given):
        raise InvalidTypeError("event_receiver", given, expected="a function")
    return given
