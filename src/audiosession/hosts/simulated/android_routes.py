"""One app's view of a simulated device's devices, mode and calls, as AudioManager needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_routes import AndroidRouteEvents
from ...android.intents import Intent
from ...android.microphone_info import MicrophoneInfo
from ...android.system_constants import AndroidAudioHardwareMode
from ...android.tables import figure
from ..base import Capability
from .android_ports import supported_types
from .android_routing import AndroidRouting

if TYPE_CHECKING:
    from .app import SimulatedApp


class SimulatedRoutes:
    """What an app asks; an :class:`~audiosession.android.device_routes.AndroidRoutes`."""

    def __init__(self, app: SimulatedApp, routing: AndroidRouting) -> None:
        self.app = app
        self._routing = routing

    # -- devices -----------------------------------------------------------------------------

    async def audio_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        return self._routing.devices

    async def supported_device_types(self, *, sinks: bool) -> frozenset[int]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return frozenset(map(int, supported_types(self.app.device.profile.name, sinks=sinks)))

    async def microphones(self) -> tuple[MicrophoneInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        return self._routing.microphones()

    # -- mode --------------------------------------------------------------------------------

    async def audio_mode(self) -> AndroidAudioHardwareMode:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._routing.modes.mode

    async def request_audio_mode(self, mode: int) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.set_mode(self.app, mode)

    async def mode_reset(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        routing, clock = self._routing, self.app.device.clock
        until = clock.now + figure("call_end_mode_wait_ms") / 1000.0
        while routing.asks_for_mode(self.app.id) and clock.now < until:
            await routing.wait(until)

    def check_modes_are_told(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`. They always are."""

    async def call_screening_supported(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._routing.call_screening

    # -- calls -------------------------------------------------------------------------------

    async def communication_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        routing = self._routing
        found = map(routing.info, routing.communication.available())
        return tuple(device for device in found if device is not None)

    async def communication_device(self) -> AudioDeviceInfo | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        routing, clock = self._routing, self.app.device.clock
        until = clock.now + figure("communication_device_wait_ms") / 1000.0
        while (settled := routing.changing_until) is not None and clock.now < until:
            await routing.wait(min(settled, until))
        return routing.info(routing.communication.device())

    async def request_communication_device(self, device: int) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        taken = self._routing.communication.request(
            self.app.id, device, privileged=self._privileged
        )
        self._routing.refresh()
        return taken

    async def clear_communication_device(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.communication.clear(self.app.id)
        self._routing.refresh()

    async def speakerphone(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._routing.communication.speaker_chosen

    async def request_speakerphone(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.communication.set_speakerphone(self.app.id, on, privileged=self._privileged)
        self._routing.refresh()

    # -- a headset's link for calls ----------------------------------------------------------

    async def sco_available_off_call(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return Capability.TELEPHONY in self.app.device.profile.capabilities

    async def start_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.communication.start_sco(self.app.id, privileged=self._privileged)
        self._routing.refresh()

    async def stop_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.communication.stop_sco(self.app.id)
        self._routing.refresh()

    async def sco_on(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._routing.sco_on

    async def mark_sco(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        self._routing.mark_sco(on)

    # -- whom to tell ------------------------------------------------------------------------

    async def sticky_intent(self, action: str) -> Intent | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        kept = self._routing.kept(action)
        return None if kept is None else replace(kept, sticky=True)

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self.app.check_alive()
        return self._routing.listen(self.app.id, events)

    @property
    def _privileged(self) -> bool:
        return self._routing.privileged(self.app)


__all__ = ["SimulatedRoutes"]
