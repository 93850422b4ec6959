"""Where sessions ask for a route and hear of it; the engine's part for routing."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ..._checks import check_flag
from ...core.effects import Effect, HoldKind, Interrupted, Stopped
from ...core.routing import RouteChange, RouteChangeReason, Router, RouteRequest
from ...errors import ClosedError, IllegalRequestError, InvalidTypeError, InvalidValueError
from ..ledger import Ledger
from ..servers.base import Endpoint
from .enforce import Enforcer
from .facts import Other, others, routing_report
from .ports import Places
from .report import RoutingReport

if TYPE_CHECKING:
    from ..engine import Engine
    from ..links import ServerLink
    from ..sessions import ServiceSession

_log = logging.getLogger("audiosession")


class RoutingEvents(Protocol):
    """Where a session hears of its route. Called in the event loop, in order."""

    def routing_changed(self, report: RoutingReport) -> None:
        """Something in the report differs; at most once a turn of the loop, but for changes of
        the route itself, which are told at once."""

    def route_changed(self, change: RouteChange) -> None:
        """The session's route is another one; the report of it was told before."""


@dataclass(slots=True)
class _Guest:
    """A session that asked for a route."""

    session: ServiceSession
    events: RoutingEvents
    told: RoutingReport
    introduced: bool = False


