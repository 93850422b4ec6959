"""One app's view of this machine's devices, its mode and its calls, as AudioManager needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..._tasks import to_the_end
from ...android.audio_device_info import AudioDeviceInfo
from ...android.device_routes import AndroidRouteEvents
from ...android.intents import Intent
from ...android.kinds import INPUT_TYPES, OUTPUT_TYPES
from ...android.microphone_info import MicrophoneInfo
from ...android.models.communication import Communication, DeviceRequest
from ...android.models.modes import Modes
from ...android.models.noisy import becomes_noisy
from ...android.system_constants import (
    AndroidAudioHardwareMode,
    AndroidIntent,
    AndroidScoAudioState,
)
from ...android.tables import figure
from ...apple import AVAudioSessionCategory, AVAudioSessionCategoryOptions
from ...configuration import AudioSessionConfiguration
from ...core.claims import Role
from ...core.routing import RouteRequest
from ...errors import AudioSessionError, HostUnavailableError, HostUnavailableReason
from ...service.routing.report import PortReport, RoutingReport
from ..arbitrated import claim_of
from ..base import ActivationRequest, Outcome
from .android_ears import RouteEars, SessionEars
from .android_ports import (
    device_info,
    device_type,
    headset_intent,
    microphone_info,
    wired_headset,
    works,
)
from .client import ServiceClient

if TYPE_CHECKING:
    from .apple_device import LinuxAppleDevice
    from .host import LinuxHost
    from .session import LinuxSession

_log = logging.getLogger("audiosession")

_APP: Final = "app"
"""Models know several apps; here they know the one that asks."""
SCO_S: Final = 8.0
"""How long a headset's link may take to open before it counts as failed, in seconds."""
AGAIN_S: Final = 0.25, 0.5, 1.0, 2.0, 5.0, 10.0
"""How long to wait before a service that is gone is looked for again, in seconds; the last one
from then on."""
CALL_MODES: Final = frozenset(
    {AndroidAudioHardwareMode.IN_CALL, AndroidAudioHardwareMode.IN_COMMUNICATION}
)
"""Modes of which volumes and noise follow the call."""
_Sco = AndroidScoAudioState

CALLS: Final = AudioSessionConfiguration(
    av_audio_session_category=AVAudioSessionCategory.PLAY_AND_RECORD,
    av_audio_session_category_options=AVAudioSessionCategoryOptions.MIX_WITH_OTHERS,
)
"""What the session is that chooses the output for calls: it weighs on nobody."""


