"""What AudioManager needs of a device for its devices, its mode and its calls.

It is a part of the ``android_device`` that a host offers. Every call concerns the app whose
host it is; the device knows what the app may do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from audiosession.android.audio_device_info import AudioDeviceInfo
from audiosession.android.intents import Intent
from audiosession.android.microphone_info import MicrophoneInfo
from audiosession.android.system_constants import AndroidAudioHardwareMode

__all__ = ["AndroidRouteEvents", "AndroidRoutes"]


class AndroidRouteEvents(Protocol):
    """Where a device reports to one app. Called in the app's event loop, in order."""

    def audio_devices_changed(self, devices: tuple[AudioDeviceInfo, ...]) -> None:
        """Devices came or went; these are there now."""

    def communication_device_changed(self, device: AudioDeviceInfo | None) -> None:
        """Calls use another output."""

    def mode_changed(self, mode: AndroidAudioHardwareMode) -> None:
        """The mode is another one."""

    def sent(self, intent: Intent) -> None:
        """The system sends something to all apps."""


class AndroidRoutes(Protocol):
    """Devices, mode and calls, for one app. A call that raises leaves everything as it was."""

    # -- devices -----------------------------------------------------------------------------

    async def audio_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """The devices there are, built-in ones first."""

    async def supported_device_types(self, *, sinks: bool) -> frozenset[int]:
        """The types of devices that could play, or that could record."""

    async def microphones(self) -> tuple[MicrophoneInfo, ...]:
        """The microphones there are."""

    # -- mode --------------------------------------------------------------------------------

    async def audio_mode(self) -> AndroidAudioHardwareMode:
        """The mode (android 74)."""

    async def request_audio_mode(self, mode: int) -> None:
        """The app asks for a mode; passed over where it may not (android 76)."""

    async def mode_reset(self) -> None:
        """Returns once the app asks for no mode any more, or 3 s on (android 60)."""

    def check_modes_are_told(self) -> None:
        """Makes sure that :meth:`AndroidRouteEvents.mode_changed` will be called.

        Raises:
            UnsupportedError: The host does not tell of modes.
        """

    async def call_screening_supported(self) -> bool:
        """Whether the mode for call screening is there."""

    # -- calls -------------------------------------------------------------------------------

    async def communication_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """The outputs that can carry a call now."""

    async def communication_device(self) -> AudioDeviceInfo | None:
        """The output that calls use, once a change under way is done, or 3 s on (android 79)."""

    async def request_communication_device(self, device: int) -> bool:
        """The app wishes for an output; False where that is not there (android 78)."""

    async def clear_communication_device(self) -> None:
        """The app takes its wish back (android 79)."""

    async def speakerphone(self) -> bool:
        """Whether the loudspeaker is chosen for calls."""

    async def request_speakerphone(self, on: bool) -> None:
        """The app wishes for the loudspeaker, or takes that back (android 81)."""

    # -- a headset's link for calls ----------------------------------------------------------

    async def sco_available_off_call(self) -> bool:
        """Whether a headset's link for calls can be used outside telephone calls."""

    async def start_sco(self) -> None:
        """The app wishes for a headset's link (android 82)."""

    async def stop_sco(self) -> None:
        """The app takes that wish back."""

    async def sco_on(self) -> bool:
        """Whether calls go over a headset's link, or an app has set the mark."""

    async def mark_sco(self, on: bool) -> None:
        """Sets the mark or takes it away; no link is opened."""

    # -- whom to tell ------------------------------------------------------------------------

    async def sticky_intent(self, action: str) -> Intent | None:
        """What was sent last of a kind that is kept; ``None``: nothing is kept of it."""

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        """Reports to ``events`` as well from now on; call what is returned to end that."""
