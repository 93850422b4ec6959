"""Where sound goes in and out, in the words that apps hear.

A sound server reports the loss of an output in several steps and in any order: its port is no
longer available, another port is used, the sink vanishes, another sink is the default. Apps
hear of the devices that came and went, and once that sound became noisy: that it would go on
from where others hear it. That is what Android announces with ACTION_AUDIO_BECOMING_NOISY
(android.media.AudioManager) and Apple with the route change reason oldDeviceUnavailable
(AVAudioSession.RouteChangeReason).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..core.routing import BECOMING_NOISY_KINDS
from ..devices import AudioDevice, AudioDeviceType
from .servers.base import Direction, Endpoint

PRIVATE_TYPES = frozenset(
    {
        AudioDeviceType.WIRED_HEADSET,
        AudioDeviceType.WIRED_HEADPHONES,
        AudioDeviceType.BLUETOOTH_A2DP,
        AudioDeviceType.BLUETOOTH_SCO,
        AudioDeviceType.BLUETOOTH_LE,
        AudioDeviceType.HEARING_AID,
        AudioDeviceType.USB_AUDIO,
    }
)
"""Outputs that one person hears, as far as their type tells; a USB output is a headset."""

SETTLE_S = 1.0
"""How long after another output became the default the old one may still vanish for both to
be one event, in seconds. Some servers move the default first. The project's choice: longer
than a server takes, shorter than a user who moves the sound and then pulls the plug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteChange:
    """What is different after a report."""

    devices_added: frozenset[AudioDevice] = frozenset()
    """Those that can be used from now on."""
    devices_removed: frozenset[AudioDevice] = frozenset()
    """Those that can no longer be used."""
    output: AudioDevice | None = None
    """Where new streams are heard; ``None``: nowhere."""
    input: AudioDevice | None = None
    """Where new streams record from; ``None``: nowhere."""
    default_changed: bool = False
    """Whether ``output`` or ``input`` is another one than before."""
    became_noisy: bool = False
    """Whether the output in use went away and sound goes on where others hear it."""

    @property
    def devices_changed(self) -> bool:
        """Whether devices came or went."""
        return bool(self.devices_added or self.devices_removed)


def device_of(endpoint: Endpoint) -> AudioDevice:
    """The device that apps see for an endpoint."""
    return AudioDevice(
        id=endpoint.id,
        name=endpoint.name,
        is_input=endpoint.direction is Direction.CAPTURE,
        is_output=endpoint.direction is Direction.PLAYBACK,
        type=endpoint.type,
    )


class Routes:
    """The devices there are, and the ones in use.

    Args:
        clock: Tells the time in seconds; never runs backwards.
        excused: Whether the service itself made this endpoint go: that is no loss.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        excused: Callable[[Endpoint], bool] = lambda _: False,
    ) -> None:
        self._clock = clock
        self._excused = excused
        self._devices: frozenset[AudioDevice] = frozenset()
        self._output: Endpoint | None = None
        self._input: Endpoint | None = None
        self._leaving: tuple[Endpoint, float] | None = None
        self._lost: Endpoint | None = None

    def devices(self) -> frozenset[AudioDevice]:
        """The devices that can be used."""
        return self._devices

    @property
    def output(self) -> AudioDevice | None:
        """Where new streams are heard."""
        return device_of(self._output) if self._output else None

    @property
    def input(self) -> AudioDevice | None:
        """Where new streams record from."""
        return device_of(self._input) if self._input else None

    def update(self, endpoints: Iterable[Endpoint]) -> RouteChange:
        """Takes a report of all endpoints; none at all means that the server is gone.

        Returns:
            What is different from the last report.
        """
        usable = {endpoint.id: endpoint for endpoint in endpoints if endpoint.available}
        devices = frozenset(device_of(endpoint) for endpoint in usable.values())
        output = _in_use(usable.values(), Direction.PLAYBACK)
        recording = _in_use(usable.values(), Direction.CAPTURE)
        before = self.output, self.input
        change = RouteChange(
            devices_added=devices - self._devices,
            devices_removed=self._devices - devices,
            output=device_of(output) if output else None,
            input=device_of(recording) if recording else None,
            became_noisy=self._becomes_noisy(usable, output),
            default_changed=before
            != (output and device_of(output), recording and device_of(recording)),
        )
        self._devices, self._output, self._input = devices, output, recording
        return change

    def _becomes_noisy(self, usable: dict[str, Endpoint], output: Endpoint | None) -> bool:
        """Whether it became noisy now; follows a loss over several reports."""
        outputs = [each for each in usable.values() if each.direction is Direction.PLAYBACK]
        if not outputs:
            # The server restarts, or nothing is left that could be heard.
            self._leaving = self._lost = None
            return False
        self._follow(usable, output)
        if self._lost is None:
            return False
        if output is not None:
            # What follows is known: the loss is over, one way or the other.
            self._lost = self._leaving = None
            return output.type not in PRIVATE_TYPES
        if any(each.type in PRIVATE_TYPES for each in outputs):
            # That may follow; the server has yet to say.
            return False
        self._lost = self._leaving = None
        return True

    def _follow(self, usable: dict[str, Endpoint], output: Endpoint | None) -> None:
        """Notes when the output in use is left, and when it is lost."""
        old = self._output
        if old is not None and _can_be_lost(old) and not self._excused(old):
            if old.id not in usable:
                self._lost = old
            elif output is None or output.id != old.id:
                self._leaving = old, self._clock()
        if self._leaving is not None:
            left, when = self._leaving
            if self._clock() - when > SETTLE_S or (output is not None and output.id == left.id):
                self._leaving = None
            elif left.id not in usable:
                self._leaving, self._lost = None, left


def _can_be_lost(endpoint: Endpoint) -> bool:
    return (
        endpoint.removable
        or endpoint.type in PRIVATE_TYPES
        or endpoint.type.value in BECOMING_NOISY_KINDS
    )


def _in_use(endpoints: Iterable[Endpoint], direction: Direction) -> Endpoint | None:
    for endpoint in endpoints:
        if endpoint.direction is direction and endpoint.default and endpoint.active:
            return endpoint
    return None


__all__ = ["PRIVATE_TYPES", "SETTLE_S", "RouteChange", "Routes", "device_of"]
