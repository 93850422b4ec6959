"""What devices, modes and calls have in common: the device, and telling the app."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable

from audiosession.android._device import DeviceBase
from audiosession.android.audio_device_info import AudioDeviceInfo
from audiosession.android.audio_focus_request import Handler
from audiosession.android.device_routes import AndroidRoutes
from audiosession.android.errors import NullPointerException
from audiosession.android.intents import Intent
from audiosession.android.system_constants import AndroidAudioHardwareMode
from audiosession.errors import InvalidTypeError

_CAPABILITY = "Android's devices"

_log = logging.getLogger("audiosession")


def call_app(what: str, call: Callable[[], object], handler: Handler | None = None) -> None:
    """Calls code of the app's; what it raises is logged and disturbs nobody.

    Args:
        what: Whose code it is, for the log.
        call: The call.
        handler: Where to call it; ``None``: here and now.
    """

    def run() -> None:
        try:
            result = call()
        except Exception:
            _log.exception("%s failed", what)
            return
        if inspect.iscoroutine(result):
            result.close()
            _log.error("%s returned a coroutine, which is not run", what)

    if handler is None:
        run()
        return
    try:
        handler(run)
    except Exception:
        _log.exception("the handler of %s failed", what)


def check_callable(name: str, value: object) -> None:
    """Raises NullPointerException or InvalidTypeError unless the value can be called."""
    if value is None:
        raise NullPointerException(name, value, expected="something to call")
    if not callable(value):
        raise InvalidTypeError(name, value, expected="something to call")


def check_handler(name: str, value: object) -> None:
    """Raises InvalidTypeError unless the value can be called or is ``None``."""
    if value is not None and not callable(value):
        raise InvalidTypeError(name, value, expected="something to call, or None")


class RoutingBase(DeviceBase):
    """Reaches the device, and listens to it once somebody of the app's wants to hear.

    Of what it hears each part takes what concerns it.
    """

    _unlisten: Callable[[], None] | None = None
    _heard: tuple[AndroidRoutes, asyncio.AbstractEventLoop | None] | None = None

    def _routes(self) -> AndroidRoutes:
        """The device.

        Raises:
            UnsupportedError: The host has none in Android's terms.
            ClosedError: The manager was closed, or the app's process is dead.
            IllegalRequestError: The manager is in use in another thread's event loop.
        """
        device = self._need(_CAPABILITY)
        if self._unlisten is not None and self._heard != (device, self._turns.loop):
            # The process died and was started anew, and nobody of it is heard from there; or
            # the event loop ended, into which the device reports, and this is the next one.
            self._hear(device)
        return device

    def _listen(self) -> AndroidRoutes:
        routes = self._routes()
        if self._unlisten is None:
            self._hear(routes)
        return routes

    def _hear(self, routes: AndroidRoutes) -> None:
        before = self._unlisten
        self._unlisten = routes.listen(_Ears(self))
        self._heard = routes, self._turns.loop
        if before is not None:
            # Only now: the device need not begin anew, and who fails to listen is not deaf.
            before()

    async def _end(self) -> None:
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        await super()._end()

    # -- what the device reports -------------------------------------------------------------

    def _hear_devices(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        """Devices came or went."""

    def _hear_communication_device(self, device: AudioDeviceInfo | None) -> None:
        """Calls use another output."""

    def _hear_mode(self, mode: AndroidAudioHardwareMode) -> None:
        """The mode is another one."""

    def _hear_intent(self, intent: Intent) -> None:
        """The system sends something."""


class _Ears:
    """What the device reports to, in place of the manager, which shows apps nothing of it."""

    def __init__(self, part: RoutingBase) -> None:
        self._part = part

    def audio_devices_changed(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRouteEvents`."""
        self._part._hear_devices(devices)

    def communication_device_changed(self, device: AudioDeviceInfo | None) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRouteEvents`."""
        self._part._hear_communication_device(device)

    def mode_changed(self, mode: AndroidAudioHardwareMode) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRouteEvents`."""
        self._part._hear_mode(mode)

    def sent(self, intent: Intent) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRouteEvents`."""
        self._part._hear_intent(intent)
