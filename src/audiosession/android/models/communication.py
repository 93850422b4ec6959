"""Which output calls use, and the Bluetooth link for them (android 77 to 85).

Each app has at most one wish, and at most one of them holds. A Bluetooth headset is used for
calls over a link of its own, SCO, that takes a while to open: until then calls go where they
went without a wish. Source: AudioDeviceBroker.java, BtHelper.java.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from audiosession.android.device_constants import AndroidAudioDeviceType
from audiosession.android.system_constants import AndroidScoAudioState
from audiosession.android.tables import figure

__all__ = ["CarriesCalls", "Communication", "DeviceRequest", "can_carry_calls"]

_Type = AndroidAudioDeviceType
_Sco = AndroidScoAudioState


class CarriesCalls(Protocol):
    """What has to be known of a device."""

    @property
    def id(self) -> int:
        """Its number, not 0."""

    @property
    def type(self) -> int:
        """One of Android's types."""

    @property
    def sink(self) -> bool:
        """Whether it plays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """The output that an app wishes for its calls."""

    app: str
    """Who wishes."""
    device: int
    """The output's number."""
    privileged: bool
    """Whether the app has MODIFY_PHONE_STATE, and so counts always."""


def can_carry_calls(device: CarriesCalls) -> bool:
    """Whether a device plays and is of a type that can carry a call (android 78)."""
    return device.sink and device.type in figure("communication_device_types")


