"""A simulated device's mode, output for calls and headset's link, as all its apps share them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..._checks import check_flag, check_seconds
from ...android.app import AndroidPermission
from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_constants import AndroidAudioDeviceType
from ...android.device_routes import AndroidRouteEvents
from ...android.intents import Intent
from ...android.microphone_info import MicrophoneInfo
from ...android.models.communication import Communication
from ...android.models.modes import Modes
from ...android.models.noisy import becomes_noisy, hold_s
from ...android.stream_constants import AndroidStreamType
from ...android.system_constants import (
    AndroidAudioHardwareMode,
    AndroidIntent,
    AndroidScoAudioState,
)
from ...core.claims import Claim, Role
from ...core.effects import Effect
from ...core.events import ClientGone, Event
from ...core.routing import Port, choose_route
from .android_ports import device_info, device_type, microphone_infos
from .android_streams import player_stream
from .changes import Counted
from .clock import ClockMode
from .observer import Observer

if TYPE_CHECKING:
    from .app import SimulatedApp
    from .clock import Timer
    from .device import SimulatedDevice

_Mode = AndroidAudioHardwareMode
_Sco = AndroidScoAudioState

_PHONE: Final = "phone"
"""The system's own app for telephone calls."""
_COMMUNICATION_MODES: Final = frozenset(
    {_Mode.IN_CALL, _Mode.IN_COMMUNICATION, _Mode.CALL_REDIRECT, _Mode.COMMUNICATION_REDIRECT}
)
_WIRED: Final = ("wiredHeadset", "wiredHeadphones")
_HDMI: Final = frozenset({AndroidAudioDeviceType.HDMI, AndroidAudioDeviceType.HDMI_ARC})


