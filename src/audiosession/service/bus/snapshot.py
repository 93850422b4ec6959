"""The engine's reports of one moment, found by id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from ..report import EndpointReport, SessionReport, StatusReport, StreamReport
from .names import DAEMON
from .tree import WireError

R = TypeVar("R", SessionReport, StreamReport, EndpointReport)


class Snapshot:
    """What the engine says of itself at one moment.

    Args:
        status: All of it.
        endpoints: The inputs and outputs.
    """

    def __init__(self, status: StatusReport, endpoints: Iterable[EndpointReport]) -> None:
        self.status = status
        self._sessions = {each.id: each for each in status.sessions}
        self._streams = {each.id: each for each in status.streams}
        self._endpoints = {each.id: each for each in endpoints}

    def session(self, id: str) -> SessionReport:
        """A session's report.

        Raises:
            WireError: it is gone.
        """
        return _found(self._sessions, id)

    def stream(self, id: str) -> StreamReport:
        """A stream's report.

        Raises:
            WireError: it is gone.
        """
        return _found(self._streams, id)

    def endpoint(self, id: str) -> EndpointReport:
        """An input's or output's report.

        Raises:
            WireError: it is gone.
        """
        return _found(self._endpoints, id)

    @property
    def endpoints(self) -> Iterable[str]:
        """The ids of inputs and outputs."""
        return self._endpoints.keys()


def _found(reports: dict[str, R], id: str) -> R:
    report = reports.get(id)
    if report is None:
        raise WireError(f"{DAEMON}.Error.UnknownObject", f"{id} is gone")
    return report


__all__ = ["Snapshot"]