class Routing:
    """Everybody's route over the ports of the engine's servers.

    Sessions that never asked hear nothing and are left where they are.

    Args:
        engine: Whose sessions they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._guests: dict[str, _Guest] = {}
        self._places = Places()
        self._router = Router()
        self._enforcer = Enforcer(
            engine, self._places, route=self._route_in_force, changed=self.ports_changed
        )
        self._due = False
        self._stale = False
        self._closed = False

    # -- what sessions ask -------------------------------------------------------------------

    def join(self, session: ServiceSession, events: RoutingEvents) -> RoutingReport:
        """A session asks for its route, and hears of it from now on.

        Until its first request it has the route of a session that plays.

        Raises:
            ClosedError: it is closed.
        """
        if session.closed:
            raise ClosedError(f"the session of {session.app!r}")
        guest = self._guests.get(session.id)
        if guest is None:
            self._router.request(session.id, RouteRequest())
            self.look()
        report = self._report(session)
        if guest is None:
            self._guests[session.id] = _Guest(session, events, report)
        else:
            guest.events, guest.told = events, report
        return report

    def request(self, session: ServiceSession, request: RouteRequest) -> None:
        """A session asks for another route; the first time, that is no change of it.

        Raises:
            IllegalRequestError: it did not ask for its route before.
        """
        guest = self._guest(session)
        changes = self._router.request(
            session.id, request, reason=RouteChangeReason.CATEGORY_CHANGE
        )
        if not guest.introduced:
            guest.introduced = True
            changes = ()
            self._tell_report(guest)
        self._tell(changes)

    def override(self, session: ServiceSession, speaker: bool) -> None:
        """A session sends its sound to the loudspeaker, or takes that back (apple 84).

        Raises:
            InvalidTypeError: not a flag.
            IllegalRequestError: it does not play and record, or did not ask for its route.
        """
        check_flag("speaker", speaker)
        self._guest(session)
        self._tell(self._router.override(session.id, speaker))

    def prefer_input(self, session: ServiceSession, port: str) -> None:
        """A session would rather record from that port; empty: no wish (apple 98).

        Raises:
            UnknownNameError: the port is not available to it.
            IllegalRequestError: it did not ask for its route.
        """
        self._guest(session)
        self._tell(self._router.prefer_input(session.id, port))

    async def set_input_gain(self, session: ServiceSession, gain: float) -> None:
        """Sets the volume of the input in use, for all apps (apple 111).

        As when the user turns a knob: it stays when the session goes.

        Args:
            session: Whose input.
            gain: 0.0 to 1.0, as people see it.

        Raises:
            InvalidTypeError, InvalidValueError: no such gain.
            IllegalRequestError: it has no input, or did not ask for its route.
            UnsupportedError: the server refuses.
            HostUnavailableError: the connection to the server is lost.
        """
        if isinstance(gain, bool) or not isinstance(gain, int | float):
            raise InvalidTypeError("gain", gain, expected="a number")
        if not 0.0 <= gain <= 1.0:
            raise InvalidValueError("gain", gain, expected="0.0 to 1.0")
        self._guest(session)
        inputs = self._router.route(session.id).inputs
        place = self._places.by_id.get(inputs[0]) if inputs else None
        if place is None or place.endpoint is None:
            raise IllegalRequestError("the session has no input in use", field="gain")
        server = self._engine.links[place.server].server
        await server.set_volume(place.endpoint.id, gain**3)

    def mute(self, session: ServiceSession, *, input: bool, output: bool) -> None:
        """Silences a session's own streams, as long as it is there; no volume is changed.

        Raises:
            InvalidTypeError: not flags.
        """
        check_flag("input", input)
        check_flag("output", output)
        self._engine.streams.mute(session, input=input, output=output)
        self._engine.settled()

    # -- for the engine ----------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is switched that is to be given back."""
        return self._enforcer.busy

    def names(self, session: str) -> tuple[str, ...]:
        """What the ports of a session's route are called; none where it did not ask for one."""
        places = self._places.by_id
        ids = self._route_in_force(session) or ()
        return tuple(dict.fromkeys(places[id].port.name for id in ids if id in places))

    def keep_in(self, ledger: Ledger) -> None:
        """Has what is switched written down, so that a crash leaves none of it."""
        self._enforcer.keep_in(ledger)

    def forget(self, session: str) -> None:
        """A session is closed."""
        if self._guests.pop(session, None) is not None:
            self._router.request(session, None)
            self.look()

    def heard(self, effect: Effect) -> None:
        """An effect on a session; an interruption ends its override (apple 84)."""
        if effect.session in self._guests and (
            isinstance(effect, Stopped)
            or (isinstance(effect, Interrupted) and effect.kind is HoldKind.PAUSE)
        ):
            self._tell(self._router.interrupted(effect.session))

    def look(self) -> None:
        """Something may be different; what is, is told in the next turn of the loop."""
        if self._due or self._closed or not (self._matters or self._stale):
            return
        self._due = True
        asyncio.get_running_loop().call_soon(self._flush)

    def cards_changed(self) -> None:
        """A server's cards are others; its endpoints may follow in the same turn."""
        self._stale = True
        if self._matters:
            self.look()

    def endpoints_changed(self) -> None:
        """A server's endpoints are others; called before the one API hears of it."""
        self.ports_changed()

    def server_up(self, link: ServerLink) -> None:
        """A server is there, and all there is was reported."""
        self._enforcer.server_up(link)
        self.look()

    def server_down(self, link: ServerLink) -> None:
        """A server is gone with everything on it."""
        self._enforcer.server_down(link)

    def excused(self, lost: Endpoint) -> bool:
        """Whether the loss of an endpoint is the service's own doing."""
        return self._enforcer.excuses(lost)

    def ports_changed(self) -> None:
        """Looks at the ports, and tells what is different."""
        self._stale = False
        self._enforcer.observe()
        ports = self._places.update(
            (
                (name, link.cards, link.endpoints)
                for name, link in self._engine.links.items()
                if link.cards or link.endpoints
            ),
            refused=self._enforcer.refused,
            settling=self._enforcer.settling,
        )
        self._tell(self._router.update(ports))

    async def close(self) -> None:
        """Puts everything back, and tells nothing any more."""
        self._closed = True
        await self._enforcer.close()

    # -- inside ------------------------------------------------------------------------------

    @property
    def _matters(self) -> bool:
        """Whether anybody is to hear, or anything to be done, of what servers report."""
        return bool(self._guests) or self._enforcer.busy or self._enforcer.waits

    def _guest(self, session: ServiceSession) -> _Guest:
        guest = self._guests.get(session.id)
        if guest is None:
            raise IllegalRequestError("the session did not ask for its route before")
        return guest

    def _report(
        self, session: ServiceSession, beside: tuple[Other, ...] | None = None
    ) -> RoutingReport:
        beside = others(self._engine) if beside is None else beside
        return routing_report(self._engine, session, self._router, self._places, beside)

    def _route_in_force(self, session: str) -> tuple[str, ...] | None:
        """The ports of a session's route; ``None`` where it did not ask for one."""
        if session not in self._guests:
            return None
        route = self._router.route(session)
        return (*route.outputs, *route.inputs)

    def _tell(self, changes: tuple[RouteChange, ...]) -> None:
        """Tells what the routes are now and why, and has them enforced soon."""
        for change in changes:
            guest = self._guests.get(change.session)
            if guest is not None:
                # The others hear what is different in the next turn of the loop.
                self._tell_report(guest)
                _tell_change(guest, change)
        self.look()

    def _tell_reports(self) -> None:
        beside = others(self._engine)
        for guest in tuple(self._guests.values()):
            self._tell_report(guest, beside)

    def _tell_report(self, guest: _Guest, beside: tuple[Other, ...] | None = None) -> None:
        report = self._report(guest.session, beside)
        if report != guest.told:
            guest.told = report
            try:
                guest.events.routing_changed(report)
            except Exception:
                _log.exception("telling session %s of its route failed", guest.session.id)

    def _flush(self) -> None:
        self._due = False
        if self._closed:
            return
        if self._stale:
            self.ports_changed()
        self._enforcer.kick()
        self._tell_reports()


def _tell_change(guest: _Guest, change: RouteChange) -> None:
    try:
        guest.events.route_changed(change)
    except Exception:
        _log.exception("telling session %s of its route failed", guest.session.id)


__all__ = ["Routing", "RoutingEvents"]
