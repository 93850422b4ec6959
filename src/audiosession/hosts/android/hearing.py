"""What a phone tells an app's AudioManager: broadcasts, devices, the output for calls, the mode.

The phone calls on threads of its own. What it says is handed to the event loop of whoever
listens, in order, and is read there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from ...android.device_routes import AndroidRouteEvents
from ...android.system_constants import AndroidAudioHardwareMode
from .api import AndroidApi
from .infos import EXTRAS, device_info, intent_of, known
from .loop import LoopPost
from .receivers import follow_devices, receive

__all__ = ["MODE_TOLD", "PhoneHearing"]

_log = logging.getLogger("audiosession")

MODE_TOLD: Final = "AudioManager.addOnModeChangedListener"
"""Since it is there the phone tells of modes, and of the output for calls."""
_GET_ALL: Final = 3
_Mode = AndroidAudioHardwareMode


class _Ear:
    """Somebody who listens, and the event loop in which that began."""

    def __init__(self, events: AndroidRouteEvents) -> None:
        self.events = events
        self.post = LoopPost()


class PhoneHearing:
    """Registers with the phone while somebody listens.

    Args:
        api: The phone's API, by level.
        manager: Gives the app's own ``android.media.AudioManager``.
    """

    def __init__(self, api: AndroidApi, manager: Callable[[], Any]) -> None:
        self._api = api
        self._manager = manager
        self._ears: tuple[_Ear, ...] = ()
        self._undo: list[Callable[[], object]] = []

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        """Reports to ``events`` as well from now on; call what is returned to end that.

        Raises:
            JavaError: Java raised something; nothing is reported then.
        """
        ear = _Ear(events)
        told = bool(self._ears)
        if not told:
            self._start()
        self._ears += (ear,)
        if told and self._api.has("AudioDeviceCallback"):
            # Whoever registers is told what there is, and others may have missed it.
            ear.post(partial(self._tell, ear, self._devices, None))

        def end() -> None:
            if ear in self._ears:
                self._ears = tuple(each for each in self._ears if each is not ear)
                if not self._ears:
                    self.stop()

        return end

    def stop(self) -> None:
        """Nobody listens any more."""
        self._ears = ()
        while self._undo:
            undo = self._undo.pop()
            try:
                undo()
            except Exception:
                _log.exception("the phone would not end telling the app something")

    # -- registering -------------------------------------------------------------------------

    def _start(self) -> None:
        api = self._api
        try:
            self._undo.append(receive(api, map(str, EXTRAS), self._heard(self._sent)))
            if api.has("AudioDeviceCallback"):
                changed = self._heard(self._devices)
                self._undo.append(
                    follow_devices(api, self._manager(), added=changed, removed=changed)
                )
            if api.has(MODE_TOLD):
                self._follow("OnModeChangedListener", "onModeChanged", self._mode)
                self._follow(
                    "OnCommunicationDeviceChangedListener",
                    "onCommunicationDeviceChanged",
                    self._communication_device,
                )
        except BaseException:
            self.stop()
            raise

    def _follow(self, interface: str, method: str, what: Callable[[_Ear, Any], None]) -> None:
        api, bridge, manager = self._api, self._api.bridge, self._manager()
        listener = bridge.implement(
            f"android.media.AudioManager${interface}", {method: self._heard(what)}
        )
        self._undo.append(lambda: bridge.release(listener))
        executor = api.call(bridge.context(), "Context.getMainExecutor")
        api.call(manager, f"AudioManager.add{interface}", executor, listener)
        self._undo.append(lambda: api.call(manager, f"AudioManager.remove{interface}", listener))

    # -- what is heard -----------------------------------------------------------------------

    def _heard(self, what: Callable[[_Ear, Any], None]) -> Callable[[Any], None]:
        """What the phone calls, on any thread: everybody is told in his own event loop."""

        def heard(said: Any) -> None:
            for ear in self._ears:
                ear.post(partial(self._tell, ear, what, said))

        return heard

    def _tell(self, ear: _Ear, what: Callable[[_Ear, Any], None], said: Any) -> None:
        if ear in self._ears:
            what(ear, said)

    def _sent(self, ear: _Ear, native: Any) -> None:
        ear.events.sent(intent_of(self._api, native))

    def _devices(self, ear: _Ear, _: Any) -> None:
        # The phone says what came or went; those who listen are told what there is.
        natives = self._api.call(self._manager(), "AudioManager.getDevices", _GET_ALL)
        ear.events.audio_devices_changed(
            tuple(device_info(self._api, native) for native in self._api.bridge.items(natives))
        )

    def _communication_device(self, ear: _Ear, native: Any) -> None:
        # To a listener pyjnius hands null as an object that is null inside.
        objects = self._api.bridge.java_class("java.util.Objects")
        device = None if objects.isNull(native) else device_info(self._api, native)
        ear.events.communication_device_changed(device)

    def _mode(self, ear: _Ear, mode: Any) -> None:
        ear.events.mode_changed(known(_Mode, mode, _Mode.INVALID))