class Communication:
    """The wishes of apps, the newest first, which one holds, and the link for calls."""

    def __init__(self) -> None:
        self._devices: dict[int, CarriesCalls] = {}
        self._requests: list[DeviceRequest] = []
        self._before_link: dict[str, DeviceRequest] = {}
        self._mode_owner: str | None = None
        self._active: frozenset[str] = frozenset()
        self._call: str | None = None
        self._sco = _Sco.DISCONNECTED
        self._linked: int | None = None
        self._sco_events: list[tuple[AndroidScoAudioState, AndroidScoAudioState]] = []

    # -- what is so --------------------------------------------------------------------------

    @property
    def requests(self) -> tuple[DeviceRequest, ...]:
        """The wishes, one of each app, the newest first."""
        return tuple(self._requests)

    @property
    def winner(self) -> DeviceRequest | None:
        """The wish that holds; ``None``: none does (android 77).

        That of the app that decides about the mode; where nobody does, the newest one, if its
        app plays or records.
        """
        if self._mode_owner is not None:
            return self._of(self._mode_owner)
        first = next(iter(self._requests), None)
        if first is not None and (first.privileged or first.app in self._active):
            return first
        return None

    @property
    def preferred(self) -> int | None:
        """The output that the wish in force chooses now; ``None``: none is chosen.

        A headset's link has to be open for that.
        """
        winner = self.winner
        if winner is None or (self._is_sco(winner.device) and self._sco is not _Sco.CONNECTED):
            return None
        return winner.device

    @property
    def sco_state(self) -> AndroidScoAudioState:
        """How the headset's link for calls is."""
        return self._sco

    @property
    def wants_sco(self) -> bool:
        """Whether the wish in force is for a headset's link."""
        winner = self.winner
        return winner is not None and self._is_sco(winner.device)

    @property
    def in_call(self) -> bool:
        """Whether a telephone call has the link (android 83)."""
        return self._call is not None

    @property
    def speaker_chosen(self) -> bool:
        """Whether the wish in force is for the loudspeaker."""
        preferred = self.preferred
        return preferred is not None and self._is(preferred, _Type.BUILTIN_SPEAKER)

    def available(self) -> tuple[int, ...]:
        """The numbers of the outputs that can carry a call, in the order of the devices."""
        return tuple(device.id for device in self._devices.values() if can_carry_calls(device))

    def device(self, used: int | None = None) -> int | None:
        """The output that calls use, as apps are told (android 79).

        Args:
            used: The output that the system itself would take; a dock is told as the
                loudspeaker, and another one does not count.

        Returns:
            The number of the one that is chosen; else the earpiece's; else that of the first
            that can carry a call; ``None`` where none can.
        """
        if self.preferred is not None:
            return self.preferred
        on_dock = used is not None and self._is(used, _Type.DOCK)
        wanted = _Type.BUILTIN_SPEAKER if on_dock else _Type.BUILTIN_EARPIECE
        fitting = self.available()
        return next((id for id in fitting if self._is(id, wanted)), next(iter(fitting), None))

    def wish(self, app: str) -> DeviceRequest | None:
        """An app's own wish."""
        return self._of(app)

    # -- apps --------------------------------------------------------------------------------

    def request(self, app: str, device: int, *, privileged: bool = False) -> bool:
        """An app wishes for an output, in place of what it wished for before (android 78).

        Args:
            app: Who wishes.
            device: The output's number.
            privileged: Whether the app has MODIFY_PHONE_STATE.

        Returns:
            Whether the wish was taken; not for an output that is not there, nor for a headset's
            link during somebody else's telephone call (android 83).
        """
        if device not in self._devices or (self._is_sco(device) and self._call not in (None, app)):
            return False
        before = self._of(app)
        if before is not None and self._is_sco(before.device):
            before = self._before_link.get(app)
        self._drop(app)
        self._requests.insert(0, DeviceRequest(app=app, device=device, privileged=privileged))
        if self._is_sco(device) and before is not None:
            self._before_link[app] = before
        self._settle()
        return True

    def set_speakerphone(self, app: str, on: bool, *, privileged: bool = False) -> None:
        """An app wishes for the loudspeaker, or takes that wish back, and no other (android 81)."""
        if on:
            speaker = self._first(_Type.BUILTIN_SPEAKER)
            if speaker is not None:
                self.request(app, speaker, privileged=privileged)
            return
        wish = self._of(app)
        if wish is not None and self._is(wish.device, _Type.BUILTIN_SPEAKER):
            self.clear(app)

    def start_sco(self, app: str, *, privileged: bool = False) -> None:
        """An app wishes for a headset's link (android 82).

        Without a headset that fails, and is told to have failed; during somebody else's
        telephone call it is passed over (android 83).
        """
        if self._call not in (None, app):
            return
        headset = self._first(_Type.BLUETOOTH_SCO)
        if headset is not None:
            self.request(app, headset, privileged=privileged)
        elif self._sco is _Sco.DISCONNECTED:
            self._move(_Sco.CONNECTING)
            self._move(_Sco.DISCONNECTED)

    def stop_sco(self, app: str) -> None:
        """An app takes its wish for a headset's link back, and no other wish."""
        wish = self._of(app)
        if wish is not None and self._is_sco(wish.device):
            self.clear(app)

    def clear(self, app: str) -> None:
        """An app takes its own wish back; without one nothing happens (android 79)."""
        self._drop(app)
        self._settle()

    def gone(self, app: str) -> None:
        """An app's process ended, and its wish with it (android 85)."""
        if self._call == app:
            self._call = None
        self.clear(app)

    # -- the system --------------------------------------------------------------------------

    def devices(self, devices: Iterable[CarriesCalls]) -> None:
        """The devices there are from now on; wishes for others end (android 85)."""
        self._devices = {device.id: device for device in devices}
        for request in self.requests:
            if request.device not in self._devices:
                self._drop(request.app)
        self._before_link = {
            app: one for app, one in self._before_link.items() if one.device in self._devices
        }
        self._settle()

    def deciding(self, mode_owner: str | None, active: Collection[str]) -> None:
        """Who decides about the mode now, and who plays or records voice communication."""
        self._mode_owner = mode_owner
        self._active = frozenset(active)
        self._settle()

    def call_began(self, app: str) -> None:
        """A telephone call begins: wishes for a headset's link are lost (android 83).

        They are not given back at its end.

        Args:
            app: The system's own app that has the call.
        """
        self._call = app
        for request in self.requests:
            if request.app != app and self._is_sco(request.device):
                self._drop(request.app)
        self._settle()

    def call_ended(self) -> None:
        """The telephone call is over."""
        self._call = None
        self._settle()

    def sco_connected(self) -> None:
        """The link is open; nothing happens when nobody waits for it."""
        if self._sco is _Sco.CONNECTING:
            winner = self.winner
            if winner is not None:
                self._before_link.pop(winner.app, None)
            self._move(_Sco.CONNECTED)

    def sco_failed(self) -> None:
        """The link could not be opened, or broke.

        Who wished for it has the wish back that it had before (android 85).
        """
        if self._sco is _Sco.DISCONNECTED:
            return
        winner = self.winner
        if winner is not None and self._is_sco(winner.device):
            before = self._before_link.pop(winner.app, None)
            index = self._requests.index(winner)
            self._requests[index : index + 1] = [] if before is None else [before]
        self._move(_Sco.DISCONNECTED)
        self._settle()

    def sco_events(self) -> tuple[tuple[AndroidScoAudioState, AndroidScoAudioState], ...]:
        """The changes of the link since this was last called, as (state, state before)."""
        events, self._sco_events = tuple(self._sco_events), []
        return events

    # -- inside ------------------------------------------------------------------------------

    def _of(self, app: str) -> DeviceRequest | None:
        return next((request for request in self._requests if request.app == app), None)

    def _drop(self, app: str) -> None:
        self._requests = [request for request in self._requests if request.app != app]
        self._before_link.pop(app, None)

    def _is(self, device: int, type: AndroidAudioDeviceType) -> bool:
        return device in self._devices and self._devices[device].type == type

    def _is_sco(self, device: int) -> bool:
        return self._is(device, _Type.BLUETOOTH_SCO)

    def _first(self, type: AndroidAudioDeviceType) -> int | None:
        return next((id for id in self.available() if self._is(id, type)), None)

    def _settle(self) -> None:
        """Opens and closes the link as the wish in force has it."""
        winner = self.winner
        wanted = winner.device if winner is not None and self._is_sco(winner.device) else None
        if self._sco is not _Sco.DISCONNECTED and wanted != self._linked:
            self._move(_Sco.DISCONNECTED)
        if self._sco is _Sco.DISCONNECTED and wanted is not None:
            self._linked = wanted
            self._move(_Sco.CONNECTING)

    def _move(self, state: AndroidScoAudioState) -> None:
        self._sco_events.append((state, self._sco))
        self._sco = state
