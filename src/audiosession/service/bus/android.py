"""What only Android's words can say, on the manager's object: volumes and media keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbus_fast import Message, MessageType

from ...android.key_constants import AndroidKeyEventAction
from ...core.codec import to_json
from ...errors import InvalidValueError, UnsupportedError
from .names import ANDROID, ROOT
from .tree import Interface, Method, Signal, arguments

if TYPE_CHECKING:
    from .objects import Caller
    from .service import BusService


class AndroidObject:
    """The service in Android's words.

    Args:
        service: Whose object it is.
    """

    def __init__(self, service: BusService) -> None:
        self._service = service
        self._engine = service.engine
        self._engine.android.on_change = self._changed

    def volumes(self, caller: Caller) -> tuple[str]:
        """Every volume, the ringer, and what sounds."""
        return (to_json(self._engine.android.report()),)

    def adjust(
        self, caller: Caller, stream: int, direction: int, flags: int, target_sdk: int
    ) -> tuple[()]:
        """A step of a volume, or muting it."""
        self._engine.android.adjust(stream, direction, flags, target_sdk)
        return ()

    def adjust_suggested(
        self, caller: Caller, direction: int, suggested: int, flags: int, target_sdk: int
    ) -> tuple[()]:
        """The same for what matters most now."""
        self._engine.android.adjust_suggested(direction, suggested, flags, target_sdk)
        return ()

    def set_volume(
        self, caller: Caller, stream: int, index: int, flags: int, target_sdk: int
    ) -> tuple[()]:
        """Sets a volume."""
        self._engine.android.set_index(stream, index, flags, target_sdk)
        return ()

    def set_ringer_mode(self, caller: Caller, mode: int, target_sdk: int) -> tuple[()]:
        """Sets the ringer's mode."""
        self._engine.android.set_ringer(mode, target_sdk)
        return ()

    async def dispatch_media_key(
        self, caller: Caller, key_code: int, action: int, repeat_count: int
    ) -> tuple[bool]:
        """Hands a key to the player that gets them; when it is let go nothing happens."""
        if action not in AndroidKeyEventAction.__members__.values():
            raise InvalidValueError("action", action, expected="one of KeyEvent.ACTION_*")
        if repeat_count < 0:
            raise InvalidValueError("repeat_count", repeat_count, expected="0 or more")
        keys = self._engine.keys
        if keys is None:
            raise UnsupportedError("media keys without a session bus", "linux")
        if action != AndroidKeyEventAction.DOWN or repeat_count:
            return (False,)
        return (await keys.press(key_code),)

    def _changed(self) -> None:
        self._service.send(
            Message(
                message_type=MessageType.SIGNAL,
                path=ROOT,
                interface=ANDROID,
                member="VolumesChanged",
                signature="s",
                body=[to_json(self._engine.android.report())],
            )
        )


ANDROID_INTERFACE = Interface(
    name=ANDROID,
    methods=(
        Method(name="Volumes", call=AndroidObject.volumes, gives=arguments("volumes:s")),
        Method(
            name="AdjustVolume",
            call=AndroidObject.adjust,
            takes=arguments("stream:i", "direction:i", "flags:i", "target_sdk:i"),
        ),
        Method(
            name="AdjustSuggestedVolume",
            call=AndroidObject.adjust_suggested,
            takes=arguments("direction:i", "suggested:i", "flags:i", "target_sdk:i"),
        ),
        Method(
            name="SetVolume",
            call=AndroidObject.set_volume,
            takes=arguments("stream:i", "index:i", "flags:i", "target_sdk:i"),
        ),
        Method(
            name="SetRingerMode",
            call=AndroidObject.set_ringer_mode,
            takes=arguments("mode:i", "target_sdk:i"),
        ),
        Method(
            name="DispatchMediaKey",
            call=AndroidObject.dispatch_media_key,
            takes=arguments("key_code:i", "action:i", "repeat_count:i"),
            gives=arguments("taken:b"),
        ),
    ),
    signals=(Signal(name="VolumesChanged", gives=arguments("volumes:s")),),
)
"""Android's interface of the manager's object."""

__all__ = ["ANDROID_INTERFACE", "AndroidObject"]
