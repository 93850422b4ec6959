"""Everybody's route, kept up to date: ports come and go, sessions ask for this and that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace

from ...errors import IllegalRequestError, UnknownNameError
from .choose import available_inputs, choose_ports, outputs_to_share
from .ports import Port, becomes_noisy
from .requests import RouteChange, RouteChangeReason, RoutePorts, RouteRequest

_Reason = RouteChangeReason


@dataclass(slots=True)
class _Session:
    request: RouteRequest
    preferred_input: str = ""
    overridden: bool = False
    route: RoutePorts = field(default_factory=RoutePorts)


class Router:
    """The ports there are and the route of each session over them.

    A change is reported to whom it concerns when the ports of the route are others than
    before. With the same ports it is reported when the session has just lost what it needs
    (:attr:`~RouteChangeReason.NO_SUITABLE_ROUTE_FOR_CATEGORY`, apple 91), and by
    :meth:`reconfigured` and :meth:`woke`. Changes come in the order in which the sessions
    made their first request.

    An override of the output (apple 84) ends as soon as the session's route without it is
    another one, whoever causes that, and with the next change of the ports in use.

    Args:
        ports: What is built in, and whatever is connected already.
    """

    def __init__(self, ports: Iterable[Port] = ()) -> None:
        self._ports: dict[str, Port] = {}
        self._sessions: dict[str, _Session] = {}
        self._shared = ""
        self._add(ports)

    @property
    def ports(self) -> tuple[Port, ...]:
        """The ports there are, in the order in which they came."""
        return tuple(self._ports.values())

    @property
    def sessions(self) -> tuple[str, ...]:
        """The sessions that have a request."""
        return tuple(self._sessions)

    @property
    def shared_output(self) -> str:
        """The port chosen for long-form sessions; empty: they follow the last one in."""
        return self._shared

    # -- ports -------------------------------------------------------------------------------

    def connect(self, ports: Iterable[Port]) -> tuple[RouteChange, ...]:
        """Ports appear at one moment, as those of one device do.

        Args:
            ports: Not there yet; ``order`` says how late each came, and the caller counts it.

        Raises:
            IllegalRequestError: a port with such an id is there, or twice among them.
        """
        before = self._plain_routes()
        self._add(ports)
        return self._ports_changed(before, _Reason.NEW_DEVICE_AVAILABLE)

    def disconnect(self, device: str) -> tuple[RouteChange, ...]:
        """All connected ports of a device go away; built-in ones stay.

        A preferred input among them is forgotten (apple 98), and so is an output chosen for
        long-form sessions.

        Raises:
            UnknownNameError: no such device is connected.
        """
        gone = {p.id: p for p in self._ports.values() if p.device == device and not p.built_in}
        if not gone:
            connected = {port.device for port in self._ports.values() if not port.built_in}
            raise UnknownNameError("connected device", device, sorted(connected))
        before = self._plain_routes()
        self._ports = {id: port for id, port in self._ports.items() if id not in gone}
        self._forget_wishes(gone)
        return self._ports_changed(before, _Reason.OLD_DEVICE_UNAVAILABLE, gone)

    def update(self, ports: Iterable[Port]) -> tuple[RouteChange, ...]:
        """The ports are these from now on, as where they are reported all at a time.

        What is gone is forgotten as in :meth:`disconnect`, also where it is built in.

        Args:
            ports: All there are, each with its ``order`` of now; those before are replaced.

        Returns:
            The changes of routes, each with a reason of its own (apple 87), which is that the
            route lost a port, or got one that came, or that somebody chose another one.

        Raises:
            IllegalRequestError: two of them have the same id; the ports stay as they are.
        """
        new = _by_id(ports)
        if list(new.items()) == list(self._ports.items()):
            return ()
        gone = {id: port for id, port in self._ports.items() if id not in new}
        came = new.keys() - self._ports.keys()
        before = self._plain_routes()
        self._ports = new
        self._forget_wishes(gone)
        changes = self._ports_changed(before, _Reason.OVERRIDE, gone)
        return tuple(
            _with_own_reason(change, came, lost=gone.keys() & before[change.session].all)
            for change in changes
        )

    def reconfigured(self, port: str) -> tuple[RouteChange, ...]:
        """A port works differently now: another data source or polar pattern (apple 100).

        Reported to sessions that have it in their route; their override stays.

        Raises:
            UnknownNameError: there is no such port.
        """
        if port not in self._ports:
            raise UnknownNameError("port", port, self._ports)
        return tuple(
            self._same(id, _Reason.ROUTE_CONFIGURATION_CHANGE)
            for id, session in self._sessions.items()
            if port in session.route.inputs or port in session.route.outputs
        )

    def woke(self) -> tuple[RouteChange, ...]:
        """The machine woke up; every session hears of it (apple 87)."""
        return tuple(self._same(id, _Reason.WAKE_FROM_SLEEP) for id in self._sessions)

    def share_output(self, port: str) -> tuple[RouteChange, ...]:
        """The user chooses where long-form sessions sound, apart from the others (apple 102).

        An AirPlay receiver so chosen serves long-form sessions alone.

        Args:
            port: An output, neither the earpiece nor hands-free; empty: they follow the last
                one in again.

        Raises:
            UnknownNameError: there is no such output.
        """
        outputs = outputs_to_share(self._ports.values())
        if port and port not in outputs:
            raise UnknownNameError("output", port, outputs)
        before = self._plain_routes()
        self._shared = port
        return self._ports_changed(before, _Reason.OVERRIDE)

    # -- sessions ----------------------------------------------------------------------------

    def request(
        self,
        session: str,
        request: RouteRequest | None,
        *,
        reason: RouteChangeReason = RouteChangeReason.CATEGORY_CHANGE,
    ) -> tuple[RouteChange, ...]:
        """A session asks for something, or for something else.

        Args:
            session: Its id. The first request makes it known; before it has no ports.
            request: What it asks for; ``None``: it is gone, and hears nothing any more. Of
                ``override_speaker``, ``preferred_input`` and ``preferred_output`` the router
                keeps account itself; those given here are not looked at.
            reason: Why it asks (apple 85).

        Returns:
            The change of its route, if any.
        """
        if request is None:
            self._sessions.pop(session, None)
            return ()
        request = replace(request, override_speaker=False, preferred_input="", preferred_output="")
        state = self._sessions.get(session)
        if state is None:
            state = self._sessions[session] = _Session(request)
            before = RoutePorts()
        elif state.request == request:
            return ()
        else:
            before = self._plain(state)
            state.request = request
        self._end_override(state, before)
        return self._settle(session, state, reason, served=True)

    def override(self, session: str, speaker: bool) -> tuple[RouteChange, ...]:
        """A session sends its sound to the loudspeaker, or takes that back (apple 84).

        Raises:
            UnknownNameError: the session has no request.
            IllegalRequestError: its request is not one that goes to the receiver, and so
                there is nothing to override.
        """
        state = self._session(session)
        if speaker and not state.request.receiver:
            raise IllegalRequestError(
                "only a session that plays and records can be sent to the loudspeaker",
                field="speaker",
            )
        state.overridden = speaker
        return self._settle(session, state, _Reason.OVERRIDE)

    def prefer_input(self, session: str, port: str) -> tuple[RouteChange, ...]:
        """A session would rather record from that port (apple 98).

        The wish is kept while the port is there, also where the request has no use for it.

        Args:
            session: The session's id.
            port: One of :meth:`available_inputs`; empty: no wish.

        Returns:
            The change of its route, if any; its reason is an override, for Apple names none.

        Raises:
            UnknownNameError: the session has no request, or the port is not available to it.
        """
        state = self._session(session)
        inputs = self.available_inputs(session)
        if port and port not in inputs:
            raise UnknownNameError("available input", port, inputs)
        before = self._plain(state)
        state.preferred_input = port
        self._end_override(state, before)
        return self._settle(session, state, _Reason.OVERRIDE)

    def interrupted(self, session: str) -> tuple[RouteChange, ...]:
        """A session is interrupted, which ends its override (apple 84).

        Nothing happens to a session without a request.
        """
        state = self._sessions.get(session)
        if state is None:
            return ()
        state.overridden = False
        return self._settle(session, state, _Reason.OVERRIDE)

    def route(self, session: str) -> RoutePorts:
        """The ports in use; none at all for a session without a request."""
        state = self._sessions.get(session)
        return RoutePorts() if state is None else state.route

    def apart(self, request: RouteRequest) -> bool:
        """Whether a long-form request sounds elsewhere than the rest does now (apple 102).

        Not when both end at the same outputs: then there is one route, the system's.
        """
        return request.long_form and (
            self._plain(_Session(request)).outputs != self._plain(_Session(RouteRequest())).outputs
        )

    def overridden(self, session: str) -> bool:
        """Whether a session's override is in force."""
        return session in self._sessions and self._sessions[session].overridden

    def preferred_input(self, session: str) -> str:
        """The port it would rather record from; empty where it has no wish."""
        return self._sessions[session].preferred_input if session in self._sessions else ""

    def available_inputs(self, session: str) -> tuple[str, ...]:
        """The inputs it may prefer; none for a session without a request (apple 99)."""
        state = self._sessions.get(session)
        return () if state is None else available_inputs(self._ports.values(), state.request)

    # -- inside ------------------------------------------------------------------------------

    def _session(self, session: str) -> _Session:
        state = self._sessions.get(session)
        if state is None:
            raise UnknownNameError("session", session, self._sessions)
        return state

    def _add(self, ports: Iterable[Port]) -> None:
        self._ports = _by_id((*self._ports.values(), *ports))

    def _forget_wishes(self, gone: Mapping[str, Port]) -> None:
        if self._shared in gone:
            self._shared = ""
        for session in self._sessions.values():
            if session.preferred_input in gone:
                session.preferred_input = ""

    def _choose(self, state: _Session, *, overridden: bool) -> RoutePorts:
        request = replace(
            state.request,
            override_speaker=overridden,
            preferred_input=state.preferred_input,
            preferred_output=self._shared if state.request.long_form else "",
        )
        ports = self._ports.values()
        if request.long_form:
            return choose_ports(ports, request)
        return choose_ports(
            (port for port in ports if port.id != self._shared or port.kind != "airPlay"), request
        )

    def _plain(self, state: _Session) -> RoutePorts:
        """The route as it is without an override."""
        return self._choose(state, overridden=False)

    def _plain_routes(self) -> dict[str, RoutePorts]:
        return {id: self._plain(state) for id, state in self._sessions.items()}

    def _end_override(self, state: _Session, before: RoutePorts) -> None:
        """Ends an override where the route changes under it.

        Args:
            state: The session, as it is now.
            before: What its route was without the override.
        """
        if state.overridden and not (
            state.request.receiver
            and self._plain(state) == before
            and self._choose(state, overridden=True) == state.route
        ):
            state.overridden = False

    def _ports_changed(
        self,
        before: dict[str, RoutePorts],
        reason: RouteChangeReason,
        gone: dict[str, Port] | None = None,
    ) -> tuple[RouteChange, ...]:
        changes: list[RouteChange] = []
        for id, state in self._sessions.items():
            self._end_override(state, before[id])
            changes += self._settle(id, state, reason, gone=gone)
        return tuple(changes)

    def _settle(
        self,
        id: str,
        state: _Session,
        reason: RouteChangeReason,
        *,
        gone: dict[str, Port] | None = None,
        served: bool | None = None,
    ) -> tuple[RouteChange, ...]:
        """Gives a session the route that is right now, and says what is different.

        ``served`` is whether it had what it needs so far, by default as its route says.
        """
        previous = state.route
        if served is None:
            served = previous.serves(state.request)
        state.route = self._choose(state, overridden=state.overridden)
        unserved = served and not state.route.serves(state.request)
        if state.route == previous and not unserved:
            return ()
        gone = gone or {}
        return (
            RouteChange(
                session=id,
                reason=_Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY if unserved else reason,
                previous=previous,
                current=state.route,
                lost=tuple(
                    port
                    for port in dict.fromkeys(previous.outputs + previous.inputs)
                    if port in gone
                ),
                noisy=any(
                    becomes_noisy(gone.get(port), self._ports.values()) for port in previous.outputs
                ),
            ),
        )

    def _same(self, id: str, reason: RouteChangeReason) -> RouteChange:
        route = self._sessions[id].route
        return RouteChange(session=id, reason=reason, previous=route, current=route)


def _by_id(ports: Iterable[Port]) -> dict[str, Port]:
    given = tuple(ports)
    found = {port.id: port for port in given}
    if len(found) < len(given):
        raise IllegalRequestError("two ports have the same id", field="ports")
    return found


def _with_own_reason(change: RouteChange, came: Set[str], *, lost: Set[str]) -> RouteChange:
    """The change with the reason for it.

    Args:
        change: The change.
        came: The ports that came.
        lost: The ports that went, of the route as it was without an override.
    """
    if change.reason is _Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY:
        return change
    if change.lost or lost:
        return replace(change, reason=_Reason.OLD_DEVICE_UNAVAILABLE)
    if came & change.current.all:
        return replace(change, reason=_Reason.NEW_DEVICE_AVAILABLE)
    return change
