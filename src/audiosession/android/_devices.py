"""Devices: the part of AudioManager that lists them and tells of those that come and go."""

from __future__ import annotations

from functools import partial
from typing import Final

from audiosession import _json
from audiosession.android._routing import (
    RoutingBase,
    call_app,
    check_handler,
)
from audiosession.android.audio_device_info import AudioDeviceCallback, AudioDeviceInfo
from audiosession.android.audio_focus_request import Handler
from audiosession.android.device_constants import (
    AndroidAudioDeviceType,
    AndroidGetAudioDevicesFlags,
)
from audiosession.android.errors import IllegalArgumentException
from audiosession.errors import InvalidTypeError, LimitError

__all__ = ["ManagerDevices"]

_MOST_CALLBACKS: Final = 1_000
_WIRED: Final = frozenset(
    {AndroidAudioDeviceType.WIRED_HEADSET, AndroidAudioDeviceType.WIRED_HEADPHONES}
)


class _Told:
    """A callback, and what it was told of."""

    def __init__(self, callback: AudioDeviceCallback, handler: Handler | None) -> None:
        self.callback = callback
        self._handler = handler
        self._devices: tuple[AudioDeviceInfo, ...] | None = None

    def first(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        """It is told of all there are, unless it has been told of later ones meanwhile."""
        if self._devices is None:
            self._devices = devices
            self._call("added", devices)

    def now(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        """It is told of what is different."""
        if self._devices is None:
            self.first(devices)
            return
        before, self._devices = self._devices, devices
        removed = tuple(device for device in before if device not in devices)
        added = tuple(device for device in devices if device not in before)
        if removed:
            self._call("removed", removed)
        if added:
            self._call("added", added)

    def _call(self, what: str, devices: tuple[AudioDeviceInfo, ...]) -> None:
        call = partial(getattr(self.callback, f"on_audio_devices_{what}"), devices)
        call_app("an AudioDeviceCallback", call, self._handler)


class ManagerDevices(RoutingBase):
    """Which devices there are, and hearing of those that come and go."""

    _callbacks: tuple[_Told, ...] = ()

    async def get_devices(self, flags: int) -> list[AudioDeviceInfo]:
        """The devices that are there; API level 23.

        Args:
            flags: ``GET_DEVICES_INPUTS``, ``GET_DEVICES_OUTPUTS`` or both; others mean nothing.

        Raises:
            InvalidTypeError: The flags are no integer.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        wanted = AndroidGetAudioDevicesFlags(_json.integer(flags, "flags"))
        devices = await self._routes().audio_devices()
        return [
            device
            for device in devices
            if (device.sink and AndroidGetAudioDevicesFlags.OUTPUTS in wanted)
            or (device.source and AndroidGetAudioDevicesFlags.INPUTS in wanted)
        ]

    async def get_supported_device_types(self, direction: int) -> set[AndroidAudioDeviceType]:
        """The types that the device could have; API level 34.

        Args:
            direction: ``GET_DEVICES_INPUTS`` or ``GET_DEVICES_OUTPUTS``.

        Raises:
            IllegalArgumentException: The direction is neither.
            InvalidTypeError: It is no integer.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        way = _json.integer(direction, "direction")
        if way not in (AndroidGetAudioDevicesFlags.INPUTS, AndroidGetAudioDevicesFlags.OUTPUTS):
            raise IllegalArgumentException(
                "direction", direction, expected="GET_DEVICES_INPUTS or GET_DEVICES_OUTPUTS"
            )
        sinks = way == AndroidGetAudioDevicesFlags.OUTPUTS
        types = await self._routes().supported_device_types(sinks=sinks)
        return {AndroidAudioDeviceType(type) for type in types}

    async def register_audio_device_callback(
        self, callback: AudioDeviceCallback | None, handler: Handler | None = None
    ) -> None:
        """Tells of devices that come and go, first of all that are there; API level 23.

        Args:
            callback: Who is told; ``None``, or one that is told already, changes nothing.
            handler: Where it is called; ``None``: at once, where the device reports.

        Raises:
            InvalidTypeError: The callback has not both methods, or the handler cannot be called.
            LimitError: There are 1000 callbacks.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        check_handler("handler", handler)
        if callback is not None:
            for name in ("on_audio_devices_added", "on_audio_devices_removed"):
                if not callable(getattr(callback, name, None)):
                    raise InvalidTypeError("callback", callback, expected=f"to have {name}()")
        routes = self._routes()
        if callback is None or any(told.callback is callback for told in self._callbacks):
            return
        if len(self._callbacks) >= _MOST_CALLBACKS:
            raise LimitError("audio device callbacks", _MOST_CALLBACKS)
        self._listen()
        told = _Told(callback, handler)
        self._callbacks += (told,)
        try:
            devices = await routes.audio_devices()
        except BaseException:
            self._forget(callback)
            raise
        if told in self._callbacks:
            told.first(devices)

    async def unregister_audio_device_callback(self, callback: AudioDeviceCallback | None) -> None:
        """Ends that; nothing happens for one that is not told.

        Raises:
            ClosedError: The manager was closed.
        """
        self._check_open()
        self._forget(callback)

    async def set_bluetooth_a2dp_on(self, on: bool) -> None:
        """Does nothing, as on Android (android 94).

        Raises:
            ClosedError: The manager was closed.
        """
        self._check_open()

    async def is_bluetooth_a2dp_on(self) -> bool:
        """Whether a Bluetooth output for music is there.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._has(frozenset({AndroidAudioDeviceType.BLUETOOTH_A2DP}))

    async def is_wired_headset_on(self) -> bool:
        """Whether a wired headset or headphones are there, in use or not.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._has(_WIRED)

    # -- inside ------------------------------------------------------------------------------

    async def _has(self, types: frozenset[AndroidAudioDeviceType]) -> bool:
        return any(
            device.sink and device.type in types for device in await self._routes().audio_devices()
        )

    def _forget(self, callback: AudioDeviceCallback | None) -> None:
        self._callbacks = tuple(told for told in self._callbacks if told.callback is not callback)

    def _hear_devices(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        for told in self._callbacks:
            if told in self._callbacks:
                told.now(devices)
        super()._hear_devices(devices)

    async def _end(self) -> None:
        self._callbacks = ()
        await super()._end()
