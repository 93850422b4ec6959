"""The objects of the service: manager, sessions, streams and devices, and their interfaces."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dbus_fast import Variant

from ..._version import __version__
from ...configuration import AudioSessionConfiguration, recipe
from ...core.codec import to_json, to_plain
from ..report import EndpointReport, SessionReport, StreamReport
from .names import DEVICE, MANAGER, SESSION, STREAM, path_of
from .own import OwnSession
from .tree import Changes, Interface, Method, Property, Signal, arguments
from .values import configuration_from_text, devices_to_plain

if TYPE_CHECKING:
    from .service import BusService
    from .wire import Wire


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call; the wire says so, not the caller."""

    wire: Wire
    """Where the call came from."""
    client: str
    """The unique name there."""


def _text(value: Any) -> tuple[str]:
    return (to_json(value),)


class ManagerObject:
    """The service as a whole."""

    def __init__(self, service: BusService) -> None:
        self._service = service
        self._engine = service.engine

    async def open_session(self, caller: Caller, options: Mapping[str, Variant]) -> tuple[str, str]:
        """Opens a session for the caller."""
        return await self._service.open_session(caller, options)

    def status(self, caller: Caller) -> tuple[str]:
        """Everything."""
        return _text(self._engine.status())

    def why(self, caller: Caller, app: str) -> tuple[str]:
        """Why it is as it is; the empty app asks about all."""
        return _text(self._engine.why(app or None))

    def decisions(self, caller: Caller, limit: int) -> tuple[str]:
        """The latest decisions, oldest first; 0 asks for all that are kept."""
        return _text(tuple(self._engine.decisions(limit or 1_000_000)))

    def endpoints(self, caller: Caller) -> tuple[str]:
        """Inputs and outputs with what the server knows of them."""
        return _text(self._engine.endpoints())

    def devices(self, caller: Caller) -> tuple[str]:
        """Inputs and outputs in the words of the one API."""
        return (json.dumps(devices_to_plain(self._engine.devices())),)

    def reset(self, caller: Caller) -> tuple[str]:
        """Back to normal; gives the status after it."""
        self._engine.reset()
        return _text(self._engine.status())

    def reload_rules(self, caller: Caller) -> tuple[()]:
        """Reads the rules again."""
        self._service.reload_rules()
        return ()

    async def watch(self, caller: Caller, watching: bool) -> tuple[()]:
        """The caller looks on, and the service stays for it."""
        await self._service.watch(caller, watching)
        return ()

    @property
    def policy(self) -> str:
        """The policy's name."""
        return self._service.snapshot().status.policy

    @property
    def servers(self) -> list[list[Any]]:
        """The sound servers: name, whether it is up, detail."""
        servers = self._service.snapshot().status.servers
        return [[each.name, each.up, each.detail] for each in servers]

    @property
    def pid(self) -> int:
        """The service's process."""
        return self._service.snapshot().status.pid


class SessionObject:
    """A session: a client's own, or one adopted by the service."""

    def __init__(self, service: BusService, id: str) -> None:
        self._service = service
        self.id = id
        self.own: OwnSession | None = None

    @property
    def report(self) -> SessionReport:
        """What there is to say of it."""
        return self._service.snapshot().session(self.id)

    @property
    def interrupted(self) -> bool:
        """Whether an interruption runs, of which the app was told."""
        if self.own is not None:
            return self.own.session.interrupted
        return any(hold.kind == "pause" for hold in self.report.holds)

    def configure(self, caller: Caller, text: str) -> tuple[()] | Awaitable[tuple[()]]:
        """Configures it."""
        return self._configure(caller, configuration_from_text(text))

    def configure_recipe(self, caller: Caller, name: str) -> tuple[()] | Awaitable[tuple[()]]:
        """Configures it by a recipe's name."""
        return self._configure(caller, recipe(name))

    def _configure(
        self, caller: Caller, configuration: AudioSessionConfiguration
    ) -> tuple[()] | Awaitable[tuple[()]]:
        own = self._mine(caller)
        if self._service.waits(caller.client):
            # What the client asked for before comes first.
            return own.configure_in_turn(configuration)
        own.configure(configuration)
        return ()

    async def activate(
        self, caller: Caller, overrides: Mapping[str, Variant]
    ) -> tuple[str, str, str]:
        """Activates it."""
        return await self._mine(caller).activate(overrides)

    async def deactivate(self, caller: Caller, notify_others: bool) -> tuple[bool]:
        """Deactivates it."""
        return (await self._mine(caller).deactivate(notify_others),)

    async def quiet(self, caller: Caller, timeout_s: float) -> tuple[bool]:
        """Waits for others to go down."""
        return (await self._mine(caller).quiet(timeout_s),)

    async def user_action(self, caller: Caller, paused: bool) -> tuple[()]:
        """The user paused or played."""
        await self._mine(caller).user_action(paused)
        return ()

    def routing(self, caller: Caller) -> tuple[str]:
        """Its route, of which it hears from now on."""
        return (self._mine(caller).routing(),)

    def request_route(self, caller: Caller, request: str) -> tuple[()]:
        """Asks for another route."""
        self._mine(caller).request_route(request)
        return ()

    def override_output(self, caller: Caller, speaker: bool) -> tuple[()]:
        """Sends its sound to the loudspeaker."""
        self._mine(caller).override_output(speaker)
        return ()

    def prefer_input(self, caller: Caller, port: str) -> tuple[()]:
        """Would rather record from that port."""
        self._mine(caller).prefer_input(port)
        return ()

    async def set_input_gain(self, caller: Caller, gain: float) -> tuple[()]:
        """Sets the volume of its input."""
        await self._mine(caller).set_input_gain(gain)
        return ()

    def mute_own(self, caller: Caller, input: bool, output: bool) -> tuple[()]:
        """Silences its own streams."""
        self._mine(caller).mute_own(input, output)
        return ()

    async def close(self, caller: Caller) -> tuple[()]:
        """Closes it."""
        own = self._mine(caller)
        await own.close()
        self._service.session_closed(self.id)
        return ()

    def _mine(self, caller: Caller) -> OwnSession:
        return self._service.of_caller(self, caller)


