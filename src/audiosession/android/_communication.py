"""Calls: the part of AudioManager that chooses their output and opens a headset's link."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from audiosession._checks import check_flag
from audiosession.android._listeners import Listeners
from audiosession.android._routing import RoutingBase
from audiosession.android._wishes import LINK, SPEAKER
from audiosession.android.audio_device_info import AudioDeviceInfo
from audiosession.android.audio_focus_request import Handler
from audiosession.android.device_routes import AndroidRoutes
from audiosession.android.errors import IllegalArgumentException, NullPointerException
from audiosession.android.models.communication import can_carry_calls
from audiosession.errors import InvalidTypeError

__all__ = ["ManagerCommunication"]


class ManagerCommunication(RoutingBase):
    """The output for calls, and the Bluetooth link for them (android 77 to 85)."""

    _wished = False

    @cached_property
    def _device_listeners(self) -> Listeners[AudioDeviceInfo | None]:
        return Listeners("OnCommunicationDeviceChangedListener")

    # -- the output --------------------------------------------------------------------------

    async def get_available_communication_devices(self) -> list[AudioDeviceInfo]:
        """The connected outputs that can carry a call; API level 31.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return list(await self._routes().communication_devices())

    async def set_communication_device(self, device: AudioDeviceInfo) -> bool:
        """Wishes for an output for calls, in place of the app's last wish; API level 31.

        The wish of the app that decides about the mode holds (android 77).

        Args:
            device: One of :meth:`get_available_communication_devices`.

        Returns:
            True means that the wish was taken, not that it holds; False that the device is not
            there (android 78), or that a telephone call has the headset's link (android 83).

        Raises:
            NullPointerException: There is no device.
            IllegalArgumentException: It does not play, or cannot carry a call.
            InvalidTypeError: It is no AudioDeviceInfo.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        if device is None:
            raise NullPointerException("device", device, expected="an AudioDeviceInfo")
        if not isinstance(device, AudioDeviceInfo):
            raise InvalidTypeError("device", device, expected="an AudioDeviceInfo")
        routes = self._routes()
        if device.id == 0:
            return False
        if not can_carry_calls(device):
            raise IllegalArgumentException(
                "device", device, expected="an output that can carry a call"
            )
        outputs = self._wishes_on(routes).outputs
        before, wish = self._wished, outputs.of(self)
        # A call that is cancelled or fails may have come that far.
        self._wished = True
        outputs.put(self, device.id)
        if await routes.request_communication_device(device.id):
            return True
        self._wished = before
        outputs.take(self)
        if wish is not None:
            outputs.put(self, wish)
        return False

    async def get_communication_device(self) -> AudioDeviceInfo | None:
        """The output for calls; API level 31.

        Waits for a change under way, up to 3 s. Where nobody chose, it is the earpiece, else
        the first output that can carry a call (android 79).

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._routes().communication_device()

    async def clear_communication_device(self) -> None:
        """Takes back the app's own wish; API level 31.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        routes = self._routes()
        await routes.clear_communication_device()
        # The wish is the app's, whoever of it wished.
        self._wishes_on(routes).outputs.clear()
        self._wished = False

    async def add_on_communication_device_changed_listener(
        self, executor: Handler, listener: Callable[[AudioDeviceInfo | None], object]
    ) -> None:
        """Tells of every other output for calls; API level 31.

        Args:
            executor: What calls the listener.
            listener: Is given the output, or ``None`` where there is none.

        Raises:
            NullPointerException: There is no executor or no listener.
            IllegalArgumentException: The listener is there already.
            InvalidTypeError: One of them cannot be called.
            UnsupportedError: The host has no such devices.
            HostUnavailableError: The host cannot be reached.
            ClosedError: The manager was closed.
        """
        self._device_listeners.check(executor, listener)
        # A host that nobody asked anything has nothing to tell.
        await self._listen().communication_devices()
        self._device_listeners.check(executor, listener)
        self._device_listeners.add(executor, listener)

    async def remove_on_communication_device_changed_listener(
        self, listener: Callable[[AudioDeviceInfo | None], object]
    ) -> None:
        """Ends that.

        Raises:
            NullPointerException: There is no listener.
            InvalidTypeError: It cannot be called.
            ClosedError: The manager was closed.
        """
        self._check_open()
        self._device_listeners.remove(listener)

    # -- the loudspeaker ---------------------------------------------------------------------

    async def set_speakerphone_on(self, on: bool) -> None:
        """Wishes for the loudspeaker as the output for calls, or takes that back.

        Another wish of the app's stays when it is taken back (android 81).

        Raises:
            InvalidTypeError: Neither True nor False.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        check_flag("on", on)
        routes = self._routes()
        outputs = self._wishes_on(routes).outputs
        if on:
            self._wished = True
            outputs.put(self, SPEAKER)
        await routes.request_speakerphone(on)
        if not on:
            outputs.drop(SPEAKER)

    async def is_speakerphone_on(self) -> bool:
        """Whether the loudspeaker is chosen for calls.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._routes().speakerphone()

    # -- a headset's link --------------------------------------------------------------------

    async def is_bluetooth_sco_available_off_call(self) -> bool:
        """Whether a headset's link for calls can be used outside telephone calls.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._routes().sco_available_off_call()

    async def start_bluetooth_sco(self) -> None:
        """Opens a headset's link for calls, by and by; its state is sent around (android 82).

        Passed over during a telephone call (android 83).

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        routes = self._routes()
        self._wished = True
        self._wishes_on(routes).outputs.put(self, LINK)
        await routes.start_sco()

    async def stop_bluetooth_sco(self) -> None:
        """Takes that back; to be called even after a failure.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        routes = self._routes()
        await routes.stop_sco()
        self._wishes_on(routes).outputs.drop(LINK)

    async def set_bluetooth_sco_on(self, on: bool) -> None:
        """Sets a mark that :meth:`is_bluetooth_sco_on` gives back; opens nothing.

        Raises:
            InvalidTypeError: Neither True nor False.
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        check_flag("on", on)
        await self._routes().mark_sco(on)

    async def is_bluetooth_sco_on(self) -> bool:
        """Whether calls go over a headset's link, or the mark is set.

        Raises:
            UnsupportedError: The host has no such devices.
            ClosedError: The manager was closed.
        """
        return await self._routes().sco_on()

    # -- inside ------------------------------------------------------------------------------

    def _hear_communication_device(self, device: AudioDeviceInfo | None) -> None:
        self._device_listeners.tell(device)
        super()._hear_communication_device(device)

    async def _end(self) -> None:
        self._device_listeners.clear()
        try:
            if self._wished:
                self._wished = False
                await self._give_back(self._leave_output)
        finally:
            await super()._end()

    async def _leave_output(self, routes: AndroidRoutes) -> None:
        """Takes this manager's wish back; what another of the app wished before holds again."""
        outputs = self._wishes_on(routes).outputs
        was_newest, wish = outputs.take(self), outputs.newest
        if wish is None:
            await routes.clear_communication_device()
        elif not was_newest:
            return
        elif wish == SPEAKER:
            await routes.request_speakerphone(True)
        elif wish == LINK:
            await routes.start_sco()
        else:
            await routes.request_communication_device(int(wish))
