"""What the parts of AudioManager share that need the device."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from audiosession.android._base import ManagerBase
from audiosession.android._wishes import AppWishes, wishes_on
from audiosession.android.device import AndroidDevice
from audiosession.android.models.callers import AndroidCaller
from audiosession.errors import ClosedError, HostUnavailableError, UnsupportedError

__all__ = ["DeviceBase"]

_log = logging.getLogger("audiosession")


class DeviceBase(ManagerBase):
    """An ``AudioManager`` that may have a device."""

    _app_wishes: AppWishes | None = None

    def _need(self, capability: str) -> AndroidDevice:
        """The device.

        Raises:
            UnsupportedError: The host has none in Android's terms.
            ClosedError: The manager was closed, or the app's process is dead.
            IllegalRequestError: The manager is in use in another thread's event loop.
        """
        host = self._use_host()
        self._turns.check_loop()
        device: AndroidDevice | None = getattr(host, "android_device", None)
        if device is None:
            raise UnsupportedError(capability, host.name)
        return device

    async def _give_back(self, what: Callable[[AndroidDevice], Awaitable[object]]) -> None:
        """Takes something back while the manager closes, on a host that may be gone."""
        try:
            device: AndroidDevice | None = getattr(self._host, "android_device", None)
            if device is not None:
                await what(device)
        except (ClosedError, HostUnavailableError):
            # What the app asked for went with it.
            _log.debug("the host is gone", exc_info=True)

    def _wishes_on(self, device: object) -> AppWishes:
        """What this manager and others of the app wish of the device."""
        if self._app_wishes is None or self._app_wishes.device is not device:
            self._app_wishes = wishes_on(device)
        return self._app_wishes

    @property
    def _caller(self) -> AndroidCaller:
        """The app, as far as it decides what may be done."""
        return AndroidCaller(target_sdk=self._target_sdk, permissions=self._app.permissions)
