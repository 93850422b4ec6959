"""An app on a simulated device as Android's system knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._checks import check_flag, check_text
from ...android.app import FocusPolicy
from ...android.constants import AndroidAudioUsage
from ...errors import InvalidTypeError, InvalidValueError
from .android_focus import PolicyOfApp

if TYPE_CHECKING:
    from .app import SimulatedApp

_MOST_LETTERS = 256
_MAIN_ZONE = frozenset({0})
_CAR_USAGES = frozenset(
    {
        AndroidAudioUsage.EMERGENCY,
        AndroidAudioUsage.SAFETY,
        AndroidAudioUsage.VEHICLE_STATUS,
        AndroidAudioUsage.ANNOUNCEMENT,
    }
)


class SimulatedAndroidApp:
    """What the system knows of the app; an :class:`~audiosession.android.app.AndroidApp`.

    An app has no permission, no foreground service and is no accessibility service until a
    test says so.
    """

    def __init__(self, app: SimulatedApp) -> None:
        self._app = app
        self._permissions: frozenset[str] = frozenset()
        self._foreground_service = False
        self._accessibility_service = False
        self._on_virtual_device = False
        self._recording = False
        self._audio_zone = 0
        self._policy: PolicyOfApp | None = None

    @property
    def may_take_focus(self) -> bool:
        """Whether it is on the screen or runs a foreground service (android 6)."""
        return self._app.state.value == "foreground" or self._foreground_service

    @property
    def foreground_service(self) -> bool:
        """Whether it runs a foreground service that is suitable for audio; at first not."""
        return self._foreground_service

    @foreground_service.setter
    def foreground_service(self, runs: bool) -> None:
        check_flag("foreground_service", runs)
        self._foreground_service = runs

    @property
    def accessibility_service(self) -> bool:
        """Whether it is an accessibility service that is switched on; at first not."""
        return self._accessibility_service

    @accessibility_service.setter
    def accessibility_service(self, is_one: bool) -> None:
        check_flag("accessibility_service", is_one)
        self._accessibility_service = is_one

    @property
    def on_virtual_device(self) -> bool:
        """Whether it runs on a virtual device with an audio policy of its own; at first not."""
        return self._on_virtual_device

    @on_virtual_device.setter
    def on_virtual_device(self, is_there: bool) -> None:
        check_flag("on_virtual_device", is_there)
        self._on_virtual_device = is_there

    @property
    def recording(self) -> bool:
        """Whether it records, as far as notifications mind that (android 65); at first not."""
        return self._recording

    @recording.setter
    def recording(self, records: bool) -> None:
        check_flag("recording", records)
        self._recording = records

    @property
    def notifications_sound(self) -> bool:
        """Whether a notification would be heard on the device now (android 65)."""
        return self._app.device.android_focus.notifications_sound

    @property
    def focus_policy(self) -> FocusPolicy | None:
        """Who decides on focus in place of the system; ``None``: the system itself."""
        policy = self._app.device.android_focus.external
        if policy is None:
            self._policy = None
        elif self._policy is None or self._policy.policy is not policy:
            self._policy = PolicyOfApp(policy)
        return self._policy

    @property
    def focus_restricted(self) -> bool:
        """Whether the device gives focus to emergencies and safety only (android 111)."""
        return self._app.device.android_focus.restricted

    @property
    def audio_zones(self) -> frozenset[int]:
        """The audio zones of the device, where its policy tells places apart (android 112)."""
        device = self._app.device
        scoped = device.arbiter.policy.settings.scoped
        return device.profile.audio_zones if scoped else _MAIN_ZONE

    @property
    def audio_zone(self) -> int:
        """The zone that the app's uid is in; the main one at first.

        Raises:
            InvalidTypeError, InvalidValueError: When it is set: none of the device's zones.
        """
        return self._audio_zone

    @audio_zone.setter
    def audio_zone(self, zone: int) -> None:
        if isinstance(zone, bool) or not isinstance(zone, int):
            raise InvalidTypeError("audio_zone", zone, expected="an integer")
        if zone not in self.audio_zones:
            zones = ", ".join(map(str, sorted(self.audio_zones)))
            raise InvalidValueError("audio_zone", zone, expected=f"one of {zones}")
        self._audio_zone = zone

    @property
    def permissions(self) -> frozenset[str]:
        """What it may do, by the permissions' full names; nothing at first."""
        return self._permissions

    def grant(self, permission: str) -> None:
        """The system or the user lets the app do something.

        Args:
            permission: Its full name, an
                :class:`~audiosession.android.app.AndroidPermission` or another, of 1 to 256
                characters.

        Raises:
            InvalidTypeError, InvalidValueError: no such text.
        """
        check_text("permission", permission, least=1, most=_MOST_LETTERS)
        self._permissions |= {str(permission)}

    def revoke(self, permission: str) -> None:
        """Takes a permission back; nothing happens when the app does not have it."""
        self._permissions -= {str(permission)}

    @property
    def system_usages(self) -> frozenset[AndroidAudioUsage]:
        """The usages for parts of the system that the device supports: a car's, in a car."""
        return _CAR_USAGES if self._app.device.profile.name == "car" else frozenset()

    # -- for the app -------------------------------------------------------------------------

    def died(self) -> None:
        """The process is gone, and its service with it; permissions stay."""
        policy, self._policy = self._policy, None
        if policy is not None and policy.policy is self._app.device.android_focus.external:
            policy.died()
        self._foreground_service = self._recording = False
