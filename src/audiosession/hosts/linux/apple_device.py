"""One app's view of this machine's sound devices, as AVAudioSession needs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, Protocol

from ...apple.device import AppleDeviceEvents, AppleStanding, AppleWishes, Direction, PortFacts
from ...apple.enums import AVAudioSessionPromptStyle
from ...apple.errors import AVAudioSessionErrorCode, NSError
from ...core.routing import Port, RouteChange, RouteChangeReason, RoutePorts, RouteRequest
from ...errors import (
    AudioSessionError,
    ClosedError,
    HostUnavailableError,
    HostUnavailableReason,
    IllegalRequestError,
)
from ...service.routing.report import DirectionReport, PortReport, RoutingReport
from .apple_desktop import Desktop
from .first_look import FirstLook
from .routing_texts import change_from_text, request_to_text, routing_from_text

_log = logging.getLogger("audiosession")

Call = Callable[[str, str, list[Any]], Awaitable[list[Any]]]
"""Calls a method of the session at the service: its name, the signature, the arguments."""

_ROUTE_CHANGE_S: Final = 0.2
"""How long a state with another route is kept back for the change that explains it."""

_MOST_GONE: Final = 64
"""So many ports are remembered after they went."""

# What PipeWire and PulseAudio call a channel, as Apple's devices call it.
_CHANNELS: Final = {
    "FL": "Left",
    "FR": "Right",
    "front-left": "Left",
    "front-right": "Right",
    "MONO": "",
    "mono": "",
}


class AppleLine(Protocol):
    """What the device needs of its session."""

    @property
    def path(self) -> str | None:
        """Where it is at the service; ``None`` while it is nowhere."""

    async def ask(self, member: str, signature: str, body: list[Any]) -> list[Any]:
        """What a method of the session answers; opens it again where the service was gone."""

    def tell(self, member: str, signature: str, body: list[Any]) -> None:
        """Calls a method of the session, if it is anywhere, and wants no answer."""

    def withdraw(self) -> bool:
        """The session is inactive, since nothing can sound; whether it was active."""

    def server_back(self) -> None:
        """Sound is possible again; the session stays inactive."""


class LinuxAppleDevice(Desktop):
    """What the service knows of routes; an :class:`~audiosession.apple.device.AppleDevice`.

    Mirrors the service's :class:`~audiosession.service.routing.report.RoutingReport`. Before
    the session is open at the service nothing is known, and the first property that is read
    then looks there, in :data:`~audiosession.hosts.linux.first_look.LOOK_S` at most. Where that
    shows no port, later reads have it looked again now and then, and do not wait for it.

    An app is always in front. Wishes are kept, but the server runs as it runs; only muting
    has an effect (apple 104, 119).

    Args:
        app: What people call the app.
        start: Whether the service may be started for a look.
    """

    def __init__(self, app: str, *, start: bool) -> None:
        self.on_gone: Callable[[], None] = lambda: None
        """Called when the service is gone; nobody is told."""
        self._app = app
        self._start = start
        self._session: AppleLine | None = None
        self._events: AppleDeviceEvents | None = None
        self._version = 0
        self._report: RoutingReport | None = None
        self._standing = AppleStanding(background_audio=True)
        self._first_look: FirstLook | None = None
        # Whether a look may still show more than is known.
        self._looking = False
        # Whether the ports that are read next are only to be remembered.
        self._attaching = False
        # Those that were ever there, and those that the app's session was shown.
        self._seen: dict[str, PortReport] = {}
        self._shown: set[str] = set()
        self._request = RouteRequest()
        # What the service knows as that; None: the session has not asked for routes there.
        self._told: RouteRequest | None = None
        # Counts the requests on their way; whether the service has the last is not known before
        # its answer, which a caller who is cancelled does not hear.
        self._requests = 0
        self._doubtful = False
        self._introducing = 0
        # Whether it ever heard of its own routes.
        self._introduced = False
        self._introduction: asyncio.Future[bool] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._one_at_a_time = asyncio.Lock()
        self._overridden = False
        self._preferred_input = ""
        self._wishes = AppleWishes()
        self._up = True
        self._io: dict[str, tuple[bool, bool]] = {}
        self._later: asyncio.TimerHandle | None = None

    # -- for the session ---------------------------------------------------------------------

    def bind(self, session: AppleLine) -> None:
        """From now on this is the app's session at the service; it was opened there."""
        self._session = session

    async def opened(self, call: Call) -> None:
        """The session is open at the service, or is so again; it asks for what it had.

        Raises:
            HostUnavailableError: the service is gone again.
        """
        self._told = None
        try:
            await self._introduce(call)
        except AudioSessionError as error:
            if _is_gone(error):
                raise
            _log.warning("the service does not tell of routes: %s", error)

    def gone(self) -> None:
        """The service is gone. What was known is kept until it is back."""
        self._told = None
        self._forget_later()
        self.on_gone()

    def hear(self, member: str | None, text: str) -> None:
        """A signal of the service: ``RoutingChanged`` or ``RouteChanged``."""
        # While it asks, its answer is newer.
        if self._told is None or self._introducing:
            return
        if member == "RoutingChanged":
            self._take(routing_from_text(text))
        elif self._up:
            self._tell_route(change_from_text(text))

    @property
    def report(self) -> RoutingReport | None:
        """What the service said last; ``None`` before it said anything. Never looks there."""
        return self._report

    # -- what is so --------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        Who has kept what was read comes here only, so this is where a look is heard of.
        """
        if self._looking:
            self._look(wait=False)
        return self._version

    @property
    def standing(self) -> AppleStanding:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        In front, with background audio. Calls look here before they are awaited, so this
        never waits: what is not known yet is taken to be there.
        """
        return self._standing

    @property
    def other_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._known.other_audio

    @property
    def primary_audio_playing(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._known.primary_audio

    @property
    def prompt_style(self) -> AVAudioSessionPromptStyle:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        try:
            return AVAudioSessionPromptStyle(self._known.prompt_style)
        except ValueError:
            return AVAudioSessionPromptStyle.NORMAL

    @property
    def output_volume(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`. That of the output in use."""
        return self._known.output_volume

    # -- routes ------------------------------------------------------------------------------

    @property
    def ports(self) -> tuple[Port, ...]:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if self._attaching:
            self._attaching = False
            ports = () if self._report is None else self._report.ports
        else:
            ports = self._known.ports
        self._shown |= {each.port.id for each in ports}
        return tuple(each.port for each in ports)

    @property
    def route(self) -> RoutePorts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._known.route

    @property
    def preferred_input(self) -> str:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._preferred_input

    async def request_route(self, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        Where the service cannot be had it hears of it once it is back.
        """
        self._request = request
        try:
            if await self._ready() and (self._doubtful or request != self._told):
                self._doubtful = True
                self._requests += 1
                mine = self._requests
                await self._change("RequestRoute", "s", request_to_text(request))
                if mine == self._requests:
                    self._told, self._doubtful = request, False
        except AudioSessionError as error:
            _log.warning("the service did not take a request for a route: %s", error)

    async def override_output(self, speaker: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if await self._changed("OverrideOutput", "b", speaker):
            return
        self._overridden = speaker

    async def prefer_input(self, port: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        if await self._changed("PreferInput", "s", port):
            return
        self._preferred_input = port
        self._altered()

    # -- hardware ----------------------------------------------------------------------------

    def facts(self, port: Port, direction: Direction) -> PortFacts:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        found = self._seen.get(port.id)
        of = None if found is None else _direction(found, direction)
        takes_calls = direction is Direction.INPUT and port.kind == "bluetoothSco"
        return PortFacts(
            channels=() if of is None else tuple(_CHANNELS.get(c, c) for c in of.channels),
            sample_rates=PortFacts().sample_rates if not _rate(of) else (_rate(of),),
            latency_s=0.0 if of is None else of.latency_s,
            gain_settable=direction is Direction.INPUT and of is not None,
            far_field=False if takes_calls else None,
            high_quality=port.high_quality if takes_calls else None,
            records_high_quality=takes_calls and port.high_quality and self._request.high_quality,
        )

    @property
    def sample_rate(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return _rate(self._in_use()) or PortFacts().sample_rates[0]

    @property
    def io_buffer_duration(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`. 0 where the server does not say."""
        found = self._in_use()
        return 0.0 if found is None else found.buffer_s

    @property
    def input_gain(self) -> float:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        return self._known.input_gain

    async def set_input_gain(self, gain: float) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. As the user would set it."""
        await self._changed("SetInputGain", "d", gain)

    async def wish(self, wishes: AppleWishes) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        before = self._wishes
        if _mutes(wishes) != _mutes(before):
            await self._changed("MuteOwn", "bb", *_mutes(wishes))
        self._wishes = wishes

    # -- sound -------------------------------------------------------------------------------

    @property
    def microphone_muted(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. The input in use, by anybody."""
        return self._known.microphone_muted

    @property
    def io_running(self) -> bool:
        """See :class:`~audiosession.apple.device.AppleDevice`. Real streams, and what is noted."""
        report = self._report
        return bool(self._io) or (report is not None and (report.plays or report.records))

    async def start_io(self, name: str, *, input: bool, output: bool) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`. Noted in this process."""
        self._io[name] = input, output
        self._altered()

    def end_io(self, name: str) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self._io.pop(name, None)
        self._altered()

    async def stop_all_io(self) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`.

        Real streams are the app's; the service holds those of an inactive session as it holds
        those of any program.
        """
        self._io.clear()
        self._altered()

    def attach(self, events: AppleDeviceEvents, request: RouteRequest) -> None:
        """See :class:`~audiosession.apple.device.AppleDevice`."""
        self._events = events
        self._request = request
        self._wishes = AppleWishes()
        self._io.clear()
        self._attaching = True
        self._altered()
        if self._session is not None and self._session.path is not None:
            self._begin_introduction()

    # -- inside: what is known ---------------------------------------------------------------

    @property
    def _known(self) -> RoutingReport:
        """What is known, after a look where nothing was asked for yet."""
        if self._report is None and self._first_look is None:
            self._first_look = FirstLook(self._app, start=self._start, request=self._request)
            self._looking = True
        if self._looking:
            self._look(wait=True)
        return self._report or _NOTHING

    def _look(self, *, wait: bool) -> None:
        """Takes in what was seen of the service, and has it looked again where that is little."""
        look = self._first_look
        if self._introduced or look is None:
            self._looking = False
            return
        seen = look.report(wait=wait)
        if seen is not None and seen != self._report:
            self._keep(seen)
        if seen is not None and seen.complete:
            self._looking = False
        elif self._session is None:
            look.again()

    def _in_use(self) -> DirectionReport | None:
        """The output in use, or the input where there is none."""
        known = self._known
        for ids, direction in (
            (known.route.outputs, Direction.OUTPUT),
            (known.route.inputs, Direction.INPUT),
        ):
            for each in known.ports:
                if each.port.id in ids:
                    return _direction(each, direction)
        return None

    def _keep(self, report: RoutingReport) -> None:
        self._report = report
        there = {each.port.id: each for each in report.ports}
        gone = [id for id in self._seen if id not in there][-_MOST_GONE:]
        self._seen = {id: self._seen[id] for id in gone} | there
        self._shown &= self._seen.keys()
        self._standing = AppleStanding(
            background_audio=True,
            media_services=report.up,
            has_input=any(each.port.is_input for each in report.ports),
        )
        self._altered()

    def _altered(self) -> None:
        self._version += 1

    # -- inside: telling ---------------------------------------------------------------------

    def _take(self, report: RoutingReport) -> None:
        """Keeps what is so now and tells of it; a change of route is told by itself."""
        before = self._report or _NOTHING
        if self._report is not None and not report.complete:
            # Nobody turned a knob.
            report = replace(
                report, output_volume=before.output_volume, input_gain=before.input_gain
            )
        self._overridden = report.overridden
        self._preferred_input = report.preferred_input
        if report == self._report:
            return
        self._keep(report)
        events = self._events
        if events is None:
            return
        if report.up is not self._up:
            self._up = report.up
            if report.up:
                events.media_services_reset()
                if self._session is not None:
                    self._session.server_back()
            else:
                self._lose_media_services(events)
                return
        if report.primary_audio is not before.primary_audio:
            events.secondary_audio(report.primary_audio)
        if report.route == before.route:
            self._tell_changed()
        elif self._later is None:
            # The change of route comes next, and is heard before what follows from it.
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(_ROUTE_CHANGE_S, self._tell_changed)

    def _lose_media_services(self, events: AppleDeviceEvents) -> None:
        """The sound server is gone, and with it all that was made of it (apple 121)."""
        self._io.clear()
        if any(_mutes(self._wishes)) and self._session is not None:
            self._session.tell("MuteOwn", "bb", [False, False])
        self._wishes = AppleWishes()
        was_active = self._session is not None and self._session.withdraw()
        events.media_services_lost(was_active=was_active)

    def _tell_changed(self) -> None:
        self._forget_later()
        if self._events is not None:
            self._events.changed()

    def _tell_route(self, change: RouteChange) -> None:
        self._forget_later()
        if self._events is None:
            return
        # Ports that came and went before anybody looked would be strangers.
        previous = RoutePorts(
            inputs=tuple(id for id in change.previous.inputs if id in self._shown),
            outputs=tuple(id for id in change.previous.outputs if id in self._shown),
        )
        self._events.route_changed(replace(change, previous=previous))

    def _forget_later(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    # -- inside: asking ----------------------------------------------------------------------

    def _begin_introduction(self) -> None:
        """Asks for routes where the session is open already, without anybody waiting for it."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # With the next call, then, or a look.
            return
        self._introduction = asyncio.ensure_future(self._ready())  # noqa: TID251
        self._introduction.add_done_callback(_look_at)

    async def _ready(self) -> bool:
        """Whether the service can be asked; the session has asked for its routes then."""
        session = self._session
        if session is None:
            # It is not open yet, and asks for everything when it is.
            return False
        if self._told is None:
            async with self._introductions():
                # Of two at a time the later one would take what the app asks for meanwhile for a
                # change that came about while nobody looked.
                if self._told is None:
                    await self._introduce(session.ask)
        return True

    def _introductions(self) -> asyncio.Lock:
        """Lets one at a time ask for the session's routes; one that a dead loop left counts not."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._one_at_a_time = loop, asyncio.Lock()
        return self._one_at_a_time

    async def _introduce(self, call: Call) -> None:
        """Asks for the session's routes, as it would have them."""
        before, request = self._report, self._request
        self._introducing += 1
        try:
            await call("Routing", "", [])
            await call("RequestRoute", "s", [request_to_text(request)])
            for member, signature, body in self._leftovers():
                try:
                    await call(member, signature, body)
                except IllegalRequestError as error:
                    # The port is gone, or the route is another one.
                    _log.info("a wish for a route is over: %s", error)
            (text,) = await call("Routing", "", [])
        finally:
            self._introducing -= 1
        report = routing_from_text(text)
        self._told, self._doubtful = request, self._doubtful and request != self._request
        again, self._introduced = self._introduced, True
        if not again:
            # Nobody was told anything yet that could be different now.
            self._up = report.up
        self._take(report)
        if not self._up:
            return
        if not again or before is None or before.route == report.route:
            self._tell_changed()
        else:
            self._tell_route(
                RouteChange(
                    session="",
                    reason=RouteChangeReason.UNKNOWN,
                    previous=before.route,
                    current=report.route,
                )
            )

    def _leftovers(self) -> list[tuple[str, str, list[Any]]]:
        """What else it has asked for."""
        wanted: list[tuple[str, str, list[Any]]] = []
        if self._preferred_input:
            wanted.append(("PreferInput", "s", [self._preferred_input]))
        if self._overridden:
            wanted.append(("OverrideOutput", "b", [True]))
        if any(_mutes(self._wishes)):
            wanted.append(("MuteOwn", "bb", list(_mutes(self._wishes))))
        return wanted

    async def _changed(self, member: str, signature: str, *body: object) -> bool:
        """Asks for something and takes in what comes of it; False where nobody can be asked.

        Raises:
            NSError: ``BAD_PARAM``, the service refuses it; ``MEDIA_SERVICES_FAILED``, it cannot
                be had.
        """
        try:
            if not await self._ready():
                return False
            await self._change(member, signature, *body)
        except IllegalRequestError as error:
            raise NSError(AVAudioSessionErrorCode.BAD_PARAM, str(error)) from error
        except HostUnavailableError as error:
            raise NSError(AVAudioSessionErrorCode.MEDIA_SERVICES_FAILED, str(error)) from error
        return True

    async def _change(self, member: str, signature: str, *body: object) -> None:
        session = self._session
        assert session is not None
        await session.ask(member, signature, list(body))
        (text,) = await session.ask("Routing", "", [])
        self._take(routing_from_text(text))


_NOTHING: Final = RoutingReport(up=True)
"""What is taken to be so while nobody says anything."""


def _direction(port: PortReport, direction: Direction) -> DirectionReport | None:
    return port.input if direction is Direction.INPUT else port.output


def _rate(of: DirectionReport | None) -> float:
    return 0.0 if of is None else of.sample_rate


def _mutes(wishes: AppleWishes) -> tuple[bool, bool]:
    return wishes.input_muted, wishes.output_muted


def _is_gone(error: AudioSessionError) -> bool:
    """Whether the service is gone; one that is older and knows no routes is there."""
    if not isinstance(error, HostUnavailableError):
        return False
    return error.reason is not HostUnavailableReason.VERSION_MISMATCH


def _look_at(done: asyncio.Future[Any]) -> None:
    if done.cancelled() or (error := done.exception()) is None:
        return
    if not isinstance(error, ClosedError):
        _log.warning("a session's routes are not known: %s", error)


__all__ = ["AppleLine", "LinuxAppleDevice"]
