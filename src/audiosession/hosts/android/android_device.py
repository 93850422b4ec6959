"""One app's view of the phone it runs on, as AudioManager needs it."""

from __future__ import annotations

from .hardware import PhoneHardware
from .keys import PhoneKeys
from .ringer import PhoneRinger
from .routes import PhoneRoutes
from .volumes import PhoneVolumes

__all__ = ["PhoneAndroidDevice"]


class PhoneAndroidDevice(PhoneVolumes, PhoneRinger, PhoneKeys, PhoneHardware, PhoneRoutes):
    """The phone's own AudioManager; an :class:`~audiosession.android.device.AndroidDevice`.

    Each call of the app's is one of the phone's, which decides and whose answers and errors are
    passed on. What the phone is too old for raises
    :class:`~audiosession.errors.UnsupportedError` with the level that it needs.
    """