class AndroidRouting(Counted, Observer):
    """What the system has of all apps; ``device.android.routing``.

    Telephone calls of the device set the mode, as telephony does.

    Args:
        device: The device.
    """

    def __init__(self, device: SimulatedDevice) -> None:
        super().__init__(device.changes)
        self._device = device
        self.modes = Modes()
        """Who asks for which mode, to look at."""
        self.communication = Communication()
        """Which output calls use, to look at."""
        self._sco_setup_s = 0.5
        self._sco_fails = False
        self._sco_mark = False
        self._listeners: list[tuple[str, AndroidRouteEvents]] = []
        self._telling: deque[Callable[[AndroidRouteEvents], None]] = deque()
        self._delivering = False
        # The numbers of what is there; none is given twice.
        self._numbers: dict[tuple[str, int, bool], int] = {}
        self._last_number = 0
        self._ports: tuple[Port, ...] = device.plugs.ports
        self._leaving: dict[str, tuple[Port, float]] = {}
        self._devices: tuple[AudioDeviceInfo, ...] = ()
        self._port_of: dict[int, str] = {}
        self._device_told: AudioDeviceInfo | None = None
        self._hdmi_told: AudioDeviceInfo | None = None
        self._mode_told = _Mode.NORMAL
        self._speaker_told = False
        self._sco_told = _Sco.DISCONNECTED
        self._in_call = False
        self._kept: dict[str, Intent] = {}
        self._keep_sco(_Sco.DISCONNECTED, _Sco.DISCONNECTED)
        self._keep_headset(_headset(self._ports))
        self._keep_hdmi(None)
        self._waiting: tuple[asyncio.Future[None], ...] = ()
        self._link: Timer | None = None
        self._alarm: Timer | None = None
        self._look()
        # Nobody listens yet, and so nobody is told of what there was before.
        self._telling.clear()
        device.observe(self)

    # -- what the device's user and tests do -------------------------------------------------

    @property
    def sco_setup_s(self) -> float:
        """How long a headset's link takes to open, in seconds."""
        return self._sco_setup_s

    @sco_setup_s.setter
    def sco_setup_s(self, seconds: float) -> None:
        check_seconds("sco_setup_s", seconds)
        self._sco_setup_s = float(seconds)

    @property
    def sco_fails(self) -> bool:
        """Whether a link that is being opened turns out not to open; at first not."""
        return self._sco_fails

    @sco_fails.setter
    def sco_fails(self, fails: bool) -> None:
        check_flag("sco_fails", fails)
        self._sco_fails = fails

    @property
    def call_screening(self) -> bool:
        """Whether the device has the mode for call screening; at first not."""
        return self.modes.call_screening

    @call_screening.setter
    def call_screening(self, has_it: bool) -> None:
        check_flag("call_screening", has_it)
        self.modes.call_screening = has_it

    def break_sco(self) -> None:
        """The headset's link breaks; nothing happens where there is none."""
        self.communication.sco_failed()
        self.refresh()

    def switch_user(self, *, owner_stays_visible: bool = False) -> None:
        """Another user takes the device, which is noisy where anything sounds (android 72).

        Whoever has audio focus then loses it, and who is below is told nothing (android 30).

        Args:
            owner_stays_visible: Whether the user of who has focus is still on a screen, as on
                a car's other display; then it keeps that.

        Raises:
            InvalidTypeError: Neither True nor False.
        """
        check_flag("owner_stays_visible", owner_stays_visible)
        self._device.say("another user")
        if self._sounds():
            self._send(Intent(action=AndroidIntent.ACTION_AUDIO_BECOMING_NOISY))
        self._deliver()
        if not owner_stays_visible:
            self._device.android_focus.revoke_owner()

    # -- what is so --------------------------------------------------------------------------

    @property
    def devices(self) -> tuple[AudioDeviceInfo, ...]:
        """The devices as apps are told of them."""
        return self._devices

    @property
    def in_communication(self) -> bool:
        """Whether the mode is one of communication."""
        return self.modes.mode in _COMMUNICATION_MODES

    @property
    def sco_on(self) -> bool:
        """Whether calls go over a headset's link, or the mark is set."""
        return self._sco_mark or self.communication.sco_state is _Sco.CONNECTED

    @property
    def changing_until(self) -> float | None:
        """When a change of the output for calls under way is over, in seconds; else ``None``."""
        return None if self._link is None else self._link.at

    def info(self, id: int | None) -> AudioDeviceInfo | None:
        """The device of that number; ``None`` where it is not there."""
        return next((device for device in self._devices if device.id == id), None)

    def microphones(self) -> tuple[MicrophoneInfo, ...]:
        """The microphones there are."""
        profile = self._device.profile.name
        return tuple(
            microphone
            for device in self._devices
            if device.source
            for port in self._ports
            if port.id == self._port_of[device.id]
            for microphone in microphone_infos(port, device.id, profile)
        )

    def port_for_calls(self) -> str:
        """The port that sound of calls goes to by somebody's wish; empty: nobody wishes.

        While a headset's link is being opened it is the one that calls go to without.
        """
        if self.communication.winner is None:
            return ""
        device = self.communication.device()
        return "" if device is None else self._port_of.get(device, "")

    def kept(self, action: str) -> Intent | None:
        """What was sent last of a kind that is kept."""
        return self._kept.get(action)

    def announce(self, intent: Intent, keep: bool) -> None:
        """Sends something to all apps.

        Args:
            intent: What is sent.
            keep: Whether it is kept for those that register later.
        """
        if keep:
            self._kept[intent.action] = intent
        self._send(intent)
        self._deliver()

    # -- apps --------------------------------------------------------------------------------

    def privileged(self, app: SimulatedApp) -> bool:
        """Whether an app may do what telephony does."""
        return AndroidPermission.MODIFY_PHONE_STATE in app.android_app.permissions

    def set_mode(self, app: SimulatedApp, mode: int) -> None:
        """An app asks for a mode."""
        self.modes.set(app.id, mode, self._device.now, privileged=self.privileged(app))
        self.refresh()

    def asks_for_mode(self, app: str) -> bool:
        """Whether an app asks for a mode other than the normal one."""
        return any(request.app == app for request in self.modes.requests)

    def mark_sco(self, on: bool) -> None:
        """An app sets the mark or takes it away."""
        self._sco_mark = on

    def listen(self, app: str, events: AndroidRouteEvents) -> Callable[[], None]:
        """Has somebody in an app told of everything; call the result to end it."""
        entry = (app, events)
        self._listeners.append(entry)

        def end() -> None:
            self._listeners = [one for one in self._listeners if one is not entry]

        return end

    def refresh(self) -> None:
        """Something may be different: looks, and tells whom it concerns."""
        self._look()
        self._deliver()
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(None)

    async def wait(self, until: float) -> None:
        """Returns when anything may be different, at the latest at that time, in seconds."""
        clock = self._device.clock
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting += (woken,)
        timer = clock.call_at(until, self.refresh)
        try:
            if clock.mode is not ClockMode.FAST:
                await woken
                return
            # Others get a turn before the clock jumps.
            await asyncio.sleep(0)
            if not woken.done():
                await clock.wait_until(until)
        finally:
            timer.cancel()
            self._waiting = tuple(one for one in self._waiting if one is not woken)

    # -- what it is told ---------------------------------------------------------------------

    def decided(self, at: float, event: Event, effects: tuple[Effect, ...]) -> None:
        """See :class:`Observer`: an app's death ends its wishes (android 76, 85)."""
        if isinstance(event, ClientGone):
            self.modes.gone(event.client)
            self.communication.gone(event.client)
            self._listeners = [one for one in self._listeners if one[0] != event.client]

    def happened(self, at: float, text: str) -> None:
        """See :class:`Observer`: something may have been plugged in or pulled out."""
        if self._device.plugs.ports != self._ports:
            self.refresh()

    def settled(self, at: float) -> None:
        """See :class:`Observer`: who sounds may be others now."""
        self.refresh()

    # -- looking -----------------------------------------------------------------------------

    def _look(self) -> None:
        now = self._device.now
        self._look_at_ports(now)
        self._look_at_calls(now)
        communicating = self._communicating()
        self.modes.communicating(communicating, now)
        self.modes.check(now)
        self.communication.deciding(self.modes.owner, communicating)
        self._note_sco()
        self._note_the_rest()
        self._arm()
        self._altered()

    def _look_at_ports(self, now: float) -> None:
        before, self._ports = self._ports, self._device.plugs.ports
        there = {port.id for port in self._ports}
        gone = [port for port in before if port not in self._ports]
        if self._noisy(before, gone):
            self._leaving |= {port.id: (port, now + hold_s()) for port in gone}
            self._send(Intent(action=AndroidIntent.ACTION_AUDIO_BECOMING_NOISY))
        leaving = {
            id: (port, until)
            for id, (port, until) in self._leaving.items()
            if until > now and id not in there
        }
        if self._devices and self._ports == before and leaving == self._leaving:
            return
        self._leaving = leaving
        held = [port for port, _ in self._leaving.values()]
        devices: list[AudioDeviceInfo] = []
        self._port_of = {}
        for port in (*self._ports, *held):
            for sink in (True, False):
                if port.is_output if sink else port.is_input:
                    number = self._number(port, sink)
                    self._port_of[number] = port.id
                    devices.append(device_info(port, number, sink=sink))
        there_still = {(port.id, port.order) for port in (*self._ports, *held)}
        self._numbers = {key: n for key, n in self._numbers.items() if key[:2] in there_still}
        if tuple(devices) != self._devices:
            told = self._devices = tuple(devices)
            self._telling.append(lambda events: events.audio_devices_changed(told))
        # A device that is only held back carries no call.
        self.communication.devices(
            device for device in self._devices if self._port_of[device.id] in there
        )
        self._look_at_headset(before)
        self._look_at_hdmi()

    def _noisy(self, before: tuple[Port, ...], gone: list[Port]) -> bool:
        outputs = [port for port in gone if port.is_output]
        used = choose_route(before, Claim()).output
        return bool(outputs) and becomes_noisy(
            (device_type(port, sink=True) for port in outputs),
            (device_type(port, sink=True) for port in self._ports if port.is_output),
            in_use=any(port.id == used for port in outputs),
            communication=self.in_communication,
            sounding=self._sounds(),
        )

    def _sounds(self) -> bool:
        """Whether music plays or somebody has audio focus."""
        return bool(self._device.arbiter.active) or any(
            player.playing and player_stream(player) is AndroidStreamType.MUSIC
            for app in self._device.apps
            for player in app.players
        )

    def _look_at_headset(self, before: tuple[Port, ...]) -> None:
        had, has = _headset(before), _headset(self._ports)
        if had != has:
            self._keep_headset(has, had)
            self._send(self._kept[AndroidIntent.ACTION_HEADSET_PLUG])

    def _look_at_hdmi(self) -> None:
        found = next((device for device in reversed(self._devices) if device.type in _HDMI), None)
        # What is held back for apps to pause is gone all the same.
        if found is not None and self._port_of[found.id] in self._leaving:
            found = None
        if found != self._hdmi_told:
            self._hdmi_told = found
            self._keep_hdmi(found)
            self._send(self._kept[AndroidIntent.ACTION_HDMI_AUDIO_PLUG])

    def _look_at_calls(self, now: float) -> None:
        app_of = self._device.app_of_session
        sounds = self._device.system_sounds.items()
        roles = {role for session, role in sounds if app_of(session) == _PHONE}
        mode = _Mode.NORMAL
        if Role.CALL in roles:
            mode = _Mode.IN_CALL
        elif Role.RINGTONE in roles:
            mode = _Mode.RINGTONE
        had = next((one.mode for one in self.modes.requests if one.app == _PHONE), _Mode.NORMAL)
        if mode is not had:
            self.modes.set(_PHONE, mode, now, privileged=True)
        in_call = mode is _Mode.IN_CALL
        if in_call is not self._in_call:
            self._in_call = in_call
            if in_call:
                self.communication.call_began(_PHONE)
            else:
                self.communication.call_ended()

    def _communicating(self) -> set[str]:
        """The apps that play voice communication."""
        return {
            app.id
            for app in self._device.apps
            for player in app.players
            if player.playing and player_stream(player) is AndroidStreamType.VOICE_CALL
        }

    # -- telling -----------------------------------------------------------------------------

    def _note_sco(self) -> None:
        for state, before in self.communication.sco_events():
            self._keep_sco(state, before)
            self._send(self._kept[AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED])
            if state is not _Sco.CONNECTING and state is not self._sco_told:
                self._sco_told = state
                self._send(
                    Intent(
                        action=AndroidIntent.ACTION_SCO_AUDIO_STATE_CHANGED,
                        extras={AndroidIntent.EXTRA_SCO_AUDIO_STATE: state},
                    )
                )
            if self._link is not None:
                self._link.cancel()
                self._link = None
            if state is _Sco.CONNECTING:
                at = self._device.now + self._sco_setup_s
                self._link = self._device.clock.call_at(at, self._linked)

    def _linked(self) -> None:
        self._link = None
        if self._sco_fails:
            self.communication.sco_failed()
        else:
            self.communication.sco_connected()
        self.refresh()

    def _note_the_rest(self) -> None:
        mode = self.modes.mode
        if mode is not self._mode_told:
            self._mode_told = mode
            self._telling.append(lambda events: events.mode_changed(mode))
        device = self.info(self.communication.device())
        if device != self._device_told:
            self._device_told = device
            self._telling.append(lambda events: events.communication_device_changed(device))
        speaker = self.communication.speaker_chosen
        if speaker is not self._speaker_told:
            self._speaker_told = speaker
            self._send(Intent(action=AndroidIntent.ACTION_SPEAKERPHONE_STATE_CHANGED))

    def _keep_sco(self, state: AndroidScoAudioState, before: AndroidScoAudioState) -> None:
        self._kept[AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED] = Intent(
            action=AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED,
            extras={
                AndroidIntent.EXTRA_SCO_AUDIO_STATE: state,
                AndroidIntent.EXTRA_SCO_AUDIO_PREVIOUS_STATE: before,
            },
        )

    def _keep_headset(self, port: Port | None, before: Port | None = None) -> None:
        shown = port or before
        self._kept[AndroidIntent.ACTION_HEADSET_PLUG] = Intent(
            action=AndroidIntent.ACTION_HEADSET_PLUG,
            extras={
                "state": int(port is not None),
                "name": "" if shown is None else shown.name,
                "microphone": int(shown is not None and shown.is_input),
            },
        )

    def _keep_hdmi(self, device: AudioDeviceInfo | None) -> None:
        extras: dict[str, object] = {AndroidIntent.EXTRA_AUDIO_PLUG_STATE: int(device is not None)}
        if device is not None:
            extras[AndroidIntent.EXTRA_MAX_CHANNEL_COUNT] = max(device.channel_counts)
            extras[AndroidIntent.EXTRA_ENCODINGS] = device.encodings
        self._kept[AndroidIntent.ACTION_HDMI_AUDIO_PLUG] = Intent(
            action=AndroidIntent.ACTION_HDMI_AUDIO_PLUG, extras=extras
        )

    def _send(self, intent: Intent) -> None:
        self._telling.append(lambda events: events.sent(intent))

    def _deliver(self) -> None:
        """Tells everybody in order; what comes up meanwhile comes after."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._telling:
                tell = self._telling.popleft()
                for entry in tuple(self._listeners):
                    if entry in self._listeners:
                        tell(entry[1])
        finally:
            self._delivering = False

    # -- time --------------------------------------------------------------------------------

    def _arm(self) -> None:
        times = [until for _, until in self._leaving.values()]
        check = self.modes.next_check
        due = min(times if check is None else [*times, check], default=None)
        if self._alarm is not None:
            if self._alarm.at == due and not self._alarm.cancelled:
                return
            self._alarm.cancel()
        self._alarm = None if due is None else self._device.clock.call_at(due, self._due)

    def _due(self) -> None:
        self._alarm = None
        self.refresh()

    def _number(self, port: Port, sink: bool) -> int:
        """The number that stands for a port as long as it is connected."""
        key = port.id, port.order, sink
        if key not in self._numbers:
            self._last_number += 1
            self._numbers[key] = self._last_number
        return self._numbers[key]


def _headset(ports: tuple[Port, ...]) -> Port | None:
    """What is plugged in on a wire, the last first."""
    found = (port for port in reversed(ports) if port.kind in _WIRED and port.is_output)
    return next(found, None)


__all__ = ["AndroidRouting"]
