"""A phone's devices, mode and calls, as AudioManager needs them.

Which output calls use an app chooses since API level 31; before that it asks for the
loudspeaker or for a headset's link. What the phone decides is passed on, and so is what it
refuses. Source: AudioManager.java,
https://developer.android.com/reference/android/media/AudioManager
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_constants import AndroidAudioDeviceType, AndroidGetAudioDevicesFlags
from ...android.device_routes import AndroidRouteEvents
from ...android.intents import Intent
from ...android.microphone_info import MicrophoneInfo
from ...android.system_constants import AndroidAudioHardwareMode
from .api import AndroidApi
from .errors import JavaError
from .hearing import MODE_TOLD, PhoneHearing
from .infos import device_info, intent_of, known, microphone_info
from .part import PhonePart, java_int

__all__ = ["PhoneRoutes"]

_Flags = AndroidGetAudioDevicesFlags
_BUILT_IN: Final = frozenset(
    {
        AndroidAudioDeviceType.BUILTIN_EARPIECE,
        AndroidAudioDeviceType.BUILTIN_SPEAKER,
        AndroidAudioDeviceType.BUILTIN_SPEAKER_SAFE,
        AndroidAudioDeviceType.BUILTIN_MIC,
        AndroidAudioDeviceType.TELEPHONY,
    }
)
_IO_EXCEPTION: Final = "java.io.IOException"


class PhoneRoutes(PhonePart):
    """Devices, mode and calls; an :class:`~audiosession.android.device_routes.AndroidRoutes`.

    Args:
        api: The phone's API, by level.
    """

    def __init__(self, api: AndroidApi) -> None:
        super().__init__(api)
        self._hearing = PhoneHearing(api, lambda: self._manager)
        # Before API level 31 there is nothing that takes back both at once.
        self._asked_for_speaker = self._asked_for_link = self._asked_once = False

    # -- devices -----------------------------------------------------------------------------

    async def audio_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 23."""
        found = self._native_devices("getDevices", int(_Flags.ALL))
        devices = [device_info(self._api, native) for native in found]
        return tuple(sorted(devices, key=lambda device: device.type not in _BUILT_IN))

    async def supported_device_types(self, *, sinks: bool) -> frozenset[int]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 35.

        Types that came after this package are left out.
        """
        direction = _Flags.OUTPUTS if sinks else _Flags.INPUTS
        types = self._native_devices("getSupportedDeviceTypes", int(direction))
        there = AndroidAudioDeviceType.__members__.values()
        return frozenset(int(type) for type in types if int(type) in there)

    async def microphones(self) -> tuple[MicrophoneInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 28.

        Raises:
            OSError: the hardware does not answer.
        """
        try:
            found = self._native_devices("getMicrophones")
        except JavaError as error:
            if error.java_class == _IO_EXCEPTION:
                raise OSError(str(error)) from error
            raise
        return tuple(microphone_info(self._api, native) for native in found)

    # -- mode --------------------------------------------------------------------------------

    async def audio_mode(self) -> AndroidAudioHardwareMode:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return known(
            AndroidAudioHardwareMode, self._ask("getMode"), AndroidAudioHardwareMode.INVALID
        )

    async def request_audio_mode(self, mode: int) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._ask("setMode", java_int(mode))

    async def mode_reset(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`. The phone waits."""

    def check_modes_are_told(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 31."""
        self._api.require(MODE_TOLD)

    async def call_screening_supported(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 30."""
        return bool(self._ask("isCallScreeningModeSupported"))

    # -- calls -------------------------------------------------------------------------------

    async def communication_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 31."""
        found = self._native_devices("getAvailableCommunicationDevices")
        return tuple(device_info(self._api, native) for native in found)

    async def communication_device(self) -> AudioDeviceInfo | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 31.

        It is the phone that waits for a change under way, and the event loop with it.
        """
        native = self._ask("getCommunicationDevice")
        return None if native is None else device_info(self._api, native)

    async def request_communication_device(self, device: int) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 31."""
        self._asked_once = True
        for native in (
            *self._native_devices("getAvailableCommunicationDevices"),
            *self._native_devices("getDevices", int(_Flags.OUTPUTS)),
        ):
            if int(self._api.call(native, "AudioDeviceInfo.getId")) == device:
                return bool(self._ask("setCommunicationDevice", native))
        return False

    async def clear_communication_device(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`; API level 31.

        Before that it takes back the loudspeaker and the headset's link, where the app ever
        asked for one of them.
        """
        if self._api.has("AudioManager.clearCommunicationDevice") or not self._asked_once:
            self._ask("clearCommunicationDevice")
        else:
            if self._asked_for_link:
                await self.stop_sco()
            if self._asked_for_speaker:
                await self.request_speakerphone(False)
        self._asked_for_speaker = self._asked_for_link = False

    async def speakerphone(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return bool(self._ask("isSpeakerphoneOn"))

    async def request_speakerphone(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._ask("setSpeakerphoneOn", on)
        self._asked_for_speaker = on
        self._asked_once = self._asked_once or on

    # -- a headset's link for calls ----------------------------------------------------------

    async def sco_available_off_call(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return bool(self._ask("isBluetoothScoAvailableOffCall"))

    async def start_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        # To be stopped even after a failure.
        self._asked_for_link = self._asked_once = True
        self._ask("startBluetoothSco")

    async def stop_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._ask("stopBluetoothSco")
        self._asked_for_link = False

    async def sco_on(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return bool(self._ask("isBluetoothScoOn"))

    async def mark_sco(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._ask("setBluetoothScoOn", on)

    # -- whom to tell ------------------------------------------------------------------------

    async def sticky_intent(self, action: str) -> Intent | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        api, context = self._api, self._api.bridge.context()
        only = api.new("IntentFilter", str(action))
        flags: tuple[int, ...] = ()
        if api.has("Context.RECEIVER_NOT_EXPORTED"):
            flags = (api.constant("Context.RECEIVER_NOT_EXPORTED"),)
        # Nobody is registered by that; it is how what is kept is read.
        native = api.call(context, "Context.registerReceiver", None, only, *flags)
        return None if native is None else intent_of(api, native, sticky=True)

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._hearing.listen(events)

    def stop_hearing(self) -> None:
        """The host is closed: the phone tells nothing any more."""
        self._hearing.stop()

    # -- inside ------------------------------------------------------------------------------

    def _native_devices(self, method: str, *args: Any) -> list[Any]:
        return self._api.bridge.items(self._ask(method, *args))