class StreamObject:
    """A stream on a sound server."""

    def __init__(self, service: BusService, id: str) -> None:
        self._service = service
        self.id = id

    @property
    def report(self) -> StreamReport:
        """What there is to say of it."""
        return self._service.snapshot().stream(self.id)


class DeviceObject:
    """An input or output."""

    def __init__(self, service: BusService, id: str) -> None:
        self._service = service
        self.id = id

    @property
    def report(self) -> EndpointReport:
        """What there is to say of it."""
        return self._service.snapshot().endpoint(self.id)


def _holds(target: SessionObject | StreamObject) -> str:
    return _text([_hold(to_plain(each)) for each in target.report.holds])[0]


def _hold(plain: dict[str, Any]) -> dict[str, Any]:
    # An age would make every look at it a change.
    return {key: value for key, value in plain.items() if key != "since_s"}


def _sessions(ids: tuple[str, ...]) -> list[str]:
    return [path_of("session", id) for id in ids]


MANAGER_INTERFACE = Interface(
    name=MANAGER,
    methods=(
        Method(
            name="OpenSession",
            call=ManagerObject.open_session,
            takes=arguments("options:a{sv}"),
            gives=arguments("session:o", "token:s"),
        ),
        Method(name="Status", call=ManagerObject.status, gives=arguments("status:s")),
        Method(
            name="Why",
            call=ManagerObject.why,
            takes=arguments("app:s"),
            gives=arguments("why:s"),
        ),
        Method(
            name="Decisions",
            call=ManagerObject.decisions,
            takes=arguments("limit:u"),
            gives=arguments("decisions:s"),
        ),
        Method(name="Endpoints", call=ManagerObject.endpoints, gives=arguments("endpoints:s")),
        Method(name="Devices", call=ManagerObject.devices, gives=arguments("devices:s")),
        Method(name="Reset", call=ManagerObject.reset, gives=arguments("status:s")),
        Method(name="ReloadRules", call=ManagerObject.reload_rules),
        Method(name="Watch", call=ManagerObject.watch, takes=arguments("watching:b")),
    ),
    properties=(
        Property(name="Version", signature="s", read=lambda _: __version__, changes=Changes.NEVER),
        Property(name="Policy", signature="s", read=lambda each: each.policy),
        Property(
            name="ServicePid", signature="u", read=lambda each: each.pid, changes=Changes.NEVER
        ),
        Property(name="Servers", signature="a(sbs)", read=lambda each: each.servers),
    ),
    signals=(
        Signal(name="Decided", gives=arguments("decision:s")),
        Signal(name="DevicesChanged", gives=arguments("change:s")),
        Signal(name="BecameNoisy"),
    ),
)
"""The manager's interface."""

