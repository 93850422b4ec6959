"""The audio mode: the part of AudioManager that asks for one and tells of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

from audiosession import _json
from audiosession.android._listeners import Listeners
from audiosession.android._routing import RoutingBase
from audiosession.android.app import AndroidPermission
from audiosession.android.audio_focus_request import Handler
from audiosession.android.device_routes import AndroidRoutes
from audiosession.android.models.modes import FOR_TELEPHONY
from audiosession.android.system_constants import AndroidAudioHardwareMode
from audiosession.errors import ClosedError

__all__ = ["ManagerModes"]

_Mode = AndroidAudioHardwareMode

_SCREENING_SINCE: Final = 30
_REDIRECTS_SINCE: Final = 33


class ManagerModes(RoutingBase):
    """Which mode the device is in, and asking for one (android 74 to 76)."""

    _asked_for_mode = False

    @cached_property
    def _mode_listeners(self) -> Listeners[AndroidAudioHardwareMode]:
        return Listeners("OnModeChangedListener")

    async def set_mode(self, mode: int) -> None:
        """Asks for a mode.

        What is no mode, or not for this app, is passed over without a word; ``MODE_NORMAL``
        takes the request back (android 76).

        Args:
            mode: One of ``MODE_*``.

        Raises:
            InvalidTypeError: It is no integer.
            UnsupportedError: The host has no modes.
            ClosedError: The manager was closed.
        """
        number = _json.integer(mode, "mode")
        routes = self._routes()
        wishes = self._wishes_on(routes).modes
        asks = number != _Mode.NORMAL
        if asks:
            # A call that is cancelled may have come that far.
            self._asked_for_mode = True
            if self._may_have(number):
                wishes.put(self, number)
        await routes.request_audio_mode(number)
        if not asks:
            # The request is the app's, whoever of it asked.
            wishes.clear()
            self._asked_for_mode = False

    async def get_mode(self) -> AndroidAudioHardwareMode:
        """The mode, as the app's API level knows it.

        Up to level 29 call screening is a call, up to 32 a redirected call is a call and
        redirected communication is communication.

        Raises:
            UnsupportedError: The host has no modes.
            ClosedError: The manager was closed.
        """
        return self._known_mode(await self._routes().audio_mode())

    async def is_call_screening_mode_supported(self) -> bool:
        """Whether the mode for call screening is there; API level 30.

        Raises:
            UnsupportedError: The host has no modes.
            ClosedError: The manager was closed.
        """
        return await self._routes().call_screening_supported()

    async def add_on_mode_changed_listener(
        self, executor: Handler, listener: Callable[[AndroidAudioHardwareMode], object]
    ) -> None:
        """Tells of every other mode; API level 31.

        Args:
            executor: What calls the listener.
            listener: Is given the mode.

        Raises:
            NullPointerException: There is no executor or no listener.
            IllegalArgumentException: The listener is there already.
            InvalidTypeError: One of them cannot be called.
            UnsupportedError: The host has no modes, or does not tell of them.
            ClosedError: The manager was closed.
        """
        self._mode_listeners.check(executor, listener)
        self._listen().check_modes_are_told()
        self._mode_listeners.add(executor, listener)

    async def remove_on_mode_changed_listener(
        self, listener: Callable[[AndroidAudioHardwareMode], object]
    ) -> None:
        """Ends that.

        Raises:
            NullPointerException: There is no listener.
            InvalidTypeError: It cannot be called.
            ClosedError: The manager was closed.
        """
        self._check_open()
        self._mode_listeners.remove(listener)

    # -- inside ------------------------------------------------------------------------------

    async def _mode_reset(self) -> None:
        if not self._asked_for_mode:
            return
        try:
            await self._routes().mode_reset()
        except ClosedError:
            # The process is dead, and its mode with it.
            self._check_open()

    def _may_have(self, mode: int) -> bool:
        """Whether a request for a mode is not passed over (android 76)."""
        if mode < _Mode.NORMAL or mode not in _Mode.__members__.values():
            return False
        telephony = AndroidPermission.MODIFY_PHONE_STATE in self._app.permissions
        return telephony or mode not in FOR_TELEPHONY

    async def _leave_mode(self, routes: AndroidRoutes) -> None:
        """Takes this manager's wish back; what another of the app wished before holds again."""
        wishes = self._wishes_on(routes).modes
        mine = wishes.newest
        if wishes.take(self) and wishes.newest != mine:
            before = wishes.newest
            await routes.request_audio_mode(_Mode.NORMAL if before is None else before)

    def _known_mode(self, mode: AndroidAudioHardwareMode) -> AndroidAudioHardwareMode:
        if mode is _Mode.CALL_SCREENING and self._target_sdk < _SCREENING_SINCE:
            return _Mode.IN_CALL
        if self._target_sdk < _REDIRECTS_SINCE:
            if mode is _Mode.CALL_REDIRECT:
                return _Mode.IN_CALL
            if mode is _Mode.COMMUNICATION_REDIRECT:
                return _Mode.IN_COMMUNICATION
        return mode

    def _hear_mode(self, mode: AndroidAudioHardwareMode) -> None:
        self._mode_listeners.tell(mode)
        super()._hear_mode(mode)

    async def _end(self) -> None:
        self._mode_listeners.clear()
        try:
            if self._asked_for_mode:
                self._asked_for_mode = False
                await self._give_back(self._leave_mode)
        finally:
            await super()._end()