class LinuxAndroidRoutes:
    """Devices, mode and calls; an :class:`~audiosession.android.device_routes.AndroidRoutes`.

    The devices are the ports of the service's
    :class:`~audiosession.service.routing.report.RoutingReport`, which a session of its own is
    told of. That session is active while the app wishes for an output for calls, and has the
    service switch profiles and move streams for it.

    There is no telephony: a mode is the app's own, and its wish holds as long as it has one. Of
    several apps the last one to wish has its way with a card.

    Args:
        host: The app's host.
    """

    def __init__(self, host: LinuxHost) -> None:
        self._host = host
        self._mirror: LinuxAppleDevice | None = None
        self._session: LinuxSession | None = None
        # The app's calls, which are routed with it.
        self._calls: dict[LinuxSession, LinuxAppleDevice] = {}
        self._request = RouteRequest()
        self._enforcing = asyncio.Lock()
        self._later: asyncio.Future[None] | None = None
        # Counts the wishes: one that was taken back may be followed by another.
        self._wishes = 0
        self._lock = asyncio.Lock()
        self._listeners: list[AndroidRouteEvents] = []
        self._report: RoutingReport | None = None
        self._devices: tuple[AudioDeviceInfo, ...] = ()
        self._ports: dict[int, PortReport] = {}
        self._numbers: dict[tuple[str, bool], int] = {}
        self._modes = Modes()
        self._communication = Communication()
        self._finding: asyncio.Future[None] | None = None
        # Until when a link that was open may be open again, for the service is another one.
        self._reopening: asyncio.TimerHandle | None = None
        self._sco_mark = False
        self._sco_alarm: asyncio.TimerHandle | None = None
        self._sco_told = _Sco.DISCONNECTED
        self._device_told: AudioDeviceInfo | None = None
        self._speaker_told = False
        self._kept: dict[str, Intent] = {}
        self._keep_sco(_Sco.DISCONNECTED, _Sco.DISCONNECTED)
        self._news = asyncio.Event()

    # -- devices -----------------------------------------------------------------------------

    async def audio_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        return self._devices

    async def supported_device_types(self, *, sinks: bool) -> frozenset[int]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return frozenset(map(int, (OUTPUT_TYPES if sinks else INPUT_TYPES).values()))

    async def microphones(self) -> tuple[MicrophoneInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        return tuple(
            microphone_info(self._ports[device.id], device.id)
            for device in self._devices
            if device.source
        )

    # -- mode --------------------------------------------------------------------------------

    async def audio_mode(self) -> AndroidAudioHardwareMode:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._modes.mode

    async def request_audio_mode(self, mode: int) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        before, now = self._modes.mode, asyncio.get_running_loop().time()
        self._modes.set(_APP, mode, now)
        after = self._modes.mode
        if after is not before:
            self._tell(lambda events: events.mode_changed(after))
            self._communication.deciding(self._modes.owner, {_APP})
            self._note()

    async def mode_reset(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`. There is no waiting."""

    def check_modes_are_told(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`. They always are."""

    async def call_screening_supported(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return False

    # -- calls -------------------------------------------------------------------------------

    async def communication_devices(self) -> tuple[AudioDeviceInfo, ...]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        found = map(self._info, self._communication.available())
        return tuple(device for device in found if device is not None)

    async def communication_device(self) -> AudioDeviceInfo | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        try:
            async with asyncio.timeout(figure("communication_device_wait_ms") / 1000.0):
                while self._communication.sco_state is _Sco.CONNECTING:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            _log.debug("the link for calls is still being opened")
        return self._info(self._communication.device())

    async def request_communication_device(self, device: int) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        before = self._communication.wish(_APP)
        taken = self._communication.request(_APP, device)
        await self._follow(lambda: self._wish_again(before))
        return taken

    async def clear_communication_device(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._communication.clear(_APP)
        await self._follow()

    async def speakerphone(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._communication.speaker_chosen

    async def request_speakerphone(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        before = self._communication.wish(_APP)
        self._communication.set_speakerphone(_APP, on)
        await self._follow((lambda: self._wish_again(before)) if on else None)

    # -- a headset's link for calls ----------------------------------------------------------

    async def sco_available_off_call(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`. It always can."""
        return True

    async def start_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        before = self._communication.wish(_APP)
        self._communication.start_sco(_APP)
        await self._follow(lambda: self._wish_again(before))

    async def stop_sco(self) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._communication.stop_sco(_APP)
        await self._follow()

    async def sco_on(self) -> bool:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        return self._sco_mark or self._communication.sco_state is _Sco.CONNECTED

    async def mark_sco(self, on: bool) -> None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        self._sco_mark = on

    # -- whom to tell ------------------------------------------------------------------------

    async def sticky_intent(self, action: str) -> Intent | None:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        await self._known()
        kept = self._kept.get(action)
        return None if kept is None else replace(kept, sticky=True)

    def listen(self, events: AndroidRouteEvents) -> Callable[[], None]:
        """See :class:`~audiosession.android.device_routes.AndroidRoutes`."""
        entry = [events]
        self._listeners.append(events)

        def end() -> None:
            if entry:
                self._listeners.remove(entry.pop())

        return end

    # -- for the host ------------------------------------------------------------------------

    def closed(self) -> None:
        """The host is closed; the next call begins anew."""
        if self._sco_alarm is not None:
            self._sco_alarm.cancel()
            self._sco_alarm = None
        for work in (self._reopening, self._later, self._finding):
            if work is not None:
                work.cancel()
        if self._mirror is not None:
            self._mirror.on_gone = lambda: None
        self._session = self._mirror = self._later = self._finding = self._reopening = None
        # Of the loop that may have ended.
        self._enforcing, self._lock = asyncio.Lock(), asyncio.Lock()
        self._calls.clear()
        self._request = RouteRequest()
        self._communication.clear(_APP)
        self._communication.sco_events()

    async def activated(self, session: LinuxSession) -> None:
        """A session of the app's is active: one that is a call follows the wish in force."""
        if session is not self._session and self._request != RouteRequest():
            await self._route_call(session)

    def session_closed(self, session: LinuxSession) -> None:
        """A session of the app's is closed."""
        self._calls.pop(session, None)

    # -- for the ears ------------------------------------------------------------------------

    def look(self) -> None:
        """The report is another one."""
        report = None if self._mirror is None else self._mirror.report
        if report is None or report == self._report:
            return
        before, self._report = self._report, report
        first, had = before is None, self._devices
        self._take_devices(report)
        self._look_at_link(report)
        if not first and before is not None and self._noisy(before, had, report):
            self._send(Intent(action=AndroidIntent.ACTION_AUDIO_BECOMING_NOISY))
        if not first and had != self._devices:
            told = self._devices
            self._tell(lambda events: events.audio_devices_changed(told))
        self._look_at_headset(had, first=first)
        if first:
            self._device_told = self._info(self._communication.device())
        self._note()
        if self._owes:
            # The device of the wish is gone, and the wish with it (android 85); or the sound
            # server was gone, and the session with it.
            self._enforce_soon()

    # -- inside: what is known ---------------------------------------------------------------

    async def _known(self) -> RoutingReport:
        """What the service says of routes; opens a session for that the first time.

        Raises:
            HostUnavailableError: the service cannot be had, or knows no routes.
        """
        async with self._lock:
            session = self._session
            if session is None:
                mirror = self._host.new_apple_device()
                mirror.attach(RouteEars(self), RouteRequest())
                mirror.on_gone = self._service_gone
                self._session = await self._host.open_apart(SessionEars(), mirror)
                self._mirror = mirror
            elif session.path is None:
                # The service was gone; what was asked for is asked for again.
                await session.ask("Routing", "", [])
        self.look()
        if self._report is None:
            raise HostUnavailableError(
                HostUnavailableReason.VERSION_MISMATCH, "the service does not tell of routes"
            )
        return self._report

    def _service_gone(self) -> None:
        """Who listens is to hear of the next service, also where the app asks it nothing."""
        if self._communication.sco_state is _Sco.CONNECTED:
            self._reopen()
        if self._listeners and (self._finding is None or self._finding.done()):
            self._finding = asyncio.ensure_future(self._find_again())  # noqa: TID251
            self._finding.add_done_callback(_look_at)

    async def _find_again(self) -> None:
        attempt = 0
        while self._listeners and self._session is not None and self._session.path is None:
            await asyncio.sleep(AGAIN_S[min(attempt, len(AGAIN_S) - 1)])
            attempt += 1
            try:
                # Who only listens starts none.
                await (await ServiceClient.connect(start=False)).close()
                await self._known()
            except AudioSessionError as error:
                _log.debug("the service is not back yet: %s", error)

    def _take_devices(self, report: RoutingReport) -> None:
        self._ports = {}
        devices: list[AudioDeviceInfo] = []
        for each in sorted(report.ports, key=lambda each: not each.port.built_in):
            for sink in (True, False):
                if each.port.is_output if sink else each.port.is_input:
                    number = self._number(each, sink)
                    self._ports[number] = each
                    devices.append(device_info(each, number, sink=sink))
        self._devices = tuple(devices)
        if report.complete:
            self._communication.devices(devices)
            self._communication.deciding(self._modes.owner, {_APP})

    def _number(self, each: PortReport, sink: bool) -> int:
        """The number that stands for a port, also when it comes back."""
        return self._numbers.setdefault((each.port.id, sink), len(self._numbers) + 1)

    def _info(self, id: int | None) -> AudioDeviceInfo | None:
        return next((device for device in self._devices if device.id == id), None)

    def _noisy(
        self, before: RoutingReport, had: tuple[AudioDeviceInfo, ...], now: RoutingReport
    ) -> bool:
        there = {each.port.id for each in now.ports}
        gone = [each for each in before.ports if each.port.id not in there]
        outputs = [each.port for each in gone if each.port.is_output]
        return bool(outputs) and becomes_noisy(
            (device_type(port, sink=True) for port in outputs),
            (device.type for device in self._devices if device.sink),
            in_use=any(port.id in before.route.outputs for port in outputs),
            communication=self._modes.mode in CALL_MODES,
            sounding=before.plays or before.other_audio or before.focus,
        )

    def _look_at_headset(self, had: tuple[AudioDeviceInfo, ...], *, first: bool) -> None:
        was, now = wired_headset(had), wired_headset(self._devices)
        if not first and was == now:
            return
        self._kept[AndroidIntent.ACTION_HEADSET_PLUG] = headset_intent(now, was, self._devices)
        if not first:
            self._send(self._kept[AndroidIntent.ACTION_HEADSET_PLUG])

    # -- inside: calls -----------------------------------------------------------------------

    async def _follow(self, undo: Callable[[], None] | None = None) -> None:
        """Has the service route calls as the wish in force has it.

        Args:
            undo: Takes the wish back when the caller is cancelled; ``None``: it stays, for
                nobody wants less than nothing.

        Raises:
            HostUnavailableError: the service cannot be had; the wish is taken back.
        """
        self._wishes += 1
        mine = self._wishes

        async def follow() -> None:
            try:
                await self._enforce()
            except Exception:
                if mine == self._wishes:
                    self._communication.clear(_APP)
                    self._note()
                raise

        async def take_back(_: None) -> None:
            if undo is not None and mine == self._wishes:
                undo()
                self._note()
                await self._enforce()

        self._note()
        await to_the_end(follow(), undo=take_back)
        self.look()

    def _wish_again(self, before: DeviceRequest | None) -> None:
        if self._communication.wish(_APP) != before:
            self._communication.clear(_APP)
            if before is not None:
                self._communication.request(_APP, before.device)

    def _wished(self) -> RouteRequest:
        """What the wish in force asks of the service; nothing in particular without one."""
        if self._report is None or not self._report.complete:
            # The device of the wish is not gone because nothing is known of any.
            return self._request if self._communication.winner else RouteRequest()
        winner = self._communication.winner
        each = None if winner is None else self._ports.get(winner.device)
        if each is None:
            return RouteRequest()
        kind = each.port.kind
        return RouteRequest(records=True, chosen=each.port.id, hands_free=kind == "bluetoothSco")

    @property
    def _owes(self) -> bool:
        """Whether the service has yet to be asked for what is wished."""
        wished, session, report = self._wished(), self._session, self._report
        if wished != self._request:
            return True
        if report is None or not report.complete:
            return False
        # It may have been withdrawn, and an end that failed left it.
        return (session is not None and session.wanted) is not (wished != RouteRequest())

    async def _enforce(self) -> None:
        """Has the service do as is wished, also where that becomes another wish meanwhile."""
        async with self._enforcing:
            while True:
                self._request = request = self._wished()
                await self._have_done(request)
                if self._wished() == request:
                    return

    async def _have_done(self, request: RouteRequest) -> None:
        session, mirror = self._session, self._mirror
        if session is None or mirror is None:
            return
        wished = request != RouteRequest()
        if not wished and session.wanted:
            await session.deactivate(notify_others=True)
        # Before the session is active, so that nothing is moved for a route it had before.
        await mirror.request_route(request)
        if wished and not session.wanted:
            result = await session.activate(ActivationRequest.of(CALLS))
            if result.outcome is not Outcome.GRANTED:
                _log.warning("calls keep their output: %s", result.rule)
        for other in self._host.sessions:
            if other is not session:
                await self._route_call(other)

    def _enforce_soon(self) -> None:
        """The wish in force is another one, and nobody waits for what comes of that."""
        if self._enforcing.locked() or (self._later is not None and not self._later.done()):
            # Whoever does it looks again.
            return
        self._later = asyncio.ensure_future(self._enforce())  # noqa: TID251
        self._later.add_done_callback(_look_at)

    async def _route_call(self, session: LinuxSession) -> None:
        """Routes a session that is a call, unless its app chooses its routes in Apple's words."""
        mirror = self._calls.get(session)
        if mirror is None:
            request = session.request
            if session.routed_by_app or request is None:
                return
            if claim_of(request).role is not Role.CALL:
                return
            mirror = self._calls[session] = session.apple_device
        await mirror.request_route(self._request)

    def _look_at_link(self, report: RoutingReport) -> None:
        """Whether the headset's link is open: its port is in use, and works."""
        calls = self._communication
        if not report.complete:
            return
        winner = calls.winner
        each = None if winner is None else self._ports.get(winner.device)
        open = each is not None and each.port.id in report.route.outputs and works(each)
        if calls.sco_state is _Sco.CONNECTING and open:
            calls.sco_connected()
        elif calls.sco_state is _Sco.CONNECTED and not open and self._reopening is None:
            calls.sco_failed()

    def _reopen(self) -> None:
        """The service is gone: a link that is not open counts as open for a while."""
        if self._reopening is not None:
            self._reopening.cancel()
        self._reopening = asyncio.get_running_loop().call_later(SCO_S, self._reopened)

    def _reopened(self) -> None:
        self._reopening = None
        if self._session is None or self._session.path is None or self._report is None:
            self._reopen()
            return
        self._look_at_link(self._report)
        self._note()
        if self._owes:
            self._enforce_soon()

    def _link_is_late(self) -> None:
        self._sco_alarm = None
        self._communication.sco_failed()
        self._note()
        if self._owes:
            # Nobody wishes any more, and so nothing is to be switched.
            self._enforce_soon()

    # -- inside: telling ---------------------------------------------------------------------

    def _note(self) -> None:
        """Tells what is different about calls."""
        calls = self._communication
        for state, before in calls.sco_events():
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
        connecting = calls.sco_state is _Sco.CONNECTING
        if self._sco_alarm is not None and not connecting:
            self._sco_alarm.cancel()
            self._sco_alarm = None
        elif self._sco_alarm is None and connecting:
            loop = asyncio.get_running_loop()
            self._sco_alarm = loop.call_later(SCO_S, self._link_is_late)
        if self._report is not None:
            device = self._info(calls.device())
            if device != self._device_told:
                self._device_told = device
                self._tell(lambda events: events.communication_device_changed(device))
        if calls.speaker_chosen is not self._speaker_told:
            self._speaker_told = calls.speaker_chosen
            self._send(Intent(action=AndroidIntent.ACTION_SPEAKERPHONE_STATE_CHANGED))
        self._news.set()

    def _keep_sco(self, state: AndroidScoAudioState, before: AndroidScoAudioState) -> None:
        self._kept[AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED] = Intent(
            action=AndroidIntent.ACTION_SCO_AUDIO_STATE_UPDATED,
            extras={
                AndroidIntent.EXTRA_SCO_AUDIO_STATE: state,
                AndroidIntent.EXTRA_SCO_AUDIO_PREVIOUS_STATE: before,
            },
        )

    def _send(self, intent: Intent) -> None:
        self._tell(lambda events: events.sent(intent))

    def _tell(self, what: Callable[[AndroidRouteEvents], None]) -> None:
        for events in tuple(self._listeners):
            try:
                what(events)
            except Exception:
                _log.exception("a listener of devices failed")


def _look_at(done: asyncio.Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        _log.warning("calls keep their output: %s", error)


__all__ = ["CALL_MODES", "LinuxAndroidRoutes"]
