"""Who asks the ports for what: the core's router, fed with the ports of real devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...core.routing import Port, RouteChange, RouteChangeReason, Router

_Reason = RouteChangeReason


class LiveRouter(Router):
    """A router whose ports are those that servers report, all of them at a time."""

    def update(self, ports: Iterable[Port]) -> tuple[RouteChange, ...]:
        """The ports are these from now on.

        Each session's reason is its own (apple 87): its route lost a port, or got one that came,
        or somebody chose another one.

        Returns:
            The changes of routes.
        """
        new = {port.id: port for port in ports}
        if new == self._ports and list(new) == list(self._ports):
            return ()
        gone = {id: port for id, port in self._ports.items() if id not in new}
        came = new.keys() - self._ports.keys()
        before = self._plain_routes()
        self._ports = new
        if self._shared in gone:
            self._shared = ""
        for session in self._sessions.values():
            if session.preferred_input in gone:
                session.preferred_input = ""
        changes = self._ports_changed(before, _Reason.OVERRIDE, gone)
        return tuple(_with_reason(change, came) for change in changes)


def _with_reason(change: RouteChange, came: set[str]) -> RouteChange:
    if change.reason is _Reason.NO_SUITABLE_ROUTE_FOR_CATEGORY:
        return change
    if change.lost:
        return replace(change, reason=_Reason.OLD_DEVICE_UNAVAILABLE)
    if came & {*change.current.inputs, *change.current.outputs}:
        return replace(change, reason=_Reason.NEW_DEVICE_AVAILABLE)
    return change


__all__ = ["LiveRouter"]
