"""Who calls, as far as it decides what may be done."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from audiosession.android.app import AndroidPermission
from audiosession.android.errors import SecurityException

__all__ = ["USER", "AndroidCaller"]

FIRST_SDK_KEPT_FROM_SILENCE = 24
"""Apps written for older versions may change do-not-disturb without being let to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AndroidCaller:
    """The app that calls, or the device's user."""

    target_sdk: int = 36
    """The API level that the app is written for."""
    permissions: Set[str] = frozenset()
    """What it may do, by the permissions' full names."""
    is_user: bool = False
    """Whether the device's user does it by hand, who may do everything that keys can."""

    @property
    def is_telephony(self) -> bool:
        """Whether it may mute a call (android 88)."""
        return AndroidPermission.MODIFY_PHONE_STATE in self.permissions

    @property
    def may_silence(self) -> bool:
        """Whether it may bring the ringer into silence and out of it."""
        return (
            self.is_user
            or self.target_sdk < FIRST_SDK_KEPT_FROM_SILENCE
            or AndroidPermission.ACCESS_NOTIFICATION_POLICY in self.permissions
        )

    def check_silence(self) -> None:
        """Raises SecurityException unless it may do that."""
        if not self.may_silence:
            raise SecurityException(
                "it would change do-not-disturb; the user has to let the app do that"
            )


USER = AndroidCaller(is_user=True)
"""The device's user."""
