"""What Android's view of this machine is told by the service: that the routes are others."""

from __future__ import annotations

from typing import Protocol

from ...core.routing import RouteChange
from ...devices import AudioDevicesChangedEvent
from ...interruptions import AudioInterruptionEvent


class Looks(Protocol):
    """Who looks when there is something to see."""

    def look(self) -> None:
        """The report is another one."""


class RouteEars:
    """Hears of routes; an :class:`~audiosession.apple.device.AppleDeviceEvents`.

    Args:
        who: Who looks then.
    """

    def __init__(self, who: Looks) -> None:
        self._who = who

    def route_changed(self, change: RouteChange) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._who.look()

    def secondary_audio(self, begin: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""

    def media_services_lost(self, *, was_active: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._who.look()

    def media_services_reset(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._who.look()

    def app_moved(self, state: object) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`. Apps stay in front."""

    def wants_unmuted(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""

    def spatial_audio_changed(self, enabled: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""

    def rendering_changed(self, *, mode: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""

    def microphone_injection_changed(self, available: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""

    def changed(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDeviceEvents`."""
        self._who.look()


class SessionEars:
    """Passes over what a session that weighs on nobody hears; a HostEvents."""

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""

    def becoming_noisy(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""

    def devices_changed(self, event: AudioDevicesChangedEvent) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""

    def gained_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""

    def lost_claim(self) -> None:
        """See :class:`~audiosession.hosts.base.HostEvents`."""


__all__ = ["Looks", "RouteEars", "SessionEars"]