SESSION_INTERFACE = Interface(
    name=SESSION,
    methods=(
        Method(name="Configure", call=SessionObject.configure, takes=arguments("configuration:s")),
        Method(
            name="ConfigureRecipe", call=SessionObject.configure_recipe, takes=arguments("recipe:s")
        ),
        Method(
            name="Activate",
            call=SessionObject.activate,
            takes=arguments("overrides:a{sv}"),
            gives=arguments("outcome:s", "rule:s", "holder:s"),
        ),
        Method(
            name="Deactivate",
            call=SessionObject.deactivate,
            takes=arguments("notify_others:b"),
            gives=arguments("done:b"),
        ),
        Method(
            name="Quiet",
            call=SessionObject.quiet,
            takes=arguments("timeout_s:d"),
            gives=arguments("quiet:b"),
        ),
        Method(name="UserAction", call=SessionObject.user_action, takes=arguments("paused:b")),
        Method(name="Routing", call=SessionObject.routing, gives=arguments("report:s")),
        Method(name="RequestRoute", call=SessionObject.request_route, takes=arguments("request:s")),
        Method(
            name="OverrideOutput",
            call=SessionObject.override_output,
            takes=arguments("speaker:b"),
        ),
        Method(name="PreferInput", call=SessionObject.prefer_input, takes=arguments("port:s")),
        Method(name="SetInputGain", call=SessionObject.set_input_gain, takes=arguments("gain:d")),
        Method(name="MuteOwn", call=SessionObject.mute_own, takes=arguments("input:b", "output:b")),
        Method(name="Close", call=SessionObject.close),
    ),
    properties=(
        Property(name="Id", signature="s", read=lambda each: each.id, changes=Changes.NEVER),
        Property(
            name="App", signature="s", read=lambda each: each.report.app, changes=Changes.NEVER
        ),
        Property(name="Pid", signature="u", read=lambda each: each.report.pid or 0),
        Property(name="Standing", signature="s", read=lambda each: each.report.standing),
        Property(name="Role", signature="s", read=lambda each: each.report.role),
        Property(name="Press", signature="s", read=lambda each: each.report.press),
        Property(
            name="GainDb",
            signature="d",
            read=lambda each: float(each.report.gain_db),
            changes=Changes.UNTOLD,
        ),
        Property(
            name="Adopted",
            signature="b",
            read=lambda each: each.report.adopted,
            changes=Changes.NEVER,
        ),
        Property(name="Interrupted", signature="b", read=lambda each: each.interrupted),
        Property(
            name="Streams",
            signature="ao",
            read=lambda each: [path_of("stream", id) for id in each.report.streams],
        ),
        Property(name="Holding", signature="ao", read=lambda each: _sessions(each.report.holding)),
        Property(name="Holds", signature="s", read=_holds),
    ),
    signals=(
        Signal(name="Interruption", gives=arguments("interruption:s")),
        Signal(name="InterruptionOver"),
        Signal(name="BecomingNoisy"),
        Signal(name="DevicesChanged", gives=arguments("change:s")),
        Signal(name="GainedClaim"),
        Signal(name="LostClaim"),
        Signal(name="RoutingChanged", gives=arguments("report:s")),
        Signal(name="RouteChanged", gives=arguments("change:s")),
    ),
)
"""A session's interface; its signals go to its client alone."""

STREAM_INTERFACE = Interface(
    name=STREAM,
    properties=(
        Property(name="Id", signature="s", read=lambda each: each.id, changes=Changes.NEVER),
        Property(
            name="Server",
            signature="s",
            read=lambda each: each.report.server,
            changes=Changes.NEVER,
        ),
        Property(name="App", signature="s", read=lambda each: each.report.app),
        Property(name="Title", signature="s", read=lambda each: each.report.title),
        Property(name="Pid", signature="u", read=lambda each: each.report.pid or 0),
        Property(
            name="Direction",
            signature="s",
            read=lambda each: each.report.direction,
            changes=Changes.NEVER,
        ),
        Property(name="Playing", signature="b", read=lambda each: each.report.playing),
        Property(name="Muted", signature="b", read=lambda each: each.report.muted),
        Property(name="Audible", signature="b", read=lambda each: each.report.audible),
        Property(
            name="Volumes", signature="ad", read=lambda each: list(map(float, each.report.volumes))
        ),
        Property(
            name="FactorDb",
            signature="d",
            read=lambda each: float(each.report.factor_db),
            changes=Changes.UNTOLD,
        ),
        Property(name="TargetDb", signature="d", read=lambda each: float(each.report.target_db)),
        Property(name="Endpoint", signature="s", read=lambda each: each.report.endpoint),
        Property(
            name="Sessions",
            signature="ao",
            read=lambda each: _sessions((each.report.session,) if each.report.session else ()),
        ),
        Property(name="TiedBy", signature="s", read=lambda each: each.report.tied_by),
        Property(name="RuleSource", signature="s", read=lambda each: each.report.rule_source),
        Property(name="Holds", signature="s", read=_holds),
    ),
)
"""A stream's interface."""

DEVICE_INTERFACE = Interface(
    name=DEVICE,
    properties=(
        Property(name="Id", signature="s", read=lambda each: each.id, changes=Changes.NEVER),
        Property(name="Name", signature="s", read=lambda each: each.report.name),
        Property(name="Direction", signature="s", read=lambda each: each.report.direction),
        Property(name="Type", signature="s", read=lambda each: each.report.type),
        Property(name="Server", signature="s", read=lambda each: each.report.server),
        Property(name="Available", signature="b", read=lambda each: each.report.available),
        Property(name="Active", signature="b", read=lambda each: each.report.active),
        Property(name="Default", signature="b", read=lambda each: each.report.default),
    ),
)
"""A device's interface."""

__all__ = [
    "DEVICE_INTERFACE",
    "MANAGER_INTERFACE",
    "SESSION_INTERFACE",
    "STREAM_INTERFACE",
    "Caller",
    "DeviceObject",
    "ManagerObject",
    "SessionObject",
    "StreamObject",
]
