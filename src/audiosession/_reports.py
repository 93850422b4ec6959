"""What a session tells its listeners."""

from __future__ import annotations

from collections.abc import Iterable

from .configuration import AudioSessionConfiguration
from .devices import AudioDevice, AudioDevicesChangedEvent
from .interruptions import AudioInterruptionEvent
from .streams import EventSource


class Reports:
    """The event sources of one session. What comes after their end is passed over."""

    def __init__(self) -> None:
        self.configurations: EventSource[AudioSessionConfiguration] = EventSource(
            "configuration", replay_latest=True
        )
        self.interruptions: EventSource[AudioInterruptionEvent] = EventSource("interruption")
        self.noisy: EventSource[None] = EventSource("becoming noisy")
        self.devices_changed: EventSource[AudioDevicesChangedEvent] = EventSource("devices changed")
        self.devices: EventSource[frozenset[AudioDevice]] = EventSource(
            "devices", replay_latest=True
        )
        self.interruption_over: EventSource[None] = EventSource("interruption over")
        self._early: list[AudioDevicesChangedEvent] | None = None
        self._closed = False

    def interruption(self, event: AudioInterruptionEvent) -> None:
        """An interruption began or ended."""
        if not self._closed:
            self.interruptions.publish(event)

    def nothing_interrupts(self) -> None:
        """No interruption is running; told to the session's own handlers only."""
        if not self._closed:
            self.interruption_over.publish(None)

    def becoming_noisy(self) -> None:
        """The output became noisy."""
        if not self._closed:
            self.noisy.publish(None)

    def change_devices(self, event: AudioDevicesChangedEvent) -> None:
        """Devices came or went."""
        if self._closed:
            return
        if self._early is not None:
            self._early.append(event)
        self.devices_changed.publish(event)
        if self.devices.latest is not None:
            self.devices.publish(_after(self.devices.latest, (event,)))

    def expect_devices(self) -> None:
        """Keeps changes from now on, until the devices are listed."""
        self._early = []

    def list_devices(self, devices: frozenset[AudioDevice]) -> None:
        """The devices as the host gave them."""
        # The answer may be older than a change that was reported before it came.
        early, self._early = self._early or [], None
        self.devices.publish(_after(devices, early))

    def close(self) -> None:
        """Ends all streams. Handlers let go of what they lowered."""
        if self._closed:
            return
        self.interruption_over.publish(None)
        self._closed = True
        for source in (
            self.configurations,
            self.interruptions,
            self.noisy,
            self.devices_changed,
            self.devices,
            self.interruption_over,
        ):
            source.close()


def _after(
    devices: frozenset[AudioDevice], events: Iterable[AudioDevicesChangedEvent]
) -> frozenset[AudioDevice]:
    for event in events:
        devices = (devices - event.devices_removed) | event.devices_added
    return devices


__all__ = ["Reports"]
