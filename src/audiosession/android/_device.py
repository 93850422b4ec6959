"""What the parts of AudioManager share that need the device."""

from __future__ import annotations

from audiosession.android._base import ManagerBase
from audiosession.android.device import AndroidDevice
from audiosession.android.models.callers import AndroidCaller
from audiosession.errors import UnsupportedError

__all__ = ["DeviceBase"]


class DeviceBase(ManagerBase):
    """An ``AudioManager`` that may have a device."""

    def _need(self, capability: str) -> AndroidDevice:
        """The device; raises UnsupportedError where the host offers none."""
        host = self._use_host()
        device: AndroidDevice | None = getattr(host, "android_device", None)
        if device is None:
            raise UnsupportedError(capability, host.name)
        return device

    @property
    def _caller(self) -> AndroidCaller:
        """The app, as far as it decides what may be done."""
        return AndroidCaller(target_sdk=self._target_sdk, permissions=self._app.permissions)
